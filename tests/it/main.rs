//! Everything that is tested from outside the crates, in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "tests"
)]

mod anchors;
mod architecture;
mod archive;
mod audit;
mod backups;
mod bad_input;
mod board;
mod clocks;
mod commands;
mod crash;
mod crowd;
mod custody;
mod documents;
mod duties;
mod erasure;
mod evidence;
mod faults;
mod golden;
mod handed_out;
mod history_a;
mod history_b;
mod history_rows;
mod interrupted_erasure;
mod keeping;
mod lengths;
mod listing;
mod look_ups;
mod missing;
mod moody;
mod offline;
mod other_law;
mod outside;
mod over_http;
mod pages;
mod program_tests;
mod repair;
mod safeguards;
mod secrecy;
mod tamper;
mod time_stamps;
mod town;
mod trail;
mod upgrade;
mod witnessing;
