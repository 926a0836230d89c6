//! Why a fact about a complaint may not be recorded. All of them may follow the end of a case.

use events::appeal::{
    AppealForwarded, AppealOutcomeReceived, ComplaintReassessed, ComplaintReceived,
};

use super::check::Check;
use crate::refusal::RefusalCode;
use crate::state::{DecidedBy, Found};

/// A complaint (RSL §§ 66-67) is about a decision of this case.
pub(super) fn receive_complaint(facts: &ComplaintReceived, check: &mut Check<'_>) {
    check.needs_decision(Some(facts.decision), "decision");
}

/// The municipality evaluates its own decision again (RSL § 66), and nobody else's: the committee's
/// goes to the Appeals Board at once (RSB § 11(6)).
pub(super) fn reassess_complaint(facts: &ComplaintReassessed, check: &mut Check<'_>) {
    let above = match check.own.complaint(facts.complaint) {
        Found::Here(decision) => check.own.decision(decision) == Found::Here(DecidedBy::Above),
        Found::Nowhere | Found::PerhapsErased => false,
    };
    check.refuse_if(above, RefusalCode::CommitteeNotReassessed, "complaint");
    check.needs_decision(facts.new_decision, "new_decision");
    check.needs_complaint(Some(facts.complaint));
}

/// A complaint is forwarded with the file (RSB §§ 11-14).
pub(super) fn forward_appeal(facts: &AppealForwarded, check: &mut Check<'_>) {
    check.needs_some(&facts.manifest, "manifest");
    check.needs_complaint(Some(facts.complaint));
}

/// The Appeals Board or a court decides something (RSL §§ 68-73), on a complaint where it was one.
pub(super) fn receive_appeal_outcome(facts: &AppealOutcomeReceived, check: &mut Check<'_>) {
    check.needs_some(&facts.outcomes, "outcomes");
    check.needs_complaint(facts.complaint);
}
