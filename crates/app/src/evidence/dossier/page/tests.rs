//! Whatever a text says, it stays a text: it adds no element and no attribute to the page.

use std::collections::BTreeMap;

use events::raw::RawPart;
use proptest::prelude::*;
use record::hash::sha256;
use record::positions::{LogIndex, Seq, Size};
use serde_json::{Value, json};

use super::article::turns;
use super::*;

const STREAM: &str = "0190a000-0000-7000-8000-000000000001";
const PERSON: &str = "0190a000-0000-7000-8000-000000000002";
const EVENT: &str = "0190a000-0000-7000-8000-000000000003";

fn fields(all: Vec<(&str, Value)>) -> BTreeMap<String, Vec<RawElement>> {
    let fields = all.into_iter().map(|(name, value)| {
        let element = RawElement {
            digest: sha256(name.as_bytes()).to_b64u(),
            value: Ok(value),
        };
        (name.to_owned(), vec![element])
    });
    fields.collect()
}

/// An event in which every text is `text`, also those in the structure of a value.
fn event(text: &str, kind: StreamKind, seq: u64, stream: &str) -> PageEvent {
    let actor = json!({ "id": text, "role": "CASEWORKER", "municipality": "0999" });
    let nested = json!([text, { text: text, "b": [text] }, { "person": PERSON, "role": text }]);
    let mut own = vec![
        ("actor", actor),
        ("case_number", json!(text)),
        (text, nested),
    ];
    if kind == StreamKind::Case {
        own.push(("withheld", json!("never shown")));
    }
    let part = |who: &str, fields| RawPart {
        who: who.to_owned(),
        fields,
    };
    PageEvent {
        stream: stream.parse().unwrap(),
        kind,
        index: LogIndex::new(seq),
        seq: Seq::new(seq).unwrap(),
        event: EVENT.parse().unwrap(),
        payload: sha256(b"payload"),
        recorded_at: Timestamp::UNIX_EPOCH,
        raw: Some(RawEvent {
            kind: text.to_owned(),
            version: 1,
            parts: vec![
                part("case", fields(own)),
                part(
                    &format!("child:{PERSON}"),
                    fields(vec![("name", json!(text))]),
                ),
            ],
        }),
    }
}

/// A page on which every text from outside is `text`.
fn page(text: &str, language: Language) -> String {
    let events = [
        event(text, StreamKind::Case, 1, STREAM),
        event(text, StreamKind::Person, 2, PERSON),
    ];
    let (case, id) = (events[0].stream, events[0].event);
    let mut withheld = Withheld::default();
    withheld.add(id, sha256(b"withheld"), text.to_owned());
    let page = Page {
        log: LogState {
            origin: text,
            size: Size::new(2),
            root: &sha256(b"root"),
            witnessed: true,
        },
        case,
        recipient: text,
        events: &events,
        withheld: &BTreeMap::from([(case, withheld)]),
        chapters: &[Chapter {
            danish: "Klagen",
            english: "The complaint",
            events: vec![id],
        }],
        pins: &[],
        files: &[DocumentFile {
            path: text.to_owned(),
            title: text.to_owned(),
            sha256: sha256(b"file"),
        }],
    };
    page.render(language)
}

/// The tags of a page in order, without what stands in their attributes.
fn tags(page: &str) -> Vec<String> {
    let tags = page.split('<').skip(1).map(|piece| {
        let tag = piece.split('>').next().unwrap();
        tag.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
    });
    tags.collect()
}

fn unescaped(page: &str) -> String {
    page.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

#[track_caller]
fn check(text: &str) {
    for language in [Language::Danish, Language::English] {
        // Where a text turns the direction of reading, that is said beside it.
        let plain = if turns(text) { "qx\u{202e}" } else { "qx" };
        let (page, plain) = (page(text, language), page(plain, language));
        assert!(!page.contains("never shown"));
        assert_eq!(tags(&page), tags(&plain), "{text:?}");
        let control = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        assert!(!page.contains(control), "{text:?}");
        let shown = text.replace(control, "\u{FFFD}");
        // A role is shown in small letters, so only such texts can be counted.
        if shown != shown.to_lowercase() {
            continue;
        }
        assert_eq!(
            unescaped(&page).matches(&shown).count(),
            plain.matches("qx").count(),
            "{text:?}"
        );
    }
}

#[test]
fn markup_quotes_and_control_characters_stay_text() {
    for text in [
        "q<script>alert(1)</script>",
        "q\" onload=\"x' '",
        "q]]> --> <!-- </style></title>",
        "q&lt;b&gt; &amp; &#0;",
        "q\0\u{1b}[2J\u{85}",
    ] {
        check(text);
    }
}

/// The article of one field of an event.
fn shown(event_type: &str, field: &str, value: Value, language: Language) -> String {
    let mut told = event("q", StreamKind::Case, 1, STREAM);
    let raw = told.raw.as_mut().unwrap();
    raw.kind = event_type.to_owned();
    raw.parts.truncate(1);
    raw.parts[0].fields = fields(vec![(field, value)]);
    let events = [told];
    let page = Page {
        log: LogState {
            origin: "log",
            size: Size::new(2),
            root: &sha256(b"root"),
            witnessed: true,
        },
        case: events[0].stream,
        recipient: "q",
        events: &events,
        withheld: &BTreeMap::new(),
        chapters: &[],
        pins: &[],
        files: &[],
    };
    let page = page.render(language);
    let (_, field) = page.rsplit_once("<dd>").unwrap();
    field.split("</dd>").next().unwrap().to_owned()
}

#[test]
fn a_text_stands_as_it_was_recorded_and_a_code_in_words() {
    let both = Language::ALL;
    for text in ["NEJ", "BUP", "K3", "JEG VIL IKKE HJEM", "BEFORE_DECISION"] {
        for language in both {
            let said = shown("NoteTaken", "text", json!(text), language);
            assert_eq!(said, format!("<p><bdi>{text}</bdi></p>"));
        }
    }
    let told = |event_type, field, value: &Value| {
        both.map(|language| shown(event_type, field, value.clone(), language))
    };
    for (event_type, field, value, danish, english) in [
        (
            "NoteTaken",
            "kind",
            json!("FACT"),
            "faktisk oplysning",
            "A fact",
        ),
        ("DecisionMade", "child_asked", json!(false), "nej", "no"),
        (
            "PersonRegistered",
            "birth_date",
            json!("2025-02-05"),
            "5. februar 2025",
            "5 February 2025",
        ),
        (
            "CaseClosed",
            "open_obligations",
            json!({ "rule": "BL-20-3-4M", "reason": ["MOR"] }),
            "begrundelse: <bdi>MOR</bdi>; regel: <bdi>BL-20-3-4M</bdi>",
            "reason: <bdi>MOR</bdi>; rule: <bdi>BL-20-3-4M</bdi>",
        ),
    ] {
        let paragraph = |text: &str| format!("<p>{text}</p>");
        assert_eq!(
            told(event_type, field, &value),
            [paragraph(danish), paragraph(english)],
            "{event_type} {field}"
        );
    }
}

#[test]
fn a_text_that_turns_the_direction_of_reading_is_told() {
    let text = "mor \u{202e}rav\u{202c} her";
    let said = shown("NoteTaken", "text", json!(text), Language::Danish);
    assert!(
        said.starts_with(&format!("<p><bdi>{text}</bdi> ")),
        "{said}"
    );
    assert!(said.contains("vender læseretningen"), "{said}");
}

#[test]
fn the_style_is_not_changed_by_being_escaped() {
    assert!(page("q", Language::Danish).contains(STYLE));
}

proptest! {
    #[test]
    fn no_text_adds_to_the_markup(
        pieces in prop::collection::vec(
            prop_oneof![
                prop::sample::select(vec!["<script>", "</a>", "\"", "'", "]]>", "-->", "\0", "\u{7f}", "&", "&lt;", "<", ">", " "])
                    .prop_map(str::to_owned),
                any::<char>().prop_filter("names of fields show it as a space", |c| *c != '_').prop_map(String::from),
            ],
            0..12,
        )
    ) {
        check(&format!("q{}z", pieces.concat()));
    }
}
