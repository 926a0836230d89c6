//! Destroying what an order lists: keys first, then bytes, then the report.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use domain::decide::Decided;
use domain::reading::Recorded;
use events::erasure::ErasureExecuted;
use events::event::Event;
use events::ids::{ErasureId, EventId, StreamId};
use events::meta::{Actor, EventRef, Meta, Role};
use events::time::Occurred;
use record::entry::EventEnvelope;
use record::keys::{PartKey, RootKey, SubjectKey, WrappedKey};
use store::key_store::{KeyError, KeyRow, PartRow, SubjectRow};
use store::log_store::{BlobChange, CommitError, StoredEntry};
use uuid::Uuid;

use crate::content;
use crate::entropy::{OsEntropy, fresh, secret};
use crate::error::{BoxError, ReadError, RecordError};
use crate::sequencer::Job;
use crate::service::App;

/// An order that has not been reported as carried out.
struct Open {
    stream: StreamId,
    order: EventRef,
    erasure: ErasureId,
    envelope: EventEnvelope,
    keys_destroyed: u32,
    blobs_changed: u32,
}

/// What a stream says of its erasures.
#[derive(Default)]
struct Erasures {
    ordered: BTreeMap<EventId, ErasureId>,
    /// Orders that are reported as carried out.
    executed: BTreeSet<EventId>,
}

impl Erasures {
    fn of(records: &[Recorded]) -> Self {
        let mut erasures = Self::default();
        for record in records {
            match record.raw.as_ref().map(Event::decode) {
                Some(Ok(Event::ErasureOrdered(facts))) => {
                    erasures.ordered.insert(record.event, facts.erasure);
                }
                Some(Ok(Event::ErasureExecuted(facts))) => {
                    erasures.executed.insert(facts.ordered.event);
                }
                _ => {}
            }
        }
        erasures
    }
}

/// What is to be destroyed and put in its place.
#[derive(Default)]
struct Work {
    /// Part keys that die.
    dead: BTreeSet<(Uuid, u16)>,
    /// Subjects that get a new key.
    subjects: BTreeSet<Uuid>,
    /// Keys of parts that lost single values.
    fresh: Vec<(Uuid, u16, Uuid, PartKey)>,
    blobs: Vec<BlobChange>,
}

impl App {
    /// Carries out every erasure that is ordered and not yet reported. Repeating is harmless.
    pub(crate) fn resume_erasures(&self) -> Result<(), RecordError> {
        let _epoch = self.epoch.write().unwrap_or_else(PoisonError::into_inner);
        let mut open = self.open_orders()?;
        if open.is_empty() {
            return self.forget_stray_files();
        }
        // What cannot be reported is not begun.
        self.time()?;
        // The list of what is erased must be vouched for before anything is destroyed.
        self.sequencer.checkpoint()?;
        self.shelf.clear();
        let mut work = Work::default();
        for order in &mut open {
            self.collect(order, &mut work)?;
        }
        if !work.dead.is_empty() {
            self.destroy_keys(&work)?;
        }
        self.log.change_blobs(&work.blobs).map_err(|error| match error {
            CommitError::Unknown(cause) => RecordError::Unknown(cause),
            other => RecordError::not_written(other),
        })?;
        self.report_executed(&open)?;
        self.shelf.clear();
        self.forget_stray_files()
    }

    fn open_orders(&self) -> Result<Vec<Open>, RecordError> {
        let mut open = Vec::new();
        let mut known: BTreeMap<StreamId, Erasures> = BTreeMap::new();
        for index in self.log.erasing_entries().map_err(ReadError::from)? {
            let stored = self.log.entry(index).map_err(ReadError::from)?;
            let envelope = content::envelope(&stored.ok_or_else(|| RecordError::not_written("an erasing entry is missing"))?)?;
            let stream = content::stream_id(envelope.stream, index)?;
            let event = content::event_id(envelope.event_id, index)?;
            let erasures = match known.entry(stream) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(slot) => slot.insert(Erasures::of(&self.recorded(stream)?)),
            };
            if erasures.executed.contains(&event) {
                continue;
            }
            // An order that was itself erased names no erasure any more; it is carried out all the same.
            let erasure = match erasures.ordered.get(&event) {
                Some(erasure) => *erasure,
                None => ErasureId::new(event.uuid()).map_err(RecordError::not_written)?,
            };
            let order = EventRef { stream, event };
            open.push(Open { stream, order, erasure, envelope, keys_destroyed: 0, blobs_changed: 0 });
        }
        Ok(open)
    }

    fn collect(&self, open: &mut Open, work: &mut Work) -> Result<(), RecordError> {
        let stored = self.stored(open.stream)?;
        let replacements = self.pending.read(open.erasure.uuid()).map_err(RecordError::not_written)?;
        let (epoch, root) = self.keyring.root();
        let mut changed = BTreeSet::new();
        for erased in &open.envelope.erased {
            let place = erased.seq.checked_sub(1).and_then(|place| usize::try_from(place).ok());
            let entry = place.and_then(|place| stored.get(place)).ok_or_else(|| RecordError::not_written("an erased event is missing"))?;
            let event = content::envelope(entry)?.event_id;
            if !changed.insert((event, erased.part)) {
                continue;
            }
            let row = self.keys.part(event, erased.part).map_err(RecordError::not_written)?;
            let mut blob = None;
            if erased.digest.is_some() {
                let new = replacements.iter().find(|new| (new.event, new.part) == (event, erased.part));
                let Some(new) = new else {
                    self.check_replaced(&stored, erased.seq, erased.part, entry)?;
                    continue;
                };
                blob = Some(new.blob.clone());
                // An older epoch means that the keys were exchanged before a crash.
                if new.epoch != epoch {
                    work.blobs.push(BlobChange { index: entry.index, part: erased.part, blob });
                    continue;
                }
                let key = root.unwrap_part(&WrappedKey(new.wrapped)).map_err(RecordError::not_written)?;
                let subject = row
                    .as_ref()
                    .map(|row| row.subject)
                    .ok_or_else(|| RecordError::not_written("the key of a part to be rewritten is missing"))?;
                work.fresh.push((event, erased.part, subject, key));
            }
            if let Some(row) = row {
                work.dead.insert((event, erased.part));
                work.subjects.insert(row.subject);
                open.keys_destroyed += 1;
            }
            open.blobs_changed += 1;
            work.blobs.push(BlobChange { index: entry.index, part: erased.part, blob });
        }
        Ok(())
    }

    /// Without the kept new form, the part must already be one that an order of its stream commits to,
    /// or be gone as a whole by a later order. Where reports of earlier orders were themselves erased,
    /// their orders come here again.
    fn check_replaced(&self, stream: &[StoredEntry], seq: u64, part: u16, entry: &StoredEntry) -> Result<(), RecordError> {
        let Some(blob) = content::blob(entry, part, &*self.log)? else { return Ok(()) };
        let hash = record::hash::sha256(&blob);
        for stored in stream {
            let replaced = content::envelope(stored)?.replaced;
            if replaced.iter().any(|new| (new.seq, new.part, new.blob) == (seq, part, hash)) {
                return Ok(());
            }
        }
        Err(RecordError::not_written("the new form of a part to be erased from is missing"))
    }

    /// New keys for the subjects concerned, a new epoch, and the old rows destroyed.
    fn destroy_keys(&self, work: &Work) -> Result<(), RecordError> {
        let (epoch, old_root) = self.keyring.root();
        let new_secret = secret();
        let new_root = RootKey::from_bytes(new_secret);
        let mut subjects: BTreeMap<Uuid, (SubjectKey, SubjectKey)> = BTreeMap::new();
        for subject in &work.subjects {
            let old = self.keyring.subject(*subject)?.ok_or_else(|| RecordError::not_written("the key of a subject is missing"))?;
            subjects.insert(*subject, (old, SubjectKey::generate(&mut OsEntropy)));
        }
        let mut rewrite = |row: KeyRow| -> Result<Option<KeyRow>, BoxError> {
            Ok(match row {
                KeyRow::Part(row) if work.dead.contains(&(row.event, row.part)) => None,
                KeyRow::Part(row) => Some(KeyRow::Part(match subjects.get(&row.subject) {
                    Some((old, new)) => PartRow { wrapped: new.wrap(&old.unwrap(&row.wrapped)?), ..row },
                    None => row,
                })),
                KeyRow::Subject(row) => {
                    let wrapped = match subjects.get(&row.subject) {
                        Some((_, new)) => new_root.wrap(new),
                        None => new_root.wrap(&old_root.unwrap(&row.wrapped)?),
                    };
                    Some(KeyRow::Subject(SubjectRow { subject: row.subject, epoch: epoch + 1, wrapped }))
                }
            })
        };
        let mut extra = Vec::with_capacity(work.fresh.len());
        for (event, part, subject, key) in &work.fresh {
            let (_, new) = subjects.get(subject).ok_or_else(|| RecordError::not_written("a subject has no new key"))?;
            extra.push(KeyRow::Part(PartRow { event: *event, part: *part, subject: *subject, wrapped: new.wrap(key) }));
        }
        self.keys.rotate(new_secret, &mut rewrite, &extra).map_err(|error| match error {
            KeyError::Unknown(cause) => RecordError::Unknown(cause),
            other => RecordError::not_written(other),
        })
    }

    fn report_executed(&self, open: &[Open]) -> Result<(), RecordError> {
        let actor =
            Actor { id: "system".to_owned(), role: Role::System, unit: None, municipality: self.layout.municipality().code().to_owned() };
        let now = jiff::Timestamp::from_second(self.time()?.as_second()).map_err(RecordError::not_written)?;
        let mut decided = Vec::new();
        for order in open {
            let facts = ErasureExecuted {
                erasure: order.erasure,
                ordered: order.order,
                key_epoch: self.keys.secrets().epoch,
                keys_destroyed: order.keys_destroyed,
                blobs_changed: order.blobs_changed,
            };
            decided.push(Decided {
                stream: order.stream,
                kind: self.kind(order.stream).ok_or_else(|| RecordError::not_written("the stream is not listed"))?,
                event: None,
                facts: Event::ErasureExecuted(facts),
                meta: Meta::at(Occurred::At(now)),
                reference_to: None,
            });
        }
        let drafts = self.drafts(decided, &actor, &mut BTreeMap::new(), &[])?;
        let command = fresh();
        self.submit(Job { drafts, expected: Vec::new(), command, input_mac: [0; 32] }, true)?;
        self.sequencer.checkpoint()?;
        Ok(())
    }

    /// Everything open is done, so whatever file is left belongs to nothing.
    fn forget_stray_files(&self) -> Result<(), RecordError> {
        for order in self.pending.orders().map_err(RecordError::not_written)? {
            self.pending.forget(order).map_err(RecordError::not_written)?;
        }
        Ok(())
    }
}
