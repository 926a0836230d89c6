//! Decisions as clients see them.

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use domain::reading::{Axis, Known, ReadingPoint};
use domain::views::decisions::{self, Made};
use events::appeal::{AppealInstance, AppealOutcome, ReassessmentOutcome};
use events::committee::{CommitteeMatter, CommitteeMember, CommitteeOutcome, SubmissionItem};
use events::decision::{Competence, DecisionKind, DecisionOutcome, Guidance, PlanPosition};
use events::ids::{EventId, MeasureId, StreamId};
use events::meta::Channel;
use events::person::PersonRef;
use events::text::{Line, Section};
use events::time::Occurred;
use events::words::Words;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::case::Case;
use crate::case::difference::{Change, between};
use crate::read::read;
use crate::reading_point::TimeAxis;

/// Who decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum Authority {
    /// The administration: caseworker or team leader.
    Administration,
    /// The chair of the committee, provisionally (BL § 143).
    Provisional,
    /// The children and youth committee (børne- og ungeudvalget).
    Committee,
}

/// Who received a decision, and how.
#[derive(Debug, Clone, SimpleObject)]
pub struct Communication {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// Who.
    pub who: PersonRef,
    /// Through which channel.
    pub channel: Channel,
    /// From when it was available to the recipient.
    pub available_at: Timestamp,
    /// Whether it was told by word of mouth.
    pub oral: bool,
    /// What the recipient was guided on.
    pub guidance: Vec<Guidance>,
}

impl From<&decisions::Communication> for Communication {
    fn from(told: &decisions::Communication) -> Self {
        let to = &told.recipient;
        Self {
            event: told.event,
            occurred: told.occurred,
            who: to.who,
            channel: to.channel,
            available_at: to.available_at,
            oral: to.oral,
            guidance: to.guidance.clone(),
        }
    }
}

/// What the committee decided on one matter for one child.
#[derive(Debug, Clone, SimpleObject)]
pub struct ChildOutcome {
    /// The child.
    pub child: PersonRef,
    /// The matter.
    pub matter: CommitteeMatter,
    /// The section that it rests on.
    pub section: Section,
    /// What became of it.
    pub outcome: CommitteeOutcome,
    /// Votes for.
    pub votes_for: u8,
    /// Votes against.
    pub votes_against: u8,
    /// Last day of validity, where the committee set one.
    pub valid_to: Option<Date>,
    /// Day before which it must be decided anew, where the committee set one.
    pub renew_by: Option<Date>,
}

/// What was decided on appeal about one issue for one child.
#[derive(Debug, Clone, SimpleObject)]
pub struct IssueOutcome {
    /// The child.
    pub child: PersonRef,
    /// The section at issue.
    pub section: Section,
    /// What was decided.
    pub outcome: AppealOutcome,
    /// Whether the decision did not stand as it was.
    pub reversed: bool,
    /// What the instance orders.
    pub order: Option<Line>,
    /// By when the order is to be met.
    pub deadline: Option<Date>,
}

/// What came of a complaint before the Appeals Board or a court.
#[derive(Debug, Clone, SimpleObject)]
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

impl From<&decisions::AppealResult> for AppealResult {
    fn from(result: &decisions::AppealResult) -> Self {
        let outcomes = result.outcomes.iter().map(|issue| IssueOutcome {
            child: issue.child,
            section: issue.section.clone(),
            outcome: issue.outcome,
            reversed: issue.outcome.reversed(),
            order: issue.order.clone(),
            deadline: issue.deadline,
        });
        Self {
            event: result.event,
            occurred: result.occurred,
            instance: result.instance,
            outcomes: outcomes.collect(),
        }
    }
}

/// A complaint about a decision.
#[derive(Debug, Clone, SimpleObject)]
pub struct Complaint {
    /// The event, which is the complaint's id.
    pub event: EventId,
    /// When it was received.
    pub occurred: Occurred,
    /// Who complains.
    pub complainant: PersonRef,
    /// Whether it came in time, as judged on receipt.
    pub in_time: bool,
    /// What the municipality made of it, where it judged again.
    pub reassessed: Option<ReassessmentOutcome>,
    /// When it did.
    pub reassessed_on: Option<Occurred>,
    /// What came of it on appeal.
    pub appeals: Vec<AppealResult>,
}

impl From<&decisions::Complaint> for Complaint {
    fn from(complaint: &decisions::Complaint) -> Self {
        Self {
            event: complaint.event,
            occurred: complaint.occurred,
            complainant: complaint.complainant,
            in_time: complaint.in_time,
            reassessed: complaint.reassessed.map(|(_, _, outcome)| outcome),
            reassessed_on: complaint.reassessed.map(|(_, when, _)| when),
            appeals: complaint.appeals.iter().map(Into::into).collect(),
        }
    }
}

/// A matter that was submitted to the committee.
#[derive(Debug, Clone, SimpleObject)]
pub struct Submission {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// What is to be decided.
    pub matters: Vec<CommitteeMatter>,
    /// The children.
    pub children: Vec<PersonRef>,
    /// What it holds (BL § 51).
    pub contents: Vec<SubmissionItem>,
}

impl From<decisions::Submission> for Submission {
    fn from(submission: decisions::Submission) -> Self {
        Self {
            event: submission.event,
            occurred: submission.occurred,
            matters: submission.facts.matters.clone(),
            children: submission.facts.children.clone(),
            contents: submission.facts.contents,
        }
    }
}

/// A decision (V9).
pub struct Decision {
    pub(crate) case: StreamId,
    pub(crate) decision: decisions::Decision,
}

impl Decision {
    const fn administration(&self) -> Option<&events::decision::DecisionMade> {
        match &self.decision.made {
            Made::Administration(facts) => Some(facts),
            Made::Provisional(_) | Made::Committee(_) => None,
        }
    }

    /// An imported decision was made by what its source had recorded by then: the log knew of it only
    /// when it was imported.
    const fn as_known(&self) -> ReadingPoint {
        let position = self.decision.known_position;
        let (known, axis) = match self.decision.stated_recorded_at {
            Some(at) => (Known::Before { at, position }, Axis::Stated),
            None => (Known::Position(position), Axis::Recorded),
        };
        ReadingPoint {
            known,
            occurred_by: None,
            axis,
        }
    }
}

#[Object(name = "Decision")]
impl Decision {
    /// The event, which is the decision's id.
    async fn event(&self) -> EventId {
        self.decision.event
    }

    /// When it was made.
    async fn occurred(&self) -> Occurred {
        self.decision.occurred
    }

    /// When it was recorded.
    async fn recorded_at(&self) -> Timestamp {
        self.decision.recorded_at
    }

    /// Who decided.
    async fn authority(&self) -> Authority {
        match self.decision.made {
            Made::Administration(_) => Authority::Administration,
            Made::Provisional(_) => Authority::Provisional,
            Made::Committee(_) => Authority::Committee,
        }
    }

    /// The sections that it rests on.
    async fn sections(&self) -> Vec<String> {
        self.decision
            .sections()
            .iter()
            .map(|section| section.as_str().to_owned())
            .collect()
    }

    /// The children that it covers.
    async fn children(&self) -> Vec<PersonRef> {
        self.decision.children()
    }

    /// What it is about; null for the committee and its chair, whose matters stand in `matters`.
    async fn kind(&self) -> Option<DecisionKind> {
        self.administration().map(|facts| facts.kind)
    }

    /// What was decided; null for the committee and its chair.
    async fn outcome(&self) -> Option<DecisionOutcome> {
        self.administration().map(|facts| facts.outcome)
    }

    /// Who had the power to decide; null for the committee and its chair.
    async fn competence(&self) -> Option<Competence> {
        self.administration().map(|facts| facts.competence)
    }

    /// What it is meant to achieve.
    async fn purpose(&self) -> Option<Words> {
        self.administration().map(|facts| facts.purpose.clone())
    }

    /// How long the help is expected to last, in months.
    async fn expected_duration_months(&self) -> Option<u16> {
        self.administration()
            .and_then(|facts| facts.expected_duration_months)
    }

    /// Whether a plan is to be made (BL § 91).
    async fn plan_position(&self) -> Option<PlanPosition> {
        self.administration().map(|facts| facts.plan_position)
    }

    /// The facts that mattered most (FVL § 24(2)), why it could not wait, or the committee's reasons.
    async fn reasons(&self) -> Words {
        match &self.decision.made {
            Made::Administration(facts) => facts.key_facts.clone(),
            Made::Provisional(facts) => facts.urgency.clone(),
            Made::Committee(facts) => facts.reasons.clone(),
        }
    }

    /// The measure, where it is about one.
    async fn measure(&self) -> Option<MeasureId> {
        self.administration().and_then(|facts| facts.measure)
    }

    /// The parties that it names.
    async fn parties(&self) -> Vec<PersonRef> {
        self.administration()
            .map(|facts| facts.parties.clone())
            .unwrap_or_default()
    }

    /// Whether every party got all that they asked for.
    async fn fully_favourable(&self) -> Option<bool> {
        self.administration().map(|facts| facts.fully_favourable)
    }

    /// What a provisional decision is about.
    async fn matters(&self) -> Vec<CommitteeMatter> {
        match &self.decision.made {
            Made::Administration(_) => Vec::new(),
            Made::Provisional(facts) => facts.matters.clone(),
            Made::Committee(facts) => facts
                .outcomes
                .iter()
                .map(|outcome| outcome.matter)
                .collect(),
        }
    }

    /// When a provisional decision was carried out: 24 hours and 7 days run from here.
    async fn carried_out_at(&self) -> Option<Timestamp> {
        match &self.decision.made {
            Made::Provisional(facts) => facts.carried_out_at,
            Made::Administration(_) | Made::Committee(_) => None,
        }
    }

    /// The committee's outcomes, child by child, with the votes.
    async fn outcomes(&self) -> Vec<ChildOutcome> {
        let Made::Committee(facts) = &self.decision.made else {
            return Vec::new();
        };
        let outcomes = facts.outcomes.iter().map(|outcome| ChildOutcome {
            child: outcome.child,
            matter: outcome.matter,
            section: outcome.section.clone(),
            outcome: outcome.outcome,
            votes_for: outcome.votes_for,
            votes_against: outcome.votes_against,
            valid_to: outcome.valid_to,
            renew_by: outcome.renew_by,
        });
        outcomes.collect()
    }

    /// The members of the committee who were present, one entry each.
    async fn members(&self) -> Vec<CommitteeMember> {
        match &self.decision.made {
            Made::Committee(facts) => facts.members.clone(),
            Made::Administration(_) | Made::Provisional(_) => Vec::new(),
        }
    }

    /// Log position that the author had on screen, where stated.
    async fn based_on(&self) -> Option<u64> {
        self.decision.based_on
    }

    /// Who received it.
    async fn communicated(&self) -> Vec<Communication> {
        self.decision.communicated.iter().map(Into::into).collect()
    }

    /// The complaints about it.
    async fn complaints(&self) -> Vec<Complaint> {
        self.decision.complaints.iter().map(Into::into).collect()
    }

    /// By which time `asKnownWhenDecided` and `learnedSince` are read: an imported decision by the time
    /// that its source states, which is not proven.
    async fn known_axis(&self) -> TimeAxis {
        self.as_known().axis.into()
    }

    /// The case exactly as it could be known when the decision was recorded.
    async fn as_known_when_decided(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        read(ctx, self.case, self.as_known()).await
    }

    /// What is known now that was not known then: the difference from just before the decision.
    async fn learned_since(&self, ctx: &Context<'_>) -> Result<Vec<Change>> {
        between(ctx, self.case, self.as_known(), ReadingPoint::default()).await
    }
}
