//! Projections on disk, with sled, in a directory of their own: one folder for each generation,
//! and a file that names the one in force.
//!
//! Nothing rests on sled keeping its word: the sum over all rows stands beside them and is
//! computed again when they are opened. Rows that do not add up are thrown away.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use record::positions::Size;

use crate::disk::{RealDisk, replace};
use crate::projection_store::{
    Direction, Generation, Generations, ProjectionBatch, ProjectionError, ProjectionRow,
    ProjectionSnapshot, ProjectionStore, RowSum, key_range,
};

/// Bytes of rows that are kept in memory, however many there are on disk.
const CACHE_BYTES: u64 = 32 * 1024 * 1024;
/// A crash may cost what was written in this time, which is then read from the log again.
const FLUSH_EVERY_MS: u64 = 1_000;
/// Name of the file that names the generation in force.
const IN_FORCE: &str = "in-force";

/// Runs something of sled's; a panic inside it is an error like any other.
fn guarded<T>(work: impl FnOnce() -> sled::Result<T>) -> Result<T, ProjectionError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(failed),
        Err(_) => Err(failed("sled panicked")),
    }
}

fn failed(error: impl Into<crate::log_store::BoxError>) -> ProjectionError {
    ProjectionError::Failed(error.into())
}

/// A directory with generations of projections.
#[derive(Debug, Clone)]
pub struct ProjectionDir {
    dir: PathBuf,
    tenant: [u8; 4],
}

impl ProjectionDir {
    /// Uses a directory, made when needed; `tenant` is the municipality code in front of every
    /// key.
    #[must_use]
    pub fn new(dir: &Path, tenant: [u8; 4]) -> Self {
        Self {
            dir: dir.to_owned(),
            tenant,
        }
    }

    fn folder(&self, number: u64) -> PathBuf {
        self.dir.join(format!("{number:010}"))
    }

    /// Whether a generation is in force, whatever state it is in.
    #[must_use]
    pub fn has_any(&self) -> bool {
        self.in_force()
            .is_some_and(|number| self.folder(number).exists())
    }

    fn in_force(&self) -> Option<u64> {
        fs::read_to_string(self.dir.join(IN_FORCE))
            .ok()?
            .trim_end()
            .parse()
            .ok()
    }

    fn numbers(&self) -> io::Result<Vec<u64>> {
        let entries = match fs::read_dir(&self.dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut numbers = Vec::new();
        for entry in entries {
            numbers.extend(
                entry?
                    .file_name()
                    .to_str()
                    .and_then(|name| name.parse::<u64>().ok()),
            );
        }
        Ok(numbers)
    }

    fn remove_all_but(&self, kept: Option<u64>) -> io::Result<()> {
        for number in self
            .numbers()?
            .into_iter()
            .filter(|number| Some(*number) != kept)
        {
            fs::remove_dir_all(self.folder(number))?;
        }
        Ok(())
    }

    fn name(&self, number: u64) -> io::Result<()> {
        let text = format!("{number}\n");
        replace(
            &RealDisk::default(),
            &self.dir.join(IN_FORCE),
            text.as_bytes(),
        )
    }
}

impl Generations for ProjectionDir {
    fn open(&self) -> Result<Option<Arc<dyn ProjectionStore>>, ProjectionError> {
        let number = self.in_force();
        self.remove_all_but(number).map_err(failed)?;
        let Some(number) = number.filter(|number| self.folder(*number).is_dir()) else {
            return Ok(None);
        };
        match SledProjections::open(&self.folder(number), self.tenant, false) {
            Ok(store) => Ok(Some(Arc::new(store))),
            Err(error) => {
                tracing::warn!(%error, "a projection cannot be vouched for and is thrown away");
                self.remove_all_but(None).map_err(failed)?;
                Ok(None)
            }
        }
    }

    fn begin(&self) -> Result<Generation, ProjectionError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.dir)
            .map_err(failed)?;
        let number = self
            .numbers()
            .map_err(failed)?
            .into_iter()
            .max()
            .map_or(1, |newest| newest + 1);
        let store = SledProjections::open(&self.folder(number), self.tenant, true)?;
        Ok(Generation {
            number,
            store: Arc::new(store),
        })
    }

    fn put_in_force(&self, generation: &Generation) -> Result<(), ProjectionError> {
        generation.store.flush()?;
        self.name(generation.number).map_err(failed)
    }

    fn sweep(&self) -> Result<(), ProjectionError> {
        self.remove_all_but(self.in_force()).map_err(failed)
    }
}

/// What the rows reflect.
#[derive(Clone, Copy)]
struct State {
    position: Size,
    sum: RowSum,
    failed: bool,
}

/// Rows in sled.
struct SledProjections {
    db: sled::Db,
    tenant: [u8; 4],
    /// Held by whoever writes, so that reading the old rows needs no exclusive lock.
    writer: Mutex<()>,
    /// Held for writing only while a batch comes into force: snapshots hold it for reading.
    state: RwLock<State>,
}

impl SledProjections {
    /// A fresh folder may be empty; any other must add up.
    fn open(folder: &Path, tenant: [u8; 4], fresh: bool) -> Result<Self, ProjectionError> {
        let config = sled::Config::new()
            .path(folder)
            .mode(sled::Mode::HighThroughput)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(Some(FLUSH_EVERY_MS));
        let db = guarded(|| config.open())?;
        let state = State {
            position: Size::EMPTY,
            sum: RowSum::default(),
            failed: false,
        };
        let mut store = Self {
            db,
            tenant,
            writer: Mutex::default(),
            state: RwLock::new(state),
        };
        if !fresh {
            store.state = RwLock::new(store.vouched()?);
        }
        Ok(store)
    }

    /// Adds up all rows and compares.
    fn vouched(&self) -> Result<State, ProjectionError> {
        let mut sum = RowSum::default();
        let mut told = None;
        let (rows, place) = (self.key(&[]), self.place());
        for row in self.db.iter() {
            let (key, value) = guarded(|| row)?;
            if key.as_ref() == place.as_slice() {
                told = decode(&value);
            } else if let Some(key) = key.strip_prefix(rows.as_slice()) {
                sum.add(key, &value);
            } else {
                return Err(ProjectionError::Damaged("there is a row of nobody's"));
            }
        }
        match told {
            Some(state) if state.sum == sum => Ok(state),
            Some(_) => Err(ProjectionError::Damaged("the rows do not add up")),
            None => Err(ProjectionError::Damaged("the position is missing")),
        }
    }

    fn key(&self, key: &[u8]) -> Vec<u8> {
        [self.tenant.as_slice(), b"r", key].concat()
    }

    /// The key under which position and sum stand.
    fn place(&self) -> Vec<u8> {
        [self.tenant.as_slice(), b"p"].concat()
    }

    fn sound(&self) -> Result<RwLockReadGuard<'_, State>, ProjectionError> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        if state.failed {
            Err(ProjectionError::Damaged("an earlier write failed"))
        } else {
            Ok(state)
        }
    }

    fn write(&self, batch: ProjectionBatch) -> Result<(), ProjectionError> {
        let mut sum = self.sound()?.sum;
        // A key that comes twice counts as it comes last.
        let rows: BTreeMap<Vec<u8>, Option<Vec<u8>>> = batch.rows.into_iter().collect();
        let mut changes = sled::Batch::default();
        for (key, value) in rows {
            let stored = self.key(&key);
            let old = guarded(|| self.db.get(&stored))?;
            if old.as_deref() == value.as_deref() {
                continue;
            }
            if let Some(old) = old {
                sum.subtract(&key, &old);
            }
            match value {
                Some(value) => {
                    sum.add(&key, &value);
                    changes.insert(stored, value);
                }
                None => changes.remove(stored),
            }
        }
        let new = State {
            position: batch.position,
            sum,
            failed: false,
        };
        changes.insert(self.place(), encode(&new));
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        guarded(|| self.db.apply_batch(changes))?;
        *state = new;
        Ok(())
    }
}

/// Opens the rows of a folder and adds them up.
#[cfg(test)]
pub(crate) fn vouch(folder: &Path, tenant: [u8; 4]) -> Result<(), ProjectionError> {
    SledProjections::open(folder, tenant, false).map(|_| ())
}

fn encode(state: &State) -> Vec<u8> {
    [
        state.position.to_be_bytes().as_slice(),
        &state.sum.to_bytes(),
    ]
    .concat()
}

fn decode(bytes: &[u8]) -> Option<State> {
    let (position, sum) = bytes.split_first_chunk::<8>()?;
    Some(State {
        position: Size::from_be_bytes(*position),
        sum: RowSum::from_bytes(sum)?,
        failed: false,
    })
}

impl ProjectionStore for SledProjections {
    fn snapshot(&self) -> Result<Box<dyn ProjectionSnapshot + '_>, ProjectionError> {
        Ok(Box::new(Snapshot {
            store: self,
            state: self.sound()?,
        }))
    }

    fn apply(&self, batch: ProjectionBatch) -> Result<(), ProjectionError> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let written = self.write(batch);
        if written.is_err() {
            self.state
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .failed = true;
        }
        written
    }

    fn flush(&self) -> Result<(), ProjectionError> {
        guarded(|| self.db.flush()).map(|_| ())
    }
}

struct Snapshot<'a> {
    store: &'a SledProjections,
    state: RwLockReadGuard<'a, State>,
}

impl ProjectionSnapshot for Snapshot<'_> {
    fn position(&self) -> Size {
        self.state.position
    }

    fn sum(&self) -> RowSum {
        self.state.sum
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ProjectionError> {
        let value = guarded(|| self.store.db.get(self.store.key(key)))?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn scan(
        &self,
        prefix: &[u8],
        beyond: Option<&[u8]>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<ProjectionRow>, ProjectionError> {
        let beyond = beyond.map(|key| self.store.key(key));
        let Some(range) = key_range(&self.store.key(prefix), beyond.as_deref(), direction) else {
            return Ok(Vec::new());
        };
        let front = self.store.key(&[]).len();
        let rows = guarded(|| {
            let mut range = self.store.db.range::<Vec<u8>, _>(range);
            let rows = std::iter::from_fn(|| match direction {
                Direction::Rising => range.next(),
                Direction::Falling => range.next_back(),
            });
            rows.take(limit).collect::<sled::Result<Vec<_>>>()
        });
        let rows = rows?.into_iter();
        Ok(rows
            .map(|(key, value)| {
                (
                    key.get(front..).unwrap_or_default().to_vec(),
                    value.to_vec(),
                )
            })
            .collect())
    }
}
