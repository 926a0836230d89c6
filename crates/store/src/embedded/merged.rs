//! The rows of several runs in order, for merging runs and for audits. Looking up one row is done in
//! `run`, which reads one block for it.

use super::run::Run;
use crate::index_store::{IndexError, IndexRow};

/// How far a run was read.
struct Reading<'a> {
    run: &'a Run,
    /// The block that is read next.
    block: usize,
    rows: std::vec::IntoIter<IndexRow>,
    next: Option<IndexRow>,
}

/// The rows of several runs, the newest run last, each key once and with its newest value.
pub(crate) struct Merged<'a> {
    runs: Vec<Reading<'a>>,
}

impl<'a> Merged<'a> {
    pub(crate) fn of(runs: impl Iterator<Item = &'a Run>) -> Result<Self, IndexError> {
        let mut merged = Self { runs: Vec::new() };
        for run in runs {
            let mut reading = Reading {
                run,
                block: 0,
                rows: Vec::new().into_iter(),
                next: None,
            };
            reading.step()?;
            merged.runs.push(reading);
        }
        Ok(merged)
    }

    pub(crate) fn next(&mut self) -> Result<Option<IndexRow>, IndexError> {
        let keys = self.runs.iter().filter_map(|run| run.next.as_ref());
        let Some(least) = keys.map(|(key, _)| key).min().cloned() else {
            return Ok(None);
        };
        let mut found = None;
        for run in &mut self.runs {
            if run.next.as_ref().is_some_and(|(key, _)| *key == least) {
                found = run.next.take();
                run.step()?;
            }
        }
        Ok(found)
    }
}

impl Reading<'_> {
    /// Brings the next row to its place.
    fn step(&mut self) -> Result<(), IndexError> {
        self.next = self.rows.next();
        while self.next.is_none() && self.block < self.run.block_count() {
            self.rows = self.run.rows(self.block)?.into_iter();
            self.block += 1;
            self.next = self.rows.next();
        }
        Ok(())
    }
}
