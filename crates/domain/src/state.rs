//! What commands are decided on: the state of a stream, folded from its reading.

use std::collections::{BTreeMap, BTreeSet};

use events::event::Event;
use events::ids::{EventId, GoalId, MeasureId, StreamId};
use events::person::PersonRef;
use events::plan::{GoalChange, PlanAdopted, PlanKind};
use events::spec::StreamKind;

use crate::persons::Persons;
use crate::reading::Reading;

/// What a stream holds, as far as commands depend on it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StreamState {
    /// Kind of the stream; none while it is empty.
    pub kind: Option<StreamKind>,
    /// Whether a case was opened in it, rather than early advice only.
    pub case_opened: bool,
    /// The child.
    pub child: Option<PersonRef>,
    /// Whether the case is closed.
    pub closed: bool,
    /// Goals, and whether each is open.
    pub goals: BTreeMap<GoalId, bool>,
    /// Measures and courses of advice, and whether each is running.
    pub measures: BTreeMap<MeasureId, bool>,
    /// Decisions of every kind, those shared with other cases included.
    pub decisions: BTreeSet<EventId>,
    /// Those of them that are not the administration's, and so not judged again here: the
    /// committee's, provisional ones, and what was decided on appeal.
    pub committee_decisions: BTreeSet<EventId>,
    /// Complaints, and the decision that each is about.
    pub complaints: BTreeMap<EventId, EventId>,
    /// Newest version of each kind of plan: a plan for the parents has versions of its own.
    pub plan_versions: BTreeMap<PlanKind, u32>,
    /// Who has worked on it.
    pub involved: BTreeSet<String>,
    /// Every event in reach.
    pub events: BTreeSet<(StreamId, EventId)>,
    /// Whether something was erased, so that a missing fact proves nothing.
    pub holes: bool,
    /// Which registrations are one person.
    pub persons: Persons,
}

impl StreamState {
    /// Folds a stream, given the reading that it belongs to.
    #[must_use]
    pub fn fold(reading: &Reading, stream: StreamId) -> Self {
        let mut state = Self {
            holes: reading.has_holes(),
            persons: Persons::of(reading),
            ..Self::default()
        };
        for event in &reading.events {
            state.events.insert((event.stream, event.event));
            let Some(shown) = event.fact() else { continue };
            if event.stream != stream {
                if event.annulled.is_none() {
                    state.decided(event.event, &shown.facts);
                }
                continue;
            }
            state.kind = Some(shown.kind);
            state
                .involved
                .extend(shown.actor.iter().map(|actor| actor.id.clone()));
            if event.annulled.is_none() {
                state.decided(event.event, &shown.facts);
                state.evolve(&shown.facts);
            }
        }
        if state.kind.is_none() && reading.events.iter().any(|event| event.stream == stream) {
            // Everything in it was erased; it still exists.
            state.kind = Some(StreamKind::Case);
        }
        state
    }

    /// Takes a decision in, also one that stands in the case of a brother or sister.
    fn decided(&mut self, id: EventId, facts: &Event) {
        match facts {
            Event::DecisionMade(_) => {
                self.decisions.insert(id);
            }
            Event::ProvisionalDecisionMade(_)
            | Event::CommitteeDecisionMade(_)
            | Event::AppealOutcomeReceived(_) => {
                self.decisions.insert(id);
                self.committee_decisions.insert(id);
            }
            Event::ComplaintReceived(facts) => {
                self.complaints.insert(id, facts.decision);
            }
            _ => {}
        }
    }

    /// Whether the stream is about another child than this one.
    #[must_use]
    pub fn about_another(&self, child: PersonRef) -> bool {
        self.child
            .is_some_and(|known| !self.persons.same(known.person, child.person))
    }

    fn adopted(&mut self, plan: &PlanAdopted) {
        let newest = self.plan_versions.entry(plan.kind).or_default();
        *newest = plan.version.max(*newest);
    }

    /// Takes one fact in.
    #[expect(
        clippy::too_many_lines,
        reason = "names every event type, so that a new one is thought about here"
    )]
    fn evolve(&mut self, facts: &Event) {
        match facts {
            Event::CaseOpened(facts) => {
                self.case_opened = true;
                self.closed = false;
                self.child = Some(facts.child);
            }
            Event::EarlyAdviceStarted(facts) => {
                self.child = facts.child;
                self.measures.insert(facts.advice, true);
            }
            Event::CaseClosed(_) => self.closed = true,
            Event::CaseReopened(_) => self.closed = false,
            Event::PersonRegistered(facts) => self.child = Some(facts.person),
            Event::CaseworkerAssigned(facts) => {
                self.involved.extend(
                    facts
                        .caseworkers
                        .iter()
                        .chain(&facts.second_caseworker)
                        .map(|id| id.as_str().to_owned()),
                );
            }
            Event::GoalSet(facts) => {
                self.goals.insert(facts.goal, true);
            }
            Event::GoalChanged(facts) => {
                self.goals.insert(
                    facts.goal,
                    !matches!(facts.change, GoalChange::Met | GoalChange::Dropped),
                );
            }
            Event::SupportStarted(facts) => {
                self.measures.insert(facts.measure, true);
            }
            Event::SupportEnded(facts) => {
                self.measures.insert(facts.measure, false);
            }
            Event::PlanAdopted(facts) => self.adopted(facts),
            Event::NotificationReassessed(facts) => {
                self.involved
                    .extend(facts.participants.iter().map(|id| id.as_str().to_owned()));
            }
            Event::NotificationReceived(_)
            | Event::AcuteAssessmentMade(_)
            | Event::NotificationReceiptConfirmed(_)
            | Event::NotificationMatched(_)
            | Event::NotifierFeedbackGiven(_)
            | Event::IntermunicipalNotificationSent(_)
            | Event::PersonIdentified(_)
            | Event::PersonsMerged(_)
            | Event::RelationRecorded(_)
            | Event::ResponsibleMunicipalityChanged(_)
            | Event::ConsentGiven(_)
            | Event::ConsentWithdrawn(_)
            | Event::RepresentativeAppointed(_)
            | Event::NetworkMapped(_)
            | Event::ProtectionMarkerSet(_)
            | Event::NeedAwarenessEstablished(_)
            | Event::ScreeningConcluded(_)
            | Event::RiskAssessmentMade(_)
            | Event::AssessmentOpened(_)
            | Event::AssessmentReported(_)
            | Event::SiblingNeedAssessed(_)
            | Event::ChildHeard(_)
            | Event::ChildHearingWaived(_)
            | Event::NetworkMeetingHeld(_)
            | Event::NoteTaken(_)
            | Event::InformationObtained(_)
            | Event::DocumentFiled(_)
            | Event::PartyHearingHeld(_)
            | Event::RequestMade(_)
            | Event::DecisionMade(_)
            | Event::DecisionCommunicated(_)
            | Event::ProvisionalDecisionMade(_)
            | Event::CommitteeSubmissionMade(_)
            | Event::CommitteeDecisionMade(_)
            | Event::SupportAdjusted(_)
            | Event::FollowUpHeld(_)
            | Event::WellbeingMeasured(_)
            | Event::SupervisionVisitHeld(_)
            | Event::ComplaintReceived(_)
            | Event::ComplaintReassessed(_)
            | Event::AppealForwarded(_)
            | Event::AppealOutcomeReceived(_)
            | Event::CaseTransferred(_)
            | Event::FactReferenced(_)
            | Event::EventCorrected(_)
            | Event::EventAnnulled(_)
            | Event::RecordAccessed(_)
            | Event::FileAccessRequested(_)
            | Event::DisclosureMade(_)
            | Event::RetentionHoldChanged(_)
            | Event::ArchiveVersionApproved(_)
            | Event::ErasureOrdered(_)
            | Event::ErasureExecuted(_)
            | Event::IntegrityChecked(_)
            | Event::RuleSetActivated(_)
            | Event::SafeguardOverridden(_) => {}
        }
    }
}
