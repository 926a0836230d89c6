//! A store that fails: what the server tells, and when it ends.

use std::time::Duration;

use app::error::RecordError;
use serde_json::Value;
use server::serve::Ended;
use server::settings::Limits;
use store::log_store::UnusableReason;
use tests::http::{graphql, send};
use tests::world::ids;
use uuid::Uuid;

use super::{Crowd, code, limits, settings};

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_stopped_says_so_is_read_for_a_while_and_ends_the_server() {
    let crowd = Crowd::alma().await;
    let served = crowd.serve(settings(Limits {
        stopped: Duration::from_millis(1_500),
        ..limits()
    }));
    assert_eq!(served.ready().body, "ready\n");
    crowd.store.mood().unknown = true;
    let unknown = served.note(ids().case(), 1);
    assert_eq!(code(&unknown), "OUTCOME_UNKNOWN");
    let stopped = served.note(ids().case(), 2);
    assert_eq!(code(&stopped), "STORE_STOPPED", "{}", stopped.body);
    assert!(stopped.body.contains("nothing of this command was written"));
    let again = served.note(ids().case(), 1);
    assert_eq!(
        code(&again),
        "OUTCOME_UNKNOWN",
        "nobody can say of the first that nothing was written"
    );
    let document = format!(
        "/documents/{}?commandId={}&title=Brev&occurred=2024-11-05",
        ids().case(),
        Uuid::from_u128(9)
    );
    let filed = send(
        served.address,
        "POST",
        &document,
        &[("content-type", "text/plain")],
        "En linje.\n",
    )
    .unwrap();
    assert_eq!(
        (filed.status, code(&filed).as_str()),
        (503, "STORE_STOPPED")
    );
    let unready = served.until_ready_says("STORE_STOPPED: the case log");
    assert_eq!(unready.status, 503);
    let read = graphql(
        served.address,
        &format!("{{ case(id: \"{}\") {{ status }} }}", ids().case()),
        &Value::Null,
    )
    .unwrap();
    assert_eq!(
        read.json()["data"]["case"]["status"],
        "CLOSED",
        "it is read"
    );
    assert_eq!(
        send(served.address, "GET", "/livez", &[], "")
            .unwrap()
            .status,
        200
    );
    let Ended::StoreStopped(why) = served.ended() else {
        panic!("it was not asked to end")
    };
    assert!(
        why.starts_with("STORE_STOPPED: the case log records nothing"),
        "{why}"
    );
    drop(served);
    crowd.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn health_tells_each_reason_with_its_code_and_that_it_has_passed() {
    let crowd = Crowd::alma().await;
    let served = crowd.serve(settings(Limits {
        checkpoint_late: Duration::from_millis(700),
        stopped: Duration::ZERO,
        ..limits()
    }));
    crowd.store.mood().index = Some("no space left".to_owned());
    assert_eq!(served.until_ready_says("INDEX_FAILED").status, 503);
    crowd.store.mood().index = None;
    served.until_ready_says("ready");
    crowd.store.mood().no_checkpoint = true;
    assert_eq!(served.note(ids().case(), 1).status, 200);
    assert!(
        served
            .until_ready_says("CHECKPOINT_LATE")
            .body
            .contains("have waited")
    );
    crowd.store.mood().no_checkpoint = false;
    served.until_ready_says("ready");
    crowd.store.mood().stopped = Some(UnusableReason::ReadOnly);
    assert!(
        served
            .until_ready_says("STORE_READ_ONLY")
            .body
            .contains("reading only")
    );
    assert_eq!(code(&served.note(ids().case(), 2)), "STORE_STOPPED");
    assert!(
        served.ended.try_recv().is_err(),
        "a restart makes no room, so the server goes on being read"
    );
    crowd.store.mood().stopped = None;
    served.until_ready_says("ready");
    drop(served);
    crowd.close();
}

/// The sequencer and the store each know the tree over what they saw: nothing is signed that only
/// one knows.
#[tokio::test(flavor = "multi_thread")]
async fn no_checkpoint_is_signed_over_a_tree_that_only_the_store_knows() {
    let crowd = Crowd::alma().await;
    crowd.operator.checkpoint().unwrap();
    let before = crowd.operator.public_log().checkpoint_note().unwrap();
    crowd.store.mood().other_tree = true;
    assert!(matches!(
        crowd.operator.checkpoint(),
        Err(RecordError::NotWritten(_) | RecordError::Read(_))
    ));
    assert_eq!(
        crowd.operator.public_log().checkpoint_note().unwrap(),
        before
    );
    crowd.store.mood().other_tree = false;
    crowd.operator.checkpoint().unwrap();
    crowd.close();
}
