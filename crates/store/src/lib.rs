//! Where entries, blobs and keys lie: the storage contract and the embedded store that keeps it.
//!
//! This crate stores what it is given and gives back the same bytes. It signs nothing, decrypts
//! nothing and decides nothing about cases.

pub mod log_store;
pub mod key_store;
mod check;
pub mod pipeline;
pub mod index;
pub mod memory;
pub mod memory_keys;
pub mod disk;
pub mod embedded;
#[cfg(any(test, feature = "contract"))]
pub mod contract_tests;
#[cfg(any(test, feature = "contract"))]
pub mod sim_disk;
