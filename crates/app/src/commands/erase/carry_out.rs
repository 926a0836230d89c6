//! Destroying what an order lists: keys first, then bytes, then the report.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use domain::decide::Decided;
use domain::recorded::Recorded;
use events::erasure::{ErasureExecuted, ErasureOrdered, ErasureScope};
use events::event::Event;
use events::ids::{ErasureId, EventId, StreamId};
use events::meta::{Actor, EventRef, Meta, Role};
use events::raw::RawEvent;
use events::spec::StreamKind;
use events::time::Occurred;
use record::entry::EventEnvelope;
use record::hash::{Hash, sha256};
use record::keys::{PartKey, PartPlace, PendingPlace, RootKey, SubjectKey, WrappedKey};
use record::opening::{PartSource, disclosure_texts};
use record::positions::{LogIndex, Seq};
use store::key_store::{KeyError, KeyRow, PartRow, SubjectRow};
use store::log_store::{BlobChange, CommitError, StoredEntry};
use uuid::Uuid;

use crate::app::App;
use crate::entropy::{OsEntropy, fresh, secret};
use crate::error::{BoxError, ReadError, RecordError};
use crate::log::content;
use crate::log::pending::Replacement;
use crate::log::sequencer::Job;
use crate::waiting::wait;
use crate::wanted::Wanted;

/// An order that has not been reported as carried out.
pub(super) struct Open {
    pub(super) stream: StreamId,
    order: EventRef,
    erasure: ErasureId,
    /// What was ordered; none where the order was itself erased.
    pub(super) facts: Option<ErasureOrdered>,
    pub(super) envelope: EventEnvelope,
    keys_destroyed: u32,
    blobs_changed: u32,
}

impl Open {
    /// Whether all that lies under the key of the stream is to go.
    pub(super) fn takes_all(&self, kind: Option<StreamKind>) -> bool {
        match self.facts.as_ref().map(|facts| facts.scope) {
            Some(ErasureScope::Case) => true,
            Some(ErasureScope::Person) => kind == Some(StreamKind::Person),
            Some(ErasureScope::Value | ErasureScope::Part | ErasureScope::Event) | None => false,
        }
    }
}

/// What a stream says of its erasures.
#[derive(Default)]
struct Erasures {
    ordered: BTreeMap<EventId, ErasureOrdered>,
    /// Orders that are reported as carried out.
    executed: BTreeSet<EventId>,
}

impl Erasures {
    fn of(records: &[Recorded]) -> Self {
        let mut erasures = Self::default();
        for record in records {
            erasures.add(record.event, record.raw.as_ref());
        }
        erasures
    }

    fn add(&mut self, event: EventId, raw: Option<&RawEvent>) {
        match raw.map(Event::decode) {
            Some(Ok(Event::ErasureOrdered(facts))) => {
                self.ordered.insert(event, facts);
            }
            Some(Ok(Event::ErasureExecuted(facts))) => {
                self.executed.insert(facts.ordered.event);
            }
            _ => {}
        }
    }
}

/// What is to be destroyed and put in its place.
#[derive(Default)]
pub(super) struct Work {
    /// Part keys that die, with the places of their events in the log.
    pub(super) dead: BTreeMap<(Uuid, u16), LogIndex>,
    /// Subjects that get a new key.
    pub(super) subjects: BTreeSet<Uuid>,
    /// Keys of parts that lost single values.
    pub(super) fresh: Vec<(Uuid, u16, Uuid, PartKey)>,
    pub(super) blobs: Vec<BlobChange>,
}

impl App {
    /// Carries out every erasure that is ordered and not yet reported. Repeating is harmless.
    pub(crate) fn resume_erasures(&self) -> Result<(), RecordError> {
        self.carry_out_erasures(true)
    }

    /// The same before the log is in use. The access log is not opened for it: whoever opens it
    /// decides whether it may be written to. What waits for it is not reported yet.
    pub(crate) fn resume_erasures_at_start(&self) -> Result<(), RecordError> {
        self.carry_out_erasures(false)
    }

    fn carry_out_erasures(&self, open_accesses: bool) -> Result<(), RecordError> {
        let _epoch = self.epoch.write();
        if open_accesses {
            // Nothing waits any more: it is carried out here.
            self.unlinking_waits.store(false, Ordering::Release);
        }
        let mut open = self.open_orders()?;
        if open.is_empty() {
            return self.forget_stray_files();
        }
        // What cannot be reported is not begun.
        self.time()?;
        // The list of what is erased must be vouched for before anything is destroyed.
        self.sequencer.checkpoint()?;
        self.caches.clear();
        let mut work = Work::default();
        for order in &mut open {
            self.collect(order, &mut work)?;
        }
        let changing = self.epoch.changing();
        if !work.dead.is_empty() {
            self.destroy_keys(&work)?;
        }
        self.log
            .change_blobs(&work.blobs)
            .map_err(|error| match error {
                CommitError::Unknown(cause) => RecordError::Unknown(cause),
                other => RecordError::not_written(other),
            })?;
        drop(changing);
        self.check_erased(&open, &work)?;
        let mut done = Vec::with_capacity(open.len());
        for order in open {
            if self.unlink_look_ups(&order, open_accesses)? {
                done.push(order);
            }
        }
        if !done.is_empty() {
            self.report_executed(&done)?;
        }
        self.caches.clear();
        self.forget_stray_files()
    }

    fn open_orders(&self) -> Result<Vec<Open>, RecordError> {
        let mut open = Vec::new();
        let mut known: BTreeMap<StreamId, Erasures> = BTreeMap::new();
        for index in self.log.erasing_entries().map_err(ReadError::from)? {
            let stored = self.log.entry(index).map_err(ReadError::from)?;
            let envelope = content::envelope(
                &stored.ok_or_else(|| RecordError::not_written("an erasing entry is missing"))?,
            )?;
            let stream = content::stream_id(envelope.stream, index)?;
            let event = content::event_id(envelope.event_id, index)?;
            let erasures = match known.entry(stream) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(slot) => slot.insert(self.erasures_of(stream)?),
            };
            if erasures.executed.contains(&event) {
                continue;
            }
            // An order that was itself erased names no erasure any more; it is carried out all the
            // same.
            let facts = erasures.ordered.get(&event).cloned();
            let erasure = match &facts {
                Some(facts) => facts.erasure,
                None => ErasureId::new(event.uuid()).map_err(RecordError::not_written)?,
            };
            let order = EventRef { stream, event };
            open.push(Open {
                stream,
                order,
                erasure,
                facts,
                envelope,
                keys_destroyed: 0,
                blobs_changed: 0,
            });
        }
        Ok(open)
    }

    /// What a stream says of its erasures, as far as it can be read: keys that were lost must not
    /// keep a log closed. What is done is done again then, and reported again.
    fn erasures_of(&self, stream: StreamId) -> Result<Erasures, ReadError> {
        match self.recorded(stream) {
            Err(ReadError::KeyMissing { .. }) => {}
            records => return records.map(|records| Erasures::of(&records)),
        }
        let mut erasures = Erasures::default();
        for stored in self.stored(stream)? {
            let envelope = content::envelope(&stored)?;
            match content::open_alone(&stored, &self.keyring, &*self.log) {
                Ok(raw) => erasures.add(
                    content::event_id(envelope.event_id, envelope.index)?,
                    raw.as_ref(),
                ),
                Err(ReadError::KeyMissing { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(erasures)
    }

    fn collect(&self, open: &mut Open, work: &mut Work) -> Result<(), RecordError> {
        let signed = self.signed_stream(open.stream)?;
        let stored = self.stored(open.stream)?;
        let replacements = self
            .pending
            .read(open.erasure.uuid())
            .map_err(RecordError::not_written)?;
        let (epoch, _) = self.keyring.root();
        let mut changed = BTreeSet::new();
        for erased in &open.envelope.erased {
            let place = erased.seq.offset();
            let found = place.and_then(|place| Some((stored.get(place)?, signed.get(place)?)));
            // An order erases what stands in front of it, and nothing that is not there.
            let found = found.filter(|(_, event)| {
                event.seq < open.envelope.seq && usize::from(erased.part) < event.blobs.len()
            });
            let (entry, event) = found.ok_or_else(|| ReadError::Damaged {
                index: open.envelope.index,
                source: format!(
                    "it erases part {} of event {} of its stream, which is not there",
                    erased.part, erased.seq
                )
                .into(),
            })?;
            let event = event.event_id;
            if !changed.insert((event, erased.part)) {
                continue;
            }
            let row = self
                .keys
                .part(event, erased.part)
                .map_err(RecordError::not_written)?;
            let mut blob = None;
            if erased.digest.is_some() {
                let new = replacements
                    .iter()
                    .find(|new| (new.event, new.part) == (event, erased.part));
                let Some(new) = new else {
                    self.check_replaced(&signed, erased.seq, erased.part, entry)?;
                    continue;
                };
                blob = Some(new.blob.clone());
                // An older epoch means that the keys were exchanged before a crash.
                if new.epoch != epoch {
                    work.blobs.push(BlobChange {
                        index: entry.index,
                        part: erased.part,
                        blob,
                    });
                    continue;
                }
                let key = self.kept_key(open, new, erased.seq)?;
                let subject = row.as_ref().map(|row| row.subject).ok_or_else(|| {
                    RecordError::not_written("the key of a part to be rewritten is missing")
                })?;
                work.fresh.push((event, erased.part, subject, key));
            }
            if let Some(row) = row {
                work.dead.insert((event, erased.part), entry.index);
                work.subjects.insert(row.subject);
                open.keys_destroyed += 1;
            }
            open.blobs_changed += 1;
            work.blobs.push(BlobChange {
                index: entry.index,
                part: erased.part,
                blob,
            });
        }
        Ok(())
    }

    /// The key of a kept new form. The form must be the one that the order commits to, and its key
    /// must open it: the old one is destroyed for it.
    fn kept_key(&self, open: &Open, new: &Replacement, seq: Seq) -> Result<PartKey, RecordError> {
        let Replacement {
            event, part, epoch, ..
        } = *new;
        let damaged = || {
            RecordError::not_written(
                "the kept new form of a part to be erased from is not the one that the order names",
            )
        };
        let blob = sha256(&new.blob);
        if !open
            .envelope
            .replaced
            .iter()
            .any(|promised| (promised.seq, promised.part, promised.blob) == (seq, part, blob))
        {
            return Err(damaged());
        }
        let ((_, root), wrapped) = (self.keyring.root(), WrappedKey(new.wrapped));
        let place = PendingPlace {
            erasure: open.erasure.uuid(),
            event,
            part,
            epoch,
        };
        let key = if new.bound {
            root.unwrap_part(place, &wrapped)
                .map_err(RecordError::not_written)?
        } else {
            root.unwrap_part_unbound(&wrapped).ok_or_else(damaged)?
        };
        disclosure_texts(
            PartSource {
                blob: &new.blob,
                key: &key,
            },
            event,
            part,
        )
        .map_err(RecordError::not_written)?;
        Ok(key)
    }

    /// Without the kept new form, the part must already be one that an order of its stream commits
    /// to, or be gone as a whole by a later order. Where reports of earlier orders were themselves
    /// erased, their orders come here again.
    fn check_replaced(
        &self,
        stream: &[EventEnvelope],
        seq: Seq,
        part: u16,
        entry: &StoredEntry,
    ) -> Result<(), RecordError> {
        let Some(blob) = content::blob(entry, part, &*self.log)? else {
            return Ok(());
        };
        let hash: Hash = sha256(&blob);
        for event in stream {
            let replaced = &event.replaced;
            if replaced
                .iter()
                .any(|new| (new.seq, new.part, new.blob) == (seq, part, hash))
            {
                return Ok(());
            }
        }
        Err(RecordError::not_written(
            "the new form of a part to be erased from is missing",
        ))
    }

    /// New keys for the subjects concerned, a new epoch, and the old rows destroyed.
    fn destroy_keys(&self, work: &Work) -> Result<(), RecordError> {
        let (epoch, old_root) = self.keyring.root();
        let new_secret = secret();
        let new_root = RootKey::from_bytes(new_secret);
        let mut subjects: BTreeMap<Uuid, (SubjectKey, SubjectKey)> = BTreeMap::new();
        for subject in &work.subjects {
            let old = self
                .keyring
                .subject(*subject)?
                .ok_or_else(|| RecordError::not_written("the key of a subject is missing"))?;
            subjects.insert(*subject, (old, SubjectKey::generate(&mut OsEntropy)));
        }
        let mut recorded = self.recorded_events();
        let mut rewrite = |row: KeyRow| -> Result<Option<KeyRow>, BoxError> {
            Ok(match row {
                KeyRow::Part(row) if work.dead.contains_key(&(row.event, row.part)) => None,
                KeyRow::Part(row) => match subjects.get(&row.subject) {
                    // The key of an event that was never committed opens nothing, and goes with the
                    // others.
                    Some(_) if recorded.find(row.event)?.is_none() => None,
                    Some((old, new)) => {
                        let wrapped =
                            new.wrap(row.place(), &old.unwrap(row.place(), &row.wrapped)?);
                        Some(KeyRow::Part(PartRow { wrapped, ..row }))
                    }
                    None => Some(KeyRow::Part(row)),
                },
                KeyRow::Subject(old) => {
                    let row = SubjectRow {
                        epoch: epoch + 1,
                        ..old
                    };
                    let wrapped = match subjects.get(&row.subject) {
                        Some((_, new)) => new_root.wrap(row.place(), new),
                        None => {
                            new_root.wrap(row.place(), &old_root.unwrap(old.place(), &old.wrapped)?)
                        }
                    };
                    Some(KeyRow::Subject(SubjectRow { wrapped, ..row }))
                }
            })
        };
        let mut extra = Vec::with_capacity(work.fresh.len());
        for (event, part, subject, key) in &work.fresh {
            let (_, new) = subjects
                .get(subject)
                .ok_or_else(|| RecordError::not_written("a subject has no new key"))?;
            let place = PartPlace {
                event: *event,
                part: *part,
                subject: *subject,
            };
            extra.push(KeyRow::Part(PartRow {
                event: *event,
                part: *part,
                subject: *subject,
                wrapped: new.wrap(place, key),
            }));
        }
        self.keys
            .rotate(new_secret, &mut rewrite, &extra)
            .map_err(|error| match error {
                KeyError::Unknown(cause) => RecordError::Unknown(cause),
                other => RecordError::not_written(other),
            })
    }

    /// Who carries out, and the circumstances: at this moment.
    pub(super) fn by_the_system(&self) -> Result<(Actor, Meta), RecordError> {
        let municipality = self.layout.municipality().code().to_owned();
        let actor = Actor {
            id: "system".to_owned(),
            role: Role::System,
            unit: None,
            municipality,
        };
        let now = jiff::Timestamp::from_second(self.time()?.as_second())
            .map_err(RecordError::not_written)?;
        Ok((actor, Meta::at(Occurred::At(now))))
    }

    fn report_executed(&self, open: &[Open]) -> Result<(), RecordError> {
        let (actor, meta) = self.by_the_system()?;
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
                kind: self
                    .kind(order.stream)?
                    .ok_or_else(|| RecordError::not_written("the stream is not listed"))?,
                event: None,
                facts: Event::ErasureExecuted(facts),
                meta: meta.clone(),
                reference_to: None,
            });
        }
        let drafts = self.drafts(decided, &actor, &mut BTreeMap::new(), &[])?;
        let command = fresh();
        wait(self.submit(
            Job {
                drafts,
                expected: Vec::new(),
                command,
                input_mac: [0; 32],
                wanted: Wanted::always(),
                epoch: None,
            },
            true,
        ))?;
        self.sequencer.checkpoint()?;
        Ok(())
    }

    /// Everything open is done, so whatever file is left belongs to nothing.
    fn forget_stray_files(&self) -> Result<(), RecordError> {
        for order in self.pending.orders().map_err(RecordError::not_written)? {
            self.pending
                .forget(order)
                .map_err(RecordError::not_written)?;
        }
        Ok(())
    }
}
