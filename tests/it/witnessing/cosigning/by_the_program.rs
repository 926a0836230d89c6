//! The program as an operator and a witness start it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use record::cosignature::{KeyKind as VerifierKind, NoteVerifier};
use serde_json::json;
use tests::http::send;
use tests::program::{Server, command, policy_lines, run, text};
use tests::waiting::wait_for;
use tests::world::ALMA;

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
    let witnessed = wait_for("the log is witnessed", || {
        let answer = tests::http::graphql(
            server.address,
            "{ log { size standing(position: 0) witnessing { quorumSize } } }",
            &json!({}),
        )
        .unwrap();
        let log = answer.json()["data"]["log"].clone();
        if log["standing"] == "WITNESSED" {
            Ok(log)
        } else {
            Err(log)
        }
    });
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
