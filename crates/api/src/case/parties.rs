//! The rights of the parties as clients see them.

use async_graphql::{Enum, SimpleObject};
use domain::views::party::{Act, Consent, Person, Standing};
use events::access::{DisclosureKind, FileAccessBasis};
use events::ids::EventId;
use events::meta::Channel;
use events::people::{ConsentCapacity, ConsentForm, ConsentPurpose, RelationKind};
use events::rights::{
    ConsentEnd, HearingException, ProtectionKind, RepresentativeKind, RepresentativeStatus,
    RequestKind,
};
use events::time::Occurred;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::person::PersonInRole;
use crate::text::PersonalText;

/// How somebody stands to the case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Standing")]
pub enum StandingView {
    /// Party: holds custody of the child.
    CustodyHolder,
    /// Party: the child, old enough.
    Child,
    /// Named as a party in a decision; no custody is recorded.
    NamedInDecision,
    /// Party only in decisions about the parent itself.
    ParentWithoutCustody,
    /// Not a party yet: the child is too young.
    TooYoung,
    /// Not a party.
    None,
    /// Cannot be told: the day of birth is not known, or it was erased.
    Unknown,
}

/// Custody of the child, or its absence.
#[derive(Debug, Clone, SimpleObject)]
pub struct CustodyView {
    /// The event.
    pub event: EventId,
    /// The child.
    pub child: PersonInRole,
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
#[derive(Debug, Clone, SimpleObject)]
pub struct RepresentationView {
    /// The newest event about it.
    pub event: EventId,
    /// As what.
    pub kind: RepresentativeKind,
    /// Who.
    pub representative: PersonInRole,
    /// Name.
    pub name: Option<PersonalText>,
    /// What became of it.
    pub status: RepresentativeStatus,
    /// Since when it stands so.
    pub since: Occurred,
}

/// A consent, or its refusal.
#[derive(Debug, Clone, SimpleObject)]
pub struct ConsentView {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// In which capacity; none for a refusal.
    pub capacity: Option<ConsentCapacity>,
    /// To what.
    pub purpose: ConsentPurpose,
    /// The section.
    pub section: Option<String>,
    /// In which form; none for a refusal.
    pub form: Option<ConsentForm>,
    /// Taken back or refused; none while it stands.
    pub ended: Option<ConsentEnd>,
    /// When it was taken back or refused.
    pub ended_on: Option<Occurred>,
    /// Last day of validity.
    pub valid_to: Option<Date>,
}

impl From<&Consent> for ConsentView {
    fn from(consent: &Consent) -> Self {
        Self {
            event: consent.event,
            occurred: consent.occurred,
            capacity: consent.capacity,
            purpose: consent.purpose,
            section: consent
                .section
                .as_ref()
                .map(|section| section.as_str().to_owned()),
            form: consent.form,
            ended: consent.ended.map(|(_, _, kind)| kind),
            ended_on: consent.ended.map(|(_, when, _)| when),
            valid_to: consent.valid_to,
        }
    }
}

/// How a decision was told.
#[derive(Debug, Clone, SimpleObject)]
pub struct ToldDecisionView {
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

/// A hearing of a party (partshøring).
#[derive(Debug, Clone, SimpleObject)]
pub struct PartyHearingView {
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

/// Something else that a person did or was given; exactly one of the last four is there.
#[derive(Debug, Clone, SimpleObject)]
pub struct ActView {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// Asked for something.
    pub request: Option<RequestKind>,
    /// Asked to see the file.
    pub file_access: Option<FileAccessBasis>,
    /// Was given something.
    pub disclosure: Option<DisclosureKind>,
    /// Data was marked as protected.
    pub protection: Option<ProtectionKind>,
}

impl From<&(EventId, Occurred, Act)> for ActView {
    fn from((event, occurred, act): &(EventId, Occurred, Act)) -> Self {
        let empty = Self {
            event: *event,
            occurred: *occurred,
            request: None,
            file_access: None,
            disclosure: None,
            protection: None,
        };
        match *act {
            Act::Request(kind) => Self {
                request: Some(kind),
                ..empty
            },
            Act::FileAccess(basis) => Self {
                file_access: Some(basis),
                ..empty
            },
            Act::Disclosure(kind) => Self {
                disclosure: Some(kind),
                ..empty
            },
            Act::Protection(kind) => Self {
                protection: Some(kind),
                ..empty
            },
        }
    }
}

/// An age of the law and the day on which the child reaches it.
#[derive(Debug, Clone, SimpleObject)]
pub struct AgeMilestoneView {
    /// Age in months.
    pub months: i32,
    /// The day on which the child reaches it.
    pub on: Date,
    /// Whether that is so on the day of the view.
    pub reached: bool,
    /// The section.
    pub section: String,
    /// The right in English.
    pub right: String,
    /// The right in Danish.
    pub right_danish: String,
}

/// A person of the case (V10).
#[derive(Debug, Clone, SimpleObject)]
pub struct PartyView {
    /// Who, under the id that goes on.
    pub person: PersonInRole,
    /// Name.
    pub name: Option<PersonalText>,
    /// Day of birth.
    pub birth_date: Option<PersonalText>,
    /// Expected day of birth.
    pub due_date: Option<PersonalText>,
    /// Whole years on the day of the view.
    pub age: Option<i16>,
    /// How the person stands to the case on that day.
    pub standing: StandingView,
    /// Whether that makes a party.
    pub is_party: bool,
    /// The day on which a child becomes a party, where it lies ahead.
    pub becomes_party: Option<Date>,
    /// Whether Digital Post reaches the person by law; none where the age is not known.
    pub digital_post: Option<bool>,
    /// Custody.
    pub custody: Vec<CustodyView>,
    /// Who stands by the person.
    pub representations: Vec<RepresentationView>,
    /// Consents and refusals.
    pub consents: Vec<ConsentView>,
    /// What the person was told.
    pub told: Vec<ToldDecisionView>,
    /// What the person was heard on.
    pub hearings: Vec<PartyHearingView>,
    /// Requests, disclosures and markers.
    pub acts: Vec<ActView>,
    /// Ages of the law; for children only.
    pub milestones: Vec<AgeMilestoneView>,
}

impl From<Person> for PartyView {
    fn from(person: Person) -> Self {
        let custody = person.custody.iter().map(|custody| CustodyView {
            event: custody.event,
            child: custody.child.into(),
            kind: custody.kind,
            from: custody.valid.0,
            to: custody.valid.1,
            in_force: custody.in_force,
        });
        let representations = person.representations.iter().map(|row| RepresentationView {
            event: row.event,
            kind: row.kind,
            representative: row.representative.into(),
            name: row.name.as_ref().map(Into::into),
            status: row.status,
            since: row.since,
        });
        let told = person.told.iter().map(|row| ToldDecisionView {
            event: row.event,
            decision: row.decision,
            channel: row.channel,
            available_at: row.available_at,
            oral: row.oral,
        });
        let hearings = person.hearings.iter().map(|row| PartyHearingView {
            event: row.event,
            occurred: row.occurred,
            deadline: row.deadline,
            answered_at: row.answered_at,
            exception: row.exception,
        });
        let milestones = person.milestones.iter().map(|milestone| AgeMilestoneView {
            months: milestone.right.months,
            on: milestone.on,
            reached: milestone.reached,
            section: milestone.right.section.to_owned(),
            right: milestone.right.english.to_owned(),
            right_danish: milestone.right.danish.to_owned(),
        });
        Self {
            custody: custody.collect(),
            representations: representations.collect(),
            consents: person.consents.iter().map(Into::into).collect(),
            told: told.collect(),
            hearings: hearings.collect(),
            acts: person.acts.iter().map(Into::into).collect(),
            milestones: milestones.collect(),
            person: person.person.into(),
            name: person.name.as_ref().map(Into::into),
            birth_date: person.birth_date.as_ref().map(Into::into),
            due_date: person.due_date.as_ref().map(Into::into),
            age: person.age,
            standing: person.standing.into(),
            is_party: person.standing.is_party(),
            becomes_party: person.becomes_party,
            digital_post: person.digital_post,
        }
    }
}
