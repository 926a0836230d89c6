//! Entries, their order, keys and the list of newest entries.

use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use super::{clean, found, judged};
use crate::bundle::Trust;
use crate::code::Code;
use crate::test_support::bundle::Bundle;
use crate::test_support::log::{Log, b64};
use crate::test_support::signing::fixed;
use crate::test_support::world::{CASE, NOTIFICATION, World};

#[test]
fn attacks_on_single_entries() {
    let world = World::honest();
    let (bundle, trust) = (world.bundle(CASE), world.trust());
    entries_that_are_changed(&world, &bundle, &trust);
    proofs_of_other_entries(&world, &bundle, &trust);
}

fn entries_that_are_changed(world: &World, bundle: &Bundle, trust: &Trust) {
    let name = "data/events/000002.sd-jwt";
    found(
        "02",
        &bundle.clone().replace(name, "ey", "dy"),
        trust,
        Code::JwsFormat,
    );
    let header = b64(Log::header("sag-event+sd-jwt", &world.keys.event).as_bytes());
    let stranger = b64(Log::header(
        "sag-event+sd-jwt",
        &SigningKey::from_bytes(&fixed("stranger")),
    )
    .as_bytes());
    found(
        "02 kid",
        &bundle.clone().replace(name, &header, &stranger),
        trust,
        Code::Inclusion,
    );
    let early = |payload: &mut Value| payload["iat"] = json!(world.clock - 900_000);
    let resigned = String::from_utf8(world.bend(5, early)).unwrap();
    let original = bundle.text(name);
    let entry = original.split('~').next().unwrap();
    let unsigned = [
        resigned.rsplit_once('.').unwrap().0,
        entry.rsplit_once('.').unwrap().1,
    ]
    .join(".");
    found(
        "03",
        &bundle.clone().with_entry(2, unsigned.as_bytes()),
        trust,
        Code::Inclusion,
    );
    found(
        "04",
        &bundle.clone().with_entry(2, resigned.as_bytes()),
        trust,
        Code::Inclusion,
    );
    let thief = SigningKey::from_bytes(&fixed("thief"));
    let stolen = Log::sign_text(
        &Log::header("sag-event+sd-jwt", &thief),
        &world.payloads[5].to_string(),
        &thief,
    );
    found(
        "05",
        &bundle.clone().with_entry(2, &stolen),
        trust,
        Code::Inclusion,
    );
}

fn proofs_of_other_entries(world: &World, bundle: &Bundle, trust: &Trust) {
    let other = world.proof(6, 10, &world.note(10, &[]));
    found(
        "24",
        &bundle.clone().with("data/proofs/000002.tlog-proof", other),
        trust,
        Code::Inclusion,
    );
    let proof = bundle.text("data/proofs/000002.tlog-proof");
    found(
        "24 index",
        &bundle.clone().with(
            "data/proofs/000002.tlog-proof",
            proof.replacen("index 5", "index 4", 1),
        ),
        trust,
        Code::Inclusion,
    );
}

#[test]
fn attacks_on_the_order_of_events() {
    let world = World::honest();
    let (bundle, trust) = (world.bundle(CASE), world.trust());
    found("17", &bundle.clone().drop_event(2), &trust, Code::StreamGap);
    found(
        "17 first",
        &bundle.clone().drop_event(1),
        &trust,
        Code::StreamGap,
    );
    found(
        "18",
        &bundle.clone().drop_event(2).renumber(3, 2).renumber(4, 3),
        &trust,
        Code::StreamGap,
    );
    found(
        "19",
        &bundle.clone().drop_event(4),
        &trust,
        Code::StreamTruncated,
    );
    let none = (1..=4).fold(bundle.clone(), Bundle::drop_event);
    found("19 all", &none, &trust, Code::StreamTruncated);
    found(
        "19 proof stays",
        &bundle.clone().without("data/events/000004.sd-jwt"),
        &trust,
        Code::StreamTruncated,
    );
    found(
        "20",
        &bundle.clone().renumber(2, 9).renumber(3, 2).renumber(9, 3),
        &trust,
        Code::StreamGap,
    );
    let twice = bundle.clone().renumber(4, 5).renumber(3, 4);
    let twice = twice.clone().with(
        "data/events/000003.sd-jwt",
        twice.files["data/events/000002.sd-jwt"].clone(),
    );
    let twice = twice.clone().with(
        "data/proofs/000003.tlog-proof",
        twice.files["data/proofs/000002.tlog-proof"].clone(),
    );
    found("21", &twice, &trust, Code::StreamGap);
    let foreign = world.bundle(NOTIFICATION);
    let substituted = bundle.clone().with(
        "data/events/000002.sd-jwt",
        foreign.files["data/events/000001.sd-jwt"].clone(),
    );
    let substituted = substituted.with(
        "data/proofs/000002.tlog-proof",
        foreign.files["data/proofs/000001.tlog-proof"].clone(),
    );
    found("22", &substituted, &trust, Code::StreamId);
    let mut other = bundle.clone();
    other.description["path"] = foreign.description["path"].clone();
    found("23", &other, &trust, Code::StreamTruncated);
    let mut other = bundle.clone();
    other.description["stream"] = json!(NOTIFICATION);
    found("stream of the description", &other, &trust, Code::StreamId);
    other = bundle;
    other.description["no"] = json!(7);
    found("ordinal of the description", &other, &trust, Code::StreamId);
}

/// What a thief of every key of the log could append, witnessed by those who do not look inside.
#[test]
fn attacks_with_the_keys_of_the_log() {
    clean(
        "nothing",
        &with_event(vec![]).bundle(CASE),
        &World::honest().trust(),
        &[],
    );
    judged("39", &with_event(vec![("i", json!(4))]), Code::EventIndex);
    let used = World::honest().payloads[2]["jti"].clone();
    judged("40", &with_event(vec![("jti", used)]), Code::EventDuplicate);
    judged(
        "41",
        &with_event(vec![("prev", json!(b64(&[1; 32])))]),
        Code::StreamPrev,
    );
    judged("42", &with_event(vec![("seq", json!(6))]), Code::StreamGap);
    judged(
        "43",
        &with_event(vec![("iss", json!("log.odense.example/0461/sag"))]),
        Code::EventOrigin,
    );
    erasures_out_of_scope();
    judged(
        "schema",
        &with_event(vec![("extra", json!(1))]),
        Code::EventSchema,
    );
    judged(
        "ordinal",
        &with_event(vec![("no", json!(1))]),
        Code::StreamId,
    );
    judged(
        "36",
        &with_event(vec![("iat", json!(World::honest().clock - 5_000))]),
        Code::TimeOrder,
    );
    judged(
        "typ",
        &honest_and(&|world| {
            world.record(CASE, "NoteTaken", &["case"], &[]);
            let payload = world.payloads.pop().unwrap();
            world.entries.pop();
            world.append("sag-access+sd-jwt", payload, &world.keys.event.clone());
        }),
        Code::EventSchema,
    );
}

/// The honest world and whatever is done to it, sealed.
fn honest_and(change: &dyn Fn(&mut World)) -> World {
    let mut world = World::honest();
    change(&mut world);
    world.seal();
    world
}

/// The honest world with one more event, which states this too or in place of what is right.
fn with_event(extra: Vec<(&'static str, Value)>) -> World {
    honest_and(&move |world| {
        world.record_with(
            CASE,
            "NoteTaken",
            &["case"],
            &[(0, "a", vec![json!("b")])],
            &extra,
        );
    })
}

fn erasures_out_of_scope() {
    judged(
        "44",
        &with_event(vec![("er", json!([[2, 3]]))]),
        Code::ErasureScope,
    );
    judged(
        "44 itself",
        &with_event(vec![("er", json!([[5, 0]]))]),
        Code::ErasureScope,
    );
    judged(
        "44 itself, a value",
        &with_event(vec![
            ("er", json!([[5, 0, b64(&[7; 32])]])),
            ("rs", json!([[5, 0, b64(&[8; 32])]])),
        ]),
        Code::ErasureScope,
    );
    judged(
        "44 later",
        &with_event(vec![("er", json!([[6, 0]]))]),
        Code::ErasureScope,
    );
    let mut early = World::honest();
    early.record_with(
        CASE,
        "ErasureOrdered",
        &["case"],
        &[],
        &[("er", json!([[6, 0]]))],
    );
    early.record(CASE, "NoteTaken", &["case"], &[]);
    early.seal();
    judged("44 not yet there", &early, Code::ErasureScope);
    judged(
        "44 value",
        &with_event(vec![
            ("er", json!([[2, 1, b64(&[7; 32])]])),
            ("rs", json!([[2, 1, b64(&[8; 32])]])),
        ]),
        Code::ErasureScope,
    );
    judged(
        "44 no rs",
        &with_event(vec![("er", json!([[2, 1, b64(&[7; 32])]]))]),
        Code::ErasureScope,
    );
    judged(
        "44 only rs",
        &with_event(vec![("rs", json!([[2, 1, b64(&[7; 32])]]))]),
        Code::ErasureScope,
    );
}

#[test]
fn attacks_on_the_outer_form() {
    let with = |change: &dyn Fn(&mut World, String, String)| {
        let mut world = World::honest();
        world.record(CASE, "NoteTaken", &["case"], &[]);
        let payload = world.payloads.pop().unwrap().to_string();
        world.entries.pop();
        let header = Log::header("sag-event+sd-jwt", &world.keys.event);
        change(&mut world, header, payload);
        world.seal();
        world
    };
    let judged = |attack: &str, code: Code, change: &dyn Fn(&mut World, String, String)| {
        let world = with(change);
        found(attack, &world.bundle(CASE), &world.trust(), code);
    };
    let key = World::honest().keys.event;
    judged("57", Code::JsonDuplicateKey, &|world, header, payload| {
        world.append_text(&header, &payload.replacen('{', "{\"i\":10,", 1), &key);
    });
    judged("58", Code::JwsHeader, &|world, header, payload| {
        world.append_text(&header.replace("Ed25519", "none"), &payload, &key)
    });
    judged(
        "canonical",
        Code::JsonNoncanonical,
        &|world, header, payload| {
            world.append_text(&header, &payload.replacen(':', ": ", 1), &key);
        },
    );
    judged(
        "header",
        Code::JsonNoncanonical,
        &|world, header, payload| {
            world.append_text(&header.replacen(':', ": ", 1), &payload, &key);
        },
    );
    let thief = SigningKey::from_bytes(&fixed("thief"));
    judged("47", Code::JwsKey, &|world, _, payload| {
        world.append_text(&Log::header("sag-event+sd-jwt", &thief), &payload, &thief);
    });
    judged("47 name", Code::JwsSignature, &|world, header, payload| {
        world.append_text(&header, &payload, &thief)
    });
}

/// Who writes two events at once can let the later one name the earlier, though it stands in front
/// of it.
#[test]
fn events_stand_in_the_log_in_the_order_of_their_stream() {
    let mut ahead = World::honest();
    ahead.record(NOTIFICATION, "NoteTaken", &["notification"], &[]);
    let fifth = ahead.record(CASE, "NoteTaken", &["case"], &[]);
    let mut world = World::honest();
    let sixth = [("seq", json!(6)), ("prev", json!(ahead.leaf(fifth)))];
    let sixth = world.record_with(CASE, "NoteTaken", &["case"], &[], &sixth);
    world.entries.push(ahead.entries[fifth].clone());
    world.payloads.push(ahead.payloads[fifth].clone());
    world.open.insert(fifth, ahead.open[&fifth].clone());
    assert!(sixth < fifth);
    world.wait(1);
    world.seal();
    let bundle = world
        .bundle(CASE)
        .renumber(5, 9)
        .renumber(6, 5)
        .renumber(9, 6);
    found("STREAM_ORDER", &bundle, &world.trust(), Code::StreamOrder);
}
