//! How long evidence takes: a bundle of a case of 300 events and its check, a dossier, a checkpoint
//! after a write, and the erasure of a person who stands in a hundred cases.
//!
//! Everything is durable: each commit and each checkpoint is synced.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark"
)]

use std::io::Cursor;
use std::time::{Duration, Instant};

use app::commands::erase::{EraseTarget, ErasureOrder};
use app::evidence::bundle::{BundleOrder, Withheld};
use app::evidence::dossier::DisclosureOrder;
use events::access::DisclosureKind;
use events::erasure::ErasureGround;
use events::ids::{CommandId, PersonId, StreamId};
use events::meta::{Meta, Role};
use events::text::{EmployeeId, Short};
use events::time::Occurred;
use events::words::Words;
use record::positions::StreamVersion;
use serde_json::json;
use tests::measure::Times;
use tests::waiting::wait_until;
use tests::world::{World, caseworker, ids, viewer};
use uuid::Uuid;
use verify::bundle::{NoAuthority, Trust};
use verify::policy::Policy;
use verify::zip::Zip;

const CASE_EVENTS: u64 = 300;
const ROUNDS: usize = 50;
const CASES: u128 = 100;

fn say(what: &str, times: Vec<f64>) {
    let (count, times) = (times.len(), Times::new(times));
    println!(
        "{what}, {count} times, ms: p50 {:.1}   p99 {:.1}   max {:.1}",
        times.at(0.5),
        times.at(0.99),
        times.at(1.0)
    );
}

fn rounds(count: usize, mut work: impl FnMut()) -> Vec<f64> {
    let timed = |_| {
        let begin = Instant::now();
        work();
        begin.elapsed().as_secs_f64() * 1_000.0
    };
    (0..count).map(timed).collect()
}

async fn note(world: &World, number: u128) {
    let note = json!({
        "commandId": Uuid::from_u128(number), "stream": ids().case(), "occurred": "2024-11-05",
        "facts": { "kind": "FACT", "about": ids().child(), "text": "Alma fortæller, at det går bedre i skolen.\n\nHun sover i sin egen seng de fleste nætter." },
    });
    world.order("takeNote", note, caseworker()).await.unwrap();
}

/// Makes the bundle of a case many times; answers its bytes.
fn bundle_made(world: &World, case: StreamId) -> Vec<u8> {
    let withheld = Withheld::default();
    let order = BundleOrder {
        stream: case,
        withheld: &withheld,
        documents: false,
        pinned: &[],
    };
    let mut bytes = Vec::new();
    let made = rounds(ROUNDS, || {
        let snapshot = world.session().snapshot(Duration::ZERO).unwrap();
        let mut out = Cursor::new(Vec::new());
        world
            .session()
            .write_bundle(&snapshot, &order, &mut out)
            .unwrap();
        bytes = out.into_inner();
    });
    say(
        &format!("bundle of {CASE_EVENTS} events, {} bytes", bytes.len()),
        made,
    );
    bytes
}

fn bundle_checked(world: &World, bytes: &[u8]) {
    let policy = format!("log {}\nquorum none\n", world.public_log().verifier_key());
    let trust = Trust {
        policy: Policy::parse(policy.as_bytes()).unwrap(),
        pin: None,
        receipts: Vec::new(),
        verifying: None,
    };
    let checked = rounds(ROUNDS, || {
        let mut source = Cursor::new(bytes);
        let mut zip = Zip::open(&mut source).unwrap();
        let verdict =
            verify::bundle::check(&mut zip, &trust, &NoAuthority, &mut |_, _| {}).unwrap();
        assert_eq!(verdict.events.len() as u64, CASE_EVENTS);
    });
    say("its check, every signature and proof", checked);
}

fn dossier_made(world: &World, case: StreamId) {
    let disclosure = DisclosureOrder {
        command: CommandId::new(Uuid::from_u128(0xd1_0000_0000)).unwrap(),
        case,
        meta: Meta::at(Occurred::On("2024-11-05".parse().unwrap())),
        kind: DisclosureKind::BoardDossier,
        request: None,
        recipient: Short::new("Ankestyrelsen".to_owned()).unwrap(),
        recipient_person: None,
        withhold: Vec::new(),
        documents: false,
        wait: Duration::ZERO,
    };
    let mut file = Cursor::new(Vec::new());
    let made = rounds(1, || {
        world
            .session()
            .disclose(&disclosure, &mut file, &mut tempfile::tempfile)
            .unwrap();
    });
    say(
        &format!(
            "dossier of that case, {} bytes, recorded",
            file.get_ref().len()
        ),
        made,
    );
}

async fn checkpoints_after_writes(world: &World) {
    let mut waits = Vec::new();
    for number in 0..20 {
        note(world, 10_000 + number).await;
        let (written, size) = (Instant::now(), world.public_log().size());
        wait_until("a checkpoint covers it", || {
            let noted = world.public_log().checkpoint_note().unwrap();
            noted.is_some_and(|(covered, _)| covered >= size)
        });
        waits.push(written.elapsed().as_secs_f64() * 1_000.0);
    }
    say("from a write to the checkpoint over it", waits);
}

async fn bundles() {
    let world = World::with_alma().await;
    let case = ids().case();
    let mut number = 0;
    while world.session().version(case).unwrap().unwrap() < StreamVersion::new(CASE_EVENTS) {
        number += 1;
        note(&world, number).await;
    }
    let bytes = bundle_made(&world, case);
    bundle_checked(&world, &bytes);
    dossier_made(&world, case);
    checkpoints_after_writes(&world).await;
}

/// A hundred cases in which one professional is heard of, among ten times as many events that do
/// not speak of her.
async fn erasure() {
    let world = World::new();
    let person = Uuid::from_u128(0xface);
    let mut number = 0x1_0000;
    for case in 0..CASES {
        let (stream, child) = (
            Uuid::from_u128(0xca_0000 + case),
            json!({ "person": Uuid::from_u128(0xcb_0000 + case), "role": "CHILD" }),
        );
        let mut order = async |mutation: &str, facts: serde_json::Value| {
            number += 1;
            let input = json!({ "commandId": Uuid::from_u128(number), "stream": stream, "occurred": "2024-02-05", "facts": facts });
            let outcome = world.order(mutation, input, caseworker()).await.unwrap();
            assert_eq!(outcome["userErrors"], json!([]));
        };
        order(
            "openCase",
            json!({ "child": child, "ground": "Fravær.", "kleNumber": "27.24.00" }),
        )
        .await;
        for _ in 0..9 {
            order(
                "takeNote",
                json!({ "kind": "FACT", "about": child, "text": "Et notat." }),
            )
            .await;
        }
        let about = json!({ "person": person, "role": "PROFESSIONAL" });
        order(
            "takeNote",
            json!({ "kind": "FACT", "about": about, "text": "Lærerens egne forhold." }),
        )
        .await;
    }
    let order = ErasureOrder {
        command: CommandId::new(Uuid::from_u128(0xe1)).unwrap(),
        meta: Meta::at(Occurred::On("2024-02-06".parse().unwrap())),
        target: EraseTarget::Person(PersonId::new(person).unwrap()),
        ground: ErasureGround::ALL[0],
        legal_check: Words::parse("Vejet.").unwrap(),
        approved_by: EmployeeId::new("L1".to_owned()).unwrap(),
    };
    let begin = Instant::now();
    let recording = world
        .session_of(viewer("D1", Role::Dpo))
        .erase(&order)
        .unwrap();
    let took = begin.elapsed();
    assert_eq!(recording.receipts.len() as u128, CASES);
    assert!(world.audit().holes.len() as u128 >= CASES);
    println!(
        "erasing a person in {CASES} cases ({} entries), ordered, carried out and reported: {:.2} s",
        world.public_log().size(),
        took.as_secs_f64()
    );
}

fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(bundles());
    runtime.block_on(erasure());
}
