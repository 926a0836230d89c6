//! Corrections and annulments.

use serde_json::json;

use crate::examples::{CASE, child, event, stream};
use crate::given::{ERASURE_ORDER, FIRST, Fact, NOTE, case, fact};
use crate::refusal::RefusalCode::*;

/// A correction or annulment of that event.
fn of(kind: &'static str, number: u128) -> Fact {
    let target = json!({ "stream": stream(CASE), "event": event(number) });
    fact(kind).with("target", target)
}

#[test]
fn only_what_counts_is_corrected_or_annulled() {
    for kind in ["EventCorrected", "EventAnnulled"] {
        case().when(of(kind, 777)).then_refused(TargetUnknown);
        case()
            .given([fact("EventAnnulled")])
            .when(of(kind, NOTE))
            .then_refused(TargetAnnulled);
    }
}

#[test]
fn what_was_erased_is_annulled_and_not_corrected() {
    let erased = case().erased(NOTE);
    erased
        .clone()
        .when(of("EventCorrected", NOTE))
        .then_refused(TargetUnknown);
    erased.when(of("EventAnnulled", NOTE)).then_recorded();
}

#[test]
fn an_unknown_target_hides_what_is_wrong_with_the_fields() {
    let empty = of("EventCorrected", 777).with("replaces", json!([]));
    case()
        .when(empty.with("values", json!([])))
        .then_refused(TargetUnknown);
}

#[test]
fn an_erasure_is_never_annulled() {
    case()
        .when(of("EventAnnulled", ERASURE_ORDER))
        .then_refused(TargetFixed);
}

#[test]
fn a_hold_is_lifted_and_never_annulled() {
    case()
        .given([fact("RetentionHoldChanged")])
        .when(of("EventAnnulled", FIRST))
        .then_refused(TargetFixed);
}

#[test]
fn what_says_where_a_document_lies_cannot_be_corrected() {
    let content = json!({
        "blobs": [2], "size": 9, "media_type": "application/pdf", "sha256": "A".repeat(43),
    });
    let filed = fact("DocumentFiled")
        .with("about", child())
        .with("file_name", "a.pdf")
        .with("content", content);
    let correction = |field: &str, part: u16| {
        let subject = if part == 0 { json!(null) } else { child() };
        let corrected = of("EventCorrected", FIRST)
            .with("field", field)
            .with("part", part)
            .with("subject", subject)
            .with("replaces", json!([]));
        case()
            .given([filed.clone(), fact("CaseClosed")])
            .when(corrected.with("values", json!(["x"])))
    };
    correction("title", 0).then_recorded();
    correction("file_name", 1).then_recorded();
    correction("content", 1).then_refused(FieldNotApplicable);
    correction("about", 0).then_refused(FieldNotApplicable);
}
