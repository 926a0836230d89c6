//! What one case adds to the key figures, at a moment.
//!
//! A contribution is a number or a yes or no, with its day and the event that proves it; it names
//! no person. Sums are made elsewhere.

use events::assessment::CaseWeight;
use events::committee::{CommitteeMatter, CommitteeOutcome};
use events::decision::DecisionKind;
use events::event::Event;
use events::ids::EventId;
use events::support::Instrument;
use jiff::civil::Date;

use super::{KeyFigure, KeyFigures};
use crate::calendar::{days_between, working_days_between};
use crate::case::{Case, Seen, last_before};
use crate::catalogue::{Catalogue, RuleSet};
use crate::engine::evaluate_case;
use crate::fact::{Circumstances, Fact};
use crate::moment::Moment;
use crate::obligation::{Evaluation, Obligation, Status};
use crate::overlay::excluded_since;
use crate::predicates::{about_child, granted};

/// What is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// A number in the figure's unit.
    Number(i32),
    /// Whether it was so.
    Was(bool),
}

/// By what figures can be told apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slice {
    /// Four-digit code of the municipality.
    pub municipality: String,
    /// The unit that had the case.
    pub unit: Option<String>,
    /// The district.
    pub district: Option<String>,
    /// The body of rules that held.
    pub rule_set: RuleSet,
    /// The weight of the case by its last screening.
    pub weight: Option<CaseWeight>,
}

/// What one event of a case adds to one figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contribution {
    /// Id of the figure.
    pub figure: String,
    /// What is added.
    pub value: Value,
    /// The day that decides the period.
    pub day: Date,
    /// The event that it is counted at.
    pub event: EventId,
    /// By what it can be told apart.
    pub slice: Slice,
}

/// A value, its day and its event.
type Counted = (Value, Date, EventId);

/// What a counter looks at.
pub(crate) struct Count<'v, 'k, 'a> {
    case: &'k Case<'a>,
    evaluation: &'v Evaluation<'v>,
    figure: &'v KeyFigure,
}

type Counter = fn(&Count<'_, '_, '_>) -> Vec<Counted>;

/// The counter of each figure.
pub(crate) const COUNTERS: &[(&str, Counter)] = &[
    ("K-HELP", to_help),
    ("K-DECISION", to_decision),
    ("K-START", to_start),
    ("K-ACUTE", |count| {
        count.in_time(&["SEL-155-2-24H", "BL-136-2-24H"])
    }),
    ("K-RECEIPT", receipts),
    ("K-FEEDBACK", |count| {
        count.evident(&["SEL-155B-2-FEEDBACK", "BL-138-2-FEEDBACK"])
    }),
    ("K-HEARD", heard),
    ("K-EXAMINED", |count| {
        count.in_time(&["SEL-50-7-4M", "BL-20-3-4M"])
    }),
    ("K-FOLLOWED-UP", |count| {
        count.in_time(&["SEL-70-1-3M", "FRI-10-8-3M", "BL-95-2-FIRST"])
    }),
    ("K-NETWORK", |count| {
        count.evident(&["SEL-47-NETWORK", "BL-8-3-NETWORK"])
    }),
    ("K-NOTE-DELAY", note_delay),
    ("K-LADDER", ladder),
    ("K-WELLBEING", wellbeing),
    ("K-RELIABLE", reliable),
    ("K-COMPLAINTS", complaints),
    ("K-REVERSED-ISSUES", reversed_issues),
    ("K-REVERSED-COMPLAINTS", reversed_complaints),
    ("K-COERCION", coercion),
    ("K-LENGTH", lengths),
];

/// What a case adds to every figure.
#[must_use]
pub fn contributions(
    figures: &KeyFigures,
    catalogue: &Catalogue,
    facts: &[Fact<'_>],
    circumstances: &Circumstances,
) -> Vec<Contribution> {
    let case = Case::new(facts, circumstances, catalogue);
    contributions_of(figures, &case, &evaluate_case(catalogue, &case))
}

/// The same where the duties were weighed already.
#[must_use]
pub fn contributions_of(
    figures: &KeyFigures,
    case: &Case<'_>,
    evaluation: &Evaluation<'_>,
) -> Vec<Contribution> {
    let excluded = excluded_since(case);
    let mut contributions = Vec::new();
    for (id, counter) in COUNTERS {
        let Some(figure) = figures.figure(id) else {
            continue;
        };
        let counted = counter(&Count {
            case,
            evaluation,
            figure,
        });
        contributions.extend(counted.into_iter().map(|(value, day, event)| Contribution {
            figure: (*id).to_owned(),
            value,
            day,
            event,
            slice: slice(case, excluded, day),
        }));
    }
    contributions
}

fn slice(case: &Case<'_>, excluded: Option<(Moment, EventId)>, day: Date) -> Slice {
    let by = Moment::on(day);
    let assigned =
        last_before(&case.lists.assignments, by, |_| true).or(case.lists.assignments.first());
    let actor = assigned.map(|seen| seen.fact.actor).or(case
        .lists
        .openings
        .first()
        .map(|seen| seen.fact.actor));
    let screening =
        last_before(&case.lists.screenings, by, |_| true).or(case.lists.screenings.first());
    Slice {
        municipality: case.circumstances.municipality.clone(),
        unit: actor.flatten().and_then(|actor| actor.unit.clone()),
        district: case.circumstances.district.clone(),
        rule_set: rule_set(case, excluded, day),
        weight: screening.map(|screening| screening.says.weight),
    }
}

fn rule_set(case: &Case<'_>, excluded: Option<(Moment, EventId)>, day: Date) -> RuleSet {
    if !case.under_old_act(day) {
        RuleSet::Bl
    } else if case.approved(day) && excluded.is_none_or(|(since, _)| since.day > day) {
        RuleSet::Fri
    } else {
        RuleSet::Sel
    }
}

impl<'v> Count<'v, '_, '_> {
    fn duties(
        &self,
        rules: &'static [&'static str],
    ) -> impl Iterator<Item = &'v Obligation<'v>> + use<'v> {
        self.evaluation
            .obligations
            .iter()
            .filter(move |duty| rules.contains(&duty.rule.id.as_str()))
    }

    /// Duties with a number: in time or not, once that is known.
    fn in_time(&self, rules: &'static [&'static str]) -> Vec<Counted> {
        let known = self.duties(rules).filter_map(|duty| {
            let was = match &duty.status {
                Status::Met { late_by, .. } => late_by.is_none(),
                Status::Overdue => false,
                Status::Waived { .. } => true,
                Status::Open
                | Status::Succeeded { .. }
                | Status::Suppressed { .. }
                | Status::Lapsed
                | Status::Moot { .. } => return None,
            };
            Some((Value::Was(was), duty.trigger.day, duty.event))
        });
        known.collect()
    }

    /// Duties without a number: evident or not.
    fn evident(&self, rules: &'static [&'static str]) -> Vec<Counted> {
        let known = self.duties(rules).filter_map(|duty| {
            let was = match &duty.status {
                Status::Met { .. } | Status::Waived { .. } => true,
                Status::Open | Status::Moot { .. } | Status::Overdue => false,
                Status::Succeeded { .. } | Status::Suppressed { .. } | Status::Lapsed => {
                    return None;
                }
            };
            Some((Value::Was(was), duty.trigger.day, duty.event))
        });
        known.collect()
    }
}

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

/// Steps in the order in which they were taken, within one definition of the ladder.
fn ladder(count: &Count<'_, '_, '_>) -> Vec<Counted> {
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

fn wellbeing(count: &Count<'_, '_, '_>) -> Vec<Counted> {
    change(count)
        .into_iter()
        .map(|(change, day, event)| (Value::Number(change), day, event))
        .collect()
}

fn reliable(count: &Count<'_, '_, '_>) -> Vec<Counted> {
    let Some(least) = count.figure.at_least else {
        return Vec::new();
    };
    change(count)
        .into_iter()
        .map(|(change, day, event)| (Value::Was(change >= least), day, event))
        .collect()
}

fn complaints(count: &Count<'_, '_, '_>) -> Vec<Counted> {
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

fn reversed_issues(count: &Count<'_, '_, '_>) -> Vec<Counted> {
    let issues = issues(count.case).into_iter();
    issues
        .flat_map(|(moment, event, reversed)| {
            reversed
                .into_iter()
                .map(move |was| (Value::Was(was), moment.day, event))
        })
        .collect()
}

fn reversed_complaints(count: &Count<'_, '_, '_>) -> Vec<Counted> {
    let decided = issues(count.case)
        .into_iter()
        .filter(|(_, _, reversed)| !reversed.is_empty());
    decided
        .map(|(moment, event, reversed)| (Value::Was(reversed.contains(&true)), moment.day, event))
        .collect()
}

/// What the committee adopted for the child against somebody's will.
fn coercive<'s>(
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

fn coercion(count: &Count<'_, '_, '_>) -> Vec<Counted> {
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

fn lengths(count: &Count<'_, '_, '_>) -> Vec<Counted> {
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
