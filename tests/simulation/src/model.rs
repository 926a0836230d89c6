//! What the world outside was told, and what must therefore be found.

use std::collections::BTreeMap;

use uuid::Uuid;

/// How it stands with a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Never sent, or refused whenever it was: it must not be found.
    Absent,
    /// Acknowledged: it must be found, at this index.
    Recorded(u64),
    /// Nobody knows: all of it is found, or nothing.
    Unknown,
}

/// A command: one event in each of its streams.
#[derive(Debug, Clone)]
pub struct Job {
    pub command: Uuid,
    /// Stream and event id.
    pub events: Vec<(Uuid, Uuid)>,
    /// The log index of an event whose second part it erases.
    pub erases: Option<u64>,
    pub standing: Standing,
}

#[derive(Debug, Default)]
pub struct Model {
    pub jobs: Vec<Job>,
    /// Entries by index, as they were acknowledged.
    pub entries: BTreeMap<u64, Vec<u8>>,
    /// The largest checkpoint that was stored.
    pub checkpoint: u64,
}

impl Model {
    /// Jobs that were acknowledged, with their first index.
    pub fn recorded(&self) -> Vec<(usize, u64)> {
        let place = |(number, job): (usize, &Job)| match job.standing {
            Standing::Recorded(first) => Some((number, first)),
            _ => None,
        };
        self.jobs.iter().enumerate().filter_map(place).collect()
    }
}
