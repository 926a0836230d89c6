//! The heads tree that bundles are proven against, kept from one checkpoint to the next: reading it
//! anew costs a look-up for each stream of the municipality, whatever the bundle is about.
//!
//! It is not believed: a tree that is not the one that the heads entry signs is read anew.

use std::sync::{Arc, Mutex, PoisonError};

use record::entry::HeadsEntry;
use record::heads::{Head, HeadsTree};
use record::outline::Outline;
use record::positions::{LogIndex, Size, StreamVersion};
use store::log_store::StreamHead;

use super::BundleError;
use crate::app::App;
use crate::error::ReadError;

/// Heads read at once.
const PAGE: usize = 500;

/// Reading an entry costs about as much as looking up so many heads.
const HEADS_PER_ENTRY: u64 = 4;

/// A heads tree, and how many entries it covers.
#[derive(Debug, Clone)]
struct Kept {
    covers: Size,
    tree: Arc<HeadsTree>,
}

/// The newest heads tree that was asked for. About 64 bytes for each stream.
#[derive(Debug, Default)]
pub(crate) struct KeptHeads(Mutex<Option<Kept>>);

impl KeptHeads {
    fn get(&self) -> Option<Kept> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clone()
    }

    /// Keeps a tree unless a newer one is kept. That of a cosigned checkpoint may be older.
    fn keep(&self, new: Kept) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|kept| kept.covers <= new.covers) {
            *kept = Some(new);
        }
    }
}

impl App {
    /// The heads tree over the entries in front of a heads entry.
    pub(super) fn heads_of(&self, signed: &HeadsEntry) -> Result<Arc<HeadsTree>, BundleError> {
        let covers = signed.covers;
        let is_signed =
            |tree: &HeadsTree| (tree.len(), tree.root()) == (signed.streams, signed.root);
        let kept = self.kept_heads.get();
        let near = kept.filter(|kept| {
            let behind = covers.beyond(kept.covers);
            kept.covers <= covers && behind * HEADS_PER_ENTRY <= self.log.stream_count()
        });
        let forward = near.map(|kept| self.brought_forward(kept, covers));
        let tree = match forward
            .transpose()?
            .flatten()
            .filter(|tree| is_signed(tree))
        {
            Some(tree) => tree,
            None => Arc::new(self.heads_at(covers)?),
        };
        if is_signed(&tree) {
            let tree = Arc::clone(&tree);
            self.kept_heads.keep(Kept { covers, tree });
        }
        Ok(tree)
    }

    /// A tree with the entries that came since; null when they do not continue it.
    fn brought_forward(
        &self,
        mut kept: Kept,
        covers: Size,
    ) -> Result<Option<Arc<HeadsTree>>, ReadError> {
        for index in kept.covers.next_index().up_to(covers) {
            let Some(stored) = self.log.entry(index)? else {
                return Ok(None);
            };
            let outline = Outline::read(&stored.bytes).map_err(|error| damaged(index, error))?;
            let Outline::Event(event) = outline else {
                continue;
            };
            let head = Head {
                stream: event.stream,
                seq: event.seq,
                index,
                leaf: stored.leaf,
            };
            let tree = Arc::make_mut(&mut kept.tree);
            if tree.set(event.ordinal, &head).is_err() {
                return Ok(None);
            }
        }
        Ok(Some(kept.tree))
    }

    /// The heads tree over the entries with a smaller index than `covers`, read anew.
    fn heads_at(&self, covers: Size) -> Result<HeadsTree, BundleError> {
        let (mut heads, mut read) = (Vec::new(), 0);
        'all: while read < self.log.stream_count() {
            for head in self.log.heads(read, PAGE)? {
                let Some(head) = self.head_before(head, covers)? else {
                    break 'all;
                };
                heads.push(head);
                read += 1;
            }
        }
        tracing::trace!(streams = read, "the newest entries of all streams are read");
        Ok(HeadsTree::of(&heads))
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

fn damaged(index: LogIndex, error: impl Into<crate::error::BoxError>) -> ReadError {
    ReadError::Damaged {
        index,
        source: error.into(),
    }
}
