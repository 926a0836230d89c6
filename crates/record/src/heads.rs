//! The heads tree: one leaf for each stream, naming its newest entry. It makes a missing last
//! entry of a stream provable.

use uuid::Uuid;

use crate::hash::Hash;
use crate::merkle::{empty_root, leaf_hash, node_hash};
use crate::positions::{LogIndex, Seq};

/// The newest entry of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The stream.
    pub stream: Uuid,
    /// Its newest sequence number.
    pub seq: Seq,
    /// Log index of that entry.
    pub index: LogIndex,
    /// Leaf hash of that entry.
    pub leaf: Hash,
}

impl Head {
    /// Leaf of the heads tree: stream (16 bytes), sequence and index (8 bytes each, big-endian),
    /// leaf hash (32 bytes).
    #[must_use]
    pub fn leaf_hash(&self) -> Hash {
        let mut data = Vec::with_capacity(64);
        data.extend_from_slice(self.stream.as_bytes());
        data.extend_from_slice(&self.seq.to_be_bytes());
        data.extend_from_slice(&self.index.to_be_bytes());
        data.extend_from_slice(self.leaf.as_bytes());
        leaf_hash(&data)
    }
}

/// An ordinal beyond the next free one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stream ordinal {ordinal} is beyond the next one, {next}")]
pub struct OrdinalError {
    /// What was given.
    pub ordinal: u64,
    /// The next free one.
    pub next: u64,
}

/// The tree of RFC 6962 over the heads in order of their ordinals; a change costs one path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeadsTree {
    /// Level 0 holds the leaves; an odd last node is carried up unchanged, which gives the same
    /// root as the recursive definition.
    levels: Vec<Vec<Hash>>,
}

impl HeadsTree {
    /// The empty tree.
    #[must_use]
    pub const fn new() -> Self {
        Self { levels: Vec::new() }
    }

    /// The tree over all heads, in order of their ordinals: each node is computed once.
    #[must_use]
    pub fn of(heads: &[Head]) -> Self {
        let mut levels = Vec::new();
        let mut row: Vec<Hash> = heads.iter().map(Head::leaf_hash).collect();
        while !row.is_empty() {
            let (pairs, lone) = row.as_chunks::<2>();
            let pairs = pairs.iter().map(|[left, right]| node_hash(left, right));
            let above: Vec<Hash> = pairs.chain(lone.iter().copied()).collect();
            let top = row.len() == 1;
            levels.push(std::mem::replace(&mut row, above));
            if top {
                break;
            }
        }
        Self { levels }
    }

    /// Number of streams.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.levels.first().map_or(0, |row| row.len() as u64)
    }

    /// Whether there is no stream.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sets the head of a stream; the next free ordinal adds one.
    ///
    /// # Errors
    /// [`OrdinalError`] when the ordinal is beyond the next free one.
    pub fn set(&mut self, ordinal: u64, head: &Head) -> Result<(), OrdinalError> {
        let error = OrdinalError {
            ordinal,
            next: self.len(),
        };
        let mut place = usize::try_from(ordinal).map_err(|_| error)?;
        if ordinal > self.len() {
            return Err(error);
        }
        let mut node = head.leaf_hash();
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let Some(row) = self.levels.get_mut(level) else {
                break;
            };
            match row.get_mut(place) {
                Some(slot) => *slot = node,
                None => row.push(node),
            }
            if row.len() == 1 {
                self.levels.truncate(level + 1);
                break;
            }
            node = match (row.get(place & !1), row.get(place | 1)) {
                (Some(left), Some(right)) => node_hash(left, right),
                (Some(only), None) => *only,
                (None, _) => break,
            };
            place >>= 1;
        }
        Ok(())
    }

    /// Proof that the head with this ordinal stands in the tree, lowest hash first (RFC 6962
    /// section 2.1.1); null when there is no such stream.
    #[must_use]
    pub fn inclusion_proof(&self, ordinal: u64) -> Option<Vec<Hash>> {
        let mut place = usize::try_from(ordinal).ok()?;
        self.levels.first()?.get(place)?;
        let mut path = Vec::new();
        for row in &self.levels {
            // A node without a sibling is carried up unchanged.
            path.extend(row.get(place ^ 1).copied());
            place >>= 1;
        }
        Some(path)
    }

    /// Root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.levels
            .last()
            .and_then(|row| row.first())
            .copied()
            .unwrap_or_else(empty_root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::Frontier;
    use crate::positions::{LogIndex, Size};
    use crate::proof::verify_inclusion;

    fn head(stream: u64, seq: u64) -> Head {
        Head {
            stream: Uuid::from_u64_pair(1, stream),
            seq: Seq::new(seq).unwrap(),
            index: LogIndex::new(seq * 3),
            leaf: leaf_hash(&seq.to_be_bytes()),
        }
    }

    #[test]
    fn the_root_is_that_of_the_whole_tree_after_every_change() {
        let mut tree = HeadsTree::new();
        assert_eq!(tree, HeadsTree::of(&[]));
        let mut heads: Vec<Head> = Vec::new();
        let mut place = 7_u64;
        for step in 0..300 {
            place = place
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let ordinal = if step % 3 == 0 {
                heads.len() as u64
            } else {
                (place >> 33) % (heads.len() as u64)
            };
            let new = head(ordinal, step + 1);
            tree.set(ordinal, &new).unwrap();
            if ordinal == heads.len() as u64 {
                heads.push(new)
            } else {
                heads[usize::try_from(ordinal).unwrap()] = new
            }
            let mut whole = Frontier::new();
            heads.iter().for_each(|head| whole.push(head.leaf_hash()));
            assert_eq!(tree.root(), whole.root(), "step {step}");
            assert_eq!(tree, HeadsTree::of(&heads), "step {step}");
            for (ordinal, head) in (0..).zip(&heads) {
                let path = tree.inclusion_proof(ordinal).unwrap();
                // The heads tree is made like the log's, with ordinals in place of indexes.
                let (leaf, size) = (LogIndex::new(ordinal), Size::new(tree.len()));
                verify_inclusion(&head.leaf_hash(), leaf, size, &path, &tree.root()).unwrap();
            }
            assert_eq!(tree.inclusion_proof(tree.len()), None);
        }
        assert!(tree.set(heads.len() as u64 + 1, &head(1, 1)).is_err());
    }
}
