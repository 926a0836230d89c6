//! How the text speaks: to whom, in which language, and what it calls each person.
//!
//! It decides nothing about what is told. A person who sent a notification is never named here, and
//! an employee has no name at all.

use events::event::Event;
use events::ids::{PersonId, StreamId};
use events::labels;
use events::person::{PersonRef, PersonRole};
use events::time::Occurred;
use jiff::civil::Date;

use super::{Language, Reader};
use crate::persons::persons_of;
use crate::reading::Reading;
use events::identity::Persons;

/// A sentence in the language of the voice; both stand side by side so that neither is forgotten.
macro_rules! say {
    ($voice:expr, $danish:literal, $english:literal $(,)?) => {
        match $voice.language {
            crate::views::family_voice::Language::Danish => format!($danish),
            crate::views::family_voice::Language::English => format!($english),
        }
    };
}
pub(super) use say;

/// A phrase in Danish and in English.
pub(super) type Phrase = (&'static str, &'static str);

/// Most persons that one sentence lists.
const LISTED_MAX: usize = 3;

/// Who speaks to whom.
pub(super) struct Voice {
    pub(super) language: Language,
    pub(super) reader: Reader,
    child: Option<PersonId>,
    persons: Persons,
    notifiers: Vec<PersonId>,
}

/// The child that a case is about. The event that says so may be gone; then any fact of the case
/// that names one tells.
fn child_of(reading: &Reading, case: StreamId) -> Option<PersonId> {
    let own = || {
        reading
            .facts()
            .filter(|(event, _)| event.stream == case)
            .map(|(_, shown)| &shown.facts)
    };
    let opened = own().find_map(|facts| match facts {
        Event::CaseOpened(facts) => Some(facts.child),
        _ => None,
    });
    let other = || {
        own().find_map(|facts| match facts {
            Event::EarlyAdviceStarted(facts) => facts.child,
            Event::ChildHeard(facts) => Some(facts.child),
            Event::AssessmentReported(facts) => Some(facts.child),
            Event::DecisionMade(facts) => Some(facts.child),
            Event::GoalSet(facts) => Some(facts.child),
            Event::FollowUpHeld(facts) => Some(facts.child),
            _ => None,
        })
    };
    opened.or_else(other).map(|child| child.person)
}

/// Whoever was registered as a notifier: never named, whatever else they are.
fn notifiers(reading: &Reading) -> Vec<PersonId> {
    let registered = reading.facts().filter_map(|(_, shown)| match &shown.facts {
        Event::PersonRegistered(facts) if facts.person.role == PersonRole::Notifier => {
            Some(facts.person.person)
        }
        _ => None,
    });
    registered.collect()
}

impl Voice {
    pub(super) fn new(
        reading: &Reading,
        case: StreamId,
        reader: Reader,
        language: Language,
    ) -> Self {
        Self {
            language,
            reader,
            child: child_of(reading, case),
            persons: persons_of(reading),
            notifiers: notifiers(reading),
        }
    }

    /// The id under which a person goes on after registrations were merged.
    pub(super) fn same(&self, person: PersonId) -> PersonId {
        self.persons.canonical(person)
    }

    /// Whether it is the child of the case. When no fact tells who that is, the role does.
    pub(super) fn is_child(&self, person: PersonRef) -> bool {
        match self.child {
            Some(child) => self.persons.same(child, person.person),
            None => person.role == PersonRole::Child,
        }
    }

    /// Whether it is the one who reads. A family is nobody in particular.
    pub(super) fn is_reader(&self, person: PersonRef) -> bool {
        match self.reader {
            Reader::Child => self.is_child(person),
            Reader::Parent(reader) => self.persons.same(reader, person.person),
            Reader::Family => false,
        }
    }

    /// Whether it is one of the family, or whoever reads. What others did is theirs to tell.
    pub(super) fn of_family(&self, person: PersonRef) -> bool {
        let family = match person.role {
            PersonRole::Child | PersonRole::Parent | PersonRole::Sibling => true,
            PersonRole::Notifier
            | PersonRole::Relative
            | PersonRole::Professional
            | PersonRole::Other => false,
        };
        family || self.is_reader(person)
    }

    /// Whether a stream is the child's own or that of the one who reads.
    pub(super) fn is_readers_stream(&self, stream: StreamId) -> bool {
        let reader = match self.reader {
            Reader::Parent(reader) => Some(reader),
            Reader::Child | Reader::Family => None,
        };
        self.child
            .into_iter()
            .chain(reader)
            .any(|person| StreamId::from(person) == stream)
    }

    pub(super) fn pick(&self, phrase: Phrase) -> &'static str {
        match self.language {
            Language::Danish => phrase.0,
            Language::English => phrase.1,
        }
    }

    /// The one who reads, as the one who does something.
    pub(super) fn you(&self) -> &'static str {
        match self.reader {
            Reader::Child | Reader::Parent(_) => self.pick(("du", "you")),
            Reader::Family => self.pick(("I", "you")),
        }
    }

    /// The one who reads, as the one to whom something is done.
    pub(super) fn you_object(&self) -> &'static str {
        match self.reader {
            Reader::Child | Reader::Parent(_) => self.pick(("dig", "you")),
            Reader::Family => self.pick(("jer", "you")),
        }
    }

    /// What belongs to the one who reads: one thing.
    pub(super) fn your(&self) -> &'static str {
        match self.reader {
            Reader::Child | Reader::Parent(_) => self.pick(("din", "your")),
            Reader::Family => self.pick(("jeres", "your")),
        }
    }

    /// What belongs to the one who reads, or to the family that a parent speaks for: many things.
    pub(super) fn your_many(&self) -> &'static str {
        match self.reader {
            Reader::Child => self.pick(("dine", "your")),
            Reader::Parent(_) | Reader::Family => self.pick(("jeres", "your")),
        }
    }

    /// The child, as the one who does something.
    pub(super) fn child_subject(&self) -> String {
        self.child_as(("du", "you"))
    }

    /// The child, as the one to whom something is done.
    pub(super) fn child(&self) -> String {
        self.child_as(("dig", "you"))
    }

    fn child_as(&self, reader: Phrase) -> String {
        match self.reader {
            Reader::Child => self.pick(reader).to_owned(),
            Reader::Parent(_) => self
                .child_name()
                .unwrap_or_else(|| self.pick(("dit barn", "your child")).to_owned()),
            Reader::Family => self
                .child_name()
                .unwrap_or_else(|| self.pick(("barnet", "the child")).to_owned()),
        }
    }

    pub(super) fn child_name(&self) -> Option<String> {
        self.child.and_then(|child| self.name(child))
    }

    /// The mother and father of the child of the case.
    pub(super) fn parents(&self) -> &'static str {
        match self.reader {
            Reader::Child => self.pick(("dine forældre", "your parents")),
            Reader::Parent(_) | Reader::Family => self.pick(("forældrene", "the parents")),
        }
    }

    /// First name, where it can be read and the person may be named.
    fn name(&self, person: PersonId) -> Option<String> {
        if self.notifiers.contains(&person) || self.notifiers.contains(&self.same(person)) {
            return None;
        }
        let name = self.persons.get(person)?.name.as_ref()?;
        name.known()
            .and_then(|name| name.as_str().split_whitespace().next())
            .map(str::to_owned)
    }

    /// A person, as the one who does something.
    pub(super) fn subject(&self, person: PersonRef) -> String {
        if self.is_reader(person) {
            self.you().to_owned()
        } else {
            self.other(person)
        }
    }

    /// A person, as the one to whom something is done.
    pub(super) fn object(&self, person: PersonRef) -> String {
        if self.is_reader(person) {
            self.you_object().to_owned()
        } else {
            self.other(person)
        }
    }

    fn other(&self, person: PersonRef) -> String {
        if self.is_child(person) {
            return self.child_subject();
        }
        let named = if person.role == PersonRole::Notifier {
            None
        } else {
            self.name(person.person)
        };
        named.unwrap_or_else(|| self.pick(self.one(person.role)).to_owned())
    }

    fn one(&self, role: PersonRole) -> Phrase {
        match (role, self.reader) {
            (PersonRole::Child, _) => ("et andet barn", "another child"),
            (PersonRole::Parent, Reader::Child) => ("en af dine forældre", "one of your parents"),
            (PersonRole::Parent, Reader::Parent(_)) => ("den anden forælder", "the other parent"),
            (PersonRole::Parent, Reader::Family) => ("en af forældrene", "one of the parents"),
            (PersonRole::Sibling, Reader::Child) => {
                ("din bror eller søster", "your brother or sister")
            }
            (PersonRole::Sibling, Reader::Parent(_) | Reader::Family) => {
                ("en bror eller søster", "a brother or sister")
            }
            (PersonRole::Relative, _) => ("en, som familien kender", "somebody the family knows"),
            (PersonRole::Professional, _) => ("en fagperson", "a professional"),
            (PersonRole::Notifier | PersonRole::Other, _) => ("en anden person", "another person"),
        }
    }

    /// Persons as the ones who do something, a few for each sentence, the reader first, nobody
    /// twice.
    pub(super) fn lists(&self, persons: &[PersonRef]) -> Vec<String> {
        let mut seen = Vec::new();
        let (mut first, mut others) = (Vec::new(), Vec::new());
        for person in persons {
            let same = self.same(person.person);
            if seen.contains(&same) {
                continue;
            }
            seen.push(same);
            let subject = self.subject(*person);
            if self.is_reader(*person) {
                first.push(subject);
            } else if !others.contains(&subject) {
                // Two who can only be called the same are said once.
                others.push(subject);
            }
        }
        first.append(&mut others);
        first
            .chunks(LISTED_MAX)
            .map(|some| self.joined(some))
            .collect()
    }

    /// Phrases as one: `a, b and c`.
    pub(super) fn joined(&self, phrases: &[String]) -> String {
        let Some((last, before)) = phrases.split_last() else {
            return String::new();
        };
        if before.is_empty() {
            return last.clone();
        }
        let and = self.pick(("og", "and"));
        format!("{} {and} {last}", before.join(", "))
    }

    /// A day: `22. marts 2024`.
    pub(super) fn date(&self, day: Date) -> String {
        labels::day(self.language, day)
    }

    /// A day inside a sentence: `den 22. marts 2024`.
    pub(super) fn on(&self, day: Date) -> String {
        let date = self.date(day);
        say!(self, "den {date}", "on {date}")
    }

    /// When something took place, as exactly as it is known.
    pub(super) fn when(&self, occurred: Occurred) -> String {
        let date = self.date(occurred.day());
        match occurred {
            Occurred::At(_) | Occurred::On(_) => date,
            Occurred::About(_) => say!(self, "omkring {date}", "around {date}"),
        }
    }
}
