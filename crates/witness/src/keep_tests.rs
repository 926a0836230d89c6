//! A witness that keeps a log: what lies in its directory after runs that end in any way.

mod directories;
mod mirror;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use record::positions::LogIndex;
use record::tiles::blob_path;
use verify::audit::{Auditor, Checks, Report, Trust};
use verify::position::Size;
use verify::source::SourceError;
use verify::tiles::{Fetch, TileLog};

use crate::files::{BoxError, LogFiles};
use crate::keep::{Keep, KeepError};
use crate::keys::{KeyKind, LogKey, WitnessKey};
use crate::log_maker::{Log, ORIGIN, log_key};
use crate::witness::{Answer, LogSettings, Witness};

#[derive(Default)]
struct Server {
    log: Log,
    /// What it was asked for.
    asked: Vec<String>,
    /// After so many answers it goes away.
    left: Option<usize>,
}

/// Serves a log.
#[derive(Clone, Default)]
struct Served(Arc<Mutex<Server>>);

impl LogFiles for Served {
    fn file(&self, path: &str) -> Result<Option<Vec<u8>>, BoxError> {
        let Server { log, asked, left } = &mut *self.0.lock().unwrap();
        if let Some(left) = left {
            *left = left.checked_sub(1).ok_or("connection refused")?;
        }
        asked.push(path.to_owned());
        Ok(log.file(path))
    }
}

/// A log of more than a full tile, its server, and a directory for all the rest.
struct Rig {
    dir: tempfile::TempDir,
    served: Served,
}

impl Rig {
    fn new(events: u64) -> Self {
        let rig = Self {
            dir: tempfile::tempdir().unwrap(),
            served: Served::default(),
        };
        rig.log(|log| {
            log.keys();
            for number in 0..events {
                log.event(number % 7, &[], &[]);
            }
            log.seal();
        });
        rig
    }

    fn log<T>(&self, change: impl FnOnce(&mut Log) -> T) -> T {
        change(&mut self.served.0.lock().unwrap().log)
    }

    fn kept(&self) -> PathBuf {
        self.dir.path().join("kept")
    }

    fn keep(&self) -> Result<Keep, KeepError> {
        Keep::open(&self.kept(), ORIGIN, &mut |_, _| {})
    }

    fn witness(&self) -> Witness {
        let keys = vec![LogKey::parse(&log_key().vkey()).unwrap()];
        let settings = LogSettings {
            keys,
            files: Some(Box::new(self.served.clone())),
            keep: Some(self.keep().unwrap()),
        };
        let key = WitnessKey::new("witness.example/keep", KeyKind::Ed25519, [5; 32]).unwrap();
        Witness::open(
            vec![key],
            vec![settings],
            &self.dir.path().join("state"),
            Box::new(|| 1_795_606_500),
        )
        .unwrap()
    }

    /// Shows the newest checkpoint.
    fn show(&self, witness: &Witness, old: u64) -> Answer {
        let request = self.log(|log| log.request(old, log.size()));
        witness.add_checkpoint(request.as_bytes())
    }

    #[track_caller]
    fn cosigned(&self, witness: &Witness, old: u64) -> u64 {
        let answer = self.show(witness, old);
        assert_eq!(answer.status, 200, "{}", answer.body);
        self.log(|log| log.size())
    }

    fn has(&self, index: u64, part: usize) -> bool {
        self.kept()
            .join(blob_path(LogIndex::new(index), part))
            .exists()
    }

    /// Audits what is kept, ciphertexts as well, with the checkpoint that lies there.
    fn audit(&self) -> Result<Report, String> {
        let kept = Dir(self.kept());
        let run = || {
            let mut auditor = Auditor::new(
                Trust {
                    origin: ORIGIN.into(),
                    log_key: log_key().vkey(),
                    post_quantum_key: None,
                    pins: Vec::new(),
                },
                Checks::default(),
            );
            let note = (&kept).fetch("checkpoint").unwrap().unwrap();
            auditor.expect(std::str::from_utf8(&note).unwrap())?;
            let (size, root) = auditor.expected().unwrap();
            let tiles = TileLog::new(&kept, size, root);
            tiles.check_blobs().unwrap();
            auditor.read(&tiles.with_blobs(), &mut |_| {})?;
            Ok::<_, SourceError<std::io::Error>>(auditor.finish()?)
        };
        run().map_err(|error| error.to_string())
    }

    /// Every file that is kept, by name.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        fn walk(dir: &Path, name: &str, found: &mut BTreeMap<String, Vec<u8>>) {
            for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
                let name = format!("{name}/{}", entry.file_name().to_str().unwrap())
                    .trim_start_matches('/')
                    .to_owned();
                if entry.path().is_dir() {
                    walk(&entry.path(), &name, found);
                } else {
                    found.insert(name, std::fs::read(entry.path()).unwrap());
                }
            }
        }
        let mut found = BTreeMap::new();
        walk(&self.kept(), "", &mut found);
        found
    }
}

struct Dir(PathBuf);

impl Fetch for &Dir {
    type Error = std::io::Error;

    fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>, std::io::Error> {
        match std::fs::read(self.0.join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[test]
fn all_of_a_log_is_kept_and_only_what_is_new_is_fetched() {
    let rig = Rig::new(300);
    let witness = rig.witness();
    let size = rig.cosigned(&witness, 0);
    assert_eq!(size, 302);
    let report = rig.audit().unwrap();
    assert_eq!(
        (report.entries, report.blobs, report.notes.len()),
        (Size::new(302), 600, 0)
    );
    let files = rig.files();
    let tiles: Vec<&str> = files
        .keys()
        .map(String::as_str)
        .filter(|name| !name.starts_with("blobs/"))
        .collect();
    assert_eq!(
        tiles,
        [
            "checkpoint",
            "tile/0/000",
            "tile/0/001.p/46",
            "tile/1/000.p/1",
            "tile/entries/000",
            "tile/entries/001.p/46"
        ]
    );
    assert_eq!(files["blobs/size"], b"302\n");
    assert_eq!(
        String::from_utf8(files["checkpoint"].clone()).unwrap(),
        witness.latest(&crate::state::origin_hash(ORIGIN)).unwrap()
    );
    assert!(
        String::from_utf8_lossy(&files["checkpoint"]).contains("witness.example/keep"),
        "the note is the cosigned one"
    );

    // After a restart, with one more event: nothing that is covered is asked for again.
    drop(witness);
    let witness = rig.witness();
    let event = rig.log(|log| {
        let event = log.event(3, &[], &[]);
        log.seal();
        event
    });
    rig.served.0.lock().unwrap().asked.clear();
    let size = rig.cosigned(&witness, size);
    let asked = rig.served.0.lock().unwrap().asked.clone();
    let mut asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    asked.sort_unstable();
    let blobs = [
        blob_path(LogIndex::new(event), 0),
        blob_path(LogIndex::new(event), 1),
    ];
    assert_eq!(
        asked,
        [
            &blobs[0],
            &blobs[1],
            "tile/0/001.p/48",
            "tile/entries/001.p/48"
        ]
    );
    assert!(
        !rig.files().contains_key("tile/0/001.p/46"),
        "a partial tile that has grown is taken away"
    );
    assert_eq!(rig.audit().unwrap().entries, Size::new(size));

    // A heartbeat fetches nothing.
    rig.served.0.lock().unwrap().asked.clear();
    rig.cosigned(&witness, size);
    assert_eq!(rig.served.0.lock().unwrap().asked, Vec::<String>::new());
}

#[test]
fn a_tile_that_becomes_full_takes_the_place_of_its_partial_forms() {
    let rig = Rig::new(200);
    let witness = rig.witness();
    let mut old = 0;
    for events in [0, 40, 12, 1, 60] {
        rig.log(|log| {
            for number in 0..events {
                log.event(number % 7, &[], &[]);
            }
            log.seal();
        });
        old = rig.cosigned(&witness, old);
        assert_eq!(rig.audit().unwrap().entries, Size::new(old));
        let partial = rig
            .files()
            .keys()
            .filter(|name| name.contains(".p/"))
            .count();
        let expected = [old % 256 > 0, old % 256 > 0, old / 256 % 256 > 0];
        assert_eq!(
            partial,
            expected.iter().filter(|exists| **exists).count(),
            "at size {old}"
        );
    }
}

/// The log goes away after each number of answers: what was kept so far is gone on from, and
/// nothing is cosigned before all is there.
#[test]
fn a_run_that_is_broken_off_anywhere_is_gone_on_from() {
    let whole = {
        let rig = Rig::new(6);
        rig.cosigned(&rig.witness(), 0);
        rig.files()
    };
    for answers in 0.. {
        let rig = Rig::new(6);
        rig.served.0.lock().unwrap().left = Some(answers);
        let witness = rig.witness();
        let answer = rig.show(&witness, 0);
        if answer.status == 200 {
            assert_eq!(answers, 14, "two tiles and twelve ciphertexts");
            break;
        }
        assert_eq!(answer.status, 503, "{}", answer.body);
        assert!(
            answer.body.contains("connection refused"),
            "{}",
            answer.body
        );
        assert!(!rig.kept().join("checkpoint").exists());
        // What was being written when the process was killed.
        std::fs::write(rig.kept().join("writing.tmp"), b"half a fi").unwrap();
        drop(witness);
        rig.served.0.lock().unwrap().left = None;
        rig.cosigned(&rig.witness(), 0);
        assert!(rig.files() == whole, "after {answers} answers");
        rig.audit().unwrap();
    }
}

#[test]
fn a_checkpoint_that_is_refused_leaves_what_is_kept_as_it_is() {
    let rig = Rig::new(20);
    let witness = rig.witness();
    let size = rig.cosigned(&witness, 0);
    let before = rig.files();
    // An event that the heads entry keeps out, and that would erase everything.
    let truth = std::mem::take(&mut *rig.served.0.lock().unwrap()).log;
    rig.log(|log| {
        *log = Log::rebuilt(&truth, size);
        let heads = log.heads.clone();
        log.event(0, &[(1, 0), (1, 1)], &[]);
        log.heads = heads;
        log.seal();
    });
    let refused = rig.show(&witness, size);
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(refused.body.contains("HEADS_ROOT"), "{}", refused.body);
    assert!(
        before
            .iter()
            .all(|(name, bytes)| rig.files()[name] == *bytes),
        "everything is there"
    );
    rig.audit().unwrap();
    // The truth goes on from there, in tiles of the same names.
    rig.log(|log| {
        *log = Log::rebuilt(&truth, size);
        log.event(1, &[], &[]);
        log.seal();
    });
    let size = rig.cosigned(&witness, size);
    assert_eq!(rig.audit().unwrap().entries, Size::new(size));
    assert!(rig.has(1, 0) && rig.has(1, 1));
}

#[test]
fn what_is_erased_goes_and_what_is_replaced_comes() {
    let rig = Rig::new(10);
    let witness = rig.witness();
    let size = rig.cosigned(&witness, 0);
    // Ordered, and not carried out yet: the log still has the old bytes of all of them.
    let (gone, new) = (1, 2);
    rig.log(|log| {
        log.event(0, &[(1, 0), (1, 1)], &[]);
        log.event(1, &[], &[(1, 1, b"the new form")]);
        log.seal();
    });
    let size = rig.cosigned(&witness, size);
    assert!(
        !rig.has(gone, 0) && !rig.has(gone, 1),
        "an erased one goes with the order"
    );
    assert!(!rig.kept().join("blobs/001").exists());
    let held =
        |rig: &Rig| std::fs::read(rig.kept().join(blob_path(LogIndex::new(new), 1))).unwrap();
    assert_eq!(
        held(&rig),
        b"second of 2",
        "there is nothing in its place yet"
    );
    // Carried out; the next checkpoint, or a heartbeat, brings the new form.
    rig.log(|log| {
        log.blobs.remove(&blob_path(LogIndex::new(gone), 0));
        log.blobs.remove(&blob_path(LogIndex::new(gone), 1));
        log.blobs
            .insert(blob_path(LogIndex::new(new), 1), b"the new form".to_vec());
    });
    rig.cosigned(&witness, size);
    assert_eq!(held(&rig), b"the new form");
    let report = rig.audit().unwrap();
    assert_eq!((report.holes.len(), report.notes.len()), (3, 0));
    // The same from nothing, and with an old file put back.
    drop(witness);
    let files = rig.files();
    std::fs::create_dir_all(rig.kept().join("blobs/001")).unwrap();
    std::fs::write(
        rig.kept().join(blob_path(LogIndex::new(gone), 0)),
        b"first of 1",
    )
    .unwrap();
    std::fs::write(
        rig.kept().join(blob_path(LogIndex::new(new), 1)),
        b"second of 2",
    )
    .unwrap();
    std::fs::remove_file(rig.kept().join(blob_path(LogIndex::new(3), 0))).unwrap();
    let witness = rig.witness();
    assert!(!rig.has(gone, 0), "at the start");
    rig.cosigned(&witness, size);
    assert!(
        rig.files() == files,
        "what was lost or old is mended with the next checkpoint"
    );
    drop(witness);
    std::fs::remove_dir_all(rig.kept()).unwrap();
    let witness = rig.witness();
    rig.cosigned(&witness, size);
    assert!(rig.files() == files);
}

#[test]
fn a_ciphertext_that_is_absent_or_another_is_waited_for() {
    let rig = Rig::new(4);
    let witness = rig.witness();
    let size = rig.cosigned(&witness, 0);
    let event = rig.log(|log| {
        let event = log.event(0, &[], &[]);
        log.seal();
        event
    });
    let name = blob_path(LogIndex::new(event), 1);
    let whole = rig.log(|log| log.blobs.insert(name.clone(), b"another".to_vec()).unwrap());
    let answer = rig.show(&witness, size);
    assert_eq!(
        (answer.status, answer.body.contains("BLOB_HASH")),
        (503, true),
        "{}",
        answer.body
    );
    rig.log(|log| log.blobs.remove(&name));
    let answer = rig.show(&witness, size);
    assert_eq!(
        (answer.status, answer.body.contains("BLOB_MISSING")),
        (503, true),
        "{}",
        answer.body
    );
    assert_eq!(
        rig.audit().unwrap().entries,
        Size::new(size),
        "what was kept is whole"
    );
    rig.log(|log| log.blobs.insert(name, whole));
    rig.cosigned(&witness, size);
    // One that was erased behind the checkpoint is explained by the next.
    let size = rig.log(|log| log.size());
    let event = rig.log(|log| {
        let event = log.event(2, &[], &[]);
        log.seal();
        log.blobs.remove(&blob_path(LogIndex::new(event), 0));
        event
    });
    assert_eq!(rig.show(&witness, size).status, 503);
    rig.log(|log| {
        let seq = log.streams[&2].0;
        log.event(2, &[(seq, 0)], &[]);
        log.seal();
    });
    rig.cosigned(&witness, size);
    assert!(!rig.has(event, 0) && rig.has(event, 1));
    rig.audit().unwrap();
}
