//! `kill -9` under load, again and again: every acknowledged command is recorded, and recorded
//! once.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tests::http::graphql;
use tests::program::{Server, run, text};
use tests::waiting::wait_until;
use tests::world::{ALMA, ids};
use uuid::Uuid;

const NOTE: &str = "mutation($input: TakeNoteInput!) { takeNote(input: $input) { repeated receipt { position leafHash } userErrors { code } } }";

fn note(command: Uuid) -> Value {
    json!({ "input": {
        "commandId": command, "stream": ids().case(), "occurred": "2024-11-05", "facts": { "kind": "FACT", "text": format!("Notat {command}.") },
    } })
}

/// Receipts by the command that was acknowledged.
type Receipts = BTreeMap<Uuid, Value>;

/// Sends commands until the server is gone; keeps the receipt of each that was acknowledged.
fn write(server: std::net::SocketAddr, seed: u64, done: &AtomicBool, receipts: &Mutex<Receipts>) {
    for number in 0.. {
        let command = Uuid::from_u64_pair(0xc4a5 << 32 | seed, number + 1);
        let Ok(answer) = graphql(server, NOTE, &note(command)) else {
            return;
        };
        let payload = &answer.json()["data"]["takeNote"];
        if payload["receipt"].is_object() {
            receipts
                .lock()
                .unwrap()
                .insert(command, payload["receipt"].clone());
        }
        if done.load(Ordering::Relaxed) {
            return;
        }
    }
}

/// When the server of a round is killed.
struct Moment {
    /// So many commands of the round were acknowledged before: a busy machine is waited for.
    acknowledged: usize,
    /// So long after that.
    after: Duration,
}

/// A server that is killed at a moment while clients, one for each seed, are sending.
fn killed_at_work(dir: &Path, seeds: Range<u64>, moment: &Moment, receipts: &Arc<Mutex<Receipts>>) {
    let mut server = Server::start(dir);
    let before = receipts.lock().unwrap().len();
    let done = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = seeds
        .map(|seed| {
            let (address, done, receipts) =
                (server.address, Arc::clone(&done), Arc::clone(receipts));
            std::thread::spawn(move || write(address, seed, &done, &receipts))
        })
        .collect();
    wait_until("commands are acknowledged", || {
        receipts.lock().unwrap().len() >= before + moment.acknowledged
    });
    std::thread::sleep(moment.after);
    server.kill();
    done.store(true, Ordering::Relaxed);
    writers
        .into_iter()
        .for_each(|writer| writer.join().unwrap());
}

/// A command that comes again is told its receipt, and its note stands in the case once.
fn each_command_is_there_once(server: &Server, receipts: &Receipts) {
    for (command, receipt) in receipts {
        let answer = graphql(server.address, NOTE, &note(*command))
            .unwrap()
            .json();
        let payload = &answer["data"]["takeNote"];
        assert_eq!(
            (&payload["repeated"], &payload["receipt"]),
            (&json!(true), receipt),
            "{command}"
        );
    }
    let timeline = format!(
        "{{ case(id: \"{}\") {{ timeline {{ told {{ line }} }} }} }}",
        ids().case()
    );
    let view = graphql(server.address, &timeline, &Value::Null)
        .unwrap()
        .json();
    let lines: Vec<&str> = view["data"]["case"]["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| entry["told"]["line"].as_str())
        .collect();
    for command in receipts.keys() {
        let wanted = format!("{command}.");
        assert_eq!(
            lines.iter().filter(|line| line.ends_with(&wanted)).count(),
            1,
            "{command} stands there once"
        );
    }
}

#[test]
fn every_acknowledged_command_survives_kill_9() {
    let wished = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|number| number.parse::<u64>().ok())
    };
    let (rounds, clients) = (
        wished("KILL_ROUNDS").unwrap_or(50),
        wished("KILL_CLIENTS").unwrap_or(4),
    );
    // Few rounds are short ones; the long suite has time for rounds in which much is recorded.
    let longest = if rounds > 50 { 1_600 } else { 160 };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("dossier.jsonl");
    std::fs::write(&file, ALMA).unwrap();
    assert!(
        run(dir.path(), &["import", file.to_str().unwrap()])
            .status
            .success()
    );
    let receipts: Arc<Mutex<Receipts>> = Arc::default();
    for round in 0..rounds {
        // A different moment each time: some before anything is acknowledged, some before the first
        // checkpoint and some after it.
        let moment = Moment {
            acknowledged: if round % 10 == 5 { 0 } else { 2 },
            after: Duration::from_millis(
                (round * 7_919) % longest + if round % 10 == 0 { 600 } else { 0 },
            ),
        };
        let seeds = round * clients..(round + 1) * clients;
        killed_at_work(dir.path(), seeds, &moment, &receipts);
    }
    let receipts = receipts.lock().unwrap().clone();
    assert!(
        receipts.len() as u64 > rounds,
        "{} commands were acknowledged",
        receipts.len()
    );
    let mut server = Server::start(dir.path());
    each_command_is_there_once(&server, &receipts);
    assert!(server.terminate().success());
    let audit = run(dir.path(), &["audit"]);
    assert!(audit.status.success(), "{}", text(&audit.stdout));
    eprintln!(
        "{rounds} rounds, {} commands acknowledged, none lost, none doubled",
        receipts.len()
    );
}
