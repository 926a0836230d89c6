//! Signed checkpoints (C2SP tlog-checkpoint): a size and a root that the log answers for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::hash::Hash;
use crate::note::Note;
use crate::signing::{LogKey, LogVerifier, SigningError};

/// A size of the log and its root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the Merkle tree over them.
    pub root: Hash,
}

/// A note is not a checkpoint of the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not three lines and signatures, or a value in another form.
    #[error("checkpoint is malformed")]
    Malformed,
    /// Of another log.
    #[error("checkpoint is of the log {0}")]
    Origin(String),
    /// Not signed by the log's key.
    #[error("checkpoint is not signed by the log")]
    Signature(#[from] SigningError),
}

impl Checkpoint {
    /// What is signed: origin, size and root, a line each.
    #[must_use]
    pub fn body(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            STANDARD.encode(self.root.as_bytes())
        )
    }

    /// Reads a body. Extension lines are refused.
    ///
    /// # Errors
    /// [`CheckpointError::Malformed`].
    pub fn parse_body(body: &str) -> Result<Self, CheckpointError> {
        let malformed = || CheckpointError::Malformed;
        let mut lines = body.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(malformed());
        };
        let size: u64 = size.parse().map_err(|_| malformed())?;
        let root: [u8; 32] = STANDARD
            .decode(root)
            .map_err(|_| malformed())?
            .try_into()
            .map_err(|_| malformed())?;
        let checkpoint = Self {
            origin: origin.to_owned(),
            size,
            root: Hash::new(root),
        };
        // Only one text has this meaning: a sign, a leading zero or a fourth line is another.
        if !origin.is_empty() && checkpoint.body() == body {
            Ok(checkpoint)
        } else {
            Err(malformed())
        }
    }

    /// What a note is a checkpoint of; none when it is none. Its signatures are not looked at.
    #[must_use]
    pub fn of_note(note: &str) -> Option<Self> {
        Self::parse_body(&Note::parse(note).ok()?.body).ok()
    }

    /// The signed note.
    #[must_use]
    pub fn sign(&self, key: &LogKey) -> String {
        let body = self.body();
        format!("{body}\n{}", key.sign_note(&body))
    }

    /// Reads and checks a signed note.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn verify(note: &str, key: &LogVerifier) -> Result<Self, CheckpointError> {
        let (body, signatures) = note.rsplit_once("\n\n").ok_or(CheckpointError::Malformed)?;
        let body = format!("{body}\n");
        let checkpoint = Self::parse_body(&body)?;
        if !signatures.ends_with('\n') {
            return Err(CheckpointError::Malformed);
        }
        key.verify_note(&body, signatures)?;
        if checkpoint.origin == key.name() {
            Ok(checkpoint)
        } else {
            Err(CheckpointError::Origin(checkpoint.origin))
        }
    }
}
