//! Reading what stands in one stream, whichever kind of view it is.

use std::sync::Arc;

use app::session::Session;
use async_graphql::{Context, OutputType, Result};
use domain::reading::{Reading, ReadingPoint};
use events::ids::StreamId;
use events::spec::StreamKind;

use crate::error::read_error;

/// A view that is folded from the reading of one stream.
pub trait StreamView: OutputType + Sized {
    /// The kind of stream that it is a view of.
    const KIND: StreamKind;

    /// Folds it; null when the reading holds nothing of the stream.
    fn fold(reading: Arc<Reading>, stream: StreamId) -> Option<Self>;
}

/// Reads a view; null when there is no such stream of its kind at that point.
///
/// # Errors
/// A top-level error when it cannot be read.
pub async fn read<T: StreamView>(
    ctx: &Context<'_>,
    stream: StreamId,
    point: ReadingPoint,
) -> Result<Option<T>> {
    let session = ctx.data::<Session>()?;
    let kind = session.kind(stream).map_err(|error| read_error(&error))?;
    if kind != Some(T::KIND) {
        return Ok(None);
    }
    let reading = session
        .read(stream, point)
        .map_err(|error| read_error(&error))?;
    Ok(reading.and_then(|reading| T::fold(reading, stream)))
}
