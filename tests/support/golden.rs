//! Golden files: texts that are made from the code and compared with what is stored. They change
//! only on purpose, with `UPDATE_GOLDEN=1`. Files that nothing makes any more are found by
//! `every_golden_file_is_compared`, which looks for calls of these functions with the path written
//! out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// A text is what is stored under this path of the repository.
#[track_caller]
pub fn same(path: &str, text: &str) {
    let file = root().join(path);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
    }
    let stored = std::fs::read_to_string(&file).unwrap_or_default();
    let line = stored
        .lines()
        .zip(text.lines())
        .position(|(stored, made)| stored != made);
    assert!(stored == text, "{path} differs, first in line {line:?}");
}

/// Texts by file name are what is stored in this folder of the repository, and nothing else is.
#[track_caller]
pub fn same_files(folder: &str, made: &BTreeMap<String, String>) {
    for (name, text) in made {
        same(&format!("{folder}/{name}"), text);
    }
    let stored: BTreeSet<String> = std::fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let unmade: Vec<&String> = stored
        .iter()
        .filter(|name| !made.contains_key(*name))
        .collect();
    assert!(
        unmade.is_empty(),
        "nothing makes these of {folder}: {unmade:?}"
    );
}

/// A folder that a test takes as it is stored, with all that is in it.
pub fn stored_folder(folder: &str) -> PathBuf {
    root().join(folder)
}
