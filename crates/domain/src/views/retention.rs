//! Retention (V20): whether a case still runs, since when it does not, and what was erased.
//!
//! How long a municipality keeps a case before it is archived is its own to set and not settled
//! here (all child cases are taken to be kept); nothing is ever deleted by a date alone.

use events::erasure::ErasureGround;
use events::event::Event;
use events::ids::{ErasureId, EventId, StreamId};
use events::time::Occurred;

use crate::reading::Reading;

/// An erasure, as retention counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// The erasure.
    pub erasure: ErasureId,
    /// The event that ordered it.
    pub ordered: EventId,
    /// On what ground.
    pub ground: ErasureGround,
    /// The event that carried it out; none while it is not.
    pub executed: Option<EventId>,
}

/// The view.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retention {
    /// Whether the case runs: while it does, no period of retention ends.
    pub running: bool,
    /// When it was closed, and by which event.
    pub closed: Option<(EventId, Occurred)>,
    /// Every opening, closing and reopening of it.
    pub turns: Vec<(EventId, Occurred, bool)>,
    /// Erasures.
    pub erasures: Vec<Erased>,
}

/// Folds the view.
#[must_use]
pub fn retention(reading: &Reading, case: StreamId) -> Retention {
    let mut view = Retention::default();
    for (event, shown) in reading.facts().filter(|(event, _)| event.stream == case) {
        let (id, occurred) = (event.event, shown.meta.occurred);
        let mut turn = |running: bool| {
            view.running = running;
            view.closed = (!running).then_some((id, occurred));
            view.turns.push((id, occurred, running));
        };
        match &shown.facts {
            Event::CaseOpened(_) | Event::CaseReopened(_) => turn(true),
            Event::CaseClosed(_) => turn(false),
            Event::ErasureOrdered(facts) => {
                view.erasures.push(Erased { erasure: facts.erasure, ordered: id, ground: facts.ground, executed: None });
            }
            Event::ErasureExecuted(facts) => {
                if let Some(erased) = view.erasures.iter_mut().find(|erased| erased.ordered == facts.ordered.event) {
                    erased.executed = Some(id);
                }
            }
            _ => {}
        }
    }
    view
}
