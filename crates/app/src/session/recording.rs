//! What a viewer records: facts, corrections, documents, rules, erasures.

use std::io::Read;

use events::event::Event;
use events::ids::CommandId;
use events::words::Words;
use jiff::civil::Date;

use super::Session;
use crate::access::rights::Right;
use crate::commands::correct::CorrectionOrder;
use crate::commands::document::DocumentOrder;
use crate::commands::erase::ErasureOrder;
use crate::commands::record::{Order, Recording};
use crate::error::RecordError;
use crate::waiting::wait;

impl Session {
    /// Records a fact. No thread stands still while the receipt is waited for.
    ///
    /// # Errors
    /// [`RecordError::Forbidden`] without [`Right::Record`], or without [`Right::ActivateRules`]
    /// where the fact puts rules into force; [`RecordError::Refused`] and
    /// [`RecordError::Conflict`] when it does not fit what was recorded;
    /// [`RecordError::Unknown`] when the same command must be sent again.
    pub async fn recording(&self, order: &Order) -> Result<Recording, RecordError> {
        let right = match order.facts {
            Event::RuleSetActivated(_) => Right::ActivateRules,
            _ => Right::Record,
        };
        self.ask(right, order.stream)?;
        self.app.record(order, &self.viewer, &self.wanted).await
    }

    /// The same; the thread waits for the receipt.
    ///
    /// # Errors
    /// As [`Session::recording`].
    pub fn record(&self, order: &Order) -> Result<Recording, RecordError> {
        wait(self.recording(order))
    }

    /// Corrects a fact.
    ///
    /// # Errors
    /// [`RecordError::Forbidden`] without [`Right::Correct`]; else as [`Session::record`].
    pub fn correct(&self, order: &CorrectionOrder) -> Result<Recording, RecordError> {
        self.ask(Right::Correct, Some(order.target.stream))?;
        self.app.correct(order, &self.viewer, &self.wanted)
    }

    /// Files a document: reads it to its end, encrypts it chunk by chunk, and records it. Nothing
    /// of it stays when that fails, or when it does not arrive whole.
    ///
    /// A repeated command reads the document too, to tell whether it is the same one.
    ///
    /// # Errors
    /// [`RecordError::Forbidden`] without [`Right::FileDocument`]; [`RecordError::Incomplete`]
    /// when it does not arrive whole; else as [`Session::record`].
    pub fn file_document(
        &self,
        order: &DocumentOrder,
        source: &mut dyn Read,
    ) -> Result<Recording, RecordError> {
        self.ask(Right::FileDocument, Some(order.stream))?;
        self.app
            .file_document(order, source, &self.viewer, &self.wanted)
    }

    /// Records that the program's newest catalogue is put into force: readings from here on are
    /// evaluated by it.
    ///
    /// # Errors
    /// [`RecordError::Forbidden`] without [`Right::ActivateRules`]; else as [`Session::record`].
    pub fn activate_rules(
        &self,
        command: CommandId,
        from: Date,
        remarks: Option<Words>,
    ) -> Result<Recording, RecordError> {
        self.ask(Right::ActivateRules, None)?;
        self.app
            .activate_rules(command, from, remarks, &self.viewer, &self.wanted)
    }

    /// Orders an erasure, and carries it out whether or not somebody waits for the outcome.
    ///
    /// # Errors
    /// [`RecordError::Forbidden`] without [`Right::Erase`]; else as [`Session::record`]. After
    /// [`RecordError::Unknown`] the erasure, if it was recorded, is carried out at the next start.
    pub fn erase(&self, order: &ErasureOrder) -> Result<Recording, RecordError> {
        self.ask(Right::Erase, None)?;
        self.app.erase(order, &self.viewer, &self.wanted)
    }
}
