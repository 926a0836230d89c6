//! What commands are decided on: the state of a stream, folded from its reading.

use std::collections::{BTreeMap, BTreeSet};

use events::event::Event;
use events::ids::{EventId, GoalId, MeasureId, StreamId};
use events::person::PersonRef;
use events::plan::GoalChange;
use events::spec::StreamKind;

use crate::reading::Reading;

/// What a stream holds, as far as commands depend on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    /// Decisions.
    pub decisions: BTreeSet<EventId>,
    /// Newest version of the plan.
    pub plan_version: u32,
    /// Who has worked on it.
    pub involved: BTreeSet<String>,
    /// Every event in reach.
    pub events: BTreeSet<(StreamId, EventId)>,
    /// Whether something was erased, so that a missing fact proves nothing.
    pub holes: bool,
}

impl StreamState {
    /// Folds a stream, given the reading that it belongs to.
    #[must_use]
    pub fn fold(reading: &Reading, stream: StreamId) -> Self {
        let mut state = Self { holes: reading.has_holes(), ..Self::default() };
        for event in &reading.events {
            state.events.insert((event.stream, event.event));
            if event.stream != stream {
                continue;
            }
            let Some(shown) = event.fact() else { continue };
            state.kind = Some(shown.kind);
            state.involved.extend(shown.actor.iter().map(|actor| actor.id.clone()));
            state.evolve(event.event, &shown.facts);
        }
        if state.kind.is_none() && reading.events.iter().any(|event| event.stream == stream) {
            // Everything in it was erased; it still exists.
            state.kind = Some(StreamKind::Case);
        }
        state
    }

    /// Takes one fact in.
    fn evolve(&mut self, id: EventId, facts: &Event) {
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
            Event::CaseworkerAssigned(facts) => {
                self.involved.extend(facts.caseworkers.iter().chain(&facts.second_caseworker).map(|id| id.as_str().to_owned()));
            }
            Event::GoalSet(facts) => {
                self.goals.insert(facts.goal, true);
            }
            Event::GoalChanged(facts) => {
                self.goals.insert(facts.goal, !matches!(facts.change, GoalChange::Met | GoalChange::Dropped));
            }
            Event::SupportStarted(facts) => {
                self.measures.insert(facts.measure, true);
            }
            Event::SupportEnded(facts) => {
                self.measures.insert(facts.measure, false);
            }
            Event::DecisionMade(_) => {
                self.decisions.insert(id);
            }
            Event::PlanAdopted(facts) => self.plan_version = self.plan_version.max(facts.version),
            Event::NotificationReassessed(facts) => {
                self.involved.extend(facts.participants.iter().map(|id| id.as_str().to_owned()));
            }
            Event::NotificationReceived(_)
            | Event::AcuteAssessmentMade(_)
            | Event::NotificationReceiptConfirmed(_)
            | Event::NotificationMatched(_)
            | Event::NotifierFeedbackGiven(_)
            | Event::PersonRegistered(_)
            | Event::RelationRecorded(_)
            | Event::ConsentGiven(_)
            | Event::NetworkMapped(_)
            | Event::NeedAwarenessEstablished(_)
            | Event::ScreeningConcluded(_)
            | Event::AssessmentOpened(_)
            | Event::AssessmentReported(_)
            | Event::SiblingNeedAssessed(_)
            | Event::ChildHeard(_)
            | Event::NetworkMeetingHeld(_)
            | Event::NoteTaken(_)
            | Event::InformationObtained(_)
            | Event::DecisionCommunicated(_)
            | Event::SupportAdjusted(_)
            | Event::FollowUpHeld(_)
            | Event::WellbeingMeasured(_)
            | Event::FactReferenced(_)
            | Event::EventCorrected(_)
            | Event::ErasureOrdered(_)
            | Event::ErasureExecuted(_) => {}
        }
    }
}
