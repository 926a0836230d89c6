//! What came of requests, and how long they took: an HDR histogram in microseconds.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::report::Latency;

/// What came of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// What was asked for was done.
    Done,
    /// Nothing was begun; the client may ask again.
    Busy,
    /// Anything else, with what was answered.
    Failed(String),
}

/// Digits that a percentile is exact to.
const DIGITS: u8 = 3;
/// Latencies above an hour count as an hour.
const LONGEST: u64 = 3_600_000_000;

/// Counts outcomes and keeps the latencies of what was done. What failed fast must not make the
/// percentiles look better, so its latency is not among them.
#[derive(Debug, Clone)]
pub struct Meter {
    latencies: Histogram<u64>,
    /// Requests that were done.
    pub done: u64,
    /// Requests that were turned away.
    pub busy: u64,
    /// Requests that failed.
    pub failed: u64,
    /// What the first of them was answered.
    pub first_failure: Option<String>,
    /// Requests that were due and could not be sent before the load was given up.
    pub unsent: u64,
}

impl Meter {
    /// One that has seen nothing.
    ///
    /// # Errors
    /// Never with the bounds that are stated here; the library asks.
    pub fn new() -> Result<Self, hdrhistogram::CreationError> {
        Ok(Self {
            latencies: Histogram::new_with_max(LONGEST, DIGITS)?,
            done: 0,
            busy: 0,
            failed: 0,
            first_failure: None,
            unsent: 0,
        })
    }

    /// Takes one request in.
    pub fn count(&mut self, outcome: Outcome, latency: Duration) {
        match outcome {
            Outcome::Done => {
                self.done += 1;
                let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
                self.latencies.saturating_record(micros);
            }
            Outcome::Busy => self.busy += 1,
            Outcome::Failed(told) => {
                self.failed += 1;
                self.first_failure.get_or_insert(told);
            }
        }
    }

    /// The percentiles; null where nothing was done.
    #[must_use]
    pub fn latency(&self) -> Option<Latency> {
        let at = |share| self.latencies.value_at_quantile(share) as f64 / 1_000.0;
        (self.done > 0).then(|| Latency {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: self.latencies.max() as f64 / 1_000.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_sorted_latencies() {
        let mut meter = Meter::new().unwrap();
        for millis in 1..=1_000 {
            meter.count(Outcome::Done, Duration::from_millis(millis));
        }
        let latency = meter.latency().unwrap();
        for (told, sorted) in [
            (latency.p50, 500.0),
            (latency.p90, 900.0),
            (latency.p99, 990.0),
            (latency.p999, 999.0),
            (latency.max, 1_000.0),
        ] {
            assert!((told - sorted).abs() <= sorted / 500.0, "{told} {sorted}");
        }
    }

    #[test]
    fn what_failed_or_was_turned_away_has_no_latency() {
        let mut meter = Meter::new().unwrap();
        meter.count(Outcome::Busy, Duration::from_micros(1));
        meter.count(Outcome::Failed("first".into()), Duration::from_micros(1));
        meter.count(Outcome::Failed("second".into()), Duration::from_micros(1));
        assert_eq!(meter.latency(), None);
        meter.count(Outcome::Done, Duration::from_millis(7));
        assert_eq!((meter.done, meter.busy, meter.failed), (1, 1, 2));
        assert_eq!(meter.first_failure.as_deref(), Some("first"));
        assert!(meter.latency().unwrap().p50 > 6.9);
    }
}
