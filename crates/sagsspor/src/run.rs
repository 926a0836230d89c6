//! Carrying a command out.

use std::net::SocketAddr;
use std::process::ExitCode;

use miette::{IntoDiagnostic, Result, WrapErr};
use server::identity::IdentityProvider;

use crate::cli::audit::TilesAction;
use crate::cli::document::DocumentAction;
use crate::cli::duties::RulesAction;
use crate::cli::log::{EvidenceArgs, LogArgs};
use crate::cli::witness::WitnessAction;
use crate::cli::{Cli, Command, SchemaAction};
use crate::commands::serve::ServeArgs;
use crate::commands::{
    audit, bench, board, cases, demo, difference, document, evidence, family, figures, import,
    inbox, keys, obligations, repair, replay, rules, serve, upgrade, witness,
};
use crate::open::Begin;
use crate::text::terminal;
use crate::{exit, open};

pub(crate) fn run(cli: Cli) -> Result<ExitCode> {
    match cli.command {
        Command::Serve {
            log,
            listen,
            serve,
            evidence,
        } => serve_log(&log, listen, &serve, &evidence),
        Command::Witness {
            action: Some(WitnessAction::Key { name, kind, out }),
            ..
        } => witness::key(&name, kind, &out),
        Command::Witness {
            witness,
            action: None,
        } => witness::serve(&witness),
        Command::LogKey {
            log,
            accesses,
            begin,
        } => witness::log_key(&log, accesses, begin),
        Command::Demo { dir, serve, listen } => demo::run(dir, serve.then_some(listen)),
        Command::Import { log, file } => import_file(&log, &file),
        Command::Cases { log, wish } => cases::run(&log, &wish),
        Command::Inbox { log, wish } => inbox::run(&log, &wish),
        Command::Board { log, wish } => board::run(&log, &wish),
        Command::Figures { log, wish } => figures::run(&log, &wish),
        Command::Document { action } => file_or_get(&action),
        Command::Replay { log, wish } => replay::run(&log, &wish),
        Command::Difference { log, wish } => difference::run(&log, &wish),
        Command::Family { log, wish } => family::run(&log, &wish),
        Command::Obligations { log, wish } => obligations::run(&log, &wish),
        Command::Rules {
            action: RulesAction::List { json },
        } => rules::list(json),
        Command::Rules {
            action: RulesAction::Activate { log, from, remarks },
        } => rules::activate(&log, from, remarks.as_deref()),
        Command::Bundle(args) => evidence::bundle(&args),
        Command::Dossier { action } => evidence::dossier(&action),
        Command::Receipt { action } => evidence::receipt(&action),
        Command::Keys { action } => keys::run(&action),
        Command::Repair(args) => repair::run(&args),
        Command::Upgrade { log } => upgrade::run(&log),
        Command::Audit(args) => audit::run(&args),
        Command::Tiles { action } => export(&action),
        Command::Bench(args) => bench::run(&args),
        Command::Schema {
            action: SchemaAction::Print,
        } => {
            terminal::say(api::sdl::sdl().trim_end());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn serve_log(
    log: &LogArgs,
    listen: SocketAddr,
    serve: &ServeArgs,
    evidence: &EvidenceArgs,
) -> Result<ExitCode> {
    // Refused before anything is opened or made.
    IdentityProvider::Development(open::developer(&log.municipality))
        .may_listen(listen)
        .into_diagnostic()?;
    let open = || {
        let operator = witness::open_evidenced(log, evidence, Begin::Allowed)?;
        operator.keep_at_most(serve.cache_bytes());
        keys::lock::warn_of_unlocked(operator.layout());
        Ok(operator)
    };
    serve::serve(
        open,
        serve.viewer(&log.municipality)?,
        serve.settings(),
        listen,
    )
}

/// Files a document, or writes one out.
fn file_or_get(action: &DocumentAction) -> Result<ExitCode> {
    match action {
        DocumentAction::File(args) => document::file(args),
        DocumentAction::Get {
            log,
            case,
            event,
            out,
        } => document::get(log, case, event, out),
    }
}

fn export(action: &TilesAction) -> Result<ExitCode> {
    let TilesAction::Export {
        log,
        dir,
        blobs,
        accesses,
        json,
    } = action;
    let layout = open::layout(log)?;
    audit::export(
        &if *accesses { layout.accesses() } else { layout },
        dir,
        *blobs,
        *json,
    )
}

fn import_file(log: &LogArgs, file: &std::path::Path) -> Result<ExitCode> {
    let (lines, bytes) = import::open(file)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read {}", file.display()))?;
    let operator = open::open_as(log, Begin::Allowed)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .into_diagnostic()?;
    let bar = terminal::bytes_bar("importing", bytes);
    let imported = import::import(&operator, lines, runtime.handle(), &bar);
    bar.finish_and_clear();
    operator.close().into_diagnostic()?;
    match imported {
        Ok(imported) => {
            terminal::say(&format!(
                "{} commands recorded, {} had been recorded before",
                imported.recorded, imported.repeated
            ));
            Ok(ExitCode::SUCCESS)
        }
        Err(refused) => {
            terminal::complain_about(&miette::Report::new(refused));
            Ok(ExitCode::from(exit::FOUND))
        }
    }
}
