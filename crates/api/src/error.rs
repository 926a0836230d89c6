//! How errors of use cases are told: as a user error where the author of the command can mend it, as a
//! fault otherwise. Which error gets which code is matched without `_`, so that a new kind of error
//! does not compile before somebody has chosen.
//!
//! It does not know HTTP statuses; `server` has one for each code.

use app::error::{ReadError, RecordError};
use app::rows::lists::ListError;
use async_graphql::{ComplexObject, Error, SimpleObject};
use domain::refusal::Refusal;

use crate::fault::{Fault, FaultCode};
use crate::user_error_code::UserErrorCode;

/// Why a command was not carried out, to be shown to its author.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
#[graphql(complex)]
pub struct UserError {
    /// Why.
    #[graphql(skip)]
    pub code: UserErrorCode,
    /// The field, as a path into the mutation's arguments.
    pub path: Vec<String>,
    /// A sentence in English.
    pub message: String,
    /// A sentence in Danish.
    pub message_danish: String,
    /// The stream's version, where the command conflicts with it.
    pub actual_version: Option<u64>,
}

#[ComplexObject]
impl UserError {
    /// Stable code, for example `CASE_CLOSED`.
    async fn code(&self) -> &str {
        self.code.as_str()
    }

    /// The code's number in the order of precedence.
    async fn number(&self) -> Option<u16> {
        self.code.number()
    }
}

/// Fields of an input that stand beside the facts.
const CIRCUMSTANCES: &[&str] = &[
    "stream",
    "expected_version",
    "also_cases",
    "occurred",
    "effective_to",
    "source",
    "journal",
    "target",
    "field",
    "value",
    "values",
    "elements",
    "element",
    "subject",
    "part",
    "approved_by",
    "targets",
];

fn camel(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        if c == '_' {
            upper = true;
        } else if upper {
            out.extend(c.to_uppercase());
            upper = false;
        } else {
            out.push(c);
        }
    }
    out
}

impl UserError {
    /// An argument that does not fit, by the rule that it breaks.
    #[must_use]
    pub fn misfit(argument: &str, rule: &str) -> Self {
        let danish = "Feltet er ikke udfyldt, som det skal.";
        Self::plain(
            UserErrorCode::BadUserInput,
            vec![argument.to_owned()],
            rule,
            danish,
        )
    }

    pub(crate) fn plain(
        code: UserErrorCode,
        path: Vec<String>,
        english: &str,
        danish: &str,
    ) -> Self {
        let (message, message_danish) = (english.to_owned(), danish.to_owned());
        Self {
            code,
            path,
            message,
            message_danish,
            actual_version: None,
        }
    }
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        let mut path = vec!["input".to_owned()];
        if let Some(field) = &refusal.field {
            let first = field.split('.').next().unwrap_or_default();
            if !CIRCUMSTANCES.contains(&first) {
                path.push("facts".to_owned());
            }
            path.extend(field.split('.').map(camel));
        }
        Self {
            code: UserErrorCode::Refused(refusal.code),
            path,
            message: refusal.code.english().to_owned(),
            message_danish: refusal.code.danish().to_owned(),
            actual_version: None,
        }
    }
}

/// An error in one field of a mutation's input.
fn in_input(code: UserErrorCode, field: &str, english: &str, danish: &str) -> UserError {
    let path = vec!["input".to_owned(), field.to_owned()];
    UserError::plain(code, path, english, danish)
}

/// Tells what the author of a command can mend from what is a fault.
///
/// # Errors
/// The fault, where the author cannot mend it. What the log of the server does not have yet is
/// written there.
pub fn user_error(error: RecordError) -> Result<UserError, Fault> {
    let code = match error {
        RecordError::Refused(refusal) => return Ok(refusal.into()),
        RecordError::Conflict { actual, .. } => {
            return Ok(UserError {
                actual_version: Some(actual.get()),
                ..in_input(
                    UserErrorCode::VersionConflict,
                    "expectedVersion",
                    "Somebody else recorded something meanwhile.",
                    "En anden har registreret noget i mellemtiden.",
                )
            });
        }
        RecordError::CommandIdReused(_) => {
            return Ok(in_input(
                UserErrorCode::CommandIdReused,
                "commandId",
                "This command id was used for another input.",
                "Dette kommando-id er brugt til et andet input.",
            ));
        }
        RecordError::EventIdUsed(_) => {
            return Ok(in_input(
                UserErrorCode::EventIdUsed,
                "eventId",
                "Another event has this id.",
                "En anden hændelse har dette id.",
            ));
        }
        RecordError::Incomplete(_) => {
            return Ok(in_input(
                UserErrorCode::DocumentIncomplete,
                "content",
                "The document did not arrive whole.",
                "Dokumentet nåede ikke helt frem.",
            ));
        }
        RecordError::Forbidden(_) | RecordError::Read(ReadError::Forbidden(_)) => {
            return Err(not_permitted());
        }
        RecordError::NotWritten(_) | RecordError::Abandoned => FaultCode::NotWritten,
        RecordError::Stopped(_) => FaultCode::StoreStopped,
        RecordError::ClockRefused(_) => FaultCode::ClockRefused,
        RecordError::Unknown(_) => FaultCode::OutcomeUnknown,
        RecordError::InFlight
        | RecordError::Moved
        | RecordError::NotErased { .. }
        | RecordError::Read(
            ReadError::Store(_)
            | ReadError::Keys(_)
            | ReadError::Damaged { .. }
            | ReadError::KeyMissing { .. }
            | ReadError::ErasedMeanwhile { .. }
            | ReadError::CatalogueNotHeld { .. }
            | ReadError::History(_),
        ) => FaultCode::Internal,
    };
    log_failed_command(&error);
    Err(Fault::new(code, error.to_string()))
}

/// Logs why a command failed, unless the log has it: that the store has stopped and that the clock is
/// refused is logged once, where it is found, and not again for every command.
fn log_failed_command(error: &RecordError) {
    let known = matches!(
        error,
        RecordError::Abandoned | RecordError::Stopped(_) | RecordError::ClockRefused(_)
    );
    if !known {
        tracing::error!(error = ?error, "a command failed");
    }
}

fn not_permitted() -> Fault {
    Fault::new(FaultCode::Forbidden, "not permitted")
}

/// The top-level error of a reading that failed. What exactly is damaged goes to the log only.
#[must_use]
pub fn read_error(error: &ReadError) -> Error {
    let fault = match error {
        ReadError::Forbidden(_) => not_permitted(),
        ReadError::CatalogueNotHeld { .. } => {
            Fault::new(FaultCode::CatalogueNotHeld, error.to_string())
        }
        ReadError::Store(_)
        | ReadError::Keys(_)
        | ReadError::Damaged { .. }
        | ReadError::KeyMissing { .. }
        | ReadError::ErasedMeanwhile { .. }
        | ReadError::History(_) => {
            tracing::error!(error = ?error, "a reading failed");
            Fault::new(FaultCode::Internal, "the record could not be read")
        }
    };
    fault.into()
}

/// The top-level error of a list that could not be answered.
#[must_use]
pub fn list_error(error: &ListError) -> Error {
    let told = |code| Fault::new(code, error.to_string());
    let fault = match error {
        ListError::Forbidden(_) => not_permitted(),
        ListError::Cursor | ListError::Name(_) | ListError::Unknown(_) => {
            told(FaultCode::BadUserInput)
        }
        ListError::TooMany { .. } => told(FaultCode::TooManyCases),
        ListError::Behind { .. } | ListError::Making { .. } => told(FaultCode::TryAgain),
        ListError::Read(error @ ReadError::CatalogueNotHeld { .. }) => return read_error(error),
        ListError::Stopped
        | ListError::None
        | ListError::Rows(_)
        | ListError::Read(
            ReadError::Forbidden(_)
            | ReadError::Store(_)
            | ReadError::Keys(_)
            | ReadError::Damaged { .. }
            | ReadError::KeyMissing { .. }
            | ReadError::ErasedMeanwhile { .. }
            | ReadError::History(_),
        ) => {
            tracing::error!(error = ?error, "a list failed");
            Fault::new(FaultCode::Internal, "the list could not be read")
        }
    };
    fault.into()
}

/// The top-level error of an argument that cannot be read.
#[must_use]
pub fn bad_input(message: &str) -> Error {
    Fault::new(FaultCode::BadUserInput, message).into()
}
