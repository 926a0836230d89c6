//! Decisions, and to whom they are told.

use serde_json::json;

use crate::examples::{event, stream};
use crate::given::{COMPLAINT, FIRST, case, fact};
use crate::refusal::RefusalCode::*;

#[test]
fn placement_without_consent_is_not_decided_by_the_administration() {
    let placement = fact("DecisionMade").with("kind", "PLACEMENT_47");
    let by_committee = placement.clone().with("competence", "COMMITTEE");
    case()
        .when(placement.clone().with("competence", "CASEWORKER"))
        .then_refused(CompetenceMissing);
    // A caseworker cannot claim the committee's competence either.
    case().when(by_committee).then_refused(CompetenceMissing);
    case()
        .when(placement.with("outcome", "CEASE"))
        .then_recorded();
}

#[test]
fn a_decision_without_a_plan_says_why() {
    let unplanned = fact("DecisionMade").with("plan_position", "NOT_REQUIRED");
    case().when(unplanned.clone()).then_refused(FieldRequired);
    case()
        .when(unplanned.with("plan_reasons", json!(["short"])))
        .then_recorded();
}

#[test]
fn a_decision_has_parties_and_rests_on_facts_of_the_case() {
    let elsewhere = json!([{ "stream": stream(3), "event": event(4) }]);
    case()
        .when(fact("DecisionMade").with("parties", json!([])))
        .then_refused(ListEmpty);
    case()
        .when(fact("DecisionMade").with("rests_on", elsewhere))
        .then_refused(EventUnknown);
}

#[test]
fn a_decision_is_told_to_somebody() {
    case()
        .when(fact("DecisionCommunicated").with("recipients", json!([])))
        .then_refused(ListEmpty);
}

#[test]
fn what_was_decided_on_appeal_is_communicated() {
    let case = case().given([fact("AppealOutcomeReceived")]);
    case.clone()
        .when(fact("DecisionCommunicated").with("decision", json!(event(FIRST))))
        .then_recorded();
    // A complaint is no decision.
    case.when(fact("DecisionCommunicated").with("decision", json!(event(COMPLAINT))))
        .then_refused(DecisionUnknown);
}

#[test]
fn a_decision_that_may_have_been_erased_is_not_missing() {
    let unknown = fact("DecisionCommunicated").with("decision", json!(event(777)));
    case().when(unknown.clone()).then_refused(DecisionUnknown);
    case().erased(16).when(unknown).then_recorded();
}
