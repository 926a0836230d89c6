//! A clock that is wrong when the log is opened, and the operator's word for it.

use std::sync::Arc;
use std::time::Duration;

use app::clock::{Clock, Grounds, Heard, SetLiveClock, Word};
use domain::reading::ReadingPoint;
use events::log::Safeguard;
use events::words::Words;
use jiff::{SignedDuration, Timestamp};
use record::entry::parse;
use record::positions::{LogIndex, Size};
use tests::loopback_servers::{Town, log_keys, until};
use tests::world::{World, ids};
use witness::keys::KeyKind;

use super::{close, opened, refused, seconds, stated, take, watched};

/// A log that was stopped, whose newest cosignature is newer than every entry.
struct Cosigned {
    dir: tempfile::TempDir,
    /// The time of the log.
    newest: Timestamp,
    /// The time of its witnesses.
    cosigned: Timestamp,
    size: u64,
}

async fn cosigned_after_an_hour() -> Cosigned {
    let world = World::with_alma().await;
    let mut town = Town::new();
    let keys = log_keys(&world.operator);
    let address = town.show(&world.operator);
    town.found(&keys, KeyKind::Ed25519, Some(address));
    town.found(&keys, KeyKind::Ed25519, None);
    world.operator.checkpoint().unwrap();
    town.courier(&world.operator, &keys);
    let size = world.public_log().size();
    until(&world.operator, "all", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(size))
    });
    let newest = world.public_log().now();
    // An hour of heartbeats.
    let cosigned = newest + SignedDuration::from_hours(1);
    world.clock.set(cosigned);
    town.takes_time_of(&world.operator);
    world.operator.nudge_witness_client();
    until(&world.operator, "fresh", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.time == Some(cosigned))
    });
    drop(town);
    let (dir, _) = world.stop();
    Cosigned {
        dir,
        newest,
        cosigned,
        size: size.get(),
    }
}

/// At a start: an hour before the newest cosignature, which is newer than every entry.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_with_a_clock_before_the_newest_cosignature_records_nothing_without_the_operators_word()
 {
    let Cosigned {
        dir,
        newest,
        cosigned,
        size,
    } = cosigned_after_an_hour().await;
    let half_way = Arc::new(SetLiveClock::new(
        newest + SignedDuration::from_mins(30),
        Grounds::default(),
    ));
    let (world, clock) = opened(dir, half_way);
    let refusal = world.operator.clock_refusal().unwrap();
    assert!(
        refusal.contains(&format!(
            "lies before {cosigned}, the time of the witnesses of the checkpoint of {size} entries"
        )),
        "{refusal}"
    );
    refused(&world, 1).await;
    assert_eq!(
        (
            world.public_log().size(),
            world.session().safeguard_overrides().unwrap()
        ),
        (Size::new(size), Vec::new())
    );
    // It is put right while the program runs.
    clock.jump(cosigned + SignedDuration::from_mins(1));
    take(&world, 1).await.unwrap();
    let (dir, _) = world.stop();

    // An operator who knows better.
    let word = Word {
        reason: Words::parse("The witness had set its clock ahead.").unwrap(),
        operator: "operator lise".to_owned(),
    };
    let grounds = Grounds {
        word: Some(word),
        ..Grounds::default()
    };
    let (world, clock) = opened(
        dir,
        Arc::new(SetLiveClock::new(
            newest + SignedDuration::from_mins(30),
            grounds,
        )),
    );
    let overrides = world.session().safeguard_overrides().unwrap();
    assert_eq!(overrides.len(), 1);
    let set_aside = &overrides[0];
    assert_eq!(
        (set_aside.safeguard, set_aside.operator.as_deref()),
        (Safeguard::Clock, Some("operator lise"))
    );
    assert_eq!(
        (set_aside.clock, set_aside.reason.text().as_str()),
        (Some(clock.now()), "The witness had set its clock ahead.")
    );
    let known_by = set_aside.known_by.as_ref().unwrap().as_str();
    assert!(
        known_by.starts_with("entry ") && set_aside.known_time > Some(newest),
        "{known_by}"
    );
    take(&world, 2).await.unwrap();
    world.operator.checkpoint().unwrap();
    assert_eq!(world.operator.clock_refusal(), None);
    assert!(world.audit().notes.is_empty());
}

/// The word is the first thing that stands behind a start, in front of anything dated by that
/// clock.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_long_pause_a_clock_outside_or_a_word_is_needed() {
    let (world, clock) = watched(Grounds::default(), SignedDuration::from_hours(24 * 31)).await;
    let size = world.public_log().size();
    assert!(
        world
            .operator
            .clock_refusal()
            .unwrap()
            .contains("no clock outside this machine answered")
    );
    refused(&world, 1).await;
    assert_eq!(world.public_log().size(), size);
    let dir = close(world);

    let outside = |told| {
        vec![Heard {
            by: "w1".to_owned(),
            told,
            asked: Duration::from_hours(1),
            slack: Duration::from_secs(1),
        }]
    };
    let wrong = Grounds {
        heard: outside(clock.now() - SignedDuration::from_hours(1)),
        ..Grounds::default()
    };
    let (world, _) = opened(dir, Arc::new(SetLiveClock::new(clock.now(), wrong)));
    assert!(
        world
            .operator
            .clock_refusal()
            .unwrap()
            .contains("by the clock of w1 it is")
    );
    refused(&world, 1).await;
    let dir = close(world);

    let (world, clock) = a_word_comes_first_and_once(dir, clock.now(), size.get());
    take(&world, 1).await.unwrap();
    let dir = close(world);
    let right = Grounds {
        heard: outside(clock.now() + SignedDuration::from_hours(24 * 90)),
        ..Grounds::default()
    };
    let (world, _) = opened(
        dir,
        Arc::new(SetLiveClock::new(
            clock.now() + SignedDuration::from_hours(24 * 90),
            right,
        )),
    );
    take(&world, 2).await.unwrap();
}

/// The operator's word is recorded before anything else, and not again where it is not needed.
fn a_word_comes_first_and_once(
    dir: tempfile::TempDir,
    at: Timestamp,
    size: u64,
) -> (World, Arc<SetLiveClock>) {
    let word = Word {
        reason: Words::parse("Flyttet til et andet hus.").unwrap(),
        operator: "operator lise".to_owned(),
    };
    let (world, _) = opened(
        dir,
        Arc::new(SetLiveClock::new(
            at,
            Grounds {
                word: Some(word.clone()),
                ..Grounds::default()
            },
        )),
    );
    let first = world.session().safeguard_overrides().unwrap()[0].event;
    let entry = parse(
        &world
            .session()
            .entry(LogIndex::new(size))
            .unwrap()
            .unwrap()
            .bytes,
    )
    .unwrap()
    .entry;
    assert!(
        matches!(entry, record::entry::Entry::Event(event) if event.event_id == first.uuid()),
        "before anything else"
    );
    let dir = close(world);

    let (world, clock) = opened(
        dir,
        Arc::new(SetLiveClock::new(
            at,
            Grounds {
                word: Some(word),
                ..Grounds::default()
            },
        )),
    );
    assert_eq!(
        world.session().safeguard_overrides().unwrap().len(),
        1,
        "a word that is not needed is not recorded"
    );
    (world, clock)
}

/// A log whose end no checkpoint covered when it was stopped.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_clock_keeps_no_log_from_being_opened_and_read() {
    let (world, clock) = watched(Grounds::default(), SignedDuration::ZERO).await;
    world.operator.checkpoint().unwrap();
    let begin = clock.now();
    take(&world, 1).await.unwrap();
    clock.jump(begin + SignedDuration::from_hours(24 * 365));
    let size = world.public_log().size();
    let dir = close(world);
    let (world, clock) = opened(
        dir,
        Arc::new(SetLiveClock::new(
            begin + SignedDuration::from_hours(24 * 365),
            Grounds::default(),
        )),
    );
    assert!(world.operator.clock_refusal().is_some());
    assert!(world.read(ids().case(), ReadingPoint::default()).is_some());
    assert_eq!(
        world.public_log().size(),
        size,
        "the checkpoint that is owed waits"
    );
    clock.jump(begin);
    take(&world, 2).await.unwrap();
    world.operator.checkpoint().unwrap();
    assert!(
        stated(&world.operator, 0)
            .iter()
            .all(|time| *time <= seconds(begin))
    );
    assert!(world.audit().notes.is_empty());
}
