//! What is reported to the statistics office after a quarter and a year.
//!
//! Reports are made for the whole municipality; the circumstances say which were sent. One that
//! the case itself records counts as well.

use events::access::DisclosureKind;
use events::ids::EventId;
use jiff::civil::Date;

use crate::case::Case;
use crate::duty::{Duty, Met};
use crate::seen::first_after;
use events::calendar::{add_months, month_end, subtract_months};
use events::moment::Moment;

/// The ends of periods of that many months since the case began, that lie before today. No case is
/// reported on for more than thirty years.
fn period_ends(case: &Case<'_>, months: i8) -> Vec<Date> {
    let Some((first, _)) = case.facts.first() else {
        return Vec::new();
    };
    let today = Moment::at(case.circumstances.as_of).day;
    let first = first.day.max(subtract_months(today, 360));
    let mut ends = Vec::new();
    let mut end = Date::new(first.year(), months, 1).map_or(Date::MAX, month_end);
    while end < today {
        if end >= first {
            ends.push(end);
        }
        end = month_end(add_months(end, months.unsigned_abs().into()));
    }
    ends
}

fn reported(case: &Case<'_>, period_end: Date) -> Option<Met> {
    let own = first_after(
        &case.lists.disclosures,
        Moment::on(period_end),
        |disclosure| {
            disclosure.says.kind == DisclosureKind::Statistics && disclosure.moment.day > period_end
        },
    );
    let sent = case.circumstances.statistics.iter().filter(|report| {
        report.period_end == period_end && report.sent_at <= case.circumstances.as_of
    });
    let sent = sent
        .map(|report| Met {
            at: Moment::at(report.sent_at),
            by: Vec::new(),
        })
        .min_by_key(|met| met.at);
    let own = own.map(|disclosure| Met {
        at: disclosure.moment,
        by: vec![disclosure.event()],
    });
    [sent, own].into_iter().flatten().min_by_key(|met| met.at)
}

fn reports(
    case: &Case<'_>,
    months: i8,
    arises: impl Fn(Date, Date) -> Option<(EventId, u64)>,
) -> Vec<Duty> {
    let duties = period_ends(case, months).into_iter().filter_map(|end| {
        let begin = month_end(subtract_months(end, months.unsigned_abs().into()));
        let (event, index) = arises(begin, end)?;
        Some(Duty::arising(event, index, Moment::on(end)).met_at(reported(case, end)))
    });
    duties.collect()
}

/// Placements that ran in the quarter.
pub(super) fn quarter(case: &Case<'_>) -> Vec<Duty> {
    reports(case, 3, |begin, end| {
        let mut placed = case.measures.iter().filter(|measure| {
            let start = measure.start.moment.day;
            measure.kind.is_placement()
                && start <= end
                && measure.ended().is_none_or(|ended| ended.day > begin)
        });
        placed
            .next()
            .map(|measure| (measure.start.event(), measure.start.fact.index))
    })
}

/// Support that ran, and notifications that came, in the year.
pub(super) fn year(case: &Case<'_>) -> Vec<Duty> {
    reports(case, 12, |begin, end| {
        let notified =
            case.lists.notifications.iter().find(|notification| {
                begin < notification.moment.day && notification.moment.day <= end
            });
        let helped = case.measures.iter().find(|measure| {
            measure.start.moment.day <= end && measure.ended().is_none_or(|ended| ended.day > begin)
        });
        let notified = notified.map(|notification| (notification.fact.index, notification.event()));
        let helped = helped.map(|measure| (measure.start.fact.index, measure.start.event()));
        [notified, helped]
            .into_iter()
            .flatten()
            .min()
            .map(|(index, event)| (event, index))
    })
}
