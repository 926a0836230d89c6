//! The law that the program was built with, read and checked once: rules, key figures, approvals.
//!
//! Which catalogue a municipality put into force is a fact of the log (`rules.rs`), not kept here.

use std::sync::OnceLock;

use events::ids::StreamId;
use jiff::Timestamp;
use law::catalogue::{Catalogue, CatalogueError, Rule};
use law::fact::{Approval, Circumstances, assumed_approvals};
use law::key_figures::{KeyFigureError, KeyFigures};

/// The law could not be read, so nothing could be said about duties.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// The catalogue; its cause names the rule and the reason.
    #[error("the catalogue of rules is not consistent")]
    Catalogue(#[from] CatalogueError),
    /// The definitions of the key figures; its cause names the figure and the reason.
    #[error("the key figures are not consistent")]
    KeyFigures(#[from] KeyFigureError),
    /// The approvals of the free-municipality trial (*frikommuneforsøg*).
    #[error("the approvals of the free-municipality trial cannot be read")]
    Approvals(#[source] serde_json::Error),
}

/// The law that the program was built with.
#[derive(Debug)]
pub struct Rulebook {
    /// The rules.
    pub catalogue: Catalogue,
    /// The definitions of the key figures.
    pub figures: KeyFigures,
    /// What municipalities were allowed in the trial, as it is assumed.
    pub approvals: Vec<Approval>,
}

static BUILT_IN: OnceLock<Rulebook> = OnceLock::new();

impl Rulebook {
    /// Reads and checks it, once for the whole program; every log is opened through this.
    ///
    /// # Errors
    /// [`RulesError`].
    pub fn checked() -> Result<&'static Self, RulesError> {
        if let Some(known) = BUILT_IN.get() {
            return Ok(known);
        }
        let read = Self {
            catalogue: Catalogue::built_in()?,
            figures: KeyFigures::built_in()?,
            approvals: assumed_approvals().map_err(RulesError::Approvals)?,
        };
        Ok(BUILT_IN.get_or_init(|| read))
    }

    /// The one that the program was built with.
    ///
    /// # Panics
    /// Never in an opened log: opening fails when the law cannot be read.
    #[must_use]
    pub fn built_in() -> &'static Self {
        #[expect(clippy::expect_used, reason = "the files are part of the program, and no log opens unless they are in order")]
        Self::checked().expect("the built-in law")
    }

    /// Names the law that rows were made by.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.catalogue.hash(), self.figures.version)
    }

    /// The rule at a place of the catalogue.
    #[must_use]
    pub fn rule(&self, place: u16) -> Option<&Rule> {
        self.catalogue.rules().get(usize::from(place))
    }

    pub(crate) fn place(&self, rule: &Rule) -> u16 {
        // An id can have several entries; they are told apart by being the very same entry.
        let place = self.catalogue.rules().iter().position(|known| std::ptr::eq(known, rule));
        place.and_then(|place| u16::try_from(place).ok()).unwrap_or(u16::MAX)
    }

    /// What surrounds a case at a moment; without the trial where it is to be left out.
    #[must_use]
    pub fn circumstances(&self, municipality: &str, as_of: Timestamp, case: StreamId, trial: bool) -> Circumstances {
        let approvals = if trial { self.approvals.clone() } else { Vec::new() };
        Circumstances { approvals, ..Circumstances::plain(municipality, as_of, Some(case)) }
    }
}
