//! The writer of a log, in small: keys entry, events, heads entries and checkpoints, as a sequencer
//! makes them.

use std::collections::BTreeMap;

use record::checkpoint::Checkpoint;
use record::entry::{Entry, ErasedRef, EventEnvelope, HeadsEntry, KeysEntry, parse};
use record::hash::{Hash, sha256};
use record::heads::{Head, HeadsTree};
use record::jws::SignedEntry;
use record::merkle::Frontier;
use record::positions::{LogIndex, LogTime, Seq, Size};
use record::signing::{EventKey, LogKey};
use store::log_store::{
    Batch, CommandRow, CommitError, LogStore, NewEntry, ReadError, StoredCheckpoint,
};
use uuid::Uuid;

use crate::model::Job;

pub const ORIGIN: &str = "log.example.invalid/0999/sag";

pub fn event_key() -> EventKey {
    EventKey::from_seed(&[2; 32])
}

pub fn log_key() -> LogKey {
    LogKey::new(ORIGIN, &[3; 32])
}

/// Where the log ends.
pub struct Tip {
    size: u64,
    streams: BTreeMap<Uuid, (u64, u64, Hash)>,
    heads: HeadsTree,
    heads_leaf: Hash,
    keys: (u64, Hash),
    sealed: bool,
    tree: Frontier,
}

/// The ciphertext of a part: told by its event, so that it can be compared.
pub fn blob(event: Uuid, part: u8) -> Vec<u8> {
    let length = if event.as_bytes()[15] % 16 == 0 && part == 1 {
        70_000
    } else {
        40
    };
    let mut bytes = event.as_bytes().to_vec();
    bytes.resize(length, part);
    bytes
}

fn system(first: u64, signed: &SignedEntry) -> Batch {
    let entry = NewEntry {
        bytes: signed.bytes.clone(),
        leaf: signed.leaf,
        blobs: Vec::new(),
    };
    Batch {
        first: LogIndex::new(first),
        entries: vec![entry],
        commands: Vec::new(),
        proof: None,
    }
}

impl Tip {
    /// Reads every entry.
    pub fn load(store: &dyn LogStore) -> Result<Self, ReadError> {
        let mut tip = Self {
            size: 0,
            streams: BTreeMap::new(),
            heads: HeadsTree::new(),
            heads_leaf: Hash::ZERO,
            keys: (0, Hash::ZERO),
            sealed: false,
            tree: Frontier::new(),
        };
        for index in 0..store.size().get() {
            let stored = store
                .entry(LogIndex::new(index))?
                .expect("an entry below the size is there");
            tip.take(&stored.bytes, stored.leaf);
        }
        Ok(tip)
    }

    fn take(&mut self, bytes: &[u8], leaf: Hash) {
        let index = self.size;
        self.sealed = false;
        match parse(bytes).expect("a stored entry can be read").entry {
            Entry::Event(event) | Entry::Access(event) => {
                assert_eq!(
                    event.index,
                    LogIndex::new(index),
                    "an entry stands where it says"
                );
                let head = Head {
                    stream: event.stream,
                    seq: event.seq,
                    index: LogIndex::new(index),
                    leaf,
                };
                self.heads
                    .set(event.ordinal, &head)
                    .expect("ordinals have no gaps");
                self.streams
                    .insert(event.stream, (event.ordinal, event.seq.get(), leaf));
            }
            Entry::Keys(_) => self.keys = (index, leaf),
            Entry::Heads(_) => (self.heads_leaf, self.sealed) = (leaf, true),
        }
        self.tree.push(leaf);
        self.size += 1;
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// The keys entry that every log begins with.
    pub fn begin(&mut self, store: &dyn LogStore) -> Result<(), CommitError> {
        if self.size > 0 {
            return Ok(());
        }
        let key = event_key();
        let keys = vec![key.public().clone()];
        let entry = KeysEntry {
            origin: ORIGIN.into(),
            index: LogIndex::FIRST,
            recorded_at: LogTime::new(1),
            entry_id: Uuid::from_u128(1),
            keys,
            prev: Hash::ZERO,
        };
        let signed = entry.sign(&key).expect("a keys entry");
        store.commit(system(0, &signed))?;
        self.take(&signed.bytes, signed.leaf);
        Ok(())
    }

    /// The entries of a job, and the batch that commits them.
    pub fn batch(&self, job: &Job, erased: Option<ErasedRef>) -> Batch {
        let key = event_key();
        let mut entries: Vec<NewEntry> = Vec::new();
        let mut streams = self.heads.len();
        for (index, (stream, event_id)) in (self.size..).zip(&job.events) {
            let (ordinal, seq, prev) = match self.streams.get(stream) {
                Some((ordinal, seq, leaf)) => (*ordinal, seq + 1, *leaf),
                None => {
                    streams += 1;
                    (streams - 1, 1, Hash::ZERO)
                }
            };
            let blobs = [blob(*event_id, 0), blob(*event_id, 1)];
            let envelope = EventEnvelope {
                origin: ORIGIN.into(),
                index: LogIndex::new(index),
                recorded_at: LogTime::new(index + 1),
                event_id: *event_id,
                stream: *stream,
                ordinal,
                seq: Seq::new(seq).unwrap(),
                prev,
                payload: sha256(event_id.as_bytes()),
                blobs: blobs.iter().map(|blob| sha256(blob)).collect(),
                erased: erased.into_iter().collect(),
                replaced: Vec::new(),
            };
            let signed = envelope.sign(&key).expect("an event");
            entries.push(NewEntry {
                bytes: signed.bytes,
                leaf: signed.leaf,
                blobs: blobs.map(Into::into).into(),
            });
        }
        let count = u32::try_from(entries.len()).expect("few");
        let commands = vec![CommandRow {
            id: job.command,
            input_mac: [7; 32],
            first: LogIndex::new(self.size),
            count,
        }];
        let leaves: Vec<Hash> = entries.iter().map(|entry| entry.leaf).collect();
        let proof = Some(key.prove_commands(LogIndex::new(self.size), &leaves, &commands));
        Batch {
            first: LogIndex::new(self.size),
            entries,
            commands,
            proof,
        }
    }

    /// Takes in what was committed.
    pub fn committed(&mut self, entries: &[(Vec<u8>, Hash)]) {
        entries
            .iter()
            .for_each(|(bytes, leaf)| self.take(bytes, *leaf));
    }

    /// Ends the log in a heads entry and stores a checkpoint over it.
    pub fn checkpoint(&mut self, store: &dyn LogStore) -> Result<u64, CommitError> {
        if !self.sealed {
            let entry = HeadsEntry {
                origin: ORIGIN.into(),
                index: LogIndex::new(self.size),
                recorded_at: LogTime::new(self.size + 1),
                entry_id: Uuid::from_u64_pair(7, self.size),
                streams: self.heads.len(),
                covers: Size::new(self.size),
                root: self.heads.root(),
                keys: (LogIndex::new(self.keys.0), self.keys.1),
                prev: self.heads_leaf,
                anchors: Vec::new(),
            };
            let signed = entry.sign(&event_key()).expect("a heads entry");
            store.commit(system(self.size, &signed))?;
            self.take(&signed.bytes, signed.leaf);
        }
        let (size, root) = store.root().expect("a store that goes on knows its root");
        assert_eq!(
            (size, root),
            (Size::new(self.size), self.tree.root()),
            "the store and the writer know the same tree"
        );
        let note = Checkpoint {
            origin: ORIGIN.into(),
            size,
            root,
        }
        .sign(&log_key());
        store.put_checkpoint(&StoredCheckpoint { size, note })?;
        Ok(size.get())
    }
}
