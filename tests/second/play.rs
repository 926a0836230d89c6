//! The same history as the program reads it.

use domain::reading::{Known, Reading, ReadingPoint};
use domain::recorded::Recorded;
use events::event::Event;
use events::ids::{EventId, StreamId};
use events::meta::{Actor, Meta, Role};
use events::raw::RawEvent;
use events::spec::StreamKind;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::told::{CASE, Id, NOTICES, Point, Told, What, uuid};

pub(super) fn stream(id: Id) -> StreamId {
    serde_json::from_value(uuid(id)).unwrap()
}

pub(super) fn event(place: usize) -> EventId {
    serde_json::from_value(uuid(1_000 + place as u64)).unwrap()
}

fn kind(id: Id) -> StreamKind {
    if id == CASE {
        StreamKind::Case
    } else if NOTICES.contains(&id) {
        StreamKind::Notification
    } else {
        StreamKind::Person
    }
}

fn meta(occurred: &str) -> Meta {
    Meta::at(occurred.parse().unwrap())
}

fn digest(place: usize, part: usize, field: &str, element: usize) -> String {
    let text = format!("{place}-{part}-{}-{element}", field.replace('_', "x"));
    format!("{text:_<43}")
}

/// The type, what it says, and when it is said to take place.
fn said(told: &[Told], place: usize) -> (&'static str, Value, Meta) {
    let entry = &told[place];
    let target =
        |target: usize| json!({ "stream": stream(told[target].stream), "event": event(target) });
    let corrected = |of: usize, field: &str, values: Vec<Value>, count: usize| {
        let replaces: Vec<String> = (0..count).map(|n| digest(of, 0, field, n)).collect();
        json!({
            "target": target(of), "part": 0, "field": field, "replaces": replaces, "values": values, "reason": ["x"],
        })
    };
    match &entry.what {
        What::Fact(kind, says) => (kind, says.clone(), meta(&entry.occurred)),
        What::OtherTime(of, text) => {
            let new = serde_json::to_value(meta(text)).unwrap();
            (
                "EventCorrected",
                corrected(*of, "meta", vec![new], 1),
                meta(&entry.occurred),
            )
        }
        What::OtherValue(of, field, value) => {
            let says = corrected(*of, field, vec![value.clone()], 1);
            ("EventCorrected", says, meta(&entry.occurred))
        }
        What::Annulled(of) => (
            "EventAnnulled",
            json!({ "target": target(*of), "reason": "NEVER_HAPPENED", "explanation": ["x"] }),
            meta(&entry.occurred),
        ),
    }
}

fn recorded(told: &[Told], place: usize) -> Recorded {
    let entry = &told[place];
    let (name, says, meta) = said(told, place);
    let facts = Event::from_json(name, says).unwrap_or_else(|error| panic!("{name}: {error}"));
    let actor = Actor {
        id: "K1".into(),
        role: Role::Caseworker,
        unit: None,
        municipality: "0999".into(),
    };
    let plain = facts.encode(&meta, &actor, kind(entry.stream)).unwrap();
    let mut raw = RawEvent::from_plain(&plain);
    for (number, part) in raw.parts.iter_mut().enumerate() {
        for (field, elements) in &mut part.fields {
            for (count, element) in elements.iter_mut().enumerate() {
                element.digest = digest(place, number, field, count);
            }
        }
    }
    let seq = told[..=place]
        .iter()
        .filter(|other| other.stream == entry.stream)
        .count();
    Recorded {
        index: place as u64,
        recorded_at: Timestamp::from_second(entry.recorded).unwrap(),
        stream: stream(entry.stream),
        seq: seq as u64,
        event: event(place),
        raw: (!entry.erased).then_some(raw),
    }
}

/// The reading of the program.
pub(super) fn reading(told: &[Told], point: Point) -> Reading {
    let records = (0..told.len()).map(|place| recorded(told, place)).collect();
    let at = |seconds| Timestamp::from_second(seconds).unwrap();
    let point = ReadingPoint {
        known: Known::At(at(point.known)),
        occurred_by: point.occurred.map(at),
        ..ReadingPoint::default()
    };
    Reading::new(records, point).unwrap()
}
