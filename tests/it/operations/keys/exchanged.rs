//! Keys are exchanged: what was signed stays proven, and no older copy opens anything.

use std::path::Path;
use std::sync::Arc;

use domain::reading::ReadingPoint;
use record::keys::RootKey;
use store::disk::RealDisk;
use store::embedded::keys::FileKeyStore;
use store::key_store::KeyStore;
use tests::copies::{copy, journal, put_back};
use tests::dirs::Dirs;
use tests::orders::take_note;
use tests::program::chain;
use tests::world::{World, audit, files, ids, later, layout, open};

/// Attacks 47 to 50 from the other side: a rotation in order leaves a log that any auditor accepts.
#[tokio::test(flavor = "multi_thread")]
async fn event_keys_are_exchanged_between_events_and_every_entry_stays_proven() {
    let world = World::with_alma().await;
    let first = world.operator.event_keys().unwrap();
    let keys_before = tempfile::tempdir().unwrap();
    copy(&layout(world.dir.path()).key_dir(), keys_before.path());
    for number in 0..3 {
        world.operator.rotate_event_key(None).unwrap();
        take_note(&world, number).await;
    }
    let now = world.operator.event_keys().unwrap();
    assert_eq!((first.entries, now.entries), (1, 4));
    assert_ne!(first.in_force, now.in_force);
    assert!(
        world
            .session()
            .inclusion_proof(now.index)
            .unwrap()
            .is_some(),
        "a checkpoint covers it"
    );
    world.operator.checkpoint().unwrap();
    world.audit();
    let world = world.reopen();
    take_note(&world, 9).await;
    world.operator.checkpoint().unwrap();
    assert_eq!(world.audit().events, 67 + 2 + 4);
    let (dir, _) = world.stop();
    // A copy of the keys from before cannot go on: its key is not listed any more.
    put_back(keys_before.path(), &layout(dir.path()).key_dir());
    let before = journal(dir.path());
    let refused = chain(&open(dir.path()).unwrap_err());
    assert!(refused.contains("KEYS_CUT"), "{refused}");
    let refused =
        chain(&app::operations::lost_keys::accept(&layout(dir.path()), later()).unwrap_err());
    assert!(
        refused.contains("does not list the key that lies here"),
        "{refused}"
    );
    assert!(journal(dir.path()) == before, "nothing was written");
}

/// S8: a new epoch kills every older copy of the keys, and changes no answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_epoch_of_the_root_key_leaves_no_older_copy_that_opens_anything() {
    let ids = ids();
    let world = World::with_alma().await;
    let expected = world.read(ids.case(), ReadingPoint::default());
    let before = tempfile::tempdir().unwrap();
    copy(&layout(world.dir.path()).key_dir(), before.path());
    assert_eq!(world.operator.rotate_root().unwrap(), 2);
    assert_eq!(world.operator.rotate_root().unwrap(), 3);
    assert_eq!(world.read(ids.case(), ReadingPoint::default()), expected);
    take_note(&world, 1).await;
    world.audit();
    let (dir, trust) = world.stop();
    audit(dir.path(), &trust).unwrap();
    let old = FileKeyStore::open(Arc::new(RealDisk::default()), before.path()).unwrap();
    let live =
        FileKeyStore::open(Arc::new(RealDisk::default()), &layout(dir.path()).key_dir()).unwrap();
    let (old_root, live_root) = (
        RootKey::from_bytes(*old.secrets().root),
        RootKey::from_bytes(*live.secrets().root),
    );
    let mut compared = 0;
    for name in ["A14", "A22-g1", "person-alma"] {
        let subject = old
            .part(ids.event(name).uuid(), 0)
            .unwrap()
            .unwrap()
            .subject;
        let (old_row, live_row) = (
            old.subject(subject).unwrap().unwrap(),
            live.subject(subject).unwrap().unwrap(),
        );
        for place in [old_row.place(), live_row.place()] {
            assert!(
                live_root.unwrap(place, &old_row.wrapped).is_err(),
                "{name}: the old row under the live root"
            );
            assert!(
                old_root.unwrap(place, &live_row.wrapped).is_err(),
                "{name}: the live row under the old root"
            );
        }
        assert!(
            live_root
                .unwrap(live_row.place(), &live_row.wrapped)
                .is_ok()
        );
        compared += 1;
    }
    assert_eq!((compared, live.secrets().epoch), (3, 3));
    // Its rows put in the place of the live ones are refused.
    drop((old, live));
    let rows = |dir: &Path| {
        files(dir)
            .into_iter()
            .find(|path| path.to_string_lossy().contains("rows-"))
            .unwrap()
    };
    std::fs::copy(rows(before.path()), rows(&layout(dir.path()).key_dir())).unwrap();
    let told = chain(&open(dir.path()).unwrap_err());
    assert!(
        told.contains("the rows are not those that were written here"),
        "{told}"
    );
}
