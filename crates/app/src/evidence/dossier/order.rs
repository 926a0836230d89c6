//! The order to give a case out, the fact that it becomes, and what is told when it comes again.

use std::time::Duration;

use domain::reading::ReadingPoint;
use events::access::{DisclosureKind, DisclosureMade};
use events::event::Event;
use events::ids::{CommandId, EventId, StreamId};
use events::meta::{EventRef, Meta};
use events::person::PersonRef;
use events::text::{Digest, Short};
use record::hash::Hash;
use record::positions::LogIndex;
use serde_json::{Value, json};

use super::withhold::{Resolved, Withhold};
use crate::access::viewer::Viewer;
use crate::app::App;
use crate::commands::record::{Order, Recording};
use crate::error::{ReadError, RecordError};
use crate::log::sequencer::Receipt;

/// An order to give a case out.
#[derive(Debug, Clone, PartialEq)]
pub struct DisclosureOrder {
    /// Chosen by the client; the same id gives nothing out twice.
    pub command: CommandId,
    /// The case.
    pub case: StreamId,
    /// The circumstances.
    pub meta: Meta,
    /// To what end.
    pub kind: DisclosureKind,
    /// The request that it answers.
    pub request: Option<EventId>,
    /// To whom.
    pub recipient: Short,
    /// The person, where the recipient is one.
    pub recipient_person: Option<PersonRef>,
    /// What is withheld.
    pub withhold: Vec<Withhold>,
    /// Whether the documents go along.
    pub documents: bool,
    /// How long witnesses are waited for.
    pub wait: Duration,
}

/// A disclosure that the same command made before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Its receipt.
    pub receipt: Receipt,
    /// SHA-256 of the file that was given out; none when that was erased.
    pub sha256: Option<Hash>,
}

impl std::fmt::Display for Earlier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "event {} at position {} of the log",
            self.receipt.event, self.receipt.index
        )?;
        self.sha256.map_or(Ok(()), |sha256| {
            write!(f, ", the file with SHA-256 {sha256}")
        })
    }
}

impl DisclosureOrder {
    /// What a client asks for, by which a repeated command is told from another one. When it takes
    /// place and how long is waited are no part of it.
    pub(super) fn input(&self, viewer: &Viewer) -> Value {
        json!([
            "dossier",
            self.case,
            self.kind,
            self.request,
            self.recipient,
            self.recipient_person,
            self.withhold,
            self.documents,
            viewer.actor.id,
        ])
    }

    /// The fact that it becomes.
    pub(super) fn record(
        &self,
        resolved: &Resolved,
        given: Vec<EventRef>,
        sha256: Option<Hash>,
    ) -> Result<Order, RecordError> {
        let facts = DisclosureMade {
            kind: self.kind,
            request: self.request,
            recipient: self.recipient.clone(),
            recipient_person: self.recipient_person,
            manifest: given,
            sha256: sha256
                .map(|hash| Digest::new(hash.to_b64u()))
                .transpose()
                .map_err(RecordError::not_written)?,
            redactions: resolved.redactions.clone(),
            refused_in_part: !resolved.redactions.is_empty(),
            format: Short::new("sag-dossier/1".to_owned()).map_err(RecordError::not_written)?,
        };
        Ok(Order {
            command: self.command,
            event: None,
            stream: Some(self.case),
            expected_version: None,
            also: Vec::new(),
            meta: self.meta.clone(),
            facts: Event::DisclosureMade(facts),
        })
    }
}

impl App {
    /// What a recording of a disclosure that was there already says.
    pub(super) fn earlier(
        &self,
        order: &DisclosureOrder,
        recording: &Recording,
    ) -> Result<Earlier, ReadError> {
        let lost = || ReadError::Damaged {
            index: LogIndex::FIRST,
            source: "a command has no receipt".into(),
        };
        let receipt = recording.receipts.first().cloned().ok_or_else(lost)?;
        let reading = self.read(order.case, ReadingPoint::default())?;
        let event = reading
            .as_ref()
            .and_then(|reading| reading.event(receipt.event));
        // What it said when the file went out, whatever was corrected since.
        let shown = event.and_then(|read| read.original.as_deref().or(read.fact()));
        let sha256 = match shown.map(|shown| &shown.facts) {
            Some(Event::DisclosureMade(facts)) => facts
                .sha256
                .as_ref()
                .and_then(|sha256| Hash::parse_b64u(sha256.as_str()).ok()),
            _ => None,
        };
        Ok(Earlier { receipt, sha256 })
    }
}
