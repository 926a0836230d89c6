//! What the law says of one case, written down so that it holds at any later moment.
//!
//! Rows must be reproducible, so no clock is read. Duties are evaluated once, at a moment far in the
//! future, and each stores the instants at which it appears, is overdue and goes away. A reader of
//! the row compares these instants with the time of the question.

use std::collections::{BTreeMap, BTreeSet};

use domain::reading::{Body, ReadEvent, Reading};
use events::calendar::add_months;
use events::ids::{EventId, PersonId, StreamId};
use events::moment::Moment;
use events::time::{day_of, start_of_day};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use law::alone::stands_alone;
use law::case::Case;
use law::catalogue::Catalogue;
use law::engine::evaluate_case;
use law::key_figures::contribution::{
    Contribution, Slices, contributions_alone, contributions_of, contributions_of_duties,
};
use law::obligation::{DueAt, Evaluation, Obligation, Status};
use law::rule::Due;

use crate::rules::basis::WhatIf;
use crate::rules::facts::{fact, facts};
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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Added {
    /// What is added.
    pub contribution: Contribution,
    /// The first second at which it is.
    pub from: i64,
    /// In which row of its case it lies: see `part`.
    pub part: u32,
}

impl Added {
    /// Whether it counts from the beginning.
    pub(crate) const fn always(&self) -> bool {
        self.from == ALWAYS
    }
}

/// Events of a stream whose additions lie in one row, so that one more event changes a short row,
/// however long its case is.
const PART: u64 = 64;

/// The row in which additions at an event of the case lie; those at events of other streams lie in
/// the first.
fn part(event: &ReadEvent) -> u32 {
    u32::try_from(event.seq / PART).unwrap_or(u32::MAX)
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

/// When all that time alone can bring about has come about, for a case whose last event was recorded
/// then: the beginning of a year, so that it is the same for the events of a year.
fn horizon(recorded: Timestamp) -> Timestamp {
    let day = add_months(day_of(recorded), HORIZON_MONTHS);
    let year = Date::new(day.year().saturating_add(1), 1, 1);
    start_of_day(year.unwrap_or(day))
}

/// Evaluates a case.
#[must_use]
pub fn evaluate(
    catalogue: &Catalogue,
    municipality: &str,
    reading: &Reading,
    case: StreamId,
) -> Evaluated {
    foresee(catalogue, municipality, reading, case)
        .map(|(evaluated, _)| evaluated)
        .unwrap_or_default()
}

/// Evaluates a case, and says until when nothing but facts can change the answer; null where nothing
/// was ever recorded.
#[must_use]
pub fn foresee(
    catalogue: &Catalogue,
    municipality: &str,
    reading: &Reading,
    stream: StreamId,
) -> Option<(Evaluated, Foresight)> {
    let recorded = reading.events.iter().map(|event| event.recorded_at).max()?;
    let horizon = horizon(recorded);
    let circumstances = WhatIf::default().circumstances(catalogue, municipality, horizon, stream);
    let facts = facts(reading);
    let case = Case::new(&facts, &circumstances, catalogue);
    let evaluation = EvaluatedCase {
        catalogue,
        case: &case,
        evaluation: evaluate_case(catalogue, &case),
        recorded: recorded.as_second(),
        reading,
        stream,
    };
    let evaluated = Evaluated {
        duties: evaluation.duties(),
        figures: evaluation.figures(),
        holes: holes(reading),
    };
    let foresight = Foresight {
        recorded,
        until: evaluation.until(),
        slices: Slices::of(&case),
    };
    Some((evaluated, foresight))
}

/// What is known of an evaluated case, so that a fact that stands alone needs no other evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foresight {
    /// When the last of its events was recorded.
    recorded: Timestamp,
    /// The first second at which time alone changes what its row says, or may.
    until: i64,
    slices: Slices,
}

impl Foresight {
    /// What one more event of the case adds, where the event changes nothing else that the law says of
    /// the case; null where only a whole evaluation can tell.
    #[must_use]
    pub fn added_by(
        &self,
        catalogue: &Catalogue,
        municipality: &str,
        event: &ReadEvent,
    ) -> Option<Vec<Added>> {
        let recorded = event.recorded_at;
        let horizon = horizon(recorded);
        let passed = recorded.as_second() >= self.until || recorded < self.recorded;
        if passed || horizon != self::horizon(self.recorded) || event.annulled.is_some() {
            return None;
        }
        let fact = fact(event, event.fact()?);
        // What has not taken place yet counts from then on.
        let taken_place = Moment::from(fact.meta.occurred).earliest() <= recorded;
        if !taken_place || !stands_alone(&fact) {
            return None;
        }
        let what_if = WhatIf::default();
        let circumstances = what_if.circumstances(catalogue, municipality, horizon, event.stream);
        let figures = &Rulebook::built_in().figures;
        let added = contributions_alone(figures, catalogue, fact, &circumstances, &self.slices);
        let added = added.into_iter().map(|contribution| Added {
            contribution,
            from: ALWAYS,
            part: part(event),
        });
        Some(added.collect())
    }

    /// An event that stands alone was recorded then and taken in.
    pub(crate) fn recorded_at(&mut self, recorded: Timestamp) {
        self.recorded = recorded;
    }
}

/// The case as it was evaluated at the horizon.
struct EvaluatedCase<'r, 'k, 'a> {
    catalogue: &'r Catalogue,
    case: &'k Case<'a>,
    evaluation: Evaluation<'r>,
    /// When the last of its events was recorded.
    recorded: i64,
    reading: &'k Reading,
    stream: StreamId,
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
        let own = self.evaluation.obligations.iter();
        let own = own.filter(|duty| for_one_case(duty));
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

    /// These duties as they stood at an earlier second.
    fn at<'d>(&self, duties: impl Iterator<Item = &'d Obligation<'r>>, now: i64) -> Evaluation<'r>
    where
        'r: 'd,
    {
        let known = duties.filter(|duty| from_of(duty, self.recorded) <= now);
        let obligations = known.cloned().map(|mut duty| {
            if open_at(&duty, now) {
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
        let (figures, slices) = (&Rulebook::built_in().figures, Slices::of(self.case));
        let duties = || self.evaluation.obligations.iter();
        let now = self.at(duties(), self.recorded);
        let mut added: Vec<Added> = contributions_of(figures, self.case, &now)
            .into_iter()
            .map(|contribution| self.added(contribution, ALWAYS))
            .collect();
        // Only duties that time changes can add more; a waived one may take away what they add.
        let moving = || {
            duties().filter(|duty| {
                from_of(duty, self.recorded) > self.recorded
                    || open_at(duty, self.recorded)
                    || matches!(duty.status, Status::Waived { .. })
            })
        };
        let overdue = moving()
            .filter(|duty| duty.status == Status::Overdue && for_one_case(duty))
            .filter_map(|duty| Some(last_of(duty)?.saturating_add(1)));
        let arising = moving().map(|duty| from_of(duty, self.recorded));
        let moments: BTreeSet<i64> = overdue
            .chain(arising)
            .filter(|at| *at > self.recorded)
            .collect();
        let mut known: BTreeMap<Identity, usize> = BTreeMap::new();
        for now in std::iter::once(self.recorded).chain(moments) {
            let mut seen: BTreeMap<Identity, usize> = BTreeMap::new();
            let then = self.at(moving(), now);
            for contribution in contributions_of_duties(figures, self.case, &then, &slices) {
                let count = seen.entry(identity(&contribution)).or_default();
                *count += 1;
                let before = known.entry(identity(&contribution)).or_default();
                if count > before {
                    *before = *count;
                    // What was added at the beginning stands there already.
                    if now > self.recorded {
                        added.push(self.added(contribution, now));
                    }
                }
            }
        }
        // In a defined order, whichever way they came together.
        added.sort_unstable();
        added
    }

    fn added(&self, contribution: Contribution, from: i64) -> Added {
        let index = self.case.fact(contribution.event).map(|fact| fact.index);
        let events = &self.reading.events;
        let place = index.and_then(|index| {
            let place = events.binary_search_by_key(&index, |event| event.index);
            events.get(place.ok()?)
        });
        let own = place.filter(|event| event.stream == self.stream);
        Added {
            contribution,
            from,
            part: own.map_or(0, |event| part(event)),
        }
    }

    /// The first second, from the last event on, at which time alone changes what was written down.
    /// What is written compares these instants with the time of the last event, and nothing else.
    fn until(&self) -> i64 {
        let duties = self.evaluation.obligations.iter();
        let duties = duties.filter(|duty| for_one_case(duty));
        let instants = duties.flat_map(|duty| {
            let (moot, passes) = match &duty.status {
                Status::Moot { at } => (Some(second(at.earliest())), true),
                Status::Open | Status::Overdue | Status::Lapsed => (None, true),
                Status::Met { .. }
                | Status::Waived { .. }
                | Status::Succeeded { .. }
                | Status::Suppressed { .. } => (None, matches!(duty.rule.due, Due::AtRule(_))),
            };
            let last = last_of(duty).filter(|_| passes);
            [moot, last, Some(second(duty.trigger.earliest()))]
        });
        let to_come = instants.flatten().filter(|at| *at >= self.recorded);
        to_come.min().unwrap_or(NEVER)
    }
}

/// Whether a duty was still open at a second, though it is not when all time has passed.
fn open_at(duty: &Obligation<'_>, now: i64) -> bool {
    match &duty.status {
        Status::Overdue | Status::Lapsed => last_of(duty).is_some_and(|last| now <= last),
        Status::Moot { at } => second(at.earliest()) > now,
        _ => false,
    }
}

/// Whether a duty is that of one case: a report to the statistics office serves all of them.
fn for_one_case(duty: &Obligation<'_>) -> bool {
    !matches!(duty.rule.due, Due::AfterPeriod { .. })
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
