//! The list of newest entries, and the keys that sign entries.

use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use super::{clean, found, judged};
use crate::code::Code;
use crate::test_support::log::{b64, jwk};
use crate::test_support::signing::fixed;
use crate::test_support::world::{CASE, World};

#[test]
fn attacks_on_heads_and_keys() {
    judged(
        "45",
        &heads(&|p| p["h"]["n"] = json!(9)),
        Code::HeadsNotLast,
    );
    judged(
        "heads root",
        &heads(&|p| p["h"]["root"] = json!(b64(&[1; 32]))),
        Code::StreamTruncated,
    );
    judged(
        "heads size",
        &heads(&|p| p["h"]["m"] = json!(0)),
        Code::HeadsRoot,
    );
    judged(
        "heads index",
        &heads(&|p| p["i"] = json!(3)),
        Code::EventIndex,
    );
    judged(
        "heads origin",
        &heads(&|p| p["iss"] = json!("log.odense.example/0461/sag")),
        Code::EventOrigin,
    );
    judged(
        "50 leaf",
        &heads(&|p| p["k"] = json!([0, b64(&[1; 32])])),
        Code::KeysChain,
    );
    a_list_older_than_the_log();
    a_list_that_claims_too_much();
}

/// The honest world with one more event, and with a bent list of newest entries at its end.
fn heads(change: &dyn Fn(&mut Value)) -> World {
    let mut world = World::honest();
    world.record(CASE, "NoteTaken", &["case"], &[]);
    world.seal();
    let mut payload = world.payloads.pop().unwrap();
    world.entries.pop();
    change(&mut payload);
    world.append("sag-heads+jwt", payload, &world.keys.event.clone());
    world.checkpoints.pop();
    world.heartbeat();
    world
}

fn a_list_older_than_the_log() {
    let mut world = World::honest();
    world.record(CASE, "NoteTaken", &["case"], &[]);
    world.heartbeat();
    judged("46", &world, Code::HeadsNotLast);
    let bundle = world.bundle(CASE);
    let body = bundle
        .text("data/proofs/000001.tlog-proof")
        .split_once("\n\n")
        .unwrap()
        .1
        .to_owned();
    let older = bundle
        .clone()
        .with("data/heads.jws", world.entries[9].clone())
        .with("data/heads.tlog-proof", world.proof(9, 11, &body));
    found("46 older heads", &older, &world.trust(), Code::HeadsNotLast);
}

/// A list that claims to cover what stands behind it.
fn a_list_that_claims_too_much() {
    let mut world = World::honest();
    let mut early = world.payloads[9].clone();
    ["i", "iat", "jti"]
        .iter()
        .for_each(|member| drop(early.as_object_mut().unwrap().remove(*member)));
    early["prev"] = json!(world.leaf(9));
    early["h"]["n"] = json!(11);
    let early = world.append("sag-heads+jwt", early, &world.keys.event.clone());
    world.record(CASE, "NoteTaken", &["case"], &[]);
    world.heartbeat();
    let bundle = world.bundle(CASE);
    let body = bundle
        .text("data/proofs/000001.tlog-proof")
        .split_once("\n\n")
        .unwrap()
        .1
        .to_owned();
    let claimed = bundle.with("data/heads.jws", world.entries[early].clone());
    let claimed = claimed.with("data/heads.tlog-proof", world.proof(early, 12, &body));
    found("46 claimed", &claimed, &world.trust(), Code::HeadsNotLast);
}

#[test]
fn keys_are_changed_only_by_their_predecessors() {
    let new = SigningKey::from_bytes(&fixed("new event key"));
    let rotated = |signer: &dyn Fn(&World) -> SigningKey| {
        let mut world = World::honest();
        let signer = signer(&world);
        world.add_keys(&[jwk(&new)], &signer);
        world.keys.event = new.clone();
        world.record(CASE, "NoteTaken", &["case"], &[]);
        world.seal();
        world
    };
    let forged = rotated(&|_| new.clone());
    found("48", &forged.bundle(CASE), &forged.trust(), Code::JwsKey);
    let proper = rotated(&|world| world.keys.event.clone());
    let bundle = proper.bundle(CASE);
    clean("49", &bundle, &proper.trust(), &[]);
    let withheld = bundle
        .clone()
        .without("data/keys/0001.jws")
        .without("data/keys/0001.tlog-proof");
    found("50", &withheld, &proper.trust(), Code::KeysChain);
    found(
        "50 first",
        &bundle.clone().without("data/keys/0000.jws"),
        &proper.trust(),
        Code::KeysChain,
    );
    found(
        "50 none",
        &bundle
            .clone()
            .without("data/keys/0000.jws")
            .without("data/keys/0001.jws"),
        &proper.trust(),
        Code::KeysChain,
    );
    found(
        "50 proof",
        &bundle.clone().without("data/keys/0001.tlog-proof"),
        &proper.trust(),
        Code::ProofFormat,
    );
    let stray = bundle.clone().with(
        "data/keys/0002.tlog-proof",
        bundle.files["data/keys/0001.tlog-proof"].clone(),
    );
    found("stray", &stray, &proper.trust(), Code::BundleFormat);
    let mut broken = World::honest();
    let payload = json!({ "jwks": { "keys": [jwk(&new)] }, "prev": b64(&[1; 32]) });
    broken.append("sag-keys+jwt", payload, &broken.keys.event.clone());
    broken.keys.event = new.clone();
    broken.wait(1);
    broken.seal();
    found(
        "keys that follow nothing",
        &broken.bundle(CASE),
        &broken.trust(),
        Code::KeysChain,
    );
    // An old key signs an event behind the rotation.
    let mut world = rotated(&|world| world.keys.event.clone());
    world.keys.event = World::honest().keys.event;
    world.record(CASE, "NoteTaken", &["case"], &[]);
    world.keys.event = new;
    world.seal();
    found(
        "47 old key",
        &world.bundle(CASE),
        &world.trust(),
        Code::JwsKey,
    );
}

/// The stated limit: an event that the operator keeps out of its own list of newest events is not
/// seen to be missing by a bundle alone. Who replays the whole log sees it (A13), so such a witness
/// is asked for.
#[test]
fn an_event_kept_out_of_the_list_is_seen_only_by_who_reads_everything() {
    let mut world = World::honest();
    let index = world.record(CASE, "NoteTaken", &["case"], &[]);
    world.payloads[index]["str"] = Value::Null;
    world.wait(1);
    world.seal();
    clean("A13b", &world.bundle(CASE), &world.trust(), &[]);
    let unread = crate::bundle::Trust {
        verifying: None,
        ..world.trust()
    };
    clean(
        "A13b",
        &world.bundle(CASE),
        &unread,
        &[Code::CompletenessOperatorOnly],
    );
}
