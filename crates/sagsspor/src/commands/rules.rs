//! The catalogue of rules: listing it, and recording that it is put into force.

use std::process::ExitCode;

use app::access::viewer::{Purpose, Viewer};
use app::entropy::fresh;
use app::rules::rulebook::Rulebook;
use comfy_table::CellAlignment;
use events::meta::{Actor, Role};
use events::time::Occurred;
use events::words::Words;
use jiff::civil::Date;
use law::catalogue::Catalogue;
use law::rule::{Rule, RuleSet, Severity};
use miette::{IntoDiagnostic, Result, WrapErr};
use record::positions::LogIndex;
use serde_json::json;

use crate::cli::log::LogArgs;
use crate::open;
use crate::open::Begin;
use crate::text::{table, terminal};

/// A rule that is put into force is the system's own fact; who ordered it stands as its id.
fn system(municipality: &str) -> Viewer {
    let actor = Actor {
        id: "sagsspor-rules".to_owned(),
        role: Role::System,
        unit: None,
        municipality: municipality.to_owned(),
    };
    Viewer {
        actor,
        purpose: Purpose::Development,
    }
}

const fn set(set: RuleSet) -> &'static str {
    match set {
        RuleSet::Sel => "SEL",
        RuleSet::Fri => "FRI",
        RuleSet::Bl => "BL",
        RuleSet::Adm => "ADM",
        RuleSet::Local => "LOCAL",
    }
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Hard => "hard",
        Severity::Soft => "soft",
        Severity::Info => "info",
    }
}

fn table(rules: &[Rule]) -> Vec<String> {
    let columns = ["rule", "from", "to", "severity", "duty"];
    let rows = rules.iter().map(|rule| {
        let unsure = if rule.uncertain.is_empty() {
            String::new()
        } else {
            format!(" ({})", rule.uncertain.join(", "))
        };
        [
            rule.id.clone(),
            rule.from.to_string(),
            rule.to.map_or_else(String::new, |day| day.to_string()),
            severity(rule.severity).to_owned(),
            format!("{}; {}{unsure}", rule.title, rule.law),
        ]
    });
    table::lines(columns.map(|title| (title, CellAlignment::Left)), rows)
}

fn as_value(rule: &Rule) -> serde_json::Value {
    json!({
        "id": rule.id, "set": set(rule.set), "from": rule.from, "to": rule.to, "title": rule.title, "section": rule.law,
        "severity": severity(rule.severity), "source": rule.source, "uncertain": rule.uncertain, "reading": rule.reading,
    })
}

/// Lists the rules that the program was built with; no log is needed.
pub(crate) fn list(as_json: bool) -> Result<ExitCode> {
    let rules = Rulebook::checked().into_diagnostic()?;
    let catalogue = rules.newest();
    let earlier: Vec<&Catalogue> = rules
        .library
        .all()
        .filter(|held| held.digest() != catalogue.digest())
        .collect();
    if as_json {
        let rules: Vec<_> = catalogue.rules().iter().map(as_value).collect();
        let earlier: Vec<_> = earlier
            .iter()
            .map(|held| json!({ "version": held.version(), "hash": held.hash() }))
            .collect();
        let value = json!({ "version": catalogue.version(), "hash": catalogue.hash(), "earlier": earlier, "rules": rules });
        terminal::say(&serde_json::to_string_pretty(&value).into_diagnostic()?);
    } else {
        terminal::say(&format!(
            "rules {}, {} of them, sha-256 {}",
            catalogue.version(),
            catalogue.rules().len(),
            catalogue.hash()
        ));
        earlier.iter().for_each(|held| {
            terminal::say(&format!(
                "earlier rules {}, sha-256 {}",
                held.version(),
                held.hash()
            ))
        });
        table(catalogue.rules())
            .iter()
            .for_each(|line| terminal::say(line));
        catalogue
            .uncertainties()
            .iter()
            .for_each(|(key, text)| terminal::say(&format!("{key}: {text}")));
    }
    Ok(ExitCode::SUCCESS)
}

/// Records that the built-in rules are in force from a day on; nothing when that stands already.
pub(crate) fn activate(
    args: &LogArgs,
    from: Option<Date>,
    remarks: Option<&str>,
) -> Result<ExitCode> {
    let operator = open::open_as(args, Begin::Allowed)?;
    let from = from.unwrap_or_else(|| Occurred::At(operator.public_log().now()).day());
    let activations = operator
        .public_log()
        .rule_set_activations()
        .into_diagnostic()?;
    let version = operator
        .public_log()
        .newest_catalogue()
        .version()
        .to_owned();
    match activations
        .last()
        .filter(|last| operator.public_log().is_built_in(last))
    {
        Some(last) => {
            let since = last.from.unwrap_or_else(|| last.occurred.day());
            terminal::say(&format!(
                "rules {version} are in force since {since}; nothing was recorded"
            ));
        }
        None => {
            let remarks = remarks
                .map(Words::parse)
                .transpose()
                .into_diagnostic()
                .wrap_err("--remarks")?;
            let recording = operator
                .session(system(&args.municipality))
                .activate_rules(fresh(), from, remarks)
                .into_diagnostic()?;
            let position = recording
                .receipts
                .first()
                .map_or(LogIndex::FIRST, |receipt| receipt.index);
            terminal::say(&format!(
                "rules {version} are in force from {from}; recorded at position {position}"
            ));
        }
    }
    operator.close().into_diagnostic()?;
    Ok(ExitCode::SUCCESS)
}
