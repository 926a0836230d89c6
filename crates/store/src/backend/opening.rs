//! What a log is called, what is needed to open it, and what opening answers. The operations
//! themselves are those of [`super::Backend`].

use std::io;
use std::sync::Arc;

use record::commands::CommandProof;
use record::hash::Hash;
use record::positions::{LogIndex, Size};
use record::signing::PublicKey;
use zeroize::Zeroizing;

use crate::log_store::{CommandRow, LogStore};

/// Which of a municipality's two logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogKind {
    /// The case log (*sag*).
    Cases,
    /// The access log (*adgang*): who looked. Its keys are kept apart from those of the case log,
    /// because what they open is kept for a shorter time.
    Accesses,
}

/// Names one log of a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogName {
    /// The municipality code: four digits.
    pub municipality: [u8; 4],
    /// Which of its two logs.
    pub kind: LogKind,
}

/// What only the owner of a log's keys can give when it is opened for writing.
#[derive(Clone)]
pub struct Opening {
    /// Keys that may have signed lists of commands, besides those that the log announces itself.
    pub signers: Vec<PublicKey>,
    /// A secret under which a backend vouches for what it derived from the log, such as an index.
    /// Whoever holds what is stored, and not this, can make nothing that is believed.
    pub vouch: Zeroizing<[u8; 32]>,
}

/// What was found when a log was opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenReport {
    /// Bytes of a torn last write that were cut off, or are at the sweep where its keys are what is
    /// missing; nothing in it was ever acknowledged, unless it was damaged after the last
    /// checkpoint.
    pub cut_bytes: u64,
    /// Whether the index was made anew from the log.
    pub rebuilt: bool,
    /// Why the index lies in memory only, so that nothing can be written; `None` if it does not.
    pub index: Option<String>,
}

/// Carries out what [`Unswept::sweep`] promises.
pub(crate) type Sweep = Box<dyn FnOnce() -> Result<(), OpenError> + Send>;

/// The newest commit of a log that may be left out, and how it is opened without.
pub(crate) struct Newest {
    pub(crate) first: LogIndex,
    pub(crate) without: Without,
}

/// Opens a log without its newest commit. Nothing else has it open by then.
pub(crate) type Without =
    Box<dyn FnOnce(&mut dyn FnMut(u64, u64)) -> Result<Unswept, OpenError> + Send>;

/// An opened log in which nothing was destroyed yet.
///
/// In a log that was rolled back, blobs that seem to belong to no entry may be what later entries
/// need. So the caller compares the log with what else is known of it first, and sweeps then.
pub struct Unswept {
    log: Arc<dyn LogStore>,
    report: OpenReport,
    sweep: Sweep,
    newest: Option<Newest>,
}

impl std::fmt::Debug for Unswept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unswept")
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}

impl Unswept {
    pub(crate) fn new(log: Arc<dyn LogStore>, report: OpenReport, sweep: Sweep) -> Self {
        Self {
            log,
            report,
            sweep,
            newest: None,
        }
    }

    /// The same, where the newest commit may be left out.
    pub(crate) fn with_newest(self, newest: Option<Newest>) -> Self {
        Self { newest, ..self }
    }

    /// The first entry of the newest commit, where that may be left out: it ends the log, and no
    /// checkpoint covers any of it. Whether it should be is told by
    /// [`is_half`](crate::half_commit::is_half).
    #[must_use]
    pub fn newest_commit(&self) -> Option<LogIndex> {
        self.newest.as_ref().map(|newest| newest.first)
    }

    /// The log as if it ended in front of its newest commit, where that may be left out. Its bytes
    /// stay until the sweep. `progress` hears of bytes done and to do while an index is made anew.
    ///
    /// # Errors
    /// As [`Backend::open_log`](super::Backend::open_log).
    pub fn without_newest(self, progress: &mut dyn FnMut(u64, u64)) -> Result<Self, OpenError> {
        let Self {
            log,
            report,
            sweep,
            newest,
        } = self;
        let Some(newest) = newest else {
            return Ok(Self::new(log, report, sweep));
        };
        // Its locks go with it.
        drop((log, sweep));
        (newest.without)(progress)
    }

    /// The log, to be compared with what is known of it. Nothing may be written before the sweep.
    #[must_use]
    pub fn log(&self) -> &dyn LogStore {
        &*self.log
    }

    /// What was found.
    #[must_use]
    pub const fn report(&self) -> &OpenReport {
        &self.report
    }

    /// Destroys what belongs to no entry: the newest commit where it was left out, and blobs of
    /// uploads that were broken off and of commits that failed. Answers the log, which may be written from now on.
    ///
    /// # Errors
    /// [`OpenError::Io`] if the medium refused; opening the log again sweeps what is left.
    pub fn sweep(self) -> Result<Arc<dyn LogStore>, OpenError> {
        (self.sweep)()?;
        Ok(self.log)
    }
}

/// Signs the commands of a commit: index of its first entry, leaf hashes of its entries, its
/// commands.
pub type SignCommands<'a> = &'a dyn Fn(LogIndex, &[Hash], &[CommandRow]) -> CommandProof;

/// What bringing a log over to today's form did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upgraded {
    /// It had today's form already.
    Current,
    /// It was brought over.
    From {
        /// The form that it had.
        form: u32,
        /// Entries brought over.
        entries: Size,
    },
}

/// Why a log could not be opened or read. Places are named for people, not for programs.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("{place} is in use by another process")]
    InUse {
        /// Where the log lies.
        place: String,
    },
    /// Damage that is no torn last write (`STORE_CORRUPT`). Nothing was changed.
    #[error("STORE_CORRUPT: {place} is damaged at byte {offset}: {what}")]
    Corrupt {
        /// The file or table.
        place: String,
        /// Where in it the damaged unit begins.
        offset: u64,
        /// What does not hold.
        what: &'static str,
    },
    /// The log ends before something that is known of it: an older copy lies here, for example a
    /// restored backup. Nothing was changed, and nothing may be written: new entries would take
    /// the numbers of entries that others have seen.
    #[error(
        "STORE_ROLLED_BACK: {place} knows {known} entries, but the journal holds {held}; bring back the newest copy of the \
         whole directory, or what is missing with `sagsspor repair --from COPY`, and write nothing to this one"
    )]
    RolledBack {
        /// What knows more.
        place: String,
        /// How many entries it knows of.
        known: Size,
        /// How many there are.
        held: Size,
    },
    /// The log has another form than this program writes. Nothing was changed.
    #[error("{}", other_format(place, *found, *expected))]
    Format {
        /// Where the log lies.
        place: String,
        /// Its form.
        found: u32,
        /// The form that is written.
        expected: u32,
    },
    /// The medium refused, for example because it takes no writes.
    #[error("cannot use {place}: {source}")]
    Io {
        /// The file, directory or table.
        place: String,
        /// What the medium said.
        source: io::Error,
    },
    /// The index could not be made, not even a new one.
    #[error("the index in {place} could not be made: {what}")]
    Index {
        /// Where the index lies.
        place: String,
        /// What failed.
        what: String,
    },
}

fn other_format(place: &str, found: u32, expected: u32) -> String {
    if found < expected {
        format!(
            "{place} was written by an earlier version of this program (form {found}, today {expected}). Nothing was changed; bring it \
             over with `sagsspor upgrade` (docs/guide/operating.md, \"Upgrade\")"
        )
    } else {
        format!(
            "{place} was written by a later version of this program (form {found}, this one knows {expected}); use that version"
        )
    }
}
