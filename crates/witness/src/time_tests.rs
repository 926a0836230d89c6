//! Times that new entries state, against when the witness was shown the log with and without them.

use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use record::cosignature::NoteVerifier;
use record::note::parse_lines;

use crate::files::{BoxError, LogFiles};
use crate::keep::Keep;
use crate::keys::{KeyKind, LogKey, WitnessKey};
use crate::log_maker::{Log, NOW, ORIGIN, log_key};
use crate::state::origin_hash;
use crate::witness::{Answer, Arrival, LogSettings, PassError, Witness};
use verify::position::{LogIndex, LogTime};

/// A log that is served, and takes `slow` seconds to be read.
#[derive(Clone)]
struct Served {
    log: Arc<Mutex<Log>>,
    clock: Arc<AtomicU64>,
    slow: Arc<AtomicU64>,
}

impl LogFiles for Served {
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, BoxError> {
        self.clock
            .fetch_add(self.slow.swap(0, Ordering::Relaxed), Ordering::Relaxed);
        Ok(self.log.lock().unwrap().file(path))
    }
}

struct Rig {
    dir: tempfile::TempDir,
    served: Served,
    witness: Option<Witness>,
    keeps: bool,
}

impl Rig {
    /// A log of one event of yesterday that was cosigned just now.
    fn new(keeps: bool) -> Self {
        let served = Served {
            log: Arc::default(),
            clock: Arc::new(AtomicU64::new(NOW)),
            slow: Arc::default(),
        };
        let mut rig = Self {
            dir: tempfile::tempdir().unwrap(),
            served,
            witness: None,
            keeps,
        };
        rig.log(|log| {
            log.now = NOW - 86_400;
            log.keys();
            log.event(0, &[], &[]);
            log.seal();
        });
        rig.start();
        assert_eq!(rig.show(0).status, 200);
        rig
    }

    fn start(&mut self) {
        self.witness = None;
        let clock = Arc::clone(&self.served.clock);
        let keys = vec![LogKey::parse(&log_key().vkey()).unwrap()];
        let keep = self
            .keeps
            .then(|| Keep::open(&self.dir.path().join("kept"), ORIGIN, &mut |_, _| {}).unwrap());
        let settings = LogSettings {
            keys,
            files: Some(Box::new(self.served.clone())),
            keep,
        };
        let key = WitnessKey::new("witness.example/w", KeyKind::Ed25519, [5; 32]).unwrap();
        let state = self.dir.path().join("state");
        let clock = Box::new(move || clock.load(Ordering::Relaxed));
        self.witness = Some(Witness::open(vec![key], vec![settings], &state, clock).unwrap());
    }

    fn witness(&self) -> &Witness {
        self.witness.as_ref().unwrap()
    }

    fn log<T>(&self, change: impl FnOnce(&mut Log) -> T) -> T {
        change(&mut self.served.log.lock().unwrap())
    }

    fn pass(&self, seconds: u64) {
        self.served.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        self.served.clock.load(Ordering::Relaxed)
    }

    /// Records an event that states a time, and what closes the log behind it. Answers the sizes
    /// before and after.
    fn record(&self, stated: u64) -> (u64, u64) {
        self.log(|log| {
            let before = log.size();
            log.now = stated;
            log.event(0, &[], &[]);
            (before, log.seal())
        })
    }

    fn show(&self, old: u64) -> Answer {
        self.show_at(
            old,
            Arrival {
                at: LogTime::new(self.now()),
                asked: None,
            },
        )
    }

    fn show_at(&self, old: u64, arrival: Arrival) -> Answer {
        let request = self.log(|log| log.request(old, log.size()));
        self.witness().answer(request.as_bytes(), arrival)
    }

    /// The time that the cosignature of an answer states.
    #[track_caller]
    fn time(&self, answer: &Answer) -> u64 {
        assert_eq!(answer.status, 200, "{}", answer.body);
        let checkpoint = self.log(|log| log.checkpoint());
        let line = &parse_lines(&answer.body).unwrap()[0];
        NoteVerifier::parse(&self.witness().vkeys()[0])
            .unwrap()
            .verify(&checkpoint, line)
            .unwrap()
            .unwrap()
    }
}

#[track_caller]
fn refused(answer: &Answer, code: &str) {
    assert_eq!(answer.status, 422, "{}", answer.body);
    assert!(answer.body.contains(code), "{}", answer.body);
}

/// The example that was found: an entry 463 days ahead was cosigned.
#[test]
fn an_entry_that_states_a_time_to_come_is_refused_and_cosigned_when_it_has_come() {
    for keeps in [false, true] {
        for ahead in [6, 2 * 86_400, 463 * 86_400] {
            let rig = Rig::new(keeps);
            let (old, _) = rig.record(NOW + ahead);
            let answer = rig.show(old);
            refused(&answer, "TIME_AFTER_COSIGNATURE");
            assert!(
                answer.body.contains(&format!("at entry {old}"))
                    && answer.body.contains(&format!("{ahead} s after")),
                "{}",
                answer.body
            );
            rig.pass(ahead - 5);
            assert_eq!(rig.time(&rig.show(old)), NOW + ahead - 5);
        }
    }
}

#[test]
fn an_entry_dated_back_behind_a_heartbeat_is_refused() {
    for keeps in [false, true] {
        let mut rig = Rig::new(keeps);
        rig.pass(900);
        let old = rig.log(|log| log.size());
        assert_eq!(
            rig.time(&rig.show(old)),
            NOW + 900,
            "a heartbeat counts as cosigned"
        );
        rig.pass(600);
        let before = rig.log(|log| Log::rebuilt(log, log.size()));
        rig.record(NOW + 839);
        refused(&rig.show(old), "TIME_BACKDATED");
        rig.start();
        refused(&rig.show(old), "TIME_BACKDATED");
        rig.log(|log| *log = before);
        rig.record(NOW + 840);
        assert_eq!(
            rig.show(old).status,
            200,
            "sixty seconds are allowed for a request that was under way"
        );
    }
}

/// 20 hours back in an idle log: what a cosigned checkpoint of the evening would have let through.
#[test]
fn a_quiet_night_between_heartbeats_hides_nothing() {
    let rig = Rig::new(false);
    let old = rig.log(|log| log.size());
    for _ in 0..80 {
        rig.pass(900);
        assert_eq!(rig.show(old).status, 200);
    }
    rig.record(rig.now() - 20 * 3_600);
    refused(&rig.show(old), "TIME_BACKDATED");
}

/// Keys and heads are entries too: the log's own closing entry gives a false time away.
#[test]
fn every_kind_of_entry_is_held_to_the_rule() {
    let rig = Rig::new(false);
    let old = rig.log(|log| {
        let old = log.size();
        log.now = NOW;
        log.event(0, &[], &[]);
        log.now = NOW + 3_600;
        log.seal();
        old
    });
    let answer = rig.show(old);
    refused(&answer, "TIME_AFTER_COSIGNATURE");
    assert!(
        answer.body.contains(&format!("at entry {}", old + 1)),
        "{}",
        answer.body
    );
}

/// A witness under load: each request takes it a minute, and entries go on being recorded
/// meanwhile.
#[test]
fn a_witness_that_needs_a_minute_refuses_nothing_honest_and_states_when_it_was_asked() {
    for keeps in [false, true] {
        let rig = Rig::new(keeps);
        let mut old = rig.log(|log| log.size());
        for round in 0..20 {
            // Asked half a minute after the checkpoint was made, which is as late as the log allows
            // itself; and half a minute under way, which is as long as the witness allows.
            let (_, size) = rig.record(rig.now());
            rig.pass(60);
            let arrival = rig.now();
            rig.served.slow.store(60, Ordering::Relaxed);
            let answer = rig.show_at(
                old,
                Arrival {
                    at: LogTime::new(arrival),
                    asked: Some(LogTime::new(arrival - 30)),
                },
            );
            assert_eq!(
                (rig.time(&answer), rig.now()),
                (arrival, arrival + 60),
                "round {round}"
            );
            // What was recorded right behind the checkpoint.
            let (_, next) = rig.record(arrival - 60);
            let answer = rig.show_at(
                size,
                Arrival {
                    at: LogTime::new(rig.now()),
                    asked: None,
                },
            );
            assert_eq!(answer.status, 200, "round {round}: {}", answer.body);
            old = next;
        }
    }
}

#[test]
fn a_request_that_was_under_way_for_long_is_asked_for_again() {
    let rig = Rig::new(false);
    let (old, size) = rig.record(NOW);
    for asked in [NOW - 31, NOW + 31, 0, u64::MAX] {
        let answer = rig.show_at(
            old,
            Arrival {
                at: LogTime::new(NOW),
                asked: Some(LogTime::new(asked)),
            },
        );
        assert_eq!(answer.status, 503, "{}", answer.body);
    }
    assert_eq!(
        rig.show_at(
            old,
            Arrival {
                at: LogTime::new(NOW),
                asked: Some(LogTime::new(NOW - 30))
            }
        )
        .status,
        200
    );
    assert_eq!(
        rig.show_at(
            size,
            Arrival {
                at: LogTime::new(NOW),
                asked: Some(LogTime::new(NOW + 30))
            }
        )
        .status,
        200
    );
    let wrong = rig.show_at(
        size,
        Arrival {
            at: LogTime::new(0),
            asked: None,
        },
    );
    assert_eq!(
        wrong.status, 503,
        "a witness whose clock cannot be trusted signs nothing"
    );
}

#[test]
fn requests_that_overtake_each_other_never_let_the_time_go_back() {
    let rig = Rig::new(false);
    let old = rig.log(|log| log.size());
    rig.pass(100);
    assert_eq!(rig.time(&rig.show(old)), NOW + 100);
    let late = rig.show_at(
        old,
        Arrival {
            at: LogTime::new(NOW + 50),
            asked: None,
        },
    );
    assert_eq!(
        rig.time(&late),
        NOW + 100,
        "by then it was the largest tree as well"
    );
    rig.record(NOW + 39);
    refused(&rig.show(old), "TIME_BACKDATED");
}

#[test]
fn what_a_failed_request_has_read_is_judged_again() {
    let rig = Rig::new(false);
    let (old, _) = rig.record(NOW);
    // It cannot be remembered, so that the first cosignature counts on.
    let blocked = rig
        .dir
        .path()
        .join("state")
        .join(format!("{}.checkpoint.new", origin_hash(ORIGIN)));
    std::fs::create_dir(&blocked).unwrap();
    assert_eq!(rig.show(old).status, 500);
    std::fs::remove_dir(&blocked).unwrap();
    rig.pass(1_000);
    // The log is shown once more without the entry: from now on the entry is dated back.
    let whole = rig.log(|log| log.request(old, log.size()));
    let before = rig.log(|log| log.request(old, old));
    assert_eq!(rig.witness().add_checkpoint(before.as_bytes()).status, 200);
    refused(
        &rig.witness().add_checkpoint(whole.as_bytes()),
        "TIME_BACKDATED",
    );
}

fn indexes(entries: RangeInclusive<u64>) -> RangeInclusive<LogIndex> {
    LogIndex::new(*entries.start())..=LogIndex::new(*entries.end())
}

#[test]
fn the_witness_operator_lets_named_entries_pass_on_record() {
    let mut rig = Rig::new(true);
    let (old, size) = rig.record(NOW + 463 * 86_400);
    refused(&rig.show(old), "TIME_AFTER_COSIGNATURE");
    let pass = |rig: &Rig, entries: RangeInclusive<u64>, reason: &str| {
        rig.witness().pass(ORIGIN, indexes(entries), reason)
    };
    assert!(pass(&rig, old..=old, "the clock of 3 November").unwrap());
    refused(&rig.show(old), "TIME_AFTER_COSIGNATURE");
    assert!(matches!(
        pass(&rig, old..=size, " \n"),
        Err(PassError::NoReason)
    ));
    assert!(matches!(
        rig.witness()
            .pass("log.example.invalid/0998/sag", indexes(0..=9), "x"),
        Err(PassError::NotVerified(_))
    ));
    assert!(pass(&rig, old..=size - 1, "the clock of 3 November").unwrap());
    assert!(
        !pass(&rig, old..=size - 1, "the clock of 3 November").unwrap(),
        "a service that is started again gives it once"
    );
    let shown = format!(
        "{NOW} {old}..{old} the clock of 3 November\n{NOW} {old}..{} the clock of 3 November\n",
        size - 1
    );
    assert_eq!(
        rig.witness().passes_by_hash(&origin_hash(ORIGIN)).unwrap(),
        Some(shown.clone())
    );
    rig.start();
    assert_eq!(rig.show(old).status, 200, "it is remembered");
    let (old, _) = rig.record(NOW + 463 * 86_400);
    refused(&rig.show(old), "TIME_AFTER_COSIGNATURE");

    let file = rig
        .dir
        .path()
        .join("state")
        .join(format!("{}.passes", origin_hash(ORIGIN)));
    std::fs::write(&file, shown.trim_end()).unwrap();
    rig.witness = None;
    let key = WitnessKey::new("witness.example/w", KeyKind::Ed25519, [5; 32]).unwrap();
    let settings = LogSettings {
        keys: vec![LogKey::parse(&log_key().vkey()).unwrap()],
        files: None,
        keep: None,
    };
    assert!(
        Witness::open(
            vec![key],
            vec![settings],
            &rig.dir.path().join("state"),
            Box::new(|| NOW)
        )
        .is_err(),
        "damage is told"
    );
}

/// A state of an older program says no arrival. It signed at the end of its work.
#[test]
fn the_state_of_an_older_program_is_read() {
    let mut rig = Rig::new(false);
    let old = rig.log(|log| log.size());
    rig.witness = None;
    let path = rig
        .dir
        .path()
        .join("state")
        .join(format!("{}.checkpoint", origin_hash(ORIGIN)));
    let text = std::fs::read_to_string(&path).unwrap();
    let (_, note) = text.split_once(&format!("\n{NOW} {NOW}\n")).unwrap();
    let write = |path: &Path, sum: u32| {
        let body = format!("{NOW}\n{note}");
        std::fs::write(
            path,
            format!(
                "sagsspor witness 1\n{:08x}\n{body}",
                crc32c::crc32c(body.as_bytes()) ^ sum
            ),
        )
        .unwrap();
    };
    write(&path, 0);
    rig.start();
    rig.pass(10);
    let before = rig.log(|log| Log::rebuilt(log, log.size()));
    rig.record(NOW - 661);
    refused(&rig.show(old), "TIME_BACKDATED");
    rig.log(|log| *log = before);
    rig.record(NOW - 660);
    assert_eq!(
        rig.show(old).status,
        200,
        "ten minutes for the work that nobody knows of, and the usual one"
    );
    rig.witness = None;
    write(&path, 1);
    let settings = LogSettings {
        keys: vec![LogKey::parse(&log_key().vkey()).unwrap()],
        files: None,
        keep: None,
    };
    let key = WitnessKey::new("witness.example/w", KeyKind::Ed25519, [5; 32]).unwrap();
    assert!(
        Witness::open(
            vec![key],
            vec![settings],
            &rig.dir.path().join("state"),
            Box::new(|| NOW)
        )
        .is_err()
    );
}
