//! A bounded cache of opened streams by their version, so that a case that is looked at again is
//! neither read nor decrypted again.
//!
//! It never answers for another version than the one asked for; an older one is only handed out to
//! be brought up to date. It is emptied whenever something is erased: what was destroyed must not
//! live on here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::reading::Recorded;
use events::ids::StreamId;

/// The most events that are kept, over all streams. An event is a few kilobytes.
const EVENTS_MAX: usize = 20_000;

struct Kept {
    version: u64,
    used: u64,
    records: Arc<Vec<Recorded>>,
}

#[derive(Default)]
struct Shelved {
    streams: BTreeMap<StreamId, Kept>,
    events: usize,
    turn: u64,
}

/// The cache.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<Shelved>);

impl Shelf {
    /// The records of a stream at exactly this version.
    pub(crate) fn get(&self, stream: StreamId, version: u64) -> Option<Arc<Vec<Recorded>>> {
        let mut shelved = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelved.turn += 1;
        let turn = shelved.turn;
        let kept = shelved.streams.get_mut(&stream).filter(|kept| kept.version == version)?;
        kept.used = turn;
        Some(Arc::clone(&kept.records))
    }

    /// Takes the records of a stream at an earlier version out, to be brought up to date.
    pub(crate) fn older(&self, stream: StreamId, than: u64) -> Option<Arc<Vec<Recorded>>> {
        let mut shelved = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelved.streams.get(&stream).filter(|kept| kept.version < than)?;
        let kept = shelved.streams.remove(&stream)?;
        shelved.events -= kept.records.len();
        Some(kept.records)
    }

    /// Keeps the records of a stream; those used longest ago make room.
    pub(crate) fn put(&self, stream: StreamId, records: &Arc<Vec<Recorded>>) {
        if records.len() > EVENTS_MAX {
            return;
        }
        let mut shelved = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelved.turn += 1;
        let kept = Kept { version: records.len() as u64, used: shelved.turn, records: Arc::clone(records) };
        shelved.events += records.len();
        if let Some(old) = shelved.streams.insert(stream, kept) {
            shelved.events -= old.records.len();
        }
        while shelved.events > EVENTS_MAX {
            let oldest = shelved.streams.iter().min_by_key(|(_, kept)| kept.used).map(|(stream, _)| *stream);
            let Some(gone) = oldest.and_then(|stream| shelved.streams.remove(&stream)) else { break };
            shelved.events -= gone.records.len();
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        let mut shelved = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelved.streams.clear();
        shelved.events = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn records(stream: StreamId, count: u64) -> Arc<Vec<Recorded>> {
        let one = |seq| Recorded { index: seq, recorded_at: Timestamp::UNIX_EPOCH, stream, seq, event: crate::entropy::fresh(), raw: None };
        Arc::new((1..=count).map(one).collect())
    }

    #[test]
    fn only_the_version_asked_for_is_answered_and_the_oldest_make_room() {
        let shelf = Shelf::default();
        let streams: Vec<StreamId> = (0..5).map(|_| crate::entropy::fresh()).collect();
        for stream in &streams {
            shelf.put(*stream, &records(*stream, 4_500));
        }
        assert!(shelf.get(streams[0], 4_500).is_none(), "the one used longest ago is gone");
        assert!(shelf.get(streams[1], 4_500).is_some());
        assert!(shelf.get(streams[1], 4_501).is_none());
        shelf.put(streams[0], &records(streams[0], 10));
        assert!(shelf.get(streams[0], 10).is_some());
        assert!(shelf.older(streams[0], 10).is_none(), "it is at that version already");
        assert_eq!(shelf.older(streams[0], 11).map(|records| records.len()), Some(10));
        assert!(shelf.get(streams[0], 10).is_none(), "taken out");
        shelf.clear();
        assert!(shelf.get(streams[1], 4_500).is_none());
    }
}
