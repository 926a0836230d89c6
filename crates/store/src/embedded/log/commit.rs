//! Writing a batch that was checked: its blobs first, then its frame, then what memory and the
//! index know of it. A crash before the frame is durable leaves files that no frame names.
//!
//! The frame counts when what its entries need is durable as well.

use std::path::PathBuf;
use std::sync::Arc;

use record::hash::Hash;
use record::outline::Outline;
use record::positions::LogIndex;

use super::EmbeddedStore;
use crate::embedded::frame::{self, Frame, FrameBlob, FrameEntry};
use crate::embedded::growing::{AppendError, Growing};
use crate::embedded::rewrite::not_written;
use crate::embedded::segment::{SEGMENT_HEADER, Segment};
use crate::embedded::writer::Writer;
use crate::embedded::{rebuild, rewrite};
use crate::log_store::writer::Beside;
use crate::log_store::{Batch, BatchFault, CommitError, NewBlob, UnusableReason};

impl EmbeddedStore {
    /// Puts a blob where it belongs; the files that came to be are added to `files`.
    fn place_blob(
        &self,
        index: LogIndex,
        part: usize,
        blob: NewBlob,
        files: &mut Vec<PathBuf>,
    ) -> Result<FrameBlob, CommitError> {
        let placed = match blob {
            NewBlob::Bytes(bytes) => {
                rewrite::store_blob(&*self.disk, &self.places, index, part, bytes)
                    .map_err(not_written)?
            }
            NewBlob::Staged(hash) => match self.disk.rename(
                &self.places.staged(&hash),
                &self.places.blob(index, part, &hash),
            ) {
                Ok(()) => FrameBlob::File(hash),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    return Err(not_written(BatchFault::NotStaged { index }));
                }
                Err(error) => return Err(not_written(error)),
            },
        };
        if let FrameBlob::File(hash) = &placed {
            files.push(self.places.blob(index, part, hash));
        }
        Ok(placed)
    }

    fn make_frame(
        &self,
        batch: Batch,
        outlines: Vec<Outline>,
        files: &mut Vec<PathBuf>,
    ) -> Result<Frame, CommitError> {
        let mut entries = Vec::with_capacity(batch.entries.len());
        for (index, entry) in batch.first.and_behind().zip(batch.entries) {
            let mut blobs = Vec::with_capacity(entry.blobs.len());
            for (part, blob) in entry.blobs.into_iter().enumerate() {
                blobs.push(self.place_blob(index, part, blob, files)?);
            }
            entries.push(FrameEntry {
                bytes: entry.bytes,
                blobs,
            });
        }
        if !files.is_empty() {
            self.disk
                .sync_dir(&self.places.blobs())
                .map_err(not_written)?;
        }
        Ok(Frame {
            first: batch.first,
            entries,
            outlines,
            commands: batch.commands,
            proof: batch.proof,
        })
    }

    /// Writes a batch that was checked, and waits for what its entries need. `files` gains the blob
    /// files that were made for it.
    pub(super) fn write(
        &self,
        writer: &mut Writer,
        (batch, outlines): (Batch, Vec<Outline>),
        files: &mut Vec<PathBuf>,
        beside: Beside<'_>,
    ) -> Result<(), CommitError> {
        let leaves: Vec<Hash> = batch.entries.iter().map(|entry| entry.leaf).collect();
        let frame = self.make_frame(batch, outlines, files)?;
        let (bytes, places) = frame::encode(&frame).ok_or_else(|| {
            not_written(BatchFault::TooManyBytes {
                bytes: frame::BODY_MAX,
            })
        })?;
        let segment = self.target(writer, bytes.len(), frame.first)?;
        // Once more, behind everything that came between: what is written now can never be taken
        // back.
        let index = {
            let mut state = self.state_mut();
            let state = &mut *state;
            if let Err(error) = state.known.fetch(&frame, &state.index) {
                state.failed.get_or_insert_with(|| error.to_string());
                return Err(not_written(error));
            }
            if state.known.follows(&frame).is_err() {
                return Err(not_written(
                    self.stop.because(UnusableReason::Contradiction),
                ));
            }
            state.index.room()
        };
        index.make_room();
        let offset = match writer.tail.write(&bytes) {
            Ok(offset) => offset,
            Err(AppendError::NotWritten(error)) => return Err(not_written(error)),
            Err(AppendError::Unknown(error)) => return Err(self.unknown(error)),
        };
        writer.tail.sync().map_err(|error| self.unknown(error))?;
        // A crash here may leave the frame without its keys. It is the newest one then, and is left
        // out when the log is opened: nothing follows it before both are durable.
        beside().map_err(|error| self.unknown(error))?;
        writer.tail.accept();
        let mut state = self.state_mut();
        let rows = match state
            .known
            .absorb(&frame, &leaves, &places, segment.number, offset)
        {
            Ok(rows) => rows,
            Err(contradiction) => {
                tracing::error!(%contradiction, first = frame.first.get(), "the store contradicts itself and stops");
                self.stop.because(UnusableReason::Contradiction);
                return Err(CommitError::Unknown(Box::new(contradiction)));
            }
        };
        if let Err(error) = state.index.put(rows) {
            tracing::warn!(%error, "the index did not take a batch; it is made anew when it is next asked");
            state.failed.get_or_insert_with(|| error.to_string());
        }
        Ok(())
    }

    /// The segment that takes a frame of this length; a new one when the last is full.
    fn target(
        &self,
        writer: &mut Writer,
        frame_len: usize,
        first: LogIndex,
    ) -> Result<Segment, CommitError> {
        let last = self.state().segments.last().cloned();
        let end = writer.tail.end();
        let fits = end + frame_len as u64 <= self.segment_bytes || end <= SEGMENT_HEADER;
        if let (Some(last), true) = (&last, fits) {
            return Ok(last.clone());
        }
        // A closed segment holds frames and nothing else.
        writer.tail.trim().map_err(not_written)?;
        if let Some(last) = &last {
            last.file.sync_data().map_err(not_written)?;
        }
        self.seal(writer);
        let number = last.map_or(0, |last| last.number + 1);
        let segment = rebuild::begin_segment(&*self.disk, &self.places, number, first)
            .map_err(not_written)?;
        if !segment.file.try_lock().map_err(not_written)? {
            return Err(not_written(self.stop.because(UnusableReason::LockLost)));
        }
        self.state_mut().segments.push(segment.clone());
        writer.tail = Growing::new(Arc::clone(&segment.file), SEGMENT_HEADER);
        Ok(segment)
    }
}
