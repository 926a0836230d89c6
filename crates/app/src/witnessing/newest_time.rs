//! The newest time that a store knows of: of its last entry, of its newest cosigned checkpoint, and
//! of its newest time stamp. None of them can lie ahead of a clock that is right.

use jiff::Timestamp;
use record::note::Note;
use record::positions::Size;
use store::log_store::{LogStore, StoredCheckpoint};

use crate::clock::known::KnownTime;
use crate::error::ReadError;
use crate::log::content;
use crate::witnessing::time_stamp::stated_time;

/// Bytes of the two kinds of cosignatures, each of which begins with a time in eight bytes.
const COSIGNATURE_BYTES: [usize; 2] = [8 + 64, 8 + 2420];

/// The newest time that a store knows of; none of a log without entries.
///
/// # Errors
/// [`ReadError`].
pub(crate) fn newest(log: &dyn LogStore) -> Result<Option<KnownTime>, ReadError> {
    let size = log.size();
    let Some(last) = size.last() else {
        return Ok(None);
    };
    let stored = log.entry(last)?.ok_or_else(|| ReadError::Damaged {
        index: last,
        source: "the entry is missing".into(),
    })?;
    let entry = KnownTime {
        time: content::recorded_at(&stored)?,
        by: format!("entry {last}, the newest of the log"),
    };
    let kept = log.last_archived(Size::MAX)?;
    let cosigned = kept.as_ref().and_then(cosigned_at);
    let stamped = newest_stamp(log, kept.map_or(size, |kept| kept.size.max(size)))?;
    Ok([Some(entry), cosigned, stamped]
        .into_iter()
        .flatten()
        .max_by_key(|known| known.time))
}

fn instant(seconds: u64) -> Option<Timestamp> {
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
}

/// The time of an archived note: the lower median of what its cosignatures state, as everywhere.
/// They were checked before the note was archived.
fn cosigned_at(kept: &StoredCheckpoint) -> Option<KnownTime> {
    let note = Note::parse(&kept.note).ok()?;
    let cosignatures = note
        .lines
        .iter()
        .filter(|line| COSIGNATURE_BYTES.contains(&line.signature.len()));
    let stated = cosignatures.filter_map(|line| {
        line.signature
            .first_chunk()
            .map(|time| u64::from_be_bytes(*time))
    });
    let mut times: Vec<u64> = stated.filter(|time| *time > 0).collect();
    times.sort_unstable();
    let time = times
        .get(times.len().checked_sub(1)? / 2)
        .copied()
        .and_then(instant)?;
    Some(KnownTime {
        time,
        by: format!("the witnesses of the checkpoint of {} entries", kept.size),
    })
}

/// The newest time stamp: over the largest size that has one. Sizes are looked at from the end in
/// growing steps, so that few of many stamps are read.
fn newest_stamp(log: &dyn LogStore, size: Size) -> Result<Option<KnownTime>, ReadError> {
    let mut step = 0;
    loop {
        let from = size.without(step);
        let newest = log
            .tokens(from)?
            .iter()
            .filter_map(|token| Some((stated_time(&token.bytes).ok()?, token.size)))
            .max();
        if let Some((time, size)) = newest {
            return Ok(Some(KnownTime {
                time,
                by: format!("the time stamp over {size} entries"),
            }));
        }
        if from.is_empty() {
            return Ok(None);
        }
        step = (step * 2).max(1);
    }
}
