//! Carrying a command out.

use std::process::ExitCode;

use miette::{IntoDiagnostic, Result, WrapErr};
use server::identity::IdentityProvider;

use crate::audit::args::TilesAction;
use crate::cli::{
    Cli, Command, DocumentAction, EXIT_FOUND, LogArgs, RulesAction, SchemaAction, WitnessAction,
};
use crate::open::Begin;
use crate::{
    arenas, audit, board, cases, demo, difference, document, evidence, family, figures, import,
    keys, obligations, open, repair, replay, rules, serving, terminal, upgrade, witness,
};

pub(crate) fn run(cli: Cli) -> Result<ExitCode> {
    match cli.command {
        Command::Serve {
            log,
            listen,
            serve,
            evidence,
        } => {
            arenas::few();
            // Refused before anything is opened or made.
            IdentityProvider::Development(open::developer(&log.municipality))
                .may_listen(listen)
                .into_diagnostic()?;
            let open = || {
                let app = witness::open_evidenced(&log, &evidence, Begin::Allowed)?;
                keys::warn_of_unlocked(app.layout());
                Ok(app)
            };
            serving::serve(open, &log.municipality, serve.settings(), listen)
        }
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
        Command::Board { log, wish } => board::run(&log, &wish),
        Command::Figures { log, wish } => figures::run(&log, &wish),
        Command::Document {
            action: DocumentAction::File(args),
        } => document::file(&args),
        Command::Document {
            action:
                DocumentAction::Get {
                    log,
                    case,
                    event,
                    out,
                },
        } => document::get(&log, &case, &event, &out),
        Command::Replay {
            log,
            case,
            known_at,
            occurred_by,
            stated,
            json,
        } => replay::run(
            &log,
            &replay::Wish {
                case,
                known_at,
                occurred_by,
                stated,
                json,
            },
        ),
        Command::Difference {
            log,
            case,
            from,
            to,
            views,
            json,
        } => difference::run(
            &log,
            &difference::Wish {
                case,
                from,
                to,
                views,
                json,
            },
        ),
        Command::Family {
            log,
            case,
            language,
            child,
            parent,
            known_at,
        } => family::run(
            &log,
            &family::Wish {
                case,
                language,
                child,
                parent,
                known_at,
            },
        ),
        Command::Obligations {
            log,
            case,
            known_at,
            occurred_by,
            stated,
            status,
            json,
            what_if,
        } => obligations::run(
            &log,
            &obligations::Wish {
                case,
                known_at,
                occurred_by,
                stated,
                status,
                json,
                what_if,
            },
        ),
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
        Command::Tiles {
            action:
                TilesAction::Export {
                    log,
                    dir,
                    blobs,
                    accesses,
                    json,
                },
        } => {
            let layout = open::layout(&log)?;
            audit::export(
                &if accesses { layout.accesses() } else { layout },
                &dir,
                blobs,
                json,
            )
        }
        Command::Schema {
            action: SchemaAction::Print,
        } => {
            terminal::say(api::schema::sdl().trim_end());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn import_file(log: &LogArgs, file: &std::path::Path) -> Result<ExitCode> {
    let text = std::fs::read_to_string(file)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read {}", file.display()))?;
    let app = open::open_as(log, Begin::Allowed)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .into_diagnostic()?;
    let bar = terminal::bar("importing", text.lines().count() as u64);
    let imported = runtime.block_on(import::import(&app, &text, None, &bar));
    bar.finish_and_clear();
    app.close().into_diagnostic()?;
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
            Ok(ExitCode::from(EXIT_FOUND))
        }
    }
}
