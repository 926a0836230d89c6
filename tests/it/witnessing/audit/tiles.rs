//! Tiles are audited as the live log is, from a directory and from a server.

use std::path::Path;

use app::evidence::tiles::export::{ExportError, export};
use events::meta::Role;
use record::positions::Size;
use serde_json::{Value, json};
use tests::dirs::{Dirs, as_it_lies};
use tests::http::{BytesAnswer, send_bytes};
use tests::program::{Server, run, text};
use tests::world::{World, files, ids, layout, trust, viewer};
use uuid::Uuid;

use super::{audited, stopped, string};

#[tokio::test(flavor = "multi_thread")]
async fn the_live_log_its_tiles_and_a_server_are_audited_alike() {
    let (dir, trust) = stopped(World::with_alma().await);
    let (live, code) = audited(dir.path(), &[]);
    assert_eq!((&live["ok"], code), (&json!(true), 0), "{live}");
    let out = dir.path().join("tiles");
    let exported = run(
        dir.path(),
        &["tiles", "export", &string(&out), "--blobs", "--json"],
    );
    let exported: Value = serde_json::from_slice(&exported.stdout).unwrap();
    assert_eq!(
        (&exported["size"], &exported["kept"]),
        (&live["checkpoint"], &json!(0))
    );
    let post_quantum = std::fs::read_to_string(layout(dir.path()).post_quantum_key_file()).unwrap();
    let keys = [
        "--log-key",
        &trust.log_key,
        "--log-key",
        post_quantum.trim_end(),
    ];
    let (tiles, code) = audited(
        dir.path(),
        &[&["--tiles", &string(&out)][..], &keys].concat(),
    );
    assert_eq!(code, 0, "{tiles}");
    for field in [
        "ok",
        "log",
        "entries",
        "events",
        "streams",
        "blobs",
        "bytes",
        "checkpoint",
        "root",
        "tail",
        "holes",
    ] {
        assert_eq!(tiles[field], live[field], "{field}");
    }
    assert_eq!(tiles["notes"], json!([]));

    let mut server = Server::start(dir.path());
    let url = format!("http://{}/tiles/sag/", server.address);
    let (remote, code) = audited(dir.path(), &[&["--url", &url][..], &keys].concat());
    for field in ["ok", "entries", "blobs", "bytes", "root", "holes", "notes"] {
        assert_eq!((&remote[field], code), (&tiles[field], 0), "{field}");
    }
    let (bare, code) = audited(
        dir.path(),
        &["--url", &url, "--log-key", &trust.log_key, "--entries-only"],
    );
    assert_eq!(
        (code, &bare["root"], &bare["entries"], &bare["blobs"]),
        (0, &live["root"], &live["entries"], &json!(0)),
        "{bare}"
    );
    assert!(
        bare["notes"][0]
            .as_str()
            .unwrap()
            .contains("ciphertexts were not compared"),
        "{bare}"
    );
    the_bytes_of_the_export_are_served(&server, &out);
    nothing_else_is_served(&server, live["checkpoint"].as_u64().unwrap());
    assert!(server.terminate().success());
}

/// What a server answers to a request for a tile.
fn get(server: &Server, method: &str, path: &str) -> BytesAnswer {
    send_bytes(server.address, method, path, &[], b"").unwrap()
}

/// The server answers exactly the bytes of the export.
fn the_bytes_of_the_export_are_served(server: &Server, out: &Path) {
    for file in files(&out.join("tile"))
        .into_iter()
        .chain(files(&out.join("blobs")))
        .chain([out.join("checkpoint")])
    {
        let name = file.strip_prefix(out).unwrap();
        let answer = get(server, "GET", &format!("/tiles/sag/{}", name.display()));
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (200, std::fs::read(&file).unwrap().as_slice()),
            "{}",
            name.display()
        );
        let expected = match name.to_str().unwrap() {
            "checkpoint" | "blobs/size" => ("text/plain; charset=utf-8", "no-store"),
            blob if blob.starts_with("blobs/") => ("application/octet-stream", "no-store"),
            _ => (
                "application/octet-stream",
                "private, max-age=31536000, immutable",
            ),
        };
        assert_eq!(
            (
                answer.header("content-type").unwrap(),
                answer.header("cache-control").unwrap()
            ),
            expected
        );
    }
}

/// No path beside those of the export is answered, but an older partial tile is.
fn nothing_else_is_served(server: &Server, size: u64) {
    assert!(size < 256);
    assert_eq!(
        get(server, "GET", "/tiles/sag/tile/0/000.p/7").body.len(),
        7 * 32,
        "an older partial tile"
    );
    let beyond = format!("/tiles/sag/tile/entries/000.p/{}", size + 1);
    let blobs = [
        "/tiles/sag/blobs/000/0",
        "/tiles/sag/blobs/001/64",
        "/tiles/sag/blobs/999/0",
        "/tiles/sag/blobs/1/0",
        "/tiles/sag/blobs",
    ];
    let unknown = [
        "/tiles/sag/tile/0/000",
        &beyond,
        "/tiles/sag/tile/1/000.p/1",
        "/tiles/andet/checkpoint",
    ];
    for path in blobs.into_iter().chain(unknown).chain([
        "/tiles/sag/tile/0/000.p/007",
        "/tiles/sag/../sag/log.vkey",
        "/tiles/sag/tile/entries/%2e%2e/000",
    ]) {
        let answer = get(server, "GET", path);
        assert_eq!(
            (answer.status, answer.header("cache-control")),
            (404, Some("no-store")),
            "{path}"
        );
    }
    assert_eq!(get(server, "POST", "/tiles/sag/checkpoint").status, 405);
    assert_eq!(
        get(server, "GET", "/tiles/adgang/checkpoint").status,
        404,
        "nobody has looked yet"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_access_log_is_exported_and_served_as_well() {
    let world = World::with_alma().await;
    tests::orders::look(&world, 0xad).await;
    let (dir, _) = stopped(world);
    let accesses = layout(dir.path()).accesses();
    let log_key = std::fs::read_to_string(accesses.log_key_file())
        .unwrap()
        .trim_end()
        .to_owned();
    let out = string(&dir.path().join("adgang"));
    let exported = run(dir.path(), &["tiles", "export", &out, "--accesses"]);
    assert!(
        text(&exported.stdout).contains("/0999/adgang in"),
        "{}",
        text(&exported.stderr)
    );
    let (tiles, code) = audited(
        dir.path(),
        &["--tiles", &out, "--log-key", &log_key, "--entries-only"],
    );
    assert_eq!(
        (&tiles["log"], code),
        (&json!(accesses.origin()), 0),
        "{tiles}"
    );
    let server = Server::start(dir.path());
    let url = format!("http://{}/tiles/adgang", server.address);
    let (remote, code) = audited(dir.path(), &["--url", &url, "--log-key", &log_key]);
    assert_eq!((&remote["root"], code), (&tiles["root"], 0), "{remote}");
    // Another log's tiles do not go into this directory, and another log's key opens none of them.
    let other = run(dir.path(), &["tiles", "export", &out]);
    assert_eq!(other.status.code(), Some(1));
    assert!(
        text(&other.stderr).contains("holds tiles of"),
        "{}",
        text(&other.stderr)
    );
    let sag = std::fs::read_to_string(layout(dir.path()).log_key_file()).unwrap();
    assert_eq!(
        audited(
            dir.path(),
            &[
                "--tiles",
                &out,
                "--log-key",
                sag.trim_end(),
                "--entries-only"
            ]
        )
        .0["code"],
        "CHECKPOINT_ORIGIN"
    );
    assert!(text(&run(dir.path(), &["audit", "--tiles", &out]).stderr).contains("--log-key"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_grows_and_loses_what_was_erased() {
    let ids = ids();
    let world = World::with_alma().await;
    world.operator.checkpoint().unwrap();
    let out = world.dir.path().join("tiles");
    let again = |blobs| export(&*as_it_lies(&world.log_dir()), &out, blobs, &mut |_, _| {});
    let first = again(true).unwrap();
    assert_eq!((first.kept, first.removed), (0, 0));
    let second = again(true).unwrap();
    // The checkpoint and the size of the ciphertexts are always written, and nothing else twice.
    assert_eq!(
        (second.written, second.kept, second.removed),
        (2, first.written - 2, 0)
    );
    assert!(
        matches!(again(false), Err(ExportError::BlobsLeft(_))),
        "what is erased would stay"
    );

    world.clock.set("2024-11-10T10:00:00Z".parse().unwrap());
    let erasure = json!({
        "commandId": Uuid::from_u128(0xe1), "occurred": "2024-11-10", "scope": "PART", "ground": "GDPR_17",
        "legalCheck": "Ingen pligt til at bevare oplysningen.", "approvedBy": "D2",
        "event": ids.reference("A20-cors"), "subject": ids.child(),
    });
    let outcome = world
        .order("orderErasure", erasure, viewer("D1", Role::Dpo))
        .await
        .unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
    world.operator.checkpoint().unwrap();
    let third = again(true).unwrap();
    assert!(third.size > first.size);
    assert_eq!(
        third.removed, 3,
        "two partial tiles that have grown, and the ciphertext that was erased"
    );
    let partial = files(&out.join("tile"));
    assert_eq!(partial.len(), 2, "{partial:?}");
    let trust = trust(&world.operator);
    let (report, code) = audited(
        world.dir.path(),
        &["--tiles", &string(&out), "--log-key", &trust.log_key],
    );
    assert_eq!(
        (code, report["holes"].as_array().unwrap().len()),
        (0, 1),
        "{report}"
    );

    // A complete file that is another one is never written over: the log may have another past.
    let tile = files(&out.join("tile/0")).pop().unwrap();
    let original = std::fs::read(&tile).unwrap();
    let mut bent = original.clone();
    bent[5] ^= 1;
    std::fs::write(&tile, &bent).unwrap();
    assert!(matches!(again(true), Err(ExportError::Differs(path)) if path == tile));
    std::fs::write(&tile, &original[..40]).unwrap();
    again(true).unwrap();
    assert_eq!(
        std::fs::read(&tile).unwrap(),
        original,
        "half a file is made whole"
    );
    // An older log than the export: a restored backup.
    let note = std::fs::read_to_string(out.join("checkpoint")).unwrap();
    let newer = note.replacen(&format!("\n{}\n", third.size), "\n1000\n", 1);
    std::fs::write(out.join("checkpoint"), newer).unwrap();
    assert!(matches!(
        again(true),
        Err(ExportError::Newer { found, .. }) if found == Size::new(1000)
    ));
}
