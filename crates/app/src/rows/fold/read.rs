//! What a stream is at a position: a person, a case, or nothing that lists show.

use std::collections::BTreeSet;

use domain::persons::persons_of;
use domain::reading::{Known, Reading, ReadingPoint};
use domain::views::inbox;
use domain::views::listing::{CaseRow, case_row, people};
use events::ids::{PersonId, StreamId};
use events::spec::StreamKind;
use events::text::PersonName;
use record::positions::StreamVersion;
use store::log_store::StreamHead;

use super::{FoldError, Read, RowMaker, Then, at, passing};
use crate::error::ReadError;
use crate::rows::case_row::{ListedCase, PersonEntry, RowKind};
use crate::rows::draft::CaseParts;
use crate::rows::duty::{Added, Evaluated, evaluate, foresee};
use crate::rows::foresights::KnownCase;
use crate::rules::rulebook::RowLaw;
use crate::waiting::wait;

impl RowMaker {
    /// What a stream is at a position.
    pub(super) fn read(&self, stream: StreamId, then: &Then) -> Result<Read, FoldError> {
        let Some(head) = self.reader.log.stream_head(stream.uuid())? else {
            return Ok(Read::Other);
        };
        let point = at(then.position);
        let _epoch = wait(self.reader.epoch.read());
        let read = match self.reader.kind(stream)? {
            Some(StreamKind::Person) => self.person(stream, point),
            Some(StreamKind::Case) => self.case(stream, &head, point, &then.law),
            Some(StreamKind::Notification) => self.notification(stream, &head, point, &then.law),
            Some(StreamKind::System | StreamKind::Access) | None => Ok(Read::Other),
        };
        match read {
            Err(error) if !passing(&error) => self.damaged(stream, &head, &error),
            other => Ok(other?),
        }
    }

    fn person(&self, stream: StreamId, point: ReadingPoint) -> Result<Read, ReadError> {
        let Ok(person) = PersonId::new(stream.uuid()) else {
            return Ok(Read::Other);
        };
        let reading = Reading::new(self.reader.recorded(stream)?.to_vec(), point)?;
        if reading.events.is_empty() {
            return Ok(Read::Other);
        }
        let persons = persons_of(&reading);
        let known = persons.get(person);
        let number = known.and_then(|known| known.id_number.as_ref()?.known());
        let name = known.and_then(|known| known.name.as_ref()?.known());
        let found_by = PersonEntry::found_by(&self.keys, number, name.map(PersonName::as_str));
        let entry = PersonEntry {
            merged_into: Some(persons.canonical(person)).filter(|into| *into != person),
            ..found_by
        };
        Ok(Read::Person(person, entry))
    }

    /// A notification that nobody has assessed, or that belongs to no case yet: with what is owed
    /// because of it, as long as no case shows that.
    fn notification(
        &self,
        stream: StreamId,
        head: &StreamHead,
        point: ReadingPoint,
        law: &RowLaw,
    ) -> Result<Read, ReadError> {
        let reading = Reading::new(self.reader.recorded(stream)?.to_vec(), point)?;
        let known = inbox::notification(&reading, stream);
        let Some(known) = known.filter(inbox::Notification::is_untouched) else {
            return Ok(Read::NoCase(head.ordinal, stream));
        };
        let catalogue = law.catalogue.filter(|_| known.cases.is_empty());
        let evaluated =
            catalogue.map(|catalogue| evaluate(catalogue, &self.municipality, &reading, stream));
        let mut told = reading.facts();
        let unit = told.find_map(|(_, shown)| shown.actor.as_ref()?.unit.clone());
        let parts = CaseParts {
            listed: ListedCase {
                kind: RowKind::Notification,
                row: CaseRow {
                    opened: known.received,
                    unit,
                    ..CaseRow::unknown(stream)
                },
                whole: true,
            },
            people: BTreeSet::new(),
            reach: BTreeSet::new(),
            evaluated: Evaluated {
                duties: evaluated.unwrap_or_default().duties,
                ..Evaluated::default()
            },
        };
        Ok(Read::Case(head.ordinal, Box::new(parts), None))
    }

    /// A case from what is at hand, with every stream that was looked at for it. Null when
    /// nothing is kept, when it cannot be read whole, or when what is at hand does not say how it stood
    /// at the point.
    fn as_it_stands(
        &self,
        stream: StreamId,
        point: ReadingPoint,
    ) -> Result<Option<(Reading, Vec<StreamId>)>, ReadError> {
        let Known::Position(position) = point.known else {
            return Ok(None);
        };
        if self.reader.caches.is_none() {
            return Ok(None);
        }
        let standing = match self.reader.standing(stream) {
            Err(error) if !passing(&error) => return Ok(None),
            standing => standing?,
        };
        let looked = || standing.others.keys().copied().chain([stream]).collect();
        let reading = standing.known.at(position);
        Ok(reading.map(|reading| (reading, looked())))
    }

    fn case(
        &self,
        stream: StreamId,
        head: &StreamHead,
        point: ReadingPoint,
        law: &RowLaw,
    ) -> Result<Read, ReadError> {
        // The law asks for ages and custody, which stand with the persons; a person who cannot be
        // read hides no case.
        let (reading, looked, persons) = match self.as_it_stands(stream, point)? {
            Some((reading, looked)) => (reading, looked, true),
            None => {
                let (reached, persons) = match self.reader.reach(stream, &point, true) {
                    Err(error) if !passing(&error) => {
                        (self.reader.reach(stream, &point, false)?, false)
                    }
                    reached => (reached?, true),
                };
                let looked = reached.versions.into_keys().collect();
                (Reading::new(reached.records, point)?, looked, persons)
            }
        };
        if !reading.events.iter().any(|event| event.stream == stream) {
            return Ok(Read::Other);
        }
        let people: BTreeSet<PersonId> = people(&reading)
            .into_iter()
            .map(|person| person.person)
            .collect();
        // Those named only by annulled facts are read too.
        let mut reach = BTreeSet::new();
        for other in looked {
            if other != stream
                && matches!(
                    self.reader.kind(other)?,
                    Some(StreamKind::Notification | StreamKind::Case | StreamKind::Person)
                )
            {
                reach.insert(other);
            }
        }
        let listed = ListedCase {
            kind: RowKind::Case,
            row: case_row(&reading, stream),
            whole: true,
        };
        let foreseen = law
            .catalogue
            .and_then(|catalogue| foresee(catalogue, &self.municipality, &reading, stream));
        let (evaluated, foresight) = foreseen.unzip();
        let own = reading.events.iter().filter(|event| event.stream == stream);
        let version = StreamVersion::new(own.map(|event| event.seq).max().unwrap_or(0));
        let evaluated = evaluated.unwrap_or_default();
        // How many cases count for the key figures is known of those only that count already.
        let counts = evaluated.holes > 0 || evaluated.figures.iter().any(Added::always);
        let known = foresight.filter(|_| persons && counts);
        let known = known.map(|foresight| KnownCase {
            ordinal: head.ordinal,
            version,
            people: people.clone(),
            reach: reach.clone(),
            foresight,
        });
        let parts = CaseParts {
            listed,
            people,
            reach,
            evaluated,
        };
        Ok(Read::Case(
            head.ordinal,
            Box::new(parts),
            known.map(Box::new),
        ))
    }

    /// A stream that cannot be read and will not be: a person without a name, or a case of which
    /// nothing is known.
    fn damaged(
        &self,
        stream: StreamId,
        head: &StreamHead,
        error: &ReadError,
    ) -> Result<Read, FoldError> {
        tracing::error!(%stream, %error, "a stream cannot be read for the lists");
        Ok(match self.reader.kind(stream).ok().flatten() {
            Some(StreamKind::Person) => match PersonId::new(stream.uuid()) {
                Ok(person) => Read::Person(
                    person,
                    PersonEntry {
                        unreadable: true,
                        ..PersonEntry::default()
                    },
                ),
                Err(_) => Read::Other,
            },
            Some(StreamKind::Notification | StreamKind::System | StreamKind::Access) => Read::Other,
            Some(StreamKind::Case) | None => {
                let listed = ListedCase {
                    kind: RowKind::Case,
                    row: CaseRow::unknown(stream),
                    whole: false,
                };
                let parts = CaseParts {
                    listed,
                    people: BTreeSet::new(),
                    reach: BTreeSet::new(),
                    evaluated: Evaluated::default(),
                };
                Read::Case(head.ordinal, Box::new(parts), None)
            }
        })
    }
}
