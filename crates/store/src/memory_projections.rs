//! A projection store in memory, for tests and for trying things out.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::projection_store::{
    Direction, Generation, Generations, ProjectionBatch, ProjectionError, ProjectionRow,
    ProjectionSnapshot, ProjectionStore, RowSum, key_range,
};

#[derive(Default)]
struct State {
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
    position: u64,
    sum: RowSum,
}

/// Rows in memory.
#[derive(Default)]
pub struct MemoryProjections(RwLock<State>);

impl MemoryProjections {
    /// No rows, at position 0.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl ProjectionStore for MemoryProjections {
    fn snapshot(&self) -> Result<Box<dyn ProjectionSnapshot + '_>, ProjectionError> {
        Ok(Box::new(Snapshot(
            self.0.read().unwrap_or_else(PoisonError::into_inner),
        )))
    }

    fn apply(&self, batch: ProjectionBatch) -> Result<(), ProjectionError> {
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (key, value) in batch.rows {
            if let Some(old) = state.rows.remove(&key) {
                state.sum.subtract(&key, &old);
            }
            if let Some(value) = value {
                state.sum.add(&key, &value);
                state.rows.insert(key, value);
            }
        }
        state.position = batch.position;
        Ok(())
    }

    fn flush(&self) -> Result<(), ProjectionError> {
        Ok(())
    }
}

struct Snapshot<'a>(RwLockReadGuard<'a, State>);

impl ProjectionSnapshot for Snapshot<'_> {
    fn position(&self) -> u64 {
        self.0.position
    }

    fn sum(&self) -> RowSum {
        self.0.sum
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ProjectionError> {
        Ok(self.0.rows.get(key).cloned())
    }

    fn scan(
        &self,
        prefix: &[u8],
        beyond: Option<&[u8]>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<ProjectionRow>, ProjectionError> {
        let Some(range) = key_range(prefix, beyond, direction) else {
            return Ok(Vec::new());
        };
        let mut range = self.0.rows.range(range);
        let rows = |rows: &mut dyn Iterator<Item = (&Vec<u8>, &Vec<u8>)>| {
            rows.take(limit)
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect()
        };
        Ok(match direction {
            Direction::Rising => rows(&mut range),
            Direction::Falling => rows(&mut range.rev()),
        })
    }
}

/// Generations in memory: nothing outlives the process.
#[derive(Default)]
pub struct MemoryGenerations(AtomicU64);

impl Generations for MemoryGenerations {
    fn open(&self) -> Result<Option<Arc<dyn ProjectionStore>>, ProjectionError> {
        Ok(None)
    }

    fn begin(&self) -> Result<Generation, ProjectionError> {
        Ok(Generation {
            number: self.0.fetch_add(1, Ordering::Relaxed),
            store: Arc::new(MemoryProjections::new()),
        })
    }

    fn put_in_force(&self, _: &Generation) -> Result<(), ProjectionError> {
        Ok(())
    }

    fn sweep(&self) -> Result<(), ProjectionError> {
        Ok(())
    }
}
