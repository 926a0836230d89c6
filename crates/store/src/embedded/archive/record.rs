//! The bytes of an archived record: a head with the link of the chain, then the body and its
//! checksum. Which records there are is found by `contents`.

use std::io;
use std::path::Path;

use record::hash::Hash;
use record::positions::Size;

use crate::archive_link::RecordKind;
use crate::backend::opening::OpenError;
use crate::disk::DiskFile;
use crate::log_store::ARCHIVED_BYTES_MAX;

const MAGIC: &[u8; 4] = b"SGA2";
/// Magic (4), kind (1), size of the checkpoint (8), length of the body (4), link (32), checksum of
/// these (4).
pub(super) const HEAD: usize = 53;
/// Records from before there were links.
const MAGIC_BEFORE: &[u8; 4] = b"SGA1";
const HEAD_BEFORE: usize = 21;
/// A checksum of the body follows it.
const SUM: usize = 4;

/// Where a body lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) len: u32,
}

/// The head of a record, with the place of its body.
pub(super) struct Record {
    pub(super) kind: RecordKind,
    pub(super) size: Size,
    pub(super) body: Place,
    /// Missing in records from before there were links.
    pub(super) link: Option<Hash>,
}

impl Record {
    /// Where the next record begins.
    pub(super) fn end(&self) -> u64 {
        self.body.offset + u64::from(self.body.len) + SUM as u64
    }
}

fn summed(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = crc32c::crc32c(&bytes);
    bytes.extend_from_slice(&sum.to_be_bytes());
    bytes
}

pub(super) fn head(kind: RecordKind, size: Size, len: u32, link: Option<&Hash>) -> Vec<u8> {
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
pub(super) fn read_head(bytes: &[u8], offset: u64) -> Option<Record> {
    let (length, link) = match bytes.get(..4)? {
        magic if magic == MAGIC => (HEAD, Some(Hash::new(bytes.get(17..49)?.try_into().ok()?))),
        magic if magic == MAGIC_BEFORE => (HEAD_BEFORE, None),
        _ => return None,
    };
    let kind = RecordKind::of(*bytes.get(4)?)
        .filter(|kind| link.is_some() || *kind != RecordKind::Mark)?;
    let size = Size::from_be_bytes(bytes.get(5..13)?.try_into().ok()?);
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

pub(super) fn read_body(file: &dyn DiskFile, place: Place) -> io::Result<Option<Vec<u8>>> {
    let len = usize::try_from(place.len).map_err(io::Error::other)?;
    let mut bytes = vec![0; len + SUM];
    file.read_exact_at(&mut bytes, place.offset)?;
    let sum = bytes.split_off(len);
    Ok((sum == crc32c::crc32c(&bytes).to_be_bytes()).then_some(bytes))
}

/// The record whose head lies at an offset, if all of it is there.
pub(super) fn record_at(
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

/// The bytes from one offset to another.
pub(super) fn read(
    file: &dyn DiskFile,
    path: &Path,
    from: u64,
    to: u64,
) -> Result<Vec<u8>, OpenError> {
    let mut bytes = vec![0; usize::try_from(to.saturating_sub(from)).unwrap_or(0)];
    file.read_exact_at(&mut bytes, from)
        .map_err(OpenError::io(path))?;
    Ok(bytes)
}
