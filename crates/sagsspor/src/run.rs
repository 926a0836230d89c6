//! Carrying a command out.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use app::service::App;
use miette::{IntoDiagnostic, Result, WrapErr};
use server::documents::Settings;
use server::identity::IdentityProvider;

use crate::audit::args::TilesAction;
use crate::cli::{Cli, Command, DocumentAction, EXIT_FOUND, LogArgs, RulesAction, SchemaAction, WitnessAction};
use crate::open::Begin;
use crate::{
    audit, board, cases, demo, difference, document, evidence, family, figures, import, keys, obligations, open, repair, replay, rules,
    terminal, witness,
};

pub(crate) fn run(cli: Cli) -> Result<ExitCode> {
    match cli.command {
        Command::Serve { log, listen, document_bytes_max, evidence } => {
            // Refused before anything is opened or made.
            IdentityProvider::Development(open::developer(&log.municipality)).may_listen(listen).into_diagnostic()?;
            let app = witness::open_evidenced(&log, &evidence, Begin::Allowed)?;
            keys::warn_of_unlocked(app.layout());
            serve(app, &log.municipality, Settings { document_bytes_max }, listen)
        }
        Command::Witness { action: Some(WitnessAction::Key { name, kind, out }), .. } => witness::key(&name, kind, &out),
        Command::Witness { witness, action: None } => witness::serve(&witness),
        Command::LogKey { log, accesses, begin } => witness::log_key(&log, accesses, begin),
        Command::Demo { dir, serve, listen } => demo::run(dir, serve.then_some(listen)),
        Command::Import { log, file } => import_file(&log, &file),
        Command::Cases { log, wish } => cases::run(&log, &wish),
        Command::Board { log, wish } => board::run(&log, &wish),
        Command::Figures { log, wish } => figures::run(&log, &wish),
        Command::Document { action: DocumentAction::File(args) } => document::file(&args),
        Command::Document { action: DocumentAction::Get { log, case, event, out } } => document::get(&log, &case, &event, &out),
        Command::Replay { log, case, known_at, occurred_by, stated, json } => {
            replay::run(&log, &replay::Wish { case, known_at, occurred_by, stated, json })
        }
        Command::Difference { log, case, from, to, views, json } => {
            difference::run(&log, &difference::Wish { case, from, to, views, json })
        }
        Command::Family { log, case, language, child, parent, known_at } => {
            family::run(&log, &family::Wish { case, language, child, parent, known_at })
        }
        Command::Obligations { log, case, known_at, occurred_by, stated, status, json, what_if } => {
            obligations::run(&log, &obligations::Wish { case, known_at, occurred_by, stated, status, json, what_if })
        }
        Command::Rules { action: RulesAction::List { json } } => rules::list(json),
        Command::Rules { action: RulesAction::Activate { log, from, remarks } } => rules::activate(&log, from, remarks.as_deref()),
        Command::Bundle(args) => evidence::bundle(&args),
        Command::Dossier { action } => evidence::dossier(&action),
        Command::Receipt { action } => evidence::receipt(&action),
        Command::Keys { action } => keys::run(&action),
        Command::Repair(args) => repair::run(&args),
        Command::Audit(args) => audit::run(&args),
        Command::Tiles { action: TilesAction::Export { log, dir, blobs, accesses, json } } => {
            let layout = open::layout(&log)?;
            audit::export(&if accesses { layout.accesses() } else { layout }, &dir, blobs, json)
        }
        Command::Schema { action: SchemaAction::Print } => {
            terminal::say(api::schema::sdl().trim_end());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Serves until interrupted, then closes the log.
pub(crate) fn serve(app: Arc<App>, municipality: &str, settings: Settings, listen: SocketAddr) -> Result<ExitCode> {
    let identity = IdentityProvider::Development(open::developer(municipality));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().into_diagnostic()?;
    let served = runtime.block_on(async {
        let stop = stop_signal()?;
        let listening = |address: SocketAddr| {
            terminal::say(&format!(
                "GraphQL on http://{address}/graphql, documents on /documents, evidence on /bundles and /dossiers, tiles on /tiles, \
                 health on /livez and /readyz; Ctrl-C stops"
            ));
        };
        server::serve::serve(Arc::clone(&app), identity, settings, listen, listening, stop).await.into_diagnostic()
    });
    drop(runtime);
    app.close().into_diagnostic().wrap_err("the log could not be closed in order")?;
    served.map(|()| ExitCode::SUCCESS)
}

/// Resolves at an interrupt or when the service manager asks to stop.
pub(crate) fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).into_diagnostic()?;
    let mut terminate = signal(SignalKind::terminate()).into_diagnostic()?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

fn import_file(log: &LogArgs, file: &std::path::Path) -> Result<ExitCode> {
    let text = std::fs::read_to_string(file).into_diagnostic().wrap_err_with(|| format!("cannot read {}", file.display()))?;
    let app = open::open_as(log, Begin::Allowed)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().into_diagnostic()?;
    let bar = terminal::bar("importing", text.lines().count() as u64);
    let imported = runtime.block_on(import::import(&app, &text, None, &bar));
    bar.finish_and_clear();
    app.close().into_diagnostic()?;
    match imported {
        Ok(imported) => {
            terminal::say(&format!("{} commands recorded, {} had been recorded before", imported.recorded, imported.repeated));
            Ok(ExitCode::SUCCESS)
        }
        Err(refused) => {
            terminal::complain_about(&miette::Report::new(refused));
            Ok(ExitCode::from(EXIT_FOUND))
        }
    }
}
