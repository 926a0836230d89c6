//! What the law asks of a case, and its rules.

use clap::{Args, Subcommand};
use jiff::civil::Date;

use crate::cli::log::LogArgs;
use crate::commands::what_if::WhatIfArgs;

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
