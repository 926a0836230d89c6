//! Notes and signatures against published vectors.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ml_dsa::MlDsa44;
use serde_json::Value;

use crate::note::{Verifier, open};
use crate::position::{LogIndex, LogTime, Size};
use crate::proof;
use crate::test_support::signing::vkey;
use crate::test_support::world::World;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../schema/vectors/record.json")).unwrap()
}

#[test]
fn the_vectors_of_the_record_hold() {
    let vectors = vectors();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let body = text(&vectors["checkpoint_bodies"]["11"]);
    let note = format!(
        "{body}\n{}{}",
        text(&vectors["log_sig_line_size11"]),
        text(&vectors["cosig_w1_line_size11_t1795606500"])
    );
    let note = open(&note).unwrap();
    let log = Verifier::parse(&text(&vectors["keys"]["log_vkey_ed25519"])).unwrap();
    let witness = Verifier::parse(&text(&vectors["w1_vkey"])).unwrap();
    assert_eq!(log.check(&note, &note.lines[0]), Some(LogTime::EPOCH));
    assert_eq!(
        witness.check(&note, &note.lines[1]),
        Some(LogTime::new(1_795_606_500))
    );
    assert_eq!(witness.check(&note, &note.lines[0]), None);

    let root = |text: &str| proof::parse_lines(&format!("{text}\n")).unwrap()[0];
    let path = |value: &Value| {
        value
            .as_array()
            .unwrap()
            .iter()
            .map(|line| root(line.as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    let old = root(
        text(&vectors["checkpoint_bodies"]["4"])
            .lines()
            .nth(2)
            .unwrap(),
    );
    assert!(proof::is_consistent(
        (Size::new(4), old),
        (Size::new(11), note.checkpoint.root),
        &path(&vectors["consistency_4_11_b64"])
    ));
    let leaf = crate::tree::leaf(text(&vectors["entries"][4]["entry"]).as_bytes());
    let inclusion = path(&vectors["inclusion_A_seq2_size11_b64"]);
    assert_eq!(
        proof::root_by_inclusion(leaf, LogIndex::new(4), Size::new(11), &inclusion),
        Some(note.checkpoint.root)
    );
    let hex = |value: &Value| crate::bundle::hex(value.as_str().unwrap()).unwrap();
    let heads = proof::root_in_tree(
        hex(&vectors["heads"]["leaves_hex"][0]),
        0,
        3,
        &path(&vectors["heads"]["path_A_b64"]),
    );
    assert_eq!(heads, Some(hex(&vectors["heads"]["root_hex"])));
}

/// The public example of the C2SP text on signed notes.
#[test]
fn the_published_example_of_a_key_is_read() {
    let name = "example.com/foo";
    let public = ed25519_dalek::SigningKey::from_bytes(&[7; 32])
        .verifying_key()
        .to_bytes();
    let good = vkey(name, 1, &public);
    assert!(Verifier::parse(&good).is_some());
    assert!(
        Verifier::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
            .is_some(),
        "golang/mod sumdb/note"
    );
    for bad in [
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWAA==",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3",
        "PeterNeumann",
        "",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        assert!(Verifier::parse(bad).is_none(), "{bad}");
    }
}

#[test]
fn every_bit_of_a_signature_and_of_what_it_signs_counts() {
    let world = World::honest();
    let text = world.note(10, &[0]);
    let lattice = Verifier::parse(&vkey(
        crate::test_support::log::ORIGIN,
        6,
        &world.lattice_public(),
    ))
    .unwrap();
    let line = text.lines().nth(5).unwrap().to_owned();
    let note = open(&text).unwrap();
    assert_eq!(
        lattice.check(&note, &note.lines[1]),
        Some(LogTime::new(world.clock))
    );
    let (head, blob) = line.rsplit_once(' ').unwrap();
    let bytes = STANDARD.decode(blob).unwrap();
    assert_eq!(bytes.len(), 4 + 8 + 2_420);
    for bit in (32..bytes.len() * 8).step_by(61) {
        let mut bent = bytes.clone();
        bent[bit / 8] ^= 1 << (bit % 8);
        let bent =
            open(&text.replace(&line, &format!("{head} {}", STANDARD.encode(bent)))).unwrap();
        assert_eq!(lattice.check(&bent, &bent.lines[1]), None, "bit {bit}");
    }
    let mut other = open(&text).unwrap();
    other.checkpoint.size = other.checkpoint.size.grown();
    assert_eq!(lattice.check(&other, &other.lines[1]), None);
    other = open(&text).unwrap();
    other.origin.push('x');
    assert_eq!(lattice.check(&other, &other.lines[1]), None);
}

#[test]
fn notes_have_one_form() {
    let text = World::honest().note(10, &[0]);
    for (old, new) in [
        ("\n\n", "\n"),
        ("\u{2014} ", "- "),
        ("\u{2014} ", "\u{2014}  "),
        ("\n10\n", "\n10 \n"),
        ("\n10\n", "\n+10\n"),
        ("\n10\n", "\n-1\n"),
        ("\n10\n", "\n18446744073709551616\n"),
        ("\n10\n", "\n10\r\n"),
        ("log.aarhus", "log aarhus"),
        ("=\n\n", "\n\n"),
        ("\n\n", "\n\n\n"),
    ] {
        assert!(text.contains(old), "{old:?}");
        assert!(
            open(&text.replacen(old, new, 1)).is_err(),
            "{old:?} -> {new:?}"
        );
    }
    assert!(open(text.trim_end()).is_err());
    assert!(open("").is_err());
    assert!(open("\n\n").is_err());
}

/// Wycheproof's verification tests of ML-DSA-44, packed by gzip; see the folder's README.
#[test]
fn the_second_signature_passes_the_wycheproof_tests() {
    let packed = include_bytes!("../testdata/mldsa_44_verify_test.json.gz");
    let json = miniz_oxide::inflate::decompress_to_vec(&packed[10..packed.len() - 8]).unwrap();
    let tests: Value = serde_json::from_slice(&json).unwrap();
    let bytes = |value: &Value| {
        let hex = value.as_str().unwrap_or_default();
        (0..hex.len() / 2)
            .map(|place| u8::from_str_radix(&hex[place * 2..place * 2 + 2], 16).unwrap())
            .collect::<Vec<u8>>()
    };
    let (mut count, mut valid) = (0, 0);
    for group in tests["testGroups"].as_array().unwrap() {
        let key = bytes(&group["publicKey"]);
        let key = key
            .as_slice()
            .try_into()
            .ok()
            .map(|key| ml_dsa::VerifyingKey::<MlDsa44>::decode(&key));
        for test in group["tests"].as_array().unwrap() {
            let signature = bytes(&test["sig"]);
            let signature = signature
                .as_slice()
                .try_into()
                .ok()
                .and_then(|bytes| ml_dsa::Signature::<MlDsa44>::decode(&bytes));
            let holds = matches!((&key, &signature), (Some(key), Some(signature))
                if key.verify_with_context(&bytes(&test["msg"]), &bytes(&test["ctx"]), signature));
            assert_eq!(
                holds,
                test["result"] == "valid",
                "test {}: {}",
                test["tcId"],
                test["comment"]
            );
            count += 1;
            valid += u64::from(holds);
        }
    }
    assert_eq!(count, tests["numberOfTests"].as_u64().unwrap());
    assert!(valid > 10 && valid < count, "{valid} of {count}");
}
