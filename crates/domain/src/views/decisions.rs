//! The register of decisions (V9): the administration's, the chair's and the committee's, how each
//! was communicated, complained of and decided on appeal, and what was known when it was made.

use events::appeal::{AppealInstance, ComplaintReassessed, IssueOutcome, ReassessmentOutcome};
use events::committee::{CommitteeDecisionMade, CommitteeSubmissionMade, ProvisionalDecisionMade};
use events::decision::{DecisionMade, Recipient};
use events::event::Event;
use events::ids::EventId;
use events::person::PersonRef;
use events::text::Section;
use events::time::Occurred;
use jiff::Timestamp;

use crate::reading::Reading;

/// Who decided, and what.
#[derive(Debug, Clone, PartialEq)]
pub enum Made {
    /// The administration: caseworker or team leader.
    Administration(Box<DecisionMade>),
    /// The chair of the committee, provisionally (BL § 143).
    Provisional(Box<ProvisionalDecisionMade>),
    /// The children and youth committee (*børne- og ungeudvalget*).
    Committee(Box<CommitteeDecisionMade>),
}

/// What came of a complaint before the Appeals Board or a court.
#[derive(Debug, Clone, PartialEq)]
pub struct AppealResult {
    /// The event.
    pub event: EventId,
    /// When it was decided.
    pub occurred: Occurred,
    /// Who decided.
    pub instance: AppealInstance,
    /// Outcome by child and issue.
    pub outcomes: Vec<IssueOutcome>,
}

/// A complaint about a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Complaint {
    /// The event, which is the complaint's id.
    pub event: EventId,
    /// When it was received.
    pub occurred: Occurred,
    /// Who complains.
    pub complainant: PersonRef,
    /// Whether it came in time, as evaluated on receipt.
    pub in_time: bool,
    /// What the municipality made of it, where it evaluated its decision again.
    pub reassessed: Option<(EventId, Occurred, ReassessmentOutcome)>,
    /// What came of it on appeal.
    pub appeals: Vec<AppealResult>,
}

/// How a decision was told to one recipient.
#[derive(Debug, Clone, PartialEq)]
pub struct Communication {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// To whom and how.
    pub recipient: Recipient,
}

/// One decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The event, which is the decision's id.
    pub event: EventId,
    /// When it was made.
    pub occurred: Occurred,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who decided, and what.
    pub made: Made,
    /// Log position that the author had on screen, where stated.
    pub based_on: Option<u64>,
    /// Log position just before it: reading there gives the case as it could be known.
    pub known_position: u64,
    /// When an imported source states that it was recorded.
    pub stated_recorded_at: Option<Timestamp>,
    /// Who received it.
    pub communicated: Vec<Communication>,
    /// The complaints about it.
    pub complaints: Vec<Complaint>,
}

impl Decision {
    /// The sections that it rests on, each once.
    #[must_use]
    pub fn sections(&self) -> Vec<Section> {
        let mut sections = match &self.made {
            Made::Administration(facts) => vec![facts.section.clone()],
            Made::Provisional(facts) => facts.sections.clone(),
            Made::Committee(facts) => facts
                .outcomes
                .iter()
                .map(|outcome| outcome.section.clone())
                .collect(),
        };
        let mut seen = std::collections::BTreeSet::new();
        sections.retain(|section| seen.insert(section.clone()));
        sections
    }

    /// The children that it covers.
    #[must_use]
    pub fn children(&self) -> Vec<PersonRef> {
        let mut children: Vec<PersonRef> = match &self.made {
            Made::Administration(facts) => std::iter::once(facts.child)
                .chain(facts.other_children.iter().flatten().copied())
                .collect(),
            Made::Provisional(facts) => facts.children.clone(),
            Made::Committee(facts) => facts.outcomes.iter().map(|outcome| outcome.child).collect(),
        };
        let mut seen = std::collections::BTreeSet::new();
        children.retain(|child| seen.insert(child.person));
        children
    }

    /// Whether it is the committee's or the chair's, so that a complaint about it is not evaluated
    /// again by the municipality (RSB § 11(6)).
    #[must_use]
    pub const fn beyond_administration(&self) -> bool {
        !matches!(self.made, Made::Administration(_))
    }
}

/// A matter that was submitted to the committee.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// What it holds.
    pub facts: CommitteeSubmissionMade,
}

/// Submissions to the committee, in the order in which they were recorded.
#[must_use]
pub fn submissions(reading: &Reading) -> Vec<Submission> {
    let facts = reading
        .facts()
        .filter_map(|(event, shown)| match &shown.facts {
            Event::CommitteeSubmissionMade(facts) => Some(Submission {
                event: event.event,
                occurred: shown.meta.occurred,
                facts: facts.clone(),
            }),
            _ => None,
        });
    facts.collect()
}

/// Folds the view, in the order in which the decisions were recorded.
#[must_use]
pub fn decisions(reading: &Reading) -> Vec<Decision> {
    let mut decisions: Vec<Decision> = Vec::new();
    for (event, shown) in reading.facts() {
        let made = match &shown.facts {
            Event::DecisionMade(facts) => Made::Administration(Box::new(facts.clone())),
            Event::ProvisionalDecisionMade(facts) => Made::Provisional(Box::new(facts.clone())),
            Event::CommitteeDecisionMade(facts) => Made::Committee(Box::new(facts.clone())),
            _ => continue,
        };
        decisions.push(Decision {
            event: event.event,
            occurred: shown.meta.occurred,
            recorded_at: event.recorded_at,
            made,
            based_on: shown.meta.based_on,
            known_position: event.index,
            stated_recorded_at: shown.meta.source.as_ref().map(|source| source.recorded_at),
            communicated: Vec::new(),
            complaints: Vec::new(),
        });
    }
    // A letter may be recorded before the decision that it tells of, a complaint never matters
    // for the order either: both are joined by id, not by place.
    for (event, shown) in reading.facts() {
        follow(
            &mut decisions,
            event.event,
            shown.meta.occurred,
            &shown.facts,
        );
    }
    decisions
}

/// What happened to the decisions afterwards.
fn follow(decisions: &mut [Decision], event: EventId, occurred: Occurred, facts: &Event) {
    match facts {
        Event::DecisionCommunicated(facts) => {
            if let Some(decision) = decisions
                .iter_mut()
                .find(|decision| decision.event == facts.decision)
            {
                let told = facts.recipients.iter().map(|to| Communication {
                    event,
                    occurred,
                    recipient: to.clone(),
                });
                decision.communicated.extend(told);
            }
        }
        Event::ComplaintReceived(facts) => {
            if let Some(decision) = decisions
                .iter_mut()
                .find(|decision| decision.event == facts.decision)
            {
                decision.complaints.push(Complaint {
                    event,
                    occurred,
                    complainant: facts.complainant,
                    in_time: facts.in_time,
                    reassessed: None,
                    appeals: Vec::new(),
                });
            }
        }
        Event::ComplaintReassessed(ComplaintReassessed {
            complaint, outcome, ..
        }) => {
            if let Some(complaint) = complaint_of(decisions, *complaint) {
                complaint.reassessed = Some((event, occurred, *outcome));
            }
        }
        Event::AppealOutcomeReceived(facts) => {
            if let Some(complaint) = facts
                .complaint
                .and_then(|complaint| complaint_of(decisions, complaint))
            {
                complaint.appeals.push(AppealResult {
                    event,
                    occurred,
                    instance: facts.instance,
                    outcomes: facts.outcomes.clone(),
                });
            }
        }
        _ => {}
    }
}

fn complaint_of(decisions: &mut [Decision], id: EventId) -> Option<&mut Complaint> {
    decisions
        .iter_mut()
        .flat_map(|decision| &mut decision.complaints)
        .find(|complaint| complaint.event == id)
}
