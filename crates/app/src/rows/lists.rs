//! The lists of a log: rows kept up to date in the background, and why a list gives no answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use record::positions::Size;
use store::memory_projections::MemoryProjections;
use store::projection_store::{Generations, ProjectionError};

use crate::access::rights::Forbidden;
use crate::error::ReadError;
use crate::rows::fold::{FoldError, RowMaker};
use crate::rows::projector::{Kept, Lag, Projector, agree};
use crate::rows::search::{NoWord, Rows};

/// A question waits this long for rows that reflect what it asks for.
pub const WAIT: Duration = Duration::from_secs(2);
/// A question that asks for nothing in particular waits this long for everything that is recorded,
/// and is then answered from the rows that there are.
pub const GRACE: Duration = Duration::from_millis(100);

/// A question that waited longer than this shows that events come faster than rows follow; for a
/// while questions are then answered from the rows that there are ...
const LONG: Duration = Duration::from_millis(10);
/// ... for so long, and then one waits again, but no longer than that ...
const LATELY: Duration = Duration::from_secs(5);
/// ... unless they lack only so many entries.
const FEW: u64 = 8;

/// A list could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The viewer may not see this list.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The cursor was made for another list.
    #[error(
        "the cursor belongs to another list: another filter, order or municipality, or to one from before the keys were exchanged; begin again"
    )]
    Cursor,
    /// The name holds neither a letter nor a digit.
    #[error(transparent)]
    Name(#[from] NoWord),
    /// Every case would have to be read, and there are more than the question allows.
    #[error(
        "every case would be read for this, {cases} of them, and at most {most} are; `sagsspor figures` reads any number and shows how far it is"
    )]
    TooMany {
        /// Cases to be read.
        cases: u64,
        /// What the question allows.
        most: u64,
    },
    /// There is no such rule or key figure.
    #[error("there is no {0}")]
    Unknown(String),
    /// The rows do not reflect yet what was asked for.
    #[error("the lists reflect {reached} entries of the log yet; ask again")]
    Behind {
        /// How many entries they reflect.
        reached: Size,
    },
    /// The rows are being made.
    #[error("the lists are being made, {done} of {total} done; ask again")]
    Making {
        /// Streams read so far.
        done: u64,
        /// Streams to read.
        total: u64,
    },
    /// The log is shut down.
    #[error("the log is shut down")]
    Stopped,
    /// Only a case log has lists.
    #[error("this log has no lists")]
    None,
    /// The record could not be read.
    #[error("the record could not be read")]
    Read(#[from] ReadError),
    /// The rows gave no answer; they are made anew.
    #[error("the lists could not be read")]
    Rows(#[from] ProjectionError),
}

impl From<Lag> for ListError {
    fn from(lag: Lag) -> Self {
        match lag {
            Lag::Behind(reached) => Self::Behind { reached },
            Lag::Making(done, total) => Self::Making { done, total },
            Lag::Stopped => Self::Stopped,
        }
    }
}

impl From<FoldError> for ListError {
    fn from(error: FoldError) -> Self {
        match error {
            FoldError::Read(error) => Self::Read(error),
            FoldError::Rows(error) => Self::Rows(error),
            FoldError::OtherLaw => Self::Making { done: 0, total: 0 },
            FoldError::Stopped => Self::Stopped,
        }
    }
}

/// How long a question waits for everything that is recorded, where rows lack so many entries and one
/// waited long so long ago; null where it does not wait.
fn grace(behind: u64, waited: Option<Duration>) -> Option<Duration> {
    match waited {
        Some(ago) if behind > FEW && ago < LATELY => None,
        // Rows did not follow the last time: this question finds out, and no user waits for it.
        Some(_) if behind > FEW => Some(LONG),
        _ => Some(GRACE),
    }
}

/// The lists of a log.
pub(crate) struct Lists {
    pub(crate) row_maker: RowMaker,
    pub(crate) projector: Projector,
    /// When a question last waited long for rows; null once one was served soon.
    waited: Mutex<Option<Instant>>,
}

impl Lists {
    /// Starts to keep rows of a log in the background.
    pub(crate) fn start(
        row_maker: RowMaker,
        generations: Arc<dyn Generations>,
    ) -> std::io::Result<Self> {
        let projector = Projector::start(row_maker.clone(), generations)?;
        Ok(Self {
            row_maker,
            projector,
            waited: Mutex::default(),
        })
    }

    /// Something was recorded.
    pub(crate) fn wake(&self) {
        self.projector.wake();
    }

    pub(crate) fn stop(&self) {
        self.projector.stop();
    }

    /// Makes all rows anew, in memory, and compares; answers what they reflect, or none where they
    /// differ.
    pub(crate) fn compare(
        &self,
        go_on: &(dyn Fn(u64, u64) -> bool + Sync),
    ) -> Result<Option<Size>, ListError> {
        loop {
            let live =
                self.projector
                    .rows(self.row_maker.reader.log.size(), None, &mut |_, _| {})?;
            let position = live.store.snapshot()?.position();
            let fresh = MemoryProjections::new();
            self.row_maker
                .under(&live.keys)
                .reading_once()
                .make(&fresh, position, go_on)?;
            // What was recorded meanwhile changes what there is to compare with.
            if live.store.snapshot()?.position() == position {
                return Ok(agree(&*live.store, &fresh, live.keys.epoch)?.then_some(position));
            }
        }
    }

    /// Rows that reflect what is asked for.
    fn rows(&self, at_least: Option<Size>, deadline: Instant) -> Result<Kept, Lag> {
        let within = |at_least, deadline| {
            self.projector
                .rows(at_least, Some(deadline), &mut |_, _| {})
        };
        let Some(at_least) = at_least else {
            let (size, asked) = (self.row_maker.reader.log.size(), Instant::now());
            let behind = size.beyond(self.projector.position());
            let Some(grace) = grace(behind, self.waited().map(|waited| waited.elapsed())) else {
                return within(Size::EMPTY, deadline);
            };
            let fresh = within(size, asked + grace);
            *self.waited() = (asked.elapsed() > LONG).then_some(asked);
            return fresh.or_else(|_| within(Size::EMPTY, deadline));
        };
        within(at_least, deadline)
    }

    fn waited(&self) -> MutexGuard<'_, Option<Instant>> {
        self.waited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the rows; should they fail, asks those that take their place.
    pub(crate) fn ask<T>(
        &self,
        at_least: Option<Size>,
        ask: impl Fn(Rows<'_>) -> Result<T, ListError>,
    ) -> Result<T, ListError> {
        let deadline = Instant::now() + WAIT;
        loop {
            let kept = self.rows(at_least, deadline)?;
            let snapshot = kept.store.snapshot().map_err(ListError::from);
            match snapshot.and_then(|rows| ask(Rows::new(&*rows, &kept.keys, self.row_maker.rules)))
            {
                Err(ListError::Rows(error)) => {
                    self.projector.distrust(&kept, &error);
                    if Instant::now() >= deadline {
                        return Err(error.into());
                    }
                }
                answer => return answer,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_question_waits_long_and_those_behind_it_do_not() {
        let ago = Duration::from_secs;
        assert_eq!(grace(1_000, None), Some(GRACE), "nobody waited yet");
        assert_eq!(grace(1_000, Some(ago(1))), None);
        assert_eq!(grace(1_000, Some(LATELY)), Some(LONG), "asked again, soon");
        assert_eq!(
            grace(FEW, Some(ago(1))),
            Some(GRACE),
            "rows are nearly there"
        );
        assert_eq!(grace(0, None), Some(GRACE));
    }
}
