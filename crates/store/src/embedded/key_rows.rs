//! The file of wrapped keys of one epoch: frames of rows, each chained to the one before under a
//! key that is derived from the root key.
//!
//! Only the places of rows are kept in memory (nine bytes for each part of each event), and the file
//! is read piece by piece. Rows
//! that were changed, removed, added or moved are told when the file is opened, and so are rows
//! that are missing from those that it began with. Rows that are missing at its very end cannot be
//! told here: whoever knows the journal asks for the key of its newest event.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use record::keys::{CHAIN_START, ChainKey, WrappedKey};
use uuid::Uuid;

use super::growing::{AppendError, Growing, is_free};
use super::key_pieces::Pieces;
use super::keys::{not_written, unknown};
use super::part_places::PartPlaces;
use super::secrets::failed;
use crate::disk::{Disk, DiskFile, write_new};
use crate::key_store::{KeyError, KeyRow, PartRow, SubjectRow};

pub(crate) const FRAME_MAGIC: &[u8; 4] = b"SGK2";
/// Magic, length and checksum in front of what a frame holds; a checksum behind it.
pub(crate) const FRAME_HEADER: usize = 12;
/// The link of the chain in front of the rows.
const LINK: usize = 32;
pub(crate) const PART_ROW: usize = 75;
pub(crate) const SUBJECT_ROW: usize = 61;
/// A row of one byte behind those that the file began with: without it a file was never put in
/// force.
const BEGUN: u8 = 3;
/// Rows that are written at once where a file is begun with many.
const ROWS_AT_ONCE: usize = 10_000;

/// The rows of an epoch, by their places in its file.
pub(crate) struct Rows {
    file: Arc<dyn DiskFile>,
    path: PathBuf,
    parts: PartPlaces,
    subjects: BTreeMap<Uuid, u64>,
}

/// The growing end of the file.
pub(crate) struct RowsEnd {
    tail: Growing,
    chain: ChainKey,
    /// The link of the newest frame.
    link: [u8; LINK],
    /// Rows that were written and are not durable yet.
    begun: Vec<Appended>,
    /// Whether bytes follow that are no frame: the end of a write that was never acknowledged.
    torn: bool,
}

/// Rows that were appended, and where they begin.
pub(crate) struct Appended {
    body: Vec<u8>,
    offset: u64,
}

fn encode(rows: &[KeyRow]) -> Vec<u8> {
    let mut body = Vec::with_capacity(rows.len() * PART_ROW);
    for row in rows {
        match row {
            KeyRow::Part(row) => {
                body.push(1);
                body.extend_from_slice(row.event.as_bytes());
                body.extend_from_slice(&row.part.to_be_bytes());
                body.extend_from_slice(row.subject.as_bytes());
                body.extend_from_slice(&row.wrapped.0);
            }
            KeyRow::Subject(row) => {
                body.push(2);
                body.extend_from_slice(row.subject.as_bytes());
                body.extend_from_slice(&row.epoch.to_be_bytes());
                body.extend_from_slice(&row.wrapped.0);
            }
        }
    }
    body
}

/// The row at the front of the bytes, and its length.
pub(crate) fn decode_row(bytes: &[u8]) -> Option<(KeyRow, usize)> {
    let uuid = |from: usize| {
        bytes
            .get(from..from + 16)?
            .try_into()
            .ok()
            .map(Uuid::from_bytes)
    };
    let wrapped = |from: usize| bytes.get(from..from + 40)?.try_into().ok().map(WrappedKey);
    match bytes.first()? {
        1 => {
            let part = u16::from_be_bytes(bytes.get(17..19)?.try_into().ok()?);
            Some((
                KeyRow::Part(PartRow {
                    event: uuid(1)?,
                    part,
                    subject: uuid(19)?,
                    wrapped: wrapped(35)?,
                }),
                PART_ROW,
            ))
        }
        2 => {
            let epoch = u32::from_be_bytes(bytes.get(17..21)?.try_into().ok()?);
            Some((
                KeyRow::Subject(SubjectRow {
                    subject: uuid(1)?,
                    epoch,
                    wrapped: wrapped(21)?,
                }),
                SUBJECT_ROW,
            ))
        }
        _ => None,
    }
}

/// A frame in the form of a magic.
pub(crate) fn frame(magic: &[u8; 4], body: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = magic.to_vec();
    bytes.extend_from_slice(&u32::try_from(body.len()).ok()?.to_be_bytes());
    let head = crc32c::crc32c(&bytes);
    bytes.extend_from_slice(&head.to_be_bytes());
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(&crc32c::crc32c(body).to_be_bytes());
    Some(bytes)
}

/// What a good frame at the front of the bytes holds.
pub(crate) fn unframe<'a>(magic: &[u8; 4], bytes: &'a [u8]) -> Option<&'a [u8]> {
    let (head, rest) = bytes.split_at_checked(FRAME_HEADER)?;
    let (fields, sum) = head.split_at_checked(8)?;
    if !fields.starts_with(magic) || sum != crc32c::crc32c(fields).to_be_bytes() {
        return None;
    }
    let len = usize::try_from(u32::from_be_bytes(fields.get(4..)?.try_into().ok()?)).ok()?;
    let (body, rest) = rest.split_at_checked(len)?;
    (rest.get(..4)? == crc32c::crc32c(body).to_be_bytes()).then_some(body)
}

/// The frames of a file, in order.
pub(crate) struct Frames<'a> {
    magic: &'static [u8; 4],
    bytes: &'a [u8],
    /// Where good frames end so far.
    pub(crate) end: usize,
}

/// What comes next in a file.
pub(crate) enum Next<'a> {
    /// A good frame: where what it holds begins, and what that is.
    Frame(usize, &'a [u8]),
    /// Nothing, or free space.
    End,
    /// The end of a write that was never acknowledged.
    Torn,
    /// Damage in front of a good frame.
    Damage,
}

impl<'a> Frames<'a> {
    pub(crate) fn new(magic: &'static [u8; 4], bytes: &'a [u8]) -> Self {
        Self {
            magic,
            bytes,
            end: 0,
        }
    }

    pub(crate) fn next(&mut self) -> Next<'a> {
        let rest = self.bytes.get(self.end..).unwrap_or_default();
        if is_free(rest) {
            return Next::End;
        }
        match unframe(self.magic, rest) {
            Some(body) => {
                let begin = self.end + FRAME_HEADER;
                self.end = begin + body.len() + 4;
                Next::Frame(begin, body)
            }
            None if (1..rest.len()).any(|place| {
                rest.get(place..)
                    .is_some_and(|rest| unframe(self.magic, rest).is_some())
            }) =>
            {
                Next::Damage
            }
            None => Next::Torn,
        }
    }
}

pub(crate) fn corrupt(path: &Path, offset: u64, what: &'static str) -> KeyError {
    KeyError::Corrupt {
        file: path.display().to_string(),
        offset,
        what,
    }
}

/// Opens a file that was put in force.
pub(crate) fn open(
    disk: &dyn Disk,
    path: &Path,
    chain: ChainKey,
) -> Result<(Rows, RowsEnd), KeyError> {
    let there = disk.open_read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => KeyError::Missing {
            file: path.display().to_string(),
        },
        _ => failed(error),
    });
    drop(there?);
    let file = disk.open_write(path).map_err(failed)?;
    let mut rows = Rows {
        file: Arc::clone(&file),
        path: path.to_owned(),
        parts: PartPlaces::default(),
        subjects: BTreeMap::new(),
    };
    let (mut link, mut whole, mut torn) = (CHAIN_START, false, false);
    lock(&*file, path)?;
    let mut pieces = Pieces::new(&*file).map_err(failed)?;
    let mut newest = 0;
    loop {
        let at = pieces.good_bytes();
        let (front, next) = pieces.next().map_err(failed)?;
        let (begin, body) = match next {
            Next::Frame(begin, body) => (front + begin as u64, body),
            Next::End => break,
            Next::Torn => {
                torn = true;
                break;
            }
            Next::Damage => return Err(corrupt(path, at, "a good frame follows a damaged one")),
        };
        let (own, body) = body
            .split_at_checked(LINK)
            .ok_or_else(|| corrupt(path, at, "a frame is too short"))?;
        if !chain.follows(&link, body, own) {
            return Err(corrupt(
                path,
                at,
                "the rows are not those that were written here",
            ));
        }
        link.copy_from_slice(own);
        newest = at;
        whole |= rows
            .note(body, begin + LINK as u64)
            .ok_or_else(|| corrupt(path, at, "a row is malformed"))?;
    }
    if !whole {
        return Err(corrupt(
            path,
            pieces.good_bytes(),
            "the file was cut: the rows that it began with are not all there",
        ));
    }
    let end = pieces.good_bytes();
    let tail = Growing::behind(file, newest, end).map_err(failed)?;
    let end = RowsEnd {
        tail,
        chain,
        link,
        begun: Vec::new(),
        torn,
    };
    Ok((rows, end))
}

/// The file that is written is locked itself: nobody can take that away by removing a lock file.
fn lock(file: &dyn DiskFile, path: &Path) -> Result<(), KeyError> {
    if file.try_lock().map_err(failed)? {
        Ok(())
    } else {
        Err(KeyError::Exists {
            dir: path.display().to_string(),
        })
    }
}

/// Begins a file with rows; it may be put in force on return.
pub(crate) fn begin(
    disk: &dyn Disk,
    path: &Path,
    chain: ChainKey,
    first: &[KeyRow],
) -> Result<(Rows, RowsEnd), KeyError> {
    let file = write_new(disk, path, &[]).map_err(not_written)?;
    lock(&*file, path)?;
    let mut rows = Rows {
        file: Arc::clone(&file),
        path: path.to_owned(),
        parts: PartPlaces::default(),
        subjects: BTreeMap::new(),
    };
    let mut end = RowsEnd {
        tail: Growing::new(file, 0),
        chain,
        link: CHAIN_START,
        begun: Vec::new(),
        torn: false,
    };
    // What is not in force yet was not written, whatever the disk says of it.
    let whole = |error: KeyError| KeyError::NotWritten(Box::new(error));
    for rows_at_once in first.chunks(ROWS_AT_ONCE) {
        end.write(rows_at_once).map_err(whole)?;
        rows.take(&end.sync().map_err(whole)?);
    }
    end.write_body(vec![BEGUN]).map_err(whole)?;
    end.sync().map_err(whole)?;
    Ok((rows, end))
}

impl RowsEnd {
    /// Writes rows, which [`RowsEnd::sync`] makes durable. [`KeyError::Unknown`] leaves an end that
    /// must not be used again.
    pub(crate) fn write(&mut self, rows: &[KeyRow]) -> Result<(), KeyError> {
        self.write_body(encode(rows))
    }

    fn write_body(&mut self, body: Vec<u8>) -> Result<(), KeyError> {
        if self.torn {
            self.tail.trim().map_err(not_written)?;
            self.torn = false;
        }
        let link = self.chain.link(&self.link, &body);
        let bytes = frame(FRAME_MAGIC, &[link.as_slice(), &body].concat());
        let bytes = bytes.ok_or_else(|| not_written(io::Error::other("too many rows at once")))?;
        let begin = self.tail.write(&bytes).map_err(|error| match error {
            AppendError::NotWritten(error) => not_written(error),
            AppendError::Unknown(error) => unknown(error),
        })?;
        self.link = link;
        self.begun.push(Appended {
            body,
            offset: begin + (FRAME_HEADER + LINK) as u64,
        });
        Ok(())
    }

    /// Makes everything durable that was written, and hands it out. [`KeyError::Unknown`] leaves an
    /// end that must not be used again.
    pub(crate) fn sync(&mut self) -> Result<Vec<Appended>, KeyError> {
        if self.begun.is_empty() {
            return Ok(Vec::new());
        }
        self.tail.sync().map_err(unknown)?;
        self.tail.accept();
        Ok(std::mem::take(&mut self.begun))
    }

    /// Cuts off the free space behind the rows; what is torn stays as it lies there until something
    /// is written.
    pub(crate) fn trim(&mut self) -> io::Result<()> {
        if self.torn { Ok(()) } else { self.tail.trim() }
    }
}

impl Rows {
    /// Whether the file still has its name.
    pub(crate) fn is_in_place(&self) -> io::Result<bool> {
        self.file.is_at(&self.path)
    }

    /// Notes the places of rows that were appended.
    pub(crate) fn take(&mut self, appended: &[Appended]) {
        for Appended { body, offset } in appended {
            self.note(body, *offset);
        }
    }

    /// Notes the places of rows that begin at `offset` in the file; answers whether those that it
    /// began with end among them. None when a row is malformed.
    fn note(&mut self, mut body: &[u8], mut offset: u64) -> Option<bool> {
        let mut whole = false;
        while let Some(kind) = body.first() {
            let len = if *kind == BEGUN {
                whole = true;
                1
            } else {
                let (row, len) = decode_row(body)?;
                match row {
                    KeyRow::Part(row) => self.parts.add(row.event, row.part, offset)?,
                    KeyRow::Subject(row) => {
                        self.subjects.insert(row.subject, offset);
                    }
                }
                len
            };
            offset += len as u64;
            body = body.get(len..).unwrap_or_default();
        }
        Some(whole)
    }

    fn at(&self, offset: u64, len: usize) -> Result<KeyRow, KeyError> {
        let mut bytes = vec![0; len];
        self.file
            .read_exact_at(&mut bytes, offset)
            .map_err(failed)?;
        decode_row(&bytes)
            .map(|(row, _)| row)
            .ok_or_else(|| corrupt(&self.path, offset, "a row is malformed"))
    }

    pub(crate) fn part(&self, event: Uuid, part: u16) -> Result<Option<PartRow>, KeyError> {
        Ok(self.last_row(event, part)?.map(|(_, row)| row))
    }

    /// The newest row of a part, and where it lies. Another part may have the same fingerprint.
    fn last_row(&self, event: Uuid, part: u16) -> Result<Option<(u64, PartRow)>, KeyError> {
        for offset in self.parts.of(event, part) {
            let row = self.part_at(offset)?;
            if (row.event, row.part) == (event, part) {
                return Ok(Some((offset, row)));
            }
        }
        Ok(None)
    }

    fn part_at(&self, offset: u64) -> Result<PartRow, KeyError> {
        match self.at(offset, PART_ROW)? {
            KeyRow::Part(row) => Ok(row),
            KeyRow::Subject(_) => Err(corrupt(&self.path, offset, "another row lies here")),
        }
    }

    /// The row at a place, unless it was written once more further on.
    fn unless_replaced(&self, offset: u64) -> Result<Option<PartRow>, KeyError> {
        let row = self.part_at(offset)?;
        let others = self.parts.of(row.event, row.part).len() > 1;
        let newest = if others {
            self.last_row(row.event, row.part)?
        } else {
            None
        };
        Ok(newest
            .is_none_or(|(newest, _)| newest == offset)
            .then_some(row))
    }

    pub(crate) fn subject(&self, subject: Uuid) -> Result<Option<SubjectRow>, KeyError> {
        let Some(offset) = self.subjects.get(&subject) else {
            return Ok(None);
        };
        match self.at(*offset, SUBJECT_ROW)? {
            KeyRow::Subject(row) if row.subject == subject => Ok(Some(row)),
            _ => Err(corrupt(&self.path, *offset, "another row lies here")),
        }
    }

    /// Every row, those of subjects first.
    pub(crate) fn all(&self) -> impl Iterator<Item = Result<KeyRow, KeyError>> {
        let subjects = self
            .subjects
            .keys()
            .filter_map(|subject| self.subject(*subject).transpose());
        let parts = self.parts.all();
        let parts = parts.filter_map(|offset| self.unless_replaced(offset).transpose());
        subjects
            .map(|row| row.map(KeyRow::Subject))
            .chain(parts.map(|row| row.map(KeyRow::Part)))
    }

    pub(crate) fn parts_of(&self, subject: Uuid) -> Result<Vec<PartRow>, KeyError> {
        let rows = self.parts.all();
        let rows = rows.filter_map(|offset| self.unless_replaced(offset).transpose());
        let rows = rows.filter(|row| row.as_ref().map_or(true, |row| row.subject == subject));
        let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
        rows.sort_unstable_by_key(|row| (row.event, row.part));
        Ok(rows)
    }
}
