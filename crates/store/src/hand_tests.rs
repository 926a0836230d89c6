//! What a hand on the disk changes beside the signed entries is found, though every checksum fits.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use record::outline::EventOutline;
use record::positions::{LogIndex, Seq, Size};

use crate::backend::opening::OpenError;
use crate::contract_tests::{Maker, command_id, entry_bytes, event_id, outline, signer};
use crate::crash_tests::real;
use crate::disk::RealDisk;
use crate::embedded::frame::{self, Frame};
use crate::embedded::index_home::VouchKey;
use crate::embedded::log::EmbeddedStore;
use crate::embedded::options::{IndexKind, Options};
use crate::embedded::read_only::ReadOnly;
use crate::embedded::segment::SEGMENT_HEADER;
use crate::log_store::StoredCheckpoint;
use crate::log_store::reader::LogReader;
use crate::log_store::writer::LogWriter;

fn segment(dir: &Path) -> PathBuf {
    dir.join("journal/000000.seg")
}

/// A log of two commits, stopped cleanly.
fn log(dir: &Path) -> Maker {
    let store = real(dir).unwrap();
    let mut maker = Maker::default();
    store.commit(maker.batch(&[0, 1, 0])).unwrap();
    store.commit(maker.batch(&[2])).unwrap();
    store
        .put_checkpoint(&StoredCheckpoint {
            size: Size::new(4),
            note: "note\n".into(),
        })
        .unwrap();
    store.close().unwrap();
    maker
}

/// Changes the first frame and makes every checksum fit again.
fn bend(dir: &Path, change: impl Fn(&mut Frame)) {
    let path = segment(dir);
    let bytes = std::fs::read(&path).unwrap();
    let (head, rest) = bytes.split_at(usize::try_from(SEGMENT_HEADER).unwrap());
    let length = frame::header(rest).unwrap().frame_len();
    let (mut first, _) = frame::decode(&rest[..length]).unwrap();
    change(&mut first);
    let (bent, _) = frame::encode(&first).unwrap();
    std::fs::write(&path, [head, &bent, &rest[length..]].concat()).unwrap();
}

fn audited(dir: &Path) -> Result<(), OpenError> {
    let log = ReadOnly::open(Arc::new(RealDisk::default()), dir)?
        .trusting(vec![signer()])
        .judging();
    log.for_each(&mut |_| std::ops::ControlFlow::Continue(()))
        .map(|_| ())
}

/// Event id, stream, ordinal, sequence and whether an entry erases stand in the signed bytes alone.
#[test]
fn where_an_entry_belongs_is_read_from_its_signed_bytes() {
    let dir = tempfile::tempdir().unwrap();
    log(dir.path());
    let bytes = std::fs::read(segment(dir.path())).unwrap();
    for index in 0..4 {
        for id in [event_id(index), outline(index, 0, 1).stream] {
            assert!(
                !bytes.windows(16).any(|window| window == id.as_bytes()),
                "no id stands beside the entry that says it"
            );
        }
    }
    let changes: [EventOutline; 4] = [
        EventOutline {
            event_id: event_id(9),
            ..outline(0, 0, 1)
        },
        EventOutline {
            seq: Seq::new(2).unwrap(),
            ..outline(0, 0, 1)
        },
        EventOutline {
            ordinal: 1,
            ..outline(0, 0, 1)
        },
        EventOutline {
            index: LogIndex::new(1),
            ..outline(0, 0, 1)
        },
    ];
    let good = std::fs::read(segment(dir.path())).unwrap();
    for place in changes {
        // Whoever changes the entry itself changes its leaf: the signature under the commands is
        // over it.
        bend(dir.path(), |frame| {
            frame.entries[0].bytes = entry_bytes(&place)
        });
        assert!(
            matches!(real(dir.path()), Err(OpenError::Corrupt { .. })),
            "{place:?}"
        );
        assert!(audited(dir.path()).is_err(), "{place:?}");
        std::fs::write(segment(dir.path()), &good).unwrap();
    }
}

/// An id, the keyed hash of an input, what belongs to a command, the whole list.
#[test]
fn commands_that_were_bent_are_found_at_opening_and_by_an_audit() {
    type Bend = (&'static str, fn(&mut Frame));
    let bends: [Bend; 7] = [
        ("another id", |frame| frame.commands[0].id = command_id(77)),
        ("another input", |frame| frame.commands[0].input_mac[5] ^= 1),
        ("fewer entries", |frame| frame.commands[0].count = 1),
        ("a later entry", |frame| {
            frame.commands[0].first = LogIndex::new(1);
            frame.commands[0].count = 2;
        }),
        ("no commands", |frame| frame.commands.clear()),
        ("no commands and no signature", |frame| {
            frame.commands.clear();
            frame.proof = None;
        }),
        ("one command more", |frame| {
            let mut more = frame.commands[0];
            more.id = command_id(78);
            frame.commands.push(more);
        }),
    ];
    for (what, change) in bends {
        let dir = tempfile::tempdir().unwrap();
        log(dir.path());
        bend(dir.path(), change);
        let opened = real(dir.path());
        assert!(
            matches!(&opened, Err(OpenError::Corrupt { what, .. }) if what.starts_with("COMMAND_ROWS")),
            "{what}: {:?}",
            opened.err()
        );
        assert!(
            matches!(audited(dir.path()), Err(OpenError::Corrupt { what, .. }) if what.starts_with("COMMAND_ROWS")),
            "{what}"
        );
    }
    let dir = tempfile::tempdir().unwrap();
    log(dir.path());
    bend(dir.path(), |_| {});
    audited(dir.path()).unwrap();
    assert_eq!(
        real(dir.path())
            .unwrap()
            .command(command_id(0))
            .unwrap()
            .map(|row| row.count),
        Some(3)
    );
}

/// A signature moved to where the same commands would stand for other entries.
#[test]
fn commits_that_were_joined_or_exchanged_are_found() {
    let dir = tempfile::tempdir().unwrap();
    log(dir.path());
    let other = tempfile::tempdir().unwrap();
    let store = real(other.path()).unwrap();
    let mut maker = Maker::default();
    store.commit(maker.batch(&[0])).unwrap();
    store.close().unwrap();
    let bytes = std::fs::read(segment(other.path())).unwrap();
    let (_, rest) = bytes.split_at(usize::try_from(SEGMENT_HEADER).unwrap());
    let length = frame::header(rest).unwrap().frame_len();
    let proof = frame::decode(&rest[..length]).unwrap().0.proof;
    bend(dir.path(), |frame| frame.proof = proof);
    assert!(matches!(real(dir.path()), Err(OpenError::Corrupt { .. })));
}

/// While the log is open, too: an index is made anew from nothing that is not signed.
#[test]
fn an_index_is_made_anew_only_from_what_was_signed() {
    let dir = tempfile::tempdir().unwrap();
    log(dir.path());
    let store = real(dir.path()).unwrap();
    bend(dir.path(), |frame| frame.commands[0].id = command_id(77));
    assert!(store.distrust().is_err());
    assert!(
        store.command(command_id(0)).is_err() && store.command(command_id(77)).is_err(),
        "no answer rather than a wrong one"
    );
    assert!(store.health().index.is_some());
}

/// Whoever holds every file and no key can make an index with all that is said of it, and is not
/// believed.
#[test]
fn an_index_that_somebody_else_vouches_for_is_thrown_away() {
    let dir = tempfile::tempdir().unwrap();
    log(dir.path());
    let forger = Options {
        signers: vec![signer()],
        ..Options::new(
            dir.path().to_owned(),
            *b"0999",
            IndexKind::Disk(VouchKey::new([1; 32])),
        )
    };
    let forged =
        EmbeddedStore::open(Arc::new(RealDisk::default()), &forger, &mut |_, _| {}).unwrap();
    forged.close().unwrap();
    drop(forged);
    let store = real(dir.path()).unwrap();
    assert!(store.report().rebuilt);
    store.close().unwrap();
    drop(store);
    assert!(
        !real(dir.path()).unwrap().report().rebuilt,
        "its own is believed"
    );
}
