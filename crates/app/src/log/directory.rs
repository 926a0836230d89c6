//! The streams of the log by kind, in memory.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use domain::decide::Streams;
use events::ids::StreamId;
use events::spec::StreamKind;

/// What a stream is, as far as lists need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) kind: StreamKind,
    /// Order of first appearance.
    pub(crate) ordinal: u64,
}

/// The streams of the log by kind, in memory.
#[derive(Default)]
pub(crate) struct Directory(pub(crate) RwLock<BTreeMap<StreamId, Listed>>);

impl Directory {
    pub(crate) fn add(&self, stream: StreamId, kind: StreamKind) {
        let mut streams = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let ordinal = streams.len() as u64;
        streams.entry(stream).or_insert(Listed { kind, ordinal });
    }

    /// The streams of a kind, oldest first.
    pub(crate) fn of_kind(&self, kind: StreamKind) -> Vec<StreamId> {
        let streams = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let mut found: Vec<(u64, StreamId)> = streams
            .iter()
            .filter(|(_, listed)| listed.kind == kind)
            .map(|(stream, listed)| (listed.ordinal, *stream))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, stream)| stream).collect()
    }
}

impl Streams for Directory {
    fn kind(&self, stream: StreamId) -> Option<StreamKind> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&stream)
            .map(|listed| listed.kind)
    }
}
