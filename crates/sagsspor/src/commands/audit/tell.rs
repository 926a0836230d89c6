//! What an audit tells: lines for people, JSON for programs.

use serde_json::{Value, json};

use super::{Audited, Clean, Outcome};
use crate::text::terminal;

/// What the name of an archive ends in; the line about the archive says more.
const ARCHIVE: &str = "/archive";

/// The readable report.
pub(crate) fn lines(clean: &Clean) -> Vec<String> {
    let report = &clean.report;
    let mut lines = vec![
        "OK: nothing was altered, removed, reordered or added unseen".to_owned(),
        format!(
            "  entries      {:>8}  ({} events in {} streams)",
            report.entries, report.events, report.streams
        ),
        format!("  ciphertexts  {:>8}", report.blobs),
        format!("  bytes hashed {:>8}", report.bytes),
        format!(
            "  checkpoint   {:>8}  root {}",
            report.checkpoint_size, report.root
        ),
    ];
    if !report.before.is_empty() {
        lines.push(format!(
            "  of these     {:>8}  checked by an earlier audit, whose state was taken up",
            report.before
        ));
    }
    for anchor in report
        .anchors
        .iter()
        .filter(|anchor| !anchor.origin.ends_with(ARCHIVE))
    {
        lines.push(format!(
            "  anchors      {:>8}  entries of {}",
            anchor.size, anchor.origin
        ));
    }
    if report.tail > 0 {
        lines.push(format!(
            "  behind it    {:>8}  checked, not vouched for yet",
            report.tail
        ));
    }
    for hole in &report.holes {
        let what = hole.values.map_or_else(
            || "erased".to_owned(),
            |values| format!("{values} value(s) erased"),
        );
        lines.push(format!(
            "  hole: stream {} event {} part {}: {what} by entry {}",
            hole.stream, hole.seq, hole.part, hole.erased_by
        ));
    }
    lines.extend(clean.derived.lines.iter().cloned());
    if let Some(bytes) = clean.state {
        lines.push(format!(
            "  state        {bytes:>8}  bytes written, for the next audit"
        ));
    }
    lines.extend(
        report
            .notes
            .iter()
            .chain(&clean.derived.notes)
            .map(|note| format!("  note: {note}")),
    );
    for (code, what) in &clean.derived.wrong {
        lines.push(format!(
            "FAIL {}: {what}\n  {}",
            code.as_str(),
            code.meaning()
        ));
    }
    lines
}

/// Tells what was found in a log; answers whether it is in order.
pub(super) fn tell(audited: &Audited, as_json: bool) -> bool {
    let Audited {
        origin,
        outcome,
        notes,
        key_given,
    } = audited;
    if as_json {
        let mut value = as_value(origin, outcome);
        let known = value.get_mut("notes").and_then(Value::as_array_mut);
        match known {
            Some(known) => known.extend(notes.iter().map(|note| json!(note))),
            None => drop(
                value
                    .as_object_mut()
                    .map(|members| members.insert("notes".to_owned(), json!(notes))),
            ),
        }
        let from = if *key_given {
            "given"
        } else {
            "beside the log"
        };
        drop(
            value
                .as_object_mut()
                .map(|members| members.insert("verifierKey".to_owned(), json!(from))),
        );
        terminal::say(&value.to_string());
    } else {
        terminal::say(origin);
        match outcome {
            Outcome::Clean(clean) => lines(clean).iter().for_each(|line| terminal::say(line)),
            Outcome::Wrong { code, message } => {
                terminal::say(&format!("FAIL {message}\n  {}", code.meaning()));
            }
        }
        notes
            .iter()
            .for_each(|note| terminal::say(&format!("  note: {note}")));
    }
    matches!(outcome, Outcome::Clean(clean) if clean.derived.wrong.is_empty())
}

pub(crate) fn as_value(origin: &str, outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Clean(clean) => {
            let report = &clean.report;
            let holes: Vec<_> = report
                .holes
                .iter()
                .map(|hole| json!({ "stream": hole.stream, "seq": hole.seq, "part": hole.part, "values": hole.values, "erasedBy": hole.erased_by }))
                .collect();
            let derived: Vec<_> = clean
                .derived
                .wrong
                .iter()
                .map(|(code, what)| json!({ "code": code.as_str(), "message": what, "meaning": code.meaning() }))
                .collect();
            let anchors: Vec<_> = report
                .anchors
                .iter()
                .map(|anchor| json!({ "log": anchor.origin, "size": anchor.size }))
                .collect();
            let notes: Vec<_> = report.notes.iter().chain(&clean.derived.notes).collect();
            json!({
                "ok": derived.is_empty(), "derived": derived, "log": origin, "entries": report.entries, "events": report.events, "streams": report.streams,
                "blobs": report.blobs, "bytes": report.bytes, "checkpoint": report.checkpoint_size, "root": report.root,
                "before": report.before, "tail": report.tail, "stateBytes": clean.state, "holes": holes, "anchors": anchors, "notes": notes,
            })
        }
        Outcome::Wrong { code, message } => {
            json!({ "ok": false, "log": origin, "code": code.as_str(), "message": message, "meaning": code.meaning() })
        }
    }
}
