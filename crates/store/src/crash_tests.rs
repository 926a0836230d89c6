//! The embedded store on a disk that loses power, fills up, or was tampered with.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use record::keys::WrappedKey;
use record::positions::{LogIndex, Seq, Size};

use crate::backend::opening::{OpenError, OpenReport};
use crate::contract_tests::{
    Maker, blob, command_id, cosigned, entry_bytes, event_id, here, initial_secrets, key_rows,
    key_store_keeps_its_promises, log_store_keeps_its_promises, outline, signer, stream_id,
};
use crate::disk::{Disk, RealDisk};
use crate::embedded::index_home::VouchKey;
use crate::embedded::keys::FileKeyStore;
use crate::embedded::log::EmbeddedStore;
use crate::embedded::options::{IndexKind, Options};
use crate::embedded::read_only::ReadOnly;
use crate::half_commit::{Keyed, is_half};
use crate::key_store::{KeyError, KeyRow, KeyStore, PartRow};
use crate::log_store::archive::CheckpointArchive;
use crate::log_store::blobs::Blobs;
use crate::log_store::reader::LogReader;
use crate::log_store::writer::LogWriter;
use crate::log_store::{
    Batch, BlobChange, CommitError, LogStore, StoredBlob, StoredCheckpoint, StoredToken,
};
use crate::memory::MemoryStore;
use crate::memory_keys::MemoryKeyStore;
use crate::sim_disk::{Mishap, SimDisk};

fn options(dir: &Path, index: IndexKind) -> Options {
    Options {
        signers: vec![signer()],
        ..Options::new(dir.to_owned(), *b"0999", index)
    }
}

pub(crate) fn vouch_key() -> VouchKey {
    VouchKey::new([9; 32])
}

pub(crate) fn sim(disk: &SimDisk) -> Result<EmbeddedStore, OpenError> {
    EmbeddedStore::open(
        Arc::new(disk.clone()),
        &options(Path::new("/log"), IndexKind::Memory),
        &mut |_, _| {},
    )
}

/// The log as a program opens it: without a newest commit that lacks its keys.
pub(crate) fn sim_with(disk: &SimDisk, keys: &FileKeyStore) -> Result<EmbeddedStore, OpenError> {
    let options = options(Path::new("/log"), IndexKind::Memory);
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    let store = EmbeddedStore::open_unswept(Arc::clone(&disk), &options, &mut |_, _| {})?;
    let half = store.newest_commit().is_some_and(|first| {
        is_half(first, store.size(), &mut |index| keyed(&store, keys, index)).unwrap()
    });
    let store = if half {
        store.without_newest_commit(disk, &options, &mut |_, _| {})?
    } else {
        store
    };
    store.sweep()?;
    Ok(store)
}

/// The first ciphertext of an entry names the key that opens it, which is new at each attempt.
pub(crate) fn keyed(
    log: &dyn LogReader,
    keys: &dyn KeyStore,
    index: LogIndex,
) -> Result<Keyed, Infallible> {
    let stored = log.entry(index).unwrap().expect("below the size");
    let StoredBlob::Here(held) = &stored.blobs[0] else {
        return Ok(Keyed::Without);
    };
    let row = keys.part(event_id(index.get()), 0).unwrap();
    let opens = row.is_some_and(|row| *held == blob(u64::from(row.wrapped.0[0]), 0));
    Ok(if opens { Keyed::Yes } else { Keyed::No })
}

/// A batch whose ciphertexts lie under the keys of one attempt, and those keys.
pub(crate) fn attempt(number: u8, mut batch: Batch) -> (Batch, Vec<KeyRow>) {
    let mut rows = Vec::new();
    for (index, entry) in batch.first.and_behind().zip(&mut batch.entries) {
        entry.blobs[0] = blob(u64::from(number), 0).into();
        rows.extend(key_rows(index.get()).into_iter().map(|row| match row {
            KeyRow::Part(row) => KeyRow::Part(PartRow {
                wrapped: WrappedKey([number; 40]),
                ..row
            }),
            subject @ KeyRow::Subject(_) => subject,
        }));
    }
    (batch, rows)
}

/// Where the sync of the keys of a commit falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeysSync {
    /// Before the frame is written.
    First,
    /// Behind the sync of the frame.
    Last,
}

/// Commits as a pipeline does, on one thread.
pub(crate) fn commit(
    store: &EmbeddedStore,
    keys: &FileKeyStore,
    (batch, rows): (Batch, Vec<KeyRow>),
    order: KeysSync,
) -> Result<(), CommitError> {
    let written = |error: KeyError| CommitError::NotWritten(Box::new(error));
    keys.begin_put(&rows).map_err(written)?;
    match order {
        KeysSync::First => {
            let finished = keys.finish_put();
            let mut finished = Some(finished.map_err(Into::into));
            store.commit_beside(batch, &mut || finished.take().expect("asked once"))
        }
        KeysSync::Last => store.commit_beside(batch, &mut || Ok(keys.finish_put()?)),
    }
}

pub(crate) fn real(dir: &Path) -> Result<EmbeddedStore, OpenError> {
    EmbeddedStore::open(
        Arc::new(RealDisk::default()),
        &options(dir, IndexKind::Disk(vouch_key())),
        &mut |_, _| {},
    )
}

pub(crate) fn keys(disk: &SimDisk) -> Result<FileKeyStore, KeyError> {
    let (arc, dir) = (Arc::new(disk.clone()), Path::new("/keys"));
    match FileKeyStore::open(arc.clone(), dir) {
        Err(KeyError::Missing { file }) if file.ends_with("epoch") => {
            FileKeyStore::create(arc, dir, &initial_secrets())
        }
        other => other,
    }
}

#[test]
fn every_store_keeps_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    let stores: [Arc<dyn LogStore>; 3] = [
        Arc::new(MemoryStore::new()),
        Arc::new(sim(&SimDisk::new(1)).unwrap()),
        Arc::new(real(dir.path()).unwrap()),
    ];
    for store in &stores {
        log_store_keeps_its_promises(store);
    }
    key_store_keeps_its_promises(&MemoryKeyStore::new(initial_secrets()));
    key_store_keeps_its_promises(&keys(&SimDisk::new(1)).unwrap());
}

/// What the world outside was told about batches.
#[derive(Default)]
struct Told {
    acknowledged: Vec<(u64, usize)>,
    unknown: Option<(u64, usize)>,
    checkpoint: u64,
    /// The first and the latest note of each archived size.
    archived: BTreeMap<u64, (String, String)>,
    /// Notes whose archiving failed: they may be found or not.
    attempted: Vec<StoredCheckpoint>,
    tokens: Vec<StoredToken>,
    attempts: u8,
    /// How many commits were left out because they lacked their keys.
    halves: usize,
}

/// Archives notes and a token as a courier would: some sizes once, some again and again.
fn archive(store: &EmbeddedStore, told: &mut Told, size: u64) -> Option<()> {
    for round in 0..=size % 3 {
        let kept = cosigned(size, &"n".repeat(usize::try_from(round * 400).unwrap()));
        if store.archive_checkpoint(&kept).is_err() {
            told.attempted.push(kept);
            return None;
        }
        told.archived
            .entry(size)
            .or_insert_with(|| (kept.note.clone(), String::new()))
            .1
            .clone_from(&kept.note);
    }
    let token = StoredToken {
        size: Size::new(size),
        bytes: vec![7; usize::try_from(size).unwrap() * 5],
    };
    store.archive_token(Size::new(size), &token.bytes).ok()?;
    told.tokens.push(token);
    Some(())
}

/// Everything that was told to be archived is there, and answers are those that were given.
fn archived_as_told(store: &EmbeddedStore, told: &Told) {
    for (size, (first, latest)) in &told.archived {
        assert_eq!(
            store.first_archived(Size::new(size - 1)).unwrap().unwrap(),
            StoredCheckpoint {
                size: Size::new(*size),
                note: first.clone()
            }
        );
        let last = store.last_archived(Size::new(*size)).unwrap().unwrap();
        assert!(
            last.note == *latest || told.attempted.contains(&last),
            "{last:?}"
        );
    }
    let tokens = store.tokens(Size::EMPTY).unwrap();
    assert!(told.tokens.iter().all(|token| tokens.contains(token)));
}

/// Some batches begin with an entry that has a long third blob, which was staged.
fn has_chunk(first: u64) -> bool {
    first % 3 == 1
}

fn chunk(first: u64) -> Vec<u8> {
    [first.to_string().into_bytes(), vec![b'.'; 70_000]].concat()
}

/// A batch of unknown outcome is there or not; nothing may follow it that does not fit.
fn settle_unknown(store: &EmbeddedStore, maker: &mut Maker, told: &mut Told) {
    if store.size() > Size::new(maker.size) {
        let (first, count) = told
            .unknown
            .take()
            .expect("only an unknown batch may appear");
        assert_eq!(first, maker.size);
        assert_eq!(store.size(), Size::new(first + count as u64));
        maker.batch(&vec![0; count]);
        told.acknowledged.push((first, count));
    }
    assert_eq!(
        store.size(),
        Size::new(maker.size),
        "acknowledged batches are there, and no half one"
    );
    told.unknown = None;
}

/// Commits until the power goes; answers the maker as far as batches were acknowledged.
fn live(disk: &SimDisk, maker: &mut Maker, told: &mut Told, seed: u64) -> Option<()> {
    let keys = keys(disk).ok()?;
    let store = sim_with(disk, &keys).ok()?;
    told.halves += usize::from(store.report().cut_bytes > 0);
    settle_unknown(&store, maker, told);
    for step in 0..20_u64 {
        let count = 1 + usize::try_from((seed + step) % 4).unwrap();
        let mut next = maker.clone();
        told.attempts = told.attempts.wrapping_add(1);
        let (mut batch, rows) = attempt(told.attempts, next.batch(&vec![0; count]));
        let first = batch.first;
        if has_chunk(first.get()) {
            let chunk = store.stage(chunk(first.get())).ok()?;
            batch.entries[0].blobs.push(chunk);
        }
        let order = if (seed + step).is_multiple_of(3) {
            KeysSync::First
        } else {
            KeysSync::Last
        };
        match commit(&store, &keys, (batch, rows), order) {
            Ok(()) => {
                *maker = next;
                told.acknowledged.push((first.get(), count));
            }
            Err(CommitError::Unknown(_)) => {
                told.unknown = Some((first.get(), count));
                return None;
            }
            Err(_) => return None,
        }
        if step % 5 == 3 {
            store
                .put_checkpoint(&StoredCheckpoint {
                    size: Size::new(maker.size),
                    note: "note\n".into(),
                })
                .ok()?;
            told.checkpoint = maker.size;
            archive(&store, told, maker.size)?;
        }
        if (seed + step) % 7 == 2 {
            store
                .change_blobs(&[BlobChange {
                    index: LogIndex::FIRST,
                    part: 0,
                    blob: seed.is_multiple_of(2).then(|| vec![9; 70_000]),
                }])
                .ok()?;
        }
        if (seed + step) % 11 == 5 {
            keys.rotate(
                [u8::try_from(step).unwrap(); 32],
                &mut |row| Ok(Some(row)),
                &[],
            )
            .ok()?;
        }
    }
    Some(())
}

#[test]
fn nothing_acknowledged_is_lost_when_the_power_goes() {
    let rounds: u64 = std::env::var("CRASH_SEEDS")
        .ok()
        .and_then(|seeds| seeds.parse().ok())
        .unwrap_or(500);
    for seed in 0..rounds {
        let disk = SimDisk::new(seed);
        let (mut maker, mut told) = (Maker::default(), Told::default());
        for life in 0..4 {
            disk.mishap_after((seed * 31 + life * 17) % 240, Mishap::PowerLoss);
            live(&disk, &mut maker, &mut told, seed + life);
            disk.restart();
            archived_as_told(&sim(&disk).unwrap(), &told);
        }
        let keys = keys(&disk).unwrap();
        let store = sim_with(&disk, &keys).unwrap();
        assert!(store.size() >= Size::new(maker.size), "seed {seed}");
        for (first, count) in &told.acknowledged {
            let command = store
                .command(command_id(*first))
                .unwrap()
                .expect("the command is known");
            assert_eq!(
                (command.first, usize::try_from(command.count).unwrap()),
                (LogIndex::new(*first), *count),
                "seed {seed}"
            );
            assert_eq!(
                store.blob(LogIndex::new(*first), 2).unwrap(),
                has_chunk(*first).then(|| chunk(*first)),
                "seed {seed}: the chunk of {first}"
            );
            for index in *first..*first + *count as u64 {
                let stored = store
                    .entry(LogIndex::new(index))
                    .unwrap()
                    .expect("the entry is there");
                assert_eq!(
                    stored.bytes,
                    entry_bytes(&outline(index, 0, index + 1)),
                    "seed {seed}"
                );
                assert_eq!(stored.blobs[1], here(index, 1), "seed {seed}");
                assert_ne!(
                    keyed(&store, &keys, LogIndex::new(index)),
                    Ok(Keyed::No),
                    "seed {seed}: the keys of {index}"
                );
            }
        }
        assert!(
            store
                .checkpoint()
                .unwrap()
                .map_or(0, |checkpoint| checkpoint.size.get())
                >= told.checkpoint,
            "seed {seed}"
        );
        archived_as_told(&store, &told);
        let strays = disk
            .contents()
            .into_keys()
            .filter(|path| path.to_string_lossy().contains("staged-"))
            .count();
        assert_eq!(strays, 0, "seed {seed}");
    }
}

#[test]
fn a_full_disk_keeps_no_half_of_a_staged_blob() {
    // Opening is the first operation on the file, then come cutting, writing and the sync.
    for (operation, mishap) in [
        (0, Mishap::Full),
        (2, Mishap::Full),
        (2, Mishap::FullHalfway),
        (3, Mishap::SyncFails),
    ] {
        let disk = SimDisk::new(3);
        let store = sim(&disk).unwrap();
        disk.mishap_after(operation, mishap);
        assert!(
            matches!(store.stage(chunk(0)), Err(CommitError::NotWritten(_))),
            "{mishap:?}"
        );
        assert_eq!(
            disk.contents()
                .into_keys()
                .filter(|path| path.starts_with("/log/blobs"))
                .count(),
            0,
            "{mishap:?}"
        );
        assert!(store.stage(chunk(0)).is_ok(), "{mishap:?}");
    }
}

#[test]
fn a_failed_batch_leaves_no_blob_and_opening_sweeps_what_a_crash_left() {
    let disk = SimDisk::new(4);
    let store = sim(&disk).unwrap();
    let mut maker = Maker::default();
    let blobs = |disk: &SimDisk| {
        disk.contents()
            .into_keys()
            .filter(|path| path.starts_with("/log/blobs"))
            .count()
    };
    let staged = store.stage(chunk(0)).unwrap();
    let mut batch = maker.clone().batch(&[0]);
    batch.entries[0].blobs.push(staged);
    batch.entries[0].blobs.push(store.stage(chunk(1)).unwrap());
    assert_eq!(blobs(&disk), 2);
    // The second of them is not there any more when its turn comes.
    store.unstage(&batch.entries[0].blobs[3]).unwrap();
    assert!(matches!(
        store.commit(batch),
        Err(CommitError::NotWritten(_))
    ));
    assert_eq!(blobs(&disk), 0, "neither staged nor in place");

    let mut batch = maker.batch(&[0]);
    batch.entries[0].blobs.push(store.stage(chunk(0)).unwrap());
    store.commit(batch).unwrap();
    store.stage(chunk(5)).unwrap();
    let stray = disk
        .open_write(Path::new(
            "/log/blobs/0000000000000001-02-00112233445566778899aabbccddeeff",
        ))
        .unwrap();
    stray
        .write_all_at(b"of a commit that never came to be", 0)
        .unwrap();
    disk.open_write(Path::new("/log/blobs/0000000000000000-02-00.new"))
        .unwrap();
    assert_eq!(blobs(&disk), 4);
    drop(store);
    let store = sim(&disk).unwrap();
    assert_eq!(
        (blobs(&disk), store.blob(LogIndex::FIRST, 2).unwrap()),
        (1, Some(chunk(0)))
    );
}

#[test]
fn a_full_disk_writes_nothing_and_a_failed_sync_is_unknown() {
    for mishap in [Mishap::Full, Mishap::FullHalfway, Mishap::SyncFails] {
        let disk = SimDisk::new(3);
        let store = sim(&disk).unwrap();
        let mut maker = Maker::default();
        store.commit(maker.batch(&[0, 1])).unwrap();
        let batch = maker.clone().batch(&[0]);
        // Two look-ups whether anybody else writes come first.
        disk.mishap_after(2 + u64::from(mishap == Mishap::SyncFails), mishap);
        let error = store.commit(batch.clone()).unwrap_err();
        if mishap == Mishap::SyncFails {
            assert!(matches!(error, CommitError::Unknown(_)));
            assert!(
                matches!(store.commit(batch), Err(CommitError::NotWritten(_))),
                "poisoned until opened again"
            );
            continue;
        }
        assert!(
            matches!(error, CommitError::NotWritten(_)),
            "{mishap:?}: {error:?}"
        );
        store.commit(batch).unwrap();
        drop(store);
        let store = sim(&disk).unwrap();
        assert_eq!(
            (store.size(), store.report()),
            (
                Size::new(3),
                &OpenReport {
                    cut_bytes: 0,
                    rebuilt: true,
                    index: None
                }
            )
        );
    }
}

pub(crate) fn small_log(dir: &Path) -> Maker {
    let store = real(dir).unwrap();
    let mut maker = Maker::default();
    store.commit(maker.batch(&[0, 1, 0])).unwrap();
    let mut batch = maker.batch(&[2]);
    batch.entries[0].blobs[1] = vec![b'y'; 70_000].into();
    store.commit(batch).unwrap();
    store
        .put_checkpoint(&StoredCheckpoint {
            size: Size::new(4),
            note: "note\n".into(),
        })
        .unwrap();
    store.close().unwrap();
    maker
}

type Found = (Vec<u8>, Vec<Option<Vec<u8>>>);

fn entries(dir: &Path) -> Result<Vec<Found>, OpenError> {
    let log = ReadOnly::open(Arc::new(RealDisk::default()), dir)?;
    let mut found = Vec::new();
    let tail = log.for_each(&mut |entry| {
        found.push((entry.bytes, entry.blobs));
        ControlFlow::Continue(())
    })?;
    assert_eq!((tail.entries, tail.torn_bytes), (Size::of(found.len()), 0));
    Ok(found)
}

#[test]
fn every_flipped_byte_of_journal_blob_and_checkpoint_is_found() {
    let dir = tempfile::tempdir().unwrap();
    small_log(dir.path());
    let good = entries(dir.path()).unwrap();
    let blobs = std::fs::read_dir(dir.path().join("blobs"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files: Vec<PathBuf> = blobs
        .chain([
            dir.path().join("journal/000000.seg"),
            dir.path().join("checkpoint"),
        ])
        .collect();
    assert_eq!(files.len(), 3);
    for path in files {
        let original = std::fs::read(&path).unwrap();
        // A blob file is compared whole, so a spread of its bytes is enough.
        let step = if original.len() > 10_000 { 997 } else { 1 };
        for place in (0..original.len()).step_by(step) {
            let mut bent = original.clone();
            bent[place] ^= 0x10;
            std::fs::write(&path, &bent).unwrap();
            let found = entries(dir.path());
            assert!(
                found.is_err() || found.unwrap() != good,
                "{} byte {place}",
                path.display()
            );
            if original.len() < 10_000 {
                assert!(
                    matches!(real(dir.path()), Err(OpenError::Corrupt { .. })),
                    "{} byte {place}",
                    path.display()
                );
                assert_eq!(std::fs::read(&path).unwrap(), bent, "nothing is changed");
            }
        }
        std::fs::write(&path, original).unwrap();
    }
    assert_eq!(entries(dir.path()).unwrap(), good);
}

#[test]
fn a_torn_last_frame_is_cut_and_damage_in_the_middle_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let mut maker = small_log(dir.path());
    let path = dir.path().join("journal/000000.seg");
    let kept = std::fs::read(&path).unwrap();
    let store = real(dir.path()).unwrap();
    store.commit(maker.batch(&[1])).unwrap();
    let unclean = std::fs::read(&path).unwrap();
    store.close().unwrap();
    drop(store);
    let whole = std::fs::read(&path).unwrap();
    assert!(
        unclean.len() > whole.len() && unclean.starts_with(&whole),
        "space is filled ahead and cut off at a clean stop"
    );
    std::fs::write(&path, &unclean).unwrap();
    let store = real(dir.path()).unwrap();
    assert_eq!(
        (store.size(), store.report().cut_bytes),
        (Size::new(5), 0),
        "free space is no torn frame"
    );
    drop(store);
    for cut in [kept.len() + 1, kept.len() + 30, whole.len() - 1] {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let store = real(dir.path()).unwrap();
        assert_eq!(
            (store.size(), store.report().cut_bytes),
            (Size::new(4), (cut - kept.len()) as u64)
        );
        drop(store);
        assert_eq!(std::fs::read(&path).unwrap(), kept);
    }
    for cut in [kept.len() - 1, 30, 3] {
        std::fs::write(&path, &kept[..cut]).unwrap();
        let corrupt = matches!(real(dir.path()), Err(OpenError::Corrupt { .. }));
        assert!(corrupt, "a checkpointed frame is never cut off");
    }
    let mut bent = whole.clone();
    bent[40] ^= 1;
    std::fs::write(&path, &bent).unwrap();
    assert!(matches!(
        real(dir.path()),
        Err(OpenError::Corrupt { offset: 20, .. })
    ));
    assert_eq!(std::fs::read(&path).unwrap(), bent);
}

fn answers(store: &EmbeddedStore) -> String {
    let pages: Vec<_> = (0..4)
        .map(|stream| store.stream_page(stream_id(stream), Seq::FIRST, 9).unwrap())
        .collect();
    let ids: Vec<_> = (0..6)
        .map(|index| {
            (
                store.event_index(event_id(index)).unwrap(),
                store.command(command_id(index)).unwrap(),
            )
        })
        .collect();
    let heads = store.heads(0, 9).unwrap();
    format!(
        "{pages:?} {ids:?} {heads:?} {:?} {:?}",
        store.erasing_entries().unwrap(),
        store.node(1, 0).unwrap()
    )
}

fn index_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path)
            } else {
                files.push(path)
            }
        }
    }
    files
}

#[test]
fn a_damaged_or_missing_index_never_changes_an_answer() {
    let dir = tempfile::tempdir().unwrap();
    small_log(dir.path());
    let good = {
        let store = real(dir.path()).unwrap();
        assert_eq!(
            store.report(),
            &OpenReport::default(),
            "a clean stop needs no rebuild"
        );
        let good = answers(&store);
        store.close().unwrap();
        good
    };
    for round in 0..24 {
        // Every rebuild makes new files, so they are listed again each time.
        let files = index_files(&dir.path().join("index"));
        let path = &files[round % files.len()];
        let mut bytes = std::fs::read(path).unwrap();
        if bytes.is_empty() {
            continue;
        }
        let place = (round * 7919) % bytes.len();
        bytes[place] ^= 0x40;
        std::fs::write(path, bytes).unwrap();
        let store = real(dir.path()).unwrap();
        assert!(store.report().rebuilt, "{} byte {place}", path.display());
        assert_eq!(answers(&store), good);
        store.close().unwrap();
    }
    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    let mut progress = Vec::new();
    let store = EmbeddedStore::open(
        Arc::new(RealDisk::default()),
        &options(dir.path(), IndexKind::Disk(vouch_key())),
        &mut |done, total| progress.push((done, total)),
    )
    .unwrap();
    assert_eq!(answers(&store), good);
    assert!(
        progress
            .last()
            .is_some_and(|(done, total)| done == total && *total > 0)
    );
}

#[test]
fn old_blobs_are_in_no_file_once_they_were_destroyed() {
    let disk = SimDisk::new(5);
    let store = sim(&disk).unwrap();
    let mut maker = Maker::default();
    let mut batch = maker.batch(&[0, 0]);
    let (inline, file) = (blob(0, 0), vec![b'q'; 70_000]);
    batch.entries[1].blobs[0] = file.clone().into();
    store.commit(batch).unwrap();
    let raw = record::b64u::decode(inline.rsplit(|byte| *byte == b'.').next().unwrap()).unwrap();
    let holds = |needle: &[u8]| {
        disk.contents()
            .values()
            .any(|bytes| bytes.windows(needle.len()).any(|window| window == needle))
    };
    assert!(holds(&raw) && holds(&file));
    let changes = [
        BlobChange {
            index: LogIndex::FIRST,
            part: 0,
            blob: None,
        },
        BlobChange {
            index: LogIndex::new(1),
            part: 0,
            blob: Some(blob(1, 0)),
        },
    ];
    store.change_blobs(&changes).unwrap();
    assert!(!holds(&raw) && !holds(&file));
    store.commit(maker.batch(&[0])).unwrap();
    drop(store);
    assert_eq!(
        sim(&disk)
            .unwrap()
            .entry(LogIndex::FIRST)
            .unwrap()
            .unwrap()
            .blobs,
        [StoredBlob::Gone, here(0, 1)]
    );
}

#[test]
fn a_directory_is_opened_once_and_a_bad_one_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let _store = real(dir.path()).unwrap();
    assert!(matches!(real(dir.path()), Err(OpenError::InUse { .. })));
    let blocked = dir.path().join("file");
    std::fs::write(&blocked, b"").unwrap();
    assert!(
        matches!(real(&blocked), Err(OpenError::Io { place, .. }) if Path::new(&place) == blocked)
    );
    let read_only = ReadOnly::open(Arc::new(RealDisk::default()), &dir.path().join("nothing"));
    assert!(matches!(read_only.err(), Some(OpenError::Io { .. })));
}

#[test]
fn a_missing_or_damaged_key_file_is_named() {
    for name in ["secrets-00000002.key", "rows-00000001.bound"] {
        let dir = tempfile::tempdir().unwrap();
        let disk: Arc<RealDisk> = Arc::default();
        let store = FileKeyStore::create(disk.clone(), dir.path(), &initial_secrets()).unwrap();
        store.put(&key_rows(1)).unwrap();
        store.put(&key_rows(2)).unwrap();
        store.put_post_quantum_seed(&[8; 32]).unwrap();
        assert!(matches!(
            FileKeyStore::open(disk.clone(), dir.path()),
            Err(KeyError::Exists { .. })
        ));
        drop(store);
        let path = dir.path().join(name);
        let good = std::fs::read(&path).unwrap();
        let mut bent = good.clone();
        bent[20] ^= 1;
        std::fs::write(&path, bent).unwrap();
        assert!(
            matches!(
                FileKeyStore::open(disk.clone(), dir.path()),
                Err(KeyError::Corrupt { .. })
            ),
            "{name}"
        );
        std::fs::remove_file(&path).unwrap();
        let missing = FileKeyStore::open(disk.clone(), dir.path());
        assert!(matches!(missing, Err(KeyError::Missing { file }) if file.contains(name)));
        std::fs::write(&path, good).unwrap();
        let store = FileKeyStore::open(disk, dir.path()).unwrap();
        assert_eq!(store.parts_of(stream_id(0)).unwrap().len(), 2);
        assert_eq!(store.secrets().post_quantum_seed.as_deref(), Some(&[8; 32]));
    }
}

#[test]
fn a_crash_during_a_rotation_leaves_one_epoch_and_destroys_the_other() {
    for operations in 0..60 {
        let disk = SimDisk::new(operations);
        let store = keys(&disk).unwrap();
        (0..3).for_each(|index| store.put(&key_rows(index)).unwrap());
        disk.mishap_after(operations, Mishap::PowerLoss);
        let mut drop_first = |row| {
            Ok((!matches!(&row, KeyRow::Part(part) if part.event == event_id(0))).then_some(row))
        };
        let rotated = store.rotate([9; 32], &mut drop_first, &[]).is_ok();
        disk.restart();
        let store = keys(&disk).unwrap();
        let epoch = store.secrets().epoch;
        assert!(!rotated || epoch == 2);
        assert_eq!(
            *store.secrets().root,
            if epoch == 2 { [9; 32] } else { [1; 32] }
        );
        assert_eq!(
            store.parts_of(stream_id(0)).unwrap().len(),
            if epoch == 2 { 2 } else { 3 }
        );
        let files = disk.contents();
        assert_eq!(
            files
                .keys()
                .filter(|path| path.to_string_lossy().contains("secrets-"))
                .count(),
            1
        );
    }
}
