//! What does not fit when the law is applied to the facts: a stable code and a sentence in English.

use async_graphql::SimpleObject;
use events::ids::EventId;
use law::finding::{Contradiction, Finding, FindingKind};

/// Something that does not fit when the law is applied to the facts. It points at an event; it
/// accuses nobody.
#[derive(Debug, Clone, SimpleObject)]
pub struct ObligationFinding {
    /// The event.
    pub event: EventId,
    /// Stable code.
    pub code: String,
    /// A sentence in English.
    pub message: String,
    /// The rule that asks for a step that is missing.
    pub rule_id: Option<String>,
    /// The other event that it is about.
    pub other: Option<EventId>,
    /// Whether it is found only under other law than that in force.
    pub hypothetical: bool,
}

const fn contradiction(kind: Contradiction) -> (&'static str, &'static str) {
    match kind {
        Contradiction::NotTheFirstFollowUp => (
            "NOT_THE_FIRST_FOLLOW_UP",
            "a follow-up is called the first, and there was one before",
        ),
        Contradiction::FirstFollowUpNotSaid => (
            "FIRST_FOLLOW_UP_NOT_SAID",
            "a follow-up is not called the first, and there was none before",
        ),
        Contradiction::MeasureRuns => (
            "MEASURE_RUNS",
            "no measure is said to run for the child, and one does",
        ),
        Contradiction::ParticipantWasInvolved => (
            "PARTICIPANT_WAS_INVOLVED",
            "the participant without a part in the case had one",
        ),
        Contradiction::AcuteWithoutDanger => (
            "ACUTE_WITHOUT_DANGER",
            "the acute assessment sees no danger, and an acute measure is needed",
        ),
        Contradiction::RiskAfterInvolvement => (
            "RISK_AFTER_INVOLVEMENT",
            "the risk is said to be assessed before the family was involved, and it was not",
        ),
        Contradiction::ComplaintTime => (
            "COMPLAINT_TIME",
            "whether a complaint came in time is said otherwise than its days show",
        ),
        Contradiction::CommitteeDecisionReassessed => (
            "COMMITTEE_DECISION_REASSESSED",
            "a decision of the committee was judged again by the municipality",
        ),
        Contradiction::TooFewVotes => (
            "TOO_FEW_VOTES",
            "a decision was adopted with fewer votes than the law asks",
        ),
    }
}

impl ObligationFinding {
    pub(crate) fn new(finding: &Finding, hypothetical: bool) -> Self {
        let (mut rule_id, mut other) = (None, None);
        let (code, message) = match &finding.kind {
            FindingKind::MissingStep { rule: missing } => {
                rule_id = Some(missing.clone());
                ("MISSING_STEP", "a step that the law puts before this event is not in the record, or came after it".to_owned())
            }
            FindingKind::InTheFuture => {
                ("IN_THE_FUTURE", "it is said to take place after the moment of the reading, and was left out".to_owned())
            }
            FindingKind::OutOfOrder { follows } => {
                other = Some(*follows);
                ("OUT_OF_ORDER", "it took place before the event that it follows from".to_owned())
            }
            FindingKind::UnknownReference { to } => {
                other = Some(*to);
                ("UNKNOWN_REFERENCE", "it refers to an event that is not in the reading".to_owned())
            }
            FindingKind::Contradiction(kind) => {
                let (code, message) = contradiction(*kind);
                (code, message.to_owned())
            }
            FindingKind::PartyListChanged { birthday } => {
                ("PARTY_LIST_CHANGED", format!("the child reached the age of a party on {birthday}, between decision and communication"))
            }
            FindingKind::RepeatedWithoutScreening { count, first } => {
                other = Some(*first);
                ("REPEATED_WITHOUT_SCREENING", format!("the municipality was told {count} times, and has neither screened nor assessed the need since"))
            }
            FindingKind::KnowledgeNotStated { since } => {
                ("KNOWLEDGE_NOT_STATED", format!("nobody stated since when the need is known, so the months of the examination do not run; the record suggests {since}"))
            }
            FindingKind::DecisionNotCommunicated => {
                ("DECISION_NOT_COMMUNICATED", "it was communicated to nobody, so no period of complaint runs".to_owned())
            }
            FindingKind::PlacementNotStarted => {
                ("PLACEMENT_NOT_STARTED", "no placement is recorded to have started, so neither follow-up nor supervision is counted".to_owned())
            }
            FindingKind::BirthDateUnknown => {
                ("BIRTH_DATE_UNKNOWN", "the child's day of birth cannot be read, so duties that depend on age are not shown".to_owned())
            }
        };
        Self {
            event: finding.event,
            code: code.to_owned(),
            message,
            rule_id,
            other,
            hypothetical,
        }
    }
}
