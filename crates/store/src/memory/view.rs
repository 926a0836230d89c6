//! A log in memory as it lies, read batch by batch. The log is not locked while the visitor works.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use record::commands::CommandJudge;
use record::hash::Hash;
use record::outline::Outline;
use record::positions::{LogIndex, Size};

use super::state::{Kept, State};
use crate::backend::opening::OpenError;
use crate::backend::view::{
    ArchivedRecord, CommittedBatch, IndexCheck, JournalEntry, LogView, Reading, Tail, UNPROVEN,
    VisitBatch, VisitEntry,
};
use crate::log_store::{CommandProof, CommandRow, StoredCheckpoint};

/// How the place of a log in memory is named in messages.
pub(crate) const PLACE: &str = "memory";

fn corrupt(offset: u64, what: &'static str) -> OpenError {
    OpenError::Corrupt {
        place: PLACE.to_owned(),
        offset,
        what,
    }
}

/// A log as it lies in memory.
pub(crate) struct MemoryView {
    state: Arc<Mutex<State>>,
    checkpoint: Option<StoredCheckpoint>,
    reading: Reading,
}

/// A copy of what one commit wrote.
struct Piece {
    first: LogIndex,
    entries: Vec<Kept>,
    commands: Vec<CommandRow>,
    proof: Option<CommandProof>,
}

impl Piece {
    fn entries(&self, with_blobs: bool) -> impl Iterator<Item = JournalEntry> + '_ {
        self.first
            .and_behind()
            .zip(&self.entries)
            .map(move |(index, kept)| JournalEntry {
                index,
                bytes: kept.bytes.clone(),
                blobs: if with_blobs {
                    kept.blobs.clone()
                } else {
                    Vec::new()
                },
            })
    }
}

impl CommittedBatch for Piece {
    fn first(&self) -> LogIndex {
        self.first
    }

    fn len(&self) -> usize {
        self.entries.len()
    }

    fn entry(&self, number: usize) -> Option<&[u8]> {
        self.entries.get(number).map(|kept| kept.bytes.as_slice())
    }

    fn blob_count(&self, number: usize) -> usize {
        self.entries.get(number).map_or(0, |kept| kept.blobs.len())
    }

    fn blob(&self, number: usize, part: usize) -> Result<Option<Vec<u8>>, OpenError> {
        let blob = self
            .entries
            .get(number)
            .and_then(|kept| kept.blobs.get(part));
        Ok(blob.cloned().flatten())
    }

    fn commands(&self) -> &[CommandRow] {
        &self.commands
    }

    fn proof(&self) -> Option<&CommandProof> {
        self.proof.as_ref()
    }
}

impl MemoryView {
    pub(crate) fn new(state: Arc<Mutex<State>>, reading: Reading) -> Self {
        let checkpoint = lock(&state).checkpoint.clone();
        Self {
            state,
            checkpoint,
            reading,
        }
    }

    /// The nth batch, if there is one.
    fn piece(&self, number: usize) -> Option<Piece> {
        let state = lock(&self.state);
        let batch = state.batches.get(number)?;
        let from = batch.first.offset()?;
        Some(Piece {
            first: batch.first,
            entries: state
                .entries
                .get(from..from.checked_add(batch.count)?)?
                .to_vec(),
            commands: batch.commands.clone(),
            proof: batch.proof,
        })
    }

    fn each(
        &self,
        visit: &mut dyn FnMut(&Piece) -> Result<ControlFlow<()>, OpenError>,
    ) -> Result<Tail, OpenError> {
        let mut tail = Tail::default();
        let mut judge = CommandJudge::knowing(self.reading.signers.clone());
        for number in 0.. {
            let Some(piece) = self.piece(number) else {
                break;
            };
            if self.reading.checks_commands {
                check_commands(&mut judge, &piece)?;
            }
            let flow = visit(&piece)?;
            tail.entries = piece.first.size_after(piece.entries.len() as u64);
            if flow.is_break() {
                return Ok(tail);
            }
        }
        let checkpointed = self
            .checkpoint
            .as_ref()
            .map_or(Size::EMPTY, |stored| stored.size);
        if !self.reading.behind && tail.entries < checkpointed {
            return Err(corrupt(
                tail.entries.get(),
                "the log ends before the stored checkpoint",
            ));
        }
        judge
            .end()
            .map_err(|_| corrupt(tail.entries.get(), UNPROVEN))?;
        Ok(tail)
    }

    fn pass(&self, with_blobs: bool, visit: VisitEntry<'_>) -> Result<Tail, OpenError> {
        self.each(&mut |piece| {
            let stopped = piece
                .entries(with_blobs)
                .any(|entry| visit(entry).is_break());
            Ok(if stopped {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        })
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn check_commands(judge: &mut CommandJudge, piece: &Piece) -> Result<(), OpenError> {
    let entries = piece.entries.iter().map(|kept| {
        let event = matches!(Outline::read(&kept.bytes), Ok(Outline::Event(_)));
        (kept.bytes.as_slice(), event)
    });
    let leaves: Vec<Hash> = piece.entries.iter().map(|kept| kept.leaf).collect();
    let proof = piece.proof.as_ref();
    judge
        .commit(piece.first, entries, &leaves, &piece.commands, proof)
        .map_err(|_| corrupt(piece.first.get(), UNPROVEN))
}

impl LogView for MemoryView {
    fn checkpoint(&self) -> Option<&StoredCheckpoint> {
        self.checkpoint.as_ref()
    }

    fn newest(&self, accept: &dyn Fn(&[u8]) -> bool) -> Result<Option<Vec<u8>>, OpenError> {
        let state = lock(&self.state);
        let found = state.entries.iter().rev().find(|kept| accept(&kept.bytes));
        Ok(found.map(|kept| kept.bytes.clone()))
    }

    fn for_each(&self, visit: VisitEntry<'_>) -> Result<Tail, OpenError> {
        self.pass(true, visit)
    }

    fn for_each_bare(&self, visit: VisitEntry<'_>) -> Result<Tail, OpenError> {
        self.pass(false, visit)
    }

    fn for_each_batch(&self, visit: VisitBatch<'_>) -> Result<Tail, OpenError> {
        self.each(&mut |piece| visit(piece))
    }

    fn for_each_archived(
        &self,
        visit: &mut dyn FnMut(ArchivedRecord) -> bool,
    ) -> Result<Option<StoredCheckpoint>, OpenError> {
        let (records, latest) = {
            let state = lock(&self.state);
            (state.records.clone(), state.latest())
        };
        for (_, record) in records {
            if !visit(record) {
                break;
            }
        }
        Ok(latest)
    }

    fn check_index(&self, _progress: &mut dyn FnMut(u64)) -> Result<IndexCheck, OpenError> {
        Ok(IndexCheck::Unsealed)
    }
}
