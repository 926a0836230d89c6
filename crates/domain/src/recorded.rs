//! What the record holds of one event, before anything is read into it.
//!
//! How events are read at a moment stands in [`crate::reading`].

use events::correction::AnnulmentReason;
use events::ids::{EventId, StreamId};
use events::meta::EventRef;
use events::raw::RawEvent;
use events::words::Words;
use jiff::Timestamp;

/// An event as the record gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Place in the log.
    pub index: u64,
    /// When the log recorded it.
    pub recorded_at: Timestamp,
    /// Its stream.
    pub stream: StreamId,
    /// Place in the stream, from 1.
    pub seq: u64,
    /// Its id.
    pub event: EventId,
    /// Its content; null when part 0 is gone.
    pub raw: Option<RawEvent>,
}

/// An annulment beside the event that it takes out.
#[derive(Debug, Clone, PartialEq)]
pub struct Annulment {
    /// The annulment.
    pub event: EventId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Why.
    pub reason: AnnulmentReason,
    /// More about why.
    pub explanation: Words,
    /// The event that takes its place.
    pub replacement: Option<EventRef>,
}
