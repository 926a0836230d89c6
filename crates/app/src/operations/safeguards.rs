//! The operator's word, on the record: a safeguard that refused to record was set aside.
//!
//! No client of the interface can do that: only whoever starts the program can.

use domain::views::integrity::Override;
use events::event::Event;
use events::log::SafeguardOverridden;
use events::meta::{Actor, Meta, Role};
use events::time::Occurred;

use crate::access::viewer::{Purpose, Viewer};
use crate::app::App;
use crate::commands::record::{Order, Recording};
use crate::entropy::fresh;
use crate::error::{ReadError, RecordError};
use crate::waiting::wait;
use crate::wanted::Wanted;

impl App {
    /// The safeguards that operators set aside, in the order of the log. They hold nothing about a
    /// person who is in a case, so auditors may read them.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn safeguard_overrides(&self) -> Result<Vec<Override>, ReadError> {
        Ok(self.own_integrity()?.overrides)
    }

    /// Why nothing is recorded because of the clock; none when it is trusted. It waits for nothing,
    /// so that whoever asks for the health of the server is answered at once.
    #[must_use]
    pub(crate) fn clock_refusal(&self) -> Option<String> {
        let own = self.watch.refusal().map(|refused| refused.to_string());
        let accesses = self
            .accesses
            .try_lock()
            .ok()
            .and_then(|accesses| accesses.clone());
        own.or_else(|| accesses.and_then(|accesses| accesses.clock_refusal()))
    }

    /// Records the operator's word on the clock, where the clock needed it.
    pub(crate) fn keep_word(&self) -> Result<(), RecordError> {
        if let Some((refused, word)) = self.watch.owed() {
            self.record_override(refused.set_aside(&word), &word.operator)?;
        }
        Ok(())
    }

    /// Records that an operator sets a safeguard aside. `operator` is what the machine says of who
    /// that is: stated, not proven.
    ///
    /// # Errors
    /// [`RecordError`].
    pub(crate) fn record_override(
        &self,
        facts: SafeguardOverridden,
        operator: &str,
    ) -> Result<Recording, RecordError> {
        let municipality = self.layout().municipality().code().to_owned();
        let actor = Actor {
            id: operator.to_owned(),
            role: Role::System,
            unit: None,
            municipality,
        };
        let order = Order {
            command: fresh(),
            event: None,
            stream: None,
            expected_version: None,
            also: Vec::new(),
            meta: Meta::at(Occurred::At(self.time()?)),
            facts: Event::SafeguardOverridden(facts),
        };
        wait(self.record(
            &order,
            &Viewer {
                actor,
                purpose: Purpose::Development,
            },
            &Wanted::always(),
        ))
    }
}
