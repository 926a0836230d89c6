//! The light history: Alma, spring to autumn 2024. Every duty that it raises is expected here.

use events::ids::EventId;
use serde_json::{Value, json};

use super::story::{
    CHILD, FATHER, MOTHER, NOTICE, NOTIFIER, SIBLING, Story, id, instant, of, one, person_id,
    recipient, who, word,
};
use crate::duty::Remark;
use crate::obligation::{DueAt, Obligation};

const ADVICE: u128 = 0xad1ce;
const N2: u128 = NOTICE + 1;

struct Alma {
    story: Story,
    a6: EventId,
    d1: EventId,
    d2: EventId,
}

fn told(decision: EventId, at: &str) -> Value {
    let oral = json!({ "oral": true, "guidance": [], "channel": "IN_PERSON" });
    let recipients = [
        recipient(MOTHER, at, json!({})),
        recipient(FATHER, at, json!({})),
        recipient(CHILD, at, oral),
    ];
    json!({ "decision": decision, "recipients": recipients })
}

fn heard(occasion: &str) -> Value {
    json!({ "occasion": occasion })
}

fn measured(story: &mut Story, when: &str, respondent: u128, instrument: &str, total: u16) {
    let scores = json!({ "first": 0, "second": 0, "third": 0, "fourth": 0, "total": total });
    story.add(
        when,
        "WellbeingMeasured",
        json!({ "respondent": who(respondent), "instrument": instrument, "scores": scores }),
    );
}

fn followed_up(first: bool, rest: Value) -> Value {
    let mut says = json!({ "first": first, "parents_involved": [who(MOTHER), who(FATHER)] });
    for (name, value) in rest.as_object().unwrap() {
        says[name] = value.clone();
    }
    says
}

fn eight_weeks() -> Value {
    json!({
        "next_rhythm": { "interval_weeks": 8 }, "rhythm_reasons": ["x"],
        "rhythm_told_to": [who(CHILD), who(MOTHER), who(FATHER)],
    })
}

/// The history as it stands in the record; the acute assessment as it was first recorded or as
/// corrected on 5 November.
fn alma(assessed: &str) -> Alma {
    let mut story = Story::new();
    story.family("2016-05-14");
    story.sibling();
    before_the_case(&mut story);
    let a6 = intake(&mut story, assessed);
    let d1 = clarification(&mut story);
    help(&mut story, d1);
    let d2 = second_notification_and_end(&mut story);
    Alma { story, a6, d1, d2 }
}

/// The whole history as it reads in the end.
pub(crate) fn story() -> Story {
    alma("2024-03-22 08:40").story
}

fn before_the_case(story: &mut Story) {
    story.on(
        ADVICE,
        "2024-02-06 10:00",
        "EarlyAdviceStarted",
        json!({ "initiator": "SCHOOL" }),
    );
    let window = json!({ "next_meeting": { "from": "2024-03-19", "to": "2024-04-02" } });
    story.on(ADVICE, "2024-02-06 16:00", "NetworkMeetingHeld", window);
    story.on(
        ADVICE,
        "2024-03-19 16:00",
        "NoteTaken",
        json!({ "kind": "CONTACT" }),
    );
}

fn intake(story: &mut Story, assessed: &str) -> EventId {
    story.notice(
        "2024-03-21 14:10",
        "NotificationReceived",
        json!({ "notifier": who(NOTIFIER), "concerns": ["ABSENCE", "LOW_MOOD"] }),
    );
    let a6 = story.notice(assessed, "AcuteAssessmentMade", json!({}));
    story.recorded("2024-03-22 09:20");
    story.notice(
        "2024-03-22 10:00",
        "NotificationMatched",
        json!({ "flagged_siblings": [who(SIBLING)] }),
    );
    story.add("2024-03-22 10:00", "CaseOpened", json!({}));
    story.add(
        "2024-03-22 10:00",
        "NeedAwarenessEstablished",
        json!({ "aware_at": "2024-03-21" }),
    );
    story.add("2024-03-22 10:00", "CaseworkerAssigned", json!({}));
    story.on(
        ADVICE,
        "2024-03-22 10:00",
        "SupportEnded",
        json!({ "measure": id(0xad), "ground": "REPLACED" }),
    );
    story.notice(
        "2024-03-25 16:00",
        "NotificationReceiptConfirmed",
        json!({ "recipient": who(NOTIFIER) }),
    );
    a6
}

fn clarification(story: &mut Story) -> EventId {
    story.add("2024-03-26 16:00", "ScreeningConcluded", json!({}));
    story.add(
        "2024-03-26 16:01",
        "AssessmentOpened",
        json!({ "kind": "CLARIFICATION_19", "is_decision": false }),
    );
    story.add(
        "2024-04-03 16:00",
        "ChildHeard",
        json!({ "occasion": "EXAMINATION", "bisidder_right_told": true, "without_parents": true }),
    );
    story.add("2024-04-04 16:00", "NetworkMapped", json!({}));
    story.notice(
        "2024-04-08 16:00",
        "NotifierFeedbackGiven",
        json!({ "outcome": "STARTED_CLARIFICATION" }),
    );
    story.add("2024-04-09 16:00", "InformationObtained", json!({}));
    story.add("2024-04-10 16:00", "ChildHeard", heard("CONTINUOUS"));
    story.add(
        "2024-04-11 16:00",
        "SiblingNeedAssessed",
        json!({ "result": "NOT_NEEDED" }),
    );
    story.add(
        "2024-04-12 16:00",
        "AssessmentReported",
        json!({ "kind": "CLARIFICATION_19", "length_words": 1050 }),
    );
    story.add("2024-04-16 16:00", "ConsentGiven", json!({}));
    story.add(
        "2024-04-16 16:01",
        "ConsentGiven",
        json!({ "giver": who(FATHER) }),
    );
    story.add("2024-04-17 16:00", "ChildHeard", heard("BEFORE_DECISION"));
    let d1 = story.add(
        "2024-04-19 16:00",
        "DecisionMade",
        json!({ "section": "BL § 32, stk. 1, nr. 5", "parties": [who(MOTHER), who(FATHER)] }),
    );
    story.add(
        "2024-04-19 16:01",
        "DecisionCommunicated",
        told(d1, "2024-04-19 16:01"),
    );
    d1
}

fn help(story: &mut Story, d1: EventId) {
    story.add(
        "2024-04-23 16:00",
        "SupportStarted",
        json!({ "section": "BL § 32, stk. 1, nr. 5", "decision": d1 }),
    );
    measured(story, "2024-04-23 16:01", CHILD, "CORS", 211);
    measured(story, "2024-04-23 16:02", CHILD, "CSRS", 340);
    measured(story, "2024-04-23 16:03", MOTHER, "ORS", 224);
    story.notice("2024-04-24 16:00", "NotifierFeedbackGiven", json!({}));
    story.add("2024-05-21 16:00", "ChildHeard", heard("CONTINUOUS"));
    story.add(
        "2024-05-21 16:01",
        "PlanAdopted",
        json!({ "goals": [id(0x601), id(0x602)] }),
    );
    measured(story, "2024-06-04 16:00", CHILD, "CORS", 269);
    story.add("2024-06-26 16:00", "ChildHeard", heard("FOLLOW_UP"));
    story.add(
        "2024-06-26 16:01",
        "FollowUpHeld",
        followed_up(true, eight_weeks()),
    );
}

fn second_notification_and_end(story: &mut Story) -> EventId {
    let neighbour = json!({ "notifier_kind": "CITIZEN_135", "contactable": false });
    story.on(N2, "2024-08-21 14:00", "NotificationReceived", neighbour);
    story.on(N2, "2024-08-22 08:30", "AcuteAssessmentMade", json!({}));
    story.on(
        N2,
        "2024-08-22 08:31",
        "NotificationMatched",
        json!({ "running_measure": "SUPPORT_32" }),
    );
    story.on(
        N2,
        "2024-08-22 08:32",
        "NotificationReceiptConfirmed",
        json!({ "not_possible": "ANONYMOUS" }),
    );
    story.on(N2, "2024-08-23 16:00", "NotificationReassessed", json!({}));
    story.add("2024-08-28 16:00", "ChildHeard", heard("FOLLOW_UP"));
    let mut late = eight_weeks();
    late["delay_reasons"] = json!(["x"]);
    story.add("2024-08-28 16:01", "FollowUpHeld", followed_up(false, late));
    story.add("2024-08-28 16:02", "SupportAdjusted", json!({}));
    story.add("2024-10-23 16:00", "ChildHeard", heard("FOLLOW_UP"));
    story.add(
        "2024-10-23 16:01",
        "FollowUpHeld",
        followed_up(false, json!({ "measure_judgement": "END" })),
    );
    measured(story, "2024-10-23 16:02", CHILD, "CORS", 330);
    let ends = json!({ "outcome": "CEASE", "plan_position": "NOT_REQUIRED", "parties": [who(MOTHER), who(FATHER)] });
    let d2 = story.add("2024-10-30 16:00", "DecisionMade", ends);
    story.add(
        "2024-10-30 16:01",
        "DecisionCommunicated",
        told(d2, "2024-10-30 16:01"),
    );
    story.add(
        "2024-10-30 16:02",
        "SupportEnded",
        json!({ "decision": d2 }),
    );
    story.add("2024-10-31 16:00", "CaseClosed", json!({}));
    d2
}

/// One line for each duty: rule, due day, status.
pub(crate) fn line(duty: &Obligation<'_>) -> String {
    let due = match &duty.due {
        DueAt::Instant(at) => at.to_zoned(events::time::denmark()).datetime().to_string(),
        DueAt::Day(day) => day.to_string(),
        DueAt::Window { from, to } => format!("{from}..{to}"),
        DueAt::Before(_) => "before".into(),
        DueAt::AtTrigger => "at once with it".into(),
        DueAt::NoNumber => format!("no number, {} d", duty.age_days),
        DueAt::NotSet => "not set".into(),
    };
    format!(
        "{} {} | {due} | {}",
        duty.trigger.day,
        duty.rule.id,
        word(duty)
    )
}

pub(crate) const EXPECTED: &[&str] = &[
    "2024-02-06 LOC-NETMEET-6-8W | 2024-03-19..2024-04-02 | MOOT",
    "2024-03-19 LOC-NOTE-LAG-3A | 2024-03-22 | MET",
    "2024-03-21 BL-136-2-24H | 2024-03-22T14:10:00 | MET",
    "2024-03-21 BL-138-1-ACK | 2024-04-03 | MET",
    "2024-03-21 BL-138-2-FEEDBACK | no number, 18 d | MET",
    "2024-03-21 LOC-6W | 2024-05-02 | MET",
    "2024-03-22 BL-18-SCREEN | no number, 5 d | MET",
    "2024-03-22 BL-6-1-BISIDDER | no number, 12 d | MET",
    "2024-03-22 BL-8-3-NETWORK | no number, 13 d | MET",
    "2024-03-26 BL-19-3-SIBLING | before | MET",
    "2024-03-26 LOC-FEEDBACK-14D | 2024-04-09 | MET",
    "2024-04-12 LOC-SHORTDOC | no number, 0 d | MET",
    "2024-04-19 BL-5-3-VIEWS | before | MET",
    "2024-04-19 BL-10-3-START | no number, 4 d | MET",
    "2024-04-19 BL-91-1-PLAN | 2024-07-19 | MET",
    "2024-04-19 BL-91-1-POSITION | at once with it | MET",
    "2024-04-19 ADM-FVL19-HEAR | before | MET",
    "2024-04-19 ADM-FVL19-HEAR | before | MET",
    "2024-04-19 ADM-RSL67-COMPLAIN | 2024-05-17 | LAPSED",
    "2024-04-19 ADM-RSL67-COMPLAIN | 2024-05-17 | LAPSED",
    "2024-04-23 BL-95-2-FIRST | 2024-07-23 | MET",
    "2024-05-21 BL-5-3-VIEWS | before | MET",
    "2024-06-26 BL-5-3-VIEWS | before | MET",
    "2024-06-26 BL-95-3-RHYTHM | at once with it | MET",
    "2024-06-26 BL-95-OWN | 2024-08-21 | MET late 7 d",
    "2024-08-21 BL-136-2-24H | 2024-08-22T14:00:00 | MET",
    "2024-08-21 BL-138-1-ACK | 2024-08-29 | WAIVED",
    "2024-08-22 BL-137-1-REASSESS-24 | no number, 2 d | MET",
    "2024-08-28 BL-95-OWN | 2024-10-23 | MET",
    "2024-10-30 BL-5-3-VIEWS | before | MET",
    "2024-10-30 ADM-FVL19-HEAR | before | MET",
    "2024-10-30 ADM-FVL19-HEAR | before | MET",
    "2024-10-30 ADM-RSL67-COMPLAIN | 2024-11-27 | OPEN",
    "2024-10-30 ADM-RSL67-COMPLAIN | 2024-11-27 | OPEN",
];

#[test]
fn history_a_raises_exactly_these_duties() {
    let alma = alma("2024-03-22 08:40");
    let evaluation = alma.story.at("2024-11-06");
    let lines: Vec<String> = evaluation.obligations.iter().map(line).collect();
    assert_eq!(lines, EXPECTED);
    assert_eq!(evaluation.findings, []);
}

#[test]
fn history_a_is_answered_in_its_details() {
    let alma = alma("2024-03-22 08:40");
    let evaluation = alma.story.at("2024-11-06");
    let receipt = of(&evaluation, "BL-138-1-ACK")[0];
    assert_eq!(
        (receipt.warn_at, receipt.overdue_after),
        (Some(instant("2024-03-30")), Some(instant("2024-04-03")))
    );
    assert_eq!(
        one(&evaluation, "LOC-6W").age_days,
        33,
        "the first help came after 33 days"
    );
    assert_eq!(one(&evaluation, "LOC-FEEDBACK-14D").age_days, 13);
    let complaints: Vec<_> = of(&evaluation, "ADM-RSL67-COMPLAIN")
        .iter()
        .map(|duty| duty.subject)
        .collect();
    let (mother, father) = (Some(person_id(MOTHER)), Some(person_id(FATHER)));
    assert_eq!(
        complaints,
        [mother, father, mother, father],
        "Alma is seven and no party"
    );
    assert!(
        of(&evaluation, "ADM-FVL19-HEAR")
            .iter()
            .all(|duty| duty.remarks == [Remark::ByException])
    );
    assert_eq!(
        of(&evaluation, "BL-95-OWN")[0].remarks,
        [Remark::DelayReasons]
    );
    assert!(
        of(&evaluation, "BL-138-1-ACK")[1]
            .remarks
            .contains(&Remark::NotContactable)
    );
    assert!(
        of(&evaluation, "BL-20-3-4M").is_empty(),
        "no examination was asked for"
    );
    let dormant: Vec<_> = evaluation
        .dormant
        .iter()
        .map(|dormant| (dormant.rule.id.as_str(), dormant.would_be_due.to_string()))
        .collect();
    assert_eq!(dormant, [("BL-20-3-4M", "2024-07-21".to_owned())]);
    let views: Vec<_> = of(&evaluation, "BL-5-3-VIEWS")
        .iter()
        .map(|duty| duty.event)
        .collect();
    assert!(views.contains(&alma.d1) && views.contains(&alma.d2));
    assert_eq!(one(&evaluation, "BL-137-1-REASSESS-24").met_by.len(), 1);
}

#[test]
fn history_a_reads_as_it_was_known_before_the_correction() {
    let first = alma("2024-03-22 09:05");
    let then = first.story.at("2024-11-01");
    let acute = of(&then, "BL-136-2-24H")[0];
    assert_eq!(word(acute), "MET");
    assert_eq!(acute.met_by, [first.a6]);
    let corrected = alma("2024-03-22 08:40");
    let now = corrected.story.at("2024-11-06");
    assert_ne!(
        of(&now, "BL-136-2-24H")[0].status,
        acute.status,
        "the time of meeting it differs"
    );
}

#[test]
fn history_a_stands_open_on_the_way() {
    let alma = alma("2024-03-22 08:40");
    let then = alma.story.facts();
    let known: Vec<_> = then
        .iter()
        .copied()
        .filter(|fact| fact.recorded_at <= instant("2024-05-01"))
        .collect();
    let evaluation = alma.story.evaluated(&known, "2024-05-01");
    for (rule, status) in [
        ("BL-91-1-PLAN", "OPEN"),
        ("BL-95-2-FIRST", "OPEN"),
        ("BL-10-3-START", "MET"),
    ] {
        assert_eq!(word(one(&evaluation, rule)), status, "{rule}");
    }
    assert!(
        of(&evaluation, "ADM-RSL67-COMPLAIN")
            .iter()
            .all(|duty| word(duty) == "OPEN")
    );
    let pending = evaluation
        .obligations
        .iter()
        .filter(|duty| duty.is_pending())
        .count();
    assert_eq!(
        pending, 4,
        "the plan, the follow-up, and the complaint period of each parent"
    );
}
