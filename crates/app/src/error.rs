//! What a use case can answer besides success.
//!
//! Four kinds are kept apart because the caller must act differently: refused (change the
//! input), not written (try again), stopped (try again when the store was opened again), unknown
//! (ask with the same command id).

use domain::decide::Undecided;
use domain::reading::ImpossibleHistory;
use domain::refusal::{Refusal, RefusalCode};
use events::ids::{CommandId, EventId, StreamId};
use record::positions::{LogIndex, StreamVersion};
use store::log_store::UnusableReason;

use crate::access::rights::Forbidden;
use crate::clock::watch::ClockRefused;

/// Any lower error.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A command was not recorded, or it is not known whether it was.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The command cannot be true, is malformed or not permitted. Nothing was written.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// Somebody else changed the stream. Nothing was written.
    #[error("stream {stream} is at version {actual}, the command expected {expected}")]
    Conflict {
        /// The stream.
        stream: StreamId,
        /// What the command expected.
        expected: StreamVersion,
        /// What it is.
        actual: StreamVersion,
    },
    /// The same command id came before with other input. Nothing was written.
    #[error("command id {0} was used for another input")]
    CommandIdReused(CommandId),
    /// Another event has this id. Nothing was written.
    #[error("event id {0} is used by another event")]
    EventIdUsed(EventId),
    /// The same command is being recorded at this moment. Nothing was written twice.
    #[error("the same command is being recorded")]
    InFlight,
    /// The stream moved between decision and commit; the command is decided again.
    #[error("the stream changed meanwhile")]
    Moved,
    /// A document did not arrive whole. Nothing was written.
    #[error("the document did not arrive whole, nothing was written")]
    Incomplete(#[source] std::io::Error),
    /// The viewer may not do this. Nothing was written.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The clock cannot be trusted, so that nothing can be dated. Nothing was written.
    #[error(
        "the clock is refused, nothing was written: {0}; set it right, or start with --trust-clock and the reason"
    )]
    ClockRefused(#[from] ClockRefused),
    /// The store refused, for example because the disk is full. Nothing was written.
    #[error("the store did not take it, nothing was written")]
    NotWritten(#[source] BoxError),
    /// The store takes nothing until it is opened again. Nothing of this command was written.
    #[error(
        "the store takes nothing until it is opened again; nothing of this command was written"
    )]
    Stopped(#[source] UnusableReason),
    /// Nobody waits for it any more. Nothing was written.
    #[error("nobody waits for it any more, nothing was written")]
    Abandoned,
    /// It may or may not have been written: ask again with the same command id.
    #[error("the outcome is unknown; ask again with the same command id")]
    Unknown(#[source] BoxError),
    /// An erasure was ordered, and something of what it lists is still there. It stays pending, and
    /// is carried out again at the next start.
    #[error(
        "ERASURE_INCOMPLETE: part {part} of entry {index} was to be erased, but {what}; the erasure is not reported and stays pending"
    )]
    NotErased {
        /// Place in the log.
        index: LogIndex,
        /// Number of the part.
        part: u16,
        /// What is left.
        what: &'static str,
    },
    /// What was recorded before could not be read.
    #[error("the record could not be read")]
    Read(#[from] ReadError),
}

impl ReadError {
    /// Whether something gave no answer, as against an answer that is no.
    pub(crate) const fn is_failure(&self) -> bool {
        matches!(self, Self::Store(_) | Self::Keys(_) | Self::Damaged { .. })
    }
}

impl From<Undecided> for RecordError {
    fn from(undecided: Undecided) -> Self {
        match undecided {
            Undecided::Refused(refusal) => Self::Refused(refusal),
            needed @ Undecided::ReadingNeeded => Self::not_written(needed),
        }
    }
}

impl RecordError {
    /// A refusal that names the field it is about.
    pub(crate) fn refused(code: RefusalCode, field: impl Into<String>) -> Self {
        Self::Refused(Refusal {
            code,
            field: Some(field.into()),
        })
    }

    /// Nothing was written, because of a lower error; whether trying again helps is told apart.
    pub(crate) fn not_written(error: impl Into<BoxError>) -> Self {
        let cause = error.into();
        match stopped_by(&*cause) {
            Some(reason) => Self::Stopped(reason),
            None => Self::NotWritten(cause),
        }
    }

    /// An error of work that goes on behind what was recorded already: it must not say that nothing
    /// was.
    pub(crate) fn behind_a_record(self) -> Self {
        match self {
            Self::Unknown(cause) => Self::Unknown(cause),
            other => Self::Unknown(Box::new(other)),
        }
    }
}

/// Why a store takes nothing until it is opened again, where that is among the causes.
fn stopped_by(error: &(dyn std::error::Error + 'static)) -> Option<UnusableReason> {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .find_map(|cause| cause.downcast_ref::<UnusableReason>())
        .copied()
        .filter(|reason| reason.stops())
}

/// The record could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The viewer may not read this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The store failed.
    #[error("the store could not be read")]
    Store(#[from] store::log_store::ReadError),
    /// The key store failed.
    #[error("the keys could not be read")]
    Keys(#[source] BoxError),
    /// A stored entry is not what it should be.
    #[error("entry {index} is damaged")]
    Damaged {
        /// Its place in the log.
        index: LogIndex,
        /// What was wrong.
        #[source]
        source: BoxError,
    },
    /// A key is missing although nothing says that it was erased.
    #[error("the key of entry {index}, part {part}, is missing and no erasure explains it")]
    KeyMissing {
        /// Place in the log.
        index: LogIndex,
        /// Number of the part.
        part: u16,
    },
    /// It was erased after the reading of it had begun.
    #[error("entry {index} was erased while it was being read")]
    ErasedMeanwhile {
        /// Place in the log.
        index: LogIndex,
    },
    /// The log was put under rules that the program does not hold. No other ones take their place.
    #[error(
        "at this point the log was under the rules {version} (SHA-256 {hash}), which this program does not hold; use a newer program"
    )]
    CatalogueNotHeld {
        /// Their version, as it was recorded.
        version: String,
        /// Their hash, as it was recorded.
        hash: String,
    },
    /// The facts contradict each other.
    #[error("the history is impossible")]
    History(#[from] ImpossibleHistory),
}

#[cfg(test)]
mod tests {
    use store::key_store::KeyError;
    use store::log_store::CommitError;

    use super::*;

    #[test]
    fn a_store_that_stopped_is_told_from_one_that_refused_once() {
        let of = |reason: UnusableReason| {
            RecordError::not_written(CommitError::NotWritten(Box::new(reason)))
        };
        for reason in [
            UnusableReason::Poisoned,
            UnusableReason::Contradiction,
            UnusableReason::LockLost,
            UnusableReason::ReadOnly,
        ] {
            assert!(
                matches!(of(reason), RecordError::Stopped(told) if told == reason),
                "{reason}"
            );
        }
        assert!(matches!(
            of(UnusableReason::NoBlob),
            RecordError::NotWritten(_)
        ));
        let keys = CommitError::NotWritten(Box::new(KeyError::NotWritten(Box::new(
            UnusableReason::Poisoned,
        ))));
        assert!(
            matches!(
                RecordError::not_written(std::sync::Arc::new(keys)),
                RecordError::Stopped(_)
            ),
            "however deep it lies"
        );
        assert!(matches!(
            RecordError::not_written("the disk is full"),
            RecordError::NotWritten(_)
        ));
    }
}
