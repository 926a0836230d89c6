//! A duty as a rule's function finds it: from which fact it arises, and what met or waived it.
//!
//! When it is due and how it stands is the engine's: a function of a rule never counts days.

use events::ids::{EventId, PersonId};
use jiff::civil::Date;

use crate::case::Case;
use crate::seen::Seen;
use events::moment::Moment;

/// What met a duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met {
    /// When.
    pub at: Moment,
    /// The events that did, in the order of the facts.
    pub by: Vec<EventId>,
}

/// What removed a duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waived {
    /// When.
    pub at: Moment,
    /// The event that says so.
    pub by: EventId,
}

/// Which day a duty is due on, where the rule's own period does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DueOn {
    /// The rule's period, from the anchor.
    #[default]
    Rule,
    /// That day.
    Day(Date),
    /// Between two days.
    Window {
        /// First day.
        from: Date,
        /// Last day.
        to: Date,
    },
    /// Before the target event.
    BeforeTarget,
    /// The clock does not run, or nobody set a day.
    Nothing,
}

/// Which of a rule's successors a duty goes over to when the old Act ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Successors {
    /// All of them.
    #[default]
    All,
    /// That one.
    Only(&'static str),
    /// None: the new Act asks nothing of the kind.
    None,
}

impl Successors {
    /// Whether the duty goes over to a rule.
    #[must_use]
    pub fn take_in(self, rule: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(only) => only == rule,
            Self::None => false,
        }
    }
}

/// A stop of a period of complaint while access to the file is awaited (FVL § 17).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interruption {
    /// The request for access.
    pub by: EventId,
    /// Its day.
    pub from: Date,
    /// The day on which access was given or refused; null while it is awaited.
    pub until: Option<Date>,
}

/// More about how a duty stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// A circumstance that excludes the case from the trial appeared on that day.
    AroseLate {
        /// The event that shows it.
        event: EventId,
        /// Its day.
        since: Date,
    },
    /// It arose under another rule and went over on 1 January 2024.
    CarriedFrom {
        /// That rule.
        rule: String,
    },
    /// The trial ended for this case.
    TrialEnded,
    /// It is met by an exception that the law allows and the record states.
    ByException,
    /// The notifier cannot be reached.
    NotContactable,
    /// The complainant was told that it takes longer.
    ExtensionNotice,
    /// The municipality published no period.
    NoPublishedPeriod,
    /// A request for file access stopped the period until access was given (FVL § 17).
    Interrupted {
        /// The request.
        by: EventId,
    },
    /// The record gives a reason for the delay.
    DelayReasons,
    /// Length of the report in words.
    Words(u32),
    /// It is met by the end of the measure.
    ByEnding,
    /// Before the first day of the window.
    Early,
}

/// A duty that arose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// The event that it arises from.
    pub event: EventId,
    /// That event's place in the log.
    pub index: u64,
    /// When it arose.
    pub trigger: Moment,
    /// From when its period is counted; null while the clock does not run.
    pub anchor: Option<Moment>,
    /// An earlier moment from which a careful reader counts, for the warning only.
    pub careful_anchor: Option<Moment>,
    /// For whom it is owed, or whose right it is.
    pub subject: Option<PersonId>,
    /// The day, where the rule's period does not say it.
    pub due_on: DueOn,
    /// Whether the longer of the rule's two periods holds.
    pub longer_period: bool,
    /// Day of a fact that makes it due earlier than the rule's period.
    pub earlier_by_fact: Option<Date>,
    /// What stops its period for a while.
    pub interruption: Option<Interruption>,
    /// The event before which it must be met, once that has taken place.
    pub target: Option<(EventId, Moment)>,
    /// What met it.
    pub met: Option<Met>,
    /// What removed it.
    pub waived: Option<Waived>,
    /// When the measure that it is about ended.
    pub measure_ended: Option<Moment>,
    /// Which successors of its rule it goes over to.
    pub successors: Successors,
    /// More about it.
    pub remarks: Vec<Remark>,
}

impl Duty {
    /// A duty that arises from a fact, counted from then.
    #[must_use]
    pub fn from<T>(seen: &Seen<'_, T>) -> Self {
        Self::arising(seen.event(), seen.fact.index, seen.moment)
    }

    /// A duty that arises at a moment.
    #[must_use]
    pub const fn arising(event: EventId, index: u64, trigger: Moment) -> Self {
        Self {
            event,
            index,
            trigger,
            anchor: Some(trigger),
            careful_anchor: None,
            subject: None,
            due_on: DueOn::Rule,
            longer_period: false,
            earlier_by_fact: None,
            interruption: None,
            target: None,
            met: None,
            waived: None,
            measure_ended: None,
            successors: Successors::All,
            remarks: Vec::new(),
        }
    }

    /// The same, where it arises for somebody on a later day only.
    #[must_use]
    pub const fn arising_on(mut self, day: Date) -> Self {
        self.trigger = Moment::on(day);
        self.anchor = Some(self.trigger);
        self
    }

    /// Counted from another moment.
    #[must_use]
    pub const fn anchored(mut self, anchor: Option<Moment>) -> Self {
        self.anchor = anchor;
        self
    }

    /// Owed to, or the right of, a person.
    #[must_use]
    pub const fn towards(mut self, person: PersonId) -> Self {
        self.subject = Some(person);
        self
    }

    /// Due on a day of the case's own.
    #[must_use]
    pub const fn due(mut self, due_on: DueOn) -> Self {
        self.due_on = due_on;
        self
    }

    /// To be met before an event, once that took place.
    #[must_use]
    pub fn before<T>(mut self, target: Option<&Seen<'_, T>>) -> Self {
        self.target = target.map(|seen| (seen.event(), seen.moment));
        self
    }

    /// Met by a fact, where there is one.
    #[must_use]
    pub fn met<T>(self, seen: Option<&Seen<'_, T>>) -> Self {
        self.met_at(seen.map(|seen| Met {
            at: seen.moment,
            by: vec![seen.event()],
        }))
    }

    /// Met, by the earlier of what was found before and this.
    #[must_use]
    pub fn met_at(mut self, met: Option<Met>) -> Self {
        self.met = match (self.met.take(), met) {
            (Some(before), Some(met)) if met.at < before.at => Some(met),
            (Some(before), _) => Some(before),
            (None, met) => met,
        };
        self
    }

    /// Removed by a fact, where there is one.
    #[must_use]
    pub fn waived<T>(mut self, seen: Option<&Seen<'_, T>>) -> Self {
        let waived = seen.map(|seen| Waived {
            at: seen.moment,
            by: seen.event(),
        });
        self.waived = match (self.waived, waived) {
            (Some(before), Some(waived)) if waived.at < before.at => Some(waived),
            (Some(before), _) => Some(before),
            (None, waived) => waived,
        };
        self
    }

    /// About a measure that ended then.
    #[must_use]
    pub const fn about_measure_until(mut self, ended: Option<Moment>) -> Self {
        self.measure_ended = ended;
        self
    }

    /// Going over to these successors of its rule.
    #[must_use]
    pub const fn followed_by(mut self, successors: Successors) -> Self {
        self.successors = successors;
        self
    }

    /// With a remark.
    #[must_use]
    pub fn remark(mut self, remark: Remark) -> Self {
        self.remarks.push(remark);
        self
    }

    /// With a remark where something holds.
    #[must_use]
    pub fn remark_if(self, holds: bool, remark: Remark) -> Self {
        if holds { self.remark(remark) } else { self }
    }
}

/// What a rule looks for.
pub type Duties = fn(&Case<'_>) -> Vec<Duty>;
