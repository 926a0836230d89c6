//! The archive of the embedded store, torn, damaged, and left behind by its journal.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use record::hash::Hash;
use record::positions::Size;

use crate::archive_link::{self, RecordKind};
use crate::backend::opening::OpenError;
use crate::contract_tests::cosigned;
use crate::crash_tests::{real, small_log};
use crate::disk::RealDisk;
use crate::embedded::read_only::ReadOnly;
use crate::log_store::archive::CheckpointArchive;
use crate::log_store::reader::LogReader;
use crate::log_store::writer::LogWriter;
use crate::log_store::{ArchiveHead, LogStore, ReadError, StoredCheckpoint};

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
        assert_eq!(
            store.last_archived(Size::new(9)).unwrap(),
            Some(cosigned(3, "a"))
        );
        store.archive_checkpoint(&cosigned(4, "b")).unwrap();
        assert_eq!(
            store.first_archived(Size::new(3)).unwrap(),
            Some(cosigned(4, "b"))
        );
    }
    for place in one.len()..two.len() {
        let mut bent = whole.clone();
        bent[place] ^= 0x10;
        std::fs::write(&path, &bent).unwrap();
        match real(dir.path()) {
            Err(OpenError::Corrupt { place, .. }) => assert_eq!(Path::new(&place), path),
            Err(other) => panic!("{other}"),
            Ok(store) => {
                assert!(
                    matches!(
                        store.first_archived(Size::new(2)),
                        Err(ReadError::Corrupt { .. })
                    ),
                    "byte {place}"
                );
                assert_eq!(
                    store.last_archived(Size::new(9)).unwrap(),
                    Some(cosigned(4, "a")),
                    "the others are there"
                );
            }
        }
        assert_eq!(
            std::fs::read(&path).unwrap()[..whole.len()],
            bent,
            "nothing is cut"
        );
    }
    for place in 0..HEAD_BYTES {
        let mut zeros = whole.clone();
        zeros[one.len()..one.len() + place].fill(0);
        std::fs::write(&path, &zeros).unwrap();
        let opened = real(dir.path());
        assert!(
            place == 0 || matches!(opened, Err(OpenError::Corrupt { .. })),
            "zeros are no end when a record follows"
        );
    }
}

/// Bytes in front of an archived note.
const HEAD_BYTES: usize = 53;

fn heads(records: &[(RecordKind, u64, &[u8])]) -> Vec<ArchiveHead> {
    let mut head = ArchiveHead::default();
    let follow = |(kind, size, body): &(RecordKind, u64, &[u8])| {
        head = archive_link::after(&head, *kind, Size::new(*size), body);
        head
    };
    records.iter().map(follow).collect()
}

#[test]
fn each_record_is_chained_to_the_one_before() {
    let dir = tempfile::tempdir().unwrap();
    small_log(dir.path());
    let note = |size, what| cosigned(size, what).note;
    let (first, latest, second) = (note(2, "a"), note(2, "b"), note(3, "a"));
    let expected = heads(&[
        (RecordKind::Note, 2, first.as_bytes()),
        (RecordKind::Token, 2, b"token"),
        (RecordKind::Note, 2, latest.as_bytes()),
        (RecordKind::Note, 3, second.as_bytes()),
    ]);
    let store = real(dir.path()).unwrap();
    assert_eq!(store.archive_head().unwrap(), ArchiveHead::default());
    store.archive_checkpoint(&cosigned(2, "a")).unwrap();
    store.archive_token(Size::new(2), b"token").unwrap();
    // The latest note of the largest size can still be replaced, so it is no record yet.
    store.archive_checkpoint(&cosigned(2, "x")).unwrap();
    store.archive_checkpoint(&cosigned(2, "b")).unwrap();
    assert_eq!(store.archive_head().unwrap(), expected[1]);
    store.archive_checkpoint(&cosigned(3, "a")).unwrap();
    assert_eq!(store.archive_head().unwrap(), expected[3]);
    let check = |store: &dyn LogStore| {
        for head in &expected {
            assert_eq!(store.archive_link(head.count).unwrap(), Some(head.link));
        }
        assert_eq!(
            (
                store.archive_link(0).unwrap(),
                store.archive_link(5).unwrap()
            ),
            (Some(Hash::ZERO), None)
        );
    };
    check(&store);
    // A mark counts on from where the archive should be.
    let known = ArchiveHead {
        count: 9,
        link: Hash::new([7; 32]),
    };
    store.archive_mark(&known).unwrap();
    let behind = archive_link::after(
        &expected[3],
        RecordKind::Mark,
        Size::new(9),
        known.link.as_bytes(),
    );
    assert_eq!((store.archive_head().unwrap(), behind.count), (behind, 10));
    store.close().unwrap();
    drop(store);
    let store = real(dir.path()).unwrap();
    check(&store);
    assert_eq!(
        (
            store.archive_head().unwrap(),
            store.archive_link(10).unwrap()
        ),
        (behind, Some(behind.link))
    );
    let read: Vec<_> = ReadOnly::open(Arc::new(RealDisk::default()), dir.path())
        .unwrap()
        .archived()
        .unwrap()
        .records;
    assert_eq!(
        read.iter().map(|record| record.link).collect::<Vec<_>>(),
        [
            expected.iter().map(|head| Some(head.link)).collect(),
            vec![Some(behind.link)]
        ]
        .concat()
    );
}

/// As an earlier program wrote it: no links. They are made from the bodies, and stand in what comes
/// then.
#[test]
fn an_archive_from_before_there_were_links_is_read_and_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    small_log(dir.path());
    let mut file = Vec::new();
    for (kind, size, body) in [
        (1_u8, 2_u64, cosigned(2, "a").note),
        (2, 2, "token".to_owned()),
        (1, 3, cosigned(3, "a").note),
    ] {
        let mut head = [
            b"SGA1".as_slice(),
            &[kind],
            &size.to_be_bytes(),
            &u32::try_from(body.len()).unwrap().to_be_bytes(),
        ]
        .concat();
        head.extend(crc32c::crc32c(&head).to_be_bytes());
        file.extend(
            [
                head.as_slice(),
                body.as_bytes(),
                &crc32c::crc32c(body.as_bytes()).to_be_bytes(),
            ]
            .concat(),
        );
    }
    std::fs::write(dir.path().join("archive"), file).unwrap();
    let store = real(dir.path()).unwrap();
    let (one, two, three) = (
        cosigned(2, "a").note,
        cosigned(3, "a").note,
        cosigned(4, "a").note,
    );
    let expected = heads(&[
        (RecordKind::Note, 2, one.as_bytes()),
        (RecordKind::Token, 2, b"token"),
        (RecordKind::Note, 3, two.as_bytes()),
        (RecordKind::Note, 4, three.as_bytes()),
    ]);
    assert_eq!(
        (
            store.archive_head().unwrap(),
            store.archive_link(2).unwrap()
        ),
        (expected[2], Some(expected[1].link))
    );
    store.archive_checkpoint(&cosigned(4, "a")).unwrap();
    assert_eq!(store.archive_head().unwrap(), expected[3]);
    assert_eq!(
        (
            store.first_archived(Size::new(2)).unwrap(),
            store.tokens(Size::new(1)).unwrap().len()
        ),
        (Some(cosigned(3, "a")), 1)
    );
    store.close().unwrap();
    drop(store);
    assert_eq!(
        real(dir.path()).unwrap().archive_head().unwrap(),
        expected[3]
    );
}

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
    store
        .put_checkpoint(&StoredCheckpoint {
            size: Size::new(5),
            note: "note\n".into(),
        })
        .unwrap();
    store.archive_checkpoint(&cosigned(5, "a")).unwrap();
    store.close().unwrap();
    drop(store);
    let rolled_back = |file: &str| match real(dir.path()) {
        Err(OpenError::RolledBack {
            place: found,
            known,
            held,
        }) => {
            assert_eq!((known, held), (Size::new(5), Size::new(4)));
            assert_eq!(Path::new(&found), dir.path().join(file));
        }
        other => panic!("{:?}", other.err()),
    };
    std::fs::write(&old[0].0, &old[0].1).unwrap();
    rolled_back("checkpoint");
    std::fs::write(&old[1].0, &old[1].1).unwrap();
    rolled_back("archive");
    assert_eq!(
        std::fs::read(&old[0].0).unwrap(),
        old[0].1,
        "nothing is written"
    );
    std::fs::remove_file(dir.path().join("archive")).unwrap();
    assert_eq!(real(dir.path()).unwrap().size(), Size::new(4));
}
