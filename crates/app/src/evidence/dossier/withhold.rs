//! What is withheld of a disclosure: named by people by event, person and field; found here as the
//! digests of the very values, so that every gap in the evidence is explained.
//!
//! Nothing is withheld by itself. What often is can be suggested, and is decided by a person each
//! time.

use std::collections::{BTreeMap, BTreeSet};

use domain::reading::Reading;
use domain::refusal::RefusalCode;
use domain::views::access::access;
use events::access::{Redaction, RedactionClass};
use events::ids::{EventId, PersonId, StreamId};
use events::meta::Direction;
use events::parts::{meta, person_of, who};
use events::person::{PersonRef, PersonRole};
use events::raw::{RawEvent, RawPart};
use events::rights::ProtectionKind;
use events::text::{Digest, Line, Section, Short};
use record::hash::Hash;
use record::positions::LogIndex;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::commands::erase::corrections;
use crate::error::{ReadError, RecordError};
use crate::evidence::bundle::Withheld;
use crate::log::content::{self, OpenedEvent};

/// One thing to be withheld, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withhold {
    /// The stream of the event.
    pub stream: StreamId,
    /// The event. Without a person and a field, all of it.
    pub event: EventId,
    /// The event's type, for whoever reads the list; it decides nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whose part of it; not stated for the stream's own. Without a field, all of that part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<PersonRef>,
    /// The field, by stored name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Which elements of the field, counted from 0: paragraphs of a text, items of a list. All when
    /// there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elements: Vec<usize>,
    /// What kind of thing.
    pub class: RedactionClass,
    /// The section of law that it rests on.
    pub section: Section,
    /// Why, in one line without names.
    pub reason: Line,
}

/// Something that is often withheld. Whether it may be here is for a person to decide, who also
/// names the section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// The stream of the event.
    pub stream: StreamId,
    /// The event.
    pub event: EventId,
    /// Event type.
    pub name: String,
    /// Whose part of it; none for the whole event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<PersonRef>,
    /// The field; none for the whole part or event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What kind of thing.
    pub class: RedactionClass,
}

/// What is withheld in each stream, and how the record says so.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resolved {
    /// By stream.
    pub streams: BTreeMap<StreamId, Withheld>,
    /// As they are recorded, in the order of the wishes.
    pub redactions: Vec<Redaction>,
}

pub(super) fn refused(wish: usize, member: &str) -> RecordError {
    RecordError::refused(
        RefusalCode::TargetUnknown,
        format!("redactions.{wish}.{member}"),
    )
}

/// The digests of values that can be withheld, with their events.
type Found = Vec<(EventId, Hash)>;

fn digests<'a>(
    elements: impl Iterator<Item = &'a events::raw::RawElement>,
    event: EventId,
) -> Result<Found, ReadError> {
    let known = elements.filter(|element| element.value.is_ok());
    known
        .map(|element| {
            Ok((
                event,
                Hash::parse_b64u(&element.digest).map_err(|error| ReadError::Damaged {
                    index: LogIndex::FIRST,
                    source: error.into(),
                })?,
            ))
        })
        .collect()
}

fn id(event: &OpenedEvent) -> Result<EventId, ReadError> {
    content::event_id(event.envelope.event_id, event.envelope.index)
}

/// The part of an event that a wish is about.
fn part_of(raw: &RawEvent, subject: Option<PersonRef>) -> Option<(u16, &RawPart)> {
    let name = subject.map(who);
    (0_u16..)
        .zip(&raw.parts)
        .find(|(number, part)| name.as_ref().map_or(*number == 0, |name| part.who == *name))
}

/// The digests that a wish means in its stream: of the event itself, and of what corrections put in
/// the place of withheld values.
fn find(stream: &[OpenedEvent], wish: &Withhold, place: usize) -> Result<Found, RecordError> {
    let target = stream
        .iter()
        .find(|opened| opened.envelope.event_id == wish.event.uuid())
        .ok_or_else(|| refused(place, "event"))?;
    let raw = target.raw.as_ref().ok_or_else(|| refused(place, "event"))?;
    let mut found = Found::new();
    let Some(field) = &wish.field else {
        let Some(subject) = wish.subject else {
            found.push((wish.event, target.envelope.payload));
            for (correction, _) in corrections(stream, wish.event) {
                found.push((id(correction)?, correction.envelope.payload));
            }
            return Ok(found);
        };
        let (_, part) = part_of(raw, Some(subject)).ok_or_else(|| refused(place, "subject"))?;
        found.extend(digests(part.fields.values().flatten(), wish.event)?);
        for (correction, _) in corrections(stream, wish.event) {
            if let Some((_, part)) = correction
                .raw
                .as_ref()
                .and_then(|raw| part_of(raw, Some(subject)))
            {
                found.extend(digests(part.fields.values().flatten(), id(correction)?)?);
            }
        }
        return Ok(found);
    };
    let (number, part) = part_of(raw, wish.subject).ok_or_else(|| refused(place, "subject"))?;
    let elements = part
        .fields
        .get(field)
        .ok_or_else(|| refused(place, "field"))?;
    if wish
        .elements
        .iter()
        .any(|element| *element >= elements.len())
    {
        return Err(refused(place, "elements"));
    }
    let wanted = |element: usize| wish.elements.is_empty() || wish.elements.contains(&element);
    found.extend(digests(
        elements
            .iter()
            .enumerate()
            .filter(|(element, _)| wanted(*element))
            .map(|(_, element)| element),
        wish.event,
    )?);
    for (correction, facts) in corrections(stream, wish.event) {
        if facts.part == number && facts.field.as_str() == field {
            let parts = correction.raw.iter().flat_map(|raw| &raw.parts);
            found.extend(digests(
                parts.filter_map(|part| part.fields.get("values")).flatten(),
                id(correction)?,
            )?);
        }
    }
    Ok(found)
}

impl App {
    /// Finds what is to be withheld. What two wishes mean counts for the first.
    ///
    /// # Errors
    /// [`RecordError::Refused`], naming the wish and what of it is not in the record;
    /// [`RecordError::Read`].
    pub(crate) fn resolve_withheld(&self, wishes: &[Withhold]) -> Result<Resolved, RecordError> {
        let (mut resolved, mut seen) = (Resolved::default(), BTreeSet::new());
        let mut streams: BTreeMap<StreamId, Vec<OpenedEvent>> = BTreeMap::new();
        for (place, wish) in wishes.iter().enumerate() {
            if let std::collections::btree_map::Entry::Vacant(slot) = streams.entry(wish.stream) {
                slot.insert(self.epoch.reading(|| self.opened(wish.stream))?);
            }
            let stream = streams.get(&wish.stream).map_or(&[][..], Vec::as_slice);
            let mut values = Vec::new();
            for (event, digest) in find(stream, wish, place)? {
                if seen.insert((event, digest)) {
                    let reason = format!("{}: {}", wish.section, wish.reason);
                    resolved
                        .streams
                        .entry(wish.stream)
                        .or_default()
                        .add(event, digest, reason);
                    values.push(Digest::new(digest.to_b64u()).map_err(RecordError::not_written)?);
                }
            }
            resolved.redactions.push(Redaction {
                class: wish.class,
                section: wish.section.clone(),
                reason: wish.reason.clone(),
                event: Some(wish.event),
                stream: Some(wish.stream),
                field: wish
                    .field
                    .clone()
                    .map(Short::new)
                    .transpose()
                    .map_err(RecordError::not_written)?,
                values: Some(values),
            });
        }
        Ok(resolved)
    }
}

/// Fields that say where a placed child can be found, by event type.
const ADDRESSES: [(&str, &str); 1] = [("SupervisionVisitHeld", "place")];

/// Fields that say where somebody can be found, by event type: they are harmless until a place is
/// secret.
const PLACES: [(&str, &str); 3] = [
    ("ChildHeard", "place"),
    ("SupportStarted", "provider"),
    ("DocumentFiled", "title"),
];

/// Texts about one person, by event type, with the field that names that person: anything can stand in
/// them.
const ABOUT_SOMEBODY: [(&str, &str, &str); 2] = [
    ("NoteTaken", "about", "text"),
    ("InformationObtained", "about", "content"),
];

/// Whose place is secret in a case, by the protections that stand in it.
pub(super) fn secret_places(reading: &Reading) -> BTreeSet<PersonId> {
    let protections = access(reading).protections.into_iter();
    let of_places = protections.filter(|protection| {
        matches!(
            protection.kind,
            ProtectionKind::AddressProtected | ProtectionKind::PlacementSecret105
        )
    });
    of_places
        .map(|protection| protection.person.person)
        .collect()
}

/// The fields of an event that say where somebody can be found whose place is secret.
fn places(raw: &RawEvent, secret: &BTreeSet<PersonId>) -> Vec<(Option<PersonRef>, &'static str)> {
    if secret.is_empty() {
        return Vec::new();
    }
    let names = |field: &str| {
        let parts = raw.parts.iter();
        let elements = parts.filter_map(|part| part.fields.get(field)).flatten();
        let persons = elements.filter_map(|element| element.value.as_ref().ok()?.get("person"));
        let mut persons = persons.filter_map(|id| id.as_str()?.parse::<PersonId>().ok());
        persons.any(|person| secret.contains(&person))
    };
    let of_places = PLACES.iter().filter(|(kind, _)| raw.kind == *kind);
    let of_persons = ABOUT_SOMEBODY.iter();
    let of_persons = of_persons.filter(|(kind, about, _)| raw.kind == *kind && names(about));
    let fields: Vec<&str> = of_places
        .map(|(_, field)| *field)
        .chain(of_persons.map(|(_, _, field)| *field))
        .collect();
    let parts = raw.parts.iter();
    let holding = parts.flat_map(|part| {
        let held = fields
            .iter()
            .filter(|field| part.fields.contains_key(**field));
        held.map(|field| (person_of(&part.who), *field))
    });
    holding.collect()
}

/// What of an event is often withheld from the parties: how a notifier can be reached, internal
/// documents, parts about people whom the case is not about, and places that are secret.
pub(super) fn suggestions(
    stream: StreamId,
    event: EventId,
    raw: &RawEvent,
    secret: &BTreeSet<PersonId>,
) -> Vec<Suggestion> {
    let suggest = |subject, field: Option<&str>, class| Suggestion {
        stream,
        event,
        name: raw.kind.clone(),
        subject,
        field: field.map(str::to_owned),
        class,
    };
    if meta(raw)
        .and_then(|meta| meta.journal)
        .is_some_and(|journal| journal.direction == Direction::Internal)
    {
        return vec![suggest(None, None, RedactionClass::InternalDocument)];
    }
    let mut found = Vec::new();
    for (subject, field) in places(raw, secret) {
        found.push(suggest(
            subject,
            Some(field),
            RedactionClass::PlacementAddress,
        ));
    }
    for part in &raw.parts {
        let subject = person_of(&part.who);
        match subject.map(|person| person.role) {
            Some(PersonRole::Notifier) => {
                found.push(suggest(subject, None, RedactionClass::NotifierContact))
            }
            Some(PersonRole::Sibling | PersonRole::Relative | PersonRole::Other) => {
                found.push(suggest(subject, None, RedactionClass::OtherPerson));
            }
            _ => {}
        }
        let wish =
            part.fields.contains_key("not_to_be_shared") || part.fields.contains_key("kept_from");
        if wish
            && matches!(
                subject,
                Some(PersonRef {
                    role: PersonRole::Child,
                    ..
                })
            )
        {
            found.push(suggest(subject, None, RedactionClass::ChildWish));
        }
        for (_, field) in ADDRESSES
            .into_iter()
            .filter(|(kind, field)| raw.kind == *kind && part.fields.contains_key(*field))
        {
            found.push(suggest(
                subject,
                Some(field),
                RedactionClass::PlacementAddress,
            ));
        }
    }
    found
}
