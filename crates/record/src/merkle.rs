//! The Merkle tree of RFC 6962: hashes, and the two ways to grow it.
//!
//! Where the nodes lie is the caller's business; see [`Nodes`]. Proofs are in [`crate::proof`].

use crate::hash::{Hash, sha256_all};
use crate::positions::Size;

/// Hash of a leaf: SHA-256 of a zero byte and the data (RFC 6962 section 2.1).
#[must_use]
pub fn leaf_hash(data: &[u8]) -> Hash {
    sha256_all(&[&[0], data])
}

/// Hash of an inner node: SHA-256 of a one byte and both children.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256_all(&[&[1], left.as_bytes(), right.as_bytes()])
}

/// Hash of the empty tree.
#[must_use]
pub fn empty_root() -> Hash {
    sha256_all(&[])
}

/// Gives the hash of any complete subtree of a tree.
pub trait Nodes {
    /// Why a node cannot be read.
    type Error;

    /// Hash of the complete subtree over the leaves from `place << level` on, `1 << level` of
    /// them.
    ///
    /// # Errors
    /// As the store reports.
    fn node(&self, level: u8, place: u64) -> Result<Hash, Self::Error>;
}

/// The complete subtrees on the right edge: all that is needed to go on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: Size,
    parts: Vec<Hash>,
}

/// The number of hashes does not fit the size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a frontier of size {size} has {expected} hashes, not {actual}")]
pub struct FrontierError {
    /// Size of the tree.
    pub size: Size,
    /// How many hashes it has.
    pub expected: u32,
    /// How many were given.
    pub actual: usize,
}

impl Frontier {
    /// Of the empty tree.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            size: Size::EMPTY,
            parts: Vec::new(),
        }
    }

    /// From its hashes, the largest subtree first.
    ///
    /// # Errors
    /// [`FrontierError`] unless there is one hash for each complete subtree of that size.
    pub fn from_parts(size: Size, parts: Vec<Hash>) -> Result<Self, FrontierError> {
        let expected = size.get().count_ones();
        if usize::try_from(expected).is_ok_and(|expected| expected == parts.len()) {
            Ok(Self { size, parts })
        } else {
            Err(FrontierError {
                size,
                expected,
                actual: parts.len(),
            })
        }
    }

    /// Adds a leaf hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        for _ in 0..self.size.get().trailing_ones() {
            if let Some(left) = self.parts.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.parts.push(node);
        self.size = self.size.grown();
    }

    /// Number of leaves.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.size
    }

    /// The hashes, the largest subtree first.
    #[must_use]
    pub fn parts(&self) -> &[Hash] {
        &self.parts
    }

    /// Root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.parts
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(empty_root)
    }
}

/// A tree in memory that keeps every complete subtree.
#[derive(Debug, Clone, Default)]
pub struct MemoryTree {
    levels: Vec<Vec<Hash>>,
}

impl MemoryTree {
    /// The empty tree.
    #[must_use]
    pub const fn new() -> Self {
        Self { levels: Vec::new() }
    }

    /// Adds a leaf hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let Some(row) = self.levels.get_mut(level) else {
                return;
            };
            row.push(node);
            // An odd place waits for its right neighbour.
            let [.., left, right] = row.as_slice() else {
                return;
            };
            if row.len() % 2 == 1 {
                return;
            }
            node = node_hash(left, right);
        }
    }

    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> Size {
        self.levels
            .first()
            .map_or(Size::EMPTY, |row| Size::of(row.len()))
    }
}

/// The tree has no such complete subtree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("node {place} of level {level} is not complete")]
pub struct NoNode {
    /// Level; leaves are 0.
    pub level: u8,
    /// Place in the level.
    pub place: u64,
}

impl Nodes for MemoryTree {
    type Error = NoNode;

    fn node(&self, level: u8, place: u64) -> Result<Hash, NoNode> {
        let missing = NoNode { level, place };
        let place = usize::try_from(place).map_err(|_| missing)?;
        self.levels
            .get(usize::from(level))
            .and_then(|row| row.get(place))
            .copied()
            .ok_or(missing)
    }
}
