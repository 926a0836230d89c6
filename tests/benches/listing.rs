//! A page of 50 cases out of many, by every filter; the rows are made up and put in directly, as a
//! hundred thousand encrypted cases would only measure encryption. What a row costs more, the name
//! that is decrypted for it, is measured on real cases.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a benchmark"
)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use app::rows::case_row::{ListedCase, PersonEntry, RowKind};
use app::rows::draft::{CaseParts, Draft};
use app::rows::duty::Evaluated;
use app::rows::keys::ListKeys;
use app::rows::search::{CaseFilter, CaseOrder, Plan, Rows, Window};
use app::rules::rulebook::{RowLaw, Rulebook};
use domain::views::listing::CaseRow;
use domain::views::listing::CaseStatus;
use events::ids::{FamilyId, PersonId, StreamId};
use events::person::{PersonRef, PersonRole};
use events::text::{EmployeeId, IdNumber, Short};
use events::time::Occurred;
use jiff::ToSpan;
use jiff::civil::Date;
use record::keys::RootKey;
use record::positions::Size;
use serde_json::json;
use store::embedded::projections::ProjectionDir;
use store::projection_store::{Generations, ProjectionStore};
use tests::measure::{Times, bytes};
use tests::world::{World, caseworker};
use uuid::Uuid;

const CASES: u64 = 100_000;
const PAGE: usize = 50;
const ROUNDS: usize = 1_000;
/// Streams of persons and notifications between two cases.
const STRIDE: u64 = 8;
const PEOPLE: u64 = 5;

const FIRST: &[&str] = &[
    "Alma",
    "Emil",
    "Mette",
    "Jonas",
    "Karen",
    "Thor",
    "Sofie",
    "Kristoffer",
    "Josefine",
    "Wivi",
    "Bjørn",
    "Åse",
    "Maja",
    "Nikolaj",
    "Cecilie",
    "Erik",
    "Yasmin",
    "Aksel",
    "Hanne",
    "Michael",
    "Ida",
    "Otto",
    "Freja",
    "Oscar",
    "Clara",
    "Victor",
    "Ella",
    "Noah",
];
const LAST: &[&str] = &[
    "Prøve",
    "Hansen",
    "Møller",
    "Aagaard",
    "Schmidt",
    "Sørensen",
    "Kjær",
    "Jensen",
    "Nielsen",
    "Pedersen",
    "Andersen",
    "Christensen",
    "Larsen",
    "Rasmussen",
    "Jørgensen",
    "Madsen",
    "Kristensen",
    "Olsen",
    "Thomsen",
    "Poulsen",
    "Johansen",
    "Knudsen",
    "Mortensen",
];

/// A small generator: the same rows in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn uuid(kind: u64, number: u64) -> Uuid {
    Uuid::from_u64_pair(kind, number + 1)
}

fn day(number: u64) -> Date {
    jiff::civil::date(2005, 1, 1)
        .checked_add((number as i64).days())
        .unwrap()
}

/// Ten digits with month 13, for every person another.
fn number(person: u64) -> IdNumber {
    let text = format!(
        "{:02}13{:02}{:04}",
        person / 1_000_000 % 31 + 1,
        person / 10_000 % 100,
        person % 10_000
    );
    IdNumber::new(text).unwrap()
}

fn name(dice: &mut Dice) -> String {
    let pick =
        |dice: &mut Dice, names: &[&'static str]| names[dice.roll(names.len() as u64) as usize];
    let middle = if dice.roll(3) == 0 {
        format!(" {}", pick(dice, LAST))
    } else {
        String::new()
    };
    format!("{}{middle} {}", pick(dice, FIRST), pick(dice, LAST))
}

fn parts(case: u64, dice: &mut Dice) -> CaseParts {
    let open = case * 3 > CASES * 2 && dice.roll(10) < 9;
    let row = CaseRow {
        status: if open {
            CaseStatus::Open
        } else {
            CaseStatus::Closed
        },
        child: PersonId::new(uuid(1, case * PEOPLE))
            .ok()
            .map(|person| PersonRef {
                person,
                role: PersonRole::Child,
            }),
        opened: Some(Occurred::On(day(case * 7_000 / CASES + dice.roll(30)))),
        closed: None,
        caseworkers: vec![EmployeeId::new(format!("K{}", dice.roll(600))).unwrap()],
        // Even cases have one half of the units, odd cases the other.
        unit: Some(format!("enhed {}", dice.roll(10) * 2 + case % 2)),
        weight: None,
        family: FamilyId::new(uuid(2, case / 2)).ok(),
        ..CaseRow::unknown(StreamId::new(uuid(3, case)).unwrap())
    };
    let people = (0..PEOPLE)
        .map(|person| PersonId::new(uuid(1, case * PEOPLE + person)).unwrap())
        .collect();
    let reach = BTreeSet::from([StreamId::new(uuid(4, case)).unwrap()]);
    CaseParts {
        listed: ListedCase {
            kind: RowKind::Case,
            row,
            whole: true,
        },
        people,
        reach,
        evaluated: Evaluated::default(),
    }
}

fn fill(store: &dyn ProjectionStore, keys: &ListKeys) {
    let mut dice = Dice(1);
    let law = RowLaw::of(Rulebook::built_in(), Rulebook::built_in().newest());
    for first in (0..CASES).step_by(256) {
        let batch = {
            let rows = store.snapshot().unwrap();
            let mut draft = Draft::new(&*rows, keys, &law);
            for case in first..(first + 256).min(CASES) {
                for person in case * PEOPLE..(case + 1) * PEOPLE {
                    let entry =
                        PersonEntry::found_by(keys, Some(&number(person)), Some(&name(&mut dice)));
                    draft
                        .put_person(PersonId::new(uuid(1, person)).unwrap(), entry)
                        .unwrap();
                }
                draft
                    .put_case(case * STRIDE, &parts(case, &mut dice))
                    .unwrap();
            }
            draft.into_batch(Size::new(first + 256))
        };
        store.apply(batch).unwrap();
    }
    store.flush().unwrap();
}

/// Kilobytes of memory in use.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|kilobytes| kilobytes.parse().ok())
        .unwrap_or(0)
}

fn show(title: &str, times: Vec<f64>, rows: f64) {
    let times = Times::new(times);
    println!(
        "  {title:<46} {rows:>5.1} {:>8.3} {:>8.3} {:>8.3}",
        times.at(0.5),
        times.at(0.99),
        times.at(1.0)
    );
}

/// One page, each time of another value; from another place in the list where `deep`.
fn pages(
    store: &dyn ProjectionStore,
    keys: &ListKeys,
    title: &str,
    order: CaseOrder,
    deep: bool,
    filter: impl Fn(&mut Dice) -> CaseFilter,
) {
    let (mut dice, mut times, mut rows) = (Dice(7), Vec::with_capacity(ROUNDS), 0);
    for _ in 0..ROUNDS {
        let filter = filter(&mut dice);
        let after = deep.then(|| dice.roll(CASES) * STRIDE);
        let begin = Instant::now();
        let snapshot = store.snapshot().unwrap();
        let plan = Plan::new(&filter, keys).unwrap();
        let window = Window {
            order,
            after,
            before: None,
            count: PAGE,
            from_end: false,
        };
        let found = Rows::new(&*snapshot, keys, Rulebook::built_in())
            .page(&plan, &window)
            .unwrap();
        times.push(begin.elapsed().as_secs_f64() * 1_000.0);
        rows += found.cases.len();
    }
    show(title, times, rows as f64 / ROUNDS as f64);
}

fn worker(dice: &mut Dice) -> Option<EmployeeId> {
    Some(EmployeeId::new(format!("K{}", dice.roll(600))).unwrap())
}

fn unit(number: u64) -> Option<Short> {
    Some(Short::new(format!("enhed {number}")).unwrap())
}

fn pick(dice: &mut Dice, names: &[&'static str]) -> &'static str {
    names[dice.roll(names.len() as u64) as usize]
}

fn without_filter(store: &dyn ProjectionStore, keys: &ListKeys) {
    pages(store, keys, "none", CaseOrder::OldestFirst, false, |_| {
        CaseFilter::default()
    });
    pages(
        store,
        keys,
        "none, newest first",
        CaseOrder::NewestFirst,
        false,
        |_| CaseFilter::default(),
    );
    pages(
        store,
        keys,
        "none, anywhere in the list",
        CaseOrder::OldestFirst,
        true,
        |_| CaseFilter::default(),
    );
}

fn by_identity_number(store: &dyn ProjectionStore, keys: &ListKeys) {
    pages(
        store,
        keys,
        "identity number",
        CaseOrder::OldestFirst,
        false,
        |dice| CaseFilter {
            number: Some(number(dice.roll(CASES * PEOPLE))),
            ..CaseFilter::default()
        },
    );
    pages(
        store,
        keys,
        "identity number of nobody",
        CaseOrder::OldestFirst,
        false,
        |dice| CaseFilter {
            number: Some(number(CASES * PEOPLE + dice.roll(1_000))),
            ..CaseFilter::default()
        },
    );
}

fn by_name(store: &dyn ProjectionStore, keys: &ListKeys) {
    pages(
        store,
        keys,
        "name, one word",
        CaseOrder::OldestFirst,
        false,
        |dice| CaseFilter {
            name: Some(pick(dice, LAST).to_owned()),
            ..CaseFilter::default()
        },
    );
    pages(
        store,
        keys,
        "name, two words",
        CaseOrder::OldestFirst,
        false,
        |dice| CaseFilter {
            name: Some(format!("{} {}", pick(dice, FIRST), pick(dice, LAST))),
            ..CaseFilter::default()
        },
    );
    pages(
        store,
        keys,
        "name, three words",
        CaseOrder::NewestFirst,
        false,
        |dice| CaseFilter {
            name: Some(format!(
                "{} {} {}",
                pick(dice, FIRST),
                pick(dice, LAST),
                pick(dice, LAST)
            )),
            ..CaseFilter::default()
        },
    );
}

/// By the caseworker and by the unit that have the case.
fn by_responsibility(store: &dyn ProjectionStore, keys: &ListKeys) {
    pages(
        store,
        keys,
        "caseworker",
        CaseOrder::OldestFirst,
        false,
        |dice| CaseFilter {
            caseworker: worker(dice),
            ..CaseFilter::default()
        },
    );
    pages(store, keys, "unit", CaseOrder::NewestFirst, false, |dice| {
        CaseFilter {
            unit: unit(dice.roll(20)),
            ..CaseFilter::default()
        }
    });
}

/// By what the case is, and when it was opened.
fn by_status_and_day(store: &dyn ProjectionStore, keys: &ListKeys) {
    pages(
        store,
        keys,
        "status open, from the beginning",
        CaseOrder::OldestFirst,
        false,
        |_| CaseFilter {
            status: Some(CaseStatus::Open),
            ..CaseFilter::default()
        },
    );
    pages(
        store,
        keys,
        "status open, anywhere in the list",
        CaseOrder::NewestFirst,
        true,
        |_| CaseFilter {
            status: Some(CaseStatus::Open),
            ..CaseFilter::default()
        },
    );
    pages(
        store,
        keys,
        "opened within a day",
        CaseOrder::OldestFirst,
        false,
        |dice| {
            let day = day(dice.roll(7_000));
            CaseFilter {
                opened_from: Some(day),
                opened_to: Some(day),
                ..CaseFilter::default()
            }
        },
    );
    pages(
        store,
        keys,
        "opened in the last year",
        CaseOrder::OldestFirst,
        false,
        |_| CaseFilter {
            opened_from: Some(day(6_650)),
            ..CaseFilter::default()
        },
    );
}

fn by_family(store: &dyn ProjectionStore, keys: &ListKeys) {
    pages(
        store,
        keys,
        "family",
        CaseOrder::OldestFirst,
        false,
        |dice| CaseFilter {
            family: FamilyId::new(uuid(2, dice.roll(CASES / 2))).ok(),
            ..CaseFilter::default()
        },
    );
}

/// By several members of the filter at once, also such as find nothing.
fn by_several(store: &dyn ProjectionStore, keys: &ListKeys) {
    pages(
        store,
        keys,
        "caseworker, unit, status, one year",
        CaseOrder::NewestFirst,
        false,
        |dice| {
            let from = dice.roll(6_500);
            let (opened_from, opened_to) = (Some(day(from)), Some(day(from + 365)));
            CaseFilter {
                caseworker: worker(dice),
                unit: unit(dice.roll(20)),
                status: Some(CaseStatus::Open),
                opened_from,
                opened_to,
                ..CaseFilter::default()
            }
        },
    );
    pages(
        store,
        keys,
        "unit and status, of which no case has both",
        CaseOrder::NewestFirst,
        false,
        |dice| {
            // Every second case has one of these units; no case is early advice.
            CaseFilter {
                unit: unit(dice.roll(20)),
                status: Some(CaseStatus::Advice),
                ..CaseFilter::default()
            }
        },
    );
    pages(
        store,
        keys,
        "name, unit, status, one day: nothing",
        CaseOrder::OldestFirst,
        false,
        |dice| {
            let opened = Some(day(dice.roll(7_000)));
            CaseFilter {
                name: Some(pick(dice, LAST).to_owned()),
                unit: unit(dice.roll(20)),
                status: Some(CaseStatus::Closed),
                opened_from: opened,
                opened_to: opened,
                ..CaseFilter::default()
            }
        },
    );
}

fn search_times(store: &dyn ProjectionStore, keys: &ListKeys) {
    println!(
        "  {:<46} {:>5} {:>8} {:>8} {:>8}  ms",
        "filter", "rows", "p50", "p99", "max"
    );
    without_filter(store, keys);
    by_identity_number(store, keys);
    by_name(store, keys);
    by_responsibility(store, keys);
    by_status_and_day(store, keys);
    by_family(store, keys);
    by_several(store, keys);
}

/// A page as a client asks for it, names decrypted, and what it costs to make the rows from the
/// log.
async fn real_cases() {
    const REAL: u64 = 400;
    let world = World::new();
    world.clock.set("2024-11-06T12:00:00Z".parse().unwrap());
    let mut dice = Dice(3);
    let mut events = 0_u64;
    for case in 0..REAL {
        let (who, stream) = (uuid(5, case), uuid(6, case));
        let child = json!({ "person": who, "role": "CHILD" });
        let facts = json!({ "person": child, "name": name(&mut dice), "idNumber": number(case) });
        let mut orders = vec![("registerPerson", who, facts)];
        orders.push((
            "openCase",
            stream,
            json!({ "child": child, "ground": "Bekymring.", "kleNumber": "27.24.00" }),
        ));
        for note in 0..8 {
            orders.push((
                "takeNote",
                stream,
                json!({ "kind": "FACT", "about": child, "text": format!("Notat {note} om barnets trivsel.") }),
            ));
        }
        for (mutation, stream, facts) in orders {
            events += 1;
            let input = json!({ "commandId": uuid(7, events), "stream": stream, "occurred": "2024-11-05", "facts": facts });
            world.order(mutation, input, caseworker()).await.unwrap();
        }
    }
    let begin = Instant::now();
    world.operator.lists_ready(&mut |_, _| {}).unwrap();
    println!(
        "{REAL} real cases with {events} events: the lists were {:.1} ms behind the last order",
        begin.elapsed().as_secs_f64() * 1_000.0
    );
    for (title, fields) in [
        (
            "a page of 50 through GraphQL, rows only",
            "stream status opened caseworkers unit",
        ),
        (
            "a page of 50 through GraphQL, names decrypted",
            "stream status opened caseworkers unit childName { value }",
        ),
    ] {
        let query =
            format!("{{ cases(first: 50, order: NEWEST_FIRST) {{ nodes {{ {fields} }} }} }}");
        let mut times = Vec::new();
        for _ in 0..300 {
            let begin = Instant::now();
            let answer = world.query(&query).await;
            times.push(begin.elapsed().as_secs_f64() * 1_000.0);
            assert_eq!(answer["cases"]["nodes"].as_array().unwrap().len(), 50);
        }
        show(title, times, 50.0);
    }
    let begin = Instant::now();
    assert!(world.operator.check_lists().unwrap());
    let per = begin.elapsed().as_secs_f64() * 1_000_000.0 / events as f64;
    println!("  all rows made anew from the log: {per:.0} µs for an event");
}

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (generations, keys) = (
        ProjectionDir::new(dir.path(), *b"0999"),
        ListKeys::new(&(1, RootKey::from_bytes([7; 32]))),
    );
    let generation = generations.begin().unwrap();
    let begin = Instant::now();
    fill(&*generation.store, &keys);
    generations.put_in_force(&generation).unwrap();
    println!(
        "{CASES} cases with {PEOPLE} persons each, put in within {:.0} s, {} MB on disk",
        begin.elapsed().as_secs_f64(),
        bytes(dir.path()) >> 20
    );
    println!("  memory after putting them in {} MB", resident() >> 10);
    drop(generation);
    let before = resident();
    let begin = Instant::now();
    let store: Arc<dyn ProjectionStore> = generations.open().unwrap().unwrap();
    println!(
        "  opened and added up within {:.1} s, memory {} MB (before {} MB)",
        begin.elapsed().as_secs_f64(),
        resident() >> 10,
        before >> 10
    );
    search_times(&*store, &keys);
    println!("  memory after all searches {} MB", resident() >> 10);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(real_cases());
}
