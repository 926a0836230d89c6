//! What holds for every command: who may record it, and when it can have taken place.

use events::event::Event;
use events::meta::Role;
use jiff::{Timestamp, ToSpan};

use super::{Command, State};
use crate::refusal::{Reasons, RefusalCode};

pub(super) fn check(command: &Command, state: &State<'_>, reasons: &mut Reasons) {
    let role = command.actor.role;
    reasons.refuse_if(
        !command.facts.spec().roles.contains(&role),
        RefusalCode::RoleNotAllowed,
        "",
    );
    reasons.refuse_if(
        needs_version(&command.facts) && !command.version_given,
        RefusalCode::ExpectedVersionNeeded,
        "expected_version",
    );
    let future = |at: Timestamp| at > state.now;
    reasons.refuse_if(
        future(command.meta.occurred.earliest()),
        RefusalCode::TimeInFuture,
        "occurred",
    );
    if let (Some(from), Some(to)) = (command.meta.effective_from, command.meta.effective_to) {
        reasons.refuse_if(to < from, RefusalCode::DatesContradict, "effective_to");
    }
    if let Some(journal) = &command.meta.journal {
        let begins = events::time::start_of_day(journal.doc_date);
        reasons.refuse_if(
            future(begins),
            RefusalCode::TimeInFuture,
            "journal.doc_date",
        );
    }
    if let Some(source) = &command.meta.source {
        reasons.refuse_if(
            future(source.recorded_at),
            RefusalCode::TimeInFuture,
            "source.recorded_at",
        );
    }
    own_dates(&command.facts, state, reasons);
}

/// The dates that a fact states beside the time at which it took place.
fn own_dates(facts: &Event, state: &State<'_>, reasons: &mut Reasons) {
    let future = |at: Timestamp| at > state.now;
    match facts {
        Event::NeedAwarenessEstablished(facts) => {
            reasons.refuse_if(
                future(events::time::start_of_day(facts.aware_at)),
                RefusalCode::TimeInFuture,
                "aware_at",
            );
        }
        Event::ProvisionalDecisionMade(facts) => {
            reasons.refuse_if(
                facts.carried_out_at.is_some_and(future),
                RefusalCode::TimeInFuture,
                "carried_out_at",
            );
        }
        Event::PartyHearingHeld(facts) => {
            reasons.refuse_if(
                facts.answered_at.is_some_and(future),
                RefusalCode::TimeInFuture,
                "answered_at",
            );
        }
        Event::DecisionCommunicated(facts) => {
            // Digital Post is available when it is sent; a letter may be dated some days ahead.
            let latest = state.now.checked_add(240.hours()).unwrap_or(Timestamp::MAX);
            let ahead = facts
                .recipients
                .iter()
                .any(|recipient| recipient.available_at > latest);
            reasons.refuse_if(ahead, RefusalCode::TimeInFuture, "recipients.available_at");
        }
        Event::NetworkMeetingHeld(facts) => {
            let backwards = facts
                .next_meeting
                .as_ref()
                .is_some_and(|window| window.to < window.from);
            reasons.refuse_if(backwards, RefusalCode::DatesContradict, "next_meeting");
        }
        _ => {}
    }
}

/// Commands whose outcome depends on what somebody else may have changed meanwhile. The system's
/// own reports and a person's own words need none.
fn needs_version(facts: &Event) -> bool {
    matches!(
        facts,
        Event::DecisionMade(_)
            | Event::GoalChanged(_)
            | Event::SupportAdjusted(_)
            | Event::SupportEnded(_)
            | Event::CaseClosed(_)
            | Event::PlanAdopted(_)
            | Event::EventCorrected(_)
            | Event::EventAnnulled(_)
            | Event::CaseReopened(_)
    )
}

/// Whether a role belongs to the administration below the committee.
pub(super) fn below_committee(role: Role) -> bool {
    matches!(role, Role::Caseworker | Role::Leader)
}
