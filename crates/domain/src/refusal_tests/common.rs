//! What is asked of every command, and the order of the reasons.

use events::event::field_schemas;
use events::meta::Role;

use serde_json::json;

use crate::examples::{BROTHERS_CASE, CASE, NOTIFICATION};
use crate::given::{Given, UNKNOWN, When, case, fact, nothing};
use crate::refusal::RefusalCode::*;

/// The end of an unknown measure in a closed case: refused for two reasons.
fn end_in_a_closed_case() -> When {
    let closed: Given = case().given([fact("CaseClosed")]);
    closed.when(fact("SupportEnded").with("measure", json!(UNKNOWN)))
}

#[test]
fn the_earlier_rule_comes_first() {
    // Each step adds a reason that comes before those that are there.
    let closed = end_in_a_closed_case();
    closed.clone().then_refused(CaseClosed);
    let backwards = closed.effective("2024-02-02", "2024-02-01");
    backwards.clone().then_refused(DatesContradict);
    let future = backwards.on_day(201);
    future.clone().then_refused(TimeInFuture);
    let unversioned = future.without_version();
    unversioned.clone().then_refused(ExpectedVersionNeeded);
    let stranger = unversioned.by(Role::Auditor);
    stranger.clone().then_refused(RoleNotAllowed);
    let elsewhere = stranger.in_stream(NOTIFICATION);
    elsewhere.clone().then_refused(StreamKindWrong);
    elsewhere.in_stream(999).then_refused(StreamUnknown);
}

#[test]
fn a_role_is_asked_before_the_fields() {
    let given_to_nobody = fact("CaseworkerAssigned").with("caseworkers", json!([]));
    let order = case().when(given_to_nobody);
    order.clone().then_refused(ListEmpty);
    order.by(Role::Caseworker).then_refused(RoleNotAllowed);
}

#[test]
fn a_stream_begins_once() {
    case().when(fact("CaseOpened")).then_refused(StreamExists);
    case()
        .before_the_first("CaseOpened")
        .when(fact("CaseOpened"))
        .then_recorded();
}

#[test]
fn nothing_follows_where_nothing_has_begun() {
    nothing()
        .when(fact("NoteTaken"))
        .then_refused(StreamUnknown);
    case()
        .when(fact("AcuteAssessmentMade"))
        .in_stream(0xf0)
        .then_refused(StreamUnknown);
}

#[test]
fn a_fact_stands_in_its_own_kind_of_stream() {
    case()
        .when(fact("AcuteAssessmentMade"))
        .in_stream(CASE)
        .then_refused(StreamKindWrong);
}

#[test]
fn a_fact_can_belong_to_the_case_of_a_brother_too() {
    let heard = || case().when(fact("ChildHeard"));
    heard().also_in([BROTHERS_CASE]).then_recorded_as(2);
    heard().also_in([CASE]).then_refused(CaseUnknown);
    heard().also_in([NOTIFICATION]).then_refused(CaseUnknown);
}

#[test]
fn what_changes_a_stream_belongs_to_that_stream_only() {
    for kind in [
        "CaseworkerAssigned",
        "CaseClosed",
        "EventCorrected",
        "EventAnnulled",
        "ErasureOrdered",
        "ErasureExecuted",
        "RetentionHoldChanged",
        "ArchiveVersionApproved",
        "FactReferenced",
        "PersonIdentified",
    ] {
        let order = case().when(fact(kind)).also_in([BROTHERS_CASE]);
        order.then_refused(FieldNotApplicable);
    }
}

/// Which types state a day or a time, beside their circumstances. A type that begins to must be thought
/// of in `decide/dates.rs`, where what cannot be true is refused.
#[test]
fn every_type_with_a_date_is_thought_of() {
    let dated = field_schemas().into_iter().filter(|(_, schema)| {
        let text = serde_json::to_string(schema).unwrap();
        text.contains(r#""format":"date"#)
    });
    let names: Vec<&str> = dated.map(|(spec, _)| spec.name).collect();
    assert_eq!(
        names,
        [
            "PersonRegistered",
            "PersonIdentified",
            "NeedAwarenessEstablished",
            "NetworkMeetingHeld",
            "PartyHearingHeld",
            "DecisionCommunicated",
            "ProvisionalDecisionMade",
            "CommitteeDecisionMade",
            "FollowUpHeld",
            "AppealOutcomeReceived",
            // It says that a clock was wrong.
            "SafeguardOverridden",
        ]
    );
}
