//! Ed25519 keys (RFC 8032): those that sign entries, and the one that signs checkpoints.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::b64u;
use crate::hash::sha256;
use crate::{hex, note};

/// A key or a signature is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// The bytes are no Ed25519 public key.
    #[error("not an Ed25519 public key")]
    Key,
    /// The key id is not the thumbprint of the key.
    #[error("key id is not the thumbprint of the key")]
    KeyId,
    /// The signature does not fit.
    #[error("signature does not verify")]
    Signature,
    /// The text of a verifier key is malformed.
    #[error("verifier key is malformed")]
    VerifierKey,
    /// A key or a log cannot have this name.
    #[error("a name is 1 to 255 bytes without spaces and without +")]
    Name,
}

/// Signs entries.
#[derive(Clone)]
pub struct EventKey {
    key: SigningKey,
    public: PublicKey,
}

impl fmt::Debug for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventKey({})", self.public.kid)
    }
}

impl EventKey {
    /// From its seed.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let public = PublicKey::of(key.verifying_key());
        Self { key, public }
    }

    /// Its public half.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.key.sign(bytes).to_bytes()
    }
}

/// The public half of an [`EventKey`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    kid: String,
    x: String,
    key: VerifyingKey,
}

impl PublicKey {
    fn of(key: VerifyingKey) -> Self {
        let x = b64u::encode(key.as_bytes());
        let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        Self {
            kid: sha256(members.as_bytes()).to_b64u(),
            x,
            key,
        }
    }

    /// From the member `x` of a JWK.
    ///
    /// # Errors
    /// [`SigningError::Key`].
    pub fn from_x(x: &str) -> Result<Self, SigningError> {
        let bytes: [u8; 32] = b64u::decode(x.as_bytes())
            .map_err(|_| SigningError::Key)?
            .try_into()
            .map_err(|_| SigningError::Key)?;
        VerifyingKey::from_bytes(&bytes)
            .map(Self::of)
            .map_err(|_| SigningError::Key)
    }

    /// Key id: the thumbprint of RFC 7638.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key, base64url.
    #[must_use]
    pub fn x(&self) -> &str {
        &self.x
    }

    /// Checks a signature by the strict rules, which admit one signature only.
    ///
    /// # Errors
    /// [`SigningError::Signature`].
    pub fn verify(&self, bytes: &[u8], signature: &[u8; 64]) -> Result<(), SigningError> {
        self.key
            .verify_strict(bytes, &Signature::from_bytes(signature))
            .map_err(|_| SigningError::Signature)
    }
}

/// Type of a plain Ed25519 signature in the key ids of C2SP signed-note.
const NOTE_ED25519: u8 = 1;

/// Signs checkpoints as C2SP signed-note.
#[derive(Clone)]
pub struct LogKey {
    name: String,
    key: SigningKey,
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogKey({})", self.name)
    }
}

impl LogKey {
    /// Name (the log's origin) and seed.
    #[must_use]
    pub fn new(name: &str, seed: &[u8; 32]) -> Self {
        Self {
            name: name.to_owned(),
            key: SigningKey::from_bytes(seed),
        }
    }

    /// The verifier key: name, key id in hexadecimal and key, joined by `+`.
    #[must_use]
    pub fn vkey(&self) -> String {
        note::vkey(
            &self.name,
            NOTE_ED25519,
            self.key.verifying_key().as_bytes(),
        )
    }

    /// The signature line of a note body, line end included.
    #[must_use]
    pub fn sign_note(&self, body: &str) -> String {
        let mut bytes = note::key_id(
            &self.name,
            NOTE_ED25519,
            self.key.verifying_key().as_bytes(),
        )
        .to_vec();
        bytes.extend_from_slice(&self.key.sign(body.as_bytes()).to_bytes());
        format!("\u{2014} {} {}\n", self.name, STANDARD.encode(bytes))
    }
}

/// Checks signatures of a [`LogKey`].
#[derive(Debug, Clone)]
pub struct LogVerifier {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

impl LogVerifier {
    /// Reads a verifier key.
    ///
    /// # Errors
    /// [`SigningError::VerifierKey`].
    pub fn parse(vkey: &str) -> Result<Self, SigningError> {
        let malformed = || SigningError::VerifierKey;
        let mut fields = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (fields.next(), fields.next(), fields.next())
        else {
            return Err(malformed());
        };
        let bytes = STANDARD.decode(key).map_err(|_| malformed())?;
        let Some((&NOTE_ED25519, key)) = bytes.split_first() else {
            return Err(malformed());
        };
        let key: &[u8; 32] = key.try_into().map_err(|_| malformed())?;
        let key = VerifyingKey::from_bytes(key).map_err(|_| malformed())?;
        let expected = note::key_id(name, NOTE_ED25519, key.as_bytes());
        if id == hex::encode(&expected) {
            Ok(Self {
                name: name.to_owned(),
                id: expected,
                key,
            })
        } else {
            Err(malformed())
        }
    }

    /// Name of the key.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key id that its signature lines begin with.
    #[must_use]
    pub const fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Whether one of the signature lines is this key's and fits the body. Lines of other keys
    /// are passed over.
    ///
    /// # Errors
    /// [`SigningError::Signature`].
    pub fn verify_note(&self, body: &str, lines: &str) -> Result<(), SigningError> {
        for line in lines.lines() {
            let Some((name, signature)) = line
                .strip_prefix("\u{2014} ")
                .and_then(|line| line.split_once(' '))
            else {
                return Err(SigningError::Signature);
            };
            let bytes = STANDARD
                .decode(signature)
                .map_err(|_| SigningError::Signature)?;
            let Some((id, signature)) = bytes.split_first_chunk::<4>() else {
                return Err(SigningError::Signature);
            };
            if name != self.name || *id != self.id {
                continue;
            }
            let signature: &[u8; 64] = signature.try_into().map_err(|_| SigningError::Signature)?;
            let signature = Signature::from_bytes(signature);
            return self
                .key
                .verify_strict(body.as_bytes(), &signature)
                .map_err(|_| SigningError::Signature);
        }
        Err(SigningError::Signature)
    }
}
