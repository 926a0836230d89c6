//! Use cases: authorise, load, decide, encrypt, put in order, commit, read back.
//!
//! The only home of authorisation, and the only place where keys, time, ids and the store
//! meet the pure crates. Knows nothing of HTTP or GraphQL.

pub mod access;
pub mod app;
mod background;
pub mod clock;
pub mod commands;
pub mod entropy;
pub mod error;
pub mod evidence;
pub mod layout;
pub mod log;
pub mod open;
pub mod operations;
pub mod queries;
pub mod rows;
pub mod rules;
mod stores;
pub mod wanted;
pub mod witnessing;
