//! Where one municipality's data and keys lie.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use events::ids::StreamId;
use record::hash::sha256;
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

/// Which of a municipality's two logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogKind {
    /// The case log (*sag*).
    Cases,
    /// The access log (*adgang*): who looked.
    Accesses,
}

impl LogKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Cases => "sag",
            Self::Accesses => "adgang",
        }
    }

    /// The log of that name; null when there is none.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Cases, Self::Accesses]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// The place of one log: host name of its origin, municipality, and the two directories.
#[derive(Debug, Clone)]
pub struct Layout {
    data: PathBuf,
    keys: PathBuf,
    host: String,
    municipality: Municipality,
    log: LogKind,
    locksmith: Arc<dyn Locksmith>,
}

impl Layout {
    /// Data under `data`, keys under `keys` (which may be another volume); `host` is the first
    /// part of the log's name.
    #[must_use]
    pub fn new(data: &Path, keys: &Path, host: &str, municipality: Municipality) -> Self {
        Self {
            data: data.to_owned(),
            keys: keys.to_owned(),
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

    /// What finds the lock of the keys.
    #[must_use]
    pub fn locksmith(&self) -> &dyn Locksmith {
        &*self.locksmith
    }

    /// The place of the access log of the same municipality.
    #[must_use]
    pub fn accesses(&self) -> Self {
        Self {
            log: LogKind::Accesses,
            ..self.clone()
        }
    }

    /// The place of the other one of the municipality's two logs.
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
            self.log.name()
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

    /// Directory of the data of all municipalities.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.data
    }

    /// Directory of the log.
    #[must_use]
    pub fn log_dir(&self) -> PathBuf {
        self.data
            .join(self.municipality.code())
            .join(self.log.name())
    }

    /// The file that holds the log's public verifier key, beside the journal.
    #[must_use]
    pub fn log_key_file(&self) -> PathBuf {
        self.log_dir().join("log.vkey")
    }

    /// The file that holds the log's public post-quantum verifier key.
    #[must_use]
    pub fn post_quantum_key_file(&self) -> PathBuf {
        self.log_dir().join("log-pq.vkey")
    }

    /// Directory of what is derived from the log and can be thrown away.
    #[must_use]
    pub fn projection_dir(&self) -> PathBuf {
        self.log_dir().join("projections")
    }

    /// Directory of the keys; those of the access log lie apart, because what they open is kept for
    /// a shorter time.
    #[must_use]
    pub fn key_dir(&self) -> PathBuf {
        let dir = self.keys.join(self.municipality.code());
        match self.log {
            LogKind::Cases => dir,
            LogKind::Accesses => dir.join(self.log.name()),
        }
    }

    /// The file that holds the latest checkpoint apart from the log.
    #[must_use]
    pub fn known_file(&self) -> PathBuf {
        self.key_dir().join("known").join("checkpoint")
    }

    /// Directory of erasures that are ordered and not yet carried out.
    #[must_use]
    pub fn pending_dir(&self) -> PathBuf {
        self.key_dir().join("pending")
    }
}
