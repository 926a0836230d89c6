//! A bounded cache of streams as they stand now, brought forward by each new event, so that a command
//! is decided on what is at hand and not on the whole history.
//!
//! It holds what every stream of a reading stood at; whoever asks compares that with the log. It is
//! emptied whenever something is erased, and takes nothing whose reading had begun before.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::current::{Current, Next, Step};
use domain::reading::{ReadEvent, Shown};
use domain::recorded::Recorded;
use events::ids::StreamId;
use record::positions::{Seq, StreamVersion};
use serde_json::Value;

use crate::log::bounded::Bounded;

/// The most bytes that are kept, over all streams, as they were estimated.
const BYTES_MAX: usize = 128 * 1024 * 1024;

/// What the state of a stream holds of each event, about: its ids, twice, in trees whose nodes are
/// seldom full.
const STATE_BYTES: usize = 128;

/// What an event takes in memory once it is read, about: its structs and its texts.
pub(crate) fn weight(record: &Recorded) -> usize {
    let parts = record.raw.iter().flat_map(|raw| &raw.parts);
    let elements = parts.flat_map(|part| part.fields.values().flatten());
    let values = elements.filter_map(|element| element.value.as_ref().ok());
    size_of::<ReadEvent>() + size_of::<Shown>() + STATE_BYTES + values.map(texts).sum::<usize>()
}

/// The texts in a value, each behind its length and place.
fn texts(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => size_of::<String>() + text.len(),
        Value::Array(items) => items.iter().map(texts).sum(),
        Value::Object(members) => members.values().map(texts).sum(),
    }
}

/// Versions of other streams.
pub(crate) type Others = Arc<BTreeMap<StreamId, StreamVersion>>;

/// A stream as it stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    /// The version of the stream.
    pub(crate) version: StreamVersion,
    /// What the other streams of its reading stood at.
    pub(crate) others: Others,
    pub(crate) current: Current,
}

struct Cached {
    streams: Bounded<Standing>,
    /// How often it was emptied.
    cleared: u64,
}

/// What is held of a stream.
pub(crate) struct Held {
    /// The version of the stream.
    pub(crate) version: StreamVersion,
    /// What the other streams of its reading stood at.
    pub(crate) others: Others,
}

/// The cache.
pub(crate) struct CurrentCache(Mutex<Cached>);

impl Default for CurrentCache {
    fn default() -> Self {
        Self::new(BYTES_MAX)
    }
}

impl CurrentCache {
    /// An empty one that takes at most so many bytes.
    pub(crate) fn new(most: usize) -> Self {
        Self(Mutex::new(Cached {
            streams: Bounded::new(most),
            cleared: 0,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Cached> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often it was emptied so far: to be asked before a reading begins.
    pub(crate) fn cleared(&self) -> u64 {
        self.lock().cleared
    }

    /// What is held of a stream.
    pub(crate) fn held(&self, stream: StreamId) -> Option<Held> {
        let mut cached = self.lock();
        let kept = cached.streams.get(stream)?;
        Some(Held {
            version: kept.version,
            others: Arc::clone(&kept.others),
        })
    }

    /// The stream at exactly this version.
    pub(crate) fn at(&self, stream: StreamId, version: StreamVersion) -> Option<Standing> {
        let mut cached = self.lock();
        let kept = cached.streams.get(stream)?;
        (kept.version == version).then(|| kept.clone())
    }

    /// Brings a stream forward from a version by the events that follow it, which take about so many
    /// bytes. Null when it is no longer at that version, when it was emptied since they were read, or
    /// when the stream must be folded again.
    pub(crate) fn step(
        &self,
        stream: StreamId,
        from: StreamVersion,
        events: Vec<Next>,
        bytes: usize,
        cleared: u64,
    ) -> Option<Standing> {
        let mut cached = self.lock();
        if cached.cleared != cleared {
            return None;
        }
        let kept = cached
            .streams
            .get(stream)
            .filter(|kept| kept.version == from)?;
        for event in events {
            let others = &kept.others;
            let read = |of: StreamId| of == stream || others.contains_key(&of);
            if kept.current.step(event, read) == Step::FoldAgain {
                cached.streams.remove(stream);
                return None;
            }
            kept.version = kept.version.next_seq().map_or(kept.version, Seq::version);
        }
        let standing = kept.clone();
        cached.streams.grow(stream, bytes);
        Some(standing)
    }

    /// Keeps a stream that takes about so many bytes, unless the cache was emptied since its reading
    /// began.
    pub(crate) fn put(&self, stream: StreamId, standing: Standing, bytes: usize, cleared: u64) {
        let mut cached = self.lock();
        if cached.cleared == cleared {
            cached.streams.put(stream, standing, bytes);
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        let mut cached = self.lock();
        cached.streams.clear();
        cached.cleared += 1;
    }
}

#[cfg(test)]
mod tests {
    use events::event::Event;
    use events::meta::{Actor, Meta, Role};
    use events::raw::RawEvent;
    use events::spec::StreamKind;
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    /// A note of so many bytes.
    fn note(stream: StreamId, index: u64, bytes: usize) -> Recorded {
        let facts = json!({ "kind": "CONTACT", "text": ["x".repeat(bytes)] });
        let actor = Actor {
            id: "K1".into(),
            role: Role::Caseworker,
            unit: None,
            municipality: "0999".into(),
        };
        let meta = Meta::at("2024-01-08".parse().unwrap());
        let facts = Event::from_json("NoteTaken", facts).unwrap();
        let plain = facts.encode(&meta, &actor, StreamKind::Case).unwrap();
        Recorded {
            index,
            recorded_at: Timestamp::UNIX_EPOCH,
            stream,
            seq: index + 1,
            event: crate::entropy::fresh(),
            raw: Some(RawEvent::from_plain(&plain)),
        }
    }

    fn standing(stream: StreamId, records: &[Recorded]) -> Standing {
        Standing {
            version: StreamVersion::of(records.len()),
            others: Others::default(),
            current: Current::fold(records.to_vec(), stream).unwrap(),
        }
    }

    fn next(record: &Recorded) -> Vec<Next> {
        vec![Next::of(record).unwrap()]
    }

    #[test]
    fn a_stream_is_brought_forward_only_from_the_version_that_is_held() {
        let (cache, of) = (CurrentCache::default(), crate::entropy::fresh());
        let records = [note(of, 0, 10), note(of, 1, 10), note(of, 2, 10)];
        cache.put(of, standing(of, &records[..1]), 100, 0);
        let (one, two) = (StreamVersion::new(1), StreamVersion::new(2));
        assert!(cache.step(of, two, next(&records[2]), 100, 0).is_none());
        let stepped = cache.step(of, one, next(&records[1]), 100, 0).unwrap();
        assert_eq!(stepped.current.reading().events.len(), 2);
        assert_eq!(stepped.version, two);
        assert!(cache.at(of, one).is_none(), "it moved on");
        let other = (crate::entropy::fresh(), one);
        let others = Arc::new(BTreeMap::from([other]));
        let relinked = Standing {
            others: Arc::clone(&others),
            ..standing(of, &records[..2])
        };
        cache.put(of, relinked, 100, 0);
        assert_eq!(cache.at(of, two).unwrap().others, others);
        let three = cache.step(of, two, next(&records[2]), 100, 0).unwrap();
        assert_eq!(three.others, others, "they belong to what was stepped");
        cache.put(of, standing(of, &records[..2]), 100, 0);
        assert_eq!(cache.held(of).unwrap().version, two);
        assert!(cache.at(of, two).is_some());
    }

    #[test]
    fn what_was_read_before_something_was_erased_is_not_kept() {
        let (cache, of) = (CurrentCache::default(), crate::entropy::fresh());
        let records = [note(of, 0, 10), note(of, 1, 10)];
        let begun = cache.cleared();
        cache.put(of, standing(of, &records[..1]), 100, begun);
        cache.clear();
        assert!(cache.held(of).is_none());
        cache.put(of, standing(of, &records[..1]), 100, begun);
        assert!(cache.held(of).is_none(), "it was read before");
        let after = cache.cleared();
        cache.put(of, standing(of, &records[..1]), 100, after);
        let stale = cache.step(of, StreamVersion::new(1), next(&records[1]), 100, begun);
        assert!(stale.is_none(), "the event was read before");
        assert_eq!(cache.held(of).unwrap().version, StreamVersion::new(1));
    }

    #[test]
    fn a_cache_smaller_than_one_case_keeps_nothing_and_answers_nothing_wrong() {
        let (cache, of) = (CurrentCache::new(1_000), crate::entropy::fresh());
        let records = [note(of, 0, 10), note(of, 1, 10)];
        cache.put(of, standing(of, &records[..1]), 900, 0);
        let stepped = cache.step(of, StreamVersion::new(1), next(&records[1]), 900, 0);
        assert_eq!(stepped.unwrap().current.reading().events.len(), 2);
        assert!(cache.held(of).is_none(), "it has grown too large");
    }

    #[test]
    fn long_texts_weigh_what_they_hold() {
        let of = crate::entropy::fresh();
        let (short, long) = (weight(&note(of, 0, 10)), weight(&note(of, 0, 10_010)));
        assert_eq!(long - short, 10_000);
        assert!((1..4_000).contains(&short), "{short}");
    }
}
