//! What becomes of a request beside GraphQL, and how that is told in JSON: like a mutation's payload,
//! so that a client reads receipts and user errors in one way.
//!
//! It knows neither statuses nor headers; `server/answers.rs` has a status for each outcome.

use app::log::sequencer::Receipt;
use serde_json::{Value, json};

use crate::error::UserError;
use crate::fault::{Fault, FaultCode};
use crate::payload;
use crate::user_error_code::UserErrorCode;

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was recorded, as the event with that receipt.
    Recorded(Receipt),
    /// It had been recorded before.
    Repeated(Receipt),
    /// Its author can mend it; the code says how.
    Refused(UserErrorCode),
    /// Its author cannot.
    Failed(FaultCode),
}

/// An answer in JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What became of the request.
    pub outcome: Outcome,
    /// `receipt`, `receipts`, `repeated` and `userErrors`; or `errors` where it failed.
    pub body: Value,
}

impl Answer {
    /// Whether the same request may be answered otherwise in a while.
    #[must_use]
    pub const fn passes(&self) -> bool {
        match self.outcome {
            Outcome::Recorded(_) | Outcome::Repeated(_) | Outcome::Refused(_) => false,
            Outcome::Failed(code) => code.passes(),
        }
    }
}

impl From<Fault> for Answer {
    fn from(fault: Fault) -> Self {
        failed(&fault.message, fault.code)
    }
}

/// The answer to a request that its author can mend.
#[must_use]
pub fn refused(mut error: UserError) -> Answer {
    // A mutation nests its arguments, a request has them side by side.
    let last = error.path.pop().filter(|last| last != "input");
    error.path = last.into_iter().collect();
    all_refused(&error, &[])
}

/// The same, where each error names its place in the request. The first one gives the status.
#[must_use]
pub fn all_refused(first: &UserError, others: &[UserError]) -> Answer {
    let errors: Vec<Value> = std::iter::once(first)
        .chain(others)
        .map(user_error_json)
        .collect();
    let body = json!({ "receipt": null, "receipts": [], "repeated": false, "userErrors": errors });
    Answer {
        outcome: Outcome::Refused(first.code),
        body,
    }
}

/// The answer to a request that failed.
#[must_use]
pub fn failed(message: &str, code: FaultCode) -> Answer {
    Answer {
        outcome: Outcome::Failed(code),
        body: errors_json(message, code),
    }
}

/// One top-level error, in the form of GraphQL.
#[must_use]
pub fn errors_json(message: &str, code: FaultCode) -> Value {
    json!({ "errors": [{ "message": message, "extensions": { "code": code.as_str() } }] })
}

pub(crate) fn receipt_json(receipt: &Receipt) -> Value {
    let view = payload::Receipt::from(receipt);
    json!({
        "position": view.position,
        "leafHash": view.leaf_hash,
        "stream": view.stream,
        "version": view.version,
        "event": view.event,
        "recordedAt": view.recorded_at.to_string(),
    })
}

fn user_error_json(error: &UserError) -> Value {
    json!({
        "code": error.code.as_str(),
        "number": error.code.number(),
        "path": error.path,
        "message": error.message,
        "messageDanish": error.message_danish,
        "actualVersion": error.actual_version,
    })
}
