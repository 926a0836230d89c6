//! Replacing things on disk: whole small files, and blobs in closed frames.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use record::hash::{Hash, sha256};
use record::positions::{LogIndex, Size};

use super::frame::{self, FrameBlob, lies_in_frame};
use super::index::EntryPlace;
use super::places::{Places, is_stray};
use super::segment::{self, PlacedFrame, Segment};
use crate::disk::{Disk, read_all, write_new};
use crate::log_store::{BlobChange, BoxError, CommitError, ReadError};

/// A write that failed before anything was written.
pub(crate) fn not_written(error: impl Into<BoxError>) -> CommitError {
    CommitError::NotWritten(error.into())
}

/// Puts a blob where it belongs: in the frame, or in a file of its own that is synced here.
pub(crate) fn store_blob(
    disk: &dyn Disk,
    places: &Places,
    index: LogIndex,
    part: usize,
    blob: Vec<u8>,
) -> io::Result<FrameBlob> {
    if lies_in_frame(&blob) {
        return Ok(FrameBlob::Inline(blob));
    }
    let hash = sha256(&blob);
    // Never written in place: the same content may be there already, and count on being whole.
    let path = places.blob(index, part, &hash);
    let temporary = path.with_extension("new");
    write_new(disk, &temporary, &blob)?;
    disk.rename(&temporary, &path)?;
    Ok(FrameBlob::File(hash))
}

/// Reads a blob from its file.
pub(crate) fn read_blob(
    disk: &dyn Disk,
    places: &Places,
    index: LogIndex,
    part: u16,
    hash: &Hash,
) -> Result<Vec<u8>, ReadError> {
    let path = places.blob(index, usize::from(part), hash);
    let bytes = read_all(disk, &path).map_err(|error| ReadError::Failed(Box::new(error)))?;
    if sha256(&bytes) == *hash {
        Ok(bytes)
    } else {
        Err(ReadError::Corrupt {
            file: path.display().to_string(),
            offset: 0,
            what: "the blob is not the one that was stored",
        })
    }
}

/// Removes the files among the blobs that belong to no entry.
pub(crate) fn sweep(disk: &dyn Disk, places: &Places, size: Size) -> io::Result<()> {
    let names = disk.list(&places.blobs())?;
    let stray: Vec<&String> = names.iter().filter(|name| is_stray(name, size)).collect();
    for name in &stray {
        disk.remove(&places.blobs().join(name))?;
    }
    if stray.is_empty() {
        Ok(())
    } else {
        disk.sync_dir(&places.blobs())
    }
}

/// Replaces a small file as a whole: new file, sync, rename, sync of the directory.
pub(crate) fn replace_file(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<(), CommitError> {
    let temporary = path.with_extension("new");
    write_new(disk, &temporary, bytes).map_err(not_written)?;
    let switch = || -> io::Result<()> {
        disk.rename(&temporary, path)?;
        disk.sync_dir(path.parent().unwrap_or(path))
    };
    switch().map_err(|error| CommitError::Unknown(Box::new(error)))
}

/// A segment that was written anew beside the old one.
pub(crate) struct Rewritten {
    pub(crate) segment: Segment,
    /// Where its entries lie now.
    pub(crate) places: Vec<(LogIndex, EntryPlace)>,
    /// Where it ends.
    pub(crate) end: u64,
}

/// A segment could not be written anew.
pub(crate) enum RewriteError {
    /// The old segment is in force.
    Before(io::Error),
    /// Either may be.
    After(io::Error),
}

/// The blobs of a segment that change, by entry and part.
pub(crate) type Changes<'a> = BTreeMap<(LogIndex, usize), &'a BlobChange>;

/// Writes a segment anew with changed blobs and puts it in the place of the old one; durable on
/// return. A reader that has the old one open goes on reading it.
pub(crate) fn rewrite_segment(
    disk: &dyn Disk,
    places: &Places,
    segment: &Segment,
    first: LogIndex,
    changes: &Changes<'_>,
) -> Result<Rewritten, RewriteError> {
    let before = RewriteError::Before;
    let frames = read_frames(segment).map_err(before)?;
    let first = frames.first().map_or(first, |placed| placed.frame.first);
    let mut bytes = segment::header(first);
    let mut rows: Vec<(LogIndex, EntryPlace)> = Vec::new();
    for PlacedFrame { mut frame, .. } in frames {
        for (index, entry) in frame.first.and_behind().zip(&mut frame.entries) {
            for (part, slot) in entry.blobs.iter_mut().enumerate() {
                let Some(change) = changes.get(&(index, part)) else {
                    continue;
                };
                *slot = match &change.blob {
                    None => FrameBlob::Destroyed,
                    Some(blob) => {
                        store_blob(disk, places, index, part, blob.clone()).map_err(before)?
                    }
                };
            }
        }
        let (encoded, entries) = frame::encode(&frame)
            .ok_or_else(|| before(io::Error::other("the frame is too long")))?;
        for ((index, entry), (at, len)) in frame.first.and_behind().zip(&frame.entries).zip(entries)
        {
            let leaf = record::merkle::leaf_hash(&entry.bytes);
            let offset = bytes.len() as u64 + u64::from(at);
            rows.push((
                index,
                EntryPlace {
                    segment: segment.number,
                    offset,
                    len,
                    leaf,
                },
            ));
        }
        bytes.extend_from_slice(&encoded);
    }
    let temporary = segment.path.with_extension("new");
    let file = write_new(disk, &temporary, &bytes).map_err(before)?;
    // Locked before it has the name of the old one: at no moment can another process take it.
    if !file.try_lock().map_err(before)? {
        return Err(before(io::Error::other(
            "another process writes to the journal",
        )));
    }
    disk.sync_dir(&places.blobs()).map_err(before)?;
    disk.rename(&temporary, &segment.path).map_err(before)?;
    disk.sync_dir(&places.journal())
        .map_err(RewriteError::After)?;
    let segment = Segment {
        number: segment.number,
        path: segment.path.clone(),
        file,
    };
    Ok(Rewritten {
        segment,
        places: rows,
        end: bytes.len() as u64,
    })
}

fn read_frames(segment: &Segment) -> io::Result<Vec<PlacedFrame>> {
    let mut next = segment.first()?;
    let mut frames = Vec::new();
    let end = segment.scan(&mut next, &mut |placed| {
        frames.push(placed);
        Ok(())
    });
    match end {
        Ok(end) if end.bad.is_none() => Ok(frames),
        Ok(end) => Err(io::Error::other(
            segment.corrupt(end.offset, end.bad.unwrap_or("damaged")),
        )),
        Err(error) => Err(io::Error::other(error)),
    }
}

/// Removes every file of a changed blob that no frame refers to any more. Repeating is safe.
pub(crate) fn remove_old_files(
    disk: &dyn Disk,
    places: &Places,
    size: Size,
    changes: &[BlobChange],
) -> io::Result<()> {
    let names = disk.list(&places.blobs())?;
    let mut removed = false;
    for change in changes {
        let current = change
            .blob
            .as_ref()
            .filter(|blob| !lies_in_frame(blob))
            .map(|blob| sha256(blob));
        let keep = current.map(|hash| places.blob(change.index, usize::from(change.part), &hash));
        let prefix = format!("{:016x}-{:02x}-", change.index.get(), change.part);
        for name in names.iter().filter(|name| name.starts_with(&prefix)) {
            let path = places.blobs().join(name);
            if Some(&path) != keep.as_ref() && size.holds(change.index) {
                disk.remove(&path)?;
                removed = true;
            }
        }
    }
    if removed {
        disk.sync_dir(&places.blobs())
    } else {
        Ok(())
    }
}
