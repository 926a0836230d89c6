//! The answer, as lines for people and as JSON for programs.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};
use verify::bundle::{EventLine, Note, Stamp, Untimely, Verdict};
use verify::code::{Code, Finding};
use verify::dossier::DossierVerdict;
use verify::explain::{Explanation, Language, explain};
use verify::position::LogTime;

use crate::cli::{EXIT_CLEAN, EXIT_NOTES, EXIT_WRONG};

pub(crate) enum Answer {
    Bundle(Box<Verdict>),
    Dossier(DossierVerdict),
    Wrong(Finding),
}

/// A time as a UTC instant.
fn instant(time: LogTime) -> String {
    let instant = i64::try_from(time.get())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    instant.map_or_else(|| time.to_string(), |instant| instant.to_string())
}

/// A number of things, in the singular where it is one.
fn count(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// What a code means, as lines below its name.
pub(crate) fn explanation(code: Code, texts: Explanation, language: Language) -> Vec<String> {
    let (means, not, next) = match language {
        Language::Danish => ("Betyder", "Betyder ikke", "Gør nu"),
        Language::English => ("Means", "Does not mean", "Do next"),
    };
    vec![
        code.to_string(),
        format!("  {means}: {}", texts.means),
        format!("  {not}: {}", texts.not),
        format!("  {next}: {}", texts.next),
    ]
}

impl Answer {
    /// Events whose stated times are contradicted, each with its stream where there are several.
    fn untimely(&self) -> Vec<(Option<&str>, &Untimely)> {
        match self {
            Self::Bundle(verdict) => verdict
                .untimely
                .iter()
                .map(|untimely| (None, untimely))
                .collect(),
            Self::Dossier(verdict) => verdict
                .untimely()
                .map(|(stream, untimely)| (Some(stream), untimely))
                .collect(),
            Self::Wrong(_) => Vec::new(),
        }
    }

    fn notes(&self) -> &[Note] {
        match self {
            Self::Bundle(verdict) => &verdict.notes,
            Self::Dossier(verdict) => &verdict.notes,
            Self::Wrong(_) => &[],
        }
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Wrong(_) => EXIT_WRONG,
            _ if !self.untimely().is_empty() => EXIT_WRONG,
            _ if self.notes().is_empty() => EXIT_CLEAN,
            _ => EXIT_NOTES,
        }
    }

    pub(crate) fn lines(&self, language: Language) -> Vec<String> {
        let untimely = self.untimely();
        let holds = if untimely.is_empty() {
            "OK"
        } else {
            "Everything else holds:"
        };
        let mut lines = failures(&untimely, language);
        lines.extend(match self {
            Self::Wrong(finding) => {
                let mut lines = vec![format!("FAIL {} {}", finding.code, detail(finding))];
                lines.extend(
                    explanation(finding.code, explain(finding.code, language), language)
                        .into_iter()
                        .skip(1),
                );
                return lines;
            }
            Self::Bundle(verdict) => bundle_lines(verdict, holds),
            Self::Dossier(verdict) => dossier_lines(verdict, holds),
        });
        lines.extend(
            self.notes()
                .iter()
                .map(|note| format!("NOTE {} {}", note.code, note.detail)),
        );
        lines
    }

    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Wrong(finding) => {
                let (code, detail) = (finding.code.as_str(), detail(finding));
                json!({ "answer": "FAIL", "code": code, "detail": detail, "findings": [{ "code": code, "detail": detail, "seq": null, "stream": null }] })
            }
            Self::Bundle(verdict) => self.with_answer(bundle_json(verdict, &[("notes", notes_json(&verdict.notes))])),
            Self::Dossier(verdict) => self.with_answer(json!({
                "origin": verdict.origin,
                "case": verdict.case,
                "bundles": verdict.bundles.iter().map(|(role, verdict)| bundle_json(verdict, &[("role", json!(role))])).collect::<Vec<_>>(),
                "documents": verdict.documents,
                "pins": verdict.occasions.iter().map(|(what, position)| json!({ "what": what, "position": position })).collect::<Vec<_>>(),
                "renderings_without_evidence": verdict.renderings,
                "notes": notes_json(&verdict.notes),
            })),
        }
    }

    /// Puts the answer itself in front of what is proven; the first failure where one is asked for.
    fn with_answer(&self, mut value: Value) -> Value {
        let findings: Vec<Value> = self
            .untimely()
            .into_iter()
            .map(|(stream, Untimely { seq, finding })| {
                json!({ "code": finding.code.as_str(), "detail": detail(finding), "seq": seq, "stream": stream })
            })
            .collect();
        if let Some(members) = value.as_object_mut() {
            members.insert(
                "answer".to_owned(),
                json!(if findings.is_empty() { "OK" } else { "FAIL" }),
            );
            if let Some(first) = findings.first() {
                members.insert("code".to_owned(), first["code"].clone());
                members.insert("detail".to_owned(), first["detail"].clone());
            }
            members.insert("findings".to_owned(), json!(findings));
        }
        value
    }
}

/// A line for each event whose time is contradicted, behind each last one of its kind what that
/// means.
fn failures(untimely: &[(Option<&str>, &Untimely)], language: Language) -> Vec<String> {
    let codes: BTreeSet<Code> = untimely
        .iter()
        .map(|(_, untimely)| untimely.finding.code)
        .collect();
    let mut lines = Vec::new();
    for code in codes {
        let of_code = untimely
            .iter()
            .filter(|(_, untimely)| untimely.finding.code == code);
        lines.extend(of_code.map(|(stream, untimely)| {
            let stream = stream
                .map(|stream| format!("stream {stream}, "))
                .unwrap_or_default();
            format!("FAIL {code} {stream}{}", detail(&untimely.finding))
        }));
        lines.extend(
            explanation(code, explain(code, language), language)
                .into_iter()
                .skip(1),
        );
    }
    lines
}

fn detail(finding: &Finding) -> String {
    match finding.index {
        Some(index) => format!("entry {index}: {}", finding.detail),
        None => finding.detail.clone(),
    }
}

fn notes_json(notes: &[Note]) -> Value {
    notes
        .iter()
        .map(|note| json!({ "code": note.code.as_str(), "detail": note.detail }))
        .collect()
}

fn bundle_lines(verdict: &Verdict, holds: &str) -> Vec<String> {
    let mut lines = vec![format!(
        "{holds} {} of stream {} in {}",
        count(verdict.events.len() as u64, "event"),
        verdict.stream,
        verdict.origin
    )];
    lines.extend(details(verdict));
    lines
}

fn details(verdict: &Verdict) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(number) = &verdict.case_number {
        lines.push(format!("  case {number}"));
    }
    if let Some(child) = &verdict.child {
        lines.push(format!("  about the child {child}"));
    }
    if let Some(target) = &verdict.target {
        lines.push(format!("  looks at the stream {target}"));
    }
    let when = verdict
        .witnessed
        .map_or("at no proven time".to_owned(), instant);
    lines.push(format!(
        "  checkpoint of {} entries, root {}",
        verdict.size, verdict.root
    ));
    lines.push(format!(
        "  cosigned {when} by {}; nothing newer is spoken of",
        verdict.witnesses.join(", ")
    ));
    if let Some(name) = &verdict.verifying {
        lines.push(format!(
            "  complete up to there by the word of {name}, which reads every entry"
        ));
    }
    lines.extend(verdict.events.iter().map(event_line));
    let present = verdict
        .documents
        .iter()
        .filter(|document| document.present)
        .count();
    if present > 0 {
        lines.push(format!(
            "  enclosed as filed: {}",
            count(present as u64, "document")
        ));
    }
    if verdict.receipts > 0 {
        lines.push(format!("  {} compared", count(verdict.receipts, "receipt")));
    }
    lines.extend(verdict.stamps.iter().map(stamp_line));
    lines
}

fn event_line(event: &EventLine) -> String {
    let mut line = format!(
        "  {:>4}  {}  {}",
        event.seq,
        instant(event.recorded),
        event.kind.as_deref().unwrap_or("(not shown)")
    );
    line += &format!("  {} shown", event.disclosed);
    for (count, what) in [(event.withheld, "withheld"), (event.erased, "erased")] {
        if count > 0 {
            line += &format!(", {count} {what}");
        }
    }
    let side = |time: Option<LogTime>| time.map_or("?".to_owned(), instant);
    line += &format!(
        "  proven between {} and {}",
        side(event.not_before),
        side(event.not_after)
    );
    if let Some(stamped) = event.stamped {
        line += &format!(", stamped by {}", instant(stamped));
    }
    if let Some(occurred) = &event.occurred {
        line += &format!("; says that it took place {occurred}");
    }
    if let Some(stated) = &event.stated {
        line += &format!("; its source states {stated}, which is not proven");
    }
    line
}

fn stamp_line(stamp: &Stamp) -> String {
    let Stamp {
        file,
        size,
        time,
        issuer_checked,
    } = stamp;
    let by = if *issuer_checked {
        ", its issuer was checked"
    } else {
        ""
    };
    format!(
        "  time stamp {file} over {size} entries states {}{by}",
        instant(*time)
    )
}

fn dossier_lines(verdict: &DossierVerdict, holds: &str) -> Vec<String> {
    let mut lines = vec![format!(
        "{holds} {} of the case {} in {}",
        count(verdict.bundles.len() as u64, "bundle"),
        verdict.case,
        verdict.origin
    )];
    for (role, bundle) in &verdict.bundles {
        lines.push(format!(
            "  {role}: {} of stream {}",
            count(bundle.events.len() as u64, "event"),
            bundle.stream
        ));
        lines.extend(details(bundle).into_iter().map(|line| format!("  {line}")));
    }
    for (what, position) in &verdict.occasions {
        lines.push(format!(
            "  pinned to the {what}, entry {position} of the log"
        ));
    }
    lines.push(format!(
        "  enclosed as filed beside the bundles: {}",
        count(verdict.documents, "document")
    ));
    if !verdict.renderings.is_empty() {
        lines.push(format!(
            "  without evidence, for reading only: {}",
            verdict.renderings.join(", ")
        ));
    }
    lines
}

fn bundle_json(verdict: &Verdict, more: &[(&str, Value)]) -> Value {
    let events = verdict.events.iter().map(|event| {
        json!({
            "seq": event.seq, "index": event.index, "id": event.id, "leaf": event.leaf, "type": event.kind,
            "recorded": instant(event.recorded), "not_before": event.not_before.map(instant), "not_after": event.not_after.map(instant), "stamped": event.stamped.map(instant),
            "occurred": event.occurred, "stated": event.stated, "shown": event.disclosed, "withheld": event.withheld, "erased": event.erased,
        })
    });
    let documents = verdict
        .documents
        .iter()
        .map(|document| json!({ "sha256": document.sha256, "size": document.size, "seq": document.seq, "present": document.present }));
    let references =
        verdict.references.iter().map(|reference| json!({ "stream": reference.stream, "event": reference.event, "from": reference.from }));
    let stamps = verdict.stamps.iter().map(
        |stamp| json!({ "file": stamp.file, "size": stamp.size, "time": instant(stamp.time), "issuer_checked": stamp.issuer_checked }),
    );
    let mut value = json!({
        "origin": verdict.origin, "stream": verdict.stream, "case_number": verdict.case_number, "child": verdict.child, "target": verdict.target,
        "size": verdict.size, "root": verdict.root, "witnesses": verdict.witnesses,
        "witnessed": verdict.witnessed.map(instant), "verifying": verdict.verifying,
        "events": events.collect::<Vec<_>>(), "documents": documents.collect::<Vec<_>>(),
        "references": references.collect::<Vec<_>>(), "receipts": verdict.receipts, "stamps": stamps.collect::<Vec<_>>(),
    });
    if let Some(members) = value.as_object_mut() {
        members.extend(
            more.iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone())),
        );
    }
    value
}
