//! Carrying a line out through the schema, and what is told when it cannot be.

use api::schema::CaseSchema;
use app::operations::operator::Operator;
use async_graphql::{Request, Variables};
use serde_json::{Value, json};

use super::ImportError;
use super::line::{Line, malformed};
use crate::text::user_errors::user_errors;

/// Puts in what only the log can tell. A line that was recorded before told something else then, so
/// it is recognised by its command id alone.
pub(super) fn filled_before(
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
        row: None,
        field,
        rule,
        message,
    }
}

/// Executes the mutation; answers whether the command had been recorded before.
pub(super) async fn record(
    schema: &CaseSchema,
    operator: &Operator,
    line: usize,
    Line {
        mutation,
        viewer,
        input,
        ..
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
    if let Some(error) = user_errors(&outcome).next() {
        return Err(ImportError {
            line,
            row: None,
            field: Some(error.field),
            rule: error.rule,
            message: error.message,
        });
    }
    Ok(outcome
        .get("repeated")
        .and_then(Value::as_bool)
        .unwrap_or(false))
}
