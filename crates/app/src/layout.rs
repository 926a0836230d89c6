//! Where one municipality's data and keys lie.

use std::path::{Path, PathBuf};

use events::ids::StreamId;
use record::hash::sha256;

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
        if code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit()) { Ok(Self(code.to_owned())) } else { Err(MunicipalityError) }
    }

    /// The four digits.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0
    }
}

/// The place of one log: host name of its origin, municipality, and the two directories.
#[derive(Debug, Clone)]
pub struct Layout {
    data: PathBuf,
    keys: PathBuf,
    host: String,
    municipality: Municipality,
}

impl Layout {
    /// Data under `data`, keys under `keys` (which may be another volume); `host` is the first
    /// part of the log's name.
    #[must_use]
    pub fn new(data: &Path, keys: &Path, host: &str, municipality: Municipality) -> Self {
        Self { data: data.to_owned(), keys: keys.to_owned(), host: host.to_owned(), municipality }
    }

    /// Name of the case log: `host/code/sag`.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("{}/{}/sag", self.host, self.municipality.code())
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

    /// Directory of the case log.
    #[must_use]
    pub fn log_dir(&self) -> PathBuf {
        self.data.join(self.municipality.code()).join("sag")
    }

    /// Directory of the keys.
    #[must_use]
    pub fn key_dir(&self) -> PathBuf {
        self.keys.join(self.municipality.code())
    }

    /// Directory of erasures that are ordered and not yet carried out.
    #[must_use]
    pub fn pending_dir(&self) -> PathBuf {
        self.key_dir().join("pending")
    }
}
