//! Checkpoints are stamped when the log has grown and when a day has passed; an authority that is
//! down or deceives leaves a gap that is seen.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use app::clock::{Clock, SetClock};
use app::operations::operator::Operator;
use app::queries::witnessing::Standing;
use jiff::Timestamp;
use record::positions::Size;
use tests::waiting::wait_until;
use tests::world::{World, layout};

use super::{Authority, checkpointed_today, grow, installed, later, start_stamper, until};

fn body(world: &World) -> String {
    let (_, note) = world.public_log().checkpoint_note().unwrap().unwrap();
    record::note::Note::parse(&note).unwrap().body
}

fn count(world: &World) -> usize {
    world.public_log().time_stamps(Size::EMPTY).unwrap().len()
}

/// The clock of a world, which counts how often the stamper has read it: it does so whenever it
/// looks whether something is due, and when a stamp has come.
struct Looks {
    clock: Arc<SetClock>,
    count: Mutex<u64>,
    more: Condvar,
}

impl Clock for Looks {
    fn now(&self) -> Timestamp {
        if std::thread::current().name() == Some("stamper") {
            *self.count.lock().unwrap() += 1;
            self.more.notify_all();
        }
        self.clock.now()
    }
}

impl Looks {
    /// Waits until the stamper has looked at the time that it is now, and has done what it found
    /// due: when it reads the clock a second time, the first look has ended, with a stamp or
    /// without.
    fn have_ended(&self, world: &World) {
        for _ in 0..2 {
            let before = *self.count.lock().unwrap();
            world.operator.nudge_stamper();
            let (count, waited) = self
                .more
                .wait_timeout_while(
                    self.count.lock().unwrap(),
                    Duration::from_secs(60),
                    |count| *count == before,
                )
                .unwrap();
            drop(count);
            assert!(!waited.timed_out(), "the stamper reads the clock");
        }
    }
}

/// The world again, by a clock that counts.
fn watched(world: World) -> (World, Arc<Looks>) {
    let clock = Arc::clone(&world.clock);
    let (dir, _) = world.stop();
    let looks = Arc::new(Looks {
        clock: Arc::clone(&clock),
        count: Mutex::default(),
        more: Condvar::new(),
    });
    let operator = Operator::open(
        layout(dir.path()),
        Arc::<Looks>::clone(&looks),
        &mut |_, _| {},
    )
    .unwrap();
    let schema = api::schema::schema();
    let world = World {
        dir,
        clock,
        operator,
        schema,
    };
    (world, looks)
}

fn first_checkpoint_is_stamped(world: &World, authority: &Authority) {
    let size = world.public_log().size();
    let status = until(world, "the first", |status| status.size == Some(size));
    assert!(status.time.is_some() && status.error.is_none());
    let tokens = world.public_log().time_stamps(Size::EMPTY).unwrap();
    assert_eq!(tokens.len(), 1);
    assert!(
        authority.verifies(&body(world), &tokens[0]),
        "openssl ts -verify"
    );
    assert!(
        !authority.verifies(&body(world).replace('\n', " \n"), &tokens[0]),
        "of no other body"
    );
    assert_eq!(
        world.session().standing(size.last().unwrap()).unwrap(),
        Some(Standing::Checkpointed),
        "without witnesses a stamp alone is no more"
    );
}

async fn stamped_hourly_and_daily(world: &World, looks: &Looks) {
    grow(world, 77).await;
    later(world, 59);
    looks.have_ended(world);
    assert_eq!(count(world), 1, "not within the hour");
    later(world, 1);
    until(world, "hourly", |status| {
        status.size == Some(world.public_log().size())
    });
    later(world, 61);
    looks.have_ended(world);
    assert_eq!(
        count(world),
        2,
        "a log that has not grown waits for the day"
    );
    later(world, 23 * 60);
    wait_until("daily", || count(world) == 3);
}

/// An authority that is down or deceives leaves a gap that is seen; checkpoints go on.
async fn a_gap_is_seen_and_ends(world: &World, authority: &Authority) {
    authority.closed.store(true, Ordering::Relaxed);
    grow(world, 78).await;
    later(world, 60);
    let down = until(world, "down", |status| status.error.is_some());
    assert!(down.failing_since.is_some() && down.error.unwrap().contains("did not answer"));
    grow(world, 79).await;
    authority.replays.store(true, Ordering::Relaxed);
    authority.closed.store(false, Ordering::Relaxed);
    until(world, "deceived", |status| {
        status
            .error
            .as_deref()
            .is_some_and(|error| error.contains("something else"))
    });
    assert_eq!(count(world), 3, "only a stamp of what was sent is kept");
    authority.replays.store(false, Ordering::Relaxed);
    let well = until(world, "well", |status| status.error.is_none());
    assert_eq!(
        (well.size, well.failing_since),
        (Some(world.public_log().size()), None)
    );
    let tokens = world
        .public_log()
        .time_stamps(world.public_log().size())
        .unwrap();
    assert!(authority.verifies(&body(world), tokens.last().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn checkpoints_are_stamped_hourly_when_the_log_grows_and_daily_when_not() {
    if !installed() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::start(dir.path());
    let (world, looks) = watched(checkpointed_today().await);
    start_stamper(&world, &authority);
    first_checkpoint_is_stamped(&world, &authority);
    stamped_hourly_and_daily(&world, &looks).await;
    a_gap_is_seen_and_ends(&world, &authority).await;
}
