//! Correcting in daily use: annulled wrong matches, corrections of corrections, differences between
//! two moments, what was learned since a decision, look-ups, and how little it takes to record what
//! a child says.

use domain::reading::{Known, ReadingPoint};
use domain::views::inbox::notification;
use domain::views::timeline::timeline;
use events::ids::StreamId;
use events::meta::{EventRef, Role};
use serde_json::{Value, json};
use tests::dirs::Dirs;
use tests::world::{World, caseworker, ids, viewer};
use uuid::Uuid;

fn uuid(name: &str) -> Uuid {
    Uuid::from_bytes(
        *record::hash::sha256(name.as_bytes())
            .as_bytes()
            .first_chunk()
            .unwrap(),
    )
}

/// Records a fact; answers its receipt.
async fn recorded(world: &World, mutation: &str, mut input: Value, who: &str, role: Role) -> Value {
    input["commandId"] = json!(uuid(&input.to_string()));
    let outcome = world
        .order(mutation, input, viewer(who, role))
        .await
        .unwrap();
    assert_eq!(outcome["userErrors"], json!([]), "{mutation}");
    outcome["receipt"].clone()
}

fn stream(receipt: &Value) -> StreamId {
    receipt["stream"].as_str().unwrap().parse().unwrap()
}

/// A case of another child, into which a notification is matched by mistake.
async fn case_of_another_child(world: &World, child: &Value) -> StreamId {
    let opened = json!({
        "occurred": "2024-11-11",
        "facts": { "child": child, "ground": "Prøve.", "kleNumber": "27.24.00" },
    });
    stream(&recorded(world, "openCase", opened, "I2", Role::Intake).await)
}

async fn received(world: &World) -> StreamId {
    let received = json!({
        "occurred": "2024-11-11T10:00:00+01:00",
        "facts": {
            "notifierKind": "CITIZEN_135", "contactable": false, "children": [ids().child()],
            "unborn": false, "concerns": ["FAMILY_CONFLICT"], "suspicions": [],
            "text": "Råb i opgangen.",
        },
    });
    stream(&recorded(world, "receiveNotification", received, "I2", Role::Intake).await)
}

/// Matches a notification with a child and a case; answers the receipt.
async fn matched(world: &World, notified: StreamId, child: &Value, case: StreamId) -> Value {
    let input = json!({
        "stream": notified, "occurred": "2024-11-11T11:00:00+01:00",
        "facts": {
            "children": [child], "cases": [case], "runningMeasure": "NONE", "flaggedSiblings": [],
        },
    });
    recorded(world, "matchNotification", input, "I2", Role::Intake).await
}

async fn annul(world: &World, notified: StreamId, receipt: &Value) {
    let annulled = json!({
        "stream": notified, "occurred": "2024-11-12",
        "expectedVersion": world.session().version(notified).unwrap(),
        "facts": {
            "target": { "stream": notified, "event": receipt["event"] }, "reason": "WRONG_PERSON",
            "explanation": "Det var storesøsteren.",
        },
    });
    recorded(world, "annulEvent", annulled, "L1", Role::Leader).await;
}

/// The case takes the notification in, as read at a point.
fn takes_in(world: &World, case: StreamId, notified: StreamId, point: ReadingPoint) -> bool {
    world
        .read(case, point)
        .and_then(|reading| notification(&reading, notified))
        .is_some_and(|row| row.cases.contains(&case))
}

fn annulled_match_stays_visible(world: &World, notified: StreamId) {
    let stays = timeline(&world.read(notified, ReadingPoint::default()).unwrap());
    let gone: Vec<_> = stays
        .iter()
        .filter(|entry| entry.annulled.is_some())
        .collect();
    assert_eq!(gone.len(), 1);
    assert_eq!(
        gone[0].annulled.as_ref().unwrap().explanation.text(),
        "Det var storesøsteren."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_match_with_the_wrong_child_is_annulled_and_the_clock_of_the_right_one_starts_at_receipt()
{
    let world = World::with_alma().await;
    let ids = ids();
    world.clock.set("2024-11-12T12:00:00Z".parse().unwrap());
    let emil = json!({ "person": ids.person("emil"), "role": "CHILD" });
    let wrong = case_of_another_child(&world, &emil).await;
    let notified = received(&world).await;
    let receipt = matched(&world, notified, &emil, wrong).await;
    let shows = |case: StreamId, point: ReadingPoint| takes_in(&world, case, notified, point);
    assert!(shows(wrong, ReadingPoint::default()));
    let before = ReadingPoint {
        known: Known::Position(world.public_log().size().get()),
        ..ReadingPoint::default()
    };
    annul(&world, notified, &receipt).await;
    matched(&world, notified, &json!(ids.child()), ids.case()).await;

    assert!(
        !shows(wrong, ReadingPoint::default()),
        "the wrong case no longer takes the notification in"
    );
    assert!(shows(wrong, before), "and did, as could be known before");
    assert!(shows(ids.case(), ReadingPoint::default()) && !shows(ids.case(), before));
    let reading = world.read(ids.case(), ReadingPoint::default()).unwrap();
    let row = notification(&reading, notified).unwrap();
    assert_eq!(
        row.received.unwrap().to_string(),
        "2024-11-11T09:00:00Z",
        "from the original time"
    );
    annulled_match_stays_visible(&world, notified);
    world.operator.checkpoint().unwrap();
    assert_eq!(world.audit().tail, 0, "the log stays whole");
}

/// Corrects when the fact occurred, by a correction that bears the name "second".
async fn correct_a_second_time(world: &World, target: EventRef) {
    let correction = json!({
        "occurred": "2024-11-12", "eventId": uuid("second"), "target": target, "field": "meta",
        "value": { "occurred": "2024-03-22T08:30:00+01:00" }, "reason": "Igen.",
        "expectedVersion": world.session().version(target.stream).unwrap(),
    });
    recorded(world, "correctEvent", correction, "I2", Role::Intake).await;
}

/// A correction of the values of that second correction.
fn mended(world: &World, target: EventRef, value: &Value) -> Value {
    let second = json!({ "stream": target.stream, "event": uuid("second") });
    json!({
        "occurred": "2024-11-12", "target": second, "field": "values", "value": value,
        "reason": "Tastefejl.",
        "expectedVersion": world.session().version(target.stream).unwrap(),
    })
}

/// What the correction of a correction leads to must be readable, down to the fact itself.
async fn what_cannot_be_read_corrects_nothing(world: &World, target: EventRef) {
    for value in [
        json!("nothing"),
        json!({ "occurred": "never" }),
        json!({ "channel": "PIGEON" }),
    ] {
        let mut input = mended(world, target, &value);
        input["commandId"] = json!(uuid(&input.to_string()));
        assert_eq!(
            world
                .refusal("correctEvent", input, viewer("I2", Role::Intake))
                .await,
            "VALUE_MISFIT"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_is_corrected_and_all_three_stay_visible() {
    let world = World::with_alma().await;
    let ids = ids();
    world.clock.set("2024-11-12T12:00:00Z".parse().unwrap());
    let target = ids.reference("A6");
    correct_a_second_time(&world, target).await;
    what_cannot_be_read_corrects_nothing(&world, target).await;
    // Only the member that is named changes; the others of the circumstances stay.
    let mending = mended(
        &world,
        target,
        &json!({ "occurred": "2024-03-22T08:35:00+01:00" }),
    );
    recorded(&world, "correctEvent", mending, "I2", Role::Intake).await;
    let reading = world.read(target.stream, ReadingPoint::default()).unwrap();
    let event = reading.event(target.event).unwrap();
    assert_eq!(
        event.fact().unwrap().meta.occurred.to_string(),
        "2024-03-22T07:35:00Z"
    );
    assert_eq!(
        event.fact().unwrap().meta.legal_basis,
        event.original.as_ref().unwrap().meta.legal_basis
    );
    assert_eq!(
        event.original.as_ref().unwrap().meta.occurred.to_string(),
        "2024-03-22T08:05:00Z"
    );
    assert_eq!(
        event
            .corrections
            .iter()
            .map(|correction| correction.in_force)
            .collect::<Vec<_>>(),
        [true, true]
    );
    let mistake = reading.event(uuid("second").try_into().unwrap()).unwrap();
    assert_eq!(
        mistake.corrections[0].reason.as_ref().unwrap().text(),
        "Tastefejl."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_tells_what_changed_and_what_was_learned_since_a_decision() {
    let world = World::with_alma().await;
    let case = ids().case();
    let answer = world
        .query(&format!(
            r#"{{ case(id: "{case}") {{
                spring: difference(from: {{ knownAt: "2024-05-21" }}, to: {{ knownAt: "2024-06-18" }}, views: [GOALS]) {{ view line events }}
                corrected: difference(from: {{ knownAt: "2024-11-04" }}) {{ view item field before after events }}
                none: difference(from: {{}}) {{ line }}
                decisions {{ learnedSince {{ view }} asKnownWhenDecided {{ findings {{ code }} }} }}
            }} }}"#
        ))
        .await;
    let case = &answer["case"];
    let spring = case["spring"].as_array().unwrap();
    assert!(
        spring
            .iter()
            .all(|change| change["view"] == json!("GOALS") && change["events"] != json!([])),
        "{spring:?}"
    );
    let met = spring
        .iter()
        .filter(|change| {
            change["line"]
                .as_str()
                .unwrap()
                .ends_with("status: set → met")
        })
        .count();
    assert_eq!(met, 1, "{spring:?}");
    let corrected = case["corrected"].as_array().unwrap();
    let moved = corrected
        .iter()
        .find(|change| change["field"] == json!("acute assessment"))
        .unwrap();
    assert_eq!(
        (&moved["before"], &moved["after"]),
        (
            &json!("2024-03-22T08:05:00Z"),
            &json!("2024-03-22T07:40:00Z")
        )
    );
    assert_eq!(
        moved["events"],
        json!([ids().event("A33")]),
        "by the correction"
    );
    assert_eq!(case["none"], json!([]));
    assert!(
        case["decisions"][0]["learnedSince"]
            .as_array()
            .unwrap()
            .len()
            > case["decisions"][1]["learnedSince"]
                .as_array()
                .unwrap()
                .len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn look_ups_stand_in_a_log_of_their_own_and_verify() {
    let world = World::with_alma().await;
    let case = ids().case();
    world.operator.checkpoint().unwrap();
    let size = world.public_log().size();
    let look = |reader: &str, purpose: Option<&str>| {
        json!({
            "occurred": "2024-11-06T08:00:00+01:00",
            "facts": {
                "reader": reader, "subjects": [ids().child()], "target": case, "scope": "hele sagen", "purpose": purpose,
                "relation": if purpose.is_some() { "ASSIGNED" } else { "NONE" }, "result": "ALLOWED",
            },
        })
    };
    world.clock.set("2024-11-06T08:00:00Z".parse().unwrap());
    recorded(
        &world,
        "recordAccess",
        look("K1", Some("sagsbehandling")),
        "system",
        Role::System,
    )
    .await;
    recorded(
        &world,
        "recordAccess",
        look("K9", None),
        "system",
        Role::System,
    )
    .await;
    let stranger = {
        json!({ "commandId": uuid("x"), "occurred": "2024-11-06", "facts": look("K1", None)["facts"] })
    };
    assert_eq!(
        world.refusal("recordAccess", stranger, caseworker()).await,
        "ROLE_NOT_ALLOWED"
    );
    assert_eq!(
        world.public_log().size(),
        size,
        "nothing of it stands in the case log"
    );

    let query = format!(
        r#"{{ case(id: "{case}") {{ access {{ lookUps {{ occurred purpose flagged }} }} }}
             then: case(id: "{case}", at: {{ knownAt: "2024-11-05" }}) {{ access {{ lookUps {{ occurred }} }} }} }}"#
    );
    let answer = world.query(&query).await;
    assert_eq!(
        answer["case"]["access"]["lookUps"],
        json!([
            { "occurred": "2024-11-06T07:00:00Z", "purpose": "sagsbehandling", "flagged": false },
            { "occurred": "2024-11-06T07:00:00Z", "purpose": null, "flagged": true },
        ])
    );
    assert_eq!(answer["then"]["access"]["lookUps"], json!([]));
    assert!(!answer.to_string().contains("K9"), "who looked is not told");

    // Both logs verify, each under its own name and keys, and a restart finds them.
    let accesses = world.operator.access_log().unwrap();
    accesses.checkpoint().unwrap();
    let trust = tests::world::trust(&accesses);
    drop(accesses);
    let world = world.reopen();
    assert_eq!(world.query(&query).await["case"], answer["case"]);
    let log = tests::world::layout(world.dir.path()).accesses().log_dir();
    assert_eq!(tests::world::audit_log(&log, &trust).unwrap().events, 2);
    assert_eq!(world.audit().tail, 0);
}

/// Required input fields below a type of the schema, counted as a client must fill them.
fn required(types: &Value, name: &str) -> usize {
    let input = types
        .as_array()
        .unwrap()
        .iter()
        .find(|input| input["name"] == json!(name))
        .unwrap();
    let Some(fields) = input["inputFields"].as_array() else {
        return 1;
    };
    let needed = fields
        .iter()
        .filter(|field| field["type"]["kind"] == json!("NON_NULL"));
    needed
        .map(|field| {
            let inner = &field["type"]["ofType"];
            if inner["kind"] == json!("INPUT_OBJECT") {
                required(types, inner["name"].as_str().unwrap())
            } else {
                1
            }
        })
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_child_says_on_a_chat_takes_at_most_eight_fields() {
    let world = World::new();
    let answer = world.query("{ __schema { types { name inputFields { name type { kind ofType { kind name } } } } } }").await;
    // The schema asks for these; the stream and the channel come on top.
    let fields = required(&answer["__schema"]["types"], "HearChildInput") + 2;
    assert!(fields <= 8, "{fields}");
}

/// A stream that is read again is kept open and only brought up to date. Wherever the history was
/// kept, the rest on top of it must read like the whole, read anew.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_open_while_a_history_grew_reads_like_the_whole() {
    let (world, ids) = (World::new(), ids());
    let mut kept = Vec::new();
    for line in ids.lines() {
        world.line(line.clone()).await;
        if let Some(reading) = world.read(ids.case(), ReadingPoint::default()) {
            kept.push((world.public_log().size(), reading.events));
        }
    }
    assert!(kept.len() > 40, "{}", kept.len());
    let world = world.reopen();
    for (size, events) in kept {
        let point = ReadingPoint {
            known: Known::Position(size.get()),
            ..ReadingPoint::default()
        };
        assert_eq!(
            world.read(ids.case(), point).unwrap().events,
            events,
            "at {size}"
        );
    }
}
