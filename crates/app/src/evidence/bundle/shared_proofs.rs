//! What every bundle at one checkpoint holds alike, read and proven once for all of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use record::checkpoint::Checkpoint;
use record::entry::{Entry, HeadsEntry, parse};
use record::hash::Hash;
use record::heads::HeadsTree;
use record::merkle::Nodes;
use record::positions::{LogIndex, Size};
use record::proof::{ProveError, inclusion_proof};
use record::tlog_proof::tlog_proof;
use store::log_store::LogStore;

use super::BundleError;
use crate::app::App;
use crate::error::ReadError;
use crate::log::head;

/// An entry with its proof.
pub(super) type ProvenEntry = (Vec<u8>, String);

/// What stands beside the events of any stream.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    /// The checkpoint as it is embedded in proofs.
    pub(super) embedded: String,
    /// The heads tree that the last entry of the checkpointed log commits to.
    pub(super) tree: Arc<HeadsTree>,
    /// How many entries that tree covers.
    pub(super) covers: Size,
    /// The heads entry.
    pub(super) heads: ProvenEntry,
    /// The keys entries, the oldest first.
    pub(super) keys: Vec<ProvenEntry>,
    /// Time stamp tokens over this very checkpoint.
    pub(super) tokens: Vec<Vec<u8>>,
}

pub(super) fn unproven(error: ProveError<store::log_store::ReadError>) -> BundleError {
    match error {
        ProveError::Range => BundleError::Read(ReadError::Damaged {
            index: LogIndex::FIRST,
            source: "a proof was asked for beyond the log".into(),
        }),
        ProveError::Node(error) => error.into(),
    }
}

/// The nodes of the log's tree, each read from the store once: the proofs of a stream have most of
/// theirs in common, and those of the next size nearly all.
pub(super) struct SharedNodes<'a> {
    log: &'a dyn LogStore,
    read: Mutex<HashMap<(u8, u64), Hash>>,
}

impl<'a> SharedNodes<'a> {
    pub(super) fn of(log: &'a dyn LogStore) -> Self {
        Self {
            log,
            read: Mutex::default(),
        }
    }

    /// Proof that the entry at `index` stands in the log of `size` entries, which `note` signs.
    pub(super) fn prove(
        &self,
        index: LogIndex,
        size: Size,
        note: &str,
    ) -> Result<String, BundleError> {
        let path = inclusion_proof(self, index, size).map_err(unproven)?;
        Ok(tlog_proof(index, &path, note))
    }
}

impl Nodes for SharedNodes<'_> {
    type Error = store::log_store::ReadError;

    fn node(&self, level: u8, place: u64) -> Result<Hash, Self::Error> {
        let read = || self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read().get(&(level, place)) {
            return Ok(*known);
        }
        let node = self.log.node(level, place)?;
        read().insert((level, place), node);
        Ok(node)
    }
}

/// What a heads entry says.
fn heads_entry(index: LogIndex, bytes: &[u8]) -> Result<HeadsEntry, ReadError> {
    let damaged = |source| ReadError::Damaged { index, source };
    match parse(bytes).map_err(|error| damaged(error.into()))?.entry {
        Entry::Heads(heads) => Ok(heads),
        Entry::Event(_) | Entry::Access(_) | Entry::Keys(_) => Err(damaged(
            "the checkpointed log does not end in a heads entry".into(),
        )),
    }
}

impl App {
    /// Reads what bundles at a checkpoint share; `embedded` is its note as it stands in proofs.
    pub(super) fn ground(
        &self,
        checkpoint: &Checkpoint,
        embedded: String,
    ) -> Result<Ground, BundleError> {
        let size = checkpoint.size;
        // The heads entry ends the checkpointed log.
        let last = size.last().unwrap_or(LogIndex::FIRST);
        let nodes = SharedNodes::of(&*self.log);
        let heads = self.proven_entry(&nodes, last, size, &embedded)?;
        let signed = heads_entry(last, &heads.0)?;
        let keys = head::keys_entries(&*self.log, size)?;
        let keys = keys
            .into_iter()
            .map(|index| self.proven_entry(&nodes, index, size, &embedded))
            .collect::<Result<_, _>>()?;
        let tokens = self
            .log
            .tokens(size)?
            .into_iter()
            .filter(|kept| kept.size == size)
            .map(|kept| kept.bytes)
            .collect();
        Ok(Ground {
            embedded,
            tree: self.heads_of(&signed)?,
            covers: signed.covers,
            heads,
            keys,
            tokens,
        })
    }

    fn proven_entry(
        &self,
        nodes: &SharedNodes<'_>,
        index: LogIndex,
        size: Size,
        note: &str,
    ) -> Result<ProvenEntry, BundleError> {
        let stored = self.reader.entry(index)?;
        Ok((stored.bytes, nodes.prove(index, size, note)?))
    }
}
