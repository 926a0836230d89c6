//! Whatever is recorded can be read again, whole: each event of both histories is asked for by its id, and
//! every text that its order stated is found in the answer.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::world::{Ids, World, family, ids};

const EVENT: &str = "{ event(id: $id) { event stream seq position recordedAt leafHash eventType \
    danish english content { occurred channel actor actorRole actorUnit legalBasis journalTitle \
    fields { name danish english about { person role } elements { state stored danish \
    english person { person } event } } } restsOn restedOnBy } }";

async fn asked(world: &World, id: &str) -> Value {
    let query = EVENT.replace("$id", &format!("\"{id}\""));
    world.query(&query).await["event"].clone()
}

/// Every text of an input: what people wrote, and codes, numbers of sections and names as well.
fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        // A text of several paragraphs has an element for each.
        Value::String(text) => found.extend(text.split("\n\n").map(str::to_owned)),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}

/// Every text of an answer, those inside of stored objects included.
fn answered(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            if let Ok(inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
                texts(&inner, found);
            }
            found.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| answered(item, found)),
        Value::Object(members) => members.values().for_each(|member| answered(member, found)),
        _ => {}
    }
}

async fn whole(world: &World, ids: &Ids) -> usize {
    let mut asked_for = 0;
    for line in ids.lines() {
        let (input, row) = (&line["input"], &line["row"]);
        // Look-ups stand in a log of their own, and are shown by the view of access.
        let look_up = line["mutation"] == "recordAccess";
        let Some(id) = input["eventId"].as_str().filter(|_| !look_up) else {
            continue;
        };
        let event = asked(world, id).await;
        assert_eq!(event["event"], json!(id), "{row}");
        if event["content"].is_null() {
            // The one event that was erased in full.
            assert_eq!(row, "B41");
            continue;
        }
        let (mut stated, mut found) = (BTreeSet::new(), BTreeSet::new());
        texts(&input["facts"], &mut stated);
        answered(&event["content"], &mut found);
        // A time is stored in one form, whatever offset its order had, and a marker is filled in.
        let kept =
            |text: &&String| text.parse::<jiff::Timestamp>().is_err() && !text.starts_with('$');
        let missing: Vec<&String> = stated.difference(&found).filter(kept).collect();
        assert_eq!(missing, Vec::<&String>::new(), "{row}: {event:#}");
        let content = &event["content"];
        assert_eq!(content["actor"], line["actor"]["id"], "{row}");
        asked_for += 1;
    }
    asked_for
}

#[tokio::test(flavor = "multi_thread")]
async fn every_text_of_both_histories_is_read_at_its_event() {
    assert!(whole(&World::with_alma().await, &ids()).await > 50);
    assert!(whole(&World::with_family().await, &family()).await > 90);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_names_what_it_rests_on_and_is_named_by_what_rests_on_it() {
    let (world, ids) = (World::with_family().await, family());
    let complaint = ids
        .lines()
        .iter()
        .find(|line| line["mutation"] == "receiveComplaint");
    let complaint = &complaint.unwrap()["input"];
    let decision = complaint["facts"]["decision"].as_str().unwrap();
    let id = complaint["eventId"].as_str().unwrap();
    let has = |list: &Value, id: &str| list.as_array().unwrap().contains(&json!(id));
    assert!(has(&asked(&world, id).await["restsOn"], decision));
    let decided = asked(&world, decision).await;
    assert!(has(&decided["restedOnBy"], id), "{decided:#}");
    assert!(!has(&decided["restsOn"], id));
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_stand_in_both_languages_and_a_code_is_in_words() {
    let (world, ids) = (World::with_alma().await, ids());
    let heard = asked(&world, ids.input("A10")["eventId"].as_str().unwrap()).await;
    let fields = heard["content"]["fields"].as_array().unwrap();
    let field = |name: &str| fields.iter().find(|field| field["name"] == name).unwrap();
    let occasion = field("occasion");
    assert_eq!(
        (&occasion["danish"], &occasion["english"]),
        (&json!("anledning"), &json!("occasion"))
    );
    let element = &occasion["elements"][0];
    assert_eq!(element["stored"], "EXAMINATION");
    assert_eq!(element["danish"], "i en afdækning eller undersøgelse");
    assert_eq!(element["english"], "In an assessment or examination");
    assert_eq!(field("own_words")["elements"].as_array().unwrap().len(), 2);
    assert_eq!(field("without_parents")["elements"][0]["danish"], "ja");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_not_there_or_not_there_yet_is_null() {
    let (world, ids) = (World::with_alma().await, ids());
    assert_eq!(
        asked(&world, "00000000-0000-4000-8000-00000000dead").await,
        Value::Null
    );
    let id = ids.event("A10");
    let early = format!("{{ event(id: \"{id}\", at: {{ knownAt: \"2024-04-01\" }}) {{ event }} }}");
    assert_eq!(world.query(&early).await["event"], Value::Null);
}
