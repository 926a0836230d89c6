//! What the tests and the benchmark share: a world with one municipality in it, the case of Alma,
//! and the program as its users start it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    clippy::print_stdout,
    missing_docs,
    reason = "test support"
)]

pub mod http;
pub mod measure;
pub mod program;
pub mod world;
