//! Statuses: which one goes with each kind of user error and each fault, over GraphQL and beside it, and
//! the JSON answer that has it. All is matched without `_`: a new code does not compile before somebody
//! has chosen. Which refusal is of which kind is said in `api/user_error_code.rs`.
//!
//! It decides nothing else: outcome and body are those of `api`.

use api::fault::FaultCode;
use api::rest::outcome::{Answer, Outcome};
use api::user_error_code::UserErrorKind;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// An answer beside GraphQL.
pub(crate) fn respond(answer: &Answer) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    let body = answer.body.to_string();
    (status(&answer.outcome), headers, body).into_response()
}

/// The status that goes with an outcome.
#[must_use]
pub const fn status(outcome: &Outcome) -> StatusCode {
    match outcome {
        Outcome::Recorded(_) => StatusCode::CREATED,
        Outcome::Repeated(_) => StatusCode::OK,
        Outcome::Refused(code) => user_error(code.kind()),
        Outcome::Failed(code) => fault(*code),
    }
}

const fn user_error(kind: UserErrorKind) -> StatusCode {
    match kind {
        UserErrorKind::Malformed => StatusCode::BAD_REQUEST,
        UserErrorKind::NotPermitted => StatusCode::FORBIDDEN,
        UserErrorKind::NotFound => StatusCode::NOT_FOUND,
        UserErrorKind::AlreadyDone => StatusCode::CONFLICT,
        UserErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        UserErrorKind::WrongMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        UserErrorKind::AgainstRule => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// The status that goes with a fault. Over GraphQL it holds for a request that was not executed: one
/// that was is answered with 200, and its errors stand inside.
pub(crate) const fn fault(code: FaultCode) -> StatusCode {
    match code {
        FaultCode::BadRequest
        | FaultCode::QueryTooLarge
        | FaultCode::GraphqlParseFailed
        | FaultCode::GraphqlValidationFailed => StatusCode::BAD_REQUEST,
        FaultCode::Forbidden | FaultCode::OriginNotAllowed => StatusCode::FORBIDDEN,
        FaultCode::NotFound => StatusCode::NOT_FOUND,
        FaultCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        FaultCode::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
        FaultCode::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
        FaultCode::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        FaultCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        FaultCode::HostNotAllowed => StatusCode::MISDIRECTED_REQUEST,
        FaultCode::Busy
        | FaultCode::TimedOut
        | FaultCode::TryAgain
        | FaultCode::NotWritten
        | FaultCode::StoreStopped
        | FaultCode::ClockRefused
        | FaultCode::OutcomeUnknown
        | FaultCode::NotWitnessed => StatusCode::SERVICE_UNAVAILABLE,
        FaultCode::BrokenOff | FaultCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        // They stand inside answers to executed GraphQL requests and are never a status.
        FaultCode::BadUserInput
        | FaultCode::AnswerTooLarge
        | FaultCode::TooManyCases
        | FaultCode::CatalogueNotHeld
        | FaultCode::Abandoned => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
