//! The entries that the log writes about itself: its keys at the beginning, its heads at the end,
//! and the checkpoint over them.

use std::sync::PoisonError;
use std::sync::mpsc::channel;
use std::time::Instant;

use record::checkpoint::Checkpoint;
use record::entry::{Anchor, HeadsEntry, KeysEntry};
use record::hash::Hash;
use record::jws::SignedEntry;
use record::positions::{LogIndex, LogTime, Size};
use record::signing::{EventKey, PublicKey};
use store::log_store::{ArchiveHead, Batch, CommitError, LogStore, NewEntry, StoredCheckpoint};

use super::worker::Worker;
use crate::entropy::random_uuid;
use crate::error::{BoxError, ReadError, RecordError};
use crate::log::content;

/// The name under which a log's heads entries name its archive, as they name other logs.
pub(crate) fn archive_origin(origin: &str) -> String {
    format!("{origin}/archive")
}

fn alone(first: LogIndex, signed: SignedEntry) -> Batch {
    let entry = NewEntry {
        bytes: signed.bytes,
        leaf: signed.leaf,
        blobs: Vec::new(),
    };
    Batch {
        first,
        entries: vec![entry],
        commands: Vec::new(),
        proof: None,
    }
}

/// Commits a keys entry to a log that nothing else writes to.
pub(super) fn commit_alone(
    log: &dyn LogStore,
    first: LogIndex,
    signed: SignedEntry,
) -> Result<(), RecordError> {
    log.commit(alone(first, signed))
        .map_err(|error| match error {
            CommitError::Unknown(cause) => RecordError::Unknown(cause),
            other => RecordError::not_written(other),
        })
}

/// The first entry of a log: the key that signs entries, and a recovery key where one is given.
pub(crate) fn first_entry(
    origin: &str,
    now: LogTime,
    key: &EventKey,
    recovery: Option<PublicKey>,
) -> Result<(KeysEntry, SignedEntry), RecordError> {
    let entry = KeysEntry {
        origin: origin.to_owned(),
        index: LogIndex::FIRST,
        recorded_at: now,
        entry_id: random_uuid(),
        keys: std::iter::once(key.public().clone())
            .chain(recovery)
            .collect(),
        prev: Hash::ZERO,
    };
    let signed = entry.sign(key).map_err(RecordError::not_written)?;
    Ok((entry, signed))
}

/// Begins a log that lists a recovery key from its first entry on.
pub(crate) fn begin_with(
    log: &dyn LogStore,
    origin: &str,
    now: LogTime,
    key: &EventKey,
    recovery: PublicKey,
) -> Result<(), RecordError> {
    let (_, signed) = first_entry(origin, now, key, Some(recovery))?;
    commit_alone(log, LogIndex::FIRST, signed)
}

impl Worker {
    /// How far the archive had come when the log named it last.
    fn archive_named(&self) -> Option<ArchiveHead> {
        let origin = archive_origin(&self.origin);
        let named = self.anchors.iter().find(|anchor| anchor.origin == origin)?;
        Some(ArchiveHead {
            count: named.size.get(),
            link: named.root,
        })
    }

    /// Lets the next heads entry say how far the archive has come, so that nothing goes from it
    /// unseen. An archive that gives no answer keeps no entry from being written.
    fn name_archive(&mut self) {
        match self.log.archive_head() {
            Ok(ArchiveHead { count: 0, .. }) => {}
            Ok(ArchiveHead { count, link }) => {
                self.anchor(Anchor {
                    origin: archive_origin(&self.origin),
                    size: Size::new(count),
                    root: link,
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the archive could not be read; the log names it as it did before")
            }
        }
    }

    /// An archive that lacks something that the log has named goes on behind it, and says so.
    fn check_archive(&self) {
        let Some(named) = self.archive_named() else {
            return;
        };
        let checked = (|| -> Result<bool, BoxError> {
            if self.log.archive_link(named.count)? == Some(named.link) {
                return Ok(true);
            }
            // It goes back over nothing that is there.
            let count = self.log.archive_head()?.count.max(named.count);
            self.log.archive_mark(&ArchiveHead {
                count,
                link: named.link,
            })?;
            Ok(false)
        })();
        match checked {
            Ok(true) => {}
            Ok(false) => tracing::error!(
                origin = self.origin,
                records = named.count,
                "ARCHIVE_MISSING: cosigned checkpoints or time stamps that the log had archived are gone or were altered; `sagsspor audit` \
                 says which, `sagsspor repair` brings them back from a copy"
            ),
            Err(error) => {
                tracing::error!(%error, "the archive could not be compared with what the log says of it")
            }
        }
    }

    /// A new log begins with its keys; a log that was stopped in between is checkpointed.
    pub(super) fn begin(&mut self) -> Result<(), RecordError> {
        self.check_archive();
        if self.log_head.size.is_empty() {
            let (KeysEntry { recorded_at, .. }, signed) =
                first_entry(&self.origin, self.time()?, &self.event_key, None)?;
            let leaf = signed.leaf;
            self.commit_system(signed)?;
            self.log_head.grow(leaf, recorded_at);
            self.log_head.keys = (LogIndex::FIRST, leaf);
        }
        let stored = self.log.checkpoint().map_err(ReadError::from)?;
        if let Some(stored) = &stored {
            self.beyond.checkpointed(stored.size);
            if let Some(behind) = self
                .log
                .entry(stored.size.next_index())
                .map_err(ReadError::from)?
            {
                self.beyond.dated(content::log_time(&behind)?);
            }
        }
        // A checkpoint from before there were two keys is signed again, over the same size.
        if stored.is_none_or(|stored| {
            stored.size < self.log_head.size || !self.log_keys.have_signed(&stored.note)
        }) {
            // The operator's word on the clock comes before anything that is dated by it.
            if self.watch.owes() || self.watch.refusal().is_some() {
                self.pulse.dirty();
                self.dirty_since = Some(Instant::now());
                return Ok(());
            }
            match self.checkpoint() {
                // A disk that takes nothing now keeps nobody from reading what is there; health
                // tells of it.
                Err(error @ (RecordError::Stopped(_) | RecordError::NotWritten(_)))
                    if self.log_head.size > Size::new(1) =>
                {
                    self.pulse.dirty();
                    self.no_checkpoint(&error);
                }
                outcome => drop(outcome?),
            }
        }
        Ok(())
    }

    /// Commits a keys or heads entry and waits for it.
    pub(super) fn commit_system(&self, signed: SignedEntry) -> Result<(), RecordError> {
        let (done, outcome) = channel();
        let batch = alone(self.log_head.size.next_index(), signed);
        self.pipeline.submit(
            Vec::new(),
            batch,
            Box::new(move |result| drop(done.send(result))),
        );
        match outcome.recv() {
            Ok(Ok(())) => Ok(()),
            Ok(Err(CommitError::Unknown(cause))) => Err(RecordError::Unknown(cause)),
            Ok(Err(error)) => Err(RecordError::not_written(error)),
            Err(_) => Err(RecordError::Unknown("the store stopped".into())),
        }
    }

    /// The root over everything that was committed, in which this thread and the store must agree:
    /// each has it from the leaves that it saw itself, and nothing is signed that only one of them
    /// knows.
    fn committed_root(&mut self) -> Result<Hash, RecordError> {
        let (size, root) = self.log.root().map_err(ReadError::from)?;
        if (size, root) == (self.log_head.size, self.log_head.tree.root()) {
            return Ok(root);
        }
        tracing::error!(
            size = size.get(),
            signed = self.log_head.size.get(),
            "the store holds another log than the one that was signed; no checkpoint is made"
        );
        self.flight
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .failed = true;
        Err(RecordError::not_written(
            "the store holds another log than the one that was signed",
        ))
    }

    /// Ends the log in a heads entry, unless it does already, and signs its size.
    pub(super) fn checkpoint(&mut self) -> Result<Checkpoint, RecordError> {
        self.wait_until_arrived();
        self.recover();
        if !self.log_head.sealed {
            self.name_archive();
            let recorded_at = self.date()?.time;
            let entry = HeadsEntry {
                origin: self.origin.clone(),
                index: self.log_head.size.next_index(),
                recorded_at,
                entry_id: random_uuid(),
                streams: self.log_head.heads.len(),
                covers: self.log_head.size,
                root: self.log_head.heads.root(),
                keys: self.log_head.keys,
                prev: self.log_head.heads_leaf,
                anchors: self.anchors.clone(),
            };
            let signed = entry
                .sign(&self.event_key)
                .map_err(RecordError::not_written)?;
            let leaf = signed.leaf;
            if let Err(error) = self.commit_system(signed) {
                self.flight
                    .state
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .failed = true;
                return Err(error);
            }
            self.log_head.grow(leaf, entry.recorded_at);
            self.log_head.heads_leaf = leaf;
            self.log_head.sealed = true;
        }
        let checkpoint = Checkpoint {
            origin: self.origin.clone(),
            size: self.log_head.size,
            root: self.committed_root()?,
        };
        let size = checkpoint.size;
        let stored = StoredCheckpoint {
            size,
            note: self.log_keys.sign(&checkpoint)?,
        };
        self.log
            .put_checkpoint(&stored)
            .map_err(RecordError::not_written)?;
        self.beyond.checkpointed(size);
        self.listeners.iter().for_each(|listener| listener(&stored));
        self.dirty_since = None;
        self.pulse.sealed();
        Ok(checkpoint)
    }
}
