//! Since when a checkpoint is no longer all of the log: the time of the first entry behind it.
//!
//! Whoever takes a checkpoint of S entries to a witness says with it that every entry behind S is
//! dated later, but for a short while. What is signed and not yet durable counts: it will stand
//! there.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use record::positions::{LogTime, Size};

/// So many checkpoints are remembered. Older ones are long outdated.
const REMEMBERED: usize = 128;

/// The newest checkpoints by size, each with the time of the first entry behind it.
#[derive(Debug, Default)]
pub(crate) struct Beyond(Mutex<BTreeMap<Size, Option<LogTime>>>);

impl Beyond {
    /// An entry is dated that will stand behind the newest checkpoint. Answers whether it is the
    /// first.
    pub(crate) fn dated(&self, time: LogTime) -> bool {
        let mut sizes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match sizes.last_entry() {
            Some(mut newest) if newest.get().is_none() => {
                newest.insert(Some(time));
                true
            }
            _ => false,
        }
    }

    /// The first entry behind the newest checkpoint was not signed after all.
    pub(crate) fn withdrawn(&self) {
        if let Some(mut newest) = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .last_entry()
        {
            newest.insert(None);
        }
    }

    /// A checkpoint of so many entries is stored, and nothing stands behind it.
    pub(crate) fn checkpointed(&self, size: Size) {
        let mut sizes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sizes.insert(size, None);
        while sizes.len() > REMEMBERED {
            sizes.pop_first();
        }
    }

    /// Whether a witness that is asked at `now` may be shown the checkpoint of so many entries: no
    /// entry behind it is dated more than `seconds` before.
    pub(crate) fn is_fresh(&self, size: Size, now: LogTime, seconds: u64) -> bool {
        match self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&size)
        {
            Some(first) => first.is_none_or(|first| first.later(seconds) >= now),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Beyond;
    use record::positions::{LogTime, Size};

    #[test]
    fn a_checkpoint_is_fresh_until_what_stands_behind_it_is_old() {
        let beyond = Beyond::default();
        assert!(
            !beyond.is_fresh(Size::new(3), LogTime::new(100), 30),
            "one that nobody knows"
        );
        beyond.checkpointed(Size::new(3));
        assert!(
            beyond.is_fresh(Size::new(3), LogTime::new(1_000_000), 30),
            "nothing stands behind it"
        );
        assert!(beyond.dated(LogTime::new(100)));
        assert!(!beyond.dated(LogTime::new(120)), "the first one counts");
        assert!(
            beyond.is_fresh(Size::new(3), LogTime::new(130), 30)
                && !beyond.is_fresh(Size::new(3), LogTime::new(131), 30)
        );
        beyond.checkpointed(Size::new(9));
        assert!(
            beyond.is_fresh(Size::new(9), LogTime::new(131), 30)
                && !beyond.is_fresh(Size::new(3), LogTime::new(131), 30)
        );
        assert!(beyond.dated(LogTime::new(140)));
        beyond.withdrawn();
        assert!(beyond.is_fresh(Size::new(9), LogTime::new(900), 30));
        beyond.dated(LogTime::new(140));
        beyond.checkpointed(Size::new(9));
        assert!(
            beyond.is_fresh(Size::new(9), LogTime::new(900), 30),
            "what was signed was never written"
        );
    }
}
