//! Appeals and what was sent to whom. These types differ from `domain`'s: they pick fields of
//! recorded facts and tell apart what was sent by fields that may be null.

use async_graphql::{Enum, SimpleObject};
use domain::views::appeal;
use events::access::DisclosureKind;
use events::appeal::{ComplainantCapacity, DossierItem, DossierItemKind};
use events::ids::{EventId, StreamId};
use events::person::PersonRef;
use events::text::{Line, Short};
use events::time::Occurred;

use crate::case::decision::AppealResult;

/// One thing of the file.
#[derive(Debug, Clone, SimpleObject)]
pub struct FileItem {
    /// The event.
    pub event: EventId,
    /// Its stream.
    pub stream: StreamId,
    /// Place in the log.
    pub position: u64,
    /// When it took place.
    pub occurred: Occurred,
    /// What kind of thing it is for a dossier; null for a fact that no paper of its own tells.
    pub kind: Option<DossierItemKind>,
    /// Event type.
    pub event_type: String,
}

/// A forwarding to the Appeals Board.
#[derive(Debug, Clone, SimpleObject)]
pub struct Forwarding {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// Log position just before it: reading the case there gives the file as it was sent.
    pub position: u64,
    /// What was sent.
    pub manifest: Vec<DossierItem>,
    /// Which form of the Board was used (ankeskema).
    pub form: Option<Short>,
    /// Whether it was marked as urgent.
    pub urgent: bool,
    /// A remark.
    pub remark: Option<Line>,
    /// Items that were recorded only after it was sent.
    pub recorded_later: Vec<DossierItem>,
    /// Items that stand outside this case, for example in that of a brother or sister.
    pub elsewhere: Vec<DossierItem>,
}

impl From<&appeal::Forwarding> for Forwarding {
    fn from(forwarding: &appeal::Forwarding) -> Self {
        Self {
            event: forwarding.event,
            occurred: forwarding.occurred,
            position: forwarding.position,
            manifest: forwarding.facts.manifest.clone(),
            form: forwarding.facts.form.clone(),
            urgent: forwarding.facts.urgent,
            remark: forwarding.facts.remark.clone(),
            recorded_later: forwarding.recorded_later.clone(),
            elsewhere: forwarding.elsewhere.clone(),
        }
    }
}

/// A complaint with its dossier (V11).
#[derive(Debug, Clone, SimpleObject)]
pub struct Appeal {
    /// The complaint.
    pub complaint: EventId,
    /// When it was received.
    pub received: Occurred,
    /// The decision complained of.
    pub decision: EventId,
    /// Whether that decision is the committee's or the chair's: it is never judged again by the
    /// municipality and forwarded at once (RSB § 11(6)).
    pub committee: bool,
    /// Who complains.
    pub complainant: PersonRef,
    /// In which capacity.
    pub capacity: ComplainantCapacity,
    /// Whether it was by word of mouth.
    pub oral: bool,
    /// Whether it came in time, as judged on receipt.
    pub in_time: bool,
    /// The re-evaluation.
    pub reassessment: Option<EventId>,
    /// What was forwarded.
    pub forwarded: Vec<Forwarding>,
    /// What came of it.
    pub results: Vec<AppealResult>,
    /// Kinds of things that are always sent and that the file does not hold.
    pub missing: Vec<DossierItemKind>,
}

impl From<&appeal::Appeal> for Appeal {
    fn from(appeal: &appeal::Appeal) -> Self {
        Self {
            complaint: appeal.complaint,
            received: appeal.received,
            decision: appeal.decision,
            committee: appeal.committee,
            complainant: appeal.complainant,
            capacity: appeal.capacity,
            oral: appeal.oral,
            in_time: appeal.in_time,
            reassessment: appeal.reassessment,
            forwarded: appeal.forwarded.iter().map(Into::into).collect(),
            results: appeal.results.iter().map(Into::into).collect(),
            missing: appeal.missing.clone(),
        }
    }
}

/// What kind of thing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum SentKind {
    /// A decision.
    Decision,
    /// Material for a hearing of a party.
    PartyHearing,
    /// A disclosure.
    Disclosure,
    /// A dossier to the Appeals Board.
    Dossier,
}

/// Something that was sent to somebody.
#[derive(Debug, Clone, SimpleObject)]
pub struct Sent {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// What kind of thing.
    pub kind: SentKind,
    /// The person, where the recipient is one.
    pub person: Option<PersonRef>,
    /// The recipient, where it is no person of the case.
    pub recipient: Option<String>,
    /// The decision that was sent.
    pub decision: Option<EventId>,
    /// To what end something was disclosed.
    pub disclosure: Option<DisclosureKind>,
    /// Number of items of a dossier.
    pub items: Option<usize>,
}

impl From<&(EventId, Occurred, appeal::Sent)> for Sent {
    fn from((event, occurred, sent): &(EventId, Occurred, appeal::Sent)) -> Self {
        let empty = |kind| Self {
            event: *event,
            occurred: *occurred,
            kind,
            person: None,
            recipient: None,
            decision: None,
            disclosure: None,
            items: None,
        };
        match sent {
            appeal::Sent::Decision(decision, to) => Self {
                person: Some(to.who),
                decision: Some(*decision),
                ..empty(SentKind::Decision)
            },
            appeal::Sent::Hearing(party) => Self {
                person: Some(*party),
                ..empty(SentKind::PartyHearing)
            },
            appeal::Sent::Disclosure(kind, to) => Self {
                recipient: Some(to.as_str().to_owned()),
                disclosure: Some(*kind),
                ..empty(SentKind::Disclosure)
            },
            appeal::Sent::Dossier(items) => Self {
                recipient: Some("Ankestyrelsen".to_owned()),
                items: Some(*items),
                ..empty(SentKind::Dossier)
            },
        }
    }
}

/// Complaints, the file, and what was sent to whom (V11).
#[derive(Debug, Clone, SimpleObject)]
pub struct Appeals {
    /// Complaints, in the order in which they were received.
    pub appeals: Vec<Appeal>,
    /// The file as the reading holds it.
    pub file: Vec<FileItem>,
    /// What was sent to whom, in the order in which it took place.
    pub sent: Vec<Sent>,
}

impl From<appeal::Appeals> for Appeals {
    fn from(view: appeal::Appeals) -> Self {
        let file = view.file.iter().map(|item| FileItem {
            event: item.event.event,
            stream: item.event.stream,
            position: item.index,
            occurred: item.occurred,
            kind: item.kind,
            event_type: item.name.to_owned(),
        });
        Self {
            file: file.collect(),
            appeals: view.appeals.iter().map(Into::into).collect(),
            sent: view.sent.iter().map(Into::into).collect(),
        }
    }
}
