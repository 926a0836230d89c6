//! Checkpoints, witnesses, pins, receipts and time stamps.

use ed25519_dalek::SigningKey;

use super::{clean, found};
use crate::bundle::{Pin, Receipt, Trust};
use crate::code::Code;
use crate::position::LogTime;
use crate::test_support::bundle::Bundle;
use crate::test_support::log::ORIGIN;
use crate::test_support::signing::fixed;
use crate::test_support::world::{CASE, NOTIFICATION, World};

const CHECKPOINT: &str = "data/checkpoint";

#[test]
fn attacks_on_the_checkpoint() {
    let world = World::honest();
    let (bundle, trust) = (world.bundle(CASE), world.trust());
    signatures_of_the_checkpoint(&world, &bundle, &trust);
    text_of_the_checkpoint(&world, &bundle, &trust);
    checkpoints_of_the_proofs(&world, &bundle, &trust);
}

/// The newest checkpoint with the log's own signature alone.
fn bare(world: &World) -> String {
    format!("{}\n{}", world.body(10), world.log_line(&world.body(10)))
}

fn signatures_of_the_checkpoint(world: &World, bundle: &Bundle, trust: &Trust) {
    let with = |note: String| bundle.clone().with(CHECKPOINT, note);
    found("25", &with(bare(world)), trust, Code::WitnessQuorum);
    for (missing, witnesses) in [("w1", &[1, 2][..]), ("w2, w3", &[0])] {
        found(
            missing,
            &with(world.note(10, witnesses)),
            trust,
            Code::WitnessQuorum,
        );
    }
    clean("25 enough", &with(world.note(10, &[0, 2])), trust, &[]);
    let classical = world.note(10, &[0, 1, 2]);
    let lattice = classical.lines().nth(5).unwrap().to_owned() + "\n";
    found(
        "27 quantum",
        &with(classical.replace(&lattice, "")),
        trust,
        Code::WitnessQuorum,
    );
    let note = bundle.text(CHECKPOINT);
    let root = note.lines().nth(2).unwrap();
    let other = world.body(8).lines().nth(2).unwrap().to_owned();
    found(
        "26",
        &with(note.replacen(root, &other, 1)),
        trust,
        Code::CheckpointSignature,
    );
    let mut thief = world.clone();
    thief.keys.log = SigningKey::from_bytes(&fixed("thief"));
    found(
        "27",
        &with(thief.note(10, &[0, 1, 2])),
        trust,
        Code::CheckpointSignature,
    );
}

fn text_of_the_checkpoint(world: &World, bundle: &Bundle, trust: &Trust) {
    let with = |note: String| bundle.clone().with(CHECKPOINT, note);
    let note = bundle.text(CHECKPOINT);
    found(
        "59",
        &with(note.replacen("\n\n", "\nextension\n\n", 1)),
        trust,
        Code::CheckpointFormat,
    );
    found(
        "size",
        &with(note.replacen("\n10\n", "\n010\n", 1)),
        trust,
        Code::CheckpointFormat,
    );
    found(
        "origin",
        &with(note.replacen("0751", "0461", 1)),
        trust,
        Code::CheckpointOrigin,
    );
    let mut foreign = bundle.clone();
    foreign.description["origin"] = "log.odense.example/0461/sag".into();
    found(
        "origin of the description",
        &foreign,
        trust,
        Code::CheckpointOrigin,
    );
    let stripped = trust_without_log(world);
    found(
        "log not in the policy",
        bundle,
        &stripped,
        Code::CheckpointOrigin,
    );
}

fn checkpoints_of_the_proofs(world: &World, bundle: &Bundle, trust: &Trust) {
    let with = |note: String| bundle.clone().with(CHECKPOINT, note);
    found(
        "29",
        &with(world.checkpoints[3].2.clone()),
        trust,
        Code::ProofCheckpoint,
    );
    let forged = bundle.clone().replace(
        "data/proofs/000002.tlog-proof",
        &line_end(&bare(world)),
        "AAAA=\n",
    );
    found(
        "signature in a proof",
        &forged,
        trust,
        Code::ProofCheckpoint,
    );
}

fn line_end(note: &str) -> String {
    note[note.len() - 6..].to_owned()
}

fn trust_without_log(world: &World) -> Trust {
    world.trust_in(&world.policy_text().replacen("\nlog ", "\n#log ", 1))
}

#[test]
fn cosignatures_of_known_keys_must_fit_and_others_are_passed_over() {
    let world = World::honest();
    let (bundle, trust) = (world.bundle(CASE), world.trust());
    let note = bundle.text(CHECKPOINT);
    let foreign = format!("{note}\u{2014} kl.example/w3 AAAAAAAA\n");
    clean("28", &bundle.clone().with(CHECKPOINT, foreign), &trust, &[]);
    let body = world.body(8);
    let wrong = format!("{note}{}", world.witness_line(2, &body, world.clock));
    found(
        "28 same key",
        &bundle.clone().with(CHECKPOINT, wrong),
        &trust,
        Code::WitnessSignature,
    );
    let again = format!(
        "{note}{}",
        world.witness_line(2, &world.body(10), world.clock + 99_999)
    );
    let verdict = bundle
        .clone()
        .with(CHECKPOINT, again)
        .check(&trust)
        .unwrap();
    assert_eq!(
        verdict.witnessed,
        Some(LogTime::new(world.clock + 1)),
        "a repeated signature moves no median"
    );
    let lattice = note.lines().nth(5).unwrap();
    let other = world.lattice_line(8, &world.leaves().root(0, 8));
    found(
        "28 lattice",
        &bundle
            .clone()
            .with(CHECKPOINT, note.replace(lattice, other.trim_end())),
        &trust,
        Code::WitnessSignature,
    );
    let lines = note.lines().last().unwrap().to_owned() + "\n";
    found(
        "too many",
        &bundle.with(CHECKPOINT, note + &lines.repeat(64)),
        &trust,
        Code::CheckpointFormat,
    );
}

#[test]
fn a_reader_who_knows_more_is_not_deceived() {
    let world = World::honest();
    let mut later = world.clone();
    later.record(CASE, "NoteTaken", &["case"], &[]);
    later.seal();
    clean("30a", &world.bundle(CASE), &world.trust(), &[]);
    pins_of_a_reader(&world, &later);
    receipts_of_a_reader(&world, &later);
    for text in ["", "1", "1:x", "x:AAAA", "a|b|1|c|2", "01:AAAA"] {
        assert_eq!(Receipt::parse(text), None, "{text}");
    }
}

/// Pins that are newer than the bundle, older, of the same size and of another log.
fn pins_of_a_reader(world: &World, later: &World) {
    let bundle = world.bundle(CASE);
    let with = |trust: Trust, note: &str| Trust {
        pin: Some(Pin::parse(note).unwrap()),
        ..trust
    };
    found(
        "30b",
        &bundle,
        &with(world.trust(), &later.body(12)),
        Code::Rollback,
    );
    let fresh = later.bundle(CASE);
    found(
        "30d without a proof",
        &fresh,
        &with(world.trust(), &world.checkpoints[1].2),
        Code::ConsistencyMissing,
    );
    let old = with(world.trust(), &world.body(8));
    found(
        "30d without a proof",
        &fresh,
        &old,
        Code::ConsistencyMissing,
    );
    clean(
        "30d",
        &fresh
            .clone()
            .with("data/consistency/8.txt", later.consistency(8)),
        &old,
        &[],
    );
    found(
        "30e",
        &fresh
            .clone()
            .with("data/consistency/8.txt", later.consistency(5)),
        &old,
        Code::Fork,
    );
    found(
        "30e form",
        &fresh.clone().with("data/consistency/8.txt", "x\n"),
        &old,
        Code::ProofFormat,
    );
    found(
        "30 other log",
        &bundle,
        &with(world.trust(), &world.body(10).replace("0751", "0461")),
        Code::CheckpointOrigin,
    );
    clean(
        "same size",
        &bundle,
        &with(world.trust(), &world.body(10)),
        &[],
    );
}

/// Receipts for events that the bundle lacks, has, or has with other contents.
fn receipts_of_a_reader(world: &World, later: &World) {
    let bundle = world.bundle(CASE);
    let receipt = |seq: usize, index: usize, size: usize| {
        Receipt::parse(&format!(
            "{ORIGIN}|{CASE}|{seq}|{}|{size}",
            later.leaf(index)
        ))
        .unwrap()
    };
    let receipts = |list: Vec<Receipt>| Trust {
        receipts: list,
        ..world.trust()
    };
    found(
        "30c",
        &bundle,
        &receipts(vec![receipt(5, 10, 12)]),
        Code::StreamTruncated,
    );
    clean("31 right", &bundle, &receipts(vec![receipt(2, 5, 8)]), &[]);
    found(
        "31",
        &bundle,
        &receipts(vec![receipt(2, 6, 8)]),
        Code::ReceiptMismatch,
    );
    found(
        "31 newer",
        &bundle,
        &receipts(vec![receipt(2, 5, 12)]),
        Code::Rollback,
    );
    found(
        "31 zero",
        &bundle,
        &receipts(vec![
            Receipt::parse(&format!("0:{}", world.leaf(5))).unwrap(),
        ]),
        Code::ReceiptMismatch,
    );
    clean(
        "31 short",
        &bundle,
        &receipts(vec![
            Receipt::parse(&format!("2:{}", world.leaf(5))).unwrap(),
        ]),
        &[],
    );
    let other = Receipt::parse(&format!("{ORIGIN}|{NOTIFICATION}|1|{}|10", world.leaf(3))).unwrap();
    found(
        "31 stream",
        &bundle,
        &receipts(vec![other]),
        Code::ReceiptMismatch,
    );
}

#[test]
fn a_receipt_binds_the_stream_to_the_case() {
    let world = World::honest();
    let bundle = world.bundle(CASE).with_disclosures(1, &[]);
    let payload =
        crate::test_support::log::b64(&crate::tree::hash(world.open[&2].payload.as_bytes()));
    let bundle = bundle.redact(1, &payload);
    clean(
        "unbound",
        &bundle,
        &world.trust(),
        &[Code::CaseBindingMissing],
    );
    let receipt = Receipt::parse(&format!("{ORIGIN}|{CASE}|2|{}|8", world.leaf(5))).unwrap();
    clean(
        "bound",
        &bundle,
        &Trust {
            receipts: vec![receipt],
            ..world.trust()
        },
        &[],
    );
}

#[test]
fn attacks_by_whoever_holds_the_logs_keys() {
    let world = World::honest();
    let mut fork = World::empty();
    fork.wait(900);
    fork.record(
        CASE,
        "CaseOpened",
        &["case"],
        &[(0, "case_number", vec!["2026-004711".into()])],
    );
    for _ in 0..4 {
        fork.record(CASE, "NoteTaken", &["case"], &[]);
        fork.seal();
    }
    let bundle = fork.bundle(CASE);
    let size = fork.entries.len();
    found(
        "34",
        &bundle.clone().with("data/checkpoint", fork.note(size, &[])),
        &fork.trust(),
        Code::WitnessQuorum,
    );
    let lax = world.policy_text().replacen("quorum q", "quorum none", 1);
    let pinned = Trust {
        pin: Some(Pin::parse(&world.body(8)).unwrap()),
        ..fork.trust_in(&lax)
    };
    found("35", &bundle, &pinned, Code::ConsistencyMissing);
    for old in 1..size {
        let forged = bundle
            .clone()
            .with("data/consistency/8.txt", fork.consistency(old));
        found("35b", &forged, &pinned, Code::Fork);
    }
    let equal = Trust {
        pin: Some(Pin::parse(&world.body(10)).unwrap()),
        ..fork.trust_in(&lax)
    };
    let mut short = World::empty();
    while short.entries.len() < 9 {
        short.record(CASE, "NoteTaken", &["case"], &[]);
    }
    short.seal();
    found("A11", &short.bundle(CASE), &equal, Code::Fork);
}

#[test]
fn completeness_rests_on_a_witness_that_reads_everything() {
    let world = World::honest();
    let bundle = world.bundle(CASE);
    let named = |name: Option<&str>| Trust {
        verifying: name.map(str::to_owned),
        ..world.trust()
    };
    clean(
        "60",
        &bundle,
        &named(None),
        &[Code::CompletenessOperatorOnly],
    );
    clean(
        "60 by its key",
        &bundle,
        &named(Some("ankestyrelsen.example/w1/verify")),
        &[],
    );
    let absent = bundle.with("data/checkpoint", world.note(10, &[0, 1]));
    clean(
        "60 not signed",
        &absent,
        &named(Some("w3")),
        &[Code::CompletenessOperatorOnly],
    );
    assert!(!named(None).policy.knows("w4"));
}
