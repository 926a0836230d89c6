//! Closing a case, opening it again, and what goes on after the end.

use crate::given::{case, fact, stranger};
use crate::refusal::RefusalCode::*;

#[test]
fn closing_needs_the_version_that_was_on_screen() {
    case()
        .when(fact("CaseClosed"))
        .without_version()
        .then_refused(ExpectedVersionNeeded);
}

#[test]
fn a_case_is_closed_once() {
    case()
        .given([fact("CaseClosed")])
        .when(fact("CaseClosed"))
        .then_refused(CaseClosed);
}

#[test]
fn only_a_closed_case_is_reopened() {
    case()
        .when(fact("CaseReopened"))
        .then_refused(CaseNotClosed);
    case()
        .given([fact("CaseClosed")])
        .when(fact("CaseReopened"))
        .then_recorded();
}

#[test]
fn a_reopened_case_is_worked_on_and_closed_again() {
    let reopened = case().given([fact("CaseClosed"), fact("CaseReopened")]);
    reopened.clone().when(fact("ChildHeard")).then_recorded();
    reopened.clone().when(fact("CaseClosed")).then_recorded();
    reopened
        .when(fact("CaseReopened"))
        .then_refused(CaseNotClosed);
}

#[test]
fn work_ends_with_the_case() {
    let closed = case().given([fact("CaseClosed")]);
    for kind in [
        "ChildHeard",
        "FollowUpHeld",
        "ConsentGiven",
        "CaseTransferred",
    ] {
        closed.clone().when(fact(kind)).then_refused(CaseClosed);
    }
}

#[test]
fn notes_documents_and_complaints_follow_the_end_of_the_case() {
    let closed = case().given([fact("CaseClosed")]);
    for kind in ["NoteTaken", "DocumentFiled", "ComplaintReceived"] {
        closed.clone().when(fact(kind)).then_recorded();
    }
}

#[test]
fn a_case_is_open_where_its_opening_was_erased() {
    case().erased(5).when(fact("NoteTaken")).then_recorded();
    case().erased(5).when(fact("CaseClosed")).then_recorded();
}

#[test]
fn a_case_is_about_one_child() {
    case()
        .when(fact("ChildHeard").with("child", stranger()))
        .then_refused(OtherChild);
}
