//! Each filter leaves what it says, page by page.

use std::collections::BTreeSet;

use app::access::viewer::Viewer;
use app::queries::board::{BoardDuty, BoardFilter, BoardQuery};
use app::rows::lists::ListError;
use events::meta::Role;
use events::text::{EmployeeId, Short};
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::json;
use tests::world::{World, viewer};

use super::{board, query};

/// A case that was assigned to one more caseworker.
async fn a_family_with_a_new_caseworker() -> World {
    let world = World::with_family().await;
    world.clock.set("2026-07-01T12:00:00Z".parse().unwrap());
    let case = board(&world, BoardFilter::default())[0].row.case;
    let leader = viewer("L2", Role::Leader);
    let leader = Viewer {
        actor: events::meta::Actor {
            unit: Some("ungegruppen".into()),
            ..leader.actor
        },
        ..leader
    };
    let assigned = json!({
        "commandId": uuid::Uuid::from_u128(0xb0a2e), "stream": case, "occurred": "2026-07-01",
        "facts": { "caseworkers": ["K7"], "reason": "Ny i teamet." },
    });
    assert_eq!(
        world
            .order("assignCaseworker", assigned, leader)
            .await
            .unwrap()["userErrors"],
        json!([])
    );
    world
}

/// Those of the duties that are wanted.
fn keep(all: &[BoardDuty], wanted: &dyn Fn(&BoardDuty) -> bool) -> Vec<BoardDuty> {
    all.iter()
        .filter(|duty| wanted(duty))
        .cloned()
        .collect::<Vec<_>>()
}

fn the_filters_by_caseworker_and_unit_keep_theirs(world: &World, all: &[BoardDuty]) {
    let worker = all
        .iter()
        .find_map(|duty| duty.row.caseworkers.first().cloned())
        .unwrap();
    assert_eq!(
        board(
            world,
            BoardFilter {
                caseworker: Some(worker.clone()),
                ..BoardFilter::default()
            }
        ),
        keep(all, &|duty| duty.row.caseworkers.contains(&worker))
    );
    let unit = all.iter().find_map(|duty| duty.row.unit.clone()).unwrap();
    let of_unit = BoardFilter {
        unit: Some(Short::new(unit.as_str()).unwrap()),
        ..BoardFilter::default()
    };
    assert_eq!(
        board(world, of_unit),
        keep(all, &|duty| duty.row.unit.as_ref() == Some(&unit))
    );
    assert_eq!(
        board(
            world,
            BoardFilter {
                caseworker: Some(EmployeeId::new("nobody").unwrap()),
                ..BoardFilter::default()
            }
        ),
        []
    );
    assert_eq!(
        board(
            world,
            BoardFilter {
                unit: Some(Short::new("no such unit").unwrap()),
                ..BoardFilter::default()
            }
        ),
        []
    );
}

/// Overdue or not, and due within some days.
fn the_filters_by_day_keep_theirs(world: &World, all: &[BoardDuty]) {
    let today = events::time::day_of(world.public_log().now());
    for overdue in [true, false] {
        assert_eq!(
            board(
                world,
                BoardFilter {
                    overdue: Some(overdue),
                    ..BoardFilter::default()
                }
            ),
            keep(all, &|duty| duty.overdue == overdue)
        );
    }
    for days in [0_u16, 10, 40, 400] {
        let last = today.checked_add(i32::from(days).days()).unwrap();
        let due = |duty: &BoardDuty| duty.due.is_some_and(|due| due <= last);
        assert_eq!(
            board(
                world,
                BoardFilter {
                    due_within_days: Some(days),
                    ..BoardFilter::default()
                }
            ),
            keep(all, &due)
        );
        let coming = BoardFilter {
            due_within_days: Some(days),
            overdue: Some(false),
            ..BoardFilter::default()
        };
        assert_eq!(
            board(world, coming),
            keep(all, &|duty| due(duty) && !duty.overdue)
        );
    }
}

fn the_filter_by_rule_keeps_its_own(world: &World, all: &[BoardDuty]) {
    for id in all
        .iter()
        .map(|duty| &duty.rule.id)
        .collect::<BTreeSet<_>>()
    {
        assert_eq!(
            board(
                world,
                BoardFilter {
                    rule: Some(id.clone()),
                    ..BoardFilter::default()
                }
            ),
            keep(all, &|duty| duty.rule.id == *id)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_filter_leaves_what_it_says() {
    let world = a_family_with_a_new_caseworker().await;
    let all = board(&world, BoardFilter::default());
    assert!(all.len() > 5);
    the_filters_by_caseworker_and_unit_keep_theirs(&world, &all);
    assert!(all.iter().any(|duty| duty.due.is_none()) && all.iter().any(|duty| duty.overdue));
    the_filters_by_day_keep_theirs(&world, &all);
    the_filter_by_rule_keeps_its_own(&world, &all);
    let unknown = world.session().board(&query(BoardFilter {
        rule: Some("BL-0".into()),
        ..BoardFilter::default()
    }));
    assert!(matches!(unknown, Err(ListError::Unknown(_))));
    let auditor = world
        .session_of(viewer("R1", Role::Auditor))
        .board(&query(BoardFilter::default()));
    assert!(matches!(auditor, Err(ListError::Forbidden(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_come_in_one_order_and_a_cursor_belongs_to_its_filter() {
    let world = World::with_family().await;
    let whole = board(&world, BoardFilter::default());
    let place = |duty: &BoardDuty| duty.due.map_or(Date::MAX, |due| due);
    assert!(whole.is_sorted_by_key(place));
    let (mut after, mut paged) = (None, Vec::new());
    loop {
        let asked = BoardQuery {
            after: after.clone(),
            count: 2,
            ..query(BoardFilter::default())
        };
        let page = world.session().board(&asked).unwrap();
        after = page.edges.last().map(|edge| edge.cursor.clone());
        paged.extend(page.edges.into_iter().map(|edge| edge.duty));
        if !page.more_after {
            break;
        }
    }
    assert_eq!(paged, whole);
    let other = BoardFilter {
        overdue: Some(true),
        ..BoardFilter::default()
    };
    let refused = world.session().board(&BoardQuery {
        after,
        ..query(other)
    });
    assert!(matches!(refused, Err(ListError::Cursor)));
    let bent = world.session().board(&BoardQuery {
        after: Some("!".into()),
        ..query(BoardFilter::default())
    });
    assert!(matches!(bent, Err(ListError::Cursor)));
}
