//! Handing evidence out: bundles, dossiers and receipts.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use app::commands::document::scratch::Scratch;
use app::entropy::random_uuid;
use app::error::RecordError;
use app::evidence::bundle::{BundleOrder, Withheld};
use app::evidence::dossier::{DisclosureError, DisclosureOrder, Withhold};
use app::queries::witnessing::Standing;
use app::session::Session;
use events::access::DisclosureKind;
use events::ids::StreamId;
use events::meta::{Channel, Meta};
use events::text::Short;
use events::time::Occurred;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use record::positions::Size;
use serde_json::json;

use crate::cli::evidence::{BundleArgs, DossierAction, DossierArgs, Kind, ReceiptAction};
use crate::cli::log::LogArgs;
use crate::commands::witness;
use crate::text::terminal;
use crate::unfinished::Unfinished;
use crate::{exit, open};

impl From<Kind> for DisclosureKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::FileAccess => Self::FileAccess,
            Kind::BoardDossier => Self::BoardDossier,
            Kind::Court => Self::Court,
            Kind::Municipality => Self::Municipality,
        }
    }
}

/// Reads what is to be withheld.
fn wishes(path: Option<&Path>) -> Result<Vec<Withhold>> {
    let Some(path) = path else {
        return Ok(Vec::new());
    };
    let named = || path.display().to_string();
    let text = fs::read_to_string(path)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read {}", named()))?;
    serde_json::from_str(&text)
        .into_diagnostic()
        .wrap_err_with(|| {
            format!(
                "{}: what is withheld must name stream, event, class, section and reason",
                named()
            )
        })
}

fn stream(log: &LogArgs, id: &str) -> Result<StreamId> {
    api::rest::documents::stream(&log.municipality, id)
        .or_else(|| id.parse().ok())
        .ok_or_else(|| miette!("{id} is no id of a case, a notification or a person"))
}

/// Tells a refusal by rule and field; passes on what failed.
fn refused(error: &RecordError) -> Option<ExitCode> {
    let RecordError::Refused(refusal) = error else {
        return None;
    };
    terminal::complain(&format!("refused: {refusal}"));
    Some(ExitCode::from(exit::FOUND))
}

pub(crate) fn bundle(args: &BundleArgs) -> Result<ExitCode> {
    let stream = stream(&args.hand_out.log, &args.case)?;
    let wishes = wishes(args.hand_out.redact.as_deref())?;
    let mut out = Unfinished::begin(&args.hand_out.out)?;
    let (operator, shown) = witness::open_to_hand_out(&args.hand_out)?;
    let session = operator.session(open::developer(&args.hand_out.log.municipality));
    let written = write_bundle(session, args, stream, &wishes, &mut out);
    drop(shown);
    operator.close().into_diagnostic()?;
    written
}

fn write_bundle(
    session: Session,
    args: &BundleArgs,
    stream: StreamId,
    wishes: &[Withhold],
    out: &mut Unfinished,
) -> Result<ExitCode> {
    let (session, stream) = if args.accesses {
        session.accesses_of(stream).into_diagnostic()?
    } else {
        (session, stream)
    };
    let resolved = match session.resolve_withheld(wishes) {
        Ok(resolved) => resolved,
        Err(error) => return refused(&error).map_or_else(|| Err(error).into_diagnostic(), Ok),
    };
    let none = Withheld::default();
    let withheld = resolved.streams.get(&stream).unwrap_or(&none);
    if let Some(other) = resolved.streams.keys().find(|other| **other != stream) {
        return Err(miette!(
            "what is withheld names the stream {other}, which is not in this bundle"
        ));
    }
    let pinned: Vec<Size> = args.pinned.iter().copied().map(Size::new).collect();
    let order = BundleOrder {
        stream,
        withheld,
        documents: args.hand_out.documents,
        pinned: &pinned,
    };
    let report = session
        .bundle(&order, Duration::from_secs(args.hand_out.wait), out.file()?)
        .into_diagnostic()?;
    out.finish()?;
    let size = fs::metadata(&args.hand_out.out).into_diagnostic()?.len();
    terminal::say(&format!(
        "{}: {} events, {} values withheld, {} documents, {size} bytes",
        args.hand_out.out.display(),
        report.events,
        report.withheld,
        report.documents
    ));
    terminal::say(&vouched(report.size, report.witnessed));
    Ok(ExitCode::SUCCESS)
}

fn vouched(size: Size, witnessed: bool) -> String {
    let by = if witnessed {
        "cosigned by witnesses"
    } else {
        "signed by the log only: no witness vouches for it"
    };
    format!("proven against the checkpoint of size {size}, {by}")
}

pub(crate) fn dossier(action: &DossierAction) -> Result<ExitCode> {
    match action {
        DossierAction::Make(args) => make(args),
        DossierAction::Suggest { log, case } => {
            let case = stream(log, case)?;
            let operator = open::open(log)?;
            let found = operator
                .session(open::developer(&log.municipality))
                .suggest_withholding(case)
                .into_diagnostic();
            operator.close().into_diagnostic()?;
            terminal::say(&serde_json::to_string_pretty(&found?).into_diagnostic()?);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn order(args: &DossierArgs, now: jiff::Timestamp) -> Result<DisclosureOrder> {
    let command = args
        .command_id
        .clone()
        .unwrap_or_else(|| random_uuid().to_string());
    Ok(DisclosureOrder {
        command: command
            .parse()
            .map_err(|_| miette!("--command-id {command} is no id of a command"))?,
        case: stream(&args.hand_out.log, &args.case)?,
        meta: Meta {
            channel: Some(Channel::System),
            ..Meta::at(Occurred::At(now))
        },
        kind: args.kind.into(),
        request: args
            .request
            .as_ref()
            .map(|id| {
                id.parse()
                    .map_err(|_| miette!("--request {id} is no id of an event"))
            })
            .transpose()?,
        recipient: Short::new(args.recipient.clone())
            .into_diagnostic()
            .wrap_err("--recipient")?,
        recipient_person: None,
        withhold: wishes(args.hand_out.redact.as_deref())?,
        documents: args.hand_out.documents,
        wait: Duration::from_secs(args.hand_out.wait),
    })
}

fn make(args: &DossierArgs) -> Result<ExitCode> {
    let mut out = Unfinished::begin(&args.hand_out.out)?;
    let (operator, shown) = witness::open_to_hand_out(&args.hand_out)?;
    let order = order(args, operator.public_log().now())?;
    let folder = args
        .hand_out
        .out
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."))
        .to_owned();
    let mut scratch = || tempfile::tempfile_in(&folder).map(Scratch::over);
    let made = operator
        .session(open::developer(&args.hand_out.log.municipality))
        .disclose(&order, out.file()?, &mut scratch);
    drop(shown);
    operator.close().into_diagnostic()?;
    let made = match made {
        Ok(made) => made,
        Err(error @ DisclosureError::CarriedOut(_)) => {
            terminal::complain(&format!(
                "refused: {error}; another file needs another --command-id"
            ));
            return Ok(ExitCode::from(exit::FOUND));
        }
        Err(DisclosureError::Record(error)) => {
            return refused(&error).map_or_else(|| Err(error).into_diagnostic(), Ok);
        }
        Err(error) => return Err(error).into_diagnostic(),
    };
    out.finish()?;
    terminal::say(&format!(
        "{}: {} bundles, {} bytes, SHA-256 {}",
        args.hand_out.out.display(),
        made.bundles.len(),
        made.bytes,
        made.sha256
    ));
    if let Some((_, report)) = made.bundles.first() {
        terminal::say(&vouched(report.size, report.witnessed));
    }
    for pin in &made.pins {
        terminal::say(&format!(
            "pinned to the {} at position {}",
            if pin.complaint {
                "complaint"
            } else {
                "decision"
            },
            pin.index
        ));
    }
    for kind in &made.missing {
        terminal::complain(&format!(
            "note: the Appeals Board is always sent this, and the case does not hold it: {}",
            json!(kind).as_str().unwrap_or_default()
        ));
    }
    if let Some(receipt) = made.recording.receipts.first() {
        terminal::say(&format!(
            "recorded as {} at position {} of the log",
            receipt.event, receipt.index
        ));
    }
    Ok(ExitCode::SUCCESS)
}

const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Recorded => "recorded; no checkpoint covers it yet",
        Standing::Checkpointed => "checkpointed by the log; no witness has cosigned it yet",
        Standing::Witnessed => "cosigned by witnesses",
        Standing::TimeStamped => "cosigned by witnesses and dated by an outside authority",
    }
}

pub(crate) fn receipt(action: &ReceiptAction) -> Result<ExitCode> {
    match action {
        ReceiptAction::Show {
            log,
            case,
            event,
            qr,
        } => {
            let nothing = || miette!("there is no event {event} in {case}");
            let stream = stream(log, case)?;
            let event = event.parse().map_err(|_| nothing())?;
            let operator = open::open(log)?;
            let found = operator
                .session(open::developer(&log.municipality))
                .letter_receipt(stream, event)
                .into_diagnostic();
            operator.close().into_diagnostic()?;
            let receipt = found?.ok_or_else(nothing)?;
            terminal::say(&receipt.text());
            terminal::say(standing(receipt.standing));
            if let Some(path) = qr {
                let svg = receipt.svg().map_err(|error| miette!("{error}"))?;
                fs::write(path, svg)
                    .into_diagnostic()
                    .wrap_err_with(|| format!("cannot write {}", path.display()))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        ReceiptAction::Check { log, receipt } => {
            let operator = open::open(log)?;
            let checked = operator
                .session(open::developer(&log.municipality))
                .check_receipt(receipt)
                .into_diagnostic();
            operator.close().into_diagnostic()?;
            match checked? {
                Ok(held) => {
                    terminal::say(&format!(
                        "OK: the log holds what the receipt vouches for; {}",
                        standing(held.standing)
                    ));
                    Ok(ExitCode::SUCCESS)
                }
                Err(error) => {
                    terminal::say(&format!("FAIL RECEIPT_MISMATCH {error}"));
                    Ok(ExitCode::from(exit::FOUND))
                }
            }
        }
    }
}
