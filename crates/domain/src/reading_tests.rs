//! Readings: corrections, corrections of corrections, earlier days, and gaps.

use events::event::Event;
use events::ids::{EventId, StreamId};
use events::meta::{Actor, Meta, Role};
use events::personal::Gap;
use events::raw::RawEvent;
use events::spec::StreamKind;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::correction;
use crate::reading::{Body, Known, Reading, ReadingPoint};
use crate::recorded::Recorded;
use crate::refusal::RefusalCode;
use crate::state::StreamState;
use crate::views::{
    child_voice, decisions, goals, inbox, ladder, network, summary, timeline, wellbeing,
};

pub(crate) fn stream(number: u128) -> StreamId {
    StreamId::new(Uuid::from_u128(0x5000 + number)).unwrap()
}

pub(crate) fn event(number: u128) -> EventId {
    EventId::new(Uuid::from_u128(0xe000 + number)).unwrap()
}

pub(crate) fn child() -> Value {
    json!({ "person": Uuid::from_u128(0xc), "role": "CHILD" })
}

pub(crate) fn actor(role: Role) -> Actor {
    Actor {
        id: "K1".into(),
        role,
        unit: None,
        municipality: "0999".into(),
    }
}

fn day(number: u64) -> Timestamp {
    Timestamp::from_second(1_704_067_200 + i64::try_from(number).unwrap() * 86_400).unwrap()
}

/// The nth event of a case, on the nth day of 2024; elements are named by event, part, field and
/// place, as digests would.
pub(crate) fn recorded(number: u64, kind: &str, facts: Value) -> Recorded {
    let meta = Meta::at(events::time::Occurred::At(day(number)));
    let facts = Event::from_json(kind, facts).unwrap();
    let mut raw = RawEvent::from_plain(
        &facts
            .encode(&meta, &actor(Role::Caseworker), StreamKind::Case)
            .unwrap(),
    );
    for (part_number, part) in raw.parts.iter_mut().enumerate() {
        for (name, elements) in &mut part.fields {
            for (place, element) in elements.iter_mut().enumerate() {
                element.digest = digest(number, part_number, name, place);
            }
        }
    }
    let seq = number + 1;
    Recorded {
        index: number,
        recorded_at: day(number),
        stream: stream(1),
        seq,
        event: event(u128::from(number)),
        raw: Some(raw),
    }
}

fn digest(event: u64, part: usize, field: &str, place: usize) -> String {
    format!("{:_<43}", format!("{event}-{part}-{field}-{place}"))
}

pub(crate) fn opened() -> Recorded {
    recorded(
        0,
        "CaseOpened",
        json!({ "child": child(), "ground": ["g"], "kle_number": "27.24.00" }),
    )
}

fn heard(number: u64, words: &[&str]) -> Recorded {
    recorded(
        number,
        "ChildHeard",
        json!({ "child": child(), "occasion": "CONTINUOUS", "own_words": words }),
    )
}

/// A correction of what the child said, element by element.
fn corrected(
    number: u64,
    target: u64,
    part: u16,
    field: &str,
    replaces: &[String],
    values: &[&str],
) -> Recorded {
    let subject = if part == 0 { Value::Null } else { child() };
    recorded(
        number,
        "EventCorrected",
        json!({
            "target": { "stream": stream(1), "event": event(u128::from(target)) }, "part": part, "subject": subject, "field": field,
            "replaces": replaces, "values": values, "reason": ["wrong"],
        }),
    )
}

fn words(records: &[Recorded], point: ReadingPoint) -> String {
    let reading = Reading::new(records.to_vec(), point).unwrap();
    child_voice::child_voice(&reading).hearings[0]
        .own_words
        .text()
}

#[test]
fn a_correction_replaces_elements_and_leaves_the_others() {
    let records = [
        opened(),
        heard(1, &["one", "two"]),
        corrected(
            2,
            1,
            1,
            "own_words",
            &[digest(1, 1, "own_words", 0)],
            &["ONE", "more"],
        ),
    ];
    assert_eq!(
        words(&records, ReadingPoint::default()),
        "ONE\n\nmore\n\ntwo"
    );
    let before = ReadingPoint {
        known: Known::At(day(1)),
        ..ReadingPoint::default()
    };
    assert_eq!(words(&records, before), "one\n\ntwo");
    let reading = Reading::new(records.to_vec(), ReadingPoint::default()).unwrap();
    let event = reading.event(event(1)).unwrap();
    assert!(event.corrections[0].in_force && event.original.is_some());
}

#[test]
fn an_insertion_takes_nothing_out() {
    let records = [
        opened(),
        heard(1, &["one"]),
        corrected(2, 1, 1, "own_words", &[], &["two"]),
    ];
    assert_eq!(words(&records, ReadingPoint::default()), "one\n\ntwo");
}

#[test]
fn a_correction_can_itself_be_corrected() {
    let records = [
        opened(),
        heard(1, &["one"]),
        corrected(
            2,
            1,
            1,
            "own_words",
            &[digest(1, 1, "own_words", 0)],
            &["two"],
        ),
        corrected(3, 2, 1, "values", &[digest(2, 1, "values", 0)], &["three"]),
    ];
    assert_eq!(words(&records[..3], ReadingPoint::default()), "two");
    assert_eq!(words(&records, ReadingPoint::default()), "three");
    let position = ReadingPoint {
        known: Known::Position(3),
        ..ReadingPoint::default()
    };
    assert_eq!(
        words(&records, position),
        "two",
        "reading at a position leaves later entries out"
    );
}

#[test]
fn a_correction_of_what_was_replaced_already_is_shown_and_not_in_force() {
    let replaced = digest(1, 1, "own_words", 0);
    let records = [
        opened(),
        heard(1, &["one"]),
        corrected(
            2,
            1,
            1,
            "own_words",
            std::slice::from_ref(&replaced),
            &["two"],
        ),
        corrected(
            3,
            1,
            1,
            "own_words",
            std::slice::from_ref(&replaced),
            &["three"],
        ),
    ];
    assert_eq!(words(&records, ReadingPoint::default()), "two");
    let reading = Reading::new(records.to_vec(), ReadingPoint::default()).unwrap();
    let states: Vec<bool> = reading
        .event(event(1))
        .unwrap()
        .corrections
        .iter()
        .map(|correction| correction.in_force)
        .collect();
    assert_eq!(states, [true, false]);
    assert_eq!(
        correction::fits(&records, event(1), later()),
        Err(RefusalCode::FieldUnknown)
    );
}

fn later() -> jiff::Timestamp {
    "2030-01-01T12:00:00Z".parse().unwrap()
}

#[test]
fn a_correction_that_does_not_fit_is_told_before_it_is_recorded() {
    let bad = corrected(
        2,
        1,
        0,
        "occasion",
        &[digest(1, 0, "occasion", 0)],
        &["SOMETIME"],
    );
    assert_eq!(
        correction::fits(&[opened(), heard(1, &["one"]), bad], event(1), later()),
        Err(RefusalCode::ValueMisfit)
    );
    let good = corrected(
        2,
        1,
        0,
        "occasion",
        &[digest(1, 0, "occasion", 0)],
        &["FOLLOW_UP"],
    );
    assert_eq!(
        correction::fits(&[opened(), heard(1, &["one"]), good], event(1), later()),
        Ok(())
    );
}

fn history() -> Vec<Recorded> {
    let measure = Uuid::from_u128(0xa);
    vec![
        opened(),
        heard(1, &["one", "two"]),
        recorded(
            2,
            "SupportStarted",
            json!({ "measure": measure, "section": "BL § 32", "ladder_step": 2, "ladder_definition": "d", "provider": "p", "provisional": true }),
        ),
        recorded(
            3,
            "GoalSet",
            json!({ "goal": Uuid::from_u128(0xb), "child": child(), "wording": ["w"], "words_of": [child()], "area": "FAMILY" }),
        ),
        corrected(
            4,
            1,
            1,
            "own_words",
            &[digest(1, 1, "own_words", 1)],
            &["TWO"],
        ),
        recorded(
            5,
            "WellbeingMeasured",
            json!({
                "child": child(), "respondent": child(), "instrument": "CORS", "instrument_version": "v", "occasion": "START",
                "scores": { "first": 50, "second": 50, "third": 50, "fourth": 50, "total": 200 },
            }),
        ),
        recorded(
            6,
            "GoalChanged",
            json!({ "goal": Uuid::from_u128(0xb), "change": "MET", "child": child(), "reason": ["r"], "agreed_with": [child()] }),
        ),
        recorded(
            7,
            "SupportEnded",
            json!({ "measure": measure, "ground": "PURPOSE_MET" }),
        ),
        heard(8, &["three"]),
        recorded(
            9,
            "CaseClosed",
            json!({ "ground": "PURPOSE_MET", "reasons": ["r"], "open_obligations": [], "told_to": [] }),
        ),
    ]
}

/// Every view; what matters is that none of them fails.
fn fold_everything(reading: &Reading) -> usize {
    let case = stream(1);
    StreamState::fold(reading, case).events.len()
        + timeline::timeline(reading).len()
        + child_voice::child_voice(reading).hearings.len()
        + goals::goals(reading).len()
        + wellbeing::wellbeing(reading)
            .iter()
            .filter_map(wellbeing::Series::change)
            .count()
        + ladder::support_ladder(reading).path().len()
        + network::network(reading).mappings.len()
        + decisions::decisions(reading).len()
        + usize::from(inbox::notification(reading, case).is_some())
        + usize::from(summary::summary(reading, case).child.is_some())
}

proptest! {
    #[test]
    fn erasing_any_subset_never_fails_a_fold(seed in prop::collection::vec(any::<bool>(), 200), holes in prop::collection::vec(any::<bool>(), 10)) {
        let mut records = history();
        let mut draw = seed.into_iter().cycle();
        for (record, hole) in records.iter_mut().zip(holes) {
            if hole && draw.next() == Some(true) {
                record.raw = None;
                continue;
            }
            let parts = record.raw.as_mut().into_iter().flat_map(|raw| &mut raw.parts);
            for element in parts.flat_map(|part| part.fields.values_mut()).flatten() {
                if draw.next() == Some(true) {
                    element.value = Err(Gap::Erased);
                }
            }
        }
        let count = records.len();
        let reading = Reading::new(records, ReadingPoint::default()).unwrap();
        prop_assert_eq!(reading.events.len(), count, "a hole is shown, not dropped");
        fold_everything(&reading);
    }

    #[test]
    fn an_earlier_reading_never_depends_on_what_was_recorded_later(cut in 0_u64..10, order in Just((0..10).collect::<Vec<usize>>()).prop_shuffle()) {
        let all = history();
        let shuffled: Vec<Recorded> = order.iter().map(|place| all[*place].clone()).collect();
        let point = ReadingPoint { known: Known::At(day(cut)), ..ReadingPoint::default() };
        let early: Vec<Recorded> = all.into_iter().filter(|record| record.index <= cut).collect();
        prop_assert_eq!(Reading::new(shuffled, point).unwrap(), Reading::new(early, point).unwrap());
    }

    #[test]
    fn what_had_happened_only_grows(a in 0_u64..10, b in 0_u64..10) {
        let by = |number: u64| {
            let point = ReadingPoint { occurred_by: Some(day(number)), ..ReadingPoint::default() };
            Reading::new(history(), point).unwrap().events.len()
        };
        prop_assert!(by(a.min(b)) <= by(a.max(b)));
    }
}

#[test]
fn an_event_without_its_own_part_is_a_hole() {
    let mut records = history();
    records[1].raw = None;
    let reading = Reading::new(records, ReadingPoint::default()).unwrap();
    assert_eq!(reading.event(event(1)).unwrap().body, Body::Hole);
    assert!(reading.has_holes());
}
