//! The network (V8): who around the child can help.

use events::event::Event;
use events::ids::EventId;
use events::involvement::Agreement;
use events::people::{NetworkMethod, NetworkResult};
use events::person::{About, PersonRef};
use events::time::Occurred;

use crate::reading::Reading;

/// One mapping of the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// How.
    pub method: NetworkMethod,
    /// What it found.
    pub result: NetworkResult,
    /// Who can help.
    pub resource_persons: Vec<PersonRef>,
    /// How each of them can.
    pub judgements: Vec<About>,
}

/// The network over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Network {
    /// The mappings.
    pub mappings: Vec<Mapping>,
    /// Everybody who was found to be able to help.
    pub resource_persons: Vec<PersonRef>,
    /// What was agreed at meetings.
    pub agreements: Vec<Agreement>,
}

/// Folds the view.
#[must_use]
pub fn network(reading: &Reading) -> Network {
    let mut view = Network::default();
    for (event, shown) in reading.facts() {
        match &shown.facts {
            Event::NetworkMapped(facts) => {
                for person in &facts.resource_persons {
                    if !view.resource_persons.contains(person) {
                        view.resource_persons.push(*person);
                    }
                }
                view.mappings.push(Mapping {
                    event: event.event,
                    occurred: shown.meta.occurred,
                    method: facts.method,
                    result: facts.result,
                    resource_persons: facts.resource_persons.clone(),
                    judgements: facts.judgements.clone(),
                });
            }
            Event::NetworkMeetingHeld(facts) => view.agreements.extend(facts.agreements.iter().cloned()),
            _ => {}
        }
    }
    view
}
