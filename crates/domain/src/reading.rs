//! The facts as they could be known at a moment, about what had happened by a moment.

use std::collections::BTreeMap;
use std::sync::Arc;

use events::event::Event;
use events::ids::{EventId, StreamId};
use events::meta::{Actor, Meta};
use events::parts::{self, DecodeError};
use events::raw::RawEvent;
use events::spec::StreamKind;
use events::time::{Occurred, end_of_day};
use events::upcast::upcast;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::correction::{self, AppliedCorrection};
use crate::recorded::{Annulment, Recorded};

/// What had been recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Known {
    /// Everything.
    #[default]
    Now,
    /// What was recorded by then.
    At(Timestamp),
    /// The entries with a smaller index.
    Position(u64),
    /// What was recorded before that time, and of what was recorded at that very time the entries with
    /// a smaller index: what could be known when one entry was made.
    Before {
        /// The time of that entry, on the axis.
        at: Timestamp,
        /// Its index.
        position: u64,
    },
}

/// By which time `known` is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Axis {
    /// The log's own time: proven.
    #[default]
    Recorded,
    /// The time that an imported source states, where there is one: not proven.
    Stated,
}

/// A moment to read a case at. The default is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadingPoint {
    /// What had been recorded.
    pub known: Known,
    /// What had happened.
    pub occurred_by: Option<Timestamp>,
    /// By which time `known` is read.
    pub axis: Axis,
}

/// The text is neither an instant nor a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a time must be an instant like 2024-11-01T12:00:00+01:00 or a day like 2024-11-01")]
pub struct PointError;

/// An instant (RFC 3339), or a day, which means its end in Denmark.
///
/// # Errors
/// [`PointError`] for a text that is neither.
pub fn instant(text: &str) -> Result<Timestamp, PointError> {
    if text.len() == 10
        && let Ok(day) = text.parse::<Date>()
    {
        return Ok(end_of_day(day));
    }
    text.parse().map_err(|_| PointError)
}

/// The facts cannot be read, although nothing was erased that would explain it.
#[derive(Debug, thiserror::Error)]
pub enum ImpossibleHistory {
    /// An event does not fit its type, or the type is not known.
    #[error("event {event} at index {index} cannot be read: {source}")]
    Unreadable {
        /// The event.
        event: EventId,
        /// Its place in the log.
        index: u64,
        /// What is wrong.
        source: DecodeError,
    },
}

/// A fact with its circumstances.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The kind of stream that it stands in.
    pub kind: StreamKind,
    /// When, how, on what law.
    pub meta: Meta,
    /// Who recorded it; null when that was erased.
    pub actor: Option<Actor>,
    /// The fact.
    pub facts: Event,
}

/// What can be read of an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// The fact.
    Fact(Box<Shown>),
    /// It was erased: only that something was recorded, and when.
    Hole,
}

/// An event in a reading.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadEvent {
    /// Place in the log.
    pub index: u64,
    /// When the log recorded it.
    pub recorded_at: Timestamp,
    /// Its stream.
    pub stream: StreamId,
    /// Place in the stream.
    pub seq: u64,
    /// Its id.
    pub event: EventId,
    /// The fact, corrections applied.
    pub body: Body,
    /// The corrections that concern it, in log order.
    pub corrections: Vec<AppliedCorrection>,
    /// The fact before any correction, where there is one.
    pub original: Option<Box<Shown>>,
    /// Why it no longer counts; it stays visible, and views leave it out.
    pub annulled: Option<Annulment>,
}

impl ReadEvent {
    /// An event of which nothing can be read but its place.
    fn hole(record: &Recorded) -> Self {
        Self {
            index: record.index,
            recorded_at: record.recorded_at,
            stream: record.stream,
            seq: record.seq,
            event: record.event,
            body: Body::Hole,
            corrections: Vec::new(),
            original: None,
            annulled: None,
        }
    }

    /// An event that nothing corrects or annuls.
    ///
    /// # Errors
    /// [`ImpossibleHistory::Unreadable`] as for [`Reading::new`].
    pub(crate) fn uncorrected(record: &Recorded) -> Result<Self, ImpossibleHistory> {
        let shown = match &record.raw {
            Some(raw) => show(raw, record)?,
            None => None,
        };
        Ok(Self {
            body: shown.map_or(Body::Hole, |shown| Body::Fact(Box::new(shown))),
            ..Self::hole(record)
        })
    }

    /// The fact, unless it is a hole.
    #[must_use]
    pub fn fact(&self) -> Option<&Shown> {
        match &self.body {
            Body::Fact(shown) => Some(shown),
            Body::Hole => None,
        }
    }
}

/// The events of one or more streams at a reading point, by log index.
///
/// # Example
/// Two notes, read now and as of the evening of the first:
///
/// ```
/// use domain::reading::{Known, Reading, ReadingPoint};
/// use domain::recorded::Recorded;
/// use events::event::Event;
/// use events::meta::{Actor, Meta, Role};
/// use events::raw::RawEvent;
/// use events::spec::StreamKind;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let actor = Actor {
///     id: "K1".into(),
///     role: Role::Caseworker,
///     unit: None,
///     municipality: "0999".into(),
/// };
/// let mut records = Vec::new();
/// for (index, text) in [(0, "called"), (1, "called back")] {
///     let note = serde_json::json!({ "kind": "CONTACT", "text": [text] });
///     let meta = Meta::at("2024-01-08".parse()?);
///     let plain = Event::from_json("NoteTaken", note)?.encode(&meta, &actor, StreamKind::Case)?;
///     records.push(Recorded {
///         index,
///         recorded_at: format!("2024-01-{:02}T12:00:00Z", 8 + index).parse()?,
///         stream: "00000000-0000-0000-0000-000000000001".parse()?,
///         seq: index + 1,
///         event: format!("00000000-0000-0000-0000-{:012}", 100 + index).parse()?,
///         raw: Some(RawEvent::from_plain(&plain)),
///     });
/// }
/// let now = Reading::new(records.clone(), ReadingPoint::default())?;
/// assert_eq!(now.facts().count(), 2);
///
/// // What was known on the evening of the first day.
/// let known = Known::At("2024-01-08T20:00:00Z".parse()?);
/// let then = Reading::new(records, ReadingPoint { known, ..ReadingPoint::default() })?;
/// assert_eq!(then.facts().count(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// The events; shared with other readings of the same stream.
    pub events: Vec<Arc<ReadEvent>>,
    /// The moment.
    pub point: ReadingPoint,
}

/// The time at which an event counts as recorded on an axis.
fn known_since(record: &Recorded, axis: Axis) -> Timestamp {
    match axis {
        Axis::Recorded => record.recorded_at,
        Axis::Stated => {
            let stated = record
                .raw
                .as_ref()
                .and_then(parts::meta)
                .and_then(|meta| meta.source);
            stated.map_or(record.recorded_at, |source| source.recorded_at)
        }
    }
}

/// Whether an event could be known at the point.
#[must_use]
pub fn visible(record: &Recorded, point: &ReadingPoint) -> bool {
    match point.known {
        Known::Now => true,
        Known::At(at) => known_since(record, point.axis) <= at,
        Known::Position(position) => record.index < position,
        Known::Before { at, position } => {
            (known_since(record, point.axis), record.index) < (at, position)
        }
    }
}

fn show(raw: &RawEvent, record: &Recorded) -> Result<Option<Shown>, ImpossibleHistory> {
    let raw = upcast(raw);
    let kind = raw
        .parts
        .first()
        .and_then(|part| StreamKind::from_who(&part.who));
    let (Some(kind), Some(meta)) = (kind, parts::meta(&raw)) else {
        return Ok(None);
    };
    match Event::decode(&raw) {
        Ok(facts) => Ok(Some(Shown {
            kind,
            meta,
            actor: parts::actor(&raw),
            facts,
        })),
        Err(DecodeError::Gone) => Ok(None),
        Err(source) => Err(ImpossibleHistory::Unreadable {
            event: record.event,
            index: record.index,
            source,
        }),
    }
}

impl Reading {
    /// Reads events at a point: drops what was not known, applies corrections, drops what had not
    /// happened.
    ///
    /// # Errors
    /// [`ImpossibleHistory::Unreadable`] for an event whose part 0 is there and does not fit its
    /// type, or whose type is not known; never because something was erased.
    pub fn new(records: Vec<Recorded>, point: ReadingPoint) -> Result<Self, ImpossibleHistory> {
        let mut records: Vec<Recorded> = records
            .into_iter()
            .filter(|record| visible(record, &point))
            .collect();
        records.sort_by_key(|record| record.index);
        records.dedup_by_key(|record| record.index);
        let annulments = correction::annulments(&records);
        let corrections = correction::by_target(&records, &annulments);
        let places: BTreeMap<EventId, usize> = records
            .iter()
            .enumerate()
            .map(|(place, record)| (record.event, place))
            .collect();
        let mut events = Vec::with_capacity(records.len());
        for record in &records {
            let mut read = Self::read(record, &records, &corrections, &places)?;
            read.annulled = annulments.get(&record.event).cloned();
            let happened = match (&read.body, point.occurred_by) {
                (Body::Fact(shown), Some(by)) => {
                    let changes = matches!(
                        shown.facts,
                        Event::EventCorrected(_) | Event::EventAnnulled(_)
                    );
                    changes || shown.meta.occurred.earliest() <= by
                }
                _ => true,
            };
            if happened {
                events.push(Arc::new(read));
            }
        }
        Ok(Self { events, point })
    }

    fn read(
        record: &Recorded,
        records: &[Recorded],
        corrections: &BTreeMap<EventId, Vec<usize>>,
        places: &BTreeMap<EventId, usize>,
    ) -> Result<ReadEvent, ImpossibleHistory> {
        if !corrections.contains_key(&record.event) {
            return ReadEvent::uncorrected(record);
        }
        let mut read = ReadEvent::hole(record);
        let Some(raw) = &record.raw else {
            return Ok(read);
        };
        let original = show(raw, record)?;
        let (corrected, applied) = correction::corrected(record, records, corrections, places);
        read.corrections = applied;
        let body = match corrected {
            // A correction that makes nonsense of an event was never accepted by `decide`; should
            // one stand in the record, the original is what can be relied on.
            Some(corrected) => show(&corrected, record).unwrap_or_else(|_| original.clone()),
            None => original.clone(),
        };
        if !read.corrections.is_empty() {
            read.original = original.map(Box::new);
        }
        if let Some(shown) = body {
            read.body = Body::Fact(Box::new(shown));
        }
        Ok(read)
    }

    /// The facts that count: holes and what was annulled are left out.
    pub fn facts(&self) -> impl Iterator<Item = (&ReadEvent, &Shown)> {
        let counting = self.events.iter().filter(|event| event.annulled.is_none());
        counting.filter_map(|event| event.fact().map(|shown| (&**event, shown)))
    }

    /// The facts that count, in the order in which they took place.
    #[must_use]
    pub fn by_occurrence(&self) -> Vec<(&ReadEvent, &Shown)> {
        let mut facts: Vec<_> = self.facts().collect();
        // The instant at which a day begins is worked out once for each fact.
        facts.sort_by_cached_key(|(event, shown)| (shown.meta.occurred.earliest(), event.index));
        facts
    }

    /// The event with that id.
    #[must_use]
    pub fn event(&self, id: EventId) -> Option<&ReadEvent> {
        self.events
            .iter()
            .map(|event| &**event)
            .find(|event| event.event == id)
    }

    /// The moment that the reading stands for, or now. A position stands for the time at which the
    /// last entry before it was recorded.
    #[must_use]
    pub fn moment(&self, now: Timestamp) -> Timestamp {
        match (self.point.occurred_by, self.point.known) {
            (Some(by), _) => by,
            (None, Known::At(at) | Known::Before { at, .. }) => at,
            (None, Known::Position(_)) => self.events.last().map_or(now, |event| event.recorded_at),
            (None, Known::Now) => now,
        }
    }

    /// The day of [`Self::moment`] in Denmark.
    #[must_use]
    pub fn day(&self, now: Timestamp) -> Date {
        Occurred::At(self.moment(now)).day()
    }

    /// Whether something in it was erased, so that a missing fact proves nothing.
    #[must_use]
    pub fn has_holes(&self) -> bool {
        self.events.iter().any(|event| event.body == Body::Hole)
    }
}
