//! The program: serve, demonstrate, import, file documents, replay, hand evidence out, audit,
//! witness.

mod cli;
mod commands;
mod exit;
mod key_lock;
mod open;
mod operator;
mod run;
mod text;
mod unfinished;
mod usage;

use std::process::ExitCode;

use clap::Parser;

/// Threads that take turns contend for the memory of the C library; here each has its own
/// (`docs/adr/0026-memory.md`).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    text::terminal::start_logging(cli.verbose);
    match run::run(cli) {
        Ok(code) => code,
        Err(report) => {
            text::terminal::complain_about(&report);
            ExitCode::from(if usage::is_usage(&report) {
                exit::USAGE
            } else {
                exit::FAILED
            })
        }
    }
}
