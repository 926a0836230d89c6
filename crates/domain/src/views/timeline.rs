//! The timeline (V3): every event in the order in which it took place, holes included, the
//! original beside each correction.

use events::calendar::add_working_days;
use events::event::Event;
use events::ids::{EventId, StreamId};
use events::meta::{Actor, Channel};
use events::spec::StreamKind;
use events::time::Occurred;
use jiff::Timestamp;

use crate::correction::AppliedCorrection;
use crate::reading::{ReadEvent, Reading, Shown};
use crate::recorded::Annulment;
use crate::views::overview::line;

/// A fact recorded more than this many working days after it took place is marked as late.
/// Proposed practice, not law.
pub const LATE_AFTER_WORKING_DAYS: u16 = 3;

/// What can be read of an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Event type.
    pub kind: &'static str,
    /// Its Danish term.
    pub danish: &'static str,
    /// When it took place.
    pub occurred: Occurred,
    /// Through which channel.
    pub channel: Option<Channel>,
    /// Who recorded it.
    pub actor: Option<Actor>,
    /// The fact in one line.
    pub line: String,
    /// When an imported source says that it was recorded: stated, not proven.
    pub stated_recorded_at: Option<Timestamp>,
    /// Journal title.
    pub journal: Option<String>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineEntry {
    /// The event.
    pub event: EventId,
    /// Its stream.
    pub stream: StreamId,
    /// Place in the stream.
    pub seq: u64,
    /// Place in the log.
    pub index: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// What it says; null when it was erased.
    pub told: Option<Told>,
    /// What it said before it was corrected.
    pub original: Option<Told>,
    /// The corrections that concern it.
    pub corrections: Vec<AppliedCorrection>,
    /// Whether it was recorded late.
    pub late: bool,
    /// Why it no longer counts.
    pub annulled: Option<Annulment>,
}

fn told(shown: &Shown) -> Told {
    let spec = shown.facts.spec();
    Told {
        kind: spec.name,
        danish: spec.danish,
        occurred: shown.meta.occurred,
        channel: shown.meta.channel,
        actor: shown.actor.clone(),
        line: line(&shown.facts),
        stated_recorded_at: shown.meta.source.as_ref().map(|source| source.recorded_at),
        journal: shown
            .meta
            .journal
            .as_ref()
            .map(|journal| journal.title.as_str().to_owned()),
    }
}

/// Whether it was recorded more than [`LATE_AFTER_WORKING_DAYS`] after it took place.
pub(crate) fn is_late(event: &ReadEvent) -> bool {
    let Some(shown) = event.fact() else {
        return false;
    };
    let recorded = shown
        .meta
        .source
        .as_ref()
        .map_or(event.recorded_at, |source| source.recorded_at);
    let recorded = Occurred::At(recorded).day();
    let occurred = shown.meta.occurred.day();
    recorded > add_working_days(occurred, LATE_AFTER_WORKING_DAYS)
}

/// Folds the view. What only connects streams is left out, and so are facts about the log itself.
#[must_use]
pub fn timeline(reading: &Reading) -> Vec<TimelineEntry> {
    let mut entries: Vec<TimelineEntry> = Vec::with_capacity(reading.events.len());
    for event in &reading.events {
        let apart = |shown: &Shown| {
            matches!(shown.facts, Event::FactReferenced(_))
                || matches!(shown.kind, StreamKind::System | StreamKind::Access)
        };
        if event.fact().is_some_and(apart) {
            continue;
        }
        entries.push(TimelineEntry {
            event: event.event,
            stream: event.stream,
            seq: event.seq,
            index: event.index,
            recorded_at: event.recorded_at,
            told: event.fact().map(told),
            original: event.original.as_deref().map(told),
            corrections: event.corrections.clone(),
            late: is_late(event),
            annulled: event.annulled.clone(),
        });
    }
    entries.sort_by_cached_key(|entry| {
        (
            entry
                .told
                .as_ref()
                .map_or(entry.recorded_at, |told| told.occurred.earliest()),
            entry.index,
        )
    });
    entries
}
