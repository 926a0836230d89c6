//! What the law asks of a case, as clients see it: duties, and periods that do not run.
//!
//! It shows what `law` answers; it evaluates nothing itself.

pub mod finding;
pub mod measurement;
mod remark;

use std::collections::BTreeMap;

use app::queries::duties::Duties;
use async_graphql::{Enum, SimpleObject};
use domain::reading::Reading;
use events::ids::{EventId, PersonId};
use events::moment::Moment;
use events::time::Occurred;
use jiff::Timestamp;
use jiff::civil::Date;
use law::obligation::{self, Dormant, DueAt, Late, Status};

use crate::case::duties::remark::ObligationRemark;
use crate::plain::{Plain, PlainValues};
use crate::rules::Rule;
use crate::rules::what_if::RuleBasis;

/// How a duty stands at the moment of the reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ObligationStatus {
    /// Not met, and not late.
    Open,
    /// Met; `lateByDays` or `lateByMinutes` says whether it was too late.
    Met,
    /// Lawfully removed.
    Waived,
    /// Gone over to other rules on 1 January 2024.
    Succeeded,
    /// Lifted by the free-municipality trial (frikommuneforsøg).
    Suppressed,
    /// Its day has passed and it is not met.
    Overdue,
    /// A right or a validity that ended unused.
    Lapsed,
    /// Its reason is gone: the case closed, the measure ended, or the young person came of age.
    Moot,
}

impl From<&Status> for ObligationStatus {
    fn from(status: &Status) -> Self {
        match status {
            Status::Open => Self::Open,
            Status::Met { .. } => Self::Met,
            Status::Waived { .. } => Self::Waived,
            Status::Succeeded { .. } => Self::Succeeded,
            Status::Suppressed { .. } => Self::Suppressed,
            Status::Overdue => Self::Overdue,
            Status::Lapsed => Self::Lapsed,
            Status::Moot { .. } => Self::Moot,
        }
    }
}

/// In which form a rule says when a duty is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum DueKind {
    /// At an instant: `at`.
    Instant,
    /// At the end of a day in Denmark: `day`.
    Day,
    /// Between two days: `from` and `day`.
    Window,
    /// Before an event: `event`, once it has taken place.
    BeforeEvent,
    /// At the event that it arises from.
    AtTrigger,
    /// At once or as soon as possible: no number, so it is never overdue; `ageDays` shows its age.
    NoNumber,
    /// A day that nobody has set yet, or a clock that does not run yet.
    NotSet,
}

/// When a duty is due.
#[derive(Debug, Clone, SimpleObject)]
pub struct Due {
    /// In which form.
    pub kind: DueKind,
    /// The instant, where the period is one of hours.
    pub at: Option<Timestamp>,
    /// First day of a window.
    pub from: Option<Date>,
    /// The last day.
    pub day: Option<Date>,
    /// The event before which it must be met.
    pub event: Option<EventId>,
}

impl From<&DueAt> for Due {
    fn from(due: &DueAt) -> Self {
        let empty = |kind| Self {
            kind,
            at: None,
            from: None,
            day: None,
            event: None,
        };
        match due {
            DueAt::Instant(at) => Self {
                at: Some(*at),
                ..empty(DueKind::Instant)
            },
            DueAt::Day(day) => Self {
                day: Some(*day),
                ..empty(DueKind::Day)
            },
            DueAt::Window { from, to } => Self {
                from: Some(*from),
                day: Some(*to),
                ..empty(DueKind::Window)
            },
            DueAt::Before(event) => Self {
                event: *event,
                ..empty(DueKind::BeforeEvent)
            },
            DueAt::AtTrigger => empty(DueKind::AtTrigger),
            DueAt::NoNumber => empty(DueKind::NoNumber),
            DueAt::NotSet => empty(DueKind::NotSet),
        }
    }
}

/// The event that a duty arises from.
#[derive(Debug, Clone, SimpleObject)]
pub struct Trigger {
    /// The event.
    pub event: EventId,
    /// Its type; null when the reading does not hold it.
    pub event_type: Option<String>,
    /// What that type is called in Danish.
    pub danish: Option<String>,
}

/// One duty of a case (V2). A duty is dated and shown; it never kept anybody from recording.
#[derive(Debug, Clone, SimpleObject)]
pub struct Obligation {
    /// The rule that it stands on, with its section of law and what it asks.
    pub rule: Plain<Rule>,
    /// The event that it arises from.
    pub arises_from: Plain<Trigger>,
    /// When it arose.
    pub arose: Occurred,
    /// For whom it is owed, or whose right it is; null where it is the matter's.
    pub person: Option<PersonId>,
    /// When it is due.
    pub due: Plain<Due>,
    /// From when a careful reader should act; not later than the due day.
    pub warn_at: Option<Timestamp>,
    /// The last instant at which it is not overdue.
    pub overdue_after: Option<Timestamp>,
    /// How it stands.
    pub status: ObligationStatus,
    /// When it was met.
    pub met_at: Option<Occurred>,
    /// The events that met it.
    pub met_by: PlainValues<EventId>,
    /// By how many days it was met too late, where its period is one of days.
    pub late_by_days: Option<i32>,
    /// By how many minutes it was met too late, where its period is one of hours.
    pub late_by_minutes: Option<i64>,
    /// When it was lawfully removed.
    pub waived_at: Option<Occurred>,
    /// The event that removed it.
    pub waived_by: Option<EventId>,
    /// When its reason went away.
    pub moot_at: Option<Occurred>,
    /// The rules that it went over to on 1 January 2024.
    pub successors: Vec<String>,
    /// The rule of the trial that lifts it.
    pub suppressed_by: Option<String>,
    /// Days from the start of its clock until it was met, or until the moment of the reading; shown
    /// for duties without a number too.
    pub age_days: i32,
    /// What is unsure about the rule, or about how it came to hold here.
    pub uncertain: Vec<String>,
    /// More about it.
    pub remarks: Vec<ObligationRemark>,
    /// Whether it is owed only under what was supposed: other law than that in force.
    pub hypothetical: bool,
    /// The law that it rests on.
    pub basis: Plain<RuleBasis>,
}

fn occurred(moment: Moment) -> Occurred {
    moment.at.map_or(Occurred::On(moment.day), Occurred::At)
}

/// The types of the events of a reading, with their Danish names.
type Types = BTreeMap<EventId, (&'static str, &'static str)>;

fn types(reading: &Reading) -> Types {
    reading
        .facts()
        .map(|(event, shown)| {
            (
                event.event,
                (shown.facts.spec().name, shown.facts.spec().danish),
            )
        })
        .collect()
}

fn trigger(event: EventId, types: &Types) -> Trigger {
    let named = types.get(&event);
    Trigger {
        event,
        event_type: named.map(|(name, _)| (*name).to_owned()),
        danish: named.map(|(_, danish)| (*danish).to_owned()),
    }
}

fn obligation(duties: &Duties<'_>, duty: &obligation::Obligation<'_>, types: &Types) -> Obligation {
    let (mut met_at, mut late_by_days, mut late_by_minutes) = (None, None, None);
    let (mut waived, mut moot_at, mut successors, mut suppressed_by) =
        (None, None, Vec::new(), None);
    match &duty.status {
        Status::Met { at, late_by } => {
            met_at = Some(occurred(*at));
            match late_by {
                Some(Late::Days(days)) => late_by_days = Some(*days),
                Some(Late::Minutes(minutes)) => late_by_minutes = Some(*minutes),
                None => {}
            }
        }
        Status::Waived { at, by } => waived = Some((occurred(*at), *by)),
        Status::Succeeded { to } => successors.clone_from(to),
        Status::Suppressed { by } => suppressed_by = Some(by.clone()),
        Status::Moot { at } => moot_at = Some(occurred(*at)),
        Status::Open | Status::Overdue | Status::Lapsed => {}
    }
    Obligation {
        rule: Plain(Rule::new(duties.catalogue, duty.rule)),
        arises_from: Plain(trigger(duty.event, types)),
        arose: occurred(duty.trigger),
        person: duty.subject,
        due: Plain((&duty.due).into()),
        warn_at: duty.warn_at,
        overdue_after: duty.overdue_after,
        status: (&duty.status).into(),
        met_at,
        met_by: duty.met_by.clone().into(),
        late_by_days,
        late_by_minutes,
        waived_at: waived.map(|(at, _)| at),
        waived_by: waived.map(|(_, by)| by),
        moot_at,
        successors,
        suppressed_by,
        age_days: duty.age_days,
        uncertain: duty
            .uncertain
            .iter()
            .map(|note| (*note).to_owned())
            .collect(),
        remarks: duty.remarks.iter().map(Into::into).collect(),
        hypothetical: duties.basis.asked.is_some(),
        basis: Plain((&duties.basis).into()),
    }
}

/// The duties that have one of these statuses, or all of them.
pub(crate) fn obligations(
    duties: &Duties<'_>,
    reading: &Reading,
    status: Option<&[ObligationStatus]>,
) -> Vec<Obligation> {
    let types = types(reading);
    let wanted = |duty: &&obligation::Obligation<'_>| {
        status.is_none_or(|status| status.contains(&(&duty.status).into()))
    };
    duties
        .obligations
        .iter()
        .filter(wanted)
        .map(|duty| obligation(duties, duty, &types))
        .collect()
}

/// A period that would run if something were done, so that it surprises nobody.
#[derive(Debug, Clone, SimpleObject)]
pub struct DormantObligation {
    /// The rule.
    pub rule: Rule,
    /// The event from which it would be counted.
    pub counted_from: Trigger,
    /// The day on which it would be due.
    pub would_be_due: Date,
    /// Whether that is so only under other law than that in force.
    pub hypothetical: bool,
}

/// The periods of a case that do not run.
pub(crate) fn dormant(duties: &Duties<'_>, reading: &Reading) -> Vec<DormantObligation> {
    let types = types(reading);
    let view = |dormant: &Dormant<'_>| DormantObligation {
        rule: Rule::new(duties.catalogue, dormant.rule),
        counted_from: trigger(dormant.event, &types),
        would_be_due: dormant.would_be_due,
        hypothetical: duties.basis.asked.is_some(),
    };
    duties.dormant.iter().map(view).collect()
}
