//! Keys are exchanged and locked, copies of keys die, and a wrong key is told.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use domain::reading::ReadingPoint;
use record::keys::RootKey;
use serde_json::{Value, json};
use store::disk::RealDisk;
use store::embedded::keys::FileKeyStore;
use store::key_store::{KeyRow, KeyStore, PartRow, SubjectRow};
use tests::copies::{copy, journal, put_back};
use tests::key_rows::as_before;
use tests::orders::take_note;
use tests::program::{Server, chain, command, imported, run, text};
use tests::world::{ALMA, World, audit, caseworker, files, ids, later, layout, open};
use uuid::Uuid;

/// Attacks 47 to 50 from the other side: a rotation in order leaves a log that any auditor accepts.
#[tokio::test(flavor = "multi_thread")]
async fn event_keys_are_exchanged_between_events_and_every_entry_stays_proven() {
    let world = World::with_alma().await;
    let first = world.app.event_keys().unwrap();
    let keys_before = tempfile::tempdir().unwrap();
    copy(&layout(world.dir.path()).key_dir(), keys_before.path());
    for number in 0..3 {
        world.app.rotate_event_key(None).unwrap();
        take_note(&world, number).await;
    }
    let now = world.app.event_keys().unwrap();
    assert_eq!((first.entries, now.entries), (1, 4));
    assert_ne!(first.in_force, now.in_force);
    assert!(
        world.app.inclusion_proof(now.index).unwrap().is_some(),
        "a checkpoint covers it"
    );
    world.app.checkpoint().unwrap();
    world.audit();
    let world = world.reopen();
    take_note(&world, 9).await;
    world.app.checkpoint().unwrap();
    assert_eq!(world.audit().events, 67 + 2 + 4);
    let (dir, _) = world.stop();
    // A copy of the keys from before cannot go on: its key is not listed any more.
    put_back(keys_before.path(), &layout(dir.path()).key_dir());
    let before = journal(dir.path());
    let refused = chain(&open(dir.path()).unwrap_err());
    assert!(refused.contains("KEYS_CUT"), "{refused}");
    let refused = chain(&app::lost_keys::accept(&layout(dir.path()), later()).unwrap_err());
    assert!(
        refused.contains("does not list the key that lies here"),
        "{refused}"
    );
    assert!(journal(dir.path()) == before, "nothing was written");
}

/// S8: a new epoch kills every older copy of the keys, and changes no answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_epoch_of_the_root_key_leaves_no_older_copy_that_opens_anything() {
    let ids = ids();
    let world = World::with_alma().await;
    let expected = world.read(ids.case(), ReadingPoint::default());
    let before = tempfile::tempdir().unwrap();
    copy(&layout(world.dir.path()).key_dir(), before.path());
    assert_eq!(world.app.rotate_root().unwrap(), 2);
    assert_eq!(world.app.rotate_root().unwrap(), 3);
    assert_eq!(world.read(ids.case(), ReadingPoint::default()), expected);
    take_note(&world, 1).await;
    world.audit();
    let (dir, trust) = world.stop();
    audit(dir.path(), &trust).unwrap();
    let old = FileKeyStore::open(Arc::new(RealDisk::default()), before.path()).unwrap();
    let live =
        FileKeyStore::open(Arc::new(RealDisk::default()), &layout(dir.path()).key_dir()).unwrap();
    let (old_root, live_root) = (
        RootKey::from_bytes(*old.secrets().root),
        RootKey::from_bytes(*live.secrets().root),
    );
    let mut compared = 0;
    for name in ["A14", "A22-g1", "person-alma"] {
        let subject = old
            .part(ids.event(name).uuid(), 0)
            .unwrap()
            .unwrap()
            .subject;
        let (old_row, live_row) = (
            old.subject(subject).unwrap().unwrap(),
            live.subject(subject).unwrap().unwrap(),
        );
        for place in [old_row.place(), live_row.place()] {
            assert!(
                live_root.unwrap(place, &old_row.wrapped).is_err(),
                "{name}: the old row under the live root"
            );
            assert!(
                old_root.unwrap(place, &live_row.wrapped).is_err(),
                "{name}: the live row under the old root"
            );
        }
        assert!(
            live_root
                .unwrap(live_row.place(), &live_row.wrapped)
                .is_ok()
        );
        compared += 1;
    }
    assert_eq!((compared, live.secrets().epoch), (3, 3));
    // Its rows put in the place of the live ones are refused.
    drop((old, live));
    let rows = |dir: &Path| {
        files(dir)
            .into_iter()
            .find(|path| path.to_string_lossy().contains("rows-"))
            .unwrap()
    };
    std::fs::copy(rows(before.path()), rows(&layout(dir.path()).key_dir())).unwrap();
    let told = chain(&open(dir.path()).unwrap_err());
    assert!(
        told.contains("the rows are not those that were written here"),
        "{told}"
    );
}

/// What is said when a case is read, or the log is opened, although rows of the key store are
/// these.
fn told_with(dir: &Path, rows: &[KeyRow]) -> String {
    let store = FileKeyStore::open(Arc::new(RealDisk::default()), &layout(dir).key_dir()).unwrap();
    store.put(rows).unwrap();
    drop(store);
    let refused = open(dir).map(|app| {
        app.read(ids().case(), ReadingPoint::default(), &caseworker())
            .map(|_| ())
    });
    match &refused {
        Err(error) => chain(error),
        Ok(read) => chain(read.as_ref().unwrap_err()),
    }
}

/// The keys that lie in the key directory of a log that is stopped.
fn stored(dir: &Path) -> FileKeyStore {
    FileKeyStore::open(Arc::new(RealDisk::default()), &layout(dir).key_dir()).unwrap()
}

/// The keys of two parts, of one event or of two, or of one person or of two.
fn swapped_parts_are_told(dir: &Path, clean: &Path) {
    let ids = ids();
    let pairs = [
        ("A14", 0, "A22-g1", 0),
        ("A14", 1, "A22-g1", 1),
        ("A14", 0, "A14", 1),
        ("A14", 0, "person-alma", 0),
    ];
    for (one, part, other, other_part) in pairs {
        put_back(clean, &layout(dir).key_dir());
        let row = |name: &str, part| {
            stored(dir)
                .part(ids.event(name).uuid(), part)
                .unwrap()
                .unwrap()
        };
        let (first, second) = (row(one, part), row(other, other_part));
        let told = told_with(
            dir,
            &[
                PartRow {
                    wrapped: second.wrapped,
                    ..first.clone()
                },
                PartRow {
                    wrapped: first.wrapped,
                    ..second.clone()
                },
            ]
            .map(KeyRow::Part),
        );
        let named = [first, second].into_iter().any(|row| {
            told.contains(&format!(
                "wrapped key of part {} of event {}",
                row.part, row.event
            ))
        });
        assert!(
            told.contains("BLOB_DECRYPT") && named,
            "{one} {part}, {other} {other_part}: {told}"
        );
    }
}

/// The rows of two subjects, a case and a person.
fn case_and_person(dir: &Path) -> (SubjectRow, SubjectRow) {
    let subject = |subject: Uuid| stored(dir).subject(subject).unwrap().unwrap();
    (
        subject(ids().case().uuid()),
        subject(ids().person("alma").uuid()),
    )
}

/// The keys of two subjects, of a case and of a person.
fn swapped_subjects_are_told(dir: &Path, clean: &Path) {
    put_back(clean, &layout(dir).key_dir());
    let (case, person) = case_and_person(dir);
    let swapped = [
        SubjectRow {
            wrapped: person.wrapped,
            ..case.clone()
        },
        SubjectRow {
            wrapped: case.wrapped,
            ..person.clone()
        },
    ];
    let told = told_with(dir, &swapped.map(KeyRow::Subject));
    assert!(
        told.contains("BLOB_DECRYPT") && told.contains("wrapped key of subject"),
        "{told}"
    );
}

/// A row of an older epoch, under its own name and under another one, as it was or called one of
/// this epoch.
fn rows_of_an_older_epoch_are_told(dir: &Path, clean: &Path) {
    put_back(clean, &layout(dir).key_dir());
    let (case, person) = case_and_person(dir);
    for (subject, epoch) in [(&case, 1), (&case, 2), (&person, 1), (&person, 2)] {
        put_back(clean, &layout(dir).key_dir());
        let app = open(dir).unwrap();
        assert_eq!(app.rotate_root().unwrap(), 2);
        app.close().unwrap();
        drop(app);
        let old = SubjectRow {
            wrapped: case.wrapped,
            subject: subject.subject,
            epoch,
        };
        let told = told_with(dir, &[KeyRow::Subject(old)]);
        let named = told.contains(&format!(
            "wrapped key of subject {} in epoch 2",
            subject.subject
        ));
        assert!(told.contains("BLOB_DECRYPT") && named, "{epoch}: {told}");
    }
}

/// S7: two wrapped keys that were swapped open nothing, whichever two they are, and the row is
/// named.
#[tokio::test(flavor = "multi_thread")]
async fn swapped_keys_are_told_and_never_read_as_something_else() {
    let (dir, _) = World::with_alma().await.stop();
    let clean = tempfile::tempdir().unwrap();
    copy(&layout(dir.path()).key_dir(), clean.path());
    swapped_parts_are_told(dir.path(), clean.path());
    swapped_subjects_are_told(dir.path(), clean.path());
    rows_of_an_older_epoch_are_told(dir.path(), clean.path());
}

/// A key directory of an earlier version is taken over, for reading in memory only; an erasure goes
/// on from there.
#[tokio::test(flavor = "multi_thread")]
async fn keys_of_an_earlier_version_are_taken_over_and_everything_is_read() {
    let ids = ids();
    let world = World::with_alma().await;
    world.app.lists_ready(&mut |_, _| {}).unwrap();
    world.app.write_log_key().unwrap();
    let expected = world.read(ids.case(), ReadingPoint::default());
    let (dir, trust) = world.stop();
    let place = layout(dir.path()).key_dir();
    as_before(&place, false);
    let before: Vec<(PathBuf, Vec<u8>)> = files(&place)
        .into_iter()
        .map(|path| (path.clone(), std::fs::read(&path).unwrap()))
        .collect();
    // What is only looked at stays as it lies.
    let audited = run(dir.path(), &["audit", "--lists"]);
    assert!(
        audited.status.success(),
        "{}{}",
        text(&audited.stdout),
        text(&audited.stderr)
    );
    for (path, bytes) in &before {
        assert!(std::fs::read(path).unwrap() == *bytes, "{}", path.display());
    }
    let app = open(dir.path()).unwrap();
    assert_eq!(
        app.read(ids.case(), ReadingPoint::default(), &caseworker())
            .unwrap(),
        expected
    );
    app.close().unwrap();
    drop(app);
    let names: Vec<_> = files(&place)
        .into_iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(
        names,
        [
            "epoch",
            "checkpoint",
            "lock",
            "rows-00000001.bound",
            "secrets-00000003.key"
        ]
    );
    assert!(
        std::fs::read(place.join("epoch"))
            .unwrap()
            .starts_with(b"sagsspor epoch 3\n1 3\n")
    );
    let app = open(dir.path()).unwrap();
    assert_eq!(
        app.read(ids.case(), ReadingPoint::default(), &caseworker())
            .unwrap(),
        expected
    );
    app.close().unwrap();
    drop(app);
    audit(dir.path(), &trust).unwrap();
}

/// The file of wrapped keys, and the places at which its frames end.
fn frames(dir: &Path) -> (PathBuf, Vec<u8>, Vec<usize>) {
    let path = files(&layout(dir).key_dir())
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "bound"))
        .unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let begins = (0..bytes.len())
        .filter(|place| bytes[*place..].starts_with(b"SGK2"))
        .skip(1);
    let ends = begins.chain([bytes.len()]).collect();
    (path, bytes, ends)
}

/// A file of keys that was cut, at any place, is told when the log is opened, and shortened no
/// further.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_keys_that_was_cut_is_told_before_anything_is_written() {
    let world = World::with_alma().await;
    world.app.rotate_root().unwrap();
    for number in 0..6 {
        take_note(&world, number).await;
    }
    let (dir, trust) = world.stop();
    let (path, whole, ends) = frames(dir.path());
    assert!(
        ends.len() >= 8,
        "the rows of the exchange, the mark behind them, and those of the notes: {}",
        ends.len()
    );
    let (log, before) = (journal(dir.path()), whole.len());
    let cuts = ends
        .iter()
        .copied()
        .chain(ends.iter().map(|end| end - 1))
        .chain(ends.iter().map(|end| end - 50))
        .chain([0, 1, 5_000]);
    for cut in cuts.filter(|cut| *cut < before) {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let told = chain(&open(dir.path()).unwrap_err());
        assert!(
            told.contains("KEYS_CUT") || told.contains("the file was cut"),
            "{cut}: {told}"
        );
        assert_eq!(
            std::fs::read(&path).unwrap().len(),
            cut,
            "{cut}: left as it was"
        );
    }
    assert!(journal(dir.path()) == log, "nothing was written");
    std::fs::write(&path, &whole).unwrap();
    drop(open(dir.path()).unwrap());
    audit(dir.path(), &trust).unwrap();
}

/// Where there is no newer copy, the log goes on without what is gone, and says so.
#[test]
fn a_loss_of_keys_is_accepted_on_the_record() {
    let dir = imported();
    let (path, whole, ends) = frames(dir.path());
    std::fs::write(&path, &whole[..ends[ends.len() - 3]]).unwrap();
    let refused = run(dir.path(), &["duties"]);
    assert!(!refused.status.success());
    let refused = run(dir.path(), &["replay", &ids().case().to_string()]);
    assert!(
        text(&refused.stderr).contains("KEYS_CUT")
            && text(&refused.stderr).contains("keys accept-loss"),
        "{}",
        text(&refused.stderr)
    );
    let told = good(run(dir.path(), &["keys", "accept-loss"]));
    assert!(told.contains("2 events from entry"), "{told}");
    let app = open(dir.path()).unwrap();
    let checks = app.integrity_checks().unwrap();
    assert_eq!(
        checks.last().unwrap().result,
        events::log::IntegrityResult::Broken
    );
    let error = app
        .read(ids().case(), ReadingPoint::default(), &caseworker())
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("is missing and no erasure explains it"),
        "{error}"
    );
    app.close().unwrap();
    drop(app);
    assert!(
        good(run(dir.path(), &["keys", "accept-loss"]))
            .contains("the newest event opens, and nothing was recorded")
    );
    good(run(dir.path(), &["audit"]));
}

fn passphrase(dir: &Path, name: &str, words: &str) -> PathBuf {
    let file = dir.join(name);
    std::fs::write(&file, format!("{words}\n")).unwrap();
    file
}

fn good(output: Output) -> String {
    assert!(
        output.status.success(),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

fn with_passphrase(dir: &Path, file: &str, arguments: &[&str]) -> Output {
    command(dir, arguments)
        .env("SAGSSPOR_PASSPHRASE_FILE", file)
        .output()
        .unwrap()
}

/// A secret, as it is or in letters, is in no file.
fn stands_nowhere_in(dir: &Path, secret: &[u8; 32]) {
    let hex = record::hash::Hash::new(*secret).to_hex();
    for path in files(dir).into_iter().filter(|path| path.is_file()) {
        let bytes = std::fs::read(&path).unwrap();
        assert!(
            !String::from_utf8_lossy(&bytes).contains(&hex)
                && !bytes.windows(32).any(|window| window == secret),
            "{}",
            path.display()
        );
    }
}

/// A log that is locked, opened without a passphrase and with another one.
fn a_wrong_passphrase_changes_nothing(dir: &Path, wrong: &str, case: &str) {
    let before: Vec<(PathBuf, Vec<u8>)> = files(dir)
        .into_iter()
        .map(|path| (path.clone(), std::fs::read(&path).unwrap()))
        .collect();
    let none = run(dir, &["replay", case]);
    assert!(
        text(&none.stderr).contains("a passphrase is needed") && none.status.code() == Some(1),
        "{}",
        text(&none.stderr)
    );
    let wrong = with_passphrase(dir, wrong, &["replay", case]);
    assert!(
        text(&wrong.stderr)
            .contains("the passphrase is not the one that the keys were locked with"),
        "{}",
        text(&wrong.stderr)
    );
    for (path, bytes) in before {
        assert!(
            std::fs::read(&path).unwrap() == bytes,
            "{} was touched",
            path.display()
        );
    }
}

/// From a passphrase to a credential, and back to none.
fn a_credential_locks_and_opens(dir: &Path, passphrase: &str) {
    let credential = dir.join("credentials");
    std::fs::create_dir(&credential).unwrap();
    std::fs::write(credential.join("sagsspor-lock"), [42; 32]).unwrap();
    good(with_passphrase(
        dir,
        passphrase,
        &[
            "keys",
            "lock",
            "--credential",
            "--new-file",
            credential.join("sagsspor-lock").to_str().unwrap(),
        ],
    ));
    let shown = command(dir, &["keys", "show", "--json"])
        .env("CREDENTIALS_DIRECTORY", &credential)
        .output()
        .unwrap();
    let shown: Value = serde_json::from_str(good(shown).lines().next().unwrap()).unwrap();
    assert_eq!(
        (&shown["lock"], &shown["epoch"], &shown["event"]["entries"]),
        (&json!("credential"), &json!(1), &json!(1))
    );
    let short = run(dir, &["keys", "lock", "--none"]);
    assert!(
        text(&short.stderr).contains("the credential sagsspor-lock is needed"),
        "{}",
        text(&short.stderr)
    );
    good(
        command(dir, &["keys", "lock", "--none"])
            .env("CREDENTIALS_DIRECTORY", &credential)
            .output()
            .unwrap(),
    );
}

#[test]
fn keys_are_locked_and_a_wrong_passphrase_touches_nothing() {
    let dir = imported();
    let keys = layout(dir.path()).key_dir();
    let (first, second) = (
        passphrase(dir.path(), "first", "seks gange ti ord"),
        passphrase(dir.path(), "second", "ti gange seks ord"),
    );
    let (first, second) = (first.to_str().unwrap(), second.to_str().unwrap());
    let case = ids().case().to_string();
    assert!(good(run(dir.path(), &["keys", "show"])).contains("nothing: the secrets lie in files"));
    let root = *FileKeyStore::open(Arc::new(RealDisk::default()), &keys)
        .unwrap()
        .secrets()
        .root;
    good(run(
        dir.path(),
        &["keys", "lock", "--passphrase", "--new-file", first],
    ));
    stands_nowhere_in(dir.path(), &root);
    a_wrong_passphrase_changes_nothing(dir.path(), second, &case);
    let with = |file: &str, arguments: &[&str]| with_passphrase(dir.path(), file, arguments);
    assert!(good(with(first, &["replay", &case])).contains("Acute measure needed"));
    assert!(
        good(run(dir.path(), &["audit"])).contains("OK"),
        "an audit needs no keys"
    );
    // From one lock to another, to a credential, and back to none.
    good(with(
        first,
        &["keys", "lock", "--passphrase", "--new-file", second],
    ));
    assert!(!with(first, &["replay", &case]).status.success());
    a_credential_locks_and_opens(dir.path(), second);
    assert!(good(run(dir.path(), &["replay", &case])).contains("Acute measure needed"));
}

/// A log that is begun with a passphrase never has a secret in the clear, its access log included.
#[test]
fn a_new_log_is_locked_from_the_beginning() {
    let dir = tempfile::tempdir().unwrap();
    let words = passphrase(dir.path(), "words", "seks gange ti ord");
    let file = dir.path().join("dossier.jsonl");
    std::fs::write(&file, ALMA).unwrap();
    let with = |arguments: &[&str]| {
        command(dir.path(), arguments)
            .env("SAGSSPOR_PASSPHRASE_FILE", &words)
            .output()
            .unwrap()
    };
    good(with(&["import", file.to_str().unwrap()]));
    for path in files(&layout(dir.path()).key_dir())
        .iter()
        .filter(|path| path.to_string_lossy().contains("secrets-"))
    {
        let held = std::fs::read_to_string(path).unwrap();
        assert!(
            held.contains("lock passphrase argon2id"),
            "{}",
            path.display()
        );
        assert_eq!(
            std::fs::metadata(path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    assert!(run(dir.path(), &["keys", "show"]).status.code() == Some(1));
    good(with(&["keys", "show"]));
}

/// What the program shows of the keys.
fn shown(dir: &Path) -> Value {
    serde_json::from_str(
        good(run(dir, &["keys", "show", "--json"]))
            .lines()
            .next()
            .unwrap(),
    )
    .unwrap()
}

/// Log keys: both sign for a while, and a reader with either is content.
fn log_keys_are_exchanged(dir: &Path) {
    good(run(dir, &["keys", "rotate", "--log-key"]));
    let both = shown(dir);
    let (old, new) = (
        both["logKeys"]["ed25519"].as_str().unwrap(),
        both["nextLogKeys"]["ed25519"].as_str().unwrap(),
    );
    let audited = |key: &str| run(dir, &["audit", "--log-key", key]);
    assert!(
        audited(old).status.success()
            && audited(new).status.success()
            && run(dir, &["audit"]).status.success()
    );
    assert!(
        text(&run(dir, &["keys", "rotate", "--log-key"]).stderr).contains("another key is waiting")
    );
    good(run(dir, &["keys", "retire-log-key"]));
    assert!(text(&audited(old).stdout).contains("FAIL CHECKPOINT_SIGNATURE"));
    assert!(audited(new).status.success() && run(dir, &["audit"]).status.success());
    assert!(!run(dir, &["keys", "cancel-log-key"]).status.success());
}

#[test]
fn keys_are_exchanged_by_the_program_and_a_recovery_key_brings_a_log_back() {
    let dir = tempfile::tempdir().unwrap();
    let recovery = dir.path().join("recovery.key");
    let recovery = recovery.to_str().unwrap();
    assert!(
        good(run(dir.path(), &["keys", "create", "--recovery", recovery]))
            .contains("the event key is")
    );
    assert_eq!(
        std::fs::metadata(recovery).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(
        !run(dir.path(), &["keys", "create", "--recovery", recovery])
            .status
            .success(),
        "once only"
    );
    let file = dir.path().join("dossier.jsonl");
    std::fs::write(&file, ALMA).unwrap();
    good(run(dir.path(), &["import", file.to_str().unwrap()]));
    let first = shown(dir.path());
    assert_eq!(first["event"]["recovery"].as_array().unwrap().len(), 1);
    good(run(dir.path(), &["keys", "rotate", "--event", "--root"]));
    let second = shown(dir.path());
    assert_eq!(
        (&second["epoch"], &second["event"]["entries"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(
        second["event"]["recovery"], first["event"]["recovery"],
        "the recovery key stays"
    );
    log_keys_are_exchanged(dir.path());
    // The event key is suspected.
    good(run(
        dir.path(),
        &["keys", "recover", "--recovery-seed", recovery],
    ));
    let third = shown(dir.path());
    assert_eq!(third["event"]["entries"], json!(3));
    assert_ne!(third["event"]["kid"], second["event"]["kid"]);
    assert!(run(dir.path(), &["audit"]).status.success());
    let other = dir.path().join("other.key");
    std::fs::write(&other, "sagsspor recovery key 1\n").unwrap();
    assert!(
        text(
            &run(
                dir.path(),
                &[
                    "keys",
                    "recover",
                    "--recovery-seed",
                    other.to_str().unwrap()
                ]
            )
            .stderr
        )
        .contains("not a recovery key")
    );
    let server = Server::start(dir.path());
    let busy = run(dir.path(), &["keys", "show"]);
    assert!(good(busy).contains("epoch          2"));
    assert!(text(&run(dir.path(), &["keys", "rotate", "--root"]).stderr).contains("in use"));
    drop(server);
}
