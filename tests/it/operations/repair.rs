//! A log that was rolled back is refused. It is repaired from a copy that continues it, or not at
//! all.

use std::path::Path;
use std::process::Output;
use std::sync::atomic::{AtomicUsize, Ordering};

use app::operations::repair::copied::{Copied, LogCopy, TakePiece};
use app::operations::repair::{RepairError, repair};
use domain::reading::ReadingPoint;
use serde_json::{Value, json};
use store::backend::view::Archived;
use tests::copies::{copy, journal, put_back};
use tests::dirs::{Dirs, as_it_lies};
use tests::orders::take_note;
use tests::program::{chain, run, text};
use tests::world::{World, audit, caseworker, files, ids, layout, open, trust};
use uuid::Uuid;
use verify::audit::Report;

async fn order_erasure(world: &World) {
    let erasure = json!({
        "commandId": Uuid::from_u128(0xe01), "occurred": "2024-11-10", "scope": "EVENT", "ground": "GDPR_17",
        "legalCheck": "Ingen pligt.", "approvedBy": "D2", "event": ids().reference("A14"),
    });
    let outcome = world
        .order(
            "orderErasure",
            erasure,
            tests::world::viewer("D1", events::meta::Role::Dpo),
        )
        .await
        .unwrap();
    assert_eq!(outcome["userErrors"], json!([]));
}

/// The store is neither opened nor repaired from that copy, and nothing is written, however often.
fn older_copy_is_refused(dir: &Path, older: &Path) {
    let before = journal(dir);
    for _ in 0..2 {
        let refused = chain(&open(dir).unwrap_err());
        assert!(
            refused.contains("STORE_ROLLED_BACK") && refused.contains("sagsspor repair"),
            "{refused}"
        );
        assert!(journal(dir) == before, "nothing was written");
    }
    let older_path = older.to_str().unwrap();
    let refused = run(dir, &["repair", "--from", older_path]);
    assert!(
        text(&refused.stderr).contains("find a newer copy"),
        "{}",
        text(&refused.stderr)
    );
    assert!(journal(dir) == before, "nothing was written");
}

/// Repairs from the newer copy; the program tells of it, and of the same root as before.
fn newer_copy_brings_back(dir: &Path, newer: &Path, expected: &Report) {
    let repaired = run(
        dir,
        &["repair", "--from", newer.to_str().unwrap(), "--json"],
    );
    assert!(
        repaired.status.success(),
        "{}{}",
        text(&repaired.stdout),
        text(&repaired.stderr)
    );
    let told: Value = serde_json::from_slice(&repaired.stdout).unwrap();
    assert_eq!(
        (&told["audit"]["ok"], &told["audit"]["root"]),
        (&json!(true), &json!(expected.root))
    );
    assert!(
        told["entries"].as_u64().unwrap() > 4
            && told["commands"].as_u64().unwrap() >= 5
            && told["blobs"] == json!(2),
        "{told}"
    );
}

fn nothing_is_left_to_bring_back(dir: &Path, newer: &Path) {
    let again = run(dir, &["repair", "--from", newer.to_str().unwrap()]);
    assert!(
        text(&again.stdout).contains(" 0 brought back"),
        "{}{}",
        text(&again.stdout),
        text(&again.stderr)
    );
}

/// S4 with what is kept beside the keys: an older copy of the data is refused, nothing is written,
/// and a newer copy brings back what is missing.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_is_refused_and_repaired_from_a_newer_one() {
    let (world, older, newer) = (
        World::with_alma().await,
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    world.operator.checkpoint().unwrap();
    world.operator.write_log_key().unwrap();
    let data = world.dir.path().join("data");
    copy(&data, older.path());
    for number in 0..4 {
        take_note(&world, number).await;
    }
    // Something that lay in the older copy is erased since.
    order_erasure(&world).await;
    world.operator.checkpoint().unwrap();
    let expected = (
        world.audit(),
        world.read(ids().case(), ReadingPoint::default()),
        trust(&world.operator),
    );
    let (dir, _) = world.stop();
    copy(&data, newer.path());
    put_back(older.path(), &data);
    older_copy_is_refused(dir.path(), older.path());
    newer_copy_brings_back(dir.path(), newer.path(), &expected.0);
    let report = audit(dir.path(), &expected.2).unwrap();
    assert_eq!(
        (report.root, report.entries, report.holes),
        (expected.0.root, expected.0.entries, expected.0.holes)
    );
    let operator = open(dir.path()).unwrap();
    assert_eq!(
        operator
            .session(caseworker())
            .read(ids().case(), ReadingPoint::default())
            .unwrap()
            .as_deref(),
        expected.1.as_ref()
    );
    operator.close().unwrap();
    drop(operator);
    nothing_is_left_to_bring_back(dir.path(), newer.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn tiles_repair_a_log_too_and_a_copy_that_is_no_continuation_is_refused() {
    let (world, older, tiles) = (
        World::with_alma().await,
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    world.operator.checkpoint().unwrap();
    world.operator.write_log_key().unwrap();
    let data = world.dir.path().join("data");
    copy(&data, older.path());
    for number in 0..40 {
        take_note(&world, number).await;
    }
    world.operator.checkpoint().unwrap();
    let (dir, trust) = world.stop();
    let bare = tempfile::tempdir().unwrap();
    let exported = |to: &Path, more: &[&str]| {
        run(
            dir.path(),
            &[&["tiles", "export", to.to_str().unwrap()], more].concat(),
        )
    };
    assert!(
        exported(tiles.path(), &["--blobs"]).status.success()
            && exported(bare.path(), &[]).status.success()
    );
    let root = audit(dir.path(), &trust).unwrap().root;
    put_back(older.path(), &data);
    let repair = |from: &Path| run(dir.path(), &["repair", "--from", from.to_str().unwrap()]);
    let says = |output: Output, expected: &str| {
        let all = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(
            !output.status.success() && all.contains(expected),
            "{expected}: {all}"
        );
    };
    says(repair(bare.path()), "without their ciphertexts");
    says(
        repair(dir.path().join("keys").as_path()),
        "neither a data directory",
    );
    says(repair(&data), "is the log itself");
    // A copy with one bent ciphertext, and one of another log.
    let bent = tempfile::tempdir().unwrap();
    copy(tiles.path(), bent.path());
    let blob = files(&bent.path().join("blobs"))
        .into_iter()
        .find(|path| !path.ends_with("size"))
        .unwrap();
    let mut bytes = std::fs::read(&blob).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&blob, bytes).unwrap();
    says(repair(bent.path()), "BLOB_HASH");
    let stranger = World::with_alma().await;
    stranger.operator.checkpoint().unwrap();
    let (other, _) = stranger.stop();
    says(repair(&other.path().join("data")), "CHECKPOINT_SIGNATURE");
    let repaired = repair(tiles.path());
    assert!(
        repaired.status.success(),
        "{}{}",
        text(&repaired.stdout),
        text(&repaired.stderr)
    );
    assert_eq!(audit(dir.path(), &trust).unwrap().root, root);
    open(dir.path()).unwrap().close().unwrap();
}

/// A rolled-back log that was written to is another log; nothing brings the two together.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_went_on_from_an_older_copy_is_not_repaired() {
    let (world, older, newer) = (
        World::with_alma().await,
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let (data, known) = (
        world.dir.path().join("data"),
        layout(world.dir.path()).known_file(),
    );
    world.operator.checkpoint().unwrap();
    world.operator.write_log_key().unwrap();
    copy(&data, older.path());
    take_note(&world, 1).await;
    world.operator.checkpoint().unwrap();
    let world = world.reopen();
    copy(&data, newer.path());
    let (dir, _) = world.stop();
    put_back(older.path(), &data);
    std::fs::remove_file(&known).unwrap();
    let operator = open(dir.path()).unwrap();
    operator.rotate_event_key(None).unwrap();
    operator.close().unwrap();
    let refused = run(
        dir.path(),
        &["repair", "--from", newer.path().to_str().unwrap()],
    );
    assert!(
        text(&refused.stderr).contains("FORK: entry"),
        "{}",
        text(&refused.stderr)
    );
}

/// A copy that is cut off after some pieces when it is read for the second time.
struct Stopping {
    copy: LogCopy,
    passes: AtomicUsize,
    after: usize,
}

impl Copied for Stopping {
    fn pieces(&self, take: TakePiece<'_>) -> Result<(), RepairError> {
        let second = self.passes.fetch_add(1, Ordering::Relaxed) == 1;
        let mut left = self.after;
        self.copy.pieces(&mut |piece| {
            if second && left == 0 {
                return Err(RepairError::Copy("the volume is gone".into()));
            }
            left -= usize::from(second);
            take(piece)
        })
    }

    fn archived(&self) -> Result<Archived, RepairError> {
        self.copy.archived()
    }
}

/// A repair that is broken off leaves a log that goes on being refused, and is taken up again.
#[tokio::test(flavor = "multi_thread")]
async fn a_repair_that_is_broken_off_is_refused_until_it_is_whole() {
    let (world, older, newer) = (
        World::with_alma().await,
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let data = world.dir.path().join("data");
    world.operator.checkpoint().unwrap();
    copy(&data, older.path());
    for number in 0..6 {
        take_note(&world, number).await;
        world.operator.checkpoint().unwrap();
    }
    let place = layout(world.dir.path());
    let (dir, trust) = world.stop();
    copy(&data, newer.path());
    let root = audit(dir.path(), &trust).unwrap().root;
    let mirror = newer.path().join("0999/sag");
    let pieces = {
        let (copy, mut count) = (LogCopy::new(as_it_lies(&mirror)), 0);
        copy.pieces(&mut |_| {
            count += 1;
            Ok(())
        })
        .unwrap();
        count
    };
    let mut stops = 0;
    for after in (pieces - 13..pieces).step_by(3) {
        put_back(older.path(), &data);
        // Nothing but what the repair itself leaves behind speaks of the missing entries.
        std::fs::remove_file(place.known_file()).ok();
        let copy = Stopping {
            copy: LogCopy::new(as_it_lies(&mirror)),
            passes: AtomicUsize::new(0),
            after,
        };
        let note = copy.copy.note().unwrap();
        let stopped =
            repair(&place, &copy, &note, &trust.log_key, &[], &mut |_, _| {}).unwrap_err();
        assert!(matches!(stopped, RepairError::Copy(_)), "{stopped}");
        let refused = chain(&open(dir.path()).unwrap_err());
        assert!(refused.contains("STORE_ROLLED_BACK"), "{after}: {refused}");
        let done = repair(&place, &copy, &note, &trust.log_key, &[], &mut |_, _| {}).unwrap();
        assert!(done.entries > 0, "{done:?}");
        assert_eq!(audit(dir.path(), &trust).unwrap().root, root, "{after}");
        stops += 1;
    }
    assert_eq!(stops, 5);
    open(dir.path()).unwrap().close().unwrap();
}
