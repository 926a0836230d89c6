//! Documents of every length come back as they were filed, to those who may read them, and lie in
//! clear nowhere.

use std::net::SocketAddr;
use std::path::Path;

use app::commands::document::DocumentOrder;
use domain::reading::ReadingPoint;
use domain::views::documents::documents;
use events::ids::{EventId, StreamId};
use events::meta::Role;
use record::attachment::CHUNK_BYTES;
use record::hash::sha256;
use serde_json::{Value, json};
use tests::http::{graphql, send_bytes};
use tests::program::{Server, imported, run, text};
use tests::world::{World, files, ids, viewer};

use super::{FILE_NAME, MARK, TITLE, file, order, pdf, read, upload};

#[test]
fn a_document_of_20_mb_comes_back_over_http_and_lies_in_clear_nowhere() {
    let dir = imported();
    let mut server = Server::start(dir.path());
    let at = server.address;
    let bytes = pdf(20_000_000, 1);
    let filed = upload(at, 1, &bytes);
    assert_eq!(
        (filed.status, &filed.json()["userErrors"]),
        (201, &json!([])),
        "{:?}",
        filed.headers
    );
    let receipt = filed.json()["receipt"].clone();
    let place = filed.header("location").unwrap().to_owned();
    assert_eq!(
        place,
        format!(
            "/documents/{}/{}",
            ids().case(),
            receipt["event"].as_str().unwrap()
        )
    );

    is_filed_once(at, &bytes, &receipt);
    comes_back(at, &place, &bytes);
    is_shown(at, &receipt["event"], &bytes);
    assert!(server.terminate().success());
    lies_in_clear_nowhere(dir.path());
    let audit = run(dir.path(), &["audit"]);
    assert!(audit.status.success(), "{}", text(&audit.stdout));
}

/// The same command again answers the same; with other bytes it is another one.
fn is_filed_once(at: SocketAddr, bytes: &[u8], receipt: &Value) {
    let again = upload(at, 1, bytes);
    assert_eq!(
        (
            again.status,
            &again.json()["repeated"],
            &again.json()["receipt"]
        ),
        (200, &json!(true), receipt)
    );
    let other = upload(at, 1, &pdf(20_000_000, 2));
    assert_eq!(
        (other.status, &other.json()["userErrors"][0]["code"]),
        (422, &json!("COMMAND_ID_REUSED"))
    );
}

fn comes_back(at: SocketAddr, place: &str, bytes: &[u8]) {
    let got = send_bytes(at, "GET", place, &[], &[]).unwrap();
    assert_eq!(got.status, 200);
    assert!(got.body == bytes, "{} bytes came back", got.body.len());
    for (name, value) in [
        ("content-type", "application/pdf"),
        ("content-length", "20000000"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        (
            "content-disposition",
            "attachment; filename=\"Udtalelse fra Pr_vevejens Skole.pdf\"; \
             filename*=UTF-8''Udtalelse%20fra%20Pr%C3%B8vevejens%20Skole.pdf",
        ),
    ] {
        assert_eq!(got.header(name), Some(value));
    }
}

/// In the list of documents, and in the timeline.
fn is_shown(at: SocketAddr, event: &Value, bytes: &[u8]) {
    let view = format!(
        "{{ case(id: \"{}\") {{ documents {{ event stream title mediaType size sha256 occurred state direction docDate about {{ person role }} \
         fileName {{ state value }} }} timeline {{ told {{ line }} }} }} }}",
        ids().case()
    );
    let case = graphql(at, &view, &Value::Null).unwrap().json()["data"]["case"].clone();
    assert_eq!(
        case["documents"],
        json!([{
            "event": event, "stream": ids().case(), "title": TITLE, "mediaType": "application/pdf", "size": 20_000_000,
            "sha256": sha256(bytes).to_hex(), "occurred": "2024-11-05", "state": "KNOWN", "direction": "IN", "docDate": "2024-11-04",
            "about": { "person": ids().person("alma"), "role": "CHILD" }, "fileName": { "state": "KNOWN", "value": FILE_NAME },
        }])
    );
    assert!(
        case["timeline"].to_string().contains(
            "Document filed: Erkl\u{e6}ring fra skolen (application/pdf, 20000000 bytes)"
        )
    );
}

/// Neither as it is nor as a ciphertext would carry it if it were none.
fn lies_in_clear_nowhere(dir: &Path) {
    let mut needles = vec![
        MARK.to_vec(),
        FILE_NAME.as_bytes().to_vec(),
        TITLE.as_bytes().to_vec(),
    ];
    for shift in 0..3 {
        let shifted = [&[b'x'; 3][..shift], MARK].concat();
        let text = record::b64u::encode(&shifted);
        needles.push(text.as_bytes()[4..text.len() - 4].to_vec());
    }
    for path in [files(&dir.join("data")), files(&dir.join("keys"))].concat() {
        let bytes = std::fs::read(&path).unwrap();
        for needle in &needles {
            let first = needle[0];
            let mut places = bytes
                .iter()
                .enumerate()
                .filter(|(_, byte)| **byte == first)
                .map(|(place, _)| place);
            let found = places.any(|place| bytes[place..].starts_with(needle));
            assert!(
                !found,
                "{:?} stands in {}",
                String::from_utf8_lossy(needle),
                path.display()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_of_every_length_come_back() {
    let world = World::with_alma().await;
    for (command, size) in
        (1_u128..).zip([40, 70_000, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1])
    {
        let bytes = pdf(size, 6);
        let event = file(
            &world,
            command,
            (command % 2 == 0).then(|| ids().child()),
            &bytes,
        );
        assert!(
            read(&world, event).unwrap().as_ref() == Some(&bytes),
            "{size}"
        );
    }
    let one = world
        .session()
        .file_document(&order(9, None, "text/plain"), &mut &b"a"[..])
        .unwrap();
    let event = one.receipts[0].event;
    assert_eq!(read(&world, event).unwrap().as_deref(), Some(&b"a"[..]));
    let notification = ids().stream("A6");
    let brought = brought_with(&world, notification);
    let world = world.reopen();
    assert_eq!(read(&world, event).unwrap().as_deref(), Some(&b"a"[..]));

    is_listed_with_the_case(&world, brought, notification).await;
    opens_to_nobody_else(&world, event);
    let refused = world
        .session_of(viewer("P1", Role::Parent))
        .file_document(&order(10, None, "text/plain"), &mut &b"a"[..])
        .unwrap_err();
    assert!(
        refused.to_string().contains("ROLE_NOT_ALLOWED"),
        "{refused}"
    );
    assert_eq!(world.audit().tail, 0);
}

/// A document that came with a notification.
fn brought_with(world: &World, notification: StreamId) -> EventId {
    let brought = DocumentOrder {
        stream: notification,
        ..order(11, None, "text/plain")
    };
    let brought = world
        .session_of(viewer("I1", Role::Intake))
        .file_document(&brought, &mut &b"med underretningen"[..])
        .unwrap();
    brought.receipts[0].event
}

/// A document of a notification is listed with the case, and with the notification.
async fn is_listed_with_the_case(world: &World, brought: EventId, notification: StreamId) {
    let listed = documents(&world.read(ids().case(), ReadingPoint::default()).unwrap());
    assert_eq!(
        listed.len(),
        7,
        "with the one that stands in the notification"
    );
    assert_eq!(
        listed
            .iter()
            .find(|document| document.event == brought)
            .map(|document| document.stream),
        Some(notification)
    );
    let rows = world
        .query("{ notifications(first: 9) { nodes { stream documents { event } } } }")
        .await["notifications"]["nodes"]
        .clone();
    let row = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["stream"] == json!(notification))
        .unwrap();
    assert_eq!(row["documents"], json!([{ "event": brought }]));
}

/// Neither in another stream, nor as another event, nor to an auditor.
fn opens_to_nobody_else(world: &World, event: EventId) {
    let stream = ids().case();
    assert!(
        world
            .session()
            .open_document(ids().stream("A6"), event)
            .unwrap()
            .is_none(),
        "it stands in another stream"
    );
    assert!(
        world
            .session()
            .open_document(stream, ids().event("A14"))
            .unwrap()
            .is_none(),
        "an event that is no document"
    );
    assert!(
        world
            .session_of(viewer("R1", Role::Auditor))
            .open_document(stream, event)
            .is_err(),
        "an auditor reads no content"
    );
}
