//! What benchmarks measure: sorted times, and bytes on disk.

use std::path::Path;

use crate::world::files;

/// Times of one piece of work, in milliseconds.
pub struct Times(Vec<f64>);

impl Times {
    pub fn new(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        Self(times)
    }

    /// The time below which this share of the rounds lies.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list"
    )]
    pub fn at(&self, share: f64) -> f64 {
        self.0[((self.0.len() - 1) as f64 * share) as usize]
    }
}

/// Bytes of all files below a directory.
pub fn bytes(dir: &Path) -> u64 {
    files(dir)
        .iter()
        .filter_map(|path| path.metadata().ok())
        .map(|metadata| metadata.len())
        .sum()
}
