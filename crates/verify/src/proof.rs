//! Proofs of RFC 6962: that an entry stands in a tree, and that a tree grew out of another; and
//! the text form of the first, C2SP tlog-proof.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::note;
use crate::position::{LogIndex, Size};
use crate::tree::{Hash, hash, node};

/// Bytes of a proof's text, its checkpoint included.
pub const BYTES_MAX: u64 = 1 << 20;
/// A tree of 2^64 leaves is not higher.
const PATH_MAX: usize = 64;

/// A proof as it is written, with nothing checked yet.
pub(crate) struct Proof<'a> {
    pub(crate) index: LogIndex,
    pub(crate) path: Vec<Hash>,
    /// The signed checkpoint.
    pub(crate) note: &'a str,
}

/// Reads `c2sp.org/tlog-proof@v1`. Extra data is ignored, because nobody signs it.
pub(crate) fn parse(text: &str) -> Result<Proof<'_>, &'static str> {
    let rest = text
        .strip_prefix("c2sp.org/tlog-proof@v1\n")
        .ok_or("the first line is not c2sp.org/tlog-proof@v1")?;
    let (head, note) = rest.split_once("\n\n").ok_or("there is no checkpoint")?;
    let mut lines = head.split('\n').peekable();
    if let Some(extra) = lines.next_if(|line| line.starts_with("extra ")) {
        extra
            .strip_prefix("extra ")
            .filter(|data| STANDARD.decode(data).is_ok())
            .ok_or("the extra data is not base64")?;
    }
    let index = lines
        .next()
        .and_then(|line| line.strip_prefix("index "))
        .and_then(note::number)
        .map(LogIndex::new);
    let index = index.ok_or("the second line is not the index")?;
    let path = lines
        .map(note::root)
        .collect::<Option<Vec<Hash>>>()
        .ok_or("a line of the path is not 32 bytes in base64")?;
    if path.len() > PATH_MAX {
        return Err("the path is too long");
    }
    Ok(Proof { index, path, note })
}

/// Reads the lines of a consistency proof.
pub(crate) fn parse_lines(text: &str) -> Option<Vec<Hash>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let path = text
        .strip_suffix('\n')
        .unwrap_or(text)
        .split('\n')
        .map(note::root)
        .collect::<Option<Vec<Hash>>>()?;
    (path.len() <= PATH_MAX + 1).then_some(path)
}

/// The root that the path leads to from the entry at that index; none when a log of that size has
/// no such path.
pub(crate) fn root_by_inclusion(
    leaf: Hash,
    index: LogIndex,
    size: Size,
    path: &[Hash],
) -> Option<Hash> {
    root_in_tree(leaf, index.get(), size.get(), path)
}

/// The same in any tree, from a leaf counted from 0.
pub(crate) fn root_in_tree(leaf: Hash, index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut place, mut last, mut root) = (index, size - 1, leaf);
    for sibling in path {
        if last == 0 {
            return None;
        }
        if place % 2 == 1 || place == last {
            root = node(sibling, &root);
            // A node without a sibling at the right edge moves up until it is a right child.
            while place.is_multiple_of(2) && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            root = node(&root, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(root)
}

/// Whether the tree with the first root grew into the one with the second.
pub(crate) fn is_consistent(old: (Size, Hash), new: (Size, Hash), path: &[Hash]) -> bool {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    if old_size.is_empty() || old_size >= new_size {
        return path.is_empty() && (old == new || old == (Size::EMPTY, hash(&[])));
    }
    let (old_size, new_size) = (old_size.get(), new_size.get());
    let mut path = path.iter();
    let (mut place, mut last) = (old_size - 1, new_size - 1);
    while place % 2 == 1 {
        place >>= 1;
        last >>= 1;
    }
    // A full old tree is itself the first node; the proof does not repeat it.
    let first = if old_size.is_power_of_two() {
        Some(&old_root)
    } else {
        path.next()
    };
    let Some(first) = first else { return false };
    let (mut small, mut large) = (*first, *first);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if place % 2 == 1 || place == last {
            small = node(sibling, &small);
            large = node(sibling, &large);
            while place.is_multiple_of(2) && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            large = node(&large, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && small == old_root && large == new_root
}

#[cfg(test)]
mod tests;
