//! An operator who sets a safeguard aside does so on the record, and everybody who asks is shown
//! it.

use events::log::{Safeguard, SafeguardOverridden};
use events::text::Short;
use events::words::Words;
use serde_json::json;
use tests::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_sets_aside_is_an_event_that_everybody_can_see() {
    let world = World::with_alma().await;
    let facts = SafeguardOverridden {
        safeguard: Safeguard::Rollback,
        reason: Words::parse("The disk broke; the backup of Monday is all there is.").unwrap(),
        clock: None,
        known_time: None,
        entries_here: Some(10),
        entries_known: Some(12),
        known_by: Some(Short::new("witness.example/w1").unwrap()),
    };
    world
        .operator
        .record_override(facts, "operator on machine-1")
        .unwrap();
    let answer =
        world.query("{ log { safeguardOverrides { safeguard reason operator clock knownTime entriesHere entriesKnown knownBy } } }").await;
    assert_eq!(
        answer["log"]["safeguardOverrides"],
        json!([{
            "safeguard": "ROLLBACK", "reason": "The disk broke; the backup of Monday is all there is.", "operator": "operator on machine-1",
            "clock": null, "knownTime": null, "entriesHere": 10, "entriesKnown": 12, "knownBy": "witness.example/w1",
        }])
    );
    assert_eq!(world.audit().holes, []);
}
