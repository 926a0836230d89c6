//! Whether the log can do its work, for whoever watches over it.
//!
//! Nothing here waits for a write. It may wait for a read, so it is asked on a thread of its own.

use std::sync::{PoisonError, TryLockError};
use std::time::Duration;

use record::positions::LogIndex;
use store::backend::opening::LogKind;
use store::log_store::UnusableReason;

use crate::app::App;

/// What keeps the log from its work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The store takes nothing until it is opened again.
    #[error("{log} records nothing: {reason}")]
    StoreStopped {
        /// Which log.
        log: &'static str,
        /// Why.
        reason: UnusableReason,
    },
    /// The key store takes nothing until it is opened again.
    #[error("{log} records nothing, because its keys take nothing: {reason}")]
    KeysStopped {
        /// Which log.
        log: &'static str,
        /// Why.
        reason: UnusableReason,
    },
    /// Look-ups by id fail, so that no command can be told from one that was carried out.
    #[error("{log} records nothing: its index fails ({cause})")]
    IndexFailed {
        /// Which log.
        log: &'static str,
        /// Why.
        cause: String,
    },
    /// Entries have waited too long for a checkpoint.
    #[error("entries of {log} have waited {} s for a checkpoint", waited.as_secs())]
    CheckpointLate {
        /// Which log.
        log: &'static str,
        /// How long.
        waited: Duration,
    },
    /// The clock cannot be believed.
    #[error("nothing is recorded: {0}")]
    ClockRefused(String),
    /// The log gives no answer.
    #[error("{log} cannot be read: {cause}")]
    Unreadable {
        /// Which log.
        log: &'static str,
        /// Why.
        cause: String,
    },
}

impl Trouble {
    /// Its stable code (`docs/reference/codes.md`).
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::StoreStopped {
                reason: UnusableReason::ReadOnly,
                ..
            } => "STORE_READ_ONLY",
            Self::StoreStopped { .. } => "STORE_STOPPED",
            Self::KeysStopped { .. } => "KEYS_STOPPED",
            Self::IndexFailed { .. } => "INDEX_FAILED",
            Self::CheckpointLate { .. } => "CHECKPOINT_LATE",
            Self::ClockRefused(_) => "CLOCK_REFUSED",
            Self::Unreadable { .. } => "LOG_UNREADABLE",
        }
    }

    /// Whether opening the stores again may mend it, and nothing else does.
    #[must_use]
    pub const fn needs_reopening(&self) -> bool {
        match self {
            // A medium that takes no writes takes none after a restart either: a person must make
            // room.
            Self::StoreStopped { reason, .. } | Self::KeysStopped { reason, .. } => {
                !matches!(reason, UnusableReason::ReadOnly)
            }
            Self::IndexFailed { .. }
            | Self::CheckpointLate { .. }
            | Self::ClockRefused(_)
            | Self::Unreadable { .. } => false,
        }
    }
}

impl App {
    /// What keeps this log, or its access log where that is open, from its work; nothing as a rule.
    /// A checkpoint is late when entries have waited longer than `checkpoint_late` for it.
    #[must_use]
    pub(crate) fn troubles(&self, checkpoint_late: Duration) -> Vec<Trouble> {
        let mut found = self.own_troubles(checkpoint_late);
        found.extend(self.clock_refusal().map(Trouble::ClockRefused));
        // While it is being opened there is nothing to be said of it.
        let accesses = match self.accesses.try_lock() {
            Ok(accesses) => accesses.clone(),
            Err(TryLockError::Poisoned(poisoned)) => PoisonError::into_inner(poisoned).clone(),
            Err(TryLockError::WouldBlock) => None,
        };
        found.extend(
            accesses
                .into_iter()
                .flat_map(|accesses| accesses.own_troubles(checkpoint_late)),
        );
        found
    }

    fn own_troubles(&self, checkpoint_late: Duration) -> Vec<Trouble> {
        let log = match self.layout.log() {
            LogKind::Cases => "the case log",
            LogKind::Accesses => "the access log",
        };
        let mut found = Vec::new();
        let health = self.log.health();
        found.extend(
            health
                .unusable
                .map(|reason| Trouble::StoreStopped { log, reason }),
        );
        found.extend(
            self.keys
                .unusable()
                .map(|reason| Trouble::KeysStopped { log, reason }),
        );
        found.extend(
            health
                .index
                .map(|cause| Trouble::IndexFailed { log, cause }),
        );
        let waited = self
            .sequencer
            .unsealed_for()
            .filter(|waited| *waited > checkpoint_late);
        found.extend(waited.map(|waited| Trouble::CheckpointLate { log, waited }));
        match self.log.entry(LogIndex::FIRST) {
            Ok(Some(_)) => {}
            Ok(None) => found.push(Trouble::Unreadable {
                log,
                cause: "its first entry is missing".to_owned(),
            }),
            Err(error) => found.push(Trouble::Unreadable {
                log,
                cause: error.to_string(),
            }),
        }
        found
    }
}
