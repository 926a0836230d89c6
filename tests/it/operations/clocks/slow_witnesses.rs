//! Witnesses that need a minute while caseworkers go on.

use std::io::Cursor;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

use app::clock::{Clock, SetClock};
use app::commands::record::Order;
use app::error::BoxError;
use app::evidence::bundle::{BundleOrder, Withheld};
use app::session::Session;
use app::witnessing::client::{
    Policy, Shown, TransportAnswer, WitnessClientSettings, WitnessTransport,
};
use events::event::Event;
use events::ids::CommandId;
use events::meta::Meta;
use events::time::Occurred;
use jiff::SignedDuration;
use serde_json::json;
use tests::loopback_servers::{LogKeys, log_keys, until};
use tests::world::{World, ids};
use uuid::Uuid;
use verify::bundle::Trust;
use verify::code::Code;
use verify::position::LogTime;
use witness::files::LogFiles;
use witness::keys::{KeyKind, LogKey, WitnessKey};
use witness::witness::{Arrival, LogSettings, Witness};

use super::seconds;

/// What a witness reads the log through: it takes a minute, and caseworkers go on recording
/// meanwhile.
struct Loaded {
    session: Weak<Session>,
    clock: Arc<SetClock>,
    left: Arc<AtomicUsize>,
    /// A request is being worked on, and the minute of this one has not passed.
    fresh: Arc<Mutex<bool>>,
}

fn record(session: &Session, number: usize) {
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
    session.record(&order).unwrap();
}

impl LogFiles for Loaded {
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, witness::files::BoxError> {
        let session = self.session.upgrade().ok_or("the log is gone")?;
        let mut fresh = self.fresh.lock().unwrap();
        if std::mem::take(&mut *fresh) && self.left.load(Ordering::Relaxed) > 0 {
            let number = self.left.fetch_sub(1, Ordering::Relaxed);
            // Right behind the checkpoint that is being looked at, and then a minute passes.
            record(&session, number);
            self.clock
                .set(self.clock.now() + SignedDuration::from_secs(60));
        }
        drop(fresh);
        Ok(session.public_log().tile(path)?)
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
    session: &Arc<Session>,
    keys: &LogKeys,
    left: &Arc<AtomicUsize>,
    state: &Path,
) -> (Arc<Slow>, String) {
    let fresh = Arc::<Mutex<bool>>::default();
    let files = Loaded {
        session: Arc::downgrade(session),
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
    let snapshot = world.session().snapshot(Duration::from_secs(20)).unwrap();
    let mut bytes = Cursor::new(Vec::new());
    let order = BundleOrder {
        stream: ids().case(),
        withheld: &Withheld::default(),
        documents: true,
        pinned: &[],
    };
    world
        .session()
        .write_bundle(&snapshot, &order, &mut bytes)
        .unwrap();
    bytes.into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_needs_a_minute_under_load_refuses_nothing_and_every_event_verifies() {
    let world = World::with_alma().await;
    world.operator.checkpoint().unwrap();
    let (keys, state) = (log_keys(&world.operator), tempfile::tempdir().unwrap());
    let (session, left) = (
        Arc::new(world.session()),
        Arc::new(AtomicUsize::new(ROUNDS)),
    );
    let (slow, vkey) = slow_witness(&world, &session, &keys, &left, state.path());
    let text = format!(
        "log {}\nwitness logpq {}\nwitness w1 {vkey} http://slow.invalid\ngroup q all logpq w1\nquorum q\n",
        keys.0[0], keys.0[1]
    );
    let (begin, before) = (
        world.public_log().now(),
        world.session().version(ids().case()).unwrap().unwrap(),
    );
    let policy = Policy::parse(&text).unwrap();
    let settings = WitnessClientSettings {
        retry: Duration::from_millis(20),
        ..WitnessClientSettings::new(policy)
    };
    world
        .operator
        .start_witness_client(settings, Arc::<Slow>::clone(&slow))
        .unwrap();
    until(&world.operator, "the end of the load", |status| {
        left.load(Ordering::Relaxed) == 0
            && status.quorum_size == Some(world.public_log().size())
            && status.witnesses[0].size == Some(world.public_log().size())
    });
    assert_eq!(*slow.refused.lock().unwrap(), Vec::<String>::new());
    assert!(
        world.public_log().now() >= begin + SignedDuration::from_secs(60 * 8),
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
    let verdict = tests::evidence::check(&bytes, &trust).unwrap();
    // What was recorded before there were witnesses was seen late; nothing else is wrong.
    let wrong = verdict.untimely.iter().filter(|untimely| {
        untimely.finding.code != Code::TimeSealedLate || untimely.seq.get() > before.get()
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
            .passes(&world.operator.layout().origin())
            .unwrap(),
        ""
    );
}
