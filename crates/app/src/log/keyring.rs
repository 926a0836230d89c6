//! Keys of subjects and parts: found, made, wrapped, never written in clear.
//!
//! A subject key exists for each stream and each natural person. A key that was just made is
//! remembered until it is durable, so that two commands at once cannot make two keys for one
//! subject.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use record::keys::{PartKey, PartPlace, RootKey, SubjectKey, SubjectPlace};
use store::key_store::{KeyRow, KeyStore, PartRow, SubjectRow};
use uuid::Uuid;

use crate::error::{BoxError, ReadError};

/// The keys of one log.
pub struct Keyring {
    store: Arc<dyn KeyStore>,
    fresh: Mutex<BTreeMap<Uuid, [u8; 32]>>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring")
    }
}

impl Keyring {
    /// Works on a key store.
    #[must_use]
    pub fn new(store: Arc<dyn KeyStore>) -> Self {
        Self {
            store,
            fresh: Mutex::new(BTreeMap::new()),
        }
    }

    /// The root key in force and its epoch.
    #[must_use]
    pub fn root(&self) -> (u32, RootKey) {
        let secrets = self.store.secrets();
        (secrets.epoch, RootKey::from_bytes(*secrets.root))
    }

    /// The key of a subject; none when there is none or it was destroyed.
    ///
    /// # Errors
    /// [`ReadError::Keys`] when the store fails or the stored key does not open.
    pub fn subject(&self, subject: Uuid) -> Result<Option<SubjectKey>, ReadError> {
        let Some(row) = self.store.subject(subject).map_err(keys)? else {
            return Ok(None);
        };
        // Whatever epoch the row names: it must have been wrapped in the one that is in force.
        let (epoch, root) = self.root();
        root.unwrap(SubjectPlace { subject, epoch }, &row.wrapped)
            .map(Some)
            .map_err(keys)
    }

    /// The key of a part; none when it was destroyed, or its subject's key was.
    ///
    /// # Errors
    /// [`ReadError::Keys`] when the store fails or a key does not open.
    pub fn part(&self, event: Uuid, part: u16) -> Result<Option<PartKey>, ReadError> {
        self.subjects().part(event, part)
    }

    /// The rows that make `key` usable for a part of `subject`: the part's, and the subject's
    /// when its key is new.
    ///
    /// # Errors
    /// [`ReadError::Keys`] when the store fails.
    pub fn rows_for(
        &self,
        event: Uuid,
        part: u16,
        subject: Uuid,
        key: &PartKey,
    ) -> Result<Vec<KeyRow>, ReadError> {
        let mut rows = Vec::with_capacity(2);
        let subject_key = if let Some(known) = self.subject(subject)? {
            known
        } else {
            let fresh = self.fresh_key(subject);
            let (epoch, root) = self.root();
            let wrapped = root.wrap(SubjectPlace { subject, epoch }, &fresh);
            rows.push(KeyRow::Subject(SubjectRow {
                subject,
                epoch,
                wrapped,
            }));
            fresh
        };
        let wrapped = subject_key.wrap(
            PartPlace {
                event,
                part,
                subject,
            },
            key,
        );
        rows.push(KeyRow::Part(PartRow {
            event,
            part,
            subject,
            wrapped,
        }));
        Ok(rows)
    }

    fn fresh_key(&self, subject: Uuid) -> SubjectKey {
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = fresh.entry(subject).or_insert_with(crate::entropy::secret);
        SubjectKey::from_bytes(*bytes)
    }

    /// Forgets the fresh keys of subjects whose keys are durable by now.
    pub fn settled(&self, subjects: &[Uuid]) {
        let mut fresh = self.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        for subject in subjects {
            fresh.remove(subject);
        }
    }
}

/// Keys of subjects, each opened once while something is read.
pub struct Subjects<'a> {
    keyring: &'a Keyring,
    opened: RwLock<BTreeMap<Uuid, SubjectKey>>,
}

impl Keyring {
    /// Begins a reading.
    #[must_use]
    pub fn subjects(&self) -> Subjects<'_> {
        Subjects {
            keyring: self,
            opened: RwLock::default(),
        }
    }
}

impl Subjects<'_> {
    /// As [`Keyring::part`].
    ///
    /// # Errors
    /// [`ReadError::Keys`].
    pub fn part(&self, event: Uuid, part: u16) -> Result<Option<PartKey>, ReadError> {
        let Some(row) = self.keyring.store.part(event, part).map_err(keys)? else {
            return Ok(None);
        };
        if let Some(known) = self
            .opened
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&row.subject)
        {
            return known
                .unwrap(row.place(), &row.wrapped)
                .map(Some)
                .map_err(keys);
        }
        let Some(subject) = self.keyring.subject(row.subject)? else {
            return Ok(None);
        };
        let key = subject.unwrap(row.place(), &row.wrapped).map_err(keys)?;
        self.opened
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(row.subject, subject);
        Ok(Some(key))
    }
}

fn keys(error: impl Into<BoxError>) -> ReadError {
    ReadError::Keys(error.into())
}
