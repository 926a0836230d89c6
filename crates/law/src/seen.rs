//! The facts of one case by event type, each list in the order in which the facts took place, and
//! how to find one before or after a moment. It knows no case and no rule.

use events::calendar::{add_days, subtract_days};
use events::event::Event;
use events::ids::EventId;

use crate::fact::Fact;
use events::moment::Moment;

/// A fact of one event type.
#[derive(Debug)]
pub struct Seen<'a, T> {
    /// The fact with its circumstances.
    pub fact: Fact<'a>,
    /// When it took place.
    pub moment: Moment,
    /// What it says.
    pub says: &'a T,
}

impl<T> Clone for Seen<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Seen<'_, T> {}

impl<T> Seen<'_, T> {
    /// The event's id.
    #[must_use]
    pub const fn event(&self) -> EventId {
        self.fact.event
    }
}

macro_rules! lists {
    ($($list:ident : $module:ident :: $kind:ident,)+) => {
        /// The facts by event type, each in the order in which they took place.
        #[derive(Debug, Default)]
        pub struct Lists<'a> {
            $(
                #[doc = concat!("See [`events::", stringify!($module), "::", stringify!($kind), "`].")]
                pub $list: Vec<Seen<'a, events::$module::$kind>>,
            )+
        }

        impl<'a> Lists<'a> {
            pub(crate) fn push(&mut self, fact: Fact<'a>, moment: Moment) {
                match fact.facts {
                    $(Event::$kind(says) => self.$list.push(Seen { fact, moment, says }),)+
                }
            }
        }
    };
}

lists! {
    notifications: notification::NotificationReceived,
    acute_assessments: notification::AcuteAssessmentMade,
    receipts: notification::NotificationReceiptConfirmed,
    matches: notification::NotificationMatched,
    reassessments: notification::NotificationReassessed,
    feedbacks: notification::NotifierFeedbackGiven,
    municipality_notices: moving::IntermunicipalNotificationSent,
    registrations: people::PersonRegistered,
    identifications: people::PersonIdentified,
    mergers: people::PersonsMerged,
    relations: people::RelationRecorded,
    moves: moving::ResponsibleMunicipalityChanged,
    consents: people::ConsentGiven,
    withdrawals: rights::ConsentWithdrawn,
    representatives: rights::RepresentativeAppointed,
    networks: people::NetworkMapped,
    markers: rights::ProtectionMarkerSet,
    advices: early_advice::EarlyAdviceStarted,
    openings: casework::CaseOpened,
    assignments: casework::CaseworkerAssigned,
    awareness: casework::NeedAwarenessEstablished,
    screenings: assessment::ScreeningConcluded,
    risks: assessment::RiskAssessmentMade,
    assessments: assessment::AssessmentOpened,
    reports: assessment::AssessmentReported,
    sibling_needs: assessment::SiblingNeedAssessed,
    hearings: involvement::ChildHeard,
    hearing_waivers: involvement::ChildHearingWaived,
    network_meetings: involvement::NetworkMeetingHeld,
    notes: casework::NoteTaken,
    information: casework::InformationObtained,
    documents: document::DocumentFiled,
    party_hearings: rights::PartyHearingHeld,
    requests: rights::RequestMade,
    decisions: decision::DecisionMade,
    communications: decision::DecisionCommunicated,
    provisional_decisions: committee::ProvisionalDecisionMade,
    submissions: committee::CommitteeSubmissionMade,
    committee_decisions: committee::CommitteeDecisionMade,
    plans: plan::PlanAdopted,
    goals: plan::GoalSet,
    goal_changes: plan::GoalChanged,
    starts: support::SupportStarted,
    adjustments: support::SupportAdjusted,
    ends: support::SupportEnded,
    follow_ups: plan::FollowUpHeld,
    wellbeing: support::WellbeingMeasured,
    visits: support::SupervisionVisitHeld,
    complaints: appeal::ComplaintReceived,
    complaint_reassessments: appeal::ComplaintReassessed,
    forwardings: appeal::AppealForwarded,
    appeal_outcomes: appeal::AppealOutcomeReceived,
    transfers: moving::CaseTransferred,
    closings: lifecycle::CaseClosed,
    reopenings: lifecycle::CaseReopened,
    references: casework::FactReferenced,
    corrections: correction::EventCorrected,
    annulments: correction::EventAnnulled,
    accesses: access::RecordAccessed,
    access_requests: access::FileAccessRequested,
    disclosures: access::DisclosureMade,
    retention_holds: erasure::RetentionHoldChanged,
    archive_approvals: erasure::ArchiveVersionApproved,
    erasure_orders: erasure::ErasureOrdered,
    erasures: erasure::ErasureExecuted,
    checks: log::IntegrityChecked,
    activations: log::RuleSetActivated,
    overrides: log::SafeguardOverridden,
}

/// Two days that are known about only may be so many days apart and still be the same.
const SLACK: u16 = 2;

/// The first fact that did not take place before a moment and fits.
pub fn first_after<'s, 'a, T>(
    list: &'s [Seen<'a, T>],
    from: Moment,
    fits: impl Fn(&Seen<'a, T>) -> bool,
) -> Option<&'s Seen<'a, T>> {
    let first = subtract_days(from.day, SLACK);
    let start = list.partition_point(|seen| seen.moment.day < first);
    let later = list.get(start..).unwrap_or_default();
    later
        .iter()
        .find(|seen| from.not_after(seen.moment) && fits(seen))
}

/// The last fact that took place no later than a moment and fits.
pub fn last_before<'s, 'a, T>(
    list: &'s [Seen<'a, T>],
    to: Moment,
    fits: impl Fn(&Seen<'a, T>) -> bool,
) -> Option<&'s Seen<'a, T>> {
    let last = add_days(to.day, SLACK);
    let end = list.partition_point(|seen| seen.moment.day <= last);
    let earlier = list.get(..end).unwrap_or_default();
    earlier
        .iter()
        .rev()
        .find(|seen| seen.moment.not_after(to) && fits(seen))
}
