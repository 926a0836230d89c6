//! Who asked to see, what was given out, what is protected, and who looked (V16).
//!
//! Look-ups stand in the access log; this view shows those that the reading holds. The reader's
//! name is kept apart from what a data subject is told: the date and the purpose.

use events::access::{AccessRelation, AccessResult, DisclosureKind, FileAccessBasis, Redaction};
use events::event::Event;
use events::ids::{ErasureId, EventId, StreamId};
use events::meta::EventRef;
use events::person::PersonRef;
use events::rights::ProtectionKind;
use events::text::{EmployeeId, Short};
use events::time::Occurred;
use events::words::Words;
use jiff::civil::Date;

use crate::reading::Reading;

/// Somebody asked to see the file.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "graphql",
    derive(async_graphql::SimpleObject),
    graphql(name = "FileAccessRequest")
)]
pub struct Request {
    /// The event.
    pub event: EventId,
    /// When it was received.
    pub occurred: Occurred,
    /// Who asks.
    pub requester: PersonRef,
    /// For whom.
    pub on_behalf_of: Option<PersonRef>,
    /// On what basis.
    pub basis: FileAccessBasis,
    /// What was given out in answer.
    pub answered_by: Vec<EventId>,
}

/// Something was given out.
#[derive(Debug, Clone, PartialEq)]
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
    pub recipient_person: Option<PersonRef>,
    /// The events that were given.
    pub manifest: Vec<EventRef>,
    /// What was withheld, each with its section and reason.
    pub redactions: Vec<Redaction>,
}

/// A marker of protection.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Protection {
    /// The event.
    pub event: EventId,
    /// Whose data.
    pub person: PersonRef,
    /// What is protected.
    pub kind: ProtectionKind,
    /// The party that it is kept from.
    pub kept_from: Option<PersonRef>,
    /// First day.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
}

/// A look-up.
#[derive(Debug, Clone, PartialEq)]
pub struct LookUp {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// Who looked.
    pub reader: EmployeeId,
    /// The stream that was looked at.
    pub target: StreamId,
    /// For what purpose.
    pub purpose: Option<Short>,
    /// How the reader stands to it.
    pub relation: AccessRelation,
    /// What it met.
    pub result: AccessResult,
    /// What a review found.
    pub review: Option<Words>,
}

impl LookUp {
    /// Whether it needs a review: allowed without a purpose or without a relation to the case.
    #[must_use]
    pub fn flagged(&self) -> bool {
        self.result == AccessResult::Allowed
            && (self.purpose.is_none() || self.relation == AccessRelation::None)
    }
}

/// The view.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Access {
    /// Requests to see the file.
    pub requests: Vec<Request>,
    /// What was given out.
    pub disclosures: Vec<Disclosure>,
    /// What is protected.
    pub protections: Vec<Protection>,
    /// Look-ups.
    pub look_ups: Vec<LookUp>,
    /// Erasures that were ordered.
    pub erasures: Vec<(EventId, ErasureId, Occurred)>,
}

/// Folds the view.
#[must_use]
pub fn access(reading: &Reading) -> Access {
    let mut view = Access::default();
    for (event, shown) in reading.by_occurrence() {
        let (event, occurred) = (event.event, shown.meta.occurred);
        match &shown.facts {
            Event::FileAccessRequested(facts) => view.requests.push(Request {
                event,
                occurred,
                requester: facts.requester,
                on_behalf_of: facts.on_behalf_of,
                basis: facts.basis,
                answered_by: Vec::new(),
            }),
            Event::DisclosureMade(facts) => {
                if let Some(request) = view
                    .requests
                    .iter_mut()
                    .find(|request| Some(request.event) == facts.request)
                {
                    request.answered_by.push(event);
                }
                view.disclosures.push(Disclosure {
                    event,
                    occurred,
                    kind: facts.kind,
                    recipient: facts.recipient.clone(),
                    recipient_person: facts.recipient_person,
                    manifest: facts.manifest.clone(),
                    redactions: facts.redactions.clone(),
                });
            }
            Event::ProtectionMarkerSet(facts) => view.protections.push(Protection {
                event,
                person: facts.person,
                kind: facts.kind,
                kept_from: facts.kept_from,
                valid_from: shown.meta.effective_from,
                valid_to: shown.meta.effective_to,
            }),
            Event::RecordAccessed(facts) => view.look_ups.push(LookUp {
                event,
                occurred,
                reader: facts.reader.clone(),
                target: facts.target,
                purpose: facts.purpose.clone(),
                relation: facts.relation,
                result: facts.result,
                review: facts.review.clone(),
            }),
            Event::ErasureOrdered(facts) => view.erasures.push((event, facts.erasure, occurred)),
            _ => {}
        }
    }
    view
}
