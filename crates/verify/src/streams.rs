//! Streams: numbered by their first appearance, each entry following its predecessor.
//!
//! Kept for each stream: its newest entry, and a byte for each of its events.

use std::collections::HashMap;

use crate::code::{Code, Finding};
use crate::entry::{Common, Event, Id};
use crate::tree::{Hash, ZERO};

#[derive(Default)]
struct Stream {
    ordinal: u64,
    head: Hash,
    /// Number of ciphertexts of each event, by sequence from 1.
    parts: Vec<u8>,
}

#[derive(Default)]
pub(crate) struct Streams(HashMap<Id, Stream>);

impl Streams {
    pub(crate) fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// Checks that the event continues its stream, and takes it in.
    pub(crate) fn add(&mut self, common: &Common, event: &Event, leaf: Hash) -> Result<(), Finding> {
        let wrong = |code, what: &str| Err(Finding::at(code, common.index, what));
        let next = self.count();
        let stream = self.0.entry(event.stream).or_insert_with(|| Stream { ordinal: next, head: ZERO, parts: Vec::new() });
        if event.ordinal != stream.ordinal {
            return wrong(Code::StreamId, "its number is not the one of its stream");
        }
        if event.seq != stream.parts.len() as u64 + 1 {
            return wrong(Code::StreamGap, &format!("its sequence is {}, expected {}", event.seq, stream.parts.len() + 1));
        }
        if common.prev != stream.head {
            return wrong(Code::StreamPrev, "its predecessor is another entry");
        }
        stream.head = leaf;
        stream.parts.push(u8::try_from(event.blobs.len()).unwrap_or(u8::MAX));
        for (seq, part) in
            event.erased.iter().map(|(seq, part, _)| (seq, part)).chain(event.replaced.iter().map(|(seq, part, _)| (seq, part)))
        {
            let parts = seq.checked_sub(1).and_then(|place| stream.parts.get(usize::try_from(place).ok()?));
            if parts.is_none_or(|parts| *part >= u64::from(*parts)) {
                return wrong(Code::ErasureScope, &format!("sequence {seq}, part {part} does not exist"));
            }
        }
        Ok(())
    }
}
