//! Which commands and events are on their way to the store, and which have an unknown outcome.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Condvar, Mutex, PoisonError};

use uuid::Uuid;

use super::Answer;
use super::batch::Building;
use crate::error::RecordError;

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
    pub(super) commands: BTreeSet<uuid::Uuid>,
    pub(super) events: BTreeSet<uuid::Uuid>,
    /// Who sent a command again that is on its way; they are told when it has arrived, so that they
    /// need not ask again and again.
    pub(super) repeated: BTreeMap<Uuid, Vec<Answer>>,
    /// Commands of a batch whose outcome is unknown: until the store is opened again nobody can say
    /// of them that nothing was written. The store takes no batch behind such a one, so they are
    /// few.
    pub(super) unknown: BTreeSet<uuid::Uuid>,
}

impl Flight {
    /// Keeps whoever sent a command again until it has arrived; one that has is told at once.
    pub(super) fn repeat(&self, command: Uuid, answer: Answer, building: &Building) {
        let mut aloft = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if aloft.commands.contains(&command) || building.commands.contains(&command) {
            aloft.repeated.entry(command).or_default().push(answer);
        } else {
            drop(aloft);
            drop(answer.send(Err(RecordError::InFlight)));
        }
    }
}
