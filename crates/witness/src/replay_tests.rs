//! A verifying witness over the published log, told the truth and lied to with all of its keys.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use record::checkpoint::Checkpoint;
use record::entry::{Entry, parse};
use record::hash::Hash;
use record::merkle::{MemoryTree, leaf_hash};
use record::positions::Size;
use record::proof::{consistency_proof, root_at};
use record::signing::{EventKey, LogKey as SigningLogKey};
use record::tlog_proof::hash_lines;

use crate::files::{BoxError, LogFiles};
use crate::keys::{KeyKind, LogKey, WitnessKey};
use crate::witness::{LogSettings, Witness};

struct Vectors {
    entries: Vec<Vec<u8>>,
    event: EventKey,
    log: SigningLogKey,
}

fn vectors() -> Vectors {
    let text = include_str!("../../../schema/vectors/record.json");
    let member = |name: &str| {
        let rest = text.split_once(&format!("\"{name}\": \"")).unwrap().1;
        rest.split_once('"').unwrap().0.to_owned()
    };
    let seed = |name| *Hash::parse_hex(&member(name)).unwrap().as_bytes();
    let entries = text
        .split("\"entry\": \"")
        .skip(1)
        .map(|rest| rest.split_once('"').unwrap().0.as_bytes().to_vec());
    Vectors {
        entries: entries.collect(),
        event: EventKey::from_seed(&seed("event_ed25519_seed_hex")),
        log: SigningLogKey::new("log.aarhus.example/0751/sag", &seed("log_ed25519_seed_hex")),
    }
}

/// Entries as a server of tiles gives them.
#[derive(Clone, Default)]
struct Served(Arc<Mutex<Vec<Vec<u8>>>>, Arc<AtomicBool>);

impl LogFiles for Served {
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, BoxError> {
        if self.1.load(Ordering::Relaxed) {
            return Err("connection refused".into());
        }
        let entries = self.0.lock().unwrap();
        let Some(width) = path.strip_prefix("tile/entries/000.p/") else {
            return Ok(None);
        };
        let width: usize = width.parse().unwrap();
        let known = entries.get(..width);
        Ok(known.map(|entries| {
            entries
                .iter()
                .flat_map(|entry| {
                    [
                        &u16::try_from(entry.len()).unwrap().to_be_bytes()[..],
                        entry,
                    ]
                    .concat()
                })
                .collect()
        }))
    }
}

fn request(vectors: &Vectors, entries: &[Vec<u8>], old: u64) -> String {
    let mut tree = MemoryTree::new();
    entries.iter().for_each(|entry| tree.push(leaf_hash(entry)));
    let size = entries.len() as u64;
    let checkpoint = Checkpoint {
        origin: vectors.log.vkey().split_once('+').unwrap().0.to_owned(),
        size: Size::new(size),
        root: root_at(&tree, Size::new(size)).unwrap(),
    };
    let proof = if old == 0 {
        Vec::new()
    } else {
        consistency_proof(&tree, Size::new(old), Size::new(size)).unwrap()
    };
    format!(
        "old {old}\n{}\n{}",
        hash_lines(&proof),
        checkpoint.sign(&vectors.log)
    )
}

/// When the vectors' checkpoints of 4, 8 and 11 entries are shown.
const SHOWN: [(usize, u64); 3] = [(4, 1_795_430_012), (8, 1_795_602_824), (11, 1_795_606_435)];

fn open(dir: &Path, vectors: &Vectors, served: Option<&Served>, clock: &Arc<AtomicU64>) -> Witness {
    let keys = vec![LogKey::parse(&vectors.log.vkey()).unwrap()];
    let files = served.map(|served| Box::new(served.clone()) as Box<dyn LogFiles>);
    let key = WitnessKey::new("witness.example/verify", KeyKind::Ed25519, [5; 32]).unwrap();
    Witness::open(
        vec![key],
        vec![LogSettings {
            keys,
            files,
            keep: None,
        }],
        dir,
        {
            let clock = Arc::clone(clock);
            Box::new(move || clock.load(Ordering::Relaxed))
        },
    )
    .unwrap()
}

#[test]
fn a_true_log_is_cosigned_over_restarts_and_outages() {
    let (dir, vectors, served) = (tempfile::tempdir().unwrap(), vectors(), Served::default());
    served.0.lock().unwrap().clone_from(&vectors.entries);
    let mut old = 0;
    let clock = Arc::<AtomicU64>::default();
    for (size, now) in [SHOWN[0], SHOWN[1], SHOWN[1], SHOWN[2]] {
        clock.store(now, Ordering::Relaxed);
        let witness = open(dir.path(), &vectors, Some(&served), &clock);
        let body = request(&vectors, &vectors.entries[..size], old);
        served.1.store(true, Ordering::Relaxed);
        if size as u64 > old {
            let away = witness.add_checkpoint(body.as_bytes());
            assert_eq!(
                away.status, 503,
                "what cannot be read is not cosigned: {}",
                away.body
            );
        }
        served.1.store(false, Ordering::Relaxed);
        let answer = witness.add_checkpoint(body.as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.body);
        old = size as u64;
    }
    // A state of the auditor that is damaged is made anew.
    let state = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let state = state
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "auditor"))
        .unwrap();
    std::fs::write(&state, b"damaged").unwrap();
    let again = open(dir.path(), &vectors, Some(&served), &clock)
        .add_checkpoint(request(&vectors, &vectors.entries, 11).as_bytes());
    assert_eq!(again.status, 200, "{}", again.body);
}

#[track_caller]
fn refused(what: &str, change: impl Fn(&Vectors, &mut Vec<Vec<u8>>), served_as_signed: bool) {
    let (dir, plain_dir, vectors, served) = (
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
        vectors(),
        Served::default(),
    );
    let mut entries = vectors.entries.clone();
    served.0.lock().unwrap().clone_from(&entries);
    let clock = Arc::new(AtomicU64::new(SHOWN[1].1));
    let (verifying, plain) = (
        open(dir.path(), &vectors, Some(&served), &clock),
        open(plain_dir.path(), &vectors, None, &clock),
    );
    let first = request(&vectors, &entries[..8], 0);
    assert_eq!(verifying.add_checkpoint(first.as_bytes()).status, 200);
    assert_eq!(plain.add_checkpoint(first.as_bytes()).status, 200);
    clock.store(SHOWN[2].1, Ordering::Relaxed);
    change(&vectors, &mut entries);
    if served_as_signed {
        served.0.lock().unwrap().clone_from(&entries);
    }
    let lie = request(&vectors, &entries, 8);
    let answer = verifying.add_checkpoint(lie.as_bytes());
    assert_eq!(answer.status, 422, "{what}: {}", answer.body);
    assert!(answer.body.contains(what), "{what}: {}", answer.body);
    assert_eq!(
        plain.add_checkpoint(lie.as_bytes()).status,
        200,
        "one that only sees the tree cannot know better"
    );
    let truth = request(&vectors, &vectors.entries, 8);
    served.0.lock().unwrap().clone_from(&vectors.entries);
    let answer = verifying.add_checkpoint(truth.as_bytes());
    assert_eq!(
        answer.status, 200,
        "what was refused is forgotten: {}",
        answer.body
    );
}

fn heads(entries: &[Vec<u8>]) -> record::entry::HeadsEntry {
    let Entry::Heads(heads) = parse(entries.last().unwrap()).unwrap().entry else {
        panic!("the last entry is a heads entry")
    };
    heads
}

#[test]
fn a_heads_root_that_lies_is_refused() {
    refused(
        "HEADS_ROOT",
        |vectors, entries| {
            let mut lie = heads(entries);
            lie.root = Hash::new([7; 32]);
            *entries.last_mut().unwrap() = lie.sign(&vectors.event).unwrap().bytes;
        },
        true,
    );
}

#[test]
fn an_event_that_is_kept_out_of_the_heads_is_refused() {
    refused(
        "HEADS_ROOT",
        |vectors, entries| {
            let before =
                entries[..8]
                    .iter()
                    .rev()
                    .find_map(|entry| match parse(entry).unwrap().entry {
                        Entry::Heads(heads) => Some(heads.root),
                        _ => None,
                    });
            let mut lie = heads(entries);
            lie.root = before.unwrap();
            *entries.last_mut().unwrap() = lie.sign(&vectors.event).unwrap().bytes;
        },
        true,
    );
}

#[test]
fn an_entry_of_a_foreign_key_is_refused() {
    refused(
        "JWS_KEY",
        |_, entries| {
            let lie = heads(entries);
            *entries.last_mut().unwrap() = lie.sign(&EventKey::from_seed(&[9; 32])).unwrap().bytes;
        },
        true,
    );
}

#[test]
fn entries_that_are_not_those_of_the_checkpoint_are_refused() {
    refused(
        "ROOT",
        |vectors, entries| {
            let mut other = heads(entries);
            other.entry_id = "11111111-2222-4333-8444-555555555555".parse().unwrap();
            *entries.last_mut().unwrap() = other.sign(&vectors.event).unwrap().bytes;
        },
        false,
    );
}

#[test]
fn a_checkpoint_that_does_not_end_in_heads_is_refused() {
    refused("HEADS_NOT_LAST", |_, entries| entries.truncate(10), true);
}
