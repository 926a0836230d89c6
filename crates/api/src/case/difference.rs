//! The difference between two readings as clients see it.

use app::session::Session;
use async_graphql::{Context, Result, SimpleObject};
use domain::reading::ReadingPoint;
use domain::views::difference;
use events::ids::{EventId, StreamId};
use events::spec::View;

use crate::error::read_error;
use crate::plain::PlainValues;

/// One change between two readings.
#[derive(Debug, Clone, SimpleObject)]
pub struct Change {
    /// The view.
    pub view: View,
    /// What it is about, in words.
    pub item: String,
    /// The field.
    pub field: String,
    /// The value before; null where it did not stand there.
    pub before: Option<String>,
    /// The value after; null where it no longer stands.
    pub after: Option<String>,
    /// The whole change in one line.
    pub line: String,
    /// The events that caused it; empty where only time passed.
    pub events: PlainValues<EventId>,
}

impl From<difference::Change> for Change {
    fn from(change: difference::Change) -> Self {
        Self {
            view: change.view,
            line: change.line(),
            item: change.item,
            field: change.field.to_owned(),
            before: change.before,
            after: change.after,
            events: change.events.into(),
        }
    }
}

/// The difference between two readings of a case.
///
/// # Errors
/// A top-level error when it cannot be read.
pub async fn between(
    ctx: &Context<'_>,
    case: StreamId,
    from: ReadingPoint,
    to: ReadingPoint,
) -> Result<Vec<Change>> {
    let changes = ctx.data::<Session>()?.difference(case, from, to);
    Ok(changes
        .map_err(|error| read_error(&error))?
        .into_iter()
        .map(Into::into)
        .collect())
}
