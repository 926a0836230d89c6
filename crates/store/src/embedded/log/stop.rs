//! Why a store takes no more writes, readable without waiting for one.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::log_store::UnusableReason;

/// The first reason counts, and stays.
#[derive(Debug, Default)]
pub(super) struct Stop(AtomicU8);

const REASONS: [UnusableReason; 5] = [
    UnusableReason::Closed,
    UnusableReason::Poisoned,
    UnusableReason::Contradiction,
    UnusableReason::LockLost,
    UnusableReason::ReadOnly,
];

impl Stop {
    /// Why nothing is written; none while it is.
    pub(super) fn reason(&self) -> Option<UnusableReason> {
        let number = usize::from(self.0.load(Ordering::Acquire));
        number
            .checked_sub(1)
            .and_then(|place| REASONS.get(place))
            .copied()
    }

    /// Stops the store; answers the reason that counts. It must be one that stops a store.
    pub(super) fn because(&self, reason: UnusableReason) -> UnusableReason {
        let place = REASONS
            .iter()
            .position(|known| *known == reason)
            .and_then(|place| u8::try_from(place + 1).ok());
        if let Some(place) = place
            && self
                .0
                .compare_exchange(0, place, Ordering::AcqRel, Ordering::Acquire)
                .is_ok()
            && reason != UnusableReason::Closed
        {
            tracing::error!(%reason, "the store takes no more writes");
        }
        self.reason().unwrap_or(reason)
    }
}
