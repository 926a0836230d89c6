//! Logs with another past: rewritten, rolled back, opened twice, signed anew, dated back.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use app::open::StartError;
use app::operations::operator::Operator;
use app::queries::witnessing::Standing;
use app::witnessing::client::Policy;
use app::witnessing::client::rollback::{self, RollbackError};
use record::checkpoint::Checkpoint;
use record::cosignature::NoteVerifier;
use record::entry::Entry;
use record::note::Note;
use record::positions::{LogIndex, Size};
use server::outgoing::Outgoing;
use store::backend::opening::OpenError;
use store::disk::RealDisk;
use store::embedded::index_home::VouchKey;
use store::embedded::log::EmbeddedStore;
use store::embedded::options::{IndexKind, Options};
use store::log_store::reader::LogReader;
use store::log_store::writer::LogWriter;
use store::log_store::{LogStore, StoredCheckpoint};
use tests::copies::copy;
use tests::dirs::Dirs;
use tests::loopback_servers::{log_keys, until};
use tests::world::{World, ids, layout};

use super::{note, witnessed};

/// 33: the whole operator, with every key, rewrites history and asks for cosignatures.
#[tokio::test(flavor = "multi_thread")]
async fn a_history_rewritten_with_all_keys_of_the_log_gets_no_cosignature() {
    let (world, town, keys) = witnessed().await;
    let size = world.public_log().size();
    until(&world.operator, "all three", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(size))
    });
    // Another history under the same keys: of the same case, with other words in the end.
    let other = tempfile::tempdir().unwrap();
    copy(&world.dir.path().join("keys"), &other.path().join("keys"));
    // Who holds all keys also takes away what lies beside them and knows better.
    std::fs::remove_dir_all(layout(other.path()).key_dir().join("known")).unwrap();
    let fork = {
        let clock = Arc::new(app::clock::SetClock::new(
            "2024-02-06T07:00:00Z".parse().unwrap(),
        ));
        // The keys are there, the log is not: it begins anew.
        let operator = Operator::open(
            layout(other.path()),
            Arc::<app::clock::SetClock>::clone(&clock),
            &mut |_, _| {},
        )
        .unwrap();
        let schema = api::schema::schema();
        let dir = tempfile::tempdir().unwrap();
        World {
            dir,
            clock,
            operator,
            schema,
        }
    };
    for line in ids().lines() {
        fork.line(line.clone()).await;
    }
    let mut number = 0;
    while fork.public_log().size() <= size.grown_by(3).unwrap() {
        note(&fork, &format!("another history {number}")).await;
        number += 1;
    }
    fork.operator.checkpoint().unwrap();
    assert_eq!(
        fork.public_log().verifier_keys().unwrap(),
        world.public_log().verifier_keys().unwrap()
    );
    town.courier(&fork.operator, &keys);
    let status = until(&fork.operator, "refused by all", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.error.is_some())
    });
    for witness in &status.witnesses {
        assert!(
            witness.error.as_deref().unwrap().contains("422"),
            "{witness:?}"
        );
    }
    assert_eq!(
        (
            status.quorum_size,
            fork.session().standing(LogIndex::FIRST).unwrap()
        ),
        (None, Some(Standing::Checkpointed))
    );
    // The true log goes on.
    note(&world, "the truth").await;
    world.operator.checkpoint().unwrap();
    let size = world.public_log().size();
    until(&world.operator, "the true log", |status| {
        status.quorum_size == Some(size)
    });
}

/// Opens a directory, guarded by what the witnesses of a policy know.
fn opened_guarded(
    dir: &Path,
    clock: &Arc<app::clock::SetClock>,
    policy: &Policy,
) -> Result<Operator, StartError> {
    let transport = Outgoing::new(Duration::from_secs(5));
    let guard = |log: &dyn LogStore, origin: &str| rollback::check(log, origin, policy, &transport);
    Operator::open_guarded(
        layout(dir),
        Arc::<app::clock::SetClock>::clone(clock),
        &mut |_, _| {},
        &guard,
    )
}

fn refused_as_older(opened: Result<Operator, StartError>, grown: u64, size: u64) {
    match opened {
        Err(StartError::RolledBack(error @ RollbackError::Older { .. })) => {
            let RollbackError::Older { known, held, .. } = &error else {
                unreachable!()
            };
            assert_eq!((*known, *held), (Size::new(grown), Size::new(size)));
            assert!(
                error.to_string().starts_with("STORE_ROLLED_BACK")
                    && error.to_string().contains("docs/guide/witness.md")
            );
        }
        other => panic!("{:?}", other.map(|_| ())),
    }
}

/// S4: an old backup is put back while the witnesses remember.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_was_rolled_back_is_not_written_to() {
    let (world, town, keys) = witnessed().await;
    let size = world.public_log().size();
    until(&world.operator, "all three", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(size))
    });
    let policy = town.policy(&keys);
    let (clock, backup) = (Arc::clone(&world.clock), tempfile::tempdir().unwrap());
    // A backup of the directory as it is now, with everything that tells of its own size.
    copy(world.dir.path(), backup.path());
    note(&world, "after the backup").await;
    world.operator.checkpoint().unwrap();
    let grown = world.public_log().size();
    until(&world.operator, "grown", |status| {
        status
            .witnesses
            .iter()
            .all(|witness| witness.size == Some(grown))
    });
    let journal = layout(backup.path()).log_dir().join("journal/000000.seg");
    let later = layout(backup.path()).log_dir().join(format!(
        "blobs/{:016x}-00-00112233445566778899aabbccddeeff",
        grown.get() - 2
    ));
    std::fs::write(&later, b"of an entry that the backup does not hold").unwrap();
    let before = std::fs::read(&journal).unwrap();
    let entries =
        |bytes: &[u8]| bytes.len() - bytes.iter().rev().take_while(|byte| **byte == 0).count();
    refused_as_older(
        opened_guarded(backup.path(), &clock, &policy),
        grown.get(),
        size.get(),
    );
    let after = std::fs::read(&journal).unwrap();
    assert_eq!(
        after[..entries(&after)],
        before[..entries(&before)],
        "not one entry was written"
    );
    assert!(
        later.exists(),
        "and nothing was destroyed that repairing may need"
    );

    // Without the witnesses' knowledge the archive and the checkpoint of a later day still tell.
    let log_dir = layout(world.dir.path()).log_dir();
    std::fs::copy(
        log_dir.join("checkpoint"),
        layout(backup.path()).log_dir().join("checkpoint"),
    )
    .unwrap();
    let plain = Operator::open(
        layout(backup.path()),
        Arc::<app::clock::SetClock>::clone(&clock),
        &mut |_, _| {},
    );
    assert!(matches!(
        plain,
        Err(StartError::Log(OpenError::RolledBack { .. }))
    ));
}

/// S5, and S12: one process at a time; a stored checkpoint that is cut short is damage, not
/// absence.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_sequencer_and_a_truncated_checkpoint_are_refused() {
    let world = World::with_alma().await;
    world.operator.checkpoint().unwrap();
    let open = |dir: &Path| {
        Operator::open(
            layout(dir),
            Arc::new(app::clock::SystemClock),
            &mut |_, _| {},
        )
        .map(|_| ())
    };
    let second = open(world.dir.path());
    assert!(
        matches!(
            second,
            Err(StartError::Keys(_) | StartError::Log(OpenError::InUse { .. }))
        ),
        "{second:?}"
    );
    let (dir, _) = world.stop();
    let log_dir = layout(dir.path()).log_dir();
    let (path, journal) = (
        log_dir.join("checkpoint"),
        log_dir.join("journal/000000.seg"),
    );
    let (whole, entries) = (
        std::fs::read(&path).unwrap(),
        std::fs::read(&journal).unwrap(),
    );
    for cut in [0, 1, 20, 60, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let refused = open(dir.path());
        assert!(
            matches!(&refused, Err(StartError::Log(OpenError::Corrupt { place, .. })) if path == *place),
            "cut at {cut}: {refused:?}"
        );
        assert_eq!(std::fs::read(&journal).unwrap(), entries);
    }
    // The way back: the same body is signed again from the same entries.
    std::fs::remove_file(&path).unwrap();
    open(dir.path()).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), whole, "to the byte");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_from_before_there_were_two_keys_is_signed_again_with_both() {
    let world = World::with_alma().await;
    world.operator.checkpoint().unwrap();
    let size = world.public_log().size();
    let (dir, _) = world.stop();
    // As an older program left it: one key, one signature.
    tests::key_rows::as_before(&layout(dir.path()).key_dir(), true);
    let options = Options::new(
        layout(dir.path()).log_dir(),
        *b"0999",
        IndexKind::Disk(VouchKey::new([9; 32])),
    );
    let store =
        EmbeddedStore::open(Arc::new(RealDisk::default()), &options, &mut |_, _| {}).unwrap();
    let mut note = Note::parse(&store.checkpoint().unwrap().unwrap().note).unwrap();
    note.lines.truncate(1);
    store
        .put_checkpoint(&StoredCheckpoint {
            size,
            note: note.text(),
        })
        .unwrap();
    store.close().unwrap();
    drop(store);
    let operator = Operator::open(
        layout(dir.path()),
        Arc::new(app::clock::SystemClock),
        &mut |_, _| {},
    )
    .unwrap();
    let (covered, note) = operator.public_log().checkpoint_note().unwrap().unwrap();
    assert_eq!(
        (covered, operator.public_log().size()),
        (size, size),
        "no entry is written for it"
    );
    let note = Note::parse(&note).unwrap();
    let checkpoint = Checkpoint::parse_body(&note.body).unwrap();
    for (key, line) in log_keys(&operator).0.iter().zip(&note.lines) {
        assert!(
            NoteVerifier::parse(key)
                .unwrap()
                .verify(&checkpoint, line)
                .is_ok()
        );
    }
}

/// S9: the clock jumps back an hour.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_back_dates_nothing_before_its_predecessor() {
    let world = World::with_alma().await;
    let newest = |world: &World| {
        let entry = world
            .session()
            .entry(world.public_log().size().last().unwrap())
            .unwrap()
            .unwrap();
        match record::entry::parse(&entry.bytes).unwrap().entry {
            Entry::Event(event) | Entry::Access(event) => event.recorded_at,
            Entry::Keys(keys) => keys.recorded_at,
            Entry::Heads(heads) => heads.recorded_at,
        }
    };
    world.operator.checkpoint().unwrap();
    let before = newest(&world);
    world
        .clock
        .set(world.public_log().now() - jiff::SignedDuration::from_hours(1));
    note(&world, "an hour earlier").await;
    world.operator.checkpoint().unwrap();
    assert_eq!(newest(&world), before, "time stands still");
    world
        .clock
        .set(world.public_log().now() + jiff::SignedDuration::from_hours(2));
    note(&world, "an hour later").await;
    world.operator.checkpoint().unwrap();
    assert!(newest(&world) > before);
    let world = world.reopen();
    assert!(world.audit().notes.is_empty());
}
