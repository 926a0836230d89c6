//! What fails beside the journal: an index that fails at any call, a sync that takes long, a lock
//! that somebody removed, a power cut of a new log.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use record::positions::{LogIndex, Seq, Size};

use crate::backend::opening::OpenError;
use crate::contract_tests::{
    Maker, command_id, event_id, here, initial_secrets, key_rows, signer, stream_id,
};
use crate::disk::Disk;
use crate::embedded::keys::FileKeyStore;
use crate::embedded::log::EmbeddedStore;
use crate::embedded::options::{IndexKind, Options};
use crate::gated_disk::{Gate, Gated, wait_until};
use crate::key_store::{KeyError, KeyStore};
use crate::log_store::archive::CheckpointArchive;
use crate::log_store::blobs::Blobs;
use crate::log_store::reader::LogReader;
use crate::log_store::writer::LogWriter;
use crate::log_store::{BlobChange, CommitError, StoredBlob, StoredCheckpoint, UnusableReason};
use crate::sim_disk::{Mishap, SimDisk};
use crate::sim_index::{IndexMishap, SimIndexes};

const LOG: &str = "/data/0999/sag";

fn options(indexes: &SimIndexes) -> Options {
    let index = IndexKind::At(Arc::new(indexes.clone()));
    Options {
        signers: vec![signer()],
        retry: Duration::ZERO,
        ..Options::new(LOG.into(), *b"0999", index)
    }
}

fn open(disk: Arc<dyn Disk>, indexes: &SimIndexes) -> Result<EmbeddedStore, OpenError> {
    EmbeddedStore::open(disk, &options(indexes), &mut |_, _| {})
}

fn stops_with(error: &CommitError, expected: UnusableReason) -> bool {
    matches!(error, CommitError::NotWritten(cause) if cause.downcast_ref() == Some(&expected))
}

/// Every entry by its id, its stream and its place; every command.
fn holds_exactly(store: &EmbeddedStore, batches: &[(u64, u64)]) {
    let size = batches.last().map_or(0, |(first, count)| first + count);
    assert_eq!(store.size(), Size::new(size));
    let in_streams: usize = (0..3)
        .map(|stream| {
            store
                .stream_page(stream_id(stream), Seq::FIRST, 999)
                .unwrap()
                .len()
        })
        .sum();
    assert_eq!(in_streams as u64, size);
    for (first, count) in batches {
        let command = store
            .command(command_id(*first))
            .unwrap()
            .expect("the command is known");
        assert_eq!(command.first, LogIndex::new(*first));
        assert_eq!(u64::from(command.count), *count);
        for index in *first..first + count {
            assert_eq!(
                store.event_index(event_id(index)).unwrap(),
                Some(LogIndex::new(index))
            );
            assert_eq!(
                store.entry(LogIndex::new(index)).unwrap().unwrap().blobs[1],
                here(index, 1)
            );
        }
    }
}

/// The index is made anew while a commit is being synced: the frame on its way is not counted
/// twice.
#[test]
fn an_index_that_fails_during_a_sync_counts_nothing_twice() {
    for mishap in [IndexMishap::Before, IndexMishap::After] {
        let (disk, indexes, gate) = (
            SimDisk::new(1),
            SimIndexes::default(),
            Arc::<Gate>::default(),
        );
        let store = open(Arc::new(Gated(disk.clone(), Arc::clone(&gate))), &indexes).unwrap();
        let mut maker = Maker::default();
        store.commit(maker.batch(&[0, 1])).unwrap();
        let batch = maker.batch(&[0, 2]);
        gate.set(true);
        std::thread::scope(|scope| {
            let commit = scope.spawn(|| store.commit(batch));
            gate.until_met();
            indexes.mishap_after(0, mishap);
            let calls = indexes.calls();
            let reader = scope.spawn(|| store.event_index(event_id(1)));
            wait_until(|| indexes.calls() > calls);
            gate.set(false);
            commit.join().unwrap().unwrap();
            assert_eq!(reader.join().unwrap().unwrap(), Some(LogIndex::new(1)));
        });
        store.commit(maker.batch(&[1])).unwrap();
        holds_exactly(&store, &[(0, 2), (2, 2), (4, 1)]);
        drop(store);
        holds_exactly(
            &open(Arc::new(disk), &SimIndexes::default()).unwrap(),
            &[(0, 2), (2, 2), (4, 1)],
        );
    }
}

/// The same through the other two ways to a new index: somebody has proof that it is wrong, and a
/// commit that looks something up.
#[test]
fn a_distrusted_index_is_made_anew_from_what_was_committed() {
    let (disk, indexes, gate) = (
        SimDisk::new(1),
        SimIndexes::default(),
        Arc::<Gate>::default(),
    );
    let store = open(Arc::new(Gated(disk.clone(), Arc::clone(&gate))), &indexes).unwrap();
    let mut maker = Maker::default();
    store.commit(maker.batch(&[0, 1])).unwrap();
    let (second, third) = (maker.batch(&[0]), maker.batch(&[1]));
    gate.set(true);
    std::thread::scope(|scope| {
        let commit = scope.spawn(|| store.commit(second));
        gate.until_met();
        let distrusting = scope.spawn(|| store.distrust());
        gate.set(false);
        commit.join().unwrap().unwrap();
        distrusting.join().unwrap().unwrap();
    });
    indexes.mishap_after(0, IndexMishap::Before);
    store.commit(third).unwrap();
    holds_exactly(&store, &[(0, 2), (2, 1), (3, 1)]);
    drop(store);
    holds_exactly(
        &open(Arc::new(disk), &SimIndexes::default()).unwrap(),
        &[(0, 2), (2, 1), (3, 1)],
    );
}

/// While no index can be made, look-ups fail and nothing is admitted; what memory knows stays true;
/// and it heals by itself.
#[test]
fn an_index_that_cannot_be_made_answers_nothing_and_admits_nothing() {
    let (disk, indexes) = (SimDisk::new(2), SimIndexes::default());
    let store = open(Arc::new(disk.clone()), &indexes).unwrap();
    let mut maker = Maker::default();
    store.commit(maker.batch(&[0, 1])).unwrap();
    let batch = maker.clone().batch(&[0]);
    indexes.mishap_after(0, IndexMishap::Lasting);
    for _ in 0..3 {
        assert!(store.event_index(event_id(0)).is_err());
        assert!(
            store.event_index(event_id(99)).is_err(),
            "nobody can say that it does not exist"
        );
        assert!(store.command(command_id(0)).is_err());
        assert!(matches!(
            store.commit(batch.clone()),
            Err(CommitError::NotWritten(_))
        ));
        assert!(store.health().index.is_some());
    }
    assert_eq!((store.size(), store.stream_count()), (Size::new(2), 2));
    assert_eq!(
        store
            .stream_head(stream_id(0))
            .unwrap()
            .map(|head| head.seq),
        Some(Seq::FIRST),
        "a case does not vanish"
    );
    assert_eq!(store.health().unusable, None);
    indexes.heal();
    store.commit(maker.batch(&[0])).unwrap();
    assert_eq!(store.health().index, None);
    holds_exactly(&store, &[(0, 2), (2, 1)]);
    assert!(
        matches!(store.commit(batch), Err(CommitError::SizeConflict { .. })),
        "nothing is doubled"
    );
    drop(store);
    holds_exactly(
        &open(Arc::new(disk), &SimIndexes::default()).unwrap(),
        &[(0, 2), (2, 1)],
    );
}

/// A batch that is durable is acknowledged, also when the index did not take it.
#[test]
fn an_index_that_does_not_take_a_batch_is_made_anew_before_the_next_answer() {
    for mishap in [
        IndexMishap::Before,
        IndexMishap::After,
        IndexMishap::Lasting,
    ] {
        let indexes = SimIndexes::default();
        let store = open(Arc::new(SimDisk::new(2)), &indexes).unwrap();
        let mut maker = Maker::default();
        store.commit(maker.batch(&[0])).unwrap();
        // Four look-ups come before the rows: of the stream, twice, of the event and of the command.
        indexes.mishap_after(4, mishap);
        store.commit(maker.batch(&[1])).unwrap();
        assert!(store.health().index.is_some(), "{mishap:?}");
        indexes.heal();
        holds_exactly(&store, &[(0, 1), (1, 1)]);
        assert_eq!(store.health().index, None);
    }
}

/// Blobs are destroyed although the index fails at any moment of it.
#[test]
fn blobs_are_changed_whenever_the_index_fails() {
    for calls in 0..12 {
        let (disk, indexes) = (SimDisk::new(calls), SimIndexes::default());
        let store = open(Arc::new(disk.clone()), &indexes).unwrap();
        let mut maker = Maker::default();
        store
            .commit(maker.batch(&(0..100).map(|place| place % 2).collect::<Vec<_>>()))
            .unwrap();
        indexes.mishap_after(calls, IndexMishap::Before);
        store
            .change_blobs(&[BlobChange {
                index: LogIndex::new(3),
                part: 0,
                blob: None,
            }])
            .unwrap();
        indexes.heal();
        assert_eq!(
            store.entry(LogIndex::new(3)).unwrap().unwrap().blobs,
            [StoredBlob::Gone, here(3, 1)]
        );
        store.commit(maker.batch(&[0])).unwrap();
        holds_exactly_again(&store);
        drop(store);
        holds_exactly_again(&open(Arc::new(disk), &SimIndexes::default()).unwrap());
    }
}

fn holds_exactly_again(store: &EmbeddedStore) {
    assert_eq!(store.size(), Size::new(101));
    for index in 0..101 {
        assert_eq!(
            store.entry(LogIndex::new(index)).unwrap().unwrap().blobs[1],
            here(index, 1)
        );
        assert_eq!(
            store.event_index(event_id(index)).unwrap(),
            Some(LogIndex::new(index))
        );
    }
}

fn reads_are_answered(store: &EmbeddedStore) {
    let size = store.size();
    assert_eq!(
        store.entry(LogIndex::new(1)).unwrap().unwrap().blobs,
        [here(1, 0), here(1, 1)]
    );
    assert_eq!(
        store.event_index(event_id(1)).unwrap(),
        Some(LogIndex::new(1))
    );
    assert_eq!(
        store
            .stream_page(stream_id(0), Seq::FIRST, 9)
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        (
            store
                .stream_head(stream_id(1))
                .unwrap()
                .map(|head| head.seq),
            size
        ),
        (Some(Seq::FIRST), Size::new(2))
    );
    assert!(
        store.root().is_ok() && store.checkpoint().is_ok() && store.health().unusable.is_none()
    );
}

/// Reads go on while a commit, a checkpoint, a rewriting of blobs or a record of the archive waits
/// for its sync, and show what is durable.
#[test]
fn reads_do_not_wait_for_a_sync() {
    let (disk, indexes, gate) = (
        SimDisk::new(3),
        SimIndexes::default(),
        Arc::<Gate>::default(),
    );
    let store = open(Arc::new(Gated(disk, Arc::clone(&gate))), &indexes).unwrap();
    let mut maker = Maker::default();
    store.commit(maker.batch(&[0, 1])).unwrap();
    let batch = maker.batch(&[0]);
    let checkpoint = StoredCheckpoint {
        size: Size::new(2),
        note: "note\n".into(),
    };
    let change = [BlobChange {
        index: LogIndex::FIRST,
        part: 0,
        blob: None,
    }];
    let archived = |note: &str| StoredCheckpoint {
        size: Size::new(2),
        note: note.into(),
    };
    store.archive_checkpoint(&archived("first\n")).unwrap();
    let writes: [&(dyn Fn() + Sync); 5] = [
        &|| store.put_checkpoint(&checkpoint).unwrap(),
        &|| store.change_blobs(&change).unwrap(),
        &|| store.archive_checkpoint(&archived("second\n")).unwrap(),
        &|| store.archive_token(Size::new(2), b"token").unwrap(),
        &|| {
            store.commit(batch.clone()).unwrap();
        },
    ];
    let kept = || {
        (
            store.last_archived(Size::new(9)).unwrap(),
            store.tokens(Size::EMPTY).unwrap().len(),
        )
    };
    for write in writes {
        let before = kept();
        gate.set(true);
        std::thread::scope(|scope| {
            let writing = scope.spawn(write);
            gate.until_met();
            reads_are_answered(&store);
            assert_eq!(kept(), before, "what is not durable is not shown");
            assert!(
                store
                    .archive_head()
                    .is_ok_and(|head| head.count == 1 + before.1 as u64)
            );
            gate.set(false);
            writing.join().unwrap();
        });
    }
    assert_eq!(kept(), (Some(archived("second\n")), 1));
}

/// Two processes and no lock files: the second one is refused, because the journal itself is
/// locked.
#[test]
fn a_removed_lock_file_lets_nobody_in() {
    let disk = SimDisk::new(4);
    let store = open(Arc::new(disk.clone()), &SimIndexes::default()).unwrap();
    let mut maker = Maker::default();
    store.commit(maker.batch(&[0])).unwrap();
    disk.lose(&Path::new(LOG).join("lock"));
    assert!(matches!(
        open(Arc::new(disk.clone()), &SimIndexes::default()),
        Err(OpenError::InUse { .. })
    ));
    let batch = maker.clone().batch(&[0]);
    let refused = store.commit(batch.clone()).unwrap_err();
    assert!(
        stops_with(&refused, UnusableReason::LockLost),
        "{refused:?}"
    );
    assert_eq!(store.health().unusable, Some(UnusableReason::LockLost));
    assert!(
        store.entry(LogIndex::FIRST).unwrap().is_some(),
        "reads go on"
    );
    drop(store);
    open(Arc::new(disk), &SimIndexes::default())
        .unwrap()
        .commit(batch)
        .unwrap();
}

/// A journal that was put in another's place, or that somebody else has written to, is not written.
#[test]
fn a_journal_that_is_not_as_it_was_left_is_not_written() {
    let segment = Path::new(LOG).join("journal/000000.seg");
    let changes: [&dyn Fn(&SimDisk); 3] = [
        &|disk| disk.lose(&segment),
        &|disk| disk.tamper(&segment, |bytes| bytes.push(0)),
        &|disk| disk.tamper(&segment, |bytes| bytes.truncate(bytes.len() - 1)),
    ];
    for change in changes {
        let disk = SimDisk::new(5);
        let store = open(Arc::new(disk.clone()), &SimIndexes::default()).unwrap();
        let mut maker = Maker::default();
        store.commit(maker.batch(&[0])).unwrap();
        change(&disk);
        let before = disk.contents();
        let refused = store.commit(maker.batch(&[0])).unwrap_err();
        assert!(
            stops_with(&refused, UnusableReason::LockLost),
            "{refused:?}"
        );
        let refused = store
            .put_checkpoint(&StoredCheckpoint {
                size: Size::new(1),
                note: "note\n".into(),
            })
            .unwrap_err();
        assert!(stops_with(&refused, UnusableReason::LockLost));
        assert!(stops_with(
            &store.change_blobs(&[]).unwrap_err(),
            UnusableReason::LockLost
        ));
        assert_eq!(disk.contents(), before);
    }
}

/// The lock goes with the journal when a segment is closed, and when one is written anew.
#[test]
fn every_last_segment_is_locked() {
    let disk = SimDisk::new(6);
    let store = open(Arc::new(disk.clone()), &SimIndexes::default()).unwrap();
    let mut maker = Maker::default();
    store.commit(maker.batch(&[0])).unwrap();
    store
        .change_blobs(&[BlobChange {
            index: LogIndex::FIRST,
            part: 0,
            blob: None,
        }])
        .unwrap();
    disk.lose(&Path::new(LOG).join("lock"));
    assert!(
        matches!(
            open(Arc::new(disk.clone()), &SimIndexes::default()),
            Err(OpenError::InUse { .. })
        ),
        "written anew"
    );
    drop(store);
    let store = open(Arc::new(disk.clone()), &SimIndexes::default()).unwrap();
    while !disk
        .contents()
        .contains_key(&Path::new(LOG).join("journal/000001.seg"))
    {
        let mut batch = maker.batch(&[0]);
        batch.entries[0].blobs = (0..64).map(|_| vec![b'x'; 60_000].into()).collect();
        store.commit(batch).unwrap();
    }
    disk.lose(&Path::new(LOG).join("lock"));
    assert!(
        matches!(
            open(Arc::new(disk), &SimIndexes::default()),
            Err(OpenError::InUse { .. })
        ),
        "the next segment"
    );
}

/// The power goes at every operation from the first start to the second acknowledgement, again and
/// again with another part of what was not synced lost.
#[test]
fn a_new_log_opens_after_any_power_cut() {
    let life = |disk: &SimDisk, told: &mut Vec<(u64, u64)>| {
        let mut maker = Maker::default();
        let Ok(store) = open(Arc::new(disk.clone()), &SimIndexes::default()) else {
            return;
        };
        for (streams, count) in [(&[0, 1][..], 2), (&[0], 1)] {
            let batch = maker.batch(streams);
            let first = batch.first;
            if store.commit(batch).is_err() {
                return;
            }
            told.push((first.get(), count));
        }
    };
    let disk = SimDisk::new(0);
    life(&disk, &mut Vec::new());
    let operations = disk.operations();
    let mut cuts = 0;
    for operation in 0..=operations {
        for seed in 0..8 {
            let disk = SimDisk::new(operation * 8 + seed);
            let mut told = Vec::new();
            disk.mishap_after(operation, Mishap::PowerLoss);
            life(&disk, &mut told);
            disk.restart();
            let store = open(Arc::new(disk), &SimIndexes::default())
                .unwrap_or_else(|error| panic!("cut {operation}/{seed}: {error}"));
            assert!(
                store.size()
                    >= told
                        .last()
                        .map_or(Size::EMPTY, |(first, count)| Size::new(first + count)),
                "cut {operation}/{seed}"
            );
            cuts += 1;
        }
    }
    assert!(cuts > 300, "{cuts}");
}

/// A checkpoint over another tree than the one that was committed is never stored.
#[test]
fn a_checkpoint_of_another_tree_stops_the_store() {
    let store = open(Arc::new(SimDisk::new(7)), &SimIndexes::default()).unwrap();
    store.commit(Maker::default().batch(&[0, 1])).unwrap();
    let key = record::signing::LogKey::new("log.example/0999/sag", &[3; 32]);
    let note = |root| {
        let checkpoint = record::checkpoint::Checkpoint {
            origin: "log.example/0999/sag".into(),
            size: Size::new(2),
            root,
        };
        let body = checkpoint.body();
        StoredCheckpoint {
            size: Size::new(2),
            note: format!("{body}\n{}", key.sign_note(&body)),
        }
    };
    let (_, root) = store.root().unwrap();
    store.put_checkpoint(&note(root)).unwrap();
    let refused = store
        .put_checkpoint(&note(record::hash::Hash::ZERO))
        .unwrap_err();
    assert!(
        stops_with(&refused, UnusableReason::Contradiction),
        "{refused:?}"
    );
    assert_eq!(store.checkpoint().unwrap(), Some(note(root)));
}

/// Without room for an index the log opens all the same: everything is read, and nothing is
/// written.
#[test]
fn a_log_without_room_for_an_index_is_read() {
    let disk = SimDisk::new(8);
    let mut maker = Maker::default();
    let store = open(Arc::new(disk.clone()), &SimIndexes::default()).unwrap();
    store.commit(maker.batch(&[0, 1])).unwrap();
    drop(store);
    for calls in 0..3 {
        let full = SimIndexes::default();
        full.mishap_after(calls, IndexMishap::Lasting);
        let store = open(Arc::new(disk.clone()), &full).unwrap();
        if store.health().unusable.is_none() {
            continue;
        }
        holds_exactly(&store, &[(0, 2)]);
        assert_eq!(store.health().unusable, Some(UnusableReason::ReadOnly));
        assert!(store.health().index.is_some() && store.report().index.is_some());
        let refused = store.commit(maker.clone().batch(&[0])).unwrap_err();
        assert!(
            stops_with(&refused, UnusableReason::ReadOnly),
            "{refused:?}"
        );
    }
    open(Arc::new(disk), &SimIndexes::default())
        .unwrap()
        .commit(maker.batch(&[0]))
        .unwrap();
}

/// What a failed sync left behind reads back after the process ends, though it never reached the
/// medium. Nothing is built on it before it did.
#[test]
fn what_a_failed_sync_left_is_written_again_before_it_is_built_on() {
    for seed in 0..64 {
        let disk = SimDisk::new(seed);
        let mut maker = Maker::default();
        let store = open(Arc::new(disk.clone()), &SimIndexes::default()).unwrap();
        store.commit(maker.batch(&[0])).unwrap();
        // Two look-ups whether anybody else writes and the write come before the sync.
        disk.mishap_after(3, Mishap::SyncFails);
        assert!(matches!(
            store.commit(maker.batch(&[1])),
            Err(CommitError::Unknown(_))
        ));
        disk.kill();
        drop(store);
        let store = open(Arc::new(disk.clone()), &SimIndexes::default()).unwrap();
        assert_eq!(store.size(), Size::new(2), "it is read back");
        store.commit(maker.batch(&[0])).unwrap();
        store
            .put_checkpoint(&StoredCheckpoint {
                size: Size::new(3),
                note: "note\n".into(),
            })
            .unwrap();
        disk.restart();
        drop(store);
        holds_exactly(
            &open(Arc::new(disk), &SimIndexes::default()).unwrap(),
            &[(0, 1), (1, 1), (2, 1)],
        );
    }
}

/// The same of the header of a journal whose first start was broken off.
#[test]
fn a_first_start_that_was_broken_off_leaves_a_journal_that_lasts() {
    let operations = {
        let disk = SimDisk::new(0);
        drop(open(Arc::new(disk.clone()), &SimIndexes::default()).unwrap());
        disk.operations()
    };
    for operation in 0..operations {
        for mishap in [Mishap::SyncFails, Mishap::Full, Mishap::FullHalfway] {
            let disk = SimDisk::new(operation);
            disk.mishap_after(operation, mishap);
            drop(open(Arc::new(disk.clone()), &SimIndexes::default()));
            disk.kill();
            let store = open(Arc::new(disk.clone()), &SimIndexes::default())
                .unwrap_or_else(|error| panic!("{operation} {mishap:?}: {error}"));
            store.commit(Maker::default().batch(&[0])).unwrap();
            disk.restart();
            drop(store);
            let store = open(Arc::new(disk), &SimIndexes::default())
                .unwrap_or_else(|error| panic!("{operation} {mishap:?}: {error}"));
            holds_exactly(&store, &[(0, 1)]);
        }
    }
}

/// The keys as well: no second process, and no write where the rows are not those that were opened.
#[test]
fn key_rows_are_locked_themselves() {
    let dir = Path::new("/keys/0999");
    let make = |disk: &SimDisk| {
        FileKeyStore::create(Arc::new(disk.clone()), dir, &initial_secrets()).unwrap()
    };
    let disk = SimDisk::new(9);
    let store = make(&disk);
    let rows = disk
        .contents()
        .into_keys()
        .find(|path| path.to_string_lossy().contains("rows-"))
        .unwrap();
    store.put(&key_rows(1)).unwrap();
    disk.lose(&dir.join("lock"));
    assert!(matches!(
        FileKeyStore::open(Arc::new(disk.clone()), dir),
        Err(KeyError::Exists { .. })
    ));
    assert!(
        matches!(store.put(&key_rows(2)), Err(KeyError::NotWritten(cause)) if cause.downcast_ref() == Some(&UnusableReason::LockLost))
    );
    assert_eq!(store.unusable(), Some(UnusableReason::LockLost));
    drop(store);
    let store = FileKeyStore::open(Arc::new(disk.clone()), dir).unwrap();
    disk.lose(&rows);
    assert!(
        matches!(store.put(&key_rows(2)), Err(KeyError::NotWritten(cause)) if cause.downcast_ref() == Some(&UnusableReason::LockLost))
    );
}

/// The epoch was switched, the sync of its name failed, and the process ended: what is read of it
/// must last before the other epoch is destroyed.
#[test]
fn an_epoch_that_may_not_last_destroys_no_other() {
    for seed in 0..40 {
        for operation in 0..30 {
            let disk = SimDisk::new(seed);
            let dir = Path::new("/keys/0999");
            let store =
                FileKeyStore::create(Arc::new(disk.clone()), dir, &initial_secrets()).unwrap();
            store.put(&key_rows(1)).unwrap();
            disk.mishap_after(operation, Mishap::SyncFails);
            drop(store.rotate([9; 32], &mut |row| Ok(Some(row)), &[]));
            disk.kill();
            drop(store);
            let opened = FileKeyStore::open(Arc::new(disk.clone()), dir);
            assert!(opened.is_ok(), "{seed} {operation}: {:?}", opened.err());
            disk.restart();
            drop(opened);
            let store = FileKeyStore::open(Arc::new(disk), dir)
                .unwrap_or_else(|error| panic!("{seed} {operation}: {error}"));
            assert!(
                store.part(event_id(1), 0).unwrap().is_some(),
                "{seed} {operation}"
            );
        }
    }
}
