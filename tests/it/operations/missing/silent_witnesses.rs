//! Data and keys are put back together while the witnesses are silent.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Stdio};

use serde_json::{Value, json};
use tests::copies::{copy, put_back};
use tests::program::{Server, command, imported, policy_lines, run, text};
use tests::waiting::wait_for;
use tests::world::ids;

use super::held;

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
    wait_for("the whole log is cosigned", || {
        let log = asked(server, "size witnessing { quorumSize }");
        if log["witnessing"]["quorumSize"] == log["size"] {
            Ok(log["size"].as_u64().unwrap())
        } else {
            Err(log)
        }
    })
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
