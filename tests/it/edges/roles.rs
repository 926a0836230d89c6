//! As whom a client asks: every order is recorded over HTTP by a role that may, and refused for one that may
//! not, with the names of those that may.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use events::event::CATALOGUE;
use events::meta::Role;
use events::spec::EventSpec;
use serde_json::{Value, json};
use tests::http::send;
use tests::loopback_servers::Town;
use tests::program::{Server, run, text};
use tests::world::{Ids, World, family, ids};
use uuid::Uuid;

/// What a request answers that is sent as somebody.
fn ask(at: SocketAddr, identity: &str, query: &str, variables: &Value) -> (u16, Value) {
    let headers = [
        ("content-type", "application/json"),
        ("sagsspor-as", identity),
    ];
    let body = json!({ "query": query, "variables": variables }).to_string();
    let answer = send(at, "POST", "/graphql", &headers, &body).unwrap();
    (answer.status, answer.json())
}

/// Sends an order as somebody; answers the refusal, null where it was recorded.
fn order(at: SocketAddr, identity: &str, mutation: &str, input: &Value) -> Value {
    let kind = mutation[..1].to_uppercase() + &mutation[1..];
    let query = format!(
        "mutation($input: {kind}Input!) {{ outcome: {mutation}(input: $input) {{ receipt {{ event }} \
         userErrors {{ code message messageDanish }} }} }}"
    );
    let (_, answer) = ask(at, identity, &query, &json!({ "input": input }));
    let outcome = &answer["data"]["outcome"];
    assert!(outcome.is_object(), "{mutation} as {identity}: {answer}");
    outcome["userErrors"][0].clone()
}

fn spec(mutation: &str) -> Option<&'static EventSpec> {
    CATALOGUE.iter().find(|spec| spec.order == Some(mutation))
}

/// Sees that a role that may not order this is refused, with the names of those that may.
fn refused(at: SocketAddr, spec: &EventSpec, mutation: &str, input: &Value) {
    let Some(stranger) = Role::ALL.iter().find(|role| !spec.roles.contains(role)) else {
        return;
    };
    let mut other = input.clone();
    (other["commandId"], other["eventId"]) = (json!(Uuid::new_v4()), json!(Uuid::new_v4()));
    let identity = format!("{}:X1", stranger.stored());
    let refusal = order(at, &identity, mutation, &other);
    assert_eq!(refusal["code"], "ROLE_NOT_ALLOWED", "{mutation}: {refusal}");
    for role in spec.roles {
        let named = events::labels::value(events::labels::Language::Danish, "Role", &role.stored());
        let message = refusal["messageDanish"].as_str().unwrap();
        assert!(message.contains(&named), "{mutation}: {message}");
    }
}

/// Records a history over HTTP, each line as whoever it names; answers what was ordered.
fn play(world: &World, at: SocketAddr, ids: &Ids) -> BTreeSet<String> {
    let mut ordered = BTreeSet::new();
    for line in ids.lines() {
        let mut input = line["input"].clone();
        let source = input.as_object_mut().unwrap().remove("source").unwrap();
        world
            .clock
            .set(source["recordedAt"].as_str().unwrap().parse().unwrap());
        if let Some(facts) = input.get_mut("facts") {
            world.operator.fill_placeholders(facts).unwrap();
        }
        let (mutation, actor) = (line["mutation"].as_str().unwrap(), &line["actor"]);
        if let Some(spec) = spec(mutation).filter(|_| !ordered.contains(mutation)) {
            refused(at, spec, mutation, &input);
        }
        let (role, id) = (
            actor["role"].as_str().unwrap(),
            actor["id"].as_str().unwrap(),
        );
        let refusal = order(at, &format!("{role}:{id}"), mutation, &input);
        assert_eq!(refusal, Value::Null, "{}", line["row"]);
        ordered.insert(mutation.to_owned());
    }
    ordered
}

/// The orders that no history gives, with their streams and facts: those of one case.
fn orders_of_no_history() -> Vec<(&'static str, Option<Value>, Value)> {
    let id = |number: u128| json!(Uuid::from_u128(0xabc0 + number));
    let (child, twin, case) = (id(1), id(2), id(3));
    let who = |person: &Value| json!({ "person": person, "role": "CHILD" });
    let catalogue = law::library::built_in().unwrap();
    let activated = json!({
        "catalogue": record::b64u::encode(catalogue.digest()), "rules": catalogue.rules().len(),
        "version": catalogue.version(),
    });
    let opened = json!({
        "child": who(&child), "caseNumber": "2024-9", "ground": "Prøve.", "kleNumber": "27.24.00",
    });
    let registered = |person: &Value| json!({ "person": who(person), "name": "Tvilling Prøve" });
    vec![
        ("registerPerson", None, registered(&child)),
        ("registerPerson", None, registered(&twin)),
        ("openCase", Some(case.clone()), opened),
        (
            "identifyPerson",
            Some(child.clone()),
            json!({ "person": who(&child), "birthDate": "2014-03-04", "source": "STATED" }),
        ),
        (
            "makeRiskAssessment",
            Some(case.clone()),
            json!({ "madeBeforeInvolvement": true, "reasons": "Rolig.", "result": "NO_DANGER" }),
        ),
        (
            "waiveChildHearing",
            Some(case.clone()),
            json!({ "child": who(&child), "ground": "AGE", "occasion": "CONTINUOUS", "reasons": "Spæd." }),
        ),
        (
            "makeRequest",
            Some(case.clone()),
            json!({ "by": who(&child), "kind": "SUPPORT", "text": "Jeg vil have hjælp." }),
        ),
        (
            "setProtectionMarker",
            Some(child.clone()),
            json!({ "person": who(&child), "kind": "ADDRESS_PROTECTED", "ground": "Trussel." }),
        ),
        (
            "changeRetentionHold",
            Some(case.clone()),
            json!({ "ground": "COURT", "reasons": "Sag." }),
        ),
        (
            "recordArchiveApproval",
            Some(case.clone()),
            json!({ "archive": "Arkiv", "version": "1" }),
        ),
        (
            "mergePersons",
            Some(twin.clone()),
            json!({ "person": who(&twin), "into": who(&child), "reasons": "Samme barn." }),
        ),
        (
            "closeCase",
            Some(case.clone()),
            json!({ "ground": "NO_NEED", "reasons": "Slut.", "openObligations": [], "toldTo": [] }),
        ),
        (
            "reopenCase",
            Some(case.clone()),
            json!({ "ground": "Ny bekymring." }),
        ),
        ("activateRuleSet", None, activated),
    ]
}

/// Records the orders that no history gives, each by a role that may.
fn others(world: &World, at: SocketAddr) -> BTreeSet<String> {
    let mut ordered = BTreeSet::new();
    for (mutation, stream, facts) in orders_of_no_history() {
        let spec = spec(mutation).unwrap();
        let mut input = json!({
            "commandId": Uuid::new_v4(), "occurred": "2024-11-05", "facts": facts,
        });
        if let Some(stream) = stream {
            input["stream"] = stream.clone();
            let stream = serde_json::from_value(stream).unwrap();
            let version = world.session().version(stream).unwrap();
            input["expectedVersion"] = json!(version.map(|version| version.get()));
        }
        if mutation == "activateRuleSet" {
            input["effectiveFrom"] = json!("2024-11-05");
        }
        refused(at, spec, mutation, &input);
        let identity = format!("{}:K1", spec.roles[0].stored());
        let refusal = order(at, &identity, mutation, &input);
        assert_eq!(refusal, Value::Null, "{mutation}: {refusal}");
        ordered.insert(mutation.to_owned());
    }
    ordered
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_is_recorded_over_http_by_a_role_that_may() {
    let mut ordered = BTreeSet::new();
    for history in [family(), ids()] {
        let (world, town) = (World::new(), Town::new());
        let at = town.show(&world.operator);
        ordered.extend(play(&world, at, &history));
        if history.lines().len() == ids().lines().len() {
            ordered.extend(others(&world, at));
        }
    }
    let catalogue = CATALOGUE.iter().filter_map(|spec| spec.order);
    // A document is filed by sending its bytes.
    let missing: Vec<&str> = catalogue
        .filter(|order| !ordered.contains(*order))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_told_who_it_is_and_what_it_may_order() {
    let (world, town) = (World::new(), Town::new());
    let at = town.show(&world.operator);
    let me = "{ me { actor actorRole actorUnit municipality mayOrder } }";
    let nobody = json!({});
    let (_, intake) = ask(at, "INTAKE:I1:modtagelsen", me, &nobody);
    let intake = &intake["data"]["me"];
    assert_eq!(
        (
            &intake["actor"],
            &intake["actorRole"],
            &intake["actorUnit"],
            &intake["municipality"]
        ),
        (
            &json!("I1"),
            &json!("INTAKE"),
            &json!("modtagelsen"),
            &json!("0999")
        )
    );
    let mut may: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for role in ["INTAKE", "AUDITOR", "CASEWORKER"] {
        let (_, told) = ask(at, &format!("{role}:X1"), me, &nobody);
        let orders = told["data"]["me"]["mayOrder"].clone();
        may.insert(role, serde_json::from_value(orders).unwrap());
    }
    assert!(may["INTAKE"].contains("receiveNotification"));
    assert!(!may["CASEWORKER"].contains("receiveNotification"));
    assert!(may["AUDITOR"].len() < 5, "{:?}", may["AUDITOR"]);
    for (identity, rule) in [
        ("BOSS:B1", "there is no role BOSS; there are INTAKE"),
        ("INTAKE", "an identity is written ROLE:ID"),
    ] {
        let (status, refused) = ask(at, identity, me, &nobody);
        let message = refused["errors"][0]["message"].as_str().unwrap();
        assert_eq!(status, 400, "{refused}");
        assert!(
            message.starts_with("sagsspor-as: ") && message.contains(rule),
            "{message}"
        );
    }
}

/// The program serves as whoever its command line names, and begins nothing for a name that is nobody's.
#[test]
fn the_program_serves_as_whom_it_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &["--as", "LEADER:L7:vest"]);
    let me = json!({ "query": "{ me { actor actorRole actorUnit } }" }).to_string();
    let headers = [("content-type", "application/json")];
    let told = send(server.address, "POST", "/graphql", &headers, &me).unwrap();
    assert_eq!(
        told.json()["data"]["me"],
        json!({ "actor": "L7", "actorRole": "LEADER", "actorUnit": "vest" })
    );
    let nobody = tempfile::tempdir().unwrap();
    let refused = run(
        nobody.path(),
        &["serve", "--listen", "127.0.0.1:0", "--as", "BOSS:B1"],
    );
    assert!(!refused.status.success());
    assert!(
        text(&refused.stderr).contains("there is no role BOSS"),
        "{}",
        text(&refused.stderr)
    );
}

/// The question by which tools learn the schema, as graphql-js sends it: nine types within each other.
#[tokio::test(flavor = "multi_thread")]
async fn tools_can_ask_for_the_schema() {
    let within = (0..9).fold(String::new(), |inner, _| {
        format!(" ofType {{ kind name{inner} }}")
    });
    let query = format!(
        "query IntrospectionQuery {{ __schema {{ queryType {{ name }} mutationType {{ name }} \
         types {{ ...FullType }} directives {{ name description locations \
         args {{ ...InputValue }} }} }} }} \
         fragment FullType on __Type {{ kind name description \
         fields(includeDeprecated: true) {{ name description args {{ ...InputValue }} \
         type {{ ...TypeRef }} isDeprecated deprecationReason }} \
         inputFields {{ ...InputValue }} interfaces {{ ...TypeRef }} \
         enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} \
         possibleTypes {{ ...TypeRef }} }} \
         fragment InputValue on __InputValue {{ name description type {{ ...TypeRef }} defaultValue }} \
         fragment TypeRef on __Type {{ kind name{within} }}"
    );
    let (world, town) = (World::new(), Town::new());
    let at = town.show(&world.operator);
    let (status, answer) = ask(at, "CASEWORKER:K1", &query, &json!({}));
    let types = answer["data"]["__schema"]["types"].as_array().map(Vec::len);
    assert!(
        status == 200 && types > Some(300),
        "{status} {:?}",
        answer["errors"]
    );
}
