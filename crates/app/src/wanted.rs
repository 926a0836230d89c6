//! Whether somebody still waits for the outcome of a command.
//!
//! A command whose client has gone is not recorded any more, so that work which nobody waits for
//! never stands in front of work that somebody waits for. Sent again, it simply runs. It is looked
//! at before a command is decided and once more when it is put in order; what is put in order is
//! recorded.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::RecordError;

/// Tells whether a command is still wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted(Option<Arc<AtomicBool>>);

/// Held by whoever waits for the outcome; when it is dropped, nobody does.
#[derive(Debug)]
pub struct Present(Arc<AtomicBool>);

impl Drop for Present {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Wanted {
    /// A command that is carried out whether or not anybody waits for it.
    #[must_use]
    pub const fn always() -> Self {
        Self(None)
    }

    /// A command that is wanted as long as its client is present.
    #[must_use]
    pub fn by_client() -> (Self, Present) {
        let gone = Arc::<AtomicBool>::default();
        (Self(Some(Arc::clone(&gone))), Present(gone))
    }

    /// Whether nobody waits any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|gone| gone.load(Ordering::Relaxed))
    }

    /// Goes on only while somebody waits.
    ///
    /// # Errors
    /// [`RecordError::Abandoned`] when nobody does.
    pub(crate) fn still(&self) -> Result<(), RecordError> {
        if self.is_over() {
            Err(RecordError::Abandoned)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_wanted_until_its_client_has_gone() {
        let (wanted, present) = Wanted::by_client();
        assert!(!wanted.is_over() && wanted.still().is_ok());
        drop(present);
        assert!(wanted.is_over());
        assert!(matches!(wanted.still(), Err(RecordError::Abandoned)));
        assert!(Wanted::always().still().is_ok());
    }
}
