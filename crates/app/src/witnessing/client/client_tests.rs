//! The witness client against witnesses that behave in every way but well.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use record::checkpoint::Checkpoint;
use record::cosignature::CosignerKey;
use record::hash::{Hash, sha256};
use record::note::Note;
use record::policy::Policy;
use record::positions::{LogTime, Size};
use record::proof::{root_at, verify_consistency};
use record::signing::LogKey;
use store::contract_tests::Maker;
use store::log_store::archive::CheckpointArchive;
use store::log_store::writer::LogWriter;
use store::log_store::{LogStore, StoredCheckpoint};
use store::memory::MemoryStore;

use super::rollback::{self, RollbackError};
use super::{
    Shown, TransportAnswer, WitnessClient, WitnessClientError, WitnessClientSettings,
    WitnessClientStatus, WitnessTransport,
};
use crate::clock::watch::Watch;
use crate::clock::{Clock, SetClock};
use crate::error::BoxError;
use crate::log::head::StoreNodes;
use crate::log::sequencer::beyond::Beyond;
use crate::log::signing_keys::VerifierKeys;

/// Ten o'clock on 20 November 2026, when the clock of a rig begins.
const BEGIN: u64 = 1_795_168_800;
const ORIGIN: &str = "log.test.invalid/0999/sag";

/// What a witness does with the next request.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Mood {
    /// Answers with this status and body.
    Says(u16, String),
    /// Is not there.
    Gone,
    /// Does not answer before it is told to.
    Hangs,
    /// Signs, but its answer is lost.
    Loses,
    /// Signs with another key.
    Lies,
}

#[derive(Default)]
struct Town {
    moods: Mutex<BTreeMap<String, VecDeque<Mood>>>,
    /// What each has signed last: size and root.
    signed: Mutex<BTreeMap<String, (u64, Hash)>>,
    requests: Mutex<Vec<(String, u64, u64)>>,
    time: Mutex<u64>,
    asked_at: Mutex<Vec<u64>>,
    released: (Mutex<bool>, Condvar),
}

fn witness_key(url: &str) -> CosignerKey {
    CosignerKey::ed25519(
        &format!("witness.example/{url}"),
        sha256(url.as_bytes()).as_bytes(),
    )
    .unwrap()
}

fn ok(status: u16, body: String) -> Result<TransportAnswer, BoxError> {
    Ok(TransportAnswer { status, body })
}

impl Town {
    fn mood(&self, url: &str, moods: &[Mood]) {
        self.moods
            .lock()
            .unwrap()
            .entry(url.to_owned())
            .or_default()
            .extend(moods.iter().cloned());
    }

    fn release(&self) {
        *self.released.0.lock().unwrap() = true;
        self.released.1.notify_all();
    }

    fn sign(&self, url: &str, body: &str, key: &CosignerKey) -> TransportAnswer {
        let (head, note) = body.split_once("\n\n").unwrap();
        let mut lines = head.lines();
        let old: u64 = lines
            .next()
            .unwrap()
            .strip_prefix("old ")
            .unwrap()
            .parse()
            .unwrap();
        let proof: Vec<Hash> = lines
            .map(|line| {
                record::checkpoint::Checkpoint::parse_body(&format!("x\n0\n{line}\n"))
                    .unwrap()
                    .root
            })
            .collect();
        let checkpoint = Checkpoint::parse_body(&Note::parse(note).unwrap().body).unwrap();
        self.requests
            .lock()
            .unwrap()
            .push((url.to_owned(), old, checkpoint.size.get()));
        let mut signed = self.signed.lock().unwrap();
        let (known, root) = signed.get(url).copied().unwrap_or((0, Hash::ZERO));
        if old != known {
            return TransportAnswer {
                status: 409,
                body: format!("{known}\n"),
            };
        }
        if old == checkpoint.size.get() && root != checkpoint.root {
            return TransportAnswer {
                status: 409,
                body: format!("{known}\n"),
            };
        }
        if old > 0
            && verify_consistency(
                Size::new(old),
                &root,
                checkpoint.size,
                &checkpoint.root,
                &proof,
            )
            .is_err()
        {
            return TransportAnswer {
                status: 422,
                body: "no\n".into(),
            };
        }
        signed.insert(url.to_owned(), (checkpoint.size.get(), checkpoint.root));
        let mut time = self.time.lock().unwrap();
        *time += 1;
        TransportAnswer {
            status: 200,
            body: key.cosign(&checkpoint, BEGIN + *time).unwrap().text(),
        }
    }
}

impl WitnessTransport for Town {
    fn add_checkpoint(
        &self,
        url: &str,
        body: &str,
        asked_at: u64,
    ) -> Result<TransportAnswer, BoxError> {
        self.asked_at.lock().unwrap().push(asked_at);
        let mood = self
            .moods
            .lock()
            .unwrap()
            .get_mut(url)
            .and_then(VecDeque::pop_front);
        match mood {
            None => Ok(self.sign(url, body, &witness_key(url))),
            Some(Mood::Says(status, text)) => ok(status, text),
            Some(Mood::Gone) => Err("connection refused".into()),
            Some(Mood::Hangs) => {
                let (released, condition) = &self.released;
                drop(
                    condition
                        .wait_while(released.lock().unwrap(), |released| !*released)
                        .unwrap(),
                );
                Ok(self.sign(url, body, &witness_key(url)))
            }
            Some(Mood::Loses) => {
                self.sign(url, body, &witness_key(url));
                Err("the connection was reset".into())
            }
            Some(Mood::Lies) => Ok(self.sign(
                url,
                body,
                &CosignerKey::ed25519(&format!("witness.example/{url}"), &[9; 32]).unwrap(),
            )),
        }
    }

    fn latest(&self, url: &str, origin_hash: &str) -> Result<Shown, BoxError> {
        assert_eq!(origin_hash, sha256(ORIGIN.as_bytes()).to_hex());
        match self
            .moods
            .lock()
            .unwrap()
            .get_mut(url)
            .and_then(VecDeque::pop_front)
        {
            None => Ok(Shown::default()),
            Some(Mood::Says(_, text)) => Ok(Shown {
                note: Some(text),
                time: None,
            }),
            Some(_) => Err("connection refused".into()),
        }
    }
}

struct Rig {
    log: Arc<MemoryStore>,
    maker: Maker,
    town: Arc<Town>,
    clock: Arc<SetClock>,
    beyond: Arc<Beyond>,
    witness_client: WitnessClient,
}

fn watch(clock: &Arc<SetClock>) -> Arc<Watch> {
    Arc::new(Watch::start(Arc::<SetClock>::clone(clock), None))
}

/// Nothing stands behind the one checkpoint of a log of three entries.
fn nothing_beyond() -> Arc<Beyond> {
    let beyond = Arc::<Beyond>::default();
    beyond.checkpointed(Size::new(3));
    beyond
}

fn log_key() -> LogKey {
    LogKey::new(ORIGIN, &[1; 32])
}

fn post_quantum() -> CosignerKey {
    CosignerKey::ml_dsa_44(ORIGIN, &[2; 32]).unwrap()
}

fn keys() -> VerifierKeys {
    VerifierKeys {
        ed25519: log_key().vkey(),
        ml_dsa_44: post_quantum().vkey(),
    }
}

/// The policy of two out of three witnesses and the log's second key.
fn policy() -> Policy {
    let lines: String = ["a", "b", "c"]
        .iter()
        .map(|url| format!("witness {url} {} {url}\n", witness_key(url).vkey()))
        .collect();
    let text = format!(
        "log {}\nwitness logpq {}\n{lines}group two 2 a b c\ngroup q all logpq two\nquorum q\n",
        keys().ed25519,
        keys().ml_dsa_44
    );
    Policy::parse(&text).unwrap()
}

fn settings() -> WitnessClientSettings {
    let (retry, round) = (Duration::from_millis(5), Duration::from_millis(50));
    WitnessClientSettings {
        retry,
        round,
        ..WitnessClientSettings::new(policy())
    }
}

fn signed(log: &dyn LogStore) -> StoredCheckpoint {
    let size = log.size();
    let checkpoint = Checkpoint {
        origin: ORIGIN.into(),
        size,
        root: root_at(&StoreNodes(log), size).unwrap(),
    };
    StoredCheckpoint {
        size,
        note: checkpoint.sign_hybrid(&log_key(), &post_quantum()).unwrap(),
    }
}

impl Rig {
    fn new(moods: &[(&str, &[Mood])]) -> Self {
        Self::asking_first(moods, &[])
    }

    fn asking_first(moods: &[(&str, &[Mood])], first: &[&str]) -> Self {
        let (log, town) = (Arc::new(MemoryStore::new()), Arc::<Town>::default());
        moods.iter().for_each(|(url, moods)| town.mood(url, moods));
        let mut maker = Maker::default();
        log.commit(maker.batch(&[0, 0, 1])).unwrap();
        log.put_checkpoint(&signed(&*log)).unwrap();
        let clock = Arc::new(SetClock::new("2026-11-20T10:00:00Z".parse().unwrap()));
        let settings = WitnessClientSettings {
            first: first.iter().map(ToString::to_string).collect(),
            ..settings()
        };
        let beyond = nothing_beyond();
        let time = (watch(&clock), Arc::clone(&beyond));
        let witness_client = WitnessClient::start(
            Arc::<MemoryStore>::clone(&log),
            time,
            &keys(),
            settings,
            Arc::<Town>::clone(&town),
        );
        Self {
            log,
            maker,
            town,
            clock,
            beyond,
            witness_client: witness_client.unwrap(),
        }
    }

    /// Which sizes a witness was shown.
    fn shown(&self, url: &str) -> Vec<u64> {
        self.town
            .requests
            .lock()
            .unwrap()
            .iter()
            .filter(|(asked, ..)| asked == url)
            .map(|(.., size)| *size)
            .collect()
    }

    /// Writes some entries and tells the witness client of the checkpoint, as the sequencer does.
    fn grow(&mut self) -> u64 {
        self.log.commit(self.maker.batch(&[0, 1, 0, 0, 1])).unwrap();
        let stored = signed(&*self.log);
        self.log.put_checkpoint(&stored).unwrap();
        self.beyond.dated(LogTime::new(
            u64::try_from(self.clock.now().as_second()).unwrap(),
        ));
        self.beyond.checkpointed(stored.size);
        self.witness_client.listener()(&stored);
        stored.size.get()
    }

    #[track_caller]
    fn until(
        &self,
        what: &str,
        mut holds: impl FnMut(&WitnessClientStatus) -> bool,
    ) -> WitnessClientStatus {
        let begin = Instant::now();
        loop {
            let status = self.witness_client.status();
            if holds(&status) {
                return status;
            }
            assert!(
                begin.elapsed() < Duration::from_secs(20),
                "{what}: {status:?}"
            );
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    #[track_caller]
    fn quorum(&self, size: u64) -> WitnessClientStatus {
        self.until("quorum", |status| {
            status.quorum_size == Some(Size::new(size))
        })
    }

    fn error(status: &WitnessClientStatus, witness: usize) -> String {
        status.witnesses[witness].error.clone().unwrap_or_default()
    }

    fn archived(&self, size: u64) -> (Note, Note) {
        let first = self
            .log
            .first_archived(Size::new(size - 1))
            .unwrap()
            .unwrap();
        let latest = self.log.last_archived(Size::new(size)).unwrap().unwrap();
        let size = Size::new(size);
        assert_eq!((first.size, latest.size), (size, size));
        (
            Note::parse(&first.note).unwrap(),
            Note::parse(&latest.note).unwrap(),
        )
    }
}

#[test]
fn a_checkpoint_that_the_quorum_cosigned_is_archived() {
    let mut rig = Rig::new(&[]);
    rig.quorum(3);
    rig.until("all three", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(Size::new(3)))
    });
    let (first, latest) = rig.archived(3);
    assert!(
        policy()
            .judge(&Checkpoint::parse_body(&first.body).unwrap(), &first)
            .quorum
    );
    assert_eq!(
        latest.lines.len(),
        5,
        "both signatures of the log and all three witnesses"
    );
    let size = rig.grow();
    let status = rig.quorum(size);
    assert!(
        status.alarm.is_none()
            && status
                .witnesses
                .iter()
                .all(|witness| witness.error.is_none())
    );
    rig.witness_client.stop();
    let requests = rig.town.requests.lock().unwrap();
    assert!(
        requests.contains(&("a".into(), 0, 3)) && requests.contains(&("a".into(), 3, size)),
        "one chain: {requests:?}"
    );
}

#[test]
fn a_heartbeat_brings_a_fresh_cosignature_of_the_unchanged_checkpoint() {
    let rig = Rig::new(&[]);
    rig.until("all three", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(Size::new(3)))
    });
    let before = rig.witness_client.status().witnesses[0].time.unwrap();
    rig.witness_client.nudge();
    rig.clock.set("2026-11-20T10:14:59Z".parse().unwrap());
    rig.witness_client.nudge();
    assert_eq!(rig.town.requests.lock().unwrap().len(), 3);
    rig.clock.set("2026-11-20T10:15:00Z".parse().unwrap());
    rig.witness_client.nudge();
    rig.until("fresh", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.time.unwrap() > before)
    });
    assert!(
        rig.town
            .requests
            .lock()
            .unwrap()
            .iter()
            .filter(|request| **request == ("a".to_owned(), 3, 3))
            .count()
            == 1
    );
    let (first, latest) = rig.archived(3);
    assert_ne!(first, latest, "the first is kept, the latest is replaced");
    // A clock that jumps back an hour does not stop the heart.
    rig.clock.set("2026-11-20T09:15:00Z".parse().unwrap());
    rig.witness_client.nudge();
    rig.until("again", |_| rig.town.requests.lock().unwrap().len() >= 8);
}

#[test]
fn one_witness_that_fails_in_any_way_keeps_nothing_from_the_quorum() {
    let says = |status, text: &str| Mood::Says(status, text.to_owned());
    for (mood, expected) in [
        (says(403, "unknown key\n"), "status 403: unknown key"),
        (says(404, ""), "status 404"),
        (
            says(422, "the log breaks a rule: HEADS_ROOT\n"),
            "HEADS_ROOT",
        ),
        (says(400, ""), "status 400"),
        (says(500, ""), "status 500"),
        (says(200, "garbage"), "no cosignature"),
        (
            says(200, "\u{2014} witness.example/a AAAAAAAA\n"),
            "no line",
        ),
        (says(409, "many\n"), "without a size"),
        (Mood::Gone, "connection refused"),
        (Mood::Lies, "no line"),
    ] {
        // It fails for a while, and is well again.
        let mut rig = Rig::new(&[("a", &[mood.clone(), mood.clone(), mood.clone()])]);
        rig.quorum(3);
        let status = rig.until(expected, |status| Rig::error(status, 0).contains(expected));
        assert!(status.witnesses[0].failed_at.is_some());
        let size = rig.grow();
        rig.quorum(size);
        rig.until("well again", |status| {
            status.witnesses[0].size == Some(Size::new(size)) && status.witnesses[0].error.is_none()
        });
        assert!(rig.witness_client.status().alarm.is_none());
    }
}

#[test]
fn a_witness_that_hangs_holds_nobody_up_and_its_late_answer_counts() {
    let mut rig = Rig::new(&[("c", &[Mood::Hangs])]);
    rig.quorum(3);
    let size = rig.grow();
    rig.quorum(size);
    assert_eq!(rig.archived(3).1.lines.len(), 4);
    rig.town.release();
    rig.until("the late answer", |status| {
        status.witnesses[2].size.is_some()
    });
    rig.until("archived with it", |_| rig.archived(3).1.lines.len() == 5);
    rig.until("caught up", |status| {
        status.witnesses[2].size == Some(Size::new(size))
    });
}

/// An entry that is signed and not yet under a checkpoint counts too: its disk may be slow.
#[test]
fn a_checkpoint_is_shown_to_nobody_once_what_stands_behind_it_is_old() {
    let mut rig = Rig::new(&[]);
    rig.until("all three", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(Size::new(3)))
    });
    // A heartbeat finds an entry behind the checkpoint that was dated just now.
    rig.clock.set("2026-11-20T10:15:00Z".parse().unwrap());
    rig.beyond.dated(LogTime::new(BEGIN + 870));
    rig.witness_client.nudge();
    rig.until("asked again", |_| {
        rig.shown("a").len() == 2 && rig.shown("c").len() == 2
    });
    // The next one finds it old, and no newer checkpoint.
    rig.clock.set("2026-11-20T10:30:00Z".parse().unwrap());
    (0..5).for_each(|_| rig.witness_client.nudge());
    let size = rig.grow();
    rig.quorum(size);
    rig.until("the newer one", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(Size::new(size)))
    });
    for url in ["a", "b", "c"] {
        assert_eq!(rig.shown(url), [3, 3, size]);
    }
    let asked_at = rig.town.asked_at.lock().unwrap().clone();
    assert_eq!(
        asked_at,
        [[BEGIN; 3], [BEGIN + 900; 3], [BEGIN + 1_800; 3]].concat(),
        "each request states its time"
    );
}

#[test]
fn a_witness_that_comes_back_is_shown_the_newest_checkpoint_and_not_the_one_that_it_missed() {
    let gone: Vec<Mood> = vec![Mood::Gone; 3];
    let mut rig = Rig::new(&[("c", &gone)]);
    rig.quorum(3);
    rig.clock.set("2026-11-20T10:00:20Z".parse().unwrap());
    let size = rig.grow();
    rig.quorum(size);
    rig.clock.set("2026-11-20T10:02:00Z".parse().unwrap());
    rig.witness_client.nudge();
    rig.until("back", |status| {
        status.witnesses[2].size == Some(Size::new(size))
    });
    assert!(
        rig.shown("c")
            .iter()
            .all(|shown| *shown == size || *shown == 3)
    );
    let requests = rig.town.requests.lock().unwrap().clone();
    let late = |(url, _, shown): &&(String, u64, u64)| url == "c" && *shown == 3;
    assert!(requests.iter().filter(late).count() <= 1, "{requests:?}");
}

#[test]
fn a_cosignature_that_states_a_wrong_time_is_not_archived_and_the_witness_goes_on_from_there() {
    let rig = Rig::new(&[]);
    rig.quorum(3);
    *rig.town.time.lock().unwrap() += 31;
    rig.clock.set("2026-11-20T10:15:00Z".parse().unwrap());
    *rig.town.time.lock().unwrap() += 900;
    rig.witness_client.nudge();
    let status = rig.until("refused", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.error.is_some())
    });
    assert!(
        Rig::error(&status, 0).contains("s after it was asked"),
        "{status:?}"
    );
    let archived = rig.archived(3).1;
    rig.clock.set("2026-11-20T10:16:00Z".parse().unwrap());
    rig.witness_client.nudge();
    rig.until("right again", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.error.is_none())
    });
    assert_ne!(rig.archived(3).1, archived);
}

#[test]
fn without_a_quorum_nothing_is_archived_and_recording_goes_on() {
    let gone: Vec<Mood> = vec![Mood::Gone; 6];
    let mut rig = Rig::new(&[("a", &gone), ("b", &gone)]);
    rig.until("both fail", |status| {
        status.witnesses[0].error.is_some() && status.witnesses[1].error.is_some()
    });
    assert_eq!(
        (
            rig.witness_client.status().quorum_size,
            rig.log.last_archived(Size::new(u64::MAX)).unwrap()
        ),
        (None, None)
    );
    let size = rig.grow();
    rig.quorum(size);
}

#[test]
fn nobody_is_shown_what_those_asked_first_have_not_cosigned() {
    let mut rig = Rig::asking_first(
        &[(
            "a",
            &[
                Mood::Gone,
                Mood::Says(503, "not yet\n".into()),
                Mood::Lies,
                Mood::Gone,
            ],
        )],
        &["a"],
    );
    let status = rig.until("a gap", |status| status.witnesses[0].error.is_some());
    assert_eq!(
        (status.waiting_for, status.quorum_size),
        (vec!["a".to_owned()], None)
    );
    assert_eq!(
        status
            .witnesses
            .iter()
            .map(|witness| witness.first)
            .collect::<Vec<_>>(),
        [true, false, false]
    );
    let size = rig.grow();
    let status = rig.quorum(size);
    assert!(status.witnesses[0].size.is_some());
    rig.until("all", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(Size::new(size)))
    });
    let requests = rig.town.requests.lock().unwrap().clone();
    for url in ["b", "c"] {
        for size in rig.shown(url) {
            let place = |of: &str| {
                requests
                    .iter()
                    .position(|(asked, _, shown)| asked == of && *shown == size)
                    .unwrap()
            };
            assert!(place("a") < place(url), "{requests:?}");
        }
    }
    assert_eq!(
        rig.witness_client.status().waiting_for,
        Vec::<String>::new()
    );
    // A heartbeat of what it has cosigned goes to all at once: it need not answer again.
    rig.town.mood("a", &[Mood::Hangs]);
    rig.clock.set("2026-11-20T10:15:00Z".parse().unwrap());
    rig.witness_client.nudge();
    rig.until("the others", |_| {
        ["b", "c"].iter().all(|url| {
            rig.shown(url)
                .iter()
                .filter(|shown| **shown == size)
                .count()
                == 2
        })
    });
    rig.town.release();
}

#[test]
fn one_that_is_asked_first_and_slow_is_waited_for_beyond_the_round() {
    let mut rig = Rig::asking_first(&[("a", &[Mood::Hangs])], &["a"]);
    std::thread::sleep(Duration::from_millis(60));
    let size = rig.grow();
    std::thread::sleep(settings().round * 4);
    assert_eq!(
        (rig.shown("b"), rig.witness_client.status().waiting_for),
        (Vec::new(), vec!["a".to_owned()])
    );
    rig.town.release();
    rig.quorum(size);
    assert_eq!(rig.shown("a").first(), Some(&3));
    assert!(
        rig.shown("b").contains(&3),
        "what it has cosigned at last goes to the others"
    );
    for unknown in [
        vec!["x".to_owned()],
        vec!["a".to_owned(), "logpq".to_owned()],
    ] {
        let settings = WitnessClientSettings {
            first: unknown,
            ..settings()
        };
        let started = WitnessClient::start(
            Arc::<MemoryStore>::clone(&rig.log),
            (watch(&rig.clock), Arc::clone(&rig.beyond)),
            &keys(),
            settings,
            Arc::<Town>::clone(&rig.town),
        );
        assert!(matches!(
            started.map(|_| ()),
            Err(WitnessClientError::First(_))
        ));
    }
}

#[test]
fn a_lost_answer_is_asked_for_again_from_where_the_witness_stands() {
    let rig = Rig::new(&[("a", &[Mood::Loses])]);
    rig.until("cosigned", |status| {
        status.witnesses[0].size == Some(Size::new(3))
    });
    let requests = rig.town.requests.lock().unwrap();
    let of_a: Vec<_> = requests
        .iter()
        .filter(|(url, ..)| url == "a")
        .map(|(_, old, size)| (*old, *size))
        .collect();
    assert_eq!(
        of_a,
        [(0, 3), (0, 3), (3, 3)],
        "the conflict tells the size"
    );
}

#[test]
fn a_witness_that_knows_more_or_something_else_raises_the_alarm() {
    let rig = Rig::new(&[("a", &[Mood::Says(409, "99\n".into())])]);
    let status = rig.until("alarm", |status| status.alarm.is_some());
    assert!(status.alarm.unwrap().contains("STORE_ROLLED_BACK"));
    rig.quorum(3);

    let (log, town) = (Arc::new(MemoryStore::new()), Arc::<Town>::default());
    town.signed
        .lock()
        .unwrap()
        .insert("a".into(), (3, Hash::new([7; 32])));
    let mut maker = Maker::default();
    log.commit(maker.batch(&[0, 0, 1])).unwrap();
    log.put_checkpoint(&signed(&*log)).unwrap();
    let clock = Arc::new(SetClock::new("2026-11-20T10:00:00Z".parse().unwrap()));
    let beyond = nothing_beyond();
    let time = (watch(&clock), Arc::clone(&beyond));
    let witness_client = WitnessClient::start(
        Arc::<MemoryStore>::clone(&log),
        time,
        &keys(),
        settings(),
        Arc::<Town>::clone(&town),
    );
    let rig = Rig {
        log,
        maker,
        town,
        clock,
        beyond,
        witness_client: witness_client.unwrap(),
    };
    let status = rig.until("alarm", |status| status.alarm.is_some());
    assert!(status.alarm.unwrap().contains("another log"));
}

#[test]
fn a_courier_that_starts_again_goes_on_where_the_witnesses_stand() {
    let mut rig = Rig::new(&[]);
    rig.quorum(3);
    rig.witness_client.stop();
    let size = rig.grow();
    let again = WitnessClient::start(
        Arc::<MemoryStore>::clone(&rig.log),
        (watch(&rig.clock), Arc::clone(&rig.beyond)),
        &keys(),
        settings(),
        Arc::<Town>::clone(&rig.town),
    );
    rig.witness_client = again.unwrap();
    rig.quorum(size);
}

#[test]
fn a_policy_that_is_not_of_this_log_or_cannot_be_met_is_refused() {
    let start = |text: String| {
        let settings = WitnessClientSettings::new(Policy::parse(&text).unwrap());
        let clock = Arc::new(SetClock::new("2026-11-20T10:00:00Z".parse().unwrap()));
        WitnessClient::start(
            Arc::new(MemoryStore::new()),
            (watch(&clock), nothing_beyond()),
            &keys(),
            settings,
            Arc::<Town>::default(),
        )
        .map(|_| ())
    };
    let VerifierKeys { ed25519, ml_dsa_44 } = keys();
    let (a, other) = (
        witness_key("a").vkey(),
        CosignerKey::ml_dsa_44(ORIGIN, &[3; 32]).unwrap().vkey(),
    );
    assert!(matches!(
        start("quorum none\n".into()),
        Err(WitnessClientError::OtherLog(_))
    ));
    assert!(matches!(
        start(format!("log {ed25519}\nwitness pq {other}\nquorum pq\n")),
        Err(WitnessClientError::OtherKey(_))
    ));
    assert!(matches!(
        start(format!("log {ed25519}\nwitness a {a}\nquorum a\n")),
        Err(WitnessClientError::Unreachable)
    ));
    assert!(
        start(format!(
            "log {ed25519}\nwitness pq {ml_dsa_44}\nquorum pq\n"
        ))
        .is_ok()
    );
}

#[test]
fn what_witnesses_show_is_compared_before_anything_is_written() {
    let log = MemoryStore::new();
    let mut maker = Maker::default();
    log.commit(maker.batch(&[0, 0, 1, 0, 1])).unwrap();
    let shows = |size: u64, root: Hash| {
        let checkpoint = Checkpoint {
            origin: ORIGIN.into(),
            size: Size::new(size),
            root,
        };
        let mut note =
            Note::parse(&checkpoint.sign_hybrid(&log_key(), &post_quantum()).unwrap()).unwrap();
        note.lines
            .push(witness_key("b").cosign(&checkpoint, 5).unwrap());
        note.text()
    };
    let check_beside = |a: &[Mood], text: &str| {
        let town = Town::default();
        town.mood("a", a);
        town.mood("b", &[Mood::Says(200, text.to_owned())]);
        rollback::check(&log, ORIGIN, &policy(), &town)
    };
    let check = |text: &str| check_beside(&[Mood::Gone], text);
    let good = root_at(&StoreNodes(&log), Size::new(3)).unwrap();
    assert!(check(&shows(3, good)).is_ok());
    assert!(matches!(
        check(&shows(3, Hash::ZERO)),
        Err(RollbackError::Other { size, .. }) if size == Size::new(3)
    ));
    let older = check(&shows(9, good)).unwrap_err();
    assert!(
        matches!(&older, RollbackError::Older { witness, known, held } if witness == "b" && (known.get(), held.get()) == (9, 5))
    );
    assert!(
        older.to_string().contains("STORE_ROLLED_BACK")
            && older.to_string().contains("bring back the newest copy")
    );
    let mut unsigned = Note::parse(&shows(9, good)).unwrap();
    unsigned.lines.retain(|line| line.name != ORIGIN);
    // A witness alone cannot stop a log; but what it shows is no answer, and two that give none
    // could have cosigned something.
    for nonsense in [unsigned.text(), "nonsense".to_owned()] {
        assert!(check_beside(&[], &nonsense).is_ok());
        let silent = check(&nonsense).unwrap_err();
        assert!(
            matches!(&silent, RollbackError::Silent { silent } if silent == "a, b"),
            "{silent}"
        );
        assert!(
            silent.to_string().contains("WITNESSES_SILENT")
                && silent.to_string().contains("--without-witnesses")
        );
    }
}
