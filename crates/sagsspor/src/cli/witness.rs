//! The witness that the program can be.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use witness::time_rule::DELAY_SECONDS;

/// How a witness works.
#[derive(Debug, Clone, Args)]
pub(crate) struct WitnessArgs {
    /// Address; a proxy that speaks TLS belongs in front of it.
    #[arg(
        long,
        env = "SAGSSPOR_WITNESS_LISTEN",
        default_value = "127.0.0.1:8081"
    )]
    pub(crate) listen: SocketAddr,
    /// Directory of what the witness remembers. Never put back an older copy of it.
    #[arg(
        long,
        env = "SAGSSPOR_WITNESS_STATE",
        value_name = "DIR",
        required = true
    )]
    pub(crate) state: Option<PathBuf>,
    /// A key file, made with `sagsspor witness key`. Several give several cosignatures.
    #[arg(
        long,
        env = "SAGSSPOR_WITNESS_KEY",
        value_name = "FILE",
        required = true,
        value_delimiter = ','
    )]
    pub(crate) key: Vec<PathBuf>,
    /// A verifier key of a log. Several of one name are keys of one log; one of them is enough.
    #[arg(
        long,
        env = "SAGSSPOR_WITNESS_LOG",
        value_name = "VKEY",
        required = true,
        value_delimiter = ','
    )]
    pub(crate) log: Vec<String>,
    /// Read every new entry, and cosign only what the rules of the record allow.
    #[arg(long, requires = "tiles")]
    pub(crate) verifying: bool,
    /// The URL below which the log's tiles lie.
    #[arg(long, env = "SAGSSPOR_WITNESS_TILES", value_name = "URL")]
    pub(crate) tiles: Option<String>,
    /// Keep all that is read in this directory, ciphertexts as well, durable before anything is
    /// cosigned: the second machine of the log. It has the layout of `sagsspor tiles export
    /// --blobs`.
    #[arg(long, env = "SAGSSPOR_WITNESS_KEEP", value_name = "DIR", requires_all = ["verifying", "mirror_key"])]
    pub(crate) keep: Option<PathBuf>,
    /// How many seconds before the arrival of the request for the last cosigned checkpoint a new
    /// entry may state to have been recorded. Readers of bundles allow for 60.
    #[arg(long, env = "SAGSSPOR_WITNESS_DELAY_SECONDS", value_name = "SECONDS", requires = "verifying", default_value_t = DELAY_SECONDS)]
    pub(crate) delay_seconds: u64,
    /// Let entries pass whatever time they state: LOG:FIRST..LAST, by the name of the log and their
    /// indexes. It is kept with the reason in the state directory, and shown. May be given several
    /// times.
    #[arg(long, value_name = "LOG:FIRST..LAST", requires_all = ["verifying", "because"])]
    pub(crate) pass: Vec<String>,
    /// Why they may pass.
    #[arg(long, value_name = "REASON", requires = "pass")]
    pub(crate) because: Option<String>,
    /// A key file of its own, under another name, for what a mirror signs: that all of it is kept.
    /// What `--key` signs says that it was seen, and replayed. Several give several signatures.
    #[arg(
        long,
        env = "SAGSSPOR_WITNESS_MIRROR_KEY",
        value_name = "FILE",
        requires = "keep",
        value_delimiter = ','
    )]
    pub(crate) mirror_key: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WitnessAction {
    /// Make a key and print its verifier key, which belongs in the policies of those who trust it.
    #[command(
        after_help = "Example:\n  sagsspor witness key --name witness.example/w1 --out w1.key"
    )]
    Key {
        /// Name of the witness: a host name and a path, without a scheme.
        #[arg(long)]
        name: String,
        /// How it signs.
        #[arg(long, value_enum, default_value = "ed25519")]
        kind: KeyKindWord,
        /// The file to be made. Only its owner may read it; it is never written over.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// How a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum KeyKindWord {
    /// Ed25519, which every reader understands.
    Ed25519,
    /// ML-DSA-44, which outlasts quantum computers.
    #[value(name = "ml-dsa-44")]
    MlDsa44,
}
