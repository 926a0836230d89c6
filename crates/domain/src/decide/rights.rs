//! Why a fact about the rights of the parties may not be recorded.

use events::rights::{
    ConsentWithdrawn, PartyHearingHeld, ProtectionMarkerSet, RepresentativeAppointed,
    RepresentativeStatus, RequestMade,
};

use super::check::Check;
use crate::refusal::RefusalCode;

/// The consent that is taken back (BL §§ 100(3) no 3, 102) stands in the open case; a refusal
/// takes none back.
pub(super) fn withdraw_consent(facts: &ConsentWithdrawn, check: &mut Check<'_>) {
    check.needs_open_case();
    check.needs_event(facts.consent, "consent");
}

/// Who is rejected or excluded as representative is told on what ground.
pub(super) fn appoint_representative(facts: &RepresentativeAppointed, check: &mut Check<'_>) {
    check.needs_open_case();
    let refused = match facts.status {
        RepresentativeStatus::Rejected | RepresentativeStatus::Excluded => true,
        RepresentativeStatus::Appointed | RepresentativeStatus::Ended => false,
    };
    check.refuse_if(
        refused && facts.ground.is_none(),
        RefusalCode::FieldRequired,
        "ground",
    );
}

/// The marker is set on the person whose stream it is.
pub(super) fn set_protection_marker(facts: &ProtectionMarkerSet, check: &mut Check<'_>) {
    check.needs_own_person(facts.person);
}

/// A party hearing (FVL § 19) has material or the exception that made it unnecessary.
pub(super) fn hear_party(facts: &PartyHearingHeld, check: &mut Check<'_>) {
    check.needs_open_case();
    match (&facts.material, facts.exception) {
        (None, None) => check.refuse(RefusalCode::FieldRequired, "material"),
        (Some(_), Some(_)) => check.refuse(RefusalCode::FieldNotApplicable, "exception"),
        (Some(_), None) | (None, Some(_)) => {}
    }
}

/// Whoever asks for a decision to be changed names one of this case. A request can be made after
/// the case is closed.
pub(super) fn make_request(facts: &RequestMade, check: &mut Check<'_>) {
    check.needs_decision(facts.decision, "decision");
}
