//! What one case adds to the key figures, at a moment.
//!
//! A contribution is a number or a yes or no, with its day and the event that proves it; it names
//! no person. Sums are made elsewhere.

use events::assessment::CaseWeight;
use events::ids::EventId;
use jiff::civil::Date;

use super::KeyFigures;
use super::count::{Count, Value};
use super::counters::COUNTERS;
use crate::case::Case;
use crate::catalogue::Catalogue;
use crate::engine::evaluate_case;
use crate::fact::{Circumstances, Fact};
use crate::moment::Moment;
use crate::obligation::Evaluation;
use crate::overlay::excluded_since;
use crate::rule::RuleSet;
use crate::seen::last_before;

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

/// The same where the duties were evaluated already.
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
            at_least: figure.at_least,
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
