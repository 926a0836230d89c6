//! Opening a log: what the journal holds, what of it counts, and an index that reflects it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::growing::Growing;
use super::index::{Index, IndexError, Tenant};
use super::log::{IndexKind, Options};
use super::paged::Paged;
use super::places::Places;
use super::segment::{self, SEGMENT_HEADER, Segment};
use super::state::{State, Tally};
use super::{OpenError, OpenReport};
use crate::disk::{Disk, write_new};
use crate::log_store::StoredCheckpoint;

/// Hears of bytes done and bytes to do.
pub(crate) type Progress<'a> = &'a mut dyn FnMut(u64, u64);

pub(crate) struct Opened {
    pub(crate) state: State,
    pub(crate) tail: Growing,
    pub(crate) report: OpenReport,
}

/// What a clean shutdown leaves beside the index.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seal {
    pub(crate) digest: String,
    segments: u32,
    end: u64,
    pub(crate) size: u64,
    pub(crate) streams: u64,
    pub(crate) erasing: u64,
}

fn index_error(places: &Places) -> impl Fn(IndexError) -> OpenError + '_ {
    |error| OpenError::Index { dir: places.index(), what: error.0 }
}

pub(crate) fn open(
    disk: &dyn Disk,
    places: &Places,
    options: &Options,
    checkpoint: Option<StoredCheckpoint>,
    progress: Progress<'_>,
) -> Result<Opened, OpenError> {
    let numbers = segment::numbers(disk, places)?;
    let mut segments = Vec::with_capacity(numbers.len());
    for number in &numbers {
        segments.push(Segment::open(disk, places, *number, true)?);
    }
    if segments.is_empty() {
        if checkpoint.is_some() {
            let file = places.segment(0);
            return Err(OpenError::Corrupt { file, offset: 0, what: "the journal is missing although there is a checkpoint" });
        }
        segments.push(begin_segment(disk, places, 0, 0).map_err(OpenError::io(&places.segment(0)))?);
    }
    if let Some(opened) = open_sealed(places, options, &segments, checkpoint.clone())? {
        return Ok(opened);
    }
    let index = fresh_index(places, options.tenant, options.index)?;
    let mut state = State { index, paged: Paged::default(), segments, tally: Tally::default(), checkpoint };
    let (end, cut) = read_journal(&mut state, places, progress)?;
    let cut_bytes = match cut {
        Some(bytes) => cut_tail(&state, end, bytes)?,
        None => 0,
    };
    let report = OpenReport { cut_bytes, rebuilt: state.tally.size > 0 };
    let tail = tail_of(&state, end.max(SEGMENT_HEADER), places)?;
    Ok(Opened { state, tail, report })
}

/// The end of the last segment; what an unclean stop left filled ahead is cut off first.
fn tail_of(state: &State, end: u64, places: &Places) -> Result<Growing, OpenError> {
    let path = places.journal();
    let last = state.segments.last().ok_or_else(|| OpenError::io(&path)(io::ErrorKind::NotFound.into()))?;
    let mut tail = Growing::new(Arc::clone(&last.file), end);
    if last.file.len().map_err(OpenError::io(&last.path))? > end {
        tail.trim().map_err(OpenError::io(&last.path))?;
    }
    Ok(tail)
}

/// Makes the index anew while the log is open.
pub(crate) fn remake(disk: &dyn Disk, places: &Places, tenant: Tenant, kind: IndexKind, state: &mut State) -> Result<(), OpenError> {
    // The old index must let go of its files before they are removed.
    let old = std::mem::replace(&mut state.index, Index::memory(tenant));
    drop(old);
    state.index = fresh_index(places, tenant, kind)?;
    state.tally = Tally::default();
    state.paged = Paged::default();
    let numbers = segment::numbers(disk, places)?;
    state.segments = numbers.iter().map(|number| Segment::open(disk, places, *number, true)).collect::<Result<_, _>>()?;
    let (end, cut) = read_journal(state, places, &mut |_, _| {})?;
    match (cut, state.segments.last()) {
        (Some(_), Some(last)) => Err(last.corrupt(end, "the journal ends in bytes that are no frame")),
        _ => Ok(()),
    }
}

/// Reads every frame into the index. Answers where the last segment ends, and how many bytes
/// behind that are a torn frame.
fn read_journal(state: &mut State, places: &Places, progress: Progress<'_>) -> Result<(u64, Option<u64>), OpenError> {
    let checkpointed = state.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.size);
    let segments = state.segments.clone();
    let mut total = 0;
    for segment in &segments {
        total += segment.file.len().map_err(OpenError::io(&segment.path))?;
    }
    let (mut next, mut done, mut outcome) = (0, 0, (0, None));
    for (place, segment) in segments.iter().enumerate() {
        let end = segment.scan(&mut next, &mut |placed| {
            let rows = state.absorb(&placed.frame, &placed.places, segment.number, placed.offset);
            progress(done + placed.offset, total);
            state.index.put(rows).map_err(index_error(places))
        })?;
        let cut = segment.judge(end, place + 1 == segments.len(), next, checkpointed)?;
        done += end.len;
        outcome = (end.offset, cut);
    }
    progress(total, total);
    if next < checkpointed {
        return Err(OpenError::RolledBack { file: places.checkpoint(), known: checkpointed, held: next });
    }
    Ok(outcome)
}

fn cut_tail(state: &State, end: u64, bytes: u64) -> Result<u64, OpenError> {
    let Some(last) = state.segments.last() else { return Ok(0) };
    let cut = || -> io::Result<()> {
        last.file.truncate(end)?;
        if end < SEGMENT_HEADER {
            last.file.truncate(0)?;
            last.file.write_all_at(&segment::header(state.tally.size), 0)?;
        }
        last.file.sync_data()
    };
    cut().map_err(OpenError::io(&last.path))?;
    Ok(bytes)
}

/// Begins a segment; durable on return.
pub(crate) fn begin_segment(disk: &dyn Disk, places: &Places, number: u32, first: u64) -> io::Result<Segment> {
    let path = places.segment(number);
    let file = write_new(disk, &path, &segment::header(first))?;
    disk.sync_dir(&places.journal())?;
    Ok(Segment { number, path, file })
}

fn fresh_index(places: &Places, tenant: Tenant, kind: IndexKind) -> Result<Index, OpenError> {
    if kind == IndexKind::Memory {
        return Ok(Index::memory(tenant));
    }
    remove_index(places)?;
    Index::sled(tenant, &places.index()).map_err(index_error(places))
}

fn remove_index(places: &Places) -> Result<(), OpenError> {
    match fs::remove_dir_all(places.index()) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(OpenError::io(&places.index())(error)),
        _ => Ok(()),
    }
}

/// Uses the index as it lies there, if a clean shutdown left it and nothing has changed since.
/// The seal is broken first, so that an unclean stop is never taken for a clean one.
fn open_sealed(
    places: &Places,
    options: &Options,
    segments: &[Segment],
    checkpoint: Option<StoredCheckpoint>,
) -> Result<Option<Opened>, OpenError> {
    if options.index != IndexKind::Sled {
        // An index in memory leaves the one on disk and its seal alone.
        return Ok(None);
    }
    let path = places.index_digest();
    let Ok(text) = fs::read_to_string(&path) else { return Ok(None) };
    fs::remove_file(&path).map_err(OpenError::io(&path))?;
    fs::File::open(places.dir()).and_then(|dir| dir.sync_all()).map_err(OpenError::io(places.dir()))?;
    let (Some(seal), Some(last)) = (Seal::decode(&text), segments.last()) else { return Ok(None) };
    let same = digest(&places.index()).is_ok_and(|digest| digest == seal.digest);
    if !same || u32::try_from(segments.len()).ok() != Some(seal.segments) {
        return Ok(None);
    }
    let Ok(mut next) = last.first() else { return Ok(None) };
    let end = last.scan(&mut next, &mut |_| Ok(()))?;
    if end.bad.is_some() || end.offset != seal.end || next != seal.size || checkpoint.as_ref().is_some_and(|c| c.size > seal.size) {
        return Ok(None);
    }
    let Ok(index) = Index::sled(options.tenant, &places.index()) else { return Ok(None) };
    let tally = Tally { size: seal.size, streams: seal.streams, erasing: seal.erasing, edge: Vec::new() };
    let Ok(Some(paged)) = Paged::restore(&index, seal.size, seal.streams) else { return Ok(None) };
    let mut state = State { index, paged, segments: segments.to_vec(), tally, checkpoint };
    if !restore_edge(&mut state) {
        return Ok(None);
    }
    let tail = tail_of(&state, end.offset, places)?;
    Ok(Some(Opened { state, tail, report: OpenReport::default() }))
}

/// The right edge of the tree, from the nodes in the index.
fn restore_edge(state: &mut State) -> bool {
    let mut begin = 0_u64;
    let mut edge = Vec::new();
    for level in (0..64_u8).rev().filter(|level| state.tally.size >> level & 1 == 1) {
        match state.node(level, begin >> level) {
            Ok(hash) => edge.push((level, hash)),
            Err(_) => return false,
        }
        begin += 1 << level;
    }
    state.tally.edge = edge;
    true
}

/// Closes the index and leaves the seal.
pub(crate) fn close(places: &Places, kind: IndexKind, tenant: Tenant, state: &mut State, end: u64) -> io::Result<()> {
    let rest = state.paged.rest(&state.index);
    state.index.put(rest).map_err(io::Error::other)?;
    let index = std::mem::replace(&mut state.index, Index::memory(tenant));
    index.close().map_err(io::Error::other)?;
    if kind == IndexKind::Memory {
        return Ok(());
    }
    let seal = Seal {
        digest: digest(&places.index())?,
        segments: u32::try_from(state.segments.len()).unwrap_or(0),
        end,
        size: state.tally.size,
        streams: state.tally.streams,
        erasing: state.tally.erasing,
    };
    fs::write(places.index_digest(), seal.encode())
}

impl Seal {
    fn encode(&self) -> String {
        let Self { digest, segments, end, size, streams, erasing } = self;
        format!("sagsspor index 1\n{digest}\n{segments} {end} {size} {streams} {erasing}\n")
    }

    pub(crate) fn decode(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (_, digest, numbers) = (lines.next()?, lines.next()?, lines.next()?);
        let mut numbers = numbers.split(' ').map(|number| number.parse::<u64>().ok());
        let mut next = || numbers.next().flatten();
        let seal = Self {
            digest: digest.to_owned(),
            segments: u32::try_from(next()?).ok()?,
            end: next()?,
            size: next()?,
            streams: next()?,
            erasing: next()?,
        };
        (seal.encode() == text).then_some(seal)
    }
}

/// A hash over the names and the content of all files of a folder.
pub(crate) fn digest(dir: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut folders = vec![dir.to_owned()];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() { folders.push(entry.path()) } else { files.push(entry.path()) }
        }
    }
    files.sort();
    for path in files {
        let mut file = fs::File::open(&path)?;
        hasher.update(path.strip_prefix(dir).unwrap_or(&path).as_os_str().as_encoded_bytes());
        hasher.update([0]);
        hasher.update(file.metadata()?.len().to_be_bytes());
        io::copy(&mut file, &mut HashWriter(&mut hasher))?;
    }
    Ok(record::b64u::encode(&hasher.finalize()))
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
