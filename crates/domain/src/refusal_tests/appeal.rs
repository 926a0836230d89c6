//! Complaints, and who evaluates what again.

use serde_json::json;

use crate::examples::event;
use crate::given::{FIRST, PROVISIONAL_DECISION, case, fact};
use crate::refusal::RefusalCode::*;

#[test]
fn the_municipality_evaluates_its_own_decision_again() {
    case().when(fact("ComplaintReassessed")).then_recorded();
}

#[test]
fn a_decision_of_the_committee_is_never_evaluated_again_here() {
    case()
        .given([fact("ComplaintReceived").with("decision", json!(event(PROVISIONAL_DECISION)))])
        .when(fact("ComplaintReassessed").with("complaint", json!(event(FIRST))))
        .then_refused(CommitteeNotReassessed);
}

#[test]
fn what_was_decided_on_appeal_is_never_evaluated_again_here() {
    case()
        .given([
            fact("AppealOutcomeReceived"),
            fact("ComplaintReceived").with("decision", json!(event(FIRST))),
        ])
        .when(fact("ComplaintReassessed").with("complaint", json!(event(FIRST + 1))))
        .then_refused(CommitteeNotReassessed);
}

#[test]
fn an_answer_is_about_a_complaint_of_the_case() {
    for kind in [
        "ComplaintReassessed",
        "AppealForwarded",
        "AppealOutcomeReceived",
    ] {
        let unknown = fact(kind).with("complaint", json!(event(777)));
        case().when(unknown.clone()).then_refused(ComplaintUnknown);
        case().erased(16).when(unknown).then_recorded();
    }
}
