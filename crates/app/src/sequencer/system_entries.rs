//! The entries that the log writes about itself: its keys at the beginning, its heads at the end,
//! and the checkpoint over them.

use std::sync::PoisonError;
use std::sync::mpsc::channel;

use record::checkpoint::Checkpoint;
use record::entry::{HeadsEntry, KeysEntry};
use record::hash::Hash;
use record::jws::SignedEntry;
use record::proof::root_at;
use store::log_store::{Batch, CommitError, NewEntry, Place, StoredCheckpoint};

use super::Worker;
use crate::entropy::random_uuid;
use crate::error::{ReadError, RecordError};
use crate::tip::StoreNodes;

impl Worker {
    /// A new log begins with its keys; a log that was stopped in between is checkpointed.
    pub(super) fn begin(&mut self) -> Result<(), RecordError> {
        if self.tip.size == 0 {
            let entry = KeysEntry {
                origin: self.origin.clone(),
                index: 0,
                recorded_at: self.now(),
                entry_id: random_uuid(),
                keys: vec![self.event_key.public().clone()],
                prev: Hash::ZERO,
            };
            let recorded_at = entry.recorded_at;
            let signed = entry.sign(&self.event_key).map_err(RecordError::not_written)?;
            let leaf = signed.leaf;
            self.commit_system(signed)?;
            self.tip.keys = (0, leaf);
            self.tip.time = recorded_at;
            self.tip.size = 1;
        }
        let stored = self.log.checkpoint().map_err(ReadError::from)?;
        // A checkpoint from before there were two keys is signed again, over the same size.
        if stored.is_none_or(|stored| stored.size < self.tip.size || !self.log_keys.have_signed(&stored.note)) {
            self.checkpoint()?;
        }
        Ok(())
    }

    /// Commits a keys or heads entry and waits for it.
    fn commit_system(&self, signed: SignedEntry) -> Result<(), RecordError> {
        let (done, outcome) = channel();
        let entry = NewEntry { bytes: signed.bytes, leaf: signed.leaf, place: Place::System, blobs: Vec::new(), erases: false };
        let batch = Batch { first: self.tip.size, entries: vec![entry], commands: Vec::new() };
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
            let entry = HeadsEntry {
                origin: self.origin.clone(),
                index: self.tip.size,
                recorded_at: self.now(),
                entry_id: random_uuid(),
                streams: self.tip.heads.len(),
                covers: self.tip.size,
                root: self.tip.heads.root(),
                keys: self.tip.keys,
                prev: self.tip.heads_leaf,
                anchors: Vec::new(),
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
        self.listeners.iter().for_each(|listener| listener(&stored));
        self.dirty_since = None;
        Ok(checkpoint)
    }
}
