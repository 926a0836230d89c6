//! One event in full, whatever its type: what it says with its labels in both languages, what was
//! corrected, what it rests on, and where its proof is found.

use async_graphql::SimpleObject;
use domain::correction::AppliedCorrection;
use domain::views::recorded_event as view;
use events::answer::PersonalState;
use events::ids::{EventId, FamilyId, StreamId};
use events::labels::{self, Kind, Language};
use events::meta::{Channel, Direction, Role};
use events::person::PersonRef;
use events::personal::Gap;
use events::time::Occurred;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use crate::case::timeline::Annulment;

/// One element of a field: what can be erased and withheld by itself.
#[derive(Debug, Clone, SimpleObject)]
pub struct RecordedElement {
    /// Whether it can be read.
    pub state: PersonalState,
    /// As it is stored: a text as it is, anything else as JSON; null where it cannot be read.
    pub stored: Option<String>,
    /// The value in Danish: a code in words, a text as it was recorded.
    pub danish: String,
    /// The value in English: a code in words, a text as it was recorded.
    pub english: String,
    /// The person, where the value is one.
    pub person: Option<PersonRef>,
    /// The event, where the value is one.
    pub event: Option<EventId>,
}

/// One field of what an event says.
#[derive(Debug, Clone, SimpleObject)]
pub struct RecordedField {
    /// Its stored name.
    pub name: String,
    /// Its name in Danish.
    pub danish: String,
    /// Its name in English.
    pub english: String,
    /// Whom it is about; null for the matter itself.
    pub about: Option<PersonRef>,
    /// Its elements in order; a text has one for each paragraph.
    pub elements: Vec<RecordedElement>,
}

/// What an event says.
#[derive(Debug, Clone, SimpleObject)]
pub struct RecordedContent {
    /// When it took place.
    pub occurred: Occurred,
    /// Through which channel.
    pub channel: Option<Channel>,
    /// Who recorded it; null when that was erased.
    pub actor: Option<String>,
    /// In which role.
    pub actor_role: Option<Role>,
    /// In which unit.
    pub actor_unit: Option<String>,
    /// The sections of law that it cites.
    pub legal_basis: Vec<String>,
    /// The family that it belongs to.
    pub family: Option<FamilyId>,
    /// Journal title.
    pub journal_title: Option<String>,
    /// Journal direction.
    pub journal_direction: Option<Direction>,
    /// Date of receipt or dispatch in the journal.
    pub journal_date: Option<Date>,
    /// The system that it was imported from.
    pub source_system: Option<String>,
    /// Its id there.
    pub source_id: Option<String>,
    /// When that system says that it was recorded: stated, not proven.
    pub source_recorded_at: Option<Timestamp>,
    /// Its fields that are stated, in the order of the language.
    pub fields: Vec<RecordedField>,
}

/// An event in full.
#[derive(Debug, Clone, SimpleObject)]
pub struct RecordedEvent {
    /// The event.
    pub event: EventId,
    /// Its stream.
    pub stream: StreamId,
    /// Place in the stream, from 1.
    pub seq: u64,
    /// Place in the log.
    pub position: u64,
    /// When the log recorded it.
    pub recorded_at: Timestamp,
    /// Leaf hash of its entry, in hex: what a receipt and an inclusion proof are about.
    pub leaf_hash: String,
    /// Its type; null when it was erased.
    pub event_type: Option<String>,
    /// The Danish term of its type.
    pub danish: Option<String>,
    /// What its type records, in English.
    pub english: Option<String>,
    /// What it says, corrections applied; null when it was erased.
    pub content: Option<RecordedContent>,
    /// What it said before it was corrected; null when it was not.
    pub uncorrected: Option<RecordedContent>,
    /// The corrections that concern it.
    pub corrections: Vec<AppliedCorrection>,
    /// Why it no longer counts.
    pub annulled: Option<Annulment>,
    /// The events that it names.
    pub rests_on: Vec<EventId>,
    /// The later events of the same reading that name it.
    pub rested_on_by: Vec<EventId>,
}

impl RecordedEvent {
    /// The answer for an event of a reading, whose entry has that leaf hash.
    #[must_use]
    pub fn of(event: view::RecordedEvent<'_>, leaf_hash: String) -> Self {
        let read = event.read;
        let spec = event.content.as_ref().map(|content| content.spec);
        Self {
            event: read.event,
            stream: read.stream,
            seq: read.seq,
            position: read.index,
            recorded_at: read.recorded_at,
            leaf_hash,
            event_type: spec.map(|spec| spec.name.to_owned()),
            danish: spec.map(|spec| spec.danish.to_owned()),
            english: spec.map(|spec| spec.doc.trim().trim_end_matches('.').to_owned()),
            content: event.content.map(content),
            uncorrected: event.original.map(content),
            corrections: read.corrections.clone(),
            annulled: read.annulled.clone().map(Into::into),
            rests_on: event.rests_on,
            rested_on_by: event.rested_on_by,
        }
    }
}

fn content(content: view::Content) -> RecordedContent {
    let view::Content {
        meta,
        actor,
        fields,
        ..
    } = content;
    let (journal, source) = (meta.journal.as_ref(), meta.source.as_ref());
    RecordedContent {
        occurred: meta.occurred,
        channel: meta.channel,
        actor_role: actor.as_ref().map(|actor| actor.role),
        actor_unit: actor.as_ref().and_then(|actor| actor.unit.clone()),
        actor: actor.map(|actor| actor.id),
        legal_basis: meta.legal_basis.iter().map(ToString::to_string).collect(),
        family: meta.correlation,
        journal_title: journal.map(|journal| journal.title.to_string()),
        journal_direction: journal.map(|journal| journal.direction),
        journal_date: journal.map(|journal| journal.doc_date),
        source_system: source.map(|source| source.system.to_string()),
        source_id: source.map(|source| source.id.to_string()),
        source_recorded_at: source.map(|source| source.recorded_at),
        fields: fields.into_iter().map(field).collect(),
    }
}

fn field(field: view::Field) -> RecordedField {
    let (name, kind) = (field.name, field.kind);
    let elements = field.elements.iter();
    RecordedField {
        name: name.to_owned(),
        danish: labels::field(Language::Danish, name),
        english: labels::field(Language::English, name),
        about: field.about,
        elements: elements
            .map(|element| self::element(kind, element))
            .collect(),
    }
}

fn element(kind: &Kind, element: &view::Element) -> RecordedElement {
    let known = Some(&element.value).filter(|_| element.gap.is_none());
    let stored = known.map(|value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    });
    let person = known.filter(|_| *kind == Kind::Person);
    let event = known.filter(|_| *kind == Kind::Event);
    let event = event.and_then(|value| value.get("event").unwrap_or(value).as_str());
    RecordedElement {
        state: match element.gap {
            None => PersonalState::Known,
            Some(Gap::Erased) => PersonalState::Erased,
            Some(Gap::Withheld) => PersonalState::Withheld,
        },
        stored,
        danish: labels::text(Language::Danish, kind, &element.value),
        english: labels::text(Language::English, kind, &element.value),
        person: person.and_then(|value| serde_json::from_value(value.clone()).ok()),
        event: event.and_then(|id| id.parse().ok()),
    }
}
