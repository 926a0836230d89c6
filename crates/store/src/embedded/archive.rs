//! Cosigned checkpoints and time stamp tokens: an append-only file of records beside the journal.
//!
//! Opening reads the heads of records only; a body is checked when it is read. The latest note of
//! the largest size changes at every heartbeat, so it lies in a small file of its own, and moves
//! into the archive when a larger size comes.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::growing::{AppendError, Growing, is_free};
use super::log::not_written;
use super::places::Places;
use super::rewrite::replace_file;
use super::{OpenError, checkpoint_file};
use crate::disk::{Disk, DiskFile};
use crate::log_store::{CommitError, ReadError, StoredCheckpoint, StoredToken, TOKEN_COUNT_MAX, UnusableReason};

const MAGIC: &[u8; 4] = b"SGA1";
/// Magic (4), kind (1), size of the checkpoint (8), length of the body (4), checksum of these (4).
const HEAD: usize = 21;
/// A checksum of the body follows it.
const SUM: usize = 4;

/// What a record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Checkpoint = 1,
    Token = 2,
}

/// Where a body lies.
#[derive(Debug, Clone, Copy)]
struct Place {
    offset: u64,
    len: u32,
}

struct Record {
    kind: Kind,
    size: u64,
    body: Place,
}

/// The notes of one size.
struct Notes {
    first: Place,
    latest: Place,
}

/// The archive of a log.
pub(crate) struct Archive {
    file: Arc<dyn DiskFile>,
    path: PathBuf,
    latest_path: PathBuf,
    tail: Growing,
    notes: BTreeMap<u64, Notes>,
    tokens: BTreeMap<u64, Vec<Place>>,
    /// The latest note of the largest size, if it is not the one that the file ends in.
    latest: Option<StoredCheckpoint>,
    unusable: Option<UnusableReason>,
}

fn head(kind: Kind, size: u64, len: u32) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.push(kind as u8);
    bytes.extend_from_slice(&size.to_be_bytes());
    bytes.extend_from_slice(&len.to_be_bytes());
    let sum = crc32c::crc32c(&bytes);
    bytes.extend_from_slice(&sum.to_be_bytes());
    bytes
}

/// The record whose head these bytes are, if they are one.
fn read_head(bytes: &[u8], offset: u64) -> Option<Record> {
    let kind = match bytes.get(4)? {
        1 => Kind::Checkpoint,
        2 => Kind::Token,
        _ => return None,
    };
    let size = u64::from_be_bytes(bytes.get(5..13)?.try_into().ok()?);
    let len = u32::from_be_bytes(bytes.get(13..17)?.try_into().ok()?);
    let same = head(kind, size, len) == bytes.get(..HEAD)?;
    same.then_some(Record { kind, size, body: Place { offset: offset + HEAD as u64, len } })
}

fn read_body(file: &dyn DiskFile, place: Place) -> io::Result<Option<Vec<u8>>> {
    let len = usize::try_from(place.len).map_err(io::Error::other)?;
    let mut bytes = vec![0; len + SUM];
    file.read_exact_at(&mut bytes, place.offset)?;
    let sum = bytes.split_off(len);
    Ok((sum == crc32c::crc32c(&bytes).to_be_bytes()).then_some(bytes))
}

impl Archive {
    /// Opens the archive, or begins one. A torn last record is cut off; other damage of a head,
    /// and an archive that knows more than the log of `log_size` entries holds, is reported.
    pub(crate) fn open(disk: &dyn Disk, places: &Places, log_size: u64) -> Result<Self, OpenError> {
        let (path, latest_path) = (places.archive(), places.archive_latest());
        let io = || OpenError::io(&path);
        let file = disk.open_write(&path).map_err(io())?;
        disk.sync_dir(places.dir()).map_err(io())?;
        let latest = checkpoint_file::read(disk, &latest_path)?;
        let mut archive = Self {
            tail: Growing::new(Arc::clone(&file), 0),
            file,
            path: path.clone(),
            latest_path,
            notes: BTreeMap::new(),
            tokens: BTreeMap::new(),
            latest: None,
            unusable: None,
        };
        let (newest, end) = archive.scan()?;
        archive.tail = Growing::behind(Arc::clone(&archive.file), newest, end).map_err(io())?;
        if archive.file.len().map_err(io())? > end {
            archive.tail.trim().map_err(io())?;
        }
        // A latest note of another size is left over from before the size that came after it.
        archive.latest = latest.filter(|latest| archive.newest() == Some(latest.size));
        let known = archive.known().unwrap_or(0);
        if known > log_size {
            return Err(OpenError::RolledBack { file: path, known, held: log_size });
        }
        Ok(archive)
    }

    /// Opens the archive without changing it; none when there is none.
    pub(crate) fn read_only(disk: &dyn Disk, places: &Places) -> Result<Option<Self>, OpenError> {
        let (path, latest_path) = (places.archive(), places.archive_latest());
        let file = match disk.open_read(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(OpenError::io(&path)(error)),
        };
        let latest = checkpoint_file::read(disk, &latest_path)?;
        let tail = Growing::new(Arc::clone(&file), 0);
        let (notes, tokens) = (BTreeMap::new(), BTreeMap::new());
        let mut archive = Self { tail, file, path, latest_path, notes, tokens, latest: None, unusable: Some(UnusableReason::Closed) };
        archive.scan()?;
        archive.latest = latest.filter(|latest| archive.newest() == Some(latest.size));
        Ok(Some(archive))
    }

    /// Every size with its first and its latest note, in order.
    pub(crate) fn all_notes(&self) -> Result<Vec<(StoredCheckpoint, StoredCheckpoint)>, ReadError> {
        let pair = |(size, notes): (&u64, &Notes)| {
            let latest = self.last(*size)?;
            let first = self.stored(*size, notes.first)?;
            Ok((first.clone(), latest.unwrap_or(first)))
        };
        self.notes.iter().map(pair).collect()
    }

    /// Every token, in order of sizes.
    pub(crate) fn all_tokens(&self) -> Result<Vec<StoredToken>, ReadError> {
        let places = self.tokens.iter().flat_map(|(size, places)| places.iter().map(|place| (*size, *place)));
        places.map(|(size, place)| Ok(StoredToken { size, bytes: self.body(place)? })).collect()
    }

    /// Notes the places of all records; answers where the newest begins and where they end.
    fn scan(&mut self) -> Result<(u64, u64), OpenError> {
        let path = self.path.clone();
        let io = || OpenError::io(&path);
        let len = self.file.len().map_err(io())?;
        let (mut offset, mut newest) = (0, 0);
        while offset < len {
            let mut bytes = vec![0; HEAD.min(usize::try_from(len - offset).unwrap_or(HEAD))];
            self.file.read_exact_at(&mut bytes, offset).map_err(io())?;
            let record = read_head(&bytes, offset);
            let end = record.as_ref().map(|record| record.body.offset + u64::from(record.body.len) + SUM as u64);
            let (Some(record), Some(end)) = (record, end.filter(|end| *end <= len)) else {
                return self.judge(offset, len).map(|end| (newest, end));
            };
            // Whatever is not synced lies at the end: only there can a good head have a bad body.
            if self.is_free(end, len)? && read_body(&*self.file, record.body).map_err(io())?.is_none() {
                return self.judge(offset, len).map(|end| (newest, end));
            }
            self.note(&record);
            (newest, offset) = (offset, end);
        }
        Ok((newest, offset))
    }

    /// Bytes that are no record: free space or a torn end, unless a good record follows.
    fn judge(&self, offset: u64, len: u64) -> Result<u64, OpenError> {
        let rest = self.read(offset, len)?;
        let damaged = !is_free(&rest)
            && (1..rest.len()).any(|place| {
                let record = rest.get(place..).and_then(|rest| read_head(rest, offset + place as u64));
                record.is_some_and(|record| read_body(&*self.file, record.body).is_ok_and(|body| body.is_some()))
            });
        let what = "a good record follows a damaged one";
        if damaged { Err(OpenError::Corrupt { file: self.path.clone(), offset, what }) } else { Ok(offset) }
    }

    fn read(&self, from: u64, to: u64) -> Result<Vec<u8>, OpenError> {
        let mut bytes = vec![0; usize::try_from(to.saturating_sub(from)).unwrap_or(0)];
        self.file.read_exact_at(&mut bytes, from).map_err(OpenError::io(&self.path))?;
        Ok(bytes)
    }

    /// Whether nothing but free space follows; looks no further than the next head.
    fn is_free(&self, from: u64, len: u64) -> Result<bool, OpenError> {
        Ok(is_free(&self.read(from, len.min(from + HEAD as u64))?))
    }

    fn note(&mut self, record: &Record) {
        let place = record.body;
        match record.kind {
            Kind::Checkpoint => {
                self.notes.entry(record.size).and_modify(|notes| notes.latest = place).or_insert(Notes { first: place, latest: place });
            }
            Kind::Token => self.tokens.entry(record.size).or_default().push(place),
        }
    }

    /// The largest size that anything in it is of.
    pub(crate) fn known(&self) -> Option<u64> {
        self.notes.keys().chain(self.tokens.keys()).max().copied()
    }

    fn newest(&self) -> Option<u64> {
        self.notes.keys().next_back().copied()
    }

    fn append(&mut self, kind: Kind, size: u64, body: &[u8]) -> Result<(), CommitError> {
        if let Some(reason) = self.unusable {
            return Err(not_written(reason));
        }
        let len = u32::try_from(body.len()).map_err(not_written)?;
        let bytes = [&head(kind, size, len), body, &crc32c::crc32c(body).to_be_bytes()].concat();
        match self.tail.append(&bytes) {
            Ok(offset) => {
                self.note(&Record { kind, size, body: Place { offset: offset + HEAD as u64, len } });
                Ok(())
            }
            Err(AppendError::NotWritten(error)) => Err(not_written(error)),
            Err(AppendError::Unknown(error)) => {
                self.unusable = Some(UnusableReason::Poisoned);
                Err(CommitError::Unknown(Box::new(error)))
            }
        }
    }

    /// Keeps a note that was checked.
    pub(crate) fn keep(&mut self, disk: &dyn Disk, kept: &StoredCheckpoint) -> Result<(), CommitError> {
        match self.newest() {
            Some(newest) if newest == kept.size => {
                if let Some(reason) = self.unusable {
                    return Err(not_written(reason));
                }
                let replaced = replace_file(disk, &self.latest_path, checkpoint_file::encode(kept).as_bytes());
                if matches!(replaced, Err(CommitError::Unknown(_))) {
                    self.unusable = Some(UnusableReason::Poisoned);
                }
                replaced?;
                self.latest = Some(kept.clone());
                Ok(())
            }
            Some(newest) if newest < kept.size => {
                // A crash after this step leaves the latest note twice, which changes no answer.
                if let Some(latest) = self.latest.take()
                    && let Err(error) = self.append(Kind::Checkpoint, latest.size, latest.note.as_bytes())
                {
                    self.latest = Some(latest);
                    return Err(error);
                }
                self.append(Kind::Checkpoint, kept.size, kept.note.as_bytes())
            }
            _ => self.append(Kind::Checkpoint, kept.size, kept.note.as_bytes()),
        }
    }

    /// Keeps a token that was checked.
    pub(crate) fn keep_token(&mut self, size: u64, token: &[u8]) -> Result<(), CommitError> {
        self.append(Kind::Token, size, token)
    }

    fn body(&self, place: Place) -> Result<Vec<u8>, ReadError> {
        let body = read_body(&*self.file, place).map_err(|error| ReadError::Failed(Box::new(error)))?;
        body.ok_or_else(|| self.corrupt(place))
    }

    fn corrupt(&self, place: Place) -> ReadError {
        ReadError::Corrupt {
            file: self.path.display().to_string(),
            offset: place.offset,
            what: "the record is not the one that was stored",
        }
    }

    fn stored(&self, size: u64, place: Place) -> Result<StoredCheckpoint, ReadError> {
        let note = String::from_utf8(self.body(place)?).map_err(|_| self.corrupt(place))?;
        Ok(StoredCheckpoint { size, note })
    }

    /// The first note of the smallest size above `above`.
    pub(crate) fn first(&self, above: u64) -> Result<Option<StoredCheckpoint>, ReadError> {
        let Some(from) = above.checked_add(1) else { return Ok(None) };
        self.notes.range(from..).next().map(|(size, notes)| self.stored(*size, notes.first)).transpose()
    }

    /// The latest note of the largest size that is at most `at_most`.
    pub(crate) fn last(&self, at_most: u64) -> Result<Option<StoredCheckpoint>, ReadError> {
        let Some((size, notes)) = self.notes.range(..=at_most).next_back() else { return Ok(None) };
        match &self.latest {
            Some(latest) if latest.size == *size => Ok(Some(latest.clone())),
            _ => self.stored(*size, notes.latest).map(Some),
        }
    }

    /// Tokens over at least so many entries.
    pub(crate) fn tokens(&self, from_size: u64) -> Result<Vec<StoredToken>, ReadError> {
        let places = self.tokens.range(from_size..).flat_map(|(size, places)| places.iter().map(|place| (*size, *place)));
        places.take(TOKEN_COUNT_MAX).map(|(size, place)| Ok(StoredToken { size, bytes: self.body(place)? })).collect()
    }

    /// Takes no more, and cuts off what was filled ahead.
    pub(crate) fn close(&mut self) -> io::Result<()> {
        match self.unusable.replace(UnusableReason::Closed) {
            None => self.tail.trim(),
            Some(_) => Ok(()),
        }
    }
}
