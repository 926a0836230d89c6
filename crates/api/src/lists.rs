//! Lists over many cases: cases, notifications, duties, key figures.

pub mod board;
pub mod cases;
pub mod figures;
pub mod notification;

use app::session::Session;
use async_graphql::Result;
use record::positions::{LogIndex, Size};

use crate::error::bad_input;

/// How much of the log a list must reflect to show the entry at a position.
///
/// # Errors
/// `BAD_USER_INPUT` when the log does not hold that entry yet.
pub(crate) fn reflecting(session: &Session, position: Option<u64>) -> Result<Option<Size>> {
    let Some(index) = position.map(LogIndex::new) else {
        return Ok(None);
    };
    match index
        .size()
        .filter(|_| session.public_log().size().holds(index))
    {
        Some(size) => Ok(Some(size)),
        None => Err(bad_input(
            "atLeast: the log does not hold that position yet",
        )),
    }
}
