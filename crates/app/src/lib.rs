//! Use cases: authorise, load, decide, encrypt, put in order, commit, read back.
//!
//! The only home of authorisation, and the only place where keys, time, ids and the store
//! meet the pure crates. Knows nothing of HTTP or GraphQL.

pub mod clock;
pub mod entropy;
pub mod viewer;
pub mod layout;
pub mod error;
pub mod keyring;
pub mod content;
pub mod tip;
pub mod sequencer;
pub mod service;
pub mod order;
pub mod reading;
pub mod correct;
pub mod erase;
pub mod pending;
pub mod log;
