//! What a witness answers with.

use verify::position::{LogTime, Size};

/// The content type of the size that a conflict is answered with.
pub const SIZE_TYPE: &str = "text/x.tlog.size";

/// An answer of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status of HTTP.
    pub status: u16,
    /// Content type.
    pub kind: &'static str,
    /// Body.
    pub body: String,
}

impl Answer {
    pub(super) fn refuse(status: u16, reason: impl std::fmt::Display) -> Self {
        Self {
            status,
            kind: "text/plain; charset=utf-8",
            body: format!("{reason}\n"),
        }
    }

    pub(super) fn conflict(size: Size) -> Self {
        Self {
            status: 409,
            kind: SIZE_TYPE,
            body: format!("{size}\n"),
        }
    }
}

/// When a request arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// By the clock of the witness.
    pub at: LogTime,
    /// When the log asked, as the request states.
    pub asked: Option<LogTime>,
}

pub(super) fn clock_is_wrong() -> Answer {
    Answer::refuse(503, "the clock of the witness is wrong")
}

pub(super) fn not_kept(origin: &str, error: &dyn std::error::Error) -> Answer {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    tracing::error!(%origin, %error, cause, "what is to be cosigned could not be kept");
    Answer::refuse(500, "the witness cannot keep what it vouches for")
}
