//! Bringing back what a rolled-back log is missing, byte for byte, from a copy that was audited.
//!
//! Nothing is invented: entries, ciphertexts and commands are those of the copy. It is refused
//! unless the copy continues what lies here entry by entry, and leads to every checkpoint that is
//! known. What was erased in the copy is erased here as well.

use record::checkpoint::Checkpoint;
use record::hash::Hash;
use record::merkle::{Frontier, leaf_hash};
use record::note::Note;
use record::positions::{LogIndex, Size};
use record::signing::{EventKey, LogVerifier};
use store::archive_link::{self, RecordKind};
use store::backend::opening::OpenError;
use store::backend::view::{Archived, ArchivedRecord, Reading};
use store::key_store::KeyError;
use store::log_store::{
    ArchiveHead, Batch, BlobChange, CommandRow, CommitError, LogStore, NewBlob, NewEntry,
    ReadError as StoreReadError, StoredCheckpoint,
};

use crate::error::{BoxError, ReadError};
use crate::layout::Layout;
use crate::log::rollback_check;
use crate::stores;

pub mod copied;

use self::copied::{Copied, Piece, place};

/// The most entries of a batch that come from a copy without commits of its own: of keys and heads
/// entries a store takes no more at once.
pub const PIECE: usize = 16;

/// A repair was refused, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum RepairError {
    /// The copy has another entry than the log.
    #[error(
        "FORK: entry {index} of the copy is another than the one that lies here; nothing was changed"
    )]
    Differs {
        /// Its index.
        index: LogIndex,
    },
    /// The copy is shorter than what is known of the log.
    #[error(
        "the copy has {size} entries, but {known} are known of the log ({by}); find a newer copy; nothing was changed"
    )]
    TooOld {
        /// Entries of the copy.
        size: Size,
        /// Entries that are known.
        known: Size,
        /// What knows them.
        by: String,
    },
    /// The copy has another past than what is known of the log.
    #[error(
        "FORK: the first {size} entries of the copy are others than those that are known of the log ({by}); nothing was changed"
    )]
    OtherPast {
        /// The size at which the roots differ.
        size: Size,
        /// What knows it.
        by: String,
    },
    /// A checkpoint is not one of this log.
    #[error("the checkpoint of {by} is not one of this log: {why}; nothing was changed")]
    Checkpoint {
        /// Whose it is.
        by: String,
        /// What is wrong.
        why: String,
    },
    /// An entry of the copy cannot be stored.
    #[error("entry {index} of the copy cannot be stored")]
    Entry {
        /// Its index.
        index: LogIndex,
        /// Why.
        #[source]
        source: BoxError,
    },
    /// After the repair the log does not lead to the checkpoint.
    #[error(
        "the repaired log does not lead to the checkpoint of the copy; it goes on being refused"
    )]
    Root,
    /// The log that lies here cannot be read.
    #[error(transparent)]
    Log(#[from] OpenError),
    /// The log that lies here cannot be read.
    #[error("the record could not be read")]
    Read(#[from] ReadError),
    /// The store refused.
    #[error("the store did not take what was missing; run the repair again")]
    Write(#[from] CommitError),
    /// The keys of the log, which sign what is brought back, cannot be opened.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The copy cannot be read.
    #[error("the copy could not be read")]
    Copy(#[source] BoxError),
}

impl From<StoreReadError> for RepairError {
    fn from(error: StoreReadError) -> Self {
        Self::Read(error.into())
    }
}

/// What must be true of a copy before anything is changed.
#[derive(Debug, Clone)]
pub struct Known {
    /// Who knows it, in words.
    pub by: String,
    /// The signed checkpoint.
    pub note: String,
}

/// What a repair did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Entries that had been there.
    pub held: Size,
    /// Entries that were brought back.
    pub entries: u64,
    /// Commands that were brought back with them.
    pub commands: u64,
    /// Ciphertexts that were erased or replaced in the copy, and now are here.
    pub blobs: u64,
    /// Archived checkpoints and time stamps that were brought back.
    pub archived: u64,
}

/// A size and a root that the copy must have.
struct Demand {
    by: String,
    checkpoint: Checkpoint,
}

fn demand(known: &Known, key: &LogVerifier) -> Result<Demand, RepairError> {
    let wrong = |why: String| RepairError::Checkpoint {
        by: known.by.clone(),
        why,
    };
    // A witness shows its own lines as well, so that only the log's is looked at.
    let note = Note::parse(&known.note).map_err(|error| wrong(error.to_string()))?;
    let checkpoint =
        Checkpoint::verify(&note.text(), key).map_err(|error| wrong(error.to_string()))?;
    Ok(Demand {
        by: known.by.clone(),
        checkpoint,
    })
}

/// A copy that a witness keeps bears its line as well; the checkpoint of a log has the log's lines.
fn own_lines(note: &str, origin: &str) -> String {
    let Ok(mut parsed) = Note::parse(note) else {
        return note.to_owned();
    };
    parsed.lines.retain(|line| line.name == origin);
    parsed.text()
}

/// The log that lies here, as far as it goes.
struct Here {
    leaves: Vec<Hash>,
    checkpoint: Option<StoredCheckpoint>,
}

fn here(layout: &Layout) -> Result<Here, RepairError> {
    let reading = Reading {
        behind: true,
        ..Reading::default()
    };
    let Some(log) = layout.backend().read_only(&layout.name(), reading)? else {
        // Nothing at all is the oldest copy there is.
        return Ok(Here {
            leaves: Vec::new(),
            checkpoint: None,
        });
    };
    let mut leaves = Vec::new();
    log.for_each_bare(&mut |entry| {
        leaves.push(leaf_hash(&entry.bytes));
        std::ops::ControlFlow::Continue(())
    })?;
    Ok(Here {
        leaves,
        checkpoint: log.checkpoint().cloned(),
    })
}

/// Reads the copy once: it must continue what lies here, and meet every demand. Answers its size.
fn judge(copy: &dyn Copied, here: &Here, mut demands: Vec<Demand>) -> Result<Size, RepairError> {
    demands.sort_by_key(|demand| demand.checkpoint.size);
    let mut open = demands.into_iter().peekable();
    let mut frontier = Frontier::new();
    let mut size = Size::EMPTY;
    copy.pieces(&mut |piece| {
        for number in 0..piece.len() {
            let leaf = leaf_hash(piece.entry(number));
            let index = size.next_index();
            let known = index.offset().and_then(|place| here.leaves.get(place));
            if known.is_some_and(|known| *known != leaf) {
                return Err(RepairError::Differs { index });
            }
            frontier.push(leaf);
            size = size.grown();
            while let Some(met) = open.next_if(|demand| demand.checkpoint.size == size) {
                if frontier.root() != met.checkpoint.root {
                    return Err(RepairError::OtherPast { size, by: met.by });
                }
            }
        }
        Ok(())
    })?;
    match open.next() {
        Some(unmet) => Err(RepairError::TooOld {
            size,
            known: unmet.checkpoint.size,
            by: unmet.by,
        }),
        None => Ok(size),
    }
}

/// Entries that are there already may have ciphertexts that were erased or replaced since.
fn bring_up(
    log: &dyn LogStore,
    piece: &dyn Piece,
    number: usize,
    done: &mut Repaired,
) -> Result<(), RepairError> {
    let index = place(piece, number);
    let mut changes = Vec::new();
    for part in 0..piece.blob_count(number) {
        let part_number = u16::try_from(part).map_err(|error| RepairError::Entry {
            index,
            source: error.into(),
        })?;
        let Some(held) = log.blob(index, part_number)? else {
            continue;
        };
        let blob = piece.blob(number, part).map_err(RepairError::Copy)?;
        if blob.as_ref() != Some(&held) {
            changes.push(BlobChange {
                index,
                part: part_number,
                blob,
            });
        }
    }
    done.blobs += changes.len() as u64;
    if !changes.is_empty() {
        log.change_blobs(&changes)?;
    }
    Ok(())
}

/// Commits the entries of a piece from `from` on.
fn bring_back(
    log: &dyn LogStore,
    piece: &dyn Piece,
    from: usize,
    key: &EventKey,
    done: &mut Repaired,
) -> Result<(), RepairError> {
    let first = place(piece, from);
    let (mut entries, mut erased) = (Vec::new(), Vec::new());
    for number in from..piece.len() {
        let index = place(piece, number);
        let bytes = piece.entry(number).to_vec();
        let mut blobs = Vec::new();
        for part in 0..piece.blob_count(number) {
            match piece.blob(number, part).map_err(RepairError::Copy)? {
                Some(blob) => blobs.push(log.stage(blob)?),
                None => {
                    // Its place is kept, and emptied below.
                    let part = u16::try_from(part).map_err(|error| RepairError::Entry {
                        index,
                        source: error.into(),
                    })?;
                    erased.push(BlobChange {
                        index,
                        part,
                        blob: None,
                    });
                    blobs.push(NewBlob::Bytes(Vec::new()));
                }
            }
        }
        entries.push(NewEntry {
            leaf: leaf_hash(&bytes),
            bytes,
            blobs,
        });
    }
    let commands: Vec<CommandRow> = piece
        .commands()
        .iter()
        .filter(|command| command.first >= first)
        .copied()
        .collect();
    done.entries += entries.len() as u64;
    done.commands += commands.len() as u64;
    // What its writer signed goes along; a part of it, or what nobody signed, is signed here.
    let proof = piece.proof().filter(|_| from == 0).unwrap_or_else(|| {
        let leaves: Vec<Hash> = entries.iter().map(|entry: &NewEntry| entry.leaf).collect();
        key.prove_commands(first, &leaves, &commands)
    });
    log.commit(Batch {
        first,
        entries,
        commands,
        proof: Some(proof),
    })?;
    if !erased.is_empty() {
        log.change_blobs(&erased)?;
    }
    Ok(())
}

/// Puts one record of a copy into the archive.
fn put(log: &dyn LogStore, record: ArchivedRecord, done: &mut Repaired) -> Result<(), RepairError> {
    match record.kind {
        RecordKind::Note => {
            let Ok(note) = String::from_utf8(record.body) else {
                return Ok(());
            };
            log.archive_checkpoint(&StoredCheckpoint {
                size: record.size,
                note,
            })?;
        }
        RecordKind::Token => log.archive_token(record.size, &record.body)?,
        RecordKind::Mark => {
            let Ok(link) = record.body.try_into() else {
                return Ok(());
            };
            log.archive_mark(&ArchiveHead {
                count: record.size.get(),
                link: Hash::new(link),
            })?;
        }
    }
    done.archived += 1;
    Ok(())
}

/// Brings the archive of the copy back. Where the one here is its beginning, it goes on record by
/// record, so that the log's own entries name it as they did; otherwise what is newer is put behind
/// it.
fn bring_archive(
    log: &dyn LogStore,
    archived: Archived,
    done: &mut Repaired,
) -> Result<(), RepairError> {
    let (size, held) = (log.size(), log.archive_head()?);
    let (mut head, mut known) = (ArchiveHead::default(), held == ArchiveHead::default());
    let mut behind = 0;
    for (number, record) in (1..).zip(&archived.records) {
        if known {
            break;
        }
        head = archive_link::after(&head, record.kind, record.size, &record.body);
        (known, behind) = (head == held, number);
    }
    if known {
        for record in archived.records.into_iter().skip(behind) {
            put(log, record, done)?;
        }
    } else {
        let newest = log
            .last_archived(size)?
            .map_or(Size::EMPTY, |kept| kept.size);
        for record in archived
            .records
            .into_iter()
            .filter(|record| record.size > newest && record.kind != RecordKind::Mark)
        {
            put(log, record, done)?;
        }
    }
    match archived.latest {
        Some(latest)
            if log
                .last_archived(size)?
                .is_none_or(|kept| kept.size <= latest.size) =>
        {
            Ok(log.archive_checkpoint(&latest)?)
        }
        _ => Ok(()),
    }
}

/// What is known in two places where only the operator writes. No signature is asked for: the keys
/// of the log may have been exchanged since.
fn kept(layout: &Layout, here: &Here) -> Vec<Demand> {
    let stored = here
        .checkpoint
        .as_ref()
        .and_then(|stored| Checkpoint::of_note(&stored.note));
    let beside_keys = rollback_check::read(&*layout.side_texts());
    [
        ("the checkpoint beside the log".to_owned(), stored),
        (rollback_check::known_place(layout), beside_keys),
    ]
    .into_iter()
    .filter_map(|(by, checkpoint)| {
        Some(Demand {
            by,
            checkpoint: checkpoint?,
        })
    })
    .collect()
}

/// Brings back what the log of a layout is missing. `note` is the checkpoint of the copy, which was
/// audited with the log's verifier key `key`; `known` is what else is known of the log, besides the
/// checkpoints that lie beside it and beside its keys. `progress` hears of entries done and to do.
///
/// # Errors
/// [`RepairError`]. Where it says so, nothing was changed; otherwise the log goes on being refused
/// until a repair has come to its end.
pub fn repair(
    layout: &Layout,
    copy: &dyn Copied,
    note: &str,
    key: &str,
    known: &[Known],
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Repaired, RepairError> {
    let malformed = |error: record::signing::SigningError| RepairError::Checkpoint {
        by: "the copy".to_owned(),
        why: error.to_string(),
    };
    let key = LogVerifier::parse(key).map_err(malformed)?;
    let here = here(layout)?;
    let announced = demand(
        &Known {
            by: "the copy".to_owned(),
            note: note.to_owned(),
        },
        &key,
    )?;
    let mut demands = known
        .iter()
        .map(|known| demand(known, &key))
        .collect::<Result<Vec<_>, _>>()?;
    demands.extend(kept(layout, &here));
    let (target, root) = (announced.checkpoint.size, announced.checkpoint.root);
    let checkpoint = StoredCheckpoint {
        size: target,
        note: own_lines(note, &announced.checkpoint.origin),
    };
    demands.push(announced);
    let size = judge(copy, &here, demands)?;
    let held = Size::of(here.leaves.len());
    let mut done = Repaired {
        held,
        ..Repaired::default()
    };

    let (backend, name) = (layout.backend(), layout.name());
    let secrets = backend.open_keys(&name, layout.locksmith())?.secrets();
    let event_key = EventKey::from_seed(&secrets.event_seed);
    let log = backend.open_behind(&name, &stores::opening(&secrets), &checkpoint)?;
    copy.pieces(&mut |piece| {
        let known = usize::try_from(held.beyond(piece.first().size_before()))
            .unwrap_or(usize::MAX)
            .min(piece.len());
        for number in 0..known {
            bring_up(&*log, piece, number, &mut done)?;
        }
        if known < piece.len() {
            bring_back(&*log, piece, known, &event_key, &mut done)?;
        }
        progress(place(piece, piece.len()).get(), size.get());
        Ok(())
    })?;
    bring_archive(&*log, copy.archived()?, &mut done)?;
    if record::proof::root_at(&crate::log::head::StoreNodes(&*log), target)? != root {
        return Err(RepairError::Root);
    }
    log.close()?;
    Ok(done)
}
