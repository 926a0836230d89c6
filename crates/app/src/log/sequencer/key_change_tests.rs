//! Exchanging the keys that sign on a disk that loses power at every step.

use std::path::Path;
use std::sync::Arc;

use record::checkpoint::Checkpoint;
use record::entry::{Entry, parse};
use record::positions::{LogIndex, LogTime, Size};
use record::signing::{EventKey, LogVerifier, PublicKey};
use store::contract_tests::initial_secrets;
use store::embedded::keys::FileKeyStore;
use store::embedded::log::EmbeddedStore;
use store::embedded::options::{IndexKind, Options};
use store::key_store::{KeyError, KeyStore};
use store::log_store::LogStore;
use store::log_store::reader::LogReader;
use store::memory_backend::MemoryBackend;
use store::sim_disk::{Mishap, SimDisk};

use super::Sequencer;
use super::key_change::{KeyChange, recover};
use crate::clock::SetClock;
use crate::clock::watch::Watch;
use crate::error::RecordError;
use crate::layout::{Layout, Municipality};
use crate::log::keyring::Keyring;
use crate::log::signing_keys;

const ORIGIN: &str = "log.test.invalid/0999/sag";

struct Opened {
    log: Arc<EmbeddedStore>,
    keys: Arc<FileKeyStore>,
}

fn open(disk: &SimDisk) -> Opened {
    let arc = Arc::new(disk.clone());
    let options = Options::new("/log".into(), *b"0999", IndexKind::Memory);
    let log = EmbeddedStore::open(arc.clone(), &options, &mut |_, _| {}).unwrap();
    let keys = match FileKeyStore::open(arc.clone(), Path::new("/keys")) {
        Err(KeyError::Missing { .. }) => {
            FileKeyStore::create(arc, Path::new("/keys"), &initial_secrets())
        }
        other => other,
    };
    Opened {
        log: Arc::new(log),
        keys: Arc::new(keys.unwrap()),
    }
}

fn start(opened: &Opened) -> Result<Sequencer, RecordError> {
    let keys: Arc<dyn KeyStore> = opened.keys.clone();
    let layout = Layout::new(
        Arc::new(MemoryBackend::new()),
        "log.test.invalid",
        Municipality::parse("0999").unwrap(),
    );
    signing_keys::complete(&*keys, &*opened.log, &layout).map_err(RecordError::not_written)?;
    let clock = SetClock::new("2026-11-25T10:00:00Z".parse().unwrap());
    Sequencer::start(
        opened.log.clone(),
        keys.clone(),
        Arc::new(Keyring::new(keys)),
        Arc::new(Watch::start(Arc::new(clock), None)),
        &layout,
    )
}

/// Follows the chain of keys over the whole log, as any auditor does. Answers what is listed last,
/// and how many keys entries there are.
fn follow(log: &dyn LogStore) -> (Vec<PublicKey>, usize) {
    let (mut listed, mut newest, mut count) = (Vec::new(), None, 0);
    for index in log.size().indexes() {
        let stored = log.entry(index).unwrap().unwrap();
        let parsed = parse(&stored.bytes).unwrap();
        if let (Entry::Keys(first), LogIndex::FIRST) = (&parsed.entry, index) {
            listed.clone_from(&first.keys);
        }
        let signer = listed
            .iter()
            .find(|key: &&PublicKey| key.kid() == parsed.kid())
            .unwrap_or_else(|| panic!("entry {index}"));
        parsed.verify(signer).unwrap();
        match &parsed.entry {
            Entry::Keys(entry) => {
                assert_eq!(
                    Some(entry.prev),
                    newest.map_or(Some(record::hash::Hash::ZERO), Some)
                );
                (listed, newest) = (entry.keys.clone(), Some(stored.leaf));
                count += 1;
            }
            Entry::Heads(entry) => assert_eq!(Some(entry.keys.1), newest),
            other => panic!("{other:?}"),
        }
    }
    (listed, count)
}

fn in_force(keys: &dyn KeyStore) -> PublicKey {
    EventKey::from_seed(&keys.secrets().event_seed)
        .public()
        .clone()
}

#[test]
fn a_crash_at_any_step_of_a_change_of_event_keys_leaves_one_key_that_the_log_lists() {
    let (mut before, mut after) = (0, 0);
    for operations in 0..70 {
        let disk = SimDisk::new(operations);
        {
            let opened = open(&disk);
            let sequencer = start(&opened).unwrap();
            disk.mishap_after(operations, Mishap::PowerLoss);
            drop(sequencer.change_keys(KeyChange::Event { recovery: None }));
        }
        disk.restart();
        let opened = open(&disk);
        let sequencer = start(&opened).unwrap();
        let secrets = opened.keys.secrets();
        assert!(
            secrets.next_event_seed.is_none(),
            "{operations}: the other seed is destroyed"
        );
        let (listed, entries) = follow(&*opened.log);
        assert_eq!(listed, [in_force(&*opened.keys)], "{operations}");
        assert_eq!(entries == 2, *secrets.event_seed != [2; 32]);
        if entries == 2 {
            after += 1
        } else {
            before += 1
        }
        // And it goes on: another change, another checkpoint.
        let checkpoint = sequencer
            .change_keys(KeyChange::Event { recovery: None })
            .unwrap();
        assert_eq!(
            (checkpoint.size, follow(&*opened.log).1),
            (opened.log.size(), entries + 1)
        );
    }
    assert!(before > 3 && after > 3, "{before} before, {after} after");
}

#[test]
fn a_disk_that_is_full_leaves_the_old_key_in_force() {
    let mut refused = 0;
    for operations in 0..25 {
        let disk = SimDisk::new(operations);
        let opened = open(&disk);
        let sequencer = start(&opened).unwrap();
        disk.mishap_after(operations, Mishap::Full);
        let changed = sequencer.change_keys(KeyChange::Event { recovery: None });
        refused += usize::from(changed.is_err());
        // The next change meets a disk with room again.
        match sequencer.change_keys(KeyChange::Event { recovery: None }) {
            Ok(_) => assert_eq!(follow(&*opened.log).0, [in_force(&*opened.keys)]),
            Err(error) => assert!(changed.is_err(), "{operations}: {error}"),
        }
        drop(sequencer);
        drop(opened);
        let opened = open(&disk);
        drop(start(&opened).unwrap());
        assert_eq!(
            follow(&*opened.log).0,
            [in_force(&*opened.keys)],
            "{operations}"
        );
    }
    assert!(refused > 3, "{refused}");
}

#[test]
fn an_older_copy_of_the_keys_is_refused_and_the_recovery_key_brings_the_log_back() {
    let disk = SimDisk::new(1);
    let recovery = EventKey::from_seed(&[77; 32]);
    let old_keys = {
        let opened = open(&disk);
        let sequencer = start(&opened).unwrap();
        sequencer
            .change_keys(KeyChange::Event {
                recovery: Some(Box::new(recovery.public().clone())),
            })
            .unwrap();
        let copy: Vec<_> = disk
            .contents()
            .into_iter()
            .filter(|(path, _)| path.starts_with("/keys"))
            .collect();
        sequencer
            .change_keys(KeyChange::Event { recovery: None })
            .unwrap();
        assert_eq!(
            follow(&*opened.log).0,
            [in_force(&*opened.keys), recovery.public().clone()],
            "it stays listed"
        );
        copy
    };
    for (path, bytes) in old_keys {
        use store::disk::Disk;
        let file = disk.open_write(&path).unwrap();
        file.truncate(0).unwrap();
        file.write_all_at(&bytes, 0).unwrap();
    }
    let opened = open(&disk);
    let size = opened.log.size();
    let refused = start(&opened).err().unwrap();
    let RecordError::NotWritten(cause) = refused else {
        panic!("{refused}")
    };
    assert!(
        cause
            .to_string()
            .contains("older copy of the key directory"),
        "{cause}"
    );
    assert_eq!(opened.log.size(), size, "nothing was written");
    let stranger = EventKey::from_seed(&[78; 32]);
    let (log, keys) = (&*opened.log, &*opened.keys);
    let recovered = |key| recover(log, keys, ORIGIN, LogTime::new(0), key, None);
    assert!(recovered(&stranger).is_err());
    assert_eq!(opened.log.size(), size);
    assert_eq!(recovered(&recovery).unwrap(), size.next_index());
    let sequencer = start(&opened).unwrap();
    sequencer.checkpoint().unwrap();
    assert_eq!(
        follow(&*opened.log).0,
        [in_force(&*opened.keys), recovery.public().clone()]
    );
}

#[test]
fn checkpoints_bear_both_signatures_until_the_old_log_keys_are_retired() {
    let disk = SimDisk::new(1);
    let opened = open(&disk);
    let sequencer = start(&opened).unwrap();
    let note = || opened.log.checkpoint().unwrap().unwrap().note;
    let verifier = |seed: &[u8; 32]| {
        LogVerifier::parse(&record::signing::LogKey::new(ORIGIN, seed).vkey()).unwrap()
    };
    let old = verifier(&opened.keys.secrets().log_seed);
    assert_eq!(
        note()
            .lines()
            .filter(|line| line.starts_with('\u{2014}'))
            .count(),
        2
    );
    assert!(
        sequencer.change_keys(KeyChange::FinishLog).is_err(),
        "nothing is under way"
    );
    let size = sequencer.change_keys(KeyChange::BeginLog).unwrap().size;
    let new = verifier(&opened.keys.secrets().next_log.unwrap().ed25519);
    assert_eq!(
        (
            size,
            note()
                .lines()
                .filter(|line| line.starts_with('\u{2014}'))
                .count()
        ),
        (Size::new(2), 4),
        "the same size, signed again"
    );
    for key in [&old, &new] {
        Checkpoint::verify(&note(), key).unwrap();
    }
    assert!(
        sequencer.change_keys(KeyChange::BeginLog).is_err(),
        "one exchange at a time"
    );
    sequencer.change_keys(KeyChange::FinishLog).unwrap();
    assert!(
        Checkpoint::verify(&note(), &new).is_ok() && Checkpoint::verify(&note(), &old).is_err()
    );
    sequencer.change_keys(KeyChange::BeginLog).unwrap();
    sequencer.change_keys(KeyChange::CancelLog).unwrap();
    assert!(Checkpoint::verify(&note(), &new).is_ok());
    assert_eq!(
        note()
            .lines()
            .filter(|line| line.starts_with('\u{2014}'))
            .count(),
        2
    );
}
