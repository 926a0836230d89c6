//! The rules as data: which duty, from when to when, due when, on what law, and what is unsure.
//!
//! The texts are for people. What a rule looks for in the facts is a function in
//! [`crate::predicates`], found by the rule's id; a rule without one is refused, and so is one
//! without a rule.

mod checks;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Deserialize;
use sha2::{Digest, Sha256};

pub use checks::CatalogueError;

use crate::fact::Approval;

/// The bytes of the catalogue file, as its hash is taken of them.
pub const CATALOGUE_JSON: &str = include_str!("../../../schema/rules/rules.json");

/// A body of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RuleSet {
    /// *Serviceloven*, until the end of 2023.
    Sel,
    /// The free-municipality trial (*frikommuneforsøg*): an overlay on [`RuleSet::Sel`].
    Fri,
    /// *Barnets lov*, from 2024.
    Bl,
    /// Administrative law, at all times.
    Adm,
    /// Targets of a municipality, not law.
    Local,
}

/// How heavily a duty weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Severity {
    /// Law with a number or a fixed order of steps.
    Hard,
    /// Law without a number, or a period that the municipality set itself.
    Soft,
    /// Shown for information: rights of others, targets.
    Info,
}

/// In which days a period is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Basis {
    /// Hours that pass on the clock.
    Elapsed,
    /// Calendar days, weeks, months.
    Calendar,
    /// Weekdays (*hverdage*).
    Weekdays,
    /// Working days (*arbejdsdage*).
    WorkingDays,
}

/// What becomes of a duty whose day has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RunsOut {
    /// It is overdue and still owed.
    #[default]
    Overdue,
    /// A right or a validity that ended unused.
    Lapsed,
}

/// What takes a duty away that is still open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EndsWith {
    /// The case is closed.
    CaseClosed,
    /// The young person comes of age.
    #[serde(rename = "AGE_18")]
    Age18,
    /// The measure that it is about ends.
    SupportEnded,
}

/// A period of reporting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Period {
    /// A quarter of a year.
    Quarter,
    /// A calendar year.
    Year,
}

/// When a duty is due.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Due {
    /// That many hours on the clock.
    Hours(u16),
    /// That many weekdays (*hverdage*).
    Weekdays(u16),
    /// That many working days (*arbejdsdage*).
    WorkingDays(u16),
    /// That many days.
    Days(u16),
    /// That many weeks, to the same weekday.
    Weeks(u16),
    /// That many months, to the same day number.
    Months(u16),
    /// Between two numbers of days.
    Window {
        /// First day, counted from the anchor.
        from_days: u16,
        /// Last day, counted from the anchor.
        to_days: u16,
    },
    /// Before the trigger itself: checked when the trigger is recorded.
    BeforeTrigger,
    /// At the trigger: a part of it.
    AtTrigger,
    /// Before a later event of that type, or before `FirstContact` with parents or network.
    Before(String),
    /// When another rule is due.
    AtRule(String),
    /// The earliest of several.
    EarliestOf(Vec<Limb>),
    /// Some months before a birthday.
    BeforeBirthday {
        /// The age reached on that birthday.
        age: u16,
        /// Months before it.
        months: u16,
    },
    /// At the end of a month after a period of reporting.
    AfterPeriod {
        /// The period.
        period: Period,
        /// Months after its end.
        months: u16,
    },
    /// A placement's renewal.
    Renewal {
        /// Months as a rule.
        months: u16,
        /// Months after an earlier placement within the year before.
        after_recent_placement: u16,
    },
    /// A day that the case itself sets.
    Own,
    /// At once or as soon as possible: shown with its age, never overdue.
    None,
}

/// One limb of [`Due::EarliestOf`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Limb {
    /// That many months.
    Months(u16),
    /// A fact, in words; the rule's function finds its day.
    Fact(String),
}

/// Which clock a duty keeps when it goes over to another rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Clock {
    /// The period of the new rule, from the original trigger.
    New,
    /// The day that was due under the old rule.
    Old,
}

/// A rule that takes over at the change of law on 1 January 2024 (BL § 213).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Successor {
    /// The rule.
    pub rule: String,
    /// Whose clock it keeps.
    pub clock: Clock,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stable id.
    pub id: String,
    /// The body of rules that it belongs to.
    pub set: RuleSet,
    /// First day on which it may arise.
    pub from: Date,
    /// Last day on which it may arise; none while it is in force.
    pub to: Option<Date>,
    /// The duty in a few words.
    pub title: String,
    /// What makes it arise.
    pub trigger: String,
    /// What must hold besides.
    pub condition: Option<String>,
    /// What meets it.
    pub satisfied_by: String,
    /// What lawfully removes it.
    pub waived_by: Option<String>,
    /// How it is read from the recorded facts, where that is a choice.
    pub reading: Option<String>,
    /// When it is due.
    pub due: Due,
    /// In which days that is counted.
    pub basis: Option<Basis>,
    /// From when it is counted, where that is not the time of the trigger.
    pub anchor: Option<String>,
    /// Whether a last day on which a citizen cannot act moves on.
    #[serde(default)]
    pub roll: bool,
    /// What becomes of it when its day has passed.
    #[serde(default)]
    pub runs_out: RunsOut,
    /// What takes it away while it is open.
    #[serde(default)]
    pub ends_with: BTreeSet<EndsWith>,
    /// How heavily it weighs.
    pub severity: Severity,
    /// The section of law.
    pub law: String,
    /// Where that was read; keys of [`Catalogue::sources`].
    pub source: Vec<String>,
    /// What is unsure; keys of [`Catalogue::uncertainties`].
    #[serde(default)]
    pub uncertain: Vec<String>,
    /// What takes over on 1 January 2024.
    #[serde(default)]
    pub successors: Vec<Successor>,
    /// The rule whose place it takes in the trial.
    pub replaces: Option<String>,
    /// The rules that it suppresses in the trial.
    #[serde(default)]
    pub suppresses: BTreeSet<String>,
}

impl Rule {
    /// Whether it may arise on a day.
    #[must_use]
    pub fn in_force(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

/// From which age a child exercises the rights of a party.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartyAge {
    /// First day; none for the first one.
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

    /// The place of a rule among the rules, told by being the very same entry: an id can have
    /// several.
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

/// In [`Due::Before`]: the first contact with parents or network, whatever event it is.
pub const FIRST_CONTACT: &str = "FirstContact";
