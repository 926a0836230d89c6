//! What is erased as a whole is cut off from its look-ups: who looked, when, and by what right
//! stays on record, but at what does not.
//!
//! The access log keeps a record of this as it does of any erasure: an order that lists the values,
//! and a report.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use domain::decide::Decided;
use events::erasure::{ErasureOrdered, ErasureScope, ErasureTarget};
use events::event::Event;
use events::ids::{ErasureId, StreamId};
use events::spec::StreamKind;
use record::hash::Hash;
use store::backend::opening::LogKind;
use store::backend::side_texts::SideText;

use super::carry_out::Open;
use super::targets::Item;
use crate::app::App;
use crate::entropy::fresh;
use crate::error::RecordError;
use crate::layout::Layout;
use crate::log::content::{self, OpenedEvent};
use crate::log::sequencer::Job;
use crate::waiting::wait;
use crate::wanted::Wanted;

/// Events that one order lists at most: an entry is short.
const EVENTS_AT_ONCE: usize = 50;

/// Fields of a look-up that say at what somebody looked, and texts that may.
const TELLING: &[&str] = &["target", "subjects", "scope", "emergency_reason", "review"];

/// The values of an event in the stream of look-ups that say at what somebody looked.
fn telling(event: &OpenedEvent, target: StreamId) -> Result<Vec<Item>, RecordError> {
    let Some(raw) = &event.raw else {
        return Ok(Vec::new());
    };
    let envelope = &event.envelope;
    let id = content::event_id(envelope.event_id, envelope.index)?;
    let named = target.to_string();
    let mut items = Vec::new();
    for (number, part) in (0_u16..).zip(&raw.parts) {
        for (field, elements) in &part.fields {
            for element in elements {
                let Ok(value) = &element.value else { continue };
                if TELLING.contains(&field.as_str()) || value.to_string().contains(&named) {
                    let digest =
                        Some(Hash::parse_b64u(&element.digest).map_err(RecordError::not_written)?);
                    items.push(Item {
                        event: id,
                        index: envelope.index,
                        seq: envelope.seq,
                        part: number,
                        digest,
                    });
                }
            }
        }
    }
    Ok(items)
}

/// Whether there is a log, or anything that one has left: then it must be asked, so that a log of
/// which a part is missing is told, and nothing is taken for unlinked.
fn anything_of(layout: &Layout) -> Result<bool, RecordError> {
    let left = layout.backend().left_behind(&layout.name());
    let key = layout.side_texts().read(SideText::LogKey);
    Ok(layout.holds_log().map_err(RecordError::not_written)?
        || !matches!(left, Ok(None))
        || !matches!(key, Ok(None)))
}

impl App {
    /// Cuts what an order erases as a whole off from its look-ups; answers whether that is done. It
    /// is not while the access log is closed and may not be opened.
    pub(super) fn unlink_look_ups(
        &self,
        order: &Open,
        open_accesses: bool,
    ) -> Result<bool, RecordError> {
        let kind = self.kind(order.stream)?;
        let facts = order.facts.as_ref();
        let Some(facts) = facts.filter(|_| order.takes_all(kind)) else {
            return Ok(true);
        };
        if self.layout().log() == LogKind::Accesses || !anything_of(&self.layout().accesses())? {
            return Ok(true);
        }
        let opened = self
            .accesses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let accesses = match opened {
            Some(accesses) => accesses,
            None if open_accesses => self.access_log()?,
            None => {
                self.unlinking_waits.store(true, Ordering::Release);
                return Ok(false);
            }
        };
        accesses.forget_target(order.stream, facts)?;
        Ok(true)
    }

    /// Carries out what waited for the access log to be opened.
    pub(crate) fn unlink_what_waited(&self) -> Result<(), RecordError> {
        if self.unlinking_waits.swap(false, Ordering::AcqRel) {
            self.resume_erasures()
        } else {
            Ok(())
        }
    }

    /// Erases from the look-ups of a stream what says that they were of it.
    fn forget_target(&self, target: StreamId, why: &ErasureOrdered) -> Result<(), RecordError> {
        if let Some(stream) = self.look_ups_of(target)? {
            {
                // No look-up may be recorded between finding what there is to erase and listing it.
                let _epoch = self.epoch.write();
                self.order_forgetting(stream, target, why)?;
                self.no_look_ups_of(target)?;
            }
            self.resume_erasures()?;
        }
        Ok(())
    }

    fn order_forgetting(
        &self,
        stream: StreamId,
        target: StreamId,
        why: &ErasureOrdered,
    ) -> Result<(), RecordError> {
        let Some(version) = self.version(stream)? else {
            return Ok(());
        };
        self.signed_stream(stream)?;
        let mut per_event = Vec::new();
        for event in self.opened(stream)? {
            let items = telling(&event, target)?;
            if !items.is_empty() {
                per_event.push(items);
            }
        }
        if per_event.is_empty() {
            return Ok(());
        }
        let (actor, meta) = self.by_the_system()?;
        let (mut decided, mut claims, mut kept) = (Vec::new(), BTreeMap::new(), Vec::new());
        for items in per_event.chunks(EVENTS_AT_ONCE).map(<[Vec<Item>]>::concat) {
            let erasure: ErasureId = fresh();
            let (claim, replacements) = self.claims(erasure, &items)?;
            claims.insert(decided.len(), claim);
            kept.push((erasure, replacements));
            let targets = items
                .iter()
                .map(Item::listed)
                .collect::<Result<Vec<ErasureTarget>, _>>()
                .map_err(RecordError::not_written)?;
            let facts = ErasureOrdered {
                erasure,
                scope: ErasureScope::Value,
                ground: why.ground,
                legal_check: why.legal_check.clone(),
                approved_by: why.approved_by.clone(),
                targets,
            };
            let (facts, kind) = (Event::ErasureOrdered(facts), StreamKind::Access);
            decided.push(Decided {
                stream,
                kind,
                event: None,
                facts,
                meta: meta.clone(),
                reference_to: None,
            });
        }
        let drafts = self.drafts(decided, &actor, &mut claims, &[])?;
        for (erasure, replacements) in &kept {
            self.pending
                .keep(erasure.uuid(), replacements)
                .map_err(RecordError::not_written)?;
        }
        let job = Job {
            drafts,
            expected: vec![(stream, version)],
            command: fresh(),
            input_mac: [0; 32],
            wanted: Wanted::always(),
            epoch: None,
        };
        match wait(self.submit(job, true)) {
            Ok(_) => Ok(()),
            Err(error @ RecordError::Unknown(_)) => Err(error),
            Err(error) => {
                for (erasure, _) in &kept {
                    self.pending
                        .forget(erasure.uuid())
                        .map_err(RecordError::not_written)?;
                }
                Err(error)
            }
        }
    }
}
