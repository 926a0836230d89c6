//! Lists of cases and searches over them: by every filter, page by page, after corrections,
//! erasures and merges, and with an index that is deleted, damaged or interrupted. This file holds
//! what these tests share.

mod changed;
mod erased;
mod filters;
mod made_anew;
mod pages;
mod stepped;

use std::path::{Path, PathBuf};

use async_graphql::{Request, Response};
use events::ids::StreamId;
use events::meta::{Actor, Role};
use serde_json::{Value, json};
use tests::dirs::Dirs;
use tests::world::{World, files, layout, viewer};
use uuid::Uuid;

/// A caseworker with a unit.
fn of_unit(id: &str, role: Role, unit: &str) -> app::access::viewer::Viewer {
    let actor = Actor {
        unit: Some(unit.to_owned()),
        ..viewer(id, role).actor
    };
    app::access::viewer::Viewer {
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
            count: world.public_log().size().get() * 1_000,
        }
    }

    async fn give(
        &mut self,
        mutation: &str,
        mut input: Value,
        viewer: app::access::viewer::Viewer,
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
        (self
            .world
            .session()
            .version(self::stream(stream))
            .unwrap()
            .unwrap())
        .get()
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

async fn ask(world: &World, query: &str, viewer: app::access::viewer::Viewer) -> Response {
    api::schema::execute(
        &world.schema,
        Request::new(query).data(world.session_of(viewer)),
    )
    .await
}

/// The streams of a list, whatever is recorded by now reflected.
async fn list(world: &World, arguments: &str) -> Vec<String> {
    let least = world.public_log().size().get() - 1;
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

fn erasure(scope: &str, rest: Value) -> Value {
    let mut input = json!({ "scope": scope, "ground": "GDPR_17", "legalCheck": "Ingen pligt til at bevare.", "approvedBy": "D2" });
    input
        .as_object_mut()
        .unwrap()
        .extend(rest.as_object().unwrap().clone());
    input
}

fn projections(dir: &Path) -> Vec<PathBuf> {
    files(&layout(dir).projection_dir())
}
