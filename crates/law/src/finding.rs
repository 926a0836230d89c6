//! What does not fit in the facts: shown beside the duties, never a reason to stop.
//!
//! A finding accuses nobody; it points a person at an event.

use events::ids::EventId;
use jiff::civil::Date;

/// What does not fit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// A step that the law puts before this event is not in the record, or came after it.
    MissingStep {
        /// The rule.
        rule: String,
    },
    /// It is said to take place after the moment of the reading; it was left out.
    InTheFuture,
    /// It took place before the event that it follows from.
    OutOfOrder {
        /// That event.
        follows: EventId,
    },
    /// It refers to an event that is not in the reading.
    UnknownReference {
        /// That event.
        to: EventId,
    },
    /// It says something that other facts contradict.
    Contradiction(Contradiction),
    /// The child reached the age of a party between decision and communication: the list of
    /// parties must be looked at by a person.
    PartyListChanged {
        /// The birthday.
        birthday: Date,
    },
    /// The municipality was told of the child again and again, and has neither screened nor assessed
    /// its need since.
    RepeatedWithoutScreening {
        /// How often it was told.
        count: usize,
        /// The first of these notifications.
        first: EventId,
    },
    /// An examination is asked for, and nobody stated since when the need is known: its months do not
    /// run.
    KnowledgeNotStated {
        /// The day that the record suggests.
        since: Date,
    },
    /// A decision was communicated to nobody: no period of complaint runs.
    DecisionNotCommunicated,
    /// The child was placed without consent, and no placement is recorded to have started.
    PlacementNotStarted,
    /// The child's day of birth cannot be read, so duties that depend on age are not shown.
    BirthDateUnknown,
}

/// Two facts that cannot both be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contradiction {
    /// A follow-up is called the first, and there was one before.
    NotTheFirstFollowUp,
    /// A follow-up is not called the first, and there was none before.
    FirstFollowUpNotSaid,
    /// No measure is said to run for the child, and one does.
    MeasureRuns,
    /// The participant without a part in the case had one.
    ParticipantWasInvolved,
    /// The acute assessment sees no danger, and an acute measure is needed.
    AcuteWithoutDanger,
    /// The risk is said to be assessed before the family was involved, and it was not.
    RiskAfterInvolvement,
    /// A complaint is said to be in time, and it was not; or the other way round.
    ComplaintTime,
    /// A decision of the committee was judged again by the municipality (RSB § 11(6)).
    CommitteeDecisionReassessed,
    /// A decision was adopted with fewer votes than the law asks (BL § 142(4)).
    TooFewVotes,
}

/// Something that does not fit, at one event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The event that it is found at.
    pub event: EventId,
    /// What does not fit.
    pub kind: FindingKind,
}

impl Finding {
    /// A finding at an event.
    #[must_use]
    pub const fn new(event: EventId, kind: FindingKind) -> Self {
        Self { event, kind }
    }
}
