//! What one case adds to the key figures, at a moment.
//!
//! A contribution is a number or a yes or no, with its day and the event that proves it; it names
//! no person. Sums are made elsewhere.

use events::assessment::CaseWeight;
use events::ids::EventId;
use jiff::civil::Date;

use super::KeyFigures;
use super::count::{Count, Counter, Value};
use super::counters::{COUNTERS, LooksAt};
use crate::case::Case;
use crate::catalogue::Catalogue;
use crate::engine::{evaluate_alone, evaluate_case};
use crate::fact::{Circumstances, Fact};
use crate::obligation::Evaluation;
use crate::overlay::excluded_since;
use crate::rule::RuleSet;
use events::moment::Moment;

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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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
    counted(figures, case, evaluation, &Slices::of(case), COUNTERS)
}

/// What some duties of a case add, by the slices of the case. What a waived duty takes away is seen
/// where it is among them.
#[must_use]
pub fn contributions_of_duties(
    figures: &KeyFigures,
    case: &Case<'_>,
    evaluation: &Evaluation<'_>,
    slices: &Slices,
) -> Vec<Contribution> {
    let counters = COUNTERS.iter();
    let counters = counters.filter(|(_, looks_at, _)| *looks_at == LooksAt::Duties);
    counted(figures, case, evaluation, slices, counters)
}

fn counted<'c>(
    figures: &KeyFigures,
    case: &Case<'_>,
    evaluation: &Evaluation<'_>,
    slices: &Slices,
    counters: impl IntoIterator<Item = &'c (&'static str, LooksAt, Counter)>,
) -> Vec<Contribution> {
    let mut contributions = Vec::new();
    for (id, _, counter) in counters {
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
            slice: slices.on(case, day),
        }));
    }
    contributions
}

/// What a fact that stands alone adds, of which nothing but the slices of its case is at hand.
#[must_use]
pub fn contributions_alone(
    figures: &KeyFigures,
    catalogue: &Catalogue,
    fact: Fact<'_>,
    circumstances: &Circumstances,
    slices: &Slices,
) -> Vec<Contribution> {
    let case = Case::new(&[fact], circumstances, catalogue);
    contributions_of_duties(figures, &case, &evaluate_alone(catalogue, &case), slices)
}

/// By what the contributions of a case are told apart, on any day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Slices {
    /// Since when which unit has had it, in the order of days.
    units: Vec<(Date, Option<String>)>,
    /// Since when it has weighed what, in the order of days.
    weights: Vec<(Date, CaseWeight)>,
    /// The day on which the trial was over for it.
    excluded: Option<Date>,
}

/// What held on a day; before anything did, what held first.
fn on<T>(list: &[(Date, T)], day: Date) -> Option<&T> {
    let held = list.partition_point(|(since, _)| *since <= day);
    let place = held.saturating_sub(1);
    list.get(place).map(|(_, held)| held)
}

impl Slices {
    /// Those of a case.
    #[must_use]
    pub fn of(case: &Case<'_>) -> Self {
        let unit = |moment: Moment, fact: &Fact<'_>| {
            (moment.day, fact.actor.and_then(|actor| actor.unit.clone()))
        };
        let lists = &case.lists;
        let assigned = lists.assignments.iter();
        let mut units: Vec<_> = assigned.map(|seen| unit(seen.moment, &seen.fact)).collect();
        if units.is_empty() {
            let opening = lists.openings.first();
            units.extend(opening.map(|seen| unit(seen.moment, &seen.fact)));
        }
        let screened = lists.screenings.iter();
        Self {
            units,
            weights: screened
                .map(|screening| (screening.moment.day, screening.says.weight))
                .collect(),
            excluded: excluded_since(case).map(|(since, _)| since.day),
        }
    }

    /// The slice of a day, under the law and in the circumstances of a case.
    #[must_use]
    pub fn on(&self, case: &Case<'_>, day: Date) -> Slice {
        Slice {
            municipality: case.circumstances.municipality.clone(),
            unit: on(&self.units, day).cloned().flatten(),
            district: case.circumstances.district.clone(),
            rule_set: self.rule_set(case, day),
            weight: on(&self.weights, day).copied(),
        }
    }

    fn rule_set(&self, case: &Case<'_>, day: Date) -> RuleSet {
        if !case.under_old_act(day) {
            RuleSet::Bl
        } else if case.approved(day) && self.excluded.is_none_or(|since| since > day) {
            RuleSet::Fri
        } else {
            RuleSet::Sel
        }
    }
}
