//! The heavy history: Bastian and Clara, 2025. Two cases of one family, told once; each child's
//! case is evaluated by itself.

use std::collections::BTreeMap;

use events::ids::EventId;
use serde_json::{Value, json};

use super::story::{
    FATHER, MOTHER, NOTICE, NOTIFIER, Story, id, instant, of, person, person_id, recipient, stream,
    word,
};
use crate::fact::{Circumstances, Fact, StatisticsReport};
use crate::finding::FindingKind;
use crate::key_figures::contribution::contributions;
use crate::key_figures::count::Value as Counted;
use crate::obligation::{DueAt, Evaluation, Obligation};

const BASTIAN: u128 = 0xba;
const CLARA: u128 = 0xc1a;
const CASE_B: u128 = 0xcab;
const CASE_C: u128 = 0xcac;
const PLACED_B: u128 = 0x3eb;
const PLACED_C: u128 = 0x3ec;

fn child(number: u128) -> Value {
    json!({ "person": person(number).person, "role": "CHILD" })
}

fn sib(number: u128) -> Value {
    json!({ "person": person(number).person, "role": "SIBLING" })
}

fn parent(number: u128) -> Value {
    json!(person(number))
}

const BOTH: [(u128, u128); 2] = [(CASE_B, BASTIAN), (CASE_C, CLARA)];

/// The history with the ids of the events that the tables name.
struct Family {
    story: Story,
    named: BTreeMap<&'static str, EventId>,
}

impl Family {
    fn name(&mut self, name: &'static str, event: EventId) {
        self.named.insert(name, event);
    }

    fn id(&self, name: &str) -> EventId {
        self.named[name]
    }

    /// The same event in each child's case, about that child.
    fn each(&mut self, when: &str, kind: &str, says: impl Fn(u128) -> Value) -> [EventId; 2] {
        BOTH.map(|(case, who)| self.story.on(case, when, kind, says(who)))
    }

    fn heard(&mut self, when: &str, occasion: &str, rest: Value) {
        self.each(when, "ChildHeard", |who| {
            let mut says = json!({ "child": child(who), "occasion": occasion });
            for (name, value) in rest.as_object().unwrap() {
                says[name] = value.clone();
            }
            says
        });
    }

    /// A family-wide fact, written once; both cases refer to it.
    fn shared(&mut self, when: &str, kind: &str, says: Value) -> EventId {
        let event = self.story.on(CASE_B, when, kind, says);
        let target = json!({ "target": { "stream": stream(CASE_B), "event": event }, "leaf": "a".repeat(43) });
        self.story.on(CASE_C, when, "FactReferenced", target);
        event
    }
}

fn outcome(who: u128, matter: &str, section: &str, rest: Value) -> Value {
    let mut says =
        super::story::outcome(matter, json!({ "child": child(who), "section": section }));
    for (name, value) in rest.as_object().unwrap() {
        says[name] = value.clone();
    }
    says
}

fn told(decision: EventId, who: &[u128], at: &str) -> Value {
    let recipients: Vec<Value> = who
        .iter()
        .map(|number| recipient(*number, at, json!({})))
        .collect();
    json!({ "decision": decision, "recipients": recipients })
}

fn family() -> Family {
    let mut family = Family {
        story: Story::new(),
        named: BTreeMap::new(),
    };
    register(&mut family);
    night(&mut family);
    provisional_placement(&mut family);
    examination(&mut family);
    findings(&mut family);
    committee(&mut family);
    appeals(&mut family);
    rhythm(&mut family);
    autumn(&mut family);
    return_home(&mut family);
    move_away(&mut family);
    family
}

fn register(family: &mut Family) {
    for (who, born) in [(BASTIAN, "2012-11-03"), (CLARA, "2018-08-19")] {
        family.story.on(
            who,
            "2025-02-14 23:00",
            "PersonRegistered",
            json!({ "person": child(who), "name": "P", "birth_date": born }),
        );
        for holder in [MOTHER, FATHER] {
            let relation = json!({ "from": child(who), "to": parent(holder), "kind": "CUSTODY_JOINT", "source": "CPR" });
            family
                .story
                .on(who, "2025-02-14 23:00", "RelationRecorded", relation);
        }
    }
    let relation =
        json!({ "from": child(BASTIAN), "to": sib(CLARA), "kind": "SIBLING", "source": "CPR" });
    family
        .story
        .on(BASTIAN, "2025-02-14 23:00", "RelationRecorded", relation);
}

fn night(family: &mut Family) {
    let doctor = json!({
        "notifier": parent(NOTIFIER), "children": [child(BASTIAN), child(CLARA)], "suspicions": ["ABUSE", "PARENT_SIDE"],
    });
    family
        .story
        .notice("2025-02-14 22:40", "NotificationReceived", doctor);
    let acute = json!({ "danger_to_health_or_development": true, "acute_measure_needed": true });
    family
        .story
        .notice("2025-02-14 23:50", "AcuteAssessmentMade", acute);
    let matched = json!({ "children": [child(BASTIAN), child(CLARA)], "cases": [stream(CASE_B), stream(CASE_C)] });
    family
        .story
        .notice("2025-02-15 00:20", "NotificationMatched", matched);
    family.each(
        "2025-02-15 00:20",
        "CaseOpened",
        |who| json!({ "child": child(who) }),
    );
    family.each(
        "2025-02-15 00:21",
        "NeedAwarenessEstablished",
        |_| json!({ "aware_at": "2025-02-14" }),
    );
    family.each(
        "2025-02-15 00:22",
        "CaseworkerAssigned",
        |_| json!({ "caseworkers": ["K3"], "second_caseworker": "K4" }),
    );
    let alone = json!({ "without_parents": true, "without_parents_consent": false, "bisidder_right_told": true });
    family.heard("2025-02-15 08:15", "NOTIFICATION_137", alone);
    let flags = json!([
        "ABUSE",
        "VIOLENCE",
        "PLACEMENT_CONSIDERED",
        "COERCION_CONSIDERED"
    ]);
    let screening = json!({ "outcome": "EXAMINATION_20", "weight": "HEAVY", "flags": flags });
    family.each("2025-02-15 09:20", "ScreeningConcluded", |_| {
        screening.clone()
    });
}

fn provisional_placement(family: &mut Family) {
    let provisional = json!({
        "matters": ["PLACEMENT_47", "CONTACT_105"], "children": [child(BASTIAN), child(CLARA)], "sections": ["BL § 143", "BL § 47"],
        "carried_out_at": instant("2025-02-15 10:30"),
    });
    let p1 = family.shared("2025-02-15 09:40", "ProvisionalDecisionMade", provisional);
    family.name("P1", p1);
    for (case, who) in BOTH {
        for holder in [MOTHER, FATHER] {
            let urgent = json!({ "party": parent(holder), "exception": "URGENT", "exception_reasons": ["x"] });
            family
                .story
                .on(case, "2025-02-15 10:00", "PartyHearingHeld", urgent);
        }
        let place = json!({
            "kind": "PLACE_52", "section": "BL § 52", "child": child(who), "measure": id(if who == BASTIAN { PLACED_B } else { PLACED_C }),
            "plan_position": "NOT_REQUIRED", "parties": [parent(MOTHER), parent(FATHER)], "fully_favourable": false, "immediate_effect": true,
        });
        let d1 = family
            .story
            .on(case, "2025-02-15 10:10", "DecisionMade", place);
        family.name(if who == BASTIAN { "D1B" } else { "D1C" }, d1);
        let start = json!({ "measure": id(if who == BASTIAN { PLACED_B } else { PLACED_C }), "section": "BL § 143", "decision": p1 });
        family
            .story
            .on(case, "2025-02-15 10:30", "SupportStarted", start);
    }
    family.shared(
        "2025-02-15 16:00",
        "DecisionCommunicated",
        told(p1, &[MOTHER, FATHER, BASTIAN], "2025-02-15 16:00"),
    );
}

fn examination(family: &mut Family) {
    let opened = json!({ "children": [child(BASTIAN), child(CLARA)], "parallel_to_support": true, "childrens_house_used": true });
    family.each("2025-02-17 10:00", "AssessmentOpened", |_| opened.clone());
    family.story.notice(
        "2025-02-17 11:00",
        "NotificationReceiptConfirmed",
        json!({}),
    );
    for party in [MOTHER, FATHER, BASTIAN] {
        family.shared(
            "2025-02-17 12:00",
            "RepresentativeAppointed",
            json!({ "of": parent(party) }),
        );
    }
    family.story.notice(
        "2025-02-19 10:00",
        "NotifierFeedbackGiven",
        json!({ "outcome": "STARTED_EXAMINATION" }),
    );
    family.heard("2025-02-19 14:00", "COMMITTEE", json!({}));
    let approval = json!({
        "outcomes": [outcome(BASTIAN, "APPROVAL_143", "BL § 143", json!({})), outcome(CLARA, "APPROVAL_143", "BL § 143", json!({}))],
        "approves": family.id("P1"),
    });
    let c1 = family.shared("2025-02-20 13:00", "CommitteeDecisionMade", approval);
    family.name("C1", c1);
}

/// What the examination found, and the plans that follow from it.
fn findings(family: &mut Family) {
    family.heard("2025-02-24 10:00", "EXAMINATION", json!({}));
    let asked = family.shared(
        "2025-02-26 09:00",
        "FileAccessRequested",
        json!({ "requester": parent(FATHER) }),
    );
    family.each(
        "2025-02-27 10:00",
        "NetworkMapped",
        |who| json!({ "child": child(who) }),
    );
    for (case, _) in BOTH {
        for holder in [MOTHER, FATHER] {
            family.story.on(
                case,
                "2025-03-03 10:00",
                "PartyHearingHeld",
                json!({ "party": parent(holder), "deadline": "2025-03-06" }),
            );
        }
    }
    family.shared(
        "2025-03-05 10:00",
        "DisclosureMade",
        json!({ "request": asked }),
    );
    family.story.on(
        CASE_B,
        "2025-03-06 09:00",
        "SiblingNeedAssessed",
        json!({ "sibling": sib(CLARA), "result": "JOINT_ASSESSMENT" }),
    );
    family.story.on(
        CASE_C,
        "2025-03-06 09:00",
        "SiblingNeedAssessed",
        json!({ "sibling": sib(BASTIAN), "result": "JOINT_ASSESSMENT" }),
    );
    family.each(
        "2025-03-06 10:00",
        "AssessmentReported",
        |who| json!({ "child": child(who), "recommendation": "PLACEMENT_47" }),
    );
    follow_up(family, "2025-03-06 11:00", true, Some("2025-04-24"), &BOTH);
    family.shared(
        "2025-03-06 12:00",
        "PlanAdopted",
        json!({ "children": [child(BASTIAN), child(CLARA)] }),
    );
    let parents = json!({ "kind": "PARENT_PLAN", "children": [child(BASTIAN), child(CLARA)] });
    family.shared("2025-03-06 12:30", "PlanAdopted", parents);
}

fn follow_up(
    family: &mut Family,
    when: &str,
    first: bool,
    next: Option<&str>,
    cases: &[(u128, u128)],
) {
    for (case, who) in cases {
        let measure = if *who == BASTIAN { PLACED_B } else { PLACED_C };
        let mut says = json!({ "measures": [id(measure)], "first": first, "child": child(*who), "parents_involved": [parent(MOTHER)] });
        if let Some(next) = next {
            says["next_rhythm"] = json!({ "on": next });
            says["rhythm_reasons"] = json!(["x"]);
            says["rhythm_told_to"] = json!([child(*who), parent(MOTHER), parent(FATHER)]);
        }
        family.story.on(*case, when, "FollowUpHeld", says);
    }
}

fn committee(family: &mut Family) {
    let contents = json!([
        "EXAMINATION",
        "CONDITIONS",
        "PARENTAL_COMPETENCE",
        "PLAN",
        "CHILD_VIEW",
        "PARENT_PLAN",
        "SIBLINGS"
    ]);
    let submission = json!({
        "matters": ["PLACEMENT_47", "CONTACT_105"], "children": [child(BASTIAN), child(CLARA)], "contents": contents,
    });
    family.shared("2025-03-07 10:00", "CommitteeSubmissionMade", submission);
    family.heard("2025-03-12 15:00", "BEFORE_DECISION", json!({}));
    let contact = json!({ "valid_to": "2025-09-13" });
    let decided = json!({
        "outcomes": [
            outcome(BASTIAN, "PLACEMENT_47", "BL § 47", json!({})),
            outcome(CLARA, "PLACEMENT_47", "BL § 47", json!({ "votes_for": 4, "votes_against": 1 })),
            outcome(BASTIAN, "CONTACT_105", "BL § 105", contact.clone()),
            outcome(CLARA, "CONTACT_105", "BL § 105", contact),
        ],
    });
    let c2 = family.shared("2025-03-13 14:00", "CommitteeDecisionMade", decided);
    family.name("C2", c2);
    family.shared(
        "2025-03-20 10:00",
        "DecisionCommunicated",
        told(c2, &[MOTHER, FATHER, BASTIAN], "2025-03-20 10:00"),
    );
    family.heard("2025-03-20 11:00", "BEFORE_DECISION", json!({}));
    for (case, who) in BOTH {
        for holder in [MOTHER, FATHER] {
            family.story.on(
                case,
                "2025-03-20 12:00",
                "PartyHearingHeld",
                json!({ "party": parent(holder), "exception": "KNOWN_OR_FAVOURABLE" }),
            );
        }
        let parties = if who == BASTIAN {
            json!([parent(MOTHER), parent(FATHER), child(who)])
        } else {
            json!([parent(MOTHER), parent(FATHER)])
        };
        let stay = json!({
            "kind": "PLACE_52", "section": "BL § 52", "child": child(who), "plan_position": "NOT_REQUIRED", "parties": parties,
            "fully_favourable": false, "immediate_effect": true, "measure": null,
        });
        let d2 = family
            .story
            .on(case, "2025-03-21 10:00", "DecisionMade", stay);
        family.name(if who == BASTIAN { "D2B" } else { "D2C" }, d2);
        let to: &[u128] = if who == BASTIAN {
            &[MOTHER, FATHER, BASTIAN]
        } else {
            &[MOTHER, FATHER]
        };
        family.story.on(
            case,
            "2025-03-21 11:00",
            "DecisionCommunicated",
            told(d2, to, "2025-03-21 11:00"),
        );
    }
}

fn appeals(family: &mut Family) {
    let own = json!({ "decision": family.id("D2B"), "complainant": child(BASTIAN), "capacity": "CHILD_10", "oral": true });
    let k1 = family
        .story
        .on(CASE_B, "2025-04-02 15:00", "ComplaintReceived", own);
    let k2 = json!({ "decision": family.id("C2"), "complainant": parent(FATHER) });
    let k2 = family.shared("2025-04-22 20:15", "ComplaintReceived", k2);
    family.shared(
        "2025-04-23 10:00",
        "AppealForwarded",
        json!({ "complaint": k2 }),
    );
    family.story.on(
        CASE_B,
        "2025-04-24 09:00",
        "ComplaintReassessed",
        json!({ "complaint": k1 }),
    );
    family.story.on(
        CASE_B,
        "2025-04-24 10:00",
        "AppealForwarded",
        json!({ "complaint": k1, "form": "ankeskema" }),
    );
    let issue = |who: u128, section: &str, outcome: &str| json!({ "child": child(who), "section": section, "outcome": outcome });
    let mut changed = issue(CLARA, "BL § 47", "AENDRET");
    changed["order"] = json!("Udvalget skal behandle sagen igen inden 6 måneder");
    changed["deadline"] = json!("2025-12-11");
    let outcomes = json!([
        issue(BASTIAN, "BL § 47", "STADFAESTET"),
        changed,
        issue(BASTIAN, "BL § 105", "STADFAESTET"),
        issue(CLARA, "BL § 105", "STADFAESTET"),
    ]);
    let board = family.shared(
        "2025-06-11 12:00",
        "AppealOutcomeReceived",
        json!({ "complaint": k2, "outcomes": outcomes }),
    );
    family.shared(
        "2025-06-12 12:00",
        "DecisionCommunicated",
        told(board, &[MOTHER, FATHER, BASTIAN], "2025-06-12 12:00"),
    );
    let upheld = json!({ "complaint": k1, "outcomes": [issue(BASTIAN, "BL § 52", "STADFAESTET")] });
    family
        .story
        .on(CASE_B, "2025-06-18 12:00", "AppealOutcomeReceived", upheld);
}

fn rhythm(family: &mut Family) {
    follow_up(family, "2025-04-24 14:00", false, Some("2025-06-19"), &BOTH);
    family.each(
        "2025-05-30 14:00",
        "SupervisionVisitHeld",
        |who| json!({ "child": child(who) }),
    );
    follow_up(family, "2025-06-19 14:00", false, Some("2025-08-14"), &BOTH);
    follow_up(family, "2025-08-14 14:00", false, Some("2025-10-09"), &BOTH);
    follow_up(
        family,
        "2025-10-09 14:00",
        false,
        Some("2025-12-04"),
        &BOTH[..1],
    );
    follow_up(family, "2025-10-09 14:10", false, None, &BOTH[1..]);
}

fn autumn(family: &mut Family) {
    let unborn = json!({ "children": [], "expectant_parents": [parent(MOTHER)], "unborn": true, "document_count": 11 });
    family.shared("2025-08-28 10:00", "IntermunicipalNotificationSent", unborn);
    let ended = family
        .story
        .on(CASE_B, "2025-09-11 10:00", "NoteTaken", json!({}));
    family.story.citing("BL § 105");
    let target =
        json!({ "target": { "stream": stream(CASE_B), "event": ended }, "leaf": "a".repeat(43) });
    family
        .story
        .on(CASE_C, "2025-09-11 10:00", "FactReferenced", target);
    family.each(
        "2025-09-25 14:00",
        "SupervisionVisitHeld",
        |who| json!({ "child": child(who) }),
    );
    family.story.on(
        CASE_C,
        "2025-09-25 16:00",
        "InformationObtained",
        json!({ "from": "plejefamilien", "kind": "OTHER", "about": child(CLARA) }),
    );
}

fn return_home(family: &mut Family) {
    family.story.citing("BL § 100, stk. 2");
    family.story.on(
        CASE_C,
        "2025-10-01 10:00",
        "ChildHeard",
        json!({ "child": child(CLARA), "occasion": "BEFORE_DECISION" }),
    );
    family.story.on(
        CASE_C,
        "2025-10-01 11:00",
        "PlanAdopted",
        json!({ "children": [child(CLARA)], "version": 3 }),
    );
    for holder in [MOTHER, FATHER] {
        let known = json!({ "party": parent(holder), "exception": "KNOWN_OR_FAVOURABLE" });
        family
            .story
            .on(CASE_C, "2025-10-01 12:00", "PartyHearingHeld", known);
    }
    let home = json!({
        "kind": "RETURN_HOME_100", "section": "BL § 100", "child": child(CLARA), "parties": [parent(MOTHER), parent(FATHER)],
        "plan_position": "NOT_REQUIRED", "fully_favourable": false, "measure": id(PLACED_C),
    });
    let d3 = family
        .story
        .on(CASE_C, "2025-10-02 10:00", "DecisionMade", home);
    family.name("D3", d3);
    family.story.on(
        CASE_C,
        "2025-10-02 11:00",
        "DecisionCommunicated",
        told(d3, &[MOTHER, FATHER], "2025-10-02 11:00"),
    );
    family
        .story
        .on(CASE_C, "2025-10-02 12:00", "NoteTaken", json!({}));
}

fn move_away(family: &mut Family) {
    family.story.citing("BL § 102, stk. 5");
    family.story.on(
        CASE_C,
        "2025-12-05 12:00",
        "SupportEnded",
        json!({ "measure": id(PLACED_C) }),
    );
    family.story.on(
        CLARA,
        "2025-12-08 09:00",
        "ResponsibleMunicipalityChanged",
        json!({ "person": child(CLARA) }),
    );
    family.story.on(
        CASE_C,
        "2025-12-08 10:00",
        "IntermunicipalNotificationSent",
        json!({ "children": [child(CLARA)] }),
    );
    family
        .story
        .on(CASE_C, "2025-12-08 11:00", "CaseTransferred", json!({}));
    family.story.on(
        CASE_C,
        "2025-12-08 12:00",
        "CaseClosed",
        json!({ "ground": "MOVED" }),
    );
}

/// The reading of one child's case: its stream, the notification, the persons, and what it refers
/// to in the other child's.
fn reading(family: &Family, case: u128, as_of: &str) -> Evaluation<'static> {
    let (facts, circumstances) = facts_of(family, case, as_of);
    crate::engine::evaluate(&super::story::CATALOGUE, &facts, &circumstances)
}

/// The facts of one child's reading, and what surrounds it.
fn facts_of<'f>(family: &'f Family, case: u128, as_of: &str) -> (Vec<Fact<'f>>, Circumstances) {
    let facts = family.story.facts();
    let of_case = stream(case);
    let referred: Vec<EventId> = facts
        .iter()
        .filter(|fact| fact.stream == of_case)
        .filter_map(|fact| match fact.facts {
            events::event::Event::FactReferenced(reference) => Some(reference.target.event),
            _ => None,
        })
        .collect();
    let wholly = [of_case, stream(NOTICE), stream(BASTIAN), stream(CLARA)];
    let own = |fact: &&Fact<'_>| wholly.contains(&fact.stream) || referred.contains(&fact.event);
    let reading: Vec<Fact<'_>> = facts.iter().filter(own).copied().collect();
    let mut circumstances = family.story.circumstances.clone();
    circumstances.case = Some(of_case);
    circumstances.as_of = instant(as_of);
    circumstances.statistics = ["2025-03-31", "2025-06-30", "2025-09-30"]
        .map(|end| StatisticsReport {
            period_end: end.parse().unwrap(),
            sent_at: instant(&format!("{}-20 10:00", &next_month(end))),
        })
        .to_vec();
    (reading, circumstances)
}

fn next_month(end: &str) -> String {
    let day: jiff::civil::Date = end.parse().unwrap();
    day.tomorrow().unwrap().to_string()[..7].to_owned()
}

fn due(duty: &Obligation<'_>) -> String {
    match &duty.due {
        DueAt::Instant(at) => at.to_zoned(events::time::denmark()).datetime().to_string(),
        DueAt::Day(day) => day.to_string(),
        DueAt::Window { from, to } => format!("{from}..{to}"),
        DueAt::Before(_) => "before".into(),
        DueAt::AtTrigger => "with it".into(),
        DueAt::NoNumber => "no number".into(),
        DueAt::NotSet => "not set".into(),
    }
}

fn rows(evaluation: &Evaluation<'static>, rule: &str) -> Vec<(String, String)> {
    of(evaluation, rule)
        .iter()
        .map(|duty| (due(duty), word(duty)))
        .collect()
}

/// Every duty of a rule with its due day and status.
#[track_caller]
fn expect(evaluation: &Evaluation<'static>, rule: &str, expected: &[(&str, &str)]) {
    let expected: Vec<(String, String)> = expected
        .iter()
        .map(|(due, status)| ((*due).to_owned(), (*status).to_owned()))
        .collect();
    assert_eq!(rows(evaluation, rule), expected, "{rule}");
}

#[test]
fn history_b_is_met_where_both_children_are_owed_the_same() {
    let family = family();
    for case in [CASE_B, CASE_C] {
        let evaluation = reading(&family, case, "2025-12-08");
        expect(
            &evaluation,
            "BL-136-2-24H",
            &[("2025-02-15T22:40:00", "MET")],
        );
        expect(&evaluation, "BL-137-3-ABUSETALK", &[("no number", "MET")]);
        expect(&evaluation, "BL-138-1-ACK", &[("2025-02-24", "MET")]);
        assert_eq!(
            of(&evaluation, "BL-138-1-ACK")[0].warn_at,
            Some(instant("2025-02-21"))
        );
        expect(&evaluation, "BL-138-2-FEEDBACK", &[("no number", "MET")]);
        expect(&evaluation, "BL-137-1-REASSESS-25", &[]);
        expect(&evaluation, "BL-20-1-DECIDE", &[("no number", "MET")]);
        expect(&evaluation, "BL-125-CHILDHOUSE", &[("before", "MET")]);
        expect(&evaluation, "BL-143-4-7D", &[("2025-02-22", "MET")]);
        expect(&evaluation, "BL-143-5-1M", &[("2025-03-20", "MET")]);
        assert_eq!(
            of(&evaluation, "BL-143-5-1M")[0].warn_at,
            Some(instant("2025-03-15"))
        );
        expect(&evaluation, "BL-20-3-4M", &[("2025-06-14", "MET")]);
        expect(&evaluation, "BL-21-1-SIBLING", &[("before", "MET")]);
        expect(&evaluation, "BL-21-2-SIBLING-BFU", &[("no number", "MET")]);
        expect(&evaluation, "BL-21-5-TWO", &[("with it", "MET")]);
        expect(&evaluation, "BL-95-2-FIRST", &[("2025-03-06", "MET")]);
        expect(&evaluation, "ADM-FVL16-7A", &[("2025-03-07", "MET")]);
        expect(&evaluation, "ADM-FVL9B-HOLD", &[("before", "MET")]);
        expect(&evaluation, "BL-91-2-PLAN47", &[("before", "MET")]);
        expect(&evaluation, "BL-77-PARENTPLAN", &[("no number", "MET")]);
        expect(&evaluation, "BL-51-CONTENTS", &[("with it", "MET")]);
        expect(&evaluation, "ADM-RSB11-6-FORWARD", &[("no number", "MET")]);
        expect(&evaluation, "ADM-RSL73-8W", &[("2025-06-18", "MET")]);
        expect(&evaluation, "BL-105-EXPIRY", &[("2025-09-13", "MET")]);
        let views = rows(&evaluation, "BL-5-3-VIEWS");
        assert!(views.iter().all(|(_, status)| status == "MET"), "{views:?}");
        assert!(
            rows(&evaluation, "ADM-FVL19-HEAR")
                .iter()
                .all(|(_, status)| status == "MET")
        );
        assert!(
            rows(&evaluation, "BL-140-LAWYER")
                .iter()
                .all(|(_, status)| status == "MET")
        );
        assert!(
            rows(&evaluation, "BL-143-3-24H")
                .iter()
                .all(|row| *row == ("2025-02-16T10:30:00".to_owned(), "MET".to_owned()))
        );
        expect(&evaluation, "BL-156-5-VISITS", &[("2026-02-15", "MET")]);
        expect(&evaluation, "ADM-DIB-QUARTER", &[("2025-10-31", "MET")]);
    }
}

#[test]
fn history_b_of_bastian() {
    let family = family();
    let evaluation = reading(&family, CASE_B, "2025-12-08");
    let own: Vec<_> = rows(&evaluation, "BL-95-OWN");
    let expected = [
        "2025-04-24",
        "2025-06-19",
        "2025-08-14",
        "2025-10-09",
        "2025-12-04",
    ];
    assert_eq!(
        own.iter().map(|(due, _)| due.as_str()).collect::<Vec<_>>(),
        expected
    );
    assert_eq!(
        own.iter()
            .map(|(_, status)| status.as_str())
            .collect::<Vec<_>>(),
        ["MET", "MET", "MET", "MET", "OVERDUE"]
    );
    expect(&evaluation, "BL-50-RENEW", &[("2026-06-11", "OPEN")]);
    expect(&evaluation, "ADM-RSB11-4W", &[("2025-04-30", "MET")]);
    expect(&evaluation, "ADM-RSB15-8W", &[("2025-06-19", "MET")]);
    assert_eq!(
        of(&evaluation, "BL-143-3-24H").len(),
        3,
        "mother, father and Bastian"
    );
    let complaint = |rule: &str, who: u128| {
        let duties = of(&evaluation, rule);
        let duty = duties
            .iter()
            .find(|duty| duty.subject == Some(person_id(who)))
            .unwrap();
        (due(duty), word(duty))
    };
    assert_eq!(
        complaint("ADM-BL146-COMPLAIN", FATHER),
        ("2025-04-22".into(), "MET".into())
    );
    assert_eq!(
        complaint("ADM-BL146-COMPLAIN", MOTHER),
        ("2025-04-22".into(), "LAPSED".into())
    );
    assert_eq!(
        complaint("ADM-RSL67-COMPLAIN", BASTIAN),
        ("2025-04-22".into(), "MET".into())
    );
    let court = rows(&evaluation, "ADM-BL147-COURT");
    assert_eq!(
        court,
        vec![("2025-07-10".to_owned(), "LAPSED".to_owned()); 3]
    );
    let views: Vec<EventId> = of(&evaluation, "BL-5-3-VIEWS")
        .iter()
        .map(|duty| duty.event)
        .collect();
    for decision in ["D1B", "C1", "C2", "D2B"] {
        assert!(views.contains(&family.id(decision)), "{decision}");
    }
    expect(&evaluation, "BL-132-MOVE", &[("no number", "MET")]);
    expect(&evaluation, "BL-111-AFTERCARE", &[("2030-05-03", "OPEN")]);
    assert!(of(&evaluation, "ADM-BOARD-ORDER").is_empty());
}

#[test]
fn history_b_of_clara() {
    let family = family();
    let evaluation = reading(&family, CASE_C, "2025-12-08 12:30");
    expect(&evaluation, "BL-50-RENEW", &[("2025-12-11", "MET")]);
    expect(&evaluation, "ADM-BOARD-ORDER", &[("2025-12-11", "MET")]);
    assert_eq!(
        of(&evaluation, "BL-143-3-24H").len(),
        2,
        "Clara is six and no party"
    );
    expect(&evaluation, "BL-100-2-STATEMENT", &[("before", "MET")]);
    expect(&evaluation, "BL-102-5-TELL", &[("no number", "MET")]);
    let d3: Vec<_> = of(&evaluation, "ADM-RSL67-COMPLAIN")
        .iter()
        .map(|duty| (due(duty), word(duty)))
        .collect();
    let lapsed = |day: &str| (day.to_owned(), "LAPSED".to_owned());
    assert_eq!(
        d3,
        [
            lapsed("2025-04-22"),
            lapsed("2025-04-22"),
            lapsed("2025-10-30"),
            lapsed("2025-10-30")
        ]
    );
    expect(
        &evaluation,
        "BL-132-MOVE",
        &[("no number", "MET"), ("no number", "MET")],
    );
    let own: Vec<_> = rows(&evaluation, "BL-95-OWN");
    assert_eq!(own.len(), 4);
    assert!(own.iter().all(|(_, status)| status == "MET"));
    assert!(
        of(&evaluation, "BL-5-3-VIEWS")
            .iter()
            .any(|duty| duty.event == family.id("D3"))
    );
}

#[test]
fn history_b_shows_nothing_that_does_not_fit() {
    let family = family();
    for case in [CASE_B, CASE_C] {
        let evaluation = reading(&family, case, "2025-12-08 12:30");
        // B8 tells the parties of the provisional decision; nothing tells them of the place (D1).
        let kinds = evaluation.findings.iter().map(|finding| &finding.kind);
        let kinds: Vec<_> = kinds.collect();
        assert_eq!(kinds, [&FindingKind::DecisionNotCommunicated]);
    }
}

#[test]
fn history_b_leaves_little_open_and_one_thing_overdue() {
    let family = family();
    let evaluation = reading(&family, CASE_B, "2025-12-08");
    let pending: Vec<String> = evaluation
        .obligations
        .iter()
        .filter(|duty| duty.is_pending())
        .map(|duty| format!("{} | {} | {}", duty.rule.id, due(duty), word(duty)))
        .collect();
    let expected = [
        "BL-111-AFTERCARE | 2030-05-03 | OPEN",
        "BL-142-7-WRITTEN | no number | OPEN",
        "BL-50-RENEW | 2026-06-11 | OPEN",
        "BL-95-OWN | 2025-12-04 | OVERDUE",
    ];
    assert_eq!(pending, expected);
}

#[test]
fn history_b_reads_earlier_days_as_they_were() {
    let family = family();
    let mut before = reading(&family, CASE_B, "2025-02-15 12:00");
    before
        .obligations
        .retain(|duty| duty.rule.id == "BL-143-3-24H");
    assert_eq!(
        before.obligations.iter().map(word).collect::<Vec<_>>(),
        ["OPEN", "OPEN", "OPEN"]
    );
    let april = reading(&family, CASE_B, "2025-04-23");
    expect(&april, "ADM-RSB11-4W", &[("2025-04-30", "OPEN")]);
    expect(&april, "BL-50-RENEW", &[("2026-03-13", "OPEN")]);
    let june = reading(&family, CASE_C, "2025-06-30");
    expect(&june, "BL-50-RENEW", &[("2025-12-11", "OPEN")]);
    expect(&june, "BL-105-EXPIRY", &[("2025-09-13", "OPEN")]);
}

#[test]
fn history_b_counts_coercion_complaints_and_reversals_for_each_child() {
    let family = family();
    let figures = crate::key_figures::KeyFigures::built_in().unwrap();
    let counted = |case: u128, figure: &str| -> Vec<Counted> {
        let (facts, circumstances) = facts_of(&family, case, "2025-12-08 12:30");
        let all = contributions(&figures, &super::story::CATALOGUE, &facts, &circumstances);
        all.into_iter()
            .filter(|own| own.figure == figure)
            .map(|own| own.value)
            .collect()
    };
    let yes = Counted::Was;
    assert_eq!(
        counted(CASE_B, "K-REVERSED-ISSUES"),
        [yes(false), yes(false), yes(false)],
        "placement, contact, and the place"
    );
    assert_eq!(
        counted(CASE_C, "K-REVERSED-ISSUES"),
        [yes(true), yes(false)]
    );
    assert_eq!(
        counted(CASE_B, "K-REVERSED-COMPLAINTS"),
        [yes(false), yes(false)]
    );
    assert_eq!(counted(CASE_C, "K-REVERSED-COMPLAINTS"), [yes(true)]);
    assert_eq!(counted(CASE_B, "K-COMPLAINTS").len(), 2);
    assert_eq!(counted(CASE_C, "K-COMPLAINTS").len(), 1);
    assert_eq!(
        counted(CASE_B, "K-COERCION").len(),
        3,
        "provisional, placement, contact; the approval is not counted again"
    );
    assert_eq!(counted(CASE_B, "K-DECISION"), [Counted::Number(1)]);
    assert_eq!(counted(CASE_B, "K-EXAMINED"), [yes(true)]);
}
