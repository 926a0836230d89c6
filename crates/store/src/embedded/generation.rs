//! What a generation of the index says of the front of a journal, and whether the stored checkpoint
//! agrees. What follows is read by `rebuild`.

use record::checkpoint::Checkpoint;
use record::hash::Hash;
use record::merkle::Nodes;
use record::proof::root_at;

use super::index::{Index, Tenant};
use super::paged::Paged;
use super::state::{Derived, Fault, Tally};
use crate::index_store::Extent;
use crate::log_store::{ReadError, StoredCheckpoint};

/// What is known of the front of a journal, from a generation; null when it is not all there.
pub(crate) fn restored(tenant: Tenant, index: &Index, extent: &Extent) -> Option<Derived> {
    let mut known = Derived {
        tenant,
        paged: Paged::restore(index, extent.size).ok()??,
        tally: Tally {
            size: extent.size,
            streams: extent.streams,
            erasing: extent.erasing,
            edge: Vec::new(),
        },
    };
    // The right edge of the tree, from its nodes.
    let (size, mut begin, mut edge) = (extent.size.get(), 0_u64, Vec::new());
    for level in (0..64_u8).rev().filter(|level| size >> level & 1 == 1) {
        edge.push((level, known.node(index, level, begin >> level).ok()?));
        begin += 1 << level;
    }
    known.tally.edge = edge;
    Some(known)
}

/// Whether a checkpoint states the tree that the index gives over as many entries.
pub(crate) fn leads_to(stored: &StoredCheckpoint, known: &Derived, index: &Index) -> bool {
    match Checkpoint::of_note(&stored.note) {
        Some(stated) => {
            stated.size <= known.tally.size
                && root_at(&KnownNodes { known, index }, stated.size)
                    .is_ok_and(|root| root == stated.root)
        }
        // Not a note of this record, as in stores that hold other logs.
        None => stored.size <= known.tally.size,
    }
}

/// The nodes of the tree, for its root at a checkpoint.
struct KnownNodes<'a> {
    known: &'a Derived,
    index: &'a Index,
}

impl Nodes for KnownNodes<'_> {
    type Error = ReadError;

    fn node(&self, level: u8, place: u64) -> Result<Hash, ReadError> {
        let found = self.known.node(self.index, level, place);
        found.map_err(|fault| match fault {
            Fault::Read(error) => error,
            Fault::Index(error) => ReadError::Failed(Box::new(error)),
            Fault::Drift => ReadError::NodeBeyondLog { level, place },
        })
    }
}
