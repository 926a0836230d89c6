//! The side texts as files: public keys in the directory of the log, everything else in that of the
//! keys. Other programs know these names, so they stay as they are.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use uuid::Uuid;

use crate::backend::side_texts::{SideText, SideTexts};
use crate::disk::{Disk, make_dirs, read_all, replace};

/// The side texts of one log.
pub(crate) struct SideFiles {
    disk: Arc<dyn Disk>,
    log: PathBuf,
    keys: PathBuf,
}

impl SideFiles {
    pub(crate) fn new(disk: Arc<dyn Disk>, log: PathBuf, keys: PathBuf) -> Self {
        Self { disk, log, keys }
    }

    fn pending(&self) -> PathBuf {
        self.keys.join("pending")
    }

    fn path(&self, text: SideText) -> PathBuf {
        match text {
            SideText::KnownCheckpoint => self.keys.join("known").join("checkpoint"),
            SideText::PendingErasure(order) => self.pending().join(format!("{order}.json")),
            SideText::LogKey => self.log.join("log.vkey"),
            SideText::PostQuantumLogKey => self.log.join("log-pq.vkey"),
        }
    }

    /// Replaces a file without waiting for the medium.
    fn replace_unsynced(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let temporary = path.with_extension("new");
        let file = match self.disk.open_write(&temporary) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make_dirs(&*self.disk, path.parent().unwrap_or(path))?;
                self.disk.open_write(&temporary)?
            }
            opened => opened?,
        };
        file.truncate(0)?;
        file.write_all_at(bytes, 0)?;
        self.disk.rename(&temporary, path)
    }
}

impl SideTexts for SideFiles {
    fn read(&self, text: SideText) -> io::Result<Option<Vec<u8>>> {
        match read_all(&*self.disk, &self.path(text)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn put(&self, text: SideText, bytes: &[u8]) -> io::Result<()> {
        let path = self.path(text);
        match text {
            SideText::KnownCheckpoint => self.replace_unsynced(&path, bytes),
            SideText::PendingErasure(_) | SideText::LogKey | SideText::PostQuantumLogKey => {
                replace(&*self.disk, &path, bytes)
            }
        }
    }

    fn remove(&self, text: SideText) -> io::Result<()> {
        let path = self.path(text);
        match self.disk.remove(&path) {
            Ok(()) => self.disk.sync_dir(path.parent().unwrap_or(&path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn pending_erasures(&self) -> io::Result<Vec<Uuid>> {
        let names = self.disk.list(&self.pending())?;
        let orders = names
            .iter()
            .filter_map(|name| name.strip_suffix(".json")?.parse().ok());
        let mut orders: Vec<Uuid> = orders.collect();
        orders.sort_unstable();
        Ok(orders)
    }

    fn place(&self, text: SideText) -> String {
        self.path(text).display().to_string()
    }
}
