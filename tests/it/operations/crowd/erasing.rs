//! Reading while something is erased or recorded.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use app::commands::erase::{EraseTarget, ErasureOrder};
use app::commands::record::Order;
use app::error::RecordError;
use app::operations::operator::Operator;
use domain::reading::ReadingPoint;
use domain::refusal::RefusalCode;
use events::erasure::ErasureGround;
use events::event::Event;
use events::ids::CommandId;
use events::meta::{Meta, Role};
use events::text::EmployeeId;
use events::words::Words;
use serde_json::json;
use tests::world::{caseworker, ids, viewer};
use uuid::Uuid;

use super::Crowd;

fn erasure() -> ErasureOrder {
    ErasureOrder {
        command: CommandId::new(Uuid::from_u128(0xe)).unwrap(),
        meta: Meta::at("2024-11-10".parse().unwrap()),
        target: EraseTarget::Event(ids().reference("A14")),
        ground: ErasureGround::Gdpr17,
        legal_check: Words::parse("Ingen pligt til at bevare.").unwrap(),
        approved_by: EmployeeId::new("D2").unwrap(),
    }
}

/// Whether the event that is to be erased can be read.
fn shown(operator: &Operator) -> bool {
    let reading = operator
        .session(caseworker())
        .read(ids().case(), ReadingPoint::default())
        .unwrap()
        .unwrap();
    reading.event(ids().event("A14")).unwrap().fact().is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_reading_waits_for_an_erasure_or_a_command() {
    let crowd = Crowd::alma().await;
    assert!(shown(&crowd.operator));
    crowd.store.mood().held = true;
    std::thread::scope(|scope| {
        let (operator, store) = (&crowd.operator, &crowd.store);
        let erasing =
            scope.spawn(move || operator.session(viewer("D1", Role::Dpo)).erase(&erasure()));
        // Its order is being committed: everybody else who records waits, and nobody who reads.
        store.until_waiting(1);
        let (read, done) = channel();
        scope.spawn(move || {
            read.send((
                shown(operator),
                operator
                    .session(caseworker())
                    .suggest_withholding(ids().case())
                    .is_ok(),
            ))
            .unwrap()
        });
        let read = done.recv_timeout(Duration::from_secs(20));
        store.release();
        assert_eq!(
            read,
            Ok((true, true)),
            "it is read while the disk is busy with the erasure"
        );
        assert!(erasing.join().unwrap().is_ok());
    });
    assert!(!shown(&crowd.operator));
    crowd.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_while_it_is_read_is_a_hole_and_no_damage() {
    let crowd = Crowd::alma().await;
    let operator = crowd.operator.clone();
    let erase = move || {
        drop(
            operator
                .session(viewer("D1", Role::Dpo))
                .erase(&erasure())
                .unwrap(),
        )
    };
    // The reader has the entries as they were; by the time that it looks for the keys they are
    // gone.
    crowd.store.mood().before_page = Some(Box::new(erase));
    assert!(!shown(&crowd.operator));
    assert!(
        !shown(&crowd.operator),
        "nothing of what was there before is remembered"
    );
    crowd.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_was_ordered_and_could_not_be_carried_out_does_not_say_that_nothing_was_written()
 {
    let crowd = Crowd::alma().await;
    crowd.store.mood().no_changes = true;
    let outcome = crowd
        .operator
        .session(viewer("D1", Role::Dpo))
        .erase(&erasure());
    assert!(
        matches!(outcome, Err(RecordError::Unknown(_))),
        "{outcome:?}"
    );
    assert!(
        !shown(&crowd.operator),
        "the order stands, and what it lists is not shown"
    );
    crowd.store.mood().no_changes = false;
    let again = crowd
        .operator
        .session(viewer("D1", Role::Dpo))
        .erase(&erasure())
        .unwrap();
    assert!(again.repeated, "the same command goes on with it");
    crowd.close();
}

/// An order that erases nothing, and finds that out without writing.
fn of_nobody() -> ErasureOrder {
    let nobody = "00000000-0000-4000-8000-000000000001".parse().unwrap();
    ErasureOrder {
        target: EraseTarget::Person(nobody),
        ..erasure()
    }
}

fn note() -> Order {
    let facts = json!({ "kind": "FACT", "text": ["Et notat."] });
    Order {
        command: CommandId::new(Uuid::from_u128(1)).unwrap(),
        event: None,
        stream: Some(ids().case()),
        expected_version: None,
        also: Vec::new(),
        meta: Meta::at("2024-11-05".parse().unwrap()),
        facts: Event::from_json("NoteTaken", facts).unwrap(),
    }
}

/// Otherwise keys could change under a commit that is on its way.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_waits_for_a_command_that_nobody_waits_for_any_more() {
    let crowd = Crowd::alma().await;
    crowd.store.mood().held = true;
    let (session, order) = (crowd.operator.session(caseworker()), note());
    let mut recording = Box::pin(session.recording(&order));
    let store = Arc::clone(&crowd.store);
    let on_its_way = tokio::task::spawn_blocking(move || store.until_waiting(1));
    tokio::select! {
        outcome = &mut recording => panic!("the disk is held: {outcome:?}"),
        waiting = on_its_way => waiting.unwrap(),
    }
    drop(recording);
    let session = crowd.operator.session(viewer("D1", Role::Dpo));
    let mut erasing = tokio::task::spawn_blocking(move || session.erase(&of_nobody()));
    let early = tokio::time::timeout(Duration::from_millis(300), &mut erasing).await;
    crowd.store.release();
    assert!(early.is_err(), "{early:?}");
    let refused = erasing.await.unwrap();
    assert!(
        matches!(&refused, Err(RecordError::Refused(why)) if why.code == RefusalCode::NothingToErase),
        "{refused:?}"
    );
    crowd.close();
}
