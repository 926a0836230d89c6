//! The board of duties and the key figures over all cases: the rows against the law itself, at
//! every step of two histories and long after them.

use std::collections::BTreeSet;

use app::board::ask::{BoardDuty, BoardFilter, BoardQuery};
use app::facts::facts;
use app::figures::{Figures, FiguresQuery};
use app::listing::ListError;
use app::rulebook::Rulebook;
use app::viewer::Viewer;
use app::what_if::WhatIf;
use async_graphql::Request;
use domain::reading::{Known, ReadingPoint};
use events::ids::EventId;
use events::meta::Role;
use events::spec::StreamKind;
use events::text::{EmployeeId, Short};
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use law::engine::evaluate;
use law::key_figures::summary::{Dimension, Length, Sum};
use law::obligation::Status;
use law::rule::Due;
use serde_json::{Value, json};
use tests::program::{run, text};
use tests::world::{ALMA, Ids, World, caseworker, family, ids, viewer};

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
        at_least: Some(world.app.size()),
        ..query(filter)
    };
    let page = world.app.board(&asked, &caseworker()).unwrap();
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
    let (catalogue, now) = (Rulebook::built_in().newest(), world.app.now());
    let mut all = BTreeSet::new();
    for case in world.app.streams(StreamKind::Case) {
        let Some(reading) = world.read(case, ReadingPoint::default()) else {
            continue;
        };
        let circumstances = WhatIf::default().circumstances(catalogue, "0999", now, case);
        let evaluation = evaluate(catalogue, &facts(&reading), &circumstances);
        let own = evaluation
            .obligations
            .iter()
            .filter(|duty| !matches!(duty.rule.due, Due::AfterPeriod { .. }));
        for duty in own.filter(|duty| duty.is_pending()) {
            let day = duty.overdue_after.map(law::calendar::day_of);
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
        at_least: None,
    }
}

fn figures(world: &World, query: &FiguresQuery, viewer: &Viewer) -> Figures {
    let query = FiguresQuery {
        at_least: Some(world.app.size()),
        ..query.clone()
    };
    world
        .app
        .key_figures(&query, viewer, &mut |_, _| {})
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
    assert_eq!(
        (from_rows.cases, from_rows.holes),
        (from_record.cases, from_record.holes),
        "{when}"
    );
    from_rows.figures.len()
}

/// Records a history line by line; after each the board must say what the law says.
async fn step_by_step(history: &Ids) {
    let world = World::new();
    let mut most = 0;
    for line in history.lines() {
        world.line(line.clone()).await;
        most = most.max(agrees(&world, line["row"].as_str().unwrap_or_default()));
    }
    assert!(most > 5, "{most}");
    assert!(
        world.app.check_lists().unwrap(),
        "rows made line by line are those made anew"
    );
    let end = world.app.now();
    for days in [
        0_i64, 1, 2, 8, 15, 31, 62, 100, 130, 200, 400, 800, 1_500, 3_000, 6_000,
    ] {
        world.clock.set(end + (days * 24).hours());
        agrees(&world, &format!("{days} days later"));
        figures_agree(&world, &format!("{days} days later"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_says_what_the_law_says_at_every_step_of_the_light_history() {
    step_by_step(&ids()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_says_what_the_law_says_at_every_step_of_the_heavy_history() {
    step_by_step(&family()).await;
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

#[test]
fn the_program_shows_the_board_and_the_figures() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("alma.jsonl");
    let lines: Vec<&str> = ALMA.lines().collect();
    std::fs::write(&file, lines[..20].join("\n")).unwrap();
    assert_eq!(
        run(dir.path(), &["import", file.to_str().unwrap()])
            .status
            .code(),
        Some(0)
    );
    let board = run(dir.path(), &["board", "--overdue", "--json"]);
    let board: Value = serde_json::from_slice(&board.stdout).unwrap();
    let duties = board.as_array().unwrap();
    assert!(
        !duties.is_empty()
            && duties
                .iter()
                .all(|duty| duty["child"] == json!("Alma Prøve")),
        "{board}"
    );
    let table = text(&run(dir.path(), &["board", "--due-within", "14"]).stdout);
    assert!(
        table.starts_with("due        stands") && table.contains("Alma Prøve"),
        "{table}"
    );
    let wrong = run(dir.path(), &["board", "--rule", "BL-0"]);
    assert_eq!(
        (
            wrong.status.code(),
            text(&wrong.stderr).contains("there is no rule BL-0")
        ),
        (Some(1), true)
    );
    let chart = dir.path().join("figures.svg");
    let range = [
        "figures",
        "--from",
        "2024-01-01",
        "--to",
        "2024-12-31",
        "--chart",
        chart.to_str().unwrap(),
    ];
    let table = text(&run(dir.path(), &range).stdout);
    assert!(table.contains("too few to be shown"), "{table}");
    let svg = std::fs::read_to_string(&chart).unwrap();
    assert!(
        svg.starts_with("<svg")
            && svg.contains("<title id=")
            && svg.contains("<desc id=")
            && svg.ends_with("</svg>\n")
    );
    let early = text(
        &run(
            dir.path(),
            &[
                "figures",
                "--from",
                "2024-01-01",
                "--to",
                "2024-12-31",
                "--known-at",
                "2024-01-01",
            ],
        )
        .stdout,
    );
    assert_eq!(early.lines().count(), 2, "the law and the head: {early}");
}

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
    let today = law::calendar::day_of(world.app.now());
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
    let unknown = world.app.board(
        &query(BoardFilter {
            rule: Some("BL-0".into()),
            ..BoardFilter::default()
        }),
        &caseworker(),
    );
    assert!(matches!(unknown, Err(ListError::Unknown(_))));
    let auditor = world
        .app
        .board(&query(BoardFilter::default()), &viewer("R1", Role::Auditor));
    assert!(matches!(auditor, Err(ListError::Forbidden)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duty_without_a_number_grows_old_and_is_never_overdue() {
    let world = midway("2024-03-26T12:00:00Z").await;
    let ages = |world: &World| {
        let all = board(world, BoardFilter::default());
        let undated = all.into_iter().filter(|duty| duty.due.is_none());
        undated
            .map(|duty| {
                (
                    duty.rule.id.clone(),
                    duty.event,
                    duty.overdue,
                    duty.age_days,
                )
            })
            .collect::<Vec<_>>()
    };
    let before = ages(&world);
    assert!(!before.is_empty());
    world.clock.set(world.app.now() + (300 * 24).hours());
    let after = ages(&world);
    assert!(
        before
            .iter()
            .chain(&after)
            .all(|(_, _, overdue, _)| !overdue)
    );
    for (rule, event, _, age) in before {
        let later = after
            .iter()
            .find(|(other, at, _, _)| (other, at) == (&rule, &event));
        assert!(
            later.is_none_or(|(_, _, _, later)| *later == age + 300),
            "{rule}"
        );
    }
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
        let page = world.app.board(&asked, &caseworker()).unwrap();
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
    let refused = world.app.board(
        &BoardQuery {
            after,
            ..query(other)
        },
        &caseworker(),
    );
    assert!(matches!(refused, Err(ListError::Cursor)));
    let bent = world.app.board(
        &BoardQuery {
            after: Some("!".into()),
            ..query(BoardFilter::default())
        },
        &caseworker(),
    );
    assert!(matches!(bent, Err(ListError::Cursor)));
}

#[tokio::test(flavor = "multi_thread")]
async fn small_groups_and_their_cases_are_not_shown() {
    let world = World::with_family().await;
    let shown = figures(&world, &figures_query(&[]), &caseworker());
    assert!(
        shown
            .figures
            .iter()
            .any(|figure| figure.group.sum == Sum::Suppressed)
    );
    for figure in &shown.figures {
        assert_eq!(
            figure.cases.is_empty(),
            figure.group.sum == Sum::Suppressed,
            "{}",
            figure.group.figure
        );
    }
    let open = |figures: &Figures| {
        figures
            .figures
            .iter()
            .filter(|figure| !figure.cases.is_empty())
            .count()
    };
    assert!(open(&shown) > 0);
    let auditor = figures(&world, &figures_query(&[]), &viewer("R1", Role::Auditor));
    assert_eq!(open(&auditor), 0, "who may not see cases sees figures only");
    assert_eq!(auditor.figures.len(), shown.figures.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_as_they_could_be_known_leave_out_what_came_later() {
    let world = World::with_family().await;
    let known = |text: &str| {
        let at = domain::reading::instant(text).unwrap();
        let point = Some(ReadingPoint {
            known: Known::At(at),
            ..ReadingPoint::default()
        });
        let mut heard = Vec::new();
        let query = FiguresQuery {
            point,
            ..figures_query(&[])
        };
        let figures = world
            .app
            .key_figures(&query, &caseworker(), &mut |done, total| {
                heard.push((done, total))
            })
            .unwrap();
        assert_eq!(heard.last().map(|(done, total)| done == total), Some(true));
        figures
    };
    assert_eq!(known("2001-01-01").figures, []);
    let now = figures(&world, &figures_query(&[]), &caseworker());
    let count = |figures: &Figures| figures.figures.len();
    assert!(count(&known("2023-06-30")) < count(&now));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_erased_is_counted_no_more_and_told_as_a_hole() {
    let world = World::with_alma().await;
    let heard = ids().event("A14");
    let before = figures(&world, &figures_query(&[]), &caseworker());
    assert_eq!((before.holes, before.cases_with_holes), (0, 0));
    world.clock.set("2024-11-10T10:00:00Z".parse().unwrap());
    let order = json!({
        "commandId": uuid::Uuid::from_u128(0xb0a2d), "occurred": "2024-11-10", "scope": "EVENT", "ground": "GDPR_17",
        "legalCheck": "Ingen pligt til at bevare oplysningen.", "approvedBy": "D2", "event": ids().reference("A14"),
    });
    let outcome = world
        .order("orderErasure", order, viewer("D1", Role::Dpo))
        .await
        .unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
    let after = figures(&world, &figures_query(&[]), &caseworker());
    assert_eq!((after.holes, after.cases_with_holes), (1, 1));
    agrees(&world, "after an erasure");
    figures_agree(&world, "after an erasure");
    assert!(
        board(&world, BoardFilter::default())
            .iter()
            .all(|duty| duty.event != heard)
    );
    assert!(world.app.check_lists().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_and_the_figures_answer_in_graphql() {
    let world = midway("2024-05-02T12:00:00Z").await;
    let least = world.app.size() - 1;
    let board = world
        .query(&format!(
            "{{ obligationBoard(first: 3, atLeast: {least}, filter: {{ dueWithinDays: 400 }}) {{ position pageInfo {{ hasNextPage endCursor }} \
             nodes {{ rule title law severity due form overdue ageDays case {{ stream status }} }} }} }}"
        ))
        .await;
    let board = &board["obligationBoard"];
    assert!(board["position"].as_u64().unwrap() > least);
    assert_eq!(board["nodes"].as_array().unwrap().len(), 3);
    assert!(
        board["nodes"][0]["law"]
            .as_str()
            .is_some_and(|law| !law.is_empty())
    );
    assert_eq!(board["nodes"][0]["case"]["stream"], json!(ids().case()));
    let figures = world
        .query(
            "{ keyFigures(from: \"2024-01-01\", to: \"2024-12-31\", period: QUARTER, by: [RULE_SET]) { version cases holes \
             figures { figure title unit period suppressed count shareTenths ofRuleSet numbers { medianTenths } national { shareTenths } cases } } }",
        )
        .await;
    let figures = figures["keyFigures"]["figures"].as_array().unwrap();
    assert!(figures.iter().all(|figure| figure["suppressed"]
        == json!(figure["count"] == Value::Null)
        && figure["cases"] == json!([])));
    assert!(
        figures
            .iter()
            .any(|figure| figure["ofRuleSet"] == json!("BL"))
    );
    for (wrong, code) in [
        (
            "{ obligationBoard(filter: { rule: \"BL-0\" }) { position } }",
            "BAD_USER_INPUT",
        ),
        (
            "{ obligationBoard(first: -1) { position } }",
            "BAD_USER_INPUT",
        ),
        (
            "{ keyFigures(from: \"2024-12-31\", to: \"2024-01-01\") { cases } }",
            "BAD_USER_INPUT",
        ),
        (
            "{ keyFigures(from: \"2024-01-01\", to: \"2024-12-31\", knownAt: \"soon\") { cases } }",
            "BAD_USER_INPUT",
        ),
    ] {
        let response =
            api::schema::execute(&world.schema, Request::new(wrong).data(caseworker())).await;
        let extensions = response.errors[0].extensions.as_ref().unwrap();
        assert_eq!(
            extensions.get("code"),
            Some(&async_graphql::Value::from(code)),
            "{wrong}"
        );
    }
}
