//! What a bundle proves once it was checked. Nothing is checked here.

use std::collections::BTreeMap;

use crate::code::{Code, Finding};
use crate::position::{LogIndex, LogTime, Seq, Size};

/// Something that a reader should know, and that is no error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What.
    pub code: Code,
    /// More.
    pub detail: String,
}

/// An event whose stated time is contradicted. That is no weakness but a fault, of this event
/// alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untimely {
    /// Sequence in the stream.
    pub seq: Seq,
    /// What contradicts it.
    pub finding: Finding,
}

/// One event of a bundle that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventLine {
    /// Sequence in the stream.
    pub seq: Seq,
    /// Index in the log.
    pub index: LogIndex,
    /// Id, as hyphenated text.
    pub id: String,
    /// Leaf hash, base64url.
    pub leaf: String,
    /// When the log says that it recorded it, seconds of Unix time.
    pub recorded: LogTime,
    /// When it took place, as it says itself: shown, not proven.
    pub occurred: Option<String>,
    /// When another system had recorded it, as an imported event states: shown, not proven.
    pub stated: Option<String>,
    /// When witnesses had last seen the log without it.
    pub not_before: Option<LogTime>,
    /// When witnesses had seen the log with it.
    pub not_after: Option<LogTime>,
    /// When an authority had stamped the log with it, by the earliest stamp here.
    pub stamped: Option<LogTime>,
    /// What it is, unless that is withheld or erased.
    pub kind: Option<String>,
    /// Values shown.
    pub disclosed: u64,
    /// Values or payloads withheld, each with a reason.
    pub withheld: u64,
    /// Values, parts or payloads erased.
    pub erased: u64,
}

/// A reference that a disclosed value makes to an event of another stream.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The other stream.
    pub stream: String,
    /// The event in it.
    pub event: String,
    /// The event that refers to it.
    pub from: Seq,
}

/// A document that an event files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// The first event that files it.
    pub seq: Seq,
    /// Whether the bundle holds it; then it fits.
    pub present: bool,
}

/// A time stamp over a checkpoint of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Its file.
    pub file: String,
    /// Entries that the checkpoint covers.
    pub size: Size,
    /// The time that it states, seconds of Unix time.
    pub time: LogTime,
    /// Whether who issued it was checked.
    pub issuer_checked: bool,
}

/// What is proven by a bundle. Nothing in it is wrong but the times of the events in
/// [`Verdict::untimely`]: where there are any, the bundle does not hold as a whole, and everything
/// else in it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Name of the log.
    pub origin: String,
    /// The stream.
    pub stream: String,
    /// Size of the log at the checkpoint; nothing newer is spoken of.
    pub size: Size,
    /// Its root, hexadecimal.
    pub root: String,
    /// The witnesses of the policy that cosigned it.
    pub witnesses: Vec<String>,
    /// The lower median of the times that they state.
    pub witnessed: Option<LogTime>,
    /// The witness among them that reads every entry, if one does.
    pub verifying: Option<String>,
    /// The number of the case that the first event discloses.
    pub case_number: Option<String>,
    /// The child that the first event discloses, by the id of its person.
    pub child: Option<String>,
    /// Of look-ups: the stream that was looked at.
    pub target: Option<String>,
    /// The events, oldest first.
    pub events: Vec<EventLine>,
    /// What they refer to.
    pub references: Vec<Reference>,
    /// People whom they name, each with the first sequence that does.
    pub people: BTreeMap<String, Seq>,
    /// Documents that events show, each once.
    pub documents: Vec<Document>,
    /// Receipts that fit.
    pub receipts: u64,
    /// Time stamps over the checkpoint and over earlier ones.
    pub stamps: Vec<Stamp>,
    /// Events whose stated times are contradicted, oldest first.
    pub untimely: Vec<Untimely>,
    /// What a reader should know.
    pub notes: Vec<Note>,
}
