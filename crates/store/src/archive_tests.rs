//! The archive of the embedded store, torn, damaged, and left behind by its journal.

use std::path::PathBuf;

use crate::contract_tests::cosigned;
use crate::crash_tests::{real, small_log};
use crate::embedded::OpenError;
use crate::log_store::{LogStore, ReadError, StoredCheckpoint};

#[test]
fn a_torn_record_of_the_archive_is_cut_and_other_damage_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    small_log(dir.path());
    let path = dir.path().join("archive");
    let archive = |size, what| {
        let store = real(dir.path()).unwrap();
        store.archive_checkpoint(&cosigned(size, what)).unwrap();
        store.close().unwrap();
        std::fs::read(&path).unwrap()
    };
    let (one, two) = (archive(2, "a"), archive(3, "a"));
    let whole = archive(4, "a");
    for cut in two.len() + 1..whole.len() {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let store = real(dir.path()).unwrap();
        assert_eq!(store.last_archived(9).unwrap(), Some(cosigned(3, "a")));
        store.archive_checkpoint(&cosigned(4, "b")).unwrap();
        assert_eq!(store.first_archived(3).unwrap(), Some(cosigned(4, "b")));
    }
    for place in one.len()..two.len() {
        let mut bent = whole.clone();
        bent[place] ^= 0x10;
        std::fs::write(&path, &bent).unwrap();
        match real(dir.path()) {
            Err(OpenError::Corrupt { file, .. }) => assert_eq!(file, path),
            Err(other) => panic!("{other}"),
            Ok(store) => {
                assert!(matches!(store.first_archived(2), Err(ReadError::Corrupt { .. })), "byte {place}");
                assert_eq!(store.last_archived(9).unwrap(), Some(cosigned(4, "a")), "the others are there");
            }
        }
        assert_eq!(std::fs::read(&path).unwrap()[..whole.len()], bent, "nothing is cut");
    }
    for place in 0..HEAD_BYTES {
        let mut zeros = whole.clone();
        zeros[one.len()..one.len() + place].fill(0);
        std::fs::write(&path, &zeros).unwrap();
        let opened = real(dir.path());
        assert!(place == 0 || matches!(opened, Err(OpenError::Corrupt { .. })), "zeros are no end when a record follows");
    }
}

/// Bytes in front of an archived note.
const HEAD_BYTES: usize = 21;

#[test]
fn a_store_that_is_older_than_its_archive_or_its_checkpoint_is_not_opened() {
    let dir = tempfile::tempdir().unwrap();
    let mut maker = small_log(dir.path());
    let old: Vec<(PathBuf, Vec<u8>)> = ["journal/000000.seg", "checkpoint"]
        .map(|name| dir.path().join(name))
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .to_vec();
    let store = real(dir.path()).unwrap();
    store.commit(maker.batch(&[1])).unwrap();
    store.put_checkpoint(&StoredCheckpoint { size: 5, note: "note\n".into() }).unwrap();
    store.archive_checkpoint(&cosigned(5, "a")).unwrap();
    store.close().unwrap();
    drop(store);
    let rolled_back = |file: &str| match real(dir.path()) {
        Err(OpenError::RolledBack { file: found, known: 5, held: 4 }) => assert_eq!(found, dir.path().join(file)),
        other => panic!("{:?}", other.err()),
    };
    std::fs::write(&old[0].0, &old[0].1).unwrap();
    rolled_back("checkpoint");
    std::fs::write(&old[1].0, &old[1].1).unwrap();
    rolled_back("archive");
    assert_eq!(std::fs::read(&old[0].0).unwrap(), old[0].1, "nothing is written");
    std::fs::remove_file(dir.path().join("archive")).unwrap();
    assert_eq!(real(dir.path()).unwrap().size(), 4);
}
