//! What employees do in Alma's case, in one line of a test. Orders that only one test gives are
//! written out there.

use events::meta::Role;
use serde_json::json;
use uuid::Uuid;

use crate::world::{World, caseworker, ids, viewer};

/// A caseworker takes a note in the case, on 12 November 2024 or later.
pub async fn take_note(world: &World, number: u128) {
    let note = json!({
        "commandId": Uuid::from_u128(0xd00 + number), "stream": ids().case(), "occurred": "2024-11-11",
        "facts": { "kind": "FACT", "text": format!("Notat {number}.") },
    });
    // Never back: a clock may be going with that of another program.
    world.clock.set(
        world
            .public_log()
            .now()
            .max("2024-11-12T10:00:00Z".parse().unwrap()),
    );
    let outcome = world.order("takeNote", note, caseworker()).await.unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
}

/// Somebody looks into the case.
pub async fn look(world: &World, number: u128) {
    world.clock.set("2024-11-06T08:00:00Z".parse().unwrap());
    look_as(world, number, "K1", Some("sagsbehandling")).await;
}

/// An employee looks into the case, to an end or without one.
pub async fn look_as(world: &World, number: u128, reader: &str, purpose: Option<&str>) {
    let input = json!({
        "commandId": Uuid::from_u128(0x100c_0000 + number), "occurred": "2024-11-06T08:00:00+01:00",
        "facts": {
            "reader": reader, "subjects": [ids().child()], "target": ids().case(), "scope": "hele sagen", "purpose": purpose,
            "relation": if purpose.is_none() { "NONE" } else { "ASSIGNED" }, "result": "ALLOWED",
        },
    });
    let outcome = world
        .order("recordAccess", input, viewer("system", Role::System))
        .await
        .unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
}
