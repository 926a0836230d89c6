//! How the stores of a log are opened: with what only the owner of its keys can know.

use record::keys::InputMacKey;
use record::signing::EventKey;
use store::embedded::log::{IndexKind, Options};
use store::embedded::sled_home::VouchKey;
use store::key_store::Secrets;

use crate::layout::Layout;

/// How to open the log of a place for writing. The index that a clean stop leaves is vouched for
/// under a key derived from the seed of the key that signs entries: whoever holds the files alone
/// cannot make one that is believed.
pub(crate) fn options(layout: &Layout, secrets: &Secrets) -> Options {
    let vouch = InputMacKey::from_bytes(*secrets.event_seed).mac(b"sagsspor index 2");
    let signer = EventKey::from_seed(&secrets.event_seed).public().clone();
    let options = Options::new(
        layout.log_dir(),
        layout.municipality().tenant(),
        IndexKind::Sled(VouchKey::new(vouch)),
    );
    Options {
        signers: vec![signer],
        ..options
    }
}
