//! Keys in a directory of their own: the secrets in one small file that only its owner may read,
//! the wrapped keys in an append-only file for each epoch.
//!
//! Only the places of rows are kept in memory (about 60 bytes for each part of each event). The
//! file `epoch` names the epoch and the generation of secrets in force; replacing it is the one
//! step that switches them, and files of any other are destroyed when the directory is opened.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use record::keys::WrappedKey;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::growing::{AppendError, Growing, is_free};
use super::rewrite::replace_file;
use super::secrets::{self, Pointer, holds_keys};
use crate::disk::{Disk, DiskFile, Held, make_dirs, read_all, write_new};
use crate::key_lock::{KeyLock, Locksmith, NoLocksmith, UNLOCKED};
use crate::key_store::{InitialSecrets, KeyError, KeyRow, KeyStore, PartRow, Rewrite, Secrets, SeedChange, SubjectRow};
use crate::log_store::{CommitError, UnusableReason};

const FRAME_MAGIC: &[u8; 4] = b"SGK1";
/// Magic, length and checksum in front of rows; a checksum behind them.
const FRAME_HEADER: usize = 12;
const PART_ROW: usize = 75;
const SUBJECT_ROW: usize = 61;

/// Rows of the epoch in force, by their places in its file.
struct Rows {
    file: Arc<dyn DiskFile>,
    path: PathBuf,
    tail: Growing,
    parts: BTreeMap<(Uuid, u16), u64>,
    subjects: BTreeMap<Uuid, u64>,
    unusable: bool,
}

struct State {
    secrets: Secrets,
    lock: Option<Arc<dyn KeyLock>>,
    pointer: Pointer,
    rows: Rows,
}

/// Keys in a directory.
pub struct FileKeyStore {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    state: RwLock<State>,
    _lock: Box<dyn Held>,
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> KeyError {
    KeyError::Failed(Box::new(error))
}

fn not_written(error: impl std::error::Error + Send + Sync + 'static) -> KeyError {
    KeyError::NotWritten(Box::new(error))
}

fn unknown(error: impl std::error::Error + Send + Sync + 'static) -> KeyError {
    KeyError::Unknown(Box::new(error))
}

pub(crate) fn read_file(disk: &dyn Disk, path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    match read_all(disk, path) {
        Ok(bytes) => Ok(Zeroizing::new(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(KeyError::Missing { file: path.display().to_string() }),
        Err(error) => Err(failed(error)),
    }
}

fn hold(disk: &dyn Disk, dir: &Path) -> Result<Box<dyn Held>, KeyError> {
    let held = disk.lock(&dir.join("lock")).map_err(not_written)?;
    held.ok_or_else(|| KeyError::Exists { dir: dir.display().to_string() })
}

impl FileKeyStore {
    /// Whether a directory holds keys.
    ///
    /// # Errors
    /// [`KeyError::Failed`].
    pub fn exists(disk: &dyn Disk, dir: &Path) -> Result<bool, KeyError> {
        Ok(disk.list(dir).map_err(failed)?.iter().any(|name| name != "lock" && Path::new(name).extension().is_none_or(|end| end != "new")))
    }

    /// Begins a key store whose secrets lie in the clear.
    ///
    /// # Errors
    /// [`KeyError::Exists`], [`KeyError::NotWritten`].
    pub fn create(disk: Arc<dyn Disk>, dir: &Path, initial: &InitialSecrets) -> Result<Self, KeyError> {
        Self::create_locked(disk, dir, initial, &NoLocksmith)
    }

    /// Begins a key store under the lock that the locksmith gives for it.
    ///
    /// # Errors
    /// [`KeyError::Exists`], [`KeyError::NotWritten`], [`KeyError::Locked`].
    pub fn create_locked(disk: Arc<dyn Disk>, dir: &Path, initial: &InitialSecrets, locksmith: &dyn Locksmith) -> Result<Self, KeyError> {
        make_dirs(disk.as_ref(), dir).map_err(not_written)?;
        if disk.list(dir).map_err(not_written)?.iter().any(|name| name == "epoch") {
            return Err(KeyError::Exists { dir: dir.display().to_string() });
        }
        let lock = locksmith.fresh().map_err(|source| KeyError::Locked { dir: dir.display().to_string(), source })?;
        let held = hold(&*disk, dir)?;
        let InitialSecrets { root, event_seed, log_seed, mac_key } = initial.clone();
        let secrets =
            Secrets { epoch: 1, root, event_seed, log_seed, post_quantum_seed: None, mac_key, next_event_seed: None, next_log: None };
        let pointer = Pointer { epoch: 1, generation: Some(1) };
        write_new(&*disk, &pointer.rows_path(dir), &[]).map_err(not_written)?;
        put_in_force(&*disk, dir, pointer, &secrets, lock.as_deref())?;
        destroy_others(&*disk, dir, pointer).map_err(unknown)?;
        let rows = Rows::open(&*disk, dir, pointer)?;
        Ok(Self { disk, dir: dir.to_owned(), state: RwLock::new(State { secrets, lock, pointer, rows }), _lock: held })
    }

    /// Opens a key store whose secrets lie in the clear; what is left of another epoch is destroyed.
    ///
    /// # Errors
    /// As [`FileKeyStore::open_locked`].
    pub fn open(disk: Arc<dyn Disk>, dir: &Path) -> Result<Self, KeyError> {
        Self::open_locked(disk, dir, &NoLocksmith)
    }

    /// Opens a key store; what is left of another epoch or generation is destroyed.
    ///
    /// # Errors
    /// [`KeyError::Missing`] names the file that is not there; [`KeyError::Corrupt`];
    /// [`KeyError::Exists`] when another process has it open; [`KeyError::Locked`]; [`KeyError::Failed`].
    pub fn open_locked(disk: Arc<dyn Disk>, dir: &Path, locksmith: &dyn Locksmith) -> Result<Self, KeyError> {
        Pointer::read(&*disk, dir)?;
        let held = hold(&*disk, dir)?;
        // Again, now that nobody else can change it.
        let mut pointer = Pointer::read(&*disk, dir)?;
        let (secrets, lock) = secrets::read(&*disk, dir, pointer, locksmith)?;
        let rows = Rows::open(&*disk, dir, pointer)?;
        if pointer.generation.is_none() {
            pointer.generation = Some(1);
            put_in_force(&*disk, dir, pointer, &secrets, None)?;
        }
        destroy_others(&*disk, dir, pointer).map_err(failed)?;
        Ok(Self { disk, dir: dir.to_owned(), state: RwLock::new(State { secrets, lock, pointer, rows }), _lock: held })
    }

    /// The epoch of a key directory and what its secrets are locked with, from what stands in the
    /// clear. The directory may be in use.
    ///
    /// # Errors
    /// [`KeyError::Missing`], [`KeyError::Corrupt`], [`KeyError::Failed`].
    pub fn describe(disk: &dyn Disk, dir: &Path) -> Result<(u32, String), KeyError> {
        let pointer = Pointer::read(disk, dir)?;
        Ok((pointer.epoch, secrets::description(disk, dir, pointer)?))
    }

    /// What the secrets are locked with.
    #[must_use]
    pub fn lock_description(&self) -> String {
        self.state().lock.as_ref().map_or_else(|| UNLOCKED.to_owned(), |lock| lock.description())
    }

    /// Puts the secrets under another lock, or none, in one step; what lay under the lock before is
    /// destroyed. The wrapped keys stay as they are.
    ///
    /// # Errors
    /// [`KeyError::Locked`] and [`KeyError::NotWritten`] with the old lock in force;
    /// [`KeyError::Unknown`] if the switch may have happened, or if the old file could not be
    /// destroyed; open the store again, which destroys it.
    pub fn change_lock(&self, lock: Option<Arc<dyn KeyLock>>) -> Result<(), KeyError> {
        let mut state = self.state_mut();
        let secrets = state.secrets.clone();
        self.replace_secrets(&mut state, secrets, lock)
    }

    /// Puts the next generation of secrets in force and destroys the one before.
    fn replace_secrets(&self, state: &mut State, secrets: Secrets, lock: Option<Arc<dyn KeyLock>>) -> Result<(), KeyError> {
        if state.rows.unusable {
            return Err(not_written(UnusableReason::Poisoned));
        }
        let pointer = Pointer { epoch: secrets.epoch, generation: Some(state.pointer.generation.unwrap_or_default() + 1) };
        match put_in_force(&*self.disk, &self.dir, pointer, &secrets, lock.as_deref()) {
            Err(KeyError::Unknown(cause)) => {
                state.rows.unusable = true;
                return Err(KeyError::Unknown(cause));
            }
            other => other?,
        }
        (state.secrets, state.lock, state.pointer) = (secrets, lock, pointer);
        destroy_others(&*self.disk, &self.dir, pointer).map_err(unknown)
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<(), KeyError> {
    replace_file(disk, path, bytes).map_err(|error| match error {
        CommitError::NotWritten(cause) => KeyError::NotWritten(cause),
        other => KeyError::Unknown(Box::new(other)),
    })
}

/// Writes a generation of secrets and switches to it, and to the epoch that they are of.
fn put_in_force(disk: &dyn Disk, dir: &Path, pointer: Pointer, secrets: &Secrets, lock: Option<&dyn KeyLock>) -> Result<(), KeyError> {
    let text = secrets::encode(secrets, lock).map_err(|source| KeyError::Locked { dir: dir.display().to_string(), source })?;
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
    if destroyed { disk.sync_dir(dir) } else { Ok(()) }
}

fn encode(rows: &[KeyRow]) -> Vec<u8> {
    let mut body = Vec::with_capacity(rows.len() * PART_ROW);
    for row in rows {
        match row {
            KeyRow::Part(row) => {
                body.push(1);
                body.extend_from_slice(row.event.as_bytes());
                body.extend_from_slice(&row.part.to_be_bytes());
                body.extend_from_slice(row.subject.as_bytes());
                body.extend_from_slice(&row.wrapped.0);
            }
            KeyRow::Subject(row) => {
                body.push(2);
                body.extend_from_slice(row.subject.as_bytes());
                body.extend_from_slice(&row.epoch.to_be_bytes());
                body.extend_from_slice(&row.wrapped.0);
            }
        }
    }
    body
}

fn frame(body: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = FRAME_MAGIC.to_vec();
    bytes.extend_from_slice(&u32::try_from(body.len()).ok()?.to_be_bytes());
    let head = crc32c::crc32c(&bytes);
    bytes.extend_from_slice(&head.to_be_bytes());
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(&crc32c::crc32c(body).to_be_bytes());
    Some(bytes)
}

/// The rows of a good frame at the front of the bytes.
fn unframe(bytes: &[u8]) -> Option<&[u8]> {
    let (head, rest) = bytes.split_at_checked(FRAME_HEADER)?;
    let (fields, sum) = head.split_at_checked(8)?;
    if !fields.starts_with(FRAME_MAGIC) || sum != crc32c::crc32c(fields).to_be_bytes() {
        return None;
    }
    let len = usize::try_from(u32::from_be_bytes(fields.get(4..)?.try_into().ok()?)).ok()?;
    let (body, rest) = rest.split_at_checked(len)?;
    (rest.get(..4)? == crc32c::crc32c(body).to_be_bytes()).then_some(body)
}

fn decode_row(bytes: &[u8]) -> Option<(KeyRow, usize)> {
    let uuid = |from: usize| bytes.get(from..from + 16)?.try_into().ok().map(Uuid::from_bytes);
    let wrapped = |from: usize| bytes.get(from..from + 40)?.try_into().ok().map(WrappedKey);
    match bytes.first()? {
        1 => {
            let part = u16::from_be_bytes(bytes.get(17..19)?.try_into().ok()?);
            Some((KeyRow::Part(PartRow { event: uuid(1)?, part, subject: uuid(19)?, wrapped: wrapped(35)? }), PART_ROW))
        }
        2 => {
            let epoch = u32::from_be_bytes(bytes.get(17..21)?.try_into().ok()?);
            Some((KeyRow::Subject(SubjectRow { subject: uuid(1)?, epoch, wrapped: wrapped(21)? }), SUBJECT_ROW))
        }
        _ => None,
    }
}

impl Rows {
    fn open(disk: &dyn Disk, dir: &Path, pointer: Pointer) -> Result<Self, KeyError> {
        let path = pointer.rows_path(dir);
        let bytes = read_file(disk, &path)?;
        let file = disk.open_write(&path).map_err(failed)?;
        let tail = Growing::new(Arc::clone(&file), 0);
        let mut rows = Self { file, path, tail, parts: BTreeMap::new(), subjects: BTreeMap::new(), unusable: false };
        let mut offset = 0;
        while let Some(rest) = bytes.get(offset..).filter(|rest| !rest.is_empty()) {
            if is_free(rest) {
                break;
            }
            let Some(body) = unframe(rest) else {
                if (1..rest.len()).any(|place| rest.get(place..).is_some_and(|rest| unframe(rest).is_some())) {
                    return Err(rows.corrupt(offset as u64, "a good frame follows a damaged one"));
                }
                // A torn end: its writer was never told that it is durable.
                rows.file.truncate(offset as u64).map_err(failed)?;
                rows.file.sync_data().map_err(failed)?;
                break;
            };
            if !rows.note(body, (offset + FRAME_HEADER) as u64) {
                return Err(rows.corrupt(offset as u64, "a row is malformed"));
            }
            offset += FRAME_HEADER + body.len() + 4;
        }
        rows.tail = Growing::new(Arc::clone(&rows.file), offset as u64);
        Ok(rows)
    }

    fn corrupt(&self, offset: u64, what: &'static str) -> KeyError {
        KeyError::Corrupt { file: self.path.display().to_string(), offset, what }
    }

    /// Notes the places of rows that begin at `offset` in the file.
    fn note(&mut self, mut body: &[u8], mut offset: u64) -> bool {
        while !body.is_empty() {
            let Some((row, len)) = decode_row(body) else { return false };
            match row {
                KeyRow::Part(row) => self.parts.insert((row.event, row.part), offset),
                KeyRow::Subject(row) => self.subjects.insert(row.subject, offset),
            };
            offset += len as u64;
            body = body.get(len..).unwrap_or_default();
        }
        true
    }

    fn append(&mut self, rows: &[KeyRow]) -> Result<(), KeyError> {
        if self.unusable {
            return Err(not_written(UnusableReason::Poisoned));
        }
        let body = encode(rows);
        let bytes = frame(&body).ok_or_else(|| not_written(io::Error::other("too many rows at once")))?;
        let begin = match self.tail.append(&bytes) {
            Ok(begin) => begin,
            Err(AppendError::NotWritten(error)) => return Err(not_written(error)),
            Err(AppendError::Unknown(error)) => {
                self.unusable = true;
                return Err(unknown(error));
            }
        };
        self.note(&body, begin + FRAME_HEADER as u64);
        Ok(())
    }

    fn at(&self, offset: u64, len: usize) -> Result<KeyRow, KeyError> {
        let mut bytes = vec![0; len];
        self.file.read_exact_at(&mut bytes, offset).map_err(failed)?;
        decode_row(&bytes).map(|(row, _)| row).ok_or_else(|| self.corrupt(offset, "a row is malformed"))
    }

    fn part(&self, event: Uuid, part: u16) -> Result<Option<PartRow>, KeyError> {
        let Some(offset) = self.parts.get(&(event, part)) else { return Ok(None) };
        match self.at(*offset, PART_ROW)? {
            KeyRow::Part(row) if (row.event, row.part) == (event, part) => Ok(Some(row)),
            _ => Err(self.corrupt(*offset, "another row lies here")),
        }
    }

    fn subject(&self, subject: Uuid) -> Result<Option<SubjectRow>, KeyError> {
        let Some(offset) = self.subjects.get(&subject) else { return Ok(None) };
        match self.at(*offset, SUBJECT_ROW)? {
            KeyRow::Subject(row) if row.subject == subject => Ok(Some(row)),
            _ => Err(self.corrupt(*offset, "another row lies here")),
        }
    }
}

impl Drop for FileKeyStore {
    fn drop(&mut self) {
        if let Err(error) = self.state_mut().rows.tail.trim() {
            tracing::debug!(%error, "the free space behind the key rows stays");
        }
    }
}

impl KeyStore for FileKeyStore {
    fn secrets(&self) -> Secrets {
        self.state().secrets.clone()
    }

    fn put_post_quantum_seed(&self, seed: &[u8; 32]) -> Result<(), KeyError> {
        let mut state = self.state_mut();
        if state.secrets.post_quantum_seed.is_some() {
            return Err(KeyError::Exists { dir: self.dir.display().to_string() });
        }
        let secrets = Secrets { post_quantum_seed: Some(Zeroizing::new(*seed)), ..state.secrets.clone() };
        let lock = state.lock.clone();
        self.replace_secrets(&mut state, secrets, lock)
    }

    fn change_seeds(&self, change: SeedChange) -> Result<(), KeyError> {
        let mut state = self.state_mut();
        let secrets = state.secrets.changed(change).map_err(not_written)?;
        let lock = state.lock.clone();
        self.replace_secrets(&mut state, secrets, lock)
    }

    fn put(&self, rows: &[KeyRow]) -> Result<(), KeyError> {
        self.state_mut().rows.append(rows)
    }

    fn part(&self, event: Uuid, part: u16) -> Result<Option<PartRow>, KeyError> {
        self.state().rows.part(event, part)
    }

    fn subject(&self, subject: Uuid) -> Result<Option<SubjectRow>, KeyError> {
        self.state().rows.subject(subject)
    }

    fn parts_of(&self, subject: Uuid) -> Result<Vec<PartRow>, KeyError> {
        let state = self.state();
        let mut found = Vec::new();
        for (event, part) in state.rows.parts.keys() {
            found.extend(state.rows.part(*event, *part)?.filter(|row| row.subject == subject));
        }
        Ok(found)
    }

    fn rotate(&self, new_root: [u8; 32], rewrite: Rewrite<'_>, extra: &[KeyRow]) -> Result<(), KeyError> {
        let mut state = self.state_mut();
        if state.rows.unusable {
            return Err(not_written(UnusableReason::Poisoned));
        }
        let new_root = Zeroizing::new(new_root);
        let epoch = state.secrets.epoch + 1;
        let next = Pointer { epoch, generation: state.pointer.generation };
        write_new(&*self.disk, &next.rows_path(&self.dir), &[]).map_err(not_written)?;
        let mut rows = Rows::open(&*self.disk, &self.dir, next).map_err(|error| KeyError::NotWritten(Box::new(error)))?;
        let mut kept = Vec::new();
        for subject in state.rows.subjects.keys() {
            let row = state.rows.subject(*subject)?.map(KeyRow::Subject);
            kept.extend(row.map(&mut *rewrite).transpose().map_err(KeyError::NotWritten)?.flatten());
        }
        for (event, part) in state.rows.parts.keys() {
            let row = state.rows.part(*event, *part)?.map(KeyRow::Part);
            kept.extend(row.map(&mut *rewrite).transpose().map_err(KeyError::NotWritten)?.flatten());
        }
        kept.extend_from_slice(extra);
        for chunk in kept.chunks(10_000) {
            rows.append(chunk).map_err(|error| KeyError::NotWritten(Box::new(error)))?;
        }
        let secrets = Secrets { epoch, root: new_root, ..state.secrets.clone() };
        let lock = state.lock.clone();
        let switched = self.replace_secrets(&mut state, secrets, lock);
        if state.secrets.epoch == epoch {
            state.rows = rows;
        }
        switched
    }
}
