//! Streams: numbered by their first appearance, each entry following its predecessor.
//!
//! Kept for each stream: its newest entry, and a byte for each of its events.

use std::collections::HashMap;

use crate::code::{Code, Finding};
use crate::entry::{Common, Event, Id};
use crate::position::{LogIndex, Seq};
use crate::tree::{Hash, ZERO};

/// What is known of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stream {
    pub(crate) id: Id,
    /// Leaf hash of its newest entry, and the index of that entry.
    pub(crate) head: Hash,
    pub(crate) index: LogIndex,
    /// Number of ciphertexts of each event, by sequence from 1.
    pub(crate) parts: Vec<u8>,
}

/// All streams, by their ordinals.
#[derive(Default)]
pub(crate) struct Streams {
    places: HashMap<Id, usize>,
    all: Vec<Stream>,
}

impl Streams {
    pub(crate) fn count(&self) -> u64 {
        self.all.len() as u64
    }

    pub(crate) fn all(&self) -> &[Stream] {
        &self.all
    }

    /// From saved streams; none when one stands twice.
    pub(crate) fn from_saved(all: Vec<Stream>) -> Option<Self> {
        let places: HashMap<Id, usize> = all
            .iter()
            .enumerate()
            .map(|(place, stream)| (stream.id, place))
            .collect();
        (places.len() == all.len()).then_some(Self { places, all })
    }

    /// Checks that the event continues its stream, and takes it in. Answers the stream's ordinal.
    pub(crate) fn add(
        &mut self,
        common: &Common,
        event: &Event,
        leaf: Hash,
    ) -> Result<usize, Finding> {
        let wrong = |code, what: &str| Err(Finding::at(code, common.index, what));
        let next = self.all.len();
        let place = *self.places.entry(event.stream).or_insert(next);
        if event.ordinal != place as u64 {
            return wrong(Code::StreamId, "its number is not the one of its stream");
        }
        if place == next {
            self.all.push(Stream {
                id: event.stream,
                head: ZERO,
                index: LogIndex::FIRST,
                parts: Vec::new(),
            });
        }
        let Some(stream) = self.all.get_mut(place) else {
            return wrong(Code::StreamId, "its stream is not known");
        };
        let next_seq = Seq::of_offset(stream.parts.len());
        if event.seq != next_seq {
            return wrong(
                Code::StreamGap,
                &format!("its sequence is {}, expected {next_seq}", event.seq),
            );
        }
        if common.prev != stream.head {
            return wrong(Code::StreamPrev, "its predecessor is another entry");
        }
        stream.head = leaf;
        stream.index = common.index;
        stream
            .parts
            .push(u8::try_from(event.blobs.len()).unwrap_or(u8::MAX));
        for (seq, part) in event
            .erased
            .iter()
            .map(|(seq, part, _)| (seq, part))
            .chain(event.replaced.iter().map(|(seq, part, _)| (seq, part)))
        {
            // An event may erase earlier events only. One that erases itself would take its own
            // reason away.
            let earlier = seq.offset().filter(|_| *seq < event.seq);
            let parts = earlier.and_then(|offset| stream.parts.get(offset));
            if parts.is_none_or(|parts| *part >= u64::from(*parts)) {
                return wrong(
                    Code::ErasureScope,
                    &format!("sequence {seq}, part {part} does not exist in front of it"),
                );
            }
        }
        Ok(place)
    }
}
