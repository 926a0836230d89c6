//! The readable side of a dossier: one page that needs no program and prints well. It shows exactly
//! the values that the evidence discloses, and is no evidence itself.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use events::event::spec_of;
use events::ids::{EventId, PersonId, StreamId};
use events::parts::{actor, meta, person_of};
use events::raw::{RawElement, RawEvent};
use events::spec::StreamKind;
use events::time::{Occurred, denmark};
use jiff::Timestamp;
use record::hash::Hash;
use record::positions::{LogIndex, Seq};
use serde_json::Value;

use super::words::Language;
use crate::evidence::bundle::{Snapshot, Withheld};

/// An event of the dossier.
pub(super) struct PageEvent {
    pub(super) stream: StreamId,
    pub(super) kind: StreamKind,
    pub(super) index: LogIndex,
    pub(super) seq: Seq,
    pub(super) event: EventId,
    pub(super) payload: Hash,
    pub(super) recorded_at: Timestamp,
    /// None when its own part is erased.
    pub(super) raw: Option<RawEvent>,
}

/// One of the things that a dossier for the Appeals Board always holds.
pub(super) struct Chapter {
    pub(super) danish: &'static str,
    pub(super) english: &'static str,
    pub(super) events: Vec<EventId>,
}

/// What the page is made of.
pub(super) struct Page<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) origin: &'a str,
    pub(super) case: StreamId,
    pub(super) recipient: &'a str,
    /// Every event of the dossier, in log order.
    pub(super) events: &'a [PageEvent],
    pub(super) withheld: &'a BTreeMap<StreamId, Withheld>,
    pub(super) chapters: &'a [Chapter],
    /// Log positions that the file is pinned to: a title in both languages, and the position.
    pub(super) pins: &'a [super::Pin],
    pub(super) files: &'a [super::DocumentFile],
}

const STYLE: &str = "body{font:11pt/1.45 Georgia,serif;max-width:46em;margin:2em auto;padding:0 1em;color:#111}\
h1{font-size:1.6em}h2{font-size:1.25em;border-bottom:1px solid #888;margin-top:2em}h3{font-size:1em;margin:1.4em 0 .2em}\
.m{color:#444;font-size:.88em}.w{background:#eee;border-left:3px solid #555;padding:0 .5em}.g{color:#555;font-style:italic}\
dl{display:grid;grid-template-columns:13em 1fr;gap:.1em 1em;margin:.3em 0}dt{color:#333}dt.p{grid-column:1/-1;font-style:italic}dd{margin:0}code{font-size:.85em;overflow-wrap:anywhere}\
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ccc;text-align:left;padding:.2em .6em .2em 0;vertical-align:top}\
article{break-inside:avoid}a{color:inherit}@media print{body{margin:0;max-width:none}@page{margin:18mm}}";

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(sign),
        }
    }
    escaped
}

fn local(at: Timestamp) -> String {
    at.to_zoned(denmark())
        .strftime("%Y-%m-%d %H:%M")
        .to_string()
}

fn when(occurred: Occurred) -> String {
    match occurred {
        Occurred::At(at) => local(at),
        Occurred::On(day) => day.to_string(),
        Occurred::About(day) => format!("ca. {day}"),
    }
}

/// A code as words: `BEFORE_DECISION` as "before decision".
fn words(text: &str) -> String {
    let code = text.len() > 1
        && text
            .chars()
            .all(|sign| sign.is_ascii_uppercase() || sign.is_ascii_digit() || sign == '_');
    if code && text.chars().any(|sign| sign.is_ascii_uppercase()) {
        text.replace('_', " ").to_lowercase()
    } else {
        text.to_owned()
    }
}

/// Names of people, as far as the dossier discloses them.
struct Names(BTreeMap<PersonId, String>);

impl Names {
    fn of(page: &Page<'_>) -> Self {
        let mut names = BTreeMap::new();
        for event in page
            .events
            .iter()
            .filter(|event| event.kind == StreamKind::Person && !page.whole(event))
        {
            for part in event.raw.iter().flat_map(|raw| &raw.parts) {
                let Some(person) = person_of(&part.who).map(|named| named.person) else {
                    continue;
                };
                let element = part
                    .fields
                    .get("name")
                    .and_then(|elements| elements.first());
                if let Some(name) = element
                    .filter(|element| !page.hides(event, element))
                    .and_then(|element| element.value.as_ref().ok())
                {
                    names.insert(person, plain(name));
                }
            }
        }
        Self(names)
    }

    fn person(&self, language: Language, role: &str, person: PersonId) -> String {
        let role = language.role(&role.to_lowercase());
        let id = person.to_string();
        let short = id.get(..8).unwrap_or(&id);
        self.0.get(&person).map_or_else(
            || format!("{role} ({short})"),
            |name| format!("{name} ({role})"),
        )
    }
}

/// A value without its structure: what stands in it, joined.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => words(text),
        Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(members) => members.values().map(plain).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

impl Page<'_> {
    fn reason(&self, event: &PageEvent, digest: &Hash) -> Option<&str> {
        self.withheld
            .get(&event.stream)?
            .reason(event.event, digest)
    }

    fn whole(&self, event: &PageEvent) -> bool {
        self.reason(event, &event.payload).is_some()
    }

    /// The number that the opening of the case states, as far as the dossier discloses it.
    fn case_number(&self) -> Option<String> {
        let opening = self.events.iter().find(|event| {
            event.stream == self.case && event.seq == Seq::FIRST && !self.whole(event)
        })?;
        let element = opening
            .raw
            .as_ref()?
            .parts
            .first()?
            .fields
            .get("case_number")?
            .first()?;
        let shown = element
            .value
            .as_ref()
            .ok()
            .filter(|_| !self.hides(opening, element));
        shown.map(plain)
    }

    fn hides(&self, event: &PageEvent, element: &RawElement) -> bool {
        Hash::parse_b64u(&element.digest).is_ok_and(|digest| self.reason(event, &digest).is_some())
    }

    /// The page in one language.
    pub(super) fn render(&self, language: Language) -> String {
        let mut out = String::new();
        let names = Names::of(self);
        let title = language.pick("Sagens dossier", "Dossier of a case");
        let code = language.code();
        let policy = "default-src 'none'; style-src 'unsafe-inline'";
        out.push_str("<!doctype html>\n");
        put(
            &mut out,
            format_args!(
                "<html lang=\"{code}\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\
                 <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head>\n<body><h1>{title}</h1>\n"
            ),
        );
        self.cover(&mut out, language);
        self.contents(&mut out, language);
        self.documents(&mut out, language);
        put(
            &mut out,
            format_args!(
                "<h2>{}</h2>\n",
                language.pick("Hele forløbet", "The whole trail")
            ),
        );
        for event in self.events {
            self.article(&mut out, event, &names, language);
        }
        out.push_str("</body></html>\n");
        out
    }

    fn cover(&self, out: &mut String, language: Language) {
        let text = language.pick(
            "Denne side er til at læse. Beviset er filerne i mappen bundles: de kan efterprøves med programmet sagsspor-verify, uden forbindelse til kommunen.",
            "This page is for reading. The evidence is the files in the folder bundles: sagsspor-verify checks them, without any connection to the municipality.",
        );
        put(out, format_args!("<p>{text}</p>\n<dl>"));
        let mut row = |danish, english, value: &str| {
            put(
                out,
                format_args!(
                    "<dt>{}</dt><dd>{}</dd>",
                    language.pick(danish, english),
                    escape(value)
                ),
            );
        };
        row("Til", "For", self.recipient);
        row(
            "Sagsnummer",
            "Case number",
            &self
                .case_number()
                .unwrap_or_else(|| language.pick("ikke oplyst", "not stated").to_owned()),
        );
        row("Sagens strøm", "Stream of the case", &self.case.to_string());
        row("Log", "Log", self.origin);
        row(
            "Registreringer i loggen",
            "Entries in the log",
            &self.snapshot.size().to_string(),
        );
        row(
            "Loggens rod",
            "Root of the log",
            &self.snapshot.root().to_hex(),
        );
        let vouched = if self.snapshot.witnessed() {
            language.pick("ja", "yes")
        } else {
            language.pick(
                "nej, kun underskrevet af kommunen",
                "no, signed by the municipality only",
            )
        };
        row("Bevidnet", "Cosigned by witnesses", vouched);
        for pin in self.pins {
            let value = language.pick("position ", "position ").to_owned() + &pin.index.to_string();
            put(
                out,
                format_args!(
                    "<dt>{}</dt><dd>{}</dd>",
                    pin.title(language),
                    escape(&value)
                ),
            );
        }
        out.push_str("</dl>\n");
    }

    fn contents(&self, out: &mut String, language: Language) {
        if self.chapters.is_empty() {
            return;
        }
        put(
            out,
            format_args!(
                "<h2>{}</h2>\n<table>",
                language.pick("Det, der altid sendes", "What is always sent")
            ),
        );
        for chapter in self.chapters {
            let found = self
                .events
                .iter()
                .filter(|event| chapter.events.contains(&event.event));
            let links: Vec<String> = found
                .map(|event| {
                    format!(
                        "<a href=\"#e{}\">{} · {}</a>",
                        event.index,
                        escape(&self.heading(event, language)),
                        self.time(event)
                    )
                })
                .collect();
            let links = if links.is_empty() {
                format!(
                    "<span class=\"g\">{}</span>",
                    language.pick("ingen", "none")
                )
            } else {
                links.join("<br>")
            };
            put(
                out,
                format_args!(
                    "<tr><th>{}</th><td>{links}</td></tr>",
                    language.pick(chapter.danish, chapter.english)
                ),
            );
        }
        out.push_str("</table>\n");
    }

    fn documents(&self, out: &mut String, language: Language) {
        if self.files.is_empty() {
            return;
        }
        put(
            out,
            format_args!(
                "<h2>{}</h2>\n<ul>",
                language.pick("Dokumenter", "Documents")
            ),
        );
        for file in self.files {
            put(
                out,
                format_args!(
                    "<li><a href=\"{}\">{}</a> <code>{}</code></li>",
                    escape(&file.path),
                    escape(&file.title),
                    file.sha256
                ),
            );
        }
        out.push_str("</ul>\n");
    }

    fn heading(&self, event: &PageEvent, language: Language) -> String {
        let Some(raw) = &event.raw else {
            return language.pick("slettet", "erased").to_owned();
        };
        if self.whole(event) {
            return language.pick("tilbageholdt", "withheld").to_owned();
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
    fn time(&self, event: &PageEvent) -> String {
        let occurred = event
            .raw
            .as_ref()
            .filter(|_| !self.whole(event))
            .and_then(meta)
            .map(|meta| meta.occurred);
        occurred.map_or_else(|| local(event.recorded_at), when)
    }

    fn article(&self, out: &mut String, event: &PageEvent, names: &Names, language: Language) {
        put(
            out,
            format_args!(
                "<article id=\"e{}\"><h3>{} · {}</h3><p class=\"m\">{} {} · {} {} · <code>{}</code></p>",
                event.index,
                self.time(event),
                escape(&self.heading(event, language)),
                language.pick("registreret", "recorded"),
                local(event.recorded_at),
                language.pick("position", "position"),
                event.index,
                event.event,
            ),
        );
        if let Some(reason) = self.reason(event, &event.payload) {
            put(
                out,
                format_args!(
                    "<p class=\"w\">{}: {}</p>",
                    language.pick("Tilbageholdt", "Withheld"),
                    escape(reason)
                ),
            );
        } else if let Some(raw) = &event.raw {
            if let Some(by) = actor(raw).filter(|_| !self.hides_field(event, raw, "actor")) {
                let role = language.office(&by.role.stored());
                put(
                    out,
                    format_args!(
                        "<p class=\"m\">{} {} ({role})</p>",
                        language.pick("af", "by"),
                        escape(&by.id)
                    ),
                );
            }
            self.fields(out, event, raw, names, language);
        } else {
            let text = language.pick(
                "Indholdet er slettet efter loven; at det skete, står i forløbet.",
                "The content was lawfully erased; the trail says so.",
            );
            put(out, format_args!("<p class=\"g\">{text}</p>"));
        }
        out.push_str("</article>\n");
    }

    fn hides_field(&self, event: &PageEvent, raw: &RawEvent, field: &str) -> bool {
        raw.parts
            .iter()
            .filter_map(|part| part.fields.get(field))
            .flatten()
            .any(|element| self.hides(event, element))
    }

    fn fields(
        &self,
        out: &mut String,
        event: &PageEvent,
        raw: &RawEvent,
        names: &Names,
        language: Language,
    ) {
        out.push_str("<dl>");
        for part in &raw.parts {
            if let Some(person) = person_of(&part.who) {
                let name = names.person(language, &person.role.stored(), person.person);
                put(
                    out,
                    format_args!(
                        "<dt class=\"p\">{} {}</dt>",
                        language.pick("om", "about"),
                        escape(&name)
                    ),
                );
            }
            for (name, elements) in part
                .fields
                .iter()
                .filter(|(name, _)| !matches!(name.as_str(), "meta" | "actor"))
            {
                put(
                    out,
                    format_args!("<dt>{}</dt><dd>", escape(&language.field(name))),
                );
                if elements.is_empty() {
                    put(
                        out,
                        format_args!(
                            "<span class=\"g\">{}</span>",
                            language.pick("ingen", "none")
                        ),
                    );
                }
                for element in elements {
                    put(
                        out,
                        format_args!("{}<br>", self.element(event, element, names, language)),
                    );
                }
                out.push_str("</dd>");
            }
        }
        out.push_str("</dl>");
    }

    fn element(
        &self,
        event: &PageEvent,
        element: &RawElement,
        names: &Names,
        language: Language,
    ) -> String {
        let reason = Hash::parse_b64u(&element.digest)
            .ok()
            .and_then(|digest| self.reason(event, &digest));
        match (reason, &element.value) {
            (Some(reason), _) => format!(
                "<span class=\"w\">{}: {}</span>",
                language.pick("tilbageholdt", "withheld"),
                escape(reason)
            ),
            (None, Err(_)) => format!(
                "<span class=\"g\">{}</span>",
                language.pick("slettet", "erased")
            ),
            (None, Ok(value)) => self.value(value, names, language),
        }
    }

    /// A value with names for people and links for events.
    fn value(&self, value: &Value, names: &Names, language: Language) -> String {
        match value {
            Value::Bool(yes) => (if *yes {
                language.pick("ja", "yes")
            } else {
                language.pick("nej", "no")
            })
            .to_owned(),
            Value::String(text) => match self
                .events
                .iter()
                .find(|known| known.event.to_string() == *text)
            {
                Some(known) => format!(
                    "<a href=\"#e{}\">{}</a>",
                    known.index,
                    escape(&self.heading(known, language))
                ),
                None => escape(&words(text)),
            },
            Value::Array(all) => all
                .iter()
                .map(|item| self.value(item, names, language))
                .collect::<Vec<_>>()
                .join(", "),
            Value::Object(members) => {
                let person = members
                    .get("person")
                    .and_then(Value::as_str)
                    .and_then(|id| id.parse::<PersonId>().ok());
                if let (Some(person), Some(role), 2) = (
                    person,
                    members.get("role").and_then(Value::as_str),
                    members.len(),
                ) {
                    return escape(&names.person(language, role, person));
                }
                if let (Some(event), Some(_), 2) =
                    (members.get("event"), members.get("stream"), members.len())
                {
                    return self.value(event, names, language);
                }
                let shown = members.iter().filter(|(_, value)| !value.is_null());
                let shown: Vec<String> = shown
                    .map(|(name, value)| {
                        format!(
                            "{}: {}",
                            escape(&language.field(name)),
                            self.value(value, names, language)
                        )
                    })
                    .collect();
                shown.join("; ")
            }
            other => escape(&other.to_string()),
        }
    }
}

/// Writing to a text never fails.
fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    if out.write_fmt(text).is_err() {
        tracing::error!("a text could not be added to");
    }
}

/// The sequence of an event is not shown, but orders what was recorded in one commit.
impl PageEvent {
    pub(super) const fn order(&self) -> (LogIndex, Seq) {
        (self.index, self.seq)
    }
}
