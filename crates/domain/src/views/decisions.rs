//! Decisions (V9), how they were communicated, and what was known when they were made.

use events::decision::{DecisionKind, DecisionMade, DecisionOutcome, Recipient};
use events::event::Event;
use events::ids::EventId;
use events::time::Occurred;
use jiff::Timestamp;

use crate::reading::Reading;

/// One decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The event, which is the decision's id.
    pub event: EventId,
    /// When it was made.
    pub occurred: Occurred,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// What it is about.
    pub kind: DecisionKind,
    /// What was decided.
    pub outcome: DecisionOutcome,
    /// All that it says.
    pub facts: DecisionMade,
    /// Log position that the author had on screen, where stated.
    pub based_on: Option<u64>,
    /// Log position just before it: reading there gives the case as it could be known.
    pub known_position: u64,
    /// Who received it.
    pub communicated: Vec<(Occurred, Recipient)>,
}

/// Folds the view.
#[must_use]
pub fn decisions(reading: &Reading) -> Vec<Decision> {
    let mut decisions: Vec<Decision> = Vec::new();
    for (event, shown) in reading.facts() {
        match &shown.facts {
            Event::DecisionMade(facts) => decisions.push(Decision {
                event: event.event,
                occurred: shown.meta.occurred,
                recorded_at: event.recorded_at,
                kind: facts.kind,
                outcome: facts.outcome,
                facts: facts.clone(),
                based_on: shown.meta.based_on,
                known_position: event.index,
                communicated: Vec::new(),
            }),
            Event::DecisionCommunicated(facts) => {
                if let Some(decision) = decisions.iter_mut().find(|decision| decision.event == facts.decision) {
                    decision.communicated.extend(facts.recipients.iter().map(|to| (shown.meta.occurred, to.clone())));
                }
            }
            _ => {}
        }
    }
    decisions
}
