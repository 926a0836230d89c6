//! How long the case is kept, and what holds it.

use async_graphql::SimpleObject;
use domain::views::retention::Retention;
use events::erasure::HoldGround;
use events::ids::{ErasureId, EventId};
use events::time::Occurred;

/// Whether a case still runs and what was erased (V20).
#[derive(Debug, Clone, SimpleObject)]
pub struct RetentionView {
    /// Whether the case runs: while it does, no period of retention ends.
    pub running: bool,
    /// When it was closed.
    pub closed: Option<Occurred>,
    /// Whether a hold forbids erasing.
    pub held: bool,
    /// Holds on erasing, those that were lifted among them.
    pub holds: Vec<HoldView>,
    /// Whether the receiving archive has approved what stands in the case as it was last closed.
    pub archived: bool,
    /// Erasures that were ordered.
    pub erasures: Vec<ErasureId>,
}

/// A hold on erasing.
#[derive(Debug, Clone, SimpleObject)]
pub struct HoldView {
    /// The event that set it.
    pub event: EventId,
    /// Since when.
    pub since: Occurred,
    /// Why.
    pub ground: HoldGround,
    /// The event that lifted it; none while it is in force.
    pub lifted: Option<EventId>,
}

impl From<Retention> for RetentionView {
    fn from(view: Retention) -> Self {
        Self {
            running: view.running,
            held: view.held(),
            archived: view.archived(),
            holds: view
                .holds
                .iter()
                .map(|hold| HoldView {
                    event: hold.set,
                    since: hold.since,
                    ground: hold.ground,
                    lifted: hold.lifted,
                })
                .collect(),
            closed: view.closed.map(|(_, when)| when),
            erasures: view.erasures.iter().map(|erased| erased.erasure).collect(),
        }
    }
}
