//! The index on disk: rows in memory, and behind them runs, the newest first.
//!
//! What was put is sealed from time to time together with what part of the journal it reflects. A
//! thread writes what was sealed into a run and names it in the file that vouches; another merges
//! runs, so that a look-up meets few of them. Rows that are not sealed are lost when the process is
//! killed, and are read from the journal again.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{
    Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
};
use std::thread::JoinHandle;

use super::block_cache::BlockCache;
use super::index_home::{self, VouchKey, Vouched};
use super::merged::Merged;
use super::places::Places;
use super::run::{Run, RunId, RunWriter, failed};
use crate::disk::Disk;
use crate::index_store::{Extent, IndexError, IndexRow, IndexRows, MakeExtent};

/// Sealed rows that may wait to be written.
const WAITING_MAX: usize = 2;
/// So many runs of a size, and of smaller ones, are merged into one.
const MERGED: usize = 4;
/// Runs up to so many bytes are of the smallest size; each next size is `MERGED` times as large.
const SMALL_BYTES: u64 = 4 * 1024 * 1024;

/// Where an index lies, and under what key.
#[derive(Clone)]
pub(crate) struct Ground {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) places: Places,
    pub(crate) key: VouchKey,
    pub(crate) number: u64,
    /// The index that may be vouched for; held by whoever names runs in the file that vouches.
    pub(crate) vouched: Arc<Mutex<u64>>,
}

impl Ground {
    fn id(&self, run: u64) -> RunId {
        let number = self.number;
        RunId { number, run }
    }

    fn path(&self, run: u64) -> PathBuf {
        index_home::run_path(&self.places, self.number, run)
    }
}

type Front = HashMap<Vec<u8>, Vec<u8>>;

/// Rows that were sealed and are in no run yet.
struct Sealed {
    rows: Front,
    reflects: Mutex<Option<MakeExtent>>,
}

/// All rows: whoever looks one up asks the parts in this order, the newest runs first.
struct Parts {
    front: Front,
    sealed: VecDeque<Arc<Sealed>>,
    runs: Vec<Arc<Run>>,
    /// What the runs reflect.
    extent: Option<Extent>,
    next_run: u64,
}

#[derive(Default)]
struct Work {
    /// Sealed rows that wait to be written.
    waiting: usize,
    /// Whether there may be something to merge.
    merge: bool,
    stop: bool,
}

struct Shared {
    ground: Ground,
    parts: RwLock<Parts>,
    cache: Arc<BlockCache>,
    work: Mutex<Work>,
    changed: Condvar,
    failed: AtomicBool,
}

/// An index on disk.
pub(crate) struct RunIndex {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Shared {
    fn parts(&self) -> RwLockReadGuard<'_, Parts> {
        self.parts.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn parts_mut(&self) -> RwLockWriteGuard<'_, Parts> {
        self.parts.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, work: MutexGuard<'a, Work>) -> MutexGuard<'a, Work> {
        let woken = self.changed.wait(work);
        woken.unwrap_or_else(PoisonError::into_inner)
    }

    fn sound(&self) -> Result<(), IndexError> {
        if self.failed.load(Ordering::Acquire) {
            Err(IndexError("the index could not be written".to_owned()))
        } else {
            Ok(())
        }
    }

    fn fail(&self, error: &IndexError) {
        tracing::error!(%error, "the index could not be written and will be made anew");
        self.failed.store(true, Ordering::Release);
        self.changed.notify_all();
    }

    /// Writes what was sealed, until the index is closed.
    fn write_sealed(&self) {
        loop {
            let mut work = self.work();
            while work.waiting == 0 && !work.stop {
                work = self.wait(work);
            }
            if work.waiting == 0 {
                return;
            }
            drop(work);
            if let Err(error) = self.write_one() {
                return self.fail(&error);
            }
            let mut work = self.work();
            work.waiting -= 1;
            work.merge = true;
            drop(work);
            self.changed.notify_all();
        }
    }

    fn write_one(&self) -> Result<(), IndexError> {
        let (sealed, run) = {
            let mut parts = self.parts_mut();
            let Some(sealed) = parts.sealed.front().cloned() else {
                return Ok(());
            };
            parts.next_run += 1;
            (sealed, parts.next_run - 1)
        };
        let mut rows: Vec<(&Vec<u8>, &Vec<u8>)> = sealed.rows.iter().collect();
        rows.sort_unstable();
        let mut writer = self.begin(run, rows.len() as u64)?;
        for (key, value) in rows {
            writer.push((key.clone(), value.clone()))?;
        }
        let written = self.finish(writer, run)?;
        let reflects = sealed
            .reflects
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let extent =
            reflects.ok_or_else(|| IndexError("sealed twice".to_owned()))?().map_err(failed)?;
        let mut parts = self.parts_mut();
        parts.runs.push(written);
        parts.extent = Some(extent);
        parts.sealed.pop_front();
        drop(parts);
        self.name_runs()
    }

    fn begin(&self, run: u64, rows: u64) -> Result<RunWriter<'_>, IndexError> {
        let (ground, id) = (&self.ground, self.ground.id(run));
        RunWriter::begin(&*ground.disk, &ground.path(run), &ground.key, id, rows)
    }

    fn finish(&self, writer: RunWriter<'_>, run: u64) -> Result<Arc<Run>, IndexError> {
        let (ground, note) = (&self.ground, writer.finish()?);
        Ok(Arc::new(Run::open(
            &*ground.disk,
            &ground.path(run),
            Some(&ground.key),
            ground.id(run),
            note,
            &self.cache,
        )?))
    }

    /// Names the runs, which are durable, in the file that vouches for them. An index that another
    /// one was begun for names nothing any more.
    fn name_runs(&self) -> Result<(), IndexError> {
        let newest = self.ground.vouched.lock();
        let newest = newest.unwrap_or_else(PoisonError::into_inner);
        if *newest != self.ground.number {
            return Ok(());
        }
        let vouched = {
            let parts = self.parts();
            let Some(extent) = parts.extent else {
                return Ok(());
            };
            Vouched {
                number: self.ground.number,
                extent,
                runs: parts.runs.iter().map(|run| run.note).collect(),
            }
        };
        index_home::vouch(
            &*self.ground.disk,
            &self.ground.places,
            &self.ground.key,
            &vouched,
        )
        .map_err(failed)
    }

    /// Merges runs whenever there are many of a size, until the index is closed.
    fn merge_runs(&self) {
        loop {
            let mut work = self.work();
            while !work.merge && !work.stop {
                work = self.wait(work);
            }
            if work.stop {
                return;
            }
            work.merge = false;
            drop(work);
            loop {
                // Not held while runs are merged.
                let found = mergeable(&self.parts().runs);
                let Some(first) = found else {
                    break;
                };
                match self.merge(first) {
                    Ok(true) => {}
                    Ok(false) => return,
                    Err(error) => return self.fail(&error),
                }
            }
        }
    }

    /// Merges all runs from this one on; false if the index was closed meanwhile.
    fn merge(&self, first: usize) -> Result<bool, IndexError> {
        let (old, run) = {
            let mut parts = self.parts_mut();
            parts.next_run += 1;
            let old: Vec<Arc<Run>> = parts.runs.iter().skip(first).cloned().collect();
            (old, parts.next_run - 1)
        };
        let rows = old.iter().map(|run| run.note.rows).sum();
        let mut writer = self.begin(run, rows)?;
        let mut merged = Merged::of(old.iter().map(|run| &**run))?;
        while let Some(row) = merged.next()? {
            writer.push(row)?;
            if self.stopped() {
                drop(writer);
                drop(self.ground.disk.remove(&self.ground.path(run)));
                return Ok(false);
            }
        }
        let new = self.finish(writer, run)?;
        let mut parts = self.parts_mut();
        // Runs that were written meanwhile stand behind those that were merged.
        let end = first + old.len();
        if end > parts.runs.len() {
            return Err(IndexError("runs of the index went away".to_owned()));
        }
        parts.runs.splice(first..end, [new]);
        drop(parts);
        self.name_runs()?;
        // Nothing names them any more. What cannot be removed now is removed at the next start.
        for run in old {
            drop(self.ground.disk.remove(&self.ground.path(run.note.run)));
        }
        Ok(true)
    }

    fn stopped(&self) -> bool {
        self.work().stop
    }
}

/// From which run on all are merged into one; null when there are few of every size.
fn mergeable(runs: &[Arc<Run>]) -> Option<usize> {
    let size = |run: &Run| {
        let (mut size, mut bytes) = (0_u32, run.note.len);
        while bytes > SMALL_BYTES {
            (size, bytes) = (size + 1, bytes / MERGED as u64);
        }
        size
    };
    let largest = runs.iter().map(|run| size(run)).max()?;
    (0..=largest).find_map(|upto| {
        let behind = runs.iter().rev().take_while(|run| size(run) <= upto);
        let count = behind.count();
        (count >= MERGED).then(|| runs.len() - count)
    })
}

impl RunIndex {
    /// An index of these runs, which reflect `extent`. `next_run` is a number that no file of it has.
    pub(crate) fn start(
        ground: Ground,
        runs: Vec<Run>,
        cache: Arc<BlockCache>,
        extent: Option<Extent>,
        next_run: u64,
    ) -> Result<Self, IndexError> {
        let parts = Parts {
            front: Front::new(),
            sealed: VecDeque::new(),
            runs: runs.into_iter().map(Arc::new).collect(),
            extent,
            next_run,
        };
        let shared = Arc::new(Shared {
            ground,
            parts: RwLock::new(parts),
            cache,
            work: Mutex::new(Work {
                merge: true,
                ..Work::default()
            }),
            changed: Condvar::new(),
            failed: AtomicBool::new(false),
        });
        let index = Self {
            shared: Arc::clone(&shared),
            threads: Mutex::default(),
        };
        let mut threads = index.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let (writing, merging) = (Arc::clone(&shared), shared);
        let started = std::thread::Builder::new()
            .name("store-index".into())
            .spawn(move || writing.write_sealed());
        threads.push(started.map_err(failed)?);
        let started = std::thread::Builder::new()
            .name("store-merge".into())
            .spawn(move || merging.merge_runs());
        threads.push(started.map_err(failed)?);
        drop(threads);
        Ok(index)
    }

    fn stop(&self) {
        self.shared.work().stop = true;
        self.shared.changed.notify_all();
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        for thread in threads.drain(..) {
            if thread.join().is_err() {
                self.shared.fail(&IndexError("it panicked".to_owned()));
            }
        }
    }
}

impl IndexRows for RunIndex {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
        self.shared.sound()?;
        let parts = self.shared.parts();
        let sealed = parts.sealed.iter().rev().map(|sealed| &sealed.rows);
        let mut fronts = std::iter::once(&parts.front).chain(sealed);
        if let Some(value) = fronts.find_map(|rows| rows.get(key)) {
            return Ok(Some(value.clone()));
        }
        let runs = parts.runs.clone();
        // Nobody who puts rows waits for a look-up that reads.
        drop(parts);
        for run in runs.iter().rev() {
            if let Some(value) = run.get(key)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    fn count(&self) -> Result<u64, IndexError> {
        self.shared.sound()?;
        let parts = self.shared.parts();
        let fronts = std::iter::once(&parts.front);
        let fronts = fronts.chain(parts.sealed.iter().map(|sealed| &sealed.rows));
        let mut beside: HashSet<Vec<u8>> = fronts.flat_map(|rows| rows.keys().cloned()).collect();
        let runs = parts.runs.clone();
        drop(parts);
        let mut merged = Merged::of(runs.iter().map(|run| &**run))?;
        let mut count = 0;
        while let Some((key, _)) = merged.next()? {
            beside.remove(&key);
            count += 1;
        }
        Ok(count + beside.len() as u64)
    }

    fn make_room(&self) {
        let mut work = self.shared.work();
        while work.waiting >= WAITING_MAX && self.shared.sound().is_ok() {
            work = self.shared.wait(work);
        }
    }

    fn put(&self, rows: Vec<IndexRow>) -> Result<(), IndexError> {
        self.shared.sound()?;
        self.shared.parts_mut().front.extend(rows);
        Ok(())
    }

    fn seal(&self, reflects: MakeExtent) -> Result<(), IndexError> {
        self.shared.sound()?;
        let mut parts = self.shared.parts_mut();
        let rows = std::mem::take(&mut parts.front);
        parts.sealed.push_back(Arc::new(Sealed {
            rows,
            reflects: Mutex::new(Some(reflects)),
        }));
        drop(parts);
        self.shared.work().waiting += 1;
        self.shared.changed.notify_all();
        Ok(())
    }

    fn close(&self) -> Result<(), IndexError> {
        self.stop();
        self.shared.sound()
    }
}

impl Drop for RunIndex {
    fn drop(&mut self) {
        self.stop();
    }
}
