//! Auditors: the live log, tiles in a directory and tiles of a server come to the same answer; an
//! audit goes on where it stopped; what was altered is found with its code, beside the log as well.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::clock::SetClock;
use app::service::App;
use app::tiles::export::{ExportError, export};
use domain::reading::ReadingPoint;
use events::meta::Role;
use record::b64u;
use record::hash::{Hasher, sha256};
use serde_json::{Value, json};
use tests::copies::copy;
use tests::http::{BytesAnswer, send_bytes};
use tests::program::{Server, run, text};
use tests::world::{
    ALMA, BASTIAN_AND_CLARA, World, audit, caseworker, files, ids, layout, trust, viewer,
};
use uuid::Uuid;
use verify::audit::Trust;

/// The program's audit as JSON, with its exit code.
fn audited(dir: &Path, arguments: &[&str]) -> (Value, i32) {
    let output = run(dir, &[&["audit", "--json"], arguments].concat());
    let first = text(&output.stdout)
        .lines()
        .next()
        .map(|line| serde_json::from_str(line).unwrap());
    (
        first.unwrap_or_else(|| panic!("{}", text(&output.stderr))),
        output.status.code().unwrap(),
    )
}

/// Stops a world, with the verifier key beside the log as the program leaves it.
fn stopped(world: World) -> (tempfile::TempDir, Trust) {
    world.app.write_log_key().unwrap();
    world.stop()
}

fn string(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

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

/// A log that was stopped, and an export of its tiles.
struct Exported {
    dir: tempfile::TempDir,
    trust: Trust,
    out: PathBuf,
}

impl Exported {
    /// Twice, with a note taken between; with the earlier export, and its pin.
    async fn twice() -> (Self, PathBuf, String) {
        let world = World::with_alma().await;
        world.app.checkpoint().unwrap();
        let (early, out) = (
            world.dir.path().join("early"),
            world.dir.path().join("tiles"),
        );
        export(&world.log_dir(), &early, true, &mut |_, _| {}).unwrap();
        let pin = note_of(&early);
        let (case, version) = (
            ids().case(),
            world.app.version(ids().case()).unwrap().unwrap(),
        );
        world.clock.set("2024-12-02T09:00:00Z".parse().unwrap());
        let note = json!({
            "commandId": Uuid::from_u128(0xa1), "stream": case, "occurred": "2024-12-02", "expectedVersion": version,
            "facts": { "kind": "FACT", "text": "Telefonsamtale med skolen." },
        });
        let outcome = world.order("takeNote", note, caseworker()).await.unwrap();
        assert_eq!(outcome["userErrors"], json!([]));
        world.app.checkpoint().unwrap();
        export(&world.log_dir(), &out, true, &mut |_, _| {}).unwrap();
        let (dir, trust) = world.stop();
        (Self { dir, trust, out }, early, pin)
    }

    /// The audit of tiles of this log in a directory.
    fn audited(&self, tiles: &Path, more: &[&str]) -> (Value, i32) {
        let tiles = string(tiles);
        let tiles = ["--tiles", &tiles, "--log-key", &self.trust.log_key];
        audited(self.dir.path(), &[&tiles[..], more].concat())
    }

    /// The audit of the export finds this.
    fn found(&self, what: &str, code: &str) {
        let (report, exit) = self.audited(&self.out, &[]);
        assert_eq!(
            (&report["code"], exit),
            (&json!(code), 3),
            "{what}: {report}"
        );
    }
}

/// An audit goes on from its pin, and takes neither an earlier log nor another one.
fn pins_are_kept_to(exported: &Exported, early: &Path, pin: &str) {
    let (clean, code) = exported.audited(&exported.out, &["--pin", pin]);
    assert_eq!(code, 0, "{clean}");
    let later = note_of(&exported.out);
    let of_early = exported.audited(early, &["--pin", &later]);
    assert_eq!(
        (&of_early.0["code"], of_early.1),
        (&json!("ROLLBACK"), 3),
        "A10"
    );
    let other = format!("{}:{}", pin.split(':').next().unwrap(), "0".repeat(64));
    let fork = exported.audited(&exported.out, &["--pin", &other]);
    assert_eq!((&fork.0["code"], fork.1), (&json!("FORK"), 3), "A11");
}

/// What an attack does to the bytes of a file.
type Change<'a> = &'a dyn Fn(&mut Vec<u8>);

/// Where the attacks of a database administrator on an export must be found.
#[tokio::test(flavor = "multi_thread")]
async fn attacks_on_exported_tiles_are_found_with_their_codes() {
    let (exported, early, pin) = Exported::twice().await;
    pins_are_kept_to(&exported, &early, &pin);
    let out = &exported.out;

    let tile = |folder: &str| files(&out.join(folder)).pop().unwrap();
    let blob = files(&out.join("blobs"))
        .into_iter()
        .find(|path| !path.ends_with("blobs/size"))
        .unwrap();
    let flip = |bytes: &mut Vec<u8>| *bytes.last_mut().unwrap() ^= 1;
    let cut = |bytes: &mut Vec<u8>| drop(bytes.split_off(bytes.len() / 2));
    let attacks: [(&str, PathBuf, Change<'_>, &str); 5] = [
        ("A1", tile("tile/entries"), &flip, "TILE_LEAF"),
        ("A2", tile("tile/0"), &flip, "TILE_LEAF"),
        ("A3", tile("tile/0"), &cut, "TILE_FORMAT"),
        ("A3", tile("tile/entries"), &cut, "TILE_FORMAT"),
        ("A6", blob.clone(), &flip, "BLOB_HASH"),
    ];
    for (attack, path, change, code) in attacks {
        let original = std::fs::read(&path).unwrap();
        let mut bytes = original.clone();
        change(&mut bytes);
        std::fs::write(&path, bytes).unwrap();
        exported.found(attack, code);
        std::fs::write(&path, original).unwrap();
    }
    for (attack, path, code) in [
        ("A4", tile("tile/0"), "TILE_MISSING"),
        ("A4", tile("tile/entries"), "TILE_MISSING"),
        ("A7", blob, "BLOB_MISSING"),
    ] {
        let original = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        exported.found(attack, code);
        std::fs::write(&path, original).unwrap();
    }
    std::fs::remove_file(out.join("checkpoint")).unwrap();
    exported.found("none", "CHECKPOINT_MISSING");
}

/// Size and root of a checkpoint, as a pin.
fn note_of(out: &Path) -> String {
    let note = std::fs::read_to_string(out.join("checkpoint")).unwrap();
    let checkpoint = record::checkpoint::Checkpoint::parse_body(&format!(
        "{}\n",
        note.split_once("\n\n").unwrap().0
    ))
    .unwrap();
    format!("{}:{}", checkpoint.size, checkpoint.root)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_grows_and_loses_what_was_erased() {
    let ids = ids();
    let world = World::with_alma().await;
    world.app.checkpoint().unwrap();
    let out = world.dir.path().join("tiles");
    let again = |blobs| export(&world.log_dir(), &out, blobs, &mut |_, _| {});
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
    world.app.checkpoint().unwrap();
    let third = again(true).unwrap();
    assert!(third.size > first.size);
    assert_eq!(
        third.removed, 3,
        "two partial tiles that have grown, and the ciphertext that was erased"
    );
    let partial = files(&out.join("tile"));
    assert_eq!(partial.len(), 2, "{partial:?}");
    let trust = trust(&world.app);
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
        Err(ExportError::Newer { found: 1000, .. })
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_goes_on_where_it_stopped() {
    let world = World::with_alma().await;
    world.app.checkpoint().unwrap();
    let log_key = trust(&world.app).log_key;
    let (out, state) = (
        string(&world.dir.path().join("tiles")),
        string(&world.dir.path().join("state")),
    );
    export(&world.log_dir(), Path::new(&out), false, &mut |_, _| {}).unwrap();
    let tiles = [
        "--tiles",
        out.as_str(),
        "--log-key",
        &log_key,
        "--state",
        &state,
        "--entries-only",
    ];
    let (first, code) = audited(world.dir.path(), &tiles);
    assert_eq!((code, &first["before"]), (0, &json!(0)), "{first}");
    assert_eq!(
        first["stateBytes"],
        json!(std::fs::metadata(&state).unwrap().len())
    );
    let (same, _) = audited(world.dir.path(), &tiles);
    assert_eq!(
        (&same["before"], &same["root"], &same["events"]),
        (&first["entries"], &first["root"], &first["events"])
    );
    // The live log goes on from the same state, with everything in it compared again but the
    // signatures; what lies behind the checkpoint is not kept.
    let live = ["--log-key", &log_key, "--state", &state];
    let (live_first, code) = audited(world.dir.path(), &live);
    assert_eq!(
        (code, &live_first["before"]),
        (0, &first["entries"]),
        "{live_first}"
    );
    assert!(live_first["blobs"].as_u64().unwrap() > 100);
    let (dir, _) = world.stop();
    let blobs = files(&layout(dir.path()).log_dir().join("journal"));
    let mut bytes = std::fs::read(&blobs[0]).unwrap();
    let place = bytes.len() / 2;
    bytes[place] ^= 1;
    std::fs::write(&blobs[0], bytes).unwrap();
    assert_eq!(audited(dir.path(), &live).1, 3);
    let mut damaged = std::fs::read(&state).unwrap();
    damaged[20] ^= 1;
    std::fs::write(&state, damaged).unwrap();
    let refused = run(dir.path(), &[&["audit"], tiles.as_slice()].concat());
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("the state is damaged"),
        "{}",
        text(&refused.stderr)
    );
}

/// Makes the seal of an index fit its files again, as whoever knows the program could.
fn reseal(log: &Path) {
    let mut hasher = Hasher::default();
    let index = log.join("index/0000000001");
    for path in files(&index) {
        let bytes = std::fs::read(&path).unwrap();
        hasher.update(
            path.strip_prefix(&index)
                .unwrap()
                .as_os_str()
                .as_encoded_bytes(),
        );
        hasher.update(&[0]);
        hasher.update(&(bytes.len() as u64).to_be_bytes());
        hasher.update(&bytes);
    }
    let seal = std::fs::read_to_string(log.join("index.digest")).unwrap();
    let lines: Vec<&str> = seal.lines().collect();
    let digest = b64u::encode(hasher.finish().as_bytes());
    // The keyed hash in the last line stays as it was: whoever has no key can do no more.
    let resealed = format!(
        "{}\n1 {digest}\n{}\n{}\n{}\n",
        lines[0], lines[2], lines[3], lines[4]
    );
    std::fs::write(log.join("index.digest"), resealed).unwrap();
}

/// A note is taken through the API, and is the next event of its case.
async fn takes_the_next_note(app: &Arc<App>) {
    let version = app.version(ids().case()).unwrap().unwrap();
    let schema = api::schema::schema(Arc::clone(app));
    let note = json!({
        "commandId": Uuid::from_u128(0x51), "stream": ids().case(), "occurred": "2024-12-02", "expectedVersion": version,
        "facts": { "kind": "FACT", "text": "Efter ændringen." },
    });
    let query = "mutation($input: TakeNoteInput!) { takeNote(input: $input) { receipt { version } userErrors { code } } }";
    let request = async_graphql::Request::new(query)
        .variables(async_graphql::Variables::from_json(
            json!({ "input": note }),
        ))
        .data(caseworker());
    let answer = api::schema::execute(&schema, request)
        .await
        .data
        .into_json()
        .unwrap();
    assert_eq!(
        answer["takeNote"],
        json!({ "receipt": { "version": version + 1 }, "userErrors": [] })
    );
}

/// S1: the administrator alters what the index says of the newest entry of a case, and hides it.
#[tokio::test(flavor = "multi_thread")]
async fn s1_an_altered_head_in_the_index_is_found_and_never_built_on() {
    let world = World::with_alma().await;
    let expected = world.read(ids().case(), ReadingPoint::default());
    let (dir, trust) = stopped(world);
    let log = layout(dir.path()).log_dir();
    let (honest, code) = audited(dir.path(), &[]);
    assert_eq!((code, &honest["derived"]), (0, &json!([])), "{honest}");
    let before: Vec<_> = files(dir.path())
        .into_iter()
        .map(|path| (std::fs::read(&path).unwrap(), path))
        .collect();
    {
        let db = sled::open(log.join("index/0000000001")).unwrap();
        let key = [b"0999h".as_slice(), ids().case().uuid().as_bytes()].concat();
        let mut row = db.get(&key).unwrap().unwrap().to_vec();
        row[24] ^= 1;
        db.insert(&key, row).unwrap();
        db.flush().unwrap();
    }
    let (found, code) = audited(dir.path(), &[]);
    assert_eq!(
        (code, &found["derived"][0]["code"]),
        (3, &json!("INDEX_DRIFT")),
        "the seal does not fit: {found}"
    );
    reseal(&log);
    let (found, code) = audited(dir.path(), &[]);
    assert_eq!(
        (code, &found["ok"], &found["derived"][0]["code"]),
        (3, &json!(false), &json!("INDEX_DRIFT")),
        "{found}"
    );
    assert!(
        found["derived"][0]["message"]
            .as_str()
            .unwrap()
            .contains("newest entry of a stream"),
        "{found}"
    );
    // The audit has changed nothing: all other files are what they were.
    for (bytes, path) in before
        .iter()
        .filter(|(_, path)| !path.starts_with(log.join("index")) && !path.ends_with("index.digest"))
    {
        assert_eq!(std::fs::read(path).unwrap(), *bytes, "{}", path.display());
    }

    // Opened as it lies there, the next event still follows its true predecessor.
    let clock = Arc::new(SetClock::new("2025-01-01T00:00:00Z".parse().unwrap()));
    let app = Arc::new(App::open(layout(dir.path()), clock, &mut |_, _| {}).unwrap());
    assert_eq!(
        app.read(ids().case(), ReadingPoint::default(), &caseworker())
            .unwrap(),
        expected
    );
    takes_the_next_note(&app).await;
    app.close().unwrap();
    audit(dir.path(), &trust).unwrap();
    let (mended, code) = audited(dir.path(), &[]);
    assert_eq!((code, &mended["derived"]), (0, &json!([])), "{mended}");
}

/// What a row adds to the two halves of the sum over the lists.
fn halves(key: &[u8], value: &[u8]) -> (u128, u128) {
    let hash = sha256(&[&(key.len() as u64).to_be_bytes(), key, value].concat());
    let (first, second) = hash.as_bytes().split_at(16);
    (
        u128::from_be_bytes(first.try_into().unwrap()),
        u128::from_be_bytes(second.try_into().unwrap()),
    )
}

/// Alters a row of the lists, or puts it back; makes the sum over them fit, or leaves it.
fn alter_row(folder: &Path, fit: bool) {
    let db = sled::open(folder).unwrap();
    let (key, old) = db.scan_prefix(b"0999r").next().unwrap().unwrap();
    let mut new = old.to_vec();
    *new.last_mut().unwrap() ^= 1;
    db.insert(&key, new.as_slice()).unwrap();
    if fit {
        let mut told = db.get(b"0999p").unwrap().unwrap().to_vec();
        let (gone, come) = (halves(&key[5..], &old), halves(&key[5..], &new));
        let number = |bytes: &[u8]| u128::from_be_bytes(bytes.try_into().unwrap());
        let first = number(&told[8..24])
            .wrapping_sub(gone.0)
            .wrapping_add(come.0);
        let second = number(&told[24..40])
            .wrapping_sub(gone.1)
            .wrapping_add(come.1);
        told[8..24].copy_from_slice(&first.to_be_bytes());
        told[24..40].copy_from_slice(&second.to_be_bytes());
        db.insert(b"0999p", told).unwrap();
    }
    db.flush().unwrap();
}

/// S2: the administrator alters a row of the lists, and makes the sum over them fit.
#[tokio::test(flavor = "multi_thread")]
async fn s2_an_altered_row_of_the_lists_is_found() {
    let world = World::with_alma().await;
    world.app.lists_ready(&mut |_, _| {}).unwrap();
    let (dir, _) = stopped(world);
    let (honest, code) = audited(dir.path(), &["--lists"]);
    assert_eq!((code, &honest["derived"]), (0, &json!([])), "{honest}");
    let notes = honest["notes"].as_array().unwrap();
    assert!(
        notes.len() == 1 && notes[0].as_str().unwrap().contains("beside the log"),
        "{honest}"
    );
    let projections = layout(dir.path()).projection_dir();
    let number: u64 = std::fs::read_to_string(projections.join("in-force"))
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let folder = projections.join(format!("{number:010}"));
    alter_row(&folder, true);
    let (found, code) = audited(dir.path(), &["--lists"]);
    assert_eq!(
        (code, &found["derived"][0]["code"]),
        (3, &json!("PROJECTION_DRIFT")),
        "{found}"
    );
    let (unasked, code) = audited(dir.path(), &[]);
    assert_eq!(code, 0);
    assert!(
        unasked["notes"][0].as_str().unwrap().contains("--lists"),
        "{unasked}"
    );
    // Without keys nothing can be compared, and the audit says so.
    std::fs::rename(dir.path().join("keys"), dir.path().join("elsewhere")).unwrap();
    let (keyless, code) = audited(dir.path(), &["--lists"]);
    assert_eq!(
        (
            code,
            keyless["notes"][0].as_str().unwrap().contains("no keys")
        ),
        (0, true),
        "{keyless}"
    );
    std::fs::rename(dir.path().join("elsewhere"), dir.path().join("keys")).unwrap();
    // Back as it was, then altered without making the sum fit: that alone is told.
    alter_row(&folder, true);
    assert_eq!(audited(dir.path(), &["--lists"]).1, 0);
    alter_row(&folder, false);
    let (found, code) = audited(dir.path(), &["--lists"]);
    assert_eq!(
        (code, &found["derived"][0]["code"]),
        (3, &json!("PROJECTION_DRIFT")),
        "{found}"
    );
    let server = Server::start(dir.path());
    let (busy, code) = audited(dir.path(), &["--lists"]);
    assert_eq!(code, 0, "{busy}");
    assert!(
        busy["notes"].to_string().contains("has the log open"),
        "{busy}"
    );
    drop(server);
}

/// Lists that lag behind the record are brought up to date before they are compared: what was
/// erased since cannot be read as of then.
#[tokio::test(flavor = "multi_thread")]
async fn lists_that_lag_behind_an_erasure_have_not_drifted() {
    let ids = ids();
    let world = World::with_alma().await;
    world.app.lists_ready(&mut |_, _| {}).unwrap();
    let behind = world.dir.path().join("behind");
    copy(&layout(world.dir.path()).projection_dir(), &behind);
    world.clock.set("2024-11-10T10:00:00Z".parse().unwrap());
    let erasure = json!({
        "commandId": Uuid::from_u128(0xe2), "occurred": "2024-11-10", "scope": "EVENT", "ground": "GDPR_17",
        "legalCheck": "Ingen pligt til at bevare oplysningen.", "approvedBy": "D2", "event": ids.reference("A20-cors"),
    });
    let outcome = world
        .order("orderErasure", erasure, viewer("D1", Role::Dpo))
        .await
        .unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
    let (dir, _) = stopped(world);
    let (current, code) = audited(dir.path(), &["--lists"]);
    assert_eq!((code, &current["derived"]), (0, &json!([])), "{current}");
    let projections = layout(dir.path()).projection_dir();
    std::fs::remove_dir_all(&projections).unwrap();
    copy(&behind, &projections);
    let before: Vec<_> = files(dir.path())
        .into_iter()
        .map(|path| (std::fs::read(&path).unwrap(), path))
        .collect();
    let (lagging, code) = audited(dir.path(), &["--lists"]);
    assert_eq!((code, &lagging["derived"]), (0, &json!([])), "{lagging}");
    let after: Vec<_> = files(dir.path())
        .into_iter()
        .map(|path| (std::fs::read(&path).unwrap(), path))
        .collect();
    assert!(
        before == after,
        "an audit writes nothing, not even with the keys"
    );
}

/// Every history that there is, as it was recorded, as it was read, and after everything about a
/// person was erased: the lists are what the record says, whoever makes them anew.
#[tokio::test(flavor = "multi_thread")]
async fn the_lists_of_every_history_are_what_the_record_says() {
    for (dossiers, erased) in [
        (
            &[BASTIAN_AND_CLARA][..],
            tests::world::family().person("bastian"),
        ),
        (&[ALMA], ids().person("alma")),
        (&[ALMA, BASTIAN_AND_CLARA], ids().person("mette")),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = string(&dir.path().join("dossier.jsonl"));
        let compared = |what: &str| {
            let (report, code) = audited(dir.path(), &["--lists"]);
            assert_eq!(
                (code, &report["derived"]),
                (0, &json!([])),
                "{what}: {report}"
            );
            assert!(
                !report["notes"].to_string().contains("were not compared"),
                "{what}: {report}"
            );
        };
        for dossier in dossiers {
            std::fs::write(&path, dossier).unwrap();
            assert!(run(dir.path(), &["import", &path]).status.success());
            for reads in [
                &["cases"][..],
                &["board"],
                &["figures", "--from", "2024-01-01", "--to", "2025-12-31"],
            ] {
                assert!(run(dir.path(), reads).status.success());
                compared(reads[0]);
            }
        }
        let clock = Arc::new(app::clock::SystemClock);
        let app = Arc::new(App::open(layout(dir.path()), clock, &mut |_, _| {}).unwrap());
        let schema = api::schema::schema(Arc::clone(&app));
        let order = json!({
            "commandId": Uuid::from_u128(0xe3), "occurred": "2026-01-10", "scope": "PERSON", "ground": "GDPR_17", "person": erased,
            "legalCheck": "Ingen pligt til at bevare oplysningerne.", "approvedBy": "D2",
        });
        let mutation = "mutation($input: OrderErasureInput!) { orderErasure(input: $input) { userErrors { code } } }";
        let request = async_graphql::Request::new(mutation).variables(
            async_graphql::Variables::from_json(json!({ "input": order })),
        );
        let answer = api::schema::execute(&schema, request.data(viewer("D1", Role::Dpo))).await;
        assert!(answer.errors.is_empty(), "{:?}", answer.errors);
        assert_eq!(
            answer.data.into_json().unwrap()["orderErasure"]["userErrors"],
            json!([])
        );
        app.lists_ready(&mut |_, _| {}).unwrap();
        drop(schema);
        app.close().unwrap();
        drop(app);
        // The rows may be of the epoch before, which is told and no drift; the next command makes
        // new ones.
        assert_eq!(audited(dir.path(), &["--lists"]).0["derived"], json!([]));
        assert!(run(dir.path(), &["cases"]).status.success());
        compared("erased and read");
    }
}

/// The file that says how far the ciphertexts reach, bent, emptied or gone; and no ciphertexts.
fn no_told_size_turns_it_off(exported: &Exported) {
    let size = exported.out.join("blobs/size");
    let told = std::fs::read_to_string(&size).unwrap();
    for (what, bent, code) in [
        ("gone", None, "TILE_MISSING"),
        ("empty", Some(String::new()), "TILE_FORMAT"),
        ("no number", Some("many\n".to_owned()), "TILE_FORMAT"),
        ("other form", Some(format!("+{told}")), "TILE_FORMAT"),
        ("less", Some("3\n".to_owned()), "BLOB_MISSING"),
        ("none", Some("0\n".to_owned()), "BLOB_MISSING"),
    ] {
        match bent {
            None => std::fs::remove_file(&size).unwrap(),
            Some(bent) => std::fs::write(&size, bent).unwrap(),
        }
        exported.found(what, code);
    }
    // More than there is changes nothing, and whoever wants no ciphertexts compared says so.
    std::fs::write(&size, "900000\n").unwrap();
    assert_eq!(exported.audited(&exported.out, &[]).1, 0);
    std::fs::remove_dir_all(exported.out.join("blobs")).unwrap();
    exported.found("all ciphertexts", "TILE_MISSING");
    let (bare, exit) = exported.audited(&exported.out, &["--entries-only"]);
    assert!(
        exit == 0
            && bare["notes"]
                .to_string()
                .contains("ciphertexts were not compared"),
        "{bare}"
    );
}

/// What is no file in the place of one, and a file without end, are told and not read.
fn nothing_odd_is_read(exported: &Exported, place: &Path) {
    let original = std::fs::read(place).unwrap();
    let odd: [(&str, &dyn Fn()); 4] = [
        ("a link to a device", &|| {
            std::os::unix::fs::symlink("/dev/zero", place).unwrap()
        }),
        ("a pipe", &|| {
            assert!(
                std::process::Command::new("mkfifo")
                    .arg(place)
                    .status()
                    .unwrap()
                    .success()
            )
        }),
        ("a folder", &|| std::fs::create_dir(place).unwrap()),
        ("a terabyte", &|| {
            std::fs::File::create(place)
                .unwrap()
                .set_len(1 << 40)
                .unwrap()
        }),
    ];
    for (what, put) in odd {
        std::fs::remove_file(place).unwrap();
        put();
        let (report, exit) = exported.audited(&exported.out, &["--entries-only"]);
        assert_eq!(
            (&report["code"], exit),
            (&json!("TILE_FORMAT"), 3),
            "{what} at {}: {report}",
            place.display()
        );
        if place.is_dir() {
            std::fs::remove_dir(place).unwrap()
        } else {
            std::fs::remove_file(place).unwrap()
        }
        std::fs::write(place, &original).unwrap();
    }
}

/// What lies in the place of a file of an export and is none, or never ends; and the file that says
/// how far the ciphertexts reach.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_an_export_turns_the_comparison_off_or_is_read_without_end() {
    let world = World::with_alma().await;
    world.app.checkpoint().unwrap();
    let out = world.dir.path().join("tiles");
    export(&world.log_dir(), &out, true, &mut |_, _| {}).unwrap();
    let (dir, trust) = world.stop();
    let exported = Exported { dir, trust, out };
    no_told_size_turns_it_off(&exported);
    let tile = files(&exported.out.join("tile/entries")).pop().unwrap();
    for place in [
        tile,
        exported.out.join("checkpoint"),
        files(&exported.out.join("tile/0")).pop().unwrap(),
    ] {
        nothing_odd_is_read(&exported, &place);
    }
    // The live log as well: a ciphertext of its own, and its checkpoint.
    let place = layout(exported.dir.path()).log_dir().join("checkpoint");
    std::fs::remove_file(&place).unwrap();
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&place)
            .status()
            .unwrap()
            .success()
    );
    let arguments = ["audit", "--log-key", &exported.trust.log_key];
    let output = run(exported.dir.path(), &arguments);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    assert!(
        text(&output.stderr).contains("not a regular file"),
        "{}",
        text(&output.stderr)
    );
}
