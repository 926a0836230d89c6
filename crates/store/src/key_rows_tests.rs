//! The file of wrapped keys: what is told when it was cut or changed, and reading beside a slow
//! sync.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::contract_tests::{event_id, initial_secrets, key_rows, stream_id};
use crate::embedded::keys::FileKeyStore;
use crate::gated_disk::{Gate, Gated};
use crate::key_store::{KeyError, KeyStore};
use crate::log_store::UnusableReason;
use crate::sim_disk::{Mishap, SimDisk};

fn dir() -> &'static Path {
    Path::new("/keys")
}

fn rows() -> PathBuf {
    dir().join("rows-00000002.bound")
}

fn open(disk: &SimDisk) -> Result<FileKeyStore, KeyError> {
    FileKeyStore::open(Arc::new(disk.clone()), dir())
}

/// A store whose file began with the rows of three events, and took those of three more; and the
/// ends of its frames.
fn written() -> (SimDisk, Vec<u8>, Vec<usize>) {
    let disk = SimDisk::new(1);
    let store = FileKeyStore::create(Arc::new(disk.clone()), dir(), &initial_secrets()).unwrap();
    (0..3).for_each(|index| store.put(&key_rows(index)).unwrap());
    store
        .rotate([9; 32], &mut |row| Ok(Some(row)), &[])
        .unwrap();
    (3..6).for_each(|index| store.put(&key_rows(index)).unwrap());
    drop(store);
    let bytes = disk.contents()[&rows()].clone();
    let begins: Vec<usize> = (0..bytes.len())
        .filter(|place| bytes[*place..].starts_with(b"SGK2"))
        .collect();
    let ends = begins.into_iter().skip(1).chain([bytes.len()]).collect();
    (disk, bytes, ends)
}

fn put(disk: &SimDisk, bytes: &[u8]) {
    disk.tamper(&rows(), |file| bytes.clone_into(file));
}

fn held(store: &FileKeyStore) -> usize {
    store.parts_of(stream_id(0)).unwrap().len()
}

#[test]
fn a_cut_file_is_told_or_left_as_it_lies_until_something_is_written() {
    let (disk, whole, ends) = written();
    assert_eq!(
        ends.len(),
        5,
        "the first rows, the mark behind them, and three frames"
    );
    for len in 0..=whole.len() {
        put(&disk, &whole[..len]);
        let frames = ends.iter().filter(|end| **end <= len).count();
        match open(&disk) {
            Err(KeyError::Corrupt { what, .. }) => {
                assert!(frames < 2 && what.contains("was cut"), "{len}: {what}")
            }
            Err(error) => panic!("{len}: {error}"),
            Ok(store) => {
                assert!(frames >= 2, "{len}");
                assert_eq!(held(&store), 3 + frames - 2, "{len}");
                drop(store);
                assert_eq!(
                    disk.contents()[&rows()],
                    whole[..len],
                    "{len}: opening and closing shortens nothing"
                );
                let store = open(&disk).unwrap();
                store.put(&key_rows(8)).unwrap();
                drop(store);
                let store = open(&disk).unwrap();
                assert_eq!(held(&store), 3 + frames - 1, "{len}");
                assert!(store.part(event_id(8), 0).unwrap().is_some());
            }
        }
    }
}

#[test]
fn rows_that_were_changed_removed_moved_or_added_are_told() {
    let (disk, whole, ends) = written();
    let last = ends[3];
    for place in 0..whole.len() {
        let mut bent = whole.clone();
        bent[place] ^= 0x10;
        put(&disk, &bent);
        match open(&disk) {
            // A frame at the very end may be one that was never acknowledged.
            Ok(store) => assert!(place >= last && held(&store) == 5, "{place}"),
            Err(error) => assert!(
                matches!(error, KeyError::Corrupt { .. }) && place < last,
                "{place}: {error}"
            ),
        }
    }
    let frame =
        |number: usize| &whole[if number == 0 { 0 } else { ends[number - 1] }..ends[number]];
    let orders: [&[usize]; 7] = [
        &[1, 2, 3, 4],
        &[0, 2, 3, 4],
        &[0, 1, 3, 4],
        &[0, 1, 2, 4],
        &[0, 1, 3, 2, 4],
        &[0, 1, 2, 2, 3, 4],
        &[0, 1, 2, 3, 4, 4],
    ];
    for order in orders {
        put(
            &disk,
            &order
                .iter()
                .flat_map(|number| frame(*number))
                .copied()
                .collect::<Vec<u8>>(),
        );
        let refused = open(&disk).err().unwrap_or_else(|| panic!("{order:?}"));
        assert!(
            matches!(&refused, KeyError::Corrupt { .. }),
            "{order:?}: {refused}"
        );
    }
    // A row with another content, in a frame whose sums fit.
    let mut forged = whole.clone();
    let (begin, end) = (ends[2], ends[3]);
    forged[end - 5] ^= 1;
    let sum = crc32c::crc32c(&forged[begin + 12..end - 4]).to_be_bytes();
    forged[end - 4..end].copy_from_slice(&sum);
    put(&disk, &forged);
    let refused = open(&disk).err().unwrap();
    assert!(
        matches!(&refused, KeyError::Corrupt { what, .. } if what.contains("not those that were written here")),
        "{refused}"
    );
    put(&disk, &whole);
    assert_eq!(held(&open(&disk).unwrap()), 6);
}

#[test]
fn a_store_that_cannot_go_on_says_so_and_reads_on() {
    let (disk, ..) = written();
    let store = open(&disk).unwrap();
    assert_eq!(store.unusable(), None);
    // Two look-ups whether anybody else writes come before the write.
    disk.mishap_after(2, Mishap::Full);
    assert!(matches!(
        store.put(&key_rows(7)),
        Err(KeyError::NotWritten(_))
    ));
    assert_eq!(store.unusable(), None, "a full disk is no reason to stop");
    // The frame, then the sync that fails.
    let mut operations = 0;
    while store.unusable().is_none() {
        disk.mishap_after(operations, Mishap::SyncFails);
        drop(store.put(&key_rows(7)));
        operations += 1;
        assert!(operations < 20);
    }
    assert_eq!(store.unusable(), Some(UnusableReason::Poisoned));
    let refused = store.put(&key_rows(8)).unwrap_err();
    assert!(
        matches!(&refused, KeyError::NotWritten(cause) if cause.downcast_ref() == Some(&UnusableReason::Poisoned)),
        "{refused}"
    );
    assert!(
        store
            .rotate([4; 32], &mut |row| Ok(Some(row)), &[])
            .is_err()
    );
    assert!(store.part(event_id(2), 0).unwrap().is_some());
}

/// A disk whose syncs wait at a gate.
type Write = fn(&FileKeyStore) -> Result<(), KeyError>;

/// Reading goes on while rows, secrets or a whole epoch wait for the disk.
#[test]
fn reading_never_waits_for_a_sync() {
    let (disk, ..) = written();
    let gate = Arc::<Gate>::default();
    let store =
        Arc::new(FileKeyStore::open(Arc::new(Gated(disk, Arc::clone(&gate))), dir()).unwrap());
    let writes: [Write; 3] = [
        |store| store.put(&key_rows(7)),
        |store| store.put_post_quantum_seed(&[8; 32]),
        |store| store.rotate([4; 32], &mut |row| Ok(Some(row)), &[]),
    ];
    for write in writes {
        gate.set(true);
        let (writer, reader) = (Arc::clone(&store), Arc::clone(&store));
        let writing = std::thread::spawn(move || write(&writer).unwrap());
        gate.until_met();
        let (answer, answered) = channel();
        let reading = std::thread::spawn(move || {
            let found = (
                reader.part(event_id(2), 0).unwrap().is_some(),
                reader.subject(stream_id(0)).unwrap().is_some(),
            );
            answer
                .send((
                    found,
                    reader.secrets().epoch,
                    held(&reader),
                    reader.unusable(),
                ))
                .unwrap();
        });
        let answer = answered.recv_timeout(Duration::from_secs(30));
        gate.set(false);
        let (found, epoch, held, unusable) = answer.expect("reading waits for a write");
        assert_eq!((found, epoch, unusable), ((true, true), 2, None));
        assert!(held >= 6);
        writing.join().unwrap();
        reading.join().unwrap();
    }
    assert_eq!((store.secrets().epoch, held(&store)), (3, 7));
}
