//! What is kept of opened streams, in one place: what is erased must go from all of it at once.

use crate::log::current_cache::CurrentCache;
use crate::log::stream_cache::StreamCache;

/// The caches of a log.
#[derive(Default)]
pub(crate) struct Caches {
    /// What the record holds of streams.
    pub(crate) streams: StreamCache,
    /// Streams as they stand now.
    pub(crate) current: CurrentCache,
}

impl Caches {
    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.streams.clear();
        self.current.clear();
    }
}
