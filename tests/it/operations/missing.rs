//! What is missing as a whole: a log that another one names, its keys, and the newest copy of data
//! that was put back. Refused at the start, found by an audit, and never begun anew in its place.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::clock::SystemClock;
use app::known::KnownError;
use app::layout::Layout;
use app::service::{App, StartError};
use serde_json::{Value, json};
use tests::copies::{copy, put_back};
use tests::orders::{look, take_note};
use tests::program::{Server, audited, command, imported, policy_lines, run, text};
use tests::world::{ALMA, World, files, ids, layout};

/// Both logs, each of which names the other, stopped in order.
async fn two_logs() -> tempfile::TempDir {
    let world = World::with_alma().await;
    look(&world, 1).await;
    world.app.access_log().unwrap().checkpoint().unwrap();
    take_note(&world, 1).await;
    world.app.checkpoint().unwrap();
    look(&world, 2).await;
    world.app.access_log().unwrap().checkpoint().unwrap();
    world.app.write_log_key().unwrap();
    world.stop().0
}

fn remove(path: &Path) {
    let removed = if path.is_dir() {
        std::fs::remove_dir_all(path)
    } else {
        std::fs::remove_file(path)
    };
    removed.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// Everything below a directory that is a record or a key: no lock files, no index, and no space
/// that is filled ahead.
fn held(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let derived = |path: &Path| {
        path.file_name().unwrap() == "lock"
            || path
                .components()
                .any(|part| part.as_os_str().to_string_lossy().starts_with("index"))
    };
    let read = |path: PathBuf| {
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.truncate(
            bytes
                .iter()
                .rposition(|byte| *byte != 0)
                .map_or(0, |last| last + 1),
        );
        (path, bytes)
    };
    files(dir)
        .into_iter()
        .filter(|path| !derived(path))
        .map(read)
        .collect()
}

/// Starts the program in every way that opens the case log; each must be refused with the code, and
/// leave everything as it was.
#[track_caller]
fn refused(what: &str, dir: &Path, code: &str) {
    let dossier = dir.join("dossier.jsonl");
    std::fs::write(&dossier, ALMA).unwrap();
    let before = held(dir);
    for arguments in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["import", dossier.to_str().unwrap()],
        &["cases"],
    ] {
        let output = run(dir, arguments);
        let told = text(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{what}: {arguments:?}: {told}"
        );
        assert!(told.contains(code), "{what}: {arguments:?}: {told}");
    }
    let after = held(dir);
    let grown: Vec<_> = after
        .iter()
        .filter(|file| !before.contains(file))
        .map(|(path, _)| path)
        .collect();
    assert!(
        grown.is_empty() && after.len() == before.len(),
        "{what}: something was written: {grown:?}"
    );
}

/// What the audit says of the log with this name.
#[track_caller]
fn found(what: &str, dir: &Path, origin: &str, code: &str) {
    let (reports, exit) = audited(dir);
    let report = reports
        .iter()
        .find(|report| report["log"] == origin)
        .unwrap_or_else(|| panic!("{what}: {reports:?}"));
    assert_eq!(
        (&report["code"], exit),
        (&json!(code), 3),
        "{what}: {reports:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_removed_is_refused_and_found_wherever_it_is_named() {
    let clean = two_logs().await;
    let (cases, accesses) = (layout(clean.path()), layout(clean.path()).accesses());
    assert_eq!(audited(clean.path()).1, 0, "{:?}", audited(clean.path()).0);
    let within = |path: PathBuf| path.strip_prefix(clean.path()).unwrap().to_owned();
    let journal = |place: &Layout| within(place.log_dir().join("journal"));
    let known = |place: &Layout| within(place.known_file());
    // What is taken away, and of which log the audit must then say that it is missing.
    let attacks: [(&str, Vec<PathBuf>, &Layout); 8] = [
        (
            "the access log",
            vec![within(accesses.log_dir())],
            &accesses,
        ),
        (
            "and what is kept of it",
            vec![within(accesses.log_dir()), known(&accesses)],
            &accesses,
        ),
        (
            "and its keys",
            vec![within(accesses.log_dir()), within(accesses.key_dir())],
            &accesses,
        ),
        (
            "and the checkpoint of the case log",
            vec![
                within(accesses.log_dir()),
                known(&accesses),
                within(cases.log_dir().join("checkpoint")),
            ],
            &accesses,
        ),
        (
            "its journal alone",
            vec![journal(&accesses), known(&accesses)],
            &accesses,
        ),
        ("the case log", vec![within(cases.log_dir())], &cases),
        (
            "and what is kept of it",
            vec![within(cases.log_dir()), known(&cases)],
            &cases,
        ),
        (
            "and the checkpoint of the access log",
            vec![
                within(cases.log_dir()),
                known(&cases),
                within(accesses.log_dir().join("checkpoint")),
            ],
            &cases,
        ),
    ];
    for (what, taken, missing) in attacks {
        let what = format!("{}: {what}", missing.origin());
        let dir = tempfile::tempdir().unwrap();
        copy(clean.path(), dir.path());
        taken.iter().for_each(|path| remove(&dir.path().join(path)));
        refused(&what, dir.path(), "LOG_MISSING");
        found(&what, dir.path(), &missing.origin(), "LOG_MISSING");
    }
    // Of a log that nothing names nobody can say that it is missing: it may be begun.
    let dir = tempfile::tempdir().unwrap();
    let output = run(dir.path(), &["audit"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("there is no log in"),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(files(dir.path()), Vec::<PathBuf>::new());
}

/// One log, without a sister: what lies beside its keys names it.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_without_a_sister_is_missed_by_what_lies_beside_its_keys() {
    let world = World::with_alma().await;
    world.app.checkpoint().unwrap();
    world.app.write_log_key().unwrap();
    let (dir, _) = world.stop();
    remove(&dir.path().join("data"));
    refused("all data", dir.path(), "LOG_MISSING");
    found(
        "all data",
        dir.path(),
        &layout(dir.path()).origin(),
        "LOG_MISSING",
    );
    let opened = App::open(layout(dir.path()), Arc::new(SystemClock), &mut |_, _| {});
    assert!(matches!(
        opened,
        Err(StartError::Known(KnownError::Missing { .. }))
    ));
    // The recovery key does not begin it anew either.
    let seed = dir.path().join("seed");
    let created = run(
        dir.path(),
        &["keys", "create", "--recovery", seed.to_str().unwrap()],
    );
    assert!(
        created.status.code() == Some(1) && text(&created.stderr).contains("LOG_MISSING"),
        "{}",
        text(&created.stderr)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_whose_keys_are_gone_keeps_its_sister_closed_and_is_found() {
    let dir = two_logs().await;
    let accesses = layout(dir.path()).accesses();
    let aside = dir.path().join("aside");
    std::fs::rename(accesses.key_dir(), &aside).unwrap();
    refused("the keys of the access log", dir.path(), "KEYS_MISSING");
    let (reports, exit) = audited(dir.path());
    assert_eq!(
        (
            exit,
            &reports[0]["derived"],
            &reports[1]["derived"][0]["code"]
        ),
        (3, &json!([]), &json!("KEYS_MISSING")),
        "{reports:?}"
    );
    std::fs::rename(&aside, accesses.key_dir()).unwrap();
    assert_eq!(audited(dir.path()).1, 0);
}

/// A sister that cannot be read must not pass for one that says nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_sister_that_cannot_be_read_keeps_the_log_closed() {
    let dir = two_logs().await;
    let path = layout(dir.path()).accesses().log_dir().join("checkpoint");
    std::fs::write(&path, "bent").unwrap();
    refused(
        "the checkpoint of the access log",
        dir.path(),
        "what it says of this one is not known",
    );
}

/// Another access log in the place of the true one, with keys of its own, all made to fit each
/// other.
#[tokio::test(flavor = "multi_thread")]
async fn both_logs_are_audited_with_keys_from_outside() {
    let dir = two_logs().await;
    let keys = |accesses: bool| {
        let arguments = [
            &["log-key"][..],
            if accesses { &["--accesses"] } else { &[] },
        ]
        .concat();
        let lines = policy_lines(&text(&run(dir.path(), &arguments).stdout));
        lines
            .lines()
            .map(|line| line.rsplit(' ').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let (cases, accesses) = (keys(false), keys(true));
    let given = |more: &[&str]| {
        let all = [
            "audit",
            "--json",
            "--log-key",
            &cases[0],
            "--log-key",
            &cases[1],
            "--access-log-key",
            &accesses[0],
            "--access-log-key",
            &accesses[1],
        ];
        let output = run(dir.path(), &[&all[..], more].concat());
        let reports: Vec<Value> = text(&output.stdout)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        (reports, output.status.code().unwrap())
    };
    let (reports, exit) = given(&[]);
    assert_eq!(exit, 0, "{reports:?}");
    assert!(
        reports.iter().all(|report| report["verifierKey"] == "given"
            && !report["notes"].to_string().contains("beside the log")),
        "{reports:?}"
    );
    let (beside, _) = audited(dir.path());
    assert!(
        beside
            .iter()
            .all(|report| report["verifierKey"] == "beside the log"
                && report["notes"].to_string().contains("--")),
        "{beside:?}"
    );
    // The keys of the one log are not those of the other.
    let crossed = run(dir.path(), &["audit", "--log-key", &accesses[0]]);
    assert_eq!(crossed.status.code(), Some(2), "{}", text(&crossed.stdout));

    // Somebody makes an access log of his own, which nothing of the case log's newest entries
    // names.
    let (other, place) = (two_logs().await, layout(dir.path()).accesses());
    put_back(&layout(other.path()).accesses().log_dir(), &place.log_dir());
    remove(&place.known_file());
    let (reports, exit) = given(&[]);
    assert_eq!(
        (exit, &reports[1]["code"]),
        (3, &json!("CHECKPOINT_SIGNATURE")),
        "{reports:?}"
    );
    // By the key that lies beside it, it is in order with itself, and another than the one that is
    // named.
    let (reports, exit) = audited(dir.path());
    assert_eq!(exit, 3, "{reports:?}");
    assert!(
        ["FORK", "ROLLBACK"].contains(&reports[1]["code"].as_str().unwrap()),
        "{reports:?}"
    );
}

/// The data directory is put back as it was; the keys stay.
#[tokio::test(flavor = "multi_thread")]
async fn the_audit_holds_a_log_to_what_lies_beside_its_keys() {
    let world = World::with_alma().await;
    look(&world, 1).await;
    world.app.access_log().unwrap().checkpoint().unwrap();
    take_note(&world, 1).await;
    world.app.checkpoint().unwrap();
    world.app.write_log_key().unwrap();
    let older = tempfile::tempdir().unwrap();
    copy(&world.dir.path().join("data"), older.path());
    take_note(&world, 2).await;
    look(&world, 2).await;
    world.app.access_log().unwrap().checkpoint().unwrap();
    world.app.checkpoint().unwrap();
    let (dir, _) = world.stop();
    put_back(older.path(), &dir.path().join("data"));
    refused("older data", dir.path(), "STORE_ROLLED_BACK");
    let (reports, exit) = audited(dir.path());
    assert_eq!(
        (exit, &reports[0]["code"], &reports[1]["code"]),
        (3, &json!("ROLLBACK"), &json!("ROLLBACK")),
        "{reports:?}"
    );
    assert!(
        reports[0]["message"].as_str().unwrap().contains("keys"),
        "{reports:?}"
    );
    // Another past of the same length is another log.
    let known = layout(dir.path()).known_file();
    let note = std::fs::read_to_string(&known).unwrap();
    let size = std::fs::read_to_string(layout(dir.path()).log_dir().join("checkpoint"))
        .unwrap()
        .lines()
        .nth(1)
        .unwrap()
        .to_owned();
    let bent: Vec<&str> = note.lines().collect();
    std::fs::write(
        &known,
        note.replacen(&format!("\n{}\n", bent[1]), &format!("\n{size}\n"), 1),
    )
    .unwrap();
    assert_eq!(audited(dir.path()).0[0]["code"], json!("FORK"));
    // Without the keys the audit says that it could not hold the log to anything.
    std::fs::rename(dir.path().join("keys"), dir.path().join("elsewhere")).unwrap();
    let (reports, exit) = audited(dir.path());
    assert_eq!(exit, 0, "{reports:?}");
    assert!(
        reports
            .iter()
            .all(|report| report["notes"].to_string().contains("are not at hand")),
        "{reports:?}"
    );
    // The key directory can be named, as for every other command.
    let named = run(
        dir.path(),
        &[
            "audit",
            "--json",
            "--keys",
            dir.path().join("elsewhere").to_str().unwrap(),
        ],
    );
    assert_eq!(named.status.code(), Some(3), "{}", text(&named.stdout));
}

/// A witness as a process, killed when it is dropped.
struct Witness(Child);

impl Witness {
    /// Starts it on its state; answers the address at which it listens.
    fn start(dir: &Path, log_key: &str, listen: &str) -> (Self, SocketAddr) {
        let path = |name: &str| dir.join(name).to_str().unwrap().to_owned();
        let (key, state) = (path("w1.key"), path("w1"));
        let arguments = [
            "witness", "--listen", listen, "--key", &key, "--state", &state, "--log", log_key,
        ];
        let mut child = command(dir, &arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let line = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map(Result::unwrap)
            .find(|line| line.contains("http://"));
        let line = line.unwrap_or_else(|| panic!("the witness did not start"));
        let address = line
            .split("http://")
            .nth(1)
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        (Self(child), address)
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// What a server that runs answers to a query of the log.
fn asked(server: &Server, query: &str) -> Value {
    tests::http::graphql(
        server.address,
        &format!("{{ log {{ {query} }} }}"),
        &json!({}),
    )
    .unwrap()
    .json()["data"]["log"]
        .clone()
}

fn path_in(dir: &Path, name: &str) -> String {
    dir.join(name).to_str().unwrap().to_owned()
}

/// Starts a witness that the policy in the directory asks for; answers the key of the log too.
fn witnessed_by_one(dir: &Path) -> (String, Witness, SocketAddr) {
    let lines = policy_lines(&text(&run(dir, &["log-key"]).stdout));
    let log_key = lines
        .lines()
        .find_map(|line| line.strip_prefix("log "))
        .unwrap()
        .to_owned();
    let vkey = text(
        &run(
            dir,
            &[
                "witness",
                "key",
                "--name",
                "witness.example/w1",
                "--out",
                &path_in(dir, "w1.key"),
            ],
        )
        .stdout,
    );
    let (witness, address) = Witness::start(dir, &log_key, "127.0.0.1:0");
    let policy = format!(
        "{lines}witness w1 {} http://{address}\ngroup q all logpq w1\nquorum q\n",
        vkey.trim()
    );
    std::fs::write(path_in(dir, "policy"), policy).unwrap();
    (log_key, witness, address)
}

/// Waits until the quorum has cosigned the whole log; answers its size.
fn cosigned(server: &Server) -> u64 {
    let begin = Instant::now();
    loop {
        let log = asked(server, "size witnessing { quorumSize }");
        if log["witnessing"]["quorumSize"] == log["size"] {
            return log["size"].as_u64().unwrap();
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "{log}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn note_after_the_copy(server: &Server) {
    let input = json!({ "input": { "commandId": "5b0c7f0e-52b8-4d7e-9a0e-3d1f6a2b9c41", "stream": ids().case(), "occurred": "2024-11-05",
        "facts": { "kind": "FACT", "text": "Efter kopien." } } });
    let query =
        "mutation($input: TakeNoteInput!) { takeNote(input: $input) { userErrors { code } } }";
    let noted = tests::http::graphql(server.address, query, &input)
        .unwrap()
        .json();
    assert_eq!(
        noted["data"]["takeNote"]["userErrors"],
        json!([]),
        "{noted}"
    );
}

/// Nobody answers: nothing opens the log, and nothing is written.
fn refused_while_nobody_answers(dir: &Path, serving: &[&str]) {
    let (dossier, before) = (path_in(dir, "dossier.jsonl"), held(dir));
    for arguments in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["import", &dossier],
        &["cases"],
    ] {
        let output = run(dir, &[arguments, serving].concat());
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(
            text(&output.stderr).contains("WITNESSES_SILENT: w1"),
            "{}",
            text(&output.stderr)
        );
    }
    assert!(held(dir) == before, "nothing was written");
    let blank = run(
        dir,
        &[&["cases", "--without-witnesses", " \t"], serving].concat(),
    );
    assert_eq!(
        blank.status.code(),
        Some(2),
        "a reason is a reason: {}",
        text(&blank.stderr)
    );
}

/// A witness that answers is believed more than the operator.
fn contradicted_by_a_witness(dir: &Path, word: &[&str], log_key: &str, address: SocketAddr) {
    let (witness, _) = Witness::start(dir, log_key, &address.to_string());
    let contradicted = run(dir, &[&["cases"], word].concat());
    assert!(
        contradicted.status.code() == Some(1)
            && text(&contradicted.stderr).contains("STORE_ROLLED_BACK"),
        "{}",
        text(&contradicted.stderr)
    );
    drop(witness);
}

/// The operator's word opens the log, and stands in it.
fn opened_on_the_operators_word(dir: &Path, word: &[&str], size: u64) {
    let server = Server::start_with(dir, word);
    let log = asked(
        &server,
        "safeguardOverrides { safeguard reason operator entriesHere knownBy }",
    );
    let [told] = log["safeguardOverrides"].as_array().unwrap().as_slice() else {
        panic!("{log}")
    };
    assert_eq!(
        (
            &told["safeguard"],
            &told["reason"],
            &told["entriesHere"],
            &told["knownBy"]
        ),
        (
            &json!("ROLLBACK"),
            &json!("Skolen brænder, og vidnet svarer ikke."),
            &json!(size),
            &json!("silent: w1")
        )
    );
    assert!(!told["operator"].as_str().unwrap().is_empty());
}

/// Data and keys are put back together, while nobody who knows better can be reached.
#[test]
fn a_log_is_not_opened_while_those_who_may_know_more_of_it_are_silent() {
    let dir = imported();
    let (log_key, witness, address) = witnessed_by_one(dir.path());
    let policy = path_in(dir.path(), "policy");
    let serving = ["--witness-policy", &policy];
    let mut server = Server::start_with(dir.path(), &serving);
    let size = cosigned(&server);
    assert!(server.terminate().success());
    let backup = tempfile::tempdir().unwrap();
    copy(&dir.path().join("data"), &backup.path().join("data"));
    copy(&dir.path().join("keys"), &backup.path().join("keys"));
    let mut server = Server::start_with(dir.path(), &serving);
    note_after_the_copy(&server);
    assert!(cosigned(&server) > size);
    assert!(server.terminate().success());
    drop(witness);
    for name in ["data", "keys"] {
        put_back(&backup.path().join(name), &dir.path().join(name));
    }

    refused_while_nobody_answers(dir.path(), &serving);
    let word = [
        "--without-witnesses",
        "Skolen brænder, og vidnet svarer ikke.",
        "--witness-policy",
        &policy,
    ];
    contradicted_by_a_witness(dir.path(), &word, &log_key, address);
    opened_on_the_operators_word(dir.path(), &word, size);
}
