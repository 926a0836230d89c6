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

/// The public halves, which auditors, witnesses and readers of bundles need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKeys {
    /// Ed25519: the line `log` of a policy.
    pub ed25519: String,
    /// ML-DSA-44 under the same name: a witness of a policy that forces the second signature.
    pub ml_dsa_44: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Pair {
    ed25519: LogKey,
    ml_dsa_44: CosignerKey,
}

impl Pair {
    fn new(origin: &str, ed25519: &[u8; 32], ml_dsa_44: &[u8; 32]) -> Result<Self, RecordError> {
        let ml_dsa_44 =
            CosignerKey::ml_dsa_44(origin, ml_dsa_44).map_err(RecordError::not_written)?;
        Ok(Self {
            ed25519: LogKey::new(origin, ed25519),
            ml_dsa_44,
        })
    }

    pub(crate) fn public(&self) -> VerifierKeys {
        VerifierKeys {
            ed25519: self.ed25519.vkey(),
            ml_dsa_44: self.ml_dsa_44.vkey(),
        }
    }
}

/// The keys of a log, and those that sign beside them before they take over.
#[derive(Debug, Clone)]
pub(crate) struct LogKeys {
    pub(crate) established: Pair,
    pub(crate) next: Option<Pair>,
}

/// A missing post-quantum key could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CompleteError {
    /// The newest checkpoint could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The key is gone, or the new one could not be kept.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

/// Gives a key store that has no post-quantum key one; its public half must then be made known.
/// A log whose checkpoint bears such a signature had one: that it is gone is said, and no other is
/// made in its place.
pub(crate) fn complete(
    keys: &dyn KeyStore,
    log: &dyn LogStore,
    layout: &Layout,
) -> Result<(), CompleteError> {
    if keys.secrets().post_quantum_seed.is_some() {
        return Ok(());
    }
    let stored = log.checkpoint().map_err(ReadError::from)?;
    let note = stored.and_then(|stored| Note::parse(&stored.note).ok());
    let origin = layout.origin();
    if note.is_some_and(|note| note.lines.iter().filter(|line| line.name == origin).count() > 1) {
        let file = format!("{}/post-quantum.key", layout.places().keys);
        return Err(KeyError::Missing { file }.into());
    }
    keys.put_post_quantum_seed(&secret())?;
    tracing::info!("a post-quantum key that signs checkpoints was made");
    Ok(())
}

impl LogKeys {
    pub(crate) fn new(origin: &str, secrets: &Secrets) -> Result<Self, RecordError> {
        let seed = secrets
            .post_quantum_seed
            .as_ref()
            .ok_or_else(|| RecordError::not_written("the key store has no post-quantum key"))?;
        let next = secrets
            .next_log
            .as_ref()
            .map(|next| Pair::new(origin, &next.ed25519, &next.post_quantum))
            .transpose()?;
        Ok(Self {
            established: Pair::new(origin, &secrets.log_seed, seed)?,
            next,
        })
    }

    /// Whether a note bears the signatures of all keys that sign now.
    pub(crate) fn have_signed(&self, note: &str) -> bool {
        let Ok(note) = Note::parse(note) else {
            return false;
        };
        let Ok(checkpoint) = Checkpoint::parse_body(&note.body) else {
            return false;
        };
        let signed = |vkey: &String| {
            NoteVerifier::parse(vkey).is_ok_and(|key| {
                note.lines
                    .iter()
                    .any(|line| key.verify(&checkpoint, line).is_ok())
            })
        };
        [Some(&self.established), self.next.as_ref()]
            .into_iter()
            .flatten()
            .map(Pair::public)
            .all(|keys| signed(&keys.ed25519) && signed(&keys.ml_dsa_44))
    }

    /// The signed note: the lines of the established keys, and behind them those of the next ones.
    pub(crate) fn sign(&self, checkpoint: &Checkpoint) -> Result<String, RecordError> {
        let Pair { ed25519, ml_dsa_44 } = &self.established;
        let mut note = checkpoint
            .sign_hybrid(ed25519, ml_dsa_44)
            .map_err(RecordError::not_written)?;
        if let Some(next) = &self.next {
            note.push_str(&next.ed25519.sign_note(&checkpoint.body()));
            note.push_str(
                &next
                    .ml_dsa_44
                    .cosign(checkpoint, 0)
                    .map_err(RecordError::not_written)?
                    .text(),
            );
        }
        Ok(note)
    }
}
