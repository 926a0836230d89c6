//! What kind each stream is, as far as somebody has asked.
//!
//! A kind never changes, and is found in the first event that can be read. Nothing is read ahead:
//! a start costs nothing for each stream.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use domain::decide::Streams;
use events::ids::StreamId;
use events::spec::StreamKind;

use crate::error::ReadError;
use crate::log::reader::StreamReader;

/// The kinds that are known, about 40 bytes for each stream that was asked for.
#[derive(Default)]
pub(crate) struct Directory(RwLock<HashMap<StreamId, StreamKind>>);

impl Directory {
    /// Notes the kind of a stream; the first that was noted counts.
    pub(crate) fn add(&self, stream: StreamId, kind: StreamKind) {
        let mut kinds = self.0.write().unwrap_or_else(PoisonError::into_inner);
        kinds.entry(stream).or_insert(kind);
    }

    /// The kind of a stream that was noted; null says nothing of it.
    pub(crate) fn known(&self, stream: StreamId) -> Option<StreamKind> {
        let kinds = self.0.read().unwrap_or_else(PoisonError::into_inner);
        kinds.get(&stream).copied()
    }
}

/// The kinds of streams for a decision, which asks without expecting a failure: whoever decides asks
/// [`Kinds::sound`] before the decision counts.
pub(crate) struct Kinds<'a> {
    reader: &'a StreamReader,
    failed: RefCell<Option<ReadError>>,
}

impl<'a> Kinds<'a> {
    pub(crate) const fn of(reader: &'a StreamReader) -> Self {
        Self {
            reader,
            failed: RefCell::new(None),
        }
    }

    /// Fails where a kind could not be read: it was then told not to exist.
    ///
    /// # Errors
    /// The [`ReadError`] of that look-up.
    pub(crate) fn sound(self) -> Result<(), ReadError> {
        self.failed.into_inner().map_or(Ok(()), Err)
    }
}

impl Streams for Kinds<'_> {
    fn kind(&self, stream: StreamId) -> Option<StreamKind> {
        self.reader.kind(stream).unwrap_or_else(|error| {
            self.failed.borrow_mut().get_or_insert(error);
            None
        })
    }
}
