//! Retention (V20): whether a case still runs, since when it does not, what may not be erased and
//! what was.
//!
//! How long a municipality keeps a case before it is archived is its own to set and not settled
//! here (all child cases are taken to be kept); nothing is ever deleted by a date alone.

use events::erasure::{ErasureGround, HoldGround};
use events::event::Event;
use events::ids::{ErasureId, EventId, StreamId};
use events::text::Short;
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
    /// The event that carried it out; null while it is not.
    pub executed: Option<EventId>,
}

/// A hold on erasing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Hold {
    /// The event that set it.
    #[cfg_attr(feature = "graphql", graphql(name = "event"))]
    pub set: EventId,
    /// When.
    pub since: Occurred,
    /// Why.
    pub ground: HoldGround,
    /// The event that lifted it; null while it is in force.
    pub lifted: Option<EventId>,
}

/// An archive version that the receiving archive approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    /// The event.
    pub event: EventId,
    /// When it was approved.
    pub occurred: Occurred,
    /// Which archive.
    pub archive: Short,
    /// Id of the version.
    pub version: Short,
    /// Whether the case had been closed and did not run again since.
    pub in_force: bool,
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
    /// Holds on erasing.
    pub holds: Vec<Hold>,
    /// Archive versions.
    pub archives: Vec<Archived>,
    /// Erasures.
    pub erasures: Vec<Erased>,
}

impl Retention {
    /// Whether any hold forbids erasing.
    #[must_use]
    pub fn held(&self) -> bool {
        self.holds.iter().any(|hold| hold.lifted.is_none())
    }

    /// Whether this event set a hold that is in force.
    #[must_use]
    pub fn in_force(&self, set: EventId) -> bool {
        self.holds
            .iter()
            .any(|hold| hold.set == set && hold.lifted.is_none())
    }

    /// Whether the receiving archive has approved what stands here as it was last closed.
    #[must_use]
    pub fn archived(&self) -> bool {
        self.archives.iter().any(|archived| archived.in_force)
    }
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
            // What was archived before is not all that stands here any more.
            if running {
                view.archives
                    .iter_mut()
                    .for_each(|archived| archived.in_force = false);
            }
        };
        match &shown.facts {
            Event::CaseOpened(_) | Event::CaseReopened(_) => turn(true),
            Event::CaseClosed(_) => turn(false),
            Event::RetentionHoldChanged(facts) => match facts.lifts {
                None => view.holds.push(Hold {
                    set: id,
                    since: occurred,
                    ground: facts.ground,
                    lifted: None,
                }),
                Some(set) => {
                    let hold = view
                        .holds
                        .iter_mut()
                        .find(|hold| hold.set == set && hold.lifted.is_none());
                    hold.into_iter().for_each(|hold| hold.lifted = Some(id));
                }
            },
            Event::ArchiveVersionApproved(facts) => {
                let (archive, version) = (facts.archive.clone(), facts.version.clone());
                view.archives.push(Archived {
                    event: id,
                    occurred,
                    archive,
                    version,
                    in_force: !view.running,
                });
            }
            Event::ErasureOrdered(facts) => {
                view.erasures.push(Erased {
                    erasure: facts.erasure,
                    ordered: id,
                    ground: facts.ground,
                    executed: None,
                });
            }
            Event::ErasureExecuted(facts) => {
                if let Some(erased) = view
                    .erasures
                    .iter_mut()
                    .find(|erased| erased.ordered == facts.ordered.event)
                {
                    erased.executed = Some(id);
                }
            }
            _ => {}
        }
    }
    view
}
