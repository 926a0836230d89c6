//! What only the owner of a log's keys can give when the log is opened.
//!
//! It opens nothing itself: that is the backend's work.

use record::keys::InputMacKey;
use record::signing::EventKey;
use store::backend::opening::Opening;
use store::key_store::Secrets;
use zeroize::Zeroizing;

/// How to open a log for writing. The index that a clean stop leaves is vouched for under a key
/// derived from the seed of the key that signs entries: whoever holds what is stored alone cannot
/// make one that is believed.
pub(crate) fn opening(secrets: &Secrets) -> Opening {
    let vouch = InputMacKey::from_bytes(*secrets.event_seed).mac(b"sagsspor index 2");
    let signer = EventKey::from_seed(&secrets.event_seed).public().clone();
    Opening {
        signers: vec![signer],
        vouch: Zeroizing::new(vouch),
    }
}
