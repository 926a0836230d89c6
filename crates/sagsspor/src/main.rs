//! The program: serve, demonstrate, import, file documents, replay, hand evidence out, audit,
//! witness.

mod arenas;
mod audit;
mod board;
mod cases;
mod chart;
mod cli;
mod demo;
mod difference;
mod document;
mod evidence;
mod family;
mod figures;
mod import;
mod keys;
mod lock;
mod obligations;
mod open;
mod operator;
mod page;
mod repair;
mod replay;
mod report;
mod rules;
mod run;
mod serving;
mod terminal;
mod unfinished;
mod upgrade;
mod usage;
mod what_if;
mod witness;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    terminal::start_logging(cli.verbose);
    match run::run(cli) {
        Ok(code) => code,
        Err(report) => {
            terminal::complain_about(&report);
            ExitCode::from(if usage::is_usage(&report) {
                cli::EXIT_USAGE
            } else {
                cli::EXIT_FAILED
            })
        }
    }
}
