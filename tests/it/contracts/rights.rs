//! Who may do what, asked through every way in: each field of the interface, each route, and each
//! method of a session asks the table of rights, and a role without the right is turned away. The
//! page `docs/reference/rights.md` is made here.
//!
//! It says nothing of what a role may *record*: that is decided fact by fact, with refusals.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::pin::Pin;
use std::time::{Duration, Instant};

use app::access::rights::Right;
use app::access::viewer::Viewer;
use app::session::Door;
use async_graphql::{Request, Variables};
use events::event::CATALOGUE;
use events::ids::{CommandId, StreamId};
use events::meta::Role;
use serde_json::{Value, json};
use tests::golden::{root, same};
use tests::http::send;
use tests::loopback_servers::Town;
use tests::world::{World, caseworker, family, viewer};
use uuid::Uuid;

mod methods;

use methods::{Scene, filing, methods};

/// Fields that ask for no right, because what they answer is for everybody (`app::public_log`).
const PUBLIC_FIELDS: [&str; 13] = [
    "Query.log",
    "Query.me",
    "Query.ruleCatalogue",
    "Log.checkpoint",
    "Log.origin",
    "Log.postQuantumVerifierKey",
    "Log.size",
    "Log.timeStamps",
    "Log.verifierKey",
    "Log.witnessing",
    "GET /tiles/{log}/{*path}",
    "GET /livez",
    "GET /readyz",
];

/// What each field or route asked for.
type Asked = BTreeMap<String, Vec<Right>>;

fn case() -> StreamId {
    family().stream("B3-open-b")
}

/// The arguments of the fields that need some, in the world of Bastian and Clara.
fn arguments(field: &str) -> String {
    let case = case();
    let event = family().event("B3-open-b");
    match field {
        "Query.node" => {
            let global = api::ids::global("0999", api::ids::Kind::Case, case);
            format!("(id: \"{}\")", global.as_str())
        }
        "Query.case" => format!("(id: \"{case}\")"),
        "Query.event" => format!("(id: \"{event}\")"),
        // Nobody's family: the right is asked all the same.
        "Query.family" => format!("(id: \"{}\")", Uuid::from_u128(5)),
        "Query.keyFigures" => "(from: \"2024-01-01\", to: \"2024-12-31\", casesMax: 1)".to_owned(),
        "Case.familyView" => "(language: DANISH)".to_owned(),
        "Case.difference" => "(from: { knownAt: \"2024-03-01\" })".to_owned(),
        "Log.entry" | "Log.inclusionProof" | "Log.standing" => "(position: 0)".to_owned(),
        "Log.receipt" => format!("(stream: \"{case}\", event: \"{event}\")"),
        _ => String::new(),
    }
}

/// A type, as the interface describes it.
async fn described(world: &World, name: &str, what: &str) -> Value {
    let query = format!("{{ __type(name: \"{name}\") {{ {what} }} }}");
    let request = Request::new(query).data(world.session());
    let response = api::schema::execute(&world.schema, request).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    let mut told = response.data.into_json().unwrap();
    told["__type"].take()
}

/// The fields of a type with whether each needs a selection, as the interface says of itself.
async fn fields_of(world: &World, name: &str) -> Vec<(String, bool)> {
    let kinds = "kind ofType { kind ofType { kind ofType { kind } } }";
    let fields = format!("fields {{ name type {{ {kinds} }} }}");
    let told = described(world, name, &fields).await;
    let fields = told["fields"].as_array().unwrap();
    let is_composite = |field: &Value| {
        let kinds = std::iter::successors(Some(&field["type"]), |of| {
            Some(&of["ofType"]).filter(|of| !of.is_null())
        });
        kinds.last().is_some_and(|of| {
            ["OBJECT", "INTERFACE", "UNION"].contains(&of["kind"].as_str().unwrap())
        })
    };
    fields
        .iter()
        .map(|field| {
            (
                field["name"].as_str().unwrap().to_owned(),
                is_composite(field),
            )
        })
        .collect()
}

/// Executes a document; answers what it asked for. It must have been executed.
async fn ask(world: &World, request: Request, viewer: Viewer) -> Vec<Right> {
    let session = world.session_of(viewer);
    let what = request.query.clone();
    let response = api::schema::execute(&world.schema, request.data(session.clone())).await;
    for error in &response.errors {
        assert!(!error.path.is_empty(), "{what} was not executed: {error:?}");
    }
    session.asked()
}

/// Each field of a type, put where the type is met.
async fn asked_by_fields(world: &World, name: &str, around: impl Fn(&str) -> String) -> Asked {
    let mut asked = Asked::new();
    for (field, composite) in fields_of(world, name).await {
        let place = format!("{name}.{field}");
        let selection = if composite { " { __typename }" } else { "" };
        let query = around(&format!("{field}{}{selection}", arguments(&place)));
        let rights = ask(world, Request::new(query), caseworker()).await;
        asked.insert(place, rights);
    }
    asked
}

/// A value of an input type with what is required, as the interface describes it. It need not be
/// true: who may order it is asked before.
fn made_up<'a>(world: &'a World, of: &'a Value) -> Pin<Box<dyn Future<Output = Value> + 'a>> {
    Box::pin(async move {
        let name = of["name"].as_str().unwrap_or_default();
        match of["kind"].as_str().unwrap() {
            "NON_NULL" => made_up(world, &of["ofType"]).await,
            "LIST" => json!([made_up(world, &of["ofType"]).await]),
            "ENUM" => {
                described(world, name, "enumValues { name }").await["enumValues"][0]["name"].clone()
            }
            "SCALAR" => match name {
                "UUID" => json!(Uuid::from_u128(5)),
                "Int" => json!(1),
                "Boolean" => json!(true),
                "Date" | "Occurred" => json!("2024-11-01"),
                "DateTime" => json!("2024-11-01T12:00:00Z"),
                "Digest" => json!("A".repeat(43)),
                "MunicipalityCode" => json!("0999"),
                _ => json!("x"),
            },
            _ => {
                let kinds =
                    "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
                let fields = format!("inputFields {{ name type {{ {kinds} }} }}");
                let told = described(world, name, &fields).await;
                let mut made = serde_json::Map::new();
                for field in told["inputFields"].as_array().unwrap() {
                    if field["type"]["kind"] == "NON_NULL" {
                        let value = made_up(world, &field["type"]).await;
                        made.insert(field["name"].as_str().unwrap().to_owned(), value);
                    }
                }
                Value::Object(made)
            }
        }
    })
}

/// An order for a mutation: as a line of a worked history gives it, or made up.
async fn order(world: &World, mutation: &str, input: &str) -> Value {
    let histories = [tests::world::ids(), family()];
    let line = histories.iter().flat_map(tests::world::Ids::lines);
    let mut found = line.filter(|line| line["mutation"] == mutation);
    if let Some(line) = found.next() {
        let mut input = line["input"].clone();
        fill(&mut input);
        return input;
    }
    let mut made = made_up(world, &json!({ "kind": "INPUT_OBJECT", "name": input })).await;
    made["stream"] = json!(case());
    made
}

/// A value in the place of each marker that only a log can fill.
fn fill(value: &mut Value) {
    match value {
        Value::String(text) if text.starts_with("$checkpoint.size") => *value = json!(1),
        Value::String(text) if text.starts_with("$checkpoint.root") => {
            *value = json!("A".repeat(43))
        }
        Value::String(text) if text.starts_with("$erasure") => *value = json!(Uuid::from_u128(5)),
        Value::Array(items) => items.iter_mut().for_each(fill),
        Value::Object(members) => members.values_mut().for_each(fill),
        _ => {}
    }
}

/// What the catalogue calls an order can be ordered.
#[tokio::test]
async fn every_order_of_the_catalogue_is_a_mutation() {
    let world = World::new();
    let mutations = fields_of(&world, "Mutation").await;
    let missing: Vec<&str> = CATALOGUE
        .iter()
        .filter_map(|spec| spec.order)
        .filter(|order| !mutations.iter().any(|(name, _)| name == order))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}

async fn asked_by_mutations(world: &World) -> Asked {
    let mut asked = Asked::new();
    for (mutation, _) in fields_of(world, "Mutation").await {
        let input = mutation[..1].to_uppercase() + &mutation[1..] + "Input";
        let request = Request::new(format!(
            "mutation($input: {input}!) {{ {mutation}(input: $input) {{ __typename }} }}"
        ));
        let order = order(world, &mutation, &input).await;
        let request = request.variables(Variables::from_json(json!({ "input": order })));
        // No role may record everything; who may not is refused behind the table.
        let rights = ask(world, request, viewer("L1", Role::Leader)).await;
        asked.insert(format!("Mutation.{mutation}"), rights);
    }
    asked
}

/// The routes of the server, from its source: method and path.
fn routes() -> Vec<String> {
    let source = std::fs::read_to_string(root().join("crates/server/src/serve.rs")).unwrap();
    let mut found = Vec::new();
    for route in source.split(".route(").skip(1) {
        let path = route.split('"').nth(1).unwrap();
        let handler = route.split('"').nth(2).unwrap();
        let methods: &[&str] = match handler.trim_start_matches([',', ' ', '\n']) {
            handler if handler.starts_with("on(") => &["GET", "POST"],
            handler if handler.starts_with("post(") => &["POST"],
            handler if handler.starts_with("get(") => &["GET"],
            handler => panic!("{path}: {handler}"),
        };
        found.extend(methods.iter().map(|method| format!("{method} {path}")));
    }
    assert!(found.len() > 8, "{found:?}");
    found
}

/// One request to a route. What it names need not be there: the right is asked before.
fn request(at: std::net::SocketAddr, route: &str) {
    let (case, event) = (case(), Uuid::from_u128(5));
    let command = Uuid::from_u128(0x1234);
    let json = [("content-type", "application/json")];
    let text = [("content-type", "text/plain")];
    let sent = match route {
        "GET /graphql" => send(
            at,
            "GET",
            "/graphql?query=%7Bcases%7Bposition%7D%7D",
            &[],
            "",
        ),
        "POST /graphql" => {
            let query = json!({ "query": "{ cases { position } }" }).to_string();
            send(at, "POST", "/graphql", &json, &query)
        }
        "POST /documents/{stream}" => {
            let path =
                format!("/documents/{event}?commandId={command}&title=x&occurred=2024-11-05");
            send(at, "POST", &path, &text, "x")
        }
        "GET /documents/{stream}/{event}" => {
            send(at, "GET", &format!("/documents/{case}/{event}"), &[], "")
        }
        "GET /bundles/{stream}" => {
            send(at, "GET", &format!("/bundles/{event}"), &[], "").unwrap();
            send(
                at,
                "GET",
                &format!("/bundles/{event}?accesses=true"),
                &[],
                "",
            )
        }
        "POST /dossiers/{case}" => {
            let order = json!({ "commandId": command, "kind": "FILE_ACCESS", "recipient": "x" });
            send(
                at,
                "POST",
                &format!("/dossiers/{event}"),
                &json,
                &order.to_string(),
            )
        }
        "GET /tiles/{log}/{*path}" => send(at, "GET", "/tiles/sag/checkpoint", &[], ""),
        "GET /livez" => send(at, "GET", "/livez", &[], ""),
        "GET /readyz" => send(at, "GET", "/readyz", &[], ""),
        _ => panic!("{route} needs a request here"),
    };
    let status = sent.unwrap().status;
    assert!(![400, 405, 415].contains(&status), "{route}: {status}");
}

fn asked_by_routes(world: &World) -> Asked {
    let (mut asked, town) = (Asked::new(), Town::new());
    for route in routes() {
        let door: Door = world.operator.door();
        let at = town.serve(door.clone(), caseworker());
        request(at, &route);
        asked.insert(route, door.asked());
    }
    asked
}

/// A case with a document in it.
fn scene(world: &World) -> Scene {
    let command = CommandId::new(Uuid::from_u128(0xd0c)).unwrap();
    let filed = world
        .session()
        .file_document(&filing(case(), command), &mut b"x".as_slice())
        .unwrap();
    Scene {
        operator: world.operator.clone(),
        case: case(),
        document: filed.receipts[0].event,
    }
}

/// Which rights a method of a session asks for, and that it turns away exactly the roles that lack
/// one. A refused call leaves the log as it was.
fn asked_by_methods(world: &World) -> Asked {
    let (mut asked, scene) = (Asked::new(), scene(world));
    for (name, call) in methods() {
        let session = world.session();
        let called = Instant::now();
        call(&session, &scene);
        let rights = session.asked();
        assert!(!rights.is_empty(), "{name} asks for no right");
        for role in Role::ALL.iter().copied() {
            let note = || world.public_log().checkpoint_note().unwrap();
            let before = (world.public_log().size(), note());
            let missing = call(&world.session_of(viewer("X1", role)), &scene);
            // A role that may not see the cases behind figures sees less, and is not refused.
            let lacks = |right: &Right| *right != Right::ReadFigureCases && !right.is_of(role);
            assert_eq!(
                missing.is_some(),
                rights.iter().any(lacks),
                "{name} as {role:?}: {missing:?}"
            );
            if let Some(missing) = missing {
                assert!(
                    rights.contains(&missing) && lacks(&missing),
                    "{name} as {role:?}"
                );
                let after = (world.public_log().size(), note());
                // The log's own checkpoint may have come due meanwhile.
                let due = called.elapsed() > Duration::from_millis(400) && after.0 == before.0;
                let same = after == before || due;
                assert!(same, "{name} as {role:?} left something behind");
            }
        }
        asked.insert((*name).to_owned(), rights);
    }
    asked
}

/// Methods of a session that read nothing of the log.
const WITHOUT_RIGHT: [&str; 4] = ["asked", "public_log", "viewer", "while_wanted"];

#[test]
fn every_method_of_a_session_is_asked_as_every_role() {
    let mut written = BTreeSet::new();
    for file in [
        "session.rs",
        "session/reading.rs",
        "session/recording.rs",
        "session/evidence.rs",
    ] {
        let source = std::fs::read_to_string(root().join("crates/app/src").join(file)).unwrap();
        for block in source.split("\nimpl Session {").skip(1) {
            let block = block.split("\n}\n").next().unwrap();
            let names = block.split("\n    pub fn ").skip(1);
            written.extend(names.map(|name| name.split(['(', '<']).next().unwrap().to_owned()));
        }
    }
    let listed = methods().map(|(name, _)| *name).chain(WITHOUT_RIGHT);
    assert_eq!(written, listed.map(str::to_owned).collect());
    let folder = std::fs::read_dir(root().join("crates/app/src/session")).unwrap();
    assert_eq!(
        folder.count(),
        3,
        "a new file of the session is read here too"
    );
}

fn table(page: &mut String) {
    page.push_str("| right | lets | not for |\n|---|---|---|\n");
    for right in Right::ALL {
        let without: Vec<String> = Role::ALL
            .iter()
            .filter(|role| !right.is_of(**role))
            .map(|role| format!("`{}`", role.stored()))
            .collect();
        let description = right.description().trim_end_matches('.');
        writeln!(
            page,
            "| `{right:?}` | {description} | {} |",
            without.join(" ")
        )
        .unwrap();
    }
}

fn rows(page: &mut String, title: &str, asked: &Asked) {
    write!(page, "\n## {title}\n\n| what | asks for |\n|---|---|\n").unwrap();
    for (what, rights) in asked {
        let rights: Vec<String> = rights.iter().map(|right| format!("`{right:?}`")).collect();
        let rights = if rights.is_empty() {
            "nothing: public".to_owned()
        } else {
            rights.join(" ")
        };
        writeln!(page, "| `{what}` | {rights} |").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_rights_of_every_field_route_and_method() {
    let world = World::with_family().await;
    let operator = world.operator.clone();
    tokio::task::spawn_blocking(move || operator.lists_ready(&mut |_, _| {}))
        .await
        .unwrap()
        .unwrap();
    let queries = asked_by_fields(&world, "Query", |field| format!("{{ {field} }}")).await;
    let of_case = |field: &str| format!("{{ case(id: \"{}\") {{ {field} }} }}", case());
    let cases = asked_by_fields(&world, "Case", of_case).await;
    let logs = asked_by_fields(&world, "Log", |field| format!("{{ log {{ {field} }} }}")).await;
    let mutations = asked_by_mutations(&world).await;
    let (world, routes, methods) = tokio::task::spawn_blocking(move || {
        let (routes, methods) = (asked_by_routes(&world), asked_by_methods(&world));
        (world, routes, methods)
    })
    .await
    .unwrap();

    let fields = [&queries, &cases, &logs, &mutations, &routes];
    let open: BTreeSet<&str> = fields
        .into_iter()
        .flatten()
        .filter(|(_, rights)| rights.is_empty())
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        open,
        PUBLIC_FIELDS.into_iter().collect(),
        "nothing else is without a right"
    );
    assert!(mutations.len() > 60 && cases.len() > 30);

    let mut page = String::from(
        "# Rights\n\nMade from the code and from running it. `app::session::Session` asks for these \
         rights before anything is read or recorded; nothing else says that somebody may not. Which \
         *fact* a role may record is decided fact by fact ([codes](codes.md), `ROLE_NOT_ALLOWED`).\n\n",
    );
    table(&mut page);
    rows(&mut page, "Queries", &queries);
    rows(&mut page, "A case", &cases);
    rows(&mut page, "A log", &logs);
    rows(&mut page, "Mutations", &mutations);
    rows(&mut page, "Routes", &routes);
    rows(&mut page, "Methods of a session", &methods);
    page.push_str("\n## Nobody is refused yet\n\nEvery role has these rights. Each is to be narrowed or to stay so on purpose.\n\n");
    for right in Right::ALL {
        if Role::ALL.iter().all(|role| right.is_of(*role)) {
            writeln!(page, "* `{right:?}`").unwrap();
        }
    }
    same("docs/reference/rights.md", &page);
    drop(world);
}
