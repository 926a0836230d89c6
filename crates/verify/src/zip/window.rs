//! A part of a medium, read as if it were all of it.

use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};

/// What can be read from any place.
pub(super) trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

pub(super) struct Window<'a> {
    medium: &'a mut dyn ReadSeek,
    start: u64,
    length: u64,
    place: u64,
}

impl<'a> Window<'a> {
    pub(super) fn new(medium: &'a mut dyn ReadSeek, start: u64, length: u64) -> Self {
        Self {
            medium,
            start,
            length,
            place: 0,
        }
    }
}

impl Read for Window<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(self.place)).unwrap_or(usize::MAX);
        let count = left.min(buffer.len());
        if count == 0 {
            return Ok(0);
        }
        self.medium.seek(SeekFrom::Start(self.start + self.place))?;
        let read = self
            .medium
            .read(buffer.get_mut(..count).unwrap_or_default())?;
        self.place += read as u64;
        Ok(read)
    }
}

impl Seek for Window<'_> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::End(offset) => self.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.place.checked_add_signed(offset),
        };
        self.place = place.ok_or_else(|| Error::from(ErrorKind::InvalidInput))?;
        Ok(self.place)
    }
}
