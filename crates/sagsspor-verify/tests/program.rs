//! The program, as a person runs it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use verify::bundle::sha256_hex;
use verify::fuzzing::{relist, unpacked};

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../verify/testdata/example")
        .join(name)
}

/// Exit code, standard output and standard error.
fn run(args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sagsspor-verify"))
        .args(args)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Asks about a file under the example's policy.
fn ask(file: &Path, more: &[&str]) -> (i32, String, String) {
    let policy = example("policy");
    run(&[
        &["--policy", policy.to_str().unwrap(), file.to_str().unwrap()],
        more,
    ]
    .concat())
}

fn folder(files: &std::collections::BTreeMap<String, Vec<u8>>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

#[test]
fn a_clean_bundle_is_told_with_what_it_proves() {
    let (code, out, _) = ask(&example("case.zip"), &["--verifying", "w1"]);
    assert_eq!(code, 0, "{out}");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(
        lines[0],
        "OK 4 events of stream 0f8fad5b-d9cb-469f-a165-70867728950e in log.aarhus.example/0751/sag"
    );
    assert_eq!(lines[1], "  case 2026-004711");
    assert!(
        lines[3].starts_with("  cosigned 2026-11-24T") && lines[3].contains("by logpq, w1, w2, w3"),
        "{}",
        lines[3]
    );
    assert!(
        lines[5].contains("CaseOpened  5 shown  proven between 2026-"),
        "{}",
        lines[5]
    );
    assert!(lines[6].contains("1 erased"), "{}", lines[6]);
    let (code, out, _) = ask(&example("redacted.zip"), &["--verifying", "w1"]);
    assert_eq!(
        (code, out.contains("CaseOpened  4 shown, 1 withheld")),
        (0, true),
        "{out}"
    );
}

#[test]
fn notes_end_in_three_and_faults_in_one() {
    let (code, out, _) = ask(&example("case.zip"), &[]);
    assert_eq!(code, 3);
    assert!(
        out.lines()
            .last()
            .unwrap()
            .starts_with("NOTE COMPLETENESS_OPERATOR_ONLY "),
        "{out}"
    );
    let mut files = unpacked(&std::fs::read(example("case.zip")).unwrap()).unwrap();
    let event = files.get_mut("data/events/000002.sd-jwt").unwrap();
    event[9] ^= 1;
    let (code, out, _) = ask(folder(&files).path(), &[]);
    assert_eq!(code, 1);
    assert!(
        out.starts_with("FAIL BUNDLE_MANIFEST data/events/000002.sd-jwt"),
        "{out}"
    );
    assert!(out.contains("\n  Does not mean: "), "{out}");
    let (code, out, _) = ask(&example("policy"), &["--lang", "da"]);
    assert_eq!(
        (
            code,
            out.starts_with("FAIL BUNDLE_FORMAT "),
            out.contains("  Betyder: ")
        ),
        (1, true, true),
        "{out}"
    );
}

/// One event with a false time: it is named, everything else is told, and the answer is a failure.
#[test]
fn a_false_time_is_told_of_its_event_and_the_rest_holds() {
    let case = "bundles/0f8fad5b-d9cb-469f-a165-70867728950e.zip";
    let dossier = example("untimely.zip");
    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("case.zip");
    std::fs::write(
        &bundle,
        &unpacked(&std::fs::read(&dossier).unwrap()).unwrap()[case],
    )
    .unwrap();
    let (code, out, _) = ask(&bundle, &["--verifying", "w1"]);
    assert_eq!(code, 1, "{out}");
    let lines: Vec<&str> = out.lines().collect();
    assert!(
        lines[0].starts_with("FAIL TIME_BACKDATED entry 10: sequence 5 states "),
        "{out}"
    );
    assert!(
        lines[1].starts_with("  Means: ")
            && lines[4].starts_with("Everything else holds: 5 events of stream 0f8fad5b-"),
        "{out}"
    );
    assert!(!out.contains("OK"), "{out}");
    let (code, of_dossier, _) = ask(&dossier, &["--verifying", "w1"]);
    assert_eq!(code, 1, "{of_dossier}");
    assert!(
        of_dossier.starts_with(
            "FAIL TIME_BACKDATED stream 0f8fad5b-d9cb-469f-a165-70867728950e, entry 10: sequence 5 "
        ),
        "{of_dossier}"
    );
    assert!(
        of_dossier.contains("\nEverything else holds: 2 bundles of the case 0f8fad5b-"),
        "{of_dossier}"
    );
    for (file, stream) in [
        (&bundle, serde_json::Value::Null),
        (&dossier, "0f8fad5b-d9cb-469f-a165-70867728950e".into()),
    ] {
        let (code, out, _) = ask(file, &["--json", "--verifying", "w1"]);
        let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(
            (code, &answer["answer"], &answer["code"]),
            (1, &"FAIL".into(), &"TIME_BACKDATED".into())
        );
        let found = answer["findings"].as_array().unwrap();
        assert_eq!(
            (
                found.len(),
                &found[0]["seq"],
                &found[0]["code"],
                &found[0]["stream"]
            ),
            (1, &5.into(), &answer["code"], &stream)
        );
    }
    let (_, out, _) = ask(&bundle, &["--json"]);
    let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        answer["events"].as_array().unwrap().len(),
        5,
        "the others are shown"
    );
}

#[test]
fn what_is_known_beforehand_is_compared() {
    let receipt = std::fs::read_to_string(example("receipt.txt")).unwrap();
    let pin = example("checkpoint");
    let (code, out, _) = ask(
        &example("case.zip"),
        &[
            "--verifying",
            "w1",
            "--receipt",
            &receipt,
            "--pin",
            pin.to_str().unwrap(),
        ],
    );
    assert_eq!(
        (code, out.contains("1 receipt compared")),
        (0, true),
        "{out}"
    );
    let other = receipt.replace("|2|", "|1|");
    let (code, out, _) = ask(&example("case.zip"), &["--receipt", &other]);
    assert_eq!(
        (code, out.starts_with("FAIL RECEIPT_MISMATCH ")),
        (1, true),
        "{out}"
    );
    let folder = tempfile::tempdir().unwrap();
    let newer = folder.path().join("newer");
    let text = std::fs::read_to_string(&pin).unwrap();
    std::fs::write(&newer, text.replacen("\n10\n", "\n11\n", 1)).unwrap();
    let (code, out, _) = ask(&example("case.zip"), &["--pin", newer.to_str().unwrap()]);
    assert_eq!(
        (code, out.starts_with("FAIL ROLLBACK ")),
        (1, true),
        "{out}"
    );
    std::fs::write(&newer, "quorum nobody\n").unwrap();
    // A policy that cannot be read says nothing about the bundle: the question was not understood.
    for more in [&[][..], &["--json"]] {
        let case = example("case.zip");
        let asked = [
            &["--policy", newer.to_str().unwrap(), case.to_str().unwrap()],
            more,
        ]
        .concat();
        let (code, out, err) = run(&asked);
        assert_eq!(
            (code, out.as_str(), err.contains("POLICY line 1: ")),
            (2, "", true),
            "{err}"
        );
    }
}

#[test]
fn a_dossier_is_recognised_and_its_pages_prove_nothing() {
    let (code, out, _) = ask(&example("dossier.zip"), &["--verifying", "w1"]);
    // It names a child, and holds no bundle of the child's own.
    assert_eq!(
        (
            code,
            out.matches("NOTE ").count(),
            out.matches("NOTE STREAM_ABSENT 3fa85f64-").count()
        ),
        (3, 1, 1),
        "{out}"
    );
    assert!(
        out.starts_with("OK 2 bundles of the case 0f8fad5b-"),
        "{out}"
    );
    assert!(
        out.contains("\n  without evidence, for reading only: da.html\n"),
        "{out}"
    );
    let files = unpacked(&std::fs::read(example("dossier.zip")).unwrap()).unwrap();
    assert_eq!(
        ask(folder(&files).path(), &["--verifying", "w1"]).1,
        out,
        "unpacked in a folder"
    );
}

#[test]
fn programs_read_the_answer_as_json() {
    let (code, out, _) = ask(&example("case.zip"), &["--json", "--verifying", "w1"]);
    let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &answer["answer"], &answer["size"]),
        (0, &"OK".into(), &10.into())
    );
    assert_eq!(answer["events"][2]["type"], "DocumentFiled");
    assert_eq!(
        (&answer["notes"], &answer["findings"]),
        (&serde_json::json!([]), &serde_json::json!([]))
    );
    let (code, out, _) = ask(&example("policy"), &["--json"]);
    let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &answer["answer"], &answer["code"]),
        (1, &"FAIL".into(), &"BUNDLE_FORMAT".into())
    );
    assert_eq!(
        (
            answer["findings"].as_array().unwrap().len(),
            &answer["findings"][0]["code"]
        ),
        (1, &answer["code"])
    );
    let (_, out, _) = ask(&example("dossier.zip"), &["--json"]);
    let answer: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (
            &answer["bundles"][1]["role"],
            &answer["renderings_without_evidence"][0]
        ),
        (&"notification".into(), &"da.html".into())
    );
}

#[test]
fn wrong_questions_end_in_two() {
    for args in [
        &[][..],
        &["nothing.zip"],
        &["--policy", "nothing", "nothing.zip"],
        &["--explain", "NOTHING"],
        &["--explain", "FORK", "case.zip"],
        &["--colour"],
    ] {
        let (code, out, err) = run(args);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(!err.is_empty());
    }
    let nothing = Path::new("nothing.zip");
    assert_eq!(ask(nothing, &[]).0, 2);
    let case = example("case.zip");
    for more in [
        ["--receipt", "x"],
        ["--verifying", "w9"],
        ["--pin", "nothing"],
        ["--tsa-ca", "nothing"],
    ] {
        let (code, _, err) = ask(&case, &more);
        assert_eq!(
            (code, err.starts_with("error: ")),
            (2, true),
            "{more:?}: {err}"
        );
    }
}

#[test]
fn codes_are_explained_in_both_languages() {
    let (code, english, _) = run(&["--explain", "witness_quorum"]);
    assert_eq!(
        (code, english.starts_with("WITNESS_QUORUM\n  Means: ")),
        (0, true),
        "{english}"
    );
    let (_, danish, _) = run(&["--explain", "WITNESS_QUORUM", "--lang", "da"]);
    assert!(
        danish.contains("Betyder ikke: ") && danish.contains("vidner"),
        "{danish}"
    );
    assert_eq!(
        run(&["--explain", "ALL"]).1.lines().count(),
        verify::code::Code::ALL.len() * 4
    );
    let (code, help, _) = run(&["--help"]);
    assert_eq!((code, help.contains("Examples:")), (0, true));
}

/// An authority made by openssl for this test, in a folder of its own.
struct Authority(tempfile::TempDir);

const CONFIG: &str = "\
[tsa]
default_tsa = t
[t]
serial = serial
signer_cert = tsa.crt
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
[ext]
extendedKeyUsage = critical,timeStamping
";

impl Authority {
    /// None where there is no openssl.
    fn new() -> Option<Self> {
        Command::new("openssl").arg("version").output().ok()?;
        let made = Self(tempfile::tempdir().unwrap());
        std::fs::write(made.path("tsa.cnf"), CONFIG).unwrap();
        std::fs::write(made.path("serial"), "01\n").unwrap();
        made.run(
            "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.crt",
        );
        made.run("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other -keyout other.key -out other.crt");
        made.run("req -newkey rsa:2048 -nodes -subj /CN=tsa -keyout tsa.key -out tsa.csr");
        made.run("x509 -req -in tsa.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile tsa.cnf -extensions ext -out tsa.crt");
        Some(made)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, args: &str) {
        let output = Command::new("openssl")
            .current_dir(self.0.path())
            .args(args.split(' '))
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{args}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn stamp(&self, body: &[u8]) -> Vec<u8> {
        self.run(&format!(
            "ts -query -digest {} -sha256 -cert -out q.tsq",
            sha256_hex(body)
        ));
        self.run("ts -reply -config tsa.cnf -queryfile q.tsq -out r.tsr");
        std::fs::read(self.path("r.tsr")).unwrap()
    }
}

/// Where openssl is missing, nothing can be asked; the library's own tests stay.
#[test]
fn time_stamps_are_checked_with_the_readers_authorities() {
    let Some(authority) = Authority::new() else {
        return;
    };
    let files = unpacked(&std::fs::read(example("case.zip")).unwrap()).unwrap();
    let note = String::from_utf8(files["data/checkpoint"].clone()).unwrap();
    let body = note.split_once("\n\n").unwrap().0.to_owned() + "\n";
    let stamped = |body: &[u8]| {
        let mut files = files.clone();
        files.insert("data/tst/1.tsr".into(), authority.stamp(body));
        relist(&mut files);
        folder(&files)
    };
    let bundle = stamped(body.as_bytes());
    let with = |name: &str| {
        ask(
            bundle.path(),
            &[
                "--verifying",
                "w1",
                "--tsa-ca",
                authority.path(name).to_str().unwrap(),
            ],
        )
    };
    let (code, out, _) = with("ca.crt");
    assert_eq!(
        (code, out.contains(", its issuer was checked")),
        (0, true),
        "{out}"
    );
    let (code, out, _) = with("other.crt");
    assert_eq!(
        (code, out.starts_with("FAIL TST_INVALID ")),
        (1, true),
        "{out}"
    );
    let (code, out, _) = ask(bundle.path(), &["--verifying", "w1"]);
    assert_eq!(
        (code, out.contains("NOTE TST_UNVERIFIED ")),
        (3, true),
        "{out}"
    );
    let (code, out, _) = ask(stamped(b"other").path(), &["--verifying", "w1"]);
    assert_eq!(
        (code, out.starts_with("FAIL TST_INVALID ")),
        (1, true),
        "32: {out}"
    );
}
