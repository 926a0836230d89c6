//! Bytes on disk of one event by kind; how long a case takes to read, two readings to compare, and
//! its duties to weigh.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark"
)]

use std::time::Instant;

use app::queries::figures::FiguresQuery;
use app::rules::basis::AS_IT_IS;
use app::rules::facts::facts;
use domain::reading::{Known, ReadingPoint, instant};
use domain::views::{child_voice, timeline};
use events::ids::StreamId;
use jiff::civil::date;
use law::engine::evaluate;
use law::key_figures::summary::Length;
use record::positions::LogIndex;
use serde_json::json;
use tests::dirs::Dirs;
use tests::measure::{Times, bytes};
use tests::world::{World, caseworker, ids, layout};
use uuid::Uuid;

const CASE_EVENTS: u128 = 300;
const FOLDS: usize = 1_000;

async fn bytes_per_event() {
    let world = World::with_alma().await;
    let (mut entries, mut blobs, mut events) = (0, 0, 0_u64);
    for position in world.public_log().size().indexes() {
        entries += world
            .session()
            .entry(LogIndex::new(position.get()))
            .unwrap()
            .unwrap()
            .bytes
            .len() as u64;
    }
    let report = world.audit();
    blobs += report.bytes - entries;
    events += report.events;
    let (dir, _) = world.stop();
    let log = layout(dir.path()).log_dir();
    let per = |bytes: u64| bytes as f64 / events as f64;
    println!("history A, {events} events, bytes per event");
    println!("  entries as signed      {:>8.0}", per(entries));
    println!("  blobs as encrypted     {:>8.0}", per(blobs));
    println!(
        "  journal on disk        {:>8.0}  (entries, blobs in denser form, command rows, frames)",
        per(bytes(&log.join("journal")))
    );
    println!(
        "  keys on disk           {:>8.0}",
        per(bytes(&layout(dir.path()).key_dir()))
    );
    println!(
        "  index on disk          {:>8.0}  (sled; it allocates ahead)",
        per(bytes(&log.join("index")))
    );
}

async fn fold_times() {
    let world = World::with_alma().await;
    let case = ids().case();
    let mut events = world
        .read(case, ReadingPoint::default())
        .unwrap()
        .events
        .len() as u128;
    let mut number = 0;
    while events < CASE_EVENTS {
        number += 1;
        let note = json!({
            "commandId": Uuid::from_u128(number), "stream": case, "occurred": "2024-11-05",
            "facts": { "kind": "FACT", "about": ids().child(), "text": "Alma fortæller, at det går bedre i skolen.\n\nHun sover i sin egen seng de fleste nætter." },
        });
        world.order("takeNote", note, caseworker()).await.unwrap();
        events += 1;
    }
    measure(
        &format!("reading a case of {events} events and folding timeline and child's voice"),
        || {
            let reading = world.read(case, ReadingPoint::default()).unwrap();
            assert!(
                !timeline::timeline(&reading).is_empty()
                    && !child_voice::child_voice(&reading).hearings.is_empty()
            );
        },
    );
    duties(&world, case, u64::try_from(events).unwrap()).await;
    let world = world.reopen();
    let begin = Instant::now();
    world.read(case, ReadingPoint::default()).unwrap();
    println!(
        "  the first time after a start, decryption included: {:.2} ms",
        begin.elapsed().as_secs_f64() * 1_000.0
    );
    let then = ReadingPoint {
        known: Known::At(instant("2024-04-19").unwrap()),
        ..ReadingPoint::default()
    };
    measure(
        &format!("difference between two readings of a case of {events} events, every view"),
        || {
            assert!(
                !world
                    .session()
                    .difference(case, then, ReadingPoint::default())
                    .unwrap()
                    .is_empty()
            );
        },
    );
}

/// The duties of a case: the engine alone, the answer of the use case, and the whole answer of the
/// API.
async fn duties(world: &World, case: StreamId, events: u64) {
    let reading = world.read(case, ReadingPoint::default()).unwrap();
    let (facts, catalogue) = (facts(&reading), world.public_log().newest_catalogue());
    let circumstances = AS_IT_IS.circumstances(catalogue, "0999", world.public_log().now(), case);
    let count = evaluate(catalogue, &facts, &circumstances)
        .obligations
        .len();
    measure(
        &format!("weighing the {count} duties of a case of {events} events, the engine alone"),
        || {
            assert_eq!(
                evaluate(catalogue, &facts, &circumstances)
                    .obligations
                    .len(),
                count
            );
        },
    );
    measure("  the same with the reading", || {
        assert!(
            world
                .session()
                .duties(case, ReadingPoint::default(), &AS_IT_IS)
                .unwrap()
                .is_some()
        );
    });
    let query = format!(
        "{{ case(id: \"{case}\") {{ obligations {{ rule {{ id title section }} arisesFrom {{ event eventType }} arose due {{ kind at from day event }} \
         status metAt metBy lateByDays lateByMinutes ageDays uncertain remarks {{ code text }} basis {{ version hash }} }} }} }}"
    );
    let mut times = Vec::with_capacity(FOLDS);
    for _ in 0..FOLDS {
        let begin = Instant::now();
        let answer = world.query(&query).await;
        times.push(begin.elapsed().as_secs_f64() * 1_000.0);
        assert!(!answer["case"]["obligations"].as_array().unwrap().is_empty());
    }
    say("  the whole answer of the API", times);
    let (from, to) = (date(2024, 1, 1), date(2024, 12, 31));
    let (point, length) = (Some(ReadingPoint::default()), Length::Year);
    let (at_least, by, what_if) = (None, Vec::new(), AS_IT_IS.clone());
    let query = FiguresQuery {
        from,
        to,
        length,
        by,
        point,
        what_if,
        read_max: None,
        cases_max: 0,
        small_groups: false,
        at_least,
    };
    measure(
        "key figures as of a moment, the two cases of this log read from the record",
        || {
            assert!(world.session().key_figures(&query, &mut |_, _| {}).is_ok());
        },
    );
}

fn measure(what: &str, work: impl Fn()) {
    let times: Vec<f64> = (0..FOLDS)
        .map(|_| {
            let begin = Instant::now();
            work();
            begin.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    say(what, times);
}

fn say(what: &str, times: Vec<f64>) {
    let times = Times::new(times);
    println!("{what}, {FOLDS} times, ms");
    println!(
        "  p50 {:.2}   p99 {:.2}   p99.9 {:.2}",
        times.at(0.5),
        times.at(0.99),
        times.at(0.999)
    );
}

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        bytes_per_event().await;
        fold_times().await;
    });
}
