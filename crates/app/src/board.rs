//! Duties across cases, from the same rows as the lists of cases.
//!
//! Rows keep days, never how a duty stands: that is judged by the time of whoever asks. The past is
//! not answered here.

pub mod ask;
mod bytes;
pub mod judge;
pub(crate) mod shelves;
pub(crate) mod stored;
