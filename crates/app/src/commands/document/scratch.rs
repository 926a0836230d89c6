//! Scratch files for what is on its way out of the house.
//!
//! Evidence is put together in files, because it may be large; but what is personal must lie in
//! clear on no disk, and blocks of a file that is gone can be read for long. So each is encrypted
//! under a key of its own that is never written anywhere and dies with it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use record::keystream::Keystream;
use zeroize::Zeroizing;

use crate::entropy::secret;

/// Bytes that are encrypted and written at once.
const PIECE: usize = 64 * 1024;

/// A file whose bytes only this value can read.
#[derive(Debug)]
pub struct Scratch {
    file: File,
    stream: Keystream,
    place: u64,
}

impl Scratch {
    /// Works on a file that is empty and that nobody else uses.
    #[must_use]
    pub fn over(file: File) -> Self {
        let key = Zeroizing::new(secret());
        Self {
            file,
            stream: Keystream::new(&key),
            place: 0,
        }
    }

    /// Encrypts or decrypts the bytes that belong to the place.
    fn turn(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.stream
            .turn(self.place, bytes)
            .map_err(io::Error::other)
    }
}

impl Read for Scratch {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        if let Some(bytes) = buffer.get_mut(..read) {
            self.turn(bytes)?;
        }
        self.place += read as u64;
        Ok(read)
    }
}

impl Write for Scratch {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut piece = bytes.get(..PIECE).unwrap_or(bytes).to_vec();
        self.turn(&mut piece)?;
        let written = self.file.write(&piece)?;
        self.place += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Scratch {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.place = self.file.seek(to)?;
        Ok(self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scratch_file_reads_as_it_was_written_and_lies_on_disk_in_no_clear() {
        let file = tempfile::tempfile().unwrap();
        let mut disk = file.try_clone().unwrap();
        let mut scratch = Scratch::over(file);
        let text: Vec<u8> = b"Almas egne ord. "
            .iter()
            .copied()
            .cycle()
            .take(200_000)
            .collect();
        scratch.write_all(&text).unwrap();
        // As an archive does: an earlier place is written again, then it goes on at the end.
        scratch.seek(SeekFrom::Start(70_001)).unwrap();
        scratch.write_all(b"anden tekst").unwrap();
        assert_eq!(scratch.seek(SeekFrom::End(0)).unwrap(), 200_000);
        scratch.write_all(b"slut").unwrap();
        let mut expected = text.clone();
        expected[70_001..70_012].copy_from_slice(b"anden tekst");
        expected.extend_from_slice(b"slut");
        let mut read = Vec::new();
        scratch.seek(SeekFrom::Start(0)).unwrap();
        scratch.read_to_end(&mut read).unwrap();
        assert!(read == expected);
        let mut part = [0; 40];
        scratch.seek(SeekFrom::Start(70_000)).unwrap();
        scratch.read_exact(&mut part).unwrap();
        assert_eq!(part, expected[70_000..70_040]);
        let mut raw = Vec::new();
        disk.seek(SeekFrom::Start(0)).unwrap();
        disk.read_to_end(&mut raw).unwrap();
        assert_eq!(raw.len(), expected.len());
        assert!(!raw.windows(8).any(|window| window == b"egne ord"));
        assert_ne!(
            raw[..16],
            raw[16..32],
            "the same text is encrypted otherwise in another place"
        );
    }
}
