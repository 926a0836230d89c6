//! What a journal holds: read into an index, and into what memory knows besides.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use record::commands::CommandJudge;
use record::hash::Hash;
use record::outline::Outline;
use record::positions::{LogIndex, Size};
use record::signing::PublicKey;

use super::generation::{leads_to, restored};
use super::growing::Growing;
use super::index::{Index, Tenant};
use super::options::Options;
use super::places::Places;
use super::segment::{self, End, FrameAt, PlacedFrame, SEGMENT_HEADER, Segment};
use super::state::{Derived, Reflected, State, is_front, leaves};
use crate::backend::opening::{OpenError, OpenReport};
use crate::backend::view::UNPROVEN;
use crate::disk::{Disk, write_new};
use crate::index_store::{Extent, IndexError, IndexHome};
use crate::log_store::StoredCheckpoint;

/// Hears of bytes done and bytes to do.
pub(crate) type Progress<'a> = &'a mut dyn FnMut(u64, u64);

pub(crate) struct Opened {
    pub(crate) state: State,
    pub(crate) tail: Growing,
    pub(crate) report: OpenReport,
    pub(crate) newest: Option<NewestCommit>,
}

/// The newest commit of a journal, as it was found when the journal was opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewestCommit {
    /// Its first entry.
    pub(crate) first: LogIndex,
    /// Where its frame begins and ends in the last segment.
    pub(crate) frame: (u64, u64),
}

impl NewestCommit {
    fn of(end: &End) -> Option<Self> {
        let first = end.newest_first?;
        Some(Self {
            first,
            frame: (end.newest, end.offset),
        })
    }
}

/// What a journal is held to when it is opened.
pub(crate) struct Demands {
    /// The checkpoint that it must lead to.
    pub(crate) checkpoint: Option<StoredCheckpoint>,
    /// The newest commit, where it is left out: the log ends in front of it, and its bytes stay for
    /// now.
    pub(crate) left_out: Option<NewestCommit>,
}

fn index_error(segment: &Segment) -> impl Fn(IndexError) -> OpenError + '_ {
    |error| OpenError::Index {
        place: segment.path.display().to_string(),
        what: error.0,
    }
}

/// The segments of a journal, the last one locked. One is begun where there is none, unless a
/// checkpoint says that there was.
fn locked_segments(
    disk: &dyn Disk,
    places: &Places,
    checkpointed: bool,
) -> Result<Vec<Segment>, OpenError> {
    let numbers = segment::numbers(disk, places)?;
    let mut segments = Vec::with_capacity(numbers.len());
    for number in &numbers {
        segments.push(Segment::open(disk, places, *number, true)?);
    }
    if segments.is_empty() {
        if checkpointed {
            let file = places.segment(0);
            return Err(OpenError::Corrupt {
                place: file.display().to_string(),
                offset: 0,
                what: "the journal is missing although there is a checkpoint",
            });
        }
        segments.push(
            begin_segment(disk, places, 0, LogIndex::FIRST)
                .map_err(OpenError::io(&places.segment(0)))?,
        );
    }
    // The file that is written is locked itself: nobody can take that away by removing a lock file.
    if let Some(last) = segments.last()
        && !last.file.try_lock().map_err(OpenError::io(&last.path))?
    {
        return Err(OpenError::InUse {
            place: places.dir().display().to_string(),
        });
    }
    Ok(segments)
}

pub(crate) fn open(
    disk: &dyn Disk,
    places: &Places,
    options: &Options,
    home: &dyn IndexHome,
    demands: Demands,
    progress: Progress<'_>,
) -> Result<Opened, OpenError> {
    let segments = locked_segments(disk, places, demands.checkpoint.is_some())?;
    let journal = Journal {
        segments,
        demands,
        checkpoint_path: places.checkpoint(),
    };
    let (read, index, report) = match journal.read_on(options, home, progress)? {
        Some((read, index)) => (read, index, OpenReport::default()),
        None => {
            let (read, index, failed) = journal.read_anew(options, home, progress)?;
            let report = OpenReport {
                rebuilt: !read.known.tally.size.is_empty(),
                index: failed,
                ..OpenReport::default()
            };
            (read, index, report)
        }
    };
    if report.index.is_none() {
        home.keep_only(index.number);
    }
    let left_out = journal.demands.left_out;
    let cut_bytes = match (read.cut, left_out) {
        (Some(bytes), _) => journal.cut_tail(&read, bytes)?,
        (None, Some(NewestCommit { frame, .. })) => frame.1 - frame.0,
        (None, None) => 0,
    };
    let report = OpenReport {
        cut_bytes,
        ..report
    };
    let tail = tail_of(
        disk,
        &journal.segments,
        read.newest.max(SEGMENT_HEADER),
        read.end.max(SEGMENT_HEADER),
        places,
        left_out.is_none(),
    )?;
    let Journal {
        segments, demands, ..
    } = journal;
    let state = State {
        index,
        failed: None,
        known: read.known,
        segments,
        checkpoint: demands.checkpoint,
    };
    Ok(Opened {
        state,
        tail,
        report,
        newest: read.newest_commit,
    })
}

/// The end of the last segment, behind its newest frame; what lies behind it is cut off where
/// `cuts` says so: what an unclean stop left filled ahead. What was read is durable from here on,
/// names and all.
fn tail_of(
    disk: &dyn Disk,
    segments: &[Segment],
    newest: u64,
    end: u64,
    places: &Places,
    cuts: bool,
) -> Result<Growing, OpenError> {
    let path = places.journal();
    let last = segments
        .last()
        .ok_or_else(|| OpenError::io(&path)(io::ErrorKind::NotFound.into()))?;
    disk.sync_dir(&path).map_err(OpenError::io(&path))?;
    // With the first frame goes the header in front of it.
    let newest = if newest <= SEGMENT_HEADER { 0 } else { newest };
    let mut tail =
        Growing::behind(Arc::clone(&last.file), newest, end).map_err(OpenError::io(&last.path))?;
    if cuts && last.file.len().map_err(OpenError::io(&last.path))? > end {
        tail.trim().map_err(OpenError::io(&last.path))?;
    }
    Ok(tail)
}

/// The segments of a log and what they are held to.
struct Journal {
    segments: Vec<Segment>,
    demands: Demands,
    checkpoint_path: PathBuf,
}

/// What was read of a journal.
struct Read {
    known: Derived,
    /// Where the last segment ends, and where its newest frame begins.
    end: u64,
    newest: u64,
    newest_commit: Option<NewestCommit>,
    /// How many bytes behind that are a torn frame.
    cut: Option<u64>,
}

/// From where on a journal is read, and what is known of what lies in front of it.
struct From {
    known: Derived,
    judge: CommandJudge,
    /// The first segment that is read.
    segment: usize,
    /// In a segment that is read from its middle on: where the frame before begins, and where it
    /// ends.
    behind: Option<(u64, u64)>,
}

impl From {
    fn beginning(tenant: Tenant, signers: &[PublicKey]) -> Self {
        Self {
            known: Derived::new(tenant),
            judge: CommandJudge::knowing(signers.to_vec()),
            segment: 0,
            behind: None,
        }
    }
}

/// Judges the commands of a frame; answers the leaf hashes of its entries.
pub(crate) fn judged(
    judge: &mut CommandJudge,
    segment: &Segment,
    placed: &PlacedFrame,
) -> Result<Vec<Hash>, OpenError> {
    let PlacedFrame { frame, offset, .. } = placed;
    let leaves = leaves(frame);
    let entries = frame.entries.iter().zip(&frame.outlines);
    let entries = entries
        .map(|(entry, outline)| (entry.bytes.as_slice(), matches!(outline, Outline::Event(_))));
    let kept = judge.commit(
        frame.first,
        entries,
        &leaves,
        &frame.commands,
        frame.proof.as_ref(),
    );
    kept.map_err(|_| segment.corrupt(*offset, UNPROVEN))?;
    Ok(leaves)
}

/// Takes a frame into an index and what is known besides.
fn absorb(
    known: &mut Derived,
    index: &Index,
    segment: &Segment,
    placed: &PlacedFrame,
    judge: &mut CommandJudge,
) -> Result<(), OpenError> {
    let PlacedFrame {
        frame,
        offset,
        places,
        ..
    } = placed;
    let leaves = judged(judge, segment, placed)?;
    known.fetch(frame, index).map_err(index_error(segment))?;
    let rows = known
        .absorb(frame, &leaves, places, segment.number, *offset)
        .map_err(|error| segment.corrupt(*offset, error.0))?;
    index.put(rows).map_err(index_error(segment))
}

/// Keeps an index as a generation once all of a segment was taken in, so that memory holds no more
/// than a segment gives, and an attempt that is broken off is gone on with from there.
fn seal(
    known: &mut Derived,
    index: &Index,
    segments: &[Segment],
    newest: FrameAt,
) -> Result<(), IndexError> {
    index.room().make_room();
    index.put(known.paged.take_rest(known.tenant))?;
    let reflects = Reflected {
        segments: segments.to_vec(),
        newest,
        tally: known.tally.clone(),
    };
    index.seal(Box::new(move || reflects.extent()))
}

impl Journal {
    /// Reads every frame from a place on into the index.
    fn read(&self, from: From, index: &Index, progress: Progress<'_>) -> Result<Read, OpenError> {
        let From {
            mut known,
            mut judge,
            segment: first,
            mut behind,
        } = from;
        let checkpointed = self
            .demands
            .checkpoint
            .as_ref()
            .map_or(Size::EMPTY, |checkpoint| checkpoint.size);
        let (mut total, begin) = (0, behind.map_or(0, |(_, end)| end));
        for segment in self.segments.iter().skip(first) {
            total += segment.file.len().map_err(OpenError::io(&segment.path))?;
        }
        total = total.saturating_sub(begin);
        let (mut next, mut done) = (known.tally.size.next_index(), 0);
        let (mut outcome, mut newest_commit) = ((0, 0, None), None);
        for (place, segment) in self.segments.iter().enumerate().skip(first) {
            let last = place + 1 == self.segments.len();
            let until = self.demands.left_out.filter(|_| last);
            let until = until.map_or(u64::MAX, |left_out| left_out.frame.0);
            let (front, before) = (behind.map_or(0, |(_, end)| end), next);
            let mut visit = |placed: PlacedFrame| {
                progress(done + placed.offset - front, total);
                absorb(&mut known, index, segment, &placed, &mut judge)
            };
            let end = match behind.take() {
                Some(from) => segment.scan_behind(from, until, &mut next, &mut visit)?,
                None => segment.scan_until(until, &mut next, &mut visit)?,
            };
            let cut = segment.judge(end, last, next.size_before(), checkpointed)?;
            done += end.len.saturating_sub(front);
            outcome = (end.offset, end.newest, cut);
            newest_commit = NewestCommit::of(&end);
            // Of a segment that the generation covers whole, nothing was read.
            if !last && next > before && judge.end().is_ok() {
                let read = self.segments.get(..=place).unwrap_or_default();
                seal(&mut known, index, read, end.newest_frame()).map_err(index_error(segment))?;
            }
        }
        progress(total, total);
        let held = next.size_before();
        if held < checkpointed {
            return Err(OpenError::RolledBack {
                place: self.checkpoint_path.display().to_string(),
                known: checkpointed,
                held,
            });
        }
        if let (Err(_), Some(last)) = (judge.end(), self.segments.last()) {
            return Err(last.corrupt(outcome.0, UNPROVEN));
        }
        Ok(Read {
            known,
            end: outcome.0,
            newest: outcome.1,
            newest_commit,
            cut: outcome.2,
        })
    }

    /// Reads every frame into a fresh index; into one in memory, and why, where none can be made.
    fn read_anew(
        &self,
        options: &Options,
        home: &dyn IndexHome,
        progress: Progress<'_>,
    ) -> Result<(Read, Index, Option<String>), OpenError> {
        let from = || From::beginning(options.tenant, &options.signers);
        let made = home.begin().map(|made| Index::new(options.tenant, made));
        match made.map_err(|error| error.0).and_then(|index| {
            match self.read(from(), &index, progress) {
                Err(OpenError::Index { what, .. }) => Err(what),
                read => Ok((read, index)),
            }
        }) {
            Ok((read, index)) => Ok((read?, index, None)),
            Err(what) => {
                // Without room for an index there is none for entries either; but all can be read.
                let index = Index::memory(options.tenant);
                Ok((self.read(from(), &index, progress)?, index, Some(what)))
            }
        }
    }

    /// Goes on from the newest generation of the index: checks that it reflects the front of this
    /// very journal, and reads what came since. Null when it does not, or what came since cannot be
    /// taken in: then everything is read, which says what is wrong.
    fn read_on(
        &self,
        options: &Options,
        home: &dyn IndexHome,
        progress: Progress<'_>,
    ) -> Result<Option<(Read, Index)>, OpenError> {
        let place = || self.checkpoint_path.with_file_name("index");
        let Some((made, extent)) = home.reopen().map_err(OpenError::io(&place()))? else {
            return Ok(None);
        };
        let index = Index::new(options.tenant, made);
        if !is_front(&self.segments, &extent).map_err(OpenError::io(&place()))?
            || self.leaves_out(&extent)
        {
            return Ok(None);
        }
        let Some(known) = restored(options.tenant, &index, &extent) else {
            return Ok(None);
        };
        let from = From {
            known,
            judge: CommandJudge::continuing(options.signers.clone()),
            segment: usize::try_from(extent.segments)
                .unwrap_or(0)
                .saturating_sub(1),
            behind: Some((extent.newest, extent.end)),
        };
        match self.read(from, &index, progress) {
            Ok(read) => Ok(self.is_confirmed(&read, &index).then_some((read, index))),
            Err(error @ OpenError::Io { .. }) => Err(error),
            Err(error) => {
                tracing::warn!(%error, "the index that was left is not used");
                Ok(None)
            }
        }
    }

    /// Whether a generation reflects the commit that is left out.
    fn leaves_out(&self, extent: &Extent) -> bool {
        let last = usize::try_from(extent.segments) == Ok(self.segments.len());
        let left_out = self.demands.left_out.filter(|_| last);
        left_out.is_some_and(|left_out| left_out.frame.0 < extent.end)
    }

    /// Whether the checkpoint confirms what was read; without one, nothing does.
    fn is_confirmed(&self, read: &Read, index: &Index) -> bool {
        let stored = self.demands.checkpoint.as_ref();
        stored.is_some_and(|stored| leads_to(stored, &read.known, index))
    }

    fn cut_tail(&self, read: &Read, bytes: u64) -> Result<u64, OpenError> {
        let Some(last) = self.segments.last() else {
            return Ok(0);
        };
        let cut = || -> io::Result<()> {
            last.file.truncate(read.end)?;
            if read.end < SEGMENT_HEADER {
                last.file.truncate(0)?;
                last.file
                    .write_all_at(&segment::header(read.known.tally.size.next_index()), 0)?;
            }
            last.file.sync_data()
        };
        cut().map_err(OpenError::io(&last.path))?;
        Ok(bytes)
    }
}

/// Reads what was committed, up to `end` in the last segment, into an index.
pub(crate) fn read_committed(
    segments: &[Segment],
    end: u64,
    tenant: Tenant,
    index: &Index,
    signers: &[PublicKey],
) -> Result<Derived, OpenError> {
    let From {
        mut known,
        mut judge,
        ..
    } = From::beginning(tenant, signers);
    let mut next = LogIndex::FIRST;
    for (place, segment) in segments.iter().enumerate() {
        let last = place + 1 == segments.len();
        let until = if last { end } else { u64::MAX };
        let found = segment.scan_until(until, &mut next, &mut |placed| {
            absorb(&mut known, index, segment, &placed, &mut judge)
        })?;
        if let Some(what) = found.bad {
            return Err(segment.corrupt(found.offset, what));
        }
        if !last && judge.end().is_ok() {
            let read = segments.get(..=place).unwrap_or_default();
            seal(&mut known, index, read, found.newest_frame()).map_err(index_error(segment))?;
        }
    }
    if let (Err(_), Some(last)) = (judge.end(), segments.last()) {
        return Err(last.corrupt(end, UNPROVEN));
    }
    Ok(known)
}

/// Begins a segment; durable on return.
pub(crate) fn begin_segment(
    disk: &dyn Disk,
    places: &Places,
    number: u32,
    first: LogIndex,
) -> io::Result<Segment> {
    let path = places.segment(number);
    let file = write_new(disk, &path, &segment::header(first))?;
    disk.sync_dir(&places.journal())?;
    Ok(Segment { number, path, file })
}
