//! V9: whatever an event does not show must be erased by an event or listed as withheld. Nothing
//! may be both erased and shown.

use std::collections::{BTreeMap, BTreeSet};

use super::bag::{Bag, EVENT_BYTES_MAX};
use super::description::Redactions;
use super::disclosure::{self, Payload, Shown, Value};
use super::events::Event;
use super::names;
use super::verdict::Reference;
use crate::code::{Code, Finding};
use crate::files::Failure;
use crate::json::Json;
use crate::position::Seq;
use crate::tree::Hash;

/// An event as the bundle shows it.
pub(super) struct Opened {
    pub(super) payload: Option<Payload>,
    pub(super) values: Vec<Value>,
    pub(super) withheld: u64,
    pub(super) erased: u64,
    /// Parts and chunks that later events erase as a whole.
    pub(super) erased_parts: BTreeSet<u64>,
}

/// What later events erase of one event.
#[derive(Default)]
struct Erased {
    parts: BTreeSet<u64>,
    values: BTreeMap<Hash, u64>,
}

pub(super) fn check(
    bag: &mut Bag<'_>,
    events: &[Event],
    redactions: &Redactions,
) -> Result<Vec<Opened>, Failure> {
    if let Some(seq) = redactions
        .keys()
        .find(|seq| seq.offset().is_none_or(|offset| offset >= events.len()))
    {
        return Err(Failure::of(
            Code::RedactionManifest,
            format!("there is no sequence {seq}"),
        ));
    }
    let erasures = erasures(events)?;
    let (nothing, none) = (Erased::default(), BTreeMap::new());
    let mut shown = Vec::new();
    for (seq, event) in Seq::all().zip(events) {
        let text = bag.text_of(&names::event(seq), EVENT_BYTES_MAX, Code::SdFormat)?;
        shown.push(disclosure::read(
            seq,
            &text,
            event.digest,
            event.clear.blobs.len(),
        )?);
    }
    let mut opened = Vec::new();
    for (seq, shown) in Seq::all().zip(shown) {
        let (erased, withheld) = (
            erasures.get(&seq).unwrap_or(&nothing),
            redactions.get(&seq).unwrap_or(&none),
        );
        scope(seq, &shown, erased)?;
        opened.push(explained(seq, shown, erased, withheld)?);
    }
    Ok(opened)
}

/// Collects what the events erase in their own stream, and checks that it exists.
fn erasures(events: &[Event]) -> Result<BTreeMap<Seq, Erased>, Finding> {
    let mut found: BTreeMap<Seq, Erased> = BTreeMap::new();
    for (by, event) in Seq::all().zip(events) {
        let wrong = |what: String| {
            Err(Finding::of(
                Code::ErasureScope,
                format!("sequence {by}: {what}"),
            ))
        };
        let clear = &event.clear;
        let places = clear
            .erased
            .iter()
            .map(|(seq, part, _)| (*seq, *part))
            .chain(clear.replaced.iter().map(|(seq, part, _)| (*seq, *part)));
        for (seq, part) in places {
            let target = seq
                .offset()
                .and_then(|offset| events.get(offset))
                .filter(|_| seq < by);
            if target.is_none_or(|target| part >= target.clear.blobs.len() as u64) {
                return wrong(format!(
                    "it erases sequence {seq}, part {part}, which does not exist in front of it"
                ));
            }
        }
        let replaced = |seq: Seq, part: u64| {
            clear
                .replaced
                .iter()
                .any(|row| (row.0, row.1) == (seq, part))
        };
        for (seq, part, digest) in &clear.erased {
            let erased = found.entry(*seq).or_default();
            match digest {
                None => drop(erased.parts.insert(*part)),
                Some(_) if !replaced(*seq, *part) => {
                    return wrong("a value is erased without a replacement of its part".into());
                }
                Some(digest) => drop(erased.values.insert(*digest, *part)),
            }
        }
        let alone = clear.replaced.iter().any(|(seq, part, _)| {
            !clear
                .erased
                .iter()
                .any(|row| (row.0, row.1) == (*seq, *part) && row.2.is_some())
        });
        if alone {
            return wrong("a part is replaced without an erased value".into());
        }
    }
    Ok(found)
}

/// An erased value is one of the event's, in the part named, where the payload tells.
fn scope(seq: Seq, shown: &Shown, erased: &Erased) -> Result<(), Finding> {
    if shown.payload.is_none() {
        return Ok(());
    }
    let part_of = |digest: &Hash| {
        shown
            .digests
            .get(digest)
            .or_else(|| shown.missing.get(digest))
    };
    match erased
        .values
        .iter()
        .find(|(digest, part)| part_of(digest) != Some(part))
    {
        None => Ok(()),
        Some(_) => Err(Finding::of(
            Code::ErasureScope,
            format!("sequence {seq}: an erased value is none of the event's"),
        )),
    }
}

/// Nothing shown is erased; everything not shown is erased or withheld.
fn explained(
    seq: Seq,
    shown: Shown,
    erased: &Erased,
    withheld: &BTreeMap<Hash, String>,
) -> Result<Opened, Finding> {
    let wrong = |code: Code, what: &str| Err(Finding::of(code, format!("sequence {seq}: {what}")));
    if shown.parts.iter().any(|part| erased.parts.contains(part))
        || shown
            .digests
            .keys()
            .any(|digest| erased.values.contains_key(digest))
    {
        return wrong(
            Code::ErasedButPresent,
            "something is shown that an event of this stream has erased",
        );
    }
    if withheld
        .keys()
        .any(|digest| !shown.missing.contains_key(digest))
    {
        return wrong(
            Code::RedactionManifest,
            "it lists a digest that the event does not have, or whose value is shown",
        );
    }
    let (mut erased_count, mut withheld_count) = (0, 0);
    for (digest, part) in &shown.missing {
        if erased.parts.contains(part) || erased.values.contains_key(digest) {
            erased_count += 1;
        } else if withheld.contains_key(digest) {
            withheld_count += 1;
        } else {
            return wrong(
                Code::SdUndeclaredOmission,
                "something is not shown, and it is neither erased nor listed as withheld",
            );
        }
    }
    Ok(Opened {
        payload: shown.payload,
        values: shown.values,
        withheld: withheld_count,
        erased: erased_count,
        erased_parts: erased.parts.clone(),
    })
}

/// The fields in which a first event states the number of its case.
const CASE_NUMBERS: [&str; 2] = ["case_number", "sagsnr"];
/// The field in which a look-up states the stream that was looked at.
const TARGET: &str = "target";
/// Streams that are not about a case, so that nothing binds them to one.
const NO_CASES: [&str; 3] = ["notification", "person", "system"];

/// What binds the random id of a stream to a case: its number or, where none is recorded, its
/// child. A stream of look-ups is bound by the stream that was looked at.
#[derive(Default)]
pub(super) struct Binding {
    pub(super) number: Option<String>,
    pub(super) child: Option<String>,
    pub(super) target: Option<String>,
    pub(super) missing: bool,
}

/// The stream that was looked at: one, however often.
fn looked_at(opened: &[Opened]) -> Result<Binding, Finding> {
    let mut found: Option<String> = None;
    for (seq, event) in Seq::all().zip(opened) {
        let shown = event
            .values
            .iter()
            .filter(|value| value.field == TARGET && crate::entry::id(&value.json).is_some());
        for target in shown.filter_map(|value| value.json.text()) {
            if found.get_or_insert_with(|| target.to_owned()) != target {
                return Err(Finding::of(
                    Code::StreamId,
                    format!(
                        "sequence {seq}: it tells of a look at another stream than those before"
                    ),
                ));
            }
        }
    }
    Ok(Binding {
        missing: found.is_none(),
        target: found,
        ..Binding::default()
    })
}

pub(super) fn binding(opened: &[Opened], accesses: bool) -> Result<Binding, Finding> {
    if accesses {
        looked_at(opened)
    } else {
        Ok(of_case(opened))
    }
}

fn of_case(opened: &[Opened]) -> Binding {
    let nothing = Binding {
        missing: true,
        ..Binding::default()
    };
    let Some(first) = opened.first() else {
        return nothing;
    };
    let Some(payload) = &first.payload else {
        return nothing;
    };
    let shown = |field: &str| {
        first
            .values
            .iter()
            .find(|value| value.field == field)
            .map(|value| &value.json)
    };
    let number = CASE_NUMBERS
        .iter()
        .find_map(|field| shown(field)?.text())
        .map(str::to_owned);
    let child = shown("child")
        .and_then(|child| child.object()?.get("person")?.text())
        .map(str::to_owned);
    let numbered = payload.parts.iter().any(|part| {
        CASE_NUMBERS
            .iter()
            .any(|field| part.fields.contains_key(*field))
    });
    let about_a_case = payload
        .parts
        .first()
        .is_none_or(|part| !NO_CASES.contains(&part.who.as_str()));
    let bound = number.is_some() || (!numbered && child.is_some());
    Binding {
        number,
        child,
        target: None,
        missing: about_a_case && !bound,
    }
}

/// Every person whom an event names, by a value or by a part about them, with the first event that
/// does.
pub(super) fn people(opened: &[Opened]) -> BTreeMap<String, Seq> {
    let mut found = BTreeMap::new();
    for (from, event) in Seq::all().zip(opened) {
        let parts = event
            .payload
            .iter()
            .flat_map(|payload| &payload.parts)
            .filter_map(|part| part.who.split_once(':'));
        let mut named: BTreeSet<&str> = parts
            .map(|(_, person)| person)
            .filter(|person| crate::entry::is_id(person))
            .collect();
        event
            .values
            .iter()
            .for_each(|value| persons(&value.json, &mut named));
        for person in named {
            found.entry(person.to_owned()).or_insert(from);
        }
    }
    found
}

fn persons<'a>(json: &'a Json, found: &mut BTreeSet<&'a str>) {
    match json {
        Json::List(items) => items.iter().for_each(|item| persons(item, found)),
        Json::Object(members) => {
            found.extend(
                members
                    .get("person")
                    .and_then(Json::text)
                    .filter(|person| crate::entry::is_id(person)),
            );
            members.values().for_each(|value| persons(value, found));
        }
        _ => {}
    }
}

/// Every reference of a shown value to an event of another stream.
pub(super) fn references(opened: &[Opened], own: &str) -> Vec<Reference> {
    let mut found = BTreeSet::new();
    for (from, event) in Seq::all().zip(opened) {
        for value in &event.values {
            collect(&value.json, own, from, &mut found);
        }
    }
    found.into_iter().collect()
}

fn collect(json: &Json, own: &str, from: Seq, found: &mut BTreeSet<Reference>) {
    match json {
        Json::List(items) => items
            .iter()
            .for_each(|item| collect(item, own, from, found)),
        Json::Object(members) => {
            let text = |name: &str| {
                members
                    .get(name)
                    .filter(|value| crate::entry::id(value).is_some())
                    .and_then(Json::text)
            };
            if let (Some(stream), Some(event)) = (text("stream"), text("event"))
                && stream != own
            {
                found.insert(Reference {
                    stream: stream.to_owned(),
                    event: event.to_owned(),
                    from,
                });
            }
            members
                .values()
                .for_each(|value| collect(value, own, from, found));
        }
        _ => {}
    }
}
