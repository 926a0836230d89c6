//! A key store in memory, for tests and for trying things out.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::key_store::{
    InitialSecrets, KeyError, KeyRow, KeyStore, PartRow, Rewrite, Secrets, SeedChange, SubjectRow,
};

struct State {
    secrets: Secrets,
    parts: BTreeMap<(Uuid, u16), PartRow>,
    subjects: BTreeMap<Uuid, SubjectRow>,
}

impl State {
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
pub struct MemoryKeyStore(Mutex<State>);

impl MemoryKeyStore {
    /// An empty key store.
    #[must_use]
    pub fn new(initial: InitialSecrets) -> Self {
        let InitialSecrets {
            root,
            event_seed,
            log_seed,
        } = initial;
        let (post_quantum_seed, next_event_seed, next_log) = (None, None, None);
        let secrets = Secrets {
            epoch: 1,
            root,
            event_seed,
            log_seed,
            post_quantum_seed,
            next_event_seed,
            next_log,
        };
        Self(Mutex::new(State {
            secrets,
            parts: BTreeMap::new(),
            subjects: BTreeMap::new(),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
                dir: "memory".to_owned(),
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
        let mut state = self.state();
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
