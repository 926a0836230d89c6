//! What each example says, by subject.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    CASE, LAWYER, NOTIFICATION, TWIN_ENTRY, brother, child, digest, event, mother, reference,
    stream, who,
};

pub(super) fn people(kind: &str) -> Option<Value> {
    Some(match kind {
        "NotificationReceived" => json!({
            "notifier_kind": "PROFESSIONAL_133", "contactable": true, "children": [child()], "unborn": false, "concerns": ["ABSENCE"],
            "suspicions": [], "text": ["absent from school"],
        }),
        "AcuteAssessmentMade" => {
            json!({ "danger_to_health_or_development": false, "acute_measure_needed": false, "reasons": ["calm"], "criteria": "v1" })
        }
        "NotificationReceiptConfirmed" => json!({}),
        "NotificationMatched" => {
            json!({ "children": [child()], "cases": [stream(CASE)], "running_measure": "NONE", "flagged_siblings": [brother()] })
        }
        "NotificationReassessed" => {
            json!({ "participants": ["K1", "K7"], "uninvolved_participant": "K7", "result": ["fits"], "change_needed": false })
        }
        "NotifierFeedbackGiven" => {
            json!({ "outcome": "STARTED_CLARIFICATION", "type_and_duration_told": false })
        }
        "IntermunicipalNotificationSent" => json!({
            "to": "9902", "children": [child()], "expectant_parents": [], "unborn": false, "summary": ["moves"], "document_count": 2, "documents": [],
        }),
        "PersonRegistered" => json!({ "person": child(), "name": "Alma Prøve" }),
        "PersonIdentified" => {
            json!({ "person": child(), "birth_date": "2012-02-02", "source": "CPR" })
        }
        "PersonsMerged" => {
            json!({ "person": who(TWIN_ENTRY, "CHILD"), "into": child(), "reasons": ["same day of birth"] })
        }
        "RelationRecorded" => {
            json!({ "from": child(), "to": brother(), "kind": "SIBLING", "source": "CPR" })
        }
        "ResponsibleMunicipalityChanged" => {
            json!({ "person": child(), "from": "9901", "to": "9902", "reason": "MOVE" })
        }
        "ConsentGiven" => json!({
            "giver": mother(), "capacity": "CUSTODY_HOLDER", "purpose": "MEASURE", "scope": ["help at home"], "form": "WRITTEN",
            "informed_of": ["what it is"],
        }),
        "ConsentWithdrawn" => {
            json!({ "by": mother(), "kind": "WITHDRAWN", "consent": event(18), "purpose": "MEASURE" })
        }
        "RepresentativeAppointed" => json!({
            "of": mother(), "kind": "ADVOKAT", "representative": who(LAWYER, "PROFESSIONAL"), "name": "Lis Lov", "status": "APPOINTED",
        }),
        "NetworkMapped" => json!({
            "child": child(), "method": "GENOGRAM", "child_asked": true, "result": "RESOURCE_FOUND", "resource_persons": [mother()], "judgements": [],
        }),
        "ProtectionMarkerSet" => {
            json!({ "person": child(), "kind": "ADDRESS_PROTECTED", "ground": ["decided"] })
        }
        _ => return None,
    })
}

pub(super) fn casework(kind: &str) -> Option<Value> {
    Some(match kind {
        "EarlyAdviceStarted" => json!({
            "advice": Uuid::from_u128(0xad), "kind": "ADVICE_29", "child": child(), "family": [mother()], "initiator": "SCHOOL",
            "form": "CONVERSATION", "ground": ["absence"], "ladder_step": 1, "ladder_definition": "d",
        }),
        "CaseOpened" => {
            json!({ "child": child(), "case_number": "2024-000117", "ground": ["absence"], "kle_number": "27.24.00" })
        }
        "CaseworkerAssigned" => json!({ "caseworkers": ["K1"], "reason": ["district"] }),
        "NeedAwarenessEstablished" => {
            json!({ "aware_at": "2024-01-02", "source_event": reference(NOTIFICATION, 4) })
        }
        "ScreeningConcluded" => {
            json!({ "outcome": "CLARIFICATION_19", "weight": "LIGHT", "flags": [], "reasons": ["short"], "next_help_started": false })
        }
        "RiskAssessmentMade" => {
            json!({ "made_before_involvement": true, "result": "NO_DANGER", "reasons": ["calm"] })
        }
        "AssessmentOpened" => json!({
            "kind": "CLARIFICATION_19", "scope": ["school"], "children": [child()], "is_decision": false, "parallel_to_support": false,
            "childrens_house_used": false,
        }),
        "AssessmentReported" => json!({
            "kind": "CLARIFICATION_19", "stage": "FINAL", "recommendation": "SUPPORT_32", "conclusion": ["help"], "child": child(),
            "child_attitude": ["fine"], "custody_holder_attitudes": [{ "who": mother(), "words": ["fine"] }], "length_words": 900,
        }),
        "SiblingNeedAssessed" => {
            json!({ "sibling": brother(), "result": "NOT_NEEDED", "reasons": ["content"] })
        }
        "ChildHeard" => {
            json!({
                "child": child(), "occasion": "CONTINUOUS", "own_words": ["I want to sleep"],
                "dialogue": [
                    { "speaker": "CASEWORKER", "words": ["what do you want?"] },
                    { "speaker": "CHILD", "words": ["to sleep", "now"] },
                ],
            })
        }
        "ChildHearingWaived" => {
            json!({ "child": child(), "occasion": "BEFORE_DECISION", "ground": "AGE", "reasons": ["two years old"] })
        }
        "NetworkMeetingHeld" => json!({
            "participants": [mother()], "child_took_part": true, "basis": "CONSENT", "agreements": [{ "what": "call", "responsible": "school" }],
        }),
        "NoteTaken" => json!({ "kind": "CONTACT", "text": ["called"] }),
        "InformationObtained" => json!({
            "from": "school", "kind": "SCHOOL", "about": child(), "content": ["absent"], "basis": "CONSENT", "consents": [], "consent_attempted": true,
        }),
        "DocumentFiled" => json!({
            "title": "Statement", "content": { "blobs": [1], "size": 12, "media_type": "text/plain", "sha256": digest() },
        }),
        "CaseTransferred" => {
            json!({ "direction": "OUT", "counterpart": "9902", "basis": "RSL § 9 a", "material": ["summary"] })
        }
        "CaseClosed" => {
            json!({ "ground": "PURPOSE_MET", "reasons": ["done"], "open_obligations": [], "told_to": [mother()] })
        }
        "CaseReopened" => json!({ "ground": ["new worry"] }),
        "FactReferenced" => json!({ "target": reference(NOTIFICATION, 6), "leaf": digest() }),
        _ => return None,
    })
}

/// Plans, goals, help and its follow-up.
pub(super) fn support(kind: &str) -> Option<Value> {
    Some(match kind {
        "PlanAdopted" => json!({
            "kind": "CHILD_PLAN", "version": 1, "children": [child()], "made_with": [child(), mother()], "goals": [], "given_to": [mother()],
        }),
        "GoalSet" => goal(2),
        "GoalChanged" => {
            json!({ "goal": Uuid::from_u128(0xb1), "change": "MET", "child": child(), "reason": ["sleeps"], "agreed_with": [child()] })
        }
        "SupportStarted" => start(2),
        "SupportAdjusted" => {
            json!({ "measure": Uuid::from_u128(0xa1), "what_changed": ["evenings"], "essential_change": false, "reason": ["school"] })
        }
        // Ends the measure and shows in early advice only where a course of advice ends.
        "SupportEnded" => json!({ "measure": Uuid::from_u128(0xa1), "ground": "PURPOSE_MET" }),
        "FollowUpHeld" => json!({
            "measures": [Uuid::from_u128(0xa1)], "first": true, "child": child(), "child_involved": true, "parents_involved": [mother()],
            "wellbeing_judgement": ["better"], "measure_judgement": "KEEP", "new_assessment_needed": false, "plan_revision_needed": false,
            "next_rhythm": { "interval_weeks": 8 }, "rhythm_told_to": [mother()],
        }),
        "WellbeingMeasured" => json!({
            "child": child(), "respondent": child(), "instrument": "CORS", "instrument_version": "v", "occasion": "START",
            "scores": { "first": 50, "second": 50, "third": 50, "fourth": 50, "total": 200 },
        }),
        "SupervisionVisitHeld" => json!({
            "child": child(), "child_spoken_to": true, "staff_absent": true, "caseworkers": ["K1"], "own_words": ["nice"],
            "concerns_about_place": false,
        }),
        _ => return None,
    })
}

/// Hearings, decisions and complaints.
pub(super) fn decisions(kind: &str) -> Option<Value> {
    Some(match kind {
        "PartyHearingHeld" => {
            json!({ "party": mother(), "material": "draft", "deadline": "2024-12-01" })
        }
        "RequestMade" => {
            json!({ "by": child(), "kind": "CONTACT_103", "text": ["see father more"] })
        }
        "DecisionMade" => json!({
            "kind": "SUPPORT_32", "section": "BL § 32(1) no 5", "outcome": "GRANT", "child": child(), "purpose": ["calm"],
            "plan_position": "REQUIRED", "parties": [mother()], "discretion_factors": ["d"], "key_facts": ["k"], "rests_on": [],
            "fully_favourable": true, "competence": "CASEWORKER",
        }),
        "DecisionCommunicated" => json!({
            "decision": event(10),
            "recipients": [{
                "who": mother(), "channel": "DIGITAL_POST", "available_at": "2024-02-01T10:00:00Z", "oral": false, "guidance": ["APPEAL"],
            }],
        }),
        "ProvisionalDecisionMade" => json!({
            "by": "CHAIR", "matters": ["PLACEMENT_47"], "sections": ["BL § 143"], "children": [child()], "urgency": ["danger"],
            "police_help": false,
        }),
        "CommitteeSubmissionMade" => {
            json!({ "matters": ["PLACEMENT_47"], "children": [child()], "contents": ["EXAMINATION", "CHILD_VIEW"], "documents": [] })
        }
        "CommitteeDecisionMade" => committee(5, 0, "ADOPTED"),
        "ComplaintReceived" => json!({
            "decision": event(10), "complainant": mother(), "capacity": "CUSTODY_HOLDER", "via": "MUNICIPALITY", "oral": false, "in_time": true,
            "wants": ["more help"],
        }),
        "ComplaintReassessed" => {
            json!({ "complaint": event(14), "outcome": "MAINTAINED", "reasons": ["the same facts"] })
        }
        "AppealForwarded" => json!({
            "complaint": event(14),
            "manifest": [{ "kind": "DECISION", "title": "Decision", "event": event(10), "sha256": digest() }],
            "complainant_informed": true, "urgent": false,
        }),
        "AppealOutcomeReceived" => json!({
            "complaint": event(14), "instance": "ANKESTYRELSEN",
            "outcomes": [{ "child": child(), "section": "BL § 32", "outcome": "STADFAESTET" }], "court_guidance": false, "summary": ["stands"],
        }),
        _ => return None,
    })
}

/// Corrections, access and retention.
pub(super) fn upkeep(kind: &str) -> Option<Value> {
    Some(match kind {
        "EventCorrected" => json!({
            "target": reference(CASE, 16), "part": 0, "field": "text", "replaces": [format!("{:_<43}", "16-0-text-0")],
            "values": ["another note"], "reason": ["slip"],
        }),
        "EventAnnulled" => {
            json!({ "target": reference(CASE, 16), "reason": "WRONG_STREAM", "explanation": ["another child's"] })
        }
        "RecordAccessed" => json!({
            "reader": "K9", "subjects": [child()], "target": stream(CASE), "scope": "case", "relation": "NONE", "result": "ALLOWED",
        }),
        "FileAccessRequested" => {
            json!({ "requester": mother(), "basis": "FVL_9", "scope": ["all"] })
        }
        "DisclosureMade" => json!({
            "kind": "FILE_ACCESS", "request": event(15), "recipient": "the mother", "recipient_person": mother(),
            "manifest": [reference(CASE, 10)],
            "redactions": [{ "class": "OTHER_PERSON", "section": "FVL § 15 b no 5", "reason": "another child" }], "refused_in_part": true,
            "format": "PDF",
        }),
        "RetentionHoldChanged" => json!({ "ground": "COURT", "reasons": ["the court has it"] }),
        "ArchiveVersionApproved" => {
            json!({ "archive": "Stadsarkivet", "version": "AVID.SA.12345" })
        }
        "ErasureOrdered" => json!({
            "erasure": Uuid::from_u128(0xee), "scope": "EVENT", "ground": "WRONG_PERSON", "legal_check": ["weighed"], "approved_by": "L1",
            "targets": [{ "event": event(16), "seq": 16, "part": 0 }],
        }),
        "ErasureExecuted" => json!({
            "erasure": Uuid::from_u128(0xee), "ordered": reference(CASE, 17), "key_epoch": 2, "keys_destroyed": 1, "blobs_changed": 1,
        }),
        _ => return of_the_log(kind),
    })
}

/// A fact of the log's own stream.
fn of_the_log(kind: &str) -> Option<Value> {
    Some(match kind {
        "IntegrityChecked" => json!({
            "from": 0, "size": 10, "root": digest(), "result": "INTACT", "explained_holes": 1, "annulments": 1, "erasures": [],
        }),
        "RuleSetActivated" => json!({ "catalogue": digest(), "version": "1", "rules": 3 }),
        "SafeguardOverridden" => json!({
            "safeguard": "CLOCK", "reason": ["the clock was set by hand"], "clock": "2026-11-25T10:00:00Z",
            "known_time": "2026-11-25T09:00:00Z", "known_by": "the newest entry",
        }),
        _ => return None,
    })
}

/// A decision of the committee with so many votes.
pub(crate) fn committee(votes_for: u8, votes_against: u8, outcome: &str) -> Value {
    json!({
        "outcomes": [{
            "child": child(), "matter": "PLACEMENT_47", "section": "BL § 47", "outcome": outcome, "votes_for": votes_for,
            "votes_against": votes_against,
        }],
        "members": ["COUNCILLOR", "COUNCILLOR", "JUDGE", "EXPERT", "EXPERT"], "judge_dissent": false, "reasons": ["r"], "statements": [],
        "spoke": [mother()], "lawyers_present": [],
    })
}

pub(super) fn goal(number: u128) -> Value {
    json!({ "goal": Uuid::from_u128(0xb0 + number), "child": child(), "wording": ["sleep well"], "words_of": [child()], "area": "FAMILY" })
}

pub(super) fn start(number: u128) -> Value {
    json!({
        "measure": Uuid::from_u128(0xa0 + number), "section": "BL § 32(1) no 5", "ladder_step": 2, "ladder_definition": "d",
        "provider": "p", "decision": event(10), "provisional": false,
    })
}
