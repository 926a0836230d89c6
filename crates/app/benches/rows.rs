//! What bringing the row of a changed case forward takes, by the length of the case: whom it names,
//! its row, and what the law says of it.
//!
//! It measures functions, not a log: reading, decrypting and writing rows stand in other benchmarks.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_wrap,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a benchmark"
)]

use std::time::Instant;

use app::rows::duty::{evaluate, foresee};
use app::rules::facts::facts;
use app::rules::rulebook::Rulebook;
use domain::reading::{Reading, ReadingPoint};
use domain::recorded::Recorded;
use domain::views::listing::{case_row, people};
use events::event::Event;
use events::ids::StreamId;
use events::meta::{Actor, Meta, Role};
use events::raw::RawEvent;
use events::spec::StreamKind;
use jiff::{Timestamp, ToSpan};
use law::engine::evaluate as evaluate_law;
use law::fact::Circumstances;
use serde_json::{Value, json};
use uuid::Uuid;

const CHILD: u128 = 0xc1;
const MOTHER: u128 = 0xc2;

fn stream(number: u128) -> StreamId {
    StreamId::new(Uuid::from_u128(number)).unwrap()
}

fn who(number: u128, role: &str) -> Value {
    json!({ "person": Uuid::from_u128(number), "role": role })
}

fn start() -> Timestamp {
    "2025-01-15T08:00:00Z".parse().unwrap()
}

/// The facts of a case at a place: mostly notes, some hearings, measurements and information.
fn fact(place: u64) -> (u128, StreamKind, &'static str, Value) {
    let child = || who(CHILD, "CHILD");
    let case = |kind, facts| (1, StreamKind::Case, kind, facts);
    match place {
        0 => (
            CHILD,
            StreamKind::Person,
            "PersonRegistered",
            json!({ "person": child(), "name": "Alma Prøve", "birth_date": "2014-03-03", "id_number": "031314-0001" }),
        ),
        1 => case(
            "CaseOpened",
            json!({ "child": child(), "ground": ["Bekymrende fravær"], "kle_number": "27.24.00" }),
        ),
        _ if place % 10 == 5 => case(
            "ChildHeard",
            json!({
                "child": child(), "occasion": "CONTINUOUS",
                "own_words": ["Jeg vil gerne blive ved med at gå til fodbold."],
            }),
        ),
        _ => case(
            "NoteTaken",
            json!({
                "kind": "FACT", "about": who([CHILD, MOTHER][usize::from(place % 10 == 3)], "CHILD"),
                "text": ["Moderen har ringet og bedt om et møde i næste uge. Barnet fortæller, at det går bedre."],
            }),
        ),
    }
}

fn record(index: u64) -> Recorded {
    let (of, kind, name, facts) = fact(index);
    let at = start().checked_add((index as i64 * 3).hours()).unwrap();
    let actor = Actor {
        id: "K1".into(),
        role: Role::Caseworker,
        unit: Some("Nord".into()),
        municipality: "0999".into(),
    };
    let facts = Event::from_json(name, facts).unwrap();
    let plain = facts
        .encode(&Meta::at(at.to_string().parse().unwrap()), &actor, kind)
        .unwrap();
    Recorded {
        index,
        recorded_at: at,
        stream: stream(of),
        seq: index + 1,
        event: format!("00000000-0000-4000-8000-{:012x}", index + 1)
            .parse()
            .unwrap(),
        raw: Some(RawEvent::from_plain(&plain)),
    }
}

fn measure(what: &str, mut work: impl FnMut()) {
    let mut taken = Vec::new();
    let begun = Instant::now();
    while taken.len() < 5 || begun.elapsed().as_millis() < 700 {
        let begin = Instant::now();
        work();
        taken.push(begin.elapsed().as_secs_f64() * 1_000_000.0);
    }
    taken.sort_by(f64::total_cmp);
    let at = |share: usize| taken.get(taken.len() * share / 100).copied().unwrap_or(0.0);
    println!(
        "  {what:<34} p50 {:>9.1} us   p99 {:>9.1} us",
        at(50),
        at(99)
    );
}

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let catalogue = Rulebook::built_in().newest();
    let case = stream(1);
    for events in [30_u64, 300, 1_000, 5_000] {
        let records: Vec<Recorded> = (0..events).map(record).collect();
        let reading = Reading::new(records, ReadingPoint::default()).unwrap();
        println!("{events} events");
        measure("whom it names", || {
            assert_eq!(people(&reading).len(), if events > 2 { 2 } else { 1 })
        });
        measure("its row", || {
            assert!(case_row(&reading, case).child.is_some())
        });
        let now = reading.events.last().unwrap().recorded_at;
        let circumstances = Circumstances::plain("0999", now, Some(case));
        let facts = facts(&reading);
        measure("the engine alone", || {
            assert!(
                !evaluate_law(catalogue, &facts, &circumstances)
                    .obligations
                    .is_empty()
            )
        });
        let (_, foresight) = foresee(catalogue, "0999", &reading, case).unwrap();
        let next = Reading::new(vec![record(events + 1)], ReadingPoint::default()).unwrap();
        let next = next.events.first().unwrap();
        measure("the next note, not evaluated", || {
            let added = foresight.added_by(catalogue, "0999", next).unwrap();
            assert_eq!(added.len(), 1);
        });
        measure("what the law says, for its row", || {
            assert!(
                !evaluate(catalogue, "0999", &reading, case)
                    .figures
                    .is_empty()
            )
        });
    }
}
