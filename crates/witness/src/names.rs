//! Names that survive a power cut. A synced file can still be lost when the directory that names it
//! was not synced; and that directory is named by the one above it.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// How many directories above one may have been made together with it.
const MADE_TOGETHER: usize = 4;

/// Makes a directory for its owner alone, and those above it, where they are missing; their names
/// are durable on return. A process that was killed may have made them, so that it is done for old
/// ones too.
///
/// # Errors
/// As the medium reports.
pub fn make_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    settle(dir)
}

/// Makes the name of a file or directory durable, and those of the directories above it as far as
/// they may have been made with it.
///
/// # Errors
/// As the medium reports. A directory above the one that holds it may belong to others, or to a
/// file system that cannot sync names: that it refuses is no error.
pub fn settle(path: &Path) -> io::Result<()> {
    for (above, dir) in path.ancestors().skip(1).take(MADE_TOGETHER).enumerate() {
        let dir = if dir.as_os_str().is_empty() {
            Path::new(".")
        } else {
            dir
        };
        match File::open(dir).and_then(|dir| dir.sync_all()) {
            Err(error) if above == 0 || !is_of_others(&error) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn is_of_others(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidInput, PermissionDenied, ReadOnlyFilesystem, Unsupported};
    matches!(
        error.kind(),
        PermissionDenied | InvalidInput | ReadOnlyFilesystem | Unsupported
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_made_and_names_settled_wherever_they_are() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b/c");
        make_dir(&deep).unwrap();
        make_dir(&deep).unwrap();
        assert!(deep.is_dir());
        settle(Path::new("Cargo.toml")).unwrap();
        settle(Path::new("/")).unwrap();
        assert_eq!(
            settle(&dir.path().join("none/file")).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }
}
