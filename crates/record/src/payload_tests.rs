//! What was committed opens again, and nothing else does.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::entropy::Entropy;
use crate::entry::{ErasedRef, EventEnvelope, ReplacedRef, parse};
use crate::envelope::EntryError;
use crate::hash::{Hash, sha256};
use crate::keys::PartKey;
use crate::opening::{PartSource, open};
use crate::payload::{CommittedPayload, Part, Payload, PayloadError, commit, remove_values};
use crate::positions::{LogIndex, LogTime, Seq};
use crate::signing::EventKey;

/// Bytes that differ at each draw and are always the same.
pub(crate) struct Counting(pub(crate) u64);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(&sha256(&self.0.to_be_bytes()).as_bytes()[..chunk.len()]);
        }
    }
}

const EVENT: Uuid = Uuid::from_u128(7);

fn payload() -> Payload {
    let part = |who: &str, fields: Value| Part {
        who: who.into(),
        fields: serde_json::from_value(fields).unwrap(),
    };
    Payload {
        kind: "ChildHeard".into(),
        version: 1,
        parts: vec![
            part(
                "case",
                json!({ "meta": [{ "occurred": "2024-03-22" }], "flags": [], "count": [-3, 4] }),
            ),
            part(
                "child:1",
                json!({ "own_words": ["one", "two", "two"], "told": [true] }),
            ),
        ],
    }
}

fn sources(committed: &CommittedPayload) -> Vec<Option<PartSource<'_>>> {
    committed
        .parts
        .iter()
        .map(|part| {
            Some(PartSource {
                blob: &part.blob,
                key: &part.key,
            })
        })
        .collect()
}

fn values(opened: &crate::opening::OpenedPart) -> BTreeMap<String, Vec<Value>> {
    opened
        .fields
        .iter()
        .map(|(name, elements)| {
            (
                name.clone(),
                elements.iter().map(|e| e.value.clone().unwrap()).collect(),
            )
        })
        .collect()
}

#[test]
fn a_part_whose_key_is_gone_leaves_its_field_names() {
    let committed = commit(&payload(), EVENT, &mut Counting(0)).unwrap();
    let mut parts = sources(&committed);
    parts[1] = None;
    let opened = open(&committed.digest, EVENT, &parts).unwrap().unwrap();
    assert_eq!(values(&opened.parts[0]), payload().parts[0].fields);
    let gone = &opened.parts[1].fields["own_words"];
    assert_eq!((gone.len(), gone[0].value.clone()), (3, None));
    parts[0] = None;
    assert_eq!(open(&committed.digest, EVENT, &parts).unwrap(), None);
}

#[test]
fn values_can_be_taken_out_of_a_part() {
    let committed = commit(&payload(), EVENT, &mut Counting(0)).unwrap();
    let opened = open(&committed.digest, EVENT, &sources(&committed))
        .unwrap()
        .unwrap();
    let middle = opened.parts[1].fields["own_words"][1].digest;
    let part = sources(&committed)[1].unwrap();
    let new = remove_values(
        part,
        EVENT,
        1,
        &BTreeSet::from([middle]),
        &mut Counting(900),
    )
    .unwrap();
    assert_ne!(new.key.expose(), committed.parts[1].key.expose());
    let parts = [
        sources(&committed)[0],
        Some(PartSource {
            blob: &new.blob,
            key: &new.key,
        }),
    ];
    let opened = open(&committed.digest, EVENT, &parts).unwrap().unwrap();
    let words: Vec<_> = opened.parts[1].fields["own_words"]
        .iter()
        .map(|element| element.value.clone())
        .collect();
    assert_eq!(words, [Some(json!("one")), None, Some(json!("two"))]);
    let again = remove_values(
        part,
        EVENT,
        1,
        &BTreeSet::from([Hash::ZERO]),
        &mut Counting(900),
    );
    assert_eq!(again.unwrap_err(), PayloadError::NotThere(Hash::ZERO));
}

#[test]
fn a_part_opens_only_in_its_own_place() {
    let committed = commit(&payload(), EVENT, &mut Counting(0)).unwrap();
    let other = commit(&payload(), EVENT, &mut Counting(500)).unwrap();
    let parts = sources(&committed);
    assert!(
        open(&committed.digest, EVENT, &[parts[1], parts[0]]).is_err(),
        "parts swapped"
    );
    assert!(
        open(&committed.digest, Uuid::from_u128(8), &parts).is_err(),
        "another event"
    );
    assert!(
        open(&committed.digest, EVENT, &parts[..1]).is_err(),
        "a part too few"
    );
    assert!(
        open(&committed.digest, EVENT, &[parts[0], sources(&other)[1]]).is_err(),
        "a part of another payload"
    );
    let wrong = PartSource {
        blob: &committed.parts[0].blob,
        key: &committed.parts[1].key,
    };
    assert!(
        open(&committed.digest, EVENT, &[Some(wrong), parts[1]]).is_err(),
        "keys swapped"
    );
    assert!(
        open(&other.digest, EVENT, &parts).is_err(),
        "another digest"
    );
}

#[test]
fn every_flipped_byte_of_a_blob_or_an_entry_is_refused() {
    let committed = commit(&payload(), EVENT, &mut Counting(0)).unwrap();
    for number in 0..2 {
        for place in 0..committed.parts[number].blob.len() {
            let mut bent = committed.clone();
            bent.parts[number].blob[place] ^= 1;
            assert!(
                open(&committed.digest, EVENT, &sources(&bent)).is_err(),
                "part {number}, byte {place}"
            );
        }
    }
    let key = EventKey::from_seed(&[3; 32]);
    let entry = envelope(&committed).sign(&key).unwrap();
    for place in 0..entry.bytes.len() {
        let mut bent = entry.bytes.clone();
        bent[place] ^= 1;
        let refused = parse(&bent).is_err() || parse(&bent).unwrap().verify(key.public()).is_err();
        assert!(refused, "byte {place}");
    }
}

fn envelope(committed: &CommittedPayload) -> EventEnvelope {
    EventEnvelope {
        origin: "log.example/0999/sag".into(),
        index: LogIndex::new(5),
        recorded_at: LogTime::new(1_700_000_000),
        event_id: EVENT,
        stream: Uuid::from_u128(9),
        ordinal: 1,
        seq: Seq::new(2).unwrap(),
        prev: Hash::ZERO,
        payload: committed.digest,
        blobs: committed.parts.iter().map(|part| part.blob_hash).collect(),
        erased: vec![
            ErasedRef {
                seq: Seq::FIRST,
                part: 0,
                digest: None,
            },
            ErasedRef {
                seq: Seq::FIRST,
                part: 1,
                digest: Some(Hash::ZERO),
            },
        ],
        replaced: vec![ReplacedRef {
            seq: Seq::FIRST,
            part: 1,
            blob: Hash::ZERO,
        }],
    }
}

#[test]
fn an_entry_that_is_too_long_is_not_signed() {
    let committed = commit(&payload(), EVENT, &mut Counting(0)).unwrap();
    let key = EventKey::from_seed(&[3; 32]);
    let mut long = envelope(&committed);
    assert_eq!(
        parse(&long.sign(&key).unwrap().bytes).unwrap().entry,
        crate::entry::Entry::Event(long.clone())
    );
    long.origin = "o".repeat(50_000);
    assert!(long.sign(&key).is_err());
    long.origin.clear();
    long.blobs = vec![Hash::ZERO; 65];
    assert!(long.sign(&key).is_err());
}

#[test]
fn an_event_that_erases_itself_or_a_later_one_is_not_signed() {
    let committed = commit(&payload(), EVENT, &mut Counting(0)).unwrap();
    let key = EventKey::from_seed(&[3; 32]);
    for seq in [2, 3, u64::MAX] {
        let mut erasing = envelope(&committed);
        erasing.erased[0].seq = Seq::new(seq).unwrap();
        let mut replacing = envelope(&committed);
        replacing.replaced[0].seq = Seq::new(seq).unwrap();
        for wrong in [erasing, replacing] {
            assert!(matches!(
                wrong.sign(&key),
                Err(EntryError::ErasesLater { own, .. }) if own.get() == 2
            ));
            assert!(wrong.sign_access(&key).is_err());
        }
    }
}

#[test]
fn an_element_is_never_a_list_null_or_float() {
    for wrong in [json!([1]), json!(null), json!(1.5), json!({ "a": [0.5] })] {
        let fields = BTreeMap::from([("f".to_owned(), vec![wrong.clone()])]);
        let payload = Payload {
            kind: "T".into(),
            version: 1,
            parts: vec![Part {
                who: "case".into(),
                fields,
            }],
        };
        assert!(
            commit(&payload, EVENT, &mut Counting(0)).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn keys_show_nothing_when_printed() {
    assert_eq!(format!("{:?}", PartKey::from_bytes([9; 32])), "PartKey(..)");
}

fn element() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<String>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from)
    ]
}

proptest! {
    #[test]
    fn what_was_committed_opens_to_the_same(
        parts in prop::collection::vec(prop::collection::btree_map(any::<String>(), prop::collection::vec(element(), 0..4), 0..4), 1..5),
        kind in any::<String>(),
        seed in any::<u32>(),
    ) {
        let parts = parts.into_iter().map(|fields| Part { who: "x".into(), fields }).collect();
        let payload = Payload { kind, version: 1, parts };
        let committed = commit(&payload, EVENT, &mut Counting(u64::from(seed))).unwrap();
        let opened = open(&committed.digest, EVENT, &sources(&committed)).unwrap().unwrap();
        prop_assert_eq!(&opened.kind, &payload.kind);
        for (opened, part) in opened.parts.iter().zip(&payload.parts) {
            prop_assert_eq!(values(opened), part.fields.clone());
        }
    }
}
