//! Files that are found whole or not at all: the bytes go under another name first, which is given
//! up for the file's own when they are on the medium.
//!
//! The store of a log has a function of its own for this, on a disk that can be simulated
//! (`store::disk::replace`): a witness shares no code with it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

/// A file under a name that says that it is not finished. It is removed when it is dropped.
///
/// A crash leaves at most the unfinished file. Its name is fixed and not random, so that the next
/// run replaces it: otherwise every crash would leave one more file.
pub struct WholeFile(NamedTempFile<File>);

impl WholeFile {
    /// Begins a file for its owner alone, under the name `unfinished`; what lies there is replaced.
    ///
    /// # Errors
    /// As the medium reports.
    pub fn begin(unfinished: &Path) -> io::Result<Self> {
        let name = unfinished.file_name().ok_or_else(|| {
            let message = format!("{} names no file", unfinished.display());
            io::Error::new(io::ErrorKind::InvalidInput, message)
        })?;
        let dir = unfinished.parent().unwrap_or(Path::new(""));
        let open = |path: &Path| {
            OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(path)
        };
        let file = Builder::new()
            .prefix(name)
            .rand_bytes(0)
            .make_in(dir, open)?;
        Ok(Self(file))
    }

    /// The file, for writing.
    pub fn file(&mut self) -> &mut File {
        self.0.as_file_mut()
    }

    /// Gives the file its own name; another file of that name is replaced. The bytes are durable on
    /// return, the name only when the directory is synced: a crash before it leaves the old file or none.
    ///
    /// # Errors
    /// As the medium reports; nothing has the name then that did not have it before.
    pub fn name(self, path: &Path) -> io::Result<()> {
        self.0.as_file().sync_all()?;
        self.0.persist(path).map(drop).map_err(|error| error.error)
    }

    /// Removes the file, and says if that fails.
    ///
    /// # Errors
    /// As the medium reports; a file that is gone already is no error.
    pub fn discard(self) -> io::Result<()> {
        match self.0.close() {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Writes a file as a whole, through one named `unfinished` in the same directory. Its bytes are
/// durable on return; its name only when its directory is synced, which a caller with many files does
/// once for all.
///
/// # Errors
/// As the medium reports; the old content is found then.
pub fn put(path: &Path, unfinished: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = WholeFile::begin(unfinished)?;
    file.file().write_all(bytes)?;
    file.name(path)
}

/// As [`put`], and the name is durable too: a crash leaves the old content before the return, and
/// the new one after it.
///
/// # Errors
/// As the medium reports; the old content or the new is found then.
pub fn replace(path: &Path, unfinished: &Path, bytes: &[u8]) -> io::Result<()> {
    put(path, unfinished, bytes)?;
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    File::open(dir.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_leaves_nothing_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let (path, unfinished) = (dir.path().join("file"), dir.path().join("file.new"));
        // What a killed run left is longer than what is written now.
        fs::write(&unfinished, "left behind by a killed run").unwrap();
        replace(&path, &unfinished, b"first").unwrap();
        replace(&path, &unfinished, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn the_old_file_stays_until_the_new_one_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let (path, unfinished) = (dir.path().join("file"), dir.path().join("file.new"));
        fs::write(&path, "old").unwrap();
        let mut begun = WholeFile::begin(&unfinished).unwrap();
        begun.file().write_all(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert!(unfinished.exists());
        drop(begun);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert!(!unfinished.exists(), "what is given up is removed");
        let begun = WholeFile::begin(&unfinished).unwrap();
        fs::remove_file(&unfinished).unwrap();
        begun.discard().unwrap();
    }

    #[test]
    fn a_name_that_cannot_be_taken_is_an_error_and_leaves_what_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let (path, unfinished) = (dir.path().join("taken"), dir.path().join("taken.new"));
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), "x").unwrap();
        replace(&path, &unfinished, b"new").unwrap_err();
        assert!(path.join("inside").exists() && !unfinished.exists());
        put(
            &dir.path().join("none/file"),
            &dir.path().join("none/new"),
            b"x",
        )
        .unwrap_err();
        assert!(WholeFile::begin(Path::new("/")).is_err());
    }
}
