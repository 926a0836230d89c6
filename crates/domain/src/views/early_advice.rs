//! Early advice (V19): help that was given without opening a case, and what it led to.

use events::early_advice::{AdviceForm, EarlyAdviceKind, Initiator};
use events::event::Event;
use events::ids::{EventId, MeasureId, StreamId};
use events::support::EndGround;
use events::time::Occurred;
use events::words::Words;

use crate::reading::Reading;

/// A course of early advice (V19).
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Advice {
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
    pub ground: Words,
    /// When it started.
    pub started: Occurred,
    /// When it ended.
    pub ended: Option<Occurred>,
    /// Why it ended.
    pub end_ground: Option<EndGround>,
    /// The event that ended it.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub ended_by: Option<EventId>,
    /// The case that was opened later and names it.
    pub led_to: Option<StreamId>,
}

/// Folds the view.
#[must_use]
pub fn early_advice(reading: &Reading) -> Vec<Advice> {
    let mut courses: Vec<Advice> = Vec::new();
    for (event, shown) in reading.by_occurrence() {
        match &shown.facts {
            Event::EarlyAdviceStarted(facts) => courses.push(Advice {
                event: event.event,
                stream: event.stream,
                advice: facts.advice,
                kind: facts.kind,
                anonymous: facts.child.is_none() && facts.family.is_empty(),
                initiator: facts.initiator,
                form: facts.form,
                ground: facts.ground.clone(),
                started: shown.meta.occurred,
                ended: None,
                end_ground: None,
                ended_by: None,
                led_to: None,
            }),
            Event::SupportEnded(facts) => {
                if let Some(course) = courses
                    .iter_mut()
                    .find(|course| course.advice == facts.measure)
                {
                    course.ended = Some(shown.meta.occurred);
                    course.end_ground = Some(facts.ground);
                    course.ended_by = Some(event.event);
                }
            }
            Event::CaseOpened(facts) => {
                let Some(link) = facts.linked_advice else {
                    continue;
                };
                for course in courses
                    .iter_mut()
                    .filter(|course| course.event == link.event)
                {
                    course.led_to = Some(event.stream);
                }
            }
            _ => {}
        }
    }
    courses
}
