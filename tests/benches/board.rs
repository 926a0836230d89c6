//! How long a page of the board takes over ten thousand open cases, for each filter, and how long
//! the key figures of a year take over a hundred thousand cases. Rows are put in directly.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark"
)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use app::queries::board::{BoardFilter, BoardPlan};
use app::queries::figures::FiguresQuery;
use app::rows::case_row::{ListedCase, RowKind};
use app::rows::draft::{CaseParts, Draft};
use app::rows::duty::{Added, DueForm, Evaluated, OpenDuty};
use app::rows::keys::ListKeys;
use app::rows::search::Rows;
use app::rows::sums::Sums;
use app::rules::basis::WhatIf;
use app::rules::rulebook::{RowLaw, Rulebook};
use domain::views::listing::CaseRow;
use domain::views::listing::CaseStatus;
use events::ids::{EventId, StreamId};
use events::text::{EmployeeId, Short};
use events::time::{end_of_day, start_of_day};
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use law::key_figures::contribution::{Contribution, Slice};
use law::key_figures::count::Value;
use law::key_figures::summary::Length;
use law::rule::RuleSet;
use record::keys::RootKey;
use record::positions::Size;
use store::embedded::projections::ProjectionDir;
use store::projection_store::{Generations, ProjectionStore};
use tests::measure::Times;
use uuid::Uuid;

const OPEN_CASES: u64 = 10_000;
const YEAR_CASES: u64 = 100_000;
const PAGES: usize = 200;
const TODAY: Date = date(2026, 3, 2);

fn now() -> Timestamp {
    start_of_day(TODAY)
}

fn event(number: u64, nth: u64) -> EventId {
    EventId::new(Uuid::from_u64_pair(number + 1, nth + 1)).unwrap()
}

/// A number that looks drawn and is always the same.
fn drawn(number: u64, nth: u64) -> u64 {
    (number * 31 + nth).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 17
}

/// Five duties with days around today, three without.
fn duties(number: u64) -> Vec<OpenDuty> {
    let rules = Rulebook::built_in().newest().rules().len() as u64;
    let duty = |nth: u64| {
        let due = (nth < 5).then(|| {
            TODAY
                .checked_add((drawn(number, nth) as i64 % 300 - 60).days())
                .unwrap()
        });
        OpenDuty {
            rule: (drawn(number, nth + 50) % rules) as u16,
            event: event(number, nth),
            subject: None,
            trigger: date(2025, 12, 1),
            start: date(2025, 12, 1),
            form: due.map_or(DueForm::None, |_| DueForm::Day),
            due,
            warn: None,
            last: due.map(|due| end_of_day(due).as_second()),
            from: i64::MIN,
            until: i64::MAX,
        }
    };
    (0..8).map(duty).collect()
}

fn contributions(number: u64) -> Vec<Added> {
    let figures = &Rulebook::built_in().figures.figures;
    let added = (0..10).map(|nth| Added {
        contribution: Contribution {
            figure: figures[(nth % figures.len() as u64) as usize].id.clone(),
            value: Value::Number((drawn(number, nth) % 90) as i32),
            day: date(2025, 1, 1)
                .checked_add((drawn(number, nth + 20) as i64 % 365).days())
                .unwrap(),
            event: event(number, nth),
            slice: Slice {
                municipality: "0999".into(),
                unit: Some(format!("unit {}", number % 20)),
                district: None,
                rule_set: RuleSet::Bl,
                weight: None,
            },
        },
        from: i64::MIN,
        part: 0,
    });
    added.collect()
}

fn fill(
    store: &dyn ProjectionStore,
    keys: &ListKeys,
    cases: u64,
    judged: impl Fn(u64) -> Evaluated,
) {
    let all: Vec<u64> = (0..cases).collect();
    let law = RowLaw::of(Rulebook::built_in(), Rulebook::built_in().newest());
    let mut sums = Sums::default();
    for some in all.chunks(256) {
        let batch = {
            let rows = store.snapshot().unwrap();
            let mut draft = Draft::new(&*rows, keys, &law);
            draft.go_on_with(sums);
            for number in some {
                let row = CaseRow {
                    status: CaseStatus::Open,
                    caseworkers: vec![EmployeeId::new(format!("K{}", number % 300)).unwrap()],
                    unit: Some(format!("unit {}", number % 20)),
                    ..CaseRow::unknown(StreamId::new(Uuid::from_u64_pair(9, number + 1)).unwrap())
                };
                let listed = ListedCase {
                    kind: RowKind::Case,
                    row,
                    whole: true,
                };
                let parts = CaseParts {
                    listed,
                    people: BTreeSet::new(),
                    reach: BTreeSet::new(),
                    evaluated: judged(*number),
                };
                draft.put_case(*number, &parts).unwrap();
            }
            sums = draft.leave_sums();
            draft.into_batch(Size::new(1))
        };
        store.apply(batch).unwrap();
    }
    let batch = {
        let rows = store.snapshot().unwrap();
        let mut draft = Draft::new(&*rows, keys, &law);
        draft.go_on_with(sums);
        draft.into_batch(Size::new(1))
    };
    store.apply(batch).unwrap();
}

fn times(what: &str, times: Vec<f64>) {
    let times = Times::new(times);
    println!(
        "  {what:<28} p50 {:>7.2}   p99 {:>7.2}",
        times.at(0.5),
        times.at(0.99)
    );
}

fn filters() -> Vec<(&'static str, BoardFilter)> {
    let caseworker = Some(EmployeeId::new("K7").unwrap());
    let unit = Some(Short::new("unit 7").unwrap());
    let rule = Some(Rulebook::built_in().newest().rules()[40].id.clone());
    vec![
        ("everything", BoardFilter::default()),
        (
            "caseworker",
            BoardFilter {
                caseworker: caseworker.clone(),
                ..BoardFilter::default()
            },
        ),
        (
            "unit",
            BoardFilter {
                unit: unit.clone(),
                ..BoardFilter::default()
            },
        ),
        (
            "overdue",
            BoardFilter {
                overdue: Some(true),
                ..BoardFilter::default()
            },
        ),
        (
            "not overdue",
            BoardFilter {
                overdue: Some(false),
                ..BoardFilter::default()
            },
        ),
        (
            "due within 14 days",
            BoardFilter {
                due_within_days: Some(14),
                overdue: Some(false),
                ..BoardFilter::default()
            },
        ),
        (
            "rule",
            BoardFilter {
                rule: rule.clone(),
                ..BoardFilter::default()
            },
        ),
        (
            "unit and rule",
            BoardFilter {
                unit,
                rule,
                ..BoardFilter::default()
            },
        ),
        (
            "caseworker, overdue",
            BoardFilter {
                caseworker,
                overdue: Some(true),
                ..BoardFilter::default()
            },
        ),
    ]
}

fn board(store: &dyn ProjectionStore, keys: &ListKeys) {
    println!(
        "a page of 50 of the board, {OPEN_CASES} open cases with 8 duties each, {PAGES} pages in a row, ms"
    );
    for (name, filter) in filters() {
        let mut taken = Vec::new();
        let mut after = None;
        for _ in 0..PAGES {
            let begin = Instant::now();
            let rows = store.snapshot().unwrap();
            let plan = BoardPlan::new(&filter, keys, Rulebook::built_in(), now()).unwrap();
            let (page, more) = Rows::new(&*rows, keys, Rulebook::built_in())
                .board(&plan, after, 50)
                .unwrap();
            taken.push(begin.elapsed().as_secs_f64() * 1_000.0);
            after = page.last().filter(|_| more).map(|(spot, _)| *spot);
        }
        times(name, taken);
    }
}

/// The most memory that the process ever had, in kilobytes, since this was asked for the last time.
fn peak() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = |name: &str| {
        status.lines().find_map(|line| {
            line.strip_prefix(name)?
                .split_whitespace()
                .next()?
                .parse()
                .ok()
        })
    };
    let known = line("VmHWM:").unwrap_or(0);
    // The mark starts again from what is in use now.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    known
}

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let keys = ListKeys::new(&(1, RootKey::from_bytes([7; 32])));
    let store_in = |dir: &tempfile::TempDir| -> Arc<dyn ProjectionStore> {
        ProjectionDir::new(dir.path(), *b"0999")
            .begin()
            .unwrap()
            .store
    };
    let dir = tempfile::tempdir().unwrap();
    let store = store_in(&dir);
    let begin = Instant::now();
    fill(&*store, &keys, OPEN_CASES, |number| Evaluated {
        duties: duties(number),
        ..Evaluated::default()
    });
    println!(
        "{OPEN_CASES} cases put in: {:.1} s",
        begin.elapsed().as_secs_f64()
    );
    board(&*store, &keys);
    let begin = Instant::now();
    fill(&*store, &keys, 1, |_| Evaluated {
        duties: duties(1),
        ..Evaluated::default()
    });
    println!(
        "one case changed: {:.2} ms",
        begin.elapsed().as_secs_f64() * 1_000.0
    );

    let dir = tempfile::tempdir().unwrap();
    let store = store_in(&dir);
    fill(&*store, &keys, YEAR_CASES, |number| Evaluated {
        figures: contributions(number),
        ..Evaluated::default()
    });
    let (from, to) = (date(2025, 1, 1), date(2025, 12, 31));
    let query = FiguresQuery {
        from,
        to,
        length: Length::Year,
        by: Vec::new(),
        point: None,
        what_if: WhatIf::default(),
        read_max: None,
        cases_max: 0,
        small_groups: false,
        at_least: None,
    };
    for _ in 0..3 {
        peak();
        let (begin, before) = (Instant::now(), peak());
        let rows = store.snapshot().unwrap();
        let figures = Rows::new(&*rows, &keys, Rulebook::built_in())
            .figures(&query, now())
            .unwrap();
        let taken = begin.elapsed().as_secs_f64();
        println!(
            "key figures of a year, {} cases with 10 contributions each: {taken:.2} s, {} figures; {:.1} MB more memory at the peak",
            figures.cases,
            figures.figures.len(),
            (peak() - before) as f64 / 1_000.0,
        );
    }
}
