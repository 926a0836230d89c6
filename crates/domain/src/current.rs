//! A stream as it stands now: its reading, and what its commands are decided on. Each new event
//! brings it forward; nothing is folded again that was folded before.
//!
//! A step answers what folding from the start would answer, or says that only that can.

use std::sync::Arc;

use events::event::Event;
use events::ids::StreamId;

use crate::reading::{ImpossibleHistory, Known, ReadEvent, Reading, ReadingPoint};
use crate::recorded::Recorded;
use crate::references::{References, references};
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

/// What commands of a stream are decided on, brought forward event by event. A copy shares everything
/// until one of both is brought forward.
#[derive(Debug, Clone, Default)]
pub struct Folded {
    state: Arc<StreamState>,
    /// The index in the log of the newest event that was read, of this stream or another.
    last: Option<u64>,
}

impl Folded {
    /// Folds a reading.
    #[must_use]
    pub fn of(reading: &Reading, stream: StreamId) -> Self {
        Self {
            state: Arc::new(StreamState::fold(reading, stream)),
            last: reading.events.last().map(|last| last.index),
        }
    }

    /// What commands are decided on.
    #[must_use]
    pub fn state(&self) -> &StreamState {
        &self.state
    }

    /// Takes in the next event of the stream. `read` answers whether a stream is part of the reading
    /// already.
    pub fn step(&mut self, next: &Next, read: impl Fn(StreamId) -> bool) -> Step {
        // An event of another stream may have been read that was recorded later.
        let late = self.last.is_some_and(|last| last >= next.event.index);
        if late || !next.only_adds(read) {
            return Step::FoldAgain;
        }
        Arc::make_mut(&mut self.state).take(&next.event, next.event.stream);
        self.last = Some(next.event.index);
        Step::Taken
    }
}

/// A stream with all that it references, as it stands now. A copy shares everything until one of
/// both is brought forward.
#[derive(Debug, Clone, Default)]
pub struct Current {
    reading: Arc<Reading>,
    folded: Folded,
    /// The position in the log that was folded to; what stands behind it was taken in by steps.
    folded_to: u64,
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
        let folded_to = reading.events.last().map_or(0, |last| last.index + 1);
        Self {
            folded: Folded::of(&reading, stream),
            reading: Arc::new(reading),
            folded_to,
        }
    }

    /// The reading.
    #[must_use]
    pub const fn reading(&self) -> &Arc<Reading> {
        &self.reading
    }

    /// The same stream as it could be known at a position: the entries with a smaller index. Null
    /// where only reading it from the start can tell.
    #[must_use]
    pub fn at(&self, position: u64) -> Option<Reading> {
        if position < self.folded_to {
            return None;
        }
        let known = self.reading.events.iter();
        let known = known.take_while(|event| event.index < position);
        Some(Reading {
            events: known.cloned().collect(),
            point: ReadingPoint {
                known: Known::Position(position),
                ..ReadingPoint::default()
            },
        })
    }

    /// What was folded of it, without its reading.
    #[must_use]
    pub const fn folded(&self) -> &Folded {
        &self.folded
    }

    /// What commands are decided on.
    #[must_use]
    pub fn state(&self) -> &StreamState {
        self.folded.state()
    }

    /// Takes in the next event of the stream, as [`Folded::step`] does.
    pub fn step(&mut self, next: &Next, read: impl Fn(StreamId) -> bool) -> Step {
        let step = self.folded.step(next, read);
        if step == Step::Taken {
            let event = Arc::clone(&next.event);
            Arc::make_mut(&mut self.reading).events.push(event);
        }
        step
    }
}

/// An event that is about to be taken in.
#[derive(Debug, Clone, PartialEq)]
pub struct Next {
    event: Arc<ReadEvent>,
    links: References,
    changes_others: bool,
}

impl Next {
    /// Reads what the record holds of it.
    ///
    /// # Errors
    /// [`ImpossibleHistory::Unreadable`] when it does not fit its type.
    pub fn of(record: &Recorded) -> Result<Self, ImpossibleHistory> {
        let event = ReadEvent::uncorrected(record)?;
        let changes_others = match event.fact().map(|shown| &shown.facts) {
            // Corrections and annulments alone change how another event reads. Where a fact was
            // erased, more may have been than what stands here.
            None | Some(Event::EventCorrected(_) | Event::EventAnnulled(_)) => true,
            Some(_) => false,
        };
        Ok(Self {
            event: Arc::new(event),
            links: references(std::slice::from_ref(record), &ReadingPoint::default()),
            changes_others,
        })
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> &ReadEvent {
        &self.event
    }

    /// Whether it leaves all other events as they read, and brings no other stream into the reading.
    /// `read` answers whether a stream is part of the reading already.
    pub fn only_adds(&self, read: impl Fn(StreamId) -> bool) -> bool {
        let links = &self.links;
        let more = !links.facts.is_empty() || !links.streams.iter().all(|stream| read(*stream));
        !more && !self.changes_others
    }
}
