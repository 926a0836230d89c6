//! The readable side of a dossier: one page that needs no program and prints well. It shows exactly
//! the values that the evidence discloses, and is no evidence itself. It reads nothing from the log:
//! what it shows is gathered before.

mod article;
mod names;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use events::event::spec_of;
use events::ids::{EventId, StreamId};
use events::labels::{self, Language};
use events::parts::meta;
use events::personal::Gap;
use events::raw::{RawElement, RawEvent};
use events::spec::StreamKind;
use events::time::Occurred;
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, html};
use record::hash::Hash;
use record::positions::{LogIndex, Seq, Size};

use self::names::{Names, plain};
use super::documents::DocumentFile;
use super::{Pin, appeal::Chapter};
use crate::evidence::bundle::Withheld;
use crate::evidence::markup::printable;

/// An event of the dossier.
pub(super) struct PageEvent {
    pub(super) stream: StreamId,
    pub(super) kind: StreamKind,
    pub(super) index: LogIndex,
    pub(super) seq: Seq,
    pub(super) event: EventId,
    pub(super) payload: Hash,
    pub(super) recorded_at: Timestamp,
    /// Missing when the event's own part is erased.
    pub(super) raw: Option<RawEvent>,
}

impl PageEvent {
    /// Its place on the page. The sequence number is not shown, but orders what was recorded in one
    /// commit.
    pub(super) const fn order(&self) -> (LogIndex, Seq) {
        (self.index, self.seq)
    }
}

/// The state of the log that the dossier was made at.
pub(super) struct LogState<'a> {
    pub(super) origin: &'a str,
    pub(super) size: Size,
    pub(super) root: &'a Hash,
    /// Whether enough witnesses have cosigned it.
    pub(super) witnessed: bool,
}

/// What the page is made of.
pub(super) struct Page<'a> {
    pub(super) log: LogState<'a>,
    pub(super) case: StreamId,
    pub(super) recipient: &'a str,
    /// Every event of the dossier, in log order.
    pub(super) events: &'a [PageEvent],
    pub(super) withheld: &'a BTreeMap<StreamId, Withheld>,
    pub(super) chapters: &'a [Chapter],
    /// The decision and the complaint that the file is pinned to.
    pub(super) pins: &'a [Pin],
    pub(super) files: &'a [DocumentFile],
}

/// The page forbids itself every request: what it shows must not depend on a network.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// Must hold none of `<`, `>`, `&` and `"`: it is escaped like every other text.
const STYLE: &str = "body{font:11pt/1.45 Georgia,serif;max-width:46em;margin:2em auto;padding:0 1em;color:#111}\
h1{font-size:1.6em}h2{font-size:1.25em;border-bottom:1px solid #888;margin-top:2em}h3{font-size:1em;margin:1.4em 0 .2em}\
.m{color:#444;font-size:.88em}.w{background:#eee;border-left:3px solid #555;padding:0 .5em}.g{color:#555;font-style:italic}\
dl{display:grid;grid-template-columns:13em 1fr;gap:.1em 1em;margin:.3em 0}dt{color:#333}dt.p{grid-column:1/-1;font-style:italic}dd{margin:0}code{font-size:.85em;overflow-wrap:anywhere}\
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;text-align:left;padding:.2em .6em .2em 0;vertical-align:top}\
article{break-inside:avoid}a{color:inherit}td a,dd a,li a{display:inline-block;min-height:24px}dd p{margin:0}dd,td,li{overflow-wrap:anywhere}\
@media(max-width:36em){dl{grid-template-columns:minmax(0,1fr)}dt{font-weight:bold;margin-top:.3em}table,tbody,tr,th,td{display:block}}\
@media print{body{margin:0;max-width:none}@page{margin:18mm}}";

/// An instant by the clock of Denmark.
fn local(at: Timestamp, language: Language) -> String {
    labels::moment(language, Occurred::At(at))
}

impl Page<'_> {
    /// The page in one language.
    pub(super) fn render(&self, language: Language) -> String {
        let names = Names::of(self);
        let title = language.pick("Sagens akter", "Dossier of a case");
        let page = html! {
            (DOCTYPE)
            html lang=(language.code()) {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="viewport" content="width=device-width";
                    title { (title) }
                    style { (STYLE) }
                }
                body {
                    header {
                        h1 { (title) }
                        (self.cover(language))
                    }
                    main {
                        (self.contents(language))
                        (self.documents(language))
                        h2 { (language.pick("Hele forløbet", "The whole trail")) }
                        @for event in self.events { (self.article(event, &names, language)) }
                    }
                }
            }
        };
        printable(page)
    }

    fn cover(&self, language: Language) -> Markup {
        let purpose = language.pick(
            "Denne side er til at læse. Beviset er filerne i mappen bundles: de kan efterprøves med programmet sagsspor-verify, uden forbindelse til kommunen.",
            "This page is for reading. The evidence is the files in the folder bundles: sagsspor-verify checks them, without any connection to the municipality.",
        );
        let case_number = self
            .case_number()
            .unwrap_or_else(|| language.pick("ikke oplyst", "not stated").to_owned());
        let vouched = if self.log.witnessed {
            language.pick("ja", "yes")
        } else {
            language.pick(
                "nej, kun underskrevet af kommunen",
                "no, signed by the municipality only",
            )
        };
        html! {
            p { (purpose) }
            dl {
                dt { (language.pick("Til", "For")) } dd { bdi { (self.recipient) } }
                dt { (language.pick("Sagsnummer", "Case number")) } dd { bdi { (case_number) } }
                dt { (language.pick("Sagens id", "Stream of the case")) } dd { code { (self.case) } }
                dt { (language.pick("Logbog", "Log")) } dd { (self.log.origin) }
                dt { (language.pick("Registreringer i logbogen", "Entries in the log")) }
                dd { (self.log.size) }
                dt { (language.pick("Logbogens fingeraftryk", "Root of the log")) }
                dd { code { (self.log.root.to_hex()) } }
                dt { (language.pick("Bevidnet", "Cosigned by witnesses")) } dd { (vouched) }
                @for pin in self.pins {
                    dt { (pin.title(language)) } dd { "position " (pin.index) }
                }
            }
        }
    }

    /// Where the things stand that the Appeals Board is always sent.
    fn contents(&self, language: Language) -> Markup {
        if self.chapters.is_empty() {
            return html! {};
        }
        html! {
            h2 { (language.pick("Akter, der altid medsendes", "What is always sent")) }
            table {
                @for chapter in self.chapters {
                    tr {
                        th scope="row" { (language.pick(chapter.danish, chapter.english)) }
                        td { (self.chapter(chapter, language)) }
                    }
                }
            }
        }
    }

    fn chapter(&self, chapter: &Chapter, language: Language) -> Markup {
        let found: Vec<_> = self
            .events
            .iter()
            .filter(|event| chapter.events.contains(&event.event))
            .collect();
        html! {
            @if found.is_empty() {
                span.g { (language.pick("ingen", "none")) }
            }
            @for (place, event) in found.into_iter().enumerate() {
                @if place > 0 { br; }
                a href={ "#e" (event.index) } {
                    (self.heading(event, language)) " · " (self.time(event, language))
                }
            }
        }
    }

    fn documents(&self, language: Language) -> Markup {
        if self.files.is_empty() {
            return html! {};
        }
        html! {
            h2 { (language.pick("Dokumenter", "Documents")) }
            ul {
                @for file in self.files {
                    li { a href=(file.path) { bdi { (file.title) } } " " code { (file.sha256) } }
                }
            }
        }
    }

    /// The number that the opening of the case states, as far as the dossier discloses it.
    fn case_number(&self) -> Option<String> {
        let opening = self.events.iter().find(|event| {
            event.stream == self.case && event.seq == Seq::FIRST && !self.whole(event)
        })?;
        let parts = &opening.raw.as_ref()?.parts;
        let element = parts.first()?.fields.get("case_number")?.first()?;
        let shown = element
            .value
            .as_ref()
            .ok()
            .filter(|_| !self.hides(opening, element));
        shown.map(plain)
    }

    fn heading(&self, event: &PageEvent, language: Language) -> String {
        let Some(raw) = &event.raw else {
            return labels::gap_text(language, Gap::Erased).to_owned();
        };
        if self.whole(event) {
            return labels::gap_text(language, Gap::Withheld).to_owned();
        }
        let Some(spec) = spec_of(&raw.kind) else {
            return raw.kind.clone();
        };
        match language {
            Language::Danish => spec.danish.to_owned(),
            Language::English => spec.doc.trim().trim_end_matches('.').to_owned(),
        }
    }

    /// When it took place, where that is disclosed; else when it was recorded.
    fn time(&self, event: &PageEvent, language: Language) -> String {
        let occurred = event
            .raw
            .as_ref()
            .filter(|_| !self.whole(event))
            .and_then(meta)
            .map(|meta| meta.occurred);
        occurred.map_or_else(
            || local(event.recorded_at, language),
            |occurred| labels::moment(language, occurred),
        )
    }

    fn reason(&self, event: &PageEvent, digest: &Hash) -> Option<&str> {
        self.withheld
            .get(&event.stream)?
            .reason(event.event, digest)
    }

    /// Whether the event is withheld as a whole.
    fn whole(&self, event: &PageEvent) -> bool {
        self.reason(event, &event.payload).is_some()
    }

    fn hides(&self, event: &PageEvent, element: &RawElement) -> bool {
        Hash::parse_b64u(&element.digest).is_ok_and(|digest| self.reason(event, &digest).is_some())
    }
}
