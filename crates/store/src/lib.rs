//! Where entries, blobs, keys and rows lie: the contracts, the port through which a program reaches
//! them ([`backend::Backend`]), and two backends that keep it, in directories and in memory.
//!
//! This crate stores what it is given and gives back the same bytes. It signs nothing, decrypts
//! nothing and decides nothing about cases.

pub mod archive_link;
pub mod backend;
#[cfg(any(test, feature = "contract"))]
pub mod backend_contract;
mod check;
#[cfg(any(test, feature = "contract"))]
pub mod contract_tests;
pub mod disk;
pub mod embedded;
pub mod half_commit;
pub mod index_store;
pub mod key_lock;
pub mod key_store;
pub mod log_store;
pub mod memory;
pub mod memory_backend;
pub mod memory_keys;
pub mod memory_projections;
#[cfg(any(test, feature = "contract"))]
pub mod overlay;
pub mod pipeline;
#[cfg(any(test, feature = "contract"))]
pub mod projection_contract;
pub mod projection_store;
pub mod shadow_disk;
#[cfg(any(test, feature = "contract"))]
pub mod sim_disk;
#[cfg(any(test, feature = "contract"))]
pub mod sim_index;
mod sync;

#[cfg(test)]
mod archive_tests;
#[cfg(test)]
mod beside_tests;
#[cfg(test)]
mod crash_tests;
#[cfg(test)]
mod custody_tests;
#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod gated_disk;
#[cfg(test)]
mod hand_tests;
#[cfg(test)]
mod key_rows_tests;
#[cfg(test)]
mod start_tests;
