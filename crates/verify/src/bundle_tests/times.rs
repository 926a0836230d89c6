//! Times that are stated, against what witnesses saw.

use serde_json::json;

use super::{clean, found, untimely};
use crate::bundle::Trust;
use crate::code::Code;
use crate::position::{LogIndex, Seq};
use crate::test_support::bundle::Bundle;
use crate::test_support::world::{CASE, World};

/// One more event that states `iat`, sealed after a wait.
fn stating(iat: u64, sealed_after: u64) -> World {
    let mut world = World::honest();
    world.wait(20 * 3_600);
    world.heartbeat();
    world.wait(1);
    world.record_with(CASE, "NoteTaken", &["case"], &[], &[("iat", json!(iat))]);
    world.wait(sealed_after);
    world.seal();
    world
}

#[test]
fn attacks_on_time() {
    let now = World::honest().clock + 20 * 3_600 + 1;
    clean(
        "honest",
        &stating(now, 1).bundle(CASE),
        &World::honest().trust(),
        &[],
    );
    let judged = |attack: &str, iat: u64, after: u64, code: Code| {
        let world = stating(iat, after);
        untimely(attack, &world.bundle(CASE), &world.trust(), 5, code);
    };
    judged("37", now, 3 * 86_400, Code::TimeSealedLate);
    judged("37b", now - 20 * 3_600, 1, Code::TimeBackdated);
    let world = stating(now + 3_600, 0);
    found("38", &world.bundle(CASE), &world.trust(), Code::TimeOrder);
    let backdated = stating(now - 20 * 3_600, 1);
    let unbounded = backdated.bundle(CASE).without("data/time/000005.before");
    clean(
        "37c",
        &unbounded,
        &backdated.trust(),
        &[Code::TimeUnbounded],
    );
    let late = stating(now, 3 * 86_400);
    let omitted = late.bundle(CASE).without("data/time/000005.tlog-proof");
    clean(
        "37 omitted",
        &omitted,
        &late.trust(),
        &[Code::TimeUnbounded, Code::TimeWide],
    );
}

/// The witnesses' time is that of the second of three, one second after the first.
#[test]
fn a_log_may_take_a_minute_to_show_what_it_has_and_no_more() {
    let now = World::honest().clock + 20 * 3_600 + 1;
    clean(
        "a minute",
        &stating(now - 60, 1).bundle(CASE),
        &World::honest().trust(),
        &[],
    );
    let world = stating(now - 61, 1);
    untimely(
        "a second more",
        &world.bundle(CASE),
        &world.trust(),
        5,
        Code::TimeBackdated,
    );
}

/// 37d: the checkpoint of the evening, in place of those that were cosigned all night.
#[test]
fn an_older_checkpoint_that_hides_the_night_leaves_a_wide_window() {
    let evening = World::honest().clock;
    let world = stating(evening + 1, 1);
    let older = world
        .checkpoints
        .iter()
        .find(|(.., time, _)| *time == evening)
        .unwrap();
    assert_eq!(older.0, 10, "the event stands behind it");
    let verdict = {
        let bundle = world
            .bundle(CASE)
            .with("data/time/000005.before", older.2.clone());
        clean("37d", &bundle, &world.trust(), &[Code::TimeWide]);
        bundle.check(&world.trust()).unwrap()
    };
    assert!(
        verdict.notes[0].detail.ends_with(": sequence 5"),
        "{}",
        verdict.notes[0].detail
    );
    let wide = stating(evening + 20 * 3_600 + 1, 1_799);
    clean("half an hour", &wide.bundle(CASE), &wide.trust(), &[]);
    let wider = stating(evening + 20 * 3_600 + 1, 1_801);
    clean(
        "and a second",
        &wider.bundle(CASE),
        &wider.trust(),
        &[Code::TimeWide],
    );
}

/// One event with a false time says nothing against the case.
#[test]
fn every_event_with_a_false_time_is_named_and_the_rest_is_checked_on() {
    let now = World::honest().clock + 20 * 3_600 + 1;
    let mut world = stating(now - 3_600, 1);
    world.wait(900);
    world.heartbeat();
    world.wait(900);
    world.record_with(
        CASE,
        "NoteTaken",
        &["case"],
        &[],
        &[("iat", json!(world.clock - 890))],
    );
    world.seal();
    let bundle = world.bundle(CASE);
    let verdict = bundle.check(&world.trust()).unwrap();
    let named: Vec<_> = verdict
        .untimely
        .iter()
        .map(|untimely| (untimely.seq, untimely.finding.code, untimely.finding.index))
        .collect();
    assert_eq!(
        named,
        [(Seq::new(5), Code::TimeBackdated, Some(LogIndex::new(10)))],
        "the second one is recorded ten seconds after the heartbeat"
    );
    assert_eq!(
        (
            verdict.events.len(),
            verdict.documents.len(),
            verdict.notes.len()
        ),
        (6, 1, 0)
    );
    let mut two = stating(now - 3_600, 1);
    two.wait(900);
    two.heartbeat();
    two.wait(900);
    two.record_with(
        CASE,
        "NoteTaken",
        &["case"],
        &[],
        &[("iat", json!(two.clock - 1_800))],
    );
    two.seal();
    let codes: Vec<_> = two
        .bundle(CASE)
        .check(&two.trust())
        .unwrap()
        .untimely
        .into_iter()
        .map(|untimely| untimely.seq)
        .collect();
    assert_eq!(codes, [5, 6].map(Seq::new));
    let disclosures = bundle.disclosures(2);
    let bent = bundle.with_disclosures(2, &disclosures[..disclosures.len() - 1]);
    found(
        "what else is wrong is found",
        &bent,
        &world.trust(),
        Code::SdUndeclaredOmission,
    );
}

/// Entries behind a future event must be dated later too, or the order shows it.
#[test]
fn a_future_date_is_later_than_the_cosignature() {
    let mut world = World::honest();
    world.record_with(
        CASE,
        "NoteTaken",
        &["case"],
        &[],
        &[("iat", json!(world.clock + 3_600))],
    );
    let clock = world.clock;
    world.clock += 3_600;
    world.seal();
    world.checkpoints.pop();
    world.clock = clock;
    world.heartbeat();
    untimely(
        "38",
        &world.bundle(CASE),
        &world.trust(),
        5,
        Code::TimeAfterCosignature,
    );
    let bare = world.bundle(CASE).without("data/time/000005.tlog-proof");
    untimely(
        "38 omitted",
        &bare,
        &world.trust(),
        5,
        Code::TimeAfterCosignature,
    );
}

#[test]
fn evidence_of_time_must_hold() {
    let world = World::honest();
    let (bundle, trust) = (world.bundle(CASE), world.trust());
    evidence_that_is_wrong(&world, &bundle, &trust);
    let none = (1..=4).fold(bundle, |bundle, seq| {
        bundle
            .without(&format!("data/time/{seq:06}.before"))
            .without(&format!("data/time/{seq:06}.tlog-proof"))
    });
    clean(
        "none",
        &none,
        &trust,
        &[Code::TimeUnbounded, Code::TimeUnbounded],
    );
    let lax = world.trust_in(&format!(
        "log {}\nquorum none\n",
        world
            .policy_text()
            .lines()
            .nth(2)
            .unwrap()
            .strip_prefix("log ")
            .unwrap()
    ));
    let codes = [
        Code::TimeUnbounded,
        Code::TimeUnbounded,
        Code::CompletenessOperatorOnly,
    ];
    clean("nobody independent", &world.bundle(CASE), &lax, &codes);
}

fn evidence_that_is_wrong(world: &World, bundle: &Bundle, trust: &Trust) {
    let before = "data/time/000002.before";
    let after = "data/time/000002.tlog-proof";
    found(
        "contains it",
        &bundle.clone().with(before, world.checkpoints[4].2.clone()),
        trust,
        Code::TimeProof,
    );
    found(
        "no quorum",
        &bundle.clone().with(before, world.note(5, &[])),
        trust,
        Code::TimeProof,
    );
    found(
        "no log",
        &bundle.clone().with(
            before,
            world.checkpoints[2].2.replace("log.aarhus", "log.odense"),
        ),
        trust,
        Code::TimeProof,
    );
    found(
        "form",
        &bundle.clone().with(before, "x"),
        trust,
        Code::TimeProof,
    );
    found(
        "form",
        &bundle.clone().with(after, "x"),
        trust,
        Code::TimeProof,
    );
    let other = world.proof(6, 8, &world.note(8, &[0, 1]));
    found(
        "another event",
        &bundle.clone().with(after, other),
        trust,
        Code::TimeProof,
    );
    let mut later = world.clone();
    later.record(CASE, "NoteTaken", &["case"], &[]);
    later.seal();
    let newer = later.proof(5, 12, &later.note(12, &[0, 1]));
    found(
        "newer than the bundle",
        &bundle.clone().with(after, newer),
        trust,
        Code::TimeProof,
    );
}
