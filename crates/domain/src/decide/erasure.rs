//! Why an erasure, a hold or the approval of an archive version may not be recorded. All of them
//! may follow the end of a case.

use events::erasure::{ErasureGround, ErasureOrdered, RetentionHoldChanged};

use super::check::Check;
use crate::refusal::RefusalCode;
use crate::views::retention::retention;

/// A hold is set, or lifted where one is in force.
pub(super) fn change_retention_hold(facts: &RetentionHoldChanged, check: &mut Check<'_>) {
    check.concerns_this_stream_only();
    let Some(lifted) = facts.lifts else { return };
    let Some(reading) = check.reading() else {
        return;
    };
    let unknown = !retention(reading, check.command.stream).in_force(lifted);
    check.refuse_if(unknown, RefusalCode::HoldUnknown, "lifts");
}

/// A second person approves that something is erased, where no hold forbids it; retention ends
/// only for a closed case whose archive version was approved (ARV §§ 5, 7).
pub(super) fn order_erasure(facts: &ErasureOrdered, check: &mut Check<'_>) {
    check.concerns_this_stream_only();
    let Some(reading) = check.reading() else {
        return;
    };
    let kept = retention(reading, check.command.stream);
    let ends = match facts.ground {
        ErasureGround::RetentionEnded => true,
        ErasureGround::Gdpr17
        | ErasureGround::WrongPerson
        | ErasureGround::NoBasis
        | ErasureGround::Ordered => false,
    };
    check.refuse_if(ends && kept.running, RefusalCode::CaseNotClosed, "ground");
    check.refuse_if(
        facts.approved_by.as_str() == check.command.actor.id,
        RefusalCode::ApproverSame,
        "approved_by",
    );
    check.refuse_if(
        facts.targets.is_empty(),
        RefusalCode::NothingToErase,
        "targets",
    );
    check.refuse_if(kept.held(), RefusalCode::HoldInForce, "target");
    check.refuse_if(
        ends && !kept.archived(),
        RefusalCode::ArchiveNotApproved,
        "ground",
    );
}
