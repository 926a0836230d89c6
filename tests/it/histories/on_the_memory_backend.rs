//! The history of Alma on the memory backend, through the API as on the embedded one: every field of
//! the case answers the same there, and again after the log was closed and opened.
//!
//! It is no test of the backend's contract, which `backend_contract` of the store is, but of the
//! claim that nothing above the port relies on files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_graphql::Request;
use domain::reading::ReadingPoint;
use domain::views::child_voice::child_voice;
use events::meta::Role;
use record::keys::RootKey;
use serde_json::{Value, json};
use store::backend::Backend;
use store::key_lock::NoLocksmith;
use store::key_store::LockableKeys;
use store::memory_backend::MemoryBackend;
use tests::world::{ALMA, World, ids, layout_in, viewer};
use uuid::Uuid;

/// Before anything that the history holds, and behind all of it.
const BEFORE: &str = "2024-02-06T07:00:00Z";
const AFTER: &str = "2024-11-10T10:00:00Z";

/// The object types of the schema: their fields that need no argument, with their types.
struct Types(BTreeMap<String, Vec<(String, Value)>>);

impl Types {
    async fn of(world: &World) -> Self {
        let schema = world
            .query(
                "{ __schema { types { kind name fields { name args { defaultValue type { kind } } \
                 type { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }",
            )
            .await;
        let mut types = BTreeMap::new();
        for made in schema["__schema"]["types"].as_array().unwrap() {
            if made["kind"] != "OBJECT" {
                continue;
            }
            let fields = made["fields"].as_array().unwrap().iter();
            let fields = fields.filter(|field| {
                let mut args = field["args"].as_array().unwrap().iter();
                !args.any(|arg| arg["type"]["kind"] == "NON_NULL" && arg["defaultValue"].is_null())
            });
            let fields = fields.map(|field| {
                let mut inner = &field["type"];
                while !inner["ofType"].is_null() {
                    inner = &inner["ofType"];
                }
                (field["name"].as_str().unwrap().to_owned(), inner.clone())
            });
            types.insert(made["name"].as_str().unwrap().to_owned(), fields.collect());
        }
        Self(types)
    }

    /// A field with everything in it down to a depth; `None` if nothing of it can be asked for.
    fn selection(&self, name: &str, inner: &Value, depth: u8) -> Option<String> {
        match inner["kind"].as_str().unwrap() {
            "SCALAR" | "ENUM" => Some(name.to_owned()),
            "OBJECT" if depth == 0 => None,
            "OBJECT" => {
                // Of a case in a list, or as it was at another moment, what it says at once.
                let within = if inner["name"] == "Case" {
                    0
                } else {
                    depth - 1
                };
                let fields = self.0[inner["name"].as_str().unwrap()].iter();
                let fields: Vec<String> = fields
                    .filter_map(|(name, inner)| self.selection(name, inner, within))
                    .collect();
                (!fields.is_empty()).then(|| format!("{name} {{ {} }}", fields.join(" ")))
            }
            _ => Some(format!("{name} {{ __typename }}")),
        }
    }

    /// One query for each field of the case, and one for each list.
    fn queries(&self) -> Vec<String> {
        let case = ids().case();
        let whole = self.0["Case"].iter();
        let mut queries: Vec<String> = whole
            .filter_map(|(name, inner)| self.selection(name, inner, 4))
            .map(|field| format!(r#"{{ case(id: "{case}") {{ {field} }} }}"#))
            .collect();
        let lists = self.0["Query"].iter();
        queries.extend(
            lists
                .filter(|(name, _)| {
                    ["cases", "notifications", "obligationBoard"].contains(&name.as_str())
                })
                .filter_map(|(name, inner)| self.selection(name, inner, 4))
                .map(|list| format!("{{ {list} }}")),
        );
        queries
    }
}

/// An answer without what differs between any two logs with one history: their roots, the ids that
/// they make themselves, and how many of their own entries stand between the events, which depends
/// on when a checkpoint was signed. Of positions their order is left.
fn settled(mut answer: Value) -> Value {
    let mut positions = BTreeSet::new();
    each_position(&mut answer, &mut |position| {
        positions.insert(position);
        position
    });
    let rank = |position| positions.range(..position).count() as u64;
    each_position(&mut answer, &mut |position| rank(position));
    forget_random(&mut answer);
    answer
}

fn each_position(answer: &mut Value, change: &mut dyn FnMut(u64) -> u64) {
    match answer {
        Value::Array(values) => values
            .iter_mut()
            .for_each(|value| each_position(value, change)),
        Value::Object(members) => {
            for (name, value) in members {
                match value.as_u64().filter(|_| name == "position") {
                    Some(position) => *value = json!(change(position)),
                    None => each_position(value, change),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn forget_random(answer: &mut Value) {
    match answer {
        Value::String(text) => {
            let own_id = Uuid::parse_str(text).is_ok() && !ALMA.contains(text.as_str());
            if own_id || text.len() == 43 && !text.contains(' ') {
                "random".clone_into(text);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(forget_random),
        Value::Object(members) => {
            for (name, value) in members {
                // A cursor holds a digest under the keys of its log.
                if value.is_string() && (name == "cursor" || name.ends_with("Cursor")) {
                    *value = json!("random");
                }
                forget_random(value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What every query is answered.
async fn answers(world: &World, queries: &[String]) -> Vec<Value> {
    let mut answers = Vec::new();
    for query in queries {
        // Whatever is recorded is in the lists as well.
        world.query("{ __typename }").await;
        let request = Request::new(query).data(world.session());
        let answer = api::schema::execute(&world.schema, request).await;
        assert!(answer.errors.is_empty(), "{query}: {:?}", answer.errors);
        answers.push(answer.data.into_json().unwrap());
    }
    answers
}

#[track_caller]
fn same(queries: &[String], one: &[Value], other: &[Value]) {
    for ((query, one), other) in queries.iter().zip(one).zip(other) {
        assert_eq!(one.to_string(), other.to_string(), "{query}");
    }
}

/// Nothing was written to the directory that a world has for files.
#[track_caller]
fn no_file(world: &World) {
    assert_eq!(std::fs::read_dir(world.dir.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_case_and_the_lists_answer_as_on_the_embedded_backend() {
    let (embedded, memory) = (World::new(), MemoryBackend::new());
    let world = World::within(Arc::new(memory.clone()), BEFORE);
    for world in [&embedded, &world] {
        world.play(&ids()).await;
        world.clock.set(AFTER.parse().unwrap());
        // One that is signed later, at the latest when the log is closed, would move the position that
        // lists answer.
        world.operator.checkpoint().unwrap();
    }
    let queries = Types::of(&world).await.queries();
    assert!(queries.len() > 30, "{}", queries.len());
    let lists = queries.iter().filter(|query| query.contains("node {"));
    assert_eq!(lists.count(), 3, "cases, notifications and duties");

    let (expected, found) = (
        answers(&embedded, &queries).await,
        answers(&world, &queries).await,
    );
    let all = |answers: &[Value]| answers.iter().cloned().map(settled).collect::<Vec<_>>();
    same(&queries, &all(&found), &all(&expected));
    assert!(
        found
            .iter()
            .any(|answer| answer.to_string().contains("tegning"))
    );
    no_file(&world);

    drop(world.stop());
    let world = World::within(Arc::new(memory), AFTER);
    same(&queries, &answers(&world, &queries).await, &found);
    no_file(&world);
}

/// The keys of the case log, which nothing else has open.
fn keys(memory: &MemoryBackend) -> Arc<dyn LockableKeys> {
    let name = layout_in(Arc::new(memory.clone())).name();
    memory.open_keys(&name, &NoLocksmith).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_an_erasure_destroyed_are_gone_when_the_log_is_opened_again() {
    let memory = MemoryBackend::new();
    let world = World::within(Arc::new(memory.clone()), BEFORE);
    world.play(&ids()).await;
    drop(world.stop());
    let event = ids().event("A14");
    let (part, subject) = {
        let keys = keys(&memory);
        let part = keys.part(event.uuid(), 0).unwrap().unwrap();
        let subject = keys.subject(part.subject).unwrap().unwrap();
        (part, subject)
    };

    let world = World::within(Arc::new(memory.clone()), AFTER);
    let input = json!({
        "commandId": Uuid::from_u128(0xe4), "occurred": "2024-11-10", "scope": "EVENT", "ground": "GDPR_17",
        "legalCheck": "Ingen pligt til at bevare oplysningen.", "approvedBy": "D2", "event": ids().reference("A14"),
    });
    let outcome = world
        .order("orderErasure", input, viewer("D1", Role::Dpo))
        .await
        .unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
    drop(world.stop());

    let keys = keys(&memory);
    assert_eq!(keys.part(event.uuid(), 0).unwrap(), None);
    let root = RootKey::from_bytes(*keys.secrets().root);
    assert!(
        root.unwrap(subject.place(), &subject.wrapped).is_err(),
        "the old epoch's root key is gone"
    );
    let live = keys.subject(part.subject).unwrap().unwrap();
    let live = root.unwrap(live.place(), &live.wrapped).unwrap();
    assert!(live.unwrap(part.place(), &part.wrapped).is_err());
    drop(keys);

    let world = World::within(Arc::new(memory), AFTER);
    let reading = world.read(ids().case(), ReadingPoint::default()).unwrap();
    assert_eq!(child_voice(&reading).hearings.len(), 6);
    no_file(&world);
}
