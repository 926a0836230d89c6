//! Every answer of the protocol, against a log that the program's own code makes.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use record::checkpoint::Checkpoint;
use record::cosignature::{CosignerKey, NoteVerifier};
use record::merkle::{MemoryTree, leaf_hash};
use record::note::{Note, parse_lines};
use record::positions::Size;
use record::proof::{consistency_proof, root_at};
use record::signing::LogKey as SigningLogKey;
use record::tlog_proof::hash_lines;

use crate::keys::{KeyError, KeyKind, LogKey, WitnessKey};
use crate::request::{REQUEST_BYTES_MAX, RequestError, parse_request};
use crate::state::origin_hash;
use crate::witness::{LogSettings, SIZE_TYPE, StartError, Witness};

const ORIGIN: &str = "log.example.invalid/0999/sag";

fn log_key() -> SigningLogKey {
    SigningLogKey::new(ORIGIN, &[1; 32])
}

fn post_quantum() -> CosignerKey {
    CosignerKey::ml_dsa_44(ORIGIN, &[2; 32]).unwrap()
}

/// A log whose leaves differ from `fork_at` on in another `branch`.
fn tree(size: u64, fork_at: u64, branch: u8) -> MemoryTree {
    let mut tree = MemoryTree::new();
    (0..size).for_each(|leaf| {
        tree.push(leaf_hash(
            &[
                &[if leaf < fork_at { 0 } else { branch }],
                &leaf.to_be_bytes()[..],
            ]
            .concat(),
        ))
    });
    tree
}

fn checkpoint(tree: &MemoryTree, size: u64) -> Checkpoint {
    Checkpoint {
        origin: ORIGIN.into(),
        size: Size::new(size),
        root: root_at(tree, Size::new(size)).unwrap(),
    }
}

fn request(tree: &MemoryTree, old: u64, size: u64) -> String {
    let proof = if old == 0 {
        Vec::new()
    } else {
        consistency_proof(tree, Size::new(old), Size::new(size)).unwrap()
    };
    let note = checkpoint(tree, size)
        .sign_hybrid(&log_key(), &post_quantum())
        .unwrap();
    format!("old {old}\n{}\n{note}", hash_lines(&proof))
}

fn keys() -> Vec<WitnessKey> {
    [KeyKind::Ed25519, KeyKind::MlDsa44]
        .map(|kind| WitnessKey::new("witness.example/w", kind, [5; 32]).unwrap())
        .to_vec()
}

fn settings() -> LogSettings {
    let keys = [log_key().vkey(), post_quantum().vkey()].map(|key| LogKey::parse(&key).unwrap());
    LogSettings {
        keys: keys.into(),
        files: None,
        keep: None,
    }
}

fn open(dir: &Path, time: &Arc<AtomicU64>) -> Result<Witness, StartError> {
    let time = Arc::clone(time);
    Witness::open(
        keys(),
        vec![settings()],
        dir,
        Box::new(move || time.load(Ordering::Relaxed)),
    )
}

struct Rig {
    dir: tempfile::TempDir,
    time: Arc<AtomicU64>,
    witness: Witness,
}

impl Rig {
    fn new() -> Self {
        let (dir, time) = (
            tempfile::tempdir().unwrap(),
            Arc::new(AtomicU64::new(1_000)),
        );
        let witness = open(dir.path(), &time).unwrap();
        Self { dir, time, witness }
    }

    fn status(&self, request: &str) -> u16 {
        self.witness.add_checkpoint(request.as_bytes()).status
    }

    #[track_caller]
    fn conflict(&self, request: &str, size: u64) {
        let answer = self.witness.add_checkpoint(request.as_bytes());
        assert_eq!(
            (answer.status, answer.kind, answer.body),
            (409, SIZE_TYPE, format!("{size}\n"))
        );
    }
}

#[test]
fn a_chain_of_checkpoints_is_cosigned_by_each_key_with_the_time() {
    let rig = Rig::new();
    let log = tree(40, 40, 0);
    for (old, size) in [(0, 3), (3, 9), (9, 9), (9, 40)] {
        rig.time.fetch_add(10, Ordering::Relaxed);
        let answer = rig
            .witness
            .add_checkpoint(request(&log, old, size).as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.body);
        let lines = parse_lines(&answer.body).unwrap();
        assert_eq!(lines.len(), 2);
        for (line, vkey) in lines.iter().zip(rig.witness.vkeys()) {
            let verifier = NoteVerifier::parse(&vkey).unwrap();
            assert_eq!(
                verifier.verify(&checkpoint(&log, size), line),
                Ok(Some(rig.time.load(Ordering::Relaxed)))
            );
        }
        let shown = Note::parse(&rig.witness.latest(&origin_hash(ORIGIN)).unwrap()).unwrap();
        assert_eq!(
            (shown.body, shown.lines.len()),
            (checkpoint(&log, size).body(), 4)
        );
    }
    assert_eq!(rig.witness.latest(&origin_hash("another")), None);
}

#[test]
fn every_refusal_has_its_status() {
    let rig = Rig::new();
    let log = tree(40, 40, 0);
    assert_eq!(rig.status("nonsense"), 400);
    assert_eq!(
        rig.status(&request(&log, 0, 9).replacen(ORIGIN, "log.example.invalid/0998/sag", 1)),
        404
    );
    let foreign = checkpoint(&log, 9).sign(&SigningLogKey::new(ORIGIN, &[9; 32]));
    assert_eq!(
        rig.status(&format!("old 0\n\n{foreign}")),
        403,
        "signed by an unknown key"
    );
    let mut note = Note::parse(
        &checkpoint(&log, 9)
            .sign_hybrid(&log_key(), &post_quantum())
            .unwrap(),
    )
    .unwrap();
    note.lines[1].signature[100] ^= 1;
    assert_eq!(
        rig.status(&format!("old 0\n\n{}", note.text())),
        403,
        "one good signature does not make up for a bad one"
    );
    note.lines.remove(1);
    assert_eq!(
        rig.status(&request(&log, 9, 9).replacen("old 9", "old 10", 1)),
        400,
        "old above the size"
    );
    rig.conflict(&request(&log, 3, 9), 0);
    let with_proof = request(&log, 3, 9).replacen("old 3", "old 0", 1);
    assert_eq!(
        rig.status(&with_proof),
        422,
        "nothing to prove at the beginning"
    );
    assert_eq!(
        rig.status(&format!("old 0\n\n{}", note.text())),
        200,
        "one of the log's keys is enough"
    );
    rig.conflict(&request(&log, 0, 9), 9);
    rig.conflict(&request(&log, 3, 40), 9);
    rig.conflict(&request(&log, 3, 7), 9);
    let fork = tree(40, 8, 1);
    rig.conflict(&request(&fork, 9, 9), 9);
    assert_eq!(
        rig.status(&request(&fork, 9, 40)),
        422,
        "33: a history that was rewritten with all keys of the log"
    );
    assert_eq!(
        rig.status(&request(&log, 9, 9).replacen(
            "old 9\n",
            "old 9\nAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n",
            1
        )),
        422
    );
    assert_eq!(
        rig.status(&request(&log, 9, 40)),
        200,
        "what was refused changed nothing"
    );
}

/// C2SP tlog-checkpoint: lines behind the third are opaque. Ed25519 covers them, ML-DSA says
/// nothing of them; neither keeps a witness from cosigning.
#[test]
fn a_checkpoint_with_further_lines_is_cosigned_by_each_key() {
    let rig = Rig::new();
    let log = tree(9, 9, 0);
    let plain = checkpoint(&log, 9);
    let body = format!("{}extension one\nextension two\n", plain.body());
    let note = format!(
        "{body}\n{}{}",
        log_key().sign_note(&body),
        post_quantum().cosign(&plain, 0).unwrap().text()
    );
    let answer = rig
        .witness
        .add_checkpoint(format!("old 0\n\n{note}").as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.body);
    let lines = parse_lines(&answer.body).unwrap();
    assert_eq!(lines.len(), keys().len());
    // The lattice cosignature is one of the three lines, as any reader makes it.
    let verified = keys()
        .iter()
        .filter(|key| {
            lines.iter().any(|line| {
                NoteVerifier::parse(&key.vkey())
                    .unwrap()
                    .verify(&plain, line)
                    .is_ok()
            })
        })
        .count();
    assert_eq!(
        verified, 1,
        "Ed25519 covers the further lines, so that it does not fit the three alone"
    );
    for (what, bent) in [
        ("empty line", body.replacen("one", "one\n", 1)),
        ("control character", body.replacen("one", "o\u{7}ne", 1)),
    ] {
        let note = format!("{bent}\n{}", log_key().sign_note(&bent));
        assert_eq!(rig.status(&format!("old 9\n\n{note}")), 400, "{what}");
    }
}

#[test]
fn an_empty_log_may_be_cosigned_with_its_one_root() {
    let rig = Rig::new();
    let log = tree(4, 4, 0);
    let wrong = Checkpoint {
        origin: ORIGIN.into(),
        size: Size::EMPTY,
        root: root_at(&log, Size::new(1)).unwrap(),
    };
    assert_eq!(
        rig.status(&format!("old 0\n\n{}", wrong.sign(&log_key()))),
        422
    );
    for (old, size) in [(0, 0), (0, 0), (0, 4)] {
        assert_eq!(rig.status(&request(&log, old, size)), 200);
    }
}

#[test]
fn what_was_signed_is_remembered_over_a_restart_and_damage_is_not_forgotten() {
    let Rig { dir, time, witness } = Rig::new();
    let log = tree(40, 40, 0);
    assert_eq!(
        witness
            .add_checkpoint(request(&log, 0, 9).as_bytes())
            .status,
        200
    );
    assert!(
        matches!(open(dir.path(), &time), Err(StartError::State(_))),
        "one process at a time"
    );
    drop(witness);
    let witness = open(dir.path(), &time).unwrap();
    assert_eq!(
        witness
            .add_checkpoint(request(&log, 0, 40).as_bytes())
            .status,
        409
    );
    assert_eq!(
        witness
            .add_checkpoint(request(&tree(40, 8, 1), 9, 40).as_bytes())
            .status,
        422
    );
    drop(witness);
    let path = dir
        .path()
        .join(format!("{}.checkpoint", origin_hash(ORIGIN)));
    let good = std::fs::read(&path).unwrap();
    for cut in [0, 10, good.len() - 1] {
        std::fs::write(&path, &good[..cut]).unwrap();
        assert!(
            matches!(open(dir.path(), &time), Err(StartError::State(_))),
            "cut at {cut}"
        );
    }
    std::fs::write(&path, &good).unwrap();
    // A crash before the renaming leaves a file that is not looked at.
    std::fs::write(path.with_extension("checkpoint.new"), b"half").unwrap();
    assert_eq!(
        open(dir.path(), &time)
            .unwrap()
            .add_checkpoint(request(&log, 9, 40).as_bytes())
            .status,
        200
    );
}

#[test]
fn a_clock_that_goes_back_signs_nothing() {
    let rig = Rig::new();
    let log = tree(40, 40, 0);
    assert_eq!(rig.status(&request(&log, 0, 9)), 200);
    rig.time.store(999, Ordering::Relaxed);
    assert_eq!(rig.status(&request(&log, 9, 40)), 503);
    rig.time.store(1_000, Ordering::Relaxed);
    assert_eq!(rig.status(&request(&log, 9, 40)), 200);
}

#[test]
fn nothing_is_signed_that_cannot_be_remembered() {
    let rig = Rig::new();
    let log = tree(40, 40, 0);
    assert_eq!(rig.status(&request(&log, 0, 9)), 200);
    // The name of the temporary file is taken by a directory.
    let path = rig
        .dir
        .path()
        .join(format!("{}.checkpoint.new", origin_hash(ORIGIN)));
    std::fs::create_dir(&path).unwrap();
    assert_eq!(rig.status(&request(&log, 9, 40)), 500);
    std::fs::remove_dir(&path).unwrap();
    rig.conflict(&request(&log, 3, 40), 9);
    assert_eq!(rig.status(&request(&log, 9, 40)), 200);
}

#[test]
fn of_many_requests_at_once_one_chain_comes_to_be() {
    for round in 0..4 {
        let rig = Rig::new();
        // Two branches that agree on nothing behind the eighth entry.
        let branches = [tree(60, 8, 1), tree(60, 8, 2)];
        let signed: BTreeSet<usize> = std::thread::scope(|scope| {
            let mut running = Vec::new();
            for thread in 0..8_u64 {
                let (rig, branches) = (&rig, &branches);
                running.push(scope.spawn(move || {
                    let branch = usize::try_from(thread % 2).unwrap();
                    let (mut signed, mut old) = (false, 0);
                    for step in 1..=6_u64 {
                        let size = 9 + step * 7 + thread;
                        let answer = rig.witness.add_checkpoint(
                            request(&branches[branch], old, size.max(old)).as_bytes(),
                        );
                        match answer.status {
                            200 => (signed, old) = (true, size.max(old)),
                            409 => old = answer.body.trim().parse().unwrap(),
                            status => assert_eq!(status, 422),
                        }
                    }
                    signed.then_some(branch)
                }));
            }
            running
                .into_iter()
                .filter_map(|thread| thread.join().unwrap())
                .collect()
        });
        assert_eq!(signed.len(), 1, "round {round}: never both branches");
    }
}

#[test]
fn requests_are_read_to_the_letter() {
    let log = tree(9, 9, 0);
    let good = request(&log, 3, 9);
    assert!(parse_request(good.as_bytes()).is_ok());
    for (wrong, error) in [
        (good.replacen("old 3", "old 03", 1), RequestError::Old),
        (good.replacen("old 3", "old -3", 1), RequestError::Old),
        (good.replacen("old 3", "Old 3", 1), RequestError::Old),
        (good.replacen("old 3", "old  3", 1), RequestError::Old),
        (
            good.replacen("old 3\n", "old 3\nAA==\n", 1),
            RequestError::Proof,
        ),
        (
            good.replacen(
                "old 3\n",
                &format!(
                    "old 3\n{}",
                    "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n".repeat(63)
                ),
                1,
            ),
            RequestError::Proof,
        ),
        (
            good.replacen("\n9\n", "\n09\n", 1),
            RequestError::Checkpoint,
        ),
        (good.trim_end().to_owned(), RequestError::Checkpoint),
        (good.replace('\n', "\r\n"), RequestError::Checkpoint),
        (String::new(), RequestError::Checkpoint),
        ("old 3\n\n".to_owned(), RequestError::Checkpoint),
        ("a".repeat(REQUEST_BYTES_MAX + 1), RequestError::TooLong),
    ] {
        assert_eq!(
            parse_request(wrong.as_bytes()).err(),
            Some(error),
            "{wrong}"
        );
    }
    assert_eq!(
        parse_request(&[0xff; 20]).err(),
        Some(RequestError::Checkpoint)
    );
    // A note whose last line is missing is a note with one signature less.
    let line_end =
        |end: usize| good.as_bytes()[..end].ends_with(b"\n") && good[..end].contains('\u{2014}');
    for end in (0..good.len()).filter(|end| good.is_char_boundary(*end) && !line_end(*end)) {
        assert!(
            parse_request(&good.as_bytes()[..end]).is_err(),
            "cut at {end}"
        );
    }
}

#[test]
fn keys_are_read_from_their_files_and_nothing_else() {
    for key in keys() {
        let file = key.file();
        assert_eq!(WitnessKey::parse_file(&file).unwrap().vkey(), key.vkey());
        assert_eq!(NoteVerifier::parse(&key.vkey()).unwrap().name(), key.name());
        for wrong in [
            file.replacen("/w", "/v", 1),
            file.trim_end().to_owned(),
            file.replacen(" 1\n", " 2\n", 1),
            String::new(),
        ] {
            assert_eq!(WitnessKey::parse_file(&wrong).err(), Some(KeyError::File));
        }
        assert_eq!(format!("{key:?}"), "WitnessKey(witness.example/w)");
    }
    assert!(
        LogKey::parse(&keys()[0].vkey()).is_err(),
        "a log does not sign as a witness with Ed25519 does"
    );
    assert!(matches!(
        Witness::open(vec![], vec![], Path::new("/nowhere"), Box::new(|| 1)),
        Err(StartError::NoKey)
    ));
}
