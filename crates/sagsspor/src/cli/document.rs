//! Filing documents and fetching them.

use std::path::PathBuf;

use app::commands::document::{DOCUMENT_BYTES_DEFAULT, DOCUMENT_BYTES_MAX};
use clap::{Args, Subcommand};

use crate::cli::log::LogArgs;

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
