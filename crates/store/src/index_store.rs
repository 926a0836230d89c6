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

    /// Everything that was put so far is what a part of the journal gives: it may be kept as a
    /// generation, with what `reflects` says of that part. It does not wait for a medium.
    ///
    /// # Errors
    /// [`IndexError`] if it did not answer or take effect; it is not whole from then on.
    fn seal(&self, reflects: MakeExtent) -> Result<(), IndexError> {
        drop(reflects);
        Ok(())
    }

    /// Writes out what was sealed, and takes no more.
    ///
    /// # Errors
    /// [`IndexError`] if it did not answer or take effect; it is not whole from then on.
    fn close(&self) -> Result<(), IndexError>;
}

/// What part of a journal an index reflects: whole frames, from the first on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Segments of the journal.
    pub segments: u32,
    /// Where the last of these frames ends, in the last of them.
    pub end: u64,
    /// Where that frame begins.
    pub newest: u64,
    /// SHA-256 of the last segment up to `end`.
    pub last: Hash,
    /// SHA-256 over the lengths of the segments in front of it.
    pub lengths: Hash,
    /// Entries.
    pub size: Size,
    /// Distinct streams.
    pub streams: u64,
    /// Entries that erase something.
    pub erasing: u64,
}

/// Says what part of a journal is reflected. It reads, so whoever keeps a generation calls it where
/// nobody waits.
pub type MakeExtent = Box<dyn FnOnce() -> io::Result<Extent> + Send + Sync>;

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
/// * [`IndexHome::begin`] leaves the rows of every other index as they are; none of them is answered
///   by [`IndexHome::reopen`] any more.
/// * [`IndexHome::reopen`] answers an index only with rows that were sealed, all of them, and with
///   what they reflect. Whether that is still what the journal holds is for the caller to check.
pub trait IndexHome: Send + Sync {
    /// An empty index beside all others.
    ///
    /// # Errors
    /// [`IndexError`] if it did not answer or take effect; it is not whole from then on.
    fn begin(&self) -> Result<Made, IndexError>;

    /// The newest generation, and what it reflects; `None` if nothing vouches for one.
    ///
    /// # Errors
    /// As the medium reports.
    fn reopen(&self) -> io::Result<Option<(Made, Extent)>>;

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

    fn keep_only(&self, _number: u64) {}
}
