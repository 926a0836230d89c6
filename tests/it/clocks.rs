//! Clocks that jump, clocks that were wrong all along, and witnesses that are slow: nothing is
//! dated falsely, and nothing honest is called false.

use std::io::{BufRead, BufReader, Cursor, Read, Write};
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::{Duration, Instant};

use app::bundle::{BundleOrder, Withheld};
use app::clock::{Clock, Grounds, Heard, SetClock, SetLiveClock, Word};
use app::courier::{CourierSettings, Policy, Shown, TransportAnswer, WitnessTransport};
use app::error::{BoxError, RecordError};
use app::order::Order;
use app::service::App;
use domain::reading::ReadingPoint;
use events::event::Event;
use events::ids::CommandId;
use events::log::Safeguard;
use events::meta::Meta;
use events::time::Occurred;
use events::words::Words;
use jiff::{SignedDuration, Timestamp};
use record::entry::parse;
use serde_json::{Value, json};
use tests::http::{graphql, send};
use tests::program::{Server, command, run, text};
use tests::world::{World, caseworker, ids, layout};
use uuid::Uuid;
use verify::bundle::Trust;
use verify::code::Code;
use verify::position::LogTime;
use witness::files::LogFiles;
use witness::keys::{KeyKind, LogKey, WitnessKey};
use witness::witness::{Arrival, LogSettings, Witness};

use crate::town::{LogKeys, Town, log_keys, until};

fn seconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_second()).unwrap()
}

/// The time that every entry states, from an index on.
fn stated(app: &App, from: u64) -> Vec<u64> {
    (from..app.size())
        .map(|index| {
            parse(&app.entry(index).unwrap().unwrap().bytes)
                .unwrap()
                .entry
                .recorded_at()
        })
        .collect()
}

fn note(number: u128) -> Value {
    json!({
        "commandId": Uuid::from_u128(0x0c10_c000 + number), "stream": ids().case(), "occurred": "2024-11-05",
        "facts": { "kind": "FACT", "text": format!("Notat nummer {number}.") },
    })
}

async fn take(world: &World, number: u128) -> Result<(), String> {
    let outcome = world.order("takeNote", note(number), caseworker()).await?;
    assert_eq!(outcome["userErrors"], json!([]));
    Ok(())
}

async fn refused(world: &World, number: u128) {
    let message = take(world, number).await.unwrap_err();
    assert!(
        message.starts_with("the clock is refused, nothing was written"),
        "{message}"
    );
}

/// A recorded case, opened again by a watched clock that says what the other clock said last.
async fn watched(grounds: Grounds, later: SignedDuration) -> (World, Arc<SetLiveClock>) {
    let world = World::with_alma().await;
    let at = world.app.now() + later;
    let (dir, _) = world.stop();
    opened(dir, Arc::new(SetLiveClock::new(at, grounds)))
}

fn opened(dir: tempfile::TempDir, clock: Arc<SetLiveClock>) -> (World, Arc<SetLiveClock>) {
    let app = Arc::new(
        App::open(
            layout(dir.path()),
            Arc::<SetLiveClock>::clone(&clock),
            &mut |_, _| {},
        )
        .unwrap(),
    );
    let schema = api::schema::schema(Arc::clone(&app));
    (
        World {
            dir,
            clock: Arc::new(SetClock::new(Timestamp::UNIX_EPOCH)),
            app,
            schema,
        },
        clock,
    )
}

/// The example that was found: one forward jump of a year for two commands dated every later entry
/// with one false second. Its siblings: two days ahead, an hour back.
#[tokio::test(flavor = "multi_thread")]
async fn a_jump_of_the_clock_dates_nothing_and_heals() {
    let (world, clock) = watched(Grounds::default(), SignedDuration::ZERO).await;
    let mut number = 0;
    for hours in [365 * 24, 48, -1] {
        take(&world, number).await.unwrap();
        world.app.checkpoint().unwrap();
        let (begin, size) = (clock.now(), world.app.size());
        clock.pass(Duration::from_secs(10));
        clock.jump(clock.now() + SignedDuration::from_hours(hours));
        for command in [number + 1, number + 2] {
            refused(&world, command).await;
        }
        assert!(
            world
                .app
                .clock_refusal()
                .unwrap()
                .contains("the clock was set"),
            "who asks for health is told why"
        );
        assert!(
            matches!(
                world.app.rotate_event_key(None),
                Err(RecordError::ClockRefused(_))
            ),
            "keys are entries too"
        );
        assert!(
            world.app.checkpoint().is_ok(),
            "nothing new: the same size may be signed again"
        );
        assert_eq!(world.app.size(), size, "nothing was written");
        assert!(
            world.read(ids().case(), ReadingPoint::default()).is_some(),
            "reading goes on"
        );

        clock.jump(begin + SignedDuration::from_secs(10));
        take(&world, number + 1).await.unwrap();
        take(&world, number + 2).await.unwrap();
        world.app.checkpoint().unwrap();
        assert_eq!(
            stated(&world.app, size),
            [seconds(clock.now()); 3],
            "two notes and the end of the log"
        );
        assert_eq!(world.app.clock_refusal(), None);
        number += 3;
    }
    assert!(world.audit().notes.is_empty());
}

/// What is due while the clock is refused is made when it agrees again.
#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_that_is_due_waits_for_a_clock_that_can_be_trusted() {
    let (world, clock) = watched(Grounds::default(), SignedDuration::ZERO).await;
    world.app.checkpoint().unwrap();
    let size = world.app.size();
    take(&world, 1).await.unwrap();
    let begin = clock.now();
    clock.jump(begin + SignedDuration::from_hours(48));
    let refused = world.app.checkpoint();
    // The checkpoint may have been due, and made, just before.
    let made = world.app.size() == size + 2;
    assert!(
        made || matches!(refused, Err(RecordError::ClockRefused(_))),
        "{refused:?}"
    );
    clock.jump(begin);
    let until = Instant::now() + Duration::from_secs(20);
    while world.app.checkpoint_note().unwrap().unwrap().0 < size + 2 {
        assert!(Instant::now() < until, "it is made by itself");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(stated(&world.app, size), [seconds(begin); 2]);
}

/// S9, of a clock that is watched: what it may differ by is the bound, and time stands still
/// meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_small_step_back_lets_the_logs_time_stand_still() {
    let (world, clock) = watched(Grounds::default(), SignedDuration::ZERO).await;
    let (begin, size) = (clock.now(), world.app.size());
    take(&world, 1).await.unwrap();
    clock.jump(begin - SignedDuration::from_secs(4));
    take(&world, 2).await.unwrap();
    world.app.checkpoint().unwrap();
    assert!(
        stated(&world.app, size)
            .iter()
            .all(|time| *time == seconds(begin))
    );
}

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
    let keys = log_keys(&world.app);
    let address = town.show(&world.app);
    town.found(&keys, KeyKind::Ed25519, Some(address));
    town.found(&keys, KeyKind::Ed25519, None);
    world.app.checkpoint().unwrap();
    town.courier(&world.app, &keys);
    let size = world.app.size();
    until(&world.app, "all", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(size))
    });
    let newest = world.app.now();
    // An hour of heartbeats.
    let cosigned = newest + SignedDuration::from_hours(1);
    world.clock.set(cosigned);
    town.takes_time_of(&world.app);
    world.app.nudge_courier();
    until(&world.app, "fresh", |status| {
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
        size,
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
    let refusal = world.app.clock_refusal().unwrap();
    assert!(
        refusal.contains(&format!(
            "lies before {cosigned}, the time of the witnesses of the checkpoint of {size} entries"
        )),
        "{refusal}"
    );
    refused(&world, 1).await;
    assert_eq!(
        (world.app.size(), world.app.safeguard_overrides().unwrap()),
        (size, Vec::new())
    );
    // It is put right while the program runs.
    clock.jump(cosigned + SignedDuration::from_mins(1));
    take(&world, 1).await.unwrap();
    let World {
        dir, app, schema, ..
    } = world;
    app.close().unwrap();
    drop((schema, app));

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
    let overrides = world.app.safeguard_overrides().unwrap();
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
    world.app.checkpoint().unwrap();
    assert_eq!(world.app.clock_refusal(), None);
    assert!(world.audit().notes.is_empty());
}

/// The word is the first thing that stands behind a start, in front of anything dated by that
/// clock.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_long_pause_a_clock_outside_or_a_word_is_needed() {
    let (world, clock) = watched(Grounds::default(), SignedDuration::from_hours(24 * 31)).await;
    let size = world.app.size();
    assert!(
        world
            .app
            .clock_refusal()
            .unwrap()
            .contains("no clock outside this machine answered")
    );
    refused(&world, 1).await;
    assert_eq!(world.app.size(), size);
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
            .app
            .clock_refusal()
            .unwrap()
            .contains("by the clock of w1 it is")
    );
    refused(&world, 1).await;
    let dir = close(world);

    let (world, clock) = a_word_comes_first_and_once(dir, clock.now(), size);
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

fn close(world: World) -> tempfile::TempDir {
    let World {
        dir, app, schema, ..
    } = world;
    app.close().unwrap();
    drop((schema, app));
    dir
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
    let first = world.app.safeguard_overrides().unwrap()[0].event;
    let entry = parse(&world.app.entry(size).unwrap().unwrap().bytes)
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
        world.app.safeguard_overrides().unwrap().len(),
        1,
        "a word that is not needed is not recorded"
    );
    (world, clock)
}

/// A log whose end no checkpoint covered when it was stopped.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_clock_keeps_no_log_from_being_opened_and_read() {
    let (world, clock) = watched(Grounds::default(), SignedDuration::ZERO).await;
    world.app.checkpoint().unwrap();
    let begin = clock.now();
    take(&world, 1).await.unwrap();
    clock.jump(begin + SignedDuration::from_hours(24 * 365));
    let size = world.app.size();
    let dir = close(world);
    let (world, clock) = opened(
        dir,
        Arc::new(SetLiveClock::new(
            begin + SignedDuration::from_hours(24 * 365),
            Grounds::default(),
        )),
    );
    assert!(world.app.clock_refusal().is_some());
    assert!(world.read(ids().case(), ReadingPoint::default()).is_some());
    assert_eq!(world.app.size(), size, "the checkpoint that is owed waits");
    clock.jump(begin);
    take(&world, 2).await.unwrap();
    world.app.checkpoint().unwrap();
    assert!(
        stated(&world.app, 0)
            .iter()
            .all(|time| *time <= seconds(begin))
    );
    assert!(world.audit().notes.is_empty());
}

/// What a witness reads the log through: it takes a minute, and caseworkers go on recording
/// meanwhile.
struct Loaded {
    app: Weak<App>,
    clock: Arc<SetClock>,
    left: Arc<AtomicUsize>,
    /// A request is being worked on, and the minute of this one has not passed.
    fresh: Arc<Mutex<bool>>,
}

fn record(app: &App, number: usize) {
    let facts = json!({ "kind": "FACT", "text": [format!("Under arbejdet, nummer {number}.")] });
    let order = Order {
        command: CommandId::new(Uuid::from_u128(
            0x010a_d000 + u128::try_from(number).unwrap(),
        ))
        .unwrap(),
        event: None,
        stream: Some(ids().case()),
        expected_version: None,
        also: Vec::new(),
        meta: Meta::at(Occurred::On("2024-11-05".parse().unwrap())),
        facts: Event::from_json("NoteTaken", facts).unwrap(),
    };
    app.record(&order, &caseworker()).unwrap();
}

impl LogFiles for Loaded {
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, witness::files::BoxError> {
        let app = self.app.upgrade().ok_or("the log is gone")?;
        let mut fresh = self.fresh.lock().unwrap();
        if std::mem::take(&mut *fresh) && self.left.load(Ordering::Relaxed) > 0 {
            let number = self.left.fetch_sub(1, Ordering::Relaxed);
            // Right behind the checkpoint that is being looked at, and then a minute passes.
            record(&app, number);
            self.clock
                .set(self.clock.now() + SignedDuration::from_secs(60));
        }
        drop(fresh);
        Ok(app.tile(path)?)
    }
}

/// A witness in this process, by the log's own clock.
struct Slow {
    witness: OnceLock<Witness>,
    fresh: Arc<Mutex<bool>>,
    refused: Mutex<Vec<String>>,
}

impl WitnessTransport for Slow {
    fn add_checkpoint(
        &self,
        _: &str,
        body: &str,
        asked_at: u64,
    ) -> Result<TransportAnswer, BoxError> {
        let witness = self.witness.get().unwrap();
        *self.fresh.lock().unwrap() = true;
        let answer = witness.answer(
            body.as_bytes(),
            Arrival {
                at: witness.now(),
                asked: Some(LogTime::new(asked_at)),
            },
        );
        if answer.status != 200 && answer.status != 409 {
            self.refused
                .lock()
                .unwrap()
                .push(format!("{} {}", answer.status, answer.body));
        }
        Ok(TransportAnswer {
            status: answer.status,
            body: answer.body,
        })
    }

    fn latest(&self, _: &str, _: &str) -> Result<Shown, BoxError> {
        Ok(Shown::default())
    }
}

/// How many checkpoints the slow witness looks at while caseworkers go on.
const ROUNDS: usize = 8;

/// A witness that reads the log slowly, with its key; `left` counts the rounds of the load.
fn slow_witness(
    world: &World,
    keys: &LogKeys,
    left: &Arc<AtomicUsize>,
    state: &Path,
) -> (Arc<Slow>, String) {
    let fresh = Arc::<Mutex<bool>>::default();
    let files = Loaded {
        app: Arc::downgrade(&world.app),
        clock: Arc::clone(&world.clock),
        left: Arc::clone(left),
        fresh: Arc::clone(&fresh),
    };
    let key = WitnessKey::new("witness.example/slow", KeyKind::Ed25519, [9; 32]).unwrap();
    let vkey = key.vkey();
    let settings = LogSettings {
        keys: keys
            .0
            .iter()
            .map(|key| LogKey::parse(key).unwrap())
            .collect(),
        files: Some(Box::new(files)),
        keep: None,
    };
    let clock = Arc::clone(&world.clock);
    let witness = Witness::open(
        vec![key],
        vec![settings],
        state,
        Box::new(move || seconds(clock.now())),
    )
    .unwrap();
    let slow = Arc::new(Slow {
        witness: OnceLock::new(),
        fresh,
        refused: Mutex::default(),
    });
    assert!(slow.witness.set(witness).is_ok());
    (slow, vkey)
}

/// The bytes of a bundle of the case, with its documents.
fn bundle_of(world: &World) -> Vec<u8> {
    let snapshot = world.app.snapshot(Duration::from_secs(20)).unwrap();
    let mut bytes = Cursor::new(Vec::new());
    let order = BundleOrder {
        stream: ids().case(),
        withheld: &Withheld::default(),
        documents: true,
        pinned: &[],
    };
    world
        .app
        .write_bundle(&snapshot, &order, &caseworker(), &mut bytes)
        .unwrap();
    bytes.into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_needs_a_minute_under_load_refuses_nothing_and_every_event_verifies() {
    let world = World::with_alma().await;
    world.app.checkpoint().unwrap();
    let (keys, state) = (log_keys(&world.app), tempfile::tempdir().unwrap());
    let left = Arc::new(AtomicUsize::new(ROUNDS));
    let (slow, vkey) = slow_witness(&world, &keys, &left, state.path());
    let text = format!(
        "log {}\nwitness logpq {}\nwitness w1 {vkey} http://slow.invalid\ngroup q all logpq w1\nquorum q\n",
        keys.0[0], keys.0[1]
    );
    let (begin, before) = (
        world.app.now(),
        world.app.version(ids().case()).unwrap().unwrap(),
    );
    let policy = Policy::parse(&text).unwrap();
    let settings = CourierSettings {
        retry: Duration::from_millis(20),
        ..CourierSettings::new(policy)
    };
    world
        .app
        .start_courier(settings, Arc::<Slow>::clone(&slow))
        .unwrap();
    until(&world.app, "the end of the load", |status| {
        left.load(Ordering::Relaxed) == 0
            && status.quorum_size == Some(world.app.size())
            && status.witnesses[0].size == Some(world.app.size())
    });
    assert_eq!(*slow.refused.lock().unwrap(), Vec::<String>::new());
    assert!(
        world.app.now() >= begin + SignedDuration::from_secs(60 * 8),
        "each round took a minute"
    );

    let bytes = bundle_of(&world);
    let policy =
        verify::policy::Policy::parse(text.replace(" http://slow.invalid", "").as_bytes()).unwrap();
    let trust = Trust {
        policy,
        pin: None,
        receipts: Vec::new(),
        verifying: Some("w1".to_owned()),
    };
    let verdict = crate::evidence::check(&bytes, &trust).unwrap();
    // What was recorded before there were witnesses was seen late; nothing else is wrong.
    let wrong = verdict.untimely.iter().filter(|untimely| {
        untimely.finding.code != Code::TimeSealedLate || untimely.seq.get() > before
    });
    assert_eq!(
        wrong.collect::<Vec<_>>(),
        Vec::<&verify::bundle::Untimely>::new(),
        "every event verifies"
    );
    let under_load = verdict
        .events
        .iter()
        .filter(|event| event.recorded.get() >= seconds(begin) && event.not_before.is_some());
    let gaps: Vec<u64> = under_load
        .map(|event| event.not_before.unwrap().since(event.recorded))
        .collect();
    assert!(gaps.len() >= ROUNDS, "{gaps:?}");
    assert_eq!(
        slow.witness
            .get()
            .unwrap()
            .passes(&world.app.layout().origin())
            .unwrap(),
        ""
    );
}

/// The program on a log that was last written to long ago: it serves, refuses to record, and takes
/// the operator's word.
#[tokio::test(flavor = "multi_thread")]
async fn the_program_takes_the_operators_word_for_the_clock() {
    let (dir, _) = World::with_alma().await.stop();
    let mut number = 0;
    let mut asked = |server: &Server| {
        number += 1;
        let query = "mutation($input: TakeNoteInput!) { takeNote(input: $input) { receipt { position } userErrors { code } } }";
        graphql(server.address, query, &json!({ "input": note(number) }))
            .unwrap()
            .json()
    };
    let size = |server: &Server| {
        graphql(server.address, "{ log { size } }", &json!({}))
            .unwrap()
            .json()["data"]["log"]["size"]
            .clone()
    };
    let mut server = Server::start(dir.path());
    let before = size(&server);
    let refused = asked(&server);
    assert_eq!(
        refused["errors"][0]["extensions"]["code"], "CLOCK_REFUSED",
        "{refused}"
    );
    assert!(
        refused["errors"][0]["message"]
            .as_str()
            .unwrap()
            .contains("--trust-clock"),
        "it says what to do: {refused}"
    );
    assert_eq!(size(&server), before);
    assert!(server.terminate().success());
    let activated = run(dir.path(), &["rules", "activate"]);
    assert!(
        !activated.status.success() && text(&activated.stderr).contains("the clock is refused"),
        "{}",
        text(&activated.stderr)
    );
    let empty = run(dir.path(), &["rules", "activate", "--trust-clock", " "]);
    assert!(
        !empty.status.success() && text(&empty.stderr).contains("--trust-clock needs a reason"),
        "{}",
        text(&empty.stderr)
    );

    let mut server = Server::start_with(
        dir.path(),
        &["--trust-clock", "The house was closed for a long time."],
    );
    assert_eq!(asked(&server)["data"]["takeNote"]["userErrors"], json!([]));
    let query = "{ log { safeguardOverrides { safeguard reason operator knownBy } } }";
    let told = graphql(server.address, query, &json!({})).unwrap().json()["data"]["log"]["safeguardOverrides"].clone();
    assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
    assert_eq!(
        (&told[0]["safeguard"], &told[0]["reason"]),
        (
            &json!("CLOCK"),
            &json!("The house was closed for a long time.")
        )
    );
    assert!(
        !told[0]["operator"].as_str().unwrap().is_empty()
            && told[0]["knownBy"].as_str().unwrap().starts_with("entry ")
    );
    assert!(server.terminate().success());
    let mut server = Server::start(dir.path());
    assert_eq!(
        asked(&server)["data"]["takeNote"]["userErrors"],
        json!([]),
        "from then on the clock goes with the log"
    );
    assert!(server.terminate().success());
}

/// What a witness answers when it is asked for its latest checkpoint: none, and the time.
fn telling(headers: Vec<String>) -> (std::net::SocketAddr, std::thread::JoinHandle<()>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = std::thread::spawn(move || {
        for header in headers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4_096];
            let read = stream.read(&mut request).unwrap();
            assert!(
                request[..read].starts_with(b"GET /"),
                "{}",
                String::from_utf8_lossy(&request[..read])
            );
            stream
                .write_all(format!("HTTP/1.1 404 Not Found\r\n{header}content-length: 0\r\nconnection: close\r\n\r\n").as_bytes())
                .unwrap();
        }
    });
    (address, thread)
}

fn date(time: Timestamp) -> String {
    format!("date: {}\r\n", time.strftime("%a, %d %b %Y %H:%M:%S GMT"))
}

/// The program compares its clock with those of the witnesses before it records anything.
#[test]
fn the_program_refuses_a_clock_that_its_witnesses_contradict() {
    let dir = tests::program::imported();
    let vkey = text(
        &run(
            dir.path(),
            &[
                "witness",
                "key",
                "--name",
                "witness.example/w1",
                "--out",
                dir.path().join("w1").to_str().unwrap(),
            ],
        )
        .stdout,
    );
    let lines = tests::program::policy_lines(&text(&run(dir.path(), &["log-key"]).stdout));
    let now = app::clock::SystemClock.now();
    let off = date(now - SignedDuration::from_hours(2));
    let (address, thread) = telling(vec![off.clone(), format!("age: 7200\r\n{off}"), date(now)]);
    let policy = dir.path().join("policy");
    std::fs::write(
        &policy,
        format!(
            "{lines}witness w1 {} http://{address}\ngroup q all logpq w1\nquorum q\n",
            vkey.trim()
        ),
    )
    .unwrap();
    let activate = || {
        run(
            dir.path(),
            &[
                "rules",
                "activate",
                "--witness-policy",
                policy.to_str().unwrap(),
            ],
        )
    };
    let refused = activate();
    let told = text(&refused.stderr);
    assert!(
        !refused.status.success()
            && told.contains(&format!(
                "by the clock of the witness at http://{address} it is"
            )),
        "{told}"
    );
    let kept = activate();
    assert!(
        kept.status.success(),
        "an answer that a cache has kept tells no time: {}",
        text(&kept.stderr)
    );
    assert!(activate().status.success());
    thread.join().unwrap();
}

/// After the loss of its key a log of long ago begins again with the operator's word.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_recovered_after_a_long_time_keeps_the_word_behind_the_new_key() {
    let world = World::with_alma().await;
    let seed = app::custody::RecoverySeed::generate();
    world.app.rotate_event_key(Some(seed.public())).unwrap();
    let size = world.app.size();
    let (dir, _) = world.stop();
    let file = dir.path().join("recovery");
    std::fs::write(&file, seed.text().as_bytes()).unwrap();
    let recover = |more: &[&str]| {
        run(
            dir.path(),
            &[
                &["keys", "recover", "--recovery-seed", file.to_str().unwrap()],
                more,
            ]
            .concat(),
        )
    };
    let refused = recover(&[]);
    assert!(
        !refused.status.success() && text(&refused.stderr).contains("the clock is refused"),
        "{}",
        text(&refused.stderr)
    );
    let recovered = recover(&["--trust-clock", "The keys lay in a safe for two years."]);
    assert!(recovered.status.success(), "{}", text(&recovered.stderr));
    let app = App::open(
        layout(dir.path()),
        Arc::new(app::clock::SystemClock),
        &mut |_, _| {},
    )
    .unwrap();
    let overrides = app.safeguard_overrides().unwrap();
    assert_eq!(
        (overrides.len(), overrides[0].reason.text().as_str()),
        (1, "The keys lay in a safe for two years.")
    );
    let kinds: Vec<bool> = (size..app.size())
        .map(|index| {
            matches!(
                parse(&app.entry(index).unwrap().unwrap().bytes)
                    .unwrap()
                    .entry,
                record::entry::Entry::Keys(_)
            )
        })
        .collect();
    assert!(
        kinds[0] && kinds.len() >= 3,
        "the new key, the checkpoint of opening, and the word: {kinds:?}"
    );
}

/// A witness as its operator starts it: with a pass, which everybody can see.
#[tokio::test(flavor = "multi_thread")]
async fn the_program_gives_passes_on_record() {
    let dir = tests::program::imported();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    assert!(
        run(
            dir.path(),
            &[
                "witness",
                "key",
                "--name",
                "witness.example/w1",
                "--out",
                &path("w1.key")
            ]
        )
        .status
        .success()
    );
    let vkey = std::fs::read_to_string(layout(dir.path()).log_key_file()).unwrap();
    let origin = layout(dir.path()).origin();
    let (key, state) = (path("w1.key"), path("w1"));
    let plain = [
        "witness",
        "--listen",
        "127.0.0.1:0",
        "--key",
        &key,
        "--state",
        &state,
        "--log",
        vkey.trim_end(),
    ];
    let verifying = [
        &plain[..],
        &["--verifying", "--tiles", "http://127.0.0.1:1"],
    ]
    .concat();
    let pass = format!("{origin}:12..14");
    wrong_passes_are_refused(dir.path(), &plain, &verifying, &pass);
    for _ in 0..2 {
        let arguments = [
            &verifying[..],
            &["--pass", &pass, "--because", "the clock of 3 November"],
        ]
        .concat();
        shows_its_pass(dir.path(), &arguments, &origin);
    }
}

/// A pass needs a witness that verifies, a reason, and entries of a log that it knows.
fn wrong_passes_are_refused(dir: &Path, plain: &[&str], verifying: &[&str], pass: &str) {
    for (arguments, expected) in [
        (
            [plain, &["--pass", pass, "--because", "x"]].concat(),
            "--verifying",
        ),
        ([verifying, &["--pass", pass]].concat(), "--because"),
        (
            [verifying, &["--pass", pass, "--because", " "]].concat(),
            "a pass needs a reason",
        ),
        (
            [verifying, &["--pass", "12..14", "--because", "x"]].concat(),
            "LOG:FIRST..LAST",
        ),
        (
            [verifying, &["--pass", "other/sag:1..2", "--because", "x"]].concat(),
            "no log that this witness verifies",
        ),
    ] {
        let refused = run(dir, &arguments);
        assert!(
            !refused.status.success() && text(&refused.stderr).contains(expected),
            "{expected}: {}",
            text(&refused.stderr)
        );
    }
}

/// The service started with a pass shows it to everybody, and tells its operator.
fn shows_its_pass(dir: &Path, arguments: &[&str], origin: &str) {
    let mut child = command(dir, arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let line = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .find(|line| line.contains("http://"))
        .unwrap();
    let address = line
        .split("http://")
        .nth(1)
        .unwrap()
        .split(',')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let shown = send(
        address,
        "GET",
        &format!(
            "/{}/passes",
            record::hash::sha256(origin.as_bytes()).to_hex()
        ),
        &[],
        "",
    )
    .unwrap();
    assert!(
        shown.status == 200 && shown.body.ends_with(" 12..14 the clock of 3 November\n"),
        "{}",
        shown.body
    );
    assert_eq!(
        shown.body.lines().count(),
        1,
        "once, however often the service is started"
    );
    child.kill().unwrap();
    let told = text(&child.wait_with_output().unwrap().stderr);
    assert!(told.contains("12..14 the clock of 3 November"), "{told}");
}
