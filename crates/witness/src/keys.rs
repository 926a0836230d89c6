//! The keys of logs that are witnessed, and the witness's own.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use ml_dsa::MlDsa44;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use verify::position::LogTime;

use crate::note::{Checkpoint, Line, is_name};

const PLAIN_ED25519: u8 = 0x01;
const COSIGNED_ED25519: u8 = 0x04;
const COSIGNED_ML_DSA_44: u8 = 0x06;

/// A key is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not `name+id+key` of a type that a log signs with.
    #[error("{0} is not the verifier key of a log (Ed25519, type 01, or ML-DSA-44, type 06)")]
    VerifierKey(String),
    /// Not a key file.
    #[error("the key file is malformed")]
    File,
    /// The name cannot be that of a key.
    #[error("a name is 1 to 255 bytes without spaces and without +")]
    Name,
}

/// How a witness signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// Ed25519, which every reader understands.
    Ed25519,
    /// ML-DSA-44, which outlasts quantum computers.
    MlDsa44,
}

impl KeyKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::MlDsa44 => "ml-dsa-44",
        }
    }
}

fn key_id(name: &str, kind: u8, public: &[u8]) -> [u8; 4] {
    let mut hasher = Sha256::new_with_prefix(name.as_bytes());
    hasher.update([b'\n', kind]);
    hasher.update(public);
    let [a, b, c, d, ..] = <[u8; 32]>::from(hasher.finalize());
    [a, b, c, d]
}

fn vkey(name: &str, kind: u8, public: &[u8]) -> String {
    let id: String = key_id(name, kind, public)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!(
        "{name}+{id}+{}",
        STANDARD.encode([&[kind], public].concat())
    )
}

fn ed25519_text(checkpoint: &Checkpoint, time: LogTime) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{}", checkpoint.body).into_bytes()
}

/// The structure that ML-DSA signs; none where it cannot hold what it should. Lines behind the
/// third of a checkpoint are no part of it, and nothing is said of them.
fn ml_dsa_text(name: &str, checkpoint: &Checkpoint, time: LogTime) -> Option<Vec<u8>> {
    let mut text = b"subtree/v1\n\0".to_vec();
    text.push(u8::try_from(name.len()).ok()?);
    text.extend_from_slice(name.as_bytes());
    text.extend_from_slice(&time.get().to_be_bytes());
    text.push(u8::try_from(checkpoint.origin.len()).ok()?);
    text.extend_from_slice(checkpoint.origin.as_bytes());
    for number in [0, checkpoint.size.get()] {
        text.extend_from_slice(&number.to_be_bytes());
    }
    text.extend_from_slice(&checkpoint.root);
    Some(text)
}

enum LogPublic {
    Ed25519(VerifyingKey),
    MlDsa44(Box<ml_dsa::VerifyingKey<MlDsa44>>),
}

/// The verifier key of a log; its name is the log's origin.
pub struct LogKey {
    origin: String,
    id: [u8; 4],
    public: LogPublic,
    text: String,
}

impl fmt::Debug for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogKey({})", self.text)
    }
}

impl LogKey {
    /// Reads a verifier key.
    ///
    /// # Errors
    /// [`KeyError::VerifierKey`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let parse = || {
            let mut fields = text.splitn(3, '+');
            let (origin, _, key) = (fields.next()?, fields.next()?, fields.next()?);
            let bytes = STANDARD.decode(key).ok()?;
            let (kind, public) = bytes.split_first()?;
            let parsed = match *kind {
                PLAIN_ED25519 => {
                    LogPublic::Ed25519(VerifyingKey::from_bytes(public.try_into().ok()?).ok()?)
                }
                COSIGNED_ML_DSA_44 => {
                    let bytes = ml_dsa::EncodedVerifyingKey::<MlDsa44>::try_from(public).ok()?;
                    LogPublic::MlDsa44(Box::new(ml_dsa::VerifyingKey::decode(&bytes)))
                }
                _ => return None,
            };
            let whole = is_name(origin) && vkey(origin, *kind, public) == text;
            whole.then(|| Self {
                origin: origin.to_owned(),
                id: key_id(origin, *kind, public),
                public: parsed,
                text: text.to_owned(),
            })
        };
        parse().ok_or_else(|| KeyError::VerifierKey(text.to_owned()))
    }

    /// Name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The verifier key as text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is the key that the auditor of entries knows as well.
    #[must_use]
    pub const fn is_ed25519(&self) -> bool {
        matches!(self.public, LogPublic::Ed25519(_))
    }

    pub(crate) fn owns(&self, line: &Line) -> bool {
        line.name == self.origin && line.id == self.id
    }

    pub(crate) fn verifies(&self, checkpoint: &Checkpoint, line: &Line) -> bool {
        match &self.public {
            LogPublic::Ed25519(key) => {
                let signature =
                    <&[u8; 64]>::try_from(line.signature.as_slice()).map(Signature::from_bytes);
                signature.is_ok_and(|signature| {
                    key.verify_strict(checkpoint.body.as_bytes(), &signature)
                        .is_ok()
                })
            }
            LogPublic::MlDsa44(key) => {
                let Some((time, signature)) = line.signature.split_first_chunk::<8>() else {
                    return false;
                };
                let time = LogTime::new(u64::from_be_bytes(*time));
                let Some(text) = ml_dsa_text(&self.origin, checkpoint, time) else {
                    return false;
                };
                let signature = ml_dsa::Signature::<MlDsa44>::try_from(signature);
                i64::try_from(time.get()).is_ok()
                    && signature
                        .is_ok_and(|signature| key.verify_with_context(&text, &[], &signature))
            }
        }
    }
}

#[derive(Clone)]
enum Secret {
    Ed25519(Box<SigningKey>),
    MlDsa44(Box<ml_dsa::SigningKey<MlDsa44>>),
}

/// A key that a witness cosigns with.
#[derive(Clone)]
pub struct WitnessKey {
    name: String,
    kind: KeyKind,
    secret: Secret,
    seed: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WitnessKey({})", self.name)
    }
}

const FILE_TITLE: &str = "sagsspor witness key 1";

impl WitnessKey {
    /// A key from its name and seed.
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn new(name: &str, kind: KeyKind, seed: [u8; 32]) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name);
        }
        let secret = match kind {
            KeyKind::Ed25519 => Secret::Ed25519(Box::new(SigningKey::from_bytes(&seed))),
            KeyKind::MlDsa44 => {
                Secret::MlDsa44(Box::new(ml_dsa::SigningKey::from_seed(&seed.into())))
            }
        };
        Ok(Self {
            name: name.to_owned(),
            kind,
            secret,
            seed: Zeroizing::new(seed),
        })
    }

    /// The content of its key file.
    #[must_use]
    pub fn file(&self) -> Zeroizing<String> {
        let seed = Zeroizing::new(STANDARD.encode(*self.seed));
        let text = format!(
            "{FILE_TITLE}\n{}\n{}\n{}\n",
            self.kind.word(),
            self.name,
            *seed
        );
        Zeroizing::new(format!("{text}{:08x}\n", crc32c::crc32c(text.as_bytes())))
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`KeyError::File`].
    pub fn parse_file(text: &str) -> Result<Self, KeyError> {
        let mut lines = text.lines().skip(1);
        let (kind, name, seed) = (lines.next(), lines.next(), lines.next());
        let kind = match kind {
            Some("ed25519") => KeyKind::Ed25519,
            Some("ml-dsa-44") => KeyKind::MlDsa44,
            _ => return Err(KeyError::File),
        };
        let seed = Zeroizing::new(
            seed.and_then(|seed| STANDARD.decode(seed).ok())
                .ok_or(KeyError::File)?,
        );
        let seed: [u8; 32] = seed.as_slice().try_into().map_err(|_| KeyError::File)?;
        let key = Self::new(name.ok_or(KeyError::File)?, kind, seed).map_err(|_| KeyError::File)?;
        if *key.file() == text {
            Ok(key)
        } else {
            Err(KeyError::File)
        }
    }

    /// Name of the witness.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
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

    /// The verifier key, for policies.
    #[must_use]
    pub fn vkey(&self) -> String {
        let (kind, public) = self.public();
        vkey(&self.name, kind, &public)
    }

    /// Whether a line says that it is of this key.
    pub(crate) fn owns(&self, line: &Line) -> bool {
        let (kind, public) = self.public();
        line.name == self.name && line.id == key_id(&self.name, kind, &public)
    }

    /// The line that cosigns a checkpoint; none where a name is too long for what ML-DSA signs.
    pub(crate) fn cosign(&self, checkpoint: &Checkpoint, time: LogTime) -> Option<Line> {
        let mut signature = time.get().to_be_bytes().to_vec();
        match &self.secret {
            Secret::Ed25519(key) => {
                signature.extend_from_slice(&key.sign(&ed25519_text(checkpoint, time)).to_bytes())
            }
            Secret::MlDsa44(key) => {
                let text = ml_dsa_text(&self.name, checkpoint, time)?;
                signature.extend_from_slice(
                    &key.expanded_key()
                        .sign_deterministic(&text, &[])
                        .ok()?
                        .encode(),
                );
            }
        }
        let (kind, public) = self.public();
        Some(Line {
            name: self.name.clone(),
            id: key_id(&self.name, kind, &public),
            signature,
        })
    }
}
