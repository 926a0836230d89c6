//! An index is whole or failed. A failed one fails every look-up until a new one was made beside
//! it, whole, from exactly what was committed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use super::EmbeddedStore;
use crate::backend::opening::OpenError;
use crate::embedded::index::Index;
use crate::embedded::rebuild;
use crate::embedded::segment::FrameAt;
use crate::embedded::state::{Fault, State};
use crate::embedded::writer::Writer;
use crate::index_store::IndexError;
use crate::log_store::{ReadError, UnusableReason};
use crate::sync::PoisonError;

/// No attempt is later than this after the one before.
const RETRY_MAX: Duration = Duration::from_mins(1);

/// When the index may be made anew next.
#[derive(Debug, Default)]
pub(super) struct Healing {
    failures: u32,
    failed_at: Option<Instant>,
}

impl Healing {
    fn may_try(&self, retry: Duration) -> bool {
        let wait = retry
            .saturating_mul(1 << self.failures.saturating_sub(1).min(6))
            .min(RETRY_MAX);
        self.failed_at.is_none_or(|at| at.elapsed() >= wait)
    }
}

impl EmbeddedStore {
    /// Looks something up; if the index fails or contradicts the journal, makes it anew and
    /// looks again.
    pub(super) fn look<T>(
        &self,
        look: impl Fn(&State) -> Result<T, Fault>,
    ) -> Result<T, ReadError> {
        match self.try_look(&look) {
            Ok(found) => return Ok(found),
            Err((_, Fault::Read(error))) => return Err(error),
            Err((number, fault)) => {
                // Behind a commit that is under way: only what was committed is read.
                let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
                self.mend(&mut writer, number, &fault)?;
            }
        }
        self.try_look(&look)
            .map_err(|(_, fault)| final_error(fault))
    }

    /// The same for a caller that holds the right to write already.
    pub(super) fn look_under<T>(
        &self,
        writer: &mut Writer,
        look: impl Fn(&State) -> Result<T, Fault>,
    ) -> Result<T, ReadError> {
        match self.try_look(&look) {
            Ok(found) => return Ok(found),
            Err((_, Fault::Read(error))) => return Err(error),
            Err((number, fault)) => self.mend(writer, number, &fault)?,
        }
        self.try_look(&look)
            .map_err(|(_, fault)| final_error(fault))
    }

    /// Looks once; a failure is answered with the number of the index that failed.
    fn try_look<T>(&self, look: &impl Fn(&State) -> Result<T, Fault>) -> Result<T, (u64, Fault)> {
        let state = self.state();
        let whole = state.whole().map_err(Fault::from);
        whole
            .and_then(|()| look(&state))
            .map_err(|fault| (state.index.number, fault))
    }

    fn mend(&self, writer: &mut Writer, number: u64, fault: &Fault) -> Result<(), ReadError> {
        {
            let mut state = self.state_mut();
            if state.index.number != number {
                // Somebody else has put another in its place meanwhile.
                return Ok(());
            }
            if state.failed.is_none() {
                let why = match fault {
                    Fault::Index(error) => error.to_string(),
                    Fault::Drift | Fault::Read(_) => {
                        "INDEX_DRIFT: it contradicts the journal".to_owned()
                    }
                };
                tracing::warn!(why, "the index failed and is made anew");
                state.failed = Some(why);
            }
        }
        self.heal(writer, number)
    }

    /// Marks the index as failed; answers its number.
    pub(super) fn fail_index(&self, why: &str) -> u64 {
        let mut state = self.state_mut();
        state.failed.get_or_insert_with(|| why.to_owned());
        state.index.number
    }

    /// Makes a new index beside the failed one and puts it in its place when it is whole. The
    /// caller holds the right to write, so nothing is committed meanwhile.
    pub(super) fn heal(&self, writer: &mut Writer, number: u64) -> Result<(), ReadError> {
        if self.stop.reason() == Some(UnusableReason::Closed) {
            return Err(ReadError::Failed(Box::new(UnusableReason::Closed)));
        }
        let mut healing = self.healing.lock().unwrap_or_else(PoisonError::into_inner);
        {
            let state = self.state();
            if state.index.number != number && state.failed.is_none() {
                return Ok(());
            }
            if !healing.may_try(self.retry) {
                let why = state.failed.clone().unwrap_or_default();
                return Err(ReadError::Failed(Box::new(IndexError(format!(
                    "{why}; it could not be made anew yet"
                )))));
            }
        }
        match self.remake(writer) {
            Ok(()) => {
                *healing = Healing::default();
                Ok(())
            }
            Err(error) => {
                let now = Instant::now();
                *healing = Healing {
                    failures: healing.failures.saturating_add(1),
                    failed_at: Some(now),
                };
                tracing::error!(%error, attempts = healing.failures, "the index could not be made anew");
                Err(error)
            }
        }
    }

    fn remake(&self, writer: &Writer) -> Result<(), ReadError> {
        let (segments, size) = {
            let state = self.state();
            (state.segments.clone(), state.known.tally.size)
        };
        let failed = |error: IndexError| ReadError::Failed(Box::new(error));
        let index = Index::new(self.tenant, self.home.begin().map_err(failed)?);
        let made = rebuild::read_committed(
            &segments,
            writer.tail.end(),
            self.tenant,
            &index,
            &self.signers,
        );
        let known = made.map_err(|error| match error {
            OpenError::Corrupt {
                place: file,
                offset,
                what,
            } => ReadError::Corrupt { file, offset, what },
            other => ReadError::Failed(Box::new(other)),
        })?;
        if known.tally.size != size {
            tracing::error!(
                held = known.tally.size.get(),
                known = size.get(),
                "the journal does not hold what was committed; the store stops"
            );
            self.stop.because(UnusableReason::Contradiction);
            return Err(ReadError::Failed(Box::new(UnusableReason::Contradiction)));
        }
        let number = index.number;
        let old = {
            let mut state = self.state_mut();
            state.known = known;
            state.failed = None;
            std::mem::replace(&mut state.index, index)
        };
        // The failed index is not used again, so a panic while it closes its files does no harm.
        if catch_unwind(AssertUnwindSafe(|| drop(old))).is_err() {
            tracing::warn!("the failed index panicked while it was closed");
        }
        self.home.keep_only(number);
        tracing::info!(size = size.get(), "the index was made anew");
        Ok(())
    }

    /// Lets the index become a generation that reflects everything that was committed. One that does
    /// not take it is made anew when it is next asked.
    pub(super) fn seal(&self, writer: &Writer) {
        let room = self.state().index.room();
        room.make_room();
        let mut state = self.state_mut();
        if state.failed.is_some() || state.known.tally.size.is_empty() {
            return;
        }
        let newest = FrameAt {
            begin: writer.tail.newest(),
            end: writer.tail.end(),
        };
        if let Err(error) = state.seal(newest) {
            tracing::warn!(%error, "the index was not kept as it stands; it is made anew when it is next asked");
            state.failed.get_or_insert_with(|| error.to_string());
        }
    }

    /// Keeps the index as a generation and closes it.
    pub(super) fn close_index(&self, writer: &Writer) -> Result<(), IndexError> {
        self.seal(writer);
        let state = self.state();
        state.whole()?;
        state.index.close()
    }
}

/// What a look-up that failed twice is answered with.
fn final_error(fault: Fault) -> ReadError {
    match fault {
        Fault::Read(error) => error,
        Fault::Index(error) => ReadError::Failed(Box::new(error)),
        Fault::Drift => ReadError::Corrupt {
            file: "index".to_owned(),
            offset: 0,
            what: "contradicts the journal",
        },
    }
}
