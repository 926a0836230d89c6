//! The file in which an audit keeps its state, so that it can go on where it stopped.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use miette::{IntoDiagnostic, Result, WrapErr};
use verify::audit::{Auditor, Checks, Trust};
use verify::position::Size;
use witness::whole_file;

/// An audit that is interrupted loses at most the work of this time.
const SAVE_EVERY: Duration = Duration::from_secs(30);

/// Keeps the state of one audit.
pub(super) struct Keeper {
    path: Option<PathBuf>,
    saved: Instant,
    /// The newest state, of a size that the checkpoint vouches for.
    newest: Option<Vec<u8>>,
    failed: Option<io::Error>,
}

/// The auditor as it was left, or a new one.
pub(super) fn take_up(
    path: Option<&Path>,
    trust: Trust,
    checks: Checks,
) -> Result<(Auditor, Keeper)> {
    let keeper = Keeper {
        path: path.map(Path::to_owned),
        saved: Instant::now(),
        newest: None,
        failed: None,
    };
    let Some(path) = path else {
        return Ok((Auditor::new(trust, checks), keeper));
    };
    let named = || path.display().to_string();
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Ok((Auditor::new(trust, checks), keeper))
        }
        Err(error) => Err(error).into_diagnostic().wrap_err_with(named),
        Ok(saved) => {
            let resumed = Auditor::resume(&saved, trust, checks).into_diagnostic();
            let help = || {
                format!(
                    "{} cannot be taken up; take it away, and the audit begins anew",
                    named()
                )
            };
            Ok((resumed.wrap_err_with(help)?, keeper))
        }
    }
}

impl Keeper {
    /// Saves now and then; never more than the checkpoint covers, because what lies behind it may
    /// lawfully not be there the next time.
    pub(super) fn watch(&mut self, auditor: &Auditor, checkpoint: Size) {
        let at_checkpoint = auditor.size() == checkpoint;
        if self.path.is_none()
            || auditor.size() > checkpoint
            || !(at_checkpoint || self.saved.elapsed() >= SAVE_EVERY)
        {
            return;
        }
        self.saved = Instant::now();
        self.newest = auditor.save().ok();
        if !at_checkpoint {
            self.failed = self.write().err();
        }
    }

    /// Writes what is to be taken up the next time; call it when nothing wrong was found.
    pub(super) fn finish(mut self) -> Result<Option<u64>> {
        let written = self.failed.take().map_or_else(|| self.write(), Err);
        let named = || {
            self.path
                .as_deref()
                .unwrap_or(Path::new(""))
                .display()
                .to_string()
        };
        written
            .into_diagnostic()
            .wrap_err_with(|| format!("the state could not be written to {}", named()))?;
        Ok(self.newest.map(|saved| saved.len() as u64))
    }

    fn write(&self) -> io::Result<()> {
        let (Some(path), Some(saved)) = (&self.path, &self.newest) else {
            return Ok(());
        };
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".tmp");
        // The name is not synced: when a crash undoes it, the next audit takes up an older state.
        whole_file::put(path, &path.with_file_name(name), saved)
    }
}
