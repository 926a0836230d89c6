//! The load tool: what it finds, what it leaves behind, and what it refuses. How loads are made and
//! counted is tested in `crates/load`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tests::program::{command, run, text};
use tests::waiting::wait_until;

/// A directory that PostgreSQL's user may enter as well.
fn dir() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

fn arguments<'a>(place: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let place = place.to_str().unwrap();
    [&["bench", "--directory", place, "--seconds", "1"], more].concat()
}

#[test]
fn a_short_load_is_recorded_counted_and_removed() {
    let dir = dir();
    let (place, json, svg) = (
        dir.path().join("place"),
        dir.path().join("found.json"),
        dir.path().join("found.svg"),
    );
    let (json_path, svg_path) = (json.to_str().unwrap(), svg.to_str().unwrap());
    let load = ["--load", "notes-3", "--clients", "2", "--json", json_path];
    let asked = arguments(&place, &[&load[..], &["--chart", svg_path]].concat());
    let output = run(dir.path(), &asked);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(!place.exists(), "what it made is removed");
    assert!(
        !dir.path().join("data").exists(),
        "the log of the environment is not touched"
    );
    let found: Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    let ours = &found["rows"][0];
    assert_eq!(
        (&ours["load"], &ours["target"]),
        (&"notes-3".into(), &"sagsspor".into())
    );
    assert!(
        ours["done"].as_u64().unwrap() > 0 && ours["failed"] == 0,
        "{ours}"
    );
    // Durable: two clients can share a sync, and no note goes without one.
    assert!(ours["syncs"].as_f64().unwrap() >= 0.5, "{ours}");
    assert!(ours["cpuMicros"].as_f64().unwrap() > 0.0, "{ours}");
    assert!(
        ours["latencyMs"]["p50"].as_f64().unwrap() <= ours["latencyMs"]["p99"].as_f64().unwrap()
    );
    let peers = found["peers"].as_array().unwrap();
    let postgres = peers
        .iter()
        .find(|peer| peer["name"] == "PostgreSQL")
        .unwrap();
    if postgres["version"].is_null() {
        assert!(said.contains("PostgreSQL: not measured: "), "{said}");
    } else {
        assert!(
            found["ratios"][0]["ratio"].as_f64().unwrap() > 0.0,
            "{found}"
        );
        assert_eq!(found["rows"][1]["failed"], 0, "{found}");
    }
    assert!(std::fs::read_to_string(&svg).unwrap().starts_with("<svg "));
    // The figures of an earlier run are shown as they were.
    let again = run(dir.path(), &["bench", "--from", json_path]);
    assert_eq!(text(&again.stdout), said);
}

#[test]
fn an_interrupted_load_leaves_nothing_behind() {
    let dir = dir();
    let place = dir.path().join("place");
    let asked = arguments(&place, &["--load", "notes-1000", "--no-peers"]);
    let child = command(dir.path(), &asked)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // By then the server runs and records.
    wait_until("the log of the load", || {
        place.join("data/0999/sag/journal").exists()
    });
    let id = child.id().to_string();
    let interrupted = std::process::Command::new("kill")
        .args(["-INT", &id])
        .status();
    assert!(interrupted.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(
        text(&output.stderr).contains("interrupted"),
        "{}",
        text(&output.stderr)
    );
    assert!(!place.exists());
}

#[test]
fn what_cannot_be_meant_is_refused_and_names_the_argument() {
    let dir = dir();
    let (full, place) = (dir.path().join("full"), dir.path().join("place"));
    std::fs::create_dir(&full).unwrap();
    std::fs::write(full.join("letter.txt"), "Et brev.").unwrap();
    for (more, expected) in [
        (&["--rate", "0"][..], "--rate"),
        (&["--rate", "NaN"], "--rate"),
        (&["--clients", "0"], "--clients"),
        (&["--clients", "16,10001"], "--clients"),
        (&["--load", "notes-31"], "--load"),
        (&["--seconds", "0"], "--seconds"),
        (&["--short", "--load", "notes-3"], "--load"),
        (&["--recorded", "x.json"], "--short"),
    ] {
        let refused = run(dir.path(), &arguments(&place, more));
        let told = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{more:?}: {told}");
        assert!(told.contains(expected), "{more:?}: {told}");
        assert!(!place.exists(), "{more:?}");
    }
    let refused = run(dir.path(), &arguments(&full, &[]));
    let told = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{told}");
    assert!(
        told.contains("--directory") && told.contains("not empty"),
        "{told}"
    );
    assert!(full.join("letter.txt").exists());
    let refused = run(
        dir.path(),
        &["bench", "--from", full.join("letter.txt").to_str().unwrap()],
    );
    assert!(
        refused.status.code() == Some(1) && text(&refused.stderr).contains("--from"),
        "{}",
        text(&refused.stderr)
    );
}
