//! Keys in a directory of their own: the secrets in one small file that only its owner may read,
//! the wrapped keys in an append-only file for each epoch.
//!
//! The file `epoch` names the form of the directory, the epoch, and the generation of secrets in
//! force; replacing it is the one step that switches them, and files of any other are destroyed
//! when the directory is opened. A directory in an earlier form is taken over when it is opened.
//!
//! Lock order: the end of the rows before the state. A write syncs while it holds the end only, so
//! that reads go on.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use record::keys::{ChainKey, RootKey};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::key_rows::{self, Rows, RowsEnd};
use super::rewrite::replace_file;
use super::secrets::{self, Form, Pointer, failed, holds_keys};
use super::unbound_keys;
use crate::disk::{Disk, Held, make_dirs, write_new};
use crate::key_lock::{KeyLock, Locksmith, NoLocksmith, UNLOCKED};
use crate::key_store::{
    InitialSecrets, KeyError, KeyRow, KeyStore, LockableKeys, PartRow, Rewrite, Secrets,
    SeedChange, SubjectRow,
};
use crate::log_store::{CommitError, UnusableReason};
use crate::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

struct State {
    secrets: Secrets,
    lock: Option<Arc<dyn KeyLock>>,
    pointer: Pointer,
    rows: Rows,
    unusable: Option<UnusableReason>,
}

/// Keys in a directory.
pub struct FileKeyStore {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    end: Mutex<RowsEnd>,
    state: RwLock<State>,
    lock: Box<dyn Held>,
}

pub(crate) fn not_written(error: impl std::error::Error + Send + Sync + 'static) -> KeyError {
    KeyError::NotWritten(Box::new(error))
}

pub(crate) fn unknown(error: impl std::error::Error + Send + Sync + 'static) -> KeyError {
    KeyError::Unknown(Box::new(error))
}

fn hold(disk: &dyn Disk, dir: &Path) -> Result<Box<dyn Held>, KeyError> {
    let held = disk.lock(&dir.join("lock")).map_err(not_written)?;
    held.ok_or_else(|| KeyError::Exists {
        dir: dir.display().to_string(),
    })
}

impl FileKeyStore {
    /// Whether a directory holds keys.
    ///
    /// # Errors
    /// [`KeyError::Failed`] if the medium does not answer.
    pub fn exists(disk: &dyn Disk, dir: &Path) -> Result<bool, KeyError> {
        Ok(disk.list(dir).map_err(failed)?.iter().any(|name| {
            name != "lock" && Path::new(name).extension().is_none_or(|end| end != "new")
        }))
    }

    /// Begins a key store whose secrets lie in the clear.
    ///
    /// # Errors
    /// As [`FileKeyStore::create_locked`], without [`KeyError::Locked`].
    pub fn create(
        disk: Arc<dyn Disk>,
        dir: &Path,
        initial: &InitialSecrets,
    ) -> Result<Self, KeyError> {
        Self::create_locked(disk, dir, initial, &NoLocksmith)
    }

    /// Begins a key store under the lock that the locksmith gives for it.
    ///
    /// # Errors
    /// [`KeyError::Exists`] if there are keys or another process begins some;
    /// [`KeyError::Locked`] if there is no lock to be had; [`KeyError::NotWritten`] if the medium
    /// refused; [`KeyError::Unknown`] if the keys may be there.
    pub fn create_locked(
        disk: Arc<dyn Disk>,
        dir: &Path,
        initial: &InitialSecrets,
        locksmith: &dyn Locksmith,
    ) -> Result<Self, KeyError> {
        make_dirs(disk.as_ref(), dir).map_err(not_written)?;
        if disk
            .list(dir)
            .map_err(not_written)?
            .iter()
            .any(|name| name == "epoch")
        {
            return Err(KeyError::Exists {
                dir: dir.display().to_string(),
            });
        }
        let lock = locksmith.fresh().map_err(|source| KeyError::Locked {
            dir: dir.display().to_string(),
            source,
        })?;
        let held = hold(&*disk, dir)?;
        let secrets = Secrets::first(initial);
        let pointer = Pointer::new(1, 1);
        let (rows, end) = key_rows::begin(&*disk, &pointer.rows_path(dir), chain(&secrets), &[])?;
        put_in_force(&*disk, dir, pointer, &secrets, lock.as_deref())?;
        destroy_others(&*disk, dir, pointer).map_err(unknown)?;
        let state = State {
            secrets,
            lock,
            pointer,
            rows,
            unusable: None,
        };
        Ok(Self {
            disk,
            dir: dir.to_owned(),
            end: Mutex::new(end),
            state: RwLock::new(state),
            lock: held,
        })
    }

    /// Opens a key store whose secrets lie in the clear; what is left of another epoch is
    /// destroyed.
    ///
    /// # Errors
    /// As [`FileKeyStore::open_locked`].
    pub fn open(disk: Arc<dyn Disk>, dir: &Path) -> Result<Self, KeyError> {
        Self::open_locked(disk, dir, &NoLocksmith)
    }

    /// Opens a key store; what is left of another epoch or generation is destroyed. A directory in
    /// an earlier form is taken over first, in one step: the rows are written anew beside the old
    /// ones, each wrapped for its place.
    ///
    /// # Errors
    /// [`KeyError::Missing`] names the file that is missing; [`KeyError::Corrupt`] names one that
    /// is damaged; [`KeyError::Swapped`] if a secret lies under another name than its own;
    /// [`KeyError::Exists`] if another process has it open; [`KeyError::Locked`] if the locksmith
    /// has no lock that opens it; [`KeyError::Failed`] if the medium does not answer.
    /// [`KeyError::NotWritten`] and [`KeyError::Unknown`] if it could not be taken over; opening
    /// it again does that.
    pub fn open_locked(
        disk: Arc<dyn Disk>,
        dir: &Path,
        locksmith: &dyn Locksmith,
    ) -> Result<Self, KeyError> {
        Pointer::read(&*disk, dir)?;
        let held = hold(&*disk, dir)?;
        // What the file `epoch` names must last before anything else is destroyed: a process that
        // was killed, or met a failed sync, may have left a name that is not durable yet.
        disk.sync_dir(dir).map_err(failed)?;
        // Again, now that nobody else can change it.
        let found = Pointer::read(&*disk, dir)?;
        let (secrets, lock) = secrets::read(&*disk, dir, found, locksmith)?;
        let (pointer, (rows, end)) = match found.form {
            Form::Bound => (
                found,
                key_rows::open(&*disk, &found.rows_path(dir), chain(&secrets))?,
            ),
            Form::Apart | Form::Unbound => {
                take_over(&*disk, dir, found, &secrets, lock.as_deref())?
            }
        };
        destroy_others(&*disk, dir, pointer).map_err(failed)?;
        let state = State {
            secrets,
            lock,
            pointer,
            rows,
            unusable: None,
        };
        Ok(Self {
            disk,
            dir: dir.to_owned(),
            end: Mutex::new(end),
            state: RwLock::new(state),
            lock: held,
        })
    }

    /// The epoch of a key directory and what its secrets are locked with, from what stands in the
    /// clear. The directory may be in use.
    ///
    /// # Errors
    /// [`KeyError::Missing`] if there are no keys; [`KeyError::Corrupt`] if what stands in the
    /// clear is malformed; [`KeyError::Failed`] if the medium does not answer.
    pub fn describe(disk: &dyn Disk, dir: &Path) -> Result<(u32, String), KeyError> {
        let pointer = Pointer::read(disk, dir)?;
        Ok((pointer.epoch, secrets::description(disk, dir, pointer)?))
    }

    /// What the secrets are locked with.
    #[must_use]
    pub fn lock_description(&self) -> String {
        self.state()
            .lock
            .as_ref()
            .map_or_else(|| UNLOCKED.to_owned(), |lock| lock.description())
    }

    /// Puts the secrets under another lock, or under none, in one step; what lay under the lock
    /// before is destroyed. The wrapped keys stay as they are.
    ///
    /// # Errors
    /// [`KeyError::Locked`] and [`KeyError::NotWritten`] with the old lock in force;
    /// [`KeyError::Unknown`] if the switch may have happened, or if the old file could not be
    /// destroyed; open the store again, which destroys it.
    pub fn change_lock(&self, lock: Option<Arc<dyn KeyLock>>) -> Result<(), KeyError> {
        let mut end = self.end();
        let secrets = self.secrets();
        self.replace_secrets(&mut end, secrets, lock, None)
    }

    /// Puts the next generation of secrets in force, with other rows where they are given, and
    /// destroys the one before.
    fn replace_secrets(
        &self,
        end: &mut RowsEnd,
        secrets: Secrets,
        lock: Option<Arc<dyn KeyLock>>,
        rows: Option<(Rows, RowsEnd)>,
    ) -> Result<(), KeyError> {
        self.usable()?;
        self.alone()?;
        let pointer = Pointer::new(secrets.epoch, self.state().pointer.generation + 1);
        match put_in_force(&*self.disk, &self.dir, pointer, &secrets, lock.as_deref()) {
            Err(KeyError::Unknown(cause)) => {
                self.state_mut().unusable = Some(UnusableReason::Poisoned);
                return Err(KeyError::Unknown(cause));
            }
            other => other?,
        }
        let mut state = self.state_mut();
        (state.secrets, state.lock, state.pointer) = (secrets, lock, pointer);
        if let Some((rows, new_end)) = rows {
            state.rows = rows;
            *end = new_end;
        }
        drop(state);
        destroy_others(&*self.disk, &self.dir, pointer).map_err(unknown)
    }

    fn usable(&self) -> Result<(), KeyError> {
        self.state()
            .unusable
            .map_or(Ok(()), |reason| Err(not_written(reason)))
    }

    /// Stops where the locks no longer keep others out: another process may be writing to the same
    /// rows.
    fn alone(&self) -> Result<(), KeyError> {
        let in_place = self.state().rows.is_in_place().map_err(not_written)?;
        if in_place && self.lock.holds().map_err(not_written)? {
            return Ok(());
        }
        tracing::error!(dir = %self.dir.display(), "the lock of the keys is lost; no more are written");
        self.state_mut().unusable = Some(UnusableReason::LockLost);
        Err(not_written(UnusableReason::LockLost))
    }

    /// Writes rows, which count once [`FileKeyStore::finish`] has made them durable.
    fn begin(&self, end: &mut RowsEnd, rows: &[KeyRow]) -> Result<(), KeyError> {
        self.usable()?;
        self.alone()?;
        self.known(end.write(rows))
    }

    /// Makes the rows durable that were begun.
    fn finish(&self, end: &mut RowsEnd) -> Result<(), KeyError> {
        self.usable()?;
        let appended = self.known(end.sync())?;
        self.state_mut().rows.take(&appended);
        Ok(())
    }

    /// Takes no more rows where nobody knows what became of some.
    fn known<T>(&self, written: Result<T, KeyError>) -> Result<T, KeyError> {
        if matches!(written, Err(KeyError::Unknown(_))) {
            self.state_mut().unusable = Some(UnusableReason::Poisoned);
        }
        written
    }

    fn end(&self) -> MutexGuard<'_, RowsEnd> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key that chains the rows of an epoch.
fn chain(secrets: &Secrets) -> ChainKey {
    RootKey::from_bytes(*secrets.root).chain_key(secrets.epoch)
}

/// Puts a directory in the form of today in force beside one in an earlier form, with the same
/// epoch and secrets.
fn take_over(
    disk: &dyn Disk,
    dir: &Path,
    old: Pointer,
    secrets: &Secrets,
    lock: Option<&dyn KeyLock>,
) -> Result<(Pointer, (Rows, RowsEnd)), KeyError> {
    let new = Pointer::new(old.epoch, old.generation + 1);
    let root = RootKey::from_bytes(*secrets.root);
    let bound = unbound_keys::bound(disk, &old.rows_path(dir), &root, old.epoch)?;
    let rows = key_rows::begin(disk, &new.rows_path(dir), chain(secrets), &bound)?;
    put_in_force(disk, dir, new, secrets, lock)?;
    tracing::info!(
        rows = bound.len(),
        "the keys were taken over: each is wrapped for its place now"
    );
    Ok((new, rows))
}

fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    replace_file(disk, path, bytes).map_err(|error| match error {
        CommitError::NotWritten(cause) => KeyError::NotWritten(cause),
        other => KeyError::Unknown(Box::new(other)),
    })
}

/// Writes a generation of secrets and switches to it, and to the epoch that they are of.
fn put_in_force(
    disk: &dyn Disk,
    dir: &Path,
    pointer: Pointer,
    secrets: &Secrets,
    lock: Option<&dyn KeyLock>,
) -> Result<(), KeyError> {
    let text = secrets::encode(secrets, pointer, lock).map_err(|source| KeyError::Locked {
        dir: dir.display().to_string(),
        source,
    })?;
    write_new(disk, &pointer.secrets_path(dir), text.as_bytes()).map_err(not_written)?;
    disk.sync_dir(dir).map_err(not_written)?;
    replace(disk, &dir.join("epoch"), pointer.text().as_bytes())
}

/// Overwrites, syncs and removes every file of another epoch or generation.
fn destroy_others(disk: &dyn Disk, dir: &Path, pointer: Pointer) -> io::Result<()> {
    let keep = pointer.files(dir);
    let mut destroyed = false;
    for name in disk.list(dir)? {
        let path = dir.join(&name);
        if !holds_keys(&name) || keep.contains(&path) {
            continue;
        }
        let file = disk.open_write(&path)?;
        let zeros = vec![0; usize::try_from(file.len()?).unwrap_or(0)];
        file.write_all_at(&zeros, 0)?;
        file.sync_data()?;
        disk.remove(&path)?;
        destroyed = true;
    }
    if destroyed {
        disk.sync_dir(dir)
    } else {
        Ok(())
    }
}

impl Drop for FileKeyStore {
    fn drop(&mut self) {
        if let Err(error) = self.end().trim() {
            tracing::debug!(%error, "the free space behind the key rows stays");
        }
    }
}

impl LockableKeys for FileKeyStore {
    fn lock_description(&self) -> String {
        Self::lock_description(self)
    }

    fn change_lock(&self, lock: Option<Arc<dyn KeyLock>>) -> Result<(), KeyError> {
        Self::change_lock(self, lock)
    }
}

impl KeyStore for FileKeyStore {
    fn secrets(&self) -> Secrets {
        self.state().secrets.clone()
    }

    fn unusable(&self) -> Option<UnusableReason> {
        self.state().unusable
    }

    fn put_post_quantum_seed(&self, seed: &[u8; 32]) -> Result<(), KeyError> {
        let mut end = self.end();
        let secrets = self.secrets();
        if secrets.post_quantum_seed.is_some() {
            return Err(KeyError::Exists {
                dir: self.dir.display().to_string(),
            });
        }
        let lock = self.state().lock.clone();
        self.replace_secrets(
            &mut end,
            Secrets {
                post_quantum_seed: Some(Zeroizing::new(*seed)),
                ..secrets
            },
            lock,
            None,
        )
    }

    fn change_seeds(&self, change: SeedChange) -> Result<(), KeyError> {
        let mut end = self.end();
        let secrets = self.secrets().changed(change).map_err(not_written)?;
        let lock = self.state().lock.clone();
        self.replace_secrets(&mut end, secrets, lock, None)
    }

    fn put(&self, rows: &[KeyRow]) -> Result<(), KeyError> {
        let mut end = self.end();
        self.begin(&mut end, rows)?;
        self.finish(&mut end)
    }

    fn begin_put(&self, rows: &[KeyRow]) -> Result<(), KeyError> {
        self.begin(&mut self.end(), rows)
    }

    fn finish_put(&self) -> Result<(), KeyError> {
        self.finish(&mut self.end())
    }

    fn part(&self, event: Uuid, part: u16) -> Result<Option<PartRow>, KeyError> {
        self.state().rows.part(event, part)
    }

    fn subject(&self, subject: Uuid) -> Result<Option<SubjectRow>, KeyError> {
        self.state().rows.subject(subject)
    }

    fn parts_of(&self, subject: Uuid) -> Result<Vec<PartRow>, KeyError> {
        self.state().rows.parts_of(subject)
    }

    fn rotate(
        &self,
        new_root: [u8; 32],
        rewrite: Rewrite<'_>,
        extra: &[KeyRow],
    ) -> Result<(), KeyError> {
        let mut end = self.end();
        self.usable()?;
        self.finish(&mut end)?;
        let secrets = self.secrets();
        let secrets = Secrets {
            epoch: secrets.epoch + 1,
            root: Zeroizing::new(new_root),
            ..secrets
        };
        let mut kept = Vec::new();
        for row in self.state().rows.all() {
            kept.extend(rewrite(row?).map_err(KeyError::NotWritten)?);
        }
        kept.extend_from_slice(extra);
        // The new rows have a generation of their own only once they are in force; their name needs
        // none.
        let path = Pointer::new(secrets.epoch, 0).rows_path(&self.dir);
        let rows = key_rows::begin(&*self.disk, &path, chain(&secrets), &kept)?;
        let lock = self.state().lock.clone();
        self.replace_secrets(&mut end, secrets, lock, Some(rows))
    }
}
