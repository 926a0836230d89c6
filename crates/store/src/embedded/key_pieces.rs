//! The frames of a file of key rows, of any length: it is read piece by piece, and no more of it is
//! in memory than a piece and a frame. Where a frame is damaged, all behind it is read, to tell whether
//! a good one follows.

use std::io;

use super::key_rows::{FRAME_MAGIC, Frames, Next, unframe};
use crate::disk::DiskFile;

/// Bytes of a file that are read at once.
const PIECE: usize = 1024 * 1024;

/// The frames of a file of any length, which is read piece by piece.
pub(crate) struct Pieces<'a> {
    file: &'a dyn DiskFile,
    len: u64,
    /// Bytes of the file, and where they begin in it.
    bytes: Vec<u8>,
    offset: u64,
    /// How many of these bytes were taken.
    taken: usize,
}

impl<'a> Pieces<'a> {
    pub(crate) fn new(file: &'a dyn DiskFile) -> io::Result<Self> {
        Ok(Self {
            file,
            len: file.len()?,
            bytes: Vec::new(),
            offset: 0,
            taken: 0,
        })
    }

    /// Where good frames end so far.
    pub(crate) const fn good_bytes(&self) -> u64 {
        self.offset + self.taken as u64
    }

    /// Whether the bytes at hand are the last ones of the file.
    const fn at_end(&self) -> bool {
        self.offset + self.bytes.len() as u64 >= self.len
    }

    /// Reads on, behind the bytes at hand that were not taken yet.
    fn read_on(&mut self) -> io::Result<()> {
        self.bytes.drain(..self.taken);
        self.offset += self.taken as u64;
        self.taken = 0;
        let held = self.bytes.len();
        let rest = self.len - self.offset - held as u64;
        let step = usize::try_from(rest).unwrap_or(usize::MAX).min(PIECE);
        self.bytes.resize(held + step, 0);
        let piece = self.bytes.get_mut(held..).unwrap_or_default();
        self.file.read_exact_at(piece, self.offset + held as u64)
    }

    /// What comes next, and where the bytes begin that it lies in.
    pub(crate) fn next(&mut self) -> io::Result<(u64, Next<'_>)> {
        let whole = |bytes: &[u8]| unframe(FRAME_MAGIC, bytes).is_some();
        while !self.at_end() && !self.bytes.get(self.taken..).is_some_and(whole) {
            self.read_on()?;
        }
        let mut frames = Frames::new(FRAME_MAGIC, &self.bytes);
        frames.end = self.taken;
        let next = frames.next();
        self.taken = frames.end;
        Ok((self.offset, next))
    }
}
