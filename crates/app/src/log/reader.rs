//! Reads streams: stored entries, opened events, and all that they reference.
//!
//! What was read is kept in the cache of streams; who may read is not asked here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::current::{Current, Folded, Next};
use domain::reading::ReadingPoint;
use domain::recorded::Recorded;
use domain::references::{counts, only, references};
use events::ids::StreamId;
use events::meta::EventRef;
use events::raw::RawEvent;
use events::spec::StreamKind;
use record::positions::{LogIndex, Seq, StreamVersion};
use store::log_store::{LogStore, StoredEntry, StreamHead};

use crate::error::ReadError;
use crate::log::cache::Begun;
use crate::log::caches::Caches;
use crate::log::content::{self, OpenedEvent};
use crate::log::directory::Directory;
use crate::log::epoch::Epoch;
use crate::log::keyring::Keyring;
use crate::log::sequencer::{Receipt, Written};
use crate::log::standing_cache::{Others, Standing, StandingCache, Stepped, state_bytes};
use crate::log::stream_cache::Weighed;

/// Entries of a stream read at once.
const PAGE: usize = 32;

/// Streams looked at at once.
const STREAMS: usize = 1_000;

/// Fewer pages than this are not worth a second thread.
const PAGES_PARALLEL_FROM: usize = 3;

/// A stream with all that it references.
pub(crate) struct Reached {
    pub(crate) records: Vec<Recorded>,
    /// Every stream that was looked at, at the version that was read; the empty version where
    /// there is no such stream.
    pub(crate) versions: BTreeMap<StreamId, StreamVersion>,
}

/// What reading needs, so that a thread can read beside the use cases.
#[derive(Clone)]
pub(crate) struct StreamReader {
    pub(crate) log: Arc<dyn LogStore>,
    pub(crate) keyring: Arc<Keyring>,
    /// What is known of kinds so far; [`StreamReader::kind`] finds the others.
    pub(crate) directory: Arc<Directory>,
    /// Where opened streams are kept; null for whoever reads every stream once.
    pub(crate) caches: Option<Arc<Caches>>,
    /// Keys that change while something is read; never held here.
    pub(crate) epoch: Arc<Epoch>,
}

impl StreamReader {
    /// Kind of a stream; null when there is no such stream.
    pub(crate) fn kind(&self, stream: StreamId) -> Result<Option<StreamKind>, ReadError> {
        if let Some(known) = self.directory.known(stream) {
            return Ok(Some(known));
        }
        let head = self.log.stream_head(stream.uuid())?;
        let kind = head.map(|head| self.find_kind(&head)).transpose()?;
        kind.into_iter()
            .for_each(|kind| self.directory.add(stream, kind));
        Ok(kind)
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

    /// The streams of a kind, oldest first. It looks at every stream of the log: the first time a
    /// stream is met its first event is read.
    pub(crate) fn of_kind(&self, kind: StreamKind) -> Result<Vec<StreamId>, ReadError> {
        let (mut found, mut from) = (Vec::new(), 0);
        let count = self.log.stream_count();
        while from < count {
            for head in self.log.heads(from, STREAMS)? {
                from = head.ordinal + 1;
                let stream = content::stream_id(head.stream, head.index)?;
                if self.kind(stream)? == Some(kind) {
                    found.push(stream);
                }
            }
        }
        Ok(found)
    }

    /// An entry that the log must hold.
    pub(crate) fn entry(&self, index: LogIndex) -> Result<StoredEntry, ReadError> {
        let stored = self.log.entry(index)?;
        stored.ok_or_else(|| ReadError::Damaged {
            index,
            source: "the entry is missing".into(),
        })
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

    /// The newest version of a stream; the empty one when there is no such stream.
    fn newest(&self, stream: StreamId) -> Result<StreamVersion, ReadError> {
        let head = self.log.stream_head(stream.uuid())?;
        Ok(head.map_or(StreamVersion::EMPTY, |head| head.seq.version()))
    }

    /// A stream as the domain reads it.
    pub(crate) fn recorded(&self, stream: StreamId) -> Result<Arc<Vec<Recorded>>, ReadError> {
        let Some(caches) = &self.caches else {
            return Ok(Arc::new(self.all_recorded(stream)?));
        };
        let (cache, begun) = (&caches.streams, caches.begin());
        let newest = self.newest(stream)?;
        if let Some(records) = cache.get(stream, newest) {
            return Ok(records);
        }
        let weighed = match cache.older(stream, newest) {
            Some(older) => self.grown(stream, older, newest)?,
            None => None,
        };
        let weighed = match weighed {
            Some(grown) => grown,
            None => Weighed::new(self.all_recorded(stream)?),
        };
        cache.put(stream, &weighed, begun);
        Ok(weighed.records)
    }

    fn all_recorded(&self, stream: StreamId) -> Result<Vec<Recorded>, ReadError> {
        let opened = self.opened(stream)?.into_iter();
        opened.map(|event| as_recorded(event, stream)).collect()
    }

    /// What is kept of a stream with the events that came since; null when one of them erases, so
    /// that the whole must be read again.
    fn grown(
        &self,
        stream: StreamId,
        mut older: Weighed,
        newest: StreamVersion,
    ) -> Result<Option<Weighed>, ReadError> {
        let version = StreamVersion::of(older.records.len());
        let Some(since) = self.since(stream, version, newest)? else {
            return Ok(None);
        };
        older.extend(since);
        Ok(Some(older))
    }

    /// The events of a stream behind a version, up to another; null when one of them erases, which
    /// changes how those before it read.
    fn since(
        &self,
        stream: StreamId,
        version: StreamVersion,
        newest: StreamVersion,
    ) -> Result<Option<Vec<Recorded>>, ReadError> {
        let missing = usize::try_from(newest.beyond(version)).unwrap_or(usize::MAX);
        let mut stored = Vec::new();
        while stored.len() < missing {
            let held = usize::try_from(version.get()).unwrap_or(usize::MAX);
            let from = Seq::of_offset(held + stored.len());
            let page = self
                .log
                .stream_page(stream.uuid(), from, missing - stored.len())?;
            if page.is_empty() {
                return Ok(None);
            }
            stored.extend(page);
        }
        let opened = content::open_stream(&stored, &self.keyring, &*self.log)?;
        let erases = |event: &OpenedEvent| {
            !event.envelope.erased.is_empty() || !event.envelope.replaced.is_empty()
        };
        if opened.iter().any(erases) {
            return Ok(None);
        }
        let records = opened.into_iter().map(|event| as_recorded(event, stream));
        records.collect::<Result<_, _>>().map(Some)
    }

    /// A stream as it stands now with all that it references, and the version that this was read at;
    /// the empty version when there is no such stream.
    pub(crate) fn current(&self, stream: StreamId) -> Result<(StreamVersion, Current), ReadError> {
        let standing = self.standing(stream)?;
        Ok((standing.version, standing.known))
    }

    /// The same, with what the other streams of the reading stood at.
    pub(crate) fn standing(&self, stream: StreamId) -> Result<Standing<Current>, ReadError> {
        let newest = self.newest(stream)?;
        if newest == StreamVersion::EMPTY {
            return Ok(Standing::default());
        }
        let Some(caches) = &self.caches else {
            return Ok(self.fold_current(stream)?.0);
        };
        let begun = caches.begin();
        if let Some(standing) = self.at_hand(&caches.current, stream, newest, begun)? {
            return Ok(standing);
        }
        let (standing, bytes) = self.fold_current(stream)?;
        caches.current.put(stream, standing.clone(), bytes, begun);
        Ok(standing)
    }

    /// What commands of a stream are decided on, and the version that this was read at; the empty
    /// version when there is no such stream.
    pub(crate) fn state(&self, stream: StreamId) -> Result<(StreamVersion, Folded), ReadError> {
        let newest = self.newest(stream)?;
        let caches = self.caches.as_ref();
        let Some(caches) = caches.filter(|_| newest != StreamVersion::EMPTY) else {
            let (version, current) = self.current(stream)?;
            return Ok((version, current.folded().clone()));
        };
        let begun = caches.begin();
        if let Some(standing) = self.at_hand(&caches.states, stream, newest, begun)? {
            return Ok((standing.version, standing.known));
        }
        let Standing {
            version,
            others,
            known,
        } = self.standing(stream)?;
        let known = known.folded().clone();
        let bytes = state_bytes(known.state());
        let standing = Standing {
            version,
            others,
            known: known.clone(),
        };
        caches.states.put(stream, standing, bytes, begun);
        Ok((version, known))
    }

    /// What a cache holds of a stream, brought forward to a version where it can be; null when the
    /// stream must be folded from the start.
    fn at_hand<T: Stepped>(
        &self,
        cache: &StandingCache<T>,
        stream: StreamId,
        newest: StreamVersion,
        begun: Begun,
    ) -> Result<Option<Standing<T>>, ReadError> {
        let Some(held) = cache.held(stream) else {
            return Ok(None);
        };
        if held.version > newest || !self.unmoved(&held.others)? {
            return Ok(None);
        }
        if held.version == newest {
            return Ok(cache.at(stream, newest));
        }
        let Some(records) = self.since(stream, held.version, newest)? else {
            return Ok(None);
        };
        let bytes = records.iter().map(T::weight).sum();
        let events: Vec<Next> = records.iter().map(Next::of).collect::<Result<_, _>>()?;
        Ok(cache.step(stream, held.version, &events, bytes, begun))
    }

    /// Whether none of these streams has got another event.
    fn unmoved(&self, others: &Others) -> Result<bool, ReadError> {
        for (stream, version) in &**others {
            if self.newest(*stream)? != *version {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes in events that were just recorded, as reading them back would, so that nobody has to;
    /// answers their receipts. `begun` was asked before their job was handed over. What cannot be
    /// taken in is left to the next reading.
    pub(crate) fn take_in(&self, written: Vec<Written>, begun: Begun) -> Vec<Receipt> {
        let receipts = written.into_iter().map(|written| {
            let Written {
                receipt,
                raw,
                erases,
            } = written;
            if !erases {
                self.take_in_one(&receipt, raw, begun);
            }
            receipt
        });
        receipts.collect()
    }

    /// Brings a stream forward by an event that was recorded in it, where it is at hand at the version
    /// before.
    fn take_in_one(&self, receipt: &Receipt, raw: RawEvent, begun: Begun) {
        let last = receipt.version.last();
        let (Some(caches), Some(last)) = (&self.caches, last) else {
            return;
        };
        let from = last.previous().map_or(StreamVersion::EMPTY, Seq::version);
        let record = as_read_back(receipt, raw);
        let Ok(next) = Next::of(&record) else { return };
        let next = [next];
        let (state, whole) = (Folded::weight(&record), Current::weight(&record));
        let stream = receipt.stream;
        caches.states.step(stream, from, &next, state, begun);
        caches.current.step(stream, from, &next, whole, begun);
        let [next] = &next;
        caches.handed_over.put(receipt.index, next, whole, begun);
    }

    /// Folds a stream from the start; answers about how many bytes it takes, too.
    fn fold_current(&self, stream: StreamId) -> Result<(Standing<Current>, usize), ReadError> {
        tracing::trace!(%stream, "a stream is folded from the start");
        let Reached {
            records,
            mut versions,
        } = self.reach(stream, &ReadingPoint::default(), true)?;
        let bytes = records.iter().map(Current::weight).sum();
        let version = versions.remove(&stream).unwrap_or(StreamVersion::EMPTY);
        let standing = Standing {
            version,
            others: Arc::new(versions),
            known: Current::fold(records, stream)?,
        };
        Ok((standing, bytes))
    }

    /// A stream with all that it references at the point, as records, and at which version each stream
    /// was that was looked at. The streams of persons are left out where only their ids are wanted.
    pub(crate) fn reach(
        &self,
        stream: StreamId,
        point: &ReadingPoint,
        persons: bool,
    ) -> Result<Reached, ReadError> {
        let mut all = self.recorded(stream)?.to_vec();
        let mut done = BTreeSet::from([stream]);
        let mut versions = BTreeMap::from([(stream, StreamVersion::of(all.len()))]);
        let mut waiting = references(&all, point);
        loop {
            while let Some(next) = waiting.streams.pop_first() {
                let wanted = persons || self.kind(next)? != Some(StreamKind::Person);
                if done.insert(next) {
                    versions.entry(next).or_insert(StreamVersion::EMPTY);
                    if !wanted || self.newest(next)? == StreamVersion::EMPTY {
                        continue;
                    }
                    let records = self.recorded(next)?;
                    versions.insert(next, StreamVersion::of(records.len()));
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
            versions.entry(other).or_insert(StreamVersion::EMPTY);
            if done.contains(&other) || self.newest(other)? == StreamVersion::EMPTY {
                continue;
            }
            let records = self.recorded(other)?;
            versions.insert(other, StreamVersion::of(records.len()));
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
        Ok(Reached {
            records: all,
            versions,
        })
    }
}

/// An event that was just recorded, as [`as_recorded`] shows it once it was read back.
fn as_read_back(receipt: &Receipt, raw: RawEvent) -> Recorded {
    Recorded {
        index: receipt.index.get(),
        recorded_at: receipt.instant(),
        stream: receipt.stream,
        seq: receipt.version.get(),
        event: receipt.event,
        raw: Some(raw),
    }
}

/// An opened event as the domain reads it.
pub(crate) fn as_recorded(event: OpenedEvent, stream: StreamId) -> Result<Recorded, ReadError> {
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
