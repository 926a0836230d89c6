//! Evidence for outsiders: one stream as a bag that proves itself (`schema/record.md`).
//!
//! Everything in a bag is proven against one checkpoint, the newest that witnesses have cosigned.
//! Values that are withheld are left out one by one, each with its section and reason. Erased values
//! are absent; the erasure entry that proves it is included.

pub(crate) mod bag;
mod gather;
pub(crate) mod kept_heads;
pub(crate) mod shared_proofs;
mod snapshot;

use std::collections::BTreeMap;
use std::io::{Seek, Write};
use std::time::Duration;

use events::ids::{EventId, StreamId};
use record::bundle::{Description, path};
use record::checkpoint::CheckpointError;
use record::hash::Hash;
use record::positions::Size;

use crate::access::rights::Forbidden;
use crate::app::App;
use crate::error::{BoxError, ReadError, RecordError};
use crate::wanted::Wanted;
pub use snapshot::Snapshot;

/// A bundle cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The viewer may not take this out.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// There is no such stream.
    #[error("there is no stream {0}")]
    NoStream(StreamId),
    /// The access log holds nothing about the case.
    #[error("nobody's look at the case {0} stands in the access log")]
    NobodyLooked(StreamId),
    /// A value that is to be withheld is not in the stream.
    #[error("{digest} of event {event} cannot be withheld: the stream holds no such value")]
    NothingWithheld {
        /// The event.
        event: EventId,
        /// The digest.
        digest: Hash,
    },
    /// Witnesses are appointed and have not cosigned in time.
    #[error("the witnesses have not cosigned size {size} within {waited:?}")]
    NotWitnessed {
        /// Size of the log that waits for them.
        size: Size,
        /// How long was waited.
        waited: Duration,
    },
    /// A size that the reader knows is larger than the log.
    #[error("the log holds {size} entries at its checkpoint, not {pinned}")]
    Pinned {
        /// What the reader knows.
        pinned: Size,
        /// Size of the checkpoint.
        size: Size,
    },
    /// The stored checkpoint is not one.
    #[error("a stored checkpoint cannot be read")]
    Checkpoint(#[from] CheckpointError),
    /// The stored checkpoint is not a signed note.
    #[error("a stored checkpoint cannot be read")]
    Note(#[from] record::note::NoteError),
    /// The record could not be read.
    #[error("the record could not be read")]
    Read(#[from] ReadError),
    /// No checkpoint could be made.
    #[error("no checkpoint could be made")]
    Record(#[from] RecordError),
    /// The file could not be written.
    #[error("the bundle could not be written")]
    Write(#[source] BoxError),
}

impl From<store::log_store::ReadError> for BundleError {
    fn from(error: store::log_store::ReadError) -> Self {
        Self::Read(error.into())
    }
}

impl From<std::io::Error> for BundleError {
    fn from(error: std::io::Error) -> Self {
        Self::Write(error.into())
    }
}

/// What is withheld of a stream: disclosures by their digest, each with section and reason. The
/// digest of an event's payload stands for the whole event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Withheld(BTreeMap<EventId, BTreeMap<Hash, String>>);

impl Withheld {
    /// Withholds one disclosure.
    pub fn add(&mut self, event: EventId, digest: Hash, reason: String) {
        self.0.entry(event).or_default().insert(digest, reason);
    }

    fn of(&self, event: EventId) -> Option<&BTreeMap<Hash, String>> {
        self.0.get(&event)
    }

    /// Why a disclosure is withheld; none when it is not.
    #[must_use]
    pub fn reason(&self, event: EventId, digest: &Hash) -> Option<&str> {
        self.of(event)?.get(digest).map(String::as_str)
    }

    /// Number of disclosures.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    /// Whether nothing is withheld.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a bundle is to hold.
#[derive(Debug, Clone, Copy)]
pub struct BundleOrder<'a> {
    /// The stream.
    pub stream: StreamId,
    /// What is withheld of it.
    pub withheld: &'a Withheld,
    /// Whether the documents go along.
    pub documents: bool,
    /// Sizes that the reader knows from elsewhere and wants proven to be a beginning of this log.
    pub pinned: &'a [Size],
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleReport {
    /// Events in it.
    pub events: u64,
    /// Values and documents that were withheld.
    pub withheld: usize,
    /// Documents in it.
    pub documents: usize,
    /// Entries that the checkpoint covers.
    pub size: Size,
    /// Whether witnesses have cosigned the checkpoint.
    pub witnessed: bool,
}

impl App {
    /// Writes the evidence of one stream as it stands, which witnesses are given some time to
    /// cosign, while somebody waits for it.
    ///
    /// # Errors
    /// [`BundleError`]; [`RecordError::Abandoned`] when nobody waits any more.
    pub(crate) fn bundle_stream<W: Write + Seek>(
        &self,
        order: &BundleOrder<'_>,
        wait: Duration,
        out: W,
        wanted: &Wanted,
    ) -> Result<BundleReport, BundleError> {
        // Check existence first: a refused request must not sign a checkpoint.
        if self.version(order.stream)?.is_none() {
            return Err(BundleError::NoStream(order.stream));
        }
        self.write_bundle(&self.snapshot_while(wait, wanted)?, order, out)
    }

    /// Writes the evidence of one stream at a snapshot.
    ///
    /// # Errors
    /// [`BundleError`]; what was written by then is not a bundle.
    pub(crate) fn write_bundle<W: Write + Seek>(
        &self,
        snapshot: &Snapshot,
        order: &BundleOrder<'_>,
        out: W,
    ) -> Result<BundleReport, BundleError> {
        let evidence = self.epoch.reading(|| self.gather(snapshot, order))?;
        let mut bag = bag::Bag::new(out);
        let description = Description {
            origin: self.layout().origin(),
            stream: order.stream.uuid(),
            ordinal: evidence.ordinal,
            size: snapshot.size(),
            path: evidence.heads_path,
            redactions: evidence.redactions,
        };
        let description = description
            .to_bytes()
            .map_err(|error| BundleError::Write(error.into()))?;
        bag.file(path::BUNDLE, &description)?;
        bag.file(path::CHECKPOINT, snapshot.note().as_bytes())?;
        bag.files(&evidence.files)?;
        let mut documents = 0;
        if order.documents {
            for (event, hash) in &evidence.documents {
                documents +=
                    usize::from(self.put_document(&mut bag, order.stream, *event, hash)?);
            }
        }
        bag.finish(&[
            ("Source-Organization", &self.layout().origin()),
            ("Bagging-Date", &evidence.newest_day),
            ("External-Identifier", &order.stream.to_string()),
        ])?;
        Ok(BundleReport {
            events: evidence.count,
            withheld: order.withheld.len(),
            documents,
            size: snapshot.size(),
            witnessed: snapshot.witnessed(),
        })
    }

    /// Writes a document into the bag; not one that is there already or erased.
    fn put_document<W: Write + Seek>(
        &self,
        bag: &mut bag::Bag<W>,
        stream: StreamId,
        event: EventId,
        hash: &Hash,
    ) -> Result<bool, BundleError> {
        let name = path::document(hash);
        if bag.holds(&name) {
            return Ok(false);
        }
        let Some(mut document) = self.open_document(stream, event)? else {
            return Ok(false);
        };
        bag.stream(&name, &mut || {
            self.next_chunk(&mut document).map_err(BundleError::from)
        })?;
        Ok(true)
    }
}
