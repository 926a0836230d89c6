//! Erasing a value, a part, an event or a person: readers are shown the gap, views and rebuilding
//! go on, the audit explains the hole, and no old copy of a key opens what was erased.

use std::path::Path;
use std::sync::Arc;

use domain::reading::{Body, ReadingPoint};
use domain::views::child_voice::child_voice;
use domain::views::timeline::timeline;
use domain::views::wellbeing::wellbeing;
use events::ids::EventId;
use events::meta::Role;
use events::personal::Personal;
use record::keys::{RootKey, SubjectKey};
use record::positions::StreamVersion;
use serde_json::{Value, json};
use store::disk::RealDisk;
use store::embedded::keys::FileKeyStore;
use store::key_store::{KeyStore, PartRow, SubjectRow};
use tests::dirs::Dirs;
use tests::world::{World, ids, layout, viewer};
use uuid::Uuid;

fn order(number: u128, scope: &str, rest: Value) -> Value {
    let mut input = json!({
        "commandId": Uuid::from_u128(0xe0 + number), "occurred": "2024-11-10", "scope": scope, "ground": "GDPR_17",
        "legalCheck": "Ingen pligt til at bevare oplysningen.", "approvedBy": "D2",
    });
    input
        .as_object_mut()
        .unwrap()
        .extend(rest.as_object().unwrap().clone());
    input
}

async fn erase(world: &World, number: u128, scope: &str, rest: Value) {
    world.clock.set("2024-11-10T10:00:00Z".parse().unwrap());
    let outcome = world
        .order(
            "orderErasure",
            order(number, scope, rest),
            viewer("D1", Role::Dpo),
        )
        .await
        .unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
    assert_ne!(outcome["receipt"], Value::Null);
}

/// Key rows as an old backup would hold them.
struct OldKeys {
    part: PartRow,
    subject: SubjectRow,
}

fn keys(dir: &Path) -> FileKeyStore {
    FileKeyStore::open(Arc::new(RealDisk::default()), &layout(dir).key_dir()).unwrap()
}

/// Backs up the keys of a part, as the store lies there.
fn backup(world: World, event: EventId, part: u16) -> (World, OldKeys) {
    let (dir, _) = {
        let copy = tempfile::tempdir().unwrap();
        for path in tests::world::files(&layout(world.dir.path()).key_dir()) {
            std::fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
        }
        (copy, ())
    };
    let store = FileKeyStore::open(Arc::new(RealDisk::default()), dir.path()).unwrap();
    let part = store.part(event.uuid(), part).unwrap().unwrap();
    let subject = store.subject(part.subject).unwrap().unwrap();
    (world, OldKeys { part, subject })
}

/// Neither the live root key nor any live subject key opens the old rows.
fn open_nothing(dir: &Path, old: &OldKeys) {
    let live = keys(dir);
    let root = RootKey::from_bytes(*live.secrets().root);
    let row = live.subject(old.part.subject).unwrap().unwrap();
    for place in [old.subject.place(), row.place()] {
        assert!(
            root.unwrap(place, &old.subject.wrapped).is_err(),
            "the old epoch's root key is gone"
        );
    }
    let subject: SubjectKey = root.unwrap(row.place(), &row.wrapped).unwrap();
    assert!(
        subject.unwrap(old.part.place(), &old.part.wrapped).is_err(),
        "the live subject key does not open an old part key"
    );
    assert_eq!(
        live.part(old.part.event, old.part.part)
            .unwrap()
            .filter(|row| row.wrapped == old.part.wrapped),
        None
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_erased() {
    let ids = ids();
    let (world, old) = backup(World::with_alma().await, ids.event("A10"), 1);
    let rest = json!({ "event": ids.reference("A10"), "field": "own_words", "element": 0, "subject": ids.child() });
    erase(&world, 1, "VALUE", rest).await;
    let reading = world.read(ids.case(), ReadingPoint::default()).unwrap();
    let words = &child_voice(&reading).hearings[0].own_words;
    assert_eq!(words.0[0], Personal::Erased);
    assert!(
        words.0[1].known().unwrap().contains("tegning"),
        "the other paragraph stays"
    );
    let report = world.audit();
    assert_eq!(
        report
            .holes
            .iter()
            .map(|hole| (hole.part, hole.values))
            .collect::<Vec<_>>(),
        [(1, Some(1))]
    );
    let world = world.reopen();
    let (dir, _) = world.stop();
    open_nothing(dir.path(), &old);
}

#[tokio::test(flavor = "multi_thread")]
async fn erasing_a_value_erases_its_corrections() {
    let ids = ids();
    let world = World::with_alma().await;
    let version = world.session().version(ids.case()).unwrap().unwrap();
    let correction = json!({
        "commandId": Uuid::from_u128(0xc0), "occurred": "2024-11-06", "target": ids.reference("A10"), "field": "own_words", "elements": [0],
        "subject": ids.child(), "value": ["Jeg får ondt i hovedet, når de råber."], "reason": "Forkert gengivet.", "expectedVersion": version,
    });
    world.clock.set("2024-11-06T12:00:00Z".parse().unwrap());
    let outcome = world
        .order("correctEvent", correction, tests::world::caseworker())
        .await
        .unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
    let words = |world: &World| {
        let reading = world.read(ids.case(), ReadingPoint::default()).unwrap();
        child_voice(&reading).hearings[0].own_words.0.clone()
    };
    assert!(words(&world)[0].known().unwrap().contains("hovedet"));
    erase(&world, 2, "VALUE", json!({ "event": ids.reference("A10"), "field": "own_words", "element": 0, "subject": ids.child() })).await;
    assert_eq!(words(&world)[0], Personal::Erased);
    let reading = world.read(ids.case(), ReadingPoint::default()).unwrap();
    let original = reading
        .event(ids.event("A10"))
        .unwrap()
        .original
        .clone()
        .unwrap();
    assert!(!format!("{original:?}").contains("ondt i maven"));
    assert_eq!(world.audit().holes.len(), 2, "the value and its correction");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_is_erased() {
    let ids = ids();
    let (world, old) = backup(World::with_alma().await, ids.event("A20-cors"), 1);
    erase(
        &world,
        3,
        "PART",
        json!({ "event": ids.reference("A20-cors"), "subject": ids.child() }),
    )
    .await;
    let reading = world.read(ids.case(), ReadingPoint::default()).unwrap();
    let series = wellbeing(&reading);
    assert_eq!(series[0].points[0].scores, Some(Personal::Erased));
    assert_eq!(series[0].points[1].total(), Some(269));
    assert_eq!(
        world
            .audit()
            .holes
            .iter()
            .map(|hole| (hole.part, hole.values))
            .collect::<Vec<_>>(),
        [(1, None)]
    );
    let (dir, _) = world.stop();
    open_nothing(dir.path(), &old);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_erased() {
    let ids = ids();
    let (world, old) = backup(World::with_alma().await, ids.event("A14"), 0);
    erase(&world, 4, "EVENT", json!({ "event": ids.reference("A14") })).await;
    let reading = world.read(ids.case(), ReadingPoint::default()).unwrap();
    assert_eq!(child_voice(&reading).hearings.len(), 6);
    assert_eq!(reading.event(ids.event("A14")).unwrap().body, Body::Hole);
    let hole = timeline(&reading)
        .into_iter()
        .find(|entry| entry.event == ids.event("A14"))
        .unwrap();
    assert!(
        hole.told.is_none() && hole.seq > 0,
        "a hole is shown with its place and time"
    );
    assert_eq!(world.audit().holes.len(), 2, "both parts");
    let (dir, _) = world.stop();
    open_nothing(dir.path(), &old);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_erased_everywhere() {
    let ids = ids();
    let (world, old) = backup(World::with_alma().await, ids.event("A22-g1"), 1);
    erase(&world, 5, "PERSON", json!({ "person": ids.person("alma") })).await;
    for world in [world.reopen()] {
        let reading = world.read(ids.case(), ReadingPoint::default()).unwrap();
        let voice = child_voice(&reading);
        assert_eq!(
            voice.hearings.len(),
            7,
            "that Alma was heard stays on record"
        );
        assert!(voice.hearings.iter().all(|hearing| {
            hearing
                .own_words
                .0
                .iter()
                .all(|words| *words == Personal::Erased)
        }));
        assert!(timeline(&reading).iter().all(|entry| {
            entry
                .told
                .as_ref()
                .is_none_or(|told| !told.line.contains("Alma Prøve"))
        }));
        let audit = world.audit();
        assert!(audit.holes.len() > 15 && audit.notes.is_empty());
        // What comes later about the person lies under a new key and can be read.
        let note = json!({
            "commandId": Uuid::from_u128(0xd0), "stream": ids.case(), "occurred": "2024-11-11",
            "facts": { "kind": "FACT", "about": ids.child(), "text": "Ny oplysning." },
        });
        world.clock.set("2024-11-12T10:00:00Z".parse().unwrap());
        let outcome = world
            .order("takeNote", note, tests::world::caseworker())
            .await
            .unwrap();
        assert_eq!(outcome["userErrors"], json!([]));
        let reading = world.read(ids.case(), ReadingPoint::default()).unwrap();
        assert!(
            timeline(&reading).last().is_some_and(|entry| entry
                .told
                .as_ref()
                .unwrap()
                .line
                .contains("Ny oplysning"))
        );
        let (dir, _) = world.stop();
        open_nothing(dir.path(), &old);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_needs_two_people_a_role_and_something_to_erase() {
    let ids = ids();
    let world = World::with_alma().await;
    world.clock.set("2024-11-10T10:00:00Z".parse().unwrap());
    let rest = json!({ "event": ids.reference("A14") });
    let alone = json!({ "event": ids.reference("A14"), "approvedBy": "D1" });
    assert_eq!(
        world
            .refusal(
                "orderErasure",
                order(6, "EVENT", alone),
                viewer("D1", Role::Dpo)
            )
            .await,
        "APPROVER_SAME"
    );
    let forbidden = world
        .order(
            "orderErasure",
            order(7, "EVENT", rest.clone()),
            tests::world::caseworker(),
        )
        .await;
    assert_eq!(forbidden.unwrap_err(), "not permitted");
    let nobody = json!({ "person": Uuid::from_u128(1) });
    assert_eq!(
        world
            .refusal(
                "orderErasure",
                order(8, "PERSON", nobody),
                viewer("D1", Role::Dpo)
            )
            .await,
        "NOTHING_TO_ERASE"
    );
    let size = world.public_log().size();
    erase(&world, 9, "EVENT", rest.clone()).await;
    assert!(world.public_log().size() > size);
    let again = world
        .order(
            "orderErasure",
            order(9, "EVENT", rest.clone()),
            viewer("D1", Role::Dpo),
        )
        .await
        .unwrap();
    assert_eq!(
        again["repeated"],
        json!(true),
        "the same command erases once"
    );
    assert_eq!(
        world
            .refusal(
                "orderErasure",
                order(10, "EVENT", rest),
                viewer("D1", Role::Dpo)
            )
            .await,
        "NOTHING_TO_ERASE"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_key_that_no_erasure_explains_is_never_taken_for_a_gap() {
    let ids = ids();
    let (dir, _) = World::with_alma().await.stop();
    let store = keys(dir.path());
    let gone = ids.event("A14").uuid();
    let root = *store.secrets().root;
    store
        .rotate(
            root,
            &mut tests::key_rows::without(root, |row| row.event == gone),
            &[],
        )
        .unwrap();
    drop(store);
    let clock = Arc::new(app::clock::SetClock::new(
        "2025-01-01T00:00:00Z".parse().unwrap(),
    ));
    let operator =
        app::operations::operator::Operator::open(layout(dir.path()), clock, &mut |_, _| {})
            .unwrap();
    let error = operator
        .session(tests::world::caseworker())
        .read(ids.case(), ReadingPoint::default())
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("is missing and no erasure explains it"),
        "{error}"
    );
}

/// A person's stream goes as a whole, with the reports of what was erased in it before: the earlier
/// orders are then carried out once more, and find nothing left to do.
#[tokio::test(flavor = "multi_thread")]
async fn a_value_and_then_its_person_are_erased() {
    let ids = ids();
    let world = World::with_alma().await;
    let number = |element: usize| {
        let registered = json!({ "stream": ids.person("alma"), "event": ids.event("person-alma") });
        json!({ "event": registered, "field": "id_number", "element": element, "subject": ids.child() })
    };
    erase(&world, 20, "VALUE", number(0)).await;
    assert_eq!(
        world
            .refusal(
                "orderErasure",
                order(21, "VALUE", number(0)),
                viewer("D1", Role::Dpo)
            )
            .await,
        "NOTHING_TO_ERASE"
    );
    erase(
        &world,
        22,
        "PERSON",
        json!({ "person": ids.person("alma") }),
    )
    .await;
    let world = world.reopen();
    assert!(world.audit().holes.len() > 15);
    let reading = world
        .read(ids.person("alma").into(), ReadingPoint::default())
        .unwrap();
    assert!(!format!("{reading:?}").contains("Alma Prøve"));
    let size = world.public_log().size();
    let world = world.reopen();
    assert_eq!(
        world.public_log().size(),
        size,
        "nothing is left to be carried out"
    );
}

/// The report of an erasure is itself erased, after the same part lost another value.
#[tokio::test(flavor = "multi_thread")]
async fn an_erased_report_does_not_stop_the_log() {
    let ids = ids();
    let world = World::with_alma().await;
    let words = |element: usize| json!({ "event": ids.reference("A10"), "field": "own_words", "element": element, "subject": ids.child() });
    erase(&world, 23, "VALUE", words(0)).await;
    let reports = |world: &World| {
        let reading = world.read(ids.case(), ReadingPoint::default()).unwrap();
        let executed = reading
            .facts()
            .filter(|(_, shown)| matches!(shown.facts, events::event::Event::ErasureExecuted(_)));
        executed.map(|(event, _)| event.event).collect::<Vec<_>>()
    };
    let first = reports(&world)[0];
    erase(&world, 24, "VALUE", words(1)).await;
    erase(
        &world,
        25,
        "EVENT",
        json!({ "event": { "stream": ids.case(), "event": first } }),
    )
    .await;
    let world = world.reopen();
    let reading = world.read(ids.case(), ReadingPoint::default()).unwrap();
    assert!(
        child_voice(&reading).hearings[0]
            .own_words
            .0
            .iter()
            .all(|words| *words == Personal::Erased)
    );
}

async fn refused(world: &World, number: u128, scope: &str, rest: Value) -> Value {
    let outcome = world
        .order(
            "orderErasure",
            order(number, scope, rest),
            viewer("D1", Role::Dpo),
        )
        .await
        .unwrap();
    outcome["userErrors"][0]["code"].clone()
}

#[tokio::test]
async fn a_hold_forbids_erasing_until_it_is_lifted() {
    let world = World::with_alma().await;
    world.clock.set("2024-11-10T09:00:00Z".parse().unwrap());
    let hold = |number: u128, facts: Value| {
        let (command, event) = (
            Uuid::from_u128(0xa0 + number),
            Uuid::from_u128(0xb0 + number),
        );
        json!({ "commandId": command, "eventId": event, "stream": ids().case(), "occurred": "2024-11-09", "facts": facts })
    };
    let set = hold(
        1,
        json!({ "ground": "COURT", "reasons": "Byretten har sagen." }),
    );
    world
        .order("changeRetentionHold", set, viewer("D1", Role::Dpo))
        .await
        .unwrap();
    let talk = json!({ "event": ids().reference("A10") });
    let person = json!({ "person": ids().person("alma") });
    world.operator.checkpoint().unwrap();
    let size = world.public_log().size();
    assert_eq!(
        refused(&world, 1, "EVENT", talk.clone()).await,
        "HOLD_IN_FORCE"
    );
    // One stream under a hold keeps the person in all of them.
    assert_eq!(refused(&world, 2, "PERSON", person).await, "HOLD_IN_FORCE");
    assert_eq!(world.public_log().size(), size);
    let lift = hold(
        2,
        json!({ "lifts": Uuid::from_u128(0xb1), "ground": "COURT", "reasons": "Dommen er faldet." }),
    );
    world
        .order("changeRetentionHold", lift, viewer("D1", Role::Dpo))
        .await
        .unwrap();
    erase(&world, 3, "EVENT", talk).await;
    world.audit();
}

#[tokio::test]
async fn a_case_whose_retention_has_ended_is_erased_whole() {
    let world = World::with_alma().await;
    world.clock.set("2024-11-10T09:00:00Z".parse().unwrap());
    let ended = |number: u128| {
        let mut input = order(number, "CASE", json!({ "stream": ids().case() }));
        input["ground"] = json!("RETENTION_ENDED");
        input
    };
    let outcome = world
        .order("orderErasure", ended(1), viewer("D1", Role::Dpo))
        .await
        .unwrap();
    assert_eq!(outcome["userErrors"][0]["code"], "ARCHIVE_NOT_APPROVED");
    let approval = json!({
        "commandId": Uuid::from_u128(0xa1), "stream": ids().case(), "occurred": "2024-11-09",
        "facts": { "archive": "Stadsarkivet", "version": "AVID.SA.12345" },
    });
    let outcome = world
        .order(
            "recordArchiveApproval",
            approval,
            viewer("J1", Role::Records),
        )
        .await
        .unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
    let before = world.session().version(ids().case()).unwrap().unwrap();
    let outcome = world
        .order("orderErasure", ended(2), viewer("D1", Role::Dpo))
        .await
        .unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
    let reading = world.read(ids().case(), ReadingPoint::default()).unwrap();
    let own: Vec<_> = reading
        .events
        .iter()
        .filter(|event| event.stream == ids().case())
        .collect();
    let holes = own.iter().filter(|event| event.body == Body::Hole).count();
    let before = usize::try_from(before.get()).unwrap();
    assert_eq!(holes, before, "only the order and its report are left");
    assert_eq!(own.len(), before + 2);
    let report = world.audit();
    assert!(report.holes.len() >= before);
    // Of the notification that led to it, nothing was erased.
    let notification = world
        .read(ids().stream("A5"), ReadingPoint::default())
        .unwrap();
    assert!(
        notification
            .events
            .iter()
            .any(|event| event.body != Body::Hole)
    );
    let reopened = world.reopen();
    assert_eq!(
        reopened.session().version(ids().case()).unwrap(),
        Some(StreamVersion::of(before + 2))
    );
}
