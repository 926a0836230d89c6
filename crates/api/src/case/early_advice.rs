//! Early advice before a case, as clients see it.

use async_graphql::SimpleObject;
use domain::views::early_advice::Advice;
use events::early_advice::{AdviceForm, EarlyAdviceKind, Initiator};
use events::ids::{EventId, MeasureId, StreamId};
use events::support::EndGround;
use events::time::Occurred;

use crate::text::Wording;

/// A course of early advice (V19).
#[derive(Debug, Clone, SimpleObject)]
pub struct AdviceView {
    /// The event that started it.
    pub event: EventId,
    /// Its stream.
    pub stream: StreamId,
    /// The course.
    pub advice: MeasureId,
    /// The law that it rests on.
    pub kind: EarlyAdviceKind,
    /// Whether the family is anonymous.
    pub anonymous: bool,
    /// Who took the first step.
    pub initiator: Initiator,
    /// In which form.
    pub form: AdviceForm,
    /// Why it was offered.
    pub ground: Wording,
    /// When it started.
    pub started: Occurred,
    /// When it ended.
    pub ended: Option<Occurred>,
    /// Why it ended.
    pub end_ground: Option<EndGround>,
    /// The case that was opened later and names it.
    pub led_to: Option<StreamId>,
}

impl From<Advice> for AdviceView {
    fn from(course: Advice) -> Self {
        Self {
            event: course.event,
            stream: course.stream,
            advice: course.advice,
            kind: course.kind,
            anonymous: course.anonymous,
            initiator: course.initiator,
            form: course.form,
            ground: (&course.ground).into(),
            started: course.started,
            ended: course.ended.map(|(_, when, _)| when),
            end_ground: course.ended.map(|(_, _, ground)| ground),
            led_to: course.led_to,
        }
    }
}
