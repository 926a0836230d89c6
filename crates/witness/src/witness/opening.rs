//! Starting a witness: which logs it is to witness, and what is read from its directory.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use super::{Clock, Log, LogState, Witness};
use crate::files::LogFiles;
use crate::keep::Keep;
use crate::keys::{LogKey, WitnessKey};
use crate::replay::Replay;
use crate::state::StateDir;
use crate::time_rule::DELAY_SECONDS;

/// A log that is to be witnessed.
pub struct LogSettings {
    /// Its verifier keys, all of one name. A checkpoint must bear one of them.
    pub keys: Vec<LogKey>,
    /// Where its entries come from, if they are to be replayed before anything is cosigned.
    pub files: Option<Box<dyn LogFiles>>,
    /// Where all of it is kept before it is cosigned, if it is to be; it must be replayed then.
    pub keep: Option<Keep>,
}

/// The witness could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A log has no key, or keys of several names.
    #[error("each log needs verifier keys, and all of them under its one name")]
    Keys,
    /// Entries can be replayed only by the key that signs with Ed25519.
    #[error("{0}: a verifying witness needs the log's Ed25519 key")]
    NoEd25519(String),
    /// What is kept must be replayed, and be of this log.
    #[error("{0}: only a log that is replayed can be kept, each in a directory of its own")]
    Keep(String),
    /// Whoever trusts a witness must not take its word for that of a mirror.
    #[error(
        "{0} is the name of a witness; a mirror signs with a key of its own, under another name"
    )]
    MirrorName(String),
    /// There is no key to sign with.
    #[error("a witness needs a key")]
    NoKey,
    /// The directory of its state.
    #[error("the state of the witness cannot be used")]
    State(#[from] io::Error),
}

impl Witness {
    /// Opens a witness on its directory; what it has signed before is read now, and a directory
    /// that is damaged or in use is refused.
    ///
    /// # Errors
    /// [`StartError`].
    pub fn open(
        keys: Vec<WitnessKey>,
        logs: Vec<LogSettings>,
        dir: &Path,
        clock: Clock,
    ) -> Result<Self, StartError> {
        if keys.is_empty() {
            return Err(StartError::NoKey);
        }
        let dir = StateDir::open(dir)?;
        let keys_own: Vec<&str> = keys.iter().map(WitnessKey::name).collect();
        let mut opened = BTreeMap::new();
        for LogSettings { keys, files, keep } in logs {
            let origin = keys
                .first()
                .map(|key| key.origin().to_owned())
                .ok_or(StartError::Keys)?;
            if keys.iter().any(|key| key.origin() != origin) || opened.contains_key(&origin) {
                return Err(StartError::Keys);
            }
            if keep
                .as_ref()
                .is_some_and(|keep| files.is_none() || keep.origin() != origin)
            {
                return Err(StartError::Keep(origin));
            }
            let same = keep
                .iter()
                .flat_map(Keep::names)
                .find(|name| keys_own.contains(name));
            if let Some(name) = same {
                return Err(StartError::MirrorName(name.to_owned()));
            }
            let mirror = keep.as_ref().and_then(Keep::mirror);
            let replay = match files {
                Some(files) => {
                    let key = keys
                        .iter()
                        .find(|key| key.is_ed25519())
                        .ok_or_else(|| StartError::NoEd25519(origin.clone()))?;
                    Some(Replay::new(&origin, key.text(), files, keep))
                }
                None => None,
            };
            let (latest, passes) = (dir.latest(&origin)?, dir.passes(&origin)?);
            let shown = Mutex::new(latest.as_ref().map(|latest| latest.note.clone()));
            opened.insert(
                origin,
                Log {
                    keys,
                    state: Mutex::new(LogState {
                        latest,
                        replay,
                        passes,
                    }),
                    shown,
                    mirror,
                },
            );
        }
        Ok(Self {
            keys,
            logs: opened,
            dir,
            clock,
            delay: DELAY_SECONDS,
        })
    }
}
