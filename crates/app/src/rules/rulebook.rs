//! The law that the program was built with, read and checked once: every released catalogue of
//! rules, and the key figures.
//!
//! Which catalogue a municipality put into force is a fact of the log (`rules.rs`), not kept here.

use std::sync::OnceLock;

use law::catalogue::Catalogue;
use law::key_figures::{KeyFigureError, KeyFigures};
use law::library::{Library, LibraryError};

/// The law could not be read, so nothing could be said about duties.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// A catalogue; its cause names the rule and the reason.
    #[error("the catalogues of rules are not in order")]
    Catalogue(#[from] LibraryError),
    /// The definitions of the key figures; its cause names the figure and the reason.
    #[error("the key figures are not consistent")]
    KeyFigures(#[from] KeyFigureError),
}

/// The law that the program was built with.
#[derive(Debug)]
pub struct Rulebook {
    /// The catalogues of rules.
    pub library: Library,
    /// The definitions of the key figures.
    pub figures: KeyFigures,
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
            library: Library::released()?,
            figures: KeyFigures::built_in()?,
        };
        Ok(BUILT_IN.get_or_init(|| read))
    }

    /// The one that the program was built with.
    ///
    /// # Panics
    /// Never in an opened log: opening fails when the law cannot be read.
    #[must_use]
    pub fn built_in() -> &'static Self {
        #[expect(
            clippy::expect_used,
            reason = "the files are part of the program, and no log opens unless they are in order"
        )]
        Self::checked().expect("the built-in law")
    }

    /// A law of these catalogues, oldest first, with the built-in key figures.
    ///
    /// # Errors
    /// [`RulesError`].
    pub fn of(catalogues: &[&str]) -> Result<Self, RulesError> {
        Ok(Self {
            library: Library::of(catalogues)?,
            figures: KeyFigures::built_in()?,
        })
    }

    /// The newest catalogue.
    #[must_use]
    pub const fn newest(&self) -> &Catalogue {
        self.library.newest()
    }

    fn name(&self, catalogue: &Catalogue) -> String {
        format!("{} {}", catalogue.hash(), self.figures.version)
    }
}

/// The law that rows are made by. Where the log is under rules that the program does not hold,
/// there is none, and rows hold no duties.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowLaw {
    /// The rules.
    pub catalogue: Option<&'static Catalogue>,
    /// What rows say that they were made by.
    pub name: String,
}

impl RowLaw {
    /// A catalogue that the program holds.
    #[must_use]
    pub fn of(rules: &Rulebook, catalogue: &'static Catalogue) -> Self {
        Self {
            catalogue: Some(catalogue),
            name: rules.name(catalogue),
        }
    }

    /// Rules that the program does not hold.
    #[must_use]
    pub fn not_held(hash: &str) -> Self {
        Self {
            catalogue: None,
            name: format!("not held {hash}"),
        }
    }

    /// The law of a name.
    #[must_use]
    pub fn named(rules: &'static Rulebook, name: &str) -> Option<Self> {
        rules
            .library
            .all()
            .map(|catalogue| Self::of(rules, catalogue))
            .find(|law| law.name == name)
    }
}
