//! A bounded cache of streams as they stand now, brought forward by each new event, so that a command
//! is decided on what is at hand and not on the whole history.
//!
//! It holds what every stream of a reading stood at; whoever asks compares that with the log. It is
//! emptied whenever something is erased, and takes nothing whose reading had begun before.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::current::{Current, Next, Step};
use events::ids::StreamId;
use record::positions::{Seq, StreamVersion};

use crate::log::bounded::Bounded;

/// The most bytes that are kept, over all streams, as they were estimated.
const BYTES_MAX: usize = 64 * 1024 * 1024;

/// Versions of other streams.
pub(crate) type Others = Arc<BTreeMap<StreamId, StreamVersion>>;

/// A stream as it stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    /// The version of the stream.
    pub(crate) version: StreamVersion,
    /// What the other streams of its reading stood at.
    pub(crate) others: Others,
    pub(crate) current: Current,
}

struct Cached {
    streams: Bounded<Standing>,
    /// How often it was emptied.
    cleared: u64,
}

/// What is held of a stream.
pub(crate) struct Held {
    /// The version of the stream.
    pub(crate) version: StreamVersion,
    /// What the other streams of its reading stood at.
    pub(crate) others: Others,
}

/// The cache.
pub(crate) struct CurrentCache(Mutex<Cached>);

impl Default for CurrentCache {
    fn default() -> Self {
        Self::new(BYTES_MAX)
    }
}

impl CurrentCache {
    /// An empty one that takes at most so many bytes.
    pub(crate) fn new(most: usize) -> Self {
        Self(Mutex::new(Cached {
            streams: Bounded::new(most),
            cleared: 0,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Cached> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often it was emptied so far: to be asked before a reading begins.
    pub(crate) fn cleared(&self) -> u64 {
        self.lock().cleared
    }

    /// What is held of a stream.
    pub(crate) fn held(&self, stream: StreamId) -> Option<Held> {
        let mut cached = self.lock();
        let kept = cached.streams.get(stream)?;
        Some(Held {
            version: kept.version,
            others: Arc::clone(&kept.others),
        })
    }

    /// The stream at exactly this version.
    pub(crate) fn at(&self, stream: StreamId, version: StreamVersion) -> Option<Current> {
        let mut cached = self.lock();
        let kept = cached.streams.get(stream)?;
        (kept.version == version).then(|| kept.current.clone())
    }

    /// Brings a stream forward from a version by the events that follow it, which take about so many
    /// bytes. Null when it is no longer at that version, when it was emptied since they were read, or
    /// when the stream must be folded again.
    pub(crate) fn step(
        &self,
        stream: StreamId,
        from: StreamVersion,
        events: Vec<Next>,
        bytes: usize,
        cleared: u64,
    ) -> Option<Current> {
        let mut cached = self.lock();
        if cached.cleared != cleared {
            return None;
        }
        let kept = cached
            .streams
            .get(stream)
            .filter(|kept| kept.version == from)?;
        for event in events {
            let others = &kept.others;
            let read = |of: StreamId| of == stream || others.contains_key(&of);
            if kept.current.step(event, read) == Step::FoldAgain {
                cached.streams.remove(stream);
                return None;
            }
            kept.version = kept.version.next_seq().map_or(kept.version, Seq::version);
        }
        let current = kept.current.clone();
        cached.streams.grow(stream, bytes);
        Some(current)
    }

    /// Keeps a stream that takes about so many bytes, unless the cache was emptied since its reading
    /// began.
    pub(crate) fn put(&self, stream: StreamId, standing: Standing, bytes: usize, cleared: u64) {
        let mut cached = self.lock();
        if cached.cleared == cleared {
            cached.streams.put(stream, standing, bytes);
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        let mut cached = self.lock();
        cached.streams.clear();
        cached.cleared += 1;
    }
}
