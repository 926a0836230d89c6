//! Policies: who must have cosigned.

use std::collections::BTreeSet;

use crate::checkpoint::Checkpoint;
use crate::cosignature::CosignerKey;
use crate::hash::Hash;
use crate::note::Note;
use crate::policy::Policy;
use crate::positions::Size;
use crate::signing::LogKey;

const ORIGIN: &str = "log.example.invalid/0999/sag";

fn log() -> LogKey {
    LogKey::new(ORIGIN, &[1; 32])
}

fn post_quantum() -> CosignerKey {
    CosignerKey::ml_dsa_44(ORIGIN, &[2; 32]).unwrap()
}

fn witness(number: u8) -> CosignerKey {
    CosignerKey::ed25519(&format!("witness.example/w{number}"), &[10 + number; 32]).unwrap()
}

/// The example of the specification: the log's second key, one witness by name, one of two others.
fn policy_text() -> String {
    let witness_lines: String = (1..=3)
        .map(|n| format!("witness w{n} {} http://127.0.0.1:{n}\n", witness(n).vkey()))
        .collect();
    format!(
        "# who must have seen it\n\nlog {} https://log.example.invalid/\nwitness logpq {}\n{witness_lines}\
         group others any w2\tw3\n  group q all logpq w1 others \nquorum q\n",
        log().vkey(),
        post_quantum().vkey()
    )
}

#[track_caller]
fn refused(text: &str, line: usize, what: &str) {
    let error = Policy::parse(text).unwrap_err();
    assert_eq!(error.line, line, "{error}");
    assert!(error.what.contains(what), "{error}");
}

#[test]
fn a_quorum_is_judged_by_valid_lines_of_known_keys() {
    let policy = Policy::parse(&policy_text()).unwrap();
    assert_eq!((policy.logs().len(), policy.witnesses().len()), (1, 4));
    assert_eq!(
        policy.witnesses()[1].url.as_deref(),
        Some("http://127.0.0.1:1")
    );
    let checkpoint = Checkpoint {
        origin: ORIGIN.into(),
        size: Size::new(7),
        root: Hash::new([9; 32]),
    };
    let cosigned = |number: u8| {
        witness(number)
            .cosign(&checkpoint, 100 + u64::from(number))
            .unwrap()
    };
    let base = Note::parse(&checkpoint.sign_hybrid(&log(), &post_quantum()).unwrap()).unwrap();
    let judge = |lines: &[crate::note::SignatureLine]| {
        let mut note = base.clone();
        note.lines.extend_from_slice(lines);
        policy.judge(&checkpoint, &note)
    };
    assert!(!judge(&[]).quorum && judge(&[]).signed_by_log);
    assert!(
        !judge(&[cosigned(2), cosigned(3)]).quorum,
        "the first witness is not optional"
    );
    assert!(!judge(&[cosigned(1)]).quorum);
    let standing = judge(&[cosigned(1), cosigned(3)]);
    assert!(standing.quorum);
    assert_eq!(
        standing.cosigned.into_iter().collect::<Vec<_>>(),
        [("logpq".into(), 0), ("w1".into(), 101), ("w3".into(), 103)]
    );
    let mut bent = cosigned(3);
    bent.signature[20] ^= 1;
    assert!(!judge(&[cosigned(1), bent.clone()]).quorum);
    assert!(
        judge(&[cosigned(1), bent, cosigned(3)]).quorum,
        "a bad line does not hide a good one"
    );
    let mut without = base.clone();
    without.lines.truncate(1);
    without.lines.extend([cosigned(1), cosigned(2)]);
    assert!(
        !policy.judge(&checkpoint, &without).quorum,
        "the log's post-quantum signature is not optional"
    );
    let other = Checkpoint {
        origin: "other.example.invalid/0999/sag".into(),
        ..checkpoint
    };
    assert!(!policy.judge(&other, &base).signed_by_log);
}

#[test]
fn groups_of_groups_and_thresholds_add_up() {
    let keys: String = (1..=5)
        .map(|n| format!("witness x{n} {}\n", witness(n).vkey()))
        .collect();
    let policy = Policy::parse(&format!(
        "{keys}group x 2 x1 x2 x3\ngroup y any x4 x5\ngroup z all x y\nquorum z\n"
    ))
    .unwrap();
    let holds =
        |names: &[&'static str]| policy.is_quorum(&names.iter().copied().collect::<BTreeSet<_>>());
    assert!(holds(&["x1", "x3", "x5"]) && holds(&["x1", "x2", "x3", "x4", "x5"]));
    assert!(!holds(&["x1", "x2", "x3"]) && !holds(&["x1", "x4", "x5"]) && !holds(&[]));
    let none = Policy::parse("quorum none\n").unwrap();
    assert!(none.is_quorum(&BTreeSet::new()));
    let single = Policy::parse(&format!("{keys}quorum x2")).unwrap();
    assert!(
        single.is_quorum(&BTreeSet::from(["x2"])) && !single.is_quorum(&BTreeSet::from(["x1"]))
    );
}

#[test]
fn every_rule_of_the_file_is_enforced() {
    let (w1, w2, log) = (witness(1).vkey(), witness(2).vkey(), log().vkey());
    refused("", 1, "no quorum");
    refused("# nothing\n", 2, "no quorum");
    refused("quorum none\nquorum none\n", 2, "quorum already");
    refused("quorum w1\n", 1, "not defined above");
    refused(
        &format!("quorum w1\nwitness w1 {w1}\n"),
        1,
        "not defined above",
    );
    refused("quorum\n", 1, "quorum NAME");
    refused("allow none\n", 1, "begins with");
    refused(&format!("log {w1}\n"), 1, "type 01");
    refused(&format!("witness w1 {log}\n"), 1, "type 04 or 06");
    refused("log nonsense\n", 1, "malformed");
    refused("witness w1 nonsense\n", 1, "malformed");
    refused(&format!("log {log}\nlog {log}\n"), 2, "stands twice");
    refused(
        &format!("witness a {w1}\nwitness b {w1}\n"),
        2,
        "stands twice",
    );
    refused(&format!("witness a {w1}\nwitness a {w2}\n"), 2, "taken");
    refused(&format!("witness none {w1}\n"), 1, "taken");
    refused(&format!("witness a {w1}\ngroup a any a\n"), 2, "taken");
    refused(
        &format!("witness a {w1}\ngroup g any none\n"),
        2,
        "not defined above",
    );
    refused(&format!("witness a {w1}\ngroup g any\n"), 2, "no member");
    refused(
        &format!("witness a {w1}\ngroup g 2 a\n"),
        2,
        "between 1 and 1",
    );
    refused(
        &format!("witness a {w1}\ngroup g 0 a\n"),
        2,
        "between 1 and 1",
    );
    refused(
        &format!("witness a {w1}\ngroup g 01 a\n"),
        2,
        "not a number",
    );
    refused(
        &format!("witness a {w1}\ngroup g any a\ngroup h any a\n"),
        3,
        "member already",
    );
    refused(
        &format!("witness a {w1}\ngroup g any a a\n"),
        2,
        "member already",
    );
    refused("group g\n", 1, "group NAME");
    refused("quorum none\r\n", 1, "control character");
}
