//! The index: where things lie in the journal. Everything in it can be made again from there.
//!
//! Only single keys are looked up, so that what is not yet written to disk can lie in front of
//! what is. Every key begins with the municipality code.

use std::sync::Arc;

use record::hash::Hash;
use record::positions::{LogIndex, Seq};
use uuid::Uuid;

use crate::index_store::{IndexError, IndexRow, IndexRows, Made, MakeExtent, MemoryRows};

/// Four digits in front of every key.
pub(crate) type Tenant = [u8; 4];

/// An index, by the number that its home knows it by.
pub(crate) struct Index {
    tenant: Tenant,
    pub(crate) number: u64,
    rows: Arc<dyn IndexRows>,
}

/// Where an entry lies, and its leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EntryPlace {
    pub(crate) segment: u32,
    pub(crate) offset: u64,
    pub(crate) len: u32,
    pub(crate) leaf: Hash,
}

/// The newest entry of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HeadRow {
    pub(crate) ordinal: u64,
    pub(crate) seq: Seq,
    pub(crate) index: LogIndex,
    pub(crate) leaf: Hash,
}

pub(crate) enum Key {
    /// A page of places.
    Entry(u64),
    /// A stream by its ordinal, with its newest entry.
    Head(u64),
    /// The ordinal of a stream.
    Stream(Uuid),
    /// A page of log indexes.
    Sequence(Uuid, u64),
    Event(Uuid),
    Command(Uuid),
    Erasing(u64),
    Node(u8, u64),
}

impl Key {
    /// The key as it stands in front of its row.
    pub(crate) fn bytes(&self, tenant: Tenant) -> Vec<u8> {
        let mut bytes = tenant.to_vec();
        let mut add = |kind: u8, fields: &[&[u8]]| {
            bytes.push(kind);
            fields
                .iter()
                .for_each(|field| bytes.extend_from_slice(field));
        };
        match self {
            Self::Entry(index) => add(b'e', &[&index.to_be_bytes()]),
            Self::Head(ordinal) => add(b'h', &[&ordinal.to_be_bytes()]),
            Self::Stream(stream) => add(b'u', &[stream.as_bytes()]),
            Self::Sequence(stream, seq) => add(b's', &[stream.as_bytes(), &seq.to_be_bytes()]),
            Self::Event(id) => add(b'i', &[id.as_bytes()]),
            Self::Command(id) => add(b'c', &[id.as_bytes()]),
            Self::Erasing(number) => add(b'r', &[&number.to_be_bytes()]),
            Self::Node(level, index) => add(b'n', &[&[*level], &index.to_be_bytes()]),
        }
        bytes
    }
}

impl Index {
    pub(crate) fn new(tenant: Tenant, made: Made) -> Self {
        Self {
            tenant,
            number: made.number,
            rows: Arc::from(made.rows),
        }
    }

    /// An index in memory that belongs to nobody's home.
    pub(crate) fn memory(tenant: Tenant) -> Self {
        Self {
            tenant,
            number: 0,
            rows: Arc::<MemoryRows>::default(),
        }
    }

    pub(crate) fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, IndexError> {
        self.rows.get(&key.bytes(self.tenant))
    }

    /// The value of a key that [`Key::bytes`] has made.
    pub(crate) fn value(&self, key: &[u8]) -> Result<Option<Vec<u8>>, IndexError> {
        self.rows.get(key)
    }

    /// How many rows there are, of any municipality.
    pub(crate) fn count(&self) -> Result<u64, IndexError> {
        self.rows.count()
    }

    /// The rows, for waiting until they have room.
    pub(crate) fn room(&self) -> Arc<dyn IndexRows> {
        Arc::clone(&self.rows)
    }

    pub(crate) fn put(&self, rows: Vec<IndexRow>) -> Result<(), IndexError> {
        self.rows.put(rows)
    }

    /// Lets everything that was put so far become a generation.
    pub(crate) fn seal(&self, reflects: MakeExtent) -> Result<(), IndexError> {
        self.rows.seal(reflects)
    }

    /// Writes out what was sealed, and closes.
    pub(crate) fn close(&self) -> Result<(), IndexError> {
        self.rows.close()
    }

    pub(crate) fn position(&self, key: &Key) -> Result<Option<LogIndex>, IndexError> {
        self.read(key, |bytes| {
            bytes.try_into().ok().map(LogIndex::from_be_bytes)
        })
    }

    /// The ordinal of a stream.
    pub(crate) fn ordinal(&self, stream: Uuid) -> Result<Option<u64>, IndexError> {
        self.read(&Key::Stream(stream), |bytes| {
            bytes.try_into().ok().map(u64::from_be_bytes)
        })
    }

    pub(crate) fn hash(&self, key: &Key) -> Result<Option<Hash>, IndexError> {
        self.read(key, |bytes| bytes.try_into().ok().map(Hash::new))
    }

    pub(crate) fn read<T>(
        &self,
        key: &Key,
        decode: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, IndexError> {
        match self.get(key)? {
            None => Ok(None),
            Some(bytes) => decode(&bytes)
                .map(Some)
                .ok_or_else(|| IndexError("a row is malformed".to_owned())),
        }
    }
}

impl EntryPlace {
    const BYTES: usize = 48;

    pub(crate) fn decode_all(bytes: &[u8]) -> Option<Vec<Self>> {
        Self::decode_run(bytes, 0, usize::MAX)
    }

    /// So many places of a page, without reading the others; fewer where the page ends before.
    pub(crate) fn decode_run(bytes: &[u8], slot: u64, count: usize) -> Option<Vec<Self>> {
        let (places, rest) = bytes.as_chunks::<{ Self::BYTES }>();
        let slot = usize::try_from(slot).unwrap_or(usize::MAX);
        let run = places.iter().skip(slot).take(count);
        let run = run.map(|place| Self::decode(place)).collect();
        if rest.is_empty() { run } else { None }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = self.segment.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.offset.to_be_bytes());
        bytes.extend_from_slice(&self.len.to_be_bytes());
        bytes.extend_from_slice(self.leaf.as_bytes());
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (segment, rest) = bytes.split_first_chunk::<4>()?;
        let (offset, rest) = rest.split_first_chunk::<8>()?;
        let (len, leaf) = rest.split_first_chunk::<4>()?;
        Some(Self {
            segment: u32::from_be_bytes(*segment),
            offset: u64::from_be_bytes(*offset),
            len: u32::from_be_bytes(*len),
            leaf: Hash::new(leaf.try_into().ok()?),
        })
    }
}

impl HeadRow {
    pub(crate) const BYTES: usize = 56;

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = self.ordinal.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.seq.to_be_bytes());
        bytes.extend_from_slice(&self.index.to_be_bytes());
        bytes.extend_from_slice(self.leaf.as_bytes());
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (ordinal, rest) = bytes.split_first_chunk::<8>()?;
        let (seq, rest) = rest.split_first_chunk::<8>()?;
        let (index, leaf) = rest.split_first_chunk::<8>()?;
        Some(Self {
            ordinal: u64::from_be_bytes(*ordinal),
            seq: Seq::from_be_bytes(*seq)?,
            index: LogIndex::from_be_bytes(*index),
            leaf: Hash::new(leaf.try_into().ok()?),
        })
    }
}
