//! Which ciphertexts a log should still have, as its entries say. No file is read here.

use std::collections::{BTreeMap, HashMap};

use verify::commitments::Commitments;
use verify::position::LogIndex;

/// Where a ciphertext belongs: the entry that commits to it, and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct BlobId {
    pub(super) entry: LogIndex,
    pub(super) part: u64,
}

pub(super) type Hash = [u8; 32];

/// What became of a ciphertext.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is erased.
    Gone,
    /// One with this hash has taken its place.
    Replaced(Hash),
}

/// The events of each stream, and what was ordered of their ciphertexts.
///
/// 8 bytes for each event, about 100 for each stream and each ciphertext erased.
#[derive(Default)]
pub(super) struct Index {
    /// Index of each event, by sequence from 1.
    streams: HashMap<[u8; 16], Vec<LogIndex>>,
    fates: BTreeMap<BlobId, Vec<Fate>>,
    /// What was added since the last checkpoint that was kept.
    new_events: Vec<[u8; 16]>,
    new_fates: Vec<BlobId>,
}

impl Index {
    /// Takes an event in. Answers the ciphertexts that it says something new of.
    pub(super) fn add(&mut self, index: LogIndex, said: &Commitments) -> Vec<BlobId> {
        let events = self.streams.entry(said.stream).or_default();
        events.push(index);
        self.new_events.push(said.stream);
        let erased = said
            .erased
            .iter()
            .map(|(seq, part)| (seq, part, Fate::Gone));
        let replaced = said
            .replaced
            .iter()
            .map(|(seq, part, hash)| (seq, part, Fate::Replaced(*hash)));
        let mut blobs = Vec::new();
        for (seq, part, fate) in erased.chain(replaced) {
            let event = seq.offset().and_then(|offset| events.get(offset));
            // The auditor refuses an entry that names a missing event.
            let Some(event) = event else { continue };
            let blob = BlobId {
                entry: *event,
                part: *part,
            };
            self.fates.entry(blob).or_default().push(fate);
            self.new_fates.push(blob);
            blobs.push(blob);
        }
        blobs
    }

    /// Forgets what was added since the last [`Index::settle`].
    pub(super) fn undo(&mut self) {
        for stream in self.new_events.drain(..).rev() {
            if let Some(events) = self.streams.get_mut(&stream) {
                events.pop();
            }
        }
        for blob in self.new_fates.drain(..).rev() {
            if let Some(fates) = self.fates.get_mut(&blob) {
                fates.pop();
            }
        }
    }

    /// What was added stays. Answers which ciphertexts it erases.
    pub(super) fn settle(&mut self) -> Vec<BlobId> {
        self.new_events.clear();
        let blobs = std::mem::take(&mut self.new_fates);
        blobs
            .into_iter()
            .filter(|blob| self.is_gone(*blob))
            .collect()
    }

    pub(super) fn is_gone(&self, blob: BlobId) -> bool {
        self.fates
            .get(&blob)
            .is_some_and(|fates| fates.contains(&Fate::Gone))
    }

    /// The hash of the ciphertext that has taken the place of an earlier one last; none where none
    /// has, or it is erased.
    pub(super) fn newest(&self, blob: BlobId) -> Option<Hash> {
        if self.is_gone(blob) {
            return None;
        }
        self.fates
            .get(&blob)?
            .iter()
            .rev()
            .find_map(|fate| match fate {
                Fate::Replaced(hash) => Some(*hash),
                Fate::Gone => None,
            })
    }

    /// Whether a ciphertext with this hash has had the place of another at any time.
    pub(super) fn had(&self, blob: BlobId, hash: Hash) -> bool {
        self.fates
            .get(&blob)
            .is_some_and(|fates| fates.contains(&Fate::Replaced(hash)))
    }

    /// Every ciphertext of which something was ordered.
    pub(super) fn ordered(&self) -> Vec<BlobId> {
        self.fates
            .iter()
            .filter(|(_, fates)| !fates.is_empty())
            .map(|(blob, _)| *blob)
            .collect()
    }
}
