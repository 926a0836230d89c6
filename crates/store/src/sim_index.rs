//! Indexes for tests that fail at a chosen call, before or after it took effect.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::index_store::{Extent, IndexError, IndexHome, IndexRow, IndexRows, Made, MemoryRows};

/// What goes wrong at a chosen call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexMishap {
    /// The call fails and has no effect.
    Before,
    /// The call takes effect and fails.
    After,
    /// This call and all later ones fail until [`SimIndexes::heal`], as on a disk that is full.
    Lasting,
}

#[derive(Default)]
struct Faults {
    calls: u64,
    mishap: Option<(u64, IndexMishap)>,
    broken: bool,
    made: u64,
}

impl Faults {
    /// Counts a call; answers what goes wrong with it.
    fn call(&mut self) -> Option<IndexMishap> {
        self.calls += 1;
        if self.broken {
            return Some(IndexMishap::Before);
        }
        let (left, mishap) = self.mishap?;
        if left > 0 {
            self.mishap = Some((left - 1, mishap));
            return None;
        }
        self.mishap = None;
        self.broken = mishap == IndexMishap::Lasting;
        Some(mishap)
    }
}

/// A home of indexes in memory.
#[derive(Clone, Default)]
pub struct SimIndexes(Arc<Mutex<Faults>>);

impl SimIndexes {
    fn faults(&self) -> MutexGuard<'_, Faults> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets something go wrong after so many more calls of any index of this home.
    pub fn mishap_after(&self, calls: u64, mishap: IndexMishap) {
        self.faults().mishap = Some((calls, mishap));
    }

    /// Ends what lasts, and what was still to come.
    pub fn heal(&self) {
        let mut faults = self.faults();
        (faults.broken, faults.mishap) = (false, None);
    }

    /// How many calls there were so far.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.faults().calls
    }

    fn run<T>(&self, work: impl FnOnce() -> Result<T, IndexError>) -> Result<T, IndexError> {
        pause();
        let mishap = self.faults().call();
        match mishap {
            None => work(),
            Some(IndexMishap::After) => {
                work()?;
                Err(IndexError("it failed behind the effect".to_owned()))
            }
            Some(IndexMishap::Before | IndexMishap::Lasting) => {
                Err(IndexError("it failed".to_owned()))
            }
        }
    }
}

/// Lets another thread go on, where a scheduler chooses which.
pub(crate) fn pause() {
    #[cfg(feature = "interleaved")]
    shuttle::thread::yield_now();
}

struct SimRows {
    home: SimIndexes,
    rows: MemoryRows,
}

impl IndexRows for SimRows {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
        self.home.run(|| self.rows.get(key))
    }

    fn count(&self) -> Result<u64, IndexError> {
        self.home.run(|| self.rows.count())
    }

    fn put(&self, rows: Vec<IndexRow>) -> Result<(), IndexError> {
        self.home.run(|| self.rows.put(rows))
    }

    fn close(&self) -> Result<(), IndexError> {
        self.home.run(|| self.rows.close())
    }
}

impl IndexHome for SimIndexes {
    fn begin(&self) -> Result<Made, IndexError> {
        self.run(|| {
            let mut faults = self.faults();
            faults.made += 1;
            let rows = SimRows {
                home: self.clone(),
                rows: MemoryRows::default(),
            };
            Ok(Made {
                number: faults.made,
                rows: Box::new(rows),
            })
        })
    }

    fn reopen(&self) -> io::Result<Option<(Made, Extent)>> {
        Ok(None)
    }

    fn keep_only(&self, _number: u64) {}
}
