//! The network (V8): who around the child can help.

use events::event::Event;
use events::ids::EventId;
use events::involvement::{Agreement, DayWindow, MeetingBasis};
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

/// A meeting of family, network and professionals.
#[derive(Debug, Clone, PartialEq)]
pub struct Meeting {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// On what basis they met.
    pub basis: MeetingBasis,
    /// Whether the child took part.
    pub child_took_part: bool,
    /// What was agreed.
    pub agreements: Vec<Agreement>,
    /// When the next one is meant to take place.
    pub next: Option<DayWindow>,
}

/// The network over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Network {
    /// The mappings.
    pub mappings: Vec<Mapping>,
    /// Everybody who was found to be able to help.
    pub resource_persons: Vec<PersonRef>,
    /// The meetings, in the order in which they took place.
    pub meetings: Vec<Meeting>,
}

/// Folds the view.
#[must_use]
pub fn network(reading: &Reading) -> Network {
    let mut view = Network::default();
    for (event, shown) in reading.by_occurrence() {
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
            Event::NetworkMeetingHeld(facts) => view.meetings.push(Meeting {
                event: event.event,
                occurred: shown.meta.occurred,
                basis: facts.basis,
                child_took_part: facts.child_took_part,
                agreements: facts.agreements.clone(),
                next: facts.next_meeting.clone(),
            }),
            _ => {}
        }
    }
    view
}
