//! The independent verifier: entries and ciphertexts in, findings out.
//!
//! It shares no code with the writer, needs no key that opens content, and never decrypts. It has
//! no clock, no randomness and no I/O: whoever calls it brings the bytes. There are two ways in:
//! [`audit`] reads a whole log, and [`bundle`] reads an extract of one stream, as a citizen or a
//! board receives it.
//!
//! A bundle in three steps: whom to trust, the files, the answer.
//!
//! ```
//! use verify::bundle::{self, NoAuthority, Trust};
//! use verify::policy::Policy;
//! use verify::zip::Zip;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The policy names the log and its witnesses. It must not come with the bundle.
//! let policy = Policy::parse(&std::fs::read("testdata/example/policy")?)?;
//! let trust = Trust {
//!     policy,
//!     pin: None,
//!     receipts: Vec::new(),
//!     verifying: None,
//! };
//! let mut files = Zip::open(std::fs::File::open("testdata/example/case.zip")?)?;
//! let verdict = bundle::check(&mut files, &trust, &NoAuthority, &mut |_, _| {})?;
//! assert!(verdict.untimely.is_empty(), "no event states a time that witnesses contradict");
//! assert_eq!(verdict.origin, "log.aarhus.example/0751/sag");
//! # Ok(())
//! # }
//! ```

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
