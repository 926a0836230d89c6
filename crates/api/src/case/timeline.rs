//! The timeline, with what an entry says in words; corrections are answered by `domain`'s own
//! struct.

use async_graphql::SimpleObject;
use domain::correction::AppliedCorrection;
use domain::recorded;
use domain::views::timeline;
use events::correction::AnnulmentReason;
use events::ids::{EventId, StreamId};
use events::meta::{Channel, Role};
use events::time::Occurred;
use events::words::Words;
use jiff::Timestamp;

use crate::plain::Plain;

/// What an entry says.
#[derive(Debug, Clone, SimpleObject)]
pub struct Told {
    /// Event type.
    pub event_type: String,
    /// Its Danish term.
    pub danish: String,
    /// When it took place.
    pub occurred: Occurred,
    /// Through which channel.
    pub channel: Option<Channel>,
    /// Who recorded it.
    pub actor: Option<String>,
    /// The role of that one.
    pub actor_role: Option<Role>,
    /// The fact in one line.
    pub line: String,
    /// When an imported source says that it was recorded: stated, not proven.
    pub stated_recorded_at: Option<Timestamp>,
    /// Journal title.
    pub journal: Option<String>,
}

impl From<timeline::Told> for Told {
    fn from(told: timeline::Told) -> Self {
        Self {
            event_type: told.kind.to_owned(),
            danish: told.danish.to_owned(),
            occurred: told.occurred,
            channel: told.channel,
            actor_role: told.actor.as_ref().map(|actor| actor.role),
            actor: told.actor.map(|actor| actor.id),
            line: told.line,
            stated_recorded_at: told.stated_recorded_at,
            journal: told.journal,
        }
    }
}

/// Why a registration no longer counts.
#[derive(Debug, Clone, SimpleObject)]
pub struct Annulment {
    /// The annulment.
    pub event: EventId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Why.
    pub reason: AnnulmentReason,
    /// More about why.
    pub explanation: Words,
    /// The registration that takes its place.
    pub replacement: Option<EventId>,
}

impl From<recorded::Annulment> for Annulment {
    fn from(annulment: recorded::Annulment) -> Self {
        Self {
            event: annulment.event,
            recorded_at: annulment.recorded_at,
            reason: annulment.reason,
            explanation: annulment.explanation,
            replacement: annulment.replacement.map(|new| new.event),
        }
    }
}

/// One entry of the timeline (V3).
#[derive(Debug, Clone, SimpleObject)]
pub struct TimelineEntry {
    /// The event.
    pub event: EventId,
    /// Its stream.
    pub stream: StreamId,
    /// Place in the stream, from 1.
    pub seq: u64,
    /// Place in the log.
    pub position: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Whether it was erased.
    pub erased: bool,
    /// What it says; null when it was erased.
    pub told: Option<Plain<Told>>,
    /// What it said before it was corrected.
    pub original: Option<Plain<Told>>,
    /// The corrections that concern it.
    pub corrections: Vec<AppliedCorrection>,
    /// Whether it was recorded more than three working days after it took place.
    pub late: bool,
    /// Why it no longer counts; other views leave it out.
    pub annulled: Option<Annulment>,
}

impl From<timeline::TimelineEntry> for TimelineEntry {
    fn from(entry: timeline::TimelineEntry) -> Self {
        Self {
            event: entry.event,
            stream: entry.stream,
            seq: entry.seq,
            position: entry.index,
            recorded_at: entry.recorded_at,
            erased: entry.told.is_none(),
            told: entry.told.map(|told| Plain(told.into())),
            original: entry.original.map(|told| Plain(told.into())),
            corrections: entry.corrections,
            late: entry.late,
            annulled: entry.annulled.map(Into::into),
        }
    }
}
