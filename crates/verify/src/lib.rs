//! The independent verifier: entries and ciphertexts in, findings out.
//!
//! It shares no code with the writer, needs no key that opens content, and never decrypts. It holds
//! the streaming auditor of a whole log, and the checker of bundles, which are extracts of one.

pub mod archive;
pub mod audit;
mod blobs;
pub mod bundle;
pub mod code;
pub mod commitments;
pub mod dossier;
mod entry;
pub mod explain;
pub mod files;
pub mod fuzzing;
mod heads;
mod json;
mod jws;
pub mod note;
pub mod policy;
pub mod position;
mod prepare;
pub mod proof;
mod quick;
mod report;
mod saved;
pub mod source;
mod state_bytes;
mod streams;
pub mod tiles;
mod time_stamp;
mod tree;
pub mod zip;

#[cfg(test)]
mod anchor_tests;
#[cfg(test)]
mod archive_tests;
#[cfg(test)]
mod attack_tests;
#[cfg(test)]
mod bundle_tests;
#[cfg(test)]
mod dossier_tests;
#[cfg(test)]
mod example_tests;
#[cfg(test)]
mod fuzz_tests;
#[cfg(test)]
mod note_tests;
#[cfg(test)]
mod resume_tests;
#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tile_tests;
