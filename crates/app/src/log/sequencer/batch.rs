//! Puts jobs together into one batch, and hands the batch to the store.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use record::entry::EventEnvelope;
use record::hash::Hash;
use record::heads::Head;
use record::jws::SignedEntry;
use record::positions::{LogTime, Seq, Size, StreamVersion};
use store::backend::opening::LogKind;
use store::key_store::KeyRow;
use store::log_store::{
    BATCH_BYTES_MAX, Batch, CommandRow, CommitError, EVENT_COUNT_MAX, NewBlob, NewEntry,
};

use super::flight::Arrived;
use super::worker::Worker;
use super::{Answer, Content, Draft, Job, Message, Receipt, Written};
use crate::error::{ReadError, RecordError};
use crate::log::head::StreamTip;

/// A batch while it is put together.
pub(super) struct Building {
    pub(super) batch: Batch,
    pub(super) keys: Vec<KeyRow>,
    pub(super) answers: Vec<(Answer, Vec<Written>)>,
    pub(super) commands: Vec<uuid::Uuid>,
    pub(super) events: Vec<uuid::Uuid>,
    pub(super) bytes: usize,
}

impl Building {
    /// An empty batch behind a log of so many entries.
    pub(super) const fn behind(size: Size) -> Self {
        Self {
            batch: Batch {
                first: size.next_index(),
                entries: Vec::new(),
                commands: Vec::new(),
                proof: None,
            },
            keys: Vec::new(),
            answers: Vec::new(),
            commands: Vec::new(),
            events: Vec::new(),
            bytes: 0,
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.batch.entries.is_empty()
    }

    /// Whether it takes no more jobs: one more may be as large as the store allows.
    pub(super) const fn is_full(&self) -> bool {
        self.batch.entries.len() >= EVENT_COUNT_MAX / 2 || self.bytes >= BATCH_BYTES_MAX / 2
    }
}

/// Signed events that are not in the batch yet.
#[derive(Default)]
pub(super) struct Placed {
    pub(super) entries: Vec<NewEntry>,
    pub(super) heads: Vec<(u64, Head)>,
    pub(super) keys: Vec<KeyRow>,
    pub(super) written: Vec<Written>,
}

/// Ordinal, place and predecessor of an event behind the newest one of its stream; where it begins
/// the stream, there is one stream more.
fn behind(newest: Option<&StreamTip>, streams: &mut u64) -> Result<(u64, Seq, Hash), RecordError> {
    let Some(newest) = newest else {
        *streams += 1;
        return Ok((*streams - 1, Seq::FIRST, Hash::ZERO));
    };
    let seq = newest.seq.next();
    let seq = seq.ok_or_else(|| RecordError::not_written("the stream is full"))?;
    Ok((newest.ordinal, seq, newest.leaf))
}

impl Worker {
    /// Whether the job may be recorded; nothing has changed when it may not.
    pub(super) fn admit(&self, job: &Job, building: &Building) -> Result<(), RecordError> {
        job.wanted.still()?;
        if self
            .flight
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .unknown
            .contains(&job.command.uuid())
        {
            return Err(RecordError::Unknown(
                "an earlier attempt at this command has an unknown outcome".into(),
            ));
        }
        for (stream, expected) in &job.expected {
            let actual = self
                .log_head
                .streams
                .get(&stream.uuid())
                .map_or(StreamVersion::EMPTY, |head| head.seq.version());
            if actual != *expected {
                return Err(RecordError::Conflict {
                    stream: *stream,
                    expected: *expected,
                    actual,
                });
            }
        }
        let aloft = self
            .flight
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let command = job.command.uuid();
        if aloft.commands.contains(&command) || building.commands.contains(&command) {
            return Err(RecordError::InFlight);
        }
        let ids = job.drafts.iter().map(|draft| draft.event);
        let used = ids
            .clone()
            .find(|id| aloft.events.contains(&id.uuid()) || building.events.contains(&id.uuid()));
        drop(aloft);
        if let Some(id) = used {
            return Err(RecordError::EventIdUsed(id));
        }
        if self
            .log
            .command(command)
            .map_err(ReadError::from)?
            .is_some()
        {
            return Err(RecordError::InFlight);
        }
        for id in ids {
            if self
                .log
                .event_index(id.uuid())
                .map_err(ReadError::from)?
                .is_some()
            {
                return Err(RecordError::EventIdUsed(id));
            }
        }
        Ok(())
    }

    /// Signs a job and puts it into the batch.
    pub(super) fn add(
        &mut self,
        job: Job,
        building: &mut Building,
    ) -> Result<Vec<Written>, RecordError> {
        self.admit(&job, building)?;
        let first = self.log_head.size.next_index();
        let count = u32::try_from(job.drafts.len()).map_err(RecordError::not_written)?;
        let dated = self.date()?;
        let placed = self
            .place(job.drafts, dated.time)
            .inspect_err(|_| self.withdraw(dated))?;
        for (ordinal, head) in &placed.heads {
            self.log_head
                .heads
                .set(*ordinal, head)
                .map_err(RecordError::not_written)?;
            self.log_head.streams.insert(
                head.stream,
                StreamTip {
                    ordinal: *ordinal,
                    seq: head.seq,
                    leaf: head.leaf,
                },
            );
        }
        for Written { receipt, .. } in &placed.written {
            self.log_head.grow(receipt.leaf, receipt.recorded_at);
        }
        building.bytes += placed
            .entries
            .iter()
            .map(|entry| entry.bytes.len() + entry.blobs.iter().map(NewBlob::held).sum::<usize>())
            .sum::<usize>();
        building.batch.entries.extend(placed.entries);
        building.keys.extend(placed.keys);
        building.commands.push(job.command.uuid());
        let events = placed
            .written
            .iter()
            .map(|written| written.receipt.event.uuid());
        building.events.extend(events);
        building.batch.commands.push(CommandRow {
            id: job.command.uuid(),
            input_mac: job.input_mac,
            first,
            count,
        });
        Ok(placed.written)
    }

    /// Signs the drafts in order behind the head of the log, which stays as it is until all are signed.
    pub(super) fn place(
        &self,
        drafts: Vec<Draft>,
        recorded_at: LogTime,
    ) -> Result<Placed, RecordError> {
        let mut placed = Placed::default();
        let mut moved: BTreeMap<uuid::Uuid, StreamTip> = BTreeMap::new();
        let mut streams = self.log_head.heads.len();
        let next = self.log_head.size.next_index();
        for (index, draft) in next.and_behind().zip(drafts) {
            let content = match draft.content {
                Content::Ready(content) => content,
                Content::Naming { draft, make } => {
                    let named = placed
                        .written
                        .get(draft)
                        .ok_or_else(|| RecordError::not_written("a draft names one behind it"))?;
                    make(named.receipt.leaf).map_err(RecordError::not_written)?
                }
            };
            let stream = draft.stream.uuid();
            let newest = moved.get(&stream);
            let newest = newest.or_else(|| self.log_head.streams.get(&stream));
            let (ordinal, seq, prev) = behind(newest, &mut streams)?;
            let erases = !draft.erased.is_empty() || !draft.replaced.is_empty();
            let envelope = EventEnvelope {
                origin: self.origin.clone(),
                index,
                recorded_at,
                event_id: draft.event.uuid(),
                stream,
                ordinal,
                seq,
                prev,
                payload: content.payload,
                blobs: content.blob_hashes,
                erased: draft.erased,
                replaced: draft.replaced,
            };
            let signed = match self.kind {
                LogKind::Cases => envelope.sign(&self.event_key),
                LogKind::Accesses => envelope.sign_access(&self.event_key),
            };
            let SignedEntry { bytes, leaf } = signed.map_err(RecordError::not_written)?;
            moved.insert(stream, StreamTip { ordinal, seq, leaf });
            placed.heads.push((
                ordinal,
                Head {
                    stream,
                    seq,
                    index,
                    leaf,
                },
            ));
            placed.keys.extend(content.keys);
            placed.entries.push(NewEntry {
                bytes,
                leaf,
                blobs: content.blobs,
            });
            let receipt = Receipt {
                index,
                leaf,
                stream: draft.stream,
                version: seq.version(),
                event: draft.event,
                recorded_at,
            };
            placed.written.push(Written {
                receipt,
                raw: content.raw,
                erases,
            });
        }
        Ok(placed)
    }

    pub(super) fn submit(&mut self, building: Building) {
        let Building {
            mut batch,
            keys,
            answers,
            commands,
            events,
            ..
        } = building;
        let leaves: Vec<Hash> = batch.entries.iter().map(|entry| entry.leaf).collect();
        batch.proof = Some(
            self.event_key
                .prove_commands(batch.first, &leaves, &batch.commands),
        );
        let mut aloft = self
            .flight
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        aloft.batches += 1;
        aloft.commands.extend(&commands);
        aloft.events.extend(&events);
        drop(aloft);
        self.dirty_since.get_or_insert_with(Instant::now);
        self.pulse.dirty();
        let (flight, keyring) = (Arc::clone(&self.flight), Arc::clone(&self.keyring));
        let arrivals = self.arrivals.clone();
        let subjects = keys.iter().filter_map(|row| {
            if let KeyRow::Subject(row) = row {
                Some(row.subject)
            } else {
                None
            }
        });
        let subjects: Vec<uuid::Uuid> = subjects.collect();
        let done = Box::new(move |outcome: Result<(), CommitError>| {
            let error = outcome.err().map(Arc::new);
            if error.is_none() {
                keyring.settled(&subjects);
            }
            // The batch has arrived before anybody is told, so that a caller's next command never
            // meets its own last one in the air.
            let Arrived { repeated, awaited } = flight.arrive(&commands, &events, error.as_deref());
            if awaited {
                // It has shut down otherwise, and has handed over everything.
                drop(arrivals.send(Message::Arrived));
            }
            for answer in repeated {
                answer.send(Err(RecordError::InFlight));
            }
            for (answer, written) in answers {
                let outcome = match &error {
                    None => Ok(written),
                    Some(error) if matches!(**error, CommitError::Unknown(_)) => {
                        Err(RecordError::Unknown(Box::new(Arc::clone(error))))
                    }
                    Some(error) => Err(RecordError::not_written(Arc::clone(error))),
                };
                answer.send(outcome);
            }
        });
        self.pipeline.submit(keys, batch, done);
    }
}
