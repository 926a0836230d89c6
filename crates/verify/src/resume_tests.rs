//! An audit that stops anywhere goes on as if it had not, and sees when the past has changed; the
//! short way of reading agrees with the long one.

use crate::audit::{Auditor, Checks, Report, StateError};
use crate::code::{Code, Finding};
use crate::entry::{self, Kind};
use crate::jws::Signed;
use crate::position::{LogIndex, Size};
use crate::quick::QuickReader;
use crate::source::{LogSource, RawEntry, SourceError};
use crate::test_support::log::{Log, b64, pin};
use crate::tree::{Growing, hash, leaf};
use serde_json::json;

/// A log with erasures, several checkpoints' worth of entries, and a rotation of keys.
fn long() -> Log {
    let mut log = Log::honest();
    let key = log.event_key.clone();
    for round in 0..12 {
        for _ in 0..round {
            log.append_event(&[]);
        }
        log.seal(&key);
    }
    log
}

fn feed(auditor: &mut Auditor, log: &Log, upto: usize) {
    let from = usize::try_from(auditor.size().get()).unwrap();
    for (index, entry) in log.entries.iter().enumerate().take(upto).skip(from) {
        let blobs: Vec<Option<&[u8]>> = entry.blobs.iter().map(Option::as_deref).collect();
        auditor
            .entry(RawEntry {
                index: LogIndex::new(index as u64),
                bytes: &entry.bytes,
                blobs: &blobs,
            })
            .unwrap();
    }
}

fn code<E: std::error::Error>(result: Result<(), SourceError<E>>) -> Code {
    match result.unwrap_err() {
        SourceError::Finding(finding) => finding.code,
        SourceError::Read(error) => panic!("{error}"),
    }
}

#[test]
fn a_saved_state_goes_on_at_every_place_with_any_number_of_threads() {
    let log = long();
    let expected = log.audit().unwrap();
    for stop in 0..=log.entries.len() {
        let checks = Checks {
            threads: 1 + stop % 3,
            ..Checks::default()
        };
        let mut first = Auditor::new(log.trust.clone(), checks);
        feed(&mut first, &log, stop);
        let mut root = Growing::default();
        log.entries[..stop]
            .iter()
            .for_each(|entry| root.add(leaf(&entry.bytes)));
        assert_eq!(first.root(), root.root());
        let saved = first.save().unwrap();
        let mut second = Auditor::resume(&saved, log.trust.clone(), checks).unwrap();
        assert_eq!(second.save().unwrap(), saved, "at {stop}");
        assert_eq!(
            (second.size(), second.root()),
            (Size::new(stop as u64), first.root())
        );
        second.expect(&log.note).unwrap();
        let mut seen = Size::EMPTY;
        second
            .read(&log, &mut |auditor| seen = auditor.size())
            .unwrap();
        assert_eq!(seen, Size::new(log.entries.len() as u64));
        let report = second.finish().unwrap();
        assert_eq!(
            report,
            Report {
                before: Size::new(stop as u64),
                bytes: report.bytes,
                ..expected.clone()
            },
            "at {stop}"
        );
    }
}

/// A log on a medium that fails behind so many entries.
struct Breaking<'a>(&'a Log, usize);

#[derive(Debug, thiserror::Error)]
#[error("the medium failed")]
struct Failed;

impl LogSource for Breaking<'_> {
    type Error = Failed;

    fn for_each(
        &self,
        visit: &mut dyn FnMut(RawEntry<'_>) -> Result<(), Finding>,
    ) -> Result<(), SourceError<Failed>> {
        let mut log = self.0.clone();
        log.entries.truncate(self.1);
        log.for_each(visit).map_err(|error| match error {
            SourceError::Finding(finding) => SourceError::Finding(finding),
            SourceError::Read(never) => match never {},
        })?;
        Err(SourceError::Read(Failed))
    }
}

#[test]
fn what_is_wrong_in_front_of_a_failure_of_the_medium_is_told_first() {
    let mut log = Log::honest();
    let checkpointed = log.entries.len();
    for _ in 0..5 {
        log.append_event(&[]);
    }
    let signature = log.entries[5].bytes.len() - 10;
    let mut bent = log.clone();
    bent.entries[5].bytes[signature] ^= 1;
    for threads in 1..4 {
        let read = |log: &Log, entries: usize| {
            let checks = Checks {
                threads,
                ..Checks::default()
            };
            let mut auditor = Auditor::new(log.trust.clone(), checks);
            auditor.expect(&log.note).unwrap();
            auditor.read(&Breaking(log, entries), &mut |_| {})
        };
        let failed = |read| matches!(read, Err(SourceError::Read(Failed)));
        assert!(failed(read(&log, checkpointed + 3)));
        assert_eq!(code(read(&bent, checkpointed + 3)), Code::JwsSignature);
        assert!(
            failed(read(&bent, checkpointed - 1)),
            "what was read of a part that is not full is not looked at"
        );
    }
}

#[test]
fn a_witness_follows_checkpoint_by_checkpoint() {
    let mut log = Log::honest();
    let key = log.event_key.clone();
    let mut auditor = Auditor::new(
        log.trust.clone(),
        Checks {
            blobs: false,
            ..Checks::default()
        },
    );
    for round in 0..5 {
        feed(&mut auditor, &log, log.entries.len());
        auditor.check(&log.note).unwrap();
        let saved = auditor.save().unwrap();
        auditor = Auditor::resume(
            &saved,
            log.trust.clone(),
            Checks {
                blobs: false,
                ..Checks::default()
            },
        )
        .unwrap();
        if round == 2 {
            let short = Log::honest().note;
            assert_eq!(auditor.check(&short).unwrap_err().code, Code::Rollback);
        }
        log.append_event(&[]);
        log.seal(&key);
    }
    assert_eq!(
        auditor.check(&log.note).unwrap_err().code,
        Code::Rollback,
        "not all entries were handed in"
    );
    // A lie in the list of newest entries: nothing is saved any more, nothing is signed.
    log.append_event(&[]);
    log.seal(&key);
    let last = log.entries.len() - 1;
    let mut lying = log.bend(last, |p| p["h"]["root"] = json!(b64(&[1; 32])));
    lying.checkpoint(last + 1);
    let from = usize::try_from(auditor.size().get()).unwrap();
    feed(&mut auditor, &lying, last);
    assert!(from < last);
    let entry = &lying.entries[last];
    let found = auditor
        .entry(RawEntry {
            index: LogIndex::new(last as u64),
            bytes: &entry.bytes,
            blobs: &[],
        })
        .unwrap_err();
    assert_eq!(found.code, Code::HeadsRoot);
    assert_eq!(
        auditor.check(&lying.note).unwrap_err().code,
        Code::HeadsRoot
    );
    assert_eq!(auditor.save().unwrap_err(), found);
}

#[test]
fn another_past_than_the_one_audited_is_a_fork() {
    let log = Log::honest();
    let mut auditor = Auditor::new(log.trust.clone(), Checks::default());
    feed(&mut auditor, &log, 11);
    let saved = auditor.save().unwrap();
    let resume = |log: &Log| {
        let mut auditor = Auditor::resume(&saved, log.trust.clone(), Checks::default()).unwrap();
        auditor.expect(&log.note).map_err(SourceError::Finding)?;
        auditor.read(log, &mut |_| {})
    };
    let mut grown = log.clone();
    grown.append_event(&[]);
    let key = grown.event_key.clone();
    grown.seal(&key);
    resume(&grown).unwrap();
    // The same keys, another past: every signature and every root of the new log holds.
    let mut other = log.clone();
    other.entries.truncate(10);
    other.append_event(&[]);
    other.seal(&key);
    assert_eq!(other.audit().unwrap().entries, Size::new(12));
    assert_eq!(code(resume(&other)), Code::Fork);
    let mut same_size = log.clone();
    same_size.entries.truncate(9);
    same_size.append_event(&[]);
    same_size.seal(&key);
    assert_eq!(code(resume(&same_size)), Code::Fork);
    let mut shorter = log.clone();
    shorter.entries.truncate(4);
    shorter.checkpoint(4);
    assert_eq!(code(resume(&shorter)), Code::Rollback);
    let mut cut = log.clone();
    cut.entries.truncate(5);
    assert_eq!(code(resume(&cut)), Code::Rollback);
    // A pin from elsewhere counts for the part that was audited before, too.
    let mut pinned = log.clone();
    pinned.trust.pins = pin(7, [1; 32]);
    assert_eq!(code(resume(&pinned)), Code::Fork);
    // A ciphertext that vanished since is seen as well.
    let mut gone = grown;
    gone.entries[1].blobs[1] = None;
    let mut auditor = Auditor::resume(&saved, gone.trust.clone(), Checks::default()).unwrap();
    auditor.expect(&gone.note).unwrap();
    auditor.read(&gone, &mut |_| {}).unwrap();
    assert_eq!(auditor.finish().unwrap_err().code, Code::BlobMissing);
}

#[test]
fn a_damaged_state_is_refused() {
    let log = Log::honest();
    let mut auditor = Auditor::new(log.trust.clone(), Checks::default());
    feed(&mut auditor, &log, 11);
    let saved = auditor.save().unwrap();
    let resume =
        |bytes: &[u8]| Auditor::resume(bytes, log.trust.clone(), Checks::default()).map(|_| ());
    for place in 0..saved.len() {
        let mut bent = saved.clone();
        bent[place] ^= 1;
        assert_eq!(resume(&bent), Err(StateError::Damaged), "byte {place}");
        assert_eq!(resume(&saved[..place]), Err(StateError::Damaged));
        // With a digest that fits again it is refused or read, and never more than that.
        let body = bent.len() - 32;
        let digest = hash(&bent[..body]);
        bent[body..].copy_from_slice(&digest);
        assert_ne!(resume(&bent), Err(StateError::Version(1)));
    }
    let mut later = saved.clone();
    later[8] = 3;
    let digest = hash(&later[..later.len() - 32]);
    let end = later.len() - 32;
    later[end..].copy_from_slice(&digest);
    assert_eq!(resume(&later), Err(StateError::Version(3)));
    let mut elsewhere = log.trust.clone();
    elsewhere.origin = "log.odense.example/0461/sag".into();
    assert_eq!(
        Auditor::resume(&saved, elsewhere, Checks::default()).map(|_| ()),
        Err(StateError::OtherLog)
    );
}

/// What both ways say of an entry, as far as it can be compared.
fn told(kid: &str, common: &entry::Common, kind: &Kind) -> String {
    let kind = match kind {
        Kind::Event(e) => format!(
            "{:?} {} {} {:?} {:?} {:?}",
            e.stream, e.ordinal, e.seq, e.blobs, e.erased, e.replaced
        ),
        Kind::Heads(h) => format!("{} {} {:?} {:?}", h.streams, h.covers, h.root, h.keys),
        Kind::Keys(_) => "keys".to_owned(),
    };
    format!(
        "{kid} {} {} {} {:?} {:?} {kind}",
        common.index, common.time, common.origin, common.id, common.prev
    )
}

#[test]
fn the_short_way_of_reading_takes_nothing_that_the_long_way_refuses() {
    let log = long();
    let mut reader = QuickReader::default();
    let (mut short, mut refused) = (0, 0);
    let mut both = |bytes: &[u8]| {
        let quick = reader
            .read(bytes)
            .map(|quick| told(&quick.kid, &quick.common, &quick.kind));
        let long = Signed::parse(bytes).ok().and_then(|signed| {
            let (common, kind) = entry::read(&signed.typ, &signed.payload)?;
            Some(told(&signed.kid, &common, &kind))
        });
        match (quick, long) {
            (Some(quick), Some(long)) => {
                assert_eq!(quick, long);
                short += 1;
            }
            (Some(_), None) => panic!("{}", String::from_utf8_lossy(bytes)),
            (None, _) => refused += 1,
        }
    };
    log.entries.iter().for_each(|entry| both(&entry.bytes));
    // Every member bent in every byte of its plain text, encoded again: what decides is the form.
    for index in [1, 4, 10] {
        let (header, payload) = (
            Log::header(&log.typ(index), &log.event_key),
            log.payload(index).to_string(),
        );
        for place in 0..payload.len() {
            for byte in [
                b'"', b'0', b'9', b'a', b',', b'\\', b' ', b'-', b'.', b'}', 0x7f,
            ] {
                let mut bent = payload.clone().into_bytes();
                bent[place] = byte;
                let Ok(bent) = String::from_utf8(bent) else {
                    continue;
                };
                both(&Log::sign_text(&header, &bent, &log.event_key));
            }
            both(&Log::sign_text(&header, &payload[..place], &log.event_key));
            both(&Log::sign_text(
                &header,
                &format!("{} {}", &payload[..place], &payload[place..]),
                &log.event_key,
            ));
            both(&Log::sign_text(
                &header,
                &format!("{}0{}", &payload[..place], &payload[place..]),
                &log.event_key,
            ));
        }
        for place in 0..header.len() {
            let mut bent = header.clone().into_bytes();
            bent[place] ^= 1;
            let Ok(bent) = String::from_utf8(bent) else {
                continue;
            };
            both(&Log::sign_text(&bent, &payload, &log.event_key));
        }
        let whole = log.entries[index].bytes.clone();
        for place in 0..whole.len() {
            let mut bent = whole.clone();
            bent[place] ^= 1;
            both(&bent);
            both(&whole[..place]);
        }
    }
    assert!(short > 1_000 && refused > 10_000, "{short} {refused}");
}
