//! Why a fact about a move between municipalities may not be recorded.

use events::moving::{IntermunicipalNotificationSent, ResponsibleMunicipalityChanged};

use super::check::Check;
use crate::refusal::RefusalCode;

/// A notification to another municipality (BL § 132) is about a child, born or expected. It may
/// be sent after the case is closed.
pub(super) fn notify_municipality(facts: &IntermunicipalNotificationSent, check: &mut Check<'_>) {
    let nobody = facts.children.is_empty() && facts.expectant_parents.is_empty();
    check.refuse_if(nobody, RefusalCode::ListEmpty, "children");
}

/// Another municipality (RSL §§ 9, 9 a) becomes responsible for the person whose stream it is.
pub(super) fn change_responsible_municipality(
    facts: &ResponsibleMunicipalityChanged,
    check: &mut Check<'_>,
) {
    check.refuse_if(
        facts.from == facts.to,
        RefusalCode::FieldNotApplicable,
        "to",
    );
    check.needs_own_person(facts.person);
}
