//! Plans, goals and follow-up.

use serde_json::json;

use crate::given::{GOAL, Given, UNKNOWN, case, fact};
use crate::refusal::RefusalCode::*;

/// A case whose goal was met.
fn goal_met() -> Given {
    case().given([fact("GoalChanged").with("change", "MET")])
}

#[test]
fn a_goal_is_set_once() {
    case()
        .when(fact("GoalSet").with("goal", json!(GOAL)))
        .then_refused(GoalExists);
}

#[test]
fn only_a_goal_of_the_case_is_changed() {
    case()
        .when(fact("GoalChanged").with("goal", json!(UNKNOWN)))
        .then_refused(GoalUnknown);
}

#[test]
fn only_what_has_ended_is_reopened() {
    let reopened = fact("GoalChanged").with("change", "REOPENED");
    case().when(reopened.clone()).then_refused(GoalEnded);
    goal_met().when(reopened).then_recorded();
}

#[test]
fn what_has_ended_is_not_changed() {
    for change in ["MET", "DROPPED", "PARTLY_MET"] {
        let changed = fact("GoalChanged").with("change", change);
        goal_met().when(changed.clone()).then_refused(GoalEnded);
        case().when(changed).then_recorded();
    }
}

#[test]
fn a_goal_that_is_met_in_part_stays_open() {
    case()
        .given([fact("GoalChanged").with("change", "PARTLY_MET")])
        .when(fact("GoalChanged").with("change", "MET"))
        .then_recorded();
}

#[test]
fn where_something_was_erased_a_goal_may_have_been_reopened() {
    goal_met()
        .erased(16)
        .when(fact("GoalChanged").with("change", "MET"))
        .then_recorded();
}

#[test]
fn a_goal_is_put_differently_in_new_words() {
    let refocused = fact("GoalChanged").with("change", "REFOCUSED");
    case().when(refocused.clone()).then_refused(FieldRequired);
    case()
        .when(refocused.with("new_wording", json!(["calm evenings"])))
        .then_recorded();
}

#[test]
fn a_plan_holds_no_goal_that_has_ended() {
    let plan = fact("PlanAdopted").with("goals", json!([GOAL]));
    goal_met().when(plan.clone()).then_refused(GoalEnded);
    case().when(plan).then_recorded();
    // It may be set in the same sitting.
    case()
        .when(fact("PlanAdopted").with("goals", json!([UNKNOWN])))
        .then_recorded();
}

#[test]
fn a_version_follows_the_newest_of_its_kind() {
    let adopted = case().given([fact("PlanAdopted")]);
    adopted
        .clone()
        .when(fact("PlanAdopted"))
        .then_refused(PlanVersionNotNext);
    adopted
        .clone()
        .when(fact("PlanAdopted").with("version", 2))
        .then_recorded();
    let parents = fact("PlanAdopted").with("kind", "PARENT_PLAN");
    adopted.clone().when(parents.clone()).then_recorded();
    adopted
        .when(parents.with("version", 2))
        .then_refused(PlanVersionNotNext);
}

#[test]
fn a_follow_up_is_about_measures_of_the_case() {
    let follow_up = |measures| fact("FollowUpHeld").with("measures", measures);
    case().when(follow_up(json!([]))).then_refused(ListEmpty);
    case()
        .when(follow_up(json!([UNKNOWN])))
        .then_refused(MeasureUnknown);
    case().when(fact("FollowUpHeld")).then_recorded();
}

#[test]
fn the_next_follow_up_has_a_rhythm_or_a_day() {
    let both = json!({ "interval_weeks": 8, "on": "2024-09-01" });
    for rhythm in [both, json!({})] {
        case()
            .when(fact("FollowUpHeld").with("next_rhythm", rhythm))
            .then_refused(FieldRequired);
    }
}
