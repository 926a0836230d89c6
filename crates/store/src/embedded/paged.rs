//! Rows that many events share: a row for each index write would cost more than the sync.
//!
//! Pages that are not full yet, and the heads of all streams (about 200 bytes each), stay in
//! memory. They reach the index at a clean stop; after any other stop the index is made anew.

use std::collections::HashMap;

use uuid::Uuid;

use super::index::{EntryPlace, HeadRow, Index, Key, Tenant};
use crate::index_store::{IndexError, IndexRow};

/// Places of entries in one row.
const ENTRIES: u64 = 64;
/// Log indexes of a stream's events in one row.
const EVENTS: u64 = 16;

#[derive(Debug, Clone)]
struct StreamRow {
    head: HeadRow,
    /// The log indexes behind the last full page.
    open: Vec<u64>,
}

/// Pages that are still growing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paged {
    size: u64,
    /// The places behind the last full page.
    open: Vec<EntryPlace>,
    streams: HashMap<Uuid, StreamRow>,
}

fn encode_entries(places: &[EntryPlace]) -> Vec<u8> {
    places.iter().flat_map(EntryPlace::encode).collect()
}

fn encode_indexes(indexes: &[u64]) -> Vec<u8> {
    indexes
        .iter()
        .flat_map(|index| index.to_be_bytes())
        .collect()
}

fn decode_indexes(bytes: &[u8]) -> Vec<u64> {
    bytes
        .as_chunks::<8>()
        .0
        .iter()
        .map(|index| u64::from_be_bytes(*index))
        .collect()
}

fn nth<T: Copy>(items: &[T], place: u64) -> Option<T> {
    items.get(usize::try_from(place).ok()?).copied()
}

impl Paged {
    /// Takes in where the next entry lies; answers a page that is full now.
    pub(crate) fn add_entry(&mut self, tenant: Tenant, place: EntryPlace) -> Option<IndexRow> {
        self.open.push(place);
        self.size += 1;
        self.size.is_multiple_of(ENTRIES).then(|| {
            let page = std::mem::take(&mut self.open);
            (
                Key::Entry(self.size / ENTRIES - 1).bytes(tenant),
                encode_entries(&page),
            )
        })
    }

    /// Takes in the newest event of a stream; answers a page that is full now.
    pub(crate) fn add_event(
        &mut self,
        tenant: Tenant,
        stream: Uuid,
        head: HeadRow,
    ) -> Option<IndexRow> {
        let row = self.streams.entry(stream).or_insert_with(|| StreamRow {
            head,
            open: Vec::new(),
        });
        row.head = head;
        row.open.push(head.index);
        head.seq.is_multiple_of(EVENTS).then(|| {
            let page = std::mem::take(&mut row.open);
            (
                Key::Sequence(stream, head.seq / EVENTS - 1).bytes(tenant),
                encode_indexes(&page),
            )
        })
    }

    /// Where an entry lies.
    pub(crate) fn entry(&self, index: &Index, at: u64) -> Result<Option<EntryPlace>, IndexError> {
        if at >= self.size - self.size % ENTRIES {
            return Ok(nth(&self.open, at % ENTRIES));
        }
        let page = index.read(&Key::Entry(at / ENTRIES), EntryPlace::decode_all)?;
        Ok(page.and_then(|page| nth(&page, at % ENTRIES)))
    }

    /// Notes that entries lie elsewhere now; answers the pages that changed.
    pub(crate) fn moved(
        &mut self,
        tenant: Tenant,
        index: &Index,
        moved: &[(u64, EntryPlace)],
    ) -> Result<Vec<IndexRow>, IndexError> {
        let mut rows: Vec<IndexRow> = Vec::new();
        let mut page: Option<(u64, Vec<EntryPlace>)> = None;
        let begin = self.size - self.size % ENTRIES;
        for (at, place) in moved {
            let slot = usize::try_from(at % ENTRIES).unwrap_or(0);
            if *at >= begin {
                if let Some(open) = self.open.get_mut(slot) {
                    *open = *place;
                }
                continue;
            }
            let number = at / ENTRIES;
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

    /// The newest entry of a stream.
    pub(crate) fn head(&self, stream: Uuid) -> Option<HeadRow> {
        self.streams.get(&stream).map(|row| row.head)
    }

    /// Log index of an event of a stream, by its sequence from 1.
    pub(crate) fn sequence(
        &self,
        index: &Index,
        stream: Uuid,
        seq: u64,
    ) -> Result<Option<u64>, IndexError> {
        let Some(row) = self.streams.get(&stream) else {
            return Ok(None);
        };
        let place = seq - 1;
        if place >= row.head.seq - row.head.seq % EVENTS {
            return Ok(nth(&row.open, place % EVENTS));
        }
        let page = index.read(&Key::Sequence(stream, place / EVENTS), |bytes| {
            Some(decode_indexes(bytes))
        })?;
        Ok(page.and_then(|page| nth(&page, place % EVENTS)))
    }

    /// What only memory holds, for a clean stop.
    pub(crate) fn rest(&self, tenant: Tenant) -> Vec<IndexRow> {
        let mut rows = vec![(
            Key::Entry(self.size / ENTRIES).bytes(tenant),
            encode_entries(&self.open),
        )];
        for (stream, row) in &self.streams {
            let mut bytes = row.head.encode();
            bytes.extend(encode_indexes(&row.open));
            rows.push((Key::Head(*stream).bytes(tenant), bytes));
        }
        rows
    }

    /// What a clean stop left; none when it is not all there.
    pub(crate) fn restore(
        index: &Index,
        size: u64,
        streams: u64,
    ) -> Result<Option<Self>, IndexError> {
        let open = index
            .read(&Key::Entry(size / ENTRIES), EntryPlace::decode_all)?
            .unwrap_or_default();
        let mut paged = Self {
            size,
            open,
            streams: HashMap::new(),
        };
        if paged.open.len() as u64 != size % ENTRIES {
            return Ok(None);
        }
        for ordinal in 0..streams {
            let Some(stream) = index.uuid(&Key::Ordinal(ordinal))? else {
                return Ok(None);
            };
            let row = index.read(&Key::Head(stream), |bytes| {
                let (head, open) = bytes.split_at_checked(HeadRow::BYTES)?;
                Some(StreamRow {
                    head: HeadRow::decode(head)?,
                    open: decode_indexes(open),
                })
            })?;
            let Some(row) = row.filter(|row| row.open.len() as u64 == row.head.seq % EVENTS) else {
                return Ok(None);
            };
            paged.streams.insert(stream, row);
        }
        Ok(Some(paged))
    }
}
