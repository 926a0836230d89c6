//! Keeping the keys: exchanging those that sign, beginning a new epoch of the root key, and getting
//! a log back whose event key is suspected.

use std::sync::Arc;

use events::log::SafeguardOverridden;
use record::checkpoint::Checkpoint;
use record::hash::Hash;
use record::keys::RootKey;
use record::positions::{LogIndex, LogTime};
use record::signing::{EventKey, PublicKey};
use store::key_store::{KeyError, KeyRow, KeyStore, SubjectRow};
use store::log_store::LogStore;
use zeroize::Zeroizing;

use crate::app::App;
use crate::clock::Clock;
use crate::clock::watch::Watch;
use crate::entropy::secret;
use crate::error::{BoxError, ReadError, RecordError};
use crate::layout::Layout;
use crate::log::head::keys_entries;
use crate::log::lost_keys;
use crate::log::rollback_check;
use crate::log::sequencer::key_change::{KeyChange, listed, recover as recover_log};
pub use crate::log::sequencer::key_change::{NotListed, NotRecovery};
use crate::log::sequencer::system_entries::begin_with;
use crate::open::{StartError, open_keys};
use crate::witnessing::newest_time::newest;

const RECOVERY_TITLE: &str = "sagsspor recovery key 1";

/// The secret half of a recovery key, which lies offline.
pub struct RecoverySeed(Zeroizing<[u8; 32]>);

/// The text is no recovery key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a recovery key: its first line is \"{RECOVERY_TITLE}\", its second 64 hexadecimal digits"
)]
pub struct RecoverySeedError;

impl RecoverySeed {
    /// A new one.
    #[must_use]
    pub fn generate() -> Self {
        Self(Zeroizing::new(secret()))
    }

    /// Reads what [`RecoverySeed::text`] wrote.
    ///
    /// # Errors
    /// [`RecoverySeedError`].
    pub fn parse(text: &str) -> Result<Self, RecoverySeedError> {
        let digits = text
            .trim_end()
            .strip_prefix(RECOVERY_TITLE)
            .and_then(|rest| rest.strip_prefix('\n'))
            .ok_or(RecoverySeedError)?;
        let seed = Hash::parse_hex(digits).map_err(|_| RecoverySeedError)?;
        Ok(Self(Zeroizing::new(*seed.as_bytes())))
    }

    /// The seed as text, to be kept away from the log.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(format!(
            "{RECOVERY_TITLE}\n{}\n",
            Hash::new(*self.0).to_hex()
        ))
    }

    /// The public half, which the log lists.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        EventKey::from_seed(&self.0).public().clone()
    }
}

/// The keys that may sign the entries that come next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventKeys {
    /// Index of the keys entry that lists them.
    pub index: LogIndex,
    /// How many keys entries there are.
    pub entries: usize,
    /// The key in force.
    pub in_force: PublicKey,
    /// What is listed beside it: a recovery key.
    pub others: Vec<PublicKey>,
}

impl App {
    /// Puts a new key in force that signs entries, and destroys the one before. A recovery key that
    /// is given takes the place of the one that was listed; none leaves that as it is.
    ///
    /// # Errors
    /// [`RecordError::NotWritten`] with the old key in force; [`RecordError::Unknown`] when it is
    /// found out at the next start which of the two is.
    pub(crate) fn rotate_event_key(
        &self,
        recovery: Option<PublicKey>,
    ) -> Result<Checkpoint, RecordError> {
        self.sequencer.change_keys(KeyChange::Event {
            recovery: recovery.map(Box::new),
        })
    }

    /// Makes new keys that sign checkpoints beside the established ones, from the checkpoint that
    /// is answered on. Readers who know the old keys only are content, and those who know the new
    /// ones.
    ///
    /// # Errors
    /// [`RecordError`]; when an exchange is under way already, nothing is changed.
    pub(crate) fn begin_log_keys(&self) -> Result<Checkpoint, RecordError> {
        self.sequencer.change_keys(KeyChange::BeginLog)
    }

    /// Lets the new keys alone sign checkpoints, and destroys the old ones.
    ///
    /// # Errors
    /// [`RecordError`]; when no exchange is under way, nothing is changed.
    pub(crate) fn finish_log_keys(&self) -> Result<Checkpoint, RecordError> {
        self.sequencer.change_keys(KeyChange::FinishLog)
    }

    /// Gives the new keys up, and goes on with the established ones.
    ///
    /// # Errors
    /// As [`App::finish_log_keys`].
    pub(crate) fn cancel_log_keys(&self) -> Result<Checkpoint, RecordError> {
        self.sequencer.change_keys(KeyChange::CancelLog)
    }

    /// Wraps every subject's key under a new root key and destroys the old one: no copy of the key
    /// directory that was made before opens anything afterwards. Answers the epoch in force.
    ///
    /// # Errors
    /// [`RecordError::NotWritten`] with the old epoch in force; [`RecordError::Unknown`] when it is
    /// found out at the next start which of the two is.
    pub(crate) fn rotate_root(&self) -> Result<u32, RecordError> {
        loop {
            // What an erasure has kept for later lies under the root key in force.
            self.resume_erasures()?;
            let _epoch = self.epoch.write();
            let _changing = self.epoch.changing();
            if self
                .pending
                .orders()
                .map_err(RecordError::not_written)?
                .is_empty()
            {
                return self.rewrap();
            }
        }
    }

    fn rewrap(&self) -> Result<u32, RecordError> {
        let (epoch, old) = self.keyring.root();
        let new_secret = secret();
        let new = RootKey::from_bytes(new_secret);
        let next = epoch
            .checked_add(1)
            .ok_or_else(|| RecordError::not_written("there is no further epoch"))?;
        let mut again = |row: KeyRow| -> Result<Option<KeyRow>, BoxError> {
            Ok(Some(match row {
                KeyRow::Subject(row) => {
                    let key = old.unwrap(row.place(), &row.wrapped)?;
                    let row = SubjectRow { epoch: next, ..row };
                    let wrapped = new.wrap(row.place(), &key);
                    // A key that does not open again would be lost with the old epoch.
                    new.unwrap(row.place(), &wrapped)?;
                    KeyRow::Subject(SubjectRow { wrapped, ..row })
                }
                part @ KeyRow::Part(_) => part,
            }))
        };
        self.keys
            .rotate(new_secret, &mut again, &[])
            .map_err(|error| match error {
                KeyError::Unknown(cause) => RecordError::Unknown(cause),
                other => RecordError::not_written(other),
            })?;
        if let Some(lists) = &self.lists {
            // Their rows lie under the root key too, and are made anew.
            lists.wake();
        }
        Ok(next)
    }

    /// The keys that may sign entries, as the log says.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(crate) fn event_keys(&self) -> Result<EventKeys, ReadError> {
        let entries = keys_entries(&*self.log, self.log.size())?;
        let index = entries.last().copied().unwrap_or(LogIndex::FIRST);
        let in_force = EventKey::from_seed(&self.keys.secrets().event_seed)
            .public()
            .clone();
        let others = listed(&*self.log, index)?
            .into_iter()
            .filter(|key| *key != in_force)
            .collect();
        Ok(EventKeys {
            index,
            entries: entries.len(),
            in_force,
            others,
        })
    }
}

/// A log with its keys.
type Stores = (Arc<dyn LogStore>, Arc<dyn KeyStore>);

/// The stores of a log that nothing else has open.
fn stores(layout: &Layout) -> Result<Stores, StartError> {
    rollback_check::expect(layout)?;
    let keys: Arc<dyn KeyStore> = open_keys(layout)?;
    let known =
        |log: &dyn LogStore| -> Result<(), StartError> { Ok(rollback_check::check(log, layout)?) };
    let place = (layout.backend(), layout);
    let opened = lost_keys::open(place, &keys, &known, &mut |_, _| {})?;
    Ok((opened.unswept.sweep()?, keys))
}

/// A clock that can be trusted to date an entry of a log that nothing else has open, and what the
/// operator's word has set aside for it.
fn date(
    clock: Arc<dyn Clock>,
    log: &dyn LogStore,
) -> Result<(LogTime, Option<SetAside>), StartError> {
    let watch = Watch::start(clock, newest(log)?);
    let time = watch.read().map_err(RecordError::from)?;
    let set_aside = watch.owed().map(|(refused, word)| SetAside {
        facts: refused.set_aside(&word),
        operator: word.operator,
    });
    Ok((LogTime::from_unix(time.as_second()), set_aside))
}

/// A safeguard that the operator's word has set aside, to be recorded with
/// [`Operator::record_override`](crate::operations::operator::Operator::record_override) as soon
/// as the log can be opened.
#[derive(Debug, Clone)]
pub struct SetAside {
    /// What is to be recorded.
    pub facts: SafeguardOverridden,
    /// Who gave the word.
    pub operator: String,
}

/// Begins a log that lists a recovery key from its first entry on. Its secret half lies elsewhere;
/// with it a new event key can be put in force when the one in use is suspected or lost.
///
/// # Errors
/// [`StartError`]; [`StartError::Begun`] when the log has entries already.
pub fn begin(
    layout: &Layout,
    clock: Arc<dyn Clock>,
    recovery: PublicKey,
) -> Result<(), StartError> {
    let (log, keys) = stores(layout)?;
    if !log.size().is_empty() {
        return Err(StartError::Begun {
            dir: layout.places().log,
        });
    }
    let key = EventKey::from_seed(&keys.secrets().event_seed);
    begin_with(
        &*log,
        &layout.origin(),
        date(clock, &*log)?.0,
        &key,
        recovery,
    )?;
    log.close().map_err(ReadError::from)?;
    Ok(())
}

/// Puts a new event key in force, signed for by the recovery key whose seed is given: for when the
/// key in use may be known to somebody else, or is lost. The recovery key stays listed, unless
/// another is to follow it. Answers the index of the keys entry, and what the operator's word has
/// set aside: nothing can be recorded before the new key is in force.
///
/// # Errors
/// [`StartError`]; [`NotRecovery`] behind [`StartError::Record`] when the log lists no such key.
pub fn recover(
    layout: &Layout,
    clock: Arc<dyn Clock>,
    seed: &RecoverySeed,
    next: Option<PublicKey>,
) -> Result<(LogIndex, Option<SetAside>), StartError> {
    let (log, keys) = stores(layout)?;
    let (now, set_aside) = date(clock, &*log)?;
    let index = recover_log(
        &*log,
        &*keys,
        &layout.origin(),
        now,
        &EventKey::from_seed(&seed.0),
        next,
    )?;
    log.close().map_err(ReadError::from)?;
    Ok((index, set_aside))
}
