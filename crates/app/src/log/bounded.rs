//! Values by stream that take no more than so many bytes: the one used longest ago makes room.
//!
//! It estimates nothing; whoever puts a value in says what it takes.

use std::collections::{BTreeMap, HashMap};

use events::ids::StreamId;

struct Slot<V> {
    used: u64,
    bytes: usize,
    value: V,
}

/// The values.
pub(crate) struct Bounded<V> {
    slots: HashMap<StreamId, Slot<V>>,
    /// Streams by when they were used last.
    by_use: BTreeMap<u64, StreamId>,
    bytes: usize,
    turn: u64,
    most: usize,
}

impl<V> Bounded<V> {
    /// An empty one that takes at most so many bytes.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            slots: HashMap::new(),
            by_use: BTreeMap::new(),
            bytes: 0,
            turn: 0,
            most,
        }
    }

    /// The value of a stream, which counts as used.
    pub(crate) fn get(&mut self, stream: StreamId) -> Option<&mut V> {
        let slot = self.slots.get_mut(&stream)?;
        self.turn += 1;
        self.by_use.remove(&slot.used);
        slot.used = self.turn;
        self.by_use.insert(slot.used, stream);
        Some(&mut slot.value)
    }

    /// Takes a value out.
    pub(crate) fn remove(&mut self, stream: StreamId) -> Option<V> {
        let slot = self.slots.remove(&stream)?;
        self.by_use.remove(&slot.used);
        self.bytes -= slot.bytes;
        Some(slot.value)
    }

    /// Puts a value in; one that does not fit at all is dropped, and drives nothing out.
    pub(crate) fn put(&mut self, stream: StreamId, value: V, bytes: usize) {
        self.remove(stream);
        if bytes > self.most {
            return;
        }
        self.turn += 1;
        self.bytes += bytes;
        self.by_use.insert(self.turn, stream);
        let used = self.turn;
        self.slots.insert(stream, Slot { used, bytes, value });
        self.make_room();
    }

    /// A value takes so many bytes more.
    pub(crate) fn grow(&mut self, stream: StreamId, bytes: usize) {
        if let Some(slot) = self.slots.get_mut(&stream) {
            slot.bytes += bytes;
            self.bytes += bytes;
            self.make_room();
        }
    }

    /// At most so many bytes from now on.
    pub(crate) fn limit(&mut self, most: usize) {
        self.most = most;
        self.make_room();
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.by_use.clear();
        self.bytes = 0;
    }

    fn make_room(&mut self) {
        while self.bytes > self.most {
            let Some((_, oldest)) = self.by_use.pop_first() else {
                break;
            };
            if let Some(gone) = self.slots.remove(&oldest) {
                self.bytes -= gone.bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn streams(count: usize) -> Vec<StreamId> {
        (0..count).map(|_| crate::entropy::fresh()).collect()
    }

    /// What is counted is what is held.
    fn holds(bounded: &Bounded<u8>, expected: &[StreamId]) {
        let mut held: Vec<StreamId> = bounded.slots.keys().copied().collect();
        held.sort();
        let mut expected = expected.to_vec();
        expected.sort();
        assert_eq!(held, expected);
        assert_eq!(bounded.by_use.len(), bounded.slots.len());
        let bytes: usize = bounded.slots.values().map(|slot| slot.bytes).sum();
        assert_eq!(bounded.bytes, bytes);
        assert!(bytes <= bounded.most);
    }

    #[test]
    fn the_one_used_longest_ago_makes_room() {
        let of = streams(3);
        let mut bounded = Bounded::new(10);
        bounded.put(of[0], 0, 4);
        bounded.put(of[1], 1, 4);
        assert_eq!(bounded.get(of[0]), Some(&mut 0));
        bounded.put(of[2], 2, 4);
        holds(&bounded, &[of[0], of[2]]);
        assert_eq!(bounded.get(of[0]), Some(&mut 0));
        bounded.grow(of[0], 3);
        holds(&bounded, &[of[0]]);
        bounded.grow(of[0], 4);
        holds(&bounded, &[]);
    }

    #[test]
    fn a_smaller_bound_takes_effect_at_once() {
        let of = streams(2);
        let mut bounded = Bounded::new(10);
        bounded.put(of[0], 0, 4);
        bounded.put(of[1], 1, 4);
        bounded.limit(7);
        holds(&bounded, &[of[1]]);
    }

    #[test]
    fn what_does_not_fit_drives_nothing_out() {
        let of = streams(2);
        let mut bounded = Bounded::new(10);
        bounded.put(of[0], 0, 4);
        bounded.put(of[1], 1, 11);
        holds(&bounded, &[of[0]]);
        bounded.put(of[0], 2, 11);
        holds(&bounded, &[]);
    }

    #[test]
    fn a_value_that_is_put_again_is_counted_once() {
        let of = streams(2);
        let mut bounded = Bounded::new(10);
        bounded.put(of[0], 0, 4);
        bounded.put(of[0], 1, 6);
        bounded.put(of[1], 2, 4);
        holds(&bounded, &of);
        assert_eq!(bounded.remove(of[0]), Some(1));
        holds(&bounded, &[of[1]]);
        bounded.grow(of[0], 5);
        bounded.clear();
        holds(&bounded, &[]);
    }
}
