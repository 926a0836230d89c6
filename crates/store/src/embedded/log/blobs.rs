//! Replacing and destroying blobs of entries that were committed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::EmbeddedStore;
use crate::embedded::growing::Growing;
use crate::embedded::rewrite::{self, Changes, RewriteError, Rewritten, not_written};
use crate::embedded::state::Fault;
use crate::embedded::writer::Writer;
use crate::log_store::{BlobChange, CommitError, UnusableReason};

impl EmbeddedStore {
    /// Rewrites each segment that holds a changed blob, then removes the files of the old ones.
    /// Reads go on meanwhile: they see the old segment until the new one is durable.
    pub(super) fn rewrite_blobs(
        &self,
        writer: &mut Writer,
        changes: &[BlobChange],
    ) -> Result<(), CommitError> {
        let mut by_segment: BTreeMap<u32, Changes<'_>> = BTreeMap::new();
        for change in changes {
            let place = self.look_under(writer, |state| {
                state
                    .known
                    .paged
                    .entry(&state.index, change.index)
                    .map_err(Fault::from)
            });
            let place = place
                .map_err(not_written)?
                .ok_or_else(|| not_written(UnusableReason::NoBlob))?;
            by_segment
                .entry(place.segment)
                .or_default()
                .insert((change.index, usize::from(change.part)), change);
        }
        for (number, changes) in &by_segment {
            self.rewrite_one(writer, *number, changes)?;
        }
        // The generation before does not know where the entries lie now.
        self.seal(writer);
        let size = self.state().known.tally.size;
        rewrite::remove_old_files(&*self.disk, &self.places, size, changes)
            .map_err(|error| CommitError::Unknown(Box::new(error)))
    }

    fn rewrite_one(
        &self,
        writer: &mut Writer,
        number: u32,
        changes: &Changes<'_>,
    ) -> Result<(), CommitError> {
        let place = usize::try_from(number).map_err(not_written)?;
        let (segment, last, size) = {
            let state = self.state();
            (
                state.segments.get(place).cloned(),
                state.segments.len() == place + 1,
                state.known.tally.size,
            )
        };
        let segment =
            segment.ok_or_else(|| not_written(std::io::Error::other("the segment is not open")))?;
        if last {
            // What was filled ahead is no part of what is written anew.
            writer.tail.trim().map_err(not_written)?;
        }
        let Rewritten {
            segment,
            places,
            end,
        } = match rewrite::rewrite_segment(
            &*self.disk,
            &self.places,
            &segment,
            size.next_index(),
            changes,
        ) {
            Ok(rewritten) => rewritten,
            Err(RewriteError::Before(error)) => return Err(not_written(error)),
            Err(RewriteError::After(error)) => return Err(self.unknown(error)),
        };
        if last {
            writer.tail = Growing::new(Arc::clone(&segment.file), end);
        }
        let room = self.state().index.room();
        room.make_room();
        let mut state = self.state_mut();
        if let Some(slot) = state.segments.get_mut(place) {
            *slot = segment;
        }
        let state = &mut *state;
        let moved = state
            .known
            .paged
            .moved(self.tenant, &state.index, &places)
            .and_then(|rows| state.index.put(rows));
        if let Err(error) = moved {
            tracing::warn!(%error, "the index did not take the new places; it is made anew when it is next asked");
            state.failed.get_or_insert_with(|| error.to_string());
        }
        Ok(())
    }
}
