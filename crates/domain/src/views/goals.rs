//! Goals (V5): in whose words, what became of them, how long it took; the plans that hold them and
//! the follow-ups on them.

use events::calendar::days_between;
use events::event::Event;
use events::ids::{EventId, GoalId};
use events::person::PersonRef;
use events::plan::{FollowUpHeld, GoalArea, GoalChange, PlanAdopted};
use events::time::Occurred;
use events::words::Words;
use jiff::civil::Date;

use crate::reading::Reading;

/// A change of a goal.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    feature = "graphql",
    derive(async_graphql::SimpleObject),
    graphql(name = "ChangeOfGoal")
)]
pub struct Change {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// What became of it.
    pub change: GoalChange,
    /// Why.
    pub reason: Words,
    /// With whom the change was agreed.
    pub agreed_with: Vec<PersonRef>,
}

/// A goal (V5).
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "graphql", derive(async_graphql::SimpleObject))]
pub struct Goal {
    /// The goal.
    pub goal: GoalId,
    /// The event that set it.
    #[cfg_attr(feature = "graphql", graphql(skip))]
    pub set_by: EventId,
    /// Its words now.
    pub wording: Words,
    /// Its words when it was set.
    pub first_wording: Words,
    /// Whose words they were.
    pub words_of: Vec<PersonRef>,
    /// What part of life it is about.
    pub area: GoalArea,
    /// When it was set.
    pub set: Occurred,
    /// The newest change; null while it stands as it was set.
    pub status: Option<GoalChange>,
    /// Days from setting it until it was met.
    pub days_to_met: Option<i32>,
    /// Every change, in the order in which they took place.
    pub changes: Vec<Change>,
}

/// Folds the view.
#[must_use]
pub fn goals(reading: &Reading) -> Vec<Goal> {
    let mut goals: Vec<Goal> = Vec::new();
    let facts = reading.by_occurrence();
    for (event, shown) in &facts {
        if let Event::GoalSet(facts) = &shown.facts {
            goals.push(Goal {
                goal: facts.goal,
                set_by: event.event,
                wording: facts.wording.clone(),
                first_wording: facts.wording.clone(),
                words_of: facts.words_of.clone(),
                area: facts.area,
                set: shown.meta.occurred,
                status: None,
                days_to_met: None,
                changes: Vec::new(),
            });
        }
    }
    for (event, shown) in facts {
        let Event::GoalChanged(facts) = &shown.facts else {
            continue;
        };
        let Some(goal) = goals.iter_mut().find(|goal| goal.goal == facts.goal) else {
            continue;
        };
        if let Some(wording) = &facts.new_wording {
            goal.wording = wording.clone();
        }
        goal.status = Some(facts.change);
        goal.days_to_met = match facts.change {
            GoalChange::Met => Some(days_between(goal.set.day(), shown.meta.occurred.day())),
            GoalChange::Reopened => None,
            GoalChange::Refocused | GoalChange::PartlyMet | GoalChange::Dropped => goal.days_to_met,
        };
        goal.changes.push(Change {
            event: event.event,
            occurred: shown.meta.occurred,
            change: facts.change,
            reason: facts.reason.clone(),
            agreed_with: facts.agreed_with.clone(),
        });
    }
    goals
}

/// A version of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The event.
    pub event: EventId,
    /// When it was adopted.
    pub occurred: Occurred,
    /// All that it says.
    pub facts: PlanAdopted,
}

/// The plans, in the order in which they were adopted.
#[must_use]
pub fn plans(reading: &Reading) -> Vec<Plan> {
    let facts = reading
        .by_occurrence()
        .into_iter()
        .filter_map(|(event, shown)| match &shown.facts {
            Event::PlanAdopted(facts) => Some(Plan {
                event: event.event,
                occurred: shown.meta.occurred,
                facts: facts.clone(),
            }),
            _ => None,
        });
    facts.collect()
}

/// A follow-up.
#[derive(Debug, Clone, PartialEq)]
pub struct FollowUp {
    /// The event.
    pub event: EventId,
    /// When it was held.
    pub occurred: Occurred,
    /// The day on which the next one is meant to take place, by the rhythm that it set.
    pub next: Option<Date>,
    /// All that it says.
    pub facts: FollowUpHeld,
}

/// The follow-ups, in the order in which they were held.
#[must_use]
pub fn follow_ups(reading: &Reading) -> Vec<FollowUp> {
    let facts = reading
        .by_occurrence()
        .into_iter()
        .filter_map(|(event, shown)| match &shown.facts {
            Event::FollowUpHeld(facts) => {
                let occurred = shown.meta.occurred;
                Some(FollowUp {
                    event: event.event,
                    occurred,
                    next: facts
                        .next_rhythm
                        .as_ref()
                        .and_then(|to| to.next_after(occurred.day())),
                    facts: facts.clone(),
                })
            }
            _ => None,
        });
    facts.collect()
}
