//! The two logs of a municipality hold each other to what they have signed: neither goes back
//! alone.

use std::path::Path;
use std::sync::Arc;

use app::clock::SystemClock;
use app::layout::Layout;
use app::log::rollback_check::KnownError;
use app::open::StartError;
use app::operations::operator::Operator;
use record::entry::Entry;
use record::positions::Size;
use serde_json::json;
use store::backend::opening::OpenReport;
use store::disk::{Disk, RealDisk};
use store::embedded::keys::FileKeyStore;
use store::embedded::log::EmbeddedStore;
use store::embedded::options::{IndexKind, Options};
use tests::copies::{copy, put_back};
use tests::dirs::Dirs;
use tests::orders::{look, take_note};
use tests::program::{audited, run, text};
use tests::world::{World, caseworker, layout};

/// What the newest heads entry of a log says of others.
fn said(operator: &Operator) -> Vec<(String, Size)> {
    let entry = operator
        .session(caseworker())
        .entry(operator.public_log().size().last().unwrap())
        .unwrap()
        .unwrap();
    let Entry::Heads(heads) = record::entry::parse(&entry.bytes).unwrap().entry else {
        panic!("the log does not end in a heads entry")
    };
    heads
        .anchors
        .into_iter()
        .map(|anchor| (anchor.origin, anchor.size))
        .collect()
}

/// An older copy of one log is put back by somebody who also takes away what lies beside its keys.
fn went_back(place: &Layout, older: &Path) {
    put_back(older, &place.log_dir());
    std::fs::remove_file(place.known_file()).unwrap();
}

/// Both logs, each with something that the other has seen, and a look-up behind that.
async fn two_logs() -> World {
    let world = World::with_alma().await;
    look(&world, 1).await;
    let accesses = world.operator.access_log().unwrap();
    accesses.checkpoint().unwrap();
    take_note(&world, 1).await;
    world.operator.checkpoint().unwrap();
    look(&world, 2).await;
    accesses.checkpoint().unwrap();
    world.operator.write_log_key().unwrap();
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn each_log_names_what_the_other_has_signed() {
    let world = two_logs().await;
    let accesses = world.operator.access_log().unwrap();
    let (cases, looks) = (world.operator.layout().origin(), accesses.layout().origin());
    assert_eq!(
        said(&accesses),
        [(cases.clone(), world.public_log().size())]
    );
    let [(named, size)] = &said(&world.operator)[..] else {
        panic!("one other log")
    };
    assert!(
        *named == looks
            && *size > Size::EMPTY
            && *size < Size::new(accesses.public_log().size().get())
    );
    // What one has signed leads to no entry of the other: they do not keep each other awake.
    let sizes = (world.public_log().size(), accesses.public_log().size());
    world.operator.checkpoint().unwrap();
    accesses.checkpoint().unwrap();
    assert_eq!(
        (world.public_log().size(), accesses.public_log().size()),
        sizes
    );
    // Nothing is forgotten over a restart, also while the other log is not open.
    drop(accesses);
    let world = world.reopen();
    take_note(&world, 2).await;
    world.operator.checkpoint().unwrap();
    assert_eq!(said(&world.operator)[0].0, looks);
    let (dir, _) = world.stop();
    let (reports, code) = audited(dir.path());
    assert_eq!(code, 0, "{reports:?}");
    assert_eq!(
        (
            &reports[0]["anchors"][0]["log"],
            &reports[1]["anchors"][0]["log"]
        ),
        (&json!(looks), &json!(cases))
    );
    assert!(
        text(&run(dir.path(), &["audit"]).stdout)
            .contains("entries of log.test.invalid/0999/adgang")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_log_that_went_back_alone_is_refused() {
    let world = two_logs().await;
    let (older, place) = (
        tempfile::tempdir().unwrap(),
        layout(world.dir.path()).accesses(),
    );
    copy(&place.log_dir(), older.path());
    look(&world, 3).await;
    world.operator.access_log().unwrap().checkpoint().unwrap();
    take_note(&world, 3).await;
    world.operator.checkpoint().unwrap();
    let held = world.operator.access_log().unwrap().public_log().size();
    let (dir, _) = world.stop();
    went_back(&place, older.path());
    let operator =
        Operator::open(layout(dir.path()), Arc::new(SystemClock), &mut |_, _| {}).unwrap();
    match operator.open_access_log(&mut |_, _| {}, &|_, _| Ok(())) {
        Err(StartError::Known(error @ KnownError::Older { .. })) => {
            let message = error.to_string();
            assert!(
                message.starts_with("STORE_ROLLED_BACK") && message.contains("0999/sag knows"),
                "{message}"
            );
            assert!(
                message.contains(&format!("knows {held} entries")),
                "{message}"
            );
        }
        other => panic!("{:?}", other.map(|_| ())),
    }
    operator.close().unwrap();
    drop(operator);
    let refused = run(dir.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("STORE_ROLLED_BACK"),
        "{}",
        text(&refused.stderr)
    );
    let (reports, code) = audited(dir.path());
    assert_eq!(
        (code, &reports[0]["ok"], &reports[1]["code"]),
        (3, &json!(true), &json!("ROLLBACK")),
        "{reports:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_log_that_went_back_alone_is_refused() {
    let world = two_logs().await;
    let (older, place) = (tempfile::tempdir().unwrap(), layout(world.dir.path()));
    copy(&place.log_dir(), older.path());
    take_note(&world, 4).await;
    world.operator.checkpoint().unwrap();
    look(&world, 4).await;
    world.operator.access_log().unwrap().checkpoint().unwrap();
    let (dir, _) = world.stop();
    went_back(&place, older.path());
    let journal = std::fs::read(place.log_dir().join("journal/000000.seg")).unwrap();
    let refused = Operator::open(layout(dir.path()), Arc::new(SystemClock), &mut |_, _| {});
    assert!(
        matches!(refused, Err(StartError::Known(KnownError::Older { by, .. })) if by.ends_with("0999/adgang"))
    );
    let after = std::fs::read(place.log_dir().join("journal/000000.seg")).unwrap();
    let entries =
        |bytes: &[u8]| bytes.len() - bytes.iter().rev().take_while(|byte| **byte == 0).count();
    assert_eq!(
        after[..entries(&after)],
        journal[..entries(&journal)],
        "nothing was written"
    );
    let (reports, code) = audited(dir.path());
    assert_eq!(
        (code, &reports[0]["code"]),
        (3, &json!("ROLLBACK")),
        "{reports:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_log_with_another_past_is_told() {
    let world = two_logs().await;
    let (older, place) = (
        tempfile::tempdir().unwrap(),
        layout(world.dir.path()).accesses(),
    );
    copy(&place.log_dir(), older.path());
    look(&world, 5).await;
    world.operator.access_log().unwrap().checkpoint().unwrap();
    take_note(&world, 5).await;
    let (dir, _) = world.stop();
    // Whoever holds every key goes on from the older copy, and asks nothing of the other log.
    went_back(&place, older.path());
    let disk: Arc<dyn Disk> = Arc::new(RealDisk::default());
    let options = Options::new(place.log_dir(), *b"0999", IndexKind::Memory);
    let log = EmbeddedStore::open(Arc::clone(&disk), &options, &mut |_, _| {}).unwrap();
    let keys = FileKeyStore::open(disk, &place.key_dir()).unwrap();
    let alone = Operator::with_stores(
        place.clone(),
        Arc::new(log),
        Arc::new(keys),
        Arc::new(SystemClock),
        OpenReport::default(),
    )
    .unwrap();
    for _ in 0..3 {
        alone.rotate_event_key(None).unwrap();
    }
    alone.close().unwrap();
    drop(alone);
    let operator =
        Operator::open(layout(dir.path()), Arc::new(SystemClock), &mut |_, _| {}).unwrap();
    let opened = operator.open_access_log(&mut |_, _| {}, &|_, _| Ok(()));
    assert!(
        matches!(opened, Err(StartError::Known(KnownError::Other { .. }))),
        "{:?}",
        opened.map(|_| ())
    );
    operator.close().unwrap();
    drop(operator);
    let (reports, code) = audited(dir.path());
    assert_eq!(
        (code, &reports[1]["code"]),
        (3, &json!("FORK")),
        "{reports:?}"
    );
}
