//! A document comes back whole and in order, or not at all.

use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use crate::attachment::{CHUNK_BYTES, ChunkError, Join, JoinError, Sum, chunk_count, commit, open};
use crate::hash::{Hash, sha256};
use crate::opening::{OpenError, PartSource, open_own};
use crate::payload::{self, EncryptedPart, Part, Payload};
use crate::payload_tests::Counting;
use crate::sealed_part::OpenBlobError;

const EVENT: Uuid = Uuid::from_u128(7);

/// Bytes of which no two stretches are alike.
fn document(size: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..size).map(next).collect()
}

fn source(chunk: &EncryptedPart) -> PartSource<'_> {
    PartSource {
        blob: &chunk.blob,
        key: &chunk.key,
    }
}

/// Cuts and encrypts a document whose first chunk is blob `first`.
fn cut(document: &[u8], first: u16) -> (Vec<EncryptedPart>, u64, Hash) {
    let (mut entropy, mut sum, mut chunks) = (Counting(0), Sum::default(), Vec::new());
    for (number, chunk) in (first..).zip(document.chunks(CHUNK_BYTES)) {
        sum.add(chunk);
        chunks.push(commit(chunk, EVENT, number, &mut entropy).unwrap());
    }
    (chunks, sum.size(), sum.hash())
}

/// Opens chunks in the order given and joins them.
fn join(chunks: &[(u16, &EncryptedPart)], size: u64, hash: Hash) -> Result<Vec<u8>, String> {
    let mut join = Join::new(size, hash, chunks.len()).map_err(|error| error.to_string())?;
    let mut whole = Vec::new();
    for (number, chunk) in chunks {
        let plaintext = open(source(chunk), EVENT, *number).map_err(|error| error.to_string())?;
        join.take(&plaintext).map_err(|error| error.to_string())?;
        whole.extend_from_slice(&plaintext);
    }
    if join.is_whole() {
        Ok(whole)
    } else {
        Err("not whole".to_owned())
    }
}

fn numbered(chunks: &[EncryptedPart], first: u16) -> Vec<(u16, &EncryptedPart)> {
    (first..).zip(chunks).collect()
}

#[test]
fn documents_around_the_length_of_a_chunk_come_back() {
    for (size, count) in [
        (1, 1),
        (2, 1),
        (CHUNK_BYTES - 1, 1),
        (CHUNK_BYTES, 1),
        (CHUNK_BYTES + 1, 2),
        (2 * CHUNK_BYTES, 2),
        (2 * CHUNK_BYTES + 5, 3),
    ] {
        let bytes = document(size);
        let (chunks, total, hash) = cut(&bytes, 2);
        assert_eq!(
            (chunks.len(), chunk_count(total), total, hash),
            (count, count as u64, size as u64, sha256(&bytes)),
            "{size}"
        );
        assert_eq!(
            join(&numbered(&chunks, 2), total, hash).as_deref(),
            Ok(bytes.as_slice()),
            "{size}"
        );
    }
}

#[test]
fn what_is_no_chunk_is_refused() {
    let mut entropy = Counting(0);
    assert_eq!(
        commit(&[], EVENT, 1, &mut entropy).unwrap_err(),
        ChunkError::Empty
    );
    assert_eq!(
        commit(&[1], EVENT, 0, &mut entropy).unwrap_err(),
        ChunkError::Number
    );
    let long = vec![0; CHUNK_BYTES + 1];
    assert_eq!(
        commit(&long, EVENT, 1, &mut entropy).unwrap_err(),
        ChunkError::TooLong(CHUNK_BYTES + 1)
    );
    assert_eq!(chunk_count(0), 0);
    assert_eq!(
        Join::new(0, Hash::ZERO, 0).unwrap_err(),
        JoinError::Count { size: 0, chunks: 0 }
    );
    assert_eq!(
        Join::new(9, Hash::ZERO, 2).unwrap_err(),
        JoinError::Count { size: 9, chunks: 2 }
    );
    assert_eq!(
        Join::new(u64::MAX, Hash::ZERO, 63).unwrap_err(),
        JoinError::Count {
            size: u64::MAX,
            chunks: 63
        }
    );
}

#[test]
fn a_chunk_opens_only_under_its_own_event_number_and_key() {
    let bytes = document(CHUNK_BYTES + 9);
    let (chunks, size, hash) = cut(&bytes, 1);
    let format = OpenBlobError::Format;
    assert_eq!(
        open(source(&chunks[0]), EVENT, 2).unwrap_err(),
        format,
        "another number"
    );
    assert_eq!(
        open(source(&chunks[0]), Uuid::from_u128(8), 1).unwrap_err(),
        format,
        "another event"
    );
    let crossed = PartSource {
        blob: &chunks[0].blob,
        key: &chunks[1].key,
    };
    assert_eq!(
        open(crossed, EVENT, 1).unwrap_err(),
        OpenBlobError::Decrypt,
        "the key of another chunk"
    );
    assert!(
        join(&[(1, &chunks[1]), (2, &chunks[0])], size, hash).is_err(),
        "chunks swapped with their numbers kept"
    );
    assert!(
        join(&[(2, &chunks[1]), (1, &chunks[0])], size, hash).is_err(),
        "numbers swapped"
    );
    assert!(
        join(&[(1, &chunks[0])], size, hash).is_err(),
        "a chunk too few"
    );
    assert!(
        join(
            &[(1, &chunks[0]), (2, &chunks[1]), (2, &chunks[1])],
            size,
            hash
        )
        .is_err(),
        "a chunk too many"
    );
}

#[test]
fn chunks_of_equal_length_in_another_order_are_found_by_the_hash() {
    let bytes = document(2 * CHUNK_BYTES);
    let (chunks, size, hash) = cut(&bytes, 1);
    // As a writer would list them who holds the keys and changes the order of the list.
    assert_eq!(
        join(&[(2, &chunks[1]), (1, &chunks[0])], size, hash),
        Err(JoinError::Hash.to_string())
    );
}

#[test]
fn every_flipped_byte_of_a_chunk_is_refused() {
    let (chunks, ..) = cut(b"Et kort brev.", 1);
    for place in 0..chunks[0].blob.len() {
        let mut bent = chunks[0].blob.clone();
        bent[place] ^= 1;
        assert!(
            open(
                PartSource {
                    blob: &bent,
                    key: &chunks[0].key
                },
                EVENT,
                1
            )
            .is_err(),
            "byte {place}"
        );
    }
}

#[test]
fn part_0_says_where_the_attachments_begin() {
    let part = |who: &str| Part {
        who: who.into(),
        fields: serde_json::from_value(json!({ "f": ["x"] })).unwrap(),
    };
    let payload = Payload {
        kind: "T".into(),
        version: 1,
        parts: vec![part("case"), part("child:1")],
    };
    let committed = payload::commit(&payload, EVENT, &mut Counting(50)).unwrap();
    let own = open_own(&committed.digest, EVENT, source(&committed.parts[0])).unwrap();
    assert_eq!(own.count(), 2);
    let opened = own
        .with(EVENT, &[Some(source(&committed.parts[1]))])
        .unwrap();
    assert_eq!(opened.parts.len(), 2);

    let again = || open_own(&committed.digest, EVENT, source(&committed.parts[0])).unwrap();
    let chunk = commit(b"x", EVENT, 2, &mut Counting(90)).unwrap();
    assert_eq!(
        again()
            .with(EVENT, &[None, Some(source(&chunk))])
            .unwrap_err(),
        OpenError::Payload,
        "an attachment is no part"
    );
    assert_eq!(again().with(EVENT, &[]).unwrap_err(), OpenError::Payload);
    assert!(
        open_own(&committed.digest, EVENT, source(&committed.parts[1])).is_err(),
        "part 1 is not part 0"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_document_of_any_size_comes_back_and_a_changed_byte_never_does(
        size in prop_oneof![12 => 1..400_usize, 1 => CHUNK_BYTES - 3..CHUNK_BYTES + 3, 1 => 2 * CHUNK_BYTES - 2..2 * CHUNK_BYTES + 2],
        first in 1..3_u16,
        place in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let bytes = document(size);
        let (mut chunks, total, hash) = cut(&bytes, first);
        prop_assert!(join(&numbered(&chunks, first), total, hash).as_deref() == Ok(bytes.as_slice()));
        let chosen = place.index(chunks.len());
        let at = place.index(chunks[chosen].blob.len());
        chunks[chosen].blob[at] ^= 1 << bit;
        prop_assert!(join(&numbered(&chunks, first), total, hash).is_err());
    }
}
