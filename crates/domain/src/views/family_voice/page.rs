//! A section while it is written: lines that say on which events they rest.
//!
//! Every line goes through here, so that none is longer than twenty words and none begins with a
//! small letter.

use events::ids::{EventId, StreamId};
use events::meta::Meta;
use events::personal::Personal;
use events::words::Words;
use jiff::civil::Date;

use super::privacy::Privacy;
use super::voice::{Phrase, Voice};
use super::{Language, Reader, Section, Sentence, quote};
use crate::reading::{ReadEvent, Reading, Shown};

/// What every section is written from.
pub(super) struct Case<'a> {
    pub(super) voice: Voice,
    pub(super) privacy: Privacy,
    pub(super) stream: StreamId,
    pub(super) today: Date,
    /// What may be told, in the order in which it took place.
    pub(super) facts: Vec<(&'a ReadEvent, &'a Shown)>,
}

impl<'a> Case<'a> {
    pub(super) fn new(
        reading: &'a Reading,
        stream: StreamId,
        reader: Reader,
        language: Language,
        today: Date,
    ) -> Self {
        let voice = Voice::new(reading, stream, reader, language);
        let privacy = Privacy::new(reading, &voice, today);
        let facts = reading
            .by_occurrence()
            .into_iter()
            .filter(|(_, shown)| privacy.may_be_told(shown.meta.occurred))
            .collect();
        Self {
            voice,
            privacy,
            stream,
            today,
            facts,
        }
    }
}

/// The event that is told, and its circumstances.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) event: EventId,
    pub(super) stream: StreamId,
    pub(super) meta: &'a Meta,
}

impl<'a> At<'a> {
    pub(super) const fn new(event: &ReadEvent, shown: &'a Shown) -> Self {
        Self {
            event: event.event,
            stream: event.stream,
            meta: &shown.meta,
        }
    }
}

/// A section while it is written.
pub(super) struct Page {
    language: Language,
    sentences: Vec<Sentence>,
}

impl Page {
    pub(super) const fn new(language: Language) -> Self {
        Self {
            language,
            sentences: Vec::new(),
        }
    }

    /// The section; none when there is nothing to say.
    pub(super) fn section(self, heading: String) -> Option<Section> {
        (!self.sentences.is_empty()).then(|| Section {
            heading: capital(&heading),
            sentences: self.sentences,
        })
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.sentences.is_empty()
    }

    pub(super) fn append(&mut self, mut other: Self) {
        self.sentences.append(&mut other.sentences);
    }

    /// A sentence that rests on these events.
    pub(super) fn rests_on(&mut self, events: &[EventId], text: impl AsRef<str>) {
        for line in quote::lines(&capital(text.as_ref())) {
            self.sentences.push(Sentence {
                text: line,
                events: events.to_vec(),
            });
        }
    }

    /// A sentence that everybody may know.
    pub(super) fn guide(&mut self, text: impl AsRef<str>) {
        self.rests_on(&[], text);
    }

    /// A sentence about an event.
    pub(super) fn say(&mut self, at: At, text: impl AsRef<str>) {
        self.rests_on(&[at.event], text);
    }

    /// An explanation: said about the first event that needs it, and not again.
    pub(super) fn once(&mut self, at: At, text: impl AsRef<str>) {
        if !self
            .sentences
            .iter()
            .any(|sentence| sentence.text == text.as_ref())
        {
            self.say(at, text);
        }
    }

    /// The first sentence about an event: it begins with the day.
    pub(super) fn dated(&mut self, voice: &Voice, at: At, text: impl AsRef<str>) {
        let when = voice.when(at.meta.occurred);
        self.say(at, format!("{when}: {}", capital(text.as_ref())));
    }

    /// A sentence about an event that begins with another day than that of the event.
    pub(super) fn on_day(&mut self, voice: &Voice, at: At, day: Date, text: impl AsRef<str>) {
        self.say(
            at,
            format!("{}: {}", voice.date(day), capital(text.as_ref())),
        );
    }

    /// Somebody's words after a sentence that says whose they are: on one line when they fit.
    pub(super) fn quote(&mut self, at: At, intro: impl AsRef<str>, words: &Words) {
        let intro = capital(intro.as_ref());
        let lines: Vec<String> = words
            .0
            .iter()
            .flat_map(|paragraph| self.quoted(paragraph))
            .collect();
        if let [only] = lines.as_slice() {
            let line = format!("{intro}: {only}");
            if line.split_whitespace().count() <= quote::WORDS_MAX {
                self.sentences.push(Sentence {
                    text: line,
                    events: vec![at.event],
                });
                return;
            }
        }
        self.sentences.push(Sentence {
            text: format!("{intro}:"),
            events: vec![at.event],
        });
        self.sentences
            .extend(lines.into_iter().map(|text| Sentence {
                text,
                events: vec![at.event],
            }));
    }

    /// A text of the record that is short and has no paragraphs.
    pub(super) fn quote_text(&mut self, at: At, intro: impl AsRef<str>, text: &str) {
        self.quote(at, intro, &Words(vec![Personal::Known(text.to_owned())]));
    }

    /// Words that this reader may read only where `open` says so; otherwise it is said that they
    /// are kept back, so that nothing is missing unseen.
    pub(super) fn quote_if(&mut self, open: bool, at: At, intro: impl AsRef<str>, words: &Words) {
        if open {
            self.quote(at, intro, words);
        } else {
            self.quote(at, intro, &Words(vec![Personal::Withheld]));
        }
    }

    fn quoted(&self, paragraph: &Personal<String>) -> Vec<String> {
        match paragraph {
            Personal::Known(text) => quote::lines(text)
                .into_iter()
                .map(|line| match self.language {
                    Language::Danish => format!("»{line}«"),
                    Language::English => format!("“{line}”"),
                })
                .collect(),
            Personal::Erased => vec![gap(self.language, ERASED)],
            Personal::Withheld => vec![gap(self.language, WITHHELD)],
        }
    }
}

pub(super) const ERASED: Phrase = ("(slettet)", "(erased)");
pub(super) const WITHHELD: Phrase = ("(ikke vist)", "(not shown)");

fn gap(language: Language, phrase: Phrase) -> String {
    match language {
        Language::Danish => phrase.0.to_owned(),
        Language::English => phrase.1.to_owned(),
    }
}

/// The text with a capital letter at its beginning.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
