//! Every catalogue that a program was released with, by its hash. A log names the catalogue in
//! force by its hash, so what was evaluated under an earlier one is evaluated under that one again.
//!
//! Here a catalogue meets the predicates: whatever comes into use has a predicate for each of its
//! rules.

use crate::catalogue::error::CatalogueError;
use crate::catalogue::{CATALOGUE_JSON, Catalogue};
use crate::predicates;

/// The catalogues as they were released, oldest first; their bytes never change again.
pub const RELEASED: &[&str] = &[
    include_str!("../../../schema/rules/rules-1.json"),
    CATALOGUE_JSON,
];
/// Their hashes, in the form of `sha256sum`, in the same order.
pub const RELEASED_HASHES: &str = include_str!("../../../schema/rules/released.sha256");

/// The catalogues that a program holds do not fit together.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// One of them is not consistent.
    #[error("catalogue {place}")]
    Catalogue {
        /// Which one, from 1, oldest first.
        place: usize,
        /// The rule and the reason.
        #[source]
        source: CatalogueError,
    },
    /// No catalogue was given.
    #[error("there is no catalogue of rules")]
    Empty,
    /// Two have the same version or the same bytes.
    #[error("catalogue {version} is there twice")]
    Twice {
        /// Its version.
        version: String,
    },
    /// The bytes of a released catalogue are not those that were released.
    #[error("catalogue {version} has the hash {found}, and {expected} was released")]
    Changed {
        /// Its version.
        version: String,
        /// The hash that was written down when it was released.
        expected: String,
        /// The hash of its bytes.
        found: String,
    },
}

/// Reads and checks the catalogue that the program was built with.
///
/// # Errors
/// As [`of_this_program`]; a test makes sure that the built-in one has none.
pub fn built_in() -> Result<Catalogue, CatalogueError> {
    of_this_program(CATALOGUE_JSON)
}

/// Reads a catalogue for this program: consistent in itself, a predicate for each of its rules, and
/// a rule for each predicate of the program.
///
/// # Errors
/// [`CatalogueError`] names the first rule that fails, and why.
pub fn of_this_program(text: &str) -> Result<Catalogue, CatalogueError> {
    let catalogue = Catalogue::parse(text)?;
    predicates::check(&catalogue)?;
    Ok(catalogue)
}

/// Reads a catalogue of an earlier program, which need not have the rules that came since.
fn of_an_earlier_program(text: &str) -> Result<Catalogue, CatalogueError> {
    let catalogue = Catalogue::parse(text)?;
    predicates::check_rules(&catalogue)?;
    Ok(catalogue)
}

/// Catalogues by hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    earlier: Vec<Catalogue>,
    newest: Catalogue,
}

impl Library {
    /// The catalogues that the program was released with, checked against the hashes written down
    /// then.
    ///
    /// # Errors
    /// As [`Library::of`]; [`LibraryError::Changed`] when the bytes of a released catalogue are not
    /// those whose hash was written down. A test makes sure that the built-in ones have none.
    pub fn released() -> Result<Self, LibraryError> {
        Self::of(RELEASED)?.checked_against(RELEASED_HASHES)
    }

    /// Reads and checks catalogues, oldest first. The newest must know every rule that the program
    /// knows; earlier ones need not.
    ///
    /// # Errors
    /// [`LibraryError::Empty`] without a catalogue; [`LibraryError::Catalogue`] when one cannot be
    /// used; [`LibraryError::Twice`] when two have the same version or the same bytes.
    pub fn of(texts: &[&str]) -> Result<Self, LibraryError> {
        let (newest, earlier) = texts.split_last().ok_or(LibraryError::Empty)?;
        let at = |place: usize| {
            move |source| LibraryError::Catalogue {
                place: place + 1,
                source,
            }
        };
        let older = earlier
            .iter()
            .enumerate()
            .map(|(place, text)| of_an_earlier_program(text).map_err(at(place)));
        let library = Self {
            earlier: older.collect::<Result<_, _>>()?,
            newest: of_this_program(newest).map_err(at(earlier.len()))?,
        };
        let twice = library.all().enumerate().find(|(place, one)| {
            library
                .all()
                .take(*place)
                .any(|other| other.version() == one.version() || other.digest() == one.digest())
        });
        match twice {
            Some((_, one)) => Err(LibraryError::Twice {
                version: one.version().to_owned(),
            }),
            None => Ok(library),
        }
    }

    pub(crate) fn checked_against(self, hashes: &str) -> Result<Self, LibraryError> {
        let mut expected = hashes
            .lines()
            .map(|line| line.split_whitespace().next().unwrap_or_default());
        let wrong = self.all().find_map(|catalogue| {
            let (found, expected) = (catalogue.hash(), expected.next().unwrap_or_default());
            (found != expected)
                .then(|| (catalogue.version().to_owned(), expected.to_owned(), found))
        });
        match wrong {
            Some((version, expected, found)) => Err(LibraryError::Changed {
                version,
                expected,
                found,
            }),
            None => Ok(self),
        }
    }

    /// The newest catalogue: that of the program.
    #[must_use]
    pub const fn newest(&self) -> &Catalogue {
        &self.newest
    }

    /// All of them, oldest first.
    pub fn all(&self) -> impl Iterator<Item = &Catalogue> {
        self.earlier.iter().chain([&self.newest])
    }

    /// The catalogue with a hash; null when the program does not hold it.
    #[must_use]
    pub fn with_digest(&self, digest: &[u8]) -> Option<&Catalogue> {
        self.all().find(|catalogue| catalogue.digest() == digest)
    }

    /// The same by its hash in hexadecimal.
    #[must_use]
    pub fn with_hash(&self, hash: &str) -> Option<&Catalogue> {
        self.all().find(|catalogue| catalogue.hash() == hash)
    }
}
