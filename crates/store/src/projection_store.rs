//! The contract of a projection store: rows that are derived from the log, and the position that
//! they reflect.
//!
//! It knows neither what a row means nor how to make it again; its user does.

use std::ops::Bound;
use std::sync::Arc;

use record::positions::Size;
use sha2::{Digest, Sha256};

use crate::log_store::BoxError;

/// A row: key and value.
pub type ProjectionRow = (Vec<u8>, Vec<u8>);

/// What one step writes: all of it or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectionBatch {
    /// How many entries of the log the rows reflect afterwards.
    pub position: Size,
    /// New values by key; `None` removes the row.
    pub rows: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

/// The sum of hashes over all rows: equal for equal rows, in whatever order they were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RowSum(u128, u128);

impl RowSum {
    fn hash(key: &[u8], value: &[u8]) -> (u128, u128) {
        let mut hasher = Sha256::new();
        hasher.update((key.len() as u64).to_be_bytes());
        hasher.update(key);
        hasher.update(value);
        let hash: [u8; 32] = hasher.finalize().into();
        let (first, second) = hash.split_at(16);
        let number = |half: &[u8]| half.try_into().map_or(0, u128::from_be_bytes);
        (number(first), number(second))
    }

    /// Takes a row in.
    pub fn add(&mut self, key: &[u8], value: &[u8]) {
        let (first, second) = Self::hash(key, value);
        *self = Self(self.0.wrapping_add(first), self.1.wrapping_add(second));
    }

    /// Takes a row out.
    pub fn subtract(&mut self, key: &[u8], value: &[u8]) {
        let (first, second) = Self::hash(key, value);
        *self = Self(self.0.wrapping_sub(first), self.1.wrapping_sub(second));
    }

    pub(crate) fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let (first, second) = bytes.split_at_mut(16);
        first.copy_from_slice(&self.0.to_be_bytes());
        second.copy_from_slice(&self.1.to_be_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (first, second) = bytes.split_first_chunk::<16>()?;
        Some(Self(
            u128::from_be_bytes(*first),
            u128::from_be_bytes(second.try_into().ok()?),
        ))
    }
}

/// The store gave no answer, or one that cannot be trusted: its rows must be made anew.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// What was read is not what was written.
    #[error("the projection is damaged: {0}")]
    Damaged(&'static str),
    /// The medium did not answer, or the store was shut down.
    #[error("the projection could not be used")]
    Failed(#[source] BoxError),
}

/// Which way to go through rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// By rising keys.
    Rising,
    /// By falling keys.
    Falling,
}

/// The rows at one position. While it lives, nothing is written.
pub trait ProjectionSnapshot {
    /// How many entries of the log the rows reflect.
    fn position(&self) -> Size;

    /// The sum over all rows.
    fn sum(&self) -> RowSum;

    /// The value of a key; `None` if there is no such row.
    ///
    /// # Errors
    /// [`ProjectionError::Failed`] if the medium does not answer.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ProjectionError>;

    /// At most `limit` rows whose keys begin with `prefix`, beyond the key `beyond` in that
    /// direction, or from the outermost one on.
    ///
    /// # Errors
    /// [`ProjectionError::Failed`] if the medium does not answer.
    fn scan(
        &self,
        prefix: &[u8],
        beyond: Option<&[u8]>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<ProjectionRow>, ProjectionError>;
}

/// Rows derived from a log.
///
/// Promises of every implementation:
/// * A batch is in force as a whole or not at all, and its position with it: rows and position
///   always agree, also after a crash.
/// * A crash may lose the newest batches, never one that a later batch of those found stands on.
/// * A snapshot shows one position, however long it is read.
/// * Rows that do not add up are an error, never an answer.
/// * The rows of one municipality are never seen by another.
pub trait ProjectionStore: Send + Sync {
    /// The rows as they are now.
    ///
    /// # Errors
    /// [`ProjectionError::Damaged`] if an earlier write failed.
    fn snapshot(&self) -> Result<Box<dyn ProjectionSnapshot + '_>, ProjectionError>;

    /// Writes a batch; waits until no snapshot is open.
    ///
    /// # Errors
    /// [`ProjectionError::Damaged`] if an earlier write failed; [`ProjectionError::Failed`] if the
    /// medium refused. The store answers nothing any more then.
    fn apply(&self, batch: ProjectionBatch) -> Result<(), ProjectionError>;

    /// Makes what was written survive a crash.
    ///
    /// # Errors
    /// [`ProjectionError::Failed`] if the medium refused.
    fn flush(&self) -> Result<(), ProjectionError>;
}

/// A generation of the rows, made beside the one in force.
pub struct Generation {
    /// Its number; larger is newer.
    pub number: u64,
    /// Its rows.
    pub store: Arc<dyn ProjectionStore>,
}

/// Where generations of a projection lie. One of them is in force.
///
/// Promises of every implementation:
/// * A crash leaves the old or the new generation in force, whole.
/// * A generation that was begun and not put in force is gone when the rows are opened next.
/// * After [`Generations::sweep`] nothing holds a row of a generation that is not in force.
pub trait Generations: Send + Sync {
    /// The generation in force; `None` before the first. One whose rows do not add up is thrown
    /// away, and `None` is answered.
    ///
    /// # Errors
    /// [`ProjectionError::Failed`] if the medium does not answer.
    fn open(&self) -> Result<Option<Arc<dyn ProjectionStore>>, ProjectionError>;

    /// Begins an empty generation at position 0.
    ///
    /// # Errors
    /// [`ProjectionError::Failed`] if the medium refused.
    fn begin(&self) -> Result<Generation, ProjectionError>;

    /// Makes the generation durable and puts it in force.
    ///
    /// # Errors
    /// [`ProjectionError::Failed`] if the medium refused; the old one is in force then.
    fn put_in_force(&self, generation: &Generation) -> Result<(), ProjectionError>;

    /// Removes all generations but the one in force. Call it when nobody uses them any more.
    ///
    /// # Errors
    /// [`ProjectionError::Failed`] if the medium refused; repeating is safe.
    fn sweep(&self) -> Result<(), ProjectionError>;
}

/// A range of keys.
pub(crate) type KeyRange = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// The keys that a scan may answer; `None` if there can be none.
pub(crate) fn key_range(
    prefix: &[u8],
    beyond: Option<&[u8]>,
    direction: Direction,
) -> Option<KeyRange> {
    let end = behind(prefix);
    let range = match (direction, beyond) {
        (Direction::Rising, Some(key)) if key >= prefix => (Bound::Excluded(key.to_vec()), end),
        (Direction::Falling, Some(key)) if end.as_deref().is_none_or(|end| key < end) => {
            (Bound::Included(prefix.to_vec()), Some(key.to_vec()))
        }
        _ => (Bound::Included(prefix.to_vec()), end),
    };
    let (Bound::Included(from) | Bound::Excluded(from), end) = &range else {
        return None;
    };
    if end.as_ref().is_some_and(|end| from >= end) {
        return None;
    }
    Some((range.0, range.1.map_or(Bound::Unbounded, Bound::Excluded)))
}

/// The first key behind all that begin with the prefix; `None` if there is no such key.
fn behind(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}
