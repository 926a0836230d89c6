//! Evidence handed out by the running service: it verifies, it is recorded once, what is withheld
//! is in no file of it, and a request that is refused leaves nothing. This file holds what these
//! tests share.

mod bundles;
mod dossiers;
mod extracts;
mod refused;

use std::io::Cursor;
use std::net::SocketAddr;

use app::commands::document::DocumentOrder;
use events::ids::CommandId;
use events::meta::Meta;
use events::text::{FileName, Line};
use serde_json::{Value, json};
use tests::http::{BytesAnswer, send_bytes};
use tests::orders::look_as;
use tests::world::{World, ids};
use uuid::Uuid;
use verify::bundle::{NoAuthority, Trust};
use verify::dossier::DossierVerdict;
use verify::files::Failure;
use verify::zip::Zip;

const JSON: (&str, &str) = ("content-type", "application/json");
const SENTENCE: &str = "Jeg får ondt i maven, når de råber.";

fn get(at: SocketAddr, path: &str) -> BytesAnswer {
    send_bytes(at, "GET", path, &[], &[]).unwrap()
}

fn post(at: SocketAddr, path: &str, body: &Value) -> BytesAnswer {
    send_bytes(at, "POST", path, &[JSON], body.to_string().as_bytes()).unwrap()
}

/// The order to give Alma's case to the Appeals Board, without what she said on the chat.
fn order(command: u128) -> Value {
    let event = ids().reference("A10");
    json!({
        "commandId": Uuid::from_u128(command), "kind": "BOARD_DOSSIER", "recipient": "Ankestyrelsen", "documents": true, "wait": 0,
        "withhold": [{
            "stream": event.stream, "event": event.event, "subject": ids().child(), "class": "CHILD_WISH",
            "section": "FVL § 15 b no 5", "reason": "the child asked for it",
        }],
    })
}

fn dossiers() -> String {
    format!("/dossiers/{}", ids().case())
}

fn file(world: &World, size: usize) {
    let order = DocumentOrder {
        command: CommandId::new(Uuid::from_u128(77)).unwrap(),
        event: None,
        stream: ids().case(),
        meta: Meta::at("2024-11-05".parse().unwrap()),
        title: Line::new("Udtalelse").unwrap(),
        about: None,
        file_name: Some(FileName::new("udtalelse.pdf").unwrap()),
        stated: Some("application/pdf".to_owned()),
        bytes_max: 100_000_000,
    };
    let bytes: Vec<u8> = b"%PDF-1.7\n"
        .iter()
        .copied()
        .chain((0_u32..).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]))
        .take(size)
        .collect();
    world
        .session()
        .file_document(&order, &mut bytes.as_slice())
        .unwrap();
}

/// What an independent verifier says of a dossier.
fn whole(bytes: &[u8], trust: &Trust) -> DossierVerdict {
    let mut archive = Zip::open(Cursor::new(bytes)).unwrap_or_else(|_| panic!("no ZIP"));
    verify::dossier::check(&mut archive, trust, &NoAuthority, &mut |_, _| {}).unwrap_or_else(
        |failure| match failure {
            Failure::Finding(finding) => panic!("{finding}"),
            Failure::Read(error) => panic!("{error}"),
        },
    )
}

/// Records that two people looked at Alma's case.
async fn look(world: &World) {
    look_as(world, 1, "K1", Some("sagsbehandling")).await;
    look_as(world, 2, "K900417", None).await;
}

async fn world() -> World {
    let world = World::with_alma().await;
    world.clock.set("2024-11-12T12:00:00Z".parse().unwrap());
    world
}
