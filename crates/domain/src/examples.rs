//! One fact of every event type, in a small world of two cases, for tests over the whole language.

pub(crate) mod facts;

use events::event::Event;
use events::ids::{EventId, PersonId, StreamId};
use events::meta::{Actor, EventRef, Meta, Role};
use events::raw::RawEvent;
use events::spec::StreamKind;
use events::time::Occurred;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use self::facts::{casework, decisions, goal, people, start, support, upkeep};
use crate::decide::Streams;
use crate::recorded::Recorded;

/// The case that the examples stand in.
pub(crate) const CASE: u128 = 1;
/// The notification that was matched to it.
pub(crate) const NOTIFICATION: u128 = 2;
/// The case of a brother.
pub(crate) const BROTHERS_CASE: u128 = 3;
/// The stream of the log's own facts.
pub(crate) const SYSTEM: u128 = 4;
/// The stream of look-ups.
pub(crate) const LOOK_UPS: u128 = 5;

pub(crate) const CHILD: u128 = 0xc1;
const MOTHER: u128 = 0xc2;
const BROTHER: u128 = 0xc3;
const LAWYER: u128 = 0xc4;
pub(crate) const TWIN_ENTRY: u128 = 0xc5;

pub(crate) fn stream(number: u128) -> StreamId {
    let base = if number >= CHILD { 0 } else { 0x5000 };
    StreamId::new(Uuid::from_u128(base + number)).unwrap()
}

pub(crate) fn event(number: u128) -> EventId {
    EventId::new(Uuid::from_u128(0xe000 + number)).unwrap()
}

fn who(number: u128, role: &str) -> Value {
    json!({ "person": PersonId::new(Uuid::from_u128(number)).unwrap(), "role": role })
}

pub(crate) fn child() -> Value {
    who(CHILD, "CHILD")
}

pub(crate) fn mother() -> Value {
    who(MOTHER, "PARENT")
}

fn brother() -> Value {
    who(BROTHER, "SIBLING")
}

pub(crate) fn reference(of: u128, number: u128) -> Value {
    json!(EventRef {
        stream: stream(of),
        event: event(number)
    })
}

fn digest() -> String {
    "d".repeat(43)
}

/// The kinds of the streams of this world.
pub(crate) struct World;

impl Streams for World {
    fn kind(&self, other: StreamId) -> Option<StreamKind> {
        [
            (CASE, StreamKind::Case),
            (BROTHERS_CASE, StreamKind::Case),
            (NOTIFICATION, StreamKind::Notification),
            (CHILD, StreamKind::Person),
            (MOTHER, StreamKind::Person),
            (TWIN_ENTRY, StreamKind::Person),
            (SYSTEM, StreamKind::System),
            (LOOK_UPS, StreamKind::Access),
        ]
        .into_iter()
        .find(|(number, _)| stream(*number) == other)
        .map(|(_, kind)| kind)
    }
}

/// The nth day of 2024, at noon UTC.
pub(crate) fn day(number: u64) -> Timestamp {
    Timestamp::from_second(1_704_110_400 + i64::try_from(number).unwrap() * 86_400).unwrap()
}

pub(crate) fn actor(role: Role) -> Actor {
    Actor {
        id: "K1".into(),
        role,
        unit: None,
        municipality: "0999".into(),
    }
}

/// A fact that stands in the record.
pub(crate) fn recorded(index: u64, of: u128, number: u128, facts: &Event) -> Recorded {
    recorded_at(index, of, number, facts, Occurred::At(day(index)))
}

/// A fact that stands in the record, and when it took place.
pub(crate) fn recorded_at(
    index: u64,
    of: u128,
    number: u128,
    facts: &Event,
    occurred: Occurred,
) -> Recorded {
    let kind = World.kind(stream(of)).unwrap();
    let meta = Meta::at(occurred);
    let mut raw =
        RawEvent::from_plain(&facts.encode(&meta, &actor(Role::Caseworker), kind).unwrap());
    for (place, part) in raw.parts.iter_mut().enumerate() {
        for (name, elements) in &mut part.fields {
            for (count, element) in elements.iter_mut().enumerate() {
                element.digest = format!("{:_<43}", format!("{number}-{place}-{name}-{count}"));
            }
        }
    }
    Recorded {
        index,
        recorded_at: day(index),
        stream: stream(of),
        seq: index + 1,
        event: event(number),
        raw: Some(raw),
    }
}

/// A fact that stands in the record: its stream, its event number, its type and what it says.
type Entry = (u128, u128, &'static str, Value);

/// What stands in the record before the examples.
fn ground() -> Vec<Entry> {
    [up_to_the_opening(), since_the_opening()].concat()
}

/// The persons, the notification, and the case that was opened for it.
fn up_to_the_opening() -> Vec<Entry> {
    vec![
        (
            CHILD,
            1,
            "PersonRegistered",
            json!({ "person": child(), "name": "Alma Prøve", "birth_date": "2012-02-01", "id_number": "011312-0001" }),
        ),
        (
            MOTHER,
            2,
            "PersonRegistered",
            json!({ "person": mother(), "name": "Mette Prøve", "birth_date": "1984-05-01" }),
        ),
        (
            CHILD,
            3,
            "RelationRecorded",
            json!({ "from": child(), "to": mother(), "kind": "CUSTODY_SOLE", "source": "CPR" }),
        ),
        (
            NOTIFICATION,
            4,
            "NotificationReceived",
            example("NotificationReceived"),
        ),
        (CASE, 5, "CaseOpened", example("CaseOpened")),
        (
            NOTIFICATION,
            6,
            "NotificationMatched",
            example("NotificationMatched"),
        ),
        (
            CASE,
            7,
            "FactReferenced",
            json!({ "target": reference(NOTIFICATION, 6), "leaf": digest() }),
        ),
    ]
}

/// What was done in the case, and a child who was registered twice.
fn since_the_opening() -> Vec<Entry> {
    vec![
        (CASE, 8, "ScreeningConcluded", example("ScreeningConcluded")),
        (CASE, 9, "GoalSet", goal(1)),
        (CASE, 10, "DecisionMade", example("DecisionMade")),
        (CASE, 11, "SupportStarted", start(1)),
        (
            CASE,
            12,
            "EarlyAdviceStarted",
            example("EarlyAdviceStarted"),
        ),
        (
            CASE,
            13,
            "ProvisionalDecisionMade",
            example("ProvisionalDecisionMade"),
        ),
        (CASE, 14, "ComplaintReceived", example("ComplaintReceived")),
        (
            CASE,
            15,
            "FileAccessRequested",
            example("FileAccessRequested"),
        ),
        (
            CASE,
            16,
            "NoteTaken",
            json!({ "kind": "FACT", "text": ["filed by mistake"] }),
        ),
        (CASE, 17, "ErasureOrdered", example("ErasureOrdered")),
        (CASE, 18, "ConsentGiven", example("ConsentGiven")),
        (
            TWIN_ENTRY,
            19,
            "PersonRegistered",
            json!({ "person": who(TWIN_ENTRY, "CHILD"), "name": "A. Prøve" }),
        ),
    ]
}

/// The records before the examples.
pub(crate) fn before() -> Vec<Recorded> {
    let facts = ground().into_iter().enumerate();
    facts
        .map(|(place, (of, number, kind, facts))| {
            let facts =
                Event::from_json(kind, facts).unwrap_or_else(|error| panic!("{kind}: {error}"));
            recorded(u64::try_from(place).unwrap(), of, number, &facts)
        })
        .collect()
}

/// The stream that an example stands in.
pub(crate) fn home(kind: &str) -> u128 {
    match kind {
        "NotificationReceived"
        | "AcuteAssessmentMade"
        | "NotificationReceiptConfirmed"
        | "NotificationMatched"
        | "NotificationReassessed"
        | "NotifierFeedbackGiven" => NOTIFICATION,
        "PersonRegistered"
        | "PersonIdentified"
        | "RelationRecorded"
        | "ResponsibleMunicipalityChanged"
        | "ProtectionMarkerSet" => CHILD,
        "PersonsMerged" => TWIN_ENTRY,
        "IntegrityChecked" | "RuleSetActivated" | "SafeguardOverridden" => SYSTEM,
        "RecordAccessed" => LOOK_UPS,
        _ => CASE,
    }
}

/// A fact of that type which can be recorded behind [`before`].
pub(crate) fn example(kind: &str) -> Value {
    people(kind)
        .or_else(|| casework(kind))
        .or_else(|| support(kind))
        .or_else(|| decisions(kind))
        .or_else(|| upkeep(kind))
        .unwrap_or_else(|| panic!("no example of {kind}"))
}
