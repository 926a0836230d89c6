//! What the law says of one case, written down so that it holds at any later moment.
//!
//! Rows must be reproducible, so no clock is read. Duties are evaluated once, at a moment far in the
//! future, and each stores the instants at which it appears, is overdue and goes away. A reader of
//! the row compares these instants with the time of the question.

use std::collections::{BTreeMap, BTreeSet};

use domain::reading::{Body, Reading};
use events::ids::{EventId, PersonId, StreamId};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use law::calendar::{add_months, day_of, start_of_day};
use law::case::Case;
use law::catalogue::Catalogue;
use law::engine::evaluate_case;
use law::key_figures::contribution::{Contribution, contributions_of};
use law::moment::Moment;
use law::obligation::{DueAt, Evaluation, Obligation, Status};
use law::rule::Due;

use crate::rules::basis::WhatIf;
use crate::rules::facts::facts;
use crate::rules::rulebook::Rulebook;

/// Duties are evaluated so many months after the last entry: longer than any child has a case.
const HORIZON_MONTHS: u16 = 19 * 12;
/// It was so from the beginning.
pub(crate) const ALWAYS: i64 = i64::MIN;
/// It does not end by time alone.
pub(crate) const NEVER: i64 = i64::MAX;

/// In which form a duty says when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DueForm {
    /// No number, or none yet: it has an age only.
    None,
    /// The end of a day.
    Day,
    /// An instant.
    Instant,
    /// Between two days.
    Window,
    /// Before an event that took place without it.
    Missed,
}

/// A duty that somebody has to meet, now or later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDuty {
    /// Place of its rule in the catalogue.
    pub rule: u16,
    /// The event that it arises from.
    pub event: EventId,
    /// For whom it is owed.
    pub subject: Option<PersonId>,
    /// The day on which it arose.
    pub trigger: Date,
    /// The day from which its age is counted.
    pub start: Date,
    /// In which form it is due.
    pub form: DueForm,
    /// The day on which it is due; for a missed one the day of the event that should have waited.
    pub due: Option<Date>,
    /// From when a careful reader should act, in seconds of Unix time.
    pub warn: Option<i64>,
    /// The last second at which it is not overdue.
    pub last: Option<i64>,
    /// The first second at which there is such a duty.
    pub from: i64,
    /// The first second at which there is none any more.
    pub until: i64,
}

impl OpenDuty {
    /// Whether it is owed at a moment, and overdue; none when it is not owed.
    #[must_use]
    pub fn overdue_at(&self, now: i64) -> Option<bool> {
        let overdue = self.form == DueForm::Missed || self.last.is_some_and(|last| now > last);
        (self.from <= now && now < self.until).then_some(overdue)
    }
}

/// What a case adds to a key figure, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// What is added.
    pub contribution: Contribution,
    /// The first second at which it is.
    pub from: i64,
}

/// What the law says of a case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evaluated {
    /// The duties, as they arose.
    pub duties: Vec<OpenDuty>,
    /// What it adds to the key figures.
    pub figures: Vec<Added>,
    /// Events of its reading that were erased.
    pub holes: u32,
}

/// The events of a reading that were erased.
#[must_use]
pub fn holes(reading: &Reading) -> u32 {
    let holes = reading
        .events
        .iter()
        .filter(|event| event.body == Body::Hole)
        .count();
    u32::try_from(holes).unwrap_or(u32::MAX)
}

/// Judges a case.
#[must_use]
pub fn evaluate(
    catalogue: &Catalogue,
    municipality: &str,
    reading: &Reading,
    case: StreamId,
) -> Evaluated {
    let Some(recorded) = reading.events.iter().map(|event| event.recorded_at).max() else {
        return Evaluated::default();
    };
    let horizon = start_of_day(add_months(day_of(recorded), HORIZON_MONTHS));
    let circumstances = WhatIf::default().circumstances(catalogue, municipality, horizon, case);
    let facts = facts(reading);
    let case = Case::new(&facts, &circumstances, catalogue);
    let evaluation = EvaluatedCase {
        catalogue,
        case: &case,
        evaluation: evaluate_case(catalogue, &case),
        recorded: recorded.as_second(),
    };
    Evaluated {
        duties: evaluation.duties(),
        figures: evaluation.figures(),
        holes: holes(reading),
    }
}

/// The case as it was evaluated at the horizon.
struct EvaluatedCase<'r, 'k, 'a> {
    catalogue: &'r Catalogue,
    case: &'k Case<'a>,
    evaluation: Evaluation<'r>,
    /// When the last of its events was recorded.
    recorded: i64,
}

fn second(at: Timestamp) -> i64 {
    at.as_second()
}

fn last_of(duty: &Obligation<'_>) -> Option<i64> {
    duty.overdue_after.map(second)
}

/// The first second at which there is such a duty.
fn from_of(duty: &Obligation<'_>, recorded: i64) -> i64 {
    let arises = second(duty.trigger.earliest());
    match (&duty.rule.due, last_of(duty)) {
        // It waits for the day of another one.
        (Due::AtRule(_), Some(last)) => last.saturating_add(1),
        _ if arises > recorded => arises,
        _ => ALWAYS,
    }
}

/// The first second at which a duty that nobody met goes away; none when a fact settled it.
fn until_of(duty: &Obligation<'_>) -> Option<i64> {
    match &duty.status {
        Status::Open | Status::Overdue => Some(NEVER),
        Status::Lapsed => Some(last_of(duty)?.saturating_add(1)),
        Status::Moot { at } => Some(second(at.earliest())),
        Status::Met { .. }
        | Status::Waived { .. }
        | Status::Succeeded { .. }
        | Status::Suppressed { .. } => None,
    }
}

impl<'r> EvaluatedCase<'r, '_, '_> {
    fn duties(&self) -> Vec<OpenDuty> {
        // One report serves all cases of the municipality; it is nobody's duty in a single one.
        let own = self
            .evaluation
            .obligations
            .iter()
            .filter(|duty| !matches!(duty.rule.due, Due::AfterPeriod { .. }));
        own.filter_map(|duty| self.duty(duty)).collect()
    }

    fn duty(&self, duty: &Obligation<'_>) -> Option<OpenDuty> {
        let until = until_of(duty).filter(|until| *until > self.recorded)?;
        let last = last_of(duty);
        let missed = duty.status == Status::Overdue && last.is_none();
        let (form, due) = match &duty.due {
            _ if missed => (DueForm::Missed, Some(self.missed_on(duty))),
            DueAt::Day(day) => (DueForm::Day, Some(*day)),
            DueAt::Window { to, .. } => (DueForm::Window, Some(*to)),
            DueAt::Instant(at) => (DueForm::Instant, Some(day_of(*at))),
            DueAt::Before(_) | DueAt::AtTrigger | DueAt::NoNumber | DueAt::NotSet => {
                (DueForm::None, None)
            }
        };
        let today = day_of(self.case.circumstances.as_of);
        Some(OpenDuty {
            rule: self.catalogue.place(duty.rule).unwrap_or(u16::MAX),
            event: duty.event,
            subject: duty.subject,
            trigger: duty.trigger.day,
            start: today
                .checked_sub(duty.age_days.days())
                .unwrap_or(duty.trigger.day),
            form,
            due,
            warn: duty.warn_at.map(second),
            last,
            from: from_of(duty, self.recorded),
            until,
        })
    }

    /// The day of the event that should have waited.
    fn missed_on(&self, duty: &Obligation<'_>) -> Date {
        let target = match &duty.due {
            DueAt::Before(Some(event)) => self.case.fact(*event),
            _ => None,
        };
        target.map_or(duty.trigger.day, |fact| {
            Moment::from(fact.meta.occurred).day
        })
    }

    /// The evaluation as it was at an earlier second.
    fn at(&self, now: i64) -> Evaluation<'r> {
        let known = self
            .evaluation
            .obligations
            .iter()
            .filter(|duty| from_of(duty, self.recorded) <= now);
        let obligations = known.cloned().map(|mut duty| {
            let open = match &duty.status {
                Status::Overdue | Status::Lapsed => last_of(&duty).is_some_and(|last| now <= last),
                Status::Moot { at } => second(at.earliest()) > now,
                _ => false,
            };
            if open {
                duty.status = Status::Open;
            }
            duty
        });
        Evaluation {
            obligations: obligations.collect(),
            ..Evaluation::default()
        }
    }

    /// What the case adds, each with the second from which it does. Time alone only adds: that a
    /// day passed unused is known from then on.
    fn figures(&self) -> Vec<Added> {
        let overdue = self
            .evaluation
            .obligations
            .iter()
            .filter(|duty| duty.status == Status::Overdue);
        let passing: BTreeSet<i64> = overdue
            .filter_map(last_of)
            .filter(|last| *last >= self.recorded)
            .collect();
        let mut added = Vec::new();
        let mut known: BTreeMap<Identity, usize> = BTreeMap::new();
        for now in
            std::iter::once(self.recorded).chain(passing.iter().map(|last| last.saturating_add(1)))
        {
            let mut seen: BTreeMap<Identity, usize> = BTreeMap::new();
            for contribution in
                contributions_of(&Rulebook::built_in().figures, self.case, &self.at(now))
            {
                let count = seen.entry(identity(&contribution)).or_default();
                *count += 1;
                let before = known.entry(identity(&contribution)).or_default();
                if count > before {
                    *before = *count;
                    added.push(Added {
                        contribution,
                        from: if now == self.recorded { ALWAYS } else { now },
                    });
                }
            }
        }
        added
    }
}

/// What makes two contributions the same.
type Identity = (String, EventId, law::key_figures::count::Value, Date);

fn identity(contribution: &Contribution) -> Identity {
    (
        contribution.figure.clone(),
        contribution.event,
        contribution.value,
        contribution.day,
    )
}
