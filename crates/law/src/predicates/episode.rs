//! What belongs together: an examination with its report, a plan with its decision.
//!
//! A step that was owed in one examination or for one measure is not met by a step of another one.
//! Where the record does not say which it belongs to, the time does.

use events::assessment::{AssessmentKind, AssessmentOpened, AssessmentReported, ReportStage};
use events::ids::EventId;
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
    let aware = case.lists.awareness.iter().map(|seen| seen.moment);
    let closed = case.lists.closings.iter().map(|seen| seen.moment);
    aware.chain(closed).filter(|at| later(*at)).min()
}

/// The event nearest in time to a moment, of some that are in order; the earlier one where two are
/// as near. Null where there is none.
pub(super) fn nearest<'s, T>(
    moment: Moment,
    events: impl Iterator<Item = &'s Seen<'s, T>>,
) -> Option<EventId>
where
    T: 's,
{
    let days = |seen: &Seen<'_, T>| {
        events::calendar::days_between(seen.moment.day, moment.day).unsigned_abs()
    };
    events
        .min_by_key(|seen| (days(seen), seen.moment, seen.fact.index))
        .map(Seen::event)
}

/// Whether all help had ended for a while between two moments: what was planned for it is over.
pub(super) fn help_ended_between(case: &Case<'_>, from: Moment, to: Moment) -> bool {
    let ends = case.measures.iter().filter_map(|measure| measure.ended());
    let mut between = ends.filter(|end| before(from, *end) && end.not_after(to));
    between.any(|end| !case.measures.iter().any(|measure| measure.ran_on(end.day)))
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
