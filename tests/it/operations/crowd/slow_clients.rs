//! Half requests, idle connections, and too many of them, at the server and at a witness.

use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use serde_json::Value;
use server::settings::Limits;
use tests::http::{graphql, send};
use tests::waiting::{wait_for, wait_until};
use tests::world::{World, ids};
use uuid::Uuid;
use witness::keys::{KeyKind, LogKey, WitnessKey};
use witness::witness::{LogSettings, Witness};

use super::{code, limits, serve, settings, status};

#[tokio::test(flavor = "multi_thread")]
async fn half_requests_and_idle_connections_are_closed_and_slow_ones_told() {
    let world = World::with_alma().await;
    let limits = Limits {
        head: Duration::from_millis(300),
        stall: Duration::from_millis(600),
        ..limits()
    };
    let served = serve(&world.operator, settings(limits));
    let begin = |text: &str| {
        let mut stream = TcpStream::connect(served.address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    };
    let heads: Vec<TcpStream> = (0..40)
        .map(|_| begin("GET /livez HTTP/1.1\r\nhost: local"))
        .collect();
    let silent: Vec<TcpStream> = (0..40).map(|_| begin("")).collect();
    let idle: Vec<TcpStream> = (0..40)
        .map(|_| begin("GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n"))
        .collect();
    let head = "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 400\r\n\r\n{";
    let bodies: Vec<TcpStream> = (0..40).map(|_| begin(head)).collect();
    let document = format!(
        "/documents/{}?commandId={}&title=Brev&occurred=2024-11-05",
        ids().case(),
        Uuid::from_u128(9)
    );
    let document = begin(&format!(
        "POST {document} HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\ncontent-length: 400\r\n\r\nEn"
    ));
    for stream in heads.into_iter().chain(silent) {
        assert_eq!(
            status(stream),
            None,
            "closed without a word: there is no request to answer"
        );
    }
    for stream in idle {
        assert_eq!(
            status(stream),
            Some(200),
            "answered, and closed when nothing more came"
        );
    }
    for stream in bodies.into_iter().chain([document]) {
        assert_eq!(status(stream), Some(408));
    }
    assert_eq!(
        graphql(served.address, "{ log { size } }", &Value::Null)
            .unwrap()
            .status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_told_when_every_connection_is_taken() {
    let world = World::with_alma().await;
    let served = serve(
        &world.operator,
        settings(Limits {
            connections_max: 4,
            ..limits()
        }),
    );
    let held: Vec<TcpStream> = (0..4)
        .map(|_| TcpStream::connect(served.address).unwrap())
        .collect();
    let asked = || graphql(served.address, "{ log { size } }", &Value::Null).unwrap();
    // The server takes connections in their order, but when is its own affair.
    let refused = wait_for("every connection is taken", || match asked() {
        answer if answer.status == 200 => Err(answer.body),
        answer => Ok(answer),
    });
    assert_eq!(
        (
            refused.status,
            code(&refused).as_str(),
            refused.header("retry-after")
        ),
        (503, "BUSY", Some("1"))
    );
    assert_eq!(
        (
            served.ready().status,
            send(served.address, "GET", "/livez", &[], "")
                .unwrap()
                .status
        ),
        (200, 200)
    );
    drop(held);
    wait_until("places come free again", || asked().status == 200);
}

/// A witness of the log, with its state in this directory.
fn witness_of(world: &World, state: &Path) -> Arc<Witness> {
    let key = WitnessKey::new("witness.example/w1", KeyKind::Ed25519, [1; 32]).unwrap();
    let keys = world.public_log().verifier_keys().unwrap();
    let keys = [keys.ed25519, keys.ml_dsa_44].map(|key| LogKey::parse(&key).unwrap());
    let settings = LogSettings {
        keys: keys.into(),
        files: None,
        keep: None,
    };
    Arc::new(Witness::open(vec![key], vec![settings], state, Box::new(|| 1_800_000_000)).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_closes_half_requests_and_idle_connections_too() {
    let world = World::new();
    let dir = tempfile::tempdir().unwrap();
    let witness = witness_of(&world, dir.path());
    let brief = Duration::from_millis(300);
    let limits = witness::http::Limits {
        connections_max: 20,
        head: brief,
        arrival: brief,
        grace: Duration::from_secs(2),
    };
    let (told, address) = channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(async move {
        let (at, stopped) = ("127.0.0.1:0".parse().unwrap(), async {
            drop(stopped.await)
        });
        witness::http::serve_within(
            limits,
            witness,
            at,
            |address| told.send(address).unwrap(),
            stopped,
        )
        .await
    });
    let address =
        tokio::task::block_in_place(|| address.recv_timeout(Duration::from_secs(10)).unwrap());
    let begin = |text: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    };
    // More than may be open at once: those behind are let in when those in front are closed.
    let heads: Vec<TcpStream> = (0..30)
        .map(|_| begin("GET /livez HTTP/1.1\r\nhost: local"))
        .collect();
    let bodies: Vec<TcpStream> = (0..5)
        .map(|_| {
            begin("POST /add-checkpoint HTTP/1.1\r\nhost: local\r\ncontent-length: 400\r\n\r\nold")
        })
        .collect();
    let idle = begin("GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n");
    tokio::task::block_in_place(|| {
        heads
            .into_iter()
            .for_each(|stream| assert_eq!(status(stream), None));
        bodies
            .into_iter()
            .for_each(|stream| assert_eq!(status(stream), Some(408)));
        assert_eq!(status(idle), Some(200));
        assert_eq!(send(address, "GET", "/livez", &[], "").unwrap().status, 200);
    });
    let half =
        begin("POST /add-checkpoint HTTP/1.1\r\nhost: local\r\ncontent-length: 400\r\n\r\nold");
    drop(stop);
    serving.await.unwrap().unwrap();
    drop(half);
}
