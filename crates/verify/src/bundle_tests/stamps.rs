//! Time stamps over the checkpoint of a bundle and over earlier ones.

use super::{clean, found};
use crate::bundle::{Stamp, StampChecker, check};
use crate::code::Code;
use crate::position::{LogTime, Size};
use crate::test_support::bundle::{Bundle, finding};
use crate::test_support::time_stamp::time_stamp;
use crate::test_support::world::{CASE, World};

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
        size: Size::new(10),
        time: LogTime::new(1_795_608_000),
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
        [(Size::new(5), LogTime::new(1_795_176_000))]
    );
    let dated: Vec<_> = verdict
        .events
        .iter()
        .map(|event| (Size::new(5).holds(event.index), event.stamped))
        .collect();
    assert_eq!(dated[0], (true, Some(LogTime::new(1_795_176_000))));
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
        [1_795_176_000, 1_795_608_000]
            .map(LogTime::new)
            .map(Some)
            .into()
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
