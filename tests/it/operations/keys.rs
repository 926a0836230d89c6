//! Keys are exchanged and locked, copies of keys die, and a wrong key is told. This file holds what
//! these tests share.

mod by_the_program;
mod cut_and_lost;
mod earlier_versions;
mod exchanged;
mod locked;
mod swapped;

use std::path::Path;
use std::process::Output;
use std::sync::Arc;

use serde_json::Value;
use store::disk::RealDisk;
use store::embedded::keys::FileKeyStore;
use tests::dirs::Dirs;
use tests::program::{run, text};
use tests::world::layout;

/// The keys that lie in the key directory of a log that is stopped.
fn stored(dir: &Path) -> FileKeyStore {
    FileKeyStore::open(Arc::new(RealDisk::default()), &layout(dir).key_dir()).unwrap()
}

fn good(output: Output) -> String {
    assert!(
        output.status.success(),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

/// What the program shows of the keys.
fn shown(dir: &Path) -> Value {
    serde_json::from_str(
        good(run(dir, &["keys", "show", "--json"]))
            .lines()
            .next()
            .unwrap(),
    )
    .unwrap()
}
