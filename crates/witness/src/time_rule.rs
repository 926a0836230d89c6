//! Which times a verifying witness lets entries state.
//!
//! A cosignature is evidence of time: entries up to its size existed then, entries behind it did
//! not. So the time of a new entry must lie between two arrivals: that of the request that was
//! cosigned last, less a delay, and that of this request. An honest log stays within the delay,
//! because it asks with a checkpoint that a short while before held all its entries
//! (`docs/adr/0016-time.md`).

use verify::bundle::{BACKDATED_SECONDS_MAX, CLOCK_SKEW_MAX_SECONDS};
use verify::code::{Code, Finding};
use verify::position::{LogIndex, LogTime, Size};

use crate::passes::Passes;

/// How long before the arrival of the request for the last cosigned checkpoint an entry behind it
/// may state to have been recorded, in seconds: what readers allow as well.
pub const DELAY_SECONDS: u64 = BACKDATED_SECONDS_MAX;

/// By how many seconds the time that a request states may differ from the witness's clock. A larger
/// difference means a slow network or a wrong clock, and the request is refused.
pub(crate) const UNDER_WAY_SECONDS_MAX: u64 = 30;

/// The bounds for the entries of one request.
pub(crate) struct TimeRule<'a> {
    /// So many entries were cosigned before.
    pub(crate) cosigned: Size,
    /// The earliest time that may be stated.
    pub(crate) earliest: LogTime,
    /// The arrival of this request.
    pub(crate) arrival: LogTime,
    /// Entries that the witness's operator lets pass.
    pub(crate) passes: &'a Passes,
}

impl TimeRule<'_> {
    /// Checks the time that an entry states against the bounds.
    pub(crate) fn check(&self, index: LogIndex, stated: LogTime) -> Result<(), Finding> {
        if self.cosigned.holds(index) || self.passes.cover(index) {
            return Ok(());
        }
        let (code, detail) = if stated > self.arrival.later(CLOCK_SKEW_MAX_SECONDS) {
            let ahead = stated.since(self.arrival);
            (
                Code::TimeAfterCosignature,
                format!("it states {stated}, {ahead} s after it was shown to this witness"),
            )
        } else if stated < self.earliest {
            let late = self.earliest.since(stated);
            (
                Code::TimeBackdated,
                format!(
                    "it states {stated}, {late} s before the earliest time that a log seen without it allows"
                ),
            )
        } else {
            return Ok(());
        };
        Err(Finding {
            code,
            index: Some(index),
            detail,
        })
    }
}
