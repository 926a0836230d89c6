//! Secrets under a lock, and what a loss of power leaves of every change of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use record::hash::Hash;
use record::keys::{PartKey, RootKey, SubjectKey};
use zeroize::Zeroizing;

use crate::contract_tests::{event_id, initial_secrets, key_store_keeps_its_promises, stream_id};
use crate::disk::{Disk, write_new};
use crate::embedded::keys::FileKeyStore;
use crate::key_lock::{KeyLock, LockError, Locksmith, MemoryLock};
use crate::key_store::{KeyError, KeyRow, KeyStore, PartRow, SeedChange, SubjectRow};
use crate::sim_disk::{Mishap, SimDisk};

/// A locksmith that knows locks by number.
#[derive(Debug)]
struct Smith {
    known: Vec<u8>,
    fresh: Option<u8>,
}

fn lock(number: u8) -> Arc<dyn KeyLock> {
    Arc::new(MemoryLock::new("the test key", &format!("test {number}"), &Zeroizing::new([number; 32])))
}

impl Locksmith for Smith {
    fn find(&self, description: &str) -> Result<Arc<dyn KeyLock>, LockError> {
        let known = self.known.iter().map(|number| lock(*number));
        known.into_iter().find(|lock| lock.description() == description).ok_or_else(|| LockError::Unknown(description.to_owned()))
    }

    fn fresh(&self) -> Result<Option<Arc<dyn KeyLock>>, LockError> {
        Ok(self.fresh.map(lock))
    }
}

fn knows(known: &[u8]) -> Smith {
    Smith { known: known.to_vec(), fresh: None }
}

fn dir() -> &'static Path {
    Path::new("/keys")
}

fn create(disk: &SimDisk) -> FileKeyStore {
    FileKeyStore::create(Arc::new(disk.clone()), dir(), &initial_secrets()).unwrap()
}

fn open(disk: &SimDisk, smith: &Smith) -> Result<FileKeyStore, KeyError> {
    FileKeyStore::open_locked(Arc::new(disk.clone()), dir(), smith)
}

/// The key files, without the file that marks the directory as in use.
fn files(disk: &SimDisk) -> BTreeMap<PathBuf, Vec<u8>> {
    disk.contents().into_iter().filter(|(path, _)| path.extension().is_some() || path.ends_with("epoch")).collect()
}

fn lies_in_clear(disk: &SimDisk, secret: u8) -> bool {
    let (bytes, text) = ([secret; 32], Hash::new([secret; 32]).to_hex());
    let raw = |path: &Path, file: &[u8]| !path.to_string_lossy().contains("rows-") && file.windows(32).any(|window| window == bytes);
    files(disk).iter().any(|(path, file)| raw(path, file) || String::from_utf8_lossy(file).contains(&text))
}

#[test]
fn a_locked_store_keeps_the_promises_and_shows_no_secret() {
    let disk = SimDisk::new(1);
    let smith = Smith { known: vec![7], fresh: Some(7) };
    let store = FileKeyStore::create_locked(Arc::new(disk.clone()), dir(), &initial_secrets(), &smith).unwrap();
    key_store_keeps_its_promises(&store);
    assert_eq!(store.lock_description(), "test 7");
    drop(store);
    for secret in [1, 2, 3, 4, 8, 9, 12, 14, 15, 16] {
        assert!(!lies_in_clear(&disk, secret), "{secret}");
    }
    assert_eq!(FileKeyStore::describe(&disk, dir()).unwrap(), (2, "test 7".to_owned()));
    let store = open(&disk, &smith).unwrap();
    assert_eq!((*store.secrets().event_seed, *store.secrets().root), ([14; 32], [9; 32]));
}

/// Takes another key for the right one, as one does who mistypes a passphrase.
#[derive(Debug)]
struct Mistaken;

fn mistaken() -> Arc<dyn KeyLock> {
    Arc::new(MemoryLock::new("the passphrase", "test 7", &Zeroizing::new([8; 32])))
}

impl Locksmith for Mistaken {
    fn find(&self, _: &str) -> Result<Arc<dyn KeyLock>, LockError> {
        Ok(mistaken())
    }

    fn fresh(&self) -> Result<Option<Arc<dyn KeyLock>>, LockError> {
        Ok(None)
    }
}

#[test]
fn another_key_or_none_opens_nothing_and_changes_nothing() {
    let disk = SimDisk::new(2);
    create(&disk).change_lock(Some(lock(7))).unwrap();
    let before = files(&disk);
    assert!(matches!(mistaken().unwrap(&lock(7).wrap(&[1; 32]).unwrap()), Err(LockError::Wrong(_))));
    let refused = FileKeyStore::open_locked(Arc::new(disk.clone()), dir(), &Mistaken).err().unwrap();
    assert_eq!(refused.to_string(), "the keys in /keys are locked: the passphrase is not the one that the keys were locked with");
    let refused = FileKeyStore::open(Arc::new(disk.clone()), dir()).err().unwrap();
    assert!(matches!(refused, KeyError::Locked { source: LockError::Needed { .. }, .. }), "{refused}");
    assert_eq!(files(&disk), before);
}

#[test]
fn a_crash_while_the_lock_is_changed_leaves_one_lock_and_the_same_secrets() {
    let mut seen = [0, 0];
    for operations in 0..40 {
        let disk = SimDisk::new(operations);
        let store = create(&disk);
        store.change_lock(Some(lock(7))).unwrap();
        disk.mishap_after(operations, Mishap::PowerLoss);
        let changed = store.change_lock(Some(lock(8))).is_ok();
        disk.restart();
        let store = open(&disk, &knows(&[7, 8])).unwrap();
        let now = store.lock_description();
        assert!(!changed || now == "test 8");
        seen[usize::from(now == "test 8")] += 1;
        assert_eq!((*store.secrets().root, *store.secrets().mac_key), ([1; 32], [4; 32]));
        assert_eq!(files(&disk).keys().filter(|path| path.to_string_lossy().contains("secrets-")).count(), 1, "{operations}");
        assert!(!lies_in_clear(&disk, 1));
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}

#[test]
fn a_crash_while_seeds_give_way_leaves_what_was_or_what_is_to_be() {
    let next = || Zeroizing::new([12; 32]);
    for operations in 0..40 {
        let disk = SimDisk::new(operations);
        let store = create(&disk);
        disk.mishap_after(operations, Mishap::PowerLoss);
        let kept = store.change_seeds(SeedChange::KeepNextEvent(next())).is_ok();
        disk.restart();
        let store = open(&disk, &knows(&[])).unwrap();
        assert!(!kept || store.secrets().next_event_seed.is_some());
        assert_eq!(*store.secrets().event_seed, [2; 32]);

        let disk = SimDisk::new(operations);
        let store = create(&disk);
        store.change_seeds(SeedChange::KeepNextEvent(next())).unwrap();
        disk.mishap_after(operations, Mishap::PowerLoss);
        let taken = store.change_seeds(SeedChange::TakeNextEvent).is_ok();
        disk.restart();
        let secrets = open(&disk, &knows(&[])).unwrap().secrets();
        match secrets.next_event_seed {
            Some(seed) => assert_eq!((*seed, *secrets.event_seed, taken), ([12; 32], [2; 32], false)),
            None => {
                assert_eq!(*secrets.event_seed, [12; 32]);
                assert!(!lies_in_clear(&disk, 2), "the seed before is destroyed");
            }
        }
    }
}

/// What a directory of an earlier version looks like.
fn old_directory(disk: &SimDisk) {
    let put = |name: &str, title: &str, lines: &[String]| {
        let body = format!("sagsspor {title} 1\n{}", lines.iter().map(|line| format!("{line}\n")).collect::<String>());
        let sum = if title == "epoch" { crc32c::crc32c(&3_u32.to_be_bytes()) } else { crc32c::crc32c(body.as_bytes()) };
        write_new(disk, &dir().join(name), format!("{body}{sum:08x}\n").as_bytes()).unwrap();
    };
    let hex = |byte| Hash::new([byte; 32]).to_hex();
    crate::disk::make_dirs(disk, dir()).unwrap();
    put("signing.key", "signing", &[hex(2), hex(3), hex(4)]);
    put("post-quantum.key", "post-quantum", &[hex(8)]);
    put("root-00000003.key", "root", &[hex(1)]);
    put("epoch", "epoch", &["3".to_owned()]);
    write_new(disk, &dir().join("rows-00000003.keys"), &[]).unwrap();
    disk.sync_dir(dir()).unwrap();
}

#[test]
fn a_directory_of_an_earlier_version_is_taken_over_whole_or_not_at_all() {
    for operations in 0..40 {
        let disk = SimDisk::new(operations);
        old_directory(&disk);
        disk.mishap_after(operations, Mishap::PowerLoss);
        drop(open(&disk, &knows(&[])));
        disk.restart();
        let secrets = open(&disk, &knows(&[])).unwrap().secrets();
        assert_eq!((secrets.epoch, *secrets.root, *secrets.event_seed, *secrets.log_seed), (3, [1; 32], [2; 32], [3; 32]));
        assert_eq!((*secrets.mac_key, secrets.post_quantum_seed.as_deref()), ([4; 32], Some(&[8; 32])));
        let names: Vec<PathBuf> = files(&disk).into_keys().collect();
        let expected = ["epoch", "rows-00000003.keys", "secrets-00000001.key"].map(|name| dir().join(name));
        assert_eq!(names, expected, "{operations}");
    }
}

/// S8 and S8b at the level of rows: every copy made before a rotation is dead after it.
#[test]
fn a_copy_made_before_a_rotation_opens_with_nothing_that_exists_after_it() {
    let disk = SimDisk::new(3);
    let store = create(&disk);
    let (old_root, new_root) = (RootKey::from_bytes([1; 32]), RootKey::from_bytes([9; 32]));
    let (subject, part) = (SubjectKey::from_bytes([5; 32]), PartKey::from_bytes([6; 32]));
    let subject_row = SubjectRow { subject: stream_id(0), epoch: 1, wrapped: old_root.wrap(&subject) };
    let part_row = PartRow { event: event_id(0), part: 0, subject: stream_id(0), wrapped: subject.wrap(&part) };
    store.put(&[KeyRow::Subject(subject_row.clone()), KeyRow::Part(part_row)]).unwrap();
    let copy = disk.contents();
    let mut again = |row| {
        Ok(Some(match row {
            KeyRow::Subject(row) => {
                KeyRow::Subject(SubjectRow { wrapped: new_root.wrap(&old_root.unwrap(&row.wrapped)?), epoch: 2, ..row })
            }
            row @ KeyRow::Part(_) => row,
        }))
    };
    store.rotate([9; 32], &mut again, &[]).unwrap();
    let live = RootKey::from_bytes(*store.secrets().root);
    assert!(live.unwrap(&subject_row.wrapped).is_err(), "an old row under the new root");
    assert!(live.unwrap(&store.subject(stream_id(0)).unwrap().unwrap().wrapped).is_ok());
    drop(store);
    // The old rows put back beside the secrets in force: they open with nothing.
    let old_rows = copy.get(&dir().join("rows-00000001.keys")).unwrap();
    write_new(&disk, &dir().join("rows-00000002.keys"), old_rows).unwrap();
    let store = open(&disk, &knows(&[])).unwrap();
    let row = store.subject(stream_id(0)).unwrap().unwrap();
    assert!(RootKey::from_bytes(*store.secrets().root).unwrap(&row.wrapped).is_err());
    assert!(!lies_in_clear(&disk, 1), "the old root is nowhere");
}
