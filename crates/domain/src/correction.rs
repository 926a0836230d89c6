//! How a correction changes the reading of an earlier event.
//!
//! It works on single elements, so that a correction of one paragraph leaves the others, and so
//! that erased elements stay in their places as gaps.

use std::collections::BTreeMap;

use events::correction::{EventAnnulled, EventCorrected};
use events::event::Event;
use events::ids::EventId;
use events::meta::Meta;
use events::parts;
use events::raw::{RawElement, RawEvent};
use events::spec::Facts;
use events::upcast::upcast;
use events::words::Words;
use jiff::Timestamp;

use crate::decide::dates::wrong_dates;
use crate::recorded::{Annulment, Recorded};
use crate::refusal::{Reasons, RefusalCode};

/// A correction beside the event that it concerns.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "graphql",
    derive(async_graphql::SimpleObject),
    graphql(name = "Correction")
)]
pub struct AppliedCorrection {
    /// The correction.
    pub event: EventId,
    /// Its place in the log.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub index: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The field; null when the correction itself was erased.
    pub field: Option<String>,
    /// Why.
    pub reason: Option<Words>,
    /// Whether it changes the reading; not when what it replaced was itself replaced.
    pub in_force: bool,
}

/// The event type that annuls.
const ANNULMENT: &str = EventAnnulled::SPEC.name;

/// The annulments in force among the records, by the event that they take out. An annulment that
/// was itself annulled has no effect.
pub(crate) fn annulments<'a>(
    records: impl IntoIterator<Item = &'a Recorded, IntoIter: DoubleEndedIterator>,
) -> BTreeMap<EventId, Annulment> {
    let mut annulled: BTreeMap<EventId, Annulment> = BTreeMap::new();
    // From the newest to the oldest: only a later event can take an annulment out.
    for record in records.into_iter().rev() {
        let Some(raw) = record.raw.as_ref().filter(|raw| raw.kind == ANNULMENT) else {
            continue;
        };
        let Ok(Event::EventAnnulled(facts)) = Event::decode(raw) else {
            continue;
        };
        if facts.target.stream != record.stream || annulled.contains_key(&record.event) {
            continue;
        }
        let annulment = Annulment {
            event: record.event,
            recorded_at: record.recorded_at,
            reason: facts.reason,
            explanation: facts.explanation,
            replacement: facts.replacement,
        };
        annulled.entry(facts.target.event).or_insert(annulment);
    }
    annulled
}

/// The event type that corrects; asking for it first saves decoding all others.
const CORRECTION: &str = EventCorrected::SPEC.name;

/// The corrections among the records that were not annulled, by the event that they concern, in
/// log order.
pub(crate) fn by_target(
    records: &[Recorded],
    annulments: &BTreeMap<EventId, Annulment>,
) -> BTreeMap<EventId, Vec<usize>> {
    let mut targets: BTreeMap<EventId, Vec<usize>> = BTreeMap::new();
    for (place, record) in records.iter().enumerate() {
        // The target is a fact of part 0 that no correction may change, so the stored form counts.
        let Some(raw) = record.raw.as_ref().filter(|raw| raw.kind == CORRECTION) else {
            continue;
        };
        if annulments.contains_key(&record.event) {
            continue;
        }
        let Ok(Event::EventCorrected(facts)) = Event::decode(raw) else {
            continue;
        };
        targets.entry(facts.target.event).or_default().push(place);
    }
    targets
}

/// The content of an event with every correction applied, each of them corrected first.
pub(crate) fn corrected(
    record: &Recorded,
    records: &[Recorded],
    corrections: &BTreeMap<EventId, Vec<usize>>,
    places: &BTreeMap<EventId, usize>,
) -> (Option<RawEvent>, Vec<AppliedCorrection>) {
    let mut raw = record.raw.clone();
    let mut applied = Vec::new();
    let own = places.get(&record.event).copied().unwrap_or(usize::MAX);
    for place in corrections.get(&record.event).into_iter().flatten() {
        let Some(correction) = records.get(*place) else {
            continue;
        };
        // Only an earlier event of the same stream can be corrected; that also ends the descent.
        if *place <= own || correction.stream != record.stream {
            continue;
        }
        let (change, _) = corrected(correction, records, corrections, places);
        let facts = match change.as_ref().map(Event::decode) {
            Some(Ok(Event::EventCorrected(facts))) => Some(facts),
            _ => None,
        };
        let in_force = match (&mut raw, &change, &facts) {
            (Some(raw), Some(change), Some(facts)) => replace(raw, facts, values(change)),
            _ => false,
        };
        applied.push(AppliedCorrection {
            event: correction.event,
            index: correction.index,
            recorded_at: correction.recorded_at,
            field: facts.as_ref().map(|facts| facts.field.as_str().to_owned()),
            reason: facts.map(|facts| facts.reason),
            in_force,
        });
    }
    (raw, applied)
}

fn values(correction: &RawEvent) -> Vec<RawElement> {
    correction
        .parts
        .iter()
        .filter_map(|part| part.fields.get("values"))
        .flatten()
        .cloned()
        .collect()
}

/// Takes the replaced elements out and puts the new ones in their place; answers whether all of
/// them were there.
fn replace(raw: &mut RawEvent, facts: &EventCorrected, values: Vec<RawElement>) -> bool {
    let Some(part) = raw.parts.get_mut(usize::from(facts.part)) else {
        return false;
    };
    let field = facts.field.as_str();
    let elements = part.fields.get(field).cloned().unwrap_or_default();
    let replaced = |element: &RawElement| {
        facts
            .replaces
            .iter()
            .any(|digest| digest.as_str() == element.digest)
    };
    if elements.iter().filter(|element| replaced(element)).count() != facts.replaces.len() {
        return false;
    }
    let place = elements.iter().position(replaced).unwrap_or(elements.len());
    let mut new: Vec<RawElement> = elements.iter().take(place).cloned().collect();
    new.extend(values);
    new.extend(
        elements
            .into_iter()
            .skip(place)
            .filter(|element| !replaced(element)),
    );
    part.fields.insert(field.to_owned(), new);
    true
}

/// Whether the newest of these records, a correction, changes its target into something that can
/// still be read; where the target is itself a correction, what that one corrects must be readable
/// too. The records are in log order.
///
/// # Errors
/// [`RefusalCode::FieldUnknown`] when what it replaces is not there,
/// [`RefusalCode::ValueMisfit`] when the new value does not fit.
/// [`RefusalCode::TimeInFuture`], [`RefusalCode::DateImpossible`] and
/// [`RefusalCode::DatesContradict`] when a date cannot be true then.
pub fn fits(records: &[Recorded], target: EventId, now: Timestamp) -> Result<(), RefusalCode> {
    let corrections = by_target(records, &annulments(records));
    let places: BTreeMap<EventId, usize> = records
        .iter()
        .enumerate()
        .map(|(place, record)| (record.event, place))
        .collect();
    let read = |target: EventId| {
        let record = places
            .get(&target)
            .and_then(|place| records.get(*place))
            .ok_or(RefusalCode::TargetUnknown)?;
        let (raw, applied) = corrected(record, records, &corrections, &places);
        Ok((raw.ok_or(RefusalCode::TargetUnknown)?, applied))
    };
    let (raw, applied) = read(target)?;
    if !applied.last().is_some_and(|correction| correction.in_force) {
        return Err(RefusalCode::FieldUnknown);
    }
    let (mut facts, mut meta) = readable(&raw)?;
    // Each step leads to an earlier event, so the way ends.
    while let Event::EventCorrected(correction) = &facts {
        (facts, meta) = readable(&read(correction.target.event)?.0)?;
    }
    let mut reasons = Reasons::default();
    wrong_dates(&facts, &meta, now, &mut reasons);
    reasons.first().map_err(|refusal| refusal.code)
}

/// The fact, where circumstances and fields fit their types.
fn readable(raw: &RawEvent) -> Result<(Event, Meta), RefusalCode> {
    let raw = upcast(raw);
    match (Event::decode(&raw), parts::meta(&raw)) {
        (Ok(facts), Some(meta)) => Ok((facts, meta)),
        _ => Err(RefusalCode::ValueMisfit),
    }
}

/// The content of an event as it reads now; null when there is no such event or it is a hole.
#[must_use]
pub fn in_force(records: &[Recorded], event: EventId) -> Option<RawEvent> {
    let corrections = by_target(records, &annulments(records));
    let places: BTreeMap<EventId, usize> = records
        .iter()
        .enumerate()
        .map(|(place, record)| (record.event, place))
        .collect();
    let record = records.get(*places.get(&event)?)?;
    corrected(record, records, &corrections, &places).0
}
