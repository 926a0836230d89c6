//! Cosigned checkpoints and time stamp tokens: an append-only file of records beside the journal.
//!
//! Opening reads the heads of records only; a body is checked when it is read. The latest note of
//! the largest size changes at every heartbeat, so it lies in a small file of its own, and moves
//! into the archive when a larger size comes. Each head bears the link of the chain over all records up
//! to it; records that an earlier program wrote bear none, and theirs is made from their bodies.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use record::hash::Hash;

use super::growing::{AppendError, Growing, is_free};
use super::log::not_written;
use super::places::Places;
use super::rewrite::replace_file;
use super::{OpenError, checkpoint_file};
use crate::archive_link::{self, RecordKind};
use crate::disk::{Disk, DiskFile};
use crate::log_store::{
    ARCHIVED_BYTES_MAX, ArchiveHead, CommitError, ReadError, StoredCheckpoint, StoredToken, TOKEN_COUNT_MAX, UnusableReason,
};

const MAGIC: &[u8; 4] = b"SGA2";
/// Magic (4), kind (1), size of the checkpoint (8), length of the body (4), link (32), checksum of these (4).
const HEAD: usize = 53;
/// Records from before there were links.
const MAGIC_BEFORE: &[u8; 4] = b"SGA1";
const HEAD_BEFORE: usize = 21;
/// A checksum of the body follows it.
const SUM: usize = 4;

/// Where a body lies.
#[derive(Debug, Clone, Copy)]
struct Place {
    offset: u64,
    len: u32,
}

struct Record {
    kind: RecordKind,
    size: u64,
    body: Place,
    link: Option<Hash>,
}

/// A record of an archive as it lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedRecord {
    /// What it holds.
    pub kind: RecordKind,
    /// Size of the checkpoint; of a mark, how many records should lie in front of it.
    pub size: u64,
    /// The note, the token or the link.
    pub body: Vec<u8>,
    /// The link that stands in its head; none in records from before there were links.
    pub link: Option<Hash>,
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
    /// Records in the file, and the link behind the last; no link where the last bears none.
    count: u64,
    link: Option<Hash>,
    /// The latest note of the largest size, if it is not the one that the file ends in.
    latest: Option<StoredCheckpoint>,
    unusable: Option<UnusableReason>,
}

fn summed(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = crc32c::crc32c(&bytes);
    bytes.extend_from_slice(&sum.to_be_bytes());
    bytes
}

fn head(kind: RecordKind, size: u64, len: u32, link: Option<&Hash>) -> Vec<u8> {
    let mut bytes = if link.is_some() { MAGIC } else { MAGIC_BEFORE }.to_vec();
    bytes.push(kind as u8);
    bytes.extend_from_slice(&size.to_be_bytes());
    bytes.extend_from_slice(&len.to_be_bytes());
    if let Some(link) = link {
        bytes.extend_from_slice(link.as_bytes());
    }
    summed(bytes)
}

/// The record whose head these bytes are, if they are one.
fn read_head(bytes: &[u8], offset: u64) -> Option<Record> {
    let (length, link) = match bytes.get(..4)? {
        magic if magic == MAGIC => (HEAD, Some(Hash::new(bytes.get(17..49)?.try_into().ok()?))),
        magic if magic == MAGIC_BEFORE => (HEAD_BEFORE, None),
        _ => return None,
    };
    let kind = RecordKind::of(*bytes.get(4)?).filter(|kind| link.is_some() || *kind != RecordKind::Mark)?;
    let size = u64::from_be_bytes(bytes.get(5..13)?.try_into().ok()?);
    let len = u32::from_be_bytes(bytes.get(13..17)?.try_into().ok()?);
    if usize::try_from(len).ok()? > ARCHIVED_BYTES_MAX {
        return None;
    }
    let same = head(kind, size, len, link.as_ref()) == bytes.get(..length)?;
    same.then_some(Record { kind, size, body: Place { offset: offset + length as u64, len }, link })
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
            count: 0,
            link: Some(Hash::ZERO),
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
        let unusable = Some(UnusableReason::Closed);
        let mut archive = Self { tail, file, path, latest_path, notes, tokens, count: 0, link: Some(Hash::ZERO), latest: None, unusable };
        archive.scan()?;
        archive.latest = latest.filter(|latest| archive.newest() == Some(latest.size));
        Ok(Some(archive))
    }

    /// Hands out every record in the order of the file, until `visit` answers no. One whose body is not
    /// the one that was stored is handed out as it lies there, with its head's link: what that means is
    /// for whoever compares the links.
    pub(crate) fn for_each(&self, visit: &mut dyn FnMut(ArchivedRecord) -> bool) -> Result<(), OpenError> {
        let (path, len) = (self.path.clone(), self.file.len().map_err(OpenError::io(&self.path))?);
        let mut offset = 0;
        while let Some(record) = self.record_at(offset, len)? {
            let mut body = vec![0; usize::try_from(record.body.len).unwrap_or(usize::MAX)];
            self.file.read_exact_at(&mut body, record.body.offset).map_err(OpenError::io(&path))?;
            offset = record.body.offset + u64::from(record.body.len) + SUM as u64;
            if !visit(ArchivedRecord { kind: record.kind, size: record.size, body, link: record.link }) {
                break;
            }
        }
        Ok(())
    }

    /// The latest note of the largest size, where it is not kept for good yet.
    pub(crate) const fn latest_note(&self) -> Option<&StoredCheckpoint> {
        self.latest.as_ref()
    }

    /// The record whose head lies at an offset, if all of it is there.
    fn record_at(&self, offset: u64, len: u64) -> Result<Option<Record>, OpenError> {
        let bytes = self.read(offset, len.min(offset.saturating_add(HEAD as u64)))?;
        let record = read_head(&bytes, offset);
        Ok(record.filter(|record| record.body.offset + u64::from(record.body.len) + SUM as u64 <= len))
    }

    /// Notes the places of all records; answers where the newest begins and where they end.
    fn scan(&mut self) -> Result<(u64, u64), OpenError> {
        let path = self.path.clone();
        let io = || OpenError::io(&path);
        let len = self.file.len().map_err(io())?;
        let (mut offset, mut newest) = (0, 0);
        while offset < len {
            let Some(record) = self.record_at(offset, len)? else { return self.judge(offset, len).map(|end| (newest, end)) };
            let end = record.body.offset + u64::from(record.body.len) + SUM as u64;
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
        self.count = if record.kind == RecordKind::Mark { record.size } else { self.count }.saturating_add(1);
        self.link = record.link;
        match record.kind {
            RecordKind::Mark => {}
            RecordKind::Note => {
                self.notes.entry(record.size).and_modify(|notes| notes.latest = place).or_insert(Notes { first: place, latest: place });
            }
            RecordKind::Token => self.tokens.entry(record.size).or_default().push(place),
        }
    }

    /// The largest size that anything in it is of.
    pub(crate) fn known(&self) -> Option<u64> {
        self.notes.keys().chain(self.tokens.keys()).max().copied()
    }

    fn newest(&self) -> Option<u64> {
        self.notes.keys().next_back().copied()
    }

    /// How far it has come. The link of records from before there were links is made from their bodies.
    pub(crate) fn head(&mut self) -> Result<ArchiveHead, ReadError> {
        if self.link.is_none() {
            let mut link = None;
            self.heads(&mut |head| {
                link = Some(head.link);
                true
            })?;
            self.link = link;
        }
        Ok(ArchiveHead { count: self.count, link: self.link.unwrap_or(Hash::ZERO) })
    }

    /// The link behind so many records.
    pub(crate) fn link(&self, count: u64) -> Result<Option<Hash>, ReadError> {
        // A mark may count some records anew: what comes last is in force.
        let mut found = (count == 0).then_some(Hash::ZERO);
        self.heads(&mut |head| {
            if head.count == count {
                found = Some(head.link);
            }
            true
        })?;
        Ok(found)
    }

    /// The head behind each record, as its own head says it or its body gives it.
    fn heads(&self, visit: &mut dyn FnMut(&ArchiveHead) -> bool) -> Result<(), ReadError> {
        let failed = |error: OpenError| ReadError::Failed(Box::new(error));
        let len = self.file.len().map_err(|error| ReadError::Failed(Box::new(error)))?;
        let (mut offset, mut head) = (0, ArchiveHead::default());
        while let Some(record) = self.record_at(offset, len).map_err(failed)? {
            let count = if record.kind == RecordKind::Mark { record.size } else { head.count };
            head = match record.link {
                Some(link) => ArchiveHead { count: count.saturating_add(1), link },
                None => archive_link::after(&head, record.kind, record.size, &self.body(record.body)?),
            };
            offset = record.body.offset + u64::from(record.body.len) + SUM as u64;
            if !visit(&head) {
                break;
            }
        }
        Ok(())
    }

    fn append(&mut self, kind: RecordKind, size: u64, body: &[u8]) -> Result<(), CommitError> {
        if let Some(reason) = self.unusable {
            return Err(not_written(reason));
        }
        let len = u32::try_from(body.len()).map_err(not_written)?;
        let link = archive_link::after(&self.head().map_err(not_written)?, kind, size, body).link;
        let bytes = [&head(kind, size, len, Some(&link)), body, &crc32c::crc32c(body).to_be_bytes()].concat();
        match self.tail.append(&bytes) {
            Ok(offset) => {
                self.note(&Record { kind, size, body: Place { offset: offset + HEAD as u64, len }, link: Some(link) });
                Ok(())
            }
            Err(AppendError::NotWritten(error)) => Err(not_written(error)),
            Err(AppendError::Unknown(error)) => {
                self.unusable = Some(UnusableReason::Poisoned);
                Err(CommitError::Unknown(Box::new(error)))
            }
        }
    }

    /// Says that what a head names is missing.
    pub(crate) fn mark(&mut self, known: &ArchiveHead) -> Result<(), CommitError> {
        self.append(RecordKind::Mark, known.count, known.link.as_bytes())
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
                    && let Err(error) = self.append(RecordKind::Note, latest.size, latest.note.as_bytes())
                {
                    self.latest = Some(latest);
                    return Err(error);
                }
                self.append(RecordKind::Note, kept.size, kept.note.as_bytes())
            }
            _ => self.append(RecordKind::Note, kept.size, kept.note.as_bytes()),
        }
    }

    /// Keeps a token that was checked.
    pub(crate) fn keep_token(&mut self, size: u64, token: &[u8]) -> Result<(), CommitError> {
        self.append(RecordKind::Token, size, token)
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

    /// The first token over the smallest size above `above` that has one.
    pub(crate) fn first_token(&self, above: u64) -> Result<Option<StoredToken>, ReadError> {
        let Some(from) = above.checked_add(1) else { return Ok(None) };
        let found = self.tokens.range(from..).find_map(|(size, places)| Some((*size, *places.first()?)));
        found.map(|(size, place)| Ok(StoredToken { size, bytes: self.body(place)? })).transpose()
    }

    /// Takes no more, and cuts off what was filled ahead.
    pub(crate) fn close(&mut self) -> io::Result<()> {
        match self.unusable.replace(UnusableReason::Closed) {
            None => self.tail.trim(),
            Some(_) => Ok(()),
        }
    }
}
