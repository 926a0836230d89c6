//! What the engine answers: duties with their days and how they stand, and what does not fit.

use events::ids::{EventId, PersonId};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::duty::Remark;
use crate::finding::Finding;
use crate::rule::{Rule, Severity};
use events::moment::Moment;

/// When a duty is due, in the form that its rule gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DueAt {
    /// An instant.
    Instant(Timestamp),
    /// The end of a day in Denmark.
    Day(Date),
    /// Between two days.
    Window {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
    /// Before an event; the event is named once it has taken place.
    Before(Option<EventId>),
    /// At the event that it arises from.
    AtTrigger,
    /// At once or as soon as possible: no number.
    NoNumber,
    /// A day that nobody has set yet, or a clock that does not run yet.
    NotSet,
}

/// By how much something was late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Late {
    /// Days, where the period is one of days.
    Days(i32),
    /// Whole minutes, where the period is one of hours.
    Minutes(i64),
}

/// How a duty stands at the moment of the reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// Not met, and not late.
    Open,
    /// Met.
    Met {
        /// When.
        at: Moment,
        /// By how much too late, where it was.
        late_by: Option<Late>,
    },
    /// Lawfully removed.
    Waived {
        /// When.
        at: Moment,
        /// The event that says so.
        by: EventId,
    },
    /// Gone over to other rules on 1 January 2024.
    Succeeded {
        /// Those rules.
        to: Vec<String>,
    },
    /// Lifted by the trial.
    Suppressed {
        /// The rule that lifts it.
        by: String,
    },
    /// Its day has passed and it is not met.
    Overdue,
    /// A right or a validity that ended unused.
    Lapsed,
    /// Its reason is gone: the case closed, the measure ended, or the young person came of age.
    Moot {
        /// When.
        at: Moment,
    },
}

/// One duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obligation<'c> {
    /// The rule, with its title, section of law and source.
    pub rule: &'c Rule,
    /// The event that it arises from.
    pub event: EventId,
    /// For whom it is owed, or whose right it is; null where it concerns the matter itself.
    pub subject: Option<PersonId>,
    /// When it arose.
    pub trigger: Moment,
    /// When it is due.
    pub due: DueAt,
    /// From when a careful reader should act: not later than the due day.
    pub warn_at: Option<Timestamp>,
    /// The last instant at which it is not overdue.
    pub overdue_after: Option<Timestamp>,
    /// How it stands.
    pub status: Status,
    /// The events that met it.
    pub met_by: Vec<EventId>,
    /// Days from the start of the clock until it was met, or until now: shown for duties without
    /// a number too.
    pub age_days: i32,
    /// What is unsure about the rule and about how it came to hold.
    pub uncertain: Vec<&'c str>,
    /// More about it.
    pub remarks: Vec<Remark>,
}

impl Obligation<'_> {
    /// How serious it is to miss it.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.rule.severity
    }

    /// Whether somebody still has to act.
    #[must_use]
    pub const fn is_pending(&self) -> bool {
        matches!(self.status, Status::Open | Status::Overdue)
    }
}

/// A period that would run if something were done: shown so that it surprises nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dormant<'c> {
    /// The rule.
    pub rule: &'c Rule,
    /// The event from which it would be counted.
    pub event: EventId,
    /// The day that it would be due.
    pub would_be_due: Date,
}

/// The answer for a case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evaluation<'c> {
    /// The duties, by the moment at which they arose, then in the order of the catalogue.
    pub obligations: Vec<Obligation<'c>>,
    /// Periods that do not run.
    pub dormant: Vec<Dormant<'c>>,
    /// What does not fit, in the order of the events that it is found at.
    pub findings: Vec<Finding>,
}
