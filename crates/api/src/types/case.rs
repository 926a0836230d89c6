//! A case as clients see it, at one reading point.

use std::sync::Arc;

use app::service::App;
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use domain::reading::{Known, Reading, ReadingPoint};
use domain::views::decisions::Decision;
use domain::views::summary::{CaseStatus, Summary, summary};
use domain::views::{child_voice, decisions, goals, ladder, network, timeline, wellbeing};
use events::assessment::CaseWeight;
use events::decision::{Competence, DecisionKind, DecisionOutcome, Guidance};
use events::ids::{EventId, FamilyId, MeasureId, StreamId};
use events::meta::Channel;
use events::spec::StreamKind;
use events::time::Occurred;
use jiff::Timestamp;

use crate::error::read_error;
use crate::ids::{Kind, global};
use crate::types::timeline::TimelineEntryView;
use crate::types::views::{ChildVoiceView, GoalView, NetworkView, PersonInRole, SupportLadderView, WellbeingSeriesView, people};
use crate::types::words::{PersonalText, Wording};
use crate::view::{StreamView, read};

/// How far a case has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "CaseStatus")]
pub enum CaseStatusView {
    /// Early advice; no case is opened.
    Advice,
    /// Open.
    Open,
    /// Closed.
    Closed,
    /// What would tell was erased.
    Unknown,
}

/// How long the first steps took, in days.
#[derive(Debug, Clone, Copy, SimpleObject)]
pub struct MilestonesView {
    /// From early advice to the first notification.
    pub advice_to_notification: Option<i32>,
    /// From the first notification to the first decision.
    pub notification_to_decision: Option<i32>,
    /// From the first notification to the start of the first measure.
    pub notification_to_start: Option<i32>,
}

/// A case, or a course of early advice, at one reading point.
pub struct Case {
    summary: Summary,
    reading: Reading,
}

impl StreamView for Case {
    const KIND: StreamKind = StreamKind::Case;

    fn fold(reading: Reading, stream: StreamId) -> Option<Self> {
        Some(Self { summary: summary(&reading, stream), reading })
    }
}

#[Object]
impl Case {
    /// Global id.
    ///
    /// # Errors
    /// Only when the server was put together wrongly.
    pub async fn id(&self, ctx: &Context<'_>) -> Result<ID> {
        let app = ctx.data::<Arc<App>>()?;
        Ok(global(app.layout().municipality().code(), Kind::Case, self.summary.case))
    }

    /// The case's stream.
    async fn stream(&self) -> StreamId {
        self.summary.case
    }

    /// Version of its stream now, for `expectedVersion`.
    async fn version(&self, ctx: &Context<'_>) -> Result<Option<u64>> {
        ctx.data::<Arc<App>>()?.version(self.summary.case).map_err(|error| read_error(&error))
    }

    /// How far it has come.
    async fn status(&self) -> CaseStatusView {
        self.summary.status.into()
    }

    /// The child.
    async fn child(&self) -> Option<PersonInRole> {
        self.summary.child.map(Into::into)
    }

    /// The child's name.
    async fn child_name(&self) -> Option<PersonalText> {
        self.summary.child_name.as_ref().map(Into::into)
    }

    /// When it was opened.
    async fn opened(&self) -> Option<Occurred> {
        self.summary.opened
    }

    /// When it was closed.
    async fn closed(&self) -> Option<Occurred> {
        self.summary.closed
    }

    /// Who works on it.
    async fn caseworkers(&self) -> Vec<String> {
        self.summary.caseworkers.iter().map(|id| id.as_str().to_owned()).collect()
    }

    /// How heavy it weighs.
    async fn weight(&self) -> Option<CaseWeight> {
        self.summary.weight
    }

    /// The family that it belongs to.
    async fn family(&self) -> Option<FamilyId> {
        self.summary.family
    }

    /// How long the first steps took.
    async fn milestones(&self) -> MilestonesView {
        let milestones = self.summary.milestones;
        MilestonesView {
            advice_to_notification: milestones.advice_to_notification,
            notification_to_decision: milestones.notification_to_decision,
            notification_to_start: milestones.notification_to_start,
        }
    }

    /// Every event in the order in which it took place (V3).
    async fn timeline(&self) -> Vec<TimelineEntryView> {
        timeline::timeline(&self.reading).into_iter().map(Into::into).collect()
    }

    /// Every time the child was heard (V4).
    async fn child_voice(&self) -> ChildVoiceView {
        child_voice::child_voice(&self.reading).into()
    }

    /// Goals (V5).
    async fn goals(&self) -> Vec<GoalView> {
        goals::goals(&self.reading).into_iter().map(Into::into).collect()
    }

    /// Well-being by instrument and respondent (V6).
    async fn wellbeing(&self) -> Vec<WellbeingSeriesView> {
        wellbeing::wellbeing(&self.reading).into_iter().map(Into::into).collect()
    }

    /// How much help there was over time (V7).
    async fn support_ladder(&self) -> SupportLadderView {
        ladder::support_ladder(&self.reading).into()
    }

    /// Who around the child can help (V8).
    async fn network(&self) -> NetworkView {
        network::network(&self.reading).into()
    }

    /// Decisions (V9).
    async fn decisions(&self) -> Vec<DecisionView> {
        let case = self.summary.case;
        decisions::decisions(&self.reading).into_iter().map(|decision| DecisionView { case, decision }).collect()
    }
}

/// Who received a decision, and how.
#[derive(Debug, Clone, SimpleObject)]
pub struct CommunicationView {
    /// When.
    pub occurred: Occurred,
    /// Who.
    pub who: PersonInRole,
    /// Through which channel.
    pub channel: Channel,
    /// From when it was available to the recipient.
    pub available_at: Timestamp,
    /// Whether it was told by word of mouth.
    pub oral: bool,
    /// What the recipient was guided on.
    pub guidance: Vec<Guidance>,
}

/// A decision (V9).
pub struct DecisionView {
    case: StreamId,
    decision: Decision,
}

#[Object(name = "Decision")]
impl DecisionView {
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

    /// What it is about.
    async fn kind(&self) -> DecisionKind {
        self.decision.kind
    }

    /// The section that it rests on.
    async fn section(&self) -> String {
        self.decision.facts.section.as_str().to_owned()
    }

    /// What was decided.
    async fn outcome(&self) -> DecisionOutcome {
        self.decision.outcome
    }

    /// Who had the power to decide.
    async fn competence(&self) -> Competence {
        self.decision.facts.competence
    }

    /// What it is meant to achieve.
    async fn purpose(&self) -> Wording {
        (&self.decision.facts.purpose).into()
    }

    /// The measure, where it is about one.
    async fn measure(&self) -> Option<MeasureId> {
        self.decision.facts.measure
    }

    /// The parties.
    async fn parties(&self) -> Vec<PersonInRole> {
        people(&self.decision.facts.parties)
    }

    /// Whether every party got all that they asked for.
    async fn fully_favourable(&self) -> bool {
        self.decision.facts.fully_favourable
    }

    /// Log position that the author had on screen, where stated.
    async fn based_on(&self) -> Option<u64> {
        self.decision.based_on
    }

    /// Who received it.
    async fn communicated(&self) -> Vec<CommunicationView> {
        let rows = self.decision.communicated.iter();
        rows.map(|(occurred, to)| CommunicationView {
            occurred: *occurred,
            who: to.who.into(),
            channel: to.channel,
            available_at: to.available_at,
            oral: to.oral,
            guidance: to.guidance.clone(),
        })
        .collect()
    }

    /// The case exactly as it could be known when the decision was recorded.
    async fn as_known_when_decided(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        let point = ReadingPoint { known: Known::Position(self.decision.known_position), ..ReadingPoint::default() };
        read(ctx, self.case, point).await
    }
}
