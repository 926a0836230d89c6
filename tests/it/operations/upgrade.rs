//! A directory of an earlier form is refused until it is upgraded, and then holds what it held
//! before.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::clock::SetClock;
use app::layout::{Layout, Municipality};
use app::open::StartError;
use app::operations::operator::Operator;
use app::operations::upgrade::upgrade;
use domain::reading::ReadingPoint;
use record::positions::Size;
use store::backend::opening::OpenError;
use store::backend::opening::Upgraded;
use tests::dirs::{Dirs, embedded};
use tests::golden::stored_folder;
use tests::world::{audit_log, caseworker, files, ids, trust};

const HOST: &str = "log.prove.example";
/// The root over the 77 entries, as the earlier program printed it.
const ROOT: &str = "df6973737ae36abc8b18185cf2dcf4a154f92876c918818f46c60dfb12543a9a";

fn copied() -> tempfile::TempDir {
    let golden = stored_folder("tests/golden/format-1");
    let dir = tempfile::tempdir().unwrap();
    for path in files(&golden) {
        let to = dir.path().join(path.strip_prefix(&golden).unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(path, to).unwrap();
    }
    dir
}

fn layout(dir: &Path) -> Layout {
    Layout::new(embedded(dir), HOST, Municipality::parse("0999").unwrap())
}

fn open(dir: &Path) -> Result<Operator, StartError> {
    let clock = Arc::new(SetClock::new("2026-12-01T00:00:00Z".parse().unwrap()));
    Operator::open(layout(dir), clock, &mut |_, _| {})
}

fn segments(dir: &Path) -> Vec<PathBuf> {
    files(dir)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "seg"))
        .collect()
}

#[test]
fn a_directory_of_form_1_is_refused_and_brought_over() {
    let dir = copied();
    let before: Vec<Vec<u8>> = segments(dir.path())
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    let refused = open(dir.path()).unwrap_err();
    assert!(
        matches!(
            &refused,
            StartError::Log(OpenError::Format {
                found: 1,
                expected: 2,
                ..
            })
        ),
        "{refused}"
    );
    assert!(
        refused.to_string().contains("sagsspor upgrade"),
        "{refused}"
    );
    let after: Vec<Vec<u8>> = segments(dir.path())
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    assert_eq!(before, after, "nothing was changed");

    for (place, entries) in [(layout(dir.path()), 77), (layout(dir.path()).accesses(), 4)] {
        assert_eq!(
            upgrade(&place, &mut |_| {}).unwrap(),
            Some(Upgraded::From {
                form: 1,
                entries: Size::new(entries)
            })
        );
        assert_eq!(
            upgrade(&place, &mut |_| {}).unwrap(),
            Some(Upgraded::Current),
            "running it again does nothing"
        );
    }
    let operator = open(dir.path()).unwrap();
    let case = ids().case();
    let reading = operator
        .session(caseworker())
        .read(case, ReadingPoint::default())
        .unwrap()
        .expect("the case is there");
    assert!(reading.facts().count() > 30, "{}", reading.facts().count());
    assert!(
        operator
            .public_log()
            .checkpoint_note()
            .unwrap()
            .unwrap()
            .1
            .contains(HOST)
    );
    let trust = trust(&operator);
    operator.close().unwrap();
    drop(operator);
    let report = audit_log(&layout(dir.path()).log_dir(), &trust).unwrap();
    assert_eq!(
        report.holes.len(),
        1,
        "what was erased stays erased and explained"
    );
}

/// Entries, ciphertexts and the tree over them are what they were; a run that was broken off is
/// finished.
#[test]
fn bringing_over_changes_no_entry_and_can_be_broken_off() {
    use store::disk::{Disk, RealDisk};
    use store::embedded::read_only::ReadOnly;
    let read = |dir: &Path| {
        let disk: Arc<dyn Disk> = Arc::new(RealDisk::default());
        let mut found = Vec::new();
        let log = ReadOnly::open(disk, &layout(dir).log_dir()).unwrap();
        let tail = log.for_each(&mut |entry| {
            found.push((entry.bytes, entry.blobs));
            std::ops::ControlFlow::Continue(())
        });
        assert_eq!(tail.unwrap().entries, Size::new(77));
        found
    };
    let (dir, again) = (copied(), copied());
    let before = read(dir.path());
    upgrade(&layout(dir.path()), &mut |_| {}).unwrap();
    assert_eq!(read(dir.path()), before);
    let mut tree = record::merkle::Frontier::new();
    before
        .iter()
        .for_each(|(bytes, _)| tree.push(record::merkle::leaf_hash(bytes)));
    assert_eq!(tree.root().to_hex(), ROOT);

    // As a run leaves it that ended behind the journal and before it could say so.
    upgrade(&layout(again.path()), &mut |_| {}).unwrap();
    std::fs::remove_file(layout(again.path()).log_dir().join("format")).unwrap();
    assert_eq!(
        upgrade(&layout(again.path()), &mut |_| {}).unwrap(),
        Some(Upgraded::Current)
    );
    assert_eq!(read(again.path()), before);
    open(again.path())
        .map(|operator| operator.close().unwrap())
        .unwrap_or_else(|error| panic!("{error}"));
}

/// What stood beside the entries of the first form is compared with what they sign before it is
/// left behind.
#[test]
fn what_was_bent_beside_an_entry_is_not_brought_over() {
    let dir = copied();
    let path = layout(dir.path()).log_dir().join("journal/000000.seg");
    let good = std::fs::read(&path).unwrap();
    let event = ids().event("A20-cors").uuid();
    let place = good
        .windows(16)
        .position(|window| window == event.as_bytes())
        .expect("the id stands beside its entry");
    let mut bent = good.clone();
    bent[place] ^= 1;
    // Both checksums of every frame are made to fit again.
    let mut at = 20;
    while at + 24 <= bent.len() && &bent[at..at + 4] == b"SGF1" {
        let body = u32::from_be_bytes(bent[at + 4..at + 8].try_into().unwrap()) as usize;
        let sum = crc32c::crc32c(&bent[at + 24..at + 24 + body]);
        bent[at + 24 + body..at + 28 + body].copy_from_slice(&sum.to_be_bytes());
        at += 28 + body;
    }
    std::fs::write(&path, &bent).unwrap();
    let refused = upgrade(&layout(dir.path()), &mut |_| {}).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("what stands beside an entry is not what it says"),
        "{refused}"
    );
    let trust = verify::audit::Trust {
        origin: format!("{HOST}/0999/sag"),
        log_key: String::new(),
        post_quantum_key: None,
        pins: Vec::new(),
    };
    assert!(audit_log(&layout(dir.path()).log_dir(), &trust).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), bent, "nothing was changed");
}
