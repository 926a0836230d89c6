//! A case that was read: its reading, and what several fields fold from it, each once.
//!
//! It reads nothing itself and decides nothing about rights: a field asks the session before it
//! looks in here.

use std::sync::{Arc, OnceLock};

use app::queries::duties::Duties;
use app::rules::basis::{AS_IT_IS, WhatIf};
use app::session::Session;
use async_graphql::Result;
use domain::reading::Reading;
use domain::views::summary::{Summary, summary};
use events::ids::StreamId;

use crate::error::read_error;

/// A case as far as it was read.
pub(crate) struct Whole {
    /// The reading; shared with whoever else reads the case now.
    pub(crate) reading: Arc<Reading>,
    case: StreamId,
    summary: OnceLock<Summary>,
    /// The duties by the law in force. Other law is evaluated for the field that asks for it.
    duties: OnceLock<Duties<'static>>,
}

impl Whole {
    pub(crate) const fn new(reading: Arc<Reading>, case: StreamId) -> Self {
        Self {
            reading,
            case,
            summary: OnceLock::new(),
            duties: OnceLock::new(),
        }
    }

    /// The case in a few lines.
    pub(crate) fn summary(&self) -> &Summary {
        self.summary
            .get_or_init(|| summary(&self.reading, self.case))
    }

    /// Looks at the duties of the case: those by the law in force are evaluated once for all fields.
    ///
    /// # Errors
    /// A top-level error when the viewer may not read the case, or the program does not hold the
    /// rules of then.
    pub(crate) fn duties<R>(
        &self,
        session: &Session,
        what_if: &WhatIf,
        look: impl FnOnce(&Duties<'_>) -> R,
    ) -> Result<R> {
        if what_if.asks() {
            let asked = session.duties_in(&self.reading, self.case, what_if);
            return asked
                .map(|duties| look(&duties))
                .map_err(|error| read_error(&error));
        }
        let duties = match self.duties.get() {
            Some(known) => known,
            None => {
                let duties = session.duties_in(&self.reading, self.case, &AS_IT_IS);
                let duties = duties.map_err(|error| read_error(&error))?;
                self.duties.get_or_init(|| duties)
            }
        };
        Ok(look(duties))
    }
}
