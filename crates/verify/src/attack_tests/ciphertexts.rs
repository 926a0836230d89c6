//! Ciphertexts and erasures.

use serde_json::json;

use super::found;
use crate::code::Code;
use crate::test_support::log::{Log, b64};
use crate::tree::hash;

#[test]
fn attacks_on_ciphertexts_and_erasures() {
    let changed = |change: &dyn Fn(&mut Log)| {
        let mut log = Log::honest();
        change(&mut log);
        log
    };
    let blob = |log: &Log| log.entries[1].blobs[1].clone();
    found(
        "A6",
        &changed(&|log| log.entries[1].blobs[1].as_mut().unwrap()[9] ^= 1),
        Code::BlobHash,
    );
    found(
        "A7",
        &changed(&|log| log.entries[1].blobs[1] = None),
        Code::BlobMissing,
    );
    found(
        "A7 list",
        &changed(&|log| drop(log.entries[1].blobs.pop())),
        Code::BlobMissing,
    );
    found(
        "A9",
        &changed(&|log| log.entries[1].blobs.swap(0, 1)),
        Code::BlobHash,
    );
    found(
        "A8 foreign",
        &changed(&|log| log.entries[4].blobs[2] = blob(log)),
        Code::ErasedButPresent,
    );

    // An erased value: its part is replaced, and the old ciphertext is gone.
    let erased = |stored: Option<&[u8]>| {
        changed(&|log| {
            let digest = json!(b64(&[3; 32]));
            log.append_event(&[
                ("er", json!([[1, 1, digest]])),
                ("rs", json!([[1, 1, b64(&hash(b"new"))]])),
            ]);
            let key = log.event_key.clone();
            log.seal(&key);
            match stored {
                Some(blob) => log.entries[1].blobs[1] = Some(blob.to_vec()),
                None => log.entries[1].blobs[1] = None,
            }
        })
    };
    let report = erased(Some(b"new")).audit().unwrap();
    assert_eq!(
        report
            .holes
            .iter()
            .map(|hole| hole.values)
            .collect::<Vec<_>>(),
        [Some(1), None],
        "A19, 54b"
    );
    found("A20", &erased(Some(b"other")), Code::BlobHash);
    found("54b missing", &erased(None), Code::BlobMissing);
    let original = blob(&Log::honest()).unwrap();
    found("54c", &erased(Some(&original)), Code::ErasedButPresent);
    let unreplaced = changed(&|log| log.append_event(&[("er", json!([[1, 1, b64(&[3; 32])]]))]));
    found("no rs", &unreplaced, Code::ErasureScope);

    // An erasure behind the checkpoint is an order, not yet a promise kept.
    let ordered = changed(&|log| log.append_event(&[("er", json!([[1, 1]]))]));
    assert_eq!(ordered.audit().unwrap().notes.len(), 1);
    let mut kept = ordered;
    let key = kept.event_key.clone();
    kept.seal(&key);
    found("A8", &kept, Code::ErasedButPresent);
}

/// A long ciphertext is hashed on another way than a short one.
#[test]
fn long_ciphertexts_are_compared_to_the_last_byte() {
    let long = vec![7; 200_000];
    let mut log = Log::honest();
    log.append_event(&[("ct", json!([b64(&hash(b"blob")), b64(&hash(&long))]))]);
    log.entries[11].blobs.push(Some(long));
    let key = log.event_key.clone();
    log.seal(&key);
    assert_eq!(log.audit().unwrap().blobs, 12);
    *log.entries[11].blobs[1]
        .as_mut()
        .unwrap()
        .last_mut()
        .unwrap() ^= 1;
    found("A6 long", &log, Code::BlobHash);
    log.entries[11].blobs[1] = None;
    found("A7 long", &log, Code::BlobMissing);
}
