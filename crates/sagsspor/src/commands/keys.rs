//! Looking after the keys: show, lock, exchange, recover.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use app::layout::Layout;
use app::log::lost_keys::LostKeys;
use app::log::rollback_check;
use app::log::signing_keys::VerifierKeys;
use app::operations::key_custody::{self, EventKeys, RecoverySeed};
use app::operations::lost_keys;
use app::operations::operator::Operator;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use serde_json::{Value, json};
use store::backend::KeysOutline;
use store::key_lock::{KeyLock, LockError, Locksmith, UNLOCKED};
use store::key_store::KeyError;
use witness::names;

use crate::cli::keys::{KeysAction, LockArgs, RotateArgs};
use crate::cli::log::{LogArgs, OpeningArgs};
use crate::key_lock::{self, Keysmith};
use crate::open;
use crate::text::terminal;

pub(crate) fn run(action: &KeysAction) -> Result<ExitCode> {
    match action {
        KeysAction::Show { log, json } => show(log, *json),
        KeysAction::Create { log, recovery } => create(log, recovery),
        KeysAction::Lock(args) => change_lock(args),
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

/// A locksmith for a change of locks: what is under the new one already is left so.
#[derive(Debug)]
struct Known(Keysmith);

impl Locksmith for Known {
    fn find(&self, description: &str) -> Result<Arc<dyn KeyLock>, LockError> {
        self.0.find(description)
    }

    fn fresh(&self) -> Result<Option<Arc<dyn KeyLock>>, LockError> {
        Ok(None)
    }
}

fn new_lock(args: &LockArgs) -> Result<Option<Arc<dyn KeyLock>>> {
    let file = args.new_file.as_deref();
    if args.none {
        return Ok(None);
    }
    if let Some(named) = &args.pkcs11 {
        return pkcs11(named).map(Some);
    }
    if args.passphrase {
        return key_lock::new_passphrase(file).into_diagnostic().map(Some);
    }
    let file = file.or(args.log.opening.credential_file.as_deref());
    let file = file.ok_or_else(|| {
        miette!(
            "--credential needs --new-file FILE, 32 random bytes: head -c 32 /dev/urandom > FILE"
        )
    })?;
    key_lock::credential(file).into_diagnostic().map(Some)
}

#[cfg(feature = "pkcs11")]
fn pkcs11(named: &str) -> Result<Arc<dyn KeyLock>> {
    key_lock::pkcs11::named(named).into_diagnostic()
}

#[cfg(not(feature = "pkcs11"))]
fn pkcs11(_named: &str) -> Result<Arc<dyn KeyLock>> {
    Err(miette!("this program was built without the feature pkcs11"))
}

/// Whether a key store opens with what is to be its lock: then an earlier change got so far.
fn is_done(layout: &Layout, args: &LockArgs) -> bool {
    let opening = match (args.passphrase, args.credential) {
        (true, _) => OpeningArgs {
            passphrase_file: args.new_file.clone(),
            credential_file: None,
        },
        (_, true) => OpeningArgs {
            passphrase_file: None,
            credential_file: args.new_file.clone(),
        },
        _ => return false,
    };
    args.new_file.is_some()
        && layout
            .backend()
            .open_keys(&layout.name(), &Known(Keysmith::new(&opening)))
            .is_ok()
}

fn change_lock(args: &LockArgs) -> Result<ExitCode> {
    let layouts = layouts(&args.log)?;
    let cases = open::layout(&args.log)?;
    if !cases
        .backend()
        .holds_keys(&cases.name())
        .into_diagnostic()?
    {
        return Err(miette!(
            "there are no keys in {} yet; a new log takes the lock that it is given when it is begun",
            args.log.keys.display()
        ));
    }
    let smith = Known(Keysmith::new(&args.log.opening));
    let mut opened = Vec::new();
    for layout in &layouts {
        match layout.backend().open_keys(&layout.name(), &smith) {
            Ok(store) => opened.push((layout.origin(), store)),
            Err(KeyError::Locked { .. }) if is_done(layout, args) => {
                terminal::say(&format!("{}: is locked so already", layout.origin()))
            }
            Err(error) => return Err(error).into_diagnostic(),
        }
    }
    if opened.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let lock = new_lock(args)?;
    for (origin, store) in opened {
        store
            .change_lock(lock.clone())
            .into_diagnostic()
            .wrap_err_with(|| origin.clone())?;
        terminal::say(&format!(
            "{origin}: locked with {}",
            plainly(&store.lock_description())
        ));
    }
    if lock.is_none() {
        terminal::complain("note: whoever reads the key directory now reads everything");
    }
    Ok(ExitCode::SUCCESS)
}

/// A lock in words.
fn plainly(description: &str) -> String {
    let kind = description.split(' ').next().unwrap_or_default();
    match kind {
        "none" => "nothing: the secrets lie in files that only their owner may read".to_owned(),
        "passphrase" => "a passphrase (Argon2id)".to_owned(),
        "credential" => "a credential of the service manager".to_owned(),
        "pkcs11" => "a key of a hardware module".to_owned(),
        _ => description.to_owned(),
    }
}

/// Says it when a server's keys lie in the clear.
pub(crate) fn warn_of_unlocked(layout: &Layout) {
    let described = layout.backend().describe_keys(&layout.name());
    if described.is_ok_and(|keys| keys.lock == UNLOCKED) {
        terminal::complain(
            "note: the keys lie unlocked; lock them before real cases are recorded: sagsspor keys lock --help",
        );
    }
}

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

fn show(log: &LogArgs, as_json: bool) -> Result<ExitCode> {
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
