//! What the audit and the export of tiles are told.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::log::LogArgs;

pub(crate) const AUDIT_EXAMPLES: &str = "\
Examples:
  sagsspor audit --log-key 'log.example.dk/0999/sag+1a2b3c4d+AbCd...'
  sagsspor audit --tiles export --log-key 'log.example.dk/0999/sag+1a2b3c4d+AbCd...' --state sag.audit
  sagsspor audit --url http://127.0.0.1:8080/tiles/sag --log-key '...' --pin 4711:9f86d081...
  sagsspor audit --url http://127.0.0.1:8080/tiles/sag --log-key '...' --entries-only

The log is opened for reading only; nothing is changed or cut. What is checked, what is not found,
and how long it takes: docs/guide/audit.md.";

/// What to audit.
#[derive(Debug, Clone, Args)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    pub(crate) log: LogArgs,
    /// Audit the tiles in this directory instead of the live log, as `tiles export` makes them.
    #[arg(long, value_name = "DIR", conflicts_with = "url", requires = "log_key")]
    pub(crate) tiles: Option<PathBuf>,
    /// Audit the tiles of a server: the address in front of `checkpoint` and `tile/`. Ciphertexts
    /// are compared where the server has them.
    #[arg(long, value_name = "URL", requires = "log_key")]
    pub(crate) url: Option<String>,
    /// Compare no ciphertexts: for tiles that were exported without them, or because it is faster.
    /// Less is found.
    #[arg(long)]
    pub(crate) entries_only: bool,
    /// The log's verifier key, as you know it from elsewhere. Without it the key that lies beside
    /// the log is used, which proves less. Give it twice for both keys of a log, Ed25519 and
    /// ML-DSA-44: checkpoints must bear both signatures then. Further ones are keys of earlier
    /// times, for the archive.
    #[arg(long, value_name = "VKEY")]
    pub(crate) log_key: Vec<String>,
    /// The same for the access log.
    #[arg(long, value_name = "VKEY", conflicts_with_all = ["tiles", "url"])]
    pub(crate) access_log_key: Vec<String>,
    /// A size and a root that are known from elsewhere, as SIZE:HEX.
    #[arg(long)]
    pub(crate) pin: Option<String>,
    /// The same for the access log.
    #[arg(long, value_name = "SIZE:HEX", conflicts_with_all = ["tiles", "url"])]
    pub(crate) access_pin: Option<String>,
    /// Keep the state of the audit in this file, and go on from it: after an interruption, or with
    /// what has been added since. Keep it where only the auditor writes.
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Compare the lists of the live log with the record as well. This needs the keys and opens
    /// content, in memory only; the log must not be in use.
    #[arg(long, conflicts_with_all = ["tiles", "url"])]
    pub(crate) lists: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to do with tiles.
#[derive(Debug, Subcommand)]
pub(crate) enum TilesAction {
    /// Export the log as files that never change (C2SP tlog-tiles), for auditors and witnesses.
    #[command(
        after_help = "Examples:\n  sagsspor tiles export /srv/tiles/sag\n  sagsspor tiles export /srv/tiles/sag --blobs\n  sagsspor tiles export /srv/tiles/adgang --accesses\n\nRunning it again writes only what is new. The log may be in use."
    )]
    Export {
        #[command(flatten)]
        log: LogArgs,
        /// The directory; made when needed.
        dir: PathBuf,
        /// Export the ciphertexts as well, so that an audit can compare them. They cannot be read
        /// without keys, and what is erased is taken away by the next export.
        #[arg(long)]
        blobs: bool,
        /// Export the access log instead of the case log.
        #[arg(long)]
        accesses: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}
