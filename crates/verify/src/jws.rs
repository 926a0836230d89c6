//! Taking an entry's outer form apart, and checking who signed it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, VerifyingKey};

use crate::code::Code;
use crate::json::{self, Json};
use crate::tree::{Hash, hash};

const LENGTH_MAX: usize = 65_535;

pub(crate) struct Signed<'a> {
    pub(crate) kid: String,
    pub(crate) typ: String,
    pub(crate) payload: Json,
    message: &'a [u8],
    signature: [u8; 64],
}

/// A public key under its id.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) kid: String,
    key: VerifyingKey,
}

pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

pub(crate) fn hash_of(value: &Json) -> Option<Hash> {
    decode(value.text()?.as_bytes())?.try_into().ok()
}

impl Key {
    /// From a JWK of a keys entry; its id must be the thumbprint of RFC 7638.
    pub(crate) fn from_jwk(jwk: &Json) -> Option<Self> {
        let members = jwk.exactly(&["alg", "crv", "kid", "kty", "x"], &[])?;
        let text = |name: &str| members.get(name).and_then(Json::text);
        let (kid, x) = (text("kid")?, text("x")?);
        let thumbprint =
            hash(format!("{{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"{x}\"}}").as_bytes());
        let fixed = (text("alg")?, text("crv")?, text("kty")?) == ("Ed25519", "Ed25519", "OKP");
        let key = VerifyingKey::from_bytes(&decode(x.as_bytes())?.try_into().ok()?).ok()?;
        (fixed && URL_SAFE_NO_PAD.encode(thumbprint) == kid).then(|| Self {
            kid: kid.to_owned(),
            key,
        })
    }
}

impl Key {
    /// Whether the signature over the message is this key's, checked strictly.
    pub(crate) fn signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.key
            .verify_strict(message, &Signature::from_bytes(signature))
            .is_ok()
    }

    /// The public key.
    pub(crate) fn public(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// From a public key of a saved state.
    pub(crate) fn from_public(public: [u8; 32]) -> Option<Self> {
        let x = URL_SAFE_NO_PAD.encode(public);
        let thumbprint =
            hash(format!("{{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"{x}\"}}").as_bytes());
        Some(Self {
            kid: URL_SAFE_NO_PAD.encode(thumbprint),
            key: VerifyingKey::from_bytes(&public).ok()?,
        })
    }
}

impl<'a> Signed<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Code> {
        if bytes.len() > LENGTH_MAX {
            return Err(Code::JwsFormat);
        }
        let last = bytes
            .iter()
            .rposition(|byte| *byte == b'.')
            .ok_or(Code::JwsFormat)?;
        let (message, signature) = bytes.split_at_checked(last).ok_or(Code::JwsFormat)?;
        let mut fields = message.split(|byte| *byte == b'.');
        let (Some(header), Some(payload), None) = (fields.next(), fields.next(), fields.next())
        else {
            return Err(Code::JwsFormat);
        };
        let field = |text: &[u8]| decode(text).ok_or(Code::JwsFormat);
        let signature = field(signature.get(1..).unwrap_or_default())?
            .try_into()
            .map_err(|_| Code::JwsFormat)?;
        let header = field(header)?;
        // Bytes that are no JSON at all are no header; JSON in another form has codes of its own.
        json::read(&header).map_err(|code| {
            if code == Code::JsonDuplicateKey {
                code
            } else {
                Code::JwsFormat
            }
        })?;
        let header = json::parse(&header)?;
        let members = header
            .exactly(&["alg", "kid", "typ"], &[])
            .ok_or(Code::JwsHeader)?;
        let text = |name: &str| {
            members
                .get(name)
                .and_then(Json::text)
                .map(str::to_owned)
                .ok_or(Code::JwsHeader)
        };
        let (alg, kid, typ) = (text("alg")?, text("kid")?, text("typ")?);
        if alg != "Ed25519" {
            return Err(Code::JwsHeader);
        }
        Ok(Self {
            kid,
            typ,
            payload: json::parse(&field(payload)?)?,
            message,
            signature,
        })
    }

    /// Checks the signature with the valid key of that id.
    pub(crate) fn verify(&self, valid: &[Key]) -> Result<(), Code> {
        let key = valid
            .iter()
            .find(|key| key.kid == self.kid)
            .ok_or(Code::JwsKey)?;
        key.key
            .verify_strict(self.message, &Signature::from_bytes(&self.signature))
            .map_err(|_| Code::JwsSignature)
    }
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
