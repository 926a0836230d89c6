//! Checking a bundle: an extract of one stream of one log, with everything that proves it.
//!
//! The steps V1 to V11 are taken in order, and the first thing wrong ends the check. What is right
//! but weaker than it could be becomes a note. Nothing here opens a ciphertext or asks a network.
//!
//! One kind of fault does not end the check: an event whose stated time is contradicted. It says
//! nothing against the other events, so a reader must look at [`Verdict::untimely`] as well.
//!
//! A bundle may withhold values, each with a reason; what is left is proven all the same:
//!
//! ```
//! use verify::bundle::{self, NoAuthority, Trust};
//! use verify::policy::Policy;
//! use verify::zip::Zip;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let policy = Policy::parse(&std::fs::read("testdata/example/policy")?)?;
//! let trust = Trust { policy, pin: None, receipts: Vec::new(), verifying: None };
//! let mut files = Zip::open(std::fs::File::open("testdata/example/redacted.zip")?)?;
//! let verdict = bundle::check(&mut files, &trust, &NoAuthority, &mut |_, _| {})?;
//! assert!(verdict.untimely.is_empty());
//! assert!(verdict.events.iter().any(|event| event.withheld > 0));
//! # Ok(())
//! # }
//! ```

mod anchor;
mod bag;
mod chain;
mod description;
mod disclosure;
mod documents;
mod event_lines;
mod events;
mod names;
mod omission;
mod receipt;
mod stamps;
mod time;
mod trust;
mod verdict;

use crate::code::{Code, Finding};
use crate::files::{Failure, Files};
use crate::json::Json;
use crate::position::Seq;

use anchor::Anchor;
use bag::Bag;
pub(crate) use bag::hex;
pub use bag::{BYTES_MAX as TEXT_BYTES_MAX, EVENT_BYTES_MAX};
use events::Event;
use omission::{Binding, Opened};
pub use time::{
    BACKDATED_SECONDS_MAX, CLOCK_SKEW_MAX_SECONDS, SEALED_WITHIN_SECONDS, WIDE_SECONDS,
};
pub use trust::{NoAuthority, Pin, Receipt, StampChecker, Trust};
pub use verdict::{Document, EventLine, Note, Reference, Stamp, Untimely, Verdict};

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
    let mut lines = event_lines::lines(&events, &times.windows, &opened);
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
    events::digest(payload)
        .is_some_and(|digest| disclosure::read(Seq::FIRST, text, digest, blobs).is_ok())
}

/// The SHA-256 of bytes in hexadecimal digits, as a stamp checker needs it.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    crate::tree::hash(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
