//! What the journal holds, as far as look-ups need it: counts, the right edge of the tree, and
//! where things lie.

use record::hash::{Hash, sha256};
use record::merkle::{Frontier, leaf_hash, node_hash};
use record::outline::{EventOutline, Outline};
use record::positions::{LogIndex, Seq, Size};
use uuid::Uuid;

use super::frame::{self, EntryPlaces, Frame, FrameBlob, FrameEntry};
use super::index::{EntryPlace, HeadRow, Index, Key, Tenant};
use super::paged::{PAGE_LEVELS, Paged};
use super::segment::{FrameAt, Segment};
use crate::check::{Known, Tail};
use crate::index_store::{Extent, IndexError, IndexRow};
use crate::log_store::{
    INLINE_BYTES_MAX, ReadError, StoredBlob, StoredCheckpoint, StoredEntry, StreamHead,
};

/// What the index and the segments reflect.
pub(crate) struct State {
    pub(crate) index: Index,
    /// Why the index is not whole; every look-up fails until another takes its place.
    pub(crate) failed: Option<String>,
    pub(crate) known: Derived,
    pub(crate) segments: Vec<Segment>,
    pub(crate) checkpoint: Option<StoredCheckpoint>,
}

/// What memory holds of the journal besides the index.
#[derive(Debug, Clone)]
pub(crate) struct Derived {
    pub(crate) tenant: Tenant,
    pub(crate) paged: Paged,
    pub(crate) tally: Tally,
}

/// A frame does not continue what was read before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Contradiction(pub(crate) &'static str);

/// Counts, and the right edge of the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) size: Size,
    pub(crate) streams: u64,
    pub(crate) erasing: u64,
    /// Complete subtrees by level, the largest first.
    pub(crate) edge: Vec<(u8, Hash)>,
}

/// Why a look-up failed: the first two mend by making the index anew.
pub(crate) enum Fault {
    Index(IndexError),
    Drift,
    Read(ReadError),
}

impl From<IndexError> for Fault {
    fn from(error: IndexError) -> Self {
        Self::Index(error)
    }
}

impl Tally {
    /// The root of the tree over everything that was taken in.
    pub(crate) fn root(&self) -> Option<Hash> {
        Frontier::from_parts(self.size, self.edge.iter().map(|(_, hash)| *hash).collect())
            .ok()
            .map(|frontier| frontier.root())
    }

    /// Adds a leaf; hands out the complete subtrees that proofs start from.
    fn push(&mut self, leaf: Hash, node: &mut dyn FnMut(u8, u64, Hash)) {
        let (mut level, mut hash) = (0_u8, leaf);
        while let Some((_, left)) = self.edge.pop_if(|(edge, _)| *edge == level) {
            hash = node_hash(&left, &hash);
            level += 1;
            if level.is_multiple_of(NODE_LEVELS) {
                node(level, self.size.get() >> level, hash);
            }
        }
        self.edge.push((level, hash));
        self.size = self.size.grown();
    }
}

/// Every eighth level of the tree stands in the index; what lies between is computed.
pub(crate) const NODE_LEVELS: u8 = 8;

/// The leaf hashes of a frame.
pub(crate) fn leaves(frame: &Frame) -> Vec<Hash> {
    frame
        .entries
        .iter()
        .map(|entry| leaf_hash(&entry.bytes))
        .collect()
}

impl Derived {
    pub(crate) fn new(tenant: Tenant) -> Self {
        Self {
            tenant,
            paged: Paged::default(),
            tally: Tally::default(),
        }
    }

    /// Whether a frame continues what was taken in so far; nothing is changed.
    pub(crate) fn follows(&self, frame: &Frame) -> Result<(), Contradiction> {
        if frame.first != self.tally.size.next_index() {
            return Err(Contradiction("the frame does not continue the log"));
        }
        if frame.entries.len() != frame.outlines.len() {
            return Err(Contradiction(
                "the frame does not say where its entries belong",
            ));
        }
        Ok(())
    }

    /// Brings what the index knows of the streams of a frame into memory, before the frame is taken
    /// in.
    pub(crate) fn fetch(&mut self, frame: &Frame, index: &Index) -> Result<(), IndexError> {
        for outline in &frame.outlines {
            if let Outline::Event(event) = outline {
                self.paged.fetch(index, event.stream)?;
            }
        }
        Ok(())
    }

    /// A node of the tree over all entries.
    pub(crate) fn node(&self, index: &Index, level: u8, place: u64) -> Result<Hash, Fault> {
        let complete = place
            .checked_add(1)
            .and_then(|next| next.checked_shl(u32::from(level)));
        if level >= 64
            || complete
                .is_none_or(|end| Size::new(end) > self.tally.size || end >> level != place + 1)
        {
            return Err(Fault::Read(ReadError::NodeBeyondLog { level, place }));
        }
        self.node_within(index, level, place)
    }

    fn node_within(&self, index: &Index, level: u8, place: u64) -> Result<Hash, Fault> {
        if level <= PAGE_LEVELS {
            let (first, count) = (LogIndex::new(place << level), 1 << level);
            let mut row = self.paged.leaves(index, first, count)?;
            if row.len() != count {
                return Err(Fault::Drift);
            }
            while row.len() > 1 {
                let pairs = row.as_chunks::<2>().0.iter();
                row = pairs.map(|[left, right]| node_hash(left, right)).collect();
            }
            return row.first().copied().ok_or(Fault::Drift);
        }
        if level.is_multiple_of(NODE_LEVELS) {
            return index.hash(&Key::Node(level, place))?.ok_or(Fault::Drift);
        }
        Ok(node_hash(
            &self.node_within(index, level - 1, place * 2)?,
            &self.node_within(index, level - 1, place * 2 + 1)?,
        ))
    }

    /// Takes a frame in: counts, and the rows that the index needs. `leaves` are the leaf hashes of
    /// its entries; [`Derived::fetch`] comes first, as a stream that is not in memory is a new one.
    pub(crate) fn absorb(
        &mut self,
        frame: &Frame,
        leaves: &[Hash],
        places: &EntryPlaces,
        segment: u32,
        offset: u64,
    ) -> Result<Vec<IndexRow>, Contradiction> {
        self.follows(frame)?;
        let tenant = self.tenant;
        let mut rows: Vec<IndexRow> = Vec::with_capacity(frame.entries.len() * 2 + 4);
        for ((outline, leaf), (at, len)) in frame.outlines.iter().zip(leaves).zip(places) {
            let (index, leaf) = (self.tally.size.next_index(), *leaf);
            if outline.index() != index {
                return Err(Contradiction(
                    "an entry belongs to another place in the log",
                ));
            }
            if let Outline::Event(event) = outline {
                self.absorb_event(event, leaf, &mut rows)?;
            }
            let place = EntryPlace {
                segment,
                offset: offset + u64::from(*at),
                len: *len,
                leaf,
            };
            rows.extend(self.paged.add_entry(tenant, place));
            self.tally.push(leaf, &mut |level, place, hash| {
                rows.push((
                    Key::Node(level, place).bytes(tenant),
                    hash.as_bytes().to_vec(),
                ));
            });
        }
        for command in &frame.commands {
            let mut value = command.input_mac.to_vec();
            value.extend_from_slice(&command.first.to_be_bytes());
            value.extend_from_slice(&command.count.to_be_bytes());
            rows.push((Key::Command(command.id).bytes(tenant), value));
        }
        Ok(rows)
    }

    fn absorb_event(
        &mut self,
        event: &EventOutline,
        leaf: Hash,
        rows: &mut Vec<IndexRow>,
    ) -> Result<(), Contradiction> {
        let EventOutline {
            index,
            stream,
            ordinal,
            seq,
            event_id,
            erases,
        } = *event;
        let tenant = self.tenant;
        let head = self.paged.changed_head(stream);
        let before = head.map(|head| head.seq);
        if ordinal != head.map_or(self.tally.streams, |head| head.ordinal)
            || seq.previous() != before
        {
            return Err(Contradiction("an entry does not continue its stream"));
        }
        rows.extend(self.paged.add_event(
            tenant,
            stream,
            HeadRow {
                ordinal,
                seq,
                index,
                leaf,
            },
        ));
        rows.push((
            Key::Event(event_id).bytes(tenant),
            index.to_be_bytes().to_vec(),
        ));
        if head.is_none() {
            self.tally.streams += 1;
            rows.push((
                Key::Stream(stream).bytes(tenant),
                ordinal.to_be_bytes().to_vec(),
            ));
        }
        if erases {
            rows.push((
                Key::Erasing(self.tally.erasing).bytes(tenant),
                index.to_be_bytes().to_vec(),
            ));
            self.tally.erasing += 1;
        }
        Ok(())
    }
}

impl State {
    /// Fails every look-up until the index is whole again.
    pub(crate) fn whole(&self) -> Result<(), IndexError> {
        self.failed
            .as_ref()
            .map_or(Ok(()), |why| Err(IndexError(why.clone())))
    }

    /// An entry as its frame holds it, with its leaf hash.
    fn framed(&self, index: LogIndex) -> Result<Option<(FrameEntry, Hash)>, Fault> {
        if !self.known.tally.size.holds(index) {
            return Ok(None);
        }
        let place = self
            .known
            .paged
            .entry(&self.index, index)?
            .ok_or(Fault::Drift)?;
        let segment = usize::try_from(place.segment)
            .ok()
            .and_then(|number| self.segments.get(number))
            .ok_or(Fault::Drift)?;
        let mut bytes = vec![0; usize::try_from(place.len).unwrap_or(0)];
        match segment.file.read_exact_at(&mut bytes, place.offset) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                return Err(Fault::Drift);
            }
            Err(error) => return Err(Fault::Read(ReadError::Failed(Box::new(error)))),
        }
        let entry = frame::decode_entry(&bytes).map_err(|_| Fault::Drift)?;
        if leaf_hash(&entry.bytes) != place.leaf {
            return Err(Fault::Drift);
        }
        Ok(Some((entry, place.leaf)))
    }

    /// An entry with its short blobs.
    pub(crate) fn stored(&self, index: LogIndex) -> Result<Option<StoredEntry>, Fault> {
        Ok(self
            .framed(index)?
            .map(|(entry, leaf)| as_stored(index, entry, leaf)))
    }

    /// The same of an entry that must be this event of this stream.
    pub(crate) fn stored_in(
        &self,
        index: LogIndex,
        of: Uuid,
        at: Seq,
    ) -> Result<Option<StoredEntry>, Fault> {
        let Some((entry, leaf)) = self.framed(index)? else {
            return Ok(None);
        };
        match Outline::read(&entry.bytes) {
            Ok(Outline::Event(event))
                if (event.index, event.stream, event.seq) == (index, of, at) =>
            {
                Ok(Some(as_stored(index, entry, leaf)))
            }
            _ => Err(Fault::Drift),
        }
    }

    /// Where one blob of an entry lies.
    pub(crate) fn blob(&self, index: LogIndex, part: u16) -> Result<Option<FrameBlob>, Fault> {
        Ok(self
            .framed(index)?
            .and_then(|(entry, _)| entry.blobs.into_iter().nth(usize::from(part))))
    }

    pub(crate) fn node(&self, level: u8, place: u64) -> Result<Hash, Fault> {
        self.known.node(&self.index, level, place)
    }

    /// The newest entry of a stream that is in memory.
    pub(crate) fn changed_head(&self, stream: Uuid) -> Option<StreamHead> {
        let head = self.known.paged.changed_head(stream)?;
        Some(stream_head(stream, head))
    }

    pub(crate) fn head(&self, stream: Uuid) -> Result<Option<StreamHead>, IndexError> {
        let head = self.known.paged.head(&self.index, stream)?;
        Ok(head.map(|head| stream_head(stream, head)))
    }

    /// The newest entry of the stream with this ordinal.
    pub(crate) fn head_at(&self, ordinal: u64) -> Result<Option<StreamHead>, IndexError> {
        let found = self.known.paged.head_at(&self.index, ordinal)?;
        Ok(found.map(|(stream, head)| stream_head(stream, head)))
    }

    /// Lets what is known now become a generation of the index: the journal up to its newest frame. Streams are asked of the index from then on.
    pub(crate) fn seal(&mut self, newest: FrameAt) -> Result<(), IndexError> {
        self.index
            .put(self.known.paged.take_rest(self.known.tenant))?;
        let reflects = Reflected {
            segments: self.segments.clone(),
            newest,
            tally: self.known.tally.clone(),
        };
        self.index.seal(Box::new(move || reflects.extent()))
    }
}

fn stream_head(stream: Uuid, head: HeadRow) -> StreamHead {
    let HeadRow {
        ordinal,
        seq,
        index,
        leaf,
    } = head;
    StreamHead {
        stream,
        ordinal,
        seq,
        index,
        leaf,
    }
}

/// A part of the journal that an index reflects.
pub(crate) struct Reflected {
    pub(crate) segments: Vec<Segment>,
    /// The newest frame of the last of them.
    pub(crate) newest: FrameAt,
    pub(crate) tally: Tally,
}

impl Reflected {
    /// What vouching needs to say of it; reads the last segment.
    pub(crate) fn extent(&self) -> std::io::Result<Extent> {
        let (last, front) = self
            .segments
            .split_last()
            .ok_or(std::io::ErrorKind::NotFound)?;
        Ok(Extent {
            segments: u32::try_from(self.segments.len()).map_err(std::io::Error::other)?,
            end: self.newest.end,
            newest: self.newest.begin,
            last: last.digest(self.newest.end)?,
            lengths: lengths(front)?,
            size: self.tally.size,
            streams: self.tally.streams,
            erasing: self.tally.erasing,
        })
    }
}

/// Whether an extent is the front of a journal. What was bent behind it is told by reading that.
pub(crate) fn is_front(segments: &[Segment], extent: &Extent) -> std::io::Result<bool> {
    let count = usize::try_from(extent.segments).unwrap_or(usize::MAX);
    let Some((last, front)) = segments.get(..count).and_then(<[_]>::split_last) else {
        return Ok(false);
    };
    Ok(last.file.len()? >= extent.end
        && lengths(front)? == extent.lengths
        && last.digest(extent.end)? == extent.last)
}

/// A hash over the lengths of segments: one that was written anew without what was erased is
/// shorter.
fn lengths(segments: &[Segment]) -> std::io::Result<Hash> {
    let mut bytes = Vec::with_capacity(segments.len() * 8);
    for segment in segments {
        bytes.extend_from_slice(&segment.file.len()?.to_be_bytes());
    }
    Ok(sha256(&bytes))
}

fn as_stored(index: LogIndex, entry: FrameEntry, leaf: Hash) -> StoredEntry {
    let blobs = entry.blobs.into_iter().map(|blob| match blob {
        FrameBlob::Destroyed => StoredBlob::Gone,
        FrameBlob::Inline(blob) if blob.len() <= INLINE_BYTES_MAX => StoredBlob::Here(blob),
        FrameBlob::Inline(_) | FrameBlob::File(_) => StoredBlob::Apart,
    });
    StoredEntry {
        index,
        bytes: entry.bytes,
        leaf,
        blobs: blobs.collect(),
    }
}

impl Known for State {
    type Error = IndexError;

    fn size(&self) -> Size {
        self.known.tally.size
    }

    fn stream_count(&self) -> u64 {
        self.known.tally.streams
    }

    fn tail(&self, stream: Uuid) -> Result<Option<Tail>, IndexError> {
        self.whole()?;
        let head = self.known.paged.head(&self.index, stream)?;
        Ok(head.map(|head| Tail {
            ordinal: head.ordinal,
            seq: head.seq,
        }))
    }

    fn has_event(&self, event_id: Uuid) -> Result<bool, IndexError> {
        self.whole()?;
        Ok(self.index.get(&Key::Event(event_id))?.is_some())
    }

    fn has_command(&self, id: Uuid) -> Result<bool, IndexError> {
        self.whole()?;
        Ok(self.index.get(&Key::Command(id))?.is_some())
    }
}
