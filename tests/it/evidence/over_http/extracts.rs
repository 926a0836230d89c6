//! Extracts of the access log: who looked, and nothing else.

use std::path::Path;
use std::process::Output;

use events::ids::StreamId;
use serde_json::json;
use tests::evidence::{check, codes, saying, trust, unpacked};
use tests::loopback_servers::Town;
use tests::program::{run, text};
use tests::world::ids;
use verify::bundle::{Trust, Verdict};
use verify::code::Code;
use verify::policy::Policy;

use super::{get, look, world};

fn accesses_trust(key: &str) -> Trust {
    let policy = Policy::parse(format!("log {key}\nquorum none\n").as_bytes()).unwrap();
    Trust {
        policy,
        pin: None,
        receipts: Vec::new(),
        verifying: None,
    }
}

/// What an extract of the access log must prove.
fn proves_who_looked(bytes: &[u8], trust: &Trust) {
    let verdict = check(bytes, trust).unwrap();
    assert_eq!(
        (verdict.origin.as_str(), verdict.target.as_deref()),
        (
            "log.test.invalid/0999/adgang",
            Some(ids().case().to_string().as_str())
        )
    );
    let kinds: Vec<_> = verdict
        .events
        .iter()
        .map(|event| event.kind.as_deref().unwrap())
        .collect();
    assert_eq!(kinds, ["RecordAccessed", "RecordAccessed"]);
    assert!(
        !codes(&verdict).contains("CASE_BINDING_MISSING"),
        "the case that was looked at binds it"
    );
    let files = unpacked(bytes);
    let entry = &files
        .iter()
        .find(|(path, _)| path == "data/events/000002.sd-jwt")
        .unwrap()
        .1;
    let header = record::b64u::decode(entry.split(|byte| *byte == b'.').next().unwrap()).unwrap();
    assert!(
        text(&header).contains("\"typ\":\"sag-access+sd-jwt\""),
        "{}",
        text(&header)
    );
    assert_ne!(
        saying(&files, "K900417"),
        [] as [String; 0],
        "it tells who looked"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extract_of_the_access_log_tells_who_looked_and_verifies_by_itself() {
    let (world, town) = (world().await, Town::new());
    look(&world).await;
    let at = town.show(&world.operator);
    let accesses = world.operator.access_log().unwrap();
    let key = accesses.public_log().verifier_key();
    let got = get(at, &format!("/bundles/{}?accesses=true", ids().case()));
    assert_eq!(got.status, 200, "{}", text(&got.body));
    proves_who_looked(&got.body, &accesses_trust(&key));
    assert_eq!(
        check(&got.body, &trust(&world)).err(),
        Some(Code::CheckpointOrigin),
        "the case log does not vouch for it"
    );
    let unseen: StreamId = ids().stream("A5");
    let nobody = get(at, &format!("/bundles/{unseen}?accesses=true"));
    assert_eq!(
        (nobody.status, &nobody.json()["userErrors"][0]["code"]),
        (404, &json!("NOBODY_LOOKED"))
    );
    drop((accesses, town));
    let whole = check(&got.body, &accesses_trust(&key)).unwrap();
    let (dir, _) = world.stop();
    the_program_makes_the_same(dir.path(), unseen, &key);
    the_program_withholds_what_it_is_told_to(dir.path(), &whole, &key);
}

/// The program writes an extract of the access log: what it says, and the file, if there is one.
fn extract(dir: &Path, case: StreamId, name: &str, more: &[&str]) -> (Output, Option<Vec<u8>>) {
    let out = dir.join(name);
    let case = case.to_string();
    let arguments = [
        &[
            "bundle",
            "--accesses",
            "--case",
            &case,
            "--out",
            out.to_str().unwrap(),
        ],
        more,
    ]
    .concat();
    (run(dir, &arguments), std::fs::read(&out).ok())
}

/// It says when there is nothing.
fn the_program_makes_the_same(dir: &Path, unseen: StreamId, key: &str) {
    let (none, file) = extract(dir, unseen, "none.zip", &[]);
    assert!(
        !none.status.success() && text(&none.stderr).contains("nobody's look at the case"),
        "{}",
        text(&none.stderr)
    );
    assert_eq!(file, None);
    let (made, file) = extract(dir, ids().case(), "whole.zip", &[]);
    assert!(
        made.status.success() && text(&made.stdout).contains("2 events"),
        "{}",
        text(&made.stderr)
    );
    proves_who_looked(&file.unwrap(), &accesses_trust(key));
}

fn the_program_withholds_what_it_is_told_to(dir: &Path, whole: &Verdict, key: &str) {
    let wishes = json!([{
        "stream": whole.stream, "event": whole.events[1].id, "field": "reader", "class": "OTHER_PERSON", "section": "FVL § 15 b no 5",
        "reason": "an employee under protection",
    }]);
    let list = dir.join("withheld.json");
    std::fs::write(&list, wishes.to_string()).unwrap();
    let (made, file) = extract(
        dir,
        ids().case(),
        "part.zip",
        &["--redact", list.to_str().unwrap()],
    );
    let file = file.unwrap_or_else(|| panic!("{}", text(&made.stderr)));
    assert_eq!(
        check(&file, &accesses_trust(key))
            .unwrap()
            .events
            .iter()
            .map(|event| event.withheld)
            .collect::<Vec<_>>(),
        [0, 1]
    );
    assert_eq!(saying(&unpacked(&file), "K900417"), [] as [String; 0]);
}
