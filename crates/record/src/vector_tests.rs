//! The published vectors, reproduced byte for byte. They were made by another program.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use uuid::Uuid;

use crate::b64u;
use crate::checkpoint::Checkpoint;
use crate::entropy::Entropy;
use crate::entry::{Entry, parse};
use crate::hash::Hash;
use crate::heads::{Head, HeadsTree};
use crate::keys::{
    CHAIN_START, LockKey, PartKey, PartPlace, PendingPlace, RootKey, SecretPlace, SubjectKey,
    SubjectPlace, WrappedKey,
};
use crate::merkle::{Frontier, MemoryTree};
use crate::opening::{PartSource, disclosure_texts, open};
use crate::payload::{Part, Payload, commit, remove_values};
use crate::positions::{LogIndex, Size};
use crate::proof::{
    consistency_proof, inclusion_proof, root_at, verify_consistency, verify_inclusion,
};
use crate::signing::{EventKey, LogKey, LogVerifier};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../schema/vectors/record.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn bytes32(value: &Value) -> [u8; 32] {
    *Hash::parse_hex(text(value)).unwrap().as_bytes()
}

fn hex(value: &Value) -> Vec<u8> {
    crate::hex::decode(text(value)).unwrap()
}

fn hashes(value: &Value) -> Vec<Hash> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|hash| Hash::new(STANDARD.decode(text(hash)).unwrap().try_into().unwrap()))
        .collect()
}

fn entries(vectors: &Value) -> Vec<(Vec<u8>, Hash)> {
    let entries = vectors["entries"].as_array().unwrap();
    entries
        .iter()
        .map(|row| {
            (
                text(&row["entry"]).as_bytes().to_vec(),
                Hash::parse_hex(text(&row["leaf_hash_hex"])).unwrap(),
            )
        })
        .collect()
}

struct Replay(Vec<u8>);

impl Entropy for Replay {
    fn fill(&mut self, bytes: &mut [u8]) {
        let rest = self.0.split_off(bytes.len());
        bytes.copy_from_slice(&self.0);
        self.0 = rest;
    }
}

#[test]
fn every_entry_is_read_and_signed_to_the_same_bytes() {
    let vectors = vectors();
    let key = EventKey::from_seed(&bytes32(&vectors["keys"]["event_ed25519_seed_hex"]));
    assert_eq!(
        key.public().kid(),
        text(&vectors["keys"]["event_jwk"]["kid"])
    );
    assert_eq!(key.public().x(), text(&vectors["keys"]["event_jwk"]["x"]));
    for (bytes, leaf) in entries(&vectors) {
        let parsed = parse(&bytes).unwrap();
        parsed.verify(key.public()).unwrap();
        let signed = match parsed.entry {
            Entry::Event(event) | Entry::Access(event) => event.sign(&key),
            Entry::Keys(keys) => keys.sign(&key),
            Entry::Heads(heads) => heads.sign(&key),
        };
        let signed = signed.unwrap();
        assert_eq!((signed.bytes, signed.leaf), (bytes, leaf));
    }
}

#[test]
fn trees_roots_and_proofs_are_those_of_the_vectors() {
    let vectors = vectors();
    let entries = entries(&vectors);
    let (mut tree, mut frontier) = (MemoryTree::new(), Frontier::new());
    for (size, (_, leaf)) in (1_u64..).zip(&entries) {
        tree.push(*leaf);
        frontier.push(*leaf);
        let root = Hash::parse_hex(text(&vectors["roots"][size.to_string()])).unwrap();
        assert_eq!(frontier.root(), root);
        assert_eq!(root_at(&tree, Size::new(size)).unwrap(), root);
    }
    let (root_4, root_11) = (root_at(&tree, Size::new(4)).unwrap(), frontier.root());
    let consistency = hashes(&vectors["consistency_4_11_b64"]);
    assert_eq!(
        consistency_proof(&tree, Size::new(4), Size::new(11)).unwrap(),
        consistency
    );
    verify_consistency(Size::new(4), &root_4, Size::new(11), &root_11, &consistency).unwrap();
    let inclusion = hashes(&vectors["inclusion_A_seq2_size11_b64"]);
    assert_eq!(
        inclusion_proof(&tree, LogIndex::new(4), Size::new(11)).unwrap(),
        inclusion
    );
    verify_inclusion(
        &entries[4].1,
        LogIndex::new(4),
        Size::new(11),
        &inclusion,
        &root_11,
    )
    .unwrap();
}

#[test]
fn heads_are_those_of_the_vectors_and_of_every_heads_entry() {
    let vectors = vectors();
    let (mut heads, mut leaves) = (HeadsTree::new(), BTreeMap::new());
    for (bytes, leaf) in entries(&vectors) {
        match parse(&bytes).unwrap().entry {
            Entry::Event(event) => {
                let head = Head {
                    stream: event.stream,
                    seq: event.seq,
                    index: event.index,
                    leaf,
                };
                heads.set(event.ordinal, &head).unwrap();
                leaves.insert(event.ordinal, head.leaf_hash().to_hex());
            }
            Entry::Heads(entry) => assert_eq!(
                (entry.root, entry.streams, entry.covers),
                (heads.root(), heads.len(), entry.index.size_before())
            ),
            _ => {}
        }
    }
    let expected: Vec<_> = vectors["heads"]["leaves_hex"]
        .as_array()
        .unwrap()
        .iter()
        .map(text)
        .collect();
    assert_eq!(
        leaves.values().map(String::as_str).collect::<Vec<_>>(),
        expected
    );
    assert_eq!(heads.root().to_hex(), text(&vectors["heads"]["root_hex"]));
}

#[test]
fn checkpoints_are_signed_as_in_the_vectors() {
    let vectors = vectors();
    let seed = bytes32(&vectors["keys"]["log_ed25519_seed_hex"]);
    let key = LogKey::new("log.aarhus.example/0751/sag", &seed);
    assert_eq!(key.vkey(), text(&vectors["keys"]["log_vkey_ed25519"]));
    for (size, body) in vectors["checkpoint_bodies"].as_object().unwrap() {
        let checkpoint = Checkpoint::parse_body(text(body)).unwrap();
        assert_eq!(
            (checkpoint.size.to_string(), checkpoint.body().as_str()),
            (size.clone(), text(body))
        );
        assert_eq!(checkpoint.root.to_hex(), text(&vectors["roots"][size]));
    }
    let body = text(&vectors["checkpoint_bodies"]["11"]);
    assert_eq!(key.sign_note(body), text(&vectors["log_sig_line_size11"]));
    let verifier = LogVerifier::parse(&key.vkey()).unwrap();
    let foreign = text(&vectors["cosig_w1_line_size11_t1795606500"]);
    let note = format!("{body}\n{foreign}{}", key.sign_note(body));
    assert_eq!(
        Checkpoint::verify(&note, &verifier).unwrap().size,
        Size::new(11)
    );
    for wrong in [
        format!("{body}\n{foreign}"),
        note.replacen("11", "12", 1),
        note.replacen("11", "011", 1),
        note.replacen("\n\n", "\nextension\n\n", 1),
        note.trim_end().to_owned(),
    ] {
        assert!(Checkpoint::verify(&wrong, &verifier).is_err(), "{wrong}");
    }
}

fn key_vectors() -> Value {
    serde_json::from_str(include_str!("../../../schema/vectors/keys.json")).unwrap()
}

fn wrapped(value: &Value) -> WrappedKey {
    WrappedKey(hex(value).try_into().unwrap())
}

fn uuid(value: &Value) -> Uuid {
    text(value).parse().unwrap()
}

fn number<N: TryFrom<u64, Error: std::fmt::Debug>>(value: &Value) -> N {
    N::try_from(value.as_u64().unwrap()).unwrap()
}

#[test]
fn wrapped_keys_are_those_of_the_vectors() {
    let vectors = key_vectors();
    let root = RootKey::from_bytes(bytes32(&vectors["root_key"]));
    let subject = SubjectKey::from_bytes(bytes32(&vectors["subject_key"]));
    let part = PartKey::from_bytes(bytes32(&vectors["part_key"]));
    let row = &vectors["subject"];
    let place = SubjectPlace {
        subject: uuid(&row["subject"]),
        epoch: number(&row["epoch"]),
    };
    assert_eq!(root.wrap(place, &subject), wrapped(&row["wrapped"]));
    assert_eq!(
        root.unwrap(place, &wrapped(&row["wrapped"]))
            .unwrap()
            .expose(),
        subject.expose()
    );
    let row = &vectors["part"];
    let place = PartPlace {
        event: uuid(&row["event"]),
        part: number(&row["part"]),
        subject: uuid(&row["subject"]),
    };
    assert_eq!(subject.wrap(place, &part), wrapped(&row["wrapped"]));
    assert_eq!(
        subject
            .unwrap(place, &wrapped(&row["wrapped"]))
            .unwrap()
            .expose(),
        part.expose()
    );
    pending_part_key(&vectors, &root, &part);
    wrapped_secret(&vectors, &root);
    chained_texts(&vectors, &root);
}

fn pending_part_key(vectors: &Value, root: &RootKey, part: &PartKey) {
    let row = &vectors["pending"];
    let (erasure, event) = (uuid(&row["erasure"]), uuid(&row["event"]));
    let place = PendingPlace {
        erasure,
        event,
        part: number(&row["part"]),
        epoch: number(&row["epoch"]),
    };
    assert_eq!(root.wrap_part(place, part), wrapped(&row["wrapped"]));
    assert_eq!(
        root.unwrap_part(place, &wrapped(&row["wrapped"]))
            .unwrap()
            .expose(),
        part.expose()
    );
}

fn wrapped_secret(vectors: &Value, root: &RootKey) {
    let row = &vectors["secret"];
    let (epoch, generation) = (number(&row["epoch"]), number(&row["generation"]));
    let place = SecretPlace {
        name: "log-post-quantum",
        epoch,
        generation,
    };
    let file = root.file_key(epoch, generation);
    assert_eq!(
        (*file.expose(), text(&row["name"])),
        (bytes32(&row["file_key"]), place.name)
    );
    assert_eq!(
        file.wrap(place, &bytes32(&row["secret"])),
        wrapped(&row["wrapped"])
    );
}

fn chained_texts(vectors: &Value, root: &RootKey) {
    let row = &vectors["chain"];
    let chain = root.chain_key(number(&row["epoch"]));
    let mut link = CHAIN_START;
    for (next, expected) in row["texts"]
        .as_array()
        .unwrap()
        .iter()
        .zip(row["links"].as_array().unwrap())
    {
        assert!(
            chain.follows(&link, text(next).as_bytes(), &hex(expected))
                && !chain.follows(&link, b"other", &hex(expected))
        );
        link = chain.link(&link, text(next).as_bytes());
        assert_eq!(link, bytes32(expected));
    }
}

/// What was stored before wrapped keys were bound to their places is still opened, to be taken
/// over.
#[test]
fn keys_that_were_wrapped_without_a_place_are_those_of_the_vectors() {
    let vectors = vectors();
    let rows = &vectors["wrapped_keys"];
    let root = RootKey::from_bytes(bytes32(&vectors["keys"]["kek_hex"]));
    let subject = root
        .unwrap_unbound(&wrapped(&rows["subject:case:A"]))
        .unwrap();
    assert_eq!(*subject.expose(), bytes32(&rows["subject_key_plain"]));
    assert_eq!(
        *subject
            .unwrap_unbound(&wrapped(&rows["part:A:1:0"]))
            .unwrap()
            .expose(),
        bytes32(&rows["part_key_plain"])
    );
    assert!(root.unwrap_unbound(&wrapped(&rows["part:A:1:0"])).is_none());
    let lock = LockKey::from_bytes(*root.expose());
    assert_eq!(
        lock.wrap(subject.expose()),
        wrapped(&rows["subject:case:A"])
    );
}

fn iv_of(blob: &[u8]) -> Vec<u8> {
    b64u::decode(blob.split(|byte| *byte == b'.').nth(2).unwrap()).unwrap()
}

/// A part with all its values, encrypted again, is padded as the vectors say.
#[test]
fn a_padded_part_is_that_of_the_vectors() {
    let (vectors, keys) = (vectors(), key_vectors());
    let row = &keys["padded_part"];
    let (event, part, blob) = (
        uuid(&row["event"]),
        number(&row["part"]),
        text(&row["blob"]).as_bytes(),
    );
    let before = PartKey::from_bytes(bytes32(&vectors["wrapped_keys"]["part_key_plain"]));
    let source = PartSource {
        blob: text(&vectors["blobs"]["1.0"]).as_bytes(),
        key: &before,
    };
    let mut entropy = Replay([hex(&row["key"]), hex(&row["iv"])].concat());
    let made = remove_values(source, event, part, &BTreeSet::new(), &mut entropy).unwrap();
    assert_eq!(std::str::from_utf8(&made.blob).unwrap(), text(&row["blob"]));
    let own = disclosure_texts(
        PartSource {
            blob,
            key: &made.key,
        },
        event,
        part,
    )
    .unwrap();
    assert_eq!(own.len(), number::<usize>(&row["disclosures"]));
    assert_eq!(own, disclosure_texts(source, event, part).unwrap());
    for pair in keys["padded_lengths"].as_array().unwrap() {
        assert_eq!(
            crate::payload::padded(number(&pair[0])),
            number::<usize>(&pair[1]),
            "{pair}"
        );
    }
}

#[test]
fn a_payload_is_committed_and_encrypted_as_in_the_vectors() {
    let vectors = vectors();
    let Entry::Event(event) = parse(&entries(&vectors)[1].0).unwrap().entry else {
        panic!("an event")
    };
    let part_key = PartKey::from_bytes(bytes32(&vectors["wrapped_keys"]["part_key_plain"]));
    let blob = text(&vectors["blobs"]["1.0"]).as_bytes();
    let (disclosed, iv) = (disclosed(&vectors), iv_of(blob));
    let payload = disclosed.payload();
    let entropy = [disclosed.salts, part_key.expose().to_vec(), iv, vec![7; 44]].concat();
    let committed = commit(&payload, event.event_id, &mut Replay(entropy)).unwrap();
    assert_eq!(committed.digest, event.payload);
    // The vectors are from before parts were padded; what they hold is the same.
    let texts = |blob: &[u8]| {
        disclosure_texts(
            PartSource {
                blob,
                key: &part_key,
            },
            event.event_id,
            0,
        )
        .unwrap()
    };
    assert_eq!(texts(&committed.parts[0].blob), texts(blob));
    assert_eq!(crate::hash::sha256(blob), event.blobs[0]);
    let joined = texts(blob)
        .into_iter()
        .map(|disclosure| disclosure.text)
        .collect::<Vec<_>>()
        .join("~");
    let iv: [u8; 12] = iv_of(blob).try_into().unwrap();
    assert_eq!(
        crate::sealed_part::seal(joined.as_bytes(), &part_key, &iv, event.event_id, 0).unwrap(),
        blob
    );
    let opened = open(
        &event.payload,
        event.event_id,
        &[
            Some(PartSource {
                blob,
                key: &part_key,
            }),
            None,
        ],
    )
    .unwrap()
    .unwrap();
    assert_eq!((opened.kind, opened.parts.len()), (payload.kind, 2));
    assert!(
        opened.parts[0]
            .fields
            .values()
            .flatten()
            .all(|element| element.value.is_some())
    );
    assert!(
        opened.parts[1]
            .fields
            .values()
            .flatten()
            .all(|element| element.value.is_none())
    );
}

/// What the disclosures of an event of the vectors hold.
struct Disclosed {
    /// In the order in which they are drawn: those of the values, then that of the payload.
    salts: Vec<u8>,
    values: BTreeMap<String, Value>,
    object: Value,
}

fn disclosed(vectors: &Value) -> Disclosed {
    let (mut salts, mut payload_salt) = (Vec::new(), Vec::new());
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    let mut object = Value::Null;
    for part in vectors["disclosures_A_seq1"].as_array().unwrap() {
        for disclosure in part.as_array().unwrap() {
            let digest = crate::hash::sha256(text(disclosure).as_bytes()).to_b64u();
            let content: Value =
                serde_json::from_slice(&b64u::decode(text(disclosure).as_bytes()).unwrap())
                    .unwrap();
            let salt = b64u::decode(text(&content[0]).as_bytes()).unwrap();
            if content.as_array().unwrap().len() == 3 {
                (payload_salt, object) = (salt, content[2].clone());
            } else {
                salts.extend(salt);
                values.insert(digest, content[1].clone());
            }
        }
    }
    Disclosed {
        salts: [salts, payload_salt].concat(),
        values,
        object,
    }
}

impl Disclosed {
    fn payload(&self) -> Payload {
        let (object, values) = (&self.object, &self.values);
        let parts = object["parts"].as_array().unwrap().iter().map(|part| {
            let fields = part["f"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, elements)| {
                    let elements = elements
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|element| values[text(&element["..."])].clone());
                    (name.clone(), elements.collect())
                });
            Part {
                who: text(&part["who"]).to_owned(),
                fields: fields.collect(),
            }
        });
        Payload {
            kind: text(&object["type"]).to_owned(),
            version: 1,
            parts: parts.collect(),
        }
    }
}
