//! Commands that look after the keys, and the one that repairs a log.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::log::LogArgs;

pub(crate) const REPAIR_EXAMPLES: &str = "\
Examples:
  sagsspor repair --from /mnt/standby/sagsspor-data
  sagsspor repair --from /srv/tiles/sag --checkpoint witness.checkpoint
  sagsspor repair --from /mnt/standby/sagsspor-data --accesses

The copy is audited first, and must continue what lies here entry by entry, up to every checkpoint
that is known. Then what is missing is brought back byte for byte; nothing is invented. Until all of
it is there, the log goes on being refused. Tiles must have been exported with --blobs; they hold no
commands, so that a command that is sent again is not recognised.";

#[derive(Debug, Subcommand)]
pub(crate) enum KeysAction {
    /// Show public keys, the epoch and the lock; no secret.
    #[command(
        after_help = "Example:\n  sagsspor keys show --json\n\nWhile the log is in use, only what stands in the clear is shown."
    )]
    Show {
        #[command(flatten)]
        log: LogArgs,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Begin a log that lists a recovery key from its first entry on.
    #[command(
        after_help = "Example:\n  sagsspor keys create --recovery /media/safe/recovery.key\n\nThe file is the secret half; move it offline. With it a new event key can be put in force when the\none in use is suspected or lost."
    )]
    Create {
        #[command(flatten)]
        log: LogArgs,
        /// The file that the secret half is written to; it must not exist yet.
        #[arg(long, value_name = "FILE")]
        recovery: PathBuf,
    },
    /// Lock the keys with something that does not lie beside them, or change the lock.
    #[command(
        after_help = "Examples:\n  sagsspor keys lock --passphrase\n  sagsspor keys lock --credential --new-file lock.credential\n  sagsspor keys lock --none\n\nThe change is one step: a crash leaves the old lock or the new one. What lay under the old lock is\noverwritten; copies made before still open with it, so change the root key as well:\n  sagsspor keys rotate --root"
    )]
    Lock(LockArgs),
    /// Exchange keys: put new ones in force and destroy the old ones.
    #[command(
        after_help = "Examples:\n  sagsspor keys rotate --root                   monthly, and after every loss of a copy of the keys\n  sagsspor keys rotate --event                  yearly, and when an administrator leaves\n  sagsspor keys rotate --event --recovery FILE  with a new recovery key\n  sagsspor keys rotate --log-key                begin to sign with new log keys beside the old ones\n\nIt concerns the case log, and the access log where there is one. Keys that sign checkpoints are known\nto readers: hand the new verifier keys out, and retire the old ones when everybody has them."
    )]
    Rotate(RotateArgs),
    /// Sign checkpoints with the new log keys alone, and destroy the old ones.
    #[command(
        after_help = "Example:\n  sagsspor keys retire-log-key\n\nReaders who know the old keys only refuse what is signed from now on."
    )]
    RetireLogKey {
        #[command(flatten)]
        log: LogArgs,
    },
    /// Give the new log keys up before anybody relies on them.
    #[command(after_help = "Example:\n  sagsspor keys cancel-log-key")]
    CancelLogKey {
        #[command(flatten)]
        log: LogArgs,
    },
    /// Go on although keys are gone and there is no newer copy of them. What they opened cannot be
    /// read any more.
    #[command(
        after_help = "Example:\n  sagsspor keys accept-loss\n\nA log whose newest event does not open with the keys that lie here is refused (KEYS_CUT). First look\nfor a newer copy of the key directory. This records in the log from which entry on keys are gone; from\nthen on it is opened again."
    )]
    AcceptLoss {
        #[command(flatten)]
        log: LogArgs,
    },
    /// Put a new event key in force with the recovery key.
    #[command(
        after_help = "Example:\n  sagsspor keys recover --recovery-seed /media/safe/recovery.key\n\nFor when the event key may be known to somebody else, or is lost with the key directory's newest\nstate. Entries that were signed before stay valid."
    )]
    Recover {
        #[command(flatten)]
        log: LogArgs,
        /// The secret half of the recovery key.
        #[arg(long, value_name = "FILE")]
        recovery_seed: PathBuf,
        /// Another recovery key takes its place: the file that its secret half is written to.
        #[arg(long, value_name = "FILE")]
        recovery: Option<PathBuf>,
    },
}

/// How to lock.
#[derive(Debug, Clone, Args)]
#[command(group = clap::ArgGroup::new("kind").required(true))]
pub(crate) struct LockArgs {
    #[command(flatten)]
    pub(crate) log: LogArgs,
    /// With a passphrase (Argon2id).
    #[arg(long, group = "kind")]
    pub(crate) passphrase: bool,
    /// With a credential of the service manager: 32 random bytes.
    #[arg(long, group = "kind")]
    pub(crate) credential: bool,
    /// With a key of a hardware module, by its label; the program must be built with `pkcs11`.
    #[arg(long, group = "kind", value_name = "TOKEN:KEY")]
    pub(crate) pkcs11: Option<String>,
    /// With nothing: secrets in files that only their owner may read.
    #[arg(long, group = "kind")]
    pub(crate) none: bool,
    /// The file that holds the new passphrase or credential. A passphrase is asked for without it.
    #[arg(long, value_name = "FILE")]
    pub(crate) new_file: Option<PathBuf>,
}

/// What to exchange.
#[derive(Debug, Clone, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
pub(crate) struct RotateArgs {
    #[command(flatten)]
    pub(crate) log: LogArgs,
    /// The key that signs entries.
    #[arg(long, group = "what")]
    pub(crate) event: bool,
    /// The root key, under which all others lie.
    #[arg(long, group = "what")]
    pub(crate) root: bool,
    /// The keys that sign checkpoints.
    #[arg(long, group = "what")]
    pub(crate) log_key: bool,
    /// List a new recovery key with the new event key: the file that its secret half is written to.
    #[arg(long, value_name = "FILE", requires = "event")]
    pub(crate) recovery: Option<PathBuf>,
}

/// From what to repair.
#[derive(Debug, Clone, Args)]
pub(crate) struct RepairArgs {
    #[command(flatten)]
    pub(crate) log: LogArgs,
    /// A newer copy: a data directory, the directory of one log, or tiles exported with --blobs.
    #[arg(long, value_name = "DIR")]
    pub(crate) from: PathBuf,
    /// A signed checkpoint that is known from elsewhere, for example from a witness; may be given
    /// several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Vec<PathBuf>,
    /// The log's verifier key, as you know it from elsewhere; the one beside the log when not
    /// given.
    #[arg(long)]
    pub(crate) log_key: Option<String>,
    /// Repair the access log instead of the case log.
    #[arg(long)]
    pub(crate) accesses: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
