//! Cosignatures against published vectors: our own, those of Wycheproof, and a log of another
//! implementation (`FiloSottile/torchwood`, `cmd/litewitness/testdata/mldsa.txt`, ISC).

use serde_json::Value;

use crate::checkpoint::Checkpoint;
use crate::cosignature::{CosignerKey, KeyKind, NoteVerifier, verify_ml_dsa};
use crate::hash::{Hash, sha256};
use crate::note::{LINE_COUNT_MAX, Note, NoteError, parse_lines};
use crate::positions::Size;
use crate::signing::{LogKey, LogVerifier, SigningError};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../schema/vectors/record.json")).unwrap()
}

fn text<'a>(vectors: &'a Value, path: &str) -> &'a str {
    vectors.pointer(path).unwrap().as_str().unwrap()
}

fn seed(vectors: &Value, path: &str) -> [u8; 32] {
    *Hash::parse_hex(text(vectors, path)).unwrap().as_bytes()
}

fn hex(value: &Value) -> Vec<u8> {
    crate::hex::decode(value.as_str().unwrap()).unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint::parse_body(text(&vectors(), "/checkpoint_bodies/11")).unwrap()
}

#[test]
fn the_cosignature_of_the_vectors_verifies_at_its_time_only() {
    let vectors = vectors();
    let witness = NoteVerifier::parse(text(&vectors, "/w1_vkey")).unwrap();
    assert_eq!(
        (witness.kind(), witness.text()),
        (KeyKind::CosignedEd25519, text(&vectors, "/w1_vkey"))
    );
    let given = text(&vectors, "/cosig_w1_line_size11_t1795606500");
    let line = parse_lines(given).unwrap().remove(0);
    assert_eq!(line.text(), given, "read and written to the same bytes");
    assert_eq!(
        witness.verify(&checkpoint(), &line),
        Ok(Some(1_795_606_500))
    );
    for place in 0..line.signature.len() {
        let mut bent = line.clone();
        bent.signature[place] ^= 1;
        assert_eq!(
            witness.verify(&checkpoint(), &bent),
            Err(SigningError::Signature),
            "byte {place}"
        );
    }
    let other = Checkpoint {
        size: Size::new(12),
        ..checkpoint()
    };
    assert_eq!(witness.verify(&other, &line), Err(SigningError::Signature));
}

#[test]
fn a_checkpoint_carries_both_signatures_of_the_log() {
    let vectors = vectors();
    let origin = checkpoint().origin;
    let log = LogKey::new(&origin, &seed(&vectors, "/keys/log_ed25519_seed_hex"));
    let post_quantum =
        CosignerKey::ml_dsa_44(&origin, &seed(&vectors, "/keys/log_mldsa44_seed_hex")).unwrap();
    let note = checkpoint().sign_hybrid(&log, &post_quantum).unwrap();
    assert_eq!(
        note,
        checkpoint().sign_hybrid(&log, &post_quantum).unwrap(),
        "signing again gives the same note"
    );
    let read = Note::parse(&note).unwrap();
    assert_eq!(read.text(), note);
    assert_eq!(read.lines[0].text(), text(&vectors, "/log_sig_line_size11"));
    let classical = NoteVerifier::parse(text(&vectors, "/keys/log_vkey_ed25519")).unwrap();
    let verifier = NoteVerifier::parse(&post_quantum.vkey()).unwrap();
    assert_eq!(
        (classical.kind(), verifier.kind()),
        (KeyKind::Ed25519, KeyKind::CosignedMlDsa44)
    );
    assert_eq!(classical.verify(&checkpoint(), &read.lines[0]), Ok(None));
    assert_eq!(verifier.verify(&checkpoint(), &read.lines[1]), Ok(Some(0)));
    assert_eq!(
        verifier.verify(&checkpoint(), &read.lines[0]),
        Err(SigningError::Signature)
    );
    assert!(
        Checkpoint::verify(&note, &LogVerifier::parse(&log.vkey()).unwrap()).is_ok(),
        "who knows one key only is content"
    );
}

#[test]
fn a_log_of_another_implementation_is_verified() {
    let (vkey, request) = include_str!("../../../schema/vectors/mldsa_log.txt")
        .split_once('\n')
        .unwrap();
    let (_, note) = request.split_once("\n\n").unwrap();
    let note = Note::parse(note).unwrap();
    let checkpoint = Checkpoint::parse_body(&note.body).unwrap();
    let verifier = NoteVerifier::parse(vkey).unwrap();
    assert_eq!(verifier.verify(&checkpoint, &note.lines[0]), Ok(Some(0)));
    for wrong in [
        Checkpoint {
            size: Size::new(2),
            ..checkpoint.clone()
        },
        Checkpoint {
            root: Hash::ZERO,
            ..checkpoint.clone()
        },
        Checkpoint {
            origin: "example.com/mldsa-lo".into(),
            ..checkpoint.clone()
        },
    ] {
        assert_eq!(
            verifier.verify(&wrong, &note.lines[0]),
            Err(SigningError::Signature),
            "{wrong:?}"
        );
    }
}

#[test]
fn cosigners_of_both_kinds_are_verified_and_told_apart() {
    for key in [
        CosignerKey::ed25519("witness.example/w", &[7; 32]),
        CosignerKey::ml_dsa_44("witness.example/w", &[7; 32]),
    ] {
        let key = key.unwrap();
        let verifier = NoteVerifier::parse(&key.vkey()).unwrap();
        let line = key.cosign(&checkpoint(), 1_795_606_500).unwrap();
        assert_eq!(
            verifier.verify(&checkpoint(), &line),
            Ok(Some(1_795_606_500))
        );
        let mut renamed = line.clone();
        renamed.name = "witness.example/v".into();
        assert!(!verifier.owns(&renamed));
        let mut late = line;
        late.signature[0] = 0x80;
        assert_eq!(
            verifier.verify(&checkpoint(), &late),
            Err(SigningError::Signature),
            "beyond 2^63 - 1"
        );
    }
}

#[test]
fn names_and_verifier_keys_are_refused_unless_they_are_the_one_text() {
    for name in ["", "a b", "a+b", "a\u{a0}b", "a\nb", &"a".repeat(256)] {
        assert_eq!(
            CosignerKey::ed25519(name, &[1; 32]).err(),
            Some(SigningError::Name),
            "{name}"
        );
    }
    let good = CosignerKey::ed25519("w", &[1; 32]).unwrap().vkey();
    assert!(NoteVerifier::parse(&good).is_ok());
    for wrong in [
        good.replacen("w+", "v+", 1),
        good.to_uppercase(),
        format!("{good}="),
        format!(" {good}"),
        good.replacen('+', "", 1),
        good.split_at(good.len() - 4).0.to_owned(),
    ] {
        assert_eq!(
            NoteVerifier::parse(&wrong).err(),
            Some(SigningError::VerifierKey),
            "{wrong}"
        );
    }
}

#[test]
fn notes_are_bounded_and_read_line_by_line() {
    let line = CosignerKey::ed25519("w", &[1; 32])
        .unwrap()
        .cosign(&checkpoint(), 5)
        .unwrap()
        .text();
    let note = |lines: &str| Note::parse(&format!("{}\n{lines}", checkpoint().body()));
    assert_eq!(note(&line.repeat(16)).unwrap().lines.len(), 16);
    assert_eq!(
        note(&line.repeat(LINE_COUNT_MAX + 1)),
        Err(NoteError::TooManyLines)
    );
    assert_eq!(note(line.trim_end()), Err(NoteError::NoLines));
    assert_eq!(note(""), Err(NoteError::NoLines));
    assert_eq!(
        note(&format!("{line}\u{2014} w AAAA\n")),
        Err(NoteError::Line { number: 2 })
    );
    assert_eq!(
        note(&line.replacen("\u{2014} ", "- ", 1)),
        Err(NoteError::Line { number: 1 })
    );
    assert_eq!(
        note(&line.replacen('\n', "\r\n", 1)),
        Err(NoteError::Control)
    );
    assert_eq!(Note::parse(&"a".repeat(300_000)), Err(NoteError::TooLong));
}

#[test]
fn ml_dsa_44_agrees_with_wycheproof() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../schema/vectors/mldsa_44.json")).unwrap();
    let (mut verified, mut signed) = (0, 0);
    for group in vectors["verify"].as_array().unwrap() {
        let key = ml_dsa::EncodedVerifyingKey::<ml_dsa::MlDsa44>::try_from(
            hex(&group["publicKey"]).as_slice(),
        );
        for test in group["tests"].as_array().unwrap() {
            let key = key.as_ref().ok().map(ml_dsa::VerifyingKey::decode);
            let valid =
                key.is_some_and(|key| verify_ml_dsa(&key, &hex(&test["msg"]), &hex(&test["sig"])));
            assert_eq!(valid, test["result"] == "valid", "{}", test["tcId"]);
            verified += 1;
        }
    }
    for group in vectors["sign"].as_array().unwrap() {
        let seed: [u8; 32] = hex(&group["privateSeed"]).try_into().unwrap();
        let key = ml_dsa::SigningKey::<ml_dsa::MlDsa44>::from_seed(&seed.into());
        assert_eq!(
            key.expanded_key().verifying_key().encode().to_vec(),
            hex(&group["publicKey"])
        );
        for test in group["tests"].as_array().unwrap() {
            let signature = key
                .expanded_key()
                .sign_deterministic(&hex(&test["msg"]), &[])
                .unwrap()
                .encode();
            assert_eq!(
                sha256(&signature).to_hex(),
                test["sigSha256"].as_str().unwrap(),
                "{}",
                test["tcId"]
            );
            signed += 1;
        }
    }
    assert_eq!((verified, signed), (173, 70));
}
