//! Who asked for the file, what was handed out or held back, who looked.

use crate::person::PersonInRole;
use crate::text::Wording;
use async_graphql::SimpleObject;
use domain::views::access::{Access, LookUp};
use events::access::{
    AccessRelation, AccessResult, DisclosureKind, FileAccessBasis, RedactionClass,
};
use events::ids::EventId;
use events::rights::ProtectionKind;
use events::time::Occurred;
use jiff::civil::Date;

/// Somebody asked to see the file.
#[derive(Debug, Clone, SimpleObject)]
pub struct FileAccessRequestView {
    /// The event.
    pub event: EventId,
    /// When it was received.
    pub occurred: Occurred,
    /// Who asks.
    pub requester: PersonInRole,
    /// For whom.
    pub on_behalf_of: Option<PersonInRole>,
    /// On what basis.
    pub basis: FileAccessBasis,
    /// What was given out in answer.
    pub answered_by: Vec<EventId>,
}

/// One thing withheld.
#[derive(Debug, Clone, SimpleObject)]
pub struct RedactionView {
    /// What kind of thing.
    pub class: RedactionClass,
    /// The section of law.
    pub section: String,
    /// Why.
    pub reason: String,
    /// The event that it stands in.
    pub event: Option<EventId>,
    /// The field; none where a whole event or all about a person was withheld.
    pub field: Option<String>,
    /// How many values were left out of the evidence.
    pub values: usize,
}

/// Something was given out.
#[derive(Debug, Clone, SimpleObject)]
pub struct DisclosureView {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// To what end.
    pub kind: DisclosureKind,
    /// To whom.
    pub recipient: String,
    /// The person, where the recipient is one.
    pub person: Option<PersonInRole>,
    /// The events that were given.
    pub manifest: Vec<EventId>,
    /// What was withheld, each with its section and reason.
    pub redactions: Vec<RedactionView>,
}

/// A marker of protection.
#[derive(Debug, Clone, SimpleObject)]
pub struct ProtectionView {
    /// The event.
    pub event: EventId,
    /// Whose data.
    pub person: PersonInRole,
    /// What is protected.
    pub kind: ProtectionKind,
    /// The party that it is kept from.
    pub kept_from: Option<PersonInRole>,
    /// First day.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
}

/// A look-up, without the reader's name: who looked is kept apart from what a data subject is told.
#[derive(Debug, Clone, SimpleObject)]
pub struct LookUpView {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// For what purpose.
    pub purpose: Option<String>,
    /// How the reader stands to what was read.
    pub relation: AccessRelation,
    /// What it met.
    pub result: AccessResult,
    /// Whether it needs a review.
    pub flagged: bool,
    /// What a review found.
    pub review: Option<Wording>,
}

impl From<&LookUp> for LookUpView {
    fn from(look_up: &LookUp) -> Self {
        Self {
            event: look_up.event,
            occurred: look_up.occurred,
            purpose: look_up
                .purpose
                .as_ref()
                .map(|purpose| purpose.as_str().to_owned()),
            relation: look_up.relation,
            result: look_up.result,
            flagged: look_up.flagged(),
            review: look_up.review.as_ref().map(Into::into),
        }
    }
}

/// Who asked to see, what was given out, and what is protected (V16).
#[derive(Debug, Clone, SimpleObject)]
pub struct AccessView {
    /// Requests to see the file.
    pub requests: Vec<FileAccessRequestView>,
    /// What was given out.
    pub disclosures: Vec<DisclosureView>,
    /// What is protected.
    pub protections: Vec<ProtectionView>,
    /// Look-ups, in the order in which they took place. They stand in the access log.
    pub look_ups: Vec<LookUpView>,
}

impl AccessView {
    /// Puts the view of a case together with the look-ups of the access log.
    #[must_use]
    pub fn new(view: Access, look_ups: &[LookUp]) -> Self {
        let requests = view.requests.into_iter().map(|row| FileAccessRequestView {
            event: row.event,
            occurred: row.occurred,
            requester: row.requester.into(),
            on_behalf_of: row.on_behalf_of.map(Into::into),
            basis: row.basis,
            answered_by: row.answered_by,
        });
        let disclosures = view.disclosures.into_iter().map(|row| DisclosureView {
            event: row.event,
            occurred: row.occurred,
            kind: row.kind,
            recipient: row.recipient.as_str().to_owned(),
            person: row.recipient_person.map(Into::into),
            manifest: row.manifest.iter().map(|item| item.event).collect(),
            redactions: row
                .redactions
                .iter()
                .map(|redaction| RedactionView {
                    class: redaction.class,
                    section: redaction.section.as_str().to_owned(),
                    reason: redaction.reason.as_str().to_owned(),
                    event: redaction.event,
                    field: redaction
                        .field
                        .as_ref()
                        .map(|field| field.as_str().to_owned()),
                    values: redaction.values.as_ref().map_or(0, Vec::len),
                })
                .collect(),
        });
        let protections = view.protections.into_iter().map(|row| ProtectionView {
            event: row.event,
            person: row.person.into(),
            kind: row.kind,
            kept_from: row.kept_from.map(Into::into),
            valid_from: row.valid.0,
            valid_to: row.valid.1,
        });
        Self {
            requests: requests.collect(),
            disclosures: disclosures.collect(),
            protections: protections.collect(),
            look_ups: look_ups.iter().map(Into::into).collect(),
        }
    }
}
