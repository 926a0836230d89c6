//! Exports that were altered, at any place and in any way, are found with their codes.

use std::path::{Path, PathBuf};

use app::evidence::tiles::export::export;
use serde_json::{Value, json};
use tests::dirs::{Dirs, as_it_lies};
use tests::program::{run, text};
use tests::world::{World, caseworker, files, ids, layout};
use uuid::Uuid;
use verify::audit::Trust;

use super::{audited, note_of, string};

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
        world.operator.checkpoint().unwrap();
        let (early, out) = (
            world.dir.path().join("early"),
            world.dir.path().join("tiles"),
        );
        export(&*as_it_lies(&world.log_dir()), &early, true, &mut |_, _| {}).unwrap();
        let pin = note_of(&early);
        let (case, version) = (
            ids().case(),
            world.session().version(ids().case()).unwrap().unwrap(),
        );
        world.clock.set("2024-12-02T09:00:00Z".parse().unwrap());
        let note = json!({
            "commandId": Uuid::from_u128(0xa1), "stream": case, "occurred": "2024-12-02", "expectedVersion": version,
            "facts": { "kind": "FACT", "text": "Telefonsamtale med skolen." },
        });
        let outcome = world.order("takeNote", note, caseworker()).await.unwrap();
        assert_eq!(outcome["userErrors"], json!([]));
        world.operator.checkpoint().unwrap();
        export(&*as_it_lies(&world.log_dir()), &out, true, &mut |_, _| {}).unwrap();
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
    world.operator.checkpoint().unwrap();
    let out = world.dir.path().join("tiles");
    export(&*as_it_lies(&world.log_dir()), &out, true, &mut |_, _| {}).unwrap();
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
