//! Questions that several rules ask of the facts.
//!
//! No duty is raised here.

use events::assessment::{AssessmentKind, AssessmentReported, ReportStage};
use events::committee::{ChildOutcome, CommitteeDecisionMade, CommitteeMatter, CommitteeOutcome};
use events::decision::{DecisionMade, DecisionOutcome};
use events::event::Event;
use events::ids::{EventId, MeasureId, PersonId};
use events::involvement::{ChildHeard, ChildHearingWaived, HearingOccasion};
use events::meta::EventRef;

use crate::case::Case;
use crate::seen::{Seen, first_after, last_before};
use events::moment::Moment;

/// Whether a decision is about the child of the case.
pub(crate) fn about_child(case: &Case<'_>, decision: &DecisionMade) -> bool {
    case.is_child(decision.child)
        || decision
            .other_children
            .iter()
            .flatten()
            .any(|child| case.is_child(*child))
}

/// The decisions about the child.
pub(crate) fn decisions<'s, 'a>(
    case: &'s Case<'a>,
) -> impl Iterator<Item = &'s Seen<'a, DecisionMade>> {
    case.lists
        .decisions
        .iter()
        .filter(|decision| about_child(case, decision.says))
}

/// Whether something was given.
pub(crate) const fn granted(decision: &DecisionMade) -> bool {
    matches!(
        decision.outcome,
        DecisionOutcome::Grant | DecisionOutcome::Partial
    )
}

/// What the committee decided about the child.
pub(crate) fn outcomes<'s>(
    case: &'s Case<'_>,
    decision: &'s CommitteeDecisionMade,
) -> impl Iterator<Item = &'s ChildOutcome> {
    decision
        .outcomes
        .iter()
        .filter(|outcome| case.is_child(outcome.child))
}

/// Whether the committee adopted one of these matters for the child.
pub(crate) fn adopted(
    case: &Case<'_>,
    decision: &CommitteeDecisionMade,
    matters: &[CommitteeMatter],
) -> bool {
    outcomes(case, decision).any(|outcome| {
        outcome.outcome == CommitteeOutcome::Adopted && matters.contains(&outcome.matter)
    })
}

/// The decisions of the committee about the child.
pub(crate) fn committee<'s, 'a>(
    case: &'s Case<'a>,
) -> impl Iterator<Item = &'s Seen<'a, CommitteeDecisionMade>> {
    case.lists
        .committee_decisions
        .iter()
        .filter(|decision| outcomes(case, decision.says).next().is_some())
}

/// The last decision, of the administration or the committee, before a moment.
pub(crate) fn decided_before(case: &Case<'_>, moment: Moment) -> Option<Moment> {
    let own = last_before(&case.lists.decisions, moment, |decision| {
        decision.moment < moment && about_child(case, decision.says)
    });
    let committee = last_before(&case.lists.committee_decisions, moment, |decision| {
        decision.moment < moment && outcomes(case, decision.says).next().is_some()
    });
    own.map(|decision| decision.moment)
        .max(committee.map(|decision| decision.moment))
}

/// The last time that the child was heard before a moment and since the decision before it.
pub(crate) fn heard_before<'s, 'a>(
    case: &'s Case<'a>,
    moment: Moment,
    fits: impl Fn(&ChildHeard) -> bool,
) -> Option<&'s Seen<'a, ChildHeard>> {
    let since = decided_before(case, moment);
    last_before(&case.lists.hearings, moment, |heard| {
        case.is_child(heard.says.child)
            && since.is_none_or(|since| since.not_after(heard.moment))
            && fits(heard.says)
    })
}

/// A recorded waiver before a moment and since the decision before it.
pub(crate) fn waived_before<'s, 'a>(
    case: &'s Case<'a>,
    moment: Moment,
) -> Option<&'s Seen<'a, ChildHearingWaived>> {
    let since = decided_before(case, moment);
    last_before(&case.lists.hearing_waivers, moment, |waived| {
        case.is_child(waived.says.child) && since.is_none_or(|since| since.not_after(waived.moment))
    })
}

/// The first talk with the child on an occasion from a moment on.
pub(crate) fn heard_after<'s, 'a>(
    case: &'s Case<'a>,
    moment: Moment,
    occasion: HearingOccasion,
    fits: impl Fn(&ChildHeard) -> bool,
) -> Option<&'s Seen<'a, ChildHeard>> {
    first_after(&case.lists.hearings, moment, |heard| {
        case.is_child(heard.says.child) && heard.says.occasion == occasion && fits(heard.says)
    })
}

/// The first recorded waiver on an occasion from a moment on.
pub(crate) fn waived_after<'s, 'a>(
    case: &'s Case<'a>,
    moment: Moment,
    occasion: HearingOccasion,
) -> Option<&'s Seen<'a, ChildHearingWaived>> {
    first_after(&case.lists.hearing_waivers, moment, |waived| {
        case.is_child(waived.says.child) && waived.says.occasion == occasion
    })
}

/// The first report of an assessment about the child from a moment on.
pub(crate) fn reported_after<'s, 'a>(
    case: &'s Case<'a>,
    moment: Moment,
    fits: impl Fn(AssessmentKind, ReportStage) -> bool,
) -> Option<&'s Seen<'a, AssessmentReported>> {
    first_after(&case.lists.reports, moment, |report| {
        case.is_child(report.says.child) && fits(report.says.kind, report.says.stage)
    })
}

/// Whether an event names another as its cause, or rests on it.
pub(crate) fn answers(cause: Option<EventRef>, event: EventId) -> bool {
    cause.is_some_and(|cause| cause.event == event)
}

/// The persons that a decision names as parties in the child's matter, or those who are by law. A
/// brother or sister is a party in its own.
pub(crate) fn parties_of(
    case: &Case<'_>,
    decision: &DecisionMade,
    moment: Moment,
) -> Vec<PersonId> {
    if decision.parties.is_empty() {
        case.parties(moment.day).into_iter().collect()
    } else {
        decision
            .parties
            .iter()
            .map(|party| case.person(*party))
            .filter(|party| !case.siblings.contains(party))
            .collect()
    }
}

/// When the measure of a decision ended, where it did.
pub(crate) fn measure_end(case: &Case<'_>, id: Option<MeasureId>) -> Option<Moment> {
    id.and_then(|id| case.measures.iter().find(|measure| measure.id == id))
        .and_then(crate::measure::Measure::ended)
}

/// The decision that a complaint or a communication is about.
pub(crate) fn decision_of<'a>(case: &Case<'a>, event: EventId) -> Option<&'a Event> {
    case.fact(event).map(|fact| fact.facts)
}
