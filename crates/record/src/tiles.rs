//! The log as files that never change (C2SP tlog-tiles): 256 hashes or 256 entries each.
//!
//! Tile `n` of level `l` holds the roots of the complete subtrees of height `8 l` from `256 n` on;
//! an entry bundle holds the entries under a tile of level 0. The newest tile of a level is
//! partial, and its name tells its width. Where the files lie is the caller's business.

use crate::hash::Hash;
use crate::merkle::{Frontier, Nodes};
use crate::positions::{LogIndex, Size};

/// Hashes or entries in a full tile.
pub const WIDTH: u16 = 256;
/// The highest level that has a name.
pub const LEVEL_MAX: u8 = 5;
/// Bytes of a hash.
const HASH_BYTES: usize = 32;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Content {
    /// Entries.
    Entries,
    /// Hashes of this level; leaves are level 0.
    Hashes(u8),
}

/// The name of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tile {
    /// What it holds.
    pub content: Content,
    /// Its place in its level.
    pub index: u64,
    /// How many it holds, 1 to 256.
    pub width: u16,
}

impl Tile {
    const fn level(&self) -> u8 {
        match self.content {
            Content::Entries => 0,
            Content::Hashes(level) => level,
        }
    }

    /// Whether nothing can be added to it.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.width == WIDTH
    }

    /// Index of the first entry, or of the first subtree of its level, in it.
    #[must_use]
    pub const fn first(&self) -> u64 {
        self.index * WIDTH as u64
    }

    /// Whether a log of that size has all that it holds.
    #[must_use]
    pub fn is_within(&self, size: Size) -> bool {
        let complete = size.get() >> (8 * u32::from(self.level()));
        self.index
            .checked_mul(u64::from(WIDTH))
            .and_then(|first| first.checked_add(u64::from(self.width)))
            .is_some_and(|end| end <= complete)
    }

    /// Its path: `tile/<level>/<index>`, `tile/entries/<index>`; the index in groups of three
    /// digits, all but the last behind an `x`; a partial one ends in `.p/<width>`.
    #[must_use]
    pub fn path(&self) -> String {
        let level = match self.content {
            Content::Entries => "entries".to_owned(),
            Content::Hashes(level) => level.to_string(),
        };
        let partial = if self.is_full() {
            String::new()
        } else {
            format!(".p/{}", self.width)
        };
        format!("tile/{level}/{}{partial}", groups(self.index))
    }

    /// Reads a path; null when it is not one that [`Tile::path`] writes.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let content = if level == "entries" {
            Content::Entries
        } else {
            Content::Hashes(level.parse().ok().filter(|l| *l <= LEVEL_MAX)?)
        };
        let (index, width) = match rest.split_once(".p/") {
            None => (rest, WIDTH),
            Some((index, width)) => (
                index,
                width
                    .parse()
                    .ok()
                    .filter(|width| (1..WIDTH).contains(width))?,
            ),
        };
        let tile = Self {
            content,
            index: number(index)?,
            width,
        };
        (tile.path() == path).then_some(tile)
    }
}

/// A number in groups of three digits: `x001/x234/067`.
#[must_use]
pub fn groups(number: u64) -> String {
    let mut text = format!("{:03}", number % 1_000);
    let mut rest = number / 1_000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1_000);
        rest /= 1_000;
    }
    text
}

/// Reads groups, which may be others than [`groups`] would write.
fn number(groups: &str) -> Option<u64> {
    groups.split('/').try_fold(0_u64, |number, group| {
        let digits = group.strip_prefix('x').unwrap_or(group);
        number.checked_mul(1_000)?.checked_add(digits.parse().ok()?)
    })
}

/// Reads the path of a ciphertext: index of its entry, and part; null when it is not one that
/// [`blob_path`] writes.
#[must_use]
pub fn parse_blob_path(path: &str) -> Option<(LogIndex, u16)> {
    let (index, part) = path.strip_prefix("blobs/")?.rsplit_once('/')?;
    let (index, part) = (LogIndex::new(number(index)?), part.parse().ok()?);
    (blob_path(index, usize::from(part)) == path).then_some((index, part))
}

/// The path of a ciphertext in an export: not part of tlog-tiles.
#[must_use]
pub fn blob_path(index: LogIndex, part: usize) -> String {
    format!("blobs/{}/{part}", groups(index.get()))
}

/// The bytes of a tile of hashes.
///
/// # Errors
/// As the nodes report.
pub fn hash_tile<N: Nodes>(
    nodes: &N,
    level: u8,
    index: u64,
    width: u16,
) -> Result<Vec<u8>, N::Error> {
    let first = index.saturating_mul(u64::from(WIDTH));
    let mut bytes = Vec::with_capacity(usize::from(width) * HASH_BYTES);
    for place in 0..u64::from(width) {
        bytes.extend_from_slice(
            nodes
                .node(level.saturating_mul(8), first.saturating_add(place))?
                .as_bytes(),
        );
    }
    Ok(bytes)
}

/// An entry of more than 65,535 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an entry of {0} bytes does not fit into a bundle")]
pub struct EntryTooLong(pub usize);

/// Adds an entry to the bytes of a bundle: its length in 16 bits, big-endian, and its bytes.
///
/// # Errors
/// [`EntryTooLong`] above 65,535 bytes.
pub fn add_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), EntryTooLong> {
    let length = u16::try_from(entry.len()).map_err(|_| EntryTooLong(entry.len()))?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// Makes the tiles of hashes of a log, leaf by leaf. It holds one tile for each level.
#[derive(Debug, Clone, Default)]
pub struct TileBuilder {
    rows: Vec<Row>,
}

#[derive(Debug, Clone, Default)]
struct Row {
    index: u64,
    hashes: Vec<Hash>,
}

impl Row {
    fn bytes(&self) -> Vec<u8> {
        self.hashes
            .iter()
            .flat_map(|hash| *hash.as_bytes())
            .collect()
    }
}

impl TileBuilder {
    /// Adds a leaf hash; `full` is handed every tile that is full now.
    pub fn push(&mut self, leaf: Hash, full: &mut dyn FnMut(Tile, Vec<u8>)) {
        let mut hash = leaf;
        for level in 0.. {
            if self.rows.len() <= usize::from(level) {
                self.rows.push(Row::default());
            }
            let Some(row) = self.rows.get_mut(usize::from(level)) else {
                return;
            };
            row.hashes.push(hash);
            if row.hashes.len() < usize::from(WIDTH) {
                return;
            }
            full(
                Tile {
                    content: Content::Hashes(level),
                    index: row.index,
                    width: WIDTH,
                },
                row.bytes(),
            );
            let mut subtree = Frontier::new();
            row.hashes.drain(..).for_each(|hash| subtree.push(hash));
            row.index += 1;
            hash = subtree.root();
        }
    }

    /// The tiles that are not full.
    #[must_use]
    pub fn partial(&self) -> Vec<(Tile, Vec<u8>)> {
        let rows = (0..)
            .zip(&self.rows)
            .filter(|(_, row)| !row.hashes.is_empty());
        rows.map(|(level, row)| {
            let width = u16::try_from(row.hashes.len()).unwrap_or(WIDTH);
            (
                Tile {
                    content: Content::Hashes(level),
                    index: row.index,
                    width,
                },
                row.bytes(),
            )
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::merkle::{MemoryTree, leaf_hash};

    #[test]
    fn paths_are_those_of_the_specification() {
        let path = |content, index, width| {
            Tile {
                content,
                index,
                width,
            }
            .path()
        };
        assert_eq!(
            path(Content::Hashes(0), 1_234_067, 256),
            "tile/0/x001/x234/067"
        );
        assert_eq!(path(Content::Hashes(3), 0, 8), "tile/3/000.p/8");
        assert_eq!(
            path(Content::Entries, 1_000, 255),
            "tile/entries/x001/000.p/255"
        );
        for (content, index, width) in [
            (Content::Entries, 0, 1),
            (Content::Hashes(5), 999, 256),
            (Content::Hashes(1), 1_000_000, 17),
        ] {
            let tile = Tile {
                content,
                index,
                width,
            };
            assert_eq!(Tile::parse(&tile.path()), Some(tile));
        }
        for bad in [
            "tile/0/0",
            "tile/00/000",
            "tile/6/000",
            "tile/-1/000",
            "tile/0/x000/001",
            "tile/0/001/000",
            "tile/0/x001",
            "tile/0/000.p/256",
            "tile/0/000.p/0",
            "tile/0/000.p/01",
            "tile/0/000.p/+1",
            "tile/0/+01",
            "tile/0/x001/x002/",
            "tile/0/000/",
            "/tile/0/000",
            "tile/entries/../000",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(Tile::parse(bad), None, "{bad}");
        }
        assert_eq!(
            blob_path(LogIndex::new(1_234_067), 3),
            "blobs/x001/x234/067/3"
        );
        assert_eq!(
            parse_blob_path("blobs/x001/x234/067/3"),
            Some((LogIndex::new(1_234_067), 3))
        );
        for bad in [
            "blobs/size",
            "blobs/000",
            "blobs/0/0",
            "blobs/000/00",
            "blobs/000/+1",
            "blobs/000/65536",
            "blobs/x000/001/0",
            "blobs/../0",
        ] {
            assert_eq!(parse_blob_path(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_built_tile_is_the_one_that_the_tree_gives() {
        let (mut tree, mut builder, mut tiles) =
            (MemoryTree::new(), TileBuilder::default(), BTreeMap::new());
        for number in 0..66_000_u64 {
            let leaf = leaf_hash(&number.to_be_bytes());
            tree.push(leaf);
            builder.push(leaf, &mut |tile, bytes| {
                assert!(tiles.insert(tile, bytes).is_none())
            });
        }
        tiles.extend(builder.partial());
        assert_eq!(
            tiles.len(),
            257 + 1 + 3,
            "full ones on two levels, a partial one on each of three"
        );
        for (tile, bytes) in &tiles {
            let Content::Hashes(level) = tile.content else {
                panic!("hashes only")
            };
            assert_eq!(
                hash_tile(&tree, level, tile.index, tile.width).unwrap(),
                *bytes,
                "{}",
                tile.path()
            );
            assert!(tile.is_within(Size::new(66_000)));
            assert!(
                tile.is_full()
                    || !Tile {
                        width: tile.width + 1,
                        ..*tile
                    }
                    .is_within(Size::new(66_000))
            );
        }
        assert!(
            !Tile {
                content: Content::Hashes(2),
                index: 0,
                width: 2
            }
            .is_within(Size::new(66_000))
        );
        assert!(
            !Tile {
                content: Content::Entries,
                index: u64::MAX,
                width: 2
            }
            .is_within(Size::new(66_000))
        );
    }

    #[test]
    fn a_bundle_counts_every_entry() {
        let mut bundle = Vec::new();
        add_entry(&mut bundle, b"ab").unwrap();
        add_entry(&mut bundle, &[7; 65_535]).unwrap();
        assert_eq!(
            add_entry(&mut bundle, &[7; 65_536]),
            Err(EntryTooLong(65_536))
        );
        assert_eq!(bundle.len(), 2 + 2 + 2 + 65_535);
        assert_eq!(bundle[..6], [0, 2, b'a', b'b', 0xff, 0xff]);
    }
}
