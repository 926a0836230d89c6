//! The promises of [`Backend`] as tests that any implementation can be put through: a log, its
//! keys, rows and texts are begun, closed, opened again and read, and never seen by another.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "test code that other crates call"
)]

use std::ops::ControlFlow;
use std::sync::Arc;

use record::positions::{LogIndex, Seq, Size};
use record::signing::EventKey;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::archive_link::RecordKind;
use crate::backend::opening::{LogKind, LogName, OpenError, Opening, Unswept, Upgraded};
use crate::backend::side_texts::SideText;
use crate::backend::view::{Archived, IndexCheck, LogView, Reading};
use crate::backend::{Backend, KeysOutline};
use crate::contract_tests::{
    Maker, blob, command_id, cosigned, event_id, initial_secrets, key_rows,
    key_store_keeps_its_promises, log_store_keeps_its_promises, proven, signer, stream_id,
};
use crate::key_lock::{KeyLock, LockError, Locksmith, MemoryLock, NoLocksmith, UNLOCKED};
use crate::key_store::{KeyError, KeyRow, LockableKeys};
use crate::log_store::{Batch, CommitError, LogStore, NewBlob, StoredCheckpoint};
use crate::projection_contract::{
    batch as row_batch, expected as expected_rows, generations_take_each_others_place,
    rows_and_position_change_together,
};
use crate::projection_store::{Direction, ProjectionBatch};

/// A name of the contract tests.
#[must_use]
pub const fn name(municipality: [u8; 4], kind: LogKind) -> LogName {
    LogName { municipality, kind }
}

const CASES: LogName = name(*b"0999", LogKind::Cases);
const ACCESSES: LogName = name(*b"0999", LogKind::Accesses);
const ELSEWHERE: LogName = name(*b"0101", LogKind::Cases);

/// How the contract tests open a log.
#[must_use]
pub fn opening() -> Opening {
    Opening {
        signers: vec![signer()],
        vouch: Zeroizing::new([9; 32]),
    }
}

/// Knows one lock, and gives it to new keys where it is to.
#[derive(Debug)]
struct Smith {
    knows: u8,
    gives: bool,
}

fn lock(number: u8) -> Arc<dyn KeyLock> {
    let (description, key) = (format!("test {number}"), Zeroizing::new([number; 32]));
    Arc::new(MemoryLock::new("the test key", &description, &key))
}

impl Locksmith for Smith {
    fn find(&self, description: &str) -> Result<Arc<dyn KeyLock>, LockError> {
        let known = lock(self.knows);
        if known.description() == description {
            Ok(known)
        } else {
            Err(LockError::Unknown(description.to_owned()))
        }
    }

    fn fresh(&self) -> Result<Option<Arc<dyn KeyLock>>, LockError> {
        Ok(self.gives.then(|| lock(self.knows)))
    }
}

fn try_open(backend: &dyn Backend, log: &LogName) -> Result<Unswept, OpenError> {
    backend.open_log(log, &opening(), &mut |_, _| {})
}

fn open(backend: &dyn Backend, log: &LogName) -> Arc<dyn LogStore> {
    try_open(backend, log).unwrap().sweep().unwrap()
}

fn view(backend: &dyn Backend, log: &LogName) -> Box<dyn LogView> {
    let reading = Reading {
        checks_commands: true,
        signers: vec![signer()],
        ..Reading::default()
    };
    backend.read_only(log, reading).unwrap().unwrap()
}

/// Puts backends through every promise; `fresh` makes one that holds nothing.
pub fn backend_keeps_its_promises(fresh: &dyn Fn() -> Box<dyn Backend>) {
    asking_makes_nothing(&*fresh());
    the_stores_keep_their_own_promises(&*fresh());
    a_log_is_found_again(&*fresh());
    a_log_is_open_once(&*fresh());
    what_belongs_to_no_entry_is_kept_until_the_sweep(&*fresh());
    a_log_is_read_while_it_is_written(&*fresh());
    commands_of_a_stranger_are_told(&*fresh());
    what_is_known_must_be_there(&*fresh());
    keys_are_begun_locked_and_found_again(&*fresh());
    rows_are_found_again(&*fresh());
    texts_are_found_again(&*fresh());
    a_shadow_changes_nothing(&*fresh());
    names_are_apart(&*fresh());
}

/// Every question about a log that was never begun leaves it so.
pub fn asking_makes_nothing(backend: &dyn Backend) {
    for _ in 0..2 {
        assert!(!backend.holds_log(&CASES).unwrap());
        assert!(!backend.log_in_use(&CASES).unwrap());
        assert!(
            backend
                .read_only(&CASES, Reading::default())
                .unwrap()
                .is_none()
        );
        assert_eq!(backend.left_behind(&CASES).unwrap(), None);
        assert_eq!(backend.form(&CASES).unwrap(), None);
        assert!(!backend.holds_keys(&CASES).unwrap());
        assert!(!backend.keys_in_use(&CASES));
        assert!(matches!(
            backend.describe_keys(&CASES),
            Err(KeyError::Missing { .. })
        ));
        assert!(matches!(
            backend.open_keys(&CASES, &NoLocksmith).err(),
            Some(KeyError::Missing { .. })
        ));
        assert!(!backend.holds_rows(&CASES));
        assert!(backend.rows(&CASES).unwrap().open().unwrap().is_none());
        let texts = backend.side_texts(&CASES);
        assert_eq!(texts.read(SideText::LogKey).unwrap(), None);
        assert!(texts.pending_erasures().unwrap().is_empty());
        texts.remove(SideText::KnownCheckpoint).unwrap();
        backend.shadow().unwrap();
    }
}

/// What a backend hands out keeps the contracts of the single stores.
pub fn the_stores_keep_their_own_promises(backend: &dyn Backend) {
    log_store_keeps_its_promises(&open(backend, &CASES));
    let keys = backend
        .create_keys(&CASES, &initial_secrets(), &NoLocksmith)
        .unwrap();
    key_store_keeps_its_promises(&*keys);
    let rows = backend.rows(&CASES).unwrap();
    rows_and_position_change_together(&*rows.begin().unwrap().store);
    generations_take_each_others_place(&*rows);
}

/// A short history with a checkpoint and an archive.
fn write_history(log: &Arc<dyn LogStore>, maker: &mut Maker) {
    for streams in [&[0, 1][..], &[0], &[2, 0]] {
        log.commit(maker.batch(streams)).unwrap();
    }
    log.put_checkpoint(&StoredCheckpoint {
        size: Size::new(4),
        note: "note 4\n".to_owned(),
    })
    .unwrap();
    log.archive_checkpoint(&cosigned(3, "a")).unwrap();
    log.archive_token(Size::new(3), b"token").unwrap();
    log.archive_checkpoint(&cosigned(4, "a")).unwrap();
    log.archive_checkpoint(&cosigned(4, "b")).unwrap();
}

/// What [`write_history`] wrote.
fn expect_history(log: &dyn LogStore) {
    assert_eq!((log.size(), log.stream_count()), (Size::new(5), 3));
    for index in 0..5 {
        assert_eq!(
            log.entry(LogIndex::new(index)).unwrap().unwrap().index,
            LogIndex::new(index)
        );
        assert_eq!(
            log.blob(LogIndex::new(index), 1).unwrap(),
            Some(blob(index, 1))
        );
        assert_eq!(
            log.event_index(event_id(index)).unwrap(),
            Some(LogIndex::new(index))
        );
    }
    assert_eq!(
        log.stream_head(stream_id(0)).unwrap().unwrap().seq,
        Seq::new(3).unwrap()
    );
    assert_eq!(
        log.stream_page(stream_id(0), Seq::FIRST, 9).unwrap().len(),
        3
    );
    assert_eq!(
        log.command(command_id(2)).unwrap().unwrap().first,
        LogIndex::new(2)
    );
    assert_eq!(log.erasing_entries().unwrap(), [LogIndex::new(4)]);
    assert_eq!(log.checkpoint().unwrap().unwrap().size, Size::new(4));
    assert_eq!(
        log.first_archived(Size::new(3)).unwrap(),
        Some(cosigned(4, "a"))
    );
    assert_eq!(
        log.last_archived(Size::new(5)).unwrap(),
        Some(cosigned(4, "b"))
    );
    assert_eq!(log.archive_head().unwrap().count, 3);
    assert_eq!(
        log.first_token(Size::EMPTY).unwrap().unwrap().bytes,
        b"token"
    );
}

/// A log that was closed, or whose handle was just dropped, goes on where it stopped.
pub fn a_log_is_found_again(backend: &dyn Backend) {
    let mut maker = Maker::default();
    let log = open(backend, &CASES);
    write_history(&log, &mut maker);
    let root = log.root().unwrap();
    log.close().unwrap();
    drop(log);
    assert!(backend.holds_log(&CASES).unwrap());
    assert!(!backend.log_in_use(&CASES).unwrap());
    let unswept = try_open(backend, &CASES).unwrap();
    assert_eq!(unswept.report().cut_bytes, 0);
    assert_eq!(unswept.report().index, None);
    expect_history(unswept.log());
    let log = unswept.sweep().unwrap();
    assert_eq!(log.root().unwrap(), root);
    assert_eq!(log.health(), crate::log_store::StoreHealth::default());
    log.commit(maker.batch(&[1])).unwrap();
    // As a crash leaves it: not closed.
    drop(log);
    let log = open(backend, &CASES);
    assert_eq!(log.size(), Size::new(6));
    assert_eq!(
        log.stream_head(stream_id(1)).unwrap().unwrap().seq,
        Seq::new(2).unwrap()
    );
    let sign = |_: LogIndex, _: &[_], _: &[_]| unreachable!("it has today's form");
    drop(log);
    let upgraded = backend.upgrade(&CASES, &sign, &mut |_| {}).unwrap();
    assert_eq!(upgraded, Upgraded::Current);
    assert!(backend.form(&CASES).unwrap().is_some());
}

/// Nobody opens a log or keys that somebody has open.
pub fn a_log_is_open_once(backend: &dyn Backend) {
    let log = open(backend, &CASES);
    assert!(backend.log_in_use(&CASES).unwrap());
    assert!(matches!(
        try_open(backend, &CASES).unwrap_err(),
        OpenError::InUse { .. }
    ));
    let announced = cosigned(9, "a");
    assert!(matches!(
        backend.open_behind(&CASES, &opening(), &announced).err(),
        Some(OpenError::InUse { .. })
    ));
    assert_eq!(log.checkpoint().unwrap(), None, "nothing was announced");
    let second = Arc::clone(&log);
    drop(log);
    assert!(backend.log_in_use(&CASES).unwrap(), "one handle is left");
    drop(second);
    drop(try_open(backend, &CASES).unwrap());
    open(backend, &CASES);

    let keys = backend
        .create_keys(&CASES, &initial_secrets(), &NoLocksmith)
        .unwrap();
    assert!(backend.keys_in_use(&CASES));
    for _ in 0..2 {
        let refused = backend.open_keys(&CASES, &NoLocksmith).err();
        assert!(matches!(refused, Some(KeyError::Exists { .. })));
        let refused = backend
            .create_keys(&CASES, &initial_secrets(), &NoLocksmith)
            .err();
        assert!(matches!(refused, Some(KeyError::Exists { .. })));
    }
    drop(keys);
    assert!(!backend.keys_in_use(&CASES));
    let refused = backend
        .create_keys(&CASES, &initial_secrets(), &NoLocksmith)
        .err();
    assert!(
        matches!(refused, Some(KeyError::Exists { .. })),
        "they are there"
    );
    backend.open_keys(&CASES, &NoLocksmith).unwrap();
}

/// An entry with a blob that was staged.
fn with_staged(maker: &Maker, staged: &NewBlob) -> Batch {
    let mut batch = maker.clone().batch(&[0]);
    batch.entries[0].blobs = vec![staged.clone()];
    batch
}

/// A caller that finds the log rolled back can leave before anything is destroyed.
pub fn what_belongs_to_no_entry_is_kept_until_the_sweep(backend: &dyn Backend) {
    let maker = Maker::default();
    let (first, second) = (vec![1; 100_000], vec![2; 100_000]);
    let log = open(backend, &CASES);
    let (first, second) = (log.stage(first).unwrap(), log.stage(second).unwrap());
    drop(log);
    let unswept = try_open(backend, &CASES).unwrap();
    drop(unswept);
    let unswept = try_open(backend, &CASES).unwrap();
    unswept.log().commit(with_staged(&maker, &first)).unwrap();
    assert_eq!(
        unswept.log().blob(LogIndex::FIRST, 0).unwrap(),
        Some(vec![1; 100_000])
    );
    let log = unswept.sweep().unwrap();
    assert_eq!(
        log.blob(LogIndex::FIRST, 0).unwrap(),
        Some(vec![1; 100_000]),
        "it is taken"
    );
    let mut maker = Maker::default();
    maker.batch(&[0]);
    let refused = log.commit(with_staged(&maker, &second)).unwrap_err();
    assert!(
        matches!(refused, CommitError::NotWritten(_)),
        "it is destroyed"
    );
}

/// A view shows what was committed, batch by batch, while the log is open; it stops when it is
/// told to.
pub fn a_log_is_read_while_it_is_written(backend: &dyn Backend) {
    let mut maker = Maker::default();
    let log = open(backend, &CASES);
    let early = view(backend, &CASES);
    assert_eq!(early.checkpoint(), None);
    write_history(&log, &mut maker);
    let view = view(backend, &CASES);
    assert_eq!(view.checkpoint().unwrap().size, Size::new(4));
    let mut seen = Vec::new();
    let tail = view
        .for_each(&mut |entry| {
            assert_eq!(entry.blobs[1], Some(blob(entry.index.get(), 1)));
            seen.push((entry.index, entry.bytes));
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!((tail.entries, tail.torn_bytes), (Size::new(5), 0));
    for (index, bytes) in &seen {
        assert_eq!(*bytes, log.entry(*index).unwrap().unwrap().bytes);
    }
    let mut bare = 0;
    view.for_each_bare(&mut |entry| {
        assert!(entry.blobs.is_empty());
        bare += 1;
        if bare == 2 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .unwrap();
    assert_eq!((seen.len(), bare), (5, 2));
    let mut batches = Vec::new();
    view.for_each_batch(&mut |batch| {
        assert!(batch.proof().is_some() && !batch.is_empty());
        assert_eq!(batch.commands()[0].id, command_id(batch.first().get()));
        assert_eq!(batch.entry(batch.len()), None);
        assert_eq!((batch.blob_count(0), batch.blob_count(batch.len())), (2, 0));
        assert_eq!(
            batch.blob(0, 0).unwrap(),
            Some(blob(batch.first().get(), 0))
        );
        assert_eq!(batch.blob(0, 2).unwrap(), None);
        batches.push((batch.first().get(), batch.len()));
        Ok(ControlFlow::Continue(()))
    })
    .unwrap();
    assert_eq!(batches, [(0, 2), (2, 1), (3, 2)]);
    let newest = view.newest(&|bytes| *bytes != *seen[4].1).unwrap();
    assert_eq!(newest.as_ref(), Some(&seen[3].1));
    assert_eq!(view.newest(&|_| false).unwrap(), None);
    the_archive_is_read(&*view);
    assert_eq!(view.check_index(&mut |_| {}).unwrap(), IndexCheck::Unsealed);
    log.close().unwrap();
    drop(log);
    assert!(
        !matches!(
            view.check_index(&mut |_| {}).unwrap(),
            IndexCheck::Drift { .. }
        ),
        "an index that a clean stop left, where there is one, is the one that the log gives"
    );
}

/// The archive of [`write_history`], record by record.
fn the_archive_is_read(view: &dyn LogView) {
    let Archived { records, latest } = view.archived().unwrap();
    let kinds: Vec<_> = records
        .iter()
        .map(|record| (record.kind, record.size.get()))
        .collect();
    let note = RecordKind::Note;
    assert_eq!(kinds, [(note, 3), (RecordKind::Token, 3), (note, 4)]);
    assert_eq!(records[1].body, b"token");
    assert_eq!(latest, Some(cosigned(4, "b")));
    let mut some = 0;
    view.for_each_archived(&mut |_| {
        some += 1;
        some < 2
    })
    .unwrap();
    assert_eq!(some, 2);
}

/// Whoever asks for it learns that a list of commands was signed by nobody known.
pub fn commands_of_a_stranger_are_told(backend: &dyn Backend) {
    let log = open(backend, &CASES);
    let mut batch = Maker::default().batch(&[0]);
    let leaves = [batch.entries[0].leaf];
    let stranger = EventKey::from_seed(&[77; 32]);
    batch.proof = Some(stranger.prove_commands(LogIndex::FIRST, &leaves, &batch.commands));
    log.commit(batch).unwrap();
    let read = view(backend, &CASES).for_each_bare(&mut |_| ControlFlow::Continue(()));
    assert!(
        matches!(&read, Err(OpenError::Corrupt { what, .. }) if what.starts_with("COMMAND_ROWS")),
        "{read:?}"
    );
    let trusting = backend
        .read_only(&CASES, Reading::default())
        .unwrap()
        .unwrap();
    let tail = trusting
        .for_each_bare(&mut |_| ControlFlow::Continue(()))
        .unwrap();
    assert_eq!(tail.entries, Size::new(1), "whoever does not ask reads on");
}

/// A log that is behind what is known of it is refused until it was brought back.
pub fn what_is_known_must_be_there(backend: &dyn Backend) {
    let mut maker = Maker::default();
    let announced = StoredCheckpoint {
        size: Size::new(3),
        note: "announced 3\n".to_owned(),
    };
    let log = backend.open_behind(&CASES, &opening(), &announced).unwrap();
    log.commit(maker.batch(&[0])).unwrap();
    log.archive_checkpoint(&cosigned(1, "a")).unwrap();
    drop(log);
    let refused = try_open(backend, &CASES).unwrap_err();
    assert!(
        matches!(
            refused,
            OpenError::RolledBack { known, held, .. }
                if (known, held) == (Size::new(3), Size::new(1))
        ),
        "{refused:?}"
    );
    assert!(
        !backend.log_in_use(&CASES).unwrap(),
        "a refusal takes nothing"
    );
    let left = backend.left_behind(&CASES).unwrap();
    assert!(
        left.as_ref()
            .is_some_and(|left| left.entries == Size::new(3)),
        "{left:?}"
    );
    let strict = view(backend, &CASES).for_each_bare(&mut |_| ControlFlow::Continue(()));
    assert!(matches!(strict, Err(OpenError::Corrupt { .. })));
    let behind = Reading {
        behind: true,
        ..Reading::default()
    };
    let lenient = backend.read_only(&CASES, behind).unwrap().unwrap();
    let tail = lenient
        .for_each_bare(&mut |_| ControlFlow::Continue(()))
        .unwrap();
    assert_eq!(tail.entries, Size::new(1));

    let smaller = StoredCheckpoint {
        size: Size::new(2),
        note: "announced 2\n".to_owned(),
    };
    let log = backend.open_behind(&CASES, &opening(), &smaller).unwrap();
    assert_eq!(
        log.checkpoint().unwrap(),
        Some(announced),
        "the larger one stays"
    );
    log.commit(maker.batch(&[1, 0])).unwrap();
    log.close().unwrap();
    drop(log);
    assert_eq!(open(backend, &CASES).size(), Size::new(3));
}

fn outline(backend: &dyn Backend) -> KeysOutline {
    backend.describe_keys(&CASES).unwrap()
}

fn expect_keys(keys: &dyn LockableKeys) {
    assert_eq!(*keys.secrets().root, [1; 32]);
    let part = keys.part(event_id(2), 0).unwrap().map(KeyRow::Part);
    assert_eq!(part.as_ref(), key_rows(2).first());
}

/// Keys open with their lock only, and hold what was put.
pub fn keys_are_begun_locked_and_found_again(backend: &dyn Backend) {
    let smith = |knows, gives| Smith { knows, gives };
    let keys = backend
        .create_keys(&CASES, &initial_secrets(), &smith(1, true))
        .unwrap();
    assert!(backend.holds_keys(&CASES).unwrap());
    assert_eq!(keys.lock_description(), "test 1");
    keys.put(&key_rows(2)).unwrap();
    assert_eq!(
        outline(backend),
        KeysOutline {
            epoch: 1,
            lock: "test 1".to_owned()
        },
        "told while they are open"
    );
    drop(keys);
    for wrong in [&smith(2, false) as &dyn Locksmith, &NoLocksmith] {
        let refused = backend.open_keys(&CASES, wrong).err();
        assert!(
            matches!(refused, Some(KeyError::Locked { .. })),
            "{refused:?}"
        );
    }
    let keys = backend.open_keys(&CASES, &smith(1, false)).unwrap();
    expect_keys(&*keys);
    keys.change_lock(Some(lock(2))).unwrap();
    drop(keys);
    assert!(backend.open_keys(&CASES, &smith(1, false)).is_err());
    let keys = backend.open_keys(&CASES, &smith(2, false)).unwrap();
    expect_keys(&*keys);
    keys.rotate([4; 32], &mut |row| Ok(Some(row)), &[]).unwrap();
    drop(keys);
    let keys = backend.open_keys(&CASES, &smith(2, false)).unwrap();
    assert_eq!((keys.secrets().epoch, *keys.secrets().root), (2, [4; 32]));
    keys.change_lock(None).unwrap();
    assert_eq!(keys.lock_description(), UNLOCKED);
    drop(keys);
    assert_eq!(outline(backend).lock, UNLOCKED);
    assert_eq!(outline(backend).epoch, 2);
    backend.open_keys(&CASES, &NoLocksmith).unwrap();
}

/// The generation in force is found again, and no other.
pub fn rows_are_found_again(backend: &dyn Backend) {
    let rows = backend.rows(&CASES).unwrap();
    let generation = rows.begin().unwrap();
    for number in 1..=3 {
        generation.store.apply(row_batch(number)).unwrap();
    }
    assert!(!backend.holds_rows(&CASES), "not in force yet");
    rows.put_in_force(&generation).unwrap();
    assert!(backend.holds_rows(&CASES));
    let begun = rows.begin().unwrap();
    begun.store.apply(row_batch(1)).unwrap();
    generation.store.flush().unwrap();
    drop((generation, begun, rows));
    let rows = backend.rows(&CASES).unwrap();
    let store = rows.open().unwrap().unwrap();
    let snapshot = store.snapshot().unwrap();
    let found = snapshot.scan(&[], None, Direction::Rising, 1_000).unwrap();
    assert_eq!(snapshot.position(), Size::new(30));
    assert_eq!(found, expected_rows(3).into_iter().collect::<Vec<_>>());
}

/// Texts are found whole, and removed for good.
pub fn texts_are_found_again(backend: &dyn Backend) {
    let texts = backend.side_texts(&CASES);
    let (one, two) = (Uuid::from_u128(7), Uuid::from_u128(3));
    let all = [
        SideText::KnownCheckpoint,
        SideText::PendingErasure(one),
        SideText::PendingErasure(two),
        SideText::LogKey,
        SideText::PostQuantumLogKey,
    ];
    for (number, text) in (b'a'..).zip(all) {
        assert_eq!(texts.read(text).unwrap(), None);
        texts.put(text, &[number; 5_000]).unwrap();
        texts.put(text, &[number]).unwrap();
    }
    drop(texts);
    // Whether or not anything is open.
    let _log = open(backend, &CASES);
    let texts = backend.side_texts(&CASES);
    for (number, text) in (b'a'..).zip(all) {
        assert_eq!(texts.read(text).unwrap(), Some(vec![number]), "{text:?}");
    }
    assert_eq!(texts.pending_erasures().unwrap(), [two, one]);
    for _ in 0..2 {
        texts.remove(SideText::PendingErasure(one)).unwrap();
        assert_eq!(texts.pending_erasures().unwrap(), [two]);
    }
    assert_eq!(texts.read(SideText::PendingErasure(one)).unwrap(), None);
    let places: std::collections::BTreeSet<_> = all.iter().map(|text| texts.place(*text)).collect();
    assert_eq!(places.len(), all.len());
    assert!(!backend.holds_keys(&CASES).unwrap(), "texts are no keys");
}

/// What is done in a shadow stays there.
pub fn a_shadow_changes_nothing(backend: &dyn Backend) {
    let mut maker = Maker::default();
    let log = open(backend, &CASES);
    write_history(&log, &mut maker);
    let staged = log.stage(vec![3; 100_000]).unwrap();
    drop(log);
    let keys = backend
        .create_keys(&CASES, &initial_secrets(), &NoLocksmith)
        .unwrap();
    keys.put(&key_rows(2)).unwrap();
    drop(keys);
    let rows = backend.rows(&CASES).unwrap();
    let generation = rows.begin().unwrap();
    generation.store.apply(row_batch(1)).unwrap();
    rows.put_in_force(&generation).unwrap();
    generation.store.flush().unwrap();
    drop((generation, rows));
    let texts = backend.side_texts(&CASES);
    texts.put(SideText::LogKey, b"here").unwrap();

    let shadow = backend.shadow().unwrap();
    assert!(shadow.holds_rows(&CASES));
    let rows = shadow.rows(&CASES).unwrap();
    let store = rows.open().unwrap().unwrap();
    store
        .apply(ProjectionBatch {
            position: Size::new(99),
            rows: Vec::new(),
        })
        .unwrap();
    let keys = shadow.open_keys(&CASES, &NoLocksmith).unwrap();
    expect_keys(&*keys);
    keys.rotate([4; 32], &mut |_| Ok(None), &[]).unwrap();
    let log = open(&*shadow, &CASES);
    expect_history(&*log);
    log.commit(maker.clone().batch(&[0])).unwrap();
    log.put_checkpoint(&cosigned(6, "shadow")).unwrap();
    shadow
        .side_texts(&CASES)
        .put(SideText::LogKey, b"shadow")
        .unwrap();
    assert_eq!(
        shadow.side_texts(&CASES).read(SideText::LogKey).unwrap(),
        Some(b"shadow".to_vec())
    );
    let locked = backend.open_keys(&CASES, &NoLocksmith).unwrap();
    let open_here = try_open(backend, &CASES).unwrap();
    let second = backend.shadow().unwrap();
    assert_eq!(
        open(&*second, &CASES).size(),
        Size::new(5),
        "whether or not it is in use here"
    );
    expect_keys(&*second.open_keys(&CASES, &NoLocksmith).unwrap());
    drop((store, rows, keys, log, shadow, second, locked, open_here));

    expect_keys(&*backend.open_keys(&CASES, &NoLocksmith).unwrap());
    assert_eq!(
        texts.read(SideText::LogKey).unwrap(),
        Some(b"here".to_vec())
    );
    let unswept = try_open(backend, &CASES).unwrap();
    expect_history(unswept.log());
    let mut batch = maker.clone().batch(&[0]);
    batch.entries[0].blobs = vec![staged];
    unswept.log().commit(proven(batch)).unwrap();
    let rows = backend.rows(&CASES).unwrap();
    let store = rows.open().unwrap().unwrap();
    assert_eq!(store.snapshot().unwrap().position(), Size::new(10));
}

/// Nothing of one log is seen under the name of another.
pub fn names_are_apart(backend: &dyn Backend) {
    let names = [CASES, ACCESSES, ELSEWHERE];
    let order = Uuid::from_u128(1);
    for (number, name) in (1_u64..).zip(&names) {
        assert!(!backend.holds_log(name).unwrap() && !backend.holds_keys(name).unwrap());
        assert!(!backend.holds_rows(name));
        let log = open(backend, name);
        let mut maker = Maker::default();
        (0..number).for_each(|_| log.commit(maker.batch(&[0])).unwrap());
        let keys = backend
            .create_keys(name, &initial_secrets(), &NoLocksmith)
            .unwrap();
        keys.put(&key_rows(number)).unwrap();
        let rows = backend.rows(name).unwrap();
        let generation = rows.begin().unwrap();
        (1..=number).for_each(|number| generation.store.apply(row_batch(number)).unwrap());
        rows.put_in_force(&generation).unwrap();
        generation.store.flush().unwrap();
        let texts = backend.side_texts(name);
        assert!(texts.pending_erasures().unwrap().is_empty());
        texts
            .put(SideText::PendingErasure(order), &[b'a'; 3])
            .unwrap();
    }
    for (number, name) in (1_u64..).zip(&names) {
        assert_eq!(open(backend, name).size(), Size::new(number));
        let keys = backend.open_keys(name, &NoLocksmith).unwrap();
        for other in 1..=3 {
            let held = keys.part(event_id(other), 0).unwrap().is_some();
            assert_eq!(held, other == number);
        }
        let rows = backend.rows(name).unwrap().open().unwrap().unwrap();
        assert_eq!(rows.snapshot().unwrap().position(), Size::new(number * 10));
    }
    let places: std::collections::BTreeSet<_> = names
        .iter()
        .flat_map(|name| [backend.places(name).log, backend.places(name).keys])
        .collect();
    assert_eq!(places.len(), 6);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::backend::Embedded;
    use crate::memory_backend::MemoryBackend;

    #[test]
    fn the_embedded_backend_keeps_the_contract() {
        let dir = tempfile::tempdir().unwrap();
        let count = std::cell::Cell::new(0);
        backend_keeps_its_promises(&|| {
            count.set(count.get() + 1);
            let place = dir.path().join(count.get().to_string());
            Box::new(Embedded::new(&place.join("data"), &place.join("keys")))
        });
    }

    #[test]
    fn the_memory_backend_keeps_the_contract() {
        backend_keeps_its_promises(&|| Box::new(MemoryBackend::new()));
    }

    /// Asking the embedded backend leaves no directory behind.
    #[test]
    fn asking_makes_no_directory() {
        let dir = tempfile::tempdir().unwrap();
        let backend = Embedded::new(&dir.path().join("data"), &dir.path().join("keys"));
        asking_makes_nothing(&backend);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    /// Stored logs, keys and texts lie where earlier versions of the program put them.
    #[test]
    fn the_directories_are_those_of_before() {
        let dir = tempfile::tempdir().unwrap();
        let backend = Embedded::new(&dir.path().join("data"), &dir.path().join("keys"));
        let order = Uuid::from_u128(5);
        for name in [CASES, ACCESSES] {
            open(&backend, &name).close().unwrap();
            backend
                .create_keys(&name, &initial_secrets(), &NoLocksmith)
                .unwrap();
            let rows = backend.rows(&name).unwrap();
            rows.put_in_force(&rows.begin().unwrap()).unwrap();
            let texts = backend.side_texts(&name);
            texts.put(SideText::KnownCheckpoint, b"known").unwrap();
            texts.put(SideText::PendingErasure(order), b"[]").unwrap();
            texts.put(SideText::LogKey, b"key").unwrap();
            texts.put(SideText::PostQuantumLogKey, b"key").unwrap();
        }
        for path in [
            "data/0999/sag/journal/000000.seg",
            "data/0999/sag/log.vkey",
            "data/0999/sag/log-pq.vkey",
            "data/0999/sag/projections/in-force",
            "data/0999/adgang/journal/000000.seg",
            "data/0999/adgang/log.vkey",
            "keys/0999/epoch",
            "keys/0999/known/checkpoint",
            "keys/0999/pending/00000000-0000-0000-0000-000000000005.json",
            "keys/0999/adgang/epoch",
            "keys/0999/adgang/known/checkpoint",
        ] {
            assert!(dir.path().join(path).is_file(), "{path}");
        }
    }

    /// The index that a clean stop left is the one that the journal gives; one that was changed is
    /// told.
    #[test]
    fn the_index_of_a_clean_stop_is_compared() {
        let dir = tempfile::tempdir().unwrap();
        let backend = Embedded::new(dir.path(), dir.path());
        let log = open(&backend, &CASES);
        write_history(&log, &mut Maker::default());
        log.close().unwrap();
        drop(log);
        let mut heard = 0;
        let checked = view(&backend, &CASES).check_index(&mut |done| heard = done);
        assert!(matches!(checked.unwrap(), IndexCheck::Same { rows } if rows > 5));
        assert_eq!(heard, 5);
        std::fs::write(dir.path().join("0999/sag/index.digest"), "other").unwrap();
        let checked = view(&backend, &CASES).check_index(&mut |_| {});
        assert!(matches!(checked.unwrap(), IndexCheck::Drift { .. }));
    }

    /// A copy is read by its directory, wherever it lies.
    #[test]
    fn a_copy_is_read_by_its_directory() {
        let dir = tempfile::tempdir().unwrap();
        let backend = Embedded::new(dir.path(), dir.path());
        write_history(&open(&backend, &CASES), &mut Maker::default());
        let copy = |path: &str| {
            Embedded::copy(&dir.path().join(path), *b"0999", Reading::default()).unwrap()
        };
        assert!(copy("0999").is_none());
        let tail = copy("0999/sag")
            .unwrap()
            .for_each_bare(&mut |_| ControlFlow::Continue(()));
        assert_eq!(tail.unwrap().entries, Size::new(5));
    }
}
