//! Documents, end to end: filed and read over HTTP and by the program, refused, broken off,
//! damaged, erased. This file holds what these tests share.

mod by_the_program;
mod damaged;
mod erased;
mod filed_and_read;
mod filed_once;
mod refused;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use app::commands::document::DocumentOrder;
use events::ids::{CommandId, EventId};
use events::meta::Meta;
use events::person::PersonRef;
use events::text::{FileName, Line};
use serde_json::Value;
use tests::dirs::Dirs;
use tests::http::{BytesAnswer, graphql, send_bytes};
use tests::world::{World, files, ids, layout};
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

const PDF: (&str, &str) = ("content-type", "application/pdf");

/// Files it in Alma's case, with all that is told about it.
fn upload(at: SocketAddr, command: u128, bytes: &[u8]) -> BytesAnswer {
    send_bytes(at, "POST", &path(command, &about_alma()), &[PDF], bytes).unwrap()
}

fn order(command: u128, about: Option<PersonRef>, stated: &str) -> DocumentOrder {
    DocumentOrder {
        command: CommandId::new(Uuid::from_u128(command)).unwrap(),
        event: None,
        stream: ids().case(),
        meta: Meta::at("2024-11-05".parse().unwrap()),
        title: Line::new(TITLE).unwrap(),
        about,
        file_name: Some(FileName::new(FILE_NAME).unwrap()),
        stated: Some(stated.to_owned()),
        bytes_max: 100_000_000,
    }
}

fn file(world: &World, command: u128, about: Option<PersonRef>, bytes: &[u8]) -> EventId {
    world.clock.set("2024-11-06T12:00:00Z".parse().unwrap());
    let recording = world
        .session()
        .file_document(&order(command, about, "application/pdf"), &mut &*bytes)
        .unwrap();
    recording.receipts[0].event
}

/// All bytes of a document; none when there is none.
fn read(world: &World, event: EventId) -> Result<Option<Vec<u8>>, String> {
    let opened = world
        .session()
        .open_document(ids().case(), event)
        .map_err(|error| error.to_string())?;
    let Some(mut document) = opened else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    while let Some(chunk) = world
        .session()
        .next_chunk(&mut document)
        .map_err(|error| error.to_string())?
    {
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}
