//! Facts for tests: an event needs only what matters, the rest is filled in.

use std::sync::LazyLock;

use events::event::Event;
use events::ids::{EventId, PersonId, StreamId};
use events::meta::{Actor, Meta, Role};
use events::person::{PersonRef, PersonRole};
use events::time::{Occurred, denmark};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::catalogue::{CATALOGUE_JSON, Catalogue};
use crate::engine::evaluate;
use crate::fact::{Circumstances, Fact};
use crate::library::{built_in, of_this_program};
use crate::obligation::{Evaluation, Obligation, Status};

pub(crate) static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| built_in().unwrap());

pub(crate) const CASE: u128 = 0xca5e;
pub(crate) const NOTICE: u128 = 0x0071;
pub(crate) const CHILD: u128 = 0xc1;
pub(crate) const SIBLING: u128 = 0x51;
pub(crate) const MOTHER: u128 = 0xaa;
pub(crate) const FATHER: u128 = 0xab;
pub(crate) const NOTIFIER: u128 = 0x40;
pub(crate) const MEASURE: u128 = 0x3e;

pub(crate) fn stream(number: u128) -> StreamId {
    StreamId::new(Uuid::from_u128(number)).unwrap()
}

pub(crate) fn id(number: u128) -> Value {
    json!(Uuid::from_u128(number))
}

pub(crate) fn person(number: u128) -> PersonRef {
    let role = match number {
        CHILD => PersonRole::Child,
        SIBLING => PersonRole::Sibling,
        MOTHER | FATHER => PersonRole::Parent,
        NOTIFIER => PersonRole::Notifier,
        _ => PersonRole::Other,
    };
    PersonRef {
        person: PersonId::new(Uuid::from_u128(number)).unwrap(),
        role,
    }
}

pub(crate) fn who(number: u128) -> Value {
    json!(person(number))
}

pub(crate) fn person_id(number: u128) -> PersonId {
    person(number).person
}

/// `2024-03-21 14:10` in Denmark, a day, or about a day.
pub(crate) fn occurred(text: &str) -> Occurred {
    if text.len() == 10 || text.ends_with('~') {
        text.parse().unwrap()
    } else {
        Occurred::At(instant(text))
    }
}

/// `2024-03-21 14:10` in Denmark; of a day, its end.
pub(crate) fn instant(text: &str) -> Timestamp {
    if text.len() == 10 {
        return events::time::end_of_day(text.parse().unwrap());
    }
    let civil: jiff::civil::DateTime = text.replace(' ', "T").parse().unwrap();
    denmark().to_zoned(civil).unwrap().timestamp()
}

/// `2024-03-21 14:10` in Denmark, as JSON.
pub(crate) fn time(text: &str) -> Value {
    json!(instant(text))
}

struct Owned {
    stream: StreamId,
    event: EventId,
    recorded_at: Timestamp,
    meta: Meta,
    actor: Actor,
    facts: Event,
}

/// A case told event by event.
pub(crate) struct Story {
    owned: Vec<Owned>,
    pub(crate) circumstances: Circumstances,
    /// The law that it is evaluated by.
    pub(crate) catalogue: &'static Catalogue,
}

/// The built-in catalogue with a change.
pub(crate) fn changed(change: impl FnOnce(&mut Value)) -> &'static Catalogue {
    let mut file: Value = serde_json::from_str(CATALOGUE_JSON).unwrap();
    change(&mut file);
    Box::leak(Box::new(of_this_program(&file.to_string()).unwrap()))
}

impl Story {
    pub(crate) fn new() -> Self {
        let circumstances = Circumstances::plain("9901", Timestamp::MAX, Some(stream(CASE)));
        Self {
            owned: Vec::new(),
            circumstances,
            catalogue: &CATALOGUE,
        }
    }

    /// A case that was opened for a child born on a day, with a mother and a father of custody.
    pub(crate) fn of_child(born: &str, opened: &str) -> Self {
        let mut story = Self::new();
        story.family(born);
        story.add(opened, "CaseOpened", json!({}));
        story
    }

    pub(crate) fn family(&mut self, born: &str) {
        self.on(
            CHILD,
            "2010-01-01",
            "PersonRegistered",
            json!({ "person": who(CHILD), "name": "Barn Prøve", "birth_date": born }),
        );
        for parent in [MOTHER, FATHER] {
            let relation = json!({ "from": who(CHILD), "to": who(parent), "kind": "CUSTODY_JOINT", "source": "CPR" });
            self.on(CHILD, "2010-01-01", "RelationRecorded", relation);
        }
    }

    /// The municipality published a period for new decisions.
    pub(crate) fn publishes(&mut self, days: u16) {
        let period = json!({
            "municipality": self.circumstances.municipality, "rule": "ADM-RSL3A-REMIT", "from": "2000-01-01", "days": days,
            "source": "Its own page",
        });
        self.catalogue = changed(|file| file["published"] = json!([period]));
    }

    pub(crate) fn sibling(&mut self) {
        let relation =
            json!({ "from": who(CHILD), "to": who(SIBLING), "kind": "SIBLING", "source": "CPR" });
        self.on(CHILD, "2010-01-01", "RelationRecorded", relation);
    }

    /// An event of the case.
    pub(crate) fn add(&mut self, when: &str, kind: &str, says: Value) -> EventId {
        self.on(CASE, when, kind, says)
    }

    /// An event of the notification.
    pub(crate) fn notice(&mut self, when: &str, kind: &str, says: Value) -> EventId {
        self.on(NOTICE, when, kind, says)
    }

    /// An event of a stream, recorded when it took place.
    pub(crate) fn on(&mut self, number: u128, when: &str, kind: &str, says: Value) -> EventId {
        let mut facts = defaults(kind);
        for (name, value) in says.as_object().unwrap() {
            facts[name] = value.clone();
        }
        let facts = Event::from_json(kind, facts).unwrap_or_else(|error| panic!("{kind}: {error}"));
        let event = EventId::new(Uuid::from_u128(0x1_0000 + self.owned.len() as u128)).unwrap();
        let occurred = occurred(when);
        let actor = Actor {
            id: "K1".into(),
            role: Role::Caseworker,
            unit: None,
            municipality: "9901".into(),
        };
        self.owned.push(Owned {
            stream: stream(number),
            event,
            recorded_at: occurred.earliest(),
            meta: Meta::at(occurred),
            actor,
            facts,
        });
        event
    }

    /// Changes the circumstances of the last event.
    pub(crate) fn meta(&mut self, change: impl FnOnce(&mut Meta)) -> &mut Self {
        change(&mut self.owned.last_mut().unwrap().meta);
        self
    }

    /// Cites a section in the last event.
    pub(crate) fn citing(&mut self, section: &str) -> &mut Self {
        let section = events::text::Short::new(section).unwrap();
        self.meta(|meta| meta.legal_basis.push(section))
    }

    /// The last event was recorded then.
    pub(crate) fn recorded(&mut self, when: &str) -> &mut Self {
        self.owned.last_mut().unwrap().recorded_at = instant(when);
        self
    }

    /// Takes events out, as an annulment does.
    pub(crate) fn without(&self, events: &[EventId]) -> Vec<Fact<'_>> {
        self.facts()
            .into_iter()
            .filter(|fact| !events.contains(&fact.event))
            .collect()
    }

    pub(crate) fn facts(&self) -> Vec<Fact<'_>> {
        let facts = self.owned.iter().enumerate().map(|(index, owned)| Fact {
            stream: owned.stream,
            event: owned.event,
            index: index as u64,
            recorded_at: owned.recorded_at,
            meta: &owned.meta,
            actor: Some(&owned.actor),
            facts: &owned.facts,
        });
        facts.collect()
    }

    /// The answer at a moment.
    pub(crate) fn at(&self, as_of: &str) -> Evaluation<'static> {
        self.evaluated(&self.facts(), as_of)
    }

    pub(crate) fn evaluated(&self, facts: &[Fact<'_>], as_of: &str) -> Evaluation<'static> {
        let circumstances = Circumstances {
            as_of: instant(as_of),
            ..self.circumstances.clone()
        };
        evaluate(self.catalogue, facts, &circumstances)
    }
}

/// The duties of one rule.
pub(crate) fn of<'e>(
    evaluation: &'e Evaluation<'static>,
    rule: &str,
) -> Vec<&'e Obligation<'static>> {
    evaluation
        .obligations
        .iter()
        .filter(|obligation| obligation.rule.id == rule)
        .collect()
}

/// The one duty of a rule.
#[track_caller]
pub(crate) fn one<'e>(evaluation: &'e Evaluation<'static>, rule: &str) -> &'e Obligation<'static> {
    let found = of(evaluation, rule);
    assert_eq!(found.len(), 1, "{rule}: {found:#?}");
    found[0]
}

/// The status in a word, with what was late.
pub(crate) fn word(obligation: &Obligation<'_>) -> String {
    match &obligation.status {
        Status::Open => "OPEN".into(),
        Status::Met { late_by: None, .. } => "MET".into(),
        Status::Met {
            late_by: Some(late),
            ..
        } => match late {
            crate::obligation::Late::Days(days) => format!("MET late {days} d"),
            crate::obligation::Late::Minutes(minutes) => format!("MET late {minutes} min"),
        },
        Status::Waived { .. } => "WAIVED".into(),
        Status::Succeeded { to } => format!("SUCCEEDED {}", to.join("+")),
        Status::Suppressed { by } => format!("SUPPRESSED {by}"),
        Status::Overdue => "OVERDUE".into(),
        Status::Lapsed => "LAPSED".into(),
        Status::Moot { .. } => "MOOT".into(),
    }
}

/// The smallest facts of each event type.
fn defaults(kind: &str) -> Value {
    let x = json!(["x"]);
    match kind {
        "NotificationReceived" => json!({
            "notifier_kind": "PROFESSIONAL_133", "contactable": true, "children": [who(CHILD)], "unborn": false, "concerns": [],
            "suspicions": [], "text": x,
        }),
        "AcuteAssessmentMade" => {
            json!({ "danger_to_health_or_development": false, "acute_measure_needed": false, "reasons": x, "criteria": "v1" })
        }
        "NotificationMatched" => {
            json!({ "children": [who(CHILD)], "cases": [stream(CASE)], "running_measure": "NONE", "flagged_siblings": [] })
        }
        "NotificationReassessed" => {
            json!({ "participants": ["K1", "K7"], "uninvolved_participant": "K7", "result": x, "change_needed": false })
        }
        "NotifierFeedbackGiven" => {
            json!({ "outcome": "STARTED_SUPPORT", "type_and_duration_told": false })
        }
        "IntermunicipalNotificationSent" => json!({
            "to": "9902", "children": [who(CHILD)], "expectant_parents": [], "unborn": false, "summary": x, "document_count": 0,
            "documents": [],
        }),
        "ResponsibleMunicipalityChanged" => {
            json!({ "person": who(CHILD), "from": "9901", "to": "9902", "reason": "MOVE" })
        }
        "ConsentGiven" => json!({
            "giver": who(MOTHER), "capacity": "CUSTODY_HOLDER", "purpose": "MEASURE", "scope": x, "form": "ORAL", "informed_of": x,
        }),
        "RepresentativeAppointed" => {
            json!({ "of": who(MOTHER), "kind": "ADVOKAT", "representative": who(0x1a), "status": "APPOINTED" })
        }
        "NetworkMapped" => json!({
            "child": who(CHILD), "method": "GENOGRAM", "child_asked": true, "result": "RESOURCE_FOUND", "resource_persons": [],
            "judgements": [],
        }),
        "EarlyAdviceStarted" => json!({
            "advice": id(0xad), "kind": "ADVICE_29", "child": who(CHILD), "family": [], "initiator": "SCHOOL", "form": "CONVERSATION",
            "ground": x, "ladder_step": 1, "ladder_definition": "d",
        }),
        _ => case_defaults(kind),
    }
}

/// Those of what a case holds before anything is decided in it.
fn case_defaults(kind: &str) -> Value {
    let x = json!(["x"]);
    match kind {
        "CaseOpened" => json!({ "child": who(CHILD), "ground": x, "kle_number": "27.24.00" }),
        "CaseworkerAssigned" => json!({ "caseworkers": ["K1"], "reason": x }),
        "NeedAwarenessEstablished" => {
            json!({ "aware_at": "2024-01-01", "source_event": { "stream": stream(NOTICE), "event": id(1) } })
        }
        "ScreeningConcluded" => {
            json!({ "outcome": "CLARIFICATION_19", "weight": "LIGHT", "flags": [], "reasons": x, "next_help_started": false })
        }
        "RiskAssessmentMade" => {
            json!({ "made_before_involvement": true, "result": "NO_DANGER", "reasons": x })
        }
        "AssessmentOpened" => json!({
            "kind": "EXAMINATION_20", "scope": x, "children": [who(CHILD)], "is_decision": true, "parallel_to_support": false,
            "childrens_house_used": false,
        }),
        "AssessmentReported" => json!({
            "kind": "EXAMINATION_20", "stage": "FINAL", "recommendation": "SUPPORT_32", "conclusion": x, "child": who(CHILD),
            "child_attitude": x, "custody_holder_attitudes": [], "length_words": 900,
        }),
        "SiblingNeedAssessed" => {
            json!({ "sibling": who(SIBLING), "result": "OWN_ASSESSMENT", "reasons": x })
        }
        "ChildHeard" => json!({ "child": who(CHILD), "occasion": "CONTINUOUS", "own_words": x }),
        "ChildHearingWaived" => {
            json!({ "child": who(CHILD), "occasion": "BEFORE_DECISION", "ground": "AGE", "reasons": x })
        }
        "NetworkMeetingHeld" => json!({
            "participants": [who(MOTHER)], "child_took_part": false, "basis": "CONSENT",
            "agreements": [{ "what": "w", "responsible": "r" }],
        }),
        "NoteTaken" => json!({ "kind": "ESSENTIAL_STEP", "text": x }),
        "InformationObtained" => json!({
            "from": "skole", "kind": "SCHOOL", "about": who(CHILD), "content": x, "basis": "CONSENT", "consents": [],
            "consent_attempted": true,
        }),
        "DocumentFiled" => json!({
            "title": "t", "content": { "blobs": [1], "size": 1, "media_type": "text/plain", "sha256": "a".repeat(43) },
        }),
        _ => late_defaults(kind),
    }
}

fn late_defaults(kind: &str) -> Value {
    let x = json!(["x"]);
    match kind {
        "PartyHearingHeld" => json!({ "party": who(MOTHER), "material": "m" }),
        "RequestMade" => json!({ "by": who(CHILD), "kind": "RETURN_HOME_102", "text": x }),
        "DecisionMade" => json!({
            "kind": "SUPPORT_32", "section": "BL § 32", "outcome": "GRANT", "child": who(CHILD), "measure": id(MEASURE), "purpose": x,
            "plan_position": "REQUIRED", "parties": [], "discretion_factors": x, "key_facts": x, "rests_on": [],
            "fully_favourable": true, "competence": "CASEWORKER",
        }),
        "ProvisionalDecisionMade" => json!({
            "by": "CHAIR", "matters": ["PLACEMENT_47"], "sections": ["BL § 143"], "children": [who(CHILD)], "urgency": x,
            "police_help": false,
        }),
        "CommitteeSubmissionMade" => {
            json!({ "matters": ["PLACEMENT_47"], "children": [who(CHILD)], "contents": [], "documents": [] })
        }
        "CommitteeDecisionMade" => json!({
            "outcomes": [outcome("PLACEMENT_47", json!({}))], "members": ["COUNCILLOR", "COUNCILLOR", "JUDGE", "EXPERT", "EXPERT"],
            "judge_dissent": false, "reasons": x, "statements": [], "spoke": [], "lawyers_present": [],
        }),
        "PlanAdopted" => {
            json!({ "kind": "CHILD_PLAN", "version": 1, "children": [who(CHILD)], "made_with": [], "goals": [], "given_to": [] })
        }
        "SupportStarted" => json!({
            "measure": id(MEASURE), "section": "BL § 32", "ladder_step": 2, "ladder_definition": "d", "provider": "p", "provisional": false,
        }),
        "SupportAdjusted" => {
            json!({ "measure": id(MEASURE), "what_changed": x, "essential_change": false, "reason": x })
        }
        "SupportEnded" => json!({ "measure": id(MEASURE), "ground": "PURPOSE_MET" }),
        "FollowUpHeld" => json!({
            "measures": [id(MEASURE)], "first": false, "child": who(CHILD), "child_involved": true, "parents_involved": [],
            "wellbeing_judgement": x, "measure_judgement": "KEEP", "new_assessment_needed": false, "plan_revision_needed": false,
            "rhythm_told_to": [],
        }),
        "WellbeingMeasured" => json!({
            "child": who(CHILD), "respondent": who(CHILD), "instrument": "CORS", "instrument_version": "v", "occasion": "SESSION",
        }),
        "SupervisionVisitHeld" => json!({
            "child": who(CHILD), "child_spoken_to": true, "staff_absent": true, "caseworkers": ["K1"], "concerns_about_place": false,
        }),
        "ComplaintReceived" => json!({
            "complainant": who(MOTHER), "capacity": "CUSTODY_HOLDER", "via": "MUNICIPALITY", "oral": false, "in_time": true, "wants": x,
        }),
        "ComplaintReassessed" => json!({ "outcome": "MAINTAINED", "reasons": x }),
        "AppealForwarded" => {
            json!({ "manifest": [], "complainant_informed": true, "urgent": false })
        }
        "AppealOutcomeReceived" => {
            json!({ "instance": "ANKESTYRELSEN", "outcomes": [], "court_guidance": true, "summary": x })
        }
        "CaseTransferred" => {
            json!({ "direction": "OUT", "counterpart": "9902", "basis": "b", "material": x })
        }
        "CaseClosed" => {
            json!({ "ground": "PURPOSE_MET", "reasons": x, "open_obligations": [], "told_to": [] })
        }
        "CaseReopened" => json!({ "ground": x }),
        "FileAccessRequested" => json!({ "requester": who(MOTHER), "basis": "FVL_9", "scope": x }),
        "DisclosureMade" => json!({
            "kind": "FILE_ACCESS", "recipient": "r", "manifest": [], "redactions": [], "refused_in_part": false, "format": "pdf",
        }),
        _ => json!({}),
    }
}

/// One outcome of the committee for the child, five votes to none.
pub(crate) fn outcome(matter: &str, change: Value) -> Value {
    let mut outcome = json!({
        "child": who(CHILD), "matter": matter, "section": "BL § 47", "outcome": "ADOPTED", "votes_for": 5, "votes_against": 0,
    });
    for (name, value) in change.as_object().unwrap() {
        outcome[name] = value.clone();
    }
    outcome
}

/// One recipient of a decision, guided on everything.
pub(crate) fn recipient(number: u128, available: &str, change: Value) -> Value {
    let mut recipient = json!({
        "who": who(number), "channel": "DIGITAL_POST", "available_at": time(available), "oral": false,
        "guidance": ["APPEAL", "LAWYER", "FILE_ACCESS"],
    });
    for (name, value) in change.as_object().unwrap() {
        recipient[name] = value.clone();
    }
    recipient
}
