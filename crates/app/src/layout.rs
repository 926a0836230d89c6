//! Which log is meant: its name, the backend that keeps it, and what finds the lock of its keys.
//!
//! Where a backend puts a log is its own business: no directory and no file is named here.

use std::sync::Arc;

use events::ids::StreamId;
use record::hash::sha256;
use store::backend::opening::{LogKind, LogName, OpenError};
use store::backend::side_texts::SideTexts;
use store::backend::{Backend, Places};
use store::key_lock::{Locksmith, NoLocksmith};

/// A municipality code: four digits, as in the authorities' register.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Municipality(String);

/// Not a municipality code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a municipality code is four digits")]
pub struct MunicipalityError;

impl Municipality {
    /// Reads a code.
    ///
    /// # Errors
    /// [`MunicipalityError`] when it is not four digits.
    pub fn parse(code: &str) -> Result<Self, MunicipalityError> {
        if code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(code.to_owned()))
        } else {
            Err(MunicipalityError)
        }
    }

    /// The four digits.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0
    }

    /// The four digits as they stand in front of every key of a store.
    #[must_use]
    pub fn tenant(&self) -> [u8; 4] {
        self.0.as_bytes().first_chunk().copied().unwrap_or_default()
    }
}

const fn word(kind: LogKind) -> &'static str {
    match kind {
        LogKind::Cases => "sag",
        LogKind::Accesses => "adgang",
    }
}

/// One log: the backend that keeps it, its municipality, the host name of its origin, and what
/// finds the lock of its keys.
#[derive(Clone)]
pub struct Layout {
    backend: Arc<dyn Backend>,
    host: String,
    municipality: Municipality,
    log: LogKind,
    locksmith: Arc<dyn Locksmith>,
}

impl std::fmt::Debug for Layout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Layout")
            .field("origin", &self.origin())
            .finish_non_exhaustive()
    }
}

impl Layout {
    /// The case log of a municipality in a backend; `host` is the first part of the log's name.
    #[must_use]
    pub fn new(backend: Arc<dyn Backend>, host: &str, municipality: Municipality) -> Self {
        Self {
            backend,
            host: host.to_owned(),
            municipality,
            log: LogKind::Cases,
            locksmith: Arc::new(NoLocksmith),
        }
    }

    /// The same, with keys that may be locked.
    #[must_use]
    pub fn locked_by(self, locksmith: Arc<dyn Locksmith>) -> Self {
        Self { locksmith, ..self }
    }

    /// Finds the lock of the keys.
    #[must_use]
    pub fn locksmith(&self) -> &dyn Locksmith {
        &*self.locksmith
    }

    /// The access log of the same municipality.
    #[must_use]
    pub fn accesses(&self) -> Self {
        Self {
            log: LogKind::Accesses,
            ..self.clone()
        }
    }

    /// The other one of the municipality's two logs.
    #[must_use]
    pub fn sister(&self) -> Self {
        let log = match self.log {
            LogKind::Cases => LogKind::Accesses,
            LogKind::Accesses => LogKind::Cases,
        };
        Self {
            log,
            ..self.clone()
        }
    }

    /// Which log it is.
    #[must_use]
    pub const fn log(&self) -> LogKind {
        self.log
    }

    /// Name of the log: `host/code/sag`, or `host/code/adgang`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!(
            "{}/{}/{}",
            self.host,
            self.municipality.code(),
            word(self.log)
        )
    }

    /// The one stream of facts about the log itself; its id is made from the log's name.
    ///
    /// # Panics
    /// Never: a hash is not nil, whose version bits are set besides.
    #[must_use]
    pub fn system_stream(&self) -> StreamId {
        let hash = sha256(self.origin().as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(hash.as_bytes().first_chunk::<16>().unwrap_or(&[0; 16]));
        #[expect(clippy::expect_used, reason = "a uuid of version 8 is never nil")]
        StreamId::new(uuid::Builder::from_custom_bytes(bytes).into_uuid()).expect("not nil")
    }

    /// The municipality.
    #[must_use]
    pub const fn municipality(&self) -> &Municipality {
        &self.municipality
    }

    /// What the log is called in its backend.
    #[must_use]
    pub fn name(&self) -> LogName {
        LogName {
            municipality: self.municipality.tenant(),
            kind: self.log,
        }
    }

    /// Where the log is kept.
    #[must_use]
    pub fn backend(&self) -> &dyn Backend {
        &*self.backend
    }

    /// Where the log and its keys lie, for messages to people.
    #[must_use]
    pub fn places(&self) -> Places {
        self.backend.places(&self.name())
    }

    /// The small texts beside the log and its keys.
    #[must_use]
    pub fn side_texts(&self) -> Arc<dyn SideTexts> {
        self.backend.side_texts(&self.name())
    }

    /// Whether the log was begun.
    ///
    /// # Errors
    /// [`OpenError::Io`] if the medium does not answer.
    pub fn holds_log(&self) -> Result<bool, OpenError> {
        self.backend.holds_log(&self.name())
    }
}
