//! Key figures over all cases, as a table, as JSON and as a chart.

pub(crate) mod chart;

use std::path::PathBuf;
use std::process::ExitCode;

use app::queries::figures::{Figure, Figures, FiguresQuery};
use comfy_table::CellAlignment;
use domain::reading::{Axis, Known, ReadingPoint, instant};
use events::meta::Role;
use law::key_figures::Unit;
use law::key_figures::summary::{Dimension, Key, Length, Sum};
use miette::{IntoDiagnostic, Result, WrapErr};
use serde_json::{Value, json};

use crate::cli::lists::{FigureGroup, FigurePeriod, FiguresArgs};
use crate::cli::log::LogArgs;
use crate::commands::what_if;
use crate::open;
use crate::text::{table, terminal};

/// At most so many cases behind each figure in JSON.
const CASES_MAX: usize = 1_000;

fn query(wish: &FiguresArgs) -> Result<FiguresQuery> {
    let known_at = wish
        .known_at
        .as_deref()
        .map(instant)
        .transpose()
        .into_diagnostic()
        .wrap_err("--known-at")?;
    if wish.to < wish.from {
        return Err(miette::miette!("--to lies before --from"));
    }
    let by = wish.by.iter().map(|group| match group {
        FigureGroup::Unit => Dimension::Unit,
        FigureGroup::RuleSet => Dimension::RuleSet,
        FigureGroup::Weight => Dimension::Weight,
    });
    Ok(FiguresQuery {
        from: wish.from,
        to: wish.to,
        length: match wish.period {
            FigurePeriod::Month => Length::Month,
            FigurePeriod::Quarter => Length::Quarter,
            FigurePeriod::Year => Length::Year,
        },
        by: by.collect(),
        point: known_at.map(|at| ReadingPoint {
            known: Known::At(at),
            axis: if wish.stated {
                Axis::Stated
            } else {
                Axis::Recorded
            },
            ..ReadingPoint::default()
        }),
        what_if: wish.what_if.read()?,
        read_max: None,
        cases_max: if wish.json { CASES_MAX } else { 0 },
        small_groups: wish.small_groups,
        at_least: None,
    })
}

/// Tenths as a decimal.
pub(crate) fn tenths(tenths: i64) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    format!(
        "{sign}{}.{}",
        tenths.unsigned_abs() / 10,
        tenths.unsigned_abs() % 10
    )
}

/// How a unit is called behind a number.
pub(crate) const fn unit_text(unit: Unit) -> &'static str {
    match unit {
        Unit::Days => " days",
        Unit::WorkingDays => " working days",
        Unit::Steps => " steps",
        Unit::Tenths => " tenths",
        Unit::Words => " words",
        Unit::Share => " %",
        Unit::Count => "",
    }
}

fn share(tenths_of_percent: usize) -> String {
    format!(
        "{} %",
        tenths(i64::try_from(tenths_of_percent).unwrap_or(i64::MAX))
    )
}

/// How many, and what they add up to.
fn sum_text(figure: &Figure) -> (String, String) {
    match &figure.group.sum {
        Sum::Suppressed => ("-".to_owned(), "too few to be shown".to_owned()),
        Sum::Count(count) => (count.to_string(), count.to_string()),
        Sum::Share {
            count,
            share_tenths,
            ..
        } => (count.to_string(), share(*share_tenths)),
        Sum::Numbers(numbers) => {
            let unit = unit_text(figure.definition.unit);
            let mut text = format!(
                "median {}{unit}, mean {}",
                tenths(numbers.median_tenths),
                tenths(numbers.mean_tenths)
            );
            if let (Some(within), Some(days)) =
                (numbers.within_share_tenths, figure.definition.within)
            {
                text.push_str(&format!(", {} within {days}", share(within)));
            }
            (numbers.count.to_string(), text)
        }
    }
}

/// The group that a figure is for, in words; empty where nothing is told apart.
pub(crate) fn group_text(key: &Key) -> String {
    let parts = [
        key.unit.clone(),
        key.rule_set.map(|set| format!("{set:?}").to_uppercase()),
        key.weight
            .map(|weight| format!("{weight:?}").to_lowercase()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn table(figures: &Figures) -> Vec<String> {
    let columns = [
        ("period", CellAlignment::Left),
        ("figure", CellAlignment::Left),
        ("number", CellAlignment::Right),
        ("sum", CellAlignment::Left),
    ];
    let rows = figures.figures.iter().map(|figure| {
        let (count, sum) = sum_text(figure);
        let group = group_text(&figure.group.key);
        let title = if group.is_empty() {
            figure.definition.title.clone()
        } else {
            format!("{} ({group})", figure.definition.title)
        };
        [figure.group.period.to_string(), title, count, sum]
    });
    let mut lines = what_if::lines(&figures.basis);
    lines.extend(table::lines(columns, rows));
    lines
}

fn sum_value(sum: &Sum) -> Value {
    match sum {
        Sum::Suppressed => json!({ "suppressed": true }),
        Sum::Count(count) => json!({ "count": count }),
        Sum::Share {
            count,
            yes,
            share_tenths,
        } => json!({ "count": count, "yes": yes, "shareTenths": share_tenths }),
        Sum::Numbers(numbers) => json!({
            "count": numbers.count, "medianTenths": numbers.median_tenths, "meanTenths": numbers.mean_tenths,
            "percentilesTenths": numbers.percentiles_tenths, "withinShareTenths": numbers.within_share_tenths,
        }),
    }
}

fn as_value(figures: &Figures) -> Value {
    let all = figures.figures.iter().map(|figure| {
        json!({
            "figure": figure.definition.id, "title": figure.definition.title, "definition": figure.definition.definition,
            "uncertain": figure.definition.uncertain, "period": figure.group.period, "group": group_text(&figure.group.key),
            "sum": sum_value(&figure.group.sum), "cases": figure.cases,
        })
    });
    json!({
        "figures": all.collect::<Vec<_>>(), "cases": figures.cases, "casesWithHoles": figures.cases_with_holes,
        "holes": figures.holes, "incomplete": figures.incomplete, "basis": what_if::as_value(&figures.basis),
    })
}

fn write_chart(path: &PathBuf, wish: &FiguresArgs, figures: &Figures) -> Result<()> {
    let supposed = figures
        .basis
        .hypothesis()
        .map(|supposed| format!(", HYPOTHETICAL: as if {supposed}"))
        .unwrap_or_default();
    let title = format!("Key figures from {} to {}{supposed}", wish.from, wish.to);
    let svg = chart::chart(&title, figures);
    std::fs::write(path, svg)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot write {}", path.display()))
}

pub(crate) fn run(args: &LogArgs, wish: &FiguresArgs) -> Result<ExitCode> {
    let query = query(wish)?;
    let operator = open::open(args)?;
    open::make_lists(&operator)?;
    let mut viewer = open::developer(&args.municipality);
    if wish.small_groups {
        viewer.actor.role = Role::Leader;
    }
    let session = operator.session(viewer);
    let query = FiguresQuery {
        at_least: Some(operator.public_log().size()),
        ..query
    };
    let bar = std::cell::OnceCell::new();
    let mut progress = |done, total| {
        bar.get_or_init(|| terminal::bar("reading the cases", total))
            .set_position(done)
    };
    let figures = session
        .key_figures(&query, &mut progress)
        .into_diagnostic()?;
    if let Some(bar) = bar.get() {
        bar.finish_and_clear();
    }
    if let Some(path) = &wish.chart {
        write_chart(path, wish, &figures)?;
    }
    if wish.json {
        terminal::say(&serde_json::to_string_pretty(&as_value(&figures)).into_diagnostic()?);
    } else {
        table(&figures).iter().for_each(|line| terminal::say(line));
    }
    if figures.holes > 0 {
        let (holes, cases) = (figures.holes, figures.cases_with_holes);
        terminal::complain(&format!(
            "{holes} event(s) in {cases} case(s) were erased; what they proved is not counted"
        ));
    }
    if figures.incomplete > 0 {
        terminal::complain(&format!(
            "{} case(s) could not be read whole",
            figures.incomplete
        ));
    }
    operator.close().into_diagnostic()?;
    Ok(ExitCode::SUCCESS)
}
