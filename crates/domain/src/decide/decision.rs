//! Why a decision, or its communication, may not be recorded.

use events::decision::{
    Competence, DecisionCommunicated, DecisionKind, DecisionMade, DecisionOutcome, PlanPosition,
};
use events::meta::Role;
use jiff::{Timestamp, ToSpan};

use super::check::Check;
use crate::refusal::RefusalCode;

/// A decision has parties, stands on facts of its case, and is made by whom the law lets make it:
/// placement without consent (BL § 47) belongs to the committee, unless it is brought to an end.
pub(super) fn make_decision(facts: &DecisionMade, check: &mut Check<'_>) {
    let by_committee = matches!(
        check.command.actor.role,
        Role::CommitteeChair | Role::CommitteeSec
    );
    check.refuse_if(
        facts.kind == DecisionKind::Placement47
            && (!by_committee || facts.competence != Competence::Committee)
            && facts.outcome != DecisionOutcome::Cease,
        RefusalCode::CompetenceMissing,
        "competence",
    );
    check.needs_version();
    check.needs_open_case();
    check.needs_some(&facts.parties, "parties");
    let unreasoned =
        facts.plan_position == PlanPosition::NotRequired && facts.plan_reasons.is_none();
    check.refuse_if(unreasoned, RefusalCode::FieldRequired, "plan_reasons");
    let unknown = facts.rests_on.iter().any(|event| {
        let known = &check.own.events;
        !known.contains(&(event.stream, event.event))
    });
    check.refuse_if(unknown, RefusalCode::EventUnknown, "rests_on");
    check.needs_child_of_case(facts.child);
}

/// What is communicated is a decision of this case, and reaches somebody by now. It may be told
/// after the case is closed.
pub(super) fn communicate_decision(facts: &DecisionCommunicated, check: &mut Check<'_>) {
    // Digital Post is available when it is sent; a letter may be dated some days ahead.
    let latest = check.state.now.checked_add(240.hours());
    let latest = latest.unwrap_or(Timestamp::MAX);
    let ahead = facts
        .recipients
        .iter()
        .any(|recipient| recipient.available_at > latest);
    check.refuse_if(ahead, RefusalCode::TimeInFuture, "recipients.available_at");
    check.needs_some(&facts.recipients, "recipients");
    check.needs_decision(Some(facts.decision), "decision");
}
