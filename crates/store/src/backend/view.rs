//! Reading a log as it lies, without opening it for writing: for audits, exports and repairs.
//!
//! A view derives nothing and looks nothing up by id. The log may be in use meanwhile.

use std::ops::ControlFlow;

use record::hash::Hash;
use record::positions::{LogIndex, Size};
use record::signing::PublicKey;

use super::opening::OpenError;
use crate::archive_link::RecordKind;
use crate::log_store::{CommandProof, CommandRow, StoredCheckpoint};

/// What is said of commands that their writer did not sign.
pub(crate) const UNPROVEN: &str =
    "COMMAND_ROWS: the commands are not those that their writer signed";

/// How a log is read.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// Reads also a log that ends before its stored checkpoint, as far as it goes.
    pub behind: bool,
    /// Checks the signatures under the commands while everything is read, by the keys that the log
    /// announces.
    pub checks_commands: bool,
    /// Keys that may have signed commands, besides those that the log announces.
    pub signers: Vec<PublicKey>,
}

/// An entry as it lies. Blobs are given as they are found; comparing them with what the entry
/// commits to is the auditor's work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// Place in the log.
    pub index: LogIndex,
    /// The entry.
    pub bytes: Vec<u8>,
    /// Its blobs; `None` where one is missing.
    pub blobs: Vec<Option<Vec<u8>>>,
}

/// What ends a log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tail {
    /// Entries read.
    pub entries: Size,
    /// Bytes behind the last good commit, which opening for writing would cut off.
    pub torn_bytes: u64,
}

/// A record of an archive as it lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedRecord {
    /// What it holds.
    pub kind: RecordKind,
    /// Size of the checkpoint; of a mark, how many records should lie in front of it.
    pub size: Size,
    /// The note, the token or the link.
    pub body: Vec<u8>,
    /// The link that stands in its head; `None` in records from before there were links.
    pub link: Option<Hash>,
}

/// What vouches for a log from outside, as it was archived: records in their order, and the latest
/// note of the largest size, where it is not kept for good yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Archived {
    /// The records.
    pub records: Vec<ArchivedRecord>,
    /// The latest note.
    pub latest: Option<StoredCheckpoint>,
}

/// What a comparison of the index with the log ended in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexCheck {
    /// Nothing vouches for the index: the log is in use, or was not stopped cleanly, or there is
    /// none. It is made anew when the log is opened.
    Unsealed,
    /// So many rows, each the one that the log gives.
    Same {
        /// Rows compared.
        rows: u64,
    },
    /// `INDEX_DRIFT`: the index says other things than the log.
    Drift {
        /// What differs.
        what: String,
    },
}

/// What one commit wrote, as it lies. Blobs are read when they are asked for.
pub trait CommittedBatch {
    /// Index of its first entry.
    fn first(&self) -> LogIndex;

    /// How many entries it has.
    fn len(&self) -> usize;

    /// Whether it has none, which no commit ever has.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An entry, counted within the batch; `None` beyond its end.
    fn entry(&self, number: usize) -> Option<&[u8]>;

    /// How many blobs an entry has or had.
    fn blob_count(&self, number: usize) -> usize;

    /// A blob of an entry; `None` where it was destroyed or is missing.
    ///
    /// # Errors
    /// [`OpenError::Io`] if the medium does not answer.
    fn blob(&self, number: usize, part: usize) -> Result<Option<Vec<u8>>, OpenError>;

    /// The commands that it carried out.
    fn commands(&self) -> &[CommandRow];

    /// The signature under its commands.
    fn proof(&self) -> Option<&CommandProof>;
}

/// Hands out entries; answers whether to go on.
pub type VisitEntry<'a> = &'a mut dyn FnMut(JournalEntry) -> ControlFlow<()>;
/// Hands out commits; answers whether to go on.
pub type VisitBatch<'a> =
    &'a mut dyn FnMut(&dyn CommittedBatch) -> Result<ControlFlow<()>, OpenError>;

/// A log as it lies.
///
/// Promises of every implementation:
/// * Nothing is changed, whatever lies there.
/// * What another handle committed before a pass began is handed out by that pass.
/// * Entries come in log order, without gaps, byte for byte as they were committed.
pub trait LogView: Send + Sync {
    /// The checkpoint that was stored when the view was made; `None` if there was none.
    fn checkpoint(&self) -> Option<&StoredCheckpoint>;

    /// The newest entry that `accept` takes; `None` if it takes none. Whether a checkpoint covers
    /// the entry is not asked: a stored checkpoint can be removed, or put back as it was earlier.
    ///
    /// # Errors
    /// [`OpenError::Io`] if the medium does not answer. Damage in front of an entry reads as the
    /// end of what can be found.
    fn newest(&self, accept: &dyn Fn(&[u8]) -> bool) -> Result<Option<Vec<u8>>, OpenError>;

    /// Hands every entry to `visit` in log order, with its blobs, until it breaks off.
    ///
    /// # Errors
    /// [`OpenError::Corrupt`] for damage that is no torn end, for a log that ends before its
    /// checkpoint unless [`Reading::behind`] allows it, and for commands that nobody known signed
    /// if [`Reading::checks_commands`] asks for it; [`OpenError::Io`] if the medium does not
    /// answer.
    fn for_each(&self, visit: VisitEntry<'_>) -> Result<Tail, OpenError>;

    /// The same without blobs, which are not read.
    ///
    /// # Errors
    /// As [`LogView::for_each`].
    fn for_each_bare(&self, visit: VisitEntry<'_>) -> Result<Tail, OpenError>;

    /// Hands everything to `visit` as it was committed, with the commands, until it breaks off.
    ///
    /// # Errors
    /// As [`LogView::for_each`], and what `visit` answers.
    fn for_each_batch(&self, visit: VisitBatch<'_>) -> Result<Tail, OpenError>;

    /// Hands out the records of the archive in their order, one at a time, until `visit` answers
    /// no. Answers the latest note of the largest size, where it is not kept for good yet.
    ///
    /// # Errors
    /// [`OpenError::Corrupt`] if a good record follows a damaged one; [`OpenError::Io`] if the
    /// medium does not answer.
    fn for_each_archived(
        &self,
        visit: &mut dyn FnMut(ArchivedRecord) -> bool,
    ) -> Result<Option<StoredCheckpoint>, OpenError>;

    /// Everything that was archived.
    ///
    /// # Errors
    /// As [`LogView::for_each_archived`].
    fn archived(&self) -> Result<Archived, OpenError> {
        let mut records = Vec::new();
        let latest = self.for_each_archived(&mut |record| {
            records.push(record);
            true
        })?;
        Ok(Archived { records, latest })
    }

    /// Compares every row of the index with what the log gives. `progress` hears of entries done.
    /// A backend that keeps no index answers [`IndexCheck::Unsealed`].
    ///
    /// # Errors
    /// [`OpenError::Corrupt`] if the log is damaged; [`OpenError::Io`] if the medium does not
    /// answer or there is no room for a copy; [`OpenError::Index`] if the index gave no answer.
    fn check_index(&self, progress: &mut dyn FnMut(u64)) -> Result<IndexCheck, OpenError>;
}
