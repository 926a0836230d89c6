//! Counters of what came of it: the ladder, well-being, complaints, coercion, the length of
//! reports.

use events::committee::{CommitteeMatter, CommitteeOutcome};
use events::ids::EventId;
use events::support::Instrument;
use jiff::civil::Date;

use crate::case::Case;
use crate::key_figures::count::{Count, Counted, Value};
use crate::seen::Seen;
use events::moment::Moment;

/// Steps in the order in which they were taken, within one definition of the ladder.
pub(super) fn ladder(count: &Count<'_, '_, '_>) -> Vec<Counted> {
    let lists = &count.case.lists;
    let definition = |measure| {
        lists
            .starts
            .iter()
            .find(|start| start.says.measure == measure)
            .map(|start| start.says.ladder_definition.as_str())
    };
    let mut steps: Vec<(Moment, EventId, u8, &str)> = Vec::new();
    steps.extend(lists.advices.iter().map(|seen| {
        (
            seen.moment,
            seen.event(),
            seen.says.ladder_step,
            seen.says.ladder_definition.as_str(),
        )
    }));
    steps.extend(lists.starts.iter().map(|seen| {
        (
            seen.moment,
            seen.event(),
            seen.says.ladder_step,
            seen.says.ladder_definition.as_str(),
        )
    }));
    steps.extend(lists.adjustments.iter().filter_map(|seen| {
        Some((
            seen.moment,
            seen.event(),
            seen.says.ladder_step?,
            definition(seen.says.measure)?,
        ))
    }));
    steps.sort();
    let pairs = steps.iter().zip(steps.iter().skip(1));
    let changes =
        pairs.filter(|((_, _, old, of_old), (_, _, new, of_new))| old != new && of_old == of_new);
    changes
        .map(|((_, _, old, _), (moment, event, new, _))| {
            (
                Value::Number(i32::from(*old) - i32::from(*new)),
                moment.day,
                *event,
            )
        })
        .collect()
}

/// The child's own first and last answers on each outcome scale. What was erased is not counted.
fn change(count: &Count<'_, '_, '_>) -> Vec<(i32, Date, EventId)> {
    let case = count.case;
    let mut changes = Vec::new();
    for instrument in [Instrument::Ors, Instrument::Cors] {
        let own: Vec<(i32, Date, EventId)> = case
            .lists
            .wellbeing
            .iter()
            .filter(|measured| {
                measured.says.instrument == instrument && case.is_child(measured.says.respondent)
            })
            .filter_map(|measured| {
                let scores = measured.says.scores.as_ref()?.known()?;
                Some((
                    i32::from(scores.total),
                    measured.moment.day,
                    measured.event(),
                ))
            })
            .collect();
        if let (Some((first, _, _)), Some((last, day, event)), true) =
            (own.first(), own.last(), own.len() > 1)
        {
            changes.push((last - first, *day, *event));
        }
    }
    changes
}

pub(super) fn wellbeing(count: &Count<'_, '_, '_>) -> Vec<Counted> {
    change(count)
        .into_iter()
        .map(|(change, day, event)| (Value::Number(change), day, event))
        .collect()
}

pub(super) fn reliable(count: &Count<'_, '_, '_>) -> Vec<Counted> {
    let Some(least) = count.at_least else {
        return Vec::new();
    };
    change(count)
        .into_iter()
        .map(|(change, day, event)| (Value::Was(change >= least), day, event))
        .collect()
}

pub(super) fn complaints(count: &Count<'_, '_, '_>) -> Vec<Counted> {
    count
        .case
        .lists
        .complaints
        .iter()
        .map(|complaint| (Value::Number(1), complaint.moment.day, complaint.event()))
        .collect()
}

/// The substantive issues about the child that Ankestyrelsen decided, by outcome.
fn issues(case: &Case<'_>) -> Vec<(Moment, EventId, Vec<bool>)> {
    let board = case.lists.appeal_outcomes.iter().filter(|outcome| {
        outcome.says.instance == events::appeal::AppealInstance::Ankestyrelsen
            && outcome.says.complaint.is_some()
    });
    let decided = board.map(|outcome| {
        let own = outcome
            .says
            .outcomes
            .iter()
            .filter(|issue| case.is_child(issue.child) && issue.outcome.substantive());
        (
            outcome.moment,
            outcome.event(),
            own.map(|issue| issue.outcome.reversed()).collect(),
        )
    });
    decided.collect()
}

pub(super) fn reversed_issues(count: &Count<'_, '_, '_>) -> Vec<Counted> {
    let issues = issues(count.case).into_iter();
    issues
        .flat_map(|(moment, event, reversed)| {
            reversed
                .into_iter()
                .map(move |was| (Value::Was(was), moment.day, event))
        })
        .collect()
}

pub(super) fn reversed_complaints(count: &Count<'_, '_, '_>) -> Vec<Counted> {
    let decided = issues(count.case)
        .into_iter()
        .filter(|(_, _, reversed)| !reversed.is_empty());
    decided
        .map(|(moment, event, reversed)| (Value::Was(reversed.contains(&true)), moment.day, event))
        .collect()
}

/// What the committee adopted for the child against somebody's will.
pub(super) fn coercive<'s>(
    case: &'s Case<'_>,
    decision: &'s events::committee::CommitteeDecisionMade,
) -> impl Iterator<Item = &'s events::committee::ChildOutcome> {
    decision.outcomes.iter().filter(|outcome| {
        let counts = match outcome.matter {
            CommitteeMatter::Examination23
            | CommitteeMatter::Placement47
            | CommitteeMatter::Birth49
            | CommitteeMatter::Renewal50
            | CommitteeMatter::Permanent67
            | CommitteeMatter::ChangePlacement98
            | CommitteeMatter::Contact105 => true,
            CommitteeMatter::Majority42 | CommitteeMatter::Approval143 | CommitteeMatter::Other => {
                false
            }
        };
        counts && outcome.outcome == CommitteeOutcome::Adopted && case.is_child(outcome.child)
    })
}

pub(super) fn coercion(count: &Count<'_, '_, '_>) -> Vec<Counted> {
    let case = count.case;
    let provisional = case
        .lists
        .provisional_decisions
        .iter()
        .filter(|decision| case.concerns(&decision.says.children));
    let mut counted: Vec<Counted> = provisional
        .map(|seen| (Value::Number(1), seen.moment.day, seen.event()))
        .collect();
    for decision in &case.lists.committee_decisions {
        counted.extend(
            coercive(case, decision.says)
                .map(|_| (Value::Number(1), decision.moment.day, decision.event())),
        );
    }
    counted
}

pub(super) fn lengths(count: &Count<'_, '_, '_>) -> Vec<Counted> {
    let own = count
        .case
        .lists
        .reports
        .iter()
        .filter(|report| count.case.is_child(report.says.child));
    own.map(|report: &Seen<'_, _>| {
        let words = i32::try_from(report.says.length_words).unwrap_or(i32::MAX);
        (Value::Number(words), report.moment.day, report.event())
    })
    .collect()
}
