//! Lawful erasure: listed in the record first, carried out after a checkpoint covers the list.
//!
//! Carrying out destroys keys before bytes: a new key for every subject concerned, what remains
//! wrapped again, a new epoch, and then the ciphertexts. Every step can be repeated, so that a
//! crash at any point is finished at the next start.

mod carry_out;
mod check;
mod look_ups;
mod targets;

pub(crate) use targets::corrections;

use std::collections::BTreeMap;

use domain::current::Current;
use domain::decide::{Command, Decided, State, decide};
use domain::refusal::RefusalCode;
use events::erasure::{ErasureGround, ErasureOrdered, ErasureScope, ErasureTarget};
use events::event::Event;
use events::ids::{CommandId, ErasureId, PersonId, StreamId};
use events::meta::{EventRef, Meta};
use events::person::PersonRef;
use events::text::{Digest, EmployeeId};
use events::words::Words;
use record::entry::{ErasedRef, ReplacedRef};
use record::positions::StreamVersion;
use serde_json::json;

use crate::access::viewer::Viewer;
use crate::app::App;
use crate::commands::record::{Claims, Recording, Said};
use crate::entropy::fresh;
use crate::error::{BoxError, ReadError, RecordError};
use crate::log::directory::Kinds;
use crate::log::sequencer::{Job, Receipt};
use crate::waiting::wait;
use crate::wanted::Wanted;

/// What is to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EraseTarget {
    /// One element of a field, and every correction of that field.
    Value {
        /// The event.
        event: EventRef,
        /// Its field, by stored name.
        field: String,
        /// Whose value it is; not stated for a fact about the matter.
        subject: Option<PersonRef>,
        /// Which element, counted from 0.
        element: usize,
    },
    /// All that an event holds about one person.
    Part {
        /// The event.
        event: EventRef,
        /// The person.
        subject: PersonRef,
    },
    /// A whole event.
    Event(EventRef),
    /// All that stands about a person, in every stream.
    Person(PersonId),
    /// A whole case or notification.
    Case(StreamId),
}

impl EraseTarget {
    const fn scope(&self) -> ErasureScope {
        match self {
            Self::Value { .. } => ErasureScope::Value,
            Self::Part { .. } => ErasureScope::Part,
            Self::Event(_) => ErasureScope::Event,
            Self::Person(_) => ErasureScope::Person,
            Self::Case(_) => ErasureScope::Case,
        }
    }
}

/// An order to erase.
#[derive(Debug, Clone, PartialEq)]
pub struct ErasureOrder {
    /// Chosen by the client.
    pub command: CommandId,
    /// The circumstances.
    pub meta: Meta,
    /// What is to be erased.
    pub target: EraseTarget,
    /// On what ground.
    pub ground: ErasureGround,
    /// Which duty to keep was weighed, and why it yields.
    pub legal_check: Words,
    /// Who approved it; never the one who orders.
    pub approved_by: EmployeeId,
}

impl App {
    /// Orders an erasure while somebody waits for the outcome, and carries it out whether or not
    /// somebody does.
    ///
    /// # Errors
    /// [`RecordError`]; [`RecordError::Abandoned`] when nobody waited any more before it was
    /// ordered. After [`RecordError::Unknown`] the erasure, if it was recorded, is carried out at
    /// the next start.
    pub(crate) fn erase(
        &self,
        order: &ErasureOrder,
        viewer: &Viewer,
        wanted: &Wanted,
    ) -> Result<Recording, RecordError> {
        let mac = self.input_mac(&json!([
            "erasure",
            order.meta,
            format!("{:?}", order.target),
            order.ground,
            order.legal_check,
            order.approved_by,
            viewer.actor.id,
        ]));
        let said = Said::Kind("ErasureOrdered");
        let recording = wait(self.once(order.command, mac, said, || async {
            // Nothing else may be recorded between finding what there is to erase and listing it.
            let _epoch = self.epoch.write();
            // Waiting for others may have taken long.
            wanted.still()?;
            self.order_erasure(order, mac, viewer, wanted)
        }))?;
        // From the order on nothing that it lists is found, however far the lists are.
        self.lists_reflect_everything();
        // The order stands, whatever becomes of this; the same command again goes on with it.
        self.resume_erasures()
            .map_err(RecordError::behind_a_record)?;
        self.lists_reflect_everything();
        Ok(recording)
    }

    fn order_erasure(
        &self,
        order: &ErasureOrder,
        mac: [u8; 32],
        viewer: &Viewer,
        wanted: &Wanted,
    ) -> Result<Vec<Receipt>, RecordError> {
        let found = self.resolve(&order.target)?;
        let erasure = fresh();
        let (mut decided, mut claims, mut expected) = (Vec::new(), BTreeMap::new(), Vec::new());
        let mut replacements = Vec::new();
        for (stream, items) in found {
            let (claim, new) = self.claims(erasure, &items)?;
            replacements.extend(new);
            claims.insert(decided.len(), claim);
            expected.push((
                stream,
                self.version(stream)?.unwrap_or(StreamVersion::EMPTY),
            ));
            decided.push(self.decide_erasure(order, erasure, stream, &items, viewer)?);
        }
        if decided.is_empty() {
            return Err(RecordError::refused(RefusalCode::NothingToErase, "target"));
        }
        let drafts = self.drafts(decided, &viewer.actor, &mut claims, &[])?;
        // Kept before the order is: the order commits to these very ciphertexts.
        self.pending
            .keep(erasure.uuid(), &replacements)
            .map_err(RecordError::not_written)?;
        let job = Job {
            drafts,
            expected,
            command: order.command,
            input_mac: mac,
            wanted: wanted.clone(),
            epoch: None,
        };
        let recorded = wait(self.submit(job, true));
        if let Err(RecordError::Unknown(_)) | Ok(_) = &recorded {
            return recorded;
        }
        self.pending
            .forget(erasure.uuid())
            .map_err(RecordError::not_written)?;
        recorded
    }

    fn decide_erasure(
        &self,
        order: &ErasureOrder,
        erasure: ErasureId,
        stream: StreamId,
        items: &[targets::Item],
        viewer: &Viewer,
    ) -> Result<Decided, RecordError> {
        let records = self.recorded(stream)?.to_vec();
        let current = Current::fold(records, stream).map_err(ReadError::from)?;
        let targets = items
            .iter()
            .map(targets::Item::listed)
            .collect::<Result<Vec<ErasureTarget>, _>>()
            .map_err(RecordError::not_written)?;
        let facts = ErasureOrdered {
            erasure,
            scope: order.target.scope(),
            ground: order.ground,
            legal_check: order.legal_check.clone(),
            approved_by: order.approved_by.clone(),
            targets,
        };
        let command = Command {
            stream,
            event: fresh(),
            facts: Event::ErasureOrdered(facts),
            meta: order.meta.clone(),
            actor: viewer.actor.clone(),
            version_given: true,
            also: Vec::new(),
        };
        let kinds = Kinds::of(&self.reader);
        let state = State {
            own: current.state(),
            reading: Some(current.reading()),
            streams: &kinds,
            related: &[],
            now: self.time()?,
        };
        let decided = decide(&command, &state);
        kinds.sound()?;
        let mut decided = decided?;
        decided
            .pop()
            .ok_or_else(|| RecordError::not_written("nothing was decided"))
    }

    /// The clear claims of an order, and the new form of parts that lose single values.
    fn claims(
        &self,
        erasure: ErasureId,
        items: &[targets::Item],
    ) -> Result<(Claims, Vec<crate::log::pending::Replacement>), RecordError> {
        let mut claims = Claims::default();
        for item in items {
            claims.erased.push(ErasedRef {
                seq: item.seq,
                part: item.part,
                digest: item.digest,
            });
        }
        let replacements = self.replacements(erasure, items)?;
        for (seq, replacement) in &replacements {
            let blob = record::hash::sha256(&replacement.blob);
            claims.replaced.push(ReplacedRef {
                seq: *seq,
                part: replacement.part,
                blob,
            });
        }
        Ok((
            claims,
            replacements
                .into_iter()
                .map(|(_, replacement)| replacement)
                .collect(),
        ))
    }
}

/// A digest as the language writes it.
fn digest(hash: record::hash::Hash) -> Result<Digest, BoxError> {
    Ok(Digest::new(hash.to_b64u())?)
}
