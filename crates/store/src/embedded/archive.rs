//! Cosigned checkpoints and time stamp tokens: an append-only file of records beside the journal.
//!
//! Opening reads the heads of records only; a body is checked when it is read. The latest note of
//! the largest size changes at every heartbeat, so it lies in a small file of its own, and moves
//! into the archive when a larger size comes. Each head bears the link of the chain over all
//! records up to it; records that an earlier program wrote bear none, and theirs is made from their
//! bodies.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
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
    ARCHIVED_BYTES_MAX, ArchiveHead, CommitError, ReadError, StoredCheckpoint, StoredToken,
    TOKEN_COUNT_MAX, UnusableReason,
};
use crate::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

const MAGIC: &[u8; 4] = b"SGA2";
/// Magic (4), kind (1), size of the checkpoint (8), length of the body (4), link (32), checksum of
/// these (4).
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

impl Record {
    /// Where the next record begins.
    fn end(&self) -> u64 {
        self.body.offset + u64::from(self.body.len) + SUM as u64
    }
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

/// The archive of a log. Readers look on the shelf, where everything is durable, and never wait for
/// the sync of what is being written.
pub(crate) struct Archive {
    file: Arc<dyn DiskFile>,
    path: PathBuf,
    latest_path: PathBuf,
    /// Taken before the shelf, by whoever writes.
    tail: Mutex<Growing>,
    shelf: RwLock<Shelf>,
}

/// What lies in the archive, and where.
struct Shelf {
    notes: BTreeMap<u64, Notes>,
    tokens: BTreeMap<u64, Vec<Place>>,
    /// Where the records end.
    end: u64,
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
    let kind = RecordKind::of(*bytes.get(4)?)
        .filter(|kind| link.is_some() || *kind != RecordKind::Mark)?;
    let size = u64::from_be_bytes(bytes.get(5..13)?.try_into().ok()?);
    let len = u32::from_be_bytes(bytes.get(13..17)?.try_into().ok()?);
    if usize::try_from(len).ok()? > ARCHIVED_BYTES_MAX {
        return None;
    }
    let same = head(kind, size, len, link.as_ref()) == bytes.get(..length)?;
    same.then_some(Record {
        kind,
        size,
        body: Place {
            offset: offset + length as u64,
            len,
        },
        link,
    })
}

fn read_body(file: &dyn DiskFile, place: Place) -> io::Result<Option<Vec<u8>>> {
    let len = usize::try_from(place.len).map_err(io::Error::other)?;
    let mut bytes = vec![0; len + SUM];
    file.read_exact_at(&mut bytes, place.offset)?;
    let sum = bytes.split_off(len);
    Ok((sum == crc32c::crc32c(&bytes).to_be_bytes()).then_some(bytes))
}

/// The record whose head lies at an offset, if all of it is there.
fn record_at(
    file: &dyn DiskFile,
    path: &Path,
    offset: u64,
    len: u64,
) -> Result<Option<Record>, OpenError> {
    let bytes = read(
        file,
        path,
        offset,
        len.min(offset.saturating_add(HEAD as u64)),
    )?;
    let record = read_head(&bytes, offset);
    Ok(record.filter(|record| record.end() <= len))
}

/// Notes the places of all records, and answers where the newest begins.
fn scan(file: &dyn DiskFile, path: &Path, shelf: &mut Shelf) -> Result<u64, OpenError> {
    let io = || OpenError::io(path);
    let len = file.len().map_err(io())?;
    let mut newest = 0;
    while shelf.end < len {
        let offset = shelf.end;
        let Some(record) = record_at(file, path, offset, len)? else {
            return judge(file, path, offset, len).map(|()| newest);
        };
        // Whatever is not synced lies at the end: only there can a good head have a bad body.
        let ahead = read(
            file,
            path,
            record.end(),
            len.min(record.end() + HEAD as u64),
        )?;
        if is_free(&ahead) && read_body(file, record.body).map_err(io())?.is_none() {
            return judge(file, path, offset, len).map(|()| newest);
        }
        shelf.note(&record);
        newest = offset;
    }
    Ok(newest)
}

/// Bytes that are no record: free space or a torn end, unless a good record follows.
fn judge(file: &dyn DiskFile, path: &Path, offset: u64, len: u64) -> Result<(), OpenError> {
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
            file: path.to_owned(),
            offset,
            what,
        })
    } else {
        Ok(())
    }
}

fn read(file: &dyn DiskFile, path: &Path, from: u64, to: u64) -> Result<Vec<u8>, OpenError> {
    let mut bytes = vec![0; usize::try_from(to.saturating_sub(from)).unwrap_or(0)];
    file.read_exact_at(&mut bytes, from)
        .map_err(OpenError::io(path))?;
    Ok(bytes)
}

impl Shelf {
    const fn empty(unusable: Option<UnusableReason>) -> Self {
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

    fn note(&mut self, record: &Record) {
        let place = record.body;
        self.end = record.end();
        self.count = if record.kind == RecordKind::Mark {
            record.size
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

    fn newest(&self) -> Option<u64> {
        self.notes.keys().next_back().copied()
    }

    /// The largest size that anything in it is of.
    fn known(&self) -> Option<u64> {
        self.notes.keys().chain(self.tokens.keys()).max().copied()
    }
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
        let mut shelf = Shelf::empty(None);
        let newest = scan(&*file, &path, &mut shelf)?;
        let mut tail = Growing::behind(Arc::clone(&file), newest, shelf.end).map_err(io())?;
        if file.len().map_err(io())? > shelf.end {
            tail.trim().map_err(io())?;
        }
        // A latest note of another size is left over from before the size that came after it.
        shelf.latest = latest.filter(|latest| shelf.newest() == Some(latest.size));
        let known = shelf.known().unwrap_or(0);
        if known > log_size {
            return Err(OpenError::RolledBack {
                file: path,
                known,
                held: log_size,
            });
        }
        Ok(Self {
            file,
            path,
            latest_path,
            tail: Mutex::new(tail),
            shelf: RwLock::new(shelf),
        })
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
        let mut shelf = Shelf::empty(Some(UnusableReason::Closed));
        scan(&*file, &path, &mut shelf)?;
        shelf.latest = latest.filter(|latest| shelf.newest() == Some(latest.size));
        let tail = Growing::new(Arc::clone(&file), shelf.end);
        Ok(Some(Self {
            file,
            path,
            latest_path,
            tail: Mutex::new(tail),
            shelf: RwLock::new(shelf),
        }))
    }

    /// Hands out every record in the order of the file, until `visit` answers no. One whose body is
    /// not the one that was stored is handed out as it lies there, with its head's link: what that
    /// means is for whoever compares the links.
    pub(crate) fn for_each(
        &self,
        visit: &mut dyn FnMut(ArchivedRecord) -> bool,
    ) -> Result<(), OpenError> {
        let (path, end) = (self.path.clone(), self.shelf().end);
        let mut offset = 0;
        while let Some(record) = record_at(&*self.file, &path, offset, end)? {
            let mut body = vec![0; usize::try_from(record.body.len).unwrap_or(usize::MAX)];
            self.file
                .read_exact_at(&mut body, record.body.offset)
                .map_err(OpenError::io(&path))?;
            offset = record.end();
            if !visit(ArchivedRecord {
                kind: record.kind,
                size: record.size,
                body,
                link: record.link,
            }) {
                break;
            }
        }
        Ok(())
    }

    /// The latest note of the largest size, where it is not kept for good yet.
    pub(crate) fn latest_note(&self) -> Option<StoredCheckpoint> {
        self.shelf().latest.clone()
    }

    fn shelf(&self) -> RwLockReadGuard<'_, Shelf> {
        self.shelf.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn shelf_mut(&self) -> RwLockWriteGuard<'_, Shelf> {
        self.shelf.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn tail(&self) -> MutexGuard<'_, Growing> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The largest size that anything in it is of.
    pub(crate) fn known(&self) -> Option<u64> {
        self.shelf().known()
    }

    /// How far it has come. The link of records from before there were links is made from their
    /// bodies.
    pub(crate) fn head(&self) -> Result<ArchiveHead, ReadError> {
        let (count, link) = {
            let shelf = self.shelf();
            (shelf.count, shelf.link)
        };
        if let Some(link) = link {
            return Ok(ArchiveHead { count, link });
        }
        let mut made = ArchiveHead::default();
        self.heads(&mut |head| {
            made = *head;
            true
        })?;
        let mut shelf = self.shelf_mut();
        if shelf.count == made.count && shelf.link.is_none() {
            shelf.link = Some(made.link);
        }
        Ok(made)
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
        let end = self.shelf().end;
        let (mut offset, mut head) = (0, ArchiveHead::default());
        while let Some(record) = record_at(&*self.file, &self.path, offset, end).map_err(failed)? {
            let count = if record.kind == RecordKind::Mark {
                record.size
            } else {
                head.count
            };
            head = match record.link {
                Some(link) => ArchiveHead {
                    count: count.saturating_add(1),
                    link,
                },
                None => {
                    archive_link::after(&head, record.kind, record.size, &self.body(record.body)?)
                }
            };
            offset = record.end();
            if !visit(&head) {
                break;
            }
        }
        Ok(())
    }

    /// Refuses where nothing may be written any more.
    fn usable(&self) -> Result<(), CommitError> {
        self.shelf()
            .unusable
            .map_or(Ok(()), |reason| Err(not_written(reason)))
    }

    fn append(
        &self,
        tail: &mut Growing,
        kind: RecordKind,
        size: u64,
        body: &[u8],
    ) -> Result<(), CommitError> {
        self.usable()?;
        let len = u32::try_from(body.len()).map_err(not_written)?;
        let link = archive_link::after(&self.head().map_err(not_written)?, kind, size, body).link;
        let bytes = [
            &head(kind, size, len, Some(&link)),
            body,
            &crc32c::crc32c(body).to_be_bytes(),
        ]
        .concat();
        match tail.append(&bytes) {
            Ok(offset) => {
                self.shelf_mut().note(&Record {
                    kind,
                    size,
                    body: Place {
                        offset: offset + HEAD as u64,
                        len,
                    },
                    link: Some(link),
                });
                Ok(())
            }
            Err(AppendError::NotWritten(error)) => Err(not_written(error)),
            Err(AppendError::Unknown(error)) => {
                self.shelf_mut().unusable = Some(UnusableReason::Poisoned);
                Err(CommitError::Unknown(Box::new(error)))
            }
        }
    }

    /// Says that what a head names is missing.
    pub(crate) fn mark(&self, known: &ArchiveHead) -> Result<(), CommitError> {
        self.append(
            &mut self.tail(),
            RecordKind::Mark,
            known.count,
            known.link.as_bytes(),
        )
    }

    /// Keeps a note that was checked.
    pub(crate) fn keep(&self, disk: &dyn Disk, kept: &StoredCheckpoint) -> Result<(), CommitError> {
        let mut tail = self.tail();
        let (newest, latest) = {
            let shelf = self.shelf();
            (shelf.newest(), shelf.latest.clone())
        };
        if newest == Some(kept.size) {
            return self.replace_latest(disk, kept);
        }
        if newest < Some(kept.size)
            && let Some(latest) = latest
        {
            // A crash after this step leaves the latest note twice, which changes no answer.
            self.append(
                &mut tail,
                RecordKind::Note,
                latest.size,
                latest.note.as_bytes(),
            )?;
            self.shelf_mut().latest = None;
        }
        self.append(&mut tail, RecordKind::Note, kept.size, kept.note.as_bytes())
    }

    /// Keeps a note of the largest size in the place of the one before it.
    fn replace_latest(&self, disk: &dyn Disk, kept: &StoredCheckpoint) -> Result<(), CommitError> {
        self.usable()?;
        let replaced = replace_file(
            disk,
            &self.latest_path,
            checkpoint_file::encode(kept).as_bytes(),
        );
        let mut shelf = self.shelf_mut();
        match &replaced {
            Ok(()) => shelf.latest = Some(kept.clone()),
            Err(CommitError::Unknown(_)) => shelf.unusable = Some(UnusableReason::Poisoned),
            Err(_) => {}
        }
        replaced
    }

    /// Keeps a token that was checked.
    pub(crate) fn keep_token(&self, size: u64, token: &[u8]) -> Result<(), CommitError> {
        self.append(&mut self.tail(), RecordKind::Token, size, token)
    }

    fn body(&self, place: Place) -> Result<Vec<u8>, ReadError> {
        let body =
            read_body(&*self.file, place).map_err(|error| ReadError::Failed(Box::new(error)))?;
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
        let Some(from) = above.checked_add(1) else {
            return Ok(None);
        };
        let found = self
            .shelf()
            .notes
            .range(from..)
            .next()
            .map(|(size, notes)| (*size, notes.first));
        found
            .map(|(size, place)| self.stored(size, place))
            .transpose()
    }

    /// The latest note of the largest size that is at most `at_most`.
    pub(crate) fn last(&self, at_most: u64) -> Result<Option<StoredCheckpoint>, ReadError> {
        let (size, place) = {
            let shelf = self.shelf();
            let Some((size, notes)) = shelf.notes.range(..=at_most).next_back() else {
                return Ok(None);
            };
            if let Some(latest) = shelf.latest.as_ref().filter(|latest| latest.size == *size) {
                return Ok(Some(latest.clone()));
            }
            (*size, notes.latest)
        };
        self.stored(size, place).map(Some)
    }

    /// Tokens over at least so many entries.
    pub(crate) fn tokens(&self, from_size: u64) -> Result<Vec<StoredToken>, ReadError> {
        let places: Vec<(u64, Place)> = {
            let shelf = self.shelf();
            let places = shelf
                .tokens
                .range(from_size..)
                .flat_map(|(size, places)| places.iter().map(|place| (*size, *place)));
            places.take(TOKEN_COUNT_MAX).collect()
        };
        places
            .into_iter()
            .map(|(size, place)| {
                Ok(StoredToken {
                    size,
                    bytes: self.body(place)?,
                })
            })
            .collect()
    }

    /// The first token over the smallest size above `above` that has one.
    pub(crate) fn first_token(&self, above: u64) -> Result<Option<StoredToken>, ReadError> {
        let Some(from) = above.checked_add(1) else {
            return Ok(None);
        };
        let found = self
            .shelf()
            .tokens
            .range(from..)
            .find_map(|(size, places)| Some((*size, *places.first()?)));
        found
            .map(|(size, place)| {
                Ok(StoredToken {
                    size,
                    bytes: self.body(place)?,
                })
            })
            .transpose()
    }

    /// Takes no more, and cuts off what was filled ahead.
    pub(crate) fn close(&self) -> io::Result<()> {
        let mut tail = self.tail();
        let before = self.shelf_mut().unusable.replace(UnusableReason::Closed);
        before.map_or_else(|| tail.trim(), |_| Ok(()))
    }
}
