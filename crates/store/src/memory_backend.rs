//! A backend in memory: logs, keys, rows and texts that outlive their handles, so that a log can be
//! closed and opened again. Nothing outlives the last clone of the backend.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::backend::opening::{
    LogKind, LogName, OpenError, OpenReport, Opening, SignCommands, Unswept, Upgraded,
};
use crate::backend::side_texts::{SideText, SideTexts};
use crate::backend::view::{LogView, Reading};
use crate::backend::{Backend, KeysOutline, LeftBehind, Places};
use crate::key_lock::Locksmith;
use crate::key_store::{InitialSecrets, KeyError, LockableKeys};
use crate::log_store::{LogStore, StoredCheckpoint};
use crate::memory::state::State;
use crate::memory::view::{MemoryView, PLACE};
use crate::memory::{MemoryStore, Taken};
use crate::memory_keys::{self, MemoryKeyStore};
use crate::memory_projections::MemoryGenerations;
use crate::projection_store::Generations;

/// The form that is stated of a log in memory: the one that is written today.
const FORM: u32 = 2;

/// What is kept of one log.
#[derive(Default)]
struct Kept {
    /// `None` until the log is begun.
    log: Option<Arc<Mutex<State>>>,
    log_taken: Arc<AtomicBool>,
    keys: Option<Arc<Mutex<memory_keys::State>>>,
    keys_taken: Arc<AtomicBool>,
    rows: Arc<MemoryGenerations>,
    texts: Arc<MemoryTexts>,
}

/// Logs in memory. Clones are the same backend.
#[derive(Clone, Default)]
pub struct MemoryBackend(Arc<Mutex<BTreeMap<LogName, Kept>>>);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn missing() -> KeyError {
    KeyError::Missing {
        file: PLACE.to_owned(),
    }
}

fn taken() -> KeyError {
    KeyError::Exists {
        dir: PLACE.to_owned(),
    }
}

impl MemoryBackend {
    /// A backend that holds nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Works on what is kept of a log.
    fn with<T>(&self, log: &LogName, work: impl FnOnce(&mut Kept) -> T) -> T {
        work(locked(&self.0).entry(*log).or_default())
    }

    /// Takes a log for writing, and begins it where there is none.
    fn take_log(&self, log: &LogName) -> Result<(Arc<Mutex<State>>, Taken), OpenError> {
        self.with(log, |kept| {
            let taken = Taken::take(&kept.log_taken).ok_or_else(|| OpenError::InUse {
                place: PLACE.to_owned(),
            })?;
            Ok((Arc::clone(kept.log.get_or_insert_default()), taken))
        })
    }
}

impl Backend for MemoryBackend {
    fn places(&self, log: &LogName) -> Places {
        let code = String::from_utf8_lossy(&log.municipality);
        let kind = match log.kind {
            LogKind::Cases => "sag",
            LogKind::Accesses => "adgang",
        };
        Places {
            log: format!("{PLACE}/{code}/{kind}"),
            keys: format!("{PLACE}/{code}/{kind}/keys"),
        }
    }

    fn holds_log(&self, log: &LogName) -> Result<bool, OpenError> {
        Ok(self.with(log, |kept| kept.log.is_some()))
    }

    fn log_in_use(&self, log: &LogName) -> Result<bool, OpenError> {
        Ok(self.with(log, |kept| kept.log_taken.load(Ordering::Acquire)))
    }

    fn open_log(
        &self,
        log: &LogName,
        _opening: &Opening,
        _progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Unswept, OpenError> {
        let (state, taken) = self.take_log(log)?;
        let rolled_back = locked(&state).rolled_back();
        if let Some((place, known, held)) = rolled_back {
            return Err(OpenError::RolledBack {
                place: place.to_owned(),
                known,
                held,
            });
        }
        let swept = Arc::clone(&state);
        Ok(Unswept::new(
            Arc::new(MemoryStore::over(state, taken)),
            OpenReport::default(),
            Box::new(move || {
                locked(&swept).sweep();
                Ok(())
            }),
        ))
    }

    fn open_behind(
        &self,
        log: &LogName,
        _opening: &Opening,
        announced: &StoredCheckpoint,
    ) -> Result<Arc<dyn LogStore>, OpenError> {
        let (state, taken) = self.take_log(log)?;
        {
            let mut state = locked(&state);
            state.announce(announced);
            state.sweep();
        }
        Ok(Arc::new(MemoryStore::over(state, taken)))
    }

    fn read_only(
        &self,
        log: &LogName,
        reading: Reading,
    ) -> Result<Option<Box<dyn LogView>>, OpenError> {
        let state = self.with(log, |kept| kept.log.clone());
        Ok(state.map(|state| Box::new(MemoryView::new(state, reading)) as Box<dyn LogView>))
    }

    fn left_behind(&self, log: &LogName) -> Result<Option<LeftBehind>, OpenError> {
        let state = self.with(log, |kept| kept.log.clone());
        let known = state.and_then(|state| locked(&state).known());
        Ok(known.map(|(place, entries)| LeftBehind {
            place: place.to_owned(),
            entries,
        }))
    }

    fn form(&self, log: &LogName) -> Result<Option<u32>, OpenError> {
        Ok(self.holds_log(log)?.then_some(FORM))
    }

    fn upgrade(
        &self,
        log: &LogName,
        _sign: SignCommands<'_>,
        _progress: &mut dyn FnMut(u64),
    ) -> Result<Upgraded, OpenError> {
        if self.holds_log(log)? {
            return Ok(Upgraded::Current);
        }
        Err(OpenError::Io {
            place: PLACE.to_owned(),
            source: io::Error::new(io::ErrorKind::NotFound, "there is no log here"),
        })
    }

    fn holds_keys(&self, log: &LogName) -> Result<bool, KeyError> {
        Ok(self.with(log, |kept| kept.keys.is_some()))
    }

    fn keys_in_use(&self, log: &LogName) -> bool {
        self.with(log, |kept| kept.keys_taken.load(Ordering::Acquire))
    }

    fn create_keys(
        &self,
        log: &LogName,
        initial: &InitialSecrets,
        locksmith: &dyn Locksmith,
    ) -> Result<Arc<dyn LockableKeys>, KeyError> {
        if self.holds_keys(log)? {
            return Err(taken());
        }
        let lock = locksmith.fresh().map_err(|source| KeyError::Locked {
            dir: PLACE.to_owned(),
            source,
        })?;
        let state = Arc::new(Mutex::new(memory_keys::State::new(
            initial,
            lock.as_deref(),
        )?));
        self.with(log, |kept| {
            if kept.keys.is_some() {
                return Err(taken());
            }
            let hold = Taken::take(&kept.keys_taken).ok_or_else(taken)?;
            kept.keys = Some(Arc::clone(&state));
            Ok(Arc::new(MemoryKeyStore::under(state, hold, lock)) as Arc<dyn LockableKeys>)
        })
    }

    fn open_keys(
        &self,
        log: &LogName,
        locksmith: &dyn Locksmith,
    ) -> Result<Arc<dyn LockableKeys>, KeyError> {
        let (state, hold) = self.with(log, |kept| {
            let state = kept.keys.clone().ok_or_else(missing)?;
            Ok((state, Taken::take(&kept.keys_taken).ok_or_else(taken)?))
        })?;
        Ok(Arc::new(MemoryKeyStore::open(state, hold, locksmith)?))
    }

    fn describe_keys(&self, log: &LogName) -> Result<KeysOutline, KeyError> {
        let state = self
            .with(log, |kept| kept.keys.clone())
            .ok_or_else(missing)?;
        let state = locked(&state);
        Ok(KeysOutline {
            epoch: state.epoch(),
            lock: state.lock_description(),
        })
    }

    fn holds_rows(&self, log: &LogName) -> bool {
        self.with(log, |kept| kept.rows.has_any())
    }

    fn rows(&self, log: &LogName) -> Result<Arc<dyn Generations>, OpenError> {
        Ok(self.with(log, |kept| Arc::clone(&kept.rows)))
    }

    fn side_texts(&self, log: &LogName) -> Arc<dyn SideTexts> {
        self.with(log, |kept| Arc::clone(&kept.texts))
    }

    fn shadow(&self) -> Result<Box<dyn Backend>, OpenError> {
        let copied = locked(&self.0)
            .iter()
            .map(|(name, kept)| (*name, kept.copy()))
            .collect();
        Ok(Box::new(Self(Arc::new(Mutex::new(copied)))))
    }
}

impl Kept {
    /// A copy that changes apart from this one, and that nobody has taken.
    fn copy(&self) -> Self {
        fn apart<T: Clone>(shared: &Arc<Mutex<T>>) -> Arc<Mutex<T>> {
            Arc::new(Mutex::new(locked(shared).clone()))
        }
        Self {
            log: self.log.as_ref().map(apart),
            log_taken: Arc::default(),
            keys: self.keys.as_ref().map(apart),
            keys_taken: Arc::default(),
            rows: Arc::new(self.rows.copy()),
            texts: Arc::new(MemoryTexts(Mutex::new(locked(&self.texts.0).clone()))),
        }
    }
}

/// Texts in memory.
#[derive(Default)]
struct MemoryTexts(Mutex<BTreeMap<SideText, Vec<u8>>>);

impl SideTexts for MemoryTexts {
    fn read(&self, text: SideText) -> io::Result<Option<Vec<u8>>> {
        Ok(locked(&self.0).get(&text).cloned())
    }

    fn put(&self, text: SideText, bytes: &[u8]) -> io::Result<()> {
        locked(&self.0).insert(text, bytes.to_vec());
        Ok(())
    }

    fn remove(&self, text: SideText) -> io::Result<()> {
        locked(&self.0).remove(&text);
        Ok(())
    }

    fn pending_erasures(&self) -> io::Result<Vec<Uuid>> {
        let texts = locked(&self.0);
        let orders = texts.keys().filter_map(|text| match text {
            SideText::PendingErasure(order) => Some(*order),
            SideText::KnownCheckpoint | SideText::LogKey | SideText::PostQuantumLogKey => None,
        });
        Ok(orders.collect())
    }

    fn place(&self, text: SideText) -> String {
        format!("{PLACE}/{text:?}")
    }
}
