//! Auditing a log: the store reads its own frames or tiles are fetched, the independent verifier
//! judges what is in them.

mod archive;
mod copy;
mod derived;
mod keys;
mod live;
mod source;
mod state;
mod tell;
mod wrong;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use app::layout::Layout;
use miette::{IntoDiagnostic, Report as Complaint, Result, WrapErr, miette};
use serde_json::json;
use store::backend::opening::OpenError;
use store::backend::view::{LogView, Reading};
use verify::audit::{Checks, Pin, Report, Trust};
use verify::code::{Code, Finding};
use verify::position::Size;
use verify::source::{LogSource, SourceError};
use verify::tiles::{Fetch, TileLog};

use crate::cli::audit::AuditArgs;
use crate::text::terminal;
use crate::usage::usage;
use crate::{exit, open};
pub(crate) use copy::{Judged, TileCopy, check_copy};
use derived::Derived;
use keys::VerifierKeys;
use source::{FetchError, Journal, Tiles};
use tell::tell;
pub(crate) use tell::{as_value, lines};
use wrong::Wrong;

/// An audit that found nothing wrong.
pub(crate) struct Clean {
    pub(crate) report: Report,
    /// Bytes of the state that was written.
    state: Option<u64>,
    /// What lies beside a live log.
    derived: Derived,
}

/// What an audit ended in.
pub(crate) enum Outcome {
    Clean(Box<Clean>),
    Wrong { code: Wrong, message: String },
}

/// A log that was audited.
pub(crate) struct Audited {
    pub(crate) origin: String,
    pub(crate) outcome: Outcome,
    /// What was taken on trust or not compared at all, whatever the outcome.
    pub(crate) notes: Vec<String>,
    /// Whether the verifier key came from outside.
    pub(crate) key_given: bool,
}

impl From<Finding> for Outcome {
    fn from(finding: Finding) -> Self {
        Self::Wrong {
            code: Wrong::Found(finding.code),
            message: finding.to_string(),
        }
    }
}

fn no_checkpoint() -> Finding {
    Finding {
        code: Code::CheckpointMissing,
        index: None,
        detail: "no checkpoint is stored".to_owned(),
    }
}

fn checks(blobs: bool) -> Checks {
    Checks {
        signatures: true,
        blobs,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
    }
}

/// Audits a source up to its checkpoint and beyond.
fn judge<S: LogSource>(
    title: &'static str,
    source: impl FnOnce(Size, [u8; 32]) -> S,
    note: Option<&str>,
    trust: Trust,
    blobs: bool,
    kept: Option<&Path>,
    wanted: BTreeSet<Size>,
) -> Result<Result<Clean, SourceError<S::Error>>> {
    let (mut auditor, mut keeper) = state::take_up(kept, trust, checks(blobs))?;
    auditor.want_roots(wanted);
    let announced = note
        .ok_or_else(no_checkpoint)
        .and_then(|note| auditor.expect(note));
    let size = match announced {
        Ok(size) => size,
        Err(finding) => return Ok(Err(finding.into())),
    };
    let root = auditor.expected().map_or([0; 32], |(_, root)| root);
    let bar = terminal::bar(title, size.get());
    let read = auditor.read(&source(size, root), &mut |auditor| {
        bar.set_position(auditor.size().get());
        keeper.watch(auditor, size);
    });
    bar.finish_and_clear();
    if let Err(error) = read {
        return Ok(Err(error));
    }
    match auditor.finish() {
        Ok(report) => Ok(Ok(Clean {
            report,
            state: keeper.finish()?,
            derived: Derived::default(),
        })),
        Err(finding) => Ok(Err(finding.into())),
    }
}

/// Audits the log of a layout as it lies.
pub(crate) fn check_live(layout: &Layout, trust: &Trust, kept: Option<&Path>) -> Result<Outcome> {
    let reading = Reading {
        checks_commands: true,
        ..Reading::default()
    };
    check(
        layout.backend().read_only(&layout.name(), reading),
        trust,
        kept,
    )
}

/// Audits a log, as reading it began.
pub(crate) fn check(
    read: Result<Option<Box<dyn LogView>>, OpenError>,
    trust: &Trust,
    kept: Option<&Path>,
) -> Result<Outcome> {
    let log = match read {
        Ok(Some(log)) => log,
        Ok(None) => return Err(miette!("there is no log").wrap_err("cannot read the log")),
        Err(error) => return damaged(error),
    };
    let note = log.checkpoint().map(|checkpoint| checkpoint.note.clone());
    let archived = archive::sizes(&*log);
    match judge(
        "auditing",
        |_, _| Journal(log),
        note.as_deref(),
        trust.clone(),
        true,
        kept,
        archived,
    )? {
        Ok(clean) => Ok(Outcome::Clean(Box::new(clean))),
        Err(SourceError::Finding(finding)) => Ok(finding.into()),
        Err(SourceError::Read(error)) => damaged(error),
    }
}

fn unreadable(tiles: &Tiles, error: FetchError) -> Complaint {
    Complaint::from_err(error).wrap_err(format!("cannot read the log at {}", tiles.place()))
}

/// A log that is served goes on: ciphertexts may be erased behind the checkpoint that is audited.
const ATTEMPTS: u32 = 3;

/// Whether an erasure while the audit ran may explain it.
fn may_be_erased(outcome: &Outcome) -> bool {
    let codes = [Code::BlobMissing, Code::BlobHash, Code::ErasedButPresent];
    matches!(outcome, Outcome::Wrong { code: Wrong::Found(code), .. } if codes.contains(code))
}

/// Audits a log in tiles, with its ciphertexts where they are there and asked for. Where it is
/// served, what an erasure may explain is only told when the log has not gone on meanwhile.
fn check_tiles(
    tiles: &Tiles,
    trust: &Trust,
    kept: Option<&Path>,
    ciphertexts: bool,
) -> Result<Outcome> {
    let checkpoint = || -> Result<std::result::Result<Option<Vec<u8>>, Outcome>> {
        tiles
            .fetch("checkpoint")
            .map(Ok)
            .or_else(|error| unread(tiles, error).map(Err))
    };
    let mut found = match checkpoint()? {
        Ok(found) => found,
        Err(odd) => return Ok(odd),
    };
    let mut attempt = 1;
    loop {
        let Some(note) = found else {
            return Ok(no_checkpoint().into());
        };
        let outcome = check_up_to(
            tiles,
            trust,
            kept,
            ciphertexts,
            &String::from_utf8_lossy(&note),
        )?;
        if attempt == ATTEMPTS || !matches!(tiles, Tiles::Url { .. }) || !may_be_erased(&outcome) {
            return Ok(outcome);
        }
        let Ok(newer) = checkpoint()? else {
            return Ok(outcome);
        };
        if newer.as_ref() == Some(&note) {
            return Ok(outcome);
        }
        (found, attempt) = (newer, attempt + 1);
    }
}

/// Audits tiles up to a checkpoint.
fn check_up_to(
    tiles: &Tiles,
    trust: &Trust,
    kept: Option<&Path>,
    ciphertexts: bool,
    note: &str,
) -> Result<Outcome> {
    let source = |size, root| {
        let log = TileLog::new(tiles, size, root);
        if ciphertexts { log.with_blobs() } else { log }
    };
    // The size is not proven yet; it is when all entries are read.
    let size = note
        .lines()
        .nth(1)
        .and_then(|size| size.parse().ok())
        .map_or(Size::EMPTY, Size::new);
    let told = if ciphertexts {
        TileLog::new(tiles, size, [0; 32]).check_blobs()
    } else {
        Ok(())
    };
    let audited = match told {
        Ok(()) => judge(
            "auditing tiles",
            source,
            Some(note),
            trust.clone(),
            ciphertexts,
            kept,
            BTreeSet::new(),
        )?,
        Err(error) => Err(error),
    };
    match audited {
        Ok(clean) => Ok(Outcome::Clean(Box::new(clean))),
        Err(SourceError::Finding(finding)) => Ok(finding.into()),
        Err(SourceError::Read(error)) => unread(tiles, error),
    }
}

/// What lies in the place of a file and is none is a finding; a medium that does not answer is not.
fn unread(tiles: &Tiles, error: FetchError) -> Result<Outcome> {
    match error.odd() {
        Some(what) => Ok(Finding {
            code: Code::TileFormat,
            index: None,
            detail: what,
        }
        .into()),
        None => Err(unreadable(tiles, error)),
    }
}

/// Damage in a frame is a finding; a disk that does not answer is not.
fn damaged(error: OpenError) -> Result<Outcome> {
    let OpenError::Corrupt { what, .. } = &error else {
        return Err(error).into_diagnostic().wrap_err("cannot read the log");
    };
    let code = if what.starts_with(Wrong::CommandRows.as_str()) {
        Wrong::CommandRows
    } else {
        Wrong::StoreCorrupt
    };
    Ok(Outcome::Wrong {
        code,
        message: error.to_string(),
    })
}

/// Reads SIZE:HEX.
pub(crate) fn pin(option: &'static str, text: &str) -> Result<Pin> {
    let malformed = || {
        usage(format!(
            "{option} must be SIZE:HEX, a size and a root of 64 hexadecimal digits"
        ))
    };
    let (size, root) = text.split_once(':').ok_or_else(malformed)?;
    let digits: Option<Vec<u8>> = (0..root.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(root.get(at..at + 2)?, 16).ok())
        .collect();
    let root = digits
        .and_then(|digits| digits.try_into().ok())
        .ok_or_else(malformed)?;
    Ok(Pin {
        size: size.parse().map(Size::new).map_err(|_| malformed())?,
        root,
        by: option.to_owned(),
    })
}

/// Audits tiles, or the case log and the access log behind it. Each of the two must be there when
/// the other names it, and hold what the other says of it.
pub(crate) fn run(args: &AuditArgs) -> Result<ExitCode> {
    let pins = Vec::from_iter(
        args.pin
            .as_deref()
            .map(|text| pin("--pin", text))
            .transpose()?,
    );
    let given = VerifierKeys::given("--log-key", &args.log_key)?;
    let remote = args
        .url
        .as_deref()
        .map(Tiles::at)
        .or_else(|| args.tiles.clone().map(Tiles::Dir));
    let audited = match (&remote, given) {
        (Some(tiles), Some(keys)) => {
            let origin = keys.origin().to_owned();
            let outcome = check_tiles(
                tiles,
                &keys.trust(&origin, pins),
                args.state.as_deref(),
                !args.entries_only,
            )?;
            vec![Audited {
                origin,
                outcome,
                notes: keys.notes(),
                key_given: true,
            }]
        }
        (Some(_), None) => {
            return Err(usage(
                "tiles are audited with a key from elsewhere: give --log-key",
            ));
        }
        (None, _) if args.entries_only => {
            return Err(usage(
                "--entries-only is for tiles: give --tiles or --url as well",
            ));
        }
        (None, given) => live::run(args, given, pins)?,
    };
    let mut good = true;
    for audited in &audited {
        good &= tell(audited, args.json);
    }
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(exit::FOUND)
    })
}

/// The log of a layout, which must be there, as it lies.
fn read(layout: &Layout) -> Result<Box<dyn LogView>> {
    let log = layout
        .backend()
        .read_only(&layout.name(), Reading::default())
        .into_diagnostic()?;
    log.ok_or_else(|| miette!("there is no log in {}", layout.places().log))
}

/// Exports a log as tiles.
pub(crate) fn export(layout: &Layout, dir: &Path, blobs: bool, as_json: bool) -> Result<ExitCode> {
    open::existing(layout)?;
    let log = read(layout)?;
    let bar = std::cell::OnceCell::new();
    let mut progress = |done, total| {
        bar.get_or_init(|| terminal::bar("exporting", total))
            .set_position(done)
    };
    let exported = app::evidence::tiles::export::export(&*log, dir, blobs, &mut progress);
    if let Some(bar) = bar.get() {
        bar.finish_and_clear();
    }
    let done = exported
        .into_diagnostic()
        .wrap_err_with(|| format!("the export to {} stopped", dir.display()))?;
    let line = if as_json {
        json!({ "log": layout.origin(), "size": done.size, "written": done.written, "kept": done.kept, "removed": done.removed, "bytes": done.bytes })
            .to_string()
    } else {
        format!(
            "{} entries of {} in {}: {} files written ({} bytes), {} kept, {} taken away",
            done.size,
            layout.origin(),
            dir.display(),
            done.written,
            done.bytes,
            done.kept,
            done.removed
        )
    };
    terminal::say(&line);
    Ok(ExitCode::SUCCESS)
}
