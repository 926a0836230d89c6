//! Plans and follow-ups, which pick fields of recorded facts. Goals are answered by `domain`'s own
//! struct.

use async_graphql::SimpleObject;
use domain::views::goals;
use events::ids::{EventId, GoalId};
use events::person::PersonRef;
use events::plan::{MeasureJudgement, PlanKind};
use events::time::Occurred;
use events::words::Words;
use jiff::civil::Date;

/// A version of a plan (V5).
#[derive(Debug, Clone, SimpleObject)]
pub struct Plan {
    /// The event.
    pub event: EventId,
    /// When it was adopted.
    pub occurred: Occurred,
    /// The kind of plan.
    pub kind: PlanKind,
    /// Version, from 1.
    pub version: u32,
    /// The children that it covers.
    pub children: Vec<PersonRef>,
    /// With whom it was made.
    pub made_with: Vec<PersonRef>,
    /// The goals of this version.
    pub goals: Vec<GoalId>,
    /// To whom it was given.
    pub given_to: Vec<PersonRef>,
}

impl From<goals::Plan> for Plan {
    fn from(plan: goals::Plan) -> Self {
        Self {
            event: plan.event,
            occurred: plan.occurred,
            kind: plan.facts.kind,
            version: plan.facts.version,
            children: plan.facts.children,
            made_with: plan.facts.made_with,
            given_to: plan.facts.given_to,
            goals: plan.facts.goals,
        }
    }
}

/// A follow-up (V5).
#[derive(Debug, Clone, SimpleObject)]
pub struct FollowUp {
    /// The event.
    pub event: EventId,
    /// When it was held.
    pub occurred: Occurred,
    /// Whether it was the first one.
    pub first: bool,
    /// How the child is.
    pub wellbeing_judgement: Words,
    /// What becomes of the measure.
    pub measure_judgement: MeasureJudgement,
    /// The day on which the next one is meant to take place.
    pub next: Option<Date>,
}

impl From<goals::FollowUp> for FollowUp {
    fn from(follow_up: goals::FollowUp) -> Self {
        Self {
            event: follow_up.event,
            occurred: follow_up.occurred,
            first: follow_up.facts.first,
            wellbeing_judgement: follow_up.facts.wellbeing_judgement,
            measure_judgement: follow_up.facts.measure_judgement,
            next: follow_up.next,
        }
    }
}
