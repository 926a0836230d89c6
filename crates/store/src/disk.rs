//! The one small trait through which the journal, the blobs, the checkpoint and the key files
//! reach the file system, so that tests can put a disk that loses power in its place.
//!
//! It knows nothing about what the files hold. The rows of lists do not go through it, as they lie in
//! sled: they may be lost at any time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::OFlags;

/// A lock, which is released when it is dropped.
pub trait Held: Send + Sync {
    /// Whether the lock still keeps others out: whoever removes or replaces its file lets a second
    /// process in.
    ///
    /// # Errors
    /// As the medium reports.
    fn holds(&self) -> io::Result<bool>;
}

/// A file system.
pub trait Disk: Send + Sync {
    /// Creates a directory, readable by the owner only, in a directory that exists; answers false
    /// when it was there already. Its name is durable only after [`Disk::sync_dir`] of its parent.
    ///
    /// # Errors
    /// As the medium reports.
    fn create_dir(&self, dir: &Path) -> io::Result<bool>;

    /// Opens an existing file for reading only.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] or as the medium reports.
    fn open_read(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// Opens a file for reading and writing, creating an empty one if there is none. Its name is
    /// durable only after [`Disk::sync_dir`].
    ///
    /// # Errors
    /// As the medium reports.
    fn open_write(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>>;

    /// Gives a file another name, replacing what had it. Durable after [`Disk::sync_dir`].
    ///
    /// # Errors
    /// As the medium reports.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file. Durable after [`Disk::sync_dir`].
    ///
    /// # Errors
    /// As the medium reports.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a directory durable.
    ///
    /// # Errors
    /// As the medium reports.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;

    /// The names of the files in a directory, sorted; empty if there is no such directory.
    ///
    /// # Errors
    /// As the medium reports.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;

    /// Takes the exclusive lock of a file; `None` if someone else holds it.
    ///
    /// # Errors
    /// As the medium reports.
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Held>>>;
}

/// An open file.
pub trait DiskFile: Send + Sync {
    /// Fills `buf` from `offset` on.
    ///
    /// # Errors
    /// [`io::ErrorKind::UnexpectedEof`] if the file ends before.
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()>;

    /// Writes all of `bytes` at `offset`. Durable after [`DiskFile::sync_data`].
    ///
    /// # Errors
    /// As the medium reports; a part may then be written.
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Takes the exclusive lock of the file itself, for as long as this handle lives; false if
    /// somebody else holds it.
    ///
    /// # Errors
    /// As the medium reports.
    fn try_lock(&self) -> io::Result<bool>;

    /// Whether `path` still names this very file.
    ///
    /// # Errors
    /// As the medium reports.
    fn is_at(&self, path: &Path) -> io::Result<bool>;

    /// Makes the content and the length durable.
    ///
    /// # Errors
    /// As the medium reports; what is durable is then unknown.
    fn sync_data(&self) -> io::Result<()>;

    /// Cuts the file to `len` bytes.
    ///
    /// # Errors
    /// As the medium reports.
    fn truncate(&self, len: u64) -> io::Result<()>;

    /// The length in bytes.
    ///
    /// # Errors
    /// As the medium reports.
    fn len(&self) -> io::Result<u64>;

    /// Whether the file holds nothing.
    ///
    /// # Errors
    /// As the medium reports.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }
}

/// The longest file that is read as a whole: a segment of the journal with its last frame.
const WHOLE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Makes a directory and its parents, and the names of all of them durable. Those that are there
/// already are made durable as well, because a process that was killed may have made them.
///
/// # Errors
/// As the medium reports.
pub fn make_dirs(disk: &dyn Disk, dir: &Path) -> io::Result<()> {
    let missing = match disk.create_dir(dir) {
        Ok(_) => return sync_names(disk, dir),
        Err(error) if error.kind() == io::ErrorKind::NotFound => error,
        Err(error) => return Err(error),
    };
    let parent = dir
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .ok_or(missing)?;
    make_dirs(disk, parent)?;
    disk.create_dir(dir)?;
    sync_names(disk, dir)
}

/// How many directories above one may have been made together with it: a log lies in the directory
/// of its municipality, which lies in that of all data.
const MADE_TOGETHER: usize = 4;

fn sync_names(disk: &dyn Disk, dir: &Path) -> io::Result<()> {
    for (above, parent) in dir.ancestors().skip(1).take(MADE_TOGETHER).enumerate() {
        let parent = if parent.as_os_str().is_empty() {
            Path::new(".")
        } else {
            parent
        };
        match disk.sync_dir(parent) {
            Ok(()) => {}
            // A directory far above may belong to others, or to a file system that cannot sync
            // names.
            Err(error) if above > 0 && is_not_ours(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn is_not_ours(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidInput, PermissionDenied, ReadOnlyFilesystem, Unsupported};
    matches!(
        error.kind(),
        PermissionDenied | InvalidInput | ReadOnlyFilesystem | Unsupported
    )
}

/// The whole content of a file.
///
/// # Errors
/// As the medium reports.
pub(crate) fn read_all(disk: &dyn Disk, path: &Path) -> io::Result<Vec<u8>> {
    let file = disk.open_read(path)?;
    let len = file.len()?;
    if len > WHOLE_BYTES_MAX {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "it is longer than any file of a log",
        ));
    }
    let mut bytes = vec![0; usize::try_from(len).unwrap_or(0)];
    file.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}

/// A file with this content and no other, durable except for its name.
///
/// # Errors
/// As the medium reports.
pub(crate) fn write_new(
    disk: &dyn Disk,
    path: &Path,
    bytes: &[u8],
) -> io::Result<Arc<dyn DiskFile>> {
    let file = disk.open_write(path)?;
    file.truncate(0)?;
    file.write_all_at(bytes, 0)?;
    file.sync_data()?;
    Ok(file)
}

/// Replaces a file as a whole, name and all: a crash leaves the old content before the return, and
/// the new one after it. Beside it, it leaves at most a file with the ending `new`, which the next
/// replacement overwrites. Its directory is made where it is missing.
///
/// Everything that the store replaces goes through here, or through `replace_file` of the embedded
/// store, which also tells *not written* from *unknown*. Both write through a [`Disk`], so that the
/// crash tests can cut them off at every step; no library does.
///
/// # Errors
/// As the medium reports; the old content or the new is found then.
pub fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().unwrap_or(path);
    make_dirs(disk, dir)?;
    let temporary = path.with_extension("new");
    write_new(disk, &temporary, bytes)?;
    disk.rename(&temporary, path)?;
    disk.sync_dir(dir)
}

/// The operating system's file system. It counts its syncs, which the benchmark reports.
#[derive(Debug, Default)]
pub struct RealDisk {
    syncs: Arc<AtomicU64>,
}

impl RealDisk {
    /// How many times a file was synced so far.
    #[must_use]
    pub fn sync_count(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }
}

/// Syncs of files by all real disks of this process.
static SYNCS: AtomicU64 = AtomicU64::new(0);

/// How many times this process has synced a file of the operating system's file system so far. An
/// database of sled syncs by itself and is not counted; nobody waits for it.
#[must_use]
pub fn syncs_so_far() -> u64 {
    SYNCS.load(Ordering::Relaxed)
}

struct RealFile {
    file: File,
    identity: Identity,
    syncs: Arc<AtomicU64>,
}

/// Closing the file releases the lock.
struct RealLock {
    _file: File,
    identity: Identity,
    path: PathBuf,
}

impl Held for RealLock {
    fn holds(&self) -> io::Result<bool> {
        is_at(self.identity, &self.path)
    }
}

/// Which file it is, as long as it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: (u64, u64),
    inode: u64,
}

/// What is asked about a file before every commit is asked without its times: since Linux 6.13,
/// whoever asks for them makes the next write state a finer one, and that cost a third of the
/// commits.
#[cfg(target_os = "linux")]
mod about {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    use rustix::fs::{AtFlags, CWD, Statx, StatxFlags, statx};

    use super::Identity;

    const fn identity(about: &Statx) -> Identity {
        Identity {
            device: (about.stx_dev_major as u64, about.stx_dev_minor as u64),
            inode: about.stx_ino,
        }
    }

    pub(super) fn open(file: &File) -> io::Result<Identity> {
        Ok(identity(&statx(
            file,
            "",
            AtFlags::EMPTY_PATH,
            StatxFlags::INO,
        )?))
    }

    pub(super) fn named(path: &Path) -> io::Result<Identity> {
        Ok(identity(&statx(
            CWD,
            path,
            AtFlags::SYMLINK_NOFOLLOW,
            StatxFlags::INO,
        )?))
    }

    pub(super) fn len(file: &File) -> io::Result<u64> {
        Ok(statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::SIZE)?.stx_size)
    }
}

#[cfg(not(target_os = "linux"))]
mod about {
    use std::fs::{self, File, Metadata};
    use std::io;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    use super::Identity;

    fn identity(about: &Metadata) -> Identity {
        Identity {
            device: (0, about.dev()),
            inode: about.ino(),
        }
    }

    pub(super) fn open(file: &File) -> io::Result<Identity> {
        file.metadata().map(|about| identity(&about))
    }

    pub(super) fn named(path: &Path) -> io::Result<Identity> {
        fs::symlink_metadata(path).map(|about| identity(&about))
    }

    pub(super) fn len(file: &File) -> io::Result<u64> {
        file.metadata().map(|about| about.len())
    }
}

/// Whether a path names that file.
fn is_at(file: Identity, path: &Path) -> io::Result<bool> {
    match about::named(path) {
        Ok(named) => Ok(named == file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn try_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

impl Disk for RealDisk {
    fn create_dir(&self, dir: &Path) -> io::Result<bool> {
        match fs::DirBuilder::new().mode(0o700).create(dir) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn open_read(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        // A pipe in the place of a file would be waited for without end, and a device never ends.
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
            .open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it is not a regular file",
            ));
        }
        Ok(Arc::new(RealFile {
            identity: about::open(&file)?,
            file,
            syncs: Arc::clone(&self.syncs),
        }))
    }

    fn open_write(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
        Ok(Arc::new(RealFile {
            identity: about::open(&file)?,
            file,
            syncs: Arc::clone(&self.syncs),
        }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Held>>> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
        let path = path.to_owned();
        let (locked, identity) = (try_lock(&file)?, about::open(&file)?);
        Ok(locked.then(|| {
            Box::new(RealLock {
                _file: file,
                identity,
                path,
            }) as Box<dyn Held>
        }))
    }
}

impl DiskFile for RealFile {
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(buf, offset)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    fn try_lock(&self) -> io::Result<bool> {
        try_lock(&self.file)
    }

    fn is_at(&self, path: &Path) -> io::Result<bool> {
        is_at(self.identity, path)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        SYNCS.fetch_add(1, Ordering::Relaxed);
        self.file.sync_data()
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.file.set_len(len)
    }

    fn len(&self) -> io::Result<u64> {
        about::len(&self.file)
    }
}
