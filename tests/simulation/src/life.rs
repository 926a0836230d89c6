//! The lives of a store: commands, readers and faults; a crash; and what must hold behind it.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex as Plain, PoisonError};
use std::time::Duration;

use record::entry::{Entry, ErasedRef, parse};
use record::hash::Hash;
use record::keys::WrappedKey;
use record::positions::{LogIndex, Seq, Size};
use shuttle::sync::Mutex;
use shuttle::sync::mpsc::channel;
use shuttle::thread;
use store::backend::opening::OpenError;
use store::contract_tests::initial_secrets;
use store::disk::Disk;
use store::embedded::keys::FileKeyStore;
use store::embedded::log::EmbeddedStore;
use store::embedded::options::{IndexKind, Options};
use store::embedded::read_only::ReadOnly;
use store::half_commit::{Keyed, is_half};
use store::key_store::{KeyError, KeyRow, KeyStore, PartRow};
use store::log_store::blobs::Blobs;
use store::log_store::reader::LogReader;
use store::log_store::writer::LogWriter;
use store::log_store::{Batch, BlobChange, CommitError, StoredBlob};
use store::pipeline::Pipeline;
use store::sim_disk::{Mishap, SimDisk};
use store::sim_index::{IndexMishap, SimIndexes};
use uuid::Uuid;
use verify::audit::{Auditor, Checks, Trust};
use verify::position;
use verify::source::RawEntry;

use crate::dice::Dice;
use crate::log::{ORIGIN, Tip, blob, event_key, log_key};
use crate::model::{Job, Model, Standing};

const LOG: &str = "/data/0999/sag";
const KEYS: &str = "/keys/0999";
const LIVES: u64 = 3;
const STREAMS: u64 = 3;

/// What happened, over all seeds.
#[derive(Debug, Default, Clone)]
pub struct Told {
    lives: u64,
    acknowledged: u64,
    refused: u64,
    unknown: u64,
    reads: u64,
    unanswered: u64,
    audits: u64,
    unopened: u64,
    halves: u64,
}

impl Told {
    pub fn add(&mut self, other: &Self) {
        self.lives += other.lives;
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.unknown += other.unknown;
        self.reads += other.reads;
        self.unanswered += other.unanswered;
        self.audits += other.audits;
        self.unopened += other.unopened;
        self.halves += other.halves;
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            lives,
            acknowledged,
            refused,
            unknown,
            reads,
            unanswered,
            audits,
            unopened,
            halves,
        } = self;
        write!(
            f,
            "{lives} lives ({unopened} not opened), {acknowledged} commands acknowledged, {refused} refused, {unknown} unknown, {halves} \
             cut off for want of keys, {reads} reads ({unanswered} not answered), {audits} audits; none lost, none doubled, none half"
        )
    }
}

/// The world of one seed.
struct World {
    disk: SimDisk,
    indexes: SimIndexes,
    model: Arc<Plain<Model>>,
    told: Arc<Plain<Told>>,
    dice: Dice,
}

fn held<T>(plain: &Plain<T>) -> std::sync::MutexGuard<'_, T> {
    plain.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a seed; panics with what does not hold.
pub fn run(seed: u64) -> Told {
    let mut dice = Dice::new(seed);
    let mut world = World {
        disk: SimDisk::new(dice.number()),
        indexes: SimIndexes::default(),
        model: Arc::default(),
        told: Arc::default(),
        dice,
    };
    for life in 0..LIVES {
        world.plan(life);
        world.live();
        world.end();
        world.check(life + 1 == LIVES);
    }
    let told = held(&world.told).clone();
    told
}

impl World {
    /// The keys, which a first life makes.
    fn keys(&self) -> Result<FileKeyStore, String> {
        let (disk, dir) = (Arc::new(self.disk.clone()), Path::new(KEYS));
        let opened = match FileKeyStore::open(disk.clone(), dir) {
            Err(KeyError::Missing { file }) if file.ends_with("epoch") => {
                FileKeyStore::create(disk, dir, &initial_secrets())
            }
            other => other,
        };
        opened.map_err(|error| error.to_string())
    }

    /// The log as a program opens it: without a newest commit that lacks its keys.
    fn open(&self, keys: &FileKeyStore) -> Result<EmbeddedStore, String> {
        let index = IndexKind::At(Arc::new(self.indexes.clone()));
        let signers = vec![event_key().public().clone()];
        let options = Options {
            signers,
            retry: Duration::ZERO,
            ..Options::new(LOG.into(), *b"0999", index)
        };
        let disk: Arc<dyn Disk> = Arc::new(self.disk.clone());
        let told = |error: OpenError| error.to_string();
        let store = EmbeddedStore::open_unswept(Arc::clone(&disk), &options, &mut |_, _| {})
            .map_err(told)?;
        let half = store.newest_commit().map_or(Ok(false), |first| {
            let mut keyed = |index| keyed(&store, keys, index);
            is_half(first, store.size(), &mut keyed)
        });
        let store = if half? {
            held(&self.told).halves += 1;
            store
                .without_newest_commit(disk, &options, &mut |_, _| {})
                .map_err(told)?
        } else {
            store
        };
        store.sweep().map_err(told)?;
        Ok(store)
    }

    /// New commands, and what will go wrong.
    fn plan(&mut self, life: u64) {
        let mut model = held(&self.model);
        for number in 0..6 + self.dice.below(6) {
            let id = Uuid::from_u64_pair(life << 32 | number, self.dice.number() | 1);
            let stream = |dice: &mut Dice| Uuid::from_u64_pair(0xaaaa, dice.below(STREAMS) + 1);
            let first = stream(&mut self.dice);
            let mut events = vec![(first, Uuid::from_u64_pair(id.as_u64_pair().1, 1))];
            let second = stream(&mut self.dice);
            if second != first && self.dice.one_in(3) {
                events.push((second, Uuid::from_u64_pair(id.as_u64_pair().1, 2)));
            }
            model.jobs.push(Job {
                command: id,
                events,
                erases: None,
                standing: Standing::Absent,
            });
        }
        drop(model);
        let mishaps = [
            Mishap::Full,
            Mishap::FullHalfway,
            Mishap::SyncFails,
            Mishap::PowerLoss,
        ];
        if !self.dice.one_in(4) {
            let kind = usize::try_from(self.dice.below(4)).unwrap_or(0);
            self.disk.mishap_after(self.dice.below(160), mishaps[kind]);
        }
        let failures = [
            IndexMishap::Before,
            IndexMishap::After,
            IndexMishap::Lasting,
        ];
        if !self.dice.one_in(4) {
            let kind = usize::try_from(self.dice.below(3)).unwrap_or(0);
            self.indexes
                .mishap_after(self.dice.below(70), failures[kind]);
        }
    }

    /// Writers, readers and whoever makes trouble, at once.
    fn live(&mut self) {
        held(&self.told).lives += 1;
        let opened = self
            .keys()
            .and_then(|keys| Ok((self.open(&keys)?, keys)));
        let Ok((store, keys)) = opened else {
            held(&self.told).unopened += 1;
            return;
        };
        let (store, keys) = (Arc::new(store), Arc::new(keys));
        let pipeline = Arc::new(Pipeline::start(store.clone(), keys).expect("threads"));
        let tip = Arc::new(Mutex::new(None::<Tip>));
        let mut threads = Vec::new();
        for writer in 0..2 {
            let task = self.task(&store, &tip, &pipeline);
            threads.push(thread::spawn(move || task.write(writer)));
        }
        for _ in 0..2 {
            let task = self.task(&store, &tip, &pipeline);
            threads.push(thread::spawn(move || task.read()));
        }
        let task = self.task(&store, &tip, &pipeline);
        threads.push(thread::spawn(move || task.trouble()));
        for thread in threads {
            thread.join().expect("no thread panics");
        }
        pipeline.shutdown();
        if self.dice.one_in(3) {
            // Nothing that fails here may cost anything.
            let _closed = store.close();
        }
    }

    fn task(
        &mut self,
        store: &Arc<EmbeddedStore>,
        tip: &Arc<Mutex<Option<Tip>>>,
        pipeline: &Arc<Pipeline>,
    ) -> Task {
        Task {
            pipeline: Arc::clone(pipeline),
            store: Arc::clone(store),
            tip: Arc::clone(tip),
            indexes: self.indexes.clone(),
            model: Arc::clone(&self.model),
            told: Arc::clone(&self.told),
            dice: Plain::new(self.dice.split()),
        }
    }

    /// The process ends, or the power goes.
    fn end(&mut self) {
        self.indexes.heal();
        if self.dice.one_in(2) {
            self.disk.kill()
        } else {
            self.disk.restart()
        }
    }

    /// What must hold behind every crash. Signatures are checked behind the last one, over the
    /// whole log.
    fn check(&mut self, last: bool) {
        let keys = self
            .keys()
            .unwrap_or_else(|error| panic!("the keys do not open: {error}"));
        let store = self
            .open(&keys)
            .unwrap_or_else(|error| panic!("the log does not open after a crash: {error}"));
        assert!(
            store.health().unusable.is_none() && store.health().index.is_none(),
            "it is in order: {:?}",
            store.health()
        );
        let mut tip = Tip::load(&store).expect("it can be read");
        let mut model = held(&self.model);
        compare(&store, &mut model);
        keys_are_there(&keys, &model);
        drop(keys);
        assert!(
            store
                .checkpoint()
                .expect("the checkpoint")
                .map_or(0, |stored| stored.size.get())
                >= model.checkpoint,
            "no checkpoint is lost"
        );
        finish_erasures(&store);
        tip.begin(&store)
            .expect("a log without faults takes its first entry");
        model.checkpoint = tip
            .checkpoint(&store)
            .expect("a log without faults is checkpointed");
        assert_eq!(
            store.root().expect("the root"),
            (Size::new(tip.size()), tip.root())
        );
        let note = store
            .checkpoint()
            .expect("the checkpoint")
            .expect("it was just stored")
            .note;
        drop(store);
        self.disk.kill();
        audit(&self.disk, &note, tip.size(), last);
        held(&self.told).audits += 1;
    }
}

/// The key of a part, as far as a store of keys looks at it.
fn key_row(event: Uuid, part: u16) -> KeyRow {
    KeyRow::Part(PartRow {
        event,
        part,
        subject: Uuid::from_u128(3),
        wrapped: WrappedKey([5; 40]),
    })
}

/// Whether an entry has the keys of its parts.
fn keyed(store: &EmbeddedStore, keys: &FileKeyStore, index: LogIndex) -> Result<Keyed, String> {
    let stored = store.entry(index).map_err(|error| error.to_string())?;
    let Entry::Event(event) = parse(&stored.expect("below the size").bytes)
        .expect("an entry")
        .entry
    else {
        return Ok(Keyed::Without);
    };
    for part in 0..2 {
        let row = keys.part(event.event_id, part);
        if row.map_err(|error| error.to_string())?.is_none() {
            return Ok(Keyed::No);
        }
    }
    Ok(Keyed::Yes)
}

/// What is recorded has its keys.
fn keys_are_there(keys: &FileKeyStore, model: &Model) {
    for (number, _) in model.recorded() {
        for (_, event) in &model.jobs[number].events {
            for part in 0..2 {
                assert!(
                    keys.part(*event, part).expect("readable").is_some(),
                    "the key of {event} is lost"
                );
            }
        }
    }
}

/// Every entry against the model; what was unknown is known from here on.
fn compare(store: &EmbeddedStore, model: &mut Model) {
    let mut found: BTreeMap<Uuid, (u64, Vec<u8>)> = BTreeMap::new();
    for index in 0..store.size().get() {
        let stored = store
            .entry(LogIndex::new(index))
            .expect("readable")
            .expect("below the size");
        if let Entry::Event(event) = parse(&stored.bytes).expect("an entry").entry {
            let twice = found.insert(event.event_id, (index, stored.bytes));
            assert!(twice.is_none(), "event {} is there twice", event.event_id);
            assert_eq!(
                store.event_index(event.event_id).expect("a look-up"),
                Some(LogIndex::new(index))
            );
        }
    }
    let mut entries = std::mem::take(&mut model.entries);
    for job in &mut model.jobs {
        let row = store.command(job.command).expect("a look-up");
        let places: Vec<Option<u64>> = job
            .events
            .iter()
            .map(|(_, event)| found.get(event).map(|(index, _)| *index))
            .collect();
        let there = places.iter().flatten().count();
        assert!(
            there == 0 || there == places.len(),
            "half a command: {places:?}"
        );
        assert_eq!(
            row.is_some(),
            there > 0,
            "a command and its events go together"
        );
        let first = places.first().copied().flatten();
        assert_eq!(row.map(|row| row.first), first.map(LogIndex::new));
        match (&job.standing, first) {
            (Standing::Absent, Some(index)) => panic!("what was refused is there, at {index}"),
            (Standing::Recorded(at), None) => panic!("what was acknowledged at {at} is lost"),
            (Standing::Recorded(at), Some(index)) => {
                assert_eq!(*at, index, "it stands where it was acknowledged")
            }
            (Standing::Unknown, Some(index)) => job.standing = Standing::Recorded(index),
            (Standing::Unknown, None) => job.standing = Standing::Absent,
            (Standing::Absent, None) => {}
        }
        for (_, event) in job.events.iter().filter(|_| first.is_some()) {
            let (index, bytes) = &found[event];
            let kept = entries.entry(*index).or_insert_with(|| bytes.clone());
            assert_eq!(kept, bytes, "an acknowledged entry never changes");
        }
    }
    model.entries = entries;
}

/// Destroys what erasing entries list, as a start does that finishes what a crash broke off.
fn finish_erasures(store: &EmbeddedStore) {
    for index in store.erasing_entries().expect("a look-up") {
        let stored = store.entry(index).expect("readable").expect("it is there");
        let Entry::Event(event) = parse(&stored.bytes).expect("an entry").entry else {
            continue;
        };
        for erased in &event.erased {
            let page = store
                .stream_page(event.stream, erased.seq, 1)
                .expect("readable");
            let target = page.first().expect("what is erased is there").index;
            store
                .change_blobs(&[BlobChange {
                    index: target,
                    part: erased.part,
                    blob: None,
                }])
                .expect("a disk without faults");
        }
    }
}

/// The auditor, over what lies on the disk.
fn audit(disk: &SimDisk, note: &str, size: u64, signatures: bool) {
    let trust = Trust {
        origin: ORIGIN.to_owned(),
        log_key: log_key().vkey(),
        post_quantum_key: None,
        pins: Vec::new(),
    };
    let mut auditor = Auditor::new(
        trust,
        Checks {
            signatures,
            blobs: true,
            threads: 1,
        },
    );
    auditor.expect(note).expect("the checkpoint");
    let log = ReadOnly::open(Arc::new(disk.clone()), Path::new(LOG)).expect("it opens for reading");
    let log = if signatures { log.judging() } else { log };
    let read = log.for_each(&mut |entry| {
        let blobs: Vec<Option<&[u8]>> = entry.blobs.iter().map(Option::as_deref).collect();
        auditor
            .entry(RawEntry {
                index: position::LogIndex::new(entry.index.get()),
                bytes: &entry.bytes,
                blobs: &blobs,
            })
            .expect("the auditor finds nothing");
        ControlFlow::Continue(())
    });
    read.expect("every frame is whole and its commands are signed");
    assert_eq!(
        auditor.finish().expect("the auditor finds nothing").entries,
        position::Size::new(size)
    );
}

/// What a thread works with.
struct Task {
    /// Keys beside frames, as a sequencer commits.
    pipeline: Arc<Pipeline>,
    store: Arc<EmbeddedStore>,
    tip: Arc<Mutex<Option<Tip>>>,
    indexes: SimIndexes,
    model: Arc<Plain<Model>>,
    told: Arc<Plain<Told>>,
    dice: Plain<Dice>,
}

impl Task {
    fn below(&self, limit: u64) -> u64 {
        held(&self.dice).below(limit)
    }

    /// Sends commands that are not recorded yet, some of them again and again.
    fn write(&self, writer: usize) {
        let jobs = held(&self.model).jobs.len();
        for number in (0..jobs).filter(|number| number % 2 == writer) {
            for _ in 0..=self.below(2) {
                self.send(number);
            }
        }
    }

    fn send(&self, number: usize) {
        let mut slot = self.tip.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            *slot = Tip::load(&*self.store).ok();
        }
        let Some(tip) = slot.as_mut() else {
            return self.refused();
        };
        if let Err(error) = tip.begin(&*self.store) {
            *slot = None;
            return self.failed(None, &error);
        }
        let mut job = held(&self.model).jobs[number].clone();
        let known = self.store.command(job.command);
        match known {
            Err(_) => return self.refused(),
            Ok(Some(row)) => {
                let mut model = held(&self.model);
                match model.jobs[number].standing {
                    Standing::Recorded(first) => {
                        assert_eq!(first, row.first.get(), "the same receipt")
                    }
                    Standing::Unknown | Standing::Absent => {
                        panic!("a command is known that was not acknowledged in this life")
                    }
                }
                drop(model.jobs.get_mut(number));
                return;
            }
            Ok(None) => {
                let standing = held(&self.model).jobs[number].standing.clone();
                assert!(
                    !matches!(standing, Standing::Recorded(_)),
                    "an acknowledged command is not known"
                );
                if standing == Standing::Unknown {
                    // The store takes nothing more in this life.
                    return self.refused();
                }
            }
        }
        let erased = self.target(&mut job);
        let batch = tip.batch(&job, erased.map(|(_, erased)| erased));
        let first = batch.first;
        let entries: Vec<(Vec<u8>, Hash)> = batch
            .entries
            .iter()
            .map(|entry| (entry.bytes.clone(), entry.leaf))
            .collect();
        if let Err(error) = self.commit(&job, batch) {
            *slot = None;
            return self.failed(Some(number), &error);
        }
        tip.committed(&entries);
        let mut model = held(&self.model);
        model.jobs[number].standing = Standing::Recorded(first.get());
        model
            .entries
            .extend((first.get()..).zip(entries.into_iter().map(|(bytes, _)| bytes)));
        drop(model);
        held(&self.told).acknowledged += 1;
        drop(slot);
        if let Some((index, _)) = erased {
            // Whatever fails here is finished at the next start.
            let _destroyed = self.store.change_blobs(&[BlobChange {
                index: LogIndex::new(index),
                part: 1,
                blob: None,
            }]);
        }
    }

    /// Hands a batch with its keys to the pipeline and waits for the outcome.
    fn commit(&self, job: &Job, batch: Batch) -> Result<(), CommitError> {
        let (answer, outcome) = channel();
        let rows = job
            .events
            .iter()
            .flat_map(|(_, event)| (0..2).map(|part| key_row(*event, part)))
            .collect();
        self.pipeline.submit(
            rows,
            batch,
            Box::new(move |result| drop(answer.send(result))),
        );
        outcome.recv().expect("every batch is answered")
    }

    /// Now and then a job erases a part of an earlier event of its stream.
    fn target(&self, job: &mut Job) -> Option<(u64, ErasedRef)> {
        if self.below(5) > 0 || job.events.len() > 1 {
            return None;
        }
        let (stream, _) = job.events[0];
        let stored = self
            .store
            .stream_page(stream, Seq::FIRST, 1)
            .ok()?
            .into_iter()
            .next()?;
        job.erases = Some(stored.index.get());
        Some((
            stored.index.get(),
            ErasedRef {
                seq: Seq::FIRST,
                part: 1,
                digest: None,
            },
        ))
    }

    fn refused(&self) {
        held(&self.told).refused += 1;
    }

    fn failed(&self, number: Option<usize>, error: &CommitError) {
        match error {
            CommitError::Unknown(_) => {
                held(&self.told).unknown += 1;
                if let Some(number) = number {
                    held(&self.model).jobs[number].standing = Standing::Unknown;
                }
            }
            CommitError::NotWritten(_) => self.refused(),
            other => panic!("the store contradicts what it said of itself: {other}"),
        }
    }

    /// Looks up what was acknowledged before the look-up began.
    fn read(&self) {
        for _ in 0..12 {
            held(&self.told).reads += 1;
            let chosen = {
                let model = held(&self.model);
                let recorded = model.recorded();
                let place = usize::try_from(self.below(recorded.len() as u64)).unwrap_or(0);
                recorded.get(place).map(|(number, first)| {
                    (
                        model.jobs[*number].clone(),
                        *first,
                        model.entries[first].clone(),
                    )
                })
            };
            let Some((job, first, bytes)) = chosen else {
                thread::yield_now();
                continue;
            };
            let (stream, event) = job.events[0];
            let answered = match self.below(6) {
                0 => self.store.event_index(event).map(|found| {
                    assert_eq!(
                        found,
                        Some(LogIndex::new(first)),
                        "an event is found by its id"
                    )
                }),
                1 => self.store.command(job.command).map(|row| {
                    assert_eq!(
                        row.map(|row| row.first),
                        Some(LogIndex::new(first)),
                        "a command is found"
                    )
                }),
                2 => self.store.entry(LogIndex::new(first)).map(|stored| {
                    let stored = stored.expect("an acknowledged entry is there");
                    assert_eq!(stored.bytes, bytes);
                    let whole = |part: &StoredBlob, number| match part {
                        StoredBlob::Here(held) => *held == blob(event, number),
                        StoredBlob::Apart => true,
                        StoredBlob::Gone => number == 1,
                    };
                    assert!(
                        whole(&stored.blobs[0], 0) && whole(&stored.blobs[1], 1),
                        "its parts are its own"
                    );
                }),
                3 => self.store.stream_page(stream, Seq::FIRST, 999).map(|page| {
                    assert!(
                        page.iter()
                            .any(|stored| stored.index == LogIndex::new(first)),
                        "an event is found in its stream"
                    );
                }),
                4 => self
                    .store
                    .event_index(Uuid::from_u64_pair(9, self.below(u64::MAX)))
                    .map(|found| assert_eq!(found, None)),
                _ => self
                    .store
                    .blob(LogIndex::new(first), 0)
                    .map(|held| assert_eq!(held, Some(blob(event, 0)))),
            };
            if answered.is_err() {
                held(&self.told).unanswered += 1;
            }
            assert!(self.store.size() > Size::new(first));
            assert!(
                self.store.stream_head(stream).expect("memory").is_some(),
                "a case does not vanish"
            );
        }
    }

    /// Checkpoints, distrust, an index that can be made again.
    fn trouble(&self) {
        for _ in 0..6 {
            match self.below(4) {
                0 | 1 => self.checkpoint(),
                2 => {
                    let _outcome = self.store.distrust();
                }
                _ => self.indexes.heal(),
            }
        }
    }

    fn checkpoint(&self) {
        let mut slot = self.tip.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(tip) = slot.as_mut() else { return };
        if tip.size() == 0 {
            return;
        }
        match tip.checkpoint(&*self.store) {
            Ok(size) => held(&self.model).checkpoint = size,
            Err(error) => {
                *slot = None;
                self.failed(None, &error);
            }
        }
    }
}
