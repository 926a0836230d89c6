//! Proofs over leaves by the definitions of RFC 6962, recursive: not by the algorithms under test.

use crate::tree::{Hash, hash, node};

/// Proofs over leaves, by the definitions of RFC 6962 section 2.1.
pub(crate) struct Leaves(pub(crate) Vec<Hash>);

impl Leaves {
    pub(crate) fn root(&self, from: usize, to: usize) -> Hash {
        match to - from {
            0 => hash(&[]),
            1 => self.0[from],
            size => {
                let left = from + split(size);
                node(&self.root(from, left), &self.root(left, to))
            }
        }
    }

    pub(crate) fn path(&self, index: usize, from: usize, to: usize) -> Vec<Hash> {
        if to - from <= 1 {
            return Vec::new();
        }
        let left = from + split(to - from);
        let (mut path, sibling) = if index < left {
            (self.path(index, from, left), self.root(left, to))
        } else {
            (self.path(index, left, to), self.root(from, left))
        };
        path.push(sibling);
        path
    }

    /// From the tree of `old` leaves to that of `to`.
    pub(crate) fn consistency(&self, old: usize, from: usize, to: usize, whole: bool) -> Vec<Hash> {
        if old == to - from {
            return if whole {
                Vec::new()
            } else {
                vec![self.root(from, to)]
            };
        }
        let left = from + split(to - from);
        let (mut path, sibling) = if old <= left - from {
            (
                self.consistency(old, from, left, whole),
                self.root(left, to),
            )
        } else {
            (
                self.consistency(old - (left - from), left, to, false),
                self.root(from, left),
            )
        };
        path.push(sibling);
        path
    }
}

fn split(size: usize) -> usize {
    size.next_power_of_two() / 2
}
