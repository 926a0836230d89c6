//! How long a request for evidence waits for the cosignatures of witnesses.
//!
//! It does not wait; `app` does.

use std::time::Duration;

/// The longest wait for witnesses, in seconds: a server that is told to stop must not wait longer.
const WAIT_MAX: u64 = 30;
/// The wait where none is stated, in seconds.
pub(super) const WAIT: u64 = 20;

/// A wait of so many seconds.
pub(super) fn wait(seconds: u64) -> Result<Duration, String> {
    if seconds > WAIT_MAX {
        Err(format!("must be at most {WAIT_MAX} seconds"))
    } else {
        Ok(Duration::from_secs(seconds))
    }
}
