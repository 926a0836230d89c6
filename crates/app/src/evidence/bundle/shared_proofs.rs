//! What every bundle at one checkpoint holds alike, read and proven once for all of them.

use record::checkpoint::Checkpoint;
use record::heads::{Head, HeadsTree};
use record::positions::{LogIndex, Size, StreamVersion};
use record::proof::{ProveError, inclusion_proof};
use record::tlog_proof::tlog_proof;
use store::log_store::StreamHead;

use super::BundleError;
use crate::app::App;
use crate::error::ReadError;
use crate::log::head::{self, StoreNodes};

/// Heads read at once.
const PAGE: usize = 500;

/// An entry with its proof.
pub(super) type ProvenEntry = (Vec<u8>, String);

/// What stands beside the events of any stream.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    /// The checkpoint as it is embedded in proofs.
    pub(super) embedded: String,
    /// The heads tree that the last entry of the checkpointed log commits to.
    pub(super) tree: HeadsTree,
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
        let covers = last.size_before();
        let heads = self.proven_entry(last, size, &embedded)?;
        let keys = head::keys_entries(&*self.log, size)?;
        let keys = keys
            .into_iter()
            .map(|index| self.proven_entry(index, size, &embedded))
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
            tree: self.heads_at(covers)?,
            covers,
            heads,
            keys,
            tokens,
        })
    }

    /// Proof that the entry at `index` stands in the log of `size` entries, which `note` signs.
    pub(super) fn prove(
        &self,
        index: LogIndex,
        size: Size,
        note: &str,
    ) -> Result<String, BundleError> {
        let path = inclusion_proof(&StoreNodes(&*self.log), index, size).map_err(unproven)?;
        Ok(tlog_proof(index, &path, note))
    }

    fn proven_entry(
        &self,
        index: LogIndex,
        size: Size,
        note: &str,
    ) -> Result<ProvenEntry, BundleError> {
        let stored = self.log.entry(index)?.ok_or_else(|| ReadError::Damaged {
            index,
            source: "the entry is missing".into(),
        })?;
        Ok((stored.bytes, self.prove(index, size, note)?))
    }

    /// The heads tree over the entries with a smaller index than `covers`.
    fn heads_at(&self, covers: Size) -> Result<HeadsTree, BundleError> {
        let mut tree = HeadsTree::new();
        'all: while tree.len() < self.log.stream_count() {
            for head in self.log.heads(tree.len(), PAGE)? {
                let Some(head) = self.head_before(head, covers)? else {
                    break 'all;
                };
                let ordinal = tree.len();
                tree.set(ordinal, &head)
                    .map_err(|error| ReadError::Damaged {
                        index: head.index,
                        source: error.into(),
                    })?;
            }
        }
        Ok(tree)
    }

    /// The newest entry of a stream with a smaller index; none when the stream began later.
    fn head_before(&self, head: StreamHead, covers: Size) -> Result<Option<Head>, BundleError> {
        if covers.holds(head.index) {
            return Ok(Some(Head {
                stream: head.stream,
                seq: head.seq,
                index: head.index,
                leaf: head.leaf,
            }));
        }
        // Sequences up to `low` lie in front of it, those behind `high` do not.
        let (mut low, mut high) = (StreamVersion::EMPTY, head.seq.version());
        while let Some(middle) = low.between(high) {
            let page = self.log.stream_page(head.stream, middle, 1)?;
            if page.first().is_some_and(|entry| covers.holds(entry.index)) {
                low = middle.version()
            } else {
                high = middle.version()
            }
        }
        let Some(seq) = low.last() else {
            return Ok(None);
        };
        let page = self.log.stream_page(head.stream, seq, 1)?;
        Ok(page.first().map(|entry| Head {
            stream: head.stream,
            seq,
            index: entry.index,
            leaf: entry.leaf,
        }))
    }
}
