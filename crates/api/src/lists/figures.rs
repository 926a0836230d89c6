//! Key figures over all cases as clients see them.

use app::queries::figures::{Figure, Figures, FiguresQuery};
use app::session::Session;
use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use domain::reading::{Known, ReadingPoint, instant};
use events::assessment::CaseWeight;
use events::ids::StreamId;
use jiff::civil::Date;
use law::key_figures::Unit;
use law::key_figures::summary::{Dimension, Length, Numbers, Sum};

use crate::error::{bad_input, list_error};
use crate::reading_point::TimeAxis;
use crate::rules::RuleSet;
use crate::rules::what_if::{RuleBasis, WhatIfInput, what_if};

/// Cases that are read for one question at most; more would keep a client waiting for minutes.
const READ_MAX: u64 = 5_000;
/// The most cases behind a figure.
const CASES_MAX: usize = 1_000;

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Length")]
pub enum PeriodLength {
    /// A calendar month.
    Month,
    /// A quarter.
    Quarter,
    /// A calendar year.
    Year,
}

/// By what figures are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Dimension")]
pub enum FigureDimension {
    /// Unit.
    Unit,
    /// District. No fact of the record names one, so that all cases stand in one group.
    District,
    /// Body of rules.
    RuleSet,
    /// Weight of the case.
    Weight,
}

/// In what a figure is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Unit")]
pub enum FigureUnit {
    /// Calendar days.
    Days,
    /// Working days.
    WorkingDays,
    /// Steps of the support ladder.
    Steps,
    /// Tenths of a point.
    Tenths,
    /// Words.
    Words,
    /// Yes or no, summed up as a share.
    Share,
    /// How often.
    Count,
}

/// Numbers summed up, in tenths of the figure's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SimpleObject)]
pub struct FigureNumbers {
    /// Mean, rounded towards zero.
    pub mean_tenths: i64,
    /// Median.
    pub median_tenths: i64,
    /// The value that ten percent do not exceed.
    pub percentile10_tenths: i64,
    /// The value that a quarter does not exceed.
    pub percentile25_tenths: i64,
    /// The value that three quarters do not exceed.
    pub percentile75_tenths: i64,
    /// The value that ninety percent do not exceed.
    pub percentile90_tenths: i64,
    /// Share of those within the number of days of the definition, in tenths of a percent.
    pub within_share_tenths: Option<u64>,
}

impl From<&Numbers> for FigureNumbers {
    fn from(numbers: &Numbers) -> Self {
        let [
            percentile10_tenths,
            percentile25_tenths,
            percentile75_tenths,
            percentile90_tenths,
        ] = numbers.percentiles_tenths;
        Self {
            mean_tenths: numbers.mean_tenths,
            median_tenths: numbers.median_tenths,
            percentile10_tenths,
            percentile25_tenths,
            percentile75_tenths,
            percentile90_tenths,
            within_share_tenths: numbers.within_share_tenths.map(|share| share as u64),
        }
    }
}

/// A published share of the whole country, to compare with.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct NationalShare {
    /// The period.
    pub period: String,
    /// The share, in tenths of a percent.
    pub share_tenths: u16,
    /// Where it was published.
    pub source: String,
}

/// One figure for one period and group.
pub struct KeyFigure(Figure);

#[Object(name = "KeyFigure")]
impl KeyFigure {
    /// Stable id of the figure.
    async fn figure(&self) -> &str {
        &self.0.definition.id
    }

    /// What it tells, in a few words.
    async fn title(&self) -> &str {
        &self.0.definition.title
    }

    /// What exactly is counted.
    async fn definition(&self) -> &str {
        &self.0.definition.definition
    }

    /// What is unsure about it.
    async fn uncertain(&self) -> Option<&str> {
        self.0.definition.uncertain.as_deref()
    }

    /// In what it is counted.
    async fn unit(&self) -> FigureUnit {
        self.0.definition.unit.into()
    }

    /// First day of the period.
    async fn period(&self) -> Date {
        self.0.group.period
    }

    /// The unit that had the cases, where figures are told apart by it.
    async fn of_unit(&self) -> Option<&str> {
        self.0.group.key.unit.as_deref()
    }

    /// The district, where figures are told apart by it.
    async fn of_district(&self) -> Option<&str> {
        self.0.group.key.district.as_deref()
    }

    /// The body of rules, where figures are told apart by it.
    async fn of_rule_set(&self) -> Option<RuleSet> {
        self.0.group.key.rule_set.map(Into::into)
    }

    /// The weight of the cases, where figures are told apart by it.
    async fn of_weight(&self) -> Option<CaseWeight> {
        self.0.group.key.weight
    }

    /// Whether the group is too small to be shown, or another one could be worked out from it.
    async fn suppressed(&self) -> bool {
        self.0.group.sum == Sum::Suppressed
    }

    /// How many were counted; null when suppressed.
    async fn count(&self) -> Option<u64> {
        match &self.0.group.sum {
            Sum::Suppressed => None,
            Sum::Numbers(numbers) => Some(numbers.count as u64),
            Sum::Share { count, .. } | Sum::Count(count) => Some(*count as u64),
        }
    }

    /// The share, in tenths of a percent, where it is one.
    async fn share_tenths(&self) -> Option<u64> {
        match &self.0.group.sum {
            Sum::Share { share_tenths, .. } => Some(*share_tenths as u64),
            Sum::Suppressed | Sum::Numbers(_) | Sum::Count(_) => None,
        }
    }

    /// The numbers, where it is made of numbers.
    async fn numbers(&self) -> Option<FigureNumbers> {
        match &self.0.group.sum {
            Sum::Numbers(numbers) => Some(numbers.into()),
            Sum::Suppressed | Sum::Share { .. } | Sum::Count(_) => None,
        }
    }

    /// Published shares of the whole country, to compare with.
    async fn national(&self) -> Vec<NationalShare> {
        let figures = &app::rules::rulebook::Rulebook::built_in().figures;
        let shares = figures
            .national(&self.0.definition.id)
            .map(|national| NationalShare {
                period: national.period.clone(),
                share_tenths: national.share_tenths,
                source: national.source.clone(),
            });
        shares.collect()
    }

    /// The cases behind it, oldest first, as far as they were asked for and may be seen; those of a
    /// suppressed group are not told.
    async fn cases(&self) -> &[StreamId] {
        &self.0.cases
    }
}

/// Key figures over all cases.
pub struct KeyFigures(Figures);

#[Object(name = "KeyFigures")]
impl KeyFigures {
    /// Version of the definitions.
    async fn version(&self) -> &str {
        &app::rules::rulebook::Rulebook::built_in().figures.version
    }

    /// The figures by definition, period and group.
    async fn figures(&self) -> Vec<KeyFigure> {
        self.0.figures.iter().cloned().map(KeyFigure).collect()
    }

    /// Cases that add something, or in which something was erased.
    async fn case_count(&self) -> u64 {
        self.0.cases
    }

    /// Cases in which something was erased: what it proved is not counted.
    async fn cases_with_holes(&self) -> u64 {
        self.0.cases_with_holes
    }

    /// Events that were erased in them.
    async fn hole_count(&self) -> u64 {
        self.0.holes
    }

    /// Cases that could not be read whole.
    async fn incomplete(&self) -> u64 {
        self.0.incomplete
    }

    /// How many entries of the log the answer reflects at most.
    async fn position(&self) -> u64 {
        self.0.position.get()
    }

    /// The law that the cases were weighed by, and whether the answer is a hypothetical one.
    async fn basis(&self) -> RuleBasis {
        (&self.0.basis).into()
    }
}

/// What a client asks for.
#[derive(Debug)]
pub struct FiguresInput {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// How long the periods are.
    pub period: PeriodLength,
    /// By what they are told apart.
    pub by: Vec<FigureDimension>,
    /// What had been recorded by then.
    pub known_at: Option<String>,
    /// By which time `knownAt` is read.
    pub axis: TimeAxis,
    /// Groups too small to leave the house are shown as well.
    pub small_groups: bool,
    /// Other law than that in force.
    pub what_if: Option<WhatIfInput>,
    /// At most so many cases behind each figure.
    pub cases_max: i32,
}

/// Key figures over all cases.
///
/// # Errors
/// A top-level error when a time cannot be read, or the figures cannot.
pub async fn key_figures(ctx: &Context<'_>, wish: FiguresInput) -> Result<KeyFigures> {
    if wish.to < wish.from {
        return Err(bad_input("to: it lies before from"));
    }
    if wish.known_at.is_none() && wish.axis == TimeAxis::Stated {
        return Err(bad_input("axis: STATED needs knownAt"));
    }
    let known_at = wish
        .known_at
        .as_deref()
        .map(instant)
        .transpose()
        .map_err(|error| bad_input(&format!("knownAt: {error}")))?;
    let query = FiguresQuery {
        from: wish.from,
        to: wish.to,
        length: wish.period.into(),
        by: wish.by.into_iter().map(Into::into).collect(),
        point: known_at.map(|at| ReadingPoint {
            known: Known::At(at),
            axis: wish.axis.into(),
            ..ReadingPoint::default()
        }),
        what_if: what_if(ctx, wish.what_if)?,
        read_max: Some(READ_MAX),
        cases_max: usize::try_from(wish.cases_max).unwrap_or(0).min(CASES_MAX),
        small_groups: wish.small_groups,
        at_least: None,
    };
    let figures = ctx.data::<Session>()?.key_figures(&query, &mut |_, _| {});
    Ok(KeyFigures(figures.map_err(|error| list_error(&error))?))
}
