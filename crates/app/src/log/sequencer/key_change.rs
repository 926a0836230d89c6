//! Keys that sign give way to others.
//!
//! The seed of a new key is durable before the entry that puts it in force; the seed before is
//! destroyed once that entry is durable. After a crash in between, the newest keys entry decides
//! which of the two it is.

use record::checkpoint::Checkpoint;
use record::entry::{Entry, KeysEntry, parse};
use record::hash::Hash;
use record::positions::{LogIndex, LogTime};
use record::signing::{EventKey, PublicKey};
use store::key_store::{KeyError, KeyStore, LogSeeds, SeedChange};
use store::log_store::LogStore;
use zeroize::Zeroizing;

use super::worker::Worker;
use crate::entropy::{random_uuid, secret};
use crate::error::{ReadError, RecordError};
use crate::log::head::LogHead;
use crate::log::signing_keys::LogKeys;

/// What is to become of the keys that sign.
#[derive(Debug, Clone)]
pub(crate) enum KeyChange {
    /// A new key signs entries. A recovery key that is given takes the place of the one that was
    /// listed.
    Event { recovery: Option<Box<PublicKey>> },
    /// New keys sign checkpoints beside the established ones.
    BeginLog,
    /// The new keys alone sign checkpoints from now on.
    FinishLog,
    /// The new keys are given up before anybody relied on them.
    CancelLog,
}

/// No key of the key store may sign entries of this log.
#[derive(Debug, thiserror::Error)]
#[error(
    "the newest keys entry, number {index}, does not list the key that lies here: an older copy of the key directory was put back, or the \
     keys are those of another log. Bring the newest copy of the key directory back, or use the recovery key: `sagsspor keys recover`"
)]
pub struct NotListed {
    /// Index of the keys entry.
    pub index: LogIndex,
}

/// Nobody knows a key that may sign the next keys entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key is not one of those that the newest keys entry lists")]
pub struct NotRecovery;

/// The keys that a keys entry lists.
pub(crate) fn listed(log: &dyn LogStore, index: LogIndex) -> Result<Vec<PublicKey>, ReadError> {
    let damaged = |source| ReadError::Damaged { index, source };
    let stored = log
        .entry(index)?
        .ok_or_else(|| damaged("the keys entry is missing".into()))?;
    match parse(&stored.bytes)
        .map_err(|error| damaged(error.into()))?
        .entry
    {
        Entry::Keys(entry) => Ok(entry.keys),
        _ => Err(damaged("it is no keys entry".into())),
    }
}

fn kept(error: KeyError) -> RecordError {
    match error {
        KeyError::Unknown(cause) => RecordError::Unknown(cause),
        other => RecordError::not_written(other),
    }
}

/// Lets the newest keys entry decide which seed is in force, and destroys the other.
pub(super) fn settle(
    log: &dyn LogStore,
    keys: &dyn KeyStore,
    log_head: &LogHead,
) -> Result<(), RecordError> {
    let listed = if log_head.size.is_empty() {
        Vec::new()
    } else {
        listed(log, log_head.keys.0)?
    };
    let lists = |seed: &[u8; 32]| listed.contains(EventKey::from_seed(seed).public());
    let secrets = keys.secrets();
    let mut in_force = lists(&secrets.event_seed);
    if let Some(next) = &secrets.next_event_seed {
        let taken = lists(next);
        tracing::info!(
            taken,
            "a change of the key that signs entries had been broken off"
        );
        keys.change_seeds(if taken {
            SeedChange::TakeNextEvent
        } else {
            SeedChange::DropNextEvent
        })
        .map_err(kept)?;
        in_force |= taken;
    }
    if in_force || log_head.size.is_empty() {
        Ok(())
    } else {
        Err(RecordError::not_written(NotListed {
            index: log_head.keys.0,
        }))
    }
}

/// The keys entry that follows the newest one, for a new event key. What was listed beside the key
/// in force goes on being listed, unless a recovery key takes its place.
fn successor(
    origin: &str,
    index: LogIndex,
    recorded_at: LogTime,
    prev: Hash,
    keys: Vec<PublicKey>,
) -> KeysEntry {
    KeysEntry {
        origin: origin.to_owned(),
        index,
        recorded_at,
        entry_id: random_uuid(),
        keys,
        prev,
    }
}

impl Worker {
    pub(super) fn change_keys(&mut self, change: KeyChange) -> Result<Checkpoint, RecordError> {
        self.wait_until_arrived();
        self.recover();
        match change {
            KeyChange::Event { recovery } => self.rotate_event_key(recovery.map(|key| *key))?,
            KeyChange::BeginLog => {
                let seeds = LogSeeds {
                    ed25519: Zeroizing::new(secret()),
                    post_quantum: Zeroizing::new(secret()),
                };
                self.change_log_keys(SeedChange::KeepNextLog(seeds))?;
            }
            KeyChange::FinishLog => self.change_log_keys(SeedChange::TakeNextLog)?,
            KeyChange::CancelLog => self.change_log_keys(SeedChange::DropNextLog)?,
        }
        self.checkpoint()
    }

    fn change_log_keys(&mut self, change: SeedChange) -> Result<(), RecordError> {
        let changed = self.keys.change_seeds(change).map_err(kept);
        // Whatever became of it, what is in force is what the key store says.
        self.log_keys = LogKeys::new(&self.origin, &self.keys.secrets())?;
        changed
    }

    fn rotate_event_key(&mut self, recovery: Option<PublicKey>) -> Result<(), RecordError> {
        let seed = Zeroizing::new(secret());
        let next = EventKey::from_seed(&seed);
        let others = match recovery {
            Some(recovery) => vec![recovery],
            None => listed(&*self.log, self.log_head.keys.0)?
                .into_iter()
                .filter(|key| key != self.event_key.public())
                .collect(),
        };
        let keys = std::iter::once(next.public().clone())
            .chain(others)
            .collect();
        let dated = self.date()?;
        let entry = successor(
            &self.origin,
            self.log_head.size.next_index(),
            dated.time,
            self.log_head.keys.1,
            keys,
        );
        let signed = entry
            .sign(&self.event_key)
            .map_err(RecordError::not_written)?;
        let leaf = signed.leaf;
        self.keys
            .change_seeds(SeedChange::KeepNextEvent(seed))
            .map_err(kept)?;
        match self.commit_system(signed) {
            Ok(()) => {}
            // Whether the entry is there is found out when the log is opened next.
            Err(RecordError::Unknown(cause)) => return Err(RecordError::Unknown(cause)),
            Err(error) => {
                self.keys
                    .change_seeds(SeedChange::DropNextEvent)
                    .map_err(kept)?;
                return Err(error);
            }
        }
        self.event_key = next;
        self.log_head.grow(leaf, entry.recorded_at);
        self.log_head.keys = (entry.index, leaf);
        self.keys
            .change_seeds(SeedChange::TakeNextEvent)
            .map_err(kept)
    }
}

/// Puts a new event key in force with a key that the newest keys entry lists and that lies
/// elsewhere. The log must not be in use.
pub(crate) fn recover(
    log: &dyn LogStore,
    keys: &dyn KeyStore,
    origin: &str,
    now: LogTime,
    recovery: &EventKey,
    recovery_after: Option<PublicKey>,
) -> Result<LogIndex, RecordError> {
    let log_head = LogHead::load(log)?;
    if log_head.size.is_empty() || !listed(log, log_head.keys.0)?.contains(recovery.public()) {
        return Err(RecordError::not_written(NotRecovery));
    }
    if keys.secrets().next_event_seed.is_some() {
        // Either seed may be known to whoever the recovery is against.
        keys.change_seeds(SeedChange::DropNextEvent).map_err(kept)?;
    }
    let seed = Zeroizing::new(secret());
    let listed = vec![
        EventKey::from_seed(&seed).public().clone(),
        recovery_after.unwrap_or_else(|| recovery.public().clone()),
    ];
    let entry = successor(
        origin,
        log_head.size.next_index(),
        now.max(log_head.time),
        log_head.keys.1,
        listed,
    );
    let signed = entry.sign(recovery).map_err(RecordError::not_written)?;
    keys.change_seeds(SeedChange::KeepNextEvent(seed))
        .map_err(kept)?;
    super::system_entries::commit_alone(log, log_head.size.next_index(), signed)?;
    keys.change_seeds(SeedChange::TakeNextEvent).map_err(kept)?;
    Ok(entry.index)
}
