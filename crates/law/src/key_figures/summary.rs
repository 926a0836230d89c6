//! Sums of contributions by period and by what they are told apart by; small groups are not shown.
//!
//! Whole numbers only: means, medians and shares are in tenths, so that the same contributions
//! always give the same answer.

use std::collections::BTreeMap;

use events::assessment::CaseWeight;
use jiff::civil::Date;

use super::contribution::{Contribution, Slice};
use super::count::Value;
use super::{KeyFigure, KeyFigures, Unit};
use crate::rule::RuleSet;

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Length {
    /// A calendar month.
    Month,
    /// A quarter.
    Quarter,
    /// A calendar year.
    Year,
}

impl Length {
    /// The first day of the period that a day lies in.
    #[must_use]
    pub fn period_of(self, day: Date) -> Date {
        let month = match self {
            Self::Month => day.month(),
            Self::Quarter => (day.month() - 1) / 3 * 3 + 1,
            Self::Year => 1,
        };
        Date::new(day.year(), month, 1).unwrap_or(day)
    }
}

/// By what contributions are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// Unit.
    Unit,
    /// District.
    District,
    /// Body of rules.
    RuleSet,
    /// Weight of the case.
    Weight,
}

/// The parts of a slice that a summary tells apart; the others are not stated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Key {
    /// Unit.
    pub unit: Option<String>,
    /// District.
    pub district: Option<String>,
    /// Body of rules.
    pub rule_set: Option<RuleSet>,
    /// Weight of the case.
    pub weight: Option<CaseWeight>,
}

/// What a group of contributions adds up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sum {
    /// Too few to be shown, or so few others that they could be worked out.
    Suppressed,
    /// Numbers.
    Numbers(Numbers),
    /// Shares.
    Share {
        /// How many were asked.
        count: usize,
        /// How many of them were so.
        yes: usize,
        /// The share, in tenths of a percent.
        share_tenths: usize,
    },
    /// How often.
    Count(usize),
}

/// Numbers summed up, in tenths of the figure's unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers {
    /// How many.
    pub count: usize,
    /// Mean, rounded towards zero.
    pub mean_tenths: i64,
    /// Median.
    pub median_tenths: i64,
    /// The values below which 10, 25, 75 and 90 percent lie, by nearest rank.
    pub percentiles_tenths: [i64; 4],
    /// Share of those within the stated number, in tenths of a percent.
    pub within_share_tenths: Option<usize>,
}

/// One figure for one period and group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Id of the figure.
    pub figure: String,
    /// First day of the period.
    pub period: Date,
    /// What it is told apart by.
    pub key: Key,
    /// What it adds up to.
    pub sum: Sum,
}

/// Sums contributions of many cases up: by figure, period and the given dimensions.
///
/// A group with fewer contributions than the definitions allow is suppressed; where it is the only
/// one of its period, the next smallest is too, so that it cannot be worked out from a total.
#[must_use]
pub fn summarise(
    figures: &KeyFigures,
    contributions: &[Contribution],
    length: Length,
    by: &[Dimension],
) -> Vec<Group> {
    let mut summary = Summary::new(figures, length, by);
    contributions
        .iter()
        .for_each(|contribution| summary.add(contribution));
    summary.finish()
}

/// A sum as contributions come in. How often each number came is all that is kept of them, so that
/// it grows with the groups and with how many different numbers there are, and not with the cases.
#[derive(Debug)]
pub struct Summary<'f> {
    figures: &'f KeyFigures,
    smallest_group: usize,
    length: Length,
    by: Vec<Dimension>,
    groups: BTreeMap<String, BTreeMap<Date, BTreeMap<Key, Values>>>,
}

/// The contributions of a group.
#[derive(Debug, Default)]
struct Values {
    count: usize,
    yes: usize,
    /// How often each number came.
    numbers: BTreeMap<i32, usize>,
}

impl<'f> Summary<'f> {
    /// Nothing came in yet.
    #[must_use]
    pub fn new(figures: &'f KeyFigures, length: Length, by: &[Dimension]) -> Self {
        Self {
            figures,
            smallest_group: figures.smallest_group,
            length,
            by: by.to_vec(),
            groups: BTreeMap::new(),
        }
    }

    /// Shows small groups too: for the municipality's own leader, never for what leaves the house.
    #[must_use]
    pub const fn showing_small_groups(mut self) -> Self {
        self.smallest_group = 0;
        self
    }

    /// One more.
    pub fn add(&mut self, contribution: &Contribution) {
        let Contribution {
            figure,
            value,
            day,
            event: _,
            slice,
        } = contribution;
        self.add_many(figure, *day, slice, [(*value, 1)]);
    }

    /// Many numbers of one slice and of the period that a day lies in, and how often each came.
    pub fn add_many(
        &mut self,
        figure: &str,
        day: Date,
        slice: &Slice,
        numbers: impl IntoIterator<Item = (Value, usize)>,
    ) {
        let mut numbers = numbers.into_iter().peekable();
        if numbers.peek().is_none() {
            return;
        }
        // The name of a figure is copied once, and not for each of a million contributions.
        let periods = match self.groups.get_mut(figure) {
            Some(known) => known,
            None => self.groups.entry(figure.to_owned()).or_default(),
        };
        let values = periods
            .entry(self.length.period_of(day))
            .or_default()
            .entry(key(slice, &self.by))
            .or_default();
        for (value, often) in numbers {
            values.count += often;
            match value {
                Value::Number(number) => *values.numbers.entry(number).or_default() += often,
                Value::Was(was) => values.yes += if was { often } else { 0 },
            }
        }
    }

    /// What they add up to.
    #[must_use]
    pub fn finish(self) -> Vec<Group> {
        let mut summed = Vec::new();
        let periods = self.groups.into_iter().flat_map(|(figure, periods)| {
            periods
                .into_iter()
                .map(move |(period, by_key)| (figure.clone(), period, by_key))
        });
        for (figure, period, by_key) in periods {
            let Some(definition) = self.figures.figure(&figure) else {
                continue;
            };
            let hidden = hidden(&by_key, self.smallest_group);
            for (key, values) in by_key {
                let sum = if hidden.contains(&key) {
                    Sum::Suppressed
                } else {
                    sum(definition, &values)
                };
                summed.push(Group {
                    figure: figure.clone(),
                    period,
                    key,
                    sum,
                });
            }
        }
        summed
    }
}

/// The group that a contribution belongs to.
#[must_use]
pub fn key(slice: &Slice, by: &[Dimension]) -> Key {
    let mut key = Key::default();
    for dimension in by {
        match dimension {
            Dimension::Unit => key.unit.clone_from(&slice.unit),
            Dimension::District => key.district.clone_from(&slice.district),
            Dimension::RuleSet => key.rule_set = Some(slice.rule_set),
            Dimension::Weight => key.weight = slice.weight,
        }
    }
    key
}

/// The groups that are not shown.
fn hidden(by_key: &BTreeMap<Key, Values>, smallest: usize) -> Vec<Key> {
    let mut hidden: Vec<Key> = by_key
        .iter()
        .filter(|(_, values)| values.count < smallest)
        .map(|(key, _)| key.clone())
        .collect();
    if hidden.len() == 1 {
        let shown = by_key.iter().filter(|(_, values)| values.count >= smallest);
        hidden.extend(
            shown
                .min_by_key(|(_, values)| values.count)
                .map(|(key, _)| key.clone()),
        );
    }
    hidden
}

fn sum(figure: &KeyFigure, values: &Values) -> Sum {
    match figure.unit {
        Unit::Share => Sum::Share {
            count: values.count,
            yes: values.yes,
            share_tenths: share(values.yes, values.count),
        },
        Unit::Count => Sum::Count(values.count),
        Unit::Days | Unit::WorkingDays | Unit::Steps | Unit::Tenths | Unit::Words => {
            Sum::Numbers(summed(figure, &values.numbers))
        }
    }
}

/// A share in tenths of a percent, rounded half up.
fn share(part: usize, whole: usize) -> usize {
    if whole == 0 {
        0
    } else {
        (part * 2_000 + whole) / (whole * 2)
    }
}

fn summed(figure: &KeyFigure, numbers: &BTreeMap<i32, usize>) -> Numbers {
    let count: usize = numbers.values().sum();
    let times = |often: usize| i64::try_from(often).unwrap_or(i64::MAX);
    let total: i64 = numbers
        .iter()
        .map(|(number, often)| i64::from(*number) * times(*often))
        .sum();
    let within = figure.within.map(|within| {
        share(
            numbers.range(..=within).map(|(_, often)| often).sum(),
            count,
        )
    });
    Numbers {
        count,
        mean_tenths: i64::try_from(count)
            .ok()
            .filter(|count| *count > 0)
            .map_or(0, |count| total * 10 / count),
        median_tenths: median(numbers, count),
        percentiles_tenths: [10, 25, 75, 90].map(|percent| rank(numbers, count, percent) * 10),
        within_share_tenths: within,
    }
}

/// The number at a place, were all of them put in order.
fn at(numbers: &BTreeMap<i32, usize>, place: usize) -> i64 {
    let mut before = 0;
    for (number, often) in numbers {
        before += often;
        if place < before {
            return i64::from(*number);
        }
    }
    0
}

/// The middle number, or the mean of the two in the middle.
fn median(numbers: &BTreeMap<i32, usize>, count: usize) -> i64 {
    let half = count / 2;
    if count % 2 == 1 {
        at(numbers, half) * 10
    } else {
        (at(numbers, half.saturating_sub(1)) + at(numbers, half)) * 5
    }
}

/// The smallest number that at least that many percent do not exceed.
fn rank(numbers: &BTreeMap<i32, usize>, count: usize, percent: usize) -> i64 {
    at(numbers, (count * percent).div_ceil(100).max(1) - 1)
}
