//! What is asked of every command: who may record it, when it can have taken place, and which
//! other cases it belongs to.

use events::spec::StreamKind;

use super::check::Check;
use crate::refusal::RefusalCode;

/// Who records it, and every date in it.
pub(super) fn circumstances(check: &mut Check<'_>) {
    let command = check.command;
    check.refuse_if(
        !command.facts.spec().roles.contains(&command.actor.role),
        RefusalCode::RoleNotAllowed,
        "",
    );
    check.dates();
}

/// A fact of a case belongs to other cases only as a whole. The types that change the stream
/// itself refuse it for themselves, with [`Check::concerns_this_stream_only`].
pub(super) fn other_cases(kind: StreamKind, check: &mut Check<'_>) {
    if kind != StreamKind::Case {
        check.concerns_this_stream_only();
    }
    let command = check.command;
    let known = command
        .also
        .iter()
        .all(|case| *case != command.stream && check.stream_is(*case, StreamKind::Case));
    check.refuse_if(!known, RefusalCode::CaseUnknown, "also_cases");
}
