//! Requests for evidence, beside GraphQL: what a request for a bundle or a dossier means, and what is
//! answered in place of a file.
//!
//! It does not know how the file travels (`server/evidence.rs`) or how it is made
//! (`app/evidence.rs`).

pub mod bundle_request;
pub mod dossier_order;
mod misfits;
pub mod no_file;
mod wait;
