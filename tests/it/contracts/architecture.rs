//! Dependencies between the crates point one way. Any edge that is not listed fails.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

/// Each crate with what it may use of the workspace.
const ALLOWED: &[(&str, &[&str])] = &[
    ("events", &[]),
    ("record", &[]),
    ("verify", &[]),
    ("domain", &["events"]),
    ("law", &["events"]),
    ("store", &["record"]),
    // Its tests make logs with the writer's own code; the witness itself shares none of it.
    ("witness", &["verify", "record"]),
    ("app", &["events", "domain", "law", "record", "store"]),
    ("api", &["app", "domain", "events", "law"]),
    ("server", &["api", "app"]),
    (
        "sagsspor",
        &[
            "api", "app", "domain", "events", "law", "server", "store", "verify", "witness",
        ],
    ),
    ("sagsspor-verify", &["verify"]),
    (
        "tests",
        &[
            "api", "app", "domain", "events", "law", "record", "server", "store", "verify",
            "witness",
        ],
    ),
];

/// What the pure crates must never reach, by name of the package.
const PURE: &[&str] = &["events", "domain", "law", "record", "verify"];
/// What must not share code with the writer of the log.
const APART: &[&str] = &["verify", "witness"];
const IMPURE: &[&str] = &["tokio", "sled", "axum", "getrandom", "tracing", "rand"];

#[test]
fn the_crates_depend_on_each_other_as_designed() {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let names: BTreeSet<&str> = packages
        .iter()
        .map(|package| package["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ALLOWED.iter().map(|(name, _)| *name).collect(),
        "every crate is listed"
    );
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let (_, allowed) = ALLOWED.iter().find(|(known, _)| *known == name).unwrap();
        for dependency in package["dependencies"].as_array().unwrap() {
            let target = dependency["name"].as_str().unwrap();
            let normal = dependency["kind"].is_null();
            assert!(
                !names.contains(target) || allowed.contains(&target),
                "{name} must not use {target}"
            );
            assert!(
                !(normal && APART.contains(&name) && target == "record"),
                "{name} shares no code with the writer"
            );
            assert!(
                !(normal && PURE.contains(&name) && IMPURE.contains(&target)),
                "{name} is pure and must not use {target}"
            );
        }
    }
}

/// The page of attacks names tests that exist.
#[test]
fn every_attack_has_its_test() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap();
    let sources: Vec<String> = ["crates", "tests/it"]
        .iter()
        .flat_map(|folder| tests::world::files(&root.join(folder)))
        .filter(|path| path.extension().is_some_and(|ending| ending == "rs"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let page = std::fs::read_to_string(root.join("docs/security/attacks.md")).unwrap();
    let mut rows = 0;
    for row in page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| id "))
    {
        let cell = row.trim_end_matches('|').rsplit('|').next().unwrap();
        let names: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{row}");
        for name in names {
            let head = format!("fn {name}(");
            assert!(
                sources.iter().any(|source| source.contains(&head)),
                "{name}"
            );
        }
        rows += 1;
    }
    assert!(rows > 60);
}

/// GraphQL belongs to `api`: no other crate may turn the features of `events` and `domain` on.
#[test]
fn only_the_api_turns_the_graphql_types_on() {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    for package in metadata["packages"].as_array().unwrap() {
        for dependency in package["dependencies"].as_array().unwrap() {
            let graphql = dependency["features"]
                .as_array()
                .unwrap()
                .iter()
                .any(|feature| feature == "graphql");
            assert!(!graphql || package["name"] == "api", "{}", package["name"]);
        }
    }
}
