//! The independent verifier: entries and ciphertexts in, findings out.
//!
//! It shares no code with the writer, needs no key that opens content, and never decrypts. Now it
//! holds the streaming auditor of a whole log.

pub mod audit;
mod blobs;
pub mod code;
mod entry;
mod heads;
mod json;
mod jws;
mod note;
mod prepare;
mod quick;
mod report;
mod saved;
pub mod source;
mod streams;
pub mod tiles;
mod tree;

#[cfg(test)]
mod attack_tests;
#[cfg(test)]
mod log_builder;
#[cfg(test)]
mod resume_tests;
#[cfg(test)]
mod tile_tests;
