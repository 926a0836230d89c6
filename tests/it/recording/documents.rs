//! Documents, end to end: filed and read over HTTP and by the program, refused, broken off,
//! damaged, erased.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};

use app::document::DocumentOrder;
use app::erase::{EraseTarget, ErasureOrder};
use app::error::RecordError;
use domain::reading::ReadingPoint;
use domain::views::documents::documents;
use events::erasure::ErasureGround;
use events::ids::{CommandId, EventId, StreamId};
use events::meta::{EventRef, Meta, Role};
use events::person::PersonRef;
use events::personal::Personal;
use events::text::{EmployeeId, Line, Short};
use events::words::Words;
use record::attachment::CHUNK_BYTES;
use record::hash::sha256;
use serde_json::{Value, json};
use store::disk::RealDisk;
use store::embedded::keys::FileKeyStore;
use store::key_store::KeyStore;
use tests::http::{BytesAnswer, begin, finish, graphql, send_bytes};
use tests::program::{Server, imported, run, text};
use tests::world::{World, audit, caseworker, files, ids, layout, trust, viewer};
use uuid::Uuid;

const MARK: &[u8] = b"HEMMELIG UDTALELSE OM 141316-0003 ";
const FILE_NAME: &str = "Udtalelse fra Pr\u{f8}vevejens Skole.pdf";
const TITLE: &str = "Erkl\u{e6}ring fra skolen";

/// A PDF as far as anybody looks, with a mark that must never lie in clear on disk.
fn pdf(size: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    bytes.resize_with(size, || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    });
    for place in (100..size.saturating_sub(100)).step_by(1_000_003) {
        bytes[place..place + MARK.len()].copy_from_slice(MARK);
    }
    bytes
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The path that files a document in Alma's case.
fn path(command: u128, more: &str) -> String {
    format!(
        "/documents/{}?commandId={}&title={}&occurred=2024-11-05{more}",
        ids().case(),
        Uuid::from_u128(command),
        encoded(TITLE)
    )
}

fn about_alma() -> String {
    format!(
        "&about=CHILD:{}&fileName={}&direction=IN&docDate=2024-11-04",
        ids().person("alma"),
        encoded(FILE_NAME)
    )
}

fn size_of_log(at: SocketAddr) -> Value {
    graphql(at, "{ log { size } }", &Value::Null)
        .unwrap()
        .json()["data"]["log"]["size"]
        .clone()
}

fn blobs(dir: &Path) -> Vec<PathBuf> {
    files(&layout(dir).log_dir().join("blobs"))
}

/// Bytes of all key rows.
fn key_bytes(dir: &Path) -> u64 {
    let rows = files(&layout(dir).key_dir())
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "keys"));
    rows.map(|path| {
        std::fs::read(path)
            .unwrap()
            .iter()
            .filter(|byte| **byte != 0)
            .count() as u64
    })
    .sum()
}

/// Waits until something holds that another process brings about.
#[track_caller]
fn wait(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

const PDF: (&str, &str) = ("content-type", "application/pdf");

/// Files it in Alma's case, with all that is told about it.
fn upload(at: SocketAddr, command: u128, bytes: &[u8]) -> BytesAnswer {
    send_bytes(at, "POST", &path(command, &about_alma()), &[PDF], bytes).unwrap()
}

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
        "{}",
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

/// A request to file a document that must fail.
struct Attempt<'a> {
    what: &'a str,
    path: String,
    headers: &'a [(&'a str, &'a str)],
    body: &'a [u8],
}

/// It is refused by name, in both languages and without a receipt.
#[track_caller]
fn is_refused(at: SocketAddr, attempt: &Attempt<'_>, status: u16, code: &str, field: &str) {
    let (what, path) = (attempt.what, &attempt.path);
    let answer: BytesAnswer = send_bytes(at, "POST", path, attempt.headers, attempt.body).unwrap();
    let error = &answer.json()["userErrors"][0];
    assert_eq!(
        (answer.status, &error["code"], &error["path"]),
        (status, &json!(code), &json!([field])),
        "{what}: {error}"
    );
    assert!(
        !error["message"].as_str().unwrap().is_empty()
            && !error["messageDanish"].as_str().unwrap().is_empty()
    );
    assert_eq!(
        (&answer.json()["receipt"], &answer.json()["receipts"]),
        (&Value::Null, &json!([]))
    );
}

const HTML: &[u8] = b"<!DOCTYPE html><p>hej</p>";

/// By how long it is, and by what its bytes are.
fn unfit_contents_are_refused(at: SocketAddr, long: &[u8]) {
    for (what, command, body, status, code) in [
        ("too large", 1, long, 413, "DOCUMENT_TOO_LARGE"),
        ("empty", 2, b"", 422, "DOCUMENT_EMPTY"),
    ] {
        let attempt = Attempt {
            what,
            path: path(command, ""),
            headers: &[PDF],
            body,
        };
        is_refused(at, &attempt, status, code, "content");
    }
    let plain = ("content-type", "text/plain");
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    for (what, command, stated, body) in [
        ("another type than stated", 3, PDF, &png[..]),
        ("text with a zero", 4, plain, b"abc\0"),
        ("html as text", 5, plain, HTML),
    ] {
        let attempt = Attempt {
            what,
            path: path(command, ""),
            headers: &[stated],
            body,
        };
        is_refused(at, &attempt, 415, "MEDIA_TYPE_MISMATCH", "content");
    }
}

/// By what is said of its type.
fn unfit_types_are_refused(at: SocketAddr) {
    let html = [("content-type", "text/html")];
    let packed = [PDF, ("content-encoding", "gzip")];
    for (what, command, headers, body) in [
        ("a type that is not taken", 6, &html[..], HTML),
        ("no type", 7, &[], b"%PDF-1.7"),
        ("packed", 8, &packed, b"%PDF-1.7"),
    ] {
        let attempt = Attempt {
            what,
            path: path(command, ""),
            headers,
            body,
        };
        is_refused(at, &attempt, 415, "MEDIA_TYPE_NOT_ALLOWED", "content");
    }
}

/// By where it is to stand and what is told about it.
fn unfit_paths_are_refused(at: SocketAddr) {
    let unknown = path(9, "").replace(&ids().case().to_string(), &Uuid::from_u128(5).to_string());
    let malformed = "/documents/x?title=a".to_owned();
    let half = path(10, "&fileName=%C");
    let mood = path(11, "&mood=x");
    let journal = path(12, "&direction=IN");
    let future = path(13, "").replace("2024-11-05", "2099-01-01");
    let letter = path(14, "&direction=IN&docDate=2099-01-01");
    let bad = (400, "BAD_USER_INPUT");
    let early = (422, "TIME_IN_FUTURE");
    for (what, path, (status, code), field) in [
        ("unknown case", unknown, (404, "STREAM_UNKNOWN"), "stream"),
        ("malformed case", malformed, bad, "stream"),
        ("half an escape", half, bad, "query"),
        ("a parameter that is none", mood, bad, "mood"),
        ("half a journal entry", journal, bad, "docDate"),
        ("the future", future, early, "occurred"),
        ("a future letter", letter, early, "docDate"),
    ] {
        let attempt = Attempt {
            what,
            path,
            headers: &[PDF],
            body: b"%PDF-1.7",
        };
        is_refused(at, &attempt, status, code, field);
    }
}

fn a_foreign_page_is_refused(at: SocketAddr) {
    let foreign = send_bytes(
        at,
        "POST",
        &path(15, ""),
        &[PDF, ("sec-fetch-site", "cross-site")],
        b"%PDF-1.7",
    )
    .unwrap();
    assert_eq!(
        (
            foreign.status,
            &foreign.json()["errors"][0]["extensions"]["code"]
        ),
        (403, &json!("ORIGIN_NOT_ALLOWED"))
    );
}

/// Without a length the limit is met on the way.
fn the_limit_is_met_on_the_way(at: SocketAddr, long: &[u8]) {
    let mut stream = std::net::TcpStream::connect(at).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .unwrap();
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/pdf\r\ntransfer-encoding: chunked\r\n\r\n",
        path(16, "")
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
        .write_all(format!("{:x}\r\n", long.len()).as_bytes())
        .unwrap();
    stream.write_all(long).unwrap();
    stream.write_all(b"\r\n0\r\n\r\n").unwrap();
    let answer = finish(stream).unwrap();
    assert_eq!(
        (answer.status, &answer.json()["userErrors"][0]["code"]),
        (413, &json!("DOCUMENT_TOO_LARGE"))
    );
}

#[test]
fn what_is_refused_is_named_and_leaves_nothing() {
    let dir = imported();
    let server = Server::start_with(dir.path(), &["--document-bytes-max", "1000000"]);
    let at = server.address;
    let (size, keys) = (size_of_log(at), key_bytes(dir.path()));
    let long = pdf(1_000_001, 3);
    unfit_contents_are_refused(at, &long);
    unfit_types_are_refused(at);
    unfit_paths_are_refused(at);
    a_foreign_page_is_refused(at);
    the_limit_is_met_on_the_way(at, &long);

    assert_eq!(
        (size_of_log(at), key_bytes(dir.path())),
        (size, keys),
        "nothing was recorded, and no key"
    );
    assert_eq!(blobs(dir.path()), [] as [PathBuf; 0]);
    let at_the_limit = send_bytes(at, "POST", &path(17, ""), &[PDF], &pdf(1_000_000, 4)).unwrap();
    assert_eq!(at_the_limit.status, 201);
    for method in ["PUT", "DELETE"] {
        assert_eq!(
            send_bytes(at, method, &path(18, ""), &[PDF], b"")
                .unwrap()
                .status,
            405
        );
    }
}

#[test]
fn an_upload_that_is_broken_off_leaves_nothing() {
    let dir = imported();
    let server = Server::start(dir.path());
    let (size, keys) = (size_of_log(server.address), key_bytes(dir.path()));
    let bytes = pdf(CHUNK_BYTES + 1_000_000, 5);
    let staged = |expected: usize| {
        let found = blobs(dir.path())
            .iter()
            .filter(|path| {
                path.file_name()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .starts_with("staged-")
            })
            .count();
        found == expected
    };
    let half = |at: SocketAddr, command: u128| {
        let mut stream = begin(
            at,
            "POST",
            &path(command, ""),
            &[PDF],
            bytes.len() + 5_000_000,
        )
        .unwrap();
        stream.write_all(&bytes).unwrap();
        wait("the first chunk is on disk", || staged(1));
        stream
    };
    drop(half(server.address, 1));
    wait("what was on disk is gone", || staged(0));
    assert_eq!(
        (size_of_log(server.address), key_bytes(dir.path())),
        (size.clone(), keys)
    );

    // The process dies in the middle: the next start sweeps.
    let mut server = server;
    let stream = half(server.address, 2);
    server.kill();
    drop(stream);
    assert!(staged(1));
    let mut server = Server::start(dir.path());
    assert!(staged(0));
    assert_eq!(blobs(dir.path()), [] as [PathBuf; 0]);
    let whole = send_bytes(server.address, "POST", &path(1, ""), &[PDF], &bytes).unwrap();
    assert_eq!(whole.status, 201, "the same command, whole");
    assert!(server.terminate().success());
    let audit = run(dir.path(), &["audit"]);
    assert!(audit.status.success(), "{}", text(&audit.stdout));
}

fn order(command: u128, about: Option<PersonRef>, stated: &str) -> DocumentOrder {
    DocumentOrder {
        command: CommandId::new(Uuid::from_u128(command)).unwrap(),
        event: None,
        stream: ids().case(),
        meta: Meta::at("2024-11-05".parse().unwrap()),
        title: Line::new(TITLE).unwrap(),
        about,
        file_name: Some(Short::new(FILE_NAME).unwrap()),
        stated: Some(stated.to_owned()),
        bytes_max: 100_000_000,
    }
}

fn file(world: &World, command: u128, about: Option<PersonRef>, bytes: &[u8]) -> EventId {
    world.clock.set("2024-11-06T12:00:00Z".parse().unwrap());
    let recording = world
        .app
        .file_document(
            &order(command, about, "application/pdf"),
            &mut &*bytes,
            &caseworker(),
        )
        .unwrap();
    recording.receipts[0].event
}

/// All bytes of a document; none when there is none.
fn read(world: &World, event: EventId) -> Result<Option<Vec<u8>>, String> {
    let opened = world
        .app
        .open_document(ids().case(), event, &caseworker())
        .map_err(|error| error.to_string())?;
    let Some(mut document) = opened else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    while let Some(chunk) = world
        .app
        .next_chunk(&mut document)
        .map_err(|error| error.to_string())?
    {
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
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
        .app
        .file_document(&order(9, None, "text/plain"), &mut &b"a"[..], &caseworker())
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
        .app
        .file_document(
            &order(10, None, "text/plain"),
            &mut &b"a"[..],
            &viewer("P1", Role::Parent),
        )
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
        .app
        .file_document(
            &brought,
            &mut &b"med underretningen"[..],
            &viewer("I1", Role::Intake),
        )
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
            .app
            .open_document(ids().stream("A6"), event, &caseworker())
            .unwrap()
            .is_none(),
        "it stands in another stream"
    );
    assert!(
        world
            .app
            .open_document(stream, ids().event("A14"), &caseworker())
            .unwrap()
            .is_none(),
        "an event that is no document"
    );
    assert!(
        world
            .app
            .open_document(stream, event, &viewer("R1", Role::Auditor))
            .is_err(),
        "an auditor reads no content"
    );
}

/// A source that fails in the middle.
struct Failing(usize);

impl std::io::Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = buffer.len().min(self.0);
        self.0 -= count;
        buffer[..count].fill(b'a');
        if count == 0 {
            Err(std::io::ErrorKind::ConnectionReset.into())
        } else {
            Ok(count)
        }
    }
}

/// Six times at once; which event each filing tells, and whether it was there already.
fn filed_at_once(world: &World, bytes: &[u8]) -> Vec<(EventId, bool)> {
    std::thread::scope(|scope| {
        let filing = |_| {
            scope.spawn(|| {
                let mut source = bytes;
                let recording = world
                    .app
                    .file_document(
                        &order(1, None, "application/pdf"),
                        &mut source,
                        &caseworker(),
                    )
                    .unwrap();
                (recording.receipts[0].event, recording.repeated)
            })
        };
        let filings: Vec<_> = (0..6).map(filing).collect();
        filings
            .into_iter()
            .map(|filing| filing.join().unwrap())
            .collect()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_command_files_one_document() {
    let world = World::with_alma().await;
    world.clock.set("2024-11-06T12:00:00Z".parse().unwrap());
    let failed = world
        .app
        .file_document(
            &order(1, None, "text/plain"),
            &mut Failing(CHUNK_BYTES + 5),
            &caseworker(),
        )
        .unwrap_err();
    assert!(matches!(failed, RecordError::Incomplete(_)));
    assert_eq!(blobs(world.dir.path()), [] as [PathBuf; 0]);

    let bytes = pdf(300_000, 7);
    let events = filed_at_once(&world, &bytes);
    assert!(events.iter().all(|(event, _)| *event == events[0].0));
    assert_eq!(events.iter().filter(|(_, repeated)| !repeated).count(), 1);
    assert_eq!(
        blobs(world.dir.path()).len(),
        1,
        "one chunk, and nothing of the others"
    );
    let other = order(1, None, "application/pdf");
    let reused = world
        .app
        .file_document(&other, &mut &pdf(300_000, 8)[..], &caseworker())
        .unwrap_err();
    assert!(
        matches!(reused, RecordError::CommandIdReused(_)),
        "{reused}"
    );
    let titled = DocumentOrder {
        title: Line::new("En anden titel").unwrap(),
        ..order(1, None, "application/pdf")
    };
    assert!(matches!(
        world
            .app
            .file_document(&titled, &mut &bytes[..], &caseworker()),
        Err(RecordError::CommandIdReused(_))
    ));

    let chosen = DocumentOrder {
        event: Some(ids().event("A14")),
        ..order(2, None, "application/pdf")
    };
    assert!(matches!(
        world
            .app
            .file_document(&chosen, &mut &bytes[..], &caseworker()),
        Err(RecordError::EventIdUsed(_))
    ));
    assert_eq!(blobs(world.dir.path()).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_read_without_its_documents_and_damage_is_found() {
    let world = World::with_alma().await;
    let bytes = pdf(2 * CHUNK_BYTES + 9, 9);
    let event = file(&world, 1, Some(ids().child()), &bytes);
    let expected = world.read(ids().case(), ReadingPoint::default());
    let chunk = blobs(world.dir.path()).into_iter().nth(1).unwrap();
    let good = std::fs::read(&chunk).unwrap();
    let world = world.reopen();
    let found = |world: &World| audit(world.dir.path(), &trust(&world.app)).unwrap_err();

    std::fs::remove_file(&chunk).unwrap();
    assert_eq!(
        world.read(ids().case(), ReadingPoint::default()),
        expected,
        "no chunk is needed to read the case"
    );
    assert!(read(&world, event).is_err());
    assert!(
        found(&world).starts_with("BLOB_MISSING"),
        "{}",
        found(&world)
    );

    for place in [0, 60, good.len() / 2, good.len() - 1] {
        let mut bent = good.clone();
        bent[place] ^= 1;
        std::fs::write(&chunk, bent).unwrap();
        assert!(read(&world, event).is_err(), "byte {place}");
        assert!(
            found(&world).starts_with("BLOB_HASH"),
            "byte {place}: {}",
            found(&world)
        );
    }
    let (dir, trust) = world.stop();
    let server = Server::start(dir.path());
    let place = format!("/documents/{}/{event}", ids().case());
    let cut = send_bytes(server.address, "GET", &place, &[], &[]).unwrap();
    assert_eq!(
        (cut.status, cut.header("content-length")),
        (200, Some(bytes.len().to_string().as_str()))
    );
    assert_eq!(
        cut.body.len(),
        CHUNK_BYTES,
        "the answer is cut off where the damage begins"
    );
    drop(server);
    std::fs::write(&chunk, good).unwrap();
    audit(dir.path(), &trust).unwrap();
}

fn erasure(command: u128, target: EraseTarget) -> ErasureOrder {
    ErasureOrder {
        command: CommandId::new(Uuid::from_u128(0xe000 + command)).unwrap(),
        meta: Meta::at("2024-11-10".parse().unwrap()),
        target,
        ground: ErasureGround::Gdpr17,
        legal_check: Words::parse("Ingen pligt til at bevare.").unwrap(),
        approved_by: EmployeeId::new("D2").unwrap(),
    }
}

/// A document that is erased, and what is left of it.
struct Gone {
    what: &'static str,
    event: EventId,
    /// Another document, which stays.
    kept: EventId,
    of_somebody: bool,
    listed: bool,
}

impl Gone {
    fn is_erased(&self, world: &World) {
        let what = self.what;
        assert_eq!(read(world, self.event), Ok(None), "{what}");
        assert!(
            read(world, self.kept).unwrap().is_some(),
            "{what}: another document stays"
        );
        let reading = world.read(ids().case(), ReadingPoint::default()).unwrap();
        let row = documents(&reading)
            .into_iter()
            .find(|document| document.event == self.event);
        assert_eq!(row.is_some(), self.listed, "{what}");
        assert!(
            row.is_none_or(|row| row.content == Personal::Erased),
            "{what}"
        );
        let report = world.audit();
        let chunks = report
            .holes
            .iter()
            .filter(|hole| hole.values.is_none() && hole.part > u64::from(self.of_somebody));
        assert_eq!(
            (chunks.count() >= 2, report.notes.as_slice()),
            (true, &[][..]),
            "{what}"
        );
    }

    /// The keys of its chunks are gone; the key of the other document is not.
    fn has_no_keys(&self, dir: &Path) {
        let keys = FileKeyStore::open(
            std::sync::Arc::new(RealDisk::default()),
            &layout(dir).key_dir(),
        )
        .unwrap();
        let first = if self.of_somebody { 2 } else { 1 };
        for number in first..first + 2 {
            assert_eq!(
                keys.part(self.event.uuid(), number).unwrap(),
                None,
                "{}: the key of chunk {number}",
                self.what
            );
        }
        assert!(keys.part(self.kept.uuid(), 1).unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_document_is_gone_in_every_way() {
    let child = ids().child();
    let value = |event, field: &str, subject| EraseTarget::Value {
        event,
        field: field.into(),
        subject,
        element: 0,
    };
    type Target<'a> = &'a dyn Fn(EventRef) -> EraseTarget;
    let by_event: Target<'_> = &EraseTarget::Event;
    let by_part: Target<'_> = &|event| EraseTarget::Part {
        event,
        subject: child,
    };
    let by_person: Target<'_> = &|_| EraseTarget::Person(child.person);
    let by_content: Target<'_> = &|event| value(event, "content", Some(child));
    let by_own_content: Target<'_> = &|event| value(event, "content", None);
    for (what, about, target, listed) in [
        ("event", Some(child), by_event, false),
        ("event of the matter", None, by_event, false),
        ("part", Some(child), by_part, true),
        ("person", Some(child), by_person, true),
        ("content", Some(child), by_content, true),
        ("content of the matter", None, by_own_content, true),
    ] {
        let world = World::with_alma().await;
        let bytes = pdf(CHUNK_BYTES + 70_000, 10);
        let event = file(&world, 1, about, &bytes);
        let kept = file(&world, 2, None, &pdf(80_000, 11));
        assert_eq!(blobs(world.dir.path()).len(), 3, "{what}");
        world.clock.set("2024-11-10T10:00:00Z".parse().unwrap());
        let gone = Gone {
            what,
            event,
            kept,
            of_somebody: about.is_some(),
            listed,
        };
        let reference = EventRef {
            stream: ids().case(),
            event,
        };
        world
            .app
            .erase(&erasure(1, target(reference)), &viewer("D1", Role::Dpo))
            .unwrap();
        gone.is_erased(&world);
        assert_eq!(
            blobs(world.dir.path()).len(),
            1,
            "{what}: the chunks are in no file"
        );
        let again = world
            .app
            .erase(&erasure(2, target(reference)), &viewer("D1", Role::Dpo));
        assert!(
            what != "event" || again.is_err(),
            "there is nothing left to erase"
        );
        let world = world.reopen();
        gone.is_erased(&world);
        let (dir, _) = world.stop();
        gone.has_no_keys(dir.path());
        if what == "part" {
            answers_as_if_it_had_never_been(dir.path(), event);
        }
    }
}

fn answers_as_if_it_had_never_been(dir: &Path, event: EventId) {
    let server = Server::start(dir);
    let get = |stream: &str, event: &str| {
        send_bytes(
            server.address,
            "GET",
            &format!("/documents/{stream}/{event}"),
            &[],
            &[],
        )
        .unwrap()
    };
    let (case, nothing) = (ids().case().to_string(), Uuid::from_u128(5).to_string());
    let never = get(&case, &nothing);
    assert_eq!(never.status, 404);
    for (stream, event) in [
        (&case, event.to_string()),
        (&nothing, event.to_string()),
        (&case, "x".into()),
        (&case, ids().event("A14").to_string()),
    ] {
        let answer = get(stream, &event);
        assert_eq!(
            (answer.status, answer.body),
            (404, never.body.clone()),
            "{stream}/{event}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_the_content_can_be_erased_and_corrected_alone() {
    let world = World::with_alma().await;
    let bytes = pdf(90_000, 12);
    let event = file(&world, 1, Some(ids().child()), &bytes);
    let reference = EventRef {
        stream: ids().case(),
        event,
    };
    let correction = |field: &str, subject: Value, value: Value| {
        json!({
            "commandId": Uuid::from_u128(0xc0), "occurred": "2024-11-06", "target": reference, "field": field, "subject": subject,
            "value": value, "reason": "Forkert.", "expectedVersion": world.app.version(ids().case()).unwrap(),
        })
    };
    for (field, subject, value) in [
        ("about", Value::Null, json!(ids().child())),
        ("content", json!(ids().child()), json!({})),
    ] {
        assert_eq!(
            world
                .refusal(
                    "correctEvent",
                    correction(field, subject, value),
                    caseworker()
                )
                .await,
            "FIELD_NOT_APPLICABLE"
        );
    }
    let titled = world
        .order(
            "correctEvent",
            correction("title", Value::Null, json!("Ny titel")),
            caseworker(),
        )
        .await
        .unwrap();
    assert_eq!(titled["userErrors"], json!([]));
    world.clock.set("2024-11-10T10:00:00Z".parse().unwrap());
    let name = EraseTarget::Value {
        event: reference,
        field: "file_name".into(),
        subject: Some(ids().child()),
        element: 0,
    };
    world
        .app
        .erase(&erasure(1, name), &viewer("D1", Role::Dpo))
        .unwrap();
    let row = documents(&world.read(ids().case(), ReadingPoint::default()).unwrap()).remove(0);
    assert_eq!(
        (row.title.as_str(), row.file_name),
        ("Ny titel", Some(Personal::Erased))
    );
    assert!(read(&world, event).unwrap().as_ref() == Some(&bytes));
    assert_eq!(world.audit().holes.len(), 1);
}

/// A letter that the program files and writes out.
struct Letter {
    dir: tempfile::TempDir,
    bytes: Vec<u8>,
    out: PathBuf,
    case: String,
}

impl Letter {
    fn new() -> Self {
        let (dir, bytes) = (imported(), pdf(CHUNK_BYTES + 77, 13));
        std::fs::write(dir.path().join("brev.pdf"), &bytes).unwrap();
        Self {
            out: dir.path().join("ud.pdf"),
            case: ids().case().to_string(),
            dir,
            bytes,
        }
    }

    fn file(&self, more: &[&str]) -> Output {
        let source = self.dir.path().join("brev.pdf");
        let fixed = [
            "document",
            "file",
            &self.case,
            source.to_str().unwrap(),
            "--title",
            TITLE,
            "--occurred",
            "2024-11-05",
        ];
        run(self.dir.path(), &[&fixed, more].concat())
    }

    fn get(&self, event: &str) -> Output {
        let out = self.out.to_str().unwrap();
        run(
            self.dir.path(),
            &["document", "get", &self.case, event, "--out", out],
        )
    }

    /// The event that it is filed as, however often.
    fn is_filed_once(&self) -> String {
        let command = Uuid::from_u128(77).to_string();
        let known = [
            "--command-id",
            &command,
            "--direction",
            "IN",
            "--doc-date",
            "2024-11-04",
        ];
        let filed = self.file(&known);
        assert!(filed.status.success(), "{}", text(&filed.stderr));
        let event = text(&filed.stdout).split(' ').nth(2).unwrap().to_owned();
        let again = self.file(&known);
        assert!(
            text(&again.stdout).starts_with(&format!("had been filed before as {event}")),
            "{}",
            text(&again.stdout)
        );
        event
    }

    fn is_refused_by_name(&self) {
        for (more, expected) in [
            (
                &["--media-type", "image/png"][..],
                "MEDIA_TYPE_MISMATCH, field content",
            ),
            (
                &["--document-bytes-max", "1000"],
                "DOCUMENT_TOO_LARGE, field content",
            ),
            (&["--about", "CHILD"], "BAD_USER_INPUT, field about"),
        ] {
            let refused = self.file(more);
            assert_eq!(refused.status.code(), Some(3));
            assert!(
                text(&refused.stderr).contains(expected),
                "{expected}: {}",
                text(&refused.stderr)
            );
        }
    }

    fn is_written_out(&self, event: &str) {
        let nothing = self.get(&Uuid::from_u128(5).to_string());
        assert_eq!((nothing.status.code(), self.out.exists()), (Some(1), false));
        let got = self.get(event);
        assert!(got.status.success(), "{}", text(&got.stderr));
        assert!(std::fs::read(&self.out).unwrap() == self.bytes);
        assert!(text(&self.get(event).stderr).contains("exists already"));
    }

    fn is_not_written_out_damaged(&self, event: &str) {
        std::fs::remove_file(&self.out).unwrap();
        let chunk = blobs(self.dir.path()).pop().unwrap();
        let mut bent = std::fs::read(&chunk).unwrap();
        bent[100] ^= 1;
        std::fs::write(&chunk, bent).unwrap();
        let damaged = self.get(event);
        assert_eq!(
            (damaged.status.code(), self.out.exists()),
            (Some(1), false),
            "a wrong file is never left"
        );
        assert_eq!(
            std::fs::read_dir(self.dir.path())
                .unwrap()
                .filter(|entry| entry
                    .as_ref()
                    .unwrap()
                    .path()
                    .extension()
                    .is_some_and(|end| end == "unfinished"))
                .count(),
            0
        );
    }
}

#[test]
fn the_program_files_a_document_and_writes_it_out() {
    let letter = Letter::new();
    let event = letter.is_filed_once();
    letter.is_refused_by_name();
    letter.is_written_out(&event);
    letter.is_not_written_out_damaged(&event);
    for arguments in [
        &["document", "--help"][..],
        &["document", "file", "--help"],
        &["document", "get", "--help"],
    ] {
        let help = text(&run(letter.dir.path(), arguments).stdout);
        assert!(
            arguments.len() == 2 || help.contains("Example"),
            "{arguments:?}: {help}"
        );
    }
}
