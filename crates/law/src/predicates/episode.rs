//! What belongs together: an examination with its report, a plan with its decision.
//!
//! A step that was owed in one examination or for one measure is not met by a step of another one.
//! Where the record does not say which it belongs to, the time does.

use events::assessment::{AssessmentKind, AssessmentOpened, AssessmentReported, ReportStage};
use events::calendar::days_between;
use events::moment::Moment;

use super::shared::reported_after;
use crate::case::Case;
use crate::seen::{Seen, first_after};

/// Whether a moment lies before another one. Of two times on one day, one of which is not known,
/// none does.
pub(super) fn before(moment: Moment, other: Moment) -> bool {
    !other.not_after(moment)
}

/// An assessment about the child, from its opening to the next one of its kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Assessment<'s, 'a> {
    pub(super) opened: &'s Seen<'a, AssessmentOpened>,
    /// Its final report.
    pub(super) report: Option<&'s Seen<'a, AssessmentReported>>,
    /// From when on nothing belongs to it any more.
    end: Option<Moment>,
}

impl Assessment<'_, '_> {
    /// Whether a step that comes after the opening belongs to it.
    pub(super) fn takes(&self, moment: Moment) -> bool {
        self.end.is_none_or(|end| before(moment, end))
    }
}

/// The assessments of a kind about the child, in the order in which they were opened.
pub(super) fn assessments<'s, 'a>(
    case: &'s Case<'a>,
    kind: AssessmentKind,
) -> Vec<Assessment<'s, 'a>> {
    let about = |opened: &&'s Seen<'a, AssessmentOpened>| {
        opened.says.kind == kind && case.concerns(&opened.says.children)
    };
    let opened: Vec<_> = case.lists.assessments.iter().filter(about).collect();
    let nexts = opened.iter().skip(1).copied().map(Some).chain([None]);
    let with_end = opened.iter().zip(nexts).map(|(opened, next)| {
        let next = next.map(|next| next.moment);
        let final_one = |of, stage| of == kind && stage == ReportStage::Final;
        let report = reported_after(case, opened.moment, final_one)
            .filter(|report| next.is_none_or(|next| before(report.moment, next)));
        let over = report.and_then(|report| next_matter(case, report.moment));
        Assessment {
            opened,
            report,
            end: [next, over].into_iter().flatten().min(),
        }
    });
    with_end.collect()
}

/// When, after a final report, the next matter begins: the municipality becomes aware of a need
/// again, or closes the case.
fn next_matter(case: &Case<'_>, reported: Moment) -> Option<Moment> {
    let later = |moment: Moment| before(reported, moment);
    let aware = first_after(&case.lists.awareness, reported, |seen| later(seen.moment));
    let closed = first_after(&case.lists.closings, reported, |seen| later(seen.moment));
    let (aware, closed) = (
        aware.map(|seen| seen.moment),
        closed.map(|seen| seen.moment),
    );
    [aware, closed].into_iter().flatten().min()
}

/// Whether no other event lies nearer in time to a moment than one does, of some in the order in which
/// they took place. What is as near to two of them is about both.
pub(super) fn is_nearest<T>(moment: Moment, one: &Seen<'_, T>, all: &[&Seen<'_, T>]) -> bool {
    let days = |seen: &Seen<'_, T>| days_between(seen.moment.day, moment.day).unsigned_abs();
    let later = all.partition_point(|seen| seen.moment.day < moment.day);
    let around = [later.checked_sub(1), Some(later)].into_iter().flatten();
    let around = around.filter_map(|place| all.get(place));
    around
        .map(|seen| days(seen))
        .min()
        .is_none_or(|least| days(one) <= least)
}

/// The first fact of a list that fits, from a moment on and before another one.
pub(super) fn first_between<'s, 'a, T>(
    list: &'s [Seen<'a, T>],
    from: Moment,
    until: Option<Moment>,
    fits: impl Fn(&Seen<'a, T>) -> bool,
) -> Option<&'s Seen<'a, T>> {
    first_after(list, from, fits)
        .filter(|seen| until.is_none_or(|until| before(seen.moment, until)))
}
