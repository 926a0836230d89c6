//! Faults as top-level errors with stable codes; refusals are typed user errors instead.

use app::error::{ReadError, RecordError};
use app::rows::lists::ListError;
use async_graphql::{Error, ErrorExtensions, SimpleObject};
use domain::refusal::Refusal;

/// Why a command was not carried out, to be shown to its author.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct UserError {
    /// Stable code, for example `CASE_CLOSED`.
    pub code: String,
    /// The code's number in the order of precedence.
    pub number: Option<u16>,
    /// The field, as a path into the mutation's arguments.
    pub path: Vec<String>,
    /// A sentence in English.
    pub message: String,
    /// A sentence in Danish.
    pub message_danish: String,
    /// The stream's version, where the command conflicts with it.
    pub actual_version: Option<u64>,
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
        Self::plain("BAD_USER_INPUT", vec![argument.to_owned()], rule, danish)
    }

    pub(crate) fn plain(code: &str, path: Vec<String>, english: &str, danish: &str) -> Self {
        let (message, message_danish) = (english.to_owned(), danish.to_owned());
        Self {
            code: code.to_owned(),
            number: None,
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
            code: refusal.code.as_str().to_owned(),
            number: Some(refusal.code.number()),
            path,
            message: refusal.code.english().to_owned(),
            message_danish: refusal.code.danish().to_owned(),
            actual_version: None,
        }
    }
}

/// Sorts what went wrong: a refusal is the author's to mend, a fault is not.
///
/// # Errors
/// The top-level error of a fault.
pub fn user_error(error: RecordError) -> Result<UserError, Error> {
    let input = |field: &str| vec!["input".to_owned(), field.to_owned()];
    match error {
        RecordError::Refused(refusal) => Ok(refusal.into()),
        RecordError::Conflict { actual, .. } => Ok(UserError {
            actual_version: Some(actual.get()),
            ..UserError::plain(
                "VERSION_CONFLICT",
                input("expectedVersion"),
                "Somebody else recorded something meanwhile.",
                "En anden har registreret noget i mellemtiden.",
            )
        }),
        RecordError::CommandIdReused(_) => Ok(UserError::plain(
            "COMMAND_ID_REUSED",
            input("commandId"),
            "This command id was used for another input.",
            "Dette kommando-id er brugt til et andet input.",
        )),
        RecordError::EventIdUsed(_) => Ok(UserError::plain(
            "EVENT_ID_USED",
            input("eventId"),
            "Another event has this id.",
            "En anden hændelse har dette id.",
        )),
        RecordError::Incomplete(_) => Ok(UserError::plain(
            "DOCUMENT_INCOMPLETE",
            input("content"),
            "The document did not arrive whole.",
            "Dokumentet nåede ikke helt frem.",
        )),
        fault => Err(fault_error(&fault)),
    }
}

fn coded(message: &str, code: &'static str) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

fn fault_error(error: &RecordError) -> Error {
    let code = match error {
        RecordError::Forbidden(_) | RecordError::Read(ReadError::Forbidden(_)) => {
            return coded("not permitted", "FORBIDDEN");
        }
        RecordError::NotWritten(_) | RecordError::Abandoned => "NOT_WRITTEN",
        RecordError::Stopped(_) => "STORE_STOPPED",
        // The watch has said so in the log; every command would say it again.
        RecordError::ClockRefused(_) => return coded(&error.to_string(), "CLOCK_REFUSED"),
        RecordError::Unknown(_) => "OUTCOME_UNKNOWN",
        _ => "INTERNAL",
    };
    // That the store has stopped is told once, where it is found.
    if !matches!(error, RecordError::Abandoned | RecordError::Stopped(_)) {
        tracing::error!(error = ?error, "a command failed");
    }
    coded(&error.to_string(), code)
}

/// The top-level error of a reading that failed. What exactly is damaged goes to the log only.
#[must_use]
pub fn read_error(error: &ReadError) -> Error {
    match error {
        ReadError::Forbidden(_) => return coded("not permitted", "FORBIDDEN"),
        ReadError::CatalogueNotHeld { .. } => {
            return coded(&error.to_string(), "CATALOGUE_NOT_HELD");
        }
        _ => {}
    }
    tracing::error!(error = ?error, "a reading failed");
    coded("the record could not be read", "INTERNAL")
}

/// The top-level error of a list that could not be answered.
#[must_use]
pub fn list_error(error: &ListError) -> Error {
    match error {
        ListError::Forbidden(_) => coded("not permitted", "FORBIDDEN"),
        ListError::Cursor | ListError::Name(_) | ListError::Unknown(_) => {
            bad_input(&error.to_string())
        }
        ListError::TooMany { .. } => coded(&error.to_string(), "TOO_MANY_CASES"),
        ListError::Read(error @ ReadError::CatalogueNotHeld { .. }) => read_error(error),
        ListError::Behind { .. } | ListError::Making { .. } => {
            coded(&error.to_string(), "TRY_AGAIN")
        }
        ListError::Stopped | ListError::None | ListError::Read(_) | ListError::Rows(_) => {
            tracing::error!(error = ?error, "a list failed");
            coded("the list could not be read", "INTERNAL")
        }
    }
}

/// The top-level error of an argument that cannot be read.
#[must_use]
pub fn bad_input(message: &str) -> Error {
    coded(message, "BAD_USER_INPUT")
}
