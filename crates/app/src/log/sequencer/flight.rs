//! Which commands and events are on their way to the store, and which have an unknown outcome.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Condvar, Mutex, PoisonError};

use store::log_store::CommitError;
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
    /// The next batch waits until this one has arrived, and wants to be told.
    pub(super) awaited: bool,
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

/// What follows when a batch has arrived.
pub(super) struct Arrived {
    /// Who sent one of its commands again.
    pub(super) repeated: Vec<Answer>,
    /// Whether the next batch waits for it.
    pub(super) awaited: bool,
}

impl Flight {
    /// A batch of these commands and events has its outcome.
    pub(super) fn arrive(
        &self,
        commands: &[Uuid],
        events: &[Uuid],
        error: Option<&CommitError>,
    ) -> Arrived {
        let mut aloft = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        aloft.batches -= 1;
        aloft.failed |= error.is_some();
        let mut repeated = Vec::new();
        for command in commands {
            aloft.commands.remove(command);
            repeated.extend(aloft.repeated.remove(command).into_iter().flatten());
        }
        if matches!(error, Some(CommitError::Unknown(_))) {
            aloft.unknown.extend(commands);
        }
        for event in events {
            aloft.events.remove(event);
        }
        self.arrived.notify_all();
        Arrived {
            repeated,
            awaited: std::mem::take(&mut aloft.awaited),
        }
    }

    /// Keeps whoever sent a command again until it has arrived; one that has is told at once.
    pub(super) fn repeat(&self, command: Uuid, answer: Answer, building: &Building) {
        let mut aloft = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if aloft.commands.contains(&command) || building.commands.contains(&command) {
            aloft.repeated.entry(command).or_default().push(answer);
        } else {
            drop(aloft);
            answer.send(Err(RecordError::InFlight));
        }
    }
}
