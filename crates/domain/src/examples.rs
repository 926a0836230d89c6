//! One fact of every event type, in a small world of two cases, for tests over the whole language.

use events::event::Event;
use events::ids::{EventId, PersonId, StreamId};
use events::meta::{Actor, EventRef, Meta, Role};
use events::raw::RawEvent;
use events::spec::StreamKind;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::decide::Streams;
use crate::reading::Recorded;

/// The case that the examples stand in.
pub(crate) const CASE: u128 = 1;
/// The notification that was matched to it.
pub(crate) const NOTIFICATION: u128 = 2;
/// The case of a brother.
pub(crate) const BROTHERS_CASE: u128 = 3;
/// The stream of the log's own facts.
pub(crate) const SYSTEM: u128 = 4;
/// The stream of look-ups.
pub(crate) const LOOK_UPS: u128 = 5;

const CHILD: u128 = 0xc1;
const MOTHER: u128 = 0xc2;
const BROTHER: u128 = 0xc3;
const LAWYER: u128 = 0xc4;
const TWIN_ENTRY: u128 = 0xc5;

pub(crate) fn stream(number: u128) -> StreamId {
    let base = if number >= CHILD { 0 } else { 0x5000 };
    StreamId::new(Uuid::from_u128(base + number)).unwrap()
}

pub(crate) fn event(number: u128) -> EventId {
    EventId::new(Uuid::from_u128(0xe000 + number)).unwrap()
}

fn who(number: u128, role: &str) -> Value {
    json!({ "person": PersonId::new(Uuid::from_u128(number)).unwrap(), "role": role })
}

pub(crate) fn child() -> Value {
    who(CHILD, "CHILD")
}

pub(crate) fn mother() -> Value {
    who(MOTHER, "PARENT")
}

fn brother() -> Value {
    who(BROTHER, "SIBLING")
}

fn reference(of: u128, number: u128) -> Value {
    json!(EventRef {
        stream: stream(of),
        event: event(number)
    })
}

fn digest() -> String {
    "d".repeat(43)
}

/// The kinds of the streams of this world.
pub(crate) struct World;

impl Streams for World {
    fn kind(&self, other: StreamId) -> Option<StreamKind> {
        [
            (CASE, StreamKind::Case),
            (BROTHERS_CASE, StreamKind::Case),
            (NOTIFICATION, StreamKind::Notification),
            (CHILD, StreamKind::Person),
            (MOTHER, StreamKind::Person),
            (TWIN_ENTRY, StreamKind::Person),
            (SYSTEM, StreamKind::System),
            (LOOK_UPS, StreamKind::Access),
        ]
        .into_iter()
        .find(|(number, _)| stream(*number) == other)
        .map(|(_, kind)| kind)
    }
}

/// The nth day of 2024, at noon UTC.
pub(crate) fn day(number: u64) -> Timestamp {
    Timestamp::from_second(1_704_110_400 + i64::try_from(number).unwrap() * 86_400).unwrap()
}

pub(crate) fn actor(role: Role) -> Actor {
    Actor {
        id: "K1".into(),
        role,
        unit: None,
        municipality: "0999".into(),
    }
}

/// A fact that stands in the record.
pub(crate) fn recorded(index: u64, of: u128, number: u128, facts: &Event) -> Recorded {
    let kind = World.kind(stream(of)).unwrap();
    let meta = Meta::at(events::time::Occurred::At(day(index)));
    let mut raw =
        RawEvent::from_plain(&facts.encode(&meta, &actor(Role::Caseworker), kind).unwrap());
    for (place, part) in raw.parts.iter_mut().enumerate() {
        for (name, elements) in &mut part.fields {
            for (count, element) in elements.iter_mut().enumerate() {
                element.digest = format!("{:_<43}", format!("{number}-{place}-{name}-{count}"));
            }
        }
    }
    Recorded {
        index,
        recorded_at: day(index),
        stream: stream(of),
        seq: index + 1,
        event: event(number),
        raw: Some(raw),
    }
}

/// A fact that stands in the record: its stream, its event number, its type and what it says.
type Entry = (u128, u128, &'static str, Value);

/// What stands in the record before the examples.
fn ground() -> Vec<Entry> {
    [up_to_the_opening(), since_the_opening()].concat()
}

/// The persons, the notification, and the case that was opened for it.
fn up_to_the_opening() -> Vec<Entry> {
    vec![
        (
            CHILD,
            1,
            "PersonRegistered",
            json!({ "person": child(), "name": "Alma Prøve", "birth_date": "2012-02-01", "id_number": "011312-0001" }),
        ),
        (
            MOTHER,
            2,
            "PersonRegistered",
            json!({ "person": mother(), "name": "Mette Prøve", "birth_date": "1984-05-01" }),
        ),
        (
            CHILD,
            3,
            "RelationRecorded",
            json!({ "from": child(), "to": mother(), "kind": "CUSTODY_SOLE", "source": "CPR" }),
        ),
        (
            NOTIFICATION,
            4,
            "NotificationReceived",
            example("NotificationReceived"),
        ),
        (CASE, 5, "CaseOpened", example("CaseOpened")),
        (
            NOTIFICATION,
            6,
            "NotificationMatched",
            example("NotificationMatched"),
        ),
        (
            CASE,
            7,
            "FactReferenced",
            json!({ "target": reference(NOTIFICATION, 6), "leaf": digest() }),
        ),
    ]
}

/// What was done in the case, and a child who was registered twice.
fn since_the_opening() -> Vec<Entry> {
    vec![
        (CASE, 8, "ScreeningConcluded", example("ScreeningConcluded")),
        (CASE, 9, "GoalSet", goal(1)),
        (CASE, 10, "DecisionMade", example("DecisionMade")),
        (CASE, 11, "SupportStarted", start(1)),
        (
            CASE,
            12,
            "EarlyAdviceStarted",
            example("EarlyAdviceStarted"),
        ),
        (
            CASE,
            13,
            "ProvisionalDecisionMade",
            example("ProvisionalDecisionMade"),
        ),
        (CASE, 14, "ComplaintReceived", example("ComplaintReceived")),
        (
            CASE,
            15,
            "FileAccessRequested",
            example("FileAccessRequested"),
        ),
        (
            CASE,
            16,
            "NoteTaken",
            json!({ "kind": "FACT", "text": ["filed by mistake"] }),
        ),
        (CASE, 17, "ErasureOrdered", example("ErasureOrdered")),
        (CASE, 18, "ConsentGiven", example("ConsentGiven")),
        (
            TWIN_ENTRY,
            19,
            "PersonRegistered",
            json!({ "person": who(TWIN_ENTRY, "CHILD"), "name": "A. Prøve" }),
        ),
    ]
}

/// The records before the examples.
pub(crate) fn before() -> Vec<Recorded> {
    let facts = ground().into_iter().enumerate();
    facts
        .map(|(place, (of, number, kind, facts))| {
            let facts =
                Event::from_json(kind, facts).unwrap_or_else(|error| panic!("{kind}: {error}"));
            recorded(u64::try_from(place).unwrap(), of, number, &facts)
        })
        .collect()
}

fn goal(number: u128) -> Value {
    json!({ "goal": Uuid::from_u128(0xb0 + number), "child": child(), "wording": ["sleep well"], "words_of": [child()], "area": "FAMILY" })
}

fn start(number: u128) -> Value {
    json!({
        "measure": Uuid::from_u128(0xa0 + number), "section": "BL § 32(1) no 5", "ladder_step": 2, "ladder_definition": "d",
        "provider": "p", "decision": event(10), "provisional": false,
    })
}

/// The stream that an example stands in.
pub(crate) fn home(kind: &str) -> u128 {
    match kind {
        "NotificationReceived"
        | "AcuteAssessmentMade"
        | "NotificationReceiptConfirmed"
        | "NotificationMatched"
        | "NotificationReassessed"
        | "NotifierFeedbackGiven" => NOTIFICATION,
        "PersonRegistered"
        | "PersonIdentified"
        | "RelationRecorded"
        | "ResponsibleMunicipalityChanged"
        | "ProtectionMarkerSet" => CHILD,
        "PersonsMerged" => TWIN_ENTRY,
        "IntegrityChecked" | "RuleSetActivated" | "SafeguardOverridden" => SYSTEM,
        "RecordAccessed" => LOOK_UPS,
        _ => CASE,
    }
}

/// A fact of that type which can be recorded behind [`before`].
pub(crate) fn example(kind: &str) -> Value {
    people(kind)
        .or_else(|| casework(kind))
        .or_else(|| support(kind))
        .or_else(|| decisions(kind))
        .or_else(|| upkeep(kind))
        .unwrap_or_else(|| panic!("no example of {kind}"))
}

fn people(kind: &str) -> Option<Value> {
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

fn casework(kind: &str) -> Option<Value> {
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
            json!({ "child": child(), "occasion": "CONTINUOUS", "own_words": ["I want to sleep"] })
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
fn support(kind: &str) -> Option<Value> {
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
fn decisions(kind: &str) -> Option<Value> {
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
fn upkeep(kind: &str) -> Option<Value> {
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
