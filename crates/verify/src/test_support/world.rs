//! A small log with witnesses and heartbeats. It holds all keys, so that whatever an attacker wants
//! can be recorded.

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

use super::leaves::Leaves;
use super::log::{Log, ORIGIN, b64, jwk};
use super::signing::{WITNESSES, fixed};
use crate::tree::{self, Hash, hash};

/// When the log of the tests begins.
pub(crate) const START: u64 = 1_795_430_000;
pub(crate) const CASE: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
pub(crate) const NOTIFICATION: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
/// What an event holds, open.
#[derive(Clone, Default)]
pub(crate) struct Open {
    pub(crate) payload: String,
    /// Part, field and disclosure of each value.
    pub(crate) values: Vec<(usize, String, String)>,
}

/// The keys of a world.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) event: SigningKey,
    pub(crate) log: SigningKey,
    pub(crate) lattice: Hash,
    pub(crate) witnesses: Vec<SigningKey>,
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) keys: Keys,
    pub(crate) clock: u64,
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) payloads: Vec<Value>,
    pub(crate) open: BTreeMap<usize, Open>,
    /// Size, time and text of every cosigned checkpoint.
    pub(crate) checkpoints: Vec<(usize, u64, String)>,
    pub(crate) documents: Vec<Vec<u8>>,
    /// The type of the events that are recorded.
    pub(crate) typ: &'static str,
    salts: u64,
}

/// A field with its values: part, name, values.
pub(crate) type Field<'a> = (usize, &'a str, Vec<Value>);

impl World {
    /// A log with its keys, sealed and cosigned, and nothing in it.
    pub(crate) fn empty() -> Self {
        let key = |name: &str| SigningKey::from_bytes(&fixed(name));
        let keys = Keys {
            event: key("event"),
            log: key("log"),
            lattice: fixed("lattice"),
            witnesses: WITNESSES.map(key).to_vec(),
        };
        let mut world = Self {
            keys,
            clock: START,
            entries: Vec::new(),
            payloads: Vec::new(),
            open: BTreeMap::new(),
            checkpoints: Vec::new(),
            documents: Vec::new(),
            typ: "sag-event+sd-jwt",
            salts: 0,
        };
        world.add_keys(&[jwk(&world.keys.event)], &world.keys.event.clone());
        world.seal();
        world
    }

    /// Two streams, a document, an erasure of a part, a reference.
    pub(crate) fn honest() -> Self {
        let mut world = Self::empty();
        world.wait(900);
        world.heartbeat();
        world.wait(10);
        world.record(
            CASE,
            "CaseOpened",
            &["case", "child:3fa85f64-5717-4562-b3fc-2c963f66afa6"],
            &[
                (0, "actor", vec![json!({ "id": "b-17", "role": "INTAKE" })]),
                (0, "case_number", vec![json!("2026-004711")]),
                (
                    0,
                    "ground",
                    vec![json!("Første afsnit."), json!("Andet afsnit.")],
                ),
                (1, "name", vec![json!("Test Barn")]),
            ],
        );
        world.record(
            NOTIFICATION,
            "NotificationReceived",
            &["notification"],
            &[(0, "text", vec![json!("Skolen skriver.")])],
        );
        world.wait(2);
        world.seal();
        world.wait(86_400);
        world.heartbeat();
        world.wait(60);
        let reference = json!({ "stream": NOTIFICATION, "event": world.payloads[3]["jti"] });
        world.record(
            CASE,
            "NoteTaken",
            &["case", "child:x", "parent:y"],
            &[
                (0, "target", vec![reference]),
                (1, "words", vec![json!(["ikke", -3, true])]),
                (2, "words", vec![json!("Moren siger noget.")]),
            ],
        );
        world.file_document(b"%PDF-1.7 a letter");
        world.wait(1);
        world.seal();
        world.wait(900);
        world.heartbeat();
        world.wait(10);
        world.record_with(
            CASE,
            "ErasureOrdered",
            &["case"],
            &[(0, "reason", vec![json!("Begæring.")])],
            &[("er", json!([[2, 2]]))],
        );
        world.wait(1);
        world.seal();
        world.wait(900);
        world.heartbeat();
        world
    }

    pub(crate) fn wait(&mut self, seconds: u64) {
        self.clock += seconds;
    }

    fn salt(&mut self) -> String {
        self.salts += 1;
        b64(&fixed(&format!("salt {}", self.salts)))
    }

    /// Appends a signed entry; the common members are filled in where they lack.
    pub(crate) fn append(&mut self, typ: &str, mut payload: Value, key: &SigningKey) -> usize {
        let index = self.entries.len();
        let id = b64(&fixed(&format!("id {index}")));
        let hex: String = fixed(&id)[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let id = [
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..32],
        ]
        .join("-");
        for (name, value) in [
            ("i", json!(index)),
            ("iat", json!(self.clock)),
            ("iss", json!(ORIGIN)),
            ("jti", json!(id)),
        ] {
            if payload.get(name).is_none() {
                payload[name] = value;
            }
        }
        self.entries.push(Log::sign_text(
            &Log::header(typ, key),
            &payload.to_string(),
            key,
        ));
        self.payloads.push(payload);
        index
    }

    /// Appends an entry whose texts are signed as they are.
    pub(crate) fn append_text(&mut self, header: &str, payload: &str, key: &SigningKey) {
        self.entries.push(Log::sign_text(header, payload, key));
        self.payloads.push(serde_json::from_str(payload).unwrap());
    }

    /// Changes the payload of an entry and signs it again, as a thief of the event key could. The
    /// checkpoints stay what they are.
    pub(crate) fn bend(&self, index: usize, change: impl FnOnce(&mut Value)) -> Vec<u8> {
        let mut payload = self.payloads[index].clone();
        change(&mut payload);
        Log::sign_text(
            &Log::header("sag-event+sd-jwt", &self.keys.event),
            &payload.to_string(),
            &self.keys.event,
        )
    }

    pub(crate) fn leaf(&self, index: usize) -> String {
        b64(&tree::leaf(&self.entries[index]))
    }

    fn newest(&self, member: &str) -> Option<usize> {
        (0..self.payloads.len())
            .rev()
            .find(|index| self.payloads[*index].get(member).is_some())
    }

    fn prev(&self, member: &str) -> String {
        self.newest(member)
            .map_or(b64(&[0; 32]), |index| self.leaf(index))
    }

    pub(crate) fn add_keys(&mut self, keys: &[Value], signer: &SigningKey) {
        let payload = json!({ "jwks": { "keys": keys }, "prev": self.prev("jwks") });
        self.append("sag-keys+jwt", payload, signer);
    }

    pub(crate) fn record(
        &mut self,
        stream: &str,
        kind: &str,
        who: &[&str],
        fields: &[Field<'_>],
    ) -> usize {
        self.record_with(stream, kind, who, fields, &[])
    }

    /// Records an event; `extra` replaces or adds members of the envelope.
    pub(crate) fn record_with(
        &mut self,
        stream: &str,
        kind: &str,
        who: &[&str],
        fields: &[Field<'_>],
        extra: &[(&str, Value)],
    ) -> usize {
        let mut parts: Vec<Value> = who
            .iter()
            .map(|who| json!({ "f": {}, "who": who }))
            .collect();
        let mut open = Open::default();
        for (part, field, values) in fields {
            let mut digests = Vec::new();
            for value in values {
                let disclosure = b64(json!([self.salt(), value]).to_string().as_bytes());
                digests.push(json!({ "...": b64(&hash(disclosure.as_bytes())) }));
                open.values.push((*part, (*field).to_owned(), disclosure));
            }
            parts[*part]["f"][*field] = Value::Array(digests);
        }
        open.payload = b64(
            json!([self.salt(), "p", { "parts": parts, "type": kind, "ver": 1 }])
                .to_string()
                .as_bytes(),
        );
        let (mut seq, mut prev, mut streams) = (1, b64(&[0; 32]), Vec::new());
        for (index, payload) in self
            .payloads
            .iter()
            .enumerate()
            .filter(|(_, payload)| payload.get("str").is_some())
        {
            if !streams.contains(&payload["str"]) {
                streams.push(payload["str"].clone());
            }
            if payload["str"] == stream {
                (seq, prev) = (payload["seq"].as_u64().unwrap() + 1, self.leaf(index));
            }
        }
        let ordinal = streams
            .iter()
            .position(|known| *known == stream)
            .unwrap_or(streams.len());
        let blobs: Vec<String> = (0..who.len())
            .map(|part| b64(&fixed(&format!("blob {} {part}", self.entries.len()))))
            .collect();
        let mut payload = json!({
            "_sd": [b64(&hash(open.payload.as_bytes()))], "_sd_alg": "sha-256", "ct": blobs,
            "no": ordinal, "prev": prev, "seq": seq, "str": stream,
        });
        extra
            .iter()
            .for_each(|(name, value)| payload[*name] = value.clone());
        let index = self.append(self.typ, payload, &self.keys.event.clone());
        self.open.insert(index, open);
        index
    }

    pub(crate) fn file_document(&mut self, bytes: &[u8]) {
        let content = json!({ "blobs": [1], "media_type": "application/pdf", "sha256": b64(&hash(bytes)), "size": bytes.len() });
        let index = self.entries.len();
        let blobs = json!([
            b64(&fixed(&format!("part {index}"))),
            b64(&fixed(&format!("chunk {index}")))
        ]);
        self.record_with(
            CASE,
            "DocumentFiled",
            &["case"],
            &[(0, "content", vec![content])],
            &[("ct", blobs)],
        );
        self.documents.push(bytes.to_vec());
    }

    pub(crate) fn heads_leaves(&self) -> Leaves {
        let mut heads: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
        for (index, payload) in self.payloads.iter().enumerate() {
            let Some(stream) = payload["str"].as_str() else {
                continue;
            };
            let mut data = crate::entry::id(&crate::json::Json::Text(stream.into()))
                .unwrap()
                .to_vec();
            data.extend(payload["seq"].as_u64().unwrap().to_be_bytes());
            data.extend((index as u64).to_be_bytes());
            data.extend(tree::leaf(&self.entries[index]));
            heads.insert(payload["no"].as_u64().unwrap(), data);
        }
        Leaves(heads.values().map(|data| tree::leaf(data)).collect())
    }

    /// Appends an honest heads entry, and has a checkpoint cosigned.
    pub(crate) fn seal(&mut self) {
        let leaves = self.heads_leaves();
        let root = leaves.root(0, leaves.0.len());
        let keys = self.newest("jwks").unwrap();
        let payload = json!({
            "h": { "m": leaves.0.len(), "n": self.entries.len(), "root": b64(&root) },
            "k": [keys, self.leaf(keys)], "prev": self.prev("h"),
        });
        self.append("sag-heads+jwt", payload, &self.keys.event.clone());
        self.heartbeat();
    }

    /// Has everything so far cosigned now.
    pub(crate) fn heartbeat(&mut self) {
        let note = self.note(self.entries.len(), &[0, 1, 2]);
        self.checkpoints
            .push((self.entries.len(), self.clock, note));
    }

    pub(crate) fn leaves(&self) -> Leaves {
        Leaves(self.entries.iter().map(|entry| tree::leaf(entry)).collect())
    }

    /// The events of a stream, by their places in the log.
    pub(crate) fn stream(&self, stream: &str) -> Vec<usize> {
        (0..self.payloads.len())
            .filter(|index| self.payloads[*index]["str"] == stream)
            .collect()
    }
}
