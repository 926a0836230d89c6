//! The growing end of an append-only file.
//!
//! Space is filled with zeros ahead of need, so that a sync has data to write and no new length
//! or place to remember: that halves its cost. Readers take zeros up to the end of the file for
//! free space; a clean stop cuts them off.

use std::io;
use std::sync::Arc;

use crate::disk::DiskFile;

/// So much is filled ahead at a time.
const AHEAD: usize = 256 * 1024;
static ZEROS: [u8; AHEAD] = [0; AHEAD];

pub(crate) struct Growing {
    file: Arc<dyn DiskFile>,
    /// What lies before it counts.
    end: u64,
    /// What lies between the end and here was written and does not count yet.
    written: u64,
    allocated: u64,
    /// Where the newest bytes begin that began to count at once, or were found.
    newest: u64,
}

/// What became of an append that failed.
pub(crate) enum AppendError {
    /// The file is as it was.
    NotWritten(io::Error),
    /// The bytes may or may not be found when the file is opened again.
    Unknown(io::Error),
}

impl Growing {
    pub(crate) fn new(file: Arc<dyn DiskFile>, end: u64) -> Self {
        Self {
            file,
            end,
            written: end,
            allocated: end,
            newest: end,
        }
    }

    /// Goes on behind bytes that were found when the file was opened. The newest of them, from
    /// `newest` on, may never have reached the medium, though they are read back: a sync failed, or
    /// the process was killed before it. They are written once more and synced before anybody
    /// builds on them.
    pub(crate) fn behind(file: Arc<dyn DiskFile>, newest: u64, end: u64) -> io::Result<Self> {
        let mut bytes =
            vec![0; usize::try_from(end.saturating_sub(newest)).map_err(io::Error::other)?];
        file.read_exact_at(&mut bytes, newest)?;
        file.write_all_at(&bytes, newest)?;
        file.sync_data()?;
        Ok(Self {
            newest,
            ..Self::new(file, end)
        })
    }

    /// Where what counts ends.
    pub(crate) const fn end(&self) -> u64 {
        self.end
    }

    /// Where the newest bytes begin that began to count at once.
    pub(crate) const fn newest(&self) -> u64 {
        self.newest
    }

    /// Whether the file is as long as this process made it: nobody else has written to it.
    pub(crate) fn is_as_left(&self) -> io::Result<bool> {
        Ok(self.file.len()? == self.allocated)
    }

    /// Appends bytes; durable on return. Answers where they begin.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<u64, AppendError> {
        let begin = self.write(bytes)?;
        self.sync().map_err(AppendError::Unknown)?;
        self.accept();
        Ok(begin)
    }

    /// Writes bytes behind those that were written before; answers where they begin. They are
    /// durable when [`Growing::sync`] returned, and count from [`Growing::accept`] on.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<u64, AppendError> {
        let (begin, after) = (self.written, self.written + bytes.len() as u64);
        let written = self
            .fill_ahead(after)
            .and_then(|()| self.file.write_all_at(bytes, begin));
        if let Err(error) = written {
            // Nothing was acknowledged, so the file may end where it did.
            return Err(match self.trim() {
                Ok(()) => AppendError::NotWritten(error),
                Err(_) => AppendError::Unknown(error),
            });
        }
        self.written = after;
        Ok(begin)
    }

    /// Makes everything durable that was written. What is durable after a failed sync cannot be
    /// known; only a new scan can tell.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Lets everything count that was written; it must be durable.
    pub(crate) const fn accept(&mut self) {
        if self.written > self.end {
            (self.newest, self.end) = (self.end, self.written);
        }
    }

    fn fill_ahead(&mut self, needed: u64) -> io::Result<()> {
        while self.allocated < needed {
            self.file.write_all_at(&ZEROS, self.allocated)?;
            self.allocated += AHEAD as u64;
        }
        Ok(())
    }

    /// Cuts off what was filled ahead.
    pub(crate) fn trim(&mut self) -> io::Result<()> {
        self.file.truncate(self.written)?;
        self.allocated = self.written;
        Ok(())
    }
}

/// Whether the bytes are free space.
pub(crate) fn is_free(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}
