//! The notification inbox (V1): one row for each notification.

use events::calendar::add_hours;
use events::event::Event;
use events::ids::{EventId, StreamId};
use events::moment::Moment;
use events::notification::{
    Concern, FeedbackOutcome, NoReceiptReason, NotifierKind, RunningMeasure, Suspicion,
};
use events::time::Occurred;
use jiff::{SignedDuration, Timestamp};

use crate::reading::Reading;

/// The authority has so many hours for its acute assessment (BL § 136(2)).
pub const ACUTE_ASSESSMENT_HOURS: u16 = 24;

/// A notification.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    /// Its stream.
    pub stream: StreamId,
    /// When it was received; null when that was erased.
    pub received: Option<Occurred>,
    /// When it was first recorded.
    pub recorded_at: Timestamp,
    /// In which capacity the sender notified.
    pub notifier_kind: Option<NotifierKind>,
    /// What it worries about.
    pub concerns: Vec<Concern>,
    /// Suspicions that change the procedure.
    pub suspicions: Vec<Suspicion>,
    /// Whether it is about an unborn child.
    pub unborn: bool,
    /// The notification that this one repeats.
    pub duplicate_of: Option<StreamId>,
    /// The events of its stream that count, with what each is.
    pub steps: Vec<(EventId, &'static str)>,
    /// When the acute assessment was made.
    pub assessed: Option<Occurred>,
    /// Whether an acute measure was found to be needed.
    pub acute: Option<bool>,
    /// When the receipt was sent, or the reason why not was recorded.
    pub receipt: Option<Occurred>,
    /// Why there was no receipt.
    pub no_receipt: Option<NoReceiptReason>,
    /// The cases that it was matched to.
    pub cases: Vec<StreamId>,
    /// What ran for the child already.
    pub running_measure: Option<RunningMeasure>,
    /// When the case was evaluated again because of it.
    pub reassessed: Option<Occurred>,
    /// What the sender was told, and when.
    pub feedback: Vec<(Occurred, FeedbackOutcome)>,
}

impl Notification {
    /// Time from receipt to acute assessment, where both are known to the instant.
    #[must_use]
    pub fn assessed_after(&self) -> Option<SignedDuration> {
        match (self.received?, self.assessed?) {
            (Occurred::At(received), Occurred::At(assessed)) => {
                Some(assessed.duration_since(received))
            }
            _ => None,
        }
    }

    /// Whether nobody has assessed it, or it belongs to no case yet. What was annulled is none.
    #[must_use]
    pub const fn is_untouched(&self) -> bool {
        self.received.is_some() && (self.assessed.is_none() || self.cases.is_empty())
    }

    /// When the acute assessment is due. Where only the day of receipt is known, the hours are counted
    /// from its end, as the duty counts them.
    #[must_use]
    pub fn assessment_due(&self) -> Option<Timestamp> {
        let received = Moment::from(self.received?);
        Some(add_hours(received.latest(), ACUTE_ASSESSMENT_HOURS))
    }
}

/// Folds the row of one notification; null when the reading holds nothing of that stream.
#[must_use]
pub fn notification(reading: &Reading, stream: StreamId) -> Option<Notification> {
    let first = reading.events.iter().find(|event| event.stream == stream)?;
    let mut row = Notification {
        stream,
        received: None,
        recorded_at: first.recorded_at,
        notifier_kind: None,
        concerns: Vec::new(),
        suspicions: Vec::new(),
        unborn: false,
        duplicate_of: None,
        steps: Vec::new(),
        assessed: None,
        acute: None,
        receipt: None,
        no_receipt: None,
        cases: Vec::new(),
        running_measure: None,
        reassessed: None,
        feedback: Vec::new(),
    };
    for (event, shown) in reading.facts() {
        if event.stream != stream {
            continue;
        }
        let occurred = shown.meta.occurred;
        row.steps.push((event.event, shown.facts.spec().name));
        match &shown.facts {
            Event::NotificationReceived(facts) => {
                row.received = Some(occurred);
                row.notifier_kind = Some(facts.notifier_kind);
                row.concerns.clone_from(&facts.concerns);
                row.suspicions.clone_from(&facts.suspicions);
                row.unborn = facts.unborn;
            }
            Event::AcuteAssessmentMade(facts) => {
                row.assessed.get_or_insert(occurred);
                row.acute = Some(facts.acute_measure_needed);
            }
            Event::NotificationReceiptConfirmed(facts) => {
                row.receipt.get_or_insert(occurred);
                row.no_receipt = facts.not_possible;
            }
            Event::NotificationMatched(facts) => {
                row.cases.extend(facts.cases.iter().copied());
                row.running_measure = Some(facts.running_measure);
                row.duplicate_of = facts.duplicate_of;
            }
            Event::NotificationReassessed(_) => row.reassessed = Some(occurred),
            Event::NotifierFeedbackGiven(facts) => row.feedback.push((occurred, facts.outcome)),
            _ => {}
        }
    }
    Some(row)
}
