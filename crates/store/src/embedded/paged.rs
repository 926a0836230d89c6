//! Rows that many events share: a row for each index write would cost more than the sync.
//!
//! Pages that are not full yet, and the heads of streams that have changed since the newest
//! generation of the index (about 200 bytes each), stay in memory. They reach the index with the
//! next generation, which comes with the next segment at the latest.

use std::collections::HashMap;
use std::num::NonZeroU64;

use record::hash::Hash;
use record::positions::{LogIndex, Seq, Size};
use uuid::Uuid;

use super::index::{EntryPlace, HeadRow, Index, Key, Tenant};
use crate::index_store::{IndexError, IndexRow};

/// Places of entries in one row.
const ENTRIES: NonZeroU64 = NonZeroU64::MIN.saturating_add(63);
/// Every tree of this height over entries has its leaves in one row.
pub(crate) const PAGE_LEVELS: u8 = 6;
/// Log indexes of a stream's events in one row.
const EVENTS: NonZeroU64 = NonZeroU64::MIN.saturating_add(15);

/// What is known of a stream: its newest entry, and the log indexes behind its last full page.
#[derive(Debug, Clone)]
struct StreamRow {
    stream: Uuid,
    head: HeadRow,
    open: Vec<LogIndex>,
}

/// Pages that are still growing, and streams that have changed since the newest generation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paged {
    size: Size,
    /// The places behind the last full page.
    open: Vec<EntryPlace>,
    /// By ordinal.
    changed: HashMap<u64, StreamRow>,
    ordinals: HashMap<Uuid, u64>,
}

impl StreamRow {
    /// How many pages are full, and how many events stand behind them.
    const fn full_pages(&self) -> (u64, u64) {
        self.head.seq.version().pages(EVENTS)
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = self.stream.as_bytes().to_vec();
        bytes.extend(self.head.encode());
        bytes.extend(encode_indexes(&self.open));
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (stream, rest) = bytes.split_first_chunk::<16>()?;
        let (head, open) = rest.split_at_checked(HeadRow::BYTES)?;
        let row = Self {
            stream: Uuid::from_bytes(*stream),
            head: HeadRow::decode(head)?,
            open: decode_indexes(open),
        };
        (row.open.len() as u64 == row.full_pages().1).then_some(row)
    }
}

fn encode_entries(places: &[EntryPlace]) -> Vec<u8> {
    places.iter().flat_map(EntryPlace::encode).collect()
}

fn encode_indexes(indexes: &[LogIndex]) -> Vec<u8> {
    indexes
        .iter()
        .flat_map(|index| index.to_be_bytes())
        .collect()
}

fn decode_indexes(bytes: &[u8]) -> Vec<LogIndex> {
    bytes
        .as_chunks::<8>()
        .0
        .iter()
        .map(|index| LogIndex::from_be_bytes(*index))
        .collect()
}

fn nth<T: Copy>(items: &[T], place: u64) -> Option<T> {
    items.get(usize::try_from(place).ok()?).copied()
}

impl Paged {
    /// Takes in where the next entry lies; answers a page that is full now.
    pub(crate) fn add_entry(&mut self, tenant: Tenant, place: EntryPlace) -> Option<IndexRow> {
        let (number, slot) = self.size.next_index().page(ENTRIES);
        self.open.push(place);
        self.size = self.size.grown();
        (slot + 1 == ENTRIES.get()).then(|| {
            let page = std::mem::take(&mut self.open);
            (Key::Entry(number).bytes(tenant), encode_entries(&page))
        })
    }

    /// Takes in the newest event of a stream, which [`Paged::fetch`] has fetched if there is one;
    /// answers a page that is full now.
    pub(crate) fn add_event(
        &mut self,
        tenant: Tenant,
        stream: Uuid,
        head: HeadRow,
    ) -> Option<IndexRow> {
        self.ordinals.insert(stream, head.ordinal);
        let row = self.changed.entry(head.ordinal);
        let row = row.or_insert_with(|| StreamRow {
            stream,
            head,
            open: Vec::new(),
        });
        row.head = head;
        row.open.push(head.index);
        let (number, slot) = head.seq.page(EVENTS);
        (slot + 1 == EVENTS.get()).then(|| {
            let page = std::mem::take(&mut row.open);
            (
                Key::Sequence(stream, number).bytes(tenant),
                encode_indexes(&page),
            )
        })
    }

    /// Brings what the index knows of a stream into memory, before an event of it is taken in.
    pub(crate) fn fetch(&mut self, index: &Index, stream: Uuid) -> Result<(), IndexError> {
        if self.ordinals.contains_key(&stream) {
            return Ok(());
        }
        if let Some(row) = self.row(index, stream)? {
            self.ordinals.insert(stream, row.head.ordinal);
            self.changed.insert(row.head.ordinal, row);
        }
        Ok(())
    }

    fn row(&self, index: &Index, stream: Uuid) -> Result<Option<StreamRow>, IndexError> {
        if let Some(ordinal) = self.ordinals.get(&stream) {
            return Ok(self.changed.get(ordinal).cloned());
        }
        let Some(ordinal) = index.ordinal(stream)? else {
            return Ok(None);
        };
        let row = index.read(&Key::Head(ordinal), StreamRow::decode)?;
        match row {
            Some(row) if row.stream == stream => Ok(Some(row)),
            _ => Err(IndexError(
                "a stream is not where the index says".to_owned(),
            )),
        }
    }

    /// Where an entry lies.
    pub(crate) fn entry(
        &self,
        index: &Index,
        at: LogIndex,
    ) -> Result<Option<EntryPlace>, IndexError> {
        Ok(self.run(index, at, 1)?.first().copied())
    }

    /// The leaf hashes of so many entries, which all stand in one page; fewer where they are not
    /// there.
    pub(crate) fn leaves(
        &self,
        index: &Index,
        first: LogIndex,
        count: usize,
    ) -> Result<Vec<Hash>, IndexError> {
        let places = self.run(index, first, count)?;
        Ok(places.iter().map(|place| place.leaf).collect())
    }

    /// The places of so many entries, which all stand in one page; fewer where they are not there.
    /// The page is read once: hashes of the tree are asked for by the hundred.
    fn run(
        &self,
        index: &Index,
        first: LogIndex,
        count: usize,
    ) -> Result<Vec<EntryPlace>, IndexError> {
        let ((number, slot), (full, _)) = (first.page(ENTRIES), self.size.pages(ENTRIES));
        if number >= full {
            let slot = usize::try_from(slot).unwrap_or(usize::MAX);
            return Ok(self.open.iter().skip(slot).take(count).copied().collect());
        }
        let page = index.read(&Key::Entry(number), |bytes| {
            EntryPlace::decode_run(bytes, slot, count)
        })?;
        Ok(page.unwrap_or_default())
    }

    /// Notes that entries lie elsewhere now; answers the pages that changed.
    pub(crate) fn moved(
        &mut self,
        tenant: Tenant,
        index: &Index,
        moved: &[(LogIndex, EntryPlace)],
    ) -> Result<Vec<IndexRow>, IndexError> {
        let mut rows: Vec<IndexRow> = Vec::new();
        let mut page: Option<(u64, Vec<EntryPlace>)> = None;
        let (full, _) = self.size.pages(ENTRIES);
        for (at, place) in moved {
            let (number, slot) = at.page(ENTRIES);
            let slot = usize::try_from(slot).unwrap_or(0);
            if number >= full {
                if let Some(open) = self.open.get_mut(slot) {
                    *open = *place;
                }
                continue;
            }
            if page.as_ref().is_none_or(|(known, _)| *known != number) {
                let next = index
                    .read(&Key::Entry(number), EntryPlace::decode_all)?
                    .unwrap_or_default();
                let full = page.replace((number, next));
                rows.extend(full.map(|(number, page)| {
                    (Key::Entry(number).bytes(tenant), encode_entries(&page))
                }));
            }
            if let Some(known) = page.as_mut().and_then(|(_, page)| page.get_mut(slot)) {
                *known = *place;
            }
        }
        rows.extend(
            page.map(|(number, page)| (Key::Entry(number).bytes(tenant), encode_entries(&page))),
        );
        Ok(rows)
    }

    /// The newest entry of a stream that is in memory.
    pub(crate) fn changed_head(&self, stream: Uuid) -> Option<HeadRow> {
        let ordinal = self.ordinals.get(&stream)?;
        self.changed.get(ordinal).map(|row| row.head)
    }

    /// The newest entry of a stream.
    pub(crate) fn head(&self, index: &Index, stream: Uuid) -> Result<Option<HeadRow>, IndexError> {
        Ok(self.row(index, stream)?.map(|row| row.head))
    }

    /// The stream with this ordinal, and its newest entry.
    pub(crate) fn head_at(
        &self,
        index: &Index,
        ordinal: u64,
    ) -> Result<Option<(Uuid, HeadRow)>, IndexError> {
        let row = match self.changed.get(&ordinal) {
            Some(row) => Some(row.clone()),
            None => index.read(&Key::Head(ordinal), StreamRow::decode)?,
        };
        Ok(row.map(|row| (row.stream, row.head)))
    }

    /// Log index of an event of a stream, by its sequence from 1.
    pub(crate) fn sequence(
        &self,
        index: &Index,
        stream: Uuid,
        seq: Seq,
    ) -> Result<Option<LogIndex>, IndexError> {
        let Some(row) = self.row(index, stream)? else {
            return Ok(None);
        };
        let (number, slot) = seq.page(EVENTS);
        if number >= row.full_pages().0 {
            return Ok(nth(&row.open, slot));
        }
        let page = index.read(&Key::Sequence(stream, number), |bytes| {
            Some(decode_indexes(bytes))
        })?;
        Ok(page.and_then(|page| nth(&page, slot)))
    }

    /// What only memory holds, for a generation.
    pub(crate) fn rest(&self, tenant: Tenant) -> Vec<IndexRow> {
        let open = Key::Entry(self.size.pages(ENTRIES).0);
        let mut rows = vec![(open.bytes(tenant), encode_entries(&self.open))];
        for (ordinal, row) in &self.changed {
            rows.push((Key::Head(*ordinal).bytes(tenant), row.encode()));
        }
        rows
    }

    /// The same; streams are asked of the index from then on.
    pub(crate) fn take_rest(&mut self, tenant: Tenant) -> Vec<IndexRow> {
        let rows = self.rest(tenant);
        (self.changed, self.ordinals) = (HashMap::new(), HashMap::new());
        rows
    }

    /// What a generation left; null when it is not all there.
    pub(crate) fn restore(index: &Index, size: Size) -> Result<Option<Self>, IndexError> {
        let (full, rest) = size.pages(ENTRIES);
        let open = index.read(&Key::Entry(full), EntryPlace::decode_all)?;
        let paged = Self {
            size,
            open: open.unwrap_or_default(),
            ..Self::default()
        };
        Ok((paged.open.len() as u64 == rest).then_some(paged))
    }

    /// How many streams are in memory.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.changed.len()
    }
}
