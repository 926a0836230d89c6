//! The free-municipality trial (*frikommuneforsøg*, FKL § 10): an overlay that lifts or replaces
//! duties of *serviceloven* while nothing excludes the case.
//!
//! The approvals are data of the municipality. That violence, abuse and coercion exclude a case is
//! assumed: the approval documents were not found.

use events::assessment::ScreeningFlag;
use events::decision::DecisionKind;
use events::event::Event;
use events::ids::EventId;
use events::notification::Suspicion;

use crate::case::Case;
use crate::catalogue::Catalogue;
use crate::duty::Duty;
use crate::rule::{Rule, RuleSet};
use events::moment::Moment;

/// How the trial meets a duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trial {
    /// Not at all.
    Untouched,
    /// It is lifted by a rule.
    Lifted(String),
    /// It was lifted when it arose, and an excluding circumstance appeared later.
    TakenUpAgain {
        /// The event that shows the circumstance.
        event: EventId,
        /// When.
        since: Moment,
    },
}

/// The first fact that excludes the case from the trial.
pub(crate) fn excluded_since(case: &Case<'_>) -> Option<(Moment, EventId)> {
    let excluding = case.facts.iter().find(|(_, fact)| excludes(fact.facts));
    excluding.map(|(moment, fact)| (*moment, fact.event))
}

fn excludes(facts: &Event) -> bool {
    match facts {
        Event::NotificationReceived(notification) => notification
            .suspicions
            .iter()
            .any(|suspicion| matches!(suspicion, Suspicion::Abuse | Suspicion::Violence)),
        Event::ScreeningConcluded(screening) => screening.flags.iter().any(|flag| {
            matches!(
                flag,
                ScreeningFlag::Abuse | ScreeningFlag::Violence | ScreeningFlag::CoercionConsidered
            )
        }),
        // SEL §§ 58, 68 a, 68 e, 76 and 76 a stand outside the trial by the Act itself.
        Event::DecisionMade(decision) => matches!(
            decision.kind,
            DecisionKind::Placement47 | DecisionKind::YouthSupport114
        ),
        Event::ProvisionalDecisionMade(_)
        | Event::CommitteeSubmissionMade(_)
        | Event::CommitteeDecisionMade(_) => true,
        _ => false,
    }
}

/// How the trial meets a duty of *serviceloven*.
pub(crate) fn trial(
    catalogue: &Catalogue,
    case: &Case<'_>,
    excluded: Option<(Moment, EventId)>,
    rule: &Rule,
    duty: &Duty,
) -> Trial {
    let day = case.law_day(duty.trigger.day);
    if rule.set != RuleSet::Sel || case.circumstances.approval(&rule.id, day).is_none() {
        return Trial::Untouched;
    }
    let lifting = catalogue.rules().iter().find(|other| {
        other.in_force(day)
            && (other.suppresses.contains(&rule.id) || other.replaces.as_ref() == Some(&rule.id))
    });
    match (lifting, excluded) {
        (None, _) => Trial::Untouched,
        (Some(_), Some((since, _))) if since.not_after(duty.trigger) => Trial::Untouched,
        (Some(_), Some((since, event))) => Trial::TakenUpAgain { event, since },
        (Some(lifting), None) => Trial::Lifted(lifting.id.clone()),
    }
}

/// Whether a duty of the trial arises at all: an approval, and nothing that excluded the case.
pub(crate) fn in_trial(case: &Case<'_>, excluded: Option<(Moment, EventId)>, duty: &Duty) -> bool {
    case.approved(duty.trigger.day)
        && excluded.is_none_or(|(since, _)| !since.not_after(duty.trigger))
}
