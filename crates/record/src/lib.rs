//! From meaning to bytes and back: entries, committed and encrypted payloads, the Merkle log.
//!
//! Pure: ids, salts, keys and time are passed in; nothing is read or written. It knows no
//! domain: the names of types and fields are opaque text. The format that it keeps is stated in
//! `schema/record.md`.

pub mod attachment;
pub mod b64u;
pub mod bundle;
pub mod canonical;
pub mod checkpoint;
pub mod commands;
pub mod cosignature;
pub mod entropy;
pub mod entry;
pub mod envelope;
pub mod hash;
pub mod heads;
pub mod hex;
pub mod jws;
pub mod keys;
pub mod keystream;
pub mod merkle;
pub mod note;
pub mod opening;
pub mod outline;
pub mod payload;
pub mod policy;
pub mod positions;
pub mod proof;
pub mod sealed_part;
pub mod signing;
pub mod tiles;
pub mod tlog_proof;
mod wrapping;

#[cfg(test)]
mod attachment_tests;
#[cfg(test)]
mod cosignature_tests;
#[cfg(test)]
mod payload_tests;
#[cfg(test)]
mod policy_tests;
#[cfg(test)]
mod positions_tests;
#[cfg(test)]
mod proof_tests;
#[cfg(test)]
mod vector_tests;
