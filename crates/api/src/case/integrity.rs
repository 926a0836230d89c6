//! Safeguards that an operator set aside; their reasons are plain text here. What explains a reading
//! and the checks of the log are answered by `domain`'s own structs.

use async_graphql::SimpleObject;
use domain::views::integrity::Override;
use events::ids::EventId;
use events::log::Safeguard;
use events::text::Short;
use jiff::Timestamp;

/// A safeguard that an operator set aside.
#[derive(Debug, Clone, SimpleObject)]
pub struct SafeguardOverride {
    /// The event, in the log's own stream.
    pub event: EventId,
    /// When the log recorded it.
    pub recorded_at: Timestamp,
    /// Who did it, as the operator's machine states it; null where that cannot be read.
    pub operator: Option<String>,
    /// What was set aside.
    pub safeguard: Safeguard,
    /// Why, in the operator's words.
    pub reason: String,
    /// What the clock said.
    pub clock: Option<Timestamp>,
    /// The time that it was compared with.
    pub known_time: Option<Timestamp>,
    /// Number of entries that lay here.
    pub entries_here: Option<u64>,
    /// Number of entries that were known.
    pub entries_known: Option<u64>,
    /// Who or what knew that time or that number of entries.
    pub known_by: Option<Short>,
}

impl From<&Override> for SafeguardOverride {
    fn from(set_aside: &Override) -> Self {
        Self {
            event: set_aside.event,
            recorded_at: set_aside.recorded_at,
            operator: set_aside.operator.clone(),
            safeguard: set_aside.safeguard,
            reason: set_aside.reason.text(),
            clock: set_aside.clock,
            known_time: set_aside.known_time,
            entries_here: set_aside.entries_here,
            entries_known: set_aside.entries_known,
            known_by: set_aside.known_by.clone(),
        }
    }
}
