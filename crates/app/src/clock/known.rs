//! A time that a clock can be held to. What states one is found in `witnessing/newest_time.rs`.

use jiff::Timestamp;

/// A time, and what states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownTime {
    /// The time.
    pub time: Timestamp,
    /// What states it, for a reader.
    pub by: String,
}
