//! Whether witnesses know more of a log than its store holds. It is asked before anything is
//! written: new entries in the place of some that others have seen could never be explained.

use record::checkpoint::Checkpoint;
use record::hash::sha256;
use record::note::Note;
use record::policy::{Policy, PolicyWitness};
use record::proof::root_at;
use store::log_store::LogStore;

use super::{Shown, WitnessTransport};
use crate::error::ReadError;
use crate::tip::StoreNodes;

/// The store is not the log that witnesses have seen.
#[derive(Debug, thiserror::Error)]
pub enum RollbackError {
    /// It is an older copy.
    #[error(
        "STORE_ROLLED_BACK: the witness {witness} has cosigned {known} entries of this log, but only {held} lie here.\n\
         An older copy was put back, or the newest files are missing. Write nothing to it:\n\
         1. keep this directory as it is;\n\
         2. bring back the newest copy of the whole data directory, from a standby or a later backup;\n\
         3. if there is none, the log cannot go on under its name; see docs/witness.md, \"When the store was rolled back\""
    )]
    Older {
        /// The witness that knows more.
        witness: String,
        /// How many entries it has cosigned.
        known: u64,
        /// How many there are.
        held: u64,
    },
    /// It has another past.
    #[error(
        "FORK: the witness {witness} has cosigned other {size} entries of this log than those that lie here; \
         write nothing, keep the directory, and see docs/witness.md, \"When the store was rolled back\""
    )]
    Other {
        /// The witness.
        witness: String,
        /// The size at which the roots differ.
        size: u64,
    },
    /// The store could not be read.
    #[error("the record could not be read")]
    Read(#[from] ReadError),
}

/// The checkpoint that a witness shows, if both its own cosignature and the log's signature hold.
fn shown(policy: &Policy, witness: &PolicyWitness, origin: &str, note: &str) -> Option<Checkpoint> {
    let note = Note::parse(note).ok()?;
    let checkpoint = Checkpoint::parse_body(&note.body).ok().filter(|checkpoint| checkpoint.origin == origin)?;
    let standing = policy.judge(&checkpoint, &note);
    (standing.signed_by_log && standing.cosigned.contains_key(&witness.name)).then_some(checkpoint)
}

/// Asks every witness of the policy for its latest checkpoint of this log, all at once. A witness
/// that does not answer, or shows none, says nothing.
///
/// # Errors
/// [`RollbackError`].
pub fn check(log: &dyn LogStore, origin: &str, policy: &Policy, transport: &dyn WitnessTransport) -> Result<(), RollbackError> {
    let hash = sha256(origin.as_bytes()).to_hex();
    let witnesses: Vec<(&PolicyWitness, &str)> =
        policy.witnesses().iter().filter_map(|witness| Some((witness, witness.url.as_deref()?))).collect();
    let answers: Vec<_> = std::thread::scope(|scope| {
        let hash = &hash;
        let asking: Vec<_> = witnesses.iter().map(|(_, url)| scope.spawn(move || transport.latest(url, hash))).collect();
        asking.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("the thread panicked".into()))).collect()
    });
    for ((witness, _), answer) in witnesses.iter().zip(answers) {
        let note = match answer {
            Ok(Shown { note: Some(note), .. }) => note,
            Ok(Shown { note: None, .. }) => continue,
            Err(error) => {
                tracing::warn!(witness = witness.name, %error, "a witness could not be asked what it knows of this log");
                continue;
            }
        };
        let Some(checkpoint) = shown(policy, witness, origin, &note) else {
            tracing::warn!(witness = witness.name, "a witness shows a checkpoint that is not signed by this log and itself");
            continue;
        };
        let (size, held) = (checkpoint.size, log.size());
        if size > held {
            return Err(RollbackError::Older { witness: witness.name.clone(), known: size, held });
        }
        if root_at(&StoreNodes(log), size).map_err(ReadError::from)? != checkpoint.root {
            return Err(RollbackError::Other { witness: witness.name.clone(), size });
        }
    }
    Ok(())
}
