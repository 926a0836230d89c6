//! A bounded cache of streams as they stand now, brought forward by each new event, so that a command
//! is decided on what is at hand and not on the whole history.
//!
//! It holds what every stream of a reading stood at; whoever asks compares that with the log. It is
//! emptied whenever something is erased, and takes nothing whose reading had begun before.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::current::{Current, Folded, Next, Step};
use domain::reading::{ReadEvent, Shown};
use domain::recorded::Recorded;
use domain::state::StreamState;
use events::ids::StreamId;
use record::positions::{Seq, StreamVersion};
use serde_json::Value;

use crate::log::cache::{Begun, Cache};

/// What the state of a stream holds of each event, about: its ids, in trees whose nodes are seldom
/// full.
const STATE_BYTES: usize = 128;

/// What a state takes in memory, about.
pub(crate) fn state_bytes(state: &StreamState) -> usize {
    state.events.len().saturating_mul(STATE_BYTES)
}

/// What is kept of a stream, and brought forward.
pub(crate) trait Stepped: Clone {
    /// What it takes in memory for an event, about.
    fn weight(record: &Recorded) -> usize;

    /// Takes in the next event of its stream.
    fn step(&mut self, next: &Next, read: impl Fn(StreamId) -> bool) -> Step;
}

impl Stepped for Folded {
    fn weight(_: &Recorded) -> usize {
        STATE_BYTES
    }

    fn step(&mut self, next: &Next, read: impl Fn(StreamId) -> bool) -> Step {
        Self::step(self, next, read)
    }
}

impl Stepped for Current {
    /// An event once it is read: its structs and its texts.
    fn weight(record: &Recorded) -> usize {
        let parts = record.raw.iter().flat_map(|raw| &raw.parts);
        let elements = parts.flat_map(|part| part.fields.values().flatten());
        let values = elements.filter_map(|element| element.value.as_ref().ok());
        size_of::<ReadEvent>()
            + size_of::<Shown>()
            + Folded::weight(record)
            + values.map(texts).sum::<usize>()
    }

    fn step(&mut self, next: &Next, read: impl Fn(StreamId) -> bool) -> Step {
        Self::step(self, next, read)
    }
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
pub(crate) struct Standing<T> {
    /// The version of the stream.
    pub(crate) version: StreamVersion,
    /// What the other streams of its reading stood at.
    pub(crate) others: Others,
    /// What is known of it.
    pub(crate) known: T,
}

/// What is held of a stream.
pub(crate) struct Held {
    /// The version of the stream.
    pub(crate) version: StreamVersion,
    /// What the other streams of its reading stood at.
    pub(crate) others: Others,
}

/// The cache.
pub(crate) type StandingCache<T> = Cache<Standing<T>>;

impl<T: Stepped> StandingCache<T> {
    /// What is held of a stream.
    pub(crate) fn held(&self, stream: StreamId) -> Option<Held> {
        let mut streams = self.lock();
        let kept = streams.get(stream)?;
        Some(Held {
            version: kept.version,
            others: Arc::clone(&kept.others),
        })
    }

    /// The stream at exactly this version.
    pub(crate) fn at(&self, stream: StreamId, version: StreamVersion) -> Option<Standing<T>> {
        let mut streams = self.lock();
        let kept = streams.get(stream)?;
        (kept.version == version).then(|| kept.clone())
    }

    /// Brings a stream forward from a version by the events that follow it, which take about so many
    /// bytes. Null when it is no longer at that version, when it was emptied since they were read, or
    /// when the stream must be folded again.
    pub(crate) fn step(
        &self,
        stream: StreamId,
        from: StreamVersion,
        events: &[Next],
        bytes: usize,
        begun: Begun,
    ) -> Option<Standing<T>> {
        let mut streams = self.lock_since(begun)?;
        let kept = streams.get(stream).filter(|kept| kept.version == from)?;
        for event in events {
            let others = &kept.others;
            let read = |of: StreamId| of == stream || others.contains_key(&of);
            if kept.known.step(event, read) == Step::FoldAgain {
                streams.remove(stream);
                return None;
            }
            kept.version = kept.version.next_seq().map_or(kept.version, Seq::version);
        }
        let standing = kept.clone();
        streams.grow(stream, bytes);
        Some(standing)
    }

    /// Keeps a stream that takes about so many bytes, unless the cache was emptied since its reading
    /// began.
    pub(crate) fn put(&self, stream: StreamId, standing: Standing<T>, bytes: usize, begun: Begun) {
        if let Some(mut streams) = self.lock_since(begun) {
            streams.put(stream, standing, bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::cache::Clearings;
    use crate::log::test_note::note;

    /// A cache of so many bytes, from which nothing was forgotten yet.
    fn cache(most: usize) -> (StandingCache<Current>, Begun) {
        let clearings = Clearings::default();
        let begun = clearings.now();
        (StandingCache::new(most, clearings), begun)
    }

    fn standing(stream: StreamId, records: &[Recorded]) -> Standing<Current> {
        Standing {
            version: StreamVersion::of(records.len()),
            others: Others::default(),
            known: Current::fold(records.to_vec(), stream).unwrap(),
        }
    }

    fn next(record: &Recorded) -> Vec<Next> {
        vec![Next::of(record).unwrap()]
    }

    #[test]
    fn a_stream_is_brought_forward_only_from_the_version_that_is_held() {
        let (cache, begun) = cache(1_000_000);
        let of = crate::entropy::fresh();
        let records = [note(of, 0, 10), note(of, 1, 10), note(of, 2, 10)];
        cache.put(of, standing(of, &records[..1]), 100, begun);
        let (one, two) = (StreamVersion::new(1), StreamVersion::new(2));
        assert!(
            cache
                .step(of, two, &next(&records[2]), 100, begun)
                .is_none()
        );
        let stepped = cache.step(of, one, &next(&records[1]), 100, begun).unwrap();
        assert_eq!(stepped.known.reading().events.len(), 2);
        assert_eq!(stepped.version, two);
        assert!(cache.at(of, one).is_none(), "it moved on");
        let other = (crate::entropy::fresh(), one);
        let others = Arc::new(BTreeMap::from([other]));
        let relinked = Standing {
            others: Arc::clone(&others),
            ..standing(of, &records[..2])
        };
        cache.put(of, relinked, 100, begun);
        assert_eq!(cache.at(of, two).unwrap().others, others);
        let three = cache.step(of, two, &next(&records[2]), 100, begun).unwrap();
        assert_eq!(three.others, others, "they belong to what was stepped");
        cache.put(of, standing(of, &records[..2]), 100, begun);
        assert_eq!(cache.held(of).unwrap().version, two);
        assert!(cache.at(of, two).is_some());
    }

    #[test]
    fn a_cache_smaller_than_one_case_keeps_nothing_and_answers_nothing_wrong() {
        let (cache, begun) = cache(1_000);
        let of = crate::entropy::fresh();
        let records = [note(of, 0, 10), note(of, 1, 10)];
        cache.put(of, standing(of, &records[..1]), 900, begun);
        let stepped = cache.step(of, StreamVersion::new(1), &next(&records[1]), 900, begun);
        assert_eq!(stepped.unwrap().known.reading().events.len(), 2);
        assert!(cache.held(of).is_none(), "it has grown too large");
    }

    #[test]
    fn long_texts_weigh_what_they_hold() {
        let of = crate::entropy::fresh();
        let (short, long) = (
            Current::weight(&note(of, 0, 10)),
            Current::weight(&note(of, 0, 10_010)),
        );
        assert_eq!(long - short, 10_000);
        assert!((1..4_000).contains(&short), "{short}");
    }
}
