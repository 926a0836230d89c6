//! Looking after the keys: beginning them, exchanging them, and recovering what is left of them.
//! Locks and what is shown have files of their own.

pub(crate) mod lock;
mod show;

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;

use app::layout::Layout;
use app::log::lost_keys::LostKeys;
use app::log::rollback_check;
use app::log::signing_keys::VerifierKeys;
use app::operations::key_custody::{self, RecoverySeed};
use app::operations::lost_keys;
use app::operations::operator::Operator;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use witness::names;

use crate::cli::keys::{KeysAction, RotateArgs};
use crate::cli::log::LogArgs;
use crate::open;
use crate::text::terminal;

pub(crate) fn run(action: &KeysAction) -> Result<ExitCode> {
    match action {
        KeysAction::Show { log, json } => show::show(log, *json),
        KeysAction::Create { log, recovery } => create(log, recovery),
        KeysAction::Lock(args) => lock::change_lock(args),
        KeysAction::Rotate(args) => rotate(args),
        KeysAction::RetireLogKey { log } => on_both(log, &|operator| {
            operator.finish_log_keys().into_diagnostic()?;
            tell_log_keys(
                "signed from now on by",
                &operator.public_log().verifier_keys().into_diagnostic()?,
            );
            Ok(())
        }),
        KeysAction::CancelLogKey { log } => on_both(log, &|operator| {
            operator.cancel_log_keys().into_diagnostic()?;
            tell_log_keys(
                "signed as before by",
                &operator.public_log().verifier_keys().into_diagnostic()?,
            );
            Ok(())
        }),
        KeysAction::AcceptLoss { log } => accept_loss(log),
        KeysAction::Recover {
            log,
            recovery_seed,
            recovery,
        } => recover(log, recovery_seed, recovery.as_deref()),
    }
}

/// The logs of a municipality that there are.
fn layouts(log: &LogArgs) -> Result<Vec<Layout>> {
    let cases = open::layout(log)?;
    let accesses = cases.accesses();
    let both = if accesses.holds_log().into_diagnostic()? {
        vec![cases, accesses]
    } else {
        vec![cases]
    };
    Ok(both)
}

/// Does something with the case log, and with the access log where there is one.
fn on_both(log: &LogArgs, work: &dyn Fn(&Operator) -> Result<()>) -> Result<ExitCode> {
    let operator = open::open(log)?;
    let worked = (|| {
        on_one(&operator, work)?;
        if operator.layout().accesses().holds_log().into_diagnostic()? {
            on_one(&operator.access_log().into_diagnostic()?, work)?;
        }
        Ok(())
    })();
    operator
        .close()
        .into_diagnostic()
        .wrap_err("the log could not be closed in order")?;
    worked.map(|()| ExitCode::SUCCESS)
}

fn on_one(operator: &Operator, work: &dyn Fn(&Operator) -> Result<()>) -> Result<()> {
    terminal::say(&operator.layout().origin());
    let worked = work(operator).wrap_err_with(|| operator.layout().origin());
    operator.write_log_key().into_diagnostic()?;
    worked
}

/// Writes a secret to a file that only its owner may read, durable on return.
fn put_away(file: &Path, text: &str) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let mut out = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(file)?;
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        names::settle(file)
    };
    write()
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot write {}", file.display()))
}

fn new_recovery(file: &Path) -> Result<RecoverySeed> {
    let seed = RecoverySeed::generate();
    put_away(file, &seed.text())?;
    terminal::say(&format!(
        "recovery key {} written to {}; move it offline",
        seed.public().kid(),
        file.display()
    ));
    Ok(seed)
}

fn create(log: &LogArgs, recovery: &Path) -> Result<ExitCode> {
    let layout = open::layout(log)?;
    if layout.holds_log().into_diagnostic()? {
        return Err(miette!(
            "there is a log in {} already; `sagsspor keys rotate --event --recovery FILE` gives it a recovery key",
            layout.places().log
        ));
    }
    rollback_check::expect(&layout).into_diagnostic()?;
    let seed = new_recovery(recovery)?;
    key_custody::begin(&layout, open::clock(log)?, seed.public()).into_diagnostic()?;
    let operator = open::open(log)?;
    terminal::say(&format!(
        "{} begun; the event key is {}",
        layout.origin(),
        operator.event_keys().into_diagnostic()?.in_force.kid()
    ));
    operator.close().into_diagnostic()?;
    Ok(ExitCode::SUCCESS)
}

fn rotate(args: &RotateArgs) -> Result<ExitCode> {
    let recovery = args
        .recovery
        .as_deref()
        .map(new_recovery)
        .transpose()?
        .map(|seed| seed.public());
    on_both(&args.log, &|operator| {
        if args.event {
            let checkpoint = operator
                .rotate_event_key(recovery.clone())
                .into_diagnostic()?;
            let keys = operator.event_keys().into_diagnostic()?;
            terminal::say(&format!(
                "  event key {} since entry {}, checkpointed at {}",
                keys.in_force.kid(),
                keys.index,
                checkpoint.size
            ));
        }
        if args.root {
            terminal::say(&format!(
                "  root key of epoch {}; older copies of the keys open nothing",
                operator.rotate_root().into_diagnostic()?
            ));
        }
        if args.log_key {
            operator.begin_log_keys().into_diagnostic()?;
            if let Some(next) = operator
                .public_log()
                .next_verifier_keys()
                .into_diagnostic()?
            {
                tell_log_keys("signed from now on by the old keys and by", &next);
            }
        }
        Ok(())
    })
}

fn tell_log_keys(title: &str, keys: &VerifierKeys) {
    terminal::say(&format!(
        "  checkpoints are {title}\n  log {}\n  witness logpq {}",
        keys.ed25519, keys.ml_dsa_44
    ));
}

fn accept_loss(log: &LogArgs) -> Result<ExitCode> {
    open::existing(&open::layout(log)?)?;
    for layout in layouts(log)? {
        let lost = lost_keys::accept(&layout, open::clock(log)?)
            .into_diagnostic()
            .wrap_err_with(|| layout.origin())?;
        terminal::say(&match lost {
            None => format!(
                "{}: the newest event opens, and nothing was recorded",
                layout.origin()
            ),
            Some(LostKeys { from, events }) => {
                format!(
                    "{}: {events} events from entry {from} on cannot be read any more; the log says so now",
                    layout.origin()
                )
            }
        });
    }
    Ok(ExitCode::SUCCESS)
}

fn recover(log: &LogArgs, file: &Path, next: Option<&Path>) -> Result<ExitCode> {
    let text = std::fs::read_to_string(file)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read {}", file.display()))?;
    let seed = RecoverySeed::parse(&text)
        .into_diagnostic()
        .wrap_err_with(|| file.display().to_string())?;
    open::existing(&open::layout(log)?)?;
    let next = next
        .map(new_recovery)
        .transpose()?
        .map(|seed| seed.public());
    let mut set_aside = BTreeMap::new();
    for layout in layouts(log)? {
        let recovered = key_custody::recover(&layout, open::clock(log)?, &seed, next.clone());
        let (index, word) = recovered
            .into_diagnostic()
            .wrap_err_with(|| layout.origin())?;
        set_aside.extend(word.map(|word| (layout.origin(), word)));
        terminal::say(&format!(
            "{}: a new event key is in force since entry {index}",
            layout.origin()
        ));
    }
    // Opening signs a checkpoint over it. Before the new key nothing could be recorded.
    on_both(log, &|operator| {
        if let Some(word) = set_aside.get(&operator.layout().origin()) {
            operator
                .record_override(word.facts.clone(), &word.operator)
                .into_diagnostic()?;
        }
        terminal::say(&format!(
            "  event key {}",
            operator.event_keys().into_diagnostic()?.in_force.kid()
        ));
        Ok(())
    })
}
