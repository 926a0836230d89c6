//! The rules for a request, as pure functions: in time, signed by the log, and continuing what was
//! cosigned. Nothing is remembered here.

use verify::position::{LogTime, Size};

use super::answer::{Answer, Arrival, clock_is_wrong};
use crate::keys::LogKey;
use crate::note::{Checkpoint, Line};
use crate::request::Request;
use crate::state::Latest;
use crate::time_rule::UNDER_WAY_SECONDS_MAX;
use crate::tree::{empty, is_consistent};

/// Refuses a request that was under way for too long. It does not show how the log stands now: by
/// its arrival, entries that it lacks may be old already. The log asks again.
pub(super) fn in_time(arrival: Arrival) -> Result<(), Answer> {
    if arrival.at == LogTime::EPOCH {
        return Err(clock_is_wrong());
    }
    match arrival.asked {
        Some(asked) if arrival.at.apart(asked) > UNDER_WAY_SECONDS_MAX => {
            let apart = arrival.at.apart(asked);
            Err(Answer::refuse(
                503,
                format!(
                    "the request states another time than this witness has, {apart} s apart: ask again, or look at the clocks"
                ),
            ))
        }
        _ => Ok(()),
    }
}

/// The lines of the log's keys; none when there are none, or one of them does not fit.
pub(super) fn signatures(keys: &[LogKey], checkpoint: &Checkpoint) -> Option<Vec<Line>> {
    let mut found = Vec::new();
    for line in &checkpoint.lines {
        if let Some(key) = keys.iter().find(|key| key.owns(line)) {
            if !key.verifies(checkpoint, line) {
                return None;
            }
            found.push(line.clone());
        }
    }
    (!found.is_empty()).then_some(found)
}

/// Whether a signed checkpoint continues the latest one that was cosigned.
pub(super) fn continues(request: &Request, latest: Option<&Latest>) -> Result<(), Answer> {
    let Request {
        old,
        proof,
        checkpoint,
        ..
    } = request;
    if *old > checkpoint.size {
        return Err(Answer::refuse(
            400,
            "the old size is above the size of the checkpoint",
        ));
    }
    let cosigned = latest.map_or(Size::EMPTY, |latest| latest.checkpoint.size);
    if *old != cosigned {
        return Err(Answer::conflict(cosigned));
    }
    let unproven = || {
        Err(Answer::refuse(
            422,
            "the checkpoint is not proven to continue the latest one",
        ))
    };
    match latest {
        Some(latest) if *old == checkpoint.size => {
            if !proof.is_empty() {
                return unproven();
            }
            if latest.checkpoint.root == checkpoint.root {
                Ok(())
            } else {
                Err(Answer::conflict(cosigned))
            }
        }
        Some(latest) if !cosigned.is_empty() => {
            if is_consistent(
                *old,
                &latest.checkpoint.root,
                checkpoint.size,
                &checkpoint.root,
                proof,
            ) {
                Ok(())
            } else {
                unproven()
            }
        }
        // Nothing, or an empty tree, was cosigned so far.
        _ => {
            if !proof.is_empty() || (checkpoint.size.is_empty() && checkpoint.root != empty()) {
                return unproven();
            }
            Ok(())
        }
    }
}
