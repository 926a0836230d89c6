//! A file of keys that was cut is told; a loss is accepted on the record only.

use std::path::{Path, PathBuf};

use domain::reading::ReadingPoint;
use tests::copies::journal;
use tests::dirs::Dirs;
use tests::orders::take_note;
use tests::program::{chain, imported, run, text};
use tests::world::{World, audit, caseworker, files, ids, layout, open};

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
