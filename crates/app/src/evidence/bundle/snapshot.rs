//! The checkpoint that a bundle is proven against.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use record::checkpoint::Checkpoint;
use record::hash::Hash;
use record::note::{Note, SignatureLine};
use record::positions::{LogIndex, Size};
use record::proof::root_at;

use super::BundleError;
use super::shared_proofs::Ground;
use crate::app::App;
use crate::error::ReadError;
use crate::log::head::StoreNodes;
use crate::wanted::Wanted;

/// Bytes of an Ed25519 signature, which tell it from the others that a log makes.
const ED25519_BYTES: usize = 64;

/// How often the archive is looked at while witnesses are waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A checkpointed state of the log. All bundles of a dossier are made at one.
#[derive(Debug, Clone)]
pub struct Snapshot {
    checkpoint: Checkpoint,
    note: String,
    witnessed: bool,
    ground: Ground,
}

impl Snapshot {
    /// Number of entries.
    #[must_use]
    pub const fn size(&self) -> Size {
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

    pub(super) const fn ground(&self) -> &Ground {
        &self.ground
    }
}

/// A note with the log's own Ed25519 signatures only, as it is embedded in proofs: one, or two
/// while the log's keys are being exchanged.
fn signed_by_log_only(note: Note, origin: &str) -> String {
    let own = |line: &SignatureLine| line.name == origin && line.signature.len() == ED25519_BYTES;
    let lines = note.lines.into_iter().filter(own).collect();
    Note {
        body: note.body,
        lines,
    }
    .text()
}

impl App {
    /// A checkpoint over everything recorded so far: the newest cosigned one where it covers all,
    /// otherwise a new one. Where witnesses are appointed they are waited for.
    ///
    /// # Errors
    /// [`BundleError::NotWitnessed`]; [`BundleError::Record`]; [`BundleError::Read`].
    pub(crate) fn snapshot_while(
        &self,
        wait: Duration,
        wanted: &Wanted,
    ) -> Result<Snapshot, BundleError> {
        wanted.still()?;
        let checkpoint = self.sequencer.checkpoint()?;
        let until = Instant::now() + wait;
        loop {
            if let Some(kept) = self.log.last_archived(self.log.size())?
                && kept.size >= checkpoint.size
            {
                return self.snapshot_of(kept.note, true);
            }
            if self
                .witness_client
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .is_none()
            {
                let note = self
                    .log
                    .checkpoint()?
                    .map(|stored| stored.note)
                    .unwrap_or_default();
                return self.snapshot_of(note, false);
            }
            if Instant::now() >= until {
                return Err(BundleError::NotWitnessed {
                    size: checkpoint.size,
                    waited: wait,
                });
            }
            wanted.still()?;
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// A bundle must not be handed out that its reader would refuse.
    fn snapshot_of(&self, note: String, witnessed: bool) -> Result<Snapshot, BundleError> {
        let read = Note::parse(&note)?;
        let checkpoint = Checkpoint::parse_body(&read.body)?;
        if root_at(&StoreNodes(&*self.log), checkpoint.size)? != checkpoint.root {
            let index = checkpoint.size.last().unwrap_or(LogIndex::FIRST);
            return Err(ReadError::Damaged {
                index,
                source: "the stored checkpoint has another root than the log".into(),
            }
            .into());
        }
        let ground = self.ground(&checkpoint, signed_by_log_only(read, &checkpoint.origin))?;
        Ok(Snapshot {
            checkpoint,
            note,
            witnessed,
            ground,
        })
    }
}
