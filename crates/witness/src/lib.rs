//! A witness of logs: it remembers the largest checkpoint that it has cosigned of each log, and
//! cosigns a larger one only when it continues that one (C2SP tlog-witness and tlog-cosignature).
//!
//! A verifying witness replays every new entry besides, and cosigns only what the rules of the
//! record allow; one that keeps the log as well is its second machine. Nothing here shares code
//! with the program that writes logs: a fault there must not be a fault here
//! (`docs/adr/0009-witnesses.md`).

pub mod files;
pub mod http;
pub mod keep;
pub mod keys;
pub mod names;
mod note;
pub mod passes;
pub mod regular;
pub mod replay;
pub mod request;
mod state;
pub mod time_rule;
mod tree;
pub mod whole_file;
pub mod witness;

#[cfg(test)]
mod keep_tests;
#[cfg(test)]
mod log_maker;
#[cfg(test)]
mod protocol_tests;
#[cfg(test)]
mod replay_tests;
#[cfg(test)]
mod time_tests;
