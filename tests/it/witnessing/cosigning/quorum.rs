//! A log is cosigned by its quorum and archived; the access log has witnesses of its own.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use app::operations::operator::Operator;
use app::queries::witnessing::Standing;
use app::witnessing::client::{Policy, WitnessClientError, WitnessClientSettings};
use record::checkpoint::Checkpoint;
use record::note::Note;
use record::positions::Size;
use serde_json::json;
use server::outgoing::Outgoing;
use tests::loopback_servers::{Town, log_keys, until};
use tests::waiting::Wait;
use tests::world::{World, audit, layout};
use witness::keys::KeyKind;

use super::{note, witnessed};

/// A new event is checkpointed within a second and witnessed soon after; answers the size of the
/// log that was witnessed.
async fn new_event_is_witnessed(world: &World) -> u64 {
    note(world, "one more").await;
    let written = Wait::within(Duration::from_secs(1));
    let grown = world.public_log().size();
    written.find("a checkpoint is signed soon after a write", || match world
        .session()
        .standing(grown.last().unwrap())
        .unwrap()
    {
        Some(Standing::Recorded) => Err(Standing::Recorded),
        standing => Ok(standing),
    });
    let covering = world.public_log().size();
    until(&world.operator, "the next", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(covering))
    });
    let answer = world
        .query(&format!(
            "{{ log {{ standing(position: {}) witnessing {{ quorumSize alarm witnesses {{ name size error }} }} }} }}",
            grown.get() - 1
        ))
        .await;
    assert_eq!(answer["log"]["standing"], "WITNESSED");
    assert_eq!(
        answer["log"]["witnessing"]["witnesses"][1],
        json!({ "name": "w2", "size": covering, "error": null })
    );
    covering.get()
}

/// A heartbeat: nothing new, fresh times; answers the time that all witnesses then say.
fn heartbeat_is_cosigned(world: &World, town: &Town, size: u64) -> jiff::Timestamp {
    town.time.fetch_add(900, Ordering::Relaxed);
    world
        .clock
        .set(world.public_log().now() + jiff::SignedDuration::from_mins(15));
    world.operator.nudge_witness_client();
    let fresh = jiff::Timestamp::from_second(world.public_log().now().as_second()).unwrap();
    until(&world.operator, "fresh", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.time == Some(fresh))
    });
    assert_eq!(
        world.public_log().size(),
        Size::new(size),
        "a heartbeat writes no entry"
    );
    fresh
}

/// What was archived stands on its own.
fn archive_stands_on_its_own(world: World, policy: &Policy, size: u64, fresh: jiff::Timestamp) {
    let (dir, trust) = world.stop();
    assert!(
        audit(dir.path(), &trust).is_ok(),
        "the auditor passes over the lines that it does not know"
    );
    let again = Operator::open(
        layout(dir.path()),
        Arc::new(app::clock::SystemClock),
        &mut |_, _| {},
    )
    .unwrap();
    let archived = again
        .public_log()
        .archived_before(Size::new(size))
        .unwrap()
        .unwrap();
    let note = Note::parse(&archived.note).unwrap();
    let standing = policy.judge(&Checkpoint::parse_body(&note.body).unwrap(), &note);
    assert!(standing.quorum && standing.signed_by_log);
    assert_eq!(
        standing.cosigned.get("w1"),
        Some(&u64::try_from(fresh.as_second()).unwrap())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_case_is_cosigned_by_the_quorum_and_archived() {
    let (world, town, keys) = witnessed().await;
    let size = world.public_log().size();
    let status = until(&world.operator, "all three", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(size))
    });
    assert_eq!((status.quorum_size, status.alarm), (Some(size), None));
    assert_eq!(
        world.session().standing(size.last().unwrap()).unwrap(),
        Some(Standing::Witnessed)
    );
    assert_eq!(world.session().standing(size.next_index()).unwrap(), None);

    let covering = new_event_is_witnessed(&world).await;
    let fresh = heartbeat_is_cosigned(&world, &town, covering);
    let policy = town.policy(&keys);
    drop(town);
    archive_stands_on_its_own(world, &policy, covering, fresh);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_access_log_has_witnesses_of_its_own() {
    let world = World::with_alma().await;
    let before = world.query("{ accessLog { size } }").await;
    assert_eq!(before["accessLog"], json!(null), "nobody has looked");
    tests::orders::look(&world, 1).await;
    let accesses = world.operator.access_log().unwrap();
    let mut town = Town::new();
    let keys = log_keys(&accesses);
    let address = town.show(&world.operator);
    town.found(&keys, KeyKind::Ed25519, Some(address));
    town.found(&keys, KeyKind::Ed25519, None);
    assert!(matches!(
        accesses.start_witness_client(
            WitnessClientSettings::new(town.policy(&log_keys(&world.operator))),
            Arc::new(Outgoing::default())
        ),
        Err(WitnessClientError::OtherLog(_))
    ));
    town.courier(&accesses, &keys);
    accesses.checkpoint().unwrap();
    let size = accesses.public_log().size();
    until(&accesses, "both", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(size))
    });
    let answer = world
        .query("{ log { witnessing { quorumSize } } accessLog { origin size standing(position: 1) witnessing { quorumSize alarm } } }")
        .await;
    let expected = json!({
        "origin": accesses.layout().origin(), "size": size, "standing": "WITNESSED", "witnessing": { "quorumSize": size, "alarm": null },
    });
    assert_eq!(
        (&answer["accessLog"], &answer["log"]["witnessing"]),
        (&expected, &json!(null))
    );
}
