//! Why a fact about a case and its work may not be recorded.

use events::casework::{CaseOpened, CaseworkerAssigned, NeedAwarenessEstablished};
use events::spec::StreamKind;

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

/// The municipality became aware (BL § 20(3)) by an event that exists, or by what is
/// recorded nowhere.
pub(super) fn establish_need_awareness(facts: &NeedAwarenessEstablished, check: &mut Check<'_>) {
    check.needs_open_case();
    let unknown = facts.source_event.is_some_and(|source| {
        let own = check.own.holes || check.own.events.contains(&(source.stream, source.event));
        !own && check.state.streams.kind(source.stream).is_none()
    });
    check.refuse_if(unknown, RefusalCode::EventUnknown, "source_event");
}
