//! The rights of the parties. What a person did, and the ages of the law, differ from `domain`'s,
//! which hold an enum with values and a reference into a table; custody, consents and what else
//! stands by a person are answered by `domain`'s own structs.

use async_graphql::SimpleObject;
use domain::views::party::{
    self, Consent, Custody, PartyHearing, Person, Representation, Standing, Told,
};
use events::access::{DisclosureKind, FileAccessBasis};
use events::ids::EventId;
use events::person::PersonRef;
use events::personal::Personal;
use events::rights::{ProtectionKind, RequestKind};
use events::text::PersonName;
use events::time::Occurred;
use jiff::civil::Date;

/// Something else that a person did or was given; exactly one of the last four is there.
#[derive(Debug, Clone, SimpleObject)]
pub struct Act {
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

impl From<&(EventId, Occurred, party::Act)> for Act {
    fn from((event, occurred, act): &(EventId, Occurred, party::Act)) -> Self {
        let empty = Self {
            event: *event,
            occurred: *occurred,
            request: None,
            file_access: None,
            disclosure: None,
            protection: None,
        };
        match *act {
            party::Act::Request(kind) => Self {
                request: Some(kind),
                ..empty
            },
            party::Act::FileAccess(basis) => Self {
                file_access: Some(basis),
                ..empty
            },
            party::Act::Disclosure(kind) => Self {
                disclosure: Some(kind),
                ..empty
            },
            party::Act::Protection(kind) => Self {
                protection: Some(kind),
                ..empty
            },
        }
    }
}

/// An age of the law and the day on which the child reaches it.
#[derive(Debug, Clone, SimpleObject)]
pub struct AgeMilestone {
    /// Age in months.
    pub months: u16,
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
pub struct Party {
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
    /// How the person stands to the case on that day.
    pub standing: Standing,
    /// Whether that makes a party.
    pub is_party: bool,
    /// The day on which a child becomes a party, where it lies ahead.
    pub becomes_party: Option<Date>,
    /// Whether Digital Post reaches the person by law; null where the age is not known.
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
    pub acts: Vec<Act>,
    /// Ages of the law; for children only.
    pub milestones: Vec<AgeMilestone>,
}

impl From<Person> for Party {
    fn from(person: Person) -> Self {
        let milestones = person.milestones.iter().map(|milestone| AgeMilestone {
            months: milestone.right.months,
            on: milestone.on,
            reached: milestone.reached,
            section: milestone.right.section.to_owned(),
            right: milestone.right.english.to_owned(),
            right_danish: milestone.right.danish.to_owned(),
        });
        Self {
            is_party: person.standing.is_party(),
            acts: person.acts.iter().map(Into::into).collect(),
            milestones: milestones.collect(),
            person: person.person,
            name: person.name,
            birth_date: person.birth_date,
            due_date: person.due_date,
            age: person.age,
            standing: person.standing,
            custody: person.custody,
            representations: person.representations,
            consents: person.consents,
            told: person.told,
            hearings: person.hearings,
            becomes_party: person.becomes_party,
            digital_post: person.digital_post,
        }
    }
}
