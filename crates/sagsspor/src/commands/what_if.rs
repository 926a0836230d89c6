//! Questions under other law than that in force: what is asked for, and the line that says so.

use std::path::PathBuf;
use std::sync::Arc;

use app::rules::basis::{Basis, Overlay, WhatIf};
use clap::Args;
use jiff::civil::Date;
use law::library::of_this_program;
use miette::{IntoDiagnostic, Result, WrapErr};
use serde_json::{Value, json};

/// Other law than that in force. Nothing of it is recorded, and the answer says that it is
/// hypothetical.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Under other law (hypothetical; nothing is recorded)")]
pub(crate) struct WhatIfArgs {
    /// As if the rules of this day had held all along, without the change of law in between.
    #[arg(long, value_name = "DAY")]
    pub(crate) rules_of: Option<Date>,
    /// As if there had been no free-municipality trial, or as if the municipality had been in it.
    #[arg(long, value_enum)]
    pub(crate) overlay: Option<OverlayWord>,
    /// Under this catalogue of rules (the form of schema/rules/rules.json); it is checked like the
    /// program's own.
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
}

/// Whether the trial is laid over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OverlayWord {
    /// As if the municipality had been in it.
    With,
    /// As if there had been none.
    Without,
}

impl WhatIfArgs {
    /// What is asked for; a catalogue that is not consistent is told by rule and reason.
    pub(crate) fn read(&self) -> Result<WhatIf> {
        let catalogue = self.rules.as_ref().map(|path| {
            let text = std::fs::read_to_string(path)
                .into_diagnostic()
                .wrap_err_with(|| format!("cannot read {}", path.display()))?;
            let catalogue = of_this_program(&text).into_diagnostic();
            catalogue.map(Arc::new).wrap_err_with(|| {
                format!("{} cannot be used as a catalogue of rules", path.display())
            })
        });
        let overlay = match self.overlay {
            None => Overlay::AsItWas,
            Some(OverlayWord::With) => Overlay::With,
            Some(OverlayWord::Without) => Overlay::Without,
        };
        Ok(WhatIf {
            rules_of: self.rules_of,
            overlay,
            catalogue: catalogue.transpose()?,
        })
    }
}

/// The same as clients of the API ask for it.
pub(crate) fn as_input(what_if: &WhatIf) -> Value {
    if !what_if.asks() {
        return Value::Null;
    }
    let overlay = match what_if.overlay {
        Overlay::AsItWas => "AS_IT_WAS",
        Overlay::Without => "WITHOUT",
        Overlay::With => "WITH",
    };
    let catalogue = what_if.catalogue.as_ref().map(|catalogue| catalogue.hash());
    json!({ "rulesOf": what_if.rules_of, "overlay": overlay, "catalogue": catalogue })
}

/// Which law the answer rests on; first of all that it is a hypothetical one, where it is.
pub(crate) fn lines(basis: &Basis) -> Vec<String> {
    let mut lines: Vec<String> = basis
        .hypothesis()
        .map(|supposed| format!("HYPOTHETICAL: as if {supposed}"))
        .into_iter()
        .collect();
    let since = match basis.since {
        Some(since) => format!("in force since {since}"),
        None if basis.asked.is_some_and(|asked| asked.other_catalogue) => {
            "not put into force".to_owned()
        }
        None => "the program's own; none had been put into force".to_owned(),
    };
    lines.push(format!(
        "by rules {} (sha-256 {}), {since}",
        basis.version, basis.hash
    ));
    lines
}

/// The same as JSON.
pub(crate) fn as_value(basis: &Basis) -> Value {
    json!({
        "version": basis.version, "hash": basis.hash, "activation": basis.activation, "since": basis.since,
        "hypothetical": basis.asked.is_some(), "hypothesis": basis.hypothesis(),
    })
}
