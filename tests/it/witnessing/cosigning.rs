//! The log, its witnesses and whoever lies to them, over HTTP on loopback. This file holds what
//! these tests share.

mod bad_witnesses;
mod by_the_program;
mod other_pasts;
mod quorum;

use serde_json::json;
use tests::loopback_servers::{LogKeys, Town, log_keys};
use tests::world::{World, caseworker, ids};
use witness::keys::KeyKind;

/// An id made from a text.
fn id_of(text: &str) -> uuid::Uuid {
    let hash = record::hash::sha256(text.as_bytes());
    uuid::Builder::from_custom_bytes(*hash.as_bytes().first_chunk().unwrap()).into_uuid()
}

async fn note(world: &World, what: &str) {
    let input = json!({
        "commandId": id_of(what), "stream": ids().case(), "occurred": "2024-11-05",
        "facts": { "kind": "FACT", "text": format!("Notat: {what}.") },
    });
    let outcome = world.order("takeNote", input, caseworker()).await.unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
}

/// A recorded case, shown to three witnesses of which the first replays every entry.
async fn witnessed() -> (World, Town, LogKeys) {
    let world = World::with_alma().await;
    let mut town = Town::new();
    let keys = log_keys(&world.operator);
    let address = town.show(&world.operator);
    town.found(&keys, KeyKind::Ed25519, Some(address));
    town.found(&keys, KeyKind::MlDsa44, None);
    town.found(&keys, KeyKind::Ed25519, None);
    world.operator.checkpoint().unwrap();
    town.courier(&world.operator, &keys);
    (world, town, keys)
}
