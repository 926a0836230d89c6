//! Everything that a log in memory holds, apart from the handles through which it is written.
//! Whether a write may happen is decided by the handle.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use record::hash::Hash;
use record::merkle::MemoryTree;
use record::outline::{EventOutline, Outline};
use record::positions::{LogIndex, Size};
use uuid::Uuid;

use crate::archive_link::{self, RecordKind};
use crate::backend::view::ArchivedRecord;
use crate::check::{Known, Tail};
use crate::log_store::{
    ArchiveHead, Batch, BatchFault, CommandProof, CommandRow, CommitError, INLINE_BYTES_MAX,
    NewBlob, StoredBlob, StoredCheckpoint, StoredEntry, StreamHead,
};

/// An entry with all its blobs; `None` where one was destroyed.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) bytes: Vec<u8>,
    pub(super) leaf: Hash,
    pub(super) blobs: Vec<Option<Vec<u8>>>,
}

impl Kept {
    pub(super) fn stored(&self, index: LogIndex) -> StoredEntry {
        let blobs = self.blobs.iter().map(|blob| match blob {
            None => StoredBlob::Gone,
            Some(blob) if blob.len() <= INLINE_BYTES_MAX => StoredBlob::Here(blob.clone()),
            Some(_) => StoredBlob::Apart,
        });
        StoredEntry {
            index,
            bytes: self.bytes.clone(),
            leaf: self.leaf,
            blobs: blobs.collect(),
        }
    }
}

/// What one commit wrote besides its entries.
#[derive(Clone)]
pub(super) struct Committed {
    pub(super) first: LogIndex,
    pub(super) count: usize,
    pub(super) commands: Vec<CommandRow>,
    pub(super) proof: Option<CommandProof>,
}

/// Everything that a log holds. It outlives the handles through which it is written.
#[derive(Clone, Default)]
pub(crate) struct State {
    pub(super) entries: Vec<Kept>,
    pub(super) batches: Vec<Committed>,
    pub(super) staged: BTreeMap<Hash, Vec<u8>>,
    pub(super) tree: MemoryTree,
    pub(super) heads: Vec<StreamHead>,
    pub(super) streams: BTreeMap<Uuid, (usize, Vec<LogIndex>)>,
    pub(super) events: BTreeMap<Uuid, LogIndex>,
    pub(super) commands: BTreeMap<Uuid, CommandRow>,
    pub(super) erasing: BTreeSet<LogIndex>,
    pub(super) checkpoint: Option<StoredCheckpoint>,
    /// The first and the latest note of each archived size.
    pub(super) archived: BTreeMap<Size, (String, String)>,
    /// The records of the archive, with how far it had come behind each.
    pub(super) records: Vec<(ArchiveHead, ArchivedRecord)>,
    pub(super) tokens: BTreeMap<Size, Vec<Vec<u8>>>,
}

impl State {
    pub(super) fn at(&self, index: LogIndex) -> Option<&Kept> {
        self.entries.get(index.offset()?)
    }

    /// Takes a record of the archive into its chain.
    pub(super) fn link(&mut self, kind: RecordKind, size: Size, body: &[u8]) {
        let head = archive_link::after(&self.archive_head(), kind, size, body);
        let record = ArchivedRecord {
            kind,
            size,
            body: body.to_vec(),
            link: Some(head.link),
        };
        self.records.push((head, record));
    }

    pub(super) fn archive_head(&self) -> ArchiveHead {
        self.records
            .last()
            .map_or_else(ArchiveHead::default, |(head, _)| *head)
    }

    /// The latest note of the largest size, where it is not kept for good yet.
    pub(super) fn latest(&self) -> Option<StoredCheckpoint> {
        let (size, (first, latest)) = self.archived.last_key_value()?;
        (first != latest).then(|| StoredCheckpoint {
            size: *size,
            note: latest.clone(),
        })
    }

    /// What knows most entries besides the log itself: its name, and how many it knows.
    pub(crate) fn known(&self) -> Option<(&'static str, Size)> {
        let archived = self.archived.last_key_value().map(|(size, _)| *size);
        let stamped = self.tokens.last_key_value().map(|(size, _)| *size);
        let checkpoint = self.checkpoint.as_ref().map(|stored| stored.size);
        [
            ("archive", archived.max(stamped)),
            ("checkpoint", checkpoint),
        ]
        .into_iter()
        .filter_map(|(name, known)| Some((name, known?)))
        .max_by_key(|(_, known)| *known)
    }

    /// The same if it knows more than there is, and how many entries there are.
    pub(crate) fn rolled_back(&self) -> Option<(&'static str, Size, Size)> {
        let (name, known) = self.known()?;
        (known > self.size()).then(|| (name, known, self.size()))
    }

    /// Whether this is the root of the tree over all entries.
    pub(super) fn has_root(&self, root: &Hash) -> bool {
        record::proof::root_at(&self.tree, self.size()).is_ok_and(|own| own == *root)
    }

    /// Stores what a repair will lead to, unless more is known already.
    pub(crate) fn announce(&mut self, announced: &StoredCheckpoint) {
        let known = self.checkpoint.as_ref();
        if known.is_none_or(|known| known.size < announced.size) {
            self.checkpoint = Some(announced.clone());
        }
    }

    /// Destroys the blobs that belong to no entry.
    pub(crate) fn sweep(&mut self) {
        self.staged.clear();
    }

    pub(super) fn stored(&self, index: LogIndex) -> Option<StoredEntry> {
        self.at(index).map(|kept| kept.stored(index))
    }

    /// Whether every staged blob of a batch is there.
    pub(super) fn check_staged(&self, batch: &Batch) -> Result<(), CommitError> {
        for (index, entry) in batch.first.and_behind().zip(&batch.entries) {
            let missing = |blob: &NewBlob| matches!(blob, NewBlob::Staged(hash) if !self.staged.contains_key(hash));
            if entry.blobs.iter().any(missing) {
                return Err(CommitError::NotWritten(Box::new(BatchFault::NotStaged {
                    index,
                })));
            }
        }
        Ok(())
    }

    pub(super) fn add(&mut self, batch: Batch, outlines: &[Outline]) {
        self.batches.push(Committed {
            first: batch.first,
            count: batch.entries.len(),
            commands: batch.commands.clone(),
            proof: batch.proof,
        });
        for (entry, outline) in batch.entries.into_iter().zip(outlines) {
            let index = Size::of(self.entries.len()).next_index();
            if let Outline::Event(EventOutline {
                stream,
                ordinal,
                seq,
                event_id,
                erases,
                ..
            }) = *outline
            {
                let head = StreamHead {
                    stream,
                    ordinal,
                    seq,
                    index,
                    leaf: entry.leaf,
                };
                let place = self
                    .streams
                    .entry(stream)
                    .or_insert((self.heads.len(), Vec::new()));
                place.1.push(index);
                match self.heads.get_mut(place.0) {
                    Some(old) => *old = head,
                    None => self.heads.push(head),
                }
                self.events.insert(event_id, index);
                if erases {
                    self.erasing.insert(index);
                }
            }
            self.tree.push(entry.leaf);
            let blobs = entry.blobs.into_iter().map(|blob| match blob {
                NewBlob::Bytes(bytes) => Some(bytes),
                NewBlob::Staged(hash) => self.staged.remove(&hash),
            });
            self.entries.push(Kept {
                bytes: entry.bytes,
                leaf: entry.leaf,
                blobs: blobs.collect(),
            });
        }
        self.commands.extend(
            batch
                .commands
                .into_iter()
                .map(|command| (command.id, command)),
        );
    }
}

impl Known for State {
    type Error = Infallible;

    fn size(&self) -> Size {
        Size::of(self.entries.len())
    }

    fn stream_count(&self) -> u64 {
        self.heads.len() as u64
    }

    fn tail(&self, stream: Uuid) -> Result<Option<Tail>, Infallible> {
        let head = self
            .streams
            .get(&stream)
            .and_then(|(place, _)| self.heads.get(*place));
        Ok(head.map(|head| Tail {
            ordinal: head.ordinal,
            seq: head.seq,
        }))
    }

    fn has_event(&self, event_id: Uuid) -> Result<bool, Infallible> {
        Ok(self.events.contains_key(&event_id))
    }

    fn has_command(&self, id: Uuid) -> Result<bool, Infallible> {
        Ok(self.commands.contains_key(&id))
    }
}
