//! A log store that stands in front of another and changes some of its answers. For tests.
//!
//! Every method answers as the store behind does until the implementer says something else.

use record::hash::Hash;
use record::positions::{LogIndex, Seq, Size};
use uuid::Uuid;

use crate::log_store::archive::CheckpointArchive;
use crate::log_store::blobs::Blobs;
use crate::log_store::reader::LogReader;
use crate::log_store::writer::LogWriter;
use crate::log_store::{
    ArchiveHead, Batch, BlobChange, CommandRow, CommitError, LogStore, NewBlob, ReadError,
    StoreHealth, StoredCheckpoint, StoredEntry, StoredToken, StreamHead,
};

/// A store in front of another. Whatever implements it is a [`LogStore`].
#[expect(
    clippy::missing_errors_doc,
    missing_docs,
    reason = "each method is the one of the same name in `log_store`, where it is described"
)]
pub trait Overlay: Send + Sync {
    /// The store behind it, which answers whatever is not changed here.
    fn behind(&self) -> &dyn LogStore;

    fn size(&self) -> Size {
        self.behind().size()
    }

    fn stream_count(&self) -> u64 {
        self.behind().stream_count()
    }

    fn entry(&self, index: LogIndex) -> Result<Option<StoredEntry>, ReadError> {
        self.behind().entry(index)
    }

    fn leaf(&self, index: LogIndex) -> Result<Option<Hash>, ReadError> {
        self.behind().leaf(index)
    }

    fn root(&self) -> Result<(Size, Hash), ReadError> {
        self.behind().root()
    }

    fn node(&self, level: u8, place: u64) -> Result<Hash, ReadError> {
        self.behind().node(level, place)
    }

    fn stream_head(&self, stream: Uuid) -> Result<Option<StreamHead>, ReadError> {
        self.behind().stream_head(stream)
    }

    fn heads(&self, from_ordinal: u64, limit: usize) -> Result<Vec<StreamHead>, ReadError> {
        self.behind().heads(from_ordinal, limit)
    }

    fn stream_page(
        &self,
        stream: Uuid,
        from_seq: Seq,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, ReadError> {
        self.behind().stream_page(stream, from_seq, limit)
    }

    fn event_index(&self, event_id: Uuid) -> Result<Option<LogIndex>, ReadError> {
        self.behind().event_index(event_id)
    }

    fn command(&self, id: Uuid) -> Result<Option<CommandRow>, ReadError> {
        self.behind().command(id)
    }

    fn erasing_entries(&self) -> Result<Vec<LogIndex>, ReadError> {
        self.behind().erasing_entries()
    }

    fn checkpoint(&self) -> Result<Option<StoredCheckpoint>, ReadError> {
        self.behind().checkpoint()
    }

    fn distrust(&self) -> Result<(), ReadError> {
        self.behind().distrust()
    }

    fn health(&self) -> StoreHealth {
        self.behind().health()
    }

    fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        self.behind().commit(batch)
    }

    fn put_checkpoint(&self, checkpoint: &StoredCheckpoint) -> Result<(), CommitError> {
        self.behind().put_checkpoint(checkpoint)
    }

    fn close(&self) -> Result<(), ReadError> {
        self.behind().close()
    }

    fn stage(&self, blob: Vec<u8>) -> Result<NewBlob, CommitError> {
        self.behind().stage(blob)
    }

    fn unstage(&self, blob: &NewBlob) -> Result<(), CommitError> {
        self.behind().unstage(blob)
    }

    fn blob(&self, index: LogIndex, part: u16) -> Result<Option<Vec<u8>>, ReadError> {
        self.behind().blob(index, part)
    }

    fn change_blobs(&self, changes: &[BlobChange]) -> Result<(), CommitError> {
        self.behind().change_blobs(changes)
    }

    fn archive_checkpoint(&self, kept: &StoredCheckpoint) -> Result<(), CommitError> {
        self.behind().archive_checkpoint(kept)
    }

    fn first_archived(&self, above: Size) -> Result<Option<StoredCheckpoint>, ReadError> {
        self.behind().first_archived(above)
    }

    fn last_archived(&self, at_most: Size) -> Result<Option<StoredCheckpoint>, ReadError> {
        self.behind().last_archived(at_most)
    }

    fn archive_token(&self, size: Size, token: &[u8]) -> Result<(), CommitError> {
        self.behind().archive_token(size, token)
    }

    fn archive_head(&self) -> Result<ArchiveHead, ReadError> {
        self.behind().archive_head()
    }

    fn archive_link(&self, count: u64) -> Result<Option<Hash>, ReadError> {
        self.behind().archive_link(count)
    }

    fn archive_mark(&self, known: &ArchiveHead) -> Result<(), CommitError> {
        self.behind().archive_mark(known)
    }

    fn tokens(&self, from_size: Size) -> Result<Vec<StoredToken>, ReadError> {
        self.behind().tokens(from_size)
    }

    fn first_token(&self, above: Size) -> Result<Option<StoredToken>, ReadError> {
        self.behind().first_token(above)
    }
}

impl<T: Overlay + ?Sized> LogReader for T {
    fn size(&self) -> Size {
        Overlay::size(self)
    }

    fn stream_count(&self) -> u64 {
        Overlay::stream_count(self)
    }

    fn entry(&self, index: LogIndex) -> Result<Option<StoredEntry>, ReadError> {
        Overlay::entry(self, index)
    }

    fn leaf(&self, index: LogIndex) -> Result<Option<Hash>, ReadError> {
        Overlay::leaf(self, index)
    }

    fn root(&self) -> Result<(Size, Hash), ReadError> {
        Overlay::root(self)
    }

    fn node(&self, level: u8, place: u64) -> Result<Hash, ReadError> {
        Overlay::node(self, level, place)
    }

    fn stream_head(&self, stream: Uuid) -> Result<Option<StreamHead>, ReadError> {
        Overlay::stream_head(self, stream)
    }

    fn heads(&self, from_ordinal: u64, limit: usize) -> Result<Vec<StreamHead>, ReadError> {
        Overlay::heads(self, from_ordinal, limit)
    }

    fn stream_page(
        &self,
        stream: Uuid,
        from_seq: Seq,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, ReadError> {
        Overlay::stream_page(self, stream, from_seq, limit)
    }

    fn event_index(&self, event_id: Uuid) -> Result<Option<LogIndex>, ReadError> {
        Overlay::event_index(self, event_id)
    }

    fn command(&self, id: Uuid) -> Result<Option<CommandRow>, ReadError> {
        Overlay::command(self, id)
    }

    fn erasing_entries(&self) -> Result<Vec<LogIndex>, ReadError> {
        Overlay::erasing_entries(self)
    }

    fn checkpoint(&self) -> Result<Option<StoredCheckpoint>, ReadError> {
        Overlay::checkpoint(self)
    }

    fn distrust(&self) -> Result<(), ReadError> {
        Overlay::distrust(self)
    }

    fn health(&self) -> StoreHealth {
        Overlay::health(self)
    }
}

impl<T: Overlay + ?Sized> LogWriter for T {
    fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        Overlay::commit(self, batch)
    }

    fn put_checkpoint(&self, checkpoint: &StoredCheckpoint) -> Result<(), CommitError> {
        Overlay::put_checkpoint(self, checkpoint)
    }

    fn close(&self) -> Result<(), ReadError> {
        Overlay::close(self)
    }
}

impl<T: Overlay + ?Sized> Blobs for T {
    fn stage(&self, blob: Vec<u8>) -> Result<NewBlob, CommitError> {
        Overlay::stage(self, blob)
    }

    fn unstage(&self, blob: &NewBlob) -> Result<(), CommitError> {
        Overlay::unstage(self, blob)
    }

    fn blob(&self, index: LogIndex, part: u16) -> Result<Option<Vec<u8>>, ReadError> {
        Overlay::blob(self, index, part)
    }

    fn change_blobs(&self, changes: &[BlobChange]) -> Result<(), CommitError> {
        Overlay::change_blobs(self, changes)
    }
}

impl<T: Overlay + ?Sized> CheckpointArchive for T {
    fn archive_checkpoint(&self, kept: &StoredCheckpoint) -> Result<(), CommitError> {
        Overlay::archive_checkpoint(self, kept)
    }

    fn first_archived(&self, above: Size) -> Result<Option<StoredCheckpoint>, ReadError> {
        Overlay::first_archived(self, above)
    }

    fn last_archived(&self, at_most: Size) -> Result<Option<StoredCheckpoint>, ReadError> {
        Overlay::last_archived(self, at_most)
    }

    fn archive_token(&self, size: Size, token: &[u8]) -> Result<(), CommitError> {
        Overlay::archive_token(self, size, token)
    }

    fn archive_head(&self) -> Result<ArchiveHead, ReadError> {
        Overlay::archive_head(self)
    }

    fn archive_link(&self, count: u64) -> Result<Option<Hash>, ReadError> {
        Overlay::archive_link(self, count)
    }

    fn archive_mark(&self, known: &ArchiveHead) -> Result<(), CommitError> {
        Overlay::archive_mark(self, known)
    }

    fn tokens(&self, from_size: Size) -> Result<Vec<StoredToken>, ReadError> {
        Overlay::tokens(self, from_size)
    }

    fn first_token(&self, above: Size) -> Result<Option<StoredToken>, ReadError> {
        Overlay::first_token(self, above)
    }
}
