//! Look-ups are found by what they say, and by nothing else: over exchanges of the keys, and not
//! after the erasure of what was looked at.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use app::clock::SetClock;
use app::commands::erase::EraseTarget;
use app::operations::operator::Operator;
use domain::reading::ReadingPoint;
use events::ids::StreamId;
use events::meta::Role;
use events::spec::StreamKind;
use record::entry::{Entry, parse};
use record::keys::RootKey;
use record::opening::PartSource;
use record::positions::StreamVersion;
use serde_json::json;
use store::disk::RealDisk;
use store::embedded::keys::FileKeyStore;
use store::embedded::read_only::ReadOnly;
use store::key_store::KeyStore;
use tests::dirs::Dirs;
use tests::dying_log::{Step, dying, order_of};
use tests::world::{World, audit_log, caseworker, family, files, layout, trust, viewer};
use uuid::Uuid;

fn clara() -> StreamId {
    family().stream("B3-open-c")
}

fn bastian() -> StreamId {
    family().stream("B3-open-b")
}

async fn look(world: &World, number: u128, case: StreamId) {
    let input = json!({
        "commandId": Uuid::from_u128(0x700 + number), "occurred": "2025-12-01T08:00:00+01:00",
        "facts": {
            "reader": "K1", "subjects": [{ "person": family().person("clara"), "role": "CHILD" }], "target": case, "scope": "hele sagen",
            "purpose": "sagsbehandling", "relation": "ASSIGNED", "emergencyReason": "Clara ringede.", "result": "ALLOWED",
        },
    });
    world.clock.set("2025-12-01T08:00:00Z".parse().unwrap());
    let outcome = world
        .order("recordAccess", input, viewer("system", Role::System))
        .await
        .unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
}

fn look_ups(operator: &Operator, case: StreamId) -> usize {
    operator
        .session(caseworker())
        .look_ups(case, ReadingPoint::default())
        .unwrap()
        .len()
}

/// Every value that the access log in a directory still opens, as text.
fn opened(dir: &Path) -> Vec<String> {
    let place = layout(dir).accesses();
    let keys = FileKeyStore::open(Arc::new(RealDisk::default()), &place.key_dir()).unwrap();
    let root = RootKey::from_bytes(*keys.secrets().root);
    let log = ReadOnly::open(Arc::new(RealDisk::default()), &place.log_dir()).unwrap();
    let mut found = Vec::new();
    log.for_each(&mut |entry| {
        let Entry::Access(event) = parse(&entry.bytes).unwrap().entry else {
            return ControlFlow::Continue(());
        };
        for (part, blob) in (0..).zip(entry.blobs) {
            let row = keys.part(event.event_id, part).unwrap().unwrap();
            let subject = keys.subject(row.subject).unwrap().unwrap();
            let key = root
                .unwrap(subject.place(), &subject.wrapped)
                .unwrap()
                .unwrap(row.place(), &row.wrapped)
                .unwrap();
            let text = record::attachment::open(
                PartSource {
                    blob: &blob.unwrap(),
                    key: &key,
                },
                event.event_id,
                part,
            )
            .unwrap();
            let disclosures = text
                .split(|byte| *byte == b'~')
                .filter(|text| !text.is_empty());
            found.extend(
                disclosures
                    .map(|text| String::from_utf8(record::b64u::decode(text).unwrap()).unwrap()),
            );
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    found
}

fn naming(values: &[String], id: &str) -> usize {
    values.iter().filter(|value| value.contains(id)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn look_ups_are_found_over_exchanges_of_the_keys() {
    let world = World::with_family().await;
    assert_eq!(
        (
            look_ups(&world.operator, clara()),
            look_ups(&world.operator, bastian())
        ),
        (2, 0)
    );
    let streams = |world: &World| {
        world
            .operator
            .access_log()
            .unwrap()
            .session(caseworker())
            .streams(StreamKind::Access)
            .unwrap()
    };
    let first = streams(&world);
    for number in 0..2 {
        world.operator.rotate_root().unwrap();
        world.operator.access_log().unwrap().rotate_root().unwrap();
        look(&world, number, clara()).await;
    }
    look(&world, 2, bastian()).await;
    assert_eq!(
        (
            look_ups(&world.operator, clara()),
            look_ups(&world.operator, bastian())
        ),
        (4, 1)
    );
    let world = world.reopen();
    look(&world, 3, clara()).await;
    look(&world, 4, bastian()).await;
    assert_eq!(
        (
            look_ups(&world.operator, clara()),
            look_ups(&world.operator, bastian())
        ),
        (5, 2)
    );
    assert_eq!(
        (first.len(), streams(&world).len()),
        (1, 2),
        "one stream for each case"
    );
    assert_eq!(streams(&world)[0], first[0]);
    // No secret connects them that could be copied: the files of secrets hold seeds and the root
    // key, and nothing else.
    let (dir, _) = world.stop();
    for path in files(&layout(dir.path()).key_dir())
        .iter()
        .filter(|path| path.to_string_lossy().contains("secrets-"))
    {
        let text = std::fs::read_to_string(path).unwrap();
        let names: Vec<&str> = text
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(name, _)| name)
            .skip(4)
            .collect();
        assert_eq!(
            names,
            ["root", "event", "log", "log-post-quantum"],
            "{text}"
        );
    }
}

/// Who looked, when and by what right stays; at what does not.
fn is_cut_off(world_dir: &Path, before: usize) {
    let values = opened(world_dir);
    assert_eq!(
        naming(&values, &clara().to_string()),
        0,
        "nothing names the case any more"
    );
    assert_eq!(
        (
            naming(&values, "Clara ringede"),
            naming(&values, &family().person("clara").to_string())
        ),
        (1, 1),
        "but of the other case"
    );
    let stated = |name: &str| values.iter().filter(|value| value.contains(name)).count();
    assert_eq!(
        stated("\"K9\"") + stated("\"K1\""),
        before,
        "who looked stays on record"
    );
}

/// Once what was looked at is erased, the access log holds an order and its report more, and values
/// of each of the look-ups less.
fn erase_clara(world: &World, of_clara: StreamId, looked_at: u64) {
    world
        .session_of(viewer("D1", Role::Dpo))
        .erase(&order_of(EraseTarget::Case(clara())))
        .unwrap();
    assert_eq!(
        (
            look_ups(&world.operator, clara()),
            look_ups(&world.operator, bastian())
        ),
        (0, 1)
    );
    let accesses = world.operator.access_log().unwrap();
    assert_eq!(
        accesses.session(caseworker()).version(of_clara).unwrap(),
        Some(StreamVersion::new(looked_at + 2)),
        "an order and its report"
    );
    accesses.checkpoint().unwrap();
    let trust_accesses = trust(&accesses);
    drop(accesses);
    let report = audit_log(
        &layout(world.dir.path()).accesses().log_dir(),
        &trust_accesses,
    )
    .unwrap();
    assert_eq!(
        (report.holes.len(), report.notes.len()),
        (3, 0),
        "values of each of the look-ups"
    );
    assert!(world.audit().notes.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_case_is_cut_off_from_its_look_ups() {
    let world = World::with_family().await;
    look(&world, 1, clara()).await;
    look(&world, 2, bastian()).await;
    let accesses = world.operator.access_log().unwrap();
    let of_clara = accesses
        .session(caseworker())
        .streams(StreamKind::Access)
        .unwrap()[0];
    let looked_at_clara = accesses
        .session(caseworker())
        .version(of_clara)
        .unwrap()
        .unwrap();
    assert_eq!(
        (looked_at_clara, look_ups(&world.operator, clara())),
        (StreamVersion::new(3), 3)
    );
    drop(accesses);
    erase_clara(&world, of_clara, looked_at_clara.get());
    let size = world.public_log().size();
    let world = world.reopen();
    assert_eq!(
        (
            look_ups(&world.operator, clara()),
            look_ups(&world.operator, bastian())
        ),
        (0, 1)
    );
    assert_eq!(
        (
            world.public_log().size(),
            world
                .operator
                .access_log()
                .unwrap()
                .session(caseworker())
                .version(of_clara)
                .unwrap()
        ),
        (size, Some(StreamVersion::new(looked_at_clara.get() + 2)))
    );
    let (dir, _) = world.stop();
    is_cut_off(dir.path(), 4);
    // Whoever looks at what is left of it begins anew.
    let world = reopened(dir);
    look(&world, 3, clara()).await;
    assert_eq!(look_ups(&world.operator, clara()), 1);
    let accesses = world.operator.access_log().unwrap();
    assert_eq!(
        (
            accesses.session(caseworker()).version(of_clara).unwrap(),
            accesses
                .session(caseworker())
                .streams(StreamKind::Access)
                .unwrap()
                .len()
        ),
        (Some(StreamVersion::new(looked_at_clara.get() + 2)), 3)
    );
}

fn reopened(dir: tempfile::TempDir) -> World {
    let clock = Arc::new(SetClock::new("2025-12-02T10:00:00Z".parse().unwrap()));
    let operator = Operator::open(
        layout(dir.path()),
        Arc::<SetClock>::clone(&clock),
        &mut |_, _| {},
    )
    .unwrap();
    let schema = api::schema::schema();
    World {
        dir,
        clock,
        operator,
        schema,
    }
}

/// After a crash the access log is cut off when it is opened, and not before: its guard decides
/// whether it is written to.
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_erasure_is_reported_when_the_look_ups_are_cut_off() {
    let world = World::with_family().await;
    look(&world, 1, clara()).await;
    look(&world, 2, bastian()).await;
    let (dir, trust) = world.stop();
    let clock = Arc::new(SetClock::new("2025-12-02T10:00:00Z".parse().unwrap()));
    let operator = dying(&layout(dir.path()), Step::Blobs, &clock);
    assert!(
        operator
            .session(viewer("D1", Role::Dpo))
            .erase(&order_of(EraseTarget::Case(clara())))
            .is_err()
    );
    let ordered = operator.public_log().size();
    operator.close().ok();
    drop(operator);
    let world = reopened(dir);
    assert_eq!(world.public_log().size(), ordered, "not reported yet");
    assert_eq!(look_ups(&world.operator, bastian()), 1);
    assert!(
        world.public_log().size() > ordered,
        "reported, since the access log is open"
    );
    assert_eq!(look_ups(&world.operator, clara()), 0);
    world.operator.checkpoint().unwrap();
    let (dir, _) = world.stop();
    assert!(
        tests::world::audit(dir.path(), &trust)
            .unwrap()
            .notes
            .is_empty()
    );
    is_cut_off(dir.path(), 4);
}
