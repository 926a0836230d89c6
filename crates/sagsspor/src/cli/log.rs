//! Which log a command works on, and its clock and checkpoint.

use std::path::PathBuf;

use app::clock::BOUND_DEFAULT;
use clap::Args;

/// Where the log lies and what it is called.
#[derive(Debug, Clone, Args)]
pub(crate) struct LogArgs {
    /// Directory of the data; each municipality has a folder in it.
    #[arg(long, env = "SAGSSPOR_DATA", default_value = "sagsspor-data")]
    pub(crate) data: PathBuf,
    /// Directory of the keys; keep it on another volume than the data.
    #[arg(long, env = "SAGSSPOR_KEYS", default_value = "sagsspor-keys")]
    pub(crate) keys: PathBuf,
    /// Municipality code, four digits.
    #[arg(long, env = "SAGSSPOR_MUNICIPALITY", default_value = "0999")]
    pub(crate) municipality: String,
    /// First part of the log's name, a host name of the municipality.
    #[arg(long, env = "SAGSSPOR_HOST", default_value = "log.sagsspor.invalid")]
    pub(crate) host: String,
    #[command(flatten)]
    pub(crate) opening: OpeningArgs,
    /// The policy that names the witnesses (C2SP tlog-policy, docs/guide/witness.md). They are asked
    /// first whether they know more of the log than lies here; the server takes checkpoints to
    /// them.
    #[arg(long, env = "SAGSSPOR_WITNESS_POLICY", value_name = "FILE")]
    pub(crate) witness_policy: Option<PathBuf>,
    /// The same for the access log, which is a log of its own with keys of its own.
    #[arg(long, env = "SAGSSPOR_ACCESS_WITNESS_POLICY", value_name = "FILE")]
    pub(crate) access_witness_policy: Option<PathBuf>,
    /// Open the log although too few witnesses say whether they know more of it than lies here.
    /// REASON is recorded in the log, with who gave it. It opens nothing that a witness
    /// contradicts.
    #[arg(long, value_name = "REASON", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) without_witnesses: Option<String>,
    #[command(flatten)]
    pub(crate) clock: ClockArgs,
}

/// How far the machine's clock is trusted (docs/guide/operating.md, "The clock").
#[derive(Debug, Clone, Args)]
pub(crate) struct ClockArgs {
    /// Nothing is recorded while the clock differs by more seconds from the time that has passed,
    /// from what the log knows, or from the witnesses' clocks.
    #[arg(long, env = "SAGSSPOR_CLOCK_BOUND_SECONDS", value_name = "SECONDS", default_value_t = BOUND_DEFAULT.as_secs(), value_parser = clap::value_parser!(u64).range(1..=30))]
    pub(crate) clock_bound_seconds: u64,
    /// The operator's word that the clock is right although it is refused, and why. It stands in
    /// the log before anything that is dated by it. Where the clock is not refused, nothing is
    /// recorded.
    #[arg(long, value_name = "REASON")]
    pub(crate) trust_clock: Option<String>,
}

/// What vouches for the log from outside.
#[derive(Debug, Clone, Args)]
pub(crate) struct EvidenceArgs {
    /// An unchanged log is shown to the witnesses again after so many minutes.
    #[arg(long, env = "SAGSSPOR_HEARTBEAT_MINUTES", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=1_440))]
    pub(crate) heartbeat_minutes: u64,
    /// A witness of the policy, by its name there, that is asked before the others: they are shown
    /// a checkpoint only when it has cosigned that very one. For witnesses that keep the log, so
    /// that nothing is cosigned that only one machine holds. May be given several times.
    #[arg(
        long,
        env = "SAGSSPOR_ASK_FIRST",
        value_name = "NAME",
        value_delimiter = ','
    )]
    pub(crate) ask_first: Vec<String>,
    /// The same for the access log, by a name in its own policy.
    #[arg(
        long,
        env = "SAGSSPOR_ACCESS_ASK_FIRST",
        value_name = "NAME",
        value_delimiter = ','
    )]
    pub(crate) access_ask_first: Vec<String>,
    /// A time stamping authority (RFC 3161). Without it none is asked.
    #[arg(long, env = "SAGSSPOR_TSA_URL", value_name = "URL")]
    pub(crate) tsa_url: Option<String>,
}

/// How locked keys are opened.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct OpeningArgs {
    /// A file whose first line is the passphrase that the keys are locked with; /dev/fd/3 reads it
    /// from a descriptor. Without it the passphrase is asked for on the terminal.
    #[arg(
        long,
        env = "SAGSSPOR_PASSPHRASE_FILE",
        value_name = "FILE",
        hide_env_values = true
    )]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// The credential of 32 bytes that the keys are locked with; the service manager puts it into
    /// $CREDENTIALS_DIRECTORY/sagsspor-lock, where it is found without this.
    #[arg(
        long,
        env = "SAGSSPOR_CREDENTIAL_FILE",
        value_name = "FILE",
        hide_env_values = true
    )]
    pub(crate) credential_file: Option<PathBuf>,
}
