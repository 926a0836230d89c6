//! The keys that a log signs its checkpoints with: one of today, and one that outlasts quantum
//! computers.

use record::checkpoint::Checkpoint;
use record::cosignature::{CosignerKey, NoteVerifier};
use record::note::Note;
use record::signing::LogKey;
use store::key_store::{KeyError, KeyStore, Secrets};
use store::log_store::LogStore;

use crate::entropy::secret;
use crate::error::{ReadError, RecordError};
use crate::layout::Layout;
use crate::service::{App, StartError};

/// The public halves, which auditors, witnesses and readers of bundles need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKeys {
    /// Ed25519: the line `log` of a policy.
    pub ed25519: String,
    /// ML-DSA-44 under the same name: a witness of a policy that forces the second signature.
    pub ml_dsa_44: String,
}

/// The keys of a log.
#[derive(Debug, Clone)]
pub(crate) struct LogKeys {
    ed25519: LogKey,
    ml_dsa_44: CosignerKey,
}

/// Gives a key store that has no post-quantum key one; its public half must then be made known.
/// A log whose checkpoint bears such a signature had one: that it is gone is said, and no other is
/// made in its place.
pub(crate) fn complete(keys: &dyn KeyStore, log: &dyn LogStore, layout: &Layout) -> Result<(), StartError> {
    if keys.secrets().post_quantum_seed.is_some() {
        return Ok(());
    }
    let stored = log.checkpoint().map_err(ReadError::from)?;
    let note = stored.and_then(|stored| Note::parse(&stored.note).ok());
    let origin = layout.origin();
    if note.is_some_and(|note| note.lines.iter().filter(|line| line.name == origin).count() > 1) {
        let file = layout.key_dir().join("post-quantum.key").display().to_string();
        return Err(KeyError::Missing { file }.into());
    }
    keys.put_post_quantum_seed(&secret())?;
    tracing::info!("a post-quantum key that signs checkpoints was made");
    Ok(())
}

impl LogKeys {
    pub(crate) fn new(origin: &str, secrets: &Secrets) -> Result<Self, RecordError> {
        let seed = secrets.post_quantum_seed.as_ref().ok_or_else(|| RecordError::not_written("the key store has no post-quantum key"))?;
        let ml_dsa_44 = CosignerKey::ml_dsa_44(origin, seed).map_err(RecordError::not_written)?;
        Ok(Self { ed25519: LogKey::new(origin, &secrets.log_seed), ml_dsa_44 })
    }

    /// Whether a note bears the signatures of both keys.
    pub(crate) fn have_signed(&self, note: &str) -> bool {
        let Ok(note) = Note::parse(note) else { return false };
        let Ok(checkpoint) = Checkpoint::parse_body(&note.body) else { return false };
        [self.ed25519.vkey(), self.ml_dsa_44.vkey()]
            .iter()
            .all(|vkey| NoteVerifier::parse(vkey).is_ok_and(|key| note.lines.iter().any(|line| key.verify(&checkpoint, line).is_ok())))
    }

    pub(crate) fn sign(&self, checkpoint: &Checkpoint) -> Result<String, RecordError> {
        checkpoint.sign_hybrid(&self.ed25519, &self.ml_dsa_44).map_err(RecordError::not_written)
    }
}

impl App {
    /// The log's verifier keys.
    ///
    /// # Errors
    /// [`RecordError::NotWritten`] when the key store has lost its post-quantum key.
    pub fn verifier_keys(&self) -> Result<VerifierKeys, RecordError> {
        let keys = LogKeys::new(&self.layout.origin(), &self.keys.secrets())?;
        Ok(VerifierKeys { ed25519: keys.ed25519.vkey(), ml_dsa_44: keys.ml_dsa_44.vkey() })
    }
}
