//! Which catalogue of rules a municipality put into force, and since when: facts of the log's own stream.
//!
//! Opening a log records nothing of the kind; somebody orders it. Duties are weighed by the catalogue
//! that the program was built with, and its hash stands beside every answer.

use domain::reading::{Reading, ReadingPoint};
use domain::views::integrity::{Activation, integrity};
use events::event::Event;
use events::ids::CommandId;
use events::log::RuleSetActivated;
use events::meta::Meta;
use events::text::{Digest, Short};
use events::time::Occurred;
use events::words::Words;
use jiff::civil::Date;
use law::catalogue::CATALOGUE_JSON;
use record::hash::sha256;

use crate::error::{ReadError, RecordError};
use crate::order::{Order, Recording};
use crate::service::App;
use crate::viewer::Viewer;

/// The built-in catalogue's hash as the record writes hashes.
fn digest() -> Result<Digest, RecordError> {
    Digest::new(sha256(CATALOGUE_JSON.as_bytes()).to_b64u()).map_err(RecordError::not_written)
}

impl App {
    /// The catalogues of rules that were put into force, in the order of the log. They hold nothing
    /// about a person.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn rule_set_activations(&self) -> Result<Vec<Activation>, ReadError> {
        let stream = self.layout().system_stream();
        if self.version(stream)?.is_none() {
            return Ok(Vec::new());
        }
        Ok(integrity(&Reading::new(self.recorded(stream)?.to_vec(), ReadingPoint::default())?).activations)
    }

    /// Whether a recorded activation is that of the built-in catalogue.
    #[must_use]
    pub fn is_built_in(&self, activation: &Activation) -> bool {
        digest().is_ok_and(|digest| digest == activation.catalogue)
    }

    /// Records that the built-in catalogue is put into force from a day on.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn activate_rules(
        &self,
        command: CommandId,
        from: Date,
        remarks: Option<Words>,
        viewer: &Viewer,
    ) -> Result<Recording, RecordError> {
        let catalogue = self.catalogue();
        let facts = RuleSetActivated {
            catalogue: digest()?,
            version: Short::new(catalogue.version()).map_err(RecordError::not_written)?,
            rules: u32::try_from(catalogue.rules().len()).map_err(RecordError::not_written)?,
            remarks,
        };
        let mut meta = Meta::at(Occurred::At(self.now()));
        meta.effective_from = Some(from);
        let facts = Event::RuleSetActivated(facts);
        self.record(&Order { command, event: None, stream: None, expected_version: None, also: Vec::new(), meta, facts }, viewer)
    }
}
