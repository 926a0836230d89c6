//! Support measures, and well-being in figures.

use serde_json::json;

use crate::examples::event;
use crate::given::{Given, MEASURE, UNKNOWN, case, fact};
use crate::refusal::RefusalCode::*;

/// A case whose measure has ended.
fn measure_ended() -> Given {
    case().given([fact("SupportEnded")])
}

#[test]
fn a_measure_is_started_once() {
    let again = fact("SupportStarted").with("measure", json!(MEASURE));
    case().when(again.clone()).then_refused(MeasureExists);
    measure_ended().when(again).then_refused(MeasureExists);
}

#[test]
fn a_measure_rests_on_a_decision_unless_it_is_provisional() {
    let undecided = fact("SupportStarted").without("decision");
    case().when(undecided.clone()).then_refused(FieldRequired);
    case()
        .when(undecided.with("provisional", true))
        .then_recorded();
    // The start of another measure is no decision.
    case()
        .when(fact("SupportStarted").with("decision", json!(event(11))))
        .then_refused(DecisionUnknown);
}

#[test]
fn only_a_running_measure_is_adjusted_or_ended() {
    for kind in ["SupportAdjusted", "SupportEnded"] {
        case().when(fact(kind)).then_recorded();
        measure_ended().when(fact(kind)).then_refused(MeasureEnded);
        case()
            .when(fact(kind).with("measure", json!(UNKNOWN)))
            .then_refused(MeasureUnknown);
    }
}

#[test]
fn a_measure_that_may_have_been_erased_is_not_missing() {
    case()
        .erased(16)
        .when(fact("SupportEnded").with("measure", json!(UNKNOWN)))
        .then_recorded();
    measure_ended()
        .erased(16)
        .when(fact("SupportEnded"))
        .then_refused(MeasureEnded);
}

#[test]
fn scores_are_in_their_range_and_add_up() {
    let scores = |first: u32, total: u32| {
        let scores = json!({
            "first": first, "second": 50, "third": 50, "fourth": 50, "total": total,
        });
        case().when(fact("WellbeingMeasured").with("scores", scores))
    };
    scores(50, 200).then_recorded();
    scores(101, 251).then_refused(ScoreOutOfRange);
    scores(50, 199).then_refused(ScoreTotalWrong);
    // The earlier rule comes first.
    scores(101, 199).then_refused(ScoreOutOfRange);
}

#[test]
fn an_instrument_has_scores_or_none() {
    let measured = fact("WellbeingMeasured");
    case()
        .when(measured.clone().without("scores"))
        .then_refused(FieldRequired);
    case()
        .when(measured.with("instrument", "YCORS"))
        .then_refused(FieldNotApplicable);
}
