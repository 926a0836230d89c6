//! What the law looks at: facts as they could be known, and the circumstances of the municipality.
//!
//! Which facts were known, what was corrected and what was annulled is settled before, by `domain`;
//! this crate evaluates what is left.

use std::collections::BTreeSet;

use events::event::Event;
use events::ids::{EventId, StreamId};
use events::meta::{Actor, Meta};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;

/// A fact in force at the reading point: corrections applied, annulled events left out.
#[derive(Debug, Clone, Copy)]
pub struct Fact<'a> {
    /// The stream that it stands in.
    pub stream: StreamId,
    /// The event.
    pub event: EventId,
    /// Place in the log.
    pub index: u64,
    /// When the log recorded it.
    pub recorded_at: Timestamp,
    /// When, how, on what law.
    pub meta: &'a Meta,
    /// Who recorded it; null when that was erased.
    pub actor: Option<&'a Actor>,
    /// The fact.
    pub facts: &'a Event,
}

/// What a municipality was allowed in the free-municipality trial (FKL § 10).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Four-digit code of the municipality.
    pub municipality: String,
    /// Its name.
    pub name: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Rules that it lifts or replaces.
    pub covers: BTreeSet<String>,
    /// Where that is known from.
    pub source: String,
}

/// What the municipality reported to the statistics office, for all its cases at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatisticsReport {
    /// Last day of the period reported on.
    pub period_end: Date,
    /// When it was sent.
    pub sent_at: Timestamp,
}

/// What surrounds a case without standing in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circumstances {
    /// Four-digit code of the municipality whose case it is.
    pub municipality: String,
    /// The district that the case belongs to, where the municipality has any.
    pub district: Option<String>,
    /// The moment up to which time has passed: statuses are those of then.
    pub as_of: Timestamp,
    /// The stream of the case; null for a notification that belongs to no case yet.
    pub case: Option<StreamId>,
    /// Approvals of the free-municipality trial.
    pub approvals: Vec<Approval>,
    /// Reports to the statistics office.
    pub statistics: Vec<StatisticsReport>,
    /// As if the rules of this day had held all along, and no Act had taken over from another: a
    /// question, never what holds.
    pub rules_of: Option<Date>,
}

impl Circumstances {
    /// A municipality without trials or reports.
    #[must_use]
    pub fn plain(
        municipality: impl Into<String>,
        as_of: Timestamp,
        case: Option<StreamId>,
    ) -> Self {
        Self {
            municipality: municipality.into(),
            district: None,
            as_of,
            case,
            approvals: Vec::new(),
            statistics: Vec::new(),
            rules_of: None,
        }
    }

    /// The approval that covers a rule on a day.
    #[must_use]
    pub fn approval(&self, rule: &str, day: Date) -> Option<&Approval> {
        let mut approvals = self.approvals.iter();
        approvals.find(|approval| {
            approval.municipality == self.municipality
                && approval.from <= day
                && day <= approval.to
                && approval.covers.contains(rule)
        })
    }
}
