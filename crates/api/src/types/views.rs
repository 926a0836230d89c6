//! Views of a case as clients see them. Totals of well-being are in tenths of a point.

use async_graphql::{Enum, SimpleObject};
use domain::scales::{Change as ScaleChange, THRESHOLDS};
use domain::views::child_voice::{ChildVoice, Hearing};
use domain::views::goals::{Change, FollowUp, Goal, Plan};
use domain::views::wellbeing::{Point, Series};
use events::ids::{EventId, GoalId, PersonId};
use events::involvement::{HearingOccasion, WaiverGround};
use events::meta::Channel;
use events::person::{PersonRef, PersonRole};
use events::personal::Personal;
use events::plan::{GoalArea, GoalChange, MeasureJudgement, PlanKind};
use events::rights::RequestKind;
use events::support::{Instrument, MeasurementOccasion};
use events::time::Occurred;
use jiff::civil::Date;

use crate::types::words::{PersonalState, Wording};

/// A person in a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SimpleObject)]
pub struct PersonInRole {
    /// Who.
    pub person: PersonId,
    /// In which role.
    pub role: PersonRole,
}

impl From<PersonRef> for PersonInRole {
    fn from(PersonRef { person, role }: PersonRef) -> Self {
        Self { person, role }
    }
}

pub(crate) fn people(persons: &[PersonRef]) -> Vec<PersonInRole> {
    persons.iter().copied().map(Into::into).collect()
}

/// A time at which a child was heard.
#[derive(Debug, Clone, SimpleObject)]
pub struct HearingView {
    /// The event.
    pub event: EventId,
    /// The child.
    pub child: PersonInRole,
    /// When.
    pub occurred: Occurred,
    /// Through which channel.
    pub channel: Option<Channel>,
    /// On what occasion.
    pub occasion: HearingOccasion,
    /// The child's own words.
    pub own_words: Wording,
    /// How the child found the dialogue.
    pub dialogue_feedback: Option<Wording>,
    /// Where.
    pub place: Option<String>,
    /// Who else was present.
    pub present: Vec<PersonInRole>,
    /// The companion (bisidder).
    pub companion: Option<PersonInRole>,
    /// Whether the child was told of the right to one.
    pub companion_right_told: Option<bool>,
    /// The caseworkers who talked with the child, where they are named.
    pub caseworkers: Vec<String>,
}

impl From<Hearing> for HearingView {
    fn from(hearing: Hearing) -> Self {
        Self {
            event: hearing.event,
            child: hearing.child.into(),
            occurred: hearing.occurred,
            channel: hearing.channel,
            occasion: hearing.occasion,
            own_words: (&hearing.own_words).into(),
            dialogue_feedback: hearing.dialogue_feedback.as_ref().map(Into::into),
            place: hearing.place.map(|place| place.as_str().to_owned()),
            present: people(&hearing.present),
            companion: hearing.companion.map(Into::into),
            companion_right_told: hearing.companion_right_told,
            caseworkers: hearing
                .caseworkers
                .iter()
                .map(|id| id.as_str().to_owned())
                .collect(),
        }
    }
}

/// The child's voice (V4).
#[derive(Debug, Clone, SimpleObject)]
pub struct ChildVoiceView {
    /// How often the child was heard.
    pub count: usize,
    /// The channels used.
    pub channels: Vec<Channel>,
    /// Each time, in the order in which they took place.
    pub hearings: Vec<HearingView>,
    /// When the child was not heard, and why.
    pub waivers: Vec<WaiverView>,
    /// What the child asked for.
    pub wishes: Vec<WishView>,
    /// Visits where the child is placed.
    pub visits: Vec<VisitView>,
}

/// A time at which a child was not heard.
#[derive(Debug, Clone, SimpleObject)]
pub struct WaiverView {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// On what occasion.
    pub occasion: HearingOccasion,
    /// Why not.
    pub ground: WaiverGround,
    /// How the child's view was found instead.
    pub views_obtained_by: Option<Wording>,
}

/// Something that a child asked for.
#[derive(Debug, Clone, SimpleObject)]
pub struct WishView {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// For what.
    pub kind: RequestKind,
    /// In the child's own words.
    pub text: Wording,
}

/// A visit to a placed child.
#[derive(Debug, Clone, SimpleObject)]
pub struct VisitView {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// Whether the child was spoken to.
    pub spoken_to: bool,
    /// Whether staff or foster parents were absent from the talk.
    pub staff_absent: bool,
    /// The child's own words.
    pub own_words: Option<Wording>,
}

impl From<ChildVoice> for ChildVoiceView {
    fn from(voice: ChildVoice) -> Self {
        let waivers = voice.waivers.iter().map(|waiver| WaiverView {
            event: waiver.event,
            occurred: waiver.occurred,
            occasion: waiver.occasion,
            ground: waiver.ground,
            views_obtained_by: waiver.views_obtained_by.as_ref().map(Into::into),
        });
        let wishes = voice.wishes.iter().map(|wish| WishView {
            event: wish.event,
            occurred: wish.occurred,
            kind: wish.kind,
            text: (&wish.text).into(),
        });
        let visits = voice.visits.iter().map(|visit| VisitView {
            event: visit.event,
            occurred: visit.occurred,
            spoken_to: visit.spoken_to,
            staff_absent: visit.staff_absent,
            own_words: visit.own_words.as_ref().map(Into::into),
        });
        Self {
            count: voice.hearings.len(),
            channels: voice.channels.into_iter().collect(),
            waivers: waivers.collect(),
            wishes: wishes.collect(),
            visits: visits.collect(),
            hearings: voice.hearings.into_iter().map(Into::into).collect(),
        }
    }
}

/// A change of a goal.
#[derive(Debug, Clone, SimpleObject)]
pub struct GoalChangeView {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// What became of it.
    pub change: GoalChange,
    /// Why.
    pub reason: Wording,
    /// With whom it was agreed.
    pub agreed_with: Vec<PersonInRole>,
}

impl From<&Change> for GoalChangeView {
    fn from(change: &Change) -> Self {
        Self {
            event: change.event,
            occurred: change.occurred,
            change: change.change,
            reason: (&change.reason).into(),
            agreed_with: people(&change.agreed_with),
        }
    }
}

/// A goal (V5).
#[derive(Debug, Clone, SimpleObject)]
pub struct GoalView {
    /// The goal.
    pub goal: GoalId,
    /// Its words now.
    pub wording: Wording,
    /// Its words when it was set.
    pub first_wording: Wording,
    /// Whose words they were.
    pub words_of: Vec<PersonInRole>,
    /// What part of life it is about.
    pub area: GoalArea,
    /// When it was set.
    pub set: Occurred,
    /// The newest change; none while it stands as it was set.
    pub status: Option<GoalChange>,
    /// Days from setting it until it was met.
    pub days_to_met: Option<i32>,
    /// Every change.
    pub changes: Vec<GoalChangeView>,
}

impl From<Goal> for GoalView {
    fn from(goal: Goal) -> Self {
        Self {
            goal: goal.goal,
            wording: (&goal.wording).into(),
            first_wording: (&goal.first_wording).into(),
            words_of: people(&goal.words_of),
            area: goal.area,
            set: goal.set,
            status: goal.status,
            days_to_met: goal.days_to_met,
            changes: goal.changes.iter().map(Into::into).collect(),
        }
    }
}

/// A version of a plan (V5).
#[derive(Debug, Clone, SimpleObject)]
pub struct PlanView {
    /// The event.
    pub event: EventId,
    /// When it was adopted.
    pub occurred: Occurred,
    /// The kind of plan.
    pub kind: PlanKind,
    /// Version, from 1.
    pub version: u32,
    /// The children that it covers.
    pub children: Vec<PersonInRole>,
    /// With whom it was made.
    pub made_with: Vec<PersonInRole>,
    /// The goals of this version.
    pub goals: Vec<GoalId>,
    /// To whom it was given.
    pub given_to: Vec<PersonInRole>,
}

impl From<Plan> for PlanView {
    fn from(plan: Plan) -> Self {
        Self {
            event: plan.event,
            occurred: plan.occurred,
            kind: plan.facts.kind,
            version: plan.facts.version,
            children: people(&plan.facts.children),
            made_with: people(&plan.facts.made_with),
            given_to: people(&plan.facts.given_to),
            goals: plan.facts.goals,
        }
    }
}

/// A follow-up (V5).
#[derive(Debug, Clone, SimpleObject)]
pub struct FollowUpView {
    /// The event.
    pub event: EventId,
    /// When it was held.
    pub occurred: Occurred,
    /// Whether it was the first one.
    pub first: bool,
    /// How the child is.
    pub wellbeing_judgement: Wording,
    /// What becomes of the measure.
    pub measure_judgement: MeasureJudgement,
    /// The day on which the next one is meant to take place.
    pub next: Option<Date>,
}

impl From<FollowUp> for FollowUpView {
    fn from(follow_up: FollowUp) -> Self {
        Self {
            event: follow_up.event,
            occurred: follow_up.occurred,
            first: follow_up.facts.first,
            wellbeing_judgement: (&follow_up.facts.wellbeing_judgement).into(),
            measure_judgement: follow_up.facts.measure_judgement,
            next: follow_up.next,
        }
    }
}

/// A measurement of well-being.
#[derive(Debug, Clone, SimpleObject)]
pub struct WellbeingPointView {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// On what occasion.
    pub occasion: MeasurementOccasion,
    /// Whether the scores can be read; none for an instrument without scores.
    pub state: Option<PersonalState>,
    /// The total in tenths of a point: 211 is 21.1.
    pub total: Option<u16>,
    /// The four items in tenths.
    pub items: Option<Vec<u16>>,
}

impl From<&Point> for WellbeingPointView {
    fn from(point: &Point) -> Self {
        let state = point.scores.as_ref().map(|scores| match scores {
            Personal::Known(_) => PersonalState::Known,
            Personal::Erased => PersonalState::Erased,
            Personal::Withheld => PersonalState::Withheld,
        });
        let items = point
            .scores
            .as_ref()
            .and_then(Personal::known)
            .map(|scores| scores.items().to_vec());
        Self {
            event: point.event,
            occurred: point.occurred,
            occasion: point.occasion,
            state,
            total: point.total(),
            items,
        }
    }
}

/// The measurements of one respondent with one instrument (V6).
#[derive(Debug, Clone, SimpleObject)]
pub struct WellbeingSeriesView {
    /// The instrument.
    pub instrument: Instrument,
    /// Who answered.
    pub respondent: PersonInRole,
    /// The measurements in the order in which they were taken.
    pub points: Vec<WellbeingPointView>,
    /// The newest total less the first, in tenths.
    pub change: Option<i32>,
    /// What that change amounts to by the thresholds; none for one measurement, or without thresholds.
    pub judged: Option<WellbeingChange>,
    /// Whether the newest total lies below the cut-off.
    pub below_cutoff: Option<bool>,
    /// Version of the thresholds.
    pub thresholds: String,
    /// Whether the thresholds were verified in a source.
    pub thresholds_verified: bool,
}

/// What a change of well-being amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "ScaleChange")]
pub enum WellbeingChange {
    /// Less than what is reliable.
    NotReliable,
    /// Reliably better.
    Better,
    /// Reliably better, and across the cut-off.
    BetterAcross,
    /// Reliably worse.
    Worse,
    /// Reliably worse, and across the cut-off.
    WorseAcross,
}

impl From<Series> for WellbeingSeriesView {
    fn from(series: Series) -> Self {
        Self {
            instrument: series.instrument,
            respondent: series.respondent.into(),
            change: series.change(),
            judged: series.evaluated().map(Into::into),
            below_cutoff: series.below_cutoff(),
            thresholds: THRESHOLDS.version.to_owned(),
            thresholds_verified: THRESHOLDS.verified,
            points: series.points.iter().map(Into::into).collect(),
        }
    }
}
