//! The points that single cases are reviewed against, with the record's answers.

use async_graphql::{Enum, SimpleObject};
use events::ids::EventId;
use law::measurement::Measured;
use law::measurement::review::Answer;

use crate::plain::PlainValues;

/// What the record says to a point of review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Answer")]
pub enum MeasurementAnswer {
    /// It was done.
    Yes,
    /// The record shows that it was not, or came too late.
    No,
    /// The case raises no such question, or not yet.
    NotApplicable,
    /// The record does not show it, although it should: it counts as not done, and is not shown to be
    /// wrong.
    NotEvident,
}

/// A point that Ankestyrelsen reviews single cases against, answered from the record (V12).
#[derive(Debug, Clone, SimpleObject)]
pub struct MeasurementPoint {
    /// Id of the point.
    pub point: String,
    /// The question.
    pub question: String,
    /// The answer.
    pub answer: MeasurementAnswer,
    /// The events that prove or fail it, in the order in which they took place.
    pub events: PlainValues<EventId>,
}

impl From<Measured> for MeasurementPoint {
    fn from(measured: Measured) -> Self {
        Self {
            point: measured.point.to_owned(),
            question: measured.question.to_owned(),
            answer: measured.answer.into(),
            events: measured.events.into(),
        }
    }
}
