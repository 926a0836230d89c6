//! Recording a file of commands through the same schema that the network sees.
//!
//! Each line is an object with `mutation`, `actor` and `input`. Commands have fixed ids, so a
//! line that was recorded before is passed over when the file is run again.

use std::fmt;

use api::schema::{CaseSchema, schema};
use app::access::viewer::{Purpose, Viewer};
use app::clock::SetClock;
use app::operations::operator::Operator;
use async_graphql::{Request, Variables};
use events::meta::{Actor, Role};
use indicatif::ProgressBar;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Why an import stopped: at which line, about which field, by which rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[diagnostic(help(
    "everything before this line is recorded; mend the line and run the import again"
))]
pub(crate) struct ImportError {
    /// Line in the file, from 1.
    pub(crate) line: usize,
    /// Path of the field, where one is to blame.
    pub(crate) field: Option<String>,
    /// Code of the rule.
    pub(crate) rule: String,
    /// What is wrong.
    pub(crate) message: String,
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.rule)?;
        if let Some(field) = &self.field {
            write!(f, ", field {field}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Imported {
    /// Commands recorded.
    pub(crate) recorded: usize,
    /// Commands that had been recorded before.
    pub(crate) repeated: usize,
}

struct Line {
    mutation: String,
    viewer: Viewer,
    input: Value,
}

/// Records every line. With a clock that can be set, each is recorded at the time that its
/// `source` states, and the statement is left out because the log's own time says it.
pub(crate) async fn import(
    operator: &Operator,
    text: &str,
    clock: Option<&SetClock>,
    bar: &ProgressBar,
) -> Result<Imported, ImportError> {
    let schema = schema();
    let mut imported = Imported::default();
    for (number, text) in (1..).zip(text.lines()) {
        if !text.trim().is_empty() {
            let mut line = read(number, text, operator)?;
            if let Some(clock) = clock {
                clock.set(take_recorded_at(number, &mut line.input)?);
            }
            if filled_before(operator, number, &mut line.input)?
                || record(&schema, operator, number, line).await?
            {
                imported.repeated += 1;
            } else {
                imported.recorded += 1;
            }
        }
        bar.inc(1);
    }
    Ok(imported)
}

fn malformed(line: usize, field: &str, message: impl fmt::Display) -> ImportError {
    let field = (!field.is_empty()).then(|| field.to_owned());
    ImportError {
        line,
        field,
        rule: "MALFORMED".to_owned(),
        message: message.to_string(),
    }
}

fn read(number: usize, text: &str, operator: &Operator) -> Result<Line, ImportError> {
    let mut line: Value =
        serde_json::from_str(text).map_err(|error| malformed(number, "", error))?;
    let Value::Object(members) = &mut line else {
        return Err(malformed(number, "", "a line must be an object"));
    };
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

fn take_recorded_at(number: usize, input: &mut Value) -> Result<Timestamp, ImportError> {
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

/// Puts in what only the log can tell. A line that was recorded before told something else then, so
/// it is recognised by its command id alone.
fn filled_before(
    operator: &Operator,
    number: usize,
    input: &mut Value,
) -> Result<bool, ImportError> {
    let facts = input
        .get_mut("facts")
        .filter(|facts| app::commands::placeholders::holds_marker(facts));
    let Some(facts) = facts else { return Ok(false) };
    operator
        .fill_placeholders(facts)
        .map_err(|error| malformed(number, "input.facts", error))?;
    let command = input
        .get("commandId")
        .and_then(Value::as_str)
        .and_then(|id| id.parse().ok());
    let command = command
        .ok_or_else(|| malformed(number, "input.commandId", "must be a uuid that is not nil"))?;
    operator
        .was_carried_out(command)
        .map_err(|error| malformed(number, "input.commandId", error))
}

/// A line whose mutation was not carried out.
fn failed(line: usize, error: &async_graphql::ServerError) -> ImportError {
    let code = error
        .extensions
        .as_ref()
        .and_then(|extensions| extensions.get("code"));
    let rule = match code {
        Some(async_graphql::Value::String(code)) => code.clone(),
        _ => "MALFORMED".to_owned(),
    };
    let field = match error
        .extensions
        .as_ref()
        .and_then(|extensions| extensions.get("field"))
    {
        Some(async_graphql::Value::String(field)) => Some(field.clone()),
        _ => None,
    };
    let prefix = field
        .as_ref()
        .map(|field| format!("{field}: "))
        .unwrap_or_default();
    let message = error
        .message
        .strip_prefix(&prefix)
        .unwrap_or(&error.message)
        .to_owned();
    ImportError {
        line,
        field,
        rule,
        message,
    }
}

/// A line whose payload says what does not fit.
fn misfit(line: usize, error: &Value) -> ImportError {
    let text = |name: &str| {
        error
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let path: Vec<&str> = error
        .get("path")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    ImportError {
        line,
        field: Some(path.join(".")),
        rule: text("code"),
        message: text("message"),
    }
}

/// Executes the mutation; answers whether the command had been recorded before.
async fn record(
    schema: &CaseSchema,
    operator: &Operator,
    line: usize,
    Line {
        mutation,
        viewer,
        input,
    }: Line,
) -> Result<bool, ImportError> {
    let mut letters = mutation.chars();
    let kind: String = letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect();
    let query = format!(
        "mutation($input: {kind}Input!) {{ outcome: {mutation}(input: $input) {{ repeated receipt {{ position }} userErrors {{ code path message }} }} }}"
    );
    let request = Request::new(query)
        .variables(Variables::from_json(json!({ "input": input })))
        .data(operator.session(viewer));
    let response = api::schema::execute(schema, request).await;
    if let Some(error) = response.errors.first() {
        return Err(failed(line, error));
    }
    let data = response.data.into_json().unwrap_or_default();
    let outcome = data.get("outcome").cloned().unwrap_or_default();
    if let Some(error) = outcome
        .get("userErrors")
        .and_then(Value::as_array)
        .and_then(|errors| errors.first())
    {
        return Err(misfit(line, error));
    }
    Ok(outcome
        .get("repeated")
        .and_then(Value::as_bool)
        .unwrap_or(false))
}
