//! Findings, differences and the rights of the parties.

use events::event::Event;
use events::meta::{Meta, Role};
use events::personal::Gap;
use events::raw::RawEvent;
use events::spec::View;
use events::time::Occurred;
use jiff::civil::Date;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::examples::{
    CASE, TWIN_ENTRY, actor, before, child, day, event, example, home, recorded, stream,
};
use crate::reading::{Known, Reading, ReadingPoint};
use crate::recorded::Recorded;
use crate::views::difference::{Change, Side, difference};
use crate::views::findings::{FindingCode, findings};
use crate::views::integrity::integrity;
use crate::views::parties::parties;
use crate::views::party::Standing;
use crate::views::sheet::sheet;

fn on(text: &str) -> Date {
    text.parse().unwrap()
}

fn with(kind: &str, change: Value) -> Value {
    let mut facts = example(kind);
    for (name, value) in change.as_object().unwrap() {
        facts[name] = value.clone();
    }
    facts
}

fn add(records: &mut Vec<Recorded>, number: u128, kind: &str, facts: Value) {
    let facts = Event::from_json(kind, facts).unwrap_or_else(|error| panic!("{kind}: {error}"));
    records.push(recorded(
        u64::try_from(number).unwrap(),
        home(kind),
        number,
        &facts,
    ));
}

fn reading(records: &[Recorded]) -> Reading {
    Reading::new(records.to_vec(), ReadingPoint::default()).unwrap()
}

fn found(records: &[Recorded]) -> Vec<(u128, FindingCode)> {
    let base = 0xe000;
    findings(&reading(records), stream(CASE))
        .into_iter()
        .map(|finding| (finding.event.uuid().as_u128() - base, finding.code))
        .collect()
}

/// Facts after which a finding stands on one of them: its number, and the facts by number.
type Unusual = (FindingCode, u128, Vec<(u128, &'static str, Value)>);

fn unusual() -> Vec<Unusual> {
    [
        unusual_talks(),
        unusual_consents_and_notices(),
        unusual_course(),
    ]
    .concat()
}

/// Meetings and talks, and the risk before them.
fn unusual_talks() -> Vec<Unusual> {
    let meeting = |basis: &str| with("NetworkMeetingHeld", json!({ "basis": basis }));
    vec![
        (
            FindingCode::SharedMeetingTooMany,
            43,
            vec![
                (41, "NetworkMeetingHeld", meeting("RSL_11E_FIRST")),
                (42, "NetworkMeetingHeld", meeting("RSL_11E_FOLLOWUP")),
                (43, "NetworkMeetingHeld", meeting("RSL_11E_FOLLOWUP")),
            ],
        ),
        (
            FindingCode::TalkWithoutGround,
            41,
            vec![(
                41,
                "ChildHeard",
                with("ChildHeard", json!({ "without_parents": true })),
            )],
        ),
        (
            FindingCode::RiskAssessedLate,
            41,
            vec![(
                41,
                "RiskAssessmentMade",
                with(
                    "RiskAssessmentMade",
                    json!({ "made_before_involvement": false }),
                ),
            )],
        ),
    ]
}

fn unusual_consents_and_notices() -> Vec<Unusual> {
    let told = |change: Value| {
        let mut recipient = json!({
            "who": child(), "channel": "DIGITAL_POST", "available_at": "2024-03-01T10:00:00Z", "oral": false, "guidance": ["APPEAL"],
        });
        for (name, value) in change.as_object().unwrap() {
            recipient[name] = value.clone();
        }
        json!({ "decision": event(41), "recipients": [recipient] })
    };
    let unfavourable = || with("DecisionMade", json!({ "fully_favourable": false }));
    vec![
        (FindingCode::ConsentMissing, 10, vec![]),
        (
            FindingCode::PlacementConsentOral,
            41,
            vec![(
                41,
                "ConsentGiven",
                with(
                    "ConsentGiven",
                    json!({ "purpose": "PLACEMENT", "form": "ORAL" }),
                ),
            )],
        ),
        (
            FindingCode::NotReachedDigitally,
            42,
            vec![
                (41, "DecisionMade", unfavourable()),
                (42, "DecisionCommunicated", told(json!({}))),
            ],
        ),
        (
            FindingCode::GuidanceMissing,
            42,
            vec![
                (41, "DecisionMade", unfavourable()),
                (42, "DecisionCommunicated", told(json!({ "guidance": [] }))),
            ],
        ),
    ]
}

/// Help, closing, complaints and look-ups.
fn unusual_course() -> Vec<Unusual> {
    vec![
        (
            FindingCode::EssentialChangeWithoutDecision,
            41,
            vec![(
                41,
                "SupportAdjusted",
                with("SupportAdjusted", json!({ "essential_change": true })),
            )],
        ),
        (
            FindingCode::ClosedWhileSupportRuns,
            41,
            vec![(41, "CaseClosed", example("CaseClosed"))],
        ),
        (
            FindingCode::ComplaintLate,
            41,
            vec![(
                41,
                "ComplaintReceived",
                with("ComplaintReceived", json!({ "in_time": false })),
            )],
        ),
        (
            FindingCode::ItemRecordedLater,
            41,
            vec![
                (42, "NoteTaken", example("NoteTaken")),
                (
                    41,
                    "AppealForwarded",
                    with(
                        "AppealForwarded",
                        json!({ "manifest": [{ "kind": "OTHER", "title": "t", "event": event(42), "sha256": "d".repeat(43) }] }),
                    ),
                ),
            ],
        ),
        (
            FindingCode::LookUpUnexplained,
            41,
            vec![(41, "RecordAccessed", example("RecordAccessed"))],
        ),
        // With a dash and without one it is the same number.
        (
            FindingCode::IdentityNumberTwice,
            42,
            vec![
                (
                    41,
                    "PersonIdentified",
                    with("PersonIdentified", json!({ "id_number": "141316-0003" })),
                ),
                (
                    42,
                    "PersonRegistered",
                    with(
                        "PersonRegistered",
                        json!({ "person": { "person": uuid::Uuid::from_u128(TWIN_ENTRY), "role": "CHILD" }, "id_number": "1413160003" }),
                    ),
                ),
            ],
        ),
    ]
}

#[test]
fn each_unusual_fact_is_found_and_its_ordinary_twin_is_not() {
    let plain = found(&before());
    for (code, number, facts) in unusual() {
        let mut records = before();
        for (number, kind, facts) in facts.iter().cloned() {
            add(&mut records, number, kind, facts);
        }
        assert!(
            found(&records).contains(&(number, code)),
            "{code:?}: {:?}",
            found(&records)
        );
        if !facts.is_empty() {
            assert!(
                !plain.iter().any(|(_, other)| *other == code),
                "{code:?} stands without its cause"
            );
        }
    }
    // A consent recorded before the decision takes that finding away.
    let mut records = before();
    let given = recorded(
        8,
        CASE,
        50,
        &Event::from_json("ConsentGiven", example("ConsentGiven")).unwrap(),
    );
    records.insert(0, given);
    assert!(
        !found(&records).contains(&(10, FindingCode::ConsentMissing)),
        "{:?}",
        found(&records)
    );
}

#[test]
fn what_is_recorded_late_or_unexplained_is_found() {
    let mut records = before();
    let meta = Meta::at(Occurred::At(day(20)));
    let facts = Event::from_json("NoteTaken", example("NoteTaken")).unwrap();
    let plain = facts
        .encode(
            &meta,
            &actor(Role::Caseworker),
            events::spec::StreamKind::Case,
        )
        .unwrap();
    records.push(Recorded {
        raw: Some(RawEvent::from_plain(&plain)),
        ..recorded(40, CASE, 40, &facts)
    });
    assert!(found(&records).contains(&(40, FindingCode::RecordedLate)));
    // Support that stands before any screening or assessment.
    let early: Vec<Recorded> = before()
        .into_iter()
        .filter(|record| ![8, 13].contains(&(record.event.uuid().as_u128() - 0xe000)))
        .collect();
    assert!(found(&early).contains(&(11, FindingCode::SupportBeforeAssessment)));
    assert!(!found(&before()).contains(&(11, FindingCode::SupportBeforeAssessment)));
    // A hole: event 16 is named by an erasure of the case, event 9 by none.
    for (hole, expected) in [(16, false), (9, true)] {
        let mut records = before();
        records
            .iter_mut()
            .filter(|record| record.event == event(hole))
            .for_each(|record| record.raw = None);
        assert_eq!(
            found(&records).contains(&(hole, FindingCode::HoleUnexplained)),
            expected,
            "{hole}"
        );
        assert_eq!(
            integrity(&reading(&records)).unexplained.is_empty(),
            !expected
        );
    }
}

#[test]
fn every_finding_has_a_test() {
    let tested: Vec<FindingCode> = unusual().into_iter().map(|(code, ..)| code).collect();
    let beside = [
        FindingCode::RecordedLate,
        FindingCode::SupportBeforeAssessment,
        FindingCode::HoleUnexplained,
    ];
    for code in FindingCode::ALL {
        assert!(
            tested.contains(code) || beside.contains(code),
            "{}",
            code.as_str()
        );
    }
}

fn changes(records: &[Recorded], from: u64, to: ReadingPoint) -> Vec<Change> {
    let point = ReadingPoint {
        known: Known::Position(from),
        ..ReadingPoint::default()
    };
    let read = |point| Reading::new(records.to_vec(), point).unwrap();
    let (from, to) = (read(point), read(to));
    let day = on("2024-06-01");
    difference(
        Side {
            reading: &from,
            on: day,
        },
        Side {
            reading: &to,
            on: day,
        },
        stream(CASE),
    )
}

#[test]
fn a_difference_names_value_before_and_after_with_the_events_that_caused_it() {
    let mut records = before();
    add(&mut records, 41, "GoalChanged", example("GoalChanged"));
    add(
        &mut records,
        42,
        "EventCorrected",
        example("EventCorrected"),
    );
    add(
        &mut records,
        43,
        "EventAnnulled",
        with(
            "EventAnnulled",
            json!({ "target": { "stream": stream(CASE), "event": event(15) } }),
        ),
    );
    let all = changes(&records, 41, ReadingPoint::default());
    let status = all
        .iter()
        .find(|change| change.view == View::Goals && change.field == "status")
        .unwrap();
    assert_eq!(
        (
            status.before.as_deref(),
            status.after.as_deref(),
            status.events.as_slice()
        ),
        (Some("set"), Some("met"), [event(41)].as_slice())
    );
    assert_eq!(status.line(), "goal “sleep well”: status: set → met");
    let note = all.iter().find(|change| {
        change.view == View::Timeline
            && change
                .before
                .as_deref()
                .is_some_and(|text| text.contains("mistake"))
    });
    let note = note.unwrap();
    assert_eq!(note.after.as_deref(), Some("Note (fact): another note"));
    assert_eq!(note.events, [event(42)], "the correction caused it");
    let gone: Vec<&Change> = all
        .iter()
        .filter(|change| change.view == View::Access && change.after.is_none())
        .collect();
    assert!(
        !gone.is_empty() && gone.iter().all(|change| change.events == [event(43)]),
        "the annulment took it out: {gone:?}"
    );
    assert!(
        all.iter().all(|change| !change.events.is_empty()),
        "nothing changed without an event"
    );
    assert!(
        all.windows(2).all(|pair| pair[0].view <= pair[1].view),
        "view by view"
    );
}

#[test]
fn no_difference_lies_between_a_reading_and_itself() {
    let records = before();
    let size = u64::try_from(records.len()).unwrap();
    assert_eq!(changes(&records, size, ReadingPoint::default()), []);
}

#[test]
fn only_time_passes_when_a_child_comes_of_age() {
    let records = before();
    let reading = reading(&records);
    let side = |day: &str| Side {
        reading: &reading,
        on: on(day),
    };
    let changes = difference(side("2021-06-01"), side("2024-06-01"), stream(CASE));
    assert_eq!(
        changes
            .iter()
            .map(|change| change.field)
            .collect::<Vec<_>>(),
        ["standing", "party from"],
        "{changes:?}"
    );
    assert!(changes.iter().all(|change| change.events.is_empty()));
}

#[test]
fn a_child_is_a_party_from_the_age_of_the_law_in_force() {
    let records = before();
    let reading = reading(&records);
    let standing = |day: &str| {
        let rows = parties(&reading, stream(CASE), on(day));
        let child = rows
            .iter()
            .find(|row| {
                row.name
                    .as_ref()
                    .is_some_and(|name| name.to_string() == "Alma Prøve")
            })
            .unwrap();
        (
            child.standing,
            child.becomes_party.map(|day| day.to_string()),
            child.digital_post,
        )
    };
    // Born 2012-02-01: 12 years count before 2024, 10 years from then on.
    assert_eq!(
        standing("2023-06-01"),
        (Standing::TooYoung, Some("2024-02-01".into()), Some(false))
    );
    assert_eq!(standing("2024-01-01"), (Standing::Child, None, Some(false)));
    assert_eq!(standing("2027-02-01"), (Standing::Child, None, Some(true)));
    let rows = parties(&reading, stream(CASE), on("2024-06-01"));
    let milestones = &rows
        .iter()
        .find(|row| row.standing == Standing::Child)
        .unwrap()
        .milestones;
    let at = |months: u16| {
        milestones
            .iter()
            .find(|milestone| milestone.right.months == months)
            .map(|m| (m.on.to_string(), m.reached))
    };
    assert_eq!(at(120), Some(("2022-02-01".into(), true)));
    assert_eq!(at(180), Some(("2027-02-01".into(), false)));
    assert_eq!(at(192), Some(("2028-02-01".into(), false)));
    assert_eq!(at(216), Some(("2030-02-01".into(), false)));
    let mother = rows
        .iter()
        .find(|row| row.standing == Standing::CustodyHolder)
        .unwrap();
    assert!(mother.consents[0].in_force(on("2024-06-01")) && mother.milestones.is_empty());
}

#[test]
fn a_consent_stands_until_it_is_taken_back() {
    let mut records = before();
    add(
        &mut records,
        41,
        "ConsentWithdrawn",
        example("ConsentWithdrawn"),
    );
    let reading = reading(&records);
    let rows = parties(&reading, stream(CASE), on("2024-06-01"));
    let consent = &rows
        .iter()
        .find(|row| !row.consents.is_empty())
        .unwrap()
        .consents[0];
    assert!(consent.in_force(on("2024-02-01")) && !consent.in_force(on("2024-06-01")));
    assert_eq!(consent.ended_by, Some(event(41)));
}

#[test]
fn an_old_version_reads_as_the_newest() {
    use events::upcast::{Step, upcast_with};
    fn renames(raw: &mut RawEvent) {
        for part in &mut raw.parts {
            if let Some(elements) = part.fields.remove("said") {
                part.fields.insert("own_words".to_owned(), elements);
            }
        }
    }
    let steps = [Step {
        kind: "ChildHeard",
        from: 0,
        apply: renames,
    }];
    let facts = Event::from_json("ChildHeard", example("ChildHeard")).unwrap();
    let newest = recorded(40, CASE, 40, &facts);
    let mut old = newest.clone();
    if let Some(raw) = &mut old.raw {
        raw.version = 0;
        for part in &mut raw.parts {
            if let Some(elements) = part.fields.remove("own_words") {
                part.fields.insert("said".to_owned(), elements);
            }
        }
    }
    let unread = Reading::new(vec![old.clone()], ReadingPoint::default());
    assert!(
        unread.is_err(),
        "without its step an old version is not guessed at"
    );
    old.raw = old.raw.map(|raw| upcast_with(raw, &steps));
    assert_eq!(reading(&[old]), reading(&[newest]));
}

#[test]
fn a_case_of_twenty_thousand_events_is_folded_like_any_other() {
    let mut records = before();
    let kinds = [
        "NoteTaken",
        "ChildHeard",
        "WellbeingMeasured",
        "NetworkMeetingHeld",
    ];
    for (number, kind) in (1_000..21_000).zip(kinds.into_iter().cycle()) {
        add(&mut records, number, kind, example(kind));
    }
    let size = u64::try_from(records.len()).unwrap();
    let all = reading(&records);
    let sheet = sheet(&all, stream(CASE), on("2024-06-01"));
    assert_eq!(
        sheet
            .of(View::Wellbeing)
            .filter(|row| row.field == "total")
            .count(),
        5_000
    );
    assert!(
        findings(&all, stream(CASE)).len() < 20,
        "nothing unusual came with them"
    );
    let changes = changes(&records, 19, ReadingPoint::default());
    let noted = changes
        .iter()
        .filter(|change| change.view == View::Timeline && change.field == "entry")
        .count();
    assert_eq!((noted, size), (20_000, 20_019));
}

/// Adds every example that can stand behind the ground, in an order.
fn lively(order: &[usize]) -> Vec<Recorded> {
    let kinds = [
        "ChildHeard",
        "GoalChanged",
        "FollowUpHeld",
        "NoteTaken",
        "EventCorrected",
        "ConsentWithdrawn",
        "CaseClosed",
        "NetworkMapped",
    ];
    let mut records = before();
    for (place, kind) in order.iter().enumerate() {
        let kind = kinds[kind % kinds.len()];
        add(
            &mut records,
            u128::try_from(41 + place).unwrap(),
            kind,
            example(kind),
        );
    }
    records
}

proptest! {
    #[test]
    fn the_views_at_an_earlier_moment_never_depend_on_what_was_recorded_later(order in Just((0..8).collect::<Vec<usize>>()).prop_shuffle(), cut in 20_u64..50) {
        let records = lively(&order);
        let point = ReadingPoint { known: Known::At(day(cut)), ..ReadingPoint::default() };
        let early: Vec<Recorded> = records.iter().filter(|record| record.index <= cut).cloned().collect();
        let sheets = [records, early].map(|records| sheet(&Reading::new(records, point).unwrap(), stream(CASE), on("2024-06-01")));
        prop_assert_eq!(&sheets[0], &sheets[1]);
    }

    #[test]
    fn a_difference_in_two_steps_holds_what_one_step_holds(order in Just((0..8).collect::<Vec<usize>>()).prop_shuffle(), middle in 20_u64..49) {
        // Every change from the first to the last moment is seen on the way in one of the steps.
        let records = lively(&order);
        let keys = |changes: Vec<Change>| changes.into_iter().map(|change| (change.view, change.item, change.field)).collect::<Vec<_>>();
        let at = |position| ReadingPoint { known: Known::Position(position), ..ReadingPoint::default() };
        let whole = keys(changes(&records, 19, at(49)));
        let mut steps = keys(changes(&records, 19, at(middle)));
        steps.extend(keys(changes(&records, middle, at(49))));
        for change in whole {
            prop_assert!(steps.contains(&change), "{change:?}");
        }
    }

    #[test]
    fn erasing_anything_never_fails_a_view(seed in prop::collection::vec(any::<bool>(), 300)) {
        let mut records = lively(&[0, 1, 2, 3, 4, 5, 6, 7]);
        let mut draw = seed.into_iter().cycle();
        for record in &mut records {
            let parts = record.raw.as_mut().into_iter().flat_map(|raw| &mut raw.parts);
            for element in parts.flat_map(|part| part.fields.values_mut()).flatten() {
                if draw.next() == Some(true) {
                    element.value = Err(Gap::Erased);
                }
            }
        }
        let reading = reading(&records);
        let sheet = sheet(&reading, stream(CASE), on("2024-06-01"));
        let entries = sheet.of(View::Timeline).filter(|row| row.field == "entry").count();
        let links = reading.facts().filter(|(_, shown)| matches!(shown.facts, Event::FactReferenced(_))).count();
        prop_assert_eq!(entries + links, reading.events.len(), "a hole is shown, not dropped");
        let found = findings(&reading, stream(CASE));
        prop_assert!(found.iter().all(|finding| reading.event(finding.event).is_some()));
    }
}

/// Finds `{"person": .., "role": ..}` anywhere in a value.
fn people_in(value: &Value, people: &mut std::collections::BTreeSet<events::person::PersonRef>) {
    if let Ok(person) = serde_json::from_value(value.clone()) {
        people.insert(person);
    }
    match value {
        Value::Object(members) => members
            .values()
            .for_each(|member| people_in(member, people)),
        Value::Array(items) => items.iter().for_each(|item| people_in(item, people)),
        _ => {}
    }
}

#[test]
fn whom_a_fact_names_is_what_its_json_says() {
    let mut naming = 0;
    for spec in events::event::CATALOGUE {
        let facts = example(spec.name);
        let mut people = std::collections::BTreeSet::new();
        let facts = Event::from_json(spec.name, facts).unwrap();
        people_in(&facts.to_json().unwrap(), &mut people);
        assert_eq!(facts.people(), people, "{}", spec.name);
        naming += usize::from(!people.is_empty());
    }
    assert!(naming > 30, "{naming}");
}
