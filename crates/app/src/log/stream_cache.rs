//! A bounded cache of opened streams by their version, so that a case that is looked at again is
//! neither read nor decrypted again.
//!
//! It never answers for another version than the one asked for; an older one is only handed out to
//! be brought up to date. It is emptied whenever something is erased, and takes nothing whose
//! reading had begun before: what was destroyed must not live on here.

use std::sync::Arc;

use domain::recorded::Recorded;
use events::ids::StreamId;
use events::raw::RawElement;
use record::positions::StreamVersion;
use serde_json::Value;

use crate::log::cache::{Begun, Cache};

/// What a member of a small map costs beside its name and value: its node is seldom full.
const MEMBER_BYTES: usize = 128;

/// What is kept of a stream.
pub(crate) struct Kept {
    version: StreamVersion,
    records: Arc<Vec<Recorded>>,
    bytes: usize,
}

/// What a value takes in memory, about.
fn value(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
            Value::String(text) => text.capacity(),
            Value::Array(items) => items.iter().map(self::value).sum(),
            Value::Object(members) => members
                .iter()
                .map(|(name, of)| MEMBER_BYTES + name.len() + self::value(of))
                .sum(),
        }
}

fn element(element: &RawElement) -> usize {
    size_of::<RawElement>() + element.digest.capacity() + element.value.as_ref().map_or(0, value)
}

/// What a record takes in memory, about: strings, lists and maps with what they hold.
fn weight(record: &Recorded) -> usize {
    let parts = record.raw.iter().flat_map(|raw| &raw.parts);
    let fields = parts.flat_map(|part| &part.fields);
    size_of::<Recorded>()
        + fields
            .map(|(name, elements)| {
                MEMBER_BYTES + name.len() + elements.iter().map(element).sum::<usize>()
            })
            .sum::<usize>()
}

/// The records of a stream, and about how many bytes they take.
pub(crate) struct Weighed {
    pub(crate) records: Arc<Vec<Recorded>>,
    pub(crate) bytes: usize,
}

impl Weighed {
    /// Records that were just read.
    pub(crate) fn new(records: Vec<Recorded>) -> Self {
        Self {
            bytes: records.iter().map(weight).sum(),
            records: Arc::new(records),
        }
    }

    /// Adds the records that came since.
    pub(crate) fn extend(&mut self, since: Vec<Recorded>) {
        self.bytes += since.iter().map(weight).sum::<usize>();
        Arc::make_mut(&mut self.records).extend(since);
    }
}

/// The cache; what a stream takes is told by [`weight`].
pub(crate) type StreamCache = Cache<Kept>;

impl StreamCache {
    /// The records of a stream at exactly this version.
    pub(crate) fn get(
        &self,
        stream: StreamId,
        version: StreamVersion,
    ) -> Option<Arc<Vec<Recorded>>> {
        let mut streams = self.lock();
        let kept = streams.get(stream)?;
        (kept.version == version).then(|| Arc::clone(&kept.records))
    }

    /// Takes the records of a stream at an earlier version out, to be brought up to date.
    pub(crate) fn older(&self, stream: StreamId, than: StreamVersion) -> Option<Weighed> {
        let mut streams = self.lock();
        if streams.get(stream)?.version >= than {
            return None;
        }
        let kept = streams.remove(stream)?;
        Some(Weighed {
            records: kept.records,
            bytes: kept.bytes,
        })
    }

    /// Keeps the records of a stream, unless it was emptied since their reading began; those used
    /// longest ago make room.
    pub(crate) fn put(&self, stream: StreamId, weighed: &Weighed, begun: Begun) {
        let Some(mut streams) = self.lock_since(begun) else {
            return;
        };
        let kept = Kept {
            version: StreamVersion::of(weighed.records.len()),
            records: Arc::clone(&weighed.records),
            bytes: weighed.bytes,
        };
        streams.put(stream, kept, weighed.bytes);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::log::cache::Clearings;
    use events::raw::{RawEvent, RawPart};
    use jiff::Timestamp;

    /// Records with a text of so many bytes each.
    fn with_text(stream: StreamId, count: u64, text: usize) -> Weighed {
        let element = || RawElement {
            digest: "d".to_owned(),
            value: Ok(Value::String("x".repeat(text))),
        };
        let part = || RawPart {
            who: "case".to_owned(),
            fields: BTreeMap::from([("text".to_owned(), vec![element()])]),
        };
        let raw = || RawEvent {
            kind: "NoteTaken".to_owned(),
            version: 1,
            parts: vec![part()],
        };
        let one = |seq| Recorded {
            index: seq,
            recorded_at: Timestamp::UNIX_EPOCH,
            stream,
            seq,
            event: crate::entropy::fresh(),
            raw: Some(raw()),
        };
        Weighed::new((1..=count).map(one).collect())
    }

    fn records(stream: StreamId, count: u64) -> Weighed {
        with_text(stream, count, 1_000)
    }

    #[test]
    fn long_texts_take_the_room_of_many_short_ones() {
        let clearings = Clearings::default();
        let begun = clearings.now();
        let stream_cache = StreamCache::new(32 * 1024 * 1024, clearings);
        let streams: Vec<StreamId> = (0..3).map(|_| crate::entropy::fresh()).collect();
        for stream in &streams {
            stream_cache.put(*stream, &with_text(*stream, 2, 7 * 1024 * 1024), begun);
        }
        assert!(
            stream_cache
                .get(streams[0], StreamVersion::new(2))
                .is_none(),
            "six events are too many when each has seven megabytes"
        );
        assert!(
            stream_cache
                .get(streams[2], StreamVersion::new(2))
                .is_some()
        );
        stream_cache.put(
            streams[0],
            &with_text(streams[0], 5, 7 * 1024 * 1024),
            begun,
        );
        assert!(
            stream_cache
                .get(streams[0], StreamVersion::new(5))
                .is_none(),
            "what does not fit at all is not kept"
        );
        assert!(
            stream_cache
                .get(streams[2], StreamVersion::new(2))
                .is_some(),
            "and drives nothing out"
        );
    }

    #[test]
    fn only_the_version_asked_for_is_answered_and_the_oldest_make_room() {
        let clearings = Clearings::default();
        let begun = clearings.now();
        let stream_cache = StreamCache::new(32 * 1024 * 1024, clearings);
        let streams: Vec<StreamId> = (0..5).map(|_| crate::entropy::fresh()).collect();
        for stream in &streams {
            stream_cache.put(*stream, &records(*stream, 6_000), begun);
        }
        assert!(
            stream_cache
                .get(streams[0], StreamVersion::new(6_000))
                .is_none(),
            "the one used longest ago is gone"
        );
        assert!(
            stream_cache
                .get(streams[1], StreamVersion::new(6_000))
                .is_some()
        );
        assert!(
            stream_cache
                .get(streams[1], StreamVersion::new(6_001))
                .is_none()
        );
        stream_cache.put(streams[0], &records(streams[0], 10), begun);
        assert!(
            stream_cache
                .get(streams[0], StreamVersion::new(10))
                .is_some()
        );
        assert!(
            stream_cache
                .older(streams[0], StreamVersion::new(10))
                .is_none(),
            "it is at that version already"
        );
        assert_eq!(
            stream_cache
                .older(streams[0], StreamVersion::new(11))
                .map(|older| older.records.len()),
            Some(10)
        );
        assert!(
            stream_cache
                .get(streams[0], StreamVersion::new(10))
                .is_none(),
            "taken out"
        );
    }
}
