//! What is owed in screening, clarification and examination.

use std::collections::BTreeSet;

use events::age::age_on;
use events::assessment::{
    AssessmentKind, AssessmentOpened, CaseWeight, ReportStage, ScreeningFlag, ScreeningOutcome,
    SiblingResult,
};
use events::casework::NeedAwarenessEstablished;
use events::committee::CommitteeMatter;
use events::ids::PersonId;
use events::involvement::HearingOccasion;
use events::notification::{Concern, Suspicion};
use events::person::PersonRole;

use super::shared::{adopted, committee, heard_after, reported_after, waived_after};
use crate::case::Case;
use crate::duty::{Duty, Met, Remark};
use crate::section::{Law, cites};
use crate::seen::{Seen, first_after, last_before};
use events::moment::Moment;

fn aware(awareness: &Seen<'_, NeedAwarenessEstablished>) -> Moment {
    Moment::on(awareness.says.aware_at)
}

/// The examination that an awareness leads to, or the screening that asks for one: before the
/// next awareness.
fn examination_asked(case: &Case<'_>, awareness: &Seen<'_, NeedAwarenessEstablished>) -> bool {
    let next = case
        .lists
        .awareness
        .iter()
        .find(|next| next.moment > awareness.moment)
        .map(|next| next.moment);
    let within = |moment: Moment| next.is_none_or(|next| moment < next);
    let opened = first_after(&case.lists.assessments, aware(awareness), |opened| {
        opened.says.kind == AssessmentKind::Examination20 && case.concerns(&opened.says.children)
    });
    let screened = first_after(&case.lists.screenings, aware(awareness), |screening| {
        screening.says.outcome == ScreeningOutcome::Examination20
    });
    opened.is_some_and(|opened| within(opened.moment))
        || screened.is_some_and(|screening| within(screening.moment))
}

/// The examination is finished in time, counted from awareness.
pub(super) fn examination_finished(case: &Case<'_>) -> Vec<Duty> {
    let asked = case
        .lists
        .awareness
        .iter()
        .filter(|awareness| examination_asked(case, awareness));
    let duties = asked.map(|awareness| {
        let report = reported_after(case, aware(awareness), |kind, stage| {
            kind == AssessmentKind::Examination20 && stage == ReportStage::Final
        });
        Duty::from(awareness)
            .anchored(Some(aware(awareness)))
            .met(report)
    });
    duties.collect()
}

/// The awareness events whose examination nobody has asked for: their period would run if one
/// were opened.
pub(crate) fn examination_dormant<'s, 'a>(
    case: &'s Case<'a>,
) -> impl Iterator<Item = &'s Seen<'a, NeedAwarenessEstablished>> {
    case.lists
        .awareness
        .iter()
        .filter(|awareness| !examination_asked(case, awareness))
}

/// Where the examination is not finished in time, a preliminary report is; the final report
/// makes it superfluous.
pub(super) fn preliminary_report(case: &Case<'_>) -> Vec<Duty> {
    let asked = case
        .lists
        .awareness
        .iter()
        .filter(|awareness| examination_asked(case, awareness));
    let duties = asked.map(|awareness| {
        let report = reported_after(case, aware(awareness), |kind, _| {
            kind == AssessmentKind::Examination20
        });
        Duty::from(awareness)
            .anchored(Some(aware(awareness)))
            .met(report)
    });
    duties.collect()
}

fn opened<'s, 'a>(
    case: &'s Case<'a>,
    kind: AssessmentKind,
) -> impl Iterator<Item = &'s Seen<'a, AssessmentOpened>> {
    case.lists
        .assessments
        .iter()
        .filter(move |opened| opened.says.kind == kind && case.concerns(&opened.says.children))
}

fn final_report<'s, 'a>(
    case: &'s Case<'a>,
    opened: &Seen<'_, AssessmentOpened>,
) -> Option<&'s Seen<'a, events::assessment::AssessmentReported>> {
    let of = opened.says.kind;
    reported_after(case, opened.moment, |kind, stage| {
        kind == of && stage == ReportStage::Final
    })
}

/// The child is talked to in the examination.
pub(super) fn talk_in_examination(case: &Case<'_>) -> Vec<Duty> {
    let duties = opened(case, AssessmentKind::Examination20).map(|opened| {
        let occasion = HearingOccasion::Examination;
        let duty = Duty::from(opened).met(heard_after(case, opened.moment, occasion, |_| true));
        duty.waived(waived_after(case, opened.moment, occasion))
            .before(final_report(case, opened))
    });
    duties.collect()
}

fn siblings(case: &Case<'_>, kind: AssessmentKind) -> Vec<Duty> {
    let duties = opened(case, kind).flat_map(|opened| {
        case.siblings.iter().map(move |sibling| {
            let judged = first_after(&case.lists.sibling_needs, opened.moment, |judged| {
                case.person(judged.says.sibling) == *sibling
            });
            Duty::from(opened)
                .towards(*sibling)
                .met(judged)
                .before(final_report(case, opened))
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
    let duties = seen.map(|screening| {
        let judged = first_after(&case.lists.risks, screening.moment, |_| true);
        let mut duty = Duty::from(screening).met(judged);
        duty.target = first_contact(case, screening.moment);
        duty
    });
    duties.collect()
}

/// A serious screening leads to an examination, decided as such.
pub(super) fn examination_decided(case: &Case<'_>) -> Vec<Duty> {
    let serious = case.lists.screenings.iter().filter(|screening| {
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
    let duties = opened(case, AssessmentKind::Examination20)
        .filter(|opened| abuse_suspected(case, opened.moment))
        .map(|opened| {
            let noted = first_after(&case.lists.notes, opened.moment, |note| {
                cites(note.fact.meta, Law::Bl, &[125]) || cites(note.fact.meta, Law::Bhb, &[1, 8])
            });
            let used = opened.says.childrens_house_used.then_some(opened);
            Duty::from(opened)
                .met(used)
                .met(noted)
                .before(final_report(case, opened))
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
            // An examination that was opened before the placement covers the sibling as well.
            let examined = case.lists.assessments.iter().find(|opened| covers(opened));
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
    let heard = case.lists.hearings.iter().filter(|heard| {
        heard.says.occasion == HearingOccasion::Examination
            && case.is_child(heard.says.child)
            && in_first_examination(case, heard.moment)
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
fn in_first_examination(case: &Case<'_>, moment: Moment) -> bool {
    let Some(examination) = opened(case, AssessmentKind::Examination20)
        .filter(|opened| opened.moment.not_after(moment))
        .last()
    else {
        return false;
    };
    let open = final_report(case, examination).is_none_or(|report| moment.not_after(report.moment));
    let known =
        last_before(&case.lists.awareness, moment, |_| true).map_or(examination.moment, aware);
    open && !case
        .measures
        .iter()
        .any(|measure| measure.start.moment.day < known.day)
}

/// An examination in an institution or hospital is finished in time.
pub(super) fn examination_in_institution(case: &Case<'_>) -> Vec<Duty> {
    let decided = committee(case)
        .filter(|decision| adopted(case, decision.says, &[CommitteeMatter::Examination23]));
    let duties = decided.map(|decision| {
        let report = reported_after(case, decision.moment, |kind, stage| {
            matches!(
                kind,
                AssessmentKind::Coerced23 | AssessmentKind::Examination20
            ) && stage == ReportStage::Final
        });
        Duty::from(decision).met(report)
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
            let report = reported_after(case, aware(awareness), |kind, stage| {
                kind == AssessmentKind::Unborn26 && stage == ReportStage::Final
            });
            Duty::from(awareness)
                .anchored(Some(aware(awareness)))
                .met(report)
        });
    duties.collect()
}

/// The child was not born when the need became known.
fn unborn(case: &Case<'_>, awareness: &Seen<'_, NeedAwarenessEstablished>) -> bool {
    if let Some(birth) = case.birth {
        return birth > awareness.says.aware_at;
    }
    case.lists
        .notifications
        .iter()
        .any(|notification| notification.says.unborn)
        || case
            .lists
            .screenings
            .iter()
            .any(|screening| screening.says.flags.contains(&ScreeningFlag::Unborn))
        || opened(case, AssessmentKind::Unborn26).next().is_some()
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
