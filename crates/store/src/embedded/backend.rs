//! Logs in directories: one for each log, one for its keys, which may be on another volume.
//!
//! What lies in a directory is for `log`, `keys`, `projections` and `read_only`; only the names of
//! the directories are made here.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::index_home::VouchKey;
use super::keys::FileKeyStore;
use super::log::EmbeddedStore;
use super::options::{IndexKind, Options};
use super::projections::ProjectionDir;
use super::read_only::ReadOnly;
use super::side_files::SideFiles;
use super::{holds_log, in_use, left_behind, upgrade};
use crate::backend::opening::{
    LogKind, LogName, Newest, OpenError, Opening, SignCommands, Unswept, Upgraded,
};
use crate::backend::side_texts::SideTexts;
use crate::backend::view::{
    ArchivedRecord, IndexCheck, LogView, Reading, Tail, VisitBatch, VisitEntry,
};
use crate::backend::{Backend, KeysOutline, LeftBehind, Places};
use crate::disk::{Disk, RealDisk};
use crate::key_lock::Locksmith;
use crate::key_store::{InitialSecrets, KeyError, LockableKeys};
use crate::log_store::{LogStore, StoredCheckpoint};
use crate::projection_store::Generations;
use crate::shadow_disk::ShadowDisk;

/// How the directory of an access log is called, and that of its keys.
const fn folder(kind: LogKind) -> &'static str {
    match kind {
        LogKind::Cases => "sag",
        LogKind::Accesses => "adgang",
    }
}

/// Logs in the directories of a file system.
pub struct Embedded {
    disk: Arc<dyn Disk>,
    data: PathBuf,
    keys: PathBuf,
    /// Of a shadow: where copies of rows are kept, until it is dropped.
    copies: Option<TempDir>,
}

impl Embedded {
    /// Data under `data`, keys under `keys`, on the real disk.
    #[must_use]
    pub fn new(data: &Path, keys: &Path) -> Self {
        Self {
            disk: Arc::new(RealDisk::default()),
            data: data.to_owned(),
            keys: keys.to_owned(),
            copies: None,
        }
    }

    /// Reads the log in a directory that is named by itself, such as a copy; `None` if there is
    /// none in it.
    ///
    /// # Errors
    /// As [`Backend::read_only`].
    pub fn copy(
        dir: &Path,
        municipality: [u8; 4],
        reading: Reading,
    ) -> Result<Option<Box<dyn LogView>>, OpenError> {
        let disk: Arc<dyn Disk> = Arc::new(RealDisk::default());
        view(&disk, dir, municipality, reading)
    }

    fn log_dir(&self, log: &LogName) -> PathBuf {
        let code = String::from_utf8_lossy(&log.municipality).into_owned();
        self.data.join(code).join(folder(log.kind))
    }

    fn key_dir(&self, log: &LogName) -> PathBuf {
        let code = String::from_utf8_lossy(&log.municipality).into_owned();
        let dir = self.keys.join(code);
        match log.kind {
            LogKind::Cases => dir,
            LogKind::Accesses => dir.join(folder(log.kind)),
        }
    }

    fn row_dir(&self, log: &LogName) -> PathBuf {
        self.log_dir(log).join("projections")
    }

    fn options(&self, log: &LogName, opening: &Opening) -> Options {
        let index = IndexKind::Disk(VouchKey::new(*opening.vouch));
        Options {
            signers: opening.signers.clone(),
            ..Options::new(self.log_dir(log), log.municipality, index)
        }
    }
}

/// A log for reading, which also compares its index.
struct View {
    log: ReadOnly,
    municipality: [u8; 4],
}

fn view(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    municipality: [u8; 4],
    reading: Reading,
) -> Result<Option<Box<dyn LogView>>, OpenError> {
    match ReadOnly::open(Arc::clone(disk), dir) {
        Ok(log) => Ok(Some(Box::new(View {
            log: log.reading(reading),
            municipality,
        }))),
        Err(OpenError::Io { source, .. })
            if source.kind() == io::ErrorKind::NotFound
                && !holds_log(&**disk, dir).map_err(OpenError::io(dir))? =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// A store that was opened, for the port.
fn unswept(store: EmbeddedStore, disk: Arc<dyn Disk>, options: Options) -> Unswept {
    let first = store.newest_commit();
    let (report, store) = (store.report().clone(), Arc::new(store));
    let (swept, again) = (Arc::clone(&store), Arc::clone(&store));
    let without = move |progress: &mut dyn FnMut(u64, u64)| {
        // The others who held it have let it go.
        let store = Arc::into_inner(again).ok_or_else(|| OpenError::InUse {
            place: options.dir.display().to_string(),
        })?;
        let store = store.without_newest_commit(Arc::clone(&disk), &options, progress)?;
        Ok(unswept(store, disk, options))
    };
    Unswept::new(store, report, Box::new(move || swept.sweep())).with_newest(first.map(|first| {
        Newest {
            first,
            without: Box::new(without),
        }
    }))
}

fn scratch() -> Result<TempDir, OpenError> {
    tempfile::tempdir().map_err(OpenError::io(&std::env::temp_dir()))
}

impl LogView for View {
    fn checkpoint(&self) -> Option<&StoredCheckpoint> {
        self.log.checkpoint()
    }

    fn newest(&self, accept: &dyn Fn(&[u8]) -> bool) -> Result<Option<Vec<u8>>, OpenError> {
        self.log.newest(accept)
    }

    fn for_each(&self, visit: VisitEntry<'_>) -> Result<Tail, OpenError> {
        self.log.for_each(visit)
    }

    fn for_each_bare(&self, visit: VisitEntry<'_>) -> Result<Tail, OpenError> {
        self.log.for_each_bare(visit)
    }

    fn for_each_batch(&self, visit: VisitBatch<'_>) -> Result<Tail, OpenError> {
        self.log.for_each_batch(&mut |batch| visit(batch))
    }

    fn for_each_archived(
        &self,
        visit: &mut dyn FnMut(ArchivedRecord) -> bool,
    ) -> Result<Option<StoredCheckpoint>, OpenError> {
        self.log.for_each_archived(visit)
    }

    fn check_index(&self, progress: &mut dyn FnMut(u64)) -> Result<IndexCheck, OpenError> {
        self.log.check_index(self.municipality, progress)
    }
}

impl Backend for Embedded {
    fn places(&self, log: &LogName) -> Places {
        Places {
            log: self.log_dir(log).display().to_string(),
            keys: self.key_dir(log).display().to_string(),
        }
    }

    fn holds_log(&self, log: &LogName) -> Result<bool, OpenError> {
        let dir = self.log_dir(log);
        holds_log(&*self.disk, &dir).map_err(OpenError::io(&dir))
    }

    fn log_in_use(&self, log: &LogName) -> Result<bool, OpenError> {
        let dir = self.log_dir(log);
        in_use(&dir).map_err(OpenError::io(&dir))
    }

    fn open_log(
        &self,
        log: &LogName,
        opening: &Opening,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Unswept, OpenError> {
        let (disk, options) = (Arc::clone(&self.disk), self.options(log, opening));
        let store = EmbeddedStore::open_unswept(Arc::clone(&disk), &options, progress)?;
        if self.copies.is_none() {
            remove_folders(&options.dir.join("index"));
        }
        Ok(unswept(store, disk, options))
    }

    fn open_behind(
        &self,
        log: &LogName,
        opening: &Opening,
        announced: &StoredCheckpoint,
    ) -> Result<Arc<dyn LogStore>, OpenError> {
        let (disk, options) = (Arc::clone(&self.disk), self.options(log, opening));
        let store = EmbeddedStore::open_behind(disk, &options, announced, &mut |_, _| {})?;
        Ok(Arc::new(store))
    }

    fn read_only(
        &self,
        log: &LogName,
        reading: Reading,
    ) -> Result<Option<Box<dyn LogView>>, OpenError> {
        view(&self.disk, &self.log_dir(log), log.municipality, reading)
    }

    fn left_behind(&self, log: &LogName) -> Result<Option<LeftBehind>, OpenError> {
        let left = left_behind(&*self.disk, &self.log_dir(log))?;
        Ok(left.map(|(path, entries)| LeftBehind {
            place: path.display().to_string(),
            entries,
        }))
    }

    fn form(&self, log: &LogName) -> Result<Option<u32>, OpenError> {
        upgrade::form(&*self.disk, &self.log_dir(log))
    }

    fn upgrade(
        &self,
        log: &LogName,
        sign: SignCommands<'_>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Upgraded, OpenError> {
        upgrade::upgrade(&self.disk, &self.log_dir(log), sign, progress)
    }

    fn holds_keys(&self, log: &LogName) -> Result<bool, KeyError> {
        FileKeyStore::exists(&*self.disk, &self.key_dir(log))
    }

    fn keys_in_use(&self, log: &LogName) -> bool {
        let lock = self.disk.lock(&self.key_dir(log).join("lock"));
        lock.is_ok_and(|held| held.is_none())
    }

    fn create_keys(
        &self,
        log: &LogName,
        initial: &InitialSecrets,
        locksmith: &dyn Locksmith,
    ) -> Result<Arc<dyn LockableKeys>, KeyError> {
        let (disk, dir) = (Arc::clone(&self.disk), self.key_dir(log));
        let keys = FileKeyStore::create_locked(disk, &dir, initial, locksmith)?;
        Ok(Arc::new(keys))
    }

    fn open_keys(
        &self,
        log: &LogName,
        locksmith: &dyn Locksmith,
    ) -> Result<Arc<dyn LockableKeys>, KeyError> {
        let (disk, dir) = (Arc::clone(&self.disk), self.key_dir(log));
        Ok(Arc::new(FileKeyStore::open_locked(disk, &dir, locksmith)?))
    }

    fn describe_keys(&self, log: &LogName) -> Result<KeysOutline, KeyError> {
        let (epoch, lock) = FileKeyStore::describe(&*self.disk, &self.key_dir(log))?;
        Ok(KeysOutline { epoch, lock })
    }

    fn holds_rows(&self, log: &LogName) -> bool {
        ProjectionDir::new(&self.row_dir(log), log.municipality).has_any()
    }

    fn rows(&self, log: &LogName) -> Result<Arc<dyn Generations>, OpenError> {
        let mut dir = self.row_dir(log);
        if let Some(copies) = &self.copies {
            let code = String::from_utf8_lossy(&log.municipality).into_owned();
            let copy = copies.path().join(code).join(folder(log.kind));
            if dir.exists() && !copy.exists() {
                copy_folder(&dir, &copy).map_err(OpenError::io(&dir))?;
            }
            dir = copy;
        }
        Ok(Arc::new(ProjectionDir::new(&dir, log.municipality)))
    }

    fn side_texts(&self, log: &LogName) -> Arc<dyn SideTexts> {
        let disk = Arc::clone(&self.disk);
        Arc::new(SideFiles::new(disk, self.log_dir(log), self.key_dir(log)))
    }

    fn shadow(&self) -> Result<Box<dyn Backend>, OpenError> {
        Ok(Box::new(Self {
            disk: Arc::new(ShadowDisk::default()),
            data: self.data.clone(),
            keys: self.keys.clone(),
            copies: Some(scratch()?),
        }))
    }
}

/// Copies a folder with all that is in it.
fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Removes what earlier versions kept an index in: a folder for each, in the same place.
fn remove_folders(dir: &Path) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir())
            && let Err(error) = fs::remove_dir_all(&path)
        {
            tracing::warn!(%error, path = %path.display(), "an index of an earlier version stays for now");
        }
    }
}
