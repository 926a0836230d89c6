//! Use cases: authorise, load, decide, encrypt, put in order, commit, read back.
//!
//! The only home of authorisation, and the only place where keys, time, ids and the store
//! meet the pure crates. Knows nothing of HTTP or GraphQL.

mod background;
pub mod board;
pub mod bundle;
pub mod clock;
pub mod content;
pub mod correct;
pub mod courier;
pub mod custody;
pub mod document;
pub mod dossier;
pub mod duties;
pub mod entropy;
mod epoch;
pub mod erase;
pub mod error;
pub mod facts;
pub mod figures;
pub mod keyring;
pub mod known;
pub mod layout;
pub mod listing;
pub mod log;
pub mod log_keys;
pub mod look_ups;
pub mod lost_keys;
pub mod markers;
pub mod media;
pub mod order;
pub mod pending;
pub mod readiness;
pub mod reading;
pub mod receipt;
pub mod repair;
pub mod rulebook;
pub mod rules;
pub mod safeguards;
pub mod scratch;
pub mod sequencer;
pub mod service;
mod shelf;
mod stores;
pub mod tiles;
pub mod time_stamp;
pub mod tip;
pub mod upgrade;
pub mod viewer;
pub mod wanted;
pub mod what_if;
pub mod witnessing;
