//! How long the case is kept, with whether a hold or an archive stands in force now; holds are
//! answered by `domain`'s own struct.

use async_graphql::SimpleObject;
use domain::views::retention::{self, Hold};
use events::ids::ErasureId;
use events::time::Occurred;

/// Whether a case still runs and what was erased (V20).
#[derive(Debug, Clone, SimpleObject)]
pub struct Retention {
    /// Whether the case runs: while it does, no period of retention ends.
    pub running: bool,
    /// When it was closed.
    pub closed: Option<Occurred>,
    /// Whether a hold forbids erasing.
    pub held: bool,
    /// Holds on erasing, those that were lifted among them.
    pub holds: Vec<Hold>,
    /// Whether the receiving archive has approved what stands in the case as it was last closed.
    pub archived: bool,
    /// Erasures that were ordered.
    pub erasures: Vec<ErasureId>,
}

impl From<retention::Retention> for Retention {
    fn from(view: retention::Retention) -> Self {
        Self {
            running: view.running,
            held: view.held(),
            archived: view.archived(),
            closed: view.closed.map(|(_, when)| when),
            erasures: view.erasures.iter().map(|erased| erased.erasure).collect(),
            holds: view.holds,
        }
    }
}
