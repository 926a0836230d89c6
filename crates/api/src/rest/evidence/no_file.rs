//! The answers to a request for evidence that is given no file.
//!
//! The file itself is no answer in JSON: `server/evidence.rs` hands it out.

use std::io;

use app::error::{ReadError, RecordError};
use app::evidence::bundle::BundleError;
use app::evidence::dossier::{DisclosureError, Earlier};
use domain::refusal::{Refusal, RefusalCode};
use serde_json::{Value, json};

use crate::error::{UserError, user_error};
use crate::fault::FaultCode;
use crate::rest::outcome::{Answer, all_refused, failed, receipt_json};
use crate::user_error_code::UserErrorCode;

fn unreadable(error: &ReadError) -> Answer {
    match error {
        ReadError::Forbidden(_) => failed("not permitted", FaultCode::Forbidden),
        ReadError::ErasedMeanwhile { .. } => failed(
            "something was erased while it was read, try again",
            FaultCode::TryAgain,
        ),
        ReadError::Store(_)
        | ReadError::Keys(_)
        | ReadError::Damaged { .. }
        | ReadError::KeyMissing { .. }
        | ReadError::CatalogueNotHeld { .. }
        | ReadError::History(_) => {
            tracing::error!(error = ?error, "evidence could not be read");
            failed("the record could not be read", FaultCode::Internal)
        }
    }
}

fn unknown(path: &str) -> Answer {
    let mut error = UserError::from(Refusal {
        code: RefusalCode::StreamUnknown,
        field: None,
    });
    error.path = vec![path.to_owned()];
    all_refused(&error, &[])
}

/// Whether the client went away while its file was made. That is no failure, so it is not logged.
fn broken_off(error: &(dyn std::error::Error + 'static)) -> bool {
    let kinds = std::iter::successors(Some(error), |error| error.source())
        .filter_map(|error| error.downcast_ref::<io::Error>());
    kinds
        .map(io::Error::kind)
        .any(|kind| kind == io::ErrorKind::BrokenPipe)
}

/// The answer to a bundle that could not be made.
#[must_use]
pub fn no_bundle(error: BundleError) -> Answer {
    match error {
        BundleError::Forbidden(_) => failed("not permitted", FaultCode::Forbidden),
        BundleError::NoStream(_) => unknown("stream"),
        BundleError::NobodyLooked(_) => {
            let (english, danish) = (
                "The access log tells of no look at this case.",
                "Adgangsloggen kender intet opslag i sagen.",
            );
            let path = vec!["stream".to_owned()];
            let error = UserError::plain(UserErrorCode::NobodyLooked, path, english, danish);
            all_refused(&error, &[])
        }
        BundleError::Pinned { .. } => {
            all_refused(&UserError::misfit("pinned", &error.to_string()), &[])
        }
        BundleError::NotWitnessed { .. } => failed(&error.to_string(), FaultCode::NotWitnessed),
        BundleError::Read(error) => unreadable(&error),
        BundleError::Record(error) => not_recorded(error),
        BundleError::Write(error) if broken_off(&*error) => {
            failed("the request was broken off", FaultCode::BrokenOff)
        }
        BundleError::NothingWithheld { .. }
        | BundleError::Checkpoint(_)
        | BundleError::Note(_)
        | BundleError::Write(_) => {
            tracing::error!(error = ?error, "evidence could not be made");
            failed("the evidence could not be made", FaultCode::Internal)
        }
    }
}

/// A refusal with the names of the request: an order for a dossier has `withhold` where a mutation has
/// `redactions`, and `case` where it has `stream`.
fn not_recorded(error: RecordError) -> Answer {
    if let RecordError::Read(error) = &error {
        return unreadable(error);
    }
    let mut error = match user_error(error) {
        Ok(error) => error,
        Err(fault) => return fault.into(),
    };
    let inner = error
        .path
        .iter()
        .skip_while(|step| ["input", "facts"].contains(&step.as_str()));
    error.path = inner
        .map(|step| match step.as_str() {
            "redactions" => "withhold".to_owned(),
            step => step.to_owned(),
        })
        .collect();
    if error.path.first().is_some_and(|step| step == "stream")
        || error.path.is_empty() && error.code == UserErrorCode::Refused(RefusalCode::StreamUnknown)
    {
        error.path = vec!["case".to_owned()];
    }
    all_refused(&error, &[])
}

fn carried_out(earlier: &Earlier) -> Answer {
    let error = UserError::plain(
        UserErrorCode::CommandAlreadyCarriedOut,
        vec!["commandId".to_owned()],
        &format!(
            "This command gave the case out before: {earlier}. Another file needs another command."
        ),
        "Med denne kommando er sagen allerede udleveret. En ny fil kræver en ny kommando.",
    );
    let mut answer = all_refused(&error, &[]);
    if let Value::Object(body) = &mut answer.body {
        let receipt = receipt_json(&earlier.receipt);
        body.insert("receipts".to_owned(), json!([&receipt]));
        body.insert("receipt".to_owned(), receipt);
        body.insert("repeated".to_owned(), json!(true));
        body.insert(
            "sha256".to_owned(),
            json!(earlier.sha256.map(|sha256| sha256.to_string())),
        );
    }
    answer
}

/// The answer to a dossier that was not given out.
#[must_use]
pub fn no_dossier(error: DisclosureError) -> Answer {
    match error {
        DisclosureError::Forbidden(_) => failed("not permitted", FaultCode::Forbidden),
        DisclosureError::Record(error) => not_recorded(error),
        DisclosureError::Bundle(BundleError::NoStream(_)) => unknown("case"),
        DisclosureError::Bundle(error) => no_bundle(error),
        DisclosureError::CarriedOut(earlier) => carried_out(&earlier),
    }
}

/// The answer to a body whose content type is not JSON.
#[must_use]
pub fn no_json() -> Answer {
    failed(
        "the content type must be application/json",
        FaultCode::UnsupportedMediaType,
    )
}

/// The answer while as many files as may be are made or on their way.
#[must_use]
pub fn busy() -> Answer {
    failed(
        "too much evidence is being handed out, try again",
        FaultCode::Busy,
    )
}
