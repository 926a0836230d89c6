//! The archive beside a log: cosigned checkpoints and time stamp tokens, kept as evidence.
//!
//! It checks no signature; what is archived was checked before.

use record::hash::Hash;
use record::positions::Size;

#[cfg(doc)]
use super::{ARCHIVED_BYTES_MAX, TOKEN_COUNT_MAX};
use super::{ArchiveHead, CommitError, ReadError, StoredCheckpoint, StoredToken};

/// Keeps and finds cosigned checkpoints and time stamp tokens.
///
/// Promises of every implementation:
/// * What was archived survives a crash and a loss of power when the call returns `Ok`.
/// * Its records form a chain: each [`ArchiveHead`] commits to every record in front of it.
/// * The archive is apart from the log: nothing that fails here keeps the log from being written.
pub trait CheckpointArchive: Send + Sync {
    /// Keeps a cosigned checkpoint. Of every size two notes are kept: the first, for good, and the
    /// latest, which a later one of the same size replaces. Sizes may come in any order.
    ///
    /// # Errors
    /// [`CommitError::SizeConflict`] if it covers more than the log; [`CommitError::NotWritten`]
    /// if the medium refused, or the note is empty or longer than [`ARCHIVED_BYTES_MAX`];
    /// [`CommitError::Unknown`] if nobody can tell whether it was kept: the archive takes nothing
    /// more until the store is opened again.
    fn archive_checkpoint(&self, kept: &StoredCheckpoint) -> Result<(), CommitError>;

    /// The first cosigned note of the smallest archived size above `above`: the earliest that
    /// contains the entry with that index.
    ///
    /// # Errors
    /// [`ReadError::Corrupt`] if the note is not the one that was stored; [`ReadError::Failed`]
    /// if the medium does not answer.
    fn first_archived(&self, above: Size) -> Result<Option<StoredCheckpoint>, ReadError>;

    /// The latest cosigned note of the largest archived size that is at most `at_most`: the last
    /// that does not contain the entry with that index.
    ///
    /// # Errors
    /// As [`CheckpointArchive::first_archived`].
    fn last_archived(&self, at_most: Size) -> Result<Option<StoredCheckpoint>, ReadError>;

    /// Keeps a time stamp token over the checkpoint of this size, for good.
    ///
    /// # Errors
    /// As [`CheckpointArchive::archive_checkpoint`].
    fn archive_token(&self, size: Size, token: &[u8]) -> Result<(), CommitError>;

    /// How far the archive has come: what it has kept for good, and that in this order. Durable
    /// when it is answered, so that the log can name it in its own entries. The latest note of the
    /// largest size is not kept for good before a larger size comes.
    ///
    /// # Errors
    /// As [`CheckpointArchive::first_archived`].
    fn archive_head(&self) -> Result<ArchiveHead, ReadError>;

    /// The link behind the first `count` records of the archive; `None` if there are fewer.
    ///
    /// # Errors
    /// As [`CheckpointArchive::first_archived`].
    fn archive_link(&self, count: u64) -> Result<Option<Hash>, ReadError>;

    /// Says in the archive that it should hold what this head names and does not. From then on it
    /// counts from there, so that a reader sees that something is missing, and how much. The head
    /// is kept as it is stated: the caller sees to it that it goes back over nothing.
    ///
    /// # Errors
    /// [`CommitError::NotWritten`] if the medium refused; [`CommitError::Unknown`] as in
    /// [`CheckpointArchive::archive_checkpoint`].
    fn archive_mark(&self, known: &ArchiveHead) -> Result<(), CommitError>;

    /// At most [`TOKEN_COUNT_MAX`] tokens over checkpoints of `from_size` or more entries, by size
    /// and then in the order in which they came.
    ///
    /// # Errors
    /// As [`CheckpointArchive::first_archived`].
    fn tokens(&self, from_size: Size) -> Result<Vec<StoredToken>, ReadError>;

    /// The first token over the smallest size above `above` that has one: the earliest that covers
    /// the entry with that index.
    ///
    /// # Errors
    /// As [`CheckpointArchive::first_archived`].
    fn first_token(&self, above: Size) -> Result<Option<StoredToken>, ReadError> {
        let Some(from) = above.grown_by(1) else {
            return Ok(None);
        };
        Ok(self.tokens(from)?.into_iter().next())
    }
}
