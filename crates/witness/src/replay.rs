//! What a verifying witness does before it cosigns: it reads every new entry of the log and checks
//! it against the rules of the record, with the auditor of `verify`.

use verify::audit::{Auditor, Checks, Trust};
use verify::code::Finding;
use verify::position::{LogIndex, Size};
use verify::source::RawEntry;
use verify::tiles::WIDTH;

use crate::files::{BoxError, LogFiles};
use crate::keep::{FileError, Keep};
use crate::state::Latest;
use crate::time_rule::TimeRule;

/// The path of the bundle `number`, of which `width` entries exist.
fn path(number: u64, width: u64) -> String {
    verify::tiles::path(None, number, width)
}

/// The first `width` entries of a bundle, which may hold more.
fn entries(bundle: &[u8], width: u64) -> Option<Vec<&[u8]>> {
    let mut rest = bundle;
    let mut entries = Vec::new();
    for _ in 0..width {
        let (length, behind) = rest.split_first_chunk::<2>()?;
        let (entry, behind) = behind.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry);
        rest = behind;
    }
    Some(entries)
}

/// Why a checkpoint was not found good.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The entries break a rule of the record, or do not lead to the checkpoint.
    #[error("the log breaks a rule: {0}")]
    Broken(String),
    /// The entries could not be had, so that nothing can be said.
    #[error("the log could not be fetched: {0}")]
    Missing(String),
    /// What was read could not be kept.
    #[error("what was read could not be kept")]
    Kept(#[source] BoxError),
}

/// Replays one log.
pub(crate) struct Replay {
    trust: Trust,
    files: Box<dyn LogFiles>,
    keep: Option<Keep>,
    auditor: Option<Auditor>,
}

fn broken(finding: Finding) -> ReplayError {
    ReplayError::Broken(finding.to_string())
}

impl Replay {
    pub(crate) fn new(
        origin: &str,
        log_key: &str,
        files: Box<dyn LogFiles>,
        keep: Option<Keep>,
    ) -> Self {
        let trust = Trust {
            origin: origin.to_owned(),
            log_key: log_key.to_owned(),
            post_quantum_key: None,
            pins: Vec::new(),
        };
        Self {
            trust,
            files,
            keep,
            auditor: None,
        }
    }

    /// An auditor that goes on from the saved state, or begins anew where there is none that can
    /// be read or it is ahead of what was cosigned.
    fn auditor(&self, saved: Option<&[u8]>, size: Size) -> Auditor {
        let checks = Checks {
            signatures: true,
            blobs: false,
            threads: 1,
        };
        let resumed = saved.and_then(|saved| match Auditor::resume(saved, self.trust.clone(), checks) {
            Ok(auditor) if auditor.size() <= size => Some(auditor),
            Ok(_) => None,
            Err(error) => {
                tracing::warn!(%error, "the saved state of the auditor is not used; the log is replayed from its beginning");
                None
            }
        });
        resumed.unwrap_or_else(|| Auditor::new(self.trust.clone(), checks))
    }

    /// Reads what is new up to a checkpoint of `size` entries and checks it, the times included;
    /// answers the auditor's state, to be kept once the checkpoint is remembered.
    pub(crate) fn check(
        &mut self,
        size: Size,
        note: &str,
        times: &TimeRule<'_>,
        saved: impl FnOnce() -> Option<Vec<u8>>,
    ) -> Result<Vec<u8>, ReplayError> {
        let auditor = self.auditor.take().filter(|auditor| auditor.size() <= size);
        let mut auditor = auditor.unwrap_or_else(|| self.auditor(saved().as_deref(), size));
        let state = self.run(&mut auditor, size, note, times)?;
        // After a finding the auditor is of no use: it is only kept when all was well.
        self.auditor = Some(auditor);
        Ok(state)
    }

    /// Drops what was read and not cosigned. The next request reads it again, because other bounds
    /// of time apply then.
    pub(crate) fn forget(&mut self) {
        self.auditor = None;
    }

    fn run(
        &mut self,
        auditor: &mut Auditor,
        size: Size,
        note: &str,
        times: &TimeRule<'_>,
    ) -> Result<Vec<u8>, ReplayError> {
        let Some(keep) = &mut self.keep else {
            self.read(auditor, size, times)?;
            auditor.check(note).map_err(broken)?;
            return auditor.save().map_err(broken);
        };
        // The signature comes first: nothing is kept on the word of anybody else.
        auditor.expect(note).map_err(broken)?;
        let (_, root) = auditor
            .expected()
            .ok_or_else(|| ReplayError::Broken("the checkpoint is none".to_owned()))?;
        keep.take_entries(&*self.files, auditor, (size, root), times)?;
        auditor.check(note).map_err(broken)?;
        keep.take_ciphertexts(&*self.files, size, root)?;
        auditor.save().map_err(broken)
    }

    /// Keeps a checkpoint that was checked, with the lines that cosign it, where the log is kept.
    pub(crate) fn keep(&mut self, latest: &Latest) -> Result<(), FileError> {
        self.keep.as_mut().map_or(Ok(()), |keep| {
            keep.seal(
                &*self.files,
                &latest.note,
                (latest.checkpoint.size, latest.time),
            )
        })
    }

    /// Hands the entries up to `size` to the auditor.
    fn read(
        &self,
        auditor: &mut Auditor,
        size: Size,
        times: &TimeRule<'_>,
    ) -> Result<(), ReplayError> {
        while auditor.size() < size {
            let number = auditor.size().get() / WIDTH;
            let width = (size.get() - number * WIDTH).min(WIDTH);
            let bytes = self.fetch(number, width)?;
            let short =
                || ReplayError::Missing(format!("{} holds less than it must", path(number, width)));
            let entries = entries(&bytes, width).ok_or_else(short)?;
            let taken = auditor.size().get() - number * WIDTH;
            for (index, entry) in LogIndex::new(number * WIDTH)
                .and_behind()
                .zip(entries)
                .skip(usize::try_from(taken).unwrap_or(usize::MAX))
            {
                auditor
                    .entry(RawEntry {
                        index,
                        bytes: entry,
                        blobs: &[],
                    })
                    .map_err(broken)?;
                times.check(index, auditor.time()).map_err(broken)?;
            }
            auditor.sound().map_err(broken)?;
        }
        Ok(())
    }

    /// A log that has grown meanwhile may have replaced the partial bundle by the full one.
    fn fetch(&self, number: u64, width: u64) -> Result<Vec<u8>, ReplayError> {
        for width in [width, WIDTH] {
            match self.files.file(&path(number, width)) {
                Ok(Some(bytes)) => return Ok(bytes),
                Ok(None) => {}
                Err(error) => return Err(ReplayError::Missing(error.to_string())),
            }
        }
        Err(ReplayError::Missing(format!(
            "there is no {}",
            path(number, width)
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundles_have_the_paths_of_the_specification() {
        assert_eq!(path(0, 7), "tile/entries/000.p/7");
        assert_eq!(path(1_234_067, 256), "tile/entries/x001/x234/067");
        assert_eq!(path(1_000, 1), "tile/entries/x001/000.p/1");
    }

    #[test]
    fn a_bundle_is_read_by_its_lengths() {
        assert_eq!(
            entries(&[0, 1, b'a', 0, 0, 0, 2, b'b', b'c'], 3),
            Some(vec![&b"a"[..], b"", b"bc"])
        );
        assert_eq!(
            entries(&[0, 1, b'a', 0, 9], 1),
            Some(vec![&b"a"[..]]),
            "a bundle that has grown"
        );
        for short in [&[0][..], &[0, 2, b'a'], &[]] {
            assert_eq!(entries(short, 1), None);
        }
    }
}
