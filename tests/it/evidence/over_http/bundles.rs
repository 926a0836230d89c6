//! Bundles: the service makes those that the program makes, and few of them at once.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::time::Duration;

use app::evidence::bundle::Withheld;
use record::positions::StreamVersion;
use serde_json::json;
use tests::evidence::{bundle, check, trust};
use tests::http::BytesAnswer;
use tests::loopback_servers::Town;
use tests::program::text;
use tests::raw_http::{begin, finish};
use tests::waiting::wait_for;
use tests::world::ids;

use super::{JSON, dossiers, file, get, order, post, world};

#[tokio::test(flavor = "multi_thread")]
async fn the_service_hands_out_the_bundle_that_the_program_makes() {
    let (world, town) = (world().await, Town::new());
    file(&world, 300_000);
    let at = town.show(&world.operator);
    let got = get(
        at,
        &format!(
            "/bundles/{}?documents=true&pinned=1&pinned=7&wait=0",
            ids().case()
        ),
    );
    let size = world.session().snapshot(Duration::ZERO).unwrap().size();
    assert_eq!(got.status, 200, "{:?}", got.headers);
    for (name, value) in [
        ("content-type", "application/zip".to_owned()),
        ("content-length", got.body.len().to_string()),
        (
            "content-disposition",
            format!(
                "attachment; filename=\"bundle-{size}.zip\"; filename*=UTF-8''bundle-{size}.zip"
            ),
        ),
        ("x-content-type-options", "nosniff".to_owned()),
        ("cache-control", "no-store".to_owned()),
        ("sagsspor-size", size.to_string()),
        ("sagsspor-witnessed", "false".to_owned()),
    ] {
        assert_eq!(got.header(name), Some(value.as_str()));
    }
    let verdict = check(&got.body, &trust(&world)).unwrap();
    assert_eq!(
        StreamVersion::of(verdict.events.len()),
        world.session().version(ids().case()).unwrap().unwrap()
    );
    assert!(
        verdict.documents.iter().all(|document| document.present) && verdict.documents.len() == 1
    );
    assert!(
        got.body == bundle(&world, ids().case(), &Withheld::default(), &[1, 7]),
        "the same evidence makes the same file"
    );

    let global = world
        .query(&format!("{{ case(id: \"{}\") {{ id }} }}", ids().case()))
        .await["case"]["id"]
        .clone();
    for stream in [
        ids().child().person.to_string(),
        ids().stream("A5").to_string(),
        global.as_str().unwrap().to_owned(),
    ] {
        let got = get(at, &format!("/bundles/{stream}"));
        let verdict = check(&got.body, &trust(&world)).unwrap();
        assert!(
            verdict.documents.iter().all(|document| !document.present),
            "documents go along only when they are asked for"
        );
    }
    assert_eq!(
        world.session().snapshot(Duration::ZERO).unwrap().size(),
        size,
        "looking at evidence records nothing"
    );
}

/// Asks and reads only the first bytes of the answer.
fn half(at: SocketAddr, path: &str) -> std::net::TcpStream {
    let mut stream = begin(at, "GET", path, &[], 0).unwrap();
    let mut first = [0; 16];
    stream.read_exact(&mut first).unwrap();
    assert!(first.starts_with(b"HTTP/1.1 200"), "{}", text(&first));
    stream
}

/// Asks for a file until it is one of few that are made; who goes away makes room.
#[track_caller]
fn until_there_is_room(at: SocketAddr, path: &str) -> BytesAnswer {
    wait_for("who goes away makes room", || {
        let answer = get(at, path);
        if answer.status == 503 {
            Err(answer.headers)
        } else {
            Ok(answer)
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn few_files_are_made_at_once_and_who_goes_away_leaves_nothing() {
    let (world, town) = (world().await, Town::new());
    file(&world, 20_000_000);
    let at = town.show(&world.operator);
    let path = format!("/bundles/{}?documents=true", ids().case());
    let mut slow: Vec<_> = (0..4).map(|_| half(at, &path)).collect();
    let refused = get(at, &path);
    assert_eq!(
        (
            refused.status,
            &refused.json()["errors"][0]["extensions"]["code"]
        ),
        (503, &json!("BUSY"))
    );
    assert_eq!(refused.header("retry-after"), Some("10"));
    drop(slow.pop());
    let answer = until_there_is_room(at, &path);
    assert_eq!(
        check(&answer.body, &trust(&world)).unwrap().documents.len(),
        1
    );

    // The other three hold their turns: a bundle is made only when the dossier has given back the
    // fourth, and then nothing of it is under way any more.
    let version = world.session().version(ids().case()).unwrap();
    let body = order(6).to_string();
    wait_for("the connection ends without an answer", || {
        let mut stream = begin(at, "POST", &dossiers(), &[JSON], body.len()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        match finish(stream) {
            Err(_) => Ok(()),
            Ok(answer) => Err(answer.status),
        }
    });
    until_there_is_room(at, &path);
    drop(slow);
    assert_eq!(
        world.session().version(ids().case()).unwrap(),
        version,
        "nobody waits for it, so nothing was given out"
    );
    assert_eq!(
        post(at, &dossiers(), &order(6)).status,
        200,
        "the same command, waited for"
    );
}
