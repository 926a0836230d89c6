//! What cannot be true in a case.

use events::casework::{CaseOpened, NeedAwarenessEstablished};
use events::decision::{
    Competence, DecisionCommunicated, DecisionKind, DecisionOutcome, PlanPosition,
};
use events::event::Event;
use events::person::PersonRef;
use events::plan::{FollowUpHeld, GoalChange, PlanAdopted};
use events::spec::StreamKind;
use events::support::{Scores, WellbeingMeasured};

use super::{Command, State, common};
use crate::refusal::{Reasons, RefusalCode};
use crate::state::StreamState;

pub(super) fn check(
    command: &Command,
    own: &StreamState,
    state: &State<'_>,
    reasons: &mut Reasons,
) {
    if own.closed && !allowed_when_closed(&command.facts) {
        reasons.refuse(RefusalCode::CaseClosed, "stream");
    }
    if let Some(child) = child_of(&command.facts) {
        reasons.refuse_if(
            own.about_another(child) && !begins(&command.facts),
            RefusalCode::OtherChild,
            "child",
        );
    }
    measures(command, own, reasons);
    goals(command, own, reasons);
    match &command.facts {
        Event::CaseOpened(facts) => opened(facts, state, reasons),
        Event::CaseworkerAssigned(facts) => reasons.refuse_if(
            facts.caseworkers.is_empty(),
            RefusalCode::ListEmpty,
            "caseworkers",
        ),
        Event::NeedAwarenessEstablished(facts) => aware(facts, own, state, reasons),
        Event::AssessmentOpened(facts) => reasons.refuse_if(
            facts.children.is_empty(),
            RefusalCode::ListEmpty,
            "children",
        ),
        Event::NetworkMeetingHeld(facts) => reasons.refuse_if(
            facts.participants.is_empty(),
            RefusalCode::ListEmpty,
            "participants",
        ),
        Event::DecisionMade(facts) => decision(command, facts, own, reasons),
        Event::DecisionCommunicated(facts) => communicated(facts, own, reasons),
        Event::PlanAdopted(facts) => plan_version(facts, own, reasons),
        Event::FollowUpHeld(facts) => followed_up(facts, reasons),
        Event::WellbeingMeasured(facts) => scores(facts, reasons),
        _ => {}
    }
}

/// Corrections, complaints, erasures and notes go on after a case is closed; work does not.
fn allowed_when_closed(facts: &Event) -> bool {
    matches!(
        facts,
        Event::EventCorrected(_)
            | Event::ErasureOrdered(_)
            | Event::RetentionHoldChanged(_)
            | Event::ArchiveVersionApproved(_)
            | Event::ErasureExecuted(_)
            | Event::NoteTaken(_)
            | Event::DecisionCommunicated(_)
            | Event::FactReferenced(_)
            | Event::InformationObtained(_)
            | Event::EventAnnulled(_)
            | Event::CaseReopened(_)
            | Event::DocumentFiled(_)
            | Event::ComplaintReceived(_)
            | Event::ComplaintReassessed(_)
            | Event::AppealForwarded(_)
            | Event::AppealOutcomeReceived(_)
            | Event::FileAccessRequested(_)
            | Event::DisclosureMade(_)
            | Event::RequestMade(_)
            | Event::IntermunicipalNotificationSent(_)
    )
}

fn opened(facts: &CaseOpened, state: &State<'_>, reasons: &mut Reasons) {
    for (field, link, kind) in [
        (
            "linked_notification",
            facts.linked_notification,
            StreamKind::Notification,
        ),
        ("linked_advice", facts.linked_advice, StreamKind::Case),
    ] {
        let unknown = link.is_some_and(|link| state.streams.kind(link.stream) != Some(kind));
        reasons.refuse_if(unknown, RefusalCode::EventUnknown, field);
    }
}

fn aware(
    facts: &NeedAwarenessEstablished,
    own: &StreamState,
    state: &State<'_>,
    reasons: &mut Reasons,
) {
    let known = own.holes
        || own
            .events
            .contains(&(facts.source_event.stream, facts.source_event.event));
    reasons.refuse_if(
        !known && state.streams.kind(facts.source_event.stream).is_none(),
        RefusalCode::EventUnknown,
        "source_event",
    );
}

fn begins(facts: &Event) -> bool {
    matches!(facts, Event::CaseOpened(_) | Event::EarlyAdviceStarted(_))
}

fn child_of(facts: &Event) -> Option<PersonRef> {
    match facts {
        Event::ChildHeard(facts) => Some(facts.child),
        Event::NetworkMapped(facts) => Some(facts.child),
        Event::AssessmentReported(facts) => Some(facts.child),
        Event::DecisionMade(facts) => Some(facts.child),
        Event::GoalSet(facts) => Some(facts.child),
        Event::GoalChanged(facts) => Some(facts.child),
        Event::FollowUpHeld(facts) => Some(facts.child),
        Event::WellbeingMeasured(facts) => Some(facts.child),
        Event::ChildHearingWaived(facts) => Some(facts.child),
        Event::SupervisionVisitHeld(facts) => Some(facts.child),
        _ => None,
    }
}

fn measures(command: &Command, own: &StreamState, reasons: &mut Reasons) {
    let mut running = |measure, field| match own.measures.get(&measure) {
        Some(true) => {}
        Some(false) => reasons.refuse(RefusalCode::MeasureEnded, field),
        None if own.holes => {}
        None => reasons.refuse(RefusalCode::MeasureUnknown, field),
    };
    match &command.facts {
        Event::SupportAdjusted(facts) => running(facts.measure, "measure"),
        Event::SupportEnded(facts) => running(facts.measure, "measure"),
        Event::FollowUpHeld(facts) => {
            let unknown = facts
                .measures
                .iter()
                .any(|measure| !own.measures.contains_key(measure));
            reasons.refuse_if(
                unknown && !own.holes,
                RefusalCode::MeasureUnknown,
                "measures",
            );
        }
        Event::SupportStarted(facts) => {
            reasons.refuse_if(
                own.measures.contains_key(&facts.measure),
                RefusalCode::MeasureExists,
                "measure",
            );
            reasons.refuse_if(
                facts.provisional == facts.decision.is_some(),
                RefusalCode::FieldRequired,
                "decision",
            );
            let unknown = facts
                .decision
                .is_some_and(|decision| !own.decisions.contains(&decision));
            reasons.refuse_if(
                unknown && !own.holes,
                RefusalCode::DecisionUnknown,
                "decision",
            );
        }
        _ => {}
    }
    let decision = match &command.facts {
        Event::SupportAdjusted(facts) => facts.decision,
        Event::SupportEnded(facts) => facts.decision,
        _ => None,
    };
    let unknown = decision.is_some_and(|decision| !own.decisions.contains(&decision));
    reasons.refuse_if(
        unknown && !own.holes,
        RefusalCode::DecisionUnknown,
        "decision",
    );
}

fn goals(command: &Command, own: &StreamState, reasons: &mut Reasons) {
    match &command.facts {
        Event::GoalSet(facts) => reasons.refuse_if(
            own.goals.contains_key(&facts.goal),
            RefusalCode::GoalExists,
            "goal",
        ),
        Event::GoalChanged(facts) => {
            match own.goals.get(&facts.goal) {
                None => reasons.refuse_if(!own.holes, RefusalCode::GoalUnknown, "goal"),
                Some(open) => {
                    let fits = *open != (facts.change == GoalChange::Reopened);
                    reasons.refuse_if(!fits && !own.holes, RefusalCode::GoalEnded, "goal");
                }
            }
            let reworded = facts.change == GoalChange::Refocused;
            reasons.refuse_if(
                reworded && facts.new_wording.is_none(),
                RefusalCode::FieldRequired,
                "new_wording",
            );
        }
        Event::PlanAdopted(facts) => {
            // Goals may be set after the plan that names them, in the same sitting; what was ended
            // before cannot be part of a new version.
            let ended = facts
                .goals
                .iter()
                .any(|goal| own.goals.get(goal) == Some(&false));
            reasons.refuse_if(ended && !own.holes, RefusalCode::GoalEnded, "goals");
        }
        _ => {}
    }
}

fn decision(
    command: &Command,
    facts: &events::decision::DecisionMade,
    own: &StreamState,
    reasons: &mut Reasons,
) {
    let coercive = facts.kind == DecisionKind::Placement47;
    let wrong = coercive
        && (common::below_committee(command.actor.role)
            || facts.competence != Competence::Committee);
    reasons.refuse_if(
        wrong && facts.outcome != DecisionOutcome::Cease,
        RefusalCode::CompetenceMissing,
        "competence",
    );
    let unreasoned =
        facts.plan_position == PlanPosition::NotRequired && facts.plan_reasons.is_none();
    reasons.refuse_if(unreasoned, RefusalCode::FieldRequired, "plan_reasons");
    reasons.refuse_if(facts.parties.is_empty(), RefusalCode::ListEmpty, "parties");
    let unknown = facts
        .rests_on
        .iter()
        .any(|event| !own.events.contains(&(event.stream, event.event)));
    reasons.refuse_if(unknown, RefusalCode::EventUnknown, "rests_on");
}

fn communicated(facts: &DecisionCommunicated, own: &StreamState, reasons: &mut Reasons) {
    reasons.refuse_if(
        facts.recipients.is_empty(),
        RefusalCode::ListEmpty,
        "recipients",
    );
    let unknown = !own.holes && !own.decisions.contains(&facts.decision);
    reasons.refuse_if(unknown, RefusalCode::DecisionUnknown, "decision");
}

/// A new version of a plan follows the newest of its kind.
fn plan_version(facts: &PlanAdopted, own: &StreamState, reasons: &mut Reasons) {
    let newest = own.plan_versions.get(&facts.kind).copied().unwrap_or(0);
    reasons.refuse_if(
        !own.holes && facts.version != newest.saturating_add(1),
        RefusalCode::PlanVersionNotNext,
        "version",
    );
}

fn followed_up(facts: &FollowUpHeld, reasons: &mut Reasons) {
    reasons.refuse_if(
        facts.measures.is_empty(),
        RefusalCode::ListEmpty,
        "measures",
    );
    let both = facts
        .next_rhythm
        .as_ref()
        .is_some_and(|rhythm| rhythm.interval_weeks.is_some() == rhythm.on.is_some());
    reasons.refuse_if(both, RefusalCode::FieldRequired, "next_rhythm");
}

fn scores(facts: &WellbeingMeasured, reasons: &mut Reasons) {
    match (&facts.scores, facts.instrument.scored()) {
        (None, true) => reasons.refuse(RefusalCode::FieldRequired, "scores"),
        (Some(_), false) => reasons.refuse(RefusalCode::FieldNotApplicable, "scores"),
        (Some(scores), true) => {
            let Some(scores) = scores.known() else { return };
            let outside = scores.items().iter().any(|item| *item > Scores::ITEM_MAX);
            reasons.refuse_if(outside, RefusalCode::ScoreOutOfRange, "scores");
            let sum: u32 = scores.items().iter().map(|item| u32::from(*item)).sum();
            reasons.refuse_if(
                sum != u32::from(scores.total),
                RefusalCode::ScoreTotalWrong,
                "scores.total",
            );
        }
        (None, false) => {}
    }
}
