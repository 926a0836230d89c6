//! Which times a verifying witness lets entries state.
//!
//! A cosignature is evidence of time: entries behind it came later, entries under it were there. So
//! what a new entry states must lie between the arrival of the request for the checkpoint that was
//! cosigned last, less a delay, and the arrival of this one. The log keeps the delay, because it
//! asks only with a checkpoint that was all of it a short while before (`docs/adr/0016-time.md`).

use verify::bundle::{BACKDATED_SECONDS_MAX, CLOCK_SKEW_MAX_SECONDS};
use verify::code::{Code, Finding};
use verify::position::{LogIndex, LogTime, Size};

use crate::passes::Passes;

/// How long before the arrival of the request for the last cosigned checkpoint an entry behind it
/// may state to have been recorded, in seconds: what readers allow as well.
pub const DELAY_SECONDS: u64 = BACKDATED_SECONDS_MAX;

/// A request that states to have been sent longer ago than this, or later than now by so much, is
/// not worked on, in seconds: the way was slow, or a clock is wrong.
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
