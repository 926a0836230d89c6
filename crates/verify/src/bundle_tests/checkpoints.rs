//! Checkpoints, witnesses, pins, receipts and time stamps.

use ed25519_dalek::SigningKey;

use super::{clean, found};
use crate::bundle::{Pin, Receipt, Stamp, StampChecker, Trust, check};
use crate::bundle_builder::{
    Bundle, CASE, NOTIFICATION, ORIGIN_TEXT, World, finding, fixed, time_stamp,
};
use crate::code::Code;

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
        Some(world.clock + 1),
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
            "{ORIGIN_TEXT}|{CASE}|{seq}|{}|{size}",
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
    let other = Receipt::parse(&format!(
        "{ORIGIN_TEXT}|{NOTIFICATION}|1|{}|10",
        world.leaf(3)
    ))
    .unwrap();
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
    let payload = crate::log_builder::b64(&crate::tree::hash(world.open[&2].payload.as_bytes()));
    let bundle = bundle.redact(1, &payload);
    clean(
        "unbound",
        &bundle,
        &world.trust(),
        &[Code::CaseBindingMissing],
    );
    let receipt = Receipt::parse(&format!("{ORIGIN_TEXT}|{CASE}|2|{}|8", world.leaf(5))).unwrap();
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

struct Answers(Option<bool>);

impl StampChecker for Answers {
    fn check(&self, _: &[u8], _: &[u8]) -> Result<Option<bool>, std::io::Error> {
        Ok(self.0)
    }
}

#[test]
fn time_stamps_are_over_this_checkpoint() {
    let world = World::honest();
    let stamped = |body: &str| {
        world.bundle(CASE).with(
            "data/tst/1.tsr",
            time_stamp(body.as_bytes(), "20261125120000Z"),
        )
    };
    let good = stamped(&world.body(10));
    clean("stamp", &good, &world.trust(), &[Code::TstUnverified]);
    let stamp = Stamp {
        file: "data/tst/1.tsr".to_owned(),
        size: 10,
        time: 1_795_608_000,
        issuer_checked: false,
    };
    assert_eq!(good.check(&world.trust()).unwrap().stamps, [stamp]);
    found(
        "32",
        &stamped(&world.body(8)),
        &world.trust(),
        Code::TstInvalid,
    );
    found(
        "32 form",
        &world.bundle(CASE).with("data/tst/1.tsr", b"MII".to_vec()),
        &world.trust(),
        Code::TstInvalid,
    );
    let answer = |answer| {
        check(
            &mut good.complete(),
            &world.trust(),
            &Answers(answer),
            &mut |_, _| {},
        )
    };
    assert_eq!(answer(Some(true)).unwrap().notes, []);
    assert_eq!(
        finding(answer(Some(false)).unwrap_err()).code,
        Code::TstInvalid
    );
}

#[test]
fn an_earlier_time_stamp_dates_what_it_covers() {
    let world = World::honest();
    let trust = world.trust();
    let given = world.bundle(CASE).with(
        "data/tst/5-0000.tsr",
        stamp(&world.body(5), "20261120120000Z"),
    );
    let given = given
        .with("data/tst/5.body", world.body(5))
        .with("data/consistency/5.txt", world.consistency(5));
    clean("stamp of 5", &given, &trust, &[Code::TstUnverified]);
    let verdict = given.check(&trust).unwrap();
    assert_eq!(
        verdict
            .stamps
            .iter()
            .map(|stamp| (stamp.size, stamp.time))
            .collect::<Vec<_>>(),
        [(5, 1_795_176_000)]
    );
    let dated: Vec<_> = verdict
        .events
        .iter()
        .map(|event| (event.index < 5, event.stamped))
        .collect();
    assert_eq!(dated[0], (true, Some(1_795_176_000)));
    assert!(
        dated[1..].iter().all(|event| *event == (false, None)),
        "{dated:?}"
    );
    // The earliest stamp counts, of whichever checkpoint.
    let both = given
        .clone()
        .with("data/tst/1.tsr", stamp(&world.body(10), "20261125120000Z"));
    let dated: Vec<_> = both
        .check(&trust)
        .unwrap()
        .events
        .iter()
        .map(|event| event.stamped)
        .collect();
    assert_eq!(
        (dated[0], dated[1]),
        (Some(1_795_176_000), Some(1_795_608_000))
    );
    for (what, bundle, code) in misfits(&world, &given) {
        found(what, &bundle, &trust, code);
    }
    // An authority that is known stamped the log with the event in it before the event says it was.
    let early = given.with(
        "data/tst/5-0000.tsr",
        stamp(&world.body(5), "20200101000000Z"),
    );
    clean("by somebody", &early, &trust, &[Code::TstUnverified]);
    let judged = check(
        &mut early.complete(),
        &trust,
        &Answers(Some(true)),
        &mut |_, _| {},
    );
    assert_eq!(
        finding(judged.unwrap_err()).code,
        Code::TimeAfterCosignature
    );
}

fn stamp(body: &str, time: &str) -> Vec<u8> {
    time_stamp(body.as_bytes(), time)
}

/// Bundles in which the stamp, what it is over, and the log do not fit each other.
fn misfits(world: &World, given: &Bundle) -> Vec<(&'static str, Bundle, Code)> {
    vec![
        (
            "no body",
            given.clone().without("data/tst/5.body"),
            Code::TstInvalid,
        ),
        (
            "another body",
            given.clone().with("data/tst/5.body", world.body(8)),
            Code::TstInvalid,
        ),
        (
            "a body under another name",
            given
                .clone()
                .without("data/tst/5.body")
                .with("data/tst/6.body", world.body(5)),
            Code::TstInvalid,
        ),
        (
            "a stamp under another name",
            given.clone().without("data/tst/5-0000.tsr").with(
                "data/tst/8-0000.tsr",
                stamp(&world.body(5), "20261120120000Z"),
            ),
            Code::TstInvalid,
        ),
        (
            "a stamp of something else",
            given.clone().with(
                "data/tst/5-0000.tsr",
                stamp(&world.body(8), "20261120120000Z"),
            ),
            Code::TstInvalid,
        ),
        (
            "a body that nothing stamps",
            given.clone().without("data/tst/5-0000.tsr"),
            Code::BundleFormat,
        ),
        (
            "no proof",
            given.clone().without("data/consistency/5.txt"),
            Code::ConsistencyMissing,
        ),
        (
            "a proof that is none",
            given.clone().with("data/consistency/5.txt", "x\n"),
            Code::ProofFormat,
        ),
        (
            "another log",
            given
                .clone()
                .with("data/consistency/5.txt", world.consistency(8)),
            Code::Fork,
        ),
        (
            "a body of another log",
            given.clone().with(
                "data/tst/5.body",
                world.body(5).replacen("/0751/", "/0461/", 1),
            ),
            Code::TstInvalid,
        ),
    ]
}
