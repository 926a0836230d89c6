//! Why a fact about support measures, well-being and supervision may not be recorded.

use events::support::{
    Scores, SupervisionVisitHeld, SupportAdjusted, SupportEnded, SupportStarted, WellbeingMeasured,
};

use super::check::Check;
use crate::refusal::RefusalCode;

/// A measure is started once, on a decision, unless it is provisional (BL § 10(3)).
pub(super) fn start_support(facts: &SupportStarted, check: &mut Check<'_>) {
    check.needs_open_case();
    check.refuse_if(
        facts.provisional == facts.decision.is_some(),
        RefusalCode::FieldRequired,
        "decision",
    );
    check.refuse_if(
        check.own.measures.contains_key(&facts.measure),
        RefusalCode::MeasureExists,
        "measure",
    );
    check.needs_decision(facts.decision, "decision");
}

/// A running measure is adjusted (BL § 95(4)); the decision behind it stands in the case.
pub(super) fn adjust_support(facts: &SupportAdjusted, check: &mut Check<'_>) {
    check.needs_version();
    check.needs_open_case();
    check.needs_running_measure(facts.measure);
    check.needs_decision(facts.decision, "decision");
}

/// A running measure ends (BL § 99); the decision behind it stands in the case.
pub(super) fn end_support(facts: &SupportEnded, check: &mut Check<'_>) {
    check.needs_version();
    check.needs_open_case();
    check.needs_running_measure(facts.measure);
    check.needs_decision(facts.decision, "decision");
}

/// An instrument with scores has them all, each in its range, and their sum.
pub(super) fn measure_wellbeing(facts: &WellbeingMeasured, check: &mut Check<'_>) {
    check.needs_open_case();
    match (&facts.scores, facts.instrument.scored()) {
        (None, true) => check.refuse(RefusalCode::FieldRequired, "scores"),
        (Some(_), false) => check.refuse(RefusalCode::FieldNotApplicable, "scores"),
        (Some(scores), true) => {
            if let Some(scores) = scores.known() {
                add_up(scores, check);
            }
        }
        (None, false) => {}
    }
    check.needs_child_of_case(facts.child);
}

fn add_up(scores: &Scores, check: &mut Check<'_>) {
    let outside = scores.items().iter().any(|item| *item > Scores::ITEM_MAX);
    check.refuse_if(outside, RefusalCode::ScoreOutOfRange, "scores");
    let sum: u32 = scores.items().iter().map(|item| u32::from(*item)).sum();
    check.refuse_if(
        sum != u32::from(scores.total),
        RefusalCode::ScoreTotalWrong,
        "scores.total",
    );
}

/// Somebody visits the child of the case (BL § 156); a child's words come from a talk.
pub(super) fn hold_supervision_visit(facts: &SupervisionVisitHeld, check: &mut Check<'_>) {
    check.needs_open_case();
    check.needs_some(&facts.caseworkers, "caseworkers");
    let silent = !facts.child_spoken_to && facts.own_words.is_some();
    check.refuse_if(silent, RefusalCode::FieldNotApplicable, "own_words");
    check.needs_child_of_case(facts.child);
    check.needs_measures(facts.measure.as_slice(), "measure");
}
