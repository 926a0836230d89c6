//! The points about notifications: MP-01 to MP-05.

use events::ids::EventId;
use events::involvement::HearingOccasion;

use super::review::{Answer, Finding, Review, by_duty, together};
use crate::obligation::Status;
use crate::seen::{Seen, first_after};
use events::moment::Moment;

pub(super) fn assessed_in_time(review: &Review<'_, '_, '_>) -> Finding {
    review.by_duties(&["SEL-155-2-24H", "BL-136-2-24H"])
}

/// Something was done: a provisional decision, a talk with the child, help, or an examination.
pub(super) fn acted_when_acute(review: &Review<'_, '_, '_>) -> Finding {
    let lists = &review.case.lists;
    let acute = lists
        .acute_assessments
        .iter()
        .filter(|assessed| assessed.says.acute_measure_needed);
    together(acute.map(|assessed| {
        fn event<T>(seen: &Seen<'_, T>) -> (Moment, EventId) {
            (seen.moment, seen.event())
        }
        let from = assessed.moment;
        let acts = [
            first_after(&lists.provisional_decisions, from, |_| true).map(event),
            first_after(&lists.hearings, from, |heard| {
                heard.says.occasion == HearingOccasion::Notification137
            })
            .map(event),
            first_after(&lists.starts, from, |_| true).map(event),
            first_after(&lists.assessments, from, |_| true).map(event),
        ];
        match acts.into_iter().flatten().min() {
            Some((_, act)) => (Answer::Yes, vec![assessed.event(), act]),
            None => (Answer::NotEvident, vec![assessed.event()]),
        }
    }))
}

/// A reassessment by somebody who had a part in the case is not what the law asks.
pub(super) fn judged_again(review: &Review<'_, '_, '_>) -> Finding {
    let rules: &[&str] = &[
        "SEL-155A-1-REASSESS",
        "BL-137-1-REASSESS-24",
        "BL-137-1-REASSESS-25",
    ];
    together(review.duties(rules).map(|duty| {
        let stream = review.case.fact(duty.event).map(|fact| fact.stream);
        let tried = review
            .case
            .lists
            .reassessments
            .iter()
            .find(|again| Some(again.fact.stream) == stream);
        match (&duty.status, tried) {
            (Status::Open, Some(tried)) => (Answer::No, vec![duty.event, tried.event()]),
            (Status::Open, None) => (Answer::NotEvident, vec![duty.event]),
            _ => by_duty(duty),
        }
    }))
}

/// A receipt that could not be given raises no question.
pub(super) fn receipt_in_time(review: &Review<'_, '_, '_>) -> Finding {
    together(
        review
            .duties(&["SEL-155B-1-ACK", "BL-138-1-ACK"])
            .map(|duty| match duty.status {
                Status::Waived { .. } => (Answer::NotApplicable, Vec::new()),
                _ => by_duty(duty),
            }),
    )
}

pub(super) fn notifier_told(review: &Review<'_, '_, '_>) -> Finding {
    review.by_duties_without_number(&["SEL-155B-2-FEEDBACK", "BL-138-2-FEEDBACK"])
}
