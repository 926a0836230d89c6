//! A projection store in memory, for tests and for trying things out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use record::positions::Size;

use crate::projection_store::{
    Direction, Generation, Generations, ProjectionBatch, ProjectionError, ProjectionRow,
    ProjectionSnapshot, ProjectionStore, RowSum, key_range,
};

#[derive(Clone, Default)]
struct State {
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
    position: Size,
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
    fn position(&self) -> Size {
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

#[derive(Default)]
struct Begun {
    newest: u64,
    stores: BTreeMap<u64, Arc<MemoryProjections>>,
    in_force: Option<u64>,
}

/// Generations in memory: the one in force is found again, and no other; nothing outlives the
/// process.
#[derive(Default)]
pub struct MemoryGenerations(Mutex<Begun>);

impl MemoryGenerations {
    fn begun(&self) -> MutexGuard<'_, Begun> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a generation is in force.
    #[must_use]
    pub fn has_any(&self) -> bool {
        self.begun().in_force.is_some()
    }

    /// A copy of the generation in force, which changes apart from this one.
    #[must_use]
    pub fn copy(&self) -> Self {
        let begun = self.begun();
        let (newest, in_force) = (begun.newest, begun.in_force);
        let stores = in_force
            .and_then(|number| Some((number, begun.stores.get(&number)?)))
            .map(|(number, store)| {
                let state = store.0.read().unwrap_or_else(PoisonError::into_inner);
                let copied = MemoryProjections(RwLock::new(state.clone()));
                (number, Arc::new(copied))
            });
        Self(Mutex::new(Begun {
            newest,
            stores: stores.into_iter().collect(),
            in_force,
        }))
    }

    fn keep_in_force(&self) -> MutexGuard<'_, Begun> {
        let mut begun = self.begun();
        let in_force = begun.in_force;
        begun.stores.retain(|number, _| Some(*number) == in_force);
        begun
    }
}

impl Generations for MemoryGenerations {
    fn open(&self) -> Result<Option<Arc<dyn ProjectionStore>>, ProjectionError> {
        let begun = self.keep_in_force();
        let found = begun.in_force.and_then(|number| begun.stores.get(&number));
        Ok(found.map(|store| Arc::<MemoryProjections>::clone(store) as Arc<dyn ProjectionStore>))
    }

    fn begin(&self) -> Result<Generation, ProjectionError> {
        let mut begun = self.begun();
        begun.newest += 1;
        let (number, store) = (begun.newest, Arc::<MemoryProjections>::default());
        begun.stores.insert(number, Arc::clone(&store));
        Ok(Generation { number, store })
    }

    fn put_in_force(&self, generation: &Generation) -> Result<(), ProjectionError> {
        let mut begun = self.begun();
        if !begun.stores.contains_key(&generation.number) {
            return Err(ProjectionError::Failed("it was not begun here".into()));
        }
        begun.in_force = Some(generation.number);
        Ok(())
    }

    fn sweep(&self) -> Result<(), ProjectionError> {
        drop(self.keep_in_force());
        Ok(())
    }
}
