//! A log or its keys were removed: whatever names them misses them.

use std::path::PathBuf;
use std::sync::Arc;

use app::clock::SystemClock;
use app::layout::Layout;
use app::log::rollback_check::KnownError;
use app::open::StartError;
use app::operations::operator::Operator;
use serde_json::json;
use tests::copies::copy;
use tests::dirs::Dirs;
use tests::program::{audited, run, text};
use tests::world::{World, files, layout};

use super::{found, refused, remove, two_logs};

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_removed_is_refused_and_found_wherever_it_is_named() {
    let clean = two_logs().await;
    let (cases, accesses) = (layout(clean.path()), layout(clean.path()).accesses());
    assert_eq!(audited(clean.path()).1, 0, "{:?}", audited(clean.path()).0);
    let within = |path: PathBuf| path.strip_prefix(clean.path()).unwrap().to_owned();
    let journal = |place: &Layout| within(place.log_dir().join("journal"));
    let known = |place: &Layout| within(place.known_file());
    // What is taken away, and of which log the audit must then say that it is missing.
    let attacks: [(&str, Vec<PathBuf>, &Layout); 8] = [
        (
            "the access log",
            vec![within(accesses.log_dir())],
            &accesses,
        ),
        (
            "and what is kept of it",
            vec![within(accesses.log_dir()), known(&accesses)],
            &accesses,
        ),
        (
            "and its keys",
            vec![within(accesses.log_dir()), within(accesses.key_dir())],
            &accesses,
        ),
        (
            "and the checkpoint of the case log",
            vec![
                within(accesses.log_dir()),
                known(&accesses),
                within(cases.log_dir().join("checkpoint")),
            ],
            &accesses,
        ),
        (
            "its journal alone",
            vec![journal(&accesses), known(&accesses)],
            &accesses,
        ),
        ("the case log", vec![within(cases.log_dir())], &cases),
        (
            "and what is kept of it",
            vec![within(cases.log_dir()), known(&cases)],
            &cases,
        ),
        (
            "and the checkpoint of the access log",
            vec![
                within(cases.log_dir()),
                known(&cases),
                within(accesses.log_dir().join("checkpoint")),
            ],
            &cases,
        ),
    ];
    for (what, taken, missing) in attacks {
        let what = format!("{}: {what}", missing.origin());
        let dir = tempfile::tempdir().unwrap();
        copy(clean.path(), dir.path());
        taken.iter().for_each(|path| remove(&dir.path().join(path)));
        refused(&what, dir.path(), "LOG_MISSING");
        found(&what, dir.path(), &missing.origin(), "LOG_MISSING");
    }
    // Of a log that nothing names nobody can say that it is missing: it may be begun.
    let dir = tempfile::tempdir().unwrap();
    let output = run(dir.path(), &["audit"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("there is no log in"),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(files(dir.path()), Vec::<PathBuf>::new());
}

/// One log, without a sister: what lies beside its keys names it.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_without_a_sister_is_missed_by_what_lies_beside_its_keys() {
    let world = World::with_alma().await;
    world.operator.checkpoint().unwrap();
    world.operator.write_log_key().unwrap();
    let (dir, _) = world.stop();
    remove(&dir.path().join("data"));
    refused("all data", dir.path(), "LOG_MISSING");
    found(
        "all data",
        dir.path(),
        &layout(dir.path()).origin(),
        "LOG_MISSING",
    );
    let opened = Operator::open(layout(dir.path()), Arc::new(SystemClock), &mut |_, _| {});
    assert!(matches!(
        opened,
        Err(StartError::Known(KnownError::Missing { .. }))
    ));
    // The recovery key does not begin it anew either.
    let seed = dir.path().join("seed");
    let created = run(
        dir.path(),
        &["keys", "create", "--recovery", seed.to_str().unwrap()],
    );
    assert!(
        created.status.code() == Some(1) && text(&created.stderr).contains("LOG_MISSING"),
        "{}",
        text(&created.stderr)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_whose_keys_are_gone_keeps_its_sister_closed_and_is_found() {
    let dir = two_logs().await;
    let accesses = layout(dir.path()).accesses();
    let aside = dir.path().join("aside");
    std::fs::rename(accesses.key_dir(), &aside).unwrap();
    refused("the keys of the access log", dir.path(), "KEYS_MISSING");
    let (reports, exit) = audited(dir.path());
    assert_eq!(
        (
            exit,
            &reports[0]["derived"],
            &reports[1]["derived"][0]["code"]
        ),
        (3, &json!([]), &json!("KEYS_MISSING")),
        "{reports:?}"
    );
    std::fs::rename(&aside, accesses.key_dir()).unwrap();
    assert_eq!(audited(dir.path()).1, 0);
}

/// A sister that cannot be read must not pass for one that says nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_sister_that_cannot_be_read_keeps_the_log_closed() {
    let dir = two_logs().await;
    let path = layout(dir.path()).accesses().log_dir().join("checkpoint");
    std::fs::write(&path, "bent").unwrap();
    refused(
        "the checkpoint of the access log",
        dir.path(),
        "what it says of this one is not known",
    );
}
