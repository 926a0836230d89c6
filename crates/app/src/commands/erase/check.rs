//! What an eraser relies on, and what it leaves: events are found from signed entries, not from
//! what an index says of them, and afterwards nothing of what was erased may be there.

use std::collections::BTreeSet;

use events::ids::StreamId;
use record::entry::EventEnvelope;
use record::hash::Hash;
use record::positions::{LogIndex, StreamVersion};
use uuid::Uuid;

use super::carry_out::{Open, Work};
use crate::app::App;
use crate::error::{ReadError, RecordError};
use crate::log::content;

/// Finds events by id.
pub(super) struct RecordedEvents<'a> {
    app: &'a App,
    /// The ids that signed entries state, once an event was asked for that the index does not know.
    signed: Option<BTreeSet<Uuid>>,
}

impl RecordedEvents<'_> {
    /// The envelope of an event; none when no entry of the log states its id. An index that does
    /// not know an event, or takes another for it, is an error: what is to be erased would be
    /// passed over.
    pub(super) fn find(&mut self, event: Uuid) -> Result<Option<EventEnvelope>, ReadError> {
        let app = self.app;
        let Some(index) = app.log.event_index(event)? else {
            let signed = match &mut self.signed {
                Some(signed) => signed,
                unread => unread.insert(app.signed_ids()?),
            };
            return if signed.contains(&event) {
                Err(ReadError::Damaged {
                    index: app.log.size().next_index(),
                    source: format!("the index does not know the event {event}").into(),
                })
            } else {
                Ok(None)
            };
        };
        let wrong = || ReadError::Damaged {
            index,
            source: format!("the index takes it for the event {event}").into(),
        };
        let stored = app.log.entry(index)?.ok_or_else(wrong)?;
        let envelope = content::envelope(&stored)?;
        if envelope.event_id == event && envelope.index == index {
            Ok(Some(envelope))
        } else {
            Err(wrong())
        }
    }
}

impl App {
    /// Finds events while something is erased.
    pub(super) fn recorded_events(&self) -> RecordedEvents<'_> {
        RecordedEvents {
            app: self,
            signed: None,
        }
    }

    /// The id of every event, as the signed entries state it. This reads the whole log.
    fn signed_ids(&self) -> Result<BTreeSet<Uuid>, ReadError> {
        let mut ids = BTreeSet::new();
        for index in self.log.size().indexes() {
            let stored = self.log.entry(index)?;
            let stored = stored.ok_or_else(|| ReadError::Damaged {
                index,
                source: "the entry is missing".into(),
            })?;
            ids.extend(content::event_envelope(&stored)?.map(|envelope| envelope.event_id));
        }
        Ok(ids)
    }

    /// The envelopes of a stream from the first event to the newest: each names the stream, its
    /// place in it and the one before.
    pub(super) fn signed_stream(&self, stream: StreamId) -> Result<Vec<EventEnvelope>, ReadError> {
        let stored = self.stored(stream)?;
        let mut envelopes: Vec<EventEnvelope> = Vec::with_capacity(stored.len());
        let mut before = Hash::ZERO;
        let version = StreamVersion::of(stored.len());
        for (seq, entry) in version.seqs().zip(&stored) {
            let envelope = content::envelope(entry)?;
            if (envelope.stream, envelope.seq, envelope.index, envelope.prev)
                != (stream.uuid(), seq, entry.index, before)
            {
                let source = format!(
                    "it is not event {seq} of the stream {stream}, which the index takes it for"
                )
                .into();
                return Err(ReadError::Damaged {
                    index: entry.index,
                    source,
                });
            }
            before = entry.leaf;
            envelopes.push(envelope);
        }
        match self.log.stream_head(stream.uuid())? {
            Some(head) if head.leaf == before && head.seq.version() == version => Ok(envelopes),
            None if envelopes.is_empty() => Ok(envelopes),
            head => {
                let index = head.map_or(LogIndex::FIRST, |head| head.index);
                Err(ReadError::Damaged {
                    index,
                    source: format!("it is not the newest event of the stream {stream}").into(),
                })
            }
        }
    }

    /// Looks for what an erasure should have destroyed.
    ///
    /// # Errors
    /// [`RecordError::NotErased`] when something is left: the erasure is not reported and stays
    /// pending.
    pub(super) fn check_erased(&self, open: &[Open], work: &Work) -> Result<(), RecordError> {
        let left = |index: LogIndex, part: u16, what: &'static str| RecordError::NotErased {
            index,
            part,
            what,
        };
        let rewritten: BTreeSet<(Uuid, u16)> = work
            .fresh
            .iter()
            .map(|(event, part, ..)| (*event, *part))
            .collect();
        for change in &work.blobs {
            let held = self
                .log
                .blob(change.index, change.part)
                .map_err(ReadError::from)?;
            if held != change.blob {
                return Err(left(
                    change.index,
                    change.part,
                    "its ciphertext is not the one that the order leaves",
                ));
            }
        }
        for ((event, part), index) in &work.dead {
            let row = self
                .keys
                .part(*event, *part)
                .map_err(RecordError::not_written)?;
            match (row.is_some(), rewritten.contains(&(*event, *part))) {
                (true, false) => return Err(left(*index, *part, "its key is still there")),
                (false, true) => {
                    return Err(left(
                        *index,
                        *part,
                        "the key of what remains of it is missing",
                    ));
                }
                (true, true) => drop(self.keyring.part(*event, *part)?),
                (false, false) => {}
            }
        }
        for subject in &work.subjects {
            self.keyring.subject(*subject)?;
        }
        // Where all under a subject's key was to go, only what came with the order or later may be
        // there.
        for order in open {
            if !order.takes_all(self.kind(order.stream)?) {
                continue;
            }
            let mut recorded = self.recorded_events();
            for row in self
                .keys
                .parts_of(order.stream.uuid())
                .map_err(RecordError::not_written)?
            {
                let index = recorded
                    .find(row.event)?
                    .map_or(LogIndex::FIRST, |envelope| envelope.index);
                if index < order.envelope.index {
                    return Err(left(
                        index,
                        row.part,
                        "a key under what was erased is still there",
                    ));
                }
            }
        }
        Ok(())
    }
}
