//! The contract of a log store, kept by the embedded one.

use record::hash::{Hash, sha256};
use record::positions::{LogIndex, Seq, Size, StreamVersion};
use std::sync::atomic::Ordering;
use uuid::Uuid;

use super::EmbeddedStore;
use crate::check;
use crate::disk::write_new;
use crate::embedded::frame::{FrameBlob, lies_in_frame};
use crate::embedded::index::Key;
use crate::embedded::rewrite::not_written;
use crate::embedded::state::Fault;
use crate::embedded::{checkpoint_file, rewrite};
use crate::log_store::archive::CheckpointArchive;
use crate::log_store::blobs::Blobs;
use crate::log_store::reader::LogReader;
use crate::log_store::writer::{Beside, LogWriter};
use crate::log_store::{
    ArchiveHead, Batch, BlobChange, CommandRow, CommitError, NewBlob, ReadError, StoreHealth,
    StoredCheckpoint, StoredEntry, StoredToken, StreamHead, UnusableReason,
};
use crate::sync::PoisonError;

impl LogReader for EmbeddedStore {
    fn size(&self) -> Size {
        self.state().known.tally.size
    }

    fn stream_count(&self) -> u64 {
        self.state().known.tally.streams
    }

    fn entry(&self, index: LogIndex) -> Result<Option<StoredEntry>, ReadError> {
        self.look(|state| state.stored(index))
    }

    fn leaf(&self, index: LogIndex) -> Result<Option<Hash>, ReadError> {
        self.look(|state| {
            if state.known.tally.size.holds(index) {
                state.node(0, index.get()).map(Some)
            } else {
                Ok(None)
            }
        })
    }

    fn root(&self) -> Result<(Size, Hash), ReadError> {
        let state = self.state();
        let corrupt = || ReadError::Corrupt {
            file: "journal".to_owned(),
            offset: 0,
            what: "what is known of it contradicts itself",
        };
        let root = state.known.tally.root().ok_or_else(corrupt)?;
        Ok((state.known.tally.size, root))
    }

    fn node(&self, level: u8, place: u64) -> Result<Hash, ReadError> {
        self.look(|state| state.node(level, place))
    }

    fn stream_head(&self, stream: Uuid) -> Result<Option<StreamHead>, ReadError> {
        // What memory knows stays true whatever becomes of the index.
        if let Some(head) = self.state().changed_head(stream) {
            return Ok(Some(head));
        }
        self.look(|state| Ok(state.head(stream)?))
    }

    fn heads(&self, from_ordinal: u64, limit: usize) -> Result<Vec<StreamHead>, ReadError> {
        self.look(|state| {
            let ordinals = (from_ordinal..state.known.tally.streams).take(limit);
            ordinals
                .map(|ordinal| state.head_at(ordinal)?.ok_or(Fault::Drift))
                .collect()
        })
    }

    fn stream_page(
        &self,
        stream: Uuid,
        from_seq: Seq,
        limit: usize,
    ) -> Result<Vec<StoredEntry>, ReadError> {
        self.look(|state| {
            let head = state.known.paged.head(&state.index, stream)?;
            let version = head.map_or(StreamVersion::EMPTY, |head| head.seq.version());
            from_seq
                .up_to(version)
                .take(limit)
                .map(|seq| {
                    let index = state
                        .known
                        .paged
                        .sequence(&state.index, stream, seq)?
                        .ok_or(Fault::Drift)?;
                    state.stored_in(index, stream, seq)?.ok_or(Fault::Drift)
                })
                .collect()
        })
    }

    fn event_index(&self, event_id: Uuid) -> Result<Option<LogIndex>, ReadError> {
        self.look(|state| {
            let found = state.index.position(&Key::Event(event_id))?;
            if found.is_some_and(|index| !state.known.tally.size.holds(index)) {
                Err(Fault::Drift)
            } else {
                Ok(found)
            }
        })
    }

    fn command(&self, id: Uuid) -> Result<Option<CommandRow>, ReadError> {
        let decode = |bytes: &[u8]| {
            let (mac, rest) = bytes.split_first_chunk::<32>()?;
            let (first, count) = rest.split_first_chunk::<8>()?;
            let count = u32::from_be_bytes(count.try_into().ok()?);
            Some(CommandRow {
                id,
                input_mac: *mac,
                first: LogIndex::from_be_bytes(*first),
                count,
            })
        };
        self.look(|state| Ok(state.index.read(&Key::Command(id), decode)?))
    }

    fn erasing_entries(&self) -> Result<Vec<LogIndex>, ReadError> {
        self.look(|state| {
            (0..state.known.tally.erasing)
                .map(|number| {
                    state
                        .index
                        .position(&Key::Erasing(number))?
                        .ok_or(Fault::Drift)
                })
                .collect()
        })
    }

    fn checkpoint(&self) -> Result<Option<StoredCheckpoint>, ReadError> {
        Ok(self.state().checkpoint.clone())
    }

    fn distrust(&self) -> Result<(), ReadError> {
        tracing::warn!("INDEX_DRIFT: the index contradicts the record and is made anew");
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let number = self.fail_index("INDEX_DRIFT: it contradicts the record");
        self.heal(&mut writer, number)
    }

    fn health(&self) -> StoreHealth {
        StoreHealth {
            unusable: self.stop.reason(),
            index: self
                .state()
                .failed
                .clone()
                .or_else(|| self.report.index.clone()),
        }
    }
}

impl LogWriter for EmbeddedStore {
    fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        self.commit_beside(batch, &mut || Ok(()))
    }

    fn commit_beside(&self, batch: Batch, beside: Beside<'_>) -> Result<(), CommitError> {
        let mut writer = self.writer()?;
        let outlines = self.check(&mut writer, &batch)?;
        let mut files = Vec::new();
        let written = self.write(&mut writer, (batch, outlines), &mut files, beside);
        if let Err(CommitError::NotWritten(_)) = &written {
            // No frame names these files. What cannot be removed now is swept when the store is
            // opened, or overwritten by the next commit.
            for file in files {
                if let Err(error) = self.disk.remove(&file) {
                    tracing::warn!(%error, "a blob of a batch that was not written stays for now");
                }
            }
        }
        written
    }

    fn put_checkpoint(&self, checkpoint: &StoredCheckpoint) -> Result<(), CommitError> {
        // Nothing else is written meanwhile, so what is checked here still holds when it is stored.
        let _writer = self.writer()?;
        let (size, stored) = {
            let state = self.state();
            (state.known.tally.clone(), state.checkpoint.clone())
        };
        check::checkpoint(size.size, stored.as_ref(), checkpoint)?;
        let stated = record::checkpoint::Checkpoint::of_note(&checkpoint.note);
        if stated.is_some_and(|stated| stated.size == size.size && Some(stated.root) != size.root())
        {
            tracing::error!(
                size = checkpoint.size.get(),
                "a checkpoint states another tree than the one that was committed; the store stops"
            );
            return Err(not_written(
                self.stop.because(UnusableReason::Contradiction),
            ));
        }
        let path = self.places.checkpoint();
        rewrite::replace_file(
            &*self.disk,
            &path,
            checkpoint_file::encode(checkpoint).as_bytes(),
        )?;
        self.state_mut().checkpoint = Some(checkpoint.clone());
        Ok(())
    }

    fn close(&self) -> Result<(), ReadError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if self.stop.reason().is_some() {
            return Ok(());
        }
        self.stop.because(UnusableReason::Closed);
        let archived = self
            .archive
            .close()
            .map_err(|error| ReadError::Failed(Box::new(error)));
        // A commit that was left out lies there until the sweep: somebody may know of it.
        let trimmed = if self.leaves_out.load(Ordering::Acquire) {
            Ok(())
        } else {
            let trimmed = writer.tail.trim();
            trimmed.map_err(|error| ReadError::Failed(Box::new(error)))
        };
        trimmed.and(archived)?;
        // The record is durable and whole without it: the next start makes it anew.
        if let Err(error) = self.close_index(&writer) {
            tracing::warn!(%error, "the index could not be put in order and is made anew at the next start");
        }
        Ok(())
    }
}

impl Blobs for EmbeddedStore {
    fn stage(&self, blob: Vec<u8>) -> Result<NewBlob, CommitError> {
        if let Some(reason) = self.stop.reason() {
            return Err(not_written(reason));
        }
        if lies_in_frame(&blob) {
            return Ok(NewBlob::Bytes(blob));
        }
        let hash = sha256(&blob);
        if let Err(error) = write_new(&*self.disk, &self.places.staged(&hash), &blob) {
            // Half a blob would take room on a disk that may be full.
            self.unstage(&NewBlob::Staged(hash))?;
            return Err(not_written(error));
        }
        Ok(NewBlob::Staged(hash))
    }

    fn unstage(&self, blob: &NewBlob) -> Result<(), CommitError> {
        let NewBlob::Staged(hash) = blob else {
            return Ok(());
        };
        match self.disk.remove(&self.places.staged(hash)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(not_written(error)),
            _ => Ok(()),
        }
    }

    fn blob(&self, index: LogIndex, part: u16) -> Result<Option<Vec<u8>>, ReadError> {
        let mut failed = None;
        // Twice, because the blob may be destroyed between looking it up and reading its file,
        // which happens outside the lock.
        for _ in 0..2 {
            match self.look(|state| state.blob(index, part))? {
                None | Some(FrameBlob::Destroyed) => return Ok(None),
                Some(FrameBlob::Inline(blob)) => return Ok(Some(blob)),
                Some(FrameBlob::File(hash)) => {
                    match rewrite::read_blob(&*self.disk, &self.places, index, part, &hash) {
                        Ok(blob) => return Ok(Some(blob)),
                        Err(error) => failed = Some(error),
                    }
                }
            }
        }
        failed.map_or(Ok(None), Err)
    }

    fn change_blobs(&self, changes: &[BlobChange]) -> Result<(), CommitError> {
        let mut writer = self.writer()?;
        for change in changes {
            let entry = self
                .look_under(&mut writer, |state| state.stored(change.index))
                .map_err(not_written)?;
            check::blob_exists(change, entry.map_or(0, |entry| entry.blobs.len()))?;
        }
        self.rewrite_blobs(&mut writer, changes)
    }
}

impl CheckpointArchive for EmbeddedStore {
    fn archive_checkpoint(&self, kept: &StoredCheckpoint) -> Result<(), CommitError> {
        check::archivable(self.size(), kept.size, kept.note.as_bytes())?;
        self.archive.keep(&*self.disk, kept)
    }

    fn first_archived(&self, above: Size) -> Result<Option<StoredCheckpoint>, ReadError> {
        self.archive.first(above)
    }

    fn last_archived(&self, at_most: Size) -> Result<Option<StoredCheckpoint>, ReadError> {
        self.archive.last(at_most)
    }

    fn archive_token(&self, size: Size, token: &[u8]) -> Result<(), CommitError> {
        check::archivable(self.size(), size, token)?;
        self.archive.keep_token(size, token)
    }

    fn archive_head(&self) -> Result<ArchiveHead, ReadError> {
        self.archive.head()
    }

    fn archive_link(&self, count: u64) -> Result<Option<Hash>, ReadError> {
        self.archive.link(count)
    }

    fn archive_mark(&self, known: &ArchiveHead) -> Result<(), CommitError> {
        self.archive.mark(known)
    }

    fn tokens(&self, from_size: Size) -> Result<Vec<StoredToken>, ReadError> {
        self.archive.tokens(from_size)
    }

    fn first_token(&self, above: Size) -> Result<Option<StoredToken>, ReadError> {
        self.archive.first_token(above)
    }
}
