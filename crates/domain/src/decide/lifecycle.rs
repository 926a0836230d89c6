//! Why a case may not be closed or opened again.
//!
//! Open duties and running measures are no reason: they are shown, and stand in the fact itself.

use events::lifecycle::{CaseClosed, CaseReopened};

use super::check::Check;
use crate::refusal::RefusalCode;
use crate::state::CaseState;

/// A case is closed on the version that was on screen, while it is open.
pub(super) fn close_case(_: &CaseClosed, check: &mut Check<'_>) {
    check.needs_version();
    check.needs_open_case();
    check.concerns_this_stream_only();
}

/// A case is reopened on the version that was on screen, while it is closed.
pub(super) fn reopen_case(_: &CaseReopened, check: &mut Check<'_>) {
    check.needs_version();
    check.concerns_this_stream_only();
    match check.own.case {
        CaseState::Closed => {}
        CaseState::Absent | CaseState::Advice | CaseState::Open => {
            check.refuse(RefusalCode::CaseNotClosed, "stream");
        }
    }
}
