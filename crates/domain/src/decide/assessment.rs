//! Why a fact about an assessment may not be recorded. All of them are work on an open case.

use events::assessment::{AssessmentOpened, AssessmentReported};

use super::check::Check;

/// An assessment (BL §§ 19-27) is about at least one child.
pub(super) fn open_assessment(facts: &AssessmentOpened, check: &mut Check<'_>) {
    check.needs_open_case();
    check.needs_some(&facts.children, "children");
}

/// The report (BL §§ 20(3), 22(6)) is about the child of the case.
pub(super) fn report_assessment(facts: &AssessmentReported, check: &mut Check<'_>) {
    check.needs_open_case();
    check.needs_child_of_case(facts.child);
}
