//! A line of a file of commands: what it must look like, and what it names.

use std::collections::BTreeSet;

use app::access::viewer::{Purpose, Viewer};
use app::commands::placeholders::holds_marker;
use app::operations::operator::Operator;
use events::meta::{Actor, Role};
use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::ImportError;
use super::order::After;

/// Facts about the log as a whole: they speak of everything before them.
const OF_THE_LOG: [&str; 3] = ["orderErasure", "recordIntegrityCheck", "activateRuleSet"];

/// Members of an input that name commands and events. An event is named together with its stream.
const NOT_THINGS: [&str; 4] = ["commandId", "eventId", "event", "causation"];

pub(super) struct Line {
    /// What its file calls it.
    pub(super) row: Option<String>,
    pub(super) mutation: String,
    pub(super) viewer: Viewer,
    pub(super) input: Value,
}

impl Line {
    /// What must be recorded before it.
    pub(super) fn after(&self) -> After {
        if OF_THE_LOG.contains(&self.mutation.as_str()) || holds_marker(&self.input) {
            return After::Everything;
        }
        let mut things = BTreeSet::new();
        things_in(&self.input, &mut things);
        After::Connected(things)
    }
}

/// The cases, persons and things that a value names.
fn things_in(value: &Value, things: &mut BTreeSet<Uuid>) {
    match value {
        Value::String(text) => things.extend(text.parse::<Uuid>().ok()),
        Value::Array(items) => items.iter().for_each(|item| things_in(item, things)),
        Value::Object(members) => {
            let of_things = members
                .iter()
                .filter(|(name, _)| !NOT_THINGS.contains(&name.as_str()));
            of_things.for_each(|(_, value)| things_in(value, things));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

pub(super) fn malformed(line: usize, field: &str, message: impl std::fmt::Display) -> ImportError {
    let field = (!field.is_empty()).then(|| field.to_owned());
    ImportError {
        line,
        row: None,
        field,
        rule: "MALFORMED".to_owned(),
        message: message.to_string(),
    }
}

pub(super) fn read(number: usize, text: &str, operator: &Operator) -> Result<Line, ImportError> {
    let mut line: Value = api::unique_json::parse(text.as_bytes())
        .map_err(|error| malformed(number, "", in_line(&error)))?;
    let Value::Object(members) = &mut line else {
        return Err(malformed(number, "", "a line must be an object"));
    };
    let row = members.get("row").filter(|row| !row.is_null());
    let row = row.map(|row| row.as_str().map_or_else(|| row.to_string(), str::to_owned));
    of_members(number, members, operator, row.clone()).map_err(|error| error.of_row(row.as_ref()))
}

/// What is wrong with a line, without the line number of the parser, which is always 1.
fn in_line(error: &serde_json::Error) -> String {
    error.to_string().replace(" at line 1 column", " at column")
}

fn of_members(
    number: usize,
    members: &mut Map<String, Value>,
    operator: &Operator,
    row: Option<String>,
) -> Result<Line, ImportError> {
    for name in members.keys() {
        if !["row", "mutation", "actor", "input"].contains(&name.as_str()) {
            return Err(malformed(
                number,
                name,
                "unknown member; a line has mutation, actor, input and, if wanted, row",
            ));
        }
    }
    let mutation = members
        .get("mutation")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    // The name becomes part of a query, so it must be a name and nothing else.
    if mutation.is_empty() || !mutation.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(malformed(
            number,
            "mutation",
            "must be the name of a mutation",
        ));
    }
    let viewer = viewer(members.get("actor"), operator)
        .ok_or_else(|| malformed(number, "actor", "must have an id and a role"))?;
    let input = members
        .remove("input")
        .filter(Value::is_object)
        .ok_or_else(|| malformed(number, "input", "must be an object"))?;
    Ok(Line {
        row,
        mutation,
        viewer,
        input,
    })
}

fn viewer(actor: Option<&Value>, operator: &Operator) -> Option<Viewer> {
    let actor = actor?.as_object()?;
    let role: Role = serde_json::from_value(actor.get("role")?.clone()).ok()?;
    let id = actor
        .get("id")?
        .as_str()
        .filter(|id| !id.is_empty())?
        .to_owned();
    let unit = actor.get("unit").and_then(Value::as_str).map(str::to_owned);
    let municipality = operator.layout().municipality().code().to_owned();
    Some(Viewer {
        actor: Actor {
            id,
            role,
            unit,
            municipality,
        },
        purpose: Purpose::Import,
    })
}

pub(super) fn take_recorded_at(number: usize, input: &mut Value) -> Result<Timestamp, ImportError> {
    let source = input
        .as_object_mut()
        .and_then(|input| input.remove("source"));
    let at = source
        .as_ref()
        .and_then(|source| source.get("recordedAt"))
        .and_then(Value::as_str);
    at.and_then(|at| at.parse().ok())
        .ok_or_else(|| malformed(number, "input.source.recordedAt", "must be an instant"))
}
