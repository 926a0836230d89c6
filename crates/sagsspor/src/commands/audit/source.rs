//! Where an audit reads from: a journal, a directory of tiles, or tiles over HTTP.

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

use store::backend::opening::OpenError;
use store::backend::view::LogView;
use verify::code::Finding;
use verify::position::LogIndex;
use verify::source::{LogSource, RawEntry, SourceError};
use verify::tiles::Fetch;
use witness::files::bytes_max;
use witness::regular;

const TIMEOUT: Duration = Duration::from_secs(30);
const ATTEMPTS: u32 = 3;

/// The journal as a source of entries.
pub(super) struct Journal(pub(super) Box<dyn LogView>);

impl LogSource for Journal {
    type Error = OpenError;

    fn for_each(
        &self,
        visit: &mut dyn FnMut(RawEntry<'_>) -> Result<(), Finding>,
    ) -> Result<(), SourceError<OpenError>> {
        let mut found = None;
        let read = self.0.for_each(&mut |entry| {
            let blobs: Vec<Option<&[u8]>> = entry.blobs.iter().map(Option::as_deref).collect();
            match visit(RawEntry {
                index: LogIndex::new(entry.index.get()),
                bytes: &entry.bytes,
                blobs: &blobs,
            }) {
                Ok(()) => ControlFlow::Continue(()),
                Err(finding) => {
                    found = Some(finding);
                    ControlFlow::Break(())
                }
            }
        });
        match found {
            Some(finding) => Err(finding.into()),
            None => read.map(|_| ()).map_err(SourceError::Read),
        }
    }
}

/// A file of a tiled log could not be had.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {name}")]
pub(super) struct FetchError {
    name: String,
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// Tiles, wherever they lie.
pub(super) enum Tiles {
    /// In a directory.
    Dir(PathBuf),
    /// On a server, below an address.
    Url { agent: ureq::Agent, base: String },
}

impl FetchError {
    /// What is wrong with what lies in the place of a file, where it can never be one: a link, a
    /// pipe, or more bytes than any file of a log has.
    pub(super) fn odd(&self) -> Option<String> {
        let source = self
            .source
            .downcast_ref::<io::Error>()
            .filter(|error| error.kind() == io::ErrorKind::InvalidData)?;
        Some(format!("{}: {source}", self.name))
    }
}

impl Tiles {
    pub(super) fn at(url: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .build();
        Self::Url {
            agent: config.into(),
            base: url.trim_end_matches('/').to_owned(),
        }
    }

    /// Where they lie, in words.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Dir(dir) => dir.display().to_string(),
            Self::Url { base, .. } => base.clone(),
        }
    }
}

fn get(agent: &ureq::Agent, url: &str, bytes_max: u64) -> Result<Option<Vec<u8>>, ureq::Error> {
    let mut response = agent.get(url).call()?;
    match response.status().as_u16() {
        200 => response
            .body_mut()
            .with_config()
            .limit(bytes_max)
            .read_to_vec()
            .map(Some),
        404 => Ok(None),
        status => Err(ureq::Error::StatusCode(status)),
    }
}

impl Fetch for &Tiles {
    type Error = FetchError;

    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, FetchError> {
        match self {
            Tiles::Dir(dir) => {
                let named = |error| FetchError {
                    name: dir.join(path).display().to_string(),
                    source: Box::new(error),
                };
                regular::read(&dir.join(path), bytes_max(path)).map_err(named)
            }
            Tiles::Url { agent, base } => {
                let url = format!("{base}/{path}");
                let mut attempt = 1;
                loop {
                    match get(agent, &url, bytes_max(path)) {
                        Ok(file) => return Ok(file),
                        Err(error) if attempt == ATTEMPTS => {
                            return Err(FetchError {
                                name: url,
                                source: Box::new(error),
                            });
                        }
                        Err(error) => tracing::info!(%error, url, "asked again"),
                    }
                    attempt += 1;
                }
            }
        }
    }
}
