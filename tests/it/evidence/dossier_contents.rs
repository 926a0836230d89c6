//! What a dossier holds: every text of the case, as it was recorded, and nobody who does not belong to
//! it.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::time::Duration;

use app::evidence::dossier::DisclosureOrder;
use events::access::{DisclosureKind, RedactionClass};
use events::ids::{CommandId, StreamId};
use events::labels::{Kind, kind_of};
use events::meta::{Meta, Role};
use events::text::Short;
use serde_json::{Value, json};
use tests::evidence::{saying, unpacked};
use tests::world::{Ids, World, family, ids, viewer};
use uuid::Uuid;

/// The files of a dossier of a case, made now.
fn dossier(world: &World, case: StreamId) -> Vec<(String, Vec<u8>)> {
    let order = DisclosureOrder {
        command: CommandId::new(Uuid::new_v4()).unwrap(),
        case,
        meta: Meta::at("2024-11-05".parse().unwrap()),
        kind: DisclosureKind::BoardDossier,
        request: None,
        recipient: Short::new("Ankestyrelsen".to_owned()).unwrap(),
        recipient_person: None,
        withhold: Vec::new(),
        documents: true,
        wait: Duration::ZERO,
    };
    let mut made = Cursor::new(Vec::new());
    let mut scratch = tempfile::tempfile;
    world
        .session()
        .disclose(&order, &mut made, &mut scratch)
        .unwrap();
    unpacked(&made.into_inner())
}

fn page(files: &[(String, Vec<u8>)], language: &str) -> String {
    let name = format!("{language}.html");
    let (_, page) = files
        .iter()
        .find(|(path, _)| path.ends_with(&name))
        .unwrap();
    let page = String::from_utf8(page.clone()).unwrap();
    page.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

/// The texts in somebody's words of a stored field.
fn texts(value: &Value, kind: &Kind, found: &mut BTreeSet<String>) {
    match (value, kind) {
        (Value::String(text), Kind::Text) if text.parse::<Uuid>().is_err() => {
            found.insert(text.clone());
        }
        (Value::Array(items), kind) => {
            items.iter().for_each(|item| texts(item, kind, found));
        }
        (Value::Object(members), Kind::Object(kinds)) => {
            for (name, value) in members {
                texts(value, kinds.get(name).unwrap(), found);
            }
        }
        _ => {}
    }
}

/// Every text of the events of a history that stand in these streams.
fn texts_of(world: &World, streams: &BTreeSet<StreamId>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for stream in streams {
        let reading = world.read(*stream, Default::default()).unwrap();
        for event in reading
            .events
            .iter()
            .filter(|event| event.stream == *stream)
        {
            let facts = &event.fact().unwrap().facts;
            let fields = facts.to_json().unwrap();
            for (name, value) in fields.as_object().unwrap() {
                texts(value, kind_of(facts.spec().name, name), &mut found);
            }
        }
    }
    found
}

/// Streams of a history that belong to a case, by the orders that wrote into them.
fn streams(ids: &Ids, mutations: &[&str]) -> BTreeSet<StreamId> {
    let lines = ids.lines().iter();
    let of = lines.filter(|line| mutations.contains(&line["mutation"].as_str().unwrap()));
    of.filter_map(|line| line["input"]["stream"].as_str()?.parse().ok())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_text_of_the_case_and_of_its_early_advice_is_on_the_page() {
    let (world, ids) = (World::with_alma().await, ids());
    let mut of = streams(&ids, &["startEarlyAdvice", "receiveNotification"]);
    of.insert(ids.case());
    assert_eq!(of.len(), 4, "advice, two notifications and the case");
    let expected = texts_of(&world, &of);
    let files = dossier(&world, ids.case());
    assert!(expected.len() > 80, "{}", expected.len());
    for language in ["da", "en"] {
        let page = page(&files, language);
        let missing: Vec<&String> = expected
            .iter()
            .filter(|text| !page.contains(*text))
            .collect();
        assert_eq!(missing, Vec::<&String>::new(), "{language}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_decision_that_is_complained_of_leads_what_is_always_sent() {
    let (world, ids) = (World::with_family().await, family());
    let case = ids.stream("B3-open-b");
    let page = page(&dossier(&world, case), "da");
    let (_, row) = page.split_once(">Afgørelsen</th>").unwrap();
    let (row, _) = row.split_once("</tr>").unwrap();
    assert_eq!(row.matches("href=").count(), 1, "{row}");
}

async fn must(world: &World, mutation: &str, input: Value) {
    let role = if mutation == "annulEvent" {
        Role::Leader
    } else {
        Role::Caseworker
    };
    let outcome = world.order(mutation, input, viewer("K1", role)).await;
    assert_eq!(outcome.unwrap()["userErrors"], json!([]), "{mutation}");
}

/// A man who was named in the case by mistake, and whose naming was annulled, is not given out with
/// it; until then he was.
#[tokio::test(flavor = "multi_thread")]
async fn whom_only_an_annulled_fact_names_is_not_given_out() {
    let (world, ids) = (World::with_alma().await, ids());
    let (man, number) = ("00000000-0000-4000-8000-0000000000aa", "011370-0009");
    let registered = json!({
        "commandId": Uuid::from_u128(1), "occurred": "2024-11-05",
        "facts": {
            "person": { "person": man, "role": "OTHER" }, "name": "Mads Forkert",
            "birthDate": "1970-01-01", "idNumber": number,
        },
    });
    must(&world, "registerPerson", registered).await;
    let note = Uuid::from_u128(0xaa1);
    let named = json!({
        "commandId": Uuid::from_u128(2), "eventId": note, "stream": ids.case(),
        "occurred": "2024-11-05",
        "facts": {
            "kind": "CONTACT", "text": "Han ringede.",
            "about": { "person": man, "role": "OTHER" },
        },
    });
    must(&world, "takeNote", named).await;
    let given = |files: &[(String, Vec<u8>)]| saying(files, number).len();
    assert_ne!(given(&dossier(&world, ids.case())), 0, "he belongs to it");
    let annulled = json!({
        "commandId": Uuid::from_u128(3), "stream": ids.case(), "occurred": "2024-11-05",
        "expectedVersion": world.session().version(ids.case()).unwrap(),
        "facts": {
            "target": { "stream": ids.case(), "event": note }, "reason": "WRONG_PERSON",
            "explanation": "Det var en anden mand.",
        },
    });
    must(&world, "annulEvent", annulled).await;
    world.operator.checkpoint().unwrap();
    let files = dossier(&world, ids.case());
    assert_eq!(saying(&files, number), [] as [String; 0]);
    let reading = world.read(ids.case(), Default::default()).unwrap();
    let man: StreamId = man.parse().unwrap();
    assert!(reading.events.iter().all(|event| event.stream != man));
}

/// Where the place of a child is secret, every field that tells it is suggested for withholding, and every
/// note about the child; where it is not, none of them is.
#[tokio::test(flavor = "multi_thread")]
async fn every_field_that_tells_a_secret_place_is_suggested() {
    let world = World::with_alma().await;
    let (person, case) = (Uuid::from_u128(0xaa1), Uuid::from_u128(0xaa2));
    let child = json!({ "person": person, "role": "CHILD" });
    let orders = [
        (
            "registerPerson",
            person,
            json!({ "person": child, "name": "Barn Prøve" }),
        ),
        (
            "openCase",
            case,
            json!({ "child": child, "caseNumber": "2024-9", "ground": "Prøve.", "kleNumber": "27.24.00" }),
        ),
        (
            "hearChild",
            case,
            json!({ "child": child, "occasion": "CONTINUOUS", "ownWords": "hej", "place": "Skovvej 7" }),
        ),
        (
            "takeNote",
            case,
            json!({ "kind": "CONTACT", "text": "Hun bor på Skovvej 7.", "about": child }),
        ),
        (
            "startSupport",
            case,
            json!({
                "measure": Uuid::from_u128(0xaa3), "provider": "Plejefamilien, Skovvej 7",
                "provisional": true, "section": "BL § 46", "ladderStep": 4, "ladderDefinition": "x",
            }),
        ),
    ];
    for (mutation, stream, facts) in orders {
        let input = json!({
            "commandId": Uuid::new_v4(), "stream": stream, "occurred": "2024-11-05", "facts": facts,
        });
        must(&world, mutation, input).await;
    }
    let case: StreamId = serde_json::from_value(json!(case)).unwrap();
    let places = || {
        let found = world.session().suggest_withholding(case).unwrap();
        let places = found
            .into_iter()
            .filter(|found| found.class == RedactionClass::PlacementAddress);
        let fields = places.map(|found| (found.name, found.field.unwrap()));
        fields.collect::<BTreeSet<(String, String)>>()
    };
    assert_eq!(places(), BTreeSet::new(), "nothing is secret");
    let marked = json!({
        "commandId": Uuid::from_u128(3), "stream": person, "occurred": "2024-11-05", "expectedVersion": 1,
        "facts": { "person": child, "kind": "ADDRESS_PROTECTED", "ground": "Trussel." },
    });
    must(&world, "setProtectionMarker", marked).await;
    let field = |event: &str, field: &str| (event.to_owned(), field.to_owned());
    let found = places();
    for expected in [
        field("ChildHeard", "place"),
        field("SupportStarted", "provider"),
        field("NoteTaken", "text"),
    ] {
        assert!(found.contains(&expected), "{expected:?}: {found:?}");
    }
}
