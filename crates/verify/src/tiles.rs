//! A log that lies in tiles (C2SP tlog-tiles), wherever the files come from.
//!
//! Every file that the size of the checkpoint asks for must be there and have its exact length;
//! every entry must have the hash that stands in the tile of level 0, every hash of an upper tile
//! must be that of the tile below, and all of it must lead to the root of the checkpoint. These
//! rules come first: where one of them is broken, nothing else is reported, whatever an entry says.

use crate::code::{Code, Finding};
use crate::commitments::CommitmentReader;
use crate::note;
use crate::position::{LogIndex, Size};
use crate::source::{LogSource, RawEntry, SourceError};
use crate::tree::{self, Growing, Hash, node};

/// Up to how many entries the ciphertexts lie beside the tiles; no part of tlog-tiles.
pub const BLOBS_SIZE: &str = "blobs/size";
/// Hashes or entries in a full tile.
pub const WIDTH: u64 = 256;

/// Gives the files of a log by their paths.
pub trait Fetch {
    /// Why a file could not be had, other than that there is none.
    type Error: std::error::Error;

    /// The bytes of a file; none when there is no such file.
    ///
    /// # Errors
    /// As the medium reports.
    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, Self::Error>;
}

/// A number in groups of three digits, all but the last behind an `x`.
fn groups(number: u64) -> String {
    let mut groups = vec![format!("{:03}", number % 1_000)];
    let mut rest = number / 1_000;
    while rest > 0 {
        groups.push(format!("x{:03}", rest % 1_000));
        rest /= 1_000;
    }
    groups.reverse();
    groups.join("/")
}

/// The path of a tile: of hashes of a level, or of entries where no level is given.
#[must_use]
pub fn path(level: Option<u32>, index: u64, width: u64) -> String {
    let level = level.map_or_else(|| "entries".to_owned(), |level| level.to_string());
    let partial = if width < WIDTH {
        format!(".p/{width}")
    } else {
        String::new()
    };
    format!("tile/{level}/{}{partial}", groups(index))
}

/// Whether a log of that size has all that the tile at a path holds; no for every other path.
#[must_use]
pub fn is_within(path: &str, size: Size) -> bool {
    let parse = || {
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let level = if level == "entries" {
            None
        } else {
            Some(level.parse().ok()?)
        };
        let (index, held) = match rest.split_once(".p/") {
            Some((index, held)) => (
                index,
                held.parse().ok().filter(|held| (1..WIDTH).contains(held))?,
            ),
            None => (rest, WIDTH),
        };
        let number = |number: u64, group: &str| {
            number
                .checked_mul(1_000)?
                .checked_add(group.strip_prefix('x').unwrap_or(group).parse().ok()?)
        };
        Some((level, index.split('/').try_fold(0, number)?, held))
    };
    parse().is_some_and(|(level, index, held)| {
        self::path(level, index, held) == path && width(level.unwrap_or(0), index, size) >= held
    })
}

/// The path of a ciphertext beside the tiles: no part of tlog-tiles.
#[must_use]
pub fn blob_path(index: LogIndex, part: u64) -> String {
    format!("blobs/{}/{part}", groups(index.get()))
}

/// Reads a tile of hashes; none when it does not have exactly that many.
#[must_use]
pub fn parse_hashes(bytes: &[u8], width: u64) -> Option<Vec<[u8; 32]>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    (rest.is_empty() && hashes.len() as u64 == width).then(|| hashes.to_vec())
}

/// Reads a bundle of entries; none when it does not have exactly that many, or anything besides.
#[must_use]
pub fn parse_entries(bytes: &[u8], width: u64) -> Option<Vec<&[u8]>> {
    let mut rest = bytes;
    let mut entries = Vec::new();
    for _ in 0..width.min(WIDTH) {
        let (length, behind) = rest.split_first_chunk::<2>()?;
        let (entry, behind) = behind.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry);
        rest = behind;
    }
    (rest.is_empty() && entries.len() as u64 == width).then_some(entries)
}

/// How many hashes of a level, or entries, the tile has in a log of that size.
fn width(level: u32, index: u64, size: Size) -> u64 {
    let complete = size.get().checked_shr(8 * level).unwrap_or(0);
    complete
        .saturating_sub(index.saturating_mul(WIDTH))
        .min(WIDTH)
}

fn subtree(hashes: &[Hash]) -> Hash {
    let mut tree = Growing::default();
    hashes.iter().for_each(|hash| tree.add(*hash));
    tree.root()
}

/// A log in tiles, up to a checkpoint.
pub struct TileLog<F> {
    fetch: F,
    size: Size,
    root: Hash,
    blobs: bool,
}

/// Hears of the place and the bytes of an entry.
type Each<'a, E> = &'a mut dyn FnMut(LogIndex, &[u8]) -> Result<(), SourceError<E>>;

/// What the tiles of each level must hold, as far as they were read: those that are full have gone
/// into the level above.
#[derive(Default)]
struct Rows(Vec<Vec<Hash>>);

impl<F: Fetch> TileLog<F> {
    /// A log up to a checkpoint whose signature was checked: see
    /// [`Auditor::expected`](crate::audit::Auditor::expected).
    pub const fn new(fetch: F, size: Size, root: [u8; 32]) -> Self {
        Self {
            fetch,
            size,
            root,
            blobs: false,
        }
    }

    /// Hands the ciphertexts out as well. They are no part of tlog-tiles; see
    /// [`TileLog::check_blobs`].
    #[must_use]
    pub fn with_blobs(self) -> Self {
        Self {
            blobs: true,
            ..self
        }
    }

    /// Checks that `blobs/size` announces the ciphertexts up to the checkpoint. An auditor who
    /// wants ciphertexts compared asks for it: otherwise whoever serves the tiles could leave them
    /// out.
    ///
    /// # Errors
    /// [`Code::TileMissing`] when there is no `blobs/size`; [`Code::TileFormat`] when it is not a
    /// number; [`Code::BlobMissing`] when the ciphertexts end before the checkpoint;
    /// [`SourceError::Read`] when it cannot be fetched.
    pub fn check_blobs(&self) -> Result<(), SourceError<F::Error>> {
        let wrong = |code, what: String| Err(Finding::of(code, what).into());
        let Some(told) = self.fetch.fetch(BLOBS_SIZE).map_err(SourceError::Read)? else {
            let what = format!(
                "{BLOBS_SIZE}: tiles that were made without ciphertexts must be audited as such"
            );
            return wrong(Code::TileMissing, what);
        };
        let told = std::str::from_utf8(&told)
            .ok()
            .and_then(|text| note::number(text.strip_suffix('\n')?))
            .map(Size::new);
        match told {
            None => wrong(Code::TileFormat, BLOBS_SIZE.to_owned()),
            Some(size) if size < self.size => wrong(
                Code::BlobMissing,
                format!(
                    "{BLOBS_SIZE}: the ciphertexts end at {size} of {} entries",
                    self.size
                ),
            ),
            Some(_) => Ok(()),
        }
    }

    /// A file that must be there, or the full one that took the place of a partial one.
    fn file(
        &self,
        level: Option<u32>,
        index: u64,
        width: u64,
    ) -> Result<(String, Vec<u8>, u64), SourceError<F::Error>> {
        let name = path(level, index, width);
        if let Some(bytes) = self.fetch.fetch(&name).map_err(SourceError::Read)? {
            return Ok((name, bytes, width));
        }
        let full = path(level, index, WIDTH);
        match self.fetch.fetch(&full).map_err(SourceError::Read)? {
            Some(bytes) => Ok((full, bytes, WIDTH)),
            None => Err(Finding::of(Code::TileMissing, name).into()),
        }
    }

    fn hashes(&self, level: u32, index: u64) -> Result<Vec<Hash>, SourceError<F::Error>> {
        let width = width(level, index, self.size);
        let (name, bytes, held) = self.file(Some(level), index, width)?;
        let mut hashes =
            parse_hashes(&bytes, held).ok_or_else(|| Finding::of(Code::TileFormat, name))?;
        hashes.truncate(usize::try_from(width).unwrap_or(usize::MAX));
        Ok(hashes)
    }

    /// One bundle, compared with the hashes that its entries must have.
    fn bundle(
        &self,
        index: u64,
        rows: &mut Rows,
        each: Each<'_, F::Error>,
    ) -> Result<(), SourceError<F::Error>> {
        let width = width(0, index, self.size);
        let (name, bytes, held) = self.file(None, index, width)?;
        let entries =
            parse_entries(&bytes, held).ok_or_else(|| Finding::of(Code::TileFormat, name))?;
        let hashes = self.hashes(0, index)?;
        let first = LogIndex::new(index * WIDTH);
        for ((place, entry), hash) in first.and_behind().zip(&entries).zip(&hashes) {
            if tree::leaf(entry) != *hash {
                return Err(Finding::at(Code::TileLeaf, place, path(Some(0), index, width)).into());
            }
        }
        for ((place, entry), _) in first.and_behind().zip(&entries).zip(&hashes) {
            each(place, entry)?;
        }
        self.raise(rows, 0, index, hashes)
    }

    /// Takes the hashes of a tile in; when it is full, its root must stand in the level above.
    fn raise(
        &self,
        rows: &mut Rows,
        level: u32,
        index: u64,
        hashes: Vec<Hash>,
    ) -> Result<(), SourceError<F::Error>> {
        let (mut level, mut index, mut hashes) = (level, index, hashes);
        loop {
            let place = usize::try_from(level).unwrap_or(usize::MAX);
            if rows.0.len() <= place {
                rows.0.push(Vec::new());
            }
            let full = hashes.len() as u64 == WIDTH;
            let root = subtree(&hashes);
            if let Some(row) = rows.0.get_mut(place) {
                *row = if full { Vec::new() } else { hashes };
            }
            if !full {
                return Ok(());
            }
            level += 1;
            let Some(above) = rows.0.get_mut(place + 1) else {
                rows.0.push(vec![root]);
                return Ok(());
            };
            above.push(root);
            if (above.len() as u64) < WIDTH {
                return Ok(());
            }
            index /= WIDTH;
            let expected = std::mem::take(above);
            if self.hashes(level, index)? != expected {
                return Err(Finding::of(Code::TileLevel, path(Some(level), index, WIDTH)).into());
            }
            hashes = expected;
        }
    }

    /// The rows as they are in front of a bundle, from the tiles themselves.
    fn rows_at(&self, bundle: u64) -> Result<Rows, SourceError<F::Error>> {
        let mut rows = Rows(vec![Vec::new()]);
        let mut complete = bundle;
        for level in 1.. {
            if complete == 0 {
                break;
            }
            let mut row = Vec::new();
            let kept = usize::try_from(complete % WIDTH).unwrap_or(0);
            if kept > 0 {
                row = self.hashes(level, complete / WIDTH)?;
                row.truncate(kept);
            }
            rows.0.push(row);
            complete /= WIDTH;
        }
        Ok(rows)
    }

    /// The tiles at the right edge, and the root.
    fn close(&self, rows: &Rows) -> Result<(), SourceError<F::Error>> {
        let mut tree = Growing::default();
        let rows: Vec<(u32, &Vec<Hash>)> = (0..)
            .zip(&rows.0)
            .filter(|(_, row)| !row.is_empty())
            .collect();
        for (level, row) in rows.into_iter().rev() {
            let index = self.size.get().checked_shr(8 * level + 8).unwrap_or(0);
            if level > 0 && self.hashes(level, index)? != *row {
                return Err(Finding::of(
                    Code::TileLevel,
                    path(Some(level), index, row.len() as u64),
                )
                .into());
            }
            row.iter().for_each(|hash| tree.add_at(8 * level, *hash));
        }
        if tree.root() == self.root {
            Ok(())
        } else {
            Err(Finding::of(Code::Root, format!("at size {}", self.size)).into())
        }
    }

    /// The ciphertexts of an entry, as many as it commits to.
    fn blobs_of(
        &self,
        reader: &mut CommitmentReader,
        place: LogIndex,
        entry: &[u8],
    ) -> Result<Vec<Option<Vec<u8>>>, SourceError<F::Error>> {
        let parts = reader.read(entry).map_or(0, |said| said.blobs.len() as u64);
        (0..parts)
            .map(|part| {
                self.fetch
                    .fetch(&blob_path(place, part))
                    .map_err(SourceError::Read)
            })
            .collect()
    }

    /// Hash of a complete subtree, from the tile that holds what it is made of.
    fn subtree_at(&self, height: u32, index: u64) -> Result<Hash, SourceError<F::Error>> {
        let (level, inner) = (height / 8, height % 8);
        let first = index << inner;
        let hashes = self.hashes(level, first / WIDTH)?;
        let begin = usize::try_from(first % WIDTH).unwrap_or(usize::MAX);
        let part = hashes.get(begin..begin.saturating_add(1 << inner));
        part.map(subtree).ok_or_else(|| {
            Finding::of(
                Code::TileFormat,
                path(Some(level), first / WIDTH, hashes.len() as u64),
            )
            .into()
        })
    }
}

impl<F: Fetch> LogSource for TileLog<F> {
    type Error = F::Error;

    fn for_each(
        &self,
        visit: &mut dyn FnMut(RawEntry<'_>) -> Result<(), Finding>,
    ) -> Result<(), SourceError<F::Error>> {
        self.for_each_from(LogIndex::FIRST, visit)
    }

    fn for_each_from(
        &self,
        first: LogIndex,
        visit: &mut dyn FnMut(RawEntry<'_>) -> Result<(), Finding>,
    ) -> Result<(), SourceError<F::Error>> {
        let begin = first.get().min(self.size.get()) / WIDTH;
        let mut rows = self.rows_at(begin)?;
        let mut reader = CommitmentReader::default();
        // As `tells_last` says.
        let mut later = None;
        for index in begin..self.size.get().div_ceil(WIDTH) {
            self.bundle(index, &mut rows, &mut |place, entry| {
                if later.is_some() || place < first {
                    return Ok(());
                }
                let blobs = if self.blobs {
                    self.blobs_of(&mut reader, place, entry)?
                } else {
                    Vec::new()
                };
                let blobs: Vec<Option<&[u8]>> = blobs.iter().map(Option::as_deref).collect();
                later = visit(RawEntry {
                    index: place,
                    bytes: entry,
                    blobs: &blobs,
                })
                .err();
                Ok(())
            })?;
        }
        self.close(&rows)?;
        later.map_or(Ok(()), |finding| Err(finding.into()))
    }

    /// A finding about an entry is told only when all tiles are in order.
    fn tells_last(&self) -> bool {
        true
    }

    fn past(&self, size: Size) -> Result<Option<[u8; 32]>, SourceError<F::Error>> {
        if size > self.size {
            return Ok(None);
        }
        let size = size.get();
        let mut end = size;
        let mut root = None;
        for height in (0..u64::BITS).filter(|height| size >> height & 1 == 1) {
            end -= 1 << height;
            let left = self.subtree_at(height, end >> height)?;
            root = Some(root.map_or(left, |right| node(&left, &right)));
        }
        Ok(root)
    }
}
