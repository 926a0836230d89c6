//! Reading: a stream with all that it references, opened as far as keys allow.

use std::collections::BTreeSet;

use domain::reading::{Reading, ReadingPoint, Recorded};
use domain::references::{counts, only, references};
use events::ids::StreamId;
use events::meta::EventRef;
use events::spec::StreamKind;
use jiff::Timestamp;
use store::log_store::StoredEntry;

use crate::content::{self, OpenedEvent};
use crate::error::ReadError;
use crate::service::App;
use crate::viewer::Viewer;

/// Entries of a stream read at once.
const PAGE: u64 = 32;
/// Fewer pages than this are not worth a second thread.
const PAGES_PARALLEL_FROM: usize = 3;

impl App {
    /// All stored entries of a stream, read by several threads when there are many.
    pub(crate) fn stored(&self, stream: StreamId) -> Result<Vec<StoredEntry>, ReadError> {
        let newest = self.log.stream_head(stream.uuid())?.map_or(0, |head| head.seq);
        let pages: Vec<u64> = (0..newest.div_ceil(PAGE)).map(|page| page * PAGE + 1).collect();
        let limit = usize::try_from(PAGE).unwrap_or(usize::MAX);
        let pages = content::each(&pages, PAGES_PARALLEL_FROM, |from| Ok(self.log.stream_page(stream.uuid(), *from, limit)?))?;
        let mut all: Vec<StoredEntry> = pages.into_iter().flatten().collect();
        // What was recorded meanwhile belongs to the next reading.
        all.truncate(usize::try_from(newest).unwrap_or(usize::MAX));
        Ok(all)
    }

    /// A stream, opened.
    pub(crate) fn opened(&self, stream: StreamId) -> Result<Vec<OpenedEvent>, ReadError> {
        content::open_stream(&self.stored(stream)?, &self.keyring)
    }

    /// A stream as the domain reads it.
    pub(crate) fn recorded(&self, stream: StreamId) -> Result<Vec<Recorded>, ReadError> {
        let opened = self.opened(stream)?;
        opened
            .into_iter()
            .map(|event| {
                let envelope = event.envelope;
                let seconds = i64::try_from(envelope.recorded_at).unwrap_or(i64::MAX);
                Ok(Recorded {
                    index: envelope.index,
                    recorded_at: Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX),
                    stream,
                    seq: envelope.seq,
                    event: content::event_id(envelope.event_id, envelope.index)?,
                    raw: event.raw,
                })
            })
            .collect()
    }

    /// A stream with all that it references at the point, as records.
    pub(crate) fn records_with_references(&self, stream: StreamId, point: &ReadingPoint) -> Result<Vec<Recorded>, ReadError> {
        let mut done = BTreeSet::from([stream]);
        let mut all = self.recorded(stream)?;
        let mut waiting = references(&all, point);
        loop {
            while let Some(next) = waiting.streams.pop_first() {
                if done.insert(next) && self.log.stream_head(next.uuid())?.is_some() {
                    let records = self.recorded(next)?;
                    waiting.extend(references(&records, point));
                    all.extend(records);
                }
            }
            // The facts of one stream at a time, so that it is opened once however many they are;
            // what they bring may be a stream that is taken in whole.
            let Some(other) = waiting.facts.first().map(|fact| fact.stream) else { return Ok(all) };
            let (facts, rest): (BTreeSet<EventRef>, BTreeSet<EventRef>) =
                std::mem::take(&mut waiting.facts).into_iter().partition(|fact| fact.stream == other);
            waiting.facts = rest;
            if done.contains(&other) || self.log.stream_head(other.uuid())?.is_none() {
                continue;
            }
            let records = self.recorded(other)?;
            let mut facts = facts.into_iter().map(|fact| fact.event);
            if self.kind(other) == Some(StreamKind::Case) {
                let records = only(records, &facts.collect());
                waiting.streams.extend(references(&records, point).streams);
                all.extend(records);
            } else if facts.any(|fact| counts(&records, fact, point)) {
                // A notification whose match was annulled no longer belongs to this case.
                waiting.streams.insert(other);
            }
        }
    }

    /// A stream with all that it references, at a point; none when there is no such stream.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn read(&self, stream: StreamId, point: ReadingPoint, viewer: &Viewer) -> Result<Option<Reading>, ReadError> {
        if !viewer.reads_content() {
            return Err(ReadError::Forbidden);
        }
        if self.log.stream_head(stream.uuid())?.is_none() {
            return Ok(None);
        }
        let _epoch = self.epoch.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let records = self.records_with_references(stream, &point)?;
        let reading = Reading::new(records, point)?;
        // At an earlier point the stream may not have existed.
        Ok(reading.events.iter().any(|event| event.stream == stream).then_some(reading))
    }

    /// Kind of a stream; none when there is no such stream.
    #[must_use]
    pub fn kind(&self, stream: StreamId) -> Option<StreamKind> {
        use domain::decide::Streams;
        self.directory.kind(stream)
    }

    /// Version of a stream: the number of its events; none when there is no such stream.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub fn version(&self, stream: StreamId) -> Result<Option<u64>, ReadError> {
        Ok(self.log.stream_head(stream.uuid())?.map(|head| head.seq))
    }

    /// The streams of a kind, oldest first.
    #[must_use]
    pub fn streams(&self, kind: StreamKind) -> Vec<StreamId> {
        self.directory.of_kind(kind)
    }
}
