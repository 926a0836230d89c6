//! Goals, plans and follow-ups as clients see them.

use async_graphql::SimpleObject;
use domain::views::goals::{Change, FollowUp, Goal, Plan};
use events::ids::{EventId, GoalId};
use events::plan::{GoalArea, GoalChange, MeasureJudgement, PlanKind};
use events::time::Occurred;
use jiff::civil::Date;

use crate::person::PersonInRole;
use crate::person::people;
use crate::text::Wording;

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
