//! Why a fact about plans, goals and their follow-up may not be recorded.

use events::plan::{FollowUpHeld, GoalChange, GoalChanged, GoalSet, PlanAdopted};

use super::check::Check;
use crate::refusal::RefusalCode;
use crate::state::{Found, GoalState};

/// A new version of a plan (BL §§ 91-94, 108) follows the newest of its kind, and holds no goal
/// that has ended.
pub(super) fn adopt_plan(facts: &PlanAdopted, check: &mut Check<'_>) {
    check.needs_version();
    check.needs_open_case();
    // Goals may be set after the plan that names them, in the same sitting; what was ended before
    // cannot be part of a new version.
    let ended = |goal| check.own.goal(goal) == Found::Here(GoalState::Ended);
    let ended = facts.goals.iter().copied().any(ended);
    check.refuse_if(ended && !check.own.holes, RefusalCode::GoalEnded, "goals");
    let newest = check.own.plan_versions.get(&facts.kind);
    let next = newest.copied().unwrap_or(0).saturating_add(1);
    check.refuse_if(
        facts.version != next && !check.own.holes,
        RefusalCode::PlanVersionNotNext,
        "version",
    );
}

/// A goal (BL § 92) is set once, for the child of the open case.
pub(super) fn set_goal(facts: &GoalSet, check: &mut Check<'_>) {
    check.needs_open_case();
    check.needs_child_of_case(facts.child);
    check.refuse_if(
        check.own.goals.contains_key(&facts.goal),
        RefusalCode::GoalExists,
        "goal",
    );
}

/// Only what has ended is reopened, and only what is open is changed otherwise (BL § 95(6)).
pub(super) fn change_goal(facts: &GoalChanged, check: &mut Check<'_>) {
    check.needs_version();
    check.needs_open_case();
    let reworded = facts.change == GoalChange::Refocused;
    check.refuse_if(
        reworded && facts.new_wording.is_none(),
        RefusalCode::FieldRequired,
        "new_wording",
    );
    check.needs_child_of_case(facts.child);
    // Where something was erased, what ended or reopened the goal may be gone.
    if check.own.holes {
        return;
    }
    let reopened = facts.change == GoalChange::Reopened;
    match (check.own.goal(facts.goal), reopened) {
        (Found::Here(GoalState::Open), false) | (Found::Here(GoalState::Ended), true) => {}
        (Found::Here(GoalState::Open), true) | (Found::Here(GoalState::Ended), false) => {
            check.refuse(RefusalCode::GoalEnded, "goal");
        }
        (Found::Nowhere | Found::PerhapsErased, _) => {
            check.refuse(RefusalCode::GoalUnknown, "goal");
        }
    }
}

/// A follow-up (BL § 95) is about measures of the case; the next one has a rhythm or a day.
pub(super) fn hold_follow_up(facts: &FollowUpHeld, check: &mut Check<'_>) {
    check.needs_open_case();
    check.needs_some(&facts.measures, "measures");
    let rhythm = facts.next_rhythm.as_ref();
    let both_or_neither =
        rhythm.is_some_and(|rhythm| rhythm.interval_weeks.is_some() == rhythm.on.is_some());
    check.refuse_if(both_or_neither, RefusalCode::FieldRequired, "next_rhythm");
    check.needs_child_of_case(facts.child);
    check.needs_measures(&facts.measures, "measures");
}
