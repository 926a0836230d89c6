//! A stream as it stands now: its reading, and what its commands are decided on. Each new event
//! brings it forward; nothing is folded again that was folded before.
//!
//! A step answers what folding from the start would answer, or says that only that can.

use std::sync::Arc;

use events::event::Event;
use events::ids::StreamId;

use crate::reading::{ImpossibleHistory, ReadEvent, Reading, ReadingPoint};
use crate::recorded::Recorded;
use crate::references::references;
use crate::state::StreamState;

/// Whether a step could be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The event was taken in.
    Taken,
    /// The event changes what stands before it, or links streams that were not read: the whole must
    /// be folded again. Nothing was taken in.
    FoldAgain,
}

/// A stream with all that it references, as it stands now. A copy shares everything until one of
/// both is brought forward.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Current {
    reading: Arc<Reading>,
    state: Arc<StreamState>,
}

impl Current {
    /// Folds a stream, given its events and those of all streams that it references.
    ///
    /// # Errors
    /// [`ImpossibleHistory::Unreadable`] as for [`Reading::new`].
    pub fn fold(records: Vec<Recorded>, stream: StreamId) -> Result<Self, ImpossibleHistory> {
        Reading::new(records, ReadingPoint::default()).map(|reading| Self::of(reading, stream))
    }

    /// A stream whose reading is at hand.
    #[must_use]
    pub fn of(reading: Reading, stream: StreamId) -> Self {
        let state = StreamState::fold(&reading, stream);
        Self {
            reading: Arc::new(reading),
            state: Arc::new(state),
        }
    }

    /// The reading.
    #[must_use]
    pub const fn reading(&self) -> &Arc<Reading> {
        &self.reading
    }

    /// What commands are decided on.
    #[must_use]
    pub fn state(&self) -> &StreamState {
        &self.state
    }

    /// Takes in the next event of the stream. `read` answers whether a stream is part of the reading
    /// already.
    ///
    /// # Errors
    /// [`ImpossibleHistory::Unreadable`] when the event does not fit its type; nothing was taken in.
    pub fn step(
        &mut self,
        next: &Recorded,
        read: impl Fn(StreamId) -> bool,
    ) -> Result<Step, ImpossibleHistory> {
        // An event of another stream may have been read that was recorded later.
        let last = self.reading.events.last();
        if last.is_some_and(|last| last.index >= next.index) {
            return Ok(Step::FoldAgain);
        }
        let links = references(std::slice::from_ref(next), &self.reading.point);
        if !links.facts.is_empty() || !links.streams.iter().all(|stream| read(*stream)) {
            return Ok(Step::FoldAgain);
        }
        let event = ReadEvent::uncorrected(next)?;
        match event.fact().map(|shown| &shown.facts) {
            // These alone change how another event reads. Where a fact was erased, more may have
            // been than what is looked at here.
            None | Some(Event::EventCorrected(_) | Event::EventAnnulled(_)) => {
                return Ok(Step::FoldAgain);
            }
            Some(_) => {}
        }
        Arc::make_mut(&mut self.state).take(&event, next.stream);
        Arc::make_mut(&mut self.reading)
            .events
            .push(Arc::new(event));
        Ok(Step::Taken)
    }
}
