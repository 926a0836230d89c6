//! Who asks, and for what purpose. What a viewer may do stands in [`crate::access::rights`].

use events::meta::Actor;

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
