//! The thread that keeps the rows of the lists up to date, and the one beside it that makes them
//! anew.
//!
//! It follows the log by position and needs no hint of what changed: a wake-up only saves time.
//! New rows are made beside those in force and take their place at the same position.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use record::positions::Size;
use store::log_store::LogStore;
use store::projection_store::{Generation, Generations, ProjectionError, ProjectionStore};

use super::case_row::Key;
use super::fold::{FoldError, RowMaker};
use super::keys::ListKeys;

mod state;

use self::state::{Shared, State};

/// After something failed it is tried again this much later.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// Rows that can be asked, and the keys that they were made under.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) store: Arc<dyn ProjectionStore>,
    pub(crate) keys: Arc<ListKeys>,
}

impl Kept {
    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.store, &other.store)
    }
}

/// Why there are no rows to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lag {
    /// They reflect only so many entries yet.
    Behind(Size),
    /// They are being made: so much of so much is done.
    Making(u64, u64),
    /// The log is shut down.
    Stopped,
}

/// Keeps the rows of the lists.
pub(crate) struct Projector {
    shared: Arc<Shared>,
    log: Arc<dyn LogStore>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Projector {
    /// Starts on a log; rows are found or made in the background.
    pub(crate) fn start(
        row_maker: RowMaker,
        generations: Arc<dyn Generations>,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let log = Arc::clone(&row_maker.reader.log);
        shared.state().floor = log.size();
        let worker = Worker {
            row_maker,
            generations,
            shared: Arc::clone(&shared),
            maker: None,
            failed: None,
        };
        let thread = std::thread::Builder::new()
            .name("projector".into())
            .spawn(move || worker.run())?;
        Ok(Self {
            shared,
            log,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Something was recorded.
    pub(crate) fn wake(&self) {
        self.shared.change(State::wake);
    }

    /// From now on no question is answered from rows that reflect fewer entries.
    pub(crate) fn never_below(&self, position: Size) {
        let size = self.log.size();
        self.shared.change(|state| {
            state.floor = state.floor.max(position);
            state.hurry(position, size);
        });
    }

    /// Makes new rows beside those in force.
    pub(crate) fn make_anew(&self) {
        self.shared.change(|state| state.wanted = true);
    }

    /// These rows gave no answer or a wrong one.
    pub(crate) fn distrust(&self, rows: &Kept, error: &ProjectionError) {
        self.shared.change(|state| state.distrust(rows, error));
    }

    /// How many entries the rows in force reflect.
    pub(crate) fn position(&self) -> Size {
        self.shared.state().position
    }

    /// Rows that reflect at least so many entries; waits for them until `deadline`, or without
    /// end where there is none, telling how far the making of new rows is.
    pub(crate) fn rows(
        &self,
        at_least: Size,
        deadline: Option<Instant>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Kept, Lag> {
        let size = self.log.size();
        let mut state = self.shared.state();
        let target = at_least.max(state.floor);
        state.hurry(target, size);
        self.shared.changed.notify_all();
        loop {
            if state.stop {
                return Err(Lag::Stopped);
            }
            if let Some(rows) = state
                .rows
                .as_ref()
                .filter(|_| state.position >= at_least.max(state.floor))
            {
                return Ok(rows.clone());
            }
            if let Some((done, total)) = state.making {
                progress(done, total);
            }
            let now = Instant::now();
            state = match deadline {
                None => self
                    .shared
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(deadline) if now < deadline => {
                    self.shared
                        .changed
                        .wait_timeout(state, deadline - now)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
                Some(_) => return Err(state.lag()),
            };
        }
    }

    /// Brings the rows up to date, stops, and makes them durable. Repeating is harmless.
    pub(crate) fn stop(&self) {
        self.shared.change(|state| state.stop = true);
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the projector panicked");
        }
        // Whoever opens the directory next must find it free.
        self.shared.state().rows = None;
    }
}

impl Drop for Projector {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Worker {
    row_maker: RowMaker,
    generations: Arc<dyn Generations>,
    shared: Arc<Shared>,
    maker: Option<JoinHandle<()>>,
    /// When something failed last.
    failed: Option<Instant>,
}

impl Worker {
    fn log(&self) -> &Arc<dyn LogStore> {
        &self.row_maker.reader.log
    }

    fn run(mut self) {
        let found = self.find();
        self.shared.change(|state| {
            state.wanted = found.is_none();
            state.position = found
                .as_ref()
                .map_or(Size::EMPTY, |(_, position)| *position);
            state.rows = found.map(|(rows, _)| rows);
            state.wake();
        });
        while self.wait() {
            if let Err(error) = self.work() {
                tracing::warn!(%error, "the lists could not be brought further; it is tried again");
                self.failed = Some(Instant::now());
            }
        }
        self.end();
    }

    /// The rows that an earlier run left, if they can be vouched for and belong to this log.
    fn find(&self) -> Option<(Kept, Size)> {
        let open = || -> Result<Option<(Kept, Size)>, FoldError> {
            let Some(store) = self.generations.open()? else {
                return Ok(None);
            };
            let rows = Kept {
                store,
                keys: self.row_maker.keys_in_force(None),
            };
            let row_maker = self.row_maker.under(&rows.keys);
            if !row_maker.fits(&*rows.store)? {
                return Ok(None);
            }
            row_maker.retry_incomplete(&*rows.store)?;
            let position = rows.store.snapshot()?.position();
            Ok(Some((rows, position)))
        };
        open().unwrap_or_else(|error| {
            tracing::warn!(%error, "earlier rows of the lists are not used");
            None
        })
    }

    /// Waits for something to do; false when there will be nothing any more.
    fn wait(&mut self) -> bool {
        let mut state = self.shared.state();
        loop {
            if state.stop {
                return false;
            }
            let rest = self
                .failed
                .map(|failed| AGAIN_AFTER.saturating_sub(failed.elapsed()));
            match rest {
                // After a failure nothing hurries it, or it would fail in a circle.
                Some(rest) if !rest.is_zero() => {
                    state = self
                        .shared
                        .changed
                        .wait_timeout(state, rest)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0;
                }
                Some(_) => {
                    self.failed = None;
                    state.awake = None;
                    return true;
                }
                None if state.made.is_some() || state.wanted && self.maker.is_none() => {
                    state.awake = None;
                    return true;
                }
                None => match state.rest() {
                    Some(Duration::ZERO) => {
                        state.awake = None;
                        return true;
                    }
                    Some(rest) => {
                        state = self
                            .shared
                            .changed
                            .wait_timeout(state, rest)
                            .unwrap_or_else(PoisonError::into_inner)
                            .0;
                    }
                    None => {
                        state = self
                            .shared
                            .changed
                            .wait(state)
                            .unwrap_or_else(PoisonError::into_inner)
                    }
                },
            }
        }
    }

    fn work(&mut self) -> Result<(), FoldError> {
        self.follow()?;
        let made = self.shared.state().made.take();
        if let Some(made) = made {
            if let Some(maker) = self.maker.take()
                && maker.join().is_err()
            {
                tracing::error!("the maker of new rows panicked");
            }
            let taken = made.and_then(|(generation, keys)| self.take(&generation, keys));
            self.shared.change(|state| {
                state.making = None;
                // What went wrong is tried again, and the new rows are looked after like the old
                // ones.
                state.wanted |= taken.is_err();
                state.wake();
            });
            taken?;
        }
        if self.maker.is_none() && std::mem::take(&mut self.shared.state().wanted) {
            self.begin()
                .inspect_err(|_| self.shared.change(|state| state.wanted = true))?;
        }
        Ok(())
    }

    /// Brings the rows in force to the end of the log.
    fn follow(&self) -> Result<(), FoldError> {
        let Some(rows) = self.shared.state().rows.clone() else {
            return Ok(());
        };
        let row_maker = self.row_maker.under(&rows.keys);
        // What is recorded meanwhile wakes the thread again.
        let size = self.log().size();
        loop {
            let position = self.shared.state().position;
            if position >= size || self.shared.state().stop {
                // Tokens of what was erased leave the files too, not only the rows; and rows lie
                // under the root key in force, so that no copy of an earlier day opens.
                if self.maker.is_none()
                    && (rows.keys.epoch != self.row_maker.reader.keyring.root().0
                        || row_maker.holds_remnants(&*rows.store)?)
                {
                    self.shared.change(|state| state.wanted = true);
                }
                return Ok(());
            }
            match row_maker.step(&*rows.store, size) {
                Ok(position) => self.shared.change(|state| state.position = position),
                Err(FoldError::Rows(error)) => {
                    self.shared.change(|state| state.distrust(&rows, &error));
                    return Ok(());
                }
                Err(FoldError::OtherLaw) => {
                    tracing::info!(
                        "other rules were put into force; the rows of the lists are made anew"
                    );
                    self.shared.change(|state| state.give_up(&rows));
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Begins to make new rows.
    fn begin(&mut self) -> Result<(), FoldError> {
        let generation = self.generations.begin()?;
        // While keys are destroyed it waits for those of the next epoch.
        let keys = {
            let _epoch = crate::waiting::wait(self.row_maker.reader.epoch.read());
            let live = self.shared.state().rows.clone();
            self.row_maker
                .keys_in_force(live.as_ref().map(|live| &*live.keys))
        };
        let row_maker = self.row_maker.under(&keys).reading_once();
        let (shared, position) = (Arc::clone(&self.shared), self.log().size());
        self.shared.change(|state| state.making = Some((0, 1)));
        let make = move || {
            let go_on = |done, total| {
                shared.change(|state| state.making = Some((done, total)));
                !shared.state().stop
            };
            let made = row_maker
                .make(&*generation.store, position, &go_on)
                .map(|()| (generation, keys));
            shared.change(|state| state.made = Some(made));
        };
        let maker = std::thread::Builder::new()
            .name("projection-maker".into())
            .spawn(make);
        self.maker =
            Some(maker.map_err(|error| FoldError::Rows(ProjectionError::Failed(error.into())))?);
        Ok(())
    }

    /// Puts new rows in force once they have come to the position of the old ones.
    fn take(&self, generation: &Generation, keys: Arc<ListKeys>) -> Result<(), FoldError> {
        let (old, row_maker) = (
            self.shared.state().rows.clone(),
            self.row_maker.under(&keys),
        );
        let goal = match &old {
            Some(old) => old.store.snapshot()?.position(),
            None => self.log().size(),
        };
        let mut position = generation.store.snapshot()?.position();
        while position < goal {
            position = row_maker.step(&*generation.store, goal)?;
        }
        // Rows under other keys are other bytes.
        if let Some(old) = old.as_ref().filter(|old| old.keys.epoch == keys.epoch)
            && position == goal
            && !agree(&*old.store, &*generation.store, keys.epoch)?
        {
            // The record decides; that the two differ is a fault all the same.
            tracing::error!(
                position = position.get(),
                "the rows of the lists had drifted from the record; the new ones take their place"
            );
        }
        self.generations.put_in_force(generation)?;
        self.shared.change(|state| {
            state.rows = Some(Kept {
                store: Arc::clone(&generation.store),
                keys,
            });
            state.position = position;
        });
        drop(old);
        Ok(self.generations.sweep()?)
    }

    fn end(mut self) {
        if let Some(maker) = self.maker.take() {
            drop(maker.join());
        }
        let Some(rows) = self.shared.state().rows.take() else {
            return;
        };
        let (size, row_maker) = (self.log().size(), self.row_maker.under(&rows.keys));
        let flushed = (|| {
            while rows.store.snapshot()?.position() < size {
                row_maker.step(&*rows.store, size)?;
            }
            rows.store.flush().map_err(FoldError::from)
        })();
        if let Err(error) = flushed {
            tracing::warn!(%error, "the rows of the lists are not up to date; the next start brings them there");
        }
    }
}

/// Whether two stores hold the same rows under the keys of an epoch, apart from what they say about
/// themselves.
pub(crate) fn agree(
    one: &dyn ProjectionStore,
    other: &dyn ProjectionStore,
    epoch: u32,
) -> Result<bool, ProjectionError> {
    let sum = |store: &dyn ProjectionStore| {
        let rows = store.snapshot()?;
        let (head, mut sum) = (Key::Head(epoch).bytes(), rows.sum());
        if let Some(value) = rows.get(&head)? {
            sum.subtract(&head, &value);
        }
        Ok::<_, ProjectionError>(sum)
    };
    Ok(sum(one)? == sum(other)?)
}
