//! The attack catalogue over tiles: what a database administrator can do to files, by its number.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;

use serde_json::json;

use crate::audit::{Auditor, Checks, Report};
use crate::code::Code;
use crate::position::{LogIndex, Size};
use crate::source::{LogSource, SourceError};
use crate::test_support::log::{Log, b64, pin};
use crate::tiles::{Fetch, TileLog, blob_path, is_within, parse_entries, parse_hashes, path};
use crate::tree::{Growing, Hash, leaf};

/// Files in memory, with a list of those that were asked for.
#[derive(Default)]
struct Files {
    files: BTreeMap<String, Vec<u8>>,
    asked: RefCell<Vec<String>>,
}

impl Fetch for &Files {
    type Error = Infallible;

    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, Infallible> {
        self.asked.borrow_mut().push(path.to_owned());
        Ok(self.files.get(path).cloned())
    }
}

fn root(hashes: &[Hash]) -> Hash {
    let mut tree = Growing::default();
    hashes.iter().for_each(|hash| tree.add(*hash));
    tree.root()
}

impl Files {
    /// Written here once more, from nothing but the definition.
    fn of(log: &Log) -> Self {
        let mut files = BTreeMap::new();
        for (index, entries) in log.entries.chunks(256).enumerate() {
            let bundle: Vec<u8> = entries
                .iter()
                .flat_map(|e| {
                    [
                        &u16::try_from(e.bytes.len()).unwrap().to_be_bytes(),
                        e.bytes.as_slice(),
                    ]
                    .concat()
                })
                .collect();
            files.insert(path(None, index as u64, entries.len() as u64), bundle);
        }
        let mut level = 0;
        let mut hashes: Vec<Hash> = log.entries.iter().map(|entry| leaf(&entry.bytes)).collect();
        while !hashes.is_empty() {
            for (index, tile) in hashes.chunks(256).enumerate() {
                files.insert(
                    path(Some(level), index as u64, tile.len() as u64),
                    tile.concat(),
                );
            }
            hashes = hashes.chunks_exact(256).map(root).collect();
            level += 1;
        }
        for (index, entry) in log.entries.iter().enumerate() {
            for (part, blob) in entry.blobs.iter().enumerate() {
                let place = path(None, index as u64, 256).replace("tile/entries", "blobs");
                files.extend(blob.clone().map(|blob| (format!("{place}/{part}"), blob)));
            }
        }
        files.insert("blobs/size".into(), b"100000\n".to_vec());
        files.insert("checkpoint".into(), log.note.clone().into_bytes());
        Self {
            files,
            asked: RefCell::default(),
        }
    }

    fn audit(&self, log: &Log, blobs: bool) -> Result<Report, Code> {
        let run = || {
            let mut auditor = Auditor::new(
                log.trust.clone(),
                Checks {
                    blobs,
                    ..Checks::default()
                },
            );
            auditor.expect(std::str::from_utf8(&self.files["checkpoint"]).unwrap())?;
            let (size, root) = auditor.expected().unwrap();
            let tiles = TileLog::new(self, size, root);
            tiles.check_blobs().unwrap();
            auditor.read(&if blobs { tiles.with_blobs() } else { tiles }, &mut |_| {})?;
            Ok(auditor.finish()?)
        };
        run().map_err(|error: SourceError<Infallible>| match error {
            SourceError::Finding(finding) => finding.code,
            SourceError::Read(never) => match never {},
        })
    }
}

/// A log of more than two full tiles.
fn long() -> Log {
    let mut log = Log::honest();
    let key = log.event_key.clone();
    for _ in 0..590 {
        log.append_event(&[]);
    }
    log.seal(&key);
    log
}

/// 602 entries are two full tiles of level 0 and one of 90.
#[test]
fn a_whole_log_in_tiles_is_clean() {
    let log = long();
    assert_eq!(log.entries.len(), 602);
    let files = Files::of(&log);
    let names: Vec<&str> = files
        .files
        .keys()
        .map(String::as_str)
        .filter(|name| name.starts_with("tile"))
        .collect();
    let expected = [
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/90",
        "tile/1/000.p/2",
        "tile/entries/000",
        "tile/entries/001",
        "tile/entries/002.p/90",
    ];
    assert_eq!(names, expected);
    let report = files.audit(&log, true).unwrap();
    assert_eq!(
        (report.entries, report.tail, report.holes.len()),
        (Size::new(602), 0, 1),
        "A17"
    );
    assert_eq!(report, log.audit().unwrap());
    let bare = files.audit(&log, false).unwrap();
    assert_eq!(
        (bare.blobs, bare.holes, bare.notes.len()),
        (0, report.holes, 1)
    );
    // A full tile in the place of the partial ones that it grew out of.
    let (mut grown, key) = (log.clone(), log.event_key.clone());
    for _ in 0..200 {
        grown.append_event(&[]);
    }
    grown.seal(&key);
    let mut later = Files::of(&grown);
    later
        .files
        .insert("checkpoint".into(), log.note.clone().into_bytes());
    later.files.remove("tile/1/000.p/3");
    later.files.insert(
        "tile/1/000.p/2".into(),
        files.files["tile/1/000.p/2"].clone(),
    );
    assert_eq!(later.audit(&log, false).unwrap().entries, Size::new(602));
}

type Change<'a> = &'a dyn Fn(&mut Files);

fn flip(name: &'static str, place: usize) -> impl Fn(&mut Files) {
    move |files| files.files.get_mut(name).unwrap()[place] ^= 1
}

#[test]
fn attacks_on_tiles() {
    let log = long();
    let found = |attack: &str, change: Change<'_>, code: Code| {
        let mut files = Files::of(&log);
        change(&mut files);
        assert_eq!(files.audit(&log, true), Err(code), "attack {attack}");
    };
    found("A1", &flip("tile/entries/001", 40_000), Code::TileLeaf);
    found("A2", &flip("tile/0/000", 77), Code::TileLeaf);
    found(
        "A2 right edge",
        &flip("tile/0/002.p/90", 77),
        Code::TileLeaf,
    );
    for name in [
        "tile/0/001",
        "tile/0/002.p/90",
        "tile/entries/000",
        "tile/entries/002.p/90",
        "tile/1/000.p/2",
    ] {
        found(
            "A3",
            &|files| files.files.get_mut(name).unwrap().truncate(32),
            Code::TileFormat,
        );
        found(
            "A3 longer",
            &|files| files.files.get_mut(name).unwrap().push(0),
            Code::TileFormat,
        );
        found(
            "A3 empty",
            &|files| files.files.get_mut(name).unwrap().clear(),
            Code::TileFormat,
        );
        found(
            "A4",
            &|files| drop(files.files.remove(name)),
            Code::TileMissing,
        );
    }
    found("A3 length", &flip("tile/entries/000", 1), Code::TileFormat);
    found("A18", &flip("tile/1/000.p/2", 33), Code::TileLevel);
    found("A6", &flip("blobs/001/1", 9), Code::BlobHash);
    found(
        "A7",
        &|files| drop(files.files.remove("blobs/001/1")),
        Code::BlobMissing,
    );
    found(
        "A8",
        &|files| drop(files.files.insert("blobs/004/2".into(), b"x".to_vec())),
        Code::ErasedButPresent,
    );
    found(
        "A9",
        &|files| {
            let (first, second) = (
                files.files["blobs/001/0"].clone(),
                files.files["blobs/001/1"].clone(),
            );
            files.files.insert("blobs/001/0".into(), second);
            files.files.insert("blobs/001/1".into(), first);
        },
        Code::BlobHash,
    );
    found("26", &flip("checkpoint", 40), Code::CheckpointSignature);
}

/// The administrator changes entries and makes all tiles anew, so that only the root is left.
#[test]
fn attacks_with_tiles_made_anew() {
    let log = long();
    let found = |attack: &str, change: &dyn Fn(&mut Log), code: Code| {
        let mut bent = log.clone();
        change(&mut bent);
        bent.note.clone_from(&log.note);
        assert_eq!(
            Files::of(&bent).audit(&log, true),
            Err(code),
            "attack {attack}"
        );
    };
    found("A5", &|log| log.entries.swap(4, 5), Code::Root);
    found("A5 far", &|log| log.entries.swap(4, 500), Code::Root);
    found(
        "02",
        &|log| drop(log.entries.remove(300)),
        Code::TileMissing,
    );
    found(
        "insert",
        &|log| log.entries.insert(300, log.entries[300].clone()),
        Code::TileMissing,
    );
    let mut backup = log.clone();
    backup.entries.truncate(11);
    backup.checkpoint(11);
    let pinned = |size: usize, log: &Log| {
        let mut trusting = log.clone();
        trusting.trust.pins = pin(
            size as u64,
            root(
                &log.entries[..size]
                    .iter()
                    .map(|e| leaf(&e.bytes))
                    .collect::<Vec<_>>(),
            ),
        );
        trusting.trust
    };
    backup.trust = pinned(602, &log);
    assert_eq!(
        Files::of(&backup).audit(&backup, true),
        Err(Code::Rollback),
        "A10"
    );
    let mut fork = log.clone();
    fork.entries.truncate(400);
    fork.append_event(&[]);
    let key = fork.event_key.clone();
    fork.seal(&key);
    fork.trust = pinned(401, &log);
    assert!(
        Files::of(&fork).audit(&fork, true).is_ok(),
        "up to the fork both are the same"
    );
    fork.trust = pinned(402, &log);
    assert_eq!(Files::of(&fork).audit(&fork, true), Err(Code::Fork), "A11");
}

/// The operator signs what he likes: tiles and root hold, the rules for entries do not.
#[test]
fn attacks_by_the_operator() {
    let found = |attack: &str, change: &dyn Fn(&mut Log), code: Code| {
        let mut log = Log::honest();
        change(&mut log);
        let size = log.entries.len();
        log.checkpoint(size);
        assert_eq!(
            Files::of(&log).audit(&log, true),
            Err(code),
            "attack {attack}"
        );
    };
    let bend = |log: &mut Log, index: usize, name: &str, value| {
        *log = log.clone().bend(index, |p| p[name] = value)
    };
    found(
        "A12",
        &|log| {
            *log = log
                .clone()
                .bend(10, |p| p["h"]["root"] = json!(b64(&[1; 32])))
        },
        Code::HeadsRoot,
    );
    found(
        "A13",
        &|log| *log = log.clone().bend(10, |p| p["h"]["m"] = json!(2)),
        Code::HeadsRoot,
    );
    found("A14", &|log| bend(log, 8, "no", json!(1)), Code::StreamId);
    found(
        "A15",
        &|log| bend(log, 4, "iat", json!(1_795_430_011_u64)),
        Code::TimeOrder,
    );
    found(
        "A16",
        &|log| log.entries[4].bytes = b"foreign".to_vec(),
        Code::JwsFormat,
    );
    found("46", &|log| log.append_event(&[]), Code::HeadsNotLast);
}

#[test]
fn resealed_ciphertexts_in_tiles() {
    let resealed = |stored: &[u8]| {
        let mut log = Log::honest();
        log.append_event(&[
            ("er", json!([[1, 1, b64(&[3; 32])]])),
            ("rs", json!([[1, 1, b64(&crate::tree::hash(b"new"))]])),
        ]);
        let key = log.event_key.clone();
        log.seal(&key);
        log.entries[1].blobs[1] = Some(stored.to_vec());
        Files::of(&log)
            .audit(&log, true)
            .map(|report| report.holes.len())
    };
    assert_eq!(resealed(b"new"), Ok(2), "A19");
    assert_eq!(resealed(b"other"), Err(Code::BlobHash), "A20");
}

#[test]
fn an_audit_of_tiles_reads_only_what_is_new() {
    let log = Log::honest();
    let (mut grown, key) = (log.clone(), log.event_key.clone());
    let checks = Checks {
        blobs: false,
        ..Checks::default()
    };
    let mut states = Vec::new();
    for round in 0..8 {
        for _ in 0..100 {
            grown.append_event(&[]);
        }
        grown.seal(&key);
        let mut auditor = Auditor::new(log.trust.clone(), checks);
        auditor.expect(&grown.note).unwrap();
        auditor.read(&grown, &mut |_| {}).unwrap();
        states.push((round, auditor.save().unwrap()));
    }
    let files = Files::of(&grown);
    for (round, state) in states {
        let mut auditor = Auditor::resume(&state, log.trust.clone(), checks).unwrap();
        let before = auditor.size();
        auditor.expect(&grown.note).unwrap();
        let (size, root) = auditor.expected().unwrap();
        files.asked.borrow_mut().clear();
        auditor
            .read(&TileLog::new(&files, size, root), &mut |_| {})
            .unwrap();
        let report = auditor.finish().unwrap();
        assert_eq!((report.before, report.entries), (before, size), "{round}");
        let bundles = files
            .asked
            .borrow()
            .iter()
            .filter(|name| name.starts_with("tile/entries"))
            .count() as u64;
        assert_eq!(
            bundles,
            size.get().div_ceil(256) - before.get() / 256,
            "{round}"
        );
        // The same over another past: told from the tiles alone.
        let mut other = grown.clone();
        other.entries[2] = other.entries[1].clone();
        let size = other.entries.len();
        other.checkpoint(size);
        let files = Files::of(&other);
        let mut auditor = Auditor::resume(&state, log.trust.clone(), checks).unwrap();
        auditor.expect(&other.note).unwrap_or(Size::EMPTY);
        let Some((size, root)) = auditor.expected() else {
            continue;
        };
        let read = auditor.read(&TileLog::new(&files, size, root), &mut |_| {});
        assert!(
            matches!(read, Err(SourceError::Finding(finding)) if finding.code == Code::Fork),
            "{round}"
        );
    }
}

#[test]
fn forms_are_read_exactly_or_not_at_all() {
    assert_eq!(path(Some(0), 1_234_067, 256), "tile/0/x001/x234/067");
    assert_eq!(path(None, 1_000, 8), "tile/entries/x001/000.p/8");
    assert_eq!(
        parse_hashes(&[1; 64], 2).map(|hashes| hashes.len()),
        Some(2)
    );
    assert_eq!(parse_hashes(&[1; 65], 2), None);
    assert_eq!(parse_hashes(&[1; 64], 3), None);
    assert_eq!(
        parse_entries(&[0, 1, 7, 0, 0], 2),
        Some(vec![[7].as_slice(), &[]])
    );
    assert_eq!(parse_entries(&[0, 1, 7, 0, 0], 1), None, "one too many");
    assert_eq!(parse_entries(&[0, 1, 7, 0, 0], 3), None, "one too few");
    assert_eq!(parse_entries(&[0, 2, 7], 1), None);
    assert_eq!(parse_entries(&[0], 1), None);
    assert_eq!(parse_entries(&[], u64::MAX), None);
}

/// The root of every earlier size, from the tiles of a later one.
#[test]
fn tiles_tell_the_root_of_every_earlier_size() {
    let log = long();
    let files = Files::of(&log);
    let hashes: Vec<Hash> = log.entries.iter().map(|entry| leaf(&entry.bytes)).collect();
    let tiles = TileLog::new(&files, Size::new(602), root(&hashes));
    for size in 1..=602 {
        assert_eq!(
            tiles.past(Size::new(size as u64)).unwrap(),
            Some(root(&hashes[..size])),
            "{size}"
        );
    }
    assert_eq!(
        (
            tiles.past(Size::EMPTY).unwrap(),
            tiles.past(Size::new(603)).unwrap()
        ),
        (None, None)
    );
}

#[test]
fn a_path_says_which_sizes_have_all_that_it_holds() {
    for (path, size) in [
        ("tile/entries/000.p/7", 7),
        ("tile/0/000.p/7", 7),
        ("tile/0/000", 256),
        ("tile/entries/x001/x234/067", 1_234_068 * 256),
        ("tile/1/000.p/2", 512),
        ("tile/2/001.p/1", 257 << 16),
    ] {
        assert!(
            is_within(path, Size::new(size))
                && is_within(path, Size::new(size + 1))
                && !is_within(path, Size::new(size - 1)),
            "{path}"
        );
    }
    for other in [
        "checkpoint",
        "blobs/000/0",
        "tile/0/0",
        "tile/0/000.p/256",
        "tile/0/000.p/07",
        "tile/0/x000/001",
        "tile/0/../000",
        "",
    ] {
        assert!(!is_within(other, Size::new(u64::MAX)), "{other}");
    }
    assert_eq!(
        blob_path(LogIndex::new(1_234_067), 3),
        "blobs/x001/x234/067/3"
    );
}
