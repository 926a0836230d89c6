//! Where an index lies on disk, and the file that vouches for it: which runs it consists of, and
//! what part of the journal they reflect. Together they are a generation.
//!
//! What vouches is a keyed hash: whoever can write the files, and has no key, can make an index
//! that is thrown away, but none that is believed. An older generation is as good as a newer one:
//! what it does not reflect is read from the journal.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use record::hash::Hash;
use record::keys::InputMacKey;
use record::positions::Size;

use super::block_cache::BlockCache;
use super::places::Places;
use super::run::{Run, RunId, RunNote, failed, read_text};
use super::run_index::{Ground, RunIndex};
use crate::disk::{Disk, make_dirs, replace};
use crate::index_store::{Extent, IndexError, IndexHome, Made};

/// The key by which a store knows the index that it left.
#[derive(Clone)]
pub struct VouchKey(InputMacKey);

impl std::fmt::Debug for VouchKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VouchKey(..)")
    }
}

impl VouchKey {
    /// From 32 bytes that only the owner of the log's keys can know.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(InputMacKey::from_bytes(bytes))
    }

    fn mac(&self, text: &str) -> String {
        record::b64u::encode(&self.0.mac(text.as_bytes()))
    }

    /// What stands behind a block of an index.
    pub(crate) fn tag(&self, block: &[u8]) -> [u8; 16] {
        let mac = self.0.mac(block);
        let mut tag = [0; 16];
        tag.iter_mut().zip(mac).for_each(|(to, from)| *to = from);
        tag
    }
}

/// What stands in the file that vouches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vouched {
    pub(crate) number: u64,
    pub(crate) extent: Extent,
    /// The oldest first.
    pub(crate) runs: Vec<RunNote>,
}

const TITLE: &str = "sagsspor index 4";

impl Vouched {
    fn body(&self) -> String {
        let Extent {
            segments,
            end,
            newest,
            last,
            lengths,
            size,
            streams,
            erasing,
        } = self.extent;
        let runs = self.runs.iter().map(|note| {
            let RunNote {
                run,
                rows,
                foot,
                len,
                directory,
                digest,
            } = note;
            let (directory, digest) = (directory.to_b64u(), digest.to_b64u());
            format!("{run} {rows} {foot} {len} {directory} {digest}\n")
        });
        format!(
            "{TITLE}\n{}\n{segments} {end} {newest} {size} {streams} {erasing}\n{} {}\n{}",
            self.number,
            last.to_b64u(),
            lengths.to_b64u(),
            runs.collect::<String>()
        )
    }

    fn encode(&self, key: &VouchKey) -> String {
        let body = self.body();
        format!("{body}{}\n", key.mac(&body))
    }

    /// What the file says, and the keyed hash under it.
    pub(crate) fn decode(text: &str) -> Option<(Self, &str)> {
        let (body, mac) = text.strip_suffix('\n')?.rsplit_once('\n')?;
        let mut lines = body.lines();
        let (_, number, numbers) = (lines.next()?, lines.next()?, lines.next()?);
        let (last, lengths) = lines.next()?.split_once(' ')?;
        let mut numbers = numbers.split(' ').map(|number| number.parse::<u64>().ok());
        let mut next = || numbers.next().flatten();
        let extent = Extent {
            segments: u32::try_from(next()?).ok()?,
            end: next()?,
            newest: next()?,
            size: Size::new(next()?),
            streams: next()?,
            erasing: next()?,
            last: hash(last)?,
            lengths: hash(lengths)?,
        };
        let vouched = Self {
            number: number.parse().ok()?,
            extent,
            runs: lines.map(run_note).collect::<Option<_>>()?,
        };
        (format!("{}{mac}\n", vouched.body()) == text).then_some((vouched, mac))
    }
}

fn hash(text: &str) -> Option<Hash> {
    let bytes = record::b64u::decode(text.as_bytes()).ok()?;
    Some(Hash::new(bytes.try_into().ok()?))
}

fn run_note(line: &str) -> Option<RunNote> {
    let mut fields = line.split(' ');
    let mut number = || fields.next()?.parse::<u64>().ok();
    let (run, rows, foot, len) = (number()?, number()?, number()?, number()?);
    let (directory, digest) = (hash(fields.next()?)?, hash(fields.next()?)?);
    Some(RunNote {
        run,
        rows,
        foot,
        len,
        directory,
        digest,
    })
}

/// Puts a generation in force; durable on return.
pub(crate) fn vouch(
    disk: &dyn Disk,
    places: &Places,
    key: &VouchKey,
    vouched: &Vouched,
) -> io::Result<()> {
    replace(disk, &places.index_digest(), vouched.encode(key).as_bytes())
}

/// The file of a run.
pub(crate) fn run_path(places: &Places, number: u64, run: u64) -> PathBuf {
    places.index().join(format!("{number:010}-{run:010}.run"))
}

/// The numbers of index and run in the name of a file.
fn numbers(name: &str) -> Option<(u64, u64)> {
    let (index, run) = name.strip_suffix(".run")?.split_once('-')?;
    Some((index.parse().ok()?, run.parse().ok()?))
}

/// The runs of a generation; checked with its key where there is one.
pub(crate) fn open_runs(
    disk: &dyn Disk,
    places: &Places,
    key: Option<&VouchKey>,
    vouched: &Vouched,
    cache: &Arc<BlockCache>,
) -> Result<Vec<Run>, IndexError> {
    let open = |note: &RunNote| {
        let (index, run) = (vouched.number, note.run);
        let path = run_path(places, index, run);
        Run::open(disk, &path, key, RunId { number: index, run }, *note, cache)
    };
    vouched.runs.iter().map(open).collect()
}

/// The indexes of a journal.
pub(crate) struct DiskHome {
    disk: Arc<dyn Disk>,
    places: Places,
    key: VouchKey,
    /// The index that may be vouched for.
    in_force: Arc<Mutex<u64>>,
}

impl DiskHome {
    pub(crate) fn new(disk: Arc<dyn Disk>, places: Places, key: VouchKey) -> Self {
        Self {
            disk,
            places,
            key,
            in_force: Arc::default(),
        }
    }

    /// The files of all runs, by the numbers of index and run.
    fn files(&self) -> io::Result<Vec<(u64, u64)>> {
        let names = self.disk.list(&self.places.index())?;
        Ok(names.iter().filter_map(|name| numbers(name)).collect())
    }

    fn ground(&self, number: u64) -> Ground {
        Ground {
            disk: Arc::clone(&self.disk),
            places: self.places.clone(),
            key: self.key.clone(),
            number,
            vouched: Arc::clone(&self.in_force),
        }
    }

    /// Lets nothing vouch for any index any more but for this one.
    fn distrust_others(&self, number: u64) -> io::Result<()> {
        let mut newest = self.in_force.lock().unwrap_or_else(PoisonError::into_inner);
        *newest = number;
        match self.disk.remove(&self.places.index_digest()) {
            Ok(()) => self.disk.sync_dir(self.places.dir()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Removes files that no run in force has. What cannot be removed now is removed another time.
    fn remove(&self, gone: impl Fn(u64, u64) -> bool) {
        let files = self.files().unwrap_or_default().into_iter();
        for (index, run) in files.filter(|(index, run)| gone(*index, *run)) {
            let path = run_path(&self.places, index, run);
            if let Err(error) = self.disk.remove(&path) {
                tracing::warn!(%error, path = %path.display(), "a part of an index that is used no more stays for now");
            }
        }
    }

    fn open(&self, vouched: &Vouched) -> Result<Made, IndexError> {
        let cache = Arc::<BlockCache>::default();
        let key = Some(&self.key);
        let runs = open_runs(&*self.disk, &self.places, key, vouched, &cache)?;
        let files = self.files().map_err(failed)?;
        let next_run = files.iter().map(|(_, run)| run + 1).max().unwrap_or(1);
        let number = vouched.number;
        *self.in_force.lock().unwrap_or_else(PoisonError::into_inner) = number;
        // What a process was writing when it was killed.
        self.remove(|index, run| {
            index == number && !vouched.runs.iter().any(|note| note.run == run)
        });
        let (ground, extent) = (self.ground(number), Some(vouched.extent));
        let rows = RunIndex::start(ground, runs, cache, extent, next_run)?;
        Ok(Made {
            number,
            rows: Box::new(rows),
        })
    }
}

impl IndexHome for DiskHome {
    fn begin(&self) -> Result<Made, IndexError> {
        make_dirs(&*self.disk, &self.places.index()).map_err(failed)?;
        let files = self.files().map_err(failed)?;
        let before = *self.in_force.lock().unwrap_or_else(PoisonError::into_inner);
        let numbers = files.iter().map(|(index, _)| *index).chain([before]);
        let number = numbers.max().unwrap_or(0) + 1;
        self.distrust_others(number).map_err(failed)?;
        let cache = Arc::<BlockCache>::default();
        let rows = RunIndex::start(self.ground(number), Vec::new(), cache, None, 1)?;
        Ok(Made {
            number,
            rows: Box::new(rows),
        })
    }

    fn reopen(&self) -> io::Result<Option<(Made, Extent)>> {
        let text = read_text(&*self.disk, &self.places.index_digest())?;
        let text = text.unwrap_or_default();
        let Some((vouched, mac)) = Vouched::decode(&text) else {
            return Ok(None);
        };
        if self.key.mac(&vouched.body()) != mac {
            return Ok(None);
        }
        let made = self
            .open(&vouched)
            .inspect_err(|error| tracing::warn!(%error, "the index that was left is not used"));
        Ok(made.ok().map(|made| (made, vouched.extent)))
    }

    fn keep_only(&self, number: u64) {
        self.remove(|index, _| index != number);
    }
}
