//! Lists of cases and searches over them: by every filter, page by page, after corrections,
//! erasures and merges, and with an index that is deleted, damaged or interrupted.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::clock::SetClock;
use app::service::App;
use async_graphql::{Request, Response};
use events::ids::StreamId;
use events::meta::{Actor, Role};
use record::keys::RootKey;
use serde_json::{Value, json};
use store::disk::RealDisk;
use store::embedded::keys::FileKeyStore;
use store::key_store::KeyStore;
use tests::world::{World, caseworker, files, ids, layout, viewer};
use uuid::Uuid;

/// A caseworker with a unit.
fn of_unit(id: &str, role: Role, unit: &str) -> app::viewer::Viewer {
    let actor = Actor {
        unit: Some(unit.to_owned()),
        ..viewer(id, role).actor
    };
    app::viewer::Viewer {
        actor,
        ..viewer(id, role)
    }
}

/// Ids that belong to a number.
fn id(kind: u64, number: u64) -> Uuid {
    Uuid::from_u64_pair(0x1157_0000 + kind, number + 1)
}

fn person(number: u64) -> Uuid {
    id(1, number)
}

fn case(number: u64) -> Uuid {
    id(2, number)
}

fn stream(id: Uuid) -> StreamId {
    StreamId::new(id).unwrap()
}

/// Orders with fresh command ids.
struct Orders<'a> {
    world: &'a World,
    count: u64,
}

impl<'a> Orders<'a> {
    fn on(world: &'a World) -> Self {
        Self {
            world,
            count: world.app.size() * 1_000,
        }
    }

    async fn give(
        &mut self,
        mutation: &str,
        mut input: Value,
        viewer: app::viewer::Viewer,
    ) -> Value {
        self.count += 1;
        let members = input.as_object_mut().unwrap();
        members.insert("commandId".into(), json!(id(3, self.count)));
        members.entry("occurred").or_insert(json!("2024-11-06"));
        self.world
            .order(mutation, input, viewer)
            .await
            .unwrap_or_else(|error| json!({ "error": error }))
    }

    async fn must(&mut self, mutation: &str, input: Value) -> u64 {
        let outcome = self
            .give(
                mutation,
                input,
                of_unit("K1", Role::Caseworker, "familierådgivningen"),
            )
            .await;
        assert_eq!(outcome["userErrors"], json!([]), "{mutation}");
        outcome["receipt"]["position"].as_u64().unwrap()
    }

    async fn register(&mut self, number: u64, role: &str, name: &str, id_number: Option<&str>) {
        let who = json!({ "person": person(number), "role": role });
        let facts = json!({ "person": who, "name": name, "idNumber": id_number });
        self.must(
            "registerPerson",
            json!({ "stream": person(number), "eventId": id(4, number), "facts": facts }),
        )
        .await;
    }

    async fn open(&mut self, number: u64, child: u64, day: &str) -> u64 {
        let child = json!({ "person": person(child), "role": "CHILD" });
        let facts = json!({ "child": child, "ground": "Bekymring.", "kleNumber": "27.24.00" });
        self.must("openCase", json!({ "stream": case(number), "eventId": id(5, number), "occurred": day, "facts": facts })).await
    }

    fn version(&self, stream: Uuid) -> u64 {
        self.world
            .app
            .version(self::stream(stream))
            .unwrap()
            .unwrap()
    }
}

/// Alma's world and three more cases.
async fn world() -> World {
    let world = World::with_alma().await;
    world.clock.set("2024-11-06T12:00:00Z".parse().unwrap());
    let mut orders = Orders::on(&world);
    orders
        .register(1, "CHILD", "Kristoffer Aagaard Møller", Some("151317-0001"))
        .await;
    orders
        .register(2, "PARENT", "Wivi Schmidt Ågård", Some("161385-0002"))
        .await;
    orders.register(3, "CHILD", "Thor Schmidt", None).await;
    orders.open(1, 1, "2024-09-02").await;
    orders.open(2, 3, "2024-10-15").await;
    orders.open(3, 3, "2024-11-01").await;
    let about = json!({ "kind": "FACT", "about": { "person": person(2), "role": "PARENT" }, "text": "Moren er enig." });
    orders
        .must("takeNote", json!({ "stream": case(1), "facts": about }))
        .await;
    let assigned =
        json!({ "caseworkers": ["K7"], "secondCaseworker": "K8", "reason": "Ny i teamet." });
    let input = json!({ "stream": case(2), "facts": assigned });
    let leader = of_unit("L2", Role::Leader, "ungegruppen");
    assert_eq!(
        orders.give("assignCaseworker", input, leader).await["userErrors"],
        json!([])
    );
    world
}

async fn ask(world: &World, query: &str, viewer: app::viewer::Viewer) -> Response {
    api::schema::execute(&world.schema, Request::new(query).data(viewer)).await
}

/// The streams of a list, whatever is recorded by now reflected.
async fn list(world: &World, arguments: &str) -> Vec<String> {
    let least = world.app.size() - 1;
    let query =
        format!("{{ cases(atLeast: {least}, {arguments}) {{ position nodes {{ stream }} }} }}");
    let answer = world.query(&query).await;
    assert!(answer["cases"]["position"].as_u64().unwrap() > least);
    answer["cases"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["stream"].as_str().unwrap().to_owned())
        .collect()
}

async fn found(world: &World, filter: &str) -> Vec<String> {
    list(world, &format!("first: 100, filter: {{ {filter} }}")).await
}

fn streams(ids: &[Uuid]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_finds_its_cases() {
    let world = world().await;
    let ids = ids();
    let (advice, alma) = (ids.stream("A1").uuid(), ids.case().uuid());
    let family = "e2991b5e-703f-51b0-8806-48082179752d";
    for (filter, expected) in [
        ("identityNumber: \"141316-0003\"", vec![advice, alma]),
        ("identityNumber: \"1413160003\"", vec![advice, alma]),
        ("identityNumber: \"021384-0004\"", vec![advice, alma]),
        ("identityNumber: \"161385-0002\"", vec![case(1)]),
        ("identityNumber: \"141316-0004\"", vec![]),
        ("name: \"Alma Proeve\"", vec![advice, alma]),
        ("name: \"prøve, ALMA\"", vec![advice, alma]),
        ("name: \"christopher ågård moeller\"", vec![case(1)]),
        ("name: \"Vivi Aagård\"", vec![case(1)]),
        ("name: \"Ågård\"", vec![case(1)]),
        ("name: \"Smit\"", vec![]),
        ("name: \"Schmit\"", vec![case(1), case(2), case(3)]),
        // Both words stand in the case, but not in one person's name.
        ("name: \"Wivi Møller\"", vec![]),
        ("name: \"Wivi Kristoffer Møller\"", vec![]),
        ("name: \"Tor\"", vec![case(2), case(3)]),
        ("caseworker: \"K1\"", vec![alma]),
        ("caseworker: \"K8\"", vec![case(2)]),
        ("unit: \"ungegruppen\"", vec![case(2)]),
        ("unit: \"familierådgivningen\"", vec![case(1), case(3)]),
        ("status: CLOSED", vec![alma]),
        ("status: ADVICE", vec![advice]),
        ("status: OPEN", vec![case(1), case(2), case(3)]),
        ("status: UNKNOWN", vec![]),
        ("openedFrom: \"2024-10-15\"", vec![case(2), case(3)]),
        ("openedTo: \"2024-03-22\"", vec![advice, alma]),
        (
            "openedFrom: \"2024-03-22\", openedTo: \"2024-09-02\"",
            vec![alma, case(1)],
        ),
        (
            "openedFrom: \"2024-09-03\", openedTo: \"2024-09-01\"",
            vec![],
        ),
        (&format!("family: \"{family}\""), vec![advice, alma]),
        (
            "name: \"Schmidt\", status: OPEN, openedFrom: \"2024-10-01\", caseworker: \"K7\"",
            vec![case(2)],
        ),
        ("", vec![advice, alma, case(1), case(2), case(3)]),
    ] {
        assert_eq!(found(&world, filter).await, streams(&expected), "{filter}");
    }
    let of_family = world
        .app
        .family(family.parse().unwrap(), &caseworker())
        .unwrap();
    assert_eq!(of_family, [stream(advice), stream(alma)]);
    assert!(
        world.app.check_lists().unwrap(),
        "the rows are what the record says"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_says_the_same_as_the_case() {
    let world = world().await;
    let fields = "stream status opened closed caseworkers unit weight family child { person role } childName { state value }";
    let rows = world
        .query(&format!(
            "{{ cases(first: 100) {{ nodes {{ {fields} }} }} }}"
        ))
        .await;
    let rows = rows["cases"]["nodes"].as_array().unwrap().clone();
    assert_eq!(rows.len(), 5);
    for row in rows {
        let whole = world
            .query(&format!(
                "{{ case(id: {}) {{ milestones {{ adviceToNotification }} {fields} }} }}",
                row["stream"]
            ))
            .await;
        for (name, value) in row.as_object().unwrap() {
            assert_eq!(&whole["case"][name], value, "{name}");
        }
        let lazily = world.query(&format!("{{ cases(first: 100, filter: {{ status: {} }}) {{ nodes {{ stream timeline {{ event }} milestones {{ adviceToNotification }} childName {{ value }} }} }} }}", row["status"].as_str().unwrap())).await;
        let node = lazily["cases"]["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .find(|node| node["stream"] == row["stream"])
            .unwrap()
            .clone();
        let whole = world
            .query(&format!(
                "{{ case(id: {}) {{ stream timeline {{ event }} milestones {{ adviceToNotification }} childName {{ value }} }} }}",
                row["stream"]
            ))
            .await;
        assert_eq!(
            node, whole["case"],
            "what a row lacks is read from the case"
        );
    }
}

/// Page by page, while three cases are added on the way; the streams in the order they are seen in.
async fn walked(orders: &mut Orders<'_>, newest_first: bool) -> Vec<String> {
    let world = orders.world;
    let order = if newest_first {
        "NEWEST_FIRST"
    } else {
        "OLDEST_FIRST"
    };
    let (mut seen, mut after, mut added) = (Vec::new(), String::new(), 0);
    loop {
        let page = world.query(&format!(
            "{{ cases(first: 2, order: {order}{after}) {{ pageInfo {{ hasNextPage hasPreviousPage endCursor }} edges {{ cursor node {{ stream }} }} }} }}"
        )).await;
        let (info, edges) = (
            &page["cases"]["pageInfo"],
            page["cases"]["edges"].as_array().unwrap(),
        );
        assert_eq!(info["hasPreviousPage"], json!(!after.is_empty()));
        seen.extend(
            edges
                .iter()
                .map(|edge| edge["node"]["stream"].as_str().unwrap().to_owned()),
        );
        if info["hasNextPage"] == json!(false) {
            break;
        }
        after = format!(", after: {}", info["endCursor"]);
        if added < 3 {
            added += 1;
            let at = orders
                .open(100 + added + u64::from(newest_first) * 10, 1, "2024-11-05")
                .await;
            world
                .query(&format!(
                    "{{ cases(first: 1, atLeast: {at}) {{ position }} }}"
                ))
                .await;
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_stable_while_cases_are_added() {
    let world = world().await;
    let all = list(&world, "first: 100").await;
    let mut orders = Orders::on(&world);
    for newest_first in [false, true] {
        let mut expected = list(&world, "first: 100").await;
        let before = expected.len();
        if newest_first {
            expected.reverse();
        }
        let seen = walked(&mut orders, newest_first).await;
        // Oldest first, the added ones come behind; newest first, they come in front of the first
        // page.
        assert_eq!(seen[..before], expected);
        assert_eq!(seen.len(), if newest_first { before } else { before + 3 });
        assert_eq!(
            seen.iter().collect::<BTreeSet<_>>().len(),
            seen.len(),
            "no case comes twice"
        );
    }
    let last = list(&world, "last: 2").await;
    assert_eq!(last, list(&world, "first: 100").await[all.len() + 4..]);
    let first = world
        .query("{ cases(last: 2) { pageInfo { startCursor hasPreviousPage hasNextPage } } }")
        .await;
    assert_eq!(
        (
            &first["cases"]["pageInfo"]["hasPreviousPage"],
            &first["cases"]["pageInfo"]["hasNextPage"]
        ),
        (&json!(true), &json!(false))
    );
    let front = list(
        &world,
        &format!(
            "first: 100, before: {}",
            first["cases"]["pageInfo"]["startCursor"]
        ),
    )
    .await;
    assert_eq!(front.len(), all.len() + 4);
}

/// Arguments that no list can answer, and what the refusal of each says.
fn unanswerable(cursor: &str, size: u64) -> Vec<(String, &'static str)> {
    vec![
        (
            format!("after: \"{cursor}\""),
            "the cursor belongs to another list",
        ),
        (
            format!("after: \"{cursor}\", filter: {{ status: CLOSED }}"),
            "the cursor belongs to another list",
        ),
        (
            format!("before: \"{cursor}\", order: NEWEST_FIRST, filter: {{ status: OPEN }}"),
            "the cursor belongs to another list",
        ),
        (
            "after: \"nothing\"".to_owned(),
            "the cursor belongs to another list",
        ),
        (
            format!("after: \"{}\"", record::b64u::encode(b"0101:oldest:AAAA:1")),
            "the cursor belongs to another list",
        ),
        (
            "filter: { name: \" - \" }".to_owned(),
            "the name holds no word",
        ),
        (
            "filter: { identityNumber: \"14131\" }".to_owned(),
            "ten digits",
        ),
        (
            "filter: { status: OPEN }, at: { knownAt: \"2024-11-01\" }".to_owned(),
            "it reads the present",
        ),
        (
            format!("atLeast: {size}"),
            "the log does not hold that position yet",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_list_cannot_answer_is_refused_by_name() {
    let world = world().await;
    let page = world
        .query("{ cases(first: 1, filter: { status: OPEN }) { edges { cursor } } }")
        .await;
    let cursor = page["cases"]["edges"][0]["cursor"].as_str().unwrap();
    assert_eq!(
        list(
            &world,
            &format!("after: \"{cursor}\", filter: {{ status: OPEN }}")
        )
        .await,
        streams(&[case(2), case(3)])
    );
    for (arguments, message) in unanswerable(cursor, world.app.size()) {
        let response = ask(
            &world,
            &format!("{{ cases({arguments}) {{ position }} }}"),
            caseworker(),
        )
        .await;
        let error = &response
            .errors
            .first()
            .unwrap_or_else(|| panic!("{arguments} was answered"));
        assert!(
            error.message.contains(message),
            "{arguments}: {}",
            error.message
        );
        let code = format!(
            "{:?}",
            error
                .extensions
                .as_ref()
                .and_then(|extensions| extensions.get("code"))
        );
        assert!(
            code.contains("BAD_USER_INPUT") || arguments.contains("14131"),
            "{arguments}: {code}"
        );
    }
    let refused = ask(
        &world,
        "{ cases(first: 1) { position } }",
        viewer("R1", Role::Auditor),
    )
    .await;
    assert_eq!(
        refused.errors.first().map(|error| error.message.as_str()),
        Some("not permitted")
    );
    let nobody = world.app.family(
        Uuid::from_u128(5).try_into().unwrap(),
        &viewer("R1", Role::Auditor),
    );
    assert!(nobody.is_err());
    // At an earlier moment the list is what it was, without what did not exist.
    let then = world
        .query("{ cases(first: 100, at: { knownAt: \"2024-03-25\" }) { nodes { stream status } } }")
        .await;
    let ids = ids();
    assert_eq!(
        then["cases"]["nodes"],
        json!([{ "stream": ids.stream("A1"), "status": "ADVICE" }, { "stream": ids.case(), "status": "OPEN" }])
    );
}

async fn correct_name(orders: &mut Orders<'_>, number: u64, name: &str) {
    let input = json!({
        "target": { "stream": person(number), "event": id(4, number) }, "field": "name", "value": name, "reason": "Forkert stavet.",
        "subject": { "person": person(number), "role": "CHILD" }, "expectedVersion": orders.version(person(number)),
    });
    orders.must("correctEvent", input).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_correction_only_the_new_name_is_found() {
    let world = world().await;
    let mut orders = Orders::on(&world);
    correct_name(&mut orders, 3, "Halfdan Schmidt").await;
    assert_eq!(found(&world, "name: \"Thor\"").await, Vec::<String>::new());
    assert_eq!(
        found(&world, "name: \"Halfdan Schmidt\"").await,
        streams(&[case(2), case(3)])
    );
    let identified = json!({ "person": { "person": person(3), "role": "CHILD" }, "idNumber": "171318-0007", "source": "CPR" });
    orders
        .must(
            "identifyPerson",
            json!({ "stream": person(3), "facts": identified }),
        )
        .await;
    assert_eq!(
        found(&world, "identityNumber: \"171318-0007\", name: \"Halfdan\"").await,
        streams(&[case(2), case(3)])
    );
    let shown = world
        .query(
            "{ cases(first: 1, filter: { name: \"Halfdan\" }) { nodes { childName { value } } } }",
        )
        .await;
    assert_eq!(
        shown["cases"]["nodes"][0]["childName"]["value"],
        json!("Halfdan Schmidt")
    );
    assert!(world.app.check_lists().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_annulled_closed_and_opened_again_is_listed_as_it_is_now() {
    let world = world().await;
    let mut orders = Orders::on(&world);
    let note = json!({ "kind": "FACT", "about": { "person": person(1), "role": "SIBLING" }, "text": "Om den forkerte." });
    orders
        .must(
            "takeNote",
            json!({ "stream": case(3), "eventId": id(6, 1), "facts": note }),
        )
        .await;
    assert_eq!(
        found(&world, "name: \"Kristoffer\"").await,
        streams(&[case(1), case(3)])
    );
    let annulled = json!({ "target": { "stream": case(3), "event": id(6, 1) }, "reason": "WRONG_PERSON", "explanation": "Det var en anden." });
    let input =
        json!({ "stream": case(3), "expectedVersion": orders.version(case(3)), "facts": annulled });
    assert_eq!(
        orders
            .give("annulEvent", input, viewer("L1", Role::Leader))
            .await["userErrors"],
        json!([])
    );
    assert_eq!(
        found(&world, "name: \"Kristoffer\"").await,
        streams(&[case(1)]),
        "whom only an annulled fact names is not in the case"
    );
    let closed = json!({ "ground": "NO_NEED", "reasons": "Intet behov.", "openObligations": [], "toldTo": [] });
    orders.must("closeCase", json!({ "stream": case(3), "expectedVersion": orders.version(case(3)), "facts": closed })).await;
    assert_eq!(
        found(&world, "status: CLOSED").await,
        streams(&[ids().case().uuid(), case(3)])
    );
    let again = json!({ "ground": "Ny underretning." });
    orders.must("reopenCase", json!({ "stream": case(3), "expectedVersion": orders.version(case(3)), "facts": again })).await;
    assert_eq!(
        found(&world, "status: OPEN").await,
        streams(&[case(1), case(2), case(3)])
    );
    let shared = json!({
        "participants": [{ "person": person(2), "role": "PARENT" }], "childTookPart": false, "basis": "CONSENT", "agreements": [],
    });
    orders
        .must(
            "holdNetworkMeeting",
            json!({ "stream": case(3), "alsoCases": [case(2)], "facts": shared }),
        )
        .await;
    assert_eq!(
        found(&world, "name: \"Wivi\"").await,
        streams(&[case(1), case(2), case(3)]),
        "a shared fact names people in every case"
    );
    assert!(world.app.check_lists().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn either_registration_of_a_merged_person_finds_the_cases_of_both() {
    let world = world().await;
    let mut orders = Orders::on(&world);
    orders
        .register(4, "CHILD", "Torben Smed", Some("181318-0008"))
        .await;
    orders.open(4, 4, "2024-11-02").await;
    let both = [case(2), case(3), case(4)];
    let merged = json!({ "person": { "person": person(3), "role": "CHILD" }, "into": { "person": person(4), "role": "CHILD" }, "reasons": "Samme barn." });
    let input = json!({ "stream": person(3), "eventId": id(6, 2), "facts": merged });
    let outcome = orders
        .give("mergePersons", input, viewer("L1", Role::Leader))
        .await;
    assert_eq!(outcome["userErrors"], json!([]));
    for filter in [
        "name: \"Thor Schmidt\"",
        "name: \"Torben\"",
        "identityNumber: \"181318-0008\"",
    ] {
        assert_eq!(found(&world, filter).await, streams(&both), "{filter}");
    }
    assert!(world.app.check_lists().unwrap());
    let shown = world
        .query("{ cases(filter: { name: \"Thor\" }) { nodes { childName { value } } } }")
        .await;
    assert_eq!(
        shown["cases"]["nodes"][0]["childName"]["value"],
        json!("Torben Smed"),
        "the name of the registration that goes on"
    );
    let annulled = json!({ "target": { "stream": person(3), "event": id(6, 2) }, "reason": "WRONG_PERSON", "explanation": "To børn." });
    let input = json!({ "stream": person(3), "expectedVersion": orders.version(person(3)), "facts": annulled });
    assert_eq!(
        orders
            .give("annulEvent", input, viewer("L1", Role::Leader))
            .await["userErrors"],
        json!([])
    );
    assert_eq!(
        found(&world, "identityNumber: \"181318-0008\"").await,
        streams(&[case(4)])
    );
    assert!(world.app.check_lists().unwrap());
}

fn erasure(scope: &str, rest: Value) -> Value {
    let mut input = json!({ "scope": scope, "ground": "GDPR_17", "legalCheck": "Ingen pligt til at bevare.", "approvedBy": "D2" });
    input
        .as_object_mut()
        .unwrap()
        .extend(rest.as_object().unwrap().clone());
    input
}

/// The token of an identity number, as the index holds it.
fn token(world: &Path, digits: &str) -> [u8; 16] {
    let keys = tempfile::tempdir().unwrap();
    for path in files(&layout(world).key_dir())
        .into_iter()
        .filter(|path| !path.ends_with("lock"))
    {
        std::fs::copy(&path, keys.path().join(path.file_name().unwrap())).unwrap();
    }
    let store = FileKeyStore::open(Arc::new(RealDisk::default()), keys.path()).unwrap();
    RootKey::from_bytes(*store.secrets().root)
        .index_keys()
        .0
        .token("number", digits.as_bytes())
}

fn projections(dir: &Path) -> Vec<PathBuf> {
    files(&layout(dir).projection_dir())
}

fn holds(dir: &Path, token: &[u8]) -> bool {
    // A file may go while it is read: that is what is waited for.
    let contents = projections(dir)
        .into_iter()
        .filter_map(|path| std::fs::read(path).ok());
    contents
        .into_iter()
        .any(|bytes| bytes.windows(token.len()).any(|window| window == token))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_is_found_no_more_and_leaves_the_files() {
    let world = world().await;
    let mut orders = Orders::on(&world);
    assert_eq!(
        found(&world, "identityNumber: \"161385-0002\"").await,
        streams(&[case(1)])
    );
    let (wivi, kristoffer) = (
        token(world.dir.path(), "1613850002"),
        token(world.dir.path(), "1513170001"),
    );
    let dpo = || viewer("D1", Role::Dpo);
    let number = json!({
        "event": { "stream": person(1), "event": id(4, 1) }, "field": "id_number", "element": 0,
        "subject": { "person": person(1), "role": "CHILD" },
    });
    assert_eq!(
        orders
            .give("orderErasure", erasure("VALUE", number), dpo())
            .await["userErrors"],
        json!([])
    );
    // Nothing is waited for here: whoever asks after an erasure never finds what was erased.
    let after = world
        .query("{ cases(filter: { identityNumber: \"151317-0001\" }) { nodes { stream } } }")
        .await;
    assert_eq!(after["cases"]["nodes"], json!([]));
    assert_eq!(
        found(&world, "name: \"Kristoffer Møller\"").await,
        streams(&[case(1)]),
        "the name stays"
    );
    let person = json!({ "person": person(2) });
    assert_eq!(
        orders
            .give("orderErasure", erasure("PERSON", person), dpo())
            .await["userErrors"],
        json!([])
    );
    for filter in [
        "identityNumber: \"161385-0002\"",
        "name: \"Wivi\"",
        "name: \"Aagaard Schmidt\"",
    ] {
        assert_eq!(
            found(&world, filter).await,
            Vec::<String>::new(),
            "{filter}"
        );
    }
    assert!(world.app.check_lists().unwrap());
    // The index is made anew beside the one in force, without the tokens.
    let begin = std::time::Instant::now();
    while holds(world.dir.path(), &wivi) || holds(world.dir.path(), &kristoffer) {
        assert!(
            begin.elapsed().as_secs() < 30,
            "the tokens are still in the files"
        );
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(
        found(&world, "name: \"Kristoffer Møller\"").await,
        streams(&[case(1)])
    );
    assert!(world.app.check_lists().unwrap());
}

/// Everything that a reader of lists can see, for comparison.
async fn everything(world: &World) -> Vec<Vec<String>> {
    let mut answers = Vec::new();
    for filter in [
        "",
        "identityNumber: \"141316-0003\"",
        "name: \"Alma Prøve\"",
        "name: \"Schmidt\"",
        "caseworker: \"K7\"",
        "unit: \"ungegruppen\"",
        "status: OPEN",
        "openedFrom: \"2024-10-01\"",
        "family: \"e2991b5e-703f-51b0-8806-48082179752d\"",
    ] {
        answers.push(found(world, filter).await);
    }
    answers
}

fn reopened(dir: tempfile::TempDir, clock: Arc<SetClock>) -> World {
    let app = Arc::new(
        App::open(
            layout(dir.path()),
            Arc::<SetClock>::clone(&clock),
            &mut |_, _| {},
        )
        .unwrap(),
    );
    World {
        dir,
        clock,
        schema: api::schema::schema(Arc::clone(&app)),
        app,
    }
}

/// The names of the folders that indexes lie in.
fn folders(world: &World) -> Vec<String> {
    let names = std::fs::read_dir(layout(world.dir.path()).projection_dir()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.parse::<u64>().is_ok()).collect()
}

/// One way for the files of an index to go wrong.
fn damage(dir: &Path, way: u64) {
    let place = layout(dir).projection_dir();
    let database = projections(dir)
        .into_iter()
        .find(|path| path.ends_with("db"))
        .unwrap();
    let mut bytes = std::fs::read(&database).unwrap();
    match way {
        0 => std::fs::remove_dir_all(&place).unwrap(),
        1 => std::fs::remove_file(place.join("in-force")).unwrap(),
        2 => std::fs::write(place.join("in-force"), "7\n").unwrap(),
        3 => std::fs::write(&database, &bytes[..bytes.len() / 3]).unwrap(),
        4 => std::fs::write(&database, b"").unwrap(),
        _ => {
            // Somewhere in what was written.
            let written = bytes.iter().rposition(|byte| *byte != 0).unwrap() as u64;
            for step in 0..50 {
                bytes[(written * (step * 7 + way) / 360) as usize] ^= 0x55;
            }
            std::fs::write(&database, &bytes).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_or_damaged_index_changes_no_answer() {
    let mut world = world().await;
    let answers = everything(&world).await;
    let first = folders(&world);
    world = world.reopen();
    assert_eq!(everything(&world).await, answers);
    assert_eq!(
        folders(&world),
        first,
        "what was left in order is used again"
    );
    for way in 0..8 {
        let World {
            dir,
            clock,
            app,
            schema,
        } = world;
        drop(schema);
        app.close().unwrap();
        drop(app);
        damage(dir.path(), way);
        world = reopened(dir, clock);
        assert_eq!(everything(&world).await, answers, "damage {way}");
        assert!(world.app.check_lists().unwrap());
    }
    // While it is open, made anew beside itself.
    world.app.make_lists_anew();
    assert_eq!(everything(&world).await, answers);
    assert_eq!(
        world.audit().notes.len(),
        0,
        "the record knows nothing of all this"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_cannot_be_read_is_listed_and_counted() {
    let world = world().await;
    let gone = ids().event("A14").uuid();
    let (dir, _) = world.stop();
    let store =
        FileKeyStore::open(Arc::new(RealDisk::default()), &layout(dir.path()).key_dir()).unwrap();
    let root = *store.secrets().root;
    store
        .rotate(
            root,
            &mut tests::key_rows::without(root, |row| row.event == gone),
            &[],
        )
        .unwrap();
    drop(store);
    std::fs::remove_dir_all(layout(dir.path()).projection_dir()).unwrap();
    let clock = Arc::new(SetClock::new("2025-01-01T00:00:00Z".parse().unwrap()));
    let world = reopened(dir, clock);
    let answer = world
        .query("{ cases(first: 100) { incomplete nodes { stream status } } }")
        .await;
    assert_eq!(
        (
            &answer["cases"]["incomplete"],
            answer["cases"]["nodes"].as_array().unwrap().len()
        ),
        (&json!(1), 5)
    );
    assert_eq!(
        found(&world, "status: UNKNOWN").await,
        [ids().case().to_string()]
    );
}

/// A small generator, so that a seed is a history.
struct Dice(u64);

impl Dice {
    /// A place below that many.
    fn place(&mut self, below: usize) -> usize {
        usize::try_from(self.roll(below as u64)).unwrap()
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

const NAMES: &[&str] = &[
    "Kristoffer Møller",
    "Wivi Ågård",
    "Thor Schmidt",
    "Anne-Marie Prøve",
    "Josefine Kjær",
];

/// What a step is about.
struct Step {
    number: u64,
    event: Uuid,
    who: u64,
    /// Who, as a child.
    someone: Value,
    which: u64,
    other: u64,
    name: &'static str,
    /// An event that was recorded before.
    target: Value,
}

/// A mutation, its input, and the role of who gives it.
type Given = (&'static str, Value, Role);

impl Step {
    fn new(dice: &mut Dice, number: u64, recorded: &[Value]) -> Self {
        let (who, which, other) = (dice.roll(5), dice.roll(4), dice.roll(5));
        let name = NAMES[dice.place(5)];
        let target = recorded.get(dice.place(recorded.len() + 1)).cloned();
        let target =
            target.unwrap_or_else(|| json!({ "stream": person(who), "event": id(4, who) }));
        Self {
            number,
            event: id(6, 1_000 + number),
            who,
            someone: json!({ "person": person(who), "role": "CHILD" }),
            which,
            other,
            name,
            target,
        }
    }

    fn of_a_case(&self, orders: &Orders<'_>, kind: u64) -> Given {
        let Self {
            event,
            who,
            someone,
            which,
            ..
        } = self;
        match kind {
            0 | 1 => {
                let facts = json!({ "kind": "FACT", "about": someone, "text": "Et notat." });
                (
                    "takeNote",
                    json!({ "stream": case(*which), "eventId": event, "facts": facts }),
                    Role::Caseworker,
                )
            }
            2 => {
                let facts = json!({ "participants": [someone], "childTookPart": false, "basis": "CONSENT", "agreements": [] });
                let also = [case((which + 1) % 4)];
                (
                    "holdNetworkMeeting",
                    json!({ "stream": case(*which), "eventId": event, "alsoCases": also, "facts": facts }),
                    Role::Caseworker,
                )
            }
            3 => {
                let facts = json!({ "caseworkers": [format!("K{who}")], "reason": "Skift." });
                (
                    "assignCaseworker",
                    json!({ "stream": case(*which), "eventId": event, "facts": facts }),
                    Role::Leader,
                )
            }
            4 => {
                let facts = json!({ "ground": "NO_NEED", "reasons": "Intet behov.", "openObligations": [], "toldTo": [someone] });
                let input = json!({ "stream": case(*which), "eventId": event, "expectedVersion": so_far(orders, case(*which)), "facts": facts });
                ("closeCase", input, Role::Caseworker)
            }
            _ => {
                let input = json!({ "stream": case(*which), "eventId": event, "expectedVersion": so_far(orders, case(*which)), "facts": { "ground": "Igen." } });
                ("reopenCase", input, Role::Leader)
            }
        }
    }

    fn of_a_person(&self, orders: &Orders<'_>, dice: &mut Dice, kind: u64) -> Given {
        let Self {
            event,
            someone,
            name,
            ..
        } = self;
        let (who, other) = (self.who, self.other);
        match kind {
            6 => {
                let input = json!({
                    "target": { "stream": person(who), "event": id(4, who) }, "field": "name", "value": name, "reason": "Stavning.",
                    "subject": someone, "expectedVersion": so_far(orders, person(who)),
                });
                ("correctEvent", input, Role::Caseworker)
            }
            7 => {
                let facts = json!({ "person": someone, "name": name, "idNumber": format!("14131{}-000{}", who, dice.roll(9)), "source": "CPR" });
                (
                    "identifyPerson",
                    json!({ "stream": person(who), "eventId": event, "facts": facts }),
                    Role::Caseworker,
                )
            }
            _ => {
                let facts = json!({ "person": someone, "into": { "person": person(other), "role": "CHILD" }, "reasons": "Samme." });
                (
                    "mergePersons",
                    json!({ "stream": person(who), "eventId": event, "facts": facts }),
                    Role::Leader,
                )
            }
        }
    }

    /// Takes back or erases what was recorded before.
    fn takes_back(&self, orders: &Orders<'_>, kind: u64) -> Given {
        let Self {
            event,
            who,
            someone,
            target,
            ..
        } = self;
        let of_target: Uuid = target["stream"].as_str().unwrap().parse().unwrap();
        match kind {
            9 | 10 => {
                let facts =
                    json!({ "target": target, "reason": "DUPLICATE", "explanation": "To gange." });
                let input = json!({ "stream": of_target, "eventId": event, "expectedVersion": so_far(orders, of_target), "facts": facts });
                ("annulEvent", input, Role::Leader)
            }
            11 => (
                "orderErasure",
                erasure("EVENT", json!({ "event": target })),
                Role::Dpo,
            ),
            12 if self.number > 25 => (
                "orderErasure",
                erasure("PERSON", json!({ "person": person(*who) })),
                Role::Dpo,
            ),
            _ => {
                let part = json!({ "event": { "stream": person(*who), "event": id(4, *who) }, "field": "id_number", "element": 0, "subject": someone });
                ("orderErasure", erasure("VALUE", part), Role::Dpo)
            }
        }
    }
}

/// The version of a stream, which may not be there.
fn so_far(orders: &Orders<'_>, stream: Uuid) -> u64 {
    let version = orders.world.app.version(self::stream(stream)).unwrap();
    version.unwrap_or(0)
}

/// One order out of all that lists depend on; it may be refused. What was recorded before may be
/// annulled or erased.
async fn something(orders: &mut Orders<'_>, dice: &mut Dice, step: u64, recorded: &mut Vec<Value>) {
    let step = Step::new(dice, step, recorded);
    let (mutation, input, role) = match dice.roll(14) {
        kind @ 0..=5 => step.of_a_case(orders, kind),
        kind @ 6..=8 => step.of_a_person(orders, dice, kind),
        kind => step.takes_back(orders, kind),
    };
    let outcome = orders
        .give(
            mutation,
            input,
            of_unit("X1", role, &format!("enhed {}", dice.roll(3))),
        )
        .await;
    if mutation != "orderErasure" && outcome["receipt"].is_object() {
        recorded.push(
            json!({ "stream": outcome["receipt"]["stream"], "event": outcome["receipt"]["event"] }),
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_follow_the_record_are_rows_made_anew() {
    for seed in [1, 2, 3, 4] {
        let (mut dice, mut recorded) = (Dice(seed), Vec::new());
        let mut world = World::new();
        world.clock.set("2024-11-06T12:00:00Z".parse().unwrap());
        let mut orders = Orders::on(&world);
        for number in 0..5 {
            orders
                .register(
                    number,
                    "CHILD",
                    NAMES[usize::try_from(number).unwrap()],
                    Some(&format!("14131{number}-0001")),
                )
                .await;
        }
        for number in 0..4 {
            orders.open(number, number, "2024-11-01").await;
        }
        for step in 0..60 {
            let mut orders = Orders::on(&world);
            something(&mut orders, &mut dice, step, &mut recorded).await;
            if step % 6 == 0 {
                assert!(world.app.check_lists().unwrap(), "seed {seed}, step {step}");
            }
            if step % 25 == 24 {
                world = world.reopen();
            }
        }
        assert!(world.app.check_lists().unwrap(), "seed {seed}");
        let report = world.audit();
        assert!(report.events > 40, "{report:?}");
    }
}
