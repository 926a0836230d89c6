//! The timeline as clients see it.

use async_graphql::SimpleObject;
use domain::correction::AppliedCorrection;
use domain::recorded::Annulment;
use domain::views::timeline::{TimelineEntry, Told};
use events::correction::AnnulmentReason;
use events::ids::{EventId, StreamId};
use events::meta::{Channel, Role};
use events::time::Occurred;
use jiff::Timestamp;

use crate::text::Wording;

/// What an entry says.
#[derive(Debug, Clone, SimpleObject)]
pub struct ToldView {
    /// Event type.
    pub kind: String,
    /// Its Danish term.
    pub danish: String,
    /// When it took place.
    pub occurred: Occurred,
    /// Through which channel.
    pub channel: Option<Channel>,
    /// Who recorded it.
    pub actor: Option<String>,
    /// In which role.
    pub role: Option<Role>,
    /// The fact in one line.
    pub line: String,
    /// When an imported source says that it was recorded: stated, not proven.
    pub stated_recorded_at: Option<Timestamp>,
    /// Journal title.
    pub journal: Option<String>,
}

impl From<Told> for ToldView {
    fn from(told: Told) -> Self {
        Self {
            kind: told.kind.to_owned(),
            danish: told.danish.to_owned(),
            occurred: told.occurred,
            channel: told.channel,
            role: told.actor.as_ref().map(|actor| actor.role),
            actor: told.actor.map(|actor| actor.id),
            line: told.line,
            stated_recorded_at: told.stated_recorded_at,
            journal: told.journal,
        }
    }
}

/// A correction beside the event that it concerns.
#[derive(Debug, Clone, SimpleObject)]
pub struct CorrectionView {
    /// The correction.
    pub event: EventId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The field; none when the correction was erased.
    pub field: Option<String>,
    /// Why.
    pub reason: Option<Wording>,
    /// Whether it changes the reading.
    pub in_force: bool,
}

impl From<&AppliedCorrection> for CorrectionView {
    fn from(correction: &AppliedCorrection) -> Self {
        Self {
            event: correction.event,
            recorded_at: correction.recorded_at,
            field: correction.field.clone(),
            reason: correction.reason.as_ref().map(Into::into),
            in_force: correction.in_force,
        }
    }
}

/// Why a registration no longer counts.
#[derive(Debug, Clone, SimpleObject)]
pub struct AnnulmentView {
    /// The annulment.
    pub event: EventId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Why.
    pub reason: AnnulmentReason,
    /// More about why.
    pub explanation: Wording,
    /// The registration that takes its place.
    pub replacement: Option<EventId>,
}

impl From<Annulment> for AnnulmentView {
    fn from(annulment: Annulment) -> Self {
        Self {
            event: annulment.event,
            recorded_at: annulment.recorded_at,
            reason: annulment.reason,
            explanation: (&annulment.explanation).into(),
            replacement: annulment.replacement.map(|new| new.event),
        }
    }
}

/// One entry of the timeline (V3).
#[derive(Debug, Clone, SimpleObject)]
pub struct TimelineEntryView {
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
    /// What it says; none when it was erased.
    pub told: Option<ToldView>,
    /// What it said before it was corrected.
    pub original: Option<ToldView>,
    /// The corrections that concern it.
    pub corrections: Vec<CorrectionView>,
    /// Whether it was recorded more than three working days after it took place.
    pub late: bool,
    /// Why it no longer counts; other views leave it out.
    pub annulled: Option<AnnulmentView>,
}

impl From<TimelineEntry> for TimelineEntryView {
    fn from(entry: TimelineEntry) -> Self {
        Self {
            event: entry.event,
            stream: entry.stream,
            seq: entry.seq,
            position: entry.index,
            recorded_at: entry.recorded_at,
            erased: entry.told.is_none(),
            told: entry.told.map(Into::into),
            original: entry.original.map(Into::into),
            corrections: entry.corrections.iter().map(Into::into).collect(),
            late: entry.late,
            annulled: entry.annulled.map(Into::into),
        }
    }
}
