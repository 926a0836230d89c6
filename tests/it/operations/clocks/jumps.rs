//! A clock that jumps while the log is open.

use std::time::Duration;

use app::clock::{Clock, Grounds};
use app::error::RecordError;
use domain::reading::ReadingPoint;
use jiff::SignedDuration;
use tests::waiting::wait_until;
use tests::world::ids;

use super::{refused, seconds, stated, take, watched};

/// The example that was found: one forward jump of a year for two commands dated every later entry
/// with one false second. Its siblings: two days ahead, an hour back.
#[tokio::test(flavor = "multi_thread")]
async fn a_jump_of_the_clock_dates_nothing_and_heals() {
    let (world, clock) = watched(Grounds::default(), SignedDuration::ZERO).await;
    let mut number = 0;
    for hours in [365 * 24, 48, -1] {
        take(&world, number).await.unwrap();
        world.operator.checkpoint().unwrap();
        let (begin, size) = (clock.now(), world.public_log().size());
        clock.pass(Duration::from_secs(10));
        clock.jump(clock.now() + SignedDuration::from_hours(hours));
        for command in [number + 1, number + 2] {
            refused(&world, command).await;
        }
        assert!(
            world
                .operator
                .clock_refusal()
                .unwrap()
                .contains("the clock was set"),
            "who asks for health is told why"
        );
        assert!(
            matches!(
                world.operator.rotate_event_key(None),
                Err(RecordError::ClockRefused(_))
            ),
            "keys are entries too"
        );
        assert!(
            world.operator.checkpoint().is_ok(),
            "nothing new: the same size may be signed again"
        );
        assert_eq!(world.public_log().size(), size, "nothing was written");
        assert!(
            world.read(ids().case(), ReadingPoint::default()).is_some(),
            "reading goes on"
        );

        clock.jump(begin + SignedDuration::from_secs(10));
        take(&world, number + 1).await.unwrap();
        take(&world, number + 2).await.unwrap();
        world.operator.checkpoint().unwrap();
        assert_eq!(
            stated(&world.operator, size.get()),
            [seconds(clock.now()); 3],
            "two notes and the end of the log"
        );
        assert_eq!(world.operator.clock_refusal(), None);
        number += 3;
    }
    assert!(world.audit().notes.is_empty());
}

/// What is due while the clock is refused is made when it agrees again.
#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_that_is_due_waits_for_a_clock_that_can_be_trusted() {
    let (world, clock) = watched(Grounds::default(), SignedDuration::ZERO).await;
    world.operator.checkpoint().unwrap();
    let size = world.public_log().size();
    take(&world, 1).await.unwrap();
    let begin = clock.now();
    clock.jump(begin + SignedDuration::from_hours(48));
    let refused = world.operator.checkpoint();
    // The checkpoint may have been due, and made, just before.
    let made = world.public_log().size() == size.grown_by(2).unwrap();
    assert!(
        made || matches!(refused, Err(RecordError::ClockRefused(_))),
        "{refused:?}"
    );
    clock.jump(begin);
    wait_until("it is made by itself", || {
        world.public_log().checkpoint_note().unwrap().unwrap().0 >= size.grown_by(2).unwrap()
    });
    assert_eq!(stated(&world.operator, size.get()), [seconds(begin); 2]);
}

/// S9, of a clock that is watched: what it may differ by is the bound, and time stands still
/// meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_small_step_back_lets_the_logs_time_stand_still() {
    let (world, clock) = watched(Grounds::default(), SignedDuration::ZERO).await;
    let (begin, size) = (clock.now(), world.public_log().size());
    take(&world, 1).await.unwrap();
    clock.jump(begin - SignedDuration::from_secs(4));
    take(&world, 2).await.unwrap();
    world.operator.checkpoint().unwrap();
    assert!(
        stated(&world.operator, size.get())
            .iter()
            .all(|time| *time == seconds(begin))
    );
}
