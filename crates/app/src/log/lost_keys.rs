//! Whether the keys reach as far as the log. Before an event is begun, the keys of those before it
//! are durable, and nothing erases the newest event: so where that opens, no key before it was cut
//! off.
//!
//! A crash may leave the newest commit without its keys. It was never acknowledged then, and the log
//! is opened without it. What is missing further back is told by the key file itself, whose rows are
//! chained.

use std::sync::Arc;

use record::hash::sha256;
use record::keys::UnwrapError;
use record::opening::{OpenError as PartError, PartSource, open_own};
use record::positions::LogIndex;
use record::sealed_part::OpenBlobError;
use store::backend::Backend;
use store::backend::opening::{OpenError, Unswept};
use store::half_commit::{Keyed, is_half};
use store::key_store::KeyStore;
use store::log_store::{LogStore, StoredBlob, StoredEntry};

use crate::error::{BoxError, ReadError};
use crate::layout::Layout;
use crate::log::content;
use crate::log::keyring::Keyring;
use crate::stores;

/// Keys are missing behind the end of the key file.
#[derive(Debug, thiserror::Error)]
#[error(
    "KEYS_CUT: the newest event, entry {index}, does not open with the keys in {dir}: the file of keys was cut, or an older copy lies \
     here. Nothing was written. Put back the newest copy of the key directory; if there is none, `sagsspor keys accept-loss` goes on \
     without the keys that are gone (docs/guide/operating.md, \"Lost keys\")"
)]
pub struct KeysCut {
    /// Place of the event in the log.
    pub index: LogIndex,
    /// The key directory.
    pub dir: String,
    /// What the key does.
    #[source]
    pub source: BoxError,
}

/// How far keys are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LostKeys {
    /// Place of the first event in the log whose key is gone.
    pub from: LogIndex,
    /// How many events there are from there on.
    pub events: u64,
}

/// A log that was opened with its keys, and where they are cut.
pub(crate) struct OpenedWithKeys {
    pub(crate) unswept: Unswept,
    pub(crate) cut: Option<KeysCut>,
}

/// Opens a log with its keys; without its newest commit, where a crash came before that was durable
/// with its keys. `known` is asked whether all that is known of the log lies here, also without that
/// commit: where somebody knows of it, it stays, and the keys were cut.
///
/// # Errors
/// Those of the backend and of `known`; [`ReadError::Store`] when the newest entries cannot be
/// read.
pub(crate) fn open<E: From<OpenError> + From<ReadError>>(
    (backend, layout): (&dyn Backend, &Layout),
    keys: &Arc<dyn KeyStore>,
    known: &dyn Fn(&dyn LogStore) -> Result<(), E>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<OpenedWithKeys, E> {
    let (name, opening) = (layout.name(), stores::opening(&keys.secrets()));
    let keyring = Keyring::new(Arc::clone(keys));
    let unswept = backend.open_log(&name, &opening, progress)?;
    known(unswept.log())?;
    let cut = newest_cut(unswept.log(), &keyring, layout)?;
    if cut.is_none() {
        return Ok(OpenedWithKeys { unswept, cut });
    }
    // An entry or a key that gives no answer is no proof, and then the keys count as cut.
    let half = |first: &LogIndex| lacks_its_keys(unswept.log(), &keyring, *first).unwrap_or(false);
    let Some(first) = unswept.newest_commit().filter(half) else {
        return Ok(OpenedWithKeys { unswept, cut });
    };
    match unswept.without_newest(progress) {
        Ok(unswept) if known(unswept.log()).is_ok() => {
            tracing::warn!(
                from = first.get(),
                "the newest commit has no keys: it was never acknowledged, and is cut off"
            );
            Ok(OpenedWithKeys { unswept, cut: None })
        }
        outcome => {
            drop(outcome);
            Ok(OpenedWithKeys {
                unswept: backend.open_log(&name, &opening, progress)?,
                cut,
            })
        }
    }
}

/// Whether the newest commit of a log, from `first` on, lacks its keys because a crash came before
/// it could be acknowledged, see [`store::half_commit`].
///
/// # Errors
/// [`ReadError`] where an entry or a key gives no answer.
pub fn lacks_its_keys(
    log: &dyn LogStore,
    keyring: &Keyring,
    first: LogIndex,
) -> Result<bool, ReadError> {
    is_half(first, log.size(), &mut |index| keyed(log, index, keyring))
}

/// Whether an entry has its keys.
fn keyed(log: &dyn LogStore, index: LogIndex, keyring: &Keyring) -> Result<Keyed, ReadError> {
    let Some(stored) = log.entry(index)? else {
        return Ok(Keyed::Without);
    };
    match opens(&stored, log, keyring) {
        Ok(true) => Ok(Keyed::Yes),
        Ok(false) => Ok(Keyed::Without),
        Err(error) if lacks_keys(&error) => Ok(Keyed::No),
        Err(error) => Err(error),
    }
}

/// Whether a key is not there, or is that of another attempt at the same event. Anything else that
/// keeps an event from being opened says nothing of its keys.
fn lacks_keys(error: &ReadError) -> bool {
    match error {
        ReadError::KeyMissing { .. } => true,
        ReadError::Keys(cause) => cause.is::<UnwrapError>(),
        ReadError::Damaged { source, .. } => matches!(
            source.downcast_ref(),
            Some(PartError::Blob {
                source: OpenBlobError::Decrypt,
                ..
            })
        ),
        _ => false,
    }
}

/// Opens what an event holds under its first key; answers whether there was anything to open.
fn opens(stored: &StoredEntry, log: &dyn LogStore, keyring: &Keyring) -> Result<bool, ReadError> {
    let Some(envelope) = content::event_envelope(stored)? else {
        return Ok(false);
    };
    let index = stored.index;
    let mut any = false;
    for (part, held) in (0_u16..).zip(&stored.blobs) {
        // A copy of a log may come without ciphertexts.
        if *held == StoredBlob::Gone {
            continue;
        }
        let key = keyring
            .part(envelope.event_id, part)?
            .ok_or(ReadError::KeyMissing { index, part })?;
        // The others are documents, or became durable with this one.
        let own = if part == 0 {
            content::blob(stored, part, log).ok().flatten()
        } else {
            None
        };
        // A damaged ciphertext is found by whoever reads it, and says nothing about keys.
        if let Some(blob) = own.filter(|blob| envelope.blobs.first() == Some(&sha256(blob))) {
            let source = PartSource {
                blob: &blob,
                key: &key,
            };
            open_own(&envelope.payload, envelope.event_id, source).map_err(|error| {
                ReadError::Damaged {
                    index,
                    source: error.into(),
                }
            })?;
        }
        any = true;
    }
    Ok(any)
}

/// Asks for the keys of the newest event: what is said where it does not open.
///
/// # Errors
/// [`ReadError`] when the log or the keys cannot be read.
fn newest_cut(
    log: &dyn LogStore,
    keyring: &Keyring,
    layout: &Layout,
) -> Result<Option<KeysCut>, ReadError> {
    for index in log.size().indexes().rev() {
        let Some(stored) = log.entry(index)? else {
            continue;
        };
        match opens(&stored, log, keyring) {
            Ok(true) => return Ok(None),
            Ok(false) => {}
            Err(error @ ReadError::Store(_)) => return Err(error),
            Err(error) => {
                return Ok(Some(KeysCut {
                    index,
                    dir: layout.places().keys,
                    source: error.into(),
                }));
            }
        }
    }
    Ok(None)
}

/// The newest events that do not open, up to the first that does; none where the newest opens.
pub(crate) fn lost(log: &dyn LogStore, keyring: &Keyring) -> Result<Option<LostKeys>, ReadError> {
    let mut lost: Option<LostKeys> = None;
    for index in log.size().indexes().rev() {
        let Some(stored) = log.entry(index)? else {
            continue;
        };
        match opens(&stored, log, keyring) {
            Ok(true) => break,
            Ok(false) => {}
            Err(error @ ReadError::Store(_)) => return Err(error),
            Err(_) => {
                lost = Some(LostKeys {
                    from: index,
                    events: lost.map_or(1, |lost| lost.events + 1),
                })
            }
        }
    }
    Ok(lost)
}
