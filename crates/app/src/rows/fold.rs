//! From the streams of the log to rows: reading cases and persons, following the log entry by
//! entry, and making everything anew.
//!
//! Rows are folded at a position, so that what was recorded later never shows early. What cannot
//! be read for good is a row that says so; what cannot be read just now stops the work.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::current::Next;
use domain::reading::{Known, ReadingPoint};
use events::ids::{PersonId, StreamId};
use events::spec::StreamKind;
use record::outline::Outline;
use record::positions::{Seq, Size};
use store::log_store::{ReadError as StoreReadError, StoredEntry};
use store::projection_store::{ProjectionError, ProjectionStore};

use super::case_row::{Head, Key, PersonEntry, get};
use super::draft::{CaseParts, Draft};
use super::foresights::{Basis, Foresights, KnownCase};
use super::keys::ListKeys;
use super::sums::Sums;
use crate::error::ReadError;
use crate::layout::Layout;
use crate::log::content;
use crate::log::reader::StreamReader;
use crate::rules::in_force::in_force;
use crate::rules::rulebook::{RowLaw, Rulebook};

mod forward;
mod read;

/// Entries of the log that are followed in one step.
const STEP: u64 = 2_048;
/// Streams that are made anew in one step.
const STREAMS: usize = 256;

/// Rows could not be brought further.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FoldError {
    /// The log or the keys gave no answer; they may later.
    #[error("the record could not be read for a projection")]
    Read(#[from] ReadError),
    /// The rows are of no use any more.
    #[error(transparent)]
    Rows(#[from] ProjectionError),
    /// The rows were made by another law than that of the position they are to reflect.
    #[error("the rows were made by other rules than those in force")]
    OtherLaw,
    /// The work was told to stop.
    #[error("stopped")]
    Stopped,
}

impl From<StoreReadError> for FoldError {
    fn from(error: StoreReadError) -> Self {
        Self::Read(error.into())
    }
}

/// Whether reading again may help.
pub(crate) fn passing(error: &ReadError) -> bool {
    matches!(
        error,
        ReadError::Store(StoreReadError::Failed(_)) | ReadError::Keys(_)
    )
}

/// Makes rows out of streams.
#[derive(Clone)]
pub(crate) struct RowMaker {
    pub(crate) reader: StreamReader,
    /// The keys of the rows that are made or followed.
    pub(crate) keys: Arc<ListKeys>,
    /// Four-digit code of the municipality.
    pub(crate) municipality: Arc<str>,
    /// The stream of facts about the log.
    pub(crate) system: StreamId,
    /// The law of the program.
    pub(crate) rules: &'static Rulebook,
    /// What is known of cases; null for whoever reads every stream once.
    pub(crate) foresights: Option<Arc<Foresights>>,
}

/// A position, and the law that was in force there.
struct Then {
    position: Size,
    law: RowLaw,
}

/// What a stream is for the lists.
enum Read {
    Person(PersonId, PersonEntry),
    /// A case, and what is known of it besides.
    Case(u64, Box<CaseParts>, Option<Box<KnownCase>>),
    /// A notification that the cases which it belongs to show, by its ordinal.
    NoCase(u64, StreamId),
    Other,
}

/// A new event of the log.
enum New {
    /// As it was read from the log.
    Stored(StoredEntry),
    /// As it was handed over when it was recorded.
    AtHand(Next),
}

/// What changed in some entries of the log.
#[derive(Default)]
struct Changes {
    /// The new events of each stream, as they follow each other.
    streams: BTreeMap<StreamId, Vec<New>>,
    /// Streams of which the first entry is among them.
    begun: BTreeSet<StreamId>,
    erases: bool,
}

/// What an entry is, without its content.
fn outline(stored: &StoredEntry) -> Result<Outline, ReadError> {
    Outline::read(&stored.bytes).map_err(|error| ReadError::Damaged {
        index: stored.index,
        source: error.into(),
    })
}

fn at(position: Size) -> ReadingPoint {
    ReadingPoint {
        known: Known::Position(position.get()),
        ..ReadingPoint::default()
    }
}

impl RowMaker {
    /// For a log's rows under the keys of the epoch in force.
    pub(crate) fn new(reader: &StreamReader, layout: &Layout, rules: &'static Rulebook) -> Self {
        let keys = Arc::new(ListKeys::new(&reader.keyring.root()));
        let municipality = layout.municipality().code().into();
        Self {
            reader: reader.clone(),
            keys,
            municipality,
            system: layout.system_stream(),
            rules,
            foresights: Some(Arc::default()),
        }
    }

    /// The keys of the epoch in force, which follow those of rows that are in force already.
    pub(crate) fn keys_in_force(&self, before: Option<&ListKeys>) -> Arc<ListKeys> {
        Arc::new(
            before
                .unwrap_or(&self.keys)
                .of_epoch(&self.reader.keyring.root()),
        )
    }

    /// For rows under these keys.
    pub(crate) fn under(&self, keys: &Arc<ListKeys>) -> Self {
        Self {
            keys: Arc::clone(keys),
            ..self.clone()
        }
    }

    /// For whoever reads every stream once: nothing is kept of it.
    pub(crate) fn reading_once(&self) -> Self {
        Self {
            reader: StreamReader {
                caches: None,
                ..self.reader.clone()
            },
            foresights: None,
            ..self.clone()
        }
    }

    /// A position with the law that was in force there.
    fn then(&self, position: Size) -> Result<Then, FoldError> {
        let law = match in_force(&self.reader, self.system, self.rules, &at(position)) {
            Ok(in_force) => RowLaw::of(self.rules, in_force.catalogue),
            Err(ReadError::CatalogueNotHeld { hash, .. }) => RowLaw::not_held(&hash),
            Err(error) => return Err(error.into()),
        };
        Ok(Then { position, law })
    }

    /// Whether rows belong to this log, and do not run ahead of it.
    pub(crate) fn fits(&self, store: &dyn ProjectionStore) -> Result<bool, FoldError> {
        let rows = store.snapshot()?;
        let Ok(Some(head)) = get::<Head>(&*rows, &self.keys, &Key::Head(self.keys.epoch)) else {
            return Ok(false);
        };
        let position = rows.position();
        Ok(position <= self.reader.log.size()
            && head.leaf == self.leaf(position)?
            && head.law == self.then(position)?.law.name)
    }

    /// Whether files may still hold tokens of what was erased.
    pub(crate) fn holds_remnants(&self, store: &dyn ProjectionStore) -> Result<bool, FoldError> {
        let rows = store.snapshot()?;
        Ok(
            get::<Head>(&*rows, &self.keys, &Key::Head(self.keys.epoch))?
                .is_some_and(|head| head.remnants),
        )
    }

    /// Leaf of the last entry in front of a position.
    fn leaf(&self, position: Size) -> Result<Option<record::hash::Hash>, FoldError> {
        position
            .last()
            .map_or(Ok(None), |last| Ok(self.reader.log.leaf(last)?))
    }

    /// Follows the log one step, towards a position that it has reached.
    pub(crate) fn step(&self, store: &dyn ProjectionStore, to: Size) -> Result<Size, FoldError> {
        let begun = self.reader.caches.as_ref().map(|caches| caches.begin());
        let (batch, law) = {
            let rows = store.snapshot()?;
            let from = rows.position();
            let to = from.grown_by(STEP).map_or(to, |end| to.min(end));
            let (then, head) = (
                self.then(to)?,
                get::<Head>(&*rows, &self.keys, &Key::Head(self.keys.epoch))?,
            );
            if head.as_ref().is_some_and(|head| head.law != then.law.name) {
                return Err(FoldError::OtherLaw);
            }
            let law = then.law.name.clone();
            let changes = self.changes(from, to)?;
            if let Some(foresights) = &self.foresights {
                let (position, law) = (from, law.clone());
                foresights.begin(&Basis {
                    position,
                    law,
                    begun,
                });
            }
            let mut draft = Draft::new(&*rows, &self.keys, &then.law);
            self.put_changes(&changes, &mut draft, &then)?;
            let remnants =
                head.is_some_and(|head| head.remnants) || changes.erases && draft.lost_something();
            let batch = draft.finish(
                to,
                &Head {
                    leaf: self.leaf(to)?,
                    remnants,
                    law: law.clone(),
                },
            );
            (batch, law)
        };
        let position = batch.position;
        store.apply(batch)?;
        if let Some(foresights) = &self.foresights {
            foresights.stand_on(Basis {
                position,
                law,
                begun,
            });
        }
        Ok(position)
    }

    /// Puts into a draft what changed: cases are brought forward where that is enough, and else
    /// evaluated again.
    fn put_changes(
        &self,
        changes: &Changes,
        draft: &mut Draft<'_>,
        then: &Then,
    ) -> Result<(), FoldError> {
        if changes.erases
            && let Some(foresights) = &self.foresights
        {
            foresights.clear();
        }
        let (moved, affected) = self.affected(changes, draft, then)?;
        let mut again = affected;
        for stream in moved {
            let Some(events) = changes.streams.get(&stream) else {
                continue;
            };
            if !again.contains(&stream) && !self.bring_forward(stream, events, draft, then)? {
                again.insert(stream);
            }
        }
        for stream in again {
            let read = self.read(stream, then)?;
            if let Read::NoCase(ordinal, stream) = read {
                draft.put_no_case(ordinal, stream)?;
                continue;
            }
            let Some(foresights) = &self.foresights else {
                if let Read::Case(ordinal, parts, _) = read {
                    draft.put_case(ordinal, &parts)?;
                }
                continue;
            };
            foresights.take(stream);
            if let Read::Case(ordinal, parts, known) = read {
                foresights.evaluated();
                draft.put_case(ordinal, &parts)?;
                if let Some(known) = known {
                    foresights.put(stream, *known);
                }
            }
        }
        Ok(())
    }

    /// Folds again what could not be read whole when it was folded last.
    pub(crate) fn retry_incomplete(&self, store: &dyn ProjectionStore) -> Result<(), FoldError> {
        let batch = {
            let rows = store.snapshot()?;
            let then = self.then(rows.position())?;
            let mut draft = Draft::new(&*rows, &self.keys, &then.law);
            let incomplete = draft.having(&self.keys.incomplete())?;
            if incomplete.is_empty() {
                return Ok(());
            }
            for ordinal in incomplete {
                let Some(head) = self.reader.log.heads(ordinal, 1)?.first().copied() else {
                    continue;
                };
                let stream = content::stream_id(head.stream, head.index)?;
                let Read::Case(ordinal, parts, _) = self.read(stream, &then)? else {
                    continue;
                };
                let mut people = BTreeSet::new();
                for person in &parts.people {
                    people.extend(draft.same_person(*person)?);
                }
                for person in people {
                    if draft.person(person)?.unreadable
                        && let Read::Person(person, entry) = self.read(person.into(), &then)?
                    {
                        draft.put_person(person, entry)?;
                    }
                }
                draft.put_case(ordinal, &parts)?;
            }
            let head =
                get::<Head>(&*rows, &self.keys, &Key::Head(self.keys.epoch))?.unwrap_or(Head {
                    leaf: None,
                    remnants: true,
                    law: then.law.name.clone(),
                });
            draft.finish(rows.position(), &head)
        };
        Ok(store.apply(batch)?)
    }

    /// What changed in the entries from one position to another.
    fn changes(&self, from: Size, to: Size) -> Result<Changes, FoldError> {
        let mut changes = Changes::default();
        let caches = self.reader.caches.as_ref();
        let mut at_hand = caches.map_or_else(BTreeMap::new, |caches| caches.handed_over.take(to));
        for index in from.next_index().up_to(to) {
            let (stream, first, new) = match at_hand.remove(&index) {
                // What erases is never handed over.
                Some(next) => {
                    let event = next.event();
                    (event.stream, event.seq == 1, New::AtHand(next))
                }
                None => {
                    let stored = self.reader.entry(index)?;
                    let Outline::Event(event) = outline(&stored)? else {
                        continue;
                    };
                    changes.erases |= event.erases;
                    let stream = content::stream_id(event.stream, index)?;
                    (stream, event.seq == Seq::FIRST, New::Stored(stored))
                }
            };
            if first {
                changes.begun.insert(stream);
            }
            changes.streams.entry(stream).or_default().push(new);
        }
        Ok(changes)
    }

    /// The cases that got an event, and those that are read together with something that changed;
    /// persons are put in on the way.
    fn affected(
        &self,
        changes: &Changes,
        draft: &mut Draft<'_>,
        then: &Then,
    ) -> Result<(BTreeSet<StreamId>, BTreeSet<StreamId>), FoldError> {
        let (mut moved, mut cases) = (BTreeSet::new(), BTreeSet::new());
        let mut touched = BTreeSet::new();
        for stream in changes.streams.keys() {
            match self.reader.kind(*stream)? {
                Some(StreamKind::Person) => {
                    if let Read::Person(person, entry) = self.read(*stream, then)? {
                        let before = draft.same_person(person)?;
                        // Cases can name a person of whom there was no stream to be read with.
                        if draft.put_person(person, entry)? || changes.begun.contains(stream) {
                            touched.extend(before);
                            touched.extend(draft.same_person(person)?);
                        }
                    }
                }
                Some(StreamKind::Case | StreamKind::Notification) => {
                    moved.insert(*stream);
                }
                Some(StreamKind::System | StreamKind::Access) | None => {}
            }
            cases.extend(self.cases(draft, &self.keys.reach(*stream))?);
        }
        for person in touched {
            cases.extend(self.cases(draft, &self.keys.person(person))?);
        }
        Ok((moved, cases))
    }

    fn cases(
        &self,
        draft: &Draft<'_>,
        token: &record::keys::Token,
    ) -> Result<Vec<StreamId>, FoldError> {
        let mut cases = Vec::new();
        for ordinal in draft.having(token)? {
            cases.extend(self.stream(ordinal)?);
        }
        Ok(cases)
    }

    fn stream(&self, ordinal: u64) -> Result<Option<StreamId>, FoldError> {
        match self.reader.log.heads(ordinal, 1)?.first() {
            Some(head) => Ok(Some(content::stream_id(head.stream, head.index)?)),
            None => Ok(None),
        }
    }

    /// Makes all rows anew in an empty store: persons first, then cases, both as of a position.
    pub(crate) fn make(
        &self,
        store: &dyn ProjectionStore,
        position: Size,
        go_on: &(dyn Fn(u64, u64) -> bool + Sync),
    ) -> Result<(), FoldError> {
        let then = self.then(position)?;
        let total = self.reader.log.stream_count();
        let (mut done, mut sums) = (0, Sums::default());
        for persons in [true, false] {
            let mut from = 0;
            while from < total {
                let heads = self.reader.log.heads(from, STREAMS)?;
                let Some(last) = heads.last() else { break };
                from = last.ordinal + 1;
                let mut streams = Vec::with_capacity(heads.len());
                for head in &heads {
                    let stream = content::stream_id(head.stream, head.index)?;
                    if persons == (self.reader.kind(stream)? == Some(StreamKind::Person)) {
                        streams.push(stream);
                    }
                }
                sums = self.make_some(store, &streams, &then, sums)?;
                done += heads.len() as u64;
                if !go_on(done, total * 2) {
                    return Err(FoldError::Stopped);
                }
            }
        }
        let rows = store.snapshot()?;
        let head = Head {
            leaf: self.leaf(position)?,
            remnants: false,
            law: then.law.name.clone(),
        };
        let mut draft = Draft::new(&*rows, &self.keys, &then.law);
        draft.go_on_with(sums);
        let batch = draft.finish(position, &head);
        drop(rows);
        Ok(store.apply(batch)?)
    }

    /// Makes the rows of some streams; answers the sums with what they add.
    fn make_some(
        &self,
        store: &dyn ProjectionStore,
        streams: &[StreamId],
        then: &Then,
        sums: Sums,
    ) -> Result<Sums, FoldError> {
        let read: Vec<Read> = content::each(streams, 2, |stream| self.read(*stream, then))?;
        let (batch, sums) = {
            let rows = store.snapshot()?;
            let mut draft = Draft::new(&*rows, &self.keys, &then.law);
            draft.go_on_with(sums);
            for read in read {
                match read {
                    Read::Person(person, entry) => {
                        draft.put_person(person, entry)?;
                    }
                    Read::Case(ordinal, parts, _) => draft.put_case(ordinal, &parts)?,
                    Read::NoCase(ordinal, stream) => draft.put_no_case(ordinal, stream)?,
                    Read::Other => {}
                }
            }
            let sums = draft.leave_sums();
            let head = Head {
                leaf: None,
                remnants: false,
                law: then.law.name.clone(),
            };
            (draft.finish(Size::EMPTY, &head), sums)
        };
        store.apply(batch)?;
        Ok(sums)
    }
}
