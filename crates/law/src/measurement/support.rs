//! The points about the decision, the plan and the support: MP-10 to MP-15.

use events::committee::{CommitteeMatter, CommitteeOutcome};
use events::decision::{DecisionKind, DecisionOutcome};
use events::ids::EventId;
use events::involvement::HearingOccasion;
use events::person::PersonRole;
use events::plan::PlanKind;

use super::review::{Answer, Finding, Review, by_duty, together};
use crate::case::Case;
use crate::obligation::Status;
use crate::seen::{Seen, last_before};
use events::calendar::add_months;
use events::moment::Moment;

/// Decisions that give a measure, of the administration or the committee.
fn measure_decisions(case: &Case<'_>) -> Vec<(Moment, EventId)> {
    let kinds = [DecisionKind::Support32, DecisionKind::Placement46];
    let own = case.lists.decisions.iter().filter(|decision| {
        let gives = matches!(
            decision.says.outcome,
            DecisionOutcome::Grant | DecisionOutcome::Partial
        );
        gives && kinds.contains(&decision.says.kind) && case.is_child(decision.says.child)
    });
    let committee = case.lists.committee_decisions.iter().filter(|decision| {
        let matters = [
            CommitteeMatter::Placement47,
            CommitteeMatter::Birth49,
            CommitteeMatter::Permanent67,
        ];
        decision.says.outcomes.iter().any(|outcome| {
            case.is_child(outcome.child)
                && outcome.outcome == CommitteeOutcome::Adopted
                && matters.contains(&outcome.matter)
        })
    });
    own.map(|seen| (seen.moment, seen.event()))
        .chain(committee.map(|seen| (seen.moment, seen.event())))
        .collect()
}

/// A talk about the decision itself; having been heard about something else is not evident enough.
pub(super) fn child_before_decision(review: &Review<'_, '_, '_>) -> Finding {
    let case = review.case;
    together(
        measure_decisions(case)
            .into_iter()
            .filter(|(moment, _)| !case.unborn_on(moment.day))
            .map(|(moment, decision)| {
                let since = crate::predicates::decided_before(case, moment);
                let since_then = |at: Moment| since.is_none_or(|since| since.not_after(at));
                let heard = last_before(&case.lists.hearings, moment, |heard| {
                    let about = matches!(
                        heard.says.occasion,
                        HearingOccasion::BeforeDecision | HearingOccasion::Committee
                    );
                    about && case.is_child(heard.says.child) && since_then(heard.moment)
                });
                let waived = last_before(&case.lists.hearing_waivers, moment, |waived| {
                    case.is_child(waived.says.child) && since_then(waived.moment)
                });
                match (heard, waived) {
                    (Some(heard), _) => (Answer::Yes, vec![heard.event(), decision]),
                    (None, Some(waived)) => (Answer::Yes, vec![waived.event(), decision]),
                    (None, None) => (Answer::NotEvident, vec![decision]),
                }
            }),
    )
}

pub(super) fn parents_involved(review: &Review<'_, '_, '_>) -> Finding {
    let lists = &review.case.lists;
    let Some(opening) = lists.openings.first() else {
        return (Answer::NotApplicable, Vec::new());
    };
    let parent = |person: &events::person::PersonRef| person.role == PersonRole::Parent;
    let mut events: Vec<EventId> = Vec::new();
    events.extend(
        lists
            .consents
            .iter()
            .filter(|consent| parent(&consent.says.giver))
            .map(Seen::event),
    );
    events.extend(
        lists
            .network_meetings
            .iter()
            .filter(|meeting| meeting.says.participants.iter().any(parent))
            .map(Seen::event),
    );
    events.extend(
        lists
            .party_hearings
            .iter()
            .filter(|hearing| hearing.says.answer.is_some())
            .map(Seen::event),
    );
    events.extend(
        lists
            .follow_ups
            .iter()
            .filter(|held| !held.says.parents_involved.is_empty())
            .map(Seen::event),
    );
    events.extend(
        lists
            .plans
            .iter()
            .filter(|plan| plan.says.made_with.iter().any(parent))
            .map(Seen::event),
    );
    if events.is_empty() {
        (Answer::NotEvident, vec![opening.event()])
    } else {
        (Answer::Yes, events)
    }
}

pub(super) fn network_clarified(review: &Review<'_, '_, '_>) -> Finding {
    let lists = &review.case.lists;
    let Some(opening) = lists.openings.first() else {
        return (Answer::NotApplicable, Vec::new());
    };
    match lists.networks.first() {
        Some(mapped) => (Answer::Yes, vec![mapped.event()]),
        None => (Answer::NotEvident, vec![opening.event()]),
    }
}

/// A plan that is due exists and has goals; in the trial, a description.
pub(super) fn plan_made(review: &Review<'_, '_, '_>) -> Finding {
    let rules: &[&str] = &[
        "SEL-140-1-PLAN",
        "SEL-140-1-PLAN-4M",
        "FRI-10-7-DESCRIPTION",
        "BL-91-1-PLAN",
        "BL-91-2-PLAN",
        "BL-91-2-PLAN47",
        "BL-108-UNGEPLAN",
    ];
    together(review.duties(rules).map(|duty| {
        let (answer, events) = by_duty(duty);
        let plans = review
            .case
            .lists
            .plans
            .iter()
            .filter(|plan| events.contains(&plan.event()));
        let with_goals = plans
            .clone()
            .any(|plan| !plan.says.goals.is_empty() || plan.says.kind == PlanKind::Description);
        if answer == Answer::Yes && plans.clone().next().is_some() && !with_goals {
            (Answer::No, events)
        } else {
            (answer, events)
        }
    }))
}

/// Three months from the start, whatever earlier day the law sets.
pub(super) fn followed_up_first(review: &Review<'_, '_, '_>) -> Finding {
    let case = review.case;
    together(
        review
            .duties(&["SEL-70-1-3M", "FRI-10-8-3M", "BL-95-2-FIRST"])
            .map(|duty| {
                let last = add_months(duty.trigger.day, 3);
                match &duty.status {
                    Status::Met { at, .. } if at.day <= last => (Answer::Yes, duty.met_by.clone()),
                    Status::Met { .. } => (Answer::No, duty.met_by.clone()),
                    Status::Overdue if Moment::at(case.circumstances.as_of).day > last => {
                        (Answer::NotEvident, vec![duty.event])
                    }
                    _ => (Answer::NotApplicable, Vec::new()),
                }
            }),
    )
}

pub(super) fn followed_up_later(review: &Review<'_, '_, '_>) -> Finding {
    review.by_duties(&[
        "SEL-70-1-6M",
        "FRI-10-8-6M",
        "BL-95-OWN",
        "SEL-70-2-VISITS",
        "BL-156-5-VISITS",
    ])
}
