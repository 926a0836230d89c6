//! A run: a file of sorted rows of an index, written once and never changed.
//!
//! Opening a run reads its foot only, the directory of its blocks: the first key and the keyed hash
//! of every block, and a filter that says which keys are surely not there. They stay in memory
//! (about three bytes for each row). The note of a run holds a hash of its foot, so a block that is
//! read is checked against the generation that names the run: an older file of the same name and
//! length is not believed. Which runs make up an index stands in `index_home`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use record::hash::{Hash, sha256};
use sha2::{Digest, Sha256};

use super::block_cache::BlockCache;
use super::index_home::VouchKey;
use crate::disk::{Disk, DiskFile, read_all};
use crate::index_store::{IndexError, IndexRow};

/// A block is closed when it holds so many bytes.
const BLOCK_BYTES: usize = 4 * 1024;
/// So much is written at once.
const WRITE_BYTES: usize = 256 * 1024;
/// Bits of the filter for each row, and how many of them a key sets: one key in a hundred that is
/// not there is looked for in vain.
const FILTER_BITS: u64 = 10;
const FILTER_PROBES: u64 = 5;
/// The keyed hash of a block, which stands in the foot.
const TAG: usize = 16;
/// What a keyed hash covers before the block: the numbers of index, run and block.
const PLACE: usize = 20;

/// Which run of which index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RunId {
    /// Number of the index.
    pub(crate) number: u64,
    pub(crate) run: u64,
}

/// What is told of a run that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RunNote {
    pub(crate) run: u64,
    /// Rows.
    pub(crate) rows: u64,
    /// Where the foot begins, and where the file ends.
    pub(crate) foot: u64,
    pub(crate) len: u64,
    /// SHA-256 of the foot, which leads to every block.
    pub(crate) directory: Hash,
    /// SHA-256 of the file, for audits, which have no key.
    pub(crate) digest: Hash,
}

pub(crate) fn failed(error: impl std::fmt::Display) -> IndexError {
    IndexError(error.to_string())
}

fn malformed() -> IndexError {
    IndexError("a run of the index is malformed".to_owned())
}

fn changed() -> IndexError {
    IndexError("a block of the index is not the one that was written".to_owned())
}

fn place(id: RunId, block: u32) -> Vec<u8> {
    let mut bytes = id.number.to_be_bytes().to_vec();
    bytes.extend_from_slice(&id.run.to_be_bytes());
    bytes.extend_from_slice(&block.to_be_bytes());
    bytes
}

/// Two numbers that a key's bits in the filter follow from. They need not resist anybody: a bit that
/// is set in vain costs one read.
fn hashes(key: &[u8]) -> (u64, u64) {
    let mut hash = 0x9e37_79b9_7f4a_7c15_u64;
    for chunk in key.chunks(8) {
        let mut word = [0; 8];
        word.iter_mut()
            .zip(chunk)
            .for_each(|(to, from)| *to = *from);
        hash = (hash ^ u64::from_be_bytes(word)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash ^= hash >> 32;
    }
    let second = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    (hash, (second ^ second >> 29) | 1)
}

/// The bits that a key sets in a filter of so many bytes.
fn bits(key: &[u8], bytes: usize) -> impl Iterator<Item = (usize, u8)> {
    let (first, step) = hashes(key);
    let count = (bytes as u64).max(1) * 8;
    (0..FILTER_PROBES).map(move |probe| {
        let bit = first.wrapping_add(probe.wrapping_mul(step)) % count;
        (
            usize::try_from(bit / 8).unwrap_or(usize::MAX),
            1 << (bit % 8),
        )
    })
}

/// Writes a run, row after row in order of their keys.
pub(crate) struct RunWriter<'a> {
    disk: &'a dyn Disk,
    path: PathBuf,
    file: Arc<dyn DiskFile>,
    key: &'a VouchKey,
    id: RunId,
    /// The rows of the block that is being filled, and their bytes.
    rows: Vec<IndexRow>,
    bytes: usize,
    /// The first key of each block, its length on disk, and its keyed hash.
    blocks: Vec<(Vec<u8>, u32, [u8; TAG])>,
    filter: Vec<u8>,
    count: u64,
    buffer: Vec<u8>,
    written: u64,
    digest: Sha256,
}

impl<'a> RunWriter<'a> {
    /// Begins a run of at most so many rows.
    pub(crate) fn begin(
        disk: &'a dyn Disk,
        path: &Path,
        key: &'a VouchKey,
        id: RunId,
        rows_max: u64,
    ) -> Result<Self, IndexError> {
        let file = disk.open_write(path).map_err(failed)?;
        file.truncate(0).map_err(failed)?;
        let filter = usize::try_from(rows_max * FILTER_BITS / 8 + 1).map_err(failed)?;
        Ok(Self {
            disk,
            path: path.to_owned(),
            file,
            key,
            id,
            rows: Vec::new(),
            bytes: 0,
            blocks: Vec::new(),
            filter: vec![0; filter],
            count: 0,
            buffer: Vec::new(),
            written: 0,
            digest: Sha256::new(),
        })
    }

    pub(crate) fn push(&mut self, row: IndexRow) -> Result<(), IndexError> {
        for (byte, bit) in bits(&row.0, self.filter.len()) {
            if let Some(byte) = self.filter.get_mut(byte) {
                *byte |= bit;
            }
        }
        self.count += 1;
        self.bytes += row.0.len() + row.1.len() + 3;
        self.rows.push(row);
        if self.bytes >= BLOCK_BYTES {
            self.close_block()?;
        }
        Ok(())
    }

    fn close_block(&mut self) -> Result<(), IndexError> {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        let (Some((first, _)), Some((last, _))) = (rows.first(), rows.last()) else {
            return Ok(());
        };
        let block = u32::try_from(self.blocks.len()).map_err(failed)?;
        let mut bytes = place(self.id, block);
        let shared = first.iter().zip(last).take_while(|(a, b)| a == b).count();
        let shared = shared.min(usize::from(u8::MAX));
        put_short(&mut bytes, first.get(..shared).unwrap_or_default())?;
        for (key, value) in &rows {
            put_short(&mut bytes, key.get(shared..).unwrap_or_default())?;
            let len = u16::try_from(value.len()).map_err(failed)?;
            bytes.extend_from_slice(&len.to_be_bytes());
            bytes.extend_from_slice(value);
        }
        let on_disk = bytes.get(PLACE..).unwrap_or_default();
        let len = u32::try_from(on_disk.len()).map_err(failed)?;
        self.blocks.push((first.clone(), len, self.key.tag(&bytes)));
        self.append(on_disk)
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), IndexError> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= WRITE_BYTES {
            self.write_out()?;
        }
        Ok(())
    }

    fn write_out(&mut self) -> Result<(), IndexError> {
        self.digest.update(&self.buffer);
        let written = self.file.write_all_at(&self.buffer, self.written);
        written.map_err(failed)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Writes the foot; durable on return, name and all.
    pub(crate) fn finish(mut self) -> Result<RunNote, IndexError> {
        self.close_block()?;
        let foot = self.written + self.buffer.len() as u64;
        let mut bytes = self.count.to_be_bytes().to_vec();
        let blocks = u32::try_from(self.blocks.len()).map_err(failed)?;
        bytes.extend_from_slice(&blocks.to_be_bytes());
        for (first, len, tag) in &self.blocks {
            put_short(&mut bytes, first)?;
            bytes.extend_from_slice(&len.to_be_bytes());
            bytes.extend_from_slice(tag);
        }
        bytes.extend_from_slice(&self.filter);
        let directory = sha256(&bytes);
        self.append(&bytes)?;
        self.write_out()?;
        self.file.sync_data().map_err(failed)?;
        let dir = self.path.parent().unwrap_or(&self.path);
        self.disk.sync_dir(dir).map_err(failed)?;
        Ok(RunNote {
            run: self.id.run,
            rows: self.count,
            foot,
            len: self.written,
            directory,
            digest: Hash::new(self.digest.finalize().into()),
        })
    }
}

fn put_short(bytes: &mut Vec<u8>, field: &[u8]) -> Result<(), IndexError> {
    bytes.push(u8::try_from(field.len()).map_err(failed)?);
    bytes.extend_from_slice(field);
    Ok(())
}

/// The end of a row's key behind what all keys of its block begin with, and its value.
type RowParts<'a> = (&'a [u8], &'a [u8]);

/// Takes fields from the front of a block.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], IndexError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], IndexError> {
        self.take(N)?.try_into().map_err(|_| malformed())
    }

    fn short(&mut self) -> Result<&'a [u8], IndexError> {
        let [len] = self.array()?;
        self.take(usize::from(len))
    }

    /// The next row of a block.
    fn row(&mut self) -> Result<Option<RowParts<'a>>, IndexError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = self.short()?;
        let len = u16::from_be_bytes(self.array()?);
        Ok(Some((key, self.take(usize::from(len))?)))
    }
}

/// A run that is read.
pub(crate) struct Run {
    pub(crate) note: RunNote,
    id: RunId,
    file: Arc<dyn DiskFile>,
    /// Null in an audit, which compares the digest of the whole file.
    key: Option<VouchKey>,
    cache: Arc<BlockCache>,
    /// The first keys of all blocks, one behind the other; where each ends, and where its block
    /// begins.
    firsts: Vec<u8>,
    ends: Vec<(u32, u64)>,
    tags: Vec<[u8; TAG]>,
    filter: Vec<u8>,
}

impl Run {
    /// Opens a run: reads its foot, and checks that it is the one that was noted.
    pub(crate) fn open(
        disk: &dyn Disk,
        path: &Path,
        key: Option<&VouchKey>,
        id: RunId,
        note: RunNote,
        cache: &Arc<BlockCache>,
    ) -> Result<Self, IndexError> {
        let file = disk.open_read(path).map_err(failed)?;
        if file.len().map_err(failed)? != note.len {
            return Err(malformed());
        }
        let mut run = Self {
            note,
            id,
            file,
            key: key.cloned(),
            cache: Arc::clone(cache),
            firsts: Vec::new(),
            ends: Vec::new(),
            tags: Vec::new(),
            filter: Vec::new(),
        };
        let len = note.len.checked_sub(note.foot).ok_or_else(malformed)?;
        let mut foot = vec![0; usize::try_from(len).map_err(failed)?];
        let read = run.file.read_exact_at(&mut foot, note.foot);
        read.map_err(failed)?;
        if sha256(&foot) != note.directory {
            return Err(changed());
        }
        let mut fields = Fields(&foot);
        let rows = u64::from_be_bytes(fields.array()?);
        let mut begin = 0;
        for _ in 0..u32::from_be_bytes(fields.array()?) {
            run.firsts.extend_from_slice(fields.short()?);
            let end = u32::try_from(run.firsts.len()).map_err(failed)?;
            run.ends.push((end, begin));
            begin += u64::from(u32::from_be_bytes(fields.array()?));
            run.tags.push(fields.array()?);
        }
        run.filter = fields.0.to_vec();
        if rows != note.rows || begin != note.foot {
            return Err(malformed());
        }
        Ok(run)
    }

    /// The bytes of a block, which are checked where there is a key.
    fn read(&self, block: u32, offset: u64, len: usize) -> Result<Vec<u8>, IndexError> {
        let mut bytes = place(self.id, block);
        bytes.resize(PLACE + len, 0);
        let on_disk = bytes.get_mut(PLACE..).unwrap_or_default();
        self.file.read_exact_at(on_disk, offset).map_err(failed)?;
        let tag = usize::try_from(block).ok().and_then(|at| self.tags.get(at));
        let differs = |key: &VouchKey| tag.is_none_or(|tag| key.tag(&bytes) != *tag);
        if self.key.as_ref().is_some_and(differs) {
            return Err(changed());
        }
        Ok(bytes.split_off(PLACE))
    }

    pub(super) const fn block_count(&self) -> usize {
        self.ends.len()
    }

    fn first(&self, block: usize) -> &[u8] {
        let end_of = |block: usize| self.ends.get(block).map_or(0, |(end, _)| *end as usize);
        let begin = block.checked_sub(1).map_or(0, end_of);
        self.firsts.get(begin..end_of(block)).unwrap_or_default()
    }

    fn block(&self, number: usize, keep: bool) -> Result<Arc<Vec<u8>>, IndexError> {
        let block = u32::try_from(number).map_err(failed)?;
        if let Some(found) = self.cache.get(self.id.run, block) {
            return Ok(found);
        }
        let begin = self.ends.get(number).map_or(0, |(_, begin)| *begin);
        let end = self.ends.get(number + 1);
        let end = end.map_or(self.note.foot, |(_, begin)| *begin);
        let bytes = self.read(block, begin, usize::try_from(end - begin).map_err(failed)?)?;
        let bytes = Arc::new(bytes);
        if keep {
            self.cache.put(self.id.run, block, &bytes);
        }
        Ok(bytes)
    }

    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
        let may = bits(key, self.filter.len())
            .all(|(byte, bit)| self.filter.get(byte).is_some_and(|held| held & bit != 0));
        if !may {
            return Ok(None);
        }
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.first(middle) <= key {
                low = middle + 1
            } else {
                high = middle
            }
        }
        let Some(number) = low.checked_sub(1) else {
            return Ok(None);
        };
        let block = self.block(number, true)?;
        let mut fields = Fields(&block);
        let Some(rest) = key.strip_prefix(fields.short()?) else {
            return Ok(None);
        };
        while let Some((end, value)) = fields.row()? {
            if end == rest {
                return Ok(Some(value.to_vec()));
            }
        }
        Ok(None)
    }

    /// The rows of a block, in order.
    pub(super) fn rows(&self, number: usize) -> Result<Vec<IndexRow>, IndexError> {
        let block = self.block(number, false)?;
        let mut fields = Fields(&block);
        let (shared, mut rows) = (fields.short()?, Vec::new());
        while let Some((end, value)) = fields.row()? {
            rows.push(([shared, end].concat(), value.to_vec()));
        }
        Ok(rows)
    }

    /// Whether the file is the one that its note tells of.
    pub(crate) fn is_as_noted(
        disk: &dyn Disk,
        path: &Path,
        note: &RunNote,
    ) -> std::io::Result<bool> {
        let file = disk.open_read(path)?;
        let (len, mut begin) = (file.len()?, 0);
        let (mut hasher, mut bytes) = (Sha256::new(), vec![0; WRITE_BYTES]);
        while begin < len {
            let step = usize::try_from(len - begin).unwrap_or(usize::MAX);
            bytes.truncate(step);
            file.read_exact_at(&mut bytes, begin)?;
            hasher.update(&bytes);
            begin += bytes.len() as u64;
        }
        Ok(len == note.len && Hash::new(hasher.finalize().into()) == note.digest)
    }
}

/// Reads a small file whole; null when there is none.
pub(crate) fn read_text(disk: &dyn Disk, path: &Path) -> std::io::Result<Option<String>> {
    match read_all(disk, path) {
        // What cannot be read vouches for nothing.
        Ok(bytes) => Ok(Some(String::from_utf8(bytes).unwrap_or_default())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
