//! Requests under other names and from other pages are refused on every route.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use server::settings::{Limits, Settings};
use server::tile_server::TileServer;
use tests::http::Answer;
use tests::raw_http::finish;
use tests::world::{World, ids};

use super::{code, limits, serve, settings};

/// Sends a request whose head is given word by word, but for its end.
fn raw(address: SocketAddr, line: &str, headers: &[(&str, &str)]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    stream
        .write_all(format!("{line} HTTP/1.1\r\n{headers}connection: close\r\n\r\n").as_bytes())
        .unwrap();
    finish(stream).unwrap().into_text()
}

/// A request for each route, and for one that there is not.
fn routes() -> [String; 10] {
    let (case, event) = (ids().case(), ids().event("A7-open"));
    [
        "GET /graphql?query=%7Blog%7Bsize%7D%7D".to_owned(),
        "POST /graphql".to_owned(),
        format!("POST /documents/{case}"),
        format!("GET /documents/{case}/{event}"),
        format!("GET /bundles/{case}"),
        format!("POST /dossiers/{case}"),
        "GET /tiles/sag/checkpoint".to_owned(),
        "GET /livez".to_owned(),
        "GET /readyz".to_owned(),
        "GET /nothing".to_owned(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_under_other_names_and_from_other_pages_are_refused_on_every_route() {
    let world = World::with_alma().await;
    let hosts = vec!["sagsspor.example.dk".to_owned()];
    let origins = vec!["https://forside.example.dk".to_owned()];
    let served = serve(
        &world.operator,
        Settings {
            hosts,
            origins,
            ..settings(limits())
        },
    );
    let at = served.address.to_string();
    for line in routes() {
        let refused = raw(served.address, &line, &[("host", "rebound.evil.example")]);
        assert_eq!(
            (refused.status, code(&refused).as_str()),
            (421, "HOST_NOT_ALLOWED"),
            "{line}"
        );
        for foreign in [
            ("origin", "http://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
        ] {
            let refused = raw(served.address, &line, &[("host", &at), foreign]);
            assert_eq!(
                (refused.status, code(&refused).as_str()),
                (403, "ORIGIN_NOT_ALLOWED"),
                "{line} {foreign:?}"
            );
        }
    }
    let page = format!("http://{at}");
    for own in [
        &[("host", at.as_str())][..],
        &[("host", "localhost:8080")],
        &[("host", "sagsspor.example.dk")],
        &[
            ("host", at.as_str()),
            ("origin", page.as_str()),
            ("sec-fetch-site", "same-origin"),
        ],
        &[
            ("host", "sagsspor.example.dk"),
            ("origin", "https://forside.example.dk"),
            ("sec-fetch-site", "same-site"),
        ],
    ] {
        let answered = raw(
            served.address,
            "GET /graphql?query=%7Blog%7Bsize%7D%7D",
            own,
        );
        assert_eq!(answered.status, 200, "{own:?}: {}", answered.body);
        assert_eq!(
            raw(served.address, "GET /readyz", own).status,
            200,
            "{own:?}"
        );
    }
}

/// What shows the tiles while something is handed out has the same door, and the same patience.
#[tokio::test(flavor = "multi_thread")]
async fn tiles_that_are_shown_meanwhile_are_as_guarded_as_those_of_the_server() {
    let world = World::with_alma().await;
    let limits = Limits {
        head: Duration::from_millis(300),
        stall: Duration::from_millis(600),
        ..limits()
    };
    let settings = Settings {
        hosts: vec!["log.example.dk".to_owned()],
        ..settings(limits)
    };
    tokio::task::spawn_blocking(move || {
        let shown = TileServer::start(
            world.public_log(),
            &settings,
            "127.0.0.1:0".parse().unwrap(),
        )
        .unwrap();
        let line = "GET /tiles/sag/checkpoint";
        let refused = raw(shown.address(), line, &[("host", "rebound.evil.example")]);
        assert_eq!(
            (refused.status, code(&refused).as_str()),
            (421, "HOST_NOT_ALLOWED")
        );
        let foreign = raw(
            shown.address(),
            line,
            &[
                ("host", "log.example.dk"),
                ("origin", "http://evil.example"),
            ],
        );
        assert_eq!(
            (foreign.status, code(&foreign).as_str()),
            (403, "ORIGIN_NOT_ALLOWED")
        );
        assert_eq!(
            raw(shown.address(), line, &[("host", "log.example.dk")]).status,
            200
        );
        let mut half = TcpStream::connect(shown.address()).unwrap();
        half.write_all(b"GET /tiles/sag/checkpoint HTTP/1.1\r\nhost: log")
            .unwrap();
        half.set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let mut rest = Vec::new();
        half.read_to_end(&mut rest).unwrap();
        assert!(
            !rest.starts_with(b"HTTP/1.1 200"),
            "{}",
            String::from_utf8_lossy(&rest)
        );
    })
    .await
    .unwrap();
}
