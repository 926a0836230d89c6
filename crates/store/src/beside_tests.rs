//! Keys and frame of a commit become durable at the same time: what is acknowledged, what is read
//! meanwhile, and what every order of failure leaves.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use record::positions::{LogIndex, Size};

use crate::backend::opening::OpenError;
use crate::contract_tests::{Maker, event_id, initial_secrets};
use crate::crash_tests::{KeysSync, attempt, commit, keyed, keys, sim, sim_with};
use crate::disk::Disk;
use crate::embedded::keys::FileKeyStore;
use crate::embedded::log::EmbeddedStore;
use crate::embedded::options::{IndexKind, Options};
use crate::gated_disk::{Gate, Gated, wait_until};
use crate::half_commit::Keyed;
use crate::key_store::KeyStore;
use crate::log_store::reader::LogReader;
use crate::log_store::writer::LogWriter;
use crate::log_store::{CommitError, StoredCheckpoint, UnusableReason};
use crate::pipeline::Pipeline;
use crate::sim_disk::{Mishap, SimDisk};

const JOURNAL: &str = "/log/journal/000000.seg";

/// Every entry has its keys.
fn all_are_keyed(store: &EmbeddedStore, keys: &FileKeyStore) -> bool {
    let mut all = store.size().indexes();
    all.all(|index| keyed(store, keys, index) == Ok(Keyed::Yes))
}

fn checkpoint(size: u64) -> StoredCheckpoint {
    StoredCheckpoint {
        size: Size::new(size),
        note: "note\n".into(),
    }
}

/// Hands an event to a pipeline; its outcome comes when it comes.
fn submitted(
    pipeline: &Pipeline,
    number: u8,
    maker: &mut Maker,
) -> Receiver<Result<(), CommitError>> {
    let (answer, outcome) = channel();
    let (batch, rows) = attempt(number, maker.batch(&[0]));
    pipeline.submit(
        rows,
        batch,
        Box::new(move |result| drop(answer.send(result))),
    );
    outcome
}

/// Opens a gate when it is dropped.
struct Opens<'a>(&'a Gate);

impl Drop for Opens<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// Whichever of the two syncs takes longer: nothing is told, counted or read before both are done.
#[test]
fn a_commit_is_acknowledged_and_read_when_keys_and_frame_are_durable() {
    for slow_keys in [true, false] {
        let disk = SimDisk::new(1);
        let (slow, fast) = (Arc::<Gate>::default(), Arc::<Gate>::default());
        let gated = |slow_one: bool| -> Arc<dyn Disk> {
            let gate = if slow_one { &slow } else { &fast };
            Arc::new(Gated(disk.clone(), Arc::clone(gate)))
        };
        let keys = Arc::new(
            FileKeyStore::create(gated(slow_keys), Path::new("/keys"), &initial_secrets()).unwrap(),
        );
        let options = Options::new("/log".into(), *b"0999", IndexKind::Memory);
        let log = EmbeddedStore::open(gated(!slow_keys), &options, &mut |_, _| {}).unwrap();
        let log = Arc::new(log);
        let pipeline = Pipeline::start(log.clone(), keys.clone()).unwrap();
        // Dropped before the pipeline: a failure would wait at the gate.
        let _opens = Opens(&slow);
        let mut maker = Maker::default();
        slow.set(true);
        let outcome = submitted(&pipeline, 1, &mut maker);
        slow.until_met();
        // The other sync is not held up by this one; both were begun.
        let fast_one = if slow_keys {
            JOURNAL
        } else {
            "/keys/rows-00000001.bound"
        };
        wait_until(|| {
            let len = disk.contents()[Path::new(fast_one)].len();
            len > 100_000 && disk.is_durable(Path::new(fast_one))
        });
        let early = outcome.try_recv();
        let read = (log.size(), log.stream_count(), log.event_index(event_id(0)));
        slow.set(false);
        assert!(early.is_err(), "slow keys: {slow_keys}");
        assert_eq!((read.0, read.1, read.2.unwrap()), (Size::EMPTY, 0, None));
        outcome.recv().unwrap().unwrap();
        assert_eq!(log.size(), Size::new(1));
        assert!(all_are_keyed(&log, &keys));
    }
}

/// One of the two syncs fails, or the write before it: nothing is acknowledged or read, the store
/// stops where nobody knows what is durable, and a new start finds all of the commit or nothing.
#[test]
fn where_one_of_the_two_syncs_fails_nothing_is_acknowledged() {
    let mut seen = (0, 0);
    for mishap in [Mishap::SyncFails, Mishap::Full, Mishap::FullHalfway] {
        for operation in 0..16 {
            for power in [false, true] {
                let disk = SimDisk::new(operation);
                let key_store = Arc::new(keys(&disk).unwrap());
                let log = Arc::new(sim_with(&disk, &key_store).unwrap());
                let pipeline = Pipeline::start(log.clone(), key_store.clone()).unwrap();
                let mut maker = Maker::default();
                submitted(&pipeline, 1, &mut maker).recv().unwrap().unwrap();
                disk.mishap_after(operation, mishap);
                let failing = submitted(&pipeline, 2, &mut maker.clone());
                let what = format!("{mishap:?} {operation}");
                let held = match failing.recv().unwrap() {
                    Ok(()) => 2,
                    Err(CommitError::Unknown(_)) => {
                        seen.0 += 1;
                        let next = submitted(&pipeline, 3, &mut maker.clone());
                        assert!(
                            matches!(next.recv().unwrap(), Err(CommitError::NotWritten(_))),
                            "{what}"
                        );
                        let health = log.health().unusable;
                        assert_eq!(health, Some(UnusableReason::Poisoned), "{what}");
                        1
                    }
                    Err(CommitError::NotWritten(_)) => {
                        seen.1 += 1;
                        1
                    }
                    Err(other) => panic!("{what}: {other}"),
                };
                assert_eq!(log.size(), Size::new(held), "{what}");
                drop((pipeline, log, key_store));
                if power {
                    disk.restart();
                } else {
                    disk.kill();
                }
                let keys = keys(&disk).unwrap();
                let store = sim_with(&disk, &keys).unwrap();
                let size = store.size().get();
                assert!(size == held || size == 2 && held == 1, "{what}: {size}");
                assert!(all_are_keyed(&store, &keys), "{what}");
            }
        }
    }
    // Which operation is whose sync differs from run to run: two threads are at work.
    assert!(seen.0 > 2 && seen.1 > 2, "{seen:?}");
}

/// The power goes at every operation, whichever sync comes first. What was acknowledged is there
/// with its keys, and what is there without them is cut off, once and for all.
#[test]
fn a_power_cut_at_any_operation_leaves_no_entry_without_its_keys() {
    let life = |disk: &SimDisk, order: KeysSync, told: &mut u64| -> Option<()> {
        let keys = keys(disk).ok()?;
        let store = sim_with(disk, &keys).ok()?;
        let mut maker = Maker::default();
        for number in 1..4 {
            commit(&store, &keys, attempt(number, maker.batch(&[0, 0])), order).ok()?;
            *told = maker.size;
            if number == 1 {
                store.put_checkpoint(&checkpoint(2)).ok()?;
            }
        }
        Some(())
    };
    let (mut halves, mut cuts) = (0, 0);
    for order in [KeysSync::First, KeysSync::Last] {
        let disk = SimDisk::new(0);
        life(&disk, order, &mut 0);
        for operation in 0..=disk.operations() {
            for seed in 0..3 {
                let what = format!("{order:?}, cut {operation}/{seed}");
                let disk = SimDisk::new(operation * 100 + seed);
                let mut told = 0;
                disk.mishap_after(operation, Mishap::PowerLoss);
                life(&disk, order, &mut told);
                disk.restart();
                let lying = sim(&disk).map(|store| store.size());
                let keys = keys(&disk).unwrap();
                let store = sim_with(&disk, &keys).unwrap_or_else(|e| panic!("{what}: {e}"));
                let size = store.size().get();
                assert!(size >= told, "{what}: acknowledged entries are there");
                assert!(size <= told + 2 && size.is_multiple_of(2), "{what}: {size}");
                assert!(all_are_keyed(&store, &keys), "{what}");
                halves += usize::from(lying.unwrap() > store.size());
                cuts += 1;
                // It goes on behind that, and the next crash brings nothing back.
                let mut maker = Maker::default();
                maker.batch(&vec![0; usize::try_from(size).unwrap()]);
                commit(&store, &keys, attempt(9, maker.batch(&[0])), order).unwrap();
                drop((store, keys));
                disk.restart();
                let keys = crate::crash_tests::keys(&disk).unwrap();
                let store = sim_with(&disk, &keys).unwrap();
                assert_eq!(store.size(), Size::new(size + 1), "{what}");
                assert!(all_are_keyed(&store, &keys), "{what}");
            }
        }
    }
    assert!(cuts > 400 && halves > 4, "{halves} of {cuts}");
}

/// A log of one commit, and one without keys behind it.
fn half(checkpointed: bool) -> (SimDisk, FileKeyStore) {
    let disk = SimDisk::new(2);
    let keys = keys(&disk).unwrap();
    let store = sim(&disk).unwrap();
    let mut maker = Maker::default();
    commit(&store, &keys, attempt(1, maker.batch(&[0])), KeysSync::Last).unwrap();
    store.commit(attempt(2, maker.batch(&[0, 1])).0).unwrap();
    if checkpointed {
        // Of a part of it only, which no program does.
        store.put_checkpoint(&checkpoint(2)).unwrap();
    }
    drop(store);
    (disk, keys)
}

/// Until the sweep nothing is destroyed: somebody may know of what is left out.
#[test]
fn what_is_left_out_is_cut_off_by_the_sweep_and_not_before() {
    let (disk, keys) = half(false);
    let before = disk.contents();
    let options = Options {
        signers: vec![crate::contract_tests::signer()],
        ..Options::new("/log".into(), *b"0999", IndexKind::Memory)
    };
    let open = || -> Result<EmbeddedStore, OpenError> {
        let disk: Arc<dyn Disk> = Arc::new(disk.clone());
        let store = EmbeddedStore::open_unswept(Arc::clone(&disk), &options, &mut |_, _| {})?;
        assert_eq!(store.newest_commit(), Some(LogIndex::new(1)));
        store.without_newest_commit(disk, &options, &mut |_, _| {})
    };
    let store = open().unwrap();
    assert_eq!(store.size(), Size::new(1));
    assert_eq!(
        store.newest_commit(),
        None,
        "one commit at most is left out"
    );
    assert!(store.report().cut_bytes > 0);
    let refused = store.commit(Maker::default().batch(&[0])).unwrap_err();
    assert!(
        matches!(refused, CommitError::NotWritten(_)),
        "nothing is written before the sweep: {refused:?}"
    );
    drop(store);
    let journal = |contents: &std::collections::BTreeMap<_, Vec<u8>>| {
        let bytes: &Vec<u8> = &contents[&Path::new(JOURNAL).to_owned()];
        let end = bytes.iter().rposition(|byte| *byte != 0).unwrap();
        bytes[..=end].to_vec()
    };
    assert_eq!(journal(&before), journal(&disk.contents()));
    // A close before the sweep destroys nothing either.
    let store = open().unwrap();
    store.close().unwrap();
    drop(store);
    assert_eq!(journal(&before), journal(&disk.contents()));
    let store = open().unwrap();
    store.sweep().unwrap();
    assert!(journal(&disk.contents()).len() < journal(&before).len());
    let mut maker = Maker::default();
    maker.batch(&[0]);
    commit(
        &store,
        &keys,
        attempt(3, maker.batch(&[0])),
        KeysSync::First,
    )
    .unwrap();
    drop(store);
    assert_eq!(sim(&disk).unwrap().size(), Size::new(2));
}

/// A frame of which a checkpoint covers anything was acknowledged: it is never left out.
#[test]
fn a_commit_that_a_checkpoint_covers_is_never_left_out() {
    let (disk, keys) = half(true);
    let store = sim(&disk).unwrap();
    assert_eq!(store.newest_commit(), None);
    drop(store);
    assert_eq!(sim_with(&disk, &keys).unwrap().size(), Size::new(3));
}

/// Rows that were begun are durable before an epoch replaces them.
#[test]
fn rows_that_were_begun_are_kept_by_an_exchange() {
    let disk = SimDisk::new(3);
    let store = keys(&disk).unwrap();
    let (_, rows) = attempt(5, Maker::default().batch(&[0]));
    store.begin_put(&rows).unwrap();
    assert!(
        store.part(event_id(0), 0).unwrap().is_none(),
        "not read before it is durable"
    );
    store
        .rotate([9; 32], &mut |row| Ok(Some(row)), &[])
        .unwrap();
    assert!(store.part(event_id(0), 0).unwrap().is_some());
    store.finish_put().unwrap();
    drop(store);
    disk.restart();
    assert!(keys(&disk).unwrap().part(event_id(0), 0).unwrap().is_some());
}
