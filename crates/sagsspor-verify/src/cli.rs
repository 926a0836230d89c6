//! What can be asked.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use verify::explain::Language;

/// Nothing is wrong.
pub(crate) const EXIT_CLEAN: u8 = 0;
/// Something is wrong.
pub(crate) const EXIT_WRONG: u8 = 1;
/// The question was not understood, or a file could not be read.
pub(crate) const EXIT_USAGE: u8 = 2;
/// Nothing is wrong, and there is something that the reader should know.
pub(crate) const EXIT_NOTES: u8 = 3;

const EXAMPLES: &str = "\
Examples:
  sagsspor-verify --policy aarhus.policy --verifying w1 case.zip
  sagsspor-verify --policy aarhus.policy --pin last-year.checkpoint --tsa-ca tsa.crt dossier.zip
  sagsspor-verify --policy aarhus.policy --receipt 'log.aarhus.example/0751/sag|0f8f...|4|Tzn_...|1180' case.zip
  sagsspor-verify --explain WITNESS_QUORUM --lang da

The first word of the answer is OK, FAIL or NOTE. Exit codes: 0 in order, 1 something is wrong,
2 wrong usage, 3 in order with notes.";

/// Checks a bundle or a dossier of a case, without network and without trusting its sender.
#[derive(Debug, Parser)]
#[command(name = "sagsspor-verify", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// The bundle or dossier: a ZIP archive as it was received (decrypted), or a folder.
    pub(crate) file: Option<PathBuf>,
    /// Whom to trust: a policy file (C2SP tlog-policy), got by another way than the bundle.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// A checkpoint of the log that you know from before; the log must have grown out of it.
    #[arg(long, value_name = "FILE")]
    pub(crate) pin: Option<PathBuf>,
    /// A receipt from a letter, origin|stream|seq|hash|size or seq:hash; may be given several
    /// times.
    #[arg(long = "receipt", value_name = "TEXT")]
    pub(crate) receipts: Vec<String>,
    /// Certificates of the time stamping authorities that you trust (PEM); needs openssl.
    #[arg(long, value_name = "FILE")]
    pub(crate) tsa_ca: Option<PathBuf>,
    /// The witness of the policy that reads every entry, by its name there.
    #[arg(long, value_name = "NAME")]
    pub(crate) verifying: Option<String>,
    /// Answer as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Explain a code instead of checking anything; ALL explains every code.
    #[arg(long, value_name = "CODE", conflicts_with_all = ["file", "policy"])]
    pub(crate) explain: Option<String>,
    /// Language of explanations.
    #[arg(long, value_enum, default_value = "en")]
    lang: Lang,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Lang {
    /// Danish.
    Da,
    /// English.
    En,
}

impl Cli {
    pub(crate) fn language(&self) -> Language {
        match self.lang {
            Lang::Da => Language::Danish,
            Lang::En => Language::English,
        }
    }
}
