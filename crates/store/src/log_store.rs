//! The contract of a log store: what it is given, what it answers, and why it refuses. The promises
//! stand at the four traits that keep them.
//!
//! It says nothing about files or databases; nothing above this crate may assume either.

pub mod archive;
pub mod blobs;
pub mod reader;
pub mod writer;

pub use record::commands::{CommandLine as CommandRow, CommandProof};
use record::hash::Hash;
use record::positions::{LogIndex, Seq, Size};
use uuid::Uuid;

use self::archive::CheckpointArchive;
use self::blobs::Blobs;
use self::reader::LogReader;
use self::writer::LogWriter;

/// A cause that a store passes on without interpreting it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The most events that one batch may hold.
pub const EVENT_COUNT_MAX: usize = 1_024;
/// The most entries without a stream (keys and heads entries) that one batch may hold.
pub const SYSTEM_ENTRY_COUNT_MAX: usize = 16;
/// The most bytes of entries and blobs in one batch, unless it holds a single entry.
pub const BATCH_BYTES_MAX: usize = 8 * 1_024 * 1_024;
/// The most bytes of one entry: tile bundles count them in 16 bits.
pub const ENTRY_BYTES_MAX: usize = 65_535;
/// The most blobs of one entry.
pub const BLOB_COUNT_MAX: usize = 64;
/// A longer blob is not read with its entry, see [`Blobs::blob`]. Short texts lie below it,
/// chunks of documents above.
pub const INLINE_BYTES_MAX: usize = 64 * 1_024;

/// The most bytes of an archived note or token.
pub const ARCHIVED_BYTES_MAX: usize = 512 * 1_024;
/// The most tokens that are answered at once.
pub const TOKEN_COUNT_MAX: usize = 1_000;

/// How far an archive has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveHead {
    /// How many records it has.
    pub count: u64,
    /// The link behind the last of them, which is made from every record: see
    /// [`crate::archive_link::after`]. Zero when there is none.
    pub link: Hash,
}

impl Default for ArchiveHead {
    fn default() -> Self {
        Self {
            count: 0,
            link: Hash::ZERO,
        }
    }
}

/// A blob that asks to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewBlob {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// The hash of one that [`Blobs::stage`] has written already.
    Staged(Hash),
}

impl NewBlob {
    /// Bytes that it holds in memory.
    #[must_use]
    pub const fn held(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Staged(_) => 0,
        }
    }
}

impl From<Vec<u8>> for NewBlob {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

/// An entry that asks to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// The signed entry, exactly as it is hashed.
    pub bytes: Vec<u8>,
    /// The leaf hash of `bytes` (RFC 6962 section 2.1).
    pub leaf: Hash,
    /// The blobs of the entry in the order of its `ct` claim.
    pub blobs: Vec<NewBlob>,
}

/// What one commit writes: all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The log index of the first entry, which is the expected size of the log.
    pub first: LogIndex,
    /// The entries in log order.
    pub entries: Vec<NewEntry>,
    /// The commands that these entries carry out.
    pub commands: Vec<CommandRow>,
    /// The signature under the commands; a batch of events needs it even if it carries out no
    /// command.
    pub proof: Option<CommandProof>,
}

/// An entry as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// The zero-based log index.
    pub index: LogIndex,
    /// The signed entry, byte for byte as it was given.
    pub bytes: Vec<u8>,
    /// The leaf hash of `bytes`, computed again when it was read.
    pub leaf: Hash,
    /// The blobs in the order of the `ct` claim.
    pub blobs: Vec<StoredBlob>,
}

/// A blob of an entry that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredBlob {
    /// Its bytes, exactly as they were given.
    Here(Vec<u8>),
    /// Longer than [`INLINE_BYTES_MAX`]: [`Blobs::blob`] reads it.
    Apart,
    /// It was destroyed.
    Gone,
}

/// The newest entry of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamHead {
    /// The stream.
    pub stream: Uuid,
    /// How many distinct streams appeared in the log before this one.
    pub ordinal: u64,
    /// The sequence of the newest entry, 1-based.
    pub seq: Seq,
    /// The log index of the newest entry.
    pub index: LogIndex,
    /// The leaf hash of the newest entry.
    pub leaf: Hash,
}

/// A signed checkpoint as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// How many entries the checkpoint commits to.
    pub size: Size,
    /// The signed note.
    pub note: String,
}

/// A time stamp token as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredToken {
    /// The size of the checkpoint that it stamps.
    pub size: Size,
    /// The response of the time stamping authority (RFC 3161), byte for byte.
    pub bytes: Vec<u8>,
}

/// A blob to be replaced or destroyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobChange {
    /// The log index of the entry that the blob belongs to.
    pub index: LogIndex,
    /// The position of the blob in the `ct` claim of the entry.
    pub part: u16,
    /// The new blob; `None` destroys the old one for good.
    pub blob: Option<Vec<u8>>,
}

/// A batch that no store may accept, whatever the log holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchFault {
    /// A commit of nothing has no meaning.
    #[error("batch holds no entry")]
    Empty,
    /// See [`EVENT_COUNT_MAX`] and [`SYSTEM_ENTRY_COUNT_MAX`].
    #[error("batch holds too many entries")]
    TooManyEntries,
    /// See [`BATCH_BYTES_MAX`].
    #[error("batch holds {bytes} bytes")]
    TooManyBytes {
        /// The bytes of entries and blobs.
        bytes: usize,
    },
    /// See [`ENTRY_BYTES_MAX`].
    #[error("entry {index} is longer than 65,535 bytes")]
    EntryTooLong {
        /// The log index of the entry.
        index: LogIndex,
    },
    /// See [`BLOB_COUNT_MAX`].
    #[error("entry {index} has too many blobs")]
    TooManyBlobs {
        /// The log index of the entry.
        index: LogIndex,
    },
    /// A blob was never staged, was given up, or belongs to another entry already.
    #[error("a blob of entry {index} is not staged")]
    NotStaged {
        /// The log index of the entry.
        index: LogIndex,
    },
    /// The leaf hash does not belong to the bytes.
    #[error("leaf hash of entry {index} does not match its bytes")]
    WrongLeaf {
        /// The log index of the entry.
        index: LogIndex,
    },
    /// The entry does not say where it belongs, or says another place in the log.
    #[error("entry {index} does not say that it belongs there")]
    WrongPlace {
        /// The log index of the entry.
        index: LogIndex,
    },
    /// Nothing is signed under the commands of a batch of events.
    #[error("the commands of the batch are not signed")]
    Unproven,
    /// The ordinal is not the one that the stream has or would get.
    #[error("ordinal of entry {index} is not the one of its stream")]
    WrongOrdinal {
        /// The log index of the entry.
        index: LogIndex,
    },
    /// A command row names entries outside its own batch.
    #[error("command {id} names entries outside its batch")]
    CommandOutsideBatch {
        /// The command.
        id: Uuid,
    },
}

/// Why a store takes no writes at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnusableReason {
    /// It was shut down.
    #[error("store is closed")]
    Closed,
    /// The outcome of an earlier write is unknown.
    #[error("an earlier write has an unknown outcome; open the store again")]
    Poisoned,
    /// What it holds in memory and what lies on the medium are no longer one log.
    #[error("the store contradicts itself; open it again, which reads what is really there")]
    Contradiction,
    /// Another process may write to the same files: its lock is gone, or they have grown by
    /// themselves.
    #[error("the lock of the store is lost: another process may be writing to it")]
    LockLost,
    /// The medium takes no writes, for example because it is full; it was opened for reading.
    #[error("the medium takes no writes, so the store was opened for reading only")]
    ReadOnly,
    /// A change names a blob that does not exist.
    #[error("there is no such blob")]
    NoBlob,
    /// See [`ARCHIVED_BYTES_MAX`].
    #[error("what is to be archived is empty or too long")]
    NotArchivable,
}

impl UnusableReason {
    /// Whether the store takes nothing more until it is opened again. The others refuse one
    /// request.
    #[must_use]
    pub const fn stops(self) -> bool {
        match self {
            Self::Closed
            | Self::Poisoned
            | Self::Contradiction
            | Self::LockLost
            | Self::ReadOnly => true,
            Self::NoBlob | Self::NotArchivable => false,
        }
    }
}

/// How a store stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreHealth {
    /// Why it takes no writes; `None` while it does.
    pub unusable: Option<UnusableReason>,
    /// Why look-ups by id fail; `None` while they are answered.
    pub index: Option<String>,
}

/// Why a write was refused or failed.
///
/// Every variant but [`CommitError::Unknown`] promises that nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The log has another size; nothing was written.
    #[error("log holds {actual} entries, caller expected {expected}")]
    SizeConflict {
        /// The size that the caller named.
        expected: Size,
        /// The size of the log.
        actual: Size,
    },
    /// An entry does not continue its stream; nothing was written.
    #[error("next sequence of stream {stream} is {actual}, caller expected {expected}")]
    SequenceConflict {
        /// The stream.
        stream: Uuid,
        /// The sequence that the caller gave the entry.
        expected: Seq,
        /// The sequence that the next entry of the stream must have.
        actual: Seq,
    },
    /// Another entry has this event id; nothing was written.
    #[error("event id {event_id} is used")]
    EventIdUsed {
        /// The event id.
        event_id: Uuid,
    },
    /// Another command has this id; nothing was written.
    #[error("command id {id} is used")]
    CommandIdUsed {
        /// The command id.
        id: Uuid,
    },
    /// The write was refused or undone; nothing was written.
    #[error("store refused the write, nothing was written")]
    NotWritten(#[source] BoxError),
    /// The write may or may not be found when the store is opened again. The store accepts no
    /// further write until then.
    #[error("outcome of the write is unknown")]
    Unknown(#[source] BoxError),
}

/// Why a read gave no answer. A store never answers wrongly instead.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// What was read is not what was written.
    #[error("{file} is damaged at byte {offset}: {what}")]
    Corrupt {
        /// The file or table.
        file: String,
        /// Where in the file the damaged unit begins.
        offset: u64,
        /// What does not hold.
        what: &'static str,
    },
    /// The node is not a complete subtree of the log.
    #[error("node {place} of level {level} is not complete")]
    NodeBeyondLog {
        /// The level; leaves are level 0.
        level: u8,
        /// The position in the level.
        place: u64,
    },
    /// The medium did not answer.
    #[error("store could not be read")]
    Failed(#[source] BoxError),
}

/// An append-only log of entries with their blobs, and what is needed to continue it.
///
/// Each of the four traits states its own promises. Every type that keeps all four is a log store.
pub trait LogStore: LogReader + LogWriter + Blobs + CheckpointArchive {}

impl<T: LogReader + LogWriter + Blobs + CheckpointArchive + ?Sized> LogStore for T {}
