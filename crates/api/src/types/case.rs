//! A case as clients see it, at one reading point.

use std::sync::Arc;

use app::service::App;
use app::viewer::Viewer;
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use domain::reading::Reading;
use domain::views::family_voice::{Reader, family_voice};
use domain::views::summary::{CaseStatus, Summary, summary};
use domain::views::{
    access, appeal, child_voice, decisions, documents, early_advice, family, findings, goals, integrity, ladder, network, parties,
    retention, statistics, timeline, wellbeing,
};
use events::assessment::CaseWeight;
use events::ids::{FamilyId, PersonId, StreamId};
use events::spec::{StreamKind, View};
use events::time::Occurred;

use crate::error::{bad_input, read_error};
use crate::ids::{Kind, global};
use crate::types::appeal::AppealsView;
use crate::types::decision::{DecisionView, SubmissionView};
use crate::types::difference::{ChangeView, between};
use crate::types::document::FiledDocumentView;
use crate::types::family::FamilyView;
use crate::types::family_view::{FamilyLanguage, FamilyReader, FamilyTextView};
use crate::types::parties::PartyView;
use crate::types::point::ReadingPointInput;
use crate::types::timeline::TimelineEntryView;
use crate::types::trail::{AccessView, AdviceView, FindingView, IntegrityView, RetentionView, StatisticsView};
use crate::types::views::{
    ChildVoiceView, FollowUpView, GoalView, NetworkView, PersonInRole, PlanView, SupportLadderView, WellbeingSeriesView,
};
use crate::types::words::PersonalText;
use crate::view::StreamView;

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

    /// Documents, in the order in which they took place.
    async fn documents(&self) -> Vec<FiledDocumentView> {
        documents::documents(&self.reading).into_iter().map(Into::into).collect()
    }

    /// Decisions (V9), those of the committee and its chair among them.
    async fn decisions(&self) -> Vec<DecisionView> {
        let case = self.summary.case;
        decisions::decisions(&self.reading).into_iter().map(|decision| DecisionView { case, decision }).collect()
    }

    /// Matters submitted to the committee (V9).
    async fn submissions(&self) -> Vec<SubmissionView> {
        decisions::submissions(&self.reading).into_iter().map(Into::into).collect()
    }

    /// Who is a party, represented, consented and told, as of the day of the reading (V10).
    async fn parties(&self, ctx: &Context<'_>) -> Result<Vec<PartyView>> {
        let on = self.reading.day(ctx.data::<Arc<App>>()?.now());
        Ok(parties::parties(&self.reading, self.summary.case, on).into_iter().map(Into::into).collect())
    }

    /// Complaints, the file, and what was sent to whom (V11).
    async fn appeals(&self) -> AppealsView {
        appeal::appeals(&self.reading).into()
    }

    /// The family as this case shows it (V13).
    async fn family_overview(&self) -> FamilyView {
        family::family(&self.reading, self.summary.case).into()
    }

    /// The case in short, plain sentences for the family (V15). It is written for somebody, and leaves
    /// out what that reader must not see here; it is no access to the file.
    async fn family_view(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The language of the text.")] language: FamilyLanguage,
        #[graphql(desc = "For whom it is written; the family together when not stated.")] reader: Option<FamilyReader>,
        #[graphql(desc = "The parent, where it is written for one.")] person: Option<PersonId>,
    ) -> Result<FamilyTextView> {
        let reader = match (reader.unwrap_or(FamilyReader::Family), person) {
            (FamilyReader::Parent, Some(person)) => Reader::Parent(person),
            (FamilyReader::Parent, None) => return Err(bad_input("person: is needed for a parent")),
            (FamilyReader::Child, None) => Reader::Child,
            (FamilyReader::Family, None) => Reader::Family,
            (FamilyReader::Child | FamilyReader::Family, Some(_)) => return Err(bad_input("person: belongs to a parent only")),
        };
        let on = self.reading.day(ctx.data::<Arc<App>>()?.now());
        Ok(family_voice(&self.reading, self.summary.case, reader, language.into(), on).into())
    }

    /// Who asked to see, what was given out, what is protected, and who looked (V16).
    async fn access(&self, ctx: &Context<'_>) -> Result<AccessView> {
        let app = Arc::clone(ctx.data::<Arc<App>>()?);
        let viewer = ctx.data::<Viewer>()?.clone();
        let (case, point) = (self.summary.case, self.reading.point);
        let look_ups = tokio::task::spawn_blocking(move || app.look_ups(case, point, &viewer)).await?;
        Ok(AccessView::new(access::access(&self.reading), &look_ups.map_err(|error| read_error(&error))?))
    }

    /// What explains every difference between the record and its reading (V17).
    async fn integrity(&self) -> IntegrityView {
        integrity::integrity(&self.reading).into()
    }

    /// What statistics count (V18).
    async fn statistics(&self) -> StatisticsView {
        statistics::statistics(&self.reading, self.summary.case).into()
    }

    /// Early advice (V19).
    async fn early_advice(&self) -> Vec<AdviceView> {
        early_advice::early_advice(&self.reading).into_iter().map(Into::into).collect()
    }

    /// Whether the case still runs and what was erased (V20).
    async fn retention(&self) -> RetentionView {
        retention::retention(&self.reading, self.summary.case).into()
    }

    /// What is late, missing or unusual; nothing of it kept anybody from recording.
    async fn findings(&self) -> Vec<FindingView> {
        findings::findings(&self.reading, self.summary.case).into_iter().map(Into::into).collect()
    }

    /// Plans, in the order in which they were adopted (V5).
    async fn plans(&self) -> Vec<PlanView> {
        goals::plans(&self.reading).into_iter().map(Into::into).collect()
    }

    /// Follow-ups, in the order in which they were held (V5).
    async fn follow_ups(&self) -> Vec<FollowUpView> {
        goals::follow_ups(&self.reading).into_iter().map(Into::into).collect()
    }

    /// What changed from one moment to another, view by view, with the events that caused it.
    async fn difference(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first moment.")] from: ReadingPointInput,
        #[graphql(desc = "The second moment; now when not stated.")] to: Option<ReadingPointInput>,
        #[graphql(desc = "Only these views; all when not stated.")] views: Option<Vec<View>>,
    ) -> Result<Vec<ChangeView>> {
        let changes = between(ctx, self.summary.case, from.point()?, to.unwrap_or_default().point()?).await?;
        Ok(changes.into_iter().filter(|change| views.as_ref().is_none_or(|views| views.contains(&change.view))).collect())
    }
}
