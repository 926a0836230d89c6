//! What the tests and the benchmarks share: a municipality to test with, the program and servers
//! as processes and on loopback, and a client. It holds no test.

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

pub mod dirs;
pub mod world;

pub mod orders;
pub mod personal_texts;

pub mod http;
pub mod loopback_servers;
pub mod program;
pub mod raw_http;

pub mod copies;
pub mod dying_log;
pub mod evidence;
pub mod golden;
pub mod key_rows;
pub mod measure;
pub mod moody;
pub mod traced;
pub mod waiting;
