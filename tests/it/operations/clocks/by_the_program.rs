//! The program with a clock that cannot be trusted: what it refuses, and on whose word it goes on.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use app::clock::Clock;
use app::operations::operator::Operator;
use jiff::{SignedDuration, Timestamp};
use record::entry::parse;
use serde_json::json;
use tests::dirs::Dirs;
use tests::http::{graphql, send};
use tests::program::{Server, command, run, text};
use tests::world::{World, caseworker, layout};

use super::note;

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
    let seed = app::operations::key_custody::RecoverySeed::generate();
    world
        .operator
        .rotate_event_key(Some(seed.public()))
        .unwrap();
    let size = world.public_log().size();
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
    let operator = Operator::open(
        layout(dir.path()),
        Arc::new(app::clock::SystemClock),
        &mut |_, _| {},
    )
    .unwrap();
    let overrides = operator
        .session(caseworker())
        .safeguard_overrides()
        .unwrap();
    assert_eq!(
        (overrides.len(), overrides[0].reason.text().as_str()),
        (1, "The keys lay in a safe for two years.")
    );
    let kinds: Vec<bool> = size
        .next_index()
        .up_to(operator.public_log().size())
        .map(|index| {
            matches!(
                parse(
                    &operator
                        .session(caseworker())
                        .entry(index)
                        .unwrap()
                        .unwrap()
                        .bytes
                )
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
