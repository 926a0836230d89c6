//! The archive of a log, bent record by record.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::archive::{ArchiveAudit, ArchiveReport, AuditedLog, RecordKind, name_of};
use crate::audit::{Auditor, Checks};
use crate::code::Code;
use crate::entry::Anchor;
use crate::position::Size;
use crate::test_support::log::{Log, ORIGIN, b64};
use crate::test_support::time_stamp::time_stamp;
use crate::tree::{Hash, ZERO, hash};

type Record = (RecordKind, u64, Vec<u8>, Option<Hash>);

fn after(link: &Hash, kind: u8, size: u64, body: &[u8]) -> Hash {
    hash(
        &[
            &[2],
            link.as_slice(),
            &[kind],
            &size.to_be_bytes(),
            &hash(body),
        ]
        .concat(),
    )
}

/// Records with their links.
fn chained(records: Vec<(RecordKind, u64, Vec<u8>)>) -> Vec<Record> {
    let mut link = ZERO;
    let number = |kind| match kind {
        RecordKind::Checkpoint => 1,
        RecordKind::TimeStamp => 2,
        RecordKind::Mark => 3,
    };
    let chain = |(kind, size, body): (RecordKind, u64, Vec<u8>)| {
        let before = if kind == RecordKind::Mark {
            body.as_slice().try_into().unwrap()
        } else {
            link
        };
        link = after(&before, number(kind), size, &body);
        (kind, size, body, Some(link))
    };
    records.into_iter().map(chain).collect()
}

/// A log with three checkpoints, all archived, the middle one stamped.
struct Archived {
    log: Log,
    records: Vec<Record>,
    roots: BTreeMap<Size, Hash>,
    anchors: Vec<Anchor>,
}

fn text(note: &str) -> String {
    format!("{}\n", note.split_once("\n\n").unwrap().0)
}

impl Archived {
    fn new() -> Self {
        let mut log = Log::honest();
        let key = log.event_key.clone();
        let mut notes = vec![(log.entries.len() as u64, log.note.clone())];
        for _ in 0..2 {
            log.append_event(&[]);
            log.seal(&key);
            notes.push((log.entries.len() as u64, log.note.clone()));
        }
        let mut plain: Vec<_> = notes
            .iter()
            .map(|(size, note)| (RecordKind::Checkpoint, *size, note.clone().into_bytes()))
            .collect();
        plain.insert(
            2,
            (
                RecordKind::TimeStamp,
                notes[1].0,
                time_stamp(text(&notes[1].1).as_bytes(), "20261125120000Z"),
            ),
        );
        let records = chained(plain);
        // The log names all of them but the last.
        log.append_event(&[]);
        log.seal_with(
            &key,
            &[(
                "x",
                json!([{ "n": 3, "o": name_of(ORIGIN), "root": b64(&records[2].3.unwrap()) }]),
            )],
        );
        let mut auditor = Auditor::new(log.trust.clone(), Checks::default());
        auditor.want_roots(notes.iter().map(|(size, _)| Size::new(*size)).collect());
        auditor.expect(&log.note).unwrap();
        auditor.read(&log, &mut |_| {}).unwrap();
        let report = auditor.finish().unwrap();
        assert_eq!(report.roots.len(), 3);
        Self {
            log,
            records,
            roots: report.roots,
            anchors: report.anchors,
        }
    }

    fn audit(&self, records: &[Record]) -> ArchiveReport {
        let keys = [self.log.trust.log_key.clone()];
        let log = AuditedLog {
            origin: ORIGIN,
            log_keys: &keys,
            entries: Size::new(self.log.entries.len() as u64),
            roots: &self.roots,
            anchors: &self.anchors,
        };
        let mut audit = ArchiveAudit::new(log, None);
        records.iter().for_each(|(kind, size, body, link)| {
            audit.record(*kind, Size::new(*size), body, *link)
        });
        audit.finish()
    }

    #[track_caller]
    fn check(&self, what: &str, records: &[Record], expected: &[Code]) {
        let report = self.audit(records);
        let codes: Vec<Code> = report.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, expected, "{what}: {:?}", report.findings);
    }
}

#[test]
fn an_archive_that_is_whole_is_clean() {
    let archived = Archived::new();
    let report = archived.audit(&archived.records);
    assert_eq!(
        (
            report.records,
            report.checkpoints,
            report.time_stamps,
            report.named,
            report.unsigned
        ),
        (4, 3, 1, 3, 0)
    );
    assert_eq!(report.findings, []);
    // An archive from before there were links is compared with the log all the same.
    let old: Vec<Record> = archived
        .records
        .iter()
        .cloned()
        .map(|(kind, size, body, _)| (kind, size, body, None))
        .collect();
    archived.check("old", &old, &[]);
    // What is behind what the log names may be gone: that is the limit.
    archived.check(
        "the last, which nothing names yet",
        &archived.records[..3],
        &[],
    );
    // Another key of the log has signed in earlier times, and is not known here.
    let mut stranger = archived.log.trust.clone();
    stranger.log_key = Log::honest().trust.log_key;
    assert_eq!(archived.audit(&archived.records).unsigned, 0);
}

#[test]
fn records_that_are_missing_are_found() {
    let archived = Archived::new();
    let without = |place: usize| {
        let mut records = archived.records.clone();
        records.remove(place);
        records
    };
    archived.check("all of it", &[], &[Code::ArchiveMissing]);
    archived.check("the end", &archived.records[..2], &[Code::ArchiveMissing]);
    // Once where it stood, and once where the log names what it knows.
    archived.check(
        "the first",
        &without(0),
        &[Code::ArchiveRecord, Code::ArchiveRecord],
    );
    archived.check(
        "a note that is stamped",
        &without(1),
        &[
            Code::ArchiveRecord,
            Code::ArchiveMissing,
            Code::ArchiveRecord,
        ],
    );
    archived.check(
        "the time stamp",
        &without(2),
        &[Code::ArchiveRecord, Code::ArchiveRecord],
    );
    // Removed and chained anew, as whoever owns the file can.
    let plain = |records: Vec<Record>| {
        chained(
            records
                .into_iter()
                .map(|(kind, size, body, _)| (kind, size, body))
                .collect(),
        )
    };
    archived.check("chained anew", &plain(without(0)), &[Code::ArchiveRecord]);
    archived.check(
        "chained anew and too short",
        &plain(without(0))[..2],
        &[Code::ArchiveMissing],
    );
    let mut twice = archived.records.clone();
    twice.insert(1, twice[0].clone());
    archived.check(
        "put in twice",
        &twice,
        &[Code::ArchiveRecord, Code::ArchiveRecord],
    );
}

#[test]
fn records_that_are_bent_are_found() {
    let archived = Archived::new();
    let bend = |place: usize, change: &dyn Fn(&mut Vec<u8>)| {
        let mut records = archived.records.clone();
        change(&mut records[place].2);
        records
    };
    let flip_end = |body: &mut Vec<u8>| {
        let at = body.len() - 10;
        body[at] = if body[at] == b'A' { b'B' } else { b'A' };
    };
    archived.check(
        "the log's signature",
        &bend(0, &flip_end),
        &[Code::ArchiveRecord, Code::ArchiveRecord],
    );
    let other_root = |body: &mut Vec<u8>| {
        let note = String::from_utf8(body.clone()).unwrap();
        let root = note.lines().nth(2).unwrap().to_owned();
        *body = note
            .replacen(&root, &STANDARD.encode([7; 32]), 1)
            .into_bytes();
    };
    archived.check(
        "the root",
        &bend(1, &other_root),
        &[
            Code::ArchiveRecord,
            Code::ArchiveRecord,
            Code::ArchiveMissing,
        ],
    );
    archived.check(
        "the time stamp",
        &bend(2, &|body| *body = time_stamp(b"another", "20261125120000Z")),
        &[Code::ArchiveRecord, Code::ArchiveRecord],
    );
    archived.check(
        "nonsense",
        &bend(2, &|body| *body = b"nonsense".to_vec()),
        &[Code::ArchiveRecord, Code::ArchiveRecord],
    );
    // Behind what the log names a bent record shows by itself only.
    archived.check(
        "behind what is named",
        &bend(3, &flip_end),
        &[Code::ArchiveRecord, Code::ArchiveRecord],
    );
    let mut resized = archived.records.clone();
    resized[0].1 += 1;
    archived.check(
        "the size",
        &resized,
        &[Code::ArchiveRecord, Code::ArchiveRecord],
    );
}

#[test]
fn a_checkpoint_that_the_log_signed_over_another_past_is_a_fork() {
    let mut archived = Archived::new();
    let mut other = Archived::new().log;
    other.append_event(&[]);
    let size = archived.records[3].1;
    // The same log key signs other entries of the same size.
    other.entries.swap(3, 4);
    other.checkpoint(usize::try_from(size).unwrap());
    let mut plain: Vec<_> = archived
        .records
        .iter()
        .cloned()
        .map(|(kind, size, body, _)| (kind, size, body))
        .collect();
    plain[3].2 = other.note.into_bytes();
    archived.check("fork", &chained(plain.clone()), &[Code::Fork]);
    plain[3].1 = 900;
    archived.log.checkpoint(3);
    archived.check(
        "a size beyond the log",
        &chained(plain),
        &[Code::ArchiveRecord],
    );
}

#[test]
fn what_the_program_missed_stays_missed_until_it_is_there_again() {
    let archived = Archived::new();
    let named = archived.records[2].3.unwrap();
    let plain: Vec<_> = archived
        .records
        .iter()
        .cloned()
        .map(|(kind, size, body, _)| (kind, size, body))
        .collect();
    let mark = (RecordKind::Mark, 3, named.to_vec());
    let mut gone = vec![plain[0].clone(), mark.clone(), plain[3].clone()];
    archived.check(
        "two are missing",
        &chained(gone.clone()),
        &[Code::ArchiveMissing],
    );
    gone.remove(0);
    let behind = chained(gone.clone());
    archived.check("all are missing", &behind, &[Code::ArchiveMissing]);
    // They are put back in front of the mark, as they lay in a backup.
    let mended = [&archived.records[..3], &behind].concat();
    archived.check("put back", &mended, &[]);
    // A backup may know more than the log had named.
    archived.check(
        "more put back",
        &[&archived.records[..4], &behind].concat(),
        &[],
    );
    let mut bent = mended.clone();
    bent[0].2.push(b' ');
    let report = archived.audit(&bent);
    assert!(
        report
            .findings
            .iter()
            .all(|finding| finding.code == Code::ArchiveRecord)
            && !report.findings.is_empty()
    );
    // A mark of the attacker's hides nothing: the log names another link.
    let forged = chained(vec![(RecordKind::Mark, 3, vec![9; 32])]);
    archived.check("forged", &forged, &[Code::ArchiveMissing]);
    archived.check(
        "malformed",
        &[(RecordKind::Mark, 3, vec![9; 31], None)],
        &[Code::ArchiveRecord, Code::ArchiveMissing],
    );
}
