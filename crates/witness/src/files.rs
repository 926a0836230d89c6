//! Where the files of a log come from.

use std::error::Error;

/// Any lower error.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// The most bytes of a tile: a bundle of 256 entries of 65,535 bytes with their lengths.
const TILE_BYTES_MAX: u64 = verify::tiles::WIDTH * (65_535 + 2);
/// The most bytes of a ciphertext: 8 MiB of a document are 11.2 million letters of base64.
const BLOB_BYTES_MAX: u64 = 12 * 1_024 * 1_024;

/// The most bytes of a checkpoint with all its signatures.
const NOTE_BYTES_MAX: u64 = 1_024 * 1_024;

/// The most bytes that a file of a log may have, by its path.
#[must_use]
pub fn bytes_max(path: &str) -> u64 {
    match path {
        "checkpoint" | "blobs/size" => NOTE_BYTES_MAX,
        path if path.starts_with("blobs/") => BLOB_BYTES_MAX,
        _ => TILE_BYTES_MAX,
    }
}

/// Gives the files of a log.
pub trait LogFiles: Send + Sync {
    /// The bytes at a path below the log's prefix (`tile/entries/...`, `blobs/...`); none when
    /// there are none.
    ///
    /// # Errors
    /// As the network reports.
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, BoxError>;
}

/// Fetches the files over HTTP.
#[derive(Debug)]
pub struct HttpFiles {
    agent: ureq::Agent,
    prefix: String,
}

impl HttpFiles {
    /// From below this URL.
    #[must_use]
    pub fn new(prefix: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(std::time::Duration::from_secs(60)))
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Self {
            agent: config.into(),
            prefix: prefix.trim_end_matches('/').to_owned(),
        }
    }
}

impl LogFiles for HttpFiles {
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, BoxError> {
        let mut response = self.agent.get(format!("{}/{path}", self.prefix)).call()?;
        match response.status().as_u16() {
            200 => Ok(Some(
                response
                    .body_mut()
                    .with_config()
                    .limit(bytes_max(path))
                    .read_to_vec()?,
            )),
            404 => Ok(None),
            status => Err(format!("{path} was answered with status {status}").into()),
        }
    }
}
