//! Bringing a log that an earlier version wrote over to today's form, in place.

use record::signing::EventKey;
use store::backend::opening::Upgraded;

use crate::layout::Layout;
use crate::open::StartError;

/// Brings a log over; `None` if there is no log. Entries, ciphertexts and checkpoints
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
    let (backend, name) = (layout.backend(), layout.name());
    if backend.form(&name)?.is_none() {
        return Ok(None);
    }
    let keys = backend.open_keys(&name, layout.locksmith())?;
    let key = EventKey::from_seed(&keys.secrets().event_seed);
    let sign = |first, leaves: &[_], commands: &[_]| key.prove_commands(first, leaves, commands);
    Ok(Some(backend.upgrade(&name, &sign, progress)?))
}
