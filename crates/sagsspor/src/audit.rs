//! Auditing a log: the store reads its own frames or tiles are fetched, the independent verifier
//! judges what is in them.

pub(crate) mod args;
mod copy;
mod derived;
mod source;
mod state;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use app::layout::Layout;
use miette::{IntoDiagnostic, Report as Complaint, Result, WrapErr, miette};
use serde_json::json;
use store::disk::RealDisk;
use store::embedded::OpenError;
use store::embedded::read_only::ReadOnly;
use verify::audit::{Checks, Pin, Report, Trust, anchors_of};
use verify::code::{Code, Finding};
use verify::source::{LogSource, SourceError};
use verify::tiles::{Fetch, TileLog};

use crate::cli::EXIT_FOUND;
use crate::{open, terminal};
use args::AuditArgs;
pub(crate) use copy::{Judged, TileCopy, check_copy};
use derived::Derived;
use source::{FetchError, Journal, Tiles};

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
    Wrong { code: String, message: String, meaning: &'static str },
}

impl From<Finding> for Outcome {
    fn from(finding: Finding) -> Self {
        Self::Wrong { code: finding.code.to_string(), message: finding.to_string(), meaning: finding.code.explain() }
    }
}

fn no_checkpoint() -> Finding {
    Finding { code: Code::CheckpointMissing, index: None, detail: "no checkpoint is stored".to_owned() }
}

/// Whether the ciphertexts were exported as well, up to the size that the checkpoint names.
fn has_blobs(tiles: &Tiles, note: &str) -> Result<bool, FetchError> {
    let size = note.lines().nth(1).and_then(|size| size.parse().ok()).unwrap_or(u64::MAX);
    TileLog::new(tiles, size, [0; 32]).has_blobs()
}

fn checks(blobs: bool) -> Checks {
    Checks { signatures: true, blobs, threads: std::thread::available_parallelism().map_or(1, usize::from) }
}

/// Audits a source up to its checkpoint and beyond.
fn judge<S: LogSource>(
    title: &'static str,
    source: impl FnOnce(u64, [u8; 32]) -> S,
    note: Option<&str>,
    trust: Trust,
    blobs: bool,
    kept: Option<&Path>,
) -> Result<Result<Clean, SourceError<S::Error>>> {
    let (mut auditor, mut keeper) = state::take_up(kept, trust, checks(blobs))?;
    let announced = note.ok_or_else(no_checkpoint).and_then(|note| auditor.expect(note));
    let size = match announced {
        Ok(size) => size,
        Err(finding) => return Ok(Err(finding.into())),
    };
    let root = auditor.expected().map_or([0; 32], |(_, root)| root);
    let bar = terminal::bar(title, size);
    let read = auditor.read(&source(size, root), &mut |auditor| {
        bar.set_position(auditor.size());
        keeper.watch(auditor, size);
    });
    bar.finish_and_clear();
    if let Err(error) = read {
        return Ok(Err(error));
    }
    match auditor.finish() {
        Ok(report) => Ok(Ok(Clean { report, state: keeper.finish()?, derived: Derived::default() })),
        Err(finding) => Ok(Err(finding.into())),
    }
}

/// Audits the log in a directory.
pub(crate) fn check(dir: &Path, trust: &Trust, kept: Option<&Path>) -> Result<Outcome> {
    let log = match ReadOnly::open(Arc::new(RealDisk::default()), dir) {
        Ok(log) => log.judging(),
        Err(error) => return damaged(error),
    };
    let note = log.checkpoint().map(|checkpoint| checkpoint.note.clone());
    match judge("auditing", |_, _| Journal(log), note.as_deref(), trust.clone(), true, kept)? {
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
    matches!(outcome, Outcome::Wrong { code, .. } if codes.iter().any(|explained| explained.to_string() == *code))
}

/// Audits a log in tiles, with its ciphertexts where they are there and asked for. Where it is
/// served, what an erasure may explain is only told when the log has not gone on meanwhile.
fn check_tiles(tiles: &Tiles, trust: &Trust, kept: Option<&Path>, ciphertexts: bool) -> Result<Outcome> {
    let checkpoint = || tiles.fetch("checkpoint").map_err(|error| unreadable(tiles, error));
    let mut found = checkpoint()?;
    let mut attempt = 1;
    loop {
        let Some(note) = found else { return Ok(no_checkpoint().into()) };
        let outcome = check_up_to(tiles, trust, kept, ciphertexts, &String::from_utf8_lossy(&note))?;
        if attempt == ATTEMPTS || !matches!(tiles, Tiles::Url { .. }) || !may_be_erased(&outcome) {
            return Ok(outcome);
        }
        let newer = checkpoint()?;
        if newer.as_ref() == Some(&note) {
            return Ok(outcome);
        }
        (found, attempt) = (newer, attempt + 1);
    }
}

/// Audits tiles up to a checkpoint.
fn check_up_to(tiles: &Tiles, trust: &Trust, kept: Option<&Path>, ciphertexts: bool, note: &str) -> Result<Outcome> {
    let unreadable = |error| unreadable(tiles, error);
    let blobs = ciphertexts && has_blobs(tiles, note).map_err(unreadable)?;
    let source = |size, root| {
        let log = TileLog::new(tiles, size, root);
        if blobs { log.with_blobs() } else { log }
    };
    match judge("auditing tiles", source, Some(note), trust.clone(), blobs, kept)? {
        Ok(clean) => Ok(Outcome::Clean(Box::new(clean))),
        Err(SourceError::Finding(finding)) => Ok(finding.into()),
        Err(SourceError::Read(error)) => Err(unreadable(error)),
    }
}

/// Damage in a frame is a finding; a disk that does not answer is not.
fn damaged(error: OpenError) -> Result<Outcome> {
    if matches!(error, OpenError::Corrupt { what, .. } if what.starts_with("COMMAND_ROWS")) {
        let meaning = "Which commands a commit carried out was changed: a command that is sent again may be recorded twice.";
        return Ok(Outcome::Wrong { code: "COMMAND_ROWS".to_owned(), message: error.to_string(), meaning });
    }
    if matches!(error, OpenError::Corrupt { .. }) {
        let meaning = "A stored file is damaged, so that what it held cannot be read.";
        return Ok(Outcome::Wrong { code: "STORE_CORRUPT".to_owned(), message: error.to_string(), meaning });
    }
    Err(error).into_diagnostic().wrap_err("cannot read the log")
}

fn pin(text: &str) -> Result<Pin> {
    let malformed = || miette!("--pin must be SIZE:HEX, a size and a root of 64 hexadecimal digits");
    let (size, root) = text.split_once(':').ok_or_else(malformed)?;
    let digits: Option<Vec<u8>> = (0..root.len()).step_by(2).map(|at| u8::from_str_radix(root.get(at..at + 2)?, 16).ok()).collect();
    let root = digits.and_then(|digits| digits.try_into().ok()).ok_or_else(malformed)?;
    Ok(Pin { size: size.parse().map_err(|_| malformed())?, root, by: "--pin".to_owned() })
}

/// What the newest heads entry of a log says of its sister. Whether that entry is genuine is found
/// when its own log is audited; where it cannot be read, that audit says so.
fn said_by(layout: &Layout) -> Vec<Pin> {
    let log = ReadOnly::open(Arc::new(RealDisk::default()), &layout.log_dir());
    let newest = log.and_then(|log| log.last_checkpointed()).ok().flatten();
    let (by, of) = (layout.origin(), layout.sister().origin());
    let anchors = newest.map(|entry| anchors_of(&entry)).unwrap_or_default();
    let of_sister = anchors.into_iter().filter(|anchor| anchor.origin == of);
    of_sister.map(|anchor| Pin { size: anchor.size, root: anchor.root, by: by.clone() }).collect()
}

/// The readable report.
pub(crate) fn lines(clean: &Clean) -> Vec<String> {
    let report = &clean.report;
    let mut lines = vec![
        "OK: nothing was altered, removed, reordered or added unseen".to_owned(),
        format!("  entries      {:>8}  ({} events in {} streams)", report.entries, report.events, report.streams),
        format!("  ciphertexts  {:>8}", report.blobs),
        format!("  bytes hashed {:>8}", report.bytes),
        format!("  checkpoint   {:>8}  root {}", report.checkpoint_size, report.root),
    ];
    if report.before > 0 {
        lines.push(format!("  of these     {:>8}  checked by an earlier audit, whose state was taken up", report.before));
    }
    for anchor in &report.anchors {
        lines.push(format!("  anchors      {:>8}  entries of {}", anchor.size, anchor.origin));
    }
    if report.tail > 0 {
        lines.push(format!("  behind it    {:>8}  checked, not vouched for yet", report.tail));
    }
    for hole in &report.holes {
        let what = hole.values.map_or_else(|| "erased".to_owned(), |values| format!("{values} value(s) erased"));
        lines.push(format!("  hole: stream {} event {} part {}: {what} by entry {}", hole.stream, hole.seq, hole.part, hole.erased_by));
    }
    lines.extend(clean.derived.lines.iter().cloned());
    if let Some(bytes) = clean.state {
        lines.push(format!("  state        {bytes:>8}  bytes written, for the next audit"));
    }
    lines.extend(report.notes.iter().chain(&clean.derived.notes).map(|note| format!("  note: {note}")));
    for (code, what) in &clean.derived.wrong {
        lines.push(format!("FAIL {code}: {what}\n  {}", derived::meaning(code)));
    }
    lines
}

/// Audits tiles, or the case log and behind it the access log where there is one. Pin and verifier
/// key that are given are those of the tiles, or of the case log. Each of the two logs must hold what
/// the other says of it.
pub(crate) fn run(args: &AuditArgs) -> Result<ExitCode> {
    let mut pins = Vec::from_iter(args.pin.as_deref().map(pin).transpose()?);
    let kept = args.state.as_deref();
    let remote = args.url.as_deref().map(Tiles::at).or_else(|| args.tiles.clone().map(Tiles::Dir));
    if let (Some(tiles), Some(log_key)) = (&remote, &args.log_key) {
        let origin = log_key.split('+').next().unwrap_or_default().to_owned();
        let trust = Trust { origin, log_key: log_key.clone(), pins };
        let outcome = check_tiles(tiles, &trust, kept, !args.entries_only)?;
        return Ok(exit(tell(&trust.origin, &outcome, args.json)));
    }
    if args.entries_only {
        return Err(miette!("--entries-only is for tiles: give --tiles or --url as well"));
    }
    let layout = open::layout(&args.log)?;
    if args.log_key.is_none() {
        terminal::complain("note: the verifier key was taken from beside the log; give --log-key from elsewhere to prove more");
    }
    let log_key = args.log_key.clone().map_or_else(|| open::read_log_key(&layout), Ok)?;
    let accesses = layout.accesses();
    pins.extend(said_by(&accesses));
    let trust = Trust { origin: layout.origin(), log_key, pins };
    let outcome = with_derived(check(&layout.log_dir(), &trust, kept)?, &layout, args.lists)?;
    let mut good = tell(&trust.origin, &outcome, args.json);
    if accesses.log_dir().exists() {
        let trust = Trust { origin: accesses.origin(), log_key: open::read_log_key(&accesses)?, pins: said_by(&layout) };
        let kept = kept.map(|path| path.with_added_extension("adgang"));
        let outcome = with_derived(check(&accesses.log_dir(), &trust, kept.as_deref())?, &accesses, args.lists)?;
        good &= tell(&trust.origin, &outcome, args.json);
    }
    Ok(exit(good))
}

/// Looks at what lies beside a log that is in order; there is no use in it for any other.
fn with_derived(outcome: Outcome, layout: &Layout, lists: bool) -> Result<Outcome> {
    match outcome {
        Outcome::Clean(clean) => {
            let derived = derived::check(layout, clean.report.entries, lists)?;
            Ok(Outcome::Clean(Box::new(Clean { derived, ..*clean })))
        }
        wrong @ Outcome::Wrong { .. } => Ok(wrong),
    }
}

fn exit(good: bool) -> ExitCode {
    if good { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FOUND) }
}

/// Tells what was found in a log; answers whether it is in order.
fn tell(origin: &str, outcome: &Outcome, as_json: bool) -> bool {
    if as_json {
        terminal::say(&as_value(origin, outcome).to_string());
    } else {
        match outcome {
            Outcome::Clean(clean) => lines(clean).iter().for_each(|line| terminal::say(line)),
            Outcome::Wrong { message, meaning, .. } => terminal::say(&format!("FAIL {message}\n  {meaning}")),
        }
    }
    matches!(outcome, Outcome::Clean(clean) if clean.derived.wrong.is_empty())
}

/// Exports a log as tiles.
pub(crate) fn export(layout: &Layout, dir: &Path, blobs: bool, as_json: bool) -> Result<ExitCode> {
    let bar = std::cell::OnceCell::new();
    let mut progress = |done, total| bar.get_or_init(|| terminal::bar("exporting", total)).set_position(done);
    let exported = app::tiles::export::export(&layout.log_dir(), dir, blobs, &mut progress);
    if let Some(bar) = bar.get() {
        bar.finish_and_clear();
    }
    let done = exported.into_diagnostic().wrap_err_with(|| format!("the export to {} stopped", dir.display()))?;
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

pub(crate) fn as_value(origin: &str, outcome: &Outcome) -> serde_json::Value {
    match outcome {
        Outcome::Clean(clean) => {
            let report = &clean.report;
            let holes: Vec<_> = report
                .holes
                .iter()
                .map(|hole| json!({ "stream": hole.stream, "seq": hole.seq, "part": hole.part, "values": hole.values, "erasedBy": hole.erased_by }))
                .collect();
            let derived: Vec<_> = clean
                .derived
                .wrong
                .iter()
                .map(|(code, what)| json!({ "code": code, "message": what, "meaning": derived::meaning(code) }))
                .collect();
            let anchors: Vec<_> = report.anchors.iter().map(|anchor| json!({ "log": anchor.origin, "size": anchor.size })).collect();
            let notes: Vec<_> = report.notes.iter().chain(&clean.derived.notes).collect();
            json!({
                "ok": derived.is_empty(), "derived": derived, "log": origin, "entries": report.entries, "events": report.events, "streams": report.streams,
                "blobs": report.blobs, "bytes": report.bytes, "checkpoint": report.checkpoint_size, "root": report.root,
                "before": report.before, "tail": report.tail, "stateBytes": clean.state, "holes": holes, "anchors": anchors, "notes": notes,
            })
        }
        Outcome::Wrong { code, message, meaning } => {
            json!({ "ok": false, "log": origin, "code": code, "message": message, "meaning": meaning })
        }
    }
}
