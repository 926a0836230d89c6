//! Commands that wait for each other on a single thread: none may keep it while it waits for what
//! another holds.

use events::meta::Role;
use serde_json::{Value, json};
use tests::world::{World, caseworker, ids, viewer};
use uuid::Uuid;

fn note(command: u128) -> Value {
    json!({
        "commandId": Uuid::from_u128(command), "stream": ids().case(), "occurred": "2024-11-11",
        "facts": { "kind": "FACT", "text": "Et notat." },
    })
}

fn correction(world: &World) -> Value {
    let target = ids().reference("A6");
    json!({
        "commandId": Uuid::from_u128(0xc0), "occurred": "2024-11-12", "target": target,
        "field": "meta", "value": { "occurred": "2024-03-22T08:30:00+01:00" }, "reason": "Tastefejl.",
        "expectedVersion": world.session().version(target.stream).unwrap(),
    })
}

fn erasure() -> Value {
    json!({
        "commandId": Uuid::from_u128(0xe0), "occurred": "2024-11-10", "scope": "PERSON", "ground": "GDPR_17",
        "legalCheck": "Ingen pligt til at bevare oplysningen.", "approvedBy": "D2",
        "person": Uuid::from_u128(1),
    })
}

/// The note holds its stream and the epoch of the keys until it has its receipt. A correction waits for
/// the one, an erasure for the other.
#[tokio::test]
async fn a_correction_and_an_erasure_let_a_note_get_its_receipt() {
    let world = World::with_alma().await;
    world.clock.set("2024-11-12T12:00:00Z".parse().unwrap());
    let (first, corrected, erased, last) = tokio::join!(
        world.order("takeNote", note(1), caseworker()),
        world.order(
            "correctEvent",
            correction(&world),
            viewer("I2", Role::Intake)
        ),
        world.order("orderErasure", erasure(), viewer("D1", Role::Dpo)),
        world.order("takeNote", note(2), caseworker()),
    );
    for noted in [first.unwrap(), last.unwrap()] {
        assert_eq!(noted["userErrors"], json!([]));
        assert_eq!(noted["repeated"], false);
    }
    let code = |outcome: Value| outcome["userErrors"][0]["code"].clone();
    let corrected = code(corrected.unwrap());
    assert!(
        corrected.is_null() || corrected == "VERSION_CONFLICT",
        "whichever of them came first: {corrected}"
    );
    assert_eq!(code(erased.unwrap()), "NOTHING_TO_ERASE");
}

/// The same command, sent again while it is on its way, is told what became of it.
#[tokio::test]
async fn a_command_sent_twice_at_once_is_recorded_once() {
    let world = World::with_alma().await;
    world.clock.set("2024-11-12T12:00:00Z".parse().unwrap());
    let sent = || world.order("takeNote", note(1), caseworker());
    let (one, two, three) = tokio::join!(sent(), sent(), sent());
    let outcomes = [one.unwrap(), two.unwrap(), three.unwrap()];
    let repeated = outcomes
        .iter()
        .filter(|outcome| outcome["repeated"] == true);
    assert_eq!(repeated.count(), 2);
    for outcome in &outcomes {
        assert_eq!(outcome["receipt"], outcomes[0]["receipt"]);
    }
}
