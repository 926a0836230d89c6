//! What a witness that keeps a log signs as its mirror.

use record::checkpoint::Checkpoint;
use record::cosignature::NoteVerifier;
use record::note::{SignatureLine, parse_lines};

use super::*;
use crate::state::origin_hash;
use crate::witness::{MIRROR_TYPE, StartError};

const WITNESS: &str = "witness.example/keep";
const MIRROR: &str = "mirror.example/keep";

fn mirror_keys() -> Vec<WitnessKey> {
    [(KeyKind::Ed25519, 6), (KeyKind::MlDsa44, 7)]
        .map(|(kind, seed)| WitnessKey::new(MIRROR, kind, [seed; 32]).unwrap())
        .to_vec()
}

fn open(rig: &Rig, keys: Vec<WitnessKey>) -> Result<Witness, StartError> {
    let log = vec![LogKey::parse(&log_key().vkey()).unwrap()];
    let keep = rig.keep().unwrap().signed_by(keys).unwrap();
    let settings = LogSettings {
        keys: log,
        files: Some(Box::new(rig.served.clone())),
        keep: Some(keep),
    };
    let key = WitnessKey::new(WITNESS, KeyKind::Ed25519, [5; 32]).unwrap();
    Witness::open(
        vec![key],
        vec![settings],
        &rig.dir.path().join("state"),
        Box::new(|| 1_795_606_500),
    )
}

fn head(origin: &str, start: u64, end: u64) -> Vec<u8> {
    let length = u16::try_from(origin.len()).unwrap().to_be_bytes();
    [
        &length[..],
        origin.as_bytes(),
        &start.to_be_bytes(),
        &end.to_be_bytes(),
        &[0, 0],
    ]
    .concat()
}

fn names(lines: &str) -> Vec<String> {
    parse_lines(lines)
        .unwrap()
        .into_iter()
        .map(|line| line.name)
        .collect()
}

/// What the mirror signs for, with its lines checked by the code that readers use.
fn mirrored(rig: &Rig, witness: &Witness) -> u64 {
    let size = rig.log(|log| log.size());
    let answer = witness.add_entries(&head(ORIGIN, size, size));
    assert_eq!(
        (answer.status, names(&answer.body)),
        (200, vec![MIRROR.to_owned(); 2]),
        "{}",
        answer.body
    );
    let note = String::from_utf8(
        witness
            .mirrored(&origin_hash(ORIGIN), "checkpoint")
            .unwrap()
            .unwrap(),
    )
    .unwrap();
    assert!(
        note.ends_with(&answer.body) && note.contains(WITNESS),
        "{note}"
    );
    assert_eq!(rig.files()["checkpoint"], note.as_bytes());
    let checkpoint =
        Checkpoint::parse_body(&record::note::Note::parse(&note).unwrap().body).unwrap();
    let lines: Vec<SignatureLine> = parse_lines(&answer.body).unwrap();
    for (key, line) in mirror_keys().iter().zip(&lines) {
        let verifier = NoteVerifier::parse(&key.vkey()).unwrap();
        assert_eq!(
            verifier.verify(&checkpoint, line).unwrap(),
            Some(1_795_606_500)
        );
    }
    checkpoint.size.get()
}

#[test]
fn what_a_mirror_signs_is_had_apart_from_what_a_witness_signs() {
    let rig = Rig::new(20);
    let witness = open(&rig, mirror_keys()).unwrap();
    assert_eq!(
        witness.add_entries(&head(ORIGIN, 0, 0)).status,
        503,
        "nothing is kept"
    );
    assert_eq!(
        witness
            .mirrored(&origin_hash(ORIGIN), "checkpoint")
            .unwrap(),
        None
    );
    let answer = rig.show(&witness, 0);
    assert_eq!(
        (answer.status, names(&answer.body)),
        (200, vec![WITNESS.to_owned()]),
        "add-checkpoint is for the witness"
    );
    let size = mirrored(&rig, &witness);
    assert_eq!(size, rig.log(|log| log.size()));
    assert_eq!(
        names(
            witness
                .latest(&origin_hash(ORIGIN))
                .unwrap()
                .split_once("\n\n")
                .unwrap()
                .1
        )[1..],
        [WITNESS]
    );
    other_requests_are_answered(&witness, size);

    // It is signed for again after a restart without a word; with other keys, with the next
    // checkpoint.
    drop(witness);
    let witness = open(&rig, mirror_keys()).unwrap();
    assert_eq!(mirrored(&rig, &witness), size);
    drop(witness);
    let witness = open(
        &rig,
        vec![WitnessKey::new("mirror.example/new", KeyKind::Ed25519, [9; 32]).unwrap()],
    )
    .unwrap();
    assert_eq!(witness.add_entries(&head(ORIGIN, size, size)).status, 503);
    rig.cosigned(&witness, size);
    assert_eq!(
        names(&witness.add_entries(&head(ORIGIN, size, size)).body),
        ["mirror.example/new"]
    );
}

/// Whoever asks for something else is told where the mirror stands, and what it lacks: nothing.
fn other_requests_are_answered(witness: &Witness, size: u64) {
    for (start, end) in [
        (0, 0),
        (0, size),
        (size - 1, size),
        (size, size + 1),
        (size + 1, size + 1),
    ] {
        let told = witness.add_entries(&head(ORIGIN, start, end));
        assert_eq!(
            (told.status, told.kind, told.body),
            (409, MIRROR_TYPE, format!("{size}\n{size}\n\n")),
            "{start} to {end}"
        );
    }
    let with_packages = [head(ORIGIN, 0, size), vec![0; 700]].concat();
    assert_eq!(witness.add_entries(&with_packages).status, 409);
    assert_eq!(
        witness
            .add_entries(&head("other.example", size, size))
            .status,
        404
    );
    let whole = head(ORIGIN, size, size);
    for malformed in [
        &whole[..whole.len() - 1],
        &whole[..9],
        &[],
        &head(ORIGIN, size, 0),
        &head("\u{0}", 1, 0),
    ] {
        assert_eq!(witness.add_entries(malformed).status, 400);
    }
}

#[test]
fn a_mirror_signs_for_nothing_that_it_does_not_keep() {
    let rig = Rig::new(6);
    let witness = open(&rig, mirror_keys()).unwrap();
    rig.cosigned(&witness, 0);
    let size = mirrored(&rig, &witness);
    rig.log(|log| {
        log.event(1, &[], &[]);
        log.seal();
    });
    // The entries come, and a ciphertext does not.
    for answers in 0..3 {
        rig.served.0.lock().unwrap().left = Some(answers);
        assert_eq!(rig.show(&witness, size).status, 503);
        let told = witness.add_entries(&head(ORIGIN, size + 2, size + 2));
        assert_eq!(
            (told.status, told.body),
            (409, format!("{size}\n{size}\n\n")),
            "after {answers} answers"
        );
        assert_eq!(
            witness.add_entries(&head(ORIGIN, size, size)).status,
            200,
            "what it keeps it signs for"
        );
    }
    rig.served.0.lock().unwrap().left = None;
    rig.cosigned(&witness, size);
    assert_eq!(mirrored(&rig, &witness), size + 2);
}

#[test]
fn a_mirror_shows_the_tiles_of_what_it_signs_for_and_nothing_else() {
    let rig = Rig::new(300);
    let witness = open(&rig, mirror_keys()).unwrap();
    let size = rig.cosigned(&witness, 0);
    let hash = origin_hash(ORIGIN);
    struct Shown<'a>(&'a Witness, String);
    impl Fetch for &Shown<'_> {
        type Error = std::io::Error;
        fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, std::io::Error> {
            self.0.mirrored(&self.1, path)
        }
    }
    let shown = Shown(&witness, hash.clone());
    let mut auditor = Auditor::new(
        Trust {
            origin: ORIGIN.into(),
            log_key: log_key().vkey(),
            post_quantum_key: None,
            pins: Vec::new(),
        },
        Checks {
            blobs: false,
            ..Checks::default()
        },
    );
    let note = String::from_utf8((&shown).fetch("checkpoint").unwrap().unwrap()).unwrap();
    auditor.expect(&note).unwrap();
    let (known, root) = auditor.expected().unwrap();
    auditor
        .read(&TileLog::new(&shown, known, root), &mut |_| {})
        .unwrap();
    assert_eq!(auditor.finish().unwrap().entries, Size::new(size));
    let other = [
        "blobs/size",
        "blobs/001/0",
        "../state/lock",
        "tile/../checkpoint",
        "tile/entries/../../checkpoint",
        "tile/entries/002",
        "lock",
        "",
        "tile/entries/001.p/47",
        "/etc/passwd",
        "tile//etc/passwd",
    ];
    for path in other {
        assert_eq!(witness.mirrored(&hash, path).unwrap(), None, "{path}");
    }
    assert_eq!(
        witness
            .mirrored(&origin_hash("other"), "checkpoint")
            .unwrap(),
        None
    );
}

#[test]
fn a_mirror_has_a_name_of_its_own() {
    let rig = Rig::new(1);
    let same = vec![
        mirror_keys().remove(0),
        WitnessKey::new(WITNESS, KeyKind::Ed25519, [8; 32]).unwrap(),
    ];
    assert!(matches!(open(&rig, same), Err(StartError::MirrorName(name)) if name == WITNESS));
    assert!(open(&rig, mirror_keys()).is_ok());
}
