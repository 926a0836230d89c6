//! What a start reads, what memory keeps, and what becomes of an index that was left by an earlier
//! run: of one that is behind, of another log, in front of a journal that was cut, or bent.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use record::positions::{LogIndex, Seq, Size};

use crate::backend::opening::{OpenError, OpenReport};
use crate::backend::view::IndexCheck;
use crate::contract_tests::{
    Maker, command_id, event_id, here, initial_secrets, key_rows, signer, stream_id,
};
use crate::disk::{Disk, DiskFile, Held};
use crate::embedded::index_home::VouchKey;
use crate::embedded::keys::FileKeyStore;
use crate::embedded::log::EmbeddedStore;
use crate::embedded::options::{IndexKind, Options};
use crate::embedded::read_only::ReadOnly;
use crate::embedded::run::{Run, RunId, RunWriter};
use crate::key_store::{KeyError, KeyRow, KeyStore};
use crate::log_store::blobs::Blobs;
use crate::log_store::reader::LogReader;
use crate::log_store::writer::LogWriter;
use crate::log_store::{BlobChange, StoredBlob, StoredCheckpoint};
use crate::sim_disk::{Mishap, SimDisk};

const LOG: &str = "/log";
/// About ten commits of three entries.
const SEGMENT: u64 = 20_000;

fn open_at(
    disk: Arc<dyn Disk>,
    dir: &str,
    key: u8,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<EmbeddedStore, OpenError> {
    let index = IndexKind::Disk(VouchKey::new([key; 32]));
    let options = Options {
        signers: vec![signer()],
        segment_bytes: SEGMENT,
        ..Options::new(PathBuf::from(dir), *b"0999", index)
    };
    EmbeddedStore::open(disk, &options, progress)
}

fn open(disk: &SimDisk) -> Result<EmbeddedStore, OpenError> {
    open_at(Arc::new(disk.clone()), LOG, 9, &mut |_, _| {})
}

fn rebuilt(store: &EmbeddedStore) -> bool {
    store.report().rebuilt
}

/// Commits batches of three entries of three streams, each with a new one every tenth time.
fn grow(store: &EmbeddedStore, maker: &mut Maker, streams: &mut usize, batches: usize) {
    for batch in 0..batches {
        if batch % 10 == 0 {
            *streams += 1;
        }
        let newest = *streams - 1;
        store
            .commit(maker.batch(&[newest, newest / 2, newest / 3]))
            .unwrap();
        store
            .put_checkpoint(&StoredCheckpoint {
                size: Size::new(maker.size),
                note: "note\n".into(),
            })
            .unwrap();
    }
}

struct World {
    disk: SimDisk,
    maker: Maker,
    streams: usize,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            disk: SimDisk::new(seed),
            maker: Maker::default(),
            streams: 0,
        }
    }

    fn grow(&mut self, store: &EmbeddedStore, batches: usize) {
        grow(store, &mut self.maker, &mut self.streams, batches);
    }

    /// A log of so many commits that was closed in order.
    fn closed(seed: u64, batches: usize) -> Self {
        let mut world = Self::new(seed);
        let store = open(&world.disk).unwrap();
        world.grow(&store, batches);
        store.close().unwrap();
        world
    }
}

/// Every answer that comes from the index, compared with a store whose index lies in memory.
#[track_caller]
fn answers_as_the_journal(disk: &SimDisk, store: &EmbeddedStore) {
    let copy = SimDisk::new(1);
    for (path, bytes) in disk.contents() {
        if !path.to_string_lossy().contains("index") {
            copy.put(&path, &bytes);
        }
    }
    let options = Options {
        signers: vec![signer()],
        segment_bytes: SEGMENT,
        ..Options::new(PathBuf::from(LOG), *b"0999", IndexKind::Memory)
    };
    let fresh = EmbeddedStore::open(Arc::new(copy), &options, &mut |_, _| {}).unwrap();
    assert_eq!(
        (store.size(), store.stream_count(), store.root().unwrap()),
        (fresh.size(), fresh.stream_count(), fresh.root().unwrap())
    );
    let all = usize::try_from(store.stream_count()).unwrap() + 1;
    assert_eq!(store.heads(0, all).unwrap(), fresh.heads(0, all).unwrap());
    assert_eq!(
        store.erasing_entries().unwrap(),
        fresh.erasing_entries().unwrap()
    );
    for stream in 0..all {
        let stream = stream_id(stream);
        assert_eq!(
            store.stream_head(stream).unwrap(),
            fresh.stream_head(stream).unwrap()
        );
        assert_eq!(
            store.stream_page(stream, Seq::FIRST, 1_000).unwrap(),
            fresh.stream_page(stream, Seq::FIRST, 1_000).unwrap()
        );
    }
    for index in 0..=store.size().get() {
        let at = LogIndex::new(index);
        assert_eq!(store.entry(at).unwrap(), fresh.entry(at).unwrap());
        assert_eq!(store.leaf(at).unwrap(), fresh.leaf(at).unwrap());
        let event = event_id(index);
        assert_eq!(
            store.event_index(event).unwrap(),
            fresh.event_index(event).unwrap()
        );
        let command = command_id(index);
        assert_eq!(
            store.command(command).unwrap(),
            fresh.command(command).unwrap()
        );
    }
}

#[test]
fn an_index_that_is_behind_is_brought_forward_from_where_it_was_kept() {
    let mut world = World::new(1);
    let store = open(&world.disk).unwrap();
    world.grow(&store, 100);
    drop(store);
    world.disk.kill();
    for batches in [0, 1, 7, 25] {
        // Each frame that is read is told, and the end.
        let mut frames = 0;
        let disk = Arc::new(world.disk.clone());
        let store = open_at(disk, LOG, 9, &mut |_, _| frames += 1).unwrap();
        assert_eq!(store.report(), &OpenReport::default(), "{batches}");
        let segments = files(&world.disk, ".seg").len();
        assert!(segments > 5, "{segments}");
        assert!(frames < 40, "{frames} frames were read again");
        answers_as_the_journal(&world.disk, &store);
        world.grow(&store, batches);
        answers_as_the_journal(&world.disk, &store);
        drop(store);
        world.disk.kill();
    }
}

#[test]
fn streams_that_did_not_change_lately_are_not_in_memory() {
    let mut world = World::new(1);
    let store = open(&world.disk).unwrap();
    let mut most = 0;
    for _ in 0..60 {
        world.grow(&store, 10);
        most = most.max(store.streams_in_memory());
    }
    assert_eq!(store.stream_count(), 60);
    assert!(most <= 30, "{most} of 60 streams");
    answers_as_the_journal(&world.disk, &store);
    store.close().unwrap();
    drop(store);
    let store = open(&world.disk).unwrap();
    assert_eq!(store.streams_in_memory(), 0);
    answers_as_the_journal(&world.disk, &store);
}

#[test]
fn the_index_of_another_log_or_under_another_key_is_not_used() {
    let (one, other) = (World::closed(1, 40), World::closed(2, 41));
    for (path, bytes) in other.disk.contents() {
        if path.to_string_lossy().contains("index") {
            one.disk.put(&path, &bytes);
        }
    }
    let store = open(&one.disk).unwrap();
    assert!(rebuilt(&store));
    answers_as_the_journal(&one.disk, &store);
    store.close().unwrap();
    drop(store);
    assert!(
        !rebuilt(&open(&one.disk).unwrap()),
        "it was made anew for good"
    );
    one.disk.kill();
    let store = open_at(Arc::new(one.disk.clone()), LOG, 8, &mut |_, _| {}).unwrap();
    assert!(rebuilt(&store), "nothing is believed under another key");
    answers_as_the_journal(&one.disk, &store);
}

/// An older copy of index and vouching file beside a newer journal is an index that is behind.
#[test]
fn an_older_generation_is_as_good_as_a_newer_one() {
    let mut world = World::closed(3, 45);
    let old = world.disk.contents().into_iter();
    let old: Vec<_> = old
        .filter(|(path, _)| path.to_string_lossy().contains("index"))
        .collect();
    let store = open(&world.disk).unwrap();
    world.grow(&store, 60);
    store.close().unwrap();
    drop(store);
    for path in world.disk.contents().into_keys() {
        if path.to_string_lossy().contains("index") {
            world.disk.lose(&path);
        }
    }
    old.iter()
        .for_each(|(path, bytes)| world.disk.put(path, bytes));
    let store = open(&world.disk).unwrap();
    assert!(!rebuilt(&store));
    answers_as_the_journal(&world.disk, &store);
}

#[test]
fn an_index_in_front_of_a_journal_that_was_cut_is_not_used() {
    let world = World::closed(4, 44);
    let last = newest_segment(&world.disk);
    world.disk.lose(Path::new("/log/checkpoint"));
    world
        .disk
        .tamper(&last, |bytes| bytes.truncate(bytes.len() - 3));
    let store = open(&world.disk).unwrap();
    assert!(rebuilt(&store));
    assert!(store.report().cut_bytes > 0);
    assert_eq!(store.size(), Size::new(world.maker.size - 3));
    answers_as_the_journal(&world.disk, &store);
    drop(store);
    // A checkpoint over more than the journal holds is told, whatever the index reflects.
    let world = World::closed(4, 44);
    world.disk.lose(&newest_segment(&world.disk));
    assert!(matches!(
        open(&world.disk),
        Err(OpenError::RolledBack { .. })
    ));
}

fn newest_segment(disk: &SimDisk) -> PathBuf {
    let paths = disk.contents().into_keys();
    let segments = paths.filter(|path| path.extension().is_some_and(|end| end == "seg"));
    segments.max().unwrap()
}

fn files(disk: &SimDisk, what: &str) -> Vec<PathBuf> {
    let paths = disk.contents().into_keys();
    paths
        .filter(|path| path.to_string_lossy().contains(what))
        .collect()
}

/// Whatever byte of the index is changed, every answer is that of the journal.
#[test]
fn no_changed_byte_of_an_index_changes_an_answer() {
    let world = World::closed(5, 34);
    let whole = world.disk.contents();
    let mut told_later = 0;
    for path in files(&world.disk, "index") {
        let len = whole.get(&path).unwrap().len();
        for place in (0..len).step_by(len / 12 + 1) {
            let disk = SimDisk::new(1);
            whole.iter().for_each(|(path, bytes)| disk.put(path, bytes));
            disk.tamper(&path, |bytes| bytes[place] ^= 0x20);
            let store = open(&disk).unwrap();
            answers_as_the_journal(&disk, &store);
            told_later += u32::from(!rebuilt(&store));
            drop(store);
            let store = open(&disk).unwrap();
            answers_as_the_journal(&disk, &store);
        }
        let disk = SimDisk::new(1);
        whole.iter().for_each(|(path, bytes)| disk.put(path, bytes));
        disk.lose(&path);
        let store = open(&disk).unwrap();
        assert!(rebuilt(&store), "{} is missing", path.display());
        answers_as_the_journal(&disk, &store);
    }
    assert!(told_later > 0, "some were told when they were read");
}

/// A run of one life may lie under the name of a run of another, with as many rows and bytes: whoever
/// keeps a copy of the file can put it back.
#[test]
fn an_older_run_of_the_same_name_and_length_is_not_believed() {
    let (disk, path, key) = (
        SimDisk::new(1),
        Path::new("/1-1.run"),
        VouchKey::new([9; 32]),
    );
    let id = RunId { number: 1, run: 1 };
    let write = |value: u8| {
        let mut writer = RunWriter::begin(&disk, path, &key, id, 500).unwrap();
        for row in 0..500_u32 {
            let row = (row.to_be_bytes().to_vec(), vec![value; 40]);
            writer.push(row).unwrap();
        }
        writer.finish().unwrap()
    };
    let older = write(1);
    let copy = disk.contents().remove(path).unwrap();
    let newer = write(2);
    assert_eq!((older.len, older.foot), (newer.len, newer.foot));
    let open = || Run::open(&disk, path, Some(&key), id, newer, &Arc::default());
    let row = 7_u32.to_be_bytes();
    assert_eq!(open().unwrap().get(&row).unwrap(), Some(vec![2; 40]));
    disk.put(path, &copy);
    assert!(open().is_err(), "the whole file");
    // The foot of the newer one behind the blocks of the older one.
    write(2);
    let foot = usize::try_from(newer.foot).unwrap();
    disk.tamper(path, |bytes| bytes[..foot].copy_from_slice(&copy[..foot]));
    assert!(open().unwrap().get(&row).is_err(), "the blocks alone");
}

/// A segment that was written anew, without what was erased, is never read through places of before.
#[test]
fn places_of_before_an_erasure_are_never_used() {
    for operations in 0..60 {
        let world = World::closed(6, 34);
        let store = open(&world.disk).unwrap();
        let change = BlobChange {
            index: LogIndex::new(4),
            part: 0,
            blob: None,
        };
        world.disk.mishap_after(operations, Mishap::PowerLoss);
        let changed = store.change_blobs(&[change]).is_ok();
        drop(store);
        world.disk.restart();
        let store = open(&world.disk).unwrap();
        let blobs = store.entry(LogIndex::new(4)).unwrap().unwrap().blobs;
        assert!(
            !changed || blobs == [StoredBlob::Gone, here(4, 1)],
            "{operations}"
        );
        answers_as_the_journal(&world.disk, &store);
    }
}

/// The power goes at any operation of the disk, of commits as of the threads behind the index.
#[test]
fn an_index_that_was_cut_off_by_a_loss_of_power_is_brought_forward_or_made_anew() {
    let rounds = std::env::var("CRASH_SEEDS").ok();
    for seed in 0..rounds
        .and_then(|seeds| seeds.parse().ok())
        .unwrap_or(25_u64)
    {
        let mut world = World::new(seed);
        for life in 0..3 {
            world
                .disk
                .mishap_after(20 + (seed * 37 + life * 91) % 700, Mishap::PowerLoss);
            if let Ok(store) = open(&world.disk) {
                let mut next = world.maker.clone();
                for step in 0..60 {
                    let streams = world.streams;
                    let stream = if step % 8 == 0 {
                        streams
                    } else {
                        streams.saturating_sub(1)
                    };
                    if store.commit(next.batch(&[stream])).is_err() {
                        break;
                    }
                    world.streams = world.streams.max(stream + 1);
                    world.maker = next.clone();
                }
            }
            world.disk.restart();
            let store = open(&world.disk).unwrap();
            assert!(store.size() >= Size::new(world.maker.size), "seed {seed}");
            answers_as_the_journal(&world.disk, &store);
            // A batch of unknown outcome may be there.
            if store.size() > Size::new(world.maker.size) {
                break;
            }
            store.close().unwrap();
        }
    }
}

/// Making the index anew is gone on with from the last whole segment, where it was broken off.
#[test]
fn an_index_that_was_half_made_is_gone_on_with() {
    let mut fewest = u64::MAX;
    for operations in (200..1_000).step_by(100) {
        let world = World::closed(10, 100);
        files(&world.disk, "index")
            .iter()
            .for_each(|path| world.disk.lose(path));
        world.disk.mishap_after(operations, Mishap::PowerLoss);
        let broken = open(&world.disk).is_err();
        world.disk.restart();
        let (mut frames, disk) = (0, Arc::new(world.disk.clone()));
        let store = open_at(disk, LOG, 9, &mut |_, _| frames += 1).unwrap();
        answers_as_the_journal(&world.disk, &store);
        if broken {
            fewest = fewest.min(frames);
        }
    }
    assert!(fewest < 80, "{fewest} of 100 frames were read again");
}

/// A disk that counts the bytes that are read of the journal, and the longest read of anything.
struct CountingDisk {
    disk: SimDisk,
    read: Arc<AtomicU64>,
    most: Arc<AtomicU64>,
}

/// A disk on which a file is replaced when it is opened for the fourth time.
struct ComingDisk {
    disk: SimDisk,
    looked: AtomicU64,
    digest: PathBuf,
    coming: Vec<u8>,
}

impl Disk for ComingDisk {
    fn create_dir(&self, dir: &Path) -> std::io::Result<bool> {
        self.disk.create_dir(dir)
    }
    fn open_read(&self, path: &Path) -> std::io::Result<Arc<dyn DiskFile>> {
        if path == self.digest && self.looked.fetch_add(1, Ordering::Relaxed) == 3 {
            self.disk.tamper(path, |now| now.clone_from(&self.coming));
        }
        self.disk.open_read(path)
    }
    fn open_write(&self, path: &Path) -> std::io::Result<Arc<dyn DiskFile>> {
        self.disk.open_write(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        self.disk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> std::io::Result<()> {
        self.disk.remove(path)
    }
    fn sync_dir(&self, dir: &Path) -> std::io::Result<()> {
        self.disk.sync_dir(dir)
    }
    fn list(&self, dir: &Path) -> std::io::Result<Vec<String>> {
        self.disk.list(dir)
    }
    fn lock(&self, path: &Path) -> std::io::Result<Option<Box<dyn Held>>> {
        self.disk.lock(path)
    }
}

struct CountingFile {
    file: Arc<dyn DiskFile>,
    read: Arc<AtomicU64>,
    /// Bytes of the longest read.
    most: Arc<AtomicU64>,
}

impl CountingDisk {
    fn file(&self, path: &Path, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        let most = Arc::clone(&self.most);
        // Runs are also read by the thread that merges them.
        let read = match path.extension() {
            Some(end) if end == "seg" => Arc::clone(&self.read),
            _ => Arc::default(),
        };
        Arc::new(CountingFile { file, read, most })
    }
}

impl Disk for CountingDisk {
    fn create_dir(&self, dir: &Path) -> std::io::Result<bool> {
        self.disk.create_dir(dir)
    }
    fn open_read(&self, path: &Path) -> std::io::Result<Arc<dyn DiskFile>> {
        Ok(self.file(path, self.disk.open_read(path)?))
    }
    fn open_write(&self, path: &Path) -> std::io::Result<Arc<dyn DiskFile>> {
        Ok(self.file(path, self.disk.open_write(path)?))
    }
    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        self.disk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> std::io::Result<()> {
        self.disk.remove(path)
    }
    fn sync_dir(&self, dir: &Path) -> std::io::Result<()> {
        self.disk.sync_dir(dir)
    }
    fn list(&self, dir: &Path) -> std::io::Result<Vec<String>> {
        self.disk.list(dir)
    }
    fn lock(&self, path: &Path) -> std::io::Result<Option<Box<dyn Held>>> {
        self.disk.lock(path)
    }
}

impl DiskFile for CountingFile {
    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> std::io::Result<()> {
        self.read.fetch_add(buf.len() as u64, Ordering::Relaxed);
        self.most.fetch_max(buf.len() as u64, Ordering::Relaxed);
        self.file.read_exact_at(buf, offset)
    }
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> std::io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }
    fn try_lock(&self) -> std::io::Result<bool> {
        self.file.try_lock()
    }
    fn is_at(&self, path: &Path) -> std::io::Result<bool> {
        self.file.is_at(path)
    }
    fn sync_data(&self) -> std::io::Result<()> {
        self.file.sync_data()
    }
    fn truncate(&self, len: u64) -> std::io::Result<()> {
        self.file.truncate(len)
    }
    fn len(&self) -> std::io::Result<u64> {
        self.file.len()
    }
}

/// How many bytes of the journal a start reads, after a clean stop and after a kill.
fn start_reads(batches: usize) -> [u64; 2] {
    let mut world = World::closed(7, batches);
    let read = Arc::<AtomicU64>::default();
    let start = |disk: &SimDisk| {
        read.store(0, Ordering::Relaxed);
        let counting = CountingDisk {
            disk: disk.clone(),
            read: Arc::clone(&read),
            most: Arc::default(),
        };
        let store = open_at(Arc::new(counting), LOG, 9, &mut |_, _| {}).unwrap();
        assert_eq!(store.report(), &OpenReport::default());
        (read.load(Ordering::Relaxed), store)
    };
    let (clean, store) = start(&world.disk);
    world.grow(&store, 13);
    drop(store);
    world.disk.kill();
    let (killed, _store) = start(&world.disk);
    [clean, killed]
}

#[test]
fn a_start_reads_as_much_of_a_long_log_as_of_a_short_one() {
    let (short, long) = (start_reads(150), start_reads(900));
    for (short, long) in short.into_iter().zip(long) {
        assert!(long < short + 3 * SEGMENT, "{short} and {long} bytes");
    }
}

#[test]
fn an_audit_compares_the_newest_generation_and_tells_what_differs() {
    let world = World::closed(8, 40);
    let audit = |disk: &SimDisk| {
        let log = ReadOnly::open(Arc::new(disk.clone()), Path::new(LOG)).unwrap();
        log.check_index(*b"0999", &mut |_| {}).unwrap()
    };
    assert!(matches!(audit(&world.disk), IndexCheck::Same { rows } if rows > 150));
    let whole = world.disk.contents();
    for path in files(&world.disk, ".run") {
        let len = whole.get(&path).unwrap().len();
        for place in (0..len).step_by(len / 20 + 1) {
            let disk = SimDisk::new(1);
            whole.iter().for_each(|(path, bytes)| disk.put(path, bytes));
            disk.tamper(&path, |bytes| bytes[place] ^= 1);
            assert!(
                matches!(audit(&disk), IndexCheck::Drift { .. }),
                "byte {place}"
            );
        }
    }
    // Behind the generation, the journal may have grown.
    let store = open(&world.disk).unwrap();
    let mut world = world;
    world.grow(&store, 3);
    drop(store);
    world.disk.kill();
    assert!(matches!(audit(&world.disk), IndexCheck::Same { .. }));
}

/// A log in use grows while an audit reads it: a generation over segments that were begun since is no
/// contradiction. One over segments that are not there is.
#[test]
fn an_audit_of_a_log_that_grows_accuses_nobody() {
    let mut world = World::closed(8, 40);
    let store = open(&world.disk).unwrap();
    let log = ReadOnly::open(Arc::new(world.disk.clone()), Path::new(LOG)).unwrap();
    world.grow(&store, 40);
    store.close().unwrap();
    let check = |log: &ReadOnly| log.check_index(*b"0999", &mut |_| {}).unwrap();
    let checked = check(&log);
    assert_eq!(checked, IndexCheck::Unsealed);
    let log = ReadOnly::open(Arc::new(world.disk.clone()), Path::new(LOG)).unwrap();
    assert!(matches!(check(&log), IndexCheck::Same { .. }));
    world.disk.lose(&newest_segment(&world.disk));
    let log = ReadOnly::open(Arc::new(world.disk.clone()), Path::new(LOG)).unwrap();
    assert!(matches!(check(&log), IndexCheck::Drift { .. }));
}

/// An eraser writes a segment anew first, and the generation that knows of it a moment later: an audit
/// in between waits for that one. Where it does not come, the two do contradict each other.
#[test]
fn an_audit_between_a_segment_and_its_generation_accuses_nobody() {
    let world = World::closed(8, 40);
    let digest = Path::new(LOG).join("index.digest");
    let before = world.disk.contents().remove(&digest).unwrap();
    let store = open(&world.disk).unwrap();
    let gone = BlobChange {
        index: LogIndex::FIRST,
        part: 0,
        blob: None,
    };
    store.change_blobs(&[gone]).unwrap();
    store.close().unwrap();
    let after = world.disk.contents().remove(&digest).unwrap();
    let put = |disk: &SimDisk, bytes: &[u8]| disk.tamper(&digest, |now| *now = bytes.to_vec());
    let audit = |disk: &SimDisk| {
        let log = ReadOnly::open(Arc::new(disk.clone()), Path::new(LOG)).unwrap();
        log.check_index(*b"0999", &mut |_| {}).unwrap()
    };
    assert!(matches!(audit(&world.disk), IndexCheck::Same { .. }));
    put(&world.disk, &before);
    assert!(matches!(audit(&world.disk), IndexCheck::Drift { .. }));
    // It comes when the audit has looked at the one before three times.
    let between = ComingDisk {
        disk: world.disk.clone(),
        looked: AtomicU64::new(0),
        digest: digest.clone(),
        coming: after,
    };
    let log = ReadOnly::open(Arc::new(between), Path::new(LOG)).unwrap();
    let checked = log.check_index(*b"0999", &mut |_| {}).unwrap();
    assert!(!matches!(checked, IndexCheck::Drift { .. }), "{checked:?}");
}

/// A commit that is left out is in no generation and in no answer. Until the sweep its bytes lie
/// there, also where the log is closed in between.
#[test]
fn a_commit_that_is_left_out_is_in_no_answer() {
    for again in [false, true] {
        let mut world = World::closed(11, 34);
        let store = open(&world.disk).unwrap();
        let (first, new) = (world.maker.size, world.streams);
        store.commit(world.maker.clone().batch(&[new, 0])).unwrap();
        drop(store);
        world.disk.kill();
        let options = Options {
            signers: vec![signer()],
            segment_bytes: SEGMENT,
            ..Options::new(
                PathBuf::from(LOG),
                *b"0999",
                IndexKind::Disk(VouchKey::new([9; 32])),
            )
        };
        let without = || {
            let disk: Arc<dyn Disk> = Arc::new(world.disk.clone());
            let store =
                EmbeddedStore::open_unswept(Arc::clone(&disk), &options, &mut |_, _| {}).unwrap();
            assert_eq!(store.newest_commit(), Some(LogIndex::new(first)), "{again}");
            let store = store.without_newest_commit(disk, &options, &mut |_, _| {});
            store.unwrap()
        };
        let mut store = without();
        if again {
            // Closed before the sweep: the bytes still lie there, and are asked about once more.
            store.close().unwrap();
            drop(store);
            store = without();
        }
        assert_eq!(store.size(), Size::new(first));
        assert_eq!(store.event_index(event_id(first)).unwrap(), None);
        assert_eq!(store.stream_head(stream_id(new)).unwrap(), None);
        store.sweep().unwrap();
        answers_as_the_journal(&world.disk, &store);
        // What is written in its place is found, also by the next start.
        world.grow(&store, 12);
        answers_as_the_journal(&world.disk, &store);
        store.close().unwrap();
        drop(store);
        answers_as_the_journal(&world.disk, &open(&world.disk).unwrap());
    }
}

/// A file of keys may be of any length: it is read in pieces, and every row of it is found.
#[test]
fn a_long_file_of_keys_is_read_in_pieces() {
    let (disk, dir, count) = (SimDisk::new(1), Path::new("/keys"), 60_000);
    let keys = FileKeyStore::create(Arc::new(disk.clone()), dir, &initial_secrets()).unwrap();
    for first in (0..count).step_by(500) {
        let rows: Vec<KeyRow> = (first..first + 500).flat_map(key_rows).collect();
        keys.put(&rows).unwrap();
    }
    // Written once more: the newest row counts, and is handed out once.
    keys.put(&key_rows(7)).unwrap();
    let parts = keys.parts_of(stream_id(0)).unwrap().len();
    drop(keys);
    let (read, most) = (Arc::default(), Arc::<AtomicU64>::default());
    let counting = CountingDisk {
        disk: disk.clone(),
        read,
        most: Arc::clone(&most),
    };
    let keys = FileKeyStore::open(Arc::new(counting), dir).unwrap();
    let file = files(&disk, ".bound").pop().unwrap();
    let len = disk.contents().get(&file).unwrap().len();
    assert!(len > 4 << 20, "{len}");
    assert!(most.load(Ordering::Relaxed) <= 1 << 20);
    for index in (0..count).step_by(101) {
        assert!(keys.part(event_id(index), 0).unwrap().is_some(), "{index}");
        assert!(keys.part(event_id(index), 9).unwrap().is_none(), "{index}");
    }
    assert_eq!(keys.parts_of(stream_id(0)).unwrap().len(), parts);
    drop(keys);
    // Damage in the middle is told, and no torn end.
    disk.tamper(&file, |bytes| bytes[len / 2] ^= 1);
    let opened = FileKeyStore::open(Arc::new(disk), dir);
    assert!(matches!(opened, Err(KeyError::Corrupt { offset, .. }) if offset > 1 << 20));
}
