//! Copies of data directories, as backups and as what somebody puts back. They know nothing of
//! what the files hold.

use std::path::Path;

use crate::dirs::Dirs;
use crate::world::layout;

/// Copies a directory with its empty folders. It may be in use: what goes while it is copied is not
/// in the copy.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    let entries = match std::fs::read_dir(from) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
        entries => entries.unwrap(),
    };
    for entry in entries {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
            continue;
        }
        match std::fs::copy(&path, target) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            copied => drop(copied.unwrap()),
        }
    }
}

/// The bytes of a journal without the free space that is filled ahead.
pub fn journal(dir: &Path) -> Vec<u8> {
    let mut bytes = std::fs::read(layout(dir).log_dir().join("journal/000000.seg")).unwrap();
    bytes.truncate(
        bytes
            .iter()
            .rposition(|byte| *byte != 0)
            .map_or(0, |last| last + 1),
    );
    bytes
}

/// Replaces a directory by a copy of another one.
pub fn put_back(from: &Path, to: &Path) {
    std::fs::remove_dir_all(to).unwrap();
    copy(from, to);
}
