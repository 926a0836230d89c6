//! Which ciphertexts a log still has, as far as its entries say.

use std::collections::{BTreeMap, HashMap};

use verify::commitments::Commitments;

/// A ciphertext: index of its entry, and part.
pub(super) type Place = (u64, u64);
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
    streams: HashMap<[u8; 16], Vec<u64>>,
    fates: BTreeMap<Place, Vec<Fate>>,
    /// What was added since the last checkpoint that was kept.
    new_events: Vec<[u8; 16]>,
    new_fates: Vec<Place>,
}

impl Index {
    /// Takes an event in. Answers the places that it says something new of.
    pub(super) fn add(&mut self, index: u64, said: &Commitments) -> Vec<Place> {
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
        let mut places = Vec::new();
        for (seq, part, fate) in erased.chain(replaced) {
            let event = seq
                .checked_sub(1)
                .and_then(|seq| events.get(usize::try_from(seq).ok()?));
            // The auditor refuses what speaks of an event that is not there.
            let Some(event) = event else { continue };
            self.fates.entry((*event, *part)).or_default().push(fate);
            self.new_fates.push((*event, *part));
            places.push((*event, *part));
        }
        places
    }

    /// Forgets what was added since the last [`Index::settle`].
    pub(super) fn undo(&mut self) {
        for stream in self.new_events.drain(..).rev() {
            if let Some(events) = self.streams.get_mut(&stream) {
                events.pop();
            }
        }
        for place in self.new_fates.drain(..).rev() {
            if let Some(fates) = self.fates.get_mut(&place) {
                fates.pop();
            }
        }
    }

    /// What was added stays. Answers which ciphertexts it erases.
    pub(super) fn settle(&mut self) -> Vec<Place> {
        self.new_events.clear();
        let places = std::mem::take(&mut self.new_fates);
        places
            .into_iter()
            .filter(|place| self.is_gone(*place))
            .collect()
    }

    pub(super) fn is_gone(&self, place: Place) -> bool {
        self.fates
            .get(&place)
            .is_some_and(|fates| fates.contains(&Fate::Gone))
    }

    /// The hash of the ciphertext that has taken the place of an earlier one last; none where none
    /// has, or it is erased.
    pub(super) fn newest(&self, place: Place) -> Option<Hash> {
        if self.is_gone(place) {
            return None;
        }
        self.fates
            .get(&place)?
            .iter()
            .rev()
            .find_map(|fate| match fate {
                Fate::Replaced(hash) => Some(*hash),
                Fate::Gone => None,
            })
    }

    /// Whether a ciphertext with this hash has had the place of another at any time.
    pub(super) fn had(&self, place: Place, hash: Hash) -> bool {
        self.fates
            .get(&place)
            .is_some_and(|fates| fates.contains(&Fate::Replaced(hash)))
    }

    /// Every place of which something was ordered.
    pub(super) fn places(&self) -> Vec<Place> {
        self.fates
            .iter()
            .filter(|(_, fates)| !fates.is_empty())
            .map(|(place, _)| *place)
            .collect()
    }
}
