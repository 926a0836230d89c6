//! Events that were just recorded, for whoever follows the log: what was encrypted a moment ago need
//! not be read back and decrypted.
//!
//! It holds nothing until somebody follows. It is emptied whenever something is erased, and takes
//! nothing that was handed to the log before. What is not here is read from the log.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::current::Next;
use record::positions::{LogIndex, Size};

use crate::log::cache::{Begun, Clearings};

struct Events {
    events: BTreeMap<LogIndex, (Next, usize)>,
    bytes: usize,
    most: usize,
    /// Up to where somebody has followed the log; null while nobody does.
    followed: Option<Size>,
}

/// The events.
pub(crate) struct HandedOver {
    events: Mutex<Events>,
    clearings: Clearings,
}

impl HandedOver {
    /// For at most so many bytes.
    pub(crate) fn new(most: usize, clearings: Clearings) -> Self {
        let events = Events {
            events: BTreeMap::new(),
            bytes: 0,
            most,
            followed: None,
        };
        Self {
            events: Mutex::new(events),
            clearings,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Events> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands an event over that takes about so many bytes, unless everything was forgotten since it was
    /// handed to the log. One that does not fit is left out: those before it are wanted first.
    pub(crate) fn put(&self, index: LogIndex, next: &Next, bytes: usize, begun: Begun) {
        let mut held = self.lock();
        // Locked first: whoever forgets counts that, and then waits for the lock.
        let passed = held
            .followed
            .is_none_or(|followed| index < followed.next_index());
        if self.clearings.now() != begun || passed || held.bytes + bytes > held.most {
            return;
        }
        held.bytes += bytes;
        if let Some((_, replaced)) = held.events.insert(index, (next.clone(), bytes)) {
            held.bytes -= replaced;
        }
    }

    /// Takes out what is here of the entries in front of a position, which somebody follows now.
    pub(crate) fn take(&self, to: Size) -> BTreeMap<LogIndex, Next> {
        let mut held = self.lock();
        held.followed = held.followed.max(Some(to));
        let later = held.events.split_off(&to.next_index());
        let taken = std::mem::replace(&mut held.events, later);
        held.bytes = held.events.values().map(|(_, bytes)| bytes).sum();
        let taken = taken.into_iter();
        taken.map(|(index, (next, _))| (index, next)).collect()
    }

    /// At most so many bytes from now on.
    pub(crate) fn limit(&self, most: usize) {
        let mut held = self.lock();
        held.most = most;
        if held.bytes > most {
            held.events.clear();
            held.bytes = 0;
        }
    }

    /// Forgets everything. It must have been counted before.
    pub(crate) fn clear(&self) {
        let mut held = self.lock();
        held.events.clear();
        held.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::test_note::note;

    fn index(number: u64) -> LogIndex {
        Size::new(number).next_index()
    }

    fn some(count: u64) -> Vec<Next> {
        let stream = crate::entropy::fresh();
        let notes = (0..count).map(|number| Next::of(&note(stream, number, 10)).unwrap());
        notes.collect()
    }

    fn empty(most: usize) -> (HandedOver, Clearings) {
        let clearings = Clearings::default();
        (HandedOver::new(most, clearings.clone()), clearings)
    }

    fn held(handed: &HandedOver) -> (Vec<LogIndex>, usize) {
        let held = handed.lock();
        (held.events.keys().copied().collect(), held.bytes)
    }

    #[test]
    fn nothing_is_held_while_nobody_follows_and_nothing_that_was_followed() {
        let (handed, clearings) = empty(100);
        let (events, begun) = (some(4), clearings.now());
        handed.put(index(0), &events[0], 10, begun);
        assert_eq!(held(&handed), (vec![], 0), "nobody follows");
        assert!(handed.take(Size::new(2)).is_empty());
        for (number, event) in (0..).zip(&events) {
            handed.put(index(number), event, 10, begun);
        }
        assert_eq!(held(&handed), (vec![index(2), index(3)], 20));
        let taken = handed.take(Size::new(3));
        assert_eq!(taken, BTreeMap::from([(index(2), events[2].clone())]));
        assert_eq!(held(&handed), (vec![index(3)], 10));
        handed.take(Size::new(1));
        handed.put(index(2), &events[2], 10, begun);
        assert_eq!(held(&handed), (vec![index(3)], 10), "followed before");
    }

    #[test]
    fn those_that_are_wanted_first_stay_when_there_is_no_room() {
        let (handed, clearings) = empty(25);
        let (events, begun) = (some(3), clearings.now());
        handed.take(Size::EMPTY);
        for (number, event) in (0..).zip(&events) {
            handed.put(index(number), event, 10, begun);
            handed.put(index(number), event, 10, begun);
        }
        assert_eq!(held(&handed), (vec![index(0), index(1)], 20));
        handed.limit(19);
        assert_eq!(held(&handed), (vec![], 0));
    }

    #[test]
    fn what_was_handed_to_the_log_before_something_was_erased_is_not_taken() {
        let (handed, clearings) = empty(100);
        let (events, before) = (some(2), clearings.now());
        handed.take(Size::EMPTY);
        handed.put(index(0), &events[0], 10, before);
        clearings.another();
        handed.clear();
        handed.put(index(1), &events[1], 10, before);
        assert_eq!(held(&handed), (vec![], 0));
        handed.put(index(1), &events[1], 10, clearings.now());
        assert_eq!(held(&handed), (vec![index(1)], 10));
    }
}
