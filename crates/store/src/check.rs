//! The checks that every store makes in the atomic step of a commit.
//!
//! They read the log through a trait and write nothing.

use std::collections::{BTreeMap, BTreeSet};

use record::merkle::leaf_hash;
use record::outline::{EventOutline, Outline};
use record::positions::{LogIndex, Seq, Size};
use uuid::Uuid;

use crate::log_store::{
    ARCHIVED_BYTES_MAX, BATCH_BYTES_MAX, BLOB_COUNT_MAX, Batch, BatchFault, BlobChange,
    CommitError, ENTRY_BYTES_MAX, EVENT_COUNT_MAX, NewBlob, NewEntry, SYSTEM_ENTRY_COUNT_MAX,
    StoredCheckpoint, UnusableReason,
};

/// The ordinal and the newest sequence of a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tail {
    pub(crate) ordinal: u64,
    pub(crate) seq: Seq,
}

/// What the checks need to know of the log.
pub(crate) trait Known {
    type Error: std::error::Error + Send + Sync + 'static;
    fn size(&self) -> Size;
    fn stream_count(&self) -> u64;
    fn tail(&self, stream: Uuid) -> Result<Option<Tail>, Self::Error>;
    fn has_event(&self, event_id: Uuid) -> Result<bool, Self::Error>;
    fn has_command(&self, id: Uuid) -> Result<bool, Self::Error>;
}

fn not_written(error: impl std::error::Error + Send + Sync + 'static) -> CommitError {
    CommitError::NotWritten(Box::new(error))
}

/// Checks `batch` in the order that the contract promises; answers what its entries say of
/// themselves.
pub(crate) fn check<K: Known>(known: &K, batch: &Batch) -> Result<Vec<Outline>, CommitError> {
    if batch.first != known.size().next_index() {
        return Err(CommitError::SizeConflict {
            expected: batch.first.size_before(),
            actual: known.size(),
        });
    }
    let outlines = limits(batch).map_err(not_written)?;
    places(known, batch, &outlines)?;
    let mut ids = BTreeSet::new();
    for command in &batch.commands {
        if !command.is_within(batch.first, batch.entries.len() as u64) {
            return Err(not_written(BatchFault::CommandOutsideBatch {
                id: command.id,
            }));
        }
        if !ids.insert(command.id) || known.has_command(command.id).map_err(not_written)? {
            return Err(CommitError::CommandIdUsed { id: command.id });
        }
    }
    Ok(outlines)
}

fn outlines(batch: &Batch) -> Result<Vec<Outline>, BatchFault> {
    let read = |(index, entry): (LogIndex, &NewEntry)| {
        let outline = Outline::read(&entry.bytes)
            .ok()
            .filter(|outline| outline.index() == index);
        outline.ok_or(BatchFault::WrongPlace { index })
    };
    let placed = batch.first.and_behind().zip(&batch.entries);
    placed.map(read).collect()
}

fn limits(batch: &Batch) -> Result<Vec<Outline>, BatchFault> {
    if batch.entries.is_empty() {
        return Err(BatchFault::Empty);
    }
    if batch.entries.len() > EVENT_COUNT_MAX + SYSTEM_ENTRY_COUNT_MAX {
        return Err(BatchFault::TooManyEntries);
    }
    for (index, entry) in batch.first.and_behind().zip(&batch.entries) {
        if entry.bytes.len() > ENTRY_BYTES_MAX {
            return Err(BatchFault::EntryTooLong { index });
        }
    }
    let outlines = outlines(batch)?;
    let system = outlines
        .iter()
        .filter(|outline| matches!(outline, Outline::System { .. }))
        .count();
    if system > SYSTEM_ENTRY_COUNT_MAX || batch.entries.len() - system > EVENT_COUNT_MAX {
        return Err(BatchFault::TooManyEntries);
    }
    let bytes = batch.entries.iter().map(entry_bytes).sum();
    if bytes > BATCH_BYTES_MAX && batch.entries.len() > 1 {
        return Err(BatchFault::TooManyBytes { bytes });
    }
    for (index, entry) in batch.first.and_behind().zip(&batch.entries) {
        if entry.blobs.len() > BLOB_COUNT_MAX {
            return Err(BatchFault::TooManyBlobs { index });
        }
        if leaf_hash(&entry.bytes) != entry.leaf {
            return Err(BatchFault::WrongLeaf { index });
        }
    }
    if batch.proof.is_none() && (system < outlines.len() || !batch.commands.is_empty()) {
        return Err(BatchFault::Unproven);
    }
    Ok(outlines)
}

fn entry_bytes(entry: &NewEntry) -> usize {
    entry.bytes.len() + entry.blobs.iter().map(NewBlob::held).sum::<usize>()
}

fn places<K: Known>(known: &K, batch: &Batch, outlines: &[Outline]) -> Result<(), CommitError> {
    let mut tails: BTreeMap<Uuid, Tail> = BTreeMap::new();
    let mut events = BTreeSet::new();
    let mut next_ordinal = known.stream_count();
    for (index, outline) in batch.first.and_behind().zip(outlines) {
        let Outline::Event(EventOutline {
            stream,
            ordinal,
            seq,
            event_id,
            ..
        }) = *outline
        else {
            continue;
        };
        let before = match tails.get(&stream) {
            Some(tail) => Some(*tail),
            None => known.tail(stream).map_err(not_written)?,
        };
        if seq.previous() != before.map(|tail| tail.seq) {
            let next = |tail: Tail| tail.seq.next().unwrap_or(tail.seq);
            return Err(CommitError::SequenceConflict {
                stream,
                expected: seq,
                actual: before.map_or(Seq::FIRST, next),
            });
        }
        if ordinal != before.map_or(next_ordinal, |tail| tail.ordinal) {
            return Err(not_written(BatchFault::WrongOrdinal { index }));
        }
        next_ordinal += u64::from(before.is_none());
        tails.insert(stream, Tail { ordinal, seq });
        if !events.insert(event_id) || known.has_event(event_id).map_err(not_written)? {
            return Err(CommitError::EventIdUsed { event_id });
        }
    }
    Ok(())
}

/// Whether a checkpoint may follow the stored one.
pub(crate) fn checkpoint(
    size: Size,
    stored: Option<&StoredCheckpoint>,
    new: &StoredCheckpoint,
) -> Result<(), CommitError> {
    let least = stored.map_or(Size::EMPTY, |stored| stored.size);
    if new.size < least || new.size > size {
        return Err(CommitError::SizeConflict {
            expected: new.size,
            actual: if new.size > size { size } else { least },
        });
    }
    Ok(())
}

/// Whether a note or a token over a checkpoint of `covers` entries may be archived.
pub(crate) fn archivable(size: Size, covers: Size, bytes: &[u8]) -> Result<(), CommitError> {
    if bytes.is_empty() || bytes.len() > ARCHIVED_BYTES_MAX {
        return Err(not_written(UnusableReason::NotArchivable));
    }
    if covers > size {
        Err(CommitError::SizeConflict {
            expected: covers,
            actual: size,
        })
    } else {
        Ok(())
    }
}

/// Whether the blob of a change exists in an entry with so many parts.
pub(crate) fn blob_exists(change: &BlobChange, parts: usize) -> Result<(), CommitError> {
    if usize::from(change.part) < parts {
        Ok(())
    } else {
        Err(not_written(UnusableReason::NoBlob))
    }
}
