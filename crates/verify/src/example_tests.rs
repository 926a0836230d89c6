//! The example files beside this crate: made here, read by the program's tests and by fuzzing.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use crate::test_support::log::ORIGIN;
use crate::test_support::log::b64;
use crate::test_support::time_stamp::time_stamp;
use crate::test_support::world::{CASE, NOTIFICATION, World};
use crate::test_support::zip::{Part, archive};
use crate::tree::hash;

fn packed(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    archive(
        &files
            .iter()
            .map(|(name, bytes)| Part {
                deflate: true,
                ..Part::new(name, bytes)
            })
            .collect::<Vec<_>>(),
    )
}

fn hex(bytes: &[u8]) -> String {
    hash(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A case of which one paragraph is withheld, and the notification that it refers to.
fn dossier(world: &World) -> Vec<u8> {
    let case = redacted(world);
    let bundles = [
        (CASE, "case", case),
        (
            NOTIFICATION,
            "notification",
            packed(&world.bundle(NOTIFICATION).complete()),
        ),
    ];
    let page = b"<!doctype html><title>Sagen</title>".to_vec();
    let rows = bundles.iter().map(
        |(stream, role, bytes)| json!({ "file": format!("bundles/{stream}.zip"), "role": role, "sha256": hex(bytes), "stream": stream }),
    );
    let list = json!({
        "format": "sag-dossier/1", "origin": ORIGIN, "case": CASE, "bundles": rows.collect::<Vec<_>>(), "documents": [],
        "renderings": [{ "file": "da.html", "language": "da", "sha256": hex(&page) }],
    });
    let mut files: BTreeMap<String, Vec<u8>> = bundles
        .into_iter()
        .map(|(stream, _, bytes)| (format!("bundles/{stream}.zip"), bytes))
        .collect();
    files.insert("da.html".into(), page);
    files.insert("dossier.json".into(), list.to_string().into_bytes());
    archive(
        &files
            .iter()
            .map(|(name, bytes)| Part::new(name, bytes))
            .collect::<Vec<_>>(),
    )
}

fn redacted(world: &World) -> Vec<u8> {
    let bundle = world.bundle(CASE);
    let shown = bundle.disclosures(1);
    let digest = b64(&hash(shown[4].as_bytes()));
    packed(
        &bundle
            .with_disclosures(1, &[&shown[..4], &shown[5..]].concat())
            .redact(1, &digest)
            .complete(),
    )
}

/// A case with an event that was dated back into a night in which witnesses saw the log without it.
fn untimely() -> World {
    let mut world = World::honest();
    world.wait(20 * 3_600);
    world.heartbeat();
    world.wait(1);
    world.record_with(
        CASE,
        "NoteTaken",
        &["case"],
        &[],
        &[("iat", json!(world.clock - 20 * 3_600))],
    );
    world.wait(1);
    world.seal();
    world
}

/// Everything that is made, by its path below the repository.
fn made() -> BTreeMap<String, Vec<u8>> {
    let world = World::honest();
    let bundle = world.bundle(CASE);
    let example = "crates/verify/testdata/example";
    let receipt = format!("{ORIGIN}|{CASE}|2|{}|8\n", world.leaf(5));
    let mut files: BTreeMap<String, Vec<u8>> = [
        (format!("{example}/case.zip"), packed(&bundle.complete())),
        (format!("{example}/redacted.zip"), redacted(&world)),
        (format!("{example}/dossier.zip"), dossier(&world)),
        (format!("{example}/untimely.zip"), dossier(&untimely())),
        (
            format!("{example}/policy"),
            world.policy_text().into_bytes(),
        ),
        (
            format!("{example}/checkpoint"),
            world.checkpoints[6].2.clone().into_bytes(),
        ),
        (
            format!("{example}/receipt.txt"),
            receipt.clone().into_bytes(),
        ),
    ]
    .into();
    let mut corpus = |target: &str, name: &str, bytes: &[u8]| {
        files.insert(format!("fuzz/corpus/{target}/{name}"), bytes.to_vec());
    };
    corpus("bundle", "redacted", &redacted(&world));
    corpus("bundle", "dossier", &dossier(&world));
    // A number, and the content of the file of that number.
    for (place, (_, bytes)) in (0..)
        .zip(&bundle.complete())
        .filter(|(_, (name, _))| !name.contains("/time/") && !name.contains("manifest"))
    {
        corpus(
            "bundle",
            &format!("file-{place:02}"),
            &[&[place], bytes.as_slice()].concat(),
        );
    }
    let note = &bundle.files["data/checkpoint"];
    corpus("note", "checkpoint", note);
    corpus("checkpoint", "checkpoint", note);
    corpus("policy", "policy", world.policy_text().as_bytes());
    corpus("jws", "keys", &world.entries[0]);
    corpus("jws", "heads", &world.entries[1]);
    corpus("jws", "event", &world.entries[8]);
    corpus(
        "disclosure",
        "case-opened",
        &bundle.files["data/events/000001.sd-jwt"],
    );
    corpus(
        "disclosure",
        "document",
        &bundle.files["data/events/000003.sd-jwt"],
    );
    corpus(
        "tlog_proof",
        "proof",
        &bundle.files["data/proofs/000002.tlog-proof"],
    );
    corpus("tlog_proof", "consistency", &world.consistency(8));
    corpus("tlog_proof", "receipt", receipt.as_bytes());
    corpus("values", "stamp", &time_stamp(b"body", "20261125120000Z"));
    corpus(
        "values",
        "json",
        b"{\"a\":[-1,true,null,\"\xc3\xa6\"],\"b\":{}}",
    );
    files
}

/// With `UPDATE_GOLDEN` set, the files are written instead.
#[test]
fn golden_examples_are_what_is_made() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (name, bytes) in made() {
        let path = root.join(&name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &bytes).unwrap();
        }
        assert!(
            std::fs::read(&path).unwrap_or_default() == bytes,
            "{name} is another; UPDATE_GOLDEN=1 writes it"
        );
    }
}
