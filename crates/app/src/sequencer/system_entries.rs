//! The entries that the log writes about itself: its keys at the beginning, its heads at the end,
//! and the checkpoint over them.

use std::sync::PoisonError;
use std::sync::mpsc::channel;
use std::time::Instant;

use record::checkpoint::Checkpoint;
use record::entry::{HeadsEntry, KeysEntry};
use record::hash::Hash;
use record::jws::SignedEntry;
use record::proof::root_at;
use record::signing::{EventKey, PublicKey};
use store::log_store::{Batch, CommitError, LogStore, NewEntry, Place, StoredCheckpoint};

use super::Worker;
use crate::content;
use crate::entropy::random_uuid;
use crate::error::{ReadError, RecordError};
use crate::tip::StoreNodes;

fn alone(first: u64, signed: SignedEntry) -> Batch {
    let entry = NewEntry { bytes: signed.bytes, leaf: signed.leaf, place: Place::System, blobs: Vec::new(), erases: false };
    Batch { first, entries: vec![entry], commands: Vec::new() }
}

/// Commits a keys entry to a log that nothing else writes to.
pub(super) fn commit_alone(log: &dyn LogStore, first: u64, signed: SignedEntry) -> Result<(), RecordError> {
    log.commit(alone(first, signed)).map_err(|error| match error {
        CommitError::Unknown(cause) => RecordError::Unknown(cause),
        other => RecordError::not_written(other),
    })
}

/// The first entry of a log: the key that signs entries, and a recovery key where one is given.
pub(crate) fn first_entry(
    origin: &str,
    now: u64,
    key: &EventKey,
    recovery: Option<PublicKey>,
) -> Result<(KeysEntry, SignedEntry), RecordError> {
    let entry = KeysEntry {
        origin: origin.to_owned(),
        index: 0,
        recorded_at: now,
        entry_id: random_uuid(),
        keys: std::iter::once(key.public().clone()).chain(recovery).collect(),
        prev: Hash::ZERO,
    };
    let signed = entry.sign(key).map_err(RecordError::not_written)?;
    Ok((entry, signed))
}

/// Begins a log that lists a recovery key from its first entry on.
pub(crate) fn begin_with(log: &dyn LogStore, origin: &str, now: u64, key: &EventKey, recovery: PublicKey) -> Result<(), RecordError> {
    let (_, signed) = first_entry(origin, now, key, Some(recovery))?;
    commit_alone(log, 0, signed)
}

impl Worker {
    /// A new log begins with its keys; a log that was stopped in between is checkpointed.
    pub(super) fn begin(&mut self) -> Result<(), RecordError> {
        if self.tip.size == 0 {
            let (KeysEntry { recorded_at, .. }, signed) = first_entry(&self.origin, self.time()?, &self.event_key, None)?;
            let leaf = signed.leaf;
            self.commit_system(signed)?;
            self.tip.keys = (0, leaf);
            self.tip.time = recorded_at;
            self.tip.size = 1;
        }
        let stored = self.log.checkpoint().map_err(ReadError::from)?;
        if let Some(stored) = &stored {
            self.beyond.checkpointed(stored.size);
            if let Some(behind) = self.log.entry(stored.size).map_err(ReadError::from)? {
                self.beyond.dated(u64::try_from(content::recorded_at(&behind)?.as_second()).unwrap_or(0));
            }
        }
        // A checkpoint from before there were two keys is signed again, over the same size.
        if stored.is_none_or(|stored| stored.size < self.tip.size || !self.log_keys.have_signed(&stored.note)) {
            // The operator's word on the clock comes before anything that is dated by it.
            if self.watch.owes() || self.watch.refusal().is_some() {
                self.dirty_since = Some(Instant::now());
            } else {
                self.checkpoint()?;
            }
        }
        Ok(())
    }

    /// Commits a keys or heads entry and waits for it.
    pub(super) fn commit_system(&self, signed: SignedEntry) -> Result<(), RecordError> {
        let (done, outcome) = channel();
        let batch = alone(self.tip.size, signed);
        self.pipeline.submit(Vec::new(), batch, Box::new(move |result| drop(done.send(result))));
        match outcome.recv() {
            Ok(Ok(())) => Ok(()),
            Ok(Err(CommitError::Unknown(cause))) => Err(RecordError::Unknown(cause)),
            Ok(Err(error)) => Err(RecordError::not_written(error)),
            Err(_) => Err(RecordError::Unknown("the store stopped".into())),
        }
    }

    /// Ends the log in a heads entry, unless it does already, and signs its size.
    pub(super) fn checkpoint(&mut self) -> Result<Checkpoint, RecordError> {
        self.wait_until_landed();
        self.recover();
        if !self.tip.sealed {
            let recorded_at = self.date()?.time;
            let entry = HeadsEntry {
                origin: self.origin.clone(),
                index: self.tip.size,
                recorded_at,
                entry_id: random_uuid(),
                streams: self.tip.heads.len(),
                covers: self.tip.size,
                root: self.tip.heads.root(),
                keys: self.tip.keys,
                prev: self.tip.heads_leaf,
                anchors: self.anchors.clone(),
            };
            let signed = entry.sign(&self.event_key).map_err(RecordError::not_written)?;
            let leaf = signed.leaf;
            if let Err(error) = self.commit_system(signed) {
                self.flight.state.lock().unwrap_or_else(PoisonError::into_inner).failed = true;
                return Err(error);
            }
            self.tip.heads_leaf = leaf;
            self.tip.time = entry.recorded_at;
            self.tip.size += 1;
            self.tip.sealed = true;
        }
        let size = self.tip.size;
        let root = root_at(&StoreNodes(&*self.log), size).map_err(ReadError::from)?;
        let checkpoint = Checkpoint { origin: self.origin.clone(), size, root };
        let stored = StoredCheckpoint { size, note: self.log_keys.sign(&checkpoint)? };
        self.log.put_checkpoint(&stored).map_err(RecordError::not_written)?;
        self.beyond.checkpointed(size);
        self.listeners.iter().for_each(|listener| listener(&stored));
        self.dirty_since = None;
        Ok(checkpoint)
    }
}
