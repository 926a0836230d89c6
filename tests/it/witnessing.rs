//! The log, its witnesses and whoever lies to them, over HTTP on loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use app::courier::rollback::{self, RollbackError};
use app::courier::{CourierError, CourierSettings, Policy, WitnessTransport};
use app::service::{App, StartError};
use app::witnessing::Standing;
use record::checkpoint::Checkpoint;
use record::cosignature::{KeyKind as VerifierKind, NoteVerifier};
use record::entry::Entry;
use record::note::Note;
use serde_json::json;
use server::outgoing::Outgoing;
use store::disk::RealDisk;
use store::embedded::OpenError;
use store::embedded::log::{EmbeddedStore, IndexKind, Options};
use store::embedded::sled_home::VouchKey;
use store::log_store::reader::LogReader;
use store::log_store::writer::LogWriter;
use store::log_store::{LogStore, StoredCheckpoint};
use tests::http::send;
use tests::program::{Server, command, policy_lines, run, text};
use tests::world::{ALMA, World, audit, caseworker, ids, layout};
use witness::keys::KeyKind;

use crate::town::{LogKeys, Town, copy, log_keys, until};

/// An id made from a text.
fn id_of(text: &str) -> uuid::Uuid {
    let hash = record::hash::sha256(text.as_bytes());
    uuid::Builder::from_custom_bytes(*hash.as_bytes().first_chunk().unwrap()).into_uuid()
}

async fn note(world: &World, what: &str) {
    let input = json!({
        "commandId": id_of(what), "stream": ids().case(), "occurred": "2024-11-05",
        "facts": { "kind": "FACT", "text": format!("Notat: {what}.") },
    });
    let outcome = world.order("takeNote", input, caseworker()).await.unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
}

/// A recorded case, shown to three witnesses of which the first replays every entry.
async fn witnessed() -> (World, Town, LogKeys) {
    let world = World::with_alma().await;
    let mut town = Town::new();
    let keys = log_keys(&world.app);
    let address = town.show(&world.app);
    town.found(&keys, KeyKind::Ed25519, Some(address));
    town.found(&keys, KeyKind::MlDsa44, None);
    town.found(&keys, KeyKind::Ed25519, None);
    world.app.checkpoint().unwrap();
    town.courier(&world.app, &keys);
    (world, town, keys)
}

/// A new event is checkpointed within a second and witnessed soon after; answers the size of the
/// log that was witnessed.
async fn new_event_is_witnessed(world: &World) -> u64 {
    note(world, "one more").await;
    let begin = Instant::now();
    let grown = world.app.size();
    while world.app.standing(grown - 1).unwrap() == Some(Standing::Recorded) {
        assert!(
            begin.elapsed() < Duration::from_secs(1),
            "a checkpoint is signed at most a second after a write"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    let covering = world.app.size();
    until(&world.app, "the next", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(covering))
    });
    let answer = world
        .query(&format!(
            "{{ log {{ standing(position: {}) witnessing {{ quorumSize alarm witnesses {{ name size error }} }} }} }}",
            grown - 1
        ))
        .await;
    assert_eq!(answer["log"]["standing"], "WITNESSED");
    assert_eq!(
        answer["log"]["witnessing"]["witnesses"][1],
        json!({ "name": "w2", "size": covering, "error": null })
    );
    covering
}

/// A heartbeat: nothing new, fresh times; answers the time that all witnesses then say.
fn heartbeat_is_cosigned(world: &World, town: &Town, size: u64) -> jiff::Timestamp {
    town.time.fetch_add(900, Ordering::Relaxed);
    world
        .clock
        .set(world.app.now() + jiff::SignedDuration::from_mins(15));
    world.app.nudge_courier();
    let fresh = jiff::Timestamp::from_second(world.app.now().as_second()).unwrap();
    until(&world.app, "fresh", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.time == Some(fresh))
    });
    assert_eq!(world.app.size(), size, "a heartbeat writes no entry");
    fresh
}

/// What was archived stands on its own.
fn archive_stands_on_its_own(world: World, policy: &Policy, size: u64, fresh: jiff::Timestamp) {
    let (dir, trust) = world.stop();
    assert!(
        audit(dir.path(), &trust).is_ok(),
        "the auditor passes over the lines that it does not know"
    );
    let again = App::open(
        layout(dir.path()),
        Arc::new(app::clock::SystemClock),
        &mut |_, _| {},
    )
    .unwrap();
    let archived = again.archived_before(size).unwrap().unwrap();
    let note = Note::parse(&archived.note).unwrap();
    let standing = policy.judge(&Checkpoint::parse_body(&note.body).unwrap(), &note);
    assert!(standing.quorum && standing.signed_by_log);
    assert_eq!(
        standing.cosigned.get("w1"),
        Some(&u64::try_from(fresh.as_second()).unwrap())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_case_is_cosigned_by_the_quorum_and_archived() {
    let (world, town, keys) = witnessed().await;
    let size = world.app.size();
    let status = until(&world.app, "all three", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(size))
    });
    assert_eq!((status.quorum_size, status.alarm), (Some(size), None));
    assert_eq!(
        world.app.standing(size - 1).unwrap(),
        Some(Standing::Witnessed)
    );
    assert_eq!(world.app.standing(size).unwrap(), None);

    let covering = new_event_is_witnessed(&world).await;
    let fresh = heartbeat_is_cosigned(&world, &town, covering);
    let policy = town.policy(&keys);
    drop(town);
    archive_stands_on_its_own(world, &policy, covering, fresh);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_access_log_has_witnesses_of_its_own() {
    let world = World::with_alma().await;
    let before = world.query("{ accessLog { size } }").await;
    assert_eq!(before["accessLog"], json!(null), "nobody has looked");
    crate::anchors::look(&world, 1).await;
    let accesses = world.app.access_log().unwrap();
    let mut town = Town::new();
    let keys = log_keys(&accesses);
    let address = town.show(&world.app);
    town.found(&keys, KeyKind::Ed25519, Some(address));
    town.found(&keys, KeyKind::Ed25519, None);
    assert!(matches!(
        accesses.start_courier(
            CourierSettings::new(town.policy(&log_keys(&world.app))),
            Arc::new(Outgoing::default())
        ),
        Err(CourierError::OtherLog(_))
    ));
    town.courier(&accesses, &keys);
    accesses.checkpoint().unwrap();
    let size = accesses.size();
    until(&accesses, "both", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(size))
    });
    let answer = world
        .query("{ log { witnessing { quorumSize } } accessLog { origin size standing(position: 1) witnessing { quorumSize alarm } } }")
        .await;
    let expected = json!({
        "origin": accesses.layout().origin(), "size": size, "standing": "WITNESSED", "witnessing": { "quorumSize": size, "alarm": null },
    });
    assert_eq!(
        (&answer["accessLog"], &answer["log"]["witnessing"]),
        (&expected, &json!(null))
    );
}

/// 33: the whole operator, with every key, rewrites history and asks for cosignatures.
#[tokio::test(flavor = "multi_thread")]
async fn a_history_rewritten_with_all_keys_of_the_log_gets_no_cosignature() {
    let (world, town, keys) = witnessed().await;
    let size = world.app.size();
    until(&world.app, "all three", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(size))
    });
    // Another history under the same keys: of the same case, with other words in the end.
    let other = tempfile::tempdir().unwrap();
    copy(&world.dir.path().join("keys"), &other.path().join("keys"));
    // Who holds all keys also takes away what lies beside them and knows better.
    std::fs::remove_dir_all(layout(other.path()).key_dir().join("known")).unwrap();
    let fork = {
        let clock = Arc::new(app::clock::SetClock::new(
            "2024-02-06T07:00:00Z".parse().unwrap(),
        ));
        // The keys are there, the log is not: it begins anew.
        let app = Arc::new(
            App::open(
                layout(other.path()),
                Arc::<app::clock::SetClock>::clone(&clock),
                &mut |_, _| {},
            )
            .unwrap(),
        );
        let schema = api::schema::schema(Arc::clone(&app));
        let dir = tempfile::tempdir().unwrap();
        World {
            dir,
            clock,
            app,
            schema,
        }
    };
    for line in ids().lines() {
        fork.line(line.clone()).await;
    }
    let mut number = 0;
    while fork.app.size() <= size + 3 {
        note(&fork, &format!("another history {number}")).await;
        number += 1;
    }
    fork.app.checkpoint().unwrap();
    assert_eq!(
        fork.app.verifier_keys().unwrap(),
        world.app.verifier_keys().unwrap()
    );
    town.courier(&fork.app, &keys);
    let status = until(&fork.app, "refused by all", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.error.is_some())
    });
    for witness in &status.witnesses {
        assert!(
            witness.error.as_deref().unwrap().contains("422"),
            "{witness:?}"
        );
    }
    assert_eq!(
        (status.quorum_size, fork.app.standing(0).unwrap()),
        (None, Some(Standing::Checkpointed))
    );
    // The true log goes on.
    note(&world, "the truth").await;
    world.app.checkpoint().unwrap();
    let size = world.app.size();
    until(&world.app, "the true log", |status| {
        status.quorum_size == Some(size)
    });
}

/// Opens a directory, guarded by what the witnesses of a policy know.
fn opened_guarded(
    dir: &Path,
    clock: &Arc<app::clock::SetClock>,
    policy: &Policy,
) -> Result<App, StartError> {
    let transport = Outgoing::new(Duration::from_secs(5));
    let guard = |log: &dyn LogStore, origin: &str| rollback::check(log, origin, policy, &transport);
    App::open_guarded(
        layout(dir),
        Arc::<app::clock::SetClock>::clone(clock),
        &mut |_, _| {},
        &guard,
    )
}

fn refused_as_older(opened: Result<App, StartError>, grown: u64, size: u64) {
    match opened {
        Err(StartError::RolledBack(error @ RollbackError::Older { .. })) => {
            let RollbackError::Older { known, held, .. } = &error else {
                unreachable!()
            };
            assert_eq!((*known, *held), (grown, size));
            assert!(
                error.to_string().starts_with("STORE_ROLLED_BACK")
                    && error.to_string().contains("docs/guide/witness.md")
            );
        }
        other => panic!("{:?}", other.map(|_| ())),
    }
}

/// S4: an old backup is put back while the witnesses remember.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_was_rolled_back_is_not_written_to() {
    let (world, town, keys) = witnessed().await;
    let size = world.app.size();
    until(&world.app, "all three", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(size))
    });
    let policy = town.policy(&keys);
    let (clock, backup) = (Arc::clone(&world.clock), tempfile::tempdir().unwrap());
    // A backup of the directory as it is now, with everything that tells of its own size.
    copy(world.dir.path(), backup.path());
    note(&world, "after the backup").await;
    world.app.checkpoint().unwrap();
    let grown = world.app.size();
    until(&world.app, "grown", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(grown))
    });
    let journal = layout(backup.path()).log_dir().join("journal/000000.seg");
    let later = layout(backup.path()).log_dir().join(format!(
        "blobs/{:016x}-00-00112233445566778899aabbccddeeff",
        grown - 2
    ));
    std::fs::write(&later, b"of an entry that the backup does not hold").unwrap();
    let before = std::fs::read(&journal).unwrap();
    let entries =
        |bytes: &[u8]| bytes.len() - bytes.iter().rev().take_while(|byte| **byte == 0).count();
    refused_as_older(opened_guarded(backup.path(), &clock, &policy), grown, size);
    let after = std::fs::read(&journal).unwrap();
    assert_eq!(
        after[..entries(&after)],
        before[..entries(&before)],
        "not one entry was written"
    );
    assert!(
        later.exists(),
        "and nothing was destroyed that repairing may need"
    );

    // Without the witnesses' knowledge the archive and the checkpoint of a later day still tell.
    let log_dir = layout(world.dir.path()).log_dir();
    std::fs::copy(
        log_dir.join("checkpoint"),
        layout(backup.path()).log_dir().join("checkpoint"),
    )
    .unwrap();
    let plain = App::open(
        layout(backup.path()),
        Arc::<app::clock::SetClock>::clone(&clock),
        &mut |_, _| {},
    );
    assert!(matches!(
        plain,
        Err(StartError::Log(OpenError::RolledBack { .. }))
    ));
}

/// S5, and S12: one process at a time; a stored checkpoint that is cut short is damage, not
/// absence.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_sequencer_and_a_truncated_checkpoint_are_refused() {
    let world = World::with_alma().await;
    world.app.checkpoint().unwrap();
    let open = |dir: &Path| {
        App::open(
            layout(dir),
            Arc::new(app::clock::SystemClock),
            &mut |_, _| {},
        )
        .map(|_| ())
    };
    let second = open(world.dir.path());
    assert!(
        matches!(
            second,
            Err(StartError::Keys(_) | StartError::Log(OpenError::InUse { .. }))
        ),
        "{second:?}"
    );
    let (dir, _) = world.stop();
    let log_dir = layout(dir.path()).log_dir();
    let (path, journal) = (
        log_dir.join("checkpoint"),
        log_dir.join("journal/000000.seg"),
    );
    let (whole, entries) = (
        std::fs::read(&path).unwrap(),
        std::fs::read(&journal).unwrap(),
    );
    for cut in [0, 1, 20, 60, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let refused = open(dir.path());
        assert!(
            matches!(&refused, Err(StartError::Log(OpenError::Corrupt { place, .. })) if path == *place),
            "cut at {cut}: {refused:?}"
        );
        assert_eq!(std::fs::read(&journal).unwrap(), entries);
    }
    // The way back: the same body is signed again from the same entries.
    std::fs::remove_file(&path).unwrap();
    open(dir.path()).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), whole, "to the byte");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_from_before_there_were_two_keys_is_signed_again_with_both() {
    let world = World::with_alma().await;
    world.app.checkpoint().unwrap();
    let size = world.app.size();
    let (dir, _) = world.stop();
    // As an older program left it: one key, one signature.
    crate::custody::as_before(&layout(dir.path()).key_dir(), true);
    let options = Options::new(
        layout(dir.path()).log_dir(),
        *b"0999",
        IndexKind::Sled(VouchKey::new([9; 32])),
    );
    let store =
        EmbeddedStore::open(Arc::new(RealDisk::default()), &options, &mut |_, _| {}).unwrap();
    let mut note = Note::parse(&store.checkpoint().unwrap().unwrap().note).unwrap();
    note.lines.truncate(1);
    store
        .put_checkpoint(&StoredCheckpoint {
            size,
            note: note.text(),
        })
        .unwrap();
    store.close().unwrap();
    drop(store);
    let app = App::open(
        layout(dir.path()),
        Arc::new(app::clock::SystemClock),
        &mut |_, _| {},
    )
    .unwrap();
    let (covered, note) = app.checkpoint_note().unwrap().unwrap();
    assert_eq!(
        (covered, app.size()),
        (size, size),
        "no entry is written for it"
    );
    let note = Note::parse(&note).unwrap();
    let checkpoint = Checkpoint::parse_body(&note.body).unwrap();
    for (key, line) in log_keys(&app).0.iter().zip(&note.lines) {
        assert!(
            NoteVerifier::parse(key)
                .unwrap()
                .verify(&checkpoint, line)
                .is_ok()
        );
    }
}

/// S9: the clock jumps back an hour.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_back_dates_nothing_before_its_predecessor() {
    let world = World::with_alma().await;
    let newest = |world: &World| {
        let entry = world.app.entry(world.app.size() - 1).unwrap().unwrap();
        match record::entry::parse(&entry.bytes).unwrap().entry {
            Entry::Event(event) | Entry::Access(event) => event.recorded_at,
            Entry::Keys(keys) => keys.recorded_at,
            Entry::Heads(heads) => heads.recorded_at,
        }
    };
    world.app.checkpoint().unwrap();
    let before = newest(&world);
    world
        .clock
        .set(world.app.now() - jiff::SignedDuration::from_hours(1));
    note(&world, "an hour earlier").await;
    world.app.checkpoint().unwrap();
    assert_eq!(newest(&world), before, "time stands still");
    world
        .clock
        .set(world.app.now() + jiff::SignedDuration::from_hours(2));
    note(&world, "an hour later").await;
    world.app.checkpoint().unwrap();
    assert!(newest(&world) > before);
    let world = world.reopen();
    assert!(world.audit().notes.is_empty());
}

/// Endless headers, then an endless body; the last connection is the one that ends this.
fn babble(listener: &TcpListener) {
    for (number, stream) in listener.incoming().flatten().enumerate() {
        let mut stream = stream;
        stream
            .set_write_timeout(Some(Duration::from_millis(500)))
            .unwrap();
        let head: &[u8] = if number == 0 {
            b"GARBAGE\r\n\r\n"
        } else {
            b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n"
        };
        let mut sent = stream.write_all(head).is_ok();
        while sent && number > 0 {
            sent = stream.write_all(&[b'x'; 65_536]).is_ok();
        }
        if number >= 2 {
            return;
        }
    }
}

/// A policy whose quorum is the one witness of the town; the two others are at these addresses.
fn policy_with_two_bad_witnesses(
    keys: &LogKeys,
    town: &Town,
    [silent, babbling]: [SocketAddr; 2],
) -> String {
    let seed = |byte| {
        witness::keys::WitnessKey::new(
            &format!("witness.example/x{byte}"),
            KeyKind::Ed25519,
            [byte; 32],
        )
        .unwrap()
        .vkey()
    };
    format!(
        "log {}\nwitness w1 {} http://{}\nwitness silent {} http://{silent}\n\
         witness babbling {} http://{babbling}\nquorum w1\n",
        keys.0[0],
        town.witnesses[0].0,
        town.witnesses[0].1,
        seed(91),
        seed(92)
    )
}

/// S6 on the wire: a witness that accepts and is silent, and one that talks nonsense.
#[tokio::test(flavor = "multi_thread")]
async fn a_witness_that_hangs_or_babbles_never_blocks_recording() {
    let world = World::with_alma().await;
    world.app.checkpoint().unwrap();
    let keys = log_keys(&world.app);
    let mut town = Town::new();
    town.found(&keys, KeyKind::Ed25519, None);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let babbling = TcpListener::bind("127.0.0.1:0").unwrap();
    let addresses = [silent.local_addr().unwrap(), babbling.local_addr().unwrap()];
    let babbler = std::thread::spawn(move || babble(&babbling));
    let policy = policy_with_two_bad_witnesses(&keys, &town, addresses);
    let settings = CourierSettings {
        retry: Duration::from_millis(20),
        round: Duration::from_millis(100),
        ..CourierSettings::new(Policy::parse(&policy).unwrap())
    };
    town.takes_time_of(&world.app);
    world
        .app
        .start_courier(
            settings,
            Arc::new(Outgoing::new(Duration::from_millis(400))),
        )
        .unwrap();
    for number in 0..5 {
        let begin = Instant::now();
        note(&world, &format!("under way {number}")).await;
        world.app.checkpoint().unwrap();
        assert!(
            begin.elapsed() < Duration::from_secs(2),
            "recording waits for nobody"
        );
    }
    let size = world.app.size();
    let status = until(&world.app, "errors", |status| {
        status.quorum_size == Some(size) && status.witnesses[1..].iter().all(|w| w.error.is_some())
    });
    assert!(
        status.witnesses[1]
            .error
            .as_deref()
            .unwrap()
            .contains("did not answer"),
        "{status:?}"
    );
    let begin = Instant::now();
    world.app.close().unwrap();
    assert!(begin.elapsed() < Duration::from_secs(5), "nor does closing");
    babbler.join().unwrap();
}

#[test]
fn the_way_out_takes_no_redirect_and_no_endless_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        for answer in [
            "302 Found\r\nlocation: http://127.0.0.1:1/",
            "409 Conflict\r\ncontent-type: text/x.tlog.size",
        ] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4_096];
            let read = stream.read(&mut request).unwrap();
            assert!(request[..read].starts_with(b"POST /prefix/add-checkpoint HTTP/1.1"));
            stream
                .write_all(
                    format!(
                        "HTTP/1.1 {answer}\r\ncontent-length: 3\r\nconnection: close\r\n\r\n17\n"
                    )
                    .as_bytes(),
                )
                .unwrap();
        }
    });
    let out = Outgoing::new(Duration::from_secs(5));
    let ask = || {
        out.add_checkpoint(&format!("http://{address}/prefix/"), "old 0\n", 7)
            .unwrap()
    };
    assert_eq!(ask().status, 302);
    let conflict = ask();
    assert_eq!((conflict.status, conflict.body.as_str()), (409, "17\n"));
    server.join().unwrap();
    assert!(
        out.add_checkpoint(&format!("http://{address}"), "old 0\n", 7)
            .is_err(),
        "nobody is there"
    );
}

/// The lines of a policy that name the log, and its two keys; the access log has keys of its own.
fn keys_of_both_logs(dir: &Path) -> (String, [String; 2]) {
    let lines = policy_lines(&text(&run(dir, &["log-key"]).stdout));
    let vkeys: Vec<&str> = lines
        .lines()
        .map(|line| line.rsplit(' ').next().unwrap())
        .collect();
    assert_eq!(
        vkeys
            .iter()
            .map(|key| NoteVerifier::parse(key).unwrap().kind())
            .collect::<Vec<_>>(),
        [VerifierKind::Ed25519, VerifierKind::CosignedMlDsa44]
    );
    let of_accesses = run(dir, &["log-key", "--accesses", "--begin"]);
    let of_accesses = policy_lines(&text(&of_accesses.stdout));
    assert!(
        of_accesses.lines().count() == 2
            && of_accesses
                .lines()
                .all(|line| line.contains("/0999/adgang+")),
        "{of_accesses}"
    );
    let vkeys = [vkeys[0].to_owned(), vkeys[1].to_owned()];
    (lines, vkeys)
}

fn path_in(dir: &Path, name: &str) -> String {
    dir.join(name).to_str().unwrap().to_owned()
}

/// Makes the key of a witness, once; answers the key that verifies it.
fn witness_key(dir: &Path) -> String {
    let key = path_in(dir, "w1.key");
    let make = [
        "witness",
        "key",
        "--name",
        "witness.example/w1",
        "--out",
        &key,
    ];
    let made = run(dir, &make);
    let vkey = text(&made.stdout).trim().to_owned();
    assert!(
        made.status.success()
            && NoteVerifier::parse(&vkey).unwrap().kind() == VerifierKind::CosignedEd25519
    );
    let again = run(dir, &make);
    assert!(!again.status.success(), "a key is never written over");
    let missing = run(dir, &["witness", "--listen", "127.0.0.1:0"]);
    assert_eq!(missing.status.code(), Some(2), "{}", text(&missing.stderr));
    vkey
}

/// Starts the witness of both keys of the log; answers the address at which it listens.
fn witness_starts(
    dir: &Path,
    vkey: &str,
    log_keys: &[String; 2],
) -> (std::process::Child, SocketAddr) {
    let (key, state) = (path_in(dir, "w1.key"), path_in(dir, "w1"));
    let arguments = [
        "witness",
        "--listen",
        "127.0.0.1:0",
        "--key",
        &key,
        "--state",
        &state,
        "--log",
        &log_keys[0],
        "--log",
        &log_keys[1],
    ];
    let mut child = command(dir, &arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert_eq!(out.next().unwrap().unwrap(), vkey);
    let line = out.next().unwrap().unwrap();
    let address = line
        .split("http://")
        .nth(1)
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    (child, address)
}

/// Serves until the log is witnessed.
fn served_and_witnessed(dir: &Path, policy: &str) {
    let mut server = Server::start_with(dir, &["--witness-policy", policy]);
    let begin = Instant::now();
    let witnessed = loop {
        let answer = tests::http::graphql(
            server.address,
            "{ log { size standing(position: 0) witnessing { quorumSize } } }",
            &json!({}),
        )
        .unwrap();
        let log = answer.json()["data"]["log"].clone();
        if log["standing"] == "WITNESSED" {
            break log;
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "{log}");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(witnessed["witnessing"]["quorumSize"], witnessed["size"]);
    assert!(server.terminate().success());
}

/// A log that the witness knows is not begun anew where its data are gone.
fn no_log_is_begun_in_its_place(dir: &Path, policy: &str) {
    std::fs::remove_dir_all(dir.join("data")).unwrap();
    std::fs::remove_dir_all(dir.join("keys/0999/pending")).ok();
    for writes in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["import", &path_in(dir, "alma.jsonl")],
    ] {
        let refused = run(dir, &[writes, &["--witness-policy", policy]].concat());
        assert_eq!(refused.status.code(), Some(1));
        assert!(
            text(&refused.stderr).contains("LOG_MISSING"),
            "{}",
            text(&refused.stderr)
        );
    }
}

/// The program, as an operator and a witness start it.
#[test]
fn the_program_witnesses_and_is_witnessed() {
    let dir = tempfile::tempdir().unwrap();
    let (dossier, policy) = (
        path_in(dir.path(), "alma.jsonl"),
        path_in(dir.path(), "policy"),
    );
    std::fs::write(&dossier, ALMA).unwrap();
    assert!(run(dir.path(), &["import", &dossier]).status.success());
    let (lines, log_keys) = keys_of_both_logs(dir.path());
    let vkey = witness_key(dir.path());
    let (mut child, address) = witness_starts(dir.path(), &vkey, &log_keys);
    std::fs::write(
        &policy,
        format!("{lines}witness w1 {vkey} http://{address}\ngroup q all logpq w1\nquorum q\n"),
    )
    .unwrap();
    served_and_witnessed(dir.path(), &policy);
    // The witness shows what it has cosigned, and a restored backup of an earlier day is refused.
    let origin = record::hash::sha256(log_keys[0].split('+').next().unwrap().as_bytes()).to_hex();
    let shown = send(address, "GET", &format!("/{origin}/checkpoint"), &[], "").unwrap();
    assert_eq!(shown.status, 200);
    no_log_is_begun_in_its_place(dir.path(), &policy);
    child.kill().unwrap();
    child.wait().unwrap();
}
