//! The board of duties and the key figures over all cases: the rows against the law itself, at
//! every step of two histories and long after them. This file holds what these tests share.

mod against_the_law;
mod answered;
mod filters;
mod key_figures;
mod untouched;

use std::collections::BTreeSet;

use app::access::viewer::Viewer;
use app::queries::board::{BoardDuty, BoardFilter, BoardQuery};
use app::queries::figures::{Figures, FiguresQuery};
use app::rules::basis::WhatIf;
use app::rules::facts::facts;
use app::rules::rulebook::Rulebook;
use domain::reading::ReadingPoint;
use domain::views::inbox::notification;
use events::ids::EventId;
use events::spec::StreamKind;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use law::engine::evaluate;
use law::key_figures::summary::{Dimension, Length};
use law::obligation::Status;
use law::rule::Due;
use tests::world::{World, caseworker, ids};

/// What identifies a duty and how it stands: case, rule, event, day, overdue, age.
type Stands = (String, String, EventId, Option<Date>, bool, i32);

fn query(filter: BoardFilter) -> BoardQuery {
    BoardQuery {
        filter,
        after: None,
        count: 1_000,
        at_least: None,
    }
}

/// Every duty on the board that fits, what is recorded by now reflected.
fn board(world: &World, filter: BoardFilter) -> Vec<BoardDuty> {
    let asked = BoardQuery {
        at_least: Some(world.public_log().size()),
        ..query(filter)
    };
    let page = world.session().board(&asked).unwrap();
    assert!(!page.more_after && page.incomplete == 0);
    page.edges.into_iter().map(|edge| edge.duty).collect()
}

fn stands(duty: &BoardDuty) -> Stands {
    let numbered = duty.overdue_after.and(duty.due);
    (
        duty.row.case.to_string(),
        duty.rule.id.clone(),
        duty.event,
        numbered,
        duty.overdue,
        duty.age_days,
    )
}

/// The same, asked of the law case by case.
fn expected(world: &World) -> BTreeSet<Stands> {
    let (catalogue, now) = (Rulebook::built_in().newest(), world.public_log().now());
    let mut all = BTreeSet::new();
    let session = world.session();
    let cases = session.streams(StreamKind::Case).unwrap().into_iter();
    let notifications = session.streams(StreamKind::Notification).unwrap();
    for case in cases.chain(notifications) {
        let Some(reading) = world.read(case, ReadingPoint::default()) else {
            continue;
        };
        // Where a notification belongs to a case, the case shows what is owed because of it.
        if notification(&reading, case).is_some_and(|row| !row.cases.is_empty()) {
            continue;
        }
        let circumstances = WhatIf::default().circumstances(catalogue, "0999", now, case);
        let evaluation = evaluate(catalogue, &facts(&reading), &circumstances);
        let own = evaluation
            .obligations
            .iter()
            .filter(|duty| !matches!(duty.rule.due, Due::AfterPeriod { .. }));
        for duty in own.filter(|duty| duty.is_pending()) {
            let day = duty.overdue_after.map(events::time::day_of);
            let overdue = duty.status == Status::Overdue;
            all.insert((
                case.to_string(),
                duty.rule.id.clone(),
                duty.event,
                day,
                overdue,
                duty.age_days,
            ));
        }
    }
    all
}

fn agrees(world: &World, when: &str) -> usize {
    let shown: Vec<Stands> = board(world, BoardFilter::default())
        .iter()
        .map(stands)
        .collect();
    let expected = expected(world);
    let found: BTreeSet<Stands> = shown.iter().cloned().collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    let extra: Vec<_> = found.difference(&expected).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "{when}: missing {missing:#?}, extra {extra:#?}"
    );
    found.len()
}

fn figures_query(by: &[Dimension]) -> FiguresQuery {
    FiguresQuery {
        from: date(2010, 1, 1),
        to: date(2049, 12, 31),
        length: Length::Year,
        by: by.to_vec(),
        point: None,
        what_if: WhatIf::default(),
        read_max: None,
        cases_max: 10,
        small_groups: false,
        at_least: None,
    }
}

fn figures(world: &World, query: &FiguresQuery, viewer: &Viewer) -> Figures {
    let query = FiguresQuery {
        at_least: Some(world.public_log().size()),
        ..query.clone()
    };
    world
        .session_of(viewer.clone())
        .key_figures(&query, &mut |_, _| {})
        .unwrap()
}

/// Figures from the rows are those from the record, at this moment.
fn figures_agree(world: &World, when: &str) -> usize {
    let from_rows = figures(world, &figures_query(&[]), &caseworker());
    let query = FiguresQuery {
        point: Some(ReadingPoint::default()),
        ..figures_query(&[])
    };
    let from_record = figures(world, &query, &caseworker());
    assert_eq!(from_rows.figures, from_record.figures, "{when}");
    // Where no cases are asked for, sums answer that were made as the cases changed.
    let query = FiguresQuery {
        cases_max: 0,
        ..figures_query(&[])
    };
    let from_sums = figures(world, &query, &caseworker());
    let mut without_cases = Figures {
        // An entry about the log itself may have come between.
        position: from_sums.position,
        ..from_rows.clone()
    };
    let groups = without_cases.figures.iter_mut();
    groups.for_each(|figure| figure.cases.clear());
    assert_eq!(from_sums, without_cases, "{when}");
    assert_eq!(
        (from_rows.cases, from_rows.holes),
        (from_record.cases, from_record.holes),
        "{when}"
    );
    from_rows.figures.len()
}

/// Alma's history until the child was heard in the open case, and the clock some days later.
async fn midway(until: &str) -> World {
    let (world, ids) = (World::new(), ids());
    for line in ids.lines() {
        let recorded: Timestamp = line["input"]["source"]["recordedAt"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        if recorded > until.parse().unwrap() {
            break;
        }
        world.line(line.clone()).await;
    }
    world.clock.set(until.parse().unwrap());
    world
}
