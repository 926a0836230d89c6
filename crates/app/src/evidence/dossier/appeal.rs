//! What the Appeals Board is always sent, found in the appeals of a case, and the log positions that
//! the file is pinned to. It refuses nothing: what is missing is said, and the dossier is made all the
//! same.

use domain::reading::Reading;
use domain::views::appeal::Appeals;
use events::appeal::DossierItemKind;
use events::ids::EventId;
use record::positions::LogIndex;

use super::Pin;

/// One of the things that a dossier for the Appeals Board always holds.
pub(super) struct Chapter {
    pub(super) danish: &'static str,
    pub(super) english: &'static str,
    pub(super) events: Vec<EventId>,
}

/// Positions of the newest complaint and of the decision that it is about.
pub(super) fn pins(appeals: &Appeals, reading: Option<&Reading>) -> Vec<Pin> {
    let Some(appeal) = appeals.appeals.last() else {
        return Vec::new();
    };
    let place = |event, complaint| {
        let read = reading?.event(event)?;
        Some(Pin {
            event,
            index: LogIndex::new(read.index),
            complaint,
        })
    };
    [place(appeal.decision, false), place(appeal.complaint, true)]
        .into_iter()
        .flatten()
        .collect()
}

/// What the Appeals Board is always sent, in its order.
pub(super) fn chapters(appeals: &Appeals) -> Vec<Chapter> {
    let of = |danish, english, kinds: &[DossierItemKind]| Chapter {
        danish,
        english,
        events: appeals
            .file
            .iter()
            .filter(|item| item.kind.is_some_and(|kind| kinds.contains(&kind)))
            .map(|item| item.event.event)
            .collect(),
    };
    let mut decision = of("Afgørelsen", "The decision", &[DossierItemKind::Decision]);
    let mut others = Chapter {
        danish: "Andre afgørelser i sagen",
        english: "Other decisions in the case",
        events: Vec::new(),
    };
    // What is sent is the decision that is complained of. Without a complaint, nobody can tell which.
    if let Some(complained_of) = appeals.appeals.last().map(|appeal| appeal.decision) {
        let decisions = std::mem::take(&mut decision.events);
        (decision.events, others.events) = decisions
            .into_iter()
            .partition(|decision| *decision == complained_of);
    }
    vec![
        decision,
        of("Klagen", "The complaint", &[DossierItemKind::Complaint]),
        of(
            "Genvurderingen",
            "The re-evaluation",
            &[DossierItemKind::Reassessment],
        ),
        of(
            "Journalnotater",
            "Journal notes",
            &[DossierItemKind::JournalNotes],
        ),
        of(
            "Partshøring og svar",
            "Party hearing and answers",
            &[DossierItemKind::PartyHearing],
        ),
        of(
            "Øvrig korrespondance",
            "Other correspondence",
            &[DossierItemKind::Correspondence],
        ),
        of(
            "Fremsendelseslog",
            "Log of delivery",
            &[DossierItemKind::DeliveryLog],
        ),
        of(
            "Andre dokumenter",
            "Other documents",
            &[DossierItemKind::BoardForm, DossierItemKind::Other],
        ),
        others,
    ]
}

/// Kinds of things that are always sent and that the case does not hold.
pub(super) fn missing(appeals: &Appeals) -> Vec<DossierItemKind> {
    appeals
        .appeals
        .last()
        .map(|appeal| appeal.missing.clone())
        .unwrap_or_default()
}
