//! The checkpoint that a bundle is proven against.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use record::checkpoint::Checkpoint;
use record::hash::Hash;
use record::note::{Note, NoteError, SignatureLine};
use record::proof::root_at;

use super::BundleError;
use crate::error::ReadError;
use crate::service::App;
use crate::tip::StoreNodes;

/// Bytes of an Ed25519 signature, which tell it from the others that a log makes.
const ED25519_BYTES: usize = 64;

/// How often the archive is looked at while witnesses are waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A checkpointed state of the log. All bundles of a dossier are made at one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    checkpoint: Checkpoint,
    note: String,
    witnessed: bool,
}

impl Snapshot {
    /// Number of entries.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.checkpoint.size
    }

    /// Root of the tree.
    #[must_use]
    pub const fn root(&self) -> &Hash {
        &self.checkpoint.root
    }

    /// The signed note, with cosignatures where there are any.
    #[must_use]
    pub fn note(&self) -> &str {
        &self.note
    }

    /// Whether enough witnesses have cosigned it.
    #[must_use]
    pub const fn witnessed(&self) -> bool {
        self.witnessed
    }

    /// The note with the log's own Ed25519 signatures only, as it is embedded in proofs: one, or two
    /// while the log's keys are being exchanged.
    pub(super) fn signed_by_log_only(&self) -> Result<String, NoteError> {
        let note = Note::parse(&self.note)?;
        let own = |line: &SignatureLine| line.name == self.checkpoint.origin && line.signature.len() == ED25519_BYTES;
        let lines = note.lines.into_iter().filter(own).collect();
        Ok(Note { body: note.body, lines }.text())
    }

    fn of(note: String, witnessed: bool) -> Result<Self, BundleError> {
        let body = Note::parse(&note)?.body;
        Ok(Self { checkpoint: Checkpoint::parse_body(&body)?, note, witnessed })
    }
}

impl App {
    /// A checkpoint over everything recorded so far: the newest cosigned one where it covers all,
    /// otherwise a new one. Where witnesses are appointed they are waited for.
    ///
    /// # Errors
    /// [`BundleError::NotWitnessed`]; [`BundleError::Record`]; [`BundleError::Read`].
    pub fn snapshot(&self, wait: Duration) -> Result<Snapshot, BundleError> {
        let checkpoint = self.sequencer.checkpoint()?;
        let until = Instant::now() + wait;
        loop {
            if let Some(kept) = self.log.last_archived(self.log.size())?
                && kept.size >= checkpoint.size
            {
                return self.checked(Snapshot::of(kept.note, true)?);
            }
            if self.courier.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
                let note = self.log.checkpoint()?.map(|stored| stored.note).unwrap_or_default();
                return self.checked(Snapshot::of(note, false)?);
            }
            if Instant::now() >= until {
                return Err(BundleError::NotWitnessed { size: checkpoint.size, waited: wait });
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// A bundle must not be handed out that its reader would refuse.
    fn checked(&self, snapshot: Snapshot) -> Result<Snapshot, BundleError> {
        let root = root_at(&StoreNodes(&*self.log), snapshot.size())?;
        if root == *snapshot.root() {
            return Ok(snapshot);
        }
        let index = snapshot.size().saturating_sub(1);
        Err(ReadError::Damaged { index, source: "the stored checkpoint has another root than the log".into() }.into())
    }
}
