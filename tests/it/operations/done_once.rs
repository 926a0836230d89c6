//! Work that is done once, however many ask for it. The program traces such work; these tests count
//! how often.

use app::evidence::bundle::Withheld;
use serde_json::json;
use tests::evidence::{bundle, check, trust};
use tests::traced::Traced;
use tests::world::{World, caseworker, family, ids};
use uuid::Uuid;

const EVALUATED: &str = "the duties of a case are evaluated";
const FOLDED: &str = "a stream is folded from the start";
const HEADS_READ: &str = "the newest entries of all streams are read";

/// Fields that show the duties of a case, each in its own way.
const DUTIES: &str = "obligations { status } open: obligations(status: [OPEN]) { status } \
     dormantObligations { wouldBeDue } obligationFindings { code } measurementPoints { answer }";

/// How often the duties of Alma's case are evaluated for an answer with these fields.
async fn evaluated(world: &World, fields: &str) -> usize {
    let query = format!("{{ case(id: \"{}\") {{ {fields} }} }}", ids().case());
    let traced = Traced::default();
    let listening = traced.listen();
    let answer = world.query(&query).await;
    drop(listening);
    assert!(answer["case"].is_object(), "{answer}");
    traced.times(EVALUATED)
}

#[tokio::test]
async fn the_duties_of_a_case_are_evaluated_once_for_all_fields_of_an_answer() {
    let world = World::with_alma().await;
    assert_eq!(evaluated(&world, "status").await, 0);
    assert_eq!(evaluated(&world, "obligations { status }").await, 1);
    assert_eq!(evaluated(&world, DUTIES).await, 1);
    let other = "other: obligations(whatIf: { overlay: WITHOUT }) { hypothetical }";
    assert_eq!(
        evaluated(&world, &format!("{DUTIES} {other}")).await,
        2,
        "other law is another evaluation"
    );
}

async fn note(world: &World, number: u128) {
    let case = family().stream("B3-open-b");
    let facts = json!({ "kind": "FACT", "text": "Et notat." });
    let note = json!({
        "commandId": Uuid::from_u128(number), "stream": case, "occurred": "2025-12-08", "facts": facts,
    });
    let outcome = world.order("takeNote", note, caseworker()).await.unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_bundle_reads_what_was_recorded_since_and_not_every_stream() {
    let world = World::with_family().await;
    let case = family().stream("B3-open-b");
    let traced = Traced::default();
    let made = || {
        let listening = traced.listen();
        let made = bundle(&world, case, &Withheld::default(), &[]);
        drop(listening);
        check(&made, &trust(&world)).unwrap().events.len()
    };
    let events = made();
    assert_eq!(traced.times(HEADS_READ), 1);
    note(&world, 1).await;
    assert_eq!(made(), events + 1);
    assert_eq!(made(), events + 1);
    assert_eq!(traced.times(HEADS_READ), 1, "the tree was brought forward");
    for number in 2..20 {
        note(&world, number).await;
    }
    assert_eq!(made(), events + 19);
    assert_eq!(
        traced.times(HEADS_READ),
        2,
        "reading so many entries costs more than reading all streams"
    );
}

/// How often a case is folded from the start for six notes to it, while so many bytes are kept of
/// cases.
async fn folded(world: &World, bytes: usize, first: u128) -> usize {
    world.operator.keep_at_most(bytes);
    note(world, first).await;
    let traced = Traced::default();
    let listening = traced.listen();
    for number in first + 1..=first + 6 {
        note(world, number).await;
    }
    drop(listening);
    traced.times(FOLDED)
}

#[tokio::test]
async fn a_command_is_decided_on_what_is_small_where_the_whole_case_does_not_fit() {
    let world = World::with_family().await;
    assert_eq!(folded(&world, 256 * 1024 * 1024, 1).await, 0);
    // A quarter of it holds what was folded of the case; the whole does not fit into the rest.
    assert_eq!(folded(&world, 80 * 1024, 100).await, 0);
    assert_eq!(folded(&world, 0, 200).await, 6, "nothing is kept");
}
