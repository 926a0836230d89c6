//! The archive of a log: the checkpoints that witnesses cosigned, and time stamps over them.
//!
//! Each record is chained to the one before. The log's heads entries name the size of the archive
//! and its newest link, as they name other logs. So the audit finds a record that was altered,
//! removed or inserted, and an archive that ends before what the newest heads entry names.
//!
//! Records behind that point, and the latest note of the largest size, are compared with the log's
//! tree and with signatures only. The audit does not notice when they are missing.

use std::collections::BTreeMap;

use crate::code::{Code, Finding};
use crate::entry::Anchor;
use crate::note::{self, Verifier};
use crate::policy::{Policy, Strictness};
use crate::position::Size;
use crate::time_stamp;
use crate::tree::{Hash, ZERO, hash};

/// In front of what a link is made from; leaves have 0, nodes 1.
const PREFIX: u8 = 2;
/// Further findings are only counted.
const TOLD_MAX: usize = 20;

/// What a record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordKind {
    /// A cosigned checkpoint.
    Checkpoint,
    /// A time stamp over one.
    TimeStamp,
    /// That records are missing in front of it: their number, and their link.
    Mark,
}

impl RecordKind {
    const fn number(self) -> u8 {
        match self {
            Self::Checkpoint => 1,
            Self::TimeStamp => 2,
            Self::Mark => 3,
        }
    }
}

/// The name under which a log names its archive.
#[must_use]
pub fn name_of(origin: &str) -> String {
    format!("{origin}/archive")
}

/// What the log itself gives to compare an archive with.
#[derive(Debug, Clone, Copy)]
pub struct AuditedLog<'a> {
    /// Name of the log.
    pub origin: &'a str,
    /// Its verifier keys, those of earlier times as well.
    pub log_keys: &'a [String],
    /// Entries of the log.
    pub entries: Size,
    /// Its roots at the sizes that were archived.
    pub roots: &'a BTreeMap<Size, [u8; 32]>,
    /// What its newest heads entry names.
    pub anchors: &'a [Anchor],
}

/// What an archive holds, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArchiveReport {
    /// Records, marks included.
    pub records: u64,
    /// Of these named by the log.
    pub named: u64,
    /// Cosigned checkpoints.
    pub checkpoints: u64,
    /// Time stamps.
    pub time_stamps: u64,
    /// Checkpoints that none of the given keys of the log has signed.
    pub unsigned: u64,
    /// Checkpoints that the policy would not take now, where one is given.
    pub below_policy: u64,
    /// What is wrong, in the order of the records.
    pub findings: Vec<Finding>,
    /// Findings beyond those.
    pub more: u64,
}

/// Reads an archive record by record.
pub struct ArchiveAudit<'a> {
    log: AuditedLog<'a>,
    keys: Vec<Verifier>,
    policy: Option<&'a Policy>,
    named: Option<(Size, Hash)>,
    /// Records so far as the archive counts them, and their link.
    count: Size,
    link: Hash,
    /// The link behind so many records: the last one, where a mark counts anew.
    links: BTreeMap<Size, Hash>,
    /// Hash of the text of each archived checkpoint.
    texts: BTreeMap<Size, Hash>,
    report: ArchiveReport,
}

impl<'a> ArchiveAudit<'a> {
    /// At the beginning of an archive. Cosignatures are compared where there is a policy.
    #[must_use]
    pub fn new(log: AuditedLog<'a>, policy: Option<&'a Policy>) -> Self {
        let name = name_of(log.origin);
        let named = log
            .anchors
            .iter()
            .find(|anchor| anchor.origin == name)
            .map(|anchor| (anchor.size, anchor.root));
        let keys = log
            .log_keys
            .iter()
            .filter_map(|key| Verifier::parse(key))
            .collect();
        let report = ArchiveReport {
            named: named.map_or(0, |(count, _)| count.get()),
            ..ArchiveReport::default()
        };
        Self {
            log,
            keys,
            policy,
            named,
            count: Size::EMPTY,
            link: ZERO,
            links: BTreeMap::from([(Size::EMPTY, ZERO)]),
            texts: BTreeMap::new(),
            report,
        }
    }

    fn wrong(&mut self, code: Code, what: impl Into<String>) {
        if self.report.findings.len() < TOLD_MAX {
            self.report.findings.push(Finding::of(code, what));
        } else {
            self.report.more += 1;
        }
    }

    /// Takes the next record. `link` stands in its head, unless it was written before there were
    /// links.
    pub fn record(&mut self, kind: RecordKind, size: Size, body: &[u8], link: Option<[u8; 32]>) {
        self.report.records += 1;
        if kind == RecordKind::Mark {
            self.mark(size, body);
        }
        let mut text = vec![PREFIX];
        text.extend_from_slice(&self.link);
        text.push(kind.number());
        text.extend_from_slice(&size.get().to_be_bytes());
        text.extend_from_slice(&hash(body));
        let made = hash(&text);
        self.count = self.count.grown();
        let place = self.count;
        if link.is_some_and(|link| link != made) {
            self.wrong(
                Code::ArchiveRecord,
                format!("record {place} of the archive is not the one that was archived behind the one before it"),
            );
        }
        // Go on with the stored link: a single altered record must not make all later ones wrong.
        self.link = link.unwrap_or(made);
        self.links.insert(place, self.link);
        match kind {
            RecordKind::Checkpoint => {
                self.report.checkpoints += 1;
                self.checkpoint(&format!("record {place}"), size, body);
            }
            RecordKind::TimeStamp => {
                self.report.time_stamps += 1;
                self.time_stamp(place, size, body);
            }
            RecordKind::Mark => {}
        }
    }

    /// The latest note of the largest size, which is no record yet.
    pub fn latest(&mut self, size: Size, note: &str) {
        self.checkpoint("the latest note", size, note.as_bytes());
    }

    /// What the program wrote when it missed records: true unless they are there again.
    fn mark(&mut self, size: Size, body: &[u8]) {
        let Ok(link) = <Hash>::try_from(body) else {
            let place = self.count.grown();
            return self.wrong(
                Code::ArchiveRecord,
                format!("record {place} of the archive is malformed"),
            );
        };
        // Records that were put back in front of it may be more than it knew of.
        if self.count < size {
            let (first, last) = (self.count.grown(), size);
            self.wrong(
                Code::ArchiveMissing,
                format!("records {first} to {last} of the archive are missing, as the program found when it was started"),
            );
        } else if self.links.get(&size) != Some(&link) {
            self.wrong(
                Code::ArchiveRecord,
                format!("the first {size} records of the archive are not those that the log named"),
            );
        }
        (self.count, self.link) = (size, link);
        drop(
            self.links
                .split_off(&Size::new(size.get().saturating_add(1))),
        );
    }

    fn checkpoint(&mut self, what: &str, size: Size, body: &[u8]) {
        let opened = std::str::from_utf8(body)
            .map_err(|_| "it is not UTF-8")
            .and_then(note::open);
        let note = match opened {
            Ok(note) => note,
            Err(why) => {
                return self.wrong(
                    Code::ArchiveRecord,
                    format!("{what}, of size {size}, is no checkpoint: {why}"),
                );
            }
        };
        if note.origin != self.log.origin || note.checkpoint.size != size {
            return self.wrong(
                Code::ArchiveRecord,
                format!(
                    "{what}, of size {size}, is a checkpoint of {} entries of {}",
                    note.checkpoint.size, note.origin
                ),
            );
        }
        let mut signed = false;
        for key in &self.keys {
            for line in note.lines.iter().filter(|line| key.made(line)) {
                if key.check(&note, line).is_none() {
                    return self.wrong(
                        Code::ArchiveRecord,
                        format!("{what}, of size {size}: the log's signature does not fit"),
                    );
                }
                signed = true;
            }
        }
        self.report.unsigned += u64::from(!signed);
        match self.log.roots.get(&size) {
            Some(root) if *root != note.checkpoint.root => {
                // A log that has signed both has two pasts.
                let code = if signed {
                    Code::Fork
                } else {
                    Code::ArchiveRecord
                };
                return self.wrong(
                    code,
                    format!("{what}, of size {size}, has another root than the log"),
                );
            }
            None if size > self.log.entries => {
                let entries = self.log.entries;
                return self.wrong(
                    Code::Rollback,
                    format!("{what} is of {size} entries, the log has {entries}"),
                );
            }
            // It was archived while the log was read; the next audit compares it.
            _ => {}
        }
        if let Some(policy) = self.policy {
            match policy.check(&note, self.log.origin, Strictness::WithoutLog) {
                Err(finding) if finding.code == Code::WitnessSignature => {
                    self.wrong(
                        finding.code,
                        format!("{what}, of size {size}: {}", finding.detail),
                    );
                }
                Err(_) => self.report.below_policy += 1,
                Ok(_) => {}
            }
        }
        self.texts.insert(size, hash(note.body.as_bytes()));
    }

    fn time_stamp(&mut self, place: Size, size: Size, body: &[u8]) {
        let stamp = match time_stamp::read(body) {
            Ok(stamp) => stamp,
            Err(why) => {
                return self.wrong(
                    Code::ArchiveRecord,
                    format!("record {place}, of size {size}, is no time stamp: {why}"),
                );
            }
        };
        match self.texts.get(&size) {
            Some(text) if stamp.imprint == *text => {}
            Some(_) => self
                .wrong(Code::ArchiveRecord, format!("record {place} is a time stamp of something else than the checkpoint of size {size}")),
            None => {
                self.wrong(Code::ArchiveMissing, format!("record {place} is a time stamp of size {size}, whose checkpoint is not archived"))
            }
        }
    }

    /// Ends the audit of the archive.
    #[must_use]
    pub fn finish(mut self) -> ArchiveReport {
        if let Some((named, link)) = self.named {
            let held = self.count;
            match self.links.get(&named) {
                Some(held) if *held == link => {}
                Some(_) => self.wrong(
                    Code::ArchiveRecord,
                    format!(
                        "the first {named} records of the archive are not those that the log names"
                    ),
                ),
                None if named > held => self.wrong(
                    Code::ArchiveMissing,
                    format!("the log names {named} records of its archive, {held} are there"),
                ),
                // A mark has reported them as missing already.
                None => {}
            }
        }
        self.report
    }
}
