//! Which catalogue of rules was put into force, and since when: facts of the log's own stream.
//!
//! Opening a log records nothing of the kind; somebody orders it. A reading is evaluated by the
//! catalogue that stood last in the log at its point; before any did, by the program's own. A
//! catalogue that the program does not hold is never replaced by another one.

use domain::reading::ReadingPoint;
use domain::refusal::RefusalCode;
use domain::views::integrity::Activation;
use events::event::Event;
use events::ids::CommandId;
use events::log::RuleSetActivated;
use events::meta::Meta;
use events::text::{Digest, Short};
use events::time::Occurred;
use events::words::Words;
use jiff::civil::Date;
use law::catalogue::Catalogue;
use record::b64u;

use crate::access::viewer::Viewer;
use crate::app::App;
use crate::commands::record::{Order, Recording};
use crate::error::{ReadError, RecordError};
use crate::rules::basis::InForce;
use crate::rules::in_force::{activations, held, in_force};
use crate::waiting::wait;
use crate::wanted::Wanted;

/// A catalogue's hash as the record writes hashes.
fn digest(catalogue: &Catalogue) -> Result<Digest, RecordError> {
    Digest::new(b64u::encode(catalogue.digest())).map_err(RecordError::not_written)
}

impl App {
    /// The catalogues of rules that were put into force, in the order of the log. They hold nothing
    /// about a person.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn rule_set_activations(&self) -> Result<Vec<Activation>, ReadError> {
        activations(
            &self.reader,
            self.layout().system_stream(),
            &ReadingPoint::default(),
        )
    }

    /// The catalogue that a reading at a point is evaluated by: what had happened by then does not
    /// matter, what was known does.
    ///
    /// # Errors
    /// [`ReadError::CatalogueNotHeld`] when the program does not hold it.
    pub(crate) fn rules_in_force(&self, point: &ReadingPoint) -> Result<InForce, ReadError> {
        in_force(
            &self.reader,
            self.layout().system_stream(),
            self.rules,
            point,
        )
    }

    /// The catalogues that the program holds, oldest first.
    pub(crate) fn catalogues(&self) -> impl Iterator<Item = &'static Catalogue> + use<> {
        self.rules.library.all()
    }

    /// The newest catalogue that the program holds.
    #[must_use]
    pub(crate) fn newest_catalogue(&self) -> &'static Catalogue {
        self.rules.newest()
    }

    /// Whether a recorded activation is that of the program's newest catalogue.
    #[must_use]
    pub(crate) fn is_built_in(&self, activation: &Activation) -> bool {
        held(self.rules, &activation.catalogue)
            .is_some_and(|held| held.digest() == self.rules.newest().digest())
    }

    /// Whether the program holds the catalogue of a recorded activation.
    #[must_use]
    pub(crate) fn holds(&self, activation: &Activation) -> bool {
        held(self.rules, &activation.catalogue).is_some()
    }

    /// What cannot be put into force: a catalogue that the program does not hold, or one that is to
    /// be used later only, which would judge from now on all the same.
    pub(crate) fn check_activation(&self, order: &Order) -> Result<(), RecordError> {
        let Event::RuleSetActivated(facts) = &order.facts else {
            return Ok(());
        };
        let Some(held) = held(self.rules, &facts.catalogue) else {
            return Err(RecordError::refused(
                RefusalCode::CatalogueNotHeld,
                "catalogue",
            ));
        };
        if held.version() != facts.version.as_str() {
            return Err(RecordError::refused(
                RefusalCode::CatalogueNotHeld,
                "version",
            ));
        }
        if usize::try_from(facts.rules).ok() != Some(held.rules().len()) {
            return Err(RecordError::refused(RefusalCode::CatalogueNotHeld, "rules"));
        }
        let today = Occurred::At(self.time()?).day();
        if order.meta.effective_from.is_some_and(|from| from > today) {
            return Err(RecordError::refused(
                RefusalCode::DatesContradict,
                "effective_from",
            ));
        }
        Ok(())
    }

    /// Records that the program's newest catalogue is put into force: readings from here on are
    /// evaluated by it.
    ///
    /// # Errors
    /// [`RecordError`].
    pub(crate) fn activate_rules(
        &self,
        command: CommandId,
        from: Date,
        remarks: Option<Words>,
        viewer: &Viewer,
        wanted: &Wanted,
    ) -> Result<Recording, RecordError> {
        let catalogue = self.rules.newest();
        let facts = RuleSetActivated {
            catalogue: digest(catalogue)?,
            version: Short::new(catalogue.version()).map_err(RecordError::not_written)?,
            rules: u32::try_from(catalogue.rules().len()).map_err(RecordError::not_written)?,
            remarks,
        };
        let mut meta = Meta::at(Occurred::At(self.time()?));
        meta.effective_from = Some(from);
        let facts = Event::RuleSetActivated(facts);
        wait(self.record(
            &Order {
                command,
                event: None,
                stream: None,
                expected_version: None,
                also: Vec::new(),
                meta,
                facts,
            },
            viewer,
            wanted,
        ))
    }
}
