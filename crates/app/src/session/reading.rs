//! What a viewer reads: streams, lists, duties, figures, documents.

use std::sync::Arc;

use domain::reading::{Reading, ReadingPoint};
use domain::views::access::LookUp;
use domain::views::difference::Change;
use domain::views::family::{Overview, overview};
use domain::views::integrity::{Check, Override};
use events::ids::{EventId, FamilyId, PersonId, StreamId};
use events::personal::Personal;
use events::spec::StreamKind;
use events::text::PersonName;
use record::hash::Hash;
use record::positions::{Size, StreamVersion};
use zeroize::Zeroizing;

use super::Session;
use crate::access::rights::Right;
use crate::commands::document::OpenDocument;
use crate::error::ReadError;
use crate::queries::board::{BoardPage, BoardQuery};
use crate::queries::cases::{CasePage, CaseQuery, UntouchedNotifications};
use crate::queries::duties::Duties;
use crate::queries::figures::{Figures, FiguresQuery};
use crate::rows::lists::ListError;
use crate::rules::basis::WhatIf;

/// The right that reading a stream needs. A stream that is not there needs that of a case: the
/// answer does not tell a stranger that there is none.
const fn to_read(kind: Option<StreamKind>) -> Right {
    match kind {
        Some(StreamKind::Notification) => Right::ReadNotification,
        Some(StreamKind::Person) => Right::ReadPerson,
        Some(StreamKind::Access) => Right::ReadLookUps,
        Some(StreamKind::Case | StreamKind::System) | None => Right::ReadCase,
    }
}

impl Session {
    /// A stream with all that it references, at a point; none when there is no such stream then.
    ///
    /// # Errors
    /// [`ReadError::Forbidden`] without the right to read streams of its kind;
    /// [`ReadError::Store`], [`ReadError::Keys`] and [`ReadError::Damaged`] when the record cannot
    /// be read.
    pub fn read(
        &self,
        stream: StreamId,
        point: ReadingPoint,
    ) -> Result<Option<Arc<Reading>>, ReadError> {
        self.ask(to_read(self.app.kind(stream)?), Some(stream))?;
        self.app.read(stream, point)
    }

    /// The reading of the stream that an event stands in, at a point, with the leaf hash of its entry;
    /// null when there is no such event by then.
    ///
    /// # Errors
    /// As [`Session::read`], of the event's stream.
    pub fn event(
        &self,
        event: EventId,
        point: ReadingPoint,
    ) -> Result<Option<(Arc<Reading>, Hash)>, ReadError> {
        let found = self.app.event_place(event)?;
        let kind = match found {
            Some((stream, _)) => self.app.kind(stream)?,
            None => None,
        };
        self.ask(to_read(kind), found.map(|(stream, _)| stream))?;
        let Some((stream, leaf)) = found else {
            return Ok(None);
        };
        let reading = self.app.read(stream, point)?;
        let reading = reading.filter(|reading| reading.event(event).is_some());
        Ok(reading.map(|reading| (reading, leaf)))
    }

    /// The name that a person has at a point, without reading any case; none when no name was
    /// stated by then.
    ///
    /// # Errors
    /// [`ReadError::Forbidden`] without [`Right::ReadPerson`]; else as [`Session::read`].
    pub fn person_name(
        &self,
        person: PersonId,
        point: ReadingPoint,
    ) -> Result<Option<Personal<PersonName>>, ReadError> {
        self.ask(Right::ReadPerson, Some(person.into()))?;
        self.app.person_name(person, point)
    }

    /// What changed from one reading of a case to another; nothing when there is no such case.
    ///
    /// # Errors
    /// As [`Session::read`], of either point.
    pub fn difference(
        &self,
        case: StreamId,
        from: ReadingPoint,
        to: ReadingPoint,
    ) -> Result<Vec<Change>, ReadError> {
        self.ask(to_read(self.app.kind(case)?), Some(case))?;
        self.app.difference(case, from, to)
    }

    /// Kind of a stream; none when there is no such stream.
    ///
    /// # Errors
    /// [`ReadError::Forbidden`] without [`Right::ReadStreams`]; else as [`Session::read`].
    pub fn kind(&self, stream: StreamId) -> Result<Option<StreamKind>, ReadError> {
        self.ask(Right::ReadStreams, Some(stream))?;
        self.app.kind(stream)
    }

    /// Version of a stream: the number of its events; none when there is no such stream.
    ///
    /// # Errors
    /// [`ReadError::Forbidden`] without [`Right::ReadStreams`]; [`ReadError::Store`].
    pub fn version(&self, stream: StreamId) -> Result<Option<StreamVersion>, ReadError> {
        self.ask(Right::ReadStreams, Some(stream))?;
        self.app.version(stream)
    }

    /// The streams of a kind, oldest first.
    ///
    /// # Errors
    /// [`ReadError::Forbidden`] without [`Right::ReadStreams`]; else as [`Session::read`].
    pub fn streams(&self, kind: StreamKind) -> Result<Vec<StreamId>, ReadError> {
        self.ask(Right::ReadStreams, None)?;
        self.app.streams(kind)
    }

    /// A page of cases.
    ///
    /// # Errors
    /// [`ListError::Forbidden`] without [`Right::ReadList`]; [`ListError::Cursor`] and
    /// [`ListError::Name`] for a question that cannot be meant; [`ListError::Behind`] and
    /// [`ListError::Making`] while the rows are behind it.
    pub fn cases(&self, query: &CaseQuery) -> Result<CasePage, ListError> {
        self.ask(Right::ReadList, None)?;
        self.app.cases(query)
    }

    /// The notifications that nobody has assessed, or that belong to no case yet.
    ///
    /// # Errors
    /// [`ListError::Forbidden`] without [`Right::ReadList`]; [`ListError::Behind`] and
    /// [`ListError::Making`] while the rows are behind what is asked for.
    pub fn untouched_notifications(
        &self,
        at_least: Option<Size>,
    ) -> Result<UntouchedNotifications, ListError> {
        self.ask(Right::ReadList, None)?;
        self.app.untouched_notifications(at_least)
    }

    /// A page of the duties of all cases as they stand now.
    ///
    /// # Errors
    /// [`ListError::Forbidden`] without [`Right::ReadBoard`]; else as [`Session::cases`];
    /// [`ListError::Unknown`] for a rule that there is not.
    pub fn board(&self, query: &BoardQuery) -> Result<BoardPage, ListError> {
        self.ask(Right::ReadBoard, None)?;
        self.app.board(query)
    }

    /// The cases of a family, oldest first, as of everything that is recorded now.
    ///
    /// # Errors
    /// [`ListError::Forbidden`] without [`Right::ReadFamily`]; else as [`Session::cases`].
    pub fn family(&self, family: FamilyId) -> Result<Vec<StreamId>, ListError> {
        self.ask(Right::ReadFamily, None)?;
        self.app.family(family)
    }

    /// The cases of a family side by side at a point; none when there is no such family then.
    ///
    /// # Errors
    /// As [`Session::family`], and as [`Session::read`] for each of its cases.
    pub fn family_overview(
        &self,
        family: FamilyId,
        point: ReadingPoint,
    ) -> Result<Option<Overview>, ListError> {
        let mut readings = Vec::new();
        for case in self.family(family)? {
            // A case that was opened later than the point is not in the family yet.
            readings.extend(self.read(case, point)?.map(|reading| (case, reading)));
        }
        Ok((!readings.is_empty()).then(|| overview(&readings)))
    }

    /// Key figures over all cases; the cases behind them only for those who may see them. Where
    /// the past or another law is asked for, `progress` hears of cases read and to read.
    ///
    /// # Errors
    /// [`ListError::Forbidden`] without [`Right::ReadFigures`], or [`Right::ReadSmallFigures`] where small
    /// groups are asked for; [`ListError::TooMany`] when more
    /// cases would be read than the question allows; else as [`Session::cases`].
    pub fn key_figures(
        &self,
        query: &FiguresQuery,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Figures, ListError> {
        self.ask(Right::ReadFigures, None)?;
        if query.small_groups {
            self.ask(Right::ReadSmallFigures, None)?;
        }
        if query.cases_max == 0 || self.may(Right::ReadFigureCases, None) {
            return self.app.key_figures(query, progress);
        }
        let query = FiguresQuery {
            cases_max: 0,
            ..query.clone()
        };
        self.app.key_figures(&query, progress)
    }

    /// The duties of a case at a point; none when there is no such case then.
    ///
    /// # Errors
    /// As [`Session::read`]; [`ReadError::CatalogueNotHeld`] when the program does not hold the
    /// rules of then.
    pub fn duties<'a>(
        &self,
        case: StreamId,
        point: ReadingPoint,
        what_if: &'a WhatIf,
    ) -> Result<Option<Duties<'a>>, ReadError> {
        self.read(case, point)?
            .map(|reading| self.app.duties_in(&reading, case, what_if))
            .transpose()
    }

    /// The duties of a case as its reading shows them, as they stand at the moment of the reading.
    ///
    /// # Errors
    /// [`ReadError::Forbidden`] without [`Right::ReadCase`]; [`ReadError::CatalogueNotHeld`] when
    /// the program does not hold the rules of then.
    pub fn duties_in<'a>(
        &self,
        reading: &Reading,
        case: StreamId,
        what_if: &'a WhatIf,
    ) -> Result<Duties<'a>, ReadError> {
        self.ask(Right::ReadCase, Some(case))?;
        self.app.duties_in(reading, case, what_if)
    }

    /// The look-ups of a case at a point, in the order in which they took place.
    ///
    /// # Errors
    /// [`ReadError::Forbidden`] without [`Right::ReadLookUps`]; [`ReadError::Keys`] when the
    /// access log cannot be opened; else as [`Session::read`].
    pub fn look_ups(&self, case: StreamId, point: ReadingPoint) -> Result<Vec<LookUp>, ReadError> {
        self.ask(Right::ReadLookUps, Some(case))?;
        self.app.look_ups(case, point)
    }

    /// The checks of the log that were recorded. They hold nothing about a person.
    ///
    /// # Errors
    /// [`ReadError::Forbidden`] without [`Right::ReadIntegrity`]; else as [`Session::read`].
    pub fn integrity_checks(&self) -> Result<Vec<Check>, ReadError> {
        self.ask(Right::ReadIntegrity, None)?;
        self.app.integrity_checks()
    }

    /// The safeguards that operators set aside, in the order of the log. They hold nothing about a
    /// person who is in a case.
    ///
    /// # Errors
    /// As [`Session::integrity_checks`].
    pub fn safeguard_overrides(&self) -> Result<Vec<Override>, ReadError> {
        self.ask(Right::ReadIntegrity, None)?;
        self.app.safeguard_overrides()
    }

    /// Begins to read a document; none when there is no such document in the stream, or it is
    /// erased.
    ///
    /// # Errors
    /// [`ReadError::Forbidden`] without [`Right::ReadDocument`]; else as [`Session::read`].
    pub fn open_document(
        &self,
        stream: StreamId,
        event: EventId,
    ) -> Result<Option<OpenDocument>, ReadError> {
        self.ask(Right::ReadDocument, Some(stream))?;
        self.app.open_document(stream, event)
    }

    /// The next chunk of a document; none behind the last one. The last one is handed out only
    /// when the whole has the size and the hash that were recorded.
    ///
    /// # Errors
    /// [`ReadError::Forbidden`] without [`Right::ReadDocument`]; [`ReadError::ErasedMeanwhile`]
    /// when the document was erased since it was opened; [`ReadError::Damaged`].
    pub fn next_chunk(
        &self,
        document: &mut OpenDocument,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, ReadError> {
        self.ask(Right::ReadDocument, None)?;
        self.app.next_chunk(document)
    }
}
