//! The network of the family, put together from its mappings and meetings.

use async_graphql::SimpleObject;
use domain::views::network;
use events::ids::EventId;
use events::involvement::MeetingBasis;
use events::person::{About, PersonRef};
use events::time::Occurred;
use jiff::civil::Date;

/// The network (V8).
#[derive(Debug, Clone, SimpleObject)]
pub struct Network {
    /// Everybody who was found to be able to help.
    pub resource_persons: Vec<PersonRef>,
    /// How each of them can.
    pub judgements: Vec<About>,
    /// What was agreed at meetings.
    pub agreements: Vec<String>,
    /// The meetings, in the order in which they took place.
    pub meetings: Vec<Meeting>,
}

/// A meeting of family, network and professionals.
#[derive(Debug, Clone, SimpleObject)]
pub struct Meeting {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// On what basis they met.
    pub basis: MeetingBasis,
    /// Whether the child took part.
    pub child_took_part: bool,
    /// What was agreed, and who does it.
    pub agreements: Vec<String>,
    /// First day on which the next one is meant to take place.
    pub next_from: Option<Date>,
    /// Last day.
    pub next_to: Option<Date>,
}

impl From<network::Network> for Network {
    fn from(network: network::Network) -> Self {
        let judgements = network
            .mappings
            .iter()
            .flat_map(|mapping| &mapping.judgements);
        Self {
            resource_persons: network.resource_persons,
            judgements: judgements.cloned().collect(),
            agreements: network
                .meetings
                .iter()
                .flat_map(|meeting| &meeting.agreements)
                .map(|agreed| agreed.what.as_str().to_owned())
                .collect(),
            meetings: network.meetings.iter().map(Into::into).collect(),
        }
    }
}

impl From<&network::Meeting> for Meeting {
    fn from(meeting: &network::Meeting) -> Self {
        let agreed = meeting
            .agreements
            .iter()
            .map(|agreed| format!("{} ({})", agreed.what, agreed.responsible));
        Self {
            event: meeting.event,
            occurred: meeting.occurred,
            basis: meeting.basis,
            child_took_part: meeting.child_took_part,
            agreements: agreed.collect(),
            next_from: meeting.next.as_ref().map(|window| window.from),
            next_to: meeting.next.as_ref().map(|window| window.to),
        }
    }
}
