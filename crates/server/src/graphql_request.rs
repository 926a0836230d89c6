//! Requests of GraphQL over HTTP: what a body or a query string asks for.
//!
//! It does not know whether a request may be executed.

use api::unique_json;
use async_graphql::Variables;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use serde_json::{Value, json};

use crate::query_string;

/// The parameters of a request, as GraphQL over HTTP names them.
pub(crate) struct Parameters {
    pub(crate) query: String,
    pub(crate) operation: Option<String>,
    pub(crate) variables: Variables,
}

fn object(value: Option<&Value>, name: &str) -> Result<Value, String> {
    match value {
        None | Some(Value::Null) => Ok(json!({})),
        Some(map @ Value::Object(_)) => Ok(map.clone()),
        Some(_) => Err(format!("{name} must be a map")),
    }
}

/// The parameters in a body.
///
/// # Errors
/// What does not fit, in words.
pub(crate) fn parameters(body: &Value) -> Result<Parameters, String> {
    let Value::Object(members) = body else {
        return Err("the body must be a map".to_owned());
    };
    let query = members
        .get("query")
        .and_then(Value::as_str)
        .ok_or("query must be a text")?;
    let operation = match members.get("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name.clone()),
        Some(_) => return Err("operationName must be a text".to_owned()),
    };
    object(members.get("extensions"), "extensions")?;
    let variables = Variables::from_json(object(members.get("variables"), "variables")?);
    Ok(Parameters {
        query: query.to_owned(),
        operation,
        variables,
    })
}

/// The parameters of a GET request, from its query string.
///
/// # Errors
/// What does not fit, in words.
pub(crate) fn from_query_string(query: &str) -> Result<Parameters, String> {
    let mut body = serde_json::Map::new();
    let given = query_string::parameters(query).ok_or("the query string is malformed")?;
    for (name, value) in given {
        let value = match name.as_str() {
            "variables" | "extensions" => unique_json::parse(value.as_bytes())
                .map_err(|error| format!("{name} must be a map: {error}"))?,
            _ => Value::String(value),
        };
        body.insert(name, value);
    }
    parameters(&Value::Object(body))
}

/// The operation that the request means; null when the executor must say what is wrong.
pub(crate) fn kind(document: &ExecutableDocument, name: Option<&str>) -> Option<OperationType> {
    let mut chosen = document
        .operations
        .iter()
        .filter(|(known, _)| name.is_none() || known.map(|known| known.as_str()) == name);
    let (_, operation) = chosen.next()?;
    chosen.next().is_none().then_some(operation.node.ty)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_string_is_decoded() {
        let parameters =
            from_query_string("query=%7B+log%20%7Bsize%7D%7D&variables=%7B%22a%22:1%7D").unwrap();
        assert_eq!(parameters.query, "{ log {size}}");
        assert!(from_query_string("query=%G0").is_err());
        assert!(from_query_string("").is_err());
        assert!(from_query_string("query=%7B%7D&variables=[]").is_err());
    }
}
