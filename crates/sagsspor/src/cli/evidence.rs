//! Commands that hand evidence out.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::log::{EvidenceArgs, LogArgs};

/// What is handed out, from where and into which file.
#[derive(Debug, Clone, Args)]
pub(crate) struct HandOutArgs {
    #[command(flatten)]
    pub(crate) log: LogArgs,
    #[command(flatten)]
    pub(crate) evidence: EvidenceArgs,
    /// The file to be written; it must not exist yet.
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// What is withheld: a JSON file as `sagsspor dossier suggest` writes it.
    #[arg(long, value_name = "RULES.json")]
    pub(crate) redact: Option<PathBuf>,
    /// Take the documents along.
    #[arg(long)]
    pub(crate) documents: bool,
    /// How many seconds to wait for witnesses, where any are appointed.
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    pub(crate) wait: u64,
    /// Where the log's tiles are shown meanwhile, for witnesses that read them: the address of this
    /// machine behind the URL that they were told, which is that of `sagsspor serve`.
    #[arg(long, env = "SAGSSPOR_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// A further name under which the tiles are asked for, beside localhost and that address, as at
    /// `sagsspor serve`.
    #[arg(
        long = "allowed-host",
        env = "SAGSSPOR_ALLOWED_HOSTS",
        value_name = "NAME",
        value_delimiter = ','
    )]
    pub(crate) allowed_hosts: Vec<String>,
}

/// Which stream to hand out.
#[derive(Debug, Clone, Args)]
pub(crate) struct BundleArgs {
    #[command(flatten)]
    pub(crate) hand_out: HandOutArgs,
    /// The case: its global id, or the id of its stream; also that of a notification or a person.
    #[arg(long)]
    pub(crate) case: String,
    /// A size of the log that the reader knows; may be given several times.
    #[arg(long, value_name = "SIZE")]
    pub(crate) pinned: Vec<u64>,
    /// Hand out who looked at the case, from the access log, and not the case itself.
    #[arg(long)]
    pub(crate) accesses: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DossierAction {
    /// Give a case out: evidence of every stream that belongs to it, documents, and a page to read.
    /// The disclosure is recorded in the case.
    #[command(
        after_help = "Example:\n  sagsspor dossier make --case dc7f2622-9fc8-5d18-9790-32c61c715ece --out dossier.zip \\\n    --kind board-dossier --recipient Ankestyrelsen --redact withheld.json --documents\n\nCheck it with: sagsspor-verify --policy POLICY dossier.zip"
    )]
    Make(Box<DossierArgs>),
    /// Write down what is often withheld of a case, to be looked through by a person.
    #[command(
        after_help = "Example:\n  sagsspor dossier suggest --case dc7f2622-9fc8-5d18-9790-32c61c715ece > withheld.json\n\nNothing is withheld because it stands there: delete what is to be given, and name section and\nreason for the rest. Without them the file is refused."
    )]
    Suggest {
        #[command(flatten)]
        log: Box<LogArgs>,
        /// The case: its global id, or the id of its stream.
        #[arg(long)]
        case: String,
    },
}

/// Which case to give out, to whom.
#[derive(Debug, Clone, Args)]
pub(crate) struct DossierArgs {
    #[command(flatten)]
    pub(crate) hand_out: HandOutArgs,
    /// The case: its global id, or the id of its stream.
    #[arg(long)]
    pub(crate) case: String,
    /// To what end.
    #[arg(long, value_enum, default_value_t = Kind::FileAccess)]
    pub(crate) kind: Kind,
    /// To whom, without names of private people.
    #[arg(long)]
    pub(crate) recipient: String,
    /// The event of the request that it answers.
    #[arg(long, value_name = "EVENT")]
    pub(crate) request: Option<String>,
    /// Id of the command. A new one when not given.
    #[arg(long)]
    pub(crate) command_id: Option<String>,
}

/// To what end something is given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// Access to the file.
    FileAccess,
    /// Dossier for the Appeals Board.
    BoardDossier,
    /// A court.
    Court,
    /// Another municipality.
    Municipality,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReceiptAction {
    /// Print the receipt of an event, as it goes out with a letter.
    #[command(
        after_help = "Example:\n  sagsspor receipt show dc7f2622-9fc8-5d18-9790-32c61c715ece 7c1f6a52-2b1e-4d36-9d5c-0b7f3a1e8d44 --qr receipt.svg"
    )]
    Show {
        #[command(flatten)]
        log: LogArgs,
        /// The case or notification: global id, or the id of its stream.
        case: String,
        /// The event.
        event: String,
        /// Draw it as a QR code into this file.
        #[arg(long, value_name = "FILE.svg")]
        qr: Option<PathBuf>,
    },
    /// Check a receipt that somebody holds against the log.
    #[command(
        after_help = "Example:\n  sagsspor receipt check 'log.example.dk/0999/sag|dc7f2622-…|12|kGsj…|99'"
    )]
    Check {
        #[command(flatten)]
        log: LogArgs,
        /// The line of the receipt.
        receipt: String,
    },
}
