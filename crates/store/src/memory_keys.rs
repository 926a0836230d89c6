//! A key store in memory, for tests and for trying things out. What is put under a lock opens with
//! that lock only; nothing is encrypted for it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use record::keys::WrappedKey;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::key_lock::{KeyLock, LockError, Locksmith, UNLOCKED};
use crate::key_store::{
    InitialSecrets, KeyError, KeyRow, KeyStore, LockableKeys, PartRow, Rewrite, Secrets,
    SeedChange, SubjectRow,
};
use crate::memory::Taken;

/// How the place of keys in memory is named in messages.
const PLACE: &str = "memory";

fn locked(source: LockError) -> KeyError {
    KeyError::Locked {
        dir: PLACE.to_owned(),
        source,
    }
}

/// The lock in force: how it is found again, and the root key under it.
#[derive(Clone)]
struct Sealed {
    description: String,
    root: WrappedKey,
}

fn sealed(lock: Option<&dyn KeyLock>, root: &[u8; 32]) -> Result<Option<Sealed>, KeyError> {
    let seal = |lock: &dyn KeyLock| {
        Ok(Sealed {
            description: lock.description(),
            root: lock.wrap(root)?,
        })
    };
    lock.map(seal).transpose().map_err(locked)
}

/// Everything that a key store holds. It outlives the handles through which it is written.
#[derive(Clone)]
pub(crate) struct State {
    secrets: Secrets,
    sealed: Option<Sealed>,
    parts: BTreeMap<(Uuid, u16), PartRow>,
    subjects: BTreeMap<Uuid, SubjectRow>,
}

impl State {
    /// An empty key store, under a lock or under none.
    pub(crate) fn new(
        initial: &InitialSecrets,
        lock: Option<&dyn KeyLock>,
    ) -> Result<Self, KeyError> {
        let secrets = Secrets::first(initial);
        Ok(Self {
            sealed: sealed(lock, &secrets.root)?,
            secrets,
            parts: BTreeMap::new(),
            subjects: BTreeMap::new(),
        })
    }

    pub(crate) fn epoch(&self) -> u32 {
        self.secrets.epoch
    }

    pub(crate) fn lock_description(&self) -> String {
        let description = self
            .sealed
            .as_ref()
            .map(|sealed| sealed.description.as_str());
        description.unwrap_or(UNLOCKED).to_owned()
    }

    /// Opens the lock in force, as a start of the program would.
    fn unlock(&self, locksmith: &dyn Locksmith) -> Result<Option<Arc<dyn KeyLock>>, KeyError> {
        let open = |sealed: &Sealed| {
            let lock = locksmith.find(&sealed.description)?;
            lock.unwrap(&sealed.root)?;
            Ok(lock)
        };
        self.sealed.as_ref().map(open).transpose().map_err(locked)
    }

    fn insert(&mut self, row: KeyRow) {
        match row {
            KeyRow::Part(row) => {
                self.parts.insert((row.event, row.part), row);
            }
            KeyRow::Subject(row) => {
                self.subjects.insert(row.subject, row);
            }
        }
    }
}

/// Keys in memory.
pub struct MemoryKeyStore {
    state: Arc<Mutex<State>>,
    /// The lock that was opened, under which new root keys go.
    lock: Mutex<Option<Arc<dyn KeyLock>>>,
    _taken: Option<Taken>,
}

impl MemoryKeyStore {
    /// An empty key store whose secrets lie in the clear.
    #[must_use]
    pub fn new(initial: InitialSecrets) -> Self {
        let secrets = Secrets::first(&initial);
        Self {
            state: Arc::new(Mutex::new(State {
                secrets,
                sealed: None,
                parts: BTreeMap::new(),
                subjects: BTreeMap::new(),
            })),
            lock: Mutex::default(),
            _taken: None,
        }
    }

    /// Opens a key store that is there already.
    pub(crate) fn open(
        state: Arc<Mutex<State>>,
        taken: Taken,
        locksmith: &dyn Locksmith,
    ) -> Result<Self, KeyError> {
        let lock = state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .unlock(locksmith)?;
        Ok(Self::under(state, taken, lock))
    }

    /// A key store whose lock was opened, or that has none.
    pub(crate) fn under(
        state: Arc<Mutex<State>>,
        taken: Taken,
        lock: Option<Arc<dyn KeyLock>>,
    ) -> Self {
        Self {
            state,
            lock: Mutex::new(lock),
            _taken: Some(taken),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<dyn KeyLock>>> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LockableKeys for MemoryKeyStore {
    fn lock_description(&self) -> String {
        self.state().lock_description()
    }

    fn change_lock(&self, lock: Option<Arc<dyn KeyLock>>) -> Result<(), KeyError> {
        let (mut held, mut state) = (self.lock(), self.state());
        state.sealed = sealed(lock.as_deref(), &state.secrets.root)?;
        *held = lock;
        Ok(())
    }
}

impl KeyStore for MemoryKeyStore {
    fn secrets(&self) -> Secrets {
        self.state().secrets.clone()
    }

    fn put_post_quantum_seed(&self, seed: &[u8; 32]) -> Result<(), KeyError> {
        let mut state = self.state();
        if state.secrets.post_quantum_seed.is_some() {
            return Err(KeyError::Exists {
                dir: PLACE.to_owned(),
            });
        }
        state.secrets.post_quantum_seed = Some(Zeroizing::new(*seed));
        Ok(())
    }

    fn change_seeds(&self, change: SeedChange) -> Result<(), KeyError> {
        let mut state = self.state();
        state.secrets = state
            .secrets
            .changed(change)
            .map_err(|fault| KeyError::NotWritten(Box::new(fault)))?;
        Ok(())
    }

    fn put(&self, rows: &[KeyRow]) -> Result<(), KeyError> {
        let mut state = self.state();
        rows.iter().cloned().for_each(|row| state.insert(row));
        Ok(())
    }

    fn part(&self, event: Uuid, part: u16) -> Result<Option<PartRow>, KeyError> {
        Ok(self.state().parts.get(&(event, part)).cloned())
    }

    fn subject(&self, subject: Uuid) -> Result<Option<SubjectRow>, KeyError> {
        Ok(self.state().subjects.get(&subject).cloned())
    }

    fn parts_of(&self, subject: Uuid) -> Result<Vec<PartRow>, KeyError> {
        Ok(self
            .state()
            .parts
            .values()
            .filter(|row| row.subject == subject)
            .cloned()
            .collect())
    }

    fn rotate(
        &self,
        new_root: [u8; 32],
        rewrite: Rewrite<'_>,
        extra: &[KeyRow],
    ) -> Result<(), KeyError> {
        let (lock, mut state) = (self.lock(), self.state());
        let sealed = sealed(lock.as_deref(), &new_root)?;
        let old = state
            .subjects
            .values()
            .cloned()
            .map(KeyRow::Subject)
            .chain(state.parts.values().cloned().map(KeyRow::Part));
        let kept: Vec<KeyRow> = old
            .filter_map(|row| rewrite(row).transpose())
            .collect::<Result<_, _>>()
            .map_err(KeyError::NotWritten)?;
        state.sealed = sealed;
        state.parts.clear();
        state.subjects.clear();
        kept.into_iter()
            .chain(extra.iter().cloned())
            .for_each(|row| state.insert(row));
        state.secrets.root = Zeroizing::new(new_root);
        state.secrets.epoch += 1;
        Ok(())
    }
}
