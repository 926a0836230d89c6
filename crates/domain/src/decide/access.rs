//! Why it may not be recorded that something was given out. It may follow the end of a case.

use events::access::DisclosureMade;

use super::check::Check;
use crate::refusal::RefusalCode;

/// What is given out (FVL §§ 15-16) stands in the case, and nothing is withheld without its own
/// section and reason.
pub(super) fn make_disclosure(facts: &DisclosureMade, check: &mut Check<'_>) {
    let bare = facts.refused_in_part && facts.redactions.is_empty();
    check.refuse_if(bare, RefusalCode::FieldRequired, "redactions");
    check.needs_event(facts.request, "request");
    let foreign = facts
        .manifest
        .iter()
        .any(|item| !check.in_reach(item.event));
    check.refuse_if(foreign, RefusalCode::EventUnknown, "manifest");
}
