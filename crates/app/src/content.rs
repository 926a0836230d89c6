//! Between the meaning of an event and its encrypted, committed form.

use std::collections::{BTreeMap, BTreeSet};

use events::ids::{EventId, StreamId};
use events::parts::person_of;
use events::personal::Gap;
use events::raw::{PlainEvent, RawElement, RawEvent, RawPart};
use events::spec::StreamKind;
use record::entry::{Entry, EventEnvelope};
use record::hash::{Hash, sha256};
use record::payload::{OpenedPayload, Part, PartSource, Payload};
use store::key_store::KeyRow;
use store::log_store::StoredEntry;
use uuid::Uuid;

use crate::entropy::OsEntropy;
use crate::error::{BoxError, ReadError};
use crate::keyring::{Keyring, Subjects};

/// An event whose content is encrypted and committed to, and which has no place yet.
#[derive(Debug)]
pub struct Prepared {
    /// Digest of the payload disclosure.
    pub payload: Hash,
    /// Ciphertexts by part.
    pub blobs: Vec<Vec<u8>>,
    /// Hash of each ciphertext.
    pub blob_hashes: Vec<Hash>,
    /// Keys that must be durable before the event.
    pub keys: Vec<KeyRow>,
}

/// Encrypts the parts of an event and commits to its fields.
///
/// # Errors
/// When a key cannot be read or a value is not one the record takes.
pub fn prepare(plain: &PlainEvent, stream: StreamId, event: EventId, keyring: &Keyring) -> Result<Prepared, BoxError> {
    let parts = plain.parts.iter().map(|part| Part { who: part.who.clone(), fields: part.fields.clone() }).collect();
    let payload = Payload { kind: plain.kind.clone(), version: u64::from(plain.version), parts };
    let committed = record::payload::commit(&payload, event.uuid(), &mut OsEntropy)?;
    let mut prepared = Prepared { payload: committed.digest, blobs: Vec::new(), blob_hashes: Vec::new(), keys: Vec::new() };
    for (number, (encrypted, part)) in committed.parts.into_iter().zip(&plain.parts).enumerate() {
        let number = u16::try_from(number)?;
        let subject = person_of(&part.who).map_or_else(|| stream.uuid(), |person| person.person.uuid());
        prepared.keys.extend(keyring.rows_for(event.uuid(), number, subject, &encrypted.key)?);
        prepared.blob_hashes.push(encrypted.blob_hash);
        prepared.blobs.push(encrypted.blob);
    }
    Ok(prepared)
}

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
    event_envelope(stored)?.ok_or_else(|| ReadError::Damaged { index: stored.index, source: "not an event".into() })
}

/// Reads the envelope of a stored entry; none when it is no event.
///
/// # Errors
/// [`ReadError::Damaged`].
pub fn event_envelope(stored: &StoredEntry) -> Result<Option<EventEnvelope>, ReadError> {
    let parsed = record::entry::parse(&stored.bytes);
    match parsed.map_err(|error| ReadError::Damaged { index: stored.index, source: error.into() })?.entry {
        Entry::Event(envelope) | Entry::Access(envelope) => Ok(Some(envelope)),
        Entry::Keys(_) | Entry::Heads(_) => Ok(None),
    }
}

/// Opens one event without its stream, so that nothing is known of its erasures.
///
/// # Errors
/// [`ReadError`]; also when something of it was erased.
pub fn open_alone(stored: &StoredEntry, keyring: &Keyring) -> Result<Option<RawEvent>, ReadError> {
    open_event(stored, &envelope(stored)?, &keyring.subjects(), &Erasures::default())
}

/// Fewer events than this are not worth a second thread.
const PARALLEL_FROM: usize = 64;
/// More threads would starve other requests.
const THREADS_MAX: usize = 4;

/// Applies a function to every item, on several threads when there are at least `parallel_from`.
pub(crate) fn each<'a, T: Sync, R: Send, E: From<ReadError> + Send>(
    items: &'a [T],
    parallel_from: usize,
    work: impl Fn(&'a T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(THREADS_MAX);
    if items.len() < parallel_from || threads < 2 {
        return items.iter().map(work).collect();
    }
    let work = &work;
    std::thread::scope(|scope| {
        let chunks = items.chunks(items.len().div_ceil(threads));
        let workers: Vec<_> = chunks.map(|chunk| scope.spawn(move || chunk.iter().map(work).collect::<Result<Vec<R>, _>>())).collect();
        let mut all = Vec::with_capacity(items.len());
        for worker in workers {
            all.extend(worker.join().map_err(|_| ReadError::Keys("a reader panicked".into()))??);
        }
        Ok(all)
    })
}

/// Opens the events of one stream, which must be given whole from the first on: an erasure
/// stands later in the stream than what it erases, and a gap that no erasure explains is an
/// error.
///
/// # Errors
/// [`ReadError`] when an entry is damaged, or a key is missing without an erasure.
pub fn open_stream(stored: &[StoredEntry], keyring: &Keyring) -> Result<Vec<OpenedEvent>, ReadError> {
    let read: Vec<(&StoredEntry, EventEnvelope)> = each(stored, PARALLEL_FROM, |stored| Ok::<_, ReadError>((stored, envelope(stored)?)))?;
    let mut erasures = Erasures::default();
    for (_, envelope) in &read {
        erasures.any.extend(envelope.erased.iter().map(|erased| (erased.seq, erased.part)));
        let whole = envelope.erased.iter().filter(|erased| erased.digest.is_none());
        erasures.whole.extend(whole.map(|erased| (erased.seq, erased.part)));
        erasures.replaced.extend(envelope.replaced.iter().map(|new| ((new.seq, new.part), new.blob)));
    }
    let subjects = keyring.subjects();
    each(&read, PARALLEL_FROM, |(stored, envelope)| {
        let raw = open_event(stored, envelope, &subjects, &erasures)?;
        Ok::<_, ReadError>(OpenedEvent { envelope: envelope.clone(), leaf: stored.leaf, raw })
    })
}

/// What the entries of a stream say was erased.
#[derive(Default)]
struct Erasures {
    /// Parts of which something or everything was.
    any: BTreeSet<(u64, u16)>,
    /// Parts of which everything was.
    whole: BTreeSet<(u64, u16)>,
    /// The ciphertext that a part has once values were taken out of it.
    replaced: BTreeMap<(u64, u16), Hash>,
}

impl Erasures {
    /// Whether a part may be shown. From its order on, what is erased is not, even while keys and
    /// ciphertexts are still being destroyed.
    fn shows(&self, place: (u64, u16), blob: &[u8]) -> bool {
        !self.whole.contains(&place) && self.replaced.get(&place).is_none_or(|promised| sha256(blob) == *promised)
    }
}

fn open_event(
    stored: &StoredEntry,
    envelope: &EventEnvelope,
    subjects: &Subjects<'_>,
    erasures: &Erasures,
) -> Result<Option<RawEvent>, ReadError> {
    let mut keys = Vec::with_capacity(stored.blobs.len());
    for (part, blob) in (0_u16..).zip(&stored.blobs) {
        let place = (envelope.seq, part);
        let key = match blob {
            Some(blob) if erasures.shows(place, blob) => subjects.part(envelope.event_id, part)?,
            _ => None,
        };
        if key.is_none() && !erasures.any.contains(&place) {
            return Err(ReadError::KeyMissing { index: stored.index, part });
        }
        keys.push(key);
    }
    let sources: Vec<Option<PartSource<'_>>> =
        stored.blobs.iter().zip(&keys).map(|(blob, key)| Some(PartSource { blob: blob.as_deref()?, key: key.as_ref()? })).collect();
    record::payload::open(&envelope.payload, envelope.event_id, &sources)
        .map(|opened| opened.map(raw))
        .map_err(|error| ReadError::Damaged { index: stored.index, source: error.into() })
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
                    .map(|element| RawElement { digest: element.digest.to_b64u(), value: element.value.ok_or(Gap::Erased) })
                    .collect();
                (name, elements)
            })
            .collect(),
    });
    RawEvent { kind: opened.kind, version: opened.version, parts: parts.collect() }
}

/// The id of an event, as the language knows it.
///
/// # Errors
/// [`ReadError::Damaged`] when the entry carries the nil id.
pub fn event_id(id: Uuid, index: u64) -> Result<EventId, ReadError> {
    EventId::new(id).map_err(|error| ReadError::Damaged { index, source: error.into() })
}

/// The id of a stream, as the language knows it.
///
/// # Errors
/// [`ReadError::Damaged`] when the entry carries the nil id.
pub fn stream_id(id: Uuid, index: u64) -> Result<StreamId, ReadError> {
    StreamId::new(id).map_err(|error| ReadError::Damaged { index, source: error.into() })
}

/// Name of the log that an entry belongs to.
///
/// # Errors
/// [`ReadError::Damaged`].
pub fn origin(stored: &StoredEntry) -> Result<String, ReadError> {
    let parsed = record::entry::parse(&stored.bytes).map_err(|error| ReadError::Damaged { index: stored.index, source: error.into() })?;
    Ok(match parsed.entry {
        Entry::Event(event) | Entry::Access(event) => event.origin,
        Entry::Keys(entry) => entry.origin,
        Entry::Heads(entry) => entry.origin,
    })
}

/// When an entry was recorded.
///
/// # Errors
/// [`ReadError::Damaged`].
pub fn recorded_at(stored: &StoredEntry) -> Result<jiff::Timestamp, ReadError> {
    let parsed = record::entry::parse(&stored.bytes).map_err(|error| ReadError::Damaged { index: stored.index, source: error.into() })?;
    let seconds = match parsed.entry {
        Entry::Event(event) | Entry::Access(event) => event.recorded_at,
        Entry::Keys(entry) => entry.recorded_at,
        Entry::Heads(entry) => entry.recorded_at,
    };
    Ok(jiff::Timestamp::from_second(i64::try_from(seconds).unwrap_or(i64::MAX)).unwrap_or(jiff::Timestamp::MAX))
}

/// The kind of stream that the first readable of these events stands in.
///
/// # Errors
/// [`ReadError`] when an entry is damaged.
pub fn kind_of(stored: &[StoredEntry], keyring: &Keyring) -> Result<Option<StreamKind>, ReadError> {
    for stored in stored {
        let envelope = envelope(stored)?;
        let Some(Some(blob)) = stored.blobs.first() else { continue };
        let Some(key) = keyring.part(envelope.event_id, 0)? else { continue };
        let mut sources = vec![None; stored.blobs.len()];
        if let Some(own) = sources.first_mut() {
            *own = Some(PartSource { blob, key: &key });
        }
        // A part that an unfinished erasure left between two keys says nothing here; whatever else
        // is wrong with it is found when the stream is read.
        let Ok(opened) = record::payload::open(&envelope.payload, envelope.event_id, &sources) else { continue };
        if let Some(kind) = opened.and_then(|opened| opened.parts.first().and_then(|own| StreamKind::from_who(&own.who))) {
            return Ok(Some(kind));
        }
    }
    Ok(None)
}
