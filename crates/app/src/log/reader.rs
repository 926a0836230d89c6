//! Reads streams: stored entries, opened events, and all that they reference.
//!
//! What was read is kept in the cache of streams; who may read is not asked here.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::decide::Streams;
use domain::reading::ReadingPoint;
use domain::recorded::Recorded;
use domain::references::{counts, only, references};
use events::ids::StreamId;
use events::meta::EventRef;
use events::spec::StreamKind;
use record::positions::{Seq, StreamVersion};
use store::log_store::{LogStore, StoredEntry, StreamHead};

use crate::error::ReadError;
use crate::log::content::{self, OpenedEvent};
use crate::log::directory::Directory;
use crate::log::epoch::Epoch;
use crate::log::keyring::Keyring;
use crate::log::stream_cache::StreamCache;

/// Entries of a stream read at once.
const PAGE: usize = 32;

/// Fewer pages than this are not worth a second thread.
const PAGES_PARALLEL_FROM: usize = 3;

/// What reading needs, so that a thread can read beside the use cases.
#[derive(Clone)]
pub(crate) struct StreamReader {
    pub(crate) log: Arc<dyn LogStore>,
    pub(crate) keyring: Arc<Keyring>,
    /// What is known of kinds so far; [`StreamReader::kind`] finds the others, so that a reading is the
    /// same whether or not this is filled.
    pub(crate) directory: Arc<Directory>,
    /// Where opened streams are kept; none for whoever reads every stream once.
    pub(crate) stream_cache: Option<Arc<StreamCache>>,
    /// Keys that change while something is read; never held here.
    pub(crate) epoch: Arc<Epoch>,
}

impl StreamReader {
    /// Kind of a stream, whether or not it is listed yet; none when there is no such stream.
    pub(crate) fn kind(&self, stream: StreamId) -> Result<Option<StreamKind>, ReadError> {
        if let Some(known) = self.directory.kind(stream) {
            return Ok(Some(known));
        }
        let head = self.log.stream_head(stream.uuid())?;
        head.map(|head| self.find_kind(&head)).transpose()
    }

    /// Finds out what kind a stream is, from the first event that can be read. A stream of which
    /// nothing can be read any more counts as a case: a hole.
    pub(crate) fn find_kind(&self, head: &StreamHead) -> Result<StreamKind, ReadError> {
        for seq in head.seq.version().seqs() {
            let page = self.log.stream_page(head.stream, seq, 1)?;
            if let Some(kind) = content::kind_of(&page, &self.keyring, &*self.log)? {
                return Ok(kind);
            }
        }
        Ok(StreamKind::Case)
    }

    /// Lists every stream with its kind.
    pub(crate) fn fill_directory(&self) -> Result<(), ReadError> {
        let mut from = 0;
        while from < self.log.stream_count() {
            for head in self.log.heads(from, 1_000)? {
                from = head.ordinal + 1;
                let stream = content::stream_id(head.stream, head.index)?;
                self.directory.add(stream, self.find_kind(&head)?);
            }
        }
        Ok(())
    }

    /// All stored entries of a stream, read by several threads when there are many.
    pub(crate) fn stored(&self, stream: StreamId) -> Result<Vec<StoredEntry>, ReadError> {
        let newest = self
            .log
            .stream_head(stream.uuid())?
            .map_or(StreamVersion::EMPTY, |head| head.seq.version());
        let pages: Vec<Seq> = newest.seqs().step_by(PAGE).collect();
        let pages = content::each(&pages, PAGES_PARALLEL_FROM, |from| {
            Ok::<_, ReadError>(self.log.stream_page(stream.uuid(), *from, PAGE)?)
        })?;
        let mut all: Vec<StoredEntry> = pages.into_iter().flatten().collect();
        // What was recorded meanwhile belongs to the next reading.
        all.truncate(usize::try_from(newest.get()).unwrap_or(usize::MAX));
        Ok(all)
    }

    /// A stream, opened.
    pub(crate) fn opened(&self, stream: StreamId) -> Result<Vec<OpenedEvent>, ReadError> {
        content::open_stream(&self.stored(stream)?, &self.keyring, &*self.log)
    }

    /// A stream as the domain reads it.
    pub(crate) fn recorded(&self, stream: StreamId) -> Result<Arc<Vec<Recorded>>, ReadError> {
        let cleared = self
            .stream_cache
            .as_ref()
            .map_or(0, |stream_cache| stream_cache.cleared());
        let newest = self
            .log
            .stream_head(stream.uuid())?
            .map_or(StreamVersion::EMPTY, |head| head.seq.version());
        if let Some(records) = self
            .stream_cache
            .as_ref()
            .and_then(|stream_cache| stream_cache.get(stream, newest))
        {
            return Ok(records);
        }
        if let Some(records) = self.grown(stream, newest, cleared)? {
            return Ok(records);
        }
        let records: Result<Vec<Recorded>, ReadError> = self
            .opened(stream)?
            .into_iter()
            .map(|event| as_recorded(event, stream))
            .collect();
        let records = Arc::new(records?);
        if let Some(stream_cache) = &self.stream_cache {
            stream_cache.put(stream, &records, cleared);
        }
        Ok(records)
    }

    /// What is kept of a stream with the events that came since; none when nothing is kept, or when
    /// one of them erases, so that the whole must be read again.
    fn grown(
        &self,
        stream: StreamId,
        newest: StreamVersion,
        cleared: u64,
    ) -> Result<Option<Arc<Vec<Recorded>>>, ReadError> {
        let Some(stream_cache) = &self.stream_cache else {
            return Ok(None);
        };
        let Some(mut records) = stream_cache.older(stream, newest) else {
            return Ok(None);
        };
        let held = StreamVersion::of(records.len());
        let missing = usize::try_from(newest.beyond(held)).unwrap_or(usize::MAX);
        let mut stored = Vec::new();
        while stored.len() < missing {
            let from = Seq::of_offset(records.len() + stored.len());
            let page = self
                .log
                .stream_page(stream.uuid(), from, missing - stored.len())?;
            if page.is_empty() {
                return Ok(None);
            }
            stored.extend(page);
        }
        for entry in &stored {
            let envelope = content::envelope(entry)?;
            if !envelope.erased.is_empty() || !envelope.replaced.is_empty() {
                return Ok(None);
            }
        }
        let opened = content::open_stream(&stored, &self.keyring, &*self.log)?;
        let fresh = opened
            .into_iter()
            .map(|event| as_recorded(event, stream))
            .collect::<Result<Vec<_>, _>>()?;
        Arc::make_mut(&mut records).extend(fresh);
        stream_cache.put(stream, &records, cleared);
        Ok(Some(records))
    }

    /// A stream with all that it references at the point, as records, and every stream that was
    /// looked at. The streams of persons are left out where only their ids are wanted.
    pub(crate) fn reach(
        &self,
        stream: StreamId,
        point: &ReadingPoint,
        persons: bool,
    ) -> Result<(Vec<Recorded>, BTreeSet<StreamId>), ReadError> {
        let (mut done, mut looked) = (BTreeSet::from([stream]), BTreeSet::new());
        let mut all = self.recorded(stream)?.to_vec();
        let mut waiting = references(&all, point);
        loop {
            while let Some(next) = waiting.streams.pop_first() {
                let wanted = persons || self.kind(next)? != Some(StreamKind::Person);
                if done.insert(next) && wanted && self.log.stream_head(next.uuid())?.is_some() {
                    let records = self.recorded(next)?;
                    waiting.extend(references(&records, point));
                    all.extend(records.iter().cloned());
                }
            }
            // The facts of one stream at a time, so that it is opened once however many they are;
            // what they bring may be a stream that is taken in whole.
            let Some(other) = waiting.facts.first().map(|fact| fact.stream) else {
                break;
            };
            let (facts, rest): (BTreeSet<EventRef>, BTreeSet<EventRef>) =
                std::mem::take(&mut waiting.facts)
                    .into_iter()
                    .partition(|fact| fact.stream == other);
            waiting.facts = rest;
            looked.insert(other);
            if done.contains(&other) || self.log.stream_head(other.uuid())?.is_none() {
                continue;
            }
            let records = self.recorded(other)?;
            let mut facts = facts.into_iter().map(|fact| fact.event);
            if self.kind(other)? == Some(StreamKind::Case) {
                let records = only(records.to_vec(), &facts.collect());
                waiting.streams.extend(references(&records, point).streams);
                all.extend(records);
            } else if facts.any(|fact| counts(&records, fact, point)) {
                // A notification whose match was annulled no longer belongs to this case.
                waiting.streams.insert(other);
            }
        }
        looked.extend(done);
        Ok((all, looked))
    }
}

fn as_recorded(event: OpenedEvent, stream: StreamId) -> Result<Recorded, ReadError> {
    let envelope = event.envelope;
    Ok(Recorded {
        index: envelope.index.get(),
        recorded_at: content::instant(envelope.recorded_at),
        stream,
        seq: envelope.seq.get(),
        event: content::event_id(envelope.event_id, envelope.index)?,
        raw: event.raw,
    })
}
