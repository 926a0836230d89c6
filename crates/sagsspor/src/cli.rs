//! The commands and their help.

pub(crate) mod audit;
pub(crate) mod evidence;
pub(crate) mod keys;

use std::net::SocketAddr;
use std::path::PathBuf;

use app::clock::BOUND_DEFAULT;
use app::commands::document::{DOCUMENT_BYTES_DEFAULT, DOCUMENT_BYTES_MAX};
use clap::{Args, Parser, Subcommand};
use events::ids::FamilyId;
use jiff::civil::Date;
use witness::time_rule::DELAY_SECONDS;

use crate::cli::audit::{AUDIT_EXAMPLES, AuditArgs, TilesAction};
use crate::commands::serve::ServeArgs;
use crate::commands::upgrade::UPGRADE_EXAMPLES;
use crate::commands::what_if::WhatIfArgs;

/// Something failed: a file, the disk, a key.
pub(crate) const EXIT_FAILED: u8 = 1;
/// What was asked cannot be meant.
pub(crate) const EXIT_USAGE: u8 = 2;
/// An import or a document was refused, or an audit found something wrong.
pub(crate) const EXIT_FOUND: u8 = 3;
/// The store takes nothing until it is opened again: a service manager starts the program anew. The
/// number is that of a failure that passes (`EX_TEMPFAIL`).
pub(crate) const EXIT_STORE_STOPPED: u8 = 75;

const EXAMPLES: &str = "\
Examples:
  sagsspor demo                              play a whole fictional case and look at it
  sagsspor serve                             answer GraphQL on http://127.0.0.1:8080/graphql
  sagsspor import case.jsonl                 record a file of commands
  sagsspor cases --status open               list cases by name, number, caseworker and more
  sagsspor board --overdue                   show what is overdue in all cases
  sagsspor document file CASE letter.pdf …   file a document
  sagsspor replay CASE --known-at 2024-11-01 show a case as it was known that day
  sagsspor difference CASE --from 2024-04-19 show what changed since that day
  sagsspor obligations CASE --status open    show what the law asks of a case
  sagsspor bundle --case CASE --out case.zip write evidence that proves itself
  sagsspor audit                             check every stored byte, without reading content

Exit codes: 0 in order, 1 something failed, 2 wrong usage, 3 an import or a document was refused,
or an audit found something wrong, 75 the store must be opened again (start the server again).";

/// Sagsspor: the trail of a child-protection case, provable to the last byte.
#[derive(Debug, Parser)]
#[command(name = "sagsspor", version, about, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// Say more about what goes on (-v, -vv), on standard error.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

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
    pub(crate) opening: keys::OpeningArgs,
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

/// What to show of a case, and as of when.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReplayArgs {
    /// The case: its global id, or the id of its stream.
    pub(crate) case: String,
    /// What had been recorded by then: an instant, or a day, which means its end.
    #[arg(long)]
    pub(crate) known_at: Option<String>,
    /// What had happened by then.
    #[arg(long)]
    pub(crate) occurred_by: Option<String>,
    /// Read `--known-at` by the time that an imported source states, which is not proven.
    #[arg(long)]
    pub(crate) stated: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which moments of a case to compare.
#[derive(Debug, Clone, Args)]
pub(crate) struct DifferenceArgs {
    /// The case: its global id, or the id of its stream.
    pub(crate) case: String,
    /// What had been recorded by then: an instant, or a day, which means its end.
    #[arg(long)]
    pub(crate) from: String,
    /// The second moment; now when not given.
    #[arg(long)]
    pub(crate) to: Option<String>,
    /// Only this view, by its number (docs/reference/views.md); may be given several times.
    #[arg(long = "view")]
    pub(crate) views: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Whom the view of a case is for, and as of when.
#[derive(Debug, Clone, Args)]
pub(crate) struct FamilyArgs {
    /// The case: its global id, or the id of its stream.
    pub(crate) case: String,
    /// The language.
    #[arg(long, value_enum, default_value_t = TextLanguage::Danish)]
    pub(crate) language: TextLanguage,
    /// Write it for the child.
    #[arg(long, conflicts_with = "parent")]
    pub(crate) child: bool,
    /// Write it for this parent, by the person's id.
    #[arg(long)]
    pub(crate) parent: Option<String>,
    /// As it could be known by then: an instant, or a day, which means its end.
    #[arg(long)]
    pub(crate) known_at: Option<String>,
}

/// Which duties of a case to show, and as of when.
#[derive(Debug, Clone, Args)]
pub(crate) struct ObligationsArgs {
    /// The case: its global id, or the id of its stream.
    pub(crate) case: String,
    /// What had been recorded by then: an instant, or a day, which means its end.
    #[arg(long)]
    pub(crate) known_at: Option<String>,
    /// What had happened by then; duties stand as of this moment.
    #[arg(long)]
    pub(crate) occurred_by: Option<String>,
    /// Read `--known-at` by the time that an imported source states, which is not proven.
    #[arg(long)]
    pub(crate) stated: bool,
    /// Only duties that stand so; several with commas.
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) status: Vec<StatusWord>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) what_if: WhatIfArgs,
}

/// Which cases to list.
#[derive(Debug, Clone, Args)]
pub(crate) struct CasesArgs {
    /// Words of the name of a person in the case.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Identity number of a person in the case.
    #[arg(long)]
    pub(crate) id_number: Option<String>,
    /// Who works on it.
    #[arg(long)]
    pub(crate) caseworker: Option<String>,
    /// The unit that opened it or gave it to its caseworkers last.
    #[arg(long)]
    pub(crate) unit: Option<String>,
    /// How far it has come.
    #[arg(long, value_parser = ["advice", "open", "closed", "unknown"])]
    pub(crate) status: Option<String>,
    /// Opened on this day or later.
    #[arg(long, value_name = "DAY")]
    pub(crate) opened_from: Option<Date>,
    /// Opened on this day or earlier.
    #[arg(long, value_name = "DAY")]
    pub(crate) opened_to: Option<Date>,
    /// The family that it belongs to, by its id.
    #[arg(long)]
    pub(crate) family: Option<FamilyId>,
    /// The newest first.
    #[arg(long)]
    pub(crate) newest: bool,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: usize,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which duties to show.
#[derive(Debug, Clone, Args)]
pub(crate) struct BoardArgs {
    /// Who works on the case.
    #[arg(long)]
    pub(crate) caseworker: Option<String>,
    /// The unit that opened the case or gave it to its caseworkers last.
    #[arg(long)]
    pub(crate) unit: Option<String>,
    /// Only what is overdue.
    #[arg(long)]
    pub(crate) overdue: bool,
    /// Due within so many days from today, or earlier.
    #[arg(long, value_name = "DAYS")]
    pub(crate) due_within: Option<u16>,
    /// Only under this rule, by its id (docs/reference/rules.md).
    #[arg(long)]
    pub(crate) rule: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: usize,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which key figures to show.
#[derive(Debug, Clone, Args)]
pub(crate) struct FiguresArgs {
    /// First day.
    #[arg(long, value_name = "DAY")]
    pub(crate) from: Date,
    /// Last day.
    #[arg(long, value_name = "DAY")]
    pub(crate) to: Date,
    /// How long the periods are.
    #[arg(long, value_enum, default_value_t = FigurePeriod::Year)]
    pub(crate) period: FigurePeriod,
    /// Tell them apart by this; may be given several times.
    #[arg(long, value_enum)]
    pub(crate) by: Vec<FigureGroup>,
    /// As they could be known by then: an instant, or a day, which means its end. Every case is
    /// read.
    #[arg(long)]
    pub(crate) known_at: Option<String>,
    /// Draw the figures into this file.
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) chart: Option<PathBuf>,
    /// Print JSON, with the cases behind each figure.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) what_if: WhatIfArgs,
}

/// How long a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FigurePeriod {
    /// A calendar month.
    Month,
    /// A quarter.
    Quarter,
    /// A calendar year.
    Year,
}

/// By what figures are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FigureGroup {
    /// The unit that had the case.
    Unit,
    /// The body of rules that held.
    RuleSet,
    /// The weight of the case.
    Weight,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve GraphQL, documents and evidence until interrupted.
    #[command(
        after_help = "Examples:\n  sagsspor serve --listen 127.0.0.1:8080\n  sagsspor serve --witness-policy policy.txt --ask-first w1\n  curl -s 127.0.0.1:8080/graphql -H 'content-type: application/json' -d '{\"query\":\"{ log { size } }\"}'"
    )]
    Serve {
        #[command(flatten)]
        log: LogArgs,
        /// Address; without an identity provider only one of this machine.
        #[arg(long, env = "SAGSSPOR_LISTEN", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        #[command(flatten)]
        evidence: EvidenceArgs,
        #[command(flatten)]
        serve: ServeArgs,
    },
    /// Witness logs: remember what was seen of them, and cosign what continues it
    /// (docs/guide/witness.md).
    #[command(
        args_conflicts_with_subcommands = true,
        subcommand_negates_reqs = true,
        after_help = "Examples:\n  sagsspor witness key --name witness.example/w1 --out w1.key\n  sagsspor witness --key w1.key --state w1 --log 'log.example.dk/0999/sag+1a2b3c4d+AbCd...'\n  sagsspor witness --key w1.key --state w1 --log '...' --verifying --tiles https://log.example.dk/tiles/sag\n  sagsspor witness --key w1.key --state w1 --log '...' --verifying --tiles https://log.example.dk/tiles/sag --keep /srv/kept/sag --mirror-key m1.key\n  sagsspor witness --key w1.key --state w1 --log '...' --verifying --tiles https://log.example.dk/tiles/sag --pass log.example.dk/0999/sag:812..815 --because 'the clock of 3 November'\n\nA witness belongs on another machine, in other hands, than the log that it watches."
    )]
    Witness {
        #[command(flatten)]
        witness: WitnessArgs,
        /// What to do instead of witnessing.
        #[command(subcommand)]
        action: Option<WitnessAction>,
    },
    /// Print the verifier keys of a log, as a witness policy.
    #[command(
        after_help = "Examples:\n  sagsspor log-key > policy.txt\n  sagsspor log-key --accesses --begin > policy-adgang.txt\n\nThe policy is one that readers can check with as it is; it asks for the log's own two signatures.\nAdd the witnesses, and let the quorum ask for them (docs/guide/witness.md)."
    )]
    LogKey {
        #[command(flatten)]
        log: LogArgs,
        /// Those of the access log.
        #[arg(long)]
        accesses: bool,
        /// Begin the access log where it has not been begun yet: its keys are made with it, and a
        /// policy needs them before anybody has looked at a case.
        #[arg(long, requires = "accesses")]
        begin: bool,
    },
    /// Play a whole fictional case into a fresh log and look at it.
    #[command(after_help = "Example:\n  sagsspor demo --dir alma\n  sagsspor demo --serve")]
    Demo {
        /// A directory that does not exist yet; one among the temporary files when not given.
        #[arg(long)]
        dir: Option<PathBuf>,
        /// Serve the log afterwards, until interrupted.
        #[arg(long)]
        serve: bool,
        /// Address to serve on.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
    },
    /// Record a file of commands, one JSON object a line (docs/guide/import.md).
    #[command(
        after_help = "Example:\n  sagsspor import case.jsonl\n\nThe import stops at the first refusal and names line, field and rule. Running it again records\nonly what is missing."
    )]
    Import {
        #[command(flatten)]
        log: LogArgs,
        /// The file.
        file: PathBuf,
    },
    /// List the cases, or those that fit all that is given.
    #[command(
        after_help = "Examples:\n  sagsspor cases --name 'Kristoffer Møller' --status open\n  sagsspor cases --id-number 141316-0003 --json\n\nA name is found in every spelling that Danish takes for the same: Aagaard and Ågård, Christoffer\nand Kristoffer. All its words must stand in one person's name."
    )]
    Cases {
        #[command(flatten)]
        log: LogArgs,
        #[command(flatten)]
        wish: CasesArgs,
    },
    /// Show what has to be done in all cases, by the day on which it is due.
    #[command(
        after_help = "Examples:\n  sagsspor board --caseworker K1 --due-within 14\n  sagsspor board --unit ungegruppen --overdue --json\n\n`now` means that the day has passed by which a careful reader of the rule should act; `missed`,\nthat the event took place without what it should have waited for. A duty without a number comes\nlast, shows its age, and is never overdue."
    )]
    Board {
        #[command(flatten)]
        log: LogArgs,
        #[command(flatten)]
        wish: BoardArgs,
    },
    /// Show key figures over all cases for a range of days.
    #[command(
        after_help = "Examples:\n  sagsspor figures --from 2024-01-01 --to 2024-12-31 --period quarter\n  sagsspor figures --from 2024-01-01 --to 2024-12-31 --known-at 2024-07-01 --chart figures.svg\n\nThey compare and set no target. Groups with fewer than five contributions are not shown."
    )]
    Figures {
        #[command(flatten)]
        log: LogArgs,
        #[command(flatten)]
        wish: FiguresArgs,
    },
    /// File a document in a case, or write one out.
    Document {
        /// What to do.
        #[command(subcommand)]
        action: DocumentAction,
    },
    /// Show a case as it is, or as it could be known on an earlier day.
    #[command(
        after_help = "Examples:\n  sagsspor replay dc7f2622-9fc8-5d18-9790-32c61c715ece\n  sagsspor replay dc7f2622-9fc8-5d18-9790-32c61c715ece --known-at 2024-11-01 --json"
    )]
    Replay {
        #[command(flatten)]
        log: LogArgs,
        #[command(flatten)]
        wish: ReplayArgs,
    },
    /// Show what changed in a case from one moment to another, with the events that caused it.
    #[command(
        after_help = "Examples:\n  sagsspor difference dc7f2622-9fc8-5d18-9790-32c61c715ece --from 2024-04-19 --to 2024-06-30\n  sagsspor difference dc7f2622-9fc8-5d18-9790-32c61c715ece --from 2024-11-01 --view V3 --json"
    )]
    Difference {
        #[command(flatten)]
        log: LogArgs,
        #[command(flatten)]
        wish: DifferenceArgs,
    },
    /// Print the family's own view of a case, in short, plain sentences.
    #[command(
        after_help = "Examples:\n  sagsspor family dc7f2622-9fc8-5d18-9790-32c61c715ece\n  sagsspor family dc7f2622-9fc8-5d18-9790-32c61c715ece --language english --child\n  sagsspor family dc7f2622-9fc8-5d18-9790-32c61c715ece --parent 61f809ea-a875-52ce-9c7c-ac00a0159dcc"
    )]
    Family {
        #[command(flatten)]
        log: LogArgs,
        #[command(flatten)]
        wish: FamilyArgs,
    },
    /// Show what the law asks of a case, and how it stands: what must be acted on first.
    #[command(
        after_help = "Examples:\n  sagsspor obligations dc7f2622-9fc8-5d18-9790-32c61c715ece\n  sagsspor obligations dc7f2622-9fc8-5d18-9790-32c61c715ece --known-at 2024-05-01 --status overdue,open\n  sagsspor obligations dc7f2622-9fc8-5d18-9790-32c61c715ece --rules-of 2023-12-31\n\nA duty is dated and shown; nothing is ever refused because of one. Notes in [brackets] say what is\nnot settled about a rule; `sagsspor rules list` shows all of them."
    )]
    Obligations {
        #[command(flatten)]
        log: LogArgs,
        #[command(flatten)]
        wish: ObligationsArgs,
    },
    /// The catalogue of rules that duties are weighed by.
    Rules {
        /// What to do with it.
        #[command(subcommand)]
        action: RulesAction,
    },
    /// Write the evidence of one stream into a file that proves itself (docs/guide/evidence.md).
    #[command(
        after_help = "Example:\n  sagsspor bundle --case dc7f2622-9fc8-5d18-9790-32c61c715ece --out case.zip\n  sagsspor-verify --policy POLICY case.zip\n  sagsspor bundle --case dc7f2622-9fc8-5d18-9790-32c61c715ece --accesses --out opslag.zip\n\nNothing is recorded; to give something out, make a dossier."
    )]
    Bundle(evidence::BundleArgs),
    /// Give a case out with its evidence, or look at what is often withheld.
    Dossier {
        /// What to do.
        #[command(subcommand)]
        action: evidence::DossierAction,
    },
    /// Print or check the receipt of an event.
    Receipt {
        /// What to do.
        #[command(subcommand)]
        action: evidence::ReceiptAction,
    },
    /// Look after the keys: show, lock, exchange, recover (docs/guide/operating.md, "Keys").
    Keys {
        /// What to do.
        #[command(subcommand)]
        action: keys::KeysAction,
    },
    /// Bring back what a rolled-back log is missing, from a newer copy of it.
    #[command(after_help = keys::REPAIR_EXAMPLES)]
    Repair(keys::RepairArgs),
    /// Bring a data directory that an earlier version wrote over to today's form
    /// (docs/guide/operating.md, "Upgrade").
    #[command(after_help = UPGRADE_EXAMPLES)]
    Upgrade {
        #[command(flatten)]
        log: LogArgs,
    },
    /// Check every stored byte of a log, without keys and without reading content.
    #[command(after_help = AUDIT_EXAMPLES)]
    Audit(AuditArgs),
    /// The log as tiles, for auditors and witnesses.
    Tiles {
        /// What to do.
        #[command(subcommand)]
        action: TilesAction,
    },
    /// Print what other programs rely on.
    Schema {
        /// What to do with it.
        #[command(subcommand)]
        action: SchemaAction,
    },
}

/// The language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum TextLanguage {
    /// Danish.
    Danish,
    /// English.
    English,
}

/// How a duty stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum StatusWord {
    /// Its day has passed and it is not met.
    Overdue,
    /// Not met, and not late.
    Open,
    /// Met, in time or late.
    Met,
    /// Lawfully removed.
    Waived,
    /// A right or a validity that ended unused.
    Lapsed,
    /// Its reason is gone.
    Moot,
    /// Gone over to other rules on 1 January 2024.
    Succeeded,
    /// Lifted by the free-municipality trial.
    Suppressed,
}

impl StatusWord {
    /// The word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Open => "open",
            Self::Met => "met",
            Self::Waived => "waived",
            Self::Lapsed => "lapsed",
            Self::Moot => "moot",
            Self::Succeeded => "succeeded",
            Self::Suppressed => "suppressed",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesAction {
    /// List the rules with their sections and what is unsure about them; no log is needed.
    #[command(after_help = "Example:\n  sagsspor rules list --json")]
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Record in the log that the newest rules of the program are in force.
    #[command(
        after_help = "Example:\n  sagsspor rules activate --from 2025-11-01 --remarks 'Read by the legal department'\n\nFrom then on duties are weighed by them; what is asked as it was known before is weighed by the\nrules that were in force then. Nothing is recorded when they are in force already."
    )]
    Activate {
        #[command(flatten)]
        log: Box<LogArgs>,
        /// First day on which they are used, not later than today; today when not given.
        #[arg(long, value_name = "DAY")]
        from: Option<Date>,
        /// A remark that is kept with it.
        #[arg(long)]
        remarks: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum DocumentAction {
    /// File a document in a case or a notification (docs/guide/documents.md).
    #[command(
        after_help = "Example:\n  sagsspor document file dc7f2622-9fc8-5d18-9790-32c61c715ece letter.pdf \\\n    --title 'Statement from the school' --occurred 2024-11-05 --direction IN --doc-date 2024-11-04"
    )]
    File(FileArgs),
    /// Write a document to a file. Nothing is written unless every byte is as it was filed.
    #[command(
        after_help = "Example:\n  sagsspor document get dc7f2622-9fc8-5d18-9790-32c61c715ece 7c1f6a52-2b1e-4d36-9d5c-0b7f3a1e8d44 --out letter.pdf"
    )]
    Get {
        #[command(flatten)]
        log: LogArgs,
        /// The case or notification that it stands in: global id, or the id of its stream.
        case: String,
        /// The event that filed it.
        event: String,
        /// The file to be written; it must not exist yet.
        #[arg(long)]
        out: PathBuf,
    },
}

/// What is said of a document.
#[derive(Debug, Clone, Args)]
pub(crate) struct FileArgs {
    #[command(flatten)]
    pub(crate) log: LogArgs,
    /// The case or notification: global id, or the id of its stream.
    pub(crate) case: String,
    /// The file.
    pub(crate) file: PathBuf,
    /// Title, without names.
    #[arg(long)]
    pub(crate) title: String,
    /// When it took place: an instant, a day, or about a day (2024-11-05~).
    #[arg(long)]
    pub(crate) occurred: String,
    /// The one person that it is about, as ROLE:id; the document then lies under that person's key.
    #[arg(long)]
    pub(crate) about: Option<String>,
    /// IN, OUT or INTERNAL, where it is journalised.
    #[arg(long)]
    pub(crate) direction: Option<String>,
    /// Date of receipt or dispatch, where it is journalised.
    #[arg(long)]
    pub(crate) doc_date: Option<String>,
    /// Media type as its sender states it; found by looking at the content when not given.
    #[arg(long)]
    pub(crate) media_type: Option<String>,
    /// Name of the file to be recorded; its own when not given.
    #[arg(long)]
    pub(crate) file_name: Option<String>,
    /// Id of the command: running the same command again records nothing new. A new one when not
    /// given.
    #[arg(long)]
    pub(crate) command_id: Option<String>,
    /// The largest document taken, in bytes.
    #[arg(long, env = "SAGSSPOR_DOCUMENT_BYTES_MAX", default_value_t = DOCUMENT_BYTES_DEFAULT, value_parser = clap::value_parser!(u64).range(1..=DOCUMENT_BYTES_MAX))]
    pub(crate) document_bytes_max: u64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SchemaAction {
    /// Print the GraphQL schema.
    #[command(after_help = "Example:\n  sagsspor schema print > schema.graphql")]
    Print,
}
