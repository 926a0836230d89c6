//! Blocks of an index that were read and checked lately. Bounded, whatever the log holds.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that are kept at most, but for one block.
const BYTES: usize = 64 * 1024 * 1024;

type Blocks = HashMap<(u64, u32), Arc<Vec<u8>>>;

#[derive(Default)]
struct Halves {
    /// What was asked for since the halves changed places, and how many bytes that are.
    new: Blocks,
    bytes: usize,
    old: Blocks,
}

/// Blocks by run and number.
#[derive(Default)]
pub(crate) struct BlockCache(Mutex<Halves>);

impl BlockCache {
    pub(crate) fn get(&self, run: u64, block: u32) -> Option<Arc<Vec<u8>>> {
        let mut halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (run, block);
        if let Some(found) = halves.new.get(&place) {
            return Some(Arc::clone(found));
        }
        let found = halves.old.remove(&place)?;
        halves.take(place, &found);
        Some(found)
    }

    pub(crate) fn put(&self, run: u64, block: u32, bytes: &Arc<Vec<u8>>) {
        let mut halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        halves.take((run, block), bytes);
    }

    /// Bytes that are kept now.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        let halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let blocks = halves.new.values().chain(halves.old.values());
        blocks.map(|block| block.len()).sum()
    }
}

impl Halves {
    fn take(&mut self, place: (u64, u32), bytes: &Arc<Vec<u8>>) {
        if self.new.insert(place, Arc::clone(bytes)).is_none() {
            self.bytes += bytes.len();
        }
        if self.bytes >= BYTES / 2 {
            self.old = std::mem::take(&mut self.new);
            self.bytes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_and_what_is_asked_for_stays() {
        let cache = BlockCache::default();
        let block = Arc::new(vec![0; 4_096]);
        cache.put(1, 0, &block);
        for number in 1..40_000 {
            cache.put(1, number, &block);
            assert!(cache.get(1, 0).is_some(), "{number}");
            assert!(cache.held() <= BYTES + block.len());
        }
        assert!(cache.get(1, 1).is_none());
    }
}
