//! Cosigned checkpoints and time stamp tokens: an append-only file of records beside the journal.
//!
//! Opening reads the heads of records only; a body is checked when it is read. The latest note of
//! the largest size changes at every heartbeat, so it lies in a small file of its own, and moves
//! into the archive when a larger size comes. Each head bears the link of the chain over all
//! records up to it; records that an earlier program wrote bear none, and theirs is made from their
//! bodies.

mod contents;
mod record;

use std::io;
use std::ops::Bound;
use std::path::PathBuf;
use std::sync::Arc;

use ::record::hash::Hash;
use ::record::positions::Size;

use self::contents::{Contents, scan};
use self::record::{HEAD, Place, Record, head, read_body, record_at};
use super::checkpoint_file;
use super::growing::{AppendError, Growing};
use super::places::Places;
use super::rewrite::{not_written, replace_file};
use crate::archive_link::{self, RecordKind};
use crate::backend::opening::OpenError;
use crate::backend::view::ArchivedRecord;
use crate::disk::{Disk, DiskFile};
use crate::log_store::{
    ArchiveHead, CommitError, ReadError, StoredCheckpoint, StoredToken, TOKEN_COUNT_MAX,
    UnusableReason,
};
use crate::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The archive of a log. Readers look into the contents, where everything is durable, and never wait
/// for the sync of what is being written.
pub(crate) struct Archive {
    file: Arc<dyn DiskFile>,
    path: PathBuf,
    latest_path: PathBuf,
    /// A writer takes it before the contents.
    tail: Mutex<Growing>,
    contents: RwLock<Contents>,
}

impl Archive {
    /// Opens the archive, or begins one. A torn last record is cut off; other damage of a head,
    /// and an archive that knows more than the log of `log_size` entries holds, is reported.
    pub(crate) fn open(
        disk: &dyn Disk,
        places: &Places,
        log_size: Size,
    ) -> Result<Self, OpenError> {
        let (path, latest_path) = (places.archive(), places.archive_latest());
        let io = || OpenError::io(&path);
        let file = disk.open_write(&path).map_err(io())?;
        disk.sync_dir(places.dir()).map_err(io())?;
        let latest = checkpoint_file::read(disk, &latest_path)?;
        let mut contents = Contents::empty(None);
        let newest = scan(&*file, &path, &mut contents)?;
        let mut tail = Growing::behind(Arc::clone(&file), newest, contents.end).map_err(io())?;
        if file.len().map_err(io())? > contents.end {
            tail.trim().map_err(io())?;
        }
        // A latest note of another size is left over from before the size that came after it.
        contents.latest = latest.filter(|latest| contents.newest() == Some(latest.size));
        let known = contents.known().unwrap_or(Size::EMPTY);
        if known > log_size {
            return Err(OpenError::RolledBack {
                place: path.display().to_string(),
                known,
                held: log_size,
            });
        }
        Ok(Self {
            file,
            path,
            latest_path,
            tail: Mutex::new(tail),
            contents: RwLock::new(contents),
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
        let mut contents = Contents::empty(Some(UnusableReason::Closed));
        scan(&*file, &path, &mut contents)?;
        contents.latest = latest.filter(|latest| contents.newest() == Some(latest.size));
        let tail = Growing::new(Arc::clone(&file), contents.end);
        Ok(Some(Self {
            file,
            path,
            latest_path,
            tail: Mutex::new(tail),
            contents: RwLock::new(contents),
        }))
    }

    /// Hands out every record in the order of the file, until `visit` answers no. One whose body is
    /// not the one that was stored is handed out as it lies there, with its head's link: what that
    /// means is found by comparing the links.
    pub(crate) fn for_each(
        &self,
        visit: &mut dyn FnMut(ArchivedRecord) -> bool,
    ) -> Result<(), OpenError> {
        let (path, end) = (self.path.clone(), self.contents().end);
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
        self.contents().latest.clone()
    }

    fn contents(&self) -> RwLockReadGuard<'_, Contents> {
        self.contents.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn contents_mut(&self) -> RwLockWriteGuard<'_, Contents> {
        self.contents
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn tail(&self) -> MutexGuard<'_, Growing> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The largest size that anything in it is of.
    pub(crate) fn known(&self) -> Option<Size> {
        self.contents().known()
    }

    /// How far it has come. The link of records from before there were links is made from their
    /// bodies.
    pub(crate) fn head(&self) -> Result<ArchiveHead, ReadError> {
        let (count, link) = {
            let contents = self.contents();
            (contents.count, contents.link)
        };
        if let Some(link) = link {
            return Ok(ArchiveHead { count, link });
        }
        let mut made = ArchiveHead::default();
        self.heads(&mut |head| {
            made = *head;
            true
        })?;
        let mut contents = self.contents_mut();
        if contents.count == made.count && contents.link.is_none() {
            contents.link = Some(made.link);
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
        let end = self.contents().end;
        let (mut offset, mut head) = (0, ArchiveHead::default());
        while let Some(record) = record_at(&*self.file, &self.path, offset, end).map_err(failed)? {
            let count = if record.kind == RecordKind::Mark {
                record.size.get()
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
        self.contents()
            .unusable
            .map_or(Ok(()), |reason| Err(not_written(reason)))
    }

    fn append(
        &self,
        tail: &mut Growing,
        kind: RecordKind,
        size: Size,
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
                self.contents_mut().note(&Record {
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
                self.contents_mut().unusable = Some(UnusableReason::Poisoned);
                Err(CommitError::Unknown(Box::new(error)))
            }
        }
    }

    /// Says that what a head names is missing.
    pub(crate) fn mark(&self, known: &ArchiveHead) -> Result<(), CommitError> {
        self.append(
            &mut self.tail(),
            RecordKind::Mark,
            Size::new(known.count),
            known.link.as_bytes(),
        )
    }

    /// Keeps a note that was checked.
    pub(crate) fn keep(&self, disk: &dyn Disk, kept: &StoredCheckpoint) -> Result<(), CommitError> {
        let mut tail = self.tail();
        let (newest, latest) = {
            let contents = self.contents();
            (contents.newest(), contents.latest.clone())
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
            self.contents_mut().latest = None;
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
        let mut contents = self.contents_mut();
        match &replaced {
            Ok(()) => contents.latest = Some(kept.clone()),
            Err(CommitError::Unknown(_)) => contents.unusable = Some(UnusableReason::Poisoned),
            Err(_) => {}
        }
        replaced
    }

    /// Keeps a token that was checked.
    pub(crate) fn keep_token(&self, size: Size, token: &[u8]) -> Result<(), CommitError> {
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

    fn stored(&self, size: Size, place: Place) -> Result<StoredCheckpoint, ReadError> {
        let note = String::from_utf8(self.body(place)?).map_err(|_| self.corrupt(place))?;
        Ok(StoredCheckpoint { size, note })
    }

    /// The first note of the smallest size above `above`.
    pub(crate) fn first(&self, above: Size) -> Result<Option<StoredCheckpoint>, ReadError> {
        let found = self
            .contents()
            .notes
            .range((Bound::Excluded(above), Bound::Unbounded))
            .next()
            .map(|(size, notes)| (*size, notes.first));
        found
            .map(|(size, place)| self.stored(size, place))
            .transpose()
    }

    /// The latest note of the largest size that is at most `at_most`.
    pub(crate) fn last(&self, at_most: Size) -> Result<Option<StoredCheckpoint>, ReadError> {
        let (size, place) = {
            let contents = self.contents();
            let Some((size, notes)) = contents.notes.range(..=at_most).next_back() else {
                return Ok(None);
            };
            if let Some(latest) = contents
                .latest
                .as_ref()
                .filter(|latest| latest.size == *size)
            {
                return Ok(Some(latest.clone()));
            }
            (*size, notes.latest)
        };
        self.stored(size, place).map(Some)
    }

    /// Tokens over at least so many entries.
    pub(crate) fn tokens(&self, from_size: Size) -> Result<Vec<StoredToken>, ReadError> {
        let places: Vec<(Size, Place)> = {
            let contents = self.contents();
            let places = contents
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
    pub(crate) fn first_token(&self, above: Size) -> Result<Option<StoredToken>, ReadError> {
        let found = self
            .contents()
            .tokens
            .range((Bound::Excluded(above), Bound::Unbounded))
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
        let before = self.contents_mut().unusable.replace(UnusableReason::Closed);
        before.map_or_else(|| tail.trim(), |_| Ok(()))
    }
}
