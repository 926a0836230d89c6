//! Fictional families and their cases: who is registered, which case is opened for whom, and what is
//! noted or filed in it. The same seed makes the same cases.
//!
//! Identity numbers have the month 13, which nobody's has. It does not know how a step is sent.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::seeded::Seeded;

/// The longest case that is made.
pub const EVENTS_MAX: u32 = 5_000;

/// One step of a case.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A command: the name of its mutation and its input.
    Order {
        /// The mutation.
        mutation: &'static str,
        /// Its input.
        input: Value,
    },
    /// A document, filed as plain text.
    Document {
        /// The case.
        case: Uuid,
        /// Id of the command.
        command: Uuid,
        /// Title.
        title: &'static str,
        /// The document itself.
        text: String,
    },
}

const FIRST_NAMES: &[&str] = &[
    "Alba", "Birk", "Dagny", "Eskil", "Freja", "Gorm", "Hedda", "Ivar", "Johanne", "Kaj", "Liva",
    "Magni", "Nanna", "Oluf", "Petrea", "Rune", "Silje", "Tove",
];
const LAST_NAMES: &[&str] = &[
    "Prøve", "Eksempel", "Opdigtet", "Mønster", "Forsøg", "Attrap",
];
const SENTENCES: &[&str] = &[
    "Barnet fortæller, at det går bedre i skolen.",
    "Moderen har ringet og bedt om et møde i næste uge.",
    "Faderen deltog i samtalen og var enig i planen.",
    "Læreren oplyser, at fraværet er faldet siden sidste måned.",
    "Der er aftalt et besøg i hjemmet, hvor begge forældre er til stede.",
    "Kontaktpersonen har set barnet to gange og beskriver god trivsel.",
    "Sundhedsplejersken har ikke bemærket noget, der giver anledning til uro.",
    "Barnet ønsker at blive ved med at gå til fodbold.",
    "Mormoren kan passe barnet i weekenden, hvis det bliver nødvendigt.",
    "Der mangler fortsat en udtalelse fra pædagogisk-psykologisk rådgivning.",
    "Familien er orienteret om, hvad der sker nu, og hvem de kan ringe til.",
    "Mødet blev flyttet, fordi tolken var syg.",
];
const GROUNDS: &[&str] = &[
    "Bekymrende fravær fra skolen.",
    "Underretning fra dagtilbuddet om manglende omsorg.",
    "Forældrene har selv bedt om hjælp.",
];
const NOTE_KINDS: &[&str] = &["CONTACT", "FACT", "MEETING", "ESSENTIAL_STEP"];
const TITLES: &[&str] = &["Udtalelse", "Referat", "Brev"];

/// A person of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Person {
    id: Uuid,
    role: &'static str,
}

impl Person {
    fn reference(self) -> Value {
        json!({ "person": self.id, "role": self.role })
    }
}

/// A case in the making. As an iterator it answers its steps from the first registration on, and
/// ends when it holds the events that were asked for; [`Case::note`] goes on from there.
#[derive(Debug, Clone)]
pub struct Case {
    /// The id of its stream.
    pub id: Uuid,
    /// The family that it belongs to.
    pub family: Uuid,
    /// How many events it is to hold; the registrations of persons stand in streams of their own.
    pub events: u32,
    /// What is registered in streams of persons first.
    before: std::vec::IntoIter<Step>,
    opening: Option<Step>,
    held: u32,
    day: u32,
    documents: bool,
    chance: Seeded,
}

impl Case {
    /// How many steps are left until it holds its events.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.before.len() as u64 + u64::from(self.events.saturating_sub(self.held))
    }

    /// The same case for somebody else, whose notes are others.
    #[must_use]
    pub fn shared(&mut self) -> Self {
        let chance = self.chance.branch();
        Self {
            chance,
            ..self.clone()
        }
    }

    /// The next day on which something happens, at most two weeks later; never later than 2025.
    fn next_day(&mut self) -> String {
        self.day = (self.day + u32::try_from(self.chance.below(3)).unwrap_or(0)).min(335);
        format!("2025-{:02}-{:02}", 1 + self.day / 28, 1 + self.day % 28)
    }

    fn text(&mut self) -> String {
        let count = 2 + self.chance.below(4);
        let sentences = (0..count).map(|_| self.chance.one_of(SENTENCES));
        sentences.collect::<Vec<_>>().join(" ")
    }

    /// One more note to the case.
    pub fn note(&mut self) -> Step {
        let (command, occurred, text) = (self.chance.id(), self.next_day(), self.text());
        let kind = self.chance.one_of(NOTE_KINDS);
        Step::Order {
            mutation: "takeNote",
            input: json!({
                "commandId": command, "stream": self.id, "occurred": occurred,
                "facts": { "kind": kind, "text": text },
            }),
        }
    }

    fn document(&mut self) -> Step {
        let paragraphs: Vec<String> = (0..20 + self.chance.below(60))
            .map(|_| self.text())
            .collect();
        Step::Document {
            case: self.id,
            command: self.chance.id(),
            title: self.chance.one_of(TITLES),
            text: paragraphs.join("\n\n"),
        }
    }
}

impl Iterator for Case {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        if let Some(step) = self.before.next() {
            return Some(step);
        }
        if let Some(opening) = self.opening.take() {
            self.held += 1;
            return Some(opening);
        }
        if self.held >= self.events {
            return None;
        }
        self.held += 1;
        let document = self.documents && self.chance.below(12) == 0;
        Some(if document {
            self.document()
        } else {
            self.note()
        })
    }
}

/// How long cases are, and whether documents are filed in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lengths {
    /// All of them hold so many events, and no document.
    All(u32),
    /// As in a municipality: most are short, few are long, one in a thousand has thousands of
    /// events. Some hold documents.
    AsTheyAre,
}

/// Makes families and their cases.
#[derive(Debug, Clone)]
pub struct Families {
    chance: Seeded,
    lengths: Lengths,
}

impl Families {
    /// A source of families.
    #[must_use]
    pub const fn new(seed: u64, lengths: Lengths) -> Self {
        Self {
            chance: Seeded::new(seed),
            lengths,
        }
    }

    /// So many cases. A family is not torn apart: what is left of the last one is left out.
    #[must_use]
    pub fn cases(&mut self, count: usize) -> Vec<Case> {
        let mut cases = Vec::with_capacity(count);
        while cases.len() < count {
            let family = self.family();
            cases.extend(family);
        }
        cases.truncate(count);
        cases
    }

    fn length(&mut self) -> u32 {
        let bound = match (self.lengths, self.chance.below(1_000)) {
            (Lengths::All(events), _) => return events.clamp(1, EVENTS_MAX),
            (Lengths::AsTheyAre, 0) => EVENTS_MAX,
            (Lengths::AsTheyAre, 1..=9) => 1_000,
            (Lengths::AsTheyAre, 10..=149) => 300,
            (Lengths::AsTheyAre, 150..) => 40,
        };
        3 + u32::try_from(self.chance.below(u64::from(bound - 2))).unwrap_or(0)
    }

    fn register(&mut self, person: Person, born: u64, last_name: &str) -> Step {
        let (day, serial) = (1 + self.chance.below(28), self.chance.below(10_000));
        let first_name = self.chance.one_of(FIRST_NAMES);
        let month = 1 + self.chance.below(12);
        let birth_date = (person.role == "CHILD").then(|| format!("{born}-{month:02}-{day:02}"));
        let facts = json!({
            "person": person.reference(), "name": format!("{first_name} {last_name}"),
            "birthDate": birth_date,
            // The month 13: an identity number that nobody can have.
            "idNumber": format!("{day:02}13{:02}-{serial:04}", born % 100),
        });
        order(&mut self.chance, "registerPerson", person.id, facts, None)
    }

    /// A family of one to three brothers and sisters, a case for each. The first case registers
    /// what they share.
    fn family(&mut self) -> Vec<Case> {
        let family = self.chance.id();
        let last_name = self.chance.one_of(LAST_NAMES);
        let parent = Person {
            id: self.chance.id(),
            role: "PARENT",
        };
        let children: Vec<Person> = (0..1 + self.chance.below(6) / 3)
            .map(|_| Person {
                id: self.chance.id(),
                role: "CHILD",
            })
            .collect();
        let born = 1975 + self.chance.below(20);
        let mut shared = vec![self.register(parent, born, last_name)];
        let mut cases = Vec::with_capacity(children.len());
        for (place, child) in children.iter().copied().enumerate() {
            let mut before = std::mem::take(&mut shared);
            let born = 2010 + self.chance.below(13);
            before.push(self.register(child, born, last_name));
            before.push(self.relation(child, parent, "CUSTODY_SOLE"));
            if let Some(elder) = place.checked_sub(1).and_then(|elder| children.get(elder)) {
                before.push(self.relation(child, *elder, "SIBLING"));
            }
            let case = self.chance.id();
            let opening = self.open(case, child, family);
            cases.push(Case {
                id: case,
                family,
                events: self.length(),
                before: before.into_iter(),
                opening: Some(opening),
                held: 0,
                day: 20,
                documents: self.lengths == Lengths::AsTheyAre,
                chance: self.chance.branch(),
            });
        }
        cases
    }

    fn relation(&mut self, from: Person, to: Person, kind: &str) -> Step {
        let to = Person {
            role: if to.role == "CHILD" {
                "SIBLING"
            } else {
                to.role
            },
            ..to
        };
        let facts = json!({
            "from": from.reference(), "to": to.reference(), "kind": kind, "source": "CPR",
        });
        order(&mut self.chance, "recordRelation", from.id, facts, None)
    }

    fn open(&mut self, case: Uuid, child: Person, family: Uuid) -> Step {
        let ground = self.chance.one_of(GROUNDS);
        let facts = json!({
            "child": child.reference(), "ground": ground, "kleNumber": "27.24.00",
        });
        order(&mut self.chance, "openCase", case, facts, Some(family))
    }
}

fn order(
    chance: &mut Seeded,
    mutation: &'static str,
    stream: Uuid,
    facts: Value,
    family: Option<Uuid>,
) -> Step {
    let input = json!({
        "commandId": chance.id(), "stream": stream, "occurred": "2025-01-15", "family": family,
        "facts": facts,
    });
    Step::Order { mutation, input }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(seed: u64, lengths: Lengths, count: usize) -> Vec<Vec<Step>> {
        let cases = Families::new(seed, lengths).cases(count);
        cases.into_iter().map(Iterator::collect).collect()
    }

    fn in_the_case(steps: &[Step]) -> usize {
        let of_persons = |step: &&Step| matches!(step, Step::Order { mutation, .. } if ["registerPerson", "recordRelation"].contains(mutation));
        steps.len() - steps.iter().filter(of_persons).count()
    }

    #[test]
    fn the_same_seed_makes_the_same_cases_and_another_makes_others() {
        let first = made(7, Lengths::AsTheyAre, 40);
        assert_eq!(first, made(7, Lengths::AsTheyAre, 40));
        assert_ne!(first, made(8, Lengths::AsTheyAre, 40));
    }

    #[test]
    fn a_case_holds_the_events_that_were_asked_for_and_says_how_many_steps_are_left() {
        for case in Families::new(1, Lengths::All(30)).cases(20) {
            let left = case.left();
            let steps: Vec<Step> = case.collect();
            assert_eq!((in_the_case(&steps), steps.len() as u64), (30, left));
        }
        let one = made(1, Lengths::All(1), 1);
        assert_eq!(in_the_case(&one[0]), 1);
        let longest = Families::new(1, Lengths::All(9_999)).cases(1);
        assert_eq!(longest[0].events, EVENTS_MAX);
    }

    #[test]
    fn lengths_as_they_are_reach_from_short_to_thousands_and_most_are_short() {
        let mut lengths: Vec<u32> = Families::new(3, Lengths::AsTheyAre)
            .cases(5_000)
            .iter()
            .map(|case| case.events)
            .collect();
        lengths.sort_unstable();
        assert!(lengths[0] >= 3 && lengths[2_500] <= 40, "{lengths:?}");
        assert!(lengths[4_999] > 1_000 && lengths[4_999] <= EVENTS_MAX);
    }

    #[test]
    fn every_identity_number_is_an_impossible_one_and_there_are_siblings_and_documents() {
        let steps: Vec<Step> = made(5, Lengths::AsTheyAre, 200).concat();
        let (mut numbers, mut siblings, mut documents) = (0, 0, 0);
        for step in &steps {
            match step {
                Step::Order { input, .. } => {
                    if let Some(number) = input["facts"]["idNumber"].as_str() {
                        assert_eq!((&number[2..4], number.len()), ("13", 11), "{number}");
                        numbers += 1;
                    }
                    siblings += usize::from(input["facts"]["kind"] == "SIBLING");
                }
                Step::Document { text, .. } => documents += usize::from(text.len() > 1_000),
            }
        }
        assert!(numbers > 200 && siblings > 20 && documents > 20);
    }

    #[test]
    fn a_case_goes_on_with_notes_behind_its_end_and_no_command_is_sent_twice() {
        let mut case = Families::new(2, Lengths::All(3)).cases(1).remove(0);
        let mut steps: Vec<Step> = case.by_ref().collect();
        steps.extend((0..500).map(|_| case.note()));
        let mut ids: Vec<String> = steps
            .iter()
            .filter_map(|step| match step {
                Step::Order { input, .. } => Some(input["commandId"].to_string()),
                Step::Document { .. } => None,
            })
            .collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count);
        let Step::Order { input, .. } = &steps[steps.len() - 1] else {
            panic!("a note is a command")
        };
        assert!(input["occurred"].as_str().unwrap() <= "2025-12-28");
    }
}
