//! Reading a log: its entries, its tree, its streams, and what is looked up by id.
//!
//! Blobs and the archive of checkpoints have traits of their own.

use record::hash::Hash;
use record::positions::{LogIndex, Seq, Size};
use uuid::Uuid;

use super::{CommandRow, ReadError, StoreHealth, StoredCheckpoint, StoredEntry, StreamHead};

/// Reads a log.
///
/// Promises of every implementation:
/// * A read that begins after a commit returned sees everything that the commit wrote.
/// * A read never sees a part of a batch. Indexes and sequences have no gaps.
/// * Bytes come back exactly as they were given, or the read fails.
pub trait LogReader: Send + Sync {
    /// The number of entries.
    fn size(&self) -> Size;

    /// The number of distinct streams.
    fn stream_count(&self) -> u64;

    /// The entry at `index`; `None` beyond the end of the log.
    ///
    /// # Errors
    /// [`ReadError::Corrupt`] if the bytes are not those of the leaf; [`ReadError::Failed`] if the
    /// medium or the index does not answer.
    fn entry(&self, index: LogIndex) -> Result<Option<StoredEntry>, ReadError>;

    /// The leaf hash at `index`; `None` beyond the end of the log.
    ///
    /// # Errors
    /// [`ReadError::Corrupt`] if what was looked up contradicts the log; [`ReadError::Failed`] if
    /// the medium or the index does not answer.
    fn leaf(&self, index: LogIndex) -> Result<Option<Hash>, ReadError>;

    /// How many entries there are, and the root of the tree over all of them (RFC 6962). Both come
    /// from what was committed; nothing is looked up for them.
    ///
    /// # Errors
    /// [`ReadError::Corrupt`] if the store contradicts itself.
    fn root(&self) -> Result<(Size, Hash), ReadError>;

    /// The root of the complete subtree over the leaves from `place << level` on, `1 << level`
    /// of them.
    ///
    /// # Errors
    /// [`ReadError::NodeBeyondLog`] if the log does not hold them all; [`ReadError::Corrupt`] if
    /// what was looked up contradicts the log; [`ReadError::Failed`] if the medium or the index
    /// does not answer.
    fn node(&self, level: u8, place: u64) -> Result<Hash, ReadError>;

    /// The newest entry of `stream`; `None` if the stream does not exist.
    ///
    /// # Errors
    /// As [`LogReader::leaf`].
    fn stream_head(&self, stream: Uuid) -> Result<Option<StreamHead>, ReadError>;

    /// At most `limit` heads by ordinal, from `from_ordinal` on.
    ///
    /// # Errors
    /// As [`LogReader::leaf`].
    fn heads(&self, from_ordinal: u64, limit: usize) -> Result<Vec<StreamHead>, ReadError>;

    /// At most `limit` entries of `stream` by sequence, from `from_seq` (1-based) on.
    ///
    /// # Errors
    /// As [`LogReader::entry`].
    fn stream_page(
        &self,
        stream: Uuid,
        from_seq: Seq,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, ReadError>;

    /// The log index of the event with this id; `None` if no event has it.
    ///
    /// # Errors
    /// As [`LogReader::leaf`].
    fn event_index(&self, event_id: Uuid) -> Result<Option<LogIndex>, ReadError>;

    /// The command with this id; `None` if no command has it.
    ///
    /// # Errors
    /// As [`LogReader::leaf`].
    fn command(&self, id: Uuid) -> Result<Option<CommandRow>, ReadError>;

    /// The indexes of all entries that carry an `er` claim, rising.
    ///
    /// # Errors
    /// As [`LogReader::leaf`].
    fn erasing_entries(&self) -> Result<Vec<LogIndex>, ReadError>;

    /// The latest stored checkpoint; `None` before the first.
    ///
    /// # Errors
    /// [`ReadError::Corrupt`] if it is not the one that was stored; [`ReadError::Failed`] if the
    /// medium does not answer.
    fn checkpoint(&self) -> Result<Option<StoredCheckpoint>, ReadError>;

    /// Makes anew whatever the store derived from its log. The caller has proof that it is wrong
    /// (`INDEX_DRIFT`). A store that derives nothing has nothing to do.
    ///
    /// # Errors
    /// [`ReadError::Corrupt`] if the log itself is damaged; [`ReadError::Failed`] if nothing new
    /// could be made, or the store is closed.
    fn distrust(&self) -> Result<(), ReadError> {
        Ok(())
    }

    /// How the store stands. It never waits for a write.
    fn health(&self) -> StoreHealth {
        StoreHealth::default()
    }
}
