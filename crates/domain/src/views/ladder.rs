//! The support ladder (V7, *indsatstrappe*): how much help there was over time.

use std::collections::BTreeMap;

use events::event::Event;
use events::ids::{EventId, MeasureId};
use events::text::Short;
use events::time::Occurred;

use crate::reading::Reading;

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    feature = "graphql",
    derive(async_graphql::Enum),
    graphql(name = "LadderMovement")
)]
pub enum Movement {
    /// Help began.
    Started,
    /// Help changed.
    Adjusted,
    /// Help ended.
    Ended,
}

/// A moment at which help changed.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "graphql",
    derive(async_graphql::SimpleObject),
    graphql(name = "LadderStep")
)]
pub struct Step {
    /// The event.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// The measure or the course of advice.
    pub measure: MeasureId,
    /// What changed.
    pub movement: Movement,
    /// The highest step of what runs afterwards; null when nothing does.
    pub level: Option<u8>,
    /// The definition that the steps belong to.
    pub definition: Option<Short>,
}

/// The support ladder (V7): how much help there was over time.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct SupportLadder {
    /// Each change, in the order in which they took place.
    pub steps: Vec<Step>,
    /// The highest step of what runs now; null when nothing does.
    pub current: Option<u8>,
}

impl SupportLadder {
    /// The levels one after the other, repetitions left out.
    #[must_use]
    pub fn path(&self) -> Vec<Option<u8>> {
        let mut path: Vec<Option<u8>> = self.steps.iter().map(|step| step.level).collect();
        path.dedup();
        path
    }
}

/// Folds the view.
#[must_use]
pub fn support_ladder(reading: &Reading) -> SupportLadder {
    let facts = reading.by_occurrence();
    let mut running: BTreeMap<MeasureId, u8> = BTreeMap::new();
    let mut steps = Vec::new();
    for (event, shown) in facts {
        let (measure, movement, definition) = match &shown.facts {
            Event::EarlyAdviceStarted(facts) => {
                running.insert(facts.advice, facts.ladder_step);
                (
                    facts.advice,
                    Movement::Started,
                    Some(facts.ladder_definition.clone()),
                )
            }
            Event::SupportStarted(facts) => {
                running.insert(facts.measure, facts.ladder_step);
                (
                    facts.measure,
                    Movement::Started,
                    Some(facts.ladder_definition.clone()),
                )
            }
            Event::SupportAdjusted(facts) => {
                if let Some(step) = facts.ladder_step {
                    running.insert(facts.measure, step);
                }
                (facts.measure, Movement::Adjusted, None)
            }
            Event::SupportEnded(facts) => {
                running.remove(&facts.measure);
                (facts.measure, Movement::Ended, None)
            }
            _ => continue,
        };
        steps.push(Step {
            event: event.event,
            occurred: shown.meta.occurred,
            measure,
            movement,
            level: running.values().max().copied(),
            definition,
        });
    }
    SupportLadder {
        current: running.values().max().copied(),
        steps,
    }
}
