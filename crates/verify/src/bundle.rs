//! Checking a bundle: an extract of one stream of one log, with everything that proves it.
//!
//! The steps V1 to V11 are taken in order, and the first thing wrong ends the check. What is right
//! but weaker than it could be becomes a note. Nothing here opens a ciphertext or asks a network.

mod anchor;
mod bag;
mod chain;
mod description;
mod disclosure;
mod documents;
mod events;
mod names;
mod omission;
mod receipt;
mod stamps;
mod time;

use std::collections::BTreeMap;

use crate::code::{Code, Finding};
use crate::files::{Failure, Files};
use crate::json::Json;
use crate::note::{self, Checkpoint};
use crate::policy::Policy;

use anchor::Anchor;
use bag::Bag;
pub(crate) use bag::hex;
pub use bag::{BYTES_MAX as TEXT_BYTES_MAX, EVENT_BYTES_MAX};
use events::Event;
use omission::{Binding, Opened};
pub use receipt::Receipt;
pub use time::{
    BACKDATED_SECONDS_MAX, CLOCK_SKEW_MAX_SECONDS, SEALED_WITHIN_SECONDS, WIDE_SECONDS,
};

/// A checkpoint that the reader knows from elsewhere.
#[derive(Debug, Clone)]
pub struct Pin {
    origin: String,
    checkpoint: Checkpoint,
}

impl Pin {
    /// Reads a checkpoint. Its signatures are passed over: a pin is trusted for where it comes
    /// from.
    ///
    /// # Errors
    /// [`Code::CheckpointFormat`].
    pub fn parse(text: &str) -> Result<Self, Finding> {
        let body = text
            .split_once("\n\n")
            .map_or(text.to_owned(), |(body, _)| format!("{body}\n"));
        let (origin, checkpoint) = note::body(&body).map_err(|what| {
            Finding::of(
                Code::CheckpointFormat,
                format!("the pinned checkpoint: {what}"),
            )
        })?;
        Ok(Self { origin, checkpoint })
    }
}

/// What the reader trusts and knows beforehand.
pub struct Trust {
    /// Whom.
    pub policy: Policy,
    /// A checkpoint known from elsewhere.
    pub pin: Option<Pin>,
    /// Receipts from letters.
    pub receipts: Vec<Receipt>,
    /// The witness of the policy that reads every entry, if one does.
    pub verifying: Option<String>,
}

/// Checks who issued a time stamp; it knows the authorities that the reader trusts.
pub trait StampChecker {
    /// None when it cannot tell, otherwise whether the response is a valid one over `body`.
    ///
    /// # Errors
    /// Why it could not be asked.
    fn check(&self, body: &[u8], response: &[u8]) -> Result<Option<bool>, std::io::Error>;
}

/// The SHA-256 of bytes in hexadecimal digits, as a stamp checker needs it.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    crate::tree::hash(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Trusts no authority, so that time stamps stay unverified.
#[derive(Debug, Clone, Copy)]
pub struct NoAuthority;

impl StampChecker for NoAuthority {
    fn check(&self, _: &[u8], _: &[u8]) -> Result<Option<bool>, std::io::Error> {
        Ok(None)
    }
}

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
    /// Place in the stream, from 1.
    pub seq: u64,
    /// What contradicts it.
    pub finding: Finding,
}

/// One event of a bundle that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventLine {
    /// Place in the stream, from 1.
    pub seq: u64,
    /// Place in the log, from 0.
    pub index: u64,
    /// Id, as hyphenated text.
    pub id: String,
    /// Leaf hash, base64url.
    pub leaf: String,
    /// When the log says that it recorded it, seconds of Unix time.
    pub recorded: u64,
    /// When witnesses had last seen the log without it.
    pub not_before: Option<u64>,
    /// When witnesses had seen the log with it.
    pub not_after: Option<u64>,
    /// When an authority had stamped the log with it, by the earliest stamp here.
    pub stamped: Option<u64>,
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
    pub from: u64,
}

/// A document that an event files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// The first event that files it.
    pub seq: u64,
    /// Whether the bundle holds it; then it fits.
    pub present: bool,
}

/// A time stamp over a checkpoint of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Its file.
    pub file: String,
    /// Entries that the checkpoint covers.
    pub size: u64,
    /// The time that it states, seconds of Unix time.
    pub time: u64,
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
    pub size: u64,
    /// Its root, hexadecimal.
    pub root: String,
    /// The witnesses of the policy that cosigned it.
    pub witnesses: Vec<String>,
    /// When they did.
    pub witnessed: Option<u64>,
    /// Whether a witness that reads every entry did.
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
    pub people: BTreeMap<String, u64>,
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

/// Checks a bundle. `progress` hears how many bytes of how many were read. A verdict is not the
/// same as that all is well: see [`Verdict::untimely`].
///
/// # Errors
/// [`Failure::Finding`] with the first thing wrong that is not about the time of a single event;
/// [`Failure::Read`].
pub fn check(
    files: &mut dyn Files,
    trust: &Trust,
    stamps: &dyn StampChecker,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Verdict, Failure> {
    check_with(files, trust, &trust.receipts, stamps, progress)
}

/// Checks a bundle with other receipts than the reader's.
pub(crate) fn check_with(
    files: &mut dyn Files,
    trust: &Trust,
    receipts: &[Receipt],
    stamps: &dyn StampChecker,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Verdict, Failure> {
    let mut bag = Bag::open(files, progress)?;
    let description = description::read(&mut bag)?;
    let anchor = anchor::check(&mut bag, trust, &description)?;
    let chain = chain::check(&mut bag, &anchor, &description)?;
    let events = events::check(&mut bag, &anchor, &chain, &description)?;
    events::check_head(&events, &chain, &description)?;
    bag.owned(events.len())?;
    let mut notes = Vec::new();
    let times = time::check(&mut bag, trust, &anchor, &chain, &events, &mut notes)?;
    let opened = omission::check(&mut bag, &events, &description.redactions)?;
    let documents = documents::check(&mut bag, &events, &opened, &mut notes)?;
    let receipts = receipt::check(receipts, &description, &anchor, &events)?;
    let stamps = stamps::check(&mut bag, &anchor, stamps, &mut notes)?;
    if let Some((_, finding)) = stamps::contradictions(&events, &stamps).into_iter().next() {
        return Err(finding.into());
    }
    let verifying = verifying(trust, &anchor, &mut notes);
    let binding = binding(&events, &opened, receipts, &mut notes)?;
    let references = omission::references(&opened, &description.stream_text);
    let people = omission::people(&opened);
    let mut lines = events::lines(&events, &times.windows, &opened);
    stamps::date(&mut lines, &stamps);
    Ok(Verdict {
        origin: description.origin,
        stream: description.stream_text,
        size: anchor.cosigned.checkpoint.size,
        root: anchor
            .cosigned
            .checkpoint
            .root
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
        witnesses: anchor.cosigned.witnesses,
        witnessed: anchor.cosigned.time,
        verifying,
        case_number: binding.number,
        child: binding.child,
        target: binding.target,
        references,
        people,
        events: lines,
        documents,
        receipts,
        stamps,
        untimely: times.untimely,
        notes,
    })
}

/// The witness that reads every entry, where it has cosigned; a note where none has.
fn verifying(trust: &Trust, anchor: &Anchor<'_>, notes: &mut Vec<Note>) -> Option<String> {
    let verifying = trust
        .verifying
        .as_deref()
        .and_then(|name| trust.policy.witness(name));
    let verifying = verifying
        .filter(|name| {
            anchor
                .cosigned
                .witnesses
                .iter()
                .any(|witness| witness == name)
        })
        .map(str::to_owned);
    if verifying.is_none() {
        let detail = "no record-verifying witness has cosigned the checkpoint, or none was named";
        notes.push(Note {
            code: Code::CompletenessOperatorOnly,
            detail: detail.into(),
        });
    }
    verifying
}

/// What binds the stream to a case or to what was looked at; a note where nothing does.
fn binding(
    events: &[Event],
    opened: &[Opened],
    receipts: u64,
    notes: &mut Vec<Note>,
) -> Result<Binding, Finding> {
    let accesses = events.first().is_some_and(|first| first.access);
    let binding = omission::binding(opened, accesses)?;
    if binding.missing && receipts == 0 {
        let detail = match accesses {
            true => "no event shows which stream was looked at, and no receipt names this one",
            false => {
                "the first event shows neither a case number nor the child, and no receipt names the stream"
            }
        };
        notes.push(Note {
            code: Code::CaseBindingMissing,
            detail: detail.into(),
        });
    }
    Ok(binding)
}

/// Whether the disclosures behind an entry can be matched with the digest in its payload.
pub(crate) fn reads(text: &str, payload: &Json, blobs: usize) -> bool {
    events::digest(payload).is_some_and(|digest| disclosure::read(1, text, digest, blobs).is_ok())
}
