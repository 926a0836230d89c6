//! V8: the times that events state, against what witnesses saw of the log, and when.
//!
//! A cosignature says: at this time, this was the largest tree that I had seen. So an event was not
//! there yet when a tree without it was cosigned, and was there when one with it was.

use std::collections::BTreeMap;

use super::anchor::Anchor;
use super::bag::Bag;
use super::chain::Chain;
use super::events::Event;
use super::names;
use super::trust::Trust;
use super::verdict::{Note, Untimely};
use crate::code::{Code, Finding};
use crate::files::Failure;
use crate::note::{self, Checkpoint};
use crate::policy::Strictness;
use crate::position::{LogIndex, LogTime, Seq};
use crate::proof;
use crate::tree::{Hash, hash};

/// How far the clocks of the log and of its witnesses may differ.
pub const CLOCK_SKEW_MAX_SECONDS: u64 = 5;
/// How many seconds an event's stated time may lie before that of a cosigned checkpoint without the
/// event. The log uses up at most half of it before it asks a witness with a checkpoint that holds
/// everything so far, and accepts no cosignature that is dated more than the other half after it
/// asked. A verifying witness checks the same bound.
pub const BACKDATED_SECONDS_MAX: u64 = 60;
/// How soon after its recording witnesses must have seen an event.
pub const SEALED_WITHIN_SECONDS: u64 = 24 * 60 * 60;
/// A wider window of time than this is noted. It is two heartbeats: a log has an unchanged
/// checkpoint cosigned again every 15 minutes.
pub const WIDE_SECONDS: u64 = 2 * 15 * 60;
/// In a longer stream the evidence of time may lack the log's own second signatures, because they
/// are large.
const FULL_EVIDENCE_EVENTS: usize = 2_000;

/// What witnesses say about the time of an event.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Window {
    pub(super) not_before: Option<LogTime>,
    pub(super) not_after: Option<LogTime>,
}

/// What is found out about the times.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// Of each event.
    pub(super) windows: Vec<Window>,
    /// Events that are contradicted.
    pub(super) untimely: Vec<Untimely>,
}

/// Events with the same weakness of their evidence, told in one note.
#[derive(Default)]
struct Sequences(Vec<String>);

impl Sequences {
    fn add_if(&mut self, holds: bool, seq: Seq) {
        if holds {
            self.0.push(seq.to_string());
        }
    }

    fn tell(&self, notes: &mut Vec<Note>, code: Code, what: &str) {
        if !self.0.is_empty() {
            notes.push(Note {
                code,
                detail: format!("{what}: sequence {}", self.0.join(", ")),
            });
        }
    }
}

/// Collects every event whose time is contradicted, and goes on: such an event says nothing against
/// the others.
pub(super) fn check(
    bag: &mut Bag<'_>,
    trust: &Trust,
    anchor: &Anchor<'_>,
    chain: &Chain,
    events: &[Event],
    notes: &mut Vec<Note>,
) -> Result<Times, Failure> {
    monotone(chain, events)?;
    let strictness = if events.len() > FULL_EVIDENCE_EVENTS {
        Strictness::WithoutLog
    } else {
        Strictness::Full
    };
    let mut evidence = Evidence {
        trust,
        anchor,
        strictness,
        checked: BTreeMap::new(),
    };
    let mut times = Times::default();
    let [mut no_before, mut no_after, mut wide] = [(); 3].map(|()| Sequences::default());
    for (seq, event) in Seq::all().zip(events) {
        let before = evidence.before(bag, seq, event)?;
        let after = evidence.after(bag, seq, event)?;
        // The bundle's own checkpoint holds the event too, so the earlier of the two counts.
        let window = Window {
            not_before: before,
            not_after: after.into_iter().chain(anchor.cosigned.time).min(),
        };
        times.untimely.extend(
            contradictions(event.time, window, after).map(|(code, what)| {
                let detail = format!("sequence {seq} states {}, {what}", event.time);
                Untimely {
                    seq,
                    finding: Finding::at(code, event.index, detail),
                }
            }),
        );
        no_before.add_if(before.is_none(), seq);
        no_after.add_if(after.is_none(), seq);
        let open = window
            .not_before
            .zip(window.not_after)
            .map(|(before, after)| after.since(before));
        wide.add_if(open.is_some_and(|open| open > WIDE_SECONDS), seq);
        times.windows.push(window);
    }
    no_before.tell(notes, Code::TimeUnbounded, "nothing shows how early");
    no_after.tell(notes, Code::TimeUnbounded, "nothing shows how late");
    wide.tell(
        notes,
        Code::TimeWide,
        "the evidence leaves more than 30 minutes open",
    );
    Ok(times)
}

/// Times never go back along the log, as far as the bundle shows it.
fn monotone(chain: &Chain, events: &[Event]) -> Result<(), Finding> {
    let mut times: Vec<(LogIndex, LogTime)> = chain
        .times
        .iter()
        .copied()
        .chain(events.iter().map(|event| (event.index, event.time)))
        .collect();
    times.sort_unstable();
    match times
        .windows(2)
        .find(|pair| matches!(pair, [(_, earlier), (_, later)] if later < earlier))
    {
        Some([_, (index, _)]) => Err(Finding::at(
            Code::TimeOrder,
            *index,
            "it is dated before an entry in front of it",
        )),
        _ => Ok(()),
    }
}

fn wrong(name: &str, what: impl std::fmt::Display) -> Failure {
    Failure::of(Code::TimeProof, format!("{name}: {what}"))
}

/// Checkpoints that were cosigned. Events share them, so each is checked once.
struct Evidence<'a> {
    trust: &'a Trust,
    anchor: &'a Anchor<'a>,
    strictness: Strictness,
    checked: BTreeMap<Hash, (Checkpoint, Option<LogTime>)>,
}

impl Evidence<'_> {
    fn cosigned(
        &mut self,
        name: &str,
        text: &str,
    ) -> Result<(Checkpoint, Option<LogTime>), Failure> {
        let key = hash(text.as_bytes());
        if let Some(found) = self.checked.get(&key) {
            return Ok(*found);
        }
        let note = note::open(text).map_err(|what| wrong(name, what))?;
        let origin = self.anchor.cosigned.body.lines().next().unwrap_or_default();
        let cosigned = self
            .trust
            .policy
            .check(&note, origin, self.strictness)
            .map_err(|finding| wrong(name, finding))?;
        let (newest, shown) = (self.anchor.cosigned.checkpoint, cosigned.checkpoint);
        if shown.size > newest.size || (shown.size == newest.size && shown.root != newest.root) {
            return Err(wrong(
                name,
                "its checkpoint is newer than the bundle's, or contradicts it",
            ));
        }
        self.checked.insert(key, (shown, cosigned.time));
        Ok((shown, cosigned.time))
    }

    /// When witnesses saw the log without the event.
    fn before(
        &mut self,
        bag: &mut Bag<'_>,
        seq: Seq,
        event: &Event,
    ) -> Result<Option<LogTime>, Failure> {
        let name = names::before(seq);
        if !bag.has(&name) {
            return Ok(None);
        }
        let text = bag.text(&name, Code::TimeProof)?;
        let (checkpoint, time) = self.cosigned(&name, &text)?;
        if checkpoint.size.holds(event.index) {
            return Err(wrong(&name, "the event stands in this checkpoint already"));
        }
        Ok(time)
    }

    /// When witnesses saw the log with the event.
    fn after(
        &mut self,
        bag: &mut Bag<'_>,
        seq: Seq,
        event: &Event,
    ) -> Result<Option<LogTime>, Failure> {
        let name = names::after(seq);
        if !bag.has(&name) {
            return Ok(None);
        }
        let text = bag.text(&name, Code::TimeProof)?;
        let proof = proof::parse(&text).map_err(|what| wrong(&name, what))?;
        let (checkpoint, time) = self.cosigned(&name, proof.note)?;
        let root = proof::root_by_inclusion(event.leaf, proof.index, checkpoint.size, &proof.path);
        if proof.index != event.index || root != Some(checkpoint.root) {
            return Err(wrong(
                &name,
                "the event does not stand in this checkpoint at its place",
            ));
        }
        Ok(time)
    }
}

/// What contradicts the time that an event states; `after` is the time of the first checkpoint with
/// it, where the bundle encloses that.
fn contradictions(
    stated: LogTime,
    window: Window,
    after: Option<LogTime>,
) -> impl Iterator<Item = (Code, String)> {
    let backdated = window
        .not_before
        .filter(|before| stated.later(BACKDATED_SECONDS_MAX) < *before);
    let ahead = window
        .not_after
        .filter(|after| stated > after.later(CLOCK_SKEW_MAX_SECONDS));
    let late = after.filter(|after| after.since(stated) > SEALED_WITHIN_SECONDS);
    [
        backdated.map(|before| {
            (
                Code::TimeBackdated,
                format!("at {before} witnesses saw the log without it"),
            )
        }),
        ahead.map(|after| {
            (
                Code::TimeAfterCosignature,
                format!("at {after} witnesses had seen it"),
            )
        }),
        late.map(|after| {
            (
                Code::TimeSealedLate,
                format!("at {after}, more than a day later, witnesses saw it first"),
            )
        }),
    ]
    .into_iter()
    .flatten()
}
