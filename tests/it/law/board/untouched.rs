//! What nobody touched stands on the board and in the inbox until somebody did.

use app::queries::board::{BoardDuty, BoardFilter};
use app::rows::case_row::RowKind;
use events::ids::StreamId;
use events::meta::Role;
use jiff::ToSpan;
use serde_json::{Value, json};
use tests::world::{World, ids, viewer};

use super::{agrees, board};

const RECEIVED: &str = "2026-11-20T10:00:00+01:00";

fn notification() -> StreamId {
    StreamId::new(uuid::Uuid::from_u128(0xb0a_0001)).unwrap()
}

async fn recorded(world: &World, mutation: &str, number: u128, occurred: &str, facts: Value) {
    let order = json!({
        "commandId": uuid::Uuid::from_u128(0xb0a_1000 + number), "stream": notification(), "occurred": occurred, "facts": facts,
    });
    let answer = world
        .order(mutation, order, viewer("I1", Role::Intake))
        .await;
    assert_eq!(answer.unwrap()["userErrors"], json!([]), "{mutation}");
}

/// A citizen told of a child whom nobody knows yet.
async fn an_unknown_child() -> World {
    let world = World::with_alma().await;
    world
        .clock
        .set("2026-11-20T11:00:00+01:00".parse().unwrap());
    let told = json!({
        "notifierKind": "CITIZEN_135", "contactable": false, "children": [], "childDescription": "dreng, ca. 8 år, rød jakke",
        "unborn": false, "concerns": ["VIOLENCE"], "suspicions": [], "text": "Prøve",
    });
    recorded(&world, "receiveNotification", 1, RECEIVED, told).await;
    world
}

fn owed(world: &World) -> Vec<BoardDuty> {
    let all = board(world, BoardFilter::default());
    let own = all.into_iter();
    own.filter(|duty| duty.row.case == notification()).collect()
}

fn inbox(world: &World) -> Vec<StreamId> {
    let at_least = Some(world.public_log().size());
    let found = world.session().untouched_notifications(at_least).unwrap();
    found.streams
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_that_nobody_touched_stands_on_the_board_with_its_hours() {
    let world = an_unknown_child().await;
    let in_time = owed(&world);
    assert!(in_time.iter().any(|duty| {
        duty.rule.id == "BL-136-2-24H" && !duty.overdue && duty.kind == RowKind::Notification
    }));
    world
        .clock
        .set(world.public_log().now() + (10 * 24).hours());
    let late = owed(&world);
    let hours = late.iter().find(|duty| duty.rule.id == "BL-136-2-24H");
    assert!(hours.is_some_and(|duty| duty.overdue && duty.age_days == 10));
    assert_eq!(inbox(&world), [notification()]);
    agrees(&world, "ten days after a notification that nobody touched");
    assert!(world.operator.check_lists().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_assessed_and_matched_leaves_the_inbox_and_goes_on_in_the_case() {
    let world = an_unknown_child().await;
    let assessed = json!({
        "dangerToHealthOrDevelopment": false, "acuteMeasureNeeded": false, "reasons": "Prøve", "criteria": "v1",
    });
    recorded(
        &world,
        "makeAcuteAssessment",
        2,
        "2026-11-20T10:30:00+01:00",
        assessed,
    )
    .await;
    assert!(
        owed(&world)
            .iter()
            .all(|duty| duty.rule.id != "BL-136-2-24H")
    );
    assert_eq!(inbox(&world), [notification()], "it belongs to no case yet");
    let matched = json!({
        "children": [ids().child()], "cases": [ids().case()], "runningMeasure": "NONE", "flaggedSiblings": [],
    });
    recorded(
        &world,
        "matchNotification",
        3,
        "2026-11-20T10:40:00+01:00",
        matched,
    )
    .await;
    assert_eq!(inbox(&world), []);
    assert_eq!(owed(&world), []);
    agrees(&world, "after the match");
    assert!(world.operator.check_lists().unwrap());
}
