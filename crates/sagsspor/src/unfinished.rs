//! A file of the user's that gets its own name only when it is whole. It never replaces another.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use miette::{IntoDiagnostic, Result, WrapErr, miette};
use witness::names;
use witness::whole_file::WholeFile;

use crate::text::terminal;

/// A file under a name that says that it is not finished; it is removed when it never is.
pub(crate) struct Unfinished {
    path: PathBuf,
    out: PathBuf,
    /// Missing once it has its own name.
    begun: Option<WholeFile>,
}

impl Unfinished {
    /// Begins the file, for its owner only; `out` must not exist yet. What a run that was killed
    /// left behind is replaced.
    pub(crate) fn begin(out: &Path) -> Result<Self> {
        absent(out)?;
        let mut path = out.as_os_str().to_owned();
        path.push(".unfinished");
        let path = PathBuf::from(path);
        let begun = WholeFile::begin(&path)
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot write {}", path.display()))?;
        Ok(Self {
            path,
            out: out.to_owned(),
            begun: Some(begun),
        })
    }

    /// The file, for writing.
    pub(crate) fn file(&mut self) -> Result<&mut File> {
        let begun = self.begun.as_mut().map(WholeFile::file);
        begun.ok_or_else(|| miette!("{} is finished", self.out.display()))
    }

    /// Puts the file under its own name; durable on return.
    pub(crate) fn finish(&mut self) -> Result<()> {
        let named = self.begun.take().map_or(Ok(()), |begun| {
            begun
                .name(&self.out)
                .and_then(|()| names::settle(&self.out))
        });
        named
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot write {}", self.out.display()))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let discarded: io::Result<()> = self.begun.take().map_or(Ok(()), WholeFile::discard);
        if discarded.is_err() {
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
