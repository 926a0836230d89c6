//! Auditing a log: the store reads its own frames, the independent verifier judges what is in
//! them.

use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use app::layout::Layout;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use serde_json::json;
use store::disk::RealDisk;
use store::embedded::OpenError;
use store::embedded::read_only::ReadOnly;
use verify::audit::{Report, Trust, audit};
use verify::code::Finding;
use verify::source::{LogSource, RawEntry, SourceError};

use crate::cli::{EXIT_FOUND, LogArgs};
use crate::{open, terminal};

/// The journal as a source of entries.
struct Journal(ReadOnly);

impl LogSource for Journal {
    type Error = OpenError;

    fn for_each(&self, visit: &mut dyn FnMut(RawEntry<'_>) -> Result<(), Finding>) -> Result<(), SourceError<OpenError>> {
        let mut found = None;
        let read = self.0.for_each(&mut |entry| {
            let blobs: Vec<Option<&[u8]>> = entry.blobs.iter().map(Option::as_deref).collect();
            match visit(RawEntry { index: entry.index, bytes: &entry.bytes, blobs: &blobs }) {
                Ok(()) => ControlFlow::Continue(()),
                Err(finding) => {
                    found = Some(finding);
                    ControlFlow::Break(())
                }
            }
        });
        match found {
            Some(finding) => Err(finding.into()),
            None => read.map(|_| ()).map_err(SourceError::Read),
        }
    }
}

/// What an audit ended in.
pub(crate) enum Outcome {
    Clean(Report),
    Wrong { code: String, message: String, meaning: &'static str },
}

/// Audits the log in a directory.
pub(crate) fn check(dir: &Path, trust: &Trust) -> Result<Outcome> {
    let log = match ReadOnly::open(Arc::new(RealDisk::default()), dir) {
        Ok(log) => log,
        Err(error) => return damaged(error),
    };
    let checkpoint = log.checkpoint().cloned();
    let bar = terminal::bar("auditing", checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.size));
    let note = checkpoint.map(|checkpoint| checkpoint.note);
    let outcome = audit(&Journal(log), trust, note.as_deref(), &mut |index, _| bar.set_position(index + 1));
    bar.finish_and_clear();
    match outcome {
        Ok(report) => Ok(Outcome::Clean(report)),
        Err(SourceError::Finding(finding)) => {
            Ok(Outcome::Wrong { code: finding.code.to_string(), message: finding.to_string(), meaning: finding.code.explain() })
        }
        Err(SourceError::Read(error)) => damaged(error),
    }
}

/// Damage in a frame is a finding; a disk that does not answer is not.
fn damaged(error: OpenError) -> Result<Outcome> {
    if matches!(error, OpenError::Corrupt { .. }) {
        let meaning = "A stored file is damaged, so that what it held cannot be read.";
        return Ok(Outcome::Wrong { code: "STORE_CORRUPT".to_owned(), message: error.to_string(), meaning });
    }
    Err(error).into_diagnostic().wrap_err("cannot read the log")
}

fn pin(text: &str) -> Result<(u64, [u8; 32])> {
    let malformed = || miette!("--pin must be SIZE:HEX, a size and a root of 64 hexadecimal digits");
    let (size, root) = text.split_once(':').ok_or_else(malformed)?;
    let digits: Option<Vec<u8>> = (0..root.len()).step_by(2).map(|at| u8::from_str_radix(root.get(at..at + 2)?, 16).ok()).collect();
    let root = digits.and_then(|digits| digits.try_into().ok()).ok_or_else(malformed)?;
    Ok((size.parse().map_err(|_| malformed())?, root))
}

/// The readable report.
pub(crate) fn lines(report: &Report) -> Vec<String> {
    let mut lines = vec![
        "OK: nothing was altered, removed, reordered or added unseen".to_owned(),
        format!("  entries      {:>8}  ({} events in {} streams)", report.entries, report.events, report.streams),
        format!("  ciphertexts  {:>8}", report.blobs),
        format!("  bytes hashed {:>8}", report.bytes),
        format!("  checkpoint   {:>8}  root {}", report.checkpoint_size, report.root),
    ];
    if report.tail > 0 {
        lines.push(format!("  behind it    {:>8}  checked, not vouched for yet", report.tail));
    }
    for hole in &report.holes {
        let what = hole.values.map_or_else(|| "erased".to_owned(), |values| format!("{values} value(s) erased"));
        lines.push(format!("  hole: stream {} event {} part {}: {what} by entry {}", hole.stream, hole.seq, hole.part, hole.erased_by));
    }
    lines.extend(report.notes.iter().map(|note| format!("  note: {note}")));
    lines
}

/// Audits the case log, and behind it the access log where there is one. Pin and verifier key that
/// are given are those of the case log.
pub(crate) fn run(args: &LogArgs, log_key: Option<String>, pinned: Option<&str>, as_json: bool) -> Result<ExitCode> {
    let layout = open::layout(args)?;
    if log_key.is_none() {
        terminal::complain("note: the verifier key was taken from beside the log; give --log-key from elsewhere to prove more");
    }
    let log_key = log_key.map_or_else(|| open::read_log_key(&layout), Ok)?;
    let trust = Trust { origin: layout.origin(), log_key, pin: pinned.map(pin).transpose()? };
    let mut good = tell(&layout, &trust, as_json)?;
    let accesses = layout.accesses();
    if accesses.log_dir().exists() {
        let trust = Trust { origin: accesses.origin(), log_key: open::read_log_key(&accesses)?, pin: None };
        good &= tell(&accesses, &trust, as_json)?;
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::from(EXIT_FOUND) })
}

/// Audits one log and tells what was found; answers whether it is in order.
fn tell(layout: &Layout, trust: &Trust, as_json: bool) -> Result<bool> {
    let outcome = check(&layout.log_dir(), trust)?;
    if as_json {
        terminal::say(&as_value(layout, &outcome).to_string());
    } else {
        match &outcome {
            Outcome::Clean(report) => lines(report).iter().for_each(|line| terminal::say(line)),
            Outcome::Wrong { message, meaning, .. } => terminal::say(&format!("FAIL {message}\n  {meaning}")),
        }
    }
    Ok(matches!(outcome, Outcome::Clean(_)))
}

fn as_value(layout: &Layout, outcome: &Outcome) -> serde_json::Value {
    match outcome {
        Outcome::Clean(report) => {
            let holes: Vec<_> = report
                .holes
                .iter()
                .map(|hole| json!({ "stream": hole.stream, "seq": hole.seq, "part": hole.part, "values": hole.values, "erasedBy": hole.erased_by }))
                .collect();
            json!({
                "ok": true, "log": layout.origin(), "entries": report.entries, "events": report.events, "streams": report.streams,
                "blobs": report.blobs, "bytes": report.bytes, "checkpoint": report.checkpoint_size, "root": report.root,
                "tail": report.tail, "holes": holes, "notes": report.notes,
            })
        }
        Outcome::Wrong { code, message, meaning } => {
            json!({ "ok": false, "log": layout.origin(), "code": code, "message": message, "meaning": meaning })
        }
    }
}
