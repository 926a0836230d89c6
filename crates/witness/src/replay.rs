//! What a verifying witness does before it cosigns: it reads every new entry of the log and holds
//! it to the rules of the record.

use std::error::Error;

use verify::audit::{Auditor, Checks, Trust};
use verify::source::RawEntry;

/// Any lower error.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Entries in a full bundle (C2SP tlog-tiles).
const WIDTH: u64 = 256;
/// The most bytes of a bundle: 256 entries of 65,535 bytes with their lengths.
const BUNDLE_BYTES_MAX: u64 = WIDTH * (65_535 + 2);

/// Gives bundles of entries of a log.
pub trait Bundles: Send + Sync {
    /// The bytes at a path below the log's prefix (`tile/entries/...`); none when there are none.
    ///
    /// # Errors
    /// As the network reports.
    fn bundle(&self, path: &str) -> Result<Option<Vec<u8>>, BoxError>;
}

/// Fetches bundles over HTTP.
#[derive(Debug)]
pub struct HttpBundles {
    agent: ureq::Agent,
    prefix: String,
}

impl HttpBundles {
    /// From below this URL.
    #[must_use]
    pub fn new(prefix: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(std::time::Duration::from_secs(60)))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Self { agent: config.into(), prefix: prefix.trim_end_matches('/').to_owned() }
    }
}

impl Bundles for HttpBundles {
    fn bundle(&self, path: &str) -> Result<Option<Vec<u8>>, BoxError> {
        let mut response = self.agent.get(format!("{}/{path}", self.prefix)).call()?;
        match response.status().as_u16() {
            200 => Ok(Some(response.body_mut().with_config().limit(BUNDLE_BYTES_MAX).read_to_vec()?)),
            404 => Ok(None),
            status => Err(format!("{path} was answered with status {status}").into()),
        }
    }
}

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
    #[error("the entries could not be fetched: {0}")]
    Missing(String),
}

/// Replays one log.
pub(crate) struct Replay {
    trust: Trust,
    bundles: Box<dyn Bundles>,
    auditor: Option<Auditor>,
}

impl Replay {
    pub(crate) fn new(origin: &str, log_key: &str, bundles: Box<dyn Bundles>) -> Self {
        let trust = Trust { origin: origin.to_owned(), log_key: log_key.to_owned(), pins: Vec::new() };
        Self { trust, bundles, auditor: None }
    }

    /// An auditor that goes on from the saved state, or begins anew where there is none that can
    /// be read or it is ahead of what was cosigned.
    fn auditor(&self, saved: Option<&[u8]>, size: u64) -> Auditor {
        let checks = Checks { signatures: true, blobs: false, threads: 1 };
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

    /// Reads what is new up to a checkpoint of `size` entries and judges it; answers the auditor's
    /// state, to be kept once the checkpoint is remembered.
    pub(crate) fn check(&mut self, size: u64, note: &str, saved: impl FnOnce() -> Option<Vec<u8>>) -> Result<Vec<u8>, ReplayError> {
        let auditor = self.auditor.take().filter(|auditor| auditor.size() <= size);
        let mut auditor = auditor.unwrap_or_else(|| self.auditor(saved().as_deref(), size));
        let state = self.run(&mut auditor, size, note)?;
        // After a finding the auditor is of no use: it is only kept when all was well.
        self.auditor = Some(auditor);
        Ok(state)
    }

    fn run(&self, auditor: &mut Auditor, size: u64, note: &str) -> Result<Vec<u8>, ReplayError> {
        let broken = |finding: verify::code::Finding| ReplayError::Broken(finding.to_string());
        while auditor.size() < size {
            let number = auditor.size() / WIDTH;
            let width = (size - number * WIDTH).min(WIDTH);
            let bytes = self.fetch(number, width)?;
            let short = || ReplayError::Missing(format!("{} holds less than it must", path(number, width)));
            let entries = entries(&bytes, width).ok_or_else(short)?;
            let known = auditor.size() - number * WIDTH;
            for (index, entry) in (number * WIDTH..).zip(entries).skip(usize::try_from(known).unwrap_or(usize::MAX)) {
                auditor.entry(RawEntry { index, bytes: entry, blobs: &[] }).map_err(broken)?;
            }
            auditor.sound().map_err(broken)?;
        }
        auditor.check(note).map_err(broken)?;
        auditor.save().map_err(broken)
    }

    /// A log that has grown meanwhile may have replaced the partial bundle by the full one.
    fn fetch(&self, number: u64, width: u64) -> Result<Vec<u8>, ReplayError> {
        for width in [width, WIDTH] {
            match self.bundles.bundle(&path(number, width)) {
                Ok(Some(bytes)) => return Ok(bytes),
                Ok(None) => {}
                Err(error) => return Err(ReplayError::Missing(error.to_string())),
            }
        }
        Err(ReplayError::Missing(format!("there is no {}", path(number, width))))
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
        assert_eq!(entries(&[0, 1, b'a', 0, 0, 0, 2, b'b', b'c'], 3), Some(vec![&b"a"[..], b"", b"bc"]));
        assert_eq!(entries(&[0, 1, b'a', 0, 9], 1), Some(vec![&b"a"[..]]), "a bundle that has grown");
        for short in [&[0][..], &[0, 2, b'a'], &[]] {
            assert_eq!(entries(short, 1), None);
        }
    }
}
