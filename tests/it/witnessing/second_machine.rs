//! The second machine: a witness keeps the whole log, is asked before the other witnesses, and is
//! killed in between; the log is brought back from what it keeps.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::Duration;

use app::operations::operator::Operator;
use app::queries::witnessing::Standing;
use app::witnessing::client::{Policy, WitnessClientSettings};
use domain::reading::ReadingPoint;
use events::meta::Role;
use serde_json::{Value, json};
use server::outgoing::Outgoing;
use tests::copies::{copy, put_back};
use tests::dirs::Dirs;
use tests::orders::take_note;
use tests::program::{chain, command, imported, policy_lines, run, text};
use tests::world::{World, audit, caseworker, files, ids, layout, open, viewer};
use uuid::Uuid;
use verify::audit::{Report, Trust};
use witness::keys::KeyKind;

use tests::loopback_servers::{LogKeys, Town, log_keys, until};

/// The keeping witness as a process, killed when it is dropped.
struct Keeper {
    child: Child,
    address: SocketAddr,
}

impl Keeper {
    /// Starts it on the state and the directory of the last one, if there was any.
    fn start(dir: &Path, keys: &LogKeys, log: SocketAddr, listen: &str) -> Self {
        let path = |name: &str| dir.join(name).to_str().unwrap().to_owned();
        let (key, mirror, state, kept) = (
            path("keeper.key"),
            path("mirror.key"),
            path("state"),
            path("kept"),
        );
        let tiles = format!("http://{log}/tiles/sag");
        let arguments = [
            "witness",
            "--listen",
            listen,
            "--key",
            &key,
            "--state",
            &state,
            "--log",
            &keys.0[0],
            "--log",
            &keys.0[1],
            "--verifying",
            "--tiles",
            &tiles,
            "--keep",
            &kept,
            "--mirror-key",
            &mirror,
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
        assert!(line.contains("keeping all of it in"), "{line}");
        let address = line
            .split("http://")
            .nth(1)
            .unwrap()
            .split(',')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        Self { child, address }
    }
}

impl Drop for Keeper {
    /// As `kill -9` does.
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

async fn erase(world: &World, number: u128, scope: &str, rest: Value) {
    let mut input = json!({
        "commandId": Uuid::from_u128(0xee0 + number), "occurred": "2024-11-12", "scope": scope, "ground": "GDPR_17",
        "legalCheck": "Ingen pligt til at bevare oplysningen.", "approvedBy": "D2",
    });
    input
        .as_object_mut()
        .unwrap()
        .extend(rest.as_object().unwrap().clone());
    let outcome = world
        .order("orderErasure", input, viewer("D1", Role::Dpo))
        .await
        .unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
}

/// The ciphertexts in a directory, by their paths.
fn ciphertexts(kept: &Path) -> BTreeMap<String, Vec<u8>> {
    let blobs = files(&kept.join("blobs"))
        .into_iter()
        .filter(|file| !file.ends_with("size"));
    blobs
        .map(|file| {
            (
                file.strip_prefix(kept)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned(),
                std::fs::read(file).unwrap(),
            )
        })
        .collect()
}

/// Waits until the keeping witness has cosigned everything; what it keeps is then what the log has,
/// and nothing of what was erased of `before` is left.
fn same_as_log(world: &World, kept: &Path, before: &BTreeMap<String, Vec<u8>>) -> usize {
    world.operator.checkpoint().unwrap();
    let size = world.public_log().size();
    until(&world.operator, "all", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(size))
    });
    let held = ciphertexts(kept);
    for (name, bytes) in &held {
        assert!(
            world.public_log().tile(name).unwrap().as_ref() == Some(bytes),
            "{name}"
        );
    }
    let erased: Vec<_> = before
        .iter()
        .filter(|(name, bytes)| world.public_log().tile(name).unwrap().as_ref() != Some(*bytes))
        .collect();
    for file in files(kept) {
        let content = std::fs::read(&file).unwrap();
        for (name, bytes) in &erased {
            assert!(
                !content
                    .windows(bytes.len())
                    .any(|part| part == bytes.as_slice()),
                "{name} is in {}",
                file.display()
            );
        }
    }
    erased.len()
}

fn audited(dir: &Path, keys: &LogKeys) -> Value {
    let kept = dir.join("kept");
    let output = run(
        dir,
        &[
            "audit",
            "--json",
            "--tiles",
            kept.to_str().unwrap(),
            "--log-key",
            &keys.0[0],
            "--log-key",
            &keys.0[1],
        ],
    );
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&told["ok"], output.status.code()),
        (&json!(true), Some(0)),
        "{told}"
    );
    told
}

/// A log that is shown to the keeping witness first, and then to another one.
fn appoint(world: &World, town: &Town, keys: &LogKeys, vkeys: &[String; 2], keeper: &Keeper) {
    let (other, address) = &town.witnesses[0];
    let ([vkey, mirror], at) = (vkeys, keeper.address);
    let text = format!(
        "log {}\nwitness logpq {}\nwitness keeping {vkey} http://{at}\nwitness mirror {mirror} http://{at}\n\
         witness other {other} http://{address}\ngroup q all logpq keeping mirror other\nquorum q\n",
        keys.0[0], keys.0[1]
    );
    let settings = WitnessClientSettings {
        first: vec!["mirror".to_owned()],
        retry: Duration::from_millis(50),
        ..WitnessClientSettings::new(Policy::parse(&text).unwrap())
    };
    world
        .operator
        .start_witness_client(settings, Arc::new(Outgoing::new(Duration::from_secs(20))))
        .unwrap();
}

/// The mirror signs for what is kept with another key than the witness, at a place of its own; the
/// log archives both, and others read there what the log has shown.
fn mirrored(world: &World, kept: &Path, keys: &LogKeys, at: SocketAddr) {
    same_as_log(world, kept, &BTreeMap::new());
    let size = world.public_log().size();
    let status = until(&world.operator, "archived", |status| {
        status.quorum_size == Some(size)
    });
    let note = world
        .public_log()
        .archived_before(size)
        .unwrap()
        .unwrap_or_else(|| panic!("{status:?}"))
        .note;
    for name in [
        "witness.example/keep",
        "mirror.example/keep",
        "witness.example/w1",
    ] {
        assert_eq!(
            note.matches(&format!("\u{2014} {name} ")).count(),
            1,
            "{name}: {note}"
        );
    }
    let origin = keys.0[0].split('+').next().unwrap();
    let hash = record::hash::sha256(origin.as_bytes()).to_hex();
    let get = |path: &str| {
        ureq::get(format!("http://{at}/{path}"))
            .call()
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap()
    };
    let shown = [
        get(&format!("{hash}/checkpoint")),
        get(&format!("mirror/{hash}/checkpoint")),
    ];
    assert!(
        !shown[0].contains("mirror.example/keep") && shown[1].contains("mirror.example/keep"),
        "{shown:?}"
    );
    let url = format!("http://{at}/mirror/{hash}");
    let output = run(
        world.dir.path(),
        &[
            "audit",
            "--json",
            "--entries-only",
            "--url",
            &url,
            "--log-key",
            &keys.0[0],
            "--log-key",
            &keys.0[1],
        ],
    );
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&told["ok"], &told["entries"]),
        (&json!(true), &json!(size)),
        "{told}"
    );
    tells_what_to_ask(at, origin, size.get());
}

/// A client of tlog-mirror that knows nothing is told what to ask; packed and bare, with entries
/// and without.
fn tells_what_to_ask(at: SocketAddr, origin: &str, size: u64) {
    let number = |number: u64| number.to_be_bytes();
    let head = |start, end| {
        let length = u16::try_from(origin.len()).unwrap().to_be_bytes();
        [
            &length[..],
            origin.as_bytes(),
            &number(start),
            &number(end),
            &[0, 0],
        ]
        .concat()
    };
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let ask = |body: Vec<u8>, packed: bool| {
        let mut request = agent
            .post(format!("http://{at}/add-entries"))
            .content_type("application/octet-stream");
        let mut bytes = body;
        if packed {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            std::io::Write::write_all(&mut encoder, &bytes).unwrap();
            bytes = encoder.finish().unwrap();
            request = request.header("content-encoding", "gzip");
        }
        let mut answer = request.send(&bytes[..]).unwrap();
        (
            answer.status().as_u16(),
            answer.body_mut().read_to_string().unwrap(),
        )
    };
    for packed in [false, true] {
        assert_eq!(
            ask(head(0, 0), packed),
            (409, format!("{size}\n{size}\n\n"))
        );
        let (status, lines) = ask(head(size, size), packed);
        assert!(
            status == 200 && lines.starts_with("\u{2014} mirror.example/keep "),
            "{status} {lines}"
        );
        assert_eq!(
            ask([head(0, size), vec![0; 30_000]].concat(), packed).0,
            409
        );
        assert_eq!(ask(b"nonsense".to_vec(), packed).0, 400);
    }
}

/// Makes the key of a witness; its public half is answered.
fn new_key(dir: &Path, file: &str, name: &str) -> String {
    let file = dir.join(file);
    let made = run(
        dir,
        &[
            "witness",
            "key",
            "--name",
            name,
            "--out",
            file.to_str().unwrap(),
        ],
    );
    assert!(made.status.success(), "{}", text(&made.stderr));
    text(&made.stdout).trim().to_owned()
}

/// Where the keeping witness runs, and for which log.
struct Place<'a> {
    machine: &'a Path,
    keys: &'a LogKeys,
    log: SocketAddr,
}

impl Place<'_> {
    fn start(&self, listen: &str) -> Keeper {
        Keeper::start(self.machine, self.keys, self.log, listen)
    }

    /// It is down: that is a gap, recording goes on, and nobody else is asked.
    async fn is_down_and_up_again(&self, world: &World, keeper: Keeper, size: u64) -> Keeper {
        let address = keeper.address;
        drop(keeper);
        take_note(world, 1).await;
        world.operator.checkpoint().unwrap();
        let status = until(&world.operator, "a gap", |status| {
            status.witnesses[1].error.is_some()
        });
        // It was asked in vain once more; meanwhile another could have been shown the checkpoint.
        until(&world.operator, "asked again", |again| {
            again.witnesses[1].failed_at > status.witnesses[1].failed_at
        });
        let answer =
            world.query("{ log { standing(position: 0) witnessing { quorumSize waitingFor witnesses { name askedFirst size } } } }").await;
        assert_eq!(
            answer["log"]["witnessing"],
            json!({
                "quorumSize": size, "waitingFor": ["mirror"],
                "witnesses": [
                    { "name": "keeping", "askedFirst": false, "size": size }, { "name": "mirror", "askedFirst": true, "size": size },
                    { "name": "other", "askedFirst": false, "size": size },
                ],
            }),
            "{status:?}"
        );
        let grown = world.public_log().size();
        assert_eq!(
            world.session().standing(grown.last().unwrap()).unwrap(),
            Some(Standing::Checkpointed)
        );
        let keeper = self.start(&address.to_string());
        until(&world.operator, "up again", |status| {
            status.quorum_size == Some(grown) && status.waiting_for.is_empty()
        });
        keeper
    }

    /// What is erased goes from there: a value, whose part is replaced, and everything about a
    /// person.
    async fn loses_what_is_erased(&self, world: &World) -> Report {
        let kept = self.machine.join("kept");
        let before = ciphertexts(&kept);
        let value = json!({ "event": ids().reference("A10"), "field": "own_words", "element": 0, "subject": ids().child() });
        erase(world, 1, "VALUE", value).await;
        assert_eq!(same_as_log(world, &kept, &before), 1);
        assert_eq!(
            audited(self.machine, self.keys)["holes"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
        erase(
            world,
            2,
            "PERSON",
            json!({ "person": ids().person("alma") }),
        )
        .await;
        assert!(same_as_log(world, &kept, &before) > 15);
        let last = audited(self.machine, self.keys);
        let live = world.audit();
        assert_eq!(
            (&last["root"], last["holes"].as_array().unwrap().len()),
            (&json!(live.root), live.holes.len())
        );
        live
    }
}

/// From what the second machine keeps, after the first came back with an old disk.
fn is_brought_back(dir: &Path, trust: &Trust, kept: &Path, live: Report) -> Operator {
    assert!(chain(&open(dir).unwrap_err()).contains("STORE_ROLLED_BACK"));
    let repaired = run(dir, &["repair", "--from", kept.to_str().unwrap()]);
    assert!(
        repaired.status.success(),
        "{}{}",
        text(&repaired.stdout),
        text(&repaired.stderr)
    );
    let report = audit(dir, trust).unwrap();
    assert_eq!(
        (report.root, report.entries, report.holes),
        (live.root, live.entries, live.holes)
    );
    open(dir).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cosigned_lies_on_a_second_machine_and_brings_the_log_back() {
    let (world, machine, older) = (
        World::with_alma().await,
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    world.operator.checkpoint().unwrap();
    world.operator.write_log_key().unwrap();
    let (keys, mut town, kept) = (
        log_keys(&world.operator),
        Town::new(),
        machine.path().join("kept"),
    );
    let log = town.show(&world.operator);
    town.found(&keys, KeyKind::Ed25519, None);
    let _real_time = town.in_real_time(&world.clock);
    let vkeys = [
        ("keeper.key", "witness.example/keep"),
        ("mirror.key", "mirror.example/keep"),
    ]
    .map(|(file, name)| new_key(machine.path(), file, name));
    let place = Place {
        machine: machine.path(),
        keys: &keys,
        log,
    };
    let keeper = place.start("127.0.0.1:0");
    appoint(&world, &town, &keys, &vkeys, &keeper);
    mirrored(&world, &kept, &keys, keeper.address);
    let whole = audited(machine.path(), &keys);
    assert!(
        whole["blobs"].as_u64().unwrap() > 50
            && whole["notes"] == json!([])
            && whole["holes"] == json!([]),
        "{whole}"
    );
    let (size, data) = (world.public_log().size(), world.dir.path().join("data"));
    copy(&data, older.path());

    let keeper = place.is_down_and_up_again(&world, keeper, size.get()).await;
    let live = place.loses_what_is_erased(&world).await;

    // The first machine comes back with an old disk.
    let reading = world.read(ids().case(), ReadingPoint::default());
    drop((keeper, town));
    let (dir, trust) = world.stop();
    put_back(older.path(), &data);
    let operator = is_brought_back(dir.path(), &trust, &kept, live);
    assert_eq!(
        operator
            .session(caseworker())
            .read(ids().case(), ReadingPoint::default())
            .unwrap()
            .as_deref(),
        reading.as_ref()
    );
    let note = operator.public_log().checkpoint_note().unwrap().unwrap().1;
    assert!(
        !note.contains("witness.example/keep"),
        "the log's own checkpoint has the log's lines only: {note}"
    );
    operator.close().unwrap();
}

#[track_caller]
fn is_refused(dir: &Path, arguments: &[&str], expected: &str) {
    let output = run(dir, arguments);
    assert!(
        !output.status.success() && text(&output.stderr).contains(expected),
        "{expected}: {}",
        text(&output.stderr)
    );
}

/// Who is asked first must be a witness of the policy, with a URL.
fn nobody_else_is_asked_first(dir: &Path, vkey: &str) {
    let lines = policy_lines(&text(&run(dir, &["log-key"]).stdout));
    let policy =
        format!("{lines}witness w1 {vkey} http://127.0.0.1:1\ngroup q all logpq w1\nquorum q\n");
    std::fs::write(dir.join("policy"), policy).unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let first = [&serve[..], &["--ask-first", "w1"]].concat();
    is_refused(dir, &first, "--witness-policy");
    let policy = dir.join("policy");
    let policy = policy.to_str().unwrap();
    for unknown in ["w2", "logpq"] {
        let arguments = [
            &serve[..],
            &["--witness-policy", policy, "--ask-first", unknown],
        ]
        .concat();
        is_refused(dir, &arguments, &format!("no witness {unknown} with a URL"));
    }
}

/// What lies where it is to keep the log must be that log.
fn nothing_else_is_kept_there(dir: &Path, witness: &[&str]) {
    let kept = dir.join("kept");
    std::fs::remove_dir_all(&kept).unwrap();
    std::fs::create_dir(&kept).unwrap();
    std::fs::write(kept.join("letter.txt"), "of somebody").unwrap();
    is_refused(dir, witness, "holds other files");
    assert!(
        run(
            dir,
            &["tiles", "export", dir.join("export").to_str().unwrap()]
        )
        .status
        .success()
    );
    std::fs::remove_dir_all(&kept).unwrap();
    std::fs::rename(dir.join("export"), &kept).unwrap();
    let note = std::fs::read_to_string(kept.join("checkpoint")).unwrap();
    std::fs::write(
        kept.join("checkpoint"),
        note.replacen("/0999/", "/0998/", 1),
    )
    .unwrap();
    is_refused(dir, witness, "/0998/sag, not");
}

#[test]
fn the_program_refuses_a_second_machine_that_cannot_be_one() {
    let dir = imported();
    let dir = dir.path();
    let path = |name: &str| dir.join(name).to_str().unwrap().to_owned();
    nobody_else_is_asked_first(dir, &new_key(dir, "w1.key", "witness.example/w1"));
    let vkey = std::fs::read_to_string(layout(dir).log_key_file()).unwrap();
    let (key, state, kept) = (path("w1.key"), path("w1"), path("kept"));
    let witness = [
        "witness",
        "--listen",
        "127.0.0.1:0",
        "--key",
        &key,
        "--state",
        &state,
        "--log",
        vkey.trim_end(),
        "--keep",
        &kept,
    ];
    is_refused(dir, &witness, "--verifying");
    let verifying = [
        &witness[..],
        &["--verifying", "--tiles", "http://127.0.0.1:1"],
    ]
    .concat();
    is_refused(dir, &verifying, "--mirror-key");
    new_key(dir, "same.key", "witness.example/w1");
    new_key(dir, "m1.key", "mirror.example/m1");
    let (same, mirror) = (path("same.key"), path("m1.key"));
    is_refused(
        dir,
        &[&verifying[..], &["--mirror-key", &same]].concat(),
        "under another name",
    );
    let verifying = [&verifying[..], &["--mirror-key", &mirror]].concat();
    nothing_else_is_kept_there(dir, &verifying);
}
