//! The notification inbox: what was received and nobody has assessed, or matched to a case.

use std::process::ExitCode;

use app::session::Session;
use comfy_table::CellAlignment;
use domain::reading::ReadingPoint;
use domain::views::inbox::{Notification, notification};
use events::ids::StreamId;
use jiff::Timestamp;
use miette::{IntoDiagnostic, Result};
use serde_json::json;

use crate::cli::lists::InboxArgs;
use crate::cli::log::LogArgs;
use crate::open;
use crate::text::page;
use crate::text::page::Left;
use crate::text::table;

/// Whole hours since a notification was received; null when that was erased.
fn hours(row: &Notification, now: Timestamp) -> Option<i64> {
    let received = row.received?.earliest();
    Some(now.duration_since(received).as_hours())
}

fn assessed(row: &Notification, now: Timestamp) -> &'static str {
    let due = row.assessment_due();
    match row.assessed {
        Some(_) => "yes",
        None if due.is_some_and(|due| now > due) => "overdue",
        None => "no",
    }
}

fn as_value(row: &Notification, now: Timestamp) -> serde_json::Value {
    json!({
        "notification": row.stream, "received": row.received, "recordedAt": row.recorded_at, "hours": hours(row, now),
        "notifierKind": row.notifier_kind, "concerns": row.concerns, "suspicions": row.suspicions, "unborn": row.unborn,
        "assessed": row.assessed, "assessmentDue": row.assessment_due(), "cases": row.cases,
    })
}

fn table(rows: &[Notification], now: Timestamp) -> Vec<String> {
    let columns = [
        ("received", CellAlignment::Left),
        ("hours", CellAlignment::Right),
        ("assessed", CellAlignment::Left),
        ("matched", CellAlignment::Left),
        ("notification", CellAlignment::Left),
    ];
    let rows = rows.iter().map(|row| {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        [
            or_dash(row.received.map(|received| received.day().to_string())),
            or_dash(hours(row, now).map(|hours| hours.to_string())),
            assessed(row, now).to_owned(),
            if row.cases.is_empty() { "no" } else { "yes" }.to_owned(),
            row.stream.to_string(),
        ]
    });
    table::lines(columns, rows)
}

fn read(session: &Session, stream: StreamId) -> Result<Option<Notification>> {
    let reading = session
        .read(stream, ReadingPoint::default())
        .into_diagnostic()?;
    Ok(reading.and_then(|reading| notification(&reading, stream)))
}

pub(crate) fn run(args: &LogArgs, wish: &InboxArgs) -> Result<ExitCode> {
    let operator = open::open(args)?;
    open::make_lists(&operator)?;
    let session = operator.session(open::developer(&args.municipality));
    let at_least = Some(operator.public_log().size());
    let found = session
        .untouched_notifications(at_least)
        .into_diagnostic()?;
    let more = found.streams.len() > wish.limit;
    let mut rows = Vec::new();
    for stream in found.streams.into_iter().take(wish.limit) {
        rows.extend(read(&session, stream)?);
    }
    let now = operator.public_log().now();
    let values = rows.iter().map(|row| as_value(row, now));
    let values = wish.json.then(|| values.collect());
    let left = Left {
        more,
        limit: wish.limit,
        incomplete: 0,
        so: "",
    };
    page::print(values, || table(&rows, now), &left)?;
    operator.close().into_diagnostic()?;
    Ok(ExitCode::SUCCESS)
}
