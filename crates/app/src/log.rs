//! The log as this process works on it: entries put in order, content sealed and opened, keys.

pub(crate) mod bounded;
pub(crate) mod cache;
pub mod caches;
pub mod content;
pub(crate) mod directory;
pub(crate) mod epoch;
pub(crate) mod handed_over;
pub mod head;
pub mod keyring;
pub mod lost_keys;
pub mod pending;
pub(crate) mod reader;
pub mod rollback_check;
pub mod sequencer;
pub mod signing_keys;
pub(crate) mod standing_cache;
pub(crate) mod stream_cache;
#[cfg(test)]
mod test_note;
