//! Appeal (V11): for each complaint the file that belongs to it, what was sent to whom, and what
//! came of it; and everything else that was sent.
//!
//! The file is read at the moment of forwarding: what was recorded later is never in it.

use events::access::DisclosureKind;
use events::appeal::{AppealForwarded, ComplainantCapacity, DossierItem, DossierItemKind};
use events::decision::Recipient;
use events::event::Event;
use events::ids::EventId;
use events::meta::EventRef;
use events::person::PersonRef;
use events::spec::StreamKind;
use events::text::Short;
use events::time::Occurred;

use crate::reading::{ReadEvent, Reading, Shown};
use crate::views::decisions::{AppealResult, Decision, decisions};

/// One thing of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileItem {
    /// The event.
    pub event: EventRef,
    /// Place in the log.
    pub index: u64,
    /// When it took place.
    pub occurred: Occurred,
    /// What kind of thing it is for a dossier; null for a fact that is told by the case itself and
    /// by no paper of its own.
    pub kind: Option<DossierItemKind>,
    /// Event type.
    pub name: &'static str,
}

/// A forwarding to the Appeals Board.
#[derive(Debug, Clone, PartialEq)]
pub struct Forwarding {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// Log position just before it.
    pub position: u64,
    /// What was sent, and with which remarks.
    pub facts: AppealForwarded,
    /// Items of the manifest that were recorded only after it was sent.
    pub recorded_later: Vec<DossierItem>,
    /// Items of the manifest that stand outside this case, for example in that of a brother or
    /// sister whom the complaint is about too.
    pub elsewhere: Vec<DossierItem>,
}

/// A complaint with its dossier.
#[derive(Debug, Clone, PartialEq)]
pub struct Appeal {
    /// The complaint.
    pub complaint: EventId,
    /// When it was received.
    pub received: Occurred,
    /// The decision complained of.
    pub decision: EventId,
    /// Whether that decision is the committee's or the chair's: then the municipality does not
    /// evaluate it again and forwards at once (RSB § 11(6)).
    pub committee: bool,
    /// Who complains.
    pub complainant: PersonRef,
    /// In which capacity.
    pub capacity: ComplainantCapacity,
    /// Whether it was by word of mouth: then the note about it belongs to the dossier.
    pub oral: bool,
    /// Whether it came in time, as evaluated on receipt.
    pub in_time: bool,
    /// The re-evaluation; null before it, and never for the committee.
    pub reassessment: Option<EventId>,
    /// What was forwarded.
    pub forwarded: Vec<Forwarding>,
    /// What came of it.
    pub results: Vec<AppealResult>,
    /// Kinds of things that are always sent and that the file does not hold.
    pub missing: Vec<DossierItemKind>,
}

/// Something that was sent to somebody.
#[derive(Debug, Clone, PartialEq)]
pub enum Sent {
    /// A decision, to one recipient.
    Decision(EventId, Recipient),
    /// Material for a hearing of a party.
    Hearing(PersonRef),
    /// A disclosure.
    Disclosure(DisclosureKind, Short),
    /// A dossier to the Appeals Board, with so many items.
    Dossier(usize),
}

/// The view.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Appeals {
    /// Complaints, in the order in which they were received.
    pub appeals: Vec<Appeal>,
    /// The file as the reading holds it.
    pub file: Vec<FileItem>,
    /// What was sent to whom, in the order in which it took place.
    pub sent: Vec<(EventId, Occurred, Sent)>,
}

/// What an event is in a dossier.
const fn kind(facts: &Event) -> Option<DossierItemKind> {
    match facts {
        Event::DecisionMade(_)
        | Event::ProvisionalDecisionMade(_)
        | Event::CommitteeDecisionMade(_) => Some(DossierItemKind::Decision),
        Event::ComplaintReceived(_) => Some(DossierItemKind::Complaint),
        Event::ComplaintReassessed(_) => Some(DossierItemKind::Reassessment),
        Event::NoteTaken(_) => Some(DossierItemKind::JournalNotes),
        Event::PartyHearingHeld(_) => Some(DossierItemKind::PartyHearing),
        Event::InformationObtained(_)
        | Event::DisclosureMade(_)
        | Event::FileAccessRequested(_) => Some(DossierItemKind::Correspondence),
        Event::DecisionCommunicated(_) => Some(DossierItemKind::DeliveryLog),
        Event::DocumentFiled(_) | Event::CommitteeSubmissionMade(_) => Some(DossierItemKind::Other),
        _ => None,
    }
}

/// Whether a fact belongs to the file: what only connects streams, or is about persons or the log,
/// does not.
fn in_file(shown: &Shown) -> bool {
    matches!(shown.kind, StreamKind::Case | StreamKind::Notification)
        && !matches!(shown.facts, Event::FactReferenced(_))
}

/// The file of a case: every fact of casework and of its notifications, in log order.
#[must_use]
pub fn file(reading: &Reading) -> Vec<FileItem> {
    let facts = reading.facts().filter(|(_, shown)| in_file(shown));
    let items = facts.map(|(event, shown)| FileItem {
        event: EventRef {
            stream: event.stream,
            event: event.event,
        },
        index: event.index,
        occurred: shown.meta.occurred,
        kind: kind(&shown.facts),
        name: shown.facts.spec().name,
    });
    items.collect()
}

fn forwardings(reading: &Reading, complaint: EventId, file: &[FileItem]) -> Vec<Forwarding> {
    let facts = reading
        .facts()
        .filter_map(|(event, shown)| match &shown.facts {
            Event::AppealForwarded(facts) if facts.complaint == complaint => {
                Some((event, shown, facts))
            }
            _ => None,
        });
    facts
        .map(|(event, shown, facts)| {
            let place = |item: &&DossierItem| {
                item.event
                    .and_then(|id| file.iter().find(|known| known.event.event == id))
            };
            let later =
                |item: &&DossierItem| place(item).is_some_and(|known| known.index >= event.index);
            let outside = |item: &&DossierItem| item.event.is_some() && place(item).is_none();
            Forwarding {
                event: event.event,
                occurred: shown.meta.occurred,
                position: event.index,
                recorded_later: facts.manifest.iter().filter(later).cloned().collect(),
                elsewhere: facts.manifest.iter().filter(outside).cloned().collect(),
                facts: facts.clone(),
            }
        })
        .collect()
}

/// Kinds that a dossier always holds, as far as they can exist for this complaint.
fn always(committee: bool, in_time: bool) -> Vec<DossierItemKind> {
    let mut kinds = vec![
        DossierItemKind::Decision,
        DossierItemKind::Complaint,
        DossierItemKind::JournalNotes,
    ];
    if !committee && in_time {
        kinds.push(DossierItemKind::Reassessment);
    }
    kinds
}

fn appeal(
    event: &ReadEvent,
    shown: &Shown,
    decisions: &[Decision],
    reading: &Reading,
    file: &[FileItem],
) -> Option<Appeal> {
    let Event::ComplaintReceived(facts) = &shown.facts else {
        return None;
    };
    let decision = decisions
        .iter()
        .find(|decision| decision.event == facts.decision);
    let complaint = decision.and_then(|decision| {
        decision
            .complaints
            .iter()
            .find(|complaint| complaint.event == event.event)
    });
    let committee = decision.is_some_and(Decision::beyond_administration);
    let holds = |kind: &DossierItemKind| file.iter().any(|item| item.kind == Some(*kind));
    Some(Appeal {
        complaint: event.event,
        received: shown.meta.occurred,
        decision: facts.decision,
        committee,
        complainant: facts.complainant,
        capacity: facts.capacity,
        oral: facts.oral,
        in_time: facts.in_time,
        reassessment: complaint
            .and_then(|complaint| complaint.reassessed)
            .map(|(event, ..)| event),
        forwarded: forwardings(reading, event.event, file),
        results: complaint
            .map(|complaint| complaint.appeals.clone())
            .unwrap_or_default(),
        missing: always(committee, facts.in_time)
            .into_iter()
            .filter(|kind| !holds(kind))
            .collect(),
    })
}

fn sent(shown: &Shown) -> Vec<Sent> {
    match &shown.facts {
        Event::DecisionCommunicated(facts) => facts
            .recipients
            .iter()
            .map(|to| Sent::Decision(facts.decision, to.clone()))
            .collect(),
        Event::PartyHearingHeld(facts) if facts.material.is_some() => {
            vec![Sent::Hearing(facts.party)]
        }
        Event::DisclosureMade(facts) => vec![Sent::Disclosure(facts.kind, facts.recipient.clone())],
        Event::AppealForwarded(facts) => vec![Sent::Dossier(facts.manifest.len())],
        _ => Vec::new(),
    }
}

/// Folds the view.
#[must_use]
pub fn appeals(reading: &Reading) -> Appeals {
    let (file, decisions) = (file(reading), decisions(reading));
    let appeals = reading
        .facts()
        .filter_map(|(event, shown)| appeal(event, shown, &decisions, reading, &file))
        .collect();
    let facts = reading.by_occurrence().into_iter();
    let sent = facts
        .flat_map(|(event, shown)| {
            sent(shown)
                .into_iter()
                .map(|sent| (event.event, shown.meta.occurred, sent))
        })
        .collect();
    Appeals {
        appeals,
        file,
        sent,
    }
}
