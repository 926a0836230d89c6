//! What is kept of opened streams, in one place: what is erased must go from all of it at once, and
//! all of it shares one bound of memory.

use domain::current::{Current, Folded};

use crate::log::cache::{Begun, Clearings};
use crate::log::handed_over::HandedOver;
use crate::log::standing_cache::StandingCache;
use crate::log::stream_cache::StreamCache;

/// The most bytes that are kept when nobody says otherwise.
pub const CACHE_BYTES_DEFAULT: usize = 256 * 1024 * 1024;

/// The caches of a log.
pub(crate) struct Caches {
    clearings: Clearings,
    /// What the record holds of streams.
    pub(crate) streams: StreamCache,
    /// What commands are decided on: small, so that it is there for many streams.
    pub(crate) states: StandingCache<Folded>,
    /// Streams as they stand now, with every event.
    pub(crate) current: StandingCache<Current>,
    /// What was just recorded, for the rows of the lists.
    pub(crate) handed_over: HandedOver,
}

impl Default for Caches {
    fn default() -> Self {
        Self::new(CACHE_BYTES_DEFAULT)
    }
}

impl Caches {
    /// Empty ones that take at most so many bytes together.
    pub(crate) fn new(bytes: usize) -> Self {
        let clearings = Clearings::default();
        let caches = Self {
            streams: StreamCache::new(0, clearings.clone()),
            states: StandingCache::new(0, clearings.clone()),
            current: StandingCache::new(0, clearings.clone()),
            handed_over: HandedOver::new(0, clearings.clone()),
            clearings,
        };
        caches.limit(bytes);
        caches
    }

    /// Bounds them anew; what is too much goes at once.
    pub(crate) fn limit(&self, bytes: usize) {
        self.streams.limit(bytes / 8);
        self.states.limit(bytes / 4);
        self.current.limit(bytes / 16 * 9);
        self.handed_over.limit(bytes / 16);
    }

    /// To be asked before a reading begins that is to be kept.
    pub(crate) fn begin(&self) -> Begun {
        self.clearings.now()
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        // Counted first: what is put in between finds that it was read too early.
        self.clearings.another();
        self.streams.clear();
        self.states.clear();
        self.current.clear();
        self.handed_over.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::fresh;
    use crate::log::standing_cache::Standing;
    use crate::log::stream_cache::Weighed;
    use events::ids::StreamId;
    use record::positions::StreamVersion;

    /// Puts an empty stream into each cache.
    fn put(caches: &Caches, of: StreamId, begun: Begun) {
        let nothing = StreamVersion::EMPTY;
        caches.streams.put(of, &Weighed::new(Vec::new()), begun);
        caches.states.put(of, Standing::default(), 1, begun);
        caches.current.put(of, Standing::default(), 1, begun);
        assert_eq!(
            caches.states.at(of, nothing).is_some(),
            caches.current.at(of, nothing).is_some()
        );
    }

    /// How many of the caches hold the stream.
    fn holding(caches: &Caches, of: StreamId) -> usize {
        let nothing = StreamVersion::EMPTY;
        usize::from(caches.streams.get(of, nothing).is_some())
            + usize::from(caches.states.held(of).is_some())
            + usize::from(caches.current.held(of).is_some())
    }

    #[test]
    fn what_was_read_before_something_was_erased_is_not_kept() {
        let (caches, of) = (Caches::default(), fresh());
        let before = caches.begin();
        put(&caches, of, before);
        assert_eq!(holding(&caches, of), 3);
        caches.clear();
        assert_eq!(holding(&caches, of), 0, "everything is forgotten at once");
        put(&caches, of, before);
        assert_eq!(holding(&caches, of), 0, "it was read before");
        put(&caches, of, caches.begin());
        assert_eq!(holding(&caches, of), 3);
        let (empty, nothing) = (StreamVersion::EMPTY, &[]);
        assert!(caches.states.step(of, empty, nothing, 0, before).is_none());
        assert!(caches.current.step(of, empty, nothing, 0, before).is_none());
        assert_eq!(holding(&caches, of), 3, "what is held stays as it was");
    }

    #[test]
    fn a_smaller_bound_takes_effect_at_once() {
        let (caches, of) = (Caches::default(), fresh());
        put(&caches, of, caches.begin());
        caches.limit(0);
        // A stream without events takes nothing among the records.
        assert_eq!(holding(&caches, of), 1);
    }
}
