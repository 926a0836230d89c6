//! One rule as data: which duty, from when to when, due when, on what law, and what is unsure.
//!
//! The texts are for people. What a rule looks for in the facts is a function in
//! [`crate::predicates`], found by the rule's id.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;

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

/// How serious it is to miss a duty.
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
pub enum Counting {
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
    /// Another municipality is responsible for the child when it falls due.
    HandedOver,
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
    /// Last day on which it may arise; null while it is in force.
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
    #[serde(rename = "basis")]
    pub counting: Option<Counting>,
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
    /// How serious it is to miss the duty.
    pub severity: Severity,
    /// The section of law.
    pub law: String,
    /// Where that was read; keys of [`crate::catalogue::Catalogue::sources`].
    pub source: Vec<String>,
    /// What is unsure; keys of [`crate::catalogue::Catalogue::uncertainties`].
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

/// In [`Due::Before`]: the first contact with parents or network, whatever event it is.
pub const FIRST_CONTACT: &str = "FirstContact";
