//! Why a fact about plans, goals and their follow-up may not be recorded.

use events::plan::{FollowUpHeld, GoalChange, GoalChanged, GoalSet, PlanAdopted};

use super::check::Check;
use crate::refusal::RefusalCode;

/// A new version of a plan (BL §§ 91-94, 108) follows the newest of its kind, and holds no goal
/// that has ended.
pub(super) fn adopt_plan(facts: &PlanAdopted, check: &mut Check<'_>) {
    check.needs_version();
    check.needs_open_case();
    // Goals may be set after the plan that names them, in the same sitting; what was ended before
    // cannot be part of a new version.
    let ended = facts.goals.iter().any(|goal| check.goal_ended(*goal));
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
    if check.own.holes {
        return;
    }
    match check.own.goals.get(&facts.goal) {
        None => check.refuse(RefusalCode::GoalUnknown, "goal"),
        Some(open) => {
            let fits = *open != (facts.change == GoalChange::Reopened);
            check.refuse_if(!fits, RefusalCode::GoalEnded, "goal");
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
