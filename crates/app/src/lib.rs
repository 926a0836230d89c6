//! Use cases: authorise, load, decide, encrypt, put in order, commit, read back.
//!
//! The only home of authorisation, and the only place where keys, time, ids and the store
//! meet the pure crates. Knows nothing of HTTP or GraphQL.
//!
//! There are three ways in. [`session::Session`] is for whoever has a viewer; it asks
//! [`access::rights`] first, each time. [`public_log::PublicLog`] holds what everybody may see.
//! [`operations::operator::Operator`] is the person at the machine; no request over the network
//! reaches it.

pub mod access;
mod app;
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
pub mod public_log;
pub mod queries;
pub mod rows;
pub mod rules;
pub mod session;
mod stores;
mod waiting;
pub mod wanted;
pub mod witnessing;
