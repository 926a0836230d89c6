//! Where the log ends: everything that the next entry depends on.

use std::collections::BTreeMap;

use record::entry::{Anchor, Entry, parse};
use record::hash::Hash;
use record::heads::{Head, HeadsTree};
use record::merkle::{Frontier, Nodes};
use record::positions::{LogIndex, LogTime, Seq, Size};
use store::log_store::{LogStore, ReadError as StoreReadError};
use uuid::Uuid;

use crate::error::ReadError;

/// Streams read from the store at once.
const PAGE: usize = 1_000;

/// The newest entry of a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StreamTip {
    pub(crate) ordinal: u64,
    pub(crate) seq: Seq,
    pub(crate) leaf: Hash,
}

/// The end of the log.
#[derive(Debug, Clone)]
pub(crate) struct LogHead {
    pub(crate) size: Size,
    pub(crate) time: LogTime,
    pub(crate) streams: BTreeMap<Uuid, StreamTip>,
    /// The right edge of the tree over all entries.
    pub(crate) tree: Frontier,
    pub(crate) heads: HeadsTree,
    /// Newest keys entry.
    pub(crate) keys: (LogIndex, Hash),
    /// Leaf of the newest heads entry.
    pub(crate) heads_leaf: Hash,
    /// What the newest heads entry says of other logs.
    pub(crate) anchors: Vec<Anchor>,
    /// Whether the last entry is a heads entry.
    pub(crate) sealed: bool,
}

impl LogHead {
    /// Reads the end of the log from the store. What the store says of the newest entries is not
    /// believed: where the log ends in a heads entry, it must be what that entry signs. Otherwise
    /// the next event would follow the wrong predecessor for ever (`INDEX_DRIFT`).
    pub(crate) fn load(store: &dyn LogStore) -> Result<Self, ReadError> {
        let (log_head, drifted) = Self::read(store)?;
        if !drifted {
            return Ok(log_head);
        }
        store.distrust()?;
        match Self::read(store)? {
            (log_head, false) => Ok(log_head),
            (log_head, true) => {
                let last = log_head.size.last().unwrap_or(LogIndex::FIRST);
                Err(damaged(last, Drift))
            }
        }
    }

    /// The end of the log, and whether it contradicts the heads entry that it ends in.
    fn read(store: &dyn LogStore) -> Result<(Self, bool), ReadError> {
        let mut log_head = Self {
            size: store.size(),
            time: LogTime::EPOCH,
            streams: BTreeMap::new(),
            tree: frontier(store)?,
            heads: HeadsTree::new(),
            keys: (LogIndex::FIRST, Hash::ZERO),
            heads_leaf: Hash::ZERO,
            anchors: Vec::new(),
            sealed: false,
        };
        let mut heads = Vec::new();
        while (heads.len() as u64) < store.stream_count() {
            for head in store.heads(heads.len() as u64, PAGE)? {
                heads.push(Head {
                    stream: head.stream,
                    seq: head.seq,
                    index: head.index,
                    leaf: head.leaf,
                });
                log_head.streams.insert(
                    head.stream,
                    StreamTip {
                        ordinal: head.ordinal,
                        seq: head.seq,
                        leaf: head.leaf,
                    },
                );
            }
        }
        log_head.heads = HeadsTree::of(&heads);
        let signed = log_head.find_system_entries(store)?;
        let other_heads = signed.is_some_and(|(streams, root)| {
            (streams, root) != (log_head.heads.len(), log_head.heads.root())
        });
        let drifted = other_heads || store.root()? != (log_head.size, log_head.tree.root());
        Ok((log_head, drifted))
    }

    /// Walks back to the newest heads entry, which names the newest keys entry in front of it.
    /// Answers what it says of all streams, if it is the last entry.
    fn find_system_entries(
        &mut self,
        store: &dyn LogStore,
    ) -> Result<Option<(u64, Hash)>, ReadError> {
        let mut keys = None;
        for index in self.size.indexes().rev() {
            let Some(stored) = store.entry(index)? else {
                break;
            };
            let entry = parse(&stored.bytes)
                .map_err(|error| damaged(index, error))?
                .entry;
            let last = Some(index) == self.size.last();
            if last {
                self.time = entry.recorded_at();
            }
            match entry {
                Entry::Event(_) | Entry::Access(_) => {}
                Entry::Keys(_) => {
                    keys.get_or_insert((index, stored.leaf));
                }
                Entry::Heads(entry) => {
                    self.sealed = last;
                    self.heads_leaf = stored.leaf;
                    self.anchors = entry.anchors;
                    self.keys = keys.unwrap_or(entry.keys);
                    return Ok(last.then_some((entry.streams, entry.root)));
                }
            }
        }
        self.keys = keys.unwrap_or(self.keys);
        Ok(None)
    }
}

impl LogHead {
    /// Takes in the leaf of an entry that was signed behind the end; size, tree and time go
    /// together.
    pub(crate) fn grow(&mut self, leaf: Hash, recorded_at: LogTime) {
        self.tree.push(leaf);
        self.size = self.size.grown();
        self.time = recorded_at;
        self.sealed = false;
    }
}

/// The right edge of the tree, from the nodes that the store looks up.
fn frontier(store: &dyn LogStore) -> Result<Frontier, ReadError> {
    let size = store.size();
    let mut begin = 0_u64;
    let mut parts = Vec::new();
    for level in (0..64_u8)
        .rev()
        .filter(|level| size.get() >> level & 1 == 1)
    {
        parts.push(store.node(level, begin >> level)?);
        begin += 1 << level;
    }
    Frontier::from_parts(size, parts).map_err(|error| damaged(size.next_index(), error))
}

/// Indexes of all keys entries in front of `size`, the oldest first. A heads entry names the newest
/// keys entry in front of it, so that only few entries are read.
///
/// # Errors
/// [`ReadError`].
pub(crate) fn keys_entries(store: &dyn LogStore, size: Size) -> Result<Vec<LogIndex>, ReadError> {
    let mut found = Vec::new();
    let mut before = size;
    while let Some(at) = before.last() {
        let Some(stored) = store.entry(at)? else {
            break;
        };
        before = match parse(&stored.bytes)
            .map_err(|error| damaged(at, error))?
            .entry
        {
            Entry::Keys(_) => {
                found.push(at);
                at.size_before()
            }
            // The smallest log with the keys entry that it names, which is looked at next.
            Entry::Heads(entry) => entry.keys.0.size_after(1).min(at.size_before()),
            Entry::Event(_) | Entry::Access(_) => at.size_before(),
        };
    }
    found.reverse();
    Ok(found)
}

/// Even what was made anew from the journal contradicts the newest heads entry.
#[derive(Debug, thiserror::Error)]
#[error("HEADS_ROOT: the newest entries of the streams are not those that the last entry signs")]
struct Drift;

fn damaged(index: LogIndex, error: impl Into<crate::error::BoxError>) -> ReadError {
    ReadError::Damaged {
        index,
        source: error.into(),
    }
}

/// The store as the source of tree nodes.
pub(crate) struct StoreNodes<'a>(pub(crate) &'a dyn LogStore);

impl Nodes for StoreNodes<'_> {
    type Error = StoreReadError;

    fn node(&self, level: u8, place: u64) -> Result<Hash, StoreReadError> {
        self.0.node(level, place)
    }
}
