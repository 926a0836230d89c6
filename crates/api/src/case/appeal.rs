//! Appeals and what was sent to whom, as clients see them.

use async_graphql::{Enum, SimpleObject};
use domain::views::appeal::{Appeal, Appeals, Forwarding, Sent};
use events::access::DisclosureKind;
use events::appeal::{ComplainantCapacity, DossierItem, DossierItemKind};
use events::ids::{EventId, StreamId};
use events::time::Occurred;

use crate::case::decision::AppealResultView;
use crate::person::PersonInRole;

/// One thing of the file.
#[derive(Debug, Clone, SimpleObject)]
pub struct FileItemView {
    /// The event.
    pub event: EventId,
    /// Its stream.
    pub stream: StreamId,
    /// Place in the log.
    pub position: u64,
    /// When it took place.
    pub occurred: Occurred,
    /// What kind of thing it is for a dossier; none for a fact that no paper of its own tells.
    pub kind: Option<DossierItemKind>,
    /// Event type.
    pub event_type: String,
}

/// One thing that was sent in a dossier.
#[derive(Debug, Clone, SimpleObject)]
pub struct DossierItemView {
    /// What kind of thing.
    pub kind: DossierItemKind,
    /// Title, without names.
    pub title: String,
    /// The event that it comes from, where it stands in the record.
    pub event: Option<EventId>,
    /// SHA-256 of what was sent.
    pub sha256: String,
}

impl From<&DossierItem> for DossierItemView {
    fn from(item: &DossierItem) -> Self {
        Self {
            kind: item.kind,
            title: item.title.as_str().to_owned(),
            event: item.event,
            sha256: item.sha256.as_str().to_owned(),
        }
    }
}

/// A forwarding to the Appeals Board.
#[derive(Debug, Clone, SimpleObject)]
pub struct ForwardingView {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// Log position just before it: reading the case there gives the file as it was sent.
    pub position: u64,
    /// What was sent.
    pub manifest: Vec<DossierItemView>,
    /// Which form of the Board was used (ankeskema).
    pub form: Option<String>,
    /// Whether it was marked as urgent.
    pub urgent: bool,
    /// A remark.
    pub remark: Option<String>,
    /// Items that were recorded only after it was sent.
    pub recorded_later: Vec<DossierItemView>,
    /// Items that stand outside this case, for example in that of a brother or sister.
    pub elsewhere: Vec<DossierItemView>,
}

impl From<&Forwarding> for ForwardingView {
    fn from(forwarding: &Forwarding) -> Self {
        Self {
            event: forwarding.event,
            occurred: forwarding.occurred,
            position: forwarding.position,
            manifest: forwarding.facts.manifest.iter().map(Into::into).collect(),
            form: forwarding
                .facts
                .form
                .as_ref()
                .map(|form| form.as_str().to_owned()),
            urgent: forwarding.facts.urgent,
            remark: forwarding
                .facts
                .remark
                .as_ref()
                .map(|remark| remark.as_str().to_owned()),
            recorded_later: forwarding.recorded_later.iter().map(Into::into).collect(),
            elsewhere: forwarding.elsewhere.iter().map(Into::into).collect(),
        }
    }
}

/// A complaint with its dossier (V11).
#[derive(Debug, Clone, SimpleObject)]
pub struct AppealView {
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
    pub complainant: PersonInRole,
    /// In which capacity.
    pub capacity: ComplainantCapacity,
    /// Whether it was by word of mouth.
    pub oral: bool,
    /// Whether it came in time, as judged on receipt.
    pub in_time: bool,
    /// The re-evaluation.
    pub reassessment: Option<EventId>,
    /// What was forwarded.
    pub forwarded: Vec<ForwardingView>,
    /// What came of it.
    pub results: Vec<AppealResultView>,
    /// Kinds of things that are always sent and that the file does not hold.
    pub missing: Vec<DossierItemKind>,
}

impl From<&Appeal> for AppealView {
    fn from(appeal: &Appeal) -> Self {
        Self {
            complaint: appeal.complaint,
            received: appeal.received,
            decision: appeal.decision,
            committee: appeal.committee,
            complainant: appeal.complainant.into(),
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
pub struct SentView {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// What kind of thing.
    pub kind: SentKind,
    /// The person, where the recipient is one.
    pub person: Option<PersonInRole>,
    /// The recipient, where it is no person of the case.
    pub recipient: Option<String>,
    /// The decision that was sent.
    pub decision: Option<EventId>,
    /// To what end something was disclosed.
    pub disclosure: Option<DisclosureKind>,
    /// Number of items of a dossier.
    pub items: Option<usize>,
}

impl From<&(EventId, Occurred, Sent)> for SentView {
    fn from((event, occurred, sent): &(EventId, Occurred, Sent)) -> Self {
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
            Sent::Decision(decision, to) => Self {
                person: Some(to.who.into()),
                decision: Some(*decision),
                ..empty(SentKind::Decision)
            },
            Sent::Hearing(party) => Self {
                person: Some((*party).into()),
                ..empty(SentKind::PartyHearing)
            },
            Sent::Disclosure(kind, to) => Self {
                recipient: Some(to.as_str().to_owned()),
                disclosure: Some(*kind),
                ..empty(SentKind::Disclosure)
            },
            Sent::Dossier(items) => Self {
                recipient: Some("Ankestyrelsen".to_owned()),
                items: Some(*items),
                ..empty(SentKind::Dossier)
            },
        }
    }
}

/// Complaints, the file, and what was sent to whom (V11).
#[derive(Debug, Clone, SimpleObject)]
pub struct AppealsView {
    /// Complaints, in the order in which they were received.
    pub appeals: Vec<AppealView>,
    /// The file as the reading holds it.
    pub file: Vec<FileItemView>,
    /// What was sent to whom, in the order in which it took place.
    pub sent: Vec<SentView>,
}

impl From<Appeals> for AppealsView {
    fn from(view: Appeals) -> Self {
        let file = view.file.iter().map(|item| FileItemView {
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
