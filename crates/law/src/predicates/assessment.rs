//! What is owed in screening, clarification and examination.

use std::collections::BTreeSet;

use events::age::age_on;
use events::assessment::{
    AssessmentKind, AssessmentOpened, AssessmentReported, CaseWeight, ReportStage, ScreeningFlag,
    ScreeningOutcome, SiblingResult,
};
use events::casework::NeedAwarenessEstablished;
use events::committee::CommitteeMatter;
use events::ids::PersonId;
use events::involvement::HearingOccasion;
use events::notification::{Concern, Suspicion};
use events::person::PersonRole;

use super::episode::{Assessment, assessments, before, first_between};
use super::shared::{adopted, committee, heard_after, waived_after};
use crate::case::Case;
use crate::duty::{Duty, Met, Remark, Successors};
use crate::section::{Law, cites};
use crate::seen::{Seen, first_after, last_before};
use events::moment::Moment;

fn aware(awareness: &Seen<'_, NeedAwarenessEstablished>) -> Moment {
    Moment::on(awareness.says.aware_at)
}

/// When the municipality becomes aware of a need again.
fn next_awareness(
    case: &Case<'_>,
    awareness: &Seen<'_, NeedAwarenessEstablished>,
) -> Option<Moment> {
    let all = &case.lists.awareness;
    let later = all.partition_point(|next| next.moment <= awareness.moment);
    all.get(later).map(|next| next.moment)
}

/// The examination that an awareness leads to, or the screening that asks for one: before the
/// next awareness.
fn examination_asked(case: &Case<'_>, awareness: &Seen<'_, NeedAwarenessEstablished>) -> bool {
    let next = next_awareness(case, awareness);
    let within = |moment: Moment| next.is_none_or(|next| before(moment, next));
    let opened = first_after(&case.lists.assessments, aware(awareness), |opened| {
        is_examination(case, awareness, opened.says.kind) && case.concerns(&opened.says.children)
    });
    let screened = first_after(&case.lists.screenings, aware(awareness), |screening| {
        screening.says.outcome == ScreeningOutcome::Examination20
    });
    opened.is_some_and(|opened| within(opened.moment))
        || screened.is_some_and(|screening| within(screening.moment))
}

/// Awareness of a need that led to an examination, or to a screening that asks for one. Under *barnets
/// lov* the unborn child is examined under a rule of its own (BL § 26).
fn awareness_examined<'s, 'a>(
    case: &'s Case<'a>,
) -> impl Iterator<Item = &'s Seen<'a, NeedAwarenessEstablished>> {
    case.lists.awareness.iter().filter(|awareness| {
        under_common_rule(case, awareness) && examination_asked(case, awareness)
    })
}

fn under_common_rule(case: &Case<'_>, awareness: &Seen<'_, NeedAwarenessEstablished>) -> bool {
    !unborn(case, awareness) || case.under_old_act(awareness.moment.day)
}

/// Whether an assessment is the examination that an awareness can lead to: under *serviceloven* that
/// before birth as well.
fn is_examination(
    case: &Case<'_>,
    awareness: &Seen<'_, NeedAwarenessEstablished>,
    kind: AssessmentKind,
) -> bool {
    kind == AssessmentKind::Examination20
        || (kind == AssessmentKind::Unborn26 && unborn(case, awareness))
}

/// The first report of the examination that an awareness led to, or that ran when the need became
/// known. The report of an examination that was opened after the next awareness is the next one's.
fn report_on<'s, 'a>(
    case: &'s Case<'a>,
    awareness: &Seen<'_, NeedAwarenessEstablished>,
    examinations: &[Assessment<'_, '_>],
    fits: impl Fn(ReportStage) -> bool,
) -> Option<&'s Seen<'a, AssessmentReported>> {
    let next = next_awareness(case, awareness);
    let own = |report: &Seen<'_, AssessmentReported>| {
        let Some(next) = next else { return true };
        let opened_before = |examination: &Assessment<'_, '_>| {
            before(examination.opened.moment, next)
                && examination.opened.moment.not_after(report.moment)
                && examination.takes(report.moment)
        };
        before(report.moment, next) || examinations.iter().any(opened_before)
    };
    first_after(&case.lists.reports, aware(awareness), |report| {
        case.is_child(report.says.child)
            && is_examination(case, awareness, report.says.kind)
            && fits(report.says.stage)
            && own(report)
    })
}

/// The examination is finished in time, counted from awareness.
pub(super) fn examination_finished(case: &Case<'_>) -> Vec<Duty> {
    let examinations = assessments(case, AssessmentKind::Examination20);
    let duties = awareness_examined(case).map(|awareness| {
        let is_final = |stage| stage == ReportStage::Final;
        let report = report_on(case, awareness, &examinations, is_final);
        let successor = if unborn(case, awareness) {
            "BL-26-3-4M"
        } else {
            "BL-20-3-4M"
        };
        Duty::from(awareness)
            .anchored(Some(aware(awareness)))
            .met(report)
            .followed_by(Successors::Only(successor))
    });
    duties.collect()
}

/// The awareness events whose examination nobody has asked for: their period would run if one
/// were opened.
pub(crate) fn examination_dormant<'s, 'a>(
    case: &'s Case<'a>,
) -> impl Iterator<Item = &'s Seen<'a, NeedAwarenessEstablished>> {
    case.lists.awareness.iter().filter(|awareness| {
        under_common_rule(case, awareness) && !examination_asked(case, awareness)
    })
}

/// Where the examination is not finished in time, a preliminary report is; the final report
/// makes it superfluous.
pub(super) fn preliminary_report(case: &Case<'_>) -> Vec<Duty> {
    let examinations = assessments(case, AssessmentKind::Examination20);
    let duties = awareness_examined(case).map(|awareness| {
        Duty::from(awareness)
            .anchored(Some(aware(awareness)))
            .met(report_on(case, awareness, &examinations, |_| true))
            .followed_by(if unborn(case, awareness) {
                Successors::None
            } else {
                Successors::All
            })
    });
    duties.collect()
}

/// The child is talked to in the examination.
pub(super) fn talk_in_examination(case: &Case<'_>) -> Vec<Duty> {
    let occasion = HearingOccasion::Examination;
    let examinations = assessments(case, AssessmentKind::Examination20);
    let duties = examinations.iter().map(|examination| {
        let opened = examination.opened;
        let heard = heard_after(case, opened.moment, occasion, |_| true);
        let waived = waived_after(case, opened.moment, occasion);
        Duty::from(opened)
            .met(heard.filter(|heard| examination.takes(heard.moment)))
            .waived(waived.filter(|waived| examination.takes(waived.moment)))
            .before(examination.report)
    });
    duties.collect()
}

fn siblings(case: &Case<'_>, kind: AssessmentKind) -> Vec<Duty> {
    let assessments = assessments(case, kind);
    let duties = assessments.iter().flat_map(|assessment| {
        let opened = assessment.opened;
        case.siblings.iter().map(move |sibling| {
            let judged = first_after(&case.lists.sibling_needs, opened.moment, |judged| {
                case.person(judged.says.sibling) == *sibling
            });
            Duty::from(opened)
                .towards(*sibling)
                .met(judged.filter(|judged| assessment.takes(judged.moment)))
                .before(assessment.report)
        })
    });
    duties.collect()
}

/// The need of each brother and sister is judged in an examination.
pub(super) fn siblings_in_examination(case: &Case<'_>) -> Vec<Duty> {
    siblings(case, AssessmentKind::Examination20)
}

/// The need of each brother and sister is judged in a clarification.
pub(super) fn siblings_in_clarification(case: &Case<'_>) -> Vec<Duty> {
    siblings(case, AssessmentKind::Clarification19)
}

/// Every awareness of a need is screened.
pub(super) fn screening(case: &Case<'_>) -> Vec<Duty> {
    let duties = case.lists.awareness.iter().map(|awareness| {
        let screened = first_after(&case.lists.screenings, aware(awareness), |_| true);
        Duty::from(awareness)
            .anchored(Some(aware(awareness)))
            .met(screened)
    });
    duties.collect()
}

/// The first event from a moment on that brings parents or network in.
pub(crate) fn first_contact(
    case: &Case<'_>,
    from: Moment,
) -> Option<(events::ids::EventId, Moment)> {
    fn place<T>(seen: &Seen<'_, T>) -> (Moment, events::ids::EventId) {
        (seen.moment, seen.event())
    }
    let contacts = [
        first_after(&case.lists.network_meetings, from, |_| true).map(place),
        first_after(&case.lists.party_hearings, from, |_| true).map(place),
        first_after(&case.lists.consents, from, |consent| {
            consent.says.giver.role == PersonRole::Parent
        })
        .map(place),
        first_after(&case.lists.follow_ups, from, |follow_up| {
            !follow_up.says.parents_involved.is_empty()
        })
        .map(place),
    ];
    contacts
        .into_iter()
        .flatten()
        .min()
        .map(|(moment, event)| (event, moment))
}

/// The risk of involving the family is judged first, where honour-related conflict may be present.
pub(super) fn risk(case: &Case<'_>) -> Vec<Duty> {
    let seen = case
        .lists
        .screenings
        .iter()
        .filter(|screening| screening.says.flags.contains(&ScreeningFlag::HonourRelated));
    let seen: Vec<_> = seen.collect();
    let nexts = seen.iter().skip(1).map(|next| Some(next.moment));
    let duties = seen
        .iter()
        .zip(nexts.chain([None]))
        .map(|(screening, next)| {
            // The risk that the next such screening sees is another one.
            let judged = first_between(&case.lists.risks, screening.moment, next, |_| true);
            let mut duty = Duty::from(*screening).met(judged);
            duty.target = first_contact(case, screening.moment);
            duty
        });
    duties.collect()
}

/// A serious screening leads to an examination, decided as such.
pub(super) fn examination_decided(case: &Case<'_>) -> Vec<Duty> {
    let born = case
        .lists
        .screenings
        .iter()
        .filter(|screening| !case.unborn_on(screening.moment.day));
    let serious = born.filter(|screening| {
        let flags = [
            ScreeningFlag::Abuse,
            ScreeningFlag::Violence,
            ScreeningFlag::PlacementConsidered,
        ];
        screening.says.weight == CaseWeight::Heavy
            || flags.iter().any(|flag| screening.says.flags.contains(flag))
    });
    let duties = serious.map(|screening| {
        let decided = first_after(&case.lists.assessments, screening.moment, |opened| {
            opened.says.kind == AssessmentKind::Examination20
                && opened.says.is_decision
                && case.concerns(&opened.says.children)
        });
        Duty::from(screening).met(decided)
    });
    duties.collect()
}

fn abuse_suspected(case: &Case<'_>, by: Moment) -> bool {
    let screened = case.lists.screenings.iter().any(|screening| {
        screening.moment.not_after(by) && screening.says.flags.contains(&ScreeningFlag::Abuse)
    });
    let notified = case.lists.notifications.iter().any(|notification| {
        notification.moment.not_after(by)
            && notification.says.suspicions.contains(&Suspicion::Abuse)
    });
    screened || notified
}

/// A children's house takes part where abuse is suspected, or a note says why not.
pub(super) fn childrens_house(case: &Case<'_>) -> Vec<Duty> {
    let examinations = assessments(case, AssessmentKind::Examination20);
    let duties = examinations
        .iter()
        .filter(|examination| abuse_suspected(case, examination.opened.moment))
        .map(|examination| {
            let opened = examination.opened;
            let noted = first_after(&case.lists.notes, opened.moment, |note| {
                cites(note.fact.meta, Law::Bl, &[125]) || cites(note.fact.meta, Law::Bhb, &[1, 8])
            });
            let used = opened.says.childrens_house_used.then_some(opened);
            Duty::from(opened)
                .met(used)
                .met(noted.filter(|noted| examination.takes(noted.moment)))
                .before(examination.report)
        });
    duties.collect()
}

/// Brothers and sisters of a child placed for neglect or abuse are examined too, unless that is
/// plainly not needed.
pub(super) fn siblings_of_placed_child(case: &Case<'_>) -> Vec<Duty> {
    let placed = case
        .measures
        .iter()
        .filter(|measure| measure.kind.is_placement() && grave_ground(case, measure.start.moment));
    let duties = placed.flat_map(|measure| {
        let start = &measure.start;
        let young: BTreeSet<PersonId> = case
            .siblings
            .iter()
            .copied()
            .filter(|sibling| under_15(case, *sibling, start.moment))
            .collect();
        young.into_iter().map(move |sibling| {
            let covers = |opened: &Seen<'_, AssessmentOpened>| {
                opened.says.kind == AssessmentKind::Examination20
                    && opened
                        .says
                        .children
                        .iter()
                        .any(|child| case.person(*child) == sibling)
            };
            // An examination that was opened before the placement, since the need became known, covers
            // the sibling as well.
            let known = last_before(&case.lists.awareness, start.moment, |_| true).map(aware);
            let since = |opened: &Seen<'_, AssessmentOpened>| {
                known.is_none_or(|known| known.not_after(opened.moment))
            };
            let mut opened = case.lists.assessments.iter();
            let examined = opened.find(|opened| covers(opened) && since(opened));
            let plainly_not = first_after(&case.lists.sibling_needs, start.moment, |judged| {
                case.person(judged.says.sibling) == sibling
                    && judged.says.result == SiblingResult::NotNeeded
            });
            Duty::from(start)
                .towards(sibling)
                .met(examined)
                .waived(plainly_not)
                .about_measure_until(measure.ended())
        })
    });
    duties.collect()
}

fn grave_ground(case: &Case<'_>, by: Moment) -> bool {
    let neglect = case.lists.notifications.iter().any(|notification| {
        let grave = [Concern::Neglect, Concern::SexualAbuse];
        notification.moment.not_after(by)
            && grave
                .iter()
                .any(|concern| notification.says.concerns.contains(concern))
    });
    neglect || abuse_suspected(case, by)
}

/// Whose birth cannot be read counts as under 15: the duty is shown rather than hidden.
fn under_15(case: &Case<'_>, person: PersonId, moment: Moment) -> bool {
    case.birth_of(person)
        .is_none_or(|birth| age_on(birth, moment.day).is_none_or(|age| age < 15))
}

/// Two caseworkers are on the case when the child is heard in a first examination.
pub(super) fn two_caseworkers(case: &Case<'_>) -> Vec<Duty> {
    let examinations = assessments(case, AssessmentKind::Examination20);
    let heard = case.lists.hearings.iter().filter(|heard| {
        heard.says.occasion == HearingOccasion::Examination
            && case.is_child(heard.says.child)
            && in_first_examination(case, &examinations, heard.moment)
    });
    let duties = heard.map(|heard| {
        let assigned =
            last_before(&case.lists.assignments, heard.moment, |_| true).filter(|assigned| {
                assigned.says.caseworkers.len()
                    + usize::from(assigned.says.second_caseworker.is_some())
                    >= 2
            });
        let met = assigned.map(|assigned| Met {
            at: heard.moment,
            by: vec![assigned.event()],
        });
        Duty::from(heard).met_at(met)
    });
    duties.collect()
}

/// An examination is open, and no measure ran before the matter became known.
fn in_first_examination(
    case: &Case<'_>,
    examinations: &[Assessment<'_, '_>],
    moment: Moment,
) -> bool {
    let mut begun = examinations
        .iter()
        .rev()
        .filter(|examination| examination.opened.moment.not_after(moment));
    let Some(examination) = begun.next() else {
        return false;
    };
    let report = examination.report;
    let open = report.is_none_or(|report| moment.not_after(report.moment));
    let known = last_before(&case.lists.awareness, moment, |_| true)
        .map_or(examination.opened.moment, aware);
    open && !case
        .measures
        .iter()
        .any(|measure| measure.start.moment.day < known.day)
}

/// An examination in an institution or hospital is finished in time.
pub(super) fn examination_in_institution(case: &Case<'_>) -> Vec<Duty> {
    let decided = committee(case)
        .filter(|decision| adopted(case, decision.says, &[CommitteeMatter::Examination23]));
    let decided: Vec<_> = decided.collect();
    let nexts = decided.iter().skip(1).map(|next| Some(next.moment));
    let duties = decided
        .iter()
        .zip(nexts.chain([None]))
        .map(|(decision, next)| {
            let kinds = [AssessmentKind::Coerced23, AssessmentKind::Examination20];
            let report = first_between(&case.lists.reports, decision.moment, next, |report| {
                case.is_child(report.says.child)
                    && kinds.contains(&report.says.kind)
                    && report.says.stage == ReportStage::Final
            });
            Duty::from(*decision).met(report)
        });
    duties.collect()
}

/// The examination before birth is finished in time.
pub(super) fn examination_before_birth(case: &Case<'_>) -> Vec<Duty> {
    let duties = case
        .lists
        .awareness
        .iter()
        .filter(|awareness| unborn(case, awareness))
        .map(|awareness| {
            let next = next_awareness(case, awareness);
            // What was begun under the old Act, which knew one examination, is finished as it was begun.
            let old = case.under_old_act(awareness.moment.day);
            let report = first_between(&case.lists.reports, aware(awareness), next, |report| {
                let kind = report.says.kind;
                let common = old && kind == AssessmentKind::Examination20;
                case.is_child(report.says.child)
                    && (kind == AssessmentKind::Unborn26 || common)
                    && report.says.stage == ReportStage::Final
            });
            Duty::from(awareness)
                .anchored(Some(aware(awareness)))
                .met(report)
        });
    duties.collect()
}

/// The child was not born when the need became known.
fn unborn(case: &Case<'_>, awareness: &Seen<'_, NeedAwarenessEstablished>) -> bool {
    case.unborn_on(awareness.says.aware_at)
}

/// The length of each report is shown.
pub(super) fn report_length(case: &Case<'_>) -> Vec<Duty> {
    let own = case
        .lists
        .reports
        .iter()
        .filter(|report| case.is_child(report.says.child));
    own.map(|report| {
        Duty::from(report)
            .met(Some(report))
            .remark(Remark::Words(report.says.length_words))
    })
    .collect()
}
