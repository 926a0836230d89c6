//! Hashing as RFC 6962 section 2.1 defines it.

use sha2::{Digest, Sha256};

use crate::position::Size;

pub(crate) type Hash = [u8; 32];

pub(crate) const ZERO: Hash = [0; 32];

pub(crate) fn hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

pub(crate) fn leaf(bytes: &[u8]) -> Hash {
    let mut hasher = Sha256::new_with_prefix([0]);
    hasher.update(bytes);
    hasher.finalize().into()
}

pub(crate) fn node(left: &Hash, right: &Hash) -> Hash {
    let mut hasher = Sha256::new_with_prefix([1]);
    hasher.update(left);
    hasher.update(right);
    hasher.finalize().into()
}

/// A tree that is only grown: the roots of its complete subtrees with their heights.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Growing(Vec<(u32, Hash)>);

impl Growing {
    /// From the roots of the complete subtrees of a tree of that size, the largest first.
    pub(crate) fn from_parts(size: Size, parts: Vec<Hash>) -> Option<Self> {
        let heights: Vec<u32> = (0..u64::BITS)
            .rev()
            .filter(|height| size.get() >> height & 1 == 1)
            .collect();
        (heights.len() == parts.len()).then(|| Self(heights.into_iter().zip(parts).collect()))
    }

    /// The roots of its complete subtrees, the largest first.
    pub(crate) fn parts(&self) -> impl ExactSizeIterator<Item = &Hash> {
        self.0.iter().map(|(_, hash)| hash)
    }

    pub(crate) fn add(&mut self, leaf: Hash) {
        self.add_at(0, leaf);
    }

    /// Adds a complete subtree of that height, where the tree has only higher ones or as high ones.
    pub(crate) fn add_at(&mut self, height: u32, root: Hash) {
        let mut subtree = (height, root);
        while let Some((height, left)) = self.0.last().copied() {
            if height != subtree.0 {
                break;
            }
            self.0.pop();
            subtree = (height + 1, node(&left, &subtree.1));
        }
        self.0.push(subtree);
    }

    pub(crate) fn root(&self) -> Hash {
        let mut subtrees = self.0.iter().rev().map(|(_, hash)| *hash);
        match subtrees.next() {
            Some(smallest) => subtrees.fold(smallest, |right, left| node(&left, &right)),
            None => hash(&[]),
        }
    }
}

/// A tree whose leaves change: all its nodes, row by row.
#[derive(Default)]
pub(crate) struct Changing {
    /// `rows[0]` are the leaves; a row above has half as many, a lone node is carried up.
    rows: Vec<Vec<Hash>>,
}

impl Changing {
    /// Sets leaves, given by rising places; answers the root. Each inner node is computed once,
    /// however many of the leaves below it changed.
    pub(crate) fn set_all(&mut self, leaves: Vec<(usize, Hash)>) -> Hash {
        let mut changed = leaves;
        for height in 0.. {
            if self.rows.len() <= height {
                self.rows.push(Vec::new());
            }
            let Some(row) = self.rows.get_mut(height) else {
                break;
            };
            for (place, value) in &changed {
                if row.len() <= *place {
                    row.resize(place + 1, ZERO);
                }
                if let Some(slot) = row.get_mut(*place) {
                    *slot = *value;
                }
            }
            if row.len() <= 1 {
                break;
            }
            changed.iter_mut().for_each(|(place, _)| *place /= 2);
            changed.dedup_by_key(|(place, _)| *place);
            for (place, value) in &mut changed {
                *value = match (row.get(*place * 2), row.get(*place * 2 + 1)) {
                    (Some(left), Some(right)) => node(left, right),
                    (Some(lone), None) => *lone,
                    _ => ZERO,
                };
            }
        }
        self.root()
    }

    fn root(&self) -> Hash {
        match self
            .rows
            .iter()
            .find(|row| row.len() == 1)
            .and_then(|row| row.first())
        {
            Some(root) => *root,
            None => hash(&[]),
        }
    }
}
