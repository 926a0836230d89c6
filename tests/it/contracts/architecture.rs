//! How the workspace is put together: dependencies between the crates point one way, there is one way
//! into a log, attacks have tests, and tests do not sleep. What the crates do is tested elsewhere.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;
use tests::golden::root;

/// Each crate with what it may use of the workspace.
const ALLOWED: &[(&str, &[&str])] = &[
    ("events", &[]),
    ("record", &[]),
    ("verify", &[]),
    // It knows the program by GraphQL over HTTP alone.
    ("load", &[]),
    ("domain", &["events"]),
    ("law", &["events"]),
    ("store", &["record"]),
    // Its tests make logs with the writer's own code; the witness itself shares none of it.
    ("witness", &["verify", "record"]),
    ("app", &["events", "domain", "law", "record", "store"]),
    // Of the record only its positions, see `positions.rs`.
    ("api", &["app", "domain", "events", "law", "record"]),
    ("server", &["api", "app"]),
    (
        "sagsspor",
        &[
            "api", "app", "domain", "events", "law", "load", "record", "server", "store", "verify",
            "witness",
        ],
    ),
    ("sagsspor-verify", &["verify"]),
    ("second", &["domain", "events", "law"]),
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
    let root = root();
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

/// Where a test waits for a time that nothing tells the end of.
const SLEEPS: [&str; 1] = [
    // The moment of the kill is what the test chooses; no outcome waits for it.
    "tests/it/recording/crash.rs",
];

/// A sleep is too short on a busy machine and too long on any other: tests wait for what must come,
/// with [`tests::waiting`].
#[test]
fn no_test_sleeps() {
    let root = root();
    let sleeping: Vec<String> = ["tests/it", "tests/support", "tests/benches"]
        .iter()
        .flat_map(|folder| tests::world::files(&root.join(folder)))
        .filter(|path| {
            let source = std::fs::read_to_string(path).unwrap();
            // Written so that this line is not found itself.
            source.contains(concat!("sleep", "("))
        })
        .map(|path| path.strip_prefix(&root).unwrap().display().to_string())
        .collect();
    assert_eq!(sleeping, SLEEPS);
}

/// Sources of a crate without their comments.
fn code_of(folder: &str) -> Vec<(String, String)> {
    let folder = root().join(folder);
    let files = tests::world::files(&folder).into_iter();
    let sources = files.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    sources
        .map(|path| {
            let source = std::fs::read_to_string(&path).unwrap();
            let code: Vec<&str> = source
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect();
            let name = path.strip_prefix(&folder).unwrap().display().to_string();
            (name, code.join("\n"))
        })
        .collect()
}

/// Inner modules of `app` that what is reached over the network must not name: an opened log, how
/// it is opened, what an operator does, and the log's own workings.
const BEHIND_THE_DOOR: [&str; 4] = ["app::app", "app::open", "app::operations", "app::log::"];
/// What of them it may name: a receipt is a value that an answer shows.
const VALUES: [&str; 1] = ["app::log::sequencer::Receipt"];

/// Whoever asks over the network has a session, or sees what everybody may see: there is no other
/// way into a log.
#[test]
fn api_and_server_come_through_the_door() {
    for folder in ["crates/api/src", "crates/server/src"] {
        for (name, mut code) in code_of(folder) {
            for value in VALUES {
                code = code.replace(value, "");
            }
            for inner in BEHIND_THE_DOOR {
                assert!(!code.contains(inner), "{folder}/{name} names {inner}");
            }
        }
    }
    let modules = std::fs::read_to_string(root().join("crates/app/src/lib.rs")).unwrap();
    assert!(
        modules.contains("\nmod app;") && !modules.contains("pub mod app;"),
        "nobody outside `app` can name an opened log"
    );
}

/// Only a session turns somebody away, by the one table: a second place could say something else.
#[test]
fn only_a_session_says_that_somebody_may_not() {
    let mut saying = Vec::new();
    for (name, code) in code_of("crates/app/src") {
        let made = code.matches("Forbidden {").count() - code.matches("struct Forbidden {").count();
        if made > 0 || code.contains("is_of(") && name != "access/rights.rs" {
            saying.push(name);
        }
    }
    assert_eq!(saying, ["session.rs"]);
}

/// Words that a crate must not name, and the files that may all the same, each with the reason.
struct Barred {
    below: &'static str,
    words: &'static [&'static str],
    lawful: &'static [(&'static str, &'static str)],
}

/// A backend by its name, the ways to files, and the names of files of a log.
const OF_FILES: &[&str] = &[
    "embedded::",
    "RealDisk",
    "ShadowDisk",
    "std::fs",
    "fs::read",
    "fs::write",
    "std::path",
    "sled::",
    "join(\"journal",
    "join(\"blobs",
    "join(\"archive",
    "join(\"checkpoint",
    "join(\"projections",
    "join(\"pending",
    "join(\"known",
    ".vkey\"",
    ".key\"",
    ".seg\"",
];

const BARRED: &[Barred] = &[
    Barred {
        below: "crates/app/src",
        words: OF_FILES,
        lawful: &[
            (
                "commands/document/scratch.rs",
                "an unnamed file holds a document on its way in or out",
            ),
            (
                "evidence/tiles/export.rs",
                "the directory of tiles is what is asked for",
            ),
            (
                "log/signing_keys.rs",
                "tells the operator what is missing by the name that the key had",
            ),
            (
                "log/sequencer/key_change_tests.rs",
                "a test on a disk that loses power",
            ),
        ],
    },
    Barred {
        below: "crates/api/src",
        words: OF_FILES,
        lawful: &[],
    },
    Barred {
        below: "crates/server/src",
        words: OF_FILES,
        lawful: &[],
    },
    Barred {
        below: "crates/sagsspor/src",
        words: &["embedded::", "RealDisk", "ShadowDisk", "sled::"],
        lawful: &[(
            "open.rs",
            "chooses the backend of the program, and opens copies",
        )],
    },
];

/// The port stands between the use cases and what keeps a log: code that named a directory, or the
/// embedded store, would work on that backend only.
#[test]
fn nothing_above_the_port_names_a_backend_or_a_file_of_a_log() {
    let root = root();
    for Barred {
        below,
        words,
        lawful,
    } in BARRED
    {
        let folder = root.join(below);
        let mut named = BTreeSet::new();
        let mut files = 0;
        for path in tests::world::files(&folder) {
            if path.extension().is_none_or(|ending| ending != "rs") {
                continue;
            }
            files += 1;
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.strip_prefix(&folder).unwrap().to_str().unwrap();
            for word in words.iter().filter(|word| text.contains(*word)) {
                assert!(
                    lawful.iter().any(|(file, _)| *file == name),
                    "{below}/{name} names {word}"
                );
                named.insert(name.to_owned());
            }
        }
        assert!(files > 10, "{below}: {files} files were searched");
        let listed: BTreeSet<String> = lawful.iter().map(|(file, _)| (*file).to_owned()).collect();
        assert_eq!(
            named, listed,
            "{below}: what is excused and needs no excuse"
        );
    }
}
