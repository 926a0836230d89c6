//! Auditors: the live log, tiles in a directory and tiles of a server come to the same answer; an
//! audit goes on where it stopped; what was altered is found with its code, beside the log as well.
//! This file holds what these tests share.

mod attacks_on_exports;
mod derived_files;
mod pins;
mod tiles;

use std::path::Path;

use serde_json::Value;
use tests::program::{run, text};
use tests::world::World;
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
    world.operator.write_log_key().unwrap();
    world.stop()
}

fn string(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
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
