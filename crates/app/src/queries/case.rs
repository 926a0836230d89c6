//! Reading: a stream with all that it references, opened as far as keys allow.

use std::sync::Arc;

use domain::persons::persons_of;
use domain::reading::{Reading, ReadingPoint};
use domain::recorded::Recorded;
use domain::views::difference::{Change, Side, difference};
use domain::views::integrity::{Check, Integrity, integrity};
use events::ids::{EventId, PersonId, StreamId};
use events::personal::Personal;
use events::spec::StreamKind;
use events::text::PersonName;
use record::hash::Hash;
use record::positions::StreamVersion;
use store::log_store::StoredEntry;

use crate::app::App;
use crate::error::ReadError;
use crate::log::content::{self, OpenedEvent};

impl App {
    /// All stored entries of a stream.
    pub(crate) fn stored(&self, stream: StreamId) -> Result<Vec<StoredEntry>, ReadError> {
        self.reader.stored(stream)
    }

    /// A stream, opened.
    pub(crate) fn opened(&self, stream: StreamId) -> Result<Vec<OpenedEvent>, ReadError> {
        self.reader.opened(stream)
    }

    /// A stream as the domain reads it.
    pub(crate) fn recorded(&self, stream: StreamId) -> Result<Arc<Vec<Recorded>>, ReadError> {
        self.reader.recorded(stream)
    }

    /// A stream with all that it references at the point, as records.
    pub(crate) fn records_with_references(
        &self,
        stream: StreamId,
        point: &ReadingPoint,
    ) -> Result<Vec<Recorded>, ReadError> {
        self.reader
            .reach(stream, point, true)
            .map(|reached| reached.records)
    }

    /// The name that a person has at a point, without reading any case; none when no name was
    /// stated by then.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn person_name(
        &self,
        person: PersonId,
        point: ReadingPoint,
    ) -> Result<Option<Personal<PersonName>>, ReadError> {
        let records = self
            .epoch
            .reading(|| self.records_with_references(person.into(), &point))?;
        let reading = Reading::new(records, point)?;
        Ok(persons_of(&reading)
            .get(person)
            .and_then(|known| known.name.clone()))
    }

    /// A stream with all that it references, at a point; none when there is no such stream. A
    /// reading of now is the one that is kept: nobody needs a copy to look at it.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn read(
        &self,
        stream: StreamId,
        point: ReadingPoint,
    ) -> Result<Option<Arc<Reading>>, ReadError> {
        if self.log.stream_head(stream.uuid())?.is_none() {
            return Ok(None);
        }
        let reading = if point == ReadingPoint::default() {
            let (_, current) = self.epoch.reading(|| self.reader.current(stream))?;
            Arc::clone(current.reading())
        } else {
            let records = self
                .epoch
                .reading(|| self.records_with_references(stream, &point))?;
            Arc::new(Reading::new(records, point)?)
        };
        // At an earlier point the stream may not have existed.
        Ok(reading
            .events
            .iter()
            .any(|event| event.stream == stream)
            .then_some(reading))
    }

    /// What changed from one reading of a case to another; nothing when there is no such case.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn difference(
        &self,
        case: StreamId,
        from: ReadingPoint,
        to: ReadingPoint,
    ) -> Result<Vec<Change>, ReadError> {
        let read = |point| {
            let nothing = || Reading {
                events: Vec::new(),
                point,
            };
            let reading = self.read(case, point)?;
            Ok::<_, ReadError>(reading.unwrap_or_else(|| Arc::new(nothing())))
        };
        let (from, to) = (read(from)?, read(to)?);
        let side = |reading: &Reading| reading.day(self.now());
        Ok(difference(
            Side {
                reading: &from,
                on: side(&from),
            },
            Side {
                reading: &to,
                on: side(&to),
            },
            case,
        ))
    }

    /// The checks of the log that were recorded. They hold nothing about a person, so auditors may
    /// read them.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn integrity_checks(&self) -> Result<Vec<Check>, ReadError> {
        Ok(self.own_integrity()?.checks)
    }

    /// What the log's own stream says of its integrity.
    pub(crate) fn own_integrity(&self) -> Result<Integrity, ReadError> {
        let stream = self.layout().system_stream();
        if self.log.stream_head(stream.uuid())?.is_none() {
            return Ok(Integrity::default());
        }
        Ok(integrity(&Reading::new(
            self.recorded(stream)?.to_vec(),
            ReadingPoint::default(),
        )?))
    }

    /// The stream that an event stands in, and the leaf hash of its entry; null when there is none.
    ///
    /// # Errors
    /// [`ReadError`] when the log cannot be read.
    pub(crate) fn event_place(
        &self,
        event: EventId,
    ) -> Result<Option<(StreamId, Hash)>, ReadError> {
        let Some(index) = self.log.event_index(event.uuid())? else {
            return Ok(None);
        };
        let stored = self.reader.entry(index)?;
        let envelope = content::envelope(&stored)?;
        let stream = content::stream_id(envelope.stream, index)?;
        Ok(Some((stream, stored.leaf)))
    }

    /// Kind of a stream; null when there is no such stream.
    ///
    /// # Errors
    /// [`ReadError`] when its first events cannot be read.
    pub(crate) fn kind(&self, stream: StreamId) -> Result<Option<StreamKind>, ReadError> {
        self.reader.kind(stream)
    }

    /// Version of a stream: the number of its events; none when there is no such stream.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub(crate) fn version(&self, stream: StreamId) -> Result<Option<StreamVersion>, ReadError> {
        Ok(self
            .log
            .stream_head(stream.uuid())?
            .map(|head| head.seq.version()))
    }

    /// The streams of a kind, oldest first.
    ///
    /// # Errors
    /// [`ReadError`] when the first events of a stream cannot be read.
    pub(crate) fn streams(&self, kind: StreamKind) -> Result<Vec<StreamId>, ReadError> {
        self.reader.of_kind(kind)
    }
}
