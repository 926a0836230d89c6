//! Bundles for attacks: a small log with witnesses and heartbeats, and everything needed to sign
//! whatever an attacker wants.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use ml_dsa::{Keypair, MlDsa44};
use serde_json::{Value, json};

use crate::bundle::{self, NoAuthority, Trust, Verdict};
use crate::code::{Code, Finding};
use crate::files::Failure;
use crate::log_builder::{Log, ORIGIN, b64, jwk};
use crate::policy::Policy;
use crate::tree::{self, Hash, hash, node};

/// When the log of the tests begins.
pub(crate) const START: u64 = 1_795_430_000;
pub(crate) const CASE: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
pub(crate) const NOTIFICATION: &str = "7c9e6679-7425-40de-944b-e07fc1f90ae7";
pub(crate) const WITNESSES: [&str; 3] = [
    "ankestyrelsen.example/w1/verify",
    "rigsarkivet.example/w2",
    "kl.example/w3",
];

/// Proofs over leaves, by the definitions of RFC 6962 section 2.1.
pub(crate) struct Leaves(pub(crate) Vec<Hash>);

impl Leaves {
    pub(crate) fn root(&self, from: usize, to: usize) -> Hash {
        match to - from {
            0 => hash(&[]),
            1 => self.0[from],
            size => {
                let left = from + split(size);
                node(&self.root(from, left), &self.root(left, to))
            }
        }
    }

    pub(crate) fn path(&self, index: usize, from: usize, to: usize) -> Vec<Hash> {
        if to - from <= 1 {
            return Vec::new();
        }
        let left = from + split(to - from);
        let (mut path, sibling) = if index < left {
            (self.path(index, from, left), self.root(left, to))
        } else {
            (self.path(index, left, to), self.root(from, left))
        };
        path.push(sibling);
        path
    }

    /// From the tree of `old` leaves to that of `to`.
    pub(crate) fn consistency(&self, old: usize, from: usize, to: usize, whole: bool) -> Vec<Hash> {
        if old == to - from {
            return if whole {
                Vec::new()
            } else {
                vec![self.root(from, to)]
            };
        }
        let left = from + split(to - from);
        let (mut path, sibling) = if old <= left - from {
            (
                self.consistency(old, from, left, whole),
                self.root(left, to),
            )
        } else {
            (
                self.consistency(old - (left - from), left, to, false),
                self.root(from, left),
            )
        };
        path.push(sibling);
        path
    }
}

fn split(size: usize) -> usize {
    size.next_power_of_two() / 2
}

/// A fixed 32-byte value of that name.
pub(crate) fn fixed(name: &str) -> Hash {
    hash(name.as_bytes())
}

pub(crate) fn vkey(name: &str, kind: u8, public: &[u8]) -> String {
    let bytes = [&[kind], public].concat();
    let id = hash(&[name.as_bytes(), b"\n", &bytes].concat());
    format!(
        "{name}+{}+{}",
        id[..4]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>(),
        STANDARD.encode(bytes)
    )
}

fn line(name: &str, kind: u8, public: &[u8], signature: &[u8]) -> String {
    let id = hash(&[name.as_bytes(), b"\n", &[kind], public].concat());
    format!(
        "\u{2014} {name} {}\n",
        STANDARD.encode([&id[..4], signature].concat())
    )
}

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

    pub(crate) fn body(&self, size: usize) -> String {
        format!(
            "{ORIGIN}\n{size}\n{}\n",
            STANDARD.encode(self.leaves().root(0, size))
        )
    }

    /// The checkpoint of that size, signed by the log twice and by these witnesses.
    pub(crate) fn note(&self, size: usize, witnesses: &[usize]) -> String {
        let body = self.body(size);
        let mut note = format!(
            "{body}\n{}{}",
            self.log_line(&body),
            self.lattice_line(size, &self.leaves().root(0, size))
        );
        for witness in witnesses {
            note.push_str(&self.witness_line(*witness, &body, self.clock + *witness as u64));
        }
        note
    }

    pub(crate) fn log_line(&self, body: &str) -> String {
        let public = self.keys.log.verifying_key();
        line(
            ORIGIN,
            1,
            public.as_bytes(),
            &self.keys.log.sign(body.as_bytes()).to_bytes(),
        )
    }

    pub(crate) fn lattice(&self) -> ml_dsa::SigningKey<MlDsa44> {
        ml_dsa::SigningKey::from_seed(&self.keys.lattice.into())
    }

    pub(crate) fn lattice_public(&self) -> Vec<u8> {
        self.lattice().verifying_key().encode().to_vec()
    }

    pub(crate) fn lattice_line(&self, size: usize, root: &Hash) -> String {
        let key = self.lattice();
        let named = [&[u8::try_from(ORIGIN.len()).unwrap()], ORIGIN.as_bytes()].concat();
        let time = self.clock.to_be_bytes();
        let message = [
            b"subtree/v1\n\0",
            named.as_slice(),
            &time,
            &named,
            &[0; 8],
            &(size as u64).to_be_bytes(),
            root,
        ]
        .concat();
        let signature = [&time[..], key.sign(&message).encode().as_slice()].concat();
        line(
            ORIGIN,
            6,
            key.verifying_key().encode().as_slice(),
            &signature,
        )
    }

    pub(crate) fn witness_line(&self, witness: usize, body: &str, time: u64) -> String {
        let key = &self.keys.witnesses[witness];
        let signature = key
            .sign(format!("cosignature/v1\ntime {time}\n{body}").as_bytes())
            .to_bytes();
        line(
            WITNESSES[witness],
            4,
            key.verifying_key().as_bytes(),
            &[&time.to_be_bytes()[..], &signature].concat(),
        )
    }

    pub(crate) fn policy_text(&self) -> String {
        let mut text = format!(
            "# A test.\n\nlog {}\n",
            vkey(ORIGIN, 1, self.keys.log.verifying_key().as_bytes())
        );
        text += &format!(
            "witness logpq {}\n",
            vkey(
                ORIGIN,
                6,
                self.lattice().verifying_key().encode().as_slice()
            )
        );
        for (number, key) in self.keys.witnesses.iter().enumerate() {
            text += &format!(
                "witness w{} {}\n",
                number + 1,
                vkey(WITNESSES[number], 4, key.verifying_key().as_bytes())
            );
        }
        text + "group others any w2 w3\ngroup q all logpq w1 others\nquorum q\n"
    }

    pub(crate) fn trust(&self) -> Trust {
        self.trust_in(&self.policy_text())
    }

    pub(crate) fn trust_in(&self, policy: &str) -> Trust {
        let policy = Policy::parse(policy.as_bytes()).unwrap();
        Trust {
            policy,
            pin: None,
            receipts: Vec::new(),
            verifying: Some("w1".into()),
        }
    }

    pub(crate) fn proof(&self, index: usize, size: usize, note: &str) -> String {
        let path = self.leaves().path(index, 0, size);
        let path: String = path
            .iter()
            .map(|hash| format!("{}\n", STANDARD.encode(hash)))
            .collect();
        format!("c2sp.org/tlog-proof@v1\nindex {index}\n{path}\n{note}")
    }

    /// The events of a stream, by their places in the log.
    pub(crate) fn stream(&self, stream: &str) -> Vec<usize> {
        (0..self.payloads.len())
            .filter(|index| self.payloads[*index]["str"] == stream)
            .collect()
    }

    /// An honest bundle of a stream at the newest checkpoint: everything shown that is not erased.
    pub(crate) fn bundle(&self, stream: &str) -> Bundle {
        let (size, _, checkpoint) = self.checkpoints.last().unwrap().clone();
        let bare = format!("{}\n{}", self.body(size), self.log_line(&self.body(size)));
        let mut files = BTreeMap::new();
        let events = self.stream(stream);
        let erased: Vec<Value> = events
            .iter()
            .filter_map(|index| self.payloads[*index]["er"].as_array())
            .flatten()
            .cloned()
            .collect();
        for (seq, index) in (1_u64..).zip(&events) {
            let text = self.shown(seq, *index, &erased);
            files.insert(format!("data/events/{seq:06}.sd-jwt"), text.into_bytes());
            files.insert(
                format!("data/proofs/{seq:06}.tlog-proof"),
                self.proof(*index, size, &bare).into_bytes(),
            );
            self.evidence_of_time(seq, *index, &mut files);
        }
        let keys = (0..size).filter(|index| self.payloads[*index].get("jwks").is_some());
        for (number, index) in keys.enumerate() {
            files.insert(
                format!("data/keys/{number:04}.jws"),
                self.entries[index].clone(),
            );
            files.insert(
                format!("data/keys/{number:04}.tlog-proof"),
                self.proof(index, size, &bare).into_bytes(),
            );
        }
        files.insert("data/heads.jws".into(), self.entries[size - 1].clone());
        files.insert(
            "data/heads.tlog-proof".into(),
            self.proof(size - 1, size, &bare).into_bytes(),
        );
        files.insert("data/checkpoint".into(), checkpoint.into_bytes());
        if stream == CASE {
            for document in &self.documents {
                let name: String = hash(document)
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                files.insert(format!("data/files/{name}"), document.clone());
            }
        }
        let description = self.description(stream, events[0], size);
        Bundle { files, description }
    }

    /// An entry with the disclosures of it that are not erased.
    fn shown(&self, seq: u64, index: usize, erased: &[Value]) -> String {
        let gone = |part: usize, digest: String| {
            erased.contains(&json!([seq, part])) || erased.contains(&json!([seq, part, digest]))
        };
        let open = &self.open[&index];
        let mut text = String::from_utf8(self.entries[index].clone()).unwrap() + "~";
        if !gone(0, String::new()) {
            text += &format!("{}~", open.payload);
            for (part, _, value) in &open.values {
                if !gone(*part, b64(&hash(value.as_bytes()))) {
                    text += &format!("{value}~");
                }
            }
        }
        text
    }

    /// Adds the checkpoints right before and behind an entry.
    fn evidence_of_time(&self, seq: u64, index: usize, files: &mut BTreeMap<String, Vec<u8>>) {
        if let Some((first, _, note)) = self.checkpoints.iter().find(|(size, ..)| *size > index) {
            files.insert(
                format!("data/time/{seq:06}.tlog-proof"),
                self.proof(index, *first, note).into_bytes(),
            );
        }
        if let Some((.., note)) = self
            .checkpoints
            .iter()
            .rev()
            .find(|(size, ..)| *size <= index)
        {
            files.insert(
                format!("data/time/{seq:06}.before"),
                note.clone().into_bytes(),
            );
        }
    }

    fn description(&self, stream: &str, first: usize, size: usize) -> Value {
        let heads = self.heads_leaves();
        let ordinal = self.payloads[first]["no"].as_u64().unwrap();
        let path: Vec<String> = heads
            .path(usize::try_from(ordinal).unwrap(), 0, heads.0.len())
            .iter()
            .map(|hash| STANDARD.encode(hash))
            .collect();
        json!({
            "format": "sag-bundle/1", "origin": ORIGIN, "stream": stream, "no": ordinal, "size": size, "path": path, "redactions": [],
        })
    }

    pub(crate) fn consistency(&self, old: usize) -> Vec<u8> {
        let path = self.leaves().consistency(old, 0, self.entries.len(), true);
        path.iter()
            .map(|hash| format!("{}\n", STANDARD.encode(hash)))
            .collect::<String>()
            .into_bytes()
    }
}

/// A bundle that can still be changed; its lists are made at the end.
#[derive(Clone)]
pub(crate) struct Bundle {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) description: Value,
}

impl Bundle {
    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.files[name].clone()).unwrap()
    }

    /// Replaces a text once; fails where it does not stand.
    pub(crate) fn replace(mut self, name: &str, old: &str, new: &str) -> Self {
        let text = self.text(name);
        assert!(text.contains(old), "{name} holds {old}");
        self.files
            .insert(name.into(), text.replacen(old, new, 1).into_bytes());
        self
    }

    pub(crate) fn with(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(name.into(), bytes.into());
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        assert!(self.files.remove(name).is_some(), "{name}");
        self
    }

    pub(crate) fn redact(mut self, seq: u64, digest: &str) -> Self {
        self.description["redactions"]
            .as_array_mut()
            .unwrap()
            .push(json!([seq, digest, "FVL § 15"]));
        self
    }

    /// All files with fitting lists.
    pub(crate) fn complete(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.files.clone();
        files.insert(
            "data/bundle.json".into(),
            self.description.to_string().into_bytes(),
        );
        let list = |names: &mut dyn Iterator<Item = (&String, &Vec<u8>)>| {
            let row = |(name, bytes): (&String, &Vec<u8>)| {
                format!(
                    "{}  {name}\n",
                    hash(bytes)
                        .iter()
                        .map(|byte| format!("{byte:02x}"))
                        .collect::<String>()
                )
            };
            names.map(row).collect::<String>().into_bytes()
        };
        let manifest = list(&mut files.iter());
        let tags: BTreeMap<String, Vec<u8>> = [
            (
                "bagit.txt".to_owned(),
                b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".to_vec(),
            ),
            (
                "bag-info.txt".to_owned(),
                b"Source-Organization: Aarhus\n".to_vec(),
            ),
            ("manifest-sha256.txt".to_owned(), manifest),
        ]
        .into();
        files.insert("tagmanifest-sha256.txt".into(), list(&mut tags.iter()));
        files.extend(tags);
        files
    }

    /// Replaces the entry of an event, and leaves its disclosures.
    pub(crate) fn with_entry(self, seq: u64, entry: &[u8]) -> Self {
        let name = format!("data/events/{seq:06}.sd-jwt");
        let text = self.text(&name);
        let behind = &text[text.find('~').unwrap()..];
        let text = String::from_utf8(entry.to_vec()).unwrap() + behind;
        self.with(&name, text)
    }

    /// The disclosures of an event.
    pub(crate) fn disclosures(&self, seq: u64) -> Vec<String> {
        let text = self.text(&format!("data/events/{seq:06}.sd-jwt"));
        text.split('~')
            .skip(1)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect()
    }

    pub(crate) fn with_disclosures(self, seq: u64, disclosures: &[String]) -> Self {
        let name = format!("data/events/{seq:06}.sd-jwt");
        let entry = self.text(&name).split('~').next().unwrap().to_owned();
        let text = disclosures
            .iter()
            .fold(entry + "~", |text, disclosure| text + disclosure + "~");
        self.with(&name, text)
    }

    /// Moves all files of one event to another number.
    pub(crate) fn renumber(mut self, from: u64, to: u64) -> Self {
        for (folder, ending) in [
            ("events", "sd-jwt"),
            ("proofs", "tlog-proof"),
            ("time", "tlog-proof"),
            ("time", "before"),
        ] {
            if let Some(bytes) = self
                .files
                .remove(&format!("data/{folder}/{from:06}.{ending}"))
            {
                self.files
                    .insert(format!("data/{folder}/{to:06}.{ending}"), bytes);
            }
        }
        self
    }

    pub(crate) fn drop_event(mut self, seq: u64) -> Self {
        self.files
            .retain(|name, _| !name.contains(&format!("/{seq:06}.")));
        self
    }

    pub(crate) fn check(&self, trust: &Trust) -> Result<Verdict, Code> {
        check(&mut self.complete(), trust)
    }
}

pub(crate) fn finding(failure: Failure) -> Finding {
    match failure {
        Failure::Finding(finding) => finding,
        Failure::Read(error) => panic!("{error}"),
    }
}

pub(crate) fn check(files: &mut dyn crate::files::Files, trust: &Trust) -> Result<Verdict, Code> {
    bundle::check(files, trust, &NoAuthority, &mut |_, _| {})
        .map_err(|failure| finding(failure).code)
}

/// A time stamp that nobody has signed: enough for a reader that only compares.
pub(crate) fn time_stamp(body: &[u8], time: &str) -> Vec<u8> {
    fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let value = parts.concat();
        let length = u8::try_from(value.len()).unwrap();
        if length < 0x80 {
            [&[tag, length], value.as_slice()].concat()
        } else {
            [&[tag, 0x81, length], value.as_slice()].concat()
        }
    }
    let algorithm = der(
        0x30,
        &[
            &der(
                0x06,
                &[&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]],
            ),
            &der(0x05, &[]),
        ],
    );
    let imprint = der(0x30, &[&algorithm, &der(0x04, &[&hash(body)])]);
    let number = der(0x02, &[&[1]]);
    let info = der(
        0x30,
        &[
            &number,
            &der(0x06, &[&[0x2a, 0x03, 0x04]]),
            &imprint,
            &number,
            &der(0x18, &[time.as_bytes()]),
        ],
    );
    let kind = der(
        0x06,
        &[&[
            0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04,
        ]],
    );
    let content = der(0x30, &[&kind, &der(0xa0, &[&der(0x04, &[&info])])]);
    let data = der(0x30, &[&number, &der(0x31, &[]), &content, &der(0x31, &[])]);
    let token = der(
        0x30,
        &[
            &der(
                0x06,
                &[&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02]],
            ),
            &der(0xa0, &[&data]),
        ],
    );
    der(0x30, &[&der(0x30, &[&der(0x02, &[&[0]])]), &token])
}

pub(crate) const ORIGIN_TEXT: &str = ORIGIN;
