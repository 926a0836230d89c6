//! What is missing as a whole: a log that another one names, its keys, and the newest copy of data
//! that was put back. Refused at the start, found by an audit, and never begun anew in its place.
//! This file holds what these tests share.

mod audited;
mod removed;
mod silent_witnesses;

use std::path::{Path, PathBuf};

use serde_json::json;
use tests::orders::{look, take_note};
use tests::program::{audited, run, text};
use tests::world::{ALMA, World, files};

/// Both logs, each of which names the other, stopped in order.
async fn two_logs() -> tempfile::TempDir {
    let world = World::with_alma().await;
    look(&world, 1).await;
    world.operator.access_log().unwrap().checkpoint().unwrap();
    take_note(&world, 1).await;
    world.operator.checkpoint().unwrap();
    look(&world, 2).await;
    world.operator.access_log().unwrap().checkpoint().unwrap();
    world.operator.write_log_key().unwrap();
    world.stop().0
}

fn remove(path: &Path) {
    let removed = if path.is_dir() {
        std::fs::remove_dir_all(path)
    } else {
        std::fs::remove_file(path)
    };
    removed.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// Everything below a directory that is a record or a key: no lock files, no index, and no space
/// that is filled ahead.
fn held(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let derived = |path: &Path| {
        path.file_name().unwrap() == "lock"
            || path
                .components()
                .any(|part| part.as_os_str().to_string_lossy().starts_with("index"))
    };
    let read = |path: PathBuf| {
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.truncate(
            bytes
                .iter()
                .rposition(|byte| *byte != 0)
                .map_or(0, |last| last + 1),
        );
        (path, bytes)
    };
    files(dir)
        .into_iter()
        .filter(|path| !derived(path))
        .map(read)
        .collect()
}

/// Starts the program in every way that opens the case log; each must be refused with the code, and
/// leave everything as it was.
#[track_caller]
fn refused(what: &str, dir: &Path, code: &str) {
    let dossier = dir.join("dossier.jsonl");
    std::fs::write(&dossier, ALMA).unwrap();
    let before = held(dir);
    for arguments in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["import", dossier.to_str().unwrap()],
        &["cases"],
    ] {
        let output = run(dir, arguments);
        let told = text(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{what}: {arguments:?}: {told}"
        );
        assert!(told.contains(code), "{what}: {arguments:?}: {told}");
    }
    let after = held(dir);
    let grown: Vec<_> = after
        .iter()
        .filter(|file| !before.contains(file))
        .map(|(path, _)| path)
        .collect();
    assert!(
        grown.is_empty() && after.len() == before.len(),
        "{what}: something was written: {grown:?}"
    );
}

/// What the audit says of the log with this name.
#[track_caller]
fn found(what: &str, dir: &Path, origin: &str, code: &str) {
    let (reports, exit) = audited(dir);
    let report = reports
        .iter()
        .find(|report| report["log"] == origin)
        .unwrap_or_else(|| panic!("{what}: {reports:?}"));
    assert_eq!(
        (&report["code"], exit),
        (&json!(code), 3),
        "{what}: {reports:?}"
    );
}
