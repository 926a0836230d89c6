//! From a rule's period and a duty's clock to days: when to warn, when it is overdue.

use events::age::reaches;
use events::time::end_of_day;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::case::Case;
use crate::catalogue::Catalogue;
use crate::duty::{DueOn, Duty};
use crate::obligation::DueAt;
use crate::rule::{Due, Limb, Rule};
use events::calendar::{
    Saturdays, add_days, add_hours, add_months, add_weekdays, add_weeks, add_working_days,
    days_between, month_end, roll_for_citizen, subtract_months,
};
use events::moment::Moment;

/// The days of a duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deadline {
    pub(crate) due: DueAt,
    pub(crate) warn_at: Option<Timestamp>,
    pub(crate) overdue_after: Option<Timestamp>,
    /// Whether a stop of the period moved it.
    pub(crate) interrupted: bool,
}

impl Deadline {
    const fn without_days(due: DueAt) -> Self {
        Self {
            due,
            warn_at: None,
            overdue_after: None,
            interrupted: false,
        }
    }

    fn day(day: Date, warn: Date) -> Self {
        let (warn_at, overdue_after) = (Some(end_of_day(warn.min(day))), Some(end_of_day(day)));
        Self {
            due: DueAt::Day(day),
            warn_at,
            overdue_after,
            interrupted: false,
        }
    }
}

/// The days of a duty under a rule.
pub(crate) fn deadline(
    catalogue: &Catalogue,
    case: &Case<'_>,
    rule: &Rule,
    duty: &Duty,
) -> Deadline {
    match duty.due_on {
        DueOn::Nothing => return Deadline::without_days(DueAt::NotSet),
        DueOn::BeforeTarget => {
            return Deadline::without_days(DueAt::Before(duty.target.map(|(event, _)| event)));
        }
        DueOn::Day(day) => return Deadline::day(day, day),
        DueOn::Window { from, to } => return window(from, to),
        DueOn::Rule => {}
    }
    match &rule.due {
        Due::None => Deadline::without_days(DueAt::NoNumber),
        Due::Own => Deadline::without_days(DueAt::NotSet),
        Due::AtTrigger => Deadline::without_days(DueAt::AtTrigger),
        Due::BeforeTrigger => Deadline::without_days(DueAt::Before(Some(duty.event))),
        Due::Before(_) => {
            Deadline::without_days(DueAt::Before(duty.target.map(|(event, _)| event)))
        }
        Due::BeforeBirthday { age, months } => {
            let reached = case.birth.and_then(|birth| reaches(birth, age * 12));
            reached.map_or(Deadline::without_days(DueAt::NotSet), |reached| {
                let day = subtract_months(reached, *months);
                Deadline::day(day, day)
            })
        }
        counted => duty
            .anchor
            .map_or(Deadline::without_days(DueAt::NotSet), |anchor| {
                count(catalogue, rule, counted, duty, anchor)
            }),
    }
}

fn window(from: Date, to: Date) -> Deadline {
    let (warn_at, overdue_after) = (Some(end_of_day(from)), Some(end_of_day(to)));
    Deadline {
        due: DueAt::Window { from, to },
        warn_at,
        overdue_after,
        interrupted: false,
    }
}

/// Counts a rule's period from an anchor.
fn count(catalogue: &Catalogue, rule: &Rule, due: &Due, duty: &Duty, anchor: Moment) -> Deadline {
    match due {
        Due::Hours(hours) => {
            let (warn, last) = (
                add_hours(anchor.earliest(), *hours),
                add_hours(anchor.latest(), *hours),
            );
            Deadline {
                due: DueAt::Instant(last),
                warn_at: Some(warn),
                overdue_after: Some(last),
                interrupted: false,
            }
        }
        Due::Weekdays(count) => {
            let day = |saturdays| add_weekdays(anchor.day, *count, saturdays);
            Deadline::day(day(Saturdays::DoNotCount), day(Saturdays::Count))
        }
        Due::Window { from_days, to_days } => window(
            add_days(anchor.day, *from_days),
            add_days(anchor.day, *to_days),
        ),
        Due::AtRule(id) => match catalogue.rule(id) {
            Some((_, base)) => count(catalogue, base, &base.due, duty, anchor),
            None => Deadline::without_days(DueAt::NotSet),
        },
        Due::EarliestOf(limbs) => {
            let months = limbs.iter().filter_map(|limb| match limb {
                Limb::Months(months) => Some(add_months(anchor.day, *months)),
                Limb::Fact(_) => duty.earlier_by_fact,
            });
            months
                .min()
                .map_or(Deadline::without_days(DueAt::NotSet), |day| {
                    Deadline::day(day, day)
                })
        }
        Due::Renewal {
            months,
            after_recent_placement,
        } => {
            let day = add_months(
                anchor.day,
                if duty.longer_period {
                    *after_recent_placement
                } else {
                    *months
                },
            );
            Deadline::day(day, add_months(anchor.day, *months))
        }
        Due::AfterPeriod { months, .. } => {
            let day = month_end(add_months(anchor.day, *months));
            Deadline::day(day, day)
        }
        Due::WorkingDays(count) => {
            by_days(rule, duty, anchor, |from| add_working_days(from, *count))
        }
        Due::Days(count) => by_days(rule, duty, anchor, |from| add_days(from, *count)),
        Due::Weeks(count) => by_days(rule, duty, anchor, |from| add_weeks(from, *count)),
        Due::Months(count) => by_days(rule, duty, anchor, |from| add_months(from, *count)),
        Due::BeforeTrigger
        | Due::AtTrigger
        | Due::Before(_)
        | Due::BeforeBirthday { .. }
        | Due::Own
        | Due::None => Deadline::without_days(DueAt::NotSet),
    }
}

fn by_days(rule: &Rule, duty: &Duty, anchor: Moment, end_of: impl Fn(Date) -> Date) -> Deadline {
    let last = |from: Date| {
        if rule.roll {
            roll_for_citizen(end_of(from))
        } else {
            end_of(from)
        }
    };
    let day = last(anchor.day);
    let warn = duty.careful_anchor.map_or(day, |careful| last(careful.day));
    match duty
        .interruption
        .filter(|stop| rule.roll && stop.from <= day)
    {
        None => Deadline::day(day, warn),
        // FVL § 17: the period goes on when access was given, and at least 14 days are left.
        Some(stop) => match stop.until {
            Some(until) => {
                let left = u16::try_from(days_between(stop.from, day))
                    .unwrap_or(0)
                    .max(14);
                let moved = roll_for_citizen(add_days(until, left)).max(day);
                Deadline {
                    interrupted: true,
                    ..Deadline::day(moved, moved)
                }
            }
            None => Deadline {
                interrupted: true,
                ..Deadline::without_days(DueAt::NotSet)
            },
        },
    }
}
