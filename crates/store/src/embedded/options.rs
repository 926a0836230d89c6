//! How a log in a directory is opened: whose it is, where its index is kept, and at what pace a
//! failed index is made anew. The directory itself is opened by `log`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use record::signing::PublicKey;

use super::index_home::{DiskHome, VouchKey};
use super::places::{Places, SEGMENT_BYTES_MAX};
use crate::disk::Disk;
use crate::index_store::{IndexHome, MemoryIndexes};

/// Where the index is kept.
#[derive(Clone)]
pub enum IndexKind {
    /// On disk; a later start believes what the key vouches for.
    Disk(VouchKey),
    /// In memory, made anew at every start.
    Memory,
    /// Elsewhere.
    At(Arc<dyn IndexHome>),
}

impl IndexKind {
    pub(super) fn home(&self, disk: &Arc<dyn Disk>, places: &Places) -> Arc<dyn IndexHome> {
        match self {
            Self::Disk(key) => {
                let disk = Arc::clone(disk);
                Arc::new(DiskHome::new(disk, places.clone(), key.clone()))
            }
            Self::Memory => Arc::new(MemoryIndexes),
            Self::At(home) => Arc::clone(home),
        }
    }
}

/// How to open a log.
#[derive(Clone)]
pub struct Options {
    /// Its directory.
    pub dir: PathBuf,
    /// Municipality code, in front of every key.
    pub tenant: [u8; 4],
    /// Where the index is kept.
    pub index: IndexKind,
    /// Keys that may have signed lists of commands, besides those that the log announces itself.
    pub signers: Vec<PublicKey>,
    /// After a failed attempt to make the index anew, the next is made so much later; after each
    /// further one twice as much, up to a minute.
    pub retry: Duration,
    /// A segment of the journal is closed when the next frame would make it longer. An index is kept
    /// as a generation with each segment that is closed.
    pub segment_bytes: u64,
}

impl Options {
    /// The usual pace, and no other signers than those that the log announces.
    #[must_use]
    pub fn new(dir: PathBuf, tenant: [u8; 4], index: IndexKind) -> Self {
        Self {
            dir,
            tenant,
            index,
            signers: Vec::new(),
            retry: Duration::from_secs(1),
            segment_bytes: SEGMENT_BYTES_MAX,
        }
    }
}
