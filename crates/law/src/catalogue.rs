//! All rules of one version, checked, with what is common to them: the ages of parties, published
//! periods, approvals, sources and what is unsure.
//!
//! It does not know the predicates; a catalogue is taken into use by [`crate::library`].
//!
//! ```
//! use law::library::Library;
//! use law::rule::Due;
//!
//! let library = Library::released()?;
//! let catalogue = library.newest();
//! let (_, rule) = catalogue.rule("BL-136-2-24H").ok_or("no such rule")?;
//! assert_eq!((rule.due.clone(), rule.law.as_str()), (Due::Hours(24), "BL § 136(2)"));
//!
//! // An answer names the law that it rests on by the hash of the file.
//! assert_eq!(library.with_hash(&catalogue.hash()), Some(catalogue));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod checks;
pub mod error;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use self::error::CatalogueError;
use crate::fact::Approval;
use crate::rule::Rule;

/// The bytes of the catalogue file, as its hash is taken of them.
pub const CATALOGUE_JSON: &str = include_str!("../../../schema/rules/rules.json");

/// From which age a child exercises the rights of a party.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartyAge {
    /// First day; null for the first age.
    pub from: Option<Date>,
    /// Years.
    pub age: u16,
    /// The section of law.
    pub law: String,
}

/// A period that a municipality published itself (RSL § 3 a).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Four-digit code of the municipality.
    pub municipality: String,
    /// The rule whose day it sets; one that is due on a day of one's own.
    pub rule: String,
    /// First day on which it holds.
    pub from: Date,
    /// Days.
    pub days: u16,
    /// Where it was published.
    pub source: String,
}

/// All rules, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    version: String,
    hash: [u8; 32],
    transition: Date,
    party_ages: Vec<PartyAge>,
    published: Vec<Published>,
    approvals: Vec<Approval>,
    uncertainties: BTreeMap<String, String>,
    sources: BTreeMap<String, String>,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueFile {
    version: String,
    transition: Date,
    party_ages: Vec<PartyAge>,
    published: Vec<Published>,
    approvals: Vec<Approval>,
    uncertainties: BTreeMap<String, String>,
    sources: BTreeMap<String, String>,
    rules: Vec<Rule>,
}

impl Catalogue {
    /// Reads a catalogue and checks that it is consistent in itself. Whether its rules have
    /// predicates is checked where a catalogue is taken into use: [`crate::library`].
    ///
    /// # Errors
    /// [`CatalogueError`] names the first rule that fails, and why.
    pub(crate) fn parse(text: &str) -> Result<Self, CatalogueError> {
        let file: CatalogueFile = serde_json::from_str(text).map_err(CatalogueError::Form)?;
        let hash = Sha256::digest(text.as_bytes()).into();
        let CatalogueFile {
            version,
            transition,
            party_ages,
            published,
            approvals,
            uncertainties,
            sources,
            rules,
        } = file;
        let catalogue = Self {
            version,
            hash,
            transition,
            party_ages,
            published,
            approvals,
            uncertainties,
            sources,
            rules,
        };
        catalogue.check()?;
        Ok(catalogue)
    }

    /// Version of the catalogue, for people.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// SHA-256 of the file's bytes, in lower-case hexadecimal: names the law that an answer rests
    /// on.
    #[must_use]
    pub fn hash(&self) -> String {
        self.hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The same as bytes.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.hash
    }

    /// The day on which *barnets lov* took over unfinished matters (BL §§ 212-213).
    #[must_use]
    pub const fn transition(&self) -> Date {
        self.transition
    }

    /// The age from which a child exercises the rights of a party on a day.
    #[must_use]
    pub fn party_age(&self, day: Date) -> u16 {
        let held = self
            .party_ages
            .iter()
            .rev()
            .find(|age| age.from.is_none_or(|from| from <= day));
        held.map_or(u16::MAX, |held| held.age)
    }

    /// The ages from which a child exercises the rights of a party, oldest first.
    #[must_use]
    pub fn party_ages(&self) -> &[PartyAge] {
        &self.party_ages
    }

    /// The period that a municipality had published for a rule on a day, in days.
    #[must_use]
    pub fn published(&self, municipality: &str, rule: &str, day: Date) -> Option<u16> {
        let own = self.published.iter().filter(|period| {
            period.municipality == municipality && period.rule == rule && period.from <= day
        });
        own.max_by_key(|period| period.from)
            .map(|period| period.days)
    }

    /// The periods that municipalities published themselves (RSL § 3 a).
    #[must_use]
    pub fn published_periods(&self) -> &[Published] {
        &self.published
    }

    /// What municipalities were allowed in the free-municipality trial, as it is assumed: the
    /// approvals themselves were not found.
    #[must_use]
    pub fn approvals(&self) -> &[Approval] {
        &self.approvals
    }

    /// The place of a rule among the rules. The rule must be borrowed from this catalogue, because
    /// several entries can have one id.
    #[must_use]
    pub fn place(&self, rule: &Rule) -> Option<u16> {
        let place = self
            .rules
            .iter()
            .position(|known| std::ptr::eq(known, rule));
        place.and_then(|place| u16::try_from(place).ok())
    }

    /// The rule at a place.
    #[must_use]
    pub fn rule_at(&self, place: u16) -> Option<&Rule> {
        self.rules.get(usize::from(place))
    }

    /// The rules in the order of the file.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of that id, and its place in the order of the file.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<(usize, &Rule)> {
        self.rules
            .iter()
            .enumerate()
            .find(|(_, rule)| rule.id == id)
    }

    /// What is unsure, by key.
    #[must_use]
    pub const fn uncertainties(&self) -> &BTreeMap<String, String> {
        &self.uncertainties
    }

    /// Where the law was read, by key.
    #[must_use]
    pub const fn sources(&self) -> &BTreeMap<String, String> {
        &self.sources
    }
}
