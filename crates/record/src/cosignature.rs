//! Cosignatures of checkpoints (C2SP tlog-cosignature), and verifier keys of every type.
//!
//! A log signs with Ed25519 and, post-quantum, as a cosigner of its own checkpoint with ML-DSA-44
//! (FIPS 204). A witness cosigns with either and states a time.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use ml_dsa::MlDsa44;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::note::{SignatureLine, is_name, key_id, vkey};
use crate::signing::{LogKey, SigningError};

/// Type of a plain Ed25519 signature of a note.
const ED25519: u8 = 0x01;
/// Type of an Ed25519 cosignature.
const COSIGNED_ED25519: u8 = 0x04;
/// Type of an ML-DSA-44 cosignature.
const COSIGNED_ML_DSA_44: u8 = 0x06;
/// In front of what ML-DSA-44 signs.
const SUBTREE_LABEL: &[u8; 12] = b"subtree/v1\n\0";
/// Bytes of an ML-DSA-44 signature.
const ML_DSA_44_BYTES: usize = 2420;

/// What a key signs, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// The text of a note, with Ed25519: the mandatory signature of a log.
    Ed25519,
    /// A checkpoint and a time, with Ed25519.
    CosignedEd25519,
    /// A checkpoint, a time and the signer's name, with ML-DSA-44.
    CosignedMlDsa44,
}

fn ed25519_message(checkpoint: &Checkpoint, timestamp: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {timestamp}\n{}", checkpoint.body()).into_bytes()
}

/// The structure `cosigned_message` over a whole tree; null when a name is too long for it.
fn ml_dsa_message(name: &str, checkpoint: &Checkpoint, timestamp: u64) -> Option<Vec<u8>> {
    let mut message = SUBTREE_LABEL.to_vec();
    message.push(u8::try_from(name.len()).ok().filter(|length| *length > 0)?);
    message.extend_from_slice(name.as_bytes());
    message.extend_from_slice(&timestamp.to_be_bytes());
    message.push(
        u8::try_from(checkpoint.origin.len())
            .ok()
            .filter(|length| *length > 0)?,
    );
    message.extend_from_slice(checkpoint.origin.as_bytes());
    message.extend_from_slice(&0_u64.to_be_bytes());
    message.extend_from_slice(&checkpoint.size.to_be_bytes());
    message.extend_from_slice(checkpoint.root.as_bytes());
    Some(message)
}

#[derive(Clone)]
enum Secret {
    Ed25519(Box<SigningKey>),
    MlDsa44(Box<ml_dsa::SigningKey<MlDsa44>>),
}

/// A key that cosigns checkpoints.
#[derive(Clone)]
pub struct CosignerKey {
    name: String,
    secret: Secret,
}

impl fmt::Debug for CosignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CosignerKey({})", self.name)
    }
}

impl CosignerKey {
    /// An Ed25519 key from its name and seed.
    ///
    /// # Errors
    /// [`SigningError::Name`].
    pub fn ed25519(name: &str, seed: &[u8; 32]) -> Result<Self, SigningError> {
        Self::new(
            name,
            Secret::Ed25519(Box::new(SigningKey::from_bytes(seed))),
        )
    }

    /// An ML-DSA-44 key from its name and seed.
    ///
    /// # Errors
    /// [`SigningError::Name`].
    pub fn ml_dsa_44(name: &str, seed: &[u8; 32]) -> Result<Self, SigningError> {
        Self::new(
            name,
            Secret::MlDsa44(Box::new(ml_dsa::SigningKey::from_seed(&(*seed).into()))),
        )
    }

    fn new(name: &str, secret: Secret) -> Result<Self, SigningError> {
        let fits = is_name(name) && name.len() <= usize::from(u8::MAX);
        if fits {
            Ok(Self {
                name: name.to_owned(),
                secret,
            })
        } else {
            Err(SigningError::Name)
        }
    }

    fn public(&self) -> (u8, Vec<u8>) {
        match &self.secret {
            Secret::Ed25519(key) => (COSIGNED_ED25519, key.verifying_key().as_bytes().to_vec()),
            Secret::MlDsa44(key) => (
                COSIGNED_ML_DSA_44,
                key.expanded_key().verifying_key().encode().to_vec(),
            ),
        }
    }

    /// Name of the key.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The verifier key.
    #[must_use]
    pub fn vkey(&self) -> String {
        let (kind, public) = self.public();
        vkey(&self.name, kind, &public)
    }

    /// Cosigns a checkpoint. A time above zero, in seconds of Unix time, states that this was the
    /// largest tree that the signer had seen by then; zero states nothing of the kind.
    ///
    /// Signing is deterministic: the same checkpoint at the same time gives the same line.
    ///
    /// # Errors
    /// [`SigningError::Name`] when the log's name is longer than 255 bytes.
    pub fn cosign(
        &self,
        checkpoint: &Checkpoint,
        timestamp: u64,
    ) -> Result<SignatureLine, SigningError> {
        let mut signature = timestamp.to_be_bytes().to_vec();
        match &self.secret {
            Secret::Ed25519(key) => signature
                .extend_from_slice(&key.sign(&ed25519_message(checkpoint, timestamp)).to_bytes()),
            Secret::MlDsa44(key) => {
                let message =
                    ml_dsa_message(&self.name, checkpoint, timestamp).ok_or(SigningError::Name)?;
                let signed = key
                    .expanded_key()
                    .sign_deterministic(&message, &[])
                    .map_err(|_| SigningError::Signature)?;
                signature.extend_from_slice(&signed.encode());
            }
        }
        let (kind, public) = self.public();
        Ok(SignatureLine {
            name: self.name.clone(),
            key_id: key_id(&self.name, kind, &public),
            signature,
        })
    }
}

impl Checkpoint {
    /// The signed note with a second, post-quantum signature: of a cosigner that bears the log's
    /// name. It states no time, so that signing the same body again gives the same note.
    ///
    /// # Errors
    /// [`CheckpointError::Signature`] when the log's name is too long to be cosigned.
    pub fn sign_hybrid(
        &self,
        key: &LogKey,
        post_quantum: &CosignerKey,
    ) -> Result<String, CheckpointError> {
        let line = post_quantum.cosign(self, 0)?;
        Ok(format!("{}{}", self.sign(key), line.text()))
    }
}

#[derive(Debug, Clone)]
enum Public {
    Ed25519(VerifyingKey),
    CosignedEd25519(VerifyingKey),
    CosignedMlDsa44(Box<ml_dsa::VerifyingKey<MlDsa44>>),
}

/// A verifier key of any type.
#[derive(Debug, Clone)]
pub struct NoteVerifier {
    name: String,
    id: [u8; 4],
    public: Public,
    text: String,
}

impl NoteVerifier {
    /// Reads a verifier key.
    ///
    /// # Errors
    /// [`SigningError::VerifierKey`].
    pub fn parse(text: &str) -> Result<Self, SigningError> {
        let malformed = || SigningError::VerifierKey;
        let mut fields = text.splitn(3, '+');
        let (Some(name), Some(_), Some(key)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(malformed());
        };
        let bytes = STANDARD.decode(key).map_err(|_| malformed())?;
        let (kind, public) = bytes.split_first().ok_or_else(malformed)?;
        let ed25519 = || {
            let bytes: &[u8; 32] = public.try_into().map_err(|_| malformed())?;
            VerifyingKey::from_bytes(bytes).map_err(|_| malformed())
        };
        let parsed = match *kind {
            ED25519 => Public::Ed25519(ed25519()?),
            COSIGNED_ED25519 => Public::CosignedEd25519(ed25519()?),
            COSIGNED_ML_DSA_44 => {
                let bytes = ml_dsa::EncodedVerifyingKey::<MlDsa44>::try_from(public)
                    .map_err(|_| malformed())?;
                Public::CosignedMlDsa44(Box::new(ml_dsa::VerifyingKey::decode(&bytes)))
            }
            _ => return Err(malformed()),
        };
        // The id is checked along with the form: there is one text for one key.
        if !is_name(name) || vkey(name, *kind, public) != text {
            return Err(malformed());
        }
        Ok(Self {
            name: name.to_owned(),
            id: key_id(name, *kind, public),
            public: parsed,
            text: text.to_owned(),
        })
    }

    /// Name of the key.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The verifier key as text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it checks.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        match self.public {
            Public::Ed25519(_) => KeyKind::Ed25519,
            Public::CosignedEd25519(_) => KeyKind::CosignedEd25519,
            Public::CosignedMlDsa44(_) => KeyKind::CosignedMlDsa44,
        }
    }

    /// The public key alone, which tells whether two verifier keys are the same key.
    #[must_use]
    pub fn public(&self) -> Vec<u8> {
        match &self.public {
            Public::Ed25519(key) | Public::CosignedEd25519(key) => key.as_bytes().to_vec(),
            Public::CosignedMlDsa44(key) => key.encode().to_vec(),
        }
    }

    /// Whether a line claims to be of this key.
    #[must_use]
    pub fn owns(&self, line: &SignatureLine) -> bool {
        line.name == self.name && line.key_id == self.id
    }

    /// Checks a line of this key; answers the time that a cosignature states.
    ///
    /// # Errors
    /// [`SigningError::Signature`], also for a line of another key.
    pub fn verify(
        &self,
        checkpoint: &Checkpoint,
        line: &SignatureLine,
    ) -> Result<Option<u64>, SigningError> {
        let wrong = || SigningError::Signature;
        if !self.owns(line) {
            return Err(wrong());
        }
        let ed25519 = |key: &VerifyingKey, message: &[u8], signature: &[u8]| {
            let signature: &[u8; 64] = signature.try_into().map_err(|_| wrong())?;
            key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature))
                .map_err(|_| wrong())
        };
        if let Public::Ed25519(key) = &self.public {
            return ed25519(key, checkpoint.body().as_bytes(), &line.signature).map(|()| None);
        }
        let (timestamp, signature) = line.signature.split_first_chunk::<8>().ok_or_else(wrong)?;
        let timestamp = u64::from_be_bytes(*timestamp);
        // C2SP: a time never exceeds 2^63 - 1.
        if i64::try_from(timestamp).is_err() {
            return Err(wrong());
        }
        match &self.public {
            Public::CosignedMlDsa44(key) => {
                let message =
                    ml_dsa_message(&self.name, checkpoint, timestamp).ok_or_else(wrong)?;
                if !verify_ml_dsa(key, &message, signature) {
                    return Err(wrong());
                }
            }
            Public::Ed25519(key) | Public::CosignedEd25519(key) => {
                ed25519(key, &ed25519_message(checkpoint, timestamp), signature)?
            }
        }
        Ok(Some(timestamp))
    }
}

pub(crate) fn verify_ml_dsa(
    key: &ml_dsa::VerifyingKey<MlDsa44>,
    message: &[u8],
    signature: &[u8],
) -> bool {
    if signature.len() != ML_DSA_44_BYTES {
        return false;
    }
    ml_dsa::Signature::<MlDsa44>::try_from(signature)
        .is_ok_and(|signature| key.verify_with_context(message, &[], &signature))
}
