//! Writing to a log: committing batches, and storing the checkpoint over them.
//!
//! It signs nothing: entries, command lists and checkpoints come signed.

#[cfg(doc)]
use super::BatchFault;
use super::{Batch, BoxError, CommitError, ReadError, StoredCheckpoint};

/// Waits until what the entries of a batch need is durable elsewhere, such as their keys. It must
/// not call the log.
pub type Beside<'a> = &'a mut dyn FnMut() -> Result<(), BoxError>;

/// Writes to a log.
///
/// Promises of every implementation:
/// * When [`LogWriter::commit`] returns `Ok`, the batch survives a crash and a loss of power.
/// * The size, every sequence, every event id and every command id are checked in the same
///   atomic step that writes the batch. Of two commits that expect the same size, one wins.
/// * Where an entry belongs is read from its signed bytes; nothing that stands beside them is
///   believed.
pub trait LogWriter: Send + Sync {
    /// Writes the whole batch or nothing.
    ///
    /// # Errors
    /// Checked in this order: [`CommitError::SizeConflict`] if the log has another size;
    /// [`CommitError::NotWritten`] with a [`BatchFault`] if no store may accept the batch; then
    /// entry by entry [`CommitError::SequenceConflict`] if it does not continue its stream, a
    /// fault of its ordinal, and [`CommitError::EventIdUsed`]; then
    /// [`CommitError::CommandIdUsed`]. [`CommitError::NotWritten`] also if the medium refused;
    /// [`CommitError::Unknown`] if nobody can tell whether it was written: every later commit is
    /// refused until the store is opened again.
    fn commit(&self, batch: Batch) -> Result<(), CommitError>;

    /// Writes a batch while what its entries need becomes durable elsewhere, and waits for both:
    /// before that nothing of the batch is read or counted. `beside` is called once at most, and not
    /// at all for a batch that is refused. The default waits before it writes.
    ///
    /// A crash may leave the batch without what it needs. It is then the newest one, and nothing of
    /// it was acknowledged: see [`half_commit`](crate::half_commit).
    ///
    /// # Errors
    /// As [`LogWriter::commit`]; [`CommitError::Unknown`] also if `beside` fails where the batch may
    /// be written by then.
    fn commit_beside(&self, batch: Batch, beside: Beside<'_>) -> Result<(), CommitError> {
        beside().map_err(CommitError::NotWritten)?;
        self.commit(batch)
    }

    /// Replaces the stored checkpoint, durably when this returns `Ok`.
    ///
    /// # Errors
    /// [`CommitError::SizeConflict`] if it covers less than the stored one or more than the log;
    /// [`CommitError::NotWritten`] if the medium refused or it states another tree than the
    /// log's; [`CommitError::Unknown`] if either of the two may be stored now.
    fn put_checkpoint(&self, checkpoint: &StoredCheckpoint) -> Result<(), CommitError>;

    /// Shuts down cleanly. Later writes are refused with [`CommitError::NotWritten`].
    ///
    /// # Errors
    /// [`ReadError::Failed`] if derived files could not be put in order; the log itself is
    /// durable regardless.
    fn close(&self) -> Result<(), ReadError>;
}
