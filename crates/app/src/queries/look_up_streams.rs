//! In which stream of an access log the look-ups of another stream stand, as far as it was asked.

use std::collections::BTreeMap;
use std::sync::Mutex;

use events::ids::StreamId;

/// Streams of look-ups, by the stream that was looked at; null until they were read.
#[derive(Default)]
pub(crate) struct LookUpStreams(pub(crate) Mutex<Option<BTreeMap<StreamId, StreamId>>>);
