//! A row for each refusal: what is put into the example of a type, and why it is then refused.
//!
//! A reason that depends on what stands in the case is tested in [`crate::refusal_tests`].

use serde_json::{Value, json};
use uuid::Uuid;

use crate::examples::facts::committee;
use crate::examples::{self, event, mother, stream};
use crate::refusal::RefusalCode::{self, *};

/// A fact that is refused: its type, what is put into the example, and why it is refused.
pub(super) type Refused = (&'static str, Value, RefusalCode);

const LATE: &str = "2030-01-01T00:00:00Z";

/// Every row.
pub(super) fn refused() -> Vec<Refused> {
    [
        notifications(),
        dates(),
        people(),
        casework(),
        plans_and_goals(),
        support(),
        wellbeing_and_visits(),
        decisions(),
        committee_matters(),
        committee_decisions(),
        complaints(),
        upkeep(),
    ]
    .concat()
}

/// A child that no stream is about.
fn foreign() -> Value {
    json!({ "person": Uuid::from_u128(0xff), "role": "CHILD" })
}

/// An event that stands nowhere.
fn unknown() -> Value {
    json!(event(777))
}

/// A goal or a measure that stands nowhere.
fn gone() -> Value {
    json!(Uuid::from_u128(0xdead))
}

fn notifications() -> Vec<Refused> {
    vec![
        ("NotificationReceived", json!({ "concerns": [] }), ListEmpty),
        (
            "NotificationReceived",
            json!({ "children": [] }),
            FieldRequired,
        ),
        (
            "NotificationReceived",
            json!({ "notifier_name": "N. N." }),
            FieldRequired,
        ),
        (
            "NotificationReceiptConfirmed",
            json!({ "not_possible": "ANONYMOUS", "recipient": mother() }),
            FieldNotApplicable,
        ),
        ("NotificationMatched", json!({ "children": [] }), ListEmpty),
        ("NotificationMatched", json!({ "cases": [] }), ListEmpty),
        (
            "NotificationMatched",
            json!({ "cases": [stream(999)] }),
            CaseUnknown,
        ),
        (
            "NotificationMatched",
            json!({ "duplicate_of": stream(999) }),
            EventUnknown,
        ),
        (
            "NotificationReassessed",
            json!({ "participants": ["K1"] }),
            FieldRequired,
        ),
        (
            "NotificationReassessed",
            json!({ "uninvolved_participant": "K1" }),
            ParticipantInvolved,
        ),
        (
            "NotifierFeedbackGiven",
            json!({ "outcome": "WITHHELD" }),
            FieldRequired,
        ),
        (
            "IntermunicipalNotificationSent",
            json!({ "children": [] }),
            ListEmpty,
        ),
    ]
}

/// Dates that cannot be true.
fn dates() -> Vec<Refused> {
    vec![
        (
            "PersonRegistered",
            json!({ "birth_date": "2030-01-01" }),
            TimeInFuture,
        ),
        (
            "PersonRegistered",
            json!({ "birth_date": "1820-01-01" }),
            DateImpossible,
        ),
        (
            "PersonRegistered",
            json!({ "birth_date": null, "due_date": "2026-06-01" }),
            DateImpossible,
        ),
        (
            "PersonIdentified",
            json!({ "birth_date": "2030-01-01" }),
            TimeInFuture,
        ),
        (
            "NeedAwarenessEstablished",
            json!({ "aware_at": "2024-06-30" }),
            DatesContradict,
        ),
        (
            "AppealOutcomeReceived",
            json!({ "outcomes": [{ "child": examples::child(), "section": "BL § 47", "outcome": "AENDRET", "deadline": "2023-01-01" }] }),
            DatesContradict,
        ),
        (
            "FollowUpHeld",
            json!({ "next_rhythm": { "on": "2023-01-01" } }),
            DatesContradict,
        ),
    ]
}

fn people() -> Vec<Refused> {
    vec![
        (
            "PersonRegistered",
            json!({ "birth_date": "2020-01-01", "due_date": "2020-02-01" }),
            FieldNotApplicable,
        ),
        (
            "PersonIdentified",
            json!({ "birth_date": null }),
            FieldRequired,
        ),
        (
            "PersonIdentified",
            json!({ "person": foreign() }),
            OtherPerson,
        ),
        (
            "PersonsMerged",
            json!({ "into": { "person": Uuid::from_u128(0xc5), "role": "CHILD" } }),
            FieldNotApplicable,
        ),
        ("PersonsMerged", json!({ "into": foreign() }), EventUnknown),
        (
            "RelationRecorded",
            json!({ "to": examples::child() }),
            FieldNotApplicable,
        ),
        (
            "RelationRecorded",
            json!({ "from": foreign() }),
            OtherPerson,
        ),
        (
            "ResponsibleMunicipalityChanged",
            json!({ "to": "9901" }),
            FieldNotApplicable,
        ),
        (
            "ResponsibleMunicipalityChanged",
            json!({ "person": foreign() }),
            OtherPerson,
        ),
        (
            "ProtectionMarkerSet",
            json!({ "person": foreign() }),
            OtherPerson,
        ),
        (
            "ConsentWithdrawn",
            json!({ "consent": unknown() }),
            EventUnknown,
        ),
        (
            "RepresentativeAppointed",
            json!({ "status": "REJECTED" }),
            FieldRequired,
        ),
        ("NetworkMapped", json!({ "child": foreign() }), OtherChild),
    ]
}

fn casework() -> Vec<Refused> {
    vec![
        (
            "CaseOpened",
            json!({ "linked_notification": { "stream": stream(999), "event": unknown() } }),
            EventUnknown,
        ),
        (
            "CaseOpened",
            json!({ "linked_advice": { "stream": stream(2), "event": unknown() } }),
            EventUnknown,
        ),
        (
            "CaseworkerAssigned",
            json!({ "caseworkers": [] }),
            ListEmpty,
        ),
        (
            "NeedAwarenessEstablished",
            json!({ "aware_at": "2030-01-01" }),
            TimeInFuture,
        ),
        (
            "NeedAwarenessEstablished",
            json!({ "source_event": { "stream": stream(999), "event": unknown() } }),
            EventUnknown,
        ),
        ("AssessmentOpened", json!({ "children": [] }), ListEmpty),
        (
            "AssessmentReported",
            json!({ "child": foreign() }),
            OtherChild,
        ),
        ("ChildHeard", json!({ "child": foreign() }), OtherChild),
        (
            "ChildHeard",
            json!({
                "own_words": null,
                "dialogue": [{ "speaker": "CASEWORKER", "words": ["how was it?"] }],
            }),
            FieldRequired,
        ),
        (
            "ChildHearingWaived",
            json!({ "child": foreign() }),
            OtherChild,
        ),
        (
            "NetworkMeetingHeld",
            json!({ "participants": [] }),
            ListEmpty,
        ),
        (
            "NetworkMeetingHeld",
            json!({ "next_meeting": { "from": "2024-03-02", "to": "2024-03-01" } }),
            DatesContradict,
        ),
    ]
}

fn plans_and_goals() -> Vec<Refused> {
    vec![
        ("PlanAdopted", json!({ "version": 3 }), PlanVersionNotNext),
        (
            "PlanAdopted",
            json!({ "goals": [Uuid::from_u128(0xb3)] }),
            GoalEnded,
        ),
        (
            "GoalSet",
            json!({ "goal": Uuid::from_u128(0xb1) }),
            GoalExists,
        ),
        ("GoalSet", json!({ "child": foreign() }), OtherChild),
        ("GoalChanged", json!({ "goal": gone() }), GoalUnknown),
        ("GoalChanged", json!({ "change": "REOPENED" }), GoalEnded),
        (
            "GoalChanged",
            json!({ "change": "REFOCUSED" }),
            FieldRequired,
        ),
        ("GoalChanged", json!({ "child": foreign() }), OtherChild),
        ("FollowUpHeld", json!({ "measures": [] }), ListEmpty),
        (
            "FollowUpHeld",
            json!({ "measures": [gone()] }),
            MeasureUnknown,
        ),
        ("FollowUpHeld", json!({ "next_rhythm": {} }), FieldRequired),
        ("FollowUpHeld", json!({ "child": foreign() }), OtherChild),
    ]
}

fn support() -> Vec<Refused> {
    vec![
        (
            "SupportStarted",
            json!({ "measure": Uuid::from_u128(0xa1) }),
            MeasureExists,
        ),
        ("SupportStarted", json!({ "decision": null }), FieldRequired),
        (
            "SupportStarted",
            json!({ "decision": unknown() }),
            DecisionUnknown,
        ),
        (
            "SupportAdjusted",
            json!({ "measure": gone() }),
            MeasureUnknown,
        ),
        (
            "SupportAdjusted",
            json!({ "measure": Uuid::from_u128(0xa9) }),
            MeasureEnded,
        ),
        (
            "SupportAdjusted",
            json!({ "decision": unknown() }),
            DecisionUnknown,
        ),
        ("SupportEnded", json!({ "measure": gone() }), MeasureUnknown),
        (
            "SupportEnded",
            json!({ "measure": Uuid::from_u128(0xa9) }),
            MeasureEnded,
        ),
        (
            "SupportEnded",
            json!({ "decision": unknown() }),
            DecisionUnknown,
        ),
    ]
}

fn wellbeing_and_visits() -> Vec<Refused> {
    vec![
        (
            "WellbeingMeasured",
            json!({ "scores": null }),
            FieldRequired,
        ),
        (
            "WellbeingMeasured",
            json!({ "instrument": "YCORS" }),
            FieldNotApplicable,
        ),
        (
            "WellbeingMeasured",
            json!({ "scores": { "first": 101, "second": 0, "third": 0, "fourth": 0, "total": 101 } }),
            ScoreOutOfRange,
        ),
        (
            "WellbeingMeasured",
            json!({ "scores": { "first": 50, "second": 50, "third": 50, "fourth": 50, "total": 201 } }),
            ScoreTotalWrong,
        ),
        (
            "WellbeingMeasured",
            json!({ "child": foreign() }),
            OtherChild,
        ),
        (
            "SupervisionVisitHeld",
            json!({ "caseworkers": [] }),
            ListEmpty,
        ),
        (
            "SupervisionVisitHeld",
            json!({ "child_spoken_to": false }),
            FieldNotApplicable,
        ),
        (
            "SupervisionVisitHeld",
            json!({ "measure": gone() }),
            MeasureUnknown,
        ),
        (
            "SupervisionVisitHeld",
            json!({ "child": foreign() }),
            OtherChild,
        ),
    ]
}

fn decisions() -> Vec<Refused> {
    vec![
        (
            "PartyHearingHeld",
            json!({ "material": null }),
            FieldRequired,
        ),
        (
            "PartyHearingHeld",
            json!({ "exception": "URGENT" }),
            FieldNotApplicable,
        ),
        (
            "PartyHearingHeld",
            json!({ "deadline": "2024-01-01" }),
            DatesContradict,
        ),
        (
            "PartyHearingHeld",
            json!({ "answered_at": "2024-01-01T00:00:00Z" }),
            DatesContradict,
        ),
        (
            "PartyHearingHeld",
            json!({ "answered_at": LATE }),
            TimeInFuture,
        ),
        (
            "RequestMade",
            json!({ "decision": unknown() }),
            DecisionUnknown,
        ),
        (
            "DecisionMade",
            json!({ "kind": "PLACEMENT_47" }),
            CompetenceMissing,
        ),
        (
            "DecisionMade",
            json!({ "plan_position": "NOT_REQUIRED" }),
            FieldRequired,
        ),
        ("DecisionMade", json!({ "parties": [] }), ListEmpty),
        (
            "DecisionMade",
            json!({ "rests_on": [{ "stream": stream(3), "event": unknown() }] }),
            EventUnknown,
        ),
        ("DecisionMade", json!({ "child": foreign() }), OtherChild),
        (
            "DecisionCommunicated",
            json!({ "recipients": [] }),
            ListEmpty,
        ),
        (
            "DecisionCommunicated",
            json!({ "decision": unknown() }),
            DecisionUnknown,
        ),
        (
            "DecisionCommunicated",
            json!({ "recipients": [{ "who": mother(), "channel": "LETTER", "available_at": LATE, "oral": false, "guidance": [] }] }),
            TimeInFuture,
        ),
    ]
}

fn committee_matters() -> Vec<Refused> {
    vec![
        (
            "ProvisionalDecisionMade",
            json!({ "matters": [] }),
            ListEmpty,
        ),
        (
            "ProvisionalDecisionMade",
            json!({ "children": [] }),
            ListEmpty,
        ),
        (
            "ProvisionalDecisionMade",
            json!({ "children": [foreign()] }),
            OtherChild,
        ),
        (
            "ProvisionalDecisionMade",
            json!({ "carried_out_at": "2024-01-01T00:00:00Z" }),
            DatesContradict,
        ),
        (
            "ProvisionalDecisionMade",
            json!({ "carried_out_at": LATE }),
            TimeInFuture,
        ),
        (
            "CommitteeSubmissionMade",
            json!({ "matters": [] }),
            ListEmpty,
        ),
        (
            "CommitteeSubmissionMade",
            json!({ "children": [foreign()] }),
            OtherChild,
        ),
        (
            "CommitteeSubmissionMade",
            json!({ "documents": [{ "stream": stream(1), "event": unknown() }] }),
            EventUnknown,
        ),
    ]
}

fn committee_decisions() -> Vec<Refused> {
    vec![
        (
            "CommitteeDecisionMade",
            committee(3, 2, "ADOPTED"),
            VotesInsufficient,
        ),
        (
            "CommitteeDecisionMade",
            committee(5, 1, "ADOPTED"),
            VotesDoNotAddUp,
        ),
        (
            "CommitteeDecisionMade",
            json!({ "members": ["COUNCILLOR", "COUNCILLOR", "EXPERT", "EXPERT"] }),
            VotesDoNotAddUp,
        ),
        (
            "CommitteeDecisionMade",
            json!({ "members": ["COUNCILLOR", "COUNCILLOR", "COUNCILLOR", "EXPERT", "EXPERT"] }),
            VotesInsufficient,
        ),
        (
            "CommitteeDecisionMade",
            json!({ "outcomes": [] }),
            ListEmpty,
        ),
        (
            "CommitteeDecisionMade",
            json!({ "approves": unknown() }),
            DecisionUnknown,
        ),
        (
            "CommitteeDecisionMade",
            json!({ "submission": unknown() }),
            EventUnknown,
        ),
    ]
}

fn complaints() -> Vec<Refused> {
    vec![
        (
            "ComplaintReceived",
            json!({ "decision": unknown() }),
            DecisionUnknown,
        ),
        (
            "ComplaintReassessed",
            json!({ "complaint": unknown() }),
            ComplaintUnknown,
        ),
        (
            "ComplaintReassessed",
            json!({ "new_decision": unknown() }),
            DecisionUnknown,
        ),
        ("AppealForwarded", json!({ "manifest": [] }), ListEmpty),
        (
            "AppealForwarded",
            json!({ "complaint": unknown() }),
            ComplaintUnknown,
        ),
        (
            "AppealOutcomeReceived",
            json!({ "outcomes": [] }),
            ListEmpty,
        ),
        (
            "AppealOutcomeReceived",
            json!({ "complaint": unknown() }),
            ComplaintUnknown,
        ),
    ]
}

fn upkeep() -> Vec<Refused> {
    vec![
        (
            "EventCorrected",
            json!({ "target": { "stream": stream(1), "event": unknown() } }),
            TargetUnknown,
        ),
        ("EventCorrected", json!({ "field": "mood" }), FieldUnknown),
        ("EventCorrected", json!({ "part": 1 }), FieldUnknown),
        (
            "EventCorrected",
            json!({ "replaces": [], "values": [] }),
            ListEmpty,
        ),
        (
            "EventAnnulled",
            json!({ "target": { "stream": stream(1), "event": unknown() } }),
            TargetUnknown,
        ),
        (
            "EventAnnulled",
            json!({ "target": { "stream": stream(1), "event": event(17) } }),
            TargetFixed,
        ),
        (
            "EventAnnulled",
            json!({ "replacement": { "stream": stream(999), "event": unknown() } }),
            EventUnknown,
        ),
        ("DisclosureMade", json!({ "redactions": [] }), FieldRequired),
        (
            "DisclosureMade",
            json!({ "request": unknown() }),
            EventUnknown,
        ),
        (
            "DisclosureMade",
            json!({ "manifest": [{ "stream": stream(1), "event": unknown() }] }),
            EventUnknown,
        ),
        (
            "ErasureOrdered",
            json!({ "approved_by": "K1" }),
            ApproverSame,
        ),
        ("ErasureOrdered", json!({ "targets": [] }), NothingToErase),
    ]
}
