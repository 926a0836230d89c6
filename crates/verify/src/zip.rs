//! A strict reader of ZIP archives: every byte belongs to one regular file or to the directory.
//!
//! It reads less than the format allows on purpose. Whatever two readers could understand in two
//! ways is refused: comments, extra fields, data descriptors, gaps, overlaps, names that stand
//! twice.

mod directory;
mod inflating;
mod window;

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Seek, SeekFrom};

use crate::code::Code;
use crate::files::{ARCHIVE_BYTES_MAX, Failure, Files, whole};
use window::Window;

/// Files in one archive.
pub const FILES_MAX: u64 = 1_000_000;
/// Bytes of the archive's directory.
pub const DIRECTORY_BYTES_MAX: u64 = 256 << 20;
/// Bytes of one file, inflated.
pub const FILE_BYTES_MAX: u64 = 16 << 30;
/// Bytes of all files, inflated.
pub const TOTAL_BYTES_MAX: u64 = 64 << 30;
/// How many times its size a file of more than [`RATIO_FREE_BYTES`] may grow when inflated.
pub const RATIO_MAX: u64 = 200;
/// Files up to this size may be compressed as far as deflate can.
pub const RATIO_FREE_BYTES: u64 = 1 << 20;
/// Bytes of a name.
pub const NAME_BYTES_MAX: usize = 512;

/// How a file is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Stored,
    Deflated,
}

/// A file as the directory describes it.
#[derive(Debug, Clone)]
struct Entry {
    method: Method,
    crc: u32,
    compressed: u64,
    size: u64,
    /// Where its local header begins.
    header: u64,
    /// Where its bytes begin.
    data: u64,
}

/// An archive whose structure holds.
#[derive(Debug)]
pub struct Zip<R> {
    reader: R,
    entries: BTreeMap<String, Entry>,
}

fn wrong(what: impl Into<String>) -> Failure {
    Failure::of(Code::BundleFormat, what)
}

impl<R: Read + Seek> Zip<R> {
    /// Reads the directory and compares it with the header of every file.
    ///
    /// # Errors
    /// [`Failure`]; [`Code::BundleFormat`] for anything that is not as it must be.
    pub fn open(mut reader: R) -> Result<Self, Failure> {
        let entries = directory::read(&mut reader)?;
        Ok(Self { reader, entries })
    }

    /// The part of the archive where a stored file lies: first byte and length. None where the file
    /// is compressed or not there.
    fn stored(&self, name: &str) -> Option<(u64, u64)> {
        self.entries
            .get(name)
            .filter(|entry| entry.method == Method::Stored)
            .map(|entry| (entry.data, entry.size))
    }
}

impl<R: Read + Seek> Files for Zip<R> {
    fn list(&self) -> Vec<(String, u64)> {
        self.entries
            .iter()
            .map(|(name, entry)| (name.clone(), entry.size))
            .collect()
    }

    fn read(&mut self, name: &str, visit: &mut dyn FnMut(&[u8])) -> Result<(), Failure> {
        let entry = self
            .entries
            .get(name)
            .ok_or_else(|| wrong(format!("{name} is missing")))?
            .clone();
        self.reader.seek(SeekFrom::Start(entry.data))?;
        let mut crc = crc32fast::Hasher::new();
        let mut size = 0_u64;
        let source = (&mut self.reader).take(entry.compressed);
        let mut piece = |bytes: &[u8]| {
            crc.update(bytes);
            size += bytes.len() as u64;
            if size <= entry.size {
                visit(bytes);
            }
            size <= entry.size
        };
        let whole = match entry.method {
            Method::Stored => inflating::copy(source, &mut piece)?,
            Method::Deflated => inflating::inflate(source, &mut piece)?,
        };
        if !whole || size != entry.size || crc.finalize() != entry.crc {
            return Err(wrong(format!(
                "{name} is damaged: its size or its check sum is another"
            )));
        }
        Ok(())
    }

    fn archive(&mut self, name: &str) -> Result<Box<dyn Files + '_>, Failure> {
        match self.stored(name) {
            Some((start, length)) => Ok(Box::new(Zip::open(Window::new(
                &mut self.reader,
                start,
                length,
            ))?)),
            None => Ok(Box::new(Zip::open(Cursor::new(whole(
                self,
                name,
                ARCHIVE_BYTES_MAX,
            )?))?)),
        }
    }
}

/// Whether a name is a relative path of plain steps.
pub(crate) fn plain(name: &str) -> bool {
    name.len() <= NAME_BYTES_MAX
        && name
            .chars()
            .all(|c| !c.is_control() && c != '\\' && c != ':')
        && name.split('/').all(|step| !matches!(step, "" | "." | ".."))
}

#[cfg(test)]
mod tests;
