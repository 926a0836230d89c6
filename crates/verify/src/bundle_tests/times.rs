//! Times that are stated, against what witnesses saw.

use serde_json::json;

use super::{clean, found};
use crate::bundle_builder::{CASE, World};
use crate::code::Code;

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
    clean("honest", &stating(now, 1).bundle(CASE), &World::honest().trust(), &[]);
    let judged = |attack: &str, iat: u64, after: u64, code: Code| {
        let world = stating(iat, after);
        found(attack, &world.bundle(CASE), &world.trust(), code);
    };
    judged("37", now, 3 * 86_400, Code::TimeSealedLate);
    judged("37b", now - 20 * 3_600, 1, Code::TimeBackdated);
    judged("38", now + 3_600, 0, Code::TimeOrder);
    let backdated = stating(now - 20 * 3_600, 1);
    let unbounded = backdated.bundle(CASE).without("data/time/000005.before");
    clean("37c", &unbounded, &backdated.trust(), &[Code::TimeUnbounded]);
    let late = stating(now, 3 * 86_400);
    clean("37 omitted", &late.bundle(CASE).without("data/time/000005.tlog-proof"), &late.trust(), &[Code::TimeUnbounded]);
    clean("skew", &stating(now - 5, 1).bundle(CASE), &World::honest().trust(), &[]);
}

/// Entries behind a future event must be dated later too, or the order shows it.
#[test]
fn a_future_date_is_later_than_the_cosignature() {
    let mut world = World::honest();
    world.record_with(CASE, "NoteTaken", &["case"], &[], &[("iat", json!(world.clock + 3_600))]);
    let clock = world.clock;
    world.clock += 3_600;
    world.seal();
    world.checkpoints.pop();
    world.clock = clock;
    world.heartbeat();
    found("38", &world.bundle(CASE), &world.trust(), Code::TimeAfterCosignature);
    let bare = world.bundle(CASE).without("data/time/000005.tlog-proof");
    found("38 omitted", &bare, &world.trust(), Code::TimeAfterCosignature);
}

#[test]
fn evidence_of_time_must_hold() {
    let world = World::honest();
    let (bundle, trust) = (world.bundle(CASE), world.trust());
    let before = "data/time/000002.before";
    let after = "data/time/000002.tlog-proof";
    found("contains it", &bundle.clone().with(before, world.checkpoints[4].2.clone()), &trust, Code::TimeProof);
    found("no quorum", &bundle.clone().with(before, world.note(5, &[])), &trust, Code::TimeProof);
    found("no log", &bundle.clone().with(before, world.checkpoints[2].2.replace("log.aarhus", "log.odense")), &trust, Code::TimeProof);
    found("form", &bundle.clone().with(before, "x"), &trust, Code::TimeProof);
    found("form", &bundle.clone().with(after, "x"), &trust, Code::TimeProof);
    let other = world.proof(6, 8, &world.note(8, &[0, 1]));
    found("another event", &bundle.clone().with(after, other), &trust, Code::TimeProof);
    let mut later = world.clone();
    later.record(CASE, "NoteTaken", &["case"], &[]);
    later.seal();
    let newer = later.proof(5, 12, &later.note(12, &[0, 1]));
    found("newer than the bundle", &bundle.clone().with(after, newer), &trust, Code::TimeProof);
    let none = (1..=4).fold(bundle, |bundle, seq| {
        bundle.without(&format!("data/time/{seq:06}.before")).without(&format!("data/time/{seq:06}.tlog-proof"))
    });
    clean("none", &none, &trust, &[Code::TimeUnbounded, Code::TimeUnbounded]);
    let lax = world.trust_in(&format!("log {}\nquorum none\n", world.policy_text().lines().nth(2).unwrap().strip_prefix("log ").unwrap()));
    let codes = [Code::TimeUnbounded, Code::TimeUnbounded, Code::CompletenessOperatorOnly];
    clean("nobody independent", &world.bundle(CASE), &lax, &codes);
}
