//! Why a command is refused, and which reason comes first: one file for each file of
//! [`crate::decide`].
//!
//! Refusals that the example alone shows, whatever stands in the case, are rows of
//! `catalogue_tests/refused.rs`.

mod appeal;
mod common;
mod correction;
mod decision;
mod erasure;
mod lifecycle;
mod notification;
mod people;
mod plan;
mod support;

use crate::refusal::RefusalCode;

/// Whether a test of these files names a refusal.
pub(crate) fn names(code: RefusalCode) -> bool {
    let claim = format!("then_refused({code:?})");
    [
        include_str!("refusal_tests/appeal.rs"),
        include_str!("refusal_tests/common.rs"),
        include_str!("refusal_tests/correction.rs"),
        include_str!("refusal_tests/decision.rs"),
        include_str!("refusal_tests/erasure.rs"),
        include_str!("refusal_tests/lifecycle.rs"),
        include_str!("refusal_tests/notification.rs"),
        include_str!("refusal_tests/people.rs"),
        include_str!("refusal_tests/plan.rs"),
        include_str!("refusal_tests/support.rs"),
    ]
    .iter()
    .any(|file| file.contains(&claim))
}
