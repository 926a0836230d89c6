//! Where the records of an archive lie, found by reading their heads once. A body is checked when it
//! is read, not here.

use std::collections::BTreeMap;
use std::path::Path;

use record::hash::Hash;
use record::positions::Size;

use super::record::{HEAD, Place, Record, read, read_body, read_head, record_at};
use crate::archive_link::RecordKind;
use crate::backend::opening::OpenError;
use crate::disk::DiskFile;
use crate::embedded::growing::is_free;
use crate::log_store::{StoredCheckpoint, UnusableReason};

/// The notes of one size.
pub(super) struct Notes {
    pub(super) first: Place,
    pub(super) latest: Place,
}

/// What lies in the archive, and where. Everything in it is durable.
pub(super) struct Contents {
    pub(super) notes: BTreeMap<Size, Notes>,
    pub(super) tokens: BTreeMap<Size, Vec<Place>>,
    /// Where the records end.
    pub(super) end: u64,
    /// Records in the file, and the link behind the last; no link where the last bears none.
    pub(super) count: u64,
    pub(super) link: Option<Hash>,
    /// The latest note of the largest size, if it is not the one that the file ends in.
    pub(super) latest: Option<StoredCheckpoint>,
    pub(super) unusable: Option<UnusableReason>,
}

impl Contents {
    pub(super) const fn empty(unusable: Option<UnusableReason>) -> Self {
        Self {
            notes: BTreeMap::new(),
            tokens: BTreeMap::new(),
            end: 0,
            count: 0,
            link: Some(Hash::ZERO),
            latest: None,
            unusable,
        }
    }

    /// Takes a record in.
    pub(super) fn note(&mut self, record: &Record) {
        let place = record.body;
        self.end = record.end();
        self.count = if record.kind == RecordKind::Mark {
            record.size.get()
        } else {
            self.count
        }
        .saturating_add(1);
        self.link = record.link;
        match record.kind {
            RecordKind::Mark => {}
            RecordKind::Note => {
                self.notes
                    .entry(record.size)
                    .and_modify(|notes| notes.latest = place)
                    .or_insert(Notes {
                        first: place,
                        latest: place,
                    });
            }
            RecordKind::Token => self.tokens.entry(record.size).or_default().push(place),
        }
    }

    /// The largest size that a note is of.
    pub(super) fn newest(&self) -> Option<Size> {
        self.notes.keys().next_back().copied()
    }

    /// The largest size that anything in it is of.
    pub(super) fn known(&self) -> Option<Size> {
        self.notes.keys().chain(self.tokens.keys()).max().copied()
    }
}

/// Takes the places of all records into the contents; answers where the newest record begins.
pub(super) fn scan(
    file: &dyn DiskFile,
    path: &Path,
    contents: &mut Contents,
) -> Result<u64, OpenError> {
    let io = || OpenError::io(path);
    let len = file.len().map_err(io())?;
    let mut newest = 0;
    while contents.end < len {
        let offset = contents.end;
        let Some(record) = record_at(file, path, offset, len)? else {
            return expect_end(file, path, offset, len).map(|()| newest);
        };
        // Whatever is not synced lies at the end: only there can a good head have a bad body.
        let ahead = read(
            file,
            path,
            record.end(),
            len.min(record.end() + HEAD as u64),
        )?;
        if is_free(&ahead) && read_body(file, record.body).map_err(io())?.is_none() {
            return expect_end(file, path, offset, len).map(|()| newest);
        }
        contents.note(&record);
        newest = offset;
    }
    Ok(newest)
}

/// Bytes that are no record must be free space or a torn end: a good record behind them means that
/// the one in front was damaged.
fn expect_end(file: &dyn DiskFile, path: &Path, offset: u64, len: u64) -> Result<(), OpenError> {
    let rest = read(file, path, offset, len)?;
    let damaged = !is_free(&rest)
        && (1..rest.len()).any(|place| {
            let record = rest
                .get(place..)
                .and_then(|rest| read_head(rest, offset + place as u64));
            record
                .is_some_and(|record| read_body(file, record.body).is_ok_and(|body| body.is_some()))
        });
    let what = "a good record follows a damaged one";
    if damaged {
        Err(OpenError::Corrupt {
            place: path.display().to_string(),
            offset,
            what,
        })
    } else {
        Ok(())
    }
}
