//! Roots of earlier sizes, inclusion and consistency proofs (RFC 6962 section 2.1, checked as in
//! RFC 9162 section 2.1).

use crate::hash::Hash;
use crate::merkle::{Nodes, empty_root, node_hash};

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
/// As the nodes report.
pub fn root_at<N: Nodes>(nodes: &N, size: u64) -> Result<Hash, N::Error> {
    if size == 0 {
        Ok(empty_root())
    } else {
        range_root(nodes, 0, size)
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
/// [`ProveError`].
pub fn inclusion_proof<N: Nodes>(
    nodes: &N,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, ProveError<N::Error>> {
    if index >= size {
        return Err(ProveError::Range);
    }
    let (mut begin, mut len) = (0, size);
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
/// [`ProveError`]; sizes must be `0 < old <= new`.
pub fn consistency_proof<N: Nodes>(
    nodes: &N,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, ProveError<N::Error>> {
    if old == 0 || old > new {
        return Err(ProveError::Range);
    }
    let (mut begin, mut len, mut old_len) = (0, new, old);
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
/// [`ProofError`].
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Range);
    }
    let (mut place, mut last) = (index, size - 1);
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
/// [`ProofError`].
pub fn verify_consistency(
    old: u64,
    old_root: &Hash,
    new: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old == 0 || old > new {
        return Err(ProofError::Range);
    }
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
    let first = if old.is_power_of_two() {
        *old_root
    } else {
        *hashes.next().ok_or(ProofError::Length)?
    };
    let (mut place, mut last) = (old - 1, new - 1);
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
