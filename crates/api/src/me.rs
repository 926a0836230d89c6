//! As whom a client asks.

use app::access::viewer::Viewer;
use async_graphql::SimpleObject;
use events::event::CATALOGUE;
use events::meta::Role;

/// Who asks.
#[derive(Debug, Clone, SimpleObject)]
pub struct Me {
    /// Pseudonymous id within the municipality.
    pub actor: String,
    /// The role.
    pub actor_role: Role,
    /// The unit, where there is one.
    pub actor_unit: Option<String>,
    /// Four-digit code of the municipality.
    pub municipality: String,
    /// The mutations that this role may order, in the order of the catalogue. Others are refused with
    /// `ROLE_NOT_ALLOWED`.
    pub may_order: Vec<String>,
}

impl Me {
    /// The answer for a viewer.
    #[must_use]
    pub fn of(viewer: &Viewer) -> Self {
        let actor = &viewer.actor;
        let allowed = CATALOGUE
            .iter()
            .filter(|spec| spec.roles.contains(&actor.role));
        Self {
            actor: actor.id.clone(),
            actor_role: actor.role,
            actor_unit: actor.unit.clone(),
            municipality: actor.municipality.clone(),
            may_order: allowed
                .filter_map(|spec| spec.order)
                .map(str::to_owned)
                .collect(),
        }
    }
}
