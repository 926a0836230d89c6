//! Copies of data directories, as backups and as what somebody puts back. They know nothing of
//! what the files hold.

use std::path::Path;

use crate::dirs::Dirs;
use crate::world::{files, layout};

/// Copies a directory, which may be in use: what goes while it is copied is not in the copy.
pub fn copy(from: &Path, to: &Path) {
    for path in files(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
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

pub fn put_back(from: &Path, to: &Path) {
    std::fs::remove_dir_all(to).unwrap();
    copy(from, to);
}
