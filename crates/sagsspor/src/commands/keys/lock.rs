//! Under which lock the keys lie: what it is called, and how it is changed. The locks themselves are
//! in [`crate::key_lock`].

use std::process::ExitCode;
use std::sync::Arc;

use app::layout::Layout;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use store::key_lock::{KeyLock, LockError, Locksmith, UNLOCKED};
use store::key_store::KeyError;

use super::layouts;
use crate::cli::keys::LockArgs;
use crate::cli::log::OpeningArgs;
use crate::key_lock::{self, Keysmith};
use crate::open;
use crate::text::terminal;

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

/// Puts the keys of both logs under another lock; a log that is under it already is left so.
pub(super) fn change_lock(args: &LockArgs) -> Result<ExitCode> {
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
pub(super) fn plainly(description: &str) -> String {
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
