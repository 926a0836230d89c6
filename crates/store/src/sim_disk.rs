//! A disk for tests that loses power: every write that was not synced may then be lost, torn or
//! applied out of order, and every name that was not synced may be forgotten.
//!
//! Also refuses single operations on request: a full disk, a failing sync.

mod state;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::state::{Change, Renaming, State};
use crate::disk::{Disk, DiskFile, Held, make_dirs, write_new};
use crate::sim_index::pause;

/// What goes wrong at a chosen operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// The write is refused, and nothing of it is on the disk.
    Full,
    /// The write is refused after a part of it reached the disk.
    FullHalfway,
    /// The sync fails. As on Linux, what it was to make durable still reads back and is never
    /// written by a later sync, unless somebody writes it again.
    SyncFails,
    /// The power is gone until [`SimDisk::restart`].
    PowerLoss,
}

/// A disk in memory.
#[derive(Clone, Default)]
pub struct SimDisk(Arc<Mutex<State>>);

impl SimDisk {
    /// An empty disk; `seed` decides what a loss of power destroys.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let disk = Self::default();
        disk.state().random = seed;
        disk
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state at an operation, before which another thread may go on.
    fn next(&self) -> MutexGuard<'_, State> {
        pause();
        self.state()
    }

    /// Lets something go wrong after so many more operations.
    pub fn mishap_after(&self, operations: u64, mishap: Mishap) {
        self.state().mishap = Some((operations, mishap));
    }

    /// Loses power now if it is not gone yet, and starts again. Old handles are dead.
    pub fn restart(&self) {
        let mut state = self.state();
        state.lose_power();
        state.dead = false;
        state.mishap = None;
        state.locks.clear();
        state.life += 1;
    }

    /// Ends the process without a loss of power: old handles are dead, nothing is lost.
    pub fn kill(&self) {
        let mut state = self.state();
        state.dead = false;
        state.mishap = None;
        state.locks.clear();
        state.life += 1;
    }

    /// How many operations there were so far.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// Removes a file behind everybody's back, as an operator does.
    pub fn lose(&self, path: &Path) {
        let mut state = self.state();
        state.names.files.remove(path);
        state.durable_names.files.remove(path);
    }

    /// All bytes that are on the disk, by file.
    #[must_use]
    pub fn contents(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let state = self.state();
        state
            .names
            .files
            .iter()
            .filter_map(|(path, node)| Some((path.clone(), state.nodes.get(*node)?.now.clone())))
            .collect()
    }

    /// Puts a file there behind everybody's back, durable at once.
    pub fn put(&self, path: &Path, bytes: &[u8]) {
        if let Some(dir) = path.parent() {
            // It may be there already.
            drop(make_dirs(self, dir));
        }
        drop(write_new(self, path, bytes));
        drop(path.parent().map(|dir| self.sync_dir(dir)));
    }

    /// Whether a file was written to and synced, and nothing of it would be lost with the power.
    #[must_use]
    pub fn is_durable(&self, path: &Path) -> bool {
        let state = self.state();
        let node = state.names.files.get(path);
        node.and_then(|node| state.nodes.get(*node))
            .is_some_and(|node| node.pending.is_empty() && !node.now.is_empty())
    }

    /// Changes a file behind everybody's back.
    pub fn tamper(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state();
        let node = state.names.files.get(path).copied();
        if let Some(node) = node.and_then(|node| state.nodes.get_mut(node)) {
            change(&mut node.now);
            node.durable.clone_from(&node.now);
            node.pending.clear();
        }
    }

    fn file(&self, node: usize) -> Arc<dyn DiskFile> {
        let mut state = self.state();
        state.handles += 1;
        let (life, handle) = (state.life, state.handles);
        drop(state);
        Arc::new(SimFile {
            disk: self.clone(),
            node,
            life,
            handle,
        })
    }
}

struct SimFile {
    disk: SimDisk,
    node: usize,
    life: u64,
    handle: u64,
}

impl Drop for SimFile {
    fn drop(&mut self) {
        let mut state = self.disk.state();
        if state.life == self.life && state.locks.get(&self.node) == Some(&self.handle) {
            state.locks.remove(&self.node);
        }
    }
}

impl SimFile {
    fn state(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.disk.next();
        if state.life == self.life {
            Ok(state)
        } else {
            Err(io::Error::other("a handle from before the restart"))
        }
    }
}

/// Its file is locked for as long as it is open.
struct SimLock(Arc<dyn DiskFile>, PathBuf);

impl Held for SimLock {
    fn holds(&self) -> io::Result<bool> {
        self.0.is_at(&self.1)
    }
}

impl Disk for SimDisk {
    fn create_dir(&self, dir: &Path) -> io::Result<bool> {
        let mut state = self.next();
        if state.operate()?.is_some() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        if !dir.parent().is_none_or(|above| state.names.has_dir(above)) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let new = state.names.dirs.insert(dir.to_owned());
        if new {
            state.pending_names.push(Renaming::Dir(dir.to_owned()));
        }
        Ok(new)
    }

    fn open_read(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.next();
        state.operate()?;
        let node = state
            .names
            .files
            .get(path)
            .copied()
            .ok_or(io::ErrorKind::NotFound)?;
        drop(state);
        Ok(self.file(node))
    }

    fn open_write(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.next();
        if state.operate()?.is_some() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let node = state.node(path)?;
        drop(state);
        Ok(self.file(node))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.next();
        if state.operate()?.is_some() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let node = state
            .names
            .files
            .remove(from)
            .ok_or(io::ErrorKind::NotFound)?;
        state.names.files.insert(to.to_owned(), node);
        state
            .pending_names
            .push(Renaming::Rename(from.to_owned(), to.to_owned(), node));
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.next();
        state.operate()?;
        state
            .names
            .files
            .remove(path)
            .ok_or(io::ErrorKind::NotFound)?;
        state.pending_names.push(Renaming::Unlink(path.to_owned()));
        Ok(())
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        let mut state = self.next();
        if state.operate()?.is_some() {
            return Err(io::Error::other("the sync failed"));
        }
        if !state.names.has_dir(dir) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let pending = std::mem::take(&mut state.pending_names);
        for renaming in pending {
            if renaming.parent() == Some(dir) {
                renaming.apply(&mut state.durable_names);
            } else {
                state.pending_names.push(renaming);
            }
        }
        Ok(())
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let mut state = self.next();
        state.operate()?;
        let names = state
            .names
            .files
            .keys()
            .filter(|path| path.parent() == Some(dir));
        Ok(names
            .filter_map(|path| path.file_name())
            .map(|name| name.to_string_lossy().into_owned())
            .collect())
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Held>>> {
        let file = self.open_write(path)?;
        Ok(file
            .try_lock()?
            .then(|| Box::new(SimLock(file, path.to_owned())) as Box<dyn Held>))
    }
}

impl DiskFile for SimFile {
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let mut state = self.state()?;
        state.operate()?;
        let begin = usize::try_from(offset).unwrap_or(usize::MAX);
        let bytes = state
            .nodes
            .get(self.node)
            .and_then(|node| node.now.get(begin..begin.checked_add(buf.len())?));
        buf.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut state = self.state()?;
        match state.operate()? {
            None => {
                state.change(self.node, Change::Write(offset, bytes.to_vec()));
                Ok(())
            }
            Some(Mishap::FullHalfway) => {
                let half = bytes.iter().take(bytes.len() / 2).copied().collect();
                state.change(self.node, Change::Write(offset, half));
                Err(io::ErrorKind::StorageFull.into())
            }
            Some(_) => Err(io::ErrorKind::StorageFull.into()),
        }
    }

    fn try_lock(&self) -> io::Result<bool> {
        let mut state = self.state()?;
        state.operate()?;
        Ok(state.lock(self.node, self.handle))
    }

    fn is_at(&self, path: &Path) -> io::Result<bool> {
        let mut state = self.state()?;
        state.operate()?;
        Ok(state.names.files.get(path) == Some(&self.node))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.state()?;
        let failed = state.operate()?.is_some();
        if let Some(node) = state.nodes.get_mut(self.node) {
            let pending = std::mem::take(&mut node.pending);
            if !failed {
                pending
                    .iter()
                    .for_each(|change| State::apply(&mut node.durable, change));
            }
        }
        if failed {
            Err(io::Error::other("the sync failed"))
        } else {
            Ok(())
        }
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        let mut state = self.state()?;
        state.operate()?;
        state.change(self.node, Change::Truncate(len));
        Ok(())
    }

    fn len(&self) -> io::Result<u64> {
        let state = self.state()?;
        Ok(state
            .nodes
            .get(self.node)
            .map_or(0, |node| node.now.len() as u64))
    }
}
