//! The commands and their help.

pub(crate) mod audit;
pub(crate) mod bench;
pub(crate) mod case;
pub(crate) mod document;
pub(crate) mod duties;
pub(crate) mod evidence;
pub(crate) mod keys;
pub(crate) mod lists;
pub(crate) mod log;
pub(crate) mod witness;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::cli::audit::{AUDIT_EXAMPLES, AuditArgs, TilesAction};
use crate::cli::bench::{BENCH_EXAMPLES, BenchArgs};
use crate::cli::case::{DifferenceArgs, FamilyArgs, ReplayArgs};
use crate::cli::document::DocumentAction;
use crate::cli::duties::{ObligationsArgs, RulesAction};
use crate::cli::lists::{BoardArgs, CasesArgs, FiguresArgs, InboxArgs};
use crate::cli::log::{EvidenceArgs, LogArgs};
use crate::cli::witness::{WitnessAction, WitnessArgs};
use crate::commands::serve::ServeArgs;
use crate::commands::upgrade::UPGRADE_EXAMPLES;

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

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve GraphQL, documents and evidence until interrupted.
    #[command(
        after_help = "Examples:\n  sagsspor serve --listen 127.0.0.1:8080\n  sagsspor serve --as INTAKE:I1:modtagelsen\n  sagsspor serve --witness-policy policy.txt --ask-first w1\n  curl -s 127.0.0.1:8080/graphql -H 'content-type: application/json' -d '{\"query\":\"{ log { size } }\"}'"
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
        after_help = "Examples:\n  sagsspor import case.jsonl\n  zcat case.jsonl.gz | sagsspor import -\n\nLines about the same case or person are recorded in the order of the file, others at the same\ntime. The import stops at a refusal and names line, field and rule: everything before that line\nis recorded, and nothing behind it that is connected to it. Running it again records only what is\nmissing."
    )]
    Import {
        #[command(flatten)]
        log: LogArgs,
        /// The file; `-` for standard input.
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
    /// List the notifications that nobody has assessed, or that belong to no case yet.
    #[command(
        after_help = "Examples:\n  sagsspor inbox\n  sagsspor inbox --json\n\nThe notification that was recorded first comes first. What is owed because of it stands on the board\ntoo, until a case shows it."
    )]
    Inbox {
        #[command(flatten)]
        log: LogArgs,
        #[command(flatten)]
        wish: InboxArgs,
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
        after_help = "Examples:\n  sagsspor figures --from 2024-01-01 --to 2024-12-31 --period quarter\n  sagsspor figures --from 2024-01-01 --to 2024-12-31 --known-at 2024-07-01 --chart figures.svg\n\nThey compare and set no target. Groups with fewer than five contributions are not shown, except to\nthe municipality's own leader: --small-groups."
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
    /// Measure how fast this program records and answers on this machine (docs/performance.md).
    #[command(after_help = BENCH_EXAMPLES)]
    Bench(BenchArgs),
    /// Print what other programs rely on.
    Schema {
        /// What to do with it.
        #[command(subcommand)]
        action: SchemaAction,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SchemaAction {
    /// Print the GraphQL schema.
    #[command(after_help = "Example:\n  sagsspor schema print > schema.graphql")]
    Print,
}
