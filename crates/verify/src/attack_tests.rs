//! The attack catalogue, as far as it applies to a whole log: each attack by its number, with
//! the code that must be found.

mod ciphertexts;

use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use crate::code::Code;
use crate::position::{LogIndex, Seq, Size};
use crate::test_support::log::{Log, b64, jwk, pin};

#[test]
fn the_honest_log_is_clean_with_its_one_hole() {
    let report = Log::honest().audit().unwrap();
    assert_eq!(
        (report.entries, report.events, report.streams, report.tail),
        (Size::new(11), 7, 3, 0)
    );
    assert_eq!((report.blobs, report.notes.len()), (10, 0));
    let [hole] = report.holes.as_slice() else {
        panic!("one hole")
    };
    assert_eq!(
        (hole.seq, hole.part, hole.values, hole.erased_by),
        (Seq::new(2), 2, None, LogIndex::new(9))
    );
    assert_eq!(
        report.root,
        "d2b7e4f95620829563744362cf7c7916d5399cd351cc62ae09393b8274eed842"
    );
}

#[track_caller]
fn found(attack: &str, log: &Log, code: Code) {
    assert_eq!(log.audit(), Err(code), "attack {attack}");
}

#[test]
fn attacks_on_single_entries() {
    let honest = Log::honest;
    let mut log = honest();
    let text = String::from_utf8(log.entries[4].bytes.clone()).unwrap();
    let payload = honest()
        .bend(4, |p| p["iat"] = json!(1_795_602_812_u64))
        .entries[4]
        .bytes
        .clone();
    let forged = String::from_utf8(payload).unwrap();
    let spliced = [
        forged.rsplit_once('.').unwrap().0,
        text.rsplit_once('.').unwrap().1,
    ]
    .join(".");
    log.entries[4].bytes = spliced.into_bytes();
    found("03", &log, Code::JwsSignature);
    found(
        "04",
        &honest().bend(4, |p| p["iat"] = json!(1_795_430_012_u64)),
        Code::StreamPrev,
    );
    found(
        "36",
        &honest().bend(4, |p| p["iat"] = json!(1_795_430_011_u64)),
        Code::TimeOrder,
    );
    found(
        "39",
        &honest().bend(4, |p| p["i"] = json!(5)),
        Code::EventIndex,
    );
    let used = honest().payload(2)["jti"].clone();
    found(
        "40",
        &honest().bend(4, |p| p["jti"] = used),
        Code::EventDuplicate,
    );
    found(
        "41",
        &honest().bend(4, |p| p["prev"] = json!(b64(&[1; 32]))),
        Code::StreamPrev,
    );
    found(
        "42",
        &honest().bend(4, |p| p["seq"] = json!(3)),
        Code::StreamGap,
    );
    found(
        "43",
        &honest().bend(4, |p| p["iss"] = json!("log.odense.example/0461/sag")),
        Code::EventOrigin,
    );
    erasures_out_of_scope();
    streams_and_schemas_that_are_wrong();
}

fn erasures_out_of_scope() {
    let honest = Log::honest;
    found(
        "44",
        &honest().bend(9, |p| p["er"] = json!([[2, 3]])),
        Code::ErasureScope,
    );
    let itself = honest().bend(9, |p| {
        let own = p["seq"].clone();
        p["er"] = json!([[own, 0]]);
    });
    found("44 itself", &itself, Code::ErasureScope);
    found(
        "44 later",
        &honest().bend(9, |p| p["er"] = json!([[5, 0]])),
        Code::ErasureScope,
    );
}

fn streams_and_schemas_that_are_wrong() {
    let honest = Log::honest;
    let other = honest().payload(2)["str"].clone();
    found(
        "22",
        &honest().bend(4, |p| p["str"] = other),
        Code::StreamId,
    );
    found(
        "A14",
        &honest().bend(8, |p| p["no"] = json!(1)),
        Code::StreamId,
    );
    found(
        "schema",
        &honest().bend(4, |p| p["extra"] = json!(1)),
        Code::EventSchema,
    );
    found(
        "schema",
        &honest().bend(4, |p| p["ct"] = json!([])),
        Code::EventSchema,
    );
    found(
        "schema",
        &honest().bend(4, |p| {
            p["str"] = json!("0F8FAD5B-D9CB-469F-A165-70867728950E")
        }),
        Code::EventSchema,
    );
}

#[test]
fn attacks_on_the_outer_form() {
    let thief = SigningKey::from_bytes(&[8; 32]);
    let with = |header: &str, payload: String, key: &SigningKey| {
        let mut log = Log::honest();
        log.entries[4].bytes = Log::sign_text(header, &payload, key);
        log
    };
    let log = Log::honest();
    let (payload, typ) = (log.payload(4).to_string(), log.typ(4));
    found(
        "05",
        &with(&Log::header(&typ, &thief), payload.clone(), &thief),
        Code::JwsKey,
    );
    found(
        "47",
        &with(&Log::header(&typ, &log.event_key), payload.clone(), &thief),
        Code::JwsSignature,
    );
    let header = Log::header(&typ, &log.event_key);
    found(
        "57",
        &with(
            &header,
            payload.replacen('{', "{\"i\":4,", 1),
            &log.event_key,
        ),
        Code::JsonDuplicateKey,
    );
    found(
        "canonical",
        &with(&header, payload.replacen(':', ": ", 1), &log.event_key),
        Code::JsonNoncanonical,
    );
    found(
        "float",
        &with(
            &header,
            payload.replacen("\"seq\":2", "\"seq\":2.0", 1),
            &log.event_key,
        ),
        Code::JsonNoncanonical,
    );
    found(
        "58",
        &with(
            &header.replace("Ed25519", "none"),
            payload.clone(),
            &log.event_key,
        ),
        Code::JwsHeader,
    );
    found(
        "type",
        &with(&Log::header("JWT", &log.event_key), payload, &log.event_key),
        Code::JwsHeader,
    );
    let mut log = Log::honest();
    log.entries[4].bytes = b"foreign".to_vec();
    found("A16", &log, Code::JwsFormat);
    log.entries[4].bytes = vec![b'A'; 65_536];
    found("S11", &log, Code::JwsFormat);
}

#[test]
fn attacks_on_the_order() {
    let changed = |change: &dyn Fn(&mut Log)| {
        let mut log = Log::honest();
        change(&mut log);
        log
    };
    found(
        "17",
        &changed(&|log| drop(log.entries.remove(4))),
        Code::EventIndex,
    );
    found(
        "A5",
        &changed(&|log| log.entries.swap(4, 5)),
        Code::EventIndex,
    );
    found(
        "21",
        &changed(&|log| log.entries.insert(5, log.entries[4].clone())),
        Code::EventIndex,
    );
    found(
        "19",
        &changed(&|log| log.entries.truncate(9)),
        Code::Rollback,
    );
    found(
        "begin",
        &changed(&|log| drop(log.entries.remove(0))),
        Code::KeysChain,
    );
    // Dropped and renumbered with the stolen key: the stream of the dropped event shows it.
    let renumbered = changed(&|log| {
        log.entries.remove(4);
        for index in 4..10 {
            *log = log.clone().bend(index, |p| p["i"] = json!(index));
        }
    });
    found("18", &renumbered, Code::StreamGap);
}

#[test]
fn attacks_on_heads_and_keys() {
    let honest = Log::honest;
    found(
        "45",
        &honest().bend(10, |p| p["h"]["n"] = json!(9)),
        Code::HeadsNotLast,
    );
    found(
        "A12",
        &honest().bend(10, |p| p["h"]["root"] = json!(b64(&[1; 32]))),
        Code::HeadsRoot,
    );
    found(
        "A13",
        &honest().bend(10, |p| p["h"]["m"] = json!(2)),
        Code::HeadsRoot,
    );
    found(
        "chain",
        &honest().bend(10, |p| p["prev"] = json!(b64(&[0; 32]))),
        Code::HeadsChain,
    );
    found(
        "50",
        &honest().bend(10, |p| p["k"] = json!([0, b64(&[0; 32])])),
        Code::KeysChain,
    );
    let mut log = honest();
    log.checkpoint(10);
    found("46", &log, Code::HeadsNotLast);

    let new = SigningKey::from_bytes(&[9; 32]);
    let rotation = |log: &Log, prev: Value| json!({ "jwks": { "keys": [jwk(&new), jwk(&log.event_key)] }, "prev": prev });
    let mut log = honest();
    let payload = rotation(&log, json!(log.leaf(0)));
    log.append("sag-keys+jwt", payload.clone(), Vec::new(), &new);
    found("48", &log, Code::JwsKey);
    let mut log = honest();
    let old = log.event_key.clone();
    log.append("sag-keys+jwt", payload, Vec::new(), &old);
    log.seal(&new);
    assert_eq!(log.audit().unwrap().entries, Size::new(13), "49");
    let mut log = honest();
    let broken = rotation(&log, json!(b64(&[0; 32])));
    log.append("sag-keys+jwt", broken, Vec::new(), &old);
    found("keys", &log, Code::KeysChain);
}

#[test]
fn attacks_on_the_checkpoint() {
    let with = |note: String| Log {
        note,
        ..Log::honest()
    };
    let note = Log::honest().note;
    found(
        "26",
        &with(note.replacen("0rfk", "0rfl", 1)),
        Code::CheckpointSignature,
    );
    found(
        "27",
        &with({
            let mut log = Log::honest();
            log.log_key = SigningKey::from_bytes(&[5; 32]);
            log.checkpoint(11);
            log.note
        }),
        Code::CheckpointSignature,
    );
    found(
        "59",
        &with(note.replacen("\n\n", "\nextension\n\n", 1)),
        Code::CheckpointFormat,
    );
    found(
        "size",
        &with(note.replacen("\n11\n", "\n011\n", 1)),
        Code::CheckpointFormat,
    );
    found(
        "origin",
        &with(note.replacen("0751", "0461", 1)),
        Code::CheckpointOrigin,
    );
    let foreign = format!("{note}\u{2014} witness.example AAAAAAAA\n");
    assert!(
        with(foreign).audit().is_ok(),
        "28: a signature of an unknown key is passed over"
    );
    let mut log = Log::honest();
    log.trust.pins = pin(12, [0; 32]);
    found("A10", &log, Code::Rollback);
    log.trust.pins = pin(7, [0; 32]);
    found("A11", &log, Code::Fork);
    let mut log = Log::honest().bend(0, |p| p["iat"] = json!(1_795_430_000_u64));
    log = log.clone().bend(3, |p| p["k"] = json!([0, log.leaf(0)]));
    assert!(log.audit().is_err(), "a rewritten beginning");
}

#[test]
fn three_hundred_more_entries_are_clean() {
    let mut log = Log::honest();
    let key = log.event_key.clone();
    for round in 0..30 {
        for _ in 0..9 {
            log.append_event(&[]);
        }
        if round % 2 == 0 {
            log.seal(&key);
        }
    }
    log.append_event(&[]);
    let report = log.audit().unwrap();
    assert_eq!(
        (report.entries, report.tail),
        (Size::new(11 + 270 + 15 + 1), 10),
        "A17"
    );
}

#[test]
fn every_flipped_byte_is_found() {
    let honest = Log::honest();
    for entry in 0..honest.entries.len() {
        for place in 0..honest.entries[entry].bytes.len() {
            let mut log = honest.clone();
            log.entries[entry].bytes[place] ^= 1;
            assert!(log.audit().is_err(), "A1: entry {entry}, byte {place}");
        }
        for part in 0..honest.entries[entry].blobs.len() {
            let length = honest.entries[entry].blobs[part]
                .as_ref()
                .map_or(0, Vec::len);
            for place in (0..length).step_by(7) {
                let mut log = honest.clone();
                log.entries[entry].blobs[part].as_mut().unwrap()[place] ^= 1;
                found("A6", &log, Code::BlobHash);
            }
        }
    }
    for place in 0..honest.note.len() {
        let mut bytes = honest.note.clone().into_bytes();
        bytes[place] ^= 1;
        let Ok(note) = String::from_utf8(bytes) else {
            continue;
        };
        assert!(
            Log {
                note,
                ..honest.clone()
            }
            .audit()
            .is_err(),
            "checkpoint, byte {place}"
        );
    }
}

#[test]
fn codes_are_told_apart_and_explained() {
    let texts: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(texts.len(), Code::ALL.len());
    assert!(Code::ALL.iter().all(|code| code.explain().ends_with('.')));
}
