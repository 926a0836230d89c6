//! The whole language: every event type is recorded, refused for each of its refusals, and shown in
//! exactly the views that the catalogue names.

mod reach;

use std::collections::{BTreeMap, BTreeSet};

use events::event::{CATALOGUE, Event};
use events::meta::{Meta, Role};
use events::spec::{EventSpec, StreamKind, View};
use serde_json::{Value, json};

use crate::decide::{Command, State, begins_stream, decide};
use crate::examples::{
    self, CASE, World, actor, before, committee, day, event, example, home, mother, recorded,
    stream,
};
use crate::reading::{Reading, ReadingPoint, Recorded};
use crate::refusal::RefusalCode::{self, *};
use crate::views::family_voice::tests::catalogue::told;
use crate::views::sheet::sheet;

/// Number of the example's event: behind all that stand before it.
const NEW: u128 = 90;

fn kind_of(number: u128) -> StreamKind {
    use crate::decide::Streams;
    World.kind(stream(number)).unwrap()
}

/// What stands before an example of that type.
fn ground(kind: &str) -> Vec<Recorded> {
    let mut records = before();
    let closed = Event::from_json("CaseClosed", example("CaseClosed")).unwrap();
    match kind {
        // A first fact finds its stream empty.
        "NotificationReceived" | "PersonRegistered" | "CaseOpened" | "EarlyAdviceStarted" => {
            records.retain(|record| record.stream != stream(home(kind)));
        }
        "CaseReopened" => records.push(recorded(80, CASE, 80, &closed)),
        _ => {}
    }
    records
}

fn role(spec: &EventSpec) -> Role {
    spec.roles[0]
}

fn command(spec: &EventSpec, facts: Value) -> Command {
    Command {
        stream: stream(home(spec.name)),
        event: event(NEW),
        facts: Event::from_json(spec.name, facts)
            .unwrap_or_else(|error| panic!("{}: {error}", spec.name)),
        meta: Meta::at(events::time::Occurred::At(day(100))),
        actor: actor(role(spec)),
        version_given: true,
        also: Vec::new(),
    }
}

fn decided(records: Vec<Recorded>, command: &Command) -> Result<usize, RefusalCode> {
    let reading = Reading::new(records, ReadingPoint::default()).unwrap();
    let state = State {
        reading: &reading,
        streams: &World,
        related: &[],
        now: day(200),
    };
    decide(command, &state)
        .map(|facts| facts.len())
        .map_err(|refusal| refusal.code)
}

fn spec(kind: &str) -> &'static EventSpec {
    CATALOGUE.iter().find(|spec| spec.name == kind).unwrap()
}

#[test]
fn every_type_is_recorded() {
    for spec in CATALOGUE {
        let outcome = decided(ground(spec.name), &command(spec, example(spec.name)));
        assert!(outcome.is_ok(), "{}: {outcome:?}", spec.name);
    }
}

/// The views that show the example, beside what the views showed without it.
fn shown(spec: &EventSpec) -> BTreeSet<View> {
    let mut records = ground(spec.name);
    let facts = Event::from_json(spec.name, example(spec.name)).unwrap();
    records.push(recorded(100, home(spec.name), NEW, &facts));
    if spec.name == "SupportEnded" {
        // The end of a measure is shown with the measure, the end of advice with the advice.
        let advice = json!({ "measure": uuid::Uuid::from_u128(0xad), "ground": "REPLACED" });
        records.pop();
        records.push(recorded(
            100,
            home(spec.name),
            NEW,
            &Event::from_json(spec.name, advice).unwrap(),
        ));
        let measure = Event::from_json(spec.name, example(spec.name)).unwrap();
        records.push(recorded(101, home(spec.name), NEW + 1, &measure));
    }
    let reading = Reading::new(records, ReadingPoint::default()).unwrap();
    let sheet = sheet(
        &reading,
        stream(CASE),
        events::time::Occurred::At(day(120)).day(),
    );
    let more = if spec.name == "SupportEnded" {
        sheet.shows(event(NEW + 1))
    } else {
        Vec::new()
    };
    // The family's text is made for a reader, so it is no row of the sheet.
    let family = told(spec.name).then_some(View::FamilyVoice);
    sheet
        .shows(event(NEW))
        .into_iter()
        .chain(more)
        .chain(family)
        .collect()
}

#[test]
fn every_type_is_shown_where_the_catalogue_says() {
    let differs = CATALOGUE.iter().filter_map(|spec| {
        let named: BTreeSet<View> = spec.views.iter().copied().collect();
        let shown = shown(spec);
        let missing: Vec<_> = named.difference(&shown).collect();
        let more: Vec<_> = shown.difference(&named).collect();
        (named != shown).then(|| {
            format!(
                "{}: named and not shown {missing:?}, shown and not named {more:?}",
                spec.name
            )
        })
    });
    let differs: Vec<String> = differs.collect();
    assert!(differs.is_empty(), "{}", differs.join("\n"));
}

/// A fact that is refused: its type, what is put into the example, and why it is refused.
#[expect(clippy::too_many_lines, reason = "one row for each refusal")]
fn refused() -> Vec<(&'static str, Value, RefusalCode)> {
    let foreign = json!({ "person": uuid::Uuid::from_u128(0xff), "role": "CHILD" });
    let unknown = event(777);
    let gone = uuid::Uuid::from_u128(0xdead);
    let late = "2030-01-01T00:00:00Z";
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
            json!({ "person": foreign }),
            OtherPerson,
        ),
        (
            "PersonsMerged",
            json!({ "into": { "person": uuid::Uuid::from_u128(0xc5), "role": "CHILD" } }),
            FieldNotApplicable,
        ),
        ("PersonsMerged", json!({ "into": foreign }), EventUnknown),
        (
            "RelationRecorded",
            json!({ "to": examples::child() }),
            FieldNotApplicable,
        ),
        ("RelationRecorded", json!({ "from": foreign }), OtherPerson),
        (
            "ResponsibleMunicipalityChanged",
            json!({ "to": "9901" }),
            FieldNotApplicable,
        ),
        (
            "ResponsibleMunicipalityChanged",
            json!({ "person": foreign }),
            OtherPerson,
        ),
        (
            "ProtectionMarkerSet",
            json!({ "person": foreign }),
            OtherPerson,
        ),
        (
            "ConsentWithdrawn",
            json!({ "consent": unknown }),
            EventUnknown,
        ),
        (
            "RepresentativeAppointed",
            json!({ "status": "REJECTED" }),
            FieldRequired,
        ),
        ("NetworkMapped", json!({ "child": foreign }), OtherChild),
        (
            "CaseOpened",
            json!({ "linked_notification": { "stream": stream(999), "event": unknown } }),
            EventUnknown,
        ),
        (
            "CaseOpened",
            json!({ "linked_advice": { "stream": stream(2), "event": unknown } }),
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
            json!({ "source_event": { "stream": stream(999), "event": unknown } }),
            EventUnknown,
        ),
        ("AssessmentOpened", json!({ "children": [] }), ListEmpty),
        (
            "AssessmentReported",
            json!({ "child": foreign }),
            OtherChild,
        ),
        ("ChildHeard", json!({ "child": foreign }), OtherChild),
        (
            "ChildHearingWaived",
            json!({ "child": foreign }),
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
        ("PlanAdopted", json!({ "version": 3 }), PlanVersionNotNext),
        (
            "PlanAdopted",
            json!({ "goals": [uuid::Uuid::from_u128(0xb3)] }),
            GoalEnded,
        ),
        (
            "GoalSet",
            json!({ "goal": uuid::Uuid::from_u128(0xb1) }),
            GoalExists,
        ),
        ("GoalSet", json!({ "child": foreign }), OtherChild),
        ("GoalChanged", json!({ "goal": gone }), GoalUnknown),
        ("GoalChanged", json!({ "change": "REOPENED" }), GoalEnded),
        (
            "GoalChanged",
            json!({ "change": "REFOCUSED" }),
            FieldRequired,
        ),
        ("GoalChanged", json!({ "child": foreign }), OtherChild),
        (
            "SupportStarted",
            json!({ "measure": uuid::Uuid::from_u128(0xa1) }),
            MeasureExists,
        ),
        ("SupportStarted", json!({ "decision": null }), FieldRequired),
        (
            "SupportStarted",
            json!({ "decision": unknown }),
            DecisionUnknown,
        ),
        (
            "SupportAdjusted",
            json!({ "measure": gone }),
            MeasureUnknown,
        ),
        (
            "SupportAdjusted",
            json!({ "measure": uuid::Uuid::from_u128(0xa9) }),
            MeasureEnded,
        ),
        (
            "SupportAdjusted",
            json!({ "decision": unknown }),
            DecisionUnknown,
        ),
        ("SupportEnded", json!({ "measure": gone }), MeasureUnknown),
        (
            "SupportEnded",
            json!({ "measure": uuid::Uuid::from_u128(0xa9) }),
            MeasureEnded,
        ),
        (
            "SupportEnded",
            json!({ "decision": unknown }),
            DecisionUnknown,
        ),
        ("FollowUpHeld", json!({ "measures": [] }), ListEmpty),
        (
            "FollowUpHeld",
            json!({ "measures": [gone] }),
            MeasureUnknown,
        ),
        ("FollowUpHeld", json!({ "next_rhythm": {} }), FieldRequired),
        ("FollowUpHeld", json!({ "child": foreign }), OtherChild),
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
        ("WellbeingMeasured", json!({ "child": foreign }), OtherChild),
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
            json!({ "measure": gone }),
            MeasureUnknown,
        ),
        (
            "SupervisionVisitHeld",
            json!({ "child": foreign }),
            OtherChild,
        ),
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
            json!({ "answered_at": late }),
            TimeInFuture,
        ),
        (
            "RequestMade",
            json!({ "decision": unknown }),
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
            json!({ "rests_on": [{ "stream": stream(3), "event": unknown }] }),
            EventUnknown,
        ),
        ("DecisionMade", json!({ "child": foreign }), OtherChild),
        (
            "DecisionCommunicated",
            json!({ "recipients": [] }),
            ListEmpty,
        ),
        (
            "DecisionCommunicated",
            json!({ "decision": unknown }),
            DecisionUnknown,
        ),
        (
            "DecisionCommunicated",
            json!({ "recipients": [{ "who": mother(), "channel": "LETTER", "available_at": late, "oral": false, "guidance": [] }] }),
            TimeInFuture,
        ),
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
            json!({ "children": [foreign] }),
            OtherChild,
        ),
        (
            "ProvisionalDecisionMade",
            json!({ "carried_out_at": "2024-01-01T00:00:00Z" }),
            DatesContradict,
        ),
        (
            "ProvisionalDecisionMade",
            json!({ "carried_out_at": late }),
            TimeInFuture,
        ),
        (
            "CommitteeSubmissionMade",
            json!({ "matters": [] }),
            ListEmpty,
        ),
        (
            "CommitteeSubmissionMade",
            json!({ "children": [foreign] }),
            OtherChild,
        ),
        (
            "CommitteeSubmissionMade",
            json!({ "documents": [{ "stream": stream(1), "event": unknown }] }),
            EventUnknown,
        ),
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
            json!({ "approves": unknown }),
            DecisionUnknown,
        ),
        (
            "CommitteeDecisionMade",
            json!({ "submission": unknown }),
            EventUnknown,
        ),
        (
            "ComplaintReceived",
            json!({ "decision": unknown }),
            DecisionUnknown,
        ),
        (
            "ComplaintReassessed",
            json!({ "complaint": unknown }),
            ComplaintUnknown,
        ),
        (
            "ComplaintReassessed",
            json!({ "new_decision": unknown }),
            DecisionUnknown,
        ),
        ("AppealForwarded", json!({ "manifest": [] }), ListEmpty),
        (
            "AppealForwarded",
            json!({ "complaint": unknown }),
            ComplaintUnknown,
        ),
        (
            "AppealOutcomeReceived",
            json!({ "outcomes": [] }),
            ListEmpty,
        ),
        (
            "AppealOutcomeReceived",
            json!({ "complaint": unknown }),
            ComplaintUnknown,
        ),
        (
            "EventCorrected",
            json!({ "target": { "stream": stream(1), "event": unknown } }),
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
            json!({ "target": { "stream": stream(1), "event": unknown } }),
            TargetUnknown,
        ),
        (
            "EventAnnulled",
            json!({ "target": { "stream": stream(1), "event": event(17) } }),
            TargetFixed,
        ),
        (
            "EventAnnulled",
            json!({ "replacement": { "stream": stream(999), "event": unknown } }),
            EventUnknown,
        ),
        ("DisclosureMade", json!({ "redactions": [] }), FieldRequired),
        (
            "DisclosureMade",
            json!({ "request": unknown }),
            EventUnknown,
        ),
        (
            "DisclosureMade",
            json!({ "manifest": [{ "stream": stream(1), "event": unknown }] }),
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

/// The ground of the refusals: a measure and a goal that ended besides.
fn refusal_ground(kind: &str) -> Vec<Recorded> {
    let mut records = ground(kind);
    if home(kind) == CASE && !["CaseOpened", "EarlyAdviceStarted"].contains(&kind) {
        let start = json!({
            "measure": uuid::Uuid::from_u128(0xa9), "section": "BL § 32", "ladder_step": 2, "ladder_definition": "d", "provider": "p",
            "decision": event(10), "provisional": false,
        });
        let set = json!({
            "goal": uuid::Uuid::from_u128(0xb3), "child": examples::child(), "wording": ["w"], "words_of": [], "area": "OTHER",
        });
        let met = json!({
            "goal": uuid::Uuid::from_u128(0xb3), "change": "MET", "child": examples::child(), "reason": ["r"], "agreed_with": [],
        });
        let end = json!({ "measure": uuid::Uuid::from_u128(0xa9), "ground": "PURPOSE_MET" });
        for (number, (kind, facts)) in (70..).zip([
            ("SupportStarted", start),
            ("SupportEnded", end),
            ("GoalSet", set),
            ("GoalChanged", met),
        ]) {
            let facts = Event::from_json(kind, facts).unwrap();
            records.push(recorded(
                u64::try_from(number).unwrap(),
                CASE,
                number,
                &facts,
            ));
        }
    }
    records
}

#[test]
fn every_type_is_refused_for_each_of_its_reasons() {
    for (kind, change, expected) in refused() {
        let mut facts = example(kind);
        for (name, value) in change.as_object().unwrap() {
            facts[name] = value.clone();
        }
        let outcome = decided(refusal_ground(kind), &command(spec(kind), facts));
        assert_eq!(outcome, Err(expected), "{kind} {change}");
    }
}

/// The refusals that every type can meet.
fn common(spec: &'static EventSpec) -> Vec<RefusalCode> {
    let plain = command(spec, example(spec.name));
    let begins = begins_stream(&plain.facts);
    let mut met = Vec::new();
    let mut meet = |records: Vec<Recorded>, command: &Command, expected: RefusalCode| {
        assert_eq!(decided(records, command), Err(expected), "{}", spec.name);
        met.push(expected);
    };
    let stranger = [Role::Auditor, Role::Board, Role::Provider]
        .into_iter()
        .find(|role| !spec.roles.contains(role))
        .unwrap();
    meet(
        ground(spec.name),
        &Command {
            actor: actor(stranger),
            ..plain.clone()
        },
        RoleNotAllowed,
    );
    let meta = Meta::at(events::time::Occurred::At(day(201)));
    meet(
        ground(spec.name),
        &Command {
            meta,
            ..plain.clone()
        },
        TimeInFuture,
    );
    if begins {
        if ![
            "IntegrityChecked",
            "RuleSetActivated",
            "SafeguardOverridden",
            "RecordAccessed",
        ]
        .contains(&spec.name)
        {
            meet(before(), &plain, StreamExists);
        }
    } else {
        meet(Vec::new(), &plain, StreamUnknown);
        let elsewhere = if kind_of(home(spec.name)) == StreamKind::Case {
            0xc1
        } else {
            CASE
        };
        if !spec.streams.contains(&kind_of(elsewhere)) {
            meet(
                before(),
                &Command {
                    stream: stream(elsewhere),
                    ..plain.clone()
                },
                StreamKindWrong,
            );
        }
    }
    let unversioned = Command {
        version_given: false,
        ..plain.clone()
    };
    if decided(ground(spec.name), &unversioned) == Err(ExpectedVersionNeeded) {
        met.push(ExpectedVersionNeeded);
    }
    met
}

#[test]
fn the_refusals_of_committee_complaints_and_closed_cases() {
    let mut records = before();
    let complaint = {
        let mut facts = example("ComplaintReceived");
        facts["decision"] = json!(event(13));
        Event::from_json("ComplaintReceived", facts).unwrap()
    };
    records.push(recorded(70, CASE, 70, &complaint));
    let mut again = example("ComplaintReassessed");
    again["complaint"] = json!(event(70));
    assert_eq!(
        decided(records, &command(spec("ComplaintReassessed"), again)),
        Err(CommitteeNotReassessed)
    );

    let mut closed = before();
    closed.push(recorded(
        80,
        CASE,
        80,
        &Event::from_json("CaseClosed", example("CaseClosed")).unwrap(),
    ));
    assert_eq!(
        decided(
            closed.clone(),
            &command(spec("ChildHeard"), example("ChildHeard"))
        ),
        Err(CaseClosed)
    );
    assert_eq!(
        decided(
            before(),
            &command(spec("CaseReopened"), example("CaseReopened"))
        ),
        Err(CaseNotClosed)
    );
    assert!(
        decided(
            closed,
            &command(spec("CaseReopened"), example("CaseReopened"))
        )
        .is_ok()
    );

    let mut annulled = before();
    annulled.push(recorded(
        70,
        CASE,
        70,
        &Event::from_json("EventAnnulled", example("EventAnnulled")).unwrap(),
    ));
    for kind in ["EventAnnulled", "EventCorrected"] {
        assert_eq!(
            decided(annulled.clone(), &command(spec(kind), example(kind))),
            Err(TargetAnnulled),
            "{kind}"
        );
    }

    let empty = Command {
        stream: stream(0xf0),
        ..command(spec("AcuteAssessmentMade"), example("AcuteAssessmentMade"))
    };
    assert_eq!(decided(Vec::new(), &empty), Err(StreamUnknown));
    let early = Meta::at("2023-01-01".parse().unwrap());
    let early = Command {
        meta: early,
        ..command(spec("AcuteAssessmentMade"), example("AcuteAssessmentMade"))
    };
    assert_eq!(decided(before(), &early), Err(DatesContradict));
}

fn erasure_ordered(ground: &str) -> Command {
    let mut facts = example("ErasureOrdered");
    facts["ground"] = json!(ground);
    command(spec("ErasureOrdered"), facts)
}

/// What stands before the examples, and these facts behind it.
fn before_and(more: &[(&str, Value)]) -> Vec<Recorded> {
    let mut records = before();
    for (number, (kind, facts)) in (70..).zip(more) {
        records.push(recorded(
            number,
            CASE,
            u128::from(number),
            &Event::from_json(kind, facts.clone()).unwrap(),
        ));
    }
    records
}

#[test]
fn nothing_is_erased_under_a_hold_or_before_the_archive_has_approved() {
    nothing_is_erased_under_a_hold();
    nothing_is_erased_before_the_archive_has_approved();
}

fn nothing_is_erased_under_a_hold() {
    let hold = example("RetentionHoldChanged");
    let lift = json!({ "lifts": event(70), "ground": "COURT", "reasons": ["judged"] });
    let held = before_and(&[("RetentionHoldChanged", hold.clone())]);
    assert_eq!(
        decided(held.clone(), &erasure_ordered("WRONG_PERSON")),
        Err(HoldInForce)
    );
    assert_eq!(
        decided(
            before_and(&[
                ("RetentionHoldChanged", hold.clone()),
                ("RetentionHoldChanged", lift.clone())
            ]),
            &erasure_ordered("WRONG_PERSON")
        ),
        Ok(1)
    );
    // A hold is not taken back, and lifted once.
    let mut annul = example("EventAnnulled");
    annul["target"]["event"] = json!(event(70));
    assert_eq!(
        decided(held.clone(), &command(spec("EventAnnulled"), annul)),
        Err(TargetFixed)
    );
    let lifting = command(spec("RetentionHoldChanged"), lift.clone());
    assert_eq!(decided(held, &lifting), Ok(1));
    assert_eq!(decided(before(), &lifting), Err(HoldUnknown));
}

fn nothing_is_erased_before_the_archive_has_approved() {
    let approved = example("ArchiveVersionApproved");
    let (closed, again) = (example("CaseClosed"), example("CaseReopened"));
    assert_eq!(
        decided(before(), &erasure_ordered("RETENTION_ENDED")),
        Err(CaseNotClosed)
    );
    assert_eq!(
        decided(
            before_and(&[("CaseClosed", closed.clone())]),
            &erasure_ordered("RETENTION_ENDED")
        ),
        Err(ArchiveNotApproved)
    );
    let early = [
        ("ArchiveVersionApproved", approved.clone()),
        ("CaseClosed", closed.clone()),
    ];
    assert_eq!(
        decided(before_and(&early), &erasure_ordered("RETENTION_ENDED")),
        Err(ArchiveNotApproved),
        "approved while it ran"
    );
    let done = [
        ("CaseClosed", closed.clone()),
        ("ArchiveVersionApproved", approved),
    ];
    assert_eq!(
        decided(before_and(&done), &erasure_ordered("RETENTION_ENDED")),
        Ok(1)
    );
    let more = [
        done.as_slice(),
        &[("CaseReopened", again), ("CaseClosed", closed)],
    ]
    .concat();
    assert_eq!(
        decided(before_and(&more), &erasure_ordered("RETENTION_ENDED")),
        Err(ArchiveNotApproved),
        "more stands in it since"
    );
}

#[test]
fn an_unborn_child_becomes_known_and_two_registrations_one() {
    let mut records = before();
    let merged = Event::from_json("PersonsMerged", example("PersonsMerged")).unwrap();
    records.push(recorded(70, home("PersonsMerged"), 70, &merged));
    // A fact that names the child by its other registration is about the same child.
    let mut heard = example("ChildHeard");
    heard["child"] = json!({ "person": uuid::Uuid::from_u128(0xc5), "role": "CHILD" });
    assert_eq!(
        decided(before(), &command(spec("ChildHeard"), heard.clone())),
        Err(OtherChild)
    );
    assert!(decided(records, &command(spec("ChildHeard"), heard)).is_ok());
}

/// Where each type is shown and for what it is refused, as a page.
#[test]
fn golden_page_of_views_and_refusals() {
    let mut tested: BTreeMap<&str, BTreeSet<RefusalCode>> = BTreeMap::new();
    for (kind, _, code) in refused() {
        tested.entry(kind).or_default().insert(code);
    }
    let mut page = String::from(
        "# Where each event is shown, and for what it is refused\n\nMade from the tests of the language; \
         `UPDATE_GOLDEN=1 cargo nextest run -p domain golden` writes it anew. Every cross is a row that the view really shows; every \
         refusal was met by a test. Numbers are those of the views in [the catalogue](events.md).\n\n",
    );
    let heads: Vec<&str> = View::ALL.iter().map(|view| view.names().0).collect();
    page.push_str(&format!(
        "| event | {} | refused for |\n|---|{}---|\n",
        heads.join(" | "),
        "---|".repeat(heads.len())
    ));
    for spec in CATALOGUE {
        let shown = shown(spec);
        assert!(!shown.is_empty(), "{} is shown nowhere", spec.name);
        let crosses: Vec<&str> = View::ALL
            .iter()
            .map(|view| if shown.contains(view) { "x" } else { "" })
            .collect();
        let mut codes: BTreeSet<RefusalCode> = common(spec).into_iter().collect();
        codes.extend(tested.remove(spec.name).unwrap_or_default());
        let codes: Vec<String> = codes
            .iter()
            .map(|code| format!("`{}`", code.as_str()))
            .collect();
        page.push_str(&format!(
            "| {} | {} | {} |\n",
            spec.name,
            crosses.join(" | "),
            codes.join(" ")
        ));
    }
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/views.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap_or_default(),
        page,
        "docs/reference/views.md differs"
    );
}

#[test]
fn no_refusal_is_without_a_test() {
    let here = include_str!("catalogue_tests.rs");
    let beside = include_str!("refusal_tests.rs");
    for code in RefusalCode::ALL {
        let name = format!("{code:?}");
        // What only the bytes can tell is tested with the bytes (the case of a correction that does
        // not fit, in the tests of readings and of bad input; the content of documents, in theirs).
        let by_bytes = [
            ValueMisfit,
            DocumentEmpty,
            DocumentTooLarge,
            MediaTypeNotAllowed,
            MediaTypeMismatch,
            CatalogueNotHeld,
        ]
        .contains(code);
        assert!(
            here.contains(&name) || beside.contains(&name) || by_bytes,
            "{name}"
        );
    }
}
