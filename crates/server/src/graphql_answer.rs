//! Answers to GraphQL: their form, which the client chooses, and their status. A request that was not
//! executed has no `data` in its answer.
//!
//! It executes nothing.

use api::answer_size::TOO_LARGE_MESSAGE;
use api::fault::FaultCode;
use api::rest::outcome::errors_json;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::answers::fault;

const GRAPHQL: &str = "application/graphql-response+json";
pub(crate) const JSON: &str = "application/json";

/// The form of an answer that the client takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Graphql,
    Json,
}

/// Chooses by the quality values of `Accept`; null when neither form is taken.
pub(crate) fn form(headers: &HeaderMap) -> Option<Form> {
    let Some(accept) = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()) else {
        return Some(Form::Json);
    };
    let mut best: Option<(f32, Form)> = None;
    for range in accept.split(',') {
        let mut fields = range.split(';').map(str::trim);
        let form = match fields.next().unwrap_or_default() {
            GRAPHQL => Form::Graphql,
            JSON | "*/*" | "application/*" => Form::Json,
            _ => continue,
        };
        let quality = fields
            .find_map(|field| field.strip_prefix("q="))
            .and_then(|q| q.parse().ok())
            .unwrap_or(1.0);
        if quality > 0.0 && best.is_none_or(|(known, _)| quality > known) {
            best = Some((quality, form));
        }
    }
    best.map(|(_, form)| form)
}

fn answer(form: Form, status: StatusCode, body: &Value) -> Response {
    answer_text(form, status, body.to_string())
}

fn answer_text(form: Form, status: StatusCode, body: String) -> Response {
    let media = match form {
        Form::Graphql => "application/graphql-response+json; charset=utf-8",
        Form::Json => "application/json; charset=utf-8",
    };
    let headers = [
        (CONTENT_TYPE, media),
        (VARY, "Accept"),
        (CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}

/// A request that is turned down before it could be executed, with the status of the code.
pub(crate) fn refused(form: Form, message: &str, code: FaultCode) -> Response {
    answer(form, fault(code), &errors_json(message, code))
}

/// A request that was not executed: its status says so in the newer form only.
pub(crate) fn unexecuted(form: Form, body: &Value) -> Response {
    let status = if form == Form::Graphql {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    answer(form, status, body)
}

/// The answer to a request that was executed, or found not to be fit for it.
pub(crate) fn written(
    form: Form,
    response: &async_graphql::Response,
    answer_bytes_max: usize,
) -> Response {
    // An error without a path was found before execution began: there is no data to speak of.
    let executed =
        response.errors.is_empty() || response.errors.iter().any(|error| !error.path.is_empty());
    let broken = |fault: serde_json::Error| refused(form, &fault.to_string(), FaultCode::Internal);
    if executed {
        // Written as it stands: members keep the order of the selection.
        return match serde_json::to_string(response) {
            Ok(body) if body.len() > answer_bytes_max => answer(form, StatusCode::OK, &too_large()),
            Ok(body) => answer_text(form, StatusCode::OK, body),
            Err(fault) => broken(fault),
        };
    }
    let mut body = match serde_json::to_value(response) {
        Ok(body) => body,
        Err(fault) => return broken(fault),
    };
    if let Value::Object(members) = &mut body {
        members.remove("data");
        for fault in members
            .get_mut("errors")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
            .filter_map(Value::as_object_mut)
        {
            fault
                .entry("extensions")
                .or_insert_with(|| json!({ "code": FaultCode::GraphqlValidationFailed.as_str() }));
        }
    }
    unexecuted(form, &body)
}

/// What takes the place of an answer that is too large.
fn too_large() -> Value {
    let mut told = errors_json(TOO_LARGE_MESSAGE, FaultCode::AnswerTooLarge);
    if let Value::Object(members) = &mut told {
        members.insert("data".to_owned(), Value::Null);
    }
    told
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn accept(text: &str) -> Option<Form> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_str(text).unwrap());
        form(&headers)
    }

    #[test]
    fn the_form_of_the_answer_follows_the_wish_of_the_client() {
        assert_eq!(form(&HeaderMap::new()), Some(Form::Json));
        assert_eq!(accept("*/*"), Some(Form::Json));
        assert_eq!(
            accept("application/graphql-response+json; charset=utf-8, application/json; q=0.9"),
            Some(Form::Graphql)
        );
        assert_eq!(
            accept("application/graphql-response+json;q=0.5, application/json"),
            Some(Form::Json)
        );
        assert_eq!(accept("text/html"), None);
    }
}
