//! A clock both of whose readings are put, in every way in which clocks go wrong.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use record::positions::LogTime;

use super::super::{Grounds, Heard, SetLiveClock, Word};
use super::{Clock, ClockRefused, KnownTime, Watch};

const HOUR: Duration = Duration::from_hours(1);
const SECOND: Duration = Duration::from_secs(1);

fn ten() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn known(time: &str) -> Option<KnownTime> {
    Some(KnownTime {
        time: at(time),
        by: "entry 7".to_owned(),
    })
}

fn heard(by: &str, told: &str) -> Heard {
    Heard {
        by: by.to_owned(),
        told: at(told),
        asked: HOUR,
        slack: SECOND,
    }
}

struct Rig {
    clock: Arc<SetLiveClock>,
    watch: Watch,
}

fn rig(grounds: Grounds, known: Option<KnownTime>) -> Rig {
    let clock = Arc::new(SetLiveClock::new(ten(), grounds));
    let watch = Watch::start(Arc::<SetLiveClock>::clone(&clock), known);
    Rig { clock, watch }
}

impl Rig {
    fn jump(&self, hours: i64) {
        self.clock
            .jump(self.clock.now() + SignedDuration::from_hours(hours));
    }
}

#[test]
fn a_clock_that_keeps_pace_is_trusted_however_long_the_machine_sleeps() {
    let rig = rig(Grounds::default(), known("2026-11-20T09:59:59Z"));
    for hours in [0, 1, 24, 24 * 90] {
        rig.clock.pass(HOUR * hours);
        assert_eq!(rig.watch.read(), Ok(rig.clock.now()));
    }
}

#[test]
fn a_jump_in_either_direction_is_refused_until_the_clock_agrees_again() {
    for hours in [24 * 365, 48, 1, -1, -48] {
        let rig = rig(Grounds::default(), None);
        rig.watch.read().unwrap();
        rig.clock.pass(SECOND);
        rig.jump(hours);
        let refused = rig.watch.read().unwrap_err();
        assert_eq!(
            refused,
            ClockRefused::Jumped {
                says: rig.clock.now(),
                expected: ten() + SignedDuration::from_secs(1)
            },
            "what it says, and what it must say"
        );
        assert_eq!(rig.watch.refusal(), Some(refused));
        rig.clock.pass(HOUR * 30);
        assert!(
            rig.watch.read().is_err(),
            "no time that passes makes it right"
        );
        rig.jump(-hours);
        assert_eq!(rig.watch.read(), Ok(rig.clock.now()));
    }
}

#[test]
fn small_steps_are_followed_and_a_clock_that_creeps_is_not() {
    let rig = rig(Grounds::default(), None);
    let step = |seconds: i64| {
        rig.clock
            .jump(rig.clock.now() + SignedDuration::from_secs(seconds))
    };
    for _ in 0..100 {
        step(4);
        rig.clock.pass(HOUR);
        assert!(rig.watch.read().is_ok(), "four seconds an hour");
    }
    step(4);
    assert!(rig.watch.read().is_ok());
    step(4);
    assert!(
        matches!(rig.watch.read(), Err(ClockRefused::Jumped { .. })),
        "eight seconds within an hour"
    );
}

#[test]
fn at_the_start_a_clock_before_anything_known_is_refused_until_it_is_set() {
    let rig = rig(Grounds::default(), known("2026-11-20T10:00:06Z"));
    assert_eq!(
        rig.watch.read(),
        Err(ClockRefused::Behind {
            says: ten(),
            known: at("2026-11-20T10:00:06Z"),
            by: "entry 7".to_owned()
        })
    );
    rig.clock.jump(at("2026-11-20T12:00:00Z"));
    assert!(rig.watch.read().is_ok(), "it was put right");
    assert!(
        self::rig(Grounds::default(), known("2026-11-20T10:00:05Z"))
            .watch
            .read()
            .is_ok(),
        "within the bound"
    );
}

#[test]
fn a_pause_of_days_is_normal_and_a_longer_one_needs_a_clock_outside_or_the_operators_word() {
    assert!(
        rig(Grounds::default(), known("2026-10-21T10:00:00Z"))
            .watch
            .read()
            .is_ok(),
        "thirty days"
    );
    let alone = rig(Grounds::default(), known("2026-10-21T09:59:59Z"));
    let refused = alone.watch.read().unwrap_err();
    assert!(matches!(refused, ClockRefused::Pause { .. }));
    assert!(
        refused
            .to_string()
            .contains("more than 30 days after 2026-10-21T09:59:59Z, the time of entry 7"),
        "{refused}"
    );

    let outside = Grounds {
        heard: vec![heard("w1", "2026-11-20T10:00:00Z")],
        ..Grounds::default()
    };
    assert!(
        rig(outside, known("2024-10-21T09:59:59Z"))
            .watch
            .read()
            .is_ok()
    );

    let word = Word {
        reason: events::words::Words::parse("Two years in a cellar.").unwrap(),
        operator: "operator lise".to_owned(),
    };
    let trusted = rig(
        Grounds {
            word: Some(word.clone()),
            ..Grounds::default()
        },
        known("2024-10-21T09:59:59Z"),
    );
    assert!(trusted.watch.read().is_ok() && trusted.watch.owes());
    let (refused, given) = trusted.watch.owed().unwrap();
    assert_eq!((given, trusted.watch.owes()), (word.clone(), false));
    let facts = refused.set_aside(&word);
    assert_eq!(
        (facts.clock, facts.known_time),
        (Some(ten()), Some(at("2024-10-21T09:59:59Z")))
    );
    assert_eq!(facts.known_by.unwrap().as_str(), "entry 7");
    trusted.jump(1);
    assert!(
        trusted.watch.read().is_err(),
        "the word was about the start"
    );

    let needless = rig(
        Grounds {
            word: Some(word),
            ..Grounds::default()
        },
        known("2026-11-20T09:00:00Z"),
    );
    assert!(
        needless.watch.read().is_ok() && needless.watch.owed().is_none(),
        "nothing was set aside"
    );
}

#[test]
fn at_the_start_the_clock_must_agree_with_most_of_the_clocks_outside() {
    let start = |told: &[&str]| {
        let heard = told.iter().map(|told| heard("w", told)).collect();
        rig(
            Grounds {
                heard,
                ..Grounds::default()
            },
            known("2026-11-20T09:59:00Z"),
        )
        .watch
        .read()
        .map(|_| ())
    };
    let (right, slow, fast) = (
        "2026-11-20T10:00:03Z",
        "2026-11-20T09:00:00Z",
        "2026-11-22T10:00:00Z",
    );
    assert_eq!(start(&[right]), Ok(()));
    assert_eq!(
        start(&["2026-11-20T10:00:06Z"]),
        Ok(()),
        "the bound, and how long the answer took"
    );
    for told in [slow, fast] {
        assert_eq!(
            start(&[told]),
            Err(ClockRefused::Outside {
                says: ten(),
                told: at(told),
                by: "w".to_owned()
            })
        );
    }
    assert_eq!(
        start(&[right, fast]),
        Ok(()),
        "one that is wrong stops nothing"
    );
    assert!(start(&[fast, fast, right]).is_err());
}

/// A virtual machine that was paused: its running time stood still, its clock is put right.
#[test]
fn a_refused_clock_that_a_witness_confirms_is_trusted_again() {
    let rig = rig(Grounds::default(), known("2026-11-20T09:00:00Z"));
    rig.watch.read().unwrap();
    rig.jump(2);
    assert!(rig.watch.read().is_err());
    let now = rig.clock.now();
    let other = |seconds| now + SignedDuration::from_secs(seconds);
    rig.watch.hear("w1", ten(), now);
    rig.watch.hear("w1", other(6), now);
    rig.watch.hear("w1", other(-6), now);
    rig.watch.hear("w1", now, other(-6));
    assert!(
        rig.watch.read().is_err(),
        "another time, and an answer that took too long"
    );
    rig.watch.hear("w1", other(-1), other(-2));
    assert_eq!(rig.watch.read(), Ok(now));

    let behind = self::rig(Grounds::default(), known("2027-11-20T10:00:00Z"));
    assert!(behind.watch.read().is_err());
    behind.watch.hear("w1", ten(), ten());
    assert!(
        behind.watch.read().is_err(),
        "what the log itself knows weighs more: a person must look"
    );

    // A clock that was two hours ahead all along, and is put right: it would date two hours with
    // one second.
    let ahead = self::rig(Grounds::default(), None);
    ahead.watch.read().unwrap();
    ahead
        .watch
        .recorded(LogTime::new(u64::try_from(ten().as_second()).unwrap()));
    ahead.jump(-2);
    let right = ahead.clock.now();
    assert!(ahead.watch.read().is_err());
    ahead.watch.hear("w1", right, right);
    assert!(ahead.watch.read().is_err());
    ahead.clock.pass(HOUR * 2);
    ahead.watch.hear("w1", ten(), ten());
    assert!(ahead.watch.read().is_ok(), "it has caught up");
}

#[test]
fn a_clock_without_a_second_reading_is_not_watched() {
    let clock = Arc::new(super::super::SetClock::new(ten()));
    let watch = Watch::start(
        Arc::<super::super::SetClock>::clone(&clock),
        known("2030-01-01T00:00:00Z"),
    );
    clock.set(at("2020-01-01T00:00:00Z"));
    assert_eq!(
        (watch.read(), watch.refusal()),
        (Ok(at("2020-01-01T00:00:00Z")), None)
    );
}

#[test]
fn the_machines_clock_has_two_readings_that_agree() {
    let watch = Watch::start(
        Arc::new(super::super::LiveClock::new(
            super::super::BOUND_DEFAULT,
            None,
        )),
        None,
    );
    let first = watch.read().unwrap();
    assert!(watch.read().unwrap() >= first);
}
