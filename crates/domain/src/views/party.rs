//! What the view of the parties shows of one person.
//!
//! How it is folded stands in [`crate::views::parties`].

use events::access::{DisclosureKind, FileAccessBasis};
use events::ids::EventId;
use events::meta::Channel;
use events::people::{ConsentCapacity, ConsentForm, ConsentPurpose, RelationKind};
use events::person::PersonRef;
use events::personal::Personal;
use events::rights::{
    ConsentEnd, HearingException, ProtectionKind, RepresentativeKind, RepresentativeStatus,
    RequestKind,
};
use events::text::{PersonName, Section};
use events::time::Occurred;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::ages::AgeRight;

/// How somebody stands to the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
pub enum Standing {
    /// Party: holds custody of the child.
    CustodyHolder,
    /// Party: the child, old enough (BL § 3; 12 years before 2024).
    Child,
    /// Named as a party in a decision; no custody is recorded.
    NamedInDecision,
    /// Party only in decisions about the parent itself (BL §§ 142(3), 145(2), 146(2)).
    ParentWithoutCustody,
    /// Not a party yet: the child is too young.
    TooYoung,
    /// Not a party.
    None,
    /// Cannot be told: the day of birth is not known, or it was erased.
    Unknown,
}

impl Standing {
    /// Whether it makes a party.
    #[must_use]
    pub const fn is_party(self) -> bool {
        matches!(
            self,
            Self::CustodyHolder | Self::Child | Self::NamedInDecision
        )
    }
}

/// Custody of the child, or its absence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Custody {
    /// The event.
    pub event: EventId,
    /// The child.
    pub child: PersonRef,
    /// Which kind.
    pub kind: RelationKind,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
    /// Whether it holds on the day of the view.
    pub in_force: bool,
}

/// Somebody who stands by a person.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Representation {
    /// The newest event about it.
    pub event: EventId,
    /// As what.
    pub kind: RepresentativeKind,
    /// Who.
    pub representative: PersonRef,
    /// Name.
    pub name: Option<Personal<PersonName>>,
    /// What became of it.
    pub status: RepresentativeStatus,
    /// Since when it stands so.
    pub since: Occurred,
}

/// A consent, or its refusal.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Consent {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// In which capacity; null for a refusal.
    pub capacity: Option<ConsentCapacity>,
    /// To what.
    pub purpose: ConsentPurpose,
    /// The section.
    pub section: Option<Section>,
    /// In which form; null for a refusal.
    pub form: Option<ConsentForm>,
    /// Whether it was taken back or refused; null while it stands.
    pub ended: Option<ConsentEnd>,
    /// When it was taken back or refused.
    pub ended_on: Option<Occurred>,
    /// The event that took it back or refused it.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub ended_by: Option<EventId>,
    /// Last day of validity.
    pub valid_to: Option<Date>,
}

impl Consent {
    /// Whether it is given and stands on a day.
    #[must_use]
    pub fn in_force(&self, on: Date) -> bool {
        let ended = self.ended_on.is_some_and(|when| when.day() <= on);
        self.form.is_some()
            && !ended
            && self.occurred.day() <= on
            && self.valid_to.is_none_or(|last| on <= last)
    }
}

/// How a decision was told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "graphql",
    derive(async_graphql::SimpleObject),
    graphql(name = "ToldDecision")
)]
pub struct Told {
    /// The event.
    pub event: EventId,
    /// The decision.
    pub decision: EventId,
    /// Through which channel.
    pub channel: Channel,
    /// From when it was available.
    pub available_at: Timestamp,
    /// Whether it was by word of mouth.
    pub oral: bool,
}

/// A hearing of a party (*partshøring*).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct PartyHearing {
    /// The event.
    pub event: EventId,
    /// When the material was sent.
    pub occurred: Occurred,
    /// Last day to answer.
    pub deadline: Option<Date>,
    /// When the answer came.
    pub answered_at: Option<Timestamp>,
    /// Why the party was not heard.
    pub exception: Option<HearingException>,
}

/// Something else that a person did or was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Asked for something.
    Request(RequestKind),
    /// Asked to see the file.
    FileAccess(FileAccessBasis),
    /// Was given something.
    Disclosure(DisclosureKind),
    /// Data was marked as protected.
    Protection(ProtectionKind),
}

/// An age of the law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Milestone {
    /// The right.
    pub right: &'static AgeRight,
    /// The day on which the child reaches it.
    pub on: Date,
    /// Whether that is so on the day of the view.
    pub reached: bool,
}

/// One person.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Who, under the id that goes on.
    pub person: PersonRef,
    /// Name.
    pub name: Option<Personal<PersonName>>,
    /// Day of birth.
    pub birth_date: Option<Personal<Date>>,
    /// Expected day of birth.
    pub due_date: Option<Personal<Date>>,
    /// Whole years on the day of the view.
    pub age: Option<u16>,
    /// Whether an interpreter is needed.
    pub interpreter_needed: Option<Personal<bool>>,
    /// How the person stands to the case on the day of the view.
    pub standing: Standing,
    /// The day on which a child becomes a party, where it lies ahead.
    pub becomes_party: Option<Date>,
    /// Whether Digital Post reaches the person by law (15 years); null where the age is not known.
    pub digital_post: Option<bool>,
    /// Custody.
    pub custody: Vec<Custody>,
    /// Who stands by the person.
    pub representations: Vec<Representation>,
    /// Consents and refusals.
    pub consents: Vec<Consent>,
    /// What the person was told.
    pub told: Vec<Told>,
    /// What the person was heard on.
    pub hearings: Vec<PartyHearing>,
    /// Requests, disclosures and markers.
    pub acts: Vec<(EventId, Occurred, Act)>,
    /// Ages of the law; for children only.
    pub milestones: Vec<Milestone>,
    /// The events that say who the person is.
    pub registered_by: Vec<EventId>,
}
