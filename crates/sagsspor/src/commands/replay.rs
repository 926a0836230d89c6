//! Showing a case at a reading point.

use std::process::ExitCode;

use api::schema::{execute, schema};
use app::session::Session;
use async_graphql::{Request, Value, Variables};
use domain::reading::{Axis, Known, ReadingPoint, instant};
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use serde_json::json;

use crate::cli::case::ReplayArgs;
use crate::cli::log::LogArgs;
use crate::open;
use crate::text::{case_report, terminal};

/// The whole view of a case, as a client would ask for it.
const VIEW: &str = include_str!("case_view.graphql");

/// The point that the options mean.
pub(crate) fn point(
    known_at: Option<&str>,
    occurred_by: Option<&str>,
    stated: bool,
) -> Result<ReadingPoint> {
    let time = |text: &str, option: &'static str| instant(text).into_diagnostic().wrap_err(option);
    let known = known_at
        .map(|text| time(text, "--known-at"))
        .transpose()?
        .map_or(Known::Now, Known::At);
    let occurred_by = occurred_by
        .map(|text| time(text, "--occurred-by"))
        .transpose()?;
    Ok(ReadingPoint {
        known,
        occurred_by,
        axis: if stated { Axis::Stated } else { Axis::Recorded },
    })
}

/// Asks for a case as a client would; its answer as JSON, in the order of the schema. None when
/// there is no such case at that moment.
pub(crate) fn ask(
    session: Session,
    query: &str,
    variables: serde_json::Value,
) -> Result<Option<String>> {
    carry_out(
        Request::new(query)
            .variables(Variables::from_json(variables))
            .data(session),
    )
}

/// The same for a request that is made already, and bears the session that it reads by.
pub(crate) fn carry_out(request: Request) -> Result<Option<String>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .into_diagnostic()?;
    let response = runtime.block_on(execute(&schema(), request));
    if let Some(error) = response.errors.first() {
        return Err(miette!("{}", error.message));
    }
    let case = match &response.data {
        Value::Object(members) => members.get("case").filter(|case| **case != Value::Null),
        _ => None,
    };
    case.map(|case| serde_json::to_string_pretty(case).into_diagnostic())
        .transpose()
}

pub(crate) fn run(args: &LogArgs, wish: &ReplayArgs) -> Result<ExitCode> {
    let point = point(
        wish.known_at.as_deref(),
        wish.occurred_by.as_deref(),
        wish.stated,
    )?;
    let operator = open::open(args)?;
    let session = operator.session(open::developer(&args.municipality));
    let nothing = || miette!("there is no case {} at that moment", wish.case);
    if wish.json {
        let at = json!({ "knownAt": wish.known_at, "occurredBy": wish.occurred_by, "axis": if wish.stated { "STATED" } else { "RECORDED" } });
        let case = ask(session, VIEW, json!({ "id": wish.case, "at": at }))?.ok_or_else(nothing)?;
        terminal::say(&case);
    } else {
        let stream = api::ids::stream(&args.municipality, &wish.case, api::ids::Kind::Case)
            .ok_or_else(nothing)?;
        let reading = session
            .read(stream, point)
            .into_diagnostic()?
            .ok_or_else(nothing)?;
        case_report::case(&reading, stream)
            .iter()
            .for_each(|line| terminal::say(line));
    }
    operator.close().into_diagnostic()?;
    Ok(ExitCode::SUCCESS)
}
