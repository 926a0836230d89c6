//! Keys that change while others read.
//!
//! Whoever records holds the epoch, so that no event comes to lie under a key that dies; whoever
//! destroys or exchanges keys has it alone. Whoever only reads holds nothing: from its order on,
//! what is erased is not shown, whether its keys are there or not, and what was opened with a key
//! is what it was. What fails while keys change was perhaps read half before and half after it, and
//! is read once more when the change is over. So a reading never waits for an erasure, nor an
//! erasure for a reading.
//!
//! Tasks hold the epoch while they wait for their receipt. So a reading does not ask for it: the thread
//! that reads may be the one that such a task needs to let go.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedRwLockReadGuard, RwLock, RwLockWriteGuard};

use crate::waiting::wait;

/// The epoch of the keys.
#[derive(Debug, Default)]
pub(crate) struct Epoch {
    /// Held by whoever records; alone by whoever lists what is to be erased, or changes keys.
    lock: Arc<RwLock<()>>,
    /// Counts the beginnings and the ends of changes: odd while keys change.
    changes: Mutex<u64>,
    /// A change is over.
    over: Condvar,
}

/// No key is destroyed or exchanged as long as this is held.
#[derive(Debug)]
pub(crate) struct HeldEpoch {
    _lock: OwnedRwLockReadGuard<()>,
}

/// Keys change as long as this is held.
pub(crate) struct Changing<'a>(&'a Epoch);

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        *self.0.changes() += 1;
        self.0.over.notify_all();
    }
}

impl Epoch {
    fn changes(&self) -> MutexGuard<'_, u64> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps keys from being destroyed while something is recorded under them.
    pub(crate) async fn read(&self) -> HeldEpoch {
        HeldEpoch {
            _lock: Arc::clone(&self.lock).read_owned().await,
        }
    }

    /// Waits until nothing is being recorded, and keeps everybody from recording.
    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, ()> {
        wait(self.lock.write())
    }

    /// From now on keys change; the caller has the epoch alone.
    pub(crate) fn changing(&self) -> Changing<'_> {
        *self.changes() += 1;
        Changing(self)
    }

    /// Reads something that lies under keys. Where that fails and keys changed meanwhile, it is
    /// read once more when they do not.
    pub(crate) fn reading<T, E>(&self, mut read: impl FnMut() -> Result<T, E>) -> Result<T, E> {
        let before = *self.changes();
        let failed = match read() {
            Ok(read) => return Ok(read),
            Err(failed) => failed,
        };
        let mut now = self.changes();
        if before.is_multiple_of(2) && *now == before {
            return Err(failed);
        }
        while !now.is_multiple_of(2) {
            now = self.over.wait(now).unwrap_or_else(PoisonError::into_inner);
        }
        drop(now);
        read()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_reading_waits_for_no_change_and_fails_for_none() {
        let epoch = Epoch::default();
        let alone = epoch.write();
        assert_eq!(
            epoch.reading(|| Ok::<_, ()>(1)),
            Ok(1),
            "the epoch is held by another"
        );
        let (half, seen) = channel();
        let (told, over) = channel();
        std::thread::scope(|scope| {
            let of = &epoch;
            let reading = scope.spawn(move || {
                let mut times = 0;
                of.reading(|| {
                    times += 1;
                    if times > 1 {
                        return Ok(times);
                    }
                    half.send(()).unwrap();
                    over.recv().unwrap();
                    Err("read half before the change and half after it")
                })
            });
            seen.recv().unwrap();
            drop(epoch.changing());
            drop(alone);
            told.send(()).unwrap();
            assert_eq!(reading.join().unwrap(), Ok(2));
        });
        let mut times = 0;
        let failing = || {
            times += 1;
            Err::<(), _>("damaged")
        };
        assert_eq!(epoch.reading(failing), Err("damaged"));
        assert_eq!(times, 1, "what fails for another reason is not read twice");
    }

    #[test]
    fn what_fails_while_keys_change_is_read_again_when_the_change_is_over() {
        let epoch = Epoch::default();
        let (again, read) = channel();
        std::thread::scope(|scope| {
            let alone = epoch.write();
            let changing = epoch.changing();
            let (of, mut times) = (&epoch, 0);
            let reading = scope.spawn(move || {
                of.reading(|| {
                    times += 1;
                    again.send(times).unwrap();
                    if times > 1 {
                        Ok(times)
                    } else {
                        Err("a key is gone")
                    }
                })
            });
            assert_eq!(read.recv(), Ok(1));
            let early = read.recv_timeout(Duration::from_millis(100));
            assert!(early.is_err(), "keys still change");
            drop(changing);
            // The lock is held still: a reading asks for none.
            assert_eq!(reading.join().unwrap(), Ok(2));
            drop(alone);
        });
    }
}
