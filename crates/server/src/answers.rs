//! Answers beside GraphQL: which status goes with what became of a request, and the JSON that says so.
//!
//! It decides nothing: outcome and body are those of `api`.

use api::rest::documents::{Answer, Outcome};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

pub(crate) fn respond(status: StatusCode, answer: &Answer) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    (status, headers, answer.body.to_string()).into_response()
}

/// The status that goes with an answer.
#[must_use]
pub fn status(outcome: &Outcome) -> StatusCode {
    match outcome {
        Outcome::Recorded(_) => StatusCode::CREATED,
        Outcome::Repeated(_) => StatusCode::OK,
        Outcome::Refused(code) => match code.as_str() {
            "BAD_USER_INPUT" | "DOCUMENT_INCOMPLETE" => StatusCode::BAD_REQUEST,
            "ROLE_NOT_ALLOWED" => StatusCode::FORBIDDEN,
            "STREAM_UNKNOWN" | "NOBODY_LOOKED" => StatusCode::NOT_FOUND,
            "COMMAND_ALREADY_CARRIED_OUT" => StatusCode::CONFLICT,
            "DOCUMENT_TOO_LARGE" => StatusCode::PAYLOAD_TOO_LARGE,
            "MEDIA_TYPE_NOT_ALLOWED" | "MEDIA_TYPE_MISMATCH" => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        },
        Outcome::Failed(code) => match code.as_str() {
            "FORBIDDEN" => StatusCode::FORBIDDEN,
            "NOT_FOUND" => StatusCode::NOT_FOUND,
            "UNSUPPORTED_MEDIA_TYPE" => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "BODY_TOO_LARGE" => StatusCode::PAYLOAD_TOO_LARGE,
            "NOT_WRITTEN" | "OUTCOME_UNKNOWN" | "STORE_STOPPED" | "CLOCK_REFUSED" | "BUSY"
            | "NOT_WITNESSED" | "TRY_AGAIN" => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        },
    }
}
