//! The attack catalogue, as far as it applies to a bundle: each attack by its number, with the code
//! that must be found.

mod binding;
mod checkpoints;
mod disclosures;
mod entries;
mod files;
mod heads_and_keys;
mod stamps;
mod times;

use crate::bundle::{Trust, Verdict};
use crate::code::Code;
use crate::position::{LogTime, Seq, Size};
use crate::test_support::bundle::Bundle;
use crate::test_support::world::{CASE, NOTIFICATION, World};

/// Exactly this event is found to state a wrong time, and everything else holds.
#[track_caller]
fn untimely(attack: &str, bundle: &Bundle, trust: &Trust, seq: u64, code: Code) -> Verdict {
    let verdict = bundle
        .check(trust)
        .unwrap_or_else(|code| panic!("attack {attack}: {code}"));
    let found: Vec<(Seq, Code)> = verdict
        .untimely
        .iter()
        .map(|untimely| (untimely.seq, untimely.finding.code))
        .collect();
    assert_eq!(found, [(Seq::new(seq), code)], "attack {attack}");
    verdict
}

#[track_caller]
fn found(attack: &str, bundle: &Bundle, trust: &Trust, code: Code) {
    assert_eq!(
        bundle.check(trust).map(|verdict| verdict.notes),
        Err(code),
        "attack {attack}"
    );
}

/// The bundle of the case that a world makes is wrong.
#[track_caller]
fn judged(attack: &str, world: &World, code: Code) {
    found(attack, &world.bundle(CASE), &world.trust(), code);
}

/// Nothing is wrong, and exactly these notes are given.
#[track_caller]
fn clean(attack: &str, bundle: &Bundle, trust: &Trust, notes: &[Code]) {
    let verdict = bundle
        .check(trust)
        .unwrap_or_else(|code| panic!("attack {attack}: {code}"));
    assert_eq!(verdict.untimely, [], "attack {attack}");
    assert_eq!(
        verdict
            .notes
            .iter()
            .map(|note| note.code)
            .collect::<Vec<_>>(),
        notes,
        "attack {attack}"
    );
}

#[test]
fn the_honest_bundle_is_clean_and_says_what_it_proves() {
    let world = World::honest();
    let verdict = world.bundle(CASE).check(&world.trust()).unwrap();
    assert_eq!(verdict.notes, []);
    assert_eq!(verdict.case_number.as_deref(), Some("2026-004711"));
    assert_eq!(
        (
            verdict.size,
            verdict.documents.len(),
            verdict.witnesses.len()
        ),
        (Size::new(10), 1, 4)
    );
    assert_eq!(verdict.verifying.as_deref(), Some("w1"));
    let kinds: Vec<_> = verdict
        .events
        .iter()
        .map(|event| event.kind.as_deref().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["CaseOpened", "NoteTaken", "DocumentFiled", "ErasureOrdered"]
    );
    assert!(verdict.documents[0].present && verdict.documents[0].seq == Seq::new(3));
    let note = &verdict.events[1];
    assert_eq!((note.disclosed, note.withheld, note.erased), (2, 0, 1));
    assert_eq!(note.id, world.payloads[5]["jti"].as_str().unwrap());
    let window = (
        note.not_before.unwrap(),
        note.recorded,
        note.not_after.unwrap(),
    );
    assert!(
        window.0 < window.1 && window.1 < window.2 && window.2.since(window.0) < 100,
        "{window:?}"
    );
    let [reference] = verdict.references.as_slice() else {
        panic!("one reference")
    };
    assert_eq!(
        (reference.stream.as_str(), reference.from),
        (NOTIFICATION, Seq::new(2))
    );
    clean(
        "other stream",
        &world.bundle(NOTIFICATION),
        &world.trust(),
        &[],
    );
}

#[test]
fn the_median_is_the_lower_one_and_the_logs_own_time_does_not_count() {
    let world = World::honest();
    let verdict = world.bundle(CASE).check(&world.trust()).unwrap();
    assert_eq!(
        verdict.witnessed,
        Some(LogTime::new(world.clock + 1)),
        "w1, w2, w3 sign one second apart"
    );
    let two = world
        .bundle(CASE)
        .with("data/checkpoint", world.note(10, &[0, 2]));
    assert_eq!(
        two.check(&world.trust()).unwrap().witnessed,
        Some(LogTime::new(world.clock))
    );
}
