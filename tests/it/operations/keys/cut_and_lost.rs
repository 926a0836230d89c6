//! A file of keys that was cut is told; a loss is accepted on the record only.

use std::path::{Path, PathBuf};

use app::operations::check_rows::check_lists_at_rest;
use domain::reading::ReadingPoint;
use tests::copies::{copy, journal, put_back};
use tests::dirs::Dirs;
use tests::orders::take_note;
use tests::program::{chain, imported, run, text};
use tests::world::{World, audit, caseworker, files, ids, layout, open};
use verify::audit::Trust;

use super::good;

/// The file of wrapped keys, and the places at which its frames end.
fn frames(dir: &Path) -> (PathBuf, Vec<u8>, Vec<usize>) {
    let path = files(&layout(dir).key_dir())
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "bound"))
        .unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let begins = (0..bytes.len())
        .filter(|place| bytes[*place..].starts_with(b"SGK2"))
        .skip(1);
    let ends = begins.chain([bytes.len()]).collect();
    (path, bytes, ends)
}

/// A file of keys that was cut, at any place, is told when the log is opened, and shortened no
/// further.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_keys_that_was_cut_is_told_before_anything_is_written() {
    let world = World::with_alma().await;
    world.operator.rotate_root().unwrap();
    for number in 0..6 {
        take_note(&world, number).await;
    }
    let (dir, trust) = world.stop();
    let (path, whole, ends) = frames(dir.path());
    assert!(
        ends.len() >= 8,
        "the rows of the exchange, the mark behind them, and those of the notes: {}",
        ends.len()
    );
    let (log, before) = (journal(dir.path()), whole.len());
    let cuts = ends
        .iter()
        .copied()
        .chain(ends.iter().map(|end| end - 1))
        .chain(ends.iter().map(|end| end - 50))
        .chain([0, 1, 5_000]);
    for cut in cuts.filter(|cut| *cut < before) {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let told = chain(&open(dir.path()).unwrap_err());
        assert!(
            told.contains("KEYS_CUT") || told.contains("the file was cut"),
            "{cut}: {told}"
        );
        assert_eq!(
            std::fs::read(&path).unwrap().len(),
            cut,
            "{cut}: left as it was"
        );
    }
    assert!(journal(dir.path()) == log, "nothing was written");
    std::fs::write(&path, &whole).unwrap();
    drop(open(dir.path()).unwrap());
    audit(dir.path(), &trust).unwrap();
}

/// Where there is no newer copy, the log goes on without what is gone, and says so.
#[test]
fn a_loss_of_keys_is_accepted_on_the_record() {
    let dir = imported();
    let (path, whole, ends) = frames(dir.path());
    std::fs::write(&path, &whole[..ends[ends.len() - 3]]).unwrap();
    let refused = run(dir.path(), &["duties"]);
    assert!(!refused.status.success());
    let refused = run(dir.path(), &["replay", &ids().case().to_string()]);
    assert!(
        text(&refused.stderr).contains("KEYS_CUT")
            && text(&refused.stderr).contains("keys accept-loss"),
        "{}",
        text(&refused.stderr)
    );
    let told = good(run(dir.path(), &["keys", "accept-loss"]));
    assert!(told.contains("2 events from entry"), "{told}");
    let operator = open(dir.path()).unwrap();
    let checks = operator.session(caseworker()).integrity_checks().unwrap();
    assert_eq!(
        checks.last().unwrap().result,
        events::log::IntegrityResult::Broken
    );
    let error = operator
        .session(caseworker())
        .read(ids().case(), ReadingPoint::default())
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("is missing and no erasure explains it"),
        "{error}"
    );
    operator.close().unwrap();
    drop(operator);
    assert!(
        good(run(dir.path(), &["keys", "accept-loss"]))
            .contains("the newest event opens, and nothing was recorded")
    );
    good(run(dir.path(), &["audit"]));
}

/// A log as the power may have left it: the note behind the last checkpoint is the newest commit,
/// and nobody was told of it. Answers the places at which the frames of its keys end.
async fn power_cut_behind_a_note() -> (tempfile::TempDir, Trust, Vec<usize>) {
    let world = World::with_alma().await;
    take_note(&world, 1).await;
    world.operator.checkpoint().unwrap();
    let place = layout(world.dir.path());
    let checkpoints = [place.log_dir().join("checkpoint"), place.known_file()];
    let before = checkpoints.clone().map(|file| std::fs::read(file).unwrap());
    take_note(&world, 2).await;
    let (dir, trust) = world.stop();
    for (file, bytes) in checkpoints.iter().zip(before) {
        std::fs::write(file, bytes).unwrap();
    }
    // Without the heads entry that the stop made.
    let journal = place.log_dir().join("journal/000000.seg");
    let mut bytes = std::fs::read(&journal).unwrap();
    let heads = (0..bytes.len()).rfind(|place| bytes[*place..].starts_with(b"SGF2"));
    bytes.truncate(heads.unwrap());
    std::fs::write(&journal, bytes).unwrap();
    let (_, _, ends) = frames(dir.path());
    (dir, trust, ends)
}

fn shows(dir: &Path, note: &str) -> bool {
    let operator = open(dir).unwrap();
    let reading = operator
        .session(caseworker())
        .read(ids().case(), ReadingPoint::default())
        .unwrap();
    let shown = format!("{reading:?}").contains(note);
    operator.close().unwrap();
    shown
}

/// Keys and frame become durable at the same time. A newest commit without its keys was never
/// acknowledged and goes; one with them stays; where more keys are gone, they were cut.
#[tokio::test(flavor = "multi_thread")]
async fn a_newest_commit_without_its_keys_goes_and_nothing_else_does() {
    let (dir, trust, ends) = power_cut_behind_a_note().await;
    let crashed = tempfile::tempdir().unwrap();
    copy(dir.path(), crashed.path());
    assert!(
        shows(dir.path(), "Notat 2."),
        "a commit with its keys stays"
    );

    // More is gone than the keys of the newest commit.
    put_back(crashed.path(), dir.path());
    let (path, whole, _) = frames(dir.path());
    let (log, newest) = (journal(dir.path()), ends[ends.len() - 2]);
    for cut in [ends[ends.len() - 3], newest - 60] {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let told = chain(&open(dir.path()).unwrap_err());
        assert!(told.contains("KEYS_CUT"), "{cut}: {told}");
        assert!(journal(dir.path()) == log, "{cut}: nothing was cut off");
    }

    // The keys of the newest commit, all of them or a part.
    for cut in [newest, newest + 1, whole.len() - 1] {
        put_back(crashed.path(), dir.path());
        std::fs::write(&path, &whole[..cut]).unwrap();
        let seen = audit(dir.path(), &trust).unwrap().entries;
        assert!(journal(dir.path()) == log, "an audit cuts nothing off");
        check_lists_at_rest(&layout(dir.path()), &|_, _| {}).unwrap();
        assert!(
            journal(dir.path()) == log,
            "nor does one that opens content"
        );
        assert!(!shows(dir.path(), "Notat 2."), "{cut}");
        assert!(shows(dir.path(), "Notat 1."), "{cut}");
        let told = good(run(dir.path(), &["keys", "accept-loss"]));
        assert!(told.contains("nothing was recorded"), "{cut}: {told}");
        let left = audit(dir.path(), &trust).unwrap().entries;
        assert!(left <= seen, "{cut}: a heads entry stands in its place");
        assert!(journal(dir.path()) != log, "{cut}");
    }

    // The operator who accepts a loss loses no more than there is to lose.
    put_back(crashed.path(), dir.path());
    std::fs::write(&path, &whole[..newest]).unwrap();
    let told = good(run(dir.path(), &["keys", "accept-loss"]));
    assert!(told.contains("nothing was recorded"), "{told}");
    assert!(!shows(dir.path(), "Notat 2."));
}

/// What a checkpoint covers was acknowledged. Without its keys it stays, and is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_event_without_its_keys_is_never_cut_off() {
    let world = World::with_alma().await;
    take_note(&world, 1).await;
    take_note(&world, 2).await;
    let (dir, _) = world.stop();
    let (path, whole, ends) = frames(dir.path());
    let log = journal(dir.path());
    std::fs::write(&path, &whole[..ends[ends.len() - 2]]).unwrap();
    let told = chain(&open(dir.path()).unwrap_err());
    assert!(told.contains("KEYS_CUT"), "{told}");
    // Also where the heads entry at the end is not there: the checkpoint says what was.
    let file = layout(dir.path()).log_dir().join("journal/000000.seg");
    let heads = (0..log.len()).rfind(|place| log[*place..].starts_with(b"SGF2"));
    std::fs::write(&file, &log[..heads.unwrap()]).unwrap();
    let told = chain(&open(dir.path()).unwrap_err());
    assert!(told.contains("STORE_ROLLED_BACK"), "{told}");
    assert_eq!(std::fs::read(&file).unwrap(), &log[..heads.unwrap()]);
}
