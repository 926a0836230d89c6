//! Ciphertexts open with a JOSE library that others wrote. The test needs Python with that library:
//! `tests/outside/run` installs it and runs the test; without it the test says so and checks
//! nothing.

#![expect(
    clippy::print_stdout,
    reason = "it says what was checked, and what was not"
)]

use std::process::Command;
use std::sync::Arc;

use record::b64u;
use record::entry::Entry;
use record::keys::{RootKey, SubjectKey};
use record::opening::{PartSource, disclosure_texts};
use serde_json::json;
use store::disk::RealDisk;
use store::embedded::keys::FileKeyStore;
use store::embedded::read_only::ReadOnly;
use store::key_store::KeyStore;
use tests::dirs::Dirs;
use tests::world::{World, layout};

#[tokio::test(flavor = "multi_thread")]
async fn a_public_library_opens_what_is_encrypted() {
    let Ok(python) = std::env::var("SAGSSPOR_OUTSIDE_PYTHON") else {
        println!(
            "not checked: SAGSSPOR_OUTSIDE_PYTHON names no Python with jwcrypto; tests/outside/run does"
        );
        return;
    };
    let (dir, _) = World::with_alma().await.stop();
    let keys =
        FileKeyStore::open(Arc::new(RealDisk::default()), &layout(dir.path()).key_dir()).unwrap();
    let root = RootKey::from_bytes(*keys.secrets().root);
    let log = ReadOnly::open(Arc::new(RealDisk::default()), &layout(dir.path()).log_dir()).unwrap();
    let mut rows = Vec::new();
    let read = log.for_each(&mut |entry| {
        if let Entry::Event(envelope) = record::entry::parse(&entry.bytes).unwrap().entry {
            for (part, blob) in (0_u16..).zip(&entry.blobs) {
                let (Some(blob), Some(row)) = (blob, keys.part(envelope.event_id, part).unwrap()) else { continue };
                let subject = keys.subject(row.subject).unwrap().unwrap();
                let subject: SubjectKey = root.unwrap(subject.place(), &subject.wrapped).unwrap();
                let key = subject.unwrap(row.place(), &row.wrapped).unwrap();
                let texts = disclosure_texts(PartSource { blob, key: &key }, envelope.event_id, part).unwrap();
                let jwe = String::from_utf8(blob.clone()).unwrap();
                rows.push(json!({ "jwe": jwe, "key": b64u::encode(key.expose()), "holds": texts[0].text }));
            }
        }
        std::ops::ControlFlow::Continue(())
    });
    read.unwrap();
    assert!(rows.len() > 60, "{}", rows.len());
    let file = dir.path().join("jwe.json");
    std::fs::write(&file, serde_json::to_vec(&rows).unwrap()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/outside/check.py");
    let output = Command::new(python)
        .arg(script)
        .arg("jwe")
        .arg(&file)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    println!("{}", String::from_utf8_lossy(&output.stdout));
}
