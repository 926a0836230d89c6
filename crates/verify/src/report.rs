//! What an audit is told beforehand, and what it answers when nothing is wrong.

use std::collections::BTreeMap;

use crate::entry::Anchor;
use crate::position::{LogIndex, Seq, Size};

/// A size and a root of the log that are known from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Entries.
    pub size: Size,
    /// Their root.
    pub root: [u8; 32],
    /// Who knows them, for a reader.
    pub by: String,
}

/// What the auditor trusts beforehand.
#[derive(Debug, Clone)]
pub struct Trust {
    /// Name of the log.
    pub origin: String,
    /// The log's verifier key: `name+id+key`.
    pub log_key: String,
    /// The verifier key of the signature that outlasts quantum computers, where it is known:
    /// checkpoints must bear that signature too then.
    pub post_quantum_key: Option<String>,
    /// What is known from elsewhere.
    pub pins: Vec<Pin>,
}

/// How much is checked, and with how many threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checks {
    /// The signature of every entry, one by one, strictly. Off only to measure the rest; the report
    /// says so then.
    pub signatures: bool,
    /// Ciphertexts against what entries commit to. Off where the source has none.
    pub blobs: bool,
    /// Threads, this one included.
    pub threads: usize,
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            signatures: true,
            blobs: true,
            threads: 1,
        }
    }
}

/// A gap that a lawful erasure explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// Stream, as 32 hexadecimal digits.
    pub stream: String,
    /// Sequence of the event in it.
    pub seq: Seq,
    /// Part of the event; 0 is the stream's own.
    pub part: u64,
    /// How many values were taken out; none when the whole part is gone.
    pub values: Option<u64>,
    /// Log index of the entry that erased it.
    pub erased_by: LogIndex,
}

/// What an audit found when nothing is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Entries of the log.
    pub entries: Size,
    /// Entries among them that an earlier audit had checked, from whose state this one went on.
    pub before: Size,
    /// Events among them.
    pub events: u64,
    /// Streams.
    pub streams: u64,
    /// Ciphertexts compared with what commits to them.
    pub blobs: u64,
    /// Bytes hashed.
    pub bytes: u64,
    /// Lawful gaps.
    pub holes: Vec<Hole>,
    /// Size of the checkpoint.
    pub checkpoint_size: Size,
    /// Its root, hexadecimal.
    pub root: String,
    /// Entries behind the checkpoint: each checked, none vouched for yet.
    pub tail: u64,
    /// What the newest heads entries say of other logs, and of the archive.
    pub anchors: Vec<Anchor>,
    /// Roots at the sizes that were asked for.
    pub roots: BTreeMap<Size, [u8; 32]>,
    /// What else a reader should know.
    pub notes: Vec<String>,
}
