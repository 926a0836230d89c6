//! Filing a document from a file, and writing one to a file.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use api::rest::documents::{answer, order, stream};
use api::rest::outcome::{Outcome, refused};
use app::commands::document::OpenDocument;
use app::entropy::random_uuid;
use app::session::Session;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use serde_json::Value;

use crate::cli::document::FileArgs;
use crate::cli::log::LogArgs;
use crate::text::terminal;
use crate::text::user_errors::{UserError, user_errors};
use crate::unfinished::{Unfinished, absent};
use crate::{exit, open};

/// The name that a file has in its folder, where it can be recorded.
fn own_name(path: &Path) -> Option<String> {
    path.file_name()
        .and_then(|name| name.to_str())
        .map(str::to_owned)
}

/// What is said of the document, as a request would say it.
fn parameters(args: &FileArgs) -> Vec<(String, String)> {
    let command = args
        .command_id
        .clone()
        .unwrap_or_else(|| random_uuid().to_string());
    let given = [
        ("commandId", Some(command)),
        ("title", Some(args.title.clone())),
        ("occurred", Some(args.occurred.clone())),
        ("about", args.about.clone()),
        ("direction", args.direction.clone()),
        ("docDate", args.doc_date.clone()),
        (
            "fileName",
            args.file_name.clone().or_else(|| own_name(&args.file)),
        ),
    ];
    given
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

/// Says why a document was not filed, by rule and field.
fn complain(body: &Value) {
    for UserError {
        rule,
        field,
        message,
    } in user_errors(body)
    {
        terminal::complain(&format!("refused: {rule}, field {field}: {message}"));
    }
}

pub(crate) fn file(args: &FileArgs) -> Result<ExitCode> {
    let named = || args.file.display().to_string();
    let source = File::open(&args.file)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read {}", named()))?;
    let size = source
        .metadata()
        .into_diagnostic()
        .wrap_err_with(named)?
        .len();
    let case = stream(&args.log.municipality, &args.case)
        .ok_or_else(|| miette!("{} is no id of a case or notification", args.case))?;
    let order = match order(
        case,
        &parameters(args),
        args.media_type.clone(),
        args.document_bytes_max,
    ) {
        Ok(order) => order,
        Err(error) => {
            complain(&refused(error).body);
            return Ok(ExitCode::from(exit::FOUND));
        }
    };
    let operator = open::open(&args.log)?;
    let bar = terminal::bytes_bar("filing", Some(size));
    let outcome = operator
        .session(open::developer(&args.log.municipality))
        .file_document(&order, &mut bar.wrap_read(source));
    bar.finish_and_clear();
    operator.close().into_diagnostic()?;
    let answer = answer(outcome);
    match answer.outcome {
        Outcome::Recorded(receipt) => {
            terminal::say(&format!(
                "filed as {} at position {} of the log",
                receipt.event, receipt.index
            ));
            Ok(ExitCode::SUCCESS)
        }
        Outcome::Repeated(receipt) => {
            terminal::say(&format!(
                "had been filed before as {} at position {} of the log",
                receipt.event, receipt.index
            ));
            Ok(ExitCode::SUCCESS)
        }
        Outcome::Refused(_) => {
            complain(&answer.body);
            Ok(ExitCode::from(exit::FOUND))
        }
        Outcome::Failed(code) => {
            let message = answer
                .body
                .pointer("/errors/0/message")
                .and_then(Value::as_str)
                .unwrap_or_default();
            Err(miette!("{message} ({})", code.as_str()))
        }
    }
}

/// Writes every chunk; under its own name only when it is whole and right.
fn write(session: &Session, document: &mut OpenDocument, out: &Path) -> Result<()> {
    let bar = terminal::bytes_bar("writing", Some(document.size));
    let mut unfinished = Unfinished::begin(out)?;
    while let Some(chunk) = session.next_chunk(document).into_diagnostic()? {
        unfinished.file()?.write_all(&chunk).into_diagnostic()?;
        bar.inc(chunk.len() as u64);
    }
    bar.finish_and_clear();
    unfinished.finish()
}

pub(crate) fn get(log: &LogArgs, case: &str, event: &str, out: &Path) -> Result<ExitCode> {
    let nothing = || miette!("there is no document {event} in {case}");
    absent(out)?;
    let stream = stream(&log.municipality, case).ok_or_else(nothing)?;
    let event_id = event.parse().map_err(|_| nothing())?;
    let operator = open::open(log)?;
    let session = operator.session(open::developer(&log.municipality));
    let opened = session.open_document(stream, event_id).into_diagnostic();
    let mut document = opened?.ok_or_else(nothing)?;
    let written = write(&session, &mut document, out);
    operator.close().into_diagnostic()?;
    written.wrap_err_with(|| format!("cannot write {}", out.display()))?;
    terminal::say(&format!(
        "{} bytes, {}, written to {}",
        document.size,
        document.media_type,
        out.display()
    ));
    Ok(ExitCode::SUCCESS)
}
