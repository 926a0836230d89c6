//! Bringing back what a rolled-back log is missing, from a copy that is audited first.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use app::layout::Layout;
use app::operations::repair::copied::{Copied, LogCopy, Piece, TakePiece};
use app::operations::repair::{Known, PIECE, RepairError, Repaired, repair};
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use record::positions::LogIndex;
use serde_json::json;
use store::backend::view::{Archived, LogView};
use store::log_store::{BoxError, CommandRow};
use verify::audit::Trust;

use crate::cli::keys::RepairArgs;
use crate::commands::audit::{self, Judged, Outcome, TileCopy};
use crate::text::terminal;
use crate::{exit, open};

/// Where a copy was found.
enum Found {
    Log(PathBuf),
    Tiles(PathBuf),
}

fn find(layout: &Layout, from: &Path) -> Result<Found> {
    let within = open::backend(from, from).places(&layout.name()).log;
    for dir in [from.to_owned(), within.into()] {
        if dir.join("journal").is_dir() {
            return Ok(Found::Log(dir));
        }
    }
    if from.join("checkpoint").is_file() && from.join("tile").is_dir() {
        return Ok(Found::Tiles(from.to_owned()));
    }
    Err(miette!(
        "{} is neither a data directory with {}, nor the directory of a log, nor one of tiles",
        from.display(),
        layout.origin()
    ))
}

/// An entry of tiles.
struct Held {
    bytes: Vec<u8>,
    blobs: Vec<Option<Vec<u8>>>,
}

/// Entries of tiles, a few at a time.
struct Few {
    first: LogIndex,
    entries: Vec<Held>,
}

impl Piece for Few {
    fn first(&self) -> LogIndex {
        self.first
    }

    fn len(&self) -> usize {
        self.entries.len()
    }

    fn entry(&self, number: usize) -> &[u8] {
        self.entries.get(number).map_or(&[], |held| &held.bytes)
    }

    fn blob_count(&self, number: usize) -> usize {
        self.entries.get(number).map_or(0, |held| held.blobs.len())
    }

    fn blob(&self, number: usize, part: usize) -> Result<Option<Vec<u8>>, BoxError> {
        Ok(self
            .entries
            .get(number)
            .and_then(|held| held.blobs.get(part))
            .cloned()
            .flatten())
    }

    fn commands(&self) -> &[CommandRow] {
        &[]
    }
}

/// At most so many bytes of ciphertexts wait to be written.
const PIECE_BYTES: usize = 4 * 1024 * 1024;

impl Copied for TileCopy {
    fn pieces(&self, take: TakePiece<'_>) -> Result<(), RepairError> {
        let (mut few, mut bytes, mut stopped) = (
            Few {
                first: LogIndex::FIRST,
                entries: Vec::new(),
            },
            0,
            None,
        );
        let read = self.for_each(&mut |entry| {
            let blobs = entry
                .blobs
                .iter()
                .map(|blob| blob.map(<[u8]>::to_vec))
                .collect();
            few.entries.push(Held {
                bytes: entry.bytes.to_vec(),
                blobs,
            });
            bytes += entry.bytes.len()
                + entry
                    .blobs
                    .iter()
                    .flatten()
                    .map(|blob| blob.len())
                    .sum::<usize>();
            if few.entries.len() == PIECE || bytes >= PIECE_BYTES {
                if let Err(error) = take(&few) {
                    stopped = Some(error);
                    return false;
                }
                let held = LogIndex::new(entry.index.get()).size_after(1);
                (few, bytes) = (
                    Few {
                        first: held.next_index(),
                        entries: Vec::new(),
                    },
                    0,
                );
            }
            true
        });
        if let Some(error) = stopped {
            return Err(error);
        }
        read.map_err(RepairError::Copy)?;
        if few.is_empty() { Ok(()) } else { take(&few) }
    }

    fn archived(&self) -> Result<Archived, RepairError> {
        Ok(Archived::default())
    }
}

/// The copy, audited, with its checkpoint.
fn audited(layout: &Layout, found: &Found, trust: &Trust) -> Result<Judged<Box<dyn Copied>>> {
    match found {
        Found::Log(dir) => match audit::check(open::copy(layout, dir), trust, None)? {
            Outcome::Clean(_) => {
                let log: Option<Box<dyn LogView>> = open::copy(layout, dir).into_diagnostic()?;
                let copy = LogCopy::new(log.ok_or_else(|| miette!("the copy is gone"))?);
                let note = copy
                    .note()
                    .ok_or_else(|| miette!("the copy has no checkpoint"))?;
                Ok(Ok((Box::new(copy), note)))
            }
            wrong @ Outcome::Wrong { .. } => Ok(Err(wrong)),
        },
        Found::Tiles(dir) => match audit::check_copy(dir, trust)? {
            Ok((copy, note)) => Ok(Ok((Box::new(copy), note))),
            Err(wrong) => Ok(Err(wrong)),
        },
    }
}

fn same_place(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Checkpoints that are known from elsewhere.
fn known(files: &[PathBuf]) -> Result<Vec<Known>> {
    let mut known = Vec::new();
    for file in files {
        let note = std::fs::read_to_string(file)
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot read {}", file.display()))?;
        known.push(Known {
            by: file.display().to_string(),
            note,
        });
    }
    Ok(known)
}

/// Repairs, with a bar that shows how far it is.
fn repaired(
    layout: &Layout,
    copy: &dyn Copied,
    note: &str,
    log_key: &str,
    known: &[Known],
) -> Result<Repaired> {
    let bar = std::cell::OnceCell::new();
    let mut progress = |done, total| {
        bar.get_or_init(|| terminal::bar("repairing", total))
            .set_position(done)
    };
    let repaired = repair(layout, copy, note, log_key, known, &mut progress);
    if let Some(bar) = bar.get() {
        bar.finish_and_clear();
    }
    repaired
        .into_diagnostic()
        .wrap_err("the log was not repaired")
}

pub(crate) fn run(args: &RepairArgs) -> Result<ExitCode> {
    let layout = open::layout(&args.log)?;
    let layout = if args.accesses {
        layout.accesses()
    } else {
        layout
    };
    let found = find(&layout, &args.from)?;
    if let Found::Log(dir) = &found
        && same_place(dir, Path::new(&layout.places().log))
    {
        return Err(miette!(
            "{} is the log itself; name a copy of it",
            dir.display()
        ));
    }
    let log_key = args
        .log_key
        .clone()
        .map_or_else(|| open::read_log_key(&layout), Ok)?;
    let known = known(&args.checkpoint)?;
    let trust = Trust {
        origin: layout.origin(),
        log_key: log_key.clone(),
        post_quantum_key: None,
        pins: Vec::new(),
    };
    let (copy, note) = match audited(&layout, &found, &trust)? {
        Ok(copy) => copy,
        Err(Outcome::Wrong { code, message }) => {
            terminal::say(&format!(
                "FAIL {message}\n  {}\nThe copy is not in order, so nothing was changed.",
                code.meaning()
            ));
            return Ok(ExitCode::from(exit::FOUND));
        }
        Err(Outcome::Clean(_)) => return Err(miette!("the copy could not be judged")),
    };
    let done = repaired(&layout, &*copy, &note, &log_key, &known)?;
    let outcome = audit::check_live(&layout, &trust, None)?;
    tell(&layout.origin(), &done, &outcome, args.json);
    Ok(if matches!(outcome, Outcome::Clean(_)) {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(exit::FOUND)
    })
}

fn tell(origin: &str, done: &Repaired, outcome: &Outcome, as_json: bool) {
    if as_json {
        let value = json!({
            "log": origin, "held": done.held, "entries": done.entries, "commands": done.commands, "blobs": done.blobs,
            "archived": done.archived, "audit": audit::as_value(origin, outcome),
        });
        terminal::say(&value.to_string());
        return;
    }
    terminal::say(&format!(
        "{origin}: {} entries were there, {} brought back, with {} commands; {} ciphertexts erased or replaced as in the copy; {} archived \
         checkpoints and time stamps",
        done.held, done.entries, done.commands, done.blobs, done.archived
    ));
    match outcome {
        Outcome::Clean(clean) => audit::lines(clean)
            .iter()
            .for_each(|line| terminal::say(line)),
        Outcome::Wrong { code, message } => {
            terminal::say(&format!("FAIL {message}\n  {}", code.meaning()));
        }
    }
}
