//! Why a fact about involving child and network may not be recorded.

use events::involvement::{ChildHeard, ChildHearingWaived, NetworkMeetingHeld};

use super::check::Check;
use crate::refusal::RefusalCode;

/// The child that was heard (BL §§ 5, 6, 137) is the one that the open case is about, and says
/// something: in its own words, or in a turn of the dialogue.
pub(super) fn hear_child(facts: &ChildHeard, check: &mut Check<'_>) {
    check.needs_open_case();
    check.needs_child_of_case(facts.child);
    let silent = facts.childs_words().0.is_empty();
    check.refuse_if(silent, RefusalCode::FieldRequired, "own_words");
}

/// The child that was not heard (BL §§ 5(4), 137(4)) is the one that the open case is about.
pub(super) fn waive_child_hearing(facts: &ChildHearingWaived, check: &mut Check<'_>) {
    check.needs_open_case();
    check.needs_child_of_case(facts.child);
}

/// A network meeting (BL § 8) has participants, and the next one a window that does not run
/// backwards.
pub(super) fn hold_network_meeting(facts: &NetworkMeetingHeld, check: &mut Check<'_>) {
    check.needs_open_case();
    check.needs_some(&facts.participants, "participants");
}
