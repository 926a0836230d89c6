//! Erasures, holds and the approval of an archive.

use serde_json::json;

use crate::examples::event;
use crate::given::{FIRST, Fact, case, fact};
use crate::refusal::RefusalCode::*;

fn erasure(ground: &str) -> Fact {
    fact("ErasureOrdered").with("ground", ground)
}

fn lift() -> Fact {
    fact("RetentionHoldChanged").with("lifts", json!(event(FIRST)))
}

#[test]
fn nothing_is_erased_under_a_hold() {
    let held = case().given([fact("RetentionHoldChanged")]);
    held.clone()
        .when(erasure("WRONG_PERSON"))
        .then_refused(HoldInForce);
    held.given([lift()])
        .when(erasure("WRONG_PERSON"))
        .then_recorded();
}

#[test]
fn a_hold_is_lifted_once() {
    case().when(lift()).then_refused(HoldUnknown);
    let held = case().given([fact("RetentionHoldChanged")]);
    held.clone().when(lift()).then_recorded();
    held.given([lift()]).when(lift()).then_refused(HoldUnknown);
}

#[test]
fn retention_ends_only_after_the_case() {
    case()
        .when(erasure("RETENTION_ENDED"))
        .then_refused(CaseNotClosed);
}

#[test]
fn retention_ends_only_after_the_archive_has_approved() {
    let (closed, approved) = (fact("CaseClosed"), fact("ArchiveVersionApproved"));
    let ended = || erasure("RETENTION_ENDED");
    case()
        .given([closed.clone()])
        .when(ended())
        .then_refused(ArchiveNotApproved);
    // An approval from the time when the case ran does not hold what came after it.
    case()
        .given([approved.clone(), closed.clone()])
        .when(ended())
        .then_refused(ArchiveNotApproved);
    let done = case().given([closed.clone(), approved]);
    done.clone().when(ended()).then_recorded();
    done.given([fact("CaseReopened"), closed])
        .when(ended())
        .then_refused(ArchiveNotApproved);
}

#[test]
fn a_second_person_approves_before_anything_else_is_asked() {
    let own = erasure("WRONG_PERSON").with("approved_by", "K1");
    let own = own.with("targets", json!([]));
    case()
        .given([fact("RetentionHoldChanged")])
        .when(own.clone())
        .then_refused(ApproverSame);
    case()
        .given([fact("RetentionHoldChanged")])
        .when(own.with("approved_by", "L1"))
        .then_refused(NothingToErase);
}
