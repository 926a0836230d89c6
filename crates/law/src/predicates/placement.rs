//! What is owed while a child lives outside the home, before it comes home, and when it moves.

use events::appeal::AppealOutcome;
use events::committee::{CommitteeMatter, CommitteeOutcome};
use events::decision::{DecisionKind, Guidance};
use events::ids::EventId;
use events::moving::ResponsibilityReason;
use events::plan::PlanKind;
use events::rights::RequestKind;
use events::support::SupervisionVisitHeld;
use jiff::civil::Date;

use super::decision::{met_by, waived_by};
use super::shared::{adopted, answers, committee, decisions, outcomes};
use crate::case::Case;
use crate::duty::{DueOn, Duty, Met, Remark};
use crate::measure::{Measure, MeasureKind};
use crate::section::{Law, cites, section};
use crate::seen::{Seen, first_after};
use events::calendar::{add_months, subtract_months};
use events::moment::Moment;

fn placements<'s, 'a>(case: &'s Case<'a>) -> impl Iterator<Item = &'s Measure<'a>> {
    case.measures
        .iter()
        .filter(|measure| measure.kind.is_placement())
}

/// The end of a placement from a moment on.
fn placement_end(case: &Case<'_>, from: Moment) -> Option<Met> {
    let mut ends = placements(case)
        .filter_map(|measure| measure.end)
        .filter(|end| from.not_after(end.moment));
    ends.next().map(|end| met_by(&end, end.moment))
}

/// Two visits in each year of a placement, counted from its start. A visit serves one year only: a
/// year that lacks one takes the next one, late.
fn visits_where(case: &Case<'_>, counts: impl Fn(&SupervisionVisitHeld) -> bool) -> Vec<Duty> {
    let mut duties = Vec::new();
    let today = Moment::at(case.circumstances.as_of).day;
    let held: Vec<_> = case
        .lists
        .visits
        .iter()
        .filter(|visit| case.is_child(visit.says.child) && counts(visit.says))
        .collect();
    for measure in placements(case) {
        let mut unused = held.as_slice();
        for year in 0..=18_u16 {
            let begin = if year == 0 {
                measure.start.moment
            } else {
                Moment::on(add_months(measure.start.moment.day, 12 * year))
            };
            if begin.day > today || (year > 0 && !measure.ran_on(begin.day)) {
                break;
            }
            let earlier = unused
                .iter()
                .take_while(|visit| !begin.not_after(visit.moment))
                .count();
            unused = unused.get(earlier..).unwrap_or_default();
            let met = match unused {
                [first, second, rest @ ..] => {
                    unused = rest;
                    Some(Met {
                        at: second.moment,
                        by: vec![first.event(), second.event()],
                    })
                }
                _ => None,
            };
            let duty = Duty::arising(measure.start.event(), measure.start.fact.index, begin);
            duties.push(duty.met_at(met).about_measure_until(measure.ended()));
        }
    }
    duties
}

/// Two visits a year.
pub(super) fn visits(case: &Case<'_>) -> Vec<Duty> {
    visits_where(case, |_| true)
}

/// Two visits a year in which the child was spoken to.
pub(super) fn visits_with_talk(case: &Case<'_>) -> Vec<Duty> {
    visits_where(case, |visit| visit.child_spoken_to)
}

/// A plan for the parents, or a note on why not.
pub(super) fn parent_plan(case: &Case<'_>) -> Vec<Duty> {
    let duties = placements(case).map(|measure| {
        let start = measure.start.moment;
        let plan = first_after(&case.lists.plans, start, |plan| {
            plan.says.kind == PlanKind::ParentPlan && case.concerns(&plan.says.children)
        });
        let noted = first_after(&case.lists.notes, start, |note| {
            cites(note.fact.meta, Law::Bl, &[75, 76, 77]) || cites(note.fact.meta, Law::Sel, &[54])
        });
        Duty::from(&measure.start)
            .met(plan)
            .met(noted)
            .about_measure_until(measure.ended())
    });
    duties.collect()
}

/// A decision on support as a young adult, well before the eighteenth birthday.
pub(super) fn aftercare(case: &Case<'_>) -> Vec<Duty> {
    if case.birth.is_none() {
        return Vec::new();
    }
    let duties = placements(case).map(|measure| {
        let decided = first_after(&case.lists.decisions, measure.start.moment, |decision| {
            decision.says.kind == DecisionKind::YouthSupport114
                && super::shared::about_child(case, decision.says)
        });
        Duty::from(&measure.start)
            .met(decided)
            .about_measure_until(measure.ended())
    });
    duties.collect()
}

const PLACING: &[CommitteeMatter] = &[
    CommitteeMatter::Placement47,
    CommitteeMatter::Birth49,
    CommitteeMatter::Renewal50,
];

/// A placement by the committee is decided anew in time. The period runs from the last of the
/// decision, the outcome on appeal, and the judgment.
pub(super) fn renewal(case: &Case<'_>) -> Vec<Duty> {
    let placed = committee(case).filter(|decision| adopted(case, decision.says, PLACING));
    let duties = placed.map(|decision| {
        let anew = first_after(&case.lists.committee_decisions, decision.moment, |later| {
            let matters = [
                CommitteeMatter::Renewal50,
                CommitteeMatter::Permanent67,
                CommitteeMatter::Placement47,
            ];
            later.event() != decision.event()
                && outcomes(case, later.says).any(|outcome| matters.contains(&outcome.matter))
        });
        let ended = placement_end(case, decision.moment);
        let by_ending = ended.is_some() && anew.is_none();
        let set = outcomes(case, decision.says)
            .filter(|outcome| PLACING.contains(&outcome.matter))
            .find_map(|outcome| outcome.renew_by);
        let mut duty = Duty::from(decision).due(set.map_or(DueOn::Rule, DueOn::Day));
        duty.longer_period = placed_recently(case, decision.moment);
        duty = duty
            .met(anew)
            .met_at(ended)
            .remark_if(by_ending, Remark::ByEnding);
        after_appeal(case, duty, decision.event())
    });
    duties.collect()
}

/// Whether a stay rests on a provisional decision (BL § 143; SEL § 75).
fn is_provisional(measure: &Measure<'_>) -> bool {
    let cited = section(measure.start.says.section.as_str());
    let provisional = cited.is_some_and(|cited| match cited.law {
        Law::Bl => cited.number == 143,
        Law::Sel => cited.number == 75,
        Law::Fvl | Law::Rsb | Law::Bhb => false,
    });
    provisional || measure.start.says.provisional
}

/// An earlier placement ended, or was decided, within the year before; or the committee had placed the
/// child before, and it still lived outside the home in that year. A provisional stay (BL § 143) is no
/// such placement: which reading is right is unsure, and the shorter period is the careful one.
fn placed_recently(case: &Case<'_>, moment: Moment) -> bool {
    let year_before = subtract_months(moment.day, 12);
    let recent = |day: Date| year_before <= day && day < moment.day;
    let mut lasting = placements(case).filter(|measure| !is_provisional(measure));
    let placed = committee(case)
        .any(|earlier| earlier.moment < moment && adopted(case, earlier.says, PLACING));
    // A stay that began provisionally goes on under the committee's decision.
    let lived_out = placements(case).any(|measure| {
        measure.start.moment.day < moment.day
            && measure.ended().is_none_or(|end| year_before <= end.day)
    });
    lasting.any(|measure| measure.ended().is_some_and(|end| recent(end.day)))
        || committee(case)
            .any(|earlier| recent(earlier.moment.day) && adopted(case, earlier.says, PLACING))
        || (placed && lived_out)
}

/// Counts from the last outcome on appeal, and takes the day that the instance set.
fn after_appeal(case: &Case<'_>, mut duty: Duty, decision: EventId) -> Duty {
    let complaints: Vec<EventId> = case
        .lists
        .complaints
        .iter()
        .filter(|complaint| complaint.says.decision == decision)
        .map(Seen::event)
        .collect();
    let about = case.lists.appeal_outcomes.iter().filter(|outcome| {
        outcome
            .says
            .complaint
            .is_some_and(|id| complaints.contains(&id))
    });
    for appeal in about {
        let own = appeal
            .says
            .outcomes
            .iter()
            .filter(|issue| case.is_child(issue.child) && issue.outcome.substantive());
        let placing = own.filter(|issue| {
            section(issue.section.as_str()).is_none_or(|cited| match cited.law {
                Law::Bl => matches!(cited.number, 47 | 49 | 50),
                Law::Sel => matches!(cited.number, 58 | 62),
                Law::Fvl | Law::Rsb | Law::Bhb => false,
            })
        });
        for issue in placing {
            duty.anchor = Some(appeal.moment);
            if let Some(day) = issue.deadline {
                duty.due_on = DueOn::Day(day);
            }
            if issue.outcome == AppealOutcome::Ophaevet {
                duty.waived = duty.waived.or(Some(waived_by(appeal)));
            }
        }
    }
    duty
}

/// A request to go home is answered.
pub(super) fn return_request(case: &Case<'_>) -> Vec<Duty> {
    let asked = case.lists.requests.iter().filter(|request| {
        let by_consent = |measure: &&Measure<'_>| {
            measure.kind == MeasureKind::PlacementByConsent && measure.ran_on(request.moment.day)
        };
        request.says.kind == RequestKind::ReturnHome102
            && case.measures.iter().any(|measure| by_consent(&measure))
    });
    let duties = asked.map(|request| {
        let decided = decisions(case).find(|decision| {
            request.moment.not_after(decision.moment)
                && (decision.says.kind == DecisionKind::ReturnHome100
                    || answers(decision.fact.meta.causation, request.event())
                    || decision
                        .says
                        .rests_on
                        .iter()
                        .any(|basis| basis.event == request.event()))
        });
        Duty::from(request).met(decided)
    });
    duties.collect()
}

/// The committee is told of the return of a child that it placed.
pub(super) fn committee_told(case: &Case<'_>) -> Vec<Duty> {
    let returns = decisions(case).filter(|decision| {
        let placing = [CommitteeMatter::Placement47, CommitteeMatter::Permanent67];
        decision.says.kind == DecisionKind::ReturnHome100
            && committee(case).any(|earlier| {
                earlier.moment < decision.moment && adopted(case, earlier.says, &placing)
            })
    });
    let duties = returns.map(|decision| {
        let noted = first_after(&case.lists.notes, decision.moment, |note| {
            cites(note.fact.meta, Law::Bl, &[102])
        });
        Duty::from(decision).met(noted)
    });
    duties.collect()
}

/// Treatment for drugs starts after it was asked for.
pub(super) fn drug_treatment(case: &Case<'_>) -> Vec<Duty> {
    let asked = case
        .lists
        .requests
        .iter()
        .filter(|request| request.says.kind == RequestKind::Treatment33);
    let duties = asked.map(|request| {
        let started = case.measures.iter().find(|measure| {
            measure.kind == MeasureKind::Treatment && request.moment.not_after(measure.start.moment)
        });
        Duty::from(request).met(started.map(|measure| &measure.start))
    });
    duties.collect()
}

/// A child who asks to be placed gets an examination, or a decision with guidance on complaint.
pub(super) fn placement_request(case: &Case<'_>) -> Vec<Duty> {
    let asked = case
        .lists
        .requests
        .iter()
        .filter(|request| request.says.kind == RequestKind::Placement48);
    let duties = asked.map(|request| {
        let examined = first_after(&case.lists.assessments, request.moment, |opened| {
            opened.says.kind == events::assessment::AssessmentKind::Examination20
                && case.concerns(&opened.says.children)
        });
        let guided = first_after(
            &case.lists.communications,
            request.moment,
            |communication| {
                let about = decisions(case).any(|decision| {
                    decision.event() == communication.says.decision
                        && decision.says.kind == DecisionKind::Request48
                });
                about
                    && communication
                        .says
                        .recipients
                        .iter()
                        .any(|recipient| recipient.guidance.contains(&Guidance::Appeal))
            },
        );
        Duty::from(request).met(examined).met(guided)
    });
    duties.collect()
}

/// The municipality that a family moves to is told. A notice without a recorded move shows that
/// the move was known, and meets the duty at once.
pub(super) fn municipality_told(case: &Case<'_>) -> Vec<Duty> {
    let notices = &case.lists.municipality_notices;
    let moves: Vec<_> = case
        .lists
        .moves
        .iter()
        .filter(|moved| {
            moved.says.reason == ResponsibilityReason::Move && case.is_child(moved.says.person)
        })
        .collect();
    let mut duties: Vec<Duty> = moves
        .iter()
        .map(|moved| {
            let to = |notice: &Seen<'_, events::moving::IntermunicipalNotificationSent>| {
                notice.says.to == moved.says.to
            };
            let later = first_after(notices, moved.moment, to);
            let earlier = || crate::seen::last_before(notices, moved.moment, to);
            Duty::from(*moved).met(later.or_else(earlier))
        })
        .collect();
    let used: Vec<EventId> = duties
        .iter()
        .filter_map(|duty| duty.met.as_ref())
        .flat_map(|met| met.by.clone())
        .collect();
    duties.extend(
        notices
            .iter()
            .filter(|notice| !used.contains(&notice.event()))
            .map(|notice| Duty::from(notice).met(Some(notice))),
    );
    duties
}

/// What the committee adopted for the child in one matter.
pub(super) fn adopted_outcome<'s>(
    case: &'s Case<'_>,
    decision: &'s events::committee::CommitteeDecisionMade,
    matter: CommitteeMatter,
) -> Option<&'s events::committee::ChildOutcome> {
    outcomes(case, decision)
        .find(|outcome| outcome.matter == matter && outcome.outcome == CommitteeOutcome::Adopted)
}

/// The end of a placement, as a satisfaction.
pub(super) fn ended_after(case: &Case<'_>, from: Moment) -> Option<Met> {
    placement_end(case, from)
}
