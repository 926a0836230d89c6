//! The blobs of a log: the encrypted parts of its entries, which can be replaced and destroyed.
//!
//! Whether a blob is the one that its entry commits to is not checked here.

use record::positions::LogIndex;

#[cfg(doc)]
use super::INLINE_BYTES_MAX;
use super::{BlobChange, CommitError, NewBlob, ReadError};

/// Stores, reads and destroys blobs.
///
/// Promises of every implementation:
/// * Bytes come back exactly as they were given, or not at all.
/// * After [`Blobs::change_blobs`] returned `Ok`, the old bytes are nowhere in the store.
/// * A staged blob belongs to at most one entry.
pub trait Blobs: Send + Sync {
    /// Writes a blob ahead of the entry that it will belong to, so that a long document never lies
    /// in memory as a whole. Its bytes are durable when this returns `Ok`. It belongs to no entry
    /// until a commit takes it; a commit that fails may have used it up. A blob that no commit has
    /// taken is destroyed when the store is opened. A blob of at most [`INLINE_BYTES_MAX`] bytes
    /// is handed back as it is.
    ///
    /// # Errors
    /// [`CommitError::NotWritten`] if the medium refused or the store takes no writes.
    fn stage(&self, blob: Vec<u8>) -> Result<NewBlob, CommitError>;

    /// Gives a staged blob up. Nothing happens to one that a commit has taken, or that was given
    /// up before.
    ///
    /// # Errors
    /// [`CommitError::NotWritten`] if the medium refused.
    fn unstage(&self, blob: &NewBlob) -> Result<(), CommitError>;

    /// One blob of the entry at `index`, whatever its length; `None` if it was destroyed or there
    /// is no such blob.
    ///
    /// # Errors
    /// [`ReadError::Corrupt`] if the bytes are not those that were stored; [`ReadError::Failed`]
    /// if the medium or the index does not answer.
    fn blob(&self, index: LogIndex, part: u16) -> Result<Option<Vec<u8>>, ReadError>;

    /// Replaces or destroys blobs.
    ///
    /// Changes may be applied in steps, so after an error some may be in force; repeating the
    /// whole call is safe and completes them.
    ///
    /// # Errors
    /// [`CommitError::NotWritten`] if a change names a blob that does not exist (nothing is
    /// changed then) or the medium refused; [`CommitError::Unknown`] if a change may have been
    /// made, or the old bytes could not be removed.
    fn change_blobs(&self, changes: &[BlobChange]) -> Result<(), CommitError>;
}
