//! Which commands and events are on their way to the store, and which have an unknown outcome.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex};

/// What is on its way to the store.
#[derive(Default)]
pub(super) struct Flight {
    pub(super) state: Mutex<InFlight>,
    pub(super) arrived: Condvar,
}

#[derive(Default)]
pub(super) struct InFlight {
    pub(super) batches: usize,
    pub(super) failed: bool,
    /// The next batch waits until this one has arrived, and wants to be told.
    pub(super) awaited: bool,
    pub(super) commands: BTreeSet<uuid::Uuid>,
    pub(super) events: BTreeSet<uuid::Uuid>,
    /// Commands of a batch whose outcome is unknown: until the store is opened again nobody can say
    /// of them that nothing was written. The store takes no batch behind such a one, so they are
    /// few.
    pub(super) unknown: BTreeSet<uuid::Uuid>,
}
