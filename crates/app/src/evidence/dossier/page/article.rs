//! One event on the page: its circumstances, and each field with its value or the reason why that
//! is not shown. It looks at no other event but to name those that a value refers to.

use events::ids::PersonId;
use events::labels::{self, Kind, Language};
use events::parts::{actor, person_of};
use events::personal::Gap;
use events::raw::{RawElement, RawEvent, RawPart};
use maud::{Markup, html};
use record::hash::Hash;
use serde_json::{Map, Value};

use super::names::Names;
use super::{Page, PageEvent, local};

impl Page<'_> {
    /// The event as an article.
    pub(super) fn article(&self, event: &PageEvent, names: &Names, language: Language) -> Markup {
        html! {
            article id={ "e" (event.index) } {
                h3 { (self.time(event, language)) " · " (self.heading(event, language)) }
                p.m {
                    (language.pick("registreret", "recorded")) " " (local(event.recorded_at, language))
                    " · position " (event.index) " · " code { (event.event) }
                }
                @if let Some(reason) = self.reason(event, &event.payload) {
                    p.w { (language.pick("Undtaget", "Withheld")) ": " (reason) }
                } @else if let Some(raw) = &event.raw {
                    (self.recorded_by(event, raw, language))
                    (self.fields(event, raw, names, language))
                } @else {
                    p.g {
                        (language.pick(
                            "Indholdet er slettet efter loven; at det skete, står i forløbet.",
                            "The content was lawfully erased; the trail says so.",
                        ))
                    }
                }
            }
        }
    }

    fn recorded_by(&self, event: &PageEvent, raw: &RawEvent, language: Language) -> Markup {
        let by = actor(raw).filter(|_| !self.hides_field(event, raw, "actor"));
        html! {
            @if let Some(by) = by {
                p.m {
                    (language.pick("af", "by")) " " bdi { (by.id) }
                    " (" (labels::value(language, "Role", &by.role.stored())) ")"
                }
            }
        }
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
        event: &PageEvent,
        raw: &RawEvent,
        names: &Names,
        language: Language,
    ) -> Markup {
        html! {
            dl {
                @for part in &raw.parts { (self.part(event, &raw.kind, part, names, language)) }
            }
        }
    }

    /// The fields about one subject. Circumstances and author are not repeated here.
    fn part(
        &self,
        event: &PageEvent,
        event_type: &str,
        part: &RawPart,
        names: &Names,
        language: Language,
    ) -> Markup {
        let fields = part
            .fields
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "meta" | "actor"));
        html! {
            @if let Some(person) = person_of(&part.who) {
                dt.p {
                    (language.pick("om", "about")) " "
                    (names.person(language, &person.role.stored(), person.person))
                }
            }
            @for (name, elements) in fields {
                dt { (labels::field(language, name)) }
                dd {
                    @if elements.is_empty() {
                        span.g { (language.pick("ingen", "none")) }
                    }
                    @for element in elements {
                        p { (self.element(event, element, labels::kind_of(event_type, name), names, language)) }
                    }
                }
            }
        }
    }

    fn element(
        &self,
        event: &PageEvent,
        element: &RawElement,
        kind: &Kind,
        names: &Names,
        language: Language,
    ) -> Markup {
        let reason = Hash::parse_b64u(&element.digest)
            .ok()
            .and_then(|digest| self.reason(event, &digest));
        match (reason, &element.value) {
            (Some(reason), _) => html! {
                span.w { (labels::gap_text(language, Gap::Withheld)) ": " (reason) }
            },
            (None, Err(gap)) => html! { span.g { (labels::gap_text(language, *gap)) } },
            (None, Ok(value)) => self.value(value, kind, names, language),
        }
    }

    /// A value with names for people and links for events. Only a value of a vocabulary is put in other
    /// words; a text stands as it was recorded.
    fn value(&self, value: &Value, kind: &Kind, names: &Names, language: Language) -> Markup {
        if let Some(words) = labels::in_words(language, kind, value) {
            return html! { (words) };
        }
        match value {
            Value::String(text) => self.text(text, language),
            Value::Array(all) => html! {
                @for (place, item) in all.iter().enumerate() {
                    @if place > 0 { ", " }
                    (self.value(item, kind, names, language))
                }
            },
            Value::Object(members) => self.object(members, kind, names, language),
            other => html! { (other) },
        }
    }

    /// A text; one that is the id of an event of the dossier becomes a link to it.
    fn text(&self, text: &str, language: Language) -> Markup {
        let mut known = self.events.iter();
        match known.find(|known| known.event.to_string() == *text) {
            Some(known) => html! {
                a href={ "#e" (known.index) } { (self.heading(known, language)) }
            },
            None => verbatim(text, language),
        }
    }

    /// A reference to a person or an event as such, any other object member by member.
    fn object(
        &self,
        members: &Map<String, Value>,
        kind: &Kind,
        names: &Names,
        language: Language,
    ) -> Markup {
        let person = members
            .get("person")
            .and_then(Value::as_str)
            .and_then(|id| id.parse::<PersonId>().ok());
        let role = members.get("role").and_then(Value::as_str);
        if let (Some(person), Some(role), 2) = (person, role, members.len()) {
            return html! { (names.person(language, role, person)) };
        }
        if let (Some(Value::String(event)), Some(_), 2) =
            (members.get("event"), members.get("stream"), members.len())
        {
            return self.text(event, language);
        }
        let shown = members.iter().filter(|(_, value)| !value.is_null());
        html! {
            @for (place, (name, value)) in shown.enumerate() {
                @if place > 0 { "; " }
                (labels::field(language, name)) ": " (self.value(value, kind.member(name), names, language))
            }
        }
    }
}

/// Whether a text holds signs that turn the direction of reading.
pub(super) fn turns(text: &str) -> bool {
    let turning = |sign| matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    text.contains(turning)
}

/// Somebody's text, sign for sign. It stands apart from the text around it, which it cannot turn; where
/// it turns itself, that is said.
fn verbatim(text: &str, language: Language) -> Markup {
    html! {
        bdi { (text) }
        @if turns(text) {
            " " span.g {
                (language.pick(
                    "(teksten rummer usynlige tegn, der vender læseretningen)",
                    "(the text holds invisible signs that turn the direction of reading)",
                ))
            }
        }
    }
}
