//! The contract of an index: rows that say where things lie in the journal, and where such indexes
//! are made.
//!
//! Everything in an index can be made again from the journal, so it may fail at any call. What it
//! must never do is answer wrongly: its user makes a new one after the first failure.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};

use record::hash::Hash;
use record::positions::Size;

/// The index gave no answer, or did not take what it was given; it is not whole from then on.
#[derive(Debug, Clone, thiserror::Error)]
#[error("index failed: {0}")]
pub struct IndexError(pub String);

/// A row: key and value.
pub type IndexRow = (Vec<u8>, Vec<u8>);

/// The rows of one index.
///
/// Promises of every implementation:
/// * What [`IndexRows::put`] took is answered by every later [`IndexRows::get`], or that fails.
/// * A call that failed may have taken effect or not; the index is then thrown away.
pub trait IndexRows: Send + Sync {
    /// The value of a key.
    ///
    /// # Errors
    /// [`IndexError`] if it did not answer or take effect; it is not whole from then on.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError>;

    /// How many rows there are.
    ///
    /// # Errors
    /// [`IndexError`] if it did not answer or take effect; it is not whole from then on.
    fn count(&self) -> Result<u64, IndexError>;

    /// Waits until rows can be taken without waiting.
    fn make_room(&self) {}

    /// Takes rows; they replace what stands under their keys. It does not wait for a medium.
    ///
    /// # Errors
    /// [`IndexError`] if it did not answer or take effect; it is not whole from then on.
    fn put(&self, rows: Vec<IndexRow>) -> Result<(), IndexError>;

    /// Writes everything out, and takes no more.
    ///
    /// # Errors
    /// [`IndexError`] if it did not answer or take effect; it is not whole from then on.
    fn close(&self) -> Result<(), IndexError>;
}

/// What part of a journal an index reflects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Segments of the journal.
    pub segments: u32,
    /// Where the last of them ends, in bytes.
    pub end: u64,
    /// SHA-256 of the last of them up to there.
    pub last: Hash,
    /// Entries.
    pub size: Size,
    /// Distinct streams.
    pub streams: u64,
    /// Entries that erase something.
    pub erasing: u64,
}

/// An index with the number that its home knows it by.
pub struct Made {
    /// Its number; larger is newer.
    pub number: u64,
    /// Its rows.
    pub rows: Box<dyn IndexRows>,
}

/// Where the indexes of one journal are made.
///
/// Promises of every implementation:
/// * [`IndexHome::begin`] leaves every other index as it is.
/// * [`IndexHome::reopen`] answers an index only if exactly this one was vouched for at a clean
///   stop and nothing has changed since; it is vouched for no longer from then on.
pub trait IndexHome: Send + Sync {
    /// An empty index beside all others.
    ///
    /// # Errors
    /// [`IndexError`] if it did not answer or take effect; it is not whole from then on.
    fn begin(&self) -> Result<Made, IndexError>;

    /// The index that a clean stop left, and what it reflects; `None` if nothing vouches for one.
    ///
    /// # Errors
    /// As the medium reports.
    fn reopen(&self) -> io::Result<Option<(Made, Extent)>>;

    /// Vouches for a closed index.
    ///
    /// # Errors
    /// As the medium reports.
    fn vouch(&self, number: u64, extent: &Extent) -> io::Result<()>;

    /// Removes all indexes but one. What cannot be removed now is removed another time.
    fn keep_only(&self, number: u64);
}

/// Rows in memory.
#[derive(Debug, Default)]
pub struct MemoryRows(Mutex<BTreeMap<Vec<u8>, Vec<u8>>>);

impl IndexRows for MemoryRows {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
        Ok(self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .cloned())
    }

    fn count(&self) -> Result<u64, IndexError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).len() as u64)
    }

    fn put(&self, rows: Vec<IndexRow>) -> Result<(), IndexError> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(rows);
        Ok(())
    }

    fn close(&self) -> Result<(), IndexError> {
        Ok(())
    }
}

/// Indexes in memory: made anew at every start.
#[derive(Debug, Clone, Copy, Default)]
pub struct MemoryIndexes;

impl IndexHome for MemoryIndexes {
    fn begin(&self) -> Result<Made, IndexError> {
        Ok(Made {
            number: 0,
            rows: Box::<MemoryRows>::default(),
        })
    }

    fn reopen(&self) -> io::Result<Option<(Made, Extent)>> {
        Ok(None)
    }

    fn vouch(&self, _number: u64, _extent: &Extent) -> io::Result<()> {
        Ok(())
    }

    fn keep_only(&self, _number: u64) {}
}
