//! Goals (V5): in whose words, what became of them, how long it took.

use events::event::Event;
use events::ids::{EventId, GoalId};
use events::person::PersonRef;
use events::plan::{GoalArea, GoalChange};
use events::time::Occurred;
use events::words::Words;

use crate::reading::Reading;
use crate::views::summary::days_between;

/// One change of a goal.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The event.
    pub event: EventId,
    /// When.
    pub occurred: Occurred,
    /// What became of it.
    pub change: GoalChange,
    /// Why.
    pub reason: Words,
    /// With whom it was agreed.
    pub agreed_with: Vec<PersonRef>,
}

/// A goal.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// The goal.
    pub goal: GoalId,
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
    /// The newest change; none while it stands as it was set.
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
    for (_, shown) in &facts {
        if let Event::GoalSet(facts) = &shown.facts {
            goals.push(Goal {
                goal: facts.goal,
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
        let Event::GoalChanged(facts) = &shown.facts else { continue };
        let Some(goal) = goals.iter_mut().find(|goal| goal.goal == facts.goal) else { continue };
        if let Some(wording) = &facts.new_wording {
            goal.wording = wording.clone();
        }
        goal.status = Some(facts.change);
        goal.days_to_met = match facts.change {
            GoalChange::Met => Some(days_between(goal.set, shown.meta.occurred)),
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
