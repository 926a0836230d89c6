//! The history with everything in it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::history::*;
use crate::reading_tests::{event, stream};

/// Every type that the family is told of.
pub(super) const TOLD: &[&str] = &[
    "NotificationReceived",
    "AcuteAssessmentMade",
    "NotificationReassessed",
    "CaseOpened",
    "CaseworkerAssigned",
    "ScreeningConcluded",
    "AssessmentOpened",
    "AssessmentReported",
    "SiblingNeedAssessed",
    "ChildHeard",
    "ChildHearingWaived",
    "NetworkMapped",
    "NetworkMeetingHeld",
    "ConsentGiven",
    "ConsentWithdrawn",
    "RepresentativeAppointed",
    "InformationObtained",
    "PartyHearingHeld",
    "RequestMade",
    "DecisionMade",
    "DecisionCommunicated",
    "ProvisionalDecisionMade",
    "CommitteeSubmissionMade",
    "CommitteeDecisionMade",
    "PlanAdopted",
    "GoalSet",
    "GoalChanged",
    "SupportStarted",
    "SupportAdjusted",
    "SupportEnded",
    "EarlyAdviceStarted",
    "FollowUpHeld",
    "WellbeingMeasured",
    "SupervisionVisitHeld",
    "ComplaintReceived",
    "ComplaintReassessed",
    "AppealForwarded",
    "AppealOutcomeReceived",
    "FileAccessRequested",
    "DisclosureMade",
    "ResponsibleMunicipalityChanged",
    "CaseTransferred",
    "IntermunicipalNotificationSent",
    "ErasureExecuted",
    "CaseClosed",
    "CaseReopened",
    "EventAnnulled",
];

const DIGEST: &str = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

pub(super) fn whole() -> History {
    let mut history = History::default();
    history.family();
    beginning(&mut history);
    assessment(&mut history);
    deciding(&mut history);
    helping(&mut history);
    complaining(&mut history);
    ending(&mut history);
    history
}

fn beginning(history: &mut History) {
    history.add(
        "EarlyAdviceStarted",
        json!({
            "advice": Uuid::from_u128(0x30), "kind": "ADVICE_29", "child": alma(), "family": [alma(), mette()], "initiator": "SCHOOL",
            "form": "CONVERSATION", "ground": ["der var brug for råd."], "ladder_step": 1, "ladder_definition": "trappen",
        }),
    );
    history.add("NotificationReceived", notification(&["VIOLENCE"]));
    history.add(
        "AcuteAssessmentMade",
        json!({ "danger_to_health_or_development": false, "acute_measure_needed": false, "reasons": ["ingen fare."], "criteria": "v1" }),
    );
    history.open();
    history.add(
        "CaseworkerAssigned",
        json!({ "caseworkers": ["K1"], "second_caseworker": "K2", "reason": ["de har tid."] }),
    );
    history.add("RiskAssessmentMade", json!({ "made_before_involvement": true, "result": "NO_DANGER", "reasons": ["ingen fare."] }));
    history.add_with(
        "ChildHeard",
        json!({
            "child": alma(), "occasion": "EXAMINATION", "own_words": ["jeg får ondt i maven."], "not_to_be_shared": ["min tegning."],
            "dialogue": [{ "speaker": "CASEWORKER", "words": ["hvad gør ondt?"] }],
            "dialogue_feedback": ["det var okay."], "place": "skolen", "present": [lise(), karen()], "without_parents": true,
            "without_parents_consent": true, "bisidder_right_told": true, "bisidder": lise(),
        }),
        |meta| meta.channel = Some(events::meta::Channel::Chat),
    );
    history.add(
        "ChildHearingWaived",
        json!({ "child": alma(), "occasion": "FOLLOW_UP", "ground": "AGE", "reasons": ["hun sov."], "views_obtained_by": ["vi spurgte læreren."] }),
    );
    history.add(
        "NotificationReassessed",
        json!({ "participants": ["K1", "K7"], "uninvolved_participant": "K7", "result": ["det passer."], "change_needed": false }),
    );
}

fn assessment(history: &mut History) {
    history.add(
        "ScreeningConcluded",
        json!({ "outcome": "CLARIFICATION_19", "weight": "LIGHT", "flags": ["VIOLENCE"], "reasons": ["enkelt."], "next_help_started": true }),
    );
    history.add(
        "AssessmentOpened",
        json!({
            "kind": "CLARIFICATION_19", "scope": ["trivsel."], "children": [alma()], "is_decision": true, "parallel_to_support": true,
            "childrens_house_used": true,
        }),
    );
    history.add(
        "InformationObtained",
        json!({
            "from": "Lindeskolen", "kind": "SCHOOL", "about": alma(), "content": ["hun er med."], "basis": "CONSENT", "consents": [],
            "consent_attempted": true,
        }),
    );
    history.add(
        "SiblingNeedAssessed",
        json!({ "sibling": emil(), "result": "NOT_NEEDED", "reasons": ["han er glad."] }),
    );
    history.add(
        "NetworkMapped",
        json!({
            "child": alma(), "method": "GENOGRAM", "child_asked": true, "result": "RESOURCE_FOUND", "resource_persons": [karen()],
            "judgements": [{ "who": karen(), "words": ["hun kan om onsdagen."] }],
        }),
    );
    history.add(
        "NetworkMeetingHeld",
        json!({
            "participants": [mette(), lise()], "child_took_part": false, "basis": "CONSENT",
            "agreements": [{ "what": "skolen ringer hjem", "responsible": "skolen" }],
            "next_meeting": { "from": "2025-03-01", "to": "2025-03-08" },
        }),
    );
    history.add(
        "AssessmentReported",
        json!({
            "kind": "CLARIFICATION_19", "stage": "FINAL", "recommendation": "SUPPORT_32", "conclusion": ["der er brug for ro."], "child": alma(),
            "child_attitude": ["det passer."], "custody_holder_attitudes": [{ "who": mette(), "words": ["enig."] }], "resources": ["mormor."],
            "length_words": 900,
        }),
    );
}

fn deciding(history: &mut History) {
    history.add_with(
        "ConsentGiven",
        json!({
            "giver": mette(), "capacity": "CUSTODY_HOLDER", "purpose": "MEASURE", "scope": ["hjælp i et halvt år."], "form": "ORAL",
            "informed_of": ["at jeg kan sige nej."],
        }),
        |meta| meta.effective_to = Some("2025-06-01".parse().unwrap()),
    );
    history
        .add("ConsentWithdrawn", json!({ "by": jonas(), "kind": "REFUSED", "purpose": "PLACEMENT", "reasons": ["vi klarer det selv."] }));
    history.add(
        "RepresentativeAppointed",
        json!({
            "of": mette(), "kind": "ADVOKAT", "representative": lise(), "name": "Lise Prøve", "status": "APPOINTED", "scope": "hele sagen",
            "ground": ["hun ville det."],
        }),
    );
    history.add(
        "PartyHearingHeld",
        json!({
            "party": mette(), "material": "et udkast", "deadline": "2024-12-01", "answer": ["jeg er enig."], "answered_at": noon(60),
            "exception": "URGENT", "exception_reasons": ["det hastede."],
        }),
    );
    history.add(
        "RequestMade",
        json!({ "by": mette(), "kind": "SUPPORT", "text": ["jeg vil gerne have hjælp."] }),
    );
    let provisional = history.add("ProvisionalDecisionMade", provisional(Some(noon(30))));
    history.add(
        "CommitteeSubmissionMade",
        json!({ "matters": ["PLACEMENT_47"], "children": [alma()], "contents": ["EXAMINATION", "CHILD_VIEW"], "documents": [] }),
    );
    history.add(
        "CommitteeDecisionMade",
        committee(&alma(), Some(provisional)),
    );
    history.decide("SUPPORT_32");
}

fn helping(history: &mut History) {
    let goal = Uuid::from_u128(0x40);
    history.add(
        "PlanAdopted",
        json!({
            "kind": "CHILD_PLAN", "version": 2, "children": [alma()], "made_with": [mette()], "goals": [goal], "family_support": ["samtaler."],
            "given_to": [mette()],
        }),
    );
    history.add(
        "GoalSet",
        json!({
            "goal": goal, "child": alma(), "wording": ["sove i min egen seng."], "words_of": [alma()], "area": "FAMILY",
            "indicator": ["fem nætter."],
        }),
    );
    history.add(
        "GoalChanged",
        json!({
            "goal": goal, "change": "REFOCUSED", "child": alma(), "new_wording": ["sove godt."], "reason": ["det er bedre."],
            "agreed_with": [mette()], "copy_sent_to": [mette()],
        }),
    );
    history.add("SupportStarted", started(None));
    let measure = Uuid::from_u128(0x31);
    history.add(
        "SupportAdjusted",
        json!({ "measure": measure, "what_changed": ["to aftener mere."], "essential_change": true, "reason": ["aftenen er svær."] }),
    );
    history.add(
        "SupportEnded",
        json!({ "measure": measure, "ground": "PURPOSE_MET", "reasons": ["det går godt."] }),
    );
    history.add("FollowUpHeld", follow_up(&json!({ "interval_weeks": 8 })));
    history.add("WellbeingMeasured", measured(&alma(), "CORS"));
    history.add(
        "SupervisionVisitHeld",
        json!({
            "child": alma(), "place": "et hus", "child_spoken_to": true, "staff_absent": true, "caseworkers": ["K1"],
            "own_words": ["her er rart."], "concerns_about_place": true, "supervision_told": true,
        }),
    );
}

fn complaining(history: &mut History) {
    let decision = history.decide("PLACE_52");
    let complaint = history.add(
        "ComplaintReceived",
        json!({
            "decision": decision, "complainant": mette(), "capacity": "CUSTODY_HOLDER", "via": "MUNICIPALITY", "oral": true, "in_time": true,
            "wants": ["et andet sted."],
        }),
    );
    history.add(
        "ComplaintReassessed",
        json!({
            "complaint": complaint, "outcome": "MAINTAINED", "reasons": ["det er stadig rigtigt."], "new_decision": decision,
            "extension_notice": ["vi spurgte flere."],
        }),
    );
    history.add(
        "AppealForwarded",
        json!({
            "complaint": complaint, "manifest": [{ "kind": "DECISION", "title": "afgørelsen", "sha256": DIGEST }],
            "complainant_informed": true, "urgent": true,
        }),
    );
    history.add(
        "AppealOutcomeReceived",
        json!({
            "complaint": complaint, "instance": "ANKESTYRELSEN",
            "outcomes": [{ "child": alma(), "section": "BL § 52", "outcome": "AENDRET", "order": "der holdes et møde", "deadline": "2025-01-01" }],
            "effective": "2024-12-01", "unanimous": true, "court_guidance": true, "summary": ["et andet sted."],
        }),
    );
    let request = history.add(
        "FileAccessRequested",
        json!({ "requester": mette(), "basis": "FVL_9", "scope": ["det hele."] }),
    );
    history.add(
        "DisclosureMade",
        json!({
            "kind": "FILE_ACCESS", "request": request, "recipient": "mor", "recipient_person": mette(), "manifest": [],
            "redactions": [{ "class": "OTHER_PERSON", "section": "FVL § 15", "reason": "privat" }], "refused_in_part": true, "format": "papir",
        }),
    );
}

fn ending(history: &mut History) {
    history.add(
        "ResponsibleMunicipalityChanged",
        json!({ "person": alma(), "from": "9901", "to": "9902", "reason": "MOVE" }),
    );
    history.add(
        "IntermunicipalNotificationSent",
        json!({
            "to": "9902", "children": [alma()], "expectant_parents": [], "unborn": false, "summary": ["de flytter."], "document_count": 3,
            "documents": [], "receipt": "modtaget",
        }),
    );
    history.add(
        "CaseTransferred",
        json!({ "direction": "OUT", "counterpart": "9902", "basis": "flytning", "material": ["alt."], "accepted": true }),
    );
    history.add("ErasureExecuted", erased());
    history.add(
        "CaseClosed",
        json!({
            "ground": "PURPOSE_MET", "reasons": ["det går godt."], "open_obligations": [{ "rule": "regel", "reason": "en frist løber" }],
            "told_to": [mette()],
        }),
    );
    history.add("CaseReopened", json!({ "ground": ["det gik ikke."] }));
    let note = history.add(
        "NoteTaken",
        json!({ "kind": "FACT", "text": ["en forkert dag."] }),
    );
    let target = json!({ "stream": stream(CASE), "event": note });
    history.add("EventAnnulled", json!({ "target": target, "reason": "DUPLICATE", "explanation": ["to gange."], "replacement": target }));
}

fn erased() -> Value {
    json!({
        "erasure": Uuid::from_u128(0x50), "ordered": { "stream": stream(CASE), "event": event(10) }, "key_epoch": 2, "keys_destroyed": 1,
        "blobs_changed": 1,
    })
}
