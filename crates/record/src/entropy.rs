//! Where random bytes come from: the caller. This crate draws none itself.

/// Random bytes, brought by the caller.
pub trait Entropy {
    /// Fills the slice.
    fn fill(&mut self, bytes: &mut [u8]);
}
