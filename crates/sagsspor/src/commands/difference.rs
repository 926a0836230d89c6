//! Showing what changed in a case between two moments.

use std::process::ExitCode;

use domain::reading::ReadingPoint;
use domain::views::difference::Change;
use events::spec::View;
use miette::{IntoDiagnostic, Result, miette};
use serde_json::json;

use crate::cli::case::DifferenceArgs;
use crate::cli::log::LogArgs;
use crate::commands::replay::point;
use crate::open;
use crate::text::terminal;

/// The view of that number.
fn view(number: &str) -> Result<View> {
    let found = View::ALL
        .iter()
        .copied()
        .find(|view| view.names().0.eq_ignore_ascii_case(number));
    let known = || {
        View::ALL
            .iter()
            .map(|view| view.names().0)
            .collect::<Vec<_>>()
            .join(", ")
    };
    found.ok_or_else(|| miette!("--view must be one of {}", known()))
}

fn as_value(change: &Change) -> serde_json::Value {
    json!({
        "view": change.view.names().0, "item": change.item, "field": change.field, "before": change.before, "after": change.after,
        "events": change.events,
    })
}

pub(crate) fn run(args: &LogArgs, wish: &DifferenceArgs) -> Result<ExitCode> {
    let views = wish
        .views
        .iter()
        .map(|number| view(number))
        .collect::<Result<Vec<View>>>()?;
    let from = point(Some(&wish.from), None, wish.stated)?;
    let to = wish
        .to
        .as_deref()
        .map_or(Ok(ReadingPoint::default()), |to| {
            point(Some(to), None, wish.stated)
        })?;
    let operator = open::open(args)?;
    let session = operator.session(open::developer(&args.municipality));
    let nothing = || miette!("there is no case {}", wish.case);
    let case = api::ids::stream(&args.municipality, &wish.case, api::ids::Kind::Case)
        .ok_or_else(nothing)?;
    if session.kind(case).into_diagnostic()?.is_none() {
        return Err(nothing());
    }
    let changes = session.difference(case, from, to).into_diagnostic()?;
    let changes: Vec<Change> = changes
        .into_iter()
        .filter(|change| views.is_empty() || views.contains(&change.view))
        .collect();
    if wish.json {
        let changes: Vec<_> = changes.iter().map(as_value).collect();
        terminal::say(&serde_json::to_string_pretty(&changes).into_diagnostic()?);
    } else {
        let mut last = None;
        for change in &changes {
            if last != Some(change.view) {
                let (number, name, _) = change.view.names();
                terminal::say(&format!("{number} {name}"));
                last = Some(change.view);
            }
            terminal::say(&format!("  {}", change.line()));
        }
        terminal::say(&format!("{} change(s)", changes.len()));
    }
    operator.close().into_diagnostic()?;
    Ok(ExitCode::SUCCESS)
}
