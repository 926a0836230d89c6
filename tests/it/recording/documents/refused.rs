//! Uploads that are refused or broken off: each refusal has its name, and nothing stays behind.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use record::attachment::CHUNK_BYTES;
use serde_json::{Value, json};
use tests::http::{BytesAnswer, send_bytes};
use tests::program::{Server, imported, run, text};
use tests::raw_http::{begin, finish};
use tests::waiting::wait_until;
use tests::world::ids;
use uuid::Uuid;

use super::{PDF, blobs, key_bytes, path, pdf, size_of_log};

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
        wait_until("the first chunk is on disk", || staged(1));
        stream
    };
    drop(half(server.address, 1));
    wait_until("what was on disk is gone", || staged(0));
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
