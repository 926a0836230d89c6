//! A disk that reads the real one and writes only into memory: what needs a store that can be
//! written can be tried on it, and nothing on the real disk changes.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::disk::{Disk, DiskFile, Held, RealDisk};

/// The shadow of a file system.
#[derive(Default)]
pub struct ShadowDisk {
    real: RealDisk,
    /// Files that were opened for writing, renamed or (none) removed.
    files: Mutex<BTreeMap<PathBuf, Option<Arc<ShadowFile>>>>,
}

struct Nothing;

impl Held for Nothing {
    fn holds(&self) -> io::Result<bool> {
        Ok(true)
    }
}

#[derive(Default)]
struct Change {
    /// So much of the real file is still seen.
    seen: u64,
    len: u64,
    /// Writes by their places, in order.
    writes: Vec<(u64, Vec<u8>)>,
}

struct ShadowFile {
    real: Option<Arc<dyn DiskFile>>,
    change: Mutex<Change>,
}

impl ShadowFile {
    fn over(real: Option<Arc<dyn DiskFile>>) -> io::Result<Arc<Self>> {
        let len = real.as_ref().map_or(Ok(0), |real| real.len())?;
        Ok(Arc::new(Self {
            real,
            change: Mutex::new(Change {
                seen: len,
                len,
                writes: Vec::new(),
            }),
        }))
    }

    fn change(&self) -> MutexGuard<'_, Change> {
        self.change.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The part of `buf`, which begins at `offset`, that lies from `begin` on, at most `len` bytes of
/// it.
fn overlap(buf: &mut [u8], offset: u64, begin: u64, len: u64) -> Option<(&mut [u8], u64)> {
    let (from, to) = (
        offset.max(begin),
        (offset + buf.len() as u64).min(begin + len),
    );
    let part = usize::try_from(from.checked_sub(offset)?).ok()?
        ..usize::try_from(to.checked_sub(offset)?).ok()?;
    Some((buf.get_mut(part)?, from))
}

impl DiskFile for ShadowFile {
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let change = self.change();
        if offset + buf.len() as u64 > change.len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buf.fill(0);
        if let (Some(real), Some((part, at))) = (&self.real, overlap(buf, offset, 0, change.seen)) {
            real.read_exact_at(part, at)?;
        }
        for (begin, bytes) in &change.writes {
            if let Some((part, at)) = overlap(buf, offset, *begin, bytes.len() as u64) {
                let from = usize::try_from(at - begin).unwrap_or(usize::MAX);
                part.iter_mut()
                    .zip(bytes.iter().skip(from))
                    .for_each(|(to, byte)| *to = *byte);
            }
        }
        Ok(())
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut change = self.change();
        change.len = change.len.max(offset + bytes.len() as u64);
        change.writes.push((offset, bytes.to_vec()));
        Ok(())
    }

    fn try_lock(&self) -> io::Result<bool> {
        Ok(true)
    }

    fn is_at(&self, _path: &Path) -> io::Result<bool> {
        Ok(true)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        let mut change = self.change();
        change.len = len;
        change.seen = change.seen.min(len);
        for (begin, bytes) in &mut change.writes {
            bytes.truncate(usize::try_from(len.saturating_sub(*begin)).unwrap_or(usize::MAX));
        }
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        Ok(self.change().len)
    }
}

impl ShadowDisk {
    fn files(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Option<Arc<ShadowFile>>>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file as it stands in the shadow; taken over from the real disk when it was not there
    /// yet.
    fn taken(&self, path: &Path, create: bool) -> io::Result<Arc<ShadowFile>> {
        let mut files = self.files();
        let real = match files.get(path) {
            Some(Some(file)) => return Ok(Arc::clone(file)),
            Some(None) => None,
            None => match self.real.open_read(path) {
                Ok(real) => Some(real),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(error),
            },
        };
        if real.is_none() && !create {
            return Err(io::ErrorKind::NotFound.into());
        }
        let file = ShadowFile::over(real)?;
        files.insert(path.to_owned(), Some(Arc::clone(&file)));
        Ok(file)
    }
}

impl Disk for ShadowDisk {
    fn create_dir(&self, _dir: &Path) -> io::Result<bool> {
        Ok(true)
    }

    fn open_read(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        if self.files().contains_key(path) {
            return Ok(self.taken(path, false)?);
        }
        self.real.open_read(path)
    }

    fn open_write(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(self.taken(path, true)?)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let file = self.taken(from, false)?;
        let mut files = self.files();
        files.insert(from.to_owned(), None);
        files.insert(to.to_owned(), Some(file));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.taken(path, false)?;
        self.files().insert(path.to_owned(), None);
        Ok(())
    }

    fn sync_dir(&self, _dir: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut names = self.real.list(dir)?;
        for (path, file) in self
            .files()
            .iter()
            .filter(|(path, _)| path.parent() == Some(dir))
        {
            let Some(name) = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
            else {
                continue;
            };
            names.retain(|known| *known != name);
            if file.is_some() {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn lock(&self, _path: &Path) -> io::Result<Option<Box<dyn Held>>> {
        Ok(Some(Box::new(Nothing)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::read_all;

    #[test]
    fn writes_are_seen_and_leave_the_real_disk_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("a"), b"0123456789").unwrap();
        std::fs::write(at("b"), b"real").unwrap();
        let shadow = ShadowDisk::default();
        let file = shadow.open_write(&at("a")).unwrap();
        file.write_all_at(b"XY", 3).unwrap();
        file.write_all_at(b"Z", 4).unwrap();
        file.truncate(7).unwrap();
        file.write_all_at(b"end", 9).unwrap();
        assert_eq!(read_all(&shadow, &at("a")).unwrap(), b"012XZ56\0\0end");
        let mut part = [0; 3];
        file.read_exact_at(&mut part, 3).unwrap();
        assert_eq!(&part, b"XZ5");
        assert!(file.read_exact_at(&mut part, 10).is_err());
        shadow.rename(&at("a"), &at("c")).unwrap();
        shadow.remove(&at("b")).unwrap();
        shadow
            .open_write(&at("d"))
            .unwrap()
            .write_all_at(b"new", 0)
            .unwrap();
        assert_eq!(shadow.list(dir.path()).unwrap(), ["c", "d"]);
        assert_eq!(
            shadow.open_read(&at("b")).err().unwrap().kind(),
            io::ErrorKind::NotFound
        );
        assert_eq!(read_all(&shadow, &at("c")).unwrap().len(), 12);
        let real = |name: &str| std::fs::read(at(name)).ok();
        assert_eq!(
            (real("a"), real("b"), real("c"), real("d")),
            (
                Some(b"0123456789".to_vec()),
                Some(b"real".to_vec()),
                None,
                None
            )
        );
    }
}
