//! A fixed course of commands with a fault at every call of disk and index, through the whole
//! application: nothing acknowledged is lost, nothing is recorded twice, and an audit is clean.
//!
//! The test command takes every few calls; `FAULT_STEP=1` takes each.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use app::clock::SetClock;
use app::log::keyring::Keyring;
use app::log::lost_keys;
use app::operations::operator::Operator;
use app::rules::rulebook::Rulebook;
use async_graphql::{Request, Variables};
use events::meta::Role;
use serde_json::{Value, json};
use store::backend::opening::OpenReport;
use store::disk::Disk;
use store::embedded::keys::FileKeyStore;
use store::embedded::log::EmbeddedStore;
use store::embedded::options::{IndexKind, Options};
use store::embedded::read_only::ReadOnly;
use store::key_store::{InitialSecrets, KeyError, KeyStore};
use store::memory_projections::MemoryGenerations;
use store::sim_disk::{Mishap, SimDisk};
use store::sim_index::{IndexMishap, SimIndexes};
use tests::world::{ids, layout, viewer};
use uuid::Uuid;
use verify::audit::{Auditor, Checks, Trust};
use verify::source::RawEntry;
use zeroize::Zeroizing;

/// A world whose log and keys lie on a simulated disk.
struct World {
    disk: SimDisk,
    indexes: SimIndexes,
    dir: tempfile::TempDir,
}

/// What a client was told of a command.
#[derive(Debug, Clone, PartialEq)]
enum Told {
    /// Its receipt.
    Receipt(Value),
    /// That nothing was written.
    NotWritten,
    /// That nobody knows, or nothing at all.
    Unknown,
}

/// The course: a person, a case, two notes, and the erasure of one of them.
fn course() -> Vec<(&'static str, Role, Value)> {
    let plain = |mut input: Value| {
        input.as_object_mut().unwrap().remove("source");
        input
    };
    let ids = ids();
    let case = ids.stream("A1");
    let note = |number: u128| {
        json!({
            "commandId": Uuid::from_u128(0xf0 + number), "eventId": Uuid::from_u128(0xf00 + number), "stream": case,
            "occurred": "2024-02-07", "facts": { "kind": "FACT", "text": format!("Notat {number}.") },
        })
    };
    let erasure = json!({
        "commandId": Uuid::from_u128(0xff), "occurred": "2024-02-08", "scope": "EVENT", "ground": "GDPR_17",
        "legalCheck": "Ingen pligt til at bevare.", "approvedBy": "D2",
        "event": { "stream": case, "event": Uuid::from_u128(0xf01) },
    });
    vec![
        (
            "registerPerson",
            Role::Caseworker,
            plain(ids.input("person-alma").clone()),
        ),
        (
            "startEarlyAdvice",
            Role::Caseworker,
            plain(ids.input("A1").clone()),
        ),
        ("takeNote", Role::Caseworker, note(1)),
        ("takeNote", Role::Caseworker, note(2)),
        ("orderErasure", Role::Dpo, erasure),
    ]
}

/// The log as the program opens it: without a newest commit that lacks its keys.
fn open_log(
    disk: Arc<dyn Disk>,
    options: &Options,
    keys: &Arc<dyn KeyStore>,
) -> Result<EmbeddedStore, Box<dyn std::error::Error>> {
    let log = EmbeddedStore::open_unswept(Arc::clone(&disk), options, &mut |_, _| {})?;
    let keyring = Keyring::new(Arc::clone(keys));
    let half = log.newest_commit().map_or(Ok(false), |first| {
        lost_keys::lacks_its_keys(&log, &keyring, first)
    })?;
    let log = if half {
        log.without_newest_commit(disk, options, &mut |_, _| {})?
    } else {
        log
    };
    log.sweep()?;
    Ok(log)
}

impl World {
    fn new(seed: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            disk: SimDisk::new(seed),
            indexes: SimIndexes::default(),
            dir,
        }
    }

    fn open(&self) -> Result<Operator, String> {
        let disk = Arc::new(self.disk.clone());
        let keys = match FileKeyStore::open(disk.clone(), Path::new("/keys/0999")) {
            Err(KeyError::Missing { .. }) => {
                let secret = |byte| Zeroizing::new([byte; 32]);
                let initial = InitialSecrets {
                    root: secret(1),
                    event_seed: secret(2),
                    log_seed: secret(3),
                };
                FileKeyStore::create(disk.clone(), Path::new("/keys/0999"), &initial)
            }
            other => other,
        };
        let keys: Arc<dyn KeyStore> = Arc::new(keys.map_err(|error| error.to_string())?);
        let index = IndexKind::At(Arc::new(self.indexes.clone()));
        let options = Options {
            retry: Duration::ZERO,
            ..Options::new("/data/0999/sag".into(), *b"0999", index)
        };
        let log = open_log(disk, &options, &keys).map_err(|error| error.to_string())?;
        let clock = Arc::new(SetClock::new("2024-02-09T07:00:00Z".parse().unwrap()));
        let place = layout(self.dir.path());
        let projections = Arc::new(MemoryGenerations::default());
        let rules = Rulebook::built_in();
        let operator = Operator::with_projections(
            place,
            Arc::new(log),
            keys,
            projections,
            clock,
            OpenReport::default(),
            rules,
        );
        operator.map_err(|error| format!("{error:?}"))
    }

    /// Whatever is still to go wrong does not, and what is not synced is lost.
    fn restart(&self) {
        self.indexes.heal();
        self.disk.restart();
    }
}

async fn send(operator: &Operator, mutation: &str, role: Role, input: &Value) -> (Told, bool) {
    let schema = api::schema::schema();
    let kind = mutation[..1].to_uppercase() + &mutation[1..];
    let query = format!(
        "mutation($input: {kind}Input!) {{ outcome: {mutation}(input: $input) {{ repeated receipt {{ position leafHash event }} \
         userErrors {{ code }} }} }}"
    );
    let actor = if role == Role::Dpo { "D1" } else { "K1" };
    let request = Request::new(query)
        .variables(Variables::from_json(json!({ "input": input })))
        .data(operator.session(viewer(actor, role)));
    let response = api::schema::execute(&schema, request).await;
    if let Some(error) = response.errors.first() {
        let code = error
            .extensions
            .as_ref()
            .and_then(|extensions| extensions.get("code"))
            .map(ToString::to_string);
        let told = if code.as_deref() == Some("\"NOT_WRITTEN\"") {
            Told::NotWritten
        } else {
            Told::Unknown
        };
        return (told, false);
    }
    let outcome = response.data.into_json().unwrap()["outcome"].clone();
    assert_eq!(
        outcome["userErrors"],
        json!([]),
        "{mutation}: a fault never looks like a refusal"
    );
    (
        Told::Receipt(outcome["receipt"].clone()),
        outcome["repeated"] == json!(true),
    )
}

/// Plays the course as far as it goes; answers what was told of each command.
async fn play(world: &World) -> Vec<Told> {
    let mut told = Vec::new();
    let Ok(operator) = world.open() else {
        return told;
    };
    for (mutation, role, input) in course() {
        let (outcome, _) = send(&operator, mutation, role, &input).await;
        let stop = !matches!(outcome, Told::Receipt(_));
        told.push(outcome);
        if stop {
            // What follows needs what was not recorded.
            break;
        }
    }
    drop(operator.close());
    told
}

/// Sends everything again to a world without faults, and holds it to what was told before.
async fn hold(world: &World, told: &[Told], what: &str) {
    let operator = world
        .open()
        .unwrap_or_else(|error| panic!("{what}: the log does not open: {error}"));
    for (number, (mutation, role, input)) in course().into_iter().enumerate() {
        let (outcome, repeated) = send(&operator, mutation, role, &input).await;
        let Told::Receipt(receipt) = outcome else {
            panic!("{what}: {mutation} is not taken: {outcome:?}")
        };
        match told.get(number) {
            Some(Told::Receipt(before)) => assert_eq!(
                (&receipt, repeated),
                (before, true),
                "{what}: {mutation} was acknowledged"
            ),
            Some(Told::NotWritten) => {
                assert!(!repeated, "{what}: {mutation} was told not to be written")
            }
            _ => {}
        }
    }
    let trust = tests::world::trust(&operator);
    operator.close().unwrap();
    drop(operator);
    world.disk.kill();
    audit(world, trust, what);
}

/// The independent auditor, and every event of the course once.
fn audit(world: &World, trust: Trust, what: &str) {
    let log = ReadOnly::open(Arc::new(world.disk.clone()), Path::new("/data/0999/sag"))
        .unwrap()
        .judging();
    let note = log.checkpoint().unwrap().note.clone();
    let mut auditor = Auditor::new(
        trust,
        Checks {
            signatures: true,
            blobs: true,
            threads: 1,
        },
    );
    auditor.expect(&note).unwrap();
    let mut events: BTreeMap<String, u32> = BTreeMap::new();
    let read = log.for_each(&mut |entry| {
        let blobs: Vec<Option<&[u8]>> = entry.blobs.iter().map(Option::as_deref).collect();
        let taken = auditor.entry(RawEntry {
            index: verify::position::LogIndex::new(entry.index.get()),
            bytes: &entry.bytes,
            blobs: &blobs,
        });
        taken.unwrap_or_else(|finding| panic!("{what}: {finding}"));
        if let Ok(record::outline::Outline::Event(event)) =
            record::outline::Outline::read(&entry.bytes)
        {
            *events.entry(event.event_id.to_string()).or_default() += 1;
        }
        std::ops::ControlFlow::Continue(())
    });
    read.unwrap_or_else(|error| panic!("{what}: {error}"));
    auditor
        .finish()
        .unwrap_or_else(|finding| panic!("{what}: {finding}"));
    assert!(
        events.values().all(|count| *count == 1),
        "{what}: {events:?}"
    );
    // Person, case, two notes, the order and its report.
    assert_eq!(events.len(), 6, "{what}");
}

fn step() -> usize {
    std::env::var("FAULT_STEP")
        .ok()
        .and_then(|step| step.parse().ok())
        .unwrap_or(17)
}

/// How many calls there are to disk and index when nothing goes wrong.
async fn calls() -> (u64, u64) {
    let world = World::new(0);
    let told = play(&world).await;
    assert!(
        told.len() == 5 && told.iter().all(|told| matches!(told, Told::Receipt(_))),
        "{told:?}"
    );
    (world.disk.operations(), world.indexes.calls())
}

async fn with_faults_of_the_disk(mishap: Mishap, offset: usize) {
    let (operations, _) = calls().await;
    let mut runs = 0;
    for operation in (0..operations).skip(offset).step_by(step()) {
        let world = World::new(operation);
        world.disk.mishap_after(operation, mishap);
        let told = play(&world).await;
        world.restart();
        hold(
            &world,
            &told,
            &format!("{mishap:?} at operation {operation} of {operations}"),
        )
        .await;
        runs += 1;
    }
    eprintln!("{mishap:?}: {runs} runs over {operations} operations");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_at_any_operation_loses_and_doubles_nothing() {
    with_faults_of_the_disk(Mishap::PowerLoss, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_sync_at_any_operation_loses_and_doubles_nothing() {
    with_faults_of_the_disk(Mishap::SyncFails, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_at_any_operation_loses_and_doubles_nothing() {
    with_faults_of_the_disk(Mishap::Full, 9).await;
    with_faults_of_the_disk(Mishap::FullHalfway, 13).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_the_index_at_any_call_loses_and_doubles_nothing() {
    let (_, calls) = calls().await;
    let mut runs = 0;
    for (offset, mishap) in [
        IndexMishap::Before,
        IndexMishap::After,
        IndexMishap::Lasting,
    ]
    .into_iter()
    .enumerate()
    {
        for call in (0..calls).skip(offset).step_by(step().div_ceil(4)) {
            let world = World::new(call);
            world.indexes.mishap_after(call, mishap);
            let told = play(&world).await;
            // An order to erase that is recorded and not carried out yet is the one thing that
            // stays open.
            let open = told.iter().take(4).any(|told| *told == Told::Unknown);
            assert!(
                !open,
                "{mishap:?} at call {call}: an index decides nothing: {told:?}"
            );
            world.restart();
            hold(
                &world,
                &told,
                &format!("{mishap:?} at call {call} of {calls} of the index"),
            )
            .await;
            runs += 1;
        }
    }
    eprintln!("{runs} runs over {calls} calls of the index");
}
