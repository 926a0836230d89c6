//! Durable commits of ready-signed events, keys included, against a bare append and sync of the
//! same bytes in the same run. Every number is acknowledged and synced work.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    reason = "a benchmark"
)]

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use record::b64u;
use record::hash::sha256;
use record::keys::WrappedKey;
use record::merkle::leaf_hash;
use record::positions::{LogIndex, Size};
use record::signing::EventKey;
use store::disk::RealDisk;
use store::embedded::index_home::VouchKey;
use store::embedded::keys::FileKeyStore;
use store::embedded::log::EmbeddedStore;
use store::embedded::options::{IndexKind, Options};
use store::key_store::{InitialSecrets, KeyRow, PartRow};
use store::log_store::reader::LogReader;
use store::log_store::writer::LogWriter;
use store::log_store::{Batch, CommandRow, NewEntry};
use store::pipeline::Pipeline;
use uuid::Uuid;
use zeroize::Zeroizing;

/// How long each measurement runs.
const TIME: Duration = Duration::from_secs(5);
/// Sizes as in the case of Alma: entry, and two encrypted parts.
const ENTRY_BYTES: usize = 720;
const BLOB_BYTES: [usize; 2] = [1_150, 420];

fn noise(seed: u64, length: usize) -> Vec<u8> {
    (0..)
        .flat_map(|block: u64| {
            *sha256(&[seed.to_be_bytes(), block.to_be_bytes()].concat()).as_bytes()
        })
        .take(length)
        .collect()
}

/// A blob in the form of an encrypted part.
fn blob(seed: u64, length: usize) -> Vec<u8> {
    let bytes = length * 3 / 4;
    let fields = [
        noise(seed, 70),
        Vec::new(),
        noise(seed + 1, 12),
        noise(seed + 2, bytes - 98),
        noise(seed + 3, 16),
    ];
    fields
        .iter()
        .map(|field| b64u::encode(field))
        .collect::<Vec<_>>()
        .join(".")
        .into_bytes()
}

struct Event {
    id: Uuid,
    stream: usize,
    bytes: Vec<u8>,
    blobs: Vec<Vec<u8>>,
    keys: Vec<KeyRow>,
    acknowledged: Sender<()>,
}

/// An entry that says where it belongs, with noise for the rest.
fn entry(index: u64, stream: Uuid, ordinal: u64, seq: u64, event: &Event) -> Vec<u8> {
    let payload = format!(
        r#"{{"i":{index},"jti":"{}","no":{ordinal},"seq":{seq},"str":"{stream}"}}"#,
        event.id
    );
    let mut bytes = event.bytes.clone();
    bytes.push(b'.');
    bytes.extend_from_slice(b64u::encode(payload.as_bytes()).as_bytes());
    bytes.push(b'.');
    bytes
}

/// What the front hears of.
enum Message {
    Event(Event),
    /// The store is free for the next batch.
    Free,
    /// A writer has stopped.
    Gone,
}

/// A batch that grows.
#[derive(Default)]
struct Growing {
    entries: Vec<NewEntry>,
    commands: Vec<CommandRow>,
    keys: Vec<KeyRow>,
    told: Vec<Sender<()>>,
}

/// Where the log ends, and the batch that grows behind it.
#[derive(Default)]
struct Front {
    size: u64,
    /// Ordinal and sequence of each stream.
    streams: BTreeMap<usize, (u64, u64)>,
    growing: Growing,
}

impl Front {
    fn add(&mut self, event: Event) {
        let next = self.streams.len() as u64;
        let (ordinal, seq) = self.streams.entry(event.stream).or_insert((next, 0));
        *seq += 1;
        let stream = Uuid::from_u64_pair(1, event.stream as u64 + 1);
        let bytes = entry(self.size, stream, *ordinal, *seq, &event);
        self.growing.commands.push(CommandRow {
            id: event.id,
            input_mac: [7; 32],
            first: LogIndex::new(self.size),
            count: 1,
        });
        self.growing.entries.push(NewEntry {
            leaf: leaf_hash(&bytes),
            bytes,
            blobs: event.blobs.into_iter().map(Into::into).collect(),
        });
        self.growing.keys.extend(event.keys);
        self.growing.told.push(event.acknowledged);
        self.size += 1;
    }

    /// Hands over what has grown; answers how much that is.
    fn hand_over(&mut self, pipeline: &Pipeline, key: &EventKey, free: Sender<Message>) -> usize {
        let Growing {
            entries,
            commands,
            keys,
            told,
        } = std::mem::take(&mut self.growing);
        let count = entries.len();
        let first = LogIndex::new(self.size - count as u64);
        let leaves: Vec<_> = entries.iter().map(|entry: &NewEntry| entry.leaf).collect();
        let proof = Some(key.prove_commands(first, &leaves, &commands));
        let batch = Batch {
            first,
            entries,
            commands,
            proof,
        };
        let done = move |outcome: Result<(), _>| {
            outcome.expect("a commit");
            free.send(Message::Free).unwrap_or(());
            told.iter().for_each(|writer| writer.send(()).unwrap_or(()));
        };
        pipeline.submit(keys, batch, Box::new(done));
        count
    }
}

/// Collects events into batches, as a sequencer does, without signing: a batch grows while the store
/// is busy.
fn front(
    pipeline: &Pipeline,
    (sender, messages): (&Sender<Message>, &Receiver<Message>),
    writers: usize,
    sizes: &Mutex<Vec<usize>>,
) {
    let key = EventKey::from_seed(&[2; 32]);
    let (mut front, mut aloft, mut gone) = (Front::default(), 0, 0);
    while gone < writers || aloft > 0 || !front.growing.entries.is_empty() {
        let first = messages.recv().unwrap();
        for message in std::iter::once(first).chain(messages.try_iter()) {
            match message {
                Message::Event(event) => front.add(event),
                Message::Free => aloft -= 1,
                Message::Gone => gone += 1,
            }
            if front.growing.entries.len() >= 512 {
                break;
            }
        }
        let full = front.growing.entries.len() >= 512;
        if (full || aloft == 0) && !front.growing.entries.is_empty() {
            // One that is full waits here until the store takes it.
            let count = front.hand_over(pipeline, &key, sender.clone());
            sizes.lock().unwrap().push(count);
            aloft += 1;
        }
    }
}

struct Measured {
    events: f64,
    per_batch: f64,
    syncs: f64,
    bytes: u64,
    seconds: f64,
}

/// One event after the other of a writer who waits for each, until the time is over.
fn write(writer: usize, begin: Instant, sender: &Sender<Message>, blobs: &[Vec<u8>]) {
    let (acknowledged, wait) = channel();
    let template = b64u::encode(&noise(writer as u64, ENTRY_BYTES * 3 / 4 - 135)).into_bytes();
    for number in 0.. {
        if begin.elapsed() > TIME {
            break;
        }
        let id = Uuid::from_u64_pair(writer as u64 + 1, number + 1);
        let mut bytes = template.clone();
        bytes[..32].copy_from_slice(id.simple().to_string().as_bytes());
        let row = |part| {
            KeyRow::Part(PartRow {
                event: id,
                part,
                subject: Uuid::from_u128(3),
                wrapped: WrappedKey([5; 40]),
            })
        };
        let event = Event {
            id,
            stream: writer * 50 + number as usize % 50,
            bytes,
            blobs: blobs.to_vec(),
            keys: vec![row(0), row(1)],
            acknowledged: acknowledged.clone(),
        };
        sender.send(Message::Event(event)).unwrap();
        wait.recv().unwrap();
    }
    sender.send(Message::Gone).unwrap();
}

fn ours(dir: &Path, writers: usize) -> Measured {
    let disk = Arc::new(RealDisk::default());
    let options = Options::new(
        dir.join("log"),
        *b"0999",
        IndexKind::Disk(VouchKey::new([9; 32])),
    );
    let log = Arc::new(EmbeddedStore::open(disk.clone(), &options, &mut |_, _| {}).unwrap());
    let secret = || Zeroizing::new([1; 32]);
    let initial = InitialSecrets {
        root: secret(),
        event_seed: secret(),
        log_seed: secret(),
    };
    let keys = Arc::new(FileKeyStore::create(disk.clone(), &dir.join("keys"), &initial).unwrap());
    let pipeline = Pipeline::start(log.clone(), keys).unwrap();
    let (sender, receiver) = channel();
    let sizes = Mutex::new(Vec::new());
    let blobs: Vec<Vec<u8>> = BLOB_BYTES.iter().map(|length| blob(9, *length)).collect();
    let before = disk.sync_count();
    let begin = Instant::now();
    std::thread::scope(|scope| {
        let (pipeline, sizes) = (&pipeline, &sizes);
        let channel = (sender.clone(), receiver);
        scope.spawn(move || front(pipeline, (&channel.0, &channel.1), writers, sizes));
        for writer in 0..writers {
            let (sender, blobs) = (sender.clone(), blobs.clone());
            scope.spawn(move || write(writer, begin, &sender, &blobs));
        }
        drop(sender);
    });
    pipeline.shutdown();
    let seconds = begin.elapsed().as_secs_f64();
    let sizes = sizes.into_inner().unwrap();
    let events = sizes.iter().sum::<usize>() as f64;
    assert_eq!(log.size(), Size::new(events as u64));
    let syncs = (disk.sync_count() - before) as f64;
    log.close().unwrap();
    let bytes = folder(&dir.join("log/journal")) + folder(&dir.join("keys"));
    Measured {
        events: events / seconds,
        per_batch: events / sizes.len() as f64,
        syncs: syncs / sizes.len() as f64,
        bytes,
        seconds,
    }
}

fn folder(dir: &Path) -> u64 {
    std::fs::read_dir(dir).map_or(0, |entries| {
        entries
            .flatten()
            .map(|entry| {
                if entry.path().is_dir() {
                    folder(&entry.path())
                } else {
                    entry.metadata().map_or(0, |m| m.len())
                }
            })
            .sum()
    })
}

/// The same number of bytes in groups of the same size: append, `fdatasync`, acknowledge.
fn bare(dir: &Path, bytes_per_event: usize, group: usize) -> f64 {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(dir.join("bare"))
        .unwrap();
    let frame = noise(4, bytes_per_event * group);
    let (begin, mut events) = (Instant::now(), 0);
    while begin.elapsed() < TIME {
        file.write_all(&frame).unwrap();
        file.sync_data().unwrap();
        events += group;
    }
    events as f64 / begin.elapsed().as_secs_f64()
}

fn main() {
    // `cargo test --benches` only wants to know that it builds and starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let root = std::env::var_os("BENCH_DIR").map_or_else(std::env::temp_dir, Into::into);
    println!(
        "acknowledged durable commits, entry + 2 blobs + 2 key rows, {} s each, in {}",
        TIME.as_secs(),
        root.display()
    );
    println!(
        "{:>8} {:>12} {:>14} {:>16} {:>12} {:>16} {:>7}",
        "writers",
        "events/s",
        "events/batch",
        "fdatasync/batch",
        "bytes/event",
        "bare append/s",
        "ratio"
    );
    for writers in [1, 64, 512] {
        let dir = tempfile::tempdir_in(&root).unwrap();
        let measured = ours(dir.path(), writers);
        let bytes = measured.bytes as f64 / (measured.events * measured.seconds);
        let group = measured.per_batch.round().max(1.0) as usize;
        let bare = bare(dir.path(), bytes as usize, group);
        println!(
            "{writers:>8} {:>12.0} {:>14.1} {:>16.2} {bytes:>12.0} {bare:>16.0} {:>7.2}",
            measured.events,
            measured.per_batch,
            measured.syncs,
            measured.events / bare
        );
    }
    println!(
        "bare append: the same bytes, in groups of the mean batch, one fdatasync each, nothing else"
    );
}
