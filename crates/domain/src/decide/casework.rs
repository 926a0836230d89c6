//! Why a fact about a case and its work may not be recorded.

use events::casework::{CaseOpened, CaseworkerAssigned, NeedAwarenessEstablished};
use events::spec::StreamKind;
use events::time::start_of_day;

use super::check::Check;
use crate::refusal::RefusalCode;

/// What led to the case stands in a notification and in early advice that exist.
pub(super) fn open_case(facts: &CaseOpened, check: &mut Check<'_>) {
    check.concerns_this_stream_only();
    let notification = facts.linked_notification.map(|link| link.stream);
    let advice = facts.linked_advice.map(|link| link.stream);
    for (field, link, kind) in [
        (
            "linked_notification",
            notification,
            StreamKind::Notification,
        ),
        ("linked_advice", advice, StreamKind::Case),
    ] {
        let unknown = link.is_some_and(|link| !check.stream_is(link, kind));
        check.refuse_if(unknown, RefusalCode::EventUnknown, field);
    }
}

/// An open case has at least one caseworker (BL § 21(5)).
pub(super) fn assign_caseworker(facts: &CaseworkerAssigned, check: &mut Check<'_>) {
    check.needs_open_case();
    check.needs_some(&facts.caseworkers, "caseworkers");
    check.concerns_this_stream_only();
}

/// The municipality became aware (BL § 20(3)) on a day that has come, by an event that exists.
pub(super) fn establish_need_awareness(facts: &NeedAwarenessEstablished, check: &mut Check<'_>) {
    check.needs_past(Some(start_of_day(facts.aware_at)), "aware_at");
    check.needs_open_case();
    let source = facts.source_event;
    let known = check.own.holes
        || check.own.events.contains(&(source.stream, source.event))
        || check.state.streams.kind(source.stream).is_some();
    check.refuse_if(!known, RefusalCode::EventUnknown, "source_event");
}
