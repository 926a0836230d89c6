//! The board and the figures say what the law says, at every step.

use app::queries::board::BoardFilter;
use events::meta::Role;
use jiff::ToSpan;
use serde_json::json;
use tests::world::{Ids, World, caseworker, family, ids, viewer};

use super::{agrees, board, figures, figures_agree, figures_query, midway};

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
        world.operator.check_lists().unwrap(),
        "rows made line by line are those made anew"
    );
    let end = world.public_log().now();
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
    world
        .clock
        .set(world.public_log().now() + (300 * 24).hours());
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
    assert!(world.operator.check_lists().unwrap());
}
