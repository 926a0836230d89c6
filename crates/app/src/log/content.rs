//! Between the meaning of an event and its encrypted, committed form.

pub mod disclosed;
pub mod prepared;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use events::ids::{EventId, StreamId};
use events::personal::Gap;
use events::raw::{RawElement, RawEvent, RawPart};
use events::spec::StreamKind;
use jiff::Timestamp;
use record::entry::{Entry, EventEnvelope};
use record::hash::{Hash, sha256};
use record::keys::PartKey;
use record::opening::{DisclosureText, OpenedPayload, PartSource, disclosure_texts};
use record::positions::{LogIndex, LogTime, Seq};
use store::log_store::{LogStore, StoredBlob, StoredEntry};
use uuid::Uuid;

use crate::error::ReadError;
use crate::log::keyring::{Keyring, Subjects};

/// A stored event with its envelope read and its content opened as far as keys allow.
#[derive(Debug, Clone)]
pub struct OpenedEvent {
    /// The clear envelope.
    pub envelope: EventEnvelope,
    /// Leaf hash of the entry.
    pub leaf: Hash,
    /// The content; none when part 0 is gone.
    pub raw: Option<RawEvent>,
}

/// Reads the envelope of a stored event.
///
/// # Errors
/// [`ReadError::Damaged`] when it is not an event entry.
pub fn envelope(stored: &StoredEntry) -> Result<EventEnvelope, ReadError> {
    event_envelope(stored)?.ok_or_else(|| ReadError::Damaged {
        index: stored.index,
        source: "not an event".into(),
    })
}

/// Reads a stored entry.
fn parsed(stored: &StoredEntry) -> Result<Entry, ReadError> {
    let parsed = record::entry::parse(&stored.bytes);
    Ok(parsed
        .map_err(|error| ReadError::Damaged {
            index: stored.index,
            source: error.into(),
        })?
        .entry)
}

/// Reads the envelope of a stored entry; none when it is no event.
///
/// # Errors
/// [`ReadError::Damaged`].
pub fn event_envelope(stored: &StoredEntry) -> Result<Option<EventEnvelope>, ReadError> {
    match parsed(stored)? {
        Entry::Event(envelope) | Entry::Access(envelope) => Ok(Some(envelope)),
        Entry::Keys(_) | Entry::Heads(_) => Ok(None),
    }
}

/// Opens one event without its stream, so that nothing is known of its erasures.
///
/// # Errors
/// [`ReadError`]; also when something of it was erased.
pub fn open_alone(
    stored: &StoredEntry,
    keyring: &Keyring,
    log: &dyn LogStore,
) -> Result<Option<RawEvent>, ReadError> {
    let (envelope, subjects, erasures) =
        (envelope(stored)?, keyring.subjects(), Erasures::default());
    Parts {
        stored,
        envelope: &envelope,
        subjects: &subjects,
        erasures: &erasures,
        log,
    }
    .open()
}

/// Fewer events than this are not worth a second thread.
const PARALLEL_FROM: usize = 64;
/// More threads would starve other requests.
const THREADS_MAX: usize = 4;

/// How many processors the process may use. It is asked once: the answer lies in several files of the
/// system, and reading them took longer than opening a short case.
fn processors() -> usize {
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    *PROCESSORS
        .get_or_init(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
}

/// Applies a function to every item, on several threads when there are at least `parallel_from`.
pub(crate) fn each<'a, T: Sync, R: Send, E: From<ReadError> + Send>(
    items: &'a [T],
    parallel_from: usize,
    work: impl Fn(&'a T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let threads = if items.len() < parallel_from {
        1
    } else {
        processors().min(THREADS_MAX)
    };
    if threads < 2 {
        return items.iter().map(work).collect();
    }
    let work = &work;
    std::thread::scope(|scope| {
        let chunks = items.chunks(items.len().div_ceil(threads));
        let workers: Vec<_> = chunks
            .map(|chunk| scope.spawn(move || chunk.iter().map(work).collect::<Result<Vec<R>, _>>()))
            .collect();
        let mut all = Vec::with_capacity(items.len());
        for worker in workers {
            all.extend(
                worker
                    .join()
                    .map_err(|_| ReadError::Keys("a reader panicked".into()))??,
            );
        }
        Ok(all)
    })
}

/// The bytes of a blob of an entry, wherever they lie; none when it was destroyed.
///
/// # Errors
/// [`ReadError::Store`].
pub fn blob<'a>(
    stored: &'a StoredEntry,
    part: u16,
    log: &dyn LogStore,
) -> Result<Option<Cow<'a, [u8]>>, ReadError> {
    Ok(match stored.blobs.get(usize::from(part)) {
        None | Some(StoredBlob::Gone) => None,
        Some(StoredBlob::Here(bytes)) => Some(Cow::Borrowed(bytes)),
        Some(StoredBlob::Apart) => log.blob(stored.index, part)?.map(Cow::Owned),
    })
}

/// Opens the events of one stream, which must be given whole from the first on: an erasure
/// stands later in the stream than what it erases, and a gap that no erasure explains is an
/// error.
///
/// # Errors
/// [`ReadError`] when an entry is damaged, or a key is missing without an erasure.
pub fn open_stream(
    stored: &[StoredEntry],
    keyring: &Keyring,
    log: &dyn LogStore,
) -> Result<Vec<OpenedEvent>, ReadError> {
    with_parts(stored, keyring, log, |parts| {
        Ok(OpenedEvent {
            envelope: parts.envelope.clone(),
            leaf: parts.stored.leaf,
            raw: parts.open()?,
        })
    })
}

/// Looks at every event of a stream, knowing what the whole stream says was erased.
fn with_parts<R: Send>(
    stored: &[StoredEntry],
    keyring: &Keyring,
    log: &dyn LogStore,
    look: impl Fn(&Parts<'_>) -> Result<R, ReadError> + Sync,
) -> Result<Vec<R>, ReadError> {
    let read: Vec<(&StoredEntry, EventEnvelope)> = each(stored, PARALLEL_FROM, |stored| {
        Ok::<_, ReadError>((stored, envelope(stored)?))
    })?;
    let mut erasures = Erasures::default();
    for (_, envelope) in &read {
        erasures.any.extend(
            envelope
                .erased
                .iter()
                .map(|erased| (erased.seq, erased.part)),
        );
        let whole = envelope
            .erased
            .iter()
            .filter(|erased| erased.digest.is_none());
        erasures
            .whole
            .extend(whole.map(|erased| (erased.seq, erased.part)));
        erasures.replaced.extend(
            envelope
                .replaced
                .iter()
                .map(|new| ((new.seq, new.part), new.blob)),
        );
    }
    let subjects = keyring.subjects();
    each(&read, PARALLEL_FROM, |(stored, envelope)| {
        look(&Parts {
            stored,
            envelope,
            subjects: &subjects,
            erasures: &erasures,
            log,
        })
    })
}

/// What the entries of a stream say was erased.
#[derive(Default)]
struct Erasures {
    /// Parts of which something or everything was.
    any: BTreeSet<(Seq, u16)>,
    /// Parts of which everything was.
    whole: BTreeSet<(Seq, u16)>,
    /// The ciphertext that a part has once values were taken out of it.
    replaced: BTreeMap<(Seq, u16), Hash>,
}

/// The parts of one event, opened one by one: attachments, which lie behind them, are left alone.
struct Parts<'a> {
    stored: &'a StoredEntry,
    envelope: &'a EventEnvelope,
    subjects: &'a Subjects<'a>,
    erasures: &'a Erasures,
    log: &'a dyn LogStore,
}

/// A ciphertext with its key.
type Openable<'a> = (Cow<'a, [u8]>, PartKey);

fn source<'a>((blob, key): &'a Openable<'_>) -> PartSource<'a> {
    PartSource { blob, key }
}

impl<'a> Parts<'a> {
    /// A part that may be shown; none when it is erased. From its order on, what is erased is not
    /// shown, even while keys and ciphertexts are still being destroyed.
    fn part(&self, part: u16) -> Result<Option<Openable<'a>>, ReadError> {
        let place = (self.envelope.seq, part);
        if self.erasures.whole.contains(&place) {
            return Ok(None);
        }
        let promised = self.erasures.replaced.get(&place);
        let blob = blob(self.stored, part, self.log)?
            .filter(|blob| promised.is_none_or(|promised| sha256(blob) == *promised));
        let key = match &blob {
            Some(_) => self.subjects.part(self.envelope.event_id, part)?,
            None => None,
        };
        match blob.zip(key) {
            None if !self.erasures.any.contains(&place) => Err(ReadError::KeyMissing {
                index: self.stored.index,
                part,
            }),
            found => Ok(found),
        }
    }

    /// The disclosures of all parts that may be shown.
    fn texts(&self) -> Result<Vec<DisclosureText>, ReadError> {
        let index = self.stored.index;
        let damaged = |error: record::opening::OpenError| ReadError::Damaged {
            index,
            source: error.into(),
        };
        let Some(own) = self.part(0)? else {
            return Ok(Vec::new());
        };
        let event = self.envelope.event_id;
        let count = record::opening::open_own(&self.envelope.payload, event, source(&own))
            .map_err(damaged)?
            .count();
        let mut texts = disclosure_texts(source(&own), event, 0).map_err(damaged)?;
        for number in 1..count {
            if let Some(part) = self.part(number)? {
                texts.extend(disclosure_texts(source(&part), event, number).map_err(damaged)?);
            }
        }
        Ok(texts)
    }

    fn open(&self) -> Result<Option<RawEvent>, ReadError> {
        let index = self.stored.index;
        let damaged = |error: record::opening::OpenError| ReadError::Damaged {
            index,
            source: error.into(),
        };
        let Some(own) = self.part(0)? else {
            return Ok(None);
        };
        let own =
            record::opening::open_own(&self.envelope.payload, self.envelope.event_id, source(&own))
                .map_err(damaged)?;
        if usize::from(own.count()) > self.stored.blobs.len() {
            return Err(damaged(record::opening::OpenError::Payload));
        }
        let others: Vec<Option<Openable<'_>>> = (1..own.count())
            .map(|part| self.part(part))
            .collect::<Result<_, _>>()?;
        let others: Vec<Option<PartSource<'_>>> = others
            .iter()
            .map(|other| other.as_ref().map(source))
            .collect();
        own.with(self.envelope.event_id, &others)
            .map(|opened| Some(raw(opened)))
            .map_err(damaged)
    }
}

/// What cannot be opened by the holder of all keys is erased.
fn raw(opened: OpenedPayload) -> RawEvent {
    let parts = opened.parts.into_iter().map(|part| RawPart {
        who: part.who,
        fields: part
            .fields
            .into_iter()
            .map(|(name, elements)| {
                let elements = elements
                    .into_iter()
                    .map(|element| RawElement {
                        digest: element.digest.to_b64u(),
                        value: element.value.ok_or(Gap::Erased),
                    })
                    .collect();
                (name, elements)
            })
            .collect(),
    });
    RawEvent {
        kind: opened.kind,
        version: opened.version,
        parts: parts.collect(),
    }
}

/// The id of an event, as the language knows it.
///
/// # Errors
/// [`ReadError::Damaged`] when the entry carries the nil id.
pub fn event_id(id: Uuid, index: LogIndex) -> Result<EventId, ReadError> {
    EventId::new(id).map_err(|error| ReadError::Damaged {
        index,
        source: error.into(),
    })
}

/// The id of a stream, as the language knows it.
///
/// # Errors
/// [`ReadError::Damaged`] when the entry carries the nil id.
pub fn stream_id(id: Uuid, index: LogIndex) -> Result<StreamId, ReadError> {
    StreamId::new(id).map_err(|error| ReadError::Damaged {
        index,
        source: error.into(),
    })
}

/// Name of the log that an entry belongs to.
///
/// # Errors
/// [`ReadError::Damaged`].
pub fn origin(stored: &StoredEntry) -> Result<String, ReadError> {
    Ok(parsed(stored)?.origin().to_owned())
}

/// When an entry was recorded.
///
/// # Errors
/// [`ReadError::Damaged`].
pub fn recorded_at(stored: &StoredEntry) -> Result<Timestamp, ReadError> {
    log_time(stored).map(instant)
}

/// When an entry was recorded, as the entry states it.
///
/// # Errors
/// [`ReadError::Damaged`] when the entry cannot be read.
pub fn log_time(stored: &StoredEntry) -> Result<LogTime, ReadError> {
    Ok(parsed(stored)?.recorded_at())
}

/// A time of the log as an instant; one beyond all instants is the last of them.
#[must_use]
pub fn instant(time: LogTime) -> Timestamp {
    let seconds = i64::try_from(time.get()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

/// The kind of stream that the first readable of these events stands in.
///
/// # Errors
/// [`ReadError`] when an entry is damaged.
pub fn kind_of(
    stored: &[StoredEntry],
    keyring: &Keyring,
    log: &dyn LogStore,
) -> Result<Option<StreamKind>, ReadError> {
    for stored in stored {
        let envelope = envelope(stored)?;
        let Some(blob) = blob(stored, 0, log)? else {
            continue;
        };
        let Some(key) = keyring.part(envelope.event_id, 0)? else {
            continue;
        };
        // A part that an unfinished erasure left between two keys says nothing here; whatever else
        // is wrong with it is found when the stream is read.
        let own = record::opening::open_own(
            &envelope.payload,
            envelope.event_id,
            PartSource {
                blob: &blob,
                key: &key,
            },
        );
        if let Some(kind) = own
            .ok()
            .and_then(|own| own.who().and_then(StreamKind::from_who))
        {
            return Ok(Some(kind));
        }
    }
    Ok(None)
}
