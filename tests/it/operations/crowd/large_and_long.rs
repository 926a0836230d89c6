//! Answers that are too large, and requests that take too long.

use std::time::Duration;

use serde_json::Value;
use server::settings::Limits;
use tests::http::graphql;
use tests::waiting::wait_until;
use tests::world::{World, ids};

use super::{Crowd, code, limits, serve, settings};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_too_large_is_refused_while_it_is_made_and_when_it_is_written() {
    let world = World::with_alma().await;
    let case = ids().case();
    let many: String =
        (0..330).map(|number| format!("a{number}: case(id: \"{case}\") {{ timeline {{ told {{ line eventType }} recordedAt }} }} ")).collect();
    let served = serve(
        &world.operator,
        settings(Limits {
            answer_bytes_max: 2_000,
            ..limits()
        }),
    );
    let long = graphql(
        served.address,
        &format!("{{ case(id: \"{case}\") {{ timeline {{ told {{ line }} }} }} }}"),
        &Value::Null,
    )
    .unwrap();
    assert_eq!(
        (long.status, code(&long).as_str()),
        (200, "ANSWER_TOO_LARGE")
    );
    assert!(long.body.len() < 2_000);
    let more = graphql(served.address, &format!("{{ {many} }}"), &Value::Null).unwrap();
    assert_eq!(
        code(&more),
        "ANSWER_TOO_LARGE",
        "{}",
        &more.body[..300.min(more.body.len())]
    );
    assert!(
        more.body.len() < 2_000,
        "one error, not one for each field that is missing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_takes_too_long_is_given_up_and_a_command_stays_unknown() {
    let crowd = Crowd::alma().await;
    let served = crowd.serve(settings(Limits {
        request: Duration::from_millis(900),
        ..limits()
    }));
    crowd.store.mood().held = true;
    let late = served.note(ids().case(), 1);
    assert_eq!(
        (late.status, code(&late).as_str()),
        (503, "OUTCOME_UNKNOWN")
    );
    let waited = served.note(ids().case(), 2);
    assert_eq!(
        (waited.status, code(&waited).as_str()),
        (503, "BUSY"),
        "it waited for the first, which is still at it"
    );
    crowd.store.release();
    wait_until("the same command answers what became of it", || {
        served.note(ids().case(), 1).json()["data"]["takeNote"]["repeated"] == true
    });
    drop(served);
    crowd.close();
}
