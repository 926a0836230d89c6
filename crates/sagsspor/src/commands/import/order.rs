//! Which lines of a file may be carried out at the same time.
//!
//! Lines that name the same case, person or thing are carried out in the order of the file, and so are
//! lines that are connected through others: once a line names two things together, all later lines of
//! both wait for each other. Some lines wait for all before them, and all behind wait for those.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

/// Lines that are held at once, begun or not: so far is looked ahead for lines that need not wait.
const AHEAD: usize = 4_096;

/// What a line waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum After {
    /// Every earlier line that is connected to one of these.
    Connected(BTreeSet<Uuid>),
    /// Every earlier line; all later lines wait for this one.
    Everything,
}

/// Things that lines have named together, as a forest: the root of a thing stands for all that are
/// connected to it. It takes about 60 bytes for each thing that a file names.
#[derive(Default)]
struct Connections {
    places: HashMap<Uuid, usize>,
    /// The thing that each is connected to; a root is its own.
    towards: Vec<usize>,
    /// The newest line that named something connected to a root.
    newest: HashMap<usize, usize>,
}

impl Connections {
    fn root(&mut self, thing: Uuid) -> usize {
        let fresh = self.towards.len();
        let mut at = *self.places.entry(thing).or_insert(fresh);
        if at == fresh {
            self.towards.push(fresh);
        }
        while let Some(next) = self.towards.get(at).copied().filter(|next| *next != at) {
            // Each step on the way is shortened, so that long ways do not stay long.
            let beyond = self.towards.get(next).copied().unwrap_or(next);
            if let Some(way) = self.towards.get_mut(at) {
                *way = beyond;
            }
            at = next;
        }
        at
    }

    /// Connects all things that a line names; answers the newest lines before it that named
    /// something connected to them.
    fn connect(&mut self, line: usize, things: &BTreeSet<Uuid>) -> BTreeSet<usize> {
        let roots: BTreeSet<usize> = things.iter().map(|thing| self.root(*thing)).collect();
        let before = roots.iter().filter_map(|root| self.newest.remove(root));
        let before = before.collect();
        if let Some(first) = roots.first().copied() {
            for root in roots {
                if let Some(way) = self.towards.get_mut(root) {
                    *way = first;
                }
            }
            self.newest.insert(first, line);
        }
        before
    }
}

/// A line that is not begun.
struct Waiting<T> {
    work: T,
    /// How many lines it waits for.
    missing: usize,
}

struct State<T> {
    connections: Connections,
    /// The newest line that all later ones wait for.
    barrier: Option<usize>,
    waiting: BTreeMap<usize, Waiting<T>>,
    /// Those that wait for nothing.
    ready: BTreeSet<usize>,
    /// Lines that are not carried out yet, each with those that wait for it.
    unfinished: BTreeMap<usize, Vec<usize>>,
    /// The first line that failed: neither it nor anything behind it is begun any more.
    stop: usize,
    /// Whether no more lines come.
    ended: bool,
}

impl<T> State<T> {
    /// Whether nothing is begun any more, whatever becomes of what is carried out now.
    fn is_over(&self) -> bool {
        let none_left = self.waiting.range(..self.stop).next().is_none();
        none_left && (self.ended || self.stop < usize::MAX)
    }
}

/// The lines of a file on their way through several threads.
pub(super) struct Lines<T> {
    state: Mutex<State<T>>,
    /// A line may be begun, or none is any more.
    begin: Condvar,
    /// There is room for another line.
    room: Condvar,
}

impl<T> Lines<T> {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                connections: Connections::default(),
                barrier: None,
                waiting: BTreeMap::new(),
                ready: BTreeSet::new(),
                unfinished: BTreeMap::new(),
                stop: usize::MAX,
                ended: false,
            }),
            begin: Condvar::new(),
            room: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the next line of the file; waits while many are held. Answers whether any more are
    /// wanted: none is once a line has failed.
    pub(super) fn add(&self, line: usize, after: &After, work: T) -> bool {
        let mut state = self.lock();
        while state.unfinished.len() >= AHEAD && state.stop == usize::MAX {
            state = self
                .room
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if state.stop < usize::MAX {
            return false;
        }
        let mut before = match after {
            After::Connected(things) => state.connections.connect(line, things),
            After::Everything => state.unfinished.keys().copied().collect(),
        };
        before.extend(state.barrier);
        if *after == After::Everything {
            state.barrier = Some(line);
        }
        let mut missing = 0;
        for before in before {
            if let Some(behind) = state.unfinished.get_mut(&before) {
                behind.push(line);
                missing += 1;
            }
        }
        state.unfinished.insert(line, Vec::new());
        state.waiting.insert(line, Waiting { work, missing });
        if missing == 0 {
            state.ready.insert(line);
            self.begin.notify_one();
        }
        true
    }

    /// No more lines come.
    pub(super) fn end(&self) {
        self.lock().ended = true;
        self.begin.notify_all();
    }

    /// The first line that may be begun; waits for one. Null when none is begun any more.
    pub(super) fn take(&self) -> Option<(usize, T)> {
        let mut state = self.lock();
        loop {
            let first = state
                .ready
                .first()
                .copied()
                .filter(|line| *line < state.stop);
            if let Some(line) = first {
                state.ready.remove(&line);
                return Some((line, state.waiting.remove(&line)?.work));
            }
            if state.is_over() {
                return None;
            }
            state = self
                .begin
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A line was carried out.
    pub(super) fn done(&self, line: usize) {
        let mut state = self.lock();
        for behind in state.unfinished.remove(&line).unwrap_or_default() {
            let Some(waiting) = state.waiting.get_mut(&behind) else {
                continue;
            };
            waiting.missing -= 1;
            if waiting.missing == 0 {
                state.ready.insert(behind);
                self.begin.notify_one();
            }
        }
        if state.is_over() {
            self.begin.notify_all();
        }
        self.room.notify_one();
    }

    /// A line failed: every line before it is still carried out, and none behind it is begun.
    pub(super) fn failed(&self, line: usize) {
        let mut state = self.lock();
        state.stop = state.stop.min(line);
        self.begin.notify_all();
        self.room.notify_one();
    }
}

/// Counts a line as failed when the thread that carries it out panics: otherwise the lines that wait
/// for it, and the threads that wait for those, would wait for ever.
pub(super) struct Underway<'a, T> {
    pub(super) lines: &'a Lines<T>,
    pub(super) line: usize,
}

impl<T> Drop for Underway<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.lines.failed(self.line);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use proptest::prelude::*;

    use super::*;

    fn named(things: &[u128]) -> After {
        After::Connected(things.iter().map(|thing| Uuid::from_u128(*thing)).collect())
    }

    /// The lines that can be begun now, in order.
    fn all_ready(lines: &Lines<()>) -> Vec<usize> {
        let ready = lines.lock().ready.clone();
        ready.iter().map(|_| lines.take().unwrap().0).collect()
    }

    #[test]
    fn lines_of_one_case_wait_for_each_other_and_others_do_not() {
        let lines = Lines::new();
        for (line, things) in [(1, [1, 2]), (2, [1, 3]), (3, [4, 5]), (4, [2, 6])] {
            assert!(lines.add(line, &named(&things), ()));
        }
        assert_eq!(all_ready(&lines), [1, 3]);
        lines.done(1);
        assert_eq!(all_ready(&lines), [2]);
        assert_eq!(
            all_ready(&lines),
            [0; 0],
            "line 4 names what line 2 is connected to"
        );
        lines.done(2);
        assert_eq!(all_ready(&lines), [4]);
    }

    #[test]
    fn two_cases_that_a_line_names_together_wait_for_each_other_from_then_on() {
        let lines = Lines::new();
        for (line, things) in [(1, vec![1, 2]), (2, vec![1]), (3, vec![2])] {
            assert!(lines.add(line, &named(&things), ()));
        }
        assert_eq!(all_ready(&lines), [1]);
        lines.done(1);
        assert_eq!(all_ready(&lines), [2]);
        lines.done(2);
        assert_eq!(all_ready(&lines), [3]);
    }

    #[test]
    fn some_lines_wait_for_all_and_all_for_them() {
        let lines = Lines::new();
        assert!(lines.add(1, &named(&[1]), ()));
        assert!(lines.add(2, &named(&[2]), ()));
        assert!(lines.add(3, &After::Everything, ()));
        assert!(lines.add(4, &named(&[4]), ()));
        assert_eq!(all_ready(&lines), [1, 2]);
        lines.done(2);
        assert_eq!(all_ready(&lines), [0; 0]);
        lines.done(1);
        assert_eq!(all_ready(&lines), [3]);
        lines.done(3);
        assert_eq!(all_ready(&lines), [4]);
    }

    /// Carries lines out on four threads, of which some fail; answers which were, in what order.
    fn carried_out(things: &[Vec<u128>], failing: &[usize]) -> (Vec<usize>, usize) {
        let (lines, order) = (Lines::new(), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while let Some((line, ())) = lines.take() {
                        if failing.contains(&line) {
                            lines.failed(line);
                        } else {
                            order.lock().unwrap().push(line);
                            lines.done(line);
                        }
                    }
                });
            }
            for (line, things) in things.iter().enumerate() {
                if !lines.add(line, &named(things), ()) {
                    break;
                }
            }
            lines.end();
        });
        let stop = lines.lock().stop;
        (order.into_inner().unwrap(), stop)
    }

    proptest! {
        #[test]
        fn each_line_is_carried_out_behind_those_that_it_shares_something_with(
            things in prop::collection::vec(prop::collection::vec(0_u128..40, 1..3), 1..120),
            failing in prop::collection::vec(0_usize..160, 0..3),
        ) {
            let (order, stop) = carried_out(&things, &failing);
            let place = |line: usize| order.iter().position(|other| *other == line);
            for line in 0..things.len().min(stop) {
                prop_assert!(place(line).is_some(), "line {line} stands before line {stop}");
                for earlier in 0..line {
                    if things[earlier].iter().any(|thing| things[line].contains(thing)) {
                        prop_assert!(place(earlier) < place(line));
                    }
                }
            }
            let met = failing.iter().filter(|line| **line < things.len()).min();
            prop_assert_eq!(met.copied().unwrap_or(usize::MAX), stop, "the first failure stops it");
        }
    }

    #[test]
    fn a_thread_that_panics_lets_nobody_wait_for_ever() {
        let lines = Lines::new();
        for line in 1..=2 {
            assert!(lines.add(line, &named(&[1]), ()));
        }
        lines.end();
        std::thread::scope(|scope| {
            let broken = scope.spawn(|| {
                let (line, ()) = lines.take().unwrap();
                let lines = &lines;
                let _underway = Underway { lines, line };
                panic!("line {line}");
            });
            assert!(broken.join().is_err());
            assert!(lines.take().is_none(), "the second line is not begun");
        });
    }

    #[test]
    fn no_line_is_begun_while_more_are_held_than_may_be() {
        let (lines, added) = (Lines::new(), AtomicBool::new(false));
        for line in 0..AHEAD {
            assert!(lines.add(line, &named(&[1]), ()));
        }
        std::thread::scope(|scope| {
            scope.spawn(|| {
                assert!(lines.add(AHEAD, &named(&[1]), ()));
                added.store(true, Ordering::SeqCst);
            });
            assert_eq!(lines.take().unwrap().0, 0);
            assert!(!added.load(Ordering::SeqCst));
            lines.done(0);
        });
        assert!(added.load(Ordering::SeqCst), "there is room for one more");
    }
}
