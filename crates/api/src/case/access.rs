//! Who asked for the file, what was handed out or held back, who looked. Requests and protections
//! are answered by `domain`'s own structs; the others differ from them: a look-up leaves out who
//! looked, a disclosure shows ids and counts.

use async_graphql::SimpleObject;
use domain::views::access::{self, Protection, Request};
use events::access::{AccessRelation, AccessResult, DisclosureKind, RedactionClass};
use events::ids::EventId;
use events::person::PersonRef;
use events::text::{Line, Section, Short};
use events::time::Occurred;
use events::words::Words;

/// One thing withheld.
#[derive(Debug, Clone, SimpleObject)]
pub struct Redaction {
    /// What kind of thing.
    pub class: RedactionClass,
    /// The section of law.
    pub section: Section,
    /// Why.
    pub reason: Line,
    /// The event that it stands in.
    pub event: Option<EventId>,
    /// The field; null where a whole event or all about a person was withheld.
    pub field: Option<String>,
    /// How many values were left out of the evidence.
    pub values: usize,
}

/// Something was given out.
#[derive(Debug, Clone, SimpleObject)]
pub struct Disclosure {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// To what end.
    pub kind: DisclosureKind,
    /// To whom.
    pub recipient: Short,
    /// The person, where the recipient is one.
    pub person: Option<PersonRef>,
    /// The events that were given.
    pub manifest: Vec<EventId>,
    /// What was withheld, each with its section and reason.
    pub redactions: Vec<Redaction>,
}

/// A look-up, without the reader's name: who looked is kept apart from what a data subject is told.
#[derive(Debug, Clone, SimpleObject)]
pub struct LookUp {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// For what purpose.
    pub purpose: Option<Short>,
    /// How the reader stands to what was read.
    pub relation: AccessRelation,
    /// What it met.
    pub result: AccessResult,
    /// Whether it needs a review.
    pub flagged: bool,
    /// What a review found.
    pub review: Option<Words>,
}

impl From<&access::LookUp> for LookUp {
    fn from(look_up: &access::LookUp) -> Self {
        Self {
            event: look_up.event,
            occurred: look_up.occurred,
            purpose: look_up.purpose.clone(),
            relation: look_up.relation,
            result: look_up.result,
            flagged: look_up.flagged(),
            review: look_up.review.clone(),
        }
    }
}

/// Who asked to see, what was given out, and what is protected (V16).
#[derive(Debug, Clone, SimpleObject)]
pub struct Access {
    /// Requests to see the file.
    pub requests: Vec<Request>,
    /// What was given out.
    pub disclosures: Vec<Disclosure>,
    /// What is protected.
    pub protections: Vec<Protection>,
    /// Look-ups, in the order in which they took place. They stand in the access log.
    pub look_ups: Vec<LookUp>,
}

impl Access {
    /// Puts the view of a case together with the look-ups of the access log.
    #[must_use]
    pub fn new(view: access::Access, look_ups: &[access::LookUp]) -> Self {
        let disclosures = view.disclosures.into_iter().map(|row| Disclosure {
            event: row.event,
            occurred: row.occurred,
            kind: row.kind,
            recipient: row.recipient,
            person: row.recipient_person,
            manifest: row.manifest.iter().map(|item| item.event).collect(),
            redactions: row
                .redactions
                .iter()
                .map(|redaction| Redaction {
                    class: redaction.class,
                    section: redaction.section.clone(),
                    reason: redaction.reason.clone(),
                    event: redaction.event,
                    field: redaction
                        .field
                        .as_ref()
                        .map(|field| field.as_str().to_owned()),
                    values: redaction.values.as_ref().map_or(0, Vec::len),
                })
                .collect(),
        });
        Self {
            requests: view.requests,
            disclosures: disclosures.collect(),
            protections: view.protections,
            look_ups: look_ups.iter().map(Into::into).collect(),
        }
    }
}
