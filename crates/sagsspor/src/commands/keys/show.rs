//! What an operator sees of the keys of a log: no secret, and without a lock only what stands in the
//! clear.

use std::process::ExitCode;

use app::layout::Layout;
use app::log::signing_keys::VerifierKeys;
use app::operations::key_custody::EventKeys;
use app::operations::operator::Operator;
use miette::{IntoDiagnostic, Result, miette};
use serde_json::{Value, json};
use store::backend::KeysOutline;

use super::layouts;
use super::lock::plainly;
use crate::cli::log::LogArgs;
use crate::open;
use crate::text::terminal;

/// What is shown of one log.
struct Shown {
    origin: String,
    epoch: u32,
    lock: String,
    opened: Option<(EventKeys, VerifierKeys, Option<VerifierKeys>)>,
}

fn look(layout: &Layout, operator: Option<&Operator>) -> Result<Shown> {
    let KeysOutline { epoch, lock } = layout
        .backend()
        .describe_keys(&layout.name())
        .into_diagnostic()?;
    let opened = operator.map(|operator| -> Result<_> {
        let (keys, next) = (
            operator.public_log().verifier_keys().into_diagnostic()?,
            operator
                .public_log()
                .next_verifier_keys()
                .into_diagnostic()?,
        );
        Ok((operator.event_keys().into_diagnostic()?, keys, next))
    });
    Ok(Shown {
        origin: layout.origin(),
        epoch,
        lock,
        opened: opened.transpose()?,
    })
}

fn is_in_use(layout: &Layout) -> bool {
    layout.backend().keys_in_use(&layout.name())
}

/// Prints the keys of the case log, and of the access log where there is one.
pub(super) fn show(log: &LogArgs, as_json: bool) -> Result<ExitCode> {
    let layouts = layouts(log)?;
    let cases = open::layout(log)?;
    if !cases
        .backend()
        .holds_keys(&cases.name())
        .into_diagnostic()?
    {
        return Err(miette!("there are no keys in {}", cases.places().keys));
    }
    let mut shown = Vec::new();
    if is_in_use(&cases) {
        terminal::complain(
            "note: the log is in use, so that only what stands in the clear is shown",
        );
        for layout in &layouts {
            shown.push(look(layout, None)?);
        }
    } else {
        let operator = open::open(log)?;
        shown.push(look(&cases, Some(&operator))?);
        if let Some(layout) = layouts.get(1) {
            shown.push(look(
                layout,
                Some(&operator.access_log().into_diagnostic()?),
            )?);
        }
        operator.close().into_diagnostic()?;
    }
    for shown in &shown {
        if as_json {
            terminal::say(&shown.value().to_string())
        } else {
            shown.lines().iter().for_each(|line| terminal::say(line))
        }
    }
    Ok(ExitCode::SUCCESS)
}

impl Shown {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            self.origin.clone(),
            format!("  locked with    {}", plainly(&self.lock)),
            format!("  epoch          {}", self.epoch),
        ];
        if let Some((events, log, next)) = &self.opened {
            lines.push(format!(
                "  event key      {} since entry {}, of {} keys entries",
                events.in_force.kid(),
                events.index,
                events.entries
            ));
            lines.extend(
                events
                    .others
                    .iter()
                    .map(|key| format!("  recovery key   {}", key.kid())),
            );
            lines.push(format!(
                "  log key        {}\n  post-quantum   {}",
                log.ed25519, log.ml_dsa_44
            ));
            lines.extend(next.iter().map(|next| {
                format!(
                    "  next log key   {}\n  post-quantum   {}",
                    next.ed25519, next.ml_dsa_44
                )
            }));
        }
        lines
    }

    fn value(&self) -> Value {
        let pair =
            |keys: &VerifierKeys| json!({ "ed25519": keys.ed25519, "mlDsa44": keys.ml_dsa_44 });
        let mut value = json!({ "log": self.origin, "lock": self.lock, "epoch": self.epoch });
        if let (Some((events, log, next)), Some(members)) = (&self.opened, value.as_object_mut()) {
            let others: Vec<&str> = events.others.iter().map(|key| key.kid()).collect();
            let event = json!({ "kid": events.in_force.kid(), "since": events.index, "entries": events.entries, "recovery": others });
            members.insert("event".to_owned(), event);
            members.insert("logKeys".to_owned(), pair(log));
            members.insert(
                "nextLogKeys".to_owned(),
                next.as_ref().map_or(Value::Null, pair),
            );
        }
        value
    }
}
