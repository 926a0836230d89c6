//! What a wrapped key is for. Each key is wrapped (RFC 3394) under a key of its own, which is
//! derived from the wrapping key and from the place of the row (HKDF-SHA-256, RFC 5869), so that a
//! row opens in its own place only.
//!
//! It knows nothing of where rows are stored.

use std::fmt;

use aes_kw::KwAes256;
use aes_kw::cipher::KeyInit;
use hkdf::Hkdf;
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

/// A key of 32 bytes wrapped under another: 40 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WrappedKey(pub [u8; 40]);

/// The place of a subject's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectPlace {
    /// The subject: a stream or a person.
    pub subject: Uuid,
    /// The epoch of the root key that wraps it.
    pub epoch: u32,
}

/// The place of the key of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartPlace {
    /// The event.
    pub event: Uuid,
    /// The number of the part in the event.
    pub part: u16,
    /// The subject whose key wraps it.
    pub subject: Uuid,
}

/// The place of the key of a part that waits for an erasure to be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingPlace {
    /// The erasure.
    pub erasure: Uuid,
    /// The event.
    pub event: Uuid,
    /// The number of the part in the event.
    pub part: u16,
    /// The epoch of the root key that wraps it.
    pub epoch: u32,
}

/// The place of a secret in the file of secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretPlace {
    /// Its name.
    pub name: &'static str,
    /// The epoch that the file is of.
    pub epoch: u32,
    /// The generation that the file is of.
    pub generation: u32,
}

/// The place of a wrapped key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPlace {
    /// Of a subject's key.
    Subject(SubjectPlace),
    /// Of the key of a part.
    Part(PartPlace),
    /// Of the key of a part that waits for an erasure.
    Pending(PendingPlace),
    /// Of a secret.
    Secret(SecretPlace),
}

impl KeyPlace {
    /// The context that the wrapping key is derived with (RFC 5869, `info`). No label is the
    /// beginning of another, and the fields behind it have fixed lengths.
    fn info(&self) -> Vec<u8> {
        let fields: &[&[u8]] = match self {
            Self::Subject(place) => &[
                b"sagsspor wrap 2 subject\0",
                &place.epoch.to_be_bytes(),
                place.subject.as_bytes(),
            ],
            Self::Part(place) => &[
                b"sagsspor wrap 2 part\0",
                place.event.as_bytes(),
                &place.part.to_be_bytes(),
                place.subject.as_bytes(),
            ],
            Self::Pending(place) => &[
                b"sagsspor wrap 2 pending\0",
                &place.epoch.to_be_bytes(),
                place.erasure.as_bytes(),
                place.event.as_bytes(),
                &place.part.to_be_bytes(),
            ],
            Self::Secret(place) => &[
                b"sagsspor wrap 2 secret\0",
                &place.epoch.to_be_bytes(),
                &place.generation.to_be_bytes(),
                place.name.as_bytes(),
            ],
        };
        fields.concat()
    }
}

impl fmt::Display for KeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subject(place) => write!(f, "subject {} in epoch {}", place.subject, place.epoch),
            Self::Part(place) => write!(
                f,
                "part {} of event {} under subject {}",
                place.part, place.event, place.subject
            ),
            Self::Pending(place) => write!(
                f,
                "part {} of event {} in the pending erasure {}",
                place.part, place.event, place.erasure
            ),
            Self::Secret(place) => write!(
                f,
                "the secret {} of epoch {}, generation {}",
                place.name, place.epoch, place.generation
            ),
        }
    }
}

/// The key does not open: it is not the one that was wrapped for this place, or the bytes are
/// damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "BLOB_DECRYPT: the wrapped key of {0} does not open; it is not the one that was stored there"
)]
pub struct UnwrapError(pub KeyPlace);

/// A key of 32 bytes for one purpose.
pub(crate) fn derive(key: &[u8; 32], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut derived = Zeroizing::new([0; 32]);
    #[expect(clippy::expect_used, reason = "HKDF-SHA-256 gives up to 8,160 bytes")]
    Hkdf::<Sha256>::new(None, key)
        .expand(info, &mut *derived)
        .expect("32 bytes");
    derived
}

/// Wraps a key for a place.
pub(crate) fn wrap(key: &[u8; 32], place: &KeyPlace, inner: &[u8; 32]) -> WrappedKey {
    wrap_plain(&derive(key, &place.info()), inner)
}

/// Opens a key that was wrapped for a place.
pub(crate) fn unwrap(
    key: &[u8; 32],
    place: &KeyPlace,
    wrapped: &WrappedKey,
) -> Result<Zeroizing<[u8; 32]>, UnwrapError> {
    unwrap_plain(&derive(key, &place.info()), wrapped).ok_or(UnwrapError(*place))
}

/// Wraps a key under the very key that is given.
pub(crate) fn wrap_plain(key: &[u8; 32], inner: &[u8; 32]) -> WrappedKey {
    let mut wrapped = [0; 40];
    #[expect(clippy::expect_used, reason = "32 bytes wrap into 40")]
    KwAes256::new(key.into())
        .wrap_key(inner, &mut wrapped)
        .expect("fitting lengths");
    WrappedKey(wrapped)
}

/// Opens a key under the very key that is given.
pub(crate) fn unwrap_plain(key: &[u8; 32], wrapped: &WrappedKey) -> Option<Zeroizing<[u8; 32]>> {
    let mut inner = Zeroizing::new([0; 32]);
    KwAes256::new(key.into())
        .unwrap_key(&wrapped.0, &mut *inner)
        .ok()?;
    Some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Vec<KeyPlace> {
        let id = Uuid::from_u128;
        let part = |event, part, subject| {
            KeyPlace::Part(PartPlace {
                event: id(event),
                part,
                subject: id(subject),
            })
        };
        let subject = |subject, epoch| {
            KeyPlace::Subject(SubjectPlace {
                subject: id(subject),
                epoch,
            })
        };
        let pending = |erasure, event, part, epoch| {
            KeyPlace::Pending(PendingPlace {
                erasure: id(erasure),
                event: id(event),
                part,
                epoch,
            })
        };
        let secret = |name, epoch, generation| {
            KeyPlace::Secret(SecretPlace {
                name,
                epoch,
                generation,
            })
        };
        vec![
            part(1, 0, 2),
            part(1, 1, 2),
            part(3, 0, 2),
            part(1, 0, 3),
            part(2, 0, 1),
            subject(1, 1),
            subject(2, 1),
            subject(1, 2),
            pending(4, 1, 0, 1),
            pending(5, 1, 0, 1),
            pending(4, 2, 0, 1),
            pending(4, 1, 1, 1),
            pending(4, 1, 0, 2),
            secret("root", 1, 1),
            secret("event", 1, 1),
            secret("root", 2, 1),
            secret("root", 1, 2),
        ]
    }

    #[test]
    fn a_key_opens_in_its_own_place_only() {
        let (key, inner) = ([7; 32], [9; 32]);
        for own in places() {
            let wrapped = wrap(&key, &own, &inner);
            for place in places() {
                let opened = unwrap(&key, &place, &wrapped);
                if place == own {
                    assert_eq!(*opened.unwrap(), inner);
                } else {
                    let refused = opened.unwrap_err();
                    assert_eq!(refused, UnwrapError(place));
                    assert!(
                        refused.to_string().starts_with("BLOB_DECRYPT: ")
                            && refused.to_string().contains(&place.to_string())
                    );
                }
            }
            assert!(
                unwrap_plain(&key, &wrapped).is_none(),
                "{own}: not as it was wrapped before"
            );
            assert!(
                unwrap(&key, &own, &wrap_plain(&key, &inner)).is_err(),
                "{own}: nothing of before opens"
            );
        }
    }

    /// RFC 5869, appendix A.3: no salt and no info.
    #[test]
    fn keys_are_derived_as_the_rfc_says() {
        let mut derived = [0; 42];
        Hkdf::<Sha256>::new(None, &[0x0b; 22])
            .expand(&[], &mut derived)
            .unwrap();
        let expected =
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
        assert_eq!(crate::hex::encode(&derived), expected);
    }
}
