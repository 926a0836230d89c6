//! One event in full: everything that its record says, and what it rests on. It is made from the
//! language itself, so that every event type can be shown, those to come included.

use std::collections::BTreeSet;

use events::event::Event;
use events::ids::EventId;
use events::labels::{Kind, kind_of};
use events::meta::{Actor, Meta};
use events::person::PersonRef;
use events::personal::Gap;
use events::spec::{EventSpec, FieldSpec, Subject};
use serde_json::{Map, Value};

use crate::reading::{ReadEvent, Reading, Shown};

/// One element of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    /// Why it cannot be read; null where it can.
    pub gap: Option<Gap>,
    /// As it is stored; a gap stands as its mark.
    pub value: Value,
}

/// One field of a fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Stored name.
    pub name: &'static str,
    /// Of what kind its values are.
    pub kind: &'static Kind,
    /// Whom it is about; null for the matter itself, and where each item says it.
    pub about: Option<PersonRef>,
    /// Its elements in order.
    pub elements: Vec<Element>,
}

/// What an event says.
#[derive(Debug, Clone)]
pub struct Content {
    /// What is fixed about its type.
    pub spec: &'static EventSpec,
    /// When it took place, through which channel, on what law, and from what source.
    pub meta: Meta,
    /// Who recorded it; null when that was erased.
    pub actor: Option<Actor>,
    /// The fields that are stated, in the order of the language.
    pub fields: Vec<Field>,
}

/// An event in full.
#[derive(Debug, Clone)]
pub struct RecordedEvent<'a> {
    /// Its place, its corrections, and why it no longer counts.
    pub read: &'a ReadEvent,
    /// What it says, corrections applied; null when it was erased.
    pub content: Option<Content>,
    /// What it said before it was corrected.
    pub original: Option<Content>,
    /// The events that it names.
    pub rests_on: Vec<EventId>,
    /// The later events of the reading that name it.
    pub rested_on_by: Vec<EventId>,
}

/// The event in full; null when the reading does not hold it.
#[must_use]
pub fn recorded_event(reading: &Reading, event: EventId) -> Option<RecordedEvent<'_>> {
    let read = reading.event(event)?;
    let content = read.fact().map(content);
    let rests_on = content.as_ref().map(|content| {
        let mut named = named(&content.fields);
        named.extend(content.meta.causation.map(|cause| cause.event));
        named
    });
    let later = reading
        .events
        .iter()
        .filter(|other| other.index > read.index);
    let names_it = |other: &&std::sync::Arc<ReadEvent>| {
        let shown = other.fact().filter(|shown| can_name_events(&shown.facts));
        shown.is_some_and(|shown| named(&content_fields(shown)).contains(&event))
    };
    Some(RecordedEvent {
        read,
        original: read.original.as_deref().map(self::content),
        rests_on: rests_on.unwrap_or_default().into_iter().collect(),
        rested_on_by: later.filter(names_it).map(|other| other.event).collect(),
        content,
    })
}

fn content(shown: &Shown) -> Content {
    Content {
        spec: shown.facts.spec(),
        meta: shown.meta.clone(),
        actor: shown.actor.clone(),
        fields: content_fields(shown),
    }
}

fn content_fields(shown: &Shown) -> Vec<Field> {
    let spec = shown.facts.spec();
    // Every fact can be written; one that could not would show no field.
    let facts = shown.facts.to_json().unwrap_or_default();
    let nothing = Map::new();
    let facts = facts.as_object().unwrap_or(&nothing);
    let fields = spec.fields.iter().filter_map(|field| {
        let value = facts.get(field.name).filter(|value| !value.is_null())?;
        Some(self::field(spec, field, value, facts))
    });
    fields.collect()
}

fn field(spec: &EventSpec, field: &FieldSpec, value: &Value, facts: &Map<String, Value>) -> Field {
    let about = match field.subject {
        Subject::Person(of) => facts.get(of).cloned(),
        Subject::Matter | Subject::EachPerson => None,
    };
    let items = match value {
        Value::Array(items) if field.list => items.clone(),
        single => vec![single.clone()],
    };
    let elements = items.into_iter().map(|value| Element {
        gap: Gap::from_marker(&value),
        value,
    });
    Field {
        name: field.name,
        kind: kind_of(spec.name, field.name),
        about: about.and_then(|person| serde_json::from_value(person).ok()),
        elements: elements.collect(),
    }
}

/// Whether facts of that type can name other events.
fn can_name_events(facts: &Event) -> bool {
    fn names(kind: &Kind) -> bool {
        match kind {
            Kind::Event => true,
            Kind::Object(members) => members.values().any(names),
            _ => false,
        }
    }
    let spec = facts.spec();
    let mut fields = spec.fields.iter();
    fields.any(|field| names(kind_of(spec.name, field.name)))
}

/// The events that fields name.
fn named(fields: &[Field]) -> BTreeSet<EventId> {
    let mut found = BTreeSet::new();
    for field in fields {
        for element in &field.elements {
            events_in(field.kind, &element.value, &mut found);
        }
    }
    found
}

fn events_in(kind: &Kind, value: &Value, found: &mut BTreeSet<EventId>) {
    match (kind, value) {
        (Kind::Event, Value::String(id)) => found.extend(id.parse::<EventId>()),
        (Kind::Event, Value::Object(members)) => {
            let id = members.get("event").and_then(Value::as_str);
            found.extend(id.and_then(|id| id.parse::<EventId>().ok()));
        }
        (kind, Value::Array(items)) => items.iter().for_each(|item| events_in(kind, item, found)),
        (kind, Value::Object(members)) => {
            for (name, value) in members {
                events_in(kind.member(name), value, found);
            }
        }
        _ => {}
    }
}
