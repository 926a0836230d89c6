//! The directory of a run: made for it, or given and empty, and emptied when the run ends.

use std::fs;
use std::path::{Path, PathBuf};

use miette::{IntoDiagnostic, Result, WrapErr};

use crate::usage::usage;

/// Where a run keeps everything that it makes.
pub(super) struct Place {
    dir: PathBuf,
    /// Whether the directory itself was made.
    made: bool,
}

impl Place {
    /// Takes a directory that is given, or makes one in the working directory: what lies among the
    /// temporary files may lie in memory.
    pub(super) fn new(given: Option<&Path>) -> Result<Self> {
        let named = || PathBuf::from(format!("sagsspor-bench-{}", std::process::id()));
        let dir = given.map_or_else(named, Path::to_owned);
        let exists = dir.exists();
        if exists {
            let mut entries = fs::read_dir(&dir)
                .map_err(|error| usage(format!("--directory {}: {error}", dir.display())))?;
            if entries.next().is_some() {
                return Err(usage(format!(
                    "--directory {}: it is not empty, and a run writes to nothing that it did not make",
                    dir.display()
                )));
            }
        } else {
            fs::create_dir_all(&dir)
                .into_diagnostic()
                .wrap_err_with(|| format!("--directory {}", dir.display()))?;
        }
        let dir = dir.canonicalize().into_diagnostic()?;
        Ok(Self { dir, made: !exists })
    }

    pub(super) fn path(&self) -> &Path {
        &self.dir
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let removed = if self.made {
            fs::remove_dir_all(&self.dir)
        } else {
            emptied(&self.dir)
        };
        if let Err(error) = removed {
            tracing::warn!(%error, "{} could not be removed", self.dir.display());
        }
    }
}

/// Removes what lies in a directory, which was empty before.
fn emptied(dir: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            fs::remove_dir_all(path)?;
        } else {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
