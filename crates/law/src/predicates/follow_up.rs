//! Follow-up of measures: the first one, the next one, and the rhythm that the case sets itself.

use events::assessment::ReportStage;
use events::ids::MeasureId;
use events::plan::{FollowUpHeld, MeasureJudgement};

use super::shared::reported_after;
use crate::case::Case;
use crate::duty::{DueOn, Duty, Remark};
use crate::measure::{Measure, MeasureKind};
use crate::seen::{Seen, first_after};
use events::moment::Moment;

fn covers(follow_up: &FollowUpHeld, measure: MeasureId) -> bool {
    follow_up.measures.is_empty() || follow_up.measures.contains(&measure)
}

fn followed<'s, 'a>(case: &'s Case<'a>) -> impl Iterator<Item = &'s Measure<'a>> {
    case.measures
        .iter()
        .filter(|measure| measure.kind != MeasureKind::Early)
}

/// The first follow-up of each measure.
pub(super) fn first(case: &Case<'_>) -> Vec<Duty> {
    let duties = followed(case).map(|measure| {
        let held = first_after(&case.lists.follow_ups, measure.start.moment, |follow_up| {
            covers(follow_up.says, measure.id) && case.is_child(follow_up.says.child)
        });
        Duty::from(&measure.start)
            .met(held)
            .about_measure_until(measure.ended())
    });
    duties.collect()
}

/// The same, earlier where an assessment that runs beside the measure is finished first.
pub(super) fn first_or_with_assessment(case: &Case<'_>) -> Vec<Duty> {
    let mut duties = first(case);
    for duty in &mut duties {
        let report = parallel_report(case, duty.trigger, duty.measure_ended);
        duty.earlier_by_fact = report.map(|report| report.day);
    }
    duties
}

/// The first final report of an assessment that was open while the measure ran.
fn parallel_report(case: &Case<'_>, start: Moment, end: Option<Moment>) -> Option<Moment> {
    let report = reported_after(case, start, |_, stage| stage == ReportStage::Final)?;
    let opened = case.lists.assessments.iter().any(|opened| {
        opened.says.kind == report.says.kind
            && opened.moment.not_after(report.moment)
            && end.is_none_or(|end| opened.moment.not_after(end))
            && case.concerns(&opened.says.children)
    });
    opened.then_some(report.moment)
}

fn own<'s, 'a>(
    case: &'s Case<'a>,
) -> impl Iterator<
    Item = (
        &'s Seen<'a, FollowUpHeld>,
        Option<&'s Seen<'a, FollowUpHeld>>,
    ),
> {
    let follow_ups = &case.lists.follow_ups;
    follow_ups
        .iter()
        .enumerate()
        .filter(|(_, held)| case.is_child(held.says.child))
        .map(move |(place, held)| {
            let later = follow_ups.get(place + 1..).unwrap_or_default();
            let next = later
                .iter()
                .find(|next| case.is_child(next.says.child) && same_measure(held.says, next.says));
            (held, next)
        })
}

fn same_measure(held: &FollowUpHeld, next: &FollowUpHeld) -> bool {
    held.measures.is_empty() || held.measures.iter().any(|measure| covers(next, *measure))
}

/// When every measure of a follow-up had ended; null while one of them runs.
fn all_ended(case: &Case<'_>, held: &FollowUpHeld) -> Option<Moment> {
    let known = case
        .measures
        .iter()
        .filter(|measure| covers(held, measure.id));
    let ends: Option<Vec<Moment>> = known.map(Measure::ended).collect();
    ends?.into_iter().max()
}

fn goes_on(held: &FollowUpHeld) -> bool {
    held.measure_judgement != MeasureJudgement::End
}

/// The next follow-up, while a measure runs.
pub(super) fn next(case: &Case<'_>) -> Vec<Duty> {
    let duties = own(case).filter(|(held, _)| {
        let mut measures = followed(case).filter(|measure| covers(held.says, measure.id));
        measures.any(|measure| measure.ended().is_none_or(|end| held.moment.day < end.day))
    });
    let duties = duties.map(|(held, next)| {
        let delayed = next.is_some_and(|next| next.says.delay_reasons.is_some());
        let duty = Duty::from(held)
            .met(next)
            .about_measure_until(all_ended(case, held.says));
        duty.remark_if(delayed, Remark::DelayReasons)
    });
    duties.collect()
}

/// The first follow-up says when the next one is, and why, to child and parents. A follow-up under
/// the old Act said nothing of it; where its period goes over, the next follow-up says it.
pub(super) fn rhythm(case: &Case<'_>) -> Vec<Duty> {
    let duties = own(case)
        .filter(|(held, _)| goes_on(held.says))
        .filter_map(|(held, next)| {
            let duty = Duty::from(held).about_measure_until(all_ended(case, held.says));
            if case.under_old_act(held.moment.day) {
                Some(duty.met(next.filter(|next| says_rhythm(next))))
            } else {
                held.says
                    .first
                    .then(|| duty.met(Some(held).filter(|held| says_rhythm(held))))
            }
        });
    duties.collect()
}

fn says_rhythm(held: &Seen<'_, FollowUpHeld>) -> bool {
    next_day(held).is_some()
        && held.says.rhythm_reasons.is_some()
        && !held.says.rhythm_told_to.is_empty()
}

/// The day that a follow-up sets for the next one.
fn next_day(held: &Seen<'_, FollowUpHeld>) -> Option<jiff::civil::Date> {
    let rhythm = held.says.next_rhythm.as_ref()?;
    rhythm.next_after(held.moment.day)
}

/// The next follow-up on the day that the case set itself.
pub(super) fn own_time(case: &Case<'_>) -> Vec<Duty> {
    let duties = own(case).filter_map(|(held, next)| {
        let day = next_day(held)?;
        let delayed = next.is_some_and(|next| next.says.delay_reasons.is_some());
        let duty = Duty::from(held)
            .due(DueOn::Day(day))
            .met(next)
            .about_measure_until(all_ended(case, held.says));
        Some(duty.remark_if(delayed, Remark::DelayReasons))
    });
    duties.collect()
}
