//! What every event says besides its facts: when, through which channel, by whom, on what law.

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::define::vocabulary;
use crate::ids::{EventId, FamilyId, StreamId};
use crate::text::{Line, Short};
use crate::time::Occurred;

vocabulary! {
    /// A role in the municipality or around the case.
    Role {
        /// Intake unit (*modtageenhed*).
        Intake,
        /// Out-of-hours duty (*døgnvagt*).
        Oncall,
        /// Caseworker (*børne- og ungerådgiver*).
        Caseworker,
        /// Team leader (*teamleder*).
        Leader,
        /// Lawyer of the administration.
        Lawyer,
        /// Chair of the children and youth committee (*børne- og ungeudvalget*).
        CommitteeChair,
        /// Secretary of the committee.
        CommitteeSec,
        /// Records office (*journal*).
        Records,
        /// Provider of a measure (*leverandør*).
        Provider,
        /// The child, through the portal.
        Child,
        /// A parent, through the portal.
        Parent,
        /// Reviewer of the Appeals Board (*Ankestyrelsen*).
        Board,
        /// Auditor; sees no content.
        Auditor,
        /// Data protection officer.
        Dpo,
        /// The system itself.
        System,
    }
}

vocabulary! {
    /// How a fact reached the authority, or the authority reached somebody.
    Channel {
        /// Face to face at the office, the school or elsewhere.
        InPerson,
        /// At home.
        HomeVisit,
        /// Telephone.
        Phone,
        /// Text message.
        Sms,
        /// Chat.
        Chat,
        /// Messenger or a like service.
        Messenger,
        /// Video call.
        Video,
        /// Letter on paper.
        Letter,
        /// Digital Post.
        DigitalPost,
        /// The municipality's portal.
        Portal,
        /// Written by a system.
        System,
    }
}

vocabulary! {
    /// Direction of a journalised document (Access to Public Administration Files Act § 15).
    Direction {
        /// Received.
        In,
        /// Sent.
        Out,
        /// Internal and final.
        Internal,
    }
}

/// Who recorded the fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Pseudonymous id within the municipality.
    pub id: String,
    /// In which role.
    pub role: Role,
    /// Unit, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Four-digit municipality code.
    pub municipality: String,
}

/// Journal entry of a document-bearing event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject))]
#[cfg_attr(feature = "graphql", graphql(name = "JournalInput"))]
pub struct Journal {
    /// Short thematic title, without names.
    pub title: Line,
    /// Received, sent or internal.
    pub direction: Direction,
    /// Date of receipt or dispatch.
    pub doc_date: Date,
}

/// Where an imported fact comes from. What it says is stated, not proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject))]
#[cfg_attr(feature = "graphql", graphql(name = "SourceInput"))]
pub struct Source {
    /// The system that it was taken from.
    pub system: Short,
    /// Its id there.
    pub id: Short,
    /// When that system says that it was recorded.
    pub recorded_at: Timestamp,
}

/// An event in a stream.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "graphql", derive(async_graphql::InputObject))]
#[cfg_attr(feature = "graphql", graphql(name = "EventRefInput"))]
pub struct EventRef {
    /// The stream that it stands in.
    pub stream: StreamId,
    /// The event.
    pub event: EventId,
}

impl crate::shape::Shape for EventRef {
    const LIST: bool = false;
}

/// The circumstances of a fact: one object, withheld or corrected as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Meta {
    /// When it took place: the principal time of every event.
    pub occurred: Occurred,
    /// Through which channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Sections of law that it rests on, for example `BL § 20`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub legal_basis: Vec<Short>,
    /// Rule set in force, where the author states one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule_set: Option<Short>,
    /// First day of validity, where the fact has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Date>,
    /// Last day of validity, where the fact has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_to: Option<Date>,
    /// Journal entry, where a document goes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub journal: Option<Journal>,
    /// The event that caused this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causation: Option<EventRef>,
    /// The family that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<FamilyId>,
    /// Log position that the author had on screen: entries below it were known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub based_on: Option<u64>,
    /// Where it was imported from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

impl Meta {
    /// Only a time, nothing else stated.
    #[must_use]
    pub const fn at(occurred: Occurred) -> Self {
        Self {
            occurred,
            channel: None,
            legal_basis: Vec::new(),
            rule_set: None,
            effective_from: None,
            effective_to: None,
            journal: None,
            causation: None,
            correlation: None,
            based_on: None,
            source: None,
        }
    }
}
