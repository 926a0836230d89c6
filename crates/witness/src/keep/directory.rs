//! The directory in which a log is kept: files that are replaced as a whole, and are durable when
//! [`Directory::flush`] returns.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use verify::position::Size;
use verify::tiles::{Fetch, WIDTH, path};

use super::error::{FileError, KeepError, at};
use crate::files::bytes_max;
use crate::{names, regular, whole_file};

/// What is being written; a killed run leaves at most this.
const UNFINISHED: &str = "writing.tmp";
/// What lies in a directory in front of its first checkpoint.
const OURS: [&str; 4] = ["tile", "blobs", UNFINISHED, "lost+found"];
/// The highest level of tiles that has a name.
const LEVEL_MAX: u32 = 5;

pub(super) struct Directory {
    dir: PathBuf,
    /// Directories whose names changed since the last flush.
    changed: RefCell<BTreeSet<PathBuf>>,
    /// Held as long as it is open: the directory is used by one process.
    _lock: File,
}

impl Directory {
    /// Opens a directory for this process alone, and makes it where there is none.
    pub(super) fn open(dir: &Path) -> Result<Self, KeepError> {
        names::make_dir(dir).map_err(at(dir))?;
        let lock = File::open(dir).map_err(at(dir))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(KeepError::InUse(dir.to_owned())),
            Err(TryLockError::Error(error)) => return Err(at(dir)(error).into()),
        }
        Ok(Self {
            dir: dir.to_owned(),
            changed: RefCell::default(),
            _lock: lock,
        })
    }

    /// Takes away what a killed run was writing.
    pub(super) fn tidy(&self) -> Result<(), FileError> {
        self.remove(UNFINISHED)
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Whether nothing lies in it but what an unfinished beginning leaves.
    pub(super) fn is_new(&self) -> Result<bool, FileError> {
        for entry in fs::read_dir(&self.dir).map_err(at(&self.dir))? {
            let name = entry.map_err(at(&self.dir))?.file_name();
            if !OURS.iter().any(|ours| name == *ours) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, FileError> {
        let path = self.dir.join(name);
        regular::read(&path, bytes_max(name)).map_err(at(&path))
    }

    pub(super) fn has(&self, name: &str) -> Result<bool, FileError> {
        let path = self.dir.join(name);
        path.try_exists().map_err(at(&path))
    }

    /// The next flush makes the name of this file durable, and those of the directories above it:
    /// all of them may come from a run that was killed before it flushed.
    pub(super) fn settle_name(&self, name: &str) {
        let path = self.dir.join(name);
        let directories = path
            .ancestors()
            .skip(1)
            .take_while(|dir| dir.starts_with(&self.dir));
        self.changed
            .borrow_mut()
            .extend(directories.map(Path::to_owned));
    }

    /// Writes a file as a whole: whoever looks finds the old one, or the new one.
    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> Result<(), FileError> {
        let (path, unfinished) = (self.dir.join(name), self.dir.join(UNFINISHED));
        let dir = path.parent().unwrap_or(&self.dir);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .map_err(at(dir))?;
        whole_file::put(&path, &unfinished, bytes).map_err(at(&path))?;
        self.settle_name(name);
        Ok(())
    }

    /// Takes a file away, and the directory that it leaves empty.
    pub(super) fn remove(&self, name: &str) -> Result<(), FileError> {
        let path = self.dir.join(name);
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                return Ok(());
            }
            Err(error) => return Err(at(&path)(error)),
        }
        let Some(dir) = path.parent() else {
            return Ok(());
        };
        self.changed.borrow_mut().insert(dir.to_owned());
        if dir != self.dir && fs::remove_dir(dir).is_ok() {
            self.changed.borrow_mut().remove(dir);
            self.changed
                .borrow_mut()
                .extend(dir.parent().map(Path::to_owned));
        }
        Ok(())
    }

    /// Makes all names durable; the bytes of files are when they are put.
    pub(super) fn flush(&self) -> Result<(), FileError> {
        for dir in std::mem::take(&mut *self.changed.borrow_mut()) {
            File::open(&dir)
                .and_then(|dir| dir.sync_all())
                .map_err(at(&dir))?;
        }
        Ok(())
    }

    /// Takes the partial tiles away that are not those of a log of `now` entries: from the edge
    /// that it had with `before` entries on.
    pub(super) fn sweep(&self, before: Size, now: Size) -> Result<(), FileError> {
        for level in 0..=LEVEL_MAX {
            let (before, now) = (before.get() >> (8 * level), now.get() >> (8 * level));
            for index in before / WIDTH..=now / WIDTH {
                let kept = if index == now / WIDTH { now % WIDTH } else { 0 };
                self.sweep_tile(Some(level), index, kept)?;
                if level == 0 {
                    self.sweep_tile(None, index, kept)?;
                }
            }
        }
        Ok(())
    }

    /// Takes all partial forms of a tile away but the one that holds `kept`.
    fn sweep_tile(&self, level: Option<u32>, index: u64, kept: u64) -> Result<(), FileError> {
        let one = path(level, index, 1);
        let Some((dir, _)) = one.rsplit_once('/') else {
            return Ok(());
        };
        let files = match fs::read_dir(self.dir.join(dir)) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(at(&self.dir.join(dir))(error)),
        };
        for file in files {
            let name = file.map_err(at(&self.dir.join(dir)))?.file_name();
            if kept == 0 || name != kept.to_string().as_str() {
                self.remove(&format!("{dir}/{}", name.to_string_lossy()))?;
            }
        }
        Ok(())
    }
}

impl Fetch for &Directory {
    type Error = FileError;

    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FileError> {
        self.read(path)
    }
}
