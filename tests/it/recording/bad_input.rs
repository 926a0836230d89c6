//! Wrong input gets a clear error that names the field and the rule, and nothing is written.

use events::meta::Role;
use record::positions::StreamVersion;
use serde_json::{Value, json};
use tests::world::{World, caseworker, ids, viewer};
use uuid::Uuid;

fn note(number: u128) -> Value {
    json!({
        "commandId": Uuid::from_u128(0xb0 + number), "stream": ids().case(), "occurred": "2024-11-05",
        "facts": { "kind": "FACT", "text": "Et notat." },
    })
}

fn with(mut input: Value, path: &str, value: Value) -> Value {
    *input.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value;
    input
}

/// A command id that belongs to this input alone.
fn command(input: &str) -> Uuid {
    let hash = *record::hash::sha256(input.as_bytes()).as_bytes();
    Uuid::from_bytes(*hash.first_chunk().unwrap())
}

async fn world() -> World {
    let world = World::with_alma().await;
    // From here on the log grows by commands only: it ends in a heads entry.
    world.operator.checkpoint().unwrap();
    world.clock.set("2024-11-06T12:00:00Z".parse().unwrap());
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_the_schema_is_named() {
    let world = world().await;
    let size = world.public_log().size();
    for (input, named) in [
        (
            with(note(1), "/occurred", json!("yesterday")),
            "input.occurred: a time must be",
        ),
        (
            with(note(1), "/commandId", json!("x")),
            "input.commandId: an id must be a uuid",
        ),
        (
            with(note(1), "/commandId", json!(Uuid::nil())),
            "input.commandId: an id must be a uuid that is not nil",
        ),
        (
            with(note(1), "/facts/kind", json!("GOSSIP")),
            "input.facts.kind: must be one of CONTACT, ESSENTIAL_STEP",
        ),
        (
            with(note(1), "/facts/text", json!(7)),
            "input.facts.text: must be a text",
        ),
        (
            with(note(1), "/facts/text", json!("  ")),
            "input.facts.text: the text is empty",
        ),
        (with(note(1), "/facts/text", json!("a\u{0}b")), "control"),
        (
            with(note(1), "/facts/text", json!("x".repeat(10 * 1024 * 1024))),
            "at most 16384",
        ),
        (
            with(note(1), "/facts", json!({ "kind": "FACT" })),
            "input.facts.text: is needed",
        ),
        (
            with(
                note(1),
                "/facts",
                json!({ "kind": "FACT", "text": "a", "mood": "b" }),
            ),
            "input.facts.mood: is not a field here",
        ),
    ] {
        let error = world
            .order("takeNote", input, caseworker())
            .await
            .unwrap_err();
        assert!(error.contains(named), "{named}: {error}");
    }
    assert_eq!(world.public_log().size(), size);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_true_is_refused_by_the_first_rule_in_order() {
    let world = world().await;
    let ids = ids();
    let size = world.public_log().size();
    let refused =
        async |mutation: &str, input: Value, viewer| world.refusal(mutation, input, viewer).await;
    assert_eq!(
        refused(
            "takeNote",
            with(note(2), "/stream", json!(Uuid::from_u128(5))),
            caseworker()
        )
        .await,
        "STREAM_UNKNOWN"
    );
    assert_eq!(
        refused(
            "takeNote",
            with(note(2), "/occurred", json!("2024-11-07")),
            caseworker()
        )
        .await,
        "TIME_IN_FUTURE"
    );
    assert_eq!(
        refused("takeNote", note(2), viewer("P1", Role::Parent)).await,
        "ROLE_NOT_ALLOWED"
    );
    assert_eq!(
        refused(
            "takeNote",
            with(note(2), "/stream", json!(ids.person("alma"))),
            caseworker()
        )
        .await,
        "STREAM_KIND_WRONG"
    );
    let child = json!(ids.child());
    let heard = json!({
        "commandId": Uuid::from_u128(0xb9), "stream": ids.case(), "occurred": "2024-11-05",
        "facts": { "child": child, "occasion": "CONTINUOUS", "ownWords": "hej" },
    });
    assert_eq!(
        refused("hearChild", heard.clone(), caseworker()).await,
        "CASE_CLOSED"
    );
    let role_first = with(heard, "/occurred", json!("2030-01-01"));
    assert_eq!(
        refused("hearChild", role_first.clone(), viewer("A", Role::Auditor)).await,
        "ROLE_NOT_ALLOWED"
    );
    assert_eq!(
        refused("hearChild", role_first, caseworker()).await,
        "TIME_IN_FUTURE",
        "before CASE_CLOSED"
    );
    let close = json!({
        "commandId": Uuid::from_u128(0xb8), "stream": ids.case(), "occurred": "2024-11-05",
        "facts": { "ground": "OTHER", "reasons": "x", "openObligations": [], "toldTo": [] },
    });
    assert_eq!(
        refused("closeCase", close, caseworker()).await,
        "EXPECTED_VERSION_NEEDED"
    );
    assert_eq!(world.public_log().size(), size, "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_version_a_repeated_command_and_a_used_event_id() {
    let world = world().await;
    let stale = world
        .order("takeNote", with_version(note(3), 2), caseworker())
        .await
        .unwrap();
    assert_eq!(stale["userErrors"][0]["code"], json!("VERSION_CONFLICT"));
    assert_eq!(
        stale["userErrors"][0]["actualVersion"],
        json!(world.session().version(ids().case()).unwrap())
    );

    let first = world
        .order("takeNote", note(4), caseworker())
        .await
        .unwrap();
    world.operator.checkpoint().unwrap();
    let size = world.public_log().size();
    let second = world
        .order("takeNote", note(4), caseworker())
        .await
        .unwrap();
    assert_eq!(
        (&second["receipt"], &second["repeated"]),
        (&first["receipt"], &json!(true))
    );
    let other = with(note(4), "/facts/text", json!("Noget andet."));
    assert_eq!(
        world.refusal("takeNote", other, caseworker()).await,
        "COMMAND_ID_REUSED"
    );

    let mut used = note(5);
    used["eventId"] = json!(ids().event("A14"));
    assert_eq!(
        world.refusal("takeNote", used, caseworker()).await,
        "EVENT_ID_USED"
    );
    assert_eq!(world.public_log().size(), size);
    let world = world.reopen();
    let after = world
        .order("takeNote", note(4), caseworker())
        .await
        .unwrap();
    assert_eq!(
        after["receipt"], first["receipt"],
        "remembered over a restart"
    );
}

fn with_version(mut input: Value, version: u64) -> Value {
    input["expectedVersion"] = json!(version);
    input
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_hides_nothing() {
    let world = world().await;
    let size = world.public_log().size();
    let person = |name: &str| {
        let id = command(name);
        json!({
            "commandId": id, "stream": id, "occurred": "2024-11-05",
            "facts": { "person": { "person": id, "role": "RELATIVE" }, "name": name },
        })
    };
    for name in [
        "Alma\u{202E}evørP",
        "Al\u{200B}ma Prøve",
        "Alma\u{FEFF}",
        "\u{2066}Alma\u{2069}",
    ] {
        let error = world
            .order("registerPerson", person(name), caseworker())
            .await
            .unwrap_err();
        assert_eq!(
            error, "input.facts.name: the text holds a control or invisible character",
            "{name:?}"
        );
    }
    assert_eq!(world.public_log().size(), size, "nothing was written");
    // A name in a script that is written from right to left is a name like any other.
    for name in ["أَلمى", "Søren Ægir Ålbæk"] {
        let outcome = world
            .order("registerPerson", person(name), caseworker())
            .await
            .unwrap();
        assert_eq!(outcome["userErrors"], json!([]), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_another_case_is_not_referred_to() {
    let world = World::with_alma().await;
    let ids = ids();
    world.clock.set("2024-11-06T12:00:00Z".parse().unwrap());
    // Early advice of the same child stands in a stream of its own; the case's events are not in
    // it.
    let advice = ids.stream("A1");
    let version = world.session().version(advice).unwrap();
    let decision = ids.event("A19-decide");
    for (mutation, facts, code) in [
        (
            "communicateDecision",
            json!({ "decision": decision, "recipients": [{
            "who": ids.child(), "channel": "LETTER", "availableAt": "2024-11-06T10:00:00Z", "oral": false, "guidance": [] }] }),
            "DECISION_UNKNOWN",
        ),
        (
            "receiveComplaint",
            json!({
                "decision": decision, "complainant": ids.child(), "capacity": "OTHER", "via": "MUNICIPALITY", "oral": false, "inTime": true, "wants": "x"
            }),
            "DECISION_UNKNOWN",
        ),
        (
            "annulEvent",
            json!({ "target": { "stream": advice, "event": ids.event("A14") }, "reason": "DUPLICATE", "explanation": "x" }),
            "TARGET_UNKNOWN",
        ),
    ] {
        let input = json!({ "commandId": command(mutation), "stream": advice, "occurred": "2024-11-06", "expectedVersion": version, "facts": facts });
        let viewer = viewer(
            "L1",
            if mutation == "annulEvent" {
                Role::Leader
            } else {
                Role::Caseworker
            },
        );
        assert_eq!(
            world.refusal(mutation, input, viewer).await,
            code,
            "{mutation}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_of_many_events_is_written_and_read_like_any_other() {
    let world = world().await;
    let before = world
        .read(ids().case(), domain::reading::ReadingPoint::default())
        .unwrap()
        .events
        .len();
    for number in 0..400 {
        let outcome = world
            .order("takeNote", note(10_000 + number), caseworker())
            .await
            .unwrap();
        assert_eq!(outcome["userErrors"], json!([]));
    }
    let kept = world
        .read(ids().case(), domain::reading::ReadingPoint::default())
        .unwrap();
    assert_eq!(kept.events.len(), before + 400);
    // What was kept while writing is what is read from the store.
    let world = world.reopen();
    assert_eq!(
        world
            .read(ids().case(), domain::reading::ReadingPoint::default())
            .unwrap(),
        kept
    );
    assert_eq!(world.audit().tail, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_must_fit() {
    let world = world().await;
    let ids = ids();
    let version = world.session().version(ids.stream("A6")).unwrap();
    let correction = |target: &str, field: &str, value: Value| {
        json!({
            "commandId": command(&format!("{target}{field}{value}")), "occurred": "2024-11-06",
            "target": ids.reference(target), "field": field, "value": value, "reason": "Prøve.", "expectedVersion": version,
        })
    };
    for (input, code) in [
        (correction("A6", "mood", json!("x")), "FIELD_UNKNOWN"),
        (
            correction("A6", "acute_measure_needed", json!("perhaps")),
            "VALUE_MISFIT",
        ),
        (
            correction("A6", "meta", json!({ "occurred": "never" })),
            "VALUE_MISFIT",
        ),
        (
            correction("A6", "reasons", json!({ "$gap": "ERASED" })),
            "VALUE_MISFIT",
        ),
        (
            with(
                correction("A6", "reasons", json!(["x"])),
                "/target/event",
                json!(Uuid::from_u128(3)),
            ),
            "TARGET_UNKNOWN",
        ),
    ] {
        assert_eq!(
            world
                .refusal("correctEvent", input.clone(), viewer("I2", Role::Intake))
                .await,
            code,
            "{input}"
        );
    }
    let good = world
        .order(
            "correctEvent",
            correction("A6", "reasons", json!(["Nyt."])),
            viewer("I2", Role::Intake),
        )
        .await
        .unwrap();
    assert_eq!(good["userErrors"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_command_at_once_is_one_event() {
    let world = std::sync::Arc::new(world().await);
    let before = world.session().version(ids().case()).unwrap().unwrap();
    let all: Vec<_> = (0..16)
        .map(|_| {
            let world = std::sync::Arc::clone(&world);
            tokio::spawn(async move {
                world
                    .order("takeNote", note(99), caseworker())
                    .await
                    .unwrap()
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for one in all {
        outcomes.push(one.await.unwrap());
    }
    assert_eq!(
        outcomes
            .iter()
            .filter(|outcome| outcome["repeated"] == json!(false))
            .count(),
        1
    );
    assert!(
        outcomes
            .iter()
            .all(|outcome| outcome["receipt"] == outcomes[0]["receipt"]
                && outcome["userErrors"] == json!([]))
    );
    assert_eq!(
        world.session().version(ids().case()).unwrap(),
        Some(StreamVersion::new(before.get() + 1))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_of_one_case_all_get_their_place() {
    let world = std::sync::Arc::new(world().await);
    let before = world.session().version(ids().case()).unwrap().unwrap();
    let mut tasks = Vec::new();
    for writer in 0..16 {
        let world = std::sync::Arc::clone(&world);
        tasks.push(tokio::spawn(async move {
            for round in 0..4 {
                let outcome = world
                    .order("takeNote", note(100 + writer * 10 + round), caseworker())
                    .await
                    .unwrap();
                assert_eq!(outcome["userErrors"], json!([]));
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(
        world.session().version(ids().case()).unwrap(),
        Some(StreamVersion::new(before.get() + 64))
    );
    world.operator.checkpoint().unwrap();
    assert_eq!(world.audit().tail, 0);
}
