//! How each figure is counted: the table of counters, and those of the way from notification to
//! help.

mod outcomes;

use events::decision::DecisionKind;
use events::event::Event;
use events::ids::EventId;

use self::outcomes::coercive;
use super::count::{Count, Counted, Counter, Value};
use crate::case::Case;
use crate::obligation::Status;
use crate::predicates::{about_child, granted};
use events::calendar::{days_between, working_days_between};
use events::moment::Moment;

/// What a counter looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LooksAt {
    /// Duties, each by itself; a waived one may take away what another of its event adds. Time alone
    /// changes what is counted.
    Duties,
    /// The facts alone.
    Facts,
}

/// The counter of each figure.
pub(crate) const COUNTERS: &[(&str, LooksAt, Counter)] = &[
    ("K-HELP", LooksAt::Duties, to_help),
    ("K-DECISION", LooksAt::Duties, to_decision),
    ("K-START", LooksAt::Facts, to_start),
    ("K-ACUTE", LooksAt::Duties, |count| {
        count.in_time(&["SEL-155-2-24H", "BL-136-2-24H"])
    }),
    ("K-RECEIPT", LooksAt::Duties, receipts),
    ("K-FEEDBACK", LooksAt::Duties, |count| {
        count.evident(&["SEL-155B-2-FEEDBACK", "BL-138-2-FEEDBACK"])
    }),
    ("K-HEARD", LooksAt::Duties, heard),
    ("K-EXAMINED", LooksAt::Duties, |count| {
        count.in_time(&["SEL-50-7-4M", "BL-20-3-4M"])
    }),
    ("K-FOLLOWED-UP", LooksAt::Duties, |count| {
        count.in_time(&["SEL-70-1-3M", "FRI-10-8-3M", "BL-95-2-FIRST"])
    }),
    ("K-NETWORK", LooksAt::Duties, |count| {
        count.evident(&["SEL-47-NETWORK", "BL-8-3-NETWORK"])
    }),
    ("K-NOTE-DELAY", LooksAt::Duties, note_delay),
    ("K-LADDER", LooksAt::Facts, outcomes::ladder),
    ("K-WELLBEING", LooksAt::Facts, outcomes::wellbeing),
    ("K-RELIABLE", LooksAt::Facts, outcomes::reliable),
    ("K-COMPLAINTS", LooksAt::Facts, outcomes::complaints),
    (
        "K-REVERSED-ISSUES",
        LooksAt::Facts,
        outcomes::reversed_issues,
    ),
    (
        "K-REVERSED-COMPLAINTS",
        LooksAt::Facts,
        outcomes::reversed_complaints,
    ),
    ("K-COERCION", LooksAt::Facts, outcomes::coercion),
    ("K-LENGTH", LooksAt::Facts, outcomes::lengths),
];

/// A receipt that was not possible is not counted.
fn receipts(count: &Count<'_, '_, '_>) -> Vec<Counted> {
    let waived: Vec<EventId> = count
        .duties(&["SEL-155B-1-ACK", "BL-138-1-ACK"])
        .filter(|duty| matches!(duty.status, Status::Waived { .. }))
        .map(|duty| duty.event)
        .collect();
    let counted = count.in_time(&["SEL-155B-1-ACK", "BL-138-1-ACK"]);
    counted
        .into_iter()
        .filter(|(_, _, event)| !waived.contains(event))
        .collect()
}

/// Notifications that led to help, by the local rule that finds them.
fn to_help(count: &Count<'_, '_, '_>) -> Vec<Counted> {
    let helped = count
        .duties(&["LOC-6W"])
        .filter(|duty| matches!(duty.status, Status::Met { .. }));
    helped
        .map(|duty| (Value::Number(duty.age_days), duty.trigger.day, duty.event))
        .collect()
}

fn to_decision(count: &Count<'_, '_, '_>) -> Vec<Counted> {
    let helped = count.duties(&["LOC-6W"]);
    let counted = helped.filter_map(|duty| {
        let decided = first_helping_decision(count.case, duty.trigger)?;
        Some((
            Value::Number(days_between(duty.trigger.day, decided.day)),
            duty.trigger.day,
            duty.event,
        ))
    });
    counted.collect()
}

fn first_helping_decision(case: &Case<'_>, from: Moment) -> Option<Moment> {
    let gives = [
        DecisionKind::Support32,
        DecisionKind::Placement46,
        DecisionKind::Treatment33,
        DecisionKind::YouthSupport114,
    ];
    let own = case.lists.decisions.iter().filter(|decision| {
        about_child(case, decision.says)
            && granted(decision.says)
            && gives.contains(&decision.says.kind)
    });
    let provisional = case
        .lists
        .provisional_decisions
        .iter()
        .filter(|decision| case.concerns(&decision.says.children));
    let committee = case
        .lists
        .committee_decisions
        .iter()
        .filter(|decision| coercive(case, decision.says).next().is_some());
    let all = own
        .map(|seen| seen.moment)
        .chain(provisional.map(|seen| seen.moment))
        .chain(committee.map(|seen| seen.moment));
    all.filter(|moment| from.not_after(*moment)).min()
}

fn to_start(count: &Count<'_, '_, '_>) -> Vec<Counted> {
    let case = count.case;
    let decided = case.lists.decisions.iter().filter(|decision| {
        let kinds = [DecisionKind::Support32, DecisionKind::Placement46];
        about_child(case, decision.says)
            && granted(decision.says)
            && kinds.contains(&decision.says.kind)
    });
    let counted = decided.filter_map(|decision| {
        let start = case.lists.starts.iter().find(|start| {
            start.says.decision == Some(decision.event())
                || decision.says.measure == Some(start.says.measure)
        })?;
        let days = days_between(decision.moment.day, start.moment.day).max(0);
        Some((Value::Number(days), decision.moment.day, decision.event()))
    });
    counted.collect()
}

/// Only decisions: plans and follow-ups have the same duty and are not counted.
fn heard(count: &Count<'_, '_, '_>) -> Vec<Counted> {
    let rules: &[&str] = &["SEL-48-TALK", "FRI-10-7-INVOLVE", "BL-5-3-VIEWS"];
    let counted = count.in_time(rules).into_iter().filter(|(_, _, event)| {
        let facts = count.case.fact(*event).map(|fact| fact.facts);
        matches!(
            facts,
            Some(Event::DecisionMade(_) | Event::CommitteeDecisionMade(_))
        )
    });
    counted.collect()
}

fn note_delay(count: &Count<'_, '_, '_>) -> Vec<Counted> {
    let counted = count
        .duties(&["LOC-NOTE-LAG-3A"])
        .filter_map(|duty| match &duty.status {
            Status::Met { at, .. } => {
                let days = i32::try_from(working_days_between(duty.trigger.day, at.day))
                    .unwrap_or(i32::MAX);
                Some((Value::Number(days), duty.trigger.day, duty.event))
            }
            _ => None,
        });
    counted.collect()
}
