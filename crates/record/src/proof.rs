//! Roots of earlier sizes, inclusion and consistency proofs (RFC 6962 section 2.1, checked as in
//! RFC 9162 section 2.1). Where the hashes come from is the caller's business ([`Nodes`]).
//!
//! ```
//! use record::merkle::{MemoryTree, leaf_hash};
//! use record::positions::{LogIndex, Size};
//! use record::proof::{ProofError, consistency_proof, inclusion_proof, root_at};
//! use record::proof::{verify_consistency, verify_inclusion};
//!
//! let mut tree = MemoryTree::new();
//! for entry in [b"a", b"b", b"c"] {
//!     tree.push(leaf_hash(entry));
//! }
//! let (old, new) = (Size::new(2), Size::new(3));
//! let (old_root, root) = (root_at(&tree, old)?, root_at(&tree, new)?);
//!
//! // The entry `b` stands at index 1, and no other entry does.
//! let index = LogIndex::new(1);
//! let path = inclusion_proof(&tree, index, new)?;
//! verify_inclusion(&leaf_hash(b"b"), index, new, &path, &root)?;
//! let refused = verify_inclusion(&leaf_hash(b"x"), index, new, &path, &root);
//! assert_eq!(refused, Err(ProofError::Root));
//!
//! // The log of three entries begins with the log of two.
//! let proof = consistency_proof(&tree, old, new)?;
//! verify_consistency(old, &old_root, new, &root, &proof)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::hash::Hash;
use crate::merkle::{Nodes, empty_root, node_hash};
use crate::positions::{LogIndex, Size};

/// A proof does not show what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The sizes or the index contradict each other.
    #[error("index or sizes are out of range")]
    Range,
    /// Too many or too few hashes.
    #[error("proof has the wrong length")]
    Length,
    /// The hashes lead to another root.
    #[error("proof leads to another root")]
    Root,
}

/// What was asked cannot be proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProveError<E> {
    /// The sizes or the index contradict each other.
    #[error("index or sizes are out of range")]
    Range,
    /// A node could not be read.
    #[error("a node of the tree could not be read")]
    Node(#[source] E),
}

impl<E> From<E> for ProveError<E> {
    fn from(error: E) -> Self {
        Self::Node(error)
    }
}

/// Root of the first `size` leaves.
///
/// # Errors
/// Those of the nodes, when one cannot be read.
pub fn root_at<N: Nodes>(nodes: &N, size: Size) -> Result<Hash, N::Error> {
    if size.is_empty() {
        Ok(empty_root())
    } else {
        range_root(nodes, 0, size.get())
    }
}

/// The largest power of two below `len`; `len` is at least 2.
const fn split(len: u64) -> u64 {
    1 << (63 - (len - 1).leading_zeros())
}

/// Root over `len` leaves from `begin` on, where `begin` is a multiple of the power of two that
/// covers them: the only ranges that proofs ask for.
fn range_root<N: Nodes>(nodes: &N, begin: u64, len: u64) -> Result<Hash, N::Error> {
    if len.is_power_of_two() {
        let level = len.trailing_zeros();
        return nodes.node(u8::try_from(level).unwrap_or(63), begin >> level);
    }
    let left = split(len);
    Ok(node_hash(
        &range_root(nodes, begin, left)?,
        &range_root(nodes, begin + left, len - left)?,
    ))
}

/// Proof that the leaf at `index` stands in the tree of `size` leaves, lowest hash first.
///
/// # Errors
/// [`ProveError::Range`] when the tree does not hold the index; [`ProveError::Node`] when a node
/// cannot be read.
pub fn inclusion_proof<N: Nodes>(
    nodes: &N,
    index: LogIndex,
    size: Size,
) -> Result<Vec<Hash>, ProveError<N::Error>> {
    if !size.holds(index) {
        return Err(ProveError::Range);
    }
    let (index, mut begin, mut len) = (index.get(), 0, size.get());
    let mut path = Vec::new();
    while len > 1 {
        let left = split(len);
        if index < begin + left {
            path.push(range_root(nodes, begin + left, len - left)?);
            len = left;
        } else {
            path.push(range_root(nodes, begin, left)?);
            begin += left;
            len -= left;
        }
    }
    path.reverse();
    Ok(path)
}

/// Proof that the tree of `old` leaves is a prefix of the tree of `new` leaves.
///
/// # Errors
/// [`ProveError::Range`] unless `0 < old <= new`; [`ProveError::Node`] when a node cannot be read.
pub fn consistency_proof<N: Nodes>(
    nodes: &N,
    old: Size,
    new: Size,
) -> Result<Vec<Hash>, ProveError<N::Error>> {
    if old.is_empty() || old > new {
        return Err(ProveError::Range);
    }
    let (mut begin, mut len, mut old_len) = (0, new.get(), old.get());
    let mut whole = true;
    let mut path = Vec::new();
    while old_len < len {
        let left = split(len);
        if old_len <= left {
            path.push(range_root(nodes, begin + left, len - left)?);
            len = left;
        } else {
            path.push(range_root(nodes, begin, left)?);
            begin += left;
            len -= left;
            old_len -= left;
            whole = false;
        }
    }
    if !whole {
        path.push(range_root(nodes, begin, len)?);
    }
    path.reverse();
    Ok(path)
}

/// Checks an inclusion proof.
///
/// # Errors
/// [`ProofError::Range`] when the tree does not hold the index; [`ProofError::Length`] when the
/// path there has another length; [`ProofError::Root`] when the hashes lead to another root.
pub fn verify_inclusion(
    leaf: &Hash,
    index: LogIndex,
    size: Size,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    let Some(last) = size.last().filter(|last| index <= *last) else {
        return Err(ProofError::Range);
    };
    let (mut place, mut last) = (index.get(), last.get());
    let mut node = *leaf;
    for hash in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if place & 1 == 1 || place == last {
            node = node_hash(hash, &node);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            node = node_hash(&node, hash);
        }
        place >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if node == *root {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}

/// Checks a consistency proof.
///
/// # Errors
/// [`ProofError::Range`] unless `0 < old <= new`; [`ProofError::Length`] when a proof between these
/// sizes has another length; [`ProofError::Root`] when the hashes do not lead to both roots.
pub fn verify_consistency(
    old: Size,
    old_root: &Hash,
    new: Size,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    let (Some(old_last), Some(new_last), true) = (old.last(), new.last(), old <= new) else {
        return Err(ProofError::Range);
    };
    if old == new {
        if !proof.is_empty() {
            return Err(ProofError::Length);
        }
        return if old_root == new_root {
            Ok(())
        } else {
            Err(ProofError::Root)
        };
    }
    let mut hashes = proof.iter();
    let first = if old.get().is_power_of_two() {
        *old_root
    } else {
        *hashes.next().ok_or(ProofError::Length)?
    };
    let (mut place, mut last) = (old_last.get(), new_last.get());
    while place & 1 == 1 {
        place >>= 1;
        last >>= 1;
    }
    let (mut in_old, mut in_new) = (first, first);
    for hash in hashes {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if place & 1 == 1 || place == last {
            in_old = node_hash(hash, &in_old);
            in_new = node_hash(hash, &in_new);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            in_new = node_hash(&in_new, hash);
        }
        place >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if in_old == *old_root && in_new == *new_root {
        Ok(())
    } else {
        Err(ProofError::Root)
    }
}
