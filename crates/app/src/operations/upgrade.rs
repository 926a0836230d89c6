//! Bringing a log that an earlier version wrote over to today's form, in place.

use std::sync::Arc;

use record::signing::EventKey;
use store::disk::{Disk, RealDisk};
use store::embedded::keys::FileKeyStore;
pub use store::embedded::upgrade::Upgraded;
use store::embedded::upgrade::{form, upgrade as bring_over};
use store::key_store::KeyStore;

use crate::layout::Layout;
use crate::open::StartError;

/// Brings the log of a place over; none where there is no log. Entries, ciphertexts and checkpoints
/// stay as they are, byte for byte. The commands of each commit are signed as they are found: until
/// now nothing vouched for them, so audit the log before. `progress` hears of entries done.
///
/// # Errors
/// [`StartError::Keys`] when the keys cannot be opened; [`StartError::Log`] when the log is in use,
/// damaged or of a later form.
pub fn upgrade(
    layout: &Layout,
    progress: &mut dyn FnMut(u64),
) -> Result<Option<Upgraded>, StartError> {
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::default());
    if form(&*disk, &layout.log_dir())?.is_none() {
        return Ok(None);
    }
    let keys = FileKeyStore::open_locked(Arc::clone(&disk), &layout.key_dir(), layout.locksmith())?;
    let key = EventKey::from_seed(&keys.secrets().event_seed);
    let sign = |first, leaves: &[_], commands: &[_]| key.prove_commands(first, leaves, commands);
    Ok(Some(bring_over(&disk, &layout.log_dir(), &sign, progress)?))
}
