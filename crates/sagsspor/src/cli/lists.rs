//! Lists over all cases: cases, duties, key figures.

use std::path::PathBuf;

use clap::Args;
use events::ids::FamilyId;
use jiff::civil::Date;

use crate::commands::what_if::WhatIfArgs;

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

/// Which notifications to show.
#[derive(Debug, Clone, Args)]
pub(crate) struct InboxArgs {
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
    /// Read --known-at by the time that an imported source states, where there is one: not proven.
    #[arg(long, requires = "known_at")]
    pub(crate) stated: bool,
    /// Show groups with few contributions as well: for the municipality's own leader, not for what leaves
    /// the house.
    #[arg(long)]
    pub(crate) small_groups: bool,
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
