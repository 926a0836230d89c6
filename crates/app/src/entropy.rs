//! The one place that draws random numbers: the operating system's generator.

use record::entropy::Entropy;
use uuid::Uuid;

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    #[expect(
        clippy::panic,
        reason = "without randomness no key and no salt may be made; going on would break secrecy silently"
    )]
    fn fill(&mut self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            panic!("the operating system gives no random numbers: {error}");
        }
    }
}

/// A fresh random id.
#[must_use]
pub fn random_uuid() -> Uuid {
    let mut bytes = [0; 16];
    OsEntropy.fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// A fresh id of any kind.
#[must_use]
pub fn fresh<T: TryFrom<Uuid>>() -> T {
    loop {
        // Refused is only the nil id, which a version 4 id never is.
        if let Ok(id) = T::try_from(random_uuid()) {
            return id;
        }
    }
}

/// A fresh secret of 32 bytes.
#[must_use]
pub fn secret() -> [u8; 32] {
    let mut bytes = [0; 32];
    OsEntropy.fill(&mut bytes);
    bytes
}
