//! Who asks, and for what purpose. Every use case receives one; none is optional.

use events::meta::{Actor, Role};

/// Why somebody reads or writes: a code that the access log keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Ordinary casework.
    Casework,
    /// Import of an existing history by the operator.
    Import,
    /// Review by the Appeals Board.
    Review,
    /// Local development with a fixed identity, on loopback only.
    Development,
}

/// A known actor with a purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Who.
    pub actor: Actor,
    /// Why.
    pub purpose: Purpose,
}

impl Viewer {
    /// Whether this viewer may read the content of cases: auditors see no personal content.
    #[must_use]
    pub const fn reads_content(&self) -> bool {
        !matches!(self.actor.role, Role::Auditor)
    }

    /// Whether this viewer may order an erasure.
    #[must_use]
    pub const fn may_erase(&self) -> bool {
        matches!(self.actor.role, Role::Dpo | Role::Leader)
    }
}
