//! Makes logs with the writer's own code, for the tests of what is kept.

use std::collections::BTreeMap;

use record::checkpoint::Checkpoint;
use record::entry::{ErasedRef, EventEnvelope, HeadsEntry, KeysEntry, ReplacedRef};
use record::hash::{Hash, sha256};
use record::heads::{Head, HeadsTree};
use record::merkle::{MemoryTree, leaf_hash};
use record::positions::{LogIndex, LogTime, Seq, Size};
use record::proof::{consistency_proof, root_at};
use record::signing::{EventKey, LogKey as SigningLogKey};
use record::tiles::{Content, Tile, add_entry, blob_path, hash_tile};
use record::tlog_proof::hash_lines;

/// When everything is recorded, and what the clock of the witness says.
pub(crate) const NOW: u64 = 1_795_606_500;
pub(crate) const ORIGIN: &str = "log.example.invalid/0999/sag";

pub(crate) fn log_key() -> SigningLogKey {
    SigningLogKey::new(ORIGIN, &[1; 32])
}

fn event_key() -> EventKey {
    EventKey::from_seed(&[2; 32])
}

/// A log as its operator writes it.
pub(crate) struct Log {
    /// The time that entries state.
    pub(crate) now: u64,
    entries: Vec<Vec<u8>>,
    tree: MemoryTree,
    pub(crate) blobs: BTreeMap<String, Vec<u8>>,
    pub(crate) heads: HeadsTree,
    pub(crate) streams: BTreeMap<u64, (u64, Hash)>,
    newest_heads: Option<Hash>,
}

impl Default for Log {
    fn default() -> Self {
        let (blobs, streams) = (BTreeMap::new(), BTreeMap::new());
        Self {
            now: NOW,
            entries: Vec::new(),
            tree: MemoryTree::new(),
            blobs,
            heads: HeadsTree::new(),
            streams,
            newest_heads: None,
        }
    }
}

impl Log {
    pub(crate) fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    fn id(&self) -> uuid::Uuid {
        uuid::Builder::from_custom_bytes(
            *sha256(&self.size().to_be_bytes())
                .as_bytes()
                .first_chunk()
                .unwrap(),
        )
        .into_uuid()
    }

    fn push(&mut self, bytes: Vec<u8>) -> Hash {
        let leaf = leaf_hash(&bytes);
        self.tree.push(leaf);
        self.entries.push(bytes);
        leaf
    }

    pub(crate) fn keys(&mut self) {
        let keys = vec![event_key().public().clone()];
        let entry = KeysEntry {
            origin: ORIGIN.into(),
            index: LogIndex::FIRST,
            recorded_at: LogTime::new(self.now),
            entry_id: self.id(),
            keys,
            prev: Hash::ZERO,
        };
        self.push(entry.sign(&event_key()).unwrap().bytes);
    }

    /// An event of a stream with two ciphertexts. Streams are numbered as they appear.
    pub(crate) fn event(
        &mut self,
        stream: u64,
        erased: &[(u64, u16)],
        replaced: &[(u64, u16, &[u8])],
    ) -> u64 {
        let index = self.size();
        let texts = [format!("first of {index}"), format!("second of {index}")];
        let blobs: Vec<Hash> = texts.iter().map(|text| sha256(text.as_bytes())).collect();
        for (part, text) in texts.iter().enumerate() {
            self.blobs.insert(
                blob_path(LogIndex::new(index), part),
                text.clone().into_bytes(),
            );
        }
        let (seq, prev) = self
            .streams
            .get(&stream)
            .map_or((1, Hash::ZERO), |(seq, leaf)| (seq + 1, *leaf));
        let whole = erased.iter().map(|(seq, part)| ErasedRef {
            seq: Seq::new(*seq).unwrap(),
            part: *part,
            digest: None,
        });
        let values = replaced.iter().map(|(seq, part, _)| ErasedRef {
            seq: Seq::new(*seq).unwrap(),
            part: *part,
            digest: Some(Hash::new([9; 32])),
        });
        let envelope = EventEnvelope {
            origin: ORIGIN.into(),
            index: LogIndex::new(index),
            recorded_at: LogTime::new(self.now),
            event_id: self.id(),
            stream: uuid::Uuid::from_u128(0x4000_8000_0000_0000_0000 + u128::from(stream)),
            ordinal: stream,
            seq: Seq::new(seq).unwrap(),
            prev,
            payload: sha256(b"payload"),
            blobs,
            erased: whole.chain(values).collect(),
            replaced: replaced
                .iter()
                .map(|(seq, part, blob)| ReplacedRef {
                    seq: Seq::new(*seq).unwrap(),
                    part: *part,
                    blob: sha256(blob),
                })
                .collect(),
        };
        let stream_id = envelope.stream;
        let leaf = self.push(envelope.sign(&event_key()).unwrap().bytes);
        self.streams.insert(stream, (seq, leaf));
        self.heads
            .set(
                stream,
                &Head {
                    stream: stream_id,
                    seq: Seq::new(seq).unwrap(),
                    index: LogIndex::new(index),
                    leaf,
                },
            )
            .unwrap();
        index
    }

    pub(crate) fn seal(&mut self) -> u64 {
        let entry = HeadsEntry {
            origin: ORIGIN.into(),
            index: LogIndex::new(self.size()),
            recorded_at: LogTime::new(self.now),
            entry_id: self.id(),
            streams: self.heads.len(),
            covers: Size::new(self.size()),
            root: self.heads.root(),
            keys: (LogIndex::FIRST, leaf_hash(&self.entries[0])),
            prev: self.newest_heads.unwrap_or(Hash::ZERO),
            anchors: Vec::new(),
        };
        let leaf = self.push(entry.sign(&event_key()).unwrap().bytes);
        self.newest_heads = Some(leaf);
        self.size()
    }

    /// The newest checkpoint, not signed.
    pub(crate) fn checkpoint(&self) -> Checkpoint {
        self.checkpoint_of(self.size())
    }

    fn checkpoint_of(&self, size: u64) -> Checkpoint {
        Checkpoint {
            origin: ORIGIN.into(),
            size: Size::new(size),
            root: root_at(&self.tree, Size::new(size)).unwrap(),
        }
    }

    fn note(&self, size: u64) -> String {
        self.checkpoint_of(size).sign(&log_key())
    }

    pub(crate) fn request(&self, old: u64, size: u64) -> String {
        let proof = if old == 0 || old == size {
            Vec::new()
        } else {
            consistency_proof(&self.tree, Size::new(old), Size::new(size)).unwrap()
        };
        format!("old {old}\n{}\n{}", hash_lines(&proof), self.note(size))
    }

    pub(crate) fn file(&self, path: &str) -> Option<Vec<u8>> {
        let Some(tile) = Tile::parse(path) else {
            return self.blobs.get(path).cloned();
        };
        if !tile.is_within(Size::new(self.size())) {
            return None;
        }
        if let Content::Hashes(level) = tile.content {
            return Some(hash_tile(&self.tree, level, tile.index, tile.width).unwrap());
        }
        let (first, mut bundle) = (usize::try_from(tile.first()).unwrap(), Vec::new());
        self.entries[first..first + usize::from(tile.width)]
            .iter()
            .for_each(|entry| add_entry(&mut bundle, entry).unwrap());
        Some(bundle)
    }

    /// The same log once more, up to a size that is its own.
    pub(crate) fn rebuilt(log: &Self, size: u64) -> Self {
        let mut again = Self {
            heads: log.heads.clone(),
            streams: log.streams.clone(),
            ..Self::default()
        };
        for entry in log.entries.iter().take(usize::try_from(size).unwrap()) {
            again.push(entry.clone());
        }
        (again.blobs, again.newest_heads) = (log.blobs.clone(), log.newest_heads);
        again
    }
}
