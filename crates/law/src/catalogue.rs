//! The rules as data: which duty, from when to when, due when, on what law, and what is unsure.
//!
//! The texts are for people. What a rule looks for in the facts is a function in
//! [`crate::predicates`], found by the rule's id; a rule without one is refused, and so is one
//! without a rule.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Deserialize;
use sha2::{Digest, Sha256};

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

/// The catalogue is not consistent. Each error names the rule and the reason.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// Not the form of a catalogue.
    #[error("the rule catalogue cannot be read")]
    Form(#[source] serde_json::Error),
    /// Two rules of one id hold on the same day.
    #[error("rule {rule}: two entries hold on {day}")]
    Overlap {
        /// The rule.
        rule: String,
        /// A day that both hold on.
        day: Date,
    },
    /// The period ends before it begins.
    #[error("rule {rule}: its period ends before it begins")]
    EmptyPeriod {
        /// The rule.
        rule: String,
    },
    /// A text that must be there is empty.
    #[error("rule {rule}: no {field} is given")]
    Missing {
        /// The rule.
        rule: String,
        /// What is missing.
        field: &'static str,
    },
    /// It names something that does not exist.
    #[error("rule {rule}: {field} names {name}, which does not exist")]
    Unknown {
        /// The rule.
        rule: String,
        /// The member of the rule.
        field: &'static str,
        /// What it names.
        name: String,
    },
    /// Successors lead back to the rule.
    #[error("rule {rule}: its successors lead back to it")]
    Cycle {
        /// The rule.
        rule: String,
    },
    /// The stated basis does not fit the period.
    #[error("rule {rule}: its basis does not fit its period")]
    BasisMisfit {
        /// The rule.
        rule: String,
    },
    /// No function knows what the rule looks for.
    #[error("rule {rule}: no predicate is known for it")]
    NoPredicate {
        /// The rule.
        rule: String,
    },
    /// A function belongs to no rule.
    #[error("predicate {rule}: no rule has this id")]
    NoRule {
        /// The id of the predicate.
        rule: String,
    },
}

/// All rules, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    version: String,
    hash: [u8; 32],
    uncertainties: BTreeMap<String, String>,
    sources: BTreeMap<String, String>,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueFile {
    version: String,
    uncertainties: BTreeMap<String, String>,
    sources: BTreeMap<String, String>,
    rules: Vec<Rule>,
}

impl Catalogue {
    /// Reads and checks the catalogue that the program was built with.
    ///
    /// # Errors
    /// [`CatalogueError`]; a test makes sure that the built-in one has none.
    pub fn built_in() -> Result<Self, CatalogueError> {
        Self::parse(CATALOGUE_JSON)
    }

    /// Reads and checks a catalogue: its own consistency, and that rules and predicates match.
    ///
    /// # Errors
    /// [`CatalogueError`] names the first rule that fails, and why.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let file: CatalogueFile = serde_json::from_str(text).map_err(CatalogueError::Form)?;
        let hash = Sha256::digest(text.as_bytes()).into();
        let CatalogueFile { version, uncertainties, sources, rules } = file;
        let catalogue = Self { version, hash, uncertainties, sources, rules };
        catalogue.check()?;
        crate::predicates::check(&catalogue)?;
        Ok(catalogue)
    }

    /// Version of the catalogue, for people.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// SHA-256 of the file's bytes, in lower-case hexadecimal: names the law that an answer rests on.
    #[must_use]
    pub fn hash(&self) -> String {
        self.hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The rules in the order of the file.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of that id, and its place in the order of the file.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<(usize, &Rule)> {
        self.rules.iter().enumerate().find(|(_, rule)| rule.id == id)
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

    fn check(&self) -> Result<(), CatalogueError> {
        for (place, rule) in self.rules.iter().enumerate() {
            check_texts(rule)?;
            check_basis(rule)?;
            if rule.to.is_some_and(|to| to < rule.from) {
                return Err(CatalogueError::EmptyPeriod { rule: rule.id.clone() });
            }
            let others = self.rules.iter().skip(place + 1).filter(|other| other.id == rule.id);
            for other in others {
                let day = rule.from.max(other.from);
                if rule.in_force(day) && other.in_force(day) {
                    return Err(CatalogueError::Overlap { rule: rule.id.clone(), day });
                }
            }
            self.check_names(rule)?;
        }
        self.rules.iter().try_for_each(|rule| self.check_cycle(rule))
    }

    fn check_names(&self, rule: &Rule) -> Result<(), CatalogueError> {
        let unknown = |field, name: &str| CatalogueError::Unknown { rule: rule.id.clone(), field, name: name.to_owned() };
        let is_rule = |id: &str| self.rules.iter().any(|rule| rule.id == id);
        let mut rules: Vec<(&'static str, &str)> = Vec::new();
        rules.extend(rule.successors.iter().map(|successor| ("successors", successor.rule.as_str())));
        rules.extend(rule.replaces.iter().map(|id| ("replaces", id.as_str())));
        rules.extend(rule.suppresses.iter().map(|id| ("suppresses", id.as_str())));
        if let Due::AtRule(id) = &rule.due {
            rules.push(("due", id));
        }
        for (field, id) in rules {
            if !is_rule(id) {
                return Err(unknown(field, id));
            }
        }
        if let Some(key) = rule.source.iter().find(|key| !self.sources.contains_key(*key)) {
            return Err(unknown("source", key));
        }
        if let Some(key) = rule.uncertain.iter().find(|key| !self.uncertainties.contains_key(*key)) {
            return Err(unknown("uncertain", key));
        }
        match &rule.due {
            Due::Before(name) if name != FIRST_CONTACT && events::event::spec_of(name).is_none() => Err(unknown("due", name)),
            _ => Ok(()),
        }
    }

    fn check_cycle(&self, rule: &Rule) -> Result<(), CatalogueError> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&str> = rule.successors.iter().map(|successor| successor.rule.as_str()).collect();
        while let Some(id) = open.pop() {
            if id == rule.id {
                return Err(CatalogueError::Cycle { rule: rule.id.clone() });
            }
            if reached.insert(id) {
                let next = self.rules.iter().filter(|other| other.id == id).flat_map(|other| &other.successors);
                open.extend(next.map(|successor| successor.rule.as_str()));
            }
        }
        Ok(())
    }
}

/// In [`Due::Before`]: the first contact with parents or network, whatever event it is.
pub const FIRST_CONTACT: &str = "FirstContact";

fn check_texts(rule: &Rule) -> Result<(), CatalogueError> {
    let texts = [
        ("id", &rule.id),
        ("title", &rule.title),
        ("trigger", &rule.trigger),
        ("satisfied_by", &rule.satisfied_by),
        ("section of law", &rule.law),
    ];
    let missing = texts.iter().find(|(_, text)| text.trim().is_empty()).map(|(field, _)| *field);
    match missing.or(rule.source.is_empty().then_some("source")) {
        Some(field) => Err(CatalogueError::Missing { rule: rule.id.clone(), field }),
        None => Ok(()),
    }
}

fn check_basis(rule: &Rule) -> Result<(), CatalogueError> {
    let fits = match &rule.due {
        Due::Hours(_) => rule.basis == Some(Basis::Elapsed),
        Due::Weekdays(_) => rule.basis == Some(Basis::Weekdays),
        Due::WorkingDays(_) => rule.basis == Some(Basis::WorkingDays),
        Due::Days(_)
        | Due::Weeks(_)
        | Due::Months(_)
        | Due::Window { .. }
        | Due::AtRule(_)
        | Due::EarliestOf(_)
        | Due::BeforeBirthday { .. }
        | Due::AfterPeriod { .. }
        | Due::Renewal { .. }
        | Due::Own => rule.basis == Some(Basis::Calendar),
        Due::BeforeTrigger | Due::AtTrigger | Due::Before(_) | Due::None => rule.basis.is_none(),
    };
    if fits { Ok(()) } else { Err(CatalogueError::BasisMisfit { rule: rule.id.clone() }) }
}
