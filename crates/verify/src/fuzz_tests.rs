//! A short, repeatable run of everything that fuzzing runs for long: the corpus, and the corpus
//! bent.

use std::path::PathBuf;

use crate::fuzzing;
use crate::test_support::bundle::check;
use crate::test_support::world::{CASE, World};

const EXAMPLE: &[u8] = include_bytes!("../testdata/example/case.zip");
const POLICY: &[u8] = include_bytes!("../testdata/example/policy");
const ROUNDS: usize = 300;

/// A generator of numbers that are the same every time.
struct Turns(u64);

impl Turns {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % limit.max(1)
    }

    /// Changes one to four places: a bit, a byte more, a byte less, a piece twice, a cut.
    fn bend(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bent = bytes.to_vec();
        for _ in 0..=self.below(4) {
            let place = self.below(bent.len());
            match self.below(6) {
                0..=1 if !bent.is_empty() => bent[place] ^= 1 << self.below(8),
                2 => bent.insert(place, u8::try_from(self.below(256)).unwrap()),
                3 if !bent.is_empty() => drop(bent.remove(place)),
                4 => {
                    let piece = bent[place..bent.len().min(place + 40)].to_vec();
                    bent.splice(place..place, piece);
                }
                5 if self.below(8) == 0 => bent.truncate(place),
                _ => {}
            }
        }
        bent
    }
}

fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(target);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            (
                entry.file_name().into_string().unwrap(),
                std::fs::read(entry.path()).unwrap(),
            )
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{target}");
    files
}

/// Runs a target over its corpus; returns how many of the inputs that differ from it were accepted.
fn run(target: &str, rounds: usize, read: &dyn Fn(&[u8]) -> bool) -> usize {
    let mut turns = Turns(0x5a65_7370_6f72);
    let mut accepted = 0;
    for (_, bytes) in corpus(target) {
        read(&bytes);
        for _ in 0..rounds {
            let bent = turns.bend(&bytes);
            accepted += usize::from(read(&bent) && bent != bytes);
        }
    }
    accepted
}

#[test]
fn readers_of_foreign_bytes_do_no_harm() {
    run("note", ROUNDS, &fuzzing::note);
    run("policy", ROUNDS, &fuzzing::policy);
    run("jws", ROUNDS * 4, &fuzzing::jws);
    run("disclosure", ROUNDS * 2, &fuzzing::disclosure);
    run("tlog_proof", ROUNDS * 4, &fuzzing::tlog_proof);
    run("values", ROUNDS * 8, &fuzzing::values);
    run("checkpoint", ROUNDS / 3, &|bytes| {
        fuzzing::checkpoint(POLICY, bytes)
    });
    for (target, read) in [
        ("jws", fuzzing::jws as fn(&[u8]) -> bool),
        ("disclosure", fuzzing::disclosure),
        ("policy", fuzzing::policy),
    ] {
        assert!(
            corpus(target).iter().all(|(_, bytes)| read(bytes)),
            "{target}: what is right is read"
        );
    }
    assert!(fuzzing::archive(POLICY, EXAMPLE));
    for bytes in [&b""[..], b"PK", b"PK\x05\x06", &[3], &[0xff; 100]] {
        assert!(!fuzzing::bundle(EXAMPLE, POLICY, bytes));
    }
}

#[test]
fn bent_bundles_are_refused() {
    let accepted = run("bundle", 6, &|bytes| {
        fuzzing::bundle(EXAMPLE, POLICY, bytes)
    });
    // The description of the bag is free text.
    assert!(accepted <= 10, "{accepted} bent inputs were accepted");
}

/// Any single change of any file, with the lists made to fit: whatever is accepted lies where
/// nothing is signed, or where a signature becomes one of a stranger.
#[test]
fn single_changes_are_found_or_say_nothing() {
    let world = World::honest();
    let trust = world.trust();
    let whole = world.bundle(CASE).complete();
    let names: Vec<&String> = whole
        .keys()
        .filter(|name| !name.ends_with("manifest-sha256.txt"))
        .collect();
    let mut turns = Turns(2_026);
    for round in 0..1_400 {
        let name = names[round % names.len()];
        let mut files = whole.clone();
        let bytes = files.get_mut(name).unwrap();
        let place = turns.below(bytes.len());
        match turns.below(3) {
            0 => bytes[place] ^= 1 << turns.below(8),
            1 => bytes.insert(place, u8::try_from(turns.below(256)).unwrap()),
            _ => drop(bytes.remove(place)),
        }
        let unchanged = *bytes == whole[name];
        fuzzing::relist(&mut files);
        if let Ok(verdict) = check(&mut files, &trust) {
            let unsigned = name == "bag-info.txt"
                || name == "data/bundle.json"
                || name.starts_with("data/time/")
                || name == "data/checkpoint";
            assert!(unchanged || unsigned, "{name}, byte {place}");
            let leaves: Vec<String> = world
                .stream(CASE)
                .into_iter()
                .map(|index| world.leaf(index))
                .collect();
            assert!(
                verdict.events.iter().map(|event| &event.leaf).eq(&leaves),
                "{name}, byte {place}"
            );
        }
    }
}
