//! What commands are decided on: the state of a stream, folded from its reading.
//!
//! It holds no rules: what follows from a state stands in [`crate::decide`].

use std::collections::{BTreeMap, BTreeSet};

use events::event::Event;
use events::ids::{EventId, GoalId, MeasureId, StreamId};
use events::person::PersonRef;
use events::plan::{GoalChange, PlanAdopted, PlanKind};
use events::spec::StreamKind;

use crate::reading::{ReadEvent, Reading};
use events::identity::Persons;

/// How far the casework of a stream has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CaseState {
    /// Nothing has begun, or what began it was erased.
    #[default]
    Absent,
    /// Early advice, without a case (BL §§ 28-30).
    Advice,
    /// A case, opened or reopened.
    Open,
    /// A case or a course of advice that was closed.
    Closed,
}

/// What has become of a goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoalState {
    /// It was set, changed or reopened.
    Open,
    /// It was met or dropped.
    Ended,
}

/// What has become of a measure or a course of advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeasureState {
    /// It was started.
    Running,
    /// It was ended.
    Ended,
}

/// Whose decision it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecidedBy {
    /// The administration, which evaluates it again after a complaint (RSL § 66).
    Administration,
    /// The committee, its chair, the Appeals Board or a court: never evaluated again here
    /// (RSB § 11(6)).
    Above,
}

/// What a stream says of something that a command refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<T> {
    /// It stands here.
    Here(T),
    /// It does not, and nothing was erased.
    Nowhere,
    /// It does not, but something was erased: it may have stood here.
    PerhapsErased,
}

/// What a stream holds, as far as commands depend on it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StreamState {
    /// Kind of the stream; null while it is empty.
    pub kind: Option<StreamKind>,
    /// How far the casework has come.
    pub case: CaseState,
    /// Whom the stream is about: the child of a case, or the person of a person's stream.
    pub about: Option<PersonRef>,
    /// Goals.
    pub goals: BTreeMap<GoalId, GoalState>,
    /// Measures and courses of advice.
    pub measures: BTreeMap<MeasureId, MeasureState>,
    /// Decisions of every kind, those shared with other cases included.
    pub decisions: BTreeMap<EventId, DecidedBy>,
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

/// Where a fact stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// In the stream itself.
    Own,
    /// In another stream that belongs to the reading, for example a sibling's case.
    Other,
}

impl StreamState {
    /// Folds a stream, given the reading that it belongs to.
    #[must_use]
    pub fn fold(reading: &Reading, stream: StreamId) -> Self {
        let mut state = Self {
            holes: reading.has_holes(),
            ..Self::default()
        };
        for event in &reading.events {
            state.take(event, stream);
        }
        if state.kind.is_none() && reading.events.iter().any(|event| event.stream == stream) {
            // Everything in it was erased; it still exists.
            state.kind = Some(StreamKind::Case);
        }
        state
    }

    /// Takes one event in, of the stream itself or of one that belongs to its reading.
    pub(crate) fn take(&mut self, event: &ReadEvent, stream: StreamId) {
        self.events.insert((event.stream, event.event));
        let Some(shown) = event.fact() else { return };
        let origin = if event.stream == stream {
            self.kind = Some(shown.kind);
            let actor = shown.actor.iter().map(|actor| actor.id.clone());
            self.involved.extend(actor);
            Origin::Own
        } else {
            Origin::Other
        };
        if event.annulled.is_none() {
            self.persons.evolve(event.event, &shown.facts);
            self.evolve(event.event, &shown.facts, origin);
        }
    }

    /// Whether the stream is about somebody else.
    #[must_use]
    pub fn about_another(&self, person: PersonRef) -> bool {
        self.about
            .is_some_and(|known| !self.persons.same(known.person, person.person))
    }

    /// What is known of a measure.
    #[must_use]
    pub fn measure(&self, measure: MeasureId) -> Found<MeasureState> {
        self.found(self.measures.get(&measure).copied())
    }

    /// What is known of a decision.
    #[must_use]
    pub fn decision(&self, decision: EventId) -> Found<DecidedBy> {
        self.found(self.decisions.get(&decision).copied())
    }

    /// The decision that a complaint is about.
    #[must_use]
    pub fn complaint(&self, complaint: EventId) -> Found<EventId> {
        self.found(self.complaints.get(&complaint).copied())
    }

    /// What is known of a goal.
    #[must_use]
    pub fn goal(&self, goal: GoalId) -> Found<GoalState> {
        self.found(self.goals.get(&goal).copied())
    }

    fn found<T>(&self, here: Option<T>) -> Found<T> {
        match (here, self.holes) {
            (Some(here), _) => Found::Here(here),
            (None, true) => Found::PerhapsErased,
            (None, false) => Found::Nowhere,
        }
    }

    fn adopted(&mut self, plan: &PlanAdopted) {
        let newest = self.plan_versions.entry(plan.kind).or_default();
        *newest = plan.version.max(*newest);
    }

    /// Takes one fact in. Decisions and complaints count wherever they stand, everything else only
    /// in the stream itself.
    #[expect(
        clippy::too_many_lines,
        reason = "names every event type, so that a new one is thought about here"
    )]
    fn evolve(&mut self, id: EventId, facts: &Event, origin: Origin) {
        let own = origin == Origin::Own;
        match facts {
            Event::DecisionMade(_) => {
                self.decisions.insert(id, DecidedBy::Administration);
            }
            Event::ProvisionalDecisionMade(_)
            | Event::CommitteeDecisionMade(_)
            | Event::AppealOutcomeReceived(_) => {
                self.decisions.insert(id, DecidedBy::Above);
            }
            Event::ComplaintReceived(facts) => {
                self.complaints.insert(id, facts.decision);
            }
            Event::CaseOpened(facts) if own => {
                self.case = CaseState::Open;
                self.about = Some(facts.child);
            }
            Event::EarlyAdviceStarted(facts) if own => {
                if self.case == CaseState::Absent {
                    self.case = CaseState::Advice;
                }
                self.about = facts.child;
                self.measures.insert(facts.advice, MeasureState::Running);
            }
            Event::CaseClosed(_) if own => self.case = CaseState::Closed,
            Event::CaseReopened(_) if own => self.case = CaseState::Open,
            Event::PersonRegistered(facts) if own => self.about = Some(facts.person),
            Event::CaseworkerAssigned(facts) if own => {
                let second = &facts.second_caseworker;
                let caseworkers = facts.caseworkers.iter().chain(second);
                self.involved
                    .extend(caseworkers.map(|id| id.as_str().to_owned()));
            }
            Event::GoalSet(facts) if own => {
                self.goals.insert(facts.goal, GoalState::Open);
            }
            Event::GoalChanged(facts) if own => {
                let state = match facts.change {
                    GoalChange::Met | GoalChange::Dropped => GoalState::Ended,
                    GoalChange::Refocused | GoalChange::PartlyMet | GoalChange::Reopened => {
                        GoalState::Open
                    }
                };
                self.goals.insert(facts.goal, state);
            }
            Event::SupportStarted(facts) if own => {
                self.measures.insert(facts.measure, MeasureState::Running);
            }
            Event::SupportEnded(facts) if own => {
                self.measures.insert(facts.measure, MeasureState::Ended);
            }
            Event::PlanAdopted(facts) if own => self.adopted(facts),
            Event::NotificationReassessed(facts) if own => {
                let participants = facts.participants.iter();
                self.involved
                    .extend(participants.map(|id| id.as_str().to_owned()));
            }
            // In another stream, these change nothing here.
            Event::CaseOpened(_)
            | Event::EarlyAdviceStarted(_)
            | Event::CaseClosed(_)
            | Event::CaseReopened(_)
            | Event::PersonRegistered(_)
            | Event::CaseworkerAssigned(_)
            | Event::GoalSet(_)
            | Event::GoalChanged(_)
            | Event::SupportStarted(_)
            | Event::SupportEnded(_)
            | Event::PlanAdopted(_)
            | Event::NotificationReassessed(_) => {}
            // No command depends on these, wherever they stand.
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
            | Event::DecisionCommunicated(_)
            | Event::CommitteeSubmissionMade(_)
            | Event::SupportAdjusted(_)
            | Event::FollowUpHeld(_)
            | Event::WellbeingMeasured(_)
            | Event::SupervisionVisitHeld(_)
            | Event::ComplaintReassessed(_)
            | Event::AppealForwarded(_)
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
