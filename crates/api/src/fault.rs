//! Faults: codes of errors that stand for a whole request, beside those of user errors. Every such
//! code that a client can meet stands here once, over GraphQL and beside it.
//!
//! It does not know which HTTP status goes with a code: `server` does.

use async_graphql::{Error, ErrorExtensionValues, ErrorExtensions as _};

macro_rules! fault_codes {
    ($($(#[$doc:meta])+ $variant:ident = $text:literal;)+) => {
        /// Why a request failed, for programs. Codes never change their meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FaultCode { $($(#[$doc])+ $variant,)+ }

        impl FaultCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The code as clients read it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

fault_codes! {
    /// The server is asked under a name that is not its own.
    HostNotAllowed = "HOST_NOT_ALLOWED";
    /// The page that asks is not one of the server's.
    OriginNotAllowed = "ORIGIN_NOT_ALLOWED";
    /// The request did not arrive in time. Nothing was written.
    RequestTimeout = "REQUEST_TIMEOUT";
    /// The body is longer than such a request may be.
    BodyTooLarge = "BODY_TOO_LARGE";
    /// The body is of a type that is not taken here.
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE";
    /// The client accepts no form in which GraphQL is answered.
    NotAcceptable = "NOT_ACCEPTABLE";
    /// The body, or the query string, is no GraphQL request.
    BadRequest = "BAD_REQUEST";
    /// The GraphQL document is longer, or costs more, than the server takes. A file that is too large
    /// to be filed is [`domain::refusal::RefusalCode::DocumentTooLarge`], which reads the same.
    QueryTooLarge = "DOCUMENT_TOO_LARGE";
    /// The GraphQL document cannot be parsed.
    GraphqlParseFailed = "GRAPHQL_PARSE_FAILED";
    /// The GraphQL document does not fit the schema.
    GraphqlValidationFailed = "GRAPHQL_VALIDATION_FAILED";
    /// A mutation was sent with GET.
    MethodNotAllowed = "METHOD_NOT_ALLOWED";
    /// An argument cannot be read.
    BadUserInput = "BAD_USER_INPUT";
    /// The viewer may not do this.
    Forbidden = "FORBIDDEN";
    /// There is no such thing, or none that the viewer may see.
    NotFound = "NOT_FOUND";
    /// There is no place for the request. Nothing of it was begun.
    Busy = "BUSY";
    /// A query took too long.
    TimedOut = "TIMED_OUT";
    /// The lists do not reflect the position yet, or something was erased while it was read.
    TryAgain = "TRY_AGAIN";
    /// The answer would hold more than one answer may. A command of the request may be recorded.
    AnswerTooLarge = "ANSWER_TOO_LARGE";
    /// More cases would be read than the question allows.
    TooManyCases = "TOO_MANY_CASES";
    /// The log was put under rules that this program does not hold.
    CatalogueNotHeld = "CATALOGUE_NOT_HELD";
    /// Nothing was written. Trying again may help.
    NotWritten = "NOT_WRITTEN";
    /// The store takes nothing until it is opened again. Nothing of this command was written.
    StoreStopped = "STORE_STOPPED";
    /// The clock cannot be trusted. Nothing was written.
    ClockRefused = "CLOCK_REFUSED";
    /// It may or may not be recorded: ask again with the same command id.
    OutcomeUnknown = "OUTCOME_UNKNOWN";
    /// The witnesses have not cosigned in time.
    NotWitnessed = "NOT_WITNESSED";
    /// The client went away while its file was being made. No client sees it.
    BrokenOff = "BROKEN_OFF";
    /// Nobody waits for the answer any more. No client sees it.
    Abandoned = "ABANDONED";
    /// Something failed here. The log of the server says what.
    Internal = "INTERNAL";
}

impl FaultCode {
    /// Whether the same request may be answered otherwise in a while. A refused clock stays refused
    /// until an operator sets it right.
    #[must_use]
    pub const fn passes(self) -> bool {
        match self {
            Self::Busy
            | Self::NotWitnessed
            | Self::NotWritten
            | Self::OutcomeUnknown
            | Self::StoreStopped
            | Self::TryAgain => true,
            Self::HostNotAllowed
            | Self::OriginNotAllowed
            | Self::RequestTimeout
            | Self::BodyTooLarge
            | Self::UnsupportedMediaType
            | Self::NotAcceptable
            | Self::BadRequest
            | Self::QueryTooLarge
            | Self::GraphqlParseFailed
            | Self::GraphqlValidationFailed
            | Self::MethodNotAllowed
            | Self::BadUserInput
            | Self::Forbidden
            | Self::NotFound
            | Self::TimedOut
            | Self::AnswerTooLarge
            | Self::TooManyCases
            | Self::CatalogueNotHeld
            | Self::ClockRefused
            | Self::BrokenOff
            | Self::Abandoned
            | Self::Internal => false,
        }
    }

    /// The extensions of a GraphQL error with this code.
    pub(crate) fn extensions(self) -> ErrorExtensionValues {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.as_str());
        extensions
    }
}

/// A fault, as it is told. Not a [`std::error::Error`], because `async-graphql` would turn one into a
/// top-level error without a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// For programs.
    pub code: FaultCode,
    /// A sentence in English.
    pub message: String,
}

impl Fault {
    pub(crate) fn new(code: FaultCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        let code = fault.code.as_str();
        Self::new(fault.message).extend_with(|_, extensions| extensions.set("code", code))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_faults_have_the_same_code() {
        let codes: BTreeSet<&str> = FaultCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), FaultCode::ALL.len());
    }
}
