//! Many clients at one case, clients that go away, and a server that is told to stop.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use server::serve::Ended;
use server::settings::Limits;
use tests::http::graphql;
use tests::waiting::Wait;
use tests::world::{World, caseworker, family, ids};

use super::{Crowd, code, limits, settings, status};

/// Waits until so many connections are answered, all with this status; answers those that still
/// wait.
#[track_caller]
fn answered(streams: Vec<TcpStream>, count: usize, wanted: u16) -> Vec<TcpStream> {
    let (mut open, mut done, wait) = (streams, 0, Wait::begin());
    while done < count {
        wait.or_fail("so many are answered", (done, count));
        let (ready, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(|stream| {
            stream
                .set_read_timeout(Some(Duration::from_millis(5)))
                .unwrap();
            stream.peek(&mut [0]).is_ok()
        });
        done += ready.len();
        ready
            .into_iter()
            .for_each(|stream| assert_eq!(status(stream), Some(wanted)));
        open = rest;
    }
    open
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_at_one_case_is_told_to_come_back_and_nobody_else_waits() {
    let crowd = Crowd::over(World::with_family().await).await;
    let served = crowd.serve(settings(Limits {
        waiting_for_stream_max: 2,
        ..limits()
    }));
    let (bastian, clara) = (family().stream("B3-open-b"), family().stream("B3-open-c"));
    crowd.store.mood().held = true;
    let first = served.begin_note(bastian, 1);
    crowd.store.until_waiting(1);
    let crowded: Vec<TcpStream> = (2..40)
        .map(|command| served.begin_note(bastian, command))
        .collect();
    // Two of the crowd wait, the rest are turned away at once: while nothing has been written yet.
    let waiting = answered(crowded, 36, 503);
    assert_eq!(waiting.len(), 2);
    let busy = served.note(bastian, 90);
    assert_eq!(
        (
            busy.status,
            code(&busy).as_str(),
            busy.header("retry-after")
        ),
        (503, "BUSY", Some("1"))
    );
    let read = graphql(
        served.address,
        &format!("{{ case(id: \"{clara}\") {{ status }} log {{ size }} }}"),
        &Value::Null,
    )
    .unwrap();
    assert_eq!(
        read.status, 200,
        "another case is read while the disk is busy"
    );
    let other = served.begin_note(clara, 91);
    assert_eq!(served.ready().status, 200);
    crowd.store.release();
    assert_eq!(
        (status(first), status(other)),
        (Some(200), Some(200)),
        "what waited is carried out"
    );
    answered(waiting, 2, 200);
    let again = served.note(bastian, 90);
    assert_eq!(
        again.json()["data"]["takeNote"]["repeated"],
        false,
        "of what was turned away nothing was written"
    );
    drop(served);
    crowd.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_whose_client_has_gone_is_not_recorded_and_runs_when_it_is_sent_again() {
    let crowd = Crowd::alma().await;
    let served = crowd.serve(settings(limits()));
    let case = ids().case();
    crowd.store.mood().held = true;
    let first = served.begin_note(case, 1);
    crowd.store.until_waiting(1);
    let before = crowd
        .operator
        .session(caseworker())
        .version(case)
        .unwrap()
        .unwrap();
    // They wait for their turn, and go.
    let gone: Vec<TcpStream> = (2..12)
        .map(|command| served.begin_note(case, command))
        .collect();
    served.let_it_read();
    gone.into_iter()
        .for_each(|stream| stream.shutdown(std::net::Shutdown::Both).unwrap());
    served.let_it_read();
    crowd.store.release();
    assert_eq!(status(first), Some(200));
    let after = served.note(case, 20);
    assert_eq!(
        after.json()["data"]["takeNote"]["receipt"]["version"],
        json!(before.get() + 2),
        "nobody's command came in between"
    );
    let again = served.note(case, 5);
    assert_eq!(again.json()["data"]["takeNote"]["repeated"], false);
    drop(served);
    crowd.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_stop_refuses_what_waits_and_ends_within_its_grace() {
    let crowd = Crowd::alma().await;
    let mut served = crowd.serve(settings(Limits {
        grace: Duration::from_secs(4),
        ..limits()
    }));
    crowd.store.mood().held = true;
    let running = served.begin_note(ids().case(), 1);
    crowd.store.until_waiting(1);
    let waiting: Vec<TcpStream> = (2..20)
        .map(|command| served.begin_note(ids().case(), command))
        .collect();
    served.let_it_read();
    let begun = Instant::now();
    served.stop();
    assert!(
        answered(waiting, 18, 503).is_empty(),
        "what has not begun is refused"
    );
    let draining = served.until_ready_says("DRAINING");
    assert_eq!(draining.status, 503);
    assert_eq!(code(&served.note(ids().case(), 30)), "BUSY");
    assert_eq!(
        served.ended(),
        Ended::Asked,
        "a disk that does not answer is not waited for"
    );
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(4), "{took:?}");
    drop(running);
    crowd.store.release();
    drop(served);
    crowd.close();
}
