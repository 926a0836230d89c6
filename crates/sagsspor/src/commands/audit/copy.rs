//! Tiles as a copy that a log is repaired from.

use std::path::Path;

use miette::{Result, miette};
use store::log_store::BoxError;
use verify::audit::{Auditor, Trust};
use verify::code::{Code, Finding};
use verify::position::Size;
use verify::source::{LogSource, RawEntry, SourceError};
use verify::tiles::{BLOBS_SIZE, Fetch, TileLog};

use super::source::Tiles;
use super::{Outcome, check_tiles, checks, no_checkpoint, unreadable};

/// Tiles with ciphertexts that were audited.
pub(crate) struct TileCopy {
    tiles: Tiles,
    size: Size,
    root: [u8; 32],
}

impl TileCopy {
    /// Hands out every entry with its ciphertexts, until `visit` answers no.
    pub(crate) fn for_each(
        &self,
        visit: &mut dyn FnMut(RawEntry<'_>) -> bool,
    ) -> Result<(), BoxError> {
        let log = TileLog::new(&self.tiles, self.size, self.root).with_blobs();
        let mut stopped = false;
        let read = log.for_each(&mut |entry| {
            if visit(entry) {
                return Ok(());
            }
            stopped = true;
            Err(Finding {
                code: Code::TileMissing,
                index: Some(entry.index),
                detail: "reading was broken off".to_owned(),
            })
        });
        match read {
            _ if stopped => Ok(()),
            Ok(()) => Ok(()),
            Err(SourceError::Finding(finding)) => Err(finding.to_string().into()),
            Err(SourceError::Read(error)) => Err(error.into()),
        }
    }
}

/// A copy with its checkpoint, or what is wrong with it.
pub(crate) type Judged<T> = std::result::Result<(T, String), Outcome>;

/// Audits tiles; they must hold the ciphertexts.
pub(crate) fn check_copy(dir: &Path, trust: &Trust) -> Result<Judged<TileCopy>> {
    let tiles = Tiles::Dir(dir.to_owned());
    if (&tiles)
        .fetch(BLOBS_SIZE)
        .map_err(|error| unreadable(&tiles, error))?
        .is_none()
    {
        return Err(miette!(
            "the tiles in {} were exported without their ciphertexts, so they cannot repair a log",
            dir.display()
        ));
    }
    let outcome = check_tiles(&tiles, trust, None, true)?;
    if matches!(outcome, Outcome::Wrong { .. }) {
        return Ok(Err(outcome));
    }
    let Some(note) = (&tiles)
        .fetch("checkpoint")
        .map_err(|error| unreadable(&tiles, error))?
    else {
        return Ok(Err(no_checkpoint().into()));
    };
    let note = String::from_utf8_lossy(&note).into_owned();
    let mut auditor = Auditor::new(trust.clone(), checks(true));
    match auditor.expect(&note) {
        Ok(size) => {
            let root = auditor.expected().map_or([0; 32], |(_, root)| root);
            Ok(Ok((TileCopy { tiles, size, root }, note)))
        }
        Err(finding) => Ok(Err(finding.into())),
    }
}
