//! The points about the examination: MP-06 to MP-09.

use events::assessment::{
    AssessmentKind, AssessmentOpened, AssessmentReported, CaseWeight, ReportStage, ScreeningFlag,
};
use events::ids::EventId;
use events::involvement::HearingOccasion;

use super::review::{Answer, Finding, Review, by_duty, together};
use crate::case::Case;
use crate::obligation::Status;
use crate::seen::{Seen, first_after};
use events::moment::Moment;

fn examinations<'s, 'a>(
    case: &'s Case<'a>,
) -> impl Iterator<Item = &'s Seen<'a, AssessmentOpened>> {
    case.lists.assessments.iter().filter(|opened| {
        opened.says.kind == AssessmentKind::Examination20 && case.concerns(&opened.says.children)
    })
}

fn final_report<'s, 'a>(
    case: &'s Case<'a>,
    from: Moment,
) -> Option<&'s Seen<'a, AssessmentReported>> {
    first_after(&case.lists.reports, from, |report| {
        report.says.kind == AssessmentKind::Examination20
            && report.says.stage == ReportStage::Final
            && case.is_child(report.says.child)
    })
}

/// The first event that makes an examination necessary: a serious screening, or a placement.
fn examination_required(case: &Case<'_>) -> Option<(Moment, EventId)> {
    let serious = case.lists.screenings.iter().find(|screening| {
        let grave = [
            ScreeningFlag::Abuse,
            ScreeningFlag::Violence,
            ScreeningFlag::PlacementConsidered,
        ];
        screening.says.weight == CaseWeight::Heavy
            || grave.iter().any(|flag| screening.says.flags.contains(flag))
    });
    let placed = case
        .measures
        .iter()
        .find(|measure| measure.kind.is_placement());
    let first = [
        serious.map(|seen| (seen.moment, seen.event())),
        placed.map(|measure| (measure.start.moment, measure.start.event())),
    ];
    first.into_iter().flatten().min()
}

/// A placement may come before the examination; what counts is that one was made around it.
pub(super) fn examined(review: &Review<'_, '_, '_>) -> Finding {
    let case = review.case;
    let Some((_, required)) = examination_required(case) else {
        return (Answer::NotApplicable, Vec::new());
    };
    let examination = |kind, at: Moment| {
        kind == AssessmentKind::Examination20
            || (kind == AssessmentKind::Unborn26 && case.unborn_on(at.day))
    };
    let report = case.lists.reports.iter().find(|report| {
        examination(report.says.kind, report.moment)
            && report.says.stage == ReportStage::Final
            && case.is_child(report.says.child)
    });
    let running = review
        .duties(&["SEL-50-7-4M", "BL-20-3-4M", "BL-26-3-4M"])
        .any(|duty| duty.status == Status::Open);
    let mut opened = case.lists.assessments.iter().filter(|opened| {
        examination(opened.says.kind, opened.moment) && case.concerns(&opened.says.children)
    });
    match (report, opened.next()) {
        (Some(report), _) => (Answer::Yes, vec![required, report.event()]),
        (None, Some(_)) if running => (Answer::NotApplicable, Vec::new()),
        (None, Some(opened)) => (Answer::No, vec![required, opened.event()]),
        (None, None) => (Answer::NotEvident, vec![required]),
    }
}

pub(super) fn examined_in_time(review: &Review<'_, '_, '_>) -> Finding {
    together(
        review
            .duties(&["SEL-50-7-4M", "BL-20-3-4M", "BL-26-3-4M"])
            .map(|duty| match duty.status {
                // An examination that is open for too long is shown, not hidden.
                Status::Overdue => (Answer::No, vec![duty.event]),
                _ => by_duty(duty),
            }),
    )
}

/// The report says what parents think and which resources there are, and others were asked.
pub(super) fn examined_broadly(review: &Review<'_, '_, '_>) -> Finding {
    let case = review.case;
    together(examinations(case).filter_map(|opened| {
        let report = final_report(case, opened.moment)?;
        let asked = first_after(&case.lists.information, opened.moment, |obtained| {
            obtained.moment.not_after(report.moment)
        });
        let broad =
            report.says.resources.is_some() && !report.says.custody_holder_attitudes.is_empty();
        Some(match asked {
            Some(asked) if broad => (Answer::Yes, vec![asked.event(), report.event()]),
            _ => (Answer::No, vec![report.event()]),
        })
    }))
}

pub(super) fn child_in_examination(review: &Review<'_, '_, '_>) -> Finding {
    let case = review.case;
    together(examinations(case).filter_map(|opened| {
        let report = final_report(case, opened.moment)?;
        let within = |moment: Moment| moment.not_after(report.moment);
        let heard = first_after(&case.lists.hearings, opened.moment, |heard| {
            heard.says.occasion == HearingOccasion::Examination
                && case.is_child(heard.says.child)
                && within(heard.moment)
        });
        let waived = first_after(&case.lists.hearing_waivers, opened.moment, |waived| {
            waived.says.occasion == HearingOccasion::Examination
                && case.is_child(waived.says.child)
                && within(waived.moment)
        });
        Some(match (heard, waived) {
            (Some(heard), _) => (Answer::Yes, vec![heard.event()]),
            (None, Some(waived)) => (Answer::Yes, vec![waived.event()]),
            (None, None) => (Answer::NotEvident, vec![report.event()]),
        })
    }))
}
