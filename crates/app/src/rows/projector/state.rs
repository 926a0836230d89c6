//! What the projector and those who ask share: the rows in force, and when to bring them forward.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use record::positions::Size;
use store::projection_store::{Generation, ProjectionError};

use super::{Kept, Lag};
use crate::rows::fold::FoldError;
use crate::rows::keys::ListKeys;

/// Rows are brought forward when nothing was recorded for so long, so that a burst of events on a case
/// costs one evaluation of it.
const QUIET: Duration = Duration::from_millis(20);
/// While events keep coming, rows are brought forward this often: with the time that this takes they
/// lack at most two seconds.
const BEHIND_MAX: Duration = Duration::from_millis(1_500);

#[derive(Default)]
pub(super) struct State {
    /// The rows in force.
    pub(super) rows: Option<Kept>,
    /// What they reflect.
    pub(super) position: Size,
    /// No question is answered from rows that reflect less.
    pub(super) floor: Size,
    /// Where somebody waits for rows: they are brought there at once.
    pub(super) hurry_to: Size,
    /// Since when there is something to follow, and when it was said last.
    pub(super) awake: Option<(Instant, Instant)>,
    pub(super) stop: bool,
    /// Whether new rows are to be made.
    pub(super) wanted: bool,
    pub(super) making: Option<(u64, u64)>,
    pub(super) made: Option<Result<(Generation, Arc<ListKeys>), FoldError>>,
}

#[derive(Default)]
pub(super) struct Shared {
    pub(super) state: Mutex<State>,
    pub(super) changed: Condvar,
}

impl Shared {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }
}

impl State {
    /// There is something to follow.
    pub(super) fn wake(&mut self) {
        let now = Instant::now();
        let since = self.awake.map_or(now, |(since, _)| since);
        self.awake = Some((since, now));
    }

    /// Somebody waits for rows that reflect so many entries, of a log of that size. What the log does
    /// not hold yet hurries nobody, or one question for a position far ahead would hurry for ever.
    pub(super) fn hurry(&mut self, to: Size, size: Size) {
        self.hurry_to = self.hurry_to.max(to.min(size));
        self.wake();
    }

    /// How long to wait before the log is followed; null when there is nothing to follow.
    pub(super) fn rest(&self) -> Option<Duration> {
        let (since, last) = self.awake?;
        if self.hurry_to > self.position || self.rows.is_none() {
            return Some(Duration::ZERO);
        }
        let quiet = QUIET.saturating_sub(last.elapsed());
        Some(quiet.min(BEHIND_MAX.saturating_sub(since.elapsed())))
    }

    pub(super) fn lag(&self) -> Lag {
        match (self.making, &self.rows) {
            (Some((done, total)), None) => Lag::Making(done, total),
            (None, None) => Lag::Making(0, 0),
            (_, Some(_)) => Lag::Behind(self.position),
        }
    }

    pub(super) fn distrust(&mut self, rows: &Kept, error: &ProjectionError) {
        if self.rows.as_ref().is_some_and(|live| live.is(rows)) {
            tracing::error!(%error, "rows of the lists cannot be trusted and are made anew");
            self.give_up(rows);
        }
    }

    /// These rows answer nothing any more; new ones are made.
    pub(super) fn give_up(&mut self, rows: &Kept) {
        if self.rows.as_ref().is_some_and(|live| live.is(rows)) {
            self.rows = None;
            self.position = Size::EMPTY;
            self.wanted = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use record::keys::RootKey;
    use store::memory_projections::MemoryProjections;

    use super::*;

    /// Rows in force that reflect ten entries.
    fn followed() -> State {
        State {
            rows: Some(Kept {
                store: Arc::new(MemoryProjections::new()),
                keys: Arc::new(ListKeys::new(&(1, RootKey::from_bytes([7; 32])))),
            }),
            position: Size::new(10),
            ..State::default()
        }
    }

    fn ago(time: Duration) -> Instant {
        Instant::now().checked_sub(time).unwrap()
    }

    #[test]
    fn nothing_to_follow_needs_no_work() {
        assert_eq!(followed().rest(), None);
    }

    #[test]
    fn a_burst_is_followed_when_it_is_over() {
        let mut state = followed();
        state.wake();
        let rest = state.rest().unwrap();
        assert!(!rest.is_zero() && rest <= QUIET, "{rest:?}");
        state.awake = Some((ago(QUIET), ago(QUIET)));
        assert_eq!(state.rest(), Some(Duration::ZERO));
    }

    #[test]
    fn events_that_keep_coming_are_followed_every_one_and_a_half_seconds() {
        let mut state = followed();
        state.awake = Some((ago(BEHIND_MAX / 2), Instant::now()));
        state.wake();
        assert!(!state.rest().unwrap().is_zero());
        state.awake = Some((ago(BEHIND_MAX), Instant::now()));
        state.wake();
        assert_eq!(state.rest(), Some(Duration::ZERO), "the burst began then");
    }

    #[test]
    fn whoever_waits_is_served_at_once() {
        let mut state = followed();
        let size = Size::new(20);
        state.hurry(Size::new(10), size);
        assert!(
            !state.rest().unwrap().is_zero(),
            "the rows are there already"
        );
        state.hurry(Size::new(11), size);
        assert_eq!(state.rest(), Some(Duration::ZERO));
        state.position = Size::new(11);
        assert!(!state.rest().unwrap().is_zero());
    }

    #[test]
    fn a_position_that_the_log_has_not_reached_hurries_nobody() {
        let mut state = followed();
        state.hurry(Size::MAX, Size::new(10));
        assert!(!state.rest().unwrap().is_zero());
        state.hurry(Size::MAX, Size::new(11));
        assert_eq!(state.rest(), Some(Duration::ZERO), "this much can be had");
    }

    #[test]
    fn without_rows_nothing_is_put_off() {
        let mut state = State::default();
        state.wake();
        assert_eq!(state.rest(), Some(Duration::ZERO));
    }
}
