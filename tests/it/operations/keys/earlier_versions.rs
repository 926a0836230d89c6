//! Key directories of earlier versions are taken over.

use std::path::PathBuf;

use domain::reading::ReadingPoint;
use tests::dirs::Dirs;
use tests::key_rows::as_before;
use tests::program::{run, text};
use tests::world::{World, audit, caseworker, files, ids, layout, open};

/// A key directory of an earlier version is taken over, for reading in memory only; an erasure goes
/// on from there.
#[tokio::test(flavor = "multi_thread")]
async fn keys_of_an_earlier_version_are_taken_over_and_everything_is_read() {
    let ids = ids();
    let world = World::with_alma().await;
    world.operator.lists_ready(&mut |_, _| {}).unwrap();
    world.operator.write_log_key().unwrap();
    let expected = world.read(ids.case(), ReadingPoint::default());
    let (dir, trust) = world.stop();
    let place = layout(dir.path()).key_dir();
    as_before(&place, false);
    let before: Vec<(PathBuf, Vec<u8>)> = files(&place)
        .into_iter()
        .map(|path| (path.clone(), std::fs::read(&path).unwrap()))
        .collect();
    // What is only looked at stays as it lies.
    let audited = run(dir.path(), &["audit", "--lists"]);
    assert!(
        audited.status.success(),
        "{}{}",
        text(&audited.stdout),
        text(&audited.stderr)
    );
    for (path, bytes) in &before {
        assert!(std::fs::read(path).unwrap() == *bytes, "{}", path.display());
    }
    let operator = open(dir.path()).unwrap();
    assert_eq!(
        operator
            .session(caseworker())
            .read(ids.case(), ReadingPoint::default())
            .unwrap()
            .as_deref(),
        expected.as_ref()
    );
    operator.close().unwrap();
    drop(operator);
    let names: Vec<_> = files(&place)
        .into_iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(
        names,
        [
            "epoch",
            "checkpoint",
            "lock",
            "rows-00000001.bound",
            "secrets-00000003.key"
        ]
    );
    assert!(
        std::fs::read(place.join("epoch"))
            .unwrap()
            .starts_with(b"sagsspor epoch 3\n1 3\n")
    );
    let operator = open(dir.path()).unwrap();
    assert_eq!(
        operator
            .session(caseworker())
            .read(ids.case(), ReadingPoint::default())
            .unwrap()
            .as_deref(),
        expected.as_ref()
    );
    operator.close().unwrap();
    drop(operator);
    audit(dir.path(), &trust).unwrap();
}
