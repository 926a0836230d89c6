//! V10: time stamps. A stamp is over the text of the bundle's own checkpoint, or of an earlier one
//! that the bundle's is proven to continue. Every entry up to that size existed at that time.

use super::anchor::Anchor;
use super::bag::Bag;
use super::events::Event;
use super::time::CLOCK_SKEW_MAX_SECONDS;
use super::trust::StampChecker;
use super::verdict::{EventLine, Note, Stamp};
use crate::code::{Code, Finding};
use crate::files::Failure;
use crate::note;
use crate::position::{Seq, Size};
use crate::proof;
use crate::time_stamp;

const DIRECTORY: &str = "data/tst/";
const TOKEN: &str = ".tsr";
const BODY: &str = ".body";

/// A text that may have been stamped.
struct Stamped {
    size: Size,
    body: String,
    used: bool,
}

fn invalid(name: &str, what: impl std::fmt::Display) -> Failure {
    Failure::of(Code::TstInvalid, format!("{name}: {what}"))
}

/// The texts of earlier checkpoints, each proven to be one of this log.
fn earlier(bag: &mut Bag<'_>, anchor: &Anchor<'_>) -> Result<Vec<Stamped>, Failure> {
    let origin = anchor.cosigned.body.lines().next().unwrap_or_default();
    let newest = anchor.cosigned.checkpoint;
    let mut found = Vec::new();
    for name in bag
        .under(DIRECTORY)
        .into_iter()
        .filter(|name| name.ends_with(BODY))
    {
        let body = bag.text(&name, Code::TstInvalid)?;
        let (named, checkpoint) = note::body(&body).map_err(|what| invalid(&name, what))?;
        let stem = name
            .strip_prefix(DIRECTORY)
            .and_then(|name| name.strip_suffix(BODY))
            .and_then(note::number)
            .map(Size::new);
        if named != origin
            || stem != Some(checkpoint.size)
            || checkpoint.size.is_empty()
            || checkpoint.size >= newest.size
        {
            return Err(invalid(
                &name,
                "it is not the text of an earlier checkpoint of this log",
            ));
        }
        let growth = format!("data/consistency/{}.txt", checkpoint.size);
        let path = proof::parse_lines(&bag.text(&growth, Code::ConsistencyMissing)?);
        let path =
            path.ok_or_else(|| Failure::of(Code::ProofFormat, format!("{growth} is malformed")))?;
        if !proof::is_consistent(
            (checkpoint.size, checkpoint.root),
            (newest.size, newest.root),
            &path,
        ) {
            return Err(Failure::of(
                Code::Fork,
                format!("{name}: the bundle's log is no continuation of the one that was stamped"),
            ));
        }
        found.push(Stamped {
            size: checkpoint.size,
            body,
            used: false,
        });
    }
    Ok(found)
}

/// Every time stamp is one over a text that is there, and every such text is stamped.
pub(super) fn check(
    bag: &mut Bag<'_>,
    anchor: &Anchor<'_>,
    checker: &dyn StampChecker,
    notes: &mut Vec<Note>,
) -> Result<Vec<Stamp>, Failure> {
    let mut texts = earlier(bag, anchor)?;
    let own = Stamped {
        size: anchor.cosigned.checkpoint.size,
        body: anchor.cosigned.body.clone(),
        used: true,
    };
    let mut found = Vec::new();
    for name in bag
        .under(DIRECTORY)
        .into_iter()
        .filter(|name| name.ends_with(TOKEN))
    {
        let response = bag.bytes(&name)?;
        let stamp = time_stamp::read(&response).map_err(|what| invalid(&name, what))?;
        let size = name
            .strip_prefix(DIRECTORY)
            .and_then(|name| name.split_once('-'))
            .and_then(|(size, _)| note::number(size))
            .map(Size::new);
        let text = match texts.iter_mut().find(|text| Some(text.size) == size) {
            Some(text) => {
                text.used = true;
                &*text
            }
            None => &own,
        };
        if stamp.imprint != crate::tree::hash(text.body.as_bytes()) {
            return Err(invalid(
                &name,
                "it is a time stamp of something else than this checkpoint",
            ));
        }
        let issuer_checked = match checker.check(text.body.as_bytes(), &response)? {
            Some(false) => {
                return Err(invalid(
                    &name,
                    "its signature or its chain of certificates does not hold",
                ));
            }
            verified => verified.is_some(),
        };
        if !issuer_checked {
            notes.push(Note {
                code: Code::TstUnverified,
                detail: name.clone(),
            });
        }
        found.push(Stamp {
            size: text.size,
            file: name,
            time: stamp.time,
            issuer_checked,
        });
    }
    match texts.iter().find(|text| !text.used) {
        Some(text) => Err(Failure::of(
            Code::BundleFormat,
            format!("{DIRECTORY}{}{BODY} belongs to no time stamp", text.size),
        )),
        None => Ok(found),
    }
}

/// Events that state a later time than an authority stamped them at, where it is known who that
/// was: with the sequence of each.
pub(super) fn contradictions(events: &[Event], stamps: &[Stamp]) -> Vec<(Seq, Finding)> {
    let mut found = Vec::new();
    for (seq, event) in Seq::all().zip(events) {
        let stamped = stamps
            .iter()
            .filter(|stamp| stamp.issuer_checked && stamp.size.holds(event.index))
            .map(|stamp| stamp.time)
            .min();
        if let Some(stamped) =
            stamped.filter(|stamped| event.time > stamped.later(CLOCK_SKEW_MAX_SECONDS))
        {
            let what = format!(
                "sequence {seq} states {}, at {stamped} an authority had stamped the log with it",
                event.time
            );
            found.push((
                seq,
                Finding::at(Code::TimeAfterCosignature, event.index, what),
            ));
        }
    }
    found
}

/// The earliest time at which each event was stamped.
pub(super) fn date(lines: &mut [EventLine], stamps: &[Stamp]) {
    for line in lines {
        line.stamped = stamps
            .iter()
            .filter(|stamp| stamp.size.holds(line.index))
            .map(|stamp| stamp.time)
            .min();
    }
}
