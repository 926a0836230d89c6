//! One checkpoint on its way to the witnesses, and one witness that is asked.

use std::collections::BTreeMap;
use std::sync::mpsc::Sender;
use std::time::Instant;

use record::checkpoint::Checkpoint;
use record::note::{Note, SignatureLine};
use record::policy::PolicyWitness;
use record::positions::Size;
use store::log_store::StoredCheckpoint;

use crate::witnessing::client::answer::Request;
use crate::witnessing::client::work::Task;

/// A checkpoint on its way.
pub(super) struct Round {
    pub(super) checkpoint: Checkpoint,
    pub(super) note: Note,
    pub(super) lines: BTreeMap<String, SignatureLine>,
    pub(super) quorum: bool,
    /// When it began, or when the last of those asked first had cosigned: since when all are asked.
    pub(super) begun: Instant,
}

/// A witness as the witness client knows it.
pub(super) struct Asked {
    pub(super) witness: PolicyWitness,
    /// Whether the others wait for it.
    pub(super) first: bool,
    /// The last checkpoint that it has cosigned for this witness client.
    pub(super) cosigned: Option<Checkpoint>,
    pub(super) tasks: Sender<Task>,
    /// Size that it cosigned last, as far as it is known.
    pub(super) known: Size,
    /// What it is working on: number of the round, and what was sent.
    pub(super) busy: Option<(u64, Request)>,
    /// The round that it has settled, by an answer or by a failure that repeating does not mend.
    pub(super) settled: Option<u64>,
    pub(super) failures: u32,
    pub(super) not_before: Option<Instant>,
    /// Conflicts in this round; a witness that contradicts itself is not asked for ever.
    pub(super) conflicts: u32,
}

pub(super) fn read(stored: &StoredCheckpoint) -> Option<(Checkpoint, Note)> {
    let read = Note::parse(&stored.note)
        .ok()
        .and_then(|note| Some((Checkpoint::parse_body(&note.body).ok()?, note)));
    if read.is_none() {
        tracing::error!(
            size = stored.size.get(),
            "a stored checkpoint is malformed and is not submitted"
        );
    }
    read
}
