//! A case as clients see it, at one reading point.

pub mod access;
pub mod appeal;
pub mod child_voice;
pub mod decision;
pub mod difference;
pub mod document;
pub mod duties;
pub mod family;
pub mod family_voice;
pub mod findings;
pub mod goals;
pub mod integrity;
pub mod network;
pub mod parties;
pub mod retention;
pub mod timeline;
pub mod wellbeing;
mod whole;
pub mod withholding;

use std::sync::{Arc, OnceLock};

use app::rules::basis::AS_IT_IS;
use app::session::Session;
use async_graphql::{Context, ID, Object, Result};
use domain::reading::{Reading, ReadingPoint};
use domain::views;
use domain::views::early_advice::Advice;
use domain::views::family_voice::{Language, family_voice};
use domain::views::goals::Goal;
use domain::views::integrity::Integrity;
use domain::views::ladder::SupportLadder;
use domain::views::listing::{CaseRow, CaseStatus, case_row};
use domain::views::statistics::Statistics;
use domain::views::summary::Milestones;
use events::answer::PersonalText;
use events::assessment::CaseWeight;
use events::ids::{FamilyId, PersonId, StreamId};
use events::person::PersonRef;
use events::spec::{StreamKind, View};
use events::time::Occurred;
use jiff::Timestamp;
use record::positions::StreamVersion;
use tokio::sync::OnceCell;

use crate::case::access::Access;
use crate::case::appeal::Appeals;
use crate::case::child_voice::ChildVoice;
use crate::case::decision::{Decision, Submission};
use crate::case::difference::{Change, between};
use crate::case::document::FiledDocument;
use crate::case::duties::finding::ObligationFinding;
use crate::case::duties::measurement::MeasurementPoint;
use crate::case::duties::{DormantObligation, Obligation, ObligationStatus, dormant, obligations};
use crate::case::family::Family;
use crate::case::family_voice::{FamilyReader, FamilyText};
use crate::case::findings::Finding;
use crate::case::goals::{FollowUp, Plan};
use crate::case::network::Network;
use crate::case::parties::Party;
use crate::case::retention::Retention;
use crate::case::timeline::TimelineEntry;
use crate::case::wellbeing::WellbeingSeries;
use crate::case::whole::Whole;
use crate::case::withholding::{WithholdingSuggestion, suggestions};
use crate::error::read_error;
use crate::ids::{Kind, global};
use crate::plain::PlainList;
use crate::read::StreamView;
use crate::reading_point::ReadingPointInput;
use crate::rules::what_if::{RuleBasis, WhatIfInput, what_if as asked};

/// A case, or a course of early advice, at one reading point.
pub struct Case {
    stream: StreamId,
    point: ReadingPoint,
    /// Its row: that of a list, or folded from the reading when a field asks for it.
    row: OnceLock<CaseRow>,
    /// The whole case; in a list it is read only when a field needs more than the row.
    whole: OnceCell<Box<Whole>>,
}

impl StreamView for Case {
    const KIND: StreamKind = StreamKind::Case;

    fn fold(reading: Arc<Reading>, stream: StreamId) -> Option<Self> {
        Some(Self {
            stream,
            point: reading.point,
            row: OnceLock::new(),
            whole: OnceCell::new_with(Some(Box::new(Whole::new(reading, stream)))),
        })
    }
}

/// The time by the log's clock.
fn now(ctx: &Context<'_>) -> Result<Timestamp> {
    Ok(ctx.data::<Session>()?.public_log().now())
}

impl Case {
    /// A case of a list.
    pub(crate) fn listed(row: CaseRow) -> Self {
        Self {
            stream: row.case,
            point: ReadingPoint::default(),
            row: OnceLock::from(row),
            whole: OnceCell::new(),
        }
    }

    fn row(&self) -> &CaseRow {
        // A case has a row from its list, or was read.
        let folded = || match self.whole.get() {
            Some(whole) => case_row(&whole.reading, self.stream),
            None => CaseRow::unknown(self.stream),
        };
        self.row.get_or_init(folded)
    }

    /// The whole case, read now if it was not yet.
    async fn whole(&self, ctx: &Context<'_>) -> Result<&Whole> {
        let read = || async {
            let reading = ctx.data::<Session>()?.read(self.stream, self.point);
            let reading = reading
                .map_err(|error| read_error(&error))?
                .ok_or("the case could not be read")?;
            Ok::<_, async_graphql::Error>(Box::new(Whole::new(reading, self.stream)))
        };
        self.whole.get_or_try_init(read).await.map(Box::as_ref)
    }

    async fn reading(&self, ctx: &Context<'_>) -> Result<&Reading> {
        Ok(&self.whole(ctx).await?.reading)
    }
}

#[Object]
impl Case {
    /// Global id.
    ///
    /// # Errors
    /// Only when the server was put together wrongly.
    pub async fn id(&self, ctx: &Context<'_>) -> Result<ID> {
        let log = ctx.data::<Session>()?.public_log();
        Ok(global(log.municipality(), Kind::Case, self.stream))
    }

    /// The case's stream.
    async fn stream(&self) -> StreamId {
        self.stream
    }

    /// Version of its stream now, for `expectedVersion`.
    async fn version(&self, ctx: &Context<'_>) -> Result<Option<u64>> {
        ctx.data::<Session>()?
            .version(self.stream)
            .map(|version| version.map(StreamVersion::get))
            .map_err(|error| read_error(&error))
    }

    /// How far it has come.
    async fn status(&self) -> CaseStatus {
        self.row().status
    }

    /// The child.
    async fn child(&self) -> Option<PersonRef> {
        self.row().child
    }

    /// The child's name.
    async fn child_name(&self, ctx: &Context<'_>) -> Result<Option<PersonalText>> {
        if let Some(whole) = self.whole.get() {
            return Ok(whole.summary().child_name.as_ref().map(Into::into));
        }
        let Some(child) = self.row().child else {
            return Ok(None);
        };
        let name = ctx.data::<Session>()?.person_name(child.person, self.point);
        Ok(name
            .map_err(|error| read_error(&error))?
            .as_ref()
            .map(Into::into))
    }

    /// When it was opened.
    async fn opened(&self) -> Option<Occurred> {
        self.row().opened
    }

    /// When it was closed.
    async fn closed(&self) -> Option<Occurred> {
        self.row().closed
    }

    /// Who works on it.
    async fn caseworkers(&self) -> Vec<String> {
        self.row()
            .caseworkers
            .iter()
            .map(|id| id.as_str().to_owned())
            .collect()
    }

    /// The unit that opened it or gave it to its caseworkers last, where that was stated.
    async fn unit(&self) -> Option<&str> {
        self.row().unit.as_deref()
    }

    /// How heavy it weighs.
    async fn weight(&self) -> Option<CaseWeight> {
        self.row().weight
    }

    /// The family that it belongs to.
    async fn family(&self) -> Option<FamilyId> {
        self.row().family
    }

    /// How long the first steps took.
    async fn milestones(&self, ctx: &Context<'_>) -> Result<Milestones> {
        Ok(self.whole(ctx).await?.summary().milestones)
    }

    /// What the law asks, and how it stands at the moment of the reading (V2): by the moment at which
    /// each duty arose. Reports to the statistics office are the municipality's for all its cases at
    /// once and are not shown here.
    async fn obligations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that stand so; all when not stated.")] status: Option<
            Vec<ObligationStatus>,
        >,
        #[graphql(desc = "Other law than that in force at the moment of the reading.")]
        what_if: Option<WhatIfInput>,
    ) -> Result<PlainList<Obligation>> {
        let (whole, what_if) = (self.whole(ctx).await?, asked(ctx, what_if)?);
        whole.duties(ctx.data::<Session>()?, &what_if, |duties| {
            obligations(duties, &whole.reading, status.as_deref()).into()
        })
    }

    /// The law that the duties rest on: the catalogue of rules in force at the moment of the reading,
    /// or what was asked for instead (V2).
    async fn obligation_basis(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Other law than that in force at the moment of the reading.")]
        what_if: Option<WhatIfInput>,
    ) -> Result<RuleBasis> {
        let (reading, what_if) = (self.reading(ctx).await?, asked(ctx, what_if)?);
        let in_force = ctx
            .data::<Session>()?
            .public_log()
            .rules_in_force(&reading.point)
            .map_err(|error| read_error(&error))?;
        Ok((&what_if.basis(&in_force)).into())
    }

    /// Periods that do not run and would, if something were done (V2).
    async fn dormant_obligations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Other law than that in force at the moment of the reading.")]
        what_if: Option<WhatIfInput>,
    ) -> Result<PlainList<DormantObligation>> {
        let (whole, what_if) = (self.whole(ctx).await?, asked(ctx, what_if)?);
        whole.duties(ctx.data::<Session>()?, &what_if, |duties| {
            dormant(duties, &whole.reading).into()
        })
    }

    /// What does not fit when the law is applied to the facts (V2).
    async fn obligation_findings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Other law than that in force at the moment of the reading.")]
        what_if: Option<WhatIfInput>,
    ) -> Result<PlainList<ObligationFinding>> {
        let (whole, what_if) = (self.whole(ctx).await?, asked(ctx, what_if)?);
        whole.duties(ctx.data::<Session>()?, &what_if, |duties| {
            let asked = duties.basis.asked.is_some();
            let findings = duties.findings.iter();
            findings
                .map(|finding| ObligationFinding::new(finding, asked))
                .collect()
        })
    }

    /// The points that Ankestyrelsen reviews single cases against, answered from the record (V12).
    async fn measurement_points(&self, ctx: &Context<'_>) -> Result<PlainList<MeasurementPoint>> {
        let whole = self.whole(ctx).await?;
        whole.duties(ctx.data::<Session>()?, &AS_IT_IS, |duties| {
            duties.points.iter().cloned().map(Into::into).collect()
        })
    }

    /// Every event in the order in which it took place (V3).
    async fn timeline(&self, ctx: &Context<'_>) -> Result<PlainList<TimelineEntry>> {
        Ok(views::timeline::timeline(self.reading(ctx).await?)
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// Every time the child was heard (V4).
    async fn child_voice(&self, ctx: &Context<'_>) -> Result<ChildVoice> {
        Ok(views::child_voice::child_voice(self.reading(ctx).await?).into())
    }

    /// Goals (V5).
    async fn goals(&self, ctx: &Context<'_>) -> Result<PlainList<Goal>> {
        Ok(views::goals::goals(self.reading(ctx).await?).into())
    }

    /// Well-being by instrument and respondent (V6).
    async fn wellbeing(&self, ctx: &Context<'_>) -> Result<PlainList<WellbeingSeries>> {
        Ok(views::wellbeing::wellbeing(self.reading(ctx).await?)
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// How much help there was over time (V7).
    async fn support_ladder(&self, ctx: &Context<'_>) -> Result<SupportLadder> {
        Ok(views::ladder::support_ladder(self.reading(ctx).await?))
    }

    /// Who around the child can help (V8).
    async fn network(&self, ctx: &Context<'_>) -> Result<Network> {
        Ok(views::network::network(self.reading(ctx).await?).into())
    }

    /// Documents, in the order in which they took place.
    async fn documents(&self, ctx: &Context<'_>) -> Result<PlainList<FiledDocument>> {
        Ok(views::documents::documents(self.reading(ctx).await?)
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// Decisions (V9), those of the committee and its chair among them.
    async fn decisions(&self, ctx: &Context<'_>) -> Result<PlainList<Decision>> {
        let case = self.stream;
        Ok(views::decisions::decisions(self.reading(ctx).await?)
            .into_iter()
            .map(|decision| Decision { case, decision })
            .collect())
    }

    /// Matters submitted to the committee (V9).
    async fn submissions(&self, ctx: &Context<'_>) -> Result<PlainList<Submission>> {
        Ok(views::decisions::submissions(self.reading(ctx).await?)
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// Who is a party, represented, consented and told, as of the day of the reading (V10).
    async fn parties(&self, ctx: &Context<'_>) -> Result<PlainList<Party>> {
        let reading = self.reading(ctx).await?;
        let on = reading.day(now(ctx)?);
        Ok(views::parties::parties(reading, self.stream, on)
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// Complaints, the file, and what was sent to whom (V11).
    async fn appeals(&self, ctx: &Context<'_>) -> Result<Appeals> {
        Ok(views::appeal::appeals(self.reading(ctx).await?).into())
    }

    /// The family as this case shows it (V13).
    async fn family_overview(&self, ctx: &Context<'_>) -> Result<Family> {
        Ok(views::family::family(self.reading(ctx).await?, self.stream).into())
    }

    /// The case in short, plain sentences for the family (V15). It is written for somebody, and leaves
    /// out what that reader must not see here; it is no access to the file.
    async fn family_view(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The language of the text.")] language: Language,
        #[graphql(desc = "For whom it is written; the family together when not stated.")]
        reader: Option<FamilyReader>,
        #[graphql(desc = "The parent, where it is written for one.")] person: Option<PersonId>,
    ) -> Result<FamilyText> {
        let reader = reader.unwrap_or(FamilyReader::Family).with(person)?;
        let reading = self.reading(ctx).await?;
        let on = reading.day(now(ctx)?);
        Ok(family_voice(reading, self.stream, reader, language, on).into())
    }

    /// Who asked to see, what was given out, what is protected, and who looked (V16).
    async fn access(&self, ctx: &Context<'_>) -> Result<Access> {
        let reading = self.reading(ctx).await?;
        let look_ups = ctx.data::<Session>()?.look_ups(self.stream, reading.point);
        Ok(Access::new(
            views::access::access(reading),
            &look_ups.map_err(|error| read_error(&error))?,
        ))
    }

    /// What is often withheld when a case is given out, as the case stands now: read by a person, each
    /// with a section and a reason added, it becomes the list that an order for a dossier takes.
    async fn withholding_suggestions(
        &self,
        ctx: &Context<'_>,
    ) -> Result<PlainList<WithholdingSuggestion>> {
        Ok(suggestions(ctx, self.stream).await?.into())
    }

    /// What explains every difference between the record and its reading (V17).
    async fn integrity(&self, ctx: &Context<'_>) -> Result<Integrity> {
        Ok(views::integrity::integrity(self.reading(ctx).await?))
    }

    /// What statistics count (V18).
    async fn statistics(&self, ctx: &Context<'_>) -> Result<Statistics> {
        Ok(views::statistics::statistics(
            self.reading(ctx).await?,
            self.stream,
        ))
    }

    /// Early advice (V19).
    async fn early_advice(&self, ctx: &Context<'_>) -> Result<PlainList<Advice>> {
        Ok(views::early_advice::early_advice(self.reading(ctx).await?).into())
    }

    /// Whether the case still runs and what was erased (V20).
    async fn retention(&self, ctx: &Context<'_>) -> Result<Retention> {
        Ok(views::retention::retention(self.reading(ctx).await?, self.stream).into())
    }

    /// What is late, missing or unusual; nothing of it kept anybody from recording.
    async fn findings(&self, ctx: &Context<'_>) -> Result<PlainList<Finding>> {
        Ok(
            views::findings::findings(self.reading(ctx).await?, self.stream)
                .into_iter()
                .map(Into::into)
                .collect(),
        )
    }

    /// Plans, in the order in which they were adopted (V5).
    async fn plans(&self, ctx: &Context<'_>) -> Result<PlainList<Plan>> {
        Ok(views::goals::plans(self.reading(ctx).await?)
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// Follow-ups, in the order in which they were held (V5).
    async fn follow_ups(&self, ctx: &Context<'_>) -> Result<PlainList<FollowUp>> {
        Ok(views::goals::follow_ups(self.reading(ctx).await?)
            .into_iter()
            .map(Into::into)
            .collect())
    }

    /// What changed from one moment to another, view by view, with the events that caused it.
    async fn difference(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first moment.")] from: ReadingPointInput,
        #[graphql(desc = "The second moment; now when not stated.")] to: Option<ReadingPointInput>,
        #[graphql(desc = "Only these views; all when not stated.")] views: Option<Vec<View>>,
    ) -> Result<PlainList<Change>> {
        let changes = between(
            ctx,
            self.stream,
            from.point()?,
            to.unwrap_or_default().point()?,
        )
        .await?;
        Ok(changes
            .into_iter()
            .filter(|change| {
                views
                    .as_ref()
                    .is_none_or(|views| views.contains(&change.view))
            })
            .collect())
    }
}
