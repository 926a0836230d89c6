//! One case, as it was known at a moment.

use clap::Args;

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
    /// Read both by the time that an imported source states, where there is one: not proven.
    #[arg(long)]
    pub(crate) stated: bool,
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
    /// Read --known-at by the time that an imported source states, where there is one: not proven.
    #[arg(long, requires = "known_at")]
    pub(crate) stated: bool,
}

/// The language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum TextLanguage {
    /// Danish.
    Danish,
    /// English.
    English,
}
