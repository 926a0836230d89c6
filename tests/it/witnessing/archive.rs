//! The archive of cosigned checkpoints: the log names it in its own entries. Whoever removes or
//! alters something in it is therefore found, also when the program went on meanwhile.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use app::clock::SystemClock;
use app::operations::operator::Operator;
use app::witnessing::client::{Policy, WitnessClientSettings};
use record::checkpoint::Checkpoint;
use record::cosignature::CosignerKey;
use record::note::Note;
use record::positions::Size;
use serde_json::Value;
use server::outgoing::Outgoing;
use tests::copies::{copy, put_back};
use tests::dirs::Dirs;
use tests::orders::take_note;
use tests::program::{chain, run, text};
use tests::world::{World, layout, open};
use witness::keys::KeyKind;

use tests::loopback_servers::{Town, log_keys, until};

/// The report of the case log, and the exit code.
fn audited(dir: &Path, more: &[&str]) -> (Value, i32) {
    let output = run(dir, &[&["audit", "--json"], more].concat());
    let first = text(&output.stdout)
        .lines()
        .next()
        .map(|line| serde_json::from_str(line).unwrap());
    (
        first.unwrap_or_else(|| panic!("{}", text(&output.stderr))),
        output.status.code().unwrap(),
    )
}

fn codes(report: &Value) -> Vec<&str> {
    report["derived"]
        .as_array()
        .unwrap_or_else(|| panic!("{report}"))
        .iter()
        .map(|found| found["code"].as_str().unwrap())
        .collect()
}

/// A log whose checkpoints were cosigned three times, each time named by the next entries; with the
/// policy in a file.
async fn archived() -> (tempfile::TempDir, Policy) {
    let world = World::with_alma().await;
    world.operator.checkpoint().unwrap();
    let (mut town, keys) = (Town::new(), log_keys(&world.operator));
    town.found(&keys, KeyKind::Ed25519, None);
    town.found(&keys, KeyKind::MlDsa44, None);
    std::fs::write(world.dir.path().join("policy"), town.policy_text(&keys)).unwrap();
    let policy = town.policy(&keys);
    // The time at which the notes are taken: witnesses refuse what is dated ahead of them.
    world.clock.set("2024-11-12T10:00:00Z".parse().unwrap());
    town.courier(&world.operator, &keys);
    for number in 0..3 {
        let size = world.public_log().size();
        until(&world.operator, "cosigned", |status| {
            status
                .witnesses
                .iter()
                .all(|witness| witness.size == Some(size))
        });
        take_note(&world, 0xa0 + number).await;
        world.operator.checkpoint().unwrap();
    }
    let size = world.public_log().size();
    until(&world.operator, "cosigned", |status| {
        status.quorum_size == Some(size)
    });
    world.operator.write_log_key().unwrap();
    drop(town);
    (world.stop().0, policy)
}

/// The records of an archive file: where each begins, and the file.
fn records(file: &[u8]) -> Vec<std::ops::Range<usize>> {
    let (mut found, mut at) = (Vec::new(), 0);
    while file.get(at..at + 4) == Some(b"SGA2") {
        let length = u32::from_be_bytes(file[at + 13..at + 17].try_into().unwrap()) as usize;
        found.push(at..at + 53 + length + 4);
        at += 53 + length + 4;
    }
    found
}

/// A record with another body, its sums made to fit.
fn with_body(record: &[u8], body: &[u8]) -> Vec<u8> {
    let mut head = record[..49].to_vec();
    head[13..17].copy_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
    head.extend(crc32c::crc32c(&head).to_be_bytes());
    [head.as_slice(), body, &crc32c::crc32c(body).to_be_bytes()].concat()
}

/// What each attack leaves of an archive file, and the code by which it is found.
fn attacks_on(file: &[u8]) -> [(&'static str, Option<Vec<u8>>, &'static str); 7] {
    let places = records(file);
    assert!(places.len() >= 4, "{places:?}");
    let part = |number: usize| &file[places[number].clone()];
    let body = |number: usize| part(number)[53..part(number).len() - 4].to_vec();
    let stripped = |number: usize| {
        let mut note = Note::parse(std::str::from_utf8(&body(number)).unwrap()).unwrap();
        note.lines.retain(|line| !line.name.starts_with("witness."));
        note.text().into_bytes()
    };
    let end = places.last().unwrap().end;
    [
        ("the file", None, "ARCHIVE_MISSING"),
        ("its content", Some(Vec::new()), "ARCHIVE_MISSING"),
        (
            "the newer half",
            Some(file[..places[1].end].to_vec()),
            "ARCHIVE_MISSING",
        ),
        (
            "a record in the middle",
            Some([&file[..places[1].start], &file[places[1].end..end]].concat()),
            "ARCHIVE_RECORD",
        ),
        (
            "the first record",
            Some(file[places[0].end..end].to_vec()),
            "ARCHIVE_RECORD",
        ),
        (
            "the cosignatures",
            Some([&with_body(part(0), &stripped(0)), &file[places[0].end..end]].concat()),
            "ARCHIVE_RECORD",
        ),
        (
            "a letter",
            Some(
                [
                    &with_body(part(1), &[&body(1)[..], b"\n"].concat()),
                    &file[places[1].end..end],
                ]
                .concat(),
            ),
            "ARCHIVE_RECORD",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_taken_from_the_archive_or_altered_in_it_is_found() {
    let (clean, _) = archived().await;
    let policy = clean.path().join("policy");
    let policy = ["--witness-policy", policy.to_str().unwrap()];
    let (report, code) = audited(clean.path(), &policy);
    assert_eq!((code, codes(&report)), (0, vec![]), "{report}");
    assert!(!report["notes"].to_string().contains("archive"), "{report}");
    let unasked = audited(clean.path(), &[]).0;
    assert!(
        unasked["notes"]
            .to_string()
            .contains("no policy names the witnesses"),
        "{unasked}"
    );
    let path = layout(clean.path()).log_dir().join("archive");
    let file = std::fs::read(&path).unwrap();
    for (what, bent, code) in attacks_on(&file) {
        let dir = tempfile::tempdir().unwrap();
        copy(clean.path(), dir.path());
        let path = layout(dir.path()).log_dir().join("archive");
        match &bent {
            None => std::fs::remove_file(&path).unwrap(),
            Some(bent) => std::fs::write(&path, bent).unwrap(),
        }
        let (report, exit) = audited(dir.path(), &policy);
        assert!(
            exit == 3 && codes(&report).contains(&code),
            "{what}: {report}"
        );
        // The program goes on, and does not make it good by going on.
        for number in 0..2 {
            let operator = open(dir.path()).unwrap();
            operator.rotate_event_key(None).unwrap();
            operator.close().unwrap();
            let (report, exit) = audited(dir.path(), &policy);
            assert!(
                exit == 3
                    && codes(&report)
                        .iter()
                        .all(|found| found.starts_with("ARCHIVE_")),
                "{what} {number}: {report}"
            );
        }
    }
}

/// A note that the log never signed, and a cosignature that its witness never made.
#[tokio::test(flavor = "multi_thread")]
async fn forged_checkpoints_in_the_archive_are_found() {
    let (dir, _) = archived().await;
    let policy = dir.path().join("policy");
    let policy = ["--witness-policy", policy.to_str().unwrap()];
    let log_dir = layout(dir.path()).log_dir();
    let latest = |note: &Note| {
        let checkpoint = Checkpoint::parse_body(&note.body).unwrap();
        let sum = crc32c::crc32c_append(
            crc32c::crc32c(&checkpoint.size.to_be_bytes()),
            note.text().as_bytes(),
        );
        let text = format!(
            "sagsspor checkpoint 1\n{}\n{sum:08x}\n{}",
            checkpoint.size,
            note.text()
        );
        std::fs::write(log_dir.join("archive.latest"), text).unwrap();
    };
    // The latest note lies apart; its whole content is compared.
    let operator = open(dir.path()).unwrap();
    let honest = Note::parse(
        &operator
            .public_log()
            .archived_before(Size::new(u64::MAX))
            .unwrap()
            .unwrap()
            .note,
    )
    .unwrap();
    operator.close().unwrap();
    latest(&honest);
    assert_eq!(
        audited(dir.path(), &policy).1,
        0,
        "{:?}",
        audited(dir.path(), &policy).0
    );
    let mut forged = honest.clone();
    let line = forged
        .lines
        .iter_mut()
        .find(|line| line.name == "witness.example/w1")
        .unwrap();
    *line.signature.last_mut().unwrap() ^= 1;
    latest(&forged);
    let (report, exit) = audited(dir.path(), &policy);
    assert_eq!(
        (codes(&report), exit),
        (vec!["WITNESS_SIGNATURE"], 3),
        "{report}"
    );
    let mut other = honest.clone();
    let root = other.body.lines().nth(2).unwrap().to_owned();
    other.body = other
        .body
        .replacen(&root, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 1);
    latest(&other);
    assert_eq!(codes(&audited(dir.path(), &policy).0), ["ARCHIVE_RECORD"]);
    // Signed by nobody who is known, and with another root.
    let checkpoint = Checkpoint::parse_body(&other.body).unwrap();
    other.lines = vec![
        CosignerKey::ed25519("witness.example/w9", &[9; 32])
            .unwrap()
            .cosign(&checkpoint, 5)
            .unwrap(),
    ];
    latest(&other);
    assert_eq!(codes(&audited(dir.path(), &policy).0), ["ARCHIVE_RECORD"]);
}

/// An archive comes back with the log from a copy, record by record, so that the log's entries name
/// it as they did; and from a backup of the file alone, put in front of what came since.
#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_brought_back() {
    let (dir, policy) = archived().await;
    let place = layout(dir.path());
    let backup = tempfile::tempdir().unwrap();
    copy(&place.log_dir(), backup.path());
    let archive = place.log_dir().join("archive");
    std::fs::remove_file(&archive).unwrap();
    let operator =
        Operator::open(layout(dir.path()), Arc::new(SystemClock), &mut |_, _| {}).unwrap();
    operator.rotate_event_key(None).unwrap();
    operator.close().unwrap();
    drop(operator);
    assert_eq!(codes(&audited(dir.path(), &[]).0), ["ARCHIVE_MISSING"]);
    let since = std::fs::read(&archive).unwrap();
    std::fs::write(
        &archive,
        [std::fs::read(backup.path().join("archive")).unwrap(), since].concat(),
    )
    .unwrap();
    let (report, code) = audited(dir.path(), &[]);
    assert_eq!((code, codes(&report)), (0, vec![]), "{report}");

    // The whole log went back; a copy brings log and archive.
    let newest = tempfile::tempdir().unwrap();
    copy(&place.log_dir(), newest.path());
    put_back(backup.path(), &place.log_dir());
    assert!(chain(&open(dir.path()).unwrap_err()).contains("STORE_ROLLED_BACK"));
    let repaired = run(
        dir.path(),
        &["repair", "--from", newest.path().to_str().unwrap()],
    );
    assert!(
        repaired.status.success(),
        "{}{}",
        text(&repaired.stdout),
        text(&repaired.stderr)
    );
    let (here, copied) = (
        std::fs::read(&archive).unwrap(),
        std::fs::read(newest.path().join("archive")).unwrap(),
    );
    let other = here
        .iter()
        .zip(&copied)
        .position(|(here, copied)| here != copied);
    assert!(
        here == copied,
        "{} and {} bytes, another one at {other:?}: {:?}",
        here.len(),
        copied.len(),
        records(&here)
    );
    let (report, code) = audited(dir.path(), &[]);
    assert_eq!((code, codes(&report)), (0, vec![]), "{report}");
    witnessing_goes_on(dir.path(), policy);
    assert_eq!(audited(dir.path(), &[]).1, 0);
}

/// The witnesses are asked again, behind an archive that was brought back.
fn witnessing_goes_on(dir: &Path, policy: Policy) {
    let operator = open(dir).unwrap();
    let settings = WitnessClientSettings {
        retry: Duration::from_millis(20),
        ..WitnessClientSettings::new(policy)
    };
    operator
        .start_witness_client(
            settings,
            Arc::new(Outgoing::new(Duration::from_millis(200))),
        )
        .unwrap();
    until(&operator, "no witness answers", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.error.is_some())
    });
    operator.close().unwrap();
}
