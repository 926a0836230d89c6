//! Signed checkpoints (C2SP tlog-checkpoint): a size and a root that the log answers for.
//! Cosignatures are [`crate::cosignature`].
//!
//! ```
//! use record::checkpoint::Checkpoint;
//! use record::hash::sha256;
//! use record::positions::Size;
//! use record::signing::{LogKey, LogVerifier};
//!
//! let log = LogKey::new("log.example/0999/sag", &[7; 32]);
//! let checkpoint = Checkpoint {
//!     origin: "log.example/0999/sag".to_owned(),
//!     size: Size::new(2),
//!     root: sha256(b"the root of the tree of two entries"),
//! };
//! let note = checkpoint.sign(&log);
//!
//! let key = LogVerifier::parse(&log.vkey())?;
//! assert_eq!(Checkpoint::verify(&note, &key)?, checkpoint);
//! let another_size = note.replacen("\n2\n", "\n3\n", 1);
//! assert!(Checkpoint::verify(&another_size, &key).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::hash::Hash;
use crate::note::Note;
use crate::positions::Size;
use crate::signing::{LogKey, LogVerifier, SigningError};

/// A size of the log and its root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log.
    pub origin: String,
    /// Number of entries.
    pub size: Size,
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
    /// [`CheckpointError::Malformed`] unless the body is the one text of a checkpoint.
    pub fn parse_body(body: &str) -> Result<Self, CheckpointError> {
        let malformed = || CheckpointError::Malformed;
        let mut lines = body.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(malformed());
        };
        let size = size.parse().map_err(|_| malformed())?;
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

    /// The checkpoint that a note states; null when it states none. Signatures are not checked.
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
    /// [`CheckpointError::Malformed`] when it is not a note of three lines;
    /// [`CheckpointError::Signature`] when no line of this key fits; [`CheckpointError::Origin`]
    /// when it is of another log.
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
