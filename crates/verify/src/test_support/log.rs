//! A log for attacks: the published vectors, with the keys to sign whatever an attacker wants.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};

use crate::audit::{Pin, Report, Trust, audit};
use crate::code::{Code, Finding};
use crate::position::{LogIndex, Size};
use crate::source::{LogSource, RawEntry, SourceError};
use crate::tree::{self, Growing, hash};

pub(crate) const ORIGIN: &str = "log.aarhus.example/0751/sag";

#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) bytes: Vec<u8>,
    pub(crate) blobs: Vec<Option<Vec<u8>>>,
}

/// A log, its checkpoint and the keys behind both.
#[derive(Clone)]
pub(crate) struct Log {
    pub(crate) entries: Vec<Stored>,
    pub(crate) note: String,
    pub(crate) trust: Trust,
    pub(crate) event_key: SigningKey,
    pub(crate) log_key: SigningKey,
}

impl LogSource for Log {
    type Error = std::convert::Infallible;

    fn for_each(
        &self,
        visit: &mut dyn FnMut(RawEntry<'_>) -> Result<(), Finding>,
    ) -> Result<(), SourceError<Self::Error>> {
        for (index, entry) in LogIndex::FIRST.and_behind().zip(&self.entries) {
            let blobs: Vec<Option<&[u8]>> = entry.blobs.iter().map(Option::as_deref).collect();
            visit(RawEntry {
                index,
                bytes: &entry.bytes,
                blobs: &blobs,
            })?;
        }
        Ok(())
    }
}

fn seed(hex: &Value) -> SigningKey {
    let hex = hex.as_str().unwrap();
    let bytes: Vec<u8> = (0..32)
        .map(|place| u8::from_str_radix(&hex[place * 2..place * 2 + 2], 16).unwrap())
        .collect();
    SigningKey::from_bytes(&bytes.try_into().unwrap())
}

/// What one outsider knows of a log.
pub(crate) fn pin(size: u64, root: [u8; 32]) -> Vec<Pin> {
    vec![Pin {
        size: Size::new(size),
        root,
        by: "an outsider".to_owned(),
    }]
}

pub(crate) fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn jwk(key: &SigningKey) -> Value {
    let x = b64(key.verifying_key().as_bytes());
    let kid = b64(&hash(
        format!("{{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"{x}\"}}").as_bytes(),
    ));
    json!({ "alg": "Ed25519", "crv": "Ed25519", "kid": kid, "kty": "OKP", "x": x })
}

impl Log {
    /// The eleven entries of the vectors, with the one erasure in them carried out.
    pub(crate) fn honest() -> Self {
        let vectors: Value =
            serde_json::from_str(include_str!("../../../../schema/vectors/record.json")).unwrap();
        let mut entries: Vec<Stored> = Vec::new();
        for row in vectors["entries"].as_array().unwrap() {
            let bytes = row["entry"].as_str().unwrap().as_bytes().to_vec();
            let blobs: BTreeMap<usize, Option<Vec<u8>>> = vectors["blobs"]
                .as_object()
                .unwrap()
                .iter()
                .filter_map(|(place, blob)| {
                    let (index, part) = place.split_once('.').unwrap();
                    (index.parse::<u64>().ok() == row["i"].as_u64())
                        .then(|| (part.parse().unwrap(), Some(blob.as_str().unwrap().into())))
                })
                .collect();
            entries.push(Stored {
                bytes,
                blobs: blobs.into_values().collect(),
            });
        }
        entries[4].blobs[2] = None;
        let body = vectors["checkpoint_bodies"]["11"].as_str().unwrap();
        let note = format!(
            "{body}\n{}",
            vectors["log_sig_line_size11"].as_str().unwrap()
        );
        let log_key = vectors["keys"]["log_vkey_ed25519"]
            .as_str()
            .unwrap()
            .to_owned();
        Self {
            entries,
            note,
            trust: Trust {
                origin: ORIGIN.into(),
                log_key,
                post_quantum_key: None,
                pins: Vec::new(),
            },
            event_key: seed(&vectors["keys"]["event_ed25519_seed_hex"]),
            log_key: seed(&vectors["keys"]["log_ed25519_seed_hex"]),
        }
    }

    pub(crate) fn audit(&self) -> Result<Report, Code> {
        audit(self, &self.trust, Some(&self.note), &mut |_, _| {}).map_err(|error| match error {
            SourceError::Finding(finding) => finding.code,
            SourceError::Read(never) => match never {},
        })
    }

    pub(crate) fn payload(&self, index: usize) -> Value {
        let field = self.entries[index]
            .bytes
            .split(|byte| *byte == b'.')
            .nth(1)
            .unwrap()
            .to_vec();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(field).unwrap()).unwrap()
    }

    pub(crate) fn typ(&self, index: usize) -> String {
        let field = self.entries[index]
            .bytes
            .split(|byte| *byte == b'.')
            .next()
            .unwrap()
            .to_vec();
        let header: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(field).unwrap()).unwrap();
        header["typ"].as_str().unwrap().to_owned()
    }

    /// Signs header and payload texts as they are.
    pub(crate) fn sign_text(header: &str, payload: &str, key: &SigningKey) -> Vec<u8> {
        let message = format!("{}.{}", b64(header.as_bytes()), b64(payload.as_bytes()));
        let signature = key.sign(message.as_bytes()).to_bytes();
        format!("{message}.{}", b64(&signature)).into_bytes()
    }

    pub(crate) fn header(typ: &str, key: &SigningKey) -> String {
        json!({ "alg": "Ed25519", "kid": jwk(key)["kid"], "typ": typ }).to_string()
    }

    /// Changes the payload of an entry and signs it again, as a thief of the event key could.
    pub(crate) fn bend(mut self, index: usize, change: impl FnOnce(&mut Value)) -> Self {
        let (typ, mut payload) = (self.typ(index), self.payload(index));
        change(&mut payload);
        let header = Self::header(&typ, &self.event_key);
        self.entries[index].bytes = Self::sign_text(&header, &payload.to_string(), &self.event_key);
        self
    }

    /// Appends an entry; `i`, `iat`, `iss`, `jti` are filled in.
    pub(crate) fn append(
        &mut self,
        typ: &str,
        mut payload: Value,
        blobs: Vec<Option<Vec<u8>>>,
        key: &SigningKey,
    ) {
        let index = self.entries.len();
        payload["i"] = json!(index);
        payload["iat"] = json!(1_795_700_000_u64 + index as u64);
        payload["iss"] = json!(ORIGIN);
        payload["jti"] = json!(format!("00000000-0000-4000-8000-{index:012}"));
        let bytes = Self::sign_text(&Self::header(typ, key), &payload.to_string(), key);
        self.entries.push(Stored { bytes, blobs });
    }

    /// The next event of the first stream.
    pub(crate) fn append_event(&mut self, extra: &[(&str, Value)]) {
        let first = self.payload(1);
        let stream = first["str"].clone();
        let last = (0..self.entries.len())
            .rev()
            .find(|index| self.payload(*index)["str"] == stream)
            .unwrap();
        let mut payload = json!({
            "_sd": first["_sd"], "_sd_alg": "sha-256", "ct": [b64(&hash(b"blob"))], "no": 0, "str": stream,
            "seq": self.payload(last)["seq"].as_u64().unwrap() + 1, "prev": self.leaf(last),
        });
        extra
            .iter()
            .for_each(|(name, value)| payload[*name] = value.clone());
        let key = self.event_key.clone();
        self.append(
            "sag-event+sd-jwt",
            payload,
            vec![Some(b"blob".to_vec())],
            &key,
        );
    }

    pub(crate) fn leaf(&self, index: usize) -> String {
        b64(&tree::leaf(&self.entries[index].bytes))
    }

    fn newest(&self, typ: &str) -> usize {
        (0..self.entries.len())
            .rev()
            .find(|index| self.typ(*index) == typ)
            .unwrap()
    }

    /// Appends an honest heads entry and signs a checkpoint over everything.
    pub(crate) fn seal(&mut self, key: &SigningKey) {
        self.seal_with(key, &[]);
    }

    /// The same with further members in the heads entry.
    pub(crate) fn seal_with(&mut self, key: &SigningKey, extra: &[(&str, Value)]) {
        let mut heads: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
        for index in 0..self.entries.len() {
            let payload = self.payload(index);
            let Some(stream) = payload["str"].as_str() else {
                continue;
            };
            let digits = stream.replace('-', "");
            let mut data: Vec<u8> = (0..16)
                .map(|place| u8::from_str_radix(&digits[place * 2..place * 2 + 2], 16).unwrap())
                .collect();
            data.extend(payload["seq"].as_u64().unwrap().to_be_bytes());
            data.extend((index as u64).to_be_bytes());
            data.extend(tree::leaf(&self.entries[index].bytes));
            heads.insert(payload["no"].as_u64().unwrap(), data);
        }
        let mut root = Growing::default();
        heads.values().for_each(|data| root.add(tree::leaf(data)));
        let keys = self.newest("sag-keys+jwt");
        let mut payload = json!({
            "h": { "m": heads.len(), "n": self.entries.len(), "root": b64(&root.root()) },
            "k": [keys, self.leaf(keys)], "prev": self.leaf(self.newest("sag-heads+jwt")),
        });
        extra
            .iter()
            .for_each(|(name, value)| payload[*name] = value.clone());
        self.append("sag-heads+jwt", payload, Vec::new(), key);
        let size = self.entries.len();
        self.checkpoint(size);
    }

    /// Signs a checkpoint over the first entries.
    pub(crate) fn checkpoint(&mut self, size: usize) {
        let mut root = Growing::default();
        self.entries[..size]
            .iter()
            .for_each(|entry| root.add(tree::leaf(&entry.bytes)));
        let body = format!("{ORIGIN}\n{size}\n{}\n", STANDARD.encode(root.root()));
        let public = self.log_key.verifying_key();
        let id = hash(&[ORIGIN.as_bytes(), b"\n\x01", public.as_bytes()].concat());
        let signature = [&id[..4], &self.log_key.sign(body.as_bytes()).to_bytes()].concat();
        self.note = format!("{body}\n\u{2014} {ORIGIN} {}\n", STANDARD.encode(signature));
    }
}
