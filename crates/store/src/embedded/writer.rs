//! What only the holder of the right to write may touch.

use super::growing::Growing;

/// The right to write, kept behind a lock.
pub(crate) struct Writer {
    /// The end of the last segment.
    pub(crate) tail: Growing,
}
