//! Clocks that jump, clocks that were wrong all along, and witnesses that are slow: nothing is
//! dated falsely, and nothing honest is called false. This file holds what these tests share.

mod by_the_program;
mod jumps;
mod slow_witnesses;
mod starts;

use std::sync::Arc;

use app::clock::{Grounds, SetClock, SetLiveClock};
use app::operations::operator::Operator;
use jiff::{SignedDuration, Timestamp};
use record::entry::parse;
use record::positions::LogIndex;
use serde_json::{Value, json};
use tests::world::{World, caseworker, ids, layout};
use uuid::Uuid;

fn seconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_second()).unwrap()
}

/// The time that every entry states, from an index on.
fn stated(operator: &Operator, from: u64) -> Vec<u64> {
    (from..operator.public_log().size().get())
        .map(|index| {
            parse(
                &operator
                    .session(caseworker())
                    .entry(LogIndex::new(index))
                    .unwrap()
                    .unwrap()
                    .bytes,
            )
            .unwrap()
            .entry
            .recorded_at()
            .get()
        })
        .collect()
}

fn note(number: u128) -> Value {
    json!({
        "commandId": Uuid::from_u128(0x0c10_c000 + number), "stream": ids().case(), "occurred": "2024-11-05",
        "facts": { "kind": "FACT", "text": format!("Notat nummer {number}.") },
    })
}

async fn take(world: &World, number: u128) -> Result<(), String> {
    let outcome = world.order("takeNote", note(number), caseworker()).await?;
    assert_eq!(outcome["userErrors"], json!([]));
    Ok(())
}

async fn refused(world: &World, number: u128) {
    let message = take(world, number).await.unwrap_err();
    assert!(
        message.starts_with("the clock is refused, nothing was written"),
        "{message}"
    );
}

/// A recorded case, opened again by a watched clock that says what the other clock said last.
async fn watched(grounds: Grounds, later: SignedDuration) -> (World, Arc<SetLiveClock>) {
    let world = World::with_alma().await;
    let at = world.public_log().now() + later;
    let (dir, _) = world.stop();
    opened(dir, Arc::new(SetLiveClock::new(at, grounds)))
}

fn opened(dir: tempfile::TempDir, clock: Arc<SetLiveClock>) -> (World, Arc<SetLiveClock>) {
    let operator = Operator::open(
        layout(dir.path()),
        Arc::<SetLiveClock>::clone(&clock),
        &mut |_, _| {},
    )
    .unwrap();
    let schema = api::schema::schema();
    (
        World {
            dir,
            clock: Arc::new(SetClock::new(Timestamp::UNIX_EPOCH)),
            operator,
            schema,
        },
        clock,
    )
}

fn close(world: World) -> tempfile::TempDir {
    let World {
        dir,
        operator,
        schema,
        ..
    } = world;
    operator.close().unwrap();
    drop((schema, operator));
    dir
}
