//! Every refusal that a case can meet, and which comes first.

use events::event::Event;
use events::ids::StreamId;
use events::meta::{Meta, Role};
use events::spec::StreamKind;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::decide::{Command, State, Streams, decide};
use crate::reading::{Reading, ReadingPoint, Recorded};
use crate::reading_tests::{actor, child, event, opened, recorded, stream};
use crate::refusal::RefusalCode::{self, *};

struct Others;

impl Streams for Others {
    fn kind(&self, other: StreamId) -> Option<StreamKind> {
        [
            (stream(1), StreamKind::Case),
            (stream(2), StreamKind::Notification),
        ]
        .into_iter()
        .find(|(id, _)| *id == other)
        .map(|(_, kind)| kind)
    }
}

fn command(kind: &str, facts: Value) -> Command {
    Command {
        stream: stream(1),
        event: event(99),
        facts: Event::from_json(kind, facts).unwrap(),
        meta: Meta::at("2024-06-01".parse().unwrap()),
        actor: actor(Role::Caseworker),
        version_given: true,
        also: Vec::new(),
    }
}

/// An open case with a running measure, an open and a met goal, a decision and a plan.
fn case() -> Vec<Recorded> {
    let goal = |number: u128| Uuid::from_u128(0xb0 + number);
    let set = |number: u128, at: u64| {
        recorded(
            at,
            "GoalSet",
            json!({ "goal": goal(number), "child": child(), "wording": ["w"], "words_of": [], "area": "FAMILY" }),
        )
    };
    vec![
        opened(),
        set(1, 1),
        set(2, 2),
        recorded(
            3,
            "GoalChanged",
            json!({ "goal": goal(2), "change": "MET", "child": child(), "reason": ["r"], "agreed_with": [] }),
        ),
        recorded(4, "DecisionMade", decision()),
        recorded(5, "SupportStarted", start(0xa1, Some(event(4).uuid()))),
        recorded(6, "SupportStarted", start(0xa2, Some(event(4).uuid()))),
        recorded(
            7,
            "SupportEnded",
            json!({ "measure": Uuid::from_u128(0xa2), "ground": "PURPOSE_MET" }),
        ),
        recorded(8, "PlanAdopted", plan(1)),
    ]
}

fn closed() -> Vec<Recorded> {
    let mut records = case();
    records.push(recorded(
        9,
        "CaseClosed",
        json!({ "ground": "OTHER", "reasons": ["r"], "open_obligations": [], "told_to": [] }),
    ));
    records
}

fn decision() -> Value {
    json!({
        "kind": "SUPPORT_32", "section": "BL § 32", "outcome": "GRANT", "child": child(), "purpose": ["p"], "plan_position": "REQUIRED",
        "parties": [child()], "discretion_factors": ["d"], "key_facts": ["k"], "rests_on": [], "fully_favourable": true,
        "competence": "CASEWORKER",
    })
}

fn start(measure: u128, decision: Option<Uuid>) -> Value {
    json!({
        "measure": Uuid::from_u128(measure), "section": "BL § 32", "ladder_step": 2, "ladder_definition": "d", "provider": "p",
        "decision": decision, "provisional": decision.is_none(),
    })
}

fn plan(version: u32) -> Value {
    json!({ "kind": "CHILD_PLAN", "version": version, "children": [child()], "made_with": [], "goals": [], "given_to": [] })
}

fn with(mut facts: Value, field: &str, value: Value) -> Value {
    facts[field] = value;
    facts
}

fn outcome(records: Vec<Recorded>, command: &Command) -> Result<usize, RefusalCode> {
    let reading = Reading::new(records, ReadingPoint::default()).unwrap();
    let state = State {
        reading: &reading,
        streams: &Others,
        related: &[],
        now: "2024-07-01T00:00:00Z".parse().unwrap(),
    };
    decide(command, &state)
        .map(|decided| decided.len())
        .map_err(|refusal| refusal.code)
}

/// A command, and why it is refused.
type Refused = (&'static str, Value, RefusalCode);

fn measured() -> Value {
    json!({
        "child": child(), "respondent": child(), "instrument": "CORS", "instrument_version": "v", "occasion": "START",
        "scores": { "first": 50, "second": 50, "third": 50, "fourth": 50, "total": 200 },
    })
}

fn goal_changed(goal: u128, change: &str) -> Value {
    json!({
        "goal": Uuid::from_u128(goal), "change": change, "child": child(), "reason": ["r"],
        "agreed_with": [],
    })
}

fn followed_up() -> Value {
    json!({
        "measures": [Uuid::from_u128(0xa1)], "first": true, "child": child(), "child_involved": true, "parents_involved": [],
        "wellbeing_judgement": ["w"], "measure_judgement": "KEEP", "new_assessment_needed": false, "plan_revision_needed": false,
        "rhythm_told_to": [],
    })
}

/// Facts of another stream, about another child, or recorded by somebody else.
fn out_of_place() -> Vec<Refused> {
    let someone = json!({ "person": Uuid::from_u128(0xd), "role": "CHILD" });
    vec![
        (
            "CaseOpened",
            json!({ "child": child(), "ground": ["g"], "kle_number": "27" }),
            StreamExists,
        ),
        (
            "AcuteAssessmentMade",
            json!({ "danger_to_health_or_development": false, "acute_measure_needed": false, "reasons": ["r"], "criteria": "c" }),
            StreamKindWrong,
        ),
        (
            "ChildHeard",
            json!({ "child": someone, "occasion": "CONTINUOUS", "own_words": ["w"] }),
            OtherChild,
        ),
        (
            "CaseworkerAssigned",
            json!({ "caseworkers": [], "reason": ["r"] }),
            RoleNotAllowed,
        ),
    ]
}

fn refused_decisions() -> Vec<Refused> {
    vec![
        (
            "DecisionMade",
            with(
                with(decision(), "kind", json!("PLACEMENT_47")),
                "competence",
                json!("CASEWORKER"),
            ),
            CompetenceMissing,
        ),
        (
            "DecisionMade",
            with(decision(), "plan_position", json!("NOT_REQUIRED")),
            FieldRequired,
        ),
        (
            "DecisionMade",
            with(decision(), "parties", json!([])),
            ListEmpty,
        ),
        (
            "DecisionMade",
            with(
                decision(),
                "rests_on",
                json!([{ "stream": stream(3), "event": event(4) }]),
            ),
            EventUnknown,
        ),
        (
            "DecisionCommunicated",
            json!({ "decision": event(4), "recipients": [] }),
            ListEmpty,
        ),
    ]
}

fn refused_help_and_goals() -> Vec<Refused> {
    let ended =
        |measure: u128| json!({ "measure": Uuid::from_u128(measure), "ground": "PURPOSE_MET" });
    vec![
        (
            "SupportStarted",
            start(0xa1, Some(event(4).uuid())),
            MeasureExists,
        ),
        (
            "SupportStarted",
            start(0xa3, Some(event(5).uuid())),
            DecisionUnknown,
        ),
        (
            "SupportStarted",
            with(start(0xa3, None), "provisional", json!(false)),
            FieldRequired,
        ),
        ("SupportEnded", ended(0xa2), MeasureEnded),
        ("SupportEnded", ended(0xa9), MeasureUnknown),
        ("GoalChanged", goal_changed(0xb9, "MET"), GoalUnknown),
        ("GoalChanged", goal_changed(0xb2, "MET"), GoalEnded),
        ("GoalChanged", goal_changed(0xb1, "REOPENED"), GoalEnded),
        (
            "GoalChanged",
            goal_changed(0xb1, "REFOCUSED"),
            FieldRequired,
        ),
        (
            "GoalSet",
            json!({ "goal": Uuid::from_u128(0xb1), "child": child(), "wording": ["w"], "words_of": [], "area": "FAMILY" }),
            GoalExists,
        ),
        ("PlanAdopted", plan(1), PlanVersionNotNext),
        (
            "PlanAdopted",
            with(plan(2), "goals", json!([Uuid::from_u128(0xb2)])),
            GoalEnded,
        ),
    ]
}

fn refused_follow_ups() -> Vec<Refused> {
    let scores = |total: u32, first: u32| json!({ "first": first, "second": 50, "third": 50, "fourth": 50, "total": total });
    vec![
        (
            "FollowUpHeld",
            with(followed_up(), "measures", json!([])),
            ListEmpty,
        ),
        (
            "FollowUpHeld",
            with(followed_up(), "measures", json!([Uuid::from_u128(0xa9)])),
            MeasureUnknown,
        ),
        (
            "FollowUpHeld",
            with(
                followed_up(),
                "next_rhythm",
                json!({ "interval_weeks": 8, "on": "2024-09-01" }),
            ),
            FieldRequired,
        ),
        (
            "WellbeingMeasured",
            with(measured(), "scores", scores(251, 101)),
            ScoreOutOfRange,
        ),
        (
            "WellbeingMeasured",
            with(measured(), "scores", scores(199, 50)),
            ScoreTotalWrong,
        ),
        (
            "WellbeingMeasured",
            with(measured(), "instrument", json!("YCORS")),
            FieldNotApplicable,
        ),
        (
            "WellbeingMeasured",
            with(measured(), "scores", Value::Null),
            FieldRequired,
        ),
    ]
}

#[test]
fn what_cannot_be_true_in_a_case_is_refused() {
    for (kind, facts, expected) in [
        out_of_place(),
        refused_decisions(),
        refused_help_and_goals(),
        refused_follow_ups(),
    ]
    .concat()
    {
        assert_eq!(
            outcome(case(), &command(kind, facts)),
            Err(expected),
            "{kind}"
        );
    }
    for (kind, facts) in [
        ("FollowUpHeld", followed_up()),
        ("WellbeingMeasured", measured()),
        ("GoalChanged", goal_changed(0xb2, "REOPENED")),
    ] {
        assert_eq!(outcome(case(), &command(kind, facts)), Ok(1), "{kind}");
    }
    let parents = |version: u32| with(plan(version), "kind", json!("PARENT_PLAN"));
    assert_eq!(
        outcome(case(), &command("PlanAdopted", parents(1))),
        Ok(1),
        "each kind of plan has its own versions"
    );
    assert_eq!(
        outcome(case(), &command("PlanAdopted", parents(2))),
        Err(PlanVersionNotNext)
    );
    assert_eq!(
        outcome(closed(), &command("FollowUpHeld", followed_up())),
        Err(CaseClosed)
    );
    let note = json!({ "kind": "FACT", "text": ["t"] });
    assert_eq!(
        outcome(closed(), &command("NoteTaken", note.clone())),
        Ok(1),
        "a note may follow the closing"
    );
    assert_eq!(
        outcome(Vec::new(), &command("NoteTaken", note)),
        Err(StreamUnknown)
    );
}

#[test]
fn the_earlier_rule_comes_first() {
    let note = |change: &dyn Fn(&mut Command)| {
        let mut command = command(
            "SupportEnded",
            json!({ "measure": Uuid::from_u128(0xa9), "ground": "PURPOSE_MET" }),
        );
        change(&mut command);
        outcome(closed(), &command).unwrap_err()
    };
    let role = |command: &mut Command| command.actor.role = Role::Auditor;
    let version = |command: &mut Command| command.version_given = false;
    let future = |command: &mut Command| command.meta.occurred = "2024-07-02".parse().unwrap();
    let backwards = |command: &mut Command| {
        command.meta.effective_from = Some("2024-02-02".parse().unwrap());
        command.meta.effective_to = Some("2024-02-01".parse().unwrap());
    };
    let all: [&dyn Fn(&mut Command); 4] = [&role, &version, &future, &backwards];
    for (skip, expected) in [
        RoleNotAllowed,
        ExpectedVersionNeeded,
        TimeInFuture,
        DatesContradict,
        CaseClosed,
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(
            note(&|command| all.iter().skip(skip).for_each(|change| change(command))),
            expected
        );
    }
}

#[test]
fn a_match_refers_each_case_to_the_notification() {
    let received = json!({
        "notifier_kind": "CHILD", "contactable": false, "children": [child()], "unborn": false, "concerns": ["OTHER"], "suspicions": [], "text": ["t"],
    });
    let matched = |cases: Value| json!({ "children": [child()], "cases": cases, "running_measure": "NONE", "flagged_siblings": [] });
    let mut first = recorded(1, "NotificationReceived", received);
    if let Some(raw) = &mut first.raw {
        raw.parts[0].who = "notification".into();
    }
    first.stream = stream(2);
    let on = |kind: &str, facts: Value| Command {
        stream: stream(2),
        ..command(kind, facts)
    };
    let records = vec![first];
    assert_eq!(
        outcome(
            records.clone(),
            &on("NotificationMatched", matched(json!([stream(1)])))
        ),
        Ok(2)
    );
    assert_eq!(
        outcome(
            records.clone(),
            &on("NotificationMatched", matched(json!([stream(2)])))
        ),
        Err(CaseUnknown)
    );
    assert_eq!(
        outcome(
            records.clone(),
            &on("NotificationMatched", matched(json!([])))
        ),
        Err(ListEmpty)
    );
    let again = |participant: &str| json!({ "participants": ["K1", "K7"], "uninvolved_participant": participant, "result": ["r"], "change_needed": false });
    assert_eq!(
        outcome(records.clone(), &on("NotificationReassessed", again("K7"))),
        Ok(1)
    );
    assert_eq!(
        outcome(records.clone(), &on("NotificationReassessed", again("K1"))),
        Err(ParticipantInvolved)
    );
    assert_eq!(
        outcome(records, &on("NotificationReassessed", again("K9"))),
        Err(FieldRequired)
    );
}

#[test]
fn what_was_decided_on_appeal_is_communicated_and_never_judged_again() {
    let complaint = |decision: u128| {
        json!({
            "decision": event(decision), "complainant": child(), "capacity": "CHILD_10", "via": "MUNICIPALITY", "oral": true, "in_time": true,
            "wants": ["w"],
        })
    };
    let outcomes = json!([{ "child": child(), "section": "BL § 32", "outcome": "STADFAESTET" }]);
    let decided = json!({
        "complaint": event(9), "instance": "ANKESTYRELSEN", "outcomes": outcomes, "court_guidance": true, "summary": ["s"],
    });
    let mut records = case();
    records.push(recorded(9, "ComplaintReceived", complaint(4)));
    records.push(recorded(10, "AppealOutcomeReceived", decided));
    let recipient = json!({
        "who": child(), "channel": "LETTER", "available_at": "2024-06-01T10:00:00Z", "oral": false, "guidance": [],
    });
    let told = |decision: u128| json!({ "decision": event(decision), "recipients": [recipient] });
    assert_eq!(
        outcome(records.clone(), &command("DecisionCommunicated", told(10))),
        Ok(1)
    );
    assert_eq!(
        outcome(records.clone(), &command("DecisionCommunicated", told(9))),
        Err(DecisionUnknown),
        "a complaint is no decision"
    );
    let judged = |complaint: u128| {
        let facts =
            json!({ "complaint": event(complaint), "outcome": "MAINTAINED", "reasons": ["r"] });
        Command {
            actor: actor(Role::Leader),
            ..command("ComplaintReassessed", facts)
        }
    };
    assert_eq!(outcome(records.clone(), &judged(9)), Ok(1));
    records.push(recorded(11, "ComplaintReceived", complaint(10)));
    assert_eq!(outcome(records, &judged(11)), Err(CommitteeNotReassessed));
}

#[test]
fn what_says_where_a_document_lies_cannot_be_corrected() {
    let content = json!({ "blobs": [2], "size": 9, "media_type": "application/pdf", "sha256": "A".repeat(43) });
    let filed = json!({ "title": "t", "about": child(), "file_name": "a.pdf", "content": content });
    let mut records = closed();
    records.push(recorded(10, "DocumentFiled", filed.clone()));
    assert_eq!(
        outcome(closed(), &command("DocumentFiled", filed)),
        Ok(1),
        "filed after the case was closed"
    );
    let correction = |field: &str, part: u16| {
        let target = json!({ "stream": stream(1), "event": event(10) });
        let subject = if part == 0 { Value::Null } else { child() };
        let facts = json!({
            "target": target, "part": part, "subject": subject, "field": field, "replaces": [], "values": ["x"], "reason": ["r"],
        });
        outcome(records.clone(), &command("EventCorrected", facts))
    };
    assert_eq!(correction("title", 0), Ok(1));
    assert_eq!(correction("file_name", 1), Ok(1));
    assert_eq!(correction("content", 1), Err(FieldNotApplicable));
    assert_eq!(correction("about", 0), Err(FieldNotApplicable));
}
