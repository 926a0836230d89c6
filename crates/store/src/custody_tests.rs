//! Secrets under a lock, and what a loss of power leaves of every change of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use record::hash::Hash;
use record::keys::{
    KeyPlace, LockKey, PartKey, PartPlace, RootKey, SubjectKey, SubjectPlace, UnwrapError,
    WrappedKey,
};
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
    Arc::new(MemoryLock::new(
        "the test key",
        &format!("test {number}"),
        &Zeroizing::new([number; 32]),
    ))
}

impl Locksmith for Smith {
    fn find(&self, description: &str) -> Result<Arc<dyn KeyLock>, LockError> {
        let known = self.known.iter().map(|number| lock(*number));
        known
            .into_iter()
            .find(|lock| lock.description() == description)
            .ok_or_else(|| LockError::Unknown(description.to_owned()))
    }

    fn fresh(&self) -> Result<Option<Arc<dyn KeyLock>>, LockError> {
        Ok(self.fresh.map(lock))
    }
}

fn knows(known: &[u8]) -> Smith {
    Smith {
        known: known.to_vec(),
        fresh: None,
    }
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
    disk.contents()
        .into_iter()
        .filter(|(path, _)| path.extension().is_some() || path.ends_with("epoch"))
        .collect()
}

fn lies_in_clear(disk: &SimDisk, secret: u8) -> bool {
    let (bytes, text) = ([secret; 32], Hash::new([secret; 32]).to_hex());
    let raw = |path: &Path, file: &[u8]| {
        !path.to_string_lossy().contains("rows-") && file.windows(32).any(|window| window == bytes)
    };
    files(disk)
        .iter()
        .any(|(path, file)| raw(path, file) || String::from_utf8_lossy(file).contains(&text))
}

#[test]
fn a_locked_store_keeps_the_promises_and_shows_no_secret() {
    let disk = SimDisk::new(1);
    let smith = Smith {
        known: vec![7],
        fresh: Some(7),
    };
    let store =
        FileKeyStore::create_locked(Arc::new(disk.clone()), dir(), &initial_secrets(), &smith)
            .unwrap();
    key_store_keeps_its_promises(&store);
    assert_eq!(store.lock_description(), "test 7");
    drop(store);
    for secret in [1, 2, 3, 4, 8, 9, 12, 14, 15, 16] {
        assert!(!lies_in_clear(&disk, secret), "{secret}");
    }
    assert_eq!(
        FileKeyStore::describe(&disk, dir()).unwrap(),
        (2, "test 7".to_owned())
    );
    let store = open(&disk, &smith).unwrap();
    assert_eq!(
        (*store.secrets().event_seed, *store.secrets().root),
        ([14; 32], [9; 32])
    );
}

/// Takes another key for the right one, as one does who mistypes a passphrase.
#[derive(Debug)]
struct Mistaken;

fn mistaken() -> Arc<dyn KeyLock> {
    Arc::new(MemoryLock::new(
        "the passphrase",
        "test 7",
        &Zeroizing::new([8; 32]),
    ))
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
    assert!(matches!(
        mistaken().unwrap(&lock(7).wrap(&[1; 32]).unwrap()),
        Err(LockError::Wrong(_))
    ));
    let refused = FileKeyStore::open_locked(Arc::new(disk.clone()), dir(), &Mistaken)
        .err()
        .unwrap();
    assert_eq!(
        refused.to_string(),
        "the keys in /keys are locked: the passphrase is not the one that the keys were locked with"
    );
    let refused = FileKeyStore::open(Arc::new(disk.clone()), dir())
        .err()
        .unwrap();
    assert!(
        matches!(
            refused,
            KeyError::Locked {
                source: LockError::Needed { .. },
                ..
            }
        ),
        "{refused}"
    );
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
        assert_eq!(
            (*store.secrets().root, *store.secrets().log_seed),
            ([1; 32], [3; 32])
        );
        assert_eq!(
            files(&disk)
                .keys()
                .filter(|path| path.to_string_lossy().contains("secrets-"))
                .count(),
            1,
            "{operations}"
        );
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
        let kept = store
            .change_seeds(SeedChange::KeepNextEvent(next()))
            .is_ok();
        disk.restart();
        let store = open(&disk, &knows(&[])).unwrap();
        assert!(!kept || store.secrets().next_event_seed.is_some());
        assert_eq!(*store.secrets().event_seed, [2; 32]);

        let disk = SimDisk::new(operations);
        let store = create(&disk);
        store
            .change_seeds(SeedChange::KeepNextEvent(next()))
            .unwrap();
        disk.mishap_after(operations, Mishap::PowerLoss);
        let taken = store.change_seeds(SeedChange::TakeNextEvent).is_ok();
        disk.restart();
        let secrets = open(&disk, &knows(&[])).unwrap().secrets();
        match secrets.next_event_seed {
            Some(seed) => assert_eq!(
                (*seed, *secrets.event_seed, taken),
                ([12; 32], [2; 32], false)
            ),
            None => {
                assert_eq!(*secrets.event_seed, [12; 32]);
                assert!(!lies_in_clear(&disk, 2), "the seed before is destroyed");
            }
        }
    }
}

/// Wraps as it was done before wrapped keys were bound to their places.
fn unbound(key: [u8; 32], inner: [u8; 32]) -> WrappedKey {
    LockKey::from_bytes(key).wrap(&inner)
}

/// Rows of an earlier version: a subject with two parts, one part whose subject has no key, one
/// that opens with nothing.
fn old_rows() -> Vec<u8> {
    let part = |event: u64, subject: usize, wrapped: WrappedKey| {
        [
            [1].as_slice(),
            event_id(event).as_bytes(),
            &[0, 0],
            stream_id(subject).as_bytes(),
            &wrapped.0,
        ]
        .concat()
    };
    let subject = |epoch: u32| {
        [
            [2].as_slice(),
            stream_id(0).as_bytes(),
            &epoch.to_be_bytes(),
            &unbound([1; 32], [5; 32]).0,
        ]
        .concat()
    };
    let frames = [
        [part(0, 0, unbound([5; 32], [6; 32])), subject(2)].concat(),
        [
            part(1, 0, unbound([5; 32], [7; 32])),
            part(2, 9, unbound([5; 32], [8; 32])),
        ]
        .concat(),
        part(3, 0, WrappedKey([3; 40])),
    ];
    let mut bytes = Vec::new();
    for body in frames {
        let head = [
            b"SGK1".as_slice(),
            &u32::try_from(body.len()).unwrap().to_be_bytes(),
        ]
        .concat();
        let sums = (
            crc32c::crc32c(&head).to_be_bytes(),
            crc32c::crc32c(&body).to_be_bytes(),
        );
        bytes.extend([head.as_slice(), &sums.0, &body, &sums.1].concat());
    }
    // A torn end, and free space.
    [bytes.as_slice(), b"SGK1\0\0", &[0; 99]].concat()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a directory of an earlier version looks like: with a file for each secret, or with one
/// under a lock.
fn old_directory(disk: &SimDisk, apart: bool) {
    let put = |name: &str, title: &str, lines: &[String]| {
        let body = format!(
            "{title}\n{}",
            lines
                .iter()
                .map(|line| format!("{line}\n"))
                .collect::<String>()
        );
        let sum = match (title, lines) {
            ("sagsspor epoch 1", _) => crc32c::crc32c(&3_u32.to_be_bytes()),
            ("sagsspor epoch 2", [line]) => crc32c::crc32c(line.as_bytes()),
            _ => crc32c::crc32c(body.as_bytes()),
        };
        write_new(
            disk,
            &dir().join(name),
            format!("{body}{sum:08x}\n").as_bytes(),
        )
        .unwrap();
    };
    crate::disk::make_dirs(disk, dir()).unwrap();
    if apart {
        put(
            "signing.key",
            "sagsspor signing 1",
            &[hex(&[2; 32]), hex(&[3; 32]), hex(&[4; 32])],
        );
        put(
            "post-quantum.key",
            "sagsspor post-quantum 1",
            &[hex(&[8; 32])],
        );
        put("root-00000003.key", "sagsspor root 1", &[hex(&[1; 32])]);
        put("epoch", "sagsspor epoch 1", &["3".to_owned()]);
    } else {
        let locked =
            |name: &str, secret: u8| format!("{name} {}", hex(&unbound([7; 32], [secret; 32]).0));
        let secrets = [
            ("root", 1),
            ("event", 2),
            ("log", 3),
            ("mac", 4),
            ("log-post-quantum", 8),
        ]
        .map(|(name, secret)| locked(name, secret));
        let lines = [
            ["lock test 7".to_owned(), "epoch 3".to_owned()].as_slice(),
            &secrets,
        ]
        .concat();
        put("secrets-00000005.key", "sagsspor secrets 1", &lines);
        put("epoch", "sagsspor epoch 2", &["3 5".to_owned()]);
    }
    write_new(disk, &dir().join("rows-00000003.keys"), &old_rows()).unwrap();
    disk.sync_dir(dir()).unwrap();
}

/// What was readable is, under keys that are bound to their places; what opened with nothing still
/// does, and says so.
fn holds_what_the_old_directory_held(store: &FileKeyStore) {
    let secrets = store.secrets();
    assert_eq!(
        (
            secrets.epoch,
            *secrets.root,
            *secrets.event_seed,
            *secrets.log_seed
        ),
        (3, [1; 32], [2; 32], [3; 32])
    );
    assert_eq!(secrets.post_quantum_seed.as_deref(), Some(&[8; 32]));
    let root = RootKey::from_bytes(*secrets.root);
    let row = store.subject(stream_id(0)).unwrap().unwrap();
    let subject = root.unwrap(row.place(), &row.wrapped).unwrap();
    assert_eq!((row.epoch, *subject.expose()), (3, [5; 32]));
    for (event, key) in [(0, [6; 32]), (1, [7; 32])] {
        let row = store.part(event_id(event), 0).unwrap().unwrap();
        assert_eq!(
            *subject.unwrap(row.place(), &row.wrapped).unwrap().expose(),
            key
        );
        assert!(subject.unwrap_unbound(&row.wrapped).is_none());
    }
    let bent = store.part(event_id(3), 0).unwrap().unwrap();
    assert_eq!(
        subject.unwrap(bent.place(), &bent.wrapped).unwrap_err(),
        UnwrapError(KeyPlace::Part(bent.place()))
    );
    assert_eq!(
        (
            store.parts_of(stream_id(0)).unwrap().len(),
            store.parts_of(stream_id(9)).unwrap().len()
        ),
        (3, 1)
    );
}

#[test]
fn a_directory_of_an_earlier_version_is_taken_over_whole_or_not_at_all() {
    for apart in [true, false] {
        let mut generations = [0, 0];
        for operations in 0..60 {
            let disk = SimDisk::new(operations);
            old_directory(&disk, apart);
            disk.mishap_after(operations, Mishap::PowerLoss);
            drop(open(&disk, &knows(&[7])));
            disk.restart();
            generations[usize::from(
                disk.contents()[&dir().join("epoch")].starts_with(b"sagsspor epoch 3\n"),
            )] += 1;
            let store = open(&disk, &knows(&[7])).unwrap();
            holds_what_the_old_directory_held(&store);
            assert_eq!(
                store.lock_description(),
                if apart { "none" } else { "test 7" }
            );
            let later = PartRow {
                event: event_id(7),
                part: 0,
                subject: stream_id(5),
                wrapped: WrappedKey([5; 40]),
            };
            store.put(&[KeyRow::Part(later)]).unwrap();
            drop(store);
            let names: Vec<PathBuf> = files(&disk).into_keys().collect();
            let secrets = if apart {
                "secrets-00000001.key"
            } else {
                "secrets-00000006.key"
            };
            assert_eq!(
                names,
                ["epoch", "rows-00000003.bound", secrets].map(|name| dir().join(name)),
                "{operations}"
            );
            assert!(
                !lies_in_clear(&disk, 4),
                "what connected cases with their look-ups is gone"
            );
            let store = open(&disk, &knows(&[7])).unwrap();
            holds_what_the_old_directory_held(&store);
            assert!(store.part(event_id(7), 0).unwrap().is_some());
        }
        assert!(
            generations.iter().all(|count| *count > 0),
            "{generations:?}"
        );
    }
}

/// Old rows, old secrets or an old pointer, put beside what was taken over.
#[test]
fn nothing_of_an_earlier_form_is_taken_once_a_directory_was_taken_over() {
    for apart in [true, false] {
        let disk = SimDisk::new(4);
        old_directory(&disk, apart);
        let old = disk.contents();
        drop(open(&disk, &knows(&[7])).unwrap());
        let new = files(&disk);
        let rows = dir().join("rows-00000003.bound");
        let refused = |change: &dyn Fn()| {
            change();
            let refused = open(&disk, &knows(&[7])).err();
            for (path, bytes) in &new {
                write_new(&disk, path, bytes).unwrap();
            }
            refused.unwrap()
        };
        let told = refused(&|| {
            drop(write_new(
                &disk,
                &rows,
                &old[&dir().join("rows-00000003.keys")],
            ))
        });
        assert!(
            matches!(&told, KeyError::Corrupt { what, .. } if what.contains("was cut")),
            "{told}"
        );
        let told = refused(&|| {
            drop(write_new(
                &disk,
                &dir().join("epoch"),
                &old[&dir().join("epoch")],
            ))
        });
        assert!(matches!(told, KeyError::Missing { .. }), "{told}");
        if !apart {
            let secrets = (
                dir().join("secrets-00000005.key"),
                dir().join("secrets-00000006.key"),
            );
            let told = refused(&|| drop(write_new(&disk, &secrets.1, &old[&secrets.0])));
            assert!(matches!(told, KeyError::Corrupt { .. }), "{told}");
        }
        open(&disk, &knows(&[7])).unwrap();
    }
}

/// Puts the values of two lines of a file in each other's place, and makes its sum fit.
fn swap_lines(text: &str, one: &str, other: &str) -> String {
    let value = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(&format!("{name} ")))
            .unwrap()
    };
    let lines: Vec<String> = text
        .lines()
        .map(|line| match line.split_once(' ') {
            Some((name, _)) if name == one => format!("{one} {}", value(other)),
            Some((name, _)) if name == other => format!("{other} {}", value(one)),
            _ => line.to_owned(),
        })
        .collect();
    let body: String = lines[..lines.len() - 1]
        .iter()
        .map(|line| format!("{line}\n"))
        .collect();
    format!("{body}{:08x}\n", crc32c::crc32c(body.as_bytes()))
}

#[test]
fn a_secret_opens_under_its_own_name_and_in_its_own_generation_only() {
    let disk = SimDisk::new(6);
    let store = create(&disk);
    store.put_post_quantum_seed(&[8; 32]).unwrap();
    store.change_lock(Some(lock(7))).unwrap();
    let path = dir().join("secrets-00000003.key");
    let before = String::from_utf8(files(&disk)[&path].clone()).unwrap();
    for (one, other) in [
        ("root", "event"),
        ("event", "log"),
        ("log", "log-post-quantum"),
    ] {
        drop(open(&disk, &knows(&[7])));
        write_new(&disk, &path, swap_lines(&before, one, other).as_bytes()).unwrap();
        disk.restart();
        let refused = open(&disk, &knows(&[7])).err().unwrap();
        assert!(
            matches!(&refused, KeyError::Swapped { source, .. } if source.to_string().contains(one)),
            "{one}, {other}: {refused}"
        );
    }
    // The file of another generation, with this one's number written into it.
    write_new(&disk, &path, before.as_bytes()).unwrap();
    disk.restart();
    let store = open(&disk, &knows(&[7])).unwrap();
    store.change_lock(Some(lock(7))).unwrap();
    drop(store);
    let body = before.replace("generation 3", "generation 4");
    let body = body[..body.len() - 9].to_owned();
    let forged = format!("{body}{:08x}\n", crc32c::crc32c(body.as_bytes()));
    write_new(
        &disk,
        &dir().join("secrets-00000004.key"),
        forged.as_bytes(),
    )
    .unwrap();
    let refused = open(&disk, &knows(&[7])).err().unwrap();
    assert!(matches!(&refused, KeyError::Swapped { .. }), "{refused}");
}

/// S8 and S8b at the level of rows: every copy made before a rotation is dead after it.
#[test]
fn a_copy_made_before_a_rotation_opens_with_nothing_that_exists_after_it() {
    let disk = SimDisk::new(3);
    let store = create(&disk);
    let (old_root, new_root) = (RootKey::from_bytes([1; 32]), RootKey::from_bytes([9; 32]));
    let (subject, part) = (
        SubjectKey::from_bytes([5; 32]),
        PartKey::from_bytes([6; 32]),
    );
    let place = SubjectPlace {
        subject: stream_id(0),
        epoch: 1,
    };
    let subject_row = SubjectRow {
        subject: stream_id(0),
        epoch: 1,
        wrapped: old_root.wrap(place, &subject),
    };
    let part_place = PartPlace {
        event: event_id(0),
        part: 0,
        subject: stream_id(0),
    };
    let part_row = PartRow {
        event: event_id(0),
        part: 0,
        subject: stream_id(0),
        wrapped: subject.wrap(part_place, &part),
    };
    store
        .put(&[KeyRow::Subject(subject_row.clone()), KeyRow::Part(part_row)])
        .unwrap();
    let copy = disk.contents();
    let mut again = |row| {
        Ok(Some(match row {
            KeyRow::Subject(row) => {
                let key = old_root.unwrap(row.place(), &row.wrapped)?;
                let row = SubjectRow { epoch: 2, ..row };
                KeyRow::Subject(SubjectRow {
                    wrapped: new_root.wrap(row.place(), &key),
                    ..row
                })
            }
            row @ KeyRow::Part(_) => row,
        }))
    };
    store.rotate([9; 32], &mut again, &[]).unwrap();
    let live = RootKey::from_bytes(*store.secrets().root);
    let live_row = store.subject(stream_id(0)).unwrap().unwrap();
    assert!(live.unwrap(live_row.place(), &live_row.wrapped).is_ok());
    for place in [place, live_row.place()] {
        assert!(
            live.unwrap(place, &subject_row.wrapped).is_err(),
            "an old row under the new root"
        );
    }
    drop(store);
    // The old file put back beside the secrets in force is not theirs.
    let old_rows = copy.get(&dir().join("rows-00000001.bound")).unwrap();
    write_new(&disk, &dir().join("rows-00000002.bound"), old_rows).unwrap();
    let refused = open(&disk, &knows(&[])).err().unwrap();
    assert!(
        matches!(&refused, KeyError::Corrupt { what, .. } if what.contains("not those that were written here")),
        "{refused}"
    );
    assert!(!lies_in_clear(&disk, 1), "the old root is nowhere");
}
