//! The points that Ankestyrelsen reviews single cases against, answered from the record.
//!
//! "Not evident" is an answer of its own: what the file does not show counts as not done, and that
//! is not the same as shown to be wrong. The points judge nobody; they point at events.

mod examination;
mod notification;
pub mod review;
mod support;

use events::ids::EventId;

use self::review::{Answer, Finding, Review};
use crate::case::Case;
use crate::catalogue::Catalogue;
use crate::engine::evaluate_case;
use crate::fact::{Circumstances, Fact};
use crate::obligation::Evaluation;

/// One point with its answer and the events that prove or fail it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// Id of the point.
    pub point: &'static str,
    /// The question.
    pub question: &'static str,
    /// The answer.
    pub answer: Answer,
    /// The events behind the answer, in the order in which they took place.
    pub events: Vec<EventId>,
}

/// How a point is answered.
type Ask = fn(&Review<'_, '_, '_>) -> Finding;

/// The points in their order, each with its question and its function.
const POINTS: &[(&str, &str, Ask)] = &[
    (
        "MP-01",
        "Was the notification assessed for acute need within 24 hours?",
        notification::assessed_in_time,
    ),
    (
        "MP-02",
        "Was something done when the need was acute?",
        notification::acted_when_acute,
    ),
    (
        "MP-03",
        "Was a running case judged again with somebody fresh?",
        notification::judged_again,
    ),
    (
        "MP-04",
        "Did the notifier get a receipt in time?",
        notification::receipt_in_time,
    ),
    (
        "MP-05",
        "Was a professional notifier told?",
        notification::notifier_told,
    ),
    (
        "MP-06",
        "Was an examination made where it was required?",
        examination::examined,
    ),
    (
        "MP-07",
        "Was the examination finished within four months?",
        examination::examined_in_time,
    ),
    (
        "MP-08",
        "Does the examination cover the child's situation and those around it?",
        examination::examined_broadly,
    ),
    (
        "MP-09",
        "Was the child talked to in the examination?",
        examination::child_in_examination,
    ),
    (
        "MP-10",
        "Was the child talked to about the measure before the decision?",
        support::child_before_decision,
    ),
    (
        "MP-11",
        "Were the parents involved?",
        support::parents_involved,
    ),
    (
        "MP-12",
        "Was the private network clarified?",
        support::network_clarified,
    ),
    (
        "MP-13",
        "Was a plan made, with its goals?",
        support::plan_made,
    ),
    (
        "MP-14",
        "Was the first follow-up held within three months?",
        support::followed_up_first,
    ),
    (
        "MP-15",
        "Were later follow-ups and supervision visits held in time?",
        support::followed_up_later,
    ),
];

/// All points of a case at a moment.
#[must_use]
pub fn measure(
    catalogue: &Catalogue,
    facts: &[Fact<'_>],
    circumstances: &Circumstances,
) -> Vec<Measured> {
    let case = Case::new(facts, circumstances, catalogue);
    measure_case(&case, &evaluate_case(catalogue, &case))
}

/// The same where the duties were evaluated already.
#[must_use]
pub fn measure_case(case: &Case<'_>, evaluation: &Evaluation<'_>) -> Vec<Measured> {
    let review = Review { case, evaluation };
    let points = POINTS.iter().map(|(point, question, answer)| {
        let (answer, mut events) = answer(&review);
        events.sort_by_key(|event| case.place(*event));
        events.dedup();
        Measured {
            point,
            question,
            answer,
            events,
        }
    });
    points.collect()
}
