//! A file that gets its own name only when it is whole.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use miette::{IntoDiagnostic, Result, WrapErr, miette};
use witness::names;

use crate::text::terminal;

/// A file under a name that says that it is not finished; it goes when it never is.
pub(crate) struct Unfinished {
    path: PathBuf,
    out: PathBuf,
    pub(crate) file: File,
}

impl Unfinished {
    /// Begins the file, for its owner only; `out` must not exist yet. What a run that was killed
    /// left behind is replaced.
    pub(crate) fn begin(out: &Path) -> Result<Self> {
        absent(out)?;
        let mut path = out.as_os_str().to_owned();
        path.push(".unfinished");
        let path = PathBuf::from(path);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&path);
        let file = file
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot write {}", path.display()))?;
        Ok(Self {
            path,
            out: out.to_owned(),
            file,
        })
    }

    /// Puts the file under its own name; durable on return.
    pub(crate) fn finish(&self) -> Result<()> {
        self.file.sync_all().into_diagnostic()?;
        let named = fs::rename(&self.path, &self.out).and_then(|()| names::settle(&self.out));
        named
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot write {}", self.out.display()))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.path.exists() && fs::remove_file(&self.path).is_err() {
            terminal::complain(&format!(
                "{} could not be removed; it is not finished",
                self.path.display()
            ));
        }
    }
}

/// Refuses a name that is taken.
pub(crate) fn absent(out: &Path) -> Result<()> {
    if out.exists() {
        Err(miette!("{} exists already", out.display()))
    } else {
        Ok(())
    }
}
